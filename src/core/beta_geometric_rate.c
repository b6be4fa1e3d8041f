/*
 * beta_geometric_rate.c - how many purchases follow, and with what chance the next ones.
 *
 * A customer alive has lambda ~ Gamma(rho, A) and p ~ Beta(a, beta), independent.
 * At u = z A from now purchases come at the rate rho/A S(rho + 1, z), where
 * S(rho, z) = E[(1 + p z)^-rho] is the chance to be alive then.  The expected,
 * and the discounted, number of purchases is the integral of the rate.  In
 * v = log(1 + z) its integrand is analytic for |Im v| < pi, so Gauss-Legendre
 * on panels of bounded width and slope has double precision; no case (a = 1,
 * integer differences) is special.
 *
 * S itself, with c = a + beta and w = z/(1 + z), is (1 + z)^-a 2F1(a, c - rho; c; w).
 * c - rho does not grow with x while c does, so the series is short and, for
 * c >= rho, all positive.  Where it is long, large or cancels, S is the integral
 * over y = logit(p) by the trapezoidal rule, which for an integrand that is
 * analytic and decays at both ends converges geometrically.
 */
#include "core/beta_geometric.h"

#include "core/special.h"

#include <math.h>

#define BLOCK 8
#define MAX_TERMS 2000
#define MAX_STEP_TERMS 200

/* Integrals that go on beyond v = FAR are walked from NEAR to LIMIT by STEP. */
#define NEAR M_LN2
#define FAR 1.8
#define STEP M_LN2
#define LIMIT 20

/*
 * 2F1(a, kappa; c; w) at n increasing w[i] < 1; false where the series is too
 * long, too large or cancels too much.
 */
static bool
series(double a, double kappa, double c, const double *w, int n, double *sum)
{
	double		coefficient[MAX_TERMS],
				largest = w[n - 1],
				power = 1,
				total = 1,
				absolute = 1;
	int			terms;

	coefficient[0] = 1;
	for (terms = 1;; terms++)
	{
		double		j = terms - 1,
					ratio = (a + j) * (kappa + j) / ((c + j) * (1 + j)),
					term,
					tail;

		if (terms == MAX_TERMS)
			return false;
		coefficient[terms] = coefficient[terms - 1] * ratio;
		power *= largest;
		term = coefficient[terms] * power;
		total += term;
		absolute += fabs(term);

		/* once kappa + j is positive the ratio of terms stays between this one and w */
		if (fabs(term) > 1e-15 * absolute || kappa + j < 0)
			continue;
		tail = ratio > 1 ? ratio * largest : largest;
		if (fabs(term) * tail <= 3e-17 * total * (1 - tail))
			break;
	}
	/* also false where it overflowed */
	if (!(absolute <= 100 * total && absolute < 1e250))
		return false;

	sum[n - 1] = total;
	for (int i = 0; i < n - 1; i += BLOCK)
	{
		double		x[BLOCK],
					y[BLOCK] = {0};

		/* Horner's scheme for several nodes at a time */
		for (int k = 0; k < BLOCK; k++)
			x[k] = i + k < n ? w[i + k] : 0;
		for (int t = terms; t >= 0; t--)
		{
			for (int k = 0; k < BLOCK; k++)
				y[k] = y[k] * x[k] + coefficient[t];
		}
		for (int k = 0; k < BLOCK && i + k < n; k++)
			sum[i + k] = y[k];
	}
	return true;
}

/*
 * In units of d the density of the log odds of p is C exp(a d - c log1p(p0 expm1(d))),
 * p0 = a/c, with C from Stirling's formula: nothing large is subtracted.
 */
cv_beta_axis
cv_beta_axis_of(double a, double beta)
{
	double		c = a + beta;

	return (cv_beta_axis) {
		.a = a,
		.beta = beta,
		.mean = a / c,
		.rest = beta / c,
		.scale = sqrt(a * (beta / c) / (2 * M_PI)) *
			exp(cv_stirling_error(c) - cv_stirling_error(a) - cv_stirling_error(beta))
	};
}

double
cv_beta_axis_at(const cv_beta_axis *axis, double d, double *odds)
{
	double		p0 = axis->mean,
				q0 = axis->rest,
				c = axis->a + axis->beta,
				s = p0 <= q0 ? d : -d,	/* towards the larger of p and 1 - p */
				less1 = s > -1 ? expm1(s) : exp(s) - 1;

	*odds = p0 / q0 * (s > -1 ? (p0 <= q0 ? less1 + 1 : 1 / (less1 + 1)) : exp(d));
	return p0 <= q0 ? axis->a * s - c * log1p(p0 * less1) : axis->beta * s - c * log1p(q0 * less1);
}

/*
 * S by the trapezoidal rule.  Far out on either side the terms of the sum are a
 * geometric series, whose rest is added in closed form.
 */
