-- base_dictionary.sql - metric_dictionary: what every column of every view of a base is called, means, needs and
-- must not claim. The words are in base_dictionary_*.sql, by subject; whoever adds a column to a view adds its row there.

CREATE FUNCTION customer_value._metrics() RETURNS SETOF customer_value.metric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM customer_value._metrics_customers()
	UNION ALL
	SELECT * FROM customer_value._metrics_portfolio()
	UNION ALL
	SELECT * FROM customer_value._metrics_models();
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
SELECT 'cost or margin_rate', s.cost_column IS NOT NULL OR s.margin_rate IS NOT NULL,
	   'bind cost or assume a margin: SELECT customer_value.alter_customer_base(' || s.base || ', cost => ''...'' or margin_rate => ...)'
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
	   CASE WHEN p.parameter IS NULL THEN num_nonnulls(d.value, d.list) ELSE num_nonnulls(p.value, p.list) END > 0,
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
		   a.attname::text COLLATE "default" AS column_name,
		   a.attnum::integer AS position, col_description(a.attrelid, a.attnum) AS description
	FROM s JOIN pg_class AS c ON c.relnamespace = s.schema_id AND c.relkind = 'v' AND c.relname = ANY (s.views)
		JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
SELECT c.view_name,
	   c.column_name,
	   c.position,
	   w.english_name,
	   w.chinese_name,
	   c.description,
	   w.formula,
	   replace(w.unit, 'money', coalesce(s.currency, 'money')) AS unit,
	   w.needs,
	   w.must_not_claim,
	   n.lacks IS NULL AS is_available,
	   n.lacks AS why_not
FROM s CROSS JOIN columns AS c
	LEFT JOIN LATERAL (
		SELECT w.* FROM words AS w
		WHERE w.column_name = c.column_name AND (w.view_name = c.view_name OR w.view_name IS NULL)
		ORDER BY w.view_name LIMIT 1) AS w ON true
	CROSS JOIN LATERAL (
		SELECT string_agg(DISTINCT coalesce(f.remedy, 'unknown need: ' || x.word), '; ') AS lacks
		FROM unnest(string_to_array(w.needs, ', ')) AS x (word) LEFT JOIN facts AS f ON f.word = x.word
		WHERE f.met IS NOT TRUE) AS n
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
