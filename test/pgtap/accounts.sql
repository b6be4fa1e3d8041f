-- accounts.sql - key_account_matrix and closeness_check, computed anew: from the sales, from the views they stand on, and by hand.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\o /dev/null
\ir ../../demo/shop.sql
SET client_min_messages = warning;
-- a quarter of the sample shop is enough to look at
CREATE TABLE public.sold AS SELECT * FROM public.sales WHERE customer_id % 4 = 1;
CREATE TABLE public.people AS SELECT * FROM public.customers WHERE customer_id % 4 = 1;
SELECT customer_value.create_customer_base('shop', sales => 'public.sold', customer_id => 'customer_id', sold_at => 'ordered_at',
	amount => 'amount', order_id => 'order_id', cost => 'cost', list_amount => 'list_amount', product => 'product', category => 'category',
	customers => 'public.people', customer_key => 'customer_id');
SELECT customer_value.fit('shop');
\o
-- Deep views of small tables: compiling them takes longer than reading them.
SET jit = off;
SELECT * FROM no_plan();

-- closeness_check: whom it is about and what became of them, from the sales; closeness itself is tested with the presets.
-- as_of 2024-12-31 less 365 days is 2024-01-01.
CREATE FUNCTION pg_temp.check_of(landmark date, until date) RETURNS TABLE (tenure_year integer, quintile integer, customers bigint, survivors bigint)
	LANGUAGE sql AS $$
	WITH known AS (
		SELECT customer_id, (landmark - min(day)) / 365 AS tenure_year
		FROM (SELECT customer_id, ordered_at::date AS day FROM public.sold WHERE ordered_at::date <= landmark
			  GROUP BY 1, 2 HAVING sum(amount) > 0 OR sum(amount) = 0 AND bool_and(amount >= 0)) AS d GROUP BY 1),
	later AS (
		SELECT DISTINCT customer_id
		FROM (SELECT customer_id, ordered_at::date AS day FROM public.sold
			  WHERE ordered_at::date > landmark AND ordered_at::date <= until
			  GROUP BY 1, 2 HAVING sum(amount) > 0 OR sum(amount) = 0 AND bool_and(amount >= 0)) AS d),
	scored AS (SELECT customer_id, k.tenure_year, c.score FROM known AS k JOIN shop.closeness_at(landmark) AS c USING (customer_id)),
	-- the part of the same year that is further, and half of those as close
	placed AS (
		SELECT s.*, (rank() OVER (PARTITION BY tenure_year ORDER BY score) - 1 + count(*) OVER (PARTITION BY tenure_year, score) / 2.0)
			   / count(*) OVER (PARTITION BY tenure_year) AS place
		FROM scored AS s)
	SELECT p.tenure_year, q, count(*), count(l.customer_id)
	FROM placed AS p JOIN generate_series(1, 5) AS q ON p.place > (q - 1) / 5.0 AND p.place <= q / 5.0
		LEFT JOIN later AS l USING (customer_id)
	GROUP BY GROUPING SETS ((1, 2), (2))
$$;
SELECT results_eq('SELECT tenure_year, quintile, customers, survivors FROM shop.closeness_check ORDER BY 1 NULLS FIRST, 2',
	$$SELECT * FROM pg_temp.check_of('2024-01-01', '2024-12-31') ORDER BY 1 NULLS FIRST, 2$$, 'closeness_check counts who was there and who came again');
SELECT results_eq($$SELECT tenure_year, quintile, customers, survivors FROM shop.closeness_check_at('2023-06-30') ORDER BY 1 NULLS FIRST, 2$$,
	$$SELECT * FROM pg_temp.check_of('2022-06-30', '2023-06-30') ORDER BY 1 NULLS FIRST, 2$$, 'as of another day, too');
SELECT results_eq('SELECT DISTINCT as_of, landmark FROM shop.closeness_check', $$VALUES (date '2024-12-31', date '2024-01-01')$$, 'the landmark is 365 days before');
SELECT ok((SELECT bool_and(low < high) FROM (SELECT max(survival_share) FILTER (WHERE quintile = 1) AS low, max(survival_share) FILTER (WHERE quintile = 5) AS high
		   FROM shop.closeness_check GROUP BY tenure_year) AS c), 'in the sample shop the closest fifth of every year comes again more than the furthest');
