-- base_status.sql - what a customer base was bound to against what it reads: customer_bases, and following renames.

CREATE FUNCTION customer_value._version() RETURNS text
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'customer_value';
END;
COMMENT ON FUNCTION customer_value._version() IS 'Internal: the version of the extension';

CREATE FUNCTION customer_value._base_settings(OUT settings_table oid, OUT settings customer_value.base_settings)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'cv_base_settings' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED ROWS 10;
COMMENT ON FUNCTION customer_value._base_settings() IS
	'Internal: the settings of every base whose settings table the caller may read';

-- Like maintenance, the caller's own bases come first; then those of others that the caller may read.
CREATE FUNCTION customer_value._readable_schema(base text) RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found_schemas text[];
BEGIN
	IF base IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'name of a customer base must not be null',
			HINT = 'customer_value.customer_bases lists the bases you may see.';
	END IF;
	SELECT array_agg(f.nspname ORDER BY f.nspname) FILTER (WHERE f.place = 1) INTO found_schemas
	FROM (SELECT n.nspname::text, rank() OVER (ORDER BY c.relowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) DESC) AS place
		  FROM customer_value._base_settings() b
			  JOIN pg_class c ON c.oid = b.settings_table JOIN pg_namespace n ON n.oid = c.relnamespace
		  WHERE (b.settings).base = _readable_schema.base) f;
	IF found_schemas IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('customer base "%s" does not exist', base),
			DETAIL = format('No base of that name is visible to role "%s".', current_user),
			HINT = 'customer_value.customer_bases lists the bases you may see.';
	ELSIF cardinality(found_schemas) > 1 THEN
		RAISE EXCEPTION USING ERRCODE = 'ambiguous_parameter',
			MESSAGE = format('customer base "%s" is ambiguous', base),
			DETAIL = format('There is one in each of these schemas: %s.', array_to_string(found_schemas, ', ')),
			HINT = 'SET ROLE to the owner of the one you mean.';
	END IF;
	RETURN found_schemas[1];
END $$;
COMMENT ON FUNCTION customer_value._readable_schema(text) IS
	'Internal: the schema of the base of that name that the caller may read; raises undefined_object or ambiguous_parameter';

-- The columns that sales_lines really reads, against the names in the settings.
CREATE FUNCTION customer_value._sales_binding(view oid, s customer_value.base_settings,
		OUT setting text, OUT relation oid, OUT attribute smallint, OUT named text, OUT current_name text) RETURNS SETOF record
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT customer_value._setting_name(b.output), b.relation, b.attribute,
		   pg_catalog.to_jsonb(s) ->> customer_value._setting_name(b.output), a.attname
	FROM customer_value._view_binding(view, 'sale') b
		LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = b.relation AND a.attnum = b.attribute
	WHERE b.output NOT IN ('line', 'copy');
END;
COMMENT ON FUNCTION customer_value._sales_binding(oid, customer_value.base_settings) IS
	'Internal: a row a bound column of the sales: the name in the settings, and the column that sales_lines reads';

CREATE FUNCTION customer_value._follow_renames(schema_name text, s customer_value.base_settings)
	RETURNS customer_value.base_settings
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	bound oid;
	b record;
BEGIN
	FOR b IN
		SELECT * FROM customer_value._sales_binding(to_regclass(format('%I.sales_lines', schema_name)), s)
	LOOP
		IF customer_value._named_relation(s.sales_relation) IS NULL THEN
			SELECT format('%I.%I', n.nspname, c.relname) INTO s.sales_relation
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = b.relation;
		END IF;
		bound := customer_value._named_relation(s.sales_relation);
		-- A name that still means a column is taken at its word; only one that means nothing is followed.
		IF bound = b.relation AND NOT EXISTS
			(SELECT FROM pg_attribute a WHERE a.attrelid = bound AND a.attname = b.named AND NOT a.attisdropped) THEN
			s := jsonb_populate_record(s, jsonb_build_object(b.setting, b.current_name));
		END IF;
	END LOOP;
	RETURN s;
