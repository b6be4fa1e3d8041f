/*
 * test_model_covariates.c - fits with covariates, a penalty, a k, a start.
 *
 * Catches a term forgotten in the chain rule (finite differences say so), an
 * effect that is not what made the customers, a result that depends on the order
 * of the groups, on the unit of time or on where a covariate has its zero.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/families.h"
#include "core/groups.h"
#include "core/model.h"
#include "core/objective.h"
#include "random.h"
#include "reference.h"

#define MAX_CUSTOMERS 20000
#define MAX_GROUPS 64

static cv_pattern patterns[MAX_CUSTOMERS];
static cv_group groups[MAX_GROUPS];
static double values[MAX_GROUPS][CV_MAX_COVARIATES];

static double
relative(double is, double should)
{
	return fabs(is - should) / fabs(should);
}

/* Covariates "c0", "c1", ... that act as the masks say. */
static cv_covariates
covariates_of(int n, unsigned purchase, unsigned churn)
{
	cv_covariates c = {.n = n, .purchase = purchase, .churn = churn};

	for (int j = 0; j < n; j++)
		snprintf(c.name[j], sizeof(c.name[j]), "c%d", j);
	return c;
}

/*
 * Customers of MBG/NBD in groups of so many: c0 is 0 or 1 and acts on purchases
 * by gamma and on churn by delta, c1 runs from 0 to 1 and acts on purchases by half
 * of gamma; each moved by its origin.  T is in so many units a week.
 */
static cv_sample
make_sample(const cv_covariates *covariates, int n_groups, int each, double gamma, double delta,
			double origin, double unit)
{
	static const double param[] = {0.8, 7, 0.9, 2.2};
	cv_sample	sample = {
		.patterns = patterns, .n = (size_t) n_groups * each,
		.covariates = covariates, .groups = groups, .n_groups = n_groups
	};

	for (int g = 0; g < n_groups; g++)
	{
		double		c0 = g % 2,
					c1 = (double) g / n_groups,
					shifted[4];

		values[g][0] = c0 + origin;
		values[g][1] = c1 + origin;
		groups[g] = (cv_group) {.first = (size_t) g * each, .n = each, .z = values[g]};
		memcpy(shifted, param, sizeof(shifted));
		shifted[1] *= exp(-gamma * c0 - gamma / 2 * c1);
		shifted[2] *= exp(delta * c0);
		for (int i = 0; i < each; i++)
		{
			cv_pattern *p = &patterns[g * each + i];

			*p = random_customer(1, shifted, floor(7 * (20 + 50 * random_uniform())) / 7);
			p->t_x *= unit;
			p->T *= unit;
		}
	}
	return sample;
}

static cv_model
fit(const cv_family *family, cv_sample *sample, const cv_fit_options *options)
{
	cv_model	model;

	assert_int_equal(cv_fit(family, sample, options, &model), CV_FIT_OK);
	return model;
}

static void
derivatives_agree_with_differences(void **state)
{
	const cv_covariates covariates = covariates_of(2, 3, 1);
	const cv_family *family;
	double		worst_gradient = 0,
				worst_hessian = 0;
	int			tried = 0;

	random_seed(1);
	for (int f = 0; (family = cv_family_at(f)) != NULL; f++)
	{
		const double step = 1e-4;
		cv_sample	sample = make_sample(&covariates, 6, 30, 0.5, 0.5, 3, 1);
		cv_objective o;
		double		centre[CV_MAX_COVARIATES],
					scale[CV_MAX_COVARIATES],
					at[CV_MAX_FREE],
					gradient[CV_MAX_FREE],
					hessian[CV_MAX_FREE * CV_MAX_FREE];

		if (!cv_family_shifts(family, false))
			continue;
		tried++;
		cv_groups_spread(&sample, centre, scale);
		assert_true(centre[0] == 3.5 && scale[0] == 1);
		cv_objective_init(&o, family, 1, 7, &sample, centre, scale);
		assert_int_equal(o.n, family->n_params + (cv_family_shifts(family, true) ? 3 : 2));
		for (int i = 0; i < o.n; i++)
			at[i] = 0.3 * (i % 3) + 0.2;
		cv_objective_value(at, gradient, hessian, &o);
		for (int i = 0; i < o.n; i++)
		{
			double		here = at[i],
						value[2],
						side[2][CV_MAX_FREE];

			for (int s = 0; s < 2; s++)
			{
				at[i] = here + (s ? step : -step);
				value[s] = cv_objective_value(at, side[s], NULL, &o);
			}
			at[i] = here;
			worst_gradient = fmax(worst_gradient, fabs((value[1] - value[0]) / (2 * step) - gradient[i]) /
								  (1 + fabs(gradient[i])));
			for (int j = 0; j < o.n; j++)
				worst_hessian = fmax(worst_hessian,
									 fabs((side[1][j] - side[0][j]) / (2 * step) - hessian[i * o.n + j]) /
									 (1 + fabs(hessian[i * o.n + j])));
		}
	}
	print_message("# %d families, worst difference: gradients %.1e, Hessians %.1e\n", tried, worst_gradient, worst_hessian);
	assert_true(tried >= 4);
	assert_true(worst_gradient < 1e-6 && worst_hessian < 1e-6);
}

