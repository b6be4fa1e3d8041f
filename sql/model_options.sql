-- Fitting with options: a penalty, covariates, a start; what is kept, what is said, what is refused.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA model_options;
RESET client_min_messages;
SET search_path = model_options, customer_value, public;

-- 1,000 customers: those in the north buy twice as often, those with a card leave half as easily.
CREATE FUNCTION chance(text) RETURNS float8 IMMUTABLE PARALLEL SAFE
RETURN (('x' || substr(md5($1), 1, 8))::bit(32)::bigint + 0.5) / 4294967296.0;

CREATE TABLE sales AS
WITH RECURSIVE customer AS (
	SELECT c, date '2024-01-01' + (chance(c || 'first') * 90)::int AS first,
		(60 * -ln(chance(c || 'pace')) + 8) / (1 + c % 2) AS gap, (0.05 + 0.5 * chance(c || 'churn')) / (1 + c / 2 % 2) AS leaves
	FROM generate_series(1, 1000) AS c
), purchase AS (
	SELECT c, 0 AS n, first AS day, gap, leaves FROM customer
	UNION ALL
	SELECT c, n + 1, day + 1 + (gap * -ln(chance(c || 'gap' || n)))::int, gap, leaves
	FROM purchase
	WHERE n < 80 AND chance(c || 'leave' || n) > leaves
)
SELECT c, day, round((20 * (0.3 + chance(c || 'spend')) * (0.4 + 1.2 * chance(c || 'amount' || n)))::numeric, 2) AS amount
FROM purchase WHERE day <= date '2024-12-31';

CREATE TABLE customers AS
SELECT c, (c % 2)::float8 AS north, (c / 2 % 2)::float8 AS card, purchase_history(day, amount) AS history
FROM sales GROUP BY c;
CREATE VIEW summaries AS
SELECT c, north, card, s.* FROM customers, LATERAL purchase_summary(history, date '2024-12-31') AS s;

-- A penalty pulls the logs of r, a, b (p, q) towards 0; none, however said, changes nothing.
CREATE TABLE models AS
SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31') AS plain,
	fit_purchase_model('mbg/nbd', history, date '2024-12-31', '{"penalty": 20}') AS pulled,
	fit_spend_model(history, date '2024-12-31') AS spend,
	fit_spend_model(history, date '2024-12-31', '{"penalty": 20}') AS pulled_spend
FROM customers;
SELECT model, parameter, round(estimate::numeric, 5) AS estimate, round(standard_error::numeric, 5) AS standard_error
FROM models, LATERAL (VALUES (1, 'plain', plain), (2, 'pulled', pulled), (3, 'spend', spend), (4, 'pulled spend', pulled_spend)) AS v (i, model, m),
	LATERAL ROWS FROM (model_parameters(m)) WITH ORDINALITY
ORDER BY i, ordinality;
SELECT describe(pulled), (model_summary(pulled)).penalty, (model_summary(plain)).penalty AS none,
	(model_summary(pulled)).log_likelihood < (model_summary(plain)).log_likelihood AS costs_likelihood
FROM models;
SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', NULL) = plain AS with_null,
	fit_purchase_model('mbg/nbd', history, date '2024-12-31', '{}') = plain AS with_nothing,
	fit_purchase_model('mbg/nbd', history, date '2024-12-31', '{"penalty": 0, "start": null}') = plain AS with_zero,
	fit_purchase_model('mbg/nbd', history, date '2024-12-31', CASE WHEN c % 2 = 0 THEN '{"penalty": 20}' ELSE '{"penalty": 20.0}' END::jsonb) = pulled AS same_number
FROM customers, models GROUP BY plain, pulled;
SELECT fit_purchase_model('mbg/nbd', x, t_x, t, '{"penalty": 20}')::text = replace(pulled::text, ', as_of=2024-12-31', '') AS same_from_summaries,
	fit_spend_model(x, m, '{"penalty": 20}')::text = replace(pulled_spend::text, ', as_of=2024-12-31', '') AS same_spend
FROM summaries, models GROUP BY pulled, pulled_spend;

-- Covariates: a flag for the north and one for the card, each on both purchases and churn.
CREATE TABLE covariate_models AS
SELECT family, (fit_purchase_model(family, history, date '2024-12-31', ARRAY[north, card], '{"covariates": ["north", "card"]}')) AS m
FROM customers, (VALUES ('mbg/nbd'), ('pareto/nbd'), ('nbd')) AS f (family) GROUP BY family;
SELECT family, parameter, round(estimate::numeric, 4) AS estimate, round(standard_error::numeric, 4) AS standard_error,
	round(low::numeric, 4) AS low, round(high::numeric, 4) AS high
