/*
 * ranking_topsis.c - topsis(criteria, weights, worse) as a window function: one
 * pass over the partition for the statistics, then one look at each row.
 */
#include "pg/ranking_topsis.h"

#include <math.h>

#include "pg/arrays.h"
#include "pg/ranking_weights.h"
#include "pg/ranking_window.h"

enum
{
	CRITERIA,
	WEIGHTS,
	WORSE
};

/* The criteria of a row, all known, or NULL; sets or checks how many there are. */
static const double *
read_criteria(Datum datum, int *n)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	cv_floats	criteria = cv_floats_get(array, "criteria");

	if (criteria.n < 1 || criteria.n > CV_MAX_CRITERIA)
		cv_criteria_count_error(criteria.n);
	if (criteria.has_null)
		return NULL;
	if (*n == 0)
		*n = criteria.n;
	if (criteria.n != *n)
		cv_criteria_length_error(*n, criteria.n);
	for (int i = 0; i < criteria.n; i++)
		if (!isfinite(criteria.value[i]))
			cv_not_finite(psprintf("criterion %d", i + 1), criteria.value[i]);
	return criteria.value;
}

/* The weights that the current row says, n of them, in *weight; equal ones for NULL. */
static void
read_weights(WindowObject window, int n, double *weight)
{
	bool		null;
	Datum		datum = WinGetFuncArgCurrent(window, WEIGHTS, &null);

	if (null)
	{
		for (int i = 0; i < n; i++)
			weight[i] = 1;
		return;
	}
	cv_read_proportions(DatumGetArrayTypeP(datum), n, weight);
}

static void
read_worse(WindowObject window, int n, bool *worse)
{
	bool		null;
	Datum		datum = WinGetFuncArgCurrent(window, WORSE, &null);

	cv_booleans_copy(null ? NULL : DatumGetArrayTypeP(datum), "worse", n, worse);
}

static void
collect(FunctionCallInfo fcinfo, WindowObject window, cv_topsis_partition *state)
{
	cv_topsis_column *column = palloc0(CV_MAX_CRITERIA * sizeof(cv_topsis_column));
	cv_window_reader reader;
	Datum		datum;
	bool		null;

	cv_window_begin(&reader, state);
	for (int64 pos = 0; cv_window_read(&reader, window, CRITERIA, pos, &datum, &null); pos++)
	{
		MemoryContext old;
		const double *x;

		if (null)
			continue;
		old = MemoryContextSwitchTo(reader.memory);
		x = read_criteria(datum, &state->n);
		MemoryContextSwitchTo(old);
		for (int i = 0; x != NULL && i < state->n; i++)
			cv_topsis_add(&column[i], x[i]);
	}
	MemoryContextDelete(reader.memory);
	state->stable[WEIGHTS] = get_fn_expr_arg_stable(fcinfo->flinfo, WEIGHTS);
	state->stable[WORSE] = get_fn_expr_arg_stable(fcinfo->flinfo, WORSE);
	if (state->n > 0)
	{
		read_weights(window, state->n, state->weight);
		read_worse(window, state->n, state->worse);
	}
	for (int i = 0; i < state->n; i++)
		cv_topsis_finish(&state->criterion[i], &column[i], state->weight[i], state->worse[i]);
	pfree(column);
	state->ready = true;
}

/* Weights and directions are those of the partition: a row must not say others. */
static void
check_settings(WindowObject window, const cv_topsis_partition *state)
{
	double		weight[CV_MAX_CRITERIA];
	bool		worse[CV_MAX_CRITERIA];

	if (!state->stable[WEIGHTS])
	{
		read_weights(window, state->n, weight);
		if (memcmp(weight, state->weight, (Size) state->n * sizeof(double)) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weights must be the same in all rows"),
					 errhint("Say PARTITION BY what they depend on.")));
	}
	if (!state->stable[WORSE])
	{
		read_worse(window, state->n, worse);
		if (memcmp(worse, state->worse, (Size) state->n * sizeof(bool)) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("worse must be the same in all rows"),
					 errhint("Say PARTITION BY what it depends on.")));
	}
}

const cv_topsis_partition *
cv_topsis_read(FunctionCallInfo fcinfo, const double **x)
{
	WindowObject window = PG_WINDOW_OBJECT();
	cv_topsis_partition *state = WinGetPartitionLocalMemory(window, sizeof(cv_topsis_partition));
	Datum		datum;
	bool		null;

	if (!state->ready)
		collect(fcinfo, window, state);
	if (state->n > 0)
		check_settings(window, state);
	datum = WinGetFuncArgCurrent(window, CRITERIA, &null);
	*x = null ? NULL : read_criteria(datum, &state->n);
	return state;
}

/* (float8[], float8[], boolean[]) -> float8 */
CV_SQL_FUNCTION(cv_topsis);
Datum
cv_topsis(PG_FUNCTION_ARGS)
{
	const double *x;
	const cv_topsis_partition *state = cv_topsis_read(fcinfo, &x);

	if (x == NULL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(cv_topsis_closeness(state->criterion, state->n, x));
}
