/*
 * test_cnbd_fit.c - fits of BG/CNBD-k and MBG/CNBD-k.
 *
 * Catches fits that miss the true k, or the parameters that made the customers,
 * or that take for regular what is not.
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

#include "core/cnbd.h"
#include "random.h"
#include "reference.h"
#include "simulate.h"

#define MAX_CUSTOMERS 20000

static cv_pattern patterns[MAX_CUSTOMERS];

static const cv_family *
family_of(int variant)
{
	return cv_family_by_name(variant ? "mbg/cnbd-k" : "bg/cnbd-k");
}

static double
off(double is, double should)
{
	return is == should ? 0 : fabs(is - should) / fabs(should);
}

static cv_model
fit_simulated(const cv_family *family, const double *param, int k)
{
	cv_sample	sample = {.patterns = patterns};
	cv_fit_options options = {.k = k};
	cv_model	model;

	simulate(family, param, MAX_CUSTOMERS, 30, 80, &sample);
	assert_int_equal(cv_fit(family, &sample, &options, &model), CV_FIT_OK);
	return model;
}

/* Regular buyers, and random ones, are recognised, and give back what made them. */
static void
recovers_what_made_the_customers(void **state)
{
	static const double made[][5] = {{1.5, 3, 0.7, 2.5, 2}, {2, 4, 0.6, 3, 3}, {0.8, 5, 0.9, 2, 1}, {6, 2, 0.5, 4, 12}};

	random_seed(10);
	for (int i = 0; i < 4; i++)
	{
		for (int variant = 0; variant < 2; variant++)
		{
			cv_model	model = fit_simulated(family_of(variant), made[i], 0);

			assert_int_equal(model.status, CV_STATUS_CONVERGED);
			assert_true(model.family == family_of(variant)->id);
			assert_true(model.param[4] == made[i][4]);
			for (int j = 0; j < 4; j++)
				assert_true(fabs(log(model.param[j] / made[i][j])) < 4 * sqrt(model.cov[5 * j]));
		}
	}
}

/* Where nobody leaves, regular buyers stay what they are: there is no NBD that they could be. */
static void
without_churn(void **state)
{
	static const double made[] = {2, 4, 0, 1, 3};
	cv_model	model;

	random_seed(11);
	model = fit_simulated(family_of(1), made, 0);
	assert_int_equal(model.family, CV_FAMILY_MBG_CNBD);
	assert_true(model.param[4] == 3);
	assert_true(model.param[2] / (model.param[2] + model.param[3]) < 1e-3);
	/* nor with a k that does not fit, and without the times between purchases */
	model = fit_simulated(family_of(1), made, 5);
	assert_int_equal(model.family, CV_FAMILY_MBG_CNBD);
	assert_true(model.param[4] == 5);
}

/* CDNOW's customers do not buy regularly: k = 1 is likeliest, by far, and the fit is that of (M)BG/NBD. */
static void
cdnow_buys_at_random(void **state)
{
	static cdnow_customer customers[3000];
	cv_sample	sample = {.patterns = patterns, .has_log_gaps = true};
	size_t		n;

	reference_or_skip();
	n = cdnow_read("cdnow_sample_cal", customers, 3000);
	for (size_t i = 0; i < n; i++)
		sample.log_gaps += customers[i].log_gaps;
	for (int variant = 0; variant < 2; variant++)
	{
		const cv_family *family = family_of(variant);
		double		param[4],
					error[4],
					log_likelihood;
		cv_fit_options two = {.k = 2};
		cv_model	model;

		assert_true(reference_optimum("cdnow_sample_cal", cv_family_by_name(variant ? "mbg/nbd" : "bg/nbd"),
									  param, error, &log_likelihood));
		sample.n = cdnow_patterns(CV_PURCHASE_MODEL, customers, n, patterns);
		assert_int_equal(cv_fit(family, &sample, NULL, &model), CV_FIT_OK);
		assert_int_equal(model.status, CV_STATUS_CONVERGED);
		assert_true(model.param[4] == 1);
		assert_true(off(model.log_likelihood, log_likelihood) < 1e-8);
		for (int i = 0; i < 4; i++)
			assert_true(off(model.param[i], param[i]) < 1e-5);
		assert_int_equal(cv_fit(family, &sample, &two, &model), CV_FIT_OK);
		print_message("# %s: log-likelihood %.1f with k = 1, %.1f with k = 2\n", family->name, log_likelihood, model.log_likelihood);
		assert_true(model.log_likelihood < log_likelihood - 100);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recovers_what_made_the_customers),
		cmocka_unit_test(without_churn),
		cmocka_unit_test(cdnow_buys_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
