-- base_views_charts.sql - the views for people who would rather look: what the current purchase model says of the
-- base as a whole beside what happened. Columns are made for a chart. Sums and means are taken over numerics.

-- In each query %2$s is the as-of day, of the base or the argument of the function.

-- What the model expects of everybody in a week comes from the customers by day of their first purchase, and from the
-- expected purchases of a new customer within so many days: one evaluation for each number of days.
CREATE FUNCTION customer_value._tracking_query(schema_name text, as_of text)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.format($q$
WITH s AS (
	SELECT a.as_of, least((a.as_of + a.horizon)::date, a.as_of + 3653) AS last_day
	FROM (SELECT %2$s AS as_of, r.horizon FROM %1$I.settings AS r LIMIT 1) AS a),
m AS (SELECT m.model, coalesce(m.as_of, (customer_value.model_summary(m.model)).as_of) AS as_of
	  FROM %1$I.models AS m WHERE m.kind = 'purchase' AND m.is_current AND m.model IS NOT NULL LIMIT 1),
customers AS MATERIALIZED (
	SELECT h.history, customer_value.first_purchase_day(h.history, s.as_of) AS first_purchase_day
	FROM %1$I.history AS h CROSS JOIN s),
cohorts AS MATERIALIZED (
	SELECT c.first_purchase_day, count(*) AS customers
	FROM customers AS c
	WHERE c.first_purchase_day IS NOT NULL
	GROUP BY 1),
weeks AS MATERIALIZED (
	SELECT w.number, f.day + 7 * (w.number - 1) AS week_start, f.day + 7 * (w.number - 1) + 6 AS week_end
	FROM (SELECT min(c.first_purchase_day) AS day FROM cohorts AS c) AS f CROSS JOIN s
		CROSS JOIN LATERAL generate_series(1, (s.last_day - f.day) / 7 + 1) AS w (number)),
arrivals AS (
	SELECT w.number, sum(c.customers)::bigint AS customers
	FROM weeks AS w JOIN cohorts AS c ON c.first_purchase_day BETWEEN w.week_start AND w.week_end
	GROUP BY w.number),
repeats AS (
	SELECT (d.day - f.day) / 7 + 1 AS number, count(*) AS purchases
	FROM customers AS c CROSS JOIN s CROSS JOIN (SELECT min(c.first_purchase_day) AS day FROM cohorts AS c) AS f
		CROSS JOIN LATERAL customer_value.unnest(c.history) AS d
	WHERE d.day > c.first_purchase_day AND d.day <= s.as_of AND (d.amount > 0 OR d.amount = 0 AND d.returns = 0)
	GROUP BY 1),
-- by number of days, from 1 on
expected_of_one AS MATERIALIZED (
	SELECT array_agg(customer_value.expected_purchases(m.model, make_interval(days => d.days)) ORDER BY d.days) AS purchases
	FROM (SELECT max(w.week_end) - min(w.week_start) AS days FROM weeks AS w) AS f CROSS JOIN m
		CROSS JOIN LATERAL generate_series(1, f.days) AS d (days)),
expected AS (
	SELECT w.number, sum(c.customers * round(e.purchases[w.week_end - c.first_purchase_day]::numeric, 12)) AS purchases
	FROM weeks AS w JOIN cohorts AS c ON c.first_purchase_day < w.week_end CROSS JOIN expected_of_one AS e
	GROUP BY w.number)
SELECT w.number::integer AS week,
	   w.week_start,
	   w.week_end,
	   CASE WHEN w.week_start > s.as_of THEN 'ahead'
			WHEN w.week_start <= m.as_of THEN 'fitted'
			WHEN w.week_start > m.as_of THEN 'after the fit' END AS phase,
	   w.week_end <= s.as_of AS is_complete,
	   CASE WHEN w.week_start <= s.as_of THEN coalesce(a.customers, 0) END AS new_customers,
	   CASE WHEN w.week_start <= s.as_of THEN coalesce(r.purchases, 0) END AS actual_purchases,
	   round(x.purchases - lag(x.purchases, 1, 0) OVER (ORDER BY w.number), 6)::double precision AS expected_purchases,
	   CASE WHEN w.week_start <= s.as_of THEN sum(coalesce(r.purchases, 0)) OVER (ORDER BY w.number)::bigint END AS actual_cumulative,
	   round(x.purchases, 6)::double precision AS expected_cumulative,
	   CASE WHEN m.model IS NULL THEN 'not fitted' END AS reason
FROM weeks AS w CROSS JOIN s LEFT JOIN m ON true
	LEFT JOIN arrivals AS a ON a.number = w.number
	LEFT JOIN repeats AS r ON r.number = w.number
	LEFT JOIN expected AS e ON e.number = w.number
	-- nobody can come back in a week that ends on the day of the first purchases
	CROSS JOIN LATERAL (SELECT CASE WHEN m.model IS NOT NULL THEN coalesce(e.purchases, 0) END AS purchases) AS x
ORDER BY w.number
$q$, schema_name, as_of);
COMMENT ON FUNCTION customer_value._tracking_query(text, text) IS
	'Internal: query of tracking with the as-of day written as given';

