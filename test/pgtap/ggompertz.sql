-- The family ggompertz/nbd against its optima of CDNOW, from the purchases. Skipped where the data sets are absent.
\unset ECHO
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\pset pager off
\getenv shared CV_SHARED
\if :{?shared}
\else
\echo 1..0 # SKIP no real data sets (CV_SHARED)
\quit
\endif
\set ON_ERROR_STOP 1
SET client_min_messages = warning;

\set directory :shared '/data/cdnow'
\cd :directory
\i load.sql
\set optima `cat "$CV_SHARED/reference/optima.json"`

SET search_path = customer_value, public;
SELECT plan(7);

CREATE TEMP TABLE optimum AS
SELECT o->>'dataset' AS dataset, (o->>'loglik')::float8 AS loglik, o->'params' AS params
FROM jsonb_array_elements(:'optima') AS o WHERE o->>'model' = 'ggomnbd';
CREATE TEMP TABLE fit AS
SELECT 'cdnow_sample_' || name AS dataset, fit_purchase_model('ggompertz/nbd', history, as_of) AS model
FROM (SELECT purchase_history(purchase_date, dollar_value) AS history FROM cdnow.sample_purchases GROUP BY customer_id) AS h,
	(VALUES ('cal', date '1997-09-30'), ('full', date '1998-06-30')) AS d (name, as_of)
GROUP BY name;

SELECT cmp_ok(max(abs((model_summary(model)).log_likelihood / loglik - 1)), '<=', 1e-8::float8, 'both log-likelihoods to 1e-8')
FROM fit JOIN optimum USING (dataset);
SELECT is(count(*), 2::bigint, 'there are two') FROM fit JOIN optimum USING (dataset);
SELECT cmp_ok(max(abs(estimate / (params->>parameter)::float8 - 1)), '<=', 1e-5::float8, 'parameters of the maximum to 1e-5')
FROM fit JOIN optimum USING (dataset), LATERAL model_parameters(model) WHERE dataset = 'cdnow_sample_full';
SELECT is((s).status || ', ' || (s).family, 'converged, ggompertz/nbd', 'one has a maximum')
FROM fit, LATERAL (SELECT model_summary(model)) AS v (s) WHERE dataset = 'cdnow_sample_full';
SELECT is((s).status || ', ' || (s).family || ', ' || (s).requested_family, 'limit, pareto/nbd, ggompertz/nbd', 'the other is best at its limit')
FROM fit, LATERAL (SELECT model_summary(model)) AS v (s) WHERE dataset = 'cdnow_sample_cal';
SELECT matches(describe(model), 'its limit pareto/nbd', 'and says so') FROM fit WHERE dataset = 'cdnow_sample_cal';
SELECT is(model::text::fitted_model::text, model::text, 'its text is read back') FROM fit WHERE dataset = 'cdnow_sample_cal';
SELECT * FROM finish();
