-- base_parameters.sql - the thresholds behind the measures of a customer base: editable rows, not constants in views.

CREATE TYPE customer_value.base_parameter AS (
	parameter   text,
	value       double precision,
	list        text[],
	unit        text,
	description text
);
COMMENT ON TYPE customer_value.base_parameter IS 'A threshold or list that measures of a customer base use';
COMMENT ON COLUMN customer_value.base_parameter.parameter IS 'Name of the parameter';
COMMENT ON COLUMN customer_value.base_parameter.value IS 'Its value; NULL where it is a list, or where description says what NULL means';
COMMENT ON COLUMN customer_value.base_parameter.list IS 'Its values, where it is a list; NULL: none declared';
COMMENT ON COLUMN customer_value.base_parameter.unit IS 'Unit of the value';
COMMENT ON COLUMN customer_value.base_parameter.description IS 'What it does. The values are defaults of customer_value, not findings about your customers';

CREATE FUNCTION customer_value._default_parameters() RETURNS SETOF customer_value.base_parameter
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT p.parameter, p.value, NULL::text[], p.unit, p.description
	FROM (VALUES
		('regularity_purchase_days', 4::double precision, 'purchase days', 'Fewest purchase days with which the regularity of gaps is measured'),
		('rarefaction_lines', 5, 'lines', 'Lines drawn at random of a customer''s to compare breadth at equal size: rarefied_breadth'),
		('peer_tenure_years', 3, 'years', 'Whole years of tenure that peers share; customers of so many years and more are one band'),
		('least_peers', 5, 'customers', 'Fewest peers to compare a customer with: where there are fewer, a wider group stands in'),
		('quadrant_expected_value_cut', NULL, 'money', 'Expected value above which value_quadrant counts it as high; NULL: the mean of the base'),
		('quadrant_headroom_cut', NULL, 'money', 'Headroom above which value_quadrant counts it as high; NULL: the mean of the base'),
		('acquisition_cost', NULL, 'money', 'Cost of winning a new customer, subtracted in customer_equity. NULL: not given, nothing is subtracted'),
		('closeness_check_days', 365, 'days', 'Days between the landmark of closeness_check, as of which closeness is measured, and the as-of day; from 1 to 36500')
	) AS p (parameter, value, unit, description)
	UNION ALL
	SELECT l.parameter, NULL, l.list, l.unit, l.description
	FROM (VALUES
		('strategic_categories', NULL::text[], 'categories', 'Categories that the business wants to grow in, as they are written in the sales: strategic_share. NULL: none declared')
	) AS l (parameter, list, unit, description);
END;
COMMENT ON FUNCTION customer_value._default_parameters() IS 'Internal: the parameters that a new base begins with';

-- A parameter within a query of a view: its default stands in where its row is gone.
CREATE FUNCTION customer_value._parameter(schema_name text, name text) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	standard double precision;
BEGIN
	SELECT p.value INTO STRICT standard FROM customer_value._default_parameters() p WHERE p.parameter = name;
	RETURN format('(SELECT CASE WHEN count(*) = 0 THEN %s ELSE max(p.value) END FROM %I.parameters AS p WHERE p.parameter = %L)',
				  coalesce(standard::text || '::double precision', 'NULL::double precision'), schema_name, name);
END $$;
COMMENT ON FUNCTION customer_value._parameter(text, text) IS
	'Internal: the SQL expression that reads a parameter of a base, or its default where the row is gone';

-- A list parameter within a query of a view; NULL where its row is gone, or it is empty: nothing declared.
CREATE FUNCTION customer_value._list_parameter(schema_name text, name text) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM FROM customer_value._default_parameters() p WHERE p.parameter = name;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'parameter "%" has no default', name USING ERRCODE = 'internal_error';
	END IF;
	-- the cast tells = ANY of it from = ANY (subquery)
	RETURN format('(SELECT nullif(p.list, %L) FROM %I.parameters AS p WHERE p.parameter = %L)::text[]', '{}', schema_name, name);
END $$;
COMMENT ON FUNCTION customer_value._list_parameter(text, text) IS
	'Internal: the SQL expression that reads a list parameter of a base, NULL where nothing is declared';
