-- base_scorecard_maintenance.sql - create_scorecard, alter_scorecard, drop_scorecard. They run as the owner of the base.

CREATE FUNCTION customer_value._create_scorecard(base text, scorecard text, arguments jsonb) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_base_create_scorecard' LANGUAGE C VOLATILE COST 100000;
COMMENT ON FUNCTION customer_value._create_scorecard(text, text, jsonb) IS
	'Internal: create_scorecard, with the arguments gathered; runs as the owner of the base';

CREATE FUNCTION customer_value._alter_scorecard(base text, scorecard text, changes jsonb, reset text[]) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_base_alter_scorecard' LANGUAGE C VOLATILE COST 100000;
COMMENT ON FUNCTION customer_value._alter_scorecard(text, text, jsonb, text[]) IS
	'Internal: alter_scorecard, with the changes gathered; runs as the owner of the base';

CREATE FUNCTION customer_value.drop_scorecard(base text, scorecard text) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_base_drop_scorecard' LANGUAGE C VOLATILE COST 100000;
COMMENT ON FUNCTION customer_value.drop_scorecard(text, text) IS
	'Removes a scorecard of a customer base with its view and functions, also one that came with the base; refuses where something depends on them. Runs as the owner of the base';

-- Runs as the caller, whose search path says what a relation's name means.
CREATE FUNCTION customer_value._qualify_criteria(criteria jsonb) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT CASE WHEN pg_catalog.jsonb_typeof(criteria) = 'array' THEN
		(SELECT coalesce(pg_catalog.jsonb_agg(CASE WHEN pg_catalog.jsonb_typeof(c.value -> 'relation') = 'string' AND NOT EXISTS
					(SELECT FROM customer_value._base_views() v WHERE v.name = (c.value ->> 'relation') || '_at')
				THEN c.value || pg_catalog.jsonb_build_object('relation', customer_value._relation_name(c.value ->> 'relation'))
				ELSE c.value END ORDER BY c.place), '[]')
		 FROM pg_catalog.jsonb_array_elements(criteria) WITH ORDINALITY AS c (value, place))
		ELSE criteria END;
END;
COMMENT ON FUNCTION customer_value._qualify_criteria(jsonb) IS
	'Internal: criteria with the names of relations as schema.name, but for views of the base';

CREATE FUNCTION customer_value._scorecard_parts(name text) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[name, name || '_at(date)', name || '_change(date)'];
COMMENT ON FUNCTION customer_value._scorecard_parts(text) IS
	'Internal: the view and the functions of a scorecard, as settings.views names them';

