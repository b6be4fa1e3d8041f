-- Fitting: from summaries, from histories, in parallel, in any order; and what cannot be fitted.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA model_fit;
RESET client_min_messages;
SET search_path = model_fit, customer_value, public;

-- 500 customers who buy at rates of their own and leave: pseudo-random, the same everywhere.
CREATE FUNCTION chance(text) RETURNS float8 IMMUTABLE PARALLEL SAFE
RETURN (('x' || substr(md5($1), 1, 8))::bit(32)::bigint + 0.5) / 4294967296.0;

CREATE TABLE sales AS
WITH RECURSIVE customer AS (
	SELECT c, date '2024-01-01' + (chance(c || 'first') * 90)::int AS first,
		40 * -ln(chance(c || 'pace')) + 5 AS gap, 0.02 + 0.4 * chance(c || 'churn') AS leaves
	FROM generate_series(1, 500) AS c
), purchase AS (
	SELECT c, 0 AS n, first AS day, gap, leaves FROM customer
	UNION ALL
	SELECT c, n + 1, day + 1 + (gap * -ln(chance(c || 'gap' || n)))::int, gap, leaves
	FROM purchase
	WHERE n < 60 AND chance(c || 'leave' || n) > leaves
)
SELECT c, day, round((20 * (0.3 + chance(c || 'spend')) * (0.4 + 1.2 * chance(c || 'amount' || n)))::numeric, 2) AS amount
FROM purchase WHERE day <= date '2024-12-31';

CREATE TABLE customers AS
SELECT c, purchase_history(day, amount) AS history FROM sales GROUP BY c;
CREATE VIEW summaries AS
SELECT c, s.* FROM customers, LATERAL purchase_summary(history, date '2024-12-31') AS s;

SELECT count(*), sum(x) AS repeats, count(*) FILTER (WHERE x = 0) AS once FROM summaries;

CREATE VIEW models AS
SELECT fit_purchase_model('bg/nbd', history, date '2024-12-31') AS bg,
	fit_purchase_model('MBG/NBD', history, date '2024-12-31') AS mbg,
	fit_purchase_model('nbd', history, date '2024-12-31') AS nbd,
	fit_spend_model(history, date '2024-12-31') AS spend
FROM customers;

SELECT (s).family, (s).status, (s).time_unit, (s).as_of, (s).customers, (s).patterns, round((s).log_likelihood::numeric, 5) AS log_likelihood
FROM models, LATERAL (VALUES (1, model_summary(bg)), (2, model_summary(mbg)), (3, model_summary(nbd)), (4, model_summary(spend))) AS v (i, s)
ORDER BY i;
SELECT family, parameter, round(estimate::numeric, 5) AS estimate, round(standard_error::numeric, 4) AS standard_error,
	round(low::numeric, 4) AS low, round(high::numeric, 4) AS high
FROM models, LATERAL (VALUES (1, 'bg/nbd', bg), (2, 'mbg/nbd', mbg), (3, 'nbd', nbd), (4, 'spend', spend)) AS v (i, family, m),
	LATERAL ROWS FROM (model_parameters(m)) WITH ORDINALITY
ORDER BY i, ordinality;

-- Summaries give the same model as histories, but for the day.
SELECT fit_purchase_model('mbg/nbd', x, t_x, t)::text = replace(mbg::text, ', as_of=2024-12-31', '') AS same_purchase_model,
	fit_spend_model(x, m)::text = replace(spend::text, ', as_of=2024-12-31', '') AS same_spend_model
FROM summaries, models GROUP BY mbg, spend;

-- What is read back is the same to the last bit.
SELECT bg::text::fitted_model = bg AND mbg::text::fitted_model = mbg AND spend::text::fitted_model = spend AS same FROM models;

-- Any order of the rows gives the same bytes.
SELECT count(DISTINCT fitted_model_send(m)) AS different, count(*) AS orders FROM (
	SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31' ORDER BY c) FROM customers
	UNION ALL SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31' ORDER BY c DESC) FROM customers
	UNION ALL SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31' ORDER BY chance(c || 'a')) FROM customers
	UNION ALL SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31' ORDER BY chance(c || 'b')) FROM customers
) AS v (m);

