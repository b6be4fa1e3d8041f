/*
 * history_periods.c - a history as families that count opportunities see it.
 */
#include "core/history_periods.h"

#include "core/history_varint.h"

/* Number of the last period that ended on or before a day. */
static int64_t
last_ended(cv_period period, int64_t day)
{
	return cv_period_of(period, day + 1) - 1;
}

int64_t
cv_periods_ending(cv_period period, int64_t as_of, int64_t until)
{
	return until > as_of ? last_ended(period, until) - last_ended(period, as_of) : 0;
}

cv_history_status
cv_history_opportunities(const uint8_t *bytes, size_t size, int32_t as_of, cv_period period, cv_opportunities *o)
{
	cv_history_reader reader;
	cv_history_status status;
	cv_day		day;
	bool		bought = false;
	int64_t		first = 0,
				end = last_ended(period, as_of);
	cv_int128	amount = 0;

	*o = (cv_opportunities) {0};
	if ((status = cv_history_open(&reader, bytes, size)) != CV_HISTORY_OK)
		return status;
	while (cv_history_next(&reader, &day) && day.day <= as_of)
	{
		int64_t		i;

		if (!cv_day_is_purchase(&day))
			continue;
		i = cv_period_of(period, day.day);
		if (!bought)
			first = i;
		bought = true;
		if (i == first || i > end)
			continue;
		if (i - first != o->t_x)
			o->x++;
		o->t_x = i - first;
		amount = cv_add128(amount, day.sum[CV_AMOUNT]);
	}
	if (reader.corrupt)
		return CV_HISTORY_CORRUPT;
	if (!bought)
		return CV_HISTORY_EMPTY;
	o->n = end > first ? end - first : 0;
	if (o->x > 0)
		o->m = (double) amount / ((double) o->x * (double) cv_power_of_ten(reader.scale[CV_AMOUNT]));
	return CV_HISTORY_OK;
}
