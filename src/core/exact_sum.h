/*
 * exact_sum.h - sums of doubles and of products of doubles without rounding.
 *
 * A sum is one long fixed-point number that covers every finite double, so the
 * order of adding, and how the work was split, cannot show; it is rounded once,
 * when it is read.  Source of the representation: Neal, R. M. (2015), Fast exact
 * summation using small and large superaccumulators, arXiv:1505.05571.
 */
#ifndef CV_CORE_EXACT_SUM_H
#define CV_CORE_EXACT_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Chunk i counts 2^(32 i - CV_EXACT_LOW_BIT). A wide sum also covers squares and
 * products; it is twice as long.
 */
#define CV_EXACT_CHUNKS 70
#define CV_EXACT_LOW_BIT 1088
#define CV_WIDE_CHUNKS 140
#define CV_WIDE_LOW_BIT 2176

/* All zero is the empty sum. */
typedef struct cv_exact
{
	int64_t		pending;		/* terms added since carries were last passed on */
	int64_t		chunk[CV_EXACT_CHUNKS];
} cv_exact;

typedef struct cv_wide
{
	int64_t		pending;
	int64_t		chunk[CV_WIDE_CHUNKS];
} cv_wide;

/* fraction * 2^exponent: 0, or 0.5 <= |fraction| < 1, so that no sum is out of range. */
typedef struct cv_scaled
{
	double		fraction;
	int			exponent;
} cv_scaled;

/* Adds a finite x. */
extern void cv_exact_add(cv_exact *sum, double x);
/* Adds n * x for a whole n up to 2^53 and a finite x. */
extern void cv_exact_add_multiple(cv_exact *sum, double n, double x);
/* Adds another sum; passes on the carries of both. */
extern void cv_exact_combine(cv_exact *sum, cv_exact *other);
/* The sum, rounded to nearest, ties to even. */
extern cv_scaled cv_exact_read(cv_exact *sum);

/* Adds x * 2^exponent for a finite x with -1050 <= exponent <= 1050. */
extern void cv_wide_add(cv_wide *sum, double x, int exponent);
/* Adds x * y, finite both. */
extern void cv_wide_add_product(cv_wide *sum, double x, double y);
extern void cv_wide_combine(cv_wide *sum, cv_wide *other);
extern cv_scaled cv_wide_read(cv_wide *sum);

/*
 * n * sum(x y) - sum(x) * sum(y), rounded once: n^2 times the covariance, or the
 * variance where x is y.  n up to 2^53.
 */
extern cv_scaled cv_exact_covariance(int64_t n, cv_wide *products, cv_exact *x, cv_exact *y);

/* The double; an infinity where it is out of range. */
extern double cv_scaled_value(cv_scaled s);

extern cv_scaled cv_scaled_of(double x);
/* a / b for b not 0; sqrt(a) for a >= 0. */
extern cv_scaled cv_scaled_quotient(cv_scaled a, cv_scaled b);
extern cv_scaled cv_scaled_root(cv_scaled a);

/*
 * For other processes: the chunks in use. At most CV_EXACT_BYTES or CV_WIDE_BYTES
 * are written; the number of bytes is returned. Reading returns false unless the
 * bytes are what was written, and moves *at behind them.
 */
#define CV_EXACT_BYTES (3 + 4 * CV_EXACT_CHUNKS)
#define CV_WIDE_BYTES (3 + 4 * CV_WIDE_CHUNKS)

extern size_t cv_exact_write(cv_exact *sum, uint8_t *out);
extern bool cv_exact_take(cv_exact *sum, const uint8_t **at, const uint8_t *end);
extern size_t cv_wide_write(cv_wide *sum, uint8_t *out);
extern bool cv_wide_take(cv_wide *sum, const uint8_t **at, const uint8_t *end);

#endif
