/*
 * test_coverage.c - intervals are as wide as the estimates scatter.
 *
 * Catches what a comparison with finite differences cannot: a likelihood that is
 * not that of the process, a Hessian of the wrong size where the fit ends, errors
 * stated for other parameters than those reported.  bench/coverage.c does the
 * same with enough runs to count coverage.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coverage.h"

#define RUNS 40

/* A Hessian twice or half the size is a distance of 2 or 0.5; by chance it leaves this range once in a thousand. */
static void
intervals_are_as_wide_as_estimates_scatter(void **state)
{
	const coverage_case *c;

	for (int k = 0; (c = coverage_case_at(k)) != NULL; k++)
	{
		coverage_case few = *c;
		coverage_result r;

		/* half a minute of its own: left to the long study */
		if (c->slow)
			continue;
		few.customers = c->customers / 2;
		coverage_of(&few, RUNS, &r);
		print_message("# %s: %d of %d converged, squared distance %.2f\n", c->family, r.converged, RUNS, r.distance);
		assert_true(r.intervals == RUNS);
		assert_true(r.distance > 0.65 && r.distance < 1.5);
		for (int i = 0; i < r.n_rows; i++)
		{
			coverage_row *row = &r.row[i];

			assert_true(row->covered >= 0.8 * RUNS);
			assert_true(row->spread < 1.5 * row->error && row->spread > 0.65 * row->error);
			/* small samples move the mean of the estimates a little, a wrong likelihood moves it more */
			if (i < r.n_params)
				assert_true(fabs(log(row->estimate / row->truth)) < 4 * row->error / sqrt(RUNS));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_are_as_wide_as_estimates_scatter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
