/*
 * test_ranking.c - normalising, TOPSIS, weights and concentration against
 * published examples, long double arithmetic, and what must always hold.
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

#include "core/ranking_ahp.h"
#include "core/ranking_concentration.h"
#include "core/ranking_normalise.h"
#include "core/ranking_topsis.h"
#include "core/ranking_weights.h"
#include "random.h"

#define ROWS 400
#define CRITERIA 5

static void
close_to(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance))
		print_error("%.17g instead of %.17g\n", value, expected);
	assert_true(fabs(value - expected) <= tolerance);
}

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

/*
 * Hwang and Yoon (1981), the choice of a fighter aircraft: speed, ferry range,
 * payload, cost, reliability, manoeuvrability. Closeness, and the entropy weights,
 * as printed there; theirs come from rounded p, so they differ in the third digit.
 */
static const double fighter[4 * 6] = {
	2.0, 1500, 20000, 5.5, 5, 9,
	2.5, 2700, 18000, 6.5, 3, 5,
	1.8, 2000, 21000, 4.5, 7, 7,
	2.2, 1800, 20000, 5.0, 5, 5
};
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

static double
sum_of(const double *x, int n)
{
	double		sum = 0;

	for (int i = 0; i < n; i++)
		sum += x[i];
	return sum;
}

/*
 * Saaty, T. L. (1990), How to make a decision: the analytic hierarchy process, EJOR
 * 48, 9-26: what matters in a house. Printed: lambda_max 9.669, ratio .169.
 */
static const double house[64] = {
	1, 5, 3, 7, 6, 6, 1 / 3.0, 1 / 4.0,
	1 / 5.0, 1, 1 / 3.0, 5, 3, 3, 1 / 5.0, 1 / 7.0,
	1 / 3.0, 3, 1, 6, 3, 4, 6, 1 / 5.0,
	1 / 7.0, 1 / 5.0, 1 / 6.0, 1, 1 / 3.0, 1 / 4.0, 1 / 7.0, 1 / 8.0,
	1 / 6.0, 1 / 3.0, 1 / 3.0, 3, 1, 1 / 2.0, 1 / 5.0, 1 / 6.0,
	1 / 6.0, 1 / 3.0, 1 / 4.0, 4, 2, 1, 1 / 5.0, 1 / 6.0,
	3, 5, 1 / 6.0, 7, 5, 5, 1, 1 / 2.0,
	4, 7, 5, 8, 6, 6, 2, 1
};

/*
 * Saaty, T. L. (2008), Decision making with the analytic hierarchy process, Int. J.
 * Services Sciences 1, 83-98: which drink is consumed more in the USA: coffee, wine,
 * tea, beer, sodas, milk, water. Printed: ratio .022.
 */
static const double drinks[49] = {
	1, 9, 5, 2, 1, 1, 1 / 2.0,
	1 / 9.0, 1, 1 / 3.0, 1 / 9.0, 1 / 9.0, 1 / 9.0, 1 / 9.0,
	1 / 5.0, 3, 1, 1 / 3.0, 1 / 4.0, 1 / 3.0, 1 / 9.0,
	1 / 2.0, 9, 3, 1, 1 / 2.0, 1, 1 / 3.0,
	1, 9, 4, 2, 1, 2, 1 / 2.0,
	1, 9, 3, 1, 1 / 2.0, 1, 1 / 3.0,
	2, 9, 9, 3, 2, 3, 1
};

static void
test_ahp_published(void **state)
{
	const double house_weight[8] = {0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333};
	const double drinks_weight[7] = {0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327};
	cv_ahp		ahp;
	int			row,
				column;

	assert_int_equal(cv_ahp_weigh(house, 8, &ahp, &row, &column), CV_AHP_OK);
	for (int i = 0; i < 8; i++)
		close_to(ahp.weight[i], house_weight[i], 0.0006);
	close_to(ahp.lambda_max, 9.669, 0.0005);
	close_to(ahp.consistency_index, 0.238, 0.0005);
	close_to(ahp.consistency_ratio, 0.169, 0.0005);

	assert_int_equal(cv_ahp_weigh(drinks, 7, &ahp, &row, &column), CV_AHP_OK);
	for (int i = 0; i < 7; i++)
		close_to(ahp.weight[i], drinks_weight[i], 0.001);
	close_to(ahp.consistency_ratio, 0.022, 0.0005);
}

