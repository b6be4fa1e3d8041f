-- base_scorecard_views.sql - the view of each scorecard of a base, made from its rows in scorecards and scorecard_criteria.
--
-- What the rows name and is not there (any more) is never known, and the reason says so: one dropped
-- survey does not take the views of a base with it. create_scorecard and alter_scorecard are strict.

CREATE FUNCTION customer_value._scorecard(schema_name text, name text, OUT card customer_value.base_scorecard,
		OUT criteria customer_value.base_criterion[])
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- @plpgsql_check_options: other_warnings = off, extra_warnings = off
	EXECUTE format('SELECT s.* FROM %I.scorecards AS s WHERE s.scorecard = $1', schema_name) INTO card USING name;
	-- A row written by hand may have the array in any shape.
	IF card.show IS NOT NULL THEN
		card.show := ARRAY(SELECT u.name FROM unnest(card.show) WITH ORDINALITY AS u (name, place) ORDER BY u.place);
	END IF;
	EXECUTE format('SELECT array_agg(c::customer_value.base_criterion ORDER BY c.position, c.criterion COLLATE "C") '
				   'FROM %I.scorecard_criteria AS c WHERE c.scorecard = $1', schema_name) INTO criteria USING name;
END $$;
COMMENT ON FUNCTION customer_value._scorecard(text, text) IS 'Internal: a scorecard of a base and its criteria, in their order';

CREATE FUNCTION customer_value._stored_scorecard(schema_name text, name text, OUT card customer_value.base_scorecard,
		OUT criteria customer_value.base_criterion[])
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- @plpgsql_check_options: extra_warnings = off
	s record := customer_value._scorecard(schema_name, name);
BEGIN
	card := s.card;
	criteria := s.criteria;
	IF criteria IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('scorecard "%s" has no criteria', name),
			DETAIL = format('Table %I.scorecard_criteria has no row of it.', schema_name),
			HINT = 'Drop it with drop_scorecard, or give it criteria with alter_scorecard.';
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._stored_scorecard(text, text) IS
	'Internal: a scorecard of a base and its criteria; raises object_not_in_prerequisite_state if it has none';

CREATE FUNCTION customer_value._scorecard_dimensions(criteria customer_value.base_criterion[]) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.array_agg(d.dimension ORDER BY d.place)
	FROM (SELECT (criteria[i]).dimension AS dimension, pg_catalog.min(i) AS place
		  FROM pg_catalog.generate_subscripts(criteria, 1) AS i GROUP BY 1) AS d;
END;
COMMENT ON FUNCTION customer_value._scorecard_dimensions(customer_value.base_criterion[]) IS
	'Internal: the dimensions of criteria, in the order of their first criterion';