CREATE FUNCTION customer_value._frequency_histogram_query(schema_name text, as_of text)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.format($q$
WITH s AS (SELECT %2$s AS as_of FROM %1$I.settings AS r LIMIT 1),
m AS (SELECT m.model FROM %1$I.models AS m WHERE m.kind = 'purchase' AND m.is_current AND m.model IS NOT NULL LIMIT 1),
customers AS MATERIALIZED (
	SELECT least(customer_value.purchase_days(h.history, s.as_of) - 1, 7) AS x,
		   s.as_of - customer_value.first_purchase_day(h.history, s.as_of) AS days, count(*) AS customers
	FROM %1$I.history AS h CROSS JOIN s
	WHERE customer_value.purchase_days(h.history, s.as_of) > 0
	GROUP BY 1, 2),
tenures AS (SELECT c.days, sum(c.customers) AS customers FROM customers AS c GROUP BY c.days),
total AS (SELECT coalesce(sum(t.customers), 0) AS customers FROM tenures AS t),
few AS (
	SELECT d.purchases AS x, sum(t.customers * round(d.probability::numeric, 12)) AS customers
	FROM tenures AS t CROSS JOIN m
		CROSS JOIN LATERAL (
			SELECT * FROM customer_value.purchase_distribution(m.model, make_interval(days => t.days), 6) WHERE t.days > 0
			UNION ALL
			SELECT 0, 1, 1 WHERE t.days = 0) AS d (purchases, probability, cumulative)
	GROUP BY d.purchases),
expected AS (
	SELECT f.x, f.customers FROM few AS f
	UNION ALL
	SELECT 7, greatest(max(t.customers) - sum(f.customers), 0) FROM few AS f CROSS JOIN total AS t HAVING count(*) > 0)
SELECT b.x::integer AS repeat_purchase_days,
	   b.x || CASE WHEN b.x = 7 THEN '+' ELSE '' END AS label,
	   n.customers,
	   CASE WHEN t.customers > 0 THEN round(e.customers, 6)::double precision END AS expected_customers,
	   round(n.customers / nullif(t.customers, 0), 9)::double precision AS customer_share,
	   round(e.customers / nullif(t.customers, 0), 9)::double precision AS expected_share,
	   s.as_of,
	   CASE WHEN t.customers = 0 THEN 'no purchase yet' WHEN m.model IS NULL THEN 'not fitted' END AS reason
FROM generate_series(0, 7) AS b (x) CROSS JOIN s CROSS JOIN total AS t
	LEFT JOIN m ON true
	LEFT JOIN expected AS e ON e.x = b.x
	CROSS JOIN LATERAL (SELECT coalesce(sum(c.customers), 0)::bigint AS customers FROM customers AS c WHERE c.x = b.x) AS n
ORDER BY b.x
$q$, schema_name, as_of);
COMMENT ON FUNCTION customer_value._frequency_histogram_query(text, text) IS
	'Internal: query of frequency_histogram with the as-of day written as given';

CREATE FUNCTION customer_value._recency_frequency_matrix_query(profile text)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.format($q$
WITH times (low, high, label) AS (
	VALUES (0, 0, '0'), (1, 1, '1'), (2, 2, '2'), (3, 3, '3'), (4, 6, '4-6'), (7, 12, '7-12'), (13, NULL, '13+')),
pauses (low, high, label) AS (
	VALUES (0, 6, '0-6'), (7, 13, '7-13'), (14, 27, '14-27'), (28, 55, '28-55'), (56, 111, '56-111'), (112, 223, '112-223'),
		   (224, 447, '224-447'), (448, NULL, '448+')),
cells AS (
	SELECT t.low AS x, d.low AS days, count(*) AS customers,
		   avg(round(p.probability_alive::numeric, 9)) AS probability_alive,
		   avg(round(p.expected_purchases::numeric, 9)) AS expected_purchases,
		   min(p.reason) FILTER (WHERE p.probability_alive IS NULL) AS reason
	FROM %1$s AS p
		JOIN times AS t ON p.repeat_purchase_days BETWEEN t.low AND coalesce(t.high, p.repeat_purchase_days)
		JOIN pauses AS d ON p.days_since_last_purchase BETWEEN d.low AND coalesce(d.high, p.days_since_last_purchase)
	WHERE p.purchase_days > 0
	GROUP BY 1, 2)
SELECT t.low AS repeat_purchase_days,
	   t.label AS repeat_purchase_days_label,
	   d.low AS days_since_last_purchase,
	   d.label AS days_since_last_purchase_label,
	   coalesce(c.customers, 0) AS customers,
	   round(c.probability_alive, 6)::double precision AS average_probability_alive,
	   round(c.expected_purchases, 6)::double precision AS average_expected_purchases,
	   CASE WHEN c.customers IS NULL THEN 'no such customer' ELSE c.reason END AS reason
FROM times AS t CROSS JOIN pauses AS d LEFT JOIN cells AS c ON c.x = t.low AND c.days = d.low
ORDER BY t.low, d.low
$q$, profile);
COMMENT ON FUNCTION customer_value._recency_frequency_matrix_query(text) IS
	'Internal: query of recency_frequency_matrix on the profile as given';

