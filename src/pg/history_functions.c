/*
 * history_functions.c - what SQL asks of one history: accessors, summary,
 * profile, its days as rows, and histories made from it.
 */
#include "pg/history.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/date.h"

#include "pg/numeric_digits.h"

/* The day in argument 1 of the two-argument forms; the others see the whole history. */
static inline int32
as_of_argument(FunctionCallInfo fcinfo)
{
	return PG_NARGS() > 1 ? PG_GETARG_DATEADT(1) : DATEVAL_NOEND;
}

/* Profile of argument 0; false when no day lies on or before as_of. */
static bool
get_profile(FunctionCallInfo fcinfo, int32 as_of, cv_profile *profile)
{
	cv_history_view view = cv_history_get(PG_GETARG_DATUM(0));
	cv_history_status status = cv_history_profile(view.bytes, view.size, as_of, profile);

	cv_history_check(status);
	cv_history_release(&view);
	return status == CV_HISTORY_OK;
}

/*
 * Accessors, each (purchase_history) and (purchase_history, as_of date): what
 * the sales up to as_of say; null where there are none.
 */
#define ACCESSOR(name, known, result) \
	CV_SQL_FUNCTION(name); \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		cv_profile	profile; \
		\
		if (!get_profile(fcinfo, as_of_argument(fcinfo), &profile) || !(known)) \
			PG_RETURN_NULL(); \
		PG_RETURN_DATUM(result); \
	}

#define HAS(track) (!(profile.missing & CV_TRACK_BIT(track)))
#define TOTAL(track) cv_numeric_make(profile.total[track], profile.scale[track])

ACCESSOR(cv_first_purchase_day, profile.purchase_days > 0, DateADTGetDatum(profile.first_purchase))
ACCESSOR(cv_last_purchase_day, profile.purchase_days > 0, DateADTGetDatum(profile.last_purchase))
ACCESSOR(cv_orders, true, Int64GetDatum(profile.orders))
ACCESSOR(cv_returns, true, Int64GetDatum(profile.returns))
ACCESSOR(cv_purchase_days, true, Int32GetDatum((int32) profile.purchase_days))
ACCESSOR(cv_total_amount, true, TOTAL(CV_AMOUNT))
ACCESSOR(cv_total_cost, HAS(CV_COST), TOTAL(CV_COST))
ACCESSOR(cv_total_list_amount, HAS(CV_LIST_AMOUNT), TOTAL(CV_LIST_AMOUNT))
ACCESSOR(cv_total_quantity, HAS(CV_QUANTITY), TOTAL(CV_QUANTITY))
ACCESSOR(cv_returned_amount, true, cv_numeric_make(profile.returned, profile.scale[CV_AMOUNT]))

TupleDesc
cv_result_row(FunctionCallInfo fcinfo)
{
	TupleDesc	desc = (TupleDesc) fcinfo->flinfo->fn_extra;

	if (desc == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		desc = BlessTupleDesc(desc);
		MemoryContextSwitchTo(old);
		fcinfo->flinfo->fn_extra = desc;
	}
	return desc;
}

