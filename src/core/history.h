/*
 * history.h - one customer's purchase timeline: codec, validation, summaries.
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

/*
 * Aligned to 8, not 16: these integers live in memory that the server's
 * allocator aligns to 8, and the compiler must not assume more.
 */
typedef __int128 cv_int128 __attribute__((aligned(8)));

/* Money and quantities: exact decimals, units * 10^-scale. */
#define CV_MAX_SCALE 12			 /* decimals a single sale may have */
#define CV_MAX_INTEGER_DIGITS 15 /* digits before the point a single sale may have */

/*
 * What a whole history may hold.  The absolute day sums of a track add up to at
 * most 10^25, so at any scale they and their totals stay below 10^37 and no
 * addition or rescaling can overflow 128 bits.
 */
#define CV_MAX_TOTAL_DIGITS 25
#define CV_MAX_COUNT INT64_C(1000000000000000000)	/* orders, and returns */

/* Finite dates of the server, days since 2000-01-01: 4714-11-24 BC to 5874897-12-31. */
#define CV_MIN_DAY (-2451545)
#define CV_MAX_DAY 2145031948

/* The tracks of a day.  CV_AMOUNT is always known; the others only where bound. */
typedef enum cv_track
{
	CV_AMOUNT,
	CV_COST,
	CV_LIST_AMOUNT,
	CV_QUANTITY,
	CV_TRACKS
} cv_track;

#define CV_TRACK_BIT(track) (1 << (track))
#define CV_ALL_TRACKS ((1 << CV_TRACKS) - 1)
#define CV_OPTIONAL_TRACKS (CV_ALL_TRACKS & ~CV_TRACK_BIT(CV_AMOUNT))

/*
 * One day of a timeline.  known/missing are bit masks (1 << cv_track): a track
 * is known when some sale of the day carried it, missing when some did not; its
 * day sum is complete only when known and not missing.  Every track is at least
 * one of the two; CV_AMOUNT is known and never missing.
 */
typedef struct cv_day
{
	int32_t		day;			/* days since 2000-01-01 */
	uint8_t		known;
	uint8_t		missing;
	int64_t		orders;			/* sales that are not returns */
	int64_t		returns;		/* sales that are returns */
	cv_int128	sum[CV_TRACKS]; /* net sums, in units of 10^-scale of the track; 0 if unknown */
	cv_int128	returned;		/* absolute amount of the returns, scale of CV_AMOUNT */
} cv_day;

/* What buy-till-you-die models see of a history as of a day. */
typedef struct cv_summary
{
	int64_t		x;				/* repeat purchase days */
	int32_t		t_x_days;		/* days from the first to the last purchase */
	int32_t		T_days;			/* days from the first purchase to as_of */
	double		m;				/* mean net amount of a repeat purchase day; 0 when x = 0 */
} cv_summary;

/* Everything one pass over a history says as of a day. */
typedef struct cv_profile
{
	int64_t		days;			/* days with a sale or a return */
	int64_t		purchase_days;
	int32_t		first_purchase; /* days since 2000-01-01; meaningless when purchase_days = 0 */
	int32_t		last_purchase;
	int64_t		orders;
	int64_t		returns;
	uint8_t		missing;		/* tracks that some day lacks, wholly or in part */
	uint8_t		scale[CV_TRACKS];
	cv_int128	total[CV_TRACKS];	/* net, over all days */
	cv_int128	returned;		/* scale of CV_AMOUNT, as the next */
	cv_int128	repeat_amount;	/* net, over the purchase days after the first */
} cv_profile;

typedef enum cv_history_status
{
	CV_HISTORY_OK,
	CV_HISTORY_EMPTY,			/* no day on or before the day asked for */
	CV_HISTORY_VERSION,			/* written by a format this code does not know */
	CV_HISTORY_CORRUPT,			/* not a history, or not the canonical one */
	CV_HISTORY_RANGE			/* sums or counts beyond the limits above */
} cv_history_status;

/* A day counts as a purchase if its net amount is > 0, or 0 with no return on it. */
static inline bool
cv_day_is_purchase(const cv_day *d)
{
	return d->sum[CV_AMOUNT] > 0 || (d->sum[CV_AMOUNT] == 0 && d->returns == 0);
}

