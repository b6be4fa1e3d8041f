/*
 * test_bg_bb.c - the BG/BB family, and histories as opportunities.
 *
 * Catches a wrong formula (40-digit references in several forms, published and
 * shared numbers, a plain sum over all sequences), wrong derivatives, fits that
 * miss the optimum or depend on the order of the customers, NaN and chances
 * beyond 1 at extreme counts, and periods counted wrongly at the ends of months,
 * before 2000, or while one is still under way.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/history_periods.h"
#include "core/next_purchase.h"
#include "core/patterns.h"
#include "random.h"
#include "reference.h"

#define COUNT(a) ((int) (sizeof(a) / sizeof((a)[0])))

static double
off(double is, double should)
{
	return fabs(is - should) / fmax(fabs(should), 1e-300);
}

static const cv_family *
bg_bb(void)
{
	return cv_family_by_name("bg/bb");
}

static double
customer_log_likelihood(const double *param, cv_customer c)
{
	cv_pattern	p = {c.x, {c.t_x}, c.T, 1};
	double		theta[4];

	for (int i = 0; i < 4; i++)
		theta[i] = log(param[i]);
	return bg_bb()->log_likelihood(bg_bb(), theta, &p, 1, NULL, NULL);
}

/* What of a line of test/reference/bg_bb.csv; t and extra as its header says. */
static double
predicted(const char *what, const double *param, const cv_customer *c, double t, double extra)
{
	const cv_family *f = bg_bb();

	if (strcmp(what, "loglik") == 0)
		return customer_log_likelihood(param, *c);
	if (strcmp(what, "alive") == 0)
		return f->probability_alive(f, param, c);
	if (strcmp(what, "active") == 0)
		return cv_probability_active(f, param, c, t);
	if (strcmp(what, "expected") == 0)
		return cv_expected_purchases(f, param, c, t);
	if (strcmp(what, "discounted") == 0)
		return cv_discounted_purchases(f, param, c, t, extra);
	if (strcmp(what, "count") == 0)
		return f->count_probability(f, param, c, t, extra);
	if (strcmp(what, "next") == 0)
		return cv_expected_next_purchase(f, param, c, t);
	fail_msg("what is %s?", what);
	return NAN;
}

static void
references(void **state)
{
	FILE	   *f = fopen("test/reference/bg_bb.csv", "r");
	char		line[512];
	int			rows = 0;
	double		worst = 0;

	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f))
	{
		char	   *next = line,
				   *what = strsep(&next, ",");
		double		v[10],
					e;

		for (int i = 0; i < 10; i++)
			v[i] = atof(strsep(&next, ","));
		e = off(predicted(what, v, &(cv_customer) {v[4], v[5], v[6]}, v[7], v[8]), v[9]);
		if (fabs(v[9]) < 1e-30)	/* the likelihood of nothing is 1 */
			e = fabs(predicted(what, v, &(cv_customer) {v[4], v[5], v[6]}, v[7], v[8]));
		if (!(e < 1e-10))
			fail_msg("%s of (%g, %g, %g), t=%g, %g: %.17g, not %.17g", what, v[4], v[5], v[6], v[7], v[8],
					 predicted(what, v, &(cv_customer) {v[4], v[5], v[6]}, v[7], v[8]), v[9]);
		worst = fmax(worst, e);
		rows++;
	}
	fclose(f);
	print_message("# %d rows, worst relative error %.1e\n", rows, worst);
	assert_int_equal(rows, 1040);
}

/* The 11,104 donors of the paper, x of 6 years, the last of them t_x. */
static const double donors[][3] = {
	{0, 0, 3464}, {1, 1, 1091}, {1, 2, 277}, {1, 3, 129}, {1, 4, 78}, {1, 5, 119}, {1, 6, 129}, {2, 2, 613}, {2, 3, 255},
	{2, 4, 155}, {2, 5, 173}, {2, 6, 234}, {3, 3, 322}, {3, 4, 181}, {3, 5, 225}, {3, 6, 357}, {4, 4, 240}, {4, 5, 284},
	{4, 6, 512}, {5, 5, 335}, {5, 6, 728}, {6, 6, 1203}
};

