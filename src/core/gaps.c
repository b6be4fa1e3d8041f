/*
 * gaps.c - the times between purchases, of which regular buyers make more than their mean.
 */
#include "core/gaps.h"

#include <math.h>

cv_history_status
cv_history_log_gaps(const uint8_t *bytes, size_t size, int32_t as_of, int64_t *log_gaps)
{
	cv_history_reader reader;
	cv_history_status status;
	cv_day		day;
	bool		started = false;
	int32_t		last = 0;

	*log_gaps = 0;
	if ((status = cv_history_open(&reader, bytes, size)) != CV_HISTORY_OK)
		return status;
	while (cv_history_next(&reader, &day) && day.day <= as_of)
	{
		if (!cv_day_is_purchase(&day))
			continue;
		if (started)
			*log_gaps += llround(log(((double) day.day - last) / 7) / CV_LOG_GAP_UNIT);
		started = true;
		last = day.day;
	}
	if (reader.corrupt)
		return CV_HISTORY_CORRUPT;
	return started ? CV_HISTORY_OK : CV_HISTORY_EMPTY;
}
