-- The views of a base over a shop that is small enough to check every number by hand,
-- with models that are given, not fitted.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
RESET client_min_messages;
SET datestyle = ISO;
SET extra_float_digits = -5;

CREATE SCHEMA small;
CREATE TABLE small.people (id text PRIMARY KEY, name text, country text, seller text, parent text);
INSERT INTO small.people VALUES
	('ada', 'Ada', 'IE', 'Mary', NULL), ('ben', 'Ben', 'IE', 'Mary', 'ada'), ('cy', 'Cy', 'FR', 'Paul', NULL),
	('dee', 'Dee', 'FR', 'Paul', NULL);
CREATE TABLE small.sales (day date, person text, order_no text, amount numeric, cost numeric, list numeric, pieces int);
INSERT INTO small.sales VALUES
	('2024-01-10', 'ada', 'o1', 100, 60, 100, 2),
	('2024-02-09', 'ada', 'o2', 50, 30, 60, 1),
	('2024-02-09', 'ada', 'o3', 15, 8, 20, 1),
	('2024-02-09', 'ada', 'o3', 5, 2, 5, 1),
	('2024-03-10', 'ada', 'o4', -30, -18, -30, -1),
	('2024-04-09', 'ada', 'o5', 60, 35, 60, 1),
	('2024-02-21', 'ben', 'o6', 40, 25, 50, 1),
	('2024-02-21', 'cy', 'o7', 40, 25, 40, 1),
	('2024-04-15', 'eve', 'o8', -5, -3, -5, -1);

SELECT customer_value.create_customer_base('small_base', sales => 'small.sales', customer_id => 'person',
	sold_at => 'day', amount => 'amount', order_id => 'order_no', cost => 'cost', list_amount => 'list',
	quantity => 'pieces', customers => 'small.people', customer_key => 'id', customer_name => 'name',
	customer_region => 'country', customer_owner => 'seller', customer_parent => 'parent',
	as_of => '2024-05-29', horizon => '70 days', annual_discount_rate => 0, currency => 'EUR') IS NOT NULL AS created;

-- before the first fit: facts, and a reason where predictions would be
SELECT customer_id, purchase_days, total_amount, realised_value, expected_value, total_lifetime_value, reason
FROM small_base.customer_profile ORDER BY customer_id;
SELECT customer_id, rank, percentile, tier, why, reason FROM small_base.customer_ranking;
SELECT customers, prospects, realised_value, expected_value, reason FROM small_base.portfolio_summary;
SELECT kind, family, parameter, estimate, status, verdict FROM small_base.model_fit;
SELECT method, customers, verdict FROM small_base.model_check;
SELECT family, is_chosen, aic, status, verdict FROM small_base.model_comparison;
SELECT cut_day, family, reason FROM small_base.holdout_by_frequency;
SELECT customers, correlation, verdict FROM small_base.spend_check;
SELECT count(*) AS weeks, count(expected_purchases) AS expected, sum(actual_purchases) AS actual, max(actual_cumulative) AS in_all, max(reason) AS reason
FROM small_base.tracking;
SELECT label, customers, expected_customers, reason FROM small_base.frequency_histogram WHERE repeat_purchase_days < 3;
SELECT repeat_purchase_days_label, days_since_last_purchase_label, customers, average_probability_alive, reason
FROM small_base.recency_frequency_matrix WHERE customers > 0;

-- NBD with r = 1, alpha = 10: everybody alive, (1 + x)/(10 + T) purchase days a week.
-- Gamma-gamma with p = 2, q = 3, v = 60: spend 2 (60 + x m)/(2 x + 2).
INSERT INTO small_base.models VALUES
	(1, 'purchase', 'nbd(r=1,alpha=10)', true, '2024-05-29', '2024-05-30 UTC', 'nobody', 'given by hand'),
	(2, 'spend', 'gamma-gamma(p=2,q=3,v=60)', true, '2024-05-29', '2024-05-30 UTC', 'nobody', 'given by hand');

-- Ada: x = 2, T = 20 weeks, m = 65; 10 weeks ahead 3/30 x 10 = 1 purchase day of 2 (60 + 130)/6 = 63.33;
--      margin 83 of 200; a cycle of 7 x 30/3 = 70 days, 50 of them over
-- Ben, Cy: x = 0, T = 14 weeks; 1/24 x 10 = 0.4167 purchase days of 60; a cycle of 7 x 24/1 = 168 days
-- margin share of the base 111/275: expected values 63.33 x 111/275 = 25.56, 25 x 111/275 = 10.09
-- last year: of Ada's 230 on purchase days 160 at list price, of 130 after the first 60; list 215 in all, 200 paid. Three customers'
-- years of 280 in all, k = 93.33: growth ln(293.33/93.33), ln(133.33/93.33); shares of 275
\x on
SELECT * FROM small_base.customer_profile ORDER BY customer_id;
\x off
SELECT * FROM small_base.customer_lifetime_value ORDER BY customer_id;
SELECT customer_id, customer_name, rank, percentile, tier, why, expected_value, reason FROM small_base.customer_ranking;
SELECT * FROM small_base.monthly_summary;
SELECT * FROM small_base.cohort_retention;
SELECT * FROM small_base.portfolio_summary;
SELECT kind, family, parameter, estimate, standard_error, log_likelihood, customers, as_of, status, verdict
FROM small_base.model_fit;

