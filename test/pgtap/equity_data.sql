-- equity_data.sql - headroom, signals and customer equity over real sales: date and amount alone, and a shop that loses money on some.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\getenv shared CV_SHARED
\if :{?shared}
\else
	\echo 1..0 # SKIP no real data sets (CV_SHARED)
	\quit
\endif
\o /dev/null
\set directory :shared '/data/cdnow'
\cd :directory
\i load.sql
\set directory :shared '/data/superstore'
\cd :directory
\i load.sql
CREATE VIEW public.super AS SELECT *, sales - profit AS cost, sales / (1 - discount) AS list FROM superstore.orders;
SELECT customer_value.create_customer_base('cd', sales => 'cdnow.sample_purchases', customer_id => 'customer_id', sold_at => 'purchase_date',
	amount => 'dollar_value', purchase_family => 'mbg/nbd');
SELECT customer_value.create_customer_base('super', sales => 'public.super', customer_id => 'customer_id', sold_at => 'order_date', amount => 'sales',
	cost => 'cost', list_amount => 'list', order_id => 'order_id', product => 'product_name', category => 'sub_category', purchase_family => 'mbg/nbd');
SELECT customer_value.fit('cd'), customer_value.fit('super');
\o
SELECT no_plan();

-- CDNOW: all came in the first quarter of 1997, and nobody since
SELECT results_eq('SELECT customers, newcomers_last_year, newcomers_forecast, newcomers_value, customer_equity = expected_value, expected_value_low < expected_value, value_of_newcomer > 0, reason FROM cd.customer_equity',
	$$VALUES (2357::bigint, 0::bigint, 0.00, 0.00, true, true, true, 'acquisition cost not given: see parameters')$$, 'one cohort: nobody is forecast to come');
SELECT results_eq('SELECT customers, newcomers_last_year, customer_equity, split_part(reason, '';'', 1) FROM cd.customer_equity_at(''1997-12-31'')',
	$$VALUES (2357::bigint, NULL::bigint, NULL::numeric, 'newcomers unknown: the sales begin within the last 365 days')$$, 'in its first year everybody is new');
SELECT results_eq('SELECT basis, peer_group, count(*), count(headroom), min(headroom) >= 0, min(peers) > 100 FROM cd.customer_headroom GROUP BY 1, 2',
	$$VALUES ('spend per active year', 'tenure', 2357::bigint, 2357::bigint, true, true)$$, 'date and amount alone: one gap, and said to be');
-- the gap by hand: all have been customers for a year, so there is one group
SELECT is_empty($$WITH w AS (SELECT customer_id, sum(dollar_value) FILTER (WHERE purchase_date > '1997-06-30') AS spend FROM cdnow.sample_purchases GROUP BY 1),
		q AS (SELECT percentile_cont(0.75) WITHIN GROUP (ORDER BY spend::float8) FILTER (WHERE spend > 0) AS upper, count(*) FILTER (WHERE spend > 0) AS buyers, count(spend) AS peers FROM w)
	SELECT h.* FROM cd.customer_headroom AS h JOIN w USING (customer_id) CROSS JOIN q
	WHERE abs(h.headroom - greatest(0, q.upper - coalesce(w.spend, 0)) * q.buyers / q.peers * h.discounted_active_years) > 0.0051$$, 'and the gap is that of the sales');
SELECT results_eq('SELECT count(*), bool_and(value_driver = 1), count(brand_driver_first_orders), count(relationship_driver), min(reason) FROM cd.equity_driver_signals',
	$$VALUES (2357::bigint, true, 0::bigint, 2357::bigint, 'full price unknown: bind list_amount')$$, 'what is not bound says what to bind');

-- Superstore: 155 customers have brought a loss
SELECT results_eq('SELECT count(*), count(explicit_share), count(*) FILTER (WHERE explicit_value < 0 AND reason = ''no shares''), min(growth_value) >= 0 FROM super.value_decomposition',
	$$VALUES (793::bigint, 638::bigint, 155::bigint, true)$$, 'a loss is a part below 0, and has no shares');
SELECT is((SELECT sum(explicit_value) FROM super.value_decomposition), (SELECT sum(profit) FROM superstore.orders), 'what was brought is the profit');
SELECT ok(count(*) FILTER (WHERE peer_group = 'tenure') > 0 AND count(*) FILTER (WHERE peer_group = 'first category and tenure') > 0
	AND min(peers) >= 5, 'small groups are widened') FROM super.customer_headroom;
SELECT results_eq('SELECT customers, expected_value FROM super.customer_equity', 'SELECT customers, expected_value FROM super.portfolio_summary', 'the sum is that of the portfolio');

SELECT * FROM finish();
