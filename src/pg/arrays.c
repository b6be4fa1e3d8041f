/*
 * arrays.c - arrays of numbers and booleans as arguments and results.
 */
#include "pg/arrays.h"

#include "catalog/pg_type.h"

/* ARR_DATA_PTR without its mix of signed and unsigned. */
static const void *
array_data(const ArrayType *array)
{
	Size		offset = ARR_HASNULL(array) ? (Size) array->dataoffset : ARR_OVERHEAD_NONULLS(ARR_NDIM(array));

	return (const char *) array + offset;
}

static void
require_one_dimension(const ArrayType *array, const char *what)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("%s must be an array of one dimension", what),
				 errdetail("It has %d dimensions.", ARR_NDIM(array))));
}

cv_floats
cv_floats_get(const ArrayType *array, const char *what)
{
	cv_floats	floats;

	require_one_dimension(array, what);
	floats.n = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
	floats.has_null = array_contains_nulls(unconstify(ArrayType *, array));
	floats.value = floats.has_null ? NULL : array_data(array);
	return floats;
}

void
cv_array_length_error(const char *what, int length, const char *of, int wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s and %s must be of the same length", what, of),
			 errdetail("There are %d %s and %d %s.", wanted, of, length, what)));
}

void
cv_floats_copy(const ArrayType *array, int n, double *value, bool *null)
{
	const double *next = array_data(array);
	const bits8 *bitmap = ARR_NULLBITMAP(array);

	for (int i = 0; i < n; i++)
	{
		null[i] = bitmap != NULL && !(bitmap[i / 8] & (1 << (i % 8)));
		value[i] = null[i] ? 0 : *next++;
	}
}

void
cv_booleans_copy(const ArrayType *array, const char *what, int n, bool *value)
{
	if (array == NULL)
	{
		memset(value, 0, (Size) n * sizeof(bool));
		return;
	}
	require_one_dimension(array, what);
	if (array_contains_nulls(unconstify(ArrayType *, array)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not contain nulls", what),
				 errhint("Say true for a criterion of which less is better, false for the others.")));
	if ((ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0]) != n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s and criteria must be of the same length", what),
				 errdetail("There are %d criteria and %d values of %s.", n,
						   ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0], what)));
	memcpy(value, array_data(array), (Size) n * sizeof(bool));
}

const int32 *
cv_integers_get(const ArrayType *array, const char *what, int *n)
{
	require_one_dimension(array, what);
	if (array_contains_nulls(unconstify(ArrayType *, array)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not contain nulls", what)));
	*n = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
	return array_data(array);
}

ArrayType *
cv_floats_make(const double *value, const bool *null, int n)
{
	Datum	   *elements = palloc(Max(n, 1) * sizeof(Datum));
	bool	   *nulls = palloc0(Max(n, 1) * sizeof(bool));
	int			lower = 1;

	for (int i = 0; i < n; i++)
	{
		elements[i] = Float8GetDatum(value[i]);
		if (null != NULL)
			nulls[i] = null[i];
	}
	return construct_md_array(elements, nulls, 1, &n, &lower, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
							  TYPALIGN_DOUBLE);
}
