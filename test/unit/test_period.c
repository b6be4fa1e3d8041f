/*
 * test_period.c - whole periods of the calendar.
 *
 * Catches a month counted wrongly around leap days, the ends of months, years
 * before 2000 and before the common era, and periods that drift instead of
 * keeping the day of the month they began on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/period.h"

static const cv_period month = {1, 0};
static const cv_period quarter = {3, 0};
static const cv_period year = {12, 0};
static const cv_period week = {0, 7};

#define JAN_31_2024 8796			/* 2024-01-31 */

/* Walks through 1,200 years day by day against a calendar that only counts. */
static void
every_day(void **state)
{
	static const int length[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int			y = 1200,
				m = 0,
				d = 1;

	/* 1200-01-01 is two cycles of 146097 days before 2000-01-01 */
	for (int64_t day = -2 * 146097; day < 146097; day++)
	{
		int			last = length[m] + (m == 1 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
		int64_t		number = (y - 2000) * 12 + m;

		assert_int_equal(cv_period_of(month, day), number);
		assert_int_equal(cv_period_begin(month, number), day - d + 1);
		assert_int_equal(cv_period_after(day, month, 0), day);
		assert_int_equal(cv_period_begin(year, cv_period_of(year, day)) <= day, 1);
		if (++d > last)
		{
			d = 1;
			if (++m == 12)
			{
				m = 0;
				y++;
			}
		}
	}
	assert_int_equal(y, 2400);
}

static void
the_grid(void **state)
{
	assert_int_equal(cv_period_of(month, 0), 0);
	assert_int_equal(cv_period_of(month, -1), -1);
	assert_int_equal(cv_period_of(quarter, -1), -1);
	assert_int_equal(cv_period_of(quarter, 90), 0);	/* 2000-03-31 */
	assert_int_equal(cv_period_of(quarter, 91), 1);
	assert_int_equal(cv_period_of(year, 365), 0);	/* 2000 is a leap year */
	assert_int_equal(cv_period_of(year, 366), 1);
	assert_int_equal(cv_period_of(week, 2), 0);	/* a Monday */
	assert_int_equal(cv_period_of(week, 1), -1);
	assert_int_equal(cv_period_begin(week, -1), -5);
	/* the first and the last day a date can be */
	assert_int_equal(cv_period_of(year, -2451545), -6713);
	assert_int_equal(cv_period_of(year, 2145031948), 5872897);
}

static void
ends_of_months(void **state)
{
	static const int64_t after[] = {0, 29, 60, 90, 121};	/* 29 Feb, 31 Mar, 30 Apr, 31 May */

	for (int i = 0; i < 5; i++)
	{
		assert_int_equal(cv_period_after(JAN_31_2024, month, i), JAN_31_2024 + after[i]);
		assert_int_equal(cv_periods_reached(JAN_31_2024, month, JAN_31_2024 + after[i]), i);
		if (i > 0)
			assert_int_equal(cv_periods_reached(JAN_31_2024, month, JAN_31_2024 + after[i] - 1), i - 1);
	}
	/* 29 February: a year later the 28th, four years later the 29th again */
	assert_int_equal(cv_period_after(JAN_31_2024 + 29, year, 1), JAN_31_2024 + 29 + 365);
	assert_int_equal(cv_period_after(JAN_31_2024 + 29, year, 4), JAN_31_2024 + 29 + 1461);
	assert_int_equal(cv_periods_reached(100, week, 99), -1);
	assert_int_equal(cv_periods_reached(100, week, 106), 0);
	assert_int_equal(cv_periods_reached(100, week, 107), 1);
}

/* What cv_periods_reached finds is what cv_period_after says. */
static void
reached_and_after_agree(void **state)
{
	static const cv_period periods[] = {{1, 0}, {3, 0}, {7, 0}, {12, 0}, {0, 1}, {0, 30}};

	for (size_t k = 0; k < sizeof(periods) / sizeof(periods[0]); k++)
		for (int64_t start = -800; start < 800; start++)
			for (int64_t day = start; day < start + 900; day += 7)
			{
				int64_t		i = cv_periods_reached(start, periods[k], day);

				assert_true(cv_period_after(start, periods[k], i) <= day);
				assert_true(cv_period_after(start, periods[k], i + 1) > day);
			}
}

static void
validity(void **state)
{
	static const cv_period bad[] = {{0, 0}, {1, 1}, {-1, 0}, {0, -7}, {-1, 7}, {120001, 0}, {0, 3652426}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(cv_period_is_valid(bad[i]));
	assert_true(cv_period_is_valid(month) && cv_period_is_valid(week));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day),
		cmocka_unit_test(the_grid),
		cmocka_unit_test(ends_of_months),
		cmocka_unit_test(reached_and_after_agree),
		cmocka_unit_test(validity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