FROM covariate_models, LATERAL ROWS FROM (model_parameters(m)) WITH ORDINALITY
ORDER BY family, ordinality;
SELECT family, (s).status, (s).customers, (s).patterns, round((s).log_likelihood::numeric, 5) AS log_likelihood, (s).covariates, (s).verdict
FROM covariate_models, LATERAL (SELECT model_summary(m)) AS v (s) ORDER BY family;
SELECT family, covariates FROM model_families() WHERE family IN ('mbg/nbd', 'nbd', 'gamma-gamma');

-- Each may act on one of them only.
CREATE TABLE chosen AS
SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', ARRAY[north, card],
	'{"covariates": ["north", "a \"gold\" card"], "purchase": ["north"], "churn": ["a \"gold\" card"], "penalty": 0.5}') AS m
FROM customers;
SELECT parameter, round(estimate::numeric, 4) AS estimate, round(standard_error::numeric, 4) AS standard_error
FROM chosen, model_parameters(m);
SELECT regexp_replace(m::text, '(\.\d{3})\d+|cov=.*', '\1', 'g') FROM chosen;
SELECT m::text::fitted_model = m AS same FROM chosen UNION ALL SELECT m::text::fitted_model = m FROM covariate_models;

-- A customer's own model is one without covariates; predictions ask for it.
SELECT round(expected_purchases(m, history, date '2024-12-31', interval '1 year')::numeric, 5) FROM chosen, customers WHERE c = 1;
SELECT c, north, card, round(probability_alive(m, history, date '2024-12-31')::numeric, 5) AS alive,
	round(expected_purchases(m, history, date '2024-12-31', interval '1 year')::numeric, 5) AS purchases
FROM customers, LATERAL (SELECT with_covariates(m, ARRAY[north, card]) FROM chosen) AS v (m) WHERE c <= 4 ORDER BY c;
SELECT round(expected_purchases(with_covariates(m, ARRAY[1, 0]), interval '1 year')::numeric, 5) AS north,
	round(expected_purchases(with_covariates(m, ARRAY[0, 0]), interval '1 year')::numeric, 5) AS south,
	round(expected_purchases(with_covariates(m, ARRAY[0, 1]), interval '1 year')::numeric, 5) AS card
FROM chosen;
SELECT p.parameter, round(p.estimate::numeric, 4) AS estimate, round(p.standard_error::numeric, 4) AS standard_error
FROM chosen, model_parameters(with_covariates(m, ARRAY[1, 1])) AS p;
SELECT regexp_replace(with_covariates('bg/nbd(r=1,alpha=8,a=1,b=2,purchase.north=0.5,churn.card=-1)', ARRAY[2, 1])::text, '(\.\d{6})\d+', '\1', 'g') AS moved,
	with_covariates('bg/nbd(r=1,alpha=8,a=1,b=2,churn.card=-1,purchase.north=0.5; covariates=[north,card,"1 x"])', NULL) IS NULL AS nothing;
SELECT with_covariates(plain, ARRAY[1, 1]) FROM models;
SELECT with_covariates(m, ARRAY[1]) FROM chosen;
SELECT with_covariates(m, ARRAY[1, NULL]) FROM chosen;
SELECT with_covariates(m, ARRAY[1, float8 'NaN']) FROM chosen;
SELECT with_covariates(m, ARRAY[[1, 2], [3, 4]]) FROM chosen;
SELECT with_covariates('bg/nbd(r=1,alpha=8,a=1,b=2,purchase.age=0.5)', ARRAY[1e4]);

-- A start changes nothing where it leads to the same place, as a good one does; it may come from a fit without covariates.
SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', jsonb_build_object('start', plain::text)) = plain AS from_itself,
	fit_purchase_model('mbg/nbd', history, date '2024-12-31', '{"start": "mbg/nbd(r=50,alpha=0.1,a=0.01,b=90; unit=day)"}') = plain AS from_afar,
	fit_purchase_model('mbg/nbd', history, date '2024-12-31', ARRAY[north, card],
		jsonb_build_object('covariates', ARRAY['north', 'card'], 'start', plain::text)) = (SELECT m FROM covariate_models WHERE family = 'mbg/nbd') AS from_plain
