/*
 * fit.c - the maximum likelihood fit of any family, and its verdict in words.
 *
 * From every start NLopt climbs on at most THINNED patterns that stand for all,
 * Newton's method finishes on all of them from where the best climb ended.
 */
#include "core/model.h"
#include "core/optimise.h"
#include "core/patterns.h"

#include <math.h>
#include <stdio.h>

#define THINNED 1024

/* gains in log-likelihood that are nothing, statistically and numerically */
#define CLIMB_TOLERANCE 1e-3
#define POLISH_TOLERANCE 1e-9
#define NO_GAIN 1e-5

/* a standard error of a log parameter beyond this: the 95% interval spans a factor of 50 */
#define WEAK_ERROR 1.0

typedef struct likelihood
{
	const cv_family *family;
	const cv_pattern *patterns;
	size_t		n;
} likelihood;

static double
likelihood_value(const double *theta, double *gradient, double *hessian, void *arg)
{
	const likelihood *l = arg;

	return l->family->log_likelihood(theta, l->patterns, l->n, gradient, hessian);
}

/* Fits family itself, without its limit. The patterns are merged. */
static cv_fit_result
fit_family(const cv_family *family, const cv_pattern *patterns, size_t n,
		   cv_interrupted interrupted, void *interrupted_arg, cv_model *model, cv_optimum *optimum)
{
	cv_pattern	thinned[THINNED];
	likelihood	all = {family, patterns, n};
	likelihood	few = {family, thinned, cv_patterns_thin(patterns, n, thinned, THINNED)};
	cv_problem	problem = {
		.n = family->n_params,
		.value = likelihood_value,
		.arg = &few,
		.interrupted = interrupted,
		.interrupted_arg = interrupted_arg
	};
	double		start[CV_MAX_PARAMS],
				best[CV_MAX_PARAMS],
				best_value = -INFINITY;
	cv_optimise_result result;

	family->bounds(patterns, n, problem.lower, problem.upper);
	for (int k = 0; family->start(patterns, n, k, start); k++)
	{
		double		value;

		if (cv_climb(&problem, CLIMB_TOLERANCE, start) == CV_OPTIMISE_INTERRUPTED)
			return CV_FIT_INTERRUPTED;
		value = likelihood_value(start, NULL, NULL, &few);
		/* the first of equals */
		if (value > best_value + CLIMB_TOLERANCE)
		{
			best_value = value;
			for (int i = 0; i < family->n_params; i++)
				best[i] = start[i];
		}
	}
	if (!isfinite(best_value))
		return CV_FIT_FAILED;

	problem.arg = &all;
	result = cv_polish(&problem, POLISH_TOLERANCE, best, optimum);
	if (result == CV_OPTIMISE_STALLED)
	{
		for (int i = 0; i < family->n_params; i++)
			best[i] = optimum->theta[i];
		result = cv_climb(&problem, POLISH_TOLERANCE, best);
		if (result != CV_OPTIMISE_INTERRUPTED)
			result = cv_polish(&problem, POLISH_TOLERANCE, best, optimum);
	}
	if (result == CV_OPTIMISE_INTERRUPTED)
		return CV_FIT_INTERRUPTED;
	if (!isfinite(optimum->value))
		return CV_FIT_FAILED;

	model->family = family->id;
	model->n_params = family->n_params;
	model->log_likelihood = optimum->value;
	model->status = result == CV_OPTIMISE_OK ? CV_STATUS_CONVERGED : CV_STATUS_NOT_CONVERGED;
	for (int i = 0; i < family->n_params; i++)
		model->param[i] = exp(optimum->theta[i]);
	return CV_FIT_OK;
}

/* Fills in the covariance and finds out whether the data identify the parameters. */
static void
assess(cv_model *model, const cv_optimum *optimum)
{
	int			n = model->n_params;
	double		information[CV_MAX_PARAMS * CV_MAX_PARAMS];

	for (int i = 0; i < n * n; i++)
		information[i] = -optimum->hessian[i];
	model->has_cov = optimum->at_bound == 0 && model->status == CV_STATUS_CONVERGED &&
		cv_invert(information, n, model->cov);
	if (model->status != CV_STATUS_CONVERGED)
		return;
	if (!model->has_cov)
		model->status = CV_STATUS_WEAK;
	for (int i = 0; model->has_cov && i < n; i++)
	{
		if (model->cov[i * n + i] > WEAK_ERROR * WEAK_ERROR)
			model->status = CV_STATUS_WEAK;
	}
}

