/*
 * history_entries.c - the stream of entries from which a history is built.
 *
 * An entry:
 *   varint         (step << 1) | other, where step is folded: the days since the
 *                  last entry (since 2000-01-01 for the first)
 * followed by, if not other:
 *   folded varint  amount in cents; no other track is known
 * else:
 *   byte           scale of the amount in bits 0-3, kind in bits 4-5
 *   SALE:          folded varint amount; no other track is known
 *   TRACKS:        byte of known tracks (bit 0: a return), folded varint amount,
 *                  each other known track as byte scale, folded varint
 *   DAY:           bytes known and missing, varints orders and returns, varint
 *                  returned where there are returns, then as TRACKS
 * A sale in cents takes 4 bytes and not 5: of a hundred, that halves the chunk.
 */
#include "core/history_entries.h"

#include <string.h>

#include "core/history_varint.h"


/* A sale is a return when its amount is negative, or zero with a negative quantity. */
static inline bool
is_return(const cv_sale *sale)
{
	return sale->value[CV_AMOUNT] < 0 ||
		(sale->value[CV_AMOUNT] == 0 && (sale->known & CV_TRACK_BIT(CV_QUANTITY)) &&
		 sale->value[CV_QUANTITY] < 0);
}

/* Begins an entry with its kind. */
static inline uint8_t *
put_head(cv_entries *entries, int32_t day, cv_entry_kind kind, uint8_t scale, uint8_t *out)
{
	out = cv_put_u64(out, cv_fold64((int64_t) day - entries->last_day) << 1 | 1);
	*out++ = scale | kind << CV_ENTRY_KIND_SHIFT;
	entries->last_day = day;
	entries->count++;
	return out;
}

static inline void
note_scale(cv_entries *entries, int track, uint8_t scale)
{
	if (scale > entries->scale[track])
		entries->scale[track] = scale;
}

/* The known tracks other than the amount. */
static uint8_t *
put_tracks(cv_entries *entries, uint8_t known, const uint8_t *scale, const cv_int128 *value,
		   uint8_t *out)
{
	for (int track = CV_COST; track < CV_TRACKS; track++)
	{
		if (!(known & CV_TRACK_BIT(track)))
			continue;
		*out++ = scale[track];
		out = cv_put_s128(out, value[track]);
		note_scale(entries, track, scale[track]);
	}
	return out;
}

uint8_t *
cv_entries_put_amount(cv_entries *entries, int32_t day, int64_t amount, uint8_t scale, uint8_t *out)
{
	int64_t		step = (int64_t) day - entries->last_day;

	entries->last_day = day;
	entries->count++;
	note_scale(entries, CV_AMOUNT, scale);
	return cv_entry_put_amount(step, amount, scale, out);
}

static uint8_t *
put_plain_sale(cv_entries *entries, int32_t day, cv_int128 amount, uint8_t scale, uint8_t *out)
{
	if (amount == (int64_t) amount)
		return cv_entries_put_amount(entries, day, (int64_t) amount, scale, out);
	note_scale(entries, CV_AMOUNT, scale);
	out = put_head(entries, day, CV_ENTRY_SALE, scale, out);
	return cv_put_s128(out, amount);
}

uint8_t *
cv_entries_put_sale(cv_entries *entries, const cv_sale *sale, uint8_t *out)
{
	uint8_t		scale = sale->scale[CV_AMOUNT];

	if (!(sale->known & CV_OPTIONAL_TRACKS))
		return put_plain_sale(entries, sale->day, sale->value[CV_AMOUNT], scale, out);
	note_scale(entries, CV_AMOUNT, scale);
	out = put_head(entries, sale->day, CV_ENTRY_TRACKS, scale, out);
	*out++ = (sale->known & CV_OPTIONAL_TRACKS) | is_return(sale);
	out = cv_put_s128(out, sale->value[CV_AMOUNT]);
	return put_tracks(entries, sale->known, sale->scale, sale->value, out);
}

uint8_t *
cv_entries_put_day(cv_entries *entries, const cv_day *day, const uint8_t scale[CV_TRACKS],
				   uint8_t *out)
{
	if (day->orders == 1 && day->returns == 0 && !(day->known & CV_OPTIONAL_TRACKS))
		return put_plain_sale(entries, day->day, day->sum[CV_AMOUNT], scale[CV_AMOUNT], out);
	note_scale(entries, CV_AMOUNT, scale[CV_AMOUNT]);
	out = put_head(entries, day->day, CV_ENTRY_DAY, scale[CV_AMOUNT], out);
	*out++ = day->known;
	*out++ = day->missing;
	out = cv_put_u64(out, (uint64_t) day->orders);
	out = cv_put_u64(out, (uint64_t) day->returns);
	if (day->returns != 0)
		out = cv_put_u128(out, (cv_uint128) day->returned);
	out = cv_put_s128(out, day->sum[CV_AMOUNT]);
	return put_tracks(entries, day->known, scale, day->sum, out);
}

