/*
 * coverage.h - do the intervals of a fit hold the truth as often as they say?
 *
 * Customers are simulated from known parameters and fitted, run after run.  The
 * fast test and the long study (bench/coverage.c) count in the same way.
 */
#ifndef CV_TEST_COVERAGE_H
#define CV_TEST_COVERAGE_H

#include "core/model.h"

/* What customers are made from. */
typedef struct coverage_case
{
	const char *family;
	double		param[CV_MAX_PARAMS];	/* k behind the others, where there is one */
	size_t		customers;
	double		shortest;		/* time under observation: evenly between these */
	double		longest;
} coverage_case;

typedef struct coverage_result
{
	int			runs;
	int			converged;
	int			intervals;		/* runs with a covariance; the others cover nothing */
	int			right_k;		/* of a regular family: runs that chose it */
	double		estimate[CV_MAX_PARAMS];	/* geometric means */
	double		spread[CV_MAX_PARAMS];	/* standard deviations of the logs of the estimates */
	double		error[CV_MAX_PARAMS];	/* root mean squares of their standard errors, which should equal them */
	int			covered[CV_MAX_PARAMS]; /* runs in which the 95% interval holds the truth */

	/*
	 * Mean of the squared distance from the truth in units of the covariance, a
	 * parameter: 1, with a standard deviation of sqrt(2 / (n_params runs)).  Twice
	 * as much is a Hessian of twice the size, any entry of it counted.
	 */
	double		distance;
} coverage_result;

/* The cases of the study. NULL past the end. */
extern const coverage_case *coverage_case_at(int i);

/* Fits runs samples; each has a seed of its own, so that more runs repeat the fewer. */
extern void coverage_of(const coverage_case *c, int runs, coverage_result *result);

#endif
