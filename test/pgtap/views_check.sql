-- views_check.sql - the holdout check of a base, computed a second time in the plainest way.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT no_plan();

-- 400 customers over a year and a half; some stop, some were quiet before the cut
CREATE TABLE public.sales AS
SELECT c AS customer, date '2023-01-01' + (c * 53 % 240) + n * (3 + c % 50) AS day, 10 + c % 7 AS amount
FROM generate_series(1, 400) AS c CROSS JOIN LATERAL generate_series(0, (c * 71 % 23) * (c % 2)) AS n
WHERE (c * 53 % 240) + n * (3 + c % 50) < 540;
SELECT customer_value.create_customer_base('shop', sales => 'public.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT count(*) FROM customer_value.fit('shop');

SELECT is((SELECT array_agg(regexp_replace(method, 'model .*', 'model')) FROM shop.model_check),
	'{model,last period again,same rate as before,model,last period again,same rate as before}', 'the model comes first, then the simple rules, holdout by holdout');
SELECT results_eq('SELECT DISTINCT cut_day, end_day FROM shop.model_checks ORDER BY 1',
	$$SELECT as_of - n * (span / 4), as_of - (n - 1) * (span / 4)
	  FROM (SELECT max(day) AS as_of, max(day) - min(day) AS span FROM public.sales) AS s, generate_series(2, 1, -1) AS n$$,
	'the holdouts are the last quarter of the observed span, and the quarter before');

CREATE TABLE public.predicted AS
WITH c AS (SELECT DISTINCT cut_day AS cut, end_day - cut_day AS days, end_day FROM shop.model_checks),
m AS MATERIALIZED (SELECT c.cut, f.family, customer_value.fit_purchase_model(f.family, h.history, c.cut) AS model
	  FROM shop.history AS h, c, customer_value._candidate_families() AS f GROUP BY 1, 2),
p AS (SELECT s.customer, c.cut, c.days,
			 count(DISTINCT s.day) FILTER (WHERE s.day <= c.cut) AS known,
			 c.cut - min(s.day) AS tenure,
			 count(DISTINCT s.day) FILTER (WHERE s.day <= c.cut AND s.day > c.cut - c.days) AS before,
			 count(DISTINCT s.day) FILTER (WHERE s.day > c.cut AND s.day <= c.end_day)::float8 AS actual
	  FROM public.sales AS s, c GROUP BY s.customer, c.cut, c.days, c.end_day HAVING min(s.day) <= c.cut)
-- rounded, for the square of what is hardly anything would underflow
SELECT p.cut, v.method, p.known, p.actual, round(v.predicted::numeric, 12)::float8 AS predicted
FROM p JOIN shop.history AS h ON h.customer_id = p.customer,
	 LATERAL (SELECT 'model ' || m.family, customer_value.expected_purchases(m.model, h.history, p.cut, make_interval(days => p.days))
			  FROM m WHERE m.cut = p.cut
			  UNION ALL VALUES
			  ('same rate as before', CASE WHEN p.tenure > 0 THEN (p.known - 1) * p.days / p.tenure::float8 ELSE 0 END),
			  ('last period again', p.before)) AS v (method, predicted);

-- The best tenth, where the ties across the border are shared: the mean over a hundred borders within the tie
-- would be the plain way; the expectation of a random order within the tie is the same.
SELECT results_eq(
	$$SELECT c.cut_day, c.method, c.customers, c.actual_purchases, round(c.predicted_purchases::numeric, 3),
			 round(c.mean_absolute_error::numeric, 6), round(c.root_mean_square_error::numeric, 6), round(c.bias::numeric, 6),
			 round(c.correlation::numeric, 6), round(c.top_decile_lift::numeric, 6)
	  FROM shop.model_checks AS c ORDER BY 1, 2$$,
	$$SELECT p.cut, p.method, count(*), sum(p.actual), round(sum(p.predicted)::numeric, 3),
			 round(avg(abs(p.predicted - p.actual))::numeric, 6), round(sqrt(avg((p.predicted - p.actual) ^ 2))::numeric, 6),
			 round(avg(p.predicted - p.actual)::numeric, 6), round(corr(p.predicted, p.actual)::numeric, 6),
			 round((sum(p.actual_mean * least(greatest(p.n / 10.0 - (p.place - 1), 0), 1)) / sum(p.actual) / 0.1)::numeric, 6)
	  FROM (SELECT q.*, count(*) OVER (PARTITION BY q.cut, q.method) AS n,
				   row_number() OVER (PARTITION BY q.cut, q.method ORDER BY round(q.predicted::numeric, 9) DESC) AS place,
				   avg(q.actual) OVER (PARTITION BY q.cut, q.method, round(q.predicted::numeric, 9)) AS actual_mean
			FROM public.predicted AS q) AS p
	  GROUP BY 1, 2 ORDER BY 1, 2$$,
	'every measure of every candidate and rule is what a plain query finds');
SELECT is_empty(
	$$SELECT c.cut_day, c.method FROM shop.model_checks AS c
	  WHERE abs(c.relative_error - c.root_mean_square_error / (SELECT min(r.root_mean_square_error) FROM shop.model_checks AS r
															   WHERE r.cut_day = c.cut_day AND r.method NOT LIKE 'model %')) > 1e-8
		 OR c.relative_error IS NULL$$, 'the relative error is that to the better of the rules of the same holdout');
SELECT results_eq(
	$$SELECT family, holdouts, round(holdout_error::numeric, 5), round(holdout_bias::numeric, 5) FROM shop.model_comparison ORDER BY 1$$,
	$$SELECT substr(e.method, 7), count(*)::integer, round(avg(e.error / e.best)::numeric, 5), round((sum(e.predicted) / sum(e.actual) - 1)::numeric, 5)
	  FROM (SELECT p.cut, p.method, sqrt(avg((p.predicted - p.actual) ^ 2)) AS error, sum(p.predicted) AS predicted, sum(p.actual) AS actual,
				   min(sqrt(avg((p.predicted - p.actual) ^ 2))) FILTER (WHERE p.method NOT LIKE 'model %') OVER (PARTITION BY p.cut) AS best
			FROM public.predicted AS p GROUP BY 1, 2) AS e
	  WHERE e.method LIKE 'model %' GROUP BY 1 ORDER BY 1$$, 'the comparison has each candidate''s mean error and bias');
SELECT results_eq(
	$$SELECT cut_day, repeat_purchase_days, customers, actual_purchases, round(predicted_purchases::numeric, 3), round(actual_average::numeric, 6)
	  FROM shop.holdout_by_frequency ORDER BY 1, 2$$,
	$$SELECT p.cut, least(p.known - 1, 7)::integer, count(*), sum(p.actual), round(sum(p.predicted)::numeric, 3), round(avg(p.actual)::numeric, 6)
	  FROM public.predicted AS p WHERE p.method = (SELECT 'model ' || family FROM shop.model_comparison WHERE is_current)
	  GROUP BY 1, 2 ORDER BY 1, 2$$, 'holdout_by_frequency is what a plain query finds');
SELECT ok((SELECT count(DISTINCT actual) > 3 AND min(top_decile_lift) > 0.2 FROM public.predicted, shop.model_checks), 'there was something to find');
SELECT matches((SELECT verdict FROM shop.model_check WHERE method LIKE 'model%' ORDER BY cut_day LIMIT 1),
	'^the model''s error is \d+% (below|above) that of the best simple rule \((same rate as before|last period again)\); the total is ',
	'the verdict compares in plain words');

-- Another order of the rows and another plan give the same bytes
CREATE TABLE public.first_read AS SELECT (to_jsonb(c) - 'fit_number')::text AS line FROM shop.model_checks AS c;
CREATE TABLE public.first_models AS SELECT kind, family, model::text, verdict, reason FROM shop.models;
CREATE TABLE public.sorted AS SELECT * FROM public.sales ORDER BY day DESC, customer;
TRUNCATE public.sales;
INSERT INTO public.sales SELECT * FROM public.sorted;
SET enable_hashagg = off;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) FROM customer_value.fit('shop');
SELECT is_empty($$SELECT line FROM public.first_read EXCEPT SELECT (to_jsonb(c) - 'fit_number')::text FROM shop.model_checks AS c WHERE fit_number = 2$$, 'the check does not depend on order or plan');
SELECT is_empty('SELECT * FROM public.first_models EXCEPT SELECT kind, family, model::text, verdict, reason FROM shop.models WHERE fit_number = 2',
	'the models do not depend on order or plan');
