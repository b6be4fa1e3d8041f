-- base_maintenance.sql - what stands between the sales and the views of a base (sales_lines, history), and
-- what keeps it up to date: refresh, fit, rebuild. All of it runs as the owner of the base.

CREATE FUNCTION customer_value._load_settings(schema_name text) RETURNS customer_value.base_settings
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- @plpgsql_check_options: other_warnings = off
	s customer_value.base_settings;
	foreign_object text;
BEGIN
	EXECUTE format('SELECT * FROM %I.settings', schema_name) INTO s;
	IF s.base IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the settings of the customer base in schema "%s" are gone', schema_name),
			DETAIL = format('Table %I.settings has no row.', schema_name),
			HINT = 'Restore the table from a backup, or drop the schema and create the base again.';
	END IF;
	SELECT format('%I.%I', schema_name, c.relname) INTO foreign_object
	FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
	WHERE c.relnamespace = quote_ident(schema_name)::regnamespace AND r.rolname <> current_user
	  AND (c.relname = ANY (s.views) OR c.relname IN (SELECT t.name FROM customer_value._base_tables() t)) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('%s does not belong to the owner of customer base "%s"', foreign_object, s.base),
			DETAIL = format('The base belongs to role "%s", and so must its tables and views.', current_user),
			HINT = 'Give them one owner: ALTER TABLE ... OWNER TO.';
	END IF;
	RETURN s;
END $$;
COMMENT ON FUNCTION customer_value._load_settings(text) IS
	'Internal: the settings row of a base; raises insufficient_privilege if parts of the base belong to others';

CREATE FUNCTION customer_value._store_settings(schema_name text, s customer_value.base_settings) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('DELETE FROM %I.settings', schema_name);
	EXECUTE format('INSERT INTO %I.settings SELECT ($1).*', schema_name) USING s;
END $$;
COMMENT ON FUNCTION customer_value._store_settings(text, customer_value.base_settings) IS
	'Internal: replaces the settings row of a base';

-- Names of a base's views, and of its functions with their arguments, as settings.views keeps them.
CREATE FUNCTION customer_value._view_names(schema_name text) RETURNS text[]
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	names text[];
BEGIN
	EXECUTE format($q$
SELECT ARRAY['sales_lines', 'history', 'history_by_category', 'history_by_product', 'history_by_channel', 'data_quality']
	   || array_agg(n.name ORDER BY v.place, n.scorecard COLLATE "C", n.part)
FROM customer_value._base_views() WITH ORDINALITY AS v (name, kind, place)
	CROSS JOIN LATERAL (
		SELECT v.name || CASE v.kind WHEN 'function' THEN '(date)' ELSE '' END AS name, NULL AS scorecard, 0 AS part
		WHERE v.kind <> 'scorecards'
		UNION ALL
		SELECT c.scorecard || p.ending, c.scorecard, p.part::integer
		FROM %I.scorecards AS c, unnest(ARRAY['', '_at(date)', '_change(date)']) WITH ORDINALITY AS p (ending, part)
		WHERE v.kind = 'scorecards') AS n$q$, schema_name) INTO names;
	RETURN names;
END $$;
COMMENT ON FUNCTION customer_value._view_names(text) IS
	'Internal: the views, and the functions with their arguments, that a base has in this version';

-- The query of sales_lines. Every bound column is read in one subquery over the alias sale, under the name of
-- the argument that bound it: customer_bases finds out from there what the view really reads. The planner
-- computes day and amount anew wherever they are mentioned: for a line that counts, rule asks as little as it can.
CREATE FUNCTION customer_value._sales_query(schema_name text, s customer_value.base_settings) RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	sales oid := customer_value._named_relation(s.sales_relation);
	id_expression text := customer_value._id_expression(sales, 'customer_id', s.customer_id_column, 'sale');
