/*
 * test_model_gaps.c - the times between purchases, as regular families see them.
 *
 * Catches a gap counted from a return, beyond the as-of day or in the wrong unit, and
 * a sum that is not a whole number of its units.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/gaps.h"

static uint8_t bytes[1024];

/* A history of days with the amounts given; a negative one is a return. Returns its size. */
static size_t
write_history(const int *days, const int *amounts, int n)
{
	const uint8_t scale[CV_TRACKS] = {0};
	cv_history_shape shape;
	uint8_t    *end = bytes;

	cv_shape_init(&shape, scale);
	for (int pass = 0; pass < 2; pass++)
	{
		if (pass)
			end = cv_history_put_header(&shape, bytes);
		for (int i = 0; i < n; i++)
		{
			cv_day		day = {
				.day = days[i], .known = CV_TRACK_BIT(CV_AMOUNT), .missing = CV_OPTIONAL_TRACKS,
				.orders = amounts[i] >= 0, .returns = amounts[i] < 0,
				.sum = {amounts[i]}, .returned = amounts[i] < 0 ? -amounts[i] : 0
			};

			if (pass)
				end = cv_history_put_day(&shape, &day, end);
			else
				cv_shape_add(&shape, &day);
		}
	}
	assert_int_equal(cv_history_validate(bytes, end - bytes), CV_HISTORY_OK);
	return end - bytes;
}

static void
gaps_are_those_between_purchases(void **state)
{
	static const int days[] = {-30, -23, -20, 0, 1, 400};
	static const int amounts[] = {5, 10, -3, 0, 20, 7};
	size_t		size = write_history(days, amounts, 6);
	int64_t		log_gaps;

	/* the return on day -20 is no purchase, the free order on day 0 is one */
	assert_int_equal(cv_history_log_gaps(bytes, size, 400, &log_gaps), CV_HISTORY_OK);
	assert_true(fabs((double) log_gaps * CV_LOG_GAP_UNIT -
					 (log(1) + log(23.0 / 7) + log(1.0 / 7) + log(57))) < 4 * CV_LOG_GAP_UNIT);
	assert_int_equal(cv_history_log_gaps(bytes, size, 399, &log_gaps), CV_HISTORY_OK);
	assert_true(fabs((double) log_gaps * CV_LOG_GAP_UNIT - log(23.0 / 49)) < 3 * CV_LOG_GAP_UNIT);
	assert_int_equal(cv_history_log_gaps(bytes, size, -20, &log_gaps), CV_HISTORY_OK);
	assert_true(log_gaps == 0);
	assert_int_equal(cv_history_log_gaps(bytes, size, -30, &log_gaps), CV_HISTORY_OK);
	assert_true(log_gaps == 0);
	assert_int_equal(cv_history_log_gaps(bytes, size, -31, &log_gaps), CV_HISTORY_EMPTY);
	assert_int_equal(cv_history_log_gaps(bytes, size - 1, 400, &log_gaps), CV_HISTORY_CORRUPT);
	bytes[0] ^= 0x80;
	assert_int_equal(cv_history_log_gaps(bytes, size, 400, &log_gaps), CV_HISTORY_VERSION);
}

/* The longest there can be, between the ends of the calendar. */
static void
the_longest_gap(void **state)
{
	static const int days[] = {CV_MIN_DAY, CV_MAX_DAY};
	static const int amounts[] = {1, 1};
	size_t		size = write_history(days, amounts, 2);
	int64_t		log_gaps;

	assert_int_equal(cv_history_log_gaps(bytes, size, CV_MAX_DAY, &log_gaps), CV_HISTORY_OK);
	assert_true(fabs((double) log_gaps * CV_LOG_GAP_UNIT - log(((double) CV_MAX_DAY - CV_MIN_DAY) / 7)) < 1e-9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_are_those_between_purchases),
		cmocka_unit_test(the_longest_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
