-- The aggregates purchase_history and merge: what they add up, what they refuse, and that
-- neither the order of the rows nor the plan shows in a single byte.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
RESET client_min_messages;
SET search_path = customer_value, pg_catalog;
\set SHOW_CONTEXT never
\pset null '(null)'

-- no sales, no history; rows of an outer join without a sale are skipped
SELECT purchase_history(day, amount) AS none FROM (SELECT date '2020-01-01', 1 WHERE false) AS s (day, amount);
SELECT merge(h) AS none FROM (VALUES (NULL::purchase_history)) AS t (h);
SELECT purchase_history(day, amount) AS two, purchase_history(day, amount, 7, amount, NULL) AS five
FROM (VALUES (NULL::date, NULL::numeric), (date '2020-01-01', 5), (NULL, NULL)) AS s (day, amount);
SELECT purchase_history(day, amount) AS none, purchase_history(day, amount, 1, 1, 1) AS none
FROM (VALUES (NULL::date, NULL::numeric)) AS s (day, amount);

-- returns: a negative amount, or none with a negative quantity; tracks known, lacking, both
SELECT purchase_history(day, amount, cost, list_amount, quantity) AS h FROM (VALUES
	(date '2020-01-01', 10.00, 4::numeric, 12::numeric, 1::numeric),
	('2020-01-01', -10.00, -4, -12, -1),
	('2020-01-02', 0, 0, 0, -1),
	('2020-01-03', 0, NULL, 0, NULL),
	('2020-01-04', -0.01, NULL, 0, 1),
	('2020-01-05', 1, 1, NULL, NULL), ('2020-01-05', 1, NULL, NULL, 2)
) AS s (day, amount, cost, list_amount, quantity);

-- exact in every form a numeric has: short and long, few digits and many, zeros at the end
SELECT amount, purchase_history('2020-01-01', amount) AS h, total_amount(purchase_history('2020-01-01', amount)) = amount AS exact
FROM unnest(ARRAY[0, 0.00, 1, 10, 9999, 10000, 10001, 99999999, 100000000, 29.33, 29.30, 0.1, 0.01, 0.001, 0.0001, 0.00001,
	0.000000000001, 123456789012345, 123456789012345.678901234567, 999999999999999.999999999999, 100000000000000,
	5000.0005, 5000.50000000000000000000000000000000000000000000000000000000000000000000000000000000,
	0.10000000000000000000000000000000000000000000000000000000000000000000000000000000000000, -29.33, -0.000000000001,
	-999999999999999.999999999999]::numeric[]) AS amount GROUP BY amount, amount::text ORDER BY amount, amount::text;
SELECT total_amount(purchase_history('2020-01-01', amount)) FROM unnest(ARRAY[0.1, 0.20, 0.700]) AS amount;

-- what is refused, of every track
DO $$
DECLARE
	bad text;
	state text;
	message text;
	detail text;
	hint text;
