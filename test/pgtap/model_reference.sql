-- Fits and predictions against reference numbers of 40 digits: CDNOW from purchases to models, every
-- reference prediction, the extreme ones too. Skipped where the data sets are absent.
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
\set predictions `cat "$CV_SHARED/reference/predictions.json"`
\set extremes `cat "$CV_SHARED/reference/extreme_predictions.json"`

SET search_path = customer_value, public;
SELECT * FROM no_plan();

CREATE TEMP TABLE family (code, name) AS VALUES ('bgnbd', 'bg/nbd'), ('mbgnbd', 'mbg/nbd'), ('pnbd', 'pareto/nbd'), ('gg', 'gamma-gamma');

-- The optima as models.
CREATE TEMP TABLE optimum AS
SELECT o->>'dataset' AS dataset, name AS family, (o->>'n')::bigint AS n, (o->>'loglik')::float8 AS loglik, o->'params' AS params,
	o->'se_log_params' AS errors,
	(SELECT format('%s(%s)', name, string_agg(key || '=' || value, ','))::fitted_model FROM jsonb_each_text(o->'params')) AS model
FROM jsonb_array_elements(:'optima') AS o JOIN family ON code = o->>'model';
SELECT is(count(*), 20::bigint, 'optima of the families') FROM optimum;

-- predictions.json asks every question of the sample twice. The first answers are those of the optima. The second
-- ones belong to a fit that stopped up to 6e-7 (pareto/nbd: 1e-4) short of them; its parameters follow from those answers themselves
-- (4 or 2 unknowns, 15 to 17 answers or 5, which they all meet to 1e-13; of gamma-gamma only q and v do, at the same p).
CREATE TEMP TABLE second_fit (dataset, family, model) AS VALUES
	('cdnow_sample_cal', 'bg/nbd', 'bg/nbd(r=0.2425945434210564,alpha=4.413602716077353,a=0.7929218333478308,b=2.425905728721554)'::fitted_model),
	('cdnow_sample_cal', 'mbg/nbd', 'mbg/nbd(r=0.5248429031495924,alpha=6.183081764399158,a=0.8913595172711413,b=1.614002931198163)'),
	('cdnow_sample_cal', 'pareto/nbd', 'pareto/nbd(r=0.5532766817595332,alpha=10.577732093878438,s=0.6062090240722434,beta=11.667659192544338)'),
	('cdnow_sample_cal', 'gamma-gamma', 'gamma-gamma(p=6.2495722713238,q=3.744224671988465,v=15.44352101837261)'),
	('cdnow_pub', 'bg/nbd', 'bg/nbd(r=0.2425929282798163,alpha=4.413532265271773,a=0.7928859664405712,b=2.425752382625412)'),
	('cdnow_pub', 'mbg/nbd', 'mbg/nbd(r=0.5248377255676693,alpha=6.182988479133938,a=0.8913562809310977,b=1.614000025672033)'),
	('cdnow_pub', 'pareto/nbd', 'pareto/nbd(r=0.5532815861528041,alpha=10.577753122778779,s=0.606171446287232,beta=11.666906530603526)'),
	('cdnow_pub', 'gamma-gamma', 'gamma-gamma(p=6.2488024897091,q=3.744588458125345,v=15.44774806492016)');

-- Predictions at the optima.
CREATE TEMP TABLE prediction AS
SELECT dataset, family, CASE answer WHEN 1 THEN o.model ELSE s.model END AS model, x, t_x, t, horizon, purchases, alive, new_purchases, m, spend
FROM (SELECT p->>'dataset' AS dataset, name AS family, (p->>'x')::float8 AS x, (p->>'t_x')::float8 AS t_x, (p->>'T')::float8 AS t,
		(p->>'t')::float8 AS horizon, (p->>'cond_exp')::float8 AS purchases, (p->>'p_alive')::float8 AS alive, (p->>'uncond_exp')::float8 AS new_purchases,
		(p->>'m_x')::float8 AS m, (p->>'cond_mean_spend')::float8 AS spend,
		row_number() OVER (PARTITION BY p->'dataset', p->'model', p->'x', p->'t_x', p->'T', p->'t', p->'m_x' ORDER BY position) AS answer
	FROM jsonb_array_elements(:'predictions') WITH ORDINALITY AS a (p, position) JOIN family ON code = p->>'model') AS q
	JOIN optimum AS o USING (dataset, family) LEFT JOIN second_fit AS s USING (dataset, family);
