/*
 * beta_geometric.h - what BG/NBD and MBG/NBD have in common.
 *
 * Customers buy at rate lambda ~ Gamma(r, alpha) and after a purchase die with
 * probability p ~ Beta(a, b).  In BG/NBD the first purchase of all cannot kill,
 * in MBG/NBD it can: 'variant' of the family is 0 or 1, the number of chances to die
 * that come before the first repeat purchase.  Parameters are r, alpha, a, b in that order.
 * The likelihood, its start and the chance to be alive also serve the regular
 * families of cnbd.h, whose k comes after these parameters.
 */
#ifndef CV_CORE_BETA_GEOMETRIC_H
#define CV_CORE_BETA_GEOMETRIC_H

#include "core/model.h"

/* See cv_family. */
extern double cv_bg_log_likelihood(const cv_family *family, const double *theta,
								   const cv_pattern *patterns, size_t n,
								   double *gradient, double *hessian);
extern bool cv_bg_start(const cv_family *family, const cv_pattern *patterns, size_t n,
						int k, double *theta);
extern void cv_bg_bounds(const cv_family *family, const cv_pattern *patterns, size_t n,
						 double *lower, double *upper);
extern double cv_bg_probability_alive(const cv_family *family, const double *param,
									  const cv_customer *c);
extern double cv_bg_survival_of(const cv_family *family, const double *param,
								const cv_customer *c, double t);
extern double cv_bg_purchases_if_alive(const cv_family *family, const double *param,
									   const cv_customer *c, double t, double delta);
extern bool cv_bg_slopes(const cv_family *family, const double *param,
						 const cv_customer *c, double t, double delta, cv_slopes *slopes);
extern double cv_bg_count_probability(const cv_family *family, const double *param,
									  const cv_customer *c, double t, double n);
extern double cv_bg_next_purchase_density(const cv_family *family, const double *param,
										  const cv_customer *c, double u);
extern double cv_bg_purchase_cycle(const cv_family *family, const double *param,
								   const cv_customer *c);

/* The chance to be alive at T, and of having died by then: each with all its digits. */
extern void cv_bg_life_and_death(const cv_family *family, const double *param, const cv_customer *c,
								 double *alive, double *dead);

/* All of a family but its name and what comes with it. */
#define CV_BETA_GEOMETRIC_FUNCTIONS \
	.log_likelihood = cv_bg_log_likelihood, \
	.start = cv_bg_start, \
	.bounds = cv_bg_bounds, \
	.probability_alive = cv_bg_probability_alive, \
	.survival = cv_bg_survival_of, \
	.purchases_if_alive = cv_bg_purchases_if_alive, \
	.slopes = cv_bg_slopes, \
	.count_probability = cv_bg_count_probability, \
	.next_purchase_density = cv_bg_next_purchase_density, \
	.purchase_cycle = cv_bg_purchase_cycle

/*
 * p ~ Beta(a, beta) for integrals over d = logit(p) - logit(E[p]) by the
 * trapezoidal rule, which for an integrand that is analytic and decays at both
 * ends converges geometrically.  In beta_geometric_rate.c.
 */
typedef struct cv_beta_axis
{
	double		a;
	double		beta;
	double		mean;			/* E[p] */
	double		rest;			/* 1 - E[p] */
	double		scale;			/* of the density */
} cv_beta_axis;

extern cv_beta_axis cv_beta_axis_of(double a, double beta);
/* Log of the density over scale at d; sets odds = p/(1 - p). */
extern double cv_beta_axis_at(const cv_beta_axis *axis, double d, double *odds);

/*
 * For p ~ Beta(a, beta), in beta_geometric_rate.c:
 * E[(1 + p z)^-rho], the chance to survive z = t/A time constants ...
 */
extern double cv_bg_survival(double rho, double a, double beta, double z);
/* ... and the integral over u in (0, t] of exp(-delta u) rho/A E[(1 + p u/A)^-(rho + 1)]. */
extern double cv_bg_discounted(double rho, double A, double a, double beta, double t, double delta);

/* An integral like that with its derivatives. */
typedef struct cv_bg_integral
{
	double		value;
	double		rho;
	double		A;
	double		a;
	double		beta;
} cv_bg_integral;

/* That without discount and that with it; false where the series it takes is too long. In beta_geometric_slopes.c. */
extern bool cv_bg_integrals(double rho, double A, double a, double beta, double t, double delta,
							cv_bg_integral *plain, cv_bg_integral *discounted);

/* Panels for integrals over v = log(1 + u/A) of the rate at u, times exp(-delta u). In beta_geometric_rate.c. */
typedef struct cv_bg_shape
{
	double		rho;			/* of the rate: one more than of the count */
	double		a;
	double		c;
	double		mean;			/* a/c = E[p] */
	double		discount;		/* |delta| A */
	double		turn;			/* v where the two bounds on the fall of S cross */
} cv_bg_shape;

#define CV_BG_MAX_NODES 16
#define CV_BG_MAX_PANELS 300

extern cv_bg_shape cv_bg_shape_of(double rho, double A, double a, double beta, double delta);
/* The width of the next panel from v = from on, and the nodes of it, increasing, with their weights; returns how many. */
extern int	cv_bg_panel(const cv_bg_shape *shape, double from, double end, double *width, double *v, double *weight);

#endif
