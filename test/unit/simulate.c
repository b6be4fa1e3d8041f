/*
 * simulate.c - customers who do exactly what a family says.
 */
#include "simulate.h"

#include <math.h>
#include <stdlib.h>

#include "random.h"

/* Adds the purchase at time now to the customer's, and the gap before it to the sample's. */
static void
buy(cv_pattern *c, double now, double *log_gaps)
{
	*log_gaps += log(now - c->t_x);
	c->x++;
	c->t_x = now;
}

/* Time to the next purchase: Erlang-k. */
static double
gap(double lambda, double k)
{
	double		sum = 0;

	for (int i = 0; i < k; i++)
		sum += random_exponential(lambda);
	return sum;
}

/* Buys at random until end, which may be the end of the observation or of the customer. */
static void
buy_until(cv_pattern *c, double lambda, double end, double *log_gaps)
{
	double		now = 0;

	while ((now += random_exponential(lambda)) < end)
		buy(c, now, log_gaps);
}

/* Leaves with probability p after each purchase, also after the first one where leave_at_once. */
static void
buy_until_lost(cv_pattern *c, const double *param, double k, bool leave_at_once, double *log_gaps)
{
	double		lambda = random_gamma(param[0], param[1]),
				p = random_beta(param[2], param[3]),
				now = 0;

	if (leave_at_once && random_uniform() < p)
		return;
	while ((now += gap(lambda, k)) < c->T)
	{
		buy(c, now, log_gaps);
		if (random_uniform() < p)
			break;
	}
}

/* Leaves with chance theta before each opportunity, else takes it with chance p. */
static void
take_opportunities(cv_pattern *c, const double *param)
{
	double		p = random_beta(param[0], param[1]),
				theta = random_beta(param[2], param[3]);

	for (double i = 1; i <= c->T && random_uniform() >= theta; i++)
	{
		if (random_uniform() < p)
		{
			c->x++;
			c->t_x = i;
		}
	}
}

/* The numbers x of customers in a spend sample: what customers who buy at uneven rates have. */
static void
spend(cv_pattern *c, const double *param)
{
	double		rate = random_gamma(0.6, 0.4),
				now = 0,
				nu = random_gamma(param[1], param[2]);

	c->x = 1;
	while ((now += random_exponential(rate)) < 1)
		c->x++;
	c->T = 0;
	c->m = random_gamma(param[0] * c->x, nu * c->x);
}

static void
simulate_customer(const cv_family *family, const double *param, cv_pattern *c, double *log_gaps)
{
	double		lambda;

	switch (family->id)
	{
		case CV_FAMILY_NBD:
			buy_until(c, random_gamma(param[0], param[1]), c->T, log_gaps);
			break;
		case CV_FAMILY_BG_NBD:
			buy_until_lost(c, param, 1, false, log_gaps);
			break;
		case CV_FAMILY_MBG_NBD:
			buy_until_lost(c, param, 1, true, log_gaps);
			break;
		case CV_FAMILY_BG_CNBD:
		case CV_FAMILY_MBG_CNBD:
			buy_until_lost(c, param, param[family->n_params], family->id == CV_FAMILY_MBG_CNBD, log_gaps);
			break;
		case CV_FAMILY_PARETO_NBD:
			lambda = random_gamma(param[0], param[1]);
			buy_until(c, lambda, fmin(c->T, random_exponential(random_gamma(param[2], param[3]))), log_gaps);
			break;
		case CV_FAMILY_GGOMPERTZ_NBD:
			lambda = random_gamma(param[0], param[1]);
			buy_until(c, lambda, fmin(c->T, log1p(random_exponential(random_gamma(param[3], param[4]))) / param[2]), log_gaps);
			break;
		case CV_FAMILY_BG_BB:
			take_opportunities(c, param);
			break;
		case CV_FAMILY_GAMMA_GAMMA:
			spend(c, param);
			break;
		default:
			abort();
	}
}

void
simulate(const cv_family *family, const double *param, size_t n, double shortest, double longest,
		 cv_sample *sample)
{
	double		steps = family->observation == CV_OPPORTUNITIES ? 1 : 7;

	sample->n = n;
	sample->log_gaps = 0;
	sample->has_log_gaps = family->regular;
	for (size_t i = 0; i < n; i++)
	{
		cv_pattern *c = &sample->patterns[i];

		*c = (cv_pattern) {.count = 1};
		c->T = floor(steps * (shortest + (longest - shortest) * random_uniform()) + 0.5) / steps;
		simulate_customer(family, param, c, &sample->log_gaps);
	}
}

/* The chance of renewing the first t times is (1 - theta)^(t^c). */
int
simulate_renewals(const double *param, int n_params, size_t n, double shortest, double longest,
				  cv_renewal *renewal)
{
	int			renewals = 0;

	for (int t = 0; t < SIMULATE_MAX_RENEWALS; t++)
		renewal[t] = (cv_renewal) {0, 0};
	for (size_t i = 0; i < n; i++)
	{
		double		theta = random_beta(param[0], param[1]),
					c = n_params > 2 ? param[2] : 1,
					lasts = pow(log(random_uniform()) / log1p(-theta), 1 / c),
					observed = fmin(floor(shortest + (longest - shortest + 1) * random_uniform()), SIMULATE_MAX_RENEWALS);

		for (int t = 1; t <= observed; t++)
		{
			renewals = t > renewals ? t : renewals;
			renewal[t - 1].at_risk++;
			if (lasts < t)
			{
				renewal[t - 1].lost++;
				break;
			}
		}
	}
	return renewals;
}
