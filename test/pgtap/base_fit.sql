-- base_fit.sql - choosing a model, versions of models, and what fit says of them.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT no_plan();

-- 400 customers over a year and a half; some stop; who buys more often spends more
CREATE TABLE public.sales AS
SELECT c AS customer, date '2023-01-01' + (c * 53 % 240) + n * (3 + c % 50) AS day, 10 + c % 7 + n % 3 + (c * 71 % 23) * (c % 2) AS amount
FROM generate_series(1, 400) AS c CROSS JOIN LATERAL generate_series(0, (c * 71 % 23) * (c % 2)) AS n
WHERE (c * 53 % 240) + n * (3 + c % 50) < 540;
SELECT customer_value.create_customer_base('shop', sales => 'public.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT is((SELECT purchase_family FROM shop.settings), NULL, 'unless told otherwise fit chooses the family');

-- The first fit
CREATE TABLE public.answer AS SELECT * FROM customer_value.fit('shop');
SELECT results_eq('SELECT kind, change FROM public.answer', $$VALUES ('purchase', NULL), ('spend', NULL)$$, 'the first fit has nothing to compare with');
SELECT is((SELECT split_part(reason, ':', 1) FROM public.answer WHERE kind = 'purchase'), (SELECT family FROM shop.model_comparison WHERE is_chosen),
	'the reason speaks of the chosen family');
SELECT set_eq('SELECT family FROM shop.model_comparison', 'SELECT family FROM customer_value._candidate_families()', 'every candidate is compared');
SELECT results_eq('SELECT kind, family, fit_number FROM shop.models WHERE is_chosen AND is_current ORDER BY kind',
	$$SELECT kind, family, 1 FROM (SELECT 'purchase', family FROM shop.model_comparison LIMIT 1) AS p (kind, family) UNION ALL SELECT 'spend', 'gamma-gamma', 1$$,
	'one model of each kind is chosen, and the comparison begins with it');
SELECT is_empty('SELECT family FROM shop.models WHERE model IS NULL OR as_of IS NULL OR fitted_at IS NULL OR fitted_by <> session_user', 'every model says of when it is and who fitted it');
SELECT is((SELECT array_agg(DISTINCT settings - '{base}'::text[]) FROM shop.models),
	(SELECT ARRAY[to_jsonb(s) - '{base,as_of,first_sale_day,last_sale_day,refreshed_at,refreshed_on,value_basis,margin_share,fitted_at,fitted_family,views,schema_created,created_with}'::text[]]
	 FROM shop.settings AS s), 'and with what settings');
SELECT is_empty($$SELECT c.family FROM shop.model_comparison AS c JOIN shop.models AS m USING (model_id)
	WHERE c.parameters <> (SELECT count(*) FROM customer_value.model_parameters(m.model))
	   OR abs(c.aic - (2 * c.parameters - 2 * c.log_likelihood)) > 1e-9
	   OR abs(c.aic_difference - (c.aic - (SELECT min(b.aic) FROM shop.model_comparison AS b))) > 1e-6$$, 'the AIC is 2 x parameters - 2 x log-likelihood');

SELECT is_empty($$SELECT m.family FROM shop.models AS m, shop.settings AS s WHERE m.kind = 'purchase' AND m.model::text IS DISTINCT FROM
	(SELECT customer_value.fit_purchase_model(m.family, h.history, s.as_of)::text FROM shop.history AS h)$$, 'the models are those of the aggregate, to the last bit');
SELECT throws_ok($$SELECT customer_value._fit_final_as(customer_value._collect_spend(h.history, '2024-01-01', '{}'), 'bg/nbd', '{}') FROM shop.history AS h$$, '22023',
	'customers collected for family "gamma-gamma" do not serve "bg/nbd"', 'spend is no base for a purchase model');

-- The rule, on figures made up for it: a case a fit
CREATE TABLE public.cases (fit integer, what text, family text, loglik text, status text, error float8[]);
INSERT INTO public.cases VALUES
	(101, 'the smallest holdout error wins', 'mbg/nbd', '-1000', 'converged', '{0.90,0.80}'), (101, '', 'pareto/nbd', '-1100', 'converged', '{0.80,0.70}'),
	(101, '', 'bg/nbd', '-1000', 'converged', '{0.85,0.80}'),
	(102, 'within 1% the smallest AIC wins', 'mbg/nbd', '-1010', 'converged', '{0.800,0.700}'), (102, '', 'pareto/nbd', '-1020', 'converged', '{0.801,0.700}'),
	(102, '', 'bg/nbd', '-1000', 'converged', '{0.806,0.706}'),
	(103, 'less than 2 apart in AIC MBG/NBD is preferred to BG/NBD', 'mbg/nbd', '-1000.9', 'converged', '{0.801,0.700}'), (103, '', 'pareto/nbd', '-1020', 'converged', '{0.800,0.700}'),
	(103, '', 'bg/nbd', '-1000', 'converged', '{0.800,0.700}'),
	(104, 'a model that did not converge is out', 'mbg/nbd', '-1000', 'not_converged', '{0.5,0.5}'), (104, '', 'bg/nbd', '-1000', 'converged', '{0.8,0.7}'),
	(104, '', 'pareto/nbd', '-1020', 'converged', '{0.9,0.9}'),
	(105, 'a model that lacks a holdout is out', 'mbg/nbd', '-1000', 'converged', '{0.5}'), (105, '', 'bg/nbd', '-1000', 'converged', '{0.8,0.7}'),
	(106, 'without holdouts the AIC decides', 'mbg/nbd', '-1010', 'converged', '{}'), (106, '', 'pareto/nbd', '-1000', 'converged', '{}'), (106, '', 'bg/nbd', '-1020', 'converged', '{}'),
	(107, 'if none converged one is taken all the same', 'mbg/nbd', '-1010', 'not_converged', '{0.8}'), (107, '', 'bg/nbd', '-1000', 'not_converged', '{0.7}');
INSERT INTO shop.models (model_id, kind, model, fit_number, family, is_current)
SELECT fit * 10 + row_number() OVER (), 'purchase', format('%s(%s; loglik=%s, status=%s)', family,
	CASE family WHEN 'pareto/nbd' THEN 'r=1,alpha=1,s=1,beta=1' ELSE 'r=1,alpha=1,a=1,b=1' END, loglik, status)::customer_value.fitted_model, fit, family, false
FROM public.cases;
INSERT INTO shop.model_checks (method, fit_number, relative_error) SELECT 'model ' || family, fit, e FROM public.cases, unnest(error) AS e;
CREATE FUNCTION pg_temp.choice(fit integer, pinned text DEFAULT NULL) RETURNS text[] LANGUAGE sql AS $$
	SELECT ARRAY[m.family, c.reason]
	FROM customer_value._choose_model('shop', fit, '{mbg/nbd,pareto/nbd,bg/nbd}', pinned) AS c JOIN shop.models AS m USING (model_id)
$$;
SELECT is((pg_temp.choice(c.fit))[1], w.wanted, c.what)
FROM public.cases AS c JOIN (VALUES (101, 'pareto/nbd'), (102, 'bg/nbd'), (103, 'mbg/nbd'), (104, 'bg/nbd'), (105, 'bg/nbd'), (106, 'pareto/nbd'), (107, 'bg/nbd')) AS w (fit, wanted) USING (fit)
WHERE c.what <> '' ORDER BY fit;
SELECT is((pg_temp.choice(101))[2], 'pareto/nbd: its error on 2 holdouts is 0.750 times that of the best simple rule, the smallest, below bg/nbd 0.825, mbg/nbd 0.850.', 'the reason of the smallest error');
SELECT is((pg_temp.choice(102))[2], 'bg/nbd: its error on 2 holdouts is 0.756 times that of the best simple rule, within 1% of mbg/nbd 0.750, pareto/nbd 0.751; its AIC is the smallest of these, 2008.0 against mbg/nbd 2028.0, pareto/nbd 2048.0.', 'the reason of the smallest AIC');
SELECT is((pg_temp.choice(103))[2], 'mbg/nbd: its error on 2 holdouts is 0.751 times that of the best simple rule, within 1% of pareto/nbd 0.750, bg/nbd 0.750; its AIC is 2009.8, less than 2 from bg/nbd 2008.0, below pareto/nbd 2048.0; and it is the first of them in the order of preference.', 'the reason of a tie');
SELECT is((pg_temp.choice(105))[2], 'bg/nbd is the only candidate that could be fitted and checked.', 'the reason where there is one candidate');
SELECT is((pg_temp.choice(106))[2], 'pareto/nbd: there is no holdout to compare; its AIC is the smallest of these, 2008.0 against mbg/nbd 2028.0, bg/nbd 2048.0.', 'the reason without holdouts');
SELECT is(pg_temp.choice(101, 'mbg/nbd'), '{mbg/nbd,"mbg/nbd is used because purchase_family says so; the comparison would have chosen another (pareto/nbd: its error on 2 holdouts is 0.750 times that of the best simple rule, the smallest, below bg/nbd 0.825, mbg/nbd 0.850)."}', 'a family that is asked for is used');
SELECT matches((pg_temp.choice(106, 'pareto/nbd'))[2], '^pareto/nbd is used because purchase_family says so, and so does the comparison \(', 'also where it would be chosen');
DELETE FROM shop.models WHERE fit_number > 100;
DELETE FROM shop.model_checks WHERE fit_number > 100;

-- Spend that depends on the number of purchases, the plain way
CREATE TABLE public.repeats AS
SELECT ln(s.x) AS g, s.m FROM shop.history AS h, shop.settings AS t, customer_value.purchase_summary(h.history, t.as_of) AS s WHERE s.x > 0;
SELECT results_eq('SELECT customers, round(correlation::numeric, 8) FROM shop.spend_check', 'SELECT count(*), round(corr(g, m)::numeric, 8) FROM public.repeats', 'the correlation of spend and ln x');
SELECT is((SELECT round(customer_value._two_sided_p_value(sum((g - eg) * (m - em)) / sqrt(sum(((g - eg) * (m - em)) ^ 2)))::numeric, 12)
		   FROM public.repeats, (SELECT avg(g) AS eg, avg(m) AS em FROM public.repeats) AS e),
	(SELECT round(p_value::numeric, 12) FROM shop.spend_check), 'and its p value');
SELECT results_eq('SELECT round(customer_value._two_sided_p_value(z)::numeric, 6) FROM (VALUES (0::float8), (1.959963985), (-1.959963985), (40)) AS v (z)',
	'VALUES (1.000000), (0.050000), (0.050000), (0.000000)', 'the p value is that of a normal variable');
SELECT is(customer_value._correlation_in_words(n, r, p, gain), words, words)
FROM (VALUES (1, 0.5, NULL, 0.1, 'Too little data to tell whether spend depends on the number of purchases: 1 customer with a repeat purchase, at least 20 are needed.'),
	(50, NULL, NULL, NULL, 'Nothing to compare: all customers bought equally often, or spent the same.'),
	(50, -0.15, 0.3, -0.1, 'Spend does not depend on the number of purchases (correlation -0.15, p = 0.300), as the spend model assumes.'),
	(5000, 0.08, 0.0001, 0.049, 'Who buys twice as often spends 5% more a time (correlation 0.08, p < 0.001): too little to matter to the spend model, which assumes no dependence.'),
	(500, 0.2, 0.0001, 0.12, 'Who buys twice as often spends 12% more a time (correlation 0.20, p < 0.001); the spend model assumes no dependence, and expects too much of customers with few purchases. The dependence is weak: rankings hold, single values lean that way.'),
	(500, -0.4, 0.0001, -0.3, 'Who buys twice as often spends 30% less a time (correlation -0.40, p < 0.001); the spend model assumes no dependence, and expects too little of customers with few purchases. The dependence is strong: make a customer base of each group that buys alike (by channel, category or size).')
) AS v (n, r, p, gain, words);

-- A second fit: nothing moved; a third: sales came in
TRUNCATE public.answer;
INSERT INTO public.answer SELECT * FROM customer_value.fit('shop');
SELECT results_eq('SELECT kind, change FROM public.answer', $$VALUES ('purchase', '400 customers as before; every parameter as before'),
	('spend', (SELECT count(*) FROM public.repeats) || ' customers as before; every parameter as before')$$, 'a fit to the same sales says that nothing moved');
INSERT INTO public.sales SELECT 400 + c, date '2023-06-01' + c + n * 11, 30 + n FROM generate_series(1, 60) AS c, generate_series(0, c % 9) AS n;
TRUNCATE public.answer;
INSERT INTO public.answer SELECT * FROM customer_value.fit('shop');
SELECT matches((SELECT change FROM public.answer WHERE kind = 'purchase'), '^customers 400 -> 460; ((the family was .* and is .*)|(([a-z]+ [-0-9.]+ -> [-0-9.]+( \([0-9.]+ standard errors\))?(, )?)+))$', 'new sales: what moved');
SELECT is(customer_value._change_in_words('nbd(r=0.5,alpha=10; n=100, as_of=2024-01-01, status=converged; cov=[0.04,0,0.01])', 'nbd(r=0.52,alpha=12; n=110, as_of=2024-02-01, status=converged; cov=[0.04,0,0.01])'),
	'customers 100 -> 110; alpha 10.00 -> 12.00 (1.7 standard errors), r 0.5000 -> 0.5200 (0.2 standard errors)', 'the largest change first, in standard errors');
SELECT is(customer_value._change_in_words('nbd(r=0.5,alpha=10)', 'nbd(r=0.5,alpha=12)'), 'alpha 10.00 -> 12.00', 'without standard errors and counts the change alone');
SELECT is(customer_value._short_number(v), w, w) FROM (VALUES (0, '0'), (0.000123456, '0.0001235'), (-1.5, '-1.500'), (123456.7, '123457')) AS t (v, w);

-- An old model made current
CREATE TABLE public.values_before AS SELECT customer_id, expected_purchases FROM shop.customer_profile_at('2024-06-01');
SELECT results_eq('SELECT fit_number, bool_or(is_current) FROM shop.models GROUP BY 1 ORDER BY 1', 'VALUES (1, false), (2, false), (3, true)', 'the last fit is current');
SELECT matches((SELECT customer_value.use_model('shop', model_id) FROM shop.models WHERE fit_number = 1 AND family = 'pareto/nbd'),
	'^The purchase model of customer base "shop" is model \d+, pareto/nbd as of 2024-06-23, in place of model \d+\.$', 'use_model says what it did');
SELECT results_eq('SELECT kind, family, fit_number FROM shop.models WHERE is_current ORDER BY kind',
	$$VALUES ('purchase', 'pareto/nbd', 1), ('spend', 'gamma-gamma', 3)$$, 'an old purchase model is current, the spend model stays');
SELECT is((SELECT fitted_family FROM customer_value.customer_bases), 'pareto/nbd', 'the list of bases knows');
SELECT results_eq('SELECT DISTINCT kind, family FROM shop.model_fit ORDER BY 1', $$VALUES ('purchase', 'pareto/nbd'), ('spend', 'gamma-gamma')$$, 'model_fit follows');
SELECT results_eq('SELECT DISTINCT method FROM shop.model_check WHERE method LIKE ''model%''', $$VALUES ('model pareto/nbd')$$, 'model_check follows');
SELECT results_eq('SELECT DISTINCT family FROM shop.holdout_by_frequency', $$VALUES ('pareto/nbd')$$, 'holdout_by_frequency follows');
SELECT results_eq('SELECT family FROM shop.model_comparison WHERE is_current AND NOT is_chosen', $$VALUES ('pareto/nbd')$$, 'model_comparison shows the fit that it comes from');
SELECT is((SELECT DISTINCT customers FROM shop.model_comparison), 400::bigint, '... with its own numbers');
SELECT is_empty($$SELECT p.customer_id FROM shop.customer_profile_at('2024-06-01') AS p JOIN shop.history AS h USING (customer_id), shop.models AS m, shop.settings AS s
	WHERE m.is_current AND m.kind = 'purchase' AND p.expected_purchases IS DISTINCT FROM customer_value.expected_purchases(m.model, h.history, '2024-06-01', s.horizon)$$,
	'the views predict with it');
SELECT matches(customer_value.use_model('shop', model_id), '^The spend model .* as it was\.$', 'a current model may be made current') FROM shop.models WHERE is_current AND kind = 'spend';
SELECT throws_ok($$SELECT customer_value.use_model('shop', 99)$$, '42704', 'customer base "shop" has no model 99', 'an unknown model');
SELECT throws_ok($$SELECT customer_value.use_model('shop', NULL)$$, '42704', 'customer base "shop" has no model null', 'no model');
SELECT throws_ok($$SELECT customer_value.use_model('shopp', 1)$$, '42704', NULL, 'an unknown base');
SELECT throws_ok($$SELECT customer_value.use_model(NULL, 1)$$, '22004', NULL, 'no base');
UPDATE shop.models SET model = NULL, verdict = 'too little data' WHERE model_id = (SELECT max(model_id) FROM shop.models WHERE fit_number = 2 AND kind = 'purchase');
SELECT throws_ok(format($$SELECT customer_value.use_model('shop', %s)$$, model_id), '22023', format('model %s of customer base "shop" could not be fitted', model_id), 'a model that is none')
FROM shop.models WHERE model IS NULL;

-- Models of one's own: what the views can predict with may be used, nothing else.
INSERT INTO shop.models (model_id, kind, model)
VALUES (1001, 'spend', 'nbd(r=1,alpha=10)'), (1002, 'purchase', 'gamma-gamma(p=2,q=3,v=60)'), (1003, 'purchase', 'nbd(r=1,alpha=10)'),
	   (1004, 'purchase', 'nbd(r=1,alpha=10; n=100, as_of=2024-01-01, status=converged)');
INSERT INTO shop.models (model_id, kind, model)
SELECT 1005, 'purchase', customer_value.fit_purchase_model('bg/nbd', h.history, '2024-06-01', ARRAY[(h.customer_id % 2)::float8], '{"covariates": ["odd"]}') FROM shop.history AS h;
SELECT throws_ok(format($$SELECT customer_value.use_model('shop', %s)$$, n), '22023', format('model %s of customer base "shop" %s', n, why), why)
FROM (VALUES (1001, 'is no spend model'), (1002, 'is no purchase model'), (1005, 'has covariates')) AS w (n, why);
SELECT model_id AS used FROM shop.models WHERE is_current AND kind = 'purchase' \gset
SELECT matches(customer_value.use_model('shop', 1004), 'is model 1004, nbd as of 2024-01-01, in place of', 'a model of one''s own may be used');
SELECT set_eq('SELECT phase, max(week_start) <= ''2024-01-01'' FROM shop.tracking GROUP BY 1', $$VALUES ('fitted', true), ('after the fit', false), ('ahead', false)$$, 'tracked from its as-of day on');
SELECT matches(customer_value.use_model('shop', 1003), 'is model 1003, nbd, in place of model 1004\.$', 'without an as-of day, too');
SELECT set_eq('SELECT phase FROM shop.tracking', $$VALUES (NULL), ('ahead')$$, 'then there is no phase');
SELECT set_eq('SELECT verdict FROM shop.model_comparison UNION ALL SELECT verdict FROM shop.model_fit WHERE kind = ''purchase''',
	$$VALUES ('Parameters given by hand; nothing was fitted.')$$, 'the views say where it is from');
SELECT matches(customer_value.use_model('shop', :used), 'is model', 'back to a model of a fit');
DELETE FROM shop.models WHERE model_id > 1000;

-- Forgetting
SELECT matches(customer_value.forget_models('shop', 1), '^\d+ models of 1 fits of customer base "shop" are deleted, those of 2 are kept\.$', 'the fit that nobody uses is forgotten');
SELECT results_eq('SELECT DISTINCT fit_number FROM shop.models ORDER BY 1', 'VALUES (1), (3)', 'the current models stay');
SELECT set_eq('SELECT DISTINCT fit_number FROM shop.model_checks', 'VALUES (1), (3)', 'with their checks');
SELECT set_eq('SELECT DISTINCT fit_number FROM shop.model_holdouts', 'VALUES (1), (3)', 'and holdouts');
SELECT throws_ok($$SELECT customer_value.forget_models('shop', -1)$$, '22023', NULL, 'fewer than none cannot be kept');
SELECT throws_ok($$SELECT customer_value.forget_models('shop', NULL)$$, '22023', NULL, 'a number has to be given');

-- The next fit chooses anew, and goes on counting
SELECT count(*) FROM customer_value.fit('shop');
SELECT is((SELECT array_agg(DISTINCT fit_number) FROM shop.models WHERE is_current), '{4}', 'the next fit chooses anew');

-- A family asked for: one of the candidates, and one that is none
SELECT matches(customer_value.alter_customer_base('shop', purchase_family => 'nbd'), 'altered', 'a family may be asked for');
SELECT matches((SELECT reason FROM customer_value.fit('shop') WHERE kind = 'purchase'), '^nbd is used because purchase_family says so', 'and fit says so');
SELECT set_eq('SELECT family FROM shop.model_comparison', $$SELECT family FROM customer_value._candidate_families() UNION VALUES ('nbd')$$, 'the comparison is kept, with one more');
SELECT results_eq('SELECT family FROM shop.model_comparison WHERE is_chosen', $$VALUES ('nbd')$$, 'the one asked for is chosen');
SELECT matches(customer_value.alter_customer_base('shop', reset => '{purchase_family}'), 'altered', 'and left to fit again');
SELECT is((SELECT purchase_family FROM shop.settings), NULL, 'which is the default');

-- Nobody else's business
CREATE ROLE cv_stranger;
GRANT USAGE ON SCHEMA shop TO cv_stranger;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO cv_stranger;
SET ROLE cv_stranger;
SELECT throws_ok($$SELECT customer_value.use_model('shop', 1)$$, '42501', 'must be owner of customer base "shop"', 'a reader may not use another model');
SELECT throws_ok($$SELECT customer_value.forget_models('shop', 1)$$, '42501', 'must be owner of customer base "shop"', 'nor forget any');
SELECT isnt_empty('SELECT * FROM shop.model_comparison', 'a reader sees the comparison');
RESET ROLE;
DROP OWNED BY cv_stranger;
DROP ROLE cv_stranger;

-- Little data: no holdout, one holdout, one customer, nobody
CREATE TABLE public.young AS
SELECT c AS customer, date '2023-01-01' + c % 20 + n * (3 + c % 9) AS day, 10 + c % 5 AS amount FROM generate_series(1, 150) AS c, generate_series(0, c % 4) AS n;
SELECT customer_value.create_customer_base('young', sales => 'public.young', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT matches((SELECT reason FROM customer_value.fit('young') WHERE kind = 'purchase'), 'there is no holdout to compare', 'six weeks: no holdout');
SELECT is((SELECT count(*) FROM young.model_comparison WHERE holdout_error IS NULL AND holdout_bias IS NULL AND status <> 'not fitted'),
	(SELECT count(*) FROM customer_value._candidate_families()), 'the candidates are fitted all the same');
SELECT matches((SELECT DISTINCT reason FROM young.holdout_by_frequency), '^too little data: the sales span \d+ days, a check needs at least 56$', 'and the reason is given');
INSERT INTO public.young SELECT c, date '2023-03-15' + c % 5, 10 FROM generate_series(1, 150, 3) AS c;
SELECT matches((SELECT reason FROM customer_value.fit('young') WHERE kind = 'purchase'), 'its error on one holdout is', 'eleven weeks: one holdout');
SELECT results_eq('SELECT DISTINCT holdouts FROM young.model_comparison', 'VALUES (1)', 'which all candidates have');
SELECT matches((SELECT verdict FROM young.model_check WHERE end_day < (SELECT as_of FROM young.settings)),
	'^too little data: the sales span \d+ days before the cut day, a check needs at least 28$', 'why there is no second one');

CREATE TABLE public.one AS SELECT 1 AS customer, date '2024-01-01' + 9 * n AS day, 10 + n AS amount FROM generate_series(0, 20) AS n;
SELECT customer_value.create_customer_base('one', sales => 'public.one', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT results_eq($$SELECT kind, status <> 'not fitted' FROM customer_value.fit('one')$$, $$VALUES ('purchase', true), ('spend', true)$$, 'one customer is fitted');
SELECT is((SELECT count(*) FROM one.tracking WHERE actual_purchases IS NOT NULL AND reason IS NULL), 26::bigint, 'one customer is tracked');
SELECT results_eq('SELECT label, customers FROM one.frequency_histogram WHERE customers > 0', $$VALUES ('7+', 1::bigint)$$, 'one customer is a histogram');
SELECT matches((SELECT verdict FROM one.spend_check), '^Too little data to tell .*: 1 customer with', 'one customer has no correlation');

CREATE TABLE public.nothing (LIKE public.one);
SELECT customer_value.create_customer_base('nothing', sales => 'public.nothing', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT results_eq('SELECT kind, verdict, reason, change FROM customer_value.fit(''nothing'')',
	$$VALUES ('purchase', 'too little data: there are no sales yet', NULL, NULL), ('spend', 'too little data: there are no sales yet', NULL, NULL)$$, 'nobody: fit says so');
SELECT is((SELECT count(*) FROM nothing.tracking), 0::bigint, 'nobody: no weeks');
SELECT results_eq('SELECT DISTINCT customers, expected_customers, customer_share, reason FROM nothing.frequency_histogram',
	$$VALUES (0::bigint, NULL::float8, NULL::float8, 'no purchase yet')$$, 'nobody: an empty histogram');
SELECT results_eq('SELECT DISTINCT customers, reason FROM nothing.recency_frequency_matrix', $$VALUES (0::bigint, 'no such customer')$$, 'nobody: an empty grid');
SELECT results_eq('SELECT verdict FROM nothing.spend_check', $$VALUES ('too little data: there are no sales yet')$$, 'nobody: no correlation');
SELECT results_eq('SELECT family, is_chosen, verdict FROM nothing.model_comparison WHERE is_chosen', $$VALUES ('mbg/nbd', true, 'too little data: there are no sales yet')$$, 'nobody: no models');

CREATE TABLE public.once AS SELECT c AS customer, date '2024-01-01' + c AS day, 10 AS amount FROM generate_series(1, 50) AS c;
SELECT customer_value.create_customer_base('once', sales => 'public.once', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT count(*) FROM customer_value.fit('once');
SELECT results_eq('SELECT DISTINCT expected_customers, expected_share, reason FROM once.frequency_histogram',
	$$VALUES (NULL::float8, NULL::float8, 'not fitted')$$, 'nobody came back: nothing is expected, of today''s customers neither');
SELECT set_eq('SELECT phase, expected_purchases, reason FROM once.tracking', $$VALUES (NULL, NULL::float8, 'not fitted'), ('ahead', NULL, 'not fitted')$$,
	'nobody came back: no week is fitted');

SELECT throws_ok($$SELECT * FROM shop.tracking_at('infinity')$$, '22008', NULL, 'tracking: the as-of day has to be a day');
SELECT throws_ok($$SELECT * FROM shop.frequency_histogram_at('infinity')$$, '22008', NULL, 'frequency_histogram: the as-of day has to be a day');
SELECT throws_ok($$SELECT * FROM shop.recency_frequency_matrix_at('infinity')$$, '22023', NULL, 'recency_frequency_matrix: the as-of day has to be a day');
SELECT * FROM finish();