static void
recovers_what_made_the_customers(void **state)
{
	const cv_covariates covariates = covariates_of(2, 3, 1);
	static const double made[] = {0.8, 7, 0.9, 2.2, 0.6, 0.3, -0.8};
	const cv_family *mbg = cv_family_by_name("mbg/nbd");
	cv_sample	sample;
	cv_model	model,
				plain,
				one;
	double		z[] = {1, 0.5};

	random_seed(2);
	sample = make_sample(&covariates, 40, 500, 0.6, -0.8, 0, 1);
	model = fit(mbg, &sample, NULL);
	assert_int_equal(model.status, CV_STATUS_CONVERGED);
	assert_int_equal(cv_model_free(&model), 7);
	assert_true(model.customers == 20000);
	for (int i = 0; i < 7; i++)
	{
		double		off = i < 4 ? log(model.param[i] / made[i]) : model.coefficient[i - 4] - made[i];

		assert_true(fabs(off) < 4 * sqrt(model.cov[8 * i]));
		assert_true(model.cov[8 * i] < 0.1);
	}

	/* without covariates the same customers are less likely, by more than chance can do */
	random_seed(2);
	sample = make_sample(&covariates, 40, 500, 0.6, -0.8, 0, 1);
	sample.covariates = NULL;
	plain = fit(mbg, &sample, NULL);
	assert_true(model.log_likelihood > plain.log_likelihood + 100);

	/* the model of a customer: its own parameters, with errors */
	cv_model_resolve(&model, z, &one);
	assert_int_equal(cv_model_free(&one), 4);
	assert_true(relative(one.param[1], model.param[1] * exp(-model.coefficient[0] - model.coefficient[1] / 2)) < 1e-14);
	assert_true(relative(one.param[2], model.param[2] * exp(model.coefficient[2])) < 1e-14);
	assert_true(one.param[0] == model.param[0] && one.cov[0] == model.cov[0]);
	assert_true(relative(one.cov[5], model.cov[8] + model.cov[32] + model.cov[40] / 4 - 2 * model.cov[7 + 4] -
						 model.cov[7 + 5] + model.cov[4 * 7 + 5]) < 1e-10);
}

/*
 * The published sample of CDNOW, with a covariate that is 1 for those who came first:
 * optima of bench/reference/covariates.py, which shares no code with this.
 */