-- the ends of Wilson's interval are the shares p with (share - p)^2 = z^2 p (1 - p) / n
SELECT is((SELECT count(*) FROM shop.closeness_check CROSS JOIN LATERAL (VALUES (survival_share_low), (survival_share_high)) AS e (p)
		   WHERE customers > 0 AND NOT abs((survival_share - p) ^ 2 - 1.959963984540054 ^ 2 * p * (1 - p) / customers) < 1e-12), 0::bigint, 'Wilson''s interval');
SELECT ok((SELECT bool_and(0 <= survival_share_low AND survival_share_low <= survival_share AND survival_share <= survival_share_high AND survival_share_high <= 1)
		   FROM shop.closeness_check WHERE customers > 0), 'the interval holds the share');

UPDATE shop.parameters SET value = 180 WHERE parameter = 'closeness_check_days';
SELECT results_eq('SELECT tenure_year, quintile, customers, survivors FROM shop.closeness_check ORDER BY 1 NULLS FIRST, 2',
	$$SELECT * FROM pg_temp.check_of('2024-07-04', '2024-12-31') ORDER BY 1 NULLS FIRST, 2$$, 'the parameter moves the landmark');
UPDATE shop.parameters SET value = 365 WHERE parameter = 'closeness_check_days';

-- key_account_matrix: the quarters and the match from the sales, the rest from the views it stands on
UPDATE shop.parameters SET list = '{Tents,Packs}' WHERE parameter = 'strategic_categories';
CREATE TEMP TABLE matrix AS SELECT * FROM shop.key_account_matrix;
CREATE TEMP TABLE expected AS
	WITH day AS (SELECT customer_id, ordered_at::date AS day FROM public.sold
				 GROUP BY 1, 2 HAVING sum(amount) > 0 OR sum(amount) = 0 AND bool_and(amount >= 0)),
	quarters AS (SELECT customer_id, count(DISTINCT q) AS n FROM day JOIN generate_series(1, 8) AS q
				 ON day > date '2024-12-31' - make_interval(months => 3 * q) AND day <= date '2024-12-31' - make_interval(months => 3 * q - 3) GROUP BY 1),
	kept AS (SELECT customer_id, category, sum(amount) AS amount FROM public.sold GROUP BY 1, 2 HAVING sum(amount) > 0),
	match AS (SELECT customer_id, coalesce(sum(amount) FILTER (WHERE category IN ('Tents', 'Packs')), 0) / sum(amount) AS share FROM kept GROUP BY 1)
	SELECT p.customer_id, coalesce(q.n, 0) / 8.0::float8 * p.probability_active_end AS continuity, b.score AS composite, round(m.share, 4) AS match,
		   h.headroom AS space, h.headroom / nullif(h.headroom + p.expected_value, 0) AS space_share, h.headroom - y.headroom AS potential
	FROM shop.customer_profile AS p LEFT JOIN quarters AS q USING (customer_id) LEFT JOIN match AS m USING (customer_id)
		LEFT JOIN shop.balanced_scorecard AS b USING (customer_id) LEFT JOIN shop.customer_headroom AS h USING (customer_id)
		LEFT JOIN shop.customer_headroom_at('2024-01-01') AS y USING (customer_id);
