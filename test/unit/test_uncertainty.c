/*
 * test_uncertainty.c - the delta method.
 *
 * Catches a wrong scale, a wrong gradient (exact derivatives of NBD), lost digits of the
 * differences, covariances that are left out (simulation from correlated
 * parameters), intervals that leave (0, 1) or turn negative, and certainty that is none.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/uncertainty.h"
#include "random.h"

static double
off(double is, double should)
{
	return is == should ? 0 : fabs(is - should) / fabs(should);
}

/* Predictions of a customer by a family: what the functions below vary. */
typedef struct question
{
	const cv_family *family;
	cv_customer c;
	double		t;
	double		delta;
} question;

#define QUANTITIES 5

static const cv_scale scale[QUANTITIES] = {CV_SCALE_LOGIT, CV_SCALE_LOGIT, CV_SCALE_LOG, CV_SCALE_LOG, CV_SCALE_LOGIT};

static void
predictions(const double *param, void *arg, double *value)
{
	const question *q = arg;
	const cv_family *f = q->family;

	value[0] = f->probability_alive(f, param, &q->c);
	value[1] = cv_probability_active(f, param, &q->c, q->t);
	value[2] = cv_expected_purchases(f, param, &q->c, q->t);
	value[3] = cv_discounted_purchases(f, param, &q->c, INFINITY, q->delta);
	value[4] = f->count_probability(f, param, &q->c, q->t, 0);
}

static double
to_scale(cv_scale s, double value)
{
	return s == CV_SCALE_LOG ? log(value) : log(value / (1 - value));
}

/* NBD: rate (r + x)/(alpha + T), chance of no purchase ((alpha+T)/(alpha+T+t))^(r+x). */
static void
exact_derivatives(void **state)
{
	question	q = {cv_family_by_name("nbd"), {.x = 3, .t_x = 20, .T = 30}, 26, 0.002};
	const double param[CV_MAX_PARAMS] = {0.6, 9};
	const double cov[4] = {0.02, 0.015, 0.015, 0.03};
	double		variance[QUANTITIES],
				rho = 3.6,
				A = 39,
				none = pow(A / (A + 26), rho),
				/* by the logs of r and alpha */
				rate[2] = {0.6 / rho, -9 / A},
				log_none[2] = {0.6 * log(A / (A + 26)), rho * 9 * (1 / A - 1 / (A + 26))},
				expected,
				of_none = 0;

	cv_delta_method(param, 2, cov, predictions, &q, QUANTITIES, scale, variance);
	expected = rate[0] * rate[0] * cov[0] + 2 * rate[0] * rate[1] * cov[1] + rate[1] * rate[1] * cov[3];
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 2; j++)
			of_none += log_none[i] * log_none[j] * cov[2 * i + j] / ((1 - none) * (1 - none));
	/* nobody leaves: certain */
	assert_true(variance[0] == 0 && variance[1] == 0);
	assert_true(off(variance[2], expected) < 1e-9);
	assert_true(off(variance[3], expected) < 1e-9);
	assert_true(off(variance[4], of_none) < 1e-9);
}

/* A covariance with what is given as standard errors and correlations, and its Cholesky factor. */
static void
covariance(int n, const double *error, double correlation, double *cov, double *factor)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			cov[i * n + j] = error[i] * error[j] * (i == j ? 1 : correlation);
	memset(factor, 0, n * n * sizeof(double));
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			double		sum = cov[i * n + j];

			for (int k = 0; k < j; k++)
				sum -= factor[i * n + k] * factor[j * n + k];
			factor[i * n + j] = i == j ? sqrt(sum) : sum / factor[j * n + j];
		}
}

/*
 * Small errors, so that what is drawn around the estimates varies in proportion:
 * the spread of the predictions is the standard error, up to the chance of 4000 draws
 * (one in 90 is its own deviation) and to second order.
 */