/* Reading: days in ascending order. */
typedef struct cv_history_reader
{
	const uint8_t *next;
	const uint8_t *end;
	int64_t		day;			/* the day last read */
	bool		started;
	bool		corrupt;		/* why cv_history_next ended */
	uint8_t		complete;		/* tracks that every day knows completely */
	uint8_t		mixed;			/* tracks that say so a day */
	uint8_t		scale[CV_TRACKS];
} cv_history_reader;

/* Starts reading size bytes; they must outlive the reader.  OK, VERSION or CORRUPT. */
extern cv_history_status cv_history_open(cv_history_reader *reader, const uint8_t *bytes, size_t size);

/* The next day; false at the end, and where the bytes make no sense (then reader->corrupt). */
extern bool cv_history_next(cv_history_reader *reader, cv_day *day);

/*
 * Writing takes two passes over the same days: the shape learns what all of
 * them have in common (scales, tracks), then the days are written.
 */
typedef struct cv_history_shape
{
	int64_t		days;
	bool		out_of_range;	/* the days exceed the limits of a history */
	uint8_t		known;			/* tracks that some day knows */
	uint8_t		missing;		/* tracks that some day lacks */
	uint8_t		scale_in[CV_TRACKS];	/* of the days given */
	uint8_t		scale[CV_TRACKS];	/* the smallest that holds every day's sums */
	int64_t		orders;
	int64_t		returns;
	cv_int128	gross[CV_TRACKS];	/* sums of the absolute day sums */
	cv_int128	returned;
	int64_t		last_day;		/* last day written */
	bool		started;
} cv_history_shape;

#define CV_HISTORY_HEADER_MAX 8	 /* bytes cv_history_put_header writes at most */
#define CV_HISTORY_DAY_MAX 128	 /* bytes cv_history_put_day writes at most */

extern void cv_shape_init(cv_history_shape *shape, const uint8_t scale[CV_TRACKS]);
extern void cv_shape_add(cv_history_shape *shape, const cv_day *day);
extern uint8_t *cv_history_put_header(cv_history_shape *shape, uint8_t *out);
extern uint8_t *cv_history_put_day(cv_history_shape *shape, const cv_day *day, uint8_t *out);

/* As cv_history_put_day where only the amount is known; sums in the shape's scale. */
extern uint8_t *cv_history_put_amount(cv_history_shape *shape, int32_t day, int64_t orders, int64_t returns,
									  int64_t returned, int64_t amount, uint8_t *out);

/* Whether a day by itself makes sense: its counts, sums and masks agree. */
extern bool cv_day_is_valid(const cv_day *day);

/* OK only for the canonical bytes of a history within the limits; never EMPTY. */
extern cv_history_status cv_history_validate(const uint8_t *bytes, size_t size);

/* 10^exponent, exponent from 0 to 38. */
extern cv_int128 cv_power_of_ten(int exponent);

/* One pass over the days up to as_of.  OK, EMPTY, VERSION or CORRUPT. */
extern cv_history_status cv_history_profile(const uint8_t *bytes, size_t size, int32_t as_of,
											cv_profile *profile);

/*
 * Summary (x, t_x, T, m) of a canonical history as of a day: later days are
 * ignored.  Returns false when no purchase day lies on or before as_of.
 */
extern bool cv_history_summary(const uint8_t *bytes, size_t size, int32_t as_of,
							   cv_summary *summary);

/*
 * The same as cv_history_profile() for those who only want days: how many days
 * with a purchase, the first and the last of them; 0 days where EMPTY.
 */
typedef struct cv_buying_days
{
	int64_t		n;
	int32_t		first;
	int32_t		last;
} cv_buying_days;

extern cv_history_status cv_history_purchase_days(const uint8_t *bytes, size_t size, int32_t as_of,
												  cv_buying_days *days);

/* For those who want to know, too, what came in on them, the first one aside. */
typedef struct cv_buying
{
	cv_buying_days days;
	cv_int128	repeat_amount;	/* net */
	uint8_t		scale;			/* of the amount */
} cv_buying;

extern cv_history_status cv_history_buying(const uint8_t *bytes, size_t size, int32_t as_of, cv_buying *buying);

/* The summary that this holds, as of the day; false without a purchase. */
extern bool cv_buying_summary(const cv_buying *buying, int32_t as_of, cv_summary *summary);

#endif
