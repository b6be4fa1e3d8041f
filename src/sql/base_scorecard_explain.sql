-- base_scorecard_explain.sql - what made a score, where the customers of a scorecard are and how they moved, and how
-- its dimensions go together. These read as the caller, as the views do.

-- The view follows a relation that is renamed, or a column; the names stored do not. A score must not be explained by
-- other numbers than it was made of.
CREATE FUNCTION customer_value._check_scorecard_names(schema_name text, name text, criteria customer_value.base_criterion[]) RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	strange text;
BEGIN
	SELECT format('column %I of %s', a.attname, d.refobjid::regclass) INTO strange
	FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
		JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
		JOIN pg_class t ON t.oid = d.refobjid AND t.relkind <> 'c'
	WHERE r.ev_class = to_regclass(format('%I.%I', schema_name, name)) AND a.attnum > 0 AND d.refobjid <> r.ev_class
	  AND d.refobjid <> ALL (SELECT c.oid FROM pg_class c WHERE c.relnamespace = quote_ident(schema_name)::regnamespace
							 AND (c.relname IN (SELECT v.name FROM customer_value._base_views() v) OR c.relname IN (SELECT t.name FROM customer_value._base_tables() t)))
	  AND NOT EXISTS (SELECT FROM unnest(criteria) c WHERE customer_value._named_relation(c.relation) = d.refobjid
					  AND a.attname IN (c.column_name, coalesce(c.key_column, 'customer_id')))
	ORDER BY 1 LIMIT 1;
	IF strange IS NOT NULL THEN
		PERFORM customer_value._refuse_scorecard('55000', format('scorecard "%s" reads what no criterion names', name),
			format('Its view reads %s: a relation or column was renamed, or a criterion changed by hand.', strange),
			'Name it again with alter_scorecard, or let rebuild_customer_base make the view anew from the names.');
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._check_scorecard_names(text, text, customer_value.base_criterion[]) IS
	'Internal: raises object_not_in_prerequisite_state where the view of a scorecard reads something else than its criteria name';

CREATE FUNCTION customer_value.explain_score(base text, scorecard text, customer text, as_of date DEFAULT NULL, OUT dimension text, OUT criterion text,
		OUT value double precision, OUT normalised double precision, OUT weight double precision, OUT points double precision,
		OUT average_points double precision, OUT lift double precision, OUT note text) RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 10
	SET search_path = pg_catalog, pg_temp
	SET standard_conforming_strings = on
AS $$
DECLARE
	-- @plpgsql_check_options: security_warnings = off, other_warnings = off, extra_warnings = off
	schema_name constant text := customer_value._readable_schema(base);
	s record;
	n integer;
	bought boolean;
	score double precision;
	raw double precision[];
	scaled double precision[];
	weights double precision[];
	of_customer double precision[];
	average double precision[];
	c customer_value.base_criterion;
	places integer[];
	lifts double precision[];