/* Comparisons made from weights give these weights, whatever the size, and contradict nothing. */
static void
test_ahp_consistent(void **state)
{
	random_seed(6);
	for (int n = 1; n <= CV_AHP_MAX; n++)
	{
		double		weight[CV_AHP_MAX],
					matrix[CV_AHP_MAX * CV_AHP_MAX],
					sum;
		cv_ahp		ahp;
		int			row,
					column;

		for (int i = 0; i < n; i++)
			weight[i] = random_magnitude(-3, 3);
		sum = sum_of(weight, n);
		for (int i = 0; i < n * n; i++)
			matrix[i] = weight[i / n] / weight[i % n];
		assert_int_equal(cv_ahp_weigh(matrix, n, &ahp, &row, &column), CV_AHP_OK);
		for (int i = 0; i < n; i++)
			close_to(ahp.weight[i], weight[i] / sum, 1e-14);
		close_to(sum_of(ahp.weight, n), 1, 1e-14);
		close_to(ahp.lambda_max, n, 1e-12);
		assert_true(ahp.consistency_ratio >= 0 && ahp.consistency_ratio < 1e-12);
		assert_true(ahp.inconsistency < 1e-13);
	}
}

/* One false comparison in a consistent matrix is in the triad that is named. */
static void
test_ahp_triad(void **state)
{
	const double weight[5] = {5, 4, 3, 2, 1};
	double		matrix[25];
	cv_ahp		ahp;
	int			row,
				column;

	for (int i = 0; i < 25; i++)
		matrix[i] = weight[i / 5] / weight[i % 5];
	matrix[1 * 5 + 3] = 1 / 9.0;
	matrix[3 * 5 + 1] = 9;
	assert_int_equal(cv_ahp_weigh(matrix, 5, &ahp, &row, &column), CV_AHP_OK);
	assert_true(ahp.consistency_ratio > 0.1);
	assert_true(ahp.triad[0] == 1 || ahp.triad[1] == 1);
	assert_true(ahp.triad[1] == 3 || ahp.triad[2] == 3);
	close_to(ahp.inconsistency, 1 - 1 / 18.0, 1e-12);
}

static void
test_ahp_refused(void **state)
{
	double		matrix[9] = {1, 2, 4, 0.5, 1, 2, 0.25, 0.5, 1};
	cv_ahp		ahp;
	int			row,
				column;

	matrix[1] = -2;
	assert_int_equal(cv_ahp_weigh(matrix, 3, &ahp, &row, &column), CV_AHP_NOT_POSITIVE);
	assert_int_equal(row * 3 + column, 1);
	matrix[1] = NAN;
	assert_int_equal(cv_ahp_weigh(matrix, 3, &ahp, &row, &column), CV_AHP_NOT_POSITIVE);
	matrix[1] = 2.2;
	assert_int_equal(cv_ahp_weigh(matrix, 3, &ahp, &row, &column), CV_AHP_NOT_RECIPROCAL);
	assert_int_equal(row * 3 + column, 3);
	matrix[1] = 2;
	matrix[4] = 2;
	assert_int_equal(cv_ahp_weigh(matrix, 3, &ahp, &row, &column), CV_AHP_DIAGONAL);
	assert_int_equal(row * 3 + column, 4);
	/* two decimals are enough: of 0.13 and 8 the 8 counts */
	matrix[4] = 1;
	matrix[2] = 0.13;
	matrix[6] = 8;
	assert_int_equal(cv_ahp_weigh(matrix, 3, &ahp, &row, &column), CV_AHP_OK);
	close_to(ahp.inconsistency, 1 - 1 / 32.0, 1e-15);
	/* far off any scale: an answer or a refusal, no hang and no NaN */
	for (int i = 0; i < 9; i++)
		matrix[i] = i / 3 == i % 3 ? 1 : i / 3 < i % 3 ? 1e300 : 1e-300;
	if (cv_ahp_weigh(matrix, 3, &ahp, &row, &column) == CV_AHP_OK)
		close_to(sum_of(ahp.weight, 3), 1, 1e-12);
}

static void
entropy_of(const double *x, int n, int m, double *weight)
{
	cv_entropy_column *column = calloc((size_t) m, sizeof(cv_entropy_column));

	for (int i = 0; i < n * m; i++)
		cv_entropy_add(&column[i % m], x[i]);
	cv_entropy_weights(column, m, weight);
	free(column);
}

static void
test_entropy(void **state)
{
	const double published[6] = {0.0649, 0.2055, 0.0133, 0.0829, 0.3570, 0.2764};
	const double zeros[] = {0, 0, 7, 0, 0, 7, 4, 0, 7};
	const double constant[] = {1, 0, 1, 0};
	double		narrow[ROWS * 2],
				weight[6];

	entropy_of(fighter, 4, 6, weight);
	for (int i = 0; i < 6; i++)
		close_to(weight[i], published[i], 0.002);
	close_to(sum_of(weight, 6), 1, 1e-15);

	/* 0 ln 0 = 0; the constant ones weigh nothing */
	entropy_of(zeros, 3, 3, weight);
	assert_true(weight[0] == 1 && weight[1] == 0 && weight[2] == 0);
	entropy_of(constant, 2, 2, weight);
	assert_true(weight[0] == 0.5 && weight[1] == 0.5);
	entropy_of(fighter, 1, 6, weight);
	close_to(weight[0], 1 / 6.0, 0);

	/* so little spread that sums of logarithms cancel: twice the spread, four times the weight */
	random_seed(7);
	for (int i = 0; i < ROWS; i++)
	{
		double		u = floor(random_uniform() * 1000);

		narrow[2 * i] = 1e12 + u;
		narrow[2 * i + 1] = 1e12 + 2 * u;
	}
	entropy_of(narrow, ROWS, 2, weight);
	close_to(weight[1] / weight[0], 4, 1e-6);
}

