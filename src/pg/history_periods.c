/*
 * history_periods.c - histories as families that count opportunities see them.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/date.h"

#include "pg/history.h"
#include "pg/model_input.h"

bool
cv_history_datum_opportunities(Datum history, int32 as_of, cv_period period, cv_opportunities *o)
{
	cv_history_view view;
	cv_history_status status;

	cv_require_finite_day(as_of);
	view = cv_history_get(history);
	status = cv_history_opportunities(view.bytes, view.size, as_of, period, o);
	cv_history_check(status);
	cv_history_release(&view);
	if (status == CV_HISTORY_OK && o->n > CV_MAX_OPPORTUNITIES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("too many periods between a first purchase and the as-of day"),
				 errdetail("There are %lld; at most %d are told apart.", (long long) o->n, CV_MAX_OPPORTUNITIES),
				 errhint("Check the days of the sales, or use a longer period.")));
	return status == CV_HISTORY_OK;
}

/* purchase_opportunities(history, as_of, period): null without a purchase by then */
CV_SQL_FUNCTION(cv_purchase_opportunities);
Datum
cv_purchase_opportunities(PG_FUNCTION_ARGS)
{
	cv_opportunities o;
	TupleDesc	desc;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (!cv_history_datum_opportunities(PG_GETARG_DATUM(0), PG_GETARG_DATEADT(1),
										cv_period_argument(PG_GETARG_INTERVAL_P(2)), &o))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Float8GetDatum((double) o.x);
	values[1] = Float8GetDatum((double) o.t_x);
	values[2] = Float8GetDatum((double) o.n);
	values[3] = Float8GetDatum(o.m);
	nulls[3] = o.x == 0;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
