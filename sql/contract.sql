-- Contracts: fits from survivors and from start and end days, predictions, the type; and what cannot be.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA contract;
RESET client_min_messages;
SET search_path = contract, customer_value, public;

-- Yearly survivors of 1000 customers of two segments: Fader and Hardie (2007), table 1.
CREATE TABLE cohort (segment text, period int, survivors float8);
INSERT INTO cohort
SELECT segment, ordinality - 1, 10 * share
FROM (VALUES ('highend', ARRAY[100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1]), ('regular', ARRAY[100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1])) AS v (segment, shares),
	unnest(shares) WITH ORDINALITY AS s (share, ordinality);
CREATE TABLE fit AS
SELECT segment, family, fit_contract_model(family, period, survivors) AS m
FROM cohort, (VALUES ('sbg'), ('bdw')) AS f (family) GROUP BY 1, 2;

SELECT segment, s.family, s.status, s.period, s.as_of, s.customers, s.renewals, round(s.log_likelihood::numeric, 6) AS log_likelihood
FROM fit, contract_summary(m) AS s ORDER BY 1, 2;
SELECT segment, family, parameter, round(estimate::numeric, 6) AS estimate, round(standard_error::numeric, 5) AS standard_error, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high
FROM fit, LATERAL ROWS FROM (contract_parameters(m)) WITH ORDINALITY ORDER BY 1, 2, ordinality;

-- Published: DERL(d = 0.1, t = 7) of the high end segment is 7.52963 (Fader and Hardie 2010).
SELECT round(derl(m, 0.1, 7)::numeric, 5) AS derl, round(del(m, 0.1)::numeric, 5) AS del,
	round(contract_survival(m, 12)::numeric, 9) AS survival, round(contract_retention(m, 12)::numeric, 9) AS retention, round(contract_churn(m, 12)::numeric, 9) AS churn
FROM fit WHERE segment = 'highend' AND family = 'sbg';
SELECT period, round(survival::numeric, 6) AS survival, round(survival_low::numeric, 6) AS survival_low, round(survival_high::numeric, 6) AS survival_high,
	round(retention::numeric, 6) AS retention, round(retention_low::numeric, 6) AS retention_low, round(retention_high::numeric, 6) AS retention_high
FROM fit, contract_forecast(m, 4) WHERE segment = 'highend' AND family = 'sbg' ORDER BY period;
SELECT prediction, round(estimate::numeric, 6) AS estimate, round(standard_error::numeric, 6) AS standard_error, round(low::numeric, 6) AS low, round(high::numeric, 6) AS high
FROM fit, contract_predictions(m, 7, 0.1, 0.8) WHERE segment = 'highend' AND family = 'sbg';

-- By hand: one parameter value of each family that can be reckoned in the head.
SELECT round(contract_survival('sbg(alpha=1,beta=1)', t)::numeric, 10) AS survival, round(1.0 / (t + 1), 10) AS by_hand FROM generate_series(0, 3) AS t;
SELECT round(contract_retention('sbg(alpha=1,beta=2)', 1)::numeric, 10) AS two_thirds, round(contract_retention('sbg(alpha=1,beta=2)', 3)::numeric, 10) AS four_fifths,
	round(contract_survival('bdw(alpha=1,beta=1,c=2)', 3)::numeric, 10) AS one_tenth;
SELECT round((del('sbg(alpha=1,beta=1)', 1))::numeric, 10) AS del, round((2 * ln(2))::numeric, 10) AS two_ln_2;
SELECT round(derl(m, 0.1, 0)::numeric, 10) AS derl, round(((del(m, 0.1) - 1) * 1.1)::numeric, 10) AS from_del FROM (VALUES ('bdw(alpha=0.3,beta=1.2,c=1.4)'::contract_model)) AS v (m);
SELECT period, round(survival::numeric, 10) AS survival, survival_low, survival_high, retention, retention_low, retention_high FROM contract_forecast('sbg(alpha=1,beta=1)', 1);
SELECT prediction, round(estimate::numeric, 10) AS estimate, standard_error, low, high FROM contract_predictions('sbg(alpha=1,beta=1)', 0, 1);
SELECT contract_survival(NULL, 1), derl('sbg(alpha=1,beta=1)', NULL, 1), del('sbg(alpha=1,beta=1)', NULL);

