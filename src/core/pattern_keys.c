/*
 * pattern_keys.c - keys of patterns, sorted and counted.
 *
 * A hash table of patterns waits for memory at every customer once it has
 * outgrown the caches.  Keys are sorted by radix and merged instead, which
 * reads and writes memory in order, and leaves them in the order that a fit wants.
 */
#include "core/pattern_keys.h"

#include <string.h>

/* Digits of the radix: two each of t_x, T and x. */
#define DIGIT_BITS 11
#define DIGITS 6
#define DIGIT_VALUES (1 << DIGIT_BITS)

/* Fewer are sorted by insertion: clearing the counts of digits alone takes as long. */
#define FEW 48

static inline unsigned
digit(uint64_t key, int i)
{
	return (unsigned) (key >> (i * DIGIT_BITS)) & (DIGIT_VALUES - 1);
}

static void
insertion_sort(uint64_t *keys, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		uint64_t	moved = keys[i];
		size_t		j = i;

		for (; j > 0 && moved < keys[j - 1]; j--)
			keys[j] = keys[j - 1];
		keys[j] = moved;
	}
}

void
cv_keys_sort(uint64_t *keys, uint64_t *scratch, size_t n)
{
	uint64_t	differ = 0;
	uint64_t   *from = keys,
			   *to = scratch;

	if (n < FEW)
	{
		insertion_sort(keys, n);
		return;
	}
	for (size_t i = 1; i < n; i++)
		differ |= keys[i] ^ keys[0];
	for (int d = 0; d < DIGITS; d++)
	{
		size_t		start[DIGIT_VALUES] = {0},
					sum = 0;
		uint64_t   *swap = from;

		/* of days of a few years, three digits of the six are all there is */
		if (digit(differ, d) == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			start[digit(from[i], d)]++;
		for (int v = 0; v < DIGIT_VALUES; v++)
		{
			size_t		count = start[v];

			start[v] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++)
			to[start[digit(from[i], d)]++] = from[i];
		from = to;
		to = swap;
	}
	if (from != keys)
		memcpy(keys, from, n * sizeof(*keys));
}

size_t
cv_keys_distinct(const uint64_t *keys, size_t n)
{
	size_t		differ = n > 0;

	for (size_t i = 1; i < n; i++)
		differ += keys[i] != keys[i - 1];
	return differ;
}

/* Adds a key that is none of those before the k-th: to the k-th, or as the next. Returns its place. */
static inline size_t
put(cv_counted_key *merged, size_t k, uint64_t key, uint64_t count)
{
	bool		same = merged[k].key == key;

	k += !same;
	merged[k] = (cv_counted_key) {key, (same ? merged[k].count : 0) + count};
	return k;
}

/* Nothing in the loops below branches on which of two keys comes first: that is anybody's guess. */
size_t
cv_counted_keys_add(const cv_counted_key *a, size_t n, const uint64_t *keys, size_t m, cv_counted_key *merged)
{
	size_t		i = 0,
				j = 0,
				k = 0;

	if (n + m == 0)
		return 0;
	merged[0] = (cv_counted_key) {n > 0 && (m == 0 || a[0].key < keys[0]) ? a[0].key : keys[0], 0};
	while (i < n && j < m)
	{
		bool		take_a = a[i].key <= keys[j];

		k = put(merged, k, take_a ? a[i].key : keys[j], take_a ? a[i].count : 1);
		i += take_a;
		j += !take_a;
	}
	for (; i < n; i++)
		k = put(merged, k, a[i].key, a[i].count);
	for (; j < m; j++)
		k = put(merged, k, keys[j], 1);
	return k + 1;
}

size_t
cv_counted_keys_merge(const cv_counted_key *a, size_t n, const cv_counted_key *b, size_t m, cv_counted_key *merged)
{
	size_t		i = 0,
				j = 0,
				k = 0;

	if (n + m == 0)
		return 0;
	merged[0] = (cv_counted_key) {n > 0 && (m == 0 || a[0].key < b[0].key) ? a[0].key : b[0].key, 0};
	while (i < n && j < m)
	{
		bool		take_a = a[i].key <= b[j].key;
		const cv_counted_key *next = take_a ? &a[i] : &b[j];

		k = put(merged, k, next->key, next->count);
		i += take_a;
		j += !take_a;
	}
	for (; i < n; i++)
		k = put(merged, k, a[i].key, a[i].count);
	for (; j < m; j++)
		k = put(merged, k, b[j].key, b[j].count);
	return k + 1;
}
