/*
 * objective.c - what a fit maximises: the log-likelihood of a sample, with covariates, less the penalty.
 *
 * Customers of a group share covariates z, which move the logs of the family's
 * parameters by purchase_shift * (gamma'z) and churn_shift * (delta'z): a linear
 * map, so that gradient and Hessian of the whole follow from the family's own by
 * the chain rule, and no family needs to know of covariates.
 */
#include "core/objective.h"

#include "core/patterns.h"

#include <math.h>
#include <string.h>

/* Of customers who all differ in covariates there can be millions, each a group. */
#define GROUPS_A_LOOK 1024

void
cv_objective_init(cv_objective *o, const cv_family *family, int k, double penalty,
				  const cv_sample *sample, const double *centre, const double *scale)
{
	memset(o, 0, sizeof(*o));
	o->family = family;
	o->k = k;
	o->penalty = penalty;
	o->sample = sample;
	if (sample->covariates)
	{
		o->covariates = *sample->covariates;
		if (!cv_family_shifts(family, false))
			o->covariates.purchase = 0;
		if (!cv_family_shifts(family, true))
			o->covariates.churn = 0;
		memcpy(o->centre, centre, sizeof(double) * o->covariates.n);
		memcpy(o->scale, scale, sizeof(double) * o->covariates.n);
	}
	o->n = family->n_params + cv_n_coefficients(&o->covariates);

	for (int i = 0; i < o->n; i++)
	{
		int			j;
		bool		churn;

		if (!cv_effect_at(family, &o->covariates, i, &j, &churn))
		{
			o->to_model[i * o->n + i] = 1;
			continue;
		}
		o->to_model[i * o->n + i] = 1 / o->scale[j];
		for (int p = 0; p < family->n_params; p++)
			o->to_model[p * o->n + i] = -(churn ? family->churn_shift : family->purchase_shift)[p] *
				o->centre[j] / o->scale[j];
	}
}

void
cv_objective_to_model(const cv_objective *o, const double *variable, double *value)
{
	for (int i = 0; i < o->n; i++)
	{
		value[i] = variable[i] * o->to_model[i * o->n + i];
		for (int j = i + 1; j < o->n; j++)
			value[i] += o->to_model[i * o->n + j] * variable[j];
	}
}

/* to_model is an upper triangle. */
void
cv_objective_from_model(const cv_objective *o, const double *value, double *variable)
{
	for (int i = o->n; i-- > 0;)
	{
		variable[i] = value[i];
		for (int j = i + 1; j < o->n; j++)
			variable[i] -= o->to_model[i * o->n + j] * variable[j];
		variable[i] /= o->to_model[i * o->n + i];
	}
}

void
cv_objective_covariance(const cv_objective *o, const double *of_variables, double *of_model)
{
	int			n = o->n;
	double		half[CV_MAX_FREE * CV_MAX_FREE];

	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < n; j++)
		{
			half[i * n + j] = 0;
			for (int k = i; k < n; k++)
				half[i * n + j] += o->to_model[i * n + k] * of_variables[k * n + j];
		}
	}
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j <= i; j++)
		{
			double		sum = 0;

			for (int k = j; k < n; k++)
				sum += half[i * n + k] * o->to_model[j * n + k];
			of_model[i * n + j] = of_model[j * n + i] = sum;
		}
	}
}

/* Is the model's value i penalised? */
static bool
is_penalised(const cv_objective *o, int i)
{
	return i >= o->family->n_params || !(o->family->scale_params >> i & 1);
}

double
cv_objective_penalty(const cv_objective *o, const double *variable)
{
	double		value[CV_MAX_FREE],
				sum = 0;

	if (o->penalty == 0)
		return 0;
	cv_objective_to_model(o, variable, value);
	for (int i = 0; i < o->n; i++)
	{
		if (is_penalised(o, i))
			sum += value[i] * value[i];
	}
	return o->penalty / 2 * sum;
}

static void
subtract_penalty(const cv_objective *o, const double *variable, double *gradient, double *hessian)
{
	int			n = o->n;
	double		value[CV_MAX_FREE];

	cv_objective_to_model(o, variable, value);
	for (int i = 0; i < n; i++)
	{
		const double *row = &o->to_model[(size_t) i * n];

		if (!is_penalised(o, i))
			continue;
		for (int j = i; j < n; j++)
		{
			if (gradient)
				gradient[j] -= o->penalty * value[i] * row[j];
			for (int k = i; hessian && k < n; k++)
				hessian[j * n + k] -= o->penalty * row[j] * row[k];
		}
	}
}

/* How the log parameters of a group move with each variable beyond them: shift[p] * zeta of the variable. */
typedef struct effect
{
	const signed char *shift;
	double		zeta;			/* the covariate, centred and scaled */
} effect;

