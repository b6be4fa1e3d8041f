-- How far predictions may be off because the models are estimates.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA value_interval_test;
RESET client_min_messages;
SET search_path = value_interval_test, customer_value, public;
SET extra_float_digits = 0;

-- Variances .01, .02, .03, .04 of the log parameters and some covariances between them.
CREATE TABLE model AS
SELECT 'nbd(r=0.6,alpha=9; n=100, patterns=90, loglik=-500, as_of=1997-09-30, status=converged; cov=[0.02,0.015,0.03])'::fitted_model AS nbd,
	'mbg/nbd(r=0.5,alpha=6,a=0.9,b=1.6; n=100, patterns=90, loglik=-500, as_of=1997-09-30, status=converged; cov=[0.01,0.005,0.02,0.002,-0.004,0.03,0.001,0.003,0.02,0.04])'::fitted_model AS mbg,
	'mbg/nbd(r=0.5,alpha=6,a=0.9,b=1.6)'::fitted_model AS given,
	'gamma-gamma(p=6.25,q=3.74,v=15.44; n=100, patterns=90, loglik=-500, status=converged; cov=[0.02,0.01,0.02,-0.01,0.015,0.05])'::fitted_model AS spend,
	'gamma-gamma(p=6.25,q=3.74,v=15.44)'::fitted_model AS given_spend,
	'gamma-gamma(p=2,q=0.5,v=15; n=100, patterns=90, loglik=-500, status=converged; cov=[0.02,0.01,0.02,-0.01,0.015,0.05])'::fitted_model AS endless;
CREATE TABLE customer AS
SELECT purchase_history(day, amount) AS history
FROM (VALUES (date '1997-01-10', 29.33), ('1997-02-01', 30), ('1997-06-15', 12.5), ('1997-12-24', 99)) AS v (day, amount);

SELECT prediction, round(estimate::numeric, 8) AS estimate, round(standard_error::numeric, 8) AS standard_error, round(low::numeric, 8) AS low, round(high::numeric, 8) AS high
FROM model, prediction_intervals(mbg, spend, 3, 20, 38, 25, 39, 0.1);

-- NBD in closed form: the log of the rate (r + x)/(alpha + T) varies as r/(r + x) and -alpha/(alpha + T) times the log parameters.
SELECT prediction, round(standard_error::numeric, 10) AS standard_error,
	round((rate * CASE prediction WHEN 'expected_purchases' THEN 26 ELSE (1 - exp(-delta * 26)) / delta END
		* sqrt((0.6 / 3.6) ^ 2 * 0.02 - 2 * (0.6 / 3.6) * (9.0 / 39) * 0.015 + (9.0 / 39) ^ 2 * 0.03))::numeric, 10) AS closed_form,
	round(low::numeric, 10) AS low, round((estimate * exp(-1.6448536269514722 * standard_error / estimate))::numeric, 10) AS closed_low
FROM model, prediction_intervals(nbd, NULL, 3, 20, 30, NULL, 26, 0.1, 0.9), (SELECT 3.6 / 39 AS rate, ln(1.1::float8) * 7 / 365.25 AS delta) AS c
WHERE prediction IN ('expected_purchases', 'discounted_purchases');

-- Purchases and spend are estimated apart: squares of relative standard errors add up.
SELECT abs(v.standard_error / v.estimate / sqrt((d.standard_error / d.estimate) ^ 2 + (s.standard_error / s.estimate) ^ 2) - 1) < 1e-12 AS adds_up
FROM model, prediction_intervals(mbg, spend, 3, 20, 38, 25, 39, 0.1) AS v, prediction_intervals(mbg, spend, 3, 20, 38, 25, 39, 0.1) AS d,
	prediction_intervals(mbg, spend, 3, 20, 38, 25, 39, 0.1) AS s
WHERE v.prediction = 'expected_value' AND d.prediction = 'discounted_purchases' AND s.prediction = 'expected_spend';

