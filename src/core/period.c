/*
 * period.c - whole periods of the calendar.
 */
#include "core/period.h"

#define FIRST_MONDAY 2			/* 2000-01-03 */
#define CYCLE_DAYS 146097		/* of the 400 years after which the calendar repeats */
#define CYCLE_YEARS 400

static int64_t
floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 2000-01-01 to the first of January of a year. */
static int64_t
year_begin(int64_t year)
{
	int64_t		before = year - 1;	/* leap days lie in the years up to this one */

	return (year - 2000) * 365 + floor_divide(before, 4) - floor_divide(before, 100) + floor_divide(before, 400)
		- (1999 / 4 - 1999 / 100 + 1999 / 400);
}

static const int month_begin[2][13] = {
	{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
	{0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366}
};

/* The month of a day, counted from January 2000, and the days of it that have gone before. */
static int64_t
month_of(int64_t day, int *day_of_month)
{
	int64_t		year = 2000 + floor_divide(day, CYCLE_DAYS) * CYCLE_YEARS;
	int			month = 0,
				rest;

	/* no year is longer than 366 days: this is the year, or a little before it */
	year += (day - year_begin(year)) / 366;
	while (year_begin(year + 1) <= day)
		year++;
	rest = (int) (day - year_begin(year));
	while (month_begin[is_leap(year)][month + 1] <= rest)
		month++;
	*day_of_month = rest - month_begin[is_leap(year)][month];
	return (year - 2000) * 12 + month;
}

/* The first day of a month counted from January 2000. */
static int64_t
first_of_month(int64_t month)
{
	int64_t		year = 2000 + floor_divide(month, 12);

	return year_begin(year) + month_begin[is_leap(year)][month - (year - 2000) * 12];
}

bool
cv_period_is_valid(cv_period period)
{
	return period.months >= 0 && period.months <= CV_PERIOD_MAX_MONTHS &&
		period.days >= 0 && period.days <= CV_PERIOD_MAX_DAYS &&
		(period.months == 0) != (period.days == 0);
}

int64_t
cv_period_after(int64_t start, cv_period period, int64_t i)
{
	int			day_of_month;
	int64_t		month,
				length;

	if (period.months == 0)
		return start + i * period.days;
	month = month_of(start, &day_of_month) + i * period.months;
	length = first_of_month(month + 1) - first_of_month(month);
	return first_of_month(month) + (day_of_month < length ? day_of_month : length - 1);
}

int64_t
cv_periods_reached(int64_t start, cv_period period, int64_t day)
{
	int			ignored;
	int64_t		i;

	if (day < start)
		return -1;
	if (period.months == 0)
		return (day - start) / period.days;
	i = (month_of(day, &ignored) - month_of(start, &ignored)) / period.months;
	return cv_period_after(start, period, i) <= day ? i : i - 1;
}

int64_t
cv_period_of(cv_period period, int64_t day)
{
	int			ignored;

	if (period.months == 0)
		return floor_divide(day - FIRST_MONDAY, period.days);
	return floor_divide(month_of(day, &ignored), period.months);
}

int64_t
cv_period_begin(cv_period period, int64_t i)
{
	return period.months == 0 ? FIRST_MONDAY + i * period.days : first_of_month(i * period.months);
}
