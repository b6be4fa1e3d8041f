/*
 * test_value_counts.c - the distribution of purchases, the next one, and endless horizons.
 *
 * Catches a wrong formula or lost digits (20-digit references, for new and for
 * given customers), counts that do not add up to the expected purchases, NaN
 * and probabilities beyond one for histories nobody foresaw, and predictions
 * that take long.
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

#include "core/counts.h"
#include "core/next_purchase.h"
#include "random.h"
#include "reference.h"

static double
off(double is, double should)
{
	return is == should ? 0 : fabs(is - should) / fabs(should);
}

/*
 * A row of one of the references under test/reference: family, p1..p4, x, t_x, T, then
 * what is asked and what comes out.  Returns the family, or NULL for the header.
 */
static const cv_family *
reference_row(char *line, double *param, cv_customer *c, double *rest, int n_rest)
{
	const cv_family *family = NULL;
	double		number[16];
	int			n = 0;
	char	   *cell;

	line[strcspn(line, "\r\n")] = 0;
	while ((cell = strsep(&line, ",")) != NULL)
	{
		if (n == 0)
			family = cv_family_by_name(cell);
		assert_true(n < 16);
		number[n++] = strtod(cell, NULL);
	}
	assert_int_equal(n, 8 + n_rest);
	memcpy(param, number + 1, 4 * sizeof(double));
	*c = (cv_customer) {.x = number[5], .t_x = number[6], .T = number[7]};
	memcpy(rest, number + 8, n_rest * sizeof(double));
	return family;
}

static void
counts_of_given_customers(void **state)
{
	FILE	   *f = fopen("test/reference/purchase_counts.csv", "r");
	char		line[1024];
	double		worst = 0;
	int			rows = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
	{
		double		param[CV_MAX_PARAMS],
					rest[3];
		cv_customer c;
		const cv_family *family = reference_row(line, param, &c, rest, 3);
		double		e;

		if (!family)
			continue;
		e = off(family->count_probability(family, param, &c, rest[0], rest[1]), rest[2]);
		worst = fmax(worst, e);
		rows++;
	}
	fclose(f);
	print_message("# %d rows, worst relative error %.1e\n", rows, worst);
	assert_true(rows > 900);
	assert_true(worst < 1e-12);
}

static void
endless_horizons(void **state)
{
	FILE	   *f = fopen("test/reference/dert.csv", "r");
	char		line[1024];
	double		worst = 0;
	int			rows = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
	{
		double		param[CV_MAX_PARAMS],
					rest[2];
		cv_customer c;
		const cv_family *family = reference_row(line, param, &c, rest, 2);

		if (!family)
			continue;
		worst = fmax(worst, off(cv_discounted_purchases(family, param, &c, INFINITY, log1p(rest[0]) * 7 / 365.25), rest[1]));
		rows++;
	}
	fclose(f);
	print_message("# %d rows, worst relative error %.1e\n", rows, worst);
	assert_true(rows > 100);
	assert_true(worst < 1e-12);
}

static void
next_purchases(void **state)
{
	FILE	   *f = fopen("test/reference/next_purchase.csv", "r");
	char		line[1024];
	double		worst = 0,
				worst_silent = 0;
	int			rows = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
	{
		double		param[CV_MAX_PARAMS],
					rest[2];
		cv_customer c;
		const cv_family *family = reference_row(line, param, &c, rest, 2);
		cv_family	silent;
		double		next,
					alive;

		if (!family)
			continue;
		next = cv_expected_next_purchase(family, param, &c, rest[0]);
		worst = fmax(worst, off(next, rest[1]));

		/* without the density, by the chance of no purchase; rounding leaves of a small chance to buy what it leaves of its complement */
		silent = *family;
		silent.next_purchase_density = NULL;
		next = cv_expected_next_purchase(&silent, param, &c, rest[0]);
		alive = family->probability_alive(family, param, &c);
		if (isnan(next))
			assert_true(alive < 2e-9);
		else
			worst_silent = fmax(worst_silent, off(next, rest[1]) * fmin(1, alive));
		rows++;
	}
	fclose(f);
	print_message("# %d rows, worst relative error %.1e; by the chance of no purchase %.1e\n", rows, worst, worst_silent);
	assert_true(rows > 100);
	assert_true(worst < 1e-12);
	assert_true(worst_silent < 1e-9);
}

