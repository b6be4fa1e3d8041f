/*
 * test_ranking.c - normalising, TOPSIS and concentration against published
 * examples, long double arithmetic, and what must always hold.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/ranking_concentration.h"
#include "core/ranking_normalise.h"
#include "core/ranking_topsis.h"
#include "close.h"
#include "random.h"
#include "ranking_examples.h"

#define ROWS 400
#define CRITERIA 5

/* The statistics of n numbers, read so many apart. */
static cv_normaliser
normaliser_of(const double *x, int n, int apart)
{
	cv_column	column = {0};
	cv_normaliser normaliser;

	for (int i = 0; i < n; i++)
		cv_column_add(&column, x[i * apart]);
	cv_normaliser_make(&normaliser, &column);
	return normaliser;
}

/* Against long double; with an offset that leaves a one-pass variance in doubles no digit. */
static void
test_scores(void **state)
{
	double		x[ROWS];
	const double offset[] = {0, 1e9, -1e12};

	random_seed(2);
	for (int o = 0; o < 3; o++)
	{
		long double mean = 0,
					variance = 0;
		cv_normaliser normaliser;

		for (int i = 0; i < ROWS; i++)
		{
			x[i] = random_magnitude(-2, 2) + offset[o];
			mean += x[i] - offset[o];	/* exactly */
		}
		mean /= ROWS;
		for (int i = 0; i < ROWS; i++)
			variance += (x[i] - offset[o] - mean) * (x[i] - offset[o] - mean);
		variance /= ROWS;
		normaliser = normaliser_of(x, ROWS, 1);
		for (int i = 0; i < ROWS; i++)
		{
			double		z = (double) ((x[i] - offset[o] - mean) / sqrtl(variance));

			close_to(cv_normalise(&normaliser, CV_Z_SCORE, x[i], false), fmin(fmax(z, -3), 3), 1e-13);
			close_to(cv_normalise(&normaliser, CV_Z_SCORE, x[i], true), -fmin(fmax(z, -3), 3), 1e-13);
			close_to(cv_normalise(&normaliser, CV_NORMAL_SCORE, x[i], false), 0.5 * erfc(-z / sqrt(2)), 1e-13);
			close_to(cv_normalise(&normaliser, CV_NORMAL_SCORE, x[i], true), 0.5 * erfc(z / sqrt(2)), 1e-13);
			close_to(cv_normalise(&normaliser, CV_LOGISTIC_SCORE, x[i], false), 1 / (1 + exp(-z)), 1e-13);
			close_to(cv_normalise(&normaliser, CV_MIN_MAX, x[i], false) +
					 cv_normalise(&normaliser, CV_MIN_MAX, x[i], true), 1, 1e-15);
		}
	}
}

/* What is undefined, too large or too small in the usual formulas. */
static void
test_scores_at_the_limits(void **state)
{
	const double constant[] = {0.1, 0.1, 0.1};
	const double wild[] = {-DBL_MAX, DBL_MAX, 0};
	const double tiny[] = {0, 0x1p-1074, 0x2p-1074};
	const double *column[] = {wild, tiny};

	for (int n = 1; n <= 3; n++)
	{
		cv_normaliser normaliser = normaliser_of(constant, n, 1);

		for (int rule = CV_MIN_MAX; rule <= CV_LOGISTIC_SCORE; rule++)
			for (int less = 0; less < 2; less++)
				assert_true(cv_normalise(&normaliser, (cv_rule) rule, 0.1, less) == (rule == CV_Z_SCORE ? 0 : 0.5));
	}
	for (int c = 0; c < 2; c++)
	{
		cv_normaliser normaliser = normaliser_of(column[c], 3, 1);
		const double *x = column[c];

		assert_true(cv_normalise(&normaliser, CV_MIN_MAX, x[0], false) == 0);
		close_to(cv_normalise(&normaliser, CV_MIN_MAX, x[2 - c], false), 0.5, 1e-15);
		assert_true(cv_normalise(&normaliser, CV_MIN_MAX, x[1 + c], false) == 1);
		close_to(cv_normalise(&normaliser, CV_Z_SCORE, x[0], false), -sqrt(1.5), 1e-15);
		close_to(cv_normalise(&normaliser, CV_Z_SCORE, x[2 - c], false), 0, 1e-15);
	}
	close_to(cv_midrank(0, 3, 3), 0.5, 0);
	close_to(cv_midrank(2, 1, 4), 0.625, 0);
}

