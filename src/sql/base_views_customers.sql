-- base_views_customers.sql - the views with a row a customer: customer_profile,
-- and on top of it customer_lifetime_value and customer_ranking; and the intervals.

-- A column of the customers, read as the type of the customer of the sales.
CREATE FUNCTION customer_value._customer_key_expression(relation oid, argument text, column_name text, id_type oid,
														 id_collation oid, lower_case boolean)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	expression text := customer_value._id_expression(relation, argument, column_name, 'r');
	column_type oid := customer_value._column_type(relation, column_name);
BEGIN
	IF lower_case OR customer_value._is_citext(column_type) THEN
		expression := format(CASE WHEN lower_case THEN 'lower(r.%I::text)::text' ELSE 'r.%I::text' END, column_name);
	END IF;
	column_type := CASE WHEN expression LIKE '%::text' THEN 'text'::regtype
						ELSE customer_value._column_type(relation, column_name) END;
	IF column_type <> id_type AND NOT EXISTS
		(SELECT FROM pg_cast AS c WHERE c.castsource = column_type AND c.casttarget = id_type AND c.castcontext = 'i') THEN
		PERFORM customer_value._refuse_type(relation, argument, column_name,
			format('of a type that fits into the customer of the sales, %s', format_type(id_type, -1)),
			'Cast one of the two in a view, and bind that.');
	END IF;
	-- a type modifier of -1: plain 'character' would be one character long
	RETURN expression || '::' || format_type(id_type, -1)
		|| coalesce((SELECT format(' COLLATE %I.%I', n.nspname, c.collname)
					 FROM pg_collation AS c JOIN pg_namespace AS n ON n.oid = c.collnamespace WHERE c.oid = id_collation), '');
END
$$;
COMMENT ON FUNCTION customer_value._customer_key_expression(oid, text, text, oid, oid, boolean) IS
	'Internal: the SQL expression that reads a key of the customers relation (alias r) as a customer id, in its collation and, where that is citext, in lower case; raises datatype_mismatch';

-- Text of a subquery with the people of a base: customer_id, history (NULL: no sale), known (to
-- the customers relation), customer_name, region, account_owner, parent_id.
CREATE FUNCTION customer_value._people_query(schema_name text)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	relation regclass;
	key_column text;
	parent_column text;
	labels text[];
	id_type regtype;
	id_collation oid;
	lower_case boolean;
	key text;
	known text;
BEGIN
	EXECUTE format('SELECT s.customers_relation::regclass, s.customer_key_column, s.customer_parent_column, '
				   'customer_value._is_citext(customer_value._column_type(s.sales_relation::regclass, s.customer_id_column)), '
				   'ARRAY[s.customer_name_column, s.customer_region_column, s.customer_owner_column] '
				   'FROM %I.settings AS s', schema_name)
	INTO relation, key_column, parent_column, lower_case, labels;
	SELECT a.atttypid, a.attcollation INTO STRICT id_type, id_collation FROM pg_attribute AS a
	WHERE a.attrelid = format('%I.history', schema_name)::regclass AND a.attname = 'customer_id';

	IF relation IS NULL THEN
		RETURN format('SELECT h.customer_id, h.history, false AS known, NULL::text AS customer_name, '
					  'NULL::text AS region, NULL::text AS account_owner, NULL::%2$s AS parent_id '
					  'FROM %1$I.history AS h', schema_name, format_type(id_type, -1));
	END IF;

	key := customer_value._customer_key_expression(relation, 'customer_key', key_column, id_type, id_collation, lower_case);
	-- A key that comes twice is one person: the first in the order of its columns.
	known := format('(SELECT DISTINCT ON (1) %2$s AS customer_id, %3$s AS customer_name, %4$s AS region, '
					'%5$s AS account_owner, %6$s AS parent_id FROM %7$s AS r '
					'WHERE r.%8$I IS NOT NULL AND NOT EXISTS (SELECT FROM %1$I.settings AS s '
					'WHERE (%9$s)::text COLLATE "C" = ANY (s.anonymous_ids)) ORDER BY 1, 2, 3, 4, 5) AS c',
					schema_name, key,
					coalesce('r.' || quote_ident(labels[1]) || '::text', 'NULL::text'),
					coalesce('r.' || quote_ident(labels[2]) || '::text', 'NULL::text'),
					coalesce('r.' || quote_ident(labels[3]) || '::text', 'NULL::text'),
					CASE WHEN parent_column IS NULL THEN 'NULL::' || format_type(id_type, -1)
						 ELSE customer_value._customer_key_expression(relation, 'customer_parent', parent_column, id_type, id_collation, lower_case) END,
					relation, key_column, key);
	RETURN format($q$
SELECT h.customer_id, h.history, c.customer_id IS NOT NULL AS known, c.customer_name, c.region, c.account_owner, c.parent_id
FROM %1$I.history AS h LEFT JOIN %2$s ON c.customer_id = h.customer_id
UNION ALL
SELECT c.customer_id, NULL, true, c.customer_name, c.region, c.account_owner, c.parent_id
FROM %2$s WHERE NOT EXISTS (SELECT FROM %1$I.history AS h WHERE h.customer_id = c.customer_id)
$q$, schema_name, known);
END
$$;
COMMENT ON FUNCTION customer_value._people_query(text) IS
	'Internal: query for the people of a base, one row each: everybody with a sale, and everybody of the customers relation';

