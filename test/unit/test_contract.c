/*
 * test_contract.c - contracts: the survival curves of sBG and BdW, their value, their fit.
 *
 * Catches a wrong formula or a lost digit (30-digit references, the published
 * DERL), an end correction or a panel of the summation gone wrong (tiny
 * discount rates), wrong derivatives, fits that miss the optimum, limits
 * without a verdict, intervals that do not cover, and NaN at extremes.
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

#include "core/contract.h"
#include "random.h"
#include "reference.h"

#define COUNT(a) ((int) (sizeof(a) / sizeof((a)[0])))

static double
off(double is, double should)
{
	return fabs(is - should) / fmax(fabs(should), 1e-300);
}

/* Yearly survivors of 1000 customers of two segments: Fader and Hardie (2007), table 1. */
static const double regular[] = {1000, 631, 468, 382, 326, 289, 262, 241};
static const double highend[] = {1000, 869, 743, 653, 593, 551, 517, 491};

static int
renewals_of(const double *survivors, int n, cv_renewal *renewal)
{
	for (int i = 0; i + 1 < n; i++)
		renewal[i] = (cv_renewal) {survivors[i], survivors[i] - survivors[i + 1]};
	return n - 1;
}

static cv_contract
fit(cv_contract_family family, const double *survivors, int n)
{
	cv_renewal	renewal[16];
	cv_contract contract = {.customers = survivors[0]};

	n = renewals_of(survivors, n, renewal);
	assert_int_equal(cv_contract_fit(family, renewal, n, NULL, NULL, &contract), CV_CONTRACT_OK);
	return contract;
}

/* A field of a line of CSV; the line is cut up. */
static char *
field(char **line)
{
	char	   *start = *line,
			   *end = start + strcspn(start, ",\n");

	*line = *end ? end + 1 : end;
	*end = '\0';
	return start;
}

/* The largest errors against test/reference/contract.csv, to be told. */
static double worst_prediction,
			worst_likelihood,
			worst_param,
			worst_error;

static void
check_prediction(char *line)
{
	char	   *what = field(&line);
	double		param[3],
				t,
				d,
				value,
				is;
	int			n;

	for (int i = 0; i < 3; i++)
		param[i] = atof(field(&line));
	t = atof(field(&line));
	d = atof(field(&line));
	value = atof(field(&line));
	n = param[2] == 1 ? 2 : 3;
	for (; n <= 3; n++)			/* sBG also as BdW with c = 1 */
	{
		is = cv_contract_predict(param, n, strcmp(what, "survival") == 0 ? CV_CONTRACT_SURVIVAL :
								 strcmp(what, "churn") == 0 ? CV_CONTRACT_CHURN :
								 strcmp(what, "del") == 0 ? CV_CONTRACT_DEL : CV_CONTRACT_DERL, t, d);
		worst_prediction = fmax(worst_prediction, off(is, value));
		if (!(off(is, value) < 1e-11))
			fail_msg("%s(%g, %g, %g; t=%g, d=%g) is %.17g, not %.17g", what, param[0], param[1], param[2], t, d, is, value);
		if (strcmp(what, "churn") == 0)
			assert_true(off(cv_contract_predict(param, n, CV_CONTRACT_RETENTION, t, d), 1 - value) < 1e-14);
	}
}

static void
check_optimum(char *line)
{
	cv_contract contract;
	bool		high;
	double		log_likelihood;
	char	   *params,
			   *errors;
	int			n;

	field(&line);
	high = strcmp(field(&line), "sbg_highend") == 0;
	n = atoi(field(&line));
	log_likelihood = atof(field(&line));
	params = field(&line);
	errors = field(&line);
	contract = fit(n == 2 ? CV_CONTRACT_SBG : CV_CONTRACT_BDW, high ? highend : regular, 8);
	worst_likelihood = fmax(worst_likelihood, off(contract.log_likelihood, log_likelihood));
	assert_true(off(contract.log_likelihood, log_likelihood) < 1e-12);
	assert_int_equal(contract.status, CV_CONTRACT_CONVERGED);
	assert_int_equal(contract.renewals, 7);
	for (int i = 0; i < n; i++)
	{
		double		param = strtod(params, &params),
					error = strtod(errors, &errors);

		worst_param = fmax(worst_param, off(contract.param[i], param));
		worst_error = fmax(worst_error, off(sqrt(contract.cov[i * n + i]), error));
		assert_true(off(contract.param[i], param) < 1e-8);
		assert_true(off(sqrt(contract.cov[i * n + i]), error) < 1e-7);
	}
}

