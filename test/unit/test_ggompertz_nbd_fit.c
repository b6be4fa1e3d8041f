/*
 * test_ggompertz_nbd_fit.c - fits of the gamma-Gompertz/NBD family.
 *
 * Catches fits that miss the optimum, its limit or the words for it, that do not
 * find back what made the customers, or that depend on their order.
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
#include "random.h"
#include "reference.h"
#include "search.h"
#include "simulate.h"

#define N 5
#define MAX_CUSTOMERS 24000

static cv_pattern patterns[MAX_CUSTOMERS];
static cdnow_customer customers[MAX_CUSTOMERS];

static const cv_family *
gompertz(void)
{
	return cv_family_by_name("ggompertz/nbd");
}

static double
off(double is, double should)
{
	return is == should ? 0 : fabs(is - should) / fabs(should);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* Customers from 20 to 60 weeks old, with whole days. */
static void
make_customers(const double *param, int n)
{
	simulate(gompertz(), param, (size_t) n, 20, 60, &(cv_sample) {.patterns = patterns});
	for (int i = 0; i < n; i++)
		patterns[i].t_x = fmin(patterns[i].T, ceil(7 * patterns[i].t_x) / 7);
}

static cv_model
fit(int n)
{
	cv_model	model;

	assert_int_equal(cv_fit(gompertz(), &(cv_sample) {.patterns = patterns, .n = (size_t) n}, NULL, &model), CV_FIT_OK);
	assert_true(isfinite(model.log_likelihood));
	for (int i = 0; i < model.n_params; i++)
		assert_true(isfinite(model.param[i]) && model.param[i] > 0);
	return model;
}

/* The rows of optima.json: one with a maximum, one where the Pareto/NBD is it. */
static void
optima(void **state)
{
	FILE	   *f;
	char		row[4096];
	int			rows = 0;

	reference_or_skip();
	f = reference_open("reference/optima.json");
	while (fgets(row, sizeof(row), f))
	{
		const char *errors = strstr(row, "\"se_log_params\"");
		char		dataset[40],
					verdict[512];
		double		expected,
					took;
		cv_model	model;
		int			n;

		if (!row_is(row, "model", "ggomnbd"))
			continue;
		assert_int_equal(sscanf(strstr(row, "\"dataset\": ") + 11, "\"%39[^\"]\"", dataset), 1);
		n = (int) cdnow_patterns(CV_PURCHASE_MODEL, customers, cdnow_read(dataset, customers, MAX_CUSTOMERS), patterns);
		took = seconds();
		model = fit(n);
		took = seconds() - took;
		print_message("# %s: %.0f patterns in %.0f ms\n", dataset, model.patterns, 1e3 * took);
		cv_model_verdict(&model, verdict, sizeof(verdict));
		assert_true(row_number(row, "loglik", &expected));
		assert_true(off(model.log_likelihood, expected) < 1e-8);
		assert_int_equal(model.requested, CV_FAMILY_GGOMPERTZ_NBD);
		if (strstr(row, "\"boundary\": true"))
		{
			assert_int_equal(model.family, CV_FAMILY_PARETO_NBD);
			assert_int_equal(model.status, CV_STATUS_LIMIT);
			assert_non_null(strstr(verdict, "its limit pareto/nbd"));
			assert_non_null(strstr(verdict, "pareto/nbd stands in"));
		}
		else
		{
			assert_int_equal(model.family, CV_FAMILY_GGOMPERTZ_NBD);
			assert_int_equal(model.status, CV_STATUS_CONVERGED);
			for (int i = 0; i < N; i++)
			{
				assert_true(row_number(row, gompertz()->param_name[i], &expected));
				assert_true(off(model.param[i], expected) < 1e-5);
				if (errors && row_number(errors, gompertz()->param_name[i], &expected))
					assert_true(off(sqrt(model.cov[(N + 1) * i]), expected) < 1e-4);
			}
		}
		rows++;
	}
	fclose(f);
	assert_int_equal(rows, 2);
}

