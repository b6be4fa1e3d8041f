/*
 * close.h - numbers that must agree; needs cmocka.
 */
#ifndef CV_TEST_CLOSE_H
#define CV_TEST_CLOSE_H

#include <math.h>

static inline void
close_to(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance))
		fail_msg("%.17g instead of %.17g", value, expected);
}

#endif
