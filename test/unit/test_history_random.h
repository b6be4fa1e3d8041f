/*
 * test_history_random.h - a seeded generator and random sales for the history tests.
 */
#ifndef TEST_HISTORY_RANDOM_H
#define TEST_HISTORY_RANDOM_H

#include <stdlib.h>
#include <string.h>

#include "core/history_entries.h"

/* splitmix64: the same numbers on every machine */
static uint64_t random_state;

static inline uint64_t
random_bits(void)
{
	uint64_t	z = (random_state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* 0 to n - 1 */
static inline uint64_t
random_below(uint64_t n)
{
	return random_bits() % n;
}

static inline bool
one_in(uint64_t n)
{
	return random_below(n) == 0;
}

/* A value within the limits of a sale: mostly prices, sometimes 0, huge or fine. */
static inline cv_int128
random_value(uint8_t *scale)
{
	cv_int128	v;

	*scale = one_in(4) ? (uint8_t) random_below(CV_MAX_SCALE + 1) : 2;
	if (one_in(8))
		v = 0;
	else if (one_in(10))
		v = (cv_int128) (random_bits() % UINT64_C(1000000000000000)) * cv_power_of_ten(*scale) +
			(cv_int128) (random_bits() % (uint64_t) cv_power_of_ten(*scale));
	else
		v = (cv_int128) random_below(20000);
	return one_in(5) ? -v : v;
}

/* n sales within a number of days; tracks are the optional ones that may be known. */
static inline cv_sale *
random_sales(size_t n, uint32_t days, uint8_t tracks, int known_of_8)
{
	cv_sale    *sales = calloc(n, sizeof(*sales));
	int32_t		first = one_in(20) ? (one_in(2) ? CV_MIN_DAY : CV_MAX_DAY - (int32_t) days) :
		(int32_t) random_below(20000) - 5000;

	for (size_t i = 0; i < n; i++)
	{
		sales[i].day = first + (int32_t) random_below(days);
		sales[i].known = CV_TRACK_BIT(CV_AMOUNT);
		sales[i].value[CV_AMOUNT] = random_value(&sales[i].scale[CV_AMOUNT]);
		for (int track = CV_COST; track < CV_TRACKS; track++)
		{
			if (!(tracks & CV_TRACK_BIT(track)) || (int) random_below(8) >= known_of_8)
				continue;
			sales[i].known |= CV_TRACK_BIT(track);
			sales[i].value[track] = random_value(&sales[i].scale[track]);
		}
	}
	return sales;
}

static inline cv_sale *
any_sales(size_t *n)
{
	*n = 1 + random_below(one_in(10) ? 300 : 25);
	return random_sales(*n, 1 + (uint32_t) random_below(one_in(3) ? 5000 : 40),
						one_in(2) ? 0 : (uint8_t) random_below(CV_ALL_TRACKS + 1),
						one_in(2) ? 8 : 6);
}

static inline void
shuffle(cv_sale *sales, size_t n)
{
	for (size_t i = n; i > 1; i--)
	{
		size_t		j = random_below(i);
		cv_sale		swap = sales[i - 1];

		sales[i - 1] = sales[j];
		sales[j] = swap;
	}
}

/* Bytes on the heap, at their exact size: the address sanitizer sees every step beyond. */
typedef struct bytes
{
	uint8_t    *data;
	size_t		size;
} bytes;

static inline bytes
exact(const uint8_t *data, size_t size)
{
	bytes		b = {malloc(size ? size : 1), size};

	memcpy(b.data, data, size);
	return b;
}

/* A stream of entries, as an aggregate keeps it. */
typedef struct stream
{
	cv_entries	entries;
	uint8_t    *data;
	size_t		used;
} stream;

static inline uint8_t *
stream_room(stream *s, size_t more)
{
	s->data = realloc(s->data, s->used + more);
	return s->data + s->used;
}

static inline void
stream_add_sale(stream *s, const cv_sale *sale)
{
	uint8_t    *at = stream_room(s, CV_ENTRY_MAX);

	s->used += (size_t) (cv_entries_put_sale(&s->entries, sale, at) - at);
	s->entries.weight++;
}

static inline void
stream_add_history(stream *s, bytes history)
{
	cv_history_reader reader;
	cv_day		day;

	cv_history_open(&reader, history.data, history.size);
	while (cv_history_next(&reader, &day))
	{
		uint8_t    *at = stream_room(s, CV_ENTRY_MAX);

		s->used += (size_t) (cv_entries_put_day(&s->entries, &day, reader.scale, at) - at);
	}
}

static inline void
stream_join(stream *a, const stream *b)
{
	uint8_t    *at = stream_room(a, CV_ENTRY_MAX + b->used);
	size_t		rest;
	uint8_t    *end = cv_entries_join(&a->entries, &b->entries, b->data, b->used, at, &rest);

	memcpy(end, b->data + rest, b->used - rest);
	a->used += (size_t) (end - at) + b->used - rest;
}

/* The sorted days of a stream; frees nothing. */
static inline cv_day *
stream_days(const stream *s, size_t *n)
{
	size_t		count = s->entries.count;
	cv_entry_key *keys = malloc(2 * count * sizeof(*keys));
	cv_day	   *days;
	size_t		next = 0;

	if (!cv_entries_index(&s->entries, s->data, s->used, keys))
		cv_entries_sort(keys, count, keys + count, NULL);
	*n = cv_entries_days(keys, count);
	days = malloc(*n * sizeof(*days));
	for (size_t i = 0; i < *n; i++)
		if (!cv_entries_next_day(&s->entries, s->data, s->used, keys, &next, &days[i]))
			abort();
	if (next != count)
		abort();
	free(keys);
	return days;
}

static inline bytes
write_days(const cv_day *days, size_t n, const uint8_t *scale)
{
	cv_history_shape shape;
	uint8_t    *out = malloc(CV_HISTORY_HEADER_MAX + n * CV_HISTORY_DAY_MAX);
	uint8_t    *p;
	bytes		result;

	cv_shape_init(&shape, scale);
	for (size_t i = 0; i < n; i++)
		cv_shape_add(&shape, &days[i]);
	p = cv_history_put_header(&shape, out);
	for (size_t i = 0; i < n; i++)
		p = cv_history_put_day(&shape, &days[i], p);
	result = exact(out, (size_t) (p - out));
	free(out);
	return result;
}

/* Frees the stream. */
static inline bytes
stream_history(stream *s)
{
	size_t		n;
	cv_day	   *days = stream_days(s, &n);
	bytes		result = write_days(days, n, s->entries.scale);

	free(days);
	free(s->data);
	*s = (stream) {0};
	return result;
}

static inline bytes
build(const cv_sale *sales, size_t n)
{
	stream		s = {0};

	for (size_t i = 0; i < n; i++)
		stream_add_sale(&s, &sales[i]);
	return stream_history(&s);
}

#endif
