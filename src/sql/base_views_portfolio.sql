-- base_views_portfolio.sql - the views about all customers together: by month, by cohort, in one row.

CREATE FUNCTION customer_value._portfolio_summary_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	-- Only numerics are summed: the order in which a plan delivers them cannot show.
	SELECT format($q$
SELECT s.as_of,
	   a.customers,
	   a.prospects,
	   a.one_time_customers,
	   a.active_customers_expected,
	   a.orders,
	   a.total_amount,
	   a.returned_amount,
	   CASE WHEN a.orders > 0
			THEN round((a.total_amount + a.returned_amount) / a.orders, s.minor_units) END AS average_order,
	   CASE WHEN a.customers > 0 THEN round(a.purchase_days / a.customers, 2) END AS average_purchase_days,
	   a.median_days_between_purchases,
	   CASE WHEN a.realised_known = a.people THEN a.realised_value END AS realised_value,
	   v.expected_value,
	   CASE WHEN a.realised_known = a.people THEN a.realised_value + v.expected_value END AS total_lifetime_value,
	   round(v.expected_value / a.customers, s.minor_units) AS average_expected_value,
	   CASE WHEN a.realised_known = a.people
			THEN round((a.realised_value + v.expected_value) / a.customers, s.minor_units) END AS average_lifetime_value,
	   CASE WHEN v.expected_value > 0
			THEN round(a.expected_value_of_top / v.expected_value, 4) END AS value_share_of_top_20_percent,
	   s.value_basis,
	   s.currency,
	   nullif(concat_ws('; ',
		   CASE WHEN a.customers = 0 THEN 'no purchase yet'
				WHEN a.expected_known = 0 AND a.reasons = 1 THEN a.reason
				WHEN a.expected_known < a.customers THEN
					'expected value unknown for ' || a.customers - a.expected_known || ' of ' || a.customers || ' customers' END,
		   CASE WHEN a.realised_known < a.people THEN
					'realised value unknown for ' || a.people - a.realised_known || ' of ' || a.people || ': cost missing' END),
		   '') AS reason
FROM (SELECT %2$s AS as_of, r.minor_units, r.value_basis, r.currency FROM %1$I.settings AS r LIMIT 1) AS s
	CROSS JOIN (
		SELECT count(*) AS people,
			   count(*) FILTER (WHERE p.purchase_days > 0) AS customers,
			   count(*) FILTER (WHERE p.purchase_days = 0) AS prospects,
			   count(*) FILTER (WHERE p.purchase_days = 1) AS one_time_customers,
			   round(sum(round(p.probability_alive::numeric, 9)), 1) AS active_customers_expected,
			   coalesce(sum(p.orders), 0)::bigint AS orders,
			   sum(p.purchase_days)::numeric AS purchase_days,
			   coalesce(sum(p.total_amount), 0) AS total_amount,
			   coalesce(sum(p.returned_amount), 0) AS returned_amount,
			   round(percentile_cont(0.5) WITHIN GROUP (ORDER BY p.average_days_between_purchases)::numeric, 2)
				   AS median_days_between_purchases,
			   coalesce(sum(p.realised_value), 0) AS realised_value,
			   count(p.realised_value) AS realised_known,
			   sum(p.expected_value) AS expected_value,
			   count(p.expected_value) AS expected_known,
			   sum(p.expected_value * least(greatest(0.2 * p.ranked - (p.place - 1), 0), 1)) AS expected_value_of_top,
			   count(DISTINCT p.reason) FILTER (WHERE p.purchase_days > 0) AS reasons,
			   min(p.reason) FILTER (WHERE p.purchase_days > 0) AS reason
		FROM (SELECT q.*,
					 count(q.expected_value) OVER () AS ranked,
					 row_number() OVER (ORDER BY q.expected_value DESC NULLS LAST) AS place
			  FROM %3$s AS q) AS p) AS a
	CROSS JOIN LATERAL (SELECT CASE WHEN a.expected_known = a.customers THEN a.expected_value END AS expected_value) AS v
$q$, schema_name, as_of, profile)
$$;
COMMENT ON FUNCTION customer_value._portfolio_summary_query(text, text, text) IS
	'Internal: query of portfolio_summary with the as-of day and the profile as given';

