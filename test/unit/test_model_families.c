/*
 * test_model_families.c - the registry and the likelihoods with their derivatives.
 *
 * Catches a wrong term in a likelihood (a second, plain formula says otherwise),
 * in a gradient or a Hessian (finite differences do).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/model.h"
#include "core/special.h"
#include "random.h"

#define N 60

static cv_pattern patterns[N];

static void
make_patterns(const cv_family *family)
{
	const double param[4] = {
		random_magnitude(-1, 1), random_magnitude(0, 2), random_magnitude(-1, 0.5), random_magnitude(-1, 1)
	};

	for (int i = 0; i < N; i++)
	{
		if (family->kind == CV_PURCHASE_MODEL)
			patterns[i] = random_customer(1, param, floor(10 + 50 * random_uniform()));
		else
			patterns[i] = (cv_pattern) {
				.x = floor(1 + random_exponential(0.3)), .m = random_gamma(3, 0.1), .count = 1
			};
		patterns[i].count = 1 + i % 3;
	}
	/* the extremes of real data */
	if (family->kind == CV_PURCHASE_MODEL)
	{
		patterns[0] = (cv_pattern) {.x = 0, .t_x = 0, .T = 0, .count = 2};
		patterns[1] = (cv_pattern) {.x = 500, .t_x = 100, .T = 100, .count = 1};
		patterns[2] = (cv_pattern) {.x = 1, .t_x = 0.142857, .T = 300, .count = 1};
	}
}

static void
make_theta(const cv_family *family, double *theta)
{
	for (int i = 0; i < family->n_params; i++)
		theta[i] = log(random_magnitude(-1.5, 1.5));
	if (family->regular)
		theta[family->n_params] = 1 + floor(CV_MAX_REGULARITY * random_uniform());
}

/* By Gauss-Legendre in log(min(alpha, beta) + u): the integral of s (alpha+u)^-rho (beta+u)^-(s+1) from t_x to T, as a log. */
static double
log_dead_before(const double *p, double rho, const cv_pattern *c)
{
	double		least = fmin(p[1], p[3]),
				from = log(least + c->t_x),
				half = (log(least + c->T) - from) / 400,
				start = -rho * log(p[1] + c->t_x) - p[2] * log(p[3] + c->t_x),
				sum = 0;

	for (int i = 0; i < 200 * 16; i++)
	{
		const double *node = cv_legendre16[i % 8];
		double		v = from + half * (1 + 2 * (i / 16) + (i & 8 ? node[0] : -node[0])),
					u = exp(v) - least;

		sum += node[1] * exp(v - rho * log(p[1] + u) - (p[2] + 1) * log(p[3] + u) - start);
	}
	return start + log(p[2] * sum * half);
}

/* The logs of the chance to outlive u, and of the density of a death then, where the hazard is Gompertz'. */
static double
log_outlives(const double *p, double u)
{
	return p[3] * (log(p[4]) - p[2] * u - log((p[4] - 1) * exp(-p[2] * u) + 1));
}

static double
log_dies(const double *p, double u)
{
	return log_outlives(p, u) + log(p[2] * p[3]) - log((p[4] - 1) * exp(-p[2] * u) + 1);
}

/* By Gauss-Legendre in the log of time: the integral of (alpha+u)^-rho times that density from t_x to T, as a log. */
static double
log_sudden_death_before(const double *p, double rho, const cv_pattern *c)
{
	double		least = fmin(p[1], fmin(p[4], 1) / p[2]),
				from = log(least + c->t_x),
				half = (log(least + c->T) - from) / 400,
				start = -rho * log(p[1] + c->t_x) + log_dies(p, c->t_x),
				sum = 0;

	for (int i = 0; i < 200 * 16; i++)
	{
		const double *node = cv_legendre16[i % 8];
		double		v = from + half * (1 + 2 * (i / 16) + (i & 8 ? node[0] : -node[0])),
					u = exp(v) - least;

		sum += node[1] * exp(v - rho * log(p[1] + u) + log_dies(p, u) - start);
	}
	return start + log(sum * half);
}

/* The textbook formulas, by lgamma. */
static double
plain_log_likelihood(const cv_family *family, const double *theta, const cv_pattern *c)
{
	double		p[CV_MAX_PARAMS];

	for (int i = 0; i < family->n_params; i++)
		p[i] = exp(theta[i]);
	if (family->kind == CV_SPEND_MODEL)
	{
		double		y = p[0] * c->x;

		return lgamma(y + p[1]) - lgamma(y) - lgamma(p[1]) + p[1] * log(p[2]) + (y - 1) * log(c->m)
			+ y * log(c->x) - (y + p[1]) * log(p[2] + c->m * c->x);
	}
	else
	{
		int			first = family->name[0] == 'm',
					k = family->regular ? (int) theta[family->n_params] : 1;
		double		rho = p[0] + k * c->x,
					alive,
					dead = -INFINITY,
					silence = 0,
					all = lgamma(rho) - lgamma(p[0]) + p[0] * log(p[1]) - c->x * lgamma(k);

		if (family->n_params == 2)
			return all - rho * log(p[1] + c->T);
		if (family->id == CV_FAMILY_PARETO_NBD)
		{
			alive = -rho * log(p[1] + c->T) - p[2] * log(p[3] + c->T);
			dead = c->T > c->t_x ? log_dead_before(p, rho, c) : -INFINITY;
			return all + p[2] * log(p[3])
				+ (alive > dead ? alive + log1p(exp(dead - alive)) : dead + log1p(exp(alive - dead)));
		}
		if (family->id == CV_FAMILY_GGOMPERTZ_NBD)
		{
			alive = -rho * log(p[1] + c->T) + log_outlives(p, c->T);
			dead = c->T > c->t_x ? log_sudden_death_before(p, rho, c) : -INFINITY;
			return all + (alive > dead ? alive + log1p(exp(dead - alive)) : dead + log1p(exp(alive - dead)));
		}
		for (int j = 0; j < k; j++)
			silence += exp(lgamma(rho + j) - lgamma(rho) - lgamma(j + 1)) * pow((c->T - c->t_x) / (p[1] + c->T), j);
		alive = lgamma(p[3] + c->x + first) - lgamma(p[2] + p[3] + c->x + first)
			- rho * log(p[1] + c->T) + log(silence);
		if (c->x + first > 0)
			dead = log(p[2]) + lgamma(p[3] + c->x + first - 1) - lgamma(p[2] + p[3] + c->x + first)
				- rho * log(p[1] + c->t_x);
		return all + lgamma(p[2] + p[3]) - lgamma(p[3])
			+ (alive > dead ? alive + log1p(exp(dead - alive)) : dead + log1p(exp(alive - dead)));
	}
}

