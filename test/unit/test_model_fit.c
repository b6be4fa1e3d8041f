/*
 * test_model_fit.c - the fits: at the optimum, whatever the data.
 *
 * Catches a stop too early or at a second maximum, a loop or a failure where there
 * is no finite maximum, and sums that depend on the order of the customers.
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
#include "core/objective.h"
#include "core/patterns.h"
#include "random.h"
#include "reference.h"
#include "search.h"

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
						started,
						worst_param = 0,
						worst_error = 0;
			cv_model	model;
			size_t		kept = cdnow_patterns(family->kind, customers, n, patterns);

			if (!reference_optimum(datasets[d], family, param, error, &log_likelihood) || kept == 0)
				continue;
			started = seconds();
			assert_int_equal(cv_fit(family, &(cv_sample) {.patterns = patterns, .n = kept}, NULL, &model), CV_FIT_OK);
			started = seconds() - started;
			assert_int_equal(model.status, CV_STATUS_CONVERGED);
			assert_true(model.has_cov);
			for (int j = 0; j < family->n_params; j++)
			{
				worst_param = fmax(worst_param, relative(model.param[j], param[j]));
				worst_error = fmax(worst_error, relative(sqrt(model.cov[j * family->n_params + j]), error[j]));
			}
			print_message("# %s, %s: %.0f customers, %.0f patterns, %.1f ms, log-likelihood %.8f; off by %.1e, "
						  "parameters by %.1e, their errors by %.1e\n", datasets[d], family->name, model.customers,
						  model.patterns, 1e3 * started, model.log_likelihood, model.log_likelihood - log_likelihood,
						  worst_param, worst_error);
			assert_true(relative(model.log_likelihood, log_likelihood) < 1e-11);
			assert_true(worst_param < 1e-6);
			assert_true(worst_error < 1e-5);
		}
	}
}

/* What the climbs see stands for all customers; else they end elsewhere, and the fit takes many times as long. */
static void
thinning_keeps_what_customers_are_like(void **state)
{
	static const double param[] = {0.8, 7, 0.9, 2.2};
	static cv_pattern thinned[512];
	double		all[3] = {0},
				few[3] = {0};
	size_t		n,
				kept;

	random_seed(8);
	for (int i = 0; i < 20000; i++)
		patterns[i] = random_customer(1, param, floor(7 * (20 + 20 * random_uniform())) / 7);
	n = cv_patterns_merge(patterns, 20000, NULL, NULL);
	assert_true(n > 2000);
	kept = cv_patterns_thin(patterns, n, thinned, 512);
	assert_true(kept > 100 && kept <= 512);
	assert_true(relative(cv_patterns_customers(thinned, kept), 20000) < 1e-12);
	for (size_t i = 0; i < n; i++)
	{
		all[0] += patterns[i].count * (patterns[i].x == 0);
		all[1] += patterns[i].count * patterns[i].t_x;
		all[2] += patterns[i].count * (patterns[i].x == 0) * patterns[i].T;
	}
	for (size_t i = 0; i < kept; i++)
	{
		few[0] += thinned[i].count * (thinned[i].x == 0);
		few[1] += thinned[i].count * thinned[i].t_x;
		few[2] += thinned[i].count * (thinned[i].x == 0) * thinned[i].T;
	}
	for (int k = 0; k < 3; k++)
		assert_true(relative(few[k], all[k]) < 0.05);

	/* few enough are all taken */
	assert_int_equal(cv_patterns_thin(patterns, 500, thinned, 512), 500);
	assert_memory_equal(thinned, patterns, 500 * sizeof(cv_pattern));
}

/* What must hold for every model that a fit returns. */
static void
assert_sound(const cv_model *model, const cv_family *requested)
{
	const cv_family *family = cv_family_by_id(model->family);
	char		verdict[512];

	assert_int_equal(model->requested, requested->id);
	assert_true(family == requested || cv_family_has_limit(requested, family));
	assert_true((family == requested) == (model->status != CV_STATUS_NO_CHURN && model->status != CV_STATUS_LIMIT) ||
				model->status == CV_STATUS_WEAK);
	assert_int_equal(model->n_params, family->n_params);
	assert_true(isfinite(model->log_likelihood));
	assert_true(model->status == CV_STATUS_CONVERGED || model->status == CV_STATUS_NO_CHURN ||
				model->status == CV_STATUS_LIMIT || model->status == CV_STATUS_WEAK);
	assert_true(model->has_cov || model->status != CV_STATUS_CONVERGED);
	for (int i = 0; i < model->n_params; i++)
	{
		assert_true(isfinite(model->param[i]) && model->param[i] > 0);
		if (model->has_cov)
			assert_true(model->cov[i * model->n_params + i] > 0 && model->cov[i * model->n_params + i] <= 100);
	}
	cv_model_verdict(model, verdict, sizeof(verdict));
	assert_true(strlen(verdict) > 20 && strlen(verdict) < sizeof(verdict) - 1);
}