static cv_model
fit_donors(bool backwards)
{
	cv_pattern	patterns[COUNT(donors)];
	cv_model	model;

	for (int i = 0; i < COUNT(donors); i++)
	{
		const double *d = donors[backwards ? COUNT(donors) - 1 - i : i];

		patterns[i] = (cv_pattern) {d[0], {d[1]}, 6, d[2]};
	}
	assert_int_equal(cv_fit(bg_bb(), &(cv_sample) {.patterns = patterns, .n = COUNT(donors)}, NULL, &model), CV_FIT_OK);
	assert_int_equal(model.status, CV_STATUS_CONVERGED);
	return model;
}

/* Published parameters have four digits, so what follows from them has as many. */
static void
published(void **state)
{
	cv_model	model = fit_donors(false);
	cv_model	other = fit_donors(true);
	const double *p = model.param;
	const cv_family *f = bg_bb();

	assert_true(fabs(model.log_likelihood - -33225.6) < 0.05);
	assert_true(off(cv_expected_purchases(f, p, &cv_new_customer, 10), 3.179805) < 5e-5);
	assert_true(off(cv_expected_purchases(f, p, &(cv_customer) {0, 0, 6}, 10), 0.1302169) < 5e-5);
	assert_true(off(cv_expected_purchases(f, p, &(cv_customer) {4, 5, 6}, 10), 3.627858) < 5e-5);
	assert_memory_equal(&model, &other, sizeof(model));
}

/* optima.json and predictions.json of the shared directory. */
static void
shared_reference(void **state)
{
	static const char *const names[] = {"alpha", "beta", "gamma", "delta"};
	cv_model	model = fit_donors(false);
	const cv_family *f = bg_bb();
	double		value;
	char		row[4096];
	FILE	   *file;
	int			rows = 0;

	reference_or_skip();
	file = reference_open("reference/optima.json");
	while (fgets(row, sizeof(row), file))
	{
		if (!row_is(row, "model", "bgbb"))
			continue;
		rows++;
		assert_true(row_number(row, "loglik", &value) && off(model.log_likelihood, value) < 1e-12);
		for (int i = 0; i < 4; i++)
		{
			assert_true(row_number(row, names[i], &value) && off(model.param[i], value) < 1e-8);
			assert_true(row_number(strstr(row, "\"se_log_params\""), names[i], &value) &&
						off(sqrt(model.cov[i * 5]), value) < 1e-4);
		}
	}
	reference_close(file);
	file = reference_open("reference/predictions.json");
	while (fgets(row, sizeof(row), file))
	{
		cv_customer c;

		if (!row_is(row, "model", "bgbb"))
			continue;
		rows++;
		assert_true(row_number(row, "x", &c.x) && row_number(row, "t_x", &c.t_x) && row_number(row, "n", &c.T));
		assert_true(row_number(row, "loglik", &value) && off(customer_log_likelihood(model.param, c), value) < 1e-10);
		assert_true(row_number(row, "p_alive_at_n", &value) && off(f->probability_alive(f, model.param, &c), value) < 1e-10);
		assert_true(row_number(row, "p_alive_at_n_plus_1", &value) &&
					off(cv_probability_active(f, model.param, &c, 1), value) < 1e-10);
		assert_true(row_number(row, "cond_exp_next5", &value) &&
					off(cv_expected_purchases(f, model.param, &c, 5), value) < 1e-10);
	}
	reference_close(file);
	assert_int_equal(rows, 23);
}

/* The likelihoods of all 2^n sequences of n opportunities add up to 1. */
static void
all_sequences(void **state)
{
	static const double param[] = {0.7, 1.3, 0.4, 2.1};
	int			n = 10;
	double		sum = 0;

	for (int s = 0; s < 1 << n; s++)
	{
		cv_customer c = {__builtin_popcount((unsigned) s), s ? 32 - __builtin_clz((unsigned) s) : 0, n};

		sum += exp(customer_log_likelihood(param, c));
	}
	assert_true(off(sum, 1) < 1e-14);
}