-- The value of a window in the value basis, exact and with at least the decimals of the currency.
CREATE FUNCTION customer_value._window_value_expression(window_name text) RETURNS text
	LANGUAGE sql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$CASE WHEN w.amount_%1$s IS NULL THEN round(0::numeric, s.minor_units)
			 WHEN s.value_basis = 'margin' THEN round(w.amount_%1$s - w.cost_%1$s,
													  greatest(min_scale(w.amount_%1$s - w.cost_%1$s), s.minor_units))
			 WHEN s.value_basis = 'assumed margin' THEN round(w.amount_%1$s * s.margin_rate::numeric, s.minor_units)
			 ELSE round(w.amount_%1$s, greatest(min_scale(w.amount_%1$s), s.minor_units)) END$q$, window_name)
$$;
COMMENT ON FUNCTION customer_value._window_value_expression(text) IS
	'Internal: the SQL expression of the realised value of a window (last_year, year_before) in customer_profile';

-- A row of which only some columns are read must not pay for the others. So whatever is dear in customer_profile is joined
-- by LEFT JOIN to a subquery that is provably unique - an aggregate without GROUP BY, or grouped by the key - and the
-- planner removes it from queries that read nothing of it.

-- Each query below has two readings: %2$s is the as-of day (of the base, or the argument of the
-- function) and %3$s the profile it stands on (the view, or the function called with the argument).

