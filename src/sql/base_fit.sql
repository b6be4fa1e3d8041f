-- base_fit.sql - what fit does with the histories of a base: fits the candidate models, compares them, makes one
-- current, and says what moved; and what may be done with the models afterwards. Runs as the owner of the base.

-- The families that fit compares, in the order of preference where the data do not tell them apart: BG/NBD and its
-- kin come last, for they call everybody who bought once alive for certain.
CREATE FUNCTION customer_value._candidate_families(OUT place integer, OUT family text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	VALUES (1, 'mbg/nbd'), (2, 'pareto/nbd'), (3, 'mbg/cnbd-k'), (4, 'bg/nbd'), (5, 'bg/cnbd-k');
END;
COMMENT ON FUNCTION customer_value._candidate_families() IS
	'Internal: the families of purchase models that fit compares, in the order of preference';

-- A fit in two steps: customers are collected once for all families, in one pass over the histories, and each model is
-- finished on its own, so that data that do not support it cost nothing but that model.
CREATE AGGREGATE customer_value._collect_purchases(family text, history customer_value.purchase_history, as_of date) (
	SFUNC = customer_value._fit_purchase_history,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value._collect_purchases(text, customer_value.purchase_history, date) IS
	'Internal: fit_purchase_model without its last step';
CREATE AGGREGATE customer_value._collect_spend(history customer_value.purchase_history, as_of date, options jsonb) (
	SFUNC = customer_value._fit_spend_history,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value._collect_spend(customer_value.purchase_history, date, jsonb) IS
	'Internal: fit_spend_model without its last step';

-- One model (of a family, with options; or, where family is NULL, of that which the state was collected for); or, where
-- the data do not support it, none and why.
CREATE FUNCTION customer_value._try_fit(state customer_value.fit_state, family text, options jsonb,
										OUT model customer_value.fitted_model, OUT problem text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	code text;
	message text;
	hint text;
BEGIN
	model := CASE WHEN family IS NULL THEN customer_value._fit_final(state)
				  ELSE customer_value._fit_final_as(state, family, options) END;
	IF model IS NULL THEN
		problem := 'too little data: nobody has bought yet';
	END IF;
EXCEPTION WHEN data_exception THEN
	GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	-- The condition names a whole class, of which only the class itself speaks of the data.
	IF code <> '22000' THEN
		RAISE;
	END IF;
	problem := 'too little data: ' || message || coalesce('. ' || nullif(hint, ''), '');
END
$$;
COMMENT ON FUNCTION customer_value._try_fit(customer_value.fit_state, text, jsonb) IS
	'Internal: the model of customers collected; data that do not support one give NULL and say why';

CREATE FUNCTION customer_value._aic(model customer_value.fitted_model) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 2 * (SELECT pg_catalog.count(*) FROM customer_value.model_parameters(model))
	   - 2 * (customer_value.model_summary(model)).log_likelihood;
COMMENT ON FUNCTION customer_value._aic(customer_value.fitted_model) IS
	'Internal: Akaike''s criterion, 2 x parameters - 2 x log-likelihood';

CREATE FUNCTION customer_value._two_sided_p_value(z double precision) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_two_sided_p_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value._two_sided_p_value(double precision) IS
	'Internal: probability that a standard normal variable is at least as far from 0';

-- Four significant digits, for people.
CREATE FUNCTION customer_value._short_number(value double precision) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN value = 0 THEN '0'
			ELSE pg_catalog.round(value::numeric, GREATEST(0, 3 - pg_catalog.floor(pg_catalog.log(pg_catalog.abs(value)))::integer))::text END;
COMMENT ON FUNCTION customer_value._short_number(double precision) IS 'Internal: a number with four significant digits';

CREATE FUNCTION customer_value._correlation_in_words(customers bigint, correlation double precision,
													 p_value double precision, gain double precision)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	figures text := format('correlation %s, p %s', round(correlation::numeric, 2),
						   CASE WHEN p_value < 0.001 THEN '< 0.001' ELSE '= ' || round(p_value::numeric, 3) END);
	more text := CASE WHEN gain > 0 THEN 'more' ELSE 'less' END;
BEGIN
	IF customers < 20 THEN
		RETURN format('Too little data to tell whether spend depends on the number of purchases: %s with a repeat purchase, at least 20 are needed.',
					  CASE customers WHEN 1 THEN '1 customer' ELSE customers || ' customers' END);
	ELSIF correlation IS NULL THEN
		RETURN 'Nothing to compare: all customers bought equally often, or spent the same.';
	ELSIF p_value >= 0.05 THEN
		RETURN format('Spend does not depend on the number of purchases (%s), as the spend model assumes.', figures);
	ELSIF abs(correlation) < 0.1 THEN
		RETURN format('Who buys twice as often spends %s%% %s a time (%s): too little to matter to the spend model, which assumes no dependence.',
					  round(100 * abs(gain)::numeric), more, figures);
	END IF;
	RETURN format('Who buys twice as often spends %s%% %s a time (%s); the spend model assumes no dependence, and expects too %s of customers with few purchases. ',
				  round(100 * abs(gain)::numeric), more, figures, CASE WHEN gain > 0 THEN 'much' ELSE 'little' END)
		|| CASE WHEN abs(correlation) < 0.3 THEN 'The dependence is weak: rankings hold, single values lean that way.'
				ELSE 'The dependence is strong: make a customer base of each group that buys alike (by channel, category or size).' END;
END
$$;
COMMENT ON FUNCTION customer_value._correlation_in_words(bigint, double precision, double precision, double precision) IS
	'Internal: what the correlation of spend and number of purchases means for the spend model';

-- Everything collected from one pass over the histories: the customers as of each day, for families to be fitted, and
-- but for the first day what they bought after it, by the end day at the same place; as of the first day their spend, and what tells whether it depends on the number of purchases. The gamma-gamma model
-- says that the mean of m is the same whatever x is. Its spread and its median are not, so neither ranks nor the
-- logarithm of m would do: correlated are m itself and ln x, in which few customers with very many purchases do not
-- outweigh all others; and the test takes the spread as it is (White 1980, A Heteroskedasticity-Consistent Covariance
-- Matrix Estimator): z = sum of (g - mean g)(m - mean m) over the root of
-- the sum of their squares. gain is how much more a customer with twice as many purchases spends, as a share.
CREATE FUNCTION customer_value._collect(schema_name text, family text, days date[], end_days date[], spend_options jsonb,
		OUT purchases customer_value.fit_state[], OUT spend customer_value.fit_state, OUT holdouts bytea[],
		OUT repeat_customers bigint, OUT correlation double precision, OUT z double precision, OUT gain double precision)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- @plpgsql_check_options: security_warnings = off
	-- The calls are text of this extension.
	EXECUTE format($q$
WITH customers AS MATERIALIZED (
	SELECT h.history, s.x, s.m
	FROM %1$I.history AS h LEFT JOIN LATERAL customer_value.purchase_summary(h.history, ($2)[1]) AS s ON true),
collected AS (
	SELECT ARRAY[%2$s] AS purchases, customer_value._collect_spend(c.history, ($2)[1], $3) AS spend,
		   ARRAY[%3$s]::bytea[] AS holdouts
	FROM customers AS c),
repeats AS (
	SELECT round(ln(c.x)::numeric, 12) AS g, c.m::numeric AS m
	FROM customers AS c
	WHERE c.x > 0 AND c.m > 0),
means AS (SELECT count(*) AS n, round(avg(r.g), 20) AS g, round(avg(r.m), 20) AS m FROM repeats AS r),
sums AS (
	SELECT sum((r.g - e.g) * (r.m - e.m)) AS gm, sum((r.g - e.g) ^ 2) AS gg, sum((r.m - e.m) ^ 2) AS mm,
		   sum(((r.g - e.g) * (r.m - e.m)) ^ 2) AS squares
	FROM repeats AS r CROSS JOIN means AS e
	HAVING min(r.g) < max(r.g) AND min(r.m) < max(r.m))
SELECT c.purchases, c.spend, c.holdouts, e.n, round(s.gm / (sqrt(s.gg) * sqrt(s.mm)), 9), round(s.gm / sqrt(nullif(s.squares, 0)), 9),
	   round(s.gm / s.gg * 0.693147180559945 / e.m, 9)
FROM collected AS c CROSS JOIN means AS e LEFT JOIN sums AS s ON true$q$, schema_name,
		(SELECT string_agg(format('customer_value._collect_purchases($1, c.history, ($2)[%s])', d), ', ' ORDER BY d)
		 FROM generate_series(1, cardinality(days)) AS d),
		(SELECT string_agg(format('customer_value._collect_holdout(c.history, ($2)[%s], ($4)[%s])', d, d), ', ' ORDER BY d)
		 FROM generate_series(2, cardinality(days)) AS d))
	INTO purchases, spend, holdouts, repeat_customers, correlation, z, gain USING family, days, spend_options, end_days;
END
$$;
COMMENT ON FUNCTION customer_value._collect(text, text, date[], date[], jsonb) IS
	'Internal: what the fits of a base need, from one pass over its histories';

-- What moved from one model to the next: in standard errors of the new one where it has them, the largest first.
CREATE FUNCTION customer_value._change_in_words(before customer_value.fitted_model, after customer_value.fitted_model)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.concat_ws('; ',
			CASE WHEN a.customers = b.customers THEN a.customers || ' customers as before'
				 ELSE 'customers ' || b.customers || ' -> ' || a.customers END,
			CASE WHEN a.family <> b.family THEN pg_catalog.format('the family was %s, and is %s', b.family, a.family)
				 ELSE coalesce((
						SELECT pg_catalog.string_agg(m.parameter || ' ' || m.before || ' -> ' || m.after
							|| coalesce(' (' || pg_catalog.round(m.errors::numeric, 1) || ' standard errors)', ''), ', '
							ORDER BY m.errors DESC NULLS LAST, m.place)
						FROM (SELECT n.place, n.parameter, customer_value._short_number(o.estimate) AS before,
									 customer_value._short_number(n.estimate) AS after,
									 pg_catalog.abs(n.estimate - o.estimate) / n.standard_error AS errors
							  FROM customer_value.model_parameters(after) WITH ORDINALITY
									   AS n (parameter, estimate, standard_error, low, high, place)
								  JOIN customer_value.model_parameters(before) AS o ON o.parameter = n.parameter) AS m
						WHERE m.before <> m.after), 'every parameter as before') END)
	FROM customer_value.model_summary(after) AS a CROSS JOIN customer_value.model_summary(before) AS b;
END;
COMMENT ON FUNCTION customer_value._change_in_words(customer_value.fitted_model, customer_value.fitted_model) IS
	'Internal: what moved from one model to the next';

-- Compares the purchase models of a fit and picks one, by a rule that can be said in three lines:
-- 1. The mean over the holdouts of the error relative to the best simple rule: the smallest, and all within 1% of it, stay.
-- 2. Of these the smallest AIC, and all less than 2 above it, stay.
-- 3. Of these the first in the order of the candidates is chosen.
-- Models that did not converge, or lack a holdout that others have, are out, unless all are.
CREATE FUNCTION customer_value._choose_model(schema_name text, fit_number integer, families text[], pinned text,
											 OUT model_id integer, OUT reason text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- @plpgsql_check_options: other_warnings = off
	family text;
	error numeric;
	cuts bigint;
	aic numeric;
	sound bigint;	-- models to choose from
	worse text;		-- those with a greater error
	near text;		-- those with the same
	higher text;	-- of these those with a higher AIC
	tied text;		-- and those with the same
BEGIN
	EXECUTE format($q$
WITH checked AS (
	SELECT k.method, round(avg(k.relative_error::numeric), 9) AS error, count(k.relative_error) AS cuts
	FROM %1$I.model_checks AS k
	WHERE k.fit_number = $1
	GROUP BY k.method),
candidates AS (
	SELECT m.model_id, m.family, array_position($2, m.family) AS place, k.error, coalesce(k.cuts, 0) AS cuts,
		   round(customer_value._aic(m.model)::numeric, 6) AS aic,
		   (customer_value.model_summary(m.model)).status = 'not_converged' AS not_converged
	FROM %1$I.models AS m LEFT JOIN checked AS k ON k.method = 'model ' || m.family
	WHERE m.fit_number = $1 AND m.kind = 'purchase' AND m.model IS NOT NULL),
sound AS (
	SELECT * FROM (SELECT c.*, rank() OVER (ORDER BY c.not_converged, c.cuts DESC) AS rank FROM candidates AS c) AS r
	WHERE r.rank = 1),
near AS (
	SELECT s.*, s.aic - min(s.aic) OVER () AS aic_difference
	FROM sound AS s
	WHERE s.error IS NULL OR s.error <= 1.01 * (SELECT min(b.error) FROM sound AS b)),
chosen AS (SELECT * FROM near AS n WHERE n.aic_difference < 2 ORDER BY n.place LIMIT 1)
SELECT c.model_id, c.family, c.error, c.cuts, c.aic,
	   (SELECT count(*) FROM sound) AS sound,
	   (SELECT string_agg(s.family || ' ' || round(s.error, 3), ', ' ORDER BY s.error, s.place) FROM sound AS s
		WHERE s.error > 1.01 * (SELECT min(b.error) FROM sound AS b)) AS worse,
	   (SELECT string_agg(s.family || ' ' || round(s.error, 3), ', ' ORDER BY s.error, s.place) FROM near AS s
		WHERE s.family <> c.family) AS near,
	   (SELECT string_agg(format('%%s %%s', s.family, round(s.aic, 1)), ', ' ORDER BY s.aic, s.place) FROM near AS s
		WHERE s.aic_difference >= 2) AS higher,
	   (SELECT string_agg(format('%%s %%s', s.family, round(s.aic, 1)), ', ' ORDER BY s.aic, s.place) FROM near AS s
		WHERE s.aic_difference < 2 AND s.family <> c.family) AS tied
FROM chosen AS c$q$, schema_name)
	INTO model_id, family, error, cuts, aic, sound, worse, near, higher, tied USING fit_number, families;

	IF sound = 1 THEN
		reason := format('%s is the only candidate that could be fitted and checked', family);
	ELSIF sound > 1 THEN
		reason := concat_ws('; ',
			CASE WHEN error IS NOT NULL THEN
				format('its error on %s is %s times that of the best simple rule',
					   CASE cuts WHEN 1 THEN 'one holdout' ELSE cuts || ' holdouts' END, round(error, 3))
				|| CASE WHEN near IS NULL THEN ', the smallest' ELSE format(', within 1%% of %s', near) END
				|| coalesce(', below ' || worse, '')
			ELSE 'there is no holdout to compare' END,
			CASE WHEN near IS NULL AND error IS NOT NULL THEN NULL
				 WHEN tied IS NULL THEN format('its AIC is the smallest of these, %s against %s', round(aic, 1), higher)
				 ELSE format('its AIC is %s, less than 2 from %s%s', round(aic, 1), tied,
							 CASE WHEN higher IS NULL THEN '' ELSE format(', below %s', higher) END)
					|| '; and it is the first of them in the order of preference' END);
		reason := format('%s: %s', family, reason);
	END IF;
	IF pinned IS NULL THEN
		reason := reason || '.';
	ELSE
		EXECUTE format('SELECT m.model_id FROM %I.models AS m WHERE m.fit_number = $1 AND m.kind = ''purchase'' AND m.family = $2',
					   schema_name) INTO model_id USING fit_number, pinned;
		reason := format('%s is used because purchase_family says so', pinned)
			|| CASE WHEN family = pinned THEN ', and so does the comparison (' || reason || ').'
					WHEN family IS NOT NULL THEN '; the comparison would have chosen another (' || reason || ').'
					ELSE '.' END;
	END IF;
END
$$;
COMMENT ON FUNCTION customer_value._choose_model(text, integer, text[], text) IS
	'Internal: the purchase model that a fit makes current, and why, in a sentence';

-- A refit starts from the last model of its family, beside the usual starts.
CREATE FUNCTION customer_value._start_options(schema_name text, family text) RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	start text;
BEGIN
	EXECUTE format('SELECT m.model::text FROM %I.models AS m WHERE (customer_value.model_summary(m.model)).family = $1 '
				   'ORDER BY m.model_id DESC LIMIT 1', schema_name) INTO start USING family;
	RETURN jsonb_strip_nulls(jsonb_build_object('start', start));
END
$$;
COMMENT ON FUNCTION customer_value._start_options(text, text) IS
	'Internal: options of a fit that start it from the last stored model of a family';

-- Fits the models of a base as of its as-of day, stores them, and makes one of each kind current. A model that the
-- data do not support becomes a row that says so: it is not an error.
CREATE FUNCTION customer_value._fit_models(schema_name text, s customer_value.base_settings)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	families text[];
	holdouts record;
	collected record;
	attempt record;
	chosen record;
	place integer := 0;
	fitted customer_value.base_model[];
	cut_models customer_value.fitted_model[];
	cut_problems text[];
	cut_holdouts bytea[];
	m customer_value.base_model;
BEGIN
	SELECT array_agg(c.family ORDER BY c.place) INTO families FROM customer_value._candidate_families() AS c;
	IF s.purchase_family <> ALL (families) THEN
		families := families || s.purchase_family;
	END IF;
	SELECT array_agg(h.cut_day) AS cut_days, array_agg(h.end_day) AS end_days, array_agg(h.problem) AS problems,
		   array_agg(h.cut_day) FILTER (WHERE h.problem IS NULL) AS checked,
		   array_agg(h.end_day) FILTER (WHERE h.problem IS NULL) AS checked_ends INTO holdouts
	FROM customer_value._holdouts(s) AS h;
	IF s.as_of IS NOT NULL THEN
		-- Families of regular buyers collect the times between purchases, which the others do without.
		SELECT * INTO collected
		FROM customer_value._collect(schema_name, (SELECT f.family FROM unnest(families) AS f (family)
												   ORDER BY f.family LIKE '%/cnbd-k' DESC LIMIT 1),
									 s.as_of || holdouts.checked, NULL::date || holdouts.checked_ends,
									 customer_value._start_options(schema_name, 'gamma-gamma'));
	END IF;

	EXECUTE format('SELECT coalesce(max(m.fit_number), 0) + 1, coalesce(max(m.model_id), 0) FROM %I.models AS m', schema_name)
	INTO m.fit_number, m.model_id;
	m.is_current := false;
	m.is_chosen := false;
	m.as_of := s.as_of;
	m.fitted_at := now();
	m.fitted_by := session_user;
	m.settings := to_jsonb(s) - '{as_of,first_sale_day,last_sale_day,refreshed_at,refreshed_on,value_basis,margin_share,fitted_at,fitted_family,views,schema_created,created_with}'::text[];
	FOR i IN 1..cardinality(families) + 1 LOOP
		m.model_id := m.model_id + 1;
		m.kind := CASE WHEN i <= cardinality(families) THEN 'purchase' ELSE 'spend' END;
		m.family := coalesce(families[i], 'gamma-gamma');
		IF s.as_of IS NULL THEN
			m.verdict := 'too little data: there are no sales yet';
		ELSE
			SELECT * INTO attempt
			FROM customer_value._try_fit(CASE m.kind WHEN 'purchase' THEN collected.purchases[1] ELSE collected.spend END,
										 families[i], customer_value._start_options(schema_name, families[i]));
			m.model := attempt.model;
			m.verdict := coalesce(attempt.problem, (customer_value.model_summary(m.model)).verdict);
		END IF;
		IF m.kind = 'spend' AND s.as_of IS NOT NULL THEN
			m.correlation := collected.correlation;
			m.correlation_p_value := CASE WHEN collected.repeat_customers >= 20
				THEN customer_value._two_sided_p_value(collected.z) END;
			m.correlation_verdict := customer_value._correlation_in_words(collected.repeat_customers, m.correlation,
																		  m.correlation_p_value, collected.gain);
		END IF;
		fitted := fitted || m;
	END LOOP;
	EXECUTE format('INSERT INTO %I.models SELECT * FROM unnest($1)', schema_name) USING fitted;

	FOR c IN 1..cardinality(holdouts.cut_days) LOOP
		place := place + (holdouts.problems[c] IS NULL)::integer;
		IF holdouts.problems[c] IS NULL THEN
			cut_holdouts[c] := collected.holdouts[place];
		END IF;
		FOR i IN 1..cardinality(families) LOOP
			SELECT NULL::customer_value.fitted_model AS model, holdouts.problems[c] AS problem INTO attempt;
			IF attempt.problem IS NULL THEN
				SELECT * INTO attempt FROM customer_value._try_fit(collected.purchases[place + 1], families[i], '{}');
			END IF;
			cut_models := cut_models || attempt.model;
			cut_problems := cut_problems || attempt.problem;
		END LOOP;
	END LOOP;
	PERFORM customer_value._check_models(schema_name, m.fit_number, families, holdouts.cut_days, holdouts.end_days,
										 cut_holdouts, cut_models, cut_problems);

	SELECT * INTO chosen FROM customer_value._choose_model(schema_name, m.fit_number, families, s.purchase_family);
	PERFORM customer_value._make_current(schema_name, coalesce(chosen.model_id, fitted[1].model_id));
	PERFORM customer_value._make_current(schema_name, m.model_id);
	EXECUTE format($q$
UPDATE %I.models AS m SET is_chosen = true, reason = CASE m.kind WHEN 'purchase' THEN $2 END
WHERE m.fit_number = $1 AND m.is_current$q$, schema_name) USING m.fit_number, chosen.reason;
END
$$;
COMMENT ON FUNCTION customer_value._fit_models(text, customer_value.base_settings) IS
	'Internal: fits, compares and stores the models of a base, and makes one of each kind current';

-- Makes a model current in place of that of its kind, and notes what moved.
CREATE FUNCTION customer_value._make_current(schema_name text, model_id integer) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- @plpgsql_check_options: other_warnings = off
	m customer_value.base_model;
	before customer_value.base_model;
BEGIN
	EXECUTE format('SELECT * FROM %I.models AS m WHERE m.model_id = $1', schema_name) INTO STRICT m USING model_id;
	EXECUTE format('SELECT * FROM %I.models AS m WHERE m.kind = $1 AND m.is_current', schema_name) INTO before USING m.kind;
	EXECUTE format('UPDATE %I.models AS m SET is_current = m.model_id = $2, '
				   'change = CASE WHEN m.model_id = $2 THEN coalesce($3, m.change) ELSE m.change END '
				   'WHERE m.kind = $1 AND (m.is_current OR m.model_id = $2)', schema_name)
	USING m.kind, model_id, CASE WHEN before.model_id < model_id
								 THEN customer_value._change_in_words(before.model, m.model) END;
END
$$;
COMMENT ON FUNCTION customer_value._make_current(text, integer) IS 'Internal: makes a stored model of a base current';

-- The settings row, with the family of the current purchase model.
CREATE FUNCTION customer_value._store_fitted_family(schema_name text, s customer_value.base_settings) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($q$
SELECT (customer_value.model_summary(m.model)).family
FROM %I.models AS m WHERE m.kind = 'purchase' AND m.is_current$q$, schema_name) INTO s.fitted_family;
	PERFORM customer_value._store_settings(schema_name, s);
END
$$;
COMMENT ON FUNCTION customer_value._store_fitted_family(text, customer_value.base_settings) IS
	'Internal: stores the settings of a base with the family of its current purchase model';

CREATE FUNCTION customer_value._use_model(schema_name text, model_id integer) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- @plpgsql_check_options: other_warnings = off
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	m customer_value.base_model;
	before customer_value.base_model;
	summary customer_value.model_summary;
BEGIN
	PERFORM customer_value._require_tables(schema_name, s);
	EXECUTE format('SELECT * FROM %I.models AS m WHERE m.model_id = $1', schema_name) INTO m USING model_id;
	IF m.model_id IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('customer base "%s" has no model %s', s.base, coalesce(model_id::text, 'null')),
			DETAIL = 'A model is named by its model_id.',
			HINT = format('SELECT model_id, kind, family, as_of, fitted_at FROM %I.models lists them.', schema_name);
	ELSIF m.model IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('model %s of customer base "%s" could not be fitted', model_id, s.base),
			DETAIL = format('Its verdict is: %s.', m.verdict),
			HINT = format('SELECT model_id, kind, family FROM %I.models WHERE model IS NOT NULL lists those that can be used.', schema_name);
	END IF;
	-- A row of somebody's own making may hold anything; what the views cannot predict with would break them all.
	summary := customer_value.model_summary(m.model);
	IF summary.kind IS DISTINCT FROM m.kind THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('model %s of customer base "%s" is no %s model', model_id, s.base, coalesce(m.kind, 'such')),
			DETAIL = format('Its family is %s, a %s model.', summary.family, summary.kind),
			HINT = format('Set kind to ''%s'' in %I.models.', summary.kind, schema_name);
	ELSIF cardinality(summary.covariates) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('model %s of customer base "%s" has covariates', model_id, s.base),
			DETAIL = 'The views know no covariates of the customers.',
			HINT = 'Fit a model without covariates, or predict with customer_value.with_covariates in a query of your own.';
	END IF;
	EXECUTE format('SELECT * FROM %I.models AS m WHERE m.kind = $1 AND m.is_current', schema_name) INTO before USING m.kind;
	PERFORM customer_value._make_current(schema_name, model_id);
	PERFORM customer_value._store_fitted_family(schema_name, s);
	RETURN format('The %s model of customer base "%s" is model %s, %s%s%s.', m.kind, s.base, model_id,
				  summary.family, ' as of ' || to_char(coalesce(m.as_of, summary.as_of), 'YYYY-MM-DD'),
				  CASE WHEN before.model_id = model_id THEN ', as it was'
					   WHEN before.model_id IS NOT NULL THEN format(', in place of model %s', before.model_id) ELSE '' END);
END
$$;
COMMENT ON FUNCTION customer_value._use_model(text, integer) IS 'Internal: use_model, as the owner; returns a sentence';

CREATE FUNCTION customer_value._forget_models(schema_name text, keep integer) RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s customer_value.base_settings := customer_value._load_settings(schema_name);
	forgotten integer[];
	kept integer;
	models bigint;
BEGIN
	PERFORM customer_value._require_tables(schema_name, s);
	IF keep IS NULL OR keep < 0 THEN
		PERFORM customer_value._refuse_setting('keep', keep::text, 'a number of fits, 0 or more');
	END IF;
	EXECUTE format($q$
SELECT array_agg(f.fit_number) FILTER (WHERE f.place > $1 AND NOT f.is_current),
	   count(*) FILTER (WHERE f.place <= $1 OR f.is_current)
FROM (SELECT m.fit_number, bool_or(m.is_current) AS is_current, row_number() OVER (ORDER BY m.fit_number DESC) AS place
	  FROM %I.models AS m WHERE m.fit_number IS NOT NULL GROUP BY m.fit_number) AS f$q$, schema_name)
	INTO forgotten, kept USING keep;
	EXECUTE format('DELETE FROM %I.model_checks WHERE fit_number = ANY ($1)', schema_name) USING forgotten;
	EXECUTE format('DELETE FROM %I.model_holdouts WHERE fit_number = ANY ($1)', schema_name) USING forgotten;
	EXECUTE format('DELETE FROM %I.models WHERE fit_number = ANY ($1)', schema_name) USING forgotten;
	GET DIAGNOSTICS models = ROW_COUNT;
	RETURN format('%s models of %s fits of customer base "%s" are deleted, those of %s are kept.', models,
				  coalesce(cardinality(forgotten), 0), s.base, kept);
END
$$;
COMMENT ON FUNCTION customer_value._forget_models(text, integer) IS 'Internal: forget_models, as the owner; returns a sentence';
