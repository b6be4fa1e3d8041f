/*
 * history_windows.h - what a history says of the last year, the year before, and of single days.
 */
#ifndef CV_CORE_HISTORY_WINDOWS_H
#define CV_CORE_HISTORY_WINDOWS_H

#include "core/history.h"

/* Lengths of the windows before an as-of day. */
#define CV_WINDOW_DAYS 365
#define CV_WINDOW_QUARTERS 8

/* The sales of one window; sums in units of 10^-scale of the windows. */
typedef struct cv_window
{
	int64_t		purchase_days;
	uint8_t		missing;		/* tracks that some day lacks, wholly or in part */
	cv_int128	total[CV_TRACKS];	/* net */
} cv_window;

/* Some of the purchase days, by price; amounts in the scale of CV_AMOUNT. */
typedef struct cv_priced_days
{
	bool		list_missing;	/* some day lacks the list amount, wholly or in part */
	cv_int128	amount;			/* net */
	cv_int128	full_price;		/* of the days on which no less than the list amount was paid */
} cv_priced_days;

/* One pass over a history as of a day D. */
typedef struct cv_windows
{
	uint8_t		scale[CV_TRACKS];
	cv_window	year[2];		/* (D - 365, D], and (D - 730, D - 365] */
	int			active_quarters;	/* with a purchase, of the last 8 of three months, counted back from D */
	int64_t		purchase_days;
	int64_t		gap[2];			/* days between the last two purchase days, and between the two before */
	int64_t		gap_sum;		/* of the days between purchase days */
	cv_int128	gap_squares;
	cv_priced_days first;		/* the first purchase day */
	cv_priced_days repeat;		/* the purchase days after it */
	int64_t		costed_days;	/* purchase days with complete cost */
	int64_t		loss_days;		/* of these, the days that cost more than was paid */
} cv_windows;

/* Reads the days up to as_of, a finite day.  OK, EMPTY, VERSION or CORRUPT. */
extern cv_history_status cv_history_windows(const uint8_t *bytes, size_t size, int32_t as_of, cv_windows *windows);

/*
 * Standard deviation (of a sample) of the days between purchase days, as a
 * multiple of their mean: 0 for a clock, 1 for pure chance.  Returns false below
 * three purchase days.
 */
extern bool cv_windows_gap_variation(const cv_windows *windows, double *variation);

/* Share of the amount that was bought at full price, on the days of a and b (b may be NULL); false if not known. */
extern bool cv_full_price_share(const cv_priced_days *a, const cv_priced_days *b, double *share);

#endif