-- Text of a subquery with the days of all customers up to the as-of day: month, first_month (of the
-- customer's first purchase; NULL without one), purchase_days (1 or 0), active (1 for the first
-- purchase day of a customer in a month, so that the sum is the number of customers), orders,
-- amount, returned, cost (NULL where a line lacks it).
CREATE FUNCTION customer_value._days_query(schema_name text)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.format($q$
SELECT d.month,
	   date_trunc('month', f.first_purchase_day::timestamp)::date AS first_month,
	   d.is_purchase::integer AS purchase_days,
	   (d.is_purchase AND coalesce(d.purchase_before < d.month, true))::integer AS active,
	   d.orders, d.amount, d.returned, d.cost
FROM %1$I.history AS h
	CROSS JOIN (SELECT r.as_of FROM %1$I.settings AS r LIMIT 1) AS s
	CROSS JOIN LATERAL customer_value.first_purchase_day(h.history, s.as_of) AS f (first_purchase_day)
	CROSS JOIN LATERAL (
		SELECT u.*,
			   max(u.day) FILTER (WHERE u.is_purchase)
				   OVER (ORDER BY u.day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS purchase_before
		FROM (SELECT n.*,
					 date_trunc('month', n.day::timestamp)::date AS month,
					 n.amount > 0 OR (n.amount = 0 AND n.returns = 0) AS is_purchase
			  FROM customer_value.unnest(h.history) AS n
			  WHERE n.day <= s.as_of) AS u) AS d
$q$, schema_name);
COMMENT ON FUNCTION customer_value._days_query(text) IS
	'Internal: query for the days of all customers of a base up to its as-of day';

CREATE FUNCTION customer_value._create_portfolio_views(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM customer_value._create_view(schema_name, 'monthly_summary',
		format($q$
WITH s AS (SELECT r.as_of, r.minor_units, r.value_basis, r.margin_rate, r.currency FROM %1$I.settings AS r LIMIT 1),
sold AS (
	SELECT d.month,
		   sum(d.active) AS customers_active,
		   sum(d.active) FILTER (WHERE d.month = d.first_month) AS customers_new,
		   sum(d.orders) AS orders,
		   sum(d.purchase_days) AS purchase_days,
		   sum(d.amount) AS amount,
		   sum(d.returned) AS returned,
		   CASE WHEN count(d.cost) = count(*) THEN sum(d.cost) END AS cost
	FROM (%2$s) AS d
	GROUP BY d.month)
SELECT g.month::date AS month,
	   coalesce(m.customers_active, 0) AS customers_active,
	   coalesce(m.customers_new, 0) AS customers_new,
	   coalesce(m.customers_active - coalesce(m.customers_new, 0), 0) AS customers_returning,
	   coalesce(m.orders, 0)::bigint AS orders,
	   coalesce(m.purchase_days, 0)::bigint AS purchase_days,
	   CASE WHEN m.orders > 0 THEN round((m.amount + m.returned) / m.orders, s.minor_units) END AS average_order,
	   CASE WHEN m.customers_active > 0
			THEN round((m.customers_active - coalesce(m.customers_new, 0))::numeric / m.customers_active, 4) END AS repeat_rate,
	   round(coalesce(m.amount, 0), greatest(scale(m.amount), s.minor_units)) AS revenue,
	   CASE s.value_basis
			WHEN 'margin' THEN
				CASE WHEN m.month IS NULL THEN round(0::numeric, s.minor_units)
					 ELSE round(m.amount - m.cost, greatest(scale(m.amount - m.cost), s.minor_units)) END
			WHEN 'assumed margin' THEN round(coalesce(m.amount, 0) * s.margin_rate::numeric, s.minor_units)
			END AS margin,
	   round(coalesce(m.returned, 0), greatest(scale(m.returned), s.minor_units)) AS returned_amount,
	   CASE WHEN m.amount + m.returned > 0 THEN round(m.returned / (m.amount + m.returned), 4) END AS return_rate,
	   CASE WHEN s.value_basis <> 'revenue' THEN s.value_basis END AS margin_basis,
	   s.currency,
	   (g.month + interval '1 month')::date - 1 <= s.as_of AS is_complete
FROM s
	CROSS JOIN LATERAL generate_series((SELECT min(b.month) FROM sold AS b)::timestamp,
									   date_trunc('month', s.as_of::timestamp), interval '1 month') AS g (month)
	LEFT JOIN sold AS m ON m.month = g.month::date
ORDER BY g.month
$q$, schema_name, customer_value._days_query(schema_name)),
		'One row a calendar month from the first sale to the as-of day; months without a sale are there, with zeros',
		ARRAY[
		'month: First day of the month',
		'customers_active: Customers with a purchase day in the month',
		'customers_new: Customers whose first purchase day is in the month',
		'customers_returning: Customers active in the month who bought first in an earlier month: customers_active - customers_new',
		'orders: Number of orders that are not returns; where no order number is bound every line is an order',
		'purchase_days: Number of purchase days, over all customers',
		'average_order: (revenue + returned_amount) / orders: amount of an order before returns, rounded to the currency; NULL without orders',
		'repeat_rate: customers_returning / customers_active, a share; NULL where nobody bought',
		'revenue: Amount paid, net of returns; exact',
		'margin: revenue - cost, exact (NULL if a line of the month lacks its cost); or margin rate x revenue where margin_basis says assumed margin; NULL without both',
		'returned_amount: Amount of the returns that came back in the month, as a positive number; exact. Needs returns => net',
		'return_rate: returned_amount / (revenue + returned_amount), a share; NULL where nothing was sold',
		'margin_basis: What margin is: margin (from costs) or assumed margin (a rate x revenue); NULL where there is neither',
		'currency: Currency of the money columns; NULL where not said',
		'is_complete: True if the month ended by the as-of day; the last month may be partial']);

	PERFORM customer_value._create_view(schema_name, 'cohort_retention',
		format($q$
WITH s AS (SELECT r.as_of, r.minor_units, r.currency FROM %1$I.settings AS r LIMIT 1),
sold AS (
	SELECT d.first_month AS cohort_month,
		   greatest(d.month, d.first_month) AS month,
		   sum(d.active) AS active_customers,
		   sum(d.amount) AS amount
	FROM (%2$s) AS d
	WHERE d.first_month IS NOT NULL
	GROUP BY 1, 2)
SELECT b.cohort_month,
	   ((extract(year FROM g.month) - extract(year FROM b.cohort_month)) * 12
		+ extract(month FROM g.month) - extract(month FROM b.cohort_month))::integer AS months_since_first,
	   b.active_customers AS cohort_customers,
	   coalesce(m.active_customers, 0) AS active_customers,
	   round(coalesce(m.active_customers, 0)::numeric / b.active_customers, 4) AS retention_share,
	   round(coalesce(m.amount, 0), greatest(scale(m.amount), s.minor_units)) AS amount,
	   round(coalesce(m.amount, 0) / b.active_customers, s.minor_units) AS amount_per_customer,
	   s.currency,
	   (g.month + interval '1 month')::date - 1 <= s.as_of AS is_complete
FROM s
	JOIN sold AS b ON b.month = b.cohort_month
	CROSS JOIN LATERAL generate_series(b.cohort_month::timestamp, date_trunc('month', s.as_of::timestamp),
									   interval '1 month') AS g (month)
	LEFT JOIN sold AS m ON m.cohort_month = b.cohort_month AND m.month = g.month::date
ORDER BY b.cohort_month, g.month
$q$, schema_name, customer_value._days_query(schema_name)),
		'Customers by the month of their first purchase, and what became of them: one row a cohort and month up to the as-of day',
		ARRAY[
		'cohort_month: First day of the month of the cohort''s first purchases',
		'months_since_first: Calendar months after cohort_month; 0 is the month of the first purchase',
		'cohort_customers: Customers of the cohort',
		'active_customers: Those of them with a purchase day in the month',
		'retention_share: active_customers / cohort_customers, a share',
		'amount: Amount the cohort paid in the month, net of returns; exact. Returns before a first purchase are in month 0',
		'amount_per_customer: amount / cohort_customers, rounded to the currency',
		'currency: Currency of the money columns; NULL where not said',
		'is_complete: True if the month ended by the as-of day; the last one of each cohort may be partial']);

	PERFORM customer_value._create_view(schema_name, 'portfolio_summary',
		customer_value._portfolio_summary_query(schema_name, 'r.as_of', format('%I.customer_profile', schema_name)),
		'The whole base in one row. reason says why a column is NULL: no total leaves customers out silently',
		ARRAY[
		'as_of: Day on which the observation ends',
		'customers: Customers with a purchase day up to as_of',
		'prospects: People without a purchase day up to as_of: of the customers relation, or with returns only',
		'one_time_customers: Customers with a single purchase day',
		'active_customers_expected: Sum of the customers'' probability_alive: how many are expected to be customers still',
		'orders: Number of orders that are not returns; where no order number is bound every line is an order',
		'total_amount: Amount paid, net of returns; exact',
		'returned_amount: Amount of the returns, as a positive number; exact. Needs returns => net',
		'average_order: (total_amount + returned_amount) / orders: amount of an order before returns, rounded to the currency',
		'average_purchase_days: Purchase days / customers',
		'median_days_between_purchases: Median over the customers with a repeat purchase of their average_days_between_purchases',
		'realised_value: Value up to as_of in the value basis; NULL if one customer''s is unknown',
		'expected_value: Expected value within the horizon in the value basis; NULL if one customer''s is unknown',
		'total_lifetime_value: realised_value + expected_value',
		'average_expected_value: expected_value / customers, rounded to the currency',
		'average_lifetime_value: total_lifetime_value / customers, rounded to the currency',
		'value_share_of_top_20_percent: Share of expected_value that the fifth of the customers with the highest makes, a share; a customer across the border counts in part',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'portfolio_summary',
		customer_value._portfolio_summary_query(schema_name, 'coalesce($1, r.as_of)',
			format('%I.customer_profile_at($1)', schema_name)));
END
$$;
COMMENT ON FUNCTION customer_value._create_portfolio_views(text) IS
	'Internal: makes monthly_summary, cohort_retention and portfolio_summary in the schema of a base, and portfolio_summary_at';
