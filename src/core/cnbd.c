/*
 * cnbd.c - what a customer of BG/CNBD-k and MBG/CNBD-k can be told.
 *
 * Sources: Platzer and Reutterer (2016), Marketing Science 35(5), 779-799;
 * Reutterer, Platzer and Schroeder (2021), IJRM 38(1), 194-215.  They approximate
 * the expected purchases of a customer with k > 1; here they are exact, in
 * cnbd_rate.c.  The likelihood and the chance to be alive are those of beta_geometric.c.
 */
#include "core/cnbd.h"

#include "core/counts.h"

#include <math.h>

void
cv_erlang_silence(double rho, double q, int k, cv_silence *silence)
{
	double		term = 1,
				h = 0,			/* derivatives of the log of the term by rho */
				h2 = 0,
				sum = 1,
				r = 0,
				rr = 0,
				s = 0,
				sr = 0,
				ss = 0;

	for (int j = 1; j < k; j++)
	{
		double		y = rho + j - 1,
					inverse = 1 / y;

		term *= y * q / j;
		h += inverse;
		h2 -= inverse * inverse;
		sum += term;
		r += term * h;
		rr += term * (h * h + h2);
		s += term * j;
		sr += term * j * h;
		ss += term * j * j;
	}
	silence->log = log(sum);
	silence->r = r /= sum;
	silence->q = s /= sum;
	silence->rr = rr / sum - r * r;
	silence->rq = sr / sum - r * s;
	silence->qq = ss / sum - s * s;
}

static int
regularity(const double *param)
{
	return (int) param[4];
}

static cv_regular_buyer
buyer_of(const cv_family *family, const double *param, const cv_customer *c)
{
	int			k = regularity(param);

	return (cv_regular_buyer) {
		.k = k,
		.rho = param[0] + k * c->x,
		.A = param[1] + c->T,
		.u = c->T - c->t_x,
		.a = param[2],
		.beta = param[3] + c->x + family->variant
	};
}

double
cv_cnbd_survival_of(const cv_family *family, const double *param, const cv_customer *c, double t)
{
	cv_regular_buyer b = buyer_of(family, param, c);

	return b.k == 1 ? cv_bg_survival_of(family, param, c, t) : cv_cnbd_survival(&b, t);
}

double
cv_cnbd_purchases_if_alive(const cv_family *family, const double *param, const cv_customer *c,
						   double t, double delta)
{
	cv_regular_buyer b = buyer_of(family, param, c);

	return b.k == 1 ? cv_bg_purchases_if_alive(family, param, c, t, delta) : cv_cnbd_discounted(&b, t, delta);
}

/* The chance that one who is alive does not buy within t: fewer than k phases in u + t, given as few in u. */
static double
silent_chance(const cv_regular_buyer *b, double t)
{
	cv_silence	until_now = {0},
				then = {0};

	if (b->u > 0)
		cv_erlang_silence(b->rho, b->u / b->A, b->k, &until_now);
	if (b->u + t > 0)
		cv_erlang_silence(b->rho, (b->u + t) / (b->A + t), b->k, &then);
	return exp(then.log - until_now.log - b->rho * log1p(t / b->A));
}

/*
 * As in cv_bg_count_probability: alive after n purchases, each survived; or dead
 * since the n-th; or dead before T.  With j phases behind, n > 0 purchases take
 * k n - j to k n - j + k - 1 phases.
 */
double
cv_cnbd_count_probability(const cv_family *family, const double *param, const cv_customer *c,
						  double t, double n)
{
	cv_regular_buyer b = buyer_of(family, param, c);
	double		alive,
				dead,
				weight = 1,		/* of having j phases behind */
				weights = 0,
				exactly = 0,
				at_least = 0;

	if (b.k == 1)
		return cv_bg_count_probability(family, param, c, t, n);
	cv_bg_life_and_death(family, param, c, &alive, &dead);
	if (n == 0)
		return fmin(1, alive * silent_chance(&b, t) + dead);
	for (int j = 0; j < b.k && weight > 0; j++)
	{
		double		first = b.k * n - j;

		for (double phases = first; phases < b.k * (n + 1) - j; phases++)
		{
			cv_counts	counts = cv_counts_of(b.rho + j, b.A, phases);

			exactly += weight * exp(cv_counts_log_probability(&counts, t));
		}
		at_least += weight * cv_counts_at_least(b.rho + j, b.A, first, t);
		weights += weight;
		weight *= (b.rho + j) / (j + 1) * (b.u / b.A);
	}
	return fmin(1, alive * exp(cv_log_outlast(b.a, b.beta, n)) *
				(exactly + at_least * (b.a / (b.beta + n - 1))) / weights);
}

/* As of the last purchase, when a new time of k phases began. */
double
cv_cnbd_purchase_cycle(const cv_family *family, const double *param, const cv_customer *c)
{
	int			k = regularity(param);

	return k * (param[1] + c->t_x) / (param[0] + k * c->x);
}
