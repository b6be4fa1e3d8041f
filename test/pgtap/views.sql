-- views.sql - what every view of every base promises, whatever was sold, bound and fitted.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT no_plan();

-- A shop of 300 customers over two years, the same every time: no randomness.
CREATE SCHEMA shop;
CREATE TABLE shop.sales AS
SELECT c AS customer, date '2023-01-01' + (c * 37 % 300) + n * (10 + c % 60) AS day, c * 100 + n AS order_no,
	   round(20 + c % 17 + (n * 7919 % 1000) / 100.0, 2) * CASE WHEN (c + n) % 19 = 0 THEN -1 ELSE 1 END AS amount,
	   round(12 + c % 7, 2) * CASE WHEN (c + n) % 19 = 0 THEN -1 ELSE 1 END AS cost,
	   40.5 * CASE WHEN (c + n) % 19 = 0 THEN -1 ELSE 1 END AS list, 1 + n % 3 AS pieces, 'EUR' AS currency
FROM generate_series(1, 300) AS c CROSS JOIN LATERAL generate_series(0, c * 31 % 11) AS n
WHERE n < 2 OR c % 3 > 0;
CREATE TABLE shop.people AS
SELECT c AS id, 'Customer ' || c AS name, 'R' || c % 4 AS region, 'O' || c % 3 AS owner, nullif(c % 10, 0) AS parent
FROM generate_series(1, 310) AS c;
INSERT INTO shop.people VALUES (5, 'A second row', 'R9', NULL, NULL), (NULL, 'No key', 'R9', NULL, NULL);
CREATE TABLE shop.nothing (LIKE shop.sales);
CREATE TABLE shop.single AS SELECT 'x'::char(4) AS customer, date '2024-02-29' AS day, 10::real AS amount;
CREATE TABLE shop.once AS SELECT c AS customer, date '2024-01-01' + c AS day, 10.5 AS amount FROM generate_series(1, 200) AS c;
CREATE TABLE shop.odd AS
SELECT * FROM (VALUES
	('a', timestamptz '2024-01-31 23:30 UTC', 'NaN'::numeric), ('a', 'infinity', 1), ('a', '2024-02-01 UTC', 'Infinity'),
	('b', '2024-02-01 UTC', 999999999999999), ('b', '2024-03-01 UTC', 0.000000000001), ('b', '2024-05-01 UTC', -5),
	('c', '2024-02-01 UTC', 0), ('c', '2024-02-02 UTC', 1e30), (NULL, '2024-02-02 UTC', 3), ('d', '2024-02-02 UTC', -7.5),
	('e', '2024-01-05 UTC', -3), ('e', '2024-04-05 UTC', 30), ('b', '2024-06-01 UTC', 999999999999999)) AS v (customer, day, amount);

SELECT customer_value.create_customer_base('Rich "Shop"', sales => 'shop.sales', customer_id => 'customer', sold_at => 'day',
	amount => 'amount', order_id => 'order_no', cost => 'cost', list_amount => 'list', quantity => 'pieces',
	currency_column => 'currency', customers => 'shop.people', customer_key => 'id', customer_name => 'name',
	customer_region => 'region', customer_owner => 'owner', customer_parent => 'parent', anonymous_ids => '{7,308}');
SELECT customer_value.create_customer_base('plain', sales => 'shop.sales', customer_id => 'customer', sold_at => 'day',
	amount => 'amount', returns => 'ignore', margin_rate => 0.25, as_of => '2023-12-15', purchase_family => 'bg/nbd');
SELECT customer_value.create_customer_base('nobody', sales => 'shop.nothing', customer_id => 'customer', sold_at => 'day',
	amount => 'amount', cost => 'cost');
SELECT customer_value.create_customer_base('prospects', sales => 'shop.nothing', customer_id => 'customer', sold_at => 'day',
	amount => 'amount', customers => 'shop.people', customer_key => 'id');
