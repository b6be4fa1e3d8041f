/*
 * covariates.c - what the covariates of a model act on, and the model of a customer who has some.
 */
#include "core/model.h"

#include <math.h>
#include <string.h>

bool
cv_family_shifts(const cv_family *family, bool churn)
{
	const signed char *shift = churn ? family->churn_shift : family->purchase_shift;

	for (int i = 0; i < family->n_params; i++)
	{
		if (shift[i] != 0)
			return true;
	}
	return false;
}

bool
cv_effect_at(const cv_family *family, const cv_covariates *covariates, int i, int *j, bool *churn)
{
	i -= family->n_params;
	if (i < 0)
		return false;
	for (int c = 0; c < 2; c++)
	{
		for (int k = 0; k < covariates->n; k++)
		{
			if (((c ? covariates->churn : covariates->purchase) >> k & 1) && i-- == 0)
			{
				*j = k;
				*churn = c;
				return true;
			}
		}
	}
	return false;
}

void
cv_model_resolve(const cv_model *model, const double *z, cv_model *resolved)
{
	const cv_family *family = cv_family_by_id(model->family);
	int			m = model->n_params,
				n = cv_model_free(model);
	double		jacobian[CV_MAX_PARAMS * CV_MAX_FREE] = {0},	/* of the log parameters */
				half[CV_MAX_PARAMS * CV_MAX_FREE];

	*resolved = *model;
	memset(&resolved->covariates, 0, sizeof(resolved->covariates));
	memset(resolved->coefficient, 0, sizeof(resolved->coefficient));
	memset(resolved->cov, 0, sizeof(resolved->cov));

	for (int p = 0; p < m; p++)
	{
		double		moved = 0;

		for (int i = 0; i < n; i++)
		{
			int			j;
			bool		churn;

			if (!cv_effect_at(family, &model->covariates, i, &j, &churn))
			{
				jacobian[p * n + i] = i == p;
				continue;
			}
			jacobian[p * n + i] = (churn ? family->churn_shift : family->purchase_shift)[p] * z[j];
			moved += jacobian[p * n + i] * model->coefficient[i - m];
		}
		resolved->param[p] = model->param[p] * exp(moved);
	}
	if (!model->has_cov)
		return;
	for (int p = 0; p < m; p++)
	{
		for (int j = 0; j < n; j++)
		{
			half[p * n + j] = 0;
			for (int i = 0; i < n; i++)
				half[p * n + j] += jacobian[p * n + i] * model->cov[i * n + j];
		}
		for (int q = 0; q <= p; q++)
		{
			double		sum = 0;

			for (int j = 0; j < n; j++)
				sum += half[p * n + j] * jacobian[q * n + j];
			resolved->cov[p * m + q] = resolved->cov[q * m + p] = sum;
		}
	}
}