/* A score that falls while its criterion rises. */
static void
test_scores_are_monotone(void **state)
{
	double		x[ROWS];
	cv_normaliser normaliser;

	random_seed(3);
	for (int i = 0; i < ROWS; i++)
		x[i] = i % 2 ? nextafter(x[i - 1], INFINITY) : random_magnitude(-3, 3);
	normaliser = normaliser_of(x, ROWS, 1);
	for (int rule = CV_MIN_MAX; rule <= CV_LOGISTIC_SCORE; rule++)
		for (int i = 0; i < ROWS; i++)
			for (int j = 0; j < ROWS; j++)
				if (x[i] <= x[j])
				{
					assert_true(cv_normalise(&normaliser, (cv_rule) rule, x[i], false) <=
								cv_normalise(&normaliser, (cv_rule) rule, x[j], false));
					assert_true(cv_normalise(&normaliser, (cv_rule) rule, x[i], true) >=
								cv_normalise(&normaliser, (cv_rule) rule, x[j], true));
				}
}

static void
topsis_of(const double *x, int n, int m, const double *weight, const bool *less, double *closeness)
{
	cv_topsis_criterion criterion[CV_MAX_CRITERIA];

	for (int j = 0; j < m; j++)
	{
		cv_topsis_column column = {0};

		for (int i = 0; i < n; i++)
			cv_topsis_add(&column, x[i * m + j]);
		cv_topsis_finish(&criterion[j], &column, weight[j], less[j]);
	}
	for (int i = 0; i < n; i++)
		closeness[i] = cv_topsis_closeness(criterion, m, x + i * m);
}

static const double fighter_weight[6] = {0.2, 0.1, 0.1, 0.1, 0.2, 0.3};
static const bool fighter_less[6] = {false, false, false, true, false, false};

static void
test_topsis_published(void **state)
{
	const double expected[4] = {0.643, 0.268, 0.613, 0.312};
	double		closeness[4];

	topsis_of(fighter, 4, 6, fighter_weight, fighter_less, closeness);
	for (int i = 0; i < 4; i++)
		close_to(closeness[i], expected[i], 0.0006);
}

/* Rows of random criteria, some of them with few distinct values, so that ties happen. */
static void
random_rows(double *x)
{
	for (int i = 0; i < ROWS * CRITERIA; i++)
		x[i] = i % CRITERIA < 2 ? floor(random_uniform() * 4) : random_magnitude(-2, 3) * (i % CRITERIA == 2 ? -1 : 1);
}

/* No unit changes a rank or breaks a tie; no order of the rows changes a bit. */
static void
test_topsis_unit_and_order(void **state)
{
	double		x[ROWS * CRITERIA],
				other[ROWS * CRITERIA],
				closeness[ROWS],
				again[ROWS];
	const double weight[CRITERIA] = {1, 2, 3, 1, 0.5};
	const bool	less[CRITERIA] = {false, true, false, false, true};
	const double unit[] = {100, 1e-6, 1 / 1.1, 0x1p-900, 1e250};

	random_seed(4);
	random_rows(x);
	topsis_of(x, ROWS, CRITERIA, weight, less, closeness);
	for (int u = 0; u < 5; u++)
	{
		for (int i = 0; i < ROWS * CRITERIA; i++)
			other[i] = x[i] * (i % CRITERIA == u ? unit[u] : 1);
		topsis_of(other, ROWS, CRITERIA, weight, less, again);
		for (int i = 0; i < ROWS; i++)
			for (int j = 0; j < ROWS; j++)
				assert_int_equal((closeness[i] > closeness[j]) - (closeness[i] < closeness[j]),
								 (again[i] > again[j]) - (again[i] < again[j]));
		if (unit[u] == 0x1p-900)
			assert_memory_equal(closeness, again, sizeof(closeness));
	}
	for (int i = 0; i < ROWS; i++)
		memcpy(other + (ROWS - 1 - i) * CRITERIA, x + i * CRITERIA, CRITERIA * sizeof(double));
	topsis_of(other, ROWS, CRITERIA, weight, less, again);
	for (int i = 0; i < ROWS; i++)
		assert_true(closeness[i] == again[ROWS - 1 - i]);
}