static void
derivatives(void **state)
{
	cv_pattern	patterns[60];
	double		worst = 0;

	random_seed(5);
	for (int k = 0; k < 40; k++)
	{
		double		theta[4],
					g[4],
					h[16];
		size_t		n = COUNT(patterns);

		for (size_t i = 0; i < n; i++)
		{
			double		T = floor(30 * random_uniform()),
						t_x = floor((T + 1) * random_uniform()),
						x = t_x > 0 ? 1 + floor(t_x * random_uniform()) : 0;

			patterns[i] = (cv_pattern) {x, {t_x}, T, 1 + floor(3 * random_uniform())};
		}
		n = cv_patterns_merge(patterns, n, NULL, NULL);
		for (int i = 0; i < 4; i++)
			theta[i] = log(random_magnitude(-2, 2));
		bg_bb()->log_likelihood(bg_bb(), theta, patterns, n, g, h);
		for (int i = 0; i < 4; i++)
		{
			const double step = 1e-4;
			double		value[4],
						gs[4][4];

			for (int s = 0; s < 4; s++)
			{
				static const double at[] = {-2, -1, 1, 2};
				double		side[4];

				memcpy(side, theta, sizeof(side));
				side[i] += at[s] * step;
				value[s] = bg_bb()->log_likelihood(bg_bb(), side, patterns, n, gs[s], NULL);
			}
			worst = fmax(worst, fabs((8 * (value[2] - value[1]) - (value[3] - value[0])) / (12 * step) - g[i]) / (1 + fabs(g[i])));
			for (int j = 0; j < 4; j++)
			{
				worst = fmax(worst, fabs((8 * (gs[2][j] - gs[1][j]) - (gs[3][j] - gs[0][j])) / (12 * step) - h[i * 4 + j])
							 / (1 + fabs(h[i * 4 + j])));
				assert_true(h[i * 4 + j] == h[j * 4 + i]);
			}
		}
	}
	print_message("# worst difference %.1e\n", worst);
	assert_true(worst < 1e-7);
}

/* Numbers stay numbers, chances chances: any parameters, up to 5,000 opportunities and as many purchases. */
static void
extremes(void **state)
{
	const cv_family *f = bg_bb();

	random_seed(6);
	for (int k = 0; k < 4000; k++)
	{
		double		param[4],
					T = floor(random_magnitude(-1, 3.7)),
					t_x = k % 3 == 0 ? T : floor((T + 1) * random_uniform()),
					x = t_x == 0 ? 0 : k % 5 == 0 ? t_x : 1 + floor(t_x * random_uniform()),
					t = floor(random_magnitude(-1, 3)),
					delta = random_magnitude(-5, 1),
					theta[4],
					g[4],
					h[16],
					alive,
					active,
					none,
					all,
					expected,
					later;
		cv_customer c = {x, t_x, T};
		cv_pattern	p = {x, {t_x}, T, 1};

		for (int i = 0; i < 4; i++)
			theta[i] = log(param[i] = random_magnitude(k % 2 ? -15 : -3, k % 2 ? 15 : 3));
		assert_true(f->log_likelihood(f, theta, &p, 1, g, h) <= 1e-9);
		for (int i = 0; i < 16; i++)
			if (!isfinite(g[i / 4]) || !isfinite(h[i]))
				fail_msg("(%g %g %g %g) (%g, %g, %g): gradient %g, Hessian %g (%d)", param[0], param[1], param[2], param[3], x, t_x, T, g[i / 4], h[i], i);
		alive = f->probability_alive(f, param, &c);
		active = cv_probability_active(f, param, &c, t);
		expected = cv_expected_purchases(f, param, &c, t);
		later = cv_discounted_purchases(f, param, &c, INFINITY, delta);
		none = f->count_probability(f, param, &c, t, 0);
		all = f->count_probability(f, param, &c, t, t);
		if (!(alive >= 0 && alive <= 1 && active >= 0 && active <= alive && expected >= 0 && expected <= t * (1 + 1e-12) &&
			  later >= 0 && isfinite(later) && none >= 0 && none <= 1 && all >= 0 && all <= 1))
			fail_msg("(%g %g %g %g) (%g, %g, %g) t=%g: alive %g, active %g, expected %g, later %g, none %g, all %g",
					 param[0], param[1], param[2], param[3], x, t_x, T, t, alive, active, expected, later, none, all);
		assert_true(t_x < T || alive == 1);
	}
}

