/*
 * test_exact_sum.c - sums without rounding: any order, any split, one rounding.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/exact_sum.h"
#include "random.h"

static double
sum_of(int n, const double *x)
{
	cv_exact	sum = {0};

	for (int i = 0; i < n; i++)
		cv_exact_add(&sum, x[i]);
	return cv_scaled_value(cv_exact_read(&sum));
}

#define SUM(...) sum_of(sizeof((double[]) {__VA_ARGS__}) / sizeof(double), (double[]) {__VA_ARGS__})

static void
check(double value, double expected)
{
	if (memcmp(&value, &expected, sizeof(double)) != 0)
		print_error("%a instead of %a\n", value, expected);
	assert_memory_equal(&value, &expected, sizeof(double));
}

/* A lost carry, a wrong chunk at either end of the range, rounding half to anything but even. */
static void
test_known_sums(void **state)
{
	cv_exact	empty = {0};

	check(cv_scaled_value(cv_exact_read(&empty)), 0);
	check(SUM(0.0, -0.0), 0);
	check(SUM(1, -1), 0);
	check(SUM(0.1, 0.2, -0.3), 0x1p-55);
	check(SUM(DBL_MAX, DBL_MAX, -DBL_MAX), DBL_MAX);
	check(SUM(-DBL_MAX, -DBL_MAX, DBL_MAX), -DBL_MAX);
	check(SUM(DBL_MAX, DBL_MAX), INFINITY);
	check(SUM(0x1p-1074, 0x1p-1074, 0x1p-1074), 0x3p-1074);
	check(SUM(1, -0x1p-1074, -1), -0x1p-1074);
	check(SUM(0x1p53, 1), 0x1p53);
	check(SUM(0x1p53, 1, 0x1p-1074), 0x1p53 + 2);
	check(SUM(0x1p53, 3), 0x1p53 + 4);
	check(SUM(-0x1p53, -1), -0x1p53);
	check(SUM(-0x1p53, -1, -0x1p-300), -0x1p53 - 2);
	check(SUM(0x1.fffffffffffffp52, 0.75), 0x1p53);
	check(SUM(0x1p64, -1), 0x1p64);
	check(SUM(1e16, 1, 1e-16, -1e16), 1);
}

static void
shuffle(double *x, int n)
{
	for (int i = n - 1; i > 0; i--)
	{
		int			j = (int) (random_uniform() * (i + 1));
		double		swap = x[i];

		x[i] = x[j];
		x[j] = swap;
	}
}

/* Wild magnitudes and heavy cancellation, shuffled and split: always the same, and what long-known parts leave. */
static void
test_order_does_not_show(void **state)
{
	double		x[2001];
	double		expected;

	random_seed(1);
	for (int i = 0; i < 1000; i++)
	{
		x[2 * i] = random_magnitude(-300, 300) * (random_uniform() < 0.5 ? -1 : 1);
		x[2 * i + 1] = i % 10 == 0 ? random_magnitude(-20, 20) : -x[2 * i];
	}
	x[2000] = 1;
	expected = sum_of(2001, x);
	for (int round = 0; round < 50; round++)
	{
		cv_exact	part[3] = {0};

		shuffle(x, 2001);
		for (int i = 0; i < 2001; i++)
			cv_exact_add(&part[i % 7 % 3], x[i]);
		cv_exact_combine(&part[1], &part[2]);
		cv_exact_combine(&part[0], &part[1]);
		check(cv_scaled_value(cv_exact_read(&part[0])), expected);
		check(cv_scaled_value(cv_exact_read(&part[0])), expected);
	}
}

static double
product_sum(int n, const double *x, const double *y)
{
	cv_wide		sum = {0};

	for (int i = 0; i < n; i++)
		cv_wide_add_product(&sum, x[i], y[i]);
	return cv_scaled_value(cv_wide_read(&sum));
}

/* The low half of a product lost, squares that overflow or vanish. */
static void
test_products(void **state)
{
	double		x[] = {DBL_MAX, DBL_MAX, 1};
	double		y[] = {DBL_MAX, -DBL_MAX, 1};
	double		tiny[] = {0x1p-1074, 0x1.8p-1022, 0x1p-1074};
	cv_wide		sum = {0};
	cv_scaled	s;

	check(product_sum(3, x, y), 1);
	check(product_sum(1, (double[]) {0x1.0000001p0}, (double[]) {0x1.0000001p0}), 0x1.0000002p0);
	check(product_sum(2, (double[]) {0x1.0000001p0, -1}, (double[]) {0x1.0000001p0, 0x1.0000002p0}), 0x1p-56);
	for (int i = 0; i < 2; i++)
		cv_wide_add_product(&sum, tiny[i], tiny[i]);
	s = cv_wide_read(&sum);
	assert_int_equal(s.exponent, -2042);
	check(s.fraction, 0.5625);
	memset(&sum, 0, sizeof(sum));
	cv_wide_add_product(&sum, DBL_MAX, -DBL_MAX);
	cv_wide_add_product(&sum, DBL_MAX, -DBL_MAX);
	s = cv_scaled_root((cv_scaled) {-cv_wide_read(&sum).fraction, cv_wide_read(&sum).exponent});
	check(ldexp(s.fraction, s.exponent - 1), DBL_MAX * M_SQRT1_2);
	memset(&sum, 0, sizeof(sum));
	cv_wide_add(&sum, 0x1.8p1000, 1000);
	cv_wide_add(&sum, 0x1.8p-1000, -1000);
	s = cv_wide_read(&sum);
	assert_int_equal(s.exponent, 2001);
	check(s.fraction, 0.75);
}

