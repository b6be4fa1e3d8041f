/*
 * uncertainty.h - how far predictions may be off because the parameters are estimates.
 *
 * The delta method: a quantity that is a smooth function of the log parameters
 * varies with them as its gradient says, so its variance is gradient' covariance
 * gradient.  It is taken on a scale on which the quantity has no bounds and is
 * nearer to normal: the logit for probabilities, the log for what is positive.
 */
#ifndef CV_CORE_UNCERTAINTY_H
#define CV_CORE_UNCERTAINTY_H

#include "core/model.h"

typedef enum cv_scale
{
	CV_SCALE_LOG,				/* of counts, times and amounts */
	CV_SCALE_LOGIT				/* of probabilities */
} cv_scale;

/* Sets value[0], value[1], ... from parameters, not logs; NaN where there is none. */
typedef void (*cv_quantities) (const double *param, void *arg, double *value);

#define CV_MAX_QUANTITIES 16

/*
 * The variance of each of m quantities on its scale, given the estimates of n
 * parameters and the covariance of their logs (row-major n x n).  What stands in
 * param after the n, up to CV_MAX_PARAMS, is passed on unvaried.  0 where the
 * quantity is certain: 0, or within 1e-9 of 1 for a probability.  NaN where the
 * quantity is not finite, or does not stay so nearby.
 */
extern void cv_delta_method(const double *param, int n, const double *cov,
							cv_quantities quantities, void *arg, int m,
							const cv_scale *scale, double *variance);

/* The same for one quantity whose gradient by the log parameters, on its scale, is known. */
extern double cv_delta_variance(const double *gradient, int n, const double *cov, cv_scale scale, double estimate);

/*
 * The variances of predictions p for one customer, but that of active, from the slopes
 * that the family knows: a tenth of the work of differences.  False where it does not.
 */
extern bool cv_prediction_variances(const cv_family *family, const double *param, const cv_customer *c,
									double t, double delta, const double *cov,
									const cv_prediction *p, cv_prediction *variance);

typedef struct cv_interval
{
	double		standard_error;
	double		low;
	double		high;
} cv_interval;

/*
 * Standard error of an estimate, and the interval of width z standard errors to
 * either side on its scale, carried back.  All NaN where the variance is.
 */
extern cv_interval cv_interval_of(double estimate, cv_scale scale, double variance, double z);

/* What a standard normal variable exceeds in absolute value with chance 1 - confidence; 0 < confidence < 1. */
extern double cv_normal_bound(double confidence);

#endif
