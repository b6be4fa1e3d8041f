/*
 * contract.c - the survival curve of sBG and BdW, and what follows from it.
 */
#include "core/contract.h"
#include "core/special.h"

#include <math.h>
#include <string.h>

double
cv_contract_log_survival(const double *param, int n_params, double from, double to)
{
	double		before = from,
				gap = to - from;

	if (n_params > 2)
	{
		double		c = param[2];

		before = from > 0 ? fmin(pow(from, c), 1e300) : 0;
		/* to^c - from^c without subtracting where they are close */
		gap = from > 0 ? fmin(before * expm1(c * log1p(gap / from)), 1e300) : fmin(pow(to, c), 1e300);
	}
	return -cv_log_gamma_square(param[1] + before, param[0], gap);
}

static double
retention_of(const double *param, int n_params, double t)
{
	if (n_params == 2)
		return (param[1] + (t - 1)) / (param[0] + param[1] + (t - 1));
	return exp(cv_contract_log_survival(param, n_params, t - 1, t));
}

static double
churn_of(const double *param, int n_params, double t)
{
	if (n_params == 2)
		return param[0] / (param[0] + param[1] + (t - 1));
	return -expm1(cv_contract_log_survival(param, n_params, t - 1, t));
}

/*
 * The discounted survivors after a time, f(s) = S(first + s) / S(from) exp(-delta s),
 * for s up to last
 */
typedef struct flow
{
	const double *param;
	int			n_params;
	double		from;
	double		first;
	double		last;
	double		delta;
} flow;

static double
log_flow(const flow *f, double s)
{
	return cv_contract_log_survival(f->param, f->n_params, f->from, f->first + s) - f->delta * s;
}

/* The integral of the flow from s to the last, or until the rest is below 1e-16 of so_far. */
static double
integral_from(const flow *f, double s, double so_far)
{
	double		c = f->n_params > 2 ? f->param[2] : 1,
				ratio = 1 / fmax(c, 1),
				sum = 0,
				here = log_flow(f, s);

	while (s < f->last)
	{
		/* a panel over which the flow changes by little, and its time grows by at most a factor of two */
		double		step = (f->first + s) * ratio,
					slope = (here - log_flow(f, s * (1 + 1e-6))) / (s * 1e-6),
					area = 0;

		if (slope != 0)
			step = fmin(step, 4 / fabs(slope));
		step = fmin(step, f->last - s);
		for (int i = 0; i < 16; i++)
		{
			const double *node = cv_legendre16[i / 2];

			area += node[1] * exp(log_flow(f, s + step * 0.5 * (1 + (i % 2 ? node[0] : -node[0]))));
		}
		sum += 0.5 * step * area;
		s += step;
		here = log_flow(f, s);
		/* the rest is at most a geometric sum, and shrinks with s at least as fast as exp(-delta s) */
		if (exp(here) <= 1e-16 * f->delta * (so_far + sum) || here < -745 || !isfinite(sum))
			break;
	}
	return sum;
}

#define GREGORY 7

/*
 * What a sum is more than the integral at one end of it, s, from the values there
 * and next to it in direction inward: Gregory's correction f/2 - D1/12 + D2/24 -
 * 19 D3/720 + 3 D4/160 - 863 D5/60480 + 275 D6/24192, D the differences.
 */
static double
end_correction(const flow *f, double s, int inward)
{
	static const double weight[GREGORY] = {
		1.0 / 2, -1.0 / 12, 1.0 / 24, -19.0 / 720, 3.0 / 160, -863.0 / 60480, 275.0 / 24192
	};
	double		difference[GREGORY],
				sum = 0;

	for (int i = 0; i < GREGORY; i++)
		difference[i] = exp(log_flow(f, s + inward * i));
	for (int k = 0; k < GREGORY; k++)
	{
		sum += weight[k] * difference[0];
		for (int i = 0; i < GREGORY - 1 - k; i++)
			difference[i] = difference[i + 1] - difference[i];
	}
	return sum;
}

/*
 * The sum of the flow over s = 0, 1, 2, ... last.  Terms one by one at first; when
 * they fall slowly, the integral with corrections at its ends stands for the rest.
 */
static double
sum_of_flow(const flow *f)
{
	double		c = f->n_params > 2 ? f->param[2] : 1,
				at_least = 256 + 64 * c,
				sum = 0,
				discount = exp(-f->delta),
				last = INFINITY,
				term = 0,
				s;

	for (s = 0; s <= f->last; s++)
	{
		/* sBG's terms follow one from the other */
		if (s == 0 || f->n_params > 2)
			term = exp(log_flow(f, s));
		else
			term *= retention_of(f->param, f->n_params, f->first + s) * discount;

		if (s >= at_least && term > 0.98 * last && f->last - s >= 2 * GREGORY)
			break;
		sum += term;
		/* what follows is less than a geometric sum once terms fall by the discount alone, or than as many of this one */
		if (term <= 1e-17 * -expm1(-f->delta) * sum ||
			(f->delta >= 0 && isfinite(f->last) && term * (f->last - s) <= 1e-17 * sum))
			return sum;
		last = term;
	}
	if (s > f->last)
		return sum;
	sum += end_correction(f, s, 1);
	if (isfinite(f->last))
		sum += end_correction(f, f->last, -1);
	return sum + integral_from(f, s, sum);
}

double
cv_contract_periods(const double *param, int n_params, double from, double periods, double delta)
{
	flow		f = {param, n_params, from, from + 1, periods - 1, delta};

	return sum_of_flow(&f);
}

double
cv_contract_predict(const double *param, int n_params, cv_contract_prediction what, double t, double d)
{
	flow		new = {param, n_params, 0, 0, INFINITY, log1p(d)};

	switch (what)
	{
		case CV_CONTRACT_SURVIVAL:
			return exp(cv_contract_log_survival(param, n_params, 0, t));
		case CV_CONTRACT_RETENTION:
			return retention_of(param, n_params, t);
		case CV_CONTRACT_CHURN:
			return churn_of(param, n_params, t);
		case CV_CONTRACT_DEL:
			return sum_of_flow(&new);
		case CV_CONTRACT_DERL:
			return cv_contract_periods(param, n_params, t, INFINITY, log1p(d));
	}
	return NAN;
}

/* What the delta method varies the parameters of. */
typedef struct question
{
	int			n_params;
	cv_contract_prediction what;
	double		t;
	double		d;
} question;

static void
answer(const double *param, void *arg, double *value)
{
	const question *q = arg;

	*value = cv_contract_predict(param, q->n_params, q->what, q->t, q->d);
}

double
cv_contract_estimate(const cv_contract *contract, cv_contract_prediction what, double t, double d,
					 double z, cv_interval *interval)
{
	question	q = {contract->n_params, what, t, d};
	cv_scale	scale = what == CV_CONTRACT_DEL || what == CV_CONTRACT_DERL ? CV_SCALE_LOG : CV_SCALE_LOGIT;
	double		param[CV_MAX_PARAMS] = {0},
				estimate = cv_contract_predict(contract->param, contract->n_params, what, t, d),
				variance = NAN;

	memcpy(param, contract->param, sizeof(contract->param));
	if (contract->has_cov)
		cv_delta_method(param, contract->n_params, contract->cov, answer, &q, 1, &scale, &variance);
	*interval = cv_interval_of(estimate, scale, variance, z);
	return estimate;
}