/* Parts of an opportunity are none. */
static void
horizons(void **state)
{
	static const double param[] = {1.2, 0.75, 0.66, 2.8};
	const cv_family *f = bg_bb();
	cv_customer c = {2, 4, 6};

	assert_true(cv_expected_purchases(f, param, &c, 3.9) == cv_expected_purchases(f, param, &c, 3));
	assert_true(cv_probability_active(f, param, &c, 3.9) == cv_probability_active(f, param, &c, 3));
	assert_true(f->count_probability(f, param, &c, 3.9, 2) == f->count_probability(f, param, &c, 3, 2));
	assert_true(cv_expected_purchases(f, param, &c, 0.9) == 0);
	assert_true(f->count_probability(f, param, &c, 0.9, 0) == 1);
	assert_true(f->count_probability(f, param, &c, 3, 4) == 0);
	assert_true(cv_probability_active(f, param, &c, 0) == f->probability_alive(f, param, &c));
	assert_true(isnan(cv_expected_next_purchase(f, param, &c, 0.9)));
	assert_true(cv_expected_next_purchase(f, param, &c, 1) == 1);
	assert_true(off(f->purchase_cycle(f, param, &c), (1.2 + 0.75 + 4) / (1.2 + 2)) < 1e-15);
}

/* Where nobody leaves, or all are alike, there is no finite maximum: the verdict says so, predictions hold. */
static void
limits(void **state)
{
	const cv_family *f = bg_bb();
	cv_pattern	patterns[200];
	cv_model	model;
	char		verdict[2048];

	/* beta-binomial counts without a silence at the end that says anything */
	random_seed(8);
	for (int i = 0; i < 200; i++)
		patterns[i] = (cv_pattern) {1 + i % 9, {12}, 12, 1};
	assert_int_equal(cv_fit(f, &(cv_sample) {.patterns = patterns, .n = 200}, NULL, &model), CV_FIT_OK);
	assert_int_equal(model.status, CV_STATUS_WEAK);
	assert_true(f->probability_alive(f, model.param, &(cv_customer) {3, 11, 12}) > 0.99);
	cv_model_verdict(&model, verdict, sizeof(verdict));
	assert_true(strlen(verdict) > 20);

	/* every opportunity taken by everybody */
	for (int i = 0; i < 200; i++)
		patterns[i] = (cv_pattern) {6, {6}, 6, 1};
	assert_int_equal(cv_fit(f, &(cv_sample) {.patterns = patterns, .n = 200}, NULL, &model), CV_FIT_OK);
	assert_int_equal(model.status, CV_STATUS_WEAK);
	assert_true(cv_expected_purchases(f, model.param, &(cv_customer) {6, 6, 6}, 5) > 4.9);

	patterns[0] = (cv_pattern) {6, {5}, 6, 1};	/* more purchases than opportunities */
	assert_int_equal(cv_fit(f, &(cv_sample) {.patterns = patterns, .n = 1}, NULL, &model), CV_FIT_FAILED);
	patterns[0] = (cv_pattern) {1, {1.5}, 6, 1};
	assert_int_equal(cv_fit(f, &(cv_sample) {.patterns = patterns, .n = 1}, NULL, &model), CV_FIT_FAILED);
	patterns[0] = (cv_pattern) {0, {0}, 6, 1};
	assert_int_equal(cv_fit(f, &(cv_sample) {.patterns = patterns, .n = 1}, NULL, &model), CV_FIT_NO_REPEATS);
}

/* A history of single orders of 10.00 each, on days since 2000-01-01; a negative day is one before. */
static size_t
history_of(const int *day, int n, uint8_t *out)
{
	static const uint8_t scale[CV_TRACKS] = {0};
	cv_history_shape shape;
	uint8_t    *end;

	cv_shape_init(&shape, scale);
	for (int pass = 0; pass < 2; pass++)
	{
		end = pass ? cv_history_put_header(&shape, out) : out;
		for (int i = 0; i < n; i++)
		{
			cv_day		d = {.day = day[i], .known = 1, .missing = CV_OPTIONAL_TRACKS, .orders = 1, .sum = {10 + i}};

			if (pass)
				end = cv_history_put_day(&shape, &d, end);
			else
				cv_shape_add(&shape, &d);
		}
	}
	return (size_t) (end - out);
}