/* Every line of test/reference/contract.csv. */
static void
references(void **state)
{
	FILE	   *f = fopen("test/reference/contract.csv", "r");
	char		line[512];
	int			predictions = 0,
				optima = 0;

	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f))
	{
		if (strncmp(line, "optimum", 7) == 0)
		{
			check_optimum(line);
			optima++;
		}
		else
		{
			check_prediction(line);
			predictions++;
		}
	}
	fclose(f);
	print_message("# %d optima: log-likelihood off by %.1e, parameters by %.1e, their errors by %.1e; "
				  "%d predictions by %.1e\n", optima, worst_likelihood, worst_param, worst_error, predictions,
				  worst_prediction);
	assert_int_equal(optima, 4);
	assert_int_equal(predictions, 7 * (8 + 4 * 5));
}

/* DERL of somebody who has renewed 7 times: Fader and Hardie (2010). */
static void
published(void **state)
{
	cv_contract contract = fit(CV_CONTRACT_SBG, highend, 8);

	assert_true(fabs(cv_contract_predict(contract.param, 2, CV_CONTRACT_DERL, 7, 0.1) - 7.52963) < 5e-6);
}

/* optima.json and predictions.json of the shared directory. */
static void
shared_reference(void **state)
{
	static const char *const names[] = {"sbg_regular", "sbg_highend"};
	FILE	   *f;
	char		row[8192];
	int			found = 0;

	reference_or_skip();
	for (int high = 0; high < 2; high++)
	{
		cv_contract contract = fit(CV_CONTRACT_SBG, high ? highend : regular, 8);

		for (int file = 0; file < 2; file++)
		{
			f = reference_open(file ? "reference/predictions.json" : "reference/optima.json");
			while (fgets(row, sizeof(row), f))
			{
				double		number;
				char	   *p;

				if (!row_is(row, "dataset", names[high]))
					continue;
				found++;
				if (file == 0)
				{
					assert_true(row_number(row, "loglik", &number));
					assert_true(off(contract.log_likelihood, number) < 1e-8);
					p = strstr(row, "\"params\": {\"alpha\": ");
					assert_non_null(p);
					assert_true(off(contract.param[0], atof(strchr(p, ':') + 11)) < 1e-5);
					p = strstr(row, "\"se_log_params\": {\"alpha\": ");
					assert_non_null(p);
					assert_true(off(sqrt(contract.cov[0]), atof(strchr(p, ':') + 11)) < 1e-4);
					p = strstr(p, "\"beta\": ");
					assert_true(off(sqrt(contract.cov[3]), atof(p + 8)) < 1e-4);
					continue;
				}
				p = strchr(strstr(row, "\"survival_0_12\": "), '[');
				for (int t = 0; t <= 12; t++)
				{
					p = strchr(p, '"') + 1;
					assert_true(off(cv_contract_predict(contract.param, 2, CV_CONTRACT_SURVIVAL, t, 0), atof(p)) < 1e-10);
					p = strchr(p, '"') + 1;
				}
				p = strchr(strstr(row, "\"retention_1_12\": "), '[');
				for (int t = 1; t <= 12; t++)
				{
					p = strchr(p, '"') + 1;
					assert_true(off(cv_contract_predict(contract.param, 2, CV_CONTRACT_RETENTION, t, 0), atof(p)) < 1e-10);
					p = strchr(p, '"') + 1;
				}
			}
			reference_close(f);
		}
	}
	assert_int_equal(found, 4);
}

static void
derivatives(void **state)
{
	static const double points[][3] = {
		{-0.4, 0.2, 0}, {-0.4, 0.2, 0.5}, {1.5, -2, -0.7}, {4, 6, 0.3}, {-5, -4, 0.1}, {-2, 7, 1.1}
	};
	cv_renewal	renewal[16];
	int			n = renewals_of(regular, 8, renewal);

	renewal[3].at_risk = 300;	/* some were censored, more came later: any counts will do */
	renewal[5].lost = 0;
	for (int k = 0; k < COUNT(points); k++)
		for (int family = CV_CONTRACT_SBG; family <= CV_CONTRACT_BDW; family++)
		{
			int			p = cv_contract_family_params(family);
			double		g[3],
						h[9],
						value = cv_contract_log_likelihood(family, renewal, n, points[k], g, h);

			assert_true(isfinite(value));
			for (int i = 0; i < p; i++)
			{
				double		up[3],
							down[3],
							gu[3],
							gd[3],
							step = 1e-5,
							slope;

				memcpy(up, points[k], sizeof(up));
				memcpy(down, points[k], sizeof(down));
				up[i] += step;
				down[i] -= step;
				slope = (cv_contract_log_likelihood(family, renewal, n, up, gu, NULL) -
						 cv_contract_log_likelihood(family, renewal, n, down, gd, NULL)) / (2 * step);
				assert_true(fabs(slope - g[i]) < 1e-6 * (1 + fabs(value)));
				for (int j = 0; j < p; j++)
				{
					assert_true(fabs((gu[j] - gd[j]) / (2 * step) - h[i * p + j]) < 1e-6 * (1 + fabs(h[i * p + j]) + fabs(g[j])));
					assert_true(h[i * p + j] == h[j * p + i]);
				}
			}
		}
}

