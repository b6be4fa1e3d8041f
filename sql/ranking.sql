-- Normalising, weights, TOPSIS and concentration: examples, ties, NULLs, limits, any order and plan, bad input.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA ranking_test;
RESET client_min_messages;
SET search_path = ranking_test, customer_value, public;
SET extra_float_digits = 0;

-- By hand: n = 4, mean 2.5, variance 2.25. NULL stays NULL and does not count; ties share.
SELECT x, midrank_percentile(x) OVER (ORDER BY x) AS percentile, midrank_percentile(x, worse => true) OVER (ORDER BY x) AS worse,
	midrank_percentile(x) OVER (ORDER BY x DESC NULLS LAST) AS descending, midrank_percentile(x, true) OVER (ORDER BY x DESC) AS descending_worse,
	min_max(x) OVER () AS min_max, min_max(x, true) OVER () AS min_max_worse, round((z_score(x) OVER ())::numeric, 10) AS z, round((z_score(x, true) OVER ())::numeric, 10) AS z_worse
FROM (VALUES (2), (1), (NULL), (5), (2)) AS t (x) ORDER BY x;
SELECT x, round((normal_score(x) OVER ())::numeric, 10) AS normal, round((normal_score(x, true) OVER ())::numeric, 10) AS worse,
	round((logistic_score(x) OVER ())::numeric, 10) AS logistic, round((logistic_score(x, true) OVER ())::numeric, 10) AS worse
FROM (VALUES (2), (1), (NULL), (5), (2)) AS t (x) ORDER BY x;

-- A z-score is cut off at 3 after mean and standard deviation were taken; the two that follow from it are not.
SELECT z_score(x) OVER () AS z, round((normal_score(x) OVER ())::numeric, 10) AS normal, round((logistic_score(x) OVER ())::numeric, 10) AS logistic
FROM (SELECT CASE WHEN i = 1 THEN 100 ELSE 0 END AS x FROM generate_series(1, 17) AS i) AS t ORDER BY 1 DESC LIMIT 1;

-- One row, one value, NULLs alone, nothing; never NaN.
SELECT midrank_percentile(x) OVER w AS percentile, min_max(x) OVER w, z_score(x) OVER w, normal_score(x) OVER w, logistic_score(x) OVER w
FROM (VALUES (7.1)) AS t (x) WINDOW w AS (ORDER BY x);
SELECT midrank_percentile(x) OVER w AS percentile, min_max(x) OVER w, z_score(x) OVER w, normal_score(x) OVER w, logistic_score(x) OVER w
FROM (VALUES (0.1), (0.1), (NULL), (0.1)) AS t (x) WINDOW w AS (ORDER BY x);
SELECT midrank_percentile(x) OVER w AS percentile, min_max(x) OVER w, z_score(x) OVER w, topsis(ARRAY[x]) OVER w
FROM (VALUES (NULL::float8), (NULL)) AS t (x) WINDOW w AS (ORDER BY x);
SELECT min_max(x) OVER () FROM (SELECT 1.0 AS x) AS t WHERE false;
SELECT min_max(x, NULL) OVER () FROM (VALUES (1), (2)) AS t (x);
-- a row that says no direction has no rank, but counts in those of the others
SELECT x, worse, midrank_percentile(x, worse) OVER (ORDER BY x) AS percentile
FROM (VALUES (1, NULL), (2, false), (2, NULL), (3, NULL), (4, true)) AS t (x, worse);

-- A partition by itself; a tie-breaker in ORDER BY splits no tie.
SELECT g, x, midrank_percentile(x) OVER (PARTITION BY g ORDER BY x, id) AS percentile, min_max(x) OVER (PARTITION BY g) AS min_max
FROM (VALUES (1, 'a', 1), (2, 'a', 1), (3, 'a', 2), (4, 'b', 5), (5, 'b', 7), (6, 'b', NULL)) AS t (id, g, x) ORDER BY g, x, id;

