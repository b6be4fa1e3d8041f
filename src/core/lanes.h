/*
 * lanes.h - some doubles at once: arithmetic that every 64-bit processor has.
 *
 * The vectors of gcc and clang: + - * / and comparisons work on them as on doubles,
 * each lane rounded as IEEE says, so that it does not matter how many there are.  Two
 * are the width of SSE2 and NEON; a file that defines CV_LANES as 4 or 8 first has that of
 * AVX2 or AVX-512, in functions to be called only where the processor has it.  They are
 * written out instead of taken from a library of vector functions, because those give
 * other digits on other processors.
 */
#ifndef CV_CORE_LANES_H
#define CV_CORE_LANES_H

#include <stdint.h>
#include <string.h>

#ifndef CV_LANES
#define CV_LANES 2
#endif

/* gcc warns of how such are handed from one file to another, which none is. */
#if CV_LANES > 2 && !defined(__x86_64__)
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

/* Before every function that has to do with lanes. */
#if CV_LANES == 8 && defined(__x86_64__)
#define CV_LANES_TARGET __attribute__((target("avx512f,avx512dq")))
#elif CV_LANES == 4 && defined(__x86_64__)
#define CV_LANES_TARGET __attribute__((target("avx2")))
#else
#define CV_LANES_TARGET
#endif

typedef double cv_lanes __attribute__((vector_size(8 * CV_LANES)));
typedef int64_t cv_mask __attribute__((vector_size(8 * CV_LANES)));

CV_LANES_TARGET static inline cv_lanes
cv_lanes_load(const double *from)
{
	cv_lanes	x;

	memcpy(&x, from, sizeof(x));
	return x;
}

CV_LANES_TARGET static inline void
cv_lanes_store(double *to, cv_lanes x)
{
	memcpy(to, &x, sizeof(x));
}

CV_LANES_TARGET static inline cv_lanes
cv_lanes_of(double x)
{
	return (cv_lanes) {0} + x;
}

/* a where the mask, which is what a comparison gives, is true, and b elsewhere. */
CV_LANES_TARGET static inline cv_lanes
cv_lanes_choose(cv_mask mask, cv_lanes a, cv_lanes b)
{
	return (cv_lanes) ((mask & (cv_mask) a) | (~mask & (cv_mask) b));
}

CV_LANES_TARGET static inline cv_lanes
cv_lanes_abs(cv_lanes x)
{
	return (cv_lanes) ((cv_mask) x & INT64_MAX);
}

/*
 * exp(x) for x <= 0, to 1.5 units in the last place; below -708 that of -708, which
 * is next to nothing.  2^k exp(r) with |r| <= log(2)/2, where Taylor's series is
 * short; its even and odd terms apart can be computed side by side.
 */
CV_LANES_TARGET static inline cv_lanes
cv_lanes_exp(cv_lanes x)
{
	const double round = 0x1.8p52;	/* added to a small number leaves it whole, in the lowest bits */
	cv_lanes	shifted,
				k,
				r,
				w,
				even,
				odd;

	x = cv_lanes_choose(x < -708.0, cv_lanes_of(-708), x);
	shifted = x * 1.4426950408889634074 + round;
	k = shifted - round;
	r = x - k * 0x1.62e42feep-1 - k * 0x1.a39ef35793c76p-33;	/* log(2) in two parts */
	w = r * r;
	even = 1 + w * (1.0 / 2 + w * (1.0 / 24 + w * (1.0 / 720 + w * (1.0 / 40320 + w * (1.0 / 3628800 +
			w * (1.0 / 479001600))))));
	odd = 1 + w * (1.0 / 6 + w * (1.0 / 120 + w * (1.0 / 5040 + w * (1.0 / 362880 + w * (1.0 / 39916800 +
			w * (1.0 / 6227020800))))));
	return (even + r * odd) * (cv_lanes) (((cv_mask) shifted + 1023) << 52);
}

/* 2 artanh(s) for |s| <= 0.2, by its series. */
CV_LANES_TARGET static inline cv_lanes
cv_lanes_twice_artanh(cv_lanes s)
{
	cv_lanes	w = s * s,
				ww = w * w,
				low = 1 + ww * (1.0 / 5 + ww * (1.0 / 9 + ww * (1.0 / 13 + ww * (1.0 / 17 + ww * (1.0 / 21))))),
				high = 1.0 / 3 + ww * (1.0 / 7 + ww * (1.0 / 11 + ww * (1.0 / 15 + ww * (1.0 / 19 + ww * (1.0 / 23)))));

	return 2 * s * (low + w * high);
}

/* log(1 + e) for 0 <= e <= 1, to 3e-16: around 3/2, where the series is short throughout. */
CV_LANES_TARGET static inline cv_lanes
cv_lanes_log_1_and(cv_lanes e)
{
	return 0.40546510810816438198 + cv_lanes_twice_artanh((e - 0.5) / (e + 2.5));
}

/* log(x) for x > 0 that is neither tiny (below 2.3e-308) nor infinite, to 1 unit in the last place: x = 2^k m, m around 1. */
CV_LANES_TARGET static inline cv_lanes
cv_lanes_log(cv_lanes x)
{
	typedef uint64_t bits __attribute__((vector_size(8 * CV_LANES)));
	const uint64_t one = UINT64_C(1023) << 52,
				root_half = UINT64_C(0x3FE6A09E667F3BCD);
	bits		shifted = ((bits) x - root_half + one) >> 52;	/* k + 1023 */
	cv_lanes	k = (cv_lanes) (shifted | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023),
				m = (cv_lanes) ((bits) x - (shifted << 52) + one);

	return k * 0x1.a39ef35793c76p-33 + cv_lanes_twice_artanh((m - 1) / (m + 1)) + k * 0x1.62e42feep-1;
}

#endif
