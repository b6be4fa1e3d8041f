-- vector.sql - the type value_vector: one customer's value as a point whose axes may be unknown.

CREATE TYPE customer_value.value_vector;

CREATE FUNCTION customer_value.value_vector_in(cstring) RETURNS customer_value.value_vector
	AS 'MODULE_PATHNAME', 'cv_value_vector_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_in(cstring) IS 'I/O of value_vector';

CREATE FUNCTION customer_value.value_vector_out(customer_value.value_vector) RETURNS cstring
	AS 'MODULE_PATHNAME', 'cv_value_vector_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_out(customer_value.value_vector) IS 'I/O of value_vector';

CREATE FUNCTION customer_value.value_vector_recv(internal) RETURNS customer_value.value_vector
	AS 'MODULE_PATHNAME', 'cv_value_vector_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_recv(internal) IS 'I/O of value_vector';

CREATE FUNCTION customer_value.value_vector_send(customer_value.value_vector) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cv_value_vector_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_send(customer_value.value_vector) IS 'I/O of value_vector';

CREATE TYPE customer_value.value_vector (
	INPUT = customer_value.value_vector_in,
	OUTPUT = customer_value.value_vector_out,
	RECEIVE = customer_value.value_vector_recv,
	SEND = customer_value.value_vector_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = external
);
COMMENT ON TYPE customer_value.value_vector IS
	'A point with 1 to 64 axes, each a finite number or unknown: one customer''s value in several dimensions';

-- Making and reading.

CREATE FUNCTION customer_value.value_vector(VARIADIC axes double precision[]) RETURNS customer_value.value_vector
	AS 'MODULE_PATHNAME', 'cv_value_vector_make' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector(double precision[]) IS
	'The vector with these axes, NULL where one is not known; NaN and infinity are refused';

CREATE FUNCTION customer_value.value_vector_to_array(vector customer_value.value_vector) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'cv_value_vector_to_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_to_array(customer_value.value_vector) IS 'The axes of the vector, NULL where unknown';

CREATE CAST (double precision[] AS customer_value.value_vector) WITH FUNCTION customer_value.value_vector(double precision[]) AS ASSIGNMENT;
COMMENT ON CAST (double precision[] AS customer_value.value_vector) IS 'the vector with these axes, NULL where one is not known';
CREATE CAST (customer_value.value_vector AS double precision[]) WITH FUNCTION customer_value.value_vector_to_array(customer_value.value_vector) AS ASSIGNMENT;
COMMENT ON CAST (customer_value.value_vector AS double precision[]) IS 'the axes, NULL where unknown';

