-- base_views_headroom.sql - what peers suggest a customer could still be worth: customer_headroom, and the parts
-- of a customer's value beside each other: value_decomposition.

-- Text of a subquery with a row a customer: the columns of both views. A category that nobody bound is one category
-- for all that was bought, so there is one formula.
CREATE FUNCTION customer_value._headroom_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
WITH s AS MATERIALIZED (
	SELECT d.as_of, d.minor_units, d.margin_share,
		   ((d.as_of + d.horizon)::date - d.as_of) / 365.25::double precision AS years,
		   ln(1 + d.annual_discount_rate) AS delta,
		   %4$s AS tenure_years, greatest(%5$s, 1) AS least_peers
	FROM (SELECT %2$s AS as_of, r.minor_units, r.margin_share, r.horizon, r.annual_discount_rate
		  FROM %1$I.settings AS r LIMIT 1) AS d),
p AS MATERIALIZED (
	SELECT q.customer_id, q.customer_name, q.as_of, q.purchase_days, q.realised_value, q.expected_value,
		   q.total_lifetime_value, q.probability_alive, q.probability_active_end, q.value_basis, q.currency, q.reason,
		   least(q.tenure_year, s.tenure_years) AS tenure_band, q.first_category COLLATE "C" AS first_category,
		   q.amount_last_year, q.purchase_days_last_year > 0 AS is_peer
	FROM %3$s AS q CROSS JOIN s),
has AS MATERIALIZED (SELECT coalesce(bool_or(p.first_category IS NOT NULL), false) AS categories FROM p),
-- Peer groups of three widths: 0 first category and tenure band, 1 tenure band, 3 base, as GROUPING numbers them.
peer_group AS MATERIALIZED (
	SELECT GROUPING(p.tenure_band, p.first_category) AS width, coalesce(p.tenure_band, -1) AS tenure_band,
		   coalesce(p.first_category, '') AS first_category, count(*) AS peers
	FROM p WHERE p.is_peer
	GROUP BY GROUPING SETS ((p.tenure_band, p.first_category), (p.tenure_band), ())
	HAVING GROUPING(p.first_category) = 1 OR p.first_category IS NOT NULL),
grouped AS MATERIALIZED (
	SELECT p.*, c.width,
		   CASE c.width WHEN 0 THEN a.peers WHEN 1 THEN b.peers ELSE w.peers END - p.is_peer::integer AS peers,
		   CASE WHEN c.width = 3 THEN -1 ELSE p.tenure_band END AS group_band,
		   CASE WHEN c.width = 0 THEN p.first_category ELSE '' END AS group_category
	FROM p CROSS JOIN s
		LEFT JOIN peer_group AS a ON a.width = 0 AND a.tenure_band = p.tenure_band AND a.first_category = p.first_category
		LEFT JOIN peer_group AS b ON b.width = 1 AND b.tenure_band = p.tenure_band
		LEFT JOIN peer_group AS w ON w.width = 3
		CROSS JOIN LATERAL (SELECT CASE WHEN a.peers - p.is_peer::integer >= s.least_peers THEN 0
										WHEN b.peers - p.is_peer::integer >= s.least_peers THEN 1
										WHEN w.peers > 0 THEN 3 END AS width) AS c),
-- What each customer spent in the year on each category; without categories, on everything.
own AS MATERIALIZED (
	SELECT g.customer_id, g.is_peer, g.tenure_band, g.first_category, g.width, g.group_band, g.group_category,
		   b.category, b.spend::double precision AS spend
	-- DISTINCT shows the planner that a customer has one row: else it takes the join for some hundred times as many rows.
	FROM (SELECT DISTINCT ON (g.customer_id) g.* FROM grouped AS g) AS g
		JOIN (SELECT h.customer_id, h.category COLLATE "C" AS category,
					 coalesce(customer_value.total_amount(h.history, s.as_of), 0)
					 - coalesce(customer_value.total_amount(h.history, s.as_of - 365), 0) AS spend
			  FROM %1$I.history_by_category AS h CROSS JOIN s
			  UNION ALL
			  SELECT p.customer_id, '', p.amount_last_year
			  FROM p CROSS JOIN has
			  WHERE NOT has.categories) AS b ON b.customer_id = g.customer_id
	WHERE b.spend > 0),