/* Who is nowhere worse and somewhere better never has the lower closeness. */
static void
test_topsis_dominance(void **state)
{
	double		x[ROWS * CRITERIA],
				closeness[ROWS];
	const double weight[CRITERIA] = {1, 2, 0, 1, 1e-9};
	const bool	less[CRITERIA] = {false, true, false, false, true};
	int			dominated = 0;

	random_seed(5);
	for (int round = 0; round < 20; round++)
	{
		random_rows(x);
		/* pairs that differ by one bit */
		for (int i = 1; i < ROWS; i += 2)
		{
			int			j = (int) (random_uniform() * CRITERIA);

			memcpy(x + i * CRITERIA, x + (i - 1) * CRITERIA, CRITERIA * sizeof(double));
			x[i * CRITERIA + j] = nextafter(x[i * CRITERIA + j], less[j] ? -INFINITY : INFINITY);
		}
		topsis_of(x, ROWS, CRITERIA, weight, less, closeness);
		for (int i = 0; i < ROWS; i++)
		{
			assert_true(closeness[i] >= 0 && closeness[i] <= 1);
			for (int j = 0; j < ROWS; j++)
			{
				bool		better = true;

				for (int k = 0; k < CRITERIA && better; k++)
				{
					double		difference = x[i * CRITERIA + k] - x[j * CRITERIA + k];

					better = (less[k] ? -difference : difference) >= 0;
				}
				if (better && i != j)
				{
					dominated++;
					assert_true(closeness[i] >= closeness[j]);
				}
			}
		}
	}
	assert_true(dominated > 1000);
}

/* 0/0: one row, all equal, all zero, a criterion that weighs nothing; squares out of range. */
static void
test_topsis_limits(void **state)
{
	const double one[2] = {1, 1};
	const bool	more[2] = {false, false};
	const double equal[6] = {3, 0, 3, 0, 3, 0};
	const double wild[6] = {DBL_MAX, 0, -DBL_MAX, 0, 0, 0};
	const double tiny[6] = {0x2p-1074, 1, 0, 1, 0x1p-1074, 1};
	double		closeness[3];

	topsis_of(equal, 1, 2, one, more, closeness);
	assert_true(closeness[0] == 0.5);
	topsis_of(equal, 3, 2, one, more, closeness);
	assert_true(closeness[0] == 0.5 && closeness[1] == 0.5 && closeness[2] == 0.5);
	topsis_of(wild, 3, 2, one, more, closeness);
	assert_true(closeness[0] == 1 && closeness[1] == 0 && closeness[2] == 0.5);
	topsis_of(tiny, 3, 2, one, more, closeness);
	assert_true(closeness[0] == 1 && closeness[1] == 0 && closeness[2] == 0.5);
}

static int
compare(const void *a, const void *b)
{
	double		x = *(const double *) a,
				y = *(const double *) b;

	return (x > y) - (x < y);
}

static bool
gini_of(double *x, int n, double *coefficient)
{
	cv_gini		gini = {.n = n};

	qsort(x, (size_t) n, sizeof(double), compare);
	for (int i = 0; i < n; i++)
		cv_gini_next(&gini, x[i]);
	return cv_gini_finish(&gini, coefficient);
}

