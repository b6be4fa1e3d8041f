/*
 * vector.c - making, reading and reckoning with value vectors.
 */
#include "pg/vector.h"

#include <math.h>

#include "pg/arrays.h"

void
cv_require_same_axes(int n, int m)
{
	if (n != m)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value vectors have different numbers of axes"),
				 errdetail("One has %d, the other %d.", n, m),
				 errhint("An axis without data is NULL: value_vector(0.2, NULL, 0.9).")));
}

void
cv_vector_range_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("value vector out of range"),
			 errdetail("An axis or a length exceeds what double precision holds.")));
}

static Datum
finite_result(double value)
{
	if (!isfinite(value))
		cv_vector_range_error();
	return Float8GetDatum(value);
}

/* (VARIADIC float8[]) -> value_vector */
CV_SQL_FUNCTION(cv_value_vector_make);
Datum
cv_value_vector_make(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int			n = cv_floats_get(array, "the axes of a value vector").n;
	bool		null[CV_MAX_AXES];
	cv_vector  *v;

	if (n < 1 || n > CV_MAX_AXES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a value vector has 1 to %d axes", CV_MAX_AXES),
				 errdetail("%d are given.", n)));
	v = cv_vector_make(n);
	cv_floats_copy(array, n, v->axis, null);
	for (int i = 0; i < n; i++)
	{
		if (!isfinite(v->axis[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("an axis of a value vector must be finite"),
					 errdetail("Axis %d is %s.", i + 1, isnan(v->axis[i]) ? "NaN" : "infinite"),
					 errhint("Say NULL where an axis is not known.")));
		v->axis[i] += 0.0;		/* not -0 */
		if (!null[i])
			v->known |= UINT64CONST(1) << i;
	}
	PG_RETURN_POINTER(v);
}

static ArrayType *
make_array(const double *axis, uint64 known, int n)
{
	bool		null[CV_MAX_AXES];

	for (int i = 0; i < n; i++)
		null[i] = !(known >> i & 1);
	return cv_floats_make(axis, null, n);
}

/* (value_vector) -> float8[] */
CV_SQL_FUNCTION(cv_value_vector_to_array);
Datum
cv_value_vector_to_array(PG_FUNCTION_ARGS)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));

	PG_RETURN_ARRAYTYPE_P(make_array(v->axis, v->known, v->n));
}

/* (value_vector, integer) -> float8 */
CV_SQL_FUNCTION(cv_value_vector_axis);
Datum
cv_value_vector_axis(PG_FUNCTION_ARGS)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	int32		i = PG_GETARG_INT32(1);

	if (i < 1 || i > v->n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value vector has no axis %d", i),
				 errdetail("Its axes are 1 to %d.", v->n)));
	if (!(v->known >> (i - 1) & 1))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(v->axis[i - 1]);
}

/* (value_vector) -> integer */
CV_SQL_FUNCTION(cv_value_vector_axes);
Datum
cv_value_vector_axes(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(cv_vector_get(PG_GETARG_DATUM(0))->n);
}

/* (value_vector) -> integer */
CV_SQL_FUNCTION(cv_value_vector_axes_known);
Datum
cv_value_vector_axes_known(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(cv_axes_known(cv_vector_axes(cv_vector_get(PG_GETARG_DATUM(0)))));
}

/* (value_vector) -> float8 */
CV_SQL_FUNCTION(cv_value_vector_magnitude);
Datum
cv_value_vector_magnitude(PG_FUNCTION_ARGS)
{
	double		magnitude;

	if (!cv_axes_magnitude(cv_vector_axes(cv_vector_get(PG_GETARG_DATUM(0))), &magnitude))
		PG_RETURN_NULL();
	return finite_result(magnitude);
}

