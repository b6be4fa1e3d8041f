/*
 * test_cnbd.c - the BG/CNBD-k and MBG/CNBD-k families of regular buyers.
 *
 * Catches a k = 1 that is not (M)BG/NBD, a wrong formula (30-digit references, an
 * all-positive sum that shares nothing with the quadrature, simulated
 * customers), wrong derivatives, NaN and impossible numbers at extreme
 * histories, and predictions that take too long.
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

#include "core/cnbd.h"
#include "core/special.h"
#include "random.h"

#define PARTS 30

static cv_pattern patterns[50];

static const cv_family *
family_of(int variant)
{
	return cv_family_by_name(variant ? "mbg/cnbd-k" : "bg/cnbd-k");
}

static double
off(double is, double should)
{
	return is == should ? 0 : fabs(is - should) / fabs(should);
}

static void
fill_theta(const double *param, double *theta)
{
	for (int i = 0; i < 4; i++)
		theta[i] = log(param[i]);
	theta[4] = param[4];
}

/* Everything of k = 1 has the bytes of (M)BG/NBD. */
static void
one_phase_is_the_plain_family(void **state)
{
	random_seed(1);
	for (int trial = 0; trial < 200; trial++)
	{
		const cv_family *regular = family_of(trial % 2);
		const cv_family *plain = cv_family_by_name(trial % 2 ? "mbg/nbd" : "bg/nbd");
		double		param[5] = {random_magnitude(-1, 1), random_magnitude(-1, 2), random_magnitude(-1, 1),
		random_magnitude(-1, 1), 1},
					theta[5],
					gradient[2][4],
					hessian[2][16],
					t = random_magnitude(-1, 3);
		cv_customer c = {.x = trial % 3 ? floor(random_magnitude(0, 2)) : 0, .T = random_magnitude(0, 2)};

		for (int i = 0; i < 20; i++)
			patterns[i] = random_customer(trial % 2, param, 40);
		c.t_x = c.x > 0 ? c.T * random_uniform() : 0;
		fill_theta(param, theta);
		assert_true(regular->log_likelihood(regular, theta, patterns, 20, gradient[0], hessian[0]) ==
					plain->log_likelihood(plain, theta, patterns, 20, gradient[1], hessian[1]));
		assert_memory_equal(gradient[0], gradient[1], sizeof(gradient[0]));
		assert_memory_equal(hessian[0], hessian[1], sizeof(hessian[0]));
		for (int i = 0; i < 4; i++)
		{
			double		start[2][5];

			start[0][4] = 1;
			assert_true(regular->start(regular, patterns, 20, i, start[0]) && plain->start(plain, patterns, 20, i, start[1]));
			assert_memory_equal(start[0], start[1], 4 * sizeof(double));
		}
		assert_true(regular->probability_alive(regular, param, &c) == plain->probability_alive(plain, param, &c));
		assert_true(cv_probability_active(regular, param, &c, t) == cv_probability_active(plain, param, &c, t));
		assert_true(cv_expected_purchases(regular, param, &c, t) == cv_expected_purchases(plain, param, &c, t));
		assert_true(cv_discounted_purchases(regular, param, &c, INFINITY, 0.01) ==
					cv_discounted_purchases(plain, param, &c, INFINITY, 0.01));
		assert_true(regular->count_probability(regular, param, &c, t, 3) == plain->count_probability(plain, param, &c, t, 3));
		assert_true(off(regular->purchase_cycle(regular, param, &c), plain->purchase_cycle(plain, param, &c)) < 1e-15);
	}
}

/* The two ways of cnbd_sums.c and cnbd_rate.c, where both can be gone; catches a sum that ends too early. */
static void
sums_agree_with_averages(void **state)
{
	double		worst = 0;
	int			sums = 0;

	random_seed(31);
	for (int trial = 0; trial < 3000; trial++)
	{
		cv_regular_buyer b = {
			.k = 2 + trial % 19,
			.rho = random_magnitude(-2, 4),
			.A = random_magnitude(-1, 5),
			.a = random_magnitude(-3, 3),
			.beta = random_magnitude(-3, 3)
		};
		double		t = random_magnitude(-4, 3),
					delta = trial % 2 ? 0 : random_magnitude(-4, 0) / t,
					survival,
					purchases;

		b.u = trial % 3 ? b.A * random_uniform() : 0;
		if (!cv_cnbd_sum_survival(&b, t, &survival) || !cv_cnbd_sum_discounted(&b, t, delta, &purchases))
			continue;
		sums++;
		worst = fmax(worst, off(survival, cv_cnbd_mean_survival(&b, t)));
		worst = fmax(worst, off(purchases, cv_cnbd_mean_discounted(&b, t, delta)));
	}
	print_message("# worst relative difference %.1e in %d cases\n", worst, sums);
	assert_true(sums > 2000 && worst < 1e-12);
}