cv_fit_result
cv_fit(const cv_family *family, cv_pattern *patterns, size_t n,
	   cv_interrupted interrupted, void *interrupted_arg, cv_model *model)
{
	cv_model	fitted = {
		.family = family->id,
		.requested = family->id,
		.unit_days = 7,
		.as_of = CV_NO_DAY
	};
	cv_optimum	optimum;
	cv_fit_result result;
	double		most = 0;

	if (n == 0)
		return CV_FIT_NO_CUSTOMERS;
	if (!cv_patterns_valid(family->kind, patterns, n))
		return CV_FIT_FAILED;
	if (family->kind == CV_SPEND_MODEL)
		n = cv_patterns_with_spend(patterns, n);
	for (size_t i = 0; i < n; i++)
		most = fmax(most, family->kind == CV_SPEND_MODEL ? patterns[i].x : fmin(patterns[i].x, patterns[i].T));
	if (most == 0)
		return CV_FIT_NO_REPEATS;

	n = cv_patterns_merge(patterns, n);
	fitted.customers = cv_patterns_customers(patterns, n);
	fitted.patterns = (double) n;
	result = fit_family(family, patterns, n, interrupted, interrupted_arg, &fitted, &optimum);
	if (result != CV_FIT_OK)
		return result;
	assess(&fitted, &optimum);

	/* no finite maximum that is any better than the limit: take the limit */
	if (fitted.status != CV_STATUS_CONVERGED && cv_family_by_id(family->limit))
	{
		cv_model	limit = fitted;

		result = fit_family(cv_family_by_id(family->limit), patterns, n, interrupted, interrupted_arg,
							&limit, &optimum);
		if (result != CV_FIT_OK)
			return result;
		if (fitted.log_likelihood - limit.log_likelihood < NO_GAIN)
		{
			fitted = limit;
			assess(&fitted, &optimum);
			fitted.status = CV_STATUS_NO_CHURN;
		}
	}
	*model = fitted;
	return CV_FIT_OK;
}

/* The parameter with the largest standard error. */
static int
weakest(const cv_model *model)
{
	int			w = 0;

	for (int i = 1; i < model->n_params; i++)
	{
		if (model->cov[i * model->n_params + i] > model->cov[w * model->n_params + w])
			w = i;
	}
	return w;
}

void
cv_model_verdict(const cv_model *model, char *buffer, size_t size)
{
	const cv_family *family = cv_family_by_id(model->family);
	const cv_family *requested = cv_family_by_id(model->requested);
	const char *who = family->kind == CV_SPEND_MODEL ? "customers with a repeat purchase" : "customers";

	switch (model->status)
	{
		case CV_STATUS_GIVEN:
			snprintf(buffer, size, "Parameters given by hand; nothing was fitted.");
			break;
		case CV_STATUS_CONVERGED:
			snprintf(buffer, size, "Fitted to %.0f %s; the data settle every parameter.", model->customers, who);
			break;
		case CV_STATUS_NO_CHURN:
			snprintf(buffer, size, "Among %.0f %s the data show nobody leaving, so %s stands in for %s: "
					 "every customer counts as alive. Observe longer or fit more customers before trusting that.",
					 model->customers, who, family->name, requested ? requested->name : family->name);
			break;
		case CV_STATUS_WEAK:
			if (model->has_cov)
			{
				int			w = weakest(model);

				snprintf(buffer, size, "Fitted to %.0f %s, but they hardly settle %s (standard error of its log %.1f). "
						 "Totals can be used with care, single parameters cannot; fit more customers or a longer time.",
						 model->customers, who, family->param_name[w],
						 sqrt(model->cov[w * model->n_params + w]));
			}
			else
				snprintf(buffer, size, "Fitted to %.0f %s, but the best fit lies at an extreme: they look more alike, "
						 "or more divided, than the model can tell. Predictions hold for customers like these; "
						 "parameters and their errors mean little. Fit more customers or a longer time.",
						 model->customers, who);
			break;
		case CV_STATUS_NOT_CONVERGED:
			snprintf(buffer, size, "The fit to %.0f %s did not settle; do not use it. "
					 "Look at the data for customers that cannot be real, or try another family.",
					 model->customers, who);
			break;
	}
}
