/*
 * groups.c - samples whose customers have covariates: groups of equal ones, ordered, merged, thinned.
 *
 * Sums over groups depend on their order, so they are sorted by what they are,
 * not by how they came.
 */
#include "core/groups.h"
#include "core/patterns.h"

#include <math.h>

bool
cv_groups_valid(const cv_sample *sample)
{
	size_t		patterns = 0;

	if (sample->covariates->n < 1 || sample->covariates->n > CV_MAX_COVARIATES)
		return false;
	for (size_t i = 0; i < sample->n_groups; i++)
	{
		const cv_group *g = &sample->groups[i];

		if (g->n == 0 || g->first >= sample->n || g->n > sample->n - g->first)
			return false;
		patterns += g->n;
		for (int j = 0; j < sample->covariates->n; j++)
		{
			if (!(fabs(g->z[j]) <= CV_SCALE_LIMIT))
				return false;
		}
	}
	return patterns == sample->n;
}

static int
compare_groups(const cv_group *a, const cv_group *b, int n)
{
	for (int j = 0; j < n; j++)
	{
		if (a->z[j] != b->z[j])
			return a->z[j] < b->z[j] ? -1 : 1;
	}
	return 0;
}

static void
sift_down(cv_group *groups, size_t root, size_t n, int n_covariates)
{
	cv_group	moved = groups[root];

	for (size_t child; (child = 2 * root + 1) < n; root = child)
	{
		if (child + 1 < n && compare_groups(&groups[child], &groups[child + 1], n_covariates) < 0)
			child++;
		if (compare_groups(&moved, &groups[child], n_covariates) >= 0)
			break;
		groups[root] = groups[child];
	}
	groups[root] = moved;
}

static void
sort_groups(cv_group *groups, size_t n, int n_covariates)
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(groups, i, n, n_covariates);
	for (size_t i = n; i-- > 1;)
	{
		cv_group	last = groups[i];

		groups[i] = groups[0];
		groups[0] = last;
		sift_down(groups, 0, i, n_covariates);
	}
}

bool
cv_groups_sort(cv_sample *sample)
{
	sort_groups(sample->groups, sample->n_groups, sample->covariates->n);
	for (size_t i = 1; i < sample->n_groups; i++)
	{
		if (compare_groups(&sample->groups[i - 1], &sample->groups[i], sample->covariates->n) == 0)
			return false;
	}
	return true;
}

size_t
cv_groups_merge(cv_sample *sample, cv_interrupted interrupted, void *arg)
{
	size_t		patterns = 0;

	for (size_t i = 0; i < sample->n_groups; i++)
	{
		cv_group   *g = &sample->groups[i];

		g->n = cv_patterns_merge(&sample->patterns[g->first], g->n, interrupted, arg);
		if (g->n == 0)
			return 0;
		patterns += g->n;
	}
	return patterns;
}

double
cv_groups_customers(const cv_sample *sample)
{
	double		customers = 0;

	for (size_t i = 0; i < sample->n_groups; i++)
		customers += cv_patterns_customers(&sample->patterns[sample->groups[i].first], sample->groups[i].n);
	return customers;
}

void
cv_groups_thin(const cv_sample *sample, size_t max, cv_pattern *patterns, cv_group *groups, cv_sample *thinned)
{
	cv_thinning thinning;
	size_t		n = 0;

	for (size_t i = 0; i < sample->n_groups; i++)
		n += sample->groups[i].n;
	thinning = cv_thinning_of(n, cv_groups_customers(sample), max);
	*thinned = *sample;
	thinned->patterns = patterns;
	thinned->groups = groups;
	thinned->n = thinned->n_groups = 0;
	for (size_t i = 0; i < sample->n_groups; i++)
	{
		const cv_group *g = &sample->groups[i];
		size_t		kept = cv_thin(&thinning, &sample->patterns[g->first], g->n, &patterns[thinned->n]);

		if (kept > 0)
			groups[thinned->n_groups++] = (cv_group) {.first = thinned->n, .n = kept, .z = g->z};
		thinned->n += kept;
	}
}

void
cv_groups_spread(const cv_sample *sample, double *centre, double *scale)
{
	double		customers = cv_groups_customers(sample);

	for (int j = 0; j < sample->covariates->n; j++)
	{
		double		sum = 0,
					furthest = 0;
		int			exponent;

		for (size_t i = 0; i < sample->n_groups; i++)
		{
			const cv_group *g = &sample->groups[i];

			sum += cv_patterns_customers(&sample->patterns[g->first], g->n) * g->z[j];
		}
		centre[j] = cv_groups_constant(sample, j) ? sample->groups[0].z[j] : sum / customers;
		for (size_t i = 0; i < sample->n_groups; i++)
			furthest = fmax(furthest, fabs(sample->groups[i].z[j] - centre[j]));
		frexp(furthest, &exponent);
		scale[j] = furthest > 0 ? ldexp(1, exponent) : 1;
	}
}

bool
cv_groups_constant(const cv_sample *sample, int j)
{
	for (size_t i = 1; i < sample->n_groups; i++)
	{
		if (sample->groups[i].z[j] != sample->groups[0].z[j])
			return false;
	}
	return true;
}
