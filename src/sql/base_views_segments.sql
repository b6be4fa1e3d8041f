-- base_views_segments.sql - the customers by segment, and how unevenly value is spread over them: rfm_segment, value_quadrant,
-- segment_summary, concentration, lorenz_curve.

-- Class 1 to 5 of a measure among the customers with a purchase: fifths of the mid-rank percentile, so that equal values share one.
CREATE FUNCTION customer_value._quintile_expression(measure text, worse boolean) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('ceil(5 * customer_value.midrank_percentile(%1$s, %2$L) OVER (ORDER BY %1$s))::integer',
				  format('(CASE WHEN p.purchase_days > 0 THEN p.%I END)::double precision', measure), worse)
$$;
COMMENT ON FUNCTION customer_value._quintile_expression(text, boolean) IS
	'Internal: the SQL expression of the class of a column of the profile p';

CREATE FUNCTION customer_value._rfm_segment_query(schema_name text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT s.customer_id,
	   s.customer_name,
	   s.as_of,
	   s.days_since_last_purchase,
	   s.purchase_days_last_year,
	   s.amount_last_year,
	   s.r_class,
	   s.f_class,
	   s.m_class,
	   s.r_class || '' || s.f_class || s.m_class AS rfm_code,
	   coalesce(s.rule_segment, 'unassigned') AS segment,
	   CASE WHEN s.purchase_days = 0 THEN 'no purchase yet'
			WHEN s.rule_segment IS NULL THEN 'no rule of segment_rules holds: add one' END AS reason
FROM (SELECT s.*, %2$s AS rule_segment
	  FROM (SELECT p.customer_id, p.customer_name, p.as_of, p.purchase_days, p.tenure_days, p.days_since_last_purchase,
				   p.purchase_days_last_year, p.amount_last_year, %3$s AS r_class, %4$s AS f_class, %5$s AS m_class
			FROM %1$s AS p) AS s) AS s
$q$, profile, customer_value._segment_expression(schema_name, 'rfm_segment', 's'),
		customer_value._quintile_expression('days_since_last_purchase', true),
		customer_value._quintile_expression('purchase_days_last_year', false),
		customer_value._quintile_expression('amount_last_year', false))
$$;
COMMENT ON FUNCTION customer_value._rfm_segment_query(text, text) IS 'Internal: query of rfm_segment on the profile as given';

CREATE FUNCTION customer_value._value_quadrant_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT s.customer_id,
	   s.customer_name,
	   s.as_of,
	   s.expected_value,
	   s.headroom,
	   s.cut_expected_value,
	   s.cut_headroom,
	   coalesce(s.rule_segment, 'unassigned') AS segment,
	   s.basis,
	   s.value_basis,
	   s.currency,
	   CASE WHEN s.purchase_days = 0 THEN 'no purchase yet'
			WHEN s.expected_value IS NULL THEN coalesce(s.profile_reason, s.reason)
			WHEN s.headroom IS NULL THEN s.reason
			WHEN s.rule_segment IS NULL THEN 'no rule of segment_rules holds: add one' END AS reason
FROM (SELECT s.*, %2$s AS rule_segment
	  FROM (SELECT c.*, (c.expected_value > c.cut_expected_value)::integer AS expected_value_is_high,
				   (c.headroom > c.cut_headroom)::integer AS headroom_is_high
			FROM (SELECT h.*,
						 coalesce(m.expected_value_cut, round(avg(h.expected_value) OVER (), m.minor_units)) AS cut_expected_value,
						 coalesce(m.headroom_cut, round(avg(h.headroom) OVER (), m.minor_units)) AS cut_headroom
				  FROM (%3$s) AS h
					  CROSS JOIN (SELECT r.minor_units, %4$s::numeric AS expected_value_cut, %5$s::numeric AS headroom_cut
								  FROM %1$I.settings AS r LIMIT 1) AS m) AS c) AS s) AS s
$q$, schema_name, customer_value._segment_expression(schema_name, 'value_quadrant', 's'),
		customer_value._headroom_query(schema_name, as_of, profile),
		customer_value._parameter(schema_name, 'quadrant_expected_value_cut'),
		customer_value._parameter(schema_name, 'quadrant_headroom_cut'))
$$;
COMMENT ON FUNCTION customer_value._value_quadrant_query(text, text, text) IS
	'Internal: query of value_quadrant with the as-of day and the profile as given';

