/*
 * exact_sum.c - sums without rounding: adding, carrying, reading, covariances.
 *
 * Chunks are signed 64-bit integers that take 32 bits of each term, so 2^29 terms
 * can be added before carries must be passed on.  After that all chunks but the
 * last lie in [0, 2^32), the last one has the sign: one form a sum.
 */
#include "core/exact_sum.h"

#include <math.h>
#include <string.h>

#define PENDING_MAX (INT64_C(1) << 29)
#define LOW_HALF UINT64_C(0xFFFFFFFF)

typedef unsigned __int128 uint128;
typedef __int128 int128;

/* A finite double as an integer below 2^53 times 2^exponent. */
static inline uint64_t
take_apart(double x, int *exponent, bool *negative)
{
	uint64_t	bits;
	int			biased;

	memcpy(&bits, &x, sizeof(bits));
	*negative = bits >> 63;
	biased = (int) (bits >> 52) & 0x7FF;
	bits &= (UINT64_C(1) << 52) - 1;
	if (biased == 0)
		biased = 1;
	else
		bits |= UINT64_C(1) << 52;
	*exponent = biased - 1075;
	return bits;
}

/* Adds v * 2^bit, bit counted from the lowest of chunk 0. */
static inline void
add_bits(int64_t *chunk, unsigned bit, uint64_t v, bool negative)
{
	uint128		shifted = (uint128) v << (bit & 31);
	int64_t		low = (int64_t) ((uint64_t) shifted & LOW_HALF);
	int64_t		middle = (int64_t) ((uint64_t) (shifted >> 32) & LOW_HALF);
	int64_t		high = (int64_t) (shifted >> 64);

	chunk += bit >> 5;
	if (negative)
	{
		chunk[0] -= low;
		chunk[1] -= middle;
		chunk[2] -= high;
	}
	else
	{
		chunk[0] += low;
		chunk[1] += middle;
		chunk[2] += high;
	}
}

static inline void
add_product(int64_t *chunk, int low_bit, double x, double y)
{
	int			ex,
				ey;
	bool		nx,
				ny;
	uint64_t	mx = take_apart(x, &ex, &nx);
	uint64_t	my = take_apart(y, &ey, &ny);
	uint128		product = (uint128) mx * my;
	int			bit = ex + ey + low_bit;

	/* a factor of few digits can reach below the lowest chunk with zeros only */
	if (bit < 0)
	{
		product >>= -bit < 127 ? -bit : 127;
		bit = 0;
	}
	add_bits(chunk, (unsigned) bit, (uint64_t) product, nx != ny);
	if (product >> 64)
		add_bits(chunk, (unsigned) bit + 64, (uint64_t) (product >> 64), nx != ny);
}

static void
carry(int64_t *chunk, int n)
{
	int64_t		over = 0;

	for (int i = 0; i < n - 1; i++)
	{
		int64_t		v = chunk[i] + over;

		chunk[i] = v & (int64_t) LOW_HALF;
		over = (v - chunk[i]) / (INT64_C(1) << 32);
	}
	chunk[n - 1] += over;
}

/* Turns carried chunks into sign and magnitude, all chunks in [0, 2^32); true where negative. */
static bool
magnitude(const int64_t *chunk, int n, int64_t *out)
{
	bool		negative = chunk[n - 1] < 0;

	memcpy(out, chunk, (size_t) n * sizeof(*out));
	if (negative)
	{
		for (int i = 0; i < n; i++)
			out[i] = -out[i];
		carry(out, n);
	}
	return negative;
}