CREATE FUNCTION customer_value._create_chart_views(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	as_of_argument constant text := 'coalesce($1, r.as_of)';
BEGIN
	PERFORM customer_value._create_view(schema_name, 'tracking',
		customer_value._tracking_query(schema_name, 'r.as_of'),
		'Chart: repeat purchase days week by week since the first sale, those that happened up to the as-of day beside those the current '
		'purchase model expects, and on to the end of the horizon (at most ten years), where nobody new is counted in',
		ARRAY[
		'week: Number of the week, counting from 1; weeks begin on the weekday of the first purchase of all',
		'week_start: First day of the week',
		'week_end: Last day of the week',
		'phase: fitted (begins within the days the model was fitted to), after the fit (later, up to the as-of day), ahead (after the as-of day); NULL without a model, or for one without an as-of day',
		'is_complete: True if the week ended by the as-of day; where it did not, actual is of a part of it, expected of all of it',
		'new_customers: Customers whose first purchase falls in the week; NULL ahead',
		'actual_purchases: Repeat purchase days in the week; NULL ahead',
		'expected_purchases: Repeat purchase days the model expects in the week of everybody who has bought by its end: the sum over them of E[X(time since the first purchase)], less that of the week before',
		'actual_cumulative: Repeat purchase days up to the end of the week, or the as-of day; NULL ahead',
		'expected_cumulative: Repeat purchase days the model expects up to the end of the week',
		'reason: Why expected columns are NULL; NULL where nothing is amiss']);
	PERFORM customer_value._create_view_function(schema_name, 'tracking',
		customer_value._tracking_query(schema_name, as_of_argument));

	PERFORM customer_value._create_view(schema_name, 'frequency_histogram',
		customer_value._frequency_histogram_query(schema_name, 'r.as_of'),
		'Chart: customers by their number of repeat purchase days up to the as-of day, beside how many the current purchase model expects '
		'to have that many: the sum over all customers of P(X(time since the first purchase) = x)',
		ARRAY[
		'repeat_purchase_days: Purchase days after the first; 7 stands for 7 and more',
		'label: The same for an axis: 0 to 6 and 7+',
		'customers: Number of customers with so many',
		'expected_customers: Number of customers the model expects to have so many',
		'customer_share: customers as a share of all',
		'expected_share: expected_customers as a share of all',
		'as_of: Day on which the observation ends',
		'reason: Why expected columns are NULL; NULL where nothing is amiss']);
	PERFORM customer_value._create_view_function(schema_name, 'frequency_histogram',
		customer_value._frequency_histogram_query(schema_name, as_of_argument));

	PERFORM customer_value._create_view(schema_name, 'recency_frequency_matrix',
		customer_value._recency_frequency_matrix_query(format('%I.customer_profile', schema_name)),
		'Chart: customers by repeat purchase days and days since the last purchase, with the means of what is expected of them: a grid with a '
		'row a cell, the empty ones, too',
		ARRAY[
		'repeat_purchase_days: Fewest repeat purchase days of the cell',
		'repeat_purchase_days_label: Fewest and most, for an axis',
		'days_since_last_purchase: Fewest days since the last purchase of the cell; each step is twice as long as the one before',
		'days_since_last_purchase_label: Fewest and most, for an axis',
		'customers: Number of customers in the cell',
		'average_probability_alive: Mean of their probability_alive on the as-of day; NULL where there is nobody',
		'average_expected_purchases: Mean of their expected purchase days within the horizon; NULL where there is nobody',
		'reason: Why columns are NULL; NULL where nothing is amiss']);
	PERFORM customer_value._create_view_function(schema_name, 'recency_frequency_matrix',
		customer_value._recency_frequency_matrix_query(format('%I.customer_profile_at($1)', schema_name)));
END
$$;
COMMENT ON FUNCTION customer_value._create_chart_views(text) IS
	'Internal: makes tracking, frequency_histogram and recency_frequency_matrix in the schema of a base, and their _at functions';
