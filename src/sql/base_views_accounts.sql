-- base_views_accounts.sql - two views that stand on scorecards: key_account_matrix, and closeness_check, which
-- holds the scorecard closeness to what became of the customers.

-- The scores of a scorecard within a query: of its view (suffix ''), or of the function beside it. Somebody may have dropped it.
CREATE FUNCTION customer_value._scorecard_scores(schema_name text, scorecard text, suffix text)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	is_there boolean;
BEGIN
	EXECUTE format('SELECT EXISTS (SELECT FROM %I.scorecards AS c WHERE c.scorecard = $1)', schema_name)
	INTO is_there USING scorecard;
	-- Its view may have been dropped, until rebuild_customer_base makes it again.
	IF is_there AND to_regclass(format('%I.%I', schema_name, scorecard)) IS NOT NULL
		AND to_regprocedure(format('%I.%I(date)', schema_name, scorecard || '_at')) IS NOT NULL THEN
		RETURN format('SELECT c.customer_id, c.score, c.reason FROM %I.%s%s AS c', schema_name, scorecard, suffix);
	END IF;
	RETURN format('SELECT h.customer_id, NULL::double precision AS score, %L::text AS reason FROM %I.history AS h',
				  'no scorecard ' || scorecard, schema_name);
END
$$;
COMMENT ON FUNCTION customer_value._scorecard_scores(text, text, text) IS
	'Internal: query of customer_id, score and reason of a scorecard of a base; NULL with a reason where there is none of that name';

