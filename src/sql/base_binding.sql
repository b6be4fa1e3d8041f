-- base_binding.sql - from names to columns: what a customer base may be bound to, and what its settings may say.

CREATE FUNCTION customer_value._relation_name(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_relation_name' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value._relation_name(text) IS
	'Internal: the table or view that a name means on the search path, as schema.name';

CREATE FUNCTION customer_value._named_relation(name text) RETURNS oid
	AS 'MODULE_PATHNAME', 'cv_named_relation' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value._named_relation(text) IS
	'Internal: the relation that schema.name means now, NULL if there is none';

CREATE FUNCTION customer_value._type_can_group(type oid) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_type_can_group' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value._type_can_group(oid) IS
	'Internal: true if values of the type can be sorted and hashed';

CREATE FUNCTION customer_value._view_binding(view oid, alias text,
		OUT output text, OUT relation oid, OUT attribute smallint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'cv_view_binding' LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 12;
COMMENT ON FUNCTION customer_value._view_binding(oid, text) IS
	'Internal: which column of which relation each output of the subquery over that alias reads in a view';

CREATE FUNCTION customer_value._to_numeric(value real) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_real_to_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value._to_numeric(real) IS
	'Internal: the shortest decimal that identifies the number, to at most 12 decimals';

CREATE FUNCTION customer_value._to_numeric(value double precision) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_double_to_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value._to_numeric(double precision) IS
	'Internal: the shortest decimal that identifies the number, to at most 12 decimals';

CREATE FUNCTION customer_value._setting_name(argument text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
	WHEN argument IN ('customer_id', 'sold_at', 'amount', 'order_id', 'cost', 'list_amount', 'quantity', 'product',
					  'category', 'channel', 'customer_key', 'customer_name', 'customer_region', 'customer_owner',
					  'customer_parent') THEN argument || '_column'
	WHEN argument IN ('sales', 'customers') THEN argument || '_relation'
	WHEN argument = 'as_of' THEN 'as_of_setting'
	ELSE argument
END;
COMMENT ON FUNCTION customer_value._setting_name(text) IS
	'Internal: the column of base_settings that keeps an argument of create_customer_base';

CREATE FUNCTION customer_value._default_settings() RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE
RETURN pg_catalog.jsonb_build_object(
	'order_id', NULL, 'cost', NULL, 'list_amount', NULL, 'quantity', NULL, 'product', NULL, 'category', NULL,
	'channel', NULL, 'currency_column', NULL, 'customers', NULL, 'customer_key', NULL, 'customer_name', NULL,
	'customer_region', NULL, 'customer_owner', NULL, 'customer_parent', NULL,
	'time_zone', pg_catalog.current_setting('TimeZone'), 'as_of', NULL, 'horizon', '1 year',
	'annual_discount_rate', 0.10, 'margin_rate', NULL, 'currency', NULL, 'minor_units', 2,
	'purchase_family', NULL, 'anonymous_ids', NULL, 'zero_amounts', 'count', 'returns', 'net',
	'amount_scale', NULL, 'duplicates', 'keep');
COMMENT ON FUNCTION customer_value._default_settings() IS
	'Internal: the arguments of create_customer_base that have defaults, with them';

CREATE FUNCTION customer_value._name_distance(a text, b text) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_name_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value._name_distance(text, text) IS
	'Internal: how many characters to insert, delete or replace to make one name of another';

-- Which columns a relation has, for somebody who looked for another: all of them, or of many those that look most alike.
CREATE FUNCTION customer_value._columns_in_words(relation oid, given text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN pg_catalog.max(c.columns) <= 20
				THEN pg_catalog.format('Its columns are: %s.', pg_catalog.string_agg(c.name, ', ' ORDER BY c.attnum))
				ELSE pg_catalog.format('Of its %s columns these are most alike: %s.', pg_catalog.max(c.columns),
									   pg_catalog.string_agg(c.name, ', ' ORDER BY c.place) FILTER (WHERE c.place <= 5)) END
	FROM (SELECT pg_catalog.quote_ident(a.attname) AS name, a.attnum, pg_catalog.count(*) OVER () AS columns,
				 pg_catalog.row_number() OVER (ORDER BY customer_value._name_distance(pg_catalog.lower(given), a.attname), a.attnum) AS place
		  FROM pg_catalog.pg_attribute a
		  WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped) c;
END;
COMMENT ON FUNCTION customer_value._columns_in_words(oid, text) IS
	'Internal: a hint that names a relation''s columns, of many those most like the name given';

CREATE FUNCTION customer_value._find_column(relation oid, argument text, given text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found text;
BEGIN
	IF given IS NULL THEN
		RETURN NULL;
	END IF;
	-- Exactly as given, else folded to lower case as SQL does with unquoted names.
	SELECT a.attname INTO found
	FROM pg_attribute a
	WHERE a.attrelid = relation AND a.attname IN (given, lower(given)) AND a.attnum > 0 AND NOT a.attisdropped
	ORDER BY a.attname = given DESC LIMIT 1;
	IF found IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_column',
			MESSAGE = format('column "%s", given as %s, does not exist', given, argument),
			DETAIL = format('Relation %s has no such column.', relation::regclass),
			HINT = customer_value._columns_in_words(relation, given);
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION customer_value._find_column(oid, text, text) IS
	'Internal: the column of a relation that an argument names; raises undefined_column';

-- The type under any domains.
CREATE FUNCTION customer_value._column_type(relation oid, column_name text) RETURNS oid
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	WITH RECURSIVE chain(type, base) AS (
		SELECT t.oid, t.typbasetype
		FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = relation AND a.attname = column_name AND NOT a.attisdropped
		UNION ALL
		SELECT t.oid, t.typbasetype FROM chain c JOIN pg_catalog.pg_type t ON t.oid = c.base)
	SELECT type FROM chain WHERE base = 0;
END;
COMMENT ON FUNCTION customer_value._column_type(oid, text) IS
	'Internal: the type of a column, looking through domains';

CREATE FUNCTION customer_value._refuse_type(relation oid, argument text, column_name text, wanted text, hint text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
		MESSAGE = format('column "%s", given as %s, has type %s', column_name, argument,
						 format_type(customer_value._column_type(relation, column_name), NULL)),
		DETAIL = format('It has to be %s.', wanted),
		HINT = hint;
END $$;
COMMENT ON FUNCTION customer_value._refuse_type(oid, text, text, text, text) IS
	'Internal: raises datatype_mismatch for a bound column';

-- Text tells letters apart that citext does not: where customers are citext, their ids are read in lower case.
CREATE FUNCTION customer_value._is_citext(type oid) RETURNS boolean
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM pg_catalog.pg_type t
					   JOIN pg_catalog.pg_depend d ON d.classid = 'pg_type'::pg_catalog.regclass AND d.objid = t.oid
						   AND d.refclassid = 'pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
					   JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
				   WHERE t.oid = type AND t.typname = 'citext' AND e.extname = 'citext');
END;
COMMENT ON FUNCTION customer_value._is_citext(oid) IS 'Internal: true for the type citext of the extension citext';

CREATE FUNCTION customer_value._id_expression(relation oid, argument text, column_name text, alias text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	reference text := format('%I.%I', alias, column_name);
	column_type oid := customer_value._column_type(relation, column_name);
	t pg_type;
BEGIN
	SELECT * INTO t FROM pg_type p WHERE p.oid = column_type;
	IF customer_value._is_citext(column_type) THEN
		RETURN format('lower(%s::text)::text', reference);
	END IF;
	-- BI tools get built-in types only; the others are shown as text.
	IF t.typnamespace <> 'pg_catalog'::regnamespace OR t.typtype <> 'b' OR t.typcategory = 'A' THEN
		RETURN reference || '::text';
	END IF;
	IF NOT customer_value._type_can_group(column_type) THEN
		PERFORM customer_value._refuse_type(relation, argument, column_name,
			'of a type whose values can be sorted and compared', 'Cast it to text in a view, and bind that.');
	END IF;
	RETURN reference || CASE WHEN (SELECT a.atttypid FROM pg_attribute a
								   WHERE a.attrelid = relation AND a.attname = column_name) <> column_type
							 THEN '::' || format_type(column_type, NULL) ELSE '' END;
END $$;
COMMENT ON FUNCTION customer_value._id_expression(oid, text, text, text) IS
	'Internal: the SQL expression that reads a customer id, of a built-in type';

CREATE FUNCTION customer_value._day_expression(relation oid, column_name text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	reference text := format('sale.%I', column_name);
BEGIN
	CASE customer_value._column_type(relation, column_name)
		WHEN 'date'::regtype THEN RETURN reference || '::date';
		WHEN 'timestamp'::regtype THEN RETURN reference || '::date';
		WHEN 'timestamptz'::regtype THEN
			-- Moments at the ends of the range would overflow in some zones: they count as infinite.
			RETURN format($q$CASE WHEN %1$s BETWEEN timestamptz '4712-01-01 00:00+00 BC' AND timestamptz '294275-01-01 00:00+00'
				THEN customer_value.local_day(%1$s, s.time_zone) WHEN %1$s IS NOT NULL THEN date 'infinity' END$q$, reference);
		ELSE
			PERFORM customer_value._refuse_type(relation, 'sold_at', column_name,
				'date, timestamp or timestamp with time zone', 'Cast it in a view, and bind that.');
	END CASE;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION customer_value._day_expression(oid, text) IS
	'Internal: the SQL expression that reads the day of a sale';

CREATE FUNCTION customer_value._number_expression(relation oid, argument text, column_name text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	reference text;
BEGIN
	IF column_name IS NULL THEN
		RETURN 'NULL::numeric';
	END IF;
	reference := format('sale.%I', column_name);
	CASE customer_value._column_type(relation, column_name)
		WHEN 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype THEN
			RETURN reference || '::numeric';
		WHEN 'real'::regtype THEN RETURN format('customer_value._to_numeric(%s::real)', reference);
		WHEN 'double precision'::regtype THEN
			RETURN format('customer_value._to_numeric(%s::double precision)', reference);
		ELSE
			PERFORM customer_value._refuse_type(relation, argument, column_name,
				'smallint, integer, bigint, numeric, real or double precision',
				'Cast it to numeric in a view, and bind that.');
	END CASE;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION customer_value._number_expression(oid, text, text) IS
	'Internal: the SQL expression that reads an amount or a quantity as numeric';

CREATE FUNCTION customer_value._text_expression(column_name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN column_name IS NULL THEN 'NULL::text' ELSE pg_catalog.format('sale.%I::text', column_name) END;
COMMENT ON FUNCTION customer_value._text_expression(text) IS 'Internal: the SQL expression that reads a label as text';

CREATE FUNCTION customer_value._require(given text, argument text, reason text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF given IS NULL OR given = '' THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = format('%s must be given', argument),
			DETAIL = reason,
			HINT = format('Say %s => ''...''.', argument);
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._require(text, text, text) IS 'Internal: raises null_value_not_allowed for a missing argument';

-- Every name of a binding, checked and spelled as the catalogs spell it.
CREATE FUNCTION customer_value._check_binding(INOUT s customer_value.base_settings)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	sales oid := customer_value._named_relation(s.sales_relation);
	customers oid := customer_value._named_relation(s.customers_relation);
	id_type "char";
	key_type "char";
BEGIN
	PERFORM customer_value._require(s.sales_relation, 'sales', 'It names the table or view with the sales.');
	PERFORM customer_value._require(s.customer_id_column, 'customer_id', 'It names the column that tells the customer.');
	PERFORM customer_value._require(s.sold_at_column, 'sold_at', 'It names the column with the day of the sale.');
	PERFORM customer_value._require(s.amount_column, 'amount', 'It names the column with the amount of the sale.');
	IF sales IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_table',
			MESSAGE = format('relation %s does not exist', s.sales_relation),
			DETAIL = 'It was bound as the sales of this customer base.',
			HINT = 'Bind another one: customer_value.alter_customer_base(base, sales => ...).';
	END IF;
	s.customer_id_column := customer_value._find_column(sales, 'customer_id', s.customer_id_column);
	s.sold_at_column := customer_value._find_column(sales, 'sold_at', s.sold_at_column);
	s.amount_column := customer_value._find_column(sales, 'amount', s.amount_column);
	s.order_id_column := customer_value._find_column(sales, 'order_id', s.order_id_column);
	s.cost_column := customer_value._find_column(sales, 'cost', s.cost_column);
	s.list_amount_column := customer_value._find_column(sales, 'list_amount', s.list_amount_column);
	s.quantity_column := customer_value._find_column(sales, 'quantity', s.quantity_column);
	s.product_column := customer_value._find_column(sales, 'product', s.product_column);
	s.category_column := customer_value._find_column(sales, 'category', s.category_column);
	s.channel_column := customer_value._find_column(sales, 'channel', s.channel_column);
	s.currency_column := customer_value._find_column(sales, 'currency_column', s.currency_column);
	PERFORM customer_value._id_expression(sales, 'customer_id', s.customer_id_column, 'sale');
	IF customer_value._is_citext(customer_value._column_type(sales, s.customer_id_column)) THEN
		s.anonymous_ids := (SELECT array_agg(lower(a.id)) FROM unnest(s.anonymous_ids) a (id));
	END IF;
	PERFORM customer_value._day_expression(sales, s.sold_at_column),
		customer_value._number_expression(sales, 'amount', s.amount_column),
		customer_value._number_expression(sales, 'cost', s.cost_column),
		customer_value._number_expression(sales, 'list_amount', s.list_amount_column),
		customer_value._number_expression(sales, 'quantity', s.quantity_column);

	IF s.customers_relation IS NULL THEN
		IF coalesce(s.customer_key_column, s.customer_name_column, s.customer_region_column, s.customer_owner_column,
					s.customer_parent_column) IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = 'columns of the customers are given, but not customers',
				HINT = 'Name the relation that holds the customers: customers => ''...''.';
		END IF;
		RETURN;
	END IF;
	PERFORM customer_value._require(s.customer_key_column, 'customer_key',
		'It names the column of the customers that matches the customer of the sales.');
	IF customers IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_table',
			MESSAGE = format('relation %s does not exist', s.customers_relation),
			DETAIL = 'It was bound as the customers of this customer base.',
			HINT = 'Bind another one: customer_value.alter_customer_base(base, customers => ...).';
	END IF;
	s.customer_key_column := customer_value._find_column(customers, 'customer_key', s.customer_key_column);
	s.customer_name_column := customer_value._find_column(customers, 'customer_name', s.customer_name_column);
	s.customer_region_column := customer_value._find_column(customers, 'customer_region', s.customer_region_column);
	s.customer_owner_column := customer_value._find_column(customers, 'customer_owner', s.customer_owner_column);
	s.customer_parent_column := customer_value._find_column(customers, 'customer_parent', s.customer_parent_column);
	PERFORM customer_value._id_expression(customers, 'customer_key', s.customer_key_column, 'customer');
	SELECT i.typcategory, k.typcategory INTO id_type, key_type
	FROM pg_type i, pg_type k
	WHERE i.oid = customer_value._column_type(sales, s.customer_id_column)
	  AND k.oid = customer_value._column_type(customers, s.customer_key_column);
	IF id_type <> key_type THEN
		PERFORM customer_value._refuse_type(customers, 'customer_key', s.customer_key_column,
			format('comparable to column "%s" of the sales, %s', s.customer_id_column,
				   format_type(customer_value._column_type(sales, s.customer_id_column), NULL)),
			'Cast one of the two in a view, and bind that.');
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._check_binding(customer_value.base_settings) IS
	'Internal: checks every name and type of a binding; returns it spelled as the catalogs spell it';

CREATE FUNCTION customer_value._refuse_setting(argument text, given text, wanted text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
		MESSAGE = format('%s cannot be %s', argument, coalesce(quote_literal(given), 'null')),
		DETAIL = format('It has to be %s.', wanted),
		HINT = format('Choose another value for %s.', argument);
END $$;
COMMENT ON FUNCTION customer_value._refuse_setting(text, text, text) IS
	'Internal: raises invalid_parameter_value for a setting';

CREATE FUNCTION customer_value._check_settings(s customer_value.base_settings) RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	families text[];
BEGIN
	IF s.horizon IS NULL OR NOT isfinite(s.horizon) OR s.horizon < interval '1 day' OR s.horizon > interval '1000 years' THEN
		PERFORM customer_value._refuse_setting('horizon', s.horizon::text, 'between one day and a thousand years');
	END IF;
	IF s.annual_discount_rate IS NULL OR s.annual_discount_rate <= -1 OR s.annual_discount_rate >= 'Infinity' THEN
		PERFORM customer_value._refuse_setting('annual_discount_rate', s.annual_discount_rate::text,
			'a finite number greater than -1, such as 0.10 for 10 percent a year');
	END IF;
	IF s.margin_rate <= 0 OR s.margin_rate > 1 THEN
		PERFORM customer_value._refuse_setting('margin_rate', s.margin_rate::text,
			'a share of the amount: greater than 0, at most 1');
	END IF;
	IF s.minor_units IS NULL OR s.minor_units NOT BETWEEN 0 AND 12 THEN
		PERFORM customer_value._refuse_setting('minor_units', s.minor_units::text, 'a number of decimals, 0 to 12');
	END IF;
	IF s.amount_scale NOT BETWEEN 0 AND 12 THEN
		PERFORM customer_value._refuse_setting('amount_scale', s.amount_scale::text, 'a number of decimals, 0 to 12, or null');
	END IF;
	IF s.zero_amounts IS NULL OR s.zero_amounts NOT IN ('count', 'ignore') THEN
		PERFORM customer_value._refuse_setting('zero_amounts', s.zero_amounts, '''count'' or ''ignore''');
	END IF;
	IF s.returns IS NULL OR s.returns NOT IN ('net', 'ignore') THEN
		PERFORM customer_value._refuse_setting('returns', s.returns, '''net'' or ''ignore''');
	END IF;
	IF s.duplicates IS NULL OR s.duplicates NOT IN ('keep', 'ignore') THEN
		PERFORM customer_value._refuse_setting('duplicates', s.duplicates, '''keep'' or ''ignore''');
	END IF;
	IF array_position(s.anonymous_ids, NULL) IS NOT NULL THEN
		PERFORM customer_value._refuse_setting('anonymous_ids', s.anonymous_ids::text,
			'an array without nulls; sales without a customer are left out anyway');
	END IF;
	IF NOT isfinite(s.as_of_setting) THEN
		PERFORM customer_value._refuse_setting('as_of', s.as_of_setting::text, 'a day, or null for the last day with a sale');
	END IF;
	BEGIN
		PERFORM timezone(s.time_zone, timestamptz '2000-01-01 00:00+00');
	EXCEPTION WHEN invalid_parameter_value THEN
		PERFORM customer_value._refuse_setting('time_zone', s.time_zone, 'a time zone the server knows: see pg_timezone_names');
	END;
	IF s.time_zone IS NULL THEN
		PERFORM customer_value._refuse_setting('time_zone', NULL, 'a time zone the server knows: see pg_timezone_names');
	END IF;
	SELECT array_agg(f.family ORDER BY f.family) INTO families
	FROM customer_value.model_families() f WHERE f.kind = 'purchase' AND f.family <> 'bg/bb';	-- it needs a period
	IF s.purchase_family <> ALL (families) THEN
		PERFORM customer_value._refuse_setting('purchase_family', s.purchase_family,
			'one of ' || array_to_string(families, ', ') || ', or null to let fit compare and choose');
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._check_settings(customer_value.base_settings) IS
	'Internal: raises invalid_parameter_value if a setting of a customer base is out of its range';
