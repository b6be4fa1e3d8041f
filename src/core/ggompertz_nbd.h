/*
 * ggompertz_nbd.h - the parts of the gamma-Gompertz/NBD family.
 *
 * A customer buys at rate lambda ~ Gamma(r, alpha) until death, whose hazard
 * b eta exp(b t) grows with time; eta ~ Gamma(s, beta).  So a customer outlives t
 * with probability (beta/(beta + expm1(b t)))^s.  Parameters are r, alpha, b, s,
 * beta in that order; b is one over a time, beta a plain number.
 *
 * Whoever is alive at t is as a new customer with alpha + t for alpha and
 * B(t) = 1 + (beta - 1) exp(-b t) for beta.
 */
#ifndef CV_CORE_GGOMPERTZ_NBD_H
#define CV_CORE_GGOMPERTZ_NBD_H

#include "core/model.h"

/* Nodes of the sum that stands for an integral over all times to come; see ggompertz_nbd_race.c. */
#define CV_GOMPERTZ_NODES 512

typedef struct cv_gompertz_grid
{
	int			n;
	double		s;
	double		log_odds[CV_GOMPERTZ_NODES];	/* z = log E: B E = expm1(b times the time from now) */
	double		odds[CV_GOMPERTZ_NODES];		/* E, or the largest number where that is more */
	double		risk[CV_GOMPERTZ_NODES];		/* log(1 + E): the log of the chance to outlive it is -s times this */
	double		weight[CV_GOMPERTZ_NODES];	/* of a death then */
	double		rest[CV_GOMPERTZ_NODES];		/* the chance to outlive it, over the weight */
} cv_gompertz_grid;

/*
 * The chance h that death comes before the next purchase, where lambda A ~ Gamma(rho, 1),
 * c = b A and B is as above, with its derivatives by rho, log c, log B and s.
 */
enum
{
	CV_RACE_RHO, CV_RACE_C, CV_RACE_B, CV_RACE_S, CV_RACE_N
};

typedef struct cv_gompertz_race
{
	double		h;
	double		d[CV_RACE_N];
	double		dd[CV_RACE_N][CV_RACE_N];	/* for i <= j */
} cv_gompertz_race;

/*
 * Nodes for this s and all rho, c, B with rho B/c + B/(1 - exp(-c)) up to steepest and
 * B down to least.
 */
extern void cv_gompertz_grid_of(double s, double steepest, double least, cv_gompertz_grid *grid);

/* log(1 + W/c) and 1/(1 + W/c) at the nodes, W = log(1 + B E): what of them is the same for all rho. */
extern void cv_gompertz_grid_at(const cv_gompertz_grid *grid, double c, double log_B,
								double *log_wait, double *share);

/* h and its derivatives, the second ones only where wanted. */
extern void cv_gompertz_race_at(const cv_gompertz_grid *grid, const double *log_wait, const double *share,
								double rho, double c, double log_B, bool second,
								cv_gompertz_race *race);

/* beta of one alive at t, over exp(b t) for one who is new: 1 + (beta - 1) exp(-b t), from b t. */
extern double cv_gompertz_B(double beta, double bt);
/* log((B + expm1(w))/B) for w >= 0: s times this is the log of the odds against living on for w/b. */
extern double cv_gompertz_risk(double B, double w);

/* In ggompertz_nbd_likelihood.c; see cv_family. */
extern double cv_gompertz_log_likelihood(const cv_family *family, const double *theta,
										 const cv_pattern *patterns, size_t n,
										 double *gradient, double *hessian);
extern bool cv_gompertz_start(const cv_family *family, const cv_pattern *patterns, size_t n,
							  int k, double *theta);
extern void cv_gompertz_bounds(const cv_family *family, const cv_pattern *patterns, size_t n,
							   double *lower, double *upper);

#endif
