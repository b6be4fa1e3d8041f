/*
 * test_scorecard.c - scores, their dimensions and their points.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/scorecard.h"
#include "close.h"
#include "random.h"

/* Two dimensions of two criteria, (0, 1) and (2, 3). */
static cv_scorecard
four(cv_score_method method)
{
	return (cv_scorecard) {
		.method = method, .criteria = 4, .dimensions = 2, .dimension = {0, 0, 1, 1},
		.weight = {1, 3, 2, 2}, .dimension_weight = {6, 2}
	};
}

static const bool all[CV_MAX_CRITERIA] = {[0 ... CV_MAX_CRITERIA - 1] = true};

/* By hand: d = (.25 * .4 + .75 * .8, .5 * .1 + .5 * .5) = (.7, .3), w = (.75, .25). */
static void
test_by_hand(void **state)
{
	const double x[] = {0.4, 0.8, 0.1, 0.5};
	cv_scorecard card = four(CV_WEIGHTED_SUM);
	cv_combined out;

	cv_combine(&card, x, all, &out);
	assert_true(out.known);
	close_to(out.dimension_score[0], 0.7, 1e-12);
	close_to(out.dimension_score[1], 0.3, 1e-12);
	close_to(out.score, 0.6, 1e-12);
	close_to(out.points[0], 0.075, 1e-12);
	close_to(out.points[1], 0.45, 1e-12);
	close_to(out.points[2], 0.0125, 1e-12);
	close_to(out.points[3], 0.0625, 1e-12);
	close_to(out.weight[1], 0.5625, 1e-15);

	card.method = CV_WEIGHTED_NORM;
	cv_combine(&card, x, all, &out);
	close_to(out.score, sqrt(0.75 * 0.49 + 0.25 * 0.09), 1e-12);
	close_to(out.cosine[0], sqrt(0.75) * 0.7 / sqrt(0.39), 1e-12);
	close_to(out.points[2] + out.points[3], 0.25 * 0.09 / sqrt(0.39), 1e-12);
	close_to(out.points[2] / out.points[3], 0.2, 1e-11);

	card.method = CV_WEIGHTED_PRODUCT;
	cv_combine(&card, x, all, &out);
	close_to(out.score, pow(0.7, 0.75) * pow(0.3, 0.25), 1e-12);

	/* a dimension that multiplies: .4^(2/4) * .8^(6/4) */
	card.product[0] = true;
	cv_combine(&card, x, all, &out);
	close_to(out.dimension_score[0], pow(0.4, 0.5) * pow(0.8, 1.5), 1e-12);
}

static void
test_missing(void **state)
{
	const double x[] = {0.4, 0.8, 0.1, 0.5};
	bool		known[] = {false, true, false, false};
	cv_scorecard card = four(CV_WEIGHTED_SUM);
	cv_combined out;

	cv_combine(&card, x, known, &out);
	close_to(out.score, 0.8, 1e-12);
	assert_true(out.dimension_known[0] && !out.dimension_known[1]);
	assert_true(out.weight[1] == 1 && out.weight[0] == 0 && out.weight[2] == 0);
	assert_true(out.dimension_weight[0] == 1 && out.dimension_weight[1] == 0);
	assert_true(out.points[0] == 0 && out.points[2] == 0);

	/* a product without one of its factors is not known */
	card.product[0] = true;
	cv_combine(&card, x, known, &out);
	assert_false(out.known);

	known[1] = false;
	cv_combine(&card, x, known, &out);
	assert_false(out.known);

	/* nothing that is known weighs anything */
	card = four(CV_WEIGHTED_PRODUCT);
	memset(card.weight, 0, sizeof(card.weight));
	cv_combine(&card, x, all, &out);
	assert_false(out.known);
}

/* A value between 0 and 1, now and then one of the ends. */
static double
draw(void)
{
	double		u = random_uniform();

	return u < 0.1 ? 0 : u > 0.9 ? 1 : random_uniform();
}

static double
score_of(const cv_scorecard *card, const double *x, const bool *known)
{
	cv_combined out;
	double		points = 0,
				weights = 0;

	cv_combine(card, x, known, &out);
	if (!out.known)
		return NAN;
	for (int i = 0; i < card->criteria; i++)
	{
		assert_true(isfinite(out.points[i]) && out.weight[i] >= 0);
		points += out.points[i];
		weights += out.weight[i];
	}
	close_to(points, out.score, 1e-12);
	close_to(weights, 1, 1e-12);
	assert_true(out.score >= 0 && out.score <= 1 + 1e-12);
	return out.score;
}

