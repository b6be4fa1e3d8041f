-- views_every_set.sql - every view of a base over each of the real data sets, or a part of its customers: it answers, twice the same,
-- without a NaN or an infinity, and the presets are what their definitions say.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\getenv shared CV_SHARED
\if :{?shared}
\else
	\echo 1..0 # SKIP no real data sets (CV_SHARED)
	\quit
\endif
\ir views_contract.psql
\ir presets_by_hand.psql

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

CREATE VIEW public.discs AS SELECT * FROM cdnow.purchases WHERE customer_id::integer % 20 = 0;
-- a basket has no number; the stores are the channels
CREATE VIEW public.groceries AS
	SELECT f.customer_id, t.the_date, f.store_sales, f.store_cost, f.unit_sales, s.store_name, p.product_name, c.product_department
	FROM (SELECT * FROM foodmart.sales_fact_1997 UNION ALL SELECT * FROM foodmart.sales_fact_dec_1998) AS f
		JOIN foodmart.time_by_day AS t USING (time_id) JOIN foodmart.store AS s USING (store_id)
		JOIN foodmart.product AS p USING (product_id) JOIN foodmart.product_class AS c USING (product_class_id)
	WHERE f.customer_id % 8 = 0;
CREATE VIEW public.shoppers AS SELECT * FROM foodmart.customer WHERE customer_id % 8 = 0;
-- two channels of one company. The resellers' days are six and a half years late, so the others' are moved there
CREATE VIEW public.bicycles AS
	SELECT s.*, p.product, p.english_product_category_name AS category
	FROM (SELECT 'web ' || customer_key AS customer, (order_date + interval '78 months')::date AS day, sales_order_number, sales_amount,
				 total_product_cost, order_quantity, product_key, 'internet' AS channel
		  FROM adventureworks.internet_sales WHERE customer_key % 20 = 0
		  UNION ALL
		  SELECT 'shop ' || reseller_key, order_date, sales_order_number, sales_amount, total_product_cost, order_quantity, product_key, 'reseller'
		  FROM adventureworks.reseller_sales WHERE reseller_key % 3 = 0) AS s
		LEFT JOIN adventureworks.products AS p USING (product_key);
CREATE VIEW public.clothes AS
	SELECT o.customer_id, o.order_tms, o.order_id, i.quantity, i.unit_price * i.quantity
		   * CASE o.order_status WHEN 'REFUNDED' THEN 0 WHEN 'CANCELLED' THEN 0 ELSE 1 END AS amount
	FROM oracle_co.orders AS o JOIN oracle_co.order_items AS i USING (order_id);
CREATE VIEW public.traders AS
	SELECT o.customer_id, o.order_date, o.order_id, d.unit_price * d.quantity * (1 - d.discount) AS amount
	FROM northwind.orders AS o JOIN northwind.order_details AS d USING (order_id);

CALL pg_temp.bind('discs', $$'public.discs', 'customer_id', 'purchase_date', 'dollar_value', margin_rate => 0.3$$);
CALL pg_temp.bind('food', $$'public.groceries', 'customer_id', 'the_date', 'store_sales', cost => 'store_cost',
	quantity => 'unit_sales', product => 'product_name', category => 'product_department', channel => 'store_name',
	customers => 'public.shoppers', customer_key => 'customer_id', customer_name => 'fullname', customer_region => 'country'$$);
UPDATE food.parameters SET list = '{Produce,Seafood}' WHERE parameter = 'strategic_categories';
CALL pg_temp.bind('bikes', $$'public.bicycles', 'customer', 'day', 'sales_amount', order_id => 'sales_order_number',
	cost => 'total_product_cost', quantity => 'order_quantity', product => 'product', category => 'category', channel => 'channel'$$);
CALL pg_temp.bind('north', $$'public.traders', 'customer_id', 'order_date', 'amount', order_id => 'order_id', amount_scale => 2$$);
CALL pg_temp.bind('wear', $$'public.clothes', 'customer_id', 'order_tms', 'amount', order_id => 'order_id', quantity => 'quantity'$$);
CALL pg_temp.bind('software', $$'ravenstack.subscriptions', 'account_id', 'start_date', 'mrr_amount', zero_amounts => 'ignore'$$);
\o

SELECT no_plan();
SELECT pg_temp.answers(b.base, b.base || ': ', functions => false, twice => b.base IN ('discs', 'food', 'bikes'),
					   sold_much => b.base IN ('discs', 'food', 'bikes'), gaps => CASE b.base
						   -- a customer without a cost leaves the totals open
						   WHEN 'bikes' THEN '^(portfolio_summary|customer_equity|segment_summary)\.'
						   -- first purchases are of the last two years only, and the estimates of FoodMart have no errors
						   ELSE '\.(fewer_purchases_p_value|expected_value_low|expected_value_high)$' END)
FROM customer_value.customer_bases AS b ORDER BY b.base;
SELECT pg_temp.by_hand('food');
SELECT pg_temp.by_hand('bikes');
SELECT results_eq($$SELECT count(*) FILTER (WHERE expected_value IS NOT NULL), count(*) FROM discs.customer_profile$$,
	$$SELECT count(DISTINCT customer_id), count(DISTINCT customer_id) FROM public.discs$$, 'CDNOW: dates and amounts are enough for an expected value of everybody');
SELECT results_eq($$SELECT segment, customers FROM bikes.segment_summary WHERE segmentation = 'channel' ORDER BY 1$$,
	$$SELECT channel, count(DISTINCT customer) FROM public.bicycles GROUP BY 1 ORDER BY 1$$, 'AdventureWorks: everybody of the two channels');
SELECT results_eq($$SELECT customer_id, strategic_share::numeric FROM food.customer_profile WHERE strategic_share IS NOT NULL ORDER BY 1$$,
	$$SELECT customer_id, round(coalesce(sum(store_sales) FILTER (WHERE product_department IN ('Produce', 'Seafood')), 0) / sum(store_sales), 4)
	  FROM public.groceries GROUP BY 1 ORDER BY 1$$, 'FoodMart: the share of declared categories');
SELECT is_empty($$SELECT * FROM food.customer_lifetime_value_interval WHERE expected_value_low IS NULL AND reason IS NULL$$, 'FoodMart: no interval, and why');
SELECT is_empty($$SELECT * FROM bikes.portfolio_summary WHERE reason !~ 'cost missing'$$, 'AdventureWorks: no totals, and why');
SELECT * FROM finish();
