/*
 * test_ggompertz_nbd.c - the gamma-Gompertz/NBD family.
 *
 * Catches a wrong formula or too coarse a quadrature (60-digit references), wrong
 * derivatives, NaN and negative numbers at extreme histories, and a limit that is
 * not the Pareto/NBD.  Fits are in test_ggompertz_nbd_fit.c.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/ggompertz_nbd.h"
#include "random.h"
#include "simulate.h"

#define N 5
static cv_pattern patterns[400];

static const cv_family *
gompertz(void)
{
	return cv_family_by_name("ggompertz/nbd");
}

static double
off(double is, double should)
{
	return is == should ? 0 : fabs(is - should) / fabs(should);
}

/* What numbers below the smallest double with all its digits are is not asked. */
static double
off_if_normal(double is, double should)
{
	return should < 1e-300 ? fabs(is - should) > 1e-300 : off(is, should);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* test/reference/ggompertz_nbd.csv; its header says the columns. */
static void
high_precision_references(void **state)
{
	FILE	   *f = fopen("test/reference/ggompertz_nbd.csv", "r");
	const cv_family *g = gompertz();
	char		row[1000];
	int			rows = 0;
	double		density = 0,
				predictions = 0,
				counts = 0;

	assert_non_null(f);
	assert_non_null(fgets(row, sizeof(row), f));
	while (fgets(row, sizeof(row), f))
	{
		double		v[17],
					theta[N];
		char	   *at = row;
		cv_customer c;
		cv_pattern	pattern;

		for (int i = 0; i < 17; i++, at++)
			v[i] = strtod(at, &at);
		for (int i = 0; i < N; i++)
			theta[i] = log(v[i]);
		c = (cv_customer) {.x = v[5], .t_x = v[6], .T = v[7]};
		pattern = (cv_pattern) {.x = c.x, .t_x = c.t_x, .T = c.T, .count = 1};

		/* of the density itself, beside the rounding of its log */
		density = fmax(density, fabs(g->log_likelihood(g, theta, &pattern, 1, NULL, NULL) - v[11]) /
					   (1 + 0.01 * fabs(v[11])));
		predictions = fmax(predictions, off_if_normal(g->probability_alive(g, v, &c), v[12]));
		predictions = fmax(predictions, off_if_normal(cv_probability_active(g, v, &c, v[8]), v[13]));
		predictions = fmax(predictions, off_if_normal(cv_discounted_purchases(g, v, &c, v[8], v[9]), v[14]));
		if (v[9] == 0)
			predictions = fmax(predictions, off_if_normal(cv_expected_purchases(g, v, &c, v[8]), v[14]));
		else
			predictions = fmax(predictions, off_if_normal(cv_discounted_purchases(g, v, &c, INFINITY, v[9]), v[15]));
		counts = fmax(counts, off_if_normal(g->count_probability(g, v, &c, v[8], v[10]), v[16]));
		rows++;
	}
	fclose(f);
	print_message("# %d rows, worst errors: density %.1e, predictions %.1e, counts %.1e\n", rows, density, predictions, counts);
	assert_int_equal(rows, 54);
	assert_true(density < 1e-12);
	assert_true(predictions < 1e-11);
	assert_true(counts < 1e-10);
}

/* The nodes far left and right, and their step, against as many again where both factors reach far. */
static void
races_do_not_depend_on_the_grid(void **state)
{
	static cv_gompertz_grid grid;
	static double log_wait[CV_GOMPERTZ_NODES],
				share[CV_GOMPERTZ_NODES];
	double		worst = 0;

	random_seed(1);
	for (int k = 0; k < 2000; k++)
	{
		double		rho = random_magnitude(-3, 4.3),
					s = random_magnitude(-4, 4),
					c = random_magnitude(-6, 4),
					B = random_magnitude(-8, 6),
					h[3];
		cv_gompertz_race race;

		for (int wider = 0; wider < 3; wider++)
		{
			cv_gompertz_grid_of(s, (rho * B / c + B / -expm1(-c)) * (wider == 1 ? 1000 : 1), B / (wider == 2 ? 1000 : 1), &grid);
			cv_gompertz_grid_at(&grid, c, log(B), log_wait, share);
			cv_gompertz_race_at(&grid, log_wait, share, rho, c, log(B), true, &race);
			h[wider] = race.h;
			assert_true(race.h > 0 && race.h < 1 + 1e-12);
		}
		worst = fmax(worst, fmax(off(h[1], h[0]), off(h[2], h[0])));
	}
	print_message("# worst relative difference %.1e\n", worst);
	assert_true(worst < 1e-11);
}

/* Gradient and Hessian of single customers, far into the corners of the box. */
static void
derivatives_agree_with_differences(void **state)
{
	const double step = 1e-3;
	double		worst_gradient = 0,
				worst_hessian = 0;

	random_seed(2);
	for (int k = 0; k < 3000; k++)
	{
		bool		far = k % 2 == 0;
		cv_pattern	c = {.x = k % 5 == 0 ? 0 : floor(random_magnitude(0, far ? 4.3 : 1.5)), .T = random_magnitude(0, 3.7), .count = 1};
		double		theta[N],
					gradient[N],
					hessian[N * N];

		c.t_x = c.x > 0 ? c.T * random_uniform() : 0;
		theta[0] = log(random_magnitude(-1, far ? 3 : 1));
		theta[1] = log(random_magnitude(far ? -3 : -1, far ? 4 : 1.5));
		theta[2] = log(random_magnitude(far ? -6 : -3, far ? 1 : 0));
		theta[3] = log(random_magnitude(far ? -3 : -1, far ? 3 : 1));
		theta[4] = log(random_magnitude(far ? -6 : -2, far ? 6 : 2));
		gompertz()->log_likelihood(gompertz(), theta, &c, 1, gradient, hessian);
		for (int i = 0; i < N; i++)
		{
			static const double at[4] = {-2, -1, 1, 2};
			double		value[4],
						gradients[4][N],
						difference;

			for (int side = 0; side < 4; side++)
			{
				double		there[N];

				memcpy(there, theta, sizeof(there));
				there[i] += at[side] * step;
				value[side] = gompertz()->log_likelihood(gompertz(), there, &c, 1, gradients[side], NULL);
			}
			/* what differences can tell is limited by the rounding of the value and the sharpest curve */
			difference = (8 * (value[2] - value[1]) - (value[3] - value[0])) / (12 * step);
			worst_gradient = fmax(worst_gradient, fabs(difference - gradient[i]) /
								  (1 + fabs(gradient[i]) + fabs(hessian[(N + 1) * i]) + 1e-6 * fabs(value[1])));
			for (int j = 0; j < N; j++)
			{
				difference = (8 * (gradients[2][j] - gradients[1][j]) - (gradients[3][j] - gradients[0][j])) / (12 * step);
				worst_hessian = fmax(worst_hessian, fabs(difference - hessian[N * i + j]) /
									 (1 + fabs(hessian[N * i + j]) + fabs(hessian[(N + 1) * i]) + fabs(hessian[(N + 1) * j]) +
									  1e-4 * (c.x + exp(theta[3]))));
				assert_true(hessian[N * i + j] == hessian[N * j + i]);
			}
		}
	}
	print_message("# worst difference: gradients %.1e, Hessians %.1e\n", worst_gradient, worst_hessian);
	assert_true(worst_gradient < 1e-6);
	assert_true(worst_hessian < 1e-6);
}

/* Customers share days and what the nodes are on them: the sum must be that of the customers one by one. */
static void
sums_agree_with_single_customers(void **state)
{
	double		worst = 0;

	random_seed(3);
	for (int k = 0; k < 20; k++)
	{
		const double param[] = {
			random_magnitude(-1, 1), random_magnitude(0, 2), random_magnitude(-3, 0),
			random_magnitude(-1, 1), random_magnitude(-1, 2)
		};
		double		theta[N],
					gradient[N],
					hessian[N * N],
					sums[N * N + N + 1] = {0},
					sum;

		simulate(gompertz(), param, 400, 20, 60, &(cv_sample) {.patterns = patterns});
		for (int i = 0; i < 400; i++)
			patterns[i].t_x = fmin(patterns[i].T, ceil(7 * patterns[i].t_x) / 7);
		/* times that are no days, and more of them than there is room for */
		for (int i = 0; i < 400; i += 1 + k % 7)
			patterns[i].T += random_uniform();
		for (int i = 0; i < N; i++)
			theta[i] = log(param[i]) + random_uniform() - 0.5;
		for (int i = 0; i < 400; i++)
		{
			sums[N * N + N] += gompertz()->log_likelihood(gompertz(), theta, &patterns[i], 1, gradient, hessian);
			for (int j = 0; j < N; j++)
				sums[N * N + j] += gradient[j];
			for (int j = 0; j < N * N; j++)
				sums[j] += hessian[j];
		}
		sum = gompertz()->log_likelihood(gompertz(), theta, patterns, 400, gradient, hessian);
		worst = fmax(worst, off(sum, sums[N * N + N]));
		for (int j = 0; j < N; j++)
			worst = fmax(worst, fabs(gradient[j] - sums[N * N + j]) / 400);
		for (int j = 0; j < N * N; j++)
			worst = fmax(worst, fabs(hessian[j] - sums[j]) / 400);
	}
	print_message("# worst difference %.1e\n", worst);
	assert_true(worst < 1e-11);
}

/* With b -> 0 and beta/b held everything becomes that of the Pareto/NBD; the first order of b is what is left. */
static void
pareto_is_the_limit(void **state)
{
	const cv_family *pareto = cv_family_by_name("pareto/nbd");
	const double tiny = 1e-11;
	double		worst = 0;

	assert_int_equal(gompertz()->limit, pareto->id);
	random_seed(4);
	for (int k = 0; k < 500; k++)
	{
		const double p[4] = {random_magnitude(-1, 1), random_magnitude(-1, 2), random_magnitude(-1, 1), random_magnitude(-1, 2)};
		const double g[N] = {p[0], p[1], tiny, p[2], tiny * p[3]};
		const double log_p[4] = {log(p[0]), log(p[1]), log(p[2]), log(p[3])};
		const double log_g[N] = {log(g[0]), log(g[1]), log(g[2]), log(g[3]), log(g[4])};
		cv_customer c = {.x = k % 4 == 0 ? 0 : floor(random_magnitude(0, 2)), .T = random_magnitude(0, 2.5)};
		double		t = random_magnitude(-1, 3),
					n = floor(5 * random_uniform()),
					there;
		cv_pattern	pattern;

		c.t_x = c.x > 0 ? c.T * random_uniform() : 0;
		pattern = (cv_pattern) {.x = c.x, .t_x = c.t_x, .T = c.T, .count = 1};
		there = pareto->log_likelihood(pareto, log_p, &pattern, 1, NULL, NULL);
		worst = fmax(worst, fabs(gompertz()->log_likelihood(gompertz(), log_g, &pattern, 1, NULL, NULL) - there) / (1 + fabs(there)));
		worst = fmax(worst, off(gompertz()->probability_alive(gompertz(), g, &c), pareto->probability_alive(pareto, p, &c)));
		worst = fmax(worst, off(cv_probability_active(gompertz(), g, &c, t), cv_probability_active(pareto, p, &c, t)));
		worst = fmax(worst, off(cv_expected_purchases(gompertz(), g, &c, t), cv_expected_purchases(pareto, p, &c, t)));
		worst = fmax(worst, off(cv_discounted_purchases(gompertz(), g, &c, t, 0.01),
								cv_discounted_purchases(pareto, p, &c, t, 0.01)));
		worst = fmax(worst, off(gompertz()->count_probability(gompertz(), g, &c, t, n),
								pareto->count_probability(pareto, p, &c, t, n)));
	}
	print_message("# worst relative difference %.1e\n", worst);
	assert_true(worst < 1e-7);
}

/*
 * beta = 1 is an exponential lifetime of rate b s for all, and so with one rate of
 * purchases for all (r, alpha large) everything is elementary.
 */
static void
exponential_lifetimes(void **state)
{
	const double lambda = 0.3,
				mu = 0.02,
				r = 1e12;
	const double param[N] = {r, r / lambda, mu / 0.7, 0.7, 1};
	const cv_customer c = {.x = 3, .t_x = 20, .T = 26};
	double		gone = mu / (lambda + mu) * expm1((lambda + mu) * 6),
				alive = 1 / (1 + gone);

	assert_true(off(gompertz()->probability_alive(gompertz(), param, &c), alive) < 1e-9);
	assert_true(off(cv_probability_active(gompertz(), param, &c, 10), alive * exp(-10 * mu)) < 1e-9);
	assert_true(off(cv_expected_purchases(gompertz(), param, &c, 10), alive * lambda * -expm1(-10 * mu) / mu) < 1e-9);
	assert_true(off(cv_discounted_purchases(gompertz(), param, &c, INFINITY, 0.01), alive * lambda / (mu + 0.01)) < 1e-9);
	assert_true(off(gompertz()->count_probability(gompertz(), param, &c, 10, 0),
					1 - alive + alive * (mu + lambda * exp(-10 * (lambda + mu))) / (lambda + mu)) < 1e-9);
	assert_true(off(gompertz()->next_purchase_density(gompertz(), param, &c, 10), lambda * exp(-10 * (lambda + mu))) < 1e-9);
}

/* The chances of all counts sum up to one, and the counts' mean is what is expected. */
static void
counts_are_a_distribution(void **state)
{
	double		worst = 0;

	random_seed(5);
	for (int k = 0; k < 60; k++)
	{
		const double param[N] = {
			random_magnitude(-0.5, 1), random_magnitude(0.5, 2), random_magnitude(-3, 0.5),
			random_magnitude(-1, 1), random_magnitude(-2, 3)
		};
		cv_customer c = {.x = k % 4 == 0 ? 0 : floor(random_magnitude(0, 1.5)), .T = random_magnitude(0, 2)};
		double		t = random_magnitude(0, 1.5),
					sum = 0,
					mean = 0,
					most = t * (param[0] + c.x) / (param[1] + c.T);

		c.t_x = c.x > 0 ? c.T * random_uniform() : 0;
		for (int n = 0; n < 2000; n++)
		{
			double		p = gompertz()->count_probability(gompertz(), param, &c, t, n);

			assert_true(p >= 0 && p <= 1);
			sum += p;
			mean += n * p;
			if (n > most && n * p < 1e-14 * mean)
				break;
		}
		worst = fmax(worst, fabs(sum - 1));
		worst = fmax(worst, off(mean, cv_expected_purchases(gompertz(), param, &c, t)));
	}
	print_message("# worst difference %.1e\n", worst);
	assert_true(worst < 1e-9);
}

static bool
sensible(double v)
{
	return isfinite(v) && v >= 0;
}

static void
extremes_stay_sensible(void **state)
{
	double		slowest = 0;

	random_seed(6);
	for (int k = 0; k < 6000; k++)
	{
		double		param[N] = {
			random_magnitude(-5, 4), random_magnitude(-6, 9), random_magnitude(-9, 3),
			random_magnitude(-6, 4), random_magnitude(-9, 9)
		};
		double		t = random_magnitude(-1, 5),
					later = t * (1 + random_uniform()),
					delta = random_magnitude(-6, -1),
					before,
					alive,
					active,
					expected,
					discounted,
					for_ever,
					grown,
					none,
					theta[N],
					gradient[N],
					hessian[N * N];
		cv_customer c = {.x = k % 4 == 0 ? 0 : floor(random_magnitude(0, 4.302)), .T = random_magnitude(-1, 3.7)};
		cv_pattern	pattern;

		if (k % 2)
		{
			for (int i = 0; i < N; i++)
				param[i] = random_magnitude(-1, 1.5);
			param[2] *= 0.01;
		}
		if (k % 5 == 0)
			param[4] = 1;
		if (c.x > 0)
			c.t_x = k % 8 == 1 ? c.T : c.T * random_uniform();
		else if (k % 3 == 0)
			c.T = 0;

		before = seconds();
		alive = gompertz()->probability_alive(gompertz(), param, &c);
		active = cv_probability_active(gompertz(), param, &c, t);
		expected = cv_expected_purchases(gompertz(), param, &c, t);
		discounted = cv_discounted_purchases(gompertz(), param, &c, t, delta);
		slowest = fmax(slowest, seconds() - before);

		assert_true(sensible(alive) && alive <= 1);
		assert_true(sensible(active) && active <= alive);
		assert_true(sensible(expected) && sensible(discounted));
		assert_true(expected <= alive * (param[0] + c.x) / (param[1] + c.T) * t * (1 + 1e-12));
		assert_true(expected >= active * (param[0] + c.x) / (param[1] + c.T) * t * (1 - 1e-12));
		assert_true(discounted <= expected * (1 + 1e-12));
		assert_true(discounted >= expected * exp(-delta * t) * (1 - 1e-12));
		for_ever = cv_discounted_purchases(gompertz(), param, &c, INFINITY, delta);
		assert_true(sensible(for_ever) && for_ever >= discounted * (1 - 1e-12));
		assert_true(for_ever <= (discounted + active * (param[0] + c.x) / (param[1] + c.T) / delta) * (1 + 1e-12));
		grown = cv_discounted_purchases(gompertz(), param, &c, t, -10 / t);
		assert_true(isfinite(grown));
		assert_true(grown >= expected * (1 - 1e-12) && grown <= expected * exp(10) * (1 + 1e-12));
		assert_true(cv_probability_active(gompertz(), param, &c, later) <= active * (1 + 1e-12));
		assert_true(cv_expected_purchases(gompertz(), param, &c, later) >= expected * (1 - 1e-12));
		assert_true(sensible(gompertz()->purchase_cycle(gompertz(), param, &c)));
		none = gompertz()->count_probability(gompertz(), param, &c, t, 0);
		assert_true(sensible(none) && none <= 1 && none >= 1 - alive - 1e-12);
		assert_true(gompertz()->count_probability(gompertz(), param, &c, later, 0) <= none * (1 + 1e-12));
		if (k % 10 == 0)
		{
			double		some = gompertz()->count_probability(gompertz(), param, &c, t, floor(random_magnitude(0, 4)));

			assert_true(sensible(some) && some + none <= 1 + 1e-9);
		}

		pattern = (cv_pattern) {.x = c.x, .t_x = c.t_x, .T = c.T, .count = 1};
		for (int i = 0; i < N; i++)
			theta[i] = log(param[i]);
		assert_true(isfinite(gompertz()->log_likelihood(gompertz(), theta, &pattern, 1, gradient, hessian)));
		for (int i = 0; i < N * N; i++)
			assert_true(isfinite(hessian[i]) && isfinite(gradient[i % N]));
	}
	print_message("# slowest four predictions of a customer: %.0f us\n", 1e6 * slowest);
	assert_true(slowest < 0.01);
}

/* Parameters nobody fits but anybody can write: no NaN, and an end to it. */
static void
absurd_parameters(void **state)
{
	random_seed(7);
	for (int k = 0; k < 2000; k++)
	{
		double		param[N],
					t = random_magnitude(-1, 5),
					alive;
		cv_customer c = {.x = k % 4 == 0 ? 0 : floor(random_magnitude(0, 4.3)), .T = random_magnitude(-1, 3.7)};

		for (int i = 0; i < N; i++)
			param[i] = i == 1 || i == 2 ? random_magnitude(-30, 30) : random_magnitude(-15, 15);
		if (k % 2)
			param[0] = random_magnitude(-2, 2);
		if (k % 3)
			param[3] = random_magnitude(-2, 2);
		c.t_x = c.x > 0 ? c.T * random_uniform() : 0;
		alive = gompertz()->probability_alive(gompertz(), param, &c);
		assert_true(alive >= 0 && alive <= 1);
		assert_true(cv_probability_active(gompertz(), param, &c, t) <= alive);
		assert_true(sensible(cv_expected_purchases(gompertz(), param, &c, t)));
		assert_true(sensible(cv_discounted_purchases(gompertz(), param, &c, t, 0.01)));
		assert_true(sensible(cv_discounted_purchases(gompertz(), param, &c, INFINITY, 0.01)));
		assert_true(gompertz()->count_probability(gompertz(), param, &c, t, k % 3) <= 1);
	}
}

static void
meaning_of_the_model(void **state)
{
	/* hardly anybody leaves in the first year, most do in the second */
	static const double param[N] = {0.5, 6, 0.1, 0.9, 300};
	const cv_customer regular = {.x = 10, .t_x = 49, .T = 50};
	const cv_customer once = {.T = 50};
	const cv_customer today = {.x = 3, .t_x = 20, .T = 20};

	/* who has just bought is alive; who has been silent since the first purchase may have left */
	assert_true(gompertz()->probability_alive(gompertz(), param, &today) == 1);
	assert_true(gompertz()->probability_alive(gompertz(), param, &regular) > gompertz()->probability_alive(gompertz(), param, &once));
	assert_true(cv_probability_active(gompertz(), param, &regular, 0) == gompertz()->probability_alive(gompertz(), param, &regular));
	assert_true(cv_expected_purchases(gompertz(), param, &regular, 0) == 0);
	/* death is sudden: the same time costs an old customer more than a new one */
	assert_true(cv_probability_active(gompertz(), param, &cv_new_customer, 26) > 0.9);
	assert_true(cv_probability_active(gompertz(), param, &(cv_customer) {.x = 5, .t_x = 80, .T = 80}, 26) < 0.2);
	assert_true(off(cv_probability_active(gompertz(), param, &cv_new_customer, 30), pow(300 / (300 + expm1(3)), 0.9)) < 1e-14);
	assert_true(gompertz()->purchase_cycle(gompertz(), param, &regular) == 55 / 10.5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(high_precision_references),
		cmocka_unit_test(races_do_not_depend_on_the_grid),
		cmocka_unit_test(derivatives_agree_with_differences),
		cmocka_unit_test(sums_agree_with_single_customers),
		cmocka_unit_test(pareto_is_the_limit),
		cmocka_unit_test(exponential_lifetimes),
		cmocka_unit_test(counts_are_a_distribution),
		cmocka_unit_test(extremes_stay_sensible),
		cmocka_unit_test(absurd_parameters),
		cmocka_unit_test(meaning_of_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
