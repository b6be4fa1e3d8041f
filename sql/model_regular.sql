-- Families of regular buyers: k is found from histories, given for summaries, and part of the model.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
RESET client_min_messages;
SET search_path = customer_value, public;

-- Customers of two rhythms, about every 28 and every 14 days: some days early or late, some gone after 5 purchases.
CREATE TEMP VIEW regular AS
SELECT c AS customer, purchase_history(date '2024-01-01' + c % 30 + n * (14 + c % 2 * 14) + (c * 7 + n * 5) % 9, 20) AS history
FROM generate_series(1, 200) AS c, generate_series(0, 30) AS n
WHERE n < CASE WHEN c % 3 = 0 THEN 5 ELSE 31 END
GROUP BY c;

-- Their k, and by how much it makes them likelier than buyers at random.
CREATE TEMP TABLE fitted AS
SELECT fit_purchase_model('mbg/cnbd-k', history, date '2024-12-31') AS mbg,
	fit_purchase_model('bg/cnbd-k', history, date '2024-12-31') AS bg,
	fit_purchase_model('mbg/nbd', history, date '2024-12-31') AS random
FROM regular;
SELECT s.family, s.k, s.customers FROM fitted, model_summary(mbg) AS s;
SELECT s.family, s.k, s.customers FROM fitted, model_summary(bg) AS s;
SELECT (regular.log_likelihood > random.log_likelihood + 1000) AS likelier
FROM fitted, model_summary(fitted.mbg) AS regular, model_summary(fitted.random) AS random;

-- k = 1 is the family of purchases at random, digit by digit.
SELECT (p.estimate = q.estimate) AS same
FROM (SELECT fit_purchase_model('mbg/cnbd-k', history, date '2024-12-31', '{"k": 1}') AS m FROM regular) AS one,
	fitted, LATERAL model_parameters(one.m) AS p JOIN LATERAL model_parameters(fitted.random) AS q USING (parameter);

-- Summaries hold no times between purchases.
SELECT fit_purchase_model('mbg/cnbd-k', x, t_x, t) FROM (VALUES (3, 30, 39), (0, 0, 20), (2, 9, 35)) AS v(x, t_x, t);
SELECT s.family, s.k FROM
	(SELECT fit_purchase_model('mbg/cnbd-k', x, t_x, t, '{"k": 3}') AS m
	 FROM (VALUES (3, 30, 39), (0, 0, 20), (2, 9, 35), (7, 36, 39)) AS v(x, t_x, t)) AS f, model_summary(f.m) AS s;

-- The model as text, and what it says of one who is due, overdue, new.
CREATE TEMP TABLE given AS
SELECT k, format('mbg/cnbd-k(r=2,alpha=%s,a=0.8,b=3,k=%s)', 4.5 / k, k)::fitted_model AS m FROM (VALUES (1), (3), (20)) AS v(k);
SELECT m FROM given;
SELECT k, round(probability_alive(m, 10, 40, 44)::numeric, 6) AS due,
	round(probability_alive(m, 10, 40, 52)::numeric, 6) AS overdue,
	round(probability_active(m, 10, 40, 44, 13)::numeric, 6) AS active,
	round(expected_purchases(m, 10, 40, 44, 13)::numeric, 6) AS purchases,
	round(probability_no_purchase(m, 10, 40, 44, 2)::numeric, 6) AS silent,
	round(probability_of_purchases(m, 10, 40, 44, 13, 3)::numeric, 6) AS three
FROM given;
SELECT k, round(expected_purchases(m, interval '1 year')::numeric, 6) AS of_a_new_customer FROM given;

-- k is a whole number from 1 to 20.
SELECT 'mbg/cnbd-k(r=2,alpha=1,a=1,b=2,k=0)'::fitted_model;
SELECT 'mbg/cnbd-k(r=2,alpha=1,a=1,b=2,k=2.5)'::fitted_model;
SELECT 'bg/cnbd-k(r=2,alpha=1,a=1,b=2)'::fitted_model;

DROP TABLE fitted, given;
DROP VIEW regular;
