-- base_privileges.sql - who may see and maintain a customer base, and what its owner cannot make others do.
BEGIN;
SELECT no_plan();
SET LOCAL client_min_messages = warning;

CREATE ROLE cv_owner;
CREATE ROLE cv_member IN ROLE cv_owner;
CREATE ROLE cv_other;
CREATE ROLE cv_reader;
CREATE ROLE cv_hostile;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO cv_owner, cv_other, cv_hostile', current_database()); END $$;

-- What a command answers, or the code and message of its error, when a role runs it.
CREATE FUNCTION pg_temp.as_role(who name, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM set_config('role', who, true);
	EXECUTE command INTO answer;
	PERFORM set_config('role', 'none', true);
	RETURN coalesce(answer, 'done');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END $$;

CREATE SCHEMA owner_sales AUTHORIZATION cv_owner;
CREATE SCHEMA other_sales AUTHORIZATION cv_other;
CREATE TABLE owner_sales.sales AS SELECT g % 50 AS customer, date '2024-01-01' + (g * 7919) % 400 AS at, 5 + g % 7 AS paid FROM generate_series(1, 600) g;
CREATE TABLE other_sales.sales AS SELECT * FROM owner_sales.sales;
ALTER TABLE owner_sales.sales OWNER TO cv_owner;
ALTER TABLE other_sales.sales OWNER TO cv_other;

-- A plain role makes a base, and everything in it is its own.
SELECT matches(pg_temp.as_role('cv_owner',
	$$SELECT customer_value.create_customer_base('alpha', 'owner_sales.sales', 'customer', 'at', 'paid')$$), '600 of 600', 'a plain role makes a base');
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace = 'alpha'::regnamespace AND pg_get_userbyid(relowner) <> 'cv_owner'), 0::bigint,
	'all its relations are the role''s');
SELECT is((SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = 'alpha'), 'cv_owner', 'and the schema');
SELECT is(pg_temp.as_role('cv_owner', $$SELECT count(*) FROM customer_value.fit('alpha')$$), '2', 'it fits it');
SELECT is(pg_temp.as_role('cv_owner', $$SELECT count(*) > 0 FROM alpha.customer_ranking WHERE expected_value > 0$$), 'true', 'and reads it');

-- Another role neither sees nor disturbs it.
SELECT is(pg_temp.as_role('cv_other', $$SELECT count(*) FROM customer_value.customer_bases$$), '0', 'another role sees no base');
SELECT is(pg_temp.as_role('cv_other', format($$SELECT %s('alpha')$$, f)), '42704: customer base "alpha" does not exist', 'to another role there is none: ' || f)
FROM unnest('{customer_value.fit,customer_value.refresh,customer_value.rebuild_customer_base,customer_value.drop_customer_base,customer_value.alter_customer_base}'::text[]) f;
SELECT matches(pg_temp.as_role('cv_other', $$SELECT count(*) FROM alpha.customer_ranking$$), '^42501', 'it may not read the views');
SELECT matches(pg_temp.as_role('cv_other', $$SELECT customer_value.create_customer_base('alpha', 'other_sales.sales', 'customer', 'at', 'paid')$$),
	'^42P06: schema "alpha" already exists', 'nor take the schema');
SELECT matches(pg_temp.as_role('cv_other', $$SELECT customer_value.create_customer_base('alpha', 'other_sales.sales', 'customer', 'at', 'paid', schema => 'alpha2')$$),
	'600 of 600', 'but the name is free to it');
SELECT is(pg_temp.as_role('cv_owner', $$SELECT string_agg(schema, ',') FROM customer_value.customer_bases$$), 'alpha', 'each sees its own');
SELECT is(pg_temp.as_role('cv_other', $$SELECT string_agg(schema, ',') FROM customer_value.customer_bases$$), 'alpha2', 'each sees its own, the other way');
SELECT matches(pg_temp.as_role('cv_other', $$SELECT customer_value.drop_customer_base('alpha')$$), 'dropped, with schema "alpha2"', 'each drops its own');
SELECT matches(pg_temp.as_role('cv_other', $$SELECT customer_value.create_customer_base('beta', 'owner_sales.sales', 'customer', 'at', 'paid')$$),
	'^42501: permission denied', 'sales that one may not read cannot be bound');
SELECT is((SELECT count(*) FROM pg_namespace WHERE nspname = 'beta'), 0::bigint, 'and nothing is left of the attempt');