static void
registry(void **state)
{
	const cv_family *family;
	int			n = 0;

	for (; (family = cv_family_at(n)) != NULL; n++)
	{
		assert_ptr_equal(cv_family_by_id(family->id), family);
		assert_ptr_equal(cv_family_by_name(family->name), family);
		assert_true(family->limit == 0 || cv_family_by_id(family->limit) != NULL);
		assert_non_null(family->description);
	}
	assert_int_equal(n, 9);
	assert_null(cv_family_at(-1));
	assert_null(cv_family_by_id(0));
	assert_null(cv_family_by_name("pareto"));
	assert_non_null(cv_family_by_name("MBG/NBD"));
}

static void
likelihoods_agree_with_the_textbook(void **state)
{
	const cv_family *family;

	random_seed(1);
	for (int f = 0; (family = cv_family_at(f)) != NULL; f++)
	{
		if (family->observation == CV_OPPORTUNITIES)	/* test_bg_bb.c */
			continue;
		for (int k = 0; k < 50; k++)
		{
			double		theta[CV_MAX_PARAMS],
						plain = 0,
						value;

			make_patterns(family);
			make_theta(family, theta);
			for (int i = 0; i < N; i++)
				plain += patterns[i].count * plain_log_likelihood(family, theta, &patterns[i]);
			value = family->log_likelihood(family, theta, patterns, N, NULL, NULL);
			assert_true(fabs(value - plain) < 1e-11 * fabs(plain));
		}
	}
}

static void
derivatives_agree_with_differences(void **state)
{
	const cv_family *family;
	double		worst_gradient = 0,
				worst_hessian = 0;

	random_seed(2);
	for (int f = 0; (family = cv_family_at(f)) != NULL; f++)
	{
		int			n = family->n_params;

		if (family->observation == CV_OPPORTUNITIES)
			continue;
		for (int k = 0; k < 50; k++)
		{
			const double h = 1e-4;
			double		theta[CV_MAX_PARAMS],
						gradient[CV_MAX_PARAMS],
						hessian[CV_MAX_PARAMS * CV_MAX_PARAMS];

			make_patterns(family);
			make_theta(family, theta);
			family->log_likelihood(family, theta, patterns, N, gradient, hessian);
			for (int i = 0; i < n; i++)
			{
				double		side[CV_MAX_PARAMS],
							value[4],
							gradients[4][CV_MAX_PARAMS];

				/* fourth order: 8 (f(h) - f(-h)) - (f(2h) - f(-2h)) over 12 h */
				for (int s = 0; s < 4; s++)
				{
					static const double at[4] = {-2, -1, 1, 2};

					memcpy(side, theta, sizeof(side));
					side[i] += at[s] * h;
					value[s] = family->log_likelihood(family, side, patterns, N, gradients[s], NULL);
				}
				worst_gradient = fmax(worst_gradient,
									  fabs((8 * (value[2] - value[1]) - (value[3] - value[0])) / (12 * h) - gradient[i])
									  / (1 + fabs(gradient[i])));
				for (int j = 0; j < n; j++)
				{
					double		difference = (8 * (gradients[2][j] - gradients[1][j])
											  - (gradients[3][j] - gradients[0][j])) / (12 * h);

					worst_hessian = fmax(worst_hessian, fabs(difference - hessian[i * n + j])
										 / (1 + fabs(hessian[i * n + j])));
					assert_true(hessian[i * n + j] == hessian[j * n + i]);
				}
			}
		}
	}
	print_message("# worst difference: gradients %.1e, Hessians %.1e\n", worst_gradient, worst_hessian);
	assert_true(worst_gradient < 1e-6);
	assert_true(worst_hessian < 1e-6);
}

/* Without churn the families with it become the one without: as a -> 0 the likelihoods meet. */
static void
nbd_is_the_limit(void **state)
{
	const cv_family *nbd = cv_family_by_name("nbd");
	const double theta[] = {log(0.5), log(6), log(1e-9), log(3), 1};

	random_seed(3);
	make_patterns(nbd);
	for (int f = 0; cv_family_at(f) != NULL; f++)
	{
		const cv_family *family = cv_family_at(f);

		if (family->limit != nbd->id)
			continue;
		/* without the customer whose silence only death explains */
		assert_true(fabs(family->log_likelihood(family, theta, patterns + 3, N - 3, NULL, NULL)
						 - nbd->log_likelihood(nbd, theta, patterns + 3, N - 3, NULL, NULL)) < 1e-2);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registry),
		cmocka_unit_test(likelihoods_agree_with_the_textbook),
		cmocka_unit_test(derivatives_agree_with_differences),
		cmocka_unit_test(nbd_is_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