FROM customers, models GROUP BY plain;

-- Any order of the rows, and any split of them, gives the same bytes: serial, parallel, by parts.
SELECT count(DISTINCT fitted_model_send(m)) AS different, count(*) AS orders FROM (
	SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', ARRAY[north, card], '{"covariates": ["north", "card"]}' ORDER BY c) FROM customers
	UNION ALL
	SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', ARRAY[north, card], '{"covariates": ["north", "card"]}' ORDER BY md5(c::text)) FROM customers
	UNION ALL
	SELECT m FROM covariate_models WHERE family = 'mbg/nbd') AS v (m);
CREATE AGGREGATE collect(text, purchase_history, date, float8[], jsonb) (SFUNC = _fit_purchase_history, STYPE = fit_state);
CREATE AGGREGATE combine(fit_state) (SFUNC = _fit_combine, STYPE = fit_state);
CREATE TABLE parts AS
SELECT c % 7 AS part, collect('mbg/nbd', history, date '2024-12-31', ARRAY[north, card], '{"covariates": ["north", "card"]}') AS state
FROM customers GROUP BY part;
SELECT _fit_final(combine(state)) = m AS in_parts, _fit_final(combine(state::text::fit_state)) = m AS through_text
FROM parts, covariate_models WHERE family = 'mbg/nbd' GROUP BY m;
SELECT regexp_replace(state::text, ';.*', '; ...)') FROM parts WHERE part = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER TABLE customers SET (parallel_workers = 2);
SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', ARRAY[north, card], '{"covariates": ["north", "card"]}') =
	(SELECT m FROM covariate_models WHERE family = 'mbg/nbd') AS in_parallel FROM customers;
EXPLAIN (COSTS OFF) SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', ARRAY[north, card], '{"covariates": ["north", "card"]}') FROM customers;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- What the customers cannot tell.
SELECT (s).status, (s).verdict FROM (
	SELECT model_summary(fit_purchase_model('mbg/nbd', history, date '2024-12-31', ARRAY[north, 1 - north], '{"covariates": ["north", "south"]}')) FROM customers
	UNION ALL
	SELECT model_summary(fit_purchase_model('mbg/nbd', history, date '2024-12-31', ARRAY[7], '{"covariates": ["seven"]}')) FROM customers
	UNION ALL
	SELECT model_summary(fit_purchase_model('mbg/nbd', history, date '2024-12-31', ARRAY[7], '{"covariates": ["seven"], "penalty": 1}')) FROM customers
	UNION ALL
	SELECT model_summary(fit_purchase_model('mbg/nbd', history, date '2024-12-31')) FROM customers WHERE c <= 60) AS v (s);