BEGIN
	PERFORM customer_value._require_scorecard(schema_name, scorecard), customer_value._require_views(schema_name, 'customer_profile');
	s := customer_value._stored_scorecard(schema_name, scorecard);
	PERFORM customer_value._check_scorecard_names(schema_name, scorecard, s.criteria);
	n := cardinality(s.criteria);
	EXECUTE format($q$%s, averages AS (
	SELECT ARRAY[%s] AS points FROM combined AS r WHERE (r.c).score IS NOT NULL)
SELECT r.bought, (r.c).score, ARRAY[%s] AS raw, ARRAY[%s] AS scaled, (r.c).weights, (r.c).points, a.points AS average
FROM combined AS r CROSS JOIN averages AS a
WHERE r.customer_id::text COLLATE "C" = ANY (ARRAY[$2, CASE WHEN (SELECT customer_value._is_citext(customer_value._column_type(
			b.sales_relation::regclass, b.customer_id_column)) FROM %I.settings AS b) THEN lower($2) END])$q$,
		customer_value._scorecard_query(schema_name, s.card, s.criteria, CASE WHEN as_of IS NOT NULL THEN '$1' END, NULL, true),
		(SELECT string_agg(format('round(avg((r.c).points[%s]::numeric), 12)::double precision', i), ', ') FROM generate_series(1, n) i),
		(SELECT string_agg('r.k' || i, ', ') FROM generate_series(1, n) i),
		(SELECT string_agg('r.n' || i, ', ') FROM generate_series(1, n) i), schema_name)
	INTO bought, score, raw, scaled, weights, of_customer, average USING as_of, customer;
	IF bought IS NULL THEN
		PERFORM customer_value._refuse_scorecard('42704', format('customer %s does not exist', coalesce(quote_literal(customer), 'null')),
			format('Customer base "%s" has no such customer on that day.', base), format('SELECT customer_id FROM %I.customer_profile lists them.', schema_name));
	END IF;
	FOR i IN 1 .. n LOOP
		lifts[i] := of_customer[i] - average[i];
	END LOOP;
	-- the highest lift first
	places := ARRAY(SELECT i FROM generate_series(1, n) i ORDER BY lifts[i] DESC NULLS LAST, i);
	FOR place IN 1 .. n LOOP
		c := s.criteria[places[place]];
		dimension := c.dimension;
		criterion := c.criterion;
		value := raw[places[place]];
		normalised := scaled[places[place]];
		weight := weights[places[place]];
		points := of_customer[places[place]];
		average_points := average[places[place]];
		lift := lifts[places[place]];
		note := CASE WHEN NOT bought THEN 'no purchase yet'
					 WHEN value IS NULL THEN concat_ws('; ', coalesce(customer_value._criterion_problem(schema_name, c), 'not known'),
						CASE WHEN score IS NULL THEN 'no criterion that counts is known'
							 WHEN weight = 0 THEN 'left out'
							 WHEN (s.card).missing = 'worst' THEN 'counts as the worst known'
							 WHEN (s.card).missing = 'median' THEN 'counts as the median' END)
					 WHEN score IS NULL THEN 'no criterion that counts is known'
					 WHEN weight = 0 THEN CASE WHEN c.dimension_method = 'product' THEN 'left out: another factor of its dimension is not known, or it weighs nothing'
											   ELSE 'weighs nothing' END END;
		RETURN NEXT;
	END LOOP;
END $$;
COMMENT ON FUNCTION customer_value.explain_score(text, text, text, date) IS
	'What made the score of a customer: a row a criterion with its value, that on its scale, its weight in this score, and its points, which add up to the score; average_points are those of all customers with a score, lift is points - average_points: above 0 the criterion lifted the customer, below it sank. The highest lift comes first. as_of: another day than the base''s. Reads as the caller';

CREATE FUNCTION customer_value.explain_score(base text, scorecard text, customer bigint, as_of date DEFAULT NULL, OUT dimension text, OUT criterion text,
		OUT value double precision, OUT normalised double precision, OUT weight double precision, OUT points double precision,
		OUT average_points double precision, OUT lift double precision, OUT note text) RETURNS SETOF record
	LANGUAGE sql STABLE ROWS 10
BEGIN ATOMIC
	SELECT * FROM customer_value.explain_score(base, scorecard, customer::text, as_of);
END;
COMMENT ON FUNCTION customer_value.explain_score(text, text, bigint, date) IS
	'What made the score of a customer whose id is a number: see explain_score(text, text, text, date)';

CREATE FUNCTION customer_value.scorecard_summary(base text, scorecard text, OUT dimension text, OUT weight double precision, OUT customers bigint,
		OUT mean double precision, OUT mean_year_before double precision, OUT movement double precision) RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 5
	SET search_path = pg_catalog, pg_temp
	SET standard_conforming_strings = on
AS $$
DECLARE
	-- @plpgsql_check_options: security_warnings = off, other_warnings = off, extra_warnings = off
	schema_name constant text := customer_value._readable_schema(base);
	s record;
	w record;
	dimensions text[];
	numbers text;
	year_before date;