-- Everything stands on one reading of the profile.
CREATE FUNCTION customer_value._segment_summary_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
WITH once AS MATERIALIZED (
	SELECT q.customer_id, q.customer_name, q.region, q.as_of, q.purchase_days, q.tenure_days, q.days_since_last_purchase,
		   q.average_days_between_purchases, q.purchase_days_last_year, q.amount_last_year, q.probability_alive,
		   q.probability_active_end, q.expected_purchases, q.expected_spend, q.realised_value, q.expected_value,
		   q.total_lifetime_value, q.value_at_risk, q.life_stage, q.main_channel, q.first_category, q.tenure_year,
		   q.value_basis, q.currency, q.reason
	FROM %3$s AS q)
SELECT g.segmentation,
	   g.segment,
	   g.as_of,
	   g.people AS customers,
	   round(g.people / sum(g.people) OVER w, 6) AS customer_share,
	   g.realised_value,
	   g.expected_value,
	   g.value_at_risk,
	   CASE WHEN count(*) FILTER (WHERE g.expected_known < g.buyers) OVER w = 0 AND sum(g.expected_value) OVER w > 0
			THEN round(coalesce(g.expected_value, 0) / sum(g.expected_value) OVER w, 6) END AS expected_value_share,
	   round(g.realised_value / nullif(g.buyers, 0), s.minor_units) AS average_realised_value,
	   round(g.expected_value / nullif(g.buyers, 0), s.minor_units) AS average_expected_value,
	   round(g.purchase_days / nullif(g.buyers, 0), 2) AS average_purchase_days,
	   g.average_probability_alive,
	   s.value_basis,
	   s.currency,
	   nullif(concat_ws('; ', g.unassigned_reason,
			CASE WHEN g.segment <> 'unassigned' AND g.expected_known < g.buyers THEN g.expected_reason END,
			CASE WHEN g.realised_value IS NULL THEN 'cost missing' END), '') AS reason
FROM (SELECT x.segmentation, x.segment, x.as_of, count(*) AS people,
			 count(*) FILTER (WHERE x.purchase_days > 0) AS buyers,
			 count(x.expected_value) FILTER (WHERE x.purchase_days > 0) AS expected_known,
			 sum(x.purchase_days)::numeric AS purchase_days,
			 CASE WHEN count(x.realised_value) = count(*) THEN sum(x.realised_value) END AS realised_value,
			 CASE WHEN count(x.expected_value) FILTER (WHERE x.purchase_days > 0) = count(*) FILTER (WHERE x.purchase_days > 0)
				  THEN sum(x.expected_value) END AS expected_value,
			 CASE WHEN count(x.value_at_risk) FILTER (WHERE x.purchase_days > 0) = count(*) FILTER (WHERE x.purchase_days > 0)
				  THEN sum(x.value_at_risk) END AS value_at_risk,
			 round(avg(round(x.probability_alive::numeric, 9)), 4) AS average_probability_alive,
			 CASE WHEN x.segment <> 'unassigned' THEN NULL
				  WHEN min(x.unassigned_reason) = max(x.unassigned_reason) THEN min(x.unassigned_reason)
				  ELSE min(x.unassigned_reason) || ', and others' END AS unassigned_reason,
			 CASE WHEN min(x.reason) = max(x.reason) THEN min(x.reason) ELSE min(x.reason) || ', and others' END AS expected_reason
	  FROM (SELECT v.segmentation, coalesce(v.segment, 'unassigned') AS segment, v.unassigned_reason, p.as_of, p.purchase_days,
				   p.realised_value, p.expected_value, p.value_at_risk, p.probability_alive,
				   CASE WHEN p.purchase_days > 0 AND p.expected_value IS NULL THEN p.reason END AS reason
			FROM once AS p
				-- grouped, though they have one row a customer: else the planner takes the rows of a join for many more than they are
				JOIN (SELECT r.customer_id, min(r.segment) AS segment, min(r.reason) AS reason FROM (%4$s) AS r GROUP BY 1) AS f
					ON f.customer_id = p.customer_id
				JOIN (SELECT r.customer_id, min(r.segment) AS segment, min(r.reason) AS reason FROM (%5$s) AS r GROUP BY 1) AS q
					ON q.customer_id = p.customer_id
				JOIN (SELECT r.customer_id, min(r.tier) AS tier FROM (%6$s) AS r GROUP BY 1) AS t ON t.customer_id = p.customer_id
				CROSS JOIN (SELECT r.channel_column IS NOT NULL AS has_channel, r.customer_region_column IS NOT NULL AS has_region
							FROM %1$I.settings AS r LIMIT 1) AS bound
				CROSS JOIN LATERAL (VALUES
					('life_stage', p.life_stage, 'no rule of segment_rules holds: add one'),
					('rfm_segment', f.segment, f.reason),
					('value_quadrant', q.segment, q.reason),
					('tier', t.tier, coalesce(CASE WHEN p.purchase_days = 0 THEN 'no purchase yet' END, p.reason)),
					('channel', p.main_channel, CASE WHEN NOT bound.has_channel THEN 'bind channel'
													 WHEN p.purchase_days = 0 THEN 'no purchase yet' ELSE 'channel not known' END),
					('region', p.region, CASE WHEN NOT bound.has_region THEN 'bind customer_region' ELSE 'region not known' END))
					AS v (segmentation, segment, unassigned_reason)) AS x
	  GROUP BY x.segmentation, x.segment, x.as_of) AS g
	CROSS JOIN (SELECT r.minor_units, r.value_basis, r.currency FROM %1$I.settings AS r LIMIT 1) AS s