-- Where a criterion stands: customer_profile, another view of the base that has an _at, or a relation of anybody's.
CREATE FUNCTION customer_value._criterion_relation(schema_name text, relation text, OUT relid oid, OUT base_view text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- not those that stand on scorecards themselves
	SELECT left(v.name, -3) INTO base_view
	FROM customer_value._base_views() WITH ORDINALITY AS v (name, kind, place)
	WHERE v.kind = 'function' AND v.name LIKE '%\_at'
	  AND coalesce(relation, 'customer_profile') IN (left(v.name, -3), format('%I.%I', schema_name, left(v.name, -3)))
	  AND v.place < ALL (SELECT s.place FROM customer_value._base_views() WITH ORDINALITY AS s (name, kind, place) WHERE s.kind = 'scorecards');
	-- what create_scorecard would not take is not there for a row written by hand either
	relid := CASE WHEN base_view IS NULL
				  THEN (SELECT c.oid FROM pg_class AS c WHERE c.oid = customer_value._named_relation(relation)
						AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't')
				  ELSE to_regclass(format('%I.%I', schema_name, base_view))::oid END;
END $$;
COMMENT ON FUNCTION customer_value._criterion_relation(text, text) IS
	'Internal: the relation that a criterion names, and its name if it is a view of the base';

-- The customers' key of a relation as the base's customer_id; raises datatype_mismatch.
CREATE FUNCTION customer_value._criterion_key(schema_name text, relid oid, key_column text) RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	lower_case boolean;
BEGIN
	EXECUTE format('SELECT customer_value._is_citext(customer_value._column_type(s.sales_relation::regclass, s.customer_id_column)) '
				   'FROM %I.settings AS s', schema_name) INTO lower_case;
	-- Numbers of any type compare, so there is nothing to cast.
	RETURN (SELECT CASE WHEN t.typcategory = 'N' AND EXISTS
				(SELECT FROM pg_type AS k WHERE k.oid = customer_value._column_type(relid, key_column) AND k.typcategory = 'N')
			THEN customer_value._id_expression(relid, 'key', key_column, 'r')
			ELSE customer_value._customer_key_expression(relid, 'key', key_column, a.atttypid, a.attcollation, lower_case) END
			FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
			WHERE a.attrelid = format('%I.history', schema_name)::regclass AND a.attname = 'customer_id');
END $$;
COMMENT ON FUNCTION customer_value._criterion_key(text, oid, text) IS
	'Internal: the SQL expression that reads the customer of a relation (alias r)';

-- What is not finite in somebody's relation is not known. Views of a base have nothing of the kind.
CREATE FUNCTION customer_value._criterion_number(relid oid, column_name text, alias text, of_base boolean) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format(CASE
		WHEN t.type IN ('smallint', 'integer', 'bigint') OR t.type IN ('real', 'double precision', 'numeric') AND of_base
			THEN '%1$I.%2$I::double precision'
		WHEN t.type = 'numeric' THEN 'customer_value.finite_number(%1$I.%2$I::numeric)'
		WHEN t.type IN ('real', 'double precision') THEN 'customer_value.finite_number(%1$I.%2$I::double precision)' END, alias, column_name)
	FROM (SELECT pg_catalog.format_type(customer_value._column_type(relid, column_name), NULL) AS type) t;
END;
COMMENT ON FUNCTION customer_value._criterion_number(oid, text, text, boolean) IS
	'Internal: the SQL expression that reads a criterion; NULL if the column is not of a type of numbers';

-- Why a criterion can never be known, or NULL.
CREATE FUNCTION customer_value._criterion_problem(schema_name text, c customer_value.base_criterion) RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	relid oid;
	base_view text;
BEGIN
	IF c.column_name IS NULL THEN
		RETURN 'not bound';
	END IF;
	SELECT * INTO relid, base_view FROM customer_value._criterion_relation(schema_name, c.relation);
	IF relid IS NULL THEN
		RETURN format('there is no %s', coalesce(base_view, c.relation));
	END IF;
	IF customer_value._column_type(relid, c.column_name) IS NULL THEN
		RETURN format('%s has no column %I', coalesce(base_view, c.relation), c.column_name);
	END IF;
	IF customer_value._criterion_number(relid, c.column_name, 'r', false) IS NULL THEN
		RETURN format('column %I of %s is not a number', c.column_name, coalesce(base_view, c.relation));
	END IF;
	IF base_view IS NULL AND customer_value._column_type(relid, coalesce(c.key_column, 'customer_id')) IS NULL THEN
		RETURN format('%s has no column %I', c.relation, coalesce(c.key_column, 'customer_id'));
	END IF;
	IF base_view IS NULL THEN
		PERFORM customer_value._criterion_key(schema_name, relid, coalesce(c.key_column, 'customer_id'));
	END IF;
	RETURN NULL;
EXCEPTION WHEN datatype_mismatch THEN
	RETURN format('column %I of %s is not of the type of the customers', coalesce(c.key_column, 'customer_id'), c.relation);
END $$;
COMMENT ON FUNCTION customer_value._criterion_problem(text, customer_value.base_criterion) IS
	'Internal: why a criterion can never be known, in words; NULL where it can';

-- The first part of a scorecard's query: who is there, who counts, and the criteria k1, k2, ... of those who do. as_of:
-- NULL for the base's as-of day, else an SQL expression; cohort: a day by which who counts has bought, or NULL.
CREATE FUNCTION customer_value._scorecard_people(schema_name text, card customer_value.base_scorecard,
		criteria customer_value.base_criterion[], as_of text, cohort text) RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	profile regclass := format('%I.customer_profile', schema_name)::regclass;
	suffix text := CASE WHEN as_of IS NULL THEN '' ELSE '_at' END;
	argument text := CASE WHEN as_of IS NULL THEN '' ELSE format('(%s)', as_of) END;
	columns text := '';
	source text := format('%I.%I%s AS p', schema_name, 'customer_profile' || suffix, argument);
	sources text[] := ARRAY[]::text[];
	means text[] := ARRAY[]::text[];
	c customer_value.base_criterion;
	relid oid;
	base_view text;
	place integer;
	reading text;
BEGIN
	FOR i IN 1 .. coalesce(cardinality(card.show), 0) LOOP
		CONTINUE WHEN customer_value._column_type(profile, card.show[i]) IS NULL;
		columns := columns || format(', p.%I AS s%s', card.show[i], i);
	END LOOP;
	columns := columns || CASE WHEN customer_value._column_type(profile, card.within) IS NULL THEN ', ''''::text AS grp'
							   ELSE format(', coalesce(''='' || p.%I::text, '''') AS grp', card.within) END;
	FOR i IN 1 .. cardinality(criteria) LOOP
		c := criteria[i];
		IF customer_value._criterion_problem(schema_name, c) IS NOT NULL THEN
			columns := columns || format(', NULL::double precision AS k%s', i);
			CONTINUE;
		END IF;
		SELECT * INTO relid, base_view FROM customer_value._criterion_relation(schema_name, c.relation);
		IF base_view = 'customer_profile' THEN
			reading := customer_value._criterion_number(relid, c.column_name, 'p', true);
		ELSE
			-- One row a customer, as the planner can see: else it takes a join for many more rows than it has. Several
			-- rows of a customer count as their mean, which is a number of its own only where they differ.
			reading := CASE WHEN base_view IS NULL
				THEN format('%s AS r WHERE r.%I IS NOT NULL', relid::regclass, coalesce(c.key_column, 'customer_id'))
				ELSE format('%I.%I%s AS r', schema_name, base_view || suffix, argument) END;
			place := array_position(sources, reading);
			IF place IS NULL THEN
				sources := sources || reading;
				place := cardinality(sources);
				means[place] := CASE WHEN base_view IS NULL
					THEN customer_value._criterion_key(schema_name, relid, coalesce(c.key_column, 'customer_id'))
					ELSE 'r.customer_id' END || ' AS customer_id';
			END IF;
			means[place] := means[place] || format(', CASE WHEN min(%1$s) = max(%1$s) THEN min(%1$s) ELSE avg((%1$s)::numeric)::double precision END AS v%2$s',
												   customer_value._criterion_number(relid, c.column_name, 'r', base_view IS NOT NULL), i);
			reading := format('r%s.v%s', place, i);
		END IF;
		columns := columns || format(', CASE WHEN w.counts THEN %s END AS k%s', reading, i);
	END LOOP;
	FOR i IN 1 .. cardinality(sources) LOOP
		source := source || format(' LEFT JOIN (SELECT %s FROM %s GROUP BY 1) AS r%s ON r%3$s.customer_id = p.customer_id',
								   means[i], sources[i], i);
	END LOOP;
	RETURN format('SELECT p.customer_id, p.customer_name, p.as_of, p.reason AS profile_reason, p.purchase_days > 0 AS bought, w.counts%s '
				  'FROM %s CROSS JOIN LATERAL (SELECT p.purchase_days > 0%s AS counts) AS w',
				  columns, source, CASE WHEN cohort IS NULL THEN '' ELSE format(' AND p.first_purchase_day <= %s', cohort) END);