/* At c = 1 the two families are one, and so are the derivatives they share. */
static void
bdw_contains_sbg(void **state)
{
	cv_renewal	renewal[16];
	int			n = renewals_of(highend, 8, renewal);
	double		theta[3] = {-0.3, 1.1, 0},
				g2[2],
				h2[4],
				g3[3],
				h3[9];

	assert_true(off(cv_contract_log_likelihood(CV_CONTRACT_BDW, renewal, n, theta, g3, h3),
					cv_contract_log_likelihood(CV_CONTRACT_SBG, renewal, n, theta, g2, h2)) < 1e-14);
	for (int i = 0; i < 2; i++)
	{
		assert_true(fabs(g2[i] - g3[i]) < 1e-10);
		for (int j = 0; j < 2; j++)
			assert_true(off(h3[i * 3 + j], h2[i * 2 + j]) < 1e-11);
	}
	/* and one parameter more never fits worse */
	assert_true(fit(CV_CONTRACT_BDW, regular, 8).log_likelihood > fit(CV_CONTRACT_SBG, regular, 8).log_likelihood);
}

/* Where the likelihood has no finite maximum, or hardly one, the status says which way it goes. */
static void
limits(void **state)
{
	static const struct
	{
		double		survivors[8];
		int			n;
		cv_contract_status sbg;
		cv_contract_status bdw;
	}			cases[] = {
		{{500, 500, 500, 500}, 4, CV_CONTRACT_NO_CHURN, CV_CONTRACT_NO_CHURN},
		{{500, 500}, 2, CV_CONTRACT_NO_CHURN, CV_CONTRACT_NO_CHURN},
		{{500, 0}, 2, CV_CONTRACT_ALL_LOST, CV_CONTRACT_ALL_LOST},
		{{500, 0, 0, 0}, 4, CV_CONTRACT_ALL_LOST, CV_CONTRACT_ALL_LOST},
		{{1024, 512, 256, 128, 64, 32, 16, 8}, 8, CV_CONTRACT_ALIKE, CV_CONTRACT_ALIKE},
		{{1000, 950, 850, 700, 500, 250, 50, 1}, 8, CV_CONTRACT_ALIKE, CV_CONTRACT_ALIKE},
		{{1000, 600, 600, 600, 600}, 5, CV_CONTRACT_DIVIDED, CV_CONTRACT_DIVIDED},
	};

	for (int i = 0; i < COUNT(cases); i++)
		for (int family = CV_CONTRACT_SBG; family <= CV_CONTRACT_BDW; family++)
		{
			cv_contract contract = fit(family, cases[i].survivors, cases[i].n);
			cv_contract_status should = family == CV_CONTRACT_SBG ? cases[i].sbg : cases[i].bdw;
			char		verdict[1024];
			double		retention = cv_contract_predict(contract.param, contract.n_params, CV_CONTRACT_RETENTION, 1, 0.1);

			if (contract.status != should)
				fail_msg("case %d, family %d: %s, not %s (%g, %g, %g)", i, family, cv_contract_status_name(contract.status),
						 cv_contract_status_name(should), contract.param[0], contract.param[1], contract.param[2]);
			assert_false(contract.has_cov);
			cv_contract_verdict(&contract, verdict, sizeof(verdict));
			assert_true(strlen(verdict) > 20 && strlen(verdict) < 600);
			assert_true(isfinite(retention) && retention >= 0 && retention <= 1);
			assert_true(isfinite(cv_contract_predict(contract.param, contract.n_params, CV_CONTRACT_DERL, 3, 0.1)));
		}
	/* equal churn: the geometric likelihood */
	assert_true(off(fit(CV_CONTRACT_SBG, cases[4].survivors, 8).log_likelihood,
					(1016 + 1016) * log(0.5)) < 1e-8);
	/* no churn and full churn are full and no retention */
	assert_true(fit(CV_CONTRACT_SBG, cases[0].survivors, 4).param[0] < 1e-9);
	assert_true(cv_contract_predict(fit(CV_CONTRACT_SBG, cases[2].survivors, 2).param, 2, CV_CONTRACT_RETENTION, 1, 0) < 1e-9);
}

