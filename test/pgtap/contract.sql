-- The contract of contract models: signatures, privileges, binary format, input that nobody should send.
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
WHERE p.pronamespace = 'customer_value'::regnamespace AND p.proname ~ '^(contract_|_?fit_contract_|derl$|del$)';
SELECT cmp_ok(count(*), '>=', 24::bigint, 'functions of the room') FROM room;
SELECT is(array_agg(name) FILTER (WHERE provolatile <> 'i' OR proparallel <> 's'), NULL, 'immutable and parallel safe') FROM room;
SELECT is(array_agg(name) FILTER (WHERE obj_description(oid, 'pg_proc') IS NULL), NULL, 'commented') FROM room;
SELECT is(array_agg(aggfnoid::text) FILTER (WHERE aggcombinefn = 0 OR aggtranstype <> 'bytea'::regtype), NULL, 'aggregates combine a state that can travel')
FROM pg_aggregate WHERE aggfnoid IN (SELECT oid FROM room);
SELECT is(array_agg(attname::text) FILTER (WHERE col_description(attrelid, attnum) IS NULL), NULL, 'columns of the row type are commented')
FROM pg_attribute WHERE attrelid = 'customer_value.contract_summary'::regclass;
SELECT is(array_agg(name) FILTER (WHERE NOT has_function_privilege('public', oid, 'EXECUTE')), NULL, 'callable by everyone') FROM room;

-- Binary: what is sent is received, through COPY as a client would.
CREATE TEMP TABLE model (i int, m contract_model);
INSERT INTO model VALUES
	(1, 'sbg(alpha=0.668,beta=3.806)'),
	(2, 'bdw(alpha=0.2,beta=1.4,c=1.7; n=1000.5, renewals=7, loglik=-1605.3, period=1 year, as_of=2024-06-30, status=converged; cov=[0.25,-0.1,0.16,0,0,0.01])'),
	(3, NULL);

