-- The plan node Group Rows: the same groups as the server's own plans make, whatever the keys, the memory and the plan.
\unset ECHO
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\pset pager off
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT plan(57);
SET search_path = public, customer_value;
SET jit = off;
SET max_parallel_workers_per_gather = 0;

-- plan_of(query, options): the nodes of its plan and what they say of themselves
CREATE FUNCTION plan_of(query text, options text = 'COSTS OFF') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	result text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, ' || options || ') ' || query LOOP
		result := result || line || E'\n';
	END LOOP;
	RETURN result;
END $$;

-- groups_the_same(query, what): that its plan has the node, and its rows are those of a plan without
CREATE FUNCTION groups_the_same(query text, what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	plan text := plan_of(query);
	differing bigint;
BEGIN
	EXECUTE 'CREATE TEMPORARY TABLE grouped AS ' || query;
	PERFORM set_config('customer_value.enable_grouping', 'off', false);
	EXECUTE 'CREATE TEMPORARY TABLE hashed AS ' || query;
	PERFORM set_config('customer_value.enable_grouping', 'on', false);
	EXECUTE 'SELECT (SELECT count(*) FROM (TABLE grouped EXCEPT ALL TABLE hashed) AS d)
				  + (SELECT count(*) FROM (TABLE hashed EXCEPT ALL TABLE grouped) AS d)' INTO differing;
	DROP TABLE grouped, hashed;
	RETURN NEXT CASE WHEN plan LIKE '%Custom Scan (Group Rows)%' THEN ok(differing = 0, what)
					 ELSE ok(false, what || E': planned without Group Rows\n' || plan) END;
END $$;

-- kilobytes(query, what): the number that the node reports, as of 'Disk Usage'
CREATE FUNCTION kilobytes(query text, what text) RETURNS bigint LANGUAGE sql AS
$$ SELECT (regexp_match(plan_of(query), what || ': (\d+)'))[1]::bigint $$;

-- 15,000 customers, and as many whose 32-bit hash is that of one of them: hashint8 folds the halves of a bigint.
CREATE TABLE sales AS
SELECT CASE WHEN n / 15000 % 2 = 0 THEN c # 1 | 4294967296 ELSE c END AS customer_id,
	   date '2024-01-01' + (n * 7919::bigint % 700)::int AS day, (n * 104729::bigint % 10000)::numeric / 100 - 5 AS amount, n
FROM (SELECT n, (n * 48271::bigint % 15000) AS c FROM generate_series(1, 90000) AS n) AS s;
ANALYZE sales;

-- that rows of a group come in the order of a sorted subquery
\set disorder 'SELECT customer_id, purchase_history(day, amount) FROM (SELECT * FROM sales WHERE customer_id < 4294967296 ORDER BY n DESC) AS s GROUP BY customer_id HAVING array_agg(n) <> array_agg(n ORDER BY n DESC)'
\set history 'SELECT customer_id, purchase_history(day, amount) AS h, count(*) AS n FROM sales GROUP BY customer_id'

-- when it is used

SELECT ok(plan_of(:'history') LIKE '%GroupAggregate%Custom Scan (Group Rows)%', 'many groups are made without a hash table');
SELECT ok(plan_of('SELECT customer_id, purchase_history(day, amount) FROM sales WHERE customer_id < 1000 GROUP BY customer_id')
		  NOT LIKE '%Group Rows%', 'few groups are hashed');
SELECT ok(plan_of('SELECT customer_id, count(*) FROM sales GROUP BY customer_id') NOT LIKE '%Group Rows%',
		  'plans without an aggregate of ours are the server''s own');
SELECT ok(plan_of('SELECT purchase_history(day, amount) FROM sales') NOT LIKE '%Group Rows%', 'nor is one group a matter for it');
SELECT ok(plan_of('SELECT customer_id, n % 2, purchase_history(day, amount) FROM sales GROUP BY GROUPING SETS ((customer_id), (n % 2))')
		  NOT LIKE '%Group Rows%', 'nor are grouping sets');
SET customer_value.enable_grouping = off;
SELECT ok(plan_of(:'history') NOT LIKE '%Group Rows%', 'customer_value.enable_grouping switches it off');
RESET customer_value.enable_grouping;
SELECT throws_ok($$SET customer_value.enable_groping = off$$, '42602', NULL, 'a setting of another name is refused');

CREATE INDEX ON sales (customer_id) INCLUDE (day, amount);
VACUUM ANALYZE sales;
SET enable_seqscan = off;
SELECT ok(plan_of('SELECT customer_id, purchase_history(day, amount) FROM sales GROUP BY customer_id')
		  LIKE '%Index Only Scan%', 'rows that come in order need no sorting into groups');
RESET enable_seqscan;
DROP INDEX sales_customer_id_day_amount_idx;

-- keys of every kind

SELECT groups_the_same(:'history', 'bigint, half of them with the hash of another');
SELECT groups_the_same('SELECT nullif(customer_id % 14000, 7) AS k, purchase_history(day, amount) FROM sales GROUP BY k', 'nulls are a group');
SELECT groups_the_same('SELECT (-customer_id)::numeric / 8 AS k, purchase_history(day, amount) FROM sales GROUP BY k', 'numeric');
SELECT groups_the_same('SELECT CASE WHEN n % 2 = 0 THEN -1 ELSE 1 END * (customer_id % 13000)::float8 AS k, purchase_history(day, amount) AS h
						FROM sales GROUP BY k', 'float8, with zeros of both signs');
SELECT groups_the_same('SELECT customer_id::text AS k, purchase_history(day, amount) FROM sales GROUP BY k', 'text');
SELECT groups_the_same('SELECT repeat(md5(customer_id::text), 5) AS k, purchase_history(day, amount) FROM sales GROUP BY k', 'text of 160 bytes');
SELECT groups_the_same('SELECT customer_id::text::name AS k, purchase_history(day, amount) FROM sales GROUP BY k', 'name');
SELECT groups_the_same('SELECT md5(customer_id::text)::uuid AS k, purchase_history(day, amount) FROM sales GROUP BY k', 'uuid');
SELECT groups_the_same('SELECT customer_id * interval ''1 s'' AS k, purchase_history(day, amount) FROM sales GROUP BY k', 'interval');
SELECT groups_the_same('SELECT ARRAY[customer_id, n % 2] AS k, purchase_history(day, amount) FROM sales GROUP BY k', 'array');
SELECT groups_the_same('SELECT customer_id % 9000 AS a, nullif((n % 3)::int2, 1) AS b, n % 2 = 0 AS c, purchase_history(day, amount)
						FROM sales GROUP BY a, b, c', 'several columns');
CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SELECT groups_the_same('SELECT upper(min(k)), purchase_history(day, amount)
						FROM (SELECT CASE WHEN n % 2 = 0 THEN ''a'' ELSE ''A'' END || customer_id::text COLLATE ignoring_case AS k, day, amount FROM sales) AS s
						GROUP BY k', 'text that is equal without being the same');
SELECT groups_the_same('SELECT customer_id, upper(min(k)), purchase_history(day, amount)
						FROM (SELECT customer_id, CASE WHEN n % 7 < 3 THEN ''a'' ELSE ''A'' END COLLATE ignoring_case AS k, day, amount FROM sales) AS s
						GROUP BY customer_id, k', 'the same among others with its hash');

-- what comes with them

SELECT groups_the_same('SELECT customer_id, purchase_history(day, amount, CASE WHEN n % 3 = 0 THEN amount END, amount + 1, n), min(n), sum(amount),
						array_agg(n ORDER BY n), count(DISTINCT day) FROM sales GROUP BY customer_id',
						'all tracks, nulls, aggregates that want an order or distinct values');
SELECT groups_the_same('SELECT customer_id, purchase_history(day, amount) FILTER (WHERE n % 5 <> 0) FROM sales GROUP BY customer_id HAVING count(*) > 3',
					   'FILTER and HAVING');
SELECT groups_the_same('SELECT customer_id, max(long), purchase_history(day, amount) FROM (SELECT customer_id, day, amount,
						CASE WHEN n % 1000 = 0 THEN repeat(''x'', 20000) ELSE n::text END AS long FROM sales) AS s GROUP BY customer_id',
					   'rows longer than a chunk of memory');
SELECT groups_the_same('SELECT c.customer_id, merge(h) FROM (SELECT customer_id, n % 3 AS third, purchase_history(day, amount) AS h
						FROM sales GROUP BY 1, 2) AS c GROUP BY c.customer_id', 'merge, over histories that were grouped alike');
CREATE TABLE toasted AS
SELECT customer_id, day, amount, CASE WHEN n % 100 = 0 THEN (SELECT string_agg(md5((n * i)::text), '') FROM generate_series(1, 200) AS i) END AS note FROM sales;
ANALYZE toasted;
SELECT groups_the_same('SELECT customer_id, purchase_history(day, amount), md5(string_agg(note, '''' ORDER BY note)) FROM toasted GROUP BY customer_id',
					   'values that are stored out of line');
SELECT groups_the_same('SELECT customer_id, k, purchase_history(day, amount) FROM (SELECT customer_id, array_append(ARRAY[customer_id], n % 2) AS k, day, amount FROM sales OFFSET 0) AS s
						GROUP BY customer_id, k',
					   'arrays that are not flat yet');

SELECT is_empty(:'disorder', 'rows of a group stay in the order in which they came');

-- little memory

SET work_mem = '64kB';
SELECT is_empty(:'disorder', 'in files as well');
SELECT groups_the_same(:'history', 'in files');
SELECT ok(kilobytes(:'history', 'Disk Usage') > 1000, 'which the plan says');
SELECT ok(kilobytes(:'history', 'Memory Usage') < 400, 'and little memory');
SELECT ok(8 * temp[1]::bigint >= kilobytes(:'history', 'Disk Usage') AND 8 * temp[2]::bigint - kilobytes(:'history', 'Disk Usage') BETWEEN 0 AND 800,
		  'whose blocks BUFFERS counts')
FROM regexp_match(plan_of(:'history', 'BUFFERS'), 'temp read=(\d+) written=(\d+)') AS temp;
SET temp_file_limit = '500kB';
SELECT throws_ok(:'history', '53400', NULL, 'and temp_file_limit bounds');
RESET temp_file_limit;
SELECT groups_the_same('SELECT customer_id, max(long), purchase_history(day, amount) FROM (SELECT customer_id, day, amount,
						CASE WHEN n % 1000 = 0 THEN repeat(''x'', 20000) ELSE n::text END AS long FROM sales) AS s GROUP BY customer_id',
					   'long rows in files');

-- customers larger than the memory, two of them with one hash: handed on as they are read
CREATE TABLE skewed AS
SELECT customer_id, day, amount FROM sales
UNION ALL
SELECT CASE WHEN n % 2 = 0 THEN 4 ELSE 4294967296 | 5 END, date '2024-01-01' + n % 700, n % 100 FROM generate_series(1, 200000) AS n;
ALTER TABLE skewed ALTER customer_id SET (n_distinct = 15001);
ANALYZE skewed;
SELECT groups_the_same('SELECT customer_id, purchase_history(day, amount), count(*) FROM skewed GROUP BY customer_id',
					   'groups larger than the memory, of the same hash');
RESET work_mem;
SELECT groups_the_same('SELECT customer_id, purchase_history(day, amount), count(*) FROM skewed GROUP BY customer_id', 'the same with memory');

-- a hundred customers of one hash, together larger than the memory: one after the other, and no file outlives its use
CREATE TABLE alike AS
SELECT k::bigint << 32 | k AS customer_id, date '2024-01-01' + n % 700 AS day, (n % 100)::numeric AS amount
FROM generate_series(1, 100) AS k (k), generate_series(1, 1000) AS n
UNION ALL SELECT k::bigint << 32, date '2024-01-01', 1 FROM generate_series(1, 12000) AS k (k);
ALTER TABLE alike ALTER customer_id SET (n_distinct = 12100);
ANALYZE alike;
SET work_mem = '64kB';
SET temp_file_limit = '20MB';
SELECT groups_the_same('SELECT customer_id, purchase_history(day, amount) FROM alike GROUP BY customer_id', 'a hundred customers of one hash');
RESET temp_file_limit;
RESET work_mem;

-- a planner that expects a hundredth of the rows: parts are parted again
CREATE TABLE customers AS SELECT g AS customer_id FROM generate_series(1, 12000) AS g;
ANALYZE customers;
CREATE FUNCTION sales_of(customer int) RETURNS TABLE (day date, amount numeric) LANGUAGE plpgsql ROWS 1 AS
$$ BEGIN RETURN QUERY SELECT date '2024-01-01' + g * customer % 700, (g % 1000)::numeric FROM generate_series(1, 100) AS g; END $$;
SET work_mem = '64kB';
SELECT groups_the_same('SELECT customer_id, purchase_history(day, amount), count(*) FROM customers CROSS JOIN LATERAL sales_of(customer_id) GROUP BY customer_id',
					   'a hundred times the rows that were expected');
RESET work_mem;

-- expressions that are equal, but not the same
SELECT ok(plan_of('SELECT random() AS a, random() AS b, customer_id, purchase_history(day, amount) FROM sales GROUP BY a, b, customer_id')
		  NOT LIKE '%Group Rows%', 'volatile columns are left to the server');

-- run again and again, and not to the end

SELECT groups_the_same('SELECT t, (SELECT count(h) FROM (SELECT customer_id, purchase_history(day, amount) AS h FROM sales WHERE n > t GROUP BY customer_id) AS s)
						FROM generate_series(0, 80000, 40000) AS t', 'with another parameter each time');
SELECT groups_the_same('SELECT t, h FROM generate_series(1, 3) AS t CROSS JOIN LATERAL
						(SELECT purchase_history(day, amount) AS h, customer_id FROM sales WHERE t > 0 GROUP BY customer_id ORDER BY customer_id LIMIT 5) AS s',
					   'under LIMIT, again and again');
BEGIN;
DECLARE half_read CURSOR FOR SELECT customer_id, purchase_history(day, amount) FROM sales GROUP BY customer_id;
MOVE 100 FROM half_read;
SELECT is((SELECT count(*) FROM (:history) AS s), (SELECT count(DISTINCT customer_id) FROM sales), 'while a cursor is in the middle of one');
COMMIT;
PREPARE of_day(date) AS SELECT count(*) FROM (SELECT customer_id, purchase_history(day, amount) AS h FROM sales WHERE day >= $1 GROUP BY customer_id) AS s;
SET plan_cache_mode = force_generic_plan;
SELECT results_eq($$EXECUTE of_day('2024-06-01')$$, $$SELECT count(DISTINCT customer_id) FROM sales WHERE day >= '2024-06-01'$$, 'as a prepared plan');
RESET plan_cache_mode;
SELECT is_empty($$SELECT customer_id, purchase_history(day, amount) FROM (SELECT * FROM sales WHERE n + 0 > amount * 0 + 1000000 OFFSET 0) AS s GROUP BY customer_id$$,
				'without a row');

-- errors in the middle leave nothing behind
SELECT throws_ok('SELECT customer_id, purchase_history(day, amount + 1 / (n - 89000)) FROM sales GROUP BY customer_id', '22012', NULL, 'an error of the input is an error');
SELECT throws_ok('SELECT customer_id, purchase_history(day, CASE WHEN n = 5 THEN ''NaN'' ELSE amount END) FROM sales GROUP BY customer_id', '22003', NULL,
				 'and so is one of the aggregate');

-- in parallel

SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER TABLE sales SET (parallel_workers = 2);
ALTER TABLE skewed SET (parallel_workers = 2);
SELECT ok(plan_of(:'history') LIKE '%Gather%GroupAggregate%Parallel Custom Scan (Group Rows)%Parallel Seq Scan%', 'every participant makes whole groups');
SELECT groups_the_same(:'history', 'in parallel');
SELECT ok(kilobytes(:'history', 'Disk Usage') > 1000, 'where rows change hands in files');
SET temp_file_limit = '100kB';
SELECT throws_ok(:'history', '53400', NULL, 'which temp_file_limit bounds, too');
RESET temp_file_limit;
SELECT groups_the_same(:'history', 'in parallel, after an error');
SELECT groups_the_same('SELECT t, (SELECT sum(orders(h)) FROM (SELECT customer_id, purchase_history(day, amount) AS h FROM sales GROUP BY customer_id
						HAVING min(n) > t) AS s) FROM generate_series(0, 2) AS t', 'in parallel, with another parameter each time');
CREATE TABLE parted (LIKE sales) PARTITION BY HASH (customer_id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted TABLE sales;
CREATE INDEX ON parted (customer_id) INCLUDE (day, amount);
VACUUM ANALYZE parted;
ALTER TABLE parted_0 SET (parallel_workers = 1);
ALTER TABLE parted_1 SET (parallel_workers = 1);
SET enable_partitionwise_aggregate = on;
SELECT results_eq('SELECT count(*), sum(orders(h))::bigint FROM (SELECT customer_id, purchase_history(day, amount) AS h FROM parted GROUP BY customer_id OFFSET 0) AS s',
				  'SELECT count(DISTINCT customer_id), count(*) FILTER (WHERE amount >= 0) FROM sales', 'beside partitions that are grouped on their own');
RESET enable_partitionwise_aggregate;
SET work_mem = '64kB';
SELECT groups_the_same('SELECT customer_id, purchase_history(day, amount), count(*) FROM skewed GROUP BY customer_id', 'in parallel, in files');
SELECT groups_the_same('SELECT customer_id, max(long), purchase_history(day, amount) FROM (SELECT customer_id, day, amount,
						CASE WHEN n % 1000 = 0 THEN repeat(''x'', 20000) ELSE n::text END AS long FROM sales) AS s GROUP BY customer_id',
					   'in parallel, long rows in files');
SET parallel_leader_participation = off;
SELECT groups_the_same(:'history', 'in parallel, the leader looking on');

SELECT * FROM finish();