-- Parallel and serial plans give the same bytes.
CREATE TEMP TABLE serial AS SELECT * FROM models;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 4;
ALTER TABLE customers SET (parallel_workers = 4);
EXPLAIN (COSTS off) SELECT * FROM models;
SELECT s.bg = p.bg AS bg, s.mbg = p.mbg AS mbg, s.nbd = p.nbd AS nbd, s.spend = p.spend AS spend FROM serial AS s, models AS p;
SELECT fit_purchase_model('mbg/nbd', x, t_x, t)::text = (SELECT replace(mbg::text, ', as_of=2024-12-31', '') FROM serial) AS same_purchase_model,
	fit_spend_model(x, m)::text = (SELECT replace(spend::text, ', as_of=2024-12-31', '') FROM serial) AS same_spend_model
FROM summaries;
ROLLBACK;

-- A model a group, and as a window.
SELECT c % 3 AS g, (model_summary(fit_purchase_model('mbg/nbd', history, date '2024-12-31'))).customers FROM customers GROUP BY 1 ORDER BY 1;
SELECT c, (model_summary(fit_purchase_model('nbd', x, t_x, t) OVER (ORDER BY c))).customers FROM summaries WHERE x > 0 ORDER BY c LIMIT 3;

-- States: partial ones combine, nothing changes its arguments, text and combination agree.
CREATE TEMP TABLE states (s fit_state);
INSERT INTO states VALUES (_fit_purchase_summary(_fit_purchase_summary(NULL, 'nbd', 1, 2, 3), 'nbd', 0, -0.0, 3)), ('nbd(from=summary, seen=2; 1 2 3 1, 2 2.5 3 1)');
SELECT s FROM states;
SELECT _fit_combine(a.s, b.s), _fit_combine(b.s, a.s)::text = _fit_combine(a.s, b.s)::text AS commutes, _fit_combine(NULL, b.s), _fit_combine(a.s, NULL)
FROM states AS a, states AS b WHERE a.s::text LIKE '%0 0%' AND b.s::text LIKE '%2.5%';
SELECT s, _fit_purchase_summary(s, 'nbd', 9, 9, 9) FROM states;
SELECT s FROM states;
SELECT _fit_spend_summary(_fit_spend_summary(NULL, 3, 12.5), 0, NULL), _fit_spend_summary(NULL, 3, 0);
SELECT _fit_final(NULL), _fit_combine(NULL, NULL);
SELECT 'nbd(from=history, as_of=2024-12-31, seen=1)'::fit_state;

-- Rows that are left out, and none at all.
SELECT fit_purchase_model('nbd', NULL::purchase_history, date '2024-12-31') AS purchase, fit_spend_model(NULL::float8, NULL::float8) AS spend
FROM generate_series(1, 3);
SELECT fit_purchase_model('nbd', history, date '2024-12-31') AS no_rows FROM customers WHERE false;
SELECT fit_purchase_model('nbd', history, date '2024-12-31') = nbd AS same
FROM (SELECT history FROM customers UNION ALL SELECT NULL FROM generate_series(1, 5)) AS v, models GROUP BY nbd;

-- No churn in sight: the limit stands in, and says so.
SELECT (model_summary(fit_purchase_model('mbg/nbd', x, t, t))).status,
	(model_summary(fit_purchase_model('mbg/nbd', x, t, t))).family,
	(model_summary(fit_purchase_model('mbg/nbd', x, t, t))).requested_family
FROM (SELECT 1 + c % 7 AS x, 30.0 AS t FROM generate_series(1, 200) AS c) AS v;
SELECT (model_summary(fit_purchase_model('pareto/nbd', x, t, t))).status,
	(model_summary(fit_purchase_model('pareto/nbd', x, t, t))).family,
	(model_summary(fit_purchase_model('pareto/nbd', x, t, t))).requested_family
FROM (SELECT 1 + c % 7 AS x, 30.0 AS t FROM generate_series(1, 200) AS c) AS v;