/* The quadratures for any k, at k = 1 against those of (M)BG/NBD over time. */
static void
quadratures_agree_at_one_phase(void **state)
{
	double		worst = 0;

	random_seed(2);
	for (int trial = 0; trial < 1000; trial++)
	{
		cv_regular_buyer b = {
			.k = 1,
			.rho = random_magnitude(-2, 4.3),
			.A = random_magnitude(-1, 3.5),
			.a = random_magnitude(-2, 2),
			.beta = random_magnitude(-2, 3)
		};
		double		t = random_magnitude(-1, 3.5),
					rate[] = {0, random_magnitude(-5, -1), -3 / t},
					active = cv_bg_survival(b.rho, b.a, b.beta, t / b.A);

		if (active > 1e-300)
			worst = fmax(worst, off(cv_cnbd_survival(&b, t), active));
		for (int i = 0; i < 3; i++)
			worst = fmax(worst, off(cv_cnbd_discounted(&b, t, rate[i]),
									cv_bg_discounted(b.rho, b.A, b.a, b.beta, t, rate[i])));
	}
	print_message("# worst relative difference %.1e\n", worst);
	assert_true(worst < 1e-11);
}

/* test/reference/cnbd.csv, made by bench/reference/cnbd.py; its header says the columns. */
static void
high_precision_references(void **state)
{
	FILE	   *f = fopen("test/reference/cnbd.csv", "r");
	char		line[1024];
	double		worst = 0;
	int			rows = 0;

	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f))
	{
		char		name[32];
		double		param[5],
					theta[5],
					t,
					delta,
					value[6];
		cv_customer c = {0};
		cv_pattern	p = {.count = 1};
		const cv_family *family;

		assert_int_equal(sscanf(line, "%31[^,],%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf",
								name, &param[4], &param[0], &param[1], &param[2], &param[3], &c.x, &c.t_x, &c.T, &t, &delta,
								&value[0], &value[1], &value[2], &value[3], &value[4], &value[5]), 17);
		family = cv_family_by_name(name);
		assert_non_null(family);
		p.x = c.x;
		p.t_x = c.t_x;
		p.T = c.T;
		fill_theta(param, theta);
		assert_true(fabs(family->log_likelihood(family, theta, &p, 1, NULL, NULL) - value[0]) < 1e-13 * (1 + fabs(value[0])));
		worst = fmax(worst, off(family->probability_alive(family, param, &c), value[1]));
		worst = fmax(worst, off(cv_probability_active(family, param, &c, t), value[2]));
		worst = fmax(worst, off(cv_expected_purchases(family, param, &c, t), value[3]));
		worst = fmax(worst, off(cv_discounted_purchases(family, param, &c, t, delta), value[4]));
		worst = fmax(worst, off(cv_discounted_purchases(family, param, &c, INFINITY, delta), value[5]));
		rows++;
	}
	fclose(f);
	print_message("# %d rows, worst relative error %.1e\n", rows, worst);
	assert_true(rows == 35);
	assert_true(worst < 1e-12);
}

/*
 * By the number n of phases in t, negative binomial for each number j that has
 * passed: purchases that come, and the chance to survive them.
 */