-- Receives bytes as the only column of a row, as a client would send them.
CREATE FUNCTION pg_temp.receive(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	bytes bytea := '\x5047434f50590aff0d0a000000000000000000'::bytea || '\x0001'::bytea || int4send(length(value)) || value || '\xffff'::bytea;
	octal text;
	result text;
BEGIN
	SELECT string_agg('\' || lpad((get_byte(bytes, i) / 64)::text || (get_byte(bytes, i) / 8 % 8)::text || (get_byte(bytes, i) % 8)::text, 3, '0'), '' ORDER BY i)
	INTO octal FROM generate_series(0, length(bytes) - 1) AS i;
	CREATE TEMP TABLE received (v customer_value.contract_model) ON COMMIT DROP;
	EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', 'printf ''' || octal || '''');
	SELECT v::text INTO result FROM received;
	DROP TABLE received;
	RETURN result;
END $$;
SELECT is(pg_temp.receive(contract_model_send(m)), m::text, 'model ' || i || ' received as sent') FROM model WHERE m IS NOT NULL;
SELECT ok(bool_and(m::text::contract_model IS NOT DISTINCT FROM m), 'text and back is the identity') FROM model;

CREATE FUNCTION pg_temp.send(version int DEFAULT 1, family int DEFAULT 1, status int DEFAULT 0, has_cov int DEFAULT 0, as_of int DEFAULT -2147483648,
	months int DEFAULT 0, days int DEFAULT 0, renewals int DEFAULT 0, n float8 DEFAULT 0, loglik float8 DEFAULT 0,
	alpha float8 DEFAULT 1, beta float8 DEFAULT 2, rest bytea DEFAULT '') RETURNS bytea
LANGUAGE sql AS $$
	SELECT set_byte('\x00', 0, version) || set_byte('\x00', 0, family) || set_byte('\x00', 0, status) || set_byte('\x00', 0, has_cov) ||
		int4send(as_of) || int4send(months) || int4send(days) || int4send(renewals) || float8send(n) || float8send(loglik) || float8send(alpha) || float8send(beta) || rest
$$;
SELECT is(pg_temp.receive(pg_temp.send()), 'sbg(alpha=1,beta=2; status=given)', 'a model made by hand is received');
SELECT throws_ok(format('SELECT pg_temp.receive(%L)', bytes), '22P03', NULL, 'refused: ' || what)
FROM (VALUES ('version 0', pg_temp.send(version => 0)), ('family 0', pg_temp.send(family => 0, rest => float8send(1))), ('status 8', pg_temp.send(status => 8)),
	('covariance flag 2', pg_temp.send(has_cov => 2)), ('day beyond the calendar', pg_temp.send(as_of => 2147483647)), ('months and days', pg_temp.send(months => 1, days => 1)),
	('a period below 0', pg_temp.send(days => -1)), ('renewals below 0', pg_temp.send(renewals => -1)), ('too many renewals', pg_temp.send(renewals => 18264)),
	('n NaN', pg_temp.send(n => 'NaN')), ('n negative', pg_temp.send(n => -1)), ('log-likelihood infinite', pg_temp.send(loglik => 'infinity')),
	('alpha NaN', pg_temp.send(alpha => 'NaN')), ('beta 0', pg_temp.send(beta => 0)), ('c 0', pg_temp.send(family => 2, rest => float8send(0))), ('too long', pg_temp.send(rest => '\x00')),
	('covariance impossible', pg_temp.send(has_cov => 1, rest => float8send(1) || float8send(2) || float8send(1)))) AS v (what, bytes);
SELECT throws_ok(format('SELECT pg_temp.receive(%L)', substr(pg_temp.send(), 1, 40)), '08P01', NULL, 'refused: too short');

-- Mutations of text, of binary and of states never do more than raise an expected error, and what they let pass predicts.
CREATE FUNCTION pg_temp.dice(seed text, sides int) RETURNS int LANGUAGE sql AS
	$$ SELECT ((('x' || substr(md5(seed), 1, 8))::bit(32)::bigint) % sides)::int $$;

CREATE FUNCTION pg_temp.use(m customer_value.contract_model) RETURNS boolean LANGUAGE sql AS $$
	SELECT bool_and(survival BETWEEN 0 AND 1 AND coalesce(retention, 0) BETWEEN 0 AND 1) AND customer_value.derl(m, 0.1, 2) BETWEEN 0 AND 11 + 1e-9
		AND length((customer_value.contract_summary(m)).verdict) > 20
	FROM customer_value.contract_forecast(m, 3)
$$;

CREATE FUNCTION pg_temp.mutate_text(original text, rounds int, OUT accepted int, OUT refused int) LANGUAGE plpgsql AS $$
DECLARE
	alphabet text := '0123456789.eE+-=,;()[] sbgdwcaphtnyr_' || chr(10) || chr(228);
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
			t := CASE pg_temp.dice(i || 'how' || k, 4)
				WHEN 0 THEN overlay(t PLACING piece FROM at FOR 1)
				WHEN 1 THEN overlay(t PLACING piece FROM at FOR 0)
				WHEN 2 THEN overlay(t PLACING '' FROM at FOR 1 + pg_temp.dice(i || 'for' || k, 9))
				ELSE overlay(t PLACING substr(t, 1 + pg_temp.dice(i || 'from' || k, length(t)), 12) FROM at FOR 0)
			END;
			EXIT WHEN t = '';
		END LOOP;
		BEGIN
			again := t::customer_value.contract_model::text;
			IF again::customer_value.contract_model::text <> again OR NOT pg_temp.use(again::customer_value.contract_model) THEN
				RAISE 'not a usable model: %', again;
			END IF;
			accepted := accepted + 1;
		EXCEPTION WHEN invalid_text_representation THEN
			refused := refused + 1;
		END;
	END LOOP;
END $$;
SELECT ok(accepted > 5 AND refused > 300, format('mutated texts of model %s: %s pass and predict, %s are refused', i, accepted, refused))
FROM model, LATERAL pg_temp.mutate_text(m::text, 700) WHERE m IS NOT NULL;

CREATE FUNCTION pg_temp.mutate(original bytea, i int) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	b bytea := original;
BEGIN
	FOR k IN 0..pg_temp.dice(i || 'times', 3) LOOP
		b := set_byte(b, pg_temp.dice(i || 'at' || k, length(b)), pg_temp.dice(i || 'byte' || k, 256));
	END LOOP;
	RETURN CASE WHEN pg_temp.dice(i || 'cut', 10) = 0 THEN substr(b, 1, pg_temp.dice(i || 'cut at', length(b))) ELSE b END;
END $$;

CREATE FUNCTION pg_temp.mutate_binary(original bytea, rounds int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	done int := 0;
BEGIN
	FOR i IN 1..rounds LOOP
		BEGIN
			IF NOT pg_temp.use(pg_temp.receive(pg_temp.mutate(original, i))::customer_value.contract_model) THEN
				RAISE 'not a usable model';
			END IF;
		EXCEPTION WHEN invalid_binary_representation OR protocol_violation THEN
			NULL;
		END;
		done := done + 1;
	END LOOP;
	RETURN done;
END $$;
SELECT is(pg_temp.mutate_binary(contract_model_send(m), 150), 150, 'mutated bytes of model ' || i || ' are refused or usable') FROM model WHERE m IS NOT NULL;

CREATE FUNCTION pg_temp.mutate_state(original bytea, rounds int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	done int := 0;
	b bytea;
BEGIN
	FOR i IN 1..rounds LOOP
		b := pg_temp.mutate(original, i);
		BEGIN
			PERFORM customer_value._fit_contract_customer(b, 'sbg', '2020-01-01', '2030-01-01', '2024-06-30', '1 month');
		EXCEPTION WHEN data_corrupted OR invalid_parameter_value THEN
			NULL;
		END;
		BEGIN
			PERFORM customer_value._fit_contract_final(customer_value._fit_contract_combine(original, b));
		EXCEPTION WHEN data_corrupted OR invalid_parameter_value OR data_exception THEN
			NULL;
		END;
		BEGIN
			PERFORM customer_value._fit_contract_final(b);
		EXCEPTION WHEN data_corrupted OR invalid_parameter_value OR data_exception THEN
			NULL;
		END;
		done := done + 1;
	END LOOP;
	RETURN done;
END $$;
CREATE AGGREGATE pg_temp.collect(text, date, date, date, interval) (SFUNC = customer_value._fit_contract_customer, STYPE = bytea);
SELECT is(pg_temp.mutate_state(s, 500), 500, 'mutated states are refused or fitted')
FROM (SELECT pg_temp.collect('sbg', date '2020-01-01' + i, date '2020-01-01' + i + i % 700, date '2024-06-30', '1 month') AS s FROM generate_series(1, 400) AS i) AS v;

SELECT * FROM finish();
ROLLBACK;
