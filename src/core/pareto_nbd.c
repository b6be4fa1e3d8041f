/*
 * pareto_nbd.c - the Pareto/NBD family: customers buy at random until they leave, at any time.
 *
 * Sources: Schmittlein, Morrison and Colombo (1987), Management Science 33(1), 1-24;
 * Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model and Related
 * Expressions.  A customer alive at T has lambda ~ Gamma(r+x, alpha+T) and,
 * independent of it, mu ~ Gamma(s, beta+T).
 */
#include "core/counts.h"
#include "core/families.h"
#include "core/lifetime.h"
#include "core/pareto_nbd.h"
#include "core/special.h"

#include <math.h>

#define MAX_PANELS 200

/*
 * The odds of having died between t_x and T; with h = cv_pareto_death_first they are
 * exp(log_odds) h(t_x) - h(T).
 */
static double
odds_of_death(const double *param, const cv_customer *c)
{
	double		alpha = param[1],
				s = param[2],
				beta = param[3],
				rho = param[0] + c->x,
				log_odds = rho * log1p((c->T - c->t_x) / (alpha + c->t_x)) +
		s * log1p((c->T - c->t_x) / (beta + c->t_x)),
				odds;

	if (c->T <= c->t_x)
		return 0;
	odds = exp(log_odds) * cv_pareto_death_first(rho, s, (beta + c->t_x) / (alpha + c->t_x)) -
		cv_pareto_death_first(rho, s, (beta + c->T) / (alpha + c->T));
	return odds > 0 ? odds : 0;
}

static double
probability_alive(const cv_family *family, const double *param, const cv_customer *c)
{
	return 1 / (1 + odds_of_death(param, c));
}

/* The chance of one alive now, with mu ~ Gamma(s, B), to be alive at t. */
static double
outlive(double s, double B, double t)
{
	return exp(-s * log1p(t / B));
}

static double
survival(const cv_family *family, const double *param, const cv_customer *c, double t)
{
	return outlive(param[2], param[3] + c->T, t);
}

/*
 * The integral over (0, t] of exp(-delta u) outlive(u), the expected time alive.
 * Without discount B ((1+z)^(1-s) - 1)/(1-s), z = t/B, for any s.  With it, in
 * v = log(1 + u/B), of exp((1-s) v - delta B expm1(v)), an entire function:
 * Gauss-Legendre on panels of bounded slope has double precision.
 */
static double
time_alive(double s, double B, double t, double delta)
{
	double		end = log1p(t / B),
				from = 0,
				total = 0,
				y = (1 - s) * end;

	if (delta == 0)
		return B * end * (y == 0 ? 1 : expm1(y) / y);

	for (int panel = 0; panel < MAX_PANELS && from < end; panel++)
	{
		double		width = end - from,
					half,
					sum = 0,
					last;

		while (width * (1 + fabs(s - 1) + fabs(delta) * B * exp(from + width)) > 12)
			width /= 2;
		half = width / 2;
		for (int i = 7; i >= -8; i--)
		{
			const double *node = cv_legendre16[i >= 0 ? i : -1 - i];
			double		v = from + half + (i >= 0 ? -half : half) * node[0];

			sum += node[1] * exp((1 - s) * v - delta * B * expm1(v));
		}
		total += half * sum;
		from += width;
		if (end - from <= 1e-14 * end)
			break;

		/* survival never rises: this bounds what is left, also where a negative rate makes the weights grow */
		last = exp(-s * from - delta * (delta < 0 ? t : B * expm1(from)));
		if (last * (t / B - expm1(from)) < 1e-17 * total || (delta > 0 && last < 1e-17 * total * delta * B))
			break;
	}
	return B * total;
}

static double
purchases_if_alive(const cv_family *family, const double *param, const cv_customer *c,
				   double t, double delta)
{
	return (param[0] + c->x) / (param[1] + c->T) *
		time_alive(param[2], param[3] + c->T, cv_discounting_horizon(t, delta), delta);
}

/*
 * The odds of death and their derivatives, from those of the race; q times that
 * by q is -rho (h(rho) - h(rho + 1)), of which the smaller of h and 1 - h has all digits.
 */
static double
odds_slopes(const double *param, const cv_customer *c, double *slopes)
{
	double		rho = param[0] + c->x,
				s = param[2],
				odds = 0;

	for (int k = 0; k < 4; k++)
		slopes[k] = 0;
	for (int side = 0; side < 2; side++)
	{
		double		t = side ? c->T : c->t_x,
					alpha = param[1] + t,
					beta = param[3] + t,
					q = beta / alpha,
					u = c->T - t,
					log_a = log1p(u / alpha),
					log_b = log1p(u / beta),
					weight = side ? -1 : exp(rho * log_a + s * log_b),
					by_q;
		cv_pareto_race race;

		cv_pareto_race_at(rho, s, q, false, &race);
		by_q = q > 1 ? -rho * (race.h - cv_pareto_death_first(rho + 1, s, q)) :
			-rho * (cv_pareto_death_first(s, rho + 1, 1 / q) - cv_pareto_death_first(s, rho, 1 / q));
		odds += weight * race.h;
		slopes[0] += weight * (race.r + log_a * race.h);
		slopes[1] -= weight * (by_q + rho * u / (alpha + u) * race.h) / alpha;
		slopes[2] += weight * (race.s + log_b * race.h);
		slopes[3] += weight * (by_q - s * u / (beta + u) * race.h) / beta;
	}
	return odds;
}

