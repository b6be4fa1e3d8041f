-- base_views_equity.sql - customer equity: what drives it in a customer (equity_driver_signals), and what all customers
-- and those to come are worth (customer_equity).

-- How far the sum of the customers' expected values may be off because the models are estimates: the standard deviation of its
-- logarithm, by the delta method on the sum itself. All customers are predicted by the same parameters, so their errors go
-- together: the sum is computed anew with each model of model_deviations. NULL where a model has no standard errors.
CREATE FUNCTION customer_value._expected_value_deviation_query(schema_name text, as_of text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT CASE WHEN count(DISTINCT d.kind) = 2 THEN
			sqrt(sum((CASE WHEN least(d.low, d.high) > 0 THEN (ln(d.high) - ln(d.low)) / 0.002 ELSE 0 END) ^ 2)) END AS deviation
FROM (SELECT m.kind, m.direction,
			 sum(round((CASE m.kind
				 WHEN 'purchase' THEN customer_value.discounted_purchases(m.low, h.history, h.as_of, h.horizon, h.annual_discount_rate)
									  * h.expected_spend
				 ELSE h.discounted_purchases * customer_value.expected_spend(m.low, h.history, h.as_of) END)::numeric, 12)) AS low,
			 sum(round((CASE m.kind
				 WHEN 'purchase' THEN customer_value.discounted_purchases(m.high, h.history, h.as_of, h.horizon, h.annual_discount_rate)
									  * h.expected_spend
				 ELSE h.discounted_purchases * customer_value.expected_spend(m.high, h.history, h.as_of) END)::numeric, 12)) AS high
	  FROM (SELECT v.history, s.as_of, s.horizon, s.annual_discount_rate, p.discounted_purchases, p.expected_spend
			FROM %1$I.history AS v
				CROSS JOIN (SELECT %2$s AS as_of, r.horizon, r.annual_discount_rate FROM %1$I.settings AS r LIMIT 1) AS s
				CROSS JOIN (SELECT (SELECT m.model FROM %1$I.models AS m WHERE m.kind = 'purchase' AND m.is_current LIMIT 1) AS purchase,
								   (SELECT m.model FROM %1$I.models AS m WHERE m.kind = 'spend' AND m.is_current LIMIT 1) AS spend) AS c
				CROSS JOIN LATERAL customer_value.predict(c.purchase, c.spend, v.history, s.as_of, s.horizon,
														  s.annual_discount_rate) AS p
			WHERE p.expected_value IS NOT NULL OFFSET 0) AS h	-- predicted once, not once a model
		  CROSS JOIN (SELECT m.kind, d.direction, d.low, d.high
					  FROM %1$I.models AS m CROSS JOIN LATERAL customer_value.model_deviations(m.model, 0.001) AS d
					  WHERE m.is_current) AS m
	  GROUP BY m.kind, m.direction) AS d
$q$, schema_name, as_of)
$$;
COMMENT ON FUNCTION customer_value._expected_value_deviation_query(text, text) IS
	'Internal: query of the standard deviation of the logarithm of the total expected value, one row, with the as-of day as given';

-- One row. The interval stands in a join of its own, which is left out where nobody reads it.
CREATE FUNCTION customer_value._customer_equity_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT s.as_of,
	   s.horizon,
	   a.customers,
	   e.expected_value,
	   i.expected_value_low,
	   i.expected_value_high,
	   n.newcomers_last_year,
	   n.newcomers_forecast,
	   n.value_of_newcomer,
	   n.acquisition_cost,
	   v.newcomers_value,
	   e.expected_value + v.newcomers_value AS customer_equity,
	   s.value_basis,
	   s.currency,
	   nullif(concat_ws('; ',
		   CASE WHEN a.customers = 0 THEN 'no purchase yet'
				WHEN a.expected_known = 0 AND a.reasons = 1 THEN a.reason
				WHEN a.expected_known < a.customers THEN
					'expected value unknown for ' || a.customers - a.expected_known || ' of ' || a.customers || ' customers' END,
		   CASE WHEN e.expected_value IS NOT NULL AND i.expected_value_low IS NULL THEN 'no standard errors' END,
		   CASE WHEN a.customers > 0 AND n.newcomers_last_year IS NULL THEN
				'newcomers unknown: the sales begin within the last 365 days' END,
		   CASE WHEN a.expected_known > 0 AND n.value_of_newcomer IS NULL THEN 'value of a newcomer unknown' END,
		   CASE WHEN n.acquisition_cost IS NULL THEN 'acquisition cost not given: see parameters' END),
		   '') AS reason
