-- Histories of real sales: the published summary of CDNOW, and every line and penny of Online Retail.
-- Skipped where the data sets are absent.
\unset ECHO
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\pset pager off
\getenv shared CV_SHARED
\if :{?shared}
\else
\echo 1..0 # SKIP no real data sets (CV_SHARED)
\quit
\endif
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\set directory :shared '/data/cdnow'
\cd :directory
\i load.sql
\set directory :shared '/data/online_retail'
\cd :directory
\i load.sql

SET search_path = customer_value, public;
SELECT plan(12);

-- CDNOW, the 1/10 sample: x, t_x and T of every customer, published with two decimals
CREATE TEMP TABLE cdnow_history AS
SELECT customer_id, purchase_history(purchase_date, dollar_value) AS history FROM cdnow.sample_purchases GROUP BY 1;
SELECT is(count(*), 2357::bigint, 'customers of the sample') FROM cdnow_history;
SELECT is(sum(total_amount(history)), 244091.94, 'their money') FROM cdnow_history;
SELECT is(count(*), 2357::bigint, 'x, t_x and T are the published ones')
FROM cdnow_history
JOIN cdnow.expected_summary_lifetimes AS published ON published.id = customer_id::int
CROSS JOIN LATERAL purchase_summary(history, date '1997-09-30') AS s
WHERE s.x = frequency AND abs(s.t_x - recency) < 0.0051 AND abs(s.t - published.t) < 0.0051;
SELECT is(count(*), 2357::bigint, 'm is the mean of the repeat purchase days')
FROM cdnow_history
JOIN (SELECT customer_id, avg(amount) FILTER (WHERE number > 1) AS m FROM (
		SELECT customer_id, sum(dollar_value) AS amount, row_number() OVER (PARTITION BY customer_id ORDER BY purchase_date) AS number
		FROM cdnow.sample_purchases WHERE purchase_date <= '1997-09-30' GROUP BY customer_id, purchase_date) AS days
	GROUP BY customer_id) AS by_hand USING (customer_id)
CROSS JOIN LATERAL purchase_summary(history, date '1997-09-30') AS s
WHERE abs(coalesce(s.m, 0) - coalesce(by_hand.m, 0)) < 1e-9;

-- Online Retail: lines without a customer, returns, prices of three decimals, negative prices
CREATE TEMP TABLE retail_history AS
SELECT customer_id, purchase_history(invoice_date::date, quantity * unit_price, NULL, abs(quantity * unit_price), quantity) AS history
FROM online_retail.lines GROUP BY 1;
SELECT is(sum(orders(history) + returns(history)), 541909::numeric, 'every line is an order or a return') FROM retail_history;
SELECT is(sum(total_amount(history)), (SELECT sum(quantity * unit_price) FROM online_retail.lines), 'amounts, exactly') FROM retail_history;
SELECT is(sum(total_quantity(history)), (SELECT sum(quantity) FROM online_retail.lines)::numeric, 'quantities, exactly') FROM retail_history;
SELECT is(sum(total_list_amount(history)), (SELECT sum(abs(quantity * unit_price)) FROM online_retail.lines), 'list amounts, exactly') FROM retail_history;
SELECT is(sum(returned_amount(history)), (SELECT -sum(quantity * unit_price) FROM online_retail.lines WHERE quantity * unit_price < 0),
	'returned amounts, exactly') FROM retail_history;
SELECT ok((SELECT merge(history) FROM retail_history) =
	(SELECT purchase_history(invoice_date::date, quantity * unit_price, NULL, abs(quantity * unit_price), quantity) FROM online_retail.lines),
	'the customers merged are the whole shop');
SELECT is(sum(orders(history)), 18536::numeric, 'orders of known customers, counted once each however many lines')
FROM (SELECT customer_id, merge(as_one_order(history)) AS history FROM (
		SELECT customer_id, invoice_no, purchase_history(invoice_date::date, quantity * unit_price) AS history
		FROM online_retail.lines WHERE customer_id IS NOT NULL GROUP BY 1, 2) AS invoices GROUP BY 1) AS customers;
-- customer 16446 ordered 80,995 pieces and gave them back the same day
SELECT results_eq($$SELECT amount, returned, quantity FROM retail_history, unnest(history) WHERE customer_id = 16446 AND day = '2011-12-09'$$,
	$$VALUES (0.00, 168469.60, 0::numeric)$$, 'an order returned the same day leaves nothing but its trace');
SELECT * FROM finish();