/* The carried chunks, rounded to nearest, ties to even. */
static cv_scaled
read_chunks(const int64_t *chunk, int n, int low_bit)
{
	int64_t		m[CV_WIDE_CHUNKS];
	bool		negative = magnitude(chunk, n, m);
	int			top = n - 1;
	int			zeros;
	uint128		window;
	uint64_t	digits;
	bool		rest;
	cv_scaled	s = {0, 0};

	while (top >= 0 && m[top] == 0)
		top--;
	if (top < 0)
		return s;

	/* the four highest chunks: at least 97 bits, what is below only breaks ties */
	window = 0;
	for (int i = 0; i < 4; i++)
		window = window << 32 | (uint128) (top - i >= 0 ? m[top - i] : 0);
	rest = false;
	for (int i = top - 4; i >= 0 && !rest; i--)
		rest = m[i] != 0;
	zeros = __builtin_clzll((unsigned long long) (window >> 64));
	window <<= zeros;
	digits = (uint64_t) (window >> 75);
	window <<= 53;
	if (window > (uint128) 1 << 127 || (window == (uint128) 1 << 127 && (rest || (digits & 1))))
		digits++;				/* 2^53 at most, which is a double */
	s.fraction = frexp((double) digits, &s.exponent);
	s.exponent += 32 * (top + 1) - zeros - 53 - low_bit;
	if (negative)
		s.fraction = -s.fraction;
	return s;
}

static size_t
write_chunks(const int64_t *chunk, int n, uint8_t *out)
{
	int64_t		m[CV_WIDE_CHUNKS];
	bool		negative = magnitude(chunk, n, m);
	int			first = 0,
				used;
	uint8_t    *start = out;

	while (n > 0 && m[n - 1] == 0)
		n--;
	while (first < n && m[first] == 0)
		first++;
	used = n - first;
	*out++ = negative;
	*out++ = (uint8_t) (used == 0 ? 0 : first);
	*out++ = (uint8_t) used;
	for (int i = first; i < n; i++)
		for (int shift = 0; shift < 32; shift += 8)
			*out++ = (uint8_t) (m[i] >> shift);
	return (size_t) (out - start);
}