SELECT results_eq('SELECT fit_number, kind, bool_or(is_current), count(*) FILTER (WHERE is_chosen)::integer FROM shop.models GROUP BY 1, 2 ORDER BY 1, 2',
	$$VALUES (1, 'purchase', false, 1), (1, 'spend', false, 1), (2, 'purchase', true, 1), (2, 'spend', true, 1)$$, 'the last models are current, older ones are kept');
SELECT is((SELECT array_agg(DISTINCT fitted_by) FROM shop.models), ARRAY[session_user::text], 'models say who fitted them');

-- Nobody buys after the cut; nobody comes back; a span too short
CREATE TABLE public.gone AS
SELECT c AS customer, date '2023-01-01' + c % 40 + n * 9 AS day, 10 AS amount FROM generate_series(1, 50) AS c, generate_series(0, c % 4) AS n
UNION ALL SELECT 51, '2024-01-01', 5;
SELECT customer_value.create_customer_base('gone', sales => 'public.gone', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT count(*) FROM customer_value.fit('gone');
SELECT results_eq('SELECT actual_purchases, correlation, top_decile_lift FROM gone.model_check',
	$$SELECT 0::float8, NULL::float8, NULL::float8 FROM generate_series(1, 3) UNION ALL
	  SELECT 0::float8, NULL::float8, NULL::float8 FROM generate_series(1, 3)$$, 'without purchases in the holdout there is no correlation and no lift');
SELECT ok((SELECT bool_and(verdict LIKE '%nobody bought in the days predicted') FROM gone.model_check), '... and the verdicts say so');

CREATE TABLE public.short AS SELECT c AS customer, date '2023-01-01' + c % 50 AS day, 10 AS amount FROM generate_series(1, 100) AS c;
SELECT customer_value.create_customer_base('short', sales => 'public.short', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT count(*) FROM customer_value.fit('short');
SELECT results_eq('SELECT cut_day, method, customers, verdict FROM short.model_check',
	$$VALUES (NULL::date, 'model mbg/nbd', NULL::bigint, 'too little data: the sales span 49 days, a check needs at least 56')$$,
	'a span too short is one row that says so');
SELECT results_eq($$SELECT DISTINCT kind, model IS NULL, split_part(verdict, ':', 1) FROM short.models ORDER BY 1$$,
	$$VALUES ('purchase', true, 'too little data'), ('spend', true, 'too little data')$$, 'models without data are rows with a verdict');

-- A model that cannot be fitted leaves the old one as history, not as the current one
DELETE FROM public.sales WHERE customer > 1 OR day > (SELECT min(day) FROM public.sales WHERE customer = 1);
SELECT count(*) FROM customer_value.fit('shop');
SELECT results_eq('SELECT fit_number, bool_and(model IS NULL), bool_or(model IS NULL), bool_or(is_current) FROM shop.models GROUP BY 1 ORDER BY 1',
	'VALUES (1, false, false, false), (2, false, false, false), (3, true, true, true)', 'a failed fit takes the place of the last one');
SELECT is((SELECT array_agg(reason) FROM shop.customer_profile), '{not fitted}', 'and the views predict nothing');

-- An error that does not speak of the data is an error
UPDATE shop.settings SET purchase_family = 'no such family';
SELECT throws_ok($$SELECT count(*) FROM customer_value.fit('shop')$$, '22023', NULL, 'an unknown family is no lack of data');

SELECT * FROM finish();
