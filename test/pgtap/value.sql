-- The contract of predictions: error codes, types, and properties that hold for every model and customer.
\unset ECHO
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\pset pager off
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET search_path = customer_value, public;

BEGIN;
SELECT * FROM no_plan();

CREATE TEMP TABLE customer AS SELECT purchase_history(d, 20) AS h FROM unnest(ARRAY[date '2026-01-05', '2026-02-10', '2026-05-01']) AS d;
CREATE TEMP TABLE model AS
SELECT 'mbg/nbd(r=0.52,alpha=6.18,a=0.89,b=1.61; as_of=2026-06-30)'::fitted_model AS p, 'gamma-gamma(p=6.25,q=3.74,v=15.44)'::fitted_model AS s;

-- What is wrong has its code, whatever the entrance.
SELECT throws_ok('SELECT ' || call || ' FROM model, customer', code, NULL, call)
FROM (VALUES
	('probability_alive(s, 1, 2, 3)', '22023'), ('probability_alive(s, h, ''2026-06-30'')', '22023'),
	('expected_purchases(s, interval ''1 year'')', '22023'), ('expected_spend(p)', '22023'), ('expected_spend(p, h, ''2026-06-30'')', '22023'),
	('lifetime_value(s, s, interval ''1 year'', 0.1)', '22023'), ('lifetime_value(p, p, h, ''2026-06-30'', interval ''1 year'', 0.1)', '22023'),
	('predict(s, s, h, ''2026-06-30'', interval ''1 year'', 0.1)', '22023'), ('predict(p, p, h, ''2026-06-30'', interval ''1 year'', 0.1)', '22023'),
	('expected_purchases(p, h, ''2026-06-30'', interval ''0'')', '22023'), ('expected_purchases(p, h, ''2026-06-30'', interval ''-1 day'')', '22023'),
	('expected_purchases(p, h, ''2026-06-30'', interval ''1 month -31 days'')', '22023'),
	('expected_purchases(p, interval ''0'')', '22023'), ('expected_purchases(p, 1, 2, 3, 0)', '22023'),
	('expected_purchases(p, 1, 2, 3, ''-infinity'')', '22023'), ('probability_active(p, 1, 2, 3, ''NaN'')', '22023'),
	('probability_active(p, h, ''2026-06-30'', interval ''-1 year'')', '22023'),
	('lifetime_value(p, s, h, ''2026-06-30'', interval ''1 year'', -1)', '22023'), ('lifetime_value(p, s, h, ''2026-06-30'', interval ''1 year'', ''NaN'')', '22023'),
	('lifetime_value(p, s, h, ''2026-06-30'', interval ''1 year'', ''infinity'')', '22023'), ('lifetime_value(p, s, interval ''0'', 0.1)', '22023'),
	('predict(p, s, h, ''2026-06-30'', interval ''-1 year'', 0.1)', '22023'), ('predict(p, s, h, ''2026-06-30'', interval ''1 year'', -1)', '22023'),
	('predict(p, s, h, ''-infinity'', interval ''1 year'', 0.1)', '22023'), ('predict(p, s, 1, 2, 3, 4, 0, 0.1)', '22023'),
	('predict(p, s, 1, 2, 3, ''NaN'', 52, 0.1)', '22023'), ('predict(p, s, 1.5, 2, 3, 4, 52, 0.1)', '22023'), ('predict(p, s, interval ''1 year'', -3)', '22023'),
	('probability_alive(p, h, ''infinity'')', '22023'), ('expected_spend(s, h, ''infinity'')', '22023'), ('expected_spend(s, 1, -1)', '22023'),
	('expected_spend(s, 1e300, 1)', '22023'), ('probability_alive(p, 1, 0, 3)', '22023'), ('probability_alive(p, 0, 1, 3)', '22023'),
	('lifetime_value(p, s, 2, 10, 20, 30, 1e6, -0.9999999)', '22003'), ('discounted_purchases(p, 2, 10, 20, 1e6, -0.9999999)', '22003'),
	('dert(p, 0)', '22023'), ('dert(p, h, ''2026-06-30'', -0.1)', '22023'), ('dert(p, 1, 2, 3, ''NaN'')', '22023'), ('dert(s, 0.1)', '22023'),
	('probability_no_purchase(p, interval ''0'')', '22023'), ('probability_of_purchases(p, 1, 2, 3, 52, -1)', '22023'),
	('purchase_distribution(p, h, ''2026-06-30'', interval ''1 year'', -1)', '22023'), ('next_purchase_day(p, h, ''infinity'', interval ''1 year'')', '22023'),
	('expected_next_purchase(p, 1, 2, 3, 0)', '22023'), ('predict_interval(p, s, h, ''2026-06-30'', interval ''1 year'', 0.1, 1)', '22023'),
	('prediction_intervals(p, s, h, ''2026-06-30'', interval ''1 year'', 0.1, 0)', '22023'), ('prediction_intervals(s, s, interval ''1 year'', 0.1)', '22023'),
	('fit_purchase_model(''weibull'', h, ''2026-06-30'')', '22023'), ('fit_purchase_model(''gamma-gamma'', h, ''2026-06-30'')', '22023'),
	('fit_purchase_model(NULL, h, ''2026-06-30'')', '22004'), ('fit_purchase_model(''nbd'', h, NULL)', '22004'), ('fit_purchase_model(''nbd'', h, ''infinity'')', '22023'),
	('fit_purchase_model(''nbd'', h, ''2025-01-01'')', '22000'), ('fit_purchase_model(''nbd'', h, ''2026-01-05'')', '22000'),
	('fit_spend_model(h, ''2026-01-05'')', '22000'), ('fit_spend_model(h, NULL)', '22004'), ('fit_purchase_model(''nbd'', 1, -1, 3)', '22023'),
	('fit_purchase_model(''nbd'', 1, NULL, 3)', '22004'), ('fit_spend_model(1, ''infinity'')', '22023')) AS v (call, code);