FROM (SELECT d.*, (d.as_of + d.horizon)::date - d.as_of AS days, ln(1 + d.annual_discount_rate) AS delta
	  FROM (SELECT %2$s AS as_of, r.horizon, r.annual_discount_rate, r.minor_units, r.margin_share, r.value_basis, r.currency
			FROM %1$I.settings AS r LIMIT 1) AS d) AS s
	CROSS JOIN (
		SELECT count(*) FILTER (WHERE p.purchase_days > 0) AS customers,
			   sum(p.expected_value) AS expected_value,
			   count(p.expected_value) AS expected_known,
			   count(*) FILTER (WHERE p.first_purchase_day > p.as_of - 365) AS newcomers,
			   coalesce(bool_or(p.first_purchase_day <= p.as_of - 365), false) AS newcomers_known,
			   count(DISTINCT p.reason) FILTER (WHERE p.purchase_days > 0) AS reasons,
			   min(p.reason) FILTER (WHERE p.purchase_days > 0) AS reason
		FROM %3$s AS p) AS a
	CROSS JOIN LATERAL (SELECT CASE WHEN a.expected_known = a.customers THEN a.expected_value END AS expected_value) AS e
	LEFT JOIN (SELECT m.model FROM %1$I.models AS m
			   WHERE m.kind = 'purchase' AND m.is_current LIMIT 1) AS pm ON true
	LEFT JOIN (SELECT m.model FROM %1$I.models AS m
			   WHERE m.kind = 'spend' AND m.is_current LIMIT 1) AS sm ON true
	CROSS JOIN LATERAL customer_value.predict(pm.model, sm.model, s.horizon, s.annual_discount_rate) AS f
	CROSS JOIN LATERAL (SELECT
		CASE WHEN a.newcomers_known THEN a.newcomers END AS newcomers_last_year,
		CASE WHEN a.newcomers_known THEN round(a.newcomers * s.days / 365.0, 2) END AS newcomers_forecast,
		round(((f.expected_spend + f.expected_value) * s.margin_share)::numeric, s.minor_units) AS value_of_newcomer,
		round(%4$s::numeric, s.minor_units) AS acquisition_cost) AS n
	CROSS JOIN LATERAL (SELECT CASE WHEN n.newcomers_forecast = 0 THEN round(0::numeric, s.minor_units)
									ELSE round(n.newcomers_forecast * (n.value_of_newcomer - coalesce(n.acquisition_cost, 0))
											   * d.discount::numeric, s.minor_units) END AS newcomers_value
						FROM (SELECT least(greatest(s.delta * s.days / 365.25, -500), 500) AS z) AS z
							CROSS JOIN LATERAL (SELECT CASE WHEN abs(z.z) < 1e-6 THEN 1 - z.z / 2
															ELSE (1 - exp(-z.z)) / z.z END AS discount) AS d) AS v
	LEFT JOIN (%5$s) AS u ON true
	-- 95%%; a sum that may be off by a factor of exp(50) is not known
	CROSS JOIN LATERAL (SELECT CASE WHEN u.deviation < 25 THEN exp(1.959963984540054 * u.deviation) END AS factor) AS b
	CROSS JOIN LATERAL (SELECT
		round(least(e.expected_value / b.factor, e.expected_value * b.factor)::numeric, s.minor_units) AS expected_value_low,
		round(greatest(e.expected_value / b.factor, e.expected_value * b.factor)::numeric, s.minor_units) AS expected_value_high) AS i
