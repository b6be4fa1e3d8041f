/*
 * local_day.c - the day of a moment in a time zone, ten times as fast as the server's two conversions.
 *
 * What a zone is, the server says: it is asked for the distance from UTC at both ends of
 * each day of UTC that occurs.  Where it is the same, so it is all day; on the others, a
 * few a year, the server is asked every time.
 */
#include "pg/compat.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

/* Days of UTC kept, a power of two: three years without one driving out another. */
#define KEPT_DAYS 1024

/* No zone is so far from UTC: a name in POSIX's form may say 167 hours. */
#define RANGE_MARGIN (10 * USECS_PER_DAY)

/* Zones with longer names are not kept. */
#define LONGEST_NAME 63

typedef struct cv_utc_day
{
	int32		day;			/* since 2000-01-01 */
	bool		kept;
	bool		steady;			/* one distance all day */
	int64		distance;		/* of the zone from UTC, in microseconds */
} cv_utc_day;

typedef struct cv_zone
{
	int			name_size;
	char		name[LONGEST_NAME];
	cv_utc_day	days[KEPT_DAYS];
} cv_zone;

static int64
floor_divide(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

/* The day as the server's own functions say it. */
static DateADT
day_by_server(text *zone, TimestampTz moment)
{
	Datum		local = DirectFunctionCall2(timestamptz_zone, PointerGetDatum(zone), TimestampTzGetDatum(moment));

	return DatumGetDateADT(DirectFunctionCall1(timestamp_date, local));
}

/* The distance of the zone from UTC at a moment. */
static int64
distance_at(text *zone, TimestampTz moment)
{
	return DatumGetTimestamp(DirectFunctionCall2(timestamptz_zone, PointerGetDatum(zone), TimestampTzGetDatum(moment))) - moment;
}

/* The zone that the query asks for, from fn_extra; emptied where it is another than before. NULL where it cannot be kept. */
static cv_zone *
kept_zone(FunctionCallInfo fcinfo, const text *zone)
{
	cv_zone    *kept = fcinfo->flinfo->fn_extra;
	int			size = (int) VARSIZE_ANY_EXHDR(zone);

	if (kept != NULL && kept->name_size == size && memcmp(kept->name, VARDATA_ANY(zone), size) == 0)
		return kept;
	/* a rule of one's own, as POSIX has them, may change clocks twice a day */
	if (size > LONGEST_NAME || memchr(VARDATA_ANY(zone), ',', size) != NULL)
		return NULL;
	if (kept == NULL)
		kept = fcinfo->flinfo->fn_extra = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(cv_zone));
	memset(kept->days, 0, sizeof(kept->days));
	kept->name_size = size;
	memcpy(kept->name, VARDATA_ANY(zone), size);
	return kept;
}

/* (moment timestamptz, zone text) -> date; infinite for infinite moments, errors as of AT TIME ZONE and ::date */
CV_SQL_FUNCTION(cv_local_day);
Datum
cv_local_day(PG_FUNCTION_ARGS)
{
	TimestampTz moment = PG_GETARG_TIMESTAMPTZ(0);
	text	   *zone = PG_GETARG_TEXT_PP(1);
	cv_zone    *kept = kept_zone(fcinfo, zone);
	cv_utc_day *utc;
	int64		day;

	/* near the ends of the range, the distance from UTC may lead out of it */
	if (kept == NULL || moment < MIN_TIMESTAMP + RANGE_MARGIN || moment >= END_TIMESTAMP - RANGE_MARGIN)
		PG_RETURN_DATEADT(day_by_server(zone, moment));
	day = floor_divide(moment, USECS_PER_DAY);
	utc = &kept->days[day & (KEPT_DAYS - 1)];
	if (unlikely(!utc->kept || utc->day != day))
	{
		utc->kept = false;
		utc->distance = distance_at(zone, day * USECS_PER_DAY);
		utc->steady = utc->distance == distance_at(zone, (day + 1) * USECS_PER_DAY - 1);
		utc->day = (int32) day;
		utc->kept = true;
	}
	if (unlikely(!utc->steady))
		PG_RETURN_DATEADT(day_by_server(zone, moment));
	PG_RETURN_DATEADT((DateADT) floor_divide(moment + utc->distance, USECS_PER_DAY));
}
