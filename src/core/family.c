/*
 * family.c - the registry of families.
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
cv_discounting_horizon(double t, double delta)
{
	return isinf(t) ? fmin(40 / delta, 1e300) : t;
}
