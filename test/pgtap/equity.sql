-- equity.sql - equity_driver_signals, customer_equity and model_deviations: computed again another way, and at the edges.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT no_plan();
CREATE FUNCTION pg_temp.given(base text, purchase text, spend text DEFAULT 'gamma-gamma(p=6,q=4,v=15)') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('DELETE FROM %I.models', base);
	EXECUTE format('INSERT INTO %I.models (model_id, kind, model, is_current) VALUES (1, ''purchase'', %L, true), (2, ''spend'', %L, true)', base, purchase, spend);
END
$$;

-- model_deviations: slopes along its directions give the covariance back, for every family that has one
CREATE TEMP TABLE cov AS SELECT id, m::customer_value.fitted_model AS m FROM unnest(ARRAY[
	'mbg/nbd(r=0.5,alpha=6,a=0.9,b=1.6; cov=[0.02,0.01,0.03,0.001,-0.002,0.4,0.002,0.003,0.35,0.5])',
	'pareto/nbd(r=0.5,alpha=6,s=0.9,beta=11; unit=day, cov=[0.02,0.01,0.03,0.001,-0.002,0.4,0.002,0.003,0.35,0.5])',
	'mbg/cnbd-k(r=0.5,alpha=6,a=0.9,b=1.6,k=3; cov=[0.02,0.01,0.03,0.001,-0.002,0.4,0.002,0.003,0.35,0.5])',
	'gamma-gamma(p=6,q=4,v=15; cov=[0.02,0.01,0.03,0.001,-0.002,0.4])',
	'nbd(r=0.5,alpha=6; cov=[0.02,0.02,0.02])']) WITH ORDINALITY AS f (m, id);
SELECT is_empty($$SELECT p.id, p.parameter, p.standard_error, d.error FROM (SELECT id, f.* FROM cov, customer_value.model_parameters(m) AS f) AS p
	LEFT JOIN (SELECT id, l.parameter, sqrt(sum(((ln(h.estimate) - ln(l.estimate)) / 0.002) ^ 2)) AS error
			   FROM cov CROSS JOIN LATERAL customer_value.model_deviations(m) AS d CROSS JOIN LATERAL customer_value.model_parameters(d.low) AS l
				   JOIN LATERAL customer_value.model_parameters(d.high) AS h ON h.parameter = l.parameter GROUP BY 1, 2) AS d USING (id, parameter)
	WHERE abs(coalesce(p.standard_error, 0) / p.estimate - d.error) > 1e-9 OR d.error IS NULL$$,
	'directions carry the standard error of every parameter');
SELECT ok(bool_and(abs(direct.error - total.error) < 1e-7), 'and that of a prediction')
FROM cov CROSS JOIN LATERAL (SELECT standard_error / estimate AS error FROM customer_value.prediction_intervals(m, NULL, 3, 20, 30, NULL, 52, 0.1)
							 WHERE prediction = 'discounted_purchases') AS direct
	CROSS JOIN LATERAL (SELECT sqrt(sum((ln(customer_value.discounted_purchases(high, 3, 20, 30, 52, 0.1) / customer_value.discounted_purchases(low, 3, 20, 30, 52, 0.1)) / 0.002) ^ 2)) AS error
						FROM customer_value.model_deviations(m)) AS total
WHERE m::text NOT LIKE 'gamma%';
SELECT is((SELECT count(*) FROM customer_value.model_deviations('nbd(r=0.5,alpha=6)')), 0::bigint, 'a model without standard errors has no directions');
SELECT throws_ok($$SELECT * FROM customer_value.model_deviations('nbd(r=0.5,alpha=6)', 0)$$, '22023', NULL, 'a step is above 0');
SELECT throws_ok($$SELECT * FROM customer_value.model_deviations('nbd(r=0.5,alpha=6)', 'NaN')$$, '22023', NULL, 'and a number');
SELECT throws_ok($$SELECT * FROM customer_value.model_deviations('nbd(r=1e14,alpha=6; cov=[100,0,100])', 1)$$, '22003', NULL, 'and not beyond the range of models');

-- Signals, on paper. Nobody leaves; then who bought long ago is likelier to have left.
CREATE TABLE public.few AS SELECT c AS customer, date '2022-06-01' + 10 * c AS day, c * 10 AS amount, c * 10 + c % 2 AS list FROM generate_series(1, 60) AS c
	UNION ALL SELECT c, date '2023-01-01' + 10 * c, c * 10, c * 10 FROM generate_series(1, 60, 2) AS c
	UNION ALL VALUES (4, date '2023-08-01', -10, -10);
CREATE TABLE public.people AS SELECT generate_series(60, 61) AS id;
\o /dev/null
SELECT customer_value.create_customer_base('few', sales => 'public.few', customer_id => 'customer', sold_at => 'day', amount => 'amount', list_amount => 'list',
	customers => 'public.people', customer_key => 'id', as_of => '2024-12-31');
