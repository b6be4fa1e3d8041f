-- base_segments.sql - the segmentations of a customer base: what their rules may look at, and the rules to begin with.

-- Each measure is a column of the row that a segmentation is made from, under its name.
CREATE FUNCTION customer_value._segment_measures(OUT segmentation text, OUT measure text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.segmentation, m.measure
	FROM (VALUES
		('life_stage', 'purchase_days'),
		('life_stage', 'tenure_days'),
		('life_stage', 'days_since_last_purchase'),
		('life_stage', 'probability_alive'),
		('life_stage', 'silence'),
		('life_stage', 'silence_without_model'),
		('life_stage', 'tenure_cycles'),
		('life_stage', 'last_gap_cycles'),
		('life_stage', 'gap_before_cycles'),
		('life_stage', 'discount_share_rise'),
		('life_stage', 'fewer_purchases_p_value'),
		('rfm_segment', 'r_class'),
		('rfm_segment', 'f_class'),
		('rfm_segment', 'm_class'),
		('rfm_segment', 'days_since_last_purchase'),
		('rfm_segment', 'purchase_days_last_year'),
		('rfm_segment', 'amount_last_year'),
		('rfm_segment', 'purchase_days'),
		('rfm_segment', 'tenure_days'),
		('value_quadrant', 'expected_value_is_high'),
		('value_quadrant', 'headroom_is_high'),
		('value_quadrant', 'expected_value'),
		('value_quadrant', 'headroom'),
		('value_quadrant', 'purchase_days'),
		('key_account', 'purchase_days'),
		('key_account', 'active_quarters'),
		('key_account', 'probability_active_end'),
		('key_account', 'continuity'),
		('key_account', 'composite'),
		('key_account', 'match'),
		('key_account', 'space'),
		('key_account', 'space_share'),
		('key_account', 'potential')
	) AS m (segmentation, measure);
END;
COMMENT ON FUNCTION customer_value._segment_measures() IS
	'Internal: the segmentations of a base, and the measures that their rules may look at';

CREATE FUNCTION customer_value._is_segment_measure(segmentation text, measure text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM customer_value._segment_measures() m
				   WHERE m.segmentation = $1 AND ($2 IS NULL OR m.measure = $2));
END;
COMMENT ON FUNCTION customer_value._is_segment_measure(text, text) IS
	'Internal: is this a segmentation, and may its rules look at this measure (NULL: at none)?';

-- The first rule that holds counts, so a later one need not say what an earlier one took. Those of rfm_segment from 20 on meet each
-- of the 125 combinations of classes. Who bought once in all is new or promising first: where few buy twice in a year once is a high class.
CREATE FUNCTION customer_value._default_segment_rules() RETURNS SETOF customer_value.base_segment_rule
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT r.segmentation, r.priority, r.segment, r.measure, r.at_least, r.below
	FROM (VALUES
		('life_stage', 10, 'prospect', 'purchase_days', NULL::double precision, 1::double precision),
		('life_stage', 20, 'lapsed', 'probability_alive', NULL, 0.2),
		('life_stage', 30, 'lapsed', 'silence_without_model', 3, NULL),
		('life_stage', 40, 'won_back', 'last_gap_cycles', 3, NULL),
		('life_stage', 50, 'won_back', 'gap_before_cycles', 3, NULL),
		('life_stage', 60, 'honeymoon', 'tenure_cycles', NULL, 2),
		('life_stage', 70, 'honeymoon', 'purchase_days', NULL, 3),
		('life_stage', 80, 'contested', 'discount_share_rise', 0.1, NULL),
		('life_stage', 90, 'contested', 'fewer_purchases_p_value', NULL, 0.1),
		('life_stage', 100, 'observation', NULL, NULL, NULL),
		('rfm_segment', 10, 'prospect', 'purchase_days', NULL, 1),
		('rfm_segment', 14, 'new_customers', 'r_class', 5, NULL),
		('rfm_segment', 14, 'new_customers', 'purchase_days', NULL, 2),
		('rfm_segment', 16, 'promising', 'r_class', 4, NULL),
		('rfm_segment', 16, 'promising', 'purchase_days', NULL, 2),
		('rfm_segment', 20, 'champions', 'r_class', 4, NULL),
		('rfm_segment', 20, 'champions', 'f_class', 4, NULL),
		('rfm_segment', 20, 'champions', 'm_class', 4, NULL),
		('rfm_segment', 30, 'loyal', 'r_class', 3, NULL),
		('rfm_segment', 30, 'loyal', 'f_class', 4, NULL),
		('rfm_segment', 40, 'cannot_lose_them', 'r_class', NULL, 3),
		('rfm_segment', 40, 'cannot_lose_them', 'f_class', 4, NULL),
		('rfm_segment', 40, 'cannot_lose_them', 'm_class', 4, NULL),
		('rfm_segment', 50, 'at_risk', 'r_class', NULL, 3),
		('rfm_segment', 50, 'at_risk', 'f_class', 3, NULL),
		('rfm_segment', 60, 'at_risk', 'r_class', NULL, 3),
		('rfm_segment', 60, 'at_risk', 'm_class', 4, NULL),
		('rfm_segment', 70, 'potential_loyalist', 'r_class', 4, NULL),
		('rfm_segment', 70, 'potential_loyalist', 'f_class', 3, NULL),
		('rfm_segment', 80, 'new_customers', 'r_class', 5, NULL),
		('rfm_segment', 90, 'promising', 'r_class', 4, NULL),
		('rfm_segment', 100, 'need_attention', 'r_class', 3, NULL),
		('rfm_segment', 100, 'need_attention', 'f_class', 3, NULL),
		('rfm_segment', 110, 'need_attention', 'r_class', 3, NULL),
		('rfm_segment', 110, 'need_attention', 'm_class', 4, NULL),
		('rfm_segment', 120, 'about_to_sleep', 'r_class', 3, NULL),
		('rfm_segment', 130, 'hibernating', 'r_class', 2, NULL),
		('rfm_segment', 140, 'lost', 'r_class', NULL, 2),
		('value_quadrant', 5, 'prospect', 'purchase_days', NULL, 1),
		('value_quadrant', 10, 'platinum', 'expected_value_is_high', 1, NULL),
		('value_quadrant', 10, 'platinum', 'headroom_is_high', 1, NULL),
		('value_quadrant', 20, 'gold', 'expected_value_is_high', 1, NULL),
		('value_quadrant', 20, 'gold', 'headroom_is_high', NULL, 1),
		('value_quadrant', 30, 'iron', 'expected_value_is_high', NULL, 1),
		('value_quadrant', 30, 'iron', 'headroom_is_high', 1, NULL),
		('value_quadrant', 40, 'lead', 'expected_value_is_high', NULL, 1),
		('value_quadrant', 40, 'lead', 'headroom_is_high', NULL, 1),
		('key_account', 10, 'prospect', 'purchase_days', NULL, 1),
		('key_account', 20, 'strategic', 'continuity', 0.5, NULL),
		('key_account', 20, 'strategic', 'composite', 0.25, NULL),
		('key_account', 20, 'strategic', 'match', 0.5, NULL),
		('key_account', 30, 'growing_key', 'continuity', 0.5, NULL),
		('key_account', 30, 'growing_key', 'composite', 0.25, NULL),
		('key_account', 30, 'growing_key', 'space_share', 0.25, NULL),
		('key_account', 30, 'growing_key', 'potential', 0, NULL),
		('key_account', 40, 'key', 'continuity', 0.5, NULL),
		('key_account', 40, 'key', 'composite', 0.25, NULL),
		('key_account', 50, 'develop', 'continuity', 0.5, NULL),
		('key_account', 50, 'develop', 'space_share', 0.5, NULL),
		('key_account', 60, 'steady', 'continuity', 0.5, NULL),
		('key_account', 70, 'secure', 'composite', 0.25, NULL),
		('key_account', 70, 'secure', 'continuity', NULL, 0.5),
		('key_account', 80, 'other', 'continuity', NULL, NULL)
	) AS r (segmentation, priority, segment, measure, at_least, below);
END;
COMMENT ON FUNCTION customer_value._default_segment_rules() IS 'Internal: the segment rules that a new base begins with';

-- The rules are read once a query; within it first_segment keeps them compiled.
CREATE FUNCTION customer_value._segment_expression(schema_name text, segmentation text, alias text) RETURNS text
	LANGUAGE sql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('customer_value.first_segment((SELECT array_agg(rule::customer_value.base_segment_rule) FROM %I.segment_rules AS rule '
				  'WHERE rule.segmentation = %L), ARRAY[%s], ARRAY[%s])', schema_name, $2,
				  string_agg(quote_literal(m.measure), ', ' ORDER BY m.measure),
				  string_agg(format('%I.%I::double precision', alias, m.measure), ', ' ORDER BY m.measure))
	FROM customer_value._segment_measures() AS m WHERE m.segmentation = $2
$$;
COMMENT ON FUNCTION customer_value._segment_expression(text, text, text) IS
	'Internal: the SQL expression that names the segment of the row of that alias, by the rules of a base; NULL where no rule holds';

-- What can be told without looking at customers. A point is what is known of a kind of them: a value, null for a measure they
-- have not, nothing for one that may be anything; buys stands for one purchase day or more.
CREATE FUNCTION customer_value.check_segment_rules(base text, OUT segmentation text, OUT priority integer, OUT segment text,
		OUT finding text, OUT detail text) RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 10
	SET search_path = pg_catalog, pg_temp
	SET standard_conforming_strings = on
AS $$
BEGIN
	-- @plpgsql_check_options: extra_warnings = off
	RETURN QUERY EXECUTE format($q$
WITH condition AS MATERIALIZED (SELECT r.* FROM %I.segment_rules AS r),
rule AS (
	SELECT c.segmentation, c.priority, min(c.segment) AS segment, string_agg(DISTINCT c.segment, ', ') AS segments,
		   count(DISTINCT c.segment) AS n
	FROM condition AS c GROUP BY c.segmentation, c.priority),
grid AS (
	SELECT 'rfm_segment' AS segmentation, jsonb_build_object('buys', true, 'r_class', r, 'f_class', f, 'm_class', m) AS point
	FROM generate_series(1, 5) AS r, generate_series(1, 5) AS f, generate_series(1, 5) AS m
	UNION ALL
	SELECT 'value_quadrant', jsonb_build_object('buys', true, 'expected_value_is_high', e, 'headroom_is_high', h)
	FROM generate_series(0, 1) AS e, generate_series(0, 1) AS h
	UNION ALL
	SELECT DISTINCT m.segmentation, '{"buys": true}'::jsonb
	FROM customer_value._segment_measures() AS m WHERE m.segmentation NOT IN ('rfm_segment', 'value_quadrant')
	UNION ALL
	SELECT m.segmentation, jsonb_object_agg(m.measure, CASE m.measure WHEN 'purchase_days' THEN 0 END)
	FROM customer_value._segment_measures() AS m WHERE m.measure NOT LIKE '%%\_last\_year' GROUP BY m.segmentation),
met AS (
	SELECT g.segmentation, g.point, c.priority, bool_and(coalesce(x.holds, true)) AS may_hold, bool_and(coalesce(x.holds, false)) AS holds,
		   bool_and(coalesce(x.holds, num_nonnulls(c.at_least, c.below) = 0)) AS holds_if_known
	FROM grid AS g JOIN condition AS c ON c.segmentation = g.segmentation
		CROSS JOIN LATERAL (SELECT (g.point ->> c.measure)::double precision AS value) AS v
		CROSS JOIN LATERAL (SELECT CASE
			WHEN c.measure IS NULL THEN true
			WHEN g.point ? c.measure THEN coalesce(v.value >= coalesce(c.at_least, v.value) AND (c.below IS NULL OR v.value < c.below), false)
			WHEN c.measure = 'purchase_days' AND c.below <= 1 THEN false
			WHEN c.measure = 'purchase_days' AND c.below IS NULL AND coalesce(c.at_least, 1) <= 1 THEN true END AS holds) AS x
	GROUP BY g.segmentation, g.point, c.priority),
reached AS (
	SELECT m.segmentation, m.priority, bool_or(m.may_hold AND NOT m.is_taken) AS is_reached
	FROM (SELECT n.*, coalesce(bool_or(n.holds) OVER (PARTITION BY n.segmentation, n.point ORDER BY n.priority
			  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false) AS is_taken FROM met AS n) AS m
	GROUP BY m.segmentation, m.priority),
-- An earlier rule each of whose conditions a condition of this one implies.
contained AS (
	SELECT b.segmentation, b.priority, min(a.priority) AS by_priority
	FROM rule AS b JOIN rule AS a ON a.segmentation = b.segmentation AND a.priority < b.priority
	WHERE NOT EXISTS (
		SELECT FROM condition AS x
		WHERE x.segmentation = a.segmentation AND x.priority = a.priority AND x.measure IS NOT NULL AND NOT EXISTS (
			SELECT FROM condition AS y
			WHERE y.segmentation = b.segmentation AND y.priority = b.priority AND y.measure = x.measure
				AND (x.at_least IS NULL OR y.at_least >= x.at_least) AND (x.below IS NULL OR y.below <= x.below)))
	GROUP BY b.segmentation, b.priority),
hole AS (
	SELECT p.segmentation, bool_or(NOT p.may_hold) AS is_sure, count(*) AS points, min(p.point::text)::jsonb AS example
	FROM (SELECT g.segmentation, g.point, coalesce(bool_or(m.may_hold), false) AS may_hold
		  FROM grid AS g LEFT JOIN met AS m ON m.segmentation = g.segmentation AND m.point = g.point
		  GROUP BY g.segmentation, g.point HAVING NOT coalesce(bool_or(m.holds_if_known), false)) AS p
	GROUP BY p.segmentation)
SELECT r.segmentation, r.priority, NULL, 'names two segments',
	   r.segments || ': the view cannot be read; give each rule a priority of its own'
FROM rule AS r WHERE r.n > 1
UNION ALL
SELECT r.segmentation, r.priority, r.segment, 'never reached',
	   coalesce('the rule of priority ' || c.by_priority || ' takes all that it could meet', 'rules before it take all that it could meet')
FROM rule AS r LEFT JOIN contained AS c USING (segmentation, priority) LEFT JOIN reached AS x USING (segmentation, priority)
WHERE c.by_priority IS NOT NULL OR NOT x.is_reached
UNION ALL
SELECT h.segmentation, NULL, 'unassigned', CASE WHEN h.is_sure THEN 'leaves customers out' ELSE 'may leave customers out' END,
	   CASE WHEN h.example = '{"buys": true}' THEN 'no rule is without conditions'
			ELSE h.points || CASE h.points WHEN 1 THEN ' combination' ELSE ' combinations' END || ' that no rule surely takes, such as '
				 || (SELECT string_agg(e.key || ' ' || e.value, ', ' ORDER BY e.key)
					 FROM jsonb_each_text(h.example) AS e WHERE e.key <> 'buys' AND e.value IS NOT NULL) END
FROM hole AS h
ORDER BY 1, 2 NULLS LAST, 4$q$, customer_value._readable_schema(base));
END $$;
COMMENT ON FUNCTION customer_value.check_segment_rules(text) IS
	'What is amiss with the segment rules of a customer base, as far as the rules alone can tell: rules that are never reached, combinations of classes that none meets, priorities that name two segments. No rows: nothing';
