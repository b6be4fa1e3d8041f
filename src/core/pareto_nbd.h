/*
 * pareto_nbd.h - the parts of the Pareto/NBD family.
 *
 * A customer buys at rate lambda ~ Gamma(r, alpha) until death, which comes at
 * rate mu ~ Gamma(s, beta).  Parameters are r, alpha, s, beta in that order.
 */
#ifndef CV_CORE_PARETO_NBD_H
#define CV_CORE_PARETO_NBD_H

#include "core/model.h"

/*
 * The chance h that death comes before the next purchase where lambda A ~ Gamma(rho, 1)
 * and mu B ~ Gamma(s, 1), and its derivatives by rho and s, for given q = B/A.
 */
typedef struct cv_pareto_race
{
	double		h;
	double		r;
	double		s;
	double		rr;
	double		rs;
	double		ss;
} cv_pareto_race;

/* h alone. All three in pareto_nbd_race.c. */
extern double cv_pareto_death_first(double rho, double s, double q);
/* h with its derivatives, the second ones only where wanted. */
extern void cv_pareto_race_at(double rho, double s, double q, bool second, cv_pareto_race *race);
/* From the race at rho + 1 to that at rho: stable where q <= 2. */
extern void cv_pareto_race_down(double rho, double s, double q, bool second, cv_pareto_race *race);

/* In pareto_nbd_likelihood.c; see cv_family. */
extern double cv_pareto_log_likelihood(const cv_family *family, const double *theta,
									   const cv_pattern *patterns, size_t n,
									   double *gradient, double *hessian);
extern bool cv_pareto_start(const cv_family *family, const cv_pattern *patterns, size_t n,
							int k, double *theta);
extern void cv_pareto_bounds(const cv_family *family, const cv_pattern *patterns, size_t n,
							 double *lower, double *upper);

#endif