SELECT pg_temp.given('few', 'nbd(r=1,alpha=10)');
\o
SELECT results_eq('SELECT spend_class, count(*)::int, min(customer_id), bool_and(relationship_driver = 0) FROM few.equity_driver_signals WHERE tenure_years IS NOT NULL GROUP BY 1 ORDER BY 1',
	$$WITH t AS (SELECT customer, sum(amount) AS total FROM public.few GROUP BY 1),
		   r AS (SELECT customer, (SELECT count(*) FILTER (WHERE o.total < t.total) + count(*) FILTER (WHERE o.total = t.total) / 2.0 FROM t AS o) / 60 AS p FROM t)
	  SELECT ceil(5 * p)::int, count(*)::int, min(customer), true FROM r GROUP BY 1 ORDER BY 1$$, 'fifths by mid-rank; where nobody leaves nobody stands out');
SELECT results_eq('SELECT customer_id, value_driver, brand_driver_first_orders, brand_driver_repeat_orders, reason FROM few.equity_driver_signals WHERE customer_id IN (3, 4, 61) ORDER BY 1', $$VALUES
	(3, 1.0000, 0.0000, 1.0000, NULL), (4, 0.7500, 1.0000, NULL, NULL), (61, NULL, NULL, NULL, 'no purchase yet')$$, 'returns, and full price at first and later');
SELECT pg_temp.given('few', 'pareto/nbd(r=0.5,alpha=6,s=0.9,beta=11)');
CREATE FUNCTION pg_temp.relationship(base text, fewest int) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT is_empty(format($q$WITH q AS MATERIALIZED (
			SELECT customer_id, total_amount, probability_active_end AS a, least(3, tenure_days / 365) AS band FROM %1$I.customer_profile WHERE purchase_days > 0),
		p AS MATERIALIZED (
			SELECT q.*, ceil(5 * percent_rank() OVER (ORDER BY total_amount) * (count(*) OVER () - 1) / count(*) OVER ()
								  + 2.5 * count(*) OVER (PARTITION BY total_amount) / count(*) OVER () - 1e-9) AS class FROM q),
		g AS MATERIALIZED (SELECT class, band, sum(a) AS a, count(*) AS n FROM p GROUP BY 1, 2)
		SELECT s.customer_id, s.relationship_driver, s.peers, e.* FROM %1$I.equity_driver_signals AS s JOIN p USING (customer_id) JOIN g USING (class, band)
			CROSS JOIN LATERAL (SELECT (g.a - p.a) / nullif(g.n - 1, 0) AS others, g.n - 1 AS n) AS e
		WHERE s.peers <> e.n OR s.peers IS NULL OR (s.reason LIKE 'too few peers%%') <> (e.n < %2$s) OR (s.relationship_driver IS NULL) <> (e.n < %2$s)
			OR abs(s.relationship_driver - (p.a - e.others)) > 1e-6$q$, base, fewest), base || ': the relationship driver is A less the mean of the others of equal spend and tenure')
$$;
SELECT pg_temp.relationship('few', 5);
SELECT ok(count(*) FILTER (WHERE peers < 5) > 0 AND count(DISTINCT relationship_driver) > 20, 'some have too few peers, the others differ') FROM few.equity_driver_signals;