/* Patterns do not tell how regular purchases are. */
static int
given_k(const cv_family *family)
{
	return family->regular ? 2 : 0;
}

static cv_model
fit(const cv_family *family, size_t n)
{
	cv_fit_options options = {.k = given_k(family)};
	cv_model	model;

	assert_int_equal(cv_fit(family, &(cv_sample) {.patterns = patterns, .n = n}, &options, &model), CV_FIT_OK);
	assert_sound(&model, family);
	return model;
}

/* Small samples often have no finite maximum: none may fail, loop, or stop short of what a search finds. */
static void
small_samples_reach_their_maximum(void **state)
{
	static cdnow_customer sample[500];
	size_t		n;
	int			seen[6] = {0},
				families = 0;

	reference_or_skip();
	n = cdnow_read("cdnow_master_cal", customers, MAX_CUSTOMERS);
	random_seed(1);
	for (int k = 0; k < 200; k++)
	{
		size_t		size = 50 + (size_t) (451 * random_uniform());
		const cv_family *family;

		for (size_t i = 0; i < size; i++)
			sample[i] = customers[(size_t) ((double) n * random_uniform())];
		for (int f = 0; (family = cv_family_at(f)) != NULL; f++)
		{
			cv_model	model;

			/* a search takes this one a second: test_ggompertz_nbd_fit.c has some */
			if (family->observation == CV_OPPORTUNITIES || family->id == CV_FAMILY_GGOMPERTZ_NBD)
				continue;
			model = fit(family, cdnow_patterns(family->kind, sample, size, patterns));
			families = f + 1;
			seen[model.status]++;
			assert_true(best_of_many(family, patterns, (size_t) model.patterns, given_k(family), 12, NULL) <
						model.log_likelihood + (model.family != model.requested ? 1e-5 : 1e-6));
		}
	}
	print_message("# 200 samples, %d families: %d clear, %d at a limit, %d without churn, %d weak\n",
				  families, seen[CV_STATUS_CONVERGED], seen[CV_STATUS_LIMIT], seen[CV_STATUS_NO_CHURN], seen[CV_STATUS_WEAK]);
}

/* Parameters that made the customers come back, within their errors. */
static void
recovers_what_made_the_customers(void **state)
{
	static const double param[] = {0.8, 7, 0.9, 2.2};

	random_seed(2);
	for (int first = 0; first < 2; first++)
	{
		const cv_family *family = cv_family_by_name(first ? "mbg/nbd" : "bg/nbd");
		cv_model	model;

		for (int i = 0; i < 20000; i++)
			patterns[i] = random_customer(first, param, floor(7 * (20 + 50 * random_uniform())) / 7);
		model = fit(family, 20000);
		assert_int_equal(model.status, CV_STATUS_CONVERGED);
		for (int i = 0; i < 4; i++)
			assert_true(fabs(log(model.param[i] / param[i])) < 4 * sqrt(model.cov[i * 4 + i]));
	}
}

/* Where nobody leaves about half of all samples say so outright; the rest see a trace of churn by chance. */
static void
no_churn_falls_back(void **state)
{
	static const double param[] = {2, 8, 0, 1};
	int			fell_back = 0;

	random_seed(3);
	for (int k = 0; k < 40; k++)
	{
		const cv_family *family = cv_family_by_name(k % 2 ? "mbg/nbd" : "bg/nbd");
		cv_model	model;

		for (int i = 0; i < 400; i++)
			patterns[i] = random_customer(0, param, floor(7 * (20 + 30 * random_uniform())) / 7);
		model = fit(family, 400);
		if (model.status == CV_STATUS_NO_CHURN)
		{
			fell_back++;
			assert_int_equal(model.family, CV_FAMILY_NBD);
			assert_true(fabs(log(model.param[0] / 2)) < 0.5);
			assert_true(best_of_many(family, patterns, (size_t) model.patterns, given_k(family), 12, NULL) < model.log_likelihood + 1e-5);
		}
		else
			/* little of it: hardly anybody leaves after a purchase */
			assert_true(model.param[2] / (model.param[2] + model.param[3]) < 0.05);
	}
	print_message("# %d of 40 samples without churn fell back to nbd\n", fell_back);
	assert_in_range(fell_back, 10, 38);
}

