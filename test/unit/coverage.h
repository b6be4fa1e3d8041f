/*
 * coverage.h - do the intervals of a fit hold the truth as often as they say?
 *
 * Customers are simulated from known parameters and fitted, run after run.  The
 * fast test and the long study (bench/coverage.c) count in the same way.
 */
#ifndef CV_TEST_COVERAGE_H
#define CV_TEST_COVERAGE_H

#include "core/uncertainty.h"

/* What customers are made from. */
typedef struct coverage_case
{
	const char *family;
	double		param[CV_MAX_PARAMS];	/* k behind the others, where there is one */
	size_t		customers;
	double		shortest;		/* time under observation: evenly between these */
	double		longest;
	cv_customer customer;		/* of the predictions ... */
	double		horizon;		/* ... over so long; of a contract: after so many renewals */
	bool		slow;			/* a fit takes a second: for the study alone, and in fewer runs */
} coverage_case;

/* A parameter or a prediction. Spread and error are of its log, or of its logit: the scale of its interval. */
typedef struct coverage_row
{
	const char *name;
	cv_scale	scale;
	double		truth;
	double		estimate;		/* mean on that scale, carried back */
	double		spread;			/* standard deviation of the estimates */
	double		error;			/* root mean square of their standard errors, which should equal it */
	int			covered;		/* runs in which the 95% interval holds the truth */
} coverage_row;

#define COVERAGE_PREDICTIONS 2
#define COVERAGE_MAX_ROWS (CV_MAX_PARAMS + COVERAGE_PREDICTIONS)

typedef struct coverage_result
{
	int			runs;
	int			converged;
	int			intervals;		/* runs with a covariance; the others cover nothing */
	int			right_k;		/* runs that chose the true k; all where there is none */

	int			n_params;
	int			n_rows;			/* the parameters, then the predictions for a fixed customer */
	coverage_row row[COVERAGE_MAX_ROWS];

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