SELECT customer_value.create_customer_base('single', sales => 'shop.single', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT customer_value.create_customer_base('once', sales => 'shop.once', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT customer_value.create_customer_base('odd', schema => '100%s odd', sales => 'shop.odd', customer_id => 'customer', sold_at => 'day', amount => 'amount');

\ir views_contract.psql

SELECT pg_temp.contract(b, 'not fitted')
FROM unnest(ARRAY['Rich "Shop"', 'plain', 'nobody', 'prospects', 'single', 'once', '100%s odd']) AS b;
SELECT is((SELECT array_agg(DISTINCT verdict) FROM "Rich ""Shop""".model_fit), '{not fitted}', 'model_fit says that nothing is fitted');
SELECT is((SELECT array_agg(verdict) FROM "Rich ""Shop""".model_check), '{not fitted}', 'model_check says that nothing is fitted');
SELECT is((SELECT array_agg(DISTINCT reason) FROM "Rich ""Shop""".customer_profile), '{no purchase yet,not fitted}',
	'profiles say that nothing is fitted');

SELECT count(*) FROM unnest(ARRAY['Rich "Shop"', 'plain', 'nobody', 'prospects', 'single', 'once', 'odd']) AS b
	CROSS JOIN LATERAL customer_value.fit(b);
SELECT pg_temp.contract(b, 'fitted')
FROM unnest(ARRAY['Rich "Shop"', 'plain', 'nobody', 'prospects', 'single', 'once', '100%s odd']) AS b;

-- What there is to be said where data do not support a model
SELECT is((SELECT count(*) FROM nobody.customer_profile), 0::bigint, 'no sales: nobody');
SELECT is((SELECT count(*) FROM nobody.monthly_summary), 0::bigint, 'no sales: no months');
SELECT results_eq('SELECT customers, prospects, total_amount, expected_value, reason FROM nobody.portfolio_summary',
	$$VALUES (0::bigint, 0::bigint, 0.00, NULL::numeric, 'no purchase yet')$$, 'no sales: a portfolio with a reason');
SELECT results_eq('SELECT customers, prospects, reason FROM prospects.portfolio_summary',
	$$VALUES (0::bigint, 310::bigint, 'no purchase yet')$$, 'no sales: everybody of the customers is a prospect, once');
SELECT results_eq('SELECT kind, status, verdict FROM nobody.model_fit',
	$$VALUES ('purchase', 'not fitted', 'too little data: there are no sales yet'),
			 ('spend', 'not fitted', 'too little data: there are no sales yet')$$, 'no sales: the models say so');
SELECT results_eq('SELECT method, verdict FROM nobody.model_check',
	$$VALUES ('model mbg/nbd', 'too little data: there are no sales yet')$$, 'no sales: the check says so');
SELECT results_eq('SELECT method, verdict FROM single.model_check',
	$$VALUES ('model mbg/nbd', 'too little data: the sales span 0 days, a check needs at least 56')$$, 'one sale: the check says so');
SELECT is((SELECT array_agg(status) FROM once.model_fit WHERE kind = 'spend'), '{not fitted}', 'all one-time buyers: no spend model');
SELECT ok((SELECT bool_and(verdict LIKE 'too little data: %') FROM once.model_fit WHERE kind = 'spend'), 'all one-time buyers: and why');
SELECT is((SELECT count(*) FROM once.customer_ranking WHERE rank IS NOT NULL), 0::bigint, 'all one-time buyers: nobody is ranked by a value nobody knows');

-- The customers relation
SELECT is((SELECT count(*) FROM "Rich ""Shop""".customer_profile), 308::bigint,
	'everybody once: a key that comes twice, no key and anonymous keys add nobody');
SELECT results_eq($$SELECT customer_id, customer_name, region, account_owner, parent_id FROM "Rich ""Shop""".customer_profile WHERE customer_id IN (5, 310)
					ORDER BY 1$$,
	$$VALUES (5, 'A second row', 'R9', NULL, NULL), (310, 'Customer 310', 'R2', 'O1', NULL::int)$$, 'labels come from the customers');
SELECT is((SELECT array_agg(customer_id ORDER BY customer_id) FROM "Rich ""Shop""".customer_profile WHERE orders + returns = 0),
	'{301,302,303,304,305,306,307,309,310}', 'people without a sale are prospects');

SELECT throws_ok($$SELECT * FROM plain.customer_profile_at('infinity')$$, '22023', NULL, 'the as-of day has to be a day');

-- Ranking: ties share everything, and the order is that of the ranks
SELECT is_empty($$SELECT expected_value FROM "Rich ""Shop""".customer_ranking WHERE rank IS NOT NULL
	GROUP BY expected_value HAVING count(DISTINCT (rank, percentile, tier)) > 1$$, 'equal values share rank, percentile and tier');
SELECT is_empty($$WITH v AS MATERIALIZED (SELECT customer_id, expected_value FROM "Rich ""Shop""".customer_profile)
	SELECT r.customer_id FROM "Rich ""Shop""".customer_ranking AS r
	WHERE r.rank <> 1 + (SELECT count(*) FROM v WHERE v.expected_value > r.expected_value)$$,
	'rank is 1 + the number of customers with a higher value');
SELECT is_empty($$SELECT customer_id FROM (
	SELECT customer_id, rank, lag(rank) OVER () AS before, row_number() OVER () AS place FROM "Rich ""Shop""".customer_ranking) AS r
	WHERE rank < before OR (rank IS NOT NULL AND before IS NULL AND place > 1)$$, 'the ranking starts with the best');
SELECT is((SELECT round(avg(percentile), 2) FROM "Rich ""Shop""".customer_ranking), 50.00, 'mid-rank percentiles average 50');

-- Each row is predicted once, and a row with sales profiled once
CREATE FUNCTION pg_temp.calls(function text) RETURNS bigint LANGUAGE sql AS $$
	SELECT coalesce(sum(pg_stat_get_xact_function_calls(p.oid)), 0)::bigint FROM pg_proc AS p
	WHERE p.pronamespace = 'customer_value'::regnamespace AND p.proname = function
$$;
CREATE FUNCTION pg_temp.calls_of(query text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
	before bigint[] := ARRAY[pg_temp.calls('predict'), pg_temp.calls('purchase_profile')];
BEGIN
	EXECUTE 'CREATE TEMP TABLE result ON COMMIT DROP AS ' || query;
	DROP TABLE result;
	RETURN ARRAY[pg_temp.calls('predict') - before[1], pg_temp.calls('purchase_profile') - before[2]];
END
$$;
SET track_functions = 'all';
SET max_parallel_workers_per_gather = 0;
SELECT is(pg_temp.calls_of(query), ARRAY[n, with_sales]::bigint[], 'each row is predicted once: ' || query)
FROM (VALUES
	(200, 200, 'SELECT probability_alive, probability_active_end, expected_purchases, expected_spend, expected_value FROM once.customer_profile'),
	(308, 299, 'SELECT * FROM "Rich ""Shop""".customer_profile'),
	(308, 299, 'SELECT * FROM "Rich ""Shop""".customer_profile_at(''2024-01-01'')'),
	(308, 299, 'SELECT * FROM "Rich ""Shop""".customer_lifetime_value'),
	(308, 299, 'SELECT * FROM "Rich ""Shop""".customer_ranking'),
	(308, 299, 'SELECT * FROM "Rich ""Shop""".portfolio_summary'),
	(308, 299, 'SELECT tier, sum(expected_value), avg(expected_purchases), min(probability_alive) FROM "Rich ""Shop""".customer_ranking GROUP BY tier'),
	(1, 1, 'SELECT * FROM "Rich ""Shop""".customer_profile WHERE customer_id = 42'),
	(1, 1, 'SELECT * FROM "Rich ""Shop""".customer_profile_at(''2024-01-01'') WHERE customer_id = 42'),
	(1, 0, 'SELECT * FROM "Rich ""Shop""".customer_lifetime_value WHERE customer_id = 309')) AS q (n, with_sales, query);

CREATE INDEX ON shop.sales (customer);
ANALYZE shop.sales;
CREATE FUNCTION pg_temp.scans(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Scan.* on sales' OR line ~ 'Index Cond' AND line !~ '\((parameter|segmentation) =' THEN
			RETURN NEXT btrim(line, ' ->');
		END IF;
	END LOOP;
END
$$;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT is_empty(format('SELECT s FROM pg_temp.scans(%L) AS s WHERE s NOT LIKE ''Index Scan using sales_customer_idx%%'' '
					   'AND s <> ''Index Cond: (customer = 42)''', query), 'the condition reaches every scan of the sales: ' || query)
FROM (VALUES
	('SELECT * FROM "Rich ""Shop""".customer_profile WHERE customer_id = 42'),
	('SELECT * FROM plain.customer_lifetime_value WHERE customer_id = 42'),
	('SELECT * FROM plain.customer_profile_at(''2023-09-01'') WHERE customer_id = 42')) AS q (query);

SELECT * FROM finish();
