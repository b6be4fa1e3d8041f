-- BG/BB: opportunities from histories, fits, predictions with a period; and what cannot be.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA bg_bb;
RESET client_min_messages;
SET search_path = bg_bb, customer_value, public;

-- 11,104 donors: x gifts in 6 years, the last in year t_x (Fader, Hardie and Shang 2010, table 1).
CREATE TABLE donors (x int, t_x int, donors int);
INSERT INTO donors VALUES
	(0, 0, 3464), (1, 1, 1091), (1, 2, 277), (1, 3, 129), (1, 4, 78), (1, 5, 119), (1, 6, 129), (2, 2, 613), (2, 3, 255), (2, 4, 155), (2, 5, 173),
	(2, 6, 234), (3, 3, 322), (3, 4, 181), (3, 5, 225), (3, 6, 357), (4, 4, 240), (4, 5, 284), (4, 6, 512), (5, 5, 335), (5, 6, 728), (6, 6, 1203);
CREATE TABLE fit AS
SELECT fit_purchase_model('bg/bb', x, t_x, 6, '{"period": "1 year"}') AS m FROM donors, generate_series(1, donors);
SELECT s.family, s.status, s.period, s.time_unit, s.customers, s.patterns, round(s.log_likelihood::numeric, 6) AS log_likelihood, s.verdict FROM fit, model_summary(m) AS s;
SELECT parameter, round(estimate::numeric, 6) AS estimate, round(standard_error::numeric, 5) AS standard_error, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high
FROM fit, LATERAL ROWS FROM (model_parameters(m)) WITH ORDINALITY ORDER BY ordinality;
SELECT m::text::fitted_model = m AS same, regexp_replace(m::text, '[0-9.]{8,}[0-9e-]*', '#', 'g') FROM fit;

-- Published, with parameters of four digits: E[X(10)] = 3.1798, E[Y(10) | 0, 0, 6] = 0.1302, E[Y(10) | 4, 5, 6] = 3.628
SELECT round(expected_purchases(m, interval '10 years')::numeric, 4) AS new_donor, round(expected_purchases(m, 0, 0, 6, 10)::numeric, 4) AS never_again,
	round(expected_purchases(m, 4, 5, 6, 10)::numeric, 4) AS four_of_six FROM fit;
SELECT x, t_x, round(probability_alive(m, x, t_x, 6)::numeric, 8) AS alive, round(probability_active(m, x, t_x, 6, 1)::numeric, 8) AS next_year,
	round(expected_purchases(m, x, t_x, 6, 5)::numeric, 8) AS in_5_years, round(discounted_purchases(m, x, t_x, 6, 5, 0.1)::numeric, 8) AS discounted,
	round(dert(m, x, t_x, 6, 0.1)::numeric, 8) AS without_end, round(probability_no_purchase(m, x, t_x, 6, 5)::numeric, 8) AS none
FROM fit, donors WHERE donors > 300 ORDER BY x, t_x;
-- in a year of one opportunity: either a gift or none; and the mean of the counts is the expectation
SELECT round((probability_no_purchase(m, 4, 5, 6, 1) + expected_purchases(m, 4, 5, 6, 1))::numeric, 12) AS one,
	round((SELECT sum(purchases * probability) FROM purchase_distribution(m, 4, 5, 6, 5, 5))::numeric, 12) = round(expected_purchases(m, 4, 5, 6, 5)::numeric, 12) AS mean
FROM fit;
SELECT prediction, round(estimate::numeric, 6) AS estimate, round(standard_error::numeric, 6) AS standard_error, round(low::numeric, 6) AS low, round(high::numeric, 6) AS high
FROM fit, prediction_intervals(m, NULL, 4, 5, 6, NULL, 5, 0.1) WHERE estimate IS NOT NULL;

-- Opportunities of a history: calendar periods after the one of the first purchase that ended by the day.
CREATE TABLE history AS
SELECT purchase_history(day, amount) AS h
FROM (VALUES (date '1999-12-15', 10), ('1999-12-31', 11), ('2000-01-31', 12), ('2000-02-29', 13), ('2000-03-02', 14), ('2000-03-02', 1), ('2000-03-20', -5), ('2000-06-30', 16)) AS v (day, amount);
SELECT as_of, period, o.x, o.t_x, o.t, round(o.m::numeric, 6) AS m FROM history, (VALUES
	(date '1999-12-15', '1 month'), ('1999-12-31', '1 month'), ('2000-01-30', '1 month'), ('2000-01-31', '1 month'), ('2000-02-28', '1 month'), ('2000-02-29', '1 month'),
	('2000-03-30', '1 month'), ('2000-03-31', '1 month'), ('2000-06-29', '1 month'), ('2000-06-30', '1 month'), ('2000-12-30', '1 year'), ('2000-12-31', '1 year'),
	('2000-06-30', '3 months'), ('2000-03-05', '1 week'), ('2000-03-04', '7 days'), ('2000-06-30', '1 day'), ('1999-12-14', '1 month')) AS v (as_of, period),
	purchase_opportunities(h, as_of, period::interval) AS o;

-- Predictions from histories count the periods that end within the horizon.
SELECT probability_alive(m, h, '2000-06-15') = probability_alive(m, 3, 3, 5) AS alive,
	expected_purchases(m, h, '2000-06-15', '14 days') AS before_the_end_of_june,
	expected_purchases(m, h, '2000-06-15', '15 days') = expected_purchases(m, 3, 3, 5, 1) AS june,
	expected_purchases(m, h, '2000-06-15', '1 year') = expected_purchases(m, 3, 3, 5, 12) AS a_year,
	expected_purchases(m, h, '2000-06-30', '1 year') = expected_purchases(m, 4, 6, 6, 12) AS another,
	expected_purchases(m, '1 year') = expected_purchases(m, 0, 0, 0, 12) AS new,
	expected_purchases(m, '30 days') = 0 AS new_within_30_days,
	round(expected_next_purchase(m, 4, 6, 6, 12)::numeric, 8) AS periods_to_the_next, next_purchase_day(m, h, '2000-06-30', '1 year')
