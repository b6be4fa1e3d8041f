/*
 * batch_lanes.h - batches, CV_LANES patterns at a time; for the files that say how many those are.
 *
 * Of the parts that a sum is kept as, some are added to at a time: each gets the same
 * patterns in the same order, however many those are.
 */
#ifndef CV_CORE_BATCH_LANES_H
#define CV_CORE_BATCH_LANES_H

#include "core/batch.h"
#include "core/lanes.h"

CV_LANES_TARGET static void
add_bg_batch(const cv_bg_batch *b, double log_odds_now, double rho, cv_bg_sums *sums)
{
	for (int lane = 0; lane < CV_SUM_PARTS; lane += CV_LANES)
	{
		cv_lanes	value = cv_lanes_load(&sums->value[lane]),
					sum_dead = cv_lanes_load(&sums->dead[lane]),
					dead_log = cv_lanes_load(&sums->dead_log[lane]),
					dead_share = cv_lanes_load(&sums->dead_share[lane]),
					dead_spread = cv_lanes_load(&sums->dead_spread[lane]),
					sum_unsure = cv_lanes_load(&sums->unsure[lane]),
					unsure_log = cv_lanes_load(&sums->unsure_log[lane]),
					unsure_share = cv_lanes_load(&sums->unsure_share[lane]),
					unsure_log_log = cv_lanes_load(&sums->unsure_log_log[lane]),
					unsure_log_share = cv_lanes_load(&sums->unsure_log_share[lane]),
					unsure_share_share = cv_lanes_load(&sums->unsure_share_share[lane]);

		for (int i = lane; i < b->n; i += CV_SUM_PARTS)
		{
			cv_lanes	count = cv_lanes_load(&b->count[i]),
						log = cv_lanes_load(&b->log[i]),
						share = cv_lanes_load(&b->share[i]),
						spread = cv_lanes_load(&b->spread[i]),
						log_odds = log_odds_now + rho * log,
						e = cv_lanes_exp(-cv_lanes_abs(log_odds)),
						likely = 1 / (1 + e),	/* the larger of the chances to be dead and alive */
						dead,
						unsure;
			cv_mask		died = log_odds > 0.0;

			dead = count * likely;
			unsure = e * likely * dead;
			dead = cv_lanes_choose(died, dead, e * dead);
			value += count * (cv_lanes_choose(died, log_odds, cv_lanes_of(0)) + cv_lanes_log_1_and(e));
			sum_dead += dead;
			dead_log += dead * log;
			dead_share += dead * share;
			dead_spread += dead * spread;
			sum_unsure += unsure;
			unsure_log += unsure * log;
			unsure_share += unsure * share;
			unsure_log_log += unsure * log * log;
			unsure_log_share += unsure * log * share;
			unsure_share_share += unsure * share * share;
		}
		cv_lanes_store(&sums->value[lane], value);
		cv_lanes_store(&sums->dead[lane], sum_dead);
		cv_lanes_store(&sums->dead_log[lane], dead_log);
		cv_lanes_store(&sums->dead_share[lane], dead_share);
		cv_lanes_store(&sums->dead_spread[lane], dead_spread);
		cv_lanes_store(&sums->unsure[lane], sum_unsure);
		cv_lanes_store(&sums->unsure_log[lane], unsure_log);
		cv_lanes_store(&sums->unsure_share[lane], unsure_share);
		cv_lanes_store(&sums->unsure_log_log[lane], unsure_log_log);
		cv_lanes_store(&sums->unsure_log_share[lane], unsure_log_share);
		cv_lanes_store(&sums->unsure_share_share[lane], unsure_share_share);
	}
}

CV_LANES_TARGET static void
add_pareto_batch(cv_pareto_batch *b, double log_survive_T, double live, cv_pareto_sums *sums)
{
	for (int lane = 0; lane < CV_SUM_PARTS; lane += CV_LANES)
	{
		cv_lanes	value = cv_lanes_load(&sums->value[lane]),
					weight = cv_lanes_load(&sums->weight[lane]),
					weight_squared = cv_lanes_load(&sums->weight_squared[lane]),
					sum_unsure[CV_PARETO_PARAMS];

		for (int k = 0; k < CV_PARETO_PARAMS; k++)
			sum_unsure[k] = cv_lanes_load(&sums->unsure[k][lane]);
		for (int i = lane; i < b->n; i += CV_SUM_PARTS)
		{
			cv_lanes	count = cv_lanes_load(&b->count[i]),
						log_survive = cv_lanes_load(&b->log_survive[i]),
						e = cv_lanes_exp(log_survive - log_survive_T),	/* S(T)/S(t_x) <= 1: all relative to S(t_x) */
						W = cv_lanes_load(&b->die[i]) + e * live,
						w_dead = 1 / W,
						w_alive = e * w_dead,
						dead = count * w_dead,
						alive = count * w_alive,
						unsure = dead * w_alive;

			value += count * (cv_lanes_log(W) - log_survive);
			cv_lanes_store(&b->weight[i], dead);
			cv_lanes_store(&b->weight_squared[i], dead * w_dead);
			weight += alive;
			weight_squared += alive * w_alive;
			for (int k = 0; k < CV_PARETO_PARAMS; k++)
				sum_unsure[k] += unsure * cv_lanes_load(&b->d[k][i]);
		}
		cv_lanes_store(&sums->value[lane], value);
		cv_lanes_store(&sums->weight[lane], weight);
		cv_lanes_store(&sums->weight_squared[lane], weight_squared);
		for (int k = 0; k < CV_PARETO_PARAMS; k++)
			cv_lanes_store(&sums->unsure[k][lane], sum_unsure[k]);
	}
}

#endif