/* (purchase_history, as_of date) -> (x, t_x, t, m); t_x and t in weeks; null without a purchase */
CV_SQL_FUNCTION(cv_purchase_summary);
Datum
cv_purchase_summary(PG_FUNCTION_ARGS)
{
	cv_summary	summary;
	TupleDesc	desc;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (!cv_history_datum_summary(PG_GETARG_DATUM(0), PG_GETARG_DATEADT(1), &summary))
		PG_RETURN_NULL();
	desc = cv_result_row(fcinfo);
	values[0] = Float8GetDatum((double) summary.x);
	values[1] = Float8GetDatum(summary.t_x_days / 7.0);
	values[2] = Float8GetDatum(summary.T_days / 7.0);
	values[3] = Float8GetDatum(summary.m);
	nulls[3] = summary.x == 0;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

/* (purchase_history, as_of date) -> customer_value.purchase_profile; null without a day by then */
CV_SQL_FUNCTION(cv_purchase_profile);
Datum
cv_purchase_profile(PG_FUNCTION_ARGS)
{
	int32		as_of = PG_GETARG_DATEADT(1);
	cv_profile	profile;
	TupleDesc	desc;
	Datum		values[14];
	bool		nulls[14] = {false};
	bool		bought;

	cv_require_finite_day(as_of);
	if (!get_profile(fcinfo, as_of, &profile))
		PG_RETURN_NULL();
	desc = cv_result_row(fcinfo);
	bought = profile.purchase_days > 0;
	nulls[0] = nulls[1] = nulls[2] = nulls[3] = !bought;
	values[0] = DateADTGetDatum(profile.first_purchase);
	values[1] = DateADTGetDatum(profile.last_purchase);
	values[2] = Int32GetDatum(bought ? as_of - profile.last_purchase : 0);
	values[3] = Int32GetDatum(bought ? as_of - profile.first_purchase : 0);
	values[4] = Int32GetDatum((int32) profile.purchase_days);
	values[5] = Int32GetDatum(bought ? (int32) profile.purchase_days - 1 : 0);
	values[6] = Int64GetDatum(profile.orders);
	values[7] = Int64GetDatum(profile.returns);
	values[8] = TOTAL(CV_AMOUNT);
	values[9] = cv_numeric_make(profile.returned, profile.scale[CV_AMOUNT]);
	for (int track = CV_COST; track < CV_TRACKS; track++)
	{
		int			column = 9 + track;

		nulls[column] = !HAS(track);
		values[column] = nulls[column] ? (Datum) 0 : TOTAL(track);
	}
	values[13] = cv_numeric_make(profile.repeat_amount, profile.scale[CV_AMOUNT]);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

/* (purchase_history) -> setof (day, orders, returns, amount, returned, cost, list_amount, quantity) */
CV_SQL_FUNCTION(cv_purchase_history_unnest);
Datum
cv_purchase_history_unnest(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	cv_history_reader *reader;
	cv_day		day;
	Datum		values[8];
	bool		nulls[8] = {false};

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;
		TupleDesc	desc;
		struct varlena *copy;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		context->tuple_desc = BlessTupleDesc(desc);
		copy = PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
		reader = palloc(sizeof(cv_history_reader));
		cv_history_check(cv_history_open(reader, (const uint8_t *) VARDATA_ANY(copy),
										 VARSIZE_ANY_EXHDR(copy)));
		context->user_fctx = reader;
		MemoryContextSwitchTo(old);
	}
	context = SRF_PERCALL_SETUP();
	reader = context->user_fctx;
	if (!cv_history_next(reader, &day))
	{
		if (reader->corrupt)
			cv_history_check(CV_HISTORY_CORRUPT);
		SRF_RETURN_DONE(context);
	}
	values[0] = DateADTGetDatum(day.day);
	values[1] = Int64GetDatum(day.orders);
	values[2] = Int64GetDatum(day.returns);
	values[3] = cv_numeric_make(day.sum[CV_AMOUNT], reader->scale[CV_AMOUNT]);
	values[4] = cv_numeric_make(day.returned, reader->scale[CV_AMOUNT]);
	for (int track = CV_COST; track < CV_TRACKS; track++)
	{
		nulls[4 + track] = (day.missing & CV_TRACK_BIT(track)) != 0;
		values[4 + track] = nulls[4 + track] ? (Datum) 0 :
			cv_numeric_make(day.sum[track], reader->scale[track]);
	}
	SRF_RETURN_NEXT(context, HeapTupleGetDatum(heap_form_tuple(context->tuple_desc, values, nulls)));
}

/* The same days with at most limit orders and returns each, up to last; null when none is left. */
static Datum
rewrite(FunctionCallInfo fcinfo, int32 last, int64 limit)
{
	cv_history_view view = cv_history_get(PG_GETARG_DATUM(0));
	cv_history_writer writer;
	cv_history_shape shape;
	Datum		result = (Datum) 0;

	/* the shape first, then the days */
	for (int pass = 0; pass < 2; pass++)
	{
		cv_history_reader reader;
		cv_day		day;

		cv_history_check(cv_history_open(&reader, view.bytes, view.size));
		if (pass == 0)
			cv_shape_init(&shape, reader.scale);
		else
			cv_writer_begin(&writer, &shape);
		while (cv_history_next(&reader, &day) && day.day <= last)
		{
			day.orders = Min(day.orders, limit);
			day.returns = Min(day.returns, limit);
			if (pass == 0)
				cv_shape_add(&shape, &day);
			else
				cv_writer_add(&writer, &day);
		}
		if (reader.corrupt)
			cv_history_check(CV_HISTORY_CORRUPT);
		if (shape.days == 0)
			break;
		if (pass == 1)
			result = cv_writer_finish(&writer);
	}
	cv_history_release(&view);
	return result;
}

/* (purchase_history, as_of date) -> purchase_history built from the sales up to as_of, or null */
CV_SQL_FUNCTION(cv_purchase_history_truncate);
Datum
cv_purchase_history_truncate(PG_FUNCTION_ARGS)
{
	Datum		result = rewrite(fcinfo, PG_GETARG_DATEADT(1), INT64_MAX);

	if (result == (Datum) 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

/* (purchase_history) -> the same, where each day's sales count as one order, its returns as one return */
CV_SQL_FUNCTION(cv_purchase_history_as_one_order);
Datum
cv_purchase_history_as_one_order(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(rewrite(fcinfo, DATEVAL_NOEND, 1));
}
