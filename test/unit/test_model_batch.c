/*
 * test_model_batch.c - batches of patterns two, four and eight at a time.
 *
 * Catches sums that depend on how many patterns the processor takes at once, sums that
 * got each other's terms, and patterns lost or counted twice where they are no whole eights.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/batch.h"
#include "random.h"

#define ROUNDS 2000

/* Sums are close to those in long doubles; as all terms but a few have one sign, relative to their size. */
static void
assert_close(double is, long double should, long double size)
{
	assert_true(fabsl((long double) is - should) <= 1e-14L * size);
}

static cv_bg_batch
random_bg_batch(int n)
{
	cv_bg_batch b = {.n = n};

	for (int i = 0; i < n; i++)
	{
		b.count[i] = 1 + floor(3 * random_uniform());
		b.log[i] = 3 * random_uniform();
		b.share[i] = -random_uniform();
		b.spread[i] = random_uniform() - 0.5;
	}
	return b;
}

static cv_pareto_batch
random_pareto_batch(int n)
{
	cv_pareto_batch b = {.n = n};

	for (int i = n; i < CV_BATCH; i++)
		b.die[i] = 1;
	for (int i = 0; i < n; i++)
	{
		b.count[i] = 1 + floor(3 * random_uniform());
		b.log_survive[i] = 20 * random_uniform();
		b.die[i] = 0.01 + 0.9 * random_uniform();
		for (int k = 0; k < CV_PARETO_PARAMS; k++)
			b.d[k][i] = random_uniform() - 0.5;
	}
	return b;
}

/* To the last bit, or a fit would have other digits on another processor. */
static void
width_does_not_matter(void **state)
{
	static const cv_batch_adders *const wide[] = {&cv_batch_by_4, &cv_batch_by_8};
	int			n_wide = 2;

	/* elsewhere they are only slower */
#ifdef __x86_64__
	while (n_wide > 0 && wide[n_wide - 1]->lanes > cv_batch_widest()->lanes)
		print_message("# this processor does not do %d at a time\n", wide[--n_wide]->lanes);
#endif
	if (n_wide == 0)
		skip();
	random_seed(41);
	for (int round = 0; round < ROUNDS; round++)
	{
		int			n = 1 + round % CV_BATCH;
		double		first = 40 * random_uniform() - 30,
					second = 0.1 + 20 * random_uniform();
		const cv_bg_sums bg_before = {{1, 2, 3, 4, 5, 6, 7, 8}};
		const cv_pareto_sums pareto_before = {{1, 2, 3, 4, 5, 6, 7, 8}};
		const cv_bg_batch bg = random_bg_batch(n);
		const cv_pareto_batch pareto = random_pareto_batch(n);
		cv_bg_sums	bg_by_2 = bg_before;
		cv_pareto_sums pareto_by_2 = pareto_before;
		cv_pareto_batch written_by_2 = pareto;

		cv_batch_by_2.bg(&bg, first, second, &bg_by_2);
		cv_batch_by_2.pareto(&written_by_2, 20 + first, 1 / second, &pareto_by_2);
		for (int w = 0; w < n_wide; w++)
		{
			cv_bg_sums	bg_sums = bg_before;
			cv_pareto_sums pareto_sums = pareto_before;
			cv_pareto_batch written = pareto;

			wide[w]->bg(&bg, first, second, &bg_sums);
			assert_memory_equal(&bg_sums, &bg_by_2, sizeof(bg_sums));
			wide[w]->pareto(&written, 20 + first, 1 / second, &pareto_sums);
			assert_memory_equal(&pareto_sums, &pareto_by_2, sizeof(pareto_sums));
			assert_memory_equal(&written, &written_by_2, sizeof(written));
		}
	}
}

