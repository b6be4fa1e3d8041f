/*
 * coverage.c - do the intervals of a fit hold the truth as often as they say?
 */
#include "coverage.h"

#include <math.h>
#include <stdlib.h>

#include "core/optimise.h"
#include "random.h"
#include "simulate.h"

#define NORMAL_975 1.959963984540054	/* 97.5% point of the standard normal */

/*
 * Parameters as fitted to CDNOW (reference/optima.json) where there are such.  How
 * many customers and how long follows from what the data settle: where the log
 * of a parameter has an error of 0.5, its likelihood is far from a parabola.
 */
static const coverage_case cases[] = {
	{"nbd", {0.385, 12.07}, 3000, 39, 78},
	{"bg/nbd", {0.243, 4.414, 0.793, 2.426}, 4000, 39, 78},
	{"mbg/nbd", {0.525, 6.183, 0.891, 1.614}, 4000, 39, 78},
	{"pareto/nbd", {0.553, 10.58, 0.606, 11.67}, 5000, 39, 78},
	{"gamma-gamma", {6.25, 3.74, 15.44}, 2000, 0, 0},
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

/* Adds what a fit says to the sums that coverage_of turns into means. */
static void
count(const coverage_case *c, const cv_model *model, coverage_result *r)
{
	int			n = model->n_params;
	double		off[CV_MAX_PARAMS];

	r->intervals++;
	for (int i = 0; i < n; i++)
	{
		double		error = sqrt(model->cov[i * n + i]);

		off[i] = log(model->param[i] / c->param[i]);
		r->estimate[i] += off[i];
		r->spread[i] += off[i] * off[i];
		r->error[i] += error * error;
		r->covered[i] += fabs(off[i]) <= NORMAL_975 * error;
	}
	r->distance += squared_distance(off, model->cov, n) / n;
}

void
coverage_of(const coverage_case *c, int runs, coverage_result *r)
{
	const cv_family *family = cv_family_by_name(c->family);
	cv_sample	sample = {.patterns = malloc(c->customers * sizeof(cv_pattern))};

	if (!family || !sample.patterns)
		abort();
	*r = (coverage_result) {.runs = runs};
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
			count(c, &model, r);
	}
	for (int i = 0; i < family->n_params; i++)
	{
		double		mean = r->estimate[i] / r->intervals;

		r->estimate[i] = c->param[i] * exp(mean);
		r->spread[i] = sqrt(fmax(0, r->spread[i] / r->intervals - mean * mean) * r->intervals / (r->intervals - 1));
		r->error[i] = sqrt(r->error[i] / r->intervals);
	}
	r->distance /= r->intervals;
	free(sample.patterns);
}
