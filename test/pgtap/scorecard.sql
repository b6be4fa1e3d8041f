-- scorecard.sql - scorecards of a customer base: numbers beside those of plain SQL, properties, and what they refuse.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT no_plan();

-- 80 customers with one to four purchase days over two years, five people without any, and what a survey said of most
CREATE TABLE public.people AS
SELECT c AS id, CASE WHEN c % 3 = 0 THEN 'north' ELSE 'south' END AS region FROM generate_series(1, 85) AS c;
CREATE TABLE public.sales AS
SELECT c AS customer, date '2023-01-01' + (c * 53 % 400) + n * (20 + c % 50) AS day, 10 + c * 7 % 90 + n * 3 AS amount
FROM generate_series(1, 80) AS c CROSS JOIN LATERAL generate_series(0, c % 4) AS n;
CREATE TABLE public.facts (id integer, a float8, b numeric, c integer, d real);
INSERT INTO public.facts
SELECT c, (c * 7919 % 61) / 7.0, CASE WHEN c % 9 > 0 THEN c * 104729 % 97 END, CASE WHEN c % 5 > 0 THEN c * 31 % 7 END, CASE WHEN c % 11 > 0 THEN c * 13 % 50 / 3.0 END
FROM generate_series(1, 84) AS c;
ANALYZE public.people, public.sales, public.facts;
SET jit = off;
SELECT customer_value.create_customer_base('shop', sales => 'public.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount',
	customers => 'public.people', customer_key => 'id', customer_region => 'region');