$q$, schema_name, as_of, profile, customer_value._parameter(schema_name, 'acquisition_cost'),
		customer_value._expected_value_deviation_query(schema_name, as_of))
$$;
COMMENT ON FUNCTION customer_value._customer_equity_query(text, text, text) IS
	'Internal: query of customer_equity with the as-of day and the profile as given';

CREATE FUNCTION customer_value._equity_driver_signals_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	-- Classes of spend by mid-rank, from counts of whole tie groups: place - 1 customers below, reached of them below or equal.
	SELECT format($q$
SELECT d.customer_id,
	   d.customer_name,
	   d.as_of,
	   CASE WHEN d.returns_counted THEN 1 - d.return_rate END AS value_driver,
	   d.first_day_full_price_share AS brand_driver_first_orders,
	   d.repeat_full_price_share AS brand_driver_repeat_orders,
	   CASE WHEN d.peers >= d.least_peers THEN
			round(d.active - (d.active_of_all - d.active) / nullif(d.peers, 0), 6) END AS relationship_driver,
	   d.peers,
	   d.spend_class,
	   d.tenure_band AS tenure_years,
	   nullif(concat_ws('; ',
		   CASE WHEN d.purchase_days = 0 THEN 'no purchase yet'
				WHEN d.active IS NULL THEN coalesce(d.reason, 'not fitted')
				WHEN d.peers < d.least_peers THEN 'too few peers' END,
		   CASE WHEN NOT d.returns_counted THEN 'returns unknown: they are ignored' END,
		   CASE WHEN NOT d.has_list_amount THEN 'full price unknown: bind list_amount'
				WHEN d.purchase_days > 0 AND d.first_day_full_price_share IS NULL THEN
					CASE WHEN d.total_list_amount IS NULL THEN 'list amount missing' ELSE 'nothing paid on the first purchase day' END END),
		   '') AS reason
FROM (SELECT c.*,
			 sum(c.active) OVER peers AS active_of_all,
			 CASE WHEN c.active IS NOT NULL THEN count(c.active) OVER peers - 1 END AS peers
	  FROM (SELECT r.*,
				   CASE WHEN r.active IS NOT NULL
						THEN ((5 * (r.place - 1 + r.reached) + 2 * r.n - 1) / (2 * r.n))::integer END AS spend_class
			FROM (SELECT p.customer_id, p.customer_name, p.as_of, p.purchase_days, p.return_rate, p.total_list_amount,
						 p.first_day_full_price_share, p.repeat_full_price_share, p.reason,
						 s.returns_counted, s.has_list_amount, s.least_peers, a.active,
						 CASE WHEN a.active IS NOT NULL THEN least(p.tenure_year, s.tenure_years)::integer END AS tenure_band,
						 count(a.active) OVER () AS n,
						 rank() OVER spend AS place,
						 count(*) OVER spend AS reached
				  FROM %3$s AS p
					  CROSS JOIN (SELECT r.returns = 'net' AS returns_counted, r.list_amount_column IS NOT NULL AS has_list_amount,
										 %4$s AS tenure_years, greatest(%5$s, 1) AS least_peers
								  FROM %1$I.settings AS r LIMIT 1) AS s
					  CROSS JOIN LATERAL (SELECT round(p.probability_active_end::numeric, 12) AS active) AS a
				  WINDOW spend AS (ORDER BY CASE WHEN a.active IS NOT NULL THEN p.total_amount END)) AS r) AS c
	  WINDOW peers AS (PARTITION BY c.spend_class, c.tenure_band)) AS d
$q$, schema_name, as_of, profile,
		customer_value._parameter(schema_name, 'peer_tenure_years'), customer_value._parameter(schema_name, 'least_peers'))