static void
recovers_what_made_the_customers(void **state)
{
	/* leaving early, and as soon as they are a while there */
	static const double made[][N] = {{0.8, 5, 0.1, 0.6, 2}, {1.5, 6, 0.15, 0.8, 30}};

	random_seed(8);
	for (int k = 0; k < 2; k++)
	{
		cv_model	model;

		make_customers(made[k], 20000);
		model = fit(20000);
		assert_int_equal(model.status, CV_STATUS_CONVERGED);
		assert_int_equal(model.family, CV_FAMILY_GGOMPERTZ_NBD);
		for (int i = 0; i < N; i++)
			assert_true(fabs(log(model.param[i] / made[k][i])) < 4 * sqrt(model.cov[(N + 1) * i]));
	}
}

/* Nobody leaves: Pareto/NBD does not have a maximum either, and both end at NBD in many samples. */
static void
limit_of_the_limit(void **state)
{
	static const double made[N] = {2, 8, 1e-9, 1e-9, 1};
	int			fell_back = 0;

	random_seed(9);
	for (int k = 0; k < 10; k++)
	{
		cv_model	model;
		char		verdict[512];

		make_customers(made, 400);
		model = fit(400);
		if (model.family != CV_FAMILY_NBD)
			continue;
		fell_back++;
		assert_int_equal(model.status, CV_STATUS_NO_CHURN);
		cv_model_verdict(&model, verdict, sizeof(verdict));
		assert_non_null(strstr(verdict, "nbd stands in for ggompertz/nbd"));
	}
	print_message("# %d of 10 samples without churn fell back to nbd\n", fell_back);
	assert_in_range(fell_back, 2, 9);
}

/* Small samples often have no finite maximum, or several: what a search finds is not missed, and Pareto/NBD is no better. */
static void
small_samples_reach_their_maximum(void **state)
{
	size_t		n;
	int			at_limit = 0;

	reference_or_skip();
	n = cdnow_read("cdnow_master_full", customers, MAX_CUSTOMERS);
	random_seed(11);
	for (int k = 0; k < 6; k++)
	{
		static cdnow_customer sample[500];
		size_t		size = 50 + (size_t) (251 * random_uniform());
		cv_model	model,
					pareto;

		for (size_t i = 0; i < size; i++)
			sample[i] = customers[(size_t) ((double) n * random_uniform())];
		model = fit((int) cdnow_patterns(CV_PURCHASE_MODEL, sample, size, patterns));
		at_limit += model.family != model.requested;
		assert_true(best_of_many(gompertz(), patterns, (size_t) model.patterns, 0, 8, NULL) < model.log_likelihood + 1e-5);
		assert_int_equal(cv_fit(cv_family_by_name("pareto/nbd"), &(cv_sample) {.patterns = patterns, .n = (size_t) model.patterns},
								NULL, &pareto), CV_FIT_OK);
		assert_true(pareto.log_likelihood < model.log_likelihood + 1e-5);
	}
	print_message("# 6 samples, %d of them at a limit\n", at_limit);
}

/* Any order of the customers gives the same bytes. */
static void
order_does_not_matter(void **state)
{
	static const double made[N] = {0.8, 5, 0.1, 0.6, 2};
	const int	n = 3000;
	cv_model	first,
				model;

	random_seed(10);
	make_customers(made, n);
	first = fit(n);
	random_seed(10);
	make_customers(made, n);
	for (int i = n; i-- > 1;)
	{
		int			j = (int) (i * random_uniform());
		cv_pattern	swapped = patterns[i];

		patterns[i] = patterns[j];
		patterns[j] = swapped;
	}
	model = fit(n);
	assert_memory_equal(model.param, first.param, sizeof(model.param));
	assert_memory_equal(model.cov, first.cov, sizeof(model.cov));
	assert_memory_equal(&model.log_likelihood, &first.log_likelihood, sizeof(double));
	assert_true(model.status == first.status);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(optima),
		cmocka_unit_test(recovers_what_made_the_customers),
		cmocka_unit_test(limit_of_the_limit),
		cmocka_unit_test(small_samples_reach_their_maximum),
		cmocka_unit_test(order_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
