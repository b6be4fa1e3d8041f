/*
 * nbd.c - the NBD family: customers buy at rates lambda ~ Gamma(r, alpha) and nobody ever leaves.
 *
 * The limit of the families with churn where there is none.
 * Source: Ehrenberg (1959), Applied Statistics 8(1), 26-41.  The density is that
 * of the purchase times, so log-likelihoods compare with those of the others.
 */
#include "core/counts.h"
#include "core/families.h"
#include "core/patterns.h"
#include "core/special.h"

#include <math.h>

#define LOG_1E4 9.2103403719761836
#define LOG_1E5 11.512925464970229
#define LOG_1E6 13.815510557964274

static double
log_likelihood(const cv_family *family, const double *theta, const cv_pattern *patterns,
			   size_t n, double *gradient, double *hessian)
{
	double		r = exp(theta[0]),
				alpha = exp(theta[1]),
				sum = 0,
				g[2] = {0},
				h00 = 0,
				h01 = 0,
				h11 = 0,
				last_x = 0,
				last_T = -1,
				log_T = 0,
				share_T = 1,
				rising = 0,
				d1 = 0,
				d2 = 0;

	for (size_t i = 0; i < n; i++)
	{
		const cv_pattern *p = &patterns[i];
		double		count = p->count,
					rho = r + p->x;

		if (p->T != last_T)
		{
			last_T = p->T;
			log_T = log1p(p->T / alpha);
			share_T = alpha / (alpha + p->T);
		}
		if (p->x != last_x)
			rising = cv_log_rising(r, last_x = p->x, &d1, &d2);
		sum += count * (rising - rho * log_T - p->x * theta[1]);
		g[0] += count * r * (d1 - log_T);
		g[1] += count * (r - rho * share_T);
		h00 += count * r * (d1 - log_T + r * d2);
		h01 += count * r * (1 - share_T);
		h11 -= count * rho * share_T * (1 - share_T);
	}
	if (gradient)
	{
		gradient[0] = g[0];
		gradient[1] = g[1];
	}
	if (hessian)
	{
		hessian[0] = h00;
		hessian[1] = hessian[2] = h01;
		hessian[3] = h11;
	}
	return sum;
}

/* The one start: r and alpha from the first two moments of the counts. */
static bool
start(const cv_family *family, const cv_pattern *patterns, size_t n, int k, double *theta)
{
	double		x = 0,
				xx1 = 0,
				T = 0,
				TT = 0,
				rate,
				variance,
				r;

	if (k != 0)
		return false;
	for (size_t i = 0; i < n; i++)
	{
		const cv_pattern *p = &patterns[i];

		x += p->count * p->x;
		xx1 += p->count * p->x * (p->x - 1);
		T += p->count * p->T;
		TT += p->count * p->T * p->T;
	}
	rate = x / T;
	variance = xx1 / TT - rate * rate;
	r = fmin(fmax(rate * rate / fmax(variance, 1e-9 * rate * rate), 0.05), 50);
	theta[0] = log(r);
	theta[1] = log(r / rate);
	return true;
}

/* Beyond the box all customers buy at the same rate, as far as any data can tell. */
static void
bounds(const cv_family *family, const cv_pattern *patterns, size_t n, double *lower, double *upper)
{
	double		scale = log(cv_patterns_mean_T(patterns, n));

	lower[0] = -LOG_1E5;
	upper[0] = LOG_1E4;
	lower[1] = scale - LOG_1E6;
	upper[1] = scale + LOG_1E5 + LOG_1E5;
}

static double
probability_alive(const cv_family *family, const double *param, const cv_customer *c)
{
	return 1;
}

static double
survival(const cv_family *family, const double *param, const cv_customer *c, double t)
{
	return 1;
}

static double
purchases_if_alive(const cv_family *family, const double *param, const cv_customer *c,
				   double t, double delta)
{
	double		rate = (param[0] + c->x) / (param[1] + c->T);

	t = cv_discounting_horizon(t, delta);
	return rate * (delta == 0 ? t : -expm1(-delta * t) / delta);
}

static double
count_probability(const cv_family *family, const double *param, const cv_customer *c,
				  double t, double n)
{
	cv_counts	counts = cv_counts_of(param[0] + c->x, param[1] + c->T, n);

	return fmin(1, exp(cv_counts_log_probability(&counts, t)));
}

static double
next_purchase_density(const cv_family *family, const double *param, const cv_customer *c, double u)
{
	return cv_counts_next(param[0] + c->x, param[1] + c->T, u);
}

/* Nobody leaves, so the whole time observed tells of the rate, not only the time to t_x. */
static double
purchase_cycle(const cv_family *family, const double *param, const cv_customer *c)
{
	return (param[1] + c->T) / (param[0] + c->x);
}

const cv_family cv_nbd = {
	.id = CV_FAMILY_NBD,
	.kind = CV_PURCHASE_MODEL,
	.name = "nbd",
	.description = "Customers buy at random times, each at a rate of its own, and never leave.",
	.n_params = 2,
	.param_name = {"r", "alpha"},
	.scale_params = 1 << 1,
	.purchase_shift = {0, -1},
	.log_likelihood = log_likelihood,
	.start = start,
	.bounds = bounds,
	.probability_alive = probability_alive,
	.survival = survival,
	.purchases_if_alive = purchases_if_alive,
	.count_probability = count_probability,
	.next_purchase_density = next_purchase_density,
	.purchase_cycle = purchase_cycle
};
