/*
 * history_varint.h - little-endian base-128 integers of up to 128 bits.
 *
 * Signed values are folded (0, -1, 1, -2, ...) so that small ones stay short.
 * Readers take an end pointer, never read past it, and accept only the
 * shortest form of a value: every integer has exactly one spelling.
 */
#ifndef CV_CORE_HISTORY_VARINT_H
#define CV_CORE_HISTORY_VARINT_H

#include "core/history.h"

#define CV_HISTORY_FORMAT 1		/* the version that histories begin with */

typedef unsigned __int128 cv_uint128 __attribute__((aligned(8)));

#define CV_VARINT_MAX 19		/* bytes of the longest varint: 128 bits by 7 */

static inline uint64_t
cv_fold64(int64_t v)
{
	return ((uint64_t) v << 1) ^ (uint64_t) (v >> 63);
}

static inline int64_t
cv_unfold64(uint64_t u)
{
	return (int64_t) ((u >> 1) ^ -(u & 1));
}

static inline cv_uint128
cv_fold128(cv_int128 v)
{
	return ((cv_uint128) v << 1) ^ (cv_uint128) (v >> 127);
}

static inline cv_int128
cv_unfold128(cv_uint128 u)
{
	return (cv_int128) ((u >> 1) ^ -(u & 1));
}

/* Writes v at p; returns the byte after it. */
static inline uint8_t *
cv_put_u64(uint8_t *p, uint64_t v)
{
	while (v >= 0x80)
	{
		*p++ = (uint8_t) (v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t) v;
	return p;
}

static inline uint8_t *
cv_put_u128(uint8_t *p, cv_uint128 v)
{
	while (v >> 64)
	{
		*p++ = (uint8_t) (v | 0x80);
		v >>= 7;
	}
	return cv_put_u64(p, (uint64_t) v);
}

/* Reads a value at p into *v; returns the byte after it, NULL where malformed. */
static inline const uint8_t *
cv_get_u64(const uint8_t *p, const uint8_t *end, uint64_t *v)
{
	uint64_t	result = 0;

	for (int shift = 0; p < end; shift += 7)
	{
		uint8_t		byte = *p++;

		if (shift == 63 && byte > 1)
			return NULL;		/* more than 64 bits */
		result |= (uint64_t) (byte & 0x7F) << shift;
		if (byte < 0x80)
		{
			if (byte == 0 && shift > 0)
				return NULL;	/* not the shortest form */
			*v = result;
			return p;
		}
	}
	return NULL;
}

static inline const uint8_t *
cv_get_u128(const uint8_t *p, const uint8_t *end, cv_uint128 *v)
{
	cv_uint128	result = 0;
	uint64_t	low = 0;
	int			shift;

	for (shift = 0; shift < 63 && p < end; shift += 7)
	{
		uint8_t		byte = *p++;

		low |= (uint64_t) (byte & 0x7F) << shift;
		if (byte < 0x80)
		{
			if (byte == 0 && shift > 0)
				return NULL;
			*v = low;
			return p;
		}
	}
	for (result = low; p < end; shift += 7)
	{
		uint8_t		byte = *p++;

		if (shift == 126 && byte > 3)
			return NULL;		/* more than 128 bits */
		result |= (cv_uint128) (byte & 0x7F) << shift;
		if (byte < 0x80)
		{
			if (byte == 0)
				return NULL;
			*v = result;
			return p;
		}
	}
	return NULL;
}

static inline uint8_t *
cv_put_s128(uint8_t *p, cv_int128 v)
{
	return cv_put_u128(p, cv_fold128(v));
}

static inline const uint8_t *
cv_get_s128(const uint8_t *p, const uint8_t *end, cv_int128 *v)
{
	cv_uint128	u;

	p = cv_get_u128(p, end, &u);
	if (p != NULL)
		*v = cv_unfold128(u);
	return p;
}

/* Sums of unchecked bytes wrap instead of being undefined. */
static inline cv_int128
cv_add128(cv_int128 a, cv_int128 b)
{
	return (cv_int128) ((cv_uint128) a + (cv_uint128) b);
}

static inline cv_uint128
cv_abs128(cv_int128 v)
{
	return v < 0 ? -(cv_uint128) v : (cv_uint128) v;
}

#endif
