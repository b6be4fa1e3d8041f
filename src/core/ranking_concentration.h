/*
 * ranking_concentration.h - how unequally a total is spread: Gini coefficient,
 * share of the top, Lorenz curve.  All read the values once, in ascending order,
 * and add up without rounding.
 */
#ifndef CV_CORE_RANKING_CONCENTRATION_H
#define CV_CORE_RANKING_CONCENTRATION_H

#include "core/exact_sum.h"

/*
 * Gini coefficient: the mean absolute difference of all pairs over twice the mean
 * of the absolute values, so that it lies in [0, 1) with values below zero, too;
 * without any it is the usual one.  Source of the usual form: Gini, C. (1912),
 * Variabilita e mutabilita; of the absolute values below the line: Raffinetti, E.,
 * Siletti, E. and Vernizzi, A. (2015), On the Gini coefficient normalization when
 * attributes with negative values are considered, Statistical Methods and
 * Applications 24 (3), 507-521.
 */
typedef struct cv_gini
{
	int64_t		n;				/* how many values there will be */
	int64_t		seen;
	cv_exact	differences;
	cv_exact	absolute;
} cv_gini;

/* Begin with {.n = n}; then the values in ascending order. */
extern void cv_gini_next(cv_gini *gini, double x);
/* False where there is nothing to share out: no values, or all 0. */
extern bool cv_gini_finish(cv_gini *gini, double *coefficient);

/*
 * The share of the total that the top part of the n values holds; a value across
 * the border counts in part, so values that tie at it share it evenly.
 */
typedef struct cv_top
{
	int64_t		n;
	int64_t		seen;
	double		part;			/* in [0, 1] */
	cv_exact	top;
	cv_exact	total;
} cv_top;

/* Begin with {.n = n, .part = part}. */
extern void cv_top_next(cv_top *top, double x);
/* False where the total is not above 0. */
extern bool cv_top_finish(cv_top *top, double *share);

/*
 * The Lorenz curve at 0, 1/steps, ..., 1: the share of the total that so large a
 * part of the n values holds, the smallest first; straight between two values.
 */
typedef struct cv_lorenz
{
	int64_t		n;
	int64_t		seen;
	int			steps;
	int			next;			/* the point to be reached */
	cv_exact	sum;
	cv_scaled  *point;			/* of the caller, steps + 1: sums, not yet shares */
} cv_lorenz;

/* Begin with {.n = n, .steps = steps, .point = point}. */
extern void cv_lorenz_next(cv_lorenz *lorenz, double x);
/* The share of point i; false where the total is not above 0. */
extern bool cv_lorenz_share(const cv_lorenz *lorenz, int i, double *share);

#endif