SELECT is(count(*) FILTER (WHERE model IS NULL), 0::bigint, 'every answer has its model') FROM prediction;
SELECT is(count(*), (SELECT count(*) FROM jsonb_array_elements(:'predictions') AS p JOIN family ON code = p->>'model'), 'every reference prediction has its model')
FROM prediction;
CREATE FUNCTION pg_temp.off(got float8, truth float8) RETURNS float8 LANGUAGE sql AS $$ SELECT abs(got - truth) / nullif(abs(truth), 0) $$;

SELECT cmp_ok(max(pg_temp.off(expected_purchases(model, x, t_x, t, horizon), purchases)), '<=', 1e-10::float8,
	format('%s, %s: %s expected purchases to 1e-10', dataset, family, count(*)))
FROM prediction WHERE purchases IS NOT NULL GROUP BY dataset, family;
SELECT cmp_ok(max(pg_temp.off(probability_alive(model, x, t_x, t), alive)), '<=', 1e-10::float8,
	format('%s, %s: %s probabilities alive to 1e-10', dataset, family, count(*)))
FROM prediction WHERE alive IS NOT NULL GROUP BY dataset, family;
SELECT cmp_ok(max(pg_temp.off(expected_purchases(model, 0, 0, 0, horizon), new_purchases)), '<=', 1e-10::float8,
	format('%s, %s: %s expected purchases of a new customer to 1e-10', dataset, family, count(*)))
FROM prediction WHERE new_purchases IS NOT NULL GROUP BY dataset, family;
SELECT cmp_ok(max(pg_temp.off(expected_purchases(model, make_interval(weeks => horizon::int)), new_purchases)), '<=', 1e-10::float8,
	format('%s, %s: the same by interval', dataset, family))
FROM prediction WHERE new_purchases IS NOT NULL GROUP BY dataset, family;
SELECT cmp_ok(max(pg_temp.off(expected_spend(model, x, m), spend)), '<=', 1e-10::float8,
	format('%s, %s: %s expected spends to 1e-10', dataset, family, count(*)))
FROM prediction WHERE spend IS NOT NULL GROUP BY dataset, family;
-- All in one row are the same as one by one.
SELECT ok(bool_and(p.expected_purchases = expected_purchases(model, x, t_x, t, horizon) AND p.probability_alive = probability_alive(model, x, t_x, t)),
	'predict() returns the same numbers')
FROM prediction, LATERAL predict(model, NULL, x, t_x, t, NULL, horizon, 0) AS p WHERE purchases IS NOT NULL;

-- Extreme histories; what is smaller than a double can be is 0.
CREATE TEMP TABLE extreme AS
SELECT name AS family, model, (p->>'x')::float8 AS x, (p->>'t_x')::float8 AS t_x, (p->>'T')::float8 AS t, (p->>'t')::float8 AS horizon,
	(p->>'cond_exp_true')::numeric AS purchases, (p->>'p_alive_true')::numeric AS alive
FROM jsonb_array_elements(:'extremes') AS p JOIN family ON code = p->>'model' JOIN optimum ON dataset || ' params' = p->>'dataset' AND family = name;
SELECT is(count(*), 33::bigint, 'extreme predictions') FROM extreme;
SELECT cmp_ok(max(CASE WHEN purchases < 1e-300 THEN expected_purchases(model, x, t_x, t, horizon) * 1e292
			ELSE pg_temp.off(expected_purchases(model, x, t_x, t, horizon), purchases::float8) END), '<=', 1e-9::float8,
	format('%s: %s extreme expected purchases to 1e-9', family, count(*)))
FROM extreme GROUP BY family;
SELECT cmp_ok(max(CASE WHEN alive < 1e-300 THEN probability_alive(model, x, t_x, t) * 1e292
			ELSE pg_temp.off(probability_alive(model, x, t_x, t), alive::float8) END), '<=', 1e-9::float8,
	format('%s: %s extreme probabilities alive to 1e-9', family, count(*)))
FROM extreme GROUP BY family;