/* No spread of rates, of chances to die, of amounts: bounded, said, and predictions as they should be. */
static void
customers_all_alike(void **state)
{
	const cv_family *nbd = cv_family_by_name("nbd"),
			   *spend = cv_family_by_name("gamma-gamma");
	cv_model	model;
	double		value;

	/* everybody three repeat purchases in 30 weeks: less spread than any gamma */
	for (int i = 0; i < 100; i++)
		patterns[i] = (cv_pattern) {.x = 3, .t_x = 20 + i % 9, .T = 30, .count = 1};
	model = fit(nbd, 100);
	assert_int_equal(model.status, CV_STATUS_WEAK);
	assert_true(relative(cv_expected_purchases(nbd, model.param, &cv_new_customer, 10), 1) < 1e-3);
	fit(cv_family_by_name("bg/nbd"), 100);
	fit(cv_family_by_name("mbg/nbd"), 100);

	for (int i = 0; i < 100; i++)
		patterns[i] = (cv_pattern) {.x = 1 + i % 5, .m = 25, .count = 1};
	model = fit(spend, 100);
	assert_int_equal(model.status, CV_STATUS_WEAK);
	assert_true(spend->expected_spend(spend, model.param, 0, 0, &value));
	assert_true(relative(value, 25) < 1e-2);
	assert_true(spend->expected_spend(spend, model.param, 2, 25, &value));
	assert_true(relative(value, 25) < 1e-2);
}

/* One, two, three customers of any kind: an answer, whatever it is worth. */
static void
a_handful_of_customers(void **state)
{
	random_seed(4);
	for (int k = 0; k < 2000; k++)
	{
		const cv_family *family = cv_family_at(k % 9);
		cv_fit_options options = {.k = given_k(family)};
		size_t		n = 1 + (size_t) (5 * random_uniform());
		bool		repeats = false;
		cv_model	model;
		cv_fit_result result;

		for (size_t i = 0; i < n; i++)
		{
			cv_pattern *p = &patterns[i];

			*p = (cv_pattern) {.x = floor(random_magnitude(-1, 2.5)), .count = floor(random_magnitude(0, k % 3))};
			if (family->kind == CV_SPEND_MODEL)
				p->m = random_magnitude(-2, 6);
			else if (family->observation == CV_OPPORTUNITIES)
			{
				p->T = floor(random_magnitude(0, 2));
				p->x = fmin(p->x, p->T);
				p->t_x = p->x > 0 ? p->x + floor((p->T - p->x + 1) * random_uniform()) : 0;
			}
			else
			{
				p->T = floor(random_magnitude(0, 4)) / 7;
				p->t_x = p->x > 0 ? p->T * (k % 7 ? random_uniform() : 1) : 0;
			}
			repeats = repeats || p->x > 0;
		}
		result = cv_fit(family, &(cv_sample) {.patterns = patterns, .n = n}, &options, &model);
		assert_int_equal(result, repeats ? CV_FIT_OK : CV_FIT_NO_REPEATS);
		if (repeats)
			assert_sound(&model, family);
	}
}

static void
nothing_to_fit(void **state)
{
	cv_model	model;
	const cv_family *bg = cv_family_by_name("bg/nbd");
	const cv_family *spend = cv_family_by_name("gamma-gamma");

	assert_int_equal(cv_fit(bg, &(cv_sample) {.patterns = patterns, .n = 0}, NULL, &model), CV_FIT_NO_CUSTOMERS);
	patterns[0] = (cv_pattern) {.T = 10, .count = 5};
	assert_int_equal(cv_fit(bg, &(cv_sample) {.patterns = patterns, .n = 1}, NULL, &model), CV_FIT_NO_REPEATS);
	patterns[0] = (cv_pattern) {.T = 0, .count = 5};
	assert_int_equal(cv_fit(bg, &(cv_sample) {.patterns = patterns, .n = 1}, NULL, &model), CV_FIT_NO_REPEATS);
	patterns[0] = (cv_pattern) {.x = 3, .m = 0, .count = 5};
	assert_int_equal(cv_fit(spend, &(cv_sample) {.patterns = patterns, .n = 1}, NULL, &model), CV_FIT_NO_REPEATS);

	/* what no customer can be */
	patterns[0] = (cv_pattern) {.x = 1, .t_x = 11, .T = 10, .count = 1};
	assert_int_equal(cv_fit(bg, &(cv_sample) {.patterns = patterns, .n = 1}, NULL, &model), CV_FIT_FAILED);
	patterns[0] = (cv_pattern) {.x = NAN, .t_x = 1, .T = 10, .count = 1};
	assert_int_equal(cv_fit(bg, &(cv_sample) {.patterns = patterns, .n = 1}, NULL, &model), CV_FIT_FAILED);
	patterns[0] = (cv_pattern) {.x = 1, .m = -5, .count = 1};
	assert_int_equal(cv_fit(spend, &(cv_sample) {.patterns = patterns, .n = 1}, NULL, &model), CV_FIT_FAILED);
}