static void
bg_sums_are_those_of_its_patterns(void **state)
{
	random_seed(42);
	for (int round = 0; round < ROUNDS; round++)
	{
		int			n = 1 + round % CV_BATCH;
		double		now = 10 * random_uniform() - 8,
					rho = 0.1 + 5 * random_uniform();
		cv_bg_batch b = random_bg_batch(n),
					before = b;
		cv_bg_sums	sums = {{0}};
		long double value = 0,
					dead[4] = {0},
					unsure[6] = {0},
					size = 0;

		for (int i = 0; i < n; i++)
		{
			long double odds = expl((long double) now + (long double) rho * b.log[i]),
						w = b.count[i] * odds / (1 + odds),
						ww = w / (1 + odds);

			value += b.count[i] * log1pl(odds);
			dead[0] += w;
			dead[1] += w * b.log[i];
			dead[2] += w * b.share[i];
			dead[3] += w * b.spread[i];
			unsure[0] += ww;
			unsure[1] += ww * b.log[i];
			unsure[2] += ww * b.share[i];
			unsure[3] += ww * b.log[i] * b.log[i];
			unsure[4] += ww * b.log[i] * b.share[i];
			unsure[5] += ww * b.share[i] * b.share[i];
			size += b.count[i];
		}
		cv_bg_add_batch(&b, now, rho, &sums);
		assert_int_equal(b.n, 0);
		assert_memory_equal(b.count, before.count, n * sizeof(double));
		assert_close(cv_sum_of(sums.value), value, value + size);
		assert_close(cv_sum_of(sums.dead), dead[0], size);
		assert_close(cv_sum_of(sums.dead_log), dead[1], 3 * size);
		assert_close(cv_sum_of(sums.dead_share), dead[2], size);
		assert_close(cv_sum_of(sums.dead_spread), dead[3], size);
		assert_close(cv_sum_of(sums.unsure), unsure[0], size);
		assert_close(cv_sum_of(sums.unsure_log), unsure[1], 3 * size);
		assert_close(cv_sum_of(sums.unsure_share), unsure[2], size);
		assert_close(cv_sum_of(sums.unsure_log_log), unsure[3], 9 * size);
		assert_close(cv_sum_of(sums.unsure_log_share), unsure[4], 3 * size);
		assert_close(cv_sum_of(sums.unsure_share_share), unsure[5], size);
	}
}

static void
pareto_sums_are_those_of_its_patterns(void **state)
{
	random_seed(43);
	for (int round = 0; round < ROUNDS; round++)
	{
		int			n = 1 + round % CV_BATCH;
		double		log_survive_T = 20 + 5 * random_uniform(),
					live = random_uniform();
		cv_pareto_batch b = random_pareto_batch(n);
		cv_pareto_sums sums = {{0}};
		long double value = 0,
					weight = 0,
					weight_squared = 0,
					unsure[CV_PARETO_PARAMS] = {0},
					size = 0;

		cv_pareto_add_batch(&b, log_survive_T, live, &sums);
		assert_int_equal(b.n, 0);
		for (int i = 0; i < n; i++)
		{
			long double e = expl((long double) b.log_survive[i] - log_survive_T),
						W = b.die[i] + e * live,
						dead = b.count[i] / W;

			value += b.count[i] * (logl(W) - b.log_survive[i]);
			weight += e * dead;
			weight_squared += e * dead * e / W;
			for (int k = 0; k < CV_PARETO_PARAMS; k++)
				unsure[k] += dead * e / W * b.d[k][i];
			size += b.count[i] * (1 + fabsl(logl(W)) + b.log_survive[i]);
			assert_close(b.weight[i], dead, dead);
			assert_close(b.weight_squared[i], dead / W, dead / W);
		}
		assert_close(cv_sum_of(sums.value), value, size);
		assert_close(cv_sum_of(sums.weight), weight, weight);
		assert_close(cv_sum_of(sums.weight_squared), weight_squared, weight_squared);
		/* the derivatives are at most 1/2, the chances to die at least 1/100 */
		for (int k = 0; k < CV_PARETO_PARAMS; k++)
			assert_close(cv_sum_of(sums.unsure[k]), unsure[k], 100 * weight);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(width_does_not_matter),
		cmocka_unit_test(bg_sums_are_those_of_its_patterns),
		cmocka_unit_test(pareto_sums_are_those_of_its_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
