/*
 * test_model_fit_many.c - fits to so many patterns that a maximum is drawn near to on some of them.
 *
 * Catches a maximum of those that is taken for that of all, and a last step of Newton's
 * method that is left out too early.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/model.h"
#include "core/optimise.h"
#include "random.h"

#define N 4
#define CUSTOMERS 300000

/*
 * The longest step of any log parameter by which Newton's method would move from the model;
 * and how far its covariances are from those there, in correlations.
 */
static double
step_left(const cv_family *family, const cv_model *model, const cv_pattern *patterns, double *covariance_off)
{
	double		theta[N],
				gradient[N],
				hessian[N * N],
				covariance[N * N],
				longest = 0;

	for (int i = 0; i < N; i++)
		theta[i] = log(model->param[i]);
	family->log_likelihood(family, theta, patterns, (size_t) model->patterns, gradient, hessian);
	for (int i = 0; i < N * N; i++)
		hessian[i] = -hessian[i];
	assert_true(cv_invert(hessian, N, covariance));
	*covariance_off = 0;
	for (int i = 0; i < N; i++)
	{
		double		step = 0;

		for (int j = 0; j < N; j++)
		{
			double		off = model->cov[i * N + j] - covariance[i * N + j];

			step += covariance[i * N + j] * gradient[j];
			*covariance_off = fmax(*covariance_off, fabs(off) / sqrt(covariance[(N + 1) * i] * covariance[(N + 1) * j]));
		}
		longest = fmax(longest, fabs(step));
	}
	return longest;
}

static void
reaches_the_maximum(void **state)
{
	static const char *const families[] = {"bg/nbd", "mbg/nbd", "pareto/nbd"};
	static const double param[N] = {0.8, 7, 0.9, 2.2};
	static cv_pattern patterns[CUSTOMERS],
				close[CV_CLOSE];
	size_t		n = CUSTOMERS;

	random_seed(11);
	for (size_t i = 0; i < CUSTOMERS; i++)
		patterns[i] = random_customer(1, param, 20 + floor(1400 * random_uniform()) / 7);
	for (size_t f = 0; f < sizeof(families) / sizeof(*families); f++)
	{
		const cv_family *family = cv_family_by_name(families[f]);
		cv_sample	sample = {.patterns = patterns, .n = n, .close = f > 0 ? close : NULL};
		cv_model	model;
		double		step,
					off;

		assert_int_equal(cv_fit(family, &sample, NULL, &model), CV_FIT_OK);
		assert_int_equal(model.status, CV_STATUS_CONVERGED);
		assert_true(model.customers == CUSTOMERS);
		/* they were merged in place */
		n = (size_t) model.patterns;
		assert_true(model.patterns > 100000);
		step = step_left(family, &model, patterns, &off);
		print_message("# %s, %.0f patterns: a step of %.1e is left, covariances off by %.1e\n",
					  family->name, model.patterns, step, off);
		assert_true(step < 1e-11);
		assert_true(off < 1e-7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reaches_the_maximum)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
