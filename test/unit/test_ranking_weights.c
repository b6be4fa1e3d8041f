/*
 * test_ranking_weights.c - weights by pairwise comparison, entropy and CRITIC
 * against published examples, and what must always hold.
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
#include "core/ranking_weights.h"
#include "close.h"
#include "random.h"
#include "ranking_examples.h"

#define ROWS 400

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ahp_published),
		cmocka_unit_test(test_ahp_consistent),
		cmocka_unit_test(test_ahp_triad),
		cmocka_unit_test(test_ahp_refused),
		cmocka_unit_test(test_entropy),
		cmocka_unit_test(test_entropy_is_continuous),
		cmocka_unit_test(test_critic),
		cmocka_unit_test(test_critic_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
