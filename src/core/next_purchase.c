/*
 * next_purchase.c - the expected time to the next purchase, for any family.
 */
#include "core/next_purchase.h"

#include "core/special.h"

#include <math.h>

#define LEAST_CHANCE 1e-9
#define TOLERANCE 1e-11
#define MAX_DEPTH 16
#define MAX_EVALUATIONS 1600

typedef struct waiting
{
	const cv_family *family;
	const double *param;
	const cv_customer *c;
	double		at_end;			/* P(no purchase within t) */
	double		tolerance;
	int			evaluations;
} waiting;

/* The chance that a purchase comes after u but within t. */
static double
still_waiting(waiting *f, double u)
{
	f->evaluations++;
	return fmax(0, f->family->count_probability(f->family, f->param, f->c, u, 0) - f->at_end);
}

static double
legendre(waiting *f, double from, double to)
{
	double		half = (to - from) / 2,
				sum = 0;

	for (int i = 7; i >= -8; i--)
	{
		const double *node = cv_legendre16[i >= 0 ? i : -1 - i];

		sum += node[1] * still_waiting(f, from + half + (i >= 0 ? -half : half) * node[0]);
	}
	return half * sum;
}

/* The integral over a part, given what the rule says of it whole; total is what there is so far. */
static double
halve(waiting *f, double from, double to, double whole, double total, int depth)
{
	double		middle = from + (to - from) / 2,
				left = legendre(f, from, middle),
				right = legendre(f, middle, to);

	if (fabs(left + right - whole) <= f->tolerance * (total + left + right) ||
		depth == MAX_DEPTH || f->evaluations > MAX_EVALUATIONS)
		return left + right;
	left = halve(f, from, middle, left, total, depth + 1);
	return left + halve(f, middle, to, right, total + left, depth + 1);
}

double
cv_expected_next_purchase(const cv_family *family, const double *param,
						  const cv_customer *c, double t)
{
	waiting		f = {family, param, c};
	double		chance,
				total = 0,
				to;

	f.at_end = family->count_probability(family, param, c, t, 0);
	chance = 1 - f.at_end;
	if (!(chance >= LEAST_CHANCE))
		return NAN;
	f.tolerance = TOLERANCE + 1e-15 / chance;

	/* parts that grow from the customer's own pace */
	to = family->purchase_cycle(family, param, c);
	for (double from = 0; from < t; from = to, to *= 4)
	{
		to = fmin(to, t);
		total += halve(&f, from, to, legendre(&f, from, to), total, 0);
		if (to < t && still_waiting(&f, to) * (t - to) <= TOLERANCE * total)
			break;
	}
	return fmin(t, total / chance);
}