/* The formula of the variance takes over where it agrees with the one of the logarithms. */
static void
test_entropy_is_continuous(void **state)
{
	double		x[ROWS * 2],
				wide[2],
				narrow[2];

	random_seed(8);
	for (int below = 0; below < 2; below++)
	{
		for (int i = 0; i < ROWS; i++)
		{
			double		u = i < 2 ? i : random_uniform();

			x[2 * i] = 1 + u * (below ? 0.999e-4 : 1.001e-4);
			x[2 * i + 1] = 1 + u;
		}
		entropy_of(x, ROWS, 2, below ? narrow : wide);
		random_seed(8);
	}
	close_to(narrow[0] / wide[0], 0.998 * 0.998, 0.003);
}

static void
critic_of(const double *x, int n, int m, const bool *less, double *weight)
{
	cv_critic_column *column[2];
	cv_wide    *products[2];
	int64_t		count[2] = {0, 0};

	for (int part = 0; part < 2; part++)
	{
		column[part] = calloc((size_t) m, sizeof(cv_critic_column));
		products[part] = calloc((size_t) (m * (m + 1) / 2), sizeof(cv_wide));
	}
	for (int i = 0; i < n; i++)
		cv_critic_add(count[i % 3 == 2]++, column[i % 3 == 2], products[i % 3 == 2], m, x + i * m);
	cv_critic_combine(&count[0], column[0], products[0], count[1], column[1], products[1], m);
	assert_int_equal(count[0], n);
	cv_critic_weights(count[0], column[0], products[0], m, less, weight);
	for (int part = 0; part < 2; part++)
	{
		free(column[part]);
		free(products[part]);
	}
}

/*
 * Diakoulaki, Mavrotas and Papayannakis (1995): eight pharmaceutical companies by
 * profitability, market share and productivity. Weights .20, .48, .32 there; the
 * digits are those that the test suite of scikit-criteria has for them.
 */
static const double company[8 * 3] = {
	61, 1.08, 4.33,
	20.7, 0.26, 4.34,
	16.3, 1.98, 2.53,
	9, 3.29, 1.65,
	5.4, 2.77, 2.33,
	4, 4.12, 1.21,
	-6.1, 3.52, 2.10,
	-34.6, 3.31, 0.98
};

static void
test_critic(void **state)
{
	const double published[3] = {0.20222554, 0.48090173, 0.31687273};
	const bool	more[3] = {false, false, false};
	const bool	less[3] = {false, true, false};
	double		other[8 * 3],
				weight[3],
				turned[3];

	critic_of(company, 8, 3, more, weight);
	for (int i = 0; i < 3; i++)
		close_to(weight[i], published[i], 5e-9);
	close_to(sum_of(weight, 3), 1, 1e-15);

	/* a direction is the same as the opposite sign; an affine change is none */
	critic_of(company, 8, 3, less, turned);
	for (int i = 0; i < 24; i++)
		other[i] = i % 3 == 1 ? -company[i] : company[i];
	critic_of(other, 8, 3, more, weight);
	for (int i = 0; i < 3; i++)
		assert_true(weight[i] == turned[i]);
	for (int i = 0; i < 24; i++)
		other[i] = i % 3 == 0 ? company[i] * 1024 + 0x1p40 : company[i];
	critic_of(other, 8, 3, more, weight);
	for (int i = 0; i < 3; i++)
		close_to(weight[i], published[i], 1e-8);
}

static void
test_critic_limits(void **state)
{
	const bool	more[3] = {false, false, false};
	const double same[] = {1, 2, 7, 2, 4, 7, 3, 6, 7};
	const double opposite[] = {DBL_MAX, -DBL_MAX, -DBL_MAX, DBL_MAX};
	double		weight[3];

	critic_of(company, 1, 3, more, weight);
	close_to(weight[1], 1 / 3.0, 0);
	/* two criteria that say the same, one that says nothing */
	critic_of(same, 3, 3, more, weight);
	assert_true(weight[0] == 0.5 && weight[1] == 0.5 && weight[2] == 0);
	critic_of(opposite, 2, 2, more, weight);
	close_to(weight[0], 0.5, 1e-15);
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
		cmocka_unit_test(test_ahp_published),
		cmocka_unit_test(test_ahp_consistent),
		cmocka_unit_test(test_ahp_triad),
		cmocka_unit_test(test_ahp_refused),
		cmocka_unit_test(test_entropy),
		cmocka_unit_test(test_entropy_is_continuous),
		cmocka_unit_test(test_critic),
		cmocka_unit_test(test_critic_limits),
		cmocka_unit_test(test_gini),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_lorenz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