WINDOW w AS (PARTITION BY g.segmentation)
$q$, schema_name, as_of, profile,
		customer_value._rfm_segment_query(schema_name, 'once'),
		customer_value._value_quadrant_query(schema_name, as_of, 'once'),
		customer_value._customer_ranking_query(schema_name, as_of, 'once'))
$$;
COMMENT ON FUNCTION customer_value._segment_summary_query(text, text, text) IS
	'Internal: query of segment_summary with the as-of day and the profile as given';

CREATE FUNCTION customer_value._concentration_measures(OUT place integer, OUT measure text, OUT unknown text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.place, m.measure, m.unknown
	FROM (VALUES
		(1, 'realised_value', 'not_realised'),
		(2, 'expected_value', 'not_expected'),
		(3, 'total_lifetime_value', 'not_expected'),
		(4, 'amount_last_year', 'not_expected')) AS m (place, measure, unknown);
END;
COMMENT ON FUNCTION customer_value._concentration_measures() IS
	'Internal: the columns of the profile that concentration and lorenz_curve look at';

-- Customers are those with a purchase. The aggregates are exact, and read numbers: no order shows in them.
CREATE FUNCTION customer_value._concentration_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT v.measure,
	   s.as_of,
	   v.customers,
	   v.total,
	   round(v.top_1::numeric, 6) AS top_1_share,
	   round(v.top_5::numeric, 6) AS top_5_share,
	   round(v.top_20::numeric, 6) AS top_20_share,
	   round(v.gini::numeric, 6) AS gini,
	   s.value_basis,
	   s.currency,
	   nullif(concat_ws('; ',
			CASE WHEN a.people = 0 THEN 'no purchase yet'
				 WHEN v.customers = 0 THEN v.unknown
				 WHEN v.customers < a.people THEN v.measure || ' unknown for ' || a.people - v.customers || ' of ' || a.people || ' customers' END,
			CASE WHEN v.total <= 0 THEN 'no shares of a total that is not above 0' END), '') AS reason
FROM (SELECT %2$s AS as_of, r.value_basis, r.currency FROM %1$I.settings AS r LIMIT 1) AS s
	CROSS JOIN (SELECT count(*) AS people,
					   coalesce(min(p.reason) FILTER (WHERE p.expected_value IS NULL), 'not known') AS not_expected,
					   coalesce(min(p.reason) FILTER (WHERE p.realised_value IS NULL), 'not known') AS not_realised,
					   %4$s
				FROM %3$s AS p WHERE p.purchase_days > 0) AS a
	CROSS JOIN LATERAL (VALUES %5$s) AS v (measure, unknown, customers, total, top_1, top_5, top_20, gini)
$q$, schema_name, as_of, profile,
		string_agg(format('count(p.%1$I) AS %2$I, sum(p.%1$I) AS %3$I, customer_value.concentration(p.%1$I::double precision, 0.01) AS %4$I, '
						  'customer_value.concentration(p.%1$I::double precision, 0.05) AS %5$I, '
						  'customer_value.concentration(p.%1$I::double precision, 0.2) AS %6$I, '
						  'customer_value.gini(p.%1$I::double precision) AS %7$I',
						  m.measure, 'n_' || m.measure, 'total_' || m.measure, 'top_1_' || m.measure, 'top_5_' || m.measure,
						  'top_20_' || m.measure, 'gini_' || m.measure), ', ' ORDER BY m.place),
		string_agg(format('(%L, a.%I, a.%I, a.%I, a.%I, a.%I, a.%I, a.%I)', m.measure, m.unknown, 'n_' || m.measure, 'total_' || m.measure,
						  'top_1_' || m.measure, 'top_5_' || m.measure, 'top_20_' || m.measure, 'gini_' || m.measure), ', ' ORDER BY m.place))
	FROM customer_value._concentration_measures() AS m
