/*
 * coverage.c - the table of coverage in docs/accuracy.md.
 *
 * coverage [RUNS [FAMILY...]]: RUNS times (2000; a tenth of it where fits are slow)
 * simulates customers from each family's own process, fits them, and counts how
 * often the 95% intervals hold what made the customers.
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

int
main(int argc, char **argv)
{
	int			all_runs = argc > 1 ? atoi(argv[1]) : 2000;
	const coverage_case *c;

	if (all_runs < 20)
	{
		fprintf(stderr, "usage: coverage [RUNS [FAMILY...]]\n");
		return 2;
	}
	printf("| family | | true | mean estimate | spread | standard error | covered %% |\n");
	printf("|---|---|---|---|---|---|---|\n");
	for (int k = 0; (c = coverage_case_at(k)) != NULL; k++)
	{
		coverage_result r;
		int			runs = c->slow ? all_runs / 10 : all_runs;

		if (!is_wanted(c->family, argc, argv))
			continue;
		coverage_of(c, runs, &r);
		for (int i = 0; i < r.n_rows; i++)
			printf("| %s | %s | %.4g | %.4g | %.3f | %.3f | %.1f |\n", c->family, r.row[i].name, r.row[i].truth,
				   r.row[i].estimate, r.row[i].spread, r.row[i].error, 100.0 * r.row[i].covered / runs);
		fflush(stdout);
		fprintf(stderr, "%s: %zu customers, %d of %d runs converged, %d with intervals, %d with the right k, squared "
				"distance %.3f (1 +- %.3f)\n", c->family, c->customers, r.converged, runs, r.intervals, r.right_k,
				r.distance, sqrt(2.0 / (r.n_params * runs)));
	}
	return 0;
}
