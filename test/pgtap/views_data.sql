-- views_data.sql - the views over real sales: the contract, and numbers known from elsewhere.
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
\o /dev/null
\set directory :shared '/data/cdnow'
\cd :directory
\i load.sql
\set directory :shared '/data/online_retail'
\cd :directory
\i load.sql
\set directory :shared '/data/superstore'
\cd :directory
\i load.sql
\o
SELECT no_plan();

CREATE VIEW public.retail AS SELECT *, quantity * unit_price AS amount FROM online_retail.lines;
CREATE VIEW public.super AS SELECT *, sales - profit AS cost, sales / (1 - discount) AS list FROM superstore.orders;
\o /dev/null
SELECT customer_value.create_customer_base('cd', sales => 'cdnow.sample_purchases', customer_id => 'customer_id',
	sold_at => 'purchase_date', amount => 'dollar_value', as_of => '1997-09-30', horizon => '39 weeks', annual_discount_rate => 0);
SELECT customer_value.create_customer_base('shop', sales => 'public.super', customer_id => 'customer_id', sold_at => 'order_date',
	amount => 'sales', cost => 'cost', list_amount => 'list', order_id => 'order_id', quantity => 'quantity', product => 'product_name',
	category => 'category', channel => 'ship_mode');
SELECT customer_value.create_customer_base('uk', sales => 'public.retail', customer_id => 'customer_id', sold_at => 'invoice_date',
	amount => 'amount', order_id => 'invoice_no', quantity => 'quantity', currency => 'GBP', margin_rate => 0.3);
SELECT customer_value.fit('cd'), customer_value.fit('shop'), customer_value.fit('uk');
\o

-- nine months of sales have no year before
SELECT pg_temp.contract('cd', 'fitted', true, '\.(fewer_purchases_p_value|newcomers_.*|customer_equity)$|^key_account_matrix\.(potential|space_year_before)$|^closeness_check\.');
SELECT pg_temp.contract('shop', 'fitted', true);
SELECT pg_temp.by_hand('cd');
SELECT pg_temp.by_hand('shop');

-- CDNOW: the published fits and summaries
SELECT results_eq('SELECT DISTINCT kind, customers, round(log_likelihood::numeric, 6) FROM cd.model_fit ORDER BY 1',
	$$VALUES ('purchase', 2357::bigint, -9582.135716), ('spend', 946::bigint, -4055.917695)$$, 'CDNOW: the optimum of each model');
SELECT is((SELECT count(*) FROM cd.model_fit WHERE standard_error > 0 AND low < estimate AND estimate < high), 7::bigint,
	'CDNOW: every parameter with its interval');
SELECT results_eq('SELECT customers, orders, total_amount FROM cd.portfolio_summary',
	$$SELECT count(DISTINCT customer_id), count(*), sum(dollar_value) FROM cdnow.sample_purchases WHERE purchase_date <= '1997-09-30'$$,
	'CDNOW: sales after the as-of day do not count');
SELECT results_eq('SELECT month, customers_new FROM cd.monthly_summary WHERE customers_new > 0',
	$$SELECT date_trunc('month', d)::date, count(*) FROM (SELECT min(purchase_date)::timestamp AS d FROM cdnow.sample_purchases GROUP BY customer_id) AS f
	  GROUP BY 1 ORDER BY 1$$, 'CDNOW: one quarter of newcomers');
SELECT results_eq($$SELECT months_since_first, active_customers, amount FROM cd.cohort_retention WHERE cohort_month = '1997-02-01'$$,
	$$SELECT extract(month FROM month)::int - 2, count(DISTINCT customer_id), sum(dollar_value)
	  FROM (SELECT *, date_trunc('month', purchase_date) AS month, min(purchase_date) OVER (PARTITION BY customer_id) AS first FROM cdnow.sample_purchases) AS s
	  WHERE first BETWEEN '1997-02-01' AND '1997-02-28' AND purchase_date <= '1997-09-30' GROUP BY month ORDER BY month$$,
	'CDNOW: a cohort, month by month');