static void
test_random_scorecards(void **state)
{
	random_seed(20240817);

	for (int round = 0; round < 20000; round++)
	{
		cv_scorecard card = {.method = (cv_score_method) (round % 3)};
		double		x[8],
					better[8];
		bool		known[8];

		card.criteria = 1 + (int) (random_uniform() * 8);
		card.dimensions = 1 + (int) (random_uniform() * card.criteria);
		for (int i = 0; i < card.criteria; i++)
		{
			card.dimension[i] = i < card.dimensions ? i : (int) (random_uniform() * card.dimensions);
			card.weight[i] = random_uniform() < 0.1 ? 0 : exp(6 * random_uniform());
			x[i] = draw();
			better[i] = random_uniform() < 0.5 ? x[i] : fmin(1, x[i] + draw());
			known[i] = random_uniform() < 0.8;
		}
		for (int d = 0; d < card.dimensions; d++)
		{
			card.dimension_weight[d] = random_uniform();
			card.product[d] = random_uniform() < 0.3;
		}
		/* who is nowhere worse never scores less */
		if (isnan(score_of(&card, x, known)))
			assert_true(isnan(score_of(&card, better, known)));
		else
			assert_true(score_of(&card, better, known) >= score_of(&card, x, known));
	}
}

/* The shares of a product come to rest where it comes to 1 or to 0. */
static void
test_product_is_continuous(void **state)
{
	cv_scorecard card = four(CV_WEIGHTED_PRODUCT);
	cv_combined near,
				at;

	for (int product = 0; product < 2; product++)
		for (double rest = 1e-3; rest > 1e-10; rest /= 10)
		{
			double		x[] = {1 - rest, 1 - 2 * rest, 1 - rest, 1};
			double		ones[] = {1, 1, 1, 1};

			card.product[0] = card.product[1] = product == 1;
			cv_combine(&card, x, all, &near);
			cv_combine(&card, ones, all, &at);
			for (int i = 0; i < 4; i++)
				close_to(near.points[i], at.points[i], 4 * rest + 1e-12);
			assert_true(at.score == 1);
		}
	/* one criterion of no worth at all takes everything away */
	{
		double		x[] = {0.5, 0.5, 0, 0};

		card.product[0] = card.product[1] = false;
		cv_combine(&card, x, all, &at);
		assert_true(at.score == 0);
		close_to(at.points[2] + at.points[3], -0.75, 1e-12);
		close_to(at.points[0] + at.points[1], 0.75, 1e-12);
	}
}

static void
test_topsis(void **state)
{
	cv_scorecard card = four(CV_WEIGHTED_SUM);
	const double x[4][4] = {{1, 5, 3, 9}, {2, 4, 8, 1}, {7, 4, 1, 1}, {3, 4, 5, 6}};
	const bool	worse[] = {false, true, false, false};
	cv_topsis_column column[4];
	cv_topsis_criterion criterion[4];
	double		weight[4];

	assert_true(cv_scorecard_weights(&card, weight));
	close_to(weight[0] + weight[1] + weight[2] + weight[3], 1, 1e-15);
	memset(column, 0, sizeof(column));
	for (int row = 0; row < 4; row++)
		for (int i = 0; i < 4; i++)
			cv_topsis_add(&column[i], x[row][i]);
	for (int i = 0; i < 4; i++)
		cv_topsis_finish(&criterion[i], &column[i], weight[i], worse[i]);
	for (int row = 0; row < 4; row++)
	{
		cv_combined out;
		double		points = 0;

		cv_combine_topsis(&card, criterion, weight, x[row], &out);
		assert_true(out.score == cv_topsis_closeness(criterion, 4, x[row]));
		assert_true(out.dimension_score[1] == cv_topsis_closeness(criterion + 2, 2, x[row] + 2));
		for (int i = 0; i < 4; i++)
			points += out.points[i];
		close_to(points, out.score, 1e-14);
	}
}

static void
test_limits(void **state)
{
	cv_scorecard card = four(CV_WEIGHTED_NORM);
	cv_combined out;
	double		huge[] = {1e308, 1e308, 1e308, 1e308};
	double		zero[] = {0, 0, 0, 0};

	cv_combine(&card, huge, all, &out);
	close_to(out.score / 1e308, 1, 1e-12);
	cv_combine(&card, zero, all, &out);
	assert_true(out.known && out.score == 0 && out.points[0] == 0 && out.cosine[0] == 0);
	/* weights that overflow or vanish when added or multiplied */
	for (int i = 0; i < 4; i++)
		card.weight[i] = 1e308;
	card.dimension_weight[0] = 1e-320;
	card.dimension_weight[1] = 0;
	huge[0] = huge[1] = huge[2] = huge[3] = 0.5;
	cv_combine(&card, huge, all, &out);
	close_to(out.score, 0.5, 1e-12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_random_scorecards),
		cmocka_unit_test(test_product_is_continuous),
		cmocka_unit_test(test_topsis),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