CREATE FUNCTION customer_value.axis(vector customer_value.value_vector, number integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_value_vector_axis' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.axis(customer_value.value_vector, integer) IS 'One axis, counted from 1; NULL where it is not known';

CREATE FUNCTION customer_value.axes(vector customer_value.value_vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_value_vector_axes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.axes(customer_value.value_vector) IS 'Number of axes, known or not';

CREATE FUNCTION customer_value.axes_known(vector customer_value.value_vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_value_vector_axes_known' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.axes_known(customer_value.value_vector) IS 'Number of axes that are known';

-- Lengths and directions.

CREATE FUNCTION customer_value.magnitude(vector customer_value.value_vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_value_vector_magnitude' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION customer_value.magnitude(customer_value.value_vector) IS
	'Square root of the mean of squares over the known axes, so that a vector with fewer known axes is not shorter for that; NULL where none is known. No amount of money';

CREATE FUNCTION customer_value.euclidean_norm(vector customer_value.value_vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_value_vector_norm' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION customer_value.euclidean_norm(customer_value.value_vector) IS
	'Square root of the sum of squares over the known axes; NULL where none is known';

CREATE FUNCTION customer_value.direction_cosines(vector customer_value.value_vector) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'cv_value_vector_direction' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION customer_value.direction_cosines(customer_value.value_vector) IS
	'Cosine of the angle to each known axis, NULL for the others: squares add up to 1; NULL where the vector is zero or nothing is known';

CREATE FUNCTION customer_value.angle(a customer_value.value_vector, b customer_value.value_vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_value_vector_angle' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4;
COMMENT ON FUNCTION customer_value.angle(customer_value.value_vector, customer_value.value_vector) IS
	'Angle between the two in radians, 0 to pi, over the axes that both know; NULL where there are none or one of the two is zero on them';

CREATE FUNCTION customer_value.distance(a customer_value.value_vector, b customer_value.value_vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_value_vector_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION customer_value.distance(customer_value.value_vector, customer_value.value_vector) IS
	'Square root of the mean of squared differences over the axes that both know: the magnitude of a - b; NULL where there are none';

CREATE FUNCTION customer_value.dominant_axis(vector customer_value.value_vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_value_vector_dominant' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.dominant_axis(customer_value.value_vector) IS
	'Number of the known axis with the largest absolute value, from 1; NULL where none is known or two share it';

-- Arithmetic: an axis of a sum is known where both know it.

CREATE FUNCTION customer_value.value_vector_add(customer_value.value_vector, customer_value.value_vector) RETURNS customer_value.value_vector
	AS 'MODULE_PATHNAME', 'cv_value_vector_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_add(customer_value.value_vector, customer_value.value_vector) IS 'implementation of the operator +';

CREATE FUNCTION customer_value.value_vector_subtract(customer_value.value_vector, customer_value.value_vector) RETURNS customer_value.value_vector
	AS 'MODULE_PATHNAME', 'cv_value_vector_subtract' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_subtract(customer_value.value_vector, customer_value.value_vector) IS 'implementation of the operator -';

CREATE FUNCTION customer_value.value_vector_times(customer_value.value_vector, double precision) RETURNS customer_value.value_vector
	AS 'MODULE_PATHNAME', 'cv_value_vector_times' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_times(customer_value.value_vector, double precision) IS 'implementation of the operator *';

CREATE FUNCTION customer_value.times_value_vector(double precision, customer_value.value_vector) RETURNS customer_value.value_vector
	AS 'MODULE_PATHNAME', 'cv_times_value_vector' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.times_value_vector(double precision, customer_value.value_vector) IS 'implementation of the operator *';

CREATE OPERATOR customer_value.+ (
	LEFTARG = customer_value.value_vector, RIGHTARG = customer_value.value_vector, FUNCTION = customer_value.value_vector_add,
	COMMUTATOR = OPERATOR(customer_value.+)
);
COMMENT ON OPERATOR customer_value.+ (customer_value.value_vector, customer_value.value_vector) IS 'sum, axis by axis; unknown where one of the two is';

CREATE OPERATOR customer_value.- (
	LEFTARG = customer_value.value_vector, RIGHTARG = customer_value.value_vector, FUNCTION = customer_value.value_vector_subtract
);
COMMENT ON OPERATOR customer_value.- (customer_value.value_vector, customer_value.value_vector) IS 'difference, axis by axis; unknown where one of the two is';

CREATE OPERATOR customer_value.* (
	LEFTARG = customer_value.value_vector, RIGHTARG = double precision, FUNCTION = customer_value.value_vector_times,
	COMMUTATOR = OPERATOR(customer_value.*)
);
COMMENT ON OPERATOR customer_value.* (customer_value.value_vector, double precision) IS 'every axis times a factor';

CREATE OPERATOR customer_value.* (
	LEFTARG = double precision, RIGHTARG = customer_value.value_vector, FUNCTION = customer_value.times_value_vector,
	COMMUTATOR = OPERATOR(customer_value.*)
);
COMMENT ON OPERATOR customer_value.* (double precision, customer_value.value_vector) IS 'every axis times a factor';

-- Comparison: axis by axis from the first, an unknown one after every known one, then the vector with fewer axes first.

CREATE FUNCTION customer_value.value_vector_eq(customer_value.value_vector, customer_value.value_vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_value_vector_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_eq(customer_value.value_vector, customer_value.value_vector) IS 'implementation of the operator =';

CREATE FUNCTION customer_value.value_vector_ne(customer_value.value_vector, customer_value.value_vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_value_vector_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_ne(customer_value.value_vector, customer_value.value_vector) IS 'implementation of the operator <>';

CREATE FUNCTION customer_value.value_vector_lt(customer_value.value_vector, customer_value.value_vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_value_vector_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_lt(customer_value.value_vector, customer_value.value_vector) IS 'implementation of the operator <';

CREATE FUNCTION customer_value.value_vector_le(customer_value.value_vector, customer_value.value_vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_value_vector_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_le(customer_value.value_vector, customer_value.value_vector) IS 'implementation of the operator <=';

CREATE FUNCTION customer_value.value_vector_gt(customer_value.value_vector, customer_value.value_vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_value_vector_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_gt(customer_value.value_vector, customer_value.value_vector) IS 'implementation of the operator >';

CREATE FUNCTION customer_value.value_vector_ge(customer_value.value_vector, customer_value.value_vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_value_vector_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_ge(customer_value.value_vector, customer_value.value_vector) IS 'implementation of the operator >=';

CREATE FUNCTION customer_value.value_vector_cmp(customer_value.value_vector, customer_value.value_vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_value_vector_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_cmp(customer_value.value_vector, customer_value.value_vector) IS 'btree comparison of value vectors';

CREATE FUNCTION customer_value.value_vector_hash(customer_value.value_vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_value_vector_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_hash(customer_value.value_vector) IS 'hash of a value vector';

CREATE FUNCTION customer_value.value_vector_hash_extended(customer_value.value_vector, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'cv_value_vector_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_hash_extended(customer_value.value_vector, bigint) IS 'seeded 64-bit hash of a value vector';

CREATE OPERATOR customer_value.= (
	LEFTARG = customer_value.value_vector, RIGHTARG = customer_value.value_vector, FUNCTION = customer_value.value_vector_eq,
	COMMUTATOR = OPERATOR(customer_value.=), NEGATOR = OPERATOR(customer_value.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR customer_value.= (customer_value.value_vector, customer_value.value_vector) IS 'equal: the same axes, known and unknown';

CREATE OPERATOR customer_value.<> (
	LEFTARG = customer_value.value_vector, RIGHTARG = customer_value.value_vector, FUNCTION = customer_value.value_vector_ne,
	COMMUTATOR = OPERATOR(customer_value.<>), NEGATOR = OPERATOR(customer_value.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR customer_value.<> (customer_value.value_vector, customer_value.value_vector) IS 'not equal';

CREATE OPERATOR customer_value.< (
	LEFTARG = customer_value.value_vector, RIGHTARG = customer_value.value_vector, FUNCTION = customer_value.value_vector_lt,
	COMMUTATOR = OPERATOR(customer_value.>), NEGATOR = OPERATOR(customer_value.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR customer_value.< (customer_value.value_vector, customer_value.value_vector) IS 'less than: axis by axis from the first, unknown last';

CREATE OPERATOR customer_value.<= (
	LEFTARG = customer_value.value_vector, RIGHTARG = customer_value.value_vector, FUNCTION = customer_value.value_vector_le,
	COMMUTATOR = OPERATOR(customer_value.>=), NEGATOR = OPERATOR(customer_value.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR customer_value.<= (customer_value.value_vector, customer_value.value_vector) IS 'less than or equal: axis by axis from the first, unknown last';

CREATE OPERATOR customer_value.> (
	LEFTARG = customer_value.value_vector, RIGHTARG = customer_value.value_vector, FUNCTION = customer_value.value_vector_gt,
	COMMUTATOR = OPERATOR(customer_value.<), NEGATOR = OPERATOR(customer_value.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR customer_value.> (customer_value.value_vector, customer_value.value_vector) IS 'greater than: axis by axis from the first, unknown last';

CREATE OPERATOR customer_value.>= (
	LEFTARG = customer_value.value_vector, RIGHTARG = customer_value.value_vector, FUNCTION = customer_value.value_vector_ge,
	COMMUTATOR = OPERATOR(customer_value.<=), NEGATOR = OPERATOR(customer_value.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR customer_value.>= (customer_value.value_vector, customer_value.value_vector) IS 'greater than or equal: axis by axis from the first, unknown last';

CREATE OPERATOR CLASS customer_value.value_vector_ops DEFAULT FOR TYPE customer_value.value_vector USING btree AS
	OPERATOR 1 customer_value.<, OPERATOR 2 customer_value.<=, OPERATOR 3 customer_value.=,
	OPERATOR 4 customer_value.>=, OPERATOR 5 customer_value.>,
	FUNCTION 1 customer_value.value_vector_cmp(customer_value.value_vector, customer_value.value_vector);
COMMENT ON OPERATOR CLASS customer_value.value_vector_ops USING btree IS 'value vectors axis by axis from the first, unknown last';

CREATE OPERATOR CLASS customer_value.value_vector_ops DEFAULT FOR TYPE customer_value.value_vector USING hash AS
	OPERATOR 1 customer_value.=,
	FUNCTION 1 customer_value.value_vector_hash(customer_value.value_vector),
	FUNCTION 2 customer_value.value_vector_hash_extended(customer_value.value_vector, bigint);
COMMENT ON OPERATOR CLASS customer_value.value_vector_ops USING hash IS 'hashing of value vectors';

-- Aggregates: each axis over the rows that know it, without rounding on the way, so in any order and plan the same bytes.
-- SSPACE is the state of three axes.

CREATE FUNCTION customer_value.value_vector_accum(internal, customer_value.value_vector) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_value_vector_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_accum(internal, customer_value.value_vector) IS 'transition of sum, avg and centroid of value vectors';

CREATE FUNCTION customer_value.value_vector_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_value_vector_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_combine(internal, internal) IS 'combines two states of sum, avg and centroid of value vectors';

CREATE FUNCTION customer_value.value_vector_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cv_value_vector_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_serialize(internal) IS 'state of sum, avg and centroid of value vectors for another process';

CREATE FUNCTION customer_value.value_vector_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_value_vector_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_deserialize(bytea, internal) IS 'state of sum, avg and centroid of value vectors from another process';

CREATE FUNCTION customer_value.value_vector_sum_final(internal) RETURNS customer_value.value_vector
	AS 'MODULE_PATHNAME', 'cv_value_vector_sum_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_sum_final(internal) IS 'result of sum(value_vector)';

CREATE FUNCTION customer_value.value_vector_avg_final(internal) RETURNS customer_value.value_vector
	AS 'MODULE_PATHNAME', 'cv_value_vector_avg_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.value_vector_avg_final(internal) IS 'result of avg(value_vector) and centroid(value_vector)';

CREATE AGGREGATE customer_value.sum(vector customer_value.value_vector) (
	SFUNC = customer_value.value_vector_accum, STYPE = internal, SSPACE = 1800,
	FINALFUNC = customer_value.value_vector_sum_final,
	COMBINEFUNC = customer_value.value_vector_combine,
	SERIALFUNC = customer_value.value_vector_serialize,
	DESERIALFUNC = customer_value.value_vector_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.sum(customer_value.value_vector) IS 'Sum of each axis over the vectors that know it; unknown where none does';

CREATE AGGREGATE customer_value.avg(vector customer_value.value_vector) (
	SFUNC = customer_value.value_vector_accum, STYPE = internal, SSPACE = 1800,
	FINALFUNC = customer_value.value_vector_avg_final,
	COMBINEFUNC = customer_value.value_vector_combine,
	SERIALFUNC = customer_value.value_vector_serialize,
	DESERIALFUNC = customer_value.value_vector_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.avg(customer_value.value_vector) IS 'Mean of each axis over the vectors that know it; unknown where none does';

CREATE AGGREGATE customer_value.centroid(vector customer_value.value_vector) (
	SFUNC = customer_value.value_vector_accum, STYPE = internal, SSPACE = 1800,
	FINALFUNC = customer_value.value_vector_avg_final,
	COMBINEFUNC = customer_value.value_vector_combine,
	SERIALFUNC = customer_value.value_vector_serialize,
	DESERIALFUNC = customer_value.value_vector_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.centroid(customer_value.value_vector) IS 'The middle of the vectors: the mean of each axis over those that know it; unknown where none does. The same as avg';
