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
#include "core/optimise.h"
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

/* A small generator of its own, so that every run and machine sees the same samples. */
static uint64_t random_state;

static double
uniform(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (double) (random_state >> 11) / 9007199254740992.0;
}

typedef struct objective
{
	const cv_family *family;
	const cv_pattern *patterns;
	size_t		n;
} objective;

static double
objective_value(const double *theta, double *gradient, double *hessian, void *arg)
{
	const objective *o = arg;

	return o->family->log_likelihood(theta, o->patterns, o->n, gradient, hessian);
}

/* The best of many random starts in the family's box. */
static double
best_of_many(const cv_family *family, size_t n)
{
	objective	o = {family, patterns, n};
	cv_problem	problem = {.n = family->n_params, .value = objective_value, .arg = &o};
	double		best = -INFINITY;

	family->bounds(patterns, n, problem.lower, problem.upper);
	for (int k = 0; k < 12; k++)
	{
		double		theta[CV_MAX_PARAMS];
		cv_optimum	optimum;

		family->start(patterns, n, 0, theta);
		for (int i = 0; i < family->n_params; i++)
			theta[i] += 8 * uniform() - 4;
		cv_polish(&problem, 1e-9, theta, &optimum);
		if (optimum.value > best)
			best = optimum.value;
	}
	return best;
}

/* Small samples often have no finite maximum: none may fail, loop, or stop short of what a search finds. */
static void
small_samples_reach_their_maximum(void **state)
{
	static cdnow_customer sample[500];
	size_t		n;
	int			seen[5] = {0};

	reference_or_skip();
	n = cdnow_read("cdnow_master_cal", customers, MAX_CUSTOMERS);
	random_state = 1;
	for (int k = 0; k < 200; k++)
	{
		size_t		size = 50 + (size_t) (451 * uniform());
		const cv_family *family;

		for (size_t i = 0; i < size; i++)
			sample[i] = customers[(size_t) ((double) n * uniform())];
		for (int f = 0; (family = cv_family_at(f)) != NULL; f++)
		{
			size_t		kept = cdnow_patterns(family->kind, sample, size, patterns);
			cv_model	model;
			double		best;

			assert_int_equal(cv_fit(family, patterns, kept, NULL, NULL, &model), CV_FIT_OK);
			assert_int_not_equal(model.status, CV_STATUS_NOT_CONVERGED);
			seen[model.status]++;
			best = best_of_many(family, (size_t) model.patterns);
			if (best > model.log_likelihood + 1e-6 && getenv("VERBOSE"))
			{
				print_message("# sample %d of %zu, %s: status %d", k, size, family->name, model.status);
				for (int i = 0; i < model.n_params; i++)
					print_message(" %g", model.param[i]);
				print_message(" log-likelihood %.9f, a search found %.9f\n", model.log_likelihood, best);
			}
			else
			assert_true(best < model.log_likelihood + (model.status == CV_STATUS_NO_CHURN ? 1e-5 : 1e-6));
		}
	}
	print_message("# 200 samples, 4 families: %d clear, %d without churn, %d weak\n",
				  seen[CV_STATUS_CONVERGED], seen[CV_STATUS_NO_CHURN], seen[CV_STATUS_WEAK]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reaches_the_reference_optima),
		cmocka_unit_test(small_samples_reach_their_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