-- One customer, and one who bought twice, give a model and a verdict, never an error.
SELECT ok(describe(fit_purchase_model(family, h, '2026-06-30', CASE family WHEN 'bg/bb' THEN '{"period": "1 month"}' ELSE '{}' END::jsonb)) <> '' AND describe(fit_spend_model(h, '2026-06-30')) <> '', family || ' of one customer has a verdict')
FROM customer, model_families() WHERE kind = 'purchase' GROUP BY family;

-- Names of arguments are part of the contract.
SELECT lives_ok('SELECT ' || call || ' FROM model, customer', call)
FROM (VALUES ('predict(purchase_model => p, spend_model => s, history => h, as_of => ''2026-06-30'', horizon => ''1 year'', annual_discount_rate => 0.1)'),
	('predict(purchase_model => p, spend_model => s, x => 1, t_x => 2, t => 3, m => 4, horizon => 52, annual_discount_rate => 0.1)'),
	('lifetime_value(purchase_model => p, spend_model => s, history => h, as_of => ''2026-06-30'', horizon => ''1 year'', annual_discount_rate => 0.1)'),
	('expected_purchases(model => p, history => h, as_of => ''2026-06-30'', horizon => ''1 year'')'),
	('expected_spend(spend_model => s, x => 1, m => 2)'), ('probability_alive(model => p, x => 1, t_x => 2, t => 3)')) AS v (call);
SELECT col_type_is('customer_value', 'customer_prediction', name, type, name)
FROM (VALUES ('probability_alive'), ('probability_active_end'), ('expected_purchases'), ('discounted_purchases'), ('expected_spend'), ('expected_value'),
		('purchase_cycle_days')) AS n (name), (VALUES ('double precision')) AS t (type);
SELECT col_type_is('customer_value', 'customer_prediction', 'reason', 'text', 'reason');

-- Models and customers of all kinds, drawn the same everywhere.
CREATE FUNCTION pg_temp.draw(seed text, low float8, high float8) RETURNS float8 LANGUAGE sql AS
	$$ SELECT exp(ln(low) + (ln(high) - ln(low)) * ((('x' || substr(md5(seed), 1, 8))::bit(32)::bigint + 0.5) / 4294967296.0)) $$;
CREATE TEMP TABLE drawn AS
SELECT i, format('%s/nbd(r=%s,alpha=%s,a=%s,b=%s)', CASE i % 2 WHEN 0 THEN 'bg' ELSE 'mbg' END, pg_temp.draw(i || 'r', 0.01, 100),
		pg_temp.draw(i || 'alpha', 0.01, 1000), pg_temp.draw(i || 'a', 0.01, 1000), pg_temp.draw(i || 'b', 0.01, 1000))::fitted_model AS m,
	CASE WHEN i % 5 = 0 THEN 0 ELSE ceil(pg_temp.draw(i || 'x', 0.1, 300)) END AS x,
	CASE WHEN i % 5 = 0 THEN 0 ELSE t * pg_temp.draw(i || 't_x', 0.01, 1) END AS t_x, t, pg_temp.draw(i || 'horizon', 0.1, 1000) AS horizon