-- Hwang and Yoon (1981), the choice of a fighter aircraft: closeness .643, .268, .613 (.6135), .312.
CREATE TABLE fighter (name text, criteria float8[]);
INSERT INTO fighter VALUES ('A1', '{2.0,1500,20000,5.5,5,9}'), ('A2', '{2.5,2700,18000,6.5,3,5}'), ('A3', '{1.8,2000,21000,4.5,7,7}'), ('A4', '{2.2,1800,20000,5.0,5,5}');
SELECT name, round((topsis(criteria, '{.2,.1,.1,.1,.2,.3}', '{f,f,f,t,f,f}') OVER ())::numeric, 3) AS closeness FROM fighter ORDER BY name;
-- only proportions of the weights count; no weights are equal ones
SELECT name, topsis(criteria, '{2,1,1,1,2,3}', '{f,f,f,t,f,f}') OVER () = topsis(criteria, '{.2,.1,.1,.1,.2,.3}', '{f,f,f,t,f,f}') OVER () AS proportions,
	topsis(criteria) OVER () = topsis(criteria, '{7,7,7,7,7,7}', '{f,f,f,f,f,f}') OVER () AS equal FROM fighter ORDER BY name;
-- theirs by entropy: .0649 .2055 .0133 .0829 .3570 .2764, from rounded parts
SELECT array_agg(round(w::numeric, 3)) AS entropy FROM (SELECT entropy_weights(criteria) AS weights FROM fighter) AS e, unnest(weights) AS w;

-- A row with a NULL criterion is left out; a constant criterion says nothing; one row, equal rows.
SELECT i, topsis(c) OVER () FROM (VALUES (1, '{1,5}'::float8[]), (2, '{3,5}'), (3, '{2,5}'), (4, '{1000,NULL}'), (5, NULL)) AS t (i, c) ORDER BY i;
SELECT topsis(ARRAY[7, 0]) OVER () FROM generate_series(1, 2);
SELECT topsis(ARRAY[1, 2]) OVER (PARTITION BY i) FROM generate_series(1, 2) AS i;

-- Weights and directions of a partition, from a column.
SELECT g, i, topsis(ARRAY[i, -i], w, d) OVER (PARTITION BY g) FROM generate_series(1, 2) AS i, (VALUES (1, '{1,0}'::float8[], '{f,f}'::boolean[]), (2, '{0,1}', '{f,f}'), (3, '{0,1}', '{f,t}')) AS t (g, w, d) ORDER BY g, i;

-- Diakoulaki, Mavrotas and Papayannakis (1995), eight companies by profitability, market share, productivity: .20, .48, .32.
CREATE TABLE company (criteria float8[]);
INSERT INTO company VALUES ('{61,1.08,4.33}'), ('{20.7,0.26,4.34}'), ('{16.3,1.98,2.53}'), ('{9,3.29,1.65}'), ('{5.4,2.77,2.33}'), ('{4,4.12,1.21}'), ('{-6.1,3.52,2.10}'), ('{-34.6,3.31,0.98}');
SELECT array_agg(round(w::numeric, 8)) AS critic FROM (SELECT critic_weights(criteria) AS weights FROM company) AS e, unnest(weights) AS w;
SELECT critic_weights(criteria, '{f,t,f}') = critic_weights(ARRAY[criteria[1], -criteria[2], criteria[3]]) AS turned,
	critic_weights(criteria, '{f,f,f}') = critic_weights(criteria) AS same, critic_weights(criteria, NULL) = critic_weights(criteria) AS no_direction FROM company;
SELECT entropy_weights(c) AS entropy, critic_weights(c) AS critic FROM (VALUES ('{1,7}'::float8[]), ('{2,7}'), ('{4,7}'), ('{NULL,8}'), (NULL)) AS t (c);
SELECT entropy_weights(c) AS entropy, critic_weights(c) AS critic FROM (VALUES ('{1,7}'::float8[]), ('{1,7}')) AS t (c);
SELECT entropy_weights(c) AS entropy, critic_weights(c) AS critic FROM (VALUES ('{1,0}'::float8[])) AS t (c);
SELECT entropy_weights(c) AS entropy, critic_weights(c) AS critic FROM (VALUES ('{1,NULL}'::float8[])) AS t (c);

-- Saaty (1990), a house: lambda_max 9.669, ratio .169, so it is refused unless asked for.
CREATE TABLE house AS SELECT ARRAY[[1,5,3,7,6,6,1/3.0,1/4.0], [1/5.0,1,1/3.0,5,3,3,1/5.0,1/7.0], [1/3.0,3,1,6,3,4,6,1/5.0], [1/7.0,1/5.0,1/6.0,1,1/3.0,1/4.0,1/7.0,1/8.0],
	[1/6.0,1/3.0,1/3.0,3,1,1/2.0,1/5.0,1/6.0], [1/6.0,1/3.0,1/4.0,4,2,1,1/5.0,1/6.0], [3,5,1/6.0,7,5,5,1,1/2.0], [4,7,5,8,6,6,2,1]]::float8[] AS matrix;
