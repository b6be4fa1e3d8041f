-- scorecard_extremes.sql - scorecards and segments over columns that say nothing, one customer, ties, weights of nothing, rules with
-- holes: no NaN, no infinity, nobody lost, and what is refused says what to do.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET jit = off;
SELECT no_plan();

CREATE TABLE public.sales AS
SELECT c AS customer, date '2024-01-01' + n * 30 + c % 2 AS day, 10 + c % 3 AS amount FROM generate_series(1, 60) AS c, generate_series(0, c % 4) AS n;
CREATE TABLE public.one AS SELECT 7 AS customer, date '2024-05-01' AS day, 12.5 AS amount;
CREATE TABLE public.extra AS
SELECT c AS customer_id, 5 AS same, NULL::numeric AS nothing, (c % 2)::smallint AS tied, c::real AS own, c * 1e300::float8 AS huge,
	   CASE WHEN c = 3 THEN 'NaN'::numeric WHEN c = 4 THEN '-Infinity' ELSE c END AS odd, CASE WHEN c < 4 THEN c END AS few
FROM generate_series(1, 60) AS c;
ANALYZE;
SELECT customer_value.create_customer_base('many', sales => 'public.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT customer_value.create_customer_base('single', sales => 'public.one', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT count(*) FROM customer_value.fit('many');

-- scores of a scorecard of one or two criteria with one method, normaliser and rule for what is missing
CREATE FUNCTION pg_temp.scores(base text, columns text[], method text, normaliser text, missing text, OUT n bigint, OUT scored bigint,
							   OUT low float8, OUT high float8, OUT gaps bigint, OUT others text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM customer_value.create_scorecard(base, 'extreme', (SELECT jsonb_agg(jsonb_build_object('column', c, 'relation', 'public.extra', 'normaliser', normaliser))
															   FROM unnest(columns) AS c), method => method, missing => missing);
	EXECUTE format('SELECT count(*), count(score), min(score), max(score), count(*) FILTER (WHERE score IS NULL AND reason IS NULL), '
				   'string_agg(DISTINCT x.score::text, '','') FILTER (WHERE x.score::text IN (''NaN'', ''Infinity'', ''-Infinity'') '
				   'OR x.overall::text IN (''NaN'', ''Infinity'', ''-Infinity'')) FROM %I.extreme AS x', base)
	INTO n, scored, low, high, gaps, others;
	PERFORM customer_value.drop_scorecard(base, 'extreme');
END
$$;
-- of every method that allows them
CREATE TEMP TABLE way AS
SELECT m.method, s.normaliser, g.missing
FROM unnest('{weighted_sum,weighted_norm,weighted_product,topsis}'::text[]) AS m (method)
	CROSS JOIN unnest('{percentile,min_max,winsorised_z,z_cdf,logistic,as_is}'::text[]) AS s (normaliser)
	CROSS JOIN unnest('{reweight,worst,median}'::text[]) AS g (missing)
WHERE NOT (m.method = 'topsis' AND (g.missing = 'reweight' OR s.normaliser <> 'percentile'))
	AND NOT (m.method IN ('weighted_norm', 'weighted_product') AND s.normaliser = 'winsorised_z')
	-- two rules for what is missing are enough for most
	AND (g.missing = 'median' OR s.normaliser IN ('percentile', 'as_is'));

SELECT is_empty(format($$SELECT w, s FROM way AS w CROSS JOIN LATERAL pg_temp.scores(%L, %L, w.method, w.normaliser, w.missing) AS s
	WHERE s.n <> %s OR s.gaps > 0 OR s.others IS NOT NULL OR NOT (%s)$$, base, columns, n, expected), what)
FROM (VALUES
	('many', '{same}', 60, 's.scored = 60 AND s.low = s.high AND (w.normaliser = ''as_is'' OR s.low = CASE w.normaliser WHEN ''winsorised_z'' THEN 0 ELSE 0.5 END)',
	 'a constant column puts everybody in the middle'),
	('many', '{nothing}', 60, 's.scored = 0', 'a column without a value scores nobody, with a reason'),
	('many', '{own,nothing}', 60, 's.scored = 60', 'beside another it does no harm'),
	('many', '{tied}', 60, 's.scored = 60 AND (w.normaliser = ''as_is'' OR s.low < s.high)', 'two values'),
	('many', '{own,odd}', 60, 's.scored = 60', 'NaN and infinity in a relation are not known'),
	('many', '{few}', 60, 's.scored = 3', 'who has no criterion at all has no score'),
	('single', '{own,same}', 1, 's.scored = 1 AND s.low = s.high', 'one customer')) AS v (base, columns, n, expected, what);
SELECT is_empty(format($$SELECT w, s FROM way AS w CROSS JOIN LATERAL pg_temp.scores('many', '{huge}', w.method, w.normaliser, w.missing) AS s
	WHERE s.others IS NOT NULL OR s.gaps > 0$$), 'huge numbers');

-- ties share everything, computed weights of criteria that say nothing are still weights
SELECT customer_value.create_scorecard('many', 'computed', '[{"column": "same", "relation": "public.extra"}, {"column": "nothing", "relation": "public.extra"}]', weighting => w)
	|| customer_value.drop_scorecard('many', 'computed') FROM unnest('{entropy,critic,equal}'::text[]) AS w;
SELECT customer_value.create_scorecard('many', 'computed', '[{"column": "same", "relation": "public.extra"}, {"column": "tied", "relation": "public.extra"}]', weighting => 'critic');
SELECT results_eq('SELECT DISTINCT count(*), count(DISTINCT score), count(DISTINCT percentile) FROM many.computed GROUP BY rank',
	'VALUES (30::bigint, 1::bigint, 1::bigint)', 'ties share score, rank and percentile, and a constant weighs nothing');
SELECT is((SELECT sum(weight) FROM customer_value.explain_score('many', 'computed', 5)), 1::float8, 'computed weights add up to 1');

-- weights set to nothing in the table, after the scorecard was made
SELECT throws_ok('UPDATE many.scorecard_criteria SET weight = -0.1', '23514', NULL, 'weights below 0 are refused by the table');
UPDATE many.scorecard_criteria SET weight = 0 WHERE scorecard = 'customer_standing';
SELECT results_eq($$SELECT DISTINCT score, rank, reason LIKE 'no criterion that counts is known%' FROM many.customer_standing$$,
	'VALUES (NULL::float8, NULL::bigint, true)', 'where no criterion weighs anything there is no score, and it says why');

-- rules that leave customers out
DELETE FROM many.segment_rules WHERE segmentation = 'rfm_segment' AND priority > 30;
SELECT is((SELECT count(*) FROM many.rfm_segment), 60::bigint, 'nobody is lost');
SELECT is_empty($$SELECT * FROM many.rfm_segment WHERE (segment = 'unassigned') <> coalesce(reason LIKE '%segment_rules%', false)$$,
	'who no rule takes is unassigned, and hears where to add one');
SELECT isnt_empty($$SELECT * FROM many.rfm_segment WHERE segment = 'unassigned'$$, 'somebody is');
SELECT is((SELECT sum(customers) FROM many.segment_summary WHERE segmentation = 'rfm_segment'), 60::numeric, 'the summary counts them');
DELETE FROM many.segment_rules;
SELECT is((SELECT array_agg(DISTINCT life_stage) FROM many.customer_profile), '{unassigned}', 'without rules nobody has a stage, and nobody is lost');
SELECT is((SELECT count(DISTINCT segment) FROM many.segment_summary WHERE segmentation IN ('rfm_segment', 'value_quadrant', 'life_stage')), 1::bigint,
	'everything is unassigned');

-- Every refusal has an error code of its own and says what to do.
CREATE FUNCTION pg_temp.refusal(command text, OUT code text, OUT message text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE command;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
END
$$;
SELECT is_empty(format('SELECT * FROM pg_temp.refusal(%L) WHERE code IS DISTINCT FROM %L OR coalesce(hint, '''') !~ ''\.$'' '
					   'OR message ~ ''^[A-Z].*|\.$'' AND message !~ ''^(AHP|TOPSIS)''', command, code), what || ' is refused with a hint')
FROM (VALUES
	($$SELECT customer_value.create_scorecard('many', 'x', '[{"column": "silent"}]')$$, '42703', 'an unknown column'),
	($$SELECT customer_value.create_scorecard('many', 'x', '[{"column": "currency"}]')$$, '42804', 'a criterion that is no number'),
	($$SELECT customer_value.create_scorecard('many', 'x', '[{"column": "own", "relation": "public.none"}]')$$, '42P01', 'an unknown relation'),
	($$SELECT customer_value.create_scorecard('many', 'x', '[{"column": "silence", "weight": -1}]')$$, '22023', 'a weight below 0'),
	($$SELECT customer_value.create_scorecard('many', 'x', '[{"column": "silence", "weight": 0}, {"column": "orders", "weight": 0}]')$$, '22023', 'weights that add up to 0'),
	($$SELECT customer_value.create_scorecard('many', 'x', '[{"column": "silence"}, {"column": "orders"}, {"column": "returns"}]',
		comparison_matrix => '{{1,9,0.2},{0.1111111,1,9},{5,0.1111111,1}}')$$, '22023', 'an AHP matrix that contradicts itself'),
	($$SELECT customer_value.create_scorecard('many', 'x', '[{"column": "silence"}]', method => 'average')$$, '22023', 'an unknown method'),
	($$SELECT customer_value.create_scorecard('many', 'x', '[]')$$, '22023', 'no criteria'),
	($$SELECT customer_value.create_scorecard('none', 'x', '[{"column": "silence"}]')$$, '42704', 'an unknown base'),
	($$SELECT customer_value.explain_score('many', 'x', 1)$$, '42704', 'an unknown scorecard'),
	($$SELECT customer_value.explain_score('many', 'closeness', 1000)$$, '42704', 'an unknown customer'),
	($$SELECT customer_value.ahp_weights(ARRAY[[1, 9, 0.2], [1/9.0, 1, 9], [5, 1/9.0, 1]])$$, '22023', 'the same matrix by hand'),
	($$SELECT customer_value.topsis(ARRAY[1, 2], '{1,-1}') OVER ()$$, '22023', 'a weight below 0 by hand'),
	($$SELECT customer_value.topsis(ARRAY[1, 2], '{0,0}') OVER ()$$, '22023', 'weights that add up to 0 by hand')) AS v (command, code, what);
SELECT matches((pg_temp.refusal($$SELECT customer_value.create_scorecard('many', 'x', '[{"column": "Total_amuont"}]')$$)).hint,
	'^Of its [0-9]+ columns these are most alike: total_amount, \w+, \w+, \w+, \w+\.$', 'of many columns the hint names those like the one meant');
SELECT is((pg_temp.refusal($$SELECT customer_value.create_scorecard('many', 'x', '[{"column": "owm", "relation": "public.extra"}]')$$)).hint,
	'Its columns are: customer_id, same, nothing, tied, own, huge, odd, few.', 'of few all');
-- What the views call, by hand: arrays that begin elsewhere, weights near the limits, criteria that no scale holds.
SELECT is(customer_value.dominant_dimension('[0:2]={1,2,9}', '[-1:1]={a,b,c}'), 'c', 'the highest score has its own name, wherever the arrays begin');
SELECT is((customer_value.combine_scores('weighted_sum', '{1,2,3}', '{1e308,1e308,1e308}', '{1,1,2}')).points::numeric(10,6)[], '{0.333333,0.666667,1}',
	'weights whose sum exceeds double precision are still proportions');
SELECT is((customer_value.combine_scores('weighted_sum', '{1,2,3}', '{5e-324,5e-324,5e-324}', '{1,1,2}')).score::numeric(10,6), 2.0,
	'as are the smallest ones');
SELECT is((customer_value.combine_scores('weighted_norm', '{1e-310,1}', '{1,1}', '{1,2}', '{1,0}')).points[2], 0::float8,
	'what weighs nothing gives nothing, however small the score');
SELECT throws_ok(format('SELECT customer_value.combine_scores(%L, %L, %L, %L, products => %L)', method, '{1e308,1e308,0.5}', '{1,1,1}', '{1,1,2}', '{t,f}'),
	'22003', 'score out of range', method || ': no infinity') FROM unnest('{weighted_sum,weighted_norm,weighted_product}'::text[]) AS method;

-- more measures than anyone has: it can be cancelled while it looks for names given twice
CREATE TEMP TABLE long AS SELECT array_agg('measure ' || i) AS measures FROM generate_series(1, 300000) AS i;
CREATE FUNCTION pg_temp.cancelled_within(command text, OUT within interval) LANGUAGE plpgsql AS $$
DECLARE
	began constant timestamptz := clock_timestamp();
BEGIN
	EXECUTE command;
EXCEPTION WHEN query_canceled THEN
	within := clock_timestamp() - began;
END
$$;
SET statement_timeout = '100ms';
SELECT pg_temp.cancelled_within($$SELECT customer_value.first_segment('{}', measures, '{}') FROM long$$) AS within \gset
RESET statement_timeout;
SELECT ok(:'within' < interval '10 s', 'cancelled at once, not after ' || :'within');

SELECT * FROM finish();
