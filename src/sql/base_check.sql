-- base_check.sql - the holdout checks of fit: each candidate is fitted again to the sales up to a cut day, and
-- predicts the purchase days of each customer in the days after it. Runs as the owner of the base.

-- The holdouts: a quarter of the observed span before the as-of day (at most the horizon, at least four weeks), and
-- as much again before that.
CREATE FUNCTION customer_value._holdouts(s customer_value.base_settings,
										 OUT cut_day date, OUT end_day date, OUT problem text)
	RETURNS SETOF record
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 2
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	shortest constant integer := 28;	-- days of a holdout, and of what comes before it
	span integer := s.as_of - s.first_sale_day;
	days integer := greatest(shortest, least(span / 4, (s.as_of + s.horizon)::date - s.as_of));
BEGIN
	end_day := s.as_of;
	IF span IS NULL OR span < 2 * shortest THEN
		problem := 'too little data: '
			|| CASE WHEN span IS NULL THEN 'there are no sales yet'
					ELSE format('the sales span %s days, a check needs at least %s', span, 2 * shortest) END;
		RETURN NEXT;
		RETURN;
	END IF;
	FOR i IN 1..2 LOOP
		cut_day := end_day - days;
		IF cut_day - s.first_sale_day < shortest THEN
			problem := format('too little data: the sales span %s days before the cut day, a check needs at least %s',
							  cut_day - s.first_sale_day, shortest);
		END IF;
		RETURN NEXT;
		end_day := cut_day;
	END LOOP;
END
$$;
COMMENT ON FUNCTION customer_value._holdouts(customer_value.base_settings) IS
	'Internal: the holdouts of a base, the latest first; problem says why one cannot be checked';

-- The customers as of a cut day with what they bought after it, by the end day: collected once for all methods.
CREATE FUNCTION customer_value._holdout_add(state internal, history customer_value.purchase_history, cut_day date, end_day date)
	RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_holdout_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION customer_value._holdout_done(state internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cv_holdout_done' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE AGGREGATE customer_value._collect_holdout(history customer_value.purchase_history, cut_day date, end_day date) (
	SFUNC = customer_value._holdout_add,
	STYPE = internal,
	SSPACE = 24576,
	FINALFUNC = customer_value._holdout_done,
	PARALLEL = SAFE
);
COMMENT ON FUNCTION customer_value._holdout_add(internal, customer_value.purchase_history, date, date) IS
	'Internal: transition function of _collect_holdout';
COMMENT ON FUNCTION customer_value._holdout_done(internal) IS
	'Internal: final function of _collect_holdout';
COMMENT ON AGGREGATE customer_value._collect_holdout(customer_value.purchase_history, date, date) IS
	'Internal: the customers of a holdout, for _holdout_sums';

-- Sums over the customers of a holdout, of what a method predicts (rounded to 9 decimals) and what came. Methods are
-- numbered: 1001 and 1002 are the simple rules, others the model given. Exact, so that no order of the customers can
-- show. Of the tenth predicted highest, top_actual is bought by those who are in it with all who are predicted the
-- same; edge_customers, who share a prediction, come next, and bought edge_actual. The arrays are by repeat purchase
-- days, 0 to 7.
CREATE FUNCTION customer_value._holdout_sums(holdout bytea, days integer, method integer, model customer_value.fitted_model,
		OUT customers numeric, OUT actual numeric, OUT actual_squares numeric, OUT predicted numeric,
		OUT predicted_squares numeric, OUT products numeric, OUT absolute_error numeric, OUT top_actual numeric,
		OUT top_customers numeric, OUT edge_actual numeric, OUT edge_customers numeric,
		OUT group_customers numeric[], OUT group_actual numeric[], OUT group_predicted numeric[])
	AS 'MODULE_PATHNAME', 'cv_holdout_sums_row' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION customer_value._holdout_sums(bytea, integer, integer, customer_value.fitted_model) IS
	'Internal: how what a method predicts for a holdout compares with what came, as sums';