static void
sum_over_phases(const cv_regular_buyer *b, double t, double *active, double *expected)
{
	double		z = t / (b->A + t),
				weight = 1,
				weights = 0;

	*active = *expected = 0;
	for (int j = 0; j < b->k; j++)
	{
		double		p = weight * exp(-(b->rho + j) * log1p(t / b->A)),
					survive = 1,
					purchases = 0;
		int			made = 0;

		for (int n = 0; n < 1000000 && (n < (b->rho + j) * t / b->A || p * (purchases + 1) > 1e-20 * *expected); n++)
		{
			while (made < (n + j) / b->k)
			{
				purchases += survive;
				survive *= (b->beta + made) / (b->a + b->beta + made);
				made++;
			}
			*active += p * survive;
			*expected += p * purchases;
			p *= z * (b->rho + j + n) / (n + 1);
		}
		weights += weight;
		weight *= (b->rho + j) / (j + 1) * (b->u / b->A);
	}
	*active /= weights;
	*expected /= weights;
}

static void
sum_agrees_with_quadrature(void **state)
{
	double		worst = 0;
	int			many = 0;

	random_seed(3);
	for (int trial = 0; trial < 2000; trial++)
	{
		cv_regular_buyer b = {
			.k = 2 + (int) (19 * random_uniform()),
			.rho = random_magnitude(-2, 2.3),
			.A = random_magnitude(-0.5, 2.5),
			.a = random_magnitude(-2, 2),
			.beta = random_magnitude(-1.5, 2)
		};
		double		t = random_magnitude(-1, 3),
					active,
					expected;

		b.u = trial % 3 ? b.A * random_uniform() : 0;
		if (b.rho * log1p(t / b.A) > 600)
			continue;
		many += b.rho * t / b.A > 5000;
		sum_over_phases(&b, t, &active, &expected);
		worst = fmax(worst, off(cv_cnbd_discounted(&b, t, 0), expected));
		if (active > 1e-250)
			worst = fmax(worst, off(cv_cnbd_survival(&b, t), active));
	}
	print_message("# worst relative difference %.1e; %d of many phases\n", worst, many);
	assert_true(many > 10);
	assert_true(worst < 1e-10);
}

/* Horizons and rates of every sign meet: discounting at delta is the integral of the rate of purchases. */
static void
discounting_is_the_integral(void **state)
{
	double		worst = 0;

	random_seed(4);
	for (int trial = 0; trial < 40; trial++)
	{
		const cv_family *family = family_of(trial % 2);
		double		param[5] = {random_magnitude(-0.5, 1), random_magnitude(0, 1.5), random_magnitude(-1, 0.5),
		random_magnitude(-1, 1), 2 + trial % 5},
					t = random_magnitude(0, 2.5),
					delta = (trial % 3 - 1) * random_magnitude(-3, -1.3),
					parts = 0;
		cv_customer c = {.x = trial % 7, .t_x = 20 * (trial % 7 > 0), .T = 20 + 3 * (trial % 4)};

		/* e^(-delta t) E(t) + delta times the integral of e^(-delta u) E(u), by Gauss-Legendre */
		for (int i = 0; i < 16 * PARTS; i++)
		{
			const double *node = cv_legendre16[i % 8];
			double		u = t / PARTS * (i / 16 + 0.5 + (i & 8 ? node[0] : -node[0]) / 2);

			parts += node[1] * t / (2 * PARTS) * exp(-delta * u) * cv_expected_purchases(family, param, &c, u);
		}
		parts = exp(-delta * t) * cv_expected_purchases(family, param, &c, t) + delta * parts;
		worst = fmax(worst, off(cv_discounted_purchases(family, param, &c, t, delta), parts));
		/* for ever is what a long time comes to */
		assert_true(off(cv_discounted_purchases(family, param, &c, INFINITY, 0.02),
						cv_discounted_purchases(family, param, &c, 2500, 0.02)) < 1e-13);
	}
	print_message("# worst relative difference %.1e\n", worst);
	assert_true(worst < 1e-10);
}

/* The distribution of counts adds up to one, its mean is the expected purchases, and nobody buys at once. */
static void
counts_add_up(void **state)
{
	random_seed(5);
	for (int trial = 0; trial < 60; trial++)
	{
		const cv_family *family = family_of(trial % 2);
		double		param[5] = {random_magnitude(0, 1), random_magnitude(0.5, 1.5), random_magnitude(-1, 0.5),
		random_magnitude(-1, 1), 2 + trial % 4},
					t = random_magnitude(0, 1.7),
					sum = 0,
					mean = 0;
		cv_customer c = {.x = trial % 5, .t_x = 20 * (trial % 5 > 0), .T = 20 + 3 * (trial % 4)};

		for (int n = 0; n < 200; n++)
		{
			double		p = family->count_probability(family, param, &c, t, n);

			assert_true(p >= 0 && p <= 1);
			sum += p;
			mean += n * p;
		}
		assert_true(fabs(sum - 1) < 1e-9);
		assert_true(off(mean, cv_expected_purchases(family, param, &c, t)) < 1e-6);
		assert_true(off(family->count_probability(family, param, &c, 0, 0), 1) < 1e-14);
		assert_true(family->count_probability(family, param, &c, 0, 1) == 0);
	}
}

