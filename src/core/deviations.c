/*
 * deviations.c - a model moved along independent directions of its uncertainty.
 */
#include "core/deviations.h"

#include <math.h>

/* Below this share of a variance, what the earlier columns leave of it is rounding. */
#define ROUNDING 1e-14

/* The Cholesky factor of a covariance, column by column; a direction in which nothing varies is a column of zeros. */
static void
root_of(const double *cov, int n, double *root)
{
	for (int j = 0; j < n; j++)
	{
		double		rest = cov[j * n + j];

		for (int k = 0; k < j; k++)
			rest -= root[j * n + k] * root[j * n + k];
		for (int i = 0; i < n; i++)
			root[i * n + j] = 0;
		if (!(rest > ROUNDING * cov[j * n + j]))
			continue;
		root[j * n + j] = sqrt(rest);
		for (int i = j + 1; i < n; i++)
		{
			double		sum = cov[i * n + j];

			for (int k = 0; k < j; k++)
				sum -= root[i * n + k] * root[j * n + k];
			root[i * n + j] = sum / root[j * n + j];
		}
	}
}

bool
cv_model_deviation(const cv_model *model, int direction, double step, cv_model *moved)
{
	double		root[CV_MAX_FREE * CV_MAX_FREE];
	int			n = cv_model_free(model);

	if (!model->has_cov)
		return false;
	root_of(model->cov, n, root);
	*moved = *model;
	moved->has_cov = false;
	moved->requested = model->family;
	moved->status = CV_STATUS_GIVEN;
	moved->customers = moved->patterns = moved->log_likelihood = moved->penalty = 0;
	for (int i = 0; i < n; i++)
	{
		double		by = step * root[i * n + direction];

		if (i < model->n_params)
			moved->param[i] *= exp(by);
		else
			moved->coefficient[i - model->n_params] += by;
	}
	return true;
}