-- criteria of facts by name, the same for all tests that do not say others
CREATE FUNCTION pg_temp.criteria(normaliser text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_array(
		jsonb_build_object('column', 'a', 'relation', 'public.facts', 'key', 'id', 'dimension', 'x', 'normaliser', normaliser),
		jsonb_build_object('column', 'b', 'relation', 'public.facts', 'key', 'id', 'dimension', 'x', 'normaliser', normaliser, 'better', 'less', 'weight', 2),
		jsonb_build_object('column', 'c', 'relation', 'public.facts', 'key', 'id', 'dimension', 'y', 'normaliser', normaliser),
		jsonb_build_object('column', 'd', 'relation', 'public.facts', 'key', 'id', 'dimension', 'z', 'normaliser', normaliser))
$$;

-- Numbers. Who has bought is 1 to 80; percentiles counted by hand.
SELECT is(customer_value.create_scorecard('shop', 'sums', pg_temp.criteria('percentile'), dimension_weights => '{"x": 3, "y": 2}', show => '{region,purchase_days}'),
	'Scorecard "sums" of customer base "shop" is made: 4 criteria in 3 dimensions by weighted_sum, in shop.sums.', 'a sentence says what was made');
CREATE VIEW public.percentiles AS
SELECT f.id, f.a, f.b, f.c, f.d,
	(SELECT (count(*) FILTER (WHERE o.a < f.a) + count(*) FILTER (WHERE o.a = f.a) / 2.0) / count(o.a) FROM public.facts AS o WHERE o.id <= 80)::float8 AS pa,
	(SELECT (count(*) FILTER (WHERE o.b > f.b) + count(*) FILTER (WHERE o.b = f.b) / 2.0) / nullif(count(o.b), 0) FROM public.facts AS o WHERE o.id <= 80 AND f.b IS NOT NULL)::float8 AS pb,
	(SELECT (count(*) FILTER (WHERE o.c < f.c) + count(*) FILTER (WHERE o.c = f.c) / 2.0) / nullif(count(o.c), 0) FROM public.facts AS o WHERE o.id <= 80 AND f.c IS NOT NULL)::float8 AS pc,
	(SELECT (count(*) FILTER (WHERE o.d < f.d) + count(*) FILTER (WHERE o.d = f.d) / 2.0) / nullif(count(o.d), 0) FROM public.facts AS o WHERE o.id <= 80 AND f.d IS NOT NULL)::float8 AS pd
FROM public.facts AS f WHERE f.id <= 80;
CREATE VIEW public.by_hand AS
SELECT id, x, y, z, (3 * x + 2 * coalesce(y, 0) + coalesce(z, 0)) / (3 + CASE WHEN y IS NULL THEN 0 ELSE 2 END + CASE WHEN z IS NULL THEN 0 ELSE 1 END) AS score
FROM (SELECT id, CASE WHEN pb IS NULL THEN pa ELSE (pa + 2 * pb) / 3 END AS x, pc AS y, pd AS z FROM public.percentiles) AS d;
SELECT is((SELECT count(*) FROM shop.sums AS s JOIN public.by_hand AS h ON h.id = s.customer_id
	WHERE abs(s.score - h.score) < 2e-12 AND abs(s.x - h.x) < 2e-12 AND (s.y - h.y IS NULL OR abs(s.y - h.y) < 2e-12) AND (s.y IS NULL) = (h.y IS NULL)
		AND (s.z - h.z IS NULL OR abs(s.z - h.z) < 2e-12) AND (s.z IS NULL) = (h.z IS NULL)), 80::bigint, 'a weighted sum of percentiles is that of plain SQL');
CREATE TABLE public.once AS TABLE shop.sums;
SELECT is_empty($$SELECT s.customer_id FROM public.once AS s WHERE s.rank <> (SELECT 1 + count(*) FROM public.once AS o WHERE o.score > s.score)$$, 'ranks count those above');
SELECT is((SELECT array_agg(DISTINCT format('%s %s %s', score, rank, reason)) FROM shop.sums WHERE customer_id > 80), ARRAY['  no purchase yet'],
	'who has not bought has no score, but a reason');
SELECT is((SELECT count(*) FROM shop.sums), 85::bigint, 'a row a customer');
SELECT is_empty($$SELECT s.customer_id FROM shop.sums AS s JOIN shop.customer_profile AS p USING (customer_id)
	WHERE (s.region, s.purchase_days) IS DISTINCT FROM (p.region, p.purchase_days)$$, 'show has columns of the profile');
SELECT is((SELECT format('%s|%s|%s', criteria_known, dominant_dimension, reason) FROM shop.sums WHERE customer_id = 45), '2|x|not known: b, c', 'the reason names what is not known');
SELECT is_empty($$SELECT customer_id FROM shop.sums WHERE dominant_dimension IS DISTINCT FROM
	CASE WHEN x > coalesce(y, -1) AND x > coalesce(z, -1) THEN 'x' WHEN y > x AND y > coalesce(z, -1) THEN 'y' WHEN z > x AND z > coalesce(y, -1) THEN 'z' END$$,
	'the dominant dimension has the highest score, and has it alone');

-- worst and median stand in on the scale
SELECT customer_value.alter_scorecard('shop', 'sums', missing => 'worst');
SELECT is((SELECT count(*) FROM shop.sums AS s JOIN public.percentiles AS h ON h.id = s.customer_id, (SELECT min(pb) AS pb, min(pc) AS pc, min(pd) AS pd FROM public.percentiles) AS w
	WHERE abs(s.score - (3 * (h.pa + 2 * coalesce(h.pb, w.pb)) / 3 + 2 * coalesce(h.pc, w.pc) + coalesce(h.pd, w.pd)) / 6) < 2e-12), 80::bigint, 'missing => worst counts as the worst known');
SELECT customer_value.alter_scorecard('shop', 'sums', missing => 'median');
SELECT is((SELECT count(*) FROM shop.sums AS s JOIN public.percentiles AS h ON h.id = s.customer_id,
		(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY pb) AS pb, percentile_cont(0.5) WITHIN GROUP (ORDER BY pc) AS pc, percentile_cont(0.5) WITHIN GROUP (ORDER BY pd) AS pd FROM public.percentiles) AS w
	WHERE abs(s.score - (3 * (h.pa + 2 * coalesce(h.pb, w.pb)) / 3 + 2 * coalesce(h.pc, w.pc) + coalesce(h.pd, w.pd)) / 6) < 2e-12), 80::bigint, 'missing => median counts as the median');

