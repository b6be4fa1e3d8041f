/*
 * period.h - whole periods of the calendar: months and years, or blocks of days.
 *
 * Days are those of the server, counted from 2000-01-01, in the Gregorian
 * calendar extended backwards.
 */
#ifndef CV_CORE_PERIOD_H
#define CV_CORE_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

/* So many months, or so many days: one of the two is above 0, the other is 0. */
typedef struct cv_period
{
	int32_t		months;
	int32_t		days;
} cv_period;

/* The longest periods: ten thousand years. */
#define CV_PERIOD_MAX_MONTHS 120000
#define CV_PERIOD_MAX_DAYS 3652425

extern bool cv_period_is_valid(cv_period period);

/*
 * The day i periods after start, or before it where i < 0.  Months keep the day of the month of
 * start, or take the last day of a shorter month, as date + interval does; so
 * the third month after 31 January ends on 30 April whatever February did.
 */
extern int64_t cv_period_after(int64_t start, cv_period period, int64_t i);

/* How many periods after start have been reached by a day: the largest i with cv_period_after(i) <= day; -1 before start. */
extern int64_t cv_periods_reached(int64_t start, cv_period period, int64_t day);

/*
 * The grid of the calendar, the same for everybody: months are counted from
 * January 2000, blocks of days from Monday 2000-01-03.  The number of the
 * period that a day lies in, below 0 before the first.
 */
extern int64_t cv_period_of(cv_period period, int64_t day);

/* The first day of period number i of the grid. */
extern int64_t cv_period_begin(cv_period period, int64_t i);

#endif
