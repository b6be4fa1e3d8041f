/*
 * batch_avx512.c - batches eight patterns at a time, on processors with AVX-512.
 */
#define CV_LANES 8
#include "core/batch_lanes.h"

CV_LANES_TARGET void
cv_bg_add_batch_by_8(const cv_bg_batch *b, double log_odds_now, double rho, cv_bg_sums *sums)
{
	add_bg_batch(b, log_odds_now, rho, sums);
}

CV_LANES_TARGET void
cv_pareto_add_batch_by_8(cv_pareto_batch *b, double log_survive_T, double live, cv_pareto_sums *sums)
{
	add_pareto_batch(b, log_survive_T, live, sums);
}