static void
assert_same_bytes(const cv_model *a, const cv_model *b)
{
	assert_int_equal(a->status, b->status);
	assert_memory_equal(a->param, b->param, sizeof(a->param));
	assert_memory_equal(a->cov, b->cov, sizeof(a->cov));
	assert_memory_equal(&a->log_likelihood, &b->log_likelihood, sizeof(double));
	assert_true(a->customers == b->customers && a->patterns == b->patterns);
}

/* Any order of the customers, merged before or not, gives the same bytes. */
static void
order_does_not_matter(void **state)
{
	static const double param[] = {0.8, 7, 0.9, 2.2};
	const cv_family *mbg = cv_family_by_name("mbg/nbd");
	const size_t n = 3000;
	cv_model	first;

	for (int round = 0; round < 3; round++)
	{
		cv_model	model;

		random_seed(5);
		for (size_t i = 0; i < n; i++)
			patterns[i] = random_customer(1, param, floor(20 + 20 * random_uniform()));
		if (round == 1)
		{
			for (size_t i = n; i-- > 1;)
			{
				size_t		j = (size_t) ((double) i * random_uniform());
				cv_pattern	t = patterns[i];

				patterns[i] = patterns[j];
				patterns[j] = t;
			}
		}
		model = fit(mbg, n);
		if (round == 2)
			/* what the last fit left is sorted and merged */
			model = fit(mbg, (size_t) model.patterns);
		if (round == 0)
			first = model;
		assert_same_bytes(&model, &first);
	}
}

/* Days instead of weeks change alpha (v) by seven and nothing else. */
static void
units_do_not_matter(void **state)
{
	static const double param[] = {0.8, 7, 0.9, 2.2};
	const cv_family *bg = cv_family_by_name("bg/nbd");
	cv_model	weeks,
				days;

	for (int unit = 1; unit <= 7; unit += 6)
	{
		random_seed(6);
		for (int i = 0; i < 5000; i++)
		{
			patterns[i] = random_customer(0, param, floor(20 + 20 * random_uniform()));
			patterns[i].T *= unit;
			patterns[i].t_x *= unit;
		}
		*(unit == 1 ? &weeks : &days) = fit(bg, 5000);
	}
	for (int i = 0; i < 4; i++)
	{
		assert_true(relative(days.param[i] / (i == 1 ? 7 : 1), weeks.param[i]) < 1e-7);
		assert_true(relative(days.cov[5 * i], weeks.cov[5 * i]) < 1e-6);
	}
}

static bool
after_some_polls(void *arg)
{
	int		   *left = arg;

	return (*left)-- <= 0;
}

static void
stops_when_interrupted(void **state)
{
	static const double param[] = {0.8, 7, 0.9, 2.2};

	for (int polls = 0; polls < 60; polls += 3)
	{
		int			left = polls;
		cv_model	model = {.status = CV_STATUS_GIVEN, .n_params = -1};

		random_seed(7);
		for (int i = 0; i < 3000; i++)
			patterns[i] = random_customer(0, param, floor(20 + 20 * random_uniform()));
		assert_int_equal(cv_fit(cv_family_by_name("bg/nbd"), &(cv_sample) {.patterns = patterns, .n = 3000},
								&(cv_fit_options) {.interrupted = after_some_polls, .interrupted_arg = &left}, &model),
						 CV_FIT_INTERRUPTED);
		assert_int_equal(model.n_params, -1);
		/* not many more evaluations once it was asked to stop */
		assert_true(left >= -5);
	}
}

