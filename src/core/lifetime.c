/*
 * lifetime.c - counts of purchases until the end of a lifetime, by quadrature.
 *
 * With f the density of the lifetime, S its survival and NB(n; u) the chance of n
 * purchases within u, the chance of n within t is
 *
 *   NB(n; t) S(t) + integral over u in (0, t) of NB(n; u) f(u) du,
 *
 * both positive.  In y = log(u) both factors of u f(u) NB(n; u) have one peak.  The
 * integral begins at the peak of their product, and goes outwards in panels that are
 * halved until Gauss-Legendre of the whole and of the halves agree.
 */
#include "core/lifetime.h"

#include "core/counts.h"
#include "core/special.h"

#include <math.h>
#include <stdbool.h>

#define MAX_DEPTH 30
#define MAX_EVALUATIONS 12000
#define TOLERANCE 1e-12
#define NEGLIGIBLE 1e-17

typedef struct integrand
{
	const cv_lifetime *lifetime;
	cv_counts	counts;
	double		log_peak;		/* subtracted from the log */
	int			evaluations;
} integrand;

static double
log_value(integrand *f, double y)
{
	double		u = exp(y),
				log_survival,
				log_density,
				value;

	f->evaluations++;
	f->lifetime->at(f->lifetime, u, &log_survival, &log_density);
	value = log_density + y + cv_counts_log_probability(&f->counts, u) - f->log_peak;
	return isnan(value) ? -INFINITY : value;
}

static double
legendre(integrand *f, double from, double to)
{
	double		half = (to - from) / 2,
				sum = 0;

	for (int i = 7; i >= -8; i--)
	{
		const double *node = cv_legendre16[i >= 0 ? i : -1 - i];

		sum += node[1] * exp(log_value(f, from + half + (i >= 0 ? -half : half) * node[0]));
	}
	return half * sum;
}

/* The integral over a panel, given what the rule says of it whole; total is what there is so far. */
static double
halve(integrand *f, double from, double to, double whole, double total, int depth)
{
	double		middle = from + (to - from) / 2,
				left = legendre(f, from, middle),
				right = legendre(f, middle, to);

	if (fabs(left + right - whole) <= TOLERANCE * (total + left + right) ||
		depth == MAX_DEPTH || f->evaluations > MAX_EVALUATIONS)
		return left + right;
	left = halve(f, from, middle, left, total, depth + 1);
	return left + halve(f, middle, to, right, total + left, depth + 1);
}

static double
panel(integrand *f, double from, double to, double total)
{
	return halve(f, from, to, legendre(f, from, to), total, 0);
}

/* Where the integrand is largest up to end: golden section, once a step to the left no longer gains. */
static double
find_peak(integrand *f, double end)
{
	const double golden = 0.6180339887498949;
	double		step = 1,
				low = end - 1,
				high = end,
				before = log_value(f, end),
				at_low = log_value(f, low),
				a,
				b,
				at_a,
				at_b;

	while (at_low > before || at_low == -INFINITY)
	{
		if (step > 1024)
			return end;
		high = step > 1 ? end - step / 2 : end;
		step *= 2;
		low = end - step;
		before = at_low;
		at_low = log_value(f, low);
	}
	a = high - golden * (high - low);
	b = low + golden * (high - low);
	at_a = log_value(f, a);
	at_b = log_value(f, b);
	while (high - low > 1e-6)
	{
		if (at_a < at_b)
		{
			low = a;
			a = b;
			at_a = at_b;
			b = low + golden * (high - low);
			at_b = log_value(f, b);
		}
		else
		{
			high = b;
			b = a;
			at_b = at_a;
			a = high - golden * (high - low);
			at_a = log_value(f, a);
		}
	}
	return (low + high) / 2;
}

double
cv_lifetime_count_probability(const cv_lifetime *lifetime, double rho, double A, double n, double t)
{
	integrand	f = {.lifetime = lifetime, .counts = cv_counts_of(rho, A, n)};
	double		end = log(t),
				log_survival,
				log_density,
				alive,
				peak,
				width,
				total = 0;

	if (t <= 0)
		return n == 0;
	lifetime->at(lifetime, t, &log_survival, &log_density);
	alive = exp(log_survival + cv_counts_log_probability(&f.counts, t));

	peak = find_peak(&f, end);
	f.log_peak = log_value(&f, peak);
	if (f.log_peak == -INFINITY)
		return alive;

	/* to the right up to the end, in panels that grow */
	width = 1;
	while (log_value(&f, fmin(end, peak + width)) < -8 && width > 1e-6)
		width /= 2;
	for (double from = peak; from < end; from += width, width *= 2)
		total += panel(&f, from, fmin(end, from + width), total);

	/* to the left until nothing comes any more */
	width = 1;
	while (log_value(&f, peak - width) < -8 && width > 1e-6)
		width /= 2;
	for (double to = peak;; to -= width, width *= 2)
	{
		double		part = panel(&f, to - width, to, total);

		total += part;
		if (part <= NEGLIGIBLE * total || f.evaluations > MAX_EVALUATIONS)
			break;
	}
	return fmin(1, alive + exp(f.log_peak + log(total)));
}
