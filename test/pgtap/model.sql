-- The contract of models and predictions: signatures, privileges, binary format, input that nobody should send.
\unset ECHO
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\pset pager off
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET search_path = customer_value, public;

BEGIN;
SELECT * FROM no_plan();

-- Every function of the room is immutable and parallel safe, has a comment, and is callable by everyone.
CREATE TEMP VIEW room AS
SELECT p.oid, p.oid::regprocedure::text AS name, p.provolatile, p.proparallel, p.proconfig FROM pg_proc AS p
WHERE p.pronamespace = 'customer_value'::regnamespace
	AND (p.proname ~ '^(fitted_model_|fit_state_|_?fit_(purchase|spend|combine|final)|model_|describe$|with_covariates$|probability_|expected_|lifetime_value$|predict$)');
SELECT cmp_ok(count(*), '>=', 42::bigint, 'functions of the room') FROM room;
SELECT is(array_agg(name) FILTER (WHERE provolatile <> 'i' OR proparallel <> 's'), NULL, 'immutable and parallel safe') FROM room;
SELECT is(array_agg(name) FILTER (WHERE obj_description(oid, 'pg_proc') IS NULL), NULL, 'commented') FROM room;
SELECT is(array_agg(name) FILTER (WHERE proconfig IS NOT NULL), NULL, 'no SET clause that would forbid inlining') FROM room;
SELECT is(array_agg(aggfnoid::text) FILTER (WHERE aggcombinefn = 0 OR aggtranstype <> 'fit_state'::regtype), NULL, 'aggregates combine a state that can travel')
FROM pg_aggregate WHERE aggfnoid IN (SELECT oid FROM room);
SELECT is(array_agg(attname::text) FILTER (WHERE col_description(attrelid, attnum) IS NULL), NULL, 'columns of row types are commented')
FROM pg_attribute WHERE attrelid IN ('customer_value.customer_prediction'::regclass, 'customer_value.model_summary'::regclass);
SELECT is(array_agg(name) FILTER (WHERE NOT has_function_privilege('public', oid, 'EXECUTE')), NULL, 'callable by everyone') FROM room;

-- Binary: what is sent is received, through COPY as a client would.
CREATE TEMP TABLE model (i int, m fitted_model);
INSERT INTO model VALUES
	(1, 'bg/nbd(r=0.243,alpha=4.414,a=0.793,b=2.426)'),
	(2, 'nbd(r=1,alpha=1e-10; n=12, patterns=7, loglik=-33.25, as_of=1997-09-30, status=no_churn, requested=mbg/nbd; cov=[0.25,-0.1,0.16])'),
	(3, 'gamma-gamma(p=6.25,q=3.744,v=15.44; unit=14 days, cov=[1,0.1,1,0.1,0.1,1])'),
	(4, NULL),
	(5, 'mbg/nbd(r=1,alpha=2,a=3,b=4,purchase.age=0.25,churn.age=-0.5,churn."a ""b""é"=1; n=12, patterns=7, loglik=-33.25, status=converged, penalty=0.5,
		covariates=["a ""b""é",age]; cov=[1,0,1,0,0,1,0,0,0,1,0,0,0,0,1,0,0,0,0,0,1,0,0,0,0,0,0,1])');
CREATE TEMP TABLE state (s fit_state);
INSERT INTO state VALUES ('mbg/nbd(from=history, as_of=2024-12-31, seen=9; 0 0 3.5 2, 1 2 3 1)'), ('gamma-gamma(from=summary, seen=3; 1 2.5 2)'),
	('bg/nbd(from=summary, seen=9, covariates=2, options={"penalty": 0.5, "covariates": ["{é}", "age"], "churn": ["age"]}; 0 0 3.5 0 30 2, 1 2 3 1 41 1, 3 2 3 1 35 2)');

