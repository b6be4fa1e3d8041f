-- Predictions: how many purchases, when the next one, and all of the future.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA value_counts_test;
RESET client_min_messages;
SET search_path = value_counts_test, customer_value, public;
SET extra_float_digits = 0;

CREATE TABLE model AS
SELECT name, m::fitted_model AS m FROM (VALUES
	('bg/nbd', 'bg/nbd(r=0.24259452243016,alpha=4.4136020190135,a=0.7929220172256,b=2.4259067768263; as_of=1997-09-30)'),
	('mbg/nbd', 'mbg/nbd(r=0.5248431591063,alpha=6.183085279576,a=0.89135939073222,b=1.6140022401703; as_of=1997-09-30)'),
	('pareto/nbd', 'pareto/nbd(r=0.553277046853183,alpha=10.577683463302339,s=0.6062399891277999,beta=11.668735288854093; as_of=1997-09-30)'),
	('nbd', 'nbd(r=0.5,alpha=6; as_of=1997-09-30)')) AS v (name, m);
CREATE TABLE customer AS
SELECT c, purchase_history(day, 20) AS history
FROM (VALUES (1, date '1997-01-10'), (1, '1997-02-01'), (1, '1997-06-15'), (1, '1997-12-24'), (2, '1997-03-01'), (3, '1997-12-01')) AS v (c, day)
GROUP BY c;

-- A customer of the CDNOW sample over 39 weeks.
SELECT name, string_agg(round(probability::numeric, 8)::text, ' ' ORDER BY purchases) AS distribution, round(max(cumulative)::numeric, 8) AS up_to_three,
	round(min(expected_next_purchase(m, 2, 30.43, 38.86, 39))::numeric, 6) AS next
FROM model, purchase_distribution(m, 2, 30.43, 38.86, 39, 3) GROUP BY name ORDER BY name;

-- The three entrances agree.
SELECT name, c,
	probability_no_purchase(m, history, date '1997-09-30', interval '1 year') = probability_no_purchase(m, x, t_x, t, 365 / 7.0) AS none,
	probability_of_purchases(m, history, date '1997-09-30', interval '1 year', 2) = probability_of_purchases(m, x, t_x, t, 365 / 7.0, 2) AS two,
	discounted_purchases(m, history, date '1997-09-30', interval '1 year', 0.1) = discounted_purchases(m, x, t_x, t, 365 / 7.0, 0.1) AS discounted,
	dert(m, history, date '1997-09-30', 0.1) = dert(m, x, t_x, t, 0.1) AS dert,
	next_purchase_day(m, history, date '1997-09-30', interval '1 year') = date '1997-09-30' + round(7 * expected_next_purchase(m, x, t_x, t, 365 / 7.0))::integer AS next,
	next_purchase_day(m, history, date '1997-09-30', interval '1 year') AS day
FROM model, customer, LATERAL (SELECT x, t_x, t FROM purchase_summary(history, date '1997-09-30')) AS s WHERE c < 3 ORDER BY name, c;
SELECT name, probability_no_purchase(m, interval '1 year') = probability_no_purchase(m, 0, 0, 0, 365 / 7.0) AS none,
	probability_of_purchases(m, interval '1 year', 2) = probability_of_purchases(m, 0, 0, 0, 365 / 7.0, 2) AS two,
	probability_active(m, interval '1 year') = probability_active(m, 0, 0, 0, 365 / 7.0) AS active,
	discounted_purchases(m, interval '1 year', 0.1) = discounted_purchases(m, 0, 0, 0, 365 / 7.0, 0.1) AS discounted,
	dert(m, 0.1) = dert(m, 0, 0, 0, 0.1) AS dert, next_purchase_day(m, interval '1 year') AS day
FROM model ORDER BY name;
SELECT name, (SELECT array_agg(d ORDER BY purchases) FROM purchase_distribution(m, history, date '1997-09-30', interval '1 year', 4) AS d) =
		(SELECT array_agg(d ORDER BY purchases) FROM purchase_distribution(m, x, t_x, t, 365 / 7.0, 4) AS d) AS history,
	(SELECT array_agg(d ORDER BY purchases) FROM purchase_distribution(m, interval '1 year', 4) AS d) =
		(SELECT array_agg(d ORDER BY purchases) FROM purchase_distribution(m, 0, 0, 0, 365 / 7.0, 4) AS d) AS newcomer
FROM model, customer, LATERAL (SELECT x, t_x, t FROM purchase_summary(history, date '1997-09-30')) AS s WHERE c = 1 ORDER BY name;

