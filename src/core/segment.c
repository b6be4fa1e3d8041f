/*
 * segment.c - which rule puts a customer into a segment.
 */
#include "core/segment.h"

#include <math.h>

static bool
holds(const cv_condition *condition, const double *value, const bool *known)
{
	double		v = value[condition->measure];

	return known[condition->measure] && v >= condition->at_least && (v < condition->below || isinf(condition->below));
}

int
cv_first_rule(const cv_rule *rule, int n, const cv_condition *condition, const double *value, const bool *known)
{
	for (int i = 0; i < n; i++)
	{
		const cv_condition *next = condition + rule[i].first;
		const cv_condition *end = next + rule[i].conditions;

		while (next < end && holds(next, value, known))
			next++;
		if (next == end)
			return i;
	}
	return -1;
}
