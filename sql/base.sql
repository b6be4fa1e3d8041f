-- The life of a customer base: create, read, alter, rebuild, drop.
\set SHOW_CONTEXT never
\pset format unaligned
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE SCHEMA base_test;

CREATE TABLE base_test.orders (order_no text, customer text, sold_on date, total numeric, cost numeric, list numeric, pieces int, sku text);
INSERT INTO base_test.orders VALUES
	('A1', 'ada', '2025-01-05', 10.00,  6, 12, 1, 'x'),
	('A1', 'ada', '2025-01-05', 20.00, 12, 20, 2, 'y'),
	('A2', 'ada', '2025-02-07', 30.50, 20, 30.50, 3, 'x'),
	('A2', 'ada', '2025-02-07', -5.50, -3, -5.50, -1, 'x'),
	(NULL, 'ada', '2025-02-07',  1.00,  1, 1, 1, 'z'),
	(NULL, 'ada', '2025-02-07',  1.00,  1, 1, 1, 'z'),
	('B1', 'bob', '2025-01-09', 40.00, 30, 40, 1, 'x'),
	('B2', 'bob', '2025-03-31',  0.00,  0, 0, 1, 'gift'),
	('C1', 'cyd', '2025-03-01', -8.00, -4, -8, -1, 'x');

-- A name that needs quoting; the relation is found on the search path; order_id tells orders from lines.
SET search_path = base_test, public;
SELECT customer_value.create_customer_base('My "Best" Shop', sales => 'orders', customer_id => 'customer', sold_at => 'sold_on',
	amount => 'total', order_id => 'order_no', cost => 'cost', list_amount => 'list', quantity => 'pieces', product => 'sku');
RESET search_path;
SELECT base, schema, owner = current_user AS mine, sales_relation, status, detail, as_of, last_sale_day, fitted_at, fitted_family
FROM customer_value.customer_bases;
SELECT relname, relkind, reloptions FROM pg_class
WHERE relnamespace = '"My ""Best"" Shop"'::regnamespace AND relname IN ('settings', 'sales_lines', 'history', 'data_quality', 'customer_profile')
ORDER BY relname COLLATE "C";
SELECT customer_id, day, order_id, amount, cost, list_amount, quantity, product, rule FROM "My ""Best"" Shop".sales_lines
ORDER BY line COLLATE "C";
SELECT customer_id, customer_value.orders(history), history FROM "My ""Best"" Shop".history ORDER BY customer_id;
SELECT as_of, first_sale_day, last_sale_day, horizon, annual_discount_rate, value_basis, round(margin_share::numeric, 6) AS margin_share
FROM "My ""Best"" Shop".settings;

-- Every view and column that has no comment: none.
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = '"My ""Best"" Shop"'::regnamespace AND c.relkind IN ('r', 'v')
	AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);

-- Settings; what is not given stays; reset puts back.
SELECT customer_value.alter_customer_base('My "Best" Shop', horizon => '2 years', returns => 'ignore', zero_amounts => 'ignore',
	duplicates => 'ignore', anonymous_ids => '{bob}', as_of => '2025-03-15', margin_rate => 0.25, currency => 'EUR');
SELECT customer_id, amount, rule FROM "My ""Best"" Shop".sales_lines ORDER BY line COLLATE "C";
SELECT customer_id, history FROM "My ""Best"" Shop".history ORDER BY customer_id;
SELECT horizon, returns, zero_amounts, duplicates, anonymous_ids, as_of_setting, as_of, margin_rate, currency, value_basis
FROM "My ""Best"" Shop".settings;
SELECT customer_value.alter_customer_base('My "Best" Shop',
	reset => '{horizon,returns,zero_amounts,duplicates,anonymous_ids,as_of,cost,order_id}');
SELECT horizon, returns, zero_amounts, duplicates, anonymous_ids, as_of_setting, as_of, margin_rate, cost_column, order_id_column, value_basis
FROM "My ""Best"" Shop".settings;
SELECT customer_id, history FROM "My ""Best"" Shop".history ORDER BY customer_id;
SELECT customer_value.alter_customer_base('My "Best" Shop', reset => '{margin_rate,currency,list_amount,quantity,product}');
SELECT value_basis, margin_share FROM "My ""Best"" Shop".settings;

-- reset says what create does without the argument.
SELECT customer_value.create_customer_base('plain', sales => 'base_test.orders', customer_id => 'customer', sold_at => 'sold_on', amount => 'total');
SELECT to_jsonb(a) - 'base' - 'refreshed_at' = to_jsonb(b) - 'base' - 'refreshed_at' AS same
FROM "My ""Best"" Shop".settings a, plain.settings b;
SELECT customer_value.drop_customer_base('plain');

