/*
 * holdout.c - predictions of purchase days held against those that came.
 *
 * All sums are of whole numbers, so that the order of customers does not matter;
 * 2^32 customers with 2^31 purchase days each do not overflow them.
 */
#include "core/holdout.h"

#include "core/history_varint.h"

int
cv_holdout_compare(const cv_holdout *a, const cv_holdout *b)
{
	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	if (a->t_x != b->t_x)
		return a->t_x < b->t_x ? -1 : 1;
	if (a->T != b->T)
		return a->T < b->T ? -1 : 1;
	if (a->before != b->before)
		return a->before < b->before ? -1 : 1;
	if (a->actual != b->actual)
		return a->actual < b->actual ? -1 : 1;
	return 0;
}

size_t
cv_holdouts_merge(cv_holdout *holdouts, size_t n)
{
	size_t		kept = 0;

	for (size_t i = 0; i < n; i++)
	{
		if (kept > 0 && cv_holdout_compare(&holdouts[kept - 1], &holdouts[i]) == 0 &&
			holdouts[i].customers <= UINT32_MAX - holdouts[kept - 1].customers)
			holdouts[kept - 1].customers += holdouts[i].customers;
		else
			holdouts[kept++] = holdouts[i];
	}
	return kept;
}

/* Does the tenth of all reach beyond so many of them? */
static bool
reaches(const cv_holdout_sums *sums, cv_int128 customers)
{
	return customers * 10 <= sums->customers;
}

/* What the tenth predicted highest bought, but for the share of the group at its edge. */
static void
sum_top(const cv_holdout *holdouts, const cv_forecast *forecasts, size_t n, cv_holdout_sums *sums)
{
	for (size_t i = 0; i < n && sums->edge_customers == 0;)
	{
		int64_t		predicted = forecasts[i].predicted;
		cv_int128	customers = 0,
					actual = 0;

		for (; i < n && forecasts[i].predicted == predicted; i++)
		{
			const cv_holdout *h = &holdouts[forecasts[i].of];

			customers += h->customers;
			actual += (cv_int128) h->customers * h->actual;
		}
		if (reaches(sums, sums->top_customers + customers))
		{
			sums->top_customers += customers;
			sums->top_actual += actual;
		}
		else
		{
			sums->edge_customers = customers;
			sums->edge_actual = actual;
		}
	}
}

void
cv_holdouts_sum(const cv_holdout *holdouts, const cv_forecast *forecasts, size_t n, cv_holdout_sums *sums)
{
	*sums = (cv_holdout_sums) {0};
	for (size_t i = 0; i < n; i++)
	{
		const cv_holdout *h = &holdouts[forecasts[i].of];
		int			group = h->x < CV_HOLDOUT_GROUPS - 1 ? h->x : CV_HOLDOUT_GROUPS - 1;
		cv_int128	customers = h->customers,
					actual = customers * h->actual,
					one = forecasts[i].predicted,
					predicted = customers * one,
					error = one - h->actual * (cv_int128) CV_HOLDOUT_UNITS;
		cv_uint128	square = (cv_uint128) (one * one);

		sums->customers += customers;
		sums->actual += actual;
		sums->actual_squares += actual * h->actual;
		sums->predicted += predicted;
		sums->predicted_squares_high += customers * (cv_int128) (square >> 64);
		sums->predicted_squares_low += customers * (cv_int128) (uint64_t) square;
		sums->products += actual * one;
		sums->absolute_error += customers * (error < 0 ? -error : error);
		sums->group_customers[group] += customers;
		sums->group_actual[group] += actual;
		sums->group_predicted[group] += predicted;
	}
	sum_top(holdouts, forecasts, n, sums);
}
