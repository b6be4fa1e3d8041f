-- The type value_vector: text, geometry with unknown axes, order, and aggregates that no plan shows in.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA vector_test;
RESET client_min_messages;
SET search_path = vector_test, customer_value, public;
SET extra_float_digits = 0;

-- Text: the fewest digits that read back, whatever extra_float_digits; nothing for an unknown axis; no -0.
SELECT v::value_vector FROM (VALUES ('(0.2,,0.9)'), (' ( 1 , , -2e3 ) '), ('()'), ('(,)'), ('(-0,1e-320,0.1)'), ('(0.30000000000000004)')) AS t (v);
SELECT '(0.1,,1e300)'::value_vector::text::value_vector = value_vector(0.1, NULL, 1e300) AS same;
SELECT '(1,2'::value_vector;
SELECT '(1,x)'::value_vector;
SELECT '(1,2) 3'::value_vector;
\set VERBOSITY terse
SELECT ''::value_vector;
SELECT '(NaN)'::value_vector;
SELECT '(inf)'::value_vector;
SELECT '(1e999)'::value_vector;
SELECT '(0x10)'::value_vector;
SELECT ('(' || repeat(',', 64) || ')')::value_vector;
SELECT axes(('(' || repeat(',', 63) || ')')::value_vector);

-- Making one.
SELECT value_vector(1, NULL, -0.0), value_vector(VARIADIC ARRAY[1, 2, NULL]::float8[]), '{1,NULL}'::float8[]::value_vector,
	'(1,,3)'::value_vector::float8[] AS array, '[5:6]={1,2}'::float8[]::value_vector AS lower_bound;
SELECT value_vector(VARIADIC '{}'::float8[]);
SELECT value_vector(VARIADIC '{{1,2},{3,4}}'::float8[]);
SELECT value_vector(VARIADIC array_fill(0::float8, '{65}'));
SELECT value_vector(1, 'NaN');
SELECT value_vector('infinity'::float8);
SELECT value_vector(VARIADIC NULL) IS NULL AS null;
CREATE TABLE v (id int, v value_vector);
INSERT INTO v VALUES (1, '{0.1,0.2,0.3}'::float8[]), (2, '(0.5,,0.9)'), (3, '(,,)'), (4, NULL), (5, '(0.1,0.2,)'), (6, '(0.5,-1,0.9)');

-- Reading.
SELECT id, v, axis(v, 1), axis(v, 2), axes(v), axes_known(v), dominant_axis(v) FROM v ORDER BY id;
SELECT axis(v, 0) FROM v WHERE id = 1;
SELECT axis(v, 4) FROM v WHERE id = 1;
\set VERBOSITY default

-- Lengths: an unknown axis is left out, it is no 0. By hand: 3, 4 give 5 and sqrt(12.5).
SELECT round(magnitude('(3,,4)')::numeric, 10) AS magnitude, euclidean_norm('(3,,4)') AS norm, round(magnitude('(3,0,4)')::numeric, 10) AS with_zero,
	direction_cosines('(3,,4)') AS cosines, magnitude('(,)') AS unknown, direction_cosines('(0,)') AS no_direction, magnitude('(0,)') AS zero;
SELECT round(degrees(angle('(1,0,5)', '(1,1,)'))::numeric, 10) AS angle, angle('(1,2)', '(2,4)') AS same, round(degrees(angle('(1,2)', '(-1,-2)'))::numeric, 10) AS opposite,
	angle('(1,)', '(,1)') AS nothing_shared, angle('(0,1)', '(1,)') AS zero_there,
	round(distance('(1,1,7)', '(4,5,)')::numeric, 10) AS distance, distance('(1,)', '(,1)') AS none_shared,
	distance('(1,2,)', '(4,6,1)') = magnitude('(1,2,)'::value_vector - '(4,6,1)') AS magnitude_of_difference;
SELECT euclidean_norm('(1.7e308,1.7e308)');
SELECT distance('(1.7e308)', '(-1.7e308)');
SELECT angle('(1,2)', '(1,2,3)');

-- Arithmetic.
SELECT value_vector(1, 2, NULL) + value_vector(10, NULL, 30) AS sum, value_vector(1, 2) - value_vector(1, 3) AS difference,
	value_vector(1, NULL, -2) * -2 AS times, 0.5 * value_vector(1, 3) AS half;
SELECT value_vector(1) + value_vector(1, 2);
SELECT value_vector(1e308) * 10;
SELECT value_vector(1) * 'NaN'::float8;
SELECT value_vector(1.5e308) + value_vector(1.5e308);

-- Order: axis by axis, unknown last, then the shorter one first; equal vectors meet in joins, groups and indexes.
SELECT v FROM (VALUES ('(1,2)'::value_vector), ('(,1)'), ('(1,)'), ('(1)'), ('(1,2,3)'), ('(0.5,9)'), ('(-1,)')) AS t (v) ORDER BY v;
SELECT '(1,2)'::value_vector = '(1,2)' AS eq, '(1,2)'::value_vector <> '(1,)' AS ne, '(1,2)'::value_vector < '(1,)' AS lt, '(1,2)'::value_vector <= '(1,2)' AS le,
	'(2)'::value_vector > '(1,5)' AS gt, '(1)'::value_vector >= '(1,0)' AS ge;