-- A reader sees, and does not maintain.
GRANT USAGE ON SCHEMA alpha, owner_sales TO cv_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA alpha TO cv_reader;
SELECT is(pg_temp.as_role('cv_reader', $$SELECT base || ' ' || owner || ' ' || status FROM customer_value.customer_bases$$), 'alpha cv_owner ok', 'a reader sees the base');
SELECT is(pg_temp.as_role('cv_reader', $$SELECT customer_value.refresh('alpha')$$), '42501: must be owner of customer base "alpha"', 'a reader may not refresh it');
SELECT matches(pg_temp.as_role('cv_reader', $$SELECT count(*) FROM alpha.history$$), '^42501: permission denied for (table|view|schema)', 'views show no sales the reader may not read');
GRANT SELECT ON owner_sales.sales TO cv_reader;
SELECT is(pg_temp.as_role('cv_reader', $$SELECT count(*) FROM alpha.history$$), '50', 'with the sales granted they do');

-- A member of the owner, and a superuser, maintain it; it stays the owner's.
SELECT matches(pg_temp.as_role('cv_member', $$SELECT customer_value.refresh('alpha')$$), '600 of 600', 'a member refreshes');
SELECT matches(pg_temp.as_role('cv_member', $$SELECT customer_value.alter_customer_base('alpha', duplicates => 'ignore')$$), 'altered', 'a member alters');
SELECT is((SELECT count(*) FROM customer_value.fit('alpha')), 2::bigint, 'a superuser fits');
SELECT matches(customer_value.alter_customer_base('alpha', customer_id => 'at', as_of => '2025-02-04'), 'altered', 'a superuser alters, views made anew');
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace = 'alpha'::regnamespace AND pg_get_userbyid(relowner) <> 'cv_owner'), 0::bigint,
	'all its relations still are the owner''s');

-- The caller is itself again afterwards, in success and in failure.
SET LOCAL search_path = owner_sales, public;
SELECT matches(customer_value.refresh('alpha'), '600 of 600', 'maintenance under a search_path of the caller');
SELECT is(current_user || ' ' || current_setting('search_path'), session_user || ' owner_sales, public', 'role and search_path come back');
SAVEPOINT failure;
SELECT throws_ok($$SELECT customer_value.alter_customer_base('alpha', as_of => '1999-01-01')$$, '22023');
SELECT is(current_user || ' ' || current_setting('search_path'), session_user || ' owner_sales, public', 'role and search_path come back after an error');
RESET search_path;

-- Parts that belong to somebody else are not touched.
SAVEPOINT parts;
ALTER TABLE alpha.models OWNER TO cv_other;
SELECT throws_ok($$SELECT * FROM customer_value.fit('alpha')$$, '42501', 'alpha.models does not belong to the owner of customer base "alpha"');
ROLLBACK TO parts;

