/*
 * ranking_topsis.h - TOPSIS: closeness to the best and distance from the worst
 * that a set of alternatives shows on several criteria.
 *
 * Source: Hwang, C. L. and Yoon, K. (1981), Multiple Attribute Decision Making,
 * Springer, section 3.2.6: each criterion is divided by the root of its sum of
 * squares and weighted; d+ and d- are the Euclidean distances to the best and
 * to the worst value of every criterion; closeness = d- / (d+ + d-).
 */
#ifndef CV_CORE_RANKING_TOPSIS_H
#define CV_CORE_RANKING_TOPSIS_H

#include "core/exact_sum.h"

#define CV_MAX_CRITERIA 64

/* What the alternatives show on one criterion; all zero is before the first. */
typedef struct cv_topsis_column
{
	bool		seen;
	double		min;
	double		max;
	cv_wide		squares;
} cv_topsis_column;

/* Adds a finite x. */
extern void cv_topsis_add(cv_topsis_column *column, double x);

/* What is left to know of a criterion when all alternatives were seen. */
typedef struct cv_topsis_criterion
{
	double		scale;			/* a power of two; best and worst are multiplied by it */
	double		best;
	double		worst;
	double		factor;			/* weight over the root of the sum of squares; 0 where that is 0 */
} cv_topsis_criterion;

/* weight >= 0; only the proportions of the weights matter. */
extern void cv_topsis_finish(cv_topsis_criterion *criterion, cv_topsis_column *column, double weight, bool less_is_better);

/*
 * Closeness of an alternative, in [0, 1], in steps of 2^-40: as coarse as the
 * digits of a criterion in another unit can be trusted, so that what ties in one
 * unit ties in another.  Never lower for one that is better somewhere and worse
 * nowhere.  0.5 where all alternatives are equal.
 */
extern double cv_topsis_closeness(const cv_topsis_criterion *criterion, int n, const double *x);

#endif