/* Integrals over the time alive, and of what moves it with s and B. */
typedef struct living
{
	double		time;
	double		s;
	double		B;
} living;

static void
add_living(living *f, double weight, double v, double s)
{
	f->time += weight;
	f->s -= weight * v;
	f->B -= weight * s * expm1(-v);
}

static void
log_slopes(const double *param, const cv_customer *c, double B, const living *f, double *slopes)
{
	slopes[0] = param[0] / (param[0] + c->x);
	slopes[1] = -param[1] / (param[1] + c->T);
	slopes[2] = param[2] * f->s / f->time;
	slopes[3] = param[3] / B * f->B / f->time;
}

/* The integrals of time_alive() on panels good for both, without discount and with it. */
static bool
slopes(const cv_family *family, const double *param, const cv_customer *c, double t, double delta, cv_slopes *slopes)
{
	double		s = param[2],
				B = param[3] + c->T,
				end = log1p(t / B),
				from = 0,
				odds;
	living		plain = {0},
				discounted = {0};

	for (int panel = 0; from < end; panel++)
	{
		double		width = end - from,
					half;

		if (panel == MAX_PANELS)
			return false;
		while (width * (1 + fabs(s - 1) + fabs(delta) * B * exp(from + width)) > 12)
			width /= 2;
		half = width / 2;
		for (int i = 7; i >= -8; i--)
		{
			const double *node = cv_legendre16[i >= 0 ? i : -1 - i];
			double		v = from + half + (i >= 0 ? -half : half) * node[0],
						weight = half * node[1] * exp((1 - s) * v);

			add_living(&plain, weight, v, s);
			add_living(&discounted, weight * exp(-delta * B * expm1(v)), v, s);
		}
		from += width;
		if (end - from <= 1e-14 * end)
			break;
	}
	log_slopes(param, c, B, &plain, slopes->expected);
	log_slopes(param, c, B, &discounted, slopes->discounted);

	odds = odds_slopes(param, c, slopes->alive);
	for (int k = 0; k < 4; k++)
		slopes->alive[k] *= c->T > c->t_x && odds > 0 ? -param[k] / odds : 0;
	return true;
}

/* See cv_lifetime: mu ~ Gamma(s, B). */
static void
lifetime_at(const cv_lifetime *lifetime, double u, double *log_survival, double *log_density)
{
	double		s = lifetime->param[0],
				B = lifetime->param[1],
				z = log1p(u / B);

	*log_survival = -s * z;
	*log_density = lifetime->param[2] - (s + 1) * z;
}

/*
 * No purchase: a customer alive dies before the next one would have come, or lives
 * and waits until t and does not die before it after t either; the second chance
 * is a race that begins at t.
 */
static double
no_purchase(double rho, double A, double s, double B, double t)
{
	double		none = exp(-rho * log1p(t / A) - s * log1p(t / B));

	return cv_pareto_death_first(rho, s, B / A) + none * (1 - cv_pareto_death_first(rho, s, (B + t) / (A + t)));
}

static double
count_probability(const cv_family *family, const double *param, const cv_customer *c,
				  double t, double n)
{
	double		rho = param[0] + c->x,
				A = param[1] + c->T,
				s = param[2],
				B = param[3] + c->T,
				odds = odds_of_death(param, c),
				alive = 1 / (1 + odds);
	cv_lifetime lifetime = {lifetime_at, {s, B, log(s / B)}};

	if (n == 0)
		return fmin(1, alive * no_purchase(rho, A, s, B, t) + (odds < 1 ? odds * alive : 1 - alive));
	if (alive == 0)
		return 0;
	return alive * cv_lifetime_count_probability(&lifetime, rho, A, n, t);
}

static double
next_purchase_density(const cv_family *family, const double *param, const cv_customer *c, double u)
{
	return cv_counts_next(param[0] + c->x, param[1] + c->T, u) * outlive(param[2], param[3] + c->T, u);
}

static double
purchase_cycle(const cv_family *family, const double *param, const cv_customer *c)
{
	return (param[1] + c->t_x) / (param[0] + c->x);
}

const cv_family cv_pareto_nbd = {
	.id = CV_FAMILY_PARETO_NBD,
	.kind = CV_PURCHASE_MODEL,
	.name = "pareto/nbd",
	.description = "Customers buy at random times, each at a rate of its own, and may leave for good "
	"at any time, each at a rate of its own that has nothing to do with how often it buys.",
	.n_params = 4,
	.param_name = {"r", "alpha", "s", "beta"},
	.scale_params = 1 << 1 | 1 << 3,
	.purchase_shift = {0, -1, 0, 0},
	.churn_shift = {0, 0, 0, -1},
	.limit = CV_FAMILY_NBD,
	.log_likelihood = cv_pareto_log_likelihood,
	.start = cv_pareto_start,
	.bounds = cv_pareto_bounds,
	.probability_alive = probability_alive,
	.survival = survival,
	.purchases_if_alive = purchases_if_alive,
	.slopes = slopes,
	.count_probability = count_probability,
	.next_purchase_density = next_purchase_density,
	.purchase_cycle = purchase_cycle
};