-- The outcome of the checks of a fit, one row a method and one a number of purchases, for model_checks and model_holdouts.
CREATE FUNCTION customer_value._check_rows(fit_number integer, families text[], cut_days date[], end_days date[],
										   holdouts bytea[], models customer_value.fitted_model[],
										   OUT checks customer_value.base_check[], OUT groups customer_value.base_holdout[])
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
WITH cuts AS (
	SELECT c.number, c.cut_day, c.end_day, c.end_day - c.cut_day AS days, c.holdout
	FROM unnest(cut_days, end_days, holdouts) WITH ORDINALITY AS c (cut_day, end_day, holdout, number)),
fitted AS (
	SELECT (m.place - 1) / cardinality(families) + 1 AS cut, (m.place - 1) % cardinality(families) + 1 AS method, m.model
	FROM unnest(models) WITH ORDINALITY AS m (model, place)
	WHERE m.model IS NOT NULL),
methods AS (
	SELECT f.cut, f.method, f.model
	FROM fitted AS f
	UNION ALL
	SELECT c.number, r.method, NULL
	FROM cuts AS c CROSS JOIN (VALUES (1001), (1002)) AS r (method)
	WHERE c.number IN (SELECT f.cut FROM fitted AS f)),
sums AS MATERIALIZED (
	SELECT m.cut, m.method, s.*
	FROM methods AS m JOIN cuts AS c ON c.number = m.cut
		CROSS JOIN LATERAL customer_value._holdout_sums(c.holdout, c.days, m.method::integer, m.model) AS s
	WHERE s.customers > 0),
tops AS (
	SELECT s.cut, s.method,
		   s.top_actual + CASE WHEN s.edge_customers > 0
							   THEN s.edge_actual * ((s.customers / 10 - s.top_customers) / s.edge_customers)
							   ELSE 0 END AS actual
	FROM sums AS s),
measures AS (
	SELECT s.cut, s.method, n.name, s.customers AS n, s.actual, s.predicted,
		   s.absolute_error / s.customers AS mean_absolute_error,
		   sqrt((s.predicted_squares - 2 * s.products + s.actual_squares) / s.customers) AS root_mean_square_error,
		   (s.predicted - s.actual) / s.customers AS bias,
		   (s.customers * s.products - s.actual * s.predicted)
			   / nullif(sqrt(s.customers * s.actual_squares - s.actual * s.actual)
						* sqrt(s.customers * s.predicted_squares - s.predicted * s.predicted), 0) AS correlation,
		   t.actual / nullif(s.actual, 0) * 10 AS top_decile_lift,
		   round(100 * (s.predicted / nullif(s.actual, 0) - 1)) AS percent_too_high
	FROM sums AS s JOIN tops AS t ON t.cut = s.cut AND t.method = s.method
		CROSS JOIN LATERAL (SELECT CASE s.method WHEN 1001 THEN 'same rate as before' WHEN 1002 THEN 'last period again'
												 ELSE 'model ' || families[s.method] END AS name) AS n),
best_rules AS (
	SELECT DISTINCT ON (m.cut) m.cut, m.name, m.root_mean_square_error
	FROM measures AS m
	WHERE m.method > 1000
	ORDER BY m.cut, m.root_mean_square_error, m.method),
verdicts AS (
	SELECT m.*,
		   m.root_mean_square_error / nullif(b.root_mean_square_error, 0) AS relative_error,
		   CASE WHEN m.method > 1000 THEN 'a simple rule to compare with; '
				ELSE 'the model''s error '
					 || CASE WHEN m.root_mean_square_error = b.root_mean_square_error THEN 'equals'
							 WHEN b.root_mean_square_error = 0 THEN 'is above'
							 ELSE 'is ' || round(100 * abs(1 - m.root_mean_square_error / b.root_mean_square_error)) || '%'
								  || CASE WHEN m.root_mean_square_error < b.root_mean_square_error THEN ' below'
										  ELSE ' above' END END
					 || ' that of the best simple rule (' || b.name || '); ' END
		   || CASE WHEN m.actual = 0 THEN 'nobody bought in the days predicted'
				   WHEN m.percent_too_high = 0 THEN 'the total is right to 1%'
				   ELSE 'the total is ' || abs(m.percent_too_high) || '%'
						|| CASE WHEN m.percent_too_high > 0 THEN ' too high' ELSE ' too low' END END AS verdict
	FROM measures AS m JOIN best_rules AS b ON b.cut = m.cut),