FROM generate_series(1, 2000) AS i, LATERAL (SELECT pg_temp.draw(i || 't', 0.15, 500) AS t) AS d;
CREATE TEMP TABLE predicted AS
SELECT d.*, p.*, l.expected_purchases AS later_purchases, l.probability_active_end AS later_active
FROM drawn AS d, LATERAL predict(m, NULL, x, t_x, t, NULL, horizon, 0.1) AS p, LATERAL predict(m, NULL, x, t_x, t, NULL, horizon * 1.5, 0) AS l;
SELECT is(count(*) FILTER (WHERE NOT (probability_alive BETWEEN 0 AND 1)), 0::bigint, 'probabilities lie between 0 and 1') FROM predicted;
SELECT is(count(*) FILTER (WHERE NOT (probability_active_end BETWEEN 0 AND probability_alive * (1 + 1e-12))), 0::bigint, 'nobody comes back to life') FROM predicted;
SELECT is(count(*) FILTER (WHERE NOT (later_active <= probability_active_end * (1 + 1e-12))), 0::bigint, 'the longer, the fewer are left') FROM predicted;
SELECT is(count(*) FILTER (WHERE NOT (expected_purchases >= 0 AND later_purchases >= expected_purchases * (1 - 1e-12))), 0::bigint, 'the longer, the more purchases') FROM predicted;
SELECT is(count(*) FILTER (WHERE NOT (discounted_purchases BETWEEN 0 AND expected_purchases * (1 + 1e-12))), 0::bigint, 'discounting takes away') FROM predicted;
SELECT is(count(*) FILTER (WHERE NOT (discounted_purchases >= expected_purchases * 1.1 ^ (-horizon * 7 / 365.25) * (1 - 1e-12))), 0::bigint, 'at most what the whole horizon takes') FROM predicted;
SELECT is(count(*) FILTER (WHERE NOT (purchase_cycle_days > 0 AND reason = 'no spend model')), 0::bigint, 'cycles are positive') FROM predicted;
-- Counts, the next purchase and endless horizons of the same customers.
CREATE TEMP TABLE counted AS
SELECT p.*, probability_no_purchase(m, x, t_x, t, horizon) AS none, probability_no_purchase(m, x, t_x, t, horizon * 1.5) AS none_later,
	(SELECT max(cumulative) FROM purchase_distribution(m, x, t_x, t, horizon, 20)) AS up_to_20,
	expected_next_purchase(m, x, t_x, t, horizon) AS next, dert(m, x, t_x, t, 0.1) AS dert
FROM predicted AS p WHERE i % 4 < 2;
SELECT is(count(*) FILTER (WHERE NOT (none BETWEEN 0 AND 1 AND none_later <= none * (1 + 1e-12) AND up_to_20 BETWEEN none AND 1)), 0::bigint, 'chances of counts lie between 0 and 1') FROM counted;
SELECT is(count(*) FILTER (WHERE NOT (1 - none <= expected_purchases * (1 + 1e-9) + 1e-12 AND none >= 1 - probability_alive - 1e-12)), 0::bigint, 'who buys is alive, and expected to buy') FROM counted;
SELECT is(count(*) FILTER (WHERE NOT (next > 0 AND next <= horizon) AND probability_alive > 0), 0::bigint, 'the next purchase lies within the horizon') FROM counted;
SELECT is(count(*) FILTER (WHERE NOT (dert >= discounted_purchases * (1 - 1e-10))), 0::bigint, 'all of the future is worth more than a part of it') FROM counted;
SELECT is(count(*) FILTER (WHERE num_nonnulls(low, high, standard_error) > 0 OR estimate IS NULL), 0::bigint, 'a model by hand has estimates without standard errors')
FROM drawn, LATERAL prediction_intervals(m, NULL, x, t_x, t, NULL, horizon, 0.1) WHERE i % 40 = 1;

-- Without churn to speak of the purchases are those of the NBD.
SELECT cmp_ok(max(abs(expected_purchases(format('mbg/nbd(r=%s,alpha=%s,a=1e-9,b=1e3)', r, alpha)::fitted_model, x, t_x, t, horizon) /
		expected_purchases(format('nbd(r=%s,alpha=%s)', r, alpha)::fitted_model, x, t_x, t, horizon) - 1)), '<', 1e-6::float8, 'the NBD is the limit without churn')
FROM drawn, LATERAL (SELECT pg_temp.draw(i || 'r', 0.1, 10) AS r, pg_temp.draw(i || 'alpha', 1, 100) AS alpha) AS p WHERE x < 5 AND t_x >= t / 3;

SELECT * FROM finish();
ROLLBACK;