-- Estimates are those of predict() and its relatives; history, summary and newcomer agree; what is more confident is wider.
SELECT bool_and(i.estimate = CASE i.prediction WHEN 'probability_alive' THEN p.probability_alive WHEN 'probability_active_end' THEN p.probability_active_end
		WHEN 'expected_purchases' THEN p.expected_purchases WHEN 'discounted_purchases' THEN p.discounted_purchases
		WHEN 'dert' THEN dert(mbg, history, date '1997-09-30', 0.1) WHEN 'expected_spend' THEN p.expected_spend WHEN 'expected_value' THEN p.expected_value
		WHEN 'probability_no_purchase' THEN probability_no_purchase(mbg, history, date '1997-09-30', interval '1 year') END) AS estimates,
	bool_and(i = s) AS summary, bool_and(w.low < i.low AND i.low < i.estimate AND i.estimate < i.high AND i.high < w.high) AS wider, count(*)
FROM model, customer, purchase_summary(history, date '1997-09-30') AS h,
	predict(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1) AS p,
	prediction_intervals(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1) AS i
	JOIN LATERAL prediction_intervals(mbg, spend, x, t_x, t, m, 365 / 7.0, 0.1) AS s USING (prediction)
	JOIN LATERAL prediction_intervals(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1, 0.99) AS w USING (prediction);
SELECT bool_and(i = s) AS newcomer, count(*)
FROM model, prediction_intervals(mbg, spend, interval '1 year', 0.1) AS i JOIN LATERAL prediction_intervals(mbg, spend, 0, 0, 0, NULL, 365 / 7.0, 0.1) AS s USING (prediction);

-- No dert without a positive rate, no spend without its model, no error without a covariance; certain where nobody can have left.
SELECT rate, count(*) AS rows, string_agg(prediction, ' ') AS predictions FROM model, unnest(ARRAY[0, -0.05]) AS rate, prediction_intervals(mbg, NULL, interval '1 year', rate)
GROUP BY rate ORDER BY rate;
SELECT count(*), count(estimate) AS estimates, count(standard_error) AS errors FROM model, prediction_intervals(given, spend, 3, 20, 38, 25, 39, 0.1);
SELECT prediction, estimate, standard_error, low, high FROM model, prediction_intervals(nbd, NULL, 3, 20, 38, 25, 39, 0.1) WHERE prediction ~ 'a[l]*[ct]*ive';
SELECT count(*) AS none FROM model, customer, prediction_intervals(mbg, spend, history, date '1996-09-30', interval '1 year', 0.1);

-- The row for views.
SELECT p.probability_alive_low = a.low AND p.probability_alive_high = a.high AS alive,
	p.expected_purchases_standard_error = e.standard_error AND p.expected_purchases_low = e.low AND p.expected_purchases_high = e.high AS purchases,
	p.expected_value_standard_error = v.standard_error AND p.expected_value_low = v.low AND p.expected_value_high = v.high AS value, p.reason
FROM model, customer, predict_interval(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1, 0.8) AS p,
	prediction_intervals(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1, 0.8) AS a,
	prediction_intervals(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1, 0.8) AS e,
	prediction_intervals(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1, 0.8) AS v
WHERE a.prediction = 'probability_alive' AND e.prediction = 'expected_purchases' AND v.prediction = 'expected_value';
SELECT i, num_nonnulls(p.probability_alive_low, p.expected_purchases_low, p.expected_purchases_high, p.expected_purchases_standard_error) AS purchases,
	num_nonnulls(p.expected_value_low, p.expected_value_high, p.expected_value_standard_error) AS value, p.reason
