-- The family ggompertz/nbd from SQL: its text and limits, its predictions, fits with and without covariates.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
RESET client_min_messages;
SET search_path = customer_value, public;

-- What stands in for it: Pareto/NBD, its limit, and NBD, the limit of that; nothing else.
SELECT 'pareto/nbd(r=0.55,alpha=10.6,s=0.6,beta=11.7; n=2357, patterns=1016, loglik=-9594.9, status=limit, requested=ggompertz/nbd)'::fitted_model;
SELECT status, family, requested_family, verdict
FROM model_summary('pareto/nbd(r=0.55,alpha=10.6,s=0.6,beta=11.7; n=2357, patterns=1016, loglik=-9594.9, status=limit, requested=ggompertz/nbd)');
SELECT status, family, requested_family, verdict
FROM model_summary('nbd(r=0.39,alpha=12.1; n=2357, patterns=1016, loglik=-9700, status=no_churn, requested=ggompertz/nbd)');
SELECT 'bg/nbd(r=0.24,alpha=4.4,a=0.8,b=2.4; requested=ggompertz/nbd)'::fitted_model;
SELECT 'ggompertz/nbd(r=0.58,alpha=12.6,b=1e31,s=0.17,beta=0.13)'::fitted_model;

-- Predictions, to the digits of 60-digit references (test/reference/ggompertz_nbd.csv).
SELECT round(probability_alive(m, 2, 30, 38)::numeric, 10) AS alive,
	round(probability_active(m, 2, 30, 38, 52)::numeric, 10) AS active,
	round(discounted_purchases(m, 2, 30, 38, 52, 0.1)::numeric, 10) AS discounted,
	round(dert(m, 2, 30, 38, 0.1)::numeric, 10) AS dert,
	round(probability_of_purchases(m, 2, 30, 38, 52, 3)::numeric, 10) AS three
FROM (VALUES ('ggompertz/nbd(r=0.5786375215369219,alpha=12.643266751560969,b=0.044838019023775294,s=0.17461156378657028,beta=0.1294130628519717)'::fitted_model)) AS given (m);

-- Customers without randomness: two in three leave between 20 and 48 weeks, the others buy on.
CREATE TEMP TABLE customers AS
SELECT i, f.x, f.x * gap AS t_x, 52::float8 AS t, ARRAY[(i % 2)::float8] AS z
FROM generate_series(1, 400) AS i,
	LATERAL (SELECT 2 + 12 * ((i * 37) % 101) / 101.0::float8 AS gap, CASE WHEN i % 3 = 0 THEN 52 ELSE 20 + (i * 53) % 29 END::float8 AS ends) AS g,
	LATERAL (SELECT floor(ends / gap) AS x) AS f;
SELECT s.family, s.requested_family, s.status, s.customers, round(s.log_likelihood::numeric, 2) AS log_likelihood
FROM (SELECT fit_purchase_model('ggompertz/nbd', x, t_x, t) AS m FROM customers) AS f, model_summary(m) AS s;
SELECT s.family, s.covariates, s.customers
FROM (SELECT fit_purchase_model('ggompertz/nbd', x, t_x, t, z, '{"covariates": ["odd"], "penalty": 1}') AS m FROM customers) AS f, model_summary(m) AS s;
DROP TABLE customers;
RESET search_path;