CREATE FUNCTION customer_value._customer_profile_query(schema_name text, as_of text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	-- predict and purchase_profile stand in FROM so that a row calls each of them once,
	-- however many of their columns are read and whatever is stacked on top.
	SELECT format($q$
SELECT h.customer_id,
	   h.customer_name,
	   h.region,
	   h.account_owner,
	   h.parent_id,
	   s.as_of,
	   f.first_purchase_day,
	   f.last_purchase_day,
	   f.days_since_last_purchase,
	   f.tenure_days,
	   coalesce(f.purchase_days, 0) AS purchase_days,
	   coalesce(f.repeat_purchase_days, 0) AS repeat_purchase_days,
	   coalesce(f.orders, 0) AS orders,
	   coalesce(f.returns, 0) AS returns,
	   e.total_amount,
	   e.returned_amount,
	   CASE WHEN e.total_amount + e.returned_amount > 0
			THEN round(e.returned_amount / (e.total_amount + e.returned_amount), 4) END AS return_rate,
	   e.total_cost,
	   e.total_amount - e.total_cost AS total_margin,
	   e.total_list_amount,
	   CASE WHEN e.total_list_amount > 0
			THEN round(1 - e.total_amount / e.total_list_amount, 4) END AS discount_share,
	   f.total_quantity,
	   CASE WHEN f.orders > 0
			THEN round((e.total_amount + e.returned_amount) / f.orders, s.minor_units) END AS average_order,
	   CASE WHEN f.repeat_purchase_days > 0
			THEN round(f.repeat_amount / f.repeat_purchase_days, s.minor_units) END AS average_repeat_spend,
	   CASE WHEN f.repeat_purchase_days > 0
			THEN round((f.tenure_days - f.days_since_last_purchase)::numeric / f.repeat_purchase_days, 2)
			END AS average_days_between_purchases,
	   v.realised_value,
	   p.probability_alive,
	   p.probability_active_end,
	   p.expected_purchases,
	   round(p.expected_spend::numeric, s.minor_units) AS expected_spend,
	   v.expected_value,
	   round(p.purchase_cycle_days::numeric, 2) AS purchase_cycle_days,
	   CASE WHEN p.purchase_cycle_days > 0
			THEN round(f.days_since_last_purchase / p.purchase_cycle_days::numeric, 4) END AS silence,
	   v.realised_value + v.expected_value AS total_lifetime_value,
	   s.value_basis,
	   s.currency,
	   i.probability_alive_low,
	   i.probability_alive_high,
	   i.expected_purchases_low,
	   i.expected_purchases_high,
	   round((i.expected_value_low * s.margin_share)::numeric, s.minor_units) AS expected_value_low,
	   round((i.expected_value_high * s.margin_share)::numeric, s.minor_units) AS expected_value_high,
	   1 - p.probability_active_end AS churn_risk,
	   customer_value.next_purchase_day(pm.model, h.history, s.as_of, s.horizon) AS next_purchase_day,
	   CASE WHEN y.realised_value_last_year IS NOT NULL
			THEN round((1 - p.probability_active_end)::numeric * greatest(y.realised_value_last_year, 0), s.minor_units)
			END AS value_at_risk,
	   y.amount_last_year,
	   y.amount_year_before,
	   y.realised_value_last_year,
	   y.realised_value_year_before,
	   coalesce(w.purchase_days_last_year, 0) AS purchase_days_last_year,
	   coalesce(w.purchase_days_year_before, 0) AS purchase_days_year_before,
	   coalesce(w.active_quarters, 0) AS active_quarters,
	   round(w.gap_variation::numeric, 4) AS gap_variation,
	   w.last_gap_days,
	   w.gap_before_days,
	   round(w.full_price_share::numeric, 4) AS full_price_share,
	   round(w.first_day_full_price_share::numeric, 4) AS first_day_full_price_share,
	   round(w.repeat_full_price_share::numeric, 4) AS repeat_full_price_share,
	   CASE WHEN w.list_amount_last_year > 0
			THEN round(1 - w.amount_last_year / w.list_amount_last_year, 4) END AS discount_share_last_year,
	   CASE WHEN w.list_amount_year_before > 0
			THEN round(1 - w.amount_year_before / w.list_amount_year_before, 4) END AS discount_share_year_before,
	   w.loss_days,
	   CASE WHEN f.purchase_days > 0 AND f.total_cost IS NOT NULL
			THEN round(w.loss_days::numeric / f.purchase_days, 4) END AS loss_day_share,
	   y.realised_value_last_year + v.expected_value AS contribution,
	   CASE WHEN f.orders IS NOT NULL
			THEN round(ln(((greatest(y.amount_last_year, 0) + t.yearly_spend)
						   / (greatest(y.amount_year_before, 0) + nullif(t.yearly_spend, 0)))::double precision)::numeric, 6)
			END AS spend_growth,
	   CASE WHEN t.amount_last_year > 0
			THEN round(y.amount_last_year / t.amount_last_year, 12) END AS portfolio_share,
	   CASE WHEN p.purchase_cycle_days > 0
			THEN round(1 / (1 + greatest(f.days_since_last_purchase / p.purchase_cycle_days::numeric - 1, 0)), 4) END AS tempo,
	   f.tenure_days / 365 AS tenure_year,
	   CASE WHEN f.tenure_days >= 730
			THEN customer_value.fewer_purchases_p_value(w.purchase_days_last_year, w.purchase_days_year_before)
			END AS fewer_purchases_p_value,
	   CASE WHEN s.has_category THEN coalesce(c.category_breadth, 0) END AS category_breadth,
	   c.rarefied_breadth,
	   c.first_category,
	   CASE WHEN s.has_category THEN coalesce(c.new_categories_last_year, 0) END AS new_categories_last_year,
	   n.new_product_share,
	   c.strategic_share,
	   l.main_channel,
	   coalesce(%11$s, 'unassigned') AS life_stage,
	   nullif(concat_ws('; ', CASE WHEN f.purchase_days > 0 THEN p.reason ELSE 'no purchase yet' END,
						CASE WHEN v.realised_value IS NULL THEN 'cost missing' END), '') AS reason
FROM (%3$s) AS h
	CROSS JOIN (SELECT %2$s AS as_of, r.horizon, r.annual_discount_rate, r.margin_rate, r.currency, r.minor_units,
					   r.value_basis, r.margin_share, r.category_column IS NOT NULL AS has_category,
					   coalesce(%4$s, 'Infinity') AS regularity_purchase_days
				FROM %1$I.settings AS r LIMIT 1) AS s
	LEFT JOIN (SELECT m.model FROM %1$I.models AS m
			   WHERE m.kind = 'purchase' AND m.is_current LIMIT 1) AS pm ON true
	LEFT JOIN (SELECT m.model FROM %1$I.models AS m
			   WHERE m.kind = 'spend' AND m.is_current LIMIT 1) AS sm ON true
	CROSS JOIN LATERAL customer_value.purchase_profile(h.history, s.as_of) AS f
	CROSS JOIN LATERAL customer_value.predict(pm.model, sm.model, h.history, s.as_of, s.horizon,
											  s.annual_discount_rate) AS p
	LEFT JOIN LATERAL (SELECT
		max(b.amount_last_year) AS amount_last_year, max(b.amount_year_before) AS amount_year_before,
		max(b.cost_last_year) AS cost_last_year, max(b.cost_year_before) AS cost_year_before,
		max(b.list_amount_last_year) AS list_amount_last_year, max(b.list_amount_year_before) AS list_amount_year_before,
		max(b.purchase_days_last_year) AS purchase_days_last_year, max(b.purchase_days_year_before) AS purchase_days_year_before,
		max(b.active_quarters) AS active_quarters, max(b.gap_variation) AS gap_variation,
		max(b.last_gap_days) AS last_gap_days, max(b.gap_before_days) AS gap_before_days,
		max(b.full_price_share) AS full_price_share, max(b.first_day_full_price_share) AS first_day_full_price_share,
		max(b.repeat_full_price_share) AS repeat_full_price_share, max(b.loss_days) AS loss_days
		FROM customer_value.purchase_windows(h.history, s.as_of, s.regularity_purchase_days) AS b) AS w ON true
	LEFT JOIN (%5$s) AS t ON true
	-- after those: a condition on a side of a join without a clause keeps what stands before it
	LEFT JOIN LATERAL (SELECT
		max(b.probability_alive_low) AS probability_alive_low, max(b.probability_alive_high) AS probability_alive_high,
		max(b.expected_purchases_low) AS expected_purchases_low, max(b.expected_purchases_high) AS expected_purchases_high,
		max(b.expected_value_low) AS expected_value_low, max(b.expected_value_high) AS expected_value_high
		FROM customer_value.predict_interval(pm.model, sm.model, h.history, s.as_of, s.horizon,
											 s.annual_discount_rate) AS b) AS i ON true
	LEFT JOIN (%6$s) AS c ON c.customer_id = h.customer_id
	LEFT JOIN (%7$s) AS n ON n.customer_id = h.customer_id
	LEFT JOIN (%8$s) AS l ON l.customer_id = h.customer_id
	-- sums stay exact and show at least the decimals of the currency
	CROSS JOIN LATERAL (SELECT
		round(coalesce(f.total_amount, 0), greatest(scale(f.total_amount), s.minor_units)) AS total_amount,
		round(coalesce(f.returned_amount, 0), greatest(scale(f.returned_amount), s.minor_units)) AS returned_amount,
		round(f.total_cost, greatest(scale(f.total_cost), s.minor_units)) AS total_cost,
		round(f.total_list_amount, greatest(scale(f.total_list_amount), s.minor_units)) AS total_list_amount) AS e
	CROSS JOIN LATERAL (SELECT
		CASE WHEN f.orders IS NULL THEN e.total_amount
			 WHEN s.value_basis = 'margin' THEN e.total_amount - e.total_cost
			 WHEN s.value_basis = 'assumed margin' THEN round(e.total_amount * s.margin_rate::numeric, s.minor_units)
			 ELSE e.total_amount END AS realised_value,
		round((p.expected_value * s.margin_share)::numeric, s.minor_units) AS expected_value) AS v
	CROSS JOIN LATERAL (SELECT
		round(coalesce(w.amount_last_year, 0), greatest(min_scale(w.amount_last_year), s.minor_units)) AS amount_last_year,
		round(coalesce(w.amount_year_before, 0), greatest(min_scale(w.amount_year_before), s.minor_units)) AS amount_year_before,
		%9$s AS realised_value_last_year,
		%10$s AS realised_value_year_before) AS y
	-- What the rules of life_stage look at. Without a model the mean gap of the customer stands in for the cycle.
	CROSS JOIN LATERAL (SELECT coalesce(nullif(p.purchase_cycle_days, 0),
		nullif((f.tenure_days - f.days_since_last_purchase)::double precision / nullif(f.repeat_purchase_days, 0), 0)) AS days) AS cycle
	CROSS JOIN LATERAL (SELECT
		coalesce(f.purchase_days, 0) AS purchase_days, f.tenure_days, f.days_since_last_purchase, p.probability_alive,
		f.days_since_last_purchase / cycle.days AS silence,
		CASE WHEN p.probability_alive IS NULL THEN f.days_since_last_purchase / cycle.days END AS silence_without_model,
		f.tenure_days / cycle.days AS tenure_cycles,
		w.last_gap_days / cycle.days AS last_gap_cycles,
		w.gap_before_days / cycle.days AS gap_before_cycles,
		CASE WHEN w.list_amount_last_year > 0 AND w.list_amount_year_before > 0
			 THEN round(1 - w.amount_last_year / w.list_amount_last_year, 4)
				  - round(1 - w.amount_year_before / w.list_amount_year_before, 4) END AS discount_share_rise,
		CASE WHEN f.tenure_days >= 730
			 THEN customer_value.fewer_purchases_p_value(w.purchase_days_last_year, w.purchase_days_year_before)
			 END AS fewer_purchases_p_value) AS stage
WHERE f.orders IS NOT NULL OR h.known
$q$, schema_name, as_of, customer_value._people_query(schema_name),
		customer_value._parameter(schema_name, 'regularity_purchase_days'),
		customer_value._base_totals_query(schema_name, as_of),
		customer_value._customer_categories_query(schema_name, as_of),
		customer_value._customer_products_query(schema_name, as_of),
		customer_value._customer_channels_query(schema_name, as_of),
		customer_value._window_value_expression('last_year'), customer_value._window_value_expression('year_before'),
		customer_value._segment_expression(schema_name, 'life_stage', 'stage'))
$$;
COMMENT ON FUNCTION customer_value._customer_profile_query(text, text) IS
	'Internal: query of customer_profile with the as-of day written as given';

CREATE FUNCTION customer_value._customer_lifetime_value_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT p.customer_id,
	   p.customer_name,
	   p.as_of,
	   s.horizon,
	   (p.as_of + s.horizon)::date AS horizon_end,
	   s.annual_discount_rate,
	   p.probability_alive,
	   p.expected_purchases,
	   p.expected_spend,
	   s.margin_share,
	   p.expected_value,
	   p.realised_value,
	   p.total_lifetime_value,
	   p.value_basis,
	   p.currency,
	   p.reason
FROM %3$s AS p
	CROSS JOIN (SELECT r.horizon, r.annual_discount_rate, r.margin_share FROM %1$I.settings AS r LIMIT 1) AS s
$q$, schema_name, as_of, profile)
$$;
COMMENT ON FUNCTION customer_value._customer_lifetime_value_query(text, text, text) IS
	'Internal: query of customer_lifetime_value on the profile as given';

