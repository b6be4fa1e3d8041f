-- ranking.sql - what makes criteria comparable and customers rankable: normalising, weights, TOPSIS, concentration.

-- Normalising, as window functions. What they return depends on the values of the partition alone, not on the order of
-- its rows; NULL stays NULL and does not count.

CREATE FUNCTION customer_value.midrank_percentile(x double precision, worse boolean DEFAULT false) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_midrank_percentile' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION customer_value.midrank_percentile(double precision, boolean) IS
	'Part of the partition below x, in [0, 1]: (values below + half of those equal) / all, so equal values share a rank. Where worse is true, the part above. Needs OVER (ORDER BY x), in either direction. 0.5 in a constant column';

CREATE FUNCTION customer_value.min_max(x double precision, worse boolean DEFAULT false) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_min_max' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION customer_value.min_max(double precision, boolean) IS
	'(x - min) / (max - min) over the partition, in [0, 1]; turned round where worse is true. 0.5 in a constant column';

CREATE FUNCTION customer_value.z_score(x double precision, worse boolean DEFAULT false) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_z_score' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION customer_value.z_score(double precision, boolean) IS
	'(x - mean) / standard deviation over the partition (of a population: divided by n), then cut off at -3 and 3; turned round where worse is true. 0 in a constant column';

CREATE FUNCTION customer_value.normal_score(x double precision, worse boolean DEFAULT false) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_normal_score' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 4;
COMMENT ON FUNCTION customer_value.normal_score(double precision, boolean) IS
	'Normal distribution function of the z-score that is not cut off, in [0, 1]; turned round where worse is true. 0.5 in a constant column';

CREATE FUNCTION customer_value.logistic_score(x double precision, worse boolean DEFAULT false) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_logistic_score' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 4;
COMMENT ON FUNCTION customer_value.logistic_score(double precision, boolean) IS
	'1 / (1 + exp(-z)) of the z-score that is not cut off, in [0, 1]; turned round where worse is true. 0.5 in a constant column';

-- TOPSIS.

CREATE FUNCTION customer_value.topsis(criteria double precision[], weights double precision[] DEFAULT NULL, worse boolean[] DEFAULT NULL) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_topsis' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION customer_value.topsis(double precision[], double precision[], boolean[]) IS
	'Closeness to the best values of the partition and distance from the worst, in [0, 1] in steps of 2^-40 (Hwang and Yoon 1981; criteria divided by the root of their sum of squares, so their units do not matter). weights: NULL for equal ones, only proportions count; worse: true for a criterion of which less is better; both the same in all rows. A row with a NULL criterion gives NULL and does not count. 0.5 where all rows are equal';

-- Weights.

CREATE TYPE customer_value.ahp_result AS (
	weights              double precision[],
	lambda_max           double precision,
	consistency_index    double precision,
	consistency_ratio    double precision,
	worst_triad          integer[],
	triad_inconsistency  double precision
);
COMMENT ON TYPE customer_value.ahp_result IS 'Weights from pairwise comparisons (analytic hierarchy process), and how far the comparisons contradict each other';
COMMENT ON COLUMN customer_value.ahp_result.weights IS 'Weight of each criterion: the principal eigenvector, adding up to 1';
COMMENT ON COLUMN customer_value.ahp_result.lambda_max IS 'The principal eigenvalue: the number of criteria where the comparisons agree, more where they contradict each other';
COMMENT ON COLUMN customer_value.ahp_result.consistency_index IS '(lambda_max - n) / (n - 1) for n criteria; 0 for one';
COMMENT ON COLUMN customer_value.ahp_result.consistency_ratio IS 'consistency_index over the mean index of random matrices of the size (Saaty 1980); 0 for one or two criteria. Over 0.1 the comparisons should be reconsidered';
COMMENT ON COLUMN customer_value.ahp_result.worst_triad IS 'Numbers, from 1, of the three criteria whose comparisons contradict each other most; NULL for fewer than three';
COMMENT ON COLUMN customer_value.ahp_result.triad_inconsistency IS 'How much they do, from 0 to 1: 1 - min(r, 1/r), r being what the first two comparisons say over what the third says (Koczkodaj 1993)';