SELECT array_agg(round(w::numeric, 3)) AS weights, round(lambda_max::numeric, 3) AS lambda_max, round(consistency_index::numeric, 3) AS index, round(consistency_ratio::numeric, 3) AS ratio,
	worst_triad, round(triad_inconsistency::numeric, 4) AS inconsistency
FROM house, ahp_weights(matrix, NULL) AS a, unnest(a.weights) AS w GROUP BY a.*, lambda_max, consistency_index, consistency_ratio, worst_triad, triad_inconsistency;
SELECT ahp_weights(matrix) FROM house;
SELECT (ahp_weights(matrix, 0.2)).weights IS NOT NULL AS allowed FROM house;
-- Saaty (2008), drinks: .177 .019 .042 .116 .190 .129 .327, ratio .022
SELECT (SELECT array_agg(round(w::numeric, 3)) FROM unnest(weights) AS w) AS weights, round(consistency_ratio::numeric, 3) AS ratio
FROM ahp_weights(ARRAY[[1,9,5,2,1,1,1/2.0], [1/9.0,1,1/3.0,1/9.0,1/9.0,1/9.0,1/9.0], [1/5.0,3,1,1/3.0,1/4.0,1/3.0,1/9.0], [1/2.0,9,3,1,1/2.0,1,1/3.0],
	[1,9,4,2,1,2,1/2.0], [1,9,3,1,1/2.0,1,1/3.0], [2,9,9,3,2,3,1]]);
SELECT * FROM ahp_weights('{{1}}');
SELECT weights, consistency_ratio, worst_triad FROM ahp_weights('{{1,4},{0.25,1}}');
SELECT ahp_weights(NULL) IS NULL AS null;

-- The incomes of the manual of the R package ineq: Gini 0.4620911.
SELECT round(gini(x)::numeric, 7) AS gini, round(concentration(x, 0.2)::numeric, 10) AS top_fifth, round(concentration(x, 0.15)::numeric, 10) AS top_15,
	concentration(x, 0) AS none, concentration(x, 1) AS "all", concentration(x, NULL) AS unknown
FROM unnest('{541,1463,2445,3438,4437,5401,6392,8304,11904,22261}'::float8[]) AS x;
SELECT p.customers, round(p.value::numeric, 10) AS value FROM (SELECT lorenz(x, 4) AS curve FROM unnest('{1,2,3,4,10}'::float8[]) AS x) AS l, unnest(curve) AS p;
SELECT array_length(lorenz(x), 1) AS points, lorenz(x) = lorenz(x, 100) AS same FROM unnest('{1,2,3,4,10}'::float8[]) AS x;
-- equal, one, all zero, nothing, NULLs, losses
SELECT name, gini(x), concentration(x, 0.5) AS top_half, lorenz(x, 2) FROM (VALUES ('equal', '{5,5,5,5}'::float8[]), ('ties at the border', '{1,3,3,3}'), ('one', '{7}'), ('zero', '{0,0}'),
	('nulls', '{NULL,1,NULL,3}'), ('nothing', '{NULL}'), ('losses', '{-5,5,10,0}'), ('loss on the whole', '{-5,2}')) AS t (name, v), unnest(v) AS x GROUP BY name ORDER BY name;
SELECT gini(x), concentration(x, 0.5), lorenz(x) FROM (SELECT 1.0 AS x) AS t WHERE false;

-- Beyond work_mem the sort goes to disk and the percentile takes no notes, and nothing changes. By hand: the Gini coefficient of 1..n is (n - 1) / (3 n).
CREATE TABLE many AS SELECT (i * 7919::bigint) % 100003 AS x FROM generate_series(1, 100002) AS i;
CREATE TABLE in_memory AS SELECT gini(x), concentration(x, 0.1) AS top, lorenz(x) AS curve FROM many;
SET work_mem = '64kB';
SELECT gini(x) = (SELECT gini FROM in_memory) AS gini, concentration(x, 0.1) = (SELECT top FROM in_memory) AS top, lorenz(x) = (SELECT curve FROM in_memory) AS curve,
	abs(gini(x) - 100001 / (3 * 100002.0)) < 1e-15 AS by_hand FROM many;