-- norm and product
SELECT customer_value.alter_scorecard('shop', 'sums', missing => 'reweight', method => 'weighted_norm', reset => '{dimension_weights}');
SELECT is((SELECT count(*) FROM shop.sums AS s JOIN public.by_hand AS h ON h.id = s.customer_id
	WHERE abs(s.score - sqrt((h.x ^ 2 + coalesce(h.y, 0) ^ 2 + coalesce(h.z, 0) ^ 2) / (1 + (h.y IS NOT NULL)::int + (h.z IS NOT NULL)::int))) < 2e-12
		AND abs(s.x_cosine - h.x / sqrt(h.x ^ 2 + coalesce(h.y, 0) ^ 2 + coalesce(h.z, 0) ^ 2)) < 2e-12
		AND abs(s.x_cosine ^ 2 + coalesce(s.y_cosine, 0) ^ 2 + coalesce(s.z_cosine, 0) ^ 2 - 1) < 2e-11), 80::bigint, 'a norm is the length of a vector, with its direction');
SELECT is((SELECT count(*) FROM shop.sums AS s, LATERAL (SELECT customer_value.value_vector(s.x, s.y, s.z) AS v) AS w
	WHERE abs(s.score - customer_value.magnitude(w.v)) < 2e-12 AND abs(s.x_cosine - (customer_value.direction_cosines(w.v))[1]) < 2e-11), 80::bigint, 'the same as of a value_vector');
SELECT customer_value.alter_scorecard('shop', 'sums', method => 'weighted_product', dimension_weights => '{"x": 2}');
SELECT is((SELECT count(*) FROM shop.sums AS s JOIN public.by_hand AS h ON h.id = s.customer_id
	WHERE abs(s.score - exp((2 * ln(h.x) + coalesce(ln(h.y), 0) + coalesce(ln(h.z), 0)) / (2 + (h.y IS NOT NULL)::int + (h.z IS NOT NULL)::int))) < 2e-12), 80::bigint,
	'a product is the weighted geometric mean');

-- TOPSIS: the worst known stands in, then the textbook's steps
SELECT customer_value.alter_scorecard('shop', 'sums', method => 'topsis', missing => 'worst', dimension_weights => '{"x": 3, "y": 2}');
CREATE VIEW public.topsis_by_hand AS
WITH filled AS (
	SELECT f.id, f.a, coalesce(f.b, w.b)::float8 AS b, coalesce(f.c, w.c)::float8 AS c, coalesce(f.d, w.d)::float8 AS d
	FROM public.facts AS f, (SELECT max(b) AS b, min(c) AS c, min(d) AS d FROM public.facts WHERE id <= 80) AS w WHERE f.id <= 80),
weighted AS (
	SELECT f.id, f.a / sqrt(n.a) * .5 / 3 AS a, f.b / sqrt(n.b) * .5 * 2 / 3 AS b, f.c / sqrt(n.c) / 3 AS c, f.d / sqrt(n.d) / 6 AS d
	FROM filled AS f, (SELECT sum(a ^ 2) AS a, sum(b ^ 2) AS b, sum(c ^ 2) AS c, sum(d ^ 2) AS d FROM filled) AS n)
SELECT w.id, sqrt((w.a - l.a) ^ 2 + (w.b - l.b) ^ 2 + (w.c - l.c) ^ 2 + (w.d - l.d) ^ 2) AS down,
	sqrt((w.a - u.a) ^ 2 + (w.b - u.b) ^ 2 + (w.c - u.c) ^ 2 + (w.d - u.d) ^ 2) AS up
FROM weighted AS w, (SELECT min(a) AS a, max(b) AS b, min(c) AS c, min(d) AS d FROM weighted) AS l, (SELECT max(a) AS a, min(b) AS b, max(c) AS c, max(d) AS d FROM weighted) AS u;
SELECT is((SELECT count(*) FROM shop.sums AS s JOIN public.topsis_by_hand AS h ON h.id = s.customer_id WHERE abs(s.score - h.down / (h.down + h.up)) < 2e-12), 80::bigint,
	'TOPSIS is that of the textbook');
CREATE TABLE public.ranks AS SELECT customer_id, rank FROM shop.sums;
UPDATE public.facts SET a = a * 1000, d = d / 8;
SELECT set_eq('SELECT customer_id, rank FROM shop.sums', 'SELECT customer_id, rank FROM public.ranks', 'ranks of TOPSIS do not depend on units');
UPDATE public.facts SET a = a / 1000, d = d * 8;