uint8_t *
cv_entries_join(cv_entries *a, const cv_entries *b, const uint8_t *b_bytes, size_t b_size,
				uint8_t *out, size_t *rest)
{
	const uint8_t *p;
	uint64_t	first = 0;

	p = cv_get_u64(b_bytes, b_bytes + b_size, &first);
	*rest = p == NULL ? b_size : (size_t) (p - b_bytes);
	out = cv_put_u64(out, cv_fold64(cv_unfold64(first >> 1) - a->last_day) << 1 | (first & 1));
	a->weight += b->weight;
	a->count += b->count;
	a->last_day = b->last_day;
	for (int track = 0; track < CV_TRACKS; track++)
		note_scale(a, track, b->scale[track]);
	return out;
}

/* ceil(v / unit), at least least */
static uint64_t
weigh(cv_uint128 v, cv_uint128 unit, uint64_t least)
{
	cv_uint128	n = v / unit + (v % unit != 0);

	return n > least ? (uint64_t) n : least;
}

uint64_t
cv_shape_weight(const cv_history_shape *shape)
{
	uint64_t	weight = 1;

	for (int track = 0; track < CV_TRACKS; track++)
		weight = weigh((cv_uint128) shape->gross[track],
					   (cv_uint128) cv_power_of_ten(CV_MAX_INTEGER_DIGITS + shape->scale_in[track]),
					   weight);
	weight = weigh((cv_uint128) shape->returned,
				   (cv_uint128) cv_power_of_ten(CV_MAX_INTEGER_DIGITS + shape->scale_in[CV_AMOUNT]),
				   weight);
	weight = weigh((cv_uint128) shape->orders, CV_MAX_COUNT / CV_MAX_WEIGHT, weight);
	return weigh((cv_uint128) shape->returns, CV_MAX_COUNT / CV_MAX_WEIGHT, weight);
}

static const uint8_t *
skip_varint(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p++ >= 0x80)
		;
	return p;
}

/* From what follows an entry's step to the next entry. */
static const uint8_t *
skip_body(const uint8_t *p, const uint8_t *end, bool other)
{
	uint8_t		known = 0;
	uint64_t	returns = 0;

	if (other && p < end)
	{
		switch (cv_entry_kind_of(*p++))
		{
			case CV_ENTRY_SALE:
				break;
			case CV_ENTRY_TRACKS:
				known = p < end ? *p++ : 0;
				break;
			case CV_ENTRY_DAY:
				if (end - p < 2)
					return end;
				known = *p;
				p = skip_varint(p + 2, end);
				p = cv_get_u64(p, end, &returns);
				if (p == NULL)
					return end;
				if (returns != 0)
					p = skip_varint(p, end);
				break;
		}
	}
	p = skip_varint(p, end);
	for (int track = CV_COST; track < CV_TRACKS; track++)
		if ((known & CV_TRACK_BIT(track)) && p < end)
			p = skip_varint(p + 1, end);
	return p;
}

bool
cv_entries_index(const cv_entries *entries, const uint8_t *bytes, size_t size, cv_entry_key *keys)
{
	const uint8_t *p = bytes;
	const uint8_t *end = bytes + size;
	int64_t		day = 0;
	bool		ascending = true;

	for (size_t i = 0; i < entries->count; i++)
	{
		uint64_t	step = 0;
		size_t		offset = (size_t) (p - bytes);

		p = cv_get_u64(p, end, &step);
		if (p == NULL || p >= end)
			return false;		/* not a stream; callers only pass their own */
		day += cv_unfold64(step >> 1);
		keys[i] = cv_make_key(day, offset);
		if (i > 0 && keys[i] < keys[i - 1])
			ascending = false;
		p = skip_body(p, end, step & 1);
	}
	return ascending;
}

#define SORT_BLOCK 16			/* keys sorted by insertion */
#define SORT_PAUSE 4096			/* runs this long are followed by a pause */

static void
sort_block(cv_entry_key *keys, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		cv_entry_key key = keys[i];
		size_t		j = i;

		for (; j > 0 && keys[j - 1] > key; j--)
			keys[j] = keys[j - 1];
		keys[j] = key;
	}
}

