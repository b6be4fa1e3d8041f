-- views_every_set.sql - no view of a base shows a NaN or an infinity, on any of the real data sets.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\getenv shared CV_SHARED
\if :{?shared}
\else
	\echo 1..0 # SKIP no real data sets (CV_SHARED)
	\quit
\endif
\ir views_contract.psql

CREATE PROCEDURE pg_temp.bind(base text, arguments text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT customer_value.create_customer_base(%L, %s)', base, arguments);
	PERFORM customer_value.fit(base);
END
$$;

\o /dev/null
\set directory :shared '/data/cdnow'
\cd :directory
\i load.sql
\set directory :shared '/data/foodmart'
\cd :directory
\i load.sql
\set directory :shared '/data/adventureworks'
\cd :directory
\i load.sql
\set directory :shared '/data/ravenstack'
\cd :directory
\i load.sql
\set directory :shared '/data/northwind'
\cd :directory
\! gzip -dc northwind.sql.gz > "$CV_TMP/northwind.sql"
\getenv scratch CV_TMP
\set script :scratch '/northwind.sql'
\i :script
\set directory :shared '/data/oracle_co'
\cd :directory
\! gzip -dc oracle_co.sql.gz > "$CV_TMP/oracle_co.sql"
\set script :scratch '/oracle_co.sql'
\i :script
RESET search_path;

CREATE VIEW public.groceries AS
	SELECT f.customer_id, t.the_date, f.store_sales, f.store_cost, f.unit_sales, f.store_id
	FROM (SELECT * FROM foodmart.sales_fact_1997 UNION ALL SELECT * FROM foodmart.sales_fact_dec_1998) AS f
		JOIN foodmart.time_by_day AS t USING (time_id);
CREATE VIEW public.clothes AS
	SELECT o.customer_id, o.order_tms, o.order_id, i.quantity, i.unit_price * i.quantity
		   * CASE o.order_status WHEN 'REFUNDED' THEN 0 WHEN 'CANCELLED' THEN 0 ELSE 1 END AS amount
	FROM oracle_co.orders AS o JOIN oracle_co.order_items AS i USING (order_id);
CREATE VIEW public.traders AS
	SELECT o.customer_id, o.order_date, o.order_id, d.unit_price * d.quantity * (1 - d.discount) AS amount
	FROM northwind.orders AS o JOIN northwind.order_details AS d USING (order_id);

CALL pg_temp.bind('cd_all', $$'cdnow.purchases', 'customer_id', 'purchase_date', 'dollar_value', margin_rate => 0.3$$);
CALL pg_temp.bind('food', $$'public.groceries', 'customer_id', 'the_date', 'store_sales', cost => 'store_cost',
	quantity => 'unit_sales', channel => 'store_id', customers => 'foodmart.customer', customer_key => 'customer_id',
	customer_name => 'fullname', customer_region => 'country'$$);
CALL pg_temp.bind('bikes', $$'adventureworks.internet_sales', 'customer_key', 'order_date', 'sales_amount',
	order_id => 'sales_order_number', cost => 'total_product_cost', quantity => 'order_quantity',
	customers => 'adventureworks.customers', customer_key => 'customer_key', customer_name => 'last_name'$$);
CALL pg_temp.bind('dealers', $$'adventureworks.reseller_sales', 'reseller_key', 'order_date', 'sales_amount',
	order_id => 'sales_order_number', cost => 'total_product_cost'$$);
CALL pg_temp.bind('north', $$'public.traders', 'customer_id', 'order_date', 'amount', order_id => 'order_id', amount_scale => 2$$);
CALL pg_temp.bind('wear', $$'public.clothes', 'customer_id', 'order_tms', 'amount', order_id => 'order_id', quantity => 'quantity'$$);
CALL pg_temp.bind('software', $$'ravenstack.subscriptions', 'account_id', 'start_date', 'mrr_amount', zero_amounts => 'ignore'$$);
\o

SELECT plan(count(*)::integer) FROM customer_value.customer_bases;
SELECT is((SELECT string_agg(t.bad, '; ') FROM pg_temp.relations(b.base) AS r CROSS JOIN LATERAL pg_temp.reading(r) AS t), NULL,
		  b.base || ': no NaN and no infinity in any view')
FROM customer_value.customer_bases AS b ORDER BY b.base;
SELECT * FROM finish();