-- Weights: each kind against the functions for it, on the same numbers
CREATE FUNCTION pg_temp.weights(scorecard text) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
	s record := customer_value._scorecard('shop', scorecard);
	w record := customer_value._scorecard_weights('shop', s.card, s.criteria);
	result float8[];
BEGIN
	EXECUTE format('WITH people AS (%s) %s SELECT customer_value.criterion_weights(%s, ''{1,1,2,3}'', %s)',
		customer_value._scorecard_people('shop', s.card, s.criteria, NULL, NULL), w.expressions, w.weights, w.dimension_weights) INTO result;
	RETURN result;
END $$;
CREATE FUNCTION pg_temp.close(a float8[], b float8[]) RETURNS boolean LANGUAGE sql AS $$
	SELECT bool_and(abs(x - y) < 1e-12) AND cardinality(a) = cardinality(b) FROM unnest(a, b) AS u (x, y)
$$;
SELECT ok(pg_temp.close(pg_temp.weights('sums'), ARRAY[3/18.0, 6/18.0, 2/6.0, 1/6.0]), 'given weights: criteria share that of their dimension');
SELECT customer_value.alter_scorecard('shop', 'sums', weighting => 'equal');
SELECT ok(pg_temp.close(pg_temp.weights('sums'), ARRAY[1/6.0, 1/6.0, 1/3.0, 1/3.0]), 'equal weights: of dimensions, and of criteria within one');
SELECT customer_value.alter_scorecard('shop', 'sums', comparison_matrix => '{{1,3,5},{0.3333333333,1,2},{0.2,0.5,1}}');
SELECT ok(pg_temp.close(pg_temp.weights('sums'), (SELECT ARRAY[weights[1] / 3, weights[1] * 2 / 3, weights[2], weights[3]] FROM customer_value.ahp_weights('{{1,3,5},{0.3333333333,1,2},{0.2,0.5,1}}'))),
	'comparisons of dimensions leave criteria their weights within them');
SELECT customer_value.alter_scorecard('shop', 'sums', comparison_matrix => '{{1,3,5,7},{0.33,1,2,3},{0.2,0.5,1,2},{0.14,0.33,0.5,1}}');
SELECT ok(pg_temp.close(pg_temp.weights('sums'), (SELECT weights FROM customer_value.ahp_weights('{{1,3,5,7},{0.33,1,2,3},{0.2,0.5,1,2},{0.14,0.33,0.5,1}}'))), 'comparisons of criteria are their weights');
CREATE VIEW public.medians AS
SELECT f.id, f.a, coalesce(f.b::float8, m.b) AS b, coalesce(f.c, m.c) AS c, coalesce(f.d, m.d) AS d
FROM public.facts AS f, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY b) AS b, percentile_cont(0.5) WITHIN GROUP (ORDER BY c) AS c,
	percentile_cont(0.5) WITHIN GROUP (ORDER BY d) AS d FROM public.facts WHERE id <= 80) AS m
WHERE f.id <= 80;
SELECT customer_value.alter_scorecard('shop', 'sums', weighting => 'critic');
SELECT ok(pg_temp.close(pg_temp.weights('sums'), (SELECT customer_value.critic_weights(ARRAY[a, b, c, d], '{f,t,f,f}') FROM public.medians)), 'CRITIC weights, what is not known at the median');
SELECT customer_value.alter_scorecard('shop', 'sums', weighting => 'entropy');
SELECT ok(pg_temp.close(pg_temp.weights('sums'), (SELECT customer_value.entropy_weights(ARRAY[a, b, c, d]) FROM (SELECT customer_value.min_max(a) OVER () AS a,
	customer_value.min_max(b, true) OVER () AS b, customer_value.min_max(c) OVER () AS c, customer_value.min_max(d) OVER () AS d FROM public.medians) AS m)), 'entropy weights, of min-max values');