$$;
COMMENT ON FUNCTION customer_value._concentration_query(text, text, text) IS
	'Internal: query of concentration with the as-of day and the profile as given';

CREATE FUNCTION customer_value._lorenz_curve_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT v.measure,
	   s.as_of,
	   l.point::integer - 1 AS point,
	   round(l.customers::numeric, 2) AS customers_share,
	   round(l.value::numeric, 6) AS value_share
FROM (SELECT %2$s AS as_of FROM %1$I.settings AS r LIMIT 1) AS s
	CROSS JOIN (SELECT %4$s FROM %3$s AS p WHERE p.purchase_days > 0) AS a
	CROSS JOIN LATERAL (VALUES %5$s) AS v (measure, curve)
	CROSS JOIN LATERAL unnest(v.curve) WITH ORDINALITY AS l (customers, value, point)
$q$, schema_name, as_of, profile,
		string_agg(format('customer_value.lorenz(p.%1$I::double precision) AS %1$I', m.measure), ', ' ORDER BY m.place),
		string_agg(format('(%1$L, a.%1$I)', m.measure), ', ' ORDER BY m.place))
	FROM customer_value._concentration_measures() AS m
$$;
COMMENT ON FUNCTION customer_value._lorenz_curve_query(text, text, text) IS
	'Internal: query of lorenz_curve with the as-of day and the profile as given';

