/*
 * optimise.h - the maximum of a smooth function in a box.
 */
#ifndef CV_CORE_OPTIMISE_H
#define CV_CORE_OPTIMISE_H

#include "core/model.h"

typedef struct cv_problem
{
	int			n;				/* number of variables, at most CV_MAX_FREE */
	double		lower[CV_MAX_FREE];
	double		upper[CV_MAX_FREE];
	/* value, gradient (n) and Hessian (n x n), the latter two where not NULL */
	double		(*value) (const double *theta, double *gradient, double *hessian, void *arg);
	void	   *arg;
	cv_interrupted interrupted; /* may be NULL */
	void	   *interrupted_arg;
	long		evaluations;	/* counted up by all functions below */
} cv_problem;

typedef enum cv_optimise_result
{
	CV_OPTIMISE_OK,
	CV_OPTIMISE_STALLED,		/* no better point was found, yet the gradient is not flat */
	CV_OPTIMISE_INTERRUPTED
} cv_optimise_result;

typedef struct cv_optimum
{
	double		theta[CV_MAX_FREE];
	double		value;
	double		hessian[CV_MAX_FREE * CV_MAX_FREE];
	unsigned	at_bound;		/* bit i: variable i lies at the edge of the box and pushes outwards */
} cv_optimum;

/*
 * Improves on theta by NLopt's SLSQP, with gradients only, until a step changes
 * the value by less than tolerance.
 */
extern cv_optimise_result cv_climb(cv_problem *problem, double tolerance, double *theta);

/*
 * From start to the local maximum by damped Newton steps with the Hessian,
 * until a full step would add less than tolerance to the value (that measure has
 * no scale), and some more as long as they still add digits to theta.
 */
extern cv_optimise_result cv_polish(cv_problem *problem, double tolerance, const double *start, cv_optimum *best);

/* Inverse of a symmetric positive definite n x n matrix (row-major); false if it is not one. */
extern bool cv_invert(const double *matrix, int n, double *inverse);

#endif