static void
reaches_the_reference_optima(void **state)
{
	static const struct
	{
		const char *family;
		double		penalty;
		double		log_likelihood;
		double		value[6];	/* log parameters, then effects */
		double		error[6];
	}			should[] = {
		{"mbg/nbd", 0, -9581.87427819,
			{-0.653180039, 1.776317634, -0.093216781, 0.495644889, -0.083803430, -0.029181978},
			{0.1584343, 0.1312683, 0.1929575, 0.3380797, 0.1204410, 0.1239205}},
		{"mbg/nbd", 25, -9583.49975850,
			{-0.351503469, 1.970777577, -0.198444924, 0.093451832, -0.056582106, -0.021757201},
			{0.1144079, 0.1086319, 0.0977482, 0.1376676, 0.0954087, 0.0895653}},
		{"bg/nbd", 0, -9581.73801701,
			{-1.417003760, 1.432793982, -0.156743150, 0.903733423, -0.107672095, -0.126286501},
			{0.0517171, 0.1003237, 0.2534789, 0.2939631, 0.1071020, 0.1587017}},
		{"bg/nbd", 25, -9584.39445758,
			{-1.332296523, 1.542116528, -0.402493501, 0.514021023, -0.083751115, -0.134632874},
			{0.0503566, 0.0937211, 0.1220056, 0.1384237, 0.0912727, 0.1187534}},
		{"pareto/nbd", 0, -9594.87300827,
			{-0.592640653, 2.339518685, -0.501697942, 2.444018915, -0.038599777, -0.022533759},
			{0.0860747, 0.0916599, 0.3089695, 0.5375657, 0.0885865, 0.2026263}},
		{"pareto/nbd", 25, -9595.94303504,
			{-0.542064995, 2.398945303, -0.141455331, 2.952412936, -0.028317761, -0.012266513},
			{0.0763048, 0.0840786, 0.1911984, 0.3159144, 0.0758124, 0.1316934}},
	};
	static cdnow_customer customers[3000];
	const cv_covariates covariates = covariates_of(1, 1, 1);
	size_t		n;
	double		worst_value = 0,
				worst_error = 0;

	reference_or_skip();
	n = cdnow_read("cdnow_pub", customers, 3000);
	for (size_t k = 0; k < sizeof(should) / sizeof(should[0]); k++)
	{
		cv_sample	sample = {.patterns = patterns, .n = n, .covariates = &covariates, .groups = groups, .n_groups = 2};
		cv_model	model;
		size_t		i = 0;

		for (int g = 0; g < 2; g++)
		{
			values[g][0] = g;
			groups[g] = (cv_group) {.first = i, .z = values[g]};
			for (size_t c = 0; c < n; c++)
			{
				if ((customers[c].T > 33) == g)
					patterns[i++] = (cv_pattern) {customers[c].x, {customers[c].t_x}, customers[c].T, 1};
			}
			groups[g].n = i - groups[g].first;
		}
		model = fit(cv_family_by_name(should[k].family), &sample, &(cv_fit_options) {.penalty = should[k].penalty});
		assert_int_equal(model.status, CV_STATUS_CONVERGED);
		assert_true(relative(model.log_likelihood, should[k].log_likelihood) < 1e-11);
		for (int j = 0; j < 6; j++)
		{
			double		is = j < 4 ? log(model.param[j]) : model.coefficient[j - 4];

			worst_value = fmax(worst_value, fabs(is - should[k].value[j]));
			worst_error = fmax(worst_error, relative(sqrt(model.cov[7 * j]), should[k].error[j]));
		}
	}
	print_message("# off by at most %.1e, standard errors by %.1e\n", worst_value, worst_error);
	assert_true(worst_value < 1e-6 && worst_error < 1e-4);
}

/* A covariate that does nothing but name two halves: two fits that share only what they do not move. */
static void
fits_each_group_on_its_own(void **state)
{
	const cv_covariates covariates = covariates_of(1, 1, 0);
	cv_sample	sample;
	cv_model	model;
	double		log_likelihood = 0;

	random_seed(3);
	sample = make_sample(&covariates, 2, 3000, 0.7, 0, 0, 1);
	model = fit(&cv_nbd, &sample, NULL);
	for (int g = 0; g < 2; g++)
	{
		double		theta[] = {log(model.param[0]), log(model.param[1]) - g * model.coefficient[0]};

		log_likelihood += cv_nbd.log_likelihood(&cv_nbd, theta, &patterns[groups[g].first], groups[g].n, NULL, NULL);
	}
	assert_true(relative(model.log_likelihood, log_likelihood) < 1e-13);
}