/* Adds the log-likelihood of the group with these effects, and its derivatives by the chain rule. */
static double
add_group(const cv_objective *o, const cv_group *group, const effect *effects,
		  const double *variable, double *gradient, double *hessian)
{
	const cv_family *family = o->family;
	int			m = family->n_params,
				n = o->n;
	double		theta[CV_MAX_PARAMS],
				g[CV_MAX_PARAMS],
				h[CV_MAX_PARAMS * CV_MAX_PARAMS],
				value;

	for (int p = 0; p < m; p++)
	{
		theta[p] = variable[p];
		for (int i = m; i < n; i++)
			theta[p] += effects[i].shift[p] * effects[i].zeta * variable[i];
	}
	if (family->regular)
		theta[m] = o->k;
	value = family->log_likelihood(family, theta, &o->sample->patterns[group->first], group->n,
								   gradient ? g : NULL, hessian ? h : NULL);
	if (gradient)
	{
		for (int p = 0; p < m; p++)
		{
			gradient[p] += g[p];
			for (int i = m; i < n; i++)
				gradient[i] += g[p] * effects[i].shift[p] * effects[i].zeta;
		}
	}
	if (hessian)
	{
		double		half[CV_MAX_PARAMS * CV_MAX_FREE];	/* rows of h, columns of the effects */

		for (int p = 0; p < m; p++)
		{
			for (int q = 0; q < m; q++)
				hessian[p * n + q] += h[p * m + q];
			for (int i = m; i < n; i++)
			{
				double		sum = 0;

				for (int q = 0; q < m; q++)
					sum += h[p * m + q] * effects[i].shift[q];
				half[p * n + i] = sum * effects[i].zeta;
				hessian[p * n + i] += half[p * n + i];
			}
		}
		for (int i = m; i < n; i++)
		{
			for (int j = i; j < n; j++)
			{
				double		sum = 0;

				for (int p = 0; p < m; p++)
					sum += effects[i].shift[p] * half[p * n + j];
				hessian[i * n + j] += sum * effects[i].zeta;
			}
		}
	}
	return value;
}

static double
grouped_value(const cv_objective *o, const double *variable, double *gradient, double *hessian)
{
	const cv_sample *s = o->sample;
	int			n = o->n,
				covariate[CV_MAX_FREE];
	effect		effects[CV_MAX_FREE];
	double		value = 0;

	for (int i = o->family->n_params; i < n; i++)
	{
		bool		churn = false;

		cv_effect_at(o->family, &o->covariates, i, &covariate[i], &churn);
		effects[i].shift = churn ? o->family->churn_shift : o->family->purchase_shift;
	}
	if (gradient)
		memset(gradient, 0, sizeof(double) * n);
	if (hessian)
		memset(hessian, 0, sizeof(double) * n * n);
	for (size_t k = 0; k < s->n_groups; k++)
	{
		if (k % GROUPS_A_LOOK == GROUPS_A_LOOK - 1 && o->interrupted && o->interrupted(o->interrupted_arg))
			return -INFINITY;
		for (int i = o->family->n_params; i < n; i++)
		{
			int			j = covariate[i];

			effects[i].zeta = (s->groups[k].z[j] - o->centre[j]) / o->scale[j];
		}
		value += add_group(o, &s->groups[k], effects, variable, gradient, hessian);
	}
	for (int i = 1; hessian && i < n; i++)
	{
		for (int j = 0; j < i; j++)
			hessian[i * n + j] = hessian[j * n + i];
	}
	return value;
}

/* The log-likelihood of patterns without covariates. */
static double
plain_value(const cv_objective *o, const double *variable, double *gradient, double *hessian)
{
	const cv_family *family = o->family;
	const cv_sample *s = o->sample;
	int			m = family->n_params;
	double		theta[CV_MAX_PARAMS],
				g[CV_MAX_PARAMS] = {0},
				h[CV_MAX_PARAMS * CV_MAX_PARAMS] = {0},
				value = 0;

	memcpy(theta, variable, sizeof(double) * m);
	if (family->regular)
		theta[m] = o->k;
	if (gradient)
		memset(gradient, 0, sizeof(double) * m);
	if (hessian)
		memset(hessian, 0, sizeof(double) * m * m);
	for (size_t first = 0, n; first < s->n; first += n)
	{
		const cv_pattern *part = cv_sample_part(s, first, &n);

		if (first > 0 && o->interrupted && o->interrupted(o->interrupted_arg))
			return -INFINITY;
		value += family->log_likelihood(family, theta, part, n, gradient ? g : NULL, hessian ? h : NULL);
		for (int i = 0; gradient && i < m; i++)
			gradient[i] += g[i];
		for (int i = 0; hessian && i < m * m; i++)
			hessian[i] += h[i];
	}
	return value;
}

double
cv_objective_value(const double *variable, double *gradient, double *hessian, void *arg)
{
	const cv_objective *o = arg;
	const cv_family *family = o->family;
	double		value = o->covariates.n > 0 ? grouped_value(o, variable, gradient, hessian) :
		plain_value(o, variable, gradient, hessian);

	if (family->regular && o->sample->has_log_gaps)
		value += (o->k - 1) * o->sample->log_gaps;
	if (o->penalty > 0)
	{
		value -= cv_objective_penalty(o, variable);
		subtract_penalty(o, variable, gradient, hessian);
	}
	return value;
}
