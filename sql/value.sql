-- Predictions: alive, purchases, spend, lifetime value, and all of them as one row.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA value_test;
RESET client_min_messages;
SET search_path = value_test, customer_value, public;
SET extra_float_digits = 0;

CREATE VIEW models AS
SELECT 'bg/nbd(r=0.24259452243016,alpha=4.4136020190135,a=0.7929220172256,b=2.4259067768263)'::fitted_model AS bg,
	'mbg/nbd(r=0.5248431591063,alpha=6.183085279576,a=0.89135939073222,b=1.6140022401703; as_of=1997-09-30)'::fitted_model AS mbg,
	'pareto/nbd(r=0.553277046853183,alpha=10.577683463302339,s=0.6062399891277999,beta=11.668735288854093)'::fitted_model AS pareto,
	'nbd(r=0.5,alpha=6)'::fitted_model AS nbd,
	'gamma-gamma(p=6.2495722713238,q=3.744224667132,v=15.443520962589)'::fitted_model AS spend,
	'gamma-gamma(p=2,q=0.5,v=15)'::fitted_model AS endless;

-- Published (Fader and Hardie): customer 1516 of CDNOW, P(alive) .96885, E[Y(52)] 25.75659 (parameters rounded there), E[X(52)] 1.4440.
SELECT round(probability_alive(bg, 26, 30.857142857142858, 31)::numeric, 5) AS alive,
	round(expected_purchases(bg, 26, 30.857142857142858, 31, 52)::numeric, 2) AS expected,
	round(expected_purchases(bg, interval '364 days')::numeric, 4) AS expected_new
FROM models;

-- A history and its summary give the same; a week is seven days.
CREATE TABLE customer AS
SELECT c, purchase_history(day, amount) AS history
FROM (VALUES (1, date '1997-01-10', 29.33), (1, '1997-02-01', 30), (1, '1997-06-15', 12.5), (1, '1997-12-24', 99),
	(2, '1997-03-01', 10), (3, '1997-12-01', 10), (4, '1997-01-10', 0), (4, '1997-02-10', 0)) AS v (c, day, amount)
GROUP BY c;
SELECT c, round(probability_alive(mbg, history, date '1997-09-30')::numeric, 10) AS alive,
	round(probability_active(mbg, history, date '1997-09-30', interval '1 year')::numeric, 10) AS active,
	round(expected_purchases(mbg, history, date '1997-09-30', interval '1 year')::numeric, 10) AS purchases,
	round(expected_spend(spend, history, date '1997-09-30')::numeric, 8) AS spend,
	round(lifetime_value(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1)::numeric, 8) AS value
FROM customer, models ORDER BY c;
SELECT c, probability_alive(mbg, history, date '1997-09-30') = probability_alive(mbg, x, t_x, t) AS alive,
	probability_active(mbg, history, date '1997-09-30', interval '1 year') = probability_active(mbg, x, t_x, t, 365 / 7.0) AS active,
	expected_purchases(mbg, history, date '1997-09-30', interval '1 year') = expected_purchases(mbg, x, t_x, t, 365 / 7.0) AS purchases,
	expected_spend(spend, history, date '1997-09-30') = expected_spend(spend, x, m) AS spend,
	lifetime_value(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1) =
		lifetime_value(mbg, spend, x, t_x, t, m, 365 / 7.0, 0.1) AS value,
	predict(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1) = predict(mbg, spend, x, t_x, t, m, 365 / 7.0, 0.1) AS row
FROM customer, models, LATERAL purchase_summary(history, date '1997-09-30')
WHERE c <> 3 ORDER BY c;

-- The row is made of the single predictions.
SELECT c, p.probability_alive = probability_alive(mbg, history, date '1997-09-30') AS alive,
	p.probability_active_end = probability_active(mbg, history, date '1997-09-30', interval '1 year') AS active,
	p.expected_purchases = expected_purchases(mbg, history, date '1997-09-30', interval '1 year') AS purchases,
	p.expected_spend = expected_spend(spend, history, date '1997-09-30') AS spend,
	p.expected_value = p.discounted_purchases * p.expected_spend AS product,
	p.expected_value = lifetime_value(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1) AS value,
	round(p.purchase_cycle_days::numeric, 6) AS cycle, p.reason
FROM customer, models, LATERAL predict(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1) AS p
ORDER BY c;

-- A customer who is new today: nothing known, T = 0.
SELECT p.probability_alive = probability_alive(mbg, 0, 0, 0) AS alive,
	p.probability_active_end = probability_active(mbg, 0, 0, 0, 365 / 7.0) AS active,
	p.expected_purchases = expected_purchases(mbg, 0, 0, 0, 365 / 7.0) AS purchases,
	p.expected_purchases = expected_purchases(mbg, interval '1 year') AS purchases_alone,
	p.expected_spend = expected_spend(spend) AND p.expected_spend = expected_spend(spend, 0, NULL) AS spend,
	p.expected_value = lifetime_value(mbg, spend, interval '1 year', 0.1) AS value,
	p.expected_value = lifetime_value(mbg, spend, 0, 0, 0, NULL, 365 / 7.0, 0.1) AS value_of_summary, p.reason