-- A distribution: it adds up to 1, its mean is the expected number, its first row the chance of no purchase.
SELECT name, count(*), abs(sum(probability) - 1) < 1e-12 AS adds_up, abs(sum(purchases * probability) / min(expected_purchases(m, 7, 29.43, 38.86, 39)) - 1) < 1e-9 AS mean,
	bool_and(probability BETWEEN 0 AND 1 AND cumulative BETWEEN 0 AND 1) AS probabilities, bool_and(cumulative >= before) AS monotone,
	bool_and(probability = probability_of_purchases(m, 7, 29.43, 38.86, 39, purchases)) AS alone,
	max(probability) FILTER (WHERE purchases = 0) = min(probability_no_purchase(m, 7, 29.43, 38.86, 39)) AS none
FROM model, LATERAL (SELECT *, lag(cumulative, 1, 0) OVER (ORDER BY purchases) AS before FROM purchase_distribution(m, 7, 29.43, 38.86, 39, 200)) AS d
GROUP BY name ORDER BY name;

-- All of the future is what longer and longer horizons come to.
SELECT name, rate, bool_and(within <= dert * (1 + 1e-14) AND within >= before * (1 - 1e-14)) AS rises, abs(max(within) / max(dert) - 1) < 1e-12 AS comes_to
FROM (SELECT name, rate, dert(m, 7, 29.43, 38.86, rate) AS dert, discounted_purchases(m, 7, 29.43, 38.86, horizon, rate) AS within,
		lag(discounted_purchases(m, 7, 29.43, 38.86, horizon, rate), 1, 0) OVER (PARTITION BY name, rate ORDER BY horizon) AS before
	FROM model, unnest(ARRAY[0.05, 0.15]) AS rate, unnest(ARRAY[1, 10, 100, 1000, 10000, 35000]) AS horizon) AS d
GROUP BY name, rate ORDER BY name, rate;

-- The next purchase is expected within the horizon; over short horizons in their middle.
SELECT name, horizon, expected_next_purchase(m, 7, 29.43, 38.86, horizon) BETWEEN 0 AND horizon AS within,
	round((expected_next_purchase(m, 7, 29.43, 38.86, horizon) / horizon)::numeric, 4) AS share
FROM model, unnest(ARRAY[0.001, 1, 52, 5200]) AS horizon ORDER BY horizon, name;

-- NULL, and no rows, where there is no purchase by the as-of day or something is missing.
SELECT probability_no_purchase(m, history, date '1997-09-30', interval '1 year') AS none, probability_of_purchases(m, history, date '1997-09-30', interval '1 year', 1) AS one,
	next_purchase_day(m, history, date '1997-09-30', interval '1 year') AS day, dert(m, history, date '1997-09-30', 0.1) AS dert,
	discounted_purchases(m, history, date '1997-09-30', interval '1 year', 0.1) AS discounted,
	(SELECT count(*) FROM purchase_distribution(m, history, date '1997-09-30', interval '1 year', 3)) AS rows,
	(SELECT count(*) FROM purchase_distribution(m, NULL, date '1997-09-30', interval '1 year', 3)) AS rows_without_history,
	probability_no_purchase(NULL, history, date '1997-09-30', interval '1 year') AS no_model
FROM model, customer WHERE c = 3 AND name = 'mbg/nbd';
-- Who is gone for certain does not buy; a model without a day has no next day.
SELECT probability_alive(m, 5000, 10, 5000) AS alive, probability_no_purchase(m, 5000, 10, 5000, 52) AS none,
	expected_next_purchase(m, 5000, 10, 5000, 52) AS next FROM model WHERE name = 'mbg/nbd';
SELECT next_purchase_day('nbd(r=1,alpha=2)', interval '1 year');

-- Bad input.
\set VERBOSITY default
SELECT dert(m, 0) FROM model WHERE name = 'mbg/nbd';
SELECT dert(m, 1, 2, 3, -0.1) FROM model WHERE name = 'mbg/nbd';
SELECT probability_of_purchases(m, 1, 2, 3, 52, -1) FROM model WHERE name = 'mbg/nbd';
SELECT purchase_distribution(m, interval '1 year', -1) FROM model WHERE name = 'mbg/nbd';
SELECT next_purchase_day('nbd(r=1,alpha=1e12; as_of=1997-09-30)', interval '100000000 years');
\set VERBOSITY terse
SELECT dert(m, history, date '1997-09-30', 'NaN') FROM model, customer WHERE c = 1 AND name = 'mbg/nbd';
SELECT probability_no_purchase(m, 1, 2, 3, 0) FROM model WHERE name = 'mbg/nbd';
SELECT probability_no_purchase(m, interval '-1 day') FROM model WHERE name = 'mbg/nbd';
SELECT expected_next_purchase(m, 1, 0, 3, 52) FROM model WHERE name = 'mbg/nbd';
SELECT probability_no_purchase('gamma-gamma(p=2,q=3,v=15)', 1, 2, 3, 52);

SET client_min_messages = warning;
DROP SCHEMA value_counts_test CASCADE;
RESET search_path;
RESET extra_float_digits;
