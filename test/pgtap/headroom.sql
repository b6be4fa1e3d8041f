-- headroom.sql - customer_headroom and value_decomposition: on paper, computed again from the sales another way, and at the edges.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT no_plan();

-- A base of eleven people. Nobody ever leaves (nbd), nothing is discounted and the horizon is 4 x 365.25 days, so
-- everybody has 4 active years; a euro spent is worth 50 cents.
CREATE TABLE public.few (customer int, day date, category text, amount numeric);
INSERT INTO public.few VALUES
	(1, '2023-06-01', 'a', 5), (1, '2024-02-01', 'a', 10),
	(2, '2023-06-01', 'a', 5), (2, '2024-02-01', 'a', 20), (2, '2024-03-01', 'b', 40),
	(3, '2023-06-01', 'a', 5), (3, '2024-01-02', 'a', 30),
	(4, '2023-06-01', 'a', 5), (4, '2024-02-01', 'a', 40), (4, '2024-02-01', 'b', 80),
	(5, '2023-06-01', 'a', 5), (5, '2024-12-31', 'a', 50),
	(6, '2023-06-01', 'a', 5), (6, '2024-02-01', 'b', 120),
	(7, '2023-06-01', 'a', 5), (7, '2024-01-01', 'a', 900),		-- the day before the 365 days
	(8, '2023-06-01', 'b', 5), (8, '2024-02-01', 'b', 200),
	(9, '2024-06-01', 'a', 60), (9, '2025-01-01', 'a', 900),	-- the day after as_of
	(10, '2024-06-01', 'a', -7);
