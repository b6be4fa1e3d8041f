/*
 * history.c - the bytes of a purchase history: reading, writing, validation.
 *
 * Layout, format version 1 (varints as in history_varint.h):
 *
 *   byte    version = 1
 *   byte    how each optional track is stored, two bits a track (cost in bits
 *           0-1, list amount 2-3, quantity 4-5): 0 no day knows it, 1 every day
 *           knows it completely, 2 mixed; bits 6-7 are 0
 *   byte    scale of the amounts, then one of each optional track that is stored
 *   days, ascending, at least one:
 *     varint  (gap << 1) | special, where gap is the folded day number for the
 *             first day and the days since the last one less 1 for the others;
 *             special = anything but one order and no return
 *     if special:  varint orders, varint returns, and where there are returns
 *             varint returned amount
 *     if any track is mixed:  byte, two bits a mixed track (known, missing)
 *     folded varint  net amount
 *     folded varint  net sum of each optional track that the day knows
 *
 * Canonical: scales are the smallest that hold every day's sums, tracks are
 * mixed only if they are, special only if needed, varints are the shortest.
 */
#include "core/history.h"

#include <string.h>

#include "core/history_varint.h"

enum
{
	TRACK_ABSENT,
	TRACK_COMPLETE,
	TRACK_MIXED
};

#define DAY_KNOWN 1
#define DAY_MISSING 2

cv_int128
cv_power_of_ten(int exponent)
{
	static const int64_t power[] = {
		1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
		1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000
	};

	if (exponent <= 18)
		return power[exponent];
	if (exponent <= 36)
		return (cv_int128) power[18] * power[exponent - 18];
	return (cv_int128) power[18] * power[18] * power[exponent - 36];
}

/* Position of an optional track's two bits in a mask byte. */
static inline int
mask_shift(int track)
{
	return 2 * (track - CV_COST);
}

cv_history_status
cv_history_open(cv_history_reader *reader, const uint8_t *bytes, size_t size)
{
	const uint8_t *end = bytes + size;
	const uint8_t *p = bytes;
	uint8_t		modes;

	*reader = (cv_history_reader) {.end = end, .corrupt = true};
	reader->next = end;
	if (size < 1)
		return CV_HISTORY_CORRUPT;
	if (*p++ != CV_HISTORY_FORMAT)
		return CV_HISTORY_VERSION;
	if (end - p < 2)
		return CV_HISTORY_CORRUPT;
	modes = *p++;
	if (modes & 0xC0)
		return CV_HISTORY_CORRUPT;
	reader->complete = CV_TRACK_BIT(CV_AMOUNT);
	for (int track = CV_AMOUNT; track < CV_TRACKS; track++)
	{
		if (track != CV_AMOUNT)
		{
			int			mode = (modes >> mask_shift(track)) & 3;

			if (mode == TRACK_ABSENT)
				continue;
			if (mode > TRACK_MIXED)
				return CV_HISTORY_CORRUPT;
			if (mode == TRACK_MIXED)
				reader->mixed |= CV_TRACK_BIT(track);
			else
				reader->complete |= CV_TRACK_BIT(track);
		}
		if (p >= end || *p > CV_MAX_SCALE)
			return CV_HISTORY_CORRUPT;
		reader->scale[track] = *p++;
	}
	if (p >= end)
		return CV_HISTORY_CORRUPT;
	reader->next = p;
	reader->corrupt = false;
	return CV_HISTORY_OK;
}

static bool
refuse(cv_history_reader *reader)
{
	reader->next = reader->end;
	reader->corrupt = true;
	return false;
}

/* Orders, returns and returned amount of a special day. */
static const uint8_t *
read_counts(const uint8_t *p, const uint8_t *end, cv_day *day)
{
	uint64_t	orders,
				returns;
	cv_uint128	returned;

	if ((p = cv_get_u64(p, end, &orders)) == NULL ||
		(p = cv_get_u64(p, end, &returns)) == NULL ||
		orders > INT64_MAX || returns > INT64_MAX)
		return NULL;
	day->orders = (int64_t) orders;
	day->returns = (int64_t) returns;
	if (returns > 0)
	{
		if ((p = cv_get_u128(p, end, &returned)) == NULL || (cv_int128) returned < 0)
			return NULL;
		day->returned = (cv_int128) returned;
	}
	return p;
}

/* The byte that says which mixed tracks the day knows and lacks. */
static const uint8_t *
read_mixed(const cv_history_reader *reader, const uint8_t *p, cv_day *day)
{
	uint8_t		bits;

	if (p >= reader->end)
		return NULL;
	bits = *p++;
	for (int track = CV_COST; track < CV_TRACKS; track++)
	{
		int			state = (bits >> mask_shift(track)) & 3;

		if (!(reader->mixed & CV_TRACK_BIT(track)))
		{
			if (state != 0)
				return NULL;
			continue;
		}
		if (state == 0)
			return NULL;
		if (state & DAY_KNOWN)
			day->known |= CV_TRACK_BIT(track);
		if (!(state & DAY_MISSING))
			day->missing &= ~CV_TRACK_BIT(track);
	}
	return p;
}