static bool
take_chunks(int64_t *chunk, int n, const uint8_t **at, const uint8_t *end)
{
	const uint8_t *p = *at;
	bool		negative;
	int			first,
				used;

	memset(chunk, 0, (size_t) n * sizeof(*chunk));
	if (end - p < 3)
		return false;
	negative = p[0] != 0;
	first = p[1];
	used = p[2];
	p += 3;
	if (first + used > n || end - p < (ptrdiff_t) 4 * used)
		return false;
	for (int i = first; i < first + used; i++, p += 4)
	{
		chunk[i] = (int64_t) ((uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24);
		if (negative)
			chunk[i] = -chunk[i];
	}
	carry(chunk, n);
	*at = p;
	return true;
}

static inline void
count_exact(cv_exact *sum)
{
	if (++sum->pending >= PENDING_MAX)
	{
		carry(sum->chunk, CV_EXACT_CHUNKS);
		sum->pending = 0;
	}
}

static inline void
count_wide(cv_wide *sum)
{
	if (++sum->pending >= PENDING_MAX)
	{
		carry(sum->chunk, CV_WIDE_CHUNKS);
		sum->pending = 0;
	}
}

static void
settle_exact(cv_exact *sum)
{
	carry(sum->chunk, CV_EXACT_CHUNKS);
	sum->pending = 0;
}

static void
settle_wide(cv_wide *sum)
{
	carry(sum->chunk, CV_WIDE_CHUNKS);
	sum->pending = 0;
}

void
cv_exact_add(cv_exact *sum, double x)
{
	int			exponent;
	bool		negative;
	uint64_t	v = take_apart(x, &exponent, &negative);

	add_bits(sum->chunk, (unsigned) (exponent + CV_EXACT_LOW_BIT), v, negative);
	count_exact(sum);
}

void
cv_exact_add_multiple(cv_exact *sum, double n, double x)
{
	add_product(sum->chunk, CV_EXACT_LOW_BIT, n, x);
	count_exact(sum);
}

void
cv_exact_combine(cv_exact *sum, cv_exact *other)
{
	settle_exact(sum);
	settle_exact(other);
	for (int i = 0; i < CV_EXACT_CHUNKS; i++)
		sum->chunk[i] += other->chunk[i];
	settle_exact(sum);
}

cv_scaled
cv_exact_read(cv_exact *sum)
{
	settle_exact(sum);
	return read_chunks(sum->chunk, CV_EXACT_CHUNKS, CV_EXACT_LOW_BIT);
}

void
cv_wide_add(cv_wide *sum, double x, int exponent)
{
	int			own_exponent;
	bool		negative;
	uint64_t	v = take_apart(x, &own_exponent, &negative);

	add_bits(sum->chunk, (unsigned) (own_exponent + exponent + CV_WIDE_LOW_BIT), v, negative);
	count_wide(sum);
}

void
cv_wide_add_product(cv_wide *sum, double x, double y)
{
	add_product(sum->chunk, CV_WIDE_LOW_BIT, x, y);
	count_wide(sum);
}

void
cv_wide_combine(cv_wide *sum, cv_wide *other)
{
	settle_wide(sum);
	settle_wide(other);
	for (int i = 0; i < CV_WIDE_CHUNKS; i++)
		sum->chunk[i] += other->chunk[i];
	settle_wide(sum);
}

cv_scaled
cv_wide_read(cv_wide *sum)
{
	settle_wide(sum);
	return read_chunks(sum->chunk, CV_WIDE_CHUNKS, CV_WIDE_LOW_BIT);
}

cv_scaled
cv_exact_covariance(int64_t n, cv_wide *products, cv_exact *x, cv_exact *y)
{
	int64_t		result[CV_WIDE_CHUNKS];
	int128		over = 0;

	settle_wide(products);
	settle_exact(x);
	settle_exact(y);
	for (int k = 0; k < CV_WIDE_CHUNKS; k++)
	{
		int128		v = over + (int128) n * products->chunk[k];
		int			from = k < CV_EXACT_CHUNKS ? 0 : k - CV_EXACT_CHUNKS + 1;

		for (int i = from; i < CV_EXACT_CHUNKS && i <= k; i++)
			v -= (int128) x->chunk[i] * y->chunk[k - i];
		if (k == CV_WIDE_CHUNKS - 1)
			result[k] = (int64_t) v;
		else
		{
			result[k] = (int64_t) ((uint64_t) v & LOW_HALF);
			over = (v - result[k]) / ((int128) 1 << 32);
		}
	}
	return read_chunks(result, CV_WIDE_CHUNKS, CV_WIDE_LOW_BIT);
}

double
cv_scaled_value(cv_scaled s)
{
	return ldexp(s.fraction, s.exponent);
}

cv_scaled
cv_scaled_of(double x)
{
	cv_scaled	s;

	s.fraction = frexp(x, &s.exponent);
	return s;
}

cv_scaled
cv_scaled_quotient(cv_scaled a, cv_scaled b)
{
	cv_scaled	s = cv_scaled_of(a.fraction / b.fraction);

	s.exponent += a.exponent - b.exponent;
	return s;
}

cv_scaled
cv_scaled_root(cv_scaled a)
{
	cv_scaled	s;
	int			odd = a.exponent & 1;

	s = cv_scaled_of(sqrt(odd ? 2 * a.fraction : a.fraction));
	s.exponent += (a.exponent - odd) / 2;
	return s;
}

size_t
cv_exact_write(cv_exact *sum, uint8_t *out)
{
	settle_exact(sum);
	return write_chunks(sum->chunk, CV_EXACT_CHUNKS, out);
}

bool
cv_exact_take(cv_exact *sum, const uint8_t **at, const uint8_t *end)
{
	sum->pending = 0;
	return take_chunks(sum->chunk, CV_EXACT_CHUNKS, at, end);
}

size_t
cv_wide_write(cv_wide *sum, uint8_t *out)
{
	settle_wide(sum);
	return write_chunks(sum->chunk, CV_WIDE_CHUNKS, out);
}

bool
cv_wide_take(cv_wide *sum, const uint8_t **at, const uint8_t *end)
{
	sum->pending = 0;
	return take_chunks(sum->chunk, CV_WIDE_CHUNKS, at, end);
}
