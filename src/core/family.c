/*
 * family.c - the registry of families, and what follows from whether a customer is alive.
 */
#include "core/families.h"

#include <math.h>
#include <strings.h>

const cv_customer cv_new_customer = {0};

static const cv_family *const families[] = {
	&cv_mbg_nbd,
	&cv_bg_nbd,
	&cv_pareto_nbd,
	&cv_ggompertz_nbd,
	&cv_nbd,
	&cv_mbg_cnbd,
	&cv_bg_cnbd,
	&cv_bg_bb,
	&cv_gamma_gamma
};

#define N_FAMILIES ((int) (sizeof(families) / sizeof(families[0])))

const cv_family *
cv_family_at(int i)
{
	return i >= 0 && i < N_FAMILIES ? families[i] : NULL;
}

const cv_family *
cv_family_by_id(int id)
{
	for (int i = 0; i < N_FAMILIES; i++)
	{
		if ((int) families[i]->id == id)
			return families[i];
	}
	return NULL;
}

bool
cv_family_has_limit(const cv_family *family, const cv_family *limit)
{
	while ((family = cv_family_by_id(family->limit)) != NULL)
	{
		if (family == limit)
			return true;
	}
	return false;
}

const cv_family *
cv_family_by_name(const char *name)
{
	for (int i = 0; i < N_FAMILIES; i++)
	{
		if (strcasecmp(families[i]->name, name) == 0)
			return families[i];
	}
	return NULL;
}

double
cv_probability_active(const cv_family *family, const double *param, const cv_customer *c, double t)
{
	double		alive = family->probability_alive(family, param, c);

	return alive == 0 ? 0 : alive * family->survival(family, param, c, t);
}

double
cv_expected_purchases(const cv_family *family, const double *param, const cv_customer *c, double t)
{
	return cv_discounted_purchases(family, param, c, t, 0);
}

double
cv_discounted_purchases(const cv_family *family, const double *param, const cv_customer *c,
						double t, double delta)
{
	double		alive = family->probability_alive(family, param, c);

	return alive == 0 ? 0 : alive * family->purchases_if_alive(family, param, c, t, delta);
}

cv_prediction
cv_predict(const cv_family *family, const double *param, const cv_customer *c, double t, double delta)
{
	double		alive = family->probability_alive(family, param, c);

	if (alive == 0)
		return (cv_prediction) {0};
	return (cv_prediction) {
		.alive = alive,
		.active = alive * family->survival(family, param, c, t),
		.expected = alive * family->purchases_if_alive(family, param, c, t, 0),
		.discounted = alive * family->purchases_if_alive(family, param, c, t, delta)
	};
}

double
cv_discounting_horizon(double t, double delta)
{
	return isinf(t) ? fmin(40 / delta, 1e300) : t;
}