BEGIN
	RETURN format($q$
SELECT l.customer_id, l.day, l.order_id, l.amount, l.cost, l.list_amount, l.quantity, l.product, l.category, l.channel,
	CASE
		WHEN l.customer_id IS NULL THEN 'no_customer'
		WHEN l.customer_id::text COLLATE "C" = ANY (s.anonymous_ids) THEN 'anonymous_customer'
		WHEN (l.day <= s.refreshed_on) IS NOT TRUE THEN
			CASE WHEN l.sold_at IS NULL THEN 'no_day' WHEN l.day IS NULL THEN 'infinite_day' ELSE 'future_day' END
		WHEN (abs(l.amount) < 1e15 AND min_scale(l.amount) <= 12) IS NOT TRUE THEN
			CASE WHEN l.paid IS NULL THEN 'no_amount' WHEN l.amount IS NULL THEN 'amount_not_finite'
				 ELSE 'amount_out_of_range' END
		WHEN s.zero_amounts = 'ignore' AND l.amount = 0 THEN 'zero_amount_ignored'
		WHEN s.returns = 'ignore' AND (l.amount < 0 OR l.amount = 0 AND l.quantity < 0) THEN 'return_ignored'%1$s
	END AS rule,
	l.currency, CASE WHEN l.amount IS NOT NULL THEN l.paid END AS read_amount, l.line
FROM %2$I.settings s
CROSS JOIN LATERAL (
	SELECT r.customer_id, r.sold_at, nullif(nullif(r.sold_at, 'infinity'), '-infinity') AS day, r.order_id, r.amount AS paid,
		CASE WHEN abs(r.amount) < 'Infinity' THEN
			CASE WHEN s.amount_scale IS NULL THEN r.amount ELSE round(r.amount, s.amount_scale) END END AS amount,
		CASE WHEN abs(r.cost) < 1e15 THEN
			CASE WHEN scale(r.cost) <= coalesce(s.amount_scale, 12) THEN r.cost
				 ELSE round(r.cost, coalesce(s.amount_scale, 12)) END END AS cost,
		CASE WHEN abs(r.list_amount) < 1e15 THEN
			CASE WHEN scale(r.list_amount) <= coalesce(s.amount_scale, 12) THEN r.list_amount
				 ELSE round(r.list_amount, coalesce(s.amount_scale, 12)) END END AS list_amount,
		CASE WHEN abs(r.quantity) < 1e15 THEN
			CASE WHEN scale(r.quantity) <= 12 THEN r.quantity ELSE round(r.quantity, 12) END END AS quantity,
		r.product, r.category, r.channel, r.currency_column AS currency, r.line%3$s
	FROM (
		SELECT %4$s AS customer_id, %5$s AS sold_at, %6$s AS order_id,
			%7$s AS amount, %8$s AS cost, %9$s AS list_amount, %10$s AS quantity,
			%11$s AS product, %12$s AS category, %13$s AS channel, %14$s AS currency_column,
			(sale.*)::text AS line%15$s
		FROM %16$s AS sale) AS r) AS l$q$,
		CASE s.duplicates WHEN 'ignore' THEN E'\n\t\tWHEN l.copy > 1 THEN ''duplicate_ignored''' ELSE '' END,
		schema_name,
		CASE s.duplicates WHEN 'ignore' THEN ', r.copy' ELSE '' END,
		id_expression,
		customer_value._day_expression(sales, s.sold_at_column),
		customer_value._text_expression(s.order_id_column),
		customer_value._number_expression(sales, 'amount', s.amount_column),
		customer_value._number_expression(sales, 'cost', s.cost_column),
		customer_value._number_expression(sales, 'list_amount', s.list_amount_column),
		customer_value._number_expression(sales, 'quantity', s.quantity_column),
		customer_value._text_expression(s.product_column),
		customer_value._text_expression(s.category_column),
		customer_value._text_expression(s.channel_column),
		customer_value._text_expression(s.currency_column),
		-- Partitioned by the customer, too, so that a reader's condition on one customer reaches the sales. The hash of
		-- a line sorts faster than its text, and has only the lines of one customer's day to tell apart.
		CASE s.duplicates WHEN 'ignore' THEN
			format(', row_number() OVER (PARTITION BY %s, %s, hashtextextended((sale.*)::text COLLATE "C", 0)) AS copy',
				   id_expression, customer_value._day_expression(sales, s.sold_at_column)) ELSE '' END,
		sales::regclass);
END $$;
COMMENT ON FUNCTION customer_value._sales_query(text, customer_value.base_settings) IS
	'Internal: the query of a base''s sales_lines view';

