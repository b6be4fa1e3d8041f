/*
 * pattern_keys.c - keys of patterns, made, sorted and written as bytes.
 *
 * A hash table of patterns waits for memory at every customer once it has
 * outgrown the caches.  Keys are sorted by radix and merged instead, which
 * reads and writes memory in order, and leaves them in the order that a fit wants.
 */
#include "core/pattern_keys.h"

#include <string.h>

#include "core/history_varint.h"

/* Digits of the radix: of a key of times, two each of t_x, T and x. */
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

		/* of days of a few years, three digits of the six are all there is; of money, four or five */
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

bool
cv_spend_key(int64_t x, cv_int128 amount, int scale, uint64_t *key)
{
	for (; scale > CV_KEY_AMOUNT_SCALE; scale--)
	{
		if (amount % 10 != 0)
			return false;
		amount /= 10;
	}
	if (x >> CV_KEY_BUYER_BITS != 0 || amount >> CV_KEY_AMOUNT_BITS != 0)
		return false;
	amount *= cv_power_of_ten(CV_KEY_AMOUNT_SCALE - scale);
	*key = (uint64_t) x << CV_KEY_AMOUNT_BITS | (uint64_t) amount;
	return amount >> CV_KEY_AMOUNT_BITS == 0;
}

static inline uint64_t
head_of(const cv_counted_key *key, uint64_t above)
{
	return (above - key->key - 1) << 1 | (key->count > 1);
}

static inline size_t
varint_size(uint64_t v)
{
	size_t		size = 1;

	for (; v >= 0x80; v >>= 7)
		size++;
	return size;
}

size_t
cv_counted_keys_size(const cv_counted_key *counted, size_t n)
{
	uint64_t	above = CV_KEYS_END;
	size_t		size = 0;

	while (n-- > 0)
	{
		size += varint_size(head_of(&counted[n], above));
		if (counted[n].count > 1)
			size += varint_size(counted[n].count - 2);
		above = counted[n].key;
	}
	return size;
}

uint8_t *
cv_counted_keys_write(const cv_counted_key *counted, size_t n, uint8_t *out)
{
	uint64_t	above = CV_KEYS_END;

	while (n-- > 0)
	{
		out = cv_put_u64(out, head_of(&counted[n], above));
		if (counted[n].count > 1)
			out = cv_put_u64(out, counted[n].count - 2);
		above = counted[n].key;
	}
	return out;
}
