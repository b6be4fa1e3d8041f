/*
 * numeric_digits.h - between the server's numeric and exact 128-bit decimals.
 */
#ifndef CV_PG_NUMERIC_DIGITS_H
#define CV_PG_NUMERIC_DIGITS_H

#include "pg/compat.h"

#include "core/history.h"

typedef enum cv_numeric_status
{
	CV_NUMERIC_OK,
	CV_NUMERIC_NAN,
	CV_NUMERIC_INFINITE,
	CV_NUMERIC_TOO_LARGE,		/* 10^CV_MAX_INTEGER_DIGITS or more in absolute value */
	CV_NUMERIC_TOO_FINE			/* more than CV_MAX_SCALE decimals, zeros at the end aside */
} cv_numeric_status;

/*
 * Reads a numeric (packed or not) as units of 10^-scale, with the smallest
 * scale; changes *value and *scale only where OK.  Allocates only for a toasted
 * value.
 */
extern cv_numeric_status cv_numeric_read(Datum numeric, cv_int128 *value, uint8_t *scale);

/* Units of 10^-scale; in two registers. */
typedef struct cv_small_numeric
{
	int64		value;
	int			scale;			/* -1: none */
} cv_small_numeric;

/*
 * The same for what almost every amount is, below 10^12 with few digits, in half
 * of the instructions.  The scale is even and not always the smallest; -1 where
 * it must be left to cv_numeric_read.
 */
extern cv_small_numeric cv_numeric_read_small(Datum numeric);

/* A new numeric of v units of 10^-scale, with scale decimals (0 to CV_MAX_SCALE). */
extern Datum cv_numeric_make(cv_int128 v, int scale);

#endif