static void
spread_of_simulated_predictions(void **state)
{
	static const struct
	{
		const char *family;
		double		param[CV_MAX_PARAMS];
	}			model[] = {
		{"bg/nbd", {0.243, 4.414, 0.793, 2.426}},
		{"mbg/nbd", {0.525, 6.183, 0.891, 1.614}},
		{"pareto/nbd", {0.553, 10.58, 0.606, 11.67}},
		{"nbd", {0.385, 12.1}}
	};
	static const double error[] = {0.02, 0.03, 0.025, 0.04};
	double		worst = 0;

	random_seed(21);
	for (int k = 0; k < 4; k++)
	{
		question	q = {cv_family_by_name(model[k].family), {.x = 4, .t_x = 30, .T = 38}, 39, 0.002};
		int			n = q.family->n_params;
		double		cov[16],
					factor[16],
					variance[QUANTITIES],
					sum[QUANTITIES] = {0},
					squares[QUANTITIES] = {0};
		const int	draws = 4000;

		covariance(n, error, k % 2 ? 0.5 : -0.2, cov, factor);
		cv_delta_method(model[k].param, n, cov, predictions, &q, QUANTITIES, scale, variance);
		for (int d = 0; d < draws; d++)
		{
			double		normal[4],
						param[CV_MAX_PARAMS] = {0},
						value[QUANTITIES];

			for (int i = 0; i < n; i++)
				normal[i] = sqrt(-2 * log(random_uniform())) * cos(2 * M_PI * random_uniform());
			for (int i = 0; i < n; i++)
			{
				double		by = 0;

				for (int j = 0; j <= i; j++)
					by += factor[i * n + j] * normal[j];
				param[i] = model[k].param[i] * exp(by);
			}
			predictions(param, &q, value);
			for (int j = 0; j < QUANTITIES; j++)
			{
				double		v = variance[j] == 0 ? 0 : to_scale(scale[j], value[j]);

				sum[j] += v;
				squares[j] += v * v;
			}
		}
		for (int j = 0; j < QUANTITIES; j++)
		{
			double		spread = squares[j] / draws - sum[j] / draws * (sum[j] / draws);

			assert_true(k < 3 || j >= 2 || variance[j] == 0);
			if (variance[j] > 0)
				worst = fmax(worst, fabs(sqrt(spread / variance[j]) - 1));
		}
	}
	print_message("# spread of predictions over standard error, worst: off 1 by %.3f\n", worst);
	assert_true(worst > 0 && worst < 0.05);
}

/*
 * The same from differences of second order at two steps, extrapolated: another
 * way to the same gradient, for customers of all kinds.
 */
static void
digits_of_the_gradient(void **state)
{
	double		worst = 0;

	random_seed(22);
	for (int k = 0; k < 300; k++)
	{
		static const char *const name[] = {"bg/nbd", "mbg/nbd", "pareto/nbd"};
		question	q = {cv_family_by_name(name[k % 3]), {.T = random_magnitude(0, 2)}, random_magnitude(0, 2), random_magnitude(-4, -2)};
		double		param[CV_MAX_PARAMS] = {0};

		q.c.x = k % 4 == 0 ? 0 : floor(random_magnitude(0, 2));
		q.c.t_x = q.c.x > 0 ? q.c.T * sqrt(random_uniform()) : 0;
		for (int i = 0; i < 4; i++)
			param[i] = random_magnitude(-0.5, 1);
		for (int i = 0; i < 4; i++)
		{
			double		cov[16] = {0},
						variance[QUANTITIES],
						difference[2][QUANTITIES],
						value[QUANTITIES];

			cov[i * 4 + i] = 1;
			cv_delta_method(param, 4, cov, predictions, &q, QUANTITIES, scale, variance);
			predictions(param, &q, value);
			for (int step = 0; step < 2; step++)
			{
				double		h = step ? 4e-3 : 2e-3,
							low[QUANTITIES],
							high[QUANTITIES],
							nearby[CV_MAX_PARAMS];

				memcpy(nearby, param, sizeof(nearby));
				nearby[i] = param[i] * exp(h);
				predictions(nearby, &q, high);
				nearby[i] = param[i] * exp(-h);
				predictions(nearby, &q, low);
				for (int j = 0; j < QUANTITIES; j++)
					difference[step][j] = (to_scale(scale[j], high[j]) - to_scale(scale[j], low[j])) / (2 * h);
			}
			for (int j = 0; j < QUANTITIES; j++)
			{
				double		gradient = fabs(4 * difference[0][j] - difference[1][j]) / 3;

				/* near certainty the complement has few digits */
				if (value[j] < 1e-300 || (scale[j] == CV_SCALE_LOGIT && value[j] > 1 - 1e-4) || gradient < 1e-2)
					continue;
				worst = fmax(worst, off(sqrt(variance[j]), gradient));
			}
		}
	}
	print_message("# worst relative error %.1e\n", worst);
	assert_true(worst < 1e-7);
}

/* Two quantities that slopes tell as well: without and with a discount. */
static void
sloped(const double *param, void *arg, double *value)
{
	const question *q = arg;

	value[0] = q->family->probability_alive(q->family, param, &q->c);
	value[1] = cv_expected_purchases(q->family, param, &q->c, q->t);
	value[2] = cv_discounted_purchases(q->family, param, &q->c, q->t, q->delta);
}

/*
 * Slopes that families know, beside differences: for customers and models of all
 * kinds, those near a limit, where all customers are alike, included.  Each
 * parameter alone, so that none can hide behind another.
 */