-- The intervals cost several times what the predictions do, so they are a view of their own.
CREATE FUNCTION customer_value._customer_interval_query(schema_name text, as_of text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT h.customer_id,
	   h.customer_name,
	   s.as_of,
	   s.horizon,
	   p.probability_alive,
	   i.probability_alive_low,
	   i.probability_alive_high,
	   p.expected_purchases,
	   i.expected_purchases_low,
	   i.expected_purchases_high,
	   round((p.expected_value * s.margin_share)::numeric, s.minor_units) AS expected_value,
	   round((i.expected_value_low * s.margin_share)::numeric, s.minor_units) AS expected_value_low,
	   round((i.expected_value_high * s.margin_share)::numeric, s.minor_units) AS expected_value_high,
	   customer_value.next_purchase_day(pm.model, h.history, s.as_of, s.horizon) AS next_purchase_day,
	   s.value_basis,
	   s.currency,
	   CASE WHEN f.purchase_days > 0 THEN coalesce(p.reason, i.reason) ELSE 'no purchase yet' END AS reason
FROM (%3$s) AS h
	CROSS JOIN (SELECT %2$s AS as_of, r.horizon, r.annual_discount_rate, r.currency, r.minor_units, r.value_basis, r.margin_share
				FROM %1$I.settings AS r LIMIT 1) AS s
	LEFT JOIN (SELECT m.model FROM %1$I.models AS m
			   WHERE m.kind = 'purchase' AND m.is_current LIMIT 1) AS pm ON true
	LEFT JOIN (SELECT m.model FROM %1$I.models AS m
			   WHERE m.kind = 'spend' AND m.is_current LIMIT 1) AS sm ON true
	CROSS JOIN LATERAL customer_value.purchase_profile(h.history, s.as_of) AS f
	CROSS JOIN LATERAL customer_value.predict(pm.model, sm.model, h.history, s.as_of, s.horizon,
											  s.annual_discount_rate) AS p
	CROSS JOIN LATERAL customer_value.predict_interval(pm.model, sm.model, h.history, s.as_of, s.horizon,
													   s.annual_discount_rate) AS i
WHERE f.orders IS NOT NULL OR h.known
$q$, schema_name, as_of, customer_value._people_query(schema_name))
$$;
COMMENT ON FUNCTION customer_value._customer_interval_query(text, text) IS
	'Internal: query of customer_lifetime_value_interval with the as-of day written as given';

