-- base_views_history.sql - histories of a customer by category, product and channel, and what customer_profile
-- makes of them. Lines count, not orders: one order may have several categories.

CREATE FUNCTION customer_value._create_history_views(schema_name text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	split record;
BEGIN
	FOR split IN SELECT * FROM (VALUES ('category', s.category_column), ('product', s.product_column),
									   ('channel', s.channel_column)) AS v (name, bound) LOOP
		PERFORM customer_value._create_view(schema_name, 'history_by_' || split.name,
			-- num_nulls(...) <> 0: see _create_sales_views. false: planned as nothing at all.
			format('SELECT l.customer_id, l.%1$I, customer_value.purchase_history(l.day, l.amount, l.cost, l.list_amount, l.quantity) AS history '
				   'FROM %2$I.sales_lines AS l WHERE num_nulls(l.rule) <> 0 AND %3$s GROUP BY l.customer_id, l.%1$I',
				   split.name, schema_name, CASE WHEN split.bound IS NULL THEN 'false' ELSE format('l.%I IS NOT NULL', split.name) END),
			format('One purchase history a customer and %1$s, of the lines that count and name a %1$s: each line is an order of its own, '
				   'whatever the as-of day. Without rows where no %1$s is bound', split.name),
			ARRAY['customer_id: The customer',
				  format('%1$s: The %1$s', split.name),
				  format('history: The customer''s purchase history in this %s; customer_value.unnest(history) shows its days', split.name)]);
	END LOOP;
END $$;
COMMENT ON FUNCTION customer_value._create_history_views(text) IS
	'Internal: makes the views history_by_category, history_by_product and history_by_channel of a base';

-- The queries below have a row a customer, and are joined to customer_profile by LEFT JOIN: unique by GROUP BY, so
-- that the planner leaves them out where nobody reads them. as_of reads the settings as r.

CREATE FUNCTION customer_value._customer_categories_query(schema_name text, as_of text) RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT c.customer_id,
	   count(*) FILTER (WHERE c.amount > 0) AS category_breadth,
	   round(sum(round(customer_value.chance_of_line(c.lines, c.all_lines, %3$s)::numeric, 12)), 4) AS rarefied_breadth,
	   (array_agg(c.category ORDER BY c.first_day, c.first_amount DESC, c.category COLLATE "C")
		FILTER (WHERE c.first_day IS NOT NULL))[1] AS first_category,
	   count(*) FILTER (WHERE c.first_day > c.as_of - 365 AND c.first_day > c.first_of_all) AS new_categories_last_year,
	   round(coalesce(sum(c.amount) FILTER (WHERE c.amount > 0 AND c.is_strategic), 0)
			 / sum(c.amount) FILTER (WHERE c.amount > 0 AND c.is_strategic IS NOT NULL), 4) AS strategic_share
FROM (SELECT h.customer_id, h.category, s.as_of, f.total_amount AS amount, f.orders AS lines, f.first_purchase_day AS first_day,
			 customer_value.total_amount(h.history, f.first_purchase_day) AS first_amount,
			 sum(f.orders) OVER (PARTITION BY h.customer_id)::bigint AS all_lines,
			 min(f.first_purchase_day) OVER (PARTITION BY h.customer_id) AS first_of_all,
			 h.category = ANY (%4$s) AS is_strategic
	  FROM %1$I.history_by_category AS h
		  CROSS JOIN (SELECT %2$s AS as_of FROM %1$I.settings AS r LIMIT 1) AS s
		  CROSS JOIN LATERAL customer_value.purchase_profile(h.history, s.as_of) AS f
	  WHERE f.orders IS NOT NULL) AS c
GROUP BY c.customer_id
$q$, schema_name, as_of, customer_value._parameter(schema_name, 'rarefaction_lines'),
		customer_value._list_parameter(schema_name, 'strategic_categories'))
$$;
COMMENT ON FUNCTION customer_value._customer_categories_query(text, text) IS
	'Internal: query of what the categories of a customer say, with the as-of day written as given';

CREATE FUNCTION customer_value._customer_products_query(schema_name text, as_of text) RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	-- Where the sales themselves begin within the year, no product can be told to be new.
	SELECT format($q$
SELECT p.customer_id,
	   round(coalesce(sum(p.amount) FILTER (WHERE p.first_sold > p.as_of - 365), 0) / sum(p.amount), 4) AS new_product_share
FROM (SELECT h.customer_id, s.as_of, n.first_sold,
			 coalesce(customer_value.total_amount(h.history, s.as_of), 0)
			 - coalesce(customer_value.total_amount(h.history, s.as_of - 365), 0) AS amount
	  FROM %1$I.history_by_product AS h
		  CROSS JOIN (SELECT %2$s AS as_of FROM %1$I.settings AS r LIMIT 1) AS s
		  JOIN (SELECT l.product, min(l.day) AS first_sold, min(min(l.day)) OVER () AS first_of_all
				FROM %1$I.sales_lines AS l
				WHERE num_nulls(l.rule) <> 0 AND l.amount > 0 AND l.product IS NOT NULL
				GROUP BY l.product) AS n ON n.product = h.product AND n.first_of_all <= s.as_of - 365) AS p
WHERE p.amount > 0
GROUP BY p.customer_id
$q$, schema_name, as_of)
$$;
COMMENT ON FUNCTION customer_value._customer_products_query(text, text) IS
	'Internal: query of what the products of a customer say, with the as-of day written as given';

CREATE FUNCTION customer_value._customer_channels_query(schema_name text, as_of text) RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT h.customer_id,
	   (array_agg(h.channel ORDER BY f.total_amount DESC, h.channel COLLATE "C"))[1] AS main_channel
FROM %1$I.history_by_channel AS h
	CROSS JOIN (SELECT %2$s AS as_of FROM %1$I.settings AS r LIMIT 1) AS s
	CROSS JOIN LATERAL customer_value.purchase_profile(h.history, s.as_of) AS f
WHERE f.orders IS NOT NULL
GROUP BY h.customer_id
$q$, schema_name, as_of)
$$;
COMMENT ON FUNCTION customer_value._customer_channels_query(text, text) IS
	'Internal: query of what the channels of a customer say, with the as-of day written as given';

-- One row: an aggregate without GROUP BY, which is left out where nobody reads it. The one pass over the histories is
-- a scalar subquery, so however the row is joined, it is made once.
CREATE FUNCTION customer_value._base_totals_query(schema_name text, as_of text) RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT max(t.totals[1]) AS amount_last_year, max(t.totals[2]) AS yearly_spend
FROM (SELECT (SELECT ARRAY[sum(w.amount_last_year),
						   sum(greatest(w.amount_last_year, 0) + greatest(w.amount_year_before, 0))
						   / nullif(count(*) FILTER (WHERE w.purchase_days_last_year > 0)
									+ count(*) FILTER (WHERE w.purchase_days_year_before > 0), 0)]
			  FROM %1$I.history AS h
				  CROSS JOIN (SELECT %2$s AS as_of FROM %1$I.settings AS r LIMIT 1) AS s
				  CROSS JOIN LATERAL customer_value.purchase_windows(h.history, s.as_of) AS w) AS totals
	  OFFSET 0) AS t
$q$, schema_name, as_of)
$$;
COMMENT ON FUNCTION customer_value._base_totals_query(text, text) IS
	'Internal: query of what customers are compared with in customer_profile, one row, with the as-of day written as given';