-- In both queries DISTINCT shows the planner that a customer has one row: else it takes a join for very many rows, and
-- compiles the query for longer than it runs. %2$s is the as-of day, %3$s what makes a function as of a day of a view's name: '' or '_at($1)'.
CREATE FUNCTION customer_value._key_account_query(schema_name text, as_of text, suffix text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format($q$
SELECT s.customer_id,
	   s.customer_name,
	   s.as_of,
	   s.active_quarters,
	   s.probability_active_end,
	   s.continuity,
	   s.composite,
	   s.match,
	   s.space,
	   s.space_share,
	   s.space_year_before,
	   s.potential,
	   coalesce(s.account_class, 'unassigned') AS account_class,
	   s.value_basis,
	   s.currency,
	   nullif(concat_ws('; ', s.profile_reason, s.reason,
						CASE WHEN s.account_class IS NULL THEN 'no rule holds' END), '') AS reason
FROM (SELECT s.*, %5$s AS account_class
	  FROM (SELECT p.customer_id, p.customer_name, p.as_of, p.active_quarters, p.probability_active_end,
				   p.active_quarters / 8::double precision * p.probability_active_end AS continuity,
				   b.score AS composite,
				   p.strategic_share AS match,
				   h.headroom AS space,
				   CASE WHEN p.expected_value IS NOT NULL AND h.headroom + greatest(p.expected_value, 0) > 0
						THEN round(h.headroom / (h.headroom + greatest(p.expected_value, 0)), 4) END AS space_share,
				   y.headroom AS space_year_before,
				   h.headroom - y.headroom AS potential,
				   p.purchase_days, p.value_basis, p.currency, p.reason AS profile_reason,
				   CASE WHEN p.purchase_days > 0 THEN nullif(concat_ws('; ',
						CASE WHEN b.score IS NULL AND b.reason IS DISTINCT FROM p.reason THEN 'no composite: ' || b.reason END,
						CASE WHEN p.strategic_share IS NULL THEN 'no match: ' || d.no_match END,
						CASE WHEN h.headroom IS NULL AND h.reason IS DISTINCT FROM p.reason THEN 'no space: ' || h.reason END,
						CASE WHEN h.headroom IS NOT NULL AND y.headroom IS NULL THEN 'no potential: '
							|| CASE WHEN y.reason <> 'no purchase yet' THEN y.reason ELSE 'no customer a year before' END END,
						CASE WHEN h.headroom = 0 AND p.expected_value <= 0 THEN 'no space_share: neither space nor expected value' END), '')
						END AS reason
			FROM %1$I.customer_profile%3$s AS p
				CROSS JOIN (SELECT CASE WHEN r.category_column IS NULL THEN 'category not bound'
										WHEN %6$s IS NULL THEN 'parameter strategic_categories has no list'
										ELSE 'nothing bought' END AS no_match
							FROM %1$I.settings AS r LIMIT 1) AS d
				LEFT JOIN (SELECT DISTINCT ON (e.customer_id) e.* FROM (%4$s) AS e) AS b ON b.customer_id = p.customer_id
				LEFT JOIN (SELECT DISTINCT ON (e.customer_id) e.customer_id, e.headroom, e.reason
						   FROM %1$I.customer_headroom%3$s AS e) AS h ON h.customer_id = p.customer_id
				-- The day in a subquery of its own: read once, not once a customer.
				LEFT JOIN (SELECT DISTINCT ON (e.customer_id) e.customer_id, e.headroom, e.reason
						   FROM (SELECT %2$s - 365 AS day FROM %1$I.settings AS r LIMIT 1) AS t
							   CROSS JOIN LATERAL %1$I.customer_headroom_at(t.day) AS e) AS y ON y.customer_id = p.customer_id
		   ) AS s) AS s
$q$, schema_name, as_of, suffix, customer_value._scorecard_scores(schema_name, 'balanced_scorecard', suffix),
		customer_value._segment_expression(schema_name, 'key_account', 's'),
		customer_value._list_parameter(schema_name, 'strategic_categories'))
$$;
COMMENT ON FUNCTION customer_value._key_account_query(text, text, text) IS
	'Internal: query of key_account_matrix, with the as-of day as given, and the suffix of what it reads';

CREATE FUNCTION customer_value._closeness_check_query(schema_name text, as_of text)
	RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
	-- A class is a fifth of the mid-rank percentile, so equal closeness is never split. Counts of whole tie groups:
	-- (rank - 1 + reached) / 2n is the percentile, in integers.
	SELECT format($q$
WITH s AS MATERIALIZED (
	SELECT d.as_of, d.as_of - least(greatest(round(d.days), 1), 36500)::integer AS landmark
	FROM (SELECT %2$s AS as_of, coalesce(%4$s, 365) AS days FROM %1$I.settings AS r LIMIT 1) AS d),
known AS MATERIALIZED (
	SELECT (s.landmark - customer_value.first_purchase_day(h.history, s.landmark)) / 365 AS tenure_year, c.score, c.reason,
		   customer_value.last_purchase_day(h.history, s.as_of) > s.landmark AS survived
	FROM s CROSS JOIN LATERAL (SELECT DISTINCT ON (c.customer_id) c.* FROM (%3$s) AS c) AS c
		JOIN %1$I.history AS h ON h.customer_id = c.customer_id
	WHERE customer_value.first_purchase_day(h.history, s.landmark) IS NOT NULL),
classed AS (
	SELECT k.tenure_year, k.score, k.reason, k.survived,
		   ((5 * (rank() OVER ties - 1 + count(*) OVER ties) + 2 * count(*) OVER band - 1) / (2 * count(*) OVER band))::integer AS quintile
	FROM known AS k
	WHERE k.score IS NOT NULL
	WINDOW band AS (PARTITION BY k.tenure_year), ties AS (PARTITION BY k.tenure_year ORDER BY k.score)),
counted AS (
	SELECT c.tenure_year, c.quintile, count(*) AS customers, count(*) FILTER (WHERE c.survived) AS survivors,
		   min(c.score) AS closeness_low, max(c.score) AS closeness_high, string_agg(DISTINCT c.reason, '; ') AS reason
	FROM classed AS c
	GROUP BY GROUPING SETS ((c.tenure_year, c.quintile), (c.quintile)))
SELECT s.as_of,
	   s.landmark,
	   b.tenure_year,
	   coalesce(b.tenure_year || ' to ' || b.tenure_year + 1 || ' years', 'all') AS tenure,
	   q.quintile,
	   coalesce(c.customers, 0) AS customers,
	   coalesce(c.survivors, 0) AS survivors,
	   w.share AS survival_share,
	   CASE WHEN c.customers > 0 THEN greatest(w.middle - w.margin, 0) END AS survival_share_low,
	   CASE WHEN c.customers > 0 THEN least(w.middle + w.margin, 1) END AS survival_share_high,
	   c.closeness_low,
	   c.closeness_high,
	   CASE WHEN c.customers > 0 THEN c.reason
			WHEN EXISTS (SELECT FROM classed) THEN 'nobody is in this class'
			WHEN EXISTS (SELECT FROM known) THEN 'no closeness: ' || (SELECT min(k.reason) FROM known AS k)
			ELSE coalesce('nobody had bought by ' || to_char(s.landmark, 'YYYY-MM-DD'), 'no sales') END AS reason
FROM s
	CROSS JOIN (SELECT NULL::integer AS tenure_year UNION ALL SELECT DISTINCT k.tenure_year FROM classed AS k) AS b
	CROSS JOIN generate_series(1, 5) AS q (quintile)
	LEFT JOIN counted AS c ON c.tenure_year IS NOT DISTINCT FROM b.tenure_year AND c.quintile = q.quintile
	-- Wilson's interval; 1.96: 95 percent.
	CROSS JOIN LATERAL (SELECT c.survivors::double precision / c.customers AS share, 1.959963984540054::double precision AS z) AS p
	CROSS JOIN LATERAL (SELECT p.share, (p.share + p.z ^ 2 / (2 * c.customers)) / (1 + p.z ^ 2 / c.customers) AS middle,
							   p.z / (1 + p.z ^ 2 / c.customers)
							   * sqrt(p.share * (1 - p.share) / c.customers + p.z ^ 2 / (4 * c.customers::double precision ^ 2)) AS margin) AS w
ORDER BY b.tenure_year NULLS FIRST, q.quintile
$q$, schema_name, as_of, customer_value._scorecard_scores(schema_name, 'closeness', '_at(s.landmark)'),
		customer_value._parameter(schema_name, 'closeness_check_days'))
$$;
COMMENT ON FUNCTION customer_value._closeness_check_query(text, text) IS
	'Internal: query of closeness_check with the as-of day written as given';

CREATE FUNCTION customer_value._create_account_views(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM customer_value._create_view(schema_name, 'key_account_matrix',
		customer_value._key_account_query(schema_name, 'r.as_of', ''),
		'One row a customer: how steady the relation is, how the customer stands on the balanced scorecard, and then how well it fits and how '
		'far it can grow; and the class that the rules key_account in table segment_rules put it in. The cuts are ours, and yours to change. '
		'A class is a suggestion where to look, no verdict: space and potential are scenarios',
		ARRAY[
		'customer_id: The customer, as in the sales',
		'customer_name: Name, from the customers relation; NULL where no such column is bound',
		'as_of: Day on which the observation ends',
		'active_quarters: Number of the last 8 quarters, counted back from as_of, with a purchase',
		'probability_active_end: Probability (0 to 1) that the customer is still a customer at the end of the horizon, by the purchase model',
		'continuity: active_quarters / 8 x probability_active_end, from 0 to 1. Who came less than two years ago cannot have 8 quarters',
		'composite: score of balanced_scorecard: standard deviations from the middle of the customers in the same life stage',
		'match: Share of spend in the categories that parameter strategic_categories lists. Needs the category column and the list',
		'space: headroom of customer_headroom, in the value basis: what peers suggest on top within the horizon. A scenario, not an expectation',
		'space_share: space / (space + expected_value), a share; an expected_value below 0 counts as 0. NULL where there is neither',
		'space_year_before: space as of 365 days before, by the same models',
		'potential: space - space_year_before: whether the room grew. NULL for who was no customer then',
		'account_class: Class by the rules key_account in table segment_rules: strategic, growing_key, key, develop, steady, secure, other, prospect as delivered; '
			'unassigned where none holds',
		'value_basis: What the value columns count: margin, assumed margin (a rate x the amount) or revenue (the amount)',
		'currency: Currency of the money columns; NULL where not said',
		'reason: Why columns are NULL, or the class unassigned; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'key_account_matrix',
		customer_value._key_account_query(schema_name, 'coalesce($1, r.as_of)', '_at($1)'));

	PERFORM customer_value._create_view(schema_name, 'closeness_check',
		customer_value._closeness_check_query(schema_name, 'r.as_of'),
		'Do the closer customers stay longer? Closeness as of a landmark, some time (parameter closeness_check_days) before the as-of day, and '
		'what share of each fifth of the customers bought again since. Only who had bought by the landmark is in it, and closeness knows no sale '
		'after it, but for the parameters of the models. Staying goes with closeness here; that making somebody close keeps him is not shown',
		ARRAY[
		'as_of: Day on which the observation ends',
		'landmark: Day as of which closeness is measured: as_of - parameter closeness_check_days (365)',
		'tenure_year: Whole years from the first purchase to the landmark; NULL: customers of all years together',
		'tenure: The same in words',
		'quintile: Fifth of the customers of a tenure year by closeness, 5 the closest. Equal closeness shares a class, so classes differ in size',
		'customers: Customers of the class with a purchase by the landmark',
		'survivors: Those of them with a purchase after the landmark, up to as_of',
		'survival_share: survivors / customers; NULL where the class is empty',
		'survival_share_low: Lower end of the 95% interval of survival_share (Wilson)',
		'survival_share_high: Upper end of the 95% interval of survival_share (Wilson)',
		'closeness_low: Lowest score of closeness in the class',
		'closeness_high: Highest score of closeness in the class',
		'reason: Why the class is empty, or what closeness was measured without; NULL where nothing is amiss']);

	PERFORM customer_value._create_view_function(schema_name, 'closeness_check',
		customer_value._closeness_check_query(schema_name, 'coalesce($1, r.as_of)'));
END
$$;
COMMENT ON FUNCTION customer_value._create_account_views(text) IS
	'Internal: makes key_account_matrix and closeness_check in the schema of a base, and their _at functions';
