/*
 * arrays.h - arrays of numbers and booleans as arguments and results.
 */
#ifndef CV_PG_ARRAYS_H
#define CV_PG_ARRAYS_H

#include "pg/compat.h"

#include "utils/array.h"

/* A flat float8[]: value points into the array where no element is null, else it is NULL. */
typedef struct cv_floats
{
	int			n;
	bool		has_null;
	const double *value;
} cv_floats;

/*
 * The elements of a float8[] of at most one dimension.  what names the argument
 * in errors, for instance "criteria".
 */
extern cv_floats cv_floats_get(const ArrayType *array, const char *what);

/* Raises that two arrays, named what and of, are not of the same length. */
extern _Noreturn void cv_array_length_error(const char *what, int length, const char *of, int wanted);

/* The n elements of a float8[] of any shape into value, nulls as 0 and their places into null. */
extern void cv_floats_copy(const ArrayType *array, int n, double *value, bool *null);

/* The elements of a boolean[] of length n; all false for NULL.  Nulls are refused. */
extern void cv_booleans_copy(const ArrayType *array, const char *what, int n, bool *value);

/* The *n elements of an integer[] of at most one dimension.  Nulls are refused. */
extern const int32 *cv_integers_get(const ArrayType *array, const char *what, int *n);

/* A new float8[]; null may be NULL. */
extern ArrayType *cv_floats_make(const double *value, const bool *null, int n);

#endif
