/*
 * pareto_nbd_race.c - which comes first, the next purchase or death?
 *
 * With p ~ Beta(rho, s), q = B/A, zeta = 1 - q and F = 2F1,
 *
 *   h = E[(1 - p)/(1 - p + p q)]
 *     = s/(rho+s) F(1, rho; rho+s+1; zeta)
 *     = s/(rho+s) 1/q F(1, s+1; rho+s+1; zeta/(zeta-1)),
 *
 * the first series positive for q < 1, the second for q > 1.  Where they are
 * long, Gauss's continued fraction gives h alone; h with its derivatives, and
 * either where that fraction is long, too, is an expectation over w = logit(p)
 * by the trapezoidal rule, which converges geometrically: the integrand is
 * analytic for |Im w| < pi and decays at both ends.  Neighbours are linked by
 *
 *   (rho+s) h(rho) = s + rho zeta h(rho+1).
 */
#include "core/pareto_nbd.h"

#include <math.h>

#define MAX_TERMS 1000
#define MAX_NODES 4000
#define MAX_STEPS 400

/* Farther apart than this only parameters written by hand are, and doubles overflow. */
#define MAX_RATIO 1e300

/* Below this the left tail of the integral is too long; one up, the link leads back. */
#define SMALL_RHO 0.3

/* Will the series of F(1, a; c; z) have double precision after some 300 terms? */
static bool
is_short(double a, double c, double z)
{
	return z * (a + 100) <= 0.88 * (c + 100);
}

/* F(1, a; c; z) for 0 <= z < 1 and c > a: all terms positive, each at most z times the last. */
static double
series(double a, double c, double z)
{
	double		sum = 1,
				term = 1;

	for (int n = 0; n < MAX_TERMS && term * z > 1e-17 * (1 - z) * sum; n++)
	{
		term *= z * (a + n) / (c + n);
		sum += term;
	}
	return sum;
}

/* The same with its derivatives by a (called r here) and c (called s). */
static void
series_derivatives(double a, double c, double z, bool second, cv_pareto_race *f)
{
	double		term = 1,
				by_a = 0,		/* of log(term) */
				by_aa = 0,
				by_c = 0,
				by_cc = 0;

	*f = (cv_pareto_race) {.h = 1};
	for (int n = 0; n < MAX_TERMS && term * z * (1 + (by_a + by_c) * (by_a + by_c)) > 1e-17 * (1 - z) * f->h; n++)
	{
		double		ia = 1 / (a + n),
					ic = 1 / (c + n);

		term *= z * (a + n) * ic;
		by_a += ia;
		by_c -= ic;
		f->h += term;
		f->r += term * by_a;
		f->s += term * by_c;
		if (second)
		{
			by_aa -= ia * ia;
			by_cc += ic * ic;
			f->rr += term * (by_a * by_a + by_aa);
			f->rs += term * by_a * by_c;
			f->ss += term * (by_c * by_c + by_cc);
		}
	}
}

/* Sums over the nodes of the trapezoidal rule: weights, and weights times logs and products of logs. */
typedef struct sums
{
	double		one;
	double		p;				/* log(p), from its value at the peak */
	double		q;				/* log(1 - p), likewise */
	double		pp;
	double		pq;
	double		qq;
} sums;

static void
add_node(sums *f, double weight, double p, double q)
{
	f->one += weight;
	f->p += weight * p;
	f->q += weight * q;
	f->pp += weight * p * p;
	f->pq += weight * p * q;
	f->qq += weight * q * q;
}

/*
 * F(1, rho; rho+s+1; zeta) = E[1/(1 - p + p q)] for p ~ Beta(rho, s+1), and its
 * derivatives by rho and s, which are covariances with log(p) and log(1-p).
 */
static void
trapezoidal(double rho, double s, double q, cv_pareto_race *f)
{
	double		c = rho + s + 1,
				peak = log(rho / (s + 1)),
				log_p0 = -log1p((s + 1) / rho),
				log_q0 = -log1p(rho / (s + 1)),
				step = fmin(0.25, 0.55 / sqrt(1 + rho * (s + 1) / c)),
				mean_p,
				mean_q;
	sums		all = {0},
				won = {0};

	for (int side = -1; side <= 1; side += 2)
	{
		double		slope = fmin(1, step * (side < 0 ? rho : s + 1));

		for (int j = side < 0 ? 1 : 0; j < MAX_NODES; j++)
		{
			double		w = peak + side * j * step,
						e = exp(-fabs(w)),
						tail = log1p(e),
						log_p = (w < 0 ? w - tail : -tail) - log_p0,
						log_q = (w < 0 ? -tail : -w - tail) - log_q0,
						weight = exp(rho * log_p + (s + 1) * log_q),
						/* 1/(1 - p + p q) = (1 + e^w)/(1 + q e^w) */
						win = (1 + e) / (w < 0 ? 1 + q * e : e + q),
						small = 1e-18 * slope / (1 + log_p * log_p + log_q * log_q);

			add_node(&all, weight, log_p, log_q);
			add_node(&won, weight * win, log_p, log_q);
			if (weight <= small * all.one && weight * win <= small * won.one)
				break;
		}
	}
	mean_p = all.p / all.one;
	mean_q = all.q / all.one;
	f->h = won.one / all.one;
	f->r = won.p / all.one - f->h * mean_p;
	f->s = won.q / all.one - f->h * mean_q;
	f->rr = won.pp / all.one - f->h * all.pp / all.one - 2 * mean_p * f->r;
	f->rs = won.pq / all.one - f->h * all.pq / all.one - mean_p * f->s - mean_q * f->r;
	f->ss = won.qq / all.one - f->h * all.qq / all.one - 2 * mean_q * f->s;
}

