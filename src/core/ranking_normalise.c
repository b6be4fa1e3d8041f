/*
 * ranking_normalise.c - columns of numbers on a common scale.
 */
#include "core/ranking_normalise.h"

#include <math.h>

/* Powers of two beyond 2^1000 are cut there: what is left is still far from the limits. */
#define LARGEST_SHIFT 1000

double
cv_unit_scale(double largest)
{
	int			exponent;

	if (largest == 0)
		return 1;
	frexp(largest, &exponent);
	if (exponent > LARGEST_SHIFT)
		exponent = LARGEST_SHIFT;
	if (exponent < -LARGEST_SHIFT)
		exponent = -LARGEST_SHIFT;
	return ldexp(1, -exponent);
}

double
cv_largest(double min, double max)
{
	return fmax(fabs(min), fabs(max));
}

void
cv_column_add(cv_column *column, double x)
{
	if (column->n == 0 || x < column->min)
		column->min = x;
	if (column->n == 0 || x > column->max)
		column->max = x;
	column->n++;
	cv_exact_add(&column->sum, x);
	cv_wide_add_product(&column->squares, x, x);
}

void
cv_normaliser_make(cv_normaliser *normaliser, cv_column *column)
{
	double		scale = cv_unit_scale(cv_largest(column->min, column->max));
	double		n = (double) column->n;
	cv_exact	rest = column->sum;
	cv_scaled	mean = cv_exact_read(&column->sum);
	cv_scaled	deviations = cv_exact_covariance(column->n, &column->squares, &column->sum, &column->sum);
	double		whole;

	mean.fraction /= n;
	whole = cv_scaled_value(mean);
	cv_exact_add_multiple(&rest, -n, whole);
	normaliser->scale = scale;
	normaliser->min = column->min * scale;
	normaliser->max = column->max * scale;
	normaliser->mean = whole * scale;
	normaliser->mean_rest = cv_scaled_value(cv_exact_read(&rest)) / n * scale;
	deviations = cv_scaled_root(deviations);
	deviations.fraction /= n;
	deviations.exponent += ilogb(scale);
	normaliser->sd = cv_scaled_value(deviations);
}

double
cv_normalise(const cv_normaliser *normaliser, cv_rule rule, double x, bool less_is_better)
{
	double		z;

	x *= normaliser->scale;
	if (rule == CV_MIN_MAX)
	{
		double		range = normaliser->max - normaliser->min;

		if (range == 0)
			return 0.5;
		return (less_is_better ? normaliser->max - x : x - normaliser->min) / range + 0.0;
	}
	z = normaliser->sd == 0 ? 0 : ((x - normaliser->mean) - normaliser->mean_rest) / normaliser->sd;
	if (less_is_better)
		z = -z;
	switch (rule)
	{
		case CV_NORMAL_SCORE:
			return 0.5 * erfc(-z * M_SQRT1_2);
		case CV_LOGISTIC_SCORE:
			return 1 / (1 + exp(-z));
		default:
			return fmin(fmax(z, -CV_Z_LIMIT), CV_Z_LIMIT) + 0.0;
	}
}

double
cv_midrank(int64_t below, int64_t equal, int64_t n)
{
	return ((double) below + 0.5 * (double) equal) / (double) n;
}