/* predictions.json: P(N(39) = 0..7) of new customers, and DERT of Pareto/NBD. */
static void
reference_predictions(void **state)
{
	FILE	   *f;
	char		row[4096];
	double		worst = 0,
				worst_dert = 0;
	int			counts = 0,
				derts = 0;

	reference_or_skip();
	f = reference_open("reference/predictions.json");
	while (fgets(row, sizeof(row), f))
	{
		const cv_family *family = row_family(row);
		const char *pmf = strstr(row, "\"pmf_0_7\": [");
		char		dataset[40];
		double		param[CV_MAX_PARAMS],
					error[CV_MAX_PARAMS],
					log_likelihood,
					t,
					dert;

		if (!family || family->kind != CV_PURCHASE_MODEL ||
			sscanf(strstr(row, "\"dataset\": ") + 11, "\"%39[^\"]\"", dataset) != 1)
			continue;
		assert_true(reference_optimum(dataset, family, param, error, &log_likelihood));
		if (pmf)
		{
			assert_true(row_number(row, "t", &t));
			pmf = strchr(pmf, '[') + 1;
			for (int n = 0; n <= 7; n++)
			{
				double		expected = strtod(strpbrk(pmf, "0123456789"), (char **) &pmf);

				worst = fmax(worst, off(family->count_probability(family, param, &cv_new_customer, t, n), expected));
				pmf = n < 7 ? strchr(pmf, ',') : pmf;
			}
			counts++;
		}
		if (row_number(row, "dert_15pct_annual", &dert))
		{
			cv_customer c = {0};

			row_number(row, "x", &c.x);
			row_number(row, "t_x", &c.t_x);
			row_number(row, "T", &c.T);
			worst_dert = fmax(worst_dert, off(cv_discounted_purchases(family, param, &c, INFINITY, log(1.15) / 52), dert));
			derts++;
		}
	}
	fclose(f);
	print_message("# %d distributions, worst relative error %.1e; %d DERT, %.1e\n", counts, worst, derts, worst_dert);
	assert_int_equal(counts, 9);
	assert_int_equal(derts, 24);
	assert_true(worst < 1e-12);
	assert_true(worst_dert < 1e-12);
}

/* The upper tail against the sum of its terms. */
static void
tail_of_the_counts(void **state)
{
	double		worst = 0;

	random_seed(11);
	for (int k = 0; k < 2000; k++)
	{
		double		rho = random_magnitude(-5, 3),
					n = floor(random_magnitude(0, 3)),
					t = random_magnitude(-3, 2),
					sum = 0;

		for (double j = n; j < n + 200000; j++)
		{
			cv_counts	counts = cv_counts_of(rho, 1, j);
			double		term = exp(cv_counts_log_probability(&counts, t));

			sum += term;
			/* from here on a geometric series with this ratio, or a smaller one, times 10 */
			if (t / (1 + t) * (rho + j) / (j + 1) < 1 && term < 1e-17 * sum * (1 - t / (1 + t)))
				break;
		}
		if (sum > 1e-290)
			worst = fmax(worst, off(cv_counts_at_least(rho, 1, n, t), sum));
	}
	print_message("# worst relative error %.1e\n", worst);
	assert_true(worst < 1e-11);
}

/* A customer of the given sizes; t_x = T, silence, or somewhere between. */
static cv_customer
draw_customer(int k, double max_x, double max_T)
{
	cv_customer c = {.x = k % 4 == 0 ? 0 : floor(random_magnitude(0, max_x)), .T = random_magnitude(-1, max_T)};

	if (c.x > 0)
		c.t_x = k % 8 == 1 ? c.T : c.T * random_uniform();
	return c;
}

/* The n purchase families that can count, one after the other. */
static const cv_family *
next_family(int k)
{
	const cv_family *family;
	int			n = 0;

	for (int i = 0; (family = cv_family_at(i)) != NULL; i++)
		n += family->kind == CV_PURCHASE_MODEL && family->observation == CV_PURCHASE_TIMES;
	k %= n;
	for (int i = 0;; i++)
	{
		family = cv_family_at(i);
		if (family->kind == CV_PURCHASE_MODEL && family->observation == CV_PURCHASE_TIMES && k-- == 0)
			return family;
	}
}

/* Parameters of moderate size; k, where there is one, 1 to 3. */
static void
draw_parameters(const cv_family *family, double low, double high, double *param)
{
	for (int i = 0; i < family->n_params; i++)
		param[i] = random_magnitude(low, high);
	if (family->regular)
		param[family->n_params] = 1 + floor(3 * random_uniform());
}

static void
distributions_add_up(void **state)
{
	double		worst_sum = 0,
				worst_mean = 0;

	random_seed(12);
	for (int k = 0; k < 300; k++)
	{
		const cv_family *family = next_family(k);
		double		param[CV_MAX_PARAMS],
					t = random_magnitude(0, 2),
					sum = 0,
					mean = 0,
					expected;
		cv_customer c = draw_customer(k / 7, 1.5, 2);

		draw_parameters(family, -0.5, 1, param);
		expected = cv_expected_purchases(family, param, &c, t);
		for (int n = 0; n < 20000 && (n < 10 * expected + 10 || 1 - sum > 1e-13); n++)
		{
			double		p = family->count_probability(family, param, &c, t, n);

			assert_true(p >= 0 && p <= 1);
			sum += p;
			mean += n * p;
			/* heavy tails: what is left no longer counts */
			if (n > expected && p * n * n < 1e-13 * mean)
				break;
		}
		worst_sum = fmax(worst_sum, fabs(sum - 1));
		worst_mean = fmax(worst_mean, fabs(mean - expected) / (expected + 1e-3));
	}
	print_message("# worst: sum off 1 by %.1e, mean by %.1e\n", worst_sum, worst_mean);
	assert_true(worst_sum < 1e-9);
	assert_true(worst_mean < 1e-7);
}