-- The text is the model; so are its bytes.
SELECT m::text::contract_model = m AS same_text, m <> m AS differs FROM fit;
SELECT regexp_replace(m::text, '[0-9.]{8,}[0-9e-]*', '#', 'g') FROM fit ORDER BY segment, family;
SELECT 'BDW( c = 1.5 , alpha=1e-3,beta=+2 ; status=given,period = 2 weeks )'::contract_model,
	'sbg(alpha=1,beta=2; period=24 months)'::contract_model, 'sbg(alpha=1,beta=2; period=1 days, as_of=0044-03-15 )'::contract_model;
CREATE TABLE kept (m contract_model);
INSERT INTO kept SELECT m FROM fit;
SELECT count(*) AS models, sum(n) AS rows FROM (SELECT m, count(*) AS n FROM (SELECT m FROM kept UNION ALL SELECT m FROM fit) AS v GROUP BY m) AS g;
SELECT contract_model_hash(m) = contract_model_hash(m::text::contract_model) AS hash, contract_model_hash_extended(m, 0)::bit(32) = contract_model_hash(m)::bit(32) AS extended FROM fit;

-- From contracts with start and end days. A contract of one month each, as of 30 June:
-- who ends on a renewal day, or the day before it, has not renewed; the end may be the last day or the day after.
CREATE TABLE example (start_day date, end_day date, renewals int, lost boolean);
INSERT INTO example VALUES
	('2024-01-15', NULL, 5, false), ('2024-01-15', '2024-07-01', 5, false), ('2024-01-15', 'infinity', 5, false), ('2024-01-15', '2024-06-30', 5, false),
	('2024-01-15', '2024-06-15', 4, true), ('2024-01-15', '2024-06-14', 4, true), ('2024-01-15', '2024-05-16', 4, true), ('2024-01-15', '2024-05-15', 3, true),
	('2024-01-15', '2024-01-15', 0, true), ('2024-01-31', NULL, 5, false), ('2024-01-31', '2024-03-01', 1, true), ('2024-01-31', '2024-02-29', 0, true),
	('2024-05-31', NULL, 1, false), ('2024-06-01', NULL, 0, false), ('2024-07-01', NULL, NULL, NULL), ('2024-06-30', '2024-08-01', 0, false);
SELECT start_day, end_day, renewals, lost, contract_renewals(start_day, '2024-06-30', '1 month') AS if_running,
	s = CASE WHEN renewals IS NULL THEN _fit_contract_customer(NULL, 'sbg', '2100-01-01', NULL, '2024-06-30', '1 month')
		WHEN lost THEN _fit_contract_customer(NULL, 'sbg', start_day, (start_day + make_interval(months => renewals + 1))::date, '2024-06-30', '1 month')
		ELSE _fit_contract_customer(NULL, 'sbg', ('2024-06-30'::date - make_interval(months => renewals))::date, NULL, '2024-06-30', '1 month') END AS as_by_hand
FROM example, _fit_contract_customer(NULL, 'sbg', start_day, end_day, '2024-06-30', '1 month') AS s;

-- 2,000 customers who began over four years, each with a chance of leaving of their own.
CREATE FUNCTION chance(text) RETURNS float8 IMMUTABLE PARALLEL SAFE
RETURN (('x' || substr(md5($1), 1, 8))::bit(32)::bigint + 0.5) / 4294967296.0;
-- Beta(1, 3): 1 - u^(1/3)
CREATE TABLE contracts AS
SELECT c, start_day, CASE WHEN n IS NOT NULL THEN (start_day + make_interval(months => 3 * n::int))::date - (c % 2)::int END AS end_day
FROM (SELECT c, date '2020-01-01' + (1400 * chance(c || 'start'))::int AS start_day,
		ceil(ln(chance(c || 'leaves')) / ln(power(chance(c || 'theta'), 1.0 / 3))) AS n FROM generate_series(1, 2000) AS c) AS v;
UPDATE contracts SET end_day = NULL WHERE end_day > '2024-06-30' AND c % 3 = 0;
CREATE VIEW fits AS
SELECT fit_contract_model('sbg', start_day, end_day, date '2024-06-30', interval '3 months') AS sbg,
	fit_contract_model('bdw', start_day, end_day, date '2024-06-30', interval '3 months') AS bdw FROM contracts;
