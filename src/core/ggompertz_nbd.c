/*
 * ggompertz_nbd.c - the gamma-Gompertz/NBD family: customers buy at random until they
 * leave, at a risk that grows with the time they are there.
 *
 * Source: Bemmaor and Glady (2012), Modeling Purchasing Behavior with Sudden
 * "Death": A Flexible Customer Lifetime Model, Management Science 58(5), 1012-1021.
 * A customer alive at T has lambda ~ Gamma(r+x, alpha+T) and, independent of it,
 * outlives a further u with probability (B/(B + expm1(b u)))^s, B = B(T) of
 * ggompertz_nbd.h.
 *
 * All integrals over time are taken here over E = expm1(b u)/B or its log z, by
 * Gauss-Legendre on panels.  With w = b u = log(1 + B E) and c = b(alpha + T) the
 * integrands are
 *
 *   (1 + E)^-p (1 + B E)^-q (1 + w/c)^-rho:
 *
 * log-linear in z but for bends, and singular only where Im z = pi.
 */
#include "core/counts.h"
#include "core/families.h"
#include "core/ggompertz_nbd.h"
#include "core/lifetime.h"
#include "core/special.h"

#include <math.h>

#define MAX_PANELS 400

/* From this on a panel adds nothing to the others. */
#define NOTHING 1e-18

typedef struct integrand
{
	double		p;
	double		q;
	double		rho;			/* 0: no such factor */
	double		c;
	double		B;
	double		log_B;
} integrand;

/* log(1 + exp(y)) */
static double
softplus(double y)
{
	return y > 0 ? y + log1p(exp(-y)) : log1p(exp(y));
}

/* 1/(1 + exp(-y)) */
static double
logistic(double y)
{
	return 1 / (1 + exp(-y));
}

static double
log_value(const integrand *f, double log_1_E, double w)
{
	double		v = -f->p * log_1_E - f->q * w;

	return f->rho > 0 ? v - f->rho * log1p(w / f->c) : v;
}

/* No slope of the integrand by z is more than this between from and to: its parts change in one direction each. */
static double
steepest(const integrand *f, double from, double to)
{
	double		first = 1 - f->p * logistic(from) - f->q * logistic((f->q > 0 ? from : to) + f->log_B),
				last = 1 - f->p * logistic(to) - f->q * logistic((f->q > 0 ? to : from) + f->log_B);

	if (f->rho > 0)
		last -= f->rho * logistic(to + f->log_B) / (f->c + softplus(from + f->log_B));
	return fmax(first, -last);
}

/* The integral of f over E while w runs from 0 to end, which may be infinity where it is finite. */
static double
integrate(const integrand *f, double end)
{
	double		bend = fmax(0, -f->log_B),	/* the rightmost singularities are pi i beside it or left of it */
				steep = 1 + f->p + f->B * (1 + fabs(f->q) + (f->rho > 0 ? f->rho / f->c - 1 / expm1(-f->c) : 0)),
				z_end = (end < 30 ? log(expm1(end)) : end + log1p(-exp(-end))) - f->log_B,
				z = fmin(log(3 / fmin(steep, 1e300)), z_end),
				E = exp(z),
				total = 0;

	if (end <= 0)
		return 0;
	/* as far as nothing bends, over E */
	for (int i = 0; i < 16; i++)
	{
		const double *node = cv_legendre16[i < 8 ? i : i - 8];
		double		at = 0.5 * E * (1 + (i < 8 ? -node[0] : node[0]));

		total += 0.5 * E * node[1] * exp(log_value(f, log1p(at), log1p(f->B * at)));
	}
	/* then over z */
	for (int panel = 0; panel < MAX_PANELS && z < z_end; panel++)
	{
		double		width = fmin(fmax(5, 3 * (z - bend)), z_end - z),
					half,
					sum = 0;

		while (width * steepest(f, z, z + width) > 12)
			width /= 2;
		half = width / 2;
		for (int i = 0; i < 16; i++)
		{
			const double *node = cv_legendre16[i < 8 ? i : i - 8];
			double		at = z + half + (i < 8 ? -half : half) * node[0];

			sum += node[1] * exp(at + log_value(f, softplus(at), softplus(at + f->log_B)));
		}
		total += half * sum;
		if (z + width == z || (half * sum <= NOTHING * total && f->q >= 0))
			break;
		z += width;
	}
	return total;
}