static void
derivatives_agree_with_differences(void **state)
{
	static const double phases[] = {2, 3, 6, 20};
	double		worst_gradient = 0,
				worst_hessian = 0;

	random_seed(6);
	for (int trial = 0; trial < 80; trial++)
	{
		const cv_family *family = family_of(trial % 2);
		double		param[5] = {random_magnitude(-1, 1), random_magnitude(-1, 2), random_magnitude(-1, 1),
		random_magnitude(-1, 1), phases[trial / 2 % 4]},
					theta[5],
					gradient[4],
					hessian[16];
		const double h = 1e-4;

		for (int i = 0; i < 50; i++)
		{
			patterns[i] = random_customer(trial % 2, param, 10 + 50 * random_uniform());
			patterns[i].count = 1 + i % 3;
		}
		patterns[0] = (cv_pattern) {.T = 0, .count = 2};
		patterns[1] = (cv_pattern) {.x = 500, .t_x = 100, .T = 100, .count = 1};
		patterns[2] = (cv_pattern) {.x = 1, .t_x = 0.142857, .T = 300, .count = 1};
		fill_theta(param, theta);
		family->log_likelihood(family, theta, patterns, 50, gradient, hessian);
		for (int i = 0; i < 4; i++)
		{
			double		value[4],
						gradients[4][4];

			for (int s = 0; s < 4; s++)
			{
				static const double at[4] = {-2, -1, 1, 2};
				double		side[5];

				memcpy(side, theta, sizeof(side));
				side[i] += at[s] * h;
				value[s] = family->log_likelihood(family, side, patterns, 50, gradients[s], NULL);
			}
			worst_gradient = fmax(worst_gradient,
								  fabs((8 * (value[2] - value[1]) - (value[3] - value[0])) / (12 * h) - gradient[i]) /
								  (1 + fabs(gradient[i])));
			for (int j = 0; j < 4; j++)
			{
				double		difference = (8 * (gradients[2][j] - gradients[1][j]) - (gradients[3][j] - gradients[0][j])) / (12 * h);

				worst_hessian = fmax(worst_hessian, fabs(difference - hessian[4 * i + j]) / (1 + fabs(hessian[4 * i + j])));
				assert_true(hessian[4 * i + j] == hessian[4 * j + i]);
			}
		}
	}
	print_message("# worst difference: gradients %.1e, Hessians %.1e\n", worst_gradient, worst_hessian);
	assert_true(worst_gradient < 1e-6);
	assert_true(worst_hessian < 1e-6);
}

/*
 * Customers as the story has them, those alike in what a model sees: their share
 * still alive, and what they go on to buy, within four standard errors.
 */
