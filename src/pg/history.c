/*
 * history.c - purchase_history as a datum: reading it, writing it, its errors.
 */
#include "pg/history.h"

#include "utils/date.h"
#include "utils/memutils.h"

cv_history_view
cv_history_get(Datum history)
{
	cv_history_view view;

	view.datum = history;
	view.packed = PG_DETOAST_DATUM_PACKED(history);
	view.bytes = (const uint8_t *) VARDATA_ANY(view.packed);
	view.size = VARSIZE_ANY_EXHDR(view.packed);
	return view;
}

void
cv_history_release(const cv_history_view *view)
{
	if ((Pointer) view->packed != DatumGetPointer(view->datum))
		pfree(view->packed);
}

void
cv_history_range_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("purchase history out of range"),
			 errdetail("The absolute sums of a history's days must not exceed 10^%d, its orders and returns 10^18 each.",
					   CV_MAX_TOTAL_DIGITS)));
}

void
cv_history_check(cv_history_status status)
{
	switch (status)
	{
		case CV_HISTORY_OK:
		case CV_HISTORY_EMPTY:
			return;
		case CV_HISTORY_VERSION:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("purchase history has an unknown format version"),
					 errhint("It was written by a newer version of customer_value, or is damaged.")));
			break;
		case CV_HISTORY_CORRUPT:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("purchase history is damaged")));
			break;
		case CV_HISTORY_RANGE:
			cv_history_range_error();
	}
}

void
cv_require_finite_day(int32 as_of)
{
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as-of day must be finite"),
				 errhint("Give the day on which the observation ends.")));
}

void
cv_history_datum_buying(Datum history, int32 as_of, cv_buying *buying)
{
	cv_history_view view;

	cv_require_finite_day(as_of);
	view = cv_history_get(history);
	cv_history_check(cv_history_buying(view.bytes, view.size, as_of, buying));
	cv_history_release(&view);
}

bool
cv_history_datum_summary(Datum history, int32 as_of, cv_summary *summary)
{
	cv_buying	buying;

	cv_history_datum_buying(history, as_of, &buying);
	return cv_buying_summary(&buying, as_of, summary);
}

bool
cv_history_datum_times(Datum history, int32 as_of, int64 *x, int64 *t_x, int64 *T)
{
	cv_history_view view;
	cv_buying_days days;

	cv_require_finite_day(as_of);
	view = cv_history_get(history);
	cv_history_check(cv_history_purchase_days(view.bytes, view.size, as_of, &days));
	cv_history_release(&view);
	*x = days.n - 1;
	*t_x = (int64) days.last - days.first;
	*T = (int64) as_of - days.first;
	return days.n > 0;
}

/* Bytes that a day with only an amount rarely exceeds. */
#define USUAL_DAY 6

void
cv_writer_begin(cv_history_writer *writer, cv_history_shape *shape)
{
	writer->shape = shape;
	writer->size = VARHDRSZ + CV_HISTORY_HEADER_MAX + CV_HISTORY_DAY_MAX +
		Min((Size) shape->days, MaxAllocSize / 16) * USUAL_DAY;
	writer->result = palloc(writer->size);
	writer->next = cv_history_put_header(shape, (uint8_t *) VARDATA(writer->result));
}

void
cv_writer_add(cv_history_writer *writer, const cv_day *day)
{
	Size		used = (Size) (writer->next - (uint8_t *) writer->result);

	if (writer->size - used < CV_HISTORY_DAY_MAX)
	{
		if (writer->size >= MaxAllocSize)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("purchase history has too many days"),
					 errdetail("A history cannot take more than 1 GB.")));
		writer->size = Min(writer->size * 2, MaxAllocSize);
		writer->result = repalloc(writer->result, writer->size);
		writer->next = (uint8_t *) writer->result + used;
	}
	writer->next = cv_history_put_day(writer->shape, day, writer->next);
}

Datum
cv_writer_finish(cv_history_writer *writer)
{
	SET_VARSIZE(writer->result, writer->next - (uint8_t *) writer->result);
	return PointerGetDatum(writer->result);
}
