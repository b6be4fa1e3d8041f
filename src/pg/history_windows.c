/*
 * history_windows.c - purchase_windows: what a history says of the last year and the year before.
 */
#include "pg/history.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/date.h"

#include "core/history_windows.h"
#include "pg/numeric_digits.h"

/* (purchase_history, as_of date, regularity_purchase_days) -> customer_value.purchase_windows; null without a day by then */
CV_SQL_FUNCTION(cv_purchase_windows);
Datum
cv_purchase_windows(PG_FUNCTION_ARGS)
{
	int32		as_of = PG_GETARG_DATEADT(1);
	double		fewest = PG_GETARG_FLOAT8(2);
	cv_history_view view;
	cv_history_status status;
	cv_windows	windows;
	TupleDesc	desc;
	Datum		values[16];
	bool		nulls[16] = {false};
	double		variation = 0,
				share[3] = {0};

	cv_require_finite_day(as_of);
	view = cv_history_get(PG_GETARG_DATUM(0));
	status = cv_history_windows(view.bytes, view.size, as_of, &windows);
	cv_history_check(status);
	cv_history_release(&view);
	if (status == CV_HISTORY_EMPTY)
		PG_RETURN_NULL();

	desc = cv_result_row(fcinfo);
	for (int track = CV_AMOUNT; track <= CV_LIST_AMOUNT; track++)
		for (int i = 0; i < 2; i++)
		{
			const cv_window *year = &windows.year[i];
			int			column = 2 * track + i;

			nulls[column] = (year->missing & CV_TRACK_BIT(track)) != 0;
			values[column] = nulls[column] ? (Datum) 0 :
				cv_numeric_make(year->total[track], windows.scale[track]);
		}
	values[6] = Int32GetDatum((int32) windows.year[0].purchase_days);
	values[7] = Int32GetDatum((int32) windows.year[1].purchase_days);
	values[8] = Int32GetDatum(windows.active_quarters);
	nulls[9] = !((double) windows.purchase_days >= fewest && cv_windows_gap_variation(&windows, &variation));
	values[9] = Float8GetDatum(variation);
	nulls[10] = windows.purchase_days < 2;
	values[10] = Int32GetDatum((int32) windows.gap[0]);
	nulls[11] = windows.purchase_days < 3;
	values[11] = Int32GetDatum((int32) windows.gap[1]);
	nulls[12] = !cv_full_price_share(&windows.first, &windows.repeat, &share[0]);
	nulls[13] = !cv_full_price_share(&windows.first, NULL, &share[1]);
	nulls[14] = !cv_full_price_share(&windows.repeat, NULL, &share[2]);
	for (int i = 0; i < 3; i++)
		values[12 + i] = Float8GetDatum(share[i]);
	nulls[15] = windows.costed_days == 0;
	values[15] = Int32GetDatum((int32) windows.loss_days);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}
