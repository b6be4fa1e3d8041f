/*
 * vector.h - a point whose axes may be unknown: magnitude, direction, distance.
 *
 * Canonical form: finite values, never -0, and 0 for an unknown axis; so equal
 * vectors are equal bytes.  Sums of squares are scaled: no function overflows
 * or underflows on the way to a result that is in range.
 */
#ifndef CV_CORE_VECTOR_H
#define CV_CORE_VECTOR_H

#include <stdbool.h>
#include <stdint.h>

#define CV_MAX_AXES 64

/* What a vector points to; bit i of known says whether axis[i] is known. */
typedef struct cv_axes
{
	int			n;				/* 1 to CV_MAX_AXES */
	uint64_t	known;
	const double *axis;
} cv_axes;

static inline bool
cv_axis_known(cv_axes v, int i)
{
	return v.known >> i & 1;
}

/* All bits that n axes may have. */
static inline uint64_t
cv_axes_mask(int n)
{
	return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
}

/* Is this the canonical form of a vector? */
extern bool cv_axes_valid(cv_axes v);

extern int	cv_axes_known(cv_axes v);

/* Square root of the sum of squares over the known axes; false without a known axis. May be infinite. */
extern bool cv_axes_norm(cv_axes v, double *norm);

/* Square root of the mean of squares over the known axes; false without a known axis. */
extern bool cv_axes_magnitude(cv_axes v, double *magnitude);

/* Cosines of the known axes (0 for the others) into out[n]; false where the norm is 0 or nothing is known. */
extern bool cv_axes_direction(cv_axes v, double *out);

/*
 * The angle in radians, 0 to pi, over the axes that both know; false where there
 * are none or one of the two is 0 on them.  Both have the same number of axes.
 * Source: Kahan, W. (2006), How futile are mindless assessments of roundoff, section 12.
 */
extern bool cv_axes_angle(cv_axes v, cv_axes w, double *angle);

/* Square root of the mean of squared differences over the axes that both know; false where there are none. May be infinite. */
extern bool cv_axes_distance(cv_axes v, cv_axes w, double *distance);

/* The known axis, from 0, of the largest absolute value; -1 where none is known or two share it. */
extern int	cv_axes_dominant(cv_axes v);

/*
 * A total order in which only equal vectors are equal: axis by axis from the
 * first, an unknown one after every known one, then the shorter vector first.
 */
extern int	cv_axes_compare(cv_axes v, cv_axes w);

/* v + factor * w into out over the axes that both know, which are returned; false where a value overflows. */
extern bool cv_axes_add(cv_axes v, double factor, cv_axes w, double *out, uint64_t *known);

/* factor * v into out; false where a value overflows. */
extern bool cv_axes_scale(cv_axes v, double factor, double *out);

#endif
