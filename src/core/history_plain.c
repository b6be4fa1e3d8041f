/*
 * history_plain.c - the history of a stream of plain sales.
 */
#include "core/history_plain.h"

#include "core/history_varint.h"

/* A day's sums, in units of 10^-scale_in. */
typedef struct plain_day
{
	int32_t		day;
	int64_t		orders;
	int64_t		returns;
	int64_t		amount;
	int64_t		returned;
} plain_day;

bool
cv_plain_read(cv_plain *plain, const cv_entries *entries, const uint8_t *bytes, size_t size)
{
	const uint8_t *p = bytes;
	const uint8_t *end = bytes + size;
	int64_t		day = 0;
	int64_t		gross = 0;
	cv_entry_key before = 0;

	plain->count = entries->count;
	plain->scale_in = entries->scale[CV_AMOUNT];
	plain->ascending = true;
	for (size_t i = 0; i < plain->count; i++)
	{
		uint64_t	step = 0,
					folded = 0;
		int64_t		amount;
		int			scale = CV_USUAL_SCALE;

		p = cv_get_u64(p, end, &step);
		if (p == NULL)
			return false;
		if (step & 1)
		{
			if (p >= end || cv_entry_kind_of(*p) != CV_ENTRY_SALE)
				return false;
			scale = cv_entry_scale_of(*p++);
		}
		p = cv_get_u64(p, end, &folded);
		if (p == NULL)
			return false;		/* more than 64 bits */
		day += cv_unfold64(step >> 1);
		amount = cv_unfold64(folded);
		if (scale != plain->scale_in &&
			__builtin_mul_overflow(amount, (int64_t) cv_power_of_ten(plain->scale_in - scale), &amount))
			return false;
		if (amount == INT64_MIN || __builtin_add_overflow(gross, amount < 0 ? -amount : amount, &gross))
			return false;
		plain->amounts[i] = amount;
		plain->keys[i] = cv_make_key(day, i);
		if (plain->keys[i] < before)
			plain->ascending = false;
		before = plain->keys[i];
	}
	return true;
}

/* Adds up the sales of the day at *next, of which there is one. */
static inline void
next_day(const cv_plain *plain, size_t *next, plain_day *day)
{
	size_t		i = *next;
	uint64_t	high = plain->keys[i] >> 32;

	*day = (plain_day) {.day = cv_key_day(plain->keys[i])};
	do
	{
		int64_t		amount = plain->amounts[(uint32_t) plain->keys[i]];

		day->amount += amount;
		if (amount < 0)
		{
			day->returns++;
			day->returned -= amount;
		}
		else
			day->orders++;
	} while (++i < plain->count && plain->keys[i] >> 32 == high);
	*next = i;
}

static inline uint8_t
needed_scale(uint8_t scale, uint8_t in, int64_t v)
{
	while (scale < in && v % (int64_t) cv_power_of_ten(in - scale) != 0)
		scale++;
	return scale;
}

/* Bytes of a varint. */
static size_t
length(uint64_t v)
{
	size_t		n = 1;

	while (v >>= 7)
		n++;
	return n;
}

size_t
cv_plain_measure(cv_plain *plain)
{
	size_t		days = 0,
				special = 0;
	uint64_t	largest = 0;
	int64_t		span = (int64_t) (plain->keys[plain->count - 1] >> 32) - (int64_t) (plain->keys[0] >> 32);
	uint8_t		scale = 0;
	plain_day	day;

	for (size_t next = 0; next < plain->count; days++)
	{
		next_day(plain, &next, &day);
		largest |= cv_fold64(day.amount) | (uint64_t) day.returned;
		special += day.orders != 1 || day.returns != 0;
		scale = needed_scale(scale, plain->scale_in, day.amount);
		scale = needed_scale(scale, plain->scale_in, day.returned);
	}
	plain->scale = scale;
	return CV_HISTORY_HEADER_MAX + CV_VARINT_MAX + days * (length((uint64_t) span << 1 | 1) + length(largest)) +
		special * (2 * length(plain->count) + length(largest));
}

uint8_t *
cv_plain_put(const cv_plain *plain, uint8_t *out)
{
	cv_history_shape shape = {
		.known = CV_TRACK_BIT(CV_AMOUNT), .missing = CV_OPTIONAL_TRACKS, .scale = {plain->scale}
	};
	int64_t		unit = (int64_t) cv_power_of_ten(plain->scale_in - plain->scale);
	plain_day	day;

	out = cv_history_put_header(&shape, out);
	for (size_t next = 0; next < plain->count;)
	{
		next_day(plain, &next, &day);
		if (unit != 1)
		{
			day.amount /= unit;
			day.returned /= unit;
		}
		out = cv_history_put_amount(&shape, day.day, day.orders, day.returns, day.returned, day.amount, out);
	}
	return out;
}