SELECT is((SELECT count(*) FROM matrix), (SELECT count(*) FROM expected), 'everybody is in the matrix once');
SELECT is_empty('SELECT m.customer_id, m.continuity, e.continuity FROM matrix AS m JOIN expected AS e USING (customer_id)
	WHERE m.continuity IS DISTINCT FROM e.continuity', 'continuity');
SELECT is_empty('SELECT m.customer_id, m.composite, e.composite FROM matrix AS m JOIN expected AS e USING (customer_id)
	WHERE m.composite IS DISTINCT FROM e.composite', 'composite is the balanced scorecard');
SELECT is_empty('SELECT m.customer_id, m.match, e.match FROM matrix AS m JOIN expected AS e USING (customer_id)
	WHERE m.match IS DISTINCT FROM e.match', 'match is the share of the declared categories in what was kept');
SELECT is_empty('SELECT m.customer_id FROM matrix AS m JOIN expected AS e USING (customer_id)
	WHERE m.space IS DISTINCT FROM e.space OR m.potential IS DISTINCT FROM e.potential OR abs(m.space_share - e.space_share) > 6e-5
		OR (m.space_share IS NULL) <> (e.space_share IS NULL)', 'space and potential');
SELECT is_empty($$SELECT customer_id, account_class, expected FROM (SELECT *, CASE
		WHEN purchase_days = 0 THEN 'prospect'
		WHEN continuity >= .5 AND composite >= .25 AND match >= .5 THEN 'strategic'
		WHEN continuity >= .5 AND composite >= .25 AND space_share >= .25 AND potential >= 0 THEN 'growing_key'
		WHEN continuity >= .5 AND composite >= .25 THEN 'key'
		WHEN continuity >= .5 AND space_share >= .5 THEN 'develop'
		WHEN continuity >= .5 THEN 'steady'
		WHEN composite >= .25 THEN 'secure' ELSE 'other' END AS expected
	FROM matrix JOIN shop.customer_profile USING (customer_id)) AS c WHERE account_class <> expected$$, 'classes as the rules say');
SELECT is((SELECT count(DISTINCT account_class) FROM matrix), 8::bigint, 'every class has somebody in the sample shop');
SELECT is((SELECT count(*) FROM matrix WHERE reason IS NULL AND num_nulls(continuity, composite, match, space, space_share, potential) > 0), 0::bigint,
	'what is missing has its reason');
SELECT is((SELECT array_agg(DISTINCT code) FROM (SELECT DISTINCT account_class AS code FROM matrix UNION SELECT segment FROM shop.segment_rules WHERE segmentation = 'key_account'
		   EXCEPT SELECT code FROM shop.labels WHERE kind = 'key_account') AS c), NULL, 'every class has its label');

UPDATE shop.segment_rules SET at_least = 10 WHERE segmentation = 'key_account' AND segment IN ('strategic', 'growing_key', 'key') AND measure = 'composite';
SELECT is((SELECT count(*) FROM shop.key_account_matrix WHERE account_class IN ('strategic', 'growing_key', 'key')), 0::bigint, 'a changed cut counts at once');
DELETE FROM shop.segment_rules WHERE segmentation = 'key_account';
SELECT results_eq('SELECT DISTINCT account_class, reason LIKE ''%no rule holds'' FROM shop.key_account_matrix', $$VALUES ('unassigned', true)$$, 'without rules nobody is classed');

-- the list taken back
UPDATE shop.parameters SET list = NULL WHERE parameter = 'strategic_categories';
SELECT ok((SELECT count(match) = 0 AND bool_and(reason LIKE '%no match: parameter strategic_categories has no list%') FROM shop.key_account_matrix WHERE continuity IS NOT NULL AND active_quarters > 0),
	'without the list there is no match, and the reason names it');

-- Not fitted, nobody, no year to look back on.
CREATE TABLE public.few AS SELECT * FROM (VALUES (1, date '2024-01-10', 10.0), (1, '2024-02-10', 20), (2, '2024-03-01', 15)) AS v (customer, day, amount);
CREATE VIEW public.none AS SELECT * FROM public.few WHERE customer = 0;
\o /dev/null
SELECT customer_value.create_customer_base('few', sales => 'public.few', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT customer_value.create_customer_base('nobody', sales => 'public.none', customer_id => 'customer', sold_at => 'day', amount => 'amount');
\o
SELECT results_eq('SELECT customer_id, continuity, match, space, account_class FROM few.key_account_matrix ORDER BY 1',
	$$VALUES (1, NULL::float8, NULL::numeric, NULL::numeric, 'unassigned'), (2, NULL, NULL, NULL, 'unassigned')$$, 'not fitted: nobody is classed');
SELECT ok((SELECT bool_and(reason LIKE '%not fitted%' AND reason LIKE '%no match: category not bound%') FROM few.key_account_matrix), 'not fitted: and says why');
SELECT results_eq('SELECT tenure, quintile, customers, survivors, survival_share, survival_share_low, closeness_low, reason FROM few.closeness_check',
	$$SELECT 'all', q, 0::bigint, 0::bigint, NULL::float8, NULL::float8, NULL::float8, 'nobody had bought by 2023-03-02' FROM generate_series(1, 5) AS q$$,
	'nobody had bought a year ago: five empty classes');
UPDATE few.parameters SET value = 20 WHERE parameter = 'closeness_check_days';
SELECT results_eq('SELECT tenure, quintile, customers, survivors, survival_share, reason FROM few.closeness_check WHERE customers > 0 ORDER BY 1',
	$$VALUES ('0 to 1 years', 3, 1::bigint, 0::bigint, 0::float8, 'not known: tempo; not fitted; profit: cost not bound'), ('all', 3, 1, 0, 0, 'not known: tempo; not fitted; profit: cost not bound')$$,
	'one customer is in the middle class, and what closeness lacked is told');
UPDATE few.parameters SET value = 0 WHERE parameter = 'closeness_check_days';
SELECT is((SELECT DISTINCT landmark FROM few.closeness_check), '2024-02-29'::date, 'at least a day before');
UPDATE few.parameters SET value = 1e300 WHERE parameter = 'closeness_check_days';
SELECT ok((SELECT bool_and(customers = 0) FROM few.closeness_check), 'at most a century before');
SELECT is_empty('SELECT * FROM nobody.key_account_matrix', 'no sales: an empty matrix');
SELECT results_eq('SELECT quintile, customers, reason FROM nobody.closeness_check', $$SELECT q, 0::bigint, 'no sales' FROM generate_series(1, 5) AS q$$,
	'no sales: empty classes');

-- scorecards that somebody dropped
\o /dev/null
SELECT customer_value.drop_scorecard('few', 'balanced_scorecard'), customer_value.drop_scorecard('few', 'closeness');
\o
SELECT results_eq('SELECT DISTINCT composite, reason LIKE ''%no composite: no scorecard balanced_scorecard%'' FROM few.key_account_matrix', 'VALUES (NULL::float8, true)',
	'no balanced_scorecard, no composite');
UPDATE few.parameters SET value = 20 WHERE parameter = 'closeness_check_days';
SELECT results_eq('SELECT DISTINCT customers, reason FROM few.closeness_check', $$VALUES (0::bigint, 'no closeness: no scorecard closeness')$$, 'no closeness, nothing to check');

\getenv shared CV_SHARED
\if :{?shared}
\o /dev/null
\set directory :shared '/data/cdnow'
\cd :directory
\i load.sql
SELECT customer_value.create_customer_base('cd', sales => 'cdnow.purchases', customer_id => 'customer_id', sold_at => 'purchase_date', amount => 'dollar_value');
SELECT customer_value.fit('cd');
\o
SELECT results_eq($$SELECT quintile, customers, survivors FROM cd.closeness_check WHERE tenure_year IS NULL$$,
	$$SELECT q, count(*), count(l.customer_id)
	  FROM (SELECT customer_id, (rank() OVER (ORDER BY score) - 1 + count(*) OVER (PARTITION BY score) / 2.0) / count(*) OVER () AS place
			FROM cd.closeness_at('1997-06-30')) AS c
		  JOIN generate_series(1, 5) AS q ON place > (q - 1) / 5.0 AND place <= q / 5.0
		  LEFT JOIN (SELECT DISTINCT customer_id FROM cdnow.purchases WHERE purchase_date > '1997-06-30') AS l USING (customer_id) GROUP BY 1 ORDER BY 1$$,
	'CDNOW: date and amount are enough to test closeness');
SELECT is((SELECT sum(customers) FROM cd.closeness_check WHERE tenure_year IS NULL), 23570::numeric, 'CDNOW: everybody is in a class');
SELECT is((SELECT count(*) FROM cd.key_account_matrix WHERE account_class = 'unassigned'), 0::bigint, 'CDNOW: everybody is classed');
SELECT is((SELECT array_agg(DISTINCT reason) FROM cd.key_account_matrix WHERE composite IS NULL OR space IS NULL OR match IS NULL),
	'{no match: category not bound,no match: category not bound; no space_share: neither space nor expected value}', 'CDNOW: what is not known says why');
\endif
SELECT * FROM finish();