SELECT count(*), max(abs(p - (x - 0.5) / 100002)) < 1e-15 AS exact FROM (SELECT x, midrank_percentile(x) OVER (ORDER BY x) AS p FROM many) AS t;
SELECT max(abs(p - (1 - (x - 0.5) / 100002))) < 1e-15 AS worse FROM (SELECT x, midrank_percentile(x, true) OVER (ORDER BY x DESC) AS p FROM many) AS t;
-- pairs of equal values, half of the rows NULL, against rank()
SELECT count(p), max(abs(p - q)) < 1e-15 AS same FROM (SELECT midrank_percentile(y) OVER (ORDER BY y) AS p, (rank() OVER (ORDER BY y) - 1 + count(*) OVER (PARTITION BY y) / 2.0) / count(y) OVER () AS q
	FROM (SELECT CASE WHEN x % 2 = 0 THEN x / 4 END AS y FROM many) AS t) AS t;
RESET work_mem;

-- A million ties.
SELECT min(p), max(p), min(z), max(z), min(m), max(m), min(t), max(t) FROM (SELECT midrank_percentile(x) OVER (ORDER BY x) AS p, z_score(x) OVER () AS z, min_max(x) OVER () AS m,
	topsis(ARRAY[x, x]) OVER () AS t FROM (SELECT 0.1::float8 AS x FROM generate_series(1, 1000000)) AS s) AS s;
SELECT gini(x), concentration(x, 0.25) FROM (SELECT 0.1::float8 AS x FROM generate_series(1, 1000000)) AS s;

-- No unit changes a rank, no order of the rows and no plan a bit.
CREATE TABLE customers AS SELECT i AS id, exp(sin(i) * 5) AS a, (i * 31 % 7)::float8 AS b, abs(cos(i * i)) * 1e6 AS c, (i % 10)::float8 AS d FROM generate_series(1, 5000) AS i;
CREATE VIEW scores AS SELECT id, topsis(ARRAY[a, b, c, d], '{1,2,3,4}', '{f,t,f,f}') OVER () AS t FROM customers;
SELECT count(*) FROM (SELECT id, rank() OVER (ORDER BY t) AS r FROM scores) AS s
JOIN (SELECT id, rank() OVER (ORDER BY t) AS r FROM (SELECT id, topsis(ARRAY[a / 0.9, b * 100, c / 1.0837, d * 1e-3], '{1,2,3,4}', '{f,t,f,f}') OVER () AS t FROM customers) AS s) AS other USING (id, r);
SELECT count(*) FROM scores JOIN (SELECT id, topsis(ARRAY[a, b, c, d], '{1,2,3,4}', '{f,t,f,f}') OVER (ORDER BY sin(id) ROWS UNBOUNDED PRECEDING) AS t FROM customers) AS other USING (id, t);
-- nobody who is nowhere worse and somewhere better stands lower
SELECT count(*) > 1000 AS dominated, bool_and(x.t >= y.t) AS kept FROM (SELECT * FROM customers JOIN scores USING (id) WHERE id <= 500) AS x,
	(SELECT * FROM customers JOIN scores USING (id) WHERE id <= 500) AS y WHERE x.a >= y.a AND x.b <= y.b AND x.c >= y.c AND x.d >= y.d AND x.id <> y.id;
CREATE TABLE weights AS SELECT 'as they come' AS plan, entropy_weights(ARRAY[a, b, c, d]) AS e, critic_weights(ARRAY[a, b, c, d], '{f,t,f,f}') AS k FROM customers
UNION ALL SELECT 'ordered', entropy_weights(ARRAY[a, b, c, d] ORDER BY c), critic_weights(ARRAY[a, b, c, d], '{f,t,f,f}' ORDER BY sin(id)) FROM customers;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS off) SELECT entropy_weights(ARRAY[a, b, c, d]), critic_weights(ARRAY[a, b, c, d], '{f,t,f,f}') FROM customers;
CREATE TABLE parallel AS SELECT 'parallel', entropy_weights(ARRAY[a, b, c, d]), critic_weights(ARRAY[a, b, c, d], '{f,t,f,f}') FROM customers;
INSERT INTO weights SELECT * FROM parallel;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
SELECT count(*), count(DISTINCT e::text) AS entropy, count(DISTINCT k::text) AS critic FROM weights;
SELECT abs(sum(e) - 1) < 1e-15 AS entropy, abs(sum(k) - 1) < 1e-15 AS critic FROM (SELECT unnest(e) AS e, unnest(k) AS k FROM weights WHERE plan = 'parallel') AS w;

