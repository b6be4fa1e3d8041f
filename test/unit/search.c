/*
 * search.c - the best maximum that many random starts find.
 */
#include "search.h"

#include <math.h>

#include "random.h"

typedef struct objective
{
	const cv_family *family;
	const cv_pattern *patterns;
	size_t		n;
	double		k;
} objective;

static double
objective_value(const double *theta, double *gradient, double *hessian, void *arg)
{
	const objective *o = arg;
	double		full[CV_MAX_FREE] = {0};

	for (int i = 0; i < o->family->n_params; i++)
		full[i] = theta[i];
	if (o->family->regular)
		full[o->family->n_params] = o->k;
	return o->family->log_likelihood(o->family, full, o->patterns, o->n, gradient, hessian);
}

/* Half of the starts lie far out, and half go straight to Newton's steps: they end in other places. */
double
best_of_many(const cv_family *family, const cv_pattern *patterns, size_t n, double k, int starts,
			 cv_optimum *best)
{
	objective	o = {family, patterns, n, k};
	cv_problem	problem = {.n = family->n_params, .value = objective_value, .arg = &o};
	double		highest = -INFINITY;

	if (family->regular)
		problem.lower[family->n_params] = k;
	family->bounds(family, patterns, n, problem.lower, problem.upper);
	for (int s = 0; s < starts; s++)
	{
		double		theta[CV_MAX_FREE],
					reach = s % 4 < 2 ? 4 : 8;
		cv_optimum	optimum;

		if (family->regular)
			theta[family->n_params] = k;
		family->start(family, patterns, n, 0, theta);
		for (int i = 0; i < family->n_params; i++)
			theta[i] += reach * (2 * random_uniform() - 1);
		if (s % 2)
			cv_climb(&problem, 1e-6, theta);
		cv_polish(&problem, 1e-9, theta, &optimum);
		if (optimum.value > highest)
		{
			highest = optimum.value;
			if (best)
				*best = optimum;
		}
	}
	return highest;
}