-- The bases of a hostile role. It notes whom its code runs as, and tries to become more.
CREATE SCHEMA hostile AUTHORIZATION cv_hostile;
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
SET LOCAL ROLE cv_hostile;
CREATE TABLE hostile.ran (what text, as_role text);
GRANT ALL ON hostile.ran TO PUBLIC;
CREATE FUNCTION hostile.grab(what text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	INSERT INTO hostile.ran VALUES (what, current_user);
	BEGIN ALTER ROLE cv_hostile SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;
	BEGIN SET LOCAL ROLE NONE; ALTER ROLE cv_hostile SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;
	BEGIN SET SESSION AUTHORIZATION DEFAULT; ALTER ROLE cv_hostile SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;
	RETURN true;
END $$;
-- The same in the guise of what the planner would evaluate.
CREATE FUNCTION hostile.constant(what text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN hostile.grab(what); END $$;
CREATE TABLE hostile.lines AS SELECT g % 30 AS customer, date '2024-01-01' + (g * 7919) % 400 AS at, 5 + g % 7 AS paid FROM generate_series(1, 300) g;
CREATE VIEW hostile.sales AS SELECT l.*, hostile.grab('sales') AS grabbed FROM hostile.lines l WHERE hostile.grab('sales') OR customer < 0;
DO $$ BEGIN PERFORM customer_value.create_customer_base('trap', 'hostile.sales', 'customer', 'at', 'paid'); END $$;
CREATE FUNCTION hostile.trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.grab('trigger'); RETURN NEW; END $$;
CREATE TRIGGER t BEFORE INSERT ON trap.settings FOR EACH ROW EXECUTE FUNCTION hostile.trigger();
CREATE TRIGGER t AFTER INSERT ON trap.models FOR EACH ROW EXECUTE FUNCTION hostile.trigger();
CREATE RULE r AS ON INSERT TO trap.model_checks DO ALSO SELECT hostile.grab('rule');
ALTER TABLE trap.models ADD CONSTRAINT c CHECK (hostile.grab('check'));
ALTER TABLE trap.models ALTER fitted_by SET DEFAULT hostile.grab('default')::text;
CREATE INDEX i ON trap.settings (base) WHERE hostile.constant('index');
GRANT USAGE ON SCHEMA trap TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA trap TO PUBLIC;
DELETE FROM hostile.ran;
RESET ROLE;

SELECT is((SELECT count(*) FROM customer_value.fit('trap')), 2::bigint, 'a superuser fits the hostile base');
SELECT matches(customer_value.refresh('trap'), '300 of 300', 'a superuser refreshes it');
SELECT matches(customer_value.alter_customer_base('trap', horizon => '2 years', customer_id => 'at'), 'altered', 'a superuser alters it');
SELECT matches(customer_value.rebuild_customer_base('trap'), 'rebuilt', 'a superuser rebuilds it');
SELECT is((SELECT string_agg(DISTINCT what, ',' ORDER BY what) FROM hostile.ran), 'check,index,rule,sales,trigger', 'all the traps went off');
SELECT is((SELECT string_agg(DISTINCT as_role, ',') FROM hostile.ran), 'cv_hostile', 'and only as their owner');
SELECT ok(NOT (SELECT rolsuper FROM pg_roles WHERE rolname = 'cv_hostile'), 'who is no superuser');

-- Looking is not touching: listing bases, or maintaining another one, runs nothing of the hostile one.
DELETE FROM hostile.ran;
SELECT is((SELECT status FROM customer_value.customer_bases WHERE base = 'trap'), 'ok', 'a superuser lists the hostile base');
SELECT is(pg_temp.as_role('cv_other', $$SELECT count(*) FROM customer_value.customer_bases WHERE base = 'trap'$$), '1', 'another role lists it');
SELECT matches(pg_temp.as_role('cv_other', $$SELECT customer_value.create_customer_base('gamma', 'other_sales.sales', 'customer', 'at', 'paid')$$), '600 of 600', 'and makes one of its own');
SELECT matches(customer_value.refresh('gamma'), '600 of 600', 'which a superuser refreshes');
SELECT is((SELECT count(*) FROM hostile.ran), 0::bigint, 'nothing hostile ran');

-- Row security is the owner's code, too.
SET LOCAL ROLE cv_hostile;
ALTER TABLE trap.settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON trap.settings USING (hostile.grab('policy'));
RESET ROLE;
SELECT is(pg_temp.as_role('cv_other', $$SELECT count(*) FROM customer_value.customer_bases WHERE base = 'trap'$$), '0', 'a base behind row security is not shown');
SELECT is(pg_temp.as_role('cv_other', $$SELECT customer_value.fit('trap')$$), '42704: customer base "trap" does not exist', 'nor found');
SELECT is((SELECT count(*) FROM hostile.ran), 0::bigint, 'and its policy did not run');

-- Deferred triggers would run at commit, as whoever commits: refused.
SET LOCAL ROLE cv_hostile;
CREATE CONSTRAINT TRIGGER d AFTER INSERT ON trap.settings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hostile.trigger();
RESET ROLE;
SELECT throws_ok($$SELECT customer_value.refresh('trap')$$, '42501', 'cannot fire deferred trigger within security-restricted operation');
SELECT ok(NOT (SELECT rolsuper FROM pg_roles WHERE rolname = 'cv_hostile'), 'still no superuser');

-- A base of the same name with somebody else does not come in the way.
SELECT matches(pg_temp.as_role('cv_hostile', $$SELECT customer_value.create_customer_base('gamma', 'hostile.lines', 'customer', 'at', 'paid', schema => 'decoy')$$), '300 of 300', 'a decoy of the same name');
GRANT USAGE ON SCHEMA decoy TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA decoy TO PUBLIC;
SELECT matches(pg_temp.as_role('cv_other', $$SELECT customer_value.refresh('gamma')$$), '600 of 600', 'the owner still gets its own');
SELECT throws_ok($$SELECT customer_value.refresh('gamma')$$, '42P08', 'customer base "gamma" is ambiguous');
SELECT matches(pg_temp.as_role('cv_reader', $$SELECT customer_value.refresh('gamma')$$), '^42501: must be owner', 'a reader of the decoy may not maintain it');

-- Who owns no schema and may not create any, learns so.
SELECT matches(pg_temp.as_role('cv_reader', $$SELECT customer_value.create_customer_base('mine', 'owner_sales.sales', 'customer', 'at', 'paid')$$),
	'^42501: permission denied for database', 'no right to create a schema');
CREATE SCHEMA reader_views AUTHORIZATION cv_reader;
SELECT matches(pg_temp.as_role('cv_reader', $$SELECT customer_value.create_customer_base('mine', 'owner_sales.sales', 'customer', 'at', 'paid', schema => 'reader_views')$$),
	'600 of 600', 'but an empty schema of its own will do');
SELECT matches(pg_temp.as_role('cv_reader', $$SELECT customer_value.drop_customer_base('mine')$$), 'stays', 'and stays');

-- A superuser drops what is not its own.
SELECT matches(customer_value.drop_customer_base('alpha'), 'dropped, with schema "alpha"', 'a superuser drops');

SELECT * FROM finish();
ROLLBACK;
