/*
 * days.h - a place for every day in a small table.
 *
 * There are many patterns and few days, so that what depends on a day alone is
 * kept from one pattern to the next.  A day always falls into the same place:
 * what comes out does not depend on what was there before.
 */
#ifndef CV_CORE_DAYS_H
#define CV_CORE_DAYS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CV_DAYS_BITS 10
#define CV_DAYS (1 << CV_DAYS_BITS)

/* The size of a table for n patterns: a few need a few places, as those with covariates come in groups, often one by one. */
static inline int
cv_days_bits(size_t n)
{
	int			bits = 2;

	while (bits < CV_DAYS_BITS && (size_t) 1 << bits < 4 * n)
		bits++;
	return bits;
}

/* Whole days of a week, or of one each, fall into places of their own; other times >= 0 anywhere. */
static inline size_t
cv_day_place(double t, int bits_of_place)
{
	double		days = 7 * t + 0.5;
	uint64_t	bits;

	if (days < 1e9)
	{
		int64_t		whole = (int64_t) days;
		double		rest = days - 0.5 - (double) whole;

		if (rest < 1e-6 && rest > -1e-6)
			return (size_t) whole & (((size_t) 1 << bits_of_place) - 1);
	}
	memcpy(&bits, &t, sizeof(bits));
	return (size_t) ((bits * 0x9e3779b97f4a7c15u) >> (64 - bits_of_place));
}

#endif
