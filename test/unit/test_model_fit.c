/*
 * test_model_fit.c - the fits: at the optimum, whatever the data.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/model.h"
#include "reference.h"

#define MAX_CUSTOMERS 24000

static cdnow_customer customers[MAX_CUSTOMERS];
static cv_pattern patterns[MAX_CUSTOMERS];

static double
relative(double is, double should)
{
	return fabs(is - should) / fabs(should);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* A wrong formula, a stop too early or too late, or a lost customer: all show as another optimum. */
static void
reaches_the_reference_optima(void **state)
{
	static const char *const datasets[] = {
		"cdnow_sample_cal", "cdnow_sample_full", "cdnow_master_cal", "cdnow_master_full", "cdnow_pub"
	};

	reference_or_skip();
	for (size_t d = 0; d < sizeof(datasets) / sizeof(datasets[0]); d++)
	{
		size_t		n = cdnow_read(datasets[d], customers, MAX_CUSTOMERS);
		const cv_family *family;

		for (int i = 0; (family = cv_family_at(i)) != NULL; i++)
		{
			double		param[CV_MAX_PARAMS],
						error[CV_MAX_PARAMS],
						log_likelihood,
						started;
			cv_model	model;
			size_t		kept = cdnow_patterns(family->kind, customers, n, patterns);

			if (!reference_optimum(datasets[d], family, param, error, &log_likelihood) || kept == 0)
				continue;
			started = seconds();
			assert_int_equal(cv_fit(family, patterns, kept, NULL, NULL, &model), CV_FIT_OK);
			print_message("# %s, %s: %.0f customers, %.0f patterns, %.1f ms, log-likelihood %.8f, off by %.1e\n",
						  datasets[d], family->name, model.customers, model.patterns,
						  1e3 * (seconds() - started), model.log_likelihood, model.log_likelihood - log_likelihood);
			assert_int_equal(model.status, CV_STATUS_CONVERGED);
			assert_true(relative(model.log_likelihood, log_likelihood) < 1e-11);
			assert_true(model.has_cov);
			for (int j = 0; j < family->n_params; j++)
			{
				assert_true(relative(model.param[j], param[j]) < 1e-5);
				assert_true(relative(sqrt(model.cov[j * family->n_params + j]), error[j]) < 1e-4);
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reaches_the_reference_optima),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
