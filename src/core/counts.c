/*
 * counts.c - probabilities of the negative binomial distribution.
 *
 * With w = t/(A + t) the probability of n is w^n (1-w)^rho/(n B(n, rho)).  By
 * Stirling's formula its log is a sum of small terms and of two deviances, of n
 * from (n + rho) w and of rho from (n + rho)(1 - w).
 * Source: Loader (2000), Fast and Accurate Computation of Binomial Probabilities.
 */
#include "core/counts.h"

#include "core/special.h"

#include <math.h>
#include <stdbool.h>

#define MAX_PANELS 400

/* x log(x/m) - (x - m) for x, m > 0, given their difference d = x - m. */
static double
deviance(double x, double m, double d)
{
	double		v = d / (x + m),
				sum = d * v,
				power = 2 * x * v,
				last;

	if (fabs(v) > 0.1)
		return x * log(x / m) - d;
	/* log(x/m) = 2 artanh(v) */
	for (int j = 3;; j += 2)
	{
		power *= v * v;
		last = sum;
		sum += power / j;
		if (sum == last)
			return sum;
	}
}

cv_counts
cv_counts_of(double rho, double A, double n)
{
	cv_counts	counts = {rho, A, n};

	if (n > 0)
		counts.log_scale = 0.5 * log(rho / (n + rho) / n) - CV_HALF_LOG_2PI +
			cv_stirling_error(n + rho) - cv_stirling_error(n) - cv_stirling_error(rho);
	return counts;
}

double
cv_counts_log_probability(const cv_counts *counts, double t)
{
	double		rho = counts->rho,
				A = counts->A,
				n = counts->n,
				all = n + rho,
				difference;

	if (n == 0)
		return -rho * log1p(t / A);
	if (t <= 0)
		return -INFINITY;
	difference = n * (A / (A + t)) - rho * (t / (A + t));
	return counts->log_scale - deviance(n, all * (t / (A + t)), difference) -
		deviance(rho, all * (A / (A + t)), -difference);
}

/* What follows on one side of a beta density: parts of n and of rho, and w with v = 1 - w. */
typedef struct side
{
	double		n;
	double		rho;
	double		w;
	double		v;
} side;

/* The log of the density on the logit scale, s below w, relative to its value at w ... */
static double
log_density(const side *f, double s)
{
	return -f->n * s - (f->n + f->rho) * (s < 0.5 ? log1p(f->w * expm1(-s)) : log(f->v + f->w * exp(-s)));
}

/* ... and its slope by s, which falls all the way. */
static double
slope(const side *f, double s)
{
	double		e = f->w * exp(-s);

	return (f->n + f->rho) * (e / (f->v + e)) - f->n;
}

/* The integral over s > 0: Gauss-Legendre on panels over which the integrand changes little. */
static double
integral_below(const side *f)
{
	double		from = 0,
				total = 0,
				width = 2;

	for (int panel = 0; panel < MAX_PANELS; panel++)
	{
		double		sum = 0,
					half;

		while (width * fmax(fabs(slope(f, from)), fabs(slope(f, from + width))) > 12 && width > 1e-300)
			width /= 2;
		half = width / 2;
		for (int i = 7; i >= -8; i--)
		{
			const double *node = cv_legendre16[i >= 0 ? i : -1 - i];

			sum += node[1] * exp(log_density(f, from + half + (i >= 0 ? -half : half) * node[0]));
		}
		total += half * sum;
		from += width;

		/* beyond its peak the rest is less than its value over its slope */
		if (slope(f, from) < 0 && exp(log_density(f, from)) <= 1e-17 * total * -slope(f, from))
			break;
		width = fmin(2, 2 * width);
	}
	return total;
}

double
cv_counts_at_least(double rho, double A, double n, double t)
{
	cv_counts	counts = cv_counts_of(rho, A, n);
	side		n_side = {n, rho, t / (A + t), A / (A + t)},
				rho_side = {rho, n, A / (A + t), t / (A + t)};
	double		log_p;

	if (n <= 0)
		return 1;
	if (t <= 0)
		return 0;
	if (n == 1)
		return -expm1(-rho * log1p(t / A));
	log_p = cv_counts_log_probability(&counts, t) + log(n);

	/* the complement only where it is no larger than what is wanted, or nearly */
	if (rho >= 1 && n * n_side.v < rho * n_side.w)
		return fmax(0, 1 - exp(log_p + log(integral_below(&rho_side))));
	return fmin(1, exp(log_p + log(integral_below(&n_side))));
}

double
cv_counts_next(double rho, double A, double u)
{
	return rho / A * exp(-(rho + 1) * log1p(u / A));
}

/*
 * With c = a + b, by Stirling's formula for each of the four gamma functions, the
 * logs gathered so that those of large arguments meet in log1p.
 */
double
cv_log_outlast(double a, double b, double n)
{
	double		c = a + b;

	if (n <= 0)
		return 0;
	if (n == 1)
		return -log1p(a / b);
	return (b - 0.5) * log1p(n / b * (a / (c + n))) - a * log1p(n / c) + n * log1p(-a / (c + n)) +
		cv_stirling_error(b + n) - cv_stirling_error(b) - cv_stirling_error(c + n) + cv_stirling_error(c);
}
