-- The type purchase_history: text and binary form, comparison, accessors, errors.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
RESET client_min_messages;
SET search_path = customer_value, pg_catalog;
\set SHOW_CONTEXT never
\pset null '(null)'

-- text: the example of the documentation, whatever DateStyle
SET datestyle = 'SQL, DMY';
SELECT '{1997-01-01:29.33,1997-01-18:24.73(orders=2,returns=1,returned=5.00,cost=10.1,list_amount=40,quantity=3,missing=cost+quantity)}'::purchase_history AS h;
RESET datestyle;

-- text: any spelling in, one spelling out
SELECT text, text::purchase_history AS h FROM (VALUES
	('{1997-01-01:29.30}'),
	(' { 1997-1-1 : +029.3000 } '),
	('{1997-01-01:29.3,1997-01-02:.25}'),
	('{1997-01-01:0}'),
	('{1997-01-01:-5(returns=1)}'),
	('{1997-01-01:-5(returned=5,returns=1,orders=0)}'),
	('{1997-01-01:0(returns=1,quantity=-1)}'),
	('{1997-01-01:5(orders=3)}'),
	('{1997-01-01:5(cost=1),1997-01-02:6}'),
	('{1997-01-01:5(missing=cost)}'),
	('{0044-03-15 BC:1,4713-12-31:2}'),
	('{4714-11-24 BC:1,5874897-12-31:1}'),
	('{1997-01-01:10000000000000000000000000}'),
	('{1997-01-01:9999999999999999999999999.999999999999}')
) AS t (text);

-- text: what is refused
DO $$
DECLARE
	bad text;
	state text;
	message text;
	detail text;
BEGIN
	FOREACH bad IN ARRAY ARRAY['', '{', '{}', 'x', '{1997-01-01}', '{1997-01-01:}', '{1997-01-01:x}', '{1997-01-01:NaN}',
		'{1997-01-01:1e5}', '{1997-02-29:1}', '{1997-13-01:1}', '{1997-00-01:1}', '{0000-01-01:1}', '{01/02/1997:1}',
		'{today:1}', '{infinity:1}', '{5874898-01-01:1}', '{4714-11-23 BC:1}', '{1997-01-01:1', '{1997-01-01:1}}',
		'{1997-01-01:1,}', '{1997-01-01:1,1997-01-01:1}', '{1997-01-02:1,1997-01-01:1}', '{1997-01-01:-1}',
		'{1997-01-01:1(returns=1)}', '{1997-01-01:1(orders=1,returns=1)}', '{1997-01-01:1(orders=0)}',
		'{1997-01-01:1(returned=1)}', '{1997-01-01:-2(orders=1,returns=1,returned=1)}', '{1997-01-01:1(orders=-1)}',
		'{1997-01-01:1(orders=1,orders=1)}', '{1997-01-01:1(price=1)}', '{1997-01-01:1(orders1)}', '{1997-01-01:1(cost)}',
		'{1997-01-01:1(cost=1}', '{1997-01-01:1(missing=amount)}', '{1997-01-01:1(missing=cost+)}', '{1997-01-01:1()}',
		'{1997-01-01:0.0000000000001}', '{1997-01-01:10000000000000000000000000.1}',
		'{1997-01-01:10000000000000000000000000,1997-01-02:1}', '{1997-01-01:1(orders=1000000000000000001)}',
		'{1997-01-01:1(orders=99999999999999999999)}', '{1997-01-01:1(orders=9999999999999999999)}', '{1997-01-01:1(cost=1e400)}']
	LOOP
		BEGIN
			PERFORM bad::customer_value.purchase_history;
			RAISE INFO '% was accepted', bad;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
			RAISE INFO '% % % | %', state, bad, substring(message from 'at character.*'), detail;
		END;
	END LOOP;
END
$$;
SELECT '{1997-01-01:1(price=1)}'::purchase_history;

-- binary: through the binary protocol of COPY, the only way to reach the receive function
CREATE FUNCTION pg_temp.receive(body bytea) RETURNS purchase_history LANGUAGE plpgsql AS $$
DECLARE
	message bytea := '\x5047434f50590aff0d0a00' || int4send(0) || int4send(0) ||
		int2send(1::int2) || int4send(length(body)) || body || int2send((-1)::int2);
	octal text;
	result customer_value.purchase_history;
