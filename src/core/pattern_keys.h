/*
 * pattern_keys.h - patterns whose numbers are whole, as keys of 63 bits: sorted and counted by the million.
 *
 * x, T and t_x of a customer's history are counts of days or of periods, and what was
 * spent is so many thousandths.  Keys compare as patterns are ordered: by x, then T, then
 * t_x, or by x, then m.
 */
#ifndef CV_CORE_PATTERN_KEYS_H
#define CV_CORE_PATTERN_KEYS_H

#include "core/history.h"
#include "core/model.h"

#define CV_KEYS_END (UINT64_C(1) << 63)	/* every key is below */
#define CV_LARGEST_COUNT (UINT64_C(1) << 53)	/* of one key in bytes, as doubles count no further */

/* Bits of T and of t_x, 11,000 years in days; x has what is left, 1,400 years of days with a purchase. */
#define CV_KEY_TIME_BITS 22
#define CV_KEY_X_BITS (63 - 2 * CV_KEY_TIME_BITS)

/* Bits of what was spent on x days, 70 billion; x has what is left, 350 years of days. */
#define CV_KEY_AMOUNT_BITS 46
#define CV_KEY_AMOUNT_SCALE 3	/* decimals ... */
#define CV_KEY_AMOUNT_UNITS 1000	/* ... and so many of them are 1 */
#define CV_KEY_BUYER_BITS (63 - CV_KEY_AMOUNT_BITS)

typedef struct cv_counted_key
{
	uint64_t	key;
	uint64_t	count;
} cv_counted_key;

/* The key of a customer, all three >= 0; false where one is too large. */
static inline bool
cv_pattern_key(int64_t x, int64_t t_x, int64_t T, uint64_t *key)
{
	*key = (uint64_t) x << (2 * CV_KEY_TIME_BITS) | (uint64_t) T << CV_KEY_TIME_BITS | (uint64_t) t_x;
	return x >> CV_KEY_X_BITS == 0 && T >> CV_KEY_TIME_BITS == 0 && t_x >> CV_KEY_TIME_BITS == 0;
}

/*
 * The key of a customer who spent amount, in units of 10^-scale, on x repeat purchase
 * days, both above 0; false where one is too large, or the amount has too many decimals.
 */
extern bool cv_spend_key(int64_t x, cv_int128 amount, int scale, uint64_t *key);

/* The pattern that a key of some kind stands for. */
static inline cv_pattern
cv_pattern_of_key(const cv_counted_key *counted, cv_key_kind kind)
{
	const uint64_t time = (UINT64_C(1) << CV_KEY_TIME_BITS) - 1,
				amount = (UINT64_C(1) << CV_KEY_AMOUNT_BITS) - 1;
	const double unit = kind == CV_KEY_DAYS ? 7 : 1;

	if (kind == CV_KEY_SPEND)
	{
		double		x = (double) (counted->key >> CV_KEY_AMOUNT_BITS);

		return (cv_pattern) {.x = x, .m = (double) (counted->key & amount) / (x * CV_KEY_AMOUNT_UNITS), .count = (double) counted->count};
	}
	return (cv_pattern) {
		.x = (double) (counted->key >> (2 * CV_KEY_TIME_BITS)),
		.t_x = (double) (counted->key & time) / unit,
		.T = (double) (counted->key >> CV_KEY_TIME_BITS & time) / unit,
		.count = (double) counted->count
	};
}

/*
 * Sorts keys; scratch has room for as many.  pause (or NULL) is called now and then and
 * may longjmp: the keys are all there then, in some order.
 */
extern void cv_keys_sort(uint64_t *keys, uint64_t *scratch, size_t n, void (*pause) (void));

/* Sorts keys by their bits from the lowest-th on alone; those with the same stay in order. */
extern void cv_keys_sort_upper(uint64_t *keys, uint64_t *scratch, size_t n, int lowest);

/*
 * Counted and sorted keys in few bytes, to be stored or sent: most keys follow the next
 * one closely and stand for one customer, which takes two bytes instead of sixteen, or
 * one where there are millions.
 *
 * They are in there with the largest first, as they are merged from there: each as a
 * varint, (step << 1) | several, where step is how many keys lie between it and the one
 * before (or the end of all keys).  Several means that its count, less 2, follows as another
 * varint; else it is 1.  Keys have 63 bits, which leaves the one.
 */
extern size_t cv_counted_keys_size(const cv_counted_key *counted, size_t n);

/* Writes so many bytes at out; returns the byte after them. */
extern uint8_t *cv_counted_keys_write(const cv_counted_key *counted, size_t n, uint8_t *out);

#endif
