/*
 * special.h - special functions the families share, written so that nothing cancels.
 */
#ifndef CV_CORE_SPECIAL_H
#define CV_CORE_SPECIAL_H

#define CV_HALF_LOG_2PI 0.91893853320467274178

/* The derivative of lgamma, and its derivative; y > 0. */
extern double cv_digamma(double y);
extern double cv_trigamma(double y);

/*
 * lgamma(y) - ((y - 1/2) log y - y + log(2 pi)/2): what Stirling's formula leaves; y > 0.
 * Differences of lgamma become differences of this and of logs that log1p can take.
 */
extern double cv_stirling_error(double y);

/*
 * log(gamma(y + n) / gamma(y)), the log of the rising factorial, for y > 0 and n >= 0.
 * d1 and d2, where not NULL, get its first and second derivative with respect to y.
 */
extern double cv_log_rising(double y, double n, double *d1, double *d2);

/*
 * log[ gamma(z) gamma(z + u + v) / (gamma(z + u) gamma(z + v)) ] for z > 0 and u, v >= 0:
 * never negative, and with its digits however small it is.  The log of the share
 * that Beta(u, z) leaves after v trials is minus this: B(u, z + v) / B(u, z).
 */
extern double cv_log_gamma_square(double z, double u, double v);

/* log B(a, b) for a, b > 0. */
extern double cv_log_beta(double a, double b);

/* Half of the nodes and weights of Gauss-Legendre on [-1, 1]; the other half is their mirror image. */
extern const double cv_legendre16[8][2];
extern const double cv_legendre8[4][2];

#endif