static double
survival_trapezoidal(double rho, double a, double beta, double z)
{
	cv_beta_axis axis = cv_beta_axis_of(a, beta);
	double		c = a + beta,
				p0 = axis.mean,
				q0 = axis.rest,
				B = c + (rho - a) * z,
				/* squares of z can overflow */
				unit = fmax(1, z),
				root = unit * sqrt(B / unit * (B / unit) + 4 * (c - rho) * (z / unit) * (a / unit)),
				p,
				curvature,
				h,
				center,
				sum = 0;

	/* the maximum of the integrand solves a quadratic equation in p */
	p = B > 0 ? 2 * a / (B + root) : (root - B) / (2 * (c - rho) * z);
	if (!(p > 0 && p < 1))
		p = p0;
	curvature = p * (1 - p) * (c + rho * z * (1 - 2 * p - p * p * z) / ((1 + p * z) * (1 + p * z)));
	h = fmin(0.2, 0.55 / sqrt(fmax(curvature, 0.1)));
	center = log(p / (1 - p)) - log(p0 / q0);

	for (int side = -1; side <= 1; side += 2)
	{
		double		slope = side < 0 ? a : beta,
					/* from here on the logs of the terms lie on a straight line */
					straight = side < 0 ? -39 - log(fmax(c, rho * z)) - log(p0 / q0) :
			39 + log(fmax(c, rho)) - log(p0 / q0);

		for (int j = side < 0 ? 1 : 0; j < MAX_TERMS; j++)
		{
			double		d = center + side * j * h,
						odds,
						log_weight = cv_beta_axis_at(&axis, d, &odds),
						term = exp(log_weight - rho * log1p(z * odds / (1 + odds)));

			sum += term;
			if (side * (d - straight) > 0)
			{
				sum += term / expm1(slope * h);
				break;
			}
			/* also where it is nothing at its largest, or not a number */
			if (!(term * (1 + 1 / (slope * h)) > 1e-17 * sum))
				break;
		}
	}
	return axis.scale * h * sum;
}

/*
 * S at n increasing z, v = log1p(z), as s[i] times (1 + z[i])^-power: the
 * callers have better use for the power than to take it each time.
 *
 * Either of the two powers will do.  The terms for the smaller are smaller and
 * fewer, but those for a change signs where rho > c.
 */
static void
survivals(double rho, double a, double beta, double v, const double *z, int n, double *s, double *power)
{
	double		w[CV_BG_MAX_NODES] = {0},
				c = a + beta;

	for (int i = 0; i < n; i++)
		w[i] = z[i] / (1 + z[i]);
	*power = rho;
	if ((rho <= a || rho > c) && rho * v < 60 && series(rho, beta, c, w, n, s))
		return;
	*power = a;
	if (a * v < 60 && series(a, c - rho, c, w, n, s))
		return;
	*power = 0;
	for (int i = 0; i < n; i++)
		s[i] = survival_trapezoidal(rho, a, beta, z[i]);
}

/*
 * F = F(p, q; c; w) and its derivative at some w, from where Taylor's series go on
 * to larger w: all terms are positive, and the hypergeometric equation has them one
 * from another.  A step halves 1 - w, where the series in w itself would take
 * ever more terms.
 */
typedef struct walk
{
	double		p;
	double		q;
	double		c;
	double		v;				/* -log(1 - w), where the walk stands or begins */
	double		f;
	double		df;
	bool		ahead;			/* is there a walk, now or from v on? */
} walk;

/* Of S over (1 + z)^-p: of the two forms that of survivals() without a change of sign that grows less. */
static walk
walk_of(double rho, double a, double beta, double end)
{
	double		w = -expm1(-NEAR),
				c = a + beta;
	bool		by_rho = rho <= a || rho >= c;
	walk		at = {.p = by_rho ? rho : a, .q = by_rho ? beta : c - rho, .c = c, .v = NEAR};

	at.ahead = end > FAR && series(at.p, at.q, at.c, &w, 1, &at.f) &&
		series(at.p + 1, at.q + 1, at.c + 1, &w, 1, &at.df);
	at.df *= at.p * at.q / at.c;
	return at;
}

/* F at n increasing v[i] up to `to`, where the walk stands then; false where it takes too many terms. */
static bool
step(walk *at, double to, const double *v, int n, double *f)
{
	double		term[MAX_STEP_TERMS],
				rest = exp(-at->v),
				w = -expm1(-at->v),
				unit = -expm1(at->v - to),	/* the whole way in units of rest */
				power = unit,
				total,
				largest,
				slope = 0;
	int			terms = 2;

	/* in units of rest = 1 - w */
	term[0] = at->f;
	term[1] = at->df * rest;
	total = largest = term[0] + term[1] * power;
	for (int k = 0;; k++)
	{
		double		next = ((k + at->p) * (k + at->q) * term[k] * rest -
							(k + 1) * ((rest - w) * k + at->c - (at->p + at->q + 1) * w) * term[k + 1]) /
			(w * (k + 2) * (k + 1)),
					ratio = next / term[k + 1];

		if (terms == MAX_STEP_TERMS || !isfinite(next))
			return false;
		term[terms++] = next;
		power *= unit;
		total += next * power;
		/* rounding excites the other solution, whose terms are large where c is, and change signs */
		largest = fmax(largest, fabs(next * power) * (k + 2));
		if (largest > 100 * fabs(total))
			return false;
		if (ratio < 1.2 && fabs(next * power) * (k + 2) <= 1e-17 * total)
			break;
	}
	for (int i = 0; i < n; i++)
	{
		double		x = -expm1(at->v - v[i]);

		f[i] = 0;
		for (int t = terms - 1; t >= 0; t--)
			f[i] = f[i] * x + term[t];
	}
	for (int t = terms - 1; t > 0; t--)
		slope = slope * unit + t * term[t];
	at->v = to;
	at->f = total;
	at->df = slope / rest;
	return isfinite(total + slope);
}