-- Refused options.
SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', '{"penality": 1}') FROM customers;
SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', '[1]') FROM customers;
SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', '{"penalty": -1}') FROM customers;
SELECT fit_purchase_model('mbg/nbd', history, date '2024-12-31', '{"penalty": 1e400}') FROM customers;
CREATE FUNCTION pg_temp.complaint(family text, options jsonb, covariates float8[] DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
BEGIN
	IF covariates IS NULL THEN
		PERFORM customer_value.fit_purchase_model(family, 1, 2, 3, options);
	ELSE
		PERFORM customer_value.fit_purchase_model(family, 1, 2, 3, covariates, options);
	END IF;
	RETURN 'accepted';
EXCEPTION WHEN invalid_parameter_value OR null_value_not_allowed THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(': ', message, nullif(detail, ''));
END $$;
SELECT options, pg_temp.complaint('mbg/nbd', options::jsonb) FROM unnest(ARRAY[
	'1', '"penalty"', '{"penalty": "1"}', '{"penalty": true}', '{"penalty": 1e200}', '{"k": 2}', '{"period": "1 month"}',
	'{"covariates": ["a"]}', '{"churn": []}', '{"start": 1}', '{"start": "mbg/nbd"}', '{"start": "pareto/nbd(r=1,alpha=1,s=1,beta=1)"}',
	'{"start": "nbd(r=1,alpha=1)"}']) AS options;
SELECT options, pg_temp.complaint('mbg/nbd', options::jsonb, ARRAY[1, 2]) FROM unnest(ARRAY[
	'{}', '{"covariates": 1}', '{"covariates": {"a": 1}}', '{"covariates": ["a", 1]}', '{"covariates": ["a"]}', '{"covariates": ["a", "a"]}', '{"covariates": ["a", ""]}',
	'{"covariates": ["a", "b", "c", "d", "e", "f", "g", "h", "i"]}', '{"covariates": ["a", "b"], "churn": ["c"]}', '{"covariates": ["a", "b"], "purchase": "a"}',
	'{"covariates": ["a", "b23456789012345678901234567890123456789012345678901234567890123456"]}', '{"covariates": ["a", "b"], "purchase": [], "churn": ["a"]}']) AS options;
SELECT pg_temp.complaint('nbd', '{"covariates": ["a"], "churn": ["a"]}', ARRAY[1]) AS no_churn_in_nbd;
SELECT v, pg_temp.complaint('bg/nbd', '{"covariates": ["a"]}', v) FROM (VALUES ('{}'::float8[]), ('{1,2,3,4,5,6,7,8,9}'), ('{{1}}'), ('{infinity}'), ('{1e31}')) AS t (v);
SELECT fit_purchase_model('mbg/nbd', x, t_x, t, NULL::float8[], '{"covariates": ["a"]}') FROM summaries;
SELECT fit_purchase_model('mbg/nbd', x, t_x, t, array_fill(1, ARRAY[1 + c % 2])::float8[], jsonb_build_object('covariates', (ARRAY['a', 'b'])[:1 + c % 2])) FROM summaries;
SELECT fit_purchase_model('mbg/nbd', x, t_x, t, jsonb_build_object('penalty', c)) FROM summaries;
SELECT fit_spend_model(x, m, '{"k": 1}') FROM summaries;
SELECT _fit_combine('nbd(from=summary, seen=1, options={"penalty": 1}; 1 2 3 1)', 'nbd(from=summary, seen=1, options={"penalty": 2}; 1 2 3 1)');

-- Bad text of models and states with covariates.
CREATE FUNCTION pg_temp.objection(t text, type regtype) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	EXECUTE format('SELECT %L::%s::text', t, type) INTO t;
	RETURN 'accepted as ' || t;
EXCEPTION WHEN invalid_text_representation OR invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
SELECT t, pg_temp.objection(t, 'fitted_model') FROM unnest(ARRAY[
	'nbd(r=1,alpha=2,purchase.a=1)', 'nbd(purchase."b ""c"""=-0,purchase.a=1,r=1,alpha=2; covariates=[a,"b ""c""",d], penalty=-0)',
	'nbd(r=1,alpha=2,churn.a=1)', 'nbd(r=1,alpha=2,purchase.=1)', 'nbd(r=1,alpha=2,purchase.a=1,purchase.a=2)', 'nbd(r=1,alpha=2,purchase."a=1)',
	'nbd(r=1,alpha=2,purchase.a=nan)', 'nbd(r=1,alpha=2,purchase.a=1e31)', 'nbd(r=1,alpha=2,purchase.a=1; covariates=[b])', 'nbd(r=1,alpha=2; covariates=[a,a])',
	'nbd(r=1,alpha=2; covariates=[a,b,c,d,e,f,g,h,i])', 'nbd(r=1,alpha=2; covariates=[])', 'nbd(r=1,alpha=2,purchase.a=1; cov=[1,0,1])',
	'nbd(r=1,alpha=2,purchase.a=1; cov=[1,0,1,0,0,1])', 'nbd(r=1,alpha=2; penalty=-1)', 'nbd(r=1,alpha=2; period=1 month)', 'nbd(r=1,alpha=2,k=2)',
	'gamma-gamma(p=1,q=2,v=3,purchase.a=1)']) AS t;
SELECT t, pg_temp.objection(t, 'fit_state') FROM unnest(ARRAY[
	'nbd(from=summary, seen=1, covariates=1, options={"covariates": ["}"]}; 1 2 3 -0 1)', 'nbd(from=summary, seen=1, options={}; 1 2 3 1)',
	'nbd(from=summary, seen=1, covariates=1; 1 2 3 0.5 1)', 'nbd(from=summary, seen=1, covariates=9)', 'nbd(from=summary, seen=1, options={"a": 1})',
	'nbd(from=summary, seen=1, options={"penalty": 1)', 'nbd(from=summary, seen=1, options=1)', 'nbd(from=summary, seen=1, log_gaps=5)',
	'nbd(from=summary, seen=1, covariates=1, options={"covariates": ["a"]}; 1 2 3 1e31 1)']) AS t;

SET client_min_messages = warning;
DROP SCHEMA model_options CASCADE;
RESET search_path;
