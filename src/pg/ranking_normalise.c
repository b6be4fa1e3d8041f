/*
 * ranking_normalise.c - the window functions that put a column on a common scale.
 *
 * The statistics of a partition are collected once, at its first row; nothing is
 * kept of a row.  What the functions return depends on the values of the
 * partition alone, not on the order of its rows.
 */
#include "pg/ranking_window.h"

#include "core/ranking_normalise.h"

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
			cv_column_add(column, cv_ranked_value(datum));
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
	if (!cv_ranked_row(window, &x) || !cv_ranked_direction(window, &less_is_better))
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