double
cv_bg_survival(double rho, double a, double beta, double z)
{
	double		v = log1p(z),
				s,
				power;

	if (z <= 0)
		return 1;
	survivals(rho, a, beta, v, &z, 1, &s, &power);
	s *= exp(-power * v);
	return s < 1 ? s : 1;
}

/*
 * S falls, relative to itself and per v, no faster than rho m (1+z)/(1+m z) with
 * m = E[p], which rises, nor (nearly) than a (1+z)/z, which falls with z.
 */
static double
steepness(const cv_bg_shape *s, double from, double to)
{
	double		rising = expm1(fmin(to, fmax(s->turn, from))),
				falling = expm1(fmax(from, fmin(s->turn, to))),
				fall = s->rho * s->mean * (1 + rising) / (1 + s->mean * rising);

	if (falling > 0)
		fall = fmin(fall, s->a * (1 + falling) / falling + 1);
	return 1 + fall + s->discount * exp(to);
}

/* The width of the next panel, and whether eight nodes will do. */
static double
panel_width(const cv_bg_shape *s, double from, double end, bool *short_rule)
{
	double		width = end - from,
				distance = 1;	/* to the nearest singularity: left of v = 0, by c/rho, where rho > c */

	if (s->rho > s->c)
		distance = fmin(1, expm1(from) + s->c / s->rho);
	width = fmin(width, 4 * distance);
	while (width * steepness(s, from, from + width) > 14)
		width /= 2;
	*short_rule = width <= 1.2 && width <= 0.6 * distance + (s->rho > s->c ? 0 : 0.6) &&
		width * steepness(s, from, from + width) <= 3 && width * s->discount * exp(from + width) <= 1;
	return width;
}

cv_bg_shape
cv_bg_shape_of(double rho, double A, double a, double beta, double delta)
{
	return (cv_bg_shape) {
		.rho = rho + 1,
		.a = a,
		.c = a + beta,
		.mean = a / (a + beta),
		.discount = fabs(delta) * A,
		.turn = rho + 1 > a ? log1p((a + beta) / (rho + 1 - a)) : INFINITY
	};
}

int
cv_bg_panel(const cv_bg_shape *shape, double from, double end, double *width, double *v, double *weight)
{
	bool		short_rule;
	double		half = (*width = panel_width(shape, from, end, &short_rule)) / 2;
	const double (*rule)[2] = short_rule ? cv_legendre8 : cv_legendre16;
	int			m = short_rule ? 4 : 8;

	for (int i = 0; i < m; i++)
	{
		v[m - 1 - i] = from + half - half * rule[i][0];
		v[m + i] = from + half + half * rule[i][0];
		weight[m - 1 - i] = weight[m + i] = half * rule[i][1];
	}
	return 2 * m;
}

double
cv_bg_discounted(double rho, double A, double a, double beta, double t, double delta)
{
	double		end = log1p(t / A),
				from = 0,
				total = 0;
	cv_bg_shape shape = cv_bg_shape_of(rho, A, a, beta, delta);
	walk		at = walk_of(rho + 1, a, beta, end);

	for (int panel = 0; panel < CV_BG_MAX_PANELS && from < end; panel++)
	{
		double		v[CV_BG_MAX_NODES],
					z[CV_BG_MAX_NODES],
					s[CV_BG_MAX_NODES],
					weight[CV_BG_MAX_NODES],
					width,
					power = at.p,
					last,
					sum = 0;
		bool		walking = at.ahead && from >= at.v;
		int			n = cv_bg_panel(&shape, from, walking ? fmin(end, at.v + STEP) : at.ahead ? at.v : end,
									&width, v, weight);

		for (int i = 0; i < n; i++)
			z[i] = expm1(v[i]);
		if (walking)
			at.ahead = step(&at, from + width, v, n, s);
		if (!(walking && at.ahead))
			survivals(rho + 1, a, beta, v[n - 1], z, n, s, &power);
		at.ahead = at.ahead && at.v < LIMIT && at.p * at.v < 600;
		for (int i = 0; i < n; i++)
			sum += weight[i] * s[i] * exp((1 - power) * v[i] - delta * A * z[i]);
		total += sum;
		from += width;
		if (at.ahead && fabs(from - at.v) < 1e-9)
			from = at.v;
		if (end - from <= 1e-14 * end)
			break;

		/* S never rises again: this bounds what is left, also where a negative rate makes the weights grow */
		last = s[n - 1] * exp(-power * v[n - 1] - (delta < 0 ? delta * t : delta * A * z[n - 1]));
		if (!(last * (t / A - z[n - 1]) > 1e-17 * total))
			break;
	}
	return rho * total;
}
