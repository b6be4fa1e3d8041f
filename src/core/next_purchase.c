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
#define UNSEEN 0.0053			/* of a panel, to either side of the nodes of 16 */
#define SEAM 1e-10				/* what that little may come to, as far as the ends tell */
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

/*
 * From v = from to v = to with 2 m nodes.  ends are what the polynomial through
 * the values there comes to at from and at to, by the barycentric formula;
 * NULL where nobody asks.
 */
static moments
legendre(waiting *w, double from, double to, const double rule[][2], int m, double *ends)
{
	double		half = (to - from) / 2,
				sign = 1,
				left = 0,
				lefts = 0,
				right = 0,
				rights = 0;
	moments		sum = {0};

	for (int i = m - 1; i >= -m; i--, sign = -sign)
	{
		const double *node = rule[i >= 0 ? i : -1 - i];
		double		x = i >= 0 ? -node[0] : node[0],
					u = time_at(w, from + half + half * x),
					value = value_at(w, u),
					weight = half * node[1] * (w->scale + u) * value;

		sum.chance += weight;
		sum.time += weight * u;
		if (ends)
		{
			double		part = sign * sqrt(node[1] / (1 - x * x));

			left += part * (1 - x) * value;
			lefts += part * (1 - x);
			right += part * (1 + x) * value;
			rights += part * (1 + x);
		}
	}
	if (ends)
	{
		ends[0] = left / lefts;
		ends[1] = right / rights;
	}
	return sum;
}

static moments
add(moments a, moments b)
{
	return (moments) {a.chance + b.chance, a.time + b.time};
}

/*
 * The integrals over a panel with the values at its ends; total is what there is so
 * far.  Both rules agree where all that happens lies between an end and the node next
 * to it, UNSEEN of the panel: only the value at the end tells.
 */
static moments
panel(waiting *w, double from, double to, double at_from, double at_to, moments total, int depth)
{
	double		ends[2];
	moments		rough = legendre(w, from, to, cv_legendre8, 4, NULL),
				fine = legendre(w, from, to, cv_legendre16, 8, ends),
				sum = add(total, fine);
	double		middle = from + (to - from) / 2,
				start = time_at(w, from),
				time = time_at(w, to),
				noise = w->noise * (time - start),
				unseen = UNSEEN * (to - from),
				at_middle,
				first = unseen * (w->scale + start) * fabs(ends[0] - at_from),
				last = unseen * (w->scale + time) * fabs(ends[1] - at_to);

	if ((fabs(fine.chance - rough.chance) <= NEARLY * sum.chance + noise &&
		 fabs(fine.time - rough.time) <= NEARLY * sum.time + noise * time &&
		 first + last <= SEAM * sum.chance + noise &&
		 first * start + last * time <= SEAM * sum.time + noise * time) ||
		depth == MAX_DEPTH || w->evaluations > MAX_EVALUATIONS)
		return fine;
	at_middle = value_at(w, time_at(w, middle));
	fine = panel(w, from, middle, at_from, at_middle, total, depth + 1);
	return add(fine, panel(w, middle, to, at_middle, at_to, add(total, fine), depth + 1));
}

static moments
integrate(waiting *w, double t)
{
	double		start = value_at(w, 0),
				at_from = start,
				at_to,
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

		at_to = value_at(w, u);
		total = add(total, panel(w, from, to, at_from, at_to, total, 0));
		/* it does not rise again */
		if (at_to * (t - u) * t <= TOLERANCE / 100 * total.time)
			break;
		at_from = at_to;
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
