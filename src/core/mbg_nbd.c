/*
 * mbg_nbd.c - the MBG/NBD family: a customer may die after any purchase, the first included.
 */
#include "core/beta_geometric.h"
#include "core/families.h"

#include <math.h>

static double
log_likelihood(const double *theta, const cv_pattern *patterns, size_t n, double *gradient, double *hessian)
{
	return cv_bg_log_likelihood(1, theta, patterns, n, gradient, hessian);
}

static double
probability_alive(const double *param, const cv_customer *c)
{
	return cv_bg_probability_alive(1, param, c);
}

static double
probability_active(const double *param, const cv_customer *c, double t)
{
	return cv_bg_probability_active(1, param, c, t);
}

static double
expected_purchases(const double *param, const cv_customer *c, double t)
{
	return cv_bg_purchases(1, param, c, t, 0);
}

static double
discounted_purchases(const double *param, const cv_customer *c, double t, double delta)
{
	return cv_bg_purchases(1, param, c, t, delta);
}

static double
new_probability_active(const double *param, double t)
{
	return cv_bg_probability_active(1, param, &cv_new_customer, t);
}

static double
new_expected_purchases(const double *param, double t)
{
	return cv_bg_purchases(1, param, &cv_new_customer, t, 0);
}

static double
new_discounted_purchases(const double *param, double t, double delta)
{
	return cv_bg_purchases(1, param, &cv_new_customer, t, delta);
}

static double
purchase_cycle(const double *param, const cv_customer *c)
{
	return (param[1] + c->t_x) / (param[0] + c->x);
}

const cv_family cv_mbg_nbd = {
	.id = CV_FAMILY_MBG_NBD,
	.kind = CV_PURCHASE_MODEL,
	.name = "mbg/nbd",
	.description = "Customers buy at random times, each at a rate of its own, and may leave for good "
	"after any purchase, the first included.",
	.n_params = 4,
	.param_name = {"r", "alpha", "a", "b"},
	.scale_params = 1 << 1,
	.limit = CV_FAMILY_NBD,
	.log_likelihood = log_likelihood,
	.start = cv_bg_start,
	.bounds = cv_bg_bounds,
	.probability_alive = probability_alive,
	.probability_active = probability_active,
	.expected_purchases = expected_purchases,
	.discounted_purchases = discounted_purchases,
	.new_probability_active = new_probability_active,
	.new_expected_purchases = new_expected_purchases,
	.new_discounted_purchases = new_discounted_purchases,
	.purchase_cycle = purchase_cycle
};