static void
slopes_beside_differences(void **state)
{
	static const char *const name[] = {"bg/nbd", "mbg/nbd", "pareto/nbd"};
	static const cv_scale scales[3] = {CV_SCALE_LOGIT, CV_SCALE_LOG, CV_SCALE_LOG};
	double		worst = 0;
	int			known = 0;

	random_seed(23);
	for (int k = 0; k < 3000; k++)
	{
		question	q = {cv_family_by_name(name[k % 3]), {.T = random_magnitude(0, 2.5)}, random_magnitude(0, 2), random_magnitude(-4, -2)};
		double		param[CV_MAX_PARAMS] = {0};
		bool		alike = k / 3 % 4 == 0;
		cv_prediction p,
					v;

		if (k / 3 % 5 == 0)
			q.delta = -q.delta / 10;
		q.c.x = k / 3 % 7 == 0 ? 0 : floor(random_magnitude(0, 2));
		q.c.t_x = q.c.x > 0 ? q.c.T * sqrt(random_uniform()) : 0;
		for (int i = 0; i < 4; i++)
			param[i] = random_magnitude(alike ? 2 : -0.7, alike ? 4 : 1.5);
		p = cv_predict(q.family, param, &q.c, q.t, q.delta);
		for (int i = 0; i < 4; i++)
		{
			double		cov[16] = {0},
						variance[3],
						is[3];

			cov[i * 4 + i] = 1;
			if (!cv_prediction_variances(q.family, param, &q.c, q.t, q.delta, cov, &p, &v))
				break;
			known += i == 0;
			cv_delta_method(param, 4, cov, sloped, &q, 3, scales, variance);
			is[0] = v.alive;
			is[1] = v.expected;
			is[2] = v.discounted;
			for (int j = 0; j < 3; j++)
			{
				/* where the slopes are nothing beside the prediction, differences have no digits */
				double		apart = fabs(sqrt(is[j]) - sqrt(variance[j])) / (sqrt(variance[j]) + 1e-3);

				if (p.alive > 1e-250 && p.alive < 1 - 1e-4)
					worst = fmax(worst, apart);
			}
		}
	}
	print_message("# slopes known for %d of 3000, worst difference %.1e\n", known, worst);
	assert_true(known > 2700 && worst < 1e-7);
}

static double
density(double z)
{
	return exp(-z * z / 2) / sqrt(2 * M_PI);
}

static void
intervals(void **state)
{
	cv_interval i;

	/* published quantiles of the normal distribution */
	assert_true(off(cv_normal_bound(0.95), 1.959963984540054) < 1e-14);
	assert_true(off(cv_normal_bound(0.9), 1.6448536269514722) < 1e-14);
	assert_true(off(cv_normal_bound(0.99), 2.5758293035489004) < 1e-14);
	assert_true(off(cv_normal_bound(0.5), 0.6744897501960817) < 1e-14);
	assert_true(off(cv_normal_bound(1 - 0x1p-53), 8.2923611) < 1e-3);
	assert_true(fabs(cv_normal_bound(1e-12) - 5e-13 / density(0)) < 1e-15);

	i = cv_interval_of(10, CV_SCALE_LOG, 0.04, 2);
	assert_true(off(i.standard_error, 2) < 1e-15 && off(i.low, 10 * exp(-0.4)) < 1e-14 && off(i.high, 10 * exp(0.4)) < 1e-14);
	i = cv_interval_of(0.2, CV_SCALE_LOGIT, 0.25, 1);
	assert_true(off(i.standard_error, 0.08) < 1e-14 && off(i.low, 1 / (1 + 4 * exp(0.5))) < 1e-14 && off(i.high, 1 / (1 + 4 * exp(-0.5))) < 1e-14);
	/* hardly known: still a probability */
	i = cv_interval_of(0.5, CV_SCALE_LOGIT, 1e8, 3);
	assert_true(i.low >= 0 && i.high <= 1 && i.low < 1e-100 && i.high == 1);
	/* certain */
	i = cv_interval_of(1, CV_SCALE_LOGIT, 0, 2);
	assert_true(i.standard_error == 0 && i.low == 1 && i.high == 1);
	i = cv_interval_of(0, CV_SCALE_LOG, 0, 2);
	assert_true(i.standard_error == 0 && i.low == 0 && i.high == 0);
	/* nothing to say */
	i = cv_interval_of(1, CV_SCALE_LOG, NAN, 2);
	assert_true(isnan(i.standard_error) && isnan(i.low) && isnan(i.high));
}

/* One who never ends: NaN where the parameter is below a limit. */
static void
limited(const double *param, void *arg, double *value)
{
	value[0] = param[0] > *(double *) arg ? param[0] : NAN;
}

static void
not_finite_nearby(void **state)
{
	const double param[CV_MAX_PARAMS] = {2};
	const double cov[1] = {0.01};
	const cv_scale log_scale = CV_SCALE_LOG;
	double		limit = 1.9,
				variance;

	cv_delta_method(param, 1, cov, limited, &limit, 1, &log_scale, &variance);
	assert_true(off(variance, 0.01) < 1e-10);
	limit = 1.9999;
	cv_delta_method(param, 1, cov, limited, &limit, 1, &log_scale, &variance);
	assert_true(isnan(variance));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_derivatives),
		cmocka_unit_test(spread_of_simulated_predictions),
		cmocka_unit_test(digits_of_the_gradient),
		cmocka_unit_test(slopes_beside_differences),
		cmocka_unit_test(intervals),
		cmocka_unit_test(not_finite_nearby),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