category AS MATERIALIZED (
	SELECT g.width, g.tenure_band, g.first_category, m.category, m.quartile, m.buyers::double precision / g.peers AS share,
		   round((m.buyers::double precision / g.peers * m.quartile)::numeric, 12) AS gap
	FROM (SELECT GROUPING(o.tenure_band, o.first_category) AS width, coalesce(o.tenure_band, -1) AS tenure_band,
				 coalesce(o.first_category, '') AS first_category, o.category, count(*) AS buyers,
				 percentile_cont(0.75) WITHIN GROUP (ORDER BY o.spend) AS quartile
		  FROM own AS o
		  WHERE o.is_peer
		  GROUP BY GROUPING SETS ((o.category, o.tenure_band, o.first_category), (o.category, o.tenure_band), (o.category))
		  HAVING GROUPING(o.first_category) = 1 OR o.first_category IS NOT NULL) AS m
		JOIN peer_group AS g USING (width, tenure_band, first_category)),
-- A gap is max(0, quartile - own) = quartile - min(quartile, own): only what was bought needs a look, category by category.
-- Rounded alike, equal terms cancel to 0.
whole AS (
	SELECT c.width, c.tenure_band, c.first_category, sum(c.gap) AS gap FROM category AS c GROUP BY 1, 2, 3),
filled AS (
	SELECT o.customer_id, sum(round((c.share * least(c.quartile, o.spend))::numeric, 12)) AS gap
	FROM own AS o
		JOIN category AS c ON c.width = o.width AND c.tenure_band = o.group_band AND c.first_category = o.group_category
			AND c.category = o.category
	GROUP BY o.customer_id)
SELECT g.customer_id, g.customer_name, g.as_of, g.purchase_days, g.realised_value, g.expected_value, g.total_lifetime_value,
	   CASE WHEN g.peers > 0 THEN
			round((coalesce(w.gap, 0) - coalesce(f.gap, 0)) * (greatest(s.margin_share, 0) * y.active_years)::numeric, s.minor_units)
			END AS headroom,
	   y.active_years AS discounted_active_years,
	   CASE WHEN g.purchase_days > 0 THEN coalesce(g.peers, 0) END AS peers,
	   CASE WHEN g.purchase_days > 0 THEN
			CASE g.width WHEN 0 THEN 'first category and tenure' WHEN 1 THEN 'tenure' WHEN 3 THEN 'base' END END AS peer_group,
	   CASE WHEN has.categories THEN 'categories' ELSE 'spend per active year' END AS basis,
	   g.value_basis, g.currency, g.reason AS profile_reason,
	   CASE WHEN g.purchase_days = 0 THEN 'no purchase yet'
			WHEN g.probability_alive IS NULL OR g.probability_active_end IS NULL THEN coalesce(g.reason, 'not fitted')
			WHEN coalesce(g.peers, 0) = 0 THEN 'no peers' END AS reason
FROM grouped AS g CROSS JOIN s CROSS JOIN has
	LEFT JOIN whole AS w ON w.width = g.width AND w.tenure_band = g.group_band AND w.first_category = g.group_category
	LEFT JOIN filled AS f ON f.customer_id = g.customer_id
	-- Active years: the probability to be active is taken to fall from now to the end of the horizon by the same share a day.
	-- z: the logarithm of the share, discount included, that is left at the end; far beyond 50 it does not show.
	CROSS JOIN LATERAL (SELECT least(greatest(ln(greatest(g.probability_alive, 1e-300)) - ln(greatest(g.probability_active_end, 1e-300))
											  + s.delta * s.years, -500), 500) AS z) AS decline
	CROSS JOIN LATERAL (SELECT CASE WHEN g.purchase_days = 0 THEN NULL
									WHEN g.probability_alive < 1e-12 THEN 0
									WHEN abs(decline.z) < 1e-6 THEN g.probability_alive * s.years * (1 - decline.z / 2)
									ELSE g.probability_alive * s.years * (1 - exp(-decline.z)) / decline.z END AS active_years) AS y
$q$, schema_name, as_of, profile,
		customer_value._parameter(schema_name, 'peer_tenure_years'), customer_value._parameter(schema_name, 'least_peers'))
$$;
COMMENT ON FUNCTION customer_value._headroom_query(text, text, text) IS
	'Internal: query of what the peers of each customer suggest, with the as-of day and the profile as given';

CREATE FUNCTION customer_value._customer_headroom_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT h.customer_id, h.customer_name, h.as_of, h.headroom, h.discounted_active_years, h.peers, h.peer_group, h.basis,
	   h.value_basis, h.currency, h.reason
FROM (%s) AS h
$q$, customer_value._headroom_query(schema_name, as_of, profile))
$$;
COMMENT ON FUNCTION customer_value._customer_headroom_query(text, text, text) IS
	'Internal: query of customer_headroom with the as-of day and the profile as given';

