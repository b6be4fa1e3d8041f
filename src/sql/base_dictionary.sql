-- base_dictionary.sql - metric_dictionary: what every column of every view of a base is called, means, needs and
-- must not claim. The words are in base_dictionary_*.sql, by subject; whoever adds a column to a view adds its row there.

CREATE FUNCTION customer_value._metrics() RETURNS SETOF customer_value.metric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM customer_value._metrics_customers()
	UNION ALL
	SELECT * FROM customer_value._metrics_portfolio()
	UNION ALL
	SELECT * FROM customer_value._metrics_models()
	UNION ALL
	SELECT * FROM customer_value._metrics_segments()
	UNION ALL
	SELECT * FROM customer_value._metrics_scorecards();
END;
COMMENT ON FUNCTION customer_value._metrics() IS 'Internal: what metric_dictionary says of columns, whatever the base';

-- What a base has and has not: a row a word that may stand in needs, with what to do where it is not met.
CREATE FUNCTION customer_value._facts_query(schema_name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.format($q$
SELECT b.word, b.bound IS NOT NULL AS met,
	   'bind ' || b.word || ': SELECT customer_value.alter_customer_base(' || s.base || ', ' || b.word || ' => ''...'')' AS remedy
FROM s CROSS JOIN LATERAL (VALUES
	('order_id', s.order_id_column), ('cost', s.cost_column), ('list_amount', s.list_amount_column), ('quantity', s.quantity_column),
	('product', s.product_column), ('category', s.category_column), ('channel', s.channel_column),
	('currency_column', s.currency_column)) AS b (word, bound)
UNION ALL
SELECT b.word, b.bound IS NOT NULL,
	   'bind ' || CASE WHEN s.customers_relation IS NULL THEN 'customers' ELSE b.word END
	   || ': SELECT customer_value.alter_customer_base(' || s.base
	   || CASE WHEN s.customers_relation IS NULL THEN ', customers => ''...'', customer_key => ''...''' ELSE '' END
	   || CASE WHEN b.word = 'customers' THEN '' ELSE ', ' || b.word || ' => ''...''' END || ')'
FROM s CROSS JOIN LATERAL (VALUES
	('customers', s.customers_relation), ('customer_name', s.customer_name_column), ('customer_region', s.customer_region_column),
	('customer_owner', s.customer_owner_column), ('customer_parent', s.customer_parent_column)) AS b (word, bound)
UNION ALL
SELECT 'currency', s.currency IS NOT NULL,
	   'name the currency: SELECT customer_value.alter_customer_base(' || s.base || ', currency => ''...'')'
FROM s
UNION ALL
SELECT 'margin_rate', s.margin_rate IS NOT NULL, 'assume a margin: SELECT customer_value.alter_customer_base(' || s.base || ', margin_rate => ...)'
FROM s
UNION ALL
SELECT k.kind || ' model', m.model IS NOT NULL,
	   CASE WHEN m.kind IS NULL THEN 'not fitted: SELECT customer_value.fit(' || s.base || ')'
			ELSE 'no ' || k.kind || ' model: ' || coalesce(m.verdict, 'none could be fitted') END
FROM s CROSS JOIN (VALUES ('purchase'), ('spend')) AS k (kind)
	LEFT JOIN %1$I.models AS m ON m.kind = k.kind AND m.is_current
UNION ALL
SELECT 'fit', EXISTS (SELECT FROM %1$I.models AS m WHERE m.is_current), 'not fitted: SELECT customer_value.fit(' || s.base || ')'
FROM s
UNION ALL
SELECT 'holdout', c.tried > 0,
	   CASE WHEN c.verdict IS NULL THEN 'not fitted: SELECT customer_value.fit(' || s.base || ')'
			ELSE 'not checked on a holdout: ' || c.verdict END
FROM s CROSS JOIN (SELECT count(c.cut_day) AS tried, min(c.verdict) AS verdict FROM %1$I.model_checks AS c) AS c
UNION ALL
SELECT d.parameter,
	   CASE WHEN p.parameter IS NULL THEN num_nonnulls(d.value, nullif(d.list, '{}')) ELSE num_nonnulls(p.value, nullif(p.list, '{}')) END > 0,
	   'declare ' || d.parameter || ' in the parameters: '
	   || CASE WHEN p.parameter IS NULL
			   THEN 'INSERT INTO ' || s.schema_name || '.parameters VALUES (' || quote_literal(d.parameter) || ', ...)'
			   ELSE 'UPDATE ' || s.schema_name || '.parameters SET ' || CASE WHEN d.unit IN ('categories', 'products', 'channels') THEN 'list = ARRAY[...]' ELSE 'value = ...' END
					|| ' WHERE parameter = ' || quote_literal(d.parameter) END
FROM s CROSS JOIN customer_value._default_parameters() AS d LEFT JOIN %1$I.parameters AS p ON p.parameter = d.parameter
$q$, schema_name);
COMMENT ON FUNCTION customer_value._facts_query(text) IS
	'Internal: query for the words that needs of metric_dictionary knows, whether the base meets them, and what to do if not; reads the settings under the name s';

CREATE FUNCTION customer_value._metric_dictionary_query(schema_name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.format($q$
WITH s AS MATERIALIZED (
	SELECT quote_literal(r.base) AS base, n.oid AS schema_id, quote_ident(n.nspname) COLLATE "default" AS schema_name, r.as_of, r.currency, r.margin_rate, r.views,
		   r.order_id_column, r.cost_column, r.list_amount_column, r.quantity_column, r.product_column, r.category_column, r.channel_column,
		   r.currency_column, r.customers_relation, r.customer_name_column, r.customer_region_column, r.customer_owner_column,
		   r.customer_parent_column
	FROM %1$I.settings AS r JOIN pg_class AS c ON c.oid = r.tableoid JOIN pg_namespace AS n ON n.oid = c.relnamespace
	LIMIT 1),
facts AS MATERIALIZED (%2$s),
words AS MATERIALIZED (
	SELECT v.view_name, m.column_name, m.english_name, customer_value._chinese(m.chinese_name, m.english_name) AS chinese_name,
		   m.unit, m.needs, m.formula, m.must_not_claim
	FROM customer_value._metrics() AS m LEFT JOIN LATERAL unnest(string_to_array(m.views, ',')) AS v (view_name) ON true),
columns AS (
	SELECT array_position(s.views, c.relname::text) AS place, c.relname::text COLLATE "default" AS view_name,
		   a.attname::text COLLATE "default" AS column_name, a.attnum::integer AS position, col_description(a.attrelid, a.attnum) AS description,
		   k.scorecard IS NOT NULL AS is_scorecard
	FROM s JOIN pg_class AS c ON c.relnamespace = s.schema_id AND c.relkind = 'v' AND c.relname = ANY (s.views)
		JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN %1$I.scorecards AS k ON k.scorecard = c.relname),
-- a word is met, or one of several with 'or' between
worded AS MATERIALIZED (
	SELECT c.*, coalesce(w.view_name = c.view_name, false) AS own, w.english_name, w.chinese_name, w.unit, w.needs, w.formula, w.must_not_claim, n.lacks
	FROM columns AS c
		LEFT JOIN LATERAL (
			SELECT w.* FROM words AS w
			WHERE w.column_name = c.column_name AND (w.view_name = c.view_name OR w.view_name IS NULL OR w.view_name = 'any scorecard' AND c.is_scorecard)
			ORDER BY w.view_name IS NULL, w.view_name <> c.view_name LIMIT 1) AS w ON true
		CROSS JOIN LATERAL (
			SELECT string_agg(DISTINCT x.remedy, '; ') AS lacks
			FROM unnest(string_to_array(w.needs, ', ')) AS need (words)
				CROSS JOIN LATERAL (SELECT bool_or(f.met) AS met, string_agg(coalesce(f.remedy, 'unknown need: ' || a.word), ', or ' ORDER BY a.place) AS remedy
									FROM unnest(string_to_array(need.words, ' or ')) WITH ORDINALITY AS a (word, place)
										LEFT JOIN facts AS f ON f.word = a.word) AS x
			WHERE x.met IS NOT TRUE) AS n),
-- One known criterion makes a score, and one of a dimension the dimension; of a product all are needed.
criteria AS (
	SELECT c.scorecard, c.dimension, c.position, c.criterion, c.column_name, k.method,
		   bool_or(c.dimension_method = 'product') OVER (PARTITION BY c.scorecard, c.dimension) AS is_product,
		   CASE WHEN k.method = 'topsis' THEN r.name WHEN c.normaliser <> 'as_is' THEN c.normaliser || '(' || r.name || CASE c.better WHEN 'less' THEN ', less is better' ELSE '' END || ')'
				WHEN c.better = 'less' THEN '1 - ' || r.name ELSE r.name END AS reading,
		   CASE WHEN c.column_name IS NULL THEN 'a column for ' || c.criterion ELSE v.needs END AS needs,
		   CASE WHEN c.column_name IS NULL
				THEN 'bind ' || c.criterion || ': SELECT customer_value.alter_scorecard(' || s.base || ', ' || quote_literal(c.scorecard) || ', criteria => '
					 || quote_literal('[{"criterion": ' || to_json(c.criterion) || ', "relation": "...", "key": "...", "column": "..."}]') || ')'
				WHEN v.column_name IS NOT NULL THEN v.lacks
				WHEN to_regclass(coalesce(c.relation, s.schema_name || '.customer_profile')) IS NULL THEN c.relation || ' is gone' END AS lacks
	FROM s CROSS JOIN %1$I.scorecard_criteria AS c
		CROSS JOIN LATERAL (SELECT coalesce(c.column_name, c.criterion || ' (not bound)') AS name) AS r
		JOIN %1$I.scorecards AS k ON k.scorecard = c.scorecard
		LEFT JOIN worded AS v ON v.column_name = c.column_name AND NOT v.is_scorecard
			AND coalesce(c.relation, 'customer_profile') IN (v.view_name, s.schema_name || '.' || quote_ident(v.view_name))),
dimensions AS (
	SELECT d.scorecard, d.dimension, d.method, CASE WHEN d.needs_something THEN d.needs END AS needs, CASE WHEN NOT d.is_known THEN d.lacks END AS lacks,
		   CASE WHEN d.method = 'topsis' THEN 'TOPSIS closeness on ' WHEN d.criteria = 1 THEN '' WHEN d.is_product THEN 'product of ' ELSE 'weighted mean of ' END
		   || d.readings AS formula
	FROM (SELECT c.scorecard, c.dimension, c.method, c.is_product, count(*) AS criteria,
				 CASE WHEN c.is_product THEN bool_or(c.needs IS NOT NULL) ELSE bool_and(c.needs IS NOT NULL) END AS needs_something,
				 CASE WHEN c.is_product THEN bool_and(c.lacks IS NULL) ELSE bool_or(c.lacks IS NULL) END AS is_known,
				 string_agg(DISTINCT c.needs, c.joint) AS needs, string_agg(DISTINCT c.lacks, c.joint) AS lacks,
				 string_agg(c.reading, ', ' ORDER BY c.position, c.criterion) AS readings
		  FROM (SELECT c.*, CASE WHEN c.is_product THEN ', ' ELSE '; or ' END AS joint FROM criteria AS c) AS c
		  GROUP BY c.scorecard, c.dimension, c.method, c.is_product, c.joint) AS d),
scored AS (
	SELECT d.scorecard AS view_name, t.column_name, d.dimension, t.is_cosine, d.needs, d.lacks, d.formula
	FROM dimensions AS d CROSS JOIN LATERAL (VALUES (d.dimension, false), (d.dimension || '_cosine', true)) AS t (column_name, is_cosine)
	UNION ALL
	SELECT d.scorecard, t.column_name, NULL, NULL,
		   CASE WHEN bool_and(d.needs IS NOT NULL) THEN string_agg(DISTINCT d.needs, '; or ') END,
		   CASE WHEN bool_and(d.lacks IS NOT NULL) THEN string_agg(DISTINCT d.lacks, '; or ') END,
		   CASE t.column_name WHEN 'score' THEN
			   CASE d.method WHEN 'weighted_norm' THEN 'root of the weighted mean of the squares of ' WHEN 'weighted_product' THEN 'weighted geometric mean of '
							 WHEN 'topsis' THEN 'TOPSIS closeness on the criteria of ' ELSE 'weighted mean of ' END
			   || string_agg(d.dimension, ', ' ORDER BY d.dimension) END
	FROM dimensions AS d CROSS JOIN (VALUES ('score'), ('rank'), ('percentile'), ('dominant_dimension')) AS t (column_name)
	GROUP BY d.scorecard, d.method, t.column_name)
SELECT c.view_name,
	   c.column_name,
	   c.position,
	   CASE WHEN c.own OR d.dimension IS NULL THEN c.english_name
			ELSE coalesce(l.english, initcap(left(d.dimension, 1)) || replace(substr(d.dimension, 2), '_', ' ')) || CASE WHEN d.is_cosine THEN ': direction cosine' ELSE '' END
			END AS english_name,
	   CASE WHEN c.own OR d.dimension IS NULL THEN c.chinese_name
			ELSE coalesce(l.chinese, d.dimension) || CASE WHEN d.is_cosine THEN customer_value._chinese('方向余弦', ': direction cosine') ELSE '' END
			END AS chinese_name,
	   c.description,
	   CASE WHEN d.is_cosine THEN p.formula WHEN c.own OR d.dimension IS NULL THEN coalesce(c.formula, d.formula) ELSE d.formula END AS formula,
	   replace(CASE WHEN c.own OR d.dimension IS NULL THEN c.unit ELSE p.unit END, 'money', coalesce(s.currency, 'money')) AS unit,
	   CASE WHEN d.view_name IS NULL THEN c.needs ELSE d.needs END AS needs,
	   CASE WHEN c.own OR d.dimension IS NULL THEN c.must_not_claim ELSE p.must_not_claim END AS must_not_claim,
	   CASE WHEN d.view_name IS NULL THEN c.lacks ELSE d.lacks END IS NULL AS is_available,
	   CASE WHEN d.view_name IS NULL THEN c.lacks ELSE d.lacks END AS why_not
FROM s CROSS JOIN worded AS c
	LEFT JOIN scored AS d ON d.view_name = c.view_name AND d.column_name = c.column_name
	LEFT JOIN words AS p ON p.view_name = 'any scorecard' AND p.column_name = CASE WHEN d.is_cosine THEN '(cosine)' WHEN d.dimension IS NOT NULL THEN '(dimension)' END
	LEFT JOIN %1$I.labels AS l ON l.kind = 'axis' AND l.code = d.dimension
ORDER BY c.place, c.view_name, c.position
$q$, schema_name, customer_value._facts_query(schema_name));
COMMENT ON FUNCTION customer_value._metric_dictionary_query(text) IS 'Internal: query of metric_dictionary';

CREATE FUNCTION customer_value._create_dictionary_view(schema_name text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM customer_value._create_view(schema_name, 'metric_dictionary',
		customer_value._metric_dictionary_query(schema_name),
		'One row a column of every view of this customer base: what it is called, how it is computed, what it needs, what it must not claim, '
		'and whether this base can answer it',
		ARRAY[
		'view_name: Name of the view',
		'column_name: Name of the column',
		'position: Place of the column in the view, counting from 1',
		'english_name: What the column is called in English',
		'chinese_name: What the column is called in Chinese; in English where the encoding of the database has no simplified Chinese',
		'description: The comment of the column',
		'formula: How it is computed, from other columns where possible; NULL where it is read, or says itself',
		'unit: Unit; money stands for the currency where the base has none',
		'needs: What must be there for the column to have values, separated by commas; NULL: sales suffice',
		'must_not_claim: What the column does not say; NULL where there is nothing to be mistaken',
		'is_available: True if what the column needs is bound, fitted or declared here; it can still be NULL for some: see reason in its view',
		'why_not: What is missing, and what to do about it; NULL where the column is available']);
END $$;
COMMENT ON FUNCTION customer_value._create_dictionary_view(text) IS 'Internal: makes metric_dictionary in the schema of a base';