-- Bad input.
SELECT fit_purchase_model('weibull', history, date '2024-12-31') FROM customers;
SELECT fit_purchase_model('gamma-gamma', history, date '2024-12-31') FROM customers;
SELECT fit_purchase_model(NULL, history, date '2024-12-31') FROM customers;
SELECT fit_purchase_model('nbd', history, NULL) FROM customers;
SELECT fit_purchase_model('nbd', history, 'infinity') FROM customers;
SELECT fit_purchase_model('nbd', history, '-infinity') FROM customers;
SELECT fit_spend_model(history, NULL) FROM customers;
SELECT fit_spend_model(history, 'infinity') FROM customers;
SELECT fit_purchase_model('nbd', history, date '1999-12-31') FROM customers;
SELECT fit_purchase_model('nbd', history, date '2024-01-01') FROM customers;
SELECT fit_spend_model(history, date '1999-12-31') FROM customers;
SELECT fit_purchase_model('nbd', x, t_x, t) FROM summaries WHERE x = 0;
SELECT fit_spend_model(x, m) FROM summaries WHERE x = 0;
SELECT fit_spend_model(x, 0) FROM summaries;
SELECT fit_purchase_model('nbd', history, date '2024-12-31' - c % 2) FROM customers;
SELECT fit_purchase_model(CASE c % 2 WHEN 0 THEN 'nbd' ELSE 'bg/nbd' END, history, date '2024-12-31') FROM customers;
\set VERBOSITY terse
SELECT fit_purchase_model('nbd', 1, NULL, 3);
SELECT fit_purchase_model('nbd', 1.5, 2, 3);
SELECT fit_purchase_model('nbd', -1, 2, 3);
SELECT fit_purchase_model('nbd', 1, 4, 3);
SELECT fit_purchase_model('nbd', 1, 0, 3);
SELECT fit_purchase_model('nbd', 0, 1, 3);
SELECT fit_purchase_model('nbd', 1, -2, 3);
SELECT fit_purchase_model('nbd', 1, 'NaN', 3);
SELECT fit_purchase_model('nbd', 1, 2, 'infinity');
SELECT fit_purchase_model('nbd', 1e300, 2, 3);
SELECT fit_purchase_model('nbd', x, x * 1e40, 1e41) FROM generate_series(0, 6) AS x;
SELECT fit_spend_model(1, NULL);
SELECT fit_spend_model(NULL, 1);
SELECT fit_spend_model(1, -1);
SELECT fit_spend_model(1, 'NaN');
SELECT fit_spend_model(0.5, 1);
SELECT _fit_combine('nbd(from=summary, seen=1; 1 2 3 1)', 'bg/nbd(from=summary, seen=1; 1 2 3 1)');
\set VERBOSITY default

-- Bad text of a state, one line each.
CREATE FUNCTION pg_temp.complaint(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM t::customer_value.fit_state;
	RETURN 'accepted';
EXCEPTION WHEN invalid_text_representation THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
SELECT t, pg_temp.complaint(t) FROM unnest(ARRAY[
	'', 'nbd', 'nbd(from=summary)', 'nbd(from=here, seen=1)', 'nbd(from=history, seen=1)', 'nbd(from=summary, as_of=2024-12-31, seen=1)',
	'nbd(from=summary, seen=-1)', 'nbd(from=summary, seen=0; 1 2 3 1)', 'nbd(from=summary, seen=1; 1 2 3)', 'nbd(from=summary, seen=1; 1 2 3 0)',
	'nbd(from=summary, seen=1; 1 2 3 0.5)', 'nbd(from=summary, seen=2; 1 2 3 1, 1 2 3 1)', 'nbd(from=summary, seen=1; 1 4 3 1)',
	'nbd(from=summary, seen=1; nan 2 3 1)', 'nbd(from=summary, seen=1; 1 2 3 1', 'gamma-gamma(from=summary, seen=1; 1 2 3 1)',
	'gamma-gamma(from=summary, seen=1; 0 2 1)', 'gamma-gamma(from=summary, seen=1; 2 0 1)', 'gamma-gamma(from=summary, seen=1; 2 7 1)']) AS t;

SET client_min_messages = warning;
DROP SCHEMA model_fit CASCADE;
RESET search_path;
