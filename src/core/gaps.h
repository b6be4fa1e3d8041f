/*
 * gaps.h - the times between purchases, of which regular buyers make more than their mean.
 */
#ifndef CV_CORE_GAPS_H
#define CV_CORE_GAPS_H

#include "core/history.h"

/* What cv_history_log_gaps counts in: 2^-32 of a natural logarithm. */
#define CV_LOG_GAP_UNIT 2.3283064365386963e-10

/*
 * The sum of the logs of all times between consecutive purchase days up to as_of,
 * in weeks: whole numbers, so that sums do not depend on their order.  OK, EMPTY,
 * VERSION or CORRUPT.
 */
extern cv_history_status cv_history_log_gaps(const uint8_t *bytes, size_t size, int32_t as_of,
											 int64_t *log_gaps);

#endif
