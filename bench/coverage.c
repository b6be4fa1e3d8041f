/*
 * coverage.c - the table of coverage in docs/accuracy.md.
 *
 * coverage [RUNS [FAMILY...]]: simulates customers from each family's own process,
 * fits them, and counts how often the 95% intervals hold what made the customers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"

static bool
is_wanted(const char *family, int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
	{
		if (strcmp(argv[i], family) == 0)
			return true;
	}
	return argc < 3;
}

static void
print_row(const char *family, const char *what, double truth, double estimate, double spread, double error,
		  double covered)
{
	printf("| %s | %s | %g | %.4g | %.3f | %.3f | %.1f |\n", family, what, truth, estimate, spread, error, covered);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	int			runs = argc > 1 ? atoi(argv[1]) : 200;
	const coverage_case *c;

	if (runs < 2)
	{
		fprintf(stderr, "usage: coverage [RUNS [FAMILY...]]\n");
		return 2;
	}
	printf("| family | parameter | true | mean estimate | spread of the log | its standard error | covered %% |\n");
	printf("|---|---|---|---|---|---|---|\n");
	for (int k = 0; (c = coverage_case_at(k)) != NULL; k++)
	{
		const cv_family *family = cv_family_by_name(c->family);
		coverage_result r;

		if (!is_wanted(c->family, argc, argv))
			continue;
		coverage_of(c, runs, &r);
		for (int i = 0; i < family->n_params; i++)
			print_row(c->family, family->param_name[i], c->param[i], r.estimate[i], r.spread[i], r.error[i],
					  100.0 * r.covered[i] / runs);
		fprintf(stderr, "%s: %zu customers, %d of %d runs converged, %d with intervals, squared distance %.3f "
				"(1 +- %.3f)", c->family, c->customers, r.converged, runs, r.intervals, r.distance,
				sqrt(2.0 / (family->n_params * runs)));
		if (family->regular)
			fprintf(stderr, ", k found in %d", r.right_k);
		fprintf(stderr, "\n");
	}
	return 0;
}
