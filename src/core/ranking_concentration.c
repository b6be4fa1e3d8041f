/*
 * ranking_concentration.c - Gini coefficient, share of the top, Lorenz curve.
 */
#include "core/ranking_concentration.h"

#include <math.h>

void
cv_gini_next(cv_gini *gini, double x)
{
	gini->seen++;
	cv_exact_add_multiple(&gini->differences, (double) (2 * gini->seen - gini->n - 1), x);
	cv_exact_add(&gini->absolute, fabs(x));
}

bool
cv_gini_finish(cv_gini *gini, double *coefficient)
{
	cv_scaled	absolute = cv_exact_read(&gini->absolute);

	if (absolute.fraction == 0)
		return false;
	*coefficient = cv_scaled_value(cv_scaled_quotient(cv_exact_read(&gini->differences), absolute)) / (double) gini->n;
	return true;
}

void
cv_top_next(cv_top *top, double x)
{
	double		border = top->part * (double) top->n;
	double		above = (double) (top->n - 1 - top->seen);	/* values after this one */

	if (above + 1 <= border)
		cv_exact_add(&top->top, x);
	else if (above < border)
		cv_exact_add(&top->top, x * (border - above));
	cv_exact_add(&top->total, x);
	top->seen++;
}

bool
cv_top_finish(cv_top *top, double *share)
{
	cv_scaled	total = cv_exact_read(&top->total);

	if (total.fraction <= 0)
		return false;
	*share = cv_scaled_value(cv_scaled_quotient(cv_exact_read(&top->top), total));
	return true;
}

/* Stores the points that lie on or before the value after those seen, x, if there is one. */
static void
reach_points(cv_lorenz *lorenz, bool last, double x)
{
	for (; lorenz->next <= lorenz->steps; lorenz->next++)
	{
		__int128	border = (__int128) lorenz->n * lorenz->next;
		int64_t		whole = (int64_t) (border / lorenz->steps);
		double		part = (double) (int64_t) (border % lorenz->steps) / lorenz->steps;
		cv_exact	sum;

		if (whole > lorenz->seen || (whole == lorenz->seen && part > 0 && last))
			break;
		sum = lorenz->sum;
		if (part > 0)
			cv_exact_add(&sum, part * x);
		lorenz->point[lorenz->next] = cv_exact_read(&sum);
	}
}

void
cv_lorenz_next(cv_lorenz *lorenz, double x)
{
	reach_points(lorenz, false, x);
	cv_exact_add(&lorenz->sum, x);
	lorenz->seen++;
	if (lorenz->seen == lorenz->n)
		reach_points(lorenz, true, 0);
}

bool
cv_lorenz_share(const cv_lorenz *lorenz, int i, double *share)
{
	cv_scaled	total = lorenz->point[lorenz->steps];

	if (total.fraction <= 0)
		return false;
	*share = cv_scaled_value(cv_scaled_quotient(lorenz->point[i], total));
	return true;
}
