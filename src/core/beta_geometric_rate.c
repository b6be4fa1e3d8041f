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

#define MAX_NODES 16
#define MAX_TERMS 4000
#define MAX_PANELS 200

/* half of the nodes and weights of Gauss-Legendre on [-1, 1]; the other half is their mirror image */
static const double legendre8[4][2] = {
	{0.18343464249564980494, 0.36268378337836198297},
	{0.52553240991632898582, 0.31370664587788728734},
	{0.79666647741362673959, 0.22238103445337447054},
	{0.96028985649753623168, 0.10122853629037625915}
};
static const double legendre16[8][2] = {
	{0.095012509837637440185, 0.18945061045506849629},
	{0.28160355077925891323, 0.18260341504492358887},
	{0.45801677765722738634, 0.16915651939500253819},
	{0.61787624440264374845, 0.14959598881657673208},
	{0.7554044083550030339, 0.12462897125553387205},
	{0.86563120238783174388, 0.09515851168249278481},
	{0.94457502307323257608, 0.062253523938647892863},
	{0.9894009349916499326, 0.027152459411754094852}
};

/*
 * The sums of 2F1(a, kappa; c; w[i]) for n increasing w[i]; false where the
 * series is too long, too large or cancels too much.
 */
static bool
series(double a, double kappa, double c, const double *w, int n, double *sum)
{
	double		power[MAX_NODES],
				coefficient = 1,
				largest = w[n - 1],
				absolute = 1;

	for (int i = 0; i < n; i++)
		sum[i] = power[i] = 1;
	for (int j = 0; j < MAX_TERMS; j++)
	{
		double		ratio = (a + j) * (kappa + j) / ((c + j) * (1 + j)),
					term,
					tail;

		coefficient *= ratio;
		for (int i = 0; i < n; i++)
		{
			power[i] *= w[i];
			sum[i] += coefficient * power[i];
		}
		term = fabs(coefficient * power[n - 1]);
		absolute += term;
		if (!(absolute < 1e250))
			return false;

		/* from here on the ratio of terms stays between this one and w */
		tail = fmax(fabs(ratio) * largest, largest);
		if (kappa + j >= 0 && term * tail <= 1e-17 * fabs(sum[n - 1]) * (1 - tail))
			return absolute <= 100 * sum[n - 1];
	}
	return false;
}

/*
 * S by the trapezoidal rule.  In units of d = y - log(a/beta) the density of y is
 * C exp(a d - c log1p(p0 expm1(d))), p0 = a/c, with C from Stirling's formula:
 * nothing large is subtracted.  Far out on either side the terms of the sum are
 * a geometric series, whose rest is added in closed form.
 */
static double
survival_trapezoidal(double rho, double a, double beta, double z)
{
	double		c = a + beta,
				p0 = a / c,
				q0 = beta / c,
				scale = sqrt(a * q0 / (2 * M_PI)) *
		exp(cv_stirling_error(c) - cv_stirling_error(a) - cv_stirling_error(beta)),
				B = c + (rho - a) * z,
				root = sqrt(B * B + 4 * (c - rho) * z * a),
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
						odds = p0 * exp(d) / q0,
						log_weight = p0 <= q0 ? a * d - c * log1p(p0 * expm1(d)) :
				-beta * d - c * log1p(q0 * expm1(-d)),
						term = exp(log_weight - rho * log1p(z * odds / (1 + odds)));

			sum += term;
			if (side * (d - straight) > 0)
			{
				sum += term / expm1(slope * h);
				break;
			}
			if (term * (1 + 1 / (slope * h)) < 1e-18 * sum)
				break;
		}
	}
	return scale * h * sum;
}

/* S at n increasing z = expm1(v). */
static void
survivals(double rho, double a, double beta, const double *v, int n, double *s)
{
	double		w[MAX_NODES],
				c = a + beta;

	for (int i = 0; i < n; i++)
		w[i] = -expm1(-v[i]);
	if (a * v[n - 1] < 300 && series(a, c - rho, c, w, n, s))
	{
		for (int i = 0; i < n; i++)
			s[i] *= exp(-a * v[i]);
		return;
	}
	for (int i = 0; i < n; i++)
		s[i] = survival_trapezoidal(rho, a, beta, expm1(v[i]));
}

double
cv_bg_survival(double rho, double a, double beta, double z)
{
	double		v = log1p(z),
				s;

	if (z <= 0)
		return 1;
	survivals(rho, a, beta, &v, 1, &s);
	return fmin(s, 1);
}

/*
 * A bound on how fast, relative to itself, the integrand can fall or rise per v:
 * S falls no faster than rho m (1+z)/(1+m z), m = E[p], nor (nearly) than a (1+z)/z.
 */
static double
steepness(double rho, double a, double beta, double v, double discount)
{
	double		z = expm1(v),
				m = a / (a + beta),
				fall = fmin(rho * m * (1 + z) / (1 + m * z), a * (1 + z) / z + 1);

	return 1 + fall + discount * (1 + z);
}

double
cv_bg_discounted(double rho, double A, double a, double beta, double t, double delta)
{
	double		end = log1p(t / A),
				from = 0,
				total = 0;

	if (t <= 0)
		return 0;
	for (int panel = 0; panel < MAX_PANELS && from < end; panel++)
	{
		double		width = end - from,
					v[MAX_NODES],
					s[MAX_NODES],
					weight[MAX_NODES],
					sum = 0;
		const double (*rule)[2] = legendre16;
		int			n = 16;

		while (width > 2.5 || width * steepness(rho + 1, a, beta, from + width, fabs(delta) * A) > 10)
			width /= 2;
		if (width <= 1.2 && width * steepness(rho + 1, a, beta, from + width, fabs(delta) * A) <= 3)
		{
			rule = legendre8;
			n = 8;
		}
		for (int i = 0; i < n / 2; i++)
		{
			double		half = width / 2,
						middle = from + half;

			v[n / 2 - 1 - i] = middle - half * rule[i][0];
			v[n / 2 + i] = middle + half * rule[i][0];
			weight[n / 2 - 1 - i] = weight[n / 2 + i] = half * rule[i][1];
		}
		survivals(rho + 1, a, beta, v, n, s);
		for (int i = 0; i < n; i++)
		{
			double		z = expm1(v[i]);

			sum += weight[i] * (1 + z) * s[i] * (delta == 0 ? 1 : exp(-delta * A * z));
		}
		total += sum;
		from = end - from - width <= 1e-14 * end ? end : from + width;
		if (sum < 1e-17 * total)
			break;
	}
	return rho * total;
}