static cv_scaled
covariance(int n, const double *x, const double *y)
{
	cv_exact	sx = {0},
				sy = {0};
	cv_wide		xy = {0};

	for (int i = 0; i < n; i++)
	{
		cv_exact_add(&sx, x[i]);
		cv_exact_add(&sy, y[i]);
		cv_wide_add_product(&xy, x[i], y[i]);
	}
	return cv_exact_covariance(n, &xy, &sx, &sy);
}

/* What subtracting two large rounded sums would leave nothing of. */
static void
test_covariance(void **state)
{
	double		x[] = {1e15 + 1, 1e15 + 2, 1e15 + 3, 1e15 + 4};
	double		y[] = {-4e14, -4e14 - 1, -4e14 - 2, -4e14 - 3};
	double		same[] = {0.1, 0.1, 0.1};
	double		wild[] = {DBL_MAX, -DBL_MAX};
	double		small[] = {0x1p-1074, 0x2p-1074};
	cv_scaled	s;

	check(cv_scaled_value(covariance(4, x, x)), 20);
	check(cv_scaled_value(covariance(4, x, y)), -20);
	check(cv_scaled_value(covariance(3, same, same)), 0);
	check(cv_scaled_value(covariance(3, same, x)), 0);
	s = covariance(2, wild, wild);
	assert_int_equal(s.exponent, 2050);
	s = covariance(2, small, small);
	assert_int_equal(s.exponent, -2147);
	check(s.fraction, 0.5);
}

/* n * x where x is near the limits: a chunk beyond the last, or below the first. */
static void
test_multiples(void **state)
{
	cv_exact	sum = {0};

	cv_exact_add_multiple(&sum, 0x1p53, DBL_MAX);
	cv_exact_add_multiple(&sum, -0x1p53, DBL_MAX);
	cv_exact_add_multiple(&sum, 3, 0x5p-1074);
	check(cv_scaled_value(cv_exact_read(&sum)), 15 * 0x1p-1074);
	cv_exact_add_multiple(&sum, -15, 0x1p-1074);
	check(cv_scaled_value(cv_exact_read(&sum)), 0);
}

/* A state that comes out of another process different, or bytes that are taken for one. */
static void
test_bytes(void **state)
{
	double		x[] = {1, -1, 0, 1e300, -1e-300, DBL_MAX, -DBL_MAX, 0x1p-1074};

	for (size_t i = 0; i < sizeof(x) / sizeof(double); i++)
	{
		cv_exact	sum = {0},
					copy;
		cv_wide		wide = {0},
					wide_copy;
		uint8_t		bytes[CV_WIDE_BYTES];
		const uint8_t *at = bytes;
		size_t		size;

		cv_exact_add(&sum, x[i]);
		cv_exact_add(&sum, 3);
		size = cv_exact_write(&sum, bytes);
		assert_true(size <= CV_EXACT_BYTES);
		assert_true(cv_exact_take(&copy, &at, bytes + size));
		assert_ptr_equal(at, bytes + size);
		assert_memory_equal(&copy, &sum, sizeof(sum));
		for (size_t cut = 0; cut < size; cut++)
		{
			at = bytes;
			assert_false(cv_exact_take(&copy, &at, bytes + cut));
		}

		cv_wide_add_product(&wide, x[i], x[i]);
		cv_wide_add(&wide, -x[i], -1000);
		size = cv_wide_write(&wide, bytes);
		assert_true(size <= CV_WIDE_BYTES);
		at = bytes;
		assert_true(cv_wide_take(&wide_copy, &at, bytes + size));
		assert_memory_equal(&wide_copy, &wide, sizeof(wide));
	}
	{
		cv_exact	sum;
		const uint8_t beyond[] = {0, 255, 255, 0, 0, 0, 0};
		const uint8_t *at = beyond;

		assert_false(cv_exact_take(&sum, &at, beyond + sizeof(beyond)));
	}
}

/* A root or quotient off by a power of two. */
static void
test_scaled(void **state)
{
	for (double x = 0x1p-1074; x < 1e308; x *= 3.7)
	{
		double		root = cv_scaled_value(cv_scaled_root(cv_scaled_of(x)));

		assert_true(fabs(root / sqrt(x) - 1) <= DBL_EPSILON);
		check(cv_scaled_value(cv_scaled_quotient(cv_scaled_of(x), cv_scaled_of(-4))), -x / 4);
	}
	check(cv_scaled_value(cv_scaled_root(cv_scaled_of(0))), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_sums),
		cmocka_unit_test(test_order_does_not_show),
		cmocka_unit_test(test_products),
		cmocka_unit_test(test_covariance),
		cmocka_unit_test(test_multiples),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_scaled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
