/*
 * holdout.h - predictions of purchase days held against those that came.
 */
#ifndef CV_CORE_HOLDOUT_H
#define CV_CORE_HOLDOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/history.h"

/* Predictions are compared in these units: purchase days with nine decimals. */
#define CV_HOLDOUT_DECIMALS 9
#define CV_HOLDOUT_UNITS INT64_C(1000000000)

/* Repeat purchase days 0, 1, ... 6, and 7 for 7 and more. */
#define CV_HOLDOUT_GROUPS 8

/* Customers alike on a cut day and in the days after it; days, not weeks. */
typedef struct cv_holdout
{
	int32_t		x;
	int32_t		t_x;
	int32_t		T;
	int32_t		before;			/* purchase days in as many days up to the cut day */
	int32_t		actual;			/* purchase days in the days after it */
	uint32_t	customers;
} cv_holdout;

/* What a method predicts of one of them, in units. */
typedef struct cv_forecast
{
	int64_t		predicted;
	size_t		of;				/* its place among the holdouts */
} cv_forecast;

/*
 * Sums over customers, exact: numbers of purchase days where no unit is said.
 * predicted_squares is high 2^64 + low, in squares of units.
 */
typedef struct cv_holdout_sums
{
	cv_int128	customers;
	cv_int128	actual;
	cv_int128	actual_squares;
	cv_int128	predicted;		/* units */
	cv_int128	predicted_squares_high;
	cv_int128	predicted_squares_low;
	cv_int128	products;		/* of actual and predicted, units */
	cv_int128	absolute_error; /* units */

	/*
	 * The tenth of the customers predicted highest: of those with equal predictions
	 * all are in it, or none, or, of one group at the edge, a share.
	 */
	cv_int128	top_actual;		/* of the groups in it */
	cv_int128	top_customers;
	cv_int128	edge_actual;	/* of the next group; no customers: there is none */
	cv_int128	edge_customers;

	cv_int128	group_customers[CV_HOLDOUT_GROUPS];
	cv_int128	group_actual[CV_HOLDOUT_GROUPS];
	cv_int128	group_predicted[CV_HOLDOUT_GROUPS]; /* units */
} cv_holdout_sums;

/* The order of holdouts: by what a method may predict from, then by what came. */
extern int	cv_holdout_compare(const cv_holdout *a, const cv_holdout *b);

/* Merges equal ones of n in that order; returns how many are left. */
extern size_t cv_holdouts_merge(cv_holdout *holdouts, size_t n);

/* The sums of n holdouts with a forecast each, these by falling prediction. */
extern void cv_holdouts_sum(const cv_holdout *holdouts, const cv_forecast *forecasts, size_t n,
							cv_holdout_sums *sums);

#endif
