/*
 * batch.c - batches two patterns at a time, or as many more as the processor can.
 */
#define CV_LANES 2
#include "core/batch_lanes.h"

_Static_assert(CV_BATCH % CV_SUM_PARTS == 0, "a full batch is whole eights");

const cv_batch_adders cv_batch_by_2 = {CV_LANES, add_bg_batch, add_pareto_batch};

const cv_batch_adders *
cv_batch_widest(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
		return &cv_batch_by_8;
	if (__builtin_cpu_supports("avx2"))
		return &cv_batch_by_4;
#endif
	return &cv_batch_by_2;
}

void
cv_bg_add_batch(cv_bg_batch *b, double log_odds_now, double rho, cv_bg_sums *sums)
{
	/* nobody, to make eights of them */
	for (int i = b->n; i % CV_SUM_PARTS != 0; i++)
		b->count[i] = b->log[i] = b->share[i] = b->spread[i] = 0;
	cv_batch_widest()->bg(b, log_odds_now, rho, sums);
	b->n = 0;
}

void
cv_pareto_add_batch(cv_pareto_batch *b, double log_survive_T, double live, cv_pareto_sums *sums)
{
	for (int i = b->n; i % CV_SUM_PARTS != 0; i++)
	{
		b->count[i] = b->log_survive[i] = 0;
		b->die[i] = 1;
		for (int k = 0; k < CV_PARETO_PARAMS; k++)
			b->d[k][i] = 0;
	}
	cv_batch_widest()->pareto(b, log_survive_T, live, sums);
	b->n = 0;
}