FROM models, LATERAL predict(mbg, spend, interval '1 year', 0.1) AS p;

-- Reasons instead of numbers.
SELECT v.* FROM models, customer,
	LATERAL (SELECT 1, p.* FROM predict(NULL, spend, history, date '1997-09-30', interval '1 year', 0.1) AS p
		UNION ALL SELECT 2, p.* FROM predict(mbg, spend, NULL, date '1997-09-30', interval '1 year', 0.1) AS p
		UNION ALL SELECT 3, p.* FROM predict(mbg, spend, history, date '1996-12-31', interval '1 year', 0.1) AS p
		UNION ALL SELECT 4, p.* FROM predict(mbg, spend, history, NULL, interval '1 year', 0.1) AS p
		UNION ALL SELECT 5, p.* FROM predict(mbg, spend, history, date '1997-09-30', NULL, 0.1) AS p
		UNION ALL SELECT 6, p.* FROM predict(mbg, spend, history, date '1997-09-30', interval '1 year', NULL) AS p
		UNION ALL SELECT 7, p.* FROM predict(NULL, NULL, interval '1 year', 0.1) AS p
		UNION ALL SELECT 8, p.* FROM predict(mbg, spend, NULL, NULL, NULL, NULL, 52, 0.1) AS p) AS v (i)
WHERE c = 1 ORDER BY i;
SELECT p.expected_purchases > 0 AS purchases, p.expected_spend, p.expected_value, p.reason FROM models,
	LATERAL (SELECT * FROM predict(mbg, NULL, 2, 10, 20, 30, 52, 0.1)
		UNION ALL SELECT * FROM predict(mbg, spend, 2, 10, 20, NULL, 52, 0.1)
		UNION ALL SELECT * FROM predict(mbg, endless, 0, 0, 20, NULL, 52, 0.1)
		UNION ALL SELECT * FROM predict(mbg, spend, 2, 10, 20, 30, 1e6, -0.9999999)) AS p;

-- NULL in, NULL out; NULL where the expectation is not finite.
SELECT probability_alive(NULL, 1, 2, 3), probability_alive(mbg, NULL, 2, 3), expected_purchases(mbg, NULL), expected_spend(spend, 2, NULL),
	expected_spend(endless), expected_spend(endless, 0, NULL), expected_spend(endless, 1, 10) > 0 AS finite,
	lifetime_value(mbg, endless, interval '1 year', 0.1), lifetime_value(mbg, spend, 2, 10, 20, NULL, 52, 0.1),
	probability_alive(mbg, history, date '1996-12-31'), expected_spend(spend, history, date '1996-12-31')
FROM models, customer WHERE c = 1;

-- Horizons are calendar days from the as-of day: leap years, ends of months, parts of days, centuries.
SELECT as_of, horizon, (as_of + horizon)::date - as_of AS days,
	expected_purchases(nbd, history, as_of, horizon) = expected_purchases(nbd, history, as_of, make_interval(days => (as_of + horizon)::date - as_of)) AS same
FROM models, customer,
	unnest(ARRAY[date '1997-09-30', '2024-01-31', '2024-02-29', '2023-12-31', '2023-02-28']) AS as_of,
	unnest(ARRAY[interval '1 month', '1 year', '13 months -2 days', '1 day 23:59:59', '2 days -00:00:01', '400 years', '1234 years 5 mons 6 days']) AS horizon
WHERE c = 1;
SELECT round((expected_purchases(nbd, interval '178956970 years') / 178956970)::numeric, 6) AS very_long,
	expected_purchases(nbd, interval '1 year') = expected_purchases(nbd, 0, 0, 0, 365.25 / 7) AS without_a_day FROM models;

-- An independent lifetime value: 10,000 steps of expected purchases, each discounted from the middle of the step.
SELECT name, rate, days, max(abs(lifetime_value(m, spend, x, t_x, t, 30, days / 7.0, rate) /
		(expected_spend(spend, x, 30) * integral) - 1)) < 1e-8 AS agrees
FROM models,
	LATERAL (VALUES ('bg/nbd', bg), ('mbg/nbd', mbg), ('pareto/nbd', pareto), ('nbd', nbd)) AS f (name, m),
	(VALUES (0.1, 365), (0.15, 1826), (-0.05, 365)) AS h (rate, days),
	(VALUES (0, 0, 38.857142857142854), (7, 29.428571428571427, 38.857142857142854), (26, 30.857142857142858, 31)) AS s (x, t_x, t),
	LATERAL (SELECT sum((upto - before) * exp(-ln(1 + rate) * days / 365.25 * (i - 0.5) / 10000)) AS integral
		FROM (SELECT i, e AS upto, lag(e, 1, 0::float8) OVER (ORDER BY i) AS before
			FROM (SELECT i, expected_purchases(m, x, t_x, t, days / 7.0 * i / 10000) AS e FROM generate_series(1, 10000) AS i) AS steps) AS pairs) AS n