-- New sales: refresh moves on, and keeps the privileges of readers.
CREATE ROLE regress_base_reader;
GRANT SELECT ON "My ""Best"" Shop".history TO regress_base_reader;
GRANT SELECT ON "My ""Best"" Shop".customer_ranking TO regress_base_reader WITH GRANT OPTION;
GRANT SELECT (customer_id, rank) ON "My ""Best"" Shop".customer_ranking TO regress_base_reader;
INSERT INTO base_test.orders VALUES ('D1', 'dan', '2025-06-01', 99, 50, 100, 1, 'x');
SELECT customer_value.refresh('My "Best" Shop');
SELECT customer_value.alter_customer_base('My "Best" Shop', order_id => 'order_no');
SELECT relname, relacl::text LIKE '%regress_base_reader=r%' AS kept FROM pg_class
WHERE oid IN ('"My ""Best"" Shop".history'::regclass, '"My ""Best"" Shop".customer_ranking'::regclass) ORDER BY 1;

-- A customer id of another type changes the columns: the views are made anew, privileges are given back ...
ALTER TABLE base_test.orders ADD COLUMN customer_no int;
UPDATE base_test.orders SET customer_no = ascii(customer) - 96;
SELECT customer_value.alter_customer_base('My "Best" Shop', customer_id => 'customer_no');
SELECT customer_id, orders, total_amount FROM "My ""Best"" Shop".customer_profile ORDER BY customer_id;
SELECT relname, relacl::text LIKE '%regress_base_reader=r%' AS kept FROM pg_class
WHERE oid IN ('"My ""Best"" Shop".history'::regclass, '"My ""Best"" Shop".customer_ranking'::regclass) ORDER BY 1;
SELECT attname, attacl::text LIKE '%regress_base_reader=r%' AS kept FROM pg_attribute
WHERE attrelid = '"My ""Best"" Shop".customer_ranking'::regclass AND attacl IS NOT NULL ORDER BY attnum;
-- ... unless something stands on them.
CREATE VIEW base_test.report AS SELECT customer_id, total_amount FROM "My ""Best"" Shop".customer_profile;
SELECT customer_value.alter_customer_base('My "Best" Shop', customer_id => 'customer');
SELECT customer_value.drop_customer_base('My "Best" Shop');
SELECT customer_value.alter_customer_base('My "Best" Shop', cost => 'cost');
SELECT customer_value.rebuild_customer_base('My "Best" Shop');
SELECT * FROM base_test.report ORDER BY 1;
DROP VIEW base_test.report;

-- Drop removes what was made, and nothing else.
CREATE TABLE "My ""Best"" Shop".notes (note text);
SELECT customer_value.drop_customer_base('My "Best" Shop');
SELECT relname FROM pg_class WHERE relnamespace = '"My ""Best"" Shop"'::regnamespace;
DROP SCHEMA "My ""Best"" Shop" CASCADE;

-- An empty schema of one's own is adopted, and stays.
CREATE SCHEMA base_test_views;
SELECT customer_value.create_customer_base('adopted', sales => 'base_test.orders', customer_id => 'CUSTOMER', sold_at => 'Sold_On',
	amount => 'total', schema => 'base_test_views');
SELECT base, schema, status FROM customer_value.customer_bases;
SELECT customer_value.drop_customer_base('adopted');
SELECT count(*) FROM pg_class WHERE relnamespace = 'base_test_views'::regnamespace;
DROP SCHEMA base_test_views;

-- No sales yet.
CREATE TABLE base_test.nothing (customer int, sold_at timestamptz, amount real);
SELECT customer_value.create_customer_base('nothing', sales => 'base_test.nothing', customer_id => 'customer', sold_at => 'sold_at', amount => 'amount');
SELECT count(*) FROM nothing.customer_profile;
SELECT count(*) FROM nothing.customer_ranking;
SELECT count(*) FROM nothing.monthly_summary;
SELECT count(*) FROM nothing.cohort_retention;
SELECT customers, prospects, total_amount, as_of FROM nothing.portfolio_summary;
SELECT rule, lines, amount, share_of_lines FROM nothing.data_quality WHERE lines <> 0 OR rule IN ('all_lines', 'kept');
SELECT * FROM customer_value.fit('nothing');
SELECT as_of, days_behind, fitted_family FROM customer_value.customer_bases;
SELECT customer_value.drop_customer_base('nothing');

-- One transaction: a base that is rolled back was never there.
BEGIN;
SELECT customer_value.create_customer_base('fleeting', sales => 'base_test.orders', customer_id => 'customer', sold_at => 'sold_on', amount => 'total');
SELECT customer_value.drop_customer_base('fleeting');
SELECT customer_value.create_customer_base('fleeting', sales => 'base_test.orders', customer_id => 'customer', sold_at => 'sold_on', amount => 'total');
ROLLBACK;
SELECT count(*) FROM customer_value.customer_bases;
SELECT count(*) FROM pg_namespace WHERE nspname = 'fleeting';

DROP ROLE regress_base_reader;
DROP SCHEMA base_test CASCADE;
