/*
 * batch.c - batches two patterns at a time, or as many more as the processor can.
 */
#define CV_LANES 2
#include "core/batch_lanes.h"

_Static_assert(CV_BATCH % CV_SUM_PARTS == 0, "a full batch is whole eights");

void
cv_bg_add_batch_by_2(const cv_bg_batch *b, double log_odds_now, double rho, cv_bg_sums *sums)
{
	add_bg_batch(b, log_odds_now, rho, sums);
}

void
cv_pareto_add_batch_by_2(cv_pareto_batch *b, double log_survive_T, double live, cv_pareto_sums *sums)
{
	add_pareto_batch(b, log_survive_T, live, sums);
}

void
cv_bg_add_batch(cv_bg_batch *b, double log_odds_now, double rho, cv_bg_sums *sums)
{
	/* nobody, to make eights of them */
	for (int i = b->n; i % CV_SUM_PARTS != 0; i++)
		b->count[i] = b->log[i] = b->share[i] = b->spread[i] = 0;
	switch (cv_most_lanes())
	{
		case 8:
			cv_bg_add_batch_by_8(b, log_odds_now, rho, sums);
			break;
		case 4:
			cv_bg_add_batch_by_4(b, log_odds_now, rho, sums);
			break;
		default:
			cv_bg_add_batch_by_2(b, log_odds_now, rho, sums);
	}
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
	switch (cv_most_lanes())
	{
		case 8:
			cv_pareto_add_batch_by_8(b, log_survive_T, live, sums);
			break;
		case 4:
			cv_pareto_add_batch_by_4(b, log_survive_T, live, sums);
			break;
		default:
			cv_pareto_add_batch_by_2(b, log_survive_T, live, sums);
	}
	b->n = 0;
}