GROUP BY name, rate, days ORDER BY name, rate, days;

-- A zero rate does not discount; a higher rate is worth less.
SELECT p.discounted_purchases = p.expected_purchases AS undiscounted FROM models, LATERAL predict(mbg, spend, 3, 20, 30, 30, 52, 0) AS p;
SELECT bool_and(v > next) AS falls FROM (SELECT lifetime_value(mbg, spend, 3, 20, 30, 30, 520, rate) AS v,
	lifetime_value(mbg, spend, 3, 20, 30, 30, 520, rate + 0.1) AS next FROM models, generate_series(-0.5, 2, 0.1) AS rate) AS s;

-- Five predictions of a row are computed once: the function is called once a customer.
CREATE VIEW predictions AS
SELECT c, p.* FROM customer, models CROSS JOIN LATERAL predict(mbg, spend, history, date '1997-09-30', interval '1 year', 0.1) AS p;
BEGIN;
SET LOCAL track_functions = 'all';
SELECT count(*), count(probability_alive) AS alive, count(expected_purchases) AS purchases, count(expected_spend) AS spend,
	count(expected_value) AS value, count(reason) AS reason FROM predictions;
SELECT funcname, calls FROM pg_stat_xact_user_functions WHERE funcname IN ('predict', 'expected_spend', 'probability_alive');
COMMIT;
EXPLAIN (COSTS off) SELECT probability_alive, expected_purchases, expected_value FROM predictions;

-- Bad input.
SELECT probability_alive(spend, 1, 2, 3) FROM models;
SELECT expected_spend(mbg, 1, 2) FROM models;
SELECT lifetime_value(spend, mbg, interval '1 year', 0.1) FROM models;
SELECT predict(mbg, mbg, interval '1 year', 0.1) FROM models;
SELECT expected_purchases(mbg, history, date '1997-09-30', interval '0 days') FROM models, customer WHERE c = 1;
SELECT expected_purchases(mbg, history, date '1997-09-30', interval '-1 year') FROM models, customer WHERE c = 1;
SELECT expected_purchases(mbg, history, date '1997-09-30', interval '23:59:59') FROM models, customer WHERE c = 1;
SELECT expected_purchases(bg, interval '-1 month 2 days') FROM models;
SELECT expected_purchases(mbg, 1, 2, 3, 'infinity') FROM models;
SELECT lifetime_value(mbg, spend, history, date '1997-09-30', interval '1 year', -1) FROM models, customer WHERE c = 1;
SELECT predict(mbg, spend, history, date '1997-09-30', interval '1 year', 'NaN') FROM models, customer WHERE c = 1;
SELECT probability_alive(mbg, history, date 'infinity') FROM models, customer WHERE c = 1;
SELECT probability_alive(mbg, 1.5, 2, 3) FROM models;
SELECT lifetime_value(mbg, spend, 2, 10, 20, 30, 1e6, -0.9999999) FROM models;
SELECT predict(mbg, spend, history, date '1997-09-30', interval '0', 0.1) FROM models, customer WHERE c = 1;
SELECT predict(mbg, spend, history, 'infinity', interval '1 year', 0.1) FROM models, customer WHERE c = 1;
\set VERBOSITY terse
SELECT expected_purchases(mbg, 1, 2, 3, 0) FROM models;
SELECT expected_purchases(mbg, 1, 2, 3, -5) FROM models;
SELECT expected_purchases(mbg, 1, 2, 3, 'NaN') FROM models;
SELECT probability_active(mbg, 1, 2, 3, 0) FROM models;
SELECT lifetime_value(mbg, spend, 1, 2, 3, 30, 52, 'infinity') FROM models;
SELECT lifetime_value(mbg, spend, interval '1 year', -2) FROM models;
SELECT lifetime_value(mbg, spend, 1, 2, 3, -30, 52, 0.1) FROM models;
SELECT expected_spend(spend, 1, 'NaN') FROM models;
SELECT expected_spend(spend, -1, 30) FROM models;
SELECT probability_alive(mbg, 0, 1, 3) FROM models;
SELECT probability_alive(mbg, 3, 0, 3) FROM models;
SELECT probability_alive(mbg, 3, 4, 3) FROM models;
SELECT probability_alive(mbg, 'NaN', 4, 5) FROM models;
SELECT probability_alive(mbg, 3, 2, 'infinity') FROM models;

SET client_min_messages = warning;
DROP SCHEMA value_test CASCADE;
RESET search_path;
RESET extra_float_digits;