/* Merges the sorted keys[0, middle) and keys[middle, n). */
static void
merge_runs(cv_entry_key *keys, size_t middle, size_t n, cv_entry_key *scratch)
{
	size_t		i = 0,
				j = middle,
				k = 0;

	if (keys[middle - 1] <= keys[middle])
		return;
	memcpy(scratch, keys, middle * sizeof(*keys));
	while (i < middle && j < n)
		keys[k++] = keys[j] < scratch[i] ? keys[j++] : scratch[i++];
	memcpy(keys + k, scratch + i, (middle - i) * sizeof(*keys));
}

void
cv_entries_sort(cv_entry_key *keys, size_t n, cv_entry_key *scratch, void (*pause) (void))
{
	for (size_t start = 0; start < n; start += SORT_BLOCK)
		sort_block(keys + start, n - start < SORT_BLOCK ? n - start : SORT_BLOCK);
	for (size_t width = SORT_BLOCK; width < n; width *= 2)
	{
		for (size_t start = 0; start < n && n - start > width; start += 2 * width)
		{
			size_t		rest = n - start;

			merge_runs(keys + start, width, rest < 2 * width ? rest : 2 * width, scratch);
			if (pause != NULL && width >= SORT_PAUSE)
				pause();
		}
		if (pause != NULL)
			pause();
	}
}

size_t
cv_entries_days(const cv_entry_key *keys, size_t n)
{
	size_t		days = n > 0;

	for (size_t i = 1; i < n; i++)
		days += keys[i] >> 32 != keys[i - 1] >> 32;
	return days;
}

/* v at a scale, in units of a larger scale */
static inline cv_int128
raise_scale(cv_int128 v, int from, int to)
{
	return from == to ? v : v * cv_power_of_ten(to - from);
}

/* Adds an entry to the day. */
static bool
add_entry(const cv_entries *entries, const uint8_t *p, const uint8_t *end, cv_day *day)
{
	uint64_t	step;
	cv_entry_kind kind = CV_ENTRY_SALE;
	int			scale = CV_USUAL_SCALE;
	uint8_t		known = 0;
	cv_int128	value;
	cv_uint128	returned = 0;
	bool		is_return = false;

	if ((p = cv_get_u64(p, end, &step)) == NULL)
		return false;
	if (step & 1)
	{
		if (p >= end)
			return false;
		kind = cv_entry_kind_of(*p);
		scale = cv_entry_scale_of(*p++);
	}
	if (kind == CV_ENTRY_DAY)
	{
		uint64_t	orders,
					returns;

		if (end - p < 2)
			return false;
		known = *p++;
		day->missing |= *p++;
		if ((p = cv_get_u64(p, end, &orders)) == NULL ||
			(p = cv_get_u64(p, end, &returns)) == NULL)
			return false;
		if (returns != 0 && (p = cv_get_u128(p, end, &returned)) == NULL)
			return false;
		day->orders += (int64_t) orders;
		day->returns += (int64_t) returns;
		day->returned += raise_scale((cv_int128) returned, scale, entries->scale[CV_AMOUNT]);
	}
	else if (kind == CV_ENTRY_TRACKS)
	{
		if (p >= end)
			return false;
		known = *p++;
		is_return = known & 1;
	}
	if (p >= end || (p = cv_get_s128(p, end, &value)) == NULL)
		return false;
	value = raise_scale(value, scale, entries->scale[CV_AMOUNT]);
	day->sum[CV_AMOUNT] += value;
	if (kind == CV_ENTRY_SALE)
		is_return = value < 0;
	if (kind != CV_ENTRY_DAY)
	{
		day->missing |= CV_OPTIONAL_TRACKS & ~known;
		if (is_return)
		{
			day->returns++;
			day->returned -= value;
		}
		else
			day->orders++;
	}
	day->known |= known & CV_OPTIONAL_TRACKS;
	for (int track = CV_COST; track < CV_TRACKS; track++)
	{
		if (!(known & CV_TRACK_BIT(track)))
			continue;
		if (p >= end)
			return false;
		scale = *p++;
		if ((p = cv_get_s128(p, end, &value)) == NULL)
			return false;
		day->sum[track] += raise_scale(value, scale, entries->scale[track]);
	}
	return true;
}

bool
cv_entries_next_day(const cv_entries *entries, const uint8_t *bytes, size_t size,
					const cv_entry_key *keys, size_t *next, cv_day *day)
{
	size_t		i = *next;

	if (i >= entries->count)
		return false;
	*day = (cv_day) {.day = cv_key_day(keys[i]), .known = CV_TRACK_BIT(CV_AMOUNT)};
	for (; i < entries->count && cv_key_day(keys[i]) == day->day; i++)
		if (!add_entry(entries, bytes + (uint32_t) keys[i], bytes + size, day))
			return false;
	*next = i;
	return true;
}