bool
cv_history_next(cv_history_reader *reader, cv_day *day)
{
	const uint8_t *p = reader->next;
	const uint8_t *end = reader->end;
	uint64_t	key;

	if (p >= end)
		return false;
	if ((p = cv_get_u64(p, end, &key)) == NULL || key > UINT64_C(1) << 34)
		return refuse(reader);
	if (reader->started)
		reader->day += (int64_t) (key >> 1) + 1;
	else
		reader->day = cv_unfold64(key >> 1);
	reader->started = true;
	if (reader->day < CV_MIN_DAY || reader->day > CV_MAX_DAY)
		return refuse(reader);

	day->day = (int32_t) reader->day;
	day->orders = 1;
	day->returns = 0;
	day->returned = 0;
	if ((key & 1) && (p = read_counts(p, end, day)) == NULL)
		return refuse(reader);

	day->known = reader->complete;
	day->missing = CV_ALL_TRACKS & ~reader->complete;
	if (reader->mixed != 0 && (p = read_mixed(reader, p, day)) == NULL)
		return refuse(reader);

	if ((p = cv_get_s128(p, end, &day->sum[CV_AMOUNT])) == NULL)
		return refuse(reader);
	for (int track = CV_COST; track < CV_TRACKS; track++)
	{
		day->sum[track] = 0;
		if ((day->known & CV_TRACK_BIT(track)) &&
			(p = cv_get_s128(p, end, &day->sum[track])) == NULL)
			return refuse(reader);
	}
	reader->next = p;
	return true;
}

/* scale[t]: decimals of the sums of the days that will be added, 0 to CV_MAX_SCALE. */
void
cv_shape_init(cv_history_shape *shape, const uint8_t scale[CV_TRACKS])
{
	*shape = (cv_history_shape) {0};
	for (int track = 0; track < CV_TRACKS; track++)
		shape->scale_in[track] = scale[track];
}

/* Raises the track's scale until it holds v exactly. */
static inline void
need_scale(cv_history_shape *shape, int track, cv_int128 v)
{
	uint8_t		in = shape->scale_in[track];
	uint8_t		scale = shape->scale[track];

	if (scale == in || v == 0)
		return;
	if (v == (int64_t) v)
	{
		int64_t		w = (int64_t) v;

		while (scale < in && w % (int64_t) cv_power_of_ten(in - scale) != 0)
			scale++;
	}
	else
	{
		while (scale < in && v % cv_power_of_ten(in - scale) != 0)
			scale++;
	}
	shape->scale[track] = scale;
}

/* Adds |v| to *gross; false where it leaves the range of a history. */
static inline bool
add_gross(cv_int128 *gross, cv_int128 v, int scale)
{
	cv_uint128	limit = (cv_uint128) cv_power_of_ten(CV_MAX_TOTAL_DIGITS + scale);
	cv_uint128	size = cv_abs128(v);

	if (size > limit || (cv_uint128) *gross > limit - size)
		return false;
	*gross += (cv_int128) size;
	return true;
}

static inline bool
add_count(int64_t *total, int64_t count)
{
	if (count > CV_MAX_COUNT - *total)
		return false;
	*total += count;
	return true;
}

/* Learns from a day, whose counts are not negative. */
void
cv_shape_add(cv_history_shape *shape, const cv_day *day)
{
	bool		fits = true;

	shape->days++;
	shape->known |= day->known;
	shape->missing |= day->missing;
	fits &= add_count(&shape->orders, day->orders);
	for (int track = 0; track < CV_TRACKS; track++)
	{
		if (!(day->known & CV_TRACK_BIT(track)))
			continue;
		fits &= add_gross(&shape->gross[track], day->sum[track], shape->scale_in[track]);
		need_scale(shape, track, day->sum[track]);
	}
	if (day->returns != 0)
	{
		fits &= add_count(&shape->returns, day->returns);
		fits &= add_gross(&shape->returned, day->returned, shape->scale_in[CV_AMOUNT]);
		need_scale(shape, CV_AMOUNT, day->returned);
	}
	if (!fits)
		shape->out_of_range = true;
}

/* Writes the header of the days that the shape has seen; returns the byte after it. */
uint8_t *
cv_history_put_header(cv_history_shape *shape, uint8_t *out)
{
	uint8_t		modes = 0;

	for (int track = CV_COST; track < CV_TRACKS; track++)
	{
		int			mode = TRACK_ABSENT;

		if (shape->known & CV_TRACK_BIT(track))
			mode = (shape->missing & CV_TRACK_BIT(track)) ? TRACK_MIXED : TRACK_COMPLETE;
		modes |= mode << mask_shift(track);
	}
	*out++ = CV_HISTORY_FORMAT;
	*out++ = modes;
	for (int track = CV_AMOUNT; track < CV_TRACKS; track++)
		if (shape->known & CV_TRACK_BIT(track))
			*out++ = shape->scale[track];
	shape->started = false;
	return out;
}