static void
simulated_futures(void **state)
{
	const double param[5] = {2, 6, 0.8, 3, 3};
	const double T = 12,
				horizon = 15;
	double		n[3] = {0},
				alive[3] = {0},
				later[3] = {0},
				squares[3] = {0};

	random_seed(7);
	for (int i = 0; i < 400000; i++)
	{
		double		lambda = random_gamma(param[0], param[1]),
					p = random_beta(param[2], param[3]),
					now = 0,
					last = 0;
		int			x = 0,
					after = 0,
					group;
		bool		gone = random_uniform() < p,
					gone_at_T = gone;

		while (!gone)
		{
			now += random_gamma(3, lambda);
			if (now > T + horizon)
				break;
			if (now <= T)
			{
				x++;
				last = now;
			}
			else
				after++;
			gone = random_uniform() < p;
			if (now <= T)
				gone_at_T = gone;
		}
		group = x == 0 ? 0 : x == 1 && last > 5 && last < 5.4 ? 1 : x == 2 && last > 9 && last < 9.4 ? 2 : -1;
		if (group < 0)
			continue;
		n[group]++;
		alive[group] += !gone_at_T;
		later[group] += after;
		squares[group] += (double) after * after;
	}
	for (int group = 0; group < 3; group++)
	{
		const cv_family *family = family_of(1);
		cv_customer c = {.x = group, .t_x = group == 0 ? 0 : group == 1 ? 5.2 : 9.2, .T = T};
		double		chance = family->probability_alive(family, param, &c),
					expected = cv_expected_purchases(family, param, &c, horizon),
					mean = later[group] / n[group];

		assert_true(n[group] > 1000);
		assert_true(fabs(alive[group] / n[group] - chance) < 4 * sqrt(chance * (1 - chance) / n[group]));
		assert_true(fabs(mean - expected) < 4 * sqrt((squares[group] / n[group] - mean * mean) / n[group]));
	}
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

	random_seed(8);
	for (int trial = 0; trial < 1500; trial++)
	{
		const cv_family *family = family_of(trial % 2);
		double		param[5] = {random_magnitude(-2, 2), random_magnitude(-2, 3), random_magnitude(-2, 2), random_magnitude(-2, 2),
		2 + (trial % 5 == 0 ? 18 : trial % 4)},
					theta[5],
					gradient[4],
					hessian[16],
					t = random_magnitude(-1, 3.7),
					delta = random_magnitude(-6, -1),
					alive,
					active,
					expected,
					discounted,
					ever,
					grown,
					taken;
		cv_customer c = {.x = trial % 4 == 0 ? 0 : floor(random_magnitude(0, 4.302)), .T = random_magnitude(-1, 3.7)};
		cv_pattern	pattern;
		struct timespec before,
					after;

		if (c.x > 0)
			c.t_x = trial % 8 == 1 ? c.T : c.T * random_uniform();
		else if (trial % 3 == 0)
			c.T = 0;
		alive = family->probability_alive(family, param, &c);
		active = cv_probability_active(family, param, &c, t);
		expected = cv_expected_purchases(family, param, &c, t);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
		discounted = cv_discounted_purchases(family, param, &c, t, delta);
		ever = cv_discounted_purchases(family, param, &c, INFINITY, delta);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
		taken = (double) (after.tv_sec - before.tv_sec) + 1e-9 * (double) (after.tv_nsec - before.tv_nsec);
		slowest = fmax(slowest, taken / 2);
		grown = cv_discounted_purchases(family, param, &c, t, -10 / t);

		assert_true(sensible(alive) && alive <= 1);
		assert_true(sensible(active) && active <= alive);
		assert_true(sensible(expected) && sensible(discounted) && sensible(ever) && sensible(grown));
		/* nobody buys more than one purchase for k phases and the one begun */
		assert_true(expected <= alive * ((param[0] + param[4] * (c.x + 1)) / (param[1] + c.T) * t / param[4] + 1) * (1 + 1e-12));
		assert_true(discounted <= expected * (1 + 1e-12) && discounted <= ever * (1 + 1e-12));
		assert_true(discounted >= expected * exp(-delta * t) * (1 - 1e-12));
		assert_true(grown >= expected * (1 - 1e-12) && grown <= expected * exp(10) * (1 + 1e-12));
		assert_true(cv_probability_active(family, param, &c, 1.01 * t) <= active * (1 + 1e-12));
		assert_true(cv_expected_purchases(family, param, &c, 1.01 * t) >= expected * (1 - 1e-12));
		assert_true(cv_probability_active(family, param, &c, 0) == alive);
		assert_true(cv_expected_purchases(family, param, &c, 0) == 0);
		assert_true(sensible(family->purchase_cycle(family, param, &c)));
		for (int n = 0; n < 3; n++)
		{
			double		p = family->count_probability(family, param, &c, t, n);

			assert_true(sensible(p) && p <= 1);
		}

		pattern = (cv_pattern) {.x = c.x, .t_x = c.t_x, .T = c.T, .count = 1};
		fill_theta(param, theta);
		assert_true(isfinite(family->log_likelihood(family, theta, &pattern, 1, gradient, hessian)));
		for (int i = 0; i < 16; i++)
			assert_true(isfinite(hessian[i]) && isfinite(gradient[i % 4]));
	}
	print_message("# slowest discounted prediction: %.0f us\n", 1e6 * slowest);
	assert_true(slowest < 0.05);
}