SELECT ok((SELECT bool_and(m.root_mean_square_error < r.root_mean_square_error) FROM cd.model_check AS m, cd.model_check AS r
		   WHERE m.method LIKE 'model%' AND r.method NOT LIKE 'model%'), 'CDNOW: the model beats both simple rules');
SELECT is((SELECT sum(repeat_purchase_days) FROM cd.customer_profile), (SELECT sum(frequency) FROM cdnow.expected_summary_lifetimes),
	'CDNOW: the published repeat purchases');
SELECT results_eq('SELECT count(*) > 1000, count(DISTINCT s.f_class), count(DISTINCT s.r_class) > 1 FROM cd.rfm_segment AS s JOIN cd.customer_profile AS p USING (customer_id)
				   WHERE p.purchase_days = 1', 'VALUES (true, 1::bigint, true)', 'CDNOW: all one-time buyers share a class of purchase days');

-- CDNOW: choosing, and the charts
SELECT results_eq('SELECT family, round(log_likelihood::numeric, 4), holdouts FROM cd.model_comparison WHERE family IN (''bg/nbd'', ''mbg/nbd'', ''pareto/nbd'') ORDER BY 1',
	$$VALUES ('bg/nbd', -9582.4292, 2), ('mbg/nbd', -9582.1357, 2), ('pareto/nbd', -9594.9762, 2)$$, 'CDNOW: the candidates reach their published optima');
SELECT results_eq('SELECT family, is_current, round(aic_difference::numeric, 3) FROM cd.model_comparison WHERE is_chosen',
	$$VALUES ('mbg/nbd', true, 0.000)$$, 'CDNOW: MBG/NBD is chosen: as good on holdouts as any, and preferred to BG/NBD within 2 of its AIC');
SELECT ok((SELECT max(holdout_error) < 0.8 AND max(holdout_error) < 1.01 * min(holdout_error) FROM cd.model_comparison),
	'CDNOW: every candidate is a fifth better than the best simple rule');
SELECT results_eq('SELECT customers, round(correlation::numeric, 2) FROM cd.spend_check', 'VALUES (946::bigint, 0.11)',
	'CDNOW: the published correlation of purchases and spend');
SELECT results_eq($$SELECT week_end, actual_cumulative FROM cd.tracking_at('1998-06-30') WHERE week_end IN ('1997-03-25', '1997-09-30', '1998-06-30')$$,
	$$SELECT d::date, (SELECT count(*) - count(DISTINCT customer_id) FROM (SELECT DISTINCT customer_id, purchase_date FROM cdnow.sample_purchases
						WHERE purchase_date <= d) AS s)
	  FROM unnest('{1997-03-25,1997-09-30,1998-06-30}'::timestamp[]) AS d$$, 'CDNOW: the actual repeat purchases add up to those of the sales');
SELECT is((SELECT abs(t.expected_cumulative / t.actual_cumulative - 1) < 0.01 FROM cd.tracking AS t WHERE week = 39), true,
	'CDNOW: the model tracks the days it was fitted to');
SELECT results_eq('SELECT sum(actual_purchases), round(sum(expected_purchases)::numeric, 3) FROM cd.tracking WHERE week <= 39',
	'SELECT actual_cumulative::numeric, round(expected_cumulative::numeric, 3) FROM cd.tracking WHERE week = 39', 'CDNOW: weeks add up');
SELECT is((SELECT round(sum(customer_value.expected_purchases(m.model, make_interval(days => date '1997-09-30' - customer_value.first_purchase_day(h.history))))::numeric, 4)
		   FROM cd.history AS h, cd.models AS m WHERE m.is_current AND m.kind = 'purchase'),
	(SELECT round(expected_cumulative::numeric, 4) FROM cd.tracking WHERE week = 39), 'CDNOW: expected is the sum over the customers');
SELECT results_eq('SELECT repeat_purchase_days, customers, round(sum(expected_customers) OVER ()::numeric, 3) FROM cd.frequency_histogram ORDER BY 1',
	$$SELECT least(frequency, 7)::integer, count(*), 2357.000 FROM cdnow.expected_summary_lifetimes GROUP BY 1 ORDER BY 1$$,
	'CDNOW: the histogram counts every customer once');

-- Superstore: cost, list price, quantity
SELECT results_eq('SELECT sum(total_amount), sum(total_margin), sum(total_quantity), sum(orders), count(*) FROM shop.customer_profile',
	'SELECT sum(sales), sum(profit), sum(quantity)::numeric, count(DISTINCT order_id)::numeric, count(DISTINCT customer_id) FROM superstore.orders',
	'Superstore: money, margin, pieces and orders add up');
SELECT is((SELECT sum(realised_value) FROM shop.customer_profile), (SELECT sum(margin) FROM shop.monthly_summary),
	'Superstore: the months'' margin is the customers'' realised value');
SELECT ok((SELECT bool_and(discount_share BETWEEN 0 AND 0.8) FROM shop.customer_profile), 'Superstore: discounts are shares');
SELECT is((SELECT value_basis FROM shop.portfolio_summary), 'margin', 'Superstore: value is margin');
SELECT results_eq('SELECT count(*) FILTER (WHERE realised_value < 0), count(*) FILTER (WHERE loss_days > 0) > 155, count(*) FROM shop.customer_profile',
	'VALUES (155::bigint, true, 793::bigint)', 'Superstore: 155 of 793 customers lose money');
SELECT results_eq('SELECT abs(corr(rarefied_breadth, ln(orders))) < 0.1, corr(ln(category_breadth), ln(orders)) BETWEEN 0.45 AND 0.55, count(rarefied_breadth) FROM shop.customer_profile',
	'SELECT true, true, count(*) FROM (SELECT FROM superstore.orders GROUP BY customer_id HAVING count(*) >= 5) AS c',
	'Superstore: breadth counted goes with the number of orders, rarefied it does not');

-- Online Retail: returns, a quarter of the lines without a customer
SELECT results_eq('SELECT family LIKE ''%/cnbd-k'', status FROM uk.model_comparison WHERE is_chosen', $$VALUES (true, 'converged')$$,
	'Online Retail: a model of regular buyers is chosen; without regularity nobody seems to leave');
SELECT results_eq('SELECT count(*), sum(orders), sum(total_amount), sum(returned_amount) FROM uk.customer_profile',
	$$SELECT count(DISTINCT customer_id), count(DISTINCT invoice_no) FILTER (WHERE NOT (amount < 0 OR amount = 0 AND quantity < 0))::numeric,
			 sum(amount), -sum(amount) FILTER (WHERE amount < 0) FROM public.retail WHERE customer_id IS NOT NULL$$,
	'Online Retail: 18,536 orders, and every penny');
SELECT is((SELECT sum(orders) FROM uk.monthly_summary), 18536::numeric, 'Online Retail: the months have all orders');
SELECT is((SELECT array_agg(t.bad) FROM pg_temp.relations('uk') AS r CROSS JOIN LATERAL pg_temp.reading(r) AS t WHERE r !~ '\)$' AND t.bad IS NOT NULL), NULL,
	'Online Retail: no value is NaN or infinite');
SELECT is((SELECT count(*) FROM uk.customer_profile WHERE purchase_days = 0 AND reason = 'no purchase yet' AND total_amount <= 0), 37::bigint,
	'Online Retail: who only returned has not bought');
SELECT is((SELECT array_agg(DISTINCT is_complete) FROM uk.monthly_summary WHERE month = '2011-12-01'), '{f}',
	'Online Retail: December 2011 ends on the 9th');
SELECT is((SELECT realised_value FROM uk.portfolio_summary),
	(SELECT sum(round(amount * 0.3, 2)) FROM (SELECT sum(amount) AS amount FROM public.retail WHERE customer_id IS NOT NULL GROUP BY customer_id) AS c),
	'Online Retail: an assumed margin is a rate of each customer''s amount');

SELECT * FROM finish();