/* Millions of distinct customers take seconds to sort: an interrupt must not wait for that. */
static void
sorting_is_interrupted(void **state)
{
	const size_t n = 400000;
	cv_pattern *many = malloc(n * sizeof(cv_pattern));
	cv_model	model;
	int			left = 3;
	size_t		disorder = 0;

	assert_non_null(many);
	for (size_t i = 0; i < n; i++)
		many[i] = (cv_pattern) {.x = 1 + (double) (i * 7919 % n), .t_x = 1, .T = 2, .count = 1};
	assert_int_equal(cv_fit(cv_family_by_name("bg/nbd"), &(cv_sample) {.patterns = many, .n = n},
							&(cv_fit_options) {.interrupted = after_some_polls, .interrupted_arg = &left}, &model),
					 CV_FIT_INTERRUPTED);
	for (size_t i = 1; i < n; i++)
		disorder += many[i].x < many[i - 1].x;
	assert_true(disorder > 0);
	free(many);
}

/* One evaluation over millions of customers who all differ in covariates takes seconds, too. */
static void
evaluation_is_interrupted(void **state)
{
	enum {n = 5000};
	static double z[n];
	static cv_group groups[n];
	const cv_covariates covariates = {.n = 1, .name = {"z"}, .purchase = 1};
	const double centre = 0,
				scale = 1,
				variable[CV_MAX_FREE] = {0};
	cv_sample	sample = {.patterns = patterns, .n = n, .groups = groups, .n_groups = n, .covariates = &covariates};
	cv_objective objective;
	int			left = 1;

	for (int i = 0; i < n; i++)
	{
		z[i] = i / (double) n;
		patterns[i] = (cv_pattern) {.x = 1, .t_x = 1, .T = 2, .count = 1};
		groups[i] = (cv_group) {.first = i, .n = 1, .z = &z[i]};
	}
	cv_objective_init(&objective, cv_family_by_name("bg/nbd"), 1, 0, &sample, &centre, &scale);
	assert_true(isfinite(cv_objective_value(variable, NULL, NULL, &objective)));
	objective.interrupted = after_some_polls;
	objective.interrupted_arg = &left;
	assert_true(cv_objective_value(variable, NULL, NULL, &objective) == -INFINITY);
	assert_int_equal(left, -1);
}

/* So does one over millions without any. */
static void
long_evaluation_is_interrupted(void **state)
{
	const size_t n = 500000;
	const double variable[CV_MAX_FREE] = {0, 2, 0, 2};
	cv_pattern *many = malloc(n * sizeof(cv_pattern));
	cv_sample	sample = {.patterns = many, .n = n};

	assert_non_null(many);
	for (size_t i = 0; i < n; i++)
		many[i] = (cv_pattern) {.x = 1 + (double) (i / 5000), .t_x = (double) (i % 70 + 1) / 7, .T = 11 + (double) (i / 70), .count = 1};
	for (int family = 0; family < 2; family++)
	{
		const cv_family *f = cv_family_by_name(family ? "pareto/nbd" : "bg/nbd");
		cv_objective objective;
		double		gradient[CV_MAX_FREE],
					hessian[CV_MAX_FREE * CV_MAX_FREE],
					whole_gradient[CV_MAX_FREE],
					whole_hessian[CV_MAX_FREE * CV_MAX_FREE],
					value,
					whole;
		int			left = 2;

		cv_objective_init(&objective, f, 1, 0, &sample, NULL, NULL);
		value = cv_objective_value(variable, gradient, hessian, &objective);
		whole = f->log_likelihood(f, variable, many, n, whole_gradient, whole_hessian);
		assert_true(fabs(value - whole) <= 1e-12 * fabs(whole));
		for (int i = 0; i < 4; i++)
			assert_true(fabs(gradient[i] - whole_gradient[i]) <= 1e-10 * fabs(whole_gradient[i]));
		for (int i = 0; i < 16; i++)
			assert_true(fabs(hessian[i] - whole_hessian[i]) <= 1e-10 * fabs(whole_hessian[i]));

		objective.interrupted = after_some_polls;
		objective.interrupted_arg = &left;
		assert_true(cv_objective_value(variable, NULL, NULL, &objective) == -INFINITY);
		assert_int_equal(left, -1);
	}
	free(many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reaches_the_reference_optima),
		cmocka_unit_test(thinning_keeps_what_customers_are_like),
		cmocka_unit_test(small_samples_reach_their_maximum),
		cmocka_unit_test(recovers_what_made_the_customers),
		cmocka_unit_test(no_churn_falls_back),
		cmocka_unit_test(customers_all_alike),
		cmocka_unit_test(a_handful_of_customers),
		cmocka_unit_test(nothing_to_fit),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(units_do_not_matter),
		cmocka_unit_test(stops_when_interrupted),
		cmocka_unit_test(sorting_is_interrupted),
		cmocka_unit_test(evaluation_is_interrupted),
		cmocka_unit_test(long_evaluation_is_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
