/*
 * next_purchase.c - the expected time to the next purchase, for any family.
 *
 * Gauss-Legendre on panels that grow from where the integrand begins to fall; a panel is
 * halved until the rule says the same of it whole and of its halves.  Opportunities
 * are added up one by one.
 */
#include "core/next_purchase.h"

#include "core/special.h"

#include <math.h>

#define LEAST_CHANCE 1e-9
#define TOLERANCE 1e-12
#define MAX_DEPTH 12
#define MAX_EVALUATIONS 1000	/* after which nothing is halved any more */

typedef struct waiting
{
	const cv_family *family;
	const double *param;
	const cv_customer *c;
	double		at_end;			/* P(no purchase within t) */
	double		noise;			/* of the values of the integrand */
	int			evaluations;
} waiting;

/* The integrals of f and of u f. */
typedef struct moments
{
	double		chance;
	double		time;
} moments;

/* The density of the next purchase at u; or else the chance that it comes after u but by the end. */
static double
value_at(waiting *w, double u)
{
	w->evaluations++;
	if (w->family->next_purchase_density)
		return w->family->next_purchase_density(w->family, w->param, w->c, u);
	return fmax(0, w->family->count_probability(w->family, w->param, w->c, u, 0) - w->at_end);
}

static moments
legendre(waiting *w, double from, double to)
{
	double		half = (to - from) / 2;
	moments		m = {0};

	for (int i = 7; i >= -8; i--)
	{
		const double *node = cv_legendre16[i >= 0 ? i : -1 - i];
		double		u = from + half + (i >= 0 ? -half : half) * node[0],
					weight = half * node[1] * value_at(w, u);

		m.chance += weight;
		m.time += weight * u;
	}
	return m;
}

static moments
add(moments a, moments b)
{
	return (moments) {a.chance + b.chance, a.time + b.time};
}

/* The integrals over a panel, given what the rule says of it whole; total is what there is so far. */
static moments
halve(waiting *w, double from, double to, moments whole, moments total, int depth)
{
	double		middle = from + (to - from) / 2;
	moments		left = legendre(w, from, middle),
				right = legendre(w, middle, to),
				both = add(left, right),
				sum = add(total, both);

	if ((fabs(both.chance - whole.chance) <= TOLERANCE * sum.chance + w->noise * (to - from) &&
		 fabs(both.time - whole.time) <= TOLERANCE * sum.time + w->noise * (to - from) * to) ||
		depth == MAX_DEPTH || w->evaluations > MAX_EVALUATIONS)
		return both;
	left = halve(w, from, middle, left, total, depth + 1);
	return add(left, halve(w, middle, to, right, add(total, left), depth + 1));
}

static moments
integrate(waiting *w, double t)
{
	double		start = value_at(w, 0),
				to = t;
	moments		total = {0};

	/* where something is left of it, and not yet little */
	while (value_at(w, to) < start / 16 && to > t * 1e-40)
		to /= 8;
	for (double from = 0; from < t; from = to, to *= 4)
	{
		to = fmin(to, t);
		total = add(total, halve(w, from, to, legendre(w, from, to), total, 0));
		/* it does not rise again */
		if (value_at(w, to) * (t - to) * t <= TOLERANCE / 100 * total.time)
			break;
	}
	return total;
}

/* The same, where the next purchase can come at 1, 2, ... only. */
static moments
add_up(waiting *w, double t)
{
	moments		total = {0};

	for (double u = 1; u <= t && u <= CV_MAX_OPPORTUNITIES; u++)
	{
		double		chance = value_at(w, u);

		total = add(total, (moments) {chance, chance * u});
		/* it does not rise again */
		if (chance * (t - u) * t <= TOLERANCE / 100 * total.time)
			break;
	}
	return total;
}

double
cv_expected_next_purchase(const cv_family *family, const double *param,
						  const cv_customer *c, double t)
{
	waiting		w = {family, param, c};
	moments		m;

	if (family->next_purchase_density)
	{
		if (family->probability_alive(family, param, c) == 0)
			return NAN;
		m = family->observation == CV_OPPORTUNITIES ? add_up(&w, t) : integrate(&w, t);
		return m.chance > 0 ? fmin(t, m.time / m.chance) : NAN;
	}
	w.at_end = family->count_probability(family, param, c, t, 0);
	if (!(1 - w.at_end >= LEAST_CHANCE))
		return NAN;
	w.noise = 1e-14;
	m = integrate(&w, t);
	return fmin(t, m.chance / (1 - w.at_end));
}
