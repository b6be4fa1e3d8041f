-- What a customer base refuses, with code, detail and hint; and what it takes.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE SCHEMA base_errors;

-- Creates a base and reports how it went: the code, then message, detail and hint.
CREATE FUNCTION base_errors.try(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	code text; message text; detail text; hint text; answer text;
BEGIN
	EXECUTE command INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN code || ': ' || replace(concat_ws(E'\n  ', message, nullif(detail, ''), nullif(hint, '')), quote_ident(current_user), 'ME');
END $$;
CREATE FUNCTION base_errors.create_base(VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$
	SELECT base_errors.try(format('SELECT customer_value.create_customer_base(%s)',
		(SELECT string_agg(a.key || ' => ' || coalesce(quote_literal(a.value), 'NULL'), ', ')
		 FROM jsonb_each_text('{"base": "e", "sales": "base_errors.sales", "customer_id": "id", "sold_at": "at", "amount": "paid"}'
							  || coalesce((SELECT jsonb_object_agg(split_part(g, '=', 1), substr(g, strpos(g, '=') + 1)) FROM unnest(arguments) g
										   WHERE g <> ''), '{}')) a)))
$$;
CREATE DOMAIN base_errors.code AS int;
CREATE TYPE base_errors.mood AS ENUM ('bad', 'good');
CREATE TYPE base_errors.pair AS (a int, b int);
CREATE TABLE base_errors.sales (id int, at timestamptz, paid numeric, "Odd Name" text, price money, doc json, place point,
	coin text, coded base_errors.code, mood base_errors.mood, pair base_errors.pair, many int[], floated double precision, clock time);
INSERT INTO base_errors.sales VALUES (1, '2025-01-01', 10, 'a', 1, '{}', '(0,0)', 'EUR', 7, 'good', '(1,2)', '{1,2}', 0.1, '12:00'),
	(2, '2025-02-01', 20, 'b', 2, '{}', '(0,0)', 'USD', 8, 'bad', '(3,4)', '{3}', 0.2, '13:00');
CREATE TABLE base_errors.customers (id int, code text, name text);
CREATE VIEW base_errors.view AS SELECT * FROM base_errors.sales;
CREATE MATERIALIZED VIEW base_errors.matview AS SELECT * FROM base_errors.sales;
CREATE TABLE base_errors.parts (id int, at date, paid real) PARTITION BY RANGE (at);
CREATE TABLE base_errors.part PARTITION OF base_errors.parts DEFAULT;
INSERT INTO base_errors.parts VALUES (1, '2025-01-01', 12345.67), (1, '2025-01-02', 0.1);
CREATE SEQUENCE base_errors.sequence;
CREATE INDEX sales_index ON base_errors.sales (id);
CREATE TEMP TABLE passing (id int, at date, paid numeric);

-- Unknown relations and what is none.
SELECT base_errors.create_base('sales=base_errors.nowhere');
SELECT base_errors.create_base('sales=nowhere');
SELECT base_errors.create_base('sales=no_schema.sales');
SELECT base_errors.create_base('sales=SELECT * FROM base_errors.sales');
SELECT base_errors.create_base('sales=base_errors.sales; DROP TABLE base_errors.sales');
SELECT base_errors.create_base('sales=a.b.c.d');
SELECT base_errors.create_base('sales=');
SELECT base_errors.create_base('sales=base_errors.sequence');
SELECT base_errors.create_base('sales=base_errors.sales_index');
SELECT base_errors.create_base('sales=passing');
SELECT base_errors.create_base('customers=base_errors.nowhere', 'customer_key=id');

-- Unknown columns, missing names.
SELECT base_errors.create_base('customer_id=nobody');
SELECT base_errors.create_base('amount=paid * 2');
SELECT base_errors.create_base('product="Odd Name"');
SELECT base_errors.create_base('sold_at=ctid');
SELECT base_errors.try($$SELECT customer_value.create_customer_base('e', 'base_errors.sales', NULL, 'at', 'paid')$$);
SELECT base_errors.try($$SELECT customer_value.create_customer_base('e', NULL, 'id', 'at', 'paid')$$);
SELECT base_errors.try($$SELECT customer_value.create_customer_base(NULL, 'base_errors.sales', 'id', 'at', 'paid')$$);
SELECT base_errors.try($$SELECT customer_value.create_customer_base('', 'base_errors.sales', 'id', 'at', 'paid')$$);
SELECT base_errors.create_base('customer_key=id');
SELECT base_errors.create_base('customers=base_errors.customers');
SELECT base_errors.create_base('customers=base_errors.customers', 'customer_key=nothing');

-- Types that cannot be used.
SELECT base_errors.create_base('amount=price');
SELECT base_errors.create_base('amount=coin');
SELECT base_errors.create_base('cost=doc');
SELECT base_errors.create_base('sold_at=coin');
SELECT base_errors.create_base('sold_at=clock');
SELECT base_errors.create_base('customer_id=doc');
SELECT base_errors.create_base('customer_id=place');
SELECT base_errors.create_base('customers=base_errors.customers', 'customer_key=code');

-- Names of bases and schemas.
SELECT base_errors.create_base('base=base_errors');
SELECT base_errors.create_base('schema=base_errors');
SELECT base_errors.create_base('base=public');
SELECT base_errors.create_base('base=pg_mine');
SELECT base_errors.create_base('base=' || repeat('n', 64));
SELECT base_errors.create_base('schema=');
CREATE SCHEMA base_errors_full CREATE TABLE t (a int);
SELECT base_errors.create_base('base=base_errors_full');
CREATE ROLE regress_base_other;
CREATE SCHEMA base_errors_other AUTHORIZATION regress_base_other;
SELECT base_errors.create_base('base=base_errors_other');

-- Settings out of range.
SELECT base_errors.create_base('horizon=0 days');
SELECT base_errors.create_base('horizon=-1 year');
SELECT base_errors.create_base('horizon=5000 years');
SELECT base_errors.try($$SELECT customer_value.create_customer_base('e', 'base_errors.sales', 'id', 'at', 'paid', horizon => NULL)$$);
SELECT base_errors.create_base('annual_discount_rate=-1');
SELECT base_errors.create_base('annual_discount_rate=NaN');
SELECT base_errors.create_base('annual_discount_rate=Infinity');
SELECT base_errors.create_base('margin_rate=0');
SELECT base_errors.create_base('margin_rate=1.5');
SELECT base_errors.create_base('margin_rate=NaN');
SELECT base_errors.create_base('minor_units=-1');
SELECT base_errors.create_base('amount_scale=13');
SELECT base_errors.create_base('zero_amounts=maybe');
SELECT base_errors.create_base('returns=keep');
SELECT base_errors.create_base('duplicates=');
SELECT base_errors.create_base('anonymous_ids={1,NULL}');
SELECT base_errors.create_base('time_zone=Atlantis/Poseidonis');
SELECT base_errors.create_base('time_zone=');
SELECT base_errors.create_base('purchase_family=gamma-gamma');
SELECT base_errors.create_base('purchase_family=pareto');
SELECT base_errors.create_base('as_of=infinity');
SELECT base_errors.create_base('as_of=2024-12-31');
SELECT regexp_replace(base_errors.create_base('as_of=9999-01-01'), 'today is \d{4}-\d\d-\d\d', 'today is TODAY');
SELECT base_errors.create_base('currency_column=coin');

-- Nothing of all that is left behind.
SELECT count(*) FROM pg_namespace WHERE nspname = 'e';

-- Every kind of relation and of customer id.
SELECT base_errors.create_base('sales=base_errors.view', 'customer_id=mood');
SELECT DISTINCT pg_typeof(customer_id) FROM e.customer_profile;
SELECT base_errors.create_base('');
CREATE TABLE base_errors."Odd ""Sales"".x" AS SELECT id AS "the ""id""", at AS "At", paid AS "sale" FROM base_errors.sales;
SELECT base_errors.create_base('base=odd', 'sales=base_errors."Odd ""Sales"".x"', 'customer_id=the "id"', 'sold_at=At', 'amount=sale');
SELECT * FROM odd.sales_lines ORDER BY customer_id;
SELECT sales_relation, status FROM customer_value.customer_bases WHERE base = 'odd';
SELECT base_errors.try($$SELECT customer_value.drop_customer_base('odd')$$);
SELECT base_errors.create_base('base=other', 'schema=e');
SELECT base_errors.try($$SELECT customer_value.drop_customer_base('e')$$);
SELECT base_errors.create_base('sales=base_errors.matview', 'customer_id=coded', 'amount=floated');
SELECT customer_id, pg_typeof(customer_id), amount FROM e.sales_lines ORDER BY 1;
SELECT base_errors.try($$SELECT customer_value.drop_customer_base('e')$$);
SELECT base_errors.create_base('customer_id=pair', 'product=Odd Name', 'category=doc', 'customers=base_errors.sales', 'customer_key=pair');
SELECT customer_id, pg_typeof(customer_id), product, category FROM e.sales_lines ORDER BY 1;
SELECT base_errors.try($$SELECT customer_value.drop_customer_base('e')$$);
SELECT base_errors.create_base('customer_id=many', 'amount=id', 'as_of=2025-01-15');
SELECT customer_id, pg_typeof(customer_id), amount FROM e.sales_lines ORDER BY 1;
SELECT base_errors.try($$SELECT customer_value.drop_customer_base('e')$$);
SELECT base_errors.create_base('sales=base_errors.parts', 'sold_at=at', 'customer_id=id', 'amount=paid');
SELECT customer_id, day, amount FROM e.sales_lines ORDER BY day;
SELECT history FROM e.history;

-- A base that is there: alter, and functions of bases that are not.
SELECT base_errors.try($$SELECT customer_value.alter_customer_base('e', sales => 'base_errors.nowhere')$$);
SELECT base_errors.try($$SELECT customer_value.alter_customer_base('e', amount => 'nothing')$$);
SELECT base_errors.try($$SELECT customer_value.alter_customer_base('e', sales => 'e.sales_lines', customer_id => 'customer_id',
	sold_at => 'day', amount => 'amount')$$);
SELECT base_errors.try($$SELECT customer_value.alter_customer_base('e', horizon => '-1 day')$$);
SELECT base_errors.try($$SELECT customer_value.alter_customer_base('e', as_of => '2020-01-01')$$);
SELECT base_errors.try($$SELECT customer_value.alter_customer_base('e', reset => '{amount}')$$);
SELECT base_errors.try($$SELECT customer_value.alter_customer_base('e', reset => '{NULL}')$$);
SELECT base_errors.try($$SELECT customer_value.alter_customer_base('e', horizon => '1 day', reset => '{horizon}')$$);
SELECT horizon, amount_column, as_of FROM e.settings;
SELECT base_errors.try($$SELECT customer_value.fit('nowhere')$$);
SELECT base_errors.try($$SELECT customer_value.refresh('E')$$);
SELECT base_errors.try($$SELECT customer_value.rebuild_customer_base('nowhere')$$);
SELECT base_errors.try($$SELECT customer_value.alter_customer_base('nowhere')$$);
SELECT base_errors.try($$SELECT customer_value.drop_customer_base('nowhere')$$);
SELECT base_errors.try($$SELECT customer_value.drop_customer_base(NULL)$$);
SELECT base_errors.try($$SELECT customer_value.fit(NULL)$$);

-- A settings table without its row is no base.
BEGIN;
DELETE FROM e.settings;
SELECT base_errors.try($$SELECT customer_value.refresh('e')$$);
ROLLBACK;
-- Settings have one row.
INSERT INTO e.settings (base) VALUES ('second');

SELECT base_errors.try($$SELECT customer_value.drop_customer_base('e')$$);
DROP SCHEMA base_errors_full, base_errors_other CASCADE;
DROP ROLE regress_base_other;
DROP SCHEMA base_errors CASCADE;
DROP TABLE passing;