BEGIN
	SELECT string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), '' ORDER BY i) INTO octal
	FROM (SELECT i, get_byte(message, i) AS b FROM generate_series(0, length(message) - 1) AS i) AS bytes;
	CREATE TEMPORARY TABLE received (h customer_value.purchase_history);
	EXECUTE format('COPY received FROM PROGRAM %L WITH (FORMAT binary)', 'printf ''' || octal || '''');
	SELECT h INTO result FROM received;
	DROP TABLE received;
	RETURN result;
END
$$;
SELECT h, purchase_history_send(h) AS bytes, pg_temp.receive(purchase_history_send(h)) = h AS same FROM (VALUES
	('{2000-01-01:1.5,2000-01-03:-2(returns=1,returned=2),2000-01-04:3(orders=2,cost=1,missing=cost)}'::purchase_history),
	('{1997-01-01:29.33}'),
	('{1997-01-01:29.33(cost=1,list_amount=2,quantity=3),1999-01-01:10000000000000000000.000001(cost=0,list_amount=0,quantity=0)}')
) AS t (h);
DO $$
DECLARE
	bad bytea;
	state text;
	message text;
	detail text;
BEGIN
	FOREACH bad IN ARRAY ARRAY['\x', '\x01', '\x0200000002', '\x010000', '\x0100000002ff', '\x01000d0002', '\x0100010014',
		'\x01000000820001', '\x0100000101ffffffffffffffff7f0002', '\x010000010100000000', '\xffffffffffffffffffff']::bytea[]
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

-- mutations of text and binary never do worse than an error, and what is accepted comes back the same
DO $$
DECLARE
	seed constant text := '{1997-01-01:29.33,1997-01-18:24.73(orders=2,returns=1,returned=5.00,cost=10.1,missing=cost),1998-02-01:-3(returns=1,returned=3)}';
	pieces constant text := '0123456789.,:-+=(){} Beoqrs';
	mutated text;
	at int;
	h customer_value.purchase_history;
	accepted int := 0;
BEGIN
	FOR i IN 1 .. 5000 LOOP
		mutated := seed;
		FOR j IN 0 .. i % 3 LOOP
			at := 1 + abs(hashint8(i * 10 + j)) % length(mutated);
			mutated := overlay(mutated PLACING substr(pieces, 1 + abs(hashint8(i * 100 + j)) % length(pieces), 1 - (i + j) % 4 / 3)
							   FROM at FOR (i + j) % 5 % 3);
		END LOOP;
		BEGIN
			h := mutated::customer_value.purchase_history;
			accepted := accepted + 1;
			IF h::text::customer_value.purchase_history OPERATOR(customer_value.<>) h THEN
				RAISE INFO '% does not come back', mutated;
			END IF;
		EXCEPTION WHEN invalid_text_representation OR numeric_value_out_of_range THEN
			NULL;
		END;
	END LOOP;
	RAISE INFO 'some accepted: %, some refused: %', accepted > 0, accepted < 5000;
END
$$;

-- comparison and hashing
SELECT a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge,
	purchase_history_cmp(a, b) = -purchase_history_cmp(b, a) AS antisymmetric,
	purchase_history_hash(a) = purchase_history_hash(b) AS same_hash,
	purchase_history_hash_extended(a, 7) = purchase_history_hash_extended(b, 7) AS same_hash_extended
FROM (VALUES
	('{1997-01-01:1}'::purchase_history, '{1997-01-01:1.00}'::purchase_history),
	('{1997-01-01:1}', '{1997-01-01:1,1997-01-02:1}'),
	('{1997-01-01:1}', '{1997-01-01:1(cost=0)}')
) AS t (a, b);
CREATE TEMPORARY TABLE stored AS
	SELECT i, purchase_history(date '2020-01-01' + j % (i + 1), i + j) AS h
	FROM generate_series(1, 40) AS i, generate_series(1, 60) AS j GROUP BY i;
CREATE UNIQUE INDEX ON stored (h);
CREATE INDEX ON stored USING hash (h);
SELECT count(*), count(DISTINCT h) FROM (SELECT h FROM stored UNION ALL SELECT h FROM stored) AS twice;
SET enable_seqscan = off;
SELECT count(*) FROM stored AS a JOIN stored AS b ON a.h = b.h;
RESET enable_seqscan;
SELECT a.attstorage FROM pg_attribute AS a WHERE a.attrelid = 'stored'::regclass AND a.attname = 'h';

-- accessors, whole and as of a day: a return first, net zero with a return, zero without one
CREATE TEMPORARY TABLE example AS SELECT purchase_history(day, amount, cost, list_amount, quantity) AS h FROM (VALUES
	(date '2020-01-01', -3.00, NULL::numeric, -4, -1),
	('2020-01-11', 10.00, 4, 12, 1),
	('2020-01-18', 5.00, 2, 5, 1), ('2020-01-18', -5.00, -2, -5, -1),
	('2020-01-25', 0.00, 0, 0, 1),
	('2020-02-01', 2.50, 1, 3, 1), ('2020-02-01', 2.51, 1, 3, 1),
	('2020-02-08', 0, 0, 0, -2),
	('2020-03-01', 7.00, 3.125, 8, 2)
) AS sales (day, amount, cost, list_amount, quantity);
SELECT first_purchase_day(h), last_purchase_day(h), orders(h), returns(h), purchase_days(h),
	total_amount(h), total_cost(h), total_list_amount(h), total_quantity(h), returned_amount(h) FROM example;
SELECT as_of, first_purchase_day(h, as_of), last_purchase_day(h, as_of), orders(h, as_of), returns(h, as_of), purchase_days(h, as_of),
	total_amount(h, as_of), total_cost(h, as_of), total_list_amount(h, as_of), total_quantity(h, as_of), returned_amount(h, as_of)
FROM example, unnest(ARRAY['-infinity', '2019-12-31', '2020-01-01', '2020-01-11', '2020-02-01', 'infinity']::date[]) AS as_of;
SELECT as_of, round(s.x::numeric, 3) AS x, round(s.t_x::numeric, 6) AS t_x, round(s.t::numeric, 6) AS t, round(s.m::numeric, 6) AS m
FROM example, unnest(ARRAY['2019-12-31', '2020-01-10', '2020-01-11', '2020-01-18', '2020-02-20', '2021-01-01']::date[]) AS as_of,
	purchase_summary(h, as_of) AS s;
\x on
SELECT (purchase_profile(h, day)).* FROM example, unnest(ARRAY['2020-01-01', '2020-02-10']::date[]) AS day;
\x off
SELECT purchase_profile(h, '2019-12-31') IS NULL AS nothing_yet FROM example;
SELECT u.* FROM example, unnest(h) AS u;
SELECT truncate(h, '2020-01-18'), truncate(h, '2019-12-31') FROM example;
SELECT as_one_order('{2020-01-01:9(orders=3),2020-01-02:1(orders=4,returns=2,returned=1,cost=1,missing=cost),2020-01-03:-1(returns=5)}') AS h;
SELECT merge('{2020-01-01:1.25}', '{2020-01-01:1.75,2020-01-02:5(cost=2)}') AS h;

-- a NULL anywhere is NULL
SELECT total_amount(NULL::purchase_history), purchase_summary(NULL, '2020-01-01'), truncate('{2020-01-01:1}', NULL),
	merge(NULL, '{2020-01-01:1}'), (SELECT count(*) FROM unnest(NULL::purchase_history)) AS rows;

-- bad as-of days and sums that no history can hold
SELECT purchase_summary(h, 'infinity') FROM example;
SELECT purchase_profile(h, '-infinity') FROM example;
SELECT merge('{2020-01-01:10000000000000000000000000}', '{2021-01-01:0.01}');
SELECT merge('{2020-01-01:1(orders=1000000000000000000)}', '{2021-01-01:1}');

-- long histories leave the row without compression, and come back
CREATE TEMPORARY TABLE long (h purchase_history);
INSERT INTO long SELECT purchase_history(date '1990-01-01' + i, round(i * 1.37, 2)) FROM generate_series(1, 9000) AS i;
SELECT pg_column_compression(h), pg_column_size(h) > 8000 AS large, orders(h), total_amount(h), h = h::text::purchase_history AS same FROM long;