static void
impossible(void **state)
{
	cv_renewal	none[3] = {{0}},
				one[1] = {{100, 30}},
				bad[2] = {{100, 30}, {70, 80}};
	cv_contract contract;

	assert_int_equal(cv_contract_fit(CV_CONTRACT_SBG, none, 3, NULL, NULL, &contract), CV_CONTRACT_NO_RENEWALS);
	assert_int_equal(cv_contract_fit(CV_CONTRACT_SBG, none, 0, NULL, NULL, &contract), CV_CONTRACT_NO_RENEWALS);
	assert_int_equal(cv_contract_fit(CV_CONTRACT_SBG, one, 1, NULL, NULL, &contract), CV_CONTRACT_TOO_FEW);
	assert_int_equal(cv_contract_fit(CV_CONTRACT_SBG, bad, 2, NULL, NULL, &contract), CV_CONTRACT_FAILED);
}

/* Customers with chances of their own, censored at different ages: intervals cover what they should. */
static void
coverage(void **state)
{
	static const double truth[2][3] = {{0.9, 2.5, 1}, {1.2, 4, 1.3}};
	int			runs = 200;

	for (int family = CV_CONTRACT_SBG; family <= CV_CONTRACT_BDW; family++)
	{
		const double *p = truth[family - 1];
		int			n = cv_contract_family_params(family),
					covered[3] = {0},
					derl_covered = 0,
					settled = 0;
		double		derl = cv_contract_predict(p, n, CV_CONTRACT_DERL, 2, 0.1);

		random_seed(20 + family);
		for (int run = 0; run < runs; run++)
		{
			cv_renewal	renewal[12] = {{0}};
			cv_contract contract = {.customers = 3000};
			cv_interval e;
			double		value;

			for (int i = 0; i < 3000; i++)
			{
				double		theta = random_beta(p[0], p[1]);
				int			until = 4 + i % 9;

				for (int t = 1; t <= until; t++)
				{
					double		r = n == 2 ? 1 - theta : pow(1 - theta, pow(t, p[2]) - pow(t - 1, p[2]));

					renewal[t - 1].at_risk++;
					if (random_uniform() >= r)
					{
						renewal[t - 1].lost++;
						break;
					}
				}
			}
			assert_int_equal(cv_contract_fit(family, renewal, 12, NULL, NULL, &contract), CV_CONTRACT_OK);
			if (!contract.has_cov)
				continue;
			settled++;
			for (int i = 0; i < n; i++)
				covered[i] += fabs(log(contract.param[i] / p[i])) < 1.96 * sqrt(contract.cov[i * n + i]);
			value = cv_contract_estimate(&contract, CV_CONTRACT_DERL, 2, 0.1, 1.96, &e);
			assert_true(e.low < value && value < e.high);
			derl_covered += e.low < derl && derl < e.high;
		}
		assert_true(settled == runs);
		for (int i = 0; i <= n; i++)
		{
			double		share = (i < n ? covered[i] : derl_covered) / (double) runs;

			if (share < 0.92 || share > 0.98)
				fail_msg("family %d: interval %d covers %g", family, i, share);
		}
	}
}

/* Errors of predictions against a hand computation: S(1) = beta / (alpha + beta). */
static void
errors(void **state)
{
	cv_contract contract = fit(CV_CONTRACT_SBG, regular, 8);
	double		a = contract.param[0],
				b = contract.param[1],
				variance = contract.cov[0] - 2 * contract.cov[1] + contract.cov[3],	/* of log(beta/alpha) */
				r = b / (a + b);
	cv_interval survival,
				retention,
				churn;

	assert_true(off(cv_contract_estimate(&contract, CV_CONTRACT_SURVIVAL, 1, 0, 1.96, &survival), r) < 1e-12);
	cv_contract_estimate(&contract, CV_CONTRACT_RETENTION, 1, 0, 1.96, &retention);
	cv_contract_estimate(&contract, CV_CONTRACT_CHURN, 1, 0, 1.96, &churn);
	assert_true(off(survival.standard_error, r * (1 - r) * sqrt(variance)) < 1e-8);
	assert_true(off(retention.standard_error, survival.standard_error) < 1e-8);
	assert_true(off(churn.standard_error, survival.standard_error) < 1e-8);
	assert_true(off(survival.high, 1 / (1 + a / b * exp(-1.96 * sqrt(variance)))) < 1e-8);
	assert_true(off(churn.low, 1 - retention.high) < 1e-9);
	assert_true(cv_contract_estimate(&contract, CV_CONTRACT_SURVIVAL, 0, 0, 1.96, &survival) == 1);
	assert_true(survival.standard_error == 0 && survival.low == 1 && survival.high == 1);
	contract.has_cov = false;
	assert_true(cv_contract_estimate(&contract, CV_CONTRACT_DERL, 0, 0.1, 1.96, &survival) > 1);
	assert_true(isnan(survival.standard_error) && isnan(survival.low) && isnan(survival.high));
}

