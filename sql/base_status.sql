-- The sales change under a customer base: customer_bases says so, and nothing is silently wrong.
\set SHOW_CONTEXT never
\pset format unaligned
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
SET DateStyle = 'ISO, YMD';
CREATE SCHEMA base_status;
CREATE TABLE base_status.sales (id int, customer int, at date, paid numeric, listed numeric);
CREATE TABLE base_status.people (id int, name text, region text);
INSERT INTO base_status.sales VALUES (1, 1, '2025-01-01', 10, 12), (2, 2, '2025-01-02', 20, 24);
INSERT INTO base_status.people VALUES (1, 'Ada', 'north'), (2, 'Bob', 'south');
CREATE FUNCTION base_status.status() RETURNS TABLE (status text, detail text) LANGUAGE sql
	AS $$ SELECT status, detail FROM customer_value.customer_bases WHERE base = 's' $$;

SELECT customer_value.create_customer_base('s', sales => 'base_status.sales', customer_id => 'customer', sold_at => 'at', amount => 'paid',
	list_amount => 'listed', customers => 'base_status.people', customer_key => 'id', customer_name => 'name', customer_region => 'region');
SELECT * FROM base_status.status();

-- A renamed table: the views follow; rebuild takes the new name.
ALTER TABLE base_status.sales RENAME TO orders;
SELECT * FROM base_status.status();
SELECT customer_value.refresh('s');
SELECT customer_value.rebuild_customer_base('s');
SELECT * FROM base_status.status();
SELECT sales_relation FROM s.settings;
SELECT customer_value.alter_customer_base('s', horizon => '2 years');

-- Another schema is a rename, too.
CREATE SCHEMA base_status_other;
ALTER TABLE base_status.orders SET SCHEMA base_status_other;
SELECT * FROM base_status.status();
ALTER TABLE base_status_other.orders SET SCHEMA base_status;
DROP SCHEMA base_status_other;
SELECT * FROM base_status.status();

-- Rename and create: the name means another table, the views read the old one. Maintenance refuses until told.
ALTER TABLE base_status.orders RENAME TO orders_old;
CREATE TABLE base_status.orders (id int, customer int, at date, paid numeric, listed numeric);
INSERT INTO base_status.orders VALUES (3, 3, '2025-02-01', 30, 30);
SELECT * FROM base_status.status();
SELECT customer_value.refresh('s');
SELECT * FROM customer_value.fit('s');
SELECT customer_value.rebuild_customer_base('s');
SELECT customer_id, customer_name, total_amount FROM s.customer_profile ORDER BY 1;
SELECT * FROM base_status.status();

-- A renamed column: the views follow, and so does alter.
ALTER TABLE base_status.orders RENAME paid TO total;
SELECT * FROM base_status.status();
SELECT customer_value.refresh('s');
SELECT customer_value.alter_customer_base('s', product => 'id');
SELECT amount_column, product_column FROM s.settings;
SELECT * FROM base_status.status();

-- A column of the old name is another column.
ALTER TABLE base_status.orders RENAME total TO total_gross;
ALTER TABLE base_status.orders ADD total numeric;
SELECT * FROM base_status.status();
SELECT customer_value.refresh('s');
SELECT customer_value.alter_customer_base('s', amount => 'total_gross');
SELECT * FROM base_status.status();

-- Two bound columns change names with each other.
ALTER TABLE base_status.orders RENAME total_gross TO x;
ALTER TABLE base_status.orders RENAME listed TO total_gross;
ALTER TABLE base_status.orders RENAME x TO listed;
SELECT * FROM base_status.status();
SELECT customer_value.alter_customer_base('s', amount => 'listed', list_amount => 'total_gross');
SELECT * FROM base_status.status();