static void
assert_same_bytes(const cv_model *a, const cv_model *b)
{
	assert_int_equal(a->status, b->status);
	assert_memory_equal(a->param, b->param, sizeof(a->param));
	assert_memory_equal(a->coefficient, b->coefficient, sizeof(a->coefficient));
	assert_memory_equal(a->cov, b->cov, sizeof(a->cov));
	assert_memory_equal(&a->log_likelihood, &b->log_likelihood, sizeof(double));
	assert_true(a->customers == b->customers && a->patterns == b->patterns);
}

static void
order_does_not_matter(void **state)
{
	const cv_covariates covariates = covariates_of(2, 3, 1);
	const cv_family *family = cv_family_by_name("bg/nbd");
	cv_model	first;

	for (int round = 0; round < 2; round++)
	{
		cv_sample	sample;
		cv_model	model;

		random_seed(4);
		sample = make_sample(&covariates, 10, 100, 0.6, -0.8, 0, 1);
		if (round == 1)
		{
			for (int g = 0; g < 5; g++)
			{
				cv_group	t = groups[g];

				groups[g] = groups[9 - g];
				groups[9 - g] = t;
			}
			for (int i = 0; i < 1000; i += 100)
			{
				for (int j = 0; j < 50; j++)
				{
					cv_pattern	t = patterns[i + j];

					patterns[i + j] = patterns[i + 99 - j];
					patterns[i + 99 - j] = t;
				}
			}
		}
		model = fit(family, &sample, &(cv_fit_options) {.penalty = 0.5});
		if (round == 0)
			first = model;
		assert_same_bytes(&model, &first);
	}
}

/* Born in 1970 or 0 years old: the effects are the same, and what they are added to moves along. */
static void
origin_does_not_matter(void **state)
{
	const cv_covariates covariates = covariates_of(2, 3, 1);
	const cv_family *family = cv_family_by_name("pareto/nbd");
	cv_model	near,
				far;

	for (int round = 0; round < 2; round++)
	{
		cv_sample	sample;

		random_seed(5);
		sample = make_sample(&covariates, 10, 300, 0.02, -0.04, round * 1970, 1);
		*(round ? &far : &near) = fit(family, &sample, NULL);
	}
	for (int i = 0; i < 3; i++)
		assert_true(fabs(near.coefficient[i] - far.coefficient[i]) < 1e-7);
	assert_true(relative(far.log_likelihood, near.log_likelihood) < 1e-12);
	assert_true(fabs(log(far.param[1] / near.param[1]) - 1970 * (near.coefficient[0] + near.coefficient[1])) < 1e-4);
}

/* Days instead of weeks change what has a unit and nothing else, whatever the penalty. */
static void
units_do_not_matter(void **state)
{
	static const char *const names[] = {"mbg/nbd", "pareto/nbd", "nbd"};
	const cv_covariates covariates = covariates_of(2, 3, 1);

	for (size_t f = 0; f < sizeof(names) / sizeof(names[0]); f++)
	{
		const cv_family *family = cv_family_by_name(names[f]);
		cv_model	weeks,
					days;

		for (int unit = 1; unit <= 7; unit += 6)
		{
			cv_sample	sample;

			random_seed(6);
			sample = make_sample(&covariates, 10, 100, 0.6, -0.8, 0, unit);
			*(unit == 1 ? &weeks : &days) = fit(family, &sample, &(cv_fit_options) {.penalty = 2});
		}
		for (int i = 0; i < family->n_params; i++)
			assert_true(relative(days.param[i] / (family->scale_params >> i & 1 ? 7 : 1), weeks.param[i]) < 1e-7);
		for (int i = 0; i < cv_model_free(&weeks) - family->n_params; i++)
			assert_true(fabs(days.coefficient[i] - weeks.coefficient[i]) < 1e-7);
		assert_true(weeks.penalty == 2 && days.penalty == 2);
	}
}

