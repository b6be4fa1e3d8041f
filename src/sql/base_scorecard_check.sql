-- base_scorecard_check.sql - what a scorecard may say: from the arguments of create_scorecard and alter_scorecard to
-- rows, every name looked up.

CREATE FUNCTION customer_value._refuse_scorecard(code text, message text, detail text, hint text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF detail IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message, HINT = hint;
	END IF;
	RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message, DETAIL = detail, HINT = hint;
END $$;
COMMENT ON FUNCTION customer_value._refuse_scorecard(text, text, text, text) IS 'Internal: raises an error about a scorecard';

-- One of a list of words, as an argument of a scorecard.
CREATE FUNCTION customer_value._require_word(given text, argument text, words text[]) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF given IS NULL OR given <> ALL (words) THEN
		PERFORM customer_value._refuse_scorecard('22023', format('%s cannot be %s', argument, coalesce(quote_literal(given), 'null')), NULL,
			format('It is one of %s.', array_to_string(words, ', ')));
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._require_word(text, text, text[]) IS 'Internal: raises invalid_parameter_value unless a word is one of a list';

CREATE FUNCTION customer_value._weight_argument(given jsonb, what text) RETURNS double precision
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	weight double precision;
BEGIN
	weight := (given #>> '{}')::double precision;
	IF weight >= 0 AND weight < 'Infinity' THEN
		RETURN weight;
	END IF;
	RAISE invalid_parameter_value;
EXCEPTION WHEN invalid_parameter_value OR invalid_text_representation OR numeric_value_out_of_range THEN
	PERFORM customer_value._refuse_scorecard('22023', format('%s cannot weigh %s', what, coalesce(given #>> '{}', 'null')),
		'A weight is a finite number, and not negative.',
		'Only proportions of weights count. Of a criterion of which less is better, say so with "better": "less".');
	RETURN NULL;
END $$;
COMMENT ON FUNCTION customer_value._weight_argument(jsonb, text) IS 'Internal: a weight given as JSON; raises invalid_parameter_value';

CREATE FUNCTION customer_value._refuse_keys(given jsonb, known text[], what text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	strange text := (SELECT string_agg(quote_ident(k.key), ', ' ORDER BY k.key COLLATE "C") FROM jsonb_object_keys(given) AS k (key) WHERE k.key <> ALL (known));
BEGIN
	IF strange IS NOT NULL THEN
		PERFORM customer_value._refuse_scorecard('22023', format('%s has no %s', what, strange), NULL,
			format('Known are: %s.', array_to_string(known, ', ')));
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._refuse_keys(jsonb, text[], text) IS 'Internal: raises invalid_parameter_value for keys of a JSON object that are not known';

-- The place of a criterion that is bound to a column: spelled as the catalogs spell it, or refused.
CREATE FUNCTION customer_value._bind_criterion(schema_name text, INOUT c customer_value.base_criterion)
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	relid oid;
	base_view text;
	argument constant text := format('column of criterion "%s"', c.criterion);
BEGIN
	SELECT * INTO relid, base_view FROM customer_value._criterion_relation(schema_name, c.relation);
	IF relid IS NULL THEN
		PERFORM customer_value._refuse_scorecard('42P01', format('relation %s of criterion "%s" does not exist', c.relation, c.criterion), NULL,
			'Give a table or view as schema.name, a view of the base, or none for customer_profile.');
	END IF;
	c.relation := CASE base_view WHEN 'customer_profile' THEN NULL ELSE coalesce(base_view, c.relation) END;
	IF base_view IS NULL AND EXISTS
		(SELECT FROM pg_class k WHERE k.oid = relid AND k.relnamespace = quote_ident(schema_name)::regnamespace
		 AND k.relname = ANY ((customer_value._load_settings(schema_name)).views)) THEN
		PERFORM customer_value._refuse_scorecard('42809', format('%s cannot have criteria of a scorecard', c.relation),
			'It is a view of the base that has no row a customer and day, or a scorecard itself.',
			'Take the columns that it is made of.');
	END IF;
	c.column_name := customer_value._find_column(relid, argument, c.column_name);
	IF customer_value._criterion_number(relid, c.column_name, 'r', false) IS NULL THEN
		PERFORM customer_value._refuse_type(relid, argument, c.column_name, 'a number: smallint, integer, bigint, numeric, real or double precision',
			'Make a number of it in a view with a row a customer, and name that as relation.');
	END IF;
	IF base_view IS NOT NULL THEN
		c.key_column := NULL;
		IF customer_value._column_type(relid, 'customer_id') IS NULL THEN
			PERFORM customer_value._refuse_scorecard('42809', format('%s cannot have criteria of a scorecard', base_view),
				'It does not have a row a customer.', 'Take a view of the base with a customer_id.');
		END IF;
		RETURN;
	END IF;
	c.key_column := customer_value._find_column(relid, format('key of criterion "%s"', c.criterion), coalesce(c.key_column, 'customer_id'));
	PERFORM customer_value._criterion_key(schema_name, relid, c.key_column);
	IF NOT (has_column_privilege(relid, c.column_name, 'SELECT') AND has_column_privilege(relid, c.key_column, 'SELECT')) THEN
		PERFORM customer_value._refuse_scorecard('42501', format('permission denied for relation %s', c.relation),
			format('Role "%s" owns the customer base, and may not read it.', current_user), format('GRANT SELECT ON %s TO %I.', c.relation, current_user));
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._bind_criterion(text, customer_value.base_criterion) IS
	'Internal: looks up what a criterion names; raises undefined_table, undefined_column, datatype_mismatch, insufficient_privilege';

-- Criteria as they are, with the given ones changed (by their names) or added.
CREATE FUNCTION customer_value._apply_criteria(schema_name text, scorecard text, criteria customer_value.base_criterion[], given jsonb)
	RETURNS customer_value.base_criterion[]
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	keys constant text[] := string_to_array('dimension,criterion,column,relation,key,better,normaliser,weight,description', ',');
	element jsonb;
	c customer_value.base_criterion;
	name text;
	place integer;
	text_key text;
	seen text[] := ARRAY[]::text[];
BEGIN
	IF given IS NULL THEN
		RETURN criteria;
	END IF;
	IF jsonb_typeof(given) <> 'array' THEN
		PERFORM customer_value._refuse_scorecard('22023', 'criteria must be a JSON array of objects', format('It is %s.', jsonb_typeof(given)),
			'For instance ''[{"column": "realised_value"}, {"column": "silence", "better": "less"}]''.');
	END IF;
	FOR element IN SELECT e.value FROM jsonb_array_elements(given) WITH ORDINALITY AS e (value, place) ORDER BY e.place LOOP
		IF jsonb_typeof(element) <> 'object' THEN
			PERFORM customer_value._refuse_scorecard('22023', 'criteria must be a JSON array of objects', format('An element is %s.', element),
				'For instance ''[{"column": "realised_value"}, {"column": "silence", "better": "less"}]''.');
		END IF;
		PERFORM customer_value._refuse_keys(element, keys, 'a criterion');
		FOREACH text_key IN ARRAY array_remove(keys, 'weight') LOOP
			IF jsonb_typeof(element -> text_key) NOT IN ('string', 'null') THEN
				PERFORM customer_value._refuse_scorecard('22023', format('"%s" of a criterion must be a string', text_key),
					format('It is %s.', element -> text_key), 'Write it in double quotes.');
			END IF;
		END LOOP;
		name := coalesce(element ->> 'criterion', element ->> 'column');
		IF coalesce(name, '') = '' THEN
			PERFORM customer_value._refuse_scorecard('22023', 'a criterion has no name', format('It is %s.', element),
				'Name a "column", or with "criterion" what is not bound to one yet.');
		END IF;
		IF name = ANY (seen) THEN
			PERFORM customer_value._refuse_scorecard('42710', format('criterion "%s" is given twice', name), NULL, 'Name one of them otherwise, with "criterion".');
		END IF;
		seen := seen || name;
		place := (SELECT min(i) FROM generate_subscripts(criteria, 1) i WHERE (criteria[i]).criterion = name);
		IF place IS NULL THEN
			c := ROW(scorecard, (SELECT coalesce(max(x.position), 0) + 1 FROM unnest(criteria) x), 'overall', NULL, NULL, name,
					 NULL, NULL, NULL, 'more', 'percentile', 1, NULL);
			place := coalesce(cardinality(criteria), 0) + 1;
		ELSE
			c := criteria[place];
		END IF;
		c.dimension := coalesce(element ->> 'dimension', c.dimension);
		-- Another column of the same relation needs no relation; another relation needs its own key.
		c.relation := CASE WHEN element ? 'relation' THEN element ->> 'relation' ELSE c.relation END;
		c.key_column := CASE WHEN element ? 'key' OR element ? 'relation' THEN element ->> 'key' ELSE c.key_column END;
		c.column_name := CASE WHEN element ? 'column' THEN element ->> 'column' ELSE c.column_name END;
		c.better := coalesce(element ->> 'better', c.better);
		c.normaliser := coalesce(element ->> 'normaliser', c.normaliser);
		c.weight := CASE WHEN element ? 'weight' THEN customer_value._weight_argument(element -> 'weight', format('criterion "%s"', name)) ELSE c.weight END;
		c.description := CASE WHEN element ? 'description' THEN element ->> 'description' ELSE c.description END;
		PERFORM customer_value._require_word(c.better, format('better of criterion "%s"', name), '{more,less}'),
			customer_value._require_word(c.normaliser, format('normaliser of criterion "%s"', name),
										 '{percentile,min_max,winsorised_z,z_cdf,logistic,as_is}');
		IF c.column_name IS NOT NULL AND (element ? 'column' OR element ? 'relation' OR element ? 'key') THEN
			c := customer_value._bind_criterion(schema_name, c);
		END IF;
		-- A dimension that is there already keeps its weight and its method.
		SELECT x.dimension_weight, x.dimension_method INTO c.dimension_weight, c.dimension_method
		FROM unnest(criteria) x WHERE x.dimension = c.dimension AND x.criterion <> name ORDER BY x.position LIMIT 1;
		c.dimension_weight := coalesce(c.dimension_weight, 1);
		c.dimension_method := coalesce(c.dimension_method, 'weighted_sum');
		criteria[place] := c;
	END LOOP;
	RETURN criteria;
END $$;
COMMENT ON FUNCTION customer_value._apply_criteria(text, text, customer_value.base_criterion[], jsonb) IS
	'Internal: criteria with those of a JSON array changed or added; raises what is wrong with them';

CREATE FUNCTION customer_value._apply_dimensions(criteria customer_value.base_criterion[], weights jsonb, methods jsonb)
	RETURNS customer_value.base_criterion[]
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	dimensions constant text[] := customer_value._scorecard_dimensions(criteria);
	c customer_value.base_criterion;
BEGIN
	IF jsonb_typeof(weights) <> 'object' OR jsonb_typeof(methods) <> 'object' THEN
		PERFORM customer_value._refuse_scorecard('22023', 'dimension_weights and dimension_methods must be JSON objects', NULL,
			'For instance ''{"worth": 2, "loyalty": 1}''.');
	END IF;
	PERFORM customer_value._refuse_keys(coalesce(weights, '{}'), dimensions, 'the scorecard'),
		customer_value._refuse_keys(coalesce(methods, '{}'), dimensions, 'the scorecard');
	FOR i IN 1 .. cardinality(criteria) LOOP
		c := criteria[i];
		IF weights ? c.dimension THEN
			c.dimension_weight := customer_value._weight_argument(weights -> c.dimension, format('dimension "%s"', c.dimension));
		END IF;
		IF methods ? c.dimension THEN
			c.dimension_method := methods ->> c.dimension;
			PERFORM customer_value._require_word(c.dimension_method, format('method of dimension "%s"', c.dimension), '{weighted_sum,product}');
		END IF;
		criteria[i] := c;
	END LOOP;
	RETURN criteria;
END $$;
COMMENT ON FUNCTION customer_value._apply_dimensions(customer_value.base_criterion[], jsonb, jsonb) IS
	'Internal: criteria with the weights and methods of their dimensions changed';

-- The comparisons that contradict each other most, in the names of what is compared.
CREATE FUNCTION customer_value._check_comparisons(matrix double precision[], criteria customer_value.base_criterion[]) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	n integer := array_length(matrix, 1);
	dimensions text[] := customer_value._scorecard_dimensions(criteria);
	names text[] := CASE WHEN n = cardinality(criteria)
		THEN (SELECT array_agg(c.criterion ORDER BY c.position, c.criterion COLLATE "C") FROM unnest(criteria) c) ELSE dimensions END;
	a customer_value.ahp_result;
	i integer;
	j integer;
	k integer;
BEGIN
	IF matrix IS NULL THEN
		PERFORM customer_value._refuse_scorecard('22023', 'weights by ahp need a comparison_matrix', NULL,
			'Give ARRAY[[1, 3], [1/3.0, 1]]: a row a criterion, or a row a dimension, in their order: how many times more important it is than each.');
	END IF;
	IF array_ndims(matrix) = 2 AND n <> cardinality(criteria) AND n <> cardinality(dimensions) THEN
		PERFORM customer_value._refuse_scorecard('22023', format('a comparison_matrix of %s rows compares neither the criteria nor the dimensions', n),
			format('There are %s criteria and %s dimensions.', cardinality(criteria), cardinality(dimensions)),
			'A row and a column for each criterion, or for each dimension, in their order.');
	END IF;
	a := customer_value.ahp_weights(matrix, NULL);
	IF a.consistency_ratio > 0.1 THEN
		i := a.worst_triad[1];
		j := a.worst_triad[2];
		k := a.worst_triad[3];
		PERFORM customer_value._refuse_scorecard('22023', 'the comparisons contradict each other',
			format('Their consistency ratio is %s, over 0.1. Worst are "%s", "%s" and "%s": %s x %s is %s, but the matrix says %s.',
				   round(a.consistency_ratio::numeric, 3), names[i], names[j], names[k],
				   trim_scale(round(matrix[i][j]::numeric, 3)), trim_scale(round(matrix[j][k]::numeric, 3)),
				   trim_scale(round((matrix[i][j] * matrix[j][k])::numeric, 3)), trim_scale(round(matrix[i][k]::numeric, 3))),
			format('Reconsider how "%s" compares with "%s" and "%s", and these two with each other.', names[i], names[j], names[k]));
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._check_comparisons(double precision[], customer_value.base_criterion[]) IS
	'Internal: raises invalid_parameter_value for a comparison matrix that does not fit or contradicts itself';

-- What holds of a scorecard whatever its columns are.
CREATE FUNCTION customer_value._check_scorecard_form(card customer_value.base_scorecard, criteria customer_value.base_criterion[]) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	fixed constant text[] := string_to_array('customer_id,customer_name,as_of,score,rank,percentile,dominant_dimension,'
		'criteria_known,reason,tableoid,xmin,cmin,xmax,cmax,ctid', ',');
	dimensions constant text[] := customer_value._scorecard_dimensions(criteria);
	columns text[] := fixed;
	name text;
	c customer_value.base_criterion;
BEGIN
	IF coalesce(cardinality(criteria), 0) NOT BETWEEN 1 AND 64 THEN
		PERFORM customer_value._refuse_scorecard('22023', 'a scorecard has 1 to 64 criteria', format('There would be %s.', coalesce(cardinality(criteria), 0)),
			'Give "criteria", for instance ''[{"column": "realised_value"}]''.');
	END IF;
	FOREACH name IN ARRAY coalesce(card.show, '{}') || dimensions
		|| CASE card.method WHEN 'weighted_norm' THEN ARRAY(SELECT d || '_cosine' FROM unnest(dimensions) d) ELSE '{}' END LOOP
		IF name = '' OR octet_length(name) > 63 THEN
			PERFORM customer_value._refuse_scorecard('42602', format('"%s" cannot be the name of a column', name), 'Names have 1 to 63 bytes.',
				'Each dimension is a column of the view; choose a shorter name.');
		END IF;
		IF name = ANY (columns) THEN
			PERFORM customer_value._refuse_scorecard('42701', format('column "%s" would come twice in the view', name),
				format('Its columns are %s, what show names, and the dimensions.', array_to_string(fixed[:9], ', ')),
				'Choose another name for the dimension, or leave the column out of show.');
		END IF;
		columns := columns || name;
	END LOOP;

	IF card.method = 'topsis' AND card.missing = 'reweight' THEN
		PERFORM customer_value._refuse_scorecard('22023', 'topsis cannot leave out a criterion that is not known',
			'Distances over different criteria do not compare.', 'Say missing => ''worst'' or ''median''.');
	END IF;
	FOREACH c IN ARRAY criteria LOOP
		IF c.dimension_method = 'product' AND card.method = 'topsis' THEN
			PERFORM customer_value._refuse_scorecard('22023', format('topsis has no use for the method of dimension "%s"', c.dimension), NULL,
				'TOPSIS makes its own dimensions; choose weighted_sum for it.');
		END IF;
		IF c.normaliser = 'winsorised_z' AND (card.method IN ('weighted_norm', 'weighted_product') OR c.dimension_method = 'product') THEN
			PERFORM customer_value._refuse_scorecard('22023', format('criterion "%s" cannot be a winsorised_z here', c.criterion),
				'It goes below 0, and what is multiplied or squared must not.', 'Choose z_cdf, percentile, min_max or logistic, or the method weighted_sum.');
		END IF;
	END LOOP;

	IF card.weighting = 'ahp' THEN
		PERFORM customer_value._check_comparisons(card.comparison_matrix, criteria);
	ELSIF card.comparison_matrix IS NOT NULL THEN
		PERFORM customer_value._refuse_scorecard('22023', format('a comparison_matrix is not used where weights are %s', card.weighting), NULL,
			'Say weighting => ''ahp'', or leave it out.');
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._check_scorecard_form(customer_value.base_scorecard, customer_value.base_criterion[]) IS
	'Internal: raises what is wrong with the columns of a scorecard''s view, and with what does not go together';

CREATE FUNCTION customer_value._check_scorecard(schema_name text, INOUT card customer_value.base_scorecard, criteria customer_value.base_criterion[])
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	profile constant oid := format('%I.customer_profile', schema_name)::regclass;
	dimensions constant text[] := customer_value._scorecard_dimensions(criteria);
BEGIN
	PERFORM customer_value._require_word(card.method, 'method', '{weighted_sum,weighted_norm,weighted_product,topsis}'),
		customer_value._require_word(card.missing, 'missing', '{reweight,worst,median}'),
		customer_value._require_word(card.weighting, 'weighting', '{given,equal,ahp,entropy,critic}');
	card.within := customer_value._find_column(profile, 'within', card.within);
	IF NOT customer_value._type_can_group(customer_value._column_type(profile, card.within)) THEN
		PERFORM customer_value._refuse_type(profile, 'within', card.within, 'of a type whose values can be grouped', 'Choose another column.');
	END IF;
	FOR i IN 1 .. coalesce(cardinality(card.show), 0) LOOP
		card.show[i] := customer_value._find_column(profile, 'show', coalesce(card.show[i], ''));
	END LOOP;
	PERFORM customer_value._check_scorecard_form(card, criteria);
	IF card.weighting = 'given' AND customer_value.criterion_weights(
		(SELECT array_agg(x.weight ORDER BY x.position, x.criterion COLLATE "C") FROM unnest(criteria) x),
		(SELECT array_agg(array_position(dimensions, x.dimension) ORDER BY x.position, x.criterion COLLATE "C") FROM unnest(criteria) x),
		(SELECT array_agg((SELECT min(x.dimension_weight) FROM unnest(criteria) x WHERE x.dimension = d.dimension) ORDER BY d.place)
		 FROM unnest(dimensions) WITH ORDINALITY AS d (dimension, place))) IS NULL THEN
		PERFORM customer_value._refuse_scorecard('22023', 'weights must not all be 0', NULL, 'Let at least one criterion of one dimension weigh something.');
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._check_scorecard(text, customer_value.base_scorecard, customer_value.base_criterion[]) IS
	'Internal: raises what is wrong with a scorecard as a whole; returns it spelled as the catalogs spell it';

-- Rows may have been written by hand. What they name and is not there is left out; what makes no view is refused.
CREATE FUNCTION customer_value._check_stored_scorecard(schema_name text, card customer_value.base_scorecard, criteria customer_value.base_criterion[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	profile constant oid := format('%I.customer_profile', schema_name)::regclass;
	views constant text[] := customer_value._view_names(schema_name);
	fact text;
	values_of_it text;
BEGIN
	IF NOT customer_value._scorecard_parts(card.scorecard) <@ (customer_value._load_settings(schema_name)).views THEN
		PERFORM customer_value._scorecard_names_free(schema_name, card.scorecard);
	ELSIF (SELECT count(*) FROM unnest(views) AS v (name) WHERE v.name = ANY (customer_value._scorecard_parts(card.scorecard))) > 3 THEN
		PERFORM customer_value._refuse_scorecard('42P07', format('relation "%s" already exists', card.scorecard), 'It is a view that every base has.', NULL);
	END IF;
	card.show := ARRAY(SELECT s.name FROM unnest(card.show) WITH ORDINALITY AS s (name, place)
					   WHERE customer_value._column_type(profile, s.name) IS NOT NULL ORDER BY s.place);
	PERFORM customer_value._check_scorecard_form(card, criteria);
EXCEPTION WHEN invalid_parameter_value OR invalid_name OR duplicate_column OR duplicate_table OR duplicate_function OR array_subscript_error
	OR null_value_not_allowed THEN
	GET STACKED DIAGNOSTICS fact = MESSAGE_TEXT, values_of_it = PG_EXCEPTION_DETAIL;
	PERFORM customer_value._refuse_scorecard('55000', format('the rows of scorecard "%s" do not make a view', card.scorecard),
		concat_ws(' ', initcap(left(fact, 1)) || substr(fact, 2) || '.', nullif(values_of_it, '')),
		format('Put them right in %1$I.scorecards and %1$I.scorecard_criteria or with alter_scorecard, or drop it with drop_scorecard.', schema_name));
END $$;
COMMENT ON FUNCTION customer_value._check_stored_scorecard(text, customer_value.base_scorecard, customer_value.base_criterion[]) IS
	'Internal: raises object_not_in_prerequisite_state for rows of a scorecard of which no view can be made';
