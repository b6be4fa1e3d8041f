/*
 * coverage.c - do the intervals of a fit hold the truth as often as they say?
 */
#include "coverage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/optimise.h"
#include "core/uncertainty.h"
#include "random.h"
#include "simulate.h"

/*
 * Parameters as fitted to CDNOW (reference/optima.json) where there are such.  How
 * many customers and how long follows from what the data settle: where the log
 * of a parameter has an error of 0.5, its likelihood is far from a parabola.
 */
#define CUSTOMER {.x = 3, .t_x = 25, .T = 39, .m = 30}

static const coverage_case cases[] = {
	{"nbd", {0.385, 12.07}, 3000, 39, 78, CUSTOMER, 52},
	{"bg/nbd", {0.243, 4.414, 0.793, 2.426}, 4000, 39, 78, CUSTOMER, 52},
	{"mbg/nbd", {0.525, 6.183, 0.891, 1.614}, 4000, 39, 78, CUSTOMER, 52},
	{"pareto/nbd", {0.553, 10.58, 0.606, 11.67}, 5000, 39, 78, CUSTOMER, 52},
	{"gamma-gamma", {6.25, 3.74, 15.44}, 2000, 0, 0, CUSTOMER, 0},
};

const coverage_case *
coverage_case_at(int i)
{
	return i < (int) (sizeof(cases) / sizeof(cases[0])) ? &cases[i] : NULL;
}

/* d' inverse(cov) d */
static double
squared_distance(const double *d, const double *cov, int n)
{
	double		information[CV_MAX_FREE * CV_MAX_FREE],
				sum = 0;

	if (!cv_invert(cov, n, information))
		return INFINITY;
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < n; j++)
			sum += d[i] * information[i * n + j] * d[j];
	}
	return sum;
}

/* What is predicted; the customer of the case is the argument. */
static const char *const prediction[2][COVERAGE_PREDICTIONS] = {
	{"expected purchases", "probability alive"}, {"expected spend"}
};
static const cv_scale prediction_scale[COVERAGE_PREDICTIONS] = {CV_SCALE_LOG, CV_SCALE_LOGIT};

typedef struct predicted
{
	const coverage_case *c;
	const cv_family *family;
	int			n;				/* how many predictions */
} predicted;

static void
predict(const double *param, void *arg, double *value)
{
	const predicted *p = arg;
	const cv_customer *c = &p->c->customer;

	if (p->family->kind == CV_SPEND_MODEL)
	{
		if (!p->family->expected_spend(p->family, param, c->x, c->m, value))
			value[0] = NAN;
		return;
	}
	value[0] = p->family->expected_purchases(p->family, param, c, p->c->horizon);
	if (p->n > 1)
		value[1] = p->family->probability_alive(p->family, param, c);
}

/* One row a parameter and a prediction, with what is true. */
static void
name_rows(const coverage_case *c, predicted *p, coverage_result *r)
{
	bool		spend = p->family->kind == CV_SPEND_MODEL;
	double		value[COVERAGE_PREDICTIONS];
	int			n = p->family->n_params;

	/* where nobody leaves there is nothing to ask */
	p->n = spend || p->family->id == CV_FAMILY_NBD ? 1 : 2;
	r->n_rows = n + p->n;
	predict(c->param, p, value);
	for (int i = 0; i < r->n_rows; i++)
	{
		snprintf(r->row[i].name, sizeof(r->row[i].name), "%s",
				 i < n ? p->family->param_name[i] : prediction[spend][i - n]);
		r->row[i].truth = i < n ? c->param[i] : value[i - n];
	}
}

static cv_scale
row_scale(const cv_family *family, int i)
{
	return i < family->n_params ? CV_SCALE_LOG : prediction_scale[i - family->n_params];
}

static double
to_scale(cv_scale scale, double value)
{
	return scale == CV_SCALE_LOG ? log(value) : log(value) - log1p(-value);
}

/* Adds what a fit says to the sums that finish turns into means. */
static void
count(const cv_model *model, predicted *p, coverage_result *r)
{
	int			n = model->n_params;
	double		off[COVERAGE_MAX_ROWS],
				value[COVERAGE_PREDICTIONS],
				variance[COVERAGE_PREDICTIONS];

	predict(model->param, p, value);
	cv_delta_method(model->param, n, model->cov, predict, p, p->n, prediction_scale, variance);
	r->intervals++;
	for (int i = 0; i < r->n_rows; i++)
	{
		coverage_row *row = &r->row[i];
		double		estimate = i < n ? model->param[i] : value[i - n],
					v = i < n ? model->cov[i * n + i] : variance[i - n];
		cv_scale	scale = row_scale(p->family, i);
		cv_interval interval = cv_interval_of(estimate, scale, v, cv_normal_bound(0.95));

		off[i] = to_scale(scale, estimate) - to_scale(scale, row->truth);
		row->estimate += off[i];
		row->spread += off[i] * off[i];
		row->error += v;
		row->covered += interval.low <= row->truth && row->truth <= interval.high;
	}
	r->distance += squared_distance(off, model->cov, n) / n;
}

static void
finish(const cv_family *family, coverage_result *r)
{
	for (int i = 0; i < r->n_rows; i++)
	{
		coverage_row *row = &r->row[i];
		double		mean = row->estimate / r->intervals,
					scaled = to_scale(row_scale(family, i), row->truth) + mean;

		row->estimate = row_scale(family, i) == CV_SCALE_LOG ? exp(scaled) : 1 / (1 + exp(-scaled));
		row->spread = sqrt(fmax(0, row->spread - r->intervals * mean * mean) / (r->intervals - 1));
		row->error = sqrt(row->error / r->intervals);
	}
	r->distance /= r->intervals;
}

void
coverage_of(const coverage_case *c, int runs, coverage_result *r)
{
	const cv_family *family = cv_family_by_name(c->family);
	cv_sample	sample = {.patterns = malloc(c->customers * sizeof(cv_pattern))};
	predicted	p = {c, family};

	if (!family || !sample.patterns)
		abort();
	*r = (coverage_result) {.runs = runs};
	name_rows(c, &p, r);
	for (int run = 0; run < runs; run++)
	{
		cv_model	model;

		random_seed(((uint64_t) family->id << 32) + (uint64_t) run * 1000003);
		simulate(family, c->param, c->customers, c->shortest, c->longest, &sample);
		if (cv_fit(family, &sample, NULL, &model) != CV_FIT_OK)
			continue;
		r->converged += model.status == CV_STATUS_CONVERGED;
		r->right_k += family->regular && model.param[model.n_params] == c->param[model.n_params];
		if (model.family == family->id && model.has_cov)
			count(&model, &p, r);
	}
	finish(family, r);
	free(sample.patterns);
}
