/*
 * next_purchase.c - the expected time to the next purchase, for any family.
 *
 * In all families of purchase times lambda ~ Gamma(., alpha + T), so that over
 * v = log(1 + u/(alpha + T)) integrands fall about like exponentials.  Gauss-Legendre
 * with 16 nodes on panels that grow from where they begin to fall; a panel is halved
 * until 8 nodes say nearly the same.  Opportunities are added up one by one.
 */
#include "core/next_purchase.h"

#include "core/special.h"

#include <math.h>

#define LEAST_CHANCE 1e-9
#define TOLERANCE 1e-12
#define NEARLY 1e-7				/* of 8 nodes: the error of 16 is about the square of theirs */
#define MAX_DEPTH 16
#define MAX_EVALUATIONS 1000	/* after which nothing is halved any more */

typedef struct waiting
{
	const cv_family *family;
	const double *param;
	const cv_customer *c;
	double		scale;			/* alpha + T */
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

static double
time_at(const waiting *w, double v)
{
	return w->scale * expm1(v);
}

/* From v = from to v = to with 2 m nodes. */
static moments
legendre(waiting *w, double from, double to, const double rule[][2], int m)
{
	double		half = (to - from) / 2;
	moments		sum = {0};

	for (int i = m - 1; i >= -m; i--)
	{
		const double *node = rule[i >= 0 ? i : -1 - i];
		double		u = time_at(w, from + half + (i >= 0 ? -half : half) * node[0]),
					weight = half * node[1] * (w->scale + u) * value_at(w, u);

		sum.chance += weight;
		sum.time += weight * u;
	}
	return sum;
}

static moments
add(moments a, moments b)
{
	return (moments) {a.chance + b.chance, a.time + b.time};
}

/* The integrals over a panel; total is what there is so far. */
static moments
panel(waiting *w, double from, double to, moments total, int depth)
{
	moments		rough = legendre(w, from, to, cv_legendre8, 4),
				fine = legendre(w, from, to, cv_legendre16, 8),
				sum = add(total, fine);
	double		middle = from + (to - from) / 2,
				time = time_at(w, to),
				noise = w->noise * (time - time_at(w, from));

	if ((fabs(fine.chance - rough.chance) <= NEARLY * sum.chance + noise &&
		 fabs(fine.time - rough.time) <= NEARLY * sum.time + noise * time) ||
		depth == MAX_DEPTH || w->evaluations > MAX_EVALUATIONS)
		return fine;
	fine = panel(w, from, middle, total, depth + 1);
	return add(fine, panel(w, middle, to, add(total, fine), depth + 1));
}

static moments
integrate(waiting *w, double t)
{
	double		start = value_at(w, 0),
				end = log1p(t / w->scale),
				width = end;
	moments		total = {0};

	/* where something is left of it, and not yet little */
	while (value_at(w, time_at(w, width)) < start / 256 && width > end * 1e-40)
		width /= 2;
	for (double from = 0; from < end; from += width, width *= 2)
	{
		double		to = fmin(from + width, end),
					u = fmin(time_at(w, to), t);

		total = add(total, panel(w, from, to, total, 0));
		/* it does not rise again */
		if (value_at(w, u) * (t - u) * t <= TOLERANCE / 100 * total.time)
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
	waiting		w = {family, param, c, param[1] + c->T};
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
