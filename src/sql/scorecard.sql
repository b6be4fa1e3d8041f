-- scorecard.sql - criteria to dimensions, dimensions to a score, and the score split into points.

CREATE TYPE customer_value.combined_scores AS (
	score             double precision,
	dimension_scores  double precision[],
	dimension_weights double precision[],
	cosines           double precision[],
	weights           double precision[],
	points            double precision[]
);
COMMENT ON TYPE customer_value.combined_scores IS 'A score, the dimensions that it is made of, and the points that each criterion gives to it';
COMMENT ON COLUMN customer_value.combined_scores.score IS 'The score, in steps of 10^-12 (TOPSIS: 2^-40), so that what ties on paper ties here; NULL where nothing that counts is known';
COMMENT ON COLUMN customer_value.combined_scores.dimension_scores IS 'The score of each dimension; NULL where none of its criteria that weigh something is known';
COMMENT ON COLUMN customer_value.combined_scores.dimension_weights IS 'Weight of each dimension in this score: 0 where it is left out, 1 in all';
COMMENT ON COLUMN customer_value.combined_scores.cosines IS 'Of a weighted norm: root(weight) x dimension score / score, the cosine of the angle to each axis; NULL where the score is 0';
COMMENT ON COLUMN customer_value.combined_scores.weights IS 'Weight of each criterion in this score: 0 where it is left out, 1 in all';
COMMENT ON COLUMN customer_value.combined_scores.points IS 'What each criterion gives to the score: they add up to it';

CREATE FUNCTION customer_value.combine_scores(method text, criteria double precision[], weights double precision[], dimensions integer[],
		dimension_weights double precision[] DEFAULT NULL, products boolean[] DEFAULT NULL, fill double precision[] DEFAULT NULL)
	RETURNS customer_value.combined_scores
	AS 'MODULE_PATHNAME', 'cv_combine_scores' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION customer_value.combine_scores(text, double precision[], double precision[], integer[], double precision[], boolean[], double precision[]) IS
	'Combines normalised criteria, each of the dimension of that number (from 1), to a score by weighted_sum, weighted_norm (root of the sum of w d^2) or weighted_product (product of d^w), with w adding up to 1. A dimension is the weighted mean of its criteria, or where products says true their product, each to the power of its weight, which is 1 on average; not known where one of them is not. Weights: not negative, only proportions count, criteria within their dimension; dimension_weights NULL: the sums of their criteria''s weights. A criterion that is NULL counts as the element of fill; without one it is left out, and its weight goes to the others';

CREATE FUNCTION customer_value.topsis_scores(criteria double precision[], weights double precision[], worse boolean[], dimensions integer[])
	RETURNS customer_value.combined_scores
	AS 'MODULE_PATHNAME', 'cv_topsis_scores' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 60;
COMMENT ON FUNCTION customer_value.topsis_scores(double precision[], double precision[], boolean[], integer[]) IS
	'topsis(criteria, weights, worse) with its dimensions and points: a dimension''s score is the closeness on its criteria alone, a criterion''s points are the score times its share of the squared distance from the worst';

CREATE FUNCTION customer_value.criterion_weights(weights double precision[], dimensions integer[], dimension_weights double precision[] DEFAULT NULL)
	RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'cv_scorecard_criterion_weights' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION customer_value.criterion_weights(double precision[], integer[], double precision[]) IS
	'Weights of criteria in the whole, adding up to 1, from their weights within their dimensions and those of the dimensions (NULL: the sums of their criteria''s weights); NULL where all are 0';

CREATE FUNCTION customer_value.dominant_dimension(scores double precision[], names text[]) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_dominant_dimension' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.dominant_dimension(double precision[], text[]) IS
	'The name of the highest score; NULL where several share it, or none is known';

CREATE FUNCTION customer_value.finite_number(x double precision) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_finite_double' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.finite_number(double precision) IS 'The number; NULL for NaN and the infinities';

CREATE FUNCTION customer_value.finite_number(x numeric) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_finite_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.finite_number(numeric) IS
	'The number as double precision; NULL for NaN, the infinities and what double precision cannot hold';