CREATE FUNCTION customer_value._customer_ranking_query(schema_name text, as_of text, profile text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	-- Everything comes from counts of whole tie groups: n customers ranked, rank - 1 of them
	-- above, reached of them above or equal. So equal values share rank, percentile and tier.
	SELECT format($q$
SELECT r.customer_id,
	   r.customer_name,
	   r.as_of,
	   CASE WHEN r.expected_value IS NOT NULL THEN r.rank END AS rank,
	   CASE WHEN r.expected_value IS NOT NULL
			THEN round(100 * (2 * r.n - r.reached - (r.rank - 1)) / (2.0 * r.n), 4) END AS percentile,
	   CASE WHEN r.expected_value IS NULL THEN NULL
			WHEN 100 * (2 * r.n - r.reached - (r.rank - 1)) >= 99 * 2 * r.n THEN 'top 1%%'
			WHEN 100 * (2 * r.n - r.reached - (r.rank - 1)) >= 95 * 2 * r.n THEN 'top 5%%'
			WHEN 100 * (2 * r.n - r.reached - (r.rank - 1)) >= 80 * 2 * r.n THEN 'top 20%%'
			WHEN 100 * (2 * r.n - r.reached - (r.rank - 1)) >= 20 * 2 * r.n THEN 'middle'
			ELSE 'low' END AS tier,
	   concat_ws('; ',
		   CASE WHEN r.purchase_days = 1 THEN 'bought once, ' || w.last
				WHEN r.average_days_between_purchases < 1.5 THEN 'bought ' || r.purchase_days || ' times, every day; last ' || w.last
				WHEN r.purchase_days > 1 THEN 'bought ' || r.purchase_days || ' times, every '
					|| round(r.average_days_between_purchases) || ' days; last ' || w.last END,
		   CASE WHEN r.probability_alive >= 0.995 THEN 'over 99%%'
				WHEN r.probability_alive < 0.005 THEN 'under 1%%'
				ELSE round(100 * r.probability_alive::numeric) || '%%' END || ' likely active',
		   'expected to spend ' || r.expected_spend || coalesce(' ' || r.currency, '') || ' a time',
		   r.reason) AS why,
	   r.expected_value,
	   r.expected_purchases,
	   r.probability_alive,
	   r.realised_value,
	   r.total_lifetime_value,
	   r.value_basis,
	   r.currency,
	   r.reason
FROM (SELECT p.*,
			 count(p.expected_value) OVER () AS n,
			 rank() OVER (ORDER BY p.expected_value DESC NULLS LAST) AS rank,
			 count(*) OVER (ORDER BY p.expected_value DESC NULLS LAST) AS reached
	  FROM %3$s AS p) AS r
	CROSS JOIN LATERAL (SELECT CASE r.days_since_last_purchase
								   WHEN 0 THEN 'on the as-of day'
								   WHEN 1 THEN '1 day ago'
								   ELSE r.days_since_last_purchase || ' days ago' END AS last) AS w
ORDER BY r.rank, r.customer_id%4$s
$q$, schema_name, as_of, profile,
		(SELECT CASE WHEN a.attcollation <> 0 THEN ' COLLATE pg_catalog."C"' ELSE '' END
		 FROM pg_attribute AS a
		 WHERE a.attrelid = format('%I.history', schema_name)::regclass AND a.attname = 'customer_id'))
$$;
COMMENT ON FUNCTION customer_value._customer_ranking_query(text, text, text) IS
	'Internal: query of customer_ranking on the profile as given';

CREATE FUNCTION customer_value._create_customer_views(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	profile text := format('%I.customer_profile', schema_name);
	profile_at text := format('%I.customer_profile_at($1)', schema_name);
	as_of_argument constant text := 'coalesce($1, r.as_of)';
BEGIN
	PERFORM customer_value._create_view(schema_name, 'customer_profile',
		customer_value._customer_profile_query(schema_name, 'r.as_of'),
		'One row a customer: what is known about it up to the as-of day and what is expected of it over the horizon. '
		'People of the customers relation without a purchase are prospects. reason says why something is NULL',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'region: Region, from the customers relation; NULL where no such column is bound',
		'account_owner: Who looks after the customer, from the customers relation; NULL where no such column is bound',
		'parent_id: Key of the parent customer, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends; later sales are ignored',
		'first_purchase_day: Day of the first purchase. A day is a purchase day if its net amount is above 0, or 0 with no return on it',
		'last_purchase_day: Day of the last purchase up to as_of',
		'days_since_last_purchase: Days from last_purchase_day to as_of',
		'tenure_days: Days from first_purchase_day to as_of',
		'purchase_days: Number of days with a purchase',
		'repeat_purchase_days: Number of purchase days after the first',
		'orders: Number of orders that are not returns; where no order number is bound every line is an order',
		'returns: Number of returns (orders, or lines where no order number is bound)',
		'total_amount: Amount paid, net of returns; exact',
		'returned_amount: Amount of the returns, as a positive number; exact. Needs returns => net',
		'return_rate: returned_amount / (total_amount + returned_amount), a share; above 1 where more came back than was sold in the data',
		'total_cost: Cost of the sales, net of returns; exact. Needs the cost column; NULL if a line lacks it',
		'total_margin: total_amount - total_cost; exact. Needs the cost column',
		'total_list_amount: Amount at list prices, net of returns; exact. Needs the list amount column; NULL if a line lacks it',
		'discount_share: 1 - total_amount / total_list_amount, a share. Needs the list amount column',
		'total_quantity: Quantity bought, net of returns; exact. Needs the quantity column; NULL if a line lacks it',
		'average_order: (total_amount + returned_amount) / orders: amount of an order before returns, rounded to the currency',
		'average_repeat_spend: Mean net amount of a purchase day after the first, rounded to the currency; NULL without one',
		'average_days_between_purchases: Days from the first to the last purchase day / repeat_purchase_days; NULL without a repeat purchase',
		'realised_value: Value up to as_of in the value basis: total_margin, margin rate x total_amount, or total_amount',
		'probability_alive: Probability (0 to 1) that the customer is still a customer on as_of, by the purchase model',
		'probability_active_end: Probability (0 to 1) that the customer is still a customer at the end of the horizon, by the purchase model',
		'expected_purchases: Expected number of purchase days within the horizon, by the purchase model',
		'expected_spend: Expected amount (not margin) of a purchase day, by the spend model, rounded to the currency',
		'expected_value: Expected value within the horizon in the value basis: discounted expected purchases x expected spend x margin share, rounded to the currency',
		'purchase_cycle_days: Expected days to the next purchase while the customer is one, by the purchase model',
		'silence: days_since_last_purchase / purchase_cycle_days: 1 is a usual pause, 3 a long one',
		'total_lifetime_value: realised_value + expected_value',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'probability_alive_low: Lower end of the 95% interval of probability_alive. The intervals cover that the models are estimates, not the chance of one customer''s doings',
		'probability_alive_high: Upper end of the 95% interval of probability_alive',
		'expected_purchases_low: Lower end of the 95% interval of expected_purchases',
		'expected_purchases_high: Upper end of the 95% interval of expected_purchases',
		'expected_value_low: Lower end of the 95% interval of expected_value, the margin share taken as known',
		'expected_value_high: Upper end of the 95% interval of expected_value, the margin share taken as known',
		'churn_risk: 1 - probability_active_end: probability (0 to 1) that the customer is lost by the end of the horizon',
		'next_purchase_day: Expected day of the next purchase if one comes within the horizon; NULL where the chance of one is below 1e-9',
		'value_at_risk: churn_risk x realised_value_last_year (0 where that is a loss), rounded to the currency: what last year brought times the risk to lose it, not a forecast',
		'amount_last_year: Amount paid, net of returns, in the last year: the 365 days up to as_of; exact',
		'amount_year_before: Amount paid, net of returns, in the 365 days before the last year; exact',
		'realised_value_last_year: Value of the last year in the value basis. NULL if a line of it lacks a cost that is bound',
		'realised_value_year_before: Value of the year before in the value basis. NULL if a line of it lacks a cost that is bound',
		'purchase_days_last_year: Purchase days in the last year',
		'purchase_days_year_before: Purchase days in the year before',
		'active_quarters: How many of the last 8 quarters, three months each counted back from as_of, have a purchase',
		'gap_variation: Standard deviation of the days between purchase days over their mean: 0 is a clock, about 1 pure chance. NULL below regularity_purchase_days (a parameter) purchase days',
		'last_gap_days: Days between the last two purchase days; NULL below two',
		'gap_before_days: Days between the two purchase days before the last; NULL below three',
		'full_price_share: Share of the amount of purchase days that was bought on days at no discount: no less paid than at list prices. Needs the list amount column; NULL if a purchase day lacks it',
		'first_day_full_price_share: full_price_share of the first purchase day: 1 or 0. Needs the list amount column',
		'repeat_full_price_share: full_price_share of the purchase days after the first; NULL without one. Needs the list amount column',
		'discount_share_last_year: 1 - amount / amount at list prices of the last year, a share; NULL without a sale in it. Needs the list amount column',
		'discount_share_year_before: 1 - amount / amount at list prices of the year before, a share; NULL without a sale in it. Needs the list amount column',
		'loss_days: Purchase days that cost more than was paid, of those with complete cost. Needs the cost column',
		'loss_day_share: loss_days / purchase_days, a share: does not grow with the number of purchases. Needs the cost column; NULL if a line lacks it',
		'contribution: realised_value_last_year + expected_value, in the value basis',
		'spend_growth: ln((amount_last_year + k) / (amount_year_before + k)), k = mean amount of a customer''s year with a purchase, over these two years: growth of spend that does not blow up where little was spent; amounts below 0 count as 0',
		'portfolio_share: amount_last_year as a share of that of all customers',
		'tempo: 1 / (1 + max(0, silence - 1)): 1 within the usual pause, 1/2 at twice that. Of the purchase model''s pause, not a probability',
		'tenure_year: Whole years of 365 days since the first purchase: 0 is the first year',
		'fewer_purchases_p_value: Chance of as few purchase days in the last year, given those of both years, at an unchanged rate (one-sided binomial mid-p): small is a real decline. NULL below 730 days of tenure',
		'category_breadth: Number of categories of which goods were kept: net amount above 0. Grows with the size of a customer. Needs the category column',
		'rarefied_breadth: Expected number of categories among rarefaction_lines (a parameter) lines drawn at random of what the customer bought: breadth that does not count size twice. NULL for who bought fewer lines. Needs the category column',
		'first_category: Category of the first purchase day; of several that with the largest amount on it, of equal ones the first by name. Needs the category column',
		'new_categories_last_year: Categories first bought in the last year; those of a first purchase day do not count. Needs the category column',
		'new_product_share: Of what was kept in the last year, the share of products that nobody bought before that year. NULL where the sales do not go back further. Needs the product column',
		'strategic_share: Share of the kept goods'' amount in categories of the parameter strategic_categories. NULL where that has none. Needs the category column',
		'main_channel: Channel with the largest net amount; of equal ones the first by name. Needs the channel column',
		'life_stage: By the first rule of segment_rules that holds as of the day: prospect, lapsed, won_back, honeymoon, contested, observation; unassigned where '
			'no rule holds. Maturity is not told here: it needs the stages of earlier months',
		'reason: Why columns are NULL: not fitted, no purchase yet, no spend model, cost missing ...; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'customer_profile',
		customer_value._customer_profile_query(schema_name, as_of_argument));

	PERFORM customer_value._create_view(schema_name, 'customer_lifetime_value',
		customer_value._customer_lifetime_value_query(schema_name, 'r.as_of', profile),
		'One row a customer: expected value over the horizon, realised value so far, and their sum, in the value basis',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends and the horizon begins',
		'horizon: How far ahead the expected columns look',
		'horizon_end: as_of + horizon: the last day of the horizon',
		'annual_discount_rate: Yearly rate at which expected_value is discounted: 0.10 is 10 percent',
		'probability_alive: Probability (0 to 1) that the customer is still a customer on as_of, by the purchase model',
		'expected_purchases: Expected number of purchase days within the horizon, not discounted',
		'expected_spend: Expected amount (not margin) of a purchase day, rounded to the currency',
		'margin_share: Share of an amount that is value: realised margin share, the assumed margin rate, or 1',
		'expected_value: Discounted expected purchases x expected_spend x margin_share, rounded to the currency',
		'realised_value: Value up to as_of in the value basis',
		'total_lifetime_value: realised_value + expected_value',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'customer_lifetime_value',
		customer_value._customer_lifetime_value_query(schema_name, as_of_argument, profile_at));

	PERFORM customer_value._create_view(schema_name, 'customer_lifetime_value_interval',
		customer_value._customer_interval_query(schema_name, 'r.as_of'),
		'One row a customer: how far the expectations may be off, as 95% intervals, and the expected day of the next purchase. The intervals '
		'cover that the models are estimates, not the chance of one customer''s doings: customer_value.purchase_distribution has that. '
		'Takes several times as long as customer_lifetime_value',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends and the horizon begins',
		'horizon: How far ahead the expected columns look',
		'probability_alive: Probability (0 to 1) that the customer is still a customer on as_of, by the purchase model',
		'probability_alive_low: Lower end of the 95% interval of probability_alive',
		'probability_alive_high: Upper end of the 95% interval of probability_alive',
		'expected_purchases: Expected number of purchase days within the horizon, not discounted',
		'expected_purchases_low: Lower end of the 95% interval of expected_purchases',
		'expected_purchases_high: Upper end of the 95% interval of expected_purchases',
		'expected_value: As in customer_lifetime_value, in the value basis, rounded to the currency',
		'expected_value_low: Lower end of the 95% interval of expected_value, the margin share taken as known',
		'expected_value_high: Upper end of the 95% interval of expected_value, the margin share taken as known',
		'next_purchase_day: Expected day of the next purchase if one comes within the horizon; NULL where the chance of one is below 1e-9',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'customer_lifetime_value_interval',
		customer_value._customer_interval_query(schema_name, as_of_argument));

	PERFORM customer_value._create_view(schema_name, 'customer_ranking',
		customer_value._customer_ranking_query(schema_name, 'r.as_of', profile),
		'The customers by expected value, the best first. Equal values share rank, percentile and tier. '
		'Customers without an expected value come last, with a reason and no rank',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends',
		'rank: 1 + the number of customers with a higher expected_value',
		'percentile: Of 100 customers with an expected value, how many are below this one; those equal count half',
		'tier: By percentile: top 1% from 99, top 5% from 95, top 20% from 80, middle from 20, low below',
		'why: What the rank rests on, in words',
		'expected_value: Expected value within the horizon in the value basis, rounded to the currency: what is ranked',
		'expected_purchases: Expected number of purchase days within the horizon',
		'probability_alive: Probability (0 to 1) that the customer is still a customer on as_of',
		'realised_value: Value up to as_of in the value basis',
		'total_lifetime_value: realised_value + expected_value',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'customer_ranking',
		customer_value._customer_ranking_query(schema_name, as_of_argument, profile_at));
END
$$;
COMMENT ON FUNCTION customer_value._create_customer_views(text) IS
	'Internal: makes customer_profile, customer_lifetime_value, its intervals and customer_ranking in the schema of a base, and their _at functions';
