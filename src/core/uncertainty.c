/*
 * uncertainty.c - the delta method.
 */
#include "core/uncertainty.h"

#include <math.h>
#include <string.h>

/*
 * Of the differences, in the log of a parameter.  Those of fourth order are off by
 * STEP^4/30 times the fifth derivative, and by rounding over STEP: both below 1e-10
 * for predictions that change on the scale of the parameters themselves.
 */
#define STEP 1e-3

/* So close to 1 a probability is certain; its complement has lost its digits. */
#define CERTAIN 1e-9

static double
to_scale(cv_scale scale, double value)
{
	return scale == CV_SCALE_LOG ? log(value) : log(value) - log1p(-value);
}

static bool
is_certain(cv_scale scale, double value)
{
	return value == 0 || (scale == CV_SCALE_LOGIT && value > 1 - CERTAIN);
}

double
cv_delta_variance(const double *gradient, int n, const double *cov, cv_scale scale, double estimate)
{
	double		sum = 0;

	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			sum += gradient[i] * cov[i * n + k] * gradient[k];
	/* a covariance read from text may be a little off being one */
	return is_certain(scale, estimate) ? 0 : !isfinite(estimate) ? NAN : sum < 0 ? 0 : sum;
}

void
cv_delta_method(const double *param, int n, const double *cov,
				cv_quantities quantities, void *arg, int m,
				const cv_scale *scale, double *variance)
{
	static const struct
	{
		double		at;
		double		weight;
	}			point[4] = {{-2 * STEP, 1 / (12 * STEP)}, {-STEP, -8 / (12 * STEP)},
							{STEP, 8 / (12 * STEP)}, {2 * STEP, -1 / (12 * STEP)}};
	double		nearby[CV_MAX_PARAMS],
				value[CV_MAX_QUANTITIES],
				estimate[CV_MAX_QUANTITIES],
				gradient[CV_MAX_QUANTITIES][CV_MAX_PARAMS] = {{0}};

	quantities(param, arg, estimate);
	memcpy(nearby, param, sizeof(nearby));
	for (int i = 0; i < n; i++)
	{
		for (int k = 0; k < 4; k++)
		{
			nearby[i] = param[i] * exp(point[k].at);
			quantities(nearby, arg, value);
			for (int j = 0; j < m; j++)
				gradient[j][i] += point[k].weight * to_scale(scale[j], value[j]);
		}
		nearby[i] = param[i];
	}
	for (int j = 0; j < m; j++)
		variance[j] = cv_delta_variance(gradient[j], n, cov, scale[j], estimate[j]);
}

static double
probability(double logit)
{
	return logit > 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit));
}

cv_interval
cv_interval_of(double estimate, cv_scale scale, double variance, double z)
{
	double		deviation = sqrt(variance);

	if (!isfinite(estimate) || !isfinite(variance))
		return (cv_interval) {NAN, NAN, NAN};
	if (variance == 0)
		return (cv_interval) {0, estimate, estimate};
	if (scale == CV_SCALE_LOG)
		return (cv_interval) {estimate * deviation, estimate * exp(-z * deviation), estimate * exp(z * deviation)};
	return (cv_interval) {
		estimate * (1 - estimate) * deviation,
		probability(to_scale(scale, estimate) - z * deviation),
		probability(to_scale(scale, estimate) + z * deviation)
	};
}

bool
cv_prediction_variances(const cv_family *family, const double *param, const cv_customer *c, double t, double delta,
						const double *cov, const cv_prediction *p, cv_prediction *variance)
{
	cv_slopes	s;
	double		check = 0;

	if (family->slopes == NULL || !family->slopes(family, param, c, t, delta, &s))
		return false;
	for (int i = 0; i < family->n_params; i++)
	{
		/* of the log of the chance to be alive, the other factor */
		double		alive = (1 - p->alive) * s.alive[i];

		s.expected[i] += alive;
		s.discounted[i] += alive;
		check += s.alive[i] + s.expected[i] + s.discounted[i];
	}
	variance->alive = cv_delta_variance(s.alive, family->n_params, cov, CV_SCALE_LOGIT, p->alive);
	variance->expected = cv_delta_variance(s.expected, family->n_params, cov, CV_SCALE_LOG, p->expected);
	variance->discounted = cv_delta_variance(s.discounted, family->n_params, cov, CV_SCALE_LOG, p->discounted);
	return isfinite(check);
}

/* Newton's method for the log of the tail, which is concave: from above it never overshoots. */
double
cv_normal_bound(double confidence)
{
	double		tail = (1 - confidence) / 2,
				z = sqrt(-2 * log(2 * tail));

	for (int i = 0; i < 100; i++)
	{
		double		q = erfc(z * M_SQRT1_2) / 2,
					step = log(q / tail) * q / (exp(-z * z / 2) / sqrt(2 * M_PI));

		z += step;
		if (fabs(step) <= 1e-15 * z)
			break;
	}
	return z;
}