static inline cv_int128
rescale(const cv_history_shape *shape, int track, cv_int128 v)
{
	int			drop = shape->scale_in[track] - shape->scale[track];

	return drop == 0 ? v : v / cv_power_of_ten(drop);
}

static inline uint8_t *
put_day_number(cv_history_shape *shape, int32_t day, bool special, uint8_t *out)
{
	uint64_t	gap = shape->started ? (uint64_t) (day - shape->last_day - 1) : cv_fold64(day);

	shape->last_day = day;
	shape->started = true;
	return cv_put_u64(out, (gap << 1) | special);
}

/* Writes one of the days that the shape has seen, in ascending order; returns the byte after it. */
uint8_t *
cv_history_put_day(cv_history_shape *shape, const cv_day *day, uint8_t *out)
{
	bool		special = day->orders != 1 || day->returns != 0;

	out = put_day_number(shape, day->day, special, out);
	if (special)
	{
		out = cv_put_u64(out, (uint64_t) day->orders);
		out = cv_put_u64(out, (uint64_t) day->returns);
		if (day->returns != 0)
			out = cv_put_u128(out, (cv_uint128) rescale(shape, CV_AMOUNT, day->returned));
	}
	if (shape->known & shape->missing)
	{
		uint8_t		bits = 0;

		for (int track = CV_COST; track < CV_TRACKS; track++)
		{
			uint8_t		bit = CV_TRACK_BIT(track);

			if (shape->known & shape->missing & bit)
				bits |= (((day->known & bit) ? DAY_KNOWN : 0) |
						 ((day->missing & bit) ? DAY_MISSING : 0)) << mask_shift(track);
		}
		*out++ = bits;
	}
	for (int track = CV_AMOUNT; track < CV_TRACKS; track++)
		if (day->known & CV_TRACK_BIT(track))
			out = cv_put_s128(out, rescale(shape, track, day->sum[track]));
	return out;
}

uint8_t *
cv_history_put_amount(cv_history_shape *shape, int32_t day, int64_t orders, int64_t returns,
					  int64_t returned, int64_t amount, uint8_t *out)
{
	bool		special = orders != 1 || returns != 0;

	out = put_day_number(shape, day, special, out);
	if (special)
	{
		out = cv_put_u64(out, (uint64_t) orders);
		out = cv_put_u64(out, (uint64_t) returns);
		if (returns != 0)
			out = cv_put_u64(out, (uint64_t) returned);
	}
	return cv_put_u64(out, cv_fold64(amount));
}

bool
cv_day_is_valid(const cv_day *day)
{
	if (day->day < CV_MIN_DAY || day->day > CV_MAX_DAY)
		return false;
	if (!(day->known & CV_TRACK_BIT(CV_AMOUNT)) || (day->missing & CV_TRACK_BIT(CV_AMOUNT)) ||
		(day->known | day->missing) != CV_ALL_TRACKS)
		return false;
	for (int track = CV_COST; track < CV_TRACKS; track++)
		if (!(day->known & CV_TRACK_BIT(track)) && day->sum[track] != 0)
			return false;
	if (day->orders < 0 || day->returns < 0 || (day->orders == 0 && day->returns == 0))
		return false;
	if (day->returned < 0 || (day->returns == 0 && day->returned != 0))
		return false;

	/* What is not a return is not negative, so the net amount has a floor. */
	if (day->orders == 0)
		return day->sum[CV_AMOUNT] == -day->returned;
	return day->sum[CV_AMOUNT] >= -day->returned;
}

cv_history_status
cv_history_validate(const uint8_t *bytes, size_t size)
{
	cv_history_reader reader;
	cv_history_shape shape;
	cv_history_status status;
	cv_day		day;
	uint8_t		scratch[CV_HISTORY_DAY_MAX];
	const uint8_t *at;
	const uint8_t *end;

	if ((status = cv_history_open(&reader, bytes, size)) != CV_HISTORY_OK)
		return status;
	cv_shape_init(&shape, reader.scale);
	while (cv_history_next(&reader, &day))
	{
		if (!cv_day_is_valid(&day))
			return CV_HISTORY_CORRUPT;
		cv_shape_add(&shape, &day);
	}
	if (reader.corrupt)
		return CV_HISTORY_CORRUPT;
	if (shape.out_of_range)
		return CV_HISTORY_RANGE;

	/* Canonical means: writing the same days again gives the same bytes. */
	cv_history_open(&reader, bytes, size);
	end = cv_history_put_header(&shape, scratch);
	at = bytes;
	for (;;)
	{
		size_t		length = (size_t) (end - scratch);

		if (length != (size_t) (reader.next - at) || memcmp(at, scratch, length) != 0)
			return CV_HISTORY_CORRUPT;
		at = reader.next;
		if (!cv_history_next(&reader, &day))
			break;
		end = cv_history_put_day(&shape, &day, scratch);
	}
	return CV_HISTORY_OK;
}
