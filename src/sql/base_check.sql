-- base_check.sql - what fit does with the histories of a base: fits the models, and checks them
-- against a holdout period. Both run as the owner of the base.

-- Fits the models of a base as of its as-of day. A model that the data do not support becomes a
-- row that says so: it is not an error.
CREATE FUNCTION customer_value._fit_models(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	family text;
	as_of date;
	purchase_model customer_value.fitted_model;
	spend_model customer_value.fitted_model;
	purchase_verdict text;
	spend_verdict text;
	fit_purchases constant text := 'customer_value.fit_purchase_model($1, h.history, $2)';
	fit_spend constant text := 'customer_value.fit_spend_model(h.history, $2)';
BEGIN
	EXECUTE format('SELECT s.purchase_family, s.as_of FROM %I.settings AS s', schema_name) INTO STRICT family, as_of;

	IF as_of IS NULL THEN
		purchase_verdict := 'too little data: there are no sales yet';
		spend_verdict := purchase_verdict;
	ELSE
		BEGIN
			-- the usual case: both models from one pass over the sales
			EXECUTE format('SELECT %s, %s FROM %I.history AS h', fit_purchases, fit_spend, schema_name)
			INTO purchase_model, spend_model USING family, as_of;
		EXCEPTION WHEN data_exception THEN
			SELECT m.model, m.verdict INTO purchase_model, purchase_verdict
			FROM customer_value._try_fit(schema_name, fit_purchases, family, as_of) AS m;
			SELECT m.model, m.verdict INTO spend_model, spend_verdict
			FROM customer_value._try_fit(schema_name, fit_spend, family, as_of) AS m;
		END;
	END IF;

	EXECUTE format('UPDATE %I.models SET is_current = false WHERE is_current', schema_name);
	EXECUTE format($q$
INSERT INTO %1$I.models (model_id, kind, model, is_current, as_of, fitted_at, fitted_by, verdict)
SELECT last.model_id + n.number, n.kind, n.model, true, $1, now(), session_user,
	   coalesce(n.verdict, (customer_value.model_summary(n.model)).verdict, 'too little data: nobody has bought yet')
FROM (SELECT coalesce(max(m.model_id), 0) AS model_id FROM %1$I.models AS m) AS last
	CROSS JOIN (VALUES (1, 'purchase', $2, $3), (2, 'spend', $4, $5)) AS n (number, kind, model, verdict)
$q$, schema_name)
	USING as_of, purchase_model, purchase_verdict, spend_model, spend_verdict;
END
$$;
COMMENT ON FUNCTION customer_value._fit_models(text) IS
	'Internal: fits the purchase and the spend model of a base and stores them as current, or the reason why one could not be fitted';

-- One model; or, where the data do not support it, none and why.
CREATE FUNCTION customer_value._try_fit(schema_name text, fit text, family text, as_of date,
										OUT model customer_value.fitted_model, OUT verdict text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	state text;
	message text;
	hint text;
BEGIN
	-- @plpgsql_check_options: security_warnings = off
	-- The call is text of this extension.
	EXECUTE format('SELECT %s FROM %I.history AS h', fit, schema_name) INTO model USING family, as_of;
EXCEPTION WHEN data_exception THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	-- The condition names a whole class, of which only the class itself speaks of the data.
	IF state <> '22000' THEN
		RAISE;
	END IF;
	verdict := 'too little data: ' || message || coalesce('. ' || nullif(hint, ''), '');
END
$$;
COMMENT ON FUNCTION customer_value._try_fit(text, text, text, date) IS
	'Internal: evaluates a fitting aggregate over the histories of a base; data that do not support a model give NULL and a verdict';

-- Checks the purchase model of a base on a holdout period: it is fitted again to the sales up to a
-- cut day, and predicts the purchase days of each customer from there to the as-of day.
CREATE FUNCTION customer_value._check_models(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	shortest constant integer := 28;	-- days of a holdout period, and of what comes before it
	family text;
	as_of date;
	span integer;
	holdout integer;
	cut date;
	checks customer_value.base_check[];
	failure text;
	state text;
	message text;
	hint text;
BEGIN
	EXECUTE format('SELECT s.purchase_family, s.as_of, s.as_of - s.first_sale_day, (s.as_of + s.horizon)::date - s.as_of '
				   'FROM %I.settings AS s', schema_name)
	INTO STRICT family, as_of, span, holdout;
	holdout := greatest(shortest, least(span / 4, holdout));

	IF span IS NULL THEN
		failure := 'too little data: there are no sales yet';
	ELSIF span < 2 * shortest THEN
		failure := format('too little data: the sales span %s days, a check needs at least %s', span, 2 * shortest);
	ELSE
		cut := as_of - holdout;
		BEGIN
			EXECUTE format(customer_value._check_query(), schema_name) INTO checks USING cut, as_of, holdout, family;
			IF checks IS NULL THEN
				failure := 'too little data: nobody had bought by the cut day';
			END IF;
		EXCEPTION WHEN data_exception THEN
			GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
			IF state <> '22000' THEN
				RAISE;
			END IF;
			failure := 'too little data: ' || message || coalesce('. ' || nullif(hint, ''), '');
		END;
	END IF;
	IF failure IS NOT NULL THEN
		checks := ARRAY[ROW(cut, as_of, 'model ' || family, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
							failure)::customer_value.base_check];
	END IF;

	EXECUTE format('DELETE FROM %I.model_checks', schema_name);
	EXECUTE format('INSERT INTO %I.model_checks SELECT * FROM unnest($1)', schema_name) USING checks;
END
$$;
COMMENT ON FUNCTION customer_value._check_models(text) IS
	'Internal: checks the purchase model of a base on a holdout period, against simple rules, and stores the outcome in model_checks';

-- The query behind it: an array of base_check, for a format() with the schema's name, and for the
-- cut day, the last day, the days between them and the family. One pass over the histories fits
-- and compares. Sums are taken over numerics and whole tie groups, so that neither the plan nor
-- the order of the rows can show in the result.
CREATE FUNCTION customer_value._check_query()
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN $$
WITH histories AS MATERIALIZED (SELECT h.history FROM %1$I.history AS h),
fitted AS MATERIALIZED (SELECT customer_value.fit_purchase_model($4, h.history, $1) AS model FROM histories AS h),
customers AS (
	SELECT customer_value.purchase_days(h.history, $2) - customer_value.purchase_days(h.history, $1) AS actual,
		   customer_value.expected_purchases(f.model, h.history, $1, make_interval(days => $3)) AS model,
		   s.x, s.t * 7 AS tenure_days,
		   -- NULL before the first day of a history
		   customer_value.purchase_days(h.history, $1)
			   - coalesce(customer_value.purchase_days(h.history, $1 - $3), 0) AS before
	FROM histories AS h CROSS JOIN fitted AS f
		CROSS JOIN LATERAL customer_value.purchase_summary(h.history, $1) AS s
	WHERE s.x IS NOT NULL),
-- equal predictions of a method with equal outcomes
pairs AS (
	SELECT p.number, p.method, round(p.predicted::numeric, 9) AS predicted, c.actual, count(*) AS customers
	FROM customers AS c
		CROSS JOIN LATERAL (VALUES
			(1, 'model ' || $4, c.model),
			(2, 'same rate as before', CASE WHEN c.tenure_days > 0 THEN c.x / c.tenure_days * $3 ELSE 0 END),
			(3, 'last period again', c.before::float8)) AS p (number, method, predicted)
	GROUP BY 1, 2, 3, 4),
-- equal predictions of a method: the highest first, above is the number of customers before them
ties AS (
	SELECT p.number, p.method, p.predicted,
		   sum(p.customers) AS customers,
		   sum(p.customers * p.actual) AS actual,
		   sum(p.customers * p.actual * p.actual) AS actual_squares,
		   sum(p.customers * abs(p.predicted - p.actual)) AS absolute_error,
		   sum(sum(p.customers)) OVER (PARTITION BY p.number ORDER BY p.predicted DESC) - sum(p.customers) AS above
	FROM pairs AS p
	GROUP BY 1, 2, 3),
sums AS (
	SELECT t.number, t.method,
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
	SELECT t.number,
		   sum(t.actual * least(greatest(s.n / 10 - t.above, 0) / t.customers, 1)) AS actual
	FROM ties AS t JOIN sums AS s ON s.number = t.number
	GROUP BY t.number),
measures AS (
	SELECT s.number, s.method, s.n, s.actual, s.predicted,
		   s.absolute_error / s.n AS mean_absolute_error,
		   sqrt((s.predicted_squares - 2 * s.products + s.actual_squares) / s.n) AS root_mean_square_error,
		   (s.predicted - s.actual) / s.n AS bias,
		   (s.n * s.products - s.actual * s.predicted)
			   / nullif(sqrt(s.n * s.actual_squares - s.actual * s.actual)
						* sqrt(s.n * s.predicted_squares - s.predicted * s.predicted), 0) AS correlation,
		   t.actual / nullif(s.actual, 0) * 10 AS top_decile_lift,
		   round(100 * (s.predicted / nullif(s.actual, 0) - 1)) AS percent_too_high
	FROM sums AS s JOIN tops AS t ON t.number = s.number),
best_rule AS (
	SELECT m.method, m.root_mean_square_error
	FROM measures AS m
	WHERE m.number > 1
	ORDER BY m.root_mean_square_error, m.number
	LIMIT 1),
verdicts AS (
	SELECT m.number,
		   CASE WHEN m.number > 1 THEN 'a simple rule to compare with; '
				ELSE 'the model''s error '
					 || CASE WHEN m.root_mean_square_error = b.root_mean_square_error THEN 'equals'
							 WHEN b.root_mean_square_error = 0 THEN 'is above'
							 ELSE 'is ' || round(100 * abs(1 - m.root_mean_square_error / b.root_mean_square_error)) || '%%'
								  || CASE WHEN m.root_mean_square_error < b.root_mean_square_error THEN ' below'
										  ELSE ' above' END END
					 || ' that of the best simple rule (' || b.method || '); ' END
		   || CASE WHEN m.actual = 0 THEN 'nobody bought in the days predicted'
				   WHEN m.percent_too_high = 0 THEN 'the total is right to 1%%'
				   ELSE 'the total is ' || abs(m.percent_too_high) || '%%'
						|| CASE WHEN m.percent_too_high > 0 THEN ' too high' ELSE ' too low' END END AS verdict
	FROM measures AS m CROSS JOIN best_rule AS b)
SELECT array_agg(ROW($1, $2, m.method, m.n, m.actual, round(m.predicted, 6), round(m.mean_absolute_error, 9),
					 round(m.root_mean_square_error, 9), round(m.bias, 9), round(m.correlation, 9),
					 round(m.top_decile_lift, 9), v.verdict)::customer_value.base_check ORDER BY m.number)
FROM measures AS m JOIN verdicts AS v ON v.number = m.number
$$;
COMMENT ON FUNCTION customer_value._check_query() IS
	'Internal: query of the holdout check of a base, to be given the name of its schema';