/* (value_vector) -> float8 */
CV_SQL_FUNCTION(cv_value_vector_norm);
Datum
cv_value_vector_norm(PG_FUNCTION_ARGS)
{
	double		norm;

	if (!cv_axes_norm(cv_vector_axes(cv_vector_get(PG_GETARG_DATUM(0))), &norm))
		PG_RETURN_NULL();
	return finite_result(norm);
}

/* (value_vector) -> float8[] */
CV_SQL_FUNCTION(cv_value_vector_direction);
Datum
cv_value_vector_direction(PG_FUNCTION_ARGS)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	double		cosine[CV_MAX_AXES];

	if (!cv_axes_direction(cv_vector_axes(v), cosine))
		PG_RETURN_NULL();
	PG_RETURN_ARRAYTYPE_P(make_array(cosine, v->known, v->n));
}

/* (value_vector, value_vector) -> float8 */
CV_SQL_FUNCTION(cv_value_vector_angle);
Datum
cv_value_vector_angle(PG_FUNCTION_ARGS)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	cv_vector  *w = cv_vector_get(PG_GETARG_DATUM(1));
	double		angle;

	cv_require_same_axes(v->n, w->n);
	if (!cv_axes_angle(cv_vector_axes(v), cv_vector_axes(w), &angle))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(angle);
}

/* (value_vector, value_vector) -> float8 */
CV_SQL_FUNCTION(cv_value_vector_distance);
Datum
cv_value_vector_distance(PG_FUNCTION_ARGS)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	cv_vector  *w = cv_vector_get(PG_GETARG_DATUM(1));
	double		distance;

	cv_require_same_axes(v->n, w->n);
	if (!cv_axes_distance(cv_vector_axes(v), cv_vector_axes(w), &distance))
		PG_RETURN_NULL();
	return finite_result(distance);
}

/* (value_vector) -> integer */
CV_SQL_FUNCTION(cv_value_vector_dominant);
Datum
cv_value_vector_dominant(PG_FUNCTION_ARGS)
{
	int			dominant = cv_axes_dominant(cv_vector_axes(cv_vector_get(PG_GETARG_DATUM(0))));

	if (dominant < 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(dominant + 1);
}

static Datum
add(FunctionCallInfo fcinfo, double factor)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	cv_vector  *w = cv_vector_get(PG_GETARG_DATUM(1));
	cv_vector  *result;

	cv_require_same_axes(v->n, w->n);
	result = cv_vector_make(v->n);
	if (!cv_axes_add(cv_vector_axes(v), factor, cv_vector_axes(w), result->axis, &result->known))
		cv_vector_range_error();
	PG_RETURN_POINTER(result);
}

/* (value_vector, value_vector) -> value_vector */
CV_SQL_FUNCTION(cv_value_vector_add);
Datum
cv_value_vector_add(PG_FUNCTION_ARGS)
{
	return add(fcinfo, 1);
}

/* (value_vector, value_vector) -> value_vector */
CV_SQL_FUNCTION(cv_value_vector_subtract);
Datum
cv_value_vector_subtract(PG_FUNCTION_ARGS)
{
	return add(fcinfo, -1);
}

static cv_vector *
scale(const cv_vector *v, double factor)
{
	cv_vector  *result = cv_vector_make(v->n);

	result->known = v->known;
	if (!isfinite(factor))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the factor of a value vector must be finite")));
	if (!cv_axes_scale(cv_vector_axes(v), factor, result->axis))
		cv_vector_range_error();
	return result;
}

/* (value_vector, float8) -> value_vector */
CV_SQL_FUNCTION(cv_value_vector_times);
Datum
cv_value_vector_times(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(scale(cv_vector_get(PG_GETARG_DATUM(0)), PG_GETARG_FLOAT8(1)));
}

/* (float8, value_vector) -> value_vector */
CV_SQL_FUNCTION(cv_times_value_vector);
Datum
cv_times_value_vector(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(scale(cv_vector_get(PG_GETARG_DATUM(1)), PG_GETARG_FLOAT8(0)));
}
