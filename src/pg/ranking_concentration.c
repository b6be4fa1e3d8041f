/*
 * ranking_concentration.c - the aggregates gini, concentration and lorenz.
 *
 * They need the values in order, so they do not go parallel themselves; memory is
 * bounded by work_mem a group.
 */
#include "pg/ranking_sorted.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "core/ranking_concentration.h"
#include "pg/ranking_window.h"

#define LORENZ_STEPS 100
#define LORENZ_MAX_STEPS 10000

/* Adds the value of a row; returns the state, NULL before the first value. */
static cv_sorted *
accumulate(FunctionCallInfo fcinfo, bool *first)
{
	cv_sorted  *sorted = PG_ARGISNULL(0) ? NULL : (cv_sorted *) PG_GETARG_POINTER(0);
	double		x;

	*first = false;
	if (PG_ARGISNULL(1))
		return sorted;
	x = PG_GETARG_FLOAT8(1);
	if (!isfinite(x))
		cv_not_finite("a value that is shared out", x);
	if (sorted == NULL)
	{
		sorted = cv_sorted_make(fcinfo);
		*first = true;
	}
	cv_sorted_add(sorted, x + 0.0);
	return sorted;
}

/* Keeps the second argument of the first row, and holds the others to it. */
static void
keep_parameter(cv_sorted *sorted, bool first, const char *name, bool null, double parameter)
{
	if (first)
	{
		sorted->parameter = parameter;
		sorted->parameter_null = null;
	}
	else if (sorted->parameter_null != null || sorted->parameter != parameter)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same in all rows", name),
				 errhint("Say GROUP BY what it depends on.")));
}

static Datum
return_state(FunctionCallInfo fcinfo, cv_sorted *sorted)
{
	if (sorted == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(sorted);
}

/* (internal, float8) -> internal */
CV_SQL_FUNCTION(cv_gini_accum);
Datum
cv_gini_accum(PG_FUNCTION_ARGS)
{
	bool		first;

	return return_state(fcinfo, accumulate(fcinfo, &first));
}

/* (internal, float8, float8) -> internal */
CV_SQL_FUNCTION(cv_concentration_accum);
Datum
cv_concentration_accum(PG_FUNCTION_ARGS)
{
	bool		first;
	cv_sorted  *sorted = accumulate(fcinfo, &first);
	bool		null = PG_ARGISNULL(2);
	double		part = null ? 0 : PG_GETARG_FLOAT8(2);

	if (!(part >= 0 && part <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the part of the customers must be between 0 and 1"),
				 errdetail("It is %g.", part),
				 errhint("0.2 asks for the share of the top fifth.")));
	if (!PG_ARGISNULL(1))
		keep_parameter(sorted, first, "the part of the customers", null, part);
	return return_state(fcinfo, sorted);
}

/* (internal, float8, integer) -> internal */
CV_SQL_FUNCTION(cv_lorenz_accum);
Datum
cv_lorenz_accum(PG_FUNCTION_ARGS)
{
	bool		first;
	cv_sorted  *sorted = accumulate(fcinfo, &first);
	bool		null = PG_ARGISNULL(2);
	int32		steps = null ? 1 : PG_GETARG_INT32(2);

	if (steps < 1 || steps > LORENZ_MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a Lorenz curve has 1 to %d steps", LORENZ_MAX_STEPS),
				 errdetail("%d are asked for.", steps)));
	if (!PG_ARGISNULL(1))
		keep_parameter(sorted, first, "the number of steps", null, steps);
	return return_state(fcinfo, sorted);
}

/* Losses can exceed a small total by more than a double holds. */
static void
require_finite(double share)
{
	if (!isfinite(share))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("share of the total out of range")));
}

/* (internal) -> float8 */
CV_SQL_FUNCTION(cv_gini_final);
Datum
cv_gini_final(PG_FUNCTION_ARGS)
{
	cv_sorted  *sorted;
	cv_gini		gini = {0};
	double		coefficient;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sorted = (cv_sorted *) PG_GETARG_POINTER(0);
	gini.n = sorted->n;
	cv_sorted_begin(sorted);
	for (int64 i = 0; i < sorted->n; i++)
		cv_gini_next(&gini, cv_sorted_next(sorted));
	if (!cv_gini_finish(&gini, &coefficient))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(coefficient);
}

/* (internal) -> float8 */
CV_SQL_FUNCTION(cv_concentration_final);
Datum
cv_concentration_final(PG_FUNCTION_ARGS)
{
	cv_sorted  *sorted;
	cv_top		top = {0};
	double		share;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sorted = (cv_sorted *) PG_GETARG_POINTER(0);
	if (sorted->parameter_null)
		PG_RETURN_NULL();
	top.n = sorted->n;
	top.part = sorted->parameter;
	cv_sorted_begin(sorted);
	for (int64 i = 0; i < sorted->n; i++)
		cv_top_next(&top, cv_sorted_next(sorted));
	if (!cv_top_finish(&top, &share))
		PG_RETURN_NULL();
	require_finite(share);
	PG_RETURN_FLOAT8(share);
}

/* The points of a finished curve as an array of the composite type element. */
static Datum
make_points(const cv_lorenz *lorenz, Oid element)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(element, -1);
	Datum	   *points = palloc((Size) (lorenz->steps + 1) * sizeof(Datum));

	for (int i = 0; i <= lorenz->steps; i++)
	{
		double		share = 0;
		Datum		values[2];
		bool		nulls[2] = {false, false};

		cv_lorenz_share(lorenz, i, &share);
		require_finite(share);
		values[0] = Float8GetDatum((double) i / lorenz->steps);
		values[1] = Float8GetDatum(share);
		points[i] = HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
	}
	ReleaseTupleDesc(desc);
	return PointerGetDatum(construct_array(points, lorenz->steps + 1, element, -1, false, TYPALIGN_DOUBLE));
}

/* (internal) -> lorenz_point[] */
CV_SQL_FUNCTION(cv_lorenz_final);
Datum
cv_lorenz_final(PG_FUNCTION_ARGS)
{
	cv_sorted  *sorted;
	cv_lorenz	lorenz = {0};
	double		share;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sorted = (cv_sorted *) PG_GETARG_POINTER(0);
	if (sorted->parameter_null)
		PG_RETURN_NULL();
	lorenz.n = sorted->n;
	lorenz.steps = sorted->parameter == 0 ? LORENZ_STEPS : (int) sorted->parameter;
	lorenz.point = palloc((Size) (lorenz.steps + 1) * sizeof(cv_scaled));
	cv_sorted_begin(sorted);
	for (int64 i = 0; i < sorted->n; i++)
		cv_lorenz_next(&lorenz, cv_sorted_next(sorted));
	if (!cv_lorenz_share(&lorenz, 0, &share))
		PG_RETURN_NULL();
	return make_points(&lorenz, get_element_type(get_fn_expr_rettype(fcinfo->flinfo)));
}