CREATE FUNCTION customer_value._create_sales_views(schema_name text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	sale constant text := 'customer_value.purchase_history(l.day, l.amount, l.cost, l.list_amount, l.quantity)';
	-- rule IS NULL, but the planner takes that for a rarity, and this for the rule.
	kept constant text := 'num_nulls(l.rule) <> 0';
BEGIN
	PERFORM customer_value._create_view(schema_name, 'sales_lines', customer_value._sales_query(schema_name, s),
		'The sales as this customer base reads them: one row a line of the bound relation, with the rule that left it out. '
		'The only view that reads the sales',
		ARRAY[
		'customer_id: The customer; types that are not built in are shown as text, citext in lower case',
		'day: The day of the sale; moments with a time zone are taken to the base''s time_zone; NULL where not finite',
		'order_id: The order; NULL where not bound or not known: the line is an order of its own',
		'amount: The amount, net of discounts, rounded to amount_scale where that is set; negative for returns; NULL where not finite',
		'cost: The cost of the line, to at most 12 decimals; NULL where not bound, not known or out of range',
		'list_amount: The amount at list price, to at most 12 decimals; NULL where not bound, not known or out of range',
		'quantity: The quantity, to at most 12 decimals; NULL where not bound, not known or out of range',
		'product: The product; NULL where not bound',
		'category: The category; NULL where not bound',
		'channel: The channel; NULL where not bound',
		'rule: NULL: the line counts; else the rule that left it out (data_quality explains each)',
		'currency: The currency of the line; NULL where not bound',
		'read_amount: The amount before any rounding',
		'line: The whole line as text; equal texts are exact duplicates']);

	-- Orders are counted once a day: lines are first gathered by order, where orders are bound.
	PERFORM customer_value._create_view(schema_name, 'history',
		CASE WHEN s.order_id_column IS NULL
		THEN format('SELECT l.customer_id, %s AS history FROM %I.sales_lines l WHERE %s GROUP BY l.customer_id',
					sale, schema_name, kept)
		ELSE format($q$
SELECT o.customer_id, customer_value.merge(CASE WHEN o.order_id IS NULL THEN o.history
												ELSE customer_value.as_one_order(o.history) END) AS history
FROM (SELECT l.customer_id, l.order_id, %s AS history
	  FROM %I.sales_lines l WHERE %s GROUP BY l.customer_id, l.day, l.order_id) o
GROUP BY o.customer_id$q$, sale, schema_name, kept) END,
		'One purchase history a customer, of all the lines that count: the whole timeline, whatever the as-of day',
		ARRAY[
		'customer_id: The customer',
		'history: The customer''s purchase history; customer_value.unnest(history) shows its days']);
	PERFORM customer_value._create_history_views(schema_name);
	PERFORM customer_value._create_quality_view(schema_name);
END $$;
COMMENT ON FUNCTION customer_value._create_sales_views(text) IS
	'Internal: makes or replaces the views sales_lines, history, history_by_* and data_quality of a base';

-- Margin as a share of the amount, over the days up to as_of on which every line has a cost.
CREATE FUNCTION customer_value._margin_share(schema_name text, as_of date) RETURNS double precision
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	share numeric;
BEGIN
	EXECUTE format($q$
SELECT CASE WHEN sum(d.amount) > 0 THEN sum(d.amount - d.cost) / sum(d.amount) END
FROM %I.history h CROSS JOIN LATERAL customer_value.unnest(h.history) d
WHERE d.day <= $1 AND d.cost IS NOT NULL$q$, schema_name) INTO share USING as_of;
	RETURN share;
END $$;
COMMENT ON FUNCTION customer_value._margin_share(text, date) IS
	'Internal: margin over amount on the days with complete cost; NULL without any';

CREATE FUNCTION customer_value._refuse_as_of(message text, detail text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = message, DETAIL = detail,
		HINT = 'Choose a day between the first sale and today, or none for the last day with a sale.';
END $$;
COMMENT ON FUNCTION customer_value._refuse_as_of(text, text) IS 'Internal: raises invalid_parameter_value for as_of';

CREATE FUNCTION customer_value._refresh(schema_name text) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	state record;
	lines bigint;
	kept bigint;
	customers bigint;
	first_day date;
	last_day date;
	currencies text[];
BEGIN
	SELECT * INTO state FROM customer_value._base_status(format('%I.settings', schema_name)::regclass, s);
	IF state.status IN ('replaced', 'column replaced', 'dropped') THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the sales of customer base "%s" are not what was bound', s.base),
			DETAIL = state.detail,
			HINT = format('SELECT customer_value.rebuild_customer_base(%L) binds to what the names mean now; '
						  'alter_customer_base binds to other names.', s.base);
	END IF;

	-- First the calendar day, on which the views' idea of the future depends.
	s.refreshed_at := now();
	s.refreshed_on := (s.refreshed_at AT TIME ZONE s.time_zone)::date;
	IF s.as_of_setting > s.refreshed_on THEN
		PERFORM customer_value._refuse_as_of('as_of lies in the future',
			format('as_of is %s, today is %s in time zone %s.',
				   to_char(s.as_of_setting, 'YYYY-MM-DD'), to_char(s.refreshed_on, 'YYYY-MM-DD'), s.time_zone));
	END IF;
	PERFORM customer_value._store_settings(schema_name, s);

	-- OFFSET 0: a line's rule is found once, not once a FILTER.
	EXECUTE format($q$
SELECT count(*) AS lines, count(*) FILTER (WHERE l.rule IS NULL) AS kept,
	   count(DISTINCT l.customer_id) FILTER (WHERE l.rule IS NULL) AS customers,
	   min(l.day) FILTER (WHERE l.rule IS NULL) AS first_day, max(l.day) FILTER (WHERE l.rule IS NULL) AS last_day,
	   array_agg(DISTINCT l.currency ORDER BY l.currency)
		   FILTER (WHERE l.rule IS NULL AND l.currency IS NOT NULL) AS currencies
FROM (SELECT rule, customer_id, day, currency FROM %I.sales_lines OFFSET 0) l$q$, schema_name) INTO lines, kept, customers, first_day, last_day, currencies;
	IF cardinality(currencies) > 1 THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('the sales of customer base "%s" are in %s currencies', s.base, cardinality(currencies)),
			DETAIL = format('Column "%s" holds %s.', s.currency_column, array_to_string(currencies[:10], ', ')
							|| CASE WHEN cardinality(currencies) > 10 THEN ', ...' ELSE '' END),
			HINT = 'Bind a view that converts the amounts to one currency, or one base a currency.';
	END IF;
	IF s.as_of_setting < first_day THEN
		PERFORM customer_value._refuse_as_of('as_of lies before the first sale',
			format('as_of is %s, the first sale is on %s.',
				   to_char(s.as_of_setting, 'YYYY-MM-DD'), to_char(first_day, 'YYYY-MM-DD')));
	END IF;

	s.as_of := coalesce(s.as_of_setting, last_day);
	s.first_sale_day := first_day;
	s.last_sale_day := last_day;
	s.margin_share := CASE WHEN s.cost_column IS NOT NULL THEN customer_value._margin_share(schema_name, s.as_of) END;
	s.value_basis := CASE WHEN s.margin_share IS NOT NULL THEN 'margin'
						  WHEN s.margin_rate IS NOT NULL THEN 'assumed margin'
						  ELSE 'revenue' END;
	s.margin_share := coalesce(s.margin_share, s.margin_rate, 1);
	PERFORM customer_value._store_settings(schema_name, s);
	-- Without statistics the planner takes the one row for many.
	EXECUTE format('ANALYZE %I.settings', schema_name);

	IF kept = 0 THEN
		RETURN format('%s has %s, and none is counted.', s.sales_relation,
					  CASE lines WHEN 1 THEN '1 line' ELSE lines || ' lines' END);
	END IF;
	RETURN format('%s of %s of %s %s counted: %s, %s to %s, as of %s.', kept,
				  CASE lines WHEN 1 THEN '1 line' ELSE lines || ' lines' END, s.sales_relation,
				  CASE kept WHEN 1 THEN 'is' ELSE 'are' END, CASE customers WHEN 1 THEN '1 customer' ELSE customers || ' customers' END,
				  to_char(first_day, 'YYYY-MM-DD'), to_char(last_day, 'YYYY-MM-DD'),
				  to_char(s.as_of, 'YYYY-MM-DD'));
END $$;
COMMENT ON FUNCTION customer_value._refresh(text) IS
	'Internal: resolves as_of, value_basis and margin_share of a base; returns a sentence';

CREATE FUNCTION customer_value._fit(schema_name text, OUT kind text, OUT family text, OUT status text,
		OUT verdict text, OUT customers bigint, OUT log_likelihood double precision, OUT as_of date,
		OUT reason text, OUT change text) RETURNS SETOF record
	LANGUAGE plpgsql VOLATILE ROWS 2
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- @plpgsql_check_options: extra_warnings = off
	s customer_value.base_settings := customer_value._load_settings(schema_name);
BEGIN
	PERFORM customer_value._require_tables(schema_name, s);
	PERFORM customer_value._refresh(schema_name);
	IF to_regclass(format('%I.history', schema_name)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the histories of customer base "%s" are gone', s.base),
			DETAIL = format('There is no view %I.history.', schema_name),
			HINT = format('SELECT customer_value.rebuild_customer_base(%L) makes the views anew.', s.base);
	END IF;
	s := customer_value._load_settings(schema_name);
	PERFORM customer_value._fit_models(schema_name, s);
	s.fitted_at := now();
	PERFORM customer_value._store_fitted_family(schema_name, s);
	RETURN QUERY EXECUTE format($q$
SELECT m.kind, coalesce(f.family, m.family), coalesce(f.status, 'not fitted'), m.verdict, coalesce(f.customers, 0),
	   f.log_likelihood, m.as_of, m.reason, m.change
FROM %I.models m LEFT JOIN LATERAL customer_value.model_summary(m.model) f ON true
WHERE m.is_current ORDER BY m.kind$q$, schema_name);
END $$;
COMMENT ON FUNCTION customer_value._fit(text) IS 'Internal: refreshes a base, fits, compares and checks its models';