FROM history, (VALUES ('bg/bb(alpha=1.2,beta=0.75,gamma=0.66,delta=2.78; period=1 month)'::fitted_model)) AS v (m);
SELECT p.purchase_cycle_days = (1.2 + 0.75 + 6) / (1.2 + 4) * (365.25 / 12) AS cycle, p.probability_alive = 1 AS alive, round(p.expected_purchases::numeric, 8) AS purchases
FROM history, predict('bg/bb(alpha=1.2,beta=0.75,gamma=0.66,delta=2.78; period=1 month)', NULL, h, '2000-06-30', '1 year', 0.1) AS p;

-- A fit to histories is the fit to their opportunities, in any order and in parallel.
CREATE FUNCTION chance(text) RETURNS float8 IMMUTABLE PARALLEL SAFE
RETURN (('x' || substr(md5($1), 1, 8))::bit(32)::bigint + 0.5) / 4294967296.0;
CREATE TABLE customers AS
SELECT c, purchase_history(day, 10) AS h
FROM (SELECT c, (date '2022-01-01' + make_interval(months => month))::date + (27 * chance(c || 'day' || month))::int AS day
	FROM generate_series(1, 600) AS c, generate_series(0, 29) AS month
	WHERE month = c % 6 OR (month > c % 6 AND chance(c || 'buys' || month) < chance(c || 'p') AND month - c % 6 < 1 + ln(chance(c || 'leaves')) / ln(1 - chance(c || 'theta') / 4))) AS v
GROUP BY c;
CREATE VIEW fits AS SELECT fit_purchase_model('bg/bb', h, date '2024-06-20', '{"period": "1 month"}') AS m FROM customers;
SELECT s.family, s.status, s.period, s.as_of, s.customers, s.patterns, round(s.log_likelihood::numeric, 5) AS log_likelihood FROM fits, model_summary(m) AS s;
SELECT fit_purchase_model('bg/bb', o.x, o.t_x, o.t, '{"period": "1 month"}')::text = (SELECT replace(m::text, ', as_of=2024-06-20', '') FROM fits) AS same
FROM customers, purchase_opportunities(h, '2024-06-20', '1 month') AS o;
SELECT count(DISTINCT fitted_model_send(m)) AS different FROM (
	SELECT fit_purchase_model('bg/bb', h, date '2024-06-20', '{"period": "1 month"}' ORDER BY c DESC) FROM customers
	UNION ALL SELECT fit_purchase_model('bg/bb', h, date '2024-06-20', '{"period": "1 month"}' ORDER BY chance(c || 'a')) FROM customers
	UNION ALL SELECT m FROM fits) AS v (m);
CREATE TEMP TABLE serial AS SELECT * FROM fits;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
ALTER TABLE customers SET (parallel_workers = 2);
EXPLAIN (COSTS off) SELECT * FROM fits;
SELECT s.m = p.m AS parallel FROM serial AS s, fits AS p;
ROLLBACK;

-- Bad input.
SELECT fit_purchase_model('bg/bb', h, date '2024-06-20') FROM customers;
SELECT fit_purchase_model('bg/bb', h, date '2024-06-20', '{"period": "soon"}') FROM customers;
SELECT fit_purchase_model('mbg/nbd', h, date '2024-06-20', '{"period": "1 month"}') FROM customers;
SELECT fit_purchase_model('bg/bb', x, t_x, 6.5, '{"period": "1 year"}') FROM donors;
SELECT fit_purchase_model('bg/bb', 3, 2, 6, '{"period": "1 year"}');
SELECT fit_purchase_model('bg/bb', 3, 4, 100001, '{"period": "1 year"}');
SELECT probability_alive('bg/bb(alpha=1,beta=1,gamma=1,delta=1)', h, '2000-06-15') FROM history;
SELECT expected_purchases('bg/bb(alpha=1,beta=1,gamma=1,delta=1)', interval '1 year');
SELECT fit_purchase_model('bg/bb', h, date '2300-06-20', '{"period": "1 day"}') FROM customers;
\set VERBOSITY terse
SELECT probability_alive('bg/bb(alpha=1,beta=1,gamma=1,delta=1)', 2, 1, 3);
SELECT probability_alive('bg/bb(alpha=1,beta=1,gamma=1,delta=1)', 1, 1, 3.5);
SELECT expected_purchases('bg/bb(alpha=1,beta=1,gamma=1,delta=1)', 1, 1, 3, -1);
SELECT expected_purchases('bg/bb(alpha=1,beta=1,gamma=1,delta=1)', 1, 1, 3, 100001);
SELECT probability_no_purchase('bg/bb(alpha=1,beta=1,gamma=1,delta=1; period=1 day)', interval '274 years');
SELECT prediction_intervals('bg/bb(alpha=1,beta=1,gamma=1,delta=1)', NULL, 1, 1, 3, NULL, 1e6, 0.1);
SELECT dert('bg/bb(alpha=1,beta=1,gamma=1,delta=1)', 1, 1, 3, 0.1) > 0 AS endless_with_a_rate;
SELECT purchase_opportunities(h, 'infinity', '1 month') FROM history;
SELECT purchase_opportunities(h, '2024-01-01', '1 month 2 days') FROM history;
SELECT purchase_opportunities(h, '2024-01-01', '0 days') FROM history;

SET client_min_messages = warning;
DROP SCHEMA bg_bb CASCADE;
RESET search_path;