-- Receives bytes as the only column of a row, as a client would send them.
CREATE FUNCTION pg_temp.receive(type regtype, value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	bytes bytea := '\x5047434f50590aff0d0a000000000000000000'::bytea || '\x0001'::bytea || int4send(length(value)) || value || '\xffff'::bytea;
	octal text;
	result text;
BEGIN
	SELECT string_agg('\' || lpad((get_byte(bytes, i) / 64)::text || (get_byte(bytes, i) / 8 % 8)::text || (get_byte(bytes, i) % 8)::text, 3, '0'), '' ORDER BY i)
	INTO octal FROM generate_series(0, length(bytes) - 1) AS i;
	EXECUTE format('CREATE TEMP TABLE received (v %s) ON COMMIT DROP', type);
	EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', 'printf ''' || octal || '''');
	SELECT v::text INTO result FROM received;
	DROP TABLE received;
	RETURN result;
END $$;

SELECT is(pg_temp.receive('fitted_model', fitted_model_send(m)), m::text, 'model ' || i || ' received as sent') FROM model WHERE m IS NOT NULL;
SELECT is(pg_temp.receive('fit_state', fit_state_send(s)), s::text, 'state received as sent') FROM state;

CREATE FUNCTION pg_temp.send(changed text, version int DEFAULT 1, family int DEFAULT 1, requested int DEFAULT 1, status int DEFAULT 0,
	params int DEFAULT 2, has_cov int DEFAULT 0, as_of int DEFAULT -2147483648, unit float8 DEFAULT 7, n float8 DEFAULT 0,
	patterns float8 DEFAULT 0, loglik float8 DEFAULT 0, r float8 DEFAULT 1, alpha float8 DEFAULT 2, rest bytea DEFAULT '') RETURNS bytea
LANGUAGE sql AS $$
	SELECT set_byte('\x00', 0, version) || set_byte('\x00', 0, family) || set_byte('\x00', 0, requested) || set_byte('\x00', 0, status) ||
		set_byte('\x00', 0, params) || set_byte('\x00', 0, has_cov) || int4send(as_of) || float8send(unit) || float8send(n) ||
		float8send(patterns) || float8send(loglik) || float8send(r) || float8send(alpha) || rest
$$;
SELECT is(pg_temp.receive('fitted_model', pg_temp.send('')), 'nbd(r=1,alpha=2; unit=week, status=given)', 'a model made by hand is received');
SELECT throws_ok(format('SELECT pg_temp.receive(''fitted_model'', %L)', bytes), '22P03', NULL, 'refused: ' || what)
FROM (VALUES ('version 0', pg_temp.send('', version => 0)), ('version 3', pg_temp.send('', version => 3)),
	('family 0', pg_temp.send('', family => 0)), ('family 200', pg_temp.send('', family => 200)), ('requested 77', pg_temp.send('', requested => 77)),
	('requested of another kind', pg_temp.send('', requested => 4)), ('status 6', pg_temp.send('', status => 6)),
	('no parameters', pg_temp.send('', params => 0)), ('200 parameters', pg_temp.send('', params => 200)),
	('covariance flag 2', pg_temp.send('', has_cov => 2)), ('day beyond the calendar', pg_temp.send('', as_of => 2147483647)),
	('unit 0', pg_temp.send('', unit => 0)), ('unit NaN', pg_temp.send('', unit => 'NaN')), ('n NaN', pg_temp.send('', n => 'NaN')),
	('n negative', pg_temp.send('', n => -1)), ('more patterns than customers', pg_temp.send('', patterns => 1)),
	('log-likelihood NaN', pg_temp.send('', loglik => 'NaN')), ('r NaN', pg_temp.send('', r => 'NaN')), ('r infinite', pg_temp.send('', r => 'infinity')),
	('r 0', pg_temp.send('', r => 0)), ('alpha negative', pg_temp.send('', alpha => -1)),
	('too long', pg_temp.send('', rest => '\x00')),
	('covariance NaN', pg_temp.send('', has_cov => 1, rest => float8send(1) || float8send('NaN') || float8send(1))),
	('covariance impossible', pg_temp.send('', has_cov => 1, rest => float8send(1) || float8send(2) || float8send(1)))) AS v (what, bytes);
SELECT throws_ok(format('SELECT pg_temp.receive(''fitted_model'', %L)', substr(pg_temp.send('', has_cov => 1), 1, 40)), '08P01', NULL, 'refused: too short');

-- Version 2 says more: penalty, period, k, covariates.
CREATE FUNCTION pg_temp.send_2(penalty float8 DEFAULT 0, months int DEFAULT 0, days int DEFAULT 0, k int DEFAULT 0, n int DEFAULT 1, purchase int DEFAULT 1,
	churn int DEFAULT 0, names bytea DEFAULT 'age\000', effects bytea DEFAULT float8send(0.5)) RETURNS bytea
LANGUAGE sql AS $$
	SELECT substr(pg_temp.send('', version => 2), 1, 42) || float8send(penalty) || int4send(months) || int4send(days) || set_byte('\x00', 0, k) ||
		set_byte('\x00', 0, n) || set_byte('\x00', 0, purchase) || set_byte('\x00', 0, churn) || names || float8send(1) || float8send(2) || effects
$$;
SELECT is(pg_temp.receive('fitted_model', pg_temp.send_2()), 'nbd(r=1,alpha=2,purchase.age=0.5; unit=week, status=given, covariates=[age])', 'a model with a covariate is received');
SELECT throws_ok(format('SELECT pg_temp.receive(''fitted_model'', %L)', bytes), '22P03', NULL, 'refused: ' || what)
FROM (VALUES ('penalty NaN', pg_temp.send_2(penalty => 'NaN')), ('penalty negative', pg_temp.send_2(penalty => -1)), ('a period where there are none', pg_temp.send_2(months => 1)),
	('k where there is none', pg_temp.send_2(k => 2)), ('9 covariates', pg_temp.send_2(n => 9)), ('an effect of nothing', pg_temp.send_2(purchase => 3)),
	('churn where there is none', pg_temp.send_2(purchase => 0, churn => 1)), ('no name', pg_temp.send_2(names => '\x00')),
	('long name', pg_temp.send_2(names => convert_to(repeat('n', 64), 'UTF8') || '\x00')),
	('a name twice', pg_temp.send_2(n => 2, names => 'age\000age\000')), ('effect infinite', pg_temp.send_2(effects => float8send('infinity')))) AS v (what, bytes);

-- Models that version 1 stored are read, and equal what is stored today; here as machines write them whose numbers begin with the lowest byte.
CREATE FUNCTION pg_temp.reverse(b bytea) RETURNS bytea LANGUAGE sql AS
	$$ SELECT string_agg(substr(b, i, 1), '' ORDER BY i DESC) FROM generate_series(1, length(b)) AS i $$;
CREATE CAST (bytea AS fitted_model) WITHOUT FUNCTION;
CREATE TEMP TABLE old AS
SELECT ('\x0101010302010000'::bytea || pg_temp.reverse(int4send(-823)) || '\x00000000' || string_agg(pg_temp.reverse(float8send(v)), '' ORDER BY i))::fitted_model AS m
FROM (VALUES (1, 7), (2, 12), (3, 7), (4, -33.25), (5, 1), (6, 2), (7, 0.25), (8, -0.125), (9, 0.16)) AS t (i, v);
SELECT is(m::text, 'nbd(r=1,alpha=2; unit=week, n=12, patterns=7, loglik=-33.25, as_of=1997-09-30, status=weak; cov=[0.25,-0.125,0.16])', 'version 1 as text') FROM old;
SELECT ok(m = m::text::fitted_model AND fitted_model_hash(m) = fitted_model_hash(m::text::fitted_model), 'version 1 equals version 2 of the same model') FROM old;
SELECT is(expected_purchases(m, 3, 20, 30, 52), expected_purchases(m::text::fitted_model, 3, 20, 30, 52), 'version 1 predicts') FROM old;
SELECT throws_ok('SELECT ''\x0301010302010000''::bytea::customer_value.fitted_model::text', '0A000', NULL, 'a version to come is refused');

-- Mutations of text and binary never do more than raise an expected error, and what they let pass predicts.
CREATE FUNCTION pg_temp.dice(seed text, sides int) RETURNS int LANGUAGE sql AS
	$$ SELECT ((('x' || substr(md5(seed), 1, 8))::bit(32)::bigint) % sides)::int $$;

CREATE FUNCTION pg_temp.mutate_text(original text, type regtype, rounds int, OUT accepted int, OUT refused int) LANGUAGE plpgsql AS $$
DECLARE
	alphabet text := '0123456789.eE+-=,;()[]{}":\ nabcdgmrqpv/_' || chr(10) || chr(228);
	t text;
	again text;
	at int;
	piece text;
BEGIN
	accepted := 0;
	refused := 0;
	FOR i IN 1..rounds LOOP
		t := original;
		FOR k IN 0..pg_temp.dice(i || 'times', 3) LOOP
			at := 1 + pg_temp.dice(i || 'at' || k, length(t));
			piece := substr(alphabet, 1 + pg_temp.dice(i || 'piece' || k, length(alphabet)), 1);
			t := CASE pg_temp.dice(i || 'how' || k, 5)
				WHEN 0 THEN overlay(t PLACING piece FROM at FOR 1)
				WHEN 1 THEN overlay(t PLACING piece FROM at FOR 0)
				WHEN 2 THEN overlay(t PLACING '' FROM at FOR 1 + pg_temp.dice(i || 'for' || k, 9))
				WHEN 3 THEN left(t, at)
				ELSE overlay(t PLACING substr(t, 1 + pg_temp.dice(i || 'from' || k, length(t)), 12) FROM at FOR 0)
			END;
			EXIT WHEN t = '';
		END LOOP;
		BEGIN
			EXECUTE format('SELECT %L::%s::text', t, type) INTO again;
			EXECUTE format('SELECT %L::%s::text', again, type) INTO STRICT t;
			IF t IS DISTINCT FROM again THEN
				RAISE 'in and out are no inverses: % became %', again, t;
			END IF;
			accepted := accepted + 1;
			IF type = 'customer_value.fitted_model'::regtype THEN
				BEGIN
					PERFORM * FROM customer_value.predict(t::customer_value.fitted_model, NULL, 3, 20, 30, 30, 52, 0.1);
				EXCEPTION WHEN invalid_parameter_value THEN
					IF (customer_value.model_summary(t::customer_value.fitted_model)).kind = 'spend' THEN
						PERFORM customer_value.expected_spend(t::customer_value.fitted_model, 3, 30);
					END IF;
				END;
				BEGIN
					PERFORM * FROM customer_value.predict(customer_value.with_covariates(t::customer_value.fitted_model,
						array_fill(0.5, ARRAY[cardinality((customer_value.model_summary(t::customer_value.fitted_model)).covariates)])), NULL, 3, 20, 30, 30, 52, 0.1);
				EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range THEN
					NULL;
				END;
				PERFORM customer_value.describe(t::customer_value.fitted_model), customer_value.model_summary(t::customer_value.fitted_model);
				PERFORM * FROM customer_value.model_parameters(t::customer_value.fitted_model);
			ELSE
				BEGIN
					PERFORM customer_value._fit_final(t::customer_value.fit_state);
				EXCEPTION WHEN data_exception THEN
					NULL;
				END;
			END IF;
		EXCEPTION WHEN invalid_text_representation OR invalid_parameter_value THEN
			refused := refused + 1;
		END;
	END LOOP;
END $$;
SELECT ok(accepted > 5 AND refused > 300, format('mutated texts of model %s: %s pass and predict, %s are refused', i, accepted, refused))
FROM model, LATERAL pg_temp.mutate_text(m::text, 'fitted_model', 700) WHERE m IS NOT NULL;
SELECT ok(accepted > 5 AND refused > 300, format('mutated texts of a state: %s pass and can be fitted, %s are refused', accepted, refused))
FROM state, LATERAL pg_temp.mutate_text(s::text, 'fit_state', 500);

CREATE FUNCTION pg_temp.mutate_binary(original bytea, type regtype, rounds int, OUT accepted int, OUT refused int) LANGUAGE plpgsql AS $$
DECLARE
	b bytea;
	t text;
BEGIN
	accepted := 0;
	refused := 0;
	FOR i IN 1..rounds LOOP
		b := original;
		FOR k IN 0..pg_temp.dice(i || 'times', 3) LOOP
			b := set_byte(b, pg_temp.dice(i || 'at' || k, length(b)), pg_temp.dice(i || 'byte' || k, 256));
		END LOOP;
		IF pg_temp.dice(i || 'cut', 10) = 0 THEN
			b := substr(b, 1, pg_temp.dice(i || 'cut at', length(b)));
		END IF;
		BEGIN
			t := pg_temp.receive(type, b);
			EXECUTE format('SELECT %L::%s', t, type);
			accepted := accepted + 1;
		EXCEPTION WHEN invalid_binary_representation OR protocol_violation OR invalid_text_representation OR invalid_parameter_value
			OR character_not_in_repertoire THEN
			refused := refused + 1;
		END;
	END LOOP;
END $$;
SELECT cmp_ok(accepted + refused, '=', 100, 'mutated bytes of model ' || i || ' are accepted or refused')
FROM model, LATERAL pg_temp.mutate_binary(fitted_model_send(m), 'fitted_model', 100) WHERE m IS NOT NULL;
SELECT cmp_ok(accepted + refused, '=', 100, 'mutated bytes of a state are accepted or refused')
FROM state, LATERAL pg_temp.mutate_binary(fit_state_send(s), 'fit_state', 100);

-- A state grows by doubling, keeps every pattern, and any split of the rows combines to the same fit.
CREATE TEMP TABLE summary AS
SELECT i, (i % 5)::float8 AS x, CASE WHEN i % 5 = 0 THEN 0 ELSE 1 + i % 23 END::float8 AS t_x, 24 + (i * 7 % 1009) / 10.0::float8 AS t
FROM generate_series(1, 20000) AS i;
CREATE AGGREGATE pg_temp.collect(text, float8, float8, float8) (SFUNC = customer_value._fit_purchase_summary, STYPE = customer_value.fit_state);
CREATE AGGREGATE pg_temp.combine(customer_value.fit_state) (SFUNC = customer_value._fit_combine, STYPE = customer_value.fit_state);
CREATE TEMP TABLE whole AS SELECT pg_temp.collect('bg/nbd', x, t_x, t) AS s FROM summary;
SELECT is(fit_state_send(s), (SELECT fit_state_send(pg_temp.combine(part)) FROM
		(SELECT pg_temp.collect('bg/nbd', x, t_x, t) AS part FROM summary GROUP BY i % pieces) AS v),
	'rows in ' || pieces || ' parts combine to the same state')
FROM whole, (VALUES (2), (7), (1000)) AS p (pieces);
SELECT is((model_summary(_fit_final(s))).patterns, (SELECT count(*) FROM (SELECT DISTINCT x, t_x, t FROM summary) AS d), 'distinct patterns are counted') FROM whole;
SELECT is(fitted_model_send(_fit_final(s)), (SELECT fitted_model_send(fit_purchase_model('bg/nbd', x, t_x, t)) FROM summary), 'a state kept and fitted later gives the same model') FROM whole;

-- A fit can be cancelled: the statement ends by its timeout, not by its end.
CREATE TEMP TABLE many AS SELECT (i % 97)::float8 AS x, (1 + i % 89)::float8 AS t_x, 90 + i / 1000.0::float8 AS t FROM generate_series(1, 400000) AS i WHERE i % 97 > 0;
CREATE TEMP TABLE big AS SELECT pg_temp.collect('mbg/nbd', x, t_x, t) AS s FROM many;
CREATE FUNCTION pg_temp.is_cancelled(query text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN false;
EXCEPTION WHEN query_canceled THEN
	RETURN true;
END $$;
SET LOCAL statement_timeout = 20;
SELECT ok(pg_temp.is_cancelled('SELECT _fit_final(s) FROM big'), 'a fit under way stops when cancelled');
SET LOCAL statement_timeout = 0;

-- Models live in tables and come back from text dumps the same.
CREATE TEMP TABLE copy AS SELECT i, m::text AS t, m FROM model;
SELECT ok(bool_and(t::fitted_model IS NOT DISTINCT FROM m), 'text and back is the identity') FROM copy;
SELECT ok(count(*) = 5, 'models hash and group') FROM (SELECT m FROM model UNION SELECT m FROM model) AS v;

SELECT * FROM finish();
ROLLBACK;