CREATE FUNCTION customer_value._value_decomposition_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT v.customer_id,
	   v.customer_name,
	   v.as_of,
	   v.realised_value AS explicit_value,
	   v.expected_value,
	   v.headroom AS growth_value,
	   v.total_lifetime_value,
	   t.total_with_growth,
	   CASE WHEN t.can_share THEN round(v.realised_value / t.total_with_growth, 4) END AS explicit_share,
	   CASE WHEN t.can_share THEN round(v.expected_value / t.total_with_growth, 4) END AS expected_share,
	   CASE WHEN t.can_share THEN round(v.headroom / t.total_with_growth, 4) END AS growth_share,
	   v.basis,
	   v.value_basis,
	   v.currency,
	   nullif(concat_ws('; ', v.profile_reason,
						CASE WHEN v.reason IS DISTINCT FROM v.profile_reason THEN v.reason END,
						CASE WHEN t.total_with_growth IS NOT NULL AND NOT t.can_share THEN 'no shares' END), '') AS reason
FROM (%s) AS v
	CROSS JOIN LATERAL (SELECT v.total_lifetime_value + v.headroom AS total_with_growth) AS a
	CROSS JOIN LATERAL (SELECT a.total_with_growth, a.total_with_growth > 0 AND least(v.realised_value, v.expected_value) >= 0 AS can_share) AS t
$q$, customer_value._headroom_query(schema_name, as_of, profile))
$$;
COMMENT ON FUNCTION customer_value._value_decomposition_query(text, text, text) IS
	'Internal: query of value_decomposition with the as-of day and the profile as given';

CREATE FUNCTION customer_value._create_headroom_views(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	profile text := format('%I.customer_profile', schema_name);
	profile_at text := format('%I.customer_profile_at($1)', schema_name);
	as_of_argument constant text := 'coalesce($1, r.as_of)';
BEGIN
	PERFORM customer_value._create_view(schema_name, 'customer_headroom',
		customer_value._customer_headroom_query(schema_name, 'r.as_of', profile),
		'One row a customer: what the customer would bring on top if it came up to its peers, over the horizon. '
		'A scenario to find room in, not an expectation: nothing says that a customer will close a gap, so do not budget with it',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends and the horizon begins',
		'headroom: Sum over categories of P(buys it) x max(0, upper quartile of what its buyers spend - own spend), both over peer_group with the customer in it, x '
			'margin share x discounted_active_years; spends are those of the 365 days to as_of; rounded to the currency. Never below 0. A scenario, not an expectation',
		'discounted_active_years: Years within the horizon in which the customer is expected to be active, discounted: '
			'probability_alive falling by the same share a day to probability_active_end',
		'peers: Other customers of peer_group with a purchase in the 365 days to as_of; NULL without a purchase',
		'peer_group: Whom the customer is compared with: those of the same first category and tenure; fewer than parameter least_peers: of the same tenure; else the base',
		'basis: categories, or spend per active year where no category is known: one gap of everything bought',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL: no purchase yet, not fitted, no peers (nobody else bought in the 365 days) ...; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'customer_headroom',
		customer_value._customer_headroom_query(schema_name, as_of_argument, profile_at));

	PERFORM customer_value._create_view(schema_name, 'value_decomposition',
		customer_value._value_decomposition_query(schema_name, 'r.as_of', profile),
		'One row a customer: what it has brought, what is expected of it, and what its peers suggest on top. '
		'The first is a fact, the second an expectation, the third a scenario. No trend is extrapolated',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends and the horizon begins',
		'explicit_value: What the customer has brought up to as_of: realised_value of customer_profile',
		'expected_value: What is expected of the customer within the horizon if today''s behaviour continues; the potential value of the literature',
		'growth_value: What peers suggest on top within the horizon: headroom of customer_headroom. A scenario, not an expectation',
		'total_lifetime_value: explicit_value + expected_value',
		'total_with_growth: explicit_value + expected_value + growth_value. A scenario, not an expectation',
		'explicit_share: explicit_value / total_with_growth, a share; NULL where a part is below 0 or the total is not above 0',
		'expected_share: expected_value / total_with_growth, a share; NULL where explicit_share is',
		'growth_share: growth_value / total_with_growth, a share; NULL where explicit_share is',
		'basis: What growth_value rests on: categories, or spend per active year',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'value_decomposition',
		customer_value._value_decomposition_query(schema_name, as_of_argument, profile_at));
END
$$;
COMMENT ON FUNCTION customer_value._create_headroom_views(text) IS
	'Internal: makes customer_headroom and value_decomposition in the schema of a base, and their _at functions';
