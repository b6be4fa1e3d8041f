/*
 * ranking_normalise.c - the window functions that put a column on a common scale.
 *
 * The statistics of a partition are collected once, at its first row; nothing is
 * kept of a row.  What the functions return depends on the values of the
 * partition alone, not on the order of its rows.
 */
#include "pg/ranking_window.h"

#include <math.h>

#include "core/ranking_normalise.h"

void
cv_not_finite(const char *what, double value)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s must be finite", what),
			 errdetail("A row has %s.", isnan(value) ? "NaN" : value > 0 ? "infinity" : "-infinity"),
			 errhint("Say NULL where it is not known; such rows are left out.")));
}

/* The value of a row, never -0. */
static double
finite_value(Datum datum)
{
	double		x = DatumGetFloat8(datum);

	if (!isfinite(x))
		cv_not_finite("a value that is ranked", x);
	return x + 0.0;
}

/* The current row's value and direction; false where one of them is NULL. */
static bool
current_row(WindowObject window, double *x, bool *less_is_better)
{
	bool		null;
	Datum		datum = WinGetFuncArgCurrent(window, 0, &null);

	if (null)
		return false;
	*x = finite_value(datum);
	*less_is_better = DatumGetBool(WinGetFuncArgCurrent(window, 1, &null));
	return !null;
}

typedef struct ColumnState
{
	bool		ready;
	cv_normaliser normaliser;
} ColumnState;

static void
collect_column(WindowObject window, ColumnState *state)
{
	cv_column  *column = palloc0(sizeof(cv_column));
	cv_window_reader reader;
	Datum		datum;
	bool		null;

	cv_window_begin(&reader, state);
	for (int64 pos = 0; cv_window_read(&reader, window, 0, pos, &datum, &null); pos++)
		if (!null)
			cv_column_add(column, finite_value(datum));
	if (column->n > 0)
		cv_normaliser_make(&state->normaliser, column);
	MemoryContextDelete(reader.memory);
	pfree(column);
	state->ready = true;
}

static Datum
normalise(FunctionCallInfo fcinfo, cv_rule rule)
{
	WindowObject window = PG_WINDOW_OBJECT();
	ColumnState *state = WinGetPartitionLocalMemory(window, sizeof(ColumnState));
	double		x;
	bool		less_is_better;

	if (!state->ready)
		collect_column(window, state);
	if (!current_row(window, &x, &less_is_better))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(cv_normalise(&state->normaliser, rule, x, less_is_better));
}

/* (float8, boolean) -> float8 */
CV_SQL_FUNCTION(cv_min_max);
Datum
cv_min_max(PG_FUNCTION_ARGS)
{
	return normalise(fcinfo, CV_MIN_MAX);
}

/* (float8, boolean) -> float8 */
CV_SQL_FUNCTION(cv_z_score);
Datum
cv_z_score(PG_FUNCTION_ARGS)
{
	return normalise(fcinfo, CV_Z_SCORE);
}

/* (float8, boolean) -> float8 */
CV_SQL_FUNCTION(cv_normal_score);
Datum
cv_normal_score(PG_FUNCTION_ARGS)
{
	return normalise(fcinfo, CV_NORMAL_SCORE);
}

/* (float8, boolean) -> float8 */
CV_SQL_FUNCTION(cv_logistic_score);
Datum
cv_logistic_score(PG_FUNCTION_ARGS)
{
	return normalise(fcinfo, CV_LOGISTIC_SCORE);
}

/*
 * The percentile reads the partition in the order of its values: ORDER BY sorts
 * it, in either direction, and equal values stand together whatever else it
 * sorts by.
 */
typedef struct RankState
{
	bool		ready;
	cv_window_reader reader;
	int64		n;				/* values that are not NULL */
	bool		descending;
	int64		before;			/* values before the run of equal ones that was read last */
	int64		equal;			/* how long that run is */
	int64		next;			/* the row to be read next */
	double		value;			/* of the run */
} RankState;

static void
collect_order(WindowObject window, RankState *state)
{
	double		last = 0;
	bool		ascending = false;
	Datum		datum;
	bool		null;

	cv_window_begin(&state->reader, state);
	for (int64 pos = 0; cv_window_read(&state->reader, window, 0, pos, &datum, &null); pos++)
	{
		double		x;

		if (null)
			continue;
		x = finite_value(datum);
		if (state->n++ > 0)
		{
			ascending = ascending || x > last;
			state->descending = state->descending || x < last;
			if (ascending && state->descending)
				ereport(ERROR,
						(errcode(ERRCODE_WINDOWING_ERROR),
						 errmsg("midrank_percentile needs its rows in the order of the value"),
						 errhint("Write midrank_percentile(x) OVER (ORDER BY x).")));
		}
		last = x;
	}
	state->ready = true;
}

/*
 * Reads the run of values equal to x that begins with the current row.  The row
 * that ended the run before is the one that begins this, so that rows are read
 * forwards only: going back and forth is slow in a partition that is on disk.
 */
static void
read_run(WindowObject window, RankState *state, double x)
{
	Datum		datum;
	bool		null;

	if (state->equal == 0)
		state->next = WinGetCurrentPosition(window) + 1;
	state->before += state->equal;
	state->equal = 1;
	state->value = x;
	while (cv_window_read(&state->reader, window, 0, state->next++, &datum, &null))
	{
		if (null)
			continue;
		if (finite_value(datum) != x)
			break;
		state->equal++;
	}
}

/* (float8, boolean) -> float8 */
CV_SQL_FUNCTION(cv_midrank_percentile);
Datum
cv_midrank_percentile(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	RankState  *state = WinGetPartitionLocalMemory(window, sizeof(RankState));
	double		x;
	bool		less_is_better;
	int64		below;

	if (!state->ready)
		collect_order(window, state);
	if (!current_row(window, &x, &less_is_better))
		PG_RETURN_NULL();
	if (state->equal == 0 || x != state->value)
		read_run(window, state, x);
	below = state->before;
	if (state->descending != less_is_better)
		below = state->n - below - state->equal;
	PG_RETURN_FLOAT8(cv_midrank(below, state->equal, state->n));
}