FROM model, customer, LATERAL (
	SELECT 1, p.* FROM predict_interval(NULL, spend, history, date '1997-09-30', interval '1 year', 0.1) AS p
	UNION ALL SELECT 2, p.* FROM predict_interval(mbg, spend, NULL, date '1997-09-30', interval '1 year', 0.1) AS p
	UNION ALL SELECT 3, p.* FROM predict_interval(mbg, spend, history, date '1996-12-31', interval '1 year', 0.1) AS p
	UNION ALL SELECT 4, p.* FROM predict_interval(mbg, spend, history, NULL, interval '1 year', 0.1) AS p
	UNION ALL SELECT 5, p.* FROM predict_interval(mbg, spend, history, date '1997-09-30', NULL, 0.1) AS p
	UNION ALL SELECT 6, p.* FROM predict_interval(mbg, spend, history, date '1997-09-30', interval '1 year', NULL) AS p
	UNION ALL SELECT 7, p.* FROM predict_interval(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1, NULL) AS p
	UNION ALL SELECT 8, p.* FROM predict_interval(mbg, NULL, history, date '1997-09-30', interval '1 year', 0.1) AS p
	UNION ALL SELECT 9, p.* FROM predict_interval(given, spend, history, date '1997-09-30', interval '1 year', 0.1) AS p
	UNION ALL SELECT 10, p.* FROM predict_interval(mbg, given_spend, history, date '1997-09-30', interval '1 year', 0.1) AS p
	UNION ALL SELECT 11, p.* FROM predict_interval(mbg, spend, 3, 20, 38, NULL, 39, 0.1) AS p
	UNION ALL SELECT 12, p.* FROM predict_interval(mbg, endless, interval '1 year', 0.1) AS p
	UNION ALL SELECT 13, p.* FROM predict_interval(mbg, spend, 0, 0, 38, NULL, 39, 0.1) AS p
	UNION ALL SELECT 14, p.* FROM predict_interval(mbg, spend, NULL, NULL, NULL, NULL, 39, 0.1) AS p) AS p (i)
ORDER BY i;

-- Computed once a customer, like predict().
BEGIN;
SET LOCAL track_functions = 'all';
SELECT count(p.expected_purchases_low + p.expected_value_high + p.probability_alive_low) FROM model, customer, generate_series(1, 3),
	LATERAL predict_interval(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1) AS p;
SELECT funcname, calls FROM pg_stat_xact_user_functions WHERE funcname LIKE 'predict%';
COMMIT;

-- Bad input.
SELECT predict_interval(mbg, spend, interval '1 year', 0.1, 0) FROM model;
SELECT prediction_intervals(mbg, spend, interval '1 year', 0.1, 1) FROM model;
SELECT prediction_intervals(mbg, spend, 3, 20, 38, 25, 39, 0.1, 'NaN') FROM model;
\set VERBOSITY terse
SELECT predict_interval(spend, spend, interval '1 year', 0.1) FROM model;
SELECT predict_interval(mbg, mbg, interval '1 year', 0.1) FROM model;
SELECT predict_interval(mbg, spend, interval '0', 0.1) FROM model;
SELECT predict_interval(mbg, spend, interval '1 year', -1) FROM model;
SELECT predict_interval(mbg, spend, 3, 40, 38, 25, 39, 0.1) FROM model;
SELECT prediction_intervals(mbg, spend, 3, 20, 38, 25, 0, 0.1) FROM model;
SELECT prediction_intervals(mbg, spend, 3, 20, 38, -25, 39, 0.1) FROM model;

-- a horizon at which every number takes long does not keep a query from being cancelled
SET statement_timeout = '100ms';
DO $$
DECLARE
	began timestamptz := pg_catalog.clock_timestamp();
BEGIN
	PERFORM prediction_intervals('mbg/cnbd-k(r=0.01,alpha=1000,a=0.001,b=0.001,k=20; cov=[0.1,0,0.1,0,0,0.1,0,0,0,0.1])'::fitted_model,
		NULL, 0, 0, 39, NULL, 1e300, 0.1);
EXCEPTION WHEN query_canceled THEN
	RAISE NOTICE 'cancelled at once: %', pg_catalog.clock_timestamp() - began < interval '8 seconds';
END $$;
RESET statement_timeout;

SET client_min_messages = warning;
DROP SCHEMA value_interval_test CASCADE;
RESET search_path;
RESET extra_float_digits;
