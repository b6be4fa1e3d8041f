/*
 * special.c - gamma function differences, digamma, trigamma.
 *
 * All of them shift the argument up to where Stirling's series has double
 * precision and take differences there with log1p.  Source of the series:
 * Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.40, 6.3.18, 6.4.12.
 */
#include "core/special.h"

#include <math.h>
#include <stddef.h>

/* From here on the series below are exact to the last bit or two. */
#define LARGE 12.0

static double
stirling_series(double y)
{
	double		w = 1 / (y * y);

	return (1.0 / 12 - w * (1.0 / 360 - w * (1.0 / 1260 - w * (1.0 / 1680 - w * (1.0 / 1188 -
			w * (691.0 / 360360)))))) / y;
}

/* digamma(y) - log(y) for large y */
static double
digamma_series(double y)
{
	double		w = 1 / (y * y);

	return -0.5 / y - w * (1.0 / 12 - w * (1.0 / 120 - w * (1.0 / 252 - w * (1.0 / 240 - w * (1.0 / 132 -
			w * (691.0 / 32760))))));
}

/* trigamma(y) for large y */
static double
trigamma_series(double y)
{
	double		w = 1 / (y * y);

	return (1 + 0.5 / y + w * (1.0 / 6 - w * (1.0 / 30 - w * (1.0 / 42 - w * (1.0 / 30 - w * (5.0 / 66 -
			w * (691.0 / 2730))))))) / y;
}

double
cv_digamma(double y)
{
	double		sum = 0;

	for (; y < LARGE; y++)
		sum -= 1 / y;
	return sum + log(y) + digamma_series(y);
}

double
cv_trigamma(double y)
{
	double		sum = 0;

	for (; y < LARGE; y++)
		sum += 1 / (y * y);
	return sum + trigamma_series(y);
}

double
cv_stirling_error(double y)
{
	double		product = 1,
				shifted = y;

	if (y >= LARGE)
		return stirling_series(y);
	for (; shifted < LARGE; shifted++)
		product *= shifted;
	return stirling_series(shifted) + (shifted - 0.5) * log(shifted) - log(product)
		- (y - 0.5) * log(y) + (y - shifted);
}

/* The sum over j < n of log(y + j), for whole n. */
static double
log_rising_directly(double y, int n, double *d1, double *d2)
{
	double		log_sum = 0,
				product = 1,
				sum1 = 0,
				sum2 = 0;

	for (int j = 0; j < n; j++)
	{
		double		inverse = 1 / (y + j);

		product *= y + j;
		if (product > 1e250 || product < 1e-250)
		{
			log_sum += log(product);
			product = 1;
		}
		sum1 += inverse;
		sum2 -= inverse * inverse;
	}
	if (d1)
		*d1 = sum1;
	if (d2)
		*d2 = sum2;
	return log_sum + log(product);
}

double
cv_log_rising(double y, double n, double *d1, double *d2)
{
	double		product = 1,
				sum1 = 0,
				sum2 = 0,
				s;

	if (n <= 16 && n == floor(n))
		return log_rising_directly(y, (int) n, d1, d2);

	for (; y < LARGE; y++)
	{
		s = y + n;
		product *= y / s;
		sum1 += n / (y * s);
		sum2 -= n * (y + s) / (y * y * s * s);
	}
	s = y + n;
	if (d1)
		*d1 = sum1 + log1p(n / y) + digamma_series(s) - digamma_series(y);
	if (d2)
		*d2 = sum2 + trigamma_series(s) - trigamma_series(y);
	return log(product) + (y - 0.5) * log1p(n / y) + n * (log(s) - 1)
		+ stirling_series(s) - stirling_series(y);
}

/* The integral of the second derivative of lgamma over [z, z + u] x [z, z + v], u and v small: four nodes. */
static double
small_gamma_square(double z, double u, double v)
{
	const double node = 0.28867513459481288225; /* of Gauss-Legendre, from the middle of [0, 1] */
	double		sum = 0;

	for (int i = -1; i <= 1; i += 2)
		for (int j = -1; j <= 1; j += 2)
			sum += cv_trigamma(z + u * (0.5 + i * node) + v * (0.5 + j * node));
	return u * v * sum / 4;
}

/* The integral over s in (0, u) of digamma(z + s + v) - digamma(z + s), u small: two nodes. */
static double
narrow_gamma_square(double z, double u, double v)
{
	const double node = 0.28867513459481288225;
	double		low,
				high;

	cv_log_rising(z + u * (0.5 - node), v, &low, NULL);
	cv_log_rising(z + u * (0.5 + node), v, &high, NULL);
	return u * (low + high) / 2;
}

/*
 * The product over k of (1 + u v / ((z+k) (z+k+u+v))), which is the ratio, has no
 * negative factors; from z + k >= LARGE on Stirling's formula takes over, or the
 * integral where that would leave a small difference of large terms.
 */
double
cv_log_gamma_square(double z, double u, double v)
{
	const double small = 0.01;
	double		sum = 0,
				swap;

	if (u > v)
	{
		swap = u;
		u = v;
		v = swap;
	}
	for (; z < LARGE; z++)
		sum += log1p(u / z * (v / (z + u + v)));
	if (v < small)
		return sum + small_gamma_square(z, u, v);
	if (u < small)
		return sum + narrow_gamma_square(z, u, v);
	sum += u * log1p(v / (z + u)) + v * log1p(u / (z + v))
		- (z - 0.5) * log1p(u / z * (v / (z + u + v)))
		+ (cv_stirling_error(z) - cv_stirling_error(z + u))
		- (cv_stirling_error(z + v) - cv_stirling_error(z + u + v));
	return fmax(sum, 0);		/* where it is next to nothing, rounding may have the last word */
}

double
cv_log_beta(double a, double b)
{
	return CV_HALF_LOG_2PI + 0.5 * (log1p(b / a) - log(b))
		- a * log1p(b / a) - b * log1p(a / b)
		+ cv_stirling_error(a) + cv_stirling_error(b) - cv_stirling_error(a + b);
}

const double cv_legendre16[8][2] = {
	{0.095012509837637440185, 0.18945061045506849629},
	{0.28160355077925891323, 0.18260341504492358887},
	{0.45801677765722738634, 0.16915651939500253819},
	{0.61787624440264374845, 0.14959598881657673208},
	{0.7554044083550030339, 0.12462897125553387205},
	{0.86563120238783174388, 0.09515851168249278481},
	{0.94457502307323257608, 0.062253523938647892863},
	{0.9894009349916499326, 0.027152459411754094852}
};

const double cv_legendre8[4][2] = {
	{0.18343464249564980494, 0.36268378337836198297},
	{0.52553240991632898582, 0.31370664587788728734},
	{0.79666647741362673959, 0.22238103445337447054},
	{0.96028985649753623168, 0.10122853629037625915}
};