CREATE FUNCTION customer_value.ahp_weights(matrix double precision[], max_ratio double precision DEFAULT 0.1) RETURNS customer_value.ahp_result
	AS 'MODULE_PATHNAME', 'cv_ahp_weights' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION customer_value.ahp_weights(double precision[], double precision) IS
	'Weights from a matrix of pairwise comparisons: row i, column j says how many times more important criterion i is than j (1 to 15 criteria). Refused where the consistency ratio exceeds max_ratio, naming the worst triad; NULL for no limit. Opposite entries are each others reciprocal within 5 percent, of which the larger one counts';

-- Their sums are without rounding: the same bytes in any order and plan. SSPACE is the state of six criteria.

CREATE FUNCTION customer_value.entropy_weights_accum(internal, double precision[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_entropy_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.entropy_weights_accum(internal, double precision[]) IS
	'transition of entropy_weights';

CREATE FUNCTION customer_value.entropy_weights_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_entropy_combine_states' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.entropy_weights_combine(internal, internal) IS
	'combines two states of entropy_weights';

CREATE FUNCTION customer_value.entropy_weights_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cv_entropy_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.entropy_weights_serialize(internal) IS
	'state of entropy_weights for another process';

CREATE FUNCTION customer_value.entropy_weights_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_entropy_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.entropy_weights_deserialize(bytea, internal) IS
	'state of entropy_weights from another process';

CREATE FUNCTION customer_value.entropy_weights_final(internal) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'cv_entropy_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.entropy_weights_final(internal) IS
	'result of entropy_weights';

CREATE AGGREGATE customer_value.entropy_weights(criteria double precision[]) (
	SFUNC = customer_value.entropy_weights_accum, STYPE = internal, SSPACE = 17500,
	FINALFUNC = customer_value.entropy_weights_final,
	COMBINEFUNC = customer_value.entropy_weights_combine,
	SERIALFUNC = customer_value.entropy_weights_serialize,
	DESERIALFUNC = customer_value.entropy_weights_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.entropy_weights(double precision[]) IS
	'Weights, adding up to 1, by how unequally each criterion is spread over the rows (Shannon''s entropy; Hwang and Yoon 1981). Criteria are not negative. A constant criterion weighs 0; all weigh the same where all are constant. Rows with a NULL criterion are left out';

CREATE FUNCTION customer_value.critic_weights_accum(internal, double precision[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_critic_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.critic_weights_accum(internal, double precision[]) IS
	'transition of critic_weights(double precision[])';

CREATE FUNCTION customer_value.critic_weights_accum(internal, double precision[], boolean[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_critic_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.critic_weights_accum(internal, double precision[], boolean[]) IS
	'transition of critic_weights(double precision[], boolean[])';

CREATE FUNCTION customer_value.critic_weights_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_critic_combine_states' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.critic_weights_combine(internal, internal) IS
	'combines two states of critic_weights';

CREATE FUNCTION customer_value.critic_weights_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cv_critic_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.critic_weights_serialize(internal) IS
	'state of critic_weights for another process';

CREATE FUNCTION customer_value.critic_weights_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_critic_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.critic_weights_deserialize(bytea, internal) IS
	'state of critic_weights from another process';

CREATE FUNCTION customer_value.critic_weights_final(internal) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'cv_critic_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.critic_weights_final(internal) IS
	'result of critic_weights';

CREATE AGGREGATE customer_value.critic_weights(criteria double precision[]) (
	SFUNC = customer_value.critic_weights_accum, STYPE = internal, SSPACE = 28000,
	FINALFUNC = customer_value.critic_weights_final,
	COMBINEFUNC = customer_value.critic_weights_combine,
	SERIALFUNC = customer_value.critic_weights_serialize,
	DESERIALFUNC = customer_value.critic_weights_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.critic_weights(double precision[]) IS
	'Weights, adding up to 1, by the standard deviation of each min-max normalised criterion and how little it agrees with the others (CRITIC; Diakoulaki, Mavrotas and Papayannakis 1995). More is better of all of them. A constant criterion weighs 0; where nothing tells criteria apart those that vary weigh the same. Rows with a NULL criterion are left out';

CREATE AGGREGATE customer_value.critic_weights(criteria double precision[], worse boolean[]) (
	SFUNC = customer_value.critic_weights_accum, STYPE = internal, SSPACE = 28000,
	FINALFUNC = customer_value.critic_weights_final,
	COMBINEFUNC = customer_value.critic_weights_combine,
	SERIALFUNC = customer_value.critic_weights_serialize,
	DESERIALFUNC = customer_value.critic_weights_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.critic_weights(double precision[], boolean[]) IS
	'Weights, adding up to 1, by the standard deviation of each min-max normalised criterion and how little it agrees with the others (CRITIC; Diakoulaki, Mavrotas and Papayannakis 1995). worse: true for a criterion of which less is better, the same in all rows. A constant criterion weighs 0; where nothing tells criteria apart those that vary weigh the same. Rows with a NULL criterion are left out';

-- Concentration. These read the values in order: in memory up to work_mem, then on disk; they do not go parallel themselves.

CREATE TYPE customer_value.lorenz_point AS (
	customers double precision,
	value     double precision
);
COMMENT ON TYPE customer_value.lorenz_point IS 'A point of a Lorenz curve';
COMMENT ON COLUMN customer_value.lorenz_point.customers IS 'Part of the customers, those with the least first, from 0 to 1';
COMMENT ON COLUMN customer_value.lorenz_point.value IS 'Share of the total that they hold; below 0 as long as losses prevail';

CREATE FUNCTION customer_value.gini_accum(internal, double precision) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_gini_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.gini_accum(internal, double precision) IS
	'transition of gini and lorenz';

CREATE FUNCTION customer_value.gini_final(internal) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_gini_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.gini_final(internal) IS
	'result of gini';

CREATE FUNCTION customer_value.concentration_accum(internal, double precision, double precision) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_concentration_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.concentration_accum(internal, double precision, double precision) IS
	'transition of concentration';

CREATE FUNCTION customer_value.concentration_final(internal) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_concentration_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.concentration_final(internal) IS
	'result of concentration';

CREATE FUNCTION customer_value.lorenz_accum(internal, double precision, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_lorenz_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.lorenz_accum(internal, double precision, integer) IS
	'transition of lorenz(double precision, integer)';

CREATE FUNCTION customer_value.lorenz_final(internal) RETURNS customer_value.lorenz_point[]
	AS 'MODULE_PATHNAME', 'cv_lorenz_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.lorenz_final(internal) IS
	'result of lorenz';

CREATE AGGREGATE customer_value.gini(x double precision) (
	SFUNC = customer_value.gini_accum, STYPE = internal, SSPACE = 1024,
	FINALFUNC = customer_value.gini_final, FINALFUNC_MODIFY = SHAREABLE,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.gini(double precision) IS
	'Gini coefficient, 0 where all are equal and towards 1 where one has everything. With values below zero the mean of the absolute values takes the place of the mean, so that it stays below 1 (Raffinetti, Siletti and Vernizzi 2015). NULLs do not count; NULL without values or where all are 0';

CREATE AGGREGATE customer_value.concentration(x double precision, part double precision) (
	SFUNC = customer_value.concentration_accum, STYPE = internal, SSPACE = 1024,
	FINALFUNC = customer_value.concentration_final, FINALFUNC_MODIFY = SHAREABLE,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.concentration(double precision, double precision) IS
	'Share of the total that the top part (0 to 1) of the rows holds; a row across the border counts in part, so ties at it share evenly. Above 1 where the others lose. NULLs do not count; NULL unless the total is above 0';

CREATE AGGREGATE customer_value.lorenz(x double precision) (
	SFUNC = customer_value.gini_accum, STYPE = internal, SSPACE = 1024,
	FINALFUNC = customer_value.lorenz_final, FINALFUNC_MODIFY = SHAREABLE,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.lorenz(double precision) IS
	'The Lorenz curve at 0, 0.01, ..., 1: what share of the total the rows with the least hold. NULLs do not count; NULL unless the total is above 0';

CREATE AGGREGATE customer_value.lorenz(x double precision, steps integer) (
	SFUNC = customer_value.lorenz_accum, STYPE = internal, SSPACE = 1024,
	FINALFUNC = customer_value.lorenz_final, FINALFUNC_MODIFY = SHAREABLE,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.lorenz(double precision, integer) IS
	'The Lorenz curve at 0, 1/steps, ..., 1 (1 to 10000 steps): what share of the total the rows with the least hold. NULLs do not count; NULL unless the total is above 0';