END $$;
COMMENT ON FUNCTION customer_value._follow_renames(text, customer_value.base_settings) IS
	'Internal: settings with names that mean nothing any more replaced by the present names of what the views read';

-- Reads catalogs only, and runs nothing of the base's owner: anybody may ask about anybody's base.
CREATE FUNCTION customer_value._base_status(settings_table oid, s customer_value.base_settings,
		OUT status text, OUT detail text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema_id oid := (SELECT c.relnamespace FROM pg_class c WHERE c.oid = settings_table);
	schema_name text := (SELECT n.nspname FROM pg_namespace n WHERE n.oid = schema_id);
	view oid := (SELECT c.oid FROM pg_class c
				 WHERE c.relnamespace = schema_id AND c.relname = 'sales_lines' AND c.relkind = 'v');
	sales oid := customer_value._named_relation(s.sales_relation);
	customers oid := customer_value._named_relation(s.customers_relation);
	read oid;
	read_name text;
	b record;
	missing text;
BEGIN
	SELECT DISTINCT x.relation INTO read FROM customer_value._sales_binding(view, s) x;
	SELECT format('%I.%I', n.nspname, c.relname) INTO read_name
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = read;
	IF read IS NULL THEN
		status := 'dropped';
		detail := format('View %I.sales_lines is gone: ', schema_name)
			|| CASE WHEN sales IS NULL THEN format('%s was dropped with everything that stood on it.', s.sales_relation)
					ELSE 'it was dropped, or a column that it read was, with everything that stood on it.' END;
		RETURN;
	ELSIF sales IS NULL THEN
		status := 'renamed';
		detail := format('The sales were bound as %s and are now called %s; the views follow.', s.sales_relation, read_name);
		RETURN;
	ELSIF sales <> read THEN
		status := 'replaced';
		detail := format('%s is another relation now; the views still read the one that was bound, now called %s.',
						 s.sales_relation, read_name);
		RETURN;
	END IF;

	FOR b IN
		SELECT x.*, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = sales AND a.attname = x.named
							AND NOT a.attisdropped) AS taken
		FROM customer_value._sales_binding(view, s) x
		WHERE x.named IS DISTINCT FROM x.current_name ORDER BY taken DESC, x.attribute
	LOOP
		IF b.taken THEN
			status := 'column replaced';
			detail := format('Column "%s" of %s is another column now; the views still read the one that was bound, now called "%s".',
							 b.named, s.sales_relation, b.current_name);
		ELSE
			status := 'column renamed';
			detail := format('Column "%s" of %s is now called "%s"; the views follow.', b.named, s.sales_relation, b.current_name);
		END IF;
		RETURN;
	END LOOP;

	IF s.customers_relation IS NOT NULL THEN
		IF customers IS NULL OR NOT EXISTS
			(SELECT FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class
			 WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = customers
			   AND c.relnamespace = schema_id) THEN
			status := 'customers replaced';
			detail := format('%s is not the relation that was bound as the customers; the views still read that one.',
							 s.customers_relation);
			RETURN;
		END IF;
		SELECT string_agg(format('"%s"', c.name), ', ') INTO missing
		FROM unnest(ARRAY[s.customer_key_column, s.customer_name_column, s.customer_region_column,
						  s.customer_owner_column, s.customer_parent_column]) c (name)
		WHERE c.name IS NOT NULL AND NOT EXISTS
			(SELECT FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class
				JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
			 WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = customers
			   AND v.relnamespace = schema_id AND a.attname = c.name);
		IF missing IS NOT NULL THEN
			status := 'customers column renamed';
			detail := format('%s of %s: not the name of a column that the views read; they follow the column that was bound.',
							 missing, s.customers_relation);
			RETURN;
		END IF;
	END IF;

	SELECT string_agg(v.name, ', ') INTO missing
	FROM unnest(s.views) v (name)
	WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = schema_id AND c.relname = v.name AND c.relkind = 'v')
	  AND NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = schema_id AND p.proname || '(date)' = v.name
					  AND p.pronargs = 1 AND p.proargtypes[0] = 'date'::regtype);
	IF missing IS NOT NULL THEN
		status := 'incomplete';
		detail := format('Views or functions of schema "%s" are gone: %s.', schema_name, missing);
	ELSIF s.created_with IS DISTINCT FROM customer_value._version() THEN
		status := 'needs rebuild';
		detail := format('The views were made by version %s, version %s is installed.', s.created_with, customer_value._version());
	ELSE
		status := 'ok';
		detail := 'The views read what was bound.';
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._base_status(oid, customer_value.base_settings) IS
	'Internal: whether a base still reads what its names say, in a word and in a sentence';