-- Fits from the purchases.
CREATE TEMP TABLE history AS
SELECT 'sample' AS file, customer_id, purchase_history(purchase_date, dollar_value) AS history FROM cdnow.sample_purchases GROUP BY customer_id
UNION ALL
SELECT 'master', customer_id, purchase_history(purchase_date, dollar_value) FROM cdnow.purchases GROUP BY customer_id;
CREATE TEMP TABLE fit AS
SELECT 'cdnow_' || file || '_' || name AS dataset, f.*
FROM (VALUES ('cal', date '1997-09-30'), ('full', date '1998-06-30')) AS d (name, as_of),
	LATERAL (SELECT file, fit_purchase_model('bg/nbd', history, as_of) AS bg, fit_purchase_model('mbg/nbd', history, as_of) AS mbg,
			fit_purchase_model('pareto/nbd', history, as_of) AS pareto,
			fit_spend_model(history, as_of) AS spend FROM history GROUP BY file) AS h,
	LATERAL (VALUES ('bg/nbd', bg), ('mbg/nbd', mbg), ('pareto/nbd', pareto), ('gamma-gamma', spend)) AS f (family, model)
UNION ALL
SELECT 'cdnow_pub', f.*
FROM (SELECT fit_purchase_model('bg/nbd', frequency, recency::float8, t::float8) AS bg, fit_purchase_model('mbg/nbd', frequency, recency::float8, t::float8) AS mbg,
			fit_purchase_model('pareto/nbd', frequency, recency::float8, t::float8) AS pareto
		FROM cdnow.expected_summary_lifetimes) AS s,
	LATERAL (VALUES ('bg/nbd', bg), ('mbg/nbd', mbg), ('pareto/nbd', pareto)) AS f (family, model);
SELECT is(count(*), 19::bigint, 'fits') FROM fit;

SELECT ok((s).status = 'converged' AND (s).customers = n, format('%s, %s: converged on %s customers', dataset, family, n))
FROM fit JOIN optimum USING (dataset, family), LATERAL (SELECT model_summary(fit.model)) AS v (s);
SELECT cmp_ok(pg_temp.off((model_summary(fit.model)).log_likelihood, loglik), '<=', 1e-10::float8, format('%s, %s: log-likelihood to 1e-10', dataset, family))
FROM fit JOIN optimum USING (dataset, family);
SELECT cmp_ok(max(pg_temp.off(estimate, (params->>parameter)::float8)), '<=', 1e-5::float8, format('%s, %s: parameters to 1e-5', dataset, family))
FROM fit JOIN optimum USING (dataset, family), LATERAL model_parameters(fit.model) GROUP BY dataset, family;
SELECT cmp_ok(max(pg_temp.off(standard_error / estimate, (errors->>parameter)::float8)), '<=', 1e-4::float8, format('%s, %s: standard errors to 1e-4', dataset, family))
FROM fit JOIN optimum USING (dataset, family), LATERAL model_parameters(fit.model) GROUP BY dataset, family;
-- Figures that are published or asked for to a digit.
SELECT is(round((model_summary(model)).log_likelihood::numeric, 6), loglik, family || ': log-likelihood of the sample')
FROM fit JOIN (VALUES ('bg/nbd', -9582.429207), ('mbg/nbd', -9582.135716), ('pareto/nbd', -9594.976179), ('gamma-gamma', -4055.917695)) AS v (family, loglik) USING (family)
WHERE dataset = 'cdnow_sample_cal';

-- The same bytes from a parallel plan and from any order of the customers.
CREATE TEMP TABLE shuffled AS SELECT * FROM history ORDER BY md5(customer_id);
CREATE TABLE public.master AS SELECT customer_id, history FROM history WHERE file = 'master';
ALTER TABLE public.master SET (parallel_workers = 4);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN ' || query; END $$;
SELECT ok(bool_or(p ~ 'Partial Aggregate'), 'the fit runs in parallel')
FROM pg_temp.plan('SELECT fit_purchase_model(''mbg/nbd'', history, date ''1997-09-30'') FROM public.master') AS p;
SELECT is((SELECT fitted_model_send(fit_purchase_model('mbg/nbd', history, date '1997-09-30')) FROM public.master), fitted_model_send(model), 'parallel and serial fits are the same bytes')
FROM fit WHERE dataset = 'cdnow_master_cal' AND family = 'mbg/nbd';
SELECT is((SELECT fitted_model_send(fit_spend_model(history, date '1997-09-30')) FROM public.master), fitted_model_send(model), 'of the spend model too')
FROM fit WHERE dataset = 'cdnow_master_cal' AND family = 'gamma-gamma';
SELECT is((SELECT fitted_model_send(fit_purchase_model('mbg/nbd', history, date '1997-09-30')) FROM shuffled WHERE file = 'master'), fitted_model_send(model), 'any order of the customers too')
FROM fit WHERE dataset = 'cdnow_master_cal' AND family = 'mbg/nbd';

SELECT * FROM finish();
