-- base.sql - customer bases: create, alter, rebuild, drop.

CREATE FUNCTION customer_value.fit(base text, OUT kind text, OUT family text, OUT status text,
		OUT verdict text, OUT customers bigint, OUT log_likelihood double precision, OUT as_of date,
		OUT reason text, OUT change text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'cv_base_fit' LANGUAGE C VOLATILE COST 100000 ROWS 2;
COMMENT ON FUNCTION customer_value.fit(text) IS
	'Refreshes a customer base, fits the candidate purchase models and a spend model as of its as-of day, compares them, also on holdouts, makes one current, and reports it in plain words: what came out, why it was chosen, what moved since the last fit. Runs as the owner of the base';

CREATE FUNCTION customer_value.use_model(base text, model_id integer) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_base_use_model' LANGUAGE C VOLATILE COST 1000;
COMMENT ON FUNCTION customer_value.use_model(text, integer) IS
	'Makes a stored model of a customer base current again, in place of the current one of its kind (see the table models of the base); the next fit chooses anew. Runs as the owner of the base';

CREATE FUNCTION customer_value.forget_models(base text, keep integer) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_base_forget_models' LANGUAGE C VOLATILE COST 1000;
COMMENT ON FUNCTION customer_value.forget_models(text, integer) IS
	'Deletes what the fits of a customer base stored, except the last so many and those whose models are current; runs as the owner of the base';

CREATE FUNCTION customer_value.refresh(base text) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_base_refresh' LANGUAGE C VOLATILE COST 100000;
COMMENT ON FUNCTION customer_value.refresh(text) IS
	'Moves the as-of day of a customer base on to its sales of today, without fitting again; runs as the owner of the base';

CREATE FUNCTION customer_value.rebuild_customer_base(base text) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_base_rebuild' LANGUAGE C VOLATILE COST 100000;
COMMENT ON FUNCTION customer_value.rebuild_customer_base(text) IS
	'Makes the views of a customer base anew, from what its names mean now: after an upgrade, or when customer_bases says so; runs as the owner of the base';

CREATE FUNCTION customer_value.drop_customer_base(base text) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_base_drop' LANGUAGE C VOLATILE COST 100000;
COMMENT ON FUNCTION customer_value.drop_customer_base(text) IS
	'Removes a customer base: what create made, nothing else, and never the sales; runs as the owner of the base';

CREATE FUNCTION customer_value._alter(base text, changes jsonb, reset text[]) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_base_alter' LANGUAGE C VOLATILE COST 100000;
COMMENT ON FUNCTION customer_value._alter(text, jsonb, text[]) IS
	'Internal: alter_customer_base, with the changes gathered; runs as the owner of the base';

-- Settings with arguments of create or alter laid over them.
CREATE FUNCTION customer_value._apply_arguments(s customer_value.base_settings, arguments jsonb)
	RETURNS customer_value.base_settings
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT pg_catalog.jsonb_populate_record(s,
		(SELECT pg_catalog.jsonb_object_agg(customer_value._setting_name(a.key), a.value)
		 FROM pg_catalog.jsonb_each(arguments) a));
END;
COMMENT ON FUNCTION customer_value._apply_arguments(customer_value.base_settings, jsonb) IS
	'Internal: settings with arguments, as a JSON object, laid over them';

CREATE FUNCTION customer_value._claim_schema(base text, schema_name text, sales_relation text) RETURNS boolean
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	existing pg_namespace;
	hint constant text := format('Say schema => ''...'' to put the views of base %L into another schema.', base);
BEGIN
	SELECT * INTO existing FROM pg_namespace n WHERE n.nspname = schema_name;
	IF NOT FOUND THEN
		EXECUTE format('CREATE SCHEMA %I', schema_name);
		RETURN true;
	END IF;
	IF EXISTS (SELECT FROM pg_class c
			   WHERE c.oid = customer_value._named_relation(sales_relation) AND c.relnamespace = existing.oid) THEN
		RAISE EXCEPTION USING ERRCODE = 'duplicate_schema',
			MESSAGE = format('schema "%s" already exists', schema_name),
			DETAIL = 'It is the schema of the sales themselves; the views of a customer base need one of their own.',
			HINT = hint;
	END IF;
	IF existing.nspowner <> (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) THEN
		RAISE EXCEPTION USING ERRCODE = 'duplicate_schema',
			MESSAGE = format('schema "%s" already exists', schema_name),
			DETAIL = format('It belongs to role "%s".', pg_get_userbyid(existing.nspowner)),
			HINT = hint;
	END IF;
	IF EXISTS (SELECT FROM pg_depend d
			   WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = existing.oid AND d.deptype = 'n') THEN
		RAISE EXCEPTION USING ERRCODE = 'duplicate_schema',
			MESSAGE = format('schema "%s" already exists', schema_name),
			DETAIL = 'It is not empty.',
			HINT = hint;
	END IF;
	RETURN false;
END $$;
COMMENT ON FUNCTION customer_value._claim_schema(text, text, text) IS
	'Internal: makes the schema of a base, or adopts an empty one of the caller''s; returns whether it was made';

CREATE FUNCTION customer_value._create_base(base text, schema_name text, arguments jsonb) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	SET standard_conforming_strings = on
	SET extra_float_digits = 1
AS $$
DECLARE
	s customer_value.base_settings;
	taken text;
BEGIN
	PERFORM customer_value._require(base, 'base', 'It is the name of the customer base.');
	schema_name := coalesce(schema_name, base);
	IF octet_length(base) > 63 OR octet_length(schema_name) > 63 OR schema_name = '' THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_name',
			MESSAGE = format('"%s" cannot be the name of a customer base and of its schema', schema_name),
			DETAIL = 'Names have 1 to 63 bytes.',
			HINT = 'Choose another name.';
	END IF;
	SELECT n.nspname INTO taken
	FROM customer_value._base_settings() b
		JOIN pg_class c ON c.oid = b.settings_table JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE (b.settings).base = _create_base.base AND pg_has_role(c.relowner, 'USAGE') LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'duplicate_object',
			MESSAGE = format('customer base "%s" already exists', base),
			DETAIL = format('Its views are in schema "%s".', taken),
			HINT = 'Choose another name, alter the base, or drop it first.';
	END IF;

	s := customer_value._apply_arguments(NULL, arguments);
	s := customer_value._check_binding(s);
	PERFORM customer_value._check_settings(s);
	s.schema_created := customer_value._claim_schema(base, schema_name, s.sales_relation);
	s.created_with := customer_value._version();
	PERFORM customer_value._create_tables(schema_name);
	s.views := customer_value._view_names(schema_name);
	PERFORM customer_value._store_settings(schema_name, s);
	PERFORM customer_value._create_sales_views(schema_name);
	PERFORM customer_value._create_views(schema_name);
	RETURN format('Customer base "%s" is made: %s', base, customer_value.refresh(base));
END $$;
COMMENT ON FUNCTION customer_value._create_base(text, text, jsonb) IS
	'Internal: create_customer_base, with the arguments gathered';

-- Readers lock a view before those it stands on. Whoever replaces them all locks them in that order, too: in the
-- order of creation the two would wait for each other. (LOCK TABLE would lock the sales as well.)
CREATE FUNCTION customer_value._lock_views(schema_name text, s customer_value.base_settings) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	view_name name;
BEGIN
	FOR view_name IN
		SELECT c.relname FROM pg_class c
		WHERE c.relnamespace = quote_ident(schema_name)::regnamespace AND c.relkind = 'v' AND c.relname = ANY (s.views)
		ORDER BY array_position(s.views, c.relname::text) DESC
	LOOP
		EXECUTE format('ALTER VIEW %I.%I SET (security_invoker = true)', schema_name, view_name);
	END LOOP;
END $$;
COMMENT ON FUNCTION customer_value._lock_views(text, customer_value.base_settings) IS
	'Internal: locks the views of a base against readers, those first that stand on others';

-- Drops the views and functions of a base, all or nothing, and never what depends on them.
CREATE FUNCTION customer_value._drop_views(schema_name text, s customer_value.base_settings, tables text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- @plpgsql_check_options: security_warnings = off
	dropped record;
	dependents text;
BEGIN
	PERFORM customer_value._lock_views(schema_name, s);
	-- One by one, the last made first: a function stands on its view, and a later view may stand on the function.
	FOR dropped IN
		SELECT v.name, c.oid AS view, p.oid AS function
		FROM unnest(s.views) WITH ORDINALITY AS v (name, place)
			LEFT JOIN pg_class c ON c.relnamespace = quote_ident(schema_name)::regnamespace AND c.relkind = 'v' AND c.relname = v.name
			LEFT JOIN pg_proc p ON p.pronamespace = quote_ident(schema_name)::regnamespace AND p.pronargs = 1
				AND p.proargtypes[0] = 'date'::regtype AND p.proname || '(date)' = v.name
		WHERE c.oid IS NOT NULL OR p.oid IS NOT NULL
		ORDER BY v.place DESC
	LOOP
		IF dropped.view IS NOT NULL THEN
			EXECUTE 'DROP VIEW ' || dropped.view::regclass;
		ELSE
			EXECUTE 'DROP FUNCTION ' || dropped.function::regprocedure;
		END IF;
	END LOOP;
	IF tables IS NOT NULL THEN
		EXECUTE 'DROP TABLE IF EXISTS ' || tables;
	END IF;
EXCEPTION WHEN dependent_objects_still_exist THEN
	GET STACKED DIAGNOSTICS dependents = PG_EXCEPTION_DETAIL;
	RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist',
		MESSAGE = format('cannot drop the views of customer base "%s" because other objects depend on them', s.base),
		DETAIL = dependents,
		HINT = 'Drop those objects first, and make them again afterwards if need be.';
END $$;
COMMENT ON FUNCTION customer_value._drop_views(text, customer_value.base_settings, text) IS
	'Internal: drops the views and functions of a base, and the tables given; refuses where something depends on them';

CREATE FUNCTION customer_value._drop_base(schema_name text) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	left_over text;
BEGIN
	PERFORM customer_value._drop_views(schema_name, s,
		(SELECT string_agg(format('%I.%I', schema_name, t.name), ', ') FROM customer_value._base_tables() t));
	IF NOT s.schema_created THEN
		RETURN format('Customer base "%s" is dropped; schema "%s" was there before, and stays.', s.base, schema_name);
	END IF;
	SELECT string_agg(pg_describe_object(d.classid, d.objid, d.objsubid), ', ' ORDER BY d.objid) INTO left_over
	FROM pg_depend d
	WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = quote_ident(schema_name)::regnamespace AND d.deptype = 'n';
	IF left_over IS NOT NULL THEN
		RETURN format('Customer base "%s" is dropped; schema "%s" stays, for it holds other things: %s.',
					  s.base, schema_name, left_over);
	END IF;
	EXECUTE format('DROP SCHEMA %I', schema_name);
	RETURN format('Customer base "%s" is dropped, with schema "%s".', s.base, schema_name);
END $$;
COMMENT ON FUNCTION customer_value._drop_base(text) IS 'Internal: drop_customer_base, as the owner; returns a sentence';

-- The GRANTs that readers have on the views of a base, as commands.
CREATE FUNCTION customer_value._view_grants(schema_name text, s customer_value.base_settings) RETURNS text[]
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT pg_catalog.array_agg(pg_catalog.format('GRANT %s%s ON %s %s TO %s%s', g.privilege_type, g.columns, g.kind, g.object,
		CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END,
		CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END))
	FROM (SELECT 'TABLE' AS kind, pg_catalog.format('%I.%I', schema_name, c.relname) AS object, p.columns, c.relowner AS owner, a.*
		  FROM pg_catalog.pg_class c
			  CROSS JOIN LATERAL (SELECT '' AS columns, c.relacl AS acl
								  UNION ALL
								  SELECT pg_catalog.format(' (%I)', t.attname), t.attacl
								  FROM pg_catalog.pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL) p
			  CROSS JOIN LATERAL pg_catalog.aclexplode(p.acl) a
		  WHERE c.relnamespace = pg_catalog.quote_ident(schema_name)::pg_catalog.regnamespace
			AND c.relkind = 'v' AND c.relname = ANY (s.views)
		  UNION ALL
		  SELECT 'FUNCTION', pg_catalog.format('%I.%I(date)', schema_name, p.proname), '', p.proowner, a.*
		  FROM pg_catalog.pg_proc p CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) a
		  WHERE p.pronamespace = pg_catalog.quote_ident(schema_name)::pg_catalog.regnamespace
			AND p.pronargs = 1 AND p.proargtypes[0] = 'date'::pg_catalog.regtype
			AND p.proname || '(date)' = ANY (s.views)) g
	WHERE g.grantee <> g.owner;
END;
COMMENT ON FUNCTION customer_value._view_grants(text, customer_value.base_settings) IS
	'Internal: the GRANT commands that give readers back their privileges on the views of a base';

-- A view may have lost the row that it was made of: a scorecard that was deleted or renamed in the table. What settings.views
-- forgets nobody would ever drop.
CREATE FUNCTION customer_value._store_views(schema_name text, s customer_value.base_settings) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	names constant text[] := customer_value._view_names(schema_name);
	gone customer_value.base_settings := s;
BEGIN
	gone.views := ARRAY(SELECT v.name FROM unnest(s.views) WITH ORDINALITY AS v (name, place) WHERE v.name <> ALL (names) ORDER BY v.place);
	IF gone.views <> '{}' THEN
		PERFORM customer_value._drop_views(schema_name, gone, NULL);
	END IF;
	s.views := names;
	PERFORM customer_value._store_settings(schema_name, s);
END $$;
COMMENT ON FUNCTION customer_value._store_views(text, customer_value.base_settings) IS
	'Internal: stores which views a base has, and drops those that it has no longer';

-- Makes the views of a base from its stored settings: in place where their columns stay as they are, so that
-- privileges and dependent views last; else by dropping them, which is refused if something depends on them.
CREATE FUNCTION customer_value._make_views(schema_name text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	command text;
	grants text[];
BEGIN
	PERFORM customer_value._require_tables(schema_name, s);
	PERFORM customer_value._lock_views(schema_name, s);
	BEGIN
		PERFORM customer_value._create_sales_views(schema_name);
		PERFORM customer_value._create_views(schema_name);
	EXCEPTION WHEN invalid_table_definition OR invalid_function_definition OR datatype_mismatch OR undefined_function THEN
		grants := customer_value._view_grants(schema_name, s);
		PERFORM customer_value._drop_views(schema_name, s, NULL);
		PERFORM customer_value._create_sales_views(schema_name);
		PERFORM customer_value._create_views(schema_name);
		FOREACH command IN ARRAY coalesce(grants, '{}') LOOP
			EXECUTE command;
		END LOOP;
	END;
	s.created_with := customer_value._version();
	PERFORM customer_value._store_views(schema_name, s);
END $$;
COMMENT ON FUNCTION customer_value._make_views(text) IS 'Internal: makes or replaces the views of a base';

CREATE FUNCTION customer_value._rebuild_base(schema_name text) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s customer_value.base_settings := customer_value._load_settings(schema_name);
BEGIN
	s := customer_value._check_binding(customer_value._follow_renames(schema_name, s));
	PERFORM customer_value._store_settings(schema_name, s);
	PERFORM customer_value._make_views(schema_name);
	RETURN format('Customer base "%s" is rebuilt: %s', s.base, customer_value._refresh(schema_name));
END $$;
COMMENT ON FUNCTION customer_value._rebuild_base(text) IS 'Internal: rebuild_customer_base, as the owner; returns a sentence';

CREATE FUNCTION customer_value._alter_base(schema_name text, changes jsonb, reset text[]) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	before customer_value.base_settings := customer_value._load_settings(schema_name);
	s customer_value.base_settings;
	defaults constant jsonb := customer_value._default_settings();
	argument text;
BEGIN
	IF 'customers' = ANY (reset) THEN
		reset := reset || '{customer_key,customer_name,customer_region,customer_owner,customer_parent}';
	END IF;
	FOREACH argument IN ARRAY coalesce(reset, '{}') LOOP
		IF argument IS NULL OR NOT defaults ? argument THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('cannot reset %s', coalesce(quote_literal(argument), 'null')),
				DETAIL = 'It is not a setting with a default.',
				HINT = format('Settings with a default are: %s.',
							  (SELECT string_agg(d.key, ', ' ORDER BY d.key) FROM jsonb_object_keys(defaults) d (key)));
		END IF;
		IF changes ? argument THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('%s is both given and reset', argument),
				HINT = 'Do one of the two.';
		END IF;
		changes := changes || jsonb_build_object(argument, defaults -> argument);
	END LOOP;

	s := customer_value._apply_arguments(customer_value._follow_renames(schema_name, before), changes);
	s := customer_value._check_binding(s);
	PERFORM customer_value._check_settings(s);
	IF EXISTS (SELECT FROM pg_class c WHERE c.oid = customer_value._named_relation(s.sales_relation)
			   AND c.relnamespace = quote_ident(schema_name)::regnamespace) THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('%s cannot be the sales of customer base "%s"', s.sales_relation, s.base),
			DETAIL = 'It is in the schema of the base itself.',
			HINT = 'Bind a relation of another schema.';
	END IF;
	PERFORM customer_value._store_settings(schema_name, s);
	-- A rule that only the settings row holds needs no new views.
	IF EXISTS (SELECT FROM jsonb_object_keys(changes) c (key)
			   WHERE customer_value._setting_name(c.key) LIKE '%\_column' OR c.key IN ('sales', 'customers', 'duplicates')) THEN
		PERFORM customer_value._make_views(schema_name);
	END IF;
	RETURN format('Customer base "%s" is altered: %s', s.base, customer_value._refresh(schema_name));
END $$;
COMMENT ON FUNCTION customer_value._alter_base(text, jsonb, text[]) IS
	'Internal: alter_customer_base, as the owner; returns a sentence';

CREATE FUNCTION customer_value.create_customer_base(
	base text, sales text, customer_id text, sold_at text, amount text, order_id text DEFAULT NULL,
	cost text DEFAULT NULL, list_amount text DEFAULT NULL, quantity text DEFAULT NULL, product text DEFAULT NULL,
	category text DEFAULT NULL, channel text DEFAULT NULL, currency_column text DEFAULT NULL,
	customers text DEFAULT NULL, customer_key text DEFAULT NULL, customer_name text DEFAULT NULL,
	customer_region text DEFAULT NULL, customer_owner text DEFAULT NULL, customer_parent text DEFAULT NULL,
	schema text DEFAULT NULL, time_zone text DEFAULT pg_catalog.current_setting('TimeZone'),
	as_of date DEFAULT NULL, horizon interval DEFAULT '1 year', annual_discount_rate double precision DEFAULT 0.10,
	margin_rate double precision DEFAULT NULL, currency text DEFAULT NULL, minor_units integer DEFAULT 2,
	purchase_family text DEFAULT NULL, anonymous_ids text[] DEFAULT NULL, zero_amounts text DEFAULT 'count',
	returns text DEFAULT 'net', amount_scale integer DEFAULT NULL, duplicates text DEFAULT 'keep')
	RETURNS text
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT customer_value._create_base(base, schema, pg_catalog.jsonb_build_object(
		'base', base, 'sales', customer_value._relation_name(sales), 'customer_id', customer_id, 'sold_at', sold_at,
		'amount', amount, 'order_id', order_id, 'cost', cost, 'list_amount', list_amount, 'quantity', quantity,
		'product', product, 'category', category, 'channel', channel, 'currency_column', currency_column,
		'customers', customer_value._relation_name(customers), 'customer_key', customer_key,
		'customer_name', customer_name, 'customer_region', customer_region, 'customer_owner', customer_owner,
		'customer_parent', customer_parent, 'time_zone', time_zone, 'as_of', as_of, 'horizon', horizon,
		'annual_discount_rate', customer_value._to_numeric(annual_discount_rate),
		'margin_rate', customer_value._to_numeric(margin_rate), 'currency', currency, 'minor_units', minor_units,
		'purchase_family', purchase_family, 'anonymous_ids', anonymous_ids, 'zero_amounts', zero_amounts,
		'returns', returns, 'amount_scale', amount_scale, 'duplicates', duplicates));
END;
COMMENT ON FUNCTION customer_value.create_customer_base IS
	'Makes a customer base: binds a table or view of sales by the names of its columns, and makes a schema (of the name of the base unless schema is given) with the views over it. time_zone counts only where sold_at is a timestamp with time zone. Returns what was bound, in a sentence';

CREATE FUNCTION customer_value.alter_customer_base(
	base text, sales text DEFAULT NULL, customer_id text DEFAULT NULL, sold_at text DEFAULT NULL,
	amount text DEFAULT NULL, order_id text DEFAULT NULL, cost text DEFAULT NULL, list_amount text DEFAULT NULL,
	quantity text DEFAULT NULL, product text DEFAULT NULL, category text DEFAULT NULL, channel text DEFAULT NULL,
	currency_column text DEFAULT NULL, customers text DEFAULT NULL, customer_key text DEFAULT NULL,
	customer_name text DEFAULT NULL, customer_region text DEFAULT NULL, customer_owner text DEFAULT NULL,
	customer_parent text DEFAULT NULL, time_zone text DEFAULT NULL, as_of date DEFAULT NULL,
	horizon interval DEFAULT NULL, annual_discount_rate double precision DEFAULT NULL,
	margin_rate double precision DEFAULT NULL, currency text DEFAULT NULL, minor_units integer DEFAULT NULL,
	purchase_family text DEFAULT NULL, anonymous_ids text[] DEFAULT NULL, zero_amounts text DEFAULT NULL,
	returns text DEFAULT NULL, amount_scale integer DEFAULT NULL, duplicates text DEFAULT NULL,
	reset text[] DEFAULT NULL)
	RETURNS text
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT customer_value._alter(base, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
		'sales', customer_value._relation_name(sales), 'customer_id', customer_id, 'sold_at', sold_at,
		'amount', amount, 'order_id', order_id, 'cost', cost, 'list_amount', list_amount, 'quantity', quantity,
		'product', product, 'category', category, 'channel', channel, 'currency_column', currency_column,
		'customers', customer_value._relation_name(customers), 'customer_key', customer_key,
		'customer_name', customer_name, 'customer_region', customer_region, 'customer_owner', customer_owner,
		'customer_parent', customer_parent, 'time_zone', time_zone, 'as_of', as_of, 'horizon', horizon,
		'annual_discount_rate', customer_value._to_numeric(annual_discount_rate),
		'margin_rate', customer_value._to_numeric(margin_rate), 'currency', currency, 'minor_units', minor_units,
		'purchase_family', purchase_family, 'anonymous_ids', anonymous_ids, 'zero_amounts', zero_amounts,
		'returns', returns, 'amount_scale', amount_scale, 'duplicates', duplicates)), reset);
END;
COMMENT ON FUNCTION customer_value.alter_customer_base IS
	'Changes settings or bindings of a customer base: what is NULL stays as it is, reset names arguments of create_customer_base to put back to their defaults. Refuses where it would have to drop a view that something else depends on; runs as the owner of the base. Returns what is bound now, in a sentence';