CREATE TABLE big AS SELECT i, value_vector(i % 100, CASE WHEN i % 3 > 0 THEN i % 7 END) AS v FROM generate_series(1, 5000) AS i;
CREATE INDEX ON big (v);
ANALYZE big;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS off) SELECT count(*) FROM big WHERE v = '(5,)';
SELECT count(*) FROM big WHERE v = '(5,)';
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT count(*) AS hashed FROM (SELECT v FROM big GROUP BY v) AS g;
SET enable_hashagg = off;
SELECT count(*) AS sorted FROM (SELECT v FROM big GROUP BY v) AS g;
RESET enable_hashagg;

-- Binary form: lossless, and nothing but canonical bytes is taken; through COPY, the only way to the receive function.
CREATE FUNCTION pg_temp.receive(body bytea) RETURNS value_vector LANGUAGE plpgsql AS $$
DECLARE
	message bytea := '\x5047434f50590aff0d0a00' || int4send(0) || int4send(0) ||
		int2send(1::int2) || int4send(length(body)) || body || int2send((-1)::int2);
	octal text;
	result customer_value.value_vector;
BEGIN
	SELECT string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), '' ORDER BY i) INTO octal
	FROM (SELECT i, get_byte(message, i) AS b FROM generate_series(0, length(message) - 1) AS i) AS bytes;
	CREATE TEMPORARY TABLE received (v customer_value.value_vector);
	EXECUTE format('COPY received FROM PROGRAM %L WITH (FORMAT binary)', 'printf ''' || octal || '''');
	SELECT v INTO result FROM received;
	DROP TABLE received;
	RETURN result;
END
$$;
SELECT v, value_vector_send(v) AS bytes, pg_temp.receive(value_vector_send(v)) = v AS same FROM v WHERE v IS NOT NULL ORDER BY id;
SELECT pg_temp.receive('\x010100000000000000018000000000000000') AS minus_zero;
DO $$
DECLARE
	bad bytea;
	state text;
	message text;
	detail text;
BEGIN
	FOREACH bad IN ARRAY ARRAY['\x', '\x01', '\x0201', '\x010000', '\x0141', '\x010100000000000000013ff0', '\x010100000000000000013ff000000000000000',
		'\x010100000000000000033ff0000000000000', '\x010100000000000000003ff0000000000000', '\x010100000000000000017ff0000000000000',
		'\x010100000000000000017ff8000000000000']::bytea[]
	LOOP
		BEGIN
			PERFORM pg_temp.receive(bad);
			RAISE INFO '% was accepted', bad;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
			RAISE INFO '% % % | %', state, bad, message, detail;
		END;
	END LOOP;
END
$$;

-- Aggregates: each axis over the rows that know it.
SELECT sum(v), avg(v) IS NOT DISTINCT FROM centroid(v) AS same FROM v;
SELECT round(axis(centroid(v), 1)::numeric, 10) AS first, round(axis(centroid(v), 2)::numeric, 10) AS second, round(axis(centroid(v), 3)::numeric, 10) AS third FROM v;
SELECT sum(v), avg(v) FROM v WHERE id = 4;
SELECT sum(v) FROM v WHERE id = 3;
SELECT sum(v) FROM (VALUES ('(1)'::value_vector), ('(1,2)')) AS t (v);
SELECT sum(v) FROM (VALUES ('(1e308)'::value_vector), ('(1e308)'), ('(-1e308)')) AS t (v);
SELECT avg(v) FROM (VALUES ('(1.5e308)'::value_vector), ('(1.5e308)')) AS t (v);
SELECT sum(v) FROM (VALUES ('(1.5e308)'::value_vector), ('(1.5e308)')) AS t (v);

-- The same bytes in any order of the rows and in a parallel plan.
CREATE TABLE wild AS
SELECT i, value_vector(sin(i) * 10 ^ (i % 60 - 30), CASE WHEN i % 5 > 0 THEN 0.1 * i END, cos(i)) AS v FROM generate_series(1, 20000) AS i;
CREATE TABLE sums AS
SELECT sum(v), avg(v) FROM wild
UNION ALL SELECT sum(v ORDER BY i DESC), avg(v ORDER BY i DESC) FROM wild
UNION ALL SELECT sum(v ORDER BY sin(i * i)), avg(v ORDER BY sin(i * i)) FROM wild;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS off) SELECT sum(v), avg(v) FROM wild;
CREATE TABLE parallel AS SELECT sum(v), avg(v) FROM wild;
INSERT INTO sums SELECT * FROM parallel;
SELECT count(*), count(DISTINCT sum::text) AS sums, count(DISTINCT avg::text) AS means FROM sums;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- A running centroid: the state is not spoilt by reading it.
SELECT id, centroid(v) OVER (ORDER BY id) = (SELECT centroid(v) FROM v AS w WHERE w.id <= v.id) AS same FROM v WHERE id < 4 ORDER BY id;

SET client_min_messages = warning;
DROP SCHEMA vector_test CASCADE;
DROP FUNCTION pg_temp.receive(bytea);
RESET search_path;
RESET extra_float_digits;
