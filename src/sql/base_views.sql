-- base_views.sql - the views of a customer base: the list of them, and the two
-- ways in which each is made. The queries are in base_views_*.sql, by subject.

CREATE FUNCTION customer_value._base_views(OUT name text, OUT kind text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT v.name, v.kind
	FROM (VALUES
		('customer_profile', 'view'),
		('customer_profile_at', 'function'),
		('customer_lifetime_value', 'view'),
		('customer_lifetime_value_at', 'function'),
		('customer_lifetime_value_interval', 'view'),
		('customer_lifetime_value_interval_at', 'function'),
		('customer_ranking', 'view'),
		('customer_ranking_at', 'function'),
		('monthly_summary', 'view'),
		('cohort_retention', 'view'),
		('portfolio_summary', 'view'),
		('portfolio_summary_at', 'function'),
		('model_fit', 'view'),
		('model_comparison', 'view'),
		('model_check', 'view'),
		('holdout_by_frequency', 'view'),
		('spend_check', 'view'),
		('metric_dictionary', 'view'),
		('tracking', 'view'),
		('tracking_at', 'function'),
		('frequency_histogram', 'view'),
		('frequency_histogram_at', 'function'),
		('recency_frequency_matrix', 'view'),
		('recency_frequency_matrix_at', 'function'),
		('customer_headroom', 'view'),
		('customer_headroom_at', 'function'),
		('value_decomposition', 'view'),
		('value_decomposition_at', 'function'),
		('rfm_segment', 'view'),
		('rfm_segment_at', 'function'),
		('value_quadrant', 'view'),
		('value_quadrant_at', 'function'),
		('segment_summary', 'view'),
		('segment_summary_at', 'function'),
		('concentration', 'view'),
		('concentration_at', 'function'),
		('lorenz_curve', 'view'),
		('lorenz_curve_at', 'function'),
		('equity_driver_signals', 'view'),
		('equity_driver_signals_at', 'function'),
		('customer_equity', 'view'),
		('customer_equity_at', 'function'),
		-- here stand the views of the scorecards: their criteria may be columns of what is above
		('scorecards', 'scorecards'),
		('key_account_matrix', 'view'),
		('key_account_matrix_at', 'function'),
		('closeness_check', 'view'),
		('closeness_check_at', 'function')
	) AS v (name, kind);
END;
COMMENT ON FUNCTION customer_value._base_views() IS
	'Internal: the views and functions (argument: date) that _create_views makes in the schema of a base, in the order of creation: drop them in the reverse order. The kind scorecards stands for the views of all scorecards: _view_names names them';

-- A view of a base: only with a comment for itself and for each of its columns, in their order.
CREATE FUNCTION customer_value._create_view(schema_name text, view_name text, query text,
											comment text, column_comments text[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	col record;
	made oid;
BEGIN
	-- @plpgsql_check_options: security_warnings = off
	-- The query is text of this extension, in which every name is quoted.
	EXECUTE format('CREATE OR REPLACE VIEW %I.%I WITH (security_invoker = true) AS %s', schema_name, view_name, query);
	EXECUTE format('COMMENT ON VIEW %I.%I IS %L', schema_name, view_name, comment);
	made := format('%I.%I', schema_name, view_name)::regclass;

	-- A name may itself contain ': '.
	FOR col IN
		SELECT a.attname AS column_name,
			   CASE WHEN starts_with(c.entry, a.attname || ': ') THEN a.attname ELSE split_part(c.entry, ': ', 1) END AS commented,
			   CASE WHEN starts_with(c.entry, a.attname || ': ') THEN substr(c.entry, length(a.attname) + 3) END AS column_comment
		FROM (SELECT attname::text, attnum::int FROM pg_attribute
			  WHERE attrelid = made AND attnum > 0) AS a
			FULL JOIN unnest(column_comments) WITH ORDINALITY AS c (entry, place) ON c.place = a.attnum
		ORDER BY coalesce(a.attnum, c.place)
	LOOP
		IF col.column_name IS DISTINCT FROM col.commented THEN
			RAISE EXCEPTION 'view "%": column "%" meets the comment of "%"', view_name, col.column_name, col.commented
				USING ERRCODE = 'internal_error';
		END IF;
		EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', schema_name, view_name, col.column_name, col.column_comment);
	END LOOP;
END
$$;
COMMENT ON FUNCTION customer_value._create_view(text, text, text, text, text[]) IS
	'Internal: makes a view of a base with a comment on the view and, as ''column: comment'' in their order, on each column';

-- The function that answers like the view of the same name, as of a day of the caller's choice.
CREATE FUNCTION customer_value._create_view_function(schema_name text, view_name text, query text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- @plpgsql_check_options: security_warnings = off
	-- The query is text of this extension, in which every name is quoted.
	EXECUTE format('CREATE OR REPLACE FUNCTION %1$I.%2$I(as_of date) RETURNS SETOF %1$I.%3$I '
				   'LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC %4$s; END',
				   schema_name, view_name || '_at', view_name, query);
	EXECUTE format('COMMENT ON FUNCTION %I.%I(date) IS %L', schema_name, view_name || '_at',
				   'The columns of ' || view_name || ' as of another day: sales after it are ignored, the models are '
				   'the current ones, and so is the margin share (they may know later sales). NULL: the as-of day of the base');
END
$$;
COMMENT ON FUNCTION customer_value._create_view_function(text, text, text) IS
	'Internal: makes the set-returning function NAME_at(as_of date) beside a view of a base, from the same query';

CREATE FUNCTION customer_value._create_views(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM customer_value._create_customer_views(schema_name);
	PERFORM customer_value._create_portfolio_views(schema_name);
	PERFORM customer_value._create_model_views(schema_name);
	PERFORM customer_value._create_dictionary_view(schema_name);
	PERFORM customer_value._create_chart_views(schema_name);
	PERFORM customer_value._create_headroom_views(schema_name);
	PERFORM customer_value._create_segment_views(schema_name);
	PERFORM customer_value._create_equity_views(schema_name);
	PERFORM customer_value._create_scorecard_views(schema_name);
	PERFORM customer_value._create_account_views(schema_name);
END
$$;
COMMENT ON FUNCTION customer_value._create_views(text) IS
	'Internal: makes the views of a base on top of its settings, models, model_checks, model_holdouts, sales_lines and history';