/*
 * The odds of having died between t_x and T, from the density of dying at a time
 * in between over that of living on: the integrand is relative to t_x.
 */
static double
odds_of_death(const double *param, const cv_customer *c)
{
	double		alpha = param[1],
				b = param[2],
				s = param[3],
				rho = param[0] + c->x,
				silent = c->T - c->t_x,
				B = cv_gompertz_B(param[4], b * c->t_x),
				log_odds = rho * log1p(silent / (alpha + c->t_x)) + s * cv_gompertz_risk(B, b * silent);
	const integrand death = {s + 1, 0, rho, b * (alpha + c->t_x), B, log(B)};

	return silent > 0 ? exp(log_odds + log(s * integrate(&death, b * silent))) : 0;
}

static double
probability_alive(const cv_family *family, const double *param, const cv_customer *c)
{
	return 1 / (1 + odds_of_death(param, c));
}

/* The chance of one alive at T to be alive at T + t. */
static double
survival(const cv_family *family, const double *param, const cv_customer *c, double t)
{
	return exp(-param[3] * cv_gompertz_risk(cv_gompertz_B(param[4], param[2] * c->T), param[2] * t));
}

static double
purchases_if_alive(const cv_family *family, const double *param, const cv_customer *c,
				   double t, double delta)
{
	double		b = param[2],
				B = cv_gompertz_B(param[4], b * c->T);
	/* dw = B/(1 + B E) dE */
	const integrand living = {param[3], 1 + delta / b, 0, 0, B, log(B)};

	return (param[0] + c->x) / (param[1] + c->T) * (B / b * integrate(&living, b * t));
}

/* See cv_lifetime: that of one who is as a new customer with this b, s and B. */
static void
lifetime_at(const cv_lifetime *lifetime, double u, double *log_survival, double *log_density)
{
	double		b = lifetime->param[0],
				s = lifetime->param[1],
				B = lifetime->param[2],
				risk = cv_gompertz_risk(B, b * u);

	*log_survival = -s * risk;
	*log_density = log(b * s / B) + b * u - (s + 1) * risk;
}

static double
count_probability(const cv_family *family, const double *param, const cv_customer *c,
				  double t, double n)
{
	double		rho = param[0] + c->x,
				A = param[1] + c->T,
				b = param[2],
				s = param[3],
				B = cv_gompertz_B(param[4], b * c->T),
				odds = odds_of_death(param, c),
				alive = 1 / (1 + odds);
	const cv_lifetime lifetime = {lifetime_at, {b, s, B}};
	const integrand death = {s + 1, 0, rho, b * A, B, log(B)};

	if (n == 0)
		return fmin(1, (odds < 1 ? odds * alive : 1 - alive) +
					alive * (survival(family, param, c, t) * exp(-rho * log1p(t / A)) + s * integrate(&death, b * t)));
	if (alive == 0)
		return 0;
	return alive * cv_lifetime_count_probability(&lifetime, rho, A, n, t);
}

static double
next_purchase_density(const cv_family *family, const double *param, const cv_customer *c, double u)
{
	return cv_counts_next(param[0] + c->x, param[1] + c->T, u) * survival(family, param, c, u);
}

static double
purchase_cycle(const cv_family *family, const double *param, const cv_customer *c)
{
	return (param[1] + c->t_x) / (param[0] + c->x);
}

const cv_family cv_ggompertz_nbd = {
	.id = CV_FAMILY_GGOMPERTZ_NBD,
	.kind = CV_PURCHASE_MODEL,
	.name = "ggompertz/nbd",
	.description = "Customers buy at random times, each at a rate of its own, and may leave for good at any time, "
	"at a risk of its own that grows, for all by the same factor a unit of time.",
	.n_params = 5,
	.param_name = {"r", "alpha", "b", "s", "beta"},
	.scale_params = 1 << 1 | 1 << 2,
	.limit = CV_FAMILY_PARETO_NBD,
	.purchase_shift = {0, -1, 0, 0, 0},
	.churn_shift = {0, 0, 0, 0, -1},
	.log_likelihood = cv_gompertz_log_likelihood,
	.start = cv_gompertz_start,
	.bounds = cv_gompertz_bounds,
	.probability_alive = probability_alive,
	.survival = survival,
	.purchases_if_alive = purchases_if_alive,
	.count_probability = count_probability,
	.next_purchase_density = next_purchase_density,
	.purchase_cycle = purchase_cycle
};