-- Charts. E[X(t)] = t/10 in weeks: 6 days of Ada in week 1, 7 in the others; week 7 begins with Ben's and Cy's first day,
-- 1/10 + 2 x 6/70 = 0.271429. By the end of week 20 (05-28) 139/70 + 2 x 97/70 = 4.757143. Ada came back on 02-09 and 04-09.
SELECT week, week_start, week_end, phase, is_complete, new_customers, actual_purchases, expected_purchases, actual_cumulative,
	expected_cumulative, reason
FROM small_base.tracking WHERE week IN (1, 2, 5, 6, 7, 8, 13, 20, 21, 22, 31) ORDER BY week;
-- P(X = k) = 10/(10 + T) x (T/(10 + T))^k; 0: 10/30 + 2 x 10/24 = 1.166667, 1: 2/9 + 2 x 140/576 = 0.708333
SELECT * FROM small_base.frequency_histogram;
-- Ada: twice, 50 days ago, 1 expected; Ben and Cy: never again, 98 days ago, 0.416667 expected
SELECT * FROM small_base.recency_frequency_matrix WHERE customers > 0;
SELECT count(*), sum(customers), count(DISTINCT (repeat_purchase_days, days_since_last_purchase)) FROM small_base.recency_frequency_matrix;
-- models without standard errors have no intervals
SELECT customer_id, probability_alive, expected_purchases, expected_purchases_low, expected_value, expected_value_high, next_purchase_day, reason
FROM small_base.customer_lifetime_value_interval ORDER BY customer_id;
-- models that are not made by fit are not compared or checked
SELECT family, is_chosen, is_current, fitted_family, parameters, aic, holdout_error, status, verdict, reason, model_id FROM small_base.model_comparison;
SELECT method, verdict FROM small_base.model_check;
SELECT family, customers, reason FROM small_base.holdout_by_frequency;
SELECT customers, correlation, verdict FROM small_base.spend_check;

-- The same as of an earlier day: Cy and Ben bought on it, Ada twice, Eve is not known yet
SELECT customer_id, as_of, days_since_last_purchase, purchase_days, total_amount, returns, reason
FROM small_base.customer_profile_at('2024-02-21') ORDER BY customer_id;
SELECT customer_id, as_of, horizon_end, realised_value FROM small_base.customer_lifetime_value_at('2024-02-21') ORDER BY customer_id;
SELECT customer_id, rank, why FROM small_base.customer_ranking_at('2024-02-21');
SELECT as_of, customers, prospects, orders, total_amount, returned_amount FROM small_base.portfolio_summary_at('2024-02-21');
SELECT label, customers, expected_customers, as_of FROM small_base.frequency_histogram_at('2024-02-21') WHERE repeat_purchase_days < 3;
SELECT week, phase, actual_purchases, actual_cumulative FROM small_base.tracking_at('2024-02-21') WHERE week BETWEEN 5 AND 8;
SELECT repeat_purchase_days_label, days_since_last_purchase_label, customers FROM small_base.recency_frequency_matrix_at('2024-02-21') WHERE customers > 0;
SELECT (SELECT count(*) FROM small_base.tracking_at('2023-12-31')) AS weeks, (SELECT sum(customers) FROM small_base.frequency_histogram_at('2023-12-31')) AS customers,
	(SELECT max(reason) FROM small_base.frequency_histogram_at('2023-12-31')) AS reason;
-- before any sale everybody known is a prospect; NULL is the as-of day of the base
SELECT customer_id, as_of, orders, total_amount, reason FROM small_base.customer_profile_at('2023-12-31') ORDER BY customer_id;
SELECT as_of, customers, prospects, expected_value, total_amount, reason FROM small_base.portfolio_summary_at('2023-12-31');
SELECT count(*) AS differences FROM
	(SELECT * FROM small_base.customer_profile EXCEPT ALL SELECT * FROM small_base.customer_profile_at(NULL)) AS d;

-- A line without its cost: no margin is made up for its customer, its month and the base
UPDATE small.sales SET cost = NULL WHERE order_no = 'o6';
SELECT customer_id, total_cost, realised_value, total_lifetime_value, reason FROM small_base.customer_profile
WHERE customer_id IN ('ada', 'ben') ORDER BY customer_id;
SELECT month, revenue, margin, margin_basis FROM small_base.monthly_summary;
SELECT realised_value, total_lifetime_value, reason FROM small_base.portfolio_summary;

-- Without costs margins are a rate of the amount, or nothing at all: the columns stay
UPDATE small_base.settings SET value_basis = 'assumed margin', margin_rate = 0.3, margin_share = 0.3;
SELECT customer_id, realised_value, expected_value, value_basis FROM small_base.customer_profile ORDER BY customer_id;
SELECT month, revenue, margin, margin_basis FROM small_base.monthly_summary;
UPDATE small_base.settings SET value_basis = 'revenue', margin_rate = NULL, margin_share = 1;
SELECT customer_id, realised_value, expected_value, value_basis FROM small_base.customer_profile ORDER BY customer_id;
SELECT month, revenue, margin, margin_basis FROM small_base.monthly_summary WHERE margin IS NOT NULL OR margin_basis IS NOT NULL;

-- A purchase model without a spend model: purchases are predicted, money is not
UPDATE small_base.models SET model = NULL, verdict = 'too little data: nobody bought twice' WHERE kind = 'spend';
SELECT customer_id, round(expected_purchases::numeric, 4) AS expected_purchases, expected_value, reason
FROM small_base.customer_profile ORDER BY customer_id;
SELECT kind, parameter, status, verdict FROM small_base.model_fit;
SELECT customers, active_customers_expected, expected_value, reason FROM small_base.portfolio_summary;

SET client_min_messages = warning;
SELECT customer_value.drop_customer_base('small_base') IS NOT NULL AS dropped;
DROP SCHEMA small CASCADE;