BEGIN
	PERFORM customer_value._require_scorecard(schema_name, scorecard), customer_value._require_views(schema_name, 'customer_profile');
	s := customer_value._stored_scorecard(schema_name, scorecard);
	PERFORM customer_value._check_scorecard_names(schema_name, scorecard, s.criteria);
	w := customer_value._scorecard_weights(schema_name, s.card, s.criteria);
	dimensions := customer_value._scorecard_dimensions(s.criteria);
	numbers := format('%L::integer[]', (SELECT array_agg(array_position(dimensions, (s.criteria[i]).dimension) ORDER BY i)
										FROM generate_subscripts(s.criteria, 1) i));
	EXECUTE format($q$SELECT (x.as_of - interval '1 year')::date FROM %I.settings AS x$q$, schema_name) INTO year_before;
	RETURN QUERY EXECUTE format($q$%1$s
SELECT d.name, d.weight, count(v.x) FILTER (WHERE NOT r.is_before),
	   round(avg(v.x::numeric) FILTER (WHERE NOT r.is_before), 12)::double precision,
	   round(avg(v.x::numeric) FILTER (WHERE r.is_before), 12)::double precision,
	   round(avg(v.x::numeric) FILTER (WHERE NOT r.is_before) - avg(v.x::numeric) FILTER (WHERE r.is_before), 12)::double precision
FROM (SELECT e.name, e.place, CASE WHEN e.place > %2$s THEN 1 ELSE
			(SELECT round(sum(g.weight::numeric), 12)::double precision
			 FROM unnest((SELECT customer_value.criterion_weights(%3$s, %4$s, %5$s)), %4$s) AS g (weight, dimension) WHERE g.dimension = e.place) END AS weight
	  FROM unnest(%6$L::text[]) WITH ORDINALITY AS e (name, place)) AS d
	CROSS JOIN combined AS r
	CROSS JOIN LATERAL (SELECT CASE WHEN d.place > %2$s THEN (r.c).score ELSE (r.c).dimension_scores[d.place::integer] END AS x) AS v
GROUP BY d.name, d.place, d.weight ORDER BY d.place$q$,
		customer_value._scorecard_query(schema_name, s.card, s.criteria, NULL, NULL, false, '$1'),
		cardinality(dimensions), w.weights, numbers, w.dimension_weights, dimensions || 'score'::text) USING year_before;
END $$;
COMMENT ON FUNCTION customer_value.scorecard_summary(text, text) IS
	'Where the customers of a scorecard are and how they moved in a year: a row a dimension, and one for the score, with its weight, the customers of whom it is known, its mean, that of the customers of a year before, and the difference. Both days are on one scale, made of the customers of both: each on its own a percentile has the mean 0.5 on any day. Reads as the caller';

CREATE FUNCTION customer_value.scorecard_correlation(base text, scorecard text, OUT dimension_a text, OUT dimension_b text,
		OUT correlation double precision, OUT customers bigint) RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 10
	SET search_path = pg_catalog, pg_temp
	SET standard_conforming_strings = on
AS $$
DECLARE
	-- @plpgsql_check_options: security_warnings = off, other_warnings = off, extra_warnings = off
	schema_name constant text := customer_value._readable_schema(base);
	s record;
	dimensions text[];
BEGIN
	PERFORM customer_value._require_scorecard(schema_name, scorecard), customer_value._require_views(schema_name, 'customer_profile');
	s := customer_value._stored_scorecard(schema_name, scorecard);
	PERFORM customer_value._check_scorecard_names(schema_name, scorecard, s.criteria);
	dimensions := customer_value._scorecard_dimensions(s.criteria);
	RETURN QUERY EXECUTE format($q$%1$s
SELECT a.name, b.name, round(corr((r.c).dimension_scores[a.place::integer], (r.c).dimension_scores[b.place::integer])::numeric, 10)::double precision,
	   count(*) FILTER (WHERE num_nulls((r.c).dimension_scores[a.place::integer], (r.c).dimension_scores[b.place::integer]) = 0)
FROM unnest(%2$L::text[]) WITH ORDINALITY AS a (name, place)
	JOIN unnest(%2$L::text[]) WITH ORDINALITY AS b (name, place) ON b.place > a.place
	CROSS JOIN combined AS r
GROUP BY a.name, a.place, b.name, b.place ORDER BY a.place, b.place$q$,
		customer_value._scorecard_query(schema_name, s.card, s.criteria, NULL, NULL, false), dimensions);
END $$;
COMMENT ON FUNCTION customer_value.scorecard_correlation(text, text) IS
	'How the dimensions of a scorecard go together: Pearson''s correlation of each two, over the customers of whom both are known; NULL where one is the same for all. Dimensions that say the same count it twice. Reads as the caller';
