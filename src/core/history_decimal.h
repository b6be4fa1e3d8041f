/*
 * history_decimal.h - exact decimals as text: 128-bit units of 10^-scale.
 */
#ifndef CV_CORE_HISTORY_DECIMAL_H
#define CV_CORE_HISTORY_DECIMAL_H

#include "core/history.h"

#define CV_DECIMAL_TEXT_MAX 64	/* bytes cv_decimal_put writes at most, the final NUL included */

/* Writes v units of 10^-scale (scale 0 to 38), with all its decimals; returns where the NUL is. */
extern char *cv_decimal_put(cv_int128 v, int scale, char *out);

typedef enum cv_decimal_status
{
	CV_DECIMAL_OK,
	CV_DECIMAL_SYNTAX,			/* no digits */
	CV_DECIMAL_RANGE,			/* more than max_digits before the point */
	CV_DECIMAL_SCALE			/* more than CV_MAX_SCALE decimals */
} cv_decimal_status;

/*
 * Reads [+|-] digits [. digits] from text up to end; stores in *v the value in
 * units of 10^-CV_MAX_SCALE and in *next the first character that is no part of
 * it.  max_digits (at most CV_MAX_TOTAL_DIGITS) counts significant digits before
 * the point; the value 10^CV_MAX_TOTAL_DIGITS itself is accepted where that is
 * the limit.  Zeros at either end are free.
 */
extern cv_decimal_status cv_decimal_get(const char *text, const char *end, int max_digits,
										cv_int128 *v, const char **next);

#endif
