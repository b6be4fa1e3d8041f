/*
 * test_model_lanes.c - exp and log of two doubles at once, against those of long doubles.
 *
 * Catches a wrong digit of a coefficient, an edge between two ranges, and lanes that
 * get each other's values.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/lanes.h"
#include "random.h"

#define ROUNDS 300000

/* How far off, in units in the last place of 1 or of the value, whichever is larger. */
static double
ulps(double is, long double should)
{
	return (double) (fabsl((long double) is - should) / (0x1p-52L * fmaxl(fabsl(should), 1)));
}

static void
exp_has_its_digits(void **state)
{
	static const double edges[] = {0, -0.0, -1e-300, -1e-17, -0.34657359027997264, -0.34657359027997270, -1, -707.99, -708};
	double		worst = 0;

	random_seed(31);
	for (int i = 0; i < ROUNDS; i++)
	{
		double		x = i < 9 ? edges[i] : -(i % 2 ? 2 : 708) * random_uniform(),
					y = -50 * random_uniform();
		cv_lanes	e = cv_lanes_exp((cv_lanes) {x, y});

		worst = fmax(worst, (double) fabsl(e[0] / expl(x) - 1));
		worst = fmax(worst, (double) fabsl(e[1] / expl(y) - 1));
	}
	print_message("# exp: off by %.2e\n", worst);
	assert_true(worst < 3.5e-16);

	/* next to nothing below */
	assert_true(cv_lanes_exp((cv_lanes) {-709, -INFINITY})[0] < 1e-300);
	assert_true(cv_lanes_exp((cv_lanes) {-709, -INFINITY})[1] < 1e-300);
	assert_true(isnan(cv_lanes_exp((cv_lanes) {NAN, 0})[0]) && cv_lanes_exp((cv_lanes) {NAN, 0})[1] == 1);
}

static void
log_has_its_digits(void **state)
{
	double		worst = 0,
				worst_1_and = 0;

	random_seed(32);
	for (int i = 0; i < ROUNDS; i++)
	{
		double		near_one = i % 3 == 0 ? 1 + 1e-3 * (random_uniform() - 0.5) : 4 * random_uniform(),
					anywhere = exp(1400 * random_uniform() - 700),
					e = i % 2 ? random_uniform() : exp(-40 * random_uniform());
		cv_lanes	f = cv_lanes_log((cv_lanes) {near_one, anywhere}),
					g = cv_lanes_log_1_and((cv_lanes) {e, i == 0 ? 0 : 1});

		worst = fmax(worst, fmax(ulps(f[0], logl(near_one)), ulps(f[1], logl(anywhere))));
		worst_1_and = fmax(worst_1_and, fmax(ulps(g[0], log1pl(e)), ulps(g[1], log1pl(i == 0 ? 0 : 1))));
	}
	print_message("# log: off by %.2f units in the last place, log(1 + e) by %.2f\n", worst, worst_1_and);
	assert_true(worst < 1.5);
	assert_true(worst_1_and < 1.5);
	assert_true(cv_lanes_log((cv_lanes) {1, 1})[0] == 0);
}

/* One pattern on its own takes the place of two. */
static void
lanes_do_not_mix(void **state)
{
	cv_lanes	x = cv_lanes_choose((cv_lanes) {1, 2} > (cv_lanes) {0, 3}, (cv_lanes) {10, 20}, (cv_lanes) {30, 40});

	assert_true(x[0] == 10 && x[1] == 40);
	assert_true(cv_lanes_abs((cv_lanes) {-3, 4})[0] == 3 && cv_lanes_abs((cv_lanes) {-3, 4})[1] == 4);
	assert_true(cv_lanes_of(7)[0] == 7 && cv_lanes_of(7)[1] == 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exp_has_its_digits),
		cmocka_unit_test(log_has_its_digits),
		cmocka_unit_test(lanes_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
