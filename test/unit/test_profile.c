/*
 * test_profile.c - chances behind columns of customer_profile, against exact fractions and scipy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "core/profile.h"

static void
assert_near(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance * fabs(expected)))
		fail_msg("%.17g is not %.17g", value, expected);
}

/* A wrong binomial coefficient; digits lost where a category, or a draw, is one of very many lines. */
static void
test_chance_of_line(void **state)
{
	/* 1 - comb(all - lines, draws) / comb(all, draws) in Python's fractions */
	static const struct
	{
		int64_t		lines,
					all,
					draws;
		double		chance;
	}			cases[] = {
		{1, 5, 5, 1},
		{1, 6, 5, 0.83333333333333337},
		{3, 10, 5, 0.91666666666666663},
		{0, 10, 5, 0},
		{1, 1000, 5, 0.0050000000000000001},
		{500, 1000, 5, 0.96906234218170029},
		{999, 1000, 1, 0.999},
		{40, 100000, 200, 0.076972030582631856},
		{1000000, 3000000, 5, 0.86831297668047558},
		{1, INT64_C(1000000000000), 5, 4.9999999999999997e-12},
		{7, INT64_C(1000000000000000), 100, 6.9999999999979214e-13},
		{300, 600, 300, 1},
		{70, 200, 66, 0.99999999999999989},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_near(cv_chance_of_line(cases[i].lines, cases[i].all, cases[i].draws), cases[i].chance, 2e-14);

	/* whatever the categories, one line drawn has one of them */
	for (int64_t all = 1; all < 200; all++)
	{
		double		sum = 0;

		for (int64_t left = all, lines = 1; left > 0; left -= lines, lines = lines * 2 < left ? lines * 2 : left)
			sum += cv_chance_of_line(lines < left ? lines : left, all, 1);
		assert_near(sum, 1, 1e-13);
	}
}

/* The wrong tail, the whole instead of half of the exact case, digits lost in large counts. */
static void
test_fewer_p_value(void **state)
{
	/*
	 * sums of binomial coefficients in Python's fractions; then two from scipy.stats.binom,
	 * and one from the normal distribution with the terms in 1/n, where scipy is off in the eighth digit
	 */
	static const struct
	{
		int64_t		now,
					before;
		double		p,
					tolerance;
	}			cases[] = {
		{0, 0, 0.5, 0},
		{0, 1, 0.25, 0},
		{0, 20, 4.76837158203125e-07, 0},
		{1, 0, 0.75, 0},
		{1, 1, 0.5, 0},
		{2, 5, 0.14453125, 1e-14},
		{5, 2, 0.85546875, 1e-14},
		{10, 36, 4.9244392464231623e-05, 1e-14},
		{100, 130, 0.024081526720372271, 1e-13},
		{365, 364, 0.51476046042896229, 1e-13},
		{364, 365, 0.48523953957103777, 1e-13},
		{0, 365, 6.6530622500127355e-111, 1e-13},
		{3, 362, 5.436630984957357e-104, 1e-13},
		{1000, 1100, 0.014555316842954519, 1e-13},
		{20000, 20300, 0.067536633001692728, 1e-12},
		{49999, 50001, 0.49747689901656084, 1e-10},
		{500000, 501000, 0.15877629971585727, 1e-10},
		{1000000000, 1000050000, 0.131779222956, 1e-10},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		double		p = cv_fewer_p_value(cases[i].now, cases[i].before);

		assert_near(p, cases[i].p, cases[i].tolerance);
		/* the other tail has the rest */
		assert_near(cv_fewer_p_value(cases[i].before, cases[i].now), 1 - p, 1e-15);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chance_of_line),
		cmocka_unit_test(test_fewer_p_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
