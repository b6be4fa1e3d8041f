/*
 * test_holdout.c - sums of predictions and what came, against plain loops over customers.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/holdout.h"
#include "random.h"

#define MANY 500

static int
compare(const void *a, const void *b)
{
	return cv_holdout_compare(a, b);
}

static int
falling(const void *a, const void *b)
{
	int64_t		pa = ((const cv_forecast *) a)->predicted,
				pb = ((const cv_forecast *) b)->predicted;

	return pa > pb ? -1 : pa < pb;
}

/* Equal ones become one, of as many customers as fit into the number. */
static void
test_merge(void **state)
{
	cv_holdout	h[] = {
		{3, 70, 90, 1, 0, 1}, {3, 70, 90, 1, 0, 2}, {3, 70, 90, 1, 1, 1}, {3, 70, 90, 2, 0, 1},
		{3, 70, 91, 0, 0, UINT32_MAX - 1}, {3, 70, 91, 0, 0, 1}, {3, 70, 91, 0, 0, 1}
	};

	for (int i = 1; i < 7; i++)
		assert_true(cv_holdout_compare(&h[i - 1], &h[i]) <= 0);
	assert_int_equal(cv_holdouts_merge(h, 7), 5);
	assert_int_equal(h[0].customers, 3);
	assert_int_equal(h[1].customers, 1);
	assert_int_equal(h[2].before, 2);
	assert_int_equal(h[3].customers, UINT32_MAX);
	assert_int_equal(h[4].customers, 1);
	assert_int_equal(cv_holdouts_merge(h, 0), 0);
}

/* Customer by customer; who share a prediction at the edge of the tenth are in it in equal shares. */
static void
test_sums(void **state)
{
	cv_holdout	h[MANY];
	cv_forecast f[MANY];
	cv_holdout_sums s;
	size_t		n;
	double		customers = 0,
				actual = 0,
				products = 0,
				error = 0,
				squares = 0,
				top = 0,
				group = 0,
				above = 0;

	for (int i = 0; i < MANY; i++)
	{
		double		x = floor(10 * random_uniform());

		h[i] = (cv_holdout) {(int32_t) x, x > 0 ? 7 : 0, 14, 0, (int32_t) (5 * random_uniform()), 1 + (uint32_t) (3 * random_uniform())};
	}
	qsort(h, MANY, sizeof(h[0]), compare);
	n = cv_holdouts_merge(h, MANY);
	assert_in_range(n, 10, 50);
	for (size_t i = 0; i < n; i++)
		f[i] = (cv_forecast) {(h[i].x / 2) * INT64_C(1500000001), i};
	qsort(f, n, sizeof(f[0]), falling);
	cv_holdouts_sum(h, f, n, &s);

	for (size_t i = 0; i < n; i++)
	{
		double		predicted = (h[i].x / 2) * 1.500000001;

		customers += h[i].customers;
		actual += h[i].customers * (double) h[i].actual;
		products += h[i].customers * h[i].actual * predicted;
		error += h[i].customers * fabs(predicted - h[i].actual);
		squares += h[i].customers * predicted * predicted;
		if (h[i].x >= 7)
			group += h[i].customers * predicted;
	}
	assert_true(s.customers == (cv_int128) customers);
	assert_true(s.actual == (cv_int128) actual);
	assert_float_equal((double) s.products / 1e9, products, 1e-9 * products);
	assert_float_equal((double) s.absolute_error / 1e9, error, 1e-9 * error);
	assert_float_equal(((double) s.predicted_squares_high * 0x1p64 + (double) s.predicted_squares_low) / 1e18, squares, 1e-9 * squares);
	assert_float_equal((double) s.group_predicted[7] / 1e9, group, 1e-9 * group);

	/* all with the same x / 2 are a tie */
	for (int half = 4; half >= 0 && above < customers / 10; half--)
	{
		double		tied = 0,
					bought = 0;

		for (size_t i = 0; i < n; i++)
		{
			if (h[i].x / 2 == half)
			{
				tied += h[i].customers;
				bought += h[i].customers * (double) h[i].actual;
			}
		}
		top += bought * fmin(1, (customers / 10 - above) / tied);
		above += tied;
	}
	assert_true(s.edge_customers > 0);
	assert_float_equal((double) s.top_actual + (double) s.edge_actual * ((double) s.customers / 10 - (double) s.top_customers) /
					   (double) s.edge_customers, top, 1e-9 * top);
}

/* Nobody; nobody to be told apart; and predictions as large as can be said, of as many customers. */
static void
test_extremes(void **state)
{
	cv_holdout	h[2] = {{0, 0, 1, 0, INT32_MAX, UINT32_MAX}, {INT32_MAX, 1, 1, 0, 0, UINT32_MAX}};
	cv_forecast f[2] = {{INT64_MAX, 0}, {INT64_MAX, 1}};
	cv_holdout_sums s;
	cv_int128	most = UINT32_MAX;

	cv_holdouts_sum(h, f, 0, &s);
	assert_true(s.customers == 0 && s.edge_customers == 0 && s.predicted == 0);

	cv_holdouts_sum(h, f, 2, &s);
	assert_true(s.customers == 2 * most);
	assert_true(s.edge_customers == 2 * most && s.top_customers == 0);
	assert_true(s.edge_actual == most * INT32_MAX && s.actual_squares == most * INT32_MAX * INT32_MAX);
	assert_true(s.predicted == 2 * most * INT64_MAX);
	assert_true(s.products == most * INT32_MAX * INT64_MAX);
	/* (2^63 - 1)^2 = (2^62 - 1) 2^64 + 1 */
	assert_true(s.predicted_squares_high == 2 * most * ((INT64_C(1) << 62) - 1));
	assert_true(s.predicted_squares_low == 2 * most);
	assert_true(s.group_customers[0] == most && s.group_customers[7] == most);

	/* ten of whom the first is exactly a tenth */
	h[0] = (cv_holdout) {1, 1, 1, 0, 4, 1};
	h[1] = (cv_holdout) {0, 0, 1, 0, 1, 9};
	f[1].predicted = 0;
	cv_holdouts_sum(h, f, 2, &s);
	assert_true(s.top_actual == 4 && s.top_customers == 1 && s.edge_customers == 9 && s.edge_actual == 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_extremes)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
