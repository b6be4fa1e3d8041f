/*
 * beta_geometric.h - what BG/NBD and MBG/NBD have in common.
 *
 * Customers buy at rate lambda ~ Gamma(r, alpha) and after a purchase die with
 * probability p ~ Beta(a, b).  In BG/NBD the first purchase of all cannot kill,
 * in MBG/NBD it can: 'first' is 0 or 1, the number of chances to die that come
 * before the first repeat purchase.  Parameters are r, alpha, a, b in that order.
 */
#ifndef CV_CORE_BETA_GEOMETRIC_H
#define CV_CORE_BETA_GEOMETRIC_H

#include "core/model.h"

extern double cv_bg_log_likelihood(int first, const double *theta, const cv_pattern *patterns, size_t n,
								   double *gradient, double *hessian);
extern bool cv_bg_start(const cv_pattern *patterns, size_t n, int k, double *theta);
extern void cv_bg_bounds(const cv_pattern *patterns, size_t n, double *lower, double *upper);

extern double cv_bg_probability_alive(int first, const double *param, const cv_customer *c);
extern double cv_bg_probability_active(int first, const double *param, const cv_customer *c, double t);
/* delta is the discount rate a time unit; with 0 the expected number of purchases */
extern double cv_bg_purchases(int first, const double *param, const cv_customer *c, double t, double delta);

/*
 * For p ~ Beta(a, beta), in beta_geometric_rate.c:
 * E[(1 + p z)^-rho], the chance to survive z = t/A time constants ...
 */
extern double cv_bg_survival(double rho, double a, double beta, double z);
/* ... and the integral over u in (0, t] of exp(-delta u) rho/A E[(1 + p u/A)^-(rho + 1)]. */
extern double cv_bg_discounted(double rho, double A, double a, double beta, double t, double delta);

#endif
