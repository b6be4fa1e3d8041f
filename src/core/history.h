/*
 * history.h - one customer's purchase timeline: codec, merge and summaries.
 *
 * Pure C11, no allocation: callers own every buffer.  A history is a canonical
 * byte string (see history.c for the layout): equal timelines are equal bytes,
 * whatever order the sales came in and however they were split and merged.
 */
#ifndef CV_CORE_HISTORY_H
#define CV_CORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef __int128 cv_int128;

/* Money and quantities: exact decimals, units * 10^-scale. */
#define CV_MAX_SCALE 12			 /* decimals a single sale may have */
#define CV_MAX_INTEGER_DIGITS 15 /* digits before the point a single sale may have */

/* The tracks of a day.  CV_AMOUNT is always known; the others only where bound. */
typedef enum cv_track
{
	CV_AMOUNT,
	CV_COST,
	CV_LIST_AMOUNT,
	CV_QUANTITY,
	CV_TRACKS
} cv_track;

/*
 * One day of a timeline.  known/missing are bit masks (1 << cv_track): a track
 * is known when some sale of the day carried it, missing when some did not; its
 * day sum is complete only when known and not missing.
 */
typedef struct cv_day
{
	int32_t		day;			  /* days since 2000-01-01 */
	int64_t		orders;			  /* sales that are not returns */
	int64_t		returns;		  /* sales that are returns */
	uint8_t		known;
	uint8_t		missing;
	cv_int128	sum[CV_TRACKS];	  /* net sums, in units of 10^-scale of the track */
	cv_int128	returned;		  /* absolute amount of the returns, scale of CV_AMOUNT */
} cv_day;

/* What buy-till-you-die models see of a history as of a day. */
typedef struct cv_summary
{
	int64_t		x;				/* repeat purchase days */
	int32_t		t_x_days;		/* days from the first to the last purchase */
	int32_t		T_days;			/* days from the first purchase to as_of */
	double		m;				/* mean net amount of a repeat purchase day; 0 when x = 0 */
} cv_summary;

/* A day counts as a purchase if its net amount is > 0, or 0 with no return on it. */
static inline bool
cv_day_is_purchase(const cv_day *d)
{
	return d->sum[CV_AMOUNT] > 0 || (d->sum[CV_AMOUNT] == 0 && d->returns == 0);
}

/*
 * Summary (x, t_x, T, m) of a canonical history as of a day: later days are
 * ignored.  Returns false when no purchase day lies on or before as_of.
 */
extern bool cv_history_summary(const uint8_t *bytes, size_t size, int32_t as_of,
							   cv_summary *summary);

#endif