-- One lost scorecard is no reason not to make another; all else is needed.
CREATE FUNCTION customer_value._require_views(schema_name text, only_view text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	base text;
	missing text;
BEGIN
	SELECT string_agg(format('%I.%I', schema_name, v.name), ', ' ORDER BY v.place) INTO missing
	FROM customer_value._base_views() WITH ORDINALITY AS v (name, kind, place)
	WHERE CASE v.kind WHEN 'view' THEN to_regclass(format('%I.%I', schema_name, v.name)) IS NULL
					  ELSE to_regprocedure(format('%I.%I(date)', schema_name, v.name)) IS NULL END
	  AND v.place < ALL (SELECT s.place FROM customer_value._base_views() WITH ORDINALITY AS s (name, kind, place) WHERE s.kind = 'scorecards')
	  AND (only_view IS NULL OR v.name IN (only_view, only_view || '_at'));
	IF missing IS NOT NULL THEN
		EXECUTE format('SELECT s.base FROM %I.settings AS s', schema_name) INTO base;
		PERFORM customer_value._refuse_scorecard('55000', format('views of customer base "%s" are gone', base), format('There is no %s.', missing),
			format('SELECT customer_value.rebuild_customer_base(%L) makes the views anew.', base));
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._require_views(text, text) IS
	'Internal: raises object_not_in_prerequisite_state if a view is gone that scorecards stand on, or the one named';

CREATE FUNCTION customer_value._scorecard_names_free(schema_name text, name text) RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	taken text;
BEGIN
	IF coalesce(name, '') = '' OR octet_length(name) > 56 OR name LIKE '%(date)' THEN
		PERFORM customer_value._refuse_scorecard('42602', format('%s cannot be the name of a scorecard', coalesce('"' || name || '"', 'null')),
			'It is the name of a view, and with _at and _change behind it of functions: 1 to 56 bytes, not ending in (date).', 'Choose another name.');
	END IF;
	SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'r' THEN 'table' ELSE 'relation' END INTO taken
	FROM pg_class c WHERE c.relnamespace = quote_ident(schema_name)::regnamespace AND c.relname = name;
	IF FOUND THEN
		PERFORM customer_value._refuse_scorecard('42P07', format('relation "%s" already exists', name),
			format('There is a %s %I.%I.', taken, schema_name, name), 'Choose another name for the scorecard.');
	END IF;
	SELECT p.proname INTO taken FROM pg_proc p
	WHERE p.pronamespace = quote_ident(schema_name)::regnamespace AND p.proname IN (name || '_at', name || '_change')
	  AND p.pronargs = 1 AND p.proargtypes[0] = 'date'::regtype LIMIT 1;
	IF FOUND THEN
		PERFORM customer_value._refuse_scorecard('42723', format('function "%s" already exists', taken),
			format('The scorecard needs the name %I.%I(date).', schema_name, taken), 'Choose another name for the scorecard.');
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._scorecard_names_free(text, text) IS
	'Internal: raises duplicate_table and the like if the view of a scorecard cannot have its name';

CREATE FUNCTION customer_value._require_scorecard(schema_name text, name text) RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	names text[];
BEGIN
	EXECUTE format('SELECT array_agg(s.scorecard ORDER BY s.scorecard COLLATE "C") FROM %I.scorecards AS s', schema_name) INTO names;
	IF name IS NULL OR names IS NULL OR name <> ALL (names) THEN
		PERFORM customer_value._refuse_scorecard('42704', format('scorecard %s does not exist', coalesce('"' || name || '"', 'null')), NULL,
			CASE WHEN names IS NULL THEN 'There are none; create_scorecard makes one.' ELSE format('There are %s.', array_to_string(names, ', ')) END);
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._require_scorecard(text, text) IS 'Internal: raises undefined_object unless a base has a scorecard of that name';

-- Argument given as JSON over the row that is there.
CREATE FUNCTION customer_value._apply_scorecard(card customer_value.base_scorecard, given jsonb) RETURNS customer_value.base_scorecard
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	card.method := coalesce(given ->> 'method', card.method);
	card.missing := coalesce(given ->> 'missing', card.missing);
	card.within := coalesce(given ->> 'within', card.within);
	card.description := coalesce(given ->> 'description', card.description);
	IF given ? 'show' THEN
		card.show := ARRAY(SELECT e.value FROM jsonb_array_elements_text(given -> 'show') WITH ORDINALITY AS e (value, place) ORDER BY e.place);
	END IF;
	card.comparison_matrix := coalesce((given ->> 'comparison_matrix')::double precision[], card.comparison_matrix);
	-- Who gives comparisons means them, and who names another weighting no longer does.
	card.weighting := coalesce(given ->> 'weighting', CASE WHEN given ? 'comparison_matrix' THEN 'ahp' END, card.weighting);
	IF card.weighting <> 'ahp' AND NOT given ? 'comparison_matrix' THEN
		card.comparison_matrix := NULL;
	END IF;
	RETURN card;
END $$;
COMMENT ON FUNCTION customer_value._apply_scorecard(customer_value.base_scorecard, jsonb) IS
	'Internal: a scorecard with arguments, as a JSON object, laid over it';

CREATE FUNCTION customer_value._store_scorecard(schema_name text, card customer_value.base_scorecard, criteria customer_value.base_criterion[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('DELETE FROM %I.scorecards WHERE scorecard = $1', schema_name) USING card.scorecard;
	EXECUTE format('DELETE FROM %I.scorecard_criteria WHERE scorecard = $1', schema_name) USING card.scorecard;
	EXECUTE format('INSERT INTO %I.scorecards SELECT ($1).*', schema_name) USING card;
	EXECUTE format('INSERT INTO %I.scorecard_criteria SELECT c.* FROM unnest($1) AS c', schema_name) USING criteria;
	EXECUTE format('ANALYZE %I.scorecards', schema_name);
	EXECUTE format('ANALYZE %I.scorecard_criteria', schema_name);
END $$;
COMMENT ON FUNCTION customer_value._store_scorecard(text, customer_value.base_scorecard, customer_value.base_criterion[]) IS
	'Internal: replaces the rows of a scorecard';

CREATE FUNCTION customer_value._scorecard_in_words(schema_name text, s customer_value.base_settings, name text, what text) RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	c record := customer_value._scorecard(schema_name, name);
	unbound text := (SELECT string_agg(x.criterion, ', ' ORDER BY x.position) FROM unnest(c.criteria) x
					 WHERE customer_value._criterion_problem(schema_name, x) IS NOT NULL);
	dimensions integer := cardinality(customer_value._scorecard_dimensions(c.criteria));
BEGIN
	RETURN format('Scorecard "%s" of customer base "%s" is %s: %s in %s by %s, in %I.%I.%s', name, s.base, what,
		CASE cardinality(c.criteria) WHEN 1 THEN '1 criterion' ELSE cardinality(c.criteria) || ' criteria' END,
		CASE dimensions WHEN 1 THEN '1 dimension' ELSE dimensions || ' dimensions' END,
		(c.card).method, schema_name, name, CASE WHEN unbound IS NULL THEN '' ELSE format(' Not bound: %s.', unbound) END);
END $$;
COMMENT ON FUNCTION customer_value._scorecard_in_words(text, customer_value.base_settings, text, text) IS
	'Internal: what create_scorecard and alter_scorecard answer';

CREATE FUNCTION customer_value._make_scorecard(schema_name text, name text, arguments jsonb) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	card customer_value.base_scorecard;
	criteria customer_value.base_criterion[];
BEGIN
	PERFORM customer_value._require_tables(schema_name, s), customer_value._require_views(schema_name);
	EXECUTE format('SELECT c.scorecard FROM %I.scorecards AS c WHERE c.scorecard = $1', schema_name) INTO card.scorecard USING name;
	IF card.scorecard IS NOT NULL THEN
		PERFORM customer_value._refuse_scorecard('42710', format('scorecard "%s" already exists', name),
			format('It is one of customer base "%s".', s.base), 'Choose another name, change it with alter_scorecard, or drop it first.');
	END IF;
	PERFORM customer_value._scorecard_names_free(schema_name, name);
	card := ROW(name, 'weighted_sum', 'reweight', 'given', NULL, NULL, NULL, false, NULL);
	card := customer_value._apply_scorecard(card, arguments);
	criteria := customer_value._apply_criteria(schema_name, name, '{}', arguments -> 'criteria');
	criteria := customer_value._apply_dimensions(criteria, arguments -> 'dimension_weights', arguments -> 'dimension_methods');
	card := customer_value._check_scorecard(schema_name, card, criteria);
	PERFORM customer_value._store_scorecard(schema_name, card, criteria);
	PERFORM customer_value._create_scorecard_view(schema_name, name);
	PERFORM customer_value._create_account_views(schema_name);
	PERFORM customer_value._store_views(schema_name, s);
	RETURN customer_value._scorecard_in_words(schema_name, s, name, 'made');
END $$;
COMMENT ON FUNCTION customer_value._make_scorecard(text, text, jsonb) IS 'Internal: create_scorecard, as the owner; returns a sentence';

CREATE FUNCTION customer_value._change_scorecard(schema_name text, name text, changes jsonb, reset text[]) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	defaults constant text[] := string_to_array('within,show,comparison_matrix,description,dimension_weights,dimension_methods', ',');
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	card customer_value.base_scorecard;
	criteria customer_value.base_criterion[];
	stored record;
	own customer_value.base_settings := s;
	argument text;
	removed text;
	grants text[];
	command text;
BEGIN
	PERFORM customer_value._require_tables(schema_name, s), customer_value._require_scorecard(schema_name, name),
		customer_value._require_views(schema_name);
	stored := customer_value._scorecard(schema_name, name);
	card := stored.card;
	criteria := stored.criteria;
	FOREACH argument IN ARRAY coalesce(reset, '{}') LOOP
		PERFORM customer_value._require_word(argument, 'reset', defaults);
		IF changes ? argument THEN
			PERFORM customer_value._refuse_scorecard('22023', format('%s is both given and reset', argument), NULL, 'Do one of the two.');
		END IF;
		CASE argument
			WHEN 'within' THEN card.within := NULL;
			WHEN 'show' THEN card.show := NULL;
			WHEN 'comparison_matrix' THEN
				card.comparison_matrix := NULL;
				card.weighting := CASE card.weighting WHEN 'ahp' THEN 'given' ELSE card.weighting END;
			WHEN 'description' THEN card.description := NULL;
			WHEN 'dimension_weights' THEN
				FOR i IN 1 .. cardinality(criteria) LOOP
					criteria[i].dimension_weight := 1;
				END LOOP;
			ELSE
				FOR i IN 1 .. cardinality(criteria) LOOP
					criteria[i].dimension_method := 'weighted_sum';
				END LOOP;
		END CASE;
	END LOOP;
	IF changes ? 'remove' THEN
		FOR removed IN SELECT e.value FROM jsonb_array_elements_text(changes -> 'remove') AS e (value) LOOP
			IF removed IS NULL OR NOT EXISTS (SELECT FROM unnest(criteria) c WHERE c.criterion = removed) THEN
				PERFORM customer_value._refuse_scorecard('42704', format('scorecard "%s" has no criterion %s', name, coalesce(quote_literal(removed), 'null')), NULL,
					format('Its criteria are %s.', (SELECT string_agg(c.criterion, ', ' ORDER BY c.position) FROM unnest(criteria) c)));
			END IF;
			criteria := ARRAY(SELECT c FROM unnest(criteria) c WHERE c.criterion <> removed ORDER BY c.position, c.criterion COLLATE "C");
		END LOOP;
	END IF;
	criteria := customer_value._apply_criteria(schema_name, name, criteria, changes -> 'criteria');
	criteria := customer_value._apply_dimensions(criteria, changes -> 'dimension_weights', changes -> 'dimension_methods');
	card := customer_value._check_scorecard(schema_name, customer_value._apply_scorecard(card, changes), criteria);
	PERFORM customer_value._store_scorecard(schema_name, card, criteria);
	BEGIN
		PERFORM customer_value._create_scorecard_view(schema_name, name);
	EXCEPTION WHEN invalid_table_definition OR invalid_function_definition OR datatype_mismatch OR undefined_function THEN
		own.views := customer_value._scorecard_parts(name);
		grants := customer_value._view_grants(schema_name, own);
		BEGIN
			PERFORM customer_value._drop_views(schema_name, own, NULL), customer_value._create_scorecard_view(schema_name, name);
			FOREACH command IN ARRAY coalesce(grants, '{}') LOOP
				EXECUTE command;
			END LOOP;
		EXCEPTION WHEN dependent_objects_still_exist THEN
			-- what stands on it may be a view of the base
			PERFORM customer_value._make_views(schema_name);
		END;
	END;
	PERFORM customer_value._store_views(schema_name, s);
	RETURN customer_value._scorecard_in_words(schema_name, s, name, 'altered');
END $$;
COMMENT ON FUNCTION customer_value._change_scorecard(text, text, jsonb, text[]) IS 'Internal: alter_scorecard, as the owner; returns a sentence';

CREATE FUNCTION customer_value._remove_scorecard(schema_name text, name text) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	own customer_value.base_settings := s;
BEGIN
	PERFORM customer_value._require_tables(schema_name, s), customer_value._require_scorecard(schema_name, name),
		customer_value._require_views(schema_name);
	own.views := customer_value._scorecard_parts(name);
	EXECUTE format('DELETE FROM %I.scorecards WHERE scorecard = $1', schema_name) USING name;
	EXECUTE format('DELETE FROM %I.scorecard_criteria WHERE scorecard = $1', schema_name) USING name;
	-- Those that stand on it do without from now on.
	PERFORM customer_value._create_account_views(schema_name);
	PERFORM customer_value._drop_views(schema_name, own, NULL);
	PERFORM customer_value._store_views(schema_name, s);
	RETURN format('Scorecard "%s" of customer base "%s" is dropped.', name, s.base);
END $$;
COMMENT ON FUNCTION customer_value._remove_scorecard(text, text) IS 'Internal: drop_scorecard, as the owner; returns a sentence';

CREATE FUNCTION customer_value.create_scorecard(
	base text, scorecard text, criteria jsonb, method text DEFAULT 'weighted_sum', missing text DEFAULT 'reweight',
	weighting text DEFAULT NULL, dimension_weights jsonb DEFAULT NULL, dimension_methods jsonb DEFAULT NULL,
	comparison_matrix double precision[] DEFAULT NULL, within text DEFAULT NULL, show text[] DEFAULT NULL,
	description text DEFAULT NULL)
	RETURNS text
	LANGUAGE sql VOLATILE
	SET extra_float_digits = 1
BEGIN ATOMIC
	SELECT customer_value._create_scorecard(base, scorecard, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
		'method', method, 'missing', missing, 'weighting', weighting, 'dimension_weights', dimension_weights,
		'dimension_methods', dimension_methods, 'comparison_matrix', comparison_matrix::text, 'within', within,
		'description', description))
		|| CASE WHEN show IS NULL THEN '{}' ELSE pg_catalog.jsonb_build_object('show', show) END
		|| CASE WHEN criteria IS NULL THEN '{}' ELSE pg_catalog.jsonb_build_object('criteria', customer_value._qualify_criteria(criteria)) END);
END;
COMMENT ON FUNCTION customer_value.create_scorecard IS
	'Makes a scorecard of a customer base, and a view of its name with a row a customer: score, rank and a column a dimension. criteria is a JSON array of objects with column (of customer_profile, or of relation, whose customers are in the column key), criterion (its name; a criterion without column is not bound yet), dimension (overall), better (more, less), normaliser (percentile, min_max, winsorised_z, z_cdf, logistic, as_is), weight (1), description. method: weighted_sum, weighted_norm, weighted_product or topsis; missing: reweight, worst or median; weighting: given, equal, ahp (with a comparison_matrix of the criteria, or of the dimensions), entropy or critic. within: a column of customer_profile in whose groups criteria are normalised; show: columns of it beside the score. Runs as the owner of the base. Returns what was made, in a sentence';

CREATE FUNCTION customer_value.alter_scorecard(
	base text, scorecard text, criteria jsonb DEFAULT NULL, remove text[] DEFAULT NULL, method text DEFAULT NULL, missing text DEFAULT NULL,
	weighting text DEFAULT NULL, dimension_weights jsonb DEFAULT NULL, dimension_methods jsonb DEFAULT NULL,
	comparison_matrix double precision[] DEFAULT NULL, within text DEFAULT NULL, show text[] DEFAULT NULL,
	description text DEFAULT NULL, reset text[] DEFAULT NULL)
	RETURNS text
	LANGUAGE sql VOLATILE
	SET extra_float_digits = 1
BEGIN ATOMIC
	SELECT customer_value._alter_scorecard(base, scorecard, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
		'method', method, 'missing', missing, 'weighting', weighting, 'dimension_weights', dimension_weights,
		'dimension_methods', dimension_methods, 'comparison_matrix', comparison_matrix::text, 'within', within,
		'description', description, 'remove', remove))
		|| CASE WHEN show IS NULL THEN '{}' ELSE pg_catalog.jsonb_build_object('show', show) END
		|| CASE WHEN criteria IS NULL THEN '{}' ELSE pg_catalog.jsonb_build_object('criteria', customer_value._qualify_criteria(criteria)) END, reset);
END;
COMMENT ON FUNCTION customer_value.alter_scorecard IS
	'Changes a scorecard of a customer base: what is NULL stays as it is. criteria: those of a name that is there are changed where they say something (a column binds one that was not bound), others are added; remove: names of criteria to go; reset: arguments of create_scorecard to put back to their defaults. Refuses where it would have to drop a view that something else depends on; runs as the owner of the base. Returns what is there now, in a sentence';
