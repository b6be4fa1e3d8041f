/*
 * pattern_keys.c - keys of patterns, sorted and counted.
 *
 * A hash table of patterns waits for memory at every customer once it has
 * outgrown the caches.  Keys are sorted by radix and merged instead, which
 * reads and writes memory in order, and leaves them in the order that a fit wants.
 */
#include "core/pattern_keys.h"

#include <string.h>

/* Digits of the radix: of a pattern's key, two each of t_x, T and x. */
#define DIGIT_BITS 11
#define DIGIT_VALUES (1 << DIGIT_BITS)

/* Fewer are sorted by insertion: clearing the counts of digits alone takes as long. */
#define FEW 48

static inline unsigned
digit(uint64_t key, int shift)
{
	return (unsigned) (key >> shift) & (DIGIT_VALUES - 1);
}

static void
insertion_sort(uint64_t *keys, size_t n, int lowest)
{
	for (size_t i = 1; i < n; i++)
	{
		uint64_t	moved = keys[i];
		size_t		j = i;

		for (; j > 0 && moved >> lowest < keys[j - 1] >> lowest; j--)
			keys[j] = keys[j - 1];
		keys[j] = moved;
	}
}

static void
sort(uint64_t *keys, uint64_t *scratch, size_t n, int lowest, void (*pause) (void))
{
	uint64_t	differ = 0;
	uint64_t   *from = keys,
			   *to = scratch;

	if (n < FEW)
	{
		insertion_sort(keys, n, lowest);
		return;
	}
	for (size_t i = 1; i < n; i++)
		differ |= keys[i] ^ keys[0];
	for (int shift = lowest; shift < 64; shift += DIGIT_BITS)
	{
		size_t		start[DIGIT_VALUES] = {0},
					sum = 0;
		uint64_t   *swap = from;

		/* of days of a few years, three digits of the six are all there is */
		if (digit(differ, shift) == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			start[digit(from[i], shift)]++;
		for (int v = 0; v < DIGIT_VALUES; v++)
		{
			size_t		count = start[v];

			start[v] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++)
			to[start[digit(from[i], shift)]++] = from[i];
		from = to;
		to = swap;
		if (pause != NULL)
			pause();
	}
	if (from != keys)
		memcpy(keys, from, n * sizeof(*keys));
}

void
cv_keys_sort(uint64_t *keys, uint64_t *scratch, size_t n, void (*pause) (void))
{
	sort(keys, scratch, n, 0, pause);
}

void
cv_keys_sort_upper(uint64_t *keys, uint64_t *scratch, size_t n, int lowest)
{
	sort(keys, scratch, n, lowest, NULL);
}

size_t
cv_keys_distinct(const uint64_t *keys, size_t n)
{
	size_t		differ = n > 0;

	for (size_t i = 1; i < n; i++)
		differ += keys[i] != keys[i - 1];
	return differ;
}

/*
 * Puts a key before those from the k-th on, of which it is none but perhaps the k-th
 * itself.  Returns its place.
 */
static inline size_t
put(cv_counted_key *counted, size_t k, uint64_t key, uint64_t count)
{
	bool		same = counted[k].key == key;

	k -= !same;
	counted[k] = (cv_counted_key) {key, (same ? counted[k].count : 0) + count};
	return k;
}

/* Moves what was put from the k-th on to the front; returns how many they are. */
static size_t
close_up(cv_counted_key *counted, size_t k, size_t end)
{
	memmove(counted, &counted[k], (end - k) * sizeof(*counted));
	return end - k;
}

/*
 * Both work where the keys are, from the largest down, as fresh memory costs more than
 * all else; and without a branch on which of two keys is next, which is anybody's guess.
 */
size_t
cv_counted_keys_add(cv_counted_key *counted, size_t n, const uint64_t *keys, size_t m)
{
	size_t		end = n + cv_keys_distinct(keys, m),
				k = end - 1;

	if (m == 0)
		return n;
	counted[k] = (cv_counted_key) {n > 0 && counted[n - 1].key > keys[m - 1] ? counted[n - 1].key : keys[m - 1], 0};
	while (n > 0 && m > 0)
	{
		uint64_t	here = counted[n - 1].key,
					there = keys[m - 1];
		bool		is_here = here >= there;

		k = put(counted, k, is_here ? here : there, is_here ? counted[n - 1].count : 1);
		n -= is_here;
		m -= !is_here;
	}
	for (; n > 0; n--)
		k = put(counted, k, counted[n - 1].key, counted[n - 1].count);
	for (; m > 0; m--)
		k = put(counted, k, keys[m - 1], 1);
	return close_up(counted, k, end);
}

size_t
cv_counted_keys_merge(cv_counted_key *counted, size_t n, const cv_counted_key *others, size_t m)
{
	size_t		end = n + m,
				k = end - 1;

	if (m == 0)
		return n;
	counted[k] = (cv_counted_key) {n > 0 && counted[n - 1].key > others[m - 1].key ? counted[n - 1].key : others[m - 1].key, 0};
	while (n > 0 && m > 0)
	{
		bool		is_here = counted[n - 1].key >= others[m - 1].key;
		cv_counted_key next = is_here ? counted[n - 1] : others[m - 1];

		k = put(counted, k, next.key, next.count);
		n -= is_here;
		m -= !is_here;
	}
	for (; n > 0; n--)
		k = put(counted, k, counted[n - 1].key, counted[n - 1].count);
	for (; m > 0; m--)
		k = put(counted, k, others[m - 1].key, others[m - 1].count);
	return close_up(counted, k, end);
}
