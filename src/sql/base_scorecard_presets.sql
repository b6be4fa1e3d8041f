-- base_scorecard_presets.sql - the scorecards that every customer base begins with.

CREATE FUNCTION customer_value._default_scorecards() RETURNS SETOF customer_value.base_scorecard
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT s.scorecard, s.method, s.missing, s.weighting, NULL::text, s.show, NULL::double precision[], true, s.description
	FROM (VALUES
		('customer_standing', 'weighted_sum', 'reweight', 'given', NULL::text[],
		 'What a customer is worth now, how far it can grow and how well it will stay')
	) AS s (scorecard, method, missing, weighting, show, description);
END;
COMMENT ON FUNCTION customer_value._default_scorecards() IS 'Internal: the scorecards that a new base begins with';

CREATE FUNCTION customer_value._default_criteria() RETURNS SETOF customer_value.base_criterion
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.scorecard, c.position, c.dimension, c.dimension_weight, 'weighted_sum', c.criterion, c.relation, NULL::text,
		   c.column_name, c.better, c.normaliser, 1::double precision, c.description
	FROM (VALUES
		('customer_standing', 1, 'contribution', .5::double precision, 'realised_value_last_year', NULL::text, 'realised_value_last_year',
		 'more', 'percentile', 'Value of the last year'),
		('customer_standing', 2, 'development', .25, 'headroom', 'customer_headroom', 'headroom',
		 'more', 'percentile', 'What peers buy on top'),
		('customer_standing', 3, 'retention', .25, 'probability_active_end', NULL, 'probability_active_end',
		 'more', 'percentile', 'Probability to be a customer at the end of the horizon')
	) AS c (scorecard, position, dimension, dimension_weight, criterion, relation, column_name, better, normaliser, description);
END;
COMMENT ON FUNCTION customer_value._default_criteria() IS 'Internal: the criteria of the scorecards that a new base begins with';
