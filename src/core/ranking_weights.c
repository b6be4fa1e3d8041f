/*
 * ranking_weights.c - entropy and CRITIC weights from exact sums.
 */
#include "core/ranking_weights.h"

#include <math.h>

/* A column whose spread is a smaller part of its mean than this has its entropy from its variance. */
#define NARROW 1e-4

void
cv_entropy_add(cv_entropy_column *column, double x)
{
	cv_column_add(&column->column, x);
	if (x > 0)
	{
		int			exponent;
		double		fraction = frexp(x, &exponent);

		cv_wide_add(&column->x_log_x, fraction * log2(x), exponent);
	}
}

static void
combine_range(double *min, double *max, double other_min, double other_max)
{
	*min = fmin(*min, other_min);
	*max = fmax(*max, other_max);
}

void
cv_entropy_combine(cv_entropy_column *column, cv_entropy_column *other)
{
	if (other->column.n == 0)
		return;
	if (column->column.n == 0)
	{
		*column = *other;
		return;
	}
	combine_range(&column->column.min, &column->column.max, other->column.min, other->column.max);
	column->column.n += other->column.n;
	cv_exact_combine(&column->column.sum, &other->column.sum);
	cv_wide_combine(&column->column.squares, &other->column.squares);
	cv_wide_combine(&column->x_log_x, &other->x_log_x);
}

/*
 * sum(p ln(n p)) = sum(x ln x) / sum(x) - ln mean.  That cancels in a column with
 * little spread, whose entropy is half its squared coefficient of variation.
 */
static double
divergence(cv_entropy_column *column)
{
	cv_column  *c = &column->column;
	double		n = (double) c->n;
	cv_scaled	sum = cv_exact_read(&c->sum);
	cv_scaled	mean = {sum.fraction / n, sum.exponent};

	if (c->n == 0 || c->min == c->max)
		return 0;
	if (cv_scaled_value(cv_scaled_quotient(cv_scaled_of(c->max - c->min), mean)) < NARROW)
	{
		cv_scaled	deviations = cv_scaled_root(cv_exact_covariance(c->n, &c->squares, &c->sum, &c->sum));
		double		variation = cv_scaled_value(cv_scaled_quotient(deviations, sum));

		return 0.5 * variation * variation;
	}
	return fmax(0, M_LN2 * (cv_scaled_value(cv_scaled_quotient(cv_wide_read(&column->x_log_x), sum)) -
							(log2(mean.fraction) + mean.exponent)));
}

/* Weights in proportion to the shares; where all are 0, equal for what varies, or for all where nothing does. */
static void
make_weights(const double *share, const bool *varies, int m, double *weight)
{
	double		sum = 0;
	int			varying = 0;

	for (int i = 0; i < m; i++)
	{
		sum += share[i];
		varying += varies[i];
	}
	for (int i = 0; i < m; i++)
	{
		if (sum > 0)
			weight[i] = share[i] / sum;
		else if (varying > 0)
			weight[i] = varies[i] ? 1.0 / varying : 0;
		else
			weight[i] = 1.0 / m;
	}
}

void
cv_entropy_weights(cv_entropy_column *column, int m, double *weight)
{
	double		share[CV_MAX_CRITERIA];
	bool		varies[CV_MAX_CRITERIA];

	/* each divided by ln n, which is the same for all */
	for (int i = 0; i < m; i++)
	{
		share[i] = divergence(&column[i]);
		varies[i] = column[i].column.min < column[i].column.max;
	}
	make_weights(share, varies, m, weight);
}

void
cv_critic_add(int64_t n, cv_critic_column *column, cv_wide *products, int m, const double *x)
{
	for (int i = 0; i < m; i++)
	{
		cv_critic_column *c = &column[i];

		if (n == 0 || x[i] < c->min)
			c->min = x[i];
		if (n == 0 || x[i] > c->max)
			c->max = x[i];
		cv_exact_add(&c->sum, x[i]);
		for (int j = 0; j <= i; j++)
			cv_wide_add_product(&products[cv_critic_pair(i, j)], x[i], x[j]);
	}
}

/* max - min, which may exceed what a double holds */
static cv_scaled
range(const cv_critic_column *column)
{
	double		whole = column->max - column->min;
	cv_scaled	s;

	if (isfinite(whole))
		return cv_scaled_of(whole);
	s = cv_scaled_of(column->max / 2 - column->min / 2);
	s.exponent++;
	return s;
}

void
cv_critic_combine(int64_t *n, cv_critic_column *column, cv_wide *products,
				  int64_t other_n, cv_critic_column *other, cv_wide *other_products, int m)
{
	for (int i = 0; i < m && other_n > 0; i++)
	{
		if (*n == 0)
		{
			column[i].min = other[i].min;
			column[i].max = other[i].max;
		}
		combine_range(&column[i].min, &column[i].max, other[i].min, other[i].max);
		cv_exact_combine(&column[i].sum, &other[i].sum);
	}
	for (int pair = 0; pair < m * (m + 1) / 2; pair++)
		cv_wide_combine(&products[pair], &other_products[pair]);
	*n += other_n;
}

void
cv_critic_weights(int64_t n, cv_critic_column *column, cv_wide *products, int m, const bool *less_is_better,
				  double *weight)
{
	cv_scaled	deviation[CV_MAX_CRITERIA];
	double		conflict[CV_MAX_CRITERIA] = {0};
	double		share[CV_MAX_CRITERIA];
	bool		varies[CV_MAX_CRITERIA];

	/* n times the standard deviation: n cancels */
	for (int i = 0; i < m; i++)
	{
		varies[i] = column[i].min < column[i].max;
		deviation[i] = cv_scaled_root(cv_exact_covariance(n, &products[cv_critic_pair(i, i)],
														  &column[i].sum, &column[i].sum));
	}
	for (int i = 0; i < m; i++)
		for (int j = 0; j < i; j++)
		{
			cv_scaled	together;
			double		correlation;

			if (!varies[i] || !varies[j])
				continue;
			together = cv_exact_covariance(n, &products[cv_critic_pair(i, j)], &column[i].sum, &column[j].sum);
			together = cv_scaled_quotient(cv_scaled_quotient(together, deviation[i]), deviation[j]);
			correlation = fmin(fmax(cv_scaled_value(together), -1), 1);
			if (less_is_better[i] != less_is_better[j])
				correlation = -correlation;
			conflict[i] += 1 - correlation;
			conflict[j] += 1 - correlation;
		}
	for (int i = 0; i < m; i++)
		share[i] = varies[i] ? cv_scaled_value(cv_scaled_quotient(deviation[i], range(&column[i]))) * conflict[i] : 0;
	make_weights(share, varies, m, weight);
}