void
cv_pareto_race_down(double rho, double s, double q, bool second, cv_pareto_race *race)
{
	cv_pareto_race up = *race;
	double		d = 1 / (rho + s),
				zeta = 1 - q,
				z = rho * zeta;

	race->h = (s + z * up.h) * d;
	race->r = (zeta * up.h + z * up.r - race->h) * d;
	race->s = (1 + z * up.s - race->h) * d;
	if (second)
	{
		race->rr = (2 * zeta * up.r + z * up.rr - 2 * race->r) * d;
		race->rs = (zeta * up.s + z * up.rs - race->r - race->s) * d;
		race->ss = (z * up.ss - 2 * race->s) * d;
	}
}

void
cv_pareto_race_at(double rho, double s, double q, bool second, cv_pareto_race *race)
{
	double		c = rho + s + 1,
				d = 1 / (rho + s),
				zeta,
				mirrored;
	cv_pareto_race f,
				by;				/* F by rho and s instead of a and c */

	q = fmin(fmax(q, 1 / MAX_RATIO), MAX_RATIO);
	zeta = 1 - q;
	mirrored = 1 - 1 / q;
	if (q <= 1 && is_short(rho, c, zeta))
	{
		series_derivatives(rho, c, zeta, second, &f);
		by = (cv_pareto_race) {f.h, f.r + f.s, f.s, f.rr + 2 * f.rs + f.ss, f.rs + f.ss, f.ss};
	}
	else if (q > 1 && is_short(s + 1, c, mirrored))
	{
		double		scale = 1 / q;

		series_derivatives(s + 1, c, mirrored, second, &f);
		by = (cv_pareto_race) {
			scale * f.h, scale * f.s, scale * (f.r + f.s),
			scale * f.ss, scale * (f.rs + f.ss), scale * (f.rr + 2 * f.rs + f.ss)
		};
	}
	else if (rho < SMALL_RHO)
	{
		cv_pareto_race_at(rho + 1, s, q, second, race);
		cv_pareto_race_down(rho, s, q, second, race);
		return;
	}
	else
		trapezoidal(rho, s, q, &by);

	race->h = s * by.h * d;
	race->r = (s * by.r - race->h) * d;
	race->s = (by.h + s * by.s - race->h) * d;
	race->rr = (s * by.rr - 2 * race->r) * d;
	race->rs = (by.r + s * by.rs - race->r - race->s) * d;
	race->ss = (2 * by.s + s * by.ss - 2 * race->s) * d;
}

/*
 * F(1, a; c; z) for z < 0 and c > a by the even part of Gauss's continued
 * fraction 1/(1 - e1 z/(1 - e2 z/(1 - ...))), with
 *
 *   e(2n) = n (c-a+n-1) / ((c+2n-2) (c+2n-1)), e(2n+1) = (a+n) (c+n-1) / ((c+2n-1) (c+2n)),
 *
 * summed forwards: what a step adds is positive.  False where it is not soon done.
 */
static bool
continued_fraction(double a, double c, double z, double *sum)
{
	double		odd = a / c * z,
				d = 1 / (1 - odd),
				step = d;

	*sum = d;
	for (int n = 1; n <= MAX_STEPS; n++)
	{
		double		last = c + 2 * n,
					scale = z / ((last - 2) * (last - 1) * last),
					even = n * (c - a + (n - 1)) * last * scale,
					product = odd * even,
					ratio;

		odd = (a + n) * (c + (n - 1)) * (last - 2) * scale;
		ratio = product * d;
		d = 1 / (1 - even - odd - ratio);
		ratio *= d;
		step *= ratio;
		*sum += step;
		if (ratio < 1 && step * ratio <= 1e-17 * (1 - ratio) * *sum)
			return true;
	}
	return false;
}

double
cv_pareto_death_first(double rho, double s, double q)
{
	double		c = rho + s + 1,
				zeta = 1 - q,
				mirrored = 1 - 1 / q,
				apart = q > 1 ? q : 1 / q,
				f;
	cv_pareto_race race;

	if (q <= 1 && zeta * (rho + 4) <= 0.2 * (c + 4))
		return s / (rho + s) * series(rho, c, zeta);
	if (q > 1 && mirrored * (s + 5) <= 0.2 * (c + 4))
		return s / ((rho + s) * q) * series(s + 1, c, mirrored);
	/* about how many steps of the fraction it takes: fewer where the parameters are large */
	if (fmin(100 * apart / c, 10 * sqrt(apart)) < MAX_STEPS)
	{
		if (q > 1 && continued_fraction(rho, c, zeta, &f))
			return s / (rho + s) * f;
		if (q <= 1 && continued_fraction(s + 1, c, mirrored, &f))
			return s / ((rho + s) * q) * f;
	}
	cv_pareto_race_at(rho, s, q, false, &race);
	return race.h;
}