static void
extremes_stay_sensible(void **state)
{
	double		slowest = 0;

	random_seed(13);
	for (int k = 0; k < 6000; k++)
	{
		const cv_family *family = next_family(k);
		double		param[CV_MAX_PARAMS],
					t = random_magnitude(-1, 3.7),
					later = t * (1 + random_uniform()),
					delta = random_magnitude(-5, -1),
					n = k % 3 ? floor(random_magnitude(0, 4.5)) : k % 5,
					none,
					none_later,
					some,
					next,
					endless,
					discounted;
		cv_customer c = draw_customer(k / 7, 4.302, 3.7);
		clock_t		started = clock();

		draw_parameters(family, k % 2 ? -1 : -5, k % 2 ? 1 : 4, param);
		none = family->count_probability(family, param, &c, t, 0);
		none_later = family->count_probability(family, param, &c, later, 0);
		some = family->count_probability(family, param, &c, t, n);
		next = cv_expected_next_purchase(family, param, &c, t);
		endless = cv_discounted_purchases(family, param, &c, INFINITY, delta);
		slowest = fmax(slowest, (double) (clock() - started) / CLOCKS_PER_SEC);
		discounted = cv_discounted_purchases(family, param, &c, t, delta);

		assert_true(none >= 0 && none <= 1);
		assert_true(none_later <= none * (1 + 1e-10));
		assert_true(some >= 0 && some <= 1);
		assert_true(n == 0 || some <= 1 - none + 1e-12);
		assert_true(1 - none <= cv_expected_purchases(family, param, &c, t) * (1 + 1e-9) + 1e-12);
		assert_true(isnan(next) ? 1 - none < 1.1e-9 : next > 0 && next <= t);
		assert_true(isfinite(endless) && endless >= discounted * (1 - 1e-10));
		/* the rate never rises, but with a purchase that is due: what comes after t is less than all of it, discounted by t */
		assert_true(family->regular || endless <= discounted + exp(-delta * t) * endless + 1e-9 * endless);
	}
	print_message("# slowest five predictions of a customer %.1f ms\n", 1e3 * slowest);
	assert_true(slowest < 0.5);
}

/* Parameters by hand may be anything within the limits: no interrupt is looked for meanwhile. */
static void
limits_end_quickly(void **state)
{
	double		slowest = 0;

	random_seed(14);
	for (int k = 0; k < 4000; k++)
	{
		const cv_family *family = next_family(k);
		double		param[CV_MAX_PARAMS],
					t = random_magnitude(-1, k % 5 ? 4 : 10),
					n = k % 3 ? floor(random_magnitude(0, k % 2 ? 4 : 9)) : k % 5,
					values[4];
		cv_customer c = draw_customer(k / 7, 7, 9);
		clock_t		started;

		for (int i = 0; i < family->n_params; i++)
			param[i] = family->scale_params >> i & 1 ? random_magnitude(-30, 30) : random_magnitude(-15, 15);
		if (family->regular)
			param[family->n_params] = 1 + floor(CV_MAX_REGULARITY * random_uniform());
		started = clock();
		values[0] = family->count_probability(family, param, &c, t, 0);
		values[1] = family->count_probability(family, param, &c, t, n);
		values[2] = cv_expected_next_purchase(family, param, &c, t);
		values[3] = cv_discounted_purchases(family, param, &c, INFINITY, random_magnitude(-9, 1));
		slowest = fmax(slowest, (double) (clock() - started) / CLOCKS_PER_SEC);

		/* what is no number becomes an error or NULL */
		for (int i = 0; i < 2; i++)
			assert_true(isnan(values[i]) || (values[i] >= 0 && values[i] <= 1));
		assert_true(isnan(values[2]) || (values[2] >= 0 && values[2] <= t));
		assert_true(isnan(values[3]) || values[3] >= 0);
	}
	print_message("# slowest four predictions of a customer %.1f ms\n", 1e3 * slowest);
	assert_true(slowest < 0.5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_of_given_customers),
		cmocka_unit_test(endless_horizons),
		cmocka_unit_test(next_purchases),
		cmocka_unit_test(reference_predictions),
		cmocka_unit_test(tail_of_the_counts),
		cmocka_unit_test(distributions_add_up),
		cmocka_unit_test(extremes_stay_sensible),
		cmocka_unit_test(limits_end_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
