/*
 * history_windows.c - what a history says of the last year, the year before, and of single days.
 */
#include "core/history_windows.h"

#include <math.h>

#include "core/history_varint.h"
#include "core/period.h"

static const cv_period quarter = {.months = 3};

/* -1, 0 or 1 as the sum of track a of a day is below, at or above that of track b. */
static int
compare_tracks(const cv_windows *windows, const cv_day *day, cv_track a, cv_track b)
{
	int			shift = windows->scale[b] - windows->scale[a];
	cv_uint128	left = (cv_uint128) day->sum[a],
				right = (cv_uint128) day->sum[b];

	if (shift > 0)
		left *= (cv_uint128) cv_power_of_ten(shift);
	else
		right *= (cv_uint128) cv_power_of_ten(-shift);
	return ((cv_int128) left > (cv_int128) right) - ((cv_int128) left < (cv_int128) right);
}

static void
add_to_window(cv_window *window, const cv_day *day)
{
	window->missing |= day->missing;
	for (int track = 0; track < CV_TRACKS; track++)
		window->total[track] = cv_add128(window->total[track], day->sum[track]);
	window->purchase_days += cv_day_is_purchase(day);
}

static void
add_priced_day(const cv_windows *windows, cv_priced_days *priced, const cv_day *day)
{
	priced->amount = cv_add128(priced->amount, day->sum[CV_AMOUNT]);
	if (day->missing & CV_TRACK_BIT(CV_LIST_AMOUNT))
		priced->list_missing = true;
	else if (compare_tracks(windows, day, CV_AMOUNT, CV_LIST_AMOUNT) >= 0)
		priced->full_price = cv_add128(priced->full_price, day->sum[CV_AMOUNT]);
}

cv_history_status
cv_history_windows(const uint8_t *bytes, size_t size, int32_t as_of, cv_windows *windows)
{
	cv_history_reader reader;
	cv_history_status status;
	cv_day		day;
	bool		any = false;
	int64_t		last = 0,
				quarters_begin = cv_period_after(as_of, quarter, -CV_WINDOW_QUARTERS);
	int			last_quarter = 0;	/* of the purchase days counted, none as yet */

	*windows = (cv_windows) {0};
	if ((status = cv_history_open(&reader, bytes, size)) != CV_HISTORY_OK)
		return status;
	for (int track = 0; track < CV_TRACKS; track++)
		windows->scale[track] = reader.scale[track];
	while (cv_history_next(&reader, &day) && day.day <= as_of)
	{
		int64_t		back = (int64_t) as_of - day.day;

		any = true;
		if (back / CV_WINDOW_DAYS < 2)
			add_to_window(&windows->year[back / CV_WINDOW_DAYS], &day);
		if (!cv_day_is_purchase(&day))
			continue;

		if (windows->purchase_days > 0)
		{
			int64_t		gap = day.day - last;

			windows->gap[1] = windows->gap[0];
			windows->gap[0] = gap;
			windows->gap_sum += gap;
			windows->gap_squares = cv_add128(windows->gap_squares, (cv_int128) gap * gap);
			add_priced_day(windows, &windows->repeat, &day);
		}
		else
			add_priced_day(windows, &windows->first, &day);
		windows->purchase_days++;
		last = day.day;

		if (day.day > quarters_begin)
		{
			/* from -8, the quarter that began first, to -1 */
			int			i = last_quarter == 0 ? -CV_WINDOW_QUARTERS : last_quarter;

			while (day.day > cv_period_after(as_of, quarter, i + 1))
				i++;
			windows->active_quarters += i != last_quarter;
			last_quarter = i;
		}
		if (!(day.missing & CV_TRACK_BIT(CV_COST)))
		{
			windows->costed_days++;
			windows->loss_days += compare_tracks(windows, &day, CV_AMOUNT, CV_COST) < 0;
		}
	}
	if (reader.corrupt)
		return CV_HISTORY_CORRUPT;
	return any ? CV_HISTORY_OK : CV_HISTORY_EMPTY;
}

bool
cv_windows_gap_variation(const cv_windows *windows, double *variation)
{
	int64_t		n = windows->purchase_days - 1;

	if (n < 2)
		return false;
	/* the sum of squares around the mean, times n: exact, so that a clock has 0 */
	*variation = sqrt((double) (n * windows->gap_squares - (cv_int128) windows->gap_sum * windows->gap_sum) *
					  (double) n / (double) (n - 1)) / (double) windows->gap_sum;
	return true;
}

bool
cv_full_price_share(const cv_priced_days *a, const cv_priced_days *b, double *share)
{
	cv_int128	amount = a->amount,
				full_price = a->full_price;
	bool		list_missing = a->list_missing;

	if (b != NULL)
	{
		amount = cv_add128(amount, b->amount);
		full_price = cv_add128(full_price, b->full_price);
		list_missing |= b->list_missing;
	}
	if (list_missing || amount <= 0)
		return false;
	*share = (double) full_price / (double) amount;
	return true;
}
