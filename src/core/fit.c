/*
 * fit.c - the maximum likelihood fit of any family, and its verdict in words.
 *
 * From every start NLopt climbs on at most THINNED patterns that stand for all,
 * Newton's method finishes on all of them from wherever different climbs ended.
 */
#include "core/model.h"
#include "core/optimise.h"
#include "core/patterns.h"

#include <math.h>
#include <stdio.h>

#define THINNED 1024
#define MAX_CANDIDATES 6

/* gains in log-likelihood that are nothing, statistically and numerically */
#define CLIMB_TOLERANCE 1e-3
#define SAME_PLACE 0.1			/* of log parameters */
#define POLISH_TOLERANCE 1e-9
#define NO_GAIN 1e-5

/* a standard error of a log parameter beyond this: the 95% interval spans a factor of 50 */
#define WEAK_ERROR 1.0
/* ... and beyond this it is a plateau, where there is no such thing */
#define NO_ERROR 10.0

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

	return l->family->log_likelihood(l->family, theta, l->patterns, l->n, gradient, hessian);
}

/* Newton's method, with NLopt as the way out and Newton's once more. */
static cv_optimise_result
finish(cv_problem *problem, const double *start, cv_optimum *optimum)
{
	cv_optimise_result result = cv_polish(problem, POLISH_TOLERANCE, start, optimum);

	if (result == CV_OPTIMISE_STALLED)
	{
		double		theta[CV_MAX_FREE];

		for (int i = 0; i < problem->n; i++)
			theta[i] = optimum->theta[i];
		result = cv_climb(problem, POLISH_TOLERANCE, theta);
		if (result != CV_OPTIMISE_INTERRUPTED)
			result = cv_polish(problem, POLISH_TOLERANCE, theta, optimum);
	}
	return result;
}

/* A maximum on the thinned patterns, where the fit to all of them may start. */
typedef struct candidate
{
	double		theta[CV_MAX_FREE];
	double		value;
} candidate;

/* Is there one as good, and close by, among the candidates? */
static bool
is_known(const candidate *candidates, int found, const cv_optimum *optimum, int n)
{
	for (int k = 0; k < found; k++)
	{
		double		distance = 0;

		for (int i = 0; i < n; i++)
			distance = fmax(distance, fabs(candidates[k].theta[i] - optimum->theta[i]));
		if (distance < SAME_PLACE && fabs(candidates[k].value - optimum->value) < CLIMB_TOLERANCE)
			return true;
	}
	return false;
}

/* Climbs from every start on the thinned patterns; returns the number of different maxima, or -1. */
static int
find_candidates(cv_problem *problem, const cv_family *family, const cv_pattern *patterns, size_t n,
				candidate *candidates)
{
	double		start[CV_MAX_FREE];
	int			found = 0;

	for (int k = 0; found < MAX_CANDIDATES && family->start(family, patterns, n, k, start); k++)
	{
		cv_optimum	optimum = {.value = -INFINITY};

		if (cv_climb(problem, CLIMB_TOLERANCE, start) == CV_OPTIMISE_INTERRUPTED ||
			cv_polish(problem, CLIMB_TOLERANCE, start, &optimum) == CV_OPTIMISE_INTERRUPTED)
			return -1;
		if (!isfinite(optimum.value) || is_known(candidates, found, &optimum, family->n_params))
			continue;
		for (int i = 0; i < family->n_params; i++)
			candidates[found].theta[i] = optimum.theta[i];
		candidates[found++].value = optimum.value;
	}
	return found;
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
	candidate	candidates[MAX_CANDIDATES];
	int			found;
	cv_optimise_result result = CV_OPTIMISE_STALLED;

	family->bounds(family, patterns, n, problem.lower, problem.upper);
	found = find_candidates(&problem, family, few.patterns, few.n, candidates);
	if (found < 0)
		return CV_FIT_INTERRUPTED;

	problem.arg = &all;
	*optimum = (cv_optimum) {.value = -INFINITY};
	for (int k = 0; k < found; k++)
	{
		cv_optimum	local = {.value = -INFINITY};
		cv_optimise_result local_result = finish(&problem, candidates[k].theta, &local);

		if (local_result == CV_OPTIMISE_INTERRUPTED)
			return CV_FIT_INTERRUPTED;
		/* the first of equals */
		if (local.value > optimum->value + (k == 0 ? 0 : POLISH_TOLERANCE * fabs(local.value)))
		{
			*optimum = local;
			result = local_result;
		}
	}
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
	double		information[CV_MAX_FREE * CV_MAX_FREE];

	for (int i = 0; i < n * n; i++)
		information[i] = -optimum->hessian[i];
	model->has_cov = optimum->at_bound == 0 && model->status == CV_STATUS_CONVERGED &&
		cv_invert(information, n, model->cov);
	if (model->status != CV_STATUS_CONVERGED)
		return;
	for (int i = 0; model->has_cov && i < n; i++)
	{
		if (model->cov[i * n + i] > WEAK_ERROR * WEAK_ERROR)
			model->status = CV_STATUS_WEAK;
		if (model->cov[i * n + i] > NO_ERROR * NO_ERROR)
			model->has_cov = false;
	}
	if (!model->has_cov)
	{
		model->status = CV_STATUS_WEAK;
		for (int i = 0; i < n * n; i++)
			model->cov[i] = 0;
	}
}

cv_fit_result
cv_fit(const cv_family *family, cv_sample *sample, const cv_fit_options *options, cv_model *model)
{
	cv_pattern *patterns = sample->patterns;
	size_t		n = sample->n;
	cv_interrupted interrupted = options ? options->interrupted : NULL;
	void	   *interrupted_arg = options ? options->interrupted_arg : NULL;
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

	n = cv_patterns_merge(patterns, n, interrupted, interrupted_arg);
	if (n == 0)
		return CV_FIT_INTERRUPTED;
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
	bool		one = model->customers == 1;
	const char *who = family->kind != CV_SPEND_MODEL ? (one ? "customer" : "customers") :
		(one ? "customer with a repeat purchase" : "customers with a repeat purchase");

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
