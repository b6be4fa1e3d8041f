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

-- Checks models fitted as of the cut days, in the order of cut days and, within each, of families. Where one is NULL,
-- problems says why at the same place.
CREATE FUNCTION customer_value._check_models(schema_name text, fit_number integer, families text[], cut_days date[],
											 end_days date[], models customer_value.fitted_model[], problems text[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	checks customer_value.base_check[];
	groups customer_value.base_holdout[];
BEGIN
	IF num_nulls(VARIADIC models) < cardinality(models) THEN
		EXECUTE format(customer_value._check_query(), schema_name) INTO checks, groups
		USING fit_number, families, cut_days, end_days, models;
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
COMMENT ON FUNCTION customer_value._check_models(text, integer, text[], date[], date[], customer_value.fitted_model[], text[]) IS
	'Internal: checks the purchase models of a base on its holdouts, against simple rules, and stores the outcome';

-- The query behind it: an array of base_check and one of base_holdout, for a format() with the schema's name, and for
-- the number of the fit, the families, the cut days, their last days and the models. One pass over the histories
-- serves all. Customers who look alike are predicted once. Sums are taken over numerics and whole tie groups, so that
-- neither the plan nor the order of the rows can show in the result.
CREATE FUNCTION customer_value._check_query()
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN $$
WITH cuts AS (
	SELECT c.number, c.cut_day, c.end_day, c.end_day - c.cut_day AS days
	FROM unnest($3, $4) WITH ORDINALITY AS c (cut_day, end_day, number)),
fitted AS (
	SELECT (m.place - 1) / cardinality($2) + 1 AS cut, (m.place - 1) %% cardinality($2) + 1 AS method, m.model
	FROM unnest($5) WITH ORDINALITY AS m (model, place)
	WHERE m.model IS NOT NULL),
patterns AS (
	SELECT c.number AS cut, c.days, s.x, s.t_x, s.t,
		   customer_value.purchase_days(h.history, c.end_day) - customer_value.purchase_days(h.history, c.cut_day) AS actual,
		   -- NULL before the first day of a history
		   customer_value.purchase_days(h.history, c.cut_day)
			   - coalesce(customer_value.purchase_days(h.history, c.cut_day - c.days), 0) AS before,
		   count(*) AS customers
	FROM %1$I.history AS h CROSS JOIN cuts AS c
		CROSS JOIN LATERAL customer_value.purchase_summary(h.history, c.cut_day) AS s
	WHERE s.x IS NOT NULL AND c.number IN (SELECT f.cut FROM fitted AS f)
	GROUP BY 1, 2, 3, 4, 5, 6, 7),
predictions AS MATERIALIZED (
	SELECT p.cut, m.method, p.x, p.actual, round(m.predicted::numeric, 9) AS predicted, sum(p.customers) AS customers
	FROM patterns AS p
		CROSS JOIN LATERAL (
			SELECT f.method, customer_value.expected_purchases(f.model, p.x, p.t_x, p.t, p.days / 7.0)
			FROM fitted AS f
			WHERE f.cut = p.cut
			UNION ALL
			VALUES (1001, CASE WHEN p.t > 0 THEN p.x / (p.t * 7) * p.days ELSE 0 END),
				   (1002, p.before::float8)) AS m (method, predicted)
	GROUP BY 1, 2, 3, 4, 5),
-- equal predictions of a method: the highest first, above is the number of customers before them
ties AS (
	SELECT p.cut, p.method, p.predicted,
		   sum(p.customers) AS customers,
		   sum(p.customers * p.actual) AS actual,
		   sum(p.customers * p.actual * p.actual) AS actual_squares,
		   sum(p.customers * abs(p.predicted - p.actual)) AS absolute_error,
		   sum(sum(p.customers)) OVER (PARTITION BY p.cut, p.method ORDER BY p.predicted DESC) - sum(p.customers) AS above
	FROM predictions AS p
	GROUP BY 1, 2, 3),
sums AS (
	SELECT t.cut, t.method,
		   sum(t.customers) AS n,
		   sum(t.actual) AS actual,
		   sum(t.actual_squares) AS actual_squares,
		   sum(t.customers * t.predicted) AS predicted,
		   sum(t.customers * t.predicted * t.predicted) AS predicted_squares,
		   sum(t.actual * t.predicted) AS products,
		   sum(t.absolute_error) AS absolute_error
	FROM ties AS t
	GROUP BY 1, 2),
tops AS (
	SELECT t.cut, t.method,
		   sum(t.actual * least(greatest(s.n / 10 - t.above, 0) / t.customers, 1)) AS actual
	FROM ties AS t JOIN sums AS s ON s.cut = t.cut AND s.method = t.method
	GROUP BY 1, 2),
measures AS (
	SELECT s.cut, s.method, n.name, s.n, s.actual, s.predicted,
		   s.absolute_error / s.n AS mean_absolute_error,
		   sqrt((s.predicted_squares - 2 * s.products + s.actual_squares) / s.n) AS root_mean_square_error,
		   (s.predicted - s.actual) / s.n AS bias,
		   (s.n * s.products - s.actual * s.predicted)
			   / nullif(sqrt(s.n * s.actual_squares - s.actual * s.actual)
						* sqrt(s.n * s.predicted_squares - s.predicted * s.predicted), 0) AS correlation,
		   t.actual / nullif(s.actual, 0) * 10 AS top_decile_lift,
		   round(100 * (s.predicted / nullif(s.actual, 0) - 1)) AS percent_too_high
	FROM sums AS s JOIN tops AS t ON t.cut = s.cut AND t.method = s.method
		CROSS JOIN LATERAL (SELECT CASE s.method WHEN 1001 THEN 'same rate as before' WHEN 1002 THEN 'last period again'
												 ELSE 'model ' || ($2)[s.method] END AS name) AS n),
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
							 ELSE 'is ' || round(100 * abs(1 - m.root_mean_square_error / b.root_mean_square_error)) || '%%'
								  || CASE WHEN m.root_mean_square_error < b.root_mean_square_error THEN ' below'
										  ELSE ' above' END END
					 || ' that of the best simple rule (' || b.name || '); ' END
		   || CASE WHEN m.actual = 0 THEN 'nobody bought in the days predicted'
				   WHEN m.percent_too_high = 0 THEN 'the total is right to 1%%'
				   ELSE 'the total is ' || abs(m.percent_too_high) || '%%'
						|| CASE WHEN m.percent_too_high > 0 THEN ' too high' ELSE ' too low' END END AS verdict
	FROM measures AS m JOIN best_rules AS b ON b.cut = m.cut),
groups AS (
	SELECT p.cut, p.method, least(p.x, 7)::integer AS x, sum(p.customers)::bigint AS customers,
		   sum(p.customers * p.actual) AS actual, round(sum(p.customers * p.predicted), 6) AS predicted
	FROM predictions AS p
	WHERE p.method <= 1000
	GROUP BY 1, 2, 3)
SELECT (SELECT array_agg(ROW(c.cut_day, c.end_day, v.name, v.n, v.actual, round(v.predicted, 6), round(v.mean_absolute_error, 9),
							 round(v.root_mean_square_error, 9), round(v.bias, 9), round(v.correlation, 9),
							 round(v.top_decile_lift, 9), v.verdict, $1, round(v.relative_error, 9))::customer_value.base_check
						 ORDER BY v.cut, v.method)
		FROM verdicts AS v JOIN cuts AS c ON c.number = v.cut),
	   (SELECT array_agg(ROW($1, c.cut_day, c.end_day, ($2)[g.method], g.x, g.customers, g.actual,
							 g.predicted)::customer_value.base_holdout
						 ORDER BY g.cut, g.method, g.x)
		FROM groups AS g JOIN cuts AS c ON c.number = g.cut)
$$;
COMMENT ON FUNCTION customer_value._check_query() IS
	'Internal: query of the holdout checks of a base, to be given the name of its schema';
