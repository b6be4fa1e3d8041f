/*
 * ranking_topsis.c - TOPSIS in one pass over the alternatives and one look at each.
 */
#include "core/ranking_topsis.h"

#include <math.h>

#include "core/ranking_normalise.h"

#define STEPS 0x1p40

void
cv_topsis_add(cv_topsis_column *column, double x)
{
	if (!column->seen || x < column->min)
		column->min = x;
	if (!column->seen || x > column->max)
		column->max = x;
	column->seen = true;
	cv_wide_add_product(&column->squares, x, x);
}

void
cv_topsis_finish(cv_topsis_criterion *criterion, cv_topsis_column *column, double weight, bool less_is_better)
{
	cv_scaled	norm = cv_scaled_root(cv_wide_read(&column->squares));

	criterion->scale = cv_unit_scale(cv_largest(column->min, column->max));
	criterion->best = (less_is_better ? column->min : column->max) * criterion->scale;
	criterion->worst = (less_is_better ? column->max : column->min) * criterion->scale;
	norm.exponent += ilogb(criterion->scale);
	criterion->factor = norm.fraction == 0 ? 0 : weight / cv_scaled_value(norm);
}

/*
 * Differences are taken before dividing by the norm and in units of the largest
 * value: then each step rounds a monotone function, and a change of unit by a
 * power of two changes no digit.
 */
double
cv_topsis_closeness(const cv_topsis_criterion *criterion, int n, const double *x)
{
	double		to_best = 0,
				from_worst = 0;

	for (int i = 0; i < n; i++)
	{
		const cv_topsis_criterion *c = &criterion[i];
		double		scaled = x[i] * c->scale;
		double		up = (scaled - c->best) * c->factor;
		double		down = (scaled - c->worst) * c->factor;

		to_best += up * up;
		from_worst += down * down;
	}
	if (from_worst == 0)
		return to_best == 0 ? 0.5 : 0;
	return rint(STEPS / (1 + sqrt(to_best) / sqrt(from_worst))) / STEPS;
}
