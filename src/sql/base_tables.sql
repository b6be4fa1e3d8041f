-- base_tables.sql - the tables of a customer base: which there are, and how they are made.

-- definition stands in the CREATE TABLE; defaults is a function without arguments that returns the rows to begin with.
CREATE FUNCTION customer_value._base_tables(OUT name text, OUT type text, OUT definition text, OUT defaults text, OUT comment text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT t.name, t.type, t.definition, t.defaults, t.comment
	FROM (VALUES
		('settings', 'base_settings', '(base WITH OPTIONS PRIMARY KEY)', NULL,
		 'The one row of settings of this customer base; change it with customer_value.alter_customer_base'),
		('models', 'base_model', '(model_id WITH OPTIONS PRIMARY KEY)', NULL,
		 'The models that customer_value.fit stored for this customer base'),
		('labels', 'base_label', '(PRIMARY KEY (kind, code))', '_default_labels',
		 'What the codes in the views of this customer base are called, in English and in Chinese: change it here with UPDATE'),
		('model_checks', 'base_check', '', NULL,
		 'The holdout checks that customer_value.fit stored for these models'),
		('model_holdouts', 'base_holdout', '', NULL,
		 'The holdouts of these checks by number of purchases'),
		('parameters', 'base_parameter', '(parameter WITH OPTIONS PRIMARY KEY, CHECK (abs(value) < ''Infinity''))', '_default_parameters',
		 'Thresholds behind the measures of this customer base: defaults of customer_value, to be changed here with UPDATE'),
		('segment_rules', 'base_segment_rule',
		 '(segmentation WITH OPTIONS NOT NULL, priority WITH OPTIONS NOT NULL, segment WITH OPTIONS NOT NULL, '
		 'CONSTRAINT segmentation_is_known CHECK (customer_value._is_segment_measure(segmentation, NULL)), '
		 'CONSTRAINT measure_is_known CHECK (measure IS NULL OR customer_value._is_segment_measure(segmentation, measure)), '
		 'CONSTRAINT limits_are_finite CHECK (abs(at_least) < ''Infinity'' AND abs(below) < ''Infinity''), '
		 'CONSTRAINT limits_leave_room CHECK (at_least < below), '
		 'CONSTRAINT limits_have_a_measure CHECK (measure IS NOT NULL OR num_nonnulls(at_least, below) = 0), '
		 'CONSTRAINT segment_has_a_name CHECK (segment <> ''''), '
		 'CONSTRAINT one_condition_a_measure UNIQUE NULLS NOT DISTINCT (segmentation, priority, measure))',
		 '_default_segment_rules',
		 'The rules that put the customers of this base into segments: defaults of customer_value, to be changed here. Rows of one '
		 'segmentation and priority are one rule; the first that holds counts'),
		('scorecards', 'base_scorecard',
		 '(scorecard WITH OPTIONS PRIMARY KEY, method WITH OPTIONS NOT NULL, missing WITH OPTIONS NOT NULL, weighting WITH OPTIONS NOT NULL, '
		 'CONSTRAINT method_is_known CHECK (method IN (''weighted_sum'', ''weighted_norm'', ''weighted_product'', ''topsis'')), '
		 'CONSTRAINT missing_is_known CHECK (missing IN (''reweight'', ''worst'', ''median'')), '
		 'CONSTRAINT weighting_is_known CHECK (weighting IN (''given'', ''equal'', ''ahp'', ''entropy'', ''critic'')))', '_default_scorecards',
		 'The scorecards of this customer base, a view each; made and changed with customer_value.create_scorecard and alter_scorecard'),
		('scorecard_criteria', 'base_criterion',
		 '(PRIMARY KEY (scorecard, criterion), position WITH OPTIONS NOT NULL, dimension WITH OPTIONS NOT NULL, '
		 'dimension_weight WITH OPTIONS NOT NULL, dimension_method WITH OPTIONS NOT NULL, better WITH OPTIONS NOT NULL, '
		 'normaliser WITH OPTIONS NOT NULL, weight WITH OPTIONS NOT NULL, '
		 'CONSTRAINT dimension_weight_is_finite CHECK (dimension_weight >= 0 AND dimension_weight < ''Infinity''), '
		 'CONSTRAINT weight_is_finite CHECK (weight >= 0 AND weight < ''Infinity''), '
		 'CONSTRAINT dimension_method_is_known CHECK (dimension_method IN (''weighted_sum'', ''product'')), '
		 'CONSTRAINT better_is_known CHECK (better IN (''more'', ''less'')), '
		 'CONSTRAINT normaliser_is_known CHECK (normaliser IN (''percentile'', ''min_max'', ''winsorised_z'', ''z_cdf'', ''logistic'', ''as_is'')))', '_default_criteria',
		 'The criteria of the scorecards of this customer base; weights may be changed here with UPDATE')
	) AS t (name, type, definition, defaults, comment);
END;
COMMENT ON FUNCTION customer_value._base_tables() IS
	'Internal: the tables of a base, the row types they are made of and the functions that fill them';

CREATE FUNCTION customer_value._create_tables(schema_name text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- @plpgsql_check_options: security_warnings = off
	tab record;
	col record;
BEGIN
	FOR tab IN SELECT * FROM customer_value._base_tables() LOOP
		EXECUTE format('CREATE TABLE %I.%I OF customer_value.%I %s', schema_name, tab.name, tab.type, tab.definition);
		EXECUTE format('COMMENT ON TABLE %I.%I IS %L', schema_name, tab.name, tab.comment);
		FOR col IN
			SELECT a.attname, col_description(a.attrelid, a.attnum) AS comment
			FROM pg_attribute a
			WHERE a.attrelid = format('customer_value.%I', tab.type)::regclass AND NOT a.attisdropped
		LOOP
			EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', schema_name, tab.name, col.attname, col.comment);
		END LOOP;
		IF tab.defaults IS NOT NULL THEN
			EXECUTE format('INSERT INTO %I.%I SELECT * FROM customer_value.%I()', schema_name, tab.name, tab.defaults);
			-- Without statistics the planner takes few rows for many.
			EXECUTE format('ANALYZE %I.%I', schema_name, tab.name);
		END IF;
	END LOOP;
	EXECUTE format('CREATE UNIQUE INDEX settings_has_one_row ON %I.settings ((base IS NOT NULL))', schema_name);
END $$;
COMMENT ON FUNCTION customer_value._create_tables(text) IS 'Internal: makes the tables of a base, and fills those that begin with defaults';

CREATE FUNCTION customer_value._require_tables(schema_name text, s customer_value.base_settings) RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missing text;
BEGIN
	SELECT string_agg(format('%I.%I', schema_name, t.name), ', ') INTO missing
	FROM customer_value._base_tables() t
	WHERE to_regclass(format('%I.%I', schema_name, t.name)) IS NULL;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('tables of customer base "%s" are gone', s.base),
			DETAIL = format('There is no %s.', missing),
			HINT = 'Restore them from a backup, or drop the customer base and create it again.';
	END IF;
END $$;
COMMENT ON FUNCTION customer_value._require_tables(text, customer_value.base_settings) IS
	'Internal: raises object_not_in_prerequisite_state if a table of a base is gone';
