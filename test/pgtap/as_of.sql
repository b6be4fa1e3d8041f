-- as_of.sql - as of any day a base says what it would have said with the sales up to that day alone, and the same models.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\ir as_of.psql
\o /dev/null
\ir ../../demo/shop.sql
SET client_min_messages = warning;
-- every sixth customer of the shop is enough
DELETE FROM order_lines WHERE order_id IN (SELECT order_id FROM orders WHERE customer_id % 6 <> 0);
DELETE FROM orders WHERE customer_id % 6 <> 0;
DELETE FROM customers WHERE customer_id % 6 <> 0;
ANALYZE;
\ir ../../demo/bind.sql
SELECT customer_value.fit('shop');
\getenv shared CV_SHARED
\if :{?shared}
	\set directory :shared '/data/superstore'
	\cd :directory
	\i load.sql
	CREATE VIEW public.super AS SELECT *, sales - profit AS cost, sales / (1 - discount) AS list FROM superstore.orders;
	SELECT customer_value.create_customer_base('super', sales => 'public.super', customer_id => 'customer_id', sold_at => 'order_date',
		amount => 'sales', order_id => 'order_id', cost => 'cost', list_amount => 'list', quantity => 'quantity', product => 'product_name',
		category => 'sub_category', channel => 'ship_mode');
	SELECT customer_value.fit('super');
\endif
\o
SELECT * FROM no_plan();
-- in the first year, on a day of a campaign, in between
SELECT pg_temp.as_of('shop', '{2021-09-30,2022-11-25,2024-03-31}');
\if :{?shared}
-- before the first sale, and on the last day of a February
SELECT pg_temp.as_of('super', '{2013-12-31,2016-02-29}');
\endif
SELECT * FROM finish();
