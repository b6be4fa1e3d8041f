/*
 * history_periods.h - a history as families that count opportunities see it.
 */
#ifndef CV_CORE_HISTORY_PERIODS_H
#define CV_CORE_HISTORY_PERIODS_H

#include "core/history.h"
#include "core/period.h"

/*
 * The periods of the grid (see cv_period_of) after the one of the first purchase
 * that ended on or before a day: the opportunities of a customer.
 */
typedef struct cv_opportunities
{
	int64_t		x;				/* those with a purchase */
	int64_t		t_x;			/* number of the last one with a purchase; 0 without */
	int64_t		n;				/* all of them */
	double		m;				/* mean net amount of those with a purchase; 0 without */
} cv_opportunities;

/*
 * The opportunities of a history as of a day.  OK; EMPTY where no purchase lies on
 * or before as_of; VERSION or CORRUPT.
 */
extern cv_history_status cv_history_opportunities(const uint8_t *bytes, size_t size, int32_t as_of,
												  cv_period period, cv_opportunities *o);

/* How many periods of the grid end on one of the days after as_of, up to the day until. */
extern int64_t cv_periods_ending(cv_period period, int64_t as_of, int64_t until);

#endif