-- A bound column cannot be dropped unawares; with everything that stands on it, it can.
\set VERBOSITY terse
ALTER TABLE base_status.orders DROP total_gross;
\set VERBOSITY default
ALTER TABLE base_status.orders DROP total;
SELECT * FROM base_status.status();
BEGIN;
ALTER TABLE base_status.orders DROP total_gross CASCADE;
SELECT * FROM base_status.status();
SAVEPOINT dropped;
SELECT customer_value.refresh('s');
ROLLBACK TO dropped;
SELECT customer_value.rebuild_customer_base('s');
ROLLBACK;
BEGIN;
ALTER TABLE base_status.orders DROP total_gross CASCADE;
SELECT customer_value.alter_customer_base('s', reset => '{list_amount}');
SELECT * FROM base_status.status();
SELECT customer_id, total_amount, total_list_amount FROM s.customer_profile ORDER BY 1;
ROLLBACK;
-- The table, too.
BEGIN;
DROP TABLE base_status.orders CASCADE;
SELECT * FROM base_status.status();
SELECT customer_value.fit('s');
ROLLBACK;
BEGIN;
DROP TABLE base_status.orders CASCADE;
SELECT customer_value.alter_customer_base('s', sales => 'base_status.orders_old', amount => 'paid', list_amount => 'listed');
SELECT * FROM base_status.status();
SELECT customer_id, customer_name, total_amount FROM s.customer_profile ORDER BY 1;
ROLLBACK;
BEGIN;
DROP TABLE base_status.orders CASCADE;
SELECT customer_value.drop_customer_base('s');
SELECT count(*) FROM pg_namespace WHERE nspname = 's';
ROLLBACK;

-- A view of the base that is gone comes back with rebuild.
DROP VIEW s.monthly_summary;
SELECT * FROM base_status.status();
SELECT customer_value.rebuild_customer_base('s');
SELECT * FROM base_status.status();

-- So does a function.
DROP FUNCTION s.portfolio_summary_at;
SELECT * FROM base_status.status();
SELECT customer_value.rebuild_customer_base('s');
SELECT * FROM base_status.status();

-- All of them are known, and dropped, however the session spells names.
SET quote_all_identifiers = on;
SELECT * FROM base_status.status();
BEGIN;
SELECT customer_value.drop_customer_base('s');
SELECT count(*) FROM pg_namespace WHERE nspname = 's';
ROLLBACK;
RESET quote_all_identifiers;

-- Fit says what is amiss; tables do not come back, and do not keep the rest from being dropped.
BEGIN;
DROP VIEW s.history CASCADE;
SELECT * FROM customer_value.fit('s');
ROLLBACK;
BEGIN;
DROP TABLE s.models, s.model_checks, s.model_holdouts CASCADE;
SAVEPOINT dropped;
SELECT * FROM customer_value.fit('s');
ROLLBACK TO dropped;
SELECT customer_value.rebuild_customer_base('s');
ROLLBACK TO dropped;
SELECT customer_value.drop_customer_base('s');
SELECT count(*) FROM pg_namespace WHERE nspname = 's';
ROLLBACK;

-- A copy of a base, as a restore beside the old one leaves it.
CREATE SCHEMA s_copy CREATE TABLE settings OF customer_value.base_settings;
INSERT INTO s_copy.settings SELECT * FROM s.settings;
SELECT customer_value.refresh('s');
DROP SCHEMA s_copy CASCADE;

-- The customers, likewise.
ALTER TABLE base_status.people RENAME name TO full_name;
SELECT * FROM base_status.status();
SELECT customer_value.alter_customer_base('s', customer_name => 'full_name');
SELECT * FROM base_status.status();
ALTER TABLE base_status.people RENAME TO people_old;
CREATE TABLE base_status.people (id int, full_name text, region text);
SELECT * FROM base_status.status();
SELECT customer_value.rebuild_customer_base('s');
SELECT * FROM base_status.status();
SELECT customer_value.alter_customer_base('s', reset => '{customers}');
SELECT * FROM base_status.status();
DROP TABLE base_status.people;

-- Views of another version.
UPDATE s.settings SET created_with = '0.0.1';
SELECT * FROM base_status.status();
SELECT customer_value.rebuild_customer_base('s');
SELECT * FROM base_status.status();

-- Settings that somebody wrote by hand do not break the report.
UPDATE s.settings SET sales_relation = '"""', customers_relation = 'a.b.c.d', views = NULL, created_with = NULL;
SELECT * FROM base_status.status();
UPDATE s.settings SET sales_relation = NULL;
SELECT * FROM base_status.status();
UPDATE s.settings SET as_of = 'infinity', last_sale_day = '-infinity';
SELECT as_of, last_sale_day, days_behind FROM customer_value.customer_bases WHERE schema = 's';
DROP SCHEMA s CASCADE;
DROP SCHEMA base_status CASCADE;