/* The more penalty, the closer to one are the parameters without a unit, and to nothing the effects. */
static void
penalty_shrinks(void **state)
{
	const cv_covariates covariates = covariates_of(2, 3, 1);
	static const double penalties[] = {0, 10, 1e3, 1e9};
	const cv_family *family = cv_family_by_name("mbg/nbd");
	double		last_size = INFINITY,
				last_value = INFINITY;

	for (int k = 0; k < 4; k++)
	{
		cv_sample	sample;
		cv_model	model;
		double		size;

		random_seed(7);
		sample = make_sample(&covariates, 10, 100, 0.6, -0.8, 0, 1);
		model = fit(family, &sample, &(cv_fit_options) {.penalty = penalties[k]});
		size = pow(log(model.param[0]), 2) + pow(log(model.param[2]), 2) + pow(log(model.param[3]), 2);
		for (int i = 0; i < 3; i++)
			size += pow(model.coefficient[i], 2);
		assert_true(size < last_size && model.log_likelihood < last_value);
		last_size = size;
		last_value = model.log_likelihood;
		assert_true(model.has_cov);
		if (k == 3)
			assert_true(size < 1e-8 && model.cov[0] < 1e-8);
	}
}

/* A start changes nothing where it leads to the same place, however far away it is. */
static void
start_changes_nothing(void **state)
{
	const cv_covariates covariates = covariates_of(2, 3, 1);
	const cv_family *family = cv_family_by_name("bg/nbd");
	cv_model	first,
				far = {.family = CV_FAMILY_BG_NBD, .n_params = 4, .param = {50, 1e-3, 1e-3, 100}},
				other = {.family = CV_FAMILY_PARETO_NBD, .n_params = 4};

	random_seed(8);
	for (int round = 0; round < 4; round++)
	{
		const cv_model *starts[] = {NULL, &first, &far, &other};
		cv_sample	sample;
		cv_model	model;

		random_seed(8);
		sample = make_sample(&covariates, 10, 100, 0.6, -0.8, 0, 1);
		model = fit(family, &sample, &(cv_fit_options) {.start = starts[round]});
		if (round == 0)
			first = model;
		assert_same_bytes(&model, &first);
	}
}

/* What the customers cannot tell is said, and nothing fails. */
static void
useless_covariates(void **state)
{
	cv_covariates covariates = covariates_of(3, 7, 0);
	const cv_family *family = cv_family_by_name("mbg/nbd");
	char		verdict[1024];

	for (int kind = 0; kind < 3; kind++)
	{
		for (int penalised = 0; penalised < 2; penalised++)
		{
			cv_sample	sample;
			cv_model	model;

			random_seed(9);
			sample = make_sample(&covariates, 10, 200, 0.6, -0.8, 0, 1);
			for (int g = 0; g < 10; g++)
				/* the same for everybody; the sum of the others; one group that never comes back */
				values[g][2] = kind == 0 ? 5 : kind == 1 ? values[g][0] + values[g][1] : g == 4;
			for (int i = 800; kind == 2 && i < 1000; i++)
				patterns[i].x = patterns[i].t_x = 0;
			model = fit(family, &sample, &(cv_fit_options) {.penalty = penalised});
			assert_int_equal(model.status, penalised ? CV_STATUS_CONVERGED : CV_STATUS_WEAK);
			assert_int_equal(model.has_cov, penalised);
			if (kind == 2)
				assert_true(model.coefficient[2] < (penalised ? -1.5 : -5));
			cv_model_verdict(&model, verdict, sizeof(verdict));
			assert_true((strstr(verdict, "Leave out covariates") != NULL) == !penalised);
		}
	}

	/* no fit at all: two groups with the same values, patterns in no group, values that are none */
	for (int kind = 0; kind < 3; kind++)
	{
		cv_sample	sample = make_sample(&covariates, 4, 10, 0, 0, 0, 1);
		cv_model	model;

		if (kind == 0)
			values[1][0] = values[0][0], values[1][1] = values[0][1];
		if (kind == 1)
			sample.n_groups--;
		if (kind == 2)
			values[1][2] = NAN;
		assert_int_equal(cv_fit(family, &sample, NULL, &model), CV_FIT_FAILED);
	}
}