SELECT s.family, s.status, s.period, s.as_of, s.customers, s.renewals, round(s.log_likelihood::numeric, 4) AS log_likelihood, s.verdict
FROM fits, LATERAL (VALUES (sbg), (bdw)) AS v (m), contract_summary(m) AS s;
SELECT parameter, round(estimate::numeric, 4) AS estimate, truth BETWEEN low AND high AS holds_the_truth
FROM fits, LATERAL (VALUES (sbg), (bdw)) AS v (m), contract_parameters(m) JOIN (VALUES ('alpha', 1), ('beta', 3), ('c', 1)) AS t (parameter, truth) USING (parameter);
-- one model a yearly cohort
SELECT count(*) AS cohorts, bool_and(s.status IN ('converged', 'weak', 'alike')) AS all_fitted
FROM (SELECT fit_contract_model('sbg', start_day, end_day, date '2024-06-30', interval '3 months') AS m
	FROM contracts WHERE start_day < '2023-01-01' GROUP BY date_trunc('year', start_day)) AS f, contract_summary(m) AS s;

-- Any order, and any plan, gives the same bytes.
SELECT count(DISTINCT contract_model_send(m)) AS different, count(*) AS orders FROM (
	SELECT fit_contract_model('bdw', start_day, end_day, date '2024-06-30', interval '3 months' ORDER BY c) FROM contracts
	UNION ALL SELECT fit_contract_model('bdw', start_day, end_day, date '2024-06-30', interval '3 months' ORDER BY c DESC) FROM contracts
	UNION ALL SELECT fit_contract_model('bdw', start_day, end_day, date '2024-06-30', interval '3 months' ORDER BY chance(c || 'a')) FROM contracts
	UNION ALL SELECT bdw FROM fits
) AS v (m);
SELECT count(DISTINCT contract_model_send(m)) AS different FROM (
	SELECT fit_contract_model('sbg', period, survivors ORDER BY period) FROM cohort WHERE segment = 'regular'
	UNION ALL SELECT fit_contract_model('sbg', period, survivors ORDER BY period DESC) FROM cohort WHERE segment = 'regular'
	UNION ALL SELECT fit_contract_model('SBG', period, survivors ORDER BY chance(period || 'b')) FROM cohort WHERE segment = 'regular'
	UNION ALL SELECT fit_contract_model('sbg', period, survivors::bigint) FROM cohort WHERE segment = 'regular'
) AS v (m);
CREATE TEMP TABLE serial AS SELECT * FROM fits;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 4;
ALTER TABLE contracts SET (parallel_workers = 4);
EXPLAIN (COSTS off) SELECT * FROM fits;
SELECT s.sbg = p.sbg AS sbg, s.bdw = p.bdw AS bdw FROM serial AS s, fits AS p;
ROLLBACK;
-- as a window, and combined by hand; nothing changes its arguments
SELECT period, round((contract_summary(m)).log_likelihood::numeric, 4) AS log_likelihood
FROM (SELECT period, fit_contract_model('sbg', period, survivors) OVER (ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND 2 FOLLOWING) AS m FROM cohort WHERE segment = 'regular') AS v ORDER BY period;
SELECT _fit_contract_final(_fit_contract_combine(a, b)) = sbg AS combined, _fit_contract_combine(a, b) = _fit_contract_combine(b, a) AS commutes, _fit_contract_combine(a, NULL) = a AS alone
FROM (SELECT (SELECT s FROM (WITH RECURSIVE r AS (SELECT 0 AS i, NULL::bytea AS s UNION ALL
		SELECT i + 1, _fit_contract_customer(s, 'sbg', start_day, end_day, '2024-06-30', '3 months') FROM r JOIN contracts ON c = i + 1 WHERE i < 40) SELECT s FROM r ORDER BY i DESC LIMIT 1) AS v) AS a,
	(SELECT s FROM (WITH RECURSIVE r AS (SELECT 40 AS i, NULL::bytea AS s UNION ALL
		SELECT i + 1, _fit_contract_customer(s, 'sbg', start_day, end_day, '2024-06-30', '3 months') FROM r JOIN contracts ON c = i + 1 WHERE i < 80) SELECT s FROM r ORDER BY i DESC LIMIT 1) AS v) AS b) AS v,
	(SELECT fit_contract_model('sbg', start_day, end_day, date '2024-06-30', interval '3 months') AS sbg FROM contracts WHERE c <= 80) AS f;

