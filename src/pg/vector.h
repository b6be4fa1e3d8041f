/*
 * vector.h - the SQL type value_vector as it is stored.
 */
#ifndef CV_PG_VECTOR_H
#define CV_PG_VECTOR_H

#include "pg/compat.h"

#include "core/vector.h"

#define CV_VECTOR_VERSION 1

/* Canonical (core/vector.h), so that equal vectors are equal bytes. */
typedef struct cv_vector
{
	int32		vl_len_;
	uint8		version;
	uint8		n;
	uint16		unused;			/* 0 */
	uint64		known;
	double		axis[FLEXIBLE_ARRAY_MEMBER];
} cv_vector;

#define CV_VECTOR_SIZE(n) (offsetof(cv_vector, axis) + (Size) (n) * sizeof(double))

/* A new vector of n axes, all of them unknown. */
extern cv_vector *cv_vector_make(int n);

/* The vector of a datum, detoasted; raises an error where it was written by an unknown version. */
extern cv_vector *cv_vector_get(Datum datum);

static inline cv_axes
cv_vector_axes(const cv_vector *v)
{
	return (cv_axes) {.n = v->n, .known = v->known, .axis = v->axis};
}

/* Raises an error unless both have the same number of axes. */
extern void cv_require_same_axes(int n, int m);

/* Raises the error for a result that is no finite number. */
extern _Noreturn void cv_vector_range_error(void);

#endif