SELECT customer_value.alter_scorecard('shop', 'sums', weighting => 'given');
CREATE TABLE public.before AS SELECT * FROM shop.sums;
UPDATE shop.scorecard_criteria SET weight = 4 WHERE scorecard = 'sums' AND criterion = 'a';
SELECT ok(pg_temp.close(pg_temp.weights('sums'), ARRAY[2/6.0, 1/6.0, 2/6.0, 1/6.0]), 'an UPDATE of a weight counts at once');
SELECT isnt_empty('SELECT FROM shop.sums AS s JOIN public.before AS b USING (customer_id) WHERE s.score <> b.score', 'in the view, too');
SELECT throws_ok($$UPDATE shop.scorecard_criteria SET weight = 'NaN'$$, '23514', NULL, 'but not to NaN');
SELECT throws_ok($$UPDATE shop.scorecard_criteria SET weight = -1$$, '23514', NULL, 'nor below 0');

-- Properties, for all methods, rules and scales: points add up to the score, weights to 1; who is nowhere worse is not below
CREATE FUNCTION pg_temp.check_properties(method text, missing text, normaliser text, weighting text, product boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	s record;
	bad record;
BEGIN
	PERFORM customer_value.create_scorecard('shop', 'any', pg_temp.criteria(normaliser), method => method, missing => missing, weighting => weighting,
		dimension_methods => CASE WHEN product THEN '{"x": "product"}' END::jsonb,
		comparison_matrix => CASE WHEN weighting = 'ahp' THEN '{{1,3,5},{0.3333333333,1,2},{0.2,0.5,1}}' END::float8[]);
	s := customer_value._scorecard('shop', 'any');
	EXECUTE customer_value._scorecard_query('shop', s.card, s.criteria, NULL, NULL, true) || $q$,
rows AS (SELECT r.customer_id, r.k1, -r.k2 AS k2, r.k3, r.k4, (r.c).score, (r.c).points, (r.c).weights, (r.c).dimension_weights, v.score AS shown
		 FROM combined AS r JOIN shop.any AS v USING (customer_id))
SELECT count(score) FILTER (WHERE abs((SELECT sum(p) FROM unnest(points) AS p) - score) > 1e-12) AS points,
	count(score) FILTER (WHERE abs((SELECT sum(p) FROM unnest(weights) AS p) - 1) > 1e-12 OR abs((SELECT sum(p) FROM unnest(dimension_weights) AS p) - 1) > 1e-12) AS weights,
	count(*) FILTER (WHERE shown IS DISTINCT FROM score) AS shown, count(score) AS scored,
	(SELECT count(*) FROM rows AS a JOIN rows AS b ON a.k1 >= b.k1 AND a.k2 >= b.k2 AND a.k3 >= b.k3 AND a.k4 >= b.k4 WHERE a.score < b.score) AS above,
	(SELECT count(*) FROM rows AS a JOIN rows AS b ON a.k1 >= b.k1 AND a.k2 >= b.k2 AND a.k3 >= b.k3 AND a.k4 >= b.k4 AND a.customer_id <> b.customer_id) AS pairs
FROM rows$q$ INTO bad;
	PERFORM customer_value.drop_scorecard('shop', 'any');
	RETURN CASE WHEN (bad.points, bad.weights, bad.shown, bad.above) <> (0, 0, 0, 0) OR bad.scored <> 80 OR bad.pairs < 20 THEN to_jsonb(bad)::text END;
END $$;
SELECT is(pg_temp.check_properties(m, r, n, w, p), NULL, format('%s, missing %s, %s, %s weights%s: points and weights add up, dominance holds', m, r, n, w, CASE WHEN p THEN ', a product' ELSE '' END))
FROM unnest('{weighted_sum,weighted_norm,weighted_product,topsis}'::text[]) AS m, unnest('{reweight,worst,median}'::text[]) AS r,
	unnest('{percentile,min_max,winsorised_z,z_cdf,logistic}'::text[]) AS n, unnest('{given,ahp,entropy,critic}'::text[]) AS w, unnest('{f,t}'::boolean[]) AS p
WHERE CASE WHEN m = 'topsis' THEN r <> 'reweight' AND n = 'percentile' AND NOT p
		   WHEN p THEN r = 'reweight' AND n IN ('min_max', 'logistic') AND w = 'given' AND m <> 'weighted_norm'
		   WHEN n <> 'percentile' THEN r = 'reweight' AND w = 'given' AND NOT (n = 'winsorised_z' AND m <> 'weighted_sum')
		   ELSE w = 'given' OR r = 'worst' END;

-- the explanation is that of the view
SELECT customer_value.alter_scorecard('shop', 'sums', method => 'weighted_norm', missing => 'reweight');
SELECT is_empty($$SELECT s.customer_id FROM shop.sums AS s, LATERAL (SELECT sum(e.points) AS points, sum(e.weight) AS weight, sum(e.lift) AS lift FROM customer_value.explain_score('shop', 'sums', s.customer_id) AS e) AS e
	WHERE s.customer_id % 10 = 5 AND s.score IS NOT NULL AND (abs(e.points - s.score) > 1e-12 OR abs(e.weight - 1) > 1e-12
		OR abs(e.lift - (s.score - (SELECT avg(score) FROM shop.sums))) > 1e-9)$$, 'explained points add up to the score, lifts to what it is above the average');
SELECT results_eq($$SELECT dimension, criterion, value, round(normalised::numeric, 6), weight > 0, note FROM customer_value.explain_score('shop', 'sums', '45') ORDER BY criterion$$,
	$$SELECT * FROM (SELECT 'x', 'a', f.a, round(p.pa::numeric, 6), true, NULL FROM public.facts AS f JOIN public.percentiles AS p USING (id) WHERE id = 45) AS a
	  UNION ALL SELECT 'x', 'b', NULL, NULL, false, 'not known; left out' UNION ALL SELECT 'y', 'c', NULL, NULL, false, 'not known; left out'
	  UNION ALL SELECT * FROM (SELECT 'z', 'd', f.d::float8, round(p.pd::numeric, 6), true, NULL FROM public.facts AS f JOIN public.percentiles AS p USING (id) WHERE id = 45) AS d$$,
	'it shows value and scale, and notes what is not known');
SELECT results_eq($$SELECT DISTINCT note, points FROM customer_value.explain_score('shop', 'sums', 81)$$, $$VALUES ('no purchase yet', NULL::float8)$$, 'of a prospect it says so');
SELECT is((SELECT sum(points) FROM customer_value.explain_score('shop', 'sums', 7, as_of => '2023-12-31')), (SELECT score::float8 FROM shop.sums_at('2023-12-31') WHERE customer_id = 7), 'also as of another day');

-- The order of rows and the plan do not show; two reads are the same
CREATE TABLE public.reads AS SELECT s::text AS line FROM shop.sums AS s;
CREATE TABLE public.shuffled AS TABLE public.facts;
TRUNCATE public.facts;
INSERT INTO public.facts SELECT * FROM public.shuffled ORDER BY hashint4(id);
SELECT set_eq('SELECT s::text FROM shop.sums AS s', 'SELECT line FROM public.reads', 'another order of rows gives the same digits');
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET enable_hashagg = off; SET enable_hashjoin = off;
SELECT set_eq('SELECT s::text FROM shop.sums AS s', 'SELECT line FROM public.reads', 'and so does a parallel plan');
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET enable_hashagg; RESET enable_hashjoin;
SELECT set_eq('SELECT s::text FROM shop.sums_at(NULL) AS s', 'SELECT line FROM public.reads', 'without a day _at is the view');

-- Relations of anybody's: several rows of a customer are their mean; NaN, infinity and what double precision cannot hold are not known
CREATE TABLE public.odd (id bigint, v numeric, w float8);
INSERT INTO public.odd VALUES (1, 1, 5), (1, 2, 5), (1, 6, 5), (2, 'NaN', 'NaN'), (3, 'Infinity', '-Infinity'), (4, 1e400, 1), (5, -1e-400, 1), (6, 7, NULL), (999, 1, 1), (NULL, 5, 5);
SELECT customer_value.create_scorecard('shop', 'odd', '[{"column": "v", "relation": "odd", "key": "id", "normaliser": "as_is"}, {"column": "w", "relation": "odd", "key": "id", "normaliser": "as_is", "weight": 0}]');
SELECT results_eq('SELECT customer_id, score, overall, criteria_known FROM shop.odd WHERE customer_id < 8 ORDER BY 1',
	$$VALUES (1, 3::float8, 3::float8, 2), (2, NULL, NULL, 0), (3, NULL, NULL, 0), (4, NULL, NULL, 1), (5, 0, 0, 2), (6, 7, 7, 1), (7, NULL, NULL, 0)$$, 'strange values and several rows of a customer');
SELECT is((SELECT count(*) FROM shop.odd), 85::bigint, 'and no row more');
SELECT is((SELECT reason FROM shop.odd WHERE customer_id = 4), 'no criterion that counts is known; not known: v', 'a weight of 0 does not count');

-- Constant, unknown, alone
CREATE TABLE public.dull (id integer, one integer, nothing float8, only_7 integer);
INSERT INTO public.dull SELECT c, 1, NULL, CASE WHEN c = 7 THEN 3 END FROM generate_series(1, 85) AS c;
CREATE FUNCTION pg_temp.dull(columns text[], normaliser text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_agg(jsonb_build_object('column', c, 'relation', 'public.dull', 'key', 'id', 'normaliser', normaliser, 'dimension', c || '_')) FROM unnest(columns) AS c
$$;
CREATE FUNCTION pg_temp.dull_scores(columns text[], normaliser text, method text, missing text, weighting text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	PERFORM customer_value.create_scorecard('shop', 'dull', pg_temp.dull(columns, normaliser), method => method, missing => missing, weighting => weighting);
	SELECT string_agg(DISTINCT format('%s at %s', round(score::numeric, 6), rank), ', ') INTO result FROM shop.dull WHERE score IS NOT NULL;
	PERFORM customer_value.drop_scorecard('shop', 'dull');
	RETURN result;
END $$;
SELECT is(pg_temp.dull_scores('{one}', n, m, r, w), '0.500000 at 1', format('a constant column: %s, %s, %s, %s', n, m, r, w))
FROM (VALUES ('percentile', 'weighted_sum', 'reweight', 'given'), ('min_max', 'weighted_norm', 'worst', 'critic'), ('z_cdf', 'weighted_product', 'median', 'entropy'),
	('logistic', 'weighted_sum', 'median', 'critic'), ('percentile', 'topsis', 'worst', 'entropy')) AS v (n, m, r, w);
SELECT is(pg_temp.dull_scores('{one}', 'winsorised_z', 'weighted_sum', 'reweight', 'given'), '0.000000 at 1', 'a constant column: z');
SELECT is(pg_temp.dull_scores('{nothing}', n, m, r, w), NULL, format('nobody known: %s, %s, %s, %s', n, m, r, w))
FROM (VALUES ('percentile', 'weighted_sum', 'reweight', 'given'), ('min_max', 'weighted_norm', 'worst', 'critic'), ('z_cdf', 'weighted_product', 'median', 'entropy'),
	('percentile', 'topsis', 'worst', 'critic')) AS v (n, m, r, w);
SELECT is(pg_temp.dull_scores('{only_7}', n, m, r, w), '0.500000 at 1', format('one customer: %s, %s, %s, %s', n, m, r, w))
FROM (VALUES ('percentile', 'weighted_sum', 'reweight', 'given'), ('min_max', 'weighted_norm', 'worst', 'critic'), ('z_cdf', 'weighted_product', 'median', 'entropy'),
	('percentile', 'topsis', 'median', 'critic')) AS v (n, m, r, w);
SELECT is(pg_temp.dull_scores('{one,nothing}', 'percentile', m, 'worst', 'given'), '0.500000 at 1', 'what nobody has moves nobody: ' || m)
FROM unnest('{weighted_sum,weighted_norm,weighted_product,topsis}'::text[]) AS m;

-- Within groups
SELECT customer_value.create_scorecard('shop', 'grouped', '[{"column": "a", "relation": "facts", "key": "id"}, {"column": "b", "relation": "facts", "key": "id", "normaliser": "min_max"}]',
	within => 'region', missing => 'median');
SELECT is_empty($$SELECT g.customer_id FROM shop.grouped AS g JOIN (
		SELECT f.id, CASE WHEN f.id % 3 = 0 THEN 1 ELSE 2 END AS grp, f.a, f.b FROM public.facts AS f WHERE f.id <= 80) AS f ON f.id = g.customer_id,
	LATERAL (SELECT (count(*) FILTER (WHERE o.a < f.a) + count(*) FILTER (WHERE o.a = f.a) / 2.0) / count(*) AS pa, min(o.b) AS low, max(o.b) AS high,
				percentile_cont(0.5) WITHIN GROUP (ORDER BY o.b) AS median
			 FROM public.facts AS o WHERE o.id <= 80 AND (o.id % 3 = 0) = (f.id % 3 = 0)) AS w
	WHERE abs(g.score - (w.pa + (coalesce(f.b::float8, w.median) - w.low::float8) / (w.high - w.low)::float8) / 2) > 2e-12$$, 'scales and medians are those of the group');

-- Change since a day: those of both days among themselves
CREATE TABLE public.change AS SELECT * FROM shop.customer_standing_change('2023-12-31');
SELECT is((SELECT count(*) FROM public.change WHERE is_newcomer), (SELECT count(*) FROM shop.customer_profile WHERE first_purchase_day > '2023-12-31'), 'newcomers are flagged');
SELECT is((SELECT format('%s %s %s %s', count(score_now), count(rank_then), count(score_change), string_agg(DISTINCT reason, '')) FROM public.change WHERE is_newcomer), '0 0 0 first purchase since then',
	'and have no change');
SELECT is_empty($$SELECT c.customer_id FROM public.change AS c JOIN shop.customer_standing_at('2023-12-31') AS a USING (customer_id)
	WHERE NOT c.is_newcomer AND (c.score_then, c.rank_then) IS DISTINCT FROM (a.score, a.rank)$$, 'then is what _at says of that day');
SELECT is_empty($$SELECT c.customer_id FROM public.change AS c WHERE NOT c.is_newcomer AND (c.rank_change <> c.rank_then - c.rank_now OR c.score_change <> c.score_now - c.score_then
	OR c.rank_now <> (SELECT 1 + count(*) FROM public.change AS o WHERE o.score_now > c.score_now))$$, 'now is among the same customers');
SELECT ok((SELECT count(*) > 10 FROM public.change WHERE rank_change <> 0), 'and something changed');
SELECT is((SELECT count(*) FROM public.change), 80::bigint, 'people without a purchase have no change');

-- Summary and correlation
SELECT results_eq($$SELECT dimension, weight, customers, abs(mean - mean_year_before - movement) < 1e-11 FROM customer_value.scorecard_summary('shop', 'sums')$$,
	$$VALUES ('x', .5::float8, 80::bigint, true), ('y', round(1/3.0, 12)::float8, 64, true), ('z', round(1/6.0, 12)::float8, 73, true), ('score', 1, 80, true)$$, 'a row a dimension, and the score');
SELECT customer_value.create_scorecard('shop', 'paid', '[{"column": "total_amount"}]');
SELECT ok((SELECT abs((mean * 80 + mean_year_before * n.n) / (80 + n.n) - 0.5) < 1e-9 AND n.n BETWEEN 5 AND 75 AND abs(movement) > 0.01 FROM customer_value.scorecard_summary('shop', 'paid'), (SELECT count(*) AS n
	FROM shop.customer_profile_at((SELECT (as_of - interval '1 year')::date FROM shop.settings)) WHERE purchase_days > 0) AS n WHERE dimension = 'overall'), 'both days are on one scale');
SELECT is_empty($$SELECT c.dimension_a FROM customer_value.scorecard_correlation('shop', 'sums') AS c, (SELECT corr(x, y) AS xy, corr(x, z) AS xz, corr(y, z) AS yz FROM shop.sums) AS s
	WHERE abs(c.correlation - CASE c.dimension_a || c.dimension_b WHEN 'xy' THEN s.xy WHEN 'xz' THEN s.xz WHEN 'yz' THEN s.yz END) > 1e-9$$, 'correlations are those of the columns');
SELECT is((SELECT count(*) FROM customer_value.scorecard_correlation('shop', 'sums')), 3::bigint, 'of each two dimensions');

SELECT * FROM finish();