$$;
COMMENT ON FUNCTION customer_value._equity_driver_signals_query(text, text, text) IS
	'Internal: query of equity_driver_signals with the profile as given';

CREATE FUNCTION customer_value._create_equity_views(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	profile text := format('%I.customer_profile', schema_name);
	profile_at text := format('%I.customer_profile_at($1)', schema_name);
	as_of_argument constant text := 'coalesce($1, r.as_of)';
BEGIN
	PERFORM customer_value._create_view(schema_name, 'equity_driver_signals',
		customer_value._equity_driver_signals_query(schema_name, 'r.as_of', profile),
		'One row a customer: signs of what keeps it, after the three drivers of customer equity - value, brand and relationship. '
		'Signals to compare customers by, each on its own scale: they are not parts of a sum, and not money',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends',
		'value_driver: 1 - return_rate: the share of what was sold that stayed; below 0 where more came back than was sold in the data. Needs returns => net',
		'brand_driver_first_orders: Share of the amount of the first purchase day that was bought at full price. Needs the list amount column',
		'brand_driver_repeat_orders: Share of the amount of the later purchase days that was bought at full price. Needs the list amount column; NULL without a repeat purchase',
		'relationship_driver: probability_active_end less the mean of it over the peers: above 0 the customer is likelier to stay than others of its spend and tenure',
		'peers: Other customers of the same spend_class and tenure_years; fewer than parameter least_peers: no relationship_driver',
		'spend_class: Fifth of the customers by total_amount, 5 the highest; equal amounts share a class',
		'tenure_years: Whole years since the first purchase, at most parameter peer_tenure_years',
		'reason: Why columns are NULL; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'equity_driver_signals',
		customer_value._equity_driver_signals_query(schema_name, as_of_argument, profile_at));

	PERFORM customer_value._create_view(schema_name, 'customer_equity',
		customer_value._customer_equity_query(schema_name, 'r.as_of', profile),
		'The base in one row: what its customers are expected to bring, and those who are still to come. Newcomers are a forecast '
		'by assumption: as many a year as in the last one, each worth what the models expect of somebody new',
		ARRAY[
		'as_of: Day on which the observation ends and the horizon begins',
		'horizon: How far ahead the expected columns look',
		'customers: Customers with a purchase day up to as_of',
		'expected_value: Sum of the customers'' expected value within the horizon, in the value basis; NULL if one customer''s is unknown',
		'expected_value_low: Lower end of the 95% interval of expected_value, by the delta method on the sum: that the models are estimates moves all customers together. '
			'The margin share is taken as known, the chance of what customers do is not in it',
		'expected_value_high: Upper end of the 95% interval of expected_value',
		'newcomers_last_year: Customers whose first purchase day is within the 365 days to as_of; NULL where the sales begin within them, as nobody can be told to be new',
		'newcomers_forecast: Customers to come within the horizon: newcomers_last_year / 365 x its days. An assumption of customer_value, not an estimate',
		'value_of_newcomer: What a new customer is worth on the day of the first purchase: that purchase, plus the expected value over the horizon from then, both by the models x margin share',
		'acquisition_cost: Cost of winning a customer: parameter acquisition_cost. NULL: not given, nothing is subtracted',
		'newcomers_value: newcomers_forecast x (value_of_newcomer - acquisition_cost), discounted to as_of: they come evenly over the horizon. '
			'Each is counted over a horizon of its own, so it reaches to two horizons from as_of',
		'customer_equity: expected_value + newcomers_value',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'customer_equity',
		customer_value._customer_equity_query(schema_name, as_of_argument, profile_at));
END
$$;
COMMENT ON FUNCTION customer_value._create_equity_views(text) IS
	'Internal: makes equity_driver_signals and customer_equity in the schema of a base, and their _at functions';
