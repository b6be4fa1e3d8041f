/*
 * pattern_keys.c - keys of patterns, sorted and counted.
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
 * This works where the keys are, from the largest down, as fresh memory costs more than
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

/*
 * Keys in bytes, the largest first, as they are merged from there: each as a varint,
 * (step << 1) | several, where step is how many keys lie between it and the one before
 * (or the end of all keys).  Several means that its count, less 2, follows as another
 * varint; else it is 1.  Keys have 63 bits, which leaves the one.
 */
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

/* Reads the next key, below the one before; returns the byte after it, or NULL. */
static inline const uint8_t *
read_key(const uint8_t *p, const uint8_t *end, uint64_t above, cv_counted_key *key)
{
	uint64_t	head,
				more = 0;

	if ((p = cv_get_u64(p, end, &head)) == NULL || head >> 1 >= above)
		return NULL;
	if ((head & 1) && ((p = cv_get_u64(p, end, &more)) == NULL || more > CV_LARGEST_COUNT - 2))
		return NULL;
	*key = (cv_counted_key) {above - (head >> 1) - 1, 1 + (head & 1) + more};
	return p;
}

bool
cv_counted_keys_read(const uint8_t *bytes, size_t size, cv_counted_key *counted, size_t n)
{
	const uint8_t *end = bytes + size;
	uint64_t	above = CV_KEYS_END;

	while (n-- > 0)
	{
		if ((bytes = read_key(bytes, end, above, &counted[n])) == NULL)
			return false;
		above = counted[n].key;
	}
	return bytes == end;
}

bool
cv_counted_keys_merge(cv_counted_key *counted, size_t *n, const uint8_t *bytes, size_t size, size_t m)
{
	const uint8_t *end_of_bytes = bytes + size;
	size_t		here = *n,
				end = here + m,
				k = end - 1;
	cv_counted_key there;

	if (m == 0)
		return size == 0;
	if ((bytes = read_key(bytes, end_of_bytes, CV_KEYS_END, &there)) == NULL)
		return false;
	counted[k] = (cv_counted_key) {here > 0 && counted[here - 1].key > there.key ? counted[here - 1].key : there.key, 0};
	while (m > 0)
	{
		for (; here > 0 && counted[here - 1].key >= there.key; here--)
			k = put(counted, k, counted[here - 1].key, counted[here - 1].count);
		k = put(counted, k, there.key, there.count);
		if (--m > 0 && (bytes = read_key(bytes, end_of_bytes, there.key, &there)) == NULL)
			return false;
	}
	for (; here > 0; here--)
		k = put(counted, k, counted[here - 1].key, counted[here - 1].count);
	*n = close_up(counted, k, end);
	return bytes == end_of_bytes;
}