-- No finite maximum: a verdict in words, no standard errors, numbers that are numbers.
SELECT s.status, s.verdict, round(contract_retention(m, 1)::numeric, 6) AS retention, round(derl(m, 0.1, 1)::numeric, 4) AS derl, p.standard_error
FROM (VALUES (1, ARRAY[100, 100, 100]), (2, ARRAY[100, 0]), (3, ARRAY[64, 32, 16, 8, 4]), (4, ARRAY[100, 60, 60, 60]), (5, ARRAY[30, 27, 24])) AS v (i, survivors),
	LATERAL (SELECT fit_contract_model('sbg', ordinality::int - 1, n) FROM unnest(survivors) WITH ORDINALITY AS u (n)) AS f (m),
	contract_summary(m) AS s, LATERAL (SELECT * FROM contract_parameters(m) LIMIT 1) AS p ORDER BY i;
SELECT s.verdict FROM contract_summary('sbg(alpha=1,beta=1)') AS s;
SELECT s.verdict FROM (SELECT fit_contract_model('bdw', p, 1000 - 20 * p * p) AS m FROM generate_series(0, 6) AS p) AS f, contract_summary(m) AS s;

-- Nothing to fit.
SELECT fit_contract_model('sbg', NULL::int, NULL), fit_contract_model('sbg', NULL::date, NULL, date '2024-01-01', '1 month') FROM generate_series(1, 2);
SELECT fit_contract_model('sbg', period, survivors) AS no_rows FROM cohort WHERE false;
SELECT fit_contract_model('sbg', period, survivors) FROM cohort WHERE period = 0 AND segment = 'regular';
SELECT fit_contract_model('sbg', period, survivors) FROM cohort WHERE period < 2 AND segment = 'regular';
SELECT fit_contract_model('bdw', period, survivors) FROM cohort WHERE period < 3 AND segment = 'regular';
SELECT fit_contract_model('sbg', 0, 0);
SELECT fit_contract_model('sbg', start_day, end_day, date '2019-12-31', '1 year') FROM contracts;
SELECT fit_contract_model('sbg', start_day, end_day, date '2024-06-30', '10 years') FROM contracts;