/* Nobody leaves: NBD stands in, and keeps the effects on purchases. */
static void
no_churn_falls_back(void **state)
{
	const cv_covariates covariates = covariates_of(2, 3, 1);
	static const double param[] = {2, 8, 0, 1};
	int			fell_back = 0;

	random_seed(10);
	for (int k = 0; k < 10; k++)
	{
		cv_sample	sample = make_sample(&covariates, 10, 40, 0, 0, 0, 1);
		cv_model	model;

		for (int i = 0; i < 400; i++)
			patterns[i] = random_customer(0, param, floor(7 * (20 + 30 * random_uniform())) / 7);
		model = fit(cv_family_by_name("mbg/nbd"), &sample, NULL);
		if (model.status != CV_STATUS_NO_CHURN)
			continue;
		fell_back++;
		assert_int_equal(model.family, CV_FAMILY_NBD);
		assert_int_equal(cv_model_free(&model), 4);
		assert_int_equal(model.covariates.n, 2);
		assert_int_equal(model.covariates.churn, 0);
	}
	print_message("# %d of 10 samples without churn fell back to nbd\n", fell_back);
	assert_true(fell_back > 0);
}

/* NBD with a k that is best at three, before the times between purchases have their say. */
static double
regular_log_likelihood(const cv_family *family, const double *theta, const cv_pattern *p, size_t n,
					   double *gradient, double *hessian)
{
	return cv_nbd.log_likelihood(&cv_nbd, theta, p, n, gradient, hessian) - pow(theta[2] - 3, 2);
}

static bool
regular_start(const cv_family *family, const cv_pattern *p, size_t n, int k, double *theta)
{
	assert_true(theta[2] >= 1);
	return cv_nbd.start(&cv_nbd, p, n, k, theta);
}

static void
regular_bounds(const cv_family *family, const cv_pattern *p, size_t n, double *lower, double *upper)
{
	assert_true(lower[2] >= 1);
	cv_nbd.bounds(&cv_nbd, p, n, lower, upper);
}

static void
regularity_is_what_the_data_say(void **state)
{
	cv_family	family = cv_nbd;
	cv_sample	sample;
	cv_model	model,
				plain;

	family.regular = true;
	family.log_likelihood = regular_log_likelihood;
	family.start = regular_start;
	family.bounds = regular_bounds;
	random_seed(11);
	sample = make_sample(NULL, 1, 500, 0, 0, 0, 1);
	plain = fit(&cv_nbd, &sample, NULL);

	assert_int_equal(cv_fit(&family, &sample, NULL, &model), CV_FIT_NEEDS_K);
	assert_int_equal(cv_fit(&family, &sample, &(cv_fit_options) {.k = 21}, &model), CV_FIT_FAILED);
	model = fit(&family, &sample, &(cv_fit_options) {.k = 2});
	assert_true(model.param[2] == 2 && relative(model.log_likelihood, plain.log_likelihood - 1) < 1e-14);
	sample.has_log_gaps = true;
	model = fit(&family, &sample, NULL);
	assert_true(model.param[2] == 3 && relative(model.log_likelihood, plain.log_likelihood) < 1e-14);
	assert_true(model.param[0] == plain.param[0] && model.n_params == 2);
	/* gaps that speak for two more */
	sample.log_gaps = 4.1;
	model = fit(&family, &sample, NULL);
	assert_true(model.param[2] == 5 && relative(model.log_likelihood, plain.log_likelihood - 4 + 4 * 4.1) < 1e-14);
	/* and gaps that speak for ever */
	sample.log_gaps = 100;
	model = fit(&family, &sample, NULL);
	assert_true(model.param[2] == CV_MAX_REGULARITY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derivatives_agree_with_differences),
		cmocka_unit_test(recovers_what_made_the_customers),
		cmocka_unit_test(reaches_the_reference_optima),
		cmocka_unit_test(fits_each_group_on_its_own),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(origin_does_not_matter),
		cmocka_unit_test(units_do_not_matter),
		cmocka_unit_test(penalty_shrinks),
		cmocka_unit_test(start_changes_nothing),
		cmocka_unit_test(useless_covariates),
		cmocka_unit_test(no_churn_falls_back),
		cmocka_unit_test(regularity_is_what_the_data_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