groups AS (
	SELECT s.cut, s.method, g.place - 1 AS x, g.customers, g.actual, round(g.predicted, 6) AS predicted
	FROM sums AS s
		CROSS JOIN LATERAL unnest(s.group_customers, s.group_actual, s.group_predicted) WITH ORDINALITY
			AS g (customers, actual, predicted, place)
	WHERE s.method <= 1000 AND g.customers > 0)
SELECT (SELECT array_agg(ROW(c.cut_day, c.end_day, v.name, v.n, v.actual, round(v.predicted, 6), round(v.mean_absolute_error, 9),
							 round(v.root_mean_square_error, 9), round(v.bias, 9), round(v.correlation, 9),
							 round(v.top_decile_lift, 9), v.verdict, fit_number, round(v.relative_error, 9))::customer_value.base_check
						 ORDER BY v.cut, v.method)
		FROM verdicts AS v JOIN cuts AS c ON c.number = v.cut),
	   (SELECT array_agg(ROW(fit_number, c.cut_day, c.end_day, families[g.method], g.x, g.customers, g.actual,
							 g.predicted)::customer_value.base_holdout
						 ORDER BY g.cut, g.method, g.x)
		FROM groups AS g JOIN cuts AS c ON c.number = g.cut)
$$;
COMMENT ON FUNCTION customer_value._check_rows(integer, text[], date[], date[], bytea[], customer_value.fitted_model[]) IS
	'Internal: outcome of the holdout checks of a base, by method and by number of purchases';

-- Checks models fitted as of the cut days, in the order of cut days and, within each, of families, on the holdouts
-- collected. Where a model is NULL, problems says why at the same place.
CREATE FUNCTION customer_value._check_models(schema_name text, fit_number integer, families text[], cut_days date[],
											 end_days date[], holdouts bytea[], models customer_value.fitted_model[],
											 problems text[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	checks customer_value.base_check[];
	groups customer_value.base_holdout[];
BEGIN
	IF num_nulls(VARIADIC models) < cardinality(models) THEN
		SELECT r.checks, r.groups INTO checks, groups
		FROM customer_value._check_rows(fit_number, families, cut_days, end_days, holdouts, models) AS r;
		EXECUTE format('INSERT INTO %I.model_checks SELECT * FROM unnest($1)', schema_name) USING checks;
		EXECUTE format('INSERT INTO %I.model_holdouts SELECT * FROM unnest($1)', schema_name) USING groups;
	END IF;
	EXECUTE format($q$
INSERT INTO %I.model_checks (cut_day, end_day, method, verdict, fit_number)
SELECT c.cut_day, c.end_day, 'model ' || f.family, p.problem, $1
FROM unnest($2, $3) WITH ORDINALITY AS c (cut_day, end_day, place)
	CROSS JOIN unnest($4) WITH ORDINALITY AS f (family, place)
	CROSS JOIN LATERAL (SELECT ($5)[(c.place - 1) * cardinality($4) + f.place] AS problem) AS p
WHERE p.problem IS NOT NULL$q$, schema_name)
	USING fit_number, cut_days, end_days, families, problems;
END
$$;
COMMENT ON FUNCTION customer_value._check_models(text, integer, text[], date[], date[], bytea[], customer_value.fitted_model[], text[]) IS
	'Internal: checks the purchase models of a base on its holdouts, against simple rules, and stores the outcome';