-- Bad input.
SELECT fit_contract_model('weibull', 0, 100);
SELECT fit_contract_model(NULL, 0, 100);
SELECT fit_contract_model('sbg', 0, NULL);
SELECT fit_contract_model('sbg', -1, 100);
SELECT fit_contract_model('sbg', 18264, 100);
SELECT fit_contract_model('sbg', 0, -1);
SELECT fit_contract_model('sbg', 0, 'NaN');
SELECT fit_contract_model('sbg', period, survivors) FROM cohort;
SELECT fit_contract_model('sbg', period, survivors) FROM cohort WHERE segment = 'regular' AND period <> 3;
SELECT fit_contract_model('sbg', period, 1000 - survivors) FROM cohort WHERE segment = 'regular';
SELECT fit_contract_model(CASE period WHEN 0 THEN 'sbg' ELSE 'bdw' END, period, survivors) FROM cohort WHERE segment = 'regular';
SELECT fit_contract_model('sbg', date '2024-02-01', date '2024-01-31', date '2024-06-30', '1 month');
SELECT fit_contract_model('sbg', date '2024-02-01', date '-infinity', date '2024-06-30', '1 month');
SELECT fit_contract_model('sbg', NULL, date '2024-01-31', date '2024-06-30', '1 month');
SELECT fit_contract_model('sbg', date 'infinity', NULL, date '2024-06-30', '1 month');
SELECT fit_contract_model('sbg', date '2024-02-01', NULL, NULL, '1 month');
SELECT fit_contract_model('sbg', date '2024-02-01', NULL, date 'infinity', '1 month');
SELECT fit_contract_model('sbg', date '2024-02-01', NULL, date '2024-06-30', NULL);
SELECT fit_contract_model('sbg', date '2024-02-01', NULL, date '2024-06-30', '0 days');
\set VERBOSITY terse
SELECT fit_contract_model('sbg', date '2024-02-01', NULL, date '2024-06-30', '-1 month');
SELECT fit_contract_model('sbg', date '2024-02-01', NULL, date '2024-06-30', '1 month 1 day');
SELECT fit_contract_model('sbg', date '2024-02-01', NULL, date '2024-06-30', '36 hours');
SELECT fit_contract_model('sbg', date '0001-02-01', NULL, date '2024-06-30', '1 day');
SELECT fit_contract_model('sbg', start_day, end_day, date '2024-06-30' - c % 2, '3 months') FROM contracts;
SELECT fit_contract_model('sbg', start_day, end_day, date '2024-06-30', make_interval(months => 1 + c % 2)) FROM contracts;
SELECT contract_survival('sbg(alpha=1,beta=1)', -1);
SELECT contract_retention('sbg(alpha=1,beta=1)', 0);
SELECT contract_churn('sbg(alpha=1,beta=1)', 18264);
SELECT derl('sbg(alpha=1,beta=1)', 0, 1);
SELECT derl('sbg(alpha=1,beta=1)', 0.1, -1);
SELECT del('sbg(alpha=1,beta=1)', 'infinity');
SELECT * FROM contract_forecast('sbg(alpha=1,beta=1)', -1);
SELECT * FROM contract_forecast('sbg(alpha=1,beta=1)', 1, 1);
SELECT contract_renewals('2024-01-01', 'infinity', '1 month');
SELECT contract_renewals('2024-01-01', '2023-12-31', '1 month');
SELECT _fit_contract_final('\x00'), 1;
SELECT _fit_contract_final(set_byte(s, 0, 9)) FROM _fit_contract_count(NULL, 'sbg', 0, 10) AS s;
SELECT _fit_contract_count(set_byte(s, 17, 9), 'sbg', 1, 10) FROM _fit_contract_count(NULL, 'sbg', 0, 10) AS s;
SELECT _fit_contract_combine(s, set_byte(s, 35, 255)) FROM _fit_contract_count(NULL, 'sbg', 0, 10) AS s;
SELECT _fit_contract_combine(s, s) FROM _fit_contract_count(NULL, 'sbg', 0, 10) AS s;
SELECT _fit_contract_combine(a, b) FROM _fit_contract_count(NULL, 'sbg', 0, 10) AS a, _fit_contract_count(NULL, 'bdw', 1, 10) AS b;
SELECT _fit_contract_customer(s, 'sbg', '2024-01-01', NULL, '2024-06-30', '1 month') FROM _fit_contract_count(NULL, 'sbg', 0, 10) AS s;
\set VERBOSITY default

-- Bad text of a model, one line each.
CREATE FUNCTION pg_temp.complaint(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM t::customer_value.contract_model;
	RETURN 'accepted';
EXCEPTION WHEN invalid_text_representation THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
SELECT t, pg_temp.complaint(t) FROM unnest(ARRAY[
	'', 'sbg', 'geometric(p=1)', 'sbg(alpha=1)', 'sbg(alpha=1,beta=2', 'sbg(alpha=1,alpha=2)', 'sbg(alpha=1,beta=2,c=1)', 'sbg(alpha=0,beta=2)', 'sbg(alpha=nan,beta=2)',
	'sbg(alpha=1,beta=1e16)', 'bdw(alpha=1,beta=1,c=101)', 'sbg(alpha=1,beta=2) x', 'sbg(alpha=1,beta=2; colour=1)', 'sbg(alpha=1,beta=2; n=1, n=1)', 'sbg(alpha=1,beta=2; n=-1)',
	'sbg(alpha=1,beta=2; renewals=1.5)', 'sbg(alpha=1,beta=2; period=1 moon)', 'sbg(alpha=1,beta=2; period=0 days)', 'sbg(alpha=1,beta=2; period=100000 years)', 'sbg(alpha=1,beta=2; as_of=2024-02-30)',
	'sbg(alpha=1,beta=2; status=fine)', 'sbg(alpha=1,beta=2; cov=[1,2,1])', 'sbg(alpha=1,beta=2; cov=[1,0])', 'sbg(alpha=1,beta=2; cov=[-1,0,1])', 'sbg(alpha=1,beta=2; loglik=x)']) AS t;

SET client_min_messages = warning;
DROP SCHEMA contract CASCADE;
RESET search_path;