CREATE TABLE public.people AS SELECT c AS id, 'Customer ' || c AS name FROM generate_series(1, 11) AS c;
CREATE FUNCTION pg_temp.few(base text, sales text, category text DEFAULT 'category', cost text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM customer_value.create_customer_base(base, sales => sales, customer_id => 'customer', sold_at => 'day', amount => 'amount',
		category => category, cost => cost, customers => 'public.people', customer_key => 'id', customer_name => 'name', as_of => '2024-12-31',
		horizon => '1461 days', annual_discount_rate => 0, margin_rate => CASE WHEN cost IS NULL THEN 0.5 END, currency => 'EUR');
	EXECUTE format('INSERT INTO %I.models (model_id, kind, model, is_current) VALUES '
		'(1, ''purchase'', ''nbd(r=1,alpha=10)'', true), (2, ''spend'', ''gamma-gamma(p=6,q=4,v=15)'', true)', base);
END
$$;
SELECT pg_temp.few('few', 'public.few');
SELECT is((SELECT array_agg(discounted_active_years) FROM few.customer_headroom WHERE customer_id <= 9), array_fill(4::float8, ARRAY[9]),
	'nobody leaves, nothing is discounted: all of the horizon is active');
-- first category a, tenure year 1: a is bought by 5 of 6, 3/4 of them spend up to 40; b by 3 of 6, up to 100. 1: 2 x (5/6 x 30 + 3/6 x 100)
-- tenure year 1: b by 4 of 7, up to 140; the base: a by 6 of 8, up to 47.50, b by 4 of 8, up to 140
SELECT results_eq('SELECT customer_id, headroom, peers::int, peer_group, basis, reason FROM few.customer_headroom ORDER BY 1', $$VALUES
	(1, 150.00, 5, 'first category and tenure', 'categories', NULL),
	(2, 93.33, 5, 'first category and tenure', 'categories', NULL),
	(3, 116.67, 5, 'first category and tenure', 'categories', NULL),
	(4, 20.00, 5, 'first category and tenure', 'categories', NULL),
	(5, 100.00, 5, 'first category and tenure', 'categories', NULL),
	(6, 66.67, 5, 'first category and tenure', 'categories', NULL),
	(7, 166.67, 6, 'first category and tenure', 'categories', NULL),
	(8, 57.14, 6, 'tenure', 'categories', NULL),
	(9, 140.00, 7, 'base', 'categories', NULL),
	(10, NULL, NULL, NULL, 'categories', 'no purchase yet'),
	(11, NULL, NULL, NULL, 'categories', 'no purchase yet')$$, 'headroom as on paper');
SELECT results_eq('SELECT explicit_value, expected_value - p, growth_value, total_lifetime_value - p, total_with_growth - p, reason
				   FROM few.value_decomposition, (SELECT expected_value AS p FROM few.customer_lifetime_value WHERE customer_id = 1) AS l WHERE customer_id = 1',
	$$VALUES (7.50, 0.00, 150.00, 7.50, 157.50, NULL)$$, 'realised + expected + headroom');
SELECT results_eq('SELECT explicit_value, expected_value, growth_value, total_with_growth, explicit_share, reason FROM few.value_decomposition WHERE customer_id = 10',
	$$VALUES (-3.50, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, 'no purchase yet')$$, 'returns alone: no customer, and no total');

UPDATE few.parameters SET value = 6 WHERE parameter = 'least_peers';
SELECT results_eq('SELECT DISTINCT peer_group FROM few.customer_headroom WHERE customer_id <= 6', $$VALUES ('tenure')$$, 'with more peers asked for a wider group stands in');
UPDATE few.parameters SET value = CASE parameter WHEN 'least_peers' THEN 7 ELSE 0 END WHERE parameter LIKE '%peer%';
SELECT results_eq('SELECT headroom, peers::int, peer_group FROM few.customer_headroom WHERE customer_id = 1',
	$$VALUES (round(2 * (6/8. * 37.5 + 4/8. * 140), 2), 7, 'tenure')$$, 'one band of tenure: the base');
DELETE FROM few.parameters WHERE parameter LIKE '%peer%';
SELECT is((SELECT headroom FROM few.customer_headroom WHERE customer_id = 1), 150.00, 'a default stands in for a parameter that is gone');

-- Without categories: one gap of what is spent in the year. Tenure year 1: 10, 30, 50, 60, 120, 120, 200 of 7 peers; with 9 in the base 60.
CREATE FUNCTION pg_temp.one_gap(base text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT results_eq(format('SELECT customer_id, headroom, peer_group, basis FROM %I.customer_headroom WHERE customer_id <= 9 ORDER BY 1', base), $v$VALUES
		(1, 220.00, 'tenure', 'spend per active year'), (2, 120.00, 'tenure', 'spend per active year'), (3, 180.00, 'tenure', 'spend per active year'),
		(4, 0.00, 'tenure', 'spend per active year'), (5, 140.00, 'tenure', 'spend per active year'), (6, 0.00, 'tenure', 'spend per active year'),
		(7, 240.00, 'tenure', 'spend per active year'), (8, 0.00, 'tenure', 'spend per active year'), (9, 120.00, 'base', 'spend per active year')$v$,
		base || ': without categories one gap, and said to be')
$$;
SELECT pg_temp.few('uncategorised', 'public.few', NULL);
SELECT pg_temp.one_gap('uncategorised');
CREATE VIEW public.unnamed AS SELECT customer, day, amount, NULL::text AS category FROM public.few;
SELECT pg_temp.few('unnamed', 'public.unnamed');
SELECT pg_temp.one_gap('unnamed');

-- Row order: another one, and other names of the categories, one of them empty
CREATE TABLE public.turned AS SELECT customer, day, CASE category WHEN 'a' THEN '' ELSE category END AS category, amount
FROM public.few ORDER BY amount DESC, day DESC;
SELECT pg_temp.few('turned', 'public.turned');
SELECT results_eq('SELECT * FROM turned.customer_headroom ORDER BY 1', 'SELECT * FROM few.customer_headroom ORDER BY 1', 'row order and names do not show');

-- Own spend below 0 is no wider a gap than 0; a base that loses money on its sales has no room for more of them
CREATE TABLE public.loss AS SELECT *, 2 * amount AS cost FROM public.few
	UNION ALL VALUES (1, date '2024-05-01', 'b', -500, -1000), (7, '2024-05-01', 'a', -500, -1000);
SELECT pg_temp.few('minus', 'public.loss');
SELECT is((SELECT array_agg(headroom ORDER BY customer_id) FROM minus.customer_headroom WHERE customer_id IN (1, 7)), '{150.00,166.67}', 'returns in the year do not widen a gap');
SELECT pg_temp.few('loss', 'public.loss', cost => 'cost');
SELECT is((SELECT array_agg(DISTINCT headroom) FROM loss.customer_headroom WHERE customer_id <= 9), '{0.00}', 'no margin, no headroom');
SELECT ok((SELECT bool_and(explicit_share IS NULL AND reason = 'no shares') FROM loss.value_decomposition WHERE customer_id IN (2, 3)), 'parts below 0 have no shares');

-- Bases in which there is nothing to compare
CREATE TABLE public.nothing (LIKE public.few);
SELECT pg_temp.few('nothing', 'public.nothing');
SELECT is((SELECT array_agg(DISTINCT reason) FROM nothing.customer_headroom), '{no purchase yet}', 'prospects alone');
CREATE TABLE public.single AS SELECT * FROM public.few WHERE customer = 9;
SELECT pg_temp.few('single', 'public.single');
SELECT results_eq('SELECT headroom, peers::int, reason FROM single.customer_headroom WHERE customer_id = 9', $$VALUES (NULL::numeric, 0, 'no peers')$$, 'one customer has no peers');
SELECT results_eq('SELECT headroom, peers::int, reason FROM single.customer_headroom_at(''2026-12-31'') WHERE customer_id = 9', $$VALUES (NULL::numeric, 0, 'no peers')$$,
	'nobody bought within the year');
SELECT results_eq('SELECT growth_value, total_with_growth, reason FROM single.value_decomposition WHERE customer_id = 9',
	$$VALUES (NULL::numeric, NULL::numeric, 'no peers')$$, 'and the decomposition says so');
DELETE FROM few.models;
SELECT is((SELECT array_agg(DISTINCT concat_ws('|', headroom, discounted_active_years, reason)) FROM few.customer_headroom), '{no purchase yet,not fitted}', 'not fitted: no headroom');
SELECT is((SELECT array_agg(DISTINCT concat_ws('|', growth_value, expected_value, reason)) FROM few.value_decomposition), '{no purchase yet,not fitted}', 'not fitted: no expected value');
SELECT is((SELECT sum(explicit_value) FROM few.value_decomposition WHERE customer_id <= 9),
	(SELECT sum(amount) / 2 FROM public.few WHERE customer <= 9 AND day <= '2024-12-31'), 'what was brought is known all the same');
\o /dev/null
SELECT customer_value.create_customer_base('empty', sales => 'public.nothing', customer_id => 'customer', sold_at => 'day', amount => 'amount');
\o
SELECT is((SELECT count(*) FROM empty.customer_headroom) + (SELECT count(*) FROM empty.value_decomposition), 0::bigint, 'no sales: nobody');

-- The sample shop, computed again from its sales the long way: every customer beside every category of its peers
\o /dev/null
\ir ../../demo/shop.sql
SET client_min_messages = warning;
\ir ../../demo/bind.sql
SELECT customer_value.fit('shop');
\o
CREATE FUNCTION pg_temp.again(day date, OUT customer_id int, OUT headroom numeric, OUT peers bigint, OUT peer_group text) RETURNS SETOF record LANGUAGE sql AS $$
	WITH sold AS (
		SELECT s.customer_id, s.ordered_at::date AS day, s.category, s.amount FROM public.sales AS s
		WHERE s.customer_id <> 0 AND s.ordered_at::date <= again.day),
	c AS MATERIALIZED (
		SELECT p.customer_id, least(3, p.tenure_days / 365) AS band, p.probability_alive AS now, p.probability_active_end AS later,
			   EXISTS (SELECT FROM sold AS s WHERE s.customer_id = p.customer_id AND s.day > again.day - 365 GROUP BY s.day
					   HAVING sum(s.amount) > 0 OR (sum(s.amount) = 0 AND min(s.amount) = 0)) AS buys, p.first_category AS first
		FROM shop.customer_profile_at(again.day) AS p WHERE p.purchase_days > 0),
	spend AS MATERIALIZED (
		SELECT s.customer_id, s.category, sum(s.amount) AS amount FROM sold AS s WHERE s.day > again.day - 365 GROUP BY 1, 2),
	chosen AS MATERIALIZED (
		SELECT c.*, n.same, n.aged, n.everybody,
			   CASE WHEN n.same >= 5 THEN 'first category and tenure' WHEN n.aged >= 5 THEN 'tenure' ELSE 'base' END AS peer_group
		FROM (SELECT * FROM c WHERE c.customer_id % 23 = 3 OR c.customer_id % 41 = 3) AS c CROSS JOIN LATERAL (
			SELECT count(*) FILTER (WHERE d.band = c.band AND d.first = c.first) AS same, count(*) FILTER (WHERE d.band = c.band) AS aged, count(*) AS everybody
			FROM c AS d WHERE d.buys AND d.customer_id <> c.customer_id) AS n),
	groups AS MATERIALIZED (SELECT DISTINCT peer_group, band, CASE peer_group WHEN 'first category and tenure' THEN first END AS first FROM chosen),
	quartile AS MATERIALIZED (
		SELECT g.peer_group, g.band, g.first, k.category, q.share, q.upper
		FROM groups AS g CROSS JOIN (SELECT DISTINCT category FROM sold) AS k
			CROSS JOIN LATERAL (
				SELECT avg(CASE WHEN s.amount > 0 THEN 1.0 ELSE 0.0 END) AS share,
					   percentile_cont(0.75) WITHIN GROUP (ORDER BY CASE WHEN s.amount > 0 THEN s.amount::float8 END) AS upper
				FROM c LEFT JOIN spend AS s ON s.customer_id = c.customer_id AND s.category = k.category
				WHERE c.buys AND (g.peer_group = 'base' OR c.band = g.band) AND (g.peer_group <> 'first category and tenure' OR c.first = g.first)) AS q)
	SELECT h.customer_id, round((sum(q.share * greatest(0, q.upper - greatest(0, coalesce(s.amount, 0)))) * t.margin_share *
				 -- the logarithmic mean of the chances at both ends, discounted, times the years
				 (h.now - h.later / power(1 + t.annual_discount_rate, y.years)) / ln(h.now / h.later * power(1 + t.annual_discount_rate, y.years)) * y.years)::numeric, 2),
		   CASE h.peer_group WHEN 'base' THEN h.everybody WHEN 'tenure' THEN h.aged ELSE h.same END, h.peer_group
	FROM chosen AS h
		JOIN quartile AS q ON q.peer_group = h.peer_group AND q.band = h.band AND q.first IS NOT DISTINCT FROM CASE h.peer_group WHEN 'first category and tenure' THEN h.first END
		LEFT JOIN spend AS s ON s.customer_id = h.customer_id AND s.category = q.category
		CROSS JOIN shop.settings AS t
		CROSS JOIN (SELECT ((again.day + interval '1 year')::date - again.day) / 365.25::float8 AS years) AS y
	WHERE q.upper IS NOT NULL
	GROUP BY h.customer_id, h.now, h.later, h.same, h.aged, h.everybody, h.peer_group, t.margin_share, t.annual_discount_rate, y.years
$$;
CREATE TEMP TABLE again AS SELECT d AS day, a.* FROM unnest('{2024-12-31,2022-03-31,2021-06-30}'::date[]) AS d CROSS JOIN LATERAL pg_temp.again(d) AS a;
CREATE TEMP TABLE shown AS SELECT d AS day, h.* FROM unnest('{2024-12-31,2022-03-31,2021-06-30}'::date[]) AS d CROSS JOIN LATERAL shop.customer_headroom_at(d) AS h;
SELECT is_empty($$SELECT a.*, h.* FROM again AS a JOIN shown AS h USING (day, customer_id)
	WHERE abs(h.headroom - a.headroom) > 0.011 OR h.headroom IS NULL OR (h.peers, h.peer_group) IS DISTINCT FROM (a.peers, a.peer_group)$$,
	'headroom is what the sales say, as of three days');
SELECT is((SELECT count(DISTINCT peer_group) FROM again JOIN shown USING (day, customer_id, peer_group)), 2::bigint, 'against peers of more than one width');
SELECT ok((SELECT bool_and(n > 10) FROM (SELECT count(*) AS n FROM again GROUP BY day) AS c), 'of more than a few');

SELECT ok(bool_and(headroom >= 0) AND count(*) FILTER (WHERE headroom = 0) > 0 AND count(headroom) = 4988, 'never below 0') FROM shown WHERE day = '2024-12-31';
CREATE TEMP TABLE parts AS SELECT * FROM shop.value_decomposition;
SELECT is_empty($$SELECT p.customer_id FROM shop.customer_profile AS p JOIN (SELECT * FROM shown WHERE day = '2024-12-31') AS h USING (customer_id) JOIN parts AS v USING (customer_id)
	WHERE ARRAY[v.explicit_value, v.expected_value, v.growth_value, v.total_lifetime_value, v.total_with_growth, v.explicit_share, v.expected_share]
	IS DISTINCT FROM ARRAY[p.realised_value, p.expected_value, h.headroom, p.realised_value + p.expected_value, p.realised_value + p.expected_value + h.headroom,
		CASE WHEN p.realised_value >= 0 THEN round(p.realised_value / nullif(p.realised_value + p.expected_value + h.headroom, 0), 4) END,
		CASE WHEN p.realised_value >= 0 THEN round(p.expected_value / nullif(p.realised_value + p.expected_value + h.headroom, 0), 4) END]$$, 'the parts are those of the other views, and add up');
SELECT ok(bool_and(abs(explicit_share + expected_share + growth_share - 1) < 2e-4), 'shares add up to 1') FROM parts;

-- The active years between the ends: within 1.5 percent of what the model says day by day
SELECT ok(bool_and(abs(h.discounted_active_years / d.years - 1) < 0.015) AND count(*) = 60, 'active years are near those of the model, day by day')
FROM (SELECT * FROM shown WHERE day = '2024-12-31' AND discounted_active_years > 0.001 ORDER BY customer_id LIMIT 60) AS h JOIN shop.history AS y USING (customer_id)
	CROSS JOIN (SELECT model FROM shop.models WHERE kind = 'purchase' AND is_current) AS m
	CROSS JOIN LATERAL (SELECT sum(customer_value.probability_active(m.model, y.history, '2024-12-31', n * interval '1 day') * power(1.1, -(n - 0.5) / 365.25)) / 365.25 AS years
						FROM generate_series(1, 365) AS n) AS d;

SELECT * FROM finish();