static void
opportunities(void **state)
{
	static const cv_period month = {1, 0},
				year = {12, 0},
				week = {0, 7};
	/* 1999-12-15, 1999-12-31, 2000-01-31, 2000-02-29, 2000-02-29 + 2, 2000-06-30 */
	static const int days[] = {-17, -1, 30, 59, 61, 181};
	static const struct
	{
		int			as_of;
		cv_period	period;
		int			x,
					t_x,
					n;
		double		m;
	}			cases[] = {
		{-17, {1, 0}, 0, 0, 0, 0},	/* the month of the first purchase is under way */
		{-1, {1, 0}, 0, 0, 0, 0},	/* and has ended; its second purchase does not count */
		{29, {1, 0}, 0, 0, 0, 0},
		{30, {1, 0}, 1, 1, 1, 12},	/* 31 January, the last day of the month: it has ended, its purchase included */
		{58, {1, 0}, 1, 1, 1, 12},	/* 28 February of a leap year */
		{59, {1, 0}, 2, 2, 2, 12.5},	/* 29 February is the last day of its month */
		{61, {1, 0}, 2, 2, 2, 12.5},	/* March has a purchase, but has not ended */
		{90, {1, 0}, 3, 3, 3, 13},
		{180, {1, 0}, 3, 3, 5, 13},
		{181, {1, 0}, 4, 6, 6, 13.5},
		{181, {12, 0}, 0, 0, 0, 0},
		{364, {12, 0}, 0, 0, 0, 0},	/* 2000-12-30 */
		{365, {12, 0}, 1, 1, 1, 54},	/* all of 2000 in one opportunity */
		{181, {3, 0}, 2, 2, 2, 27}	/* 2000 Q1 has three, Q2 one */
	};
	uint8_t		bytes[1024];
	size_t		size = history_of(days, COUNT(days), bytes);
	cv_opportunities o;

	for (int i = 0; i < COUNT(cases); i++)
	{
		int			as_of = cases[i].as_of;

		assert_int_equal(cv_history_opportunities(bytes, size, as_of, cases[i].period, &o), CV_HISTORY_OK);
		if (o.x != cases[i].x || o.t_x != cases[i].t_x || o.n != cases[i].n || fabs(o.m - cases[i].m) > 1e-12)
			fail_msg("case %d: %d of %d, last %d, m %g", i, (int) o.x, (int) o.n, (int) o.t_x, o.m);
	}
	assert_int_equal(cv_history_opportunities(bytes, size, -18, month, &o), CV_HISTORY_EMPTY);
	assert_int_equal(cv_history_opportunities(bytes, size - 1, 400, month, &o), CV_HISTORY_CORRUPT);
	/* weeks from Monday: -17 is a Wednesday, -1 a Friday two weeks on, 30 a Monday, 59 and 61 a Tuesday and a Thursday of one week */
	assert_int_equal(cv_history_opportunities(bytes, size, 64, week, &o), CV_HISTORY_OK);
	assert_true(o.x == 3 && o.t_x == 11 && o.n == 11);

	/* as of 15 June: June, July, ... end within the horizon, each on its last day */
	assert_int_equal(cv_periods_ending(month, 166, 180), 0);
	assert_int_equal(cv_periods_ending(month, 166, 181), 1);
	assert_int_equal(cv_periods_ending(month, 181, 212), 1);
	assert_int_equal(cv_periods_ending(month, 181, 211), 0);
	assert_int_equal(cv_periods_ending(month, 166, 166 + 365), 12);
	assert_int_equal(cv_periods_ending(year, 166, 364), 0);
	assert_int_equal(cv_periods_ending(year, 166, 365), 1);
	assert_int_equal(cv_periods_ending(month, 10, 10), 0);
	assert_int_equal(cv_periods_ending(month, 10, -100), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references),
		cmocka_unit_test(published),
		cmocka_unit_test(shared_reference),
		cmocka_unit_test(all_sequences),
		cmocka_unit_test(derivatives),
		cmocka_unit_test(extremes),
		cmocka_unit_test(horizons),
		cmocka_unit_test(limits),
		cmocka_unit_test(opportunities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