CREATE VIEW customer_value.customer_bases WITH (security_invoker = true) AS
SELECT (b.settings).base, n.nspname::text AS schema, pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
	   (b.settings).sales_relation, t.status,
	   t.detail || CASE WHEN t.status = 'ok' THEN ''
						WHEN t.status = 'dropped' THEN ' Bind the base again with alter_customer_base, or with rebuild_customer_base if the names are right.'
						WHEN t.status = 'customers column renamed' THEN ' Name the column again with alter_customer_base.'
						ELSE ' rebuild_customer_base makes the views anew, from what the names mean now.' END AS detail,
	   (b.settings).as_of, (b.settings).last_sale_day,
	   CASE WHEN pg_catalog.isfinite((b.settings).as_of) THEN CURRENT_DATE - (b.settings).as_of END AS days_behind,
	   (b.settings).refreshed_at, (b.settings).fitted_at, (b.settings).fitted_family
FROM customer_value._base_settings() b
	JOIN pg_catalog.pg_class c ON c.oid = b.settings_table
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	CROSS JOIN LATERAL customer_value._base_status(b.settings_table, b.settings) t
ORDER BY 1, 2;
GRANT SELECT ON customer_value.customer_bases TO PUBLIC;
COMMENT ON VIEW customer_value.customer_bases IS
	'The customer bases whose settings you may read, and whether each still reads what it was bound to';
COMMENT ON COLUMN customer_value.customer_bases.base IS 'Name of the customer base';
COMMENT ON COLUMN customer_value.customer_bases.schema IS 'Schema that holds its views';
COMMENT ON COLUMN customer_value.customer_bases.owner IS 'Role that owns it; members of that role may fit, refresh, alter and drop it';
COMMENT ON COLUMN customer_value.customer_bases.sales_relation IS 'Relation that was bound as the sales';
COMMENT ON COLUMN customer_value.customer_bases.status IS
	'ok; renamed, column renamed (the views follow); replaced, column replaced (the views read the old one); customers replaced, customers column renamed (the same of the customers); dropped, incomplete (views or functions are gone); needs rebuild (the extension is newer)';
COMMENT ON COLUMN customer_value.customer_bases.detail IS 'The status in a sentence, with what to do';
COMMENT ON COLUMN customer_value.customer_bases.as_of IS 'The as-of day in force; NULL: no sales yet';
COMMENT ON COLUMN customer_value.customer_bases.last_sale_day IS 'Last day with a sale at the last refresh; NULL: no sales yet';
COMMENT ON COLUMN customer_value.customer_bases.days_behind IS 'Days from as_of to today; NULL: no sales yet';
COMMENT ON COLUMN customer_value.customer_bases.refreshed_at IS 'When refresh ran last';
COMMENT ON COLUMN customer_value.customer_bases.fitted_at IS 'When fit ran last; NULL: never';
COMMENT ON COLUMN customer_value.customer_bases.fitted_family IS 'Family of the purchase model in use; NULL: not fitted';