-- Customer equity on paper: nobody leaves, nothing is discounted; purchases come at 1/10 a week and bring 6 x 15 / 3 = 30 each
CREATE FUNCTION pg_temp.equity(base text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT concat_ws(''|'', customers, newcomers_last_year, newcomers_forecast, value_of_newcomer, acquisition_cost, newcomers_value, '
								'customer_equity - expected_value, reason) FROM %I.customer_equity', base);
END
$$;
CREATE TABLE public.two_years AS SELECT c AS customer, date '2023-06-01' + c AS day, 30 AS amount FROM generate_series(1, 400, 4) AS c;
\o /dev/null
SELECT customer_value.create_customer_base('arriving', sales => 'public.two_years', customer_id => 'customer', sold_at => 'day', amount => 'amount', as_of => '2024-12-31',
	horizon => '730 days', annual_discount_rate => 0, margin_rate => 0.5);
\o
SELECT is(pg_temp.equity('arriving'), '100|46|92.00|not fitted; acquisition cost not given: see parameters', 'not fitted: newcomers are counted, not valued');
SELECT pg_temp.given('arriving', 'nbd(r=1e12,alpha=1e13)');
-- 46 of the first days are after 2024-01-01; a newcomer: (1 + 104.2857 weeks / 10) x 30 x 0.5
SELECT is(pg_temp.equity('arriving'), '100|46|92.00|171.43|15771.56|15771.56|no standard errors; acquisition cost not given: see parameters', 'newcomers on paper');
UPDATE arriving.parameters SET value = 21.43 WHERE parameter = 'acquisition_cost';
SELECT is(pg_temp.equity('arriving'), '100|46|92.00|171.43|21.43|13800.00|13800.00|no standard errors', 'less what it costs to win them');
UPDATE arriving.settings SET annual_discount_rate = 0.21;
SELECT ok(abs(e.newcomers_value / (92 * (e.value_of_newcomer - 21.43)) - (SELECT avg(power(1.21, -(i - 0.5) / 10000 * 730 / 365.25)) FROM generate_series(1, 10000) AS i)) < 1e-6
	AND abs(e.value_of_newcomer - 15 * (1 + 730 / 70. * (SELECT avg(power(1.21, -(i - 0.5) / 10000 * 730 / 365.25)) FROM generate_series(1, 10000) AS i))) < 0.01,
	'they come evenly over the horizon, and are discounted from the day they come') FROM arriving.customer_equity AS e;
SELECT results_eq('SELECT newcomers_last_year, newcomers_value, customer_equity, split_part(reason, '';'', 2) FROM arriving.customer_equity_at(''2024-05-31'')',
	$$VALUES (NULL::bigint, NULL::numeric, NULL::numeric, ' newcomers unknown: the sales begin within the last 365 days')$$, 'within the first year nobody can be told to be new');
SELECT results_eq('SELECT newcomers_last_year, newcomers_forecast, newcomers_value, customer_equity = expected_value FROM arriving.customer_equity_at(''2026-12-31'')',
	$$VALUES (0::bigint, 0.00, 0.00, true)$$, 'no newcomers, no value of them');
\o /dev/null
CREATE TABLE public.nothing (LIKE public.two_years);
SELECT customer_value.create_customer_base('empty', sales => 'public.nothing', customer_id => 'customer', sold_at => 'day', amount => 'amount');
CREATE TABLE public.single AS SELECT * FROM public.two_years LIMIT 1;
SELECT customer_value.create_customer_base('single', sales => 'public.single', customer_id => 'customer', sold_at => 'day', amount => 'amount', annual_discount_rate => -0.9,
	horizon => '1000 years');
\o
SELECT is(pg_temp.equity('empty'), '0|no purchase yet; acquisition cost not given: see parameters', 'no sales: one row that says so');
SELECT is((SELECT count(*) FROM empty.equity_driver_signals), 0::bigint, 'and no signals');
SELECT pg_temp.given('single', 'pareto/nbd(r=0.5,alpha=6,s=0.9,beta=11)');
SELECT is(split_part(pg_temp.equity('single'), '; ', 1), '1|out of range', 'a rate and a horizon that lead nowhere');
SELECT results_eq('SELECT relationship_driver, peers, reason FROM single.equity_driver_signals',
	$$VALUES (NULL::numeric, 0::bigint, 'too few peers; full price unknown: bind list_amount')$$, 'one customer has no peers');
\o /dev/null
SELECT customer_value.create_customer_base('ignoring', sales => 'public.few', customer_id => 'customer', sold_at => 'day', amount => 'amount', returns => 'ignore');
\o
SELECT is((SELECT array_agg(DISTINCT concat_ws('|', value_driver, reason)) FROM ignoring.equity_driver_signals),
	'{not fitted; returns unknown: they are ignored; full price unknown: bind list_amount}', 'returns that are ignored are not 0');

-- The sample shop
\o /dev/null
\ir ../../demo/shop.sql
SET client_min_messages = warning;
\ir ../../demo/bind.sql
SELECT customer_value.fit('shop');
UPDATE shop.parameters SET value = 40 WHERE parameter = 'acquisition_cost';
\o
SELECT pg_temp.relationship('shop', 5);
SELECT is_empty($$SELECT s.customer_id FROM shop.equity_driver_signals AS s JOIN shop.customer_profile AS p USING (customer_id)
	WHERE (s.value_driver, s.brand_driver_first_orders, s.brand_driver_repeat_orders) IS DISTINCT FROM (1 - p.return_rate, p.first_day_full_price_share, p.repeat_full_price_share)$$,
	'the other drivers are those of the profile');
CREATE TEMP TABLE equity AS SELECT * FROM shop.customer_equity;
SELECT results_eq('SELECT customers, expected_value, newcomers_last_year, newcomers_forecast, acquisition_cost, reason FROM equity',
	$$SELECT count(*) FILTER (WHERE purchase_days > 0), sum(expected_value), count(*) FILTER (WHERE first_purchase_day BETWEEN '2024-01-02' AND '2024-12-31'),
		count(*) FILTER (WHERE first_purchase_day BETWEEN '2024-01-02' AND '2024-12-31')::numeric, 40.00, NULL FROM shop.customer_profile$$, 'customers, their value, and those who are new');
SELECT ok(abs(e.value_of_newcomer - v.value) < 0.01 AND abs(e.newcomers_value - e.newcomers_forecast * (e.value_of_newcomer - 40) * (1 - power(1.1, -365 / 365.25)) / (ln(1.1) * 365 / 365.25)) < 0.02
		  AND e.customer_equity = e.expected_value + e.newcomers_value, 'newcomers by the models')
FROM equity AS e, (SELECT (customer_value.expected_spend(s.model) + customer_value.lifetime_value(p.model, s.model, interval '1 year', 0.1)) * t.margin_share AS value
				   FROM shop.models AS p, shop.models AS s, shop.settings AS t WHERE p.is_current AND s.is_current AND (p.kind, s.kind) = ('purchase', 'spend')) AS v;

-- Its interval again, by the gradient of the total with respect to each log parameter and the covariance as it stands in the text of the models
CREATE TEMP TABLE slope AS
SELECT p.kind, p.place, sum(CASE p.kind WHEN 'purchase' THEN customer_value.lifetime_value(n.up, o.spend, h.history, '2024-12-31', '1 year', 0.1) - customer_value.lifetime_value(n.down, o.spend, h.history, '2024-12-31', '1 year', 0.1)
	ELSE customer_value.lifetime_value(o.purchase, n.up, h.history, '2024-12-31', '1 year', 0.1) - customer_value.lifetime_value(o.purchase, n.down, h.history, '2024-12-31', '1 year', 0.1) END)
	/ sum(customer_value.lifetime_value(o.purchase, o.spend, h.history, '2024-12-31', '1 year', 0.1)) / 0.02 AS slope
FROM (SELECT m.kind, m.model, f.parameter, f.estimate, f.place FROM shop.models AS m CROSS JOIN LATERAL customer_value.model_parameters(m.model)
		  WITH ORDINALITY AS f (parameter, estimate, standard_error, low, high, place) WHERE m.is_current AND f.parameter <> 'k') AS p
	CROSS JOIN LATERAL (SELECT regexp_replace(p.model::text, '([(,]' || p.parameter || '=)[^,;]*', '\1' || p.estimate * exp(0.01))::customer_value.fitted_model AS up,
							   regexp_replace(p.model::text, '([(,]' || p.parameter || '=)[^,;]*', '\1' || p.estimate * exp(-0.01))::customer_value.fitted_model AS down) AS n
	CROSS JOIN (SELECT p.model AS purchase, s.model AS spend FROM shop.models AS p, shop.models AS s WHERE p.is_current AND s.is_current AND (p.kind, s.kind) = ('purchase', 'spend')) AS o
	CROSS JOIN shop.history AS h
GROUP BY p.kind, p.place;
CREATE TEMP TABLE sigma AS SELECT sqrt(sum(a.slope * c.value * b.slope)) AS sigma
FROM (SELECT m.kind, r, s, v.value::float8 FROM shop.models AS m CROSS JOIN LATERAL (SELECT string_to_array(substring(m.model::text FROM 'cov=\[([^]]*)'), ',') AS lower) AS l
		  CROSS JOIN generate_series(1, 9) AS r CROSS JOIN generate_series(1, 9) AS s
		  CROSS JOIN LATERAL (SELECT l.lower[greatest(r, s) * (greatest(r, s) - 1) / 2 + least(r, s)] AS value) AS v WHERE m.is_current AND v.value IS NOT NULL) AS c
	JOIN slope AS a ON (a.kind, a.place) = (c.kind, c.r) JOIN slope AS b ON (b.kind, b.place) = (c.kind, c.s);
SELECT ok(abs(ln(expected_value_high / expected_value) / (1.959964 * sigma) - 1) < 0.002 AND abs(ln(expected_value / expected_value_low) / (1.959964 * sigma) - 1) < 0.002,
	'the interval is the delta method''s on the total') FROM equity, sigma;
SELECT ok(l < expected_value_low AND expected_value_low < expected_value AND expected_value < expected_value_high AND expected_value_high < h, 'within the sum of the customers'' own')
FROM equity, (SELECT sum(expected_value_low) AS l, sum(expected_value_high) AS h FROM shop.customer_lifetime_value_interval) AS i;

-- Who does not read the interval does not pay for it
CREATE FUNCTION pg_temp.deviations(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	line text;
	n bigint := 0;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		n := n + (line ~ 'model_deviations')::int;
	END LOOP;
	RETURN n;
END
$$;
SELECT results_eq($$SELECT pg_temp.deviations('SELECT expected_value, customer_equity FROM shop.customer_equity'), pg_temp.deviations('SELECT expected_value_low FROM shop.customer_equity')$$,
	'VALUES (0::bigint, 1::bigint)', 'the interval is left out where it is not read');

SELECT * FROM finish();
