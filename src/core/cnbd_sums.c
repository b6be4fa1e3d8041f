/*
 * cnbd_sums.c - purchases and survival of regular buyers by sums over the phases to come.
 *
 * With lambda ~ Gamma(rho, A) the number of phases within t is negative binomial:
 * with y = t/(A + t) its chances are P(n) = (rho)_n/n! y^n (1 - y)^rho.  The n-th
 * phase, discounted at delta from when it comes, counts for
 *
 *   I(n) = integral over u in (0, t] of exp(-delta u) rho ... (rho+n-1)/(n-1)! u^(n-1) A^rho (A + u)^-(rho+n) du,
 *
 * the chance of n phases or more where delta is 0.  By parts, with D(n) = I(n) - I(n+1),
 *
 *   D(n) = ((n+1) D(n+1) + delta A I(n+1)) / (rho + n) + exp(-delta t) (1 - y) P(n):
 *
 * downwards from where nothing comes any more all is positive, and no digit is lost.
 */
#include "core/cnbd.h"

#include <math.h>

#define MAX_PHASES 3000

/* More than this, in logs, is lost to underflow at n = 0. */
#define LARGEST_LOG 600

#define NEGLIGIBLE 1e-18

/* With more discount within t sums are longer than they are worth. */
#define MOST_DISCOUNT 1

/*
 * The chances P(0), P(1), ... that count beside those from P(first) on, where a step
 * down from n can raise them by growth / (rho + n); returns how many, or 0 where they
 * are too many.
 */
static int
chances(double rho, double A, double t, double growth, int first, double *chance)
{
	double		y = t / (A + t),
				log_none = rho * log1p(t / A),
				sum = 0,
				raised = 1;

	if (log_none > LARGEST_LOG)
		return 0;
	chance[0] = exp(-log_none);
	for (int n = 0; n < MAX_PHASES - 1; n++)
	{
		double		ratio = y * (rho + n) / (n + 1),
					raise = 1 + growth / (rho + n),
					most = fmax(ratio, y) * raise;	/* of all that follow */

		if (n >= first)
			sum += chance[n];
		if (most < 1 && chance[n] * raised * most < NEGLIGIBLE * sum * (1 - most) * (1 - most))
			return n + 1;
		chance[n + 1] = chance[n] * ratio;
		raised *= raise;
	}
	return 0;
}

/* The chance to survive m purchases, m = 0, 1, ... last. */
static void
survive_up_to(const cv_regular_buyer *b, int last, double *survive)
{
	survive[0] = 1;
	for (int m = 1; m <= last; m++)
	{
		double		y = b->beta + (m - 1);

		survive[m] = survive[m - 1] * (y / (b->a + y));
	}
}

bool
cv_cnbd_sum_survival(const cv_regular_buyer *b, double t, double *survival)
{
	double		chance[MAX_PHASES],
				survive[MAX_PHASES + CV_MAX_REGULARITY],
				weight = 1,
				weights = 0,
				total = 0;
	int			known = -1;

	for (int j = 0; j < b->k && weight > 0; j++)
	{
		int			n = chances(b->rho + j, b->A, t, 0, 0, chance),
					last = (n - 1 + j) / b->k;
		double		sum = 0;

		if (n == 0)
			return false;
		if (last > known)
			survive_up_to(b, known = last, survive);
		for (int i = n - 1, m = last; i >= 0; i--)
		{
			if (i + j < b->k * m)
				m--;
			sum += chance[i] * survive[m];
		}
		total += weight * sum;
		weights += weight;
		weight *= (b->rho + j) / (j + 1) * (b->u / b->A);
	}
	*survival = total / weights;
	return true;
}

/* The discounted purchases where j phases have passed since the last one: those of phases k - j, 2 k - j, ... */
static double
purchases_after(const cv_regular_buyer *b, int j, const double *chance, int n, const double *survive,
				double t, double delta)
{
	double		rho = b->rho + j,
				at_end = exp(-delta * t) * (b->A / (b->A + t)),
				growth = delta * b->A,
				counts = 0,
				falls = 0,
				sum = 0;
	int			m = (n - 1 + j) / b->k;

	for (int i = n - 1; i > 0; i--)
	{
		falls = ((i + 1) * falls + growth * counts) / (rho + i) + at_end * chance[i];
		counts += falls;
		if (i + j == b->k * m)
		{
			sum += survive[m - 1] * counts;
			m--;
		}
	}
	return sum;
}

bool
cv_cnbd_sum_discounted(const cv_regular_buyer *b, double t, double delta, double *purchases)
{
	double		chance[MAX_PHASES],
				survive[MAX_PHASES + CV_MAX_REGULARITY],
				weight = 1,
				weights = 0,
				total = 0;
	int			known = -1;

	if (delta < 0 || !(delta * t <= MOST_DISCOUNT))
		return false;
	for (int j = 0; j < b->k && weight > 0; j++)
	{
		int			n = chances(b->rho + j, b->A, t, delta * b->A, b->k - j, chance),
					last = (n - 1 + j) / b->k;

		if (n == 0)
			return false;
		if (last > known)
			survive_up_to(b, known = last, survive);
		total += weight * purchases_after(b, j, chance, n, survive, t, delta);
		weights += weight;
		weight *= (b->rho + j) / (j + 1) * (b->u / b->A);
	}
	*purchases = total / weights;
	return true;
}

double
cv_cnbd_survival(const cv_regular_buyer *b, double t)
{
	double		survival;

	if (t > 0 && cv_cnbd_sum_survival(b, t, &survival))
		return fmin(1, survival);
	return cv_cnbd_mean_survival(b, t);
}

double
cv_cnbd_discounted(const cv_regular_buyer *b, double t, double delta)
{
	double		purchases;

	if (t > 0 && cv_cnbd_sum_discounted(b, t, delta, &purchases))
		return purchases;
	return cv_cnbd_mean_discounted(b, t, delta);
}