BEGIN
	FOREACH bad IN ARRAY ARRAY['NULL, 1', '''2020-01-01'', NULL', '''2020-01-01'', ''NaN''', '''2020-01-01'', ''Infinity''',
		'''2020-01-01'', ''-Infinity''', '''2020-01-01'', 1e15', '''2020-01-01'', -1e15', '''2020-01-01'', 1e30',
		'''2020-01-01'', 10::numeric ^ 9000', '''2020-01-01'', 0.0000000000001', '''2020-01-01'', 1.12345678901234567890',
		'''infinity'', 1', '''-infinity'', 1', 'NULL, 1, NULL, NULL, NULL', '''2020-01-01'', 1, ''NaN'', NULL, NULL',
		'''2020-01-01'', 1, NULL, 1e20, NULL', '''2020-01-01'', 1, NULL, NULL, 1e-20']
	LOOP
		BEGIN
			EXECUTE format('SELECT customer_value.purchase_history(%s)', bad);
			RAISE INFO '% was accepted', bad;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			RAISE INFO '%: % % | % | %', bad, state, message, detail, hint;
		END;
	END LOOP;
END
$$;
SELECT merge(h) FROM (VALUES ('{2020-01-01:10000000000000000000000000}'::purchase_history), ('{2020-01-01:-1(returns=1)}')) AS t (h);

-- a toasted numeric is read like any other
CREATE TEMPORARY TABLE wide (amount numeric);
ALTER TABLE wide ALTER amount SET STORAGE external;
INSERT INTO wide VALUES (1 + 10::numeric ^ -9000);
SELECT purchase_history('2020-01-01', amount) FROM wide;

-- 60,000 sales of 500 customers: prices of several scales, returns, tracks known now and then
CREATE TABLE history_sales AS
	SELECT abs(hashint4(i)) % 500 AS customer, date '2015-01-01' + abs(hashint4(-i)) % 1500 AS day,
		(CASE WHEN i % 9 = 0 THEN -1 ELSE 1 END) * round((abs(hashint4(7 * i)) % 100000) / 700.0, i % 4) AS amount,
		CASE WHEN i % 5 <> 0 THEN round((abs(hashint4(11 * i)) % 100000) / 900.0, 2) END AS cost,
		CASE WHEN abs(hashint4(i)) % 3 <> 0 THEN 100.5 END AS list_amount,
		(i % 7)::numeric AS quantity
	FROM generate_series(1, 60000) AS i;
ANALYZE history_sales;
CREATE TEMPORARY TABLE serial AS
	SELECT customer, purchase_history(day, amount) AS two, purchase_history(day, amount, cost, list_amount, quantity) AS five
	FROM history_sales GROUP BY customer;

-- the sums over the customers are the sums over the sales
SELECT sum(total_amount(two)) = (SELECT sum(amount) FROM history_sales) AS amount,
	sum(total_amount(five)) = (SELECT sum(amount) FROM history_sales) AS amount_of_five,
	sum(total_quantity(five)) = (SELECT sum(quantity) FROM history_sales) AS quantity,
	sum(orders(two) + returns(two)) = (SELECT count(*) FROM history_sales) AS sales,
	sum(returned_amount(two)) = (SELECT -sum(amount) FROM history_sales WHERE amount < 0) AS returned
FROM serial;
SELECT count(*) AS days_that_differ FROM (
	(SELECT customer, u.day, u.amount, u.orders, u.returns, u.cost, u.list_amount, u.quantity FROM serial, unnest(five) AS u)
	EXCEPT
	(SELECT customer, day, sum(amount), count(*) FILTER (WHERE amount > 0 OR amount = 0 AND quantity >= 0),
		count(*) FILTER (WHERE amount < 0 OR amount = 0 AND quantity < 0),
		CASE WHEN count(cost) = count(*) THEN sum(cost) END,
		CASE WHEN count(list_amount) = count(*) THEN sum(list_amount) END, sum(quantity)
	 FROM history_sales GROUP BY 1, 2)
) AS different;

-- any order, any split, as histories merged, as a window: the same bytes
CREATE FUNCTION pg_temp.check_against_serial(what text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	same boolean;
BEGIN
	EXECUTE format('SELECT count(*) = 500 AND bool_and(customer_value.purchase_history_send(s.two) = customer_value.purchase_history_send(q.two)
		AND customer_value.purchase_history_send(s.five) = customer_value.purchase_history_send(q.five))
		FROM serial AS s JOIN (%s) AS q USING (customer)', query) INTO same;
	RETURN what || CASE WHEN same THEN ': same bytes' ELSE ': DIFFERENT' END;
END
$$;
SELECT pg_temp.check_against_serial('rows in descending order', 'SELECT customer, purchase_history(day, amount ORDER BY day DESC, amount) AS two,
	purchase_history(day, amount, cost, list_amount, quantity ORDER BY amount DESC) AS five FROM history_sales GROUP BY customer');
SELECT pg_temp.check_against_serial('merged from seven parts', 'SELECT customer, merge(two) AS two, merge(five) AS five FROM (
	SELECT customer, purchase_history(day, amount) AS two, purchase_history(day, amount, cost, list_amount, quantity) AS five
	FROM history_sales GROUP BY customer, abs(amount * 100)::int % 7) AS parts GROUP BY customer');
SELECT pg_temp.check_against_serial('merged from one a sale', 'SELECT customer, merge(two) AS two, merge(five) AS five FROM (
	SELECT customer, purchase_history(day, amount) AS two, purchase_history(day, amount, cost, list_amount, quantity) AS five
	FROM history_sales GROUP BY customer, ctid) AS parts GROUP BY customer');
SELECT pg_temp.check_against_serial('two halves by the function', 'SELECT customer,
	merge(purchase_history(day, amount) FILTER (WHERE quantity < 3), purchase_history(day, amount) FILTER (WHERE quantity >= 3)) AS two,
	merge(purchase_history(day, amount, cost, list_amount, quantity) FILTER (WHERE quantity < 3),
		purchase_history(day, amount, cost, list_amount, quantity) FILTER (WHERE quantity >= 3)) AS five
	FROM history_sales GROUP BY customer');
SELECT pg_temp.check_against_serial('truncated after the last day', 'SELECT customer, truncate(two, ''2030-01-01'') AS two,
	truncate(five, ''2030-01-01'') AS five FROM serial');
SELECT pg_temp.check_against_serial('through text', 'SELECT customer, two::text::purchase_history AS two, five::text::purchase_history AS five FROM serial');
SELECT pg_temp.check_against_serial('last row of a running window', 'SELECT DISTINCT ON (customer) customer, two, five FROM (
	SELECT customer, row_number() OVER w AS row, purchase_history(day, amount) OVER w AS two,
		purchase_history(day, amount, cost, list_amount, quantity) OVER w AS five
	FROM history_sales WINDOW w AS (PARTITION BY customer ORDER BY ctid)) AS running ORDER BY customer, row DESC');
SET work_mem = '64kB';
SET enable_sort = off;
SELECT pg_temp.check_against_serial('hashed and spilled', 'SELECT customer, purchase_history(day, amount) AS two,
	purchase_history(day, amount, cost, list_amount, quantity) AS five FROM history_sales GROUP BY customer');
SET enable_hashagg = off;
RESET enable_sort;
SELECT pg_temp.check_against_serial('sorted', 'SELECT customer, purchase_history(day, amount) AS two,
	purchase_history(day, amount, cost, list_amount, quantity) AS five FROM history_sales GROUP BY customer');
RESET enable_hashagg;
RESET work_mem;

-- truncate is the history of the sales up to a day
SELECT count(*) AS customers, bool_and(truncate(two, cut) IS NOT DISTINCT FROM fewer_two) AS two,
	bool_and(truncate(five, cut) IS NOT DISTINCT FROM fewer_five) AS five
FROM serial CROSS JOIN (VALUES (date '2015-01-01'), ('2015-01-20'), ('2016-07-01'), ('2018-12-31')) AS cuts (cut)
JOIN LATERAL (SELECT purchase_history(day, amount) AS fewer_two, purchase_history(day, amount, cost, list_amount, quantity) AS fewer_five
	FROM history_sales AS s WHERE s.customer = serial.customer AND s.day <= cut) AS fewer ON true
WHERE customer < 40;
-- and an accessor as of a day is the accessor of that
SELECT bool_and(a.as_of_day = a.of_truncated) AS same FROM serial, LATERAL (SELECT
	ROW(orders(five, d), returns(five, d), purchase_days(five, d), first_purchase_day(five, d), last_purchase_day(five, d),
		total_amount(five, d), total_cost(five, d), total_list_amount(five, d), total_quantity(five, d), returned_amount(five, d)) IS NOT DISTINCT FROM
	ROW(orders(t), returns(t), purchase_days(t), first_purchase_day(t), last_purchase_day(t),
		total_amount(t), total_cost(t), total_list_amount(t), total_quantity(t), returned_amount(t)), true
	FROM (VALUES (date '2016-07-01', truncate(five, '2016-07-01'))) AS v (d, t)) AS a (as_of_day, of_truncated);

-- parallel and serial plans: the same bytes
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 3;
CREATE FUNCTION pg_temp.parallel_and_serial(what text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	parallel bytea;
	serial bytea;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	IF plan::text !~ 'Gather' OR plan::text !~ 'Partial' THEN
		RETURN what || ': the plan is not parallel';
	END IF;
	EXECUTE query INTO parallel;
	SET LOCAL max_parallel_workers_per_gather = 0;
	EXECUTE query INTO serial;
	RETURN what || CASE WHEN parallel = serial THEN ': same bytes' ELSE ': DIFFERENT' END;
END
$$;
SELECT pg_temp.parallel_and_serial('purchase_history of two', 'SELECT purchase_history_send(purchase_history(day, amount)) FROM history_sales');
SELECT pg_temp.parallel_and_serial('purchase_history of five',
	'SELECT purchase_history_send(purchase_history(day, amount, cost, list_amount, quantity)) FROM history_sales');
SELECT pg_temp.parallel_and_serial('a group in few rows', 'SELECT purchase_history_send(purchase_history(day, amount)) FROM history_sales WHERE customer = 7');
CREATE TABLE history_stored AS SELECT * FROM serial;
ANALYZE history_stored;
SELECT pg_temp.parallel_and_serial('merge', 'SELECT purchase_history_send(merge(five)) FROM history_stored');
SELECT merge(five) = (SELECT purchase_history(day, amount, cost, list_amount, quantity) FROM history_sales) AS merged_is_whole FROM history_stored;
SET enable_hashagg = off;
EXPLAIN (COSTS OFF) SELECT customer, purchase_history(day, amount) AS two FROM history_sales GROUP BY customer;
SELECT pg_temp.check_against_serial('parallel, partial groups', 'SELECT customer, purchase_history(day, amount) AS two,
	purchase_history(day, amount, cost, list_amount, quantity) AS five FROM history_sales GROUP BY customer');
RESET enable_hashagg;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- many sales on few days are added up as they come; many days grow the state
SELECT h, octet_length(purchase_history_send(h)) AS bytes FROM (
	SELECT purchase_history(date '2020-01-01' + i % 3, i % 100 / 100.0) AS h FROM generate_series(1, 300000) AS i) AS s;
SELECT purchase_days(h), orders(h), total_amount(h), first_purchase_day(h), last_purchase_day(h) FROM (
	SELECT purchase_history(date '2020-01-01' + i * 7919 % 50000, 0.25) AS h FROM generate_series(1, 100000) AS i) AS s;

-- orders instead of lines: one history an order, each taken as one order, merged
SELECT merge(as_one_order(h)) AS orders, merge(h) AS lines FROM (
	SELECT purchase_history(day, amount) AS h FROM (VALUES
		('A', date '2020-01-01', 5), ('A', '2020-01-01', 6), ('B', '2020-01-01', 7), ('B', '2020-01-01', -2),
		('C', '2020-01-02', 1), ('C', '2020-01-02', 1), ('D', '2020-01-03', -1), ('D', '2020-01-03', -1)
	) AS lines (order_id, day, amount) GROUP BY order_id) AS orders;

DROP TABLE history_sales, history_stored;