-- Bad input.
SELECT midrank_percentile(x) OVER () FROM (VALUES (1), (3), (2)) AS t (x);
SELECT min_max(x) OVER () FROM (VALUES (1::float8), ('NaN')) AS t (x);
SELECT topsis(c) OVER () FROM (VALUES ('{1,2}'::float8[]), ('{1}')) AS t (c);
SELECT topsis(c, '{1,-1}') OVER () FROM (VALUES ('{1,2}'::float8[])) AS t (c);
SELECT topsis(c, '{1,0.5,2}') OVER () FROM (VALUES ('{1,2}'::float8[])) AS t (c);
SELECT topsis(c, NULL, '{t}') OVER () FROM (VALUES ('{1,2}'::float8[])) AS t (c);
SELECT entropy_weights(c) FROM (VALUES ('{1,-2}'::float8[])) AS t (c);
SELECT critic_weights(c, w) FROM (VALUES ('{1,2}'::float8[], '{t,f}'::boolean[]), ('{1,2}', '{f,f}')) AS t (c, w);
SELECT ahp_weights('{{1,9,0.2},{0.111,1,2},{5,0.5,1}}');
SELECT ahp_weights('{{1,2},{3,1}}');
SELECT ahp_weights('{{1,-2},{-0.5,1}}');
SELECT ahp_weights('{{1,2,3},{0.5,1,2}}');
SELECT concentration(x, 20) FROM (VALUES (1)) AS t (x);
\set VERBOSITY terse
SELECT midrank_percentile(x) OVER (ORDER BY x) FROM (VALUES (1::float8), ('infinity')) AS t (x);
SELECT z_score(x) OVER () FROM (VALUES (1::float8), ('-infinity')) AS t (x);
SELECT topsis(c) OVER () FROM (VALUES ('{1,NaN}'::float8[])) AS t (c);
SELECT topsis(c) OVER () FROM (VALUES ('{}'::float8[])) AS t (c);
SELECT topsis(c) OVER () FROM (VALUES (array_fill(1::float8, '{65}'))) AS t (c);
SELECT topsis(c) OVER () FROM (VALUES ('{{1,2}}'::float8[])) AS t (c);
SELECT topsis(c, '{0,0}') OVER () FROM (VALUES ('{1,2}'::float8[])) AS t (c);
SELECT topsis(c, '{1,NaN}') OVER () FROM (VALUES ('{1,2}'::float8[])) AS t (c);
SELECT topsis(c, '{1,NULL}') OVER () FROM (VALUES ('{1,2}'::float8[])) AS t (c);
SELECT topsis(c, NULL, '{t,NULL}') OVER () FROM (VALUES ('{1,2}'::float8[])) AS t (c);
SELECT topsis(c, w) OVER () FROM (VALUES ('{1,2}'::float8[], '{1,1}'::float8[]), ('{1,2}', '{1,2}')) AS t (c, w);
SELECT topsis(c, NULL, w) OVER () FROM (VALUES ('{1,2}'::float8[], '{t,t}'::boolean[]), ('{1,2}', '{t,f}')) AS t (c, w);
SELECT entropy_weights(c) FROM (VALUES ('{1,2}'::float8[]), ('{1}')) AS t (c);
SELECT entropy_weights(c) FROM (VALUES ('{1,Infinity}'::float8[])) AS t (c);
SELECT critic_weights(c, '{t}') FROM (VALUES ('{1,2}'::float8[])) AS t (c);
SELECT ahp_weights('{{1,NULL},{2,1}}');
SELECT ahp_weights('{{2,2},{0.5,1}}');
SELECT ahp_weights('{1,2}');
SELECT ahp_weights('{}');
SELECT ahp_weights(array_fill(1::float8, '{16,16}'));
SELECT ahp_weights('{{1}}', -1);
SELECT gini(x) FROM (VALUES (1::float8), ('NaN')) AS t (x);
SELECT concentration(x, x / 10.0) FROM (VALUES (1), (2)) AS t (x);
SELECT lorenz(x, 0) FROM (VALUES (1)) AS t (x);
SELECT lorenz(x, 10001) FROM (VALUES (1)) AS t (x);
SELECT gini(x) OVER () FROM (VALUES (1)) AS t (x);

SET client_min_messages = warning;
DROP SCHEMA ranking_test CASCADE;
RESET search_path;
RESET extra_float_digits;