/* Finite sums against the terms one by one, in long double; where the sum is split, and without discounting. */
static void
finite_sums(void **state)
{
	static const double points[][3] = {{0.7, 1.2, 1}, {0.3, 40, 1}, {4, 900, 1}, {0.2, 1.4, 1.7}, {900, 1e6, 1}, {0.01, 0.02, 0.6}};
	static const double periods[] = {1, 2, 300, 320, 333, 334, 335, 1000, 20000};
	static const double deltas[] = {0, 1e-5, 0.01, 1};

	for (int k = 0; k < COUNT(points); k++)
		for (int i = 0; i < COUNT(periods); i++)
			for (int j = 0; j < COUNT(deltas); j++)
			{
				int			n = points[k][2] == 1 ? 2 : 3;
				long double sum = 0;
				double		is = cv_contract_periods(points[k], n, 5, periods[i], deltas[j]);

				for (double s = periods[i] - 1; s >= 0; s--)
					sum += expl((long double) cv_contract_log_survival(points[k], n, 5, 6 + s) - deltas[j] * s);
				if (!(off(is, (double) sum) < 3e-13))
					fail_msg("point %d, %g periods, delta %g: %.17g, not %.17Lg", k, periods[i], deltas[j], is, sum);
			}
	assert_true(cv_contract_periods(points[0], 2, 5, 0, 0.1) == 0);
}

/* A horizon without end in sight takes no longer where terms underflow, or overflow by a negative rate. */
static void
long_horizons(void **state)
{
	static const double short_lived[] = {1e6, 1e6},
				long_lived[] = {0.7, 1.2};
	clock_t		begin = clock();

	assert_true(off(cv_contract_periods(short_lived, 2, 0, 1e9, 0), 1e6 / (1e6 - 1)) < 1e-12);
	assert_false(isfinite(cv_contract_periods(long_lived, 2, 0, 1e10, -0.06)));
	assert_true(clock() - begin < CLOCKS_PER_SEC);
}

/* Any parameters a model may have: chances are chances, lifetimes positive and at most 1 + 1/d. */
static void
extremes(void **state)
{
	random_seed(7);
	for (int i = 0; i < 3000; i++)
	{
		double		param[3] = {random_magnitude(-15, 15), random_magnitude(-15, 15), random_magnitude(-3, 2)},
					t = floor(random_magnitude(0, 4.2)),
					d = random_magnitude(-6, 3);
		int			n = 2 + i % 2;
		double		s = cv_contract_predict(param, n, CV_CONTRACT_SURVIVAL, t, d),
					r = cv_contract_predict(param, n, CV_CONTRACT_RETENTION, t, d),
					c = cv_contract_predict(param, n, CV_CONTRACT_CHURN, t, d),
					del = cv_contract_predict(param, n, CV_CONTRACT_DEL, t, d),
					derl = cv_contract_predict(param, n, CV_CONTRACT_DERL, t, d);

		if (!(s >= 0 && s <= 1 && r >= 0 && r <= 1 && c >= 0 && c <= 1 && fabs(r + c - 1) < 1e-12 &&
			  del >= 1 && del <= (1 + 1 / d) * (1 + 1e-11) && derl >= 0 && derl <= (1 + 1 / d) * (1 + 1e-11)))
			fail_msg("%g %g %g t=%g d=%g: S %g, r %g, churn %g, DEL %g, DERL %g",
					 param[0], param[1], param[2], t, d, s, r, c, del, derl);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references),
		cmocka_unit_test(published),
		cmocka_unit_test(shared_reference),
		cmocka_unit_test(derivatives),
		cmocka_unit_test(bdw_contains_sbg),
		cmocka_unit_test(limits),
		cmocka_unit_test(impossible),
		cmocka_unit_test(coverage),
		cmocka_unit_test(errors),
		cmocka_unit_test(finite_sums),
		cmocka_unit_test(long_horizons),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