/* Parameters nobody fits but anybody can write: no NaN, and an end to it. */
static void
absurd_parameters(void **state)
{
	double		slowest = 0;

	random_seed(9);
	for (int trial = 0; trial < 2000; trial++)
	{
		const cv_family *family = family_of(trial % 2);
		double		param[5] = {random_magnitude(-15, 15), random_magnitude(-30, 30), random_magnitude(-15, 15),
		random_magnitude(-15, 15), 2 + trial % 19},
					t = random_magnitude(-1, trial % 7 ? 4 : 10),
					alive;
		cv_customer c = {.x = trial % 4 == 0 ? 0 : floor(random_magnitude(0, 7)), .T = random_magnitude(-1, 9)};
		clock_t		started = clock();

		if (trial % 3)
			param[0] = random_magnitude(-2, 2);
		if (trial % 5)
			param[1] = random_magnitude(-2, 2);
		if (trial % 11 < 5)
			param[2] = random_magnitude(-2, 2);
		if (trial % 13 < 5)
			param[3] = random_magnitude(-2, 2);
		c.t_x = c.x > 0 ? c.T * random_uniform() : 0;
		alive = family->probability_alive(family, param, &c);
		assert_true(alive >= 0 && alive <= 1);
		assert_true(cv_probability_active(family, param, &c, t) <= alive);
		assert_true(cv_expected_purchases(family, param, &c, t) >= 0);
		assert_true(cv_discounted_purchases(family, param, &c, t, 0.01) >= 0);
		assert_true(cv_discounted_purchases(family, param, &c, t, -10 / t) >= 0);
		assert_true(cv_discounted_purchases(family, param, &c, INFINITY, 0.01) >= 0);
		assert_true(family->count_probability(family, param, &c, t, trial % 3) <= 1);
		slowest = fmax(slowest, (double) (clock() - started) / CLOCKS_PER_SEC);
	}
	print_message("# slowest seven predictions of a customer: %.0f ms\n", 1e3 * slowest);
	assert_true(slowest < 1);
}

static void
meaning_of_the_model(void **state)
{
	static const double param[] = {10, 5, 0.9, 16, 8};
	const cv_family *mbg = family_of(1);
	const cv_customer due = {.x = 10, .t_x = 40, .T = 44};
	const cv_customer overdue = {.x = 10, .t_x = 40, .T = 48};
	const cv_customer today = {.x = 10, .t_x = 40, .T = 40};
	const double random[] = {10, 5 * 8, 0.9, 16, 1};

	/* a regular buyer's silence says more than a random one's, and a purchase that is due comes soon */
	assert_true(mbg->probability_alive(mbg, param, &overdue) < mbg->probability_alive(mbg, random, &overdue));
	assert_true(mbg->probability_alive(mbg, param, &overdue) < 0.6 * mbg->probability_alive(mbg, param, &due));
	assert_true(cv_expected_purchases(mbg, param, &due, 1) / mbg->probability_alive(mbg, param, &due) >
				5 * cv_expected_purchases(mbg, param, &today, 1) / mbg->probability_alive(mbg, param, &today));
	assert_true(off(mbg->purchase_cycle(mbg, param, &due), 8 * 45.0 / 90) < 1e-15);
	/* one-time buyers of BG/CNBD-k cannot have left */
	assert_true(family_of(0)->probability_alive(family_of(0), param, &(cv_customer) {.T = 100}) == 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_phase_is_the_plain_family),
		cmocka_unit_test(sums_agree_with_averages),
		cmocka_unit_test(quadratures_agree_at_one_phase),
		cmocka_unit_test(high_precision_references),
		cmocka_unit_test(sum_agrees_with_quadrature),
		cmocka_unit_test(discounting_is_the_integral),
		cmocka_unit_test(counts_add_up),
		cmocka_unit_test(derivatives_agree_with_differences),
		cmocka_unit_test(simulated_futures),
		cmocka_unit_test(extremes_stay_sensible),
		cmocka_unit_test(absurd_parameters),
		cmocka_unit_test(meaning_of_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