/* The incomes of the manual of the R package ineq, which prints 0.4620911; and small cases by hand. */
static void
test_gini(void **state)
{
	double		income[] = {541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261};
	double		ties[] = {5, 5, 5};
	double		all[] = {0, 0, 0, 1};
	double		zero[] = {0, 0};
	double		losses[] = {-3, 1, 1, 1};
	double		opposite[] = {-1, 1};
	double		wild[] = {DBL_MAX, DBL_MAX, DBL_MAX};
	double		g;

	assert_true(gini_of(income, 10, &g));
	close_to(g, 0.4620911, 5e-8);
	assert_true(gini_of(ties, 3, &g) && g == 0);
	assert_true(gini_of(ties, 1, &g) && g == 0);
	assert_true(gini_of(all, 4, &g) && g == 0.75);
	assert_false(gini_of(zero, 2, &g));
	assert_false(gini_of(zero, 0, &g));
	/* the usual formula divides by a total of 0 here */
	assert_true(gini_of(losses, 4, &g) && g == 0.5);
	assert_true(gini_of(opposite, 2, &g) && g == 0.5);
	assert_true(gini_of(wild, 3, &g) && g == 0);

	random_seed(9);
	for (int round = 0; round < 20; round++)
	{
		double		x[ROWS];
		long double differences = 0,
					sum = 0;

		for (int i = 0; i < ROWS; i++)
			x[i] = floor(random_magnitude(-1, 3) - 20);
		for (int i = 0; i < ROWS; i++)
		{
			sum += fabs(x[i]);
			for (int j = 0; j < ROWS; j++)
				differences += fabsl((long double) x[i] - x[j]);
		}
		assert_true(gini_of(x, ROWS, &g));
		close_to(g, (double) (differences / (2 * ROWS * sum)), 1e-15);
		assert_true(g >= 0 && g < 1);
	}
}

static bool
top_of(const double *sorted, int n, double part, double *share)
{
	cv_top		top = {.n = n, .part = part};

	for (int i = 0; i < n; i++)
		cv_top_next(&top, sorted[i]);
	return cv_top_finish(&top, share);
}

static void
test_top(void **state)
{
	const double x[] = {1, 2, 3, 4, 10};
	const double ties[] = {1, 3, 3, 3};
	const double losses[] = {-5, 5, 10};
	const double none[] = {-1, 1};
	double		share;

	assert_true(top_of(x, 5, 0.2, &share) && share == 0.5);
	assert_true(top_of(x, 5, 0.3, &share));
	close_to(share, 12 / 20.0, 1e-15);
	assert_true(top_of(x, 5, 0, &share) && share == 0);
	assert_true(top_of(x, 5, 1, &share) && share == 1);
	assert_true(top_of(ties, 4, 0.5, &share) && share == 0.6);
	assert_true(top_of(losses, 3, 1 / 3.0, &share) && share == 1);
	assert_true(top_of(losses, 3, 2 / 3.0, &share));
	close_to(share, 1.5, 1e-15);
	assert_false(top_of(none, 2, 0.5, &share));
	assert_false(top_of(none, 0, 0.5, &share));
}

static void
test_lorenz(void **state)
{
	const double x[] = {1, 2, 3, 4, 10};
	cv_scaled	point[1001];
	double		share,
				top;

	for (int steps = 1; steps <= 1000; steps = steps * 2 + 1)
	{
		cv_lorenz	lorenz = {.n = 5, .steps = steps, .point = point};
		double		last = 0;

		for (int i = 0; i < 5; i++)
			cv_lorenz_next(&lorenz, x[i]);
		for (int i = 0; i <= steps; i++)
		{
			assert_true(cv_lorenz_share(&lorenz, i, &share));
			assert_true(share >= last && share <= (double) i / steps + 1e-15);
			last = share;
			/* what the others hold is the share of the top */
			assert_true(top_of(x, 5, 1 - (double) i / steps, &top));
			close_to(share, 1 - top, 1e-14);
		}
		assert_true(share == 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_scores_at_the_limits),
		cmocka_unit_test(test_scores_are_monotone),
		cmocka_unit_test(test_topsis_published),
		cmocka_unit_test(test_topsis_unit_and_order),
		cmocka_unit_test(test_topsis_dominance),
		cmocka_unit_test(test_topsis_limits),
		cmocka_unit_test(test_gini),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_lorenz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