END $$;
COMMENT ON FUNCTION customer_value._scorecard_people(text, customer_value.base_scorecard, customer_value.base_criterion[], text, text) IS
	'Internal: the query of the customers of a scorecard and their criteria';

-- Weights as SQL: of the criteria, and of the dimensions (NULL: the sums of their criteria's); and what to compute before.
CREATE FUNCTION customer_value._scorecard_weights(schema_name text, card customer_value.base_scorecard, criteria customer_value.base_criterion[],
		OUT weights text, OUT dimension_weights text, OUT expressions text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	n integer := cardinality(criteria);
	dimensions text[] := customer_value._scorecard_dimensions(criteria);
	worse text := (SELECT format('%L::boolean[]', array_agg(c.better = 'less' ORDER BY c.position, c.criterion COLLATE "C")) FROM unnest(criteria) c);
	ahp text := format('(SELECT (customer_value.ahp_weights(s.comparison_matrix, NULL)).weights FROM %I.scorecards AS s WHERE s.scorecard = %L)',
					   schema_name, card.scorecard);
BEGIN
	expressions := '';
	weights := format('(SELECT array_agg(coalesce(c.weight, 0) ORDER BY n.place) FROM unnest(%L::text[]) WITH ORDINALITY AS n (criterion, place) '
					  'LEFT JOIN %I.scorecard_criteria AS c ON c.scorecard = %L AND c.criterion = n.criterion)',
					  (SELECT array_agg(c.criterion ORDER BY c.position, c.criterion COLLATE "C") FROM unnest(criteria) c), schema_name, card.scorecard);
	dimension_weights := format('(SELECT array_agg(coalesce(d.weight, 0) ORDER BY n.place) FROM unnest(%L::text[]) WITH ORDINALITY AS n (dimension, place) '
		'LEFT JOIN (SELECT c.dimension, CASE WHEN min(c.dimension_weight) = max(c.dimension_weight) THEN min(c.dimension_weight) '
		'ELSE avg(c.dimension_weight::numeric)::double precision END AS weight FROM %I.scorecard_criteria AS c '
		'WHERE c.scorecard = %L GROUP BY c.dimension) AS d ON d.dimension = n.dimension)', dimensions, schema_name, card.scorecard);
	CASE card.weighting
		WHEN 'given' THEN NULL;
		WHEN 'equal' THEN
			weights := format('%L::double precision[]', array_fill(1, ARRAY[n]));
			dimension_weights := format('%L::double precision[]', array_fill(1, ARRAY[cardinality(dimensions)]));
		WHEN 'ahp' THEN
			IF array_length(card.comparison_matrix, 1) = n THEN
				weights := ahp;
				dimension_weights := 'NULL::double precision[]';
			ELSE
				dimension_weights := ahp;
			END IF;
		ELSE
			-- What is not known counts as the median here; what nobody has is the same for all, and weighs nothing.
			expressions := format(', medians AS (SELECT %s FROM people), filled AS (SELECT %s FROM people AS p CROSS JOIN medians AS m WHERE num_nonnulls(%s) > 0), found AS (%s)',
				(SELECT string_agg(format('percentile_cont(0.5) WITHIN GROUP (ORDER BY k%1$s) AS k%1$s', i), ', ') FROM generate_series(1, n) i),
				(SELECT string_agg(format('coalesce(p.k%1$s, m.k%1$s, 0) AS k%1$s', i), ', ') FROM generate_series(1, n) i),
				(SELECT string_agg(format('p.k%s', i), ', ') FROM generate_series(1, n) i),
				CASE card.weighting WHEN 'critic' THEN
					format('SELECT customer_value.critic_weights(ARRAY[%s], %s) AS weights FROM filled AS f',
						   (SELECT string_agg(format('f.k%s', i), ', ') FROM generate_series(1, n) i), worse)
				ELSE
					format('SELECT customer_value.entropy_weights(ARRAY[%s]) AS weights FROM (SELECT %s FROM filled AS f) AS f',
						   (SELECT string_agg(format('f.k%s', i), ', ') FROM generate_series(1, n) i),
						   (SELECT string_agg(format('customer_value.min_max(f.k%1$s, %2$L) OVER () AS k%1$s', i, (criteria[i]).better = 'less'), ', ')
							FROM generate_series(1, n) i))
				END);
			weights := format('(SELECT coalesce(f.weights, %L) FROM found AS f)', array_fill(1, ARRAY[n]));
			dimension_weights := 'NULL::double precision[]';
	END CASE;
END $$;
COMMENT ON FUNCTION customer_value._scorecard_weights(text, customer_value.base_scorecard, customer_value.base_criterion[]) IS
	'Internal: the weights of a scorecard as SQL expressions, and the common table expressions that they need';

-- A row a customer: customer_id, customer_name, as_of, s1, ... for the columns to show, bought, counts, the criteria k1, ..., normalised n1, ...
-- (of TOPSIS only where detail is wanted), and c, the combined_scores. before: another day whose customers stand beside
-- those of the first on one scale, with is_before; or NULL.
CREATE FUNCTION customer_value._scorecard_query(schema_name text, card customer_value.base_scorecard,
		criteria customer_value.base_criterion[], as_of text, cohort text, detail boolean, before text DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	n integer := cardinality(criteria);
	dimensions text[] := customer_value._scorecard_dimensions(criteria);
	w record := customer_value._scorecard_weights(schema_name, card, criteria);
	topsis boolean := card.method = 'topsis';
	-- what has no groups needs no partitions
	partition text := CASE WHEN customer_value._column_type(format('%I.customer_profile', schema_name)::regclass, card.within) IS NULL
						   THEN '' ELSE 'PARTITION BY p.grp ' END;
	numbers text := format('%L::integer[]', (SELECT array_agg(array_position(dimensions, (criteria[i]).dimension) ORDER BY i) FROM generate_series(1, n) i));
	known text := (SELECT string_agg('p.k' || i, ', ') FROM generate_series(1, n) i);
	products boolean[] := (SELECT array_agg(EXISTS (SELECT FROM unnest(criteria) c WHERE c.dimension = d.dimension AND c.dimension_method = 'product') ORDER BY d.place)
						   FROM unnest(dimensions) WITH ORDINALITY AS d (dimension, place));
	query text := format(CASE WHEN before IS NULL THEN 'people AS (%s)'
							  ELSE 'people AS (SELECT a.*, false AS is_before FROM (%s) AS a UNION ALL SELECT b.*, true FROM (%s) AS b)' END,
						 customer_value._scorecard_people(schema_name, card, criteria, as_of, cohort),
						 CASE WHEN before IS NOT NULL THEN customer_value._scorecard_people(schema_name, card, criteria, before, cohort) END)
				  || w.expressions;
	normalised text := '';
	fills text := '';
	filled text;
	c customer_value.base_criterion;
	less boolean;
	squared boolean;
BEGIN
	FOR i IN 1 .. n LOOP
		c := criteria[i];
		less := c.better = 'less';
		squared := card.method IN ('weighted_norm', 'weighted_product') OR products[array_position(dimensions, c.dimension)];
		normalised := normalised || format(CASE CASE WHEN topsis THEN 'min_max' ELSE c.normaliser END
			WHEN 'percentile' THEN ', customer_value.midrank_percentile(p.k%1$s, %2$L) OVER (%3$sORDER BY p.k%1$s) AS n%1$s'
			WHEN 'min_max' THEN ', customer_value.min_max(p.k%1$s, %2$L) OVER (%3$s) AS n%1$s'
			WHEN 'winsorised_z' THEN ', customer_value.z_score(p.k%1$s, %2$L) OVER (%3$s) AS n%1$s'
			WHEN 'z_cdf' THEN ', customer_value.normal_score(p.k%1$s, %2$L) OVER (%3$s) AS n%1$s'
			WHEN 'logistic' THEN ', customer_value.logistic_score(p.k%1$s, %2$L) OVER (%3$s) AS n%1$s'
			WHEN 'as_is' THEN CASE WHEN squared THEN ', CASE WHEN %4$s < 0 THEN 0 ELSE %4$s END AS n%1$s' ELSE ', %4$s AS n%1$s' END
			END, i, less, partition, CASE WHEN less THEN '1 - ' ELSE '' END || 'p.k' || i);
		fills := fills || format(CASE
			WHEN card.missing = 'median' THEN ', percentile_cont(0.5) WITHIN GROUP (ORDER BY p.%1$s%2$s) AS f%2$s'
			WHEN topsis AND less THEN ', max(p.%1$s%2$s) AS f%2$s'
			ELSE ', min(p.%1$s%2$s) AS f%2$s' END, CASE WHEN topsis THEN 'k' ELSE 'n' END, i);
	END LOOP;
	IF topsis AND NOT detail THEN
		query := query || ', normalised AS (SELECT p.* FROM people AS p)';
	ELSE
		query := query || format(', normalised AS (SELECT p.*%s FROM people AS p)', normalised);
	END IF;
	IF card.missing <> 'reweight' THEN
		query := query || format(', fills AS (SELECT p.grp AS filled_group%s FROM normalised AS p GROUP BY p.grp)', fills);
	END IF;
	filled := CASE WHEN card.missing = 'reweight' THEN 'normalised AS p' ELSE 'normalised AS p LEFT JOIN fills AS f ON f.filled_group = p.grp' END;
	IF topsis THEN
		-- What nobody has is the same for all, and moves nobody.
		query := query || format($q$, combined AS (
	SELECT p.*, customer_value.topsis_scores(CASE WHEN num_nonnulls(%1$s) > 0 AND p.weights IS NOT NULL THEN ARRAY[%2$s] END,
											 p.weights, %3$L, %4$s) OVER (%5$s) AS c
	FROM (SELECT p.*, %6$s, (SELECT customer_value.criterion_weights(%7$s, %4$s, %8$s)) AS weights FROM %9$s) AS p)$q$,
			known, (SELECT string_agg(format('coalesce(p.k%1$s, p.f%1$s, 0)', i), ', ') FROM generate_series(1, n) i),
			(SELECT array_agg((criteria[i]).better = 'less' ORDER BY i) FROM generate_series(1, n) i),
			numbers, partition,
			(SELECT string_agg(CASE WHEN card.missing = 'reweight' THEN 'NULL::double precision AS f' ELSE 'f.f' END || i, ', ') FROM generate_series(1, n) i),
			w.weights, w.dimension_weights, filled);
	ELSE
		query := query || format($q$, combined AS (
	SELECT p.*, CASE WHEN num_nonnulls(%1$s) > 0 THEN
			customer_value.combine_scores(%2$L, ARRAY[%3$s], %4$s, %5$s, %6$s, %7$L, %8$s) END AS c
	FROM %9$s OFFSET 0)$q$,
			known, card.method, (SELECT string_agg('p.n' || i, ', ') FROM generate_series(1, n) i),
			w.weights, numbers, w.dimension_weights, products,
			CASE WHEN card.missing = 'reweight' THEN 'NULL'
				 ELSE (SELECT format('ARRAY[%s]', string_agg('f.f' || i, ', ')) FROM generate_series(1, n) i) END, filled);
	END IF;
	RETURN 'WITH ' || query;
END $$;
COMMENT ON FUNCTION customer_value._scorecard_query(text, customer_value.base_scorecard, customer_value.base_criterion[], text, text, boolean, text) IS
	'Internal: the query of a scorecard up to its common table expression combined, a row a customer';

-- Which columns of the sales a column of customer_profile needs that this base has not bound.
CREATE FUNCTION customer_value._criterion_lacks(settings jsonb, column_name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT string_agg(DISTINCT w.word, ', ')
	FROM customer_value._metrics_customers() AS m CROSS JOIN LATERAL unnest(string_to_array(m.needs, ', ')) AS w (word)
	WHERE m.column_name = $2 AND (m.views IS NULL OR 'customer_profile' = ANY (string_to_array(m.views, ',')))
		AND settings ? (w.word || '_column') AND settings ->> (w.word || '_column') IS NULL
$$;
COMMENT ON FUNCTION customer_value._criterion_lacks(jsonb, text) IS
	'Internal: the arguments that a base would have to bind for a column of customer_profile; NULL where none is missing';

-- Why a row of a scorecard has gaps, as SQL.
CREATE FUNCTION customer_value._scorecard_reason(schema_name text, criteria customer_value.base_criterion[]) RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	c customer_value.base_criterion;
	problem text;
	problems text[] := ARRAY[]::text[];
	names text := '';
	of_profile text;
	settings jsonb;
BEGIN
	EXECUTE format('SELECT to_jsonb(s) FROM %I.settings AS s', schema_name) INTO settings;
	FOR i IN 1 .. cardinality(criteria) LOOP
		c := criteria[i];
		problem := customer_value._criterion_problem(schema_name, c);
		IF problem IS NULL AND c.relation IS NULL THEN
			problem := customer_value._criterion_lacks(settings, c.column_name) || ' not bound';
		END IF;
		IF problem IS NOT NULL THEN
			problems := problems || format('%s: %s', c.criterion, problem);
			CONTINUE;
		END IF;
		names := names || format(', CASE WHEN r.k%s IS NULL THEN %L END', i, c.criterion);
		IF c.relation IS NULL THEN
			of_profile := concat_ws(', ', of_profile, 'r.k' || i);
		END IF;
	END LOOP;
	RETURN format('CASE WHEN NOT r.bought THEN ''no purchase yet'' ELSE nullif(concat_ws(''; '', '
				  'CASE WHEN (r.c).score IS NULL THEN ''no criterion that counts is known'' END%s%s%s), '''') END',
		CASE WHEN names = '' THEN '' ELSE format(', ''not known: '' || nullif(concat_ws('', ''%s), '''')', names) END,
		CASE WHEN of_profile IS NULL THEN '' ELSE format(', CASE WHEN num_nulls(%s) > 0 THEN r.profile_reason END', of_profile) END,
		CASE WHEN problems = '{}' THEN '' ELSE format(', %L', array_to_string(problems, '; ')) END);
END $$;
COMMENT ON FUNCTION customer_value._scorecard_reason(text, customer_value.base_criterion[]) IS
	'Internal: the SQL expression of a scorecard''s reason';

CREATE FUNCTION customer_value._scorecard_view_query(schema_name text, card customer_value.base_scorecard,
		criteria customer_value.base_criterion[], as_of text) RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	profile regclass := format('%I.customer_profile', schema_name)::regclass;
	dimensions text[] := customer_value._scorecard_dimensions(criteria);
	norm boolean := card.method = 'weighted_norm';
	columns text := '';
	cosines text := '';
	shown text := '';
BEGIN
	FOR i IN 1 .. coalesce(cardinality(card.show), 0) LOOP
		CONTINUE WHEN customer_value._column_type(profile, card.show[i]) IS NULL;
		shown := shown || format('r.s%s AS %I, ', i, card.show[i]);
	END LOOP;
	FOR i IN 1 .. cardinality(dimensions) LOOP
		columns := columns || format('(r.c).dimension_scores[%s] AS %I, ', i, dimensions[i]);
		IF norm THEN
			cosines := cosines || format('(r.c).cosines[%s] AS %I, ', i, dimensions[i] || '_cosine');
		END IF;
	END LOOP;
	RETURN format($q$%s
SELECT r.customer_id, r.customer_name, r.as_of, %s(r.c).score,
	   CASE WHEN (r.c).score IS NOT NULL THEN rank() OVER (ORDER BY (r.c).score DESC NULLS LAST) END AS rank,
	   round(100 * customer_value.midrank_percentile((r.c).score) OVER (ORDER BY (r.c).score DESC NULLS LAST)::numeric, 4) AS percentile,
	   %scustomer_value.dominant_dimension((r.c).%s, %L) AS dominant_dimension, %snum_nonnulls(%s) AS criteria_known, %s AS reason
FROM combined AS r$q$,
		customer_value._scorecard_query(schema_name, card, criteria, as_of, NULL, false), shown, columns,
		CASE WHEN norm THEN 'cosines' ELSE 'dimension_scores' END, dimensions, cosines,
		(SELECT string_agg('r.k' || i, ', ') FROM generate_series(1, cardinality(criteria)) i),
		customer_value._scorecard_reason(schema_name, criteria));
END $$;
COMMENT ON FUNCTION customer_value._scorecard_view_query(text, customer_value.base_scorecard, customer_value.base_criterion[], text) IS
	'Internal: the query of a scorecard''s view, as of the day written as given';

CREATE FUNCTION customer_value._scorecard_comments(schema_name text, card customer_value.base_scorecard,
		criteria customer_value.base_criterion[]) RETURNS text[]
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	profile regclass := format('%I.customer_profile', schema_name)::regclass;
	dimensions text[] := customer_value._scorecard_dimensions(criteria);
	norm boolean := card.method = 'weighted_norm';
	comments text[] := ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends'];
BEGIN
	comments := comments || coalesce(
		(SELECT array_agg(format('%s: %s', s.name, coalesce(col_description(profile, a.attnum), 'As in customer_profile')) ORDER BY s.place)
		 FROM unnest(card.show) WITH ORDINALITY AS s (name, place)
			 JOIN pg_attribute AS a ON a.attrelid = profile AND a.attname = s.name AND a.attnum > 0 AND NOT a.attisdropped), '{}');
	comments := comments || ARRAY[
		'score: ' || CASE card.method
			WHEN 'weighted_sum' THEN 'Weighted mean of the dimensions'
			WHEN 'weighted_norm' THEN 'Root of the weighted mean of the squares of the dimensions: the length of the vector that they make'
			WHEN 'weighted_product' THEN 'Weighted geometric mean of the dimensions'
			ELSE 'TOPSIS: closeness (0 to 1) to the best values of all criteria and distance from the worst' END,
		'rank: 1 + the number of customers with a higher score',
		'percentile: Of 100 customers with a score, how many are below this one; those equal count half'];
	comments := comments || ARRAY(SELECT format('%s: %s of %s', d.name,
		CASE WHEN card.method = 'topsis' THEN 'TOPSIS closeness on its criteria alone,'
			 WHEN max(c.dimension_method) = 'product' OR min(c.dimension_method) = 'product' THEN 'Weighted geometric mean'
			 ELSE 'Weighted mean' END,
		string_agg(c.criterion || CASE WHEN card.method = 'topsis' THEN '' ELSE format(' (%s)', c.normaliser) END
				   || CASE c.better WHEN 'less' THEN ', less is better' ELSE '' END, '; ' ORDER BY c.position, c.criterion COLLATE "C"))
		FROM unnest(dimensions) WITH ORDINALITY AS d (name, place) JOIN unnest(criteria) AS c ON c.dimension = d.name
		GROUP BY d.name, d.place ORDER BY d.place);
	comments := comments || CASE WHEN norm
		THEN 'dominant_dimension: Dimension with the largest cosine; NULL where none has it alone'
		ELSE 'dominant_dimension: Dimension with the highest score; NULL where none has it alone' END;
	IF norm THEN
		comments := comments || (SELECT array_agg(format('%s_cosine: Cosine of the angle between the customer''s vector and the axis %1$s: root of the weight x %1$s / score', d.name) ORDER BY d.place)
								 FROM unnest(dimensions) WITH ORDINALITY AS d (name, place));
	END IF;
	RETURN comments || ARRAY[
		format('criteria_known: How many of the %s criteria are known of the customer', cardinality(criteria)),
		'reason: Why something is NULL, and which criteria are not known; NULL where nothing is amiss'];
END $$;
COMMENT ON FUNCTION customer_value._scorecard_comments(text, customer_value.base_scorecard, customer_value.base_criterion[]) IS
	'Internal: the comments on the columns of a scorecard''s view';

-- Customers of both days on one scale for each day: those who came since neither move the others nor have a change.
CREATE FUNCTION customer_value._create_scorecard_change(schema_name text, card customer_value.base_scorecard,
		criteria customer_value.base_criterion[]) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- @plpgsql_check_options: security_warnings = off
	id_type text := (SELECT format_type(a.atttypid, -1) FROM pg_attribute AS a
					 WHERE a.attrelid = format('%I.history', schema_name)::regclass AND a.attname = 'customer_id');
	one_day constant text := '(%s SELECT r.customer_id, r.customer_name, r.as_of, r.bought, r.counts, (r.c).score, '
		'CASE WHEN (r.c).score IS NOT NULL THEN rank() OVER (ORDER BY (r.c).score DESC NULLS LAST) END AS rank, %s AS reason FROM combined AS r)';
	reason text := customer_value._scorecard_reason(schema_name, criteria);
BEGIN
	EXECUTE format($q$
CREATE OR REPLACE FUNCTION %1$I.%2$I(since date) RETURNS TABLE (customer_id %3$s, customer_name text, since_day date, as_of date,
	score_then double precision, score_now double precision, score_change double precision,
	rank_then bigint, rank_now bigint, rank_change bigint, is_newcomer boolean, reason text)
	LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC
SELECT a.customer_id, a.customer_name, $1, a.as_of, b.score, a.score, a.score - b.score, b.rank, a.rank, b.rank - a.rank, NOT a.counts,
	   CASE WHEN NOT a.counts THEN 'first purchase since then' ELSE coalesce(a.reason, b.reason) END
FROM %4$s AS a LEFT JOIN %5$s AS b ON b.customer_id = a.customer_id
WHERE a.bought;
END$q$, schema_name, card.scorecard || '_change', id_type,
		format(one_day, customer_value._scorecard_query(schema_name, card, criteria, NULL, '$1', false), reason),
		format(one_day, customer_value._scorecard_query(schema_name, card, criteria, '$1', '$1', false), reason));
	EXECUTE format('COMMENT ON FUNCTION %I.%I(date) IS %L', schema_name, card.scorecard || '_change',
		format('How %s changed since a day: scores and ranks of the customers who had bought by then, normalised and ranked among themselves on both '
			   'days, with the same models; rank_change is above 0 for who rose. Those who came since are newcomers, without a change', card.scorecard));
END $$;
COMMENT ON FUNCTION customer_value._create_scorecard_change(text, customer_value.base_scorecard, customer_value.base_criterion[]) IS
	'Internal: makes the function NAME_change(since) of a scorecard';

CREATE FUNCTION customer_value._create_scorecard_view(schema_name text, name text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s record := customer_value._stored_scorecard(schema_name, name);
	circle text;
BEGIN
	PERFORM customer_value._check_stored_scorecard(schema_name, s.card, s.criteria);
	PERFORM customer_value._create_view(schema_name, name, customer_value._scorecard_view_query(schema_name, s.card, s.criteria, NULL),
		coalesce(nullif((s.card).description, ''), 'Scorecard ' || name)
		|| '. One row a customer: a score made of criteria, its dimensions, and rank. customer_value.explain_score says what made it',
		customer_value._scorecard_comments(schema_name, s.card, s.criteria));
	PERFORM customer_value._create_view_function(schema_name, name, customer_value._scorecard_view_query(schema_name, s.card, s.criteria, '$1'));
	PERFORM customer_value._create_scorecard_change(schema_name, s.card, s.criteria);
EXCEPTION WHEN invalid_object_definition THEN
	GET STACKED DIAGNOSTICS circle = MESSAGE_TEXT;
	PERFORM customer_value._refuse_scorecard('42P17', format('scorecard "%s" would stand on itself', name), initcap(left(circle, 1)) || substr(circle, 2) || '.',
		'A relation with criteria must not read the scorecard that they are for.');
END $$;
COMMENT ON FUNCTION customer_value._create_scorecard_view(text, text) IS
	'Internal: makes or replaces the view of a scorecard, and its functions _at and _change';

CREATE FUNCTION customer_value._create_scorecard_views(schema_name text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	name text;
BEGIN
	FOR name IN EXECUTE format('SELECT s.scorecard FROM %I.scorecards AS s ORDER BY s.scorecard COLLATE "C"', schema_name) LOOP
		PERFORM customer_value._create_scorecard_view(schema_name, name);
	END LOOP;
END $$;
COMMENT ON FUNCTION customer_value._create_scorecard_views(text) IS 'Internal: makes or replaces the views of all scorecards of a base';
