/*
 * history_plain.c - the history of a stream of plain sales.
 */
#include "core/history_plain.h"

#include <string.h>

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
	plain->returns = false;
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
		plain->returns |= amount < 0;
		plain->amounts[i] = amount;
		plain->keys[i] = cv_make_key(day, i);
		if (plain->keys[i] < before)
			plain->ascending = false;
		before = plain->keys[i];
	}
	plain->gross = gross;
	return true;
}

#define FEW_KEYS 16
#define DIGIT_BITS 6			/* few counters, as there are few keys to share the cost of clearing them */

/* Each key to the place that it has among all: quadratic, but nothing to guess for the processor. */
static void
sort_few(cv_entry_key *keys, size_t n)
{
	cv_entry_key key[FEW_KEYS];
	uint32_t	place[FEW_KEYS];

	for (size_t i = 0; i < n; i++)
	{
		uint32_t	later = 0;

		key[i] = keys[i];
		for (size_t j = 0; j < i; j++)
		{
			uint32_t	is_later = key[j] > key[i];

			place[j] += is_later;
			later += is_later;
		}
		place[i] = (uint32_t) i - later;
	}
	for (size_t i = 0; i < n; i++)
		keys[place[i]] = key[i];
}

/* By the digits of the day, the last first; numbers ascend already. */
static void
sort_many(cv_entry_key *keys, size_t n, cv_entry_key *scratch)
{
	uint32_t	first = UINT32_MAX,
				last = 0;
	cv_entry_key *from = keys,
			   *to = scratch;

	for (size_t i = 0; i < n; i++)
	{
		uint32_t	day = (uint32_t) (keys[i] >> 32);

		first = day < first ? day : first;
		last = day > last ? day : last;
	}
	for (int shift = 0; shift < 32 && (last - first) >> shift != 0; shift += DIGIT_BITS)
	{
		uint32_t	start[1 << DIGIT_BITS] = {0};
		const uint32_t mask = (1 << DIGIT_BITS) - 1;
		uint32_t	sum = 0;
		cv_entry_key *swap;

		for (size_t i = 0; i < n; i++)
			start[((uint32_t) (from[i] >> 32) - first) >> shift & mask]++;
		for (size_t digit = 0; digit <= mask; digit++)
		{
			uint32_t	count = start[digit];

			start[digit] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++)
			to[start[((uint32_t) (from[i] >> 32) - first) >> shift & mask]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != keys)
		memcpy(keys, from, n * sizeof(*keys));
}

void
cv_plain_sort(cv_plain *plain)
{
	if (plain->ascending)
		return;
	if (plain->count <= FEW_KEYS)
		sort_few(plain->keys, plain->count);
	else
		sort_many(plain->keys, plain->count, plain->keys + plain->count);
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
	uint64_t	span = (plain->keys[plain->count - 1] >> 32) - (plain->keys[0] >> 32);
	size_t		sum = length(cv_fold64(plain->gross));
	plain_day	day;

	/* mostly known from the first day or two */
	plain->scale = 0;
	for (size_t next = 0; next < plain->count && plain->scale < plain->scale_in;)
	{
		next_day(plain, &next, &day);
		plain->scale = needed_scale(plain->scale, plain->scale_in, day.amount);
		plain->scale = needed_scale(plain->scale, plain->scale_in, day.returned);
	}
	/* a day of one sale: gap, amount, and if it is a return two counts and the amount again */
	return CV_HISTORY_HEADER_MAX + CV_VARINT_MAX +
		plain->count * (length(span << 1 | 1) + sum + 2 + (plain->returns ? sum : 0));
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
