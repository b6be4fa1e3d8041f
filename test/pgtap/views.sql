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
SELECT customer_value.create_customer_base('odd', sales => 'shop.odd', customer_id => 'customer', sold_at => 'day', amount => 'amount');

CREATE FUNCTION pg_temp.relations(base text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT format('%I.%I%s', base, v.name, CASE WHEN v.kind = 'function' THEN '(''2023-09-30'')' ELSE '' END)
	FROM customer_value._base_views() AS v
$$;

-- all rows of a relation as one value that does not depend on their order
CREATE FUNCTION pg_temp.fingerprint(relation text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT md5(coalesce(string_agg(v::text, E''\n'' ORDER BY v::text COLLATE "C"), '''')) FROM %s AS v', relation)
	INTO result;
	RETURN result;
END
$$;

CREATE FUNCTION pg_temp.bad_values(relation text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	columns text;
	found text;
BEGIN
	SELECT string_agg(format('CASE WHEN bool_or(v.%1$I::text IN (''NaN'', ''Infinity'', ''-Infinity'', ''infinity'', ''-infinity'')) '
							 'THEN %1$L END', a.attname), ', ') INTO columns
	FROM pg_attribute AS a
	WHERE a.attrelid = regexp_replace(relation, '(_at)?\(.*$', '')::regclass AND a.attnum > 0
		AND a.atttypid IN ('float8'::regtype, 'numeric'::regtype, 'date'::regtype, 'timestamptz'::regtype);
	EXECUTE format('SELECT nullif(concat_ws('', '', %s), '''') FROM %s AS v', columns, relation) INTO found;
	RETURN relation || ': ' || found;
END
$$;

CREATE FUNCTION pg_temp.contract(base text, state text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	what text := format('%s, %s: ', base, state);
	first_read text[];
	counts record;
	kept numeric;
	bought numeric;
	sums record;
BEGIN
	RETURN NEXT is_empty(format($q$
		SELECT v.name FROM customer_value._base_views() AS v
			LEFT JOIN pg_class AS c ON c.relname = v.name AND c.relnamespace = %1$L::regnamespace
			LEFT JOIN pg_proc AS p ON p.proname = v.name AND p.pronamespace = %1$L::regnamespace
		WHERE CASE v.kind WHEN 'view' THEN coalesce('security_invoker=true' <> ALL (c.reloptions), true)
						  ELSE p.oid IS NULL OR p.prosecdef OR p.provolatile <> 's' OR p.proparallel <> 's' END$q$,
		quote_ident(base)), what || 'all views and functions are there and run as the caller');
	RETURN NEXT is_empty(format($q$
		SELECT a.attrelid::regclass, a.attname, a.atttypid::regtype
		FROM customer_value._base_views() AS v
			JOIN pg_class AS c ON c.relname = v.name AND c.relnamespace = %L::regnamespace
			JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
			JOIN pg_type AS t ON t.oid = a.atttypid
		WHERE t.typnamespace <> 'pg_catalog'::regnamespace OR t.typtype <> 'b'
			OR a.attname !~ '^[a-z][a-z0-9_]*$' OR a.attname ~ 'recency|frequency|(^|_)age($|_)|monetary'$q$,
		quote_ident(base)), what || 'columns have built-in types and names in plain words');
	RETURN NEXT is_empty(format($q$
		SELECT v.name, a.attname
		FROM customer_value._base_views() AS v
			LEFT JOIN pg_class AS c ON c.relname = v.name AND c.relnamespace = %1$L::regnamespace
			LEFT JOIN pg_proc AS p ON p.proname = v.name AND p.pronamespace = %1$L::regnamespace
			LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
		WHERE coalesce(obj_description(p.oid, 'pg_proc'), obj_description(c.oid, 'pg_class'), '') = ''
			OR a.attnum IS NOT NULL AND coalesce(col_description(a.attrelid, a.attnum), '') = ''$q$,
		quote_ident(base)), what || 'every view, column and function has a comment');
	RETURN NEXT is((SELECT array_agg(b) FROM pg_temp.relations(base) AS r, pg_temp.bad_values(r) AS b WHERE b IS NOT NULL), NULL, what || 'no value is NaN or infinite');

	SELECT array_agg(pg_temp.fingerprint(r)) INTO first_read FROM pg_temp.relations(base) AS r;
	SET LOCAL enable_hashagg = off;
	SET LOCAL enable_hashjoin = off;
	SET LOCAL parallel_setup_cost = 0;
	SET LOCAL parallel_tuple_cost = 0;
	SET LOCAL min_parallel_table_scan_size = 0;
	RETURN NEXT is((SELECT array_agg(pg_temp.fingerprint(r)) FROM pg_temp.relations(base) AS r), first_read,
				   what || 'another plan reads the same');
	RESET enable_hashagg;
	RESET enable_hashjoin;
	RESET parallel_setup_cost;
	RESET parallel_tuple_cost;
	RESET min_parallel_table_scan_size;

	RETURN NEXT is(pg_temp.fingerprint(format('%I.customer_profile', base)),
				   pg_temp.fingerprint(format('%I.customer_profile_at(NULL)', base)), what || 'without a day the function is the view');
	EXECUTE format('SELECT count(*) AS n, count(DISTINCT customer_id) AS ids, '
				   '(SELECT count(DISTINCT customer_id) FROM %1$I.customer_lifetime_value) AS valued, '
				   '(SELECT count(DISTINCT customer_id) FROM %1$I.customer_ranking) AS ranked, '
				   'count(*) FILTER (WHERE expected_value IS NULL AND reason IS NULL) AS silent, '
				   'count(*) FILTER (WHERE purchase_days > 0) AS bought FROM %1$I.customer_profile', base) INTO counts;
	RETURN NEXT ok(counts.n = counts.ids AND counts.n = counts.valued AND counts.n = counts.ranked, what || 'one row a customer');
	RETURN NEXT is(counts.silent, 0::bigint, what || 'a missing expected value has its reason');

	EXECUTE format('SELECT coalesce(sum(l.amount), 0) FROM %1$I.sales_lines AS l, %1$I.settings AS s '
				   'WHERE l.rule IS NULL AND l.day <= s.as_of', base) INTO kept;
	EXECUTE format('SELECT coalesce(sum(total_amount) FILTER (WHERE purchase_days > 0), 0) FROM %I.customer_profile', base) INTO bought;
	EXECUTE format('SELECT (SELECT coalesce(sum(total_amount), 0) FROM %1$I.customer_profile) AS profile, '
				   '(SELECT coalesce(sum(revenue), 0) FROM %1$I.monthly_summary) AS months, '
				   '(SELECT coalesce(sum(amount), 0) FROM %1$I.cohort_retention) AS cohorts, '
				   '(SELECT total_amount FROM %1$I.portfolio_summary) AS portfolio, '
				   '(SELECT coalesce(sum(customers_new), 0) FROM %1$I.monthly_summary) AS newcomers, '
				   '(SELECT customers FROM %1$I.portfolio_summary) AS customers, '
				   '(SELECT coalesce(sum(cohort_customers), 0) FROM %1$I.cohort_retention WHERE months_since_first = 0) AS in_cohorts',
				   base) INTO sums;
	RETURN NEXT is(ARRAY[sums.profile, sums.months, sums.portfolio, sums.cohorts], ARRAY[kept, kept, kept, bought],
				   what || 'customers, months, cohorts and portfolio add up to the kept lines');
	RETURN NEXT is(ARRAY[sums.newcomers, sums.in_cohorts, sums.customers], ARRAY[counts.bought, counts.bought, counts.bought]::numeric[],
				   what || 'every customer is new in one month, and in one cohort');
END
$$;

SELECT pg_temp.contract(b, 'not fitted')
FROM unnest(ARRAY['Rich "Shop"', 'plain', 'nobody', 'prospects', 'single', 'once', 'odd']) AS b;
SELECT is((SELECT array_agg(DISTINCT verdict) FROM "Rich ""Shop""".model_fit), '{not fitted}', 'model_fit says that nothing is fitted');
SELECT is((SELECT array_agg(verdict) FROM "Rich ""Shop""".model_check), '{not fitted}', 'model_check says that nothing is fitted');
SELECT is((SELECT array_agg(DISTINCT reason) FROM "Rich ""Shop""".customer_profile), '{no purchase yet,not fitted}',
	'profiles say that nothing is fitted');

SELECT count(*) FROM unnest(ARRAY['Rich "Shop"', 'plain', 'nobody', 'prospects', 'single', 'once', 'odd']) AS b
	CROSS JOIN LATERAL customer_value.fit(b);
SELECT pg_temp.contract(b, 'fitted')
FROM unnest(ARRAY['Rich "Shop"', 'plain', 'nobody', 'prospects', 'single', 'once', 'odd']) AS b;

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
		IF line ~ 'Scan.* on sales' OR line ~ 'Index Cond' THEN
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