CREATE FUNCTION customer_value._create_segment_views(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	profile text := format('%I.customer_profile', schema_name);
	profile_at text := format('%I.customer_profile_at($1)', schema_name);
	as_of_argument constant text := 'coalesce($1, r.as_of)';
BEGIN
	PERFORM customer_value._create_view(schema_name, 'rfm_segment',
		customer_value._rfm_segment_query(schema_name, profile),
		'One row a customer: how lately, how often and for how much the customer bought in the 365 days to as_of, in classes from 1 to 5 (best), and the '
		'segment by the rules rfm_segment of segment_rules. A class is ceil(5 x mid-rank percentile) among the customers with a purchase: equal values share '
		'one, whatever their number, so a class may be larger than a fifth, and some may be empty',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends',
		'days_since_last_purchase: Days from the last purchase day to as_of',
		'purchase_days_last_year: Number of days with a purchase in the 365 days to as_of',
		'amount_last_year: Amount paid in the 365 days to as_of, net of returns',
		'r_class: Class of days_since_last_purchase, 5 for the fewest; NULL without a purchase',
		'f_class: Class of purchase_days_last_year, 5 for the most; NULL without a purchase',
		'm_class: Class of amount_last_year, 5 for the most; NULL without a purchase',
		'rfm_code: The three classes as one word: 555 is the best',
		'segment: By the first rule of segment_rules that holds: champions, loyal, potential_loyalist, new_customers, promising, need_attention, about_to_sleep, '
			'at_risk, cannot_lose_them, hibernating, lost; prospect without a purchase; unassigned where no rule holds. Relative to this base: it says '
			'nothing about customers elsewhere',
		'reason: Why columns are NULL, or the segment is unassigned; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'rfm_segment',
		customer_value._rfm_segment_query(schema_name, profile_at));

	PERFORM customer_value._create_view(schema_name, 'value_quadrant',
		customer_value._value_quadrant_query(schema_name, 'r.as_of', profile),
		'One row a customer: expected value if today''s pattern continues against headroom, each high or low by a declared cut: parameters '
		'quadrant_expected_value_cut and quadrant_headroom_cut, or the mean of the base where they are NULL. Platinum is high in both, gold in expected value, '
		'iron in headroom, lead in none, by the rules value_quadrant of segment_rules. The quadrants are not forced to be of equal size',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends and the horizon begins',
		'expected_value: Expected value within the horizon in the value basis, rounded to the currency',
		'headroom: What the customer would bring on top if it came up to its peers: headroom of customer_headroom. A scenario, not an expectation',
		'cut_expected_value: expected_value above this is high: parameter quadrant_expected_value_cut, or where that is NULL the mean over the customers with an expected value',
		'cut_headroom: headroom above this is high: parameter quadrant_headroom_cut, or where that is NULL the mean over the customers with a headroom',
		'segment: By the first rule of segment_rules that holds: platinum, gold, iron, lead; prospect without a purchase; unassigned where no rule holds',
		'basis: What headroom rests on: categories, or spend per active year',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL, or the segment is unassigned; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'value_quadrant',
		customer_value._value_quadrant_query(schema_name, as_of_argument, profile_at));

	PERFORM customer_value._create_view(schema_name, 'segment_summary',
		customer_value._segment_summary_query(schema_name, 'r.as_of', profile),
		'One row a segment of each segmentation: how many customers, what they brought and what is expected of them. Everybody of customer_profile is in one '
		'segment of each segmentation, so the customers of one add up to all, and shares to 1 but for rounding',
		ARRAY[
		'segmentation: life_stage, rfm_segment, value_quadrant, tier (of customer_ranking), channel (main_channel of customer_profile) or region',
		'segment: The segment; unassigned: no rule holds, or not known',
		'as_of: Day on which the observation ends',
		'customers: People in it, prospects included',
		'customer_share: Part of all people of the base, from 0 to 1',
		'realised_value: Value up to as_of in the value basis; NULL if one lacks it',
		'expected_value: Expected value within the horizon in the value basis; NULL if that of a customer with a purchase is not known',
		'value_at_risk: Sum of value_at_risk of customer_profile: churn risk x value of the 365 days to as_of; NULL if that of a customer with a purchase is not known',
		'expected_value_share: Part of the expected value of all, from 0 to 1; NULL where one is not known or the total is not above 0',
		'average_realised_value: realised_value / number of customers with a purchase, rounded to the currency',
		'average_expected_value: expected_value / number of customers with a purchase, rounded to the currency',
		'average_purchase_days: Mean number of purchase days of the customers with a purchase',
		'average_probability_alive: Mean probability (0 to 1) that a customer is still one on as_of',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL, or why people are unassigned; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'segment_summary',
		customer_value._segment_summary_query(schema_name, as_of_argument, profile_at));

	PERFORM customer_value._create_view(schema_name, 'concentration',
		customer_value._concentration_query(schema_name, 'r.as_of', profile),
		'One row a measure: how much of it the best customers have, over the customers with a purchase. Customers who cost money count as such',
		ARRAY[
		'measure: Column of customer_profile: realised_value, expected_value, total_lifetime_value or amount_last_year',
		'as_of: Day on which the observation ends',
		'customers: Customers with a purchase whose measure is known',
		'total: Sum of the measure over them',
		'top_1_share: Share of the total that the best 1% of them have; above 1 where others lose. A customer across the border counts in part; NULL unless the total is above 0',
		'top_5_share: Share of the total that the best 5% of them have',
		'top_20_share: Share of the total that the best 20% of them have',
		'gini: Gini coefficient: 0 where all have the same, towards 1 where one has everything. With values below 0 the mean of the absolute values takes the place of the mean',
		'value_basis: What the value measures count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of total; NULL where not said',
		'reason: Why columns are NULL; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'concentration',
		customer_value._concentration_query(schema_name, as_of_argument, profile_at));

	PERFORM customer_value._create_view(schema_name, 'lorenz_curve',
		customer_value._lorenz_curve_query(schema_name, 'r.as_of', profile),
		'The Lorenz curve of each measure of concentration, in 100 steps, over the customers with a purchase; no rows of a measure whose total is not above 0: '
		'concentration says why',
		ARRAY[
		'measure: Column of customer_profile: realised_value, expected_value, total_lifetime_value or amount_last_year',
		'as_of: Day on which the observation ends',
		'point: Number of the point, from 0 to 100',
		'customers_share: Part of the customers, those with the least first, from 0 to 1',
		'value_share: Share of the total that they have; below 0 as long as losses prevail']);

	PERFORM customer_value._create_view_function(schema_name, 'lorenz_curve',
		customer_value._lorenz_curve_query(schema_name, as_of_argument, profile_at));
END
$$;
COMMENT ON FUNCTION customer_value._create_segment_views(text) IS
	'Internal: makes rfm_segment, value_quadrant, segment_summary, concentration and lorenz_curve in the schema of a base, and their _at functions';
