/*
 * history_type.c - the type purchase_history itself: text and binary I/O,
 * comparison, hashing.
 */
#include "pg/history.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"

/* (cstring) -> purchase_history */
CV_SQL_FUNCTION(cv_purchase_history_in);
Datum
cv_purchase_history_in(PG_FUNCTION_ARGS)
{
	Datum		result = cv_history_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (result == (Datum) 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

/* (purchase_history) -> cstring */
CV_SQL_FUNCTION(cv_purchase_history_out);
Datum
cv_purchase_history_out(PG_FUNCTION_ARGS)
{
	cv_history_view view = cv_history_get(PG_GETARG_DATUM(0));
	StringInfoData out;

	initStringInfo(&out);
	cv_history_to_text(&out, &view);
	cv_history_release(&view);
	PG_RETURN_CSTRING(out.data);
}

/* (internal) -> purchase_history: the stored bytes, taken only if they are canonical */
CV_SQL_FUNCTION(cv_purchase_history_recv);
Datum
cv_purchase_history_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			size = message->len - message->cursor;
	const char *bytes = pq_getmsgbytes(message, size);
	struct varlena *result;

	switch (cv_history_validate((const uint8_t *) bytes, (size_t) size))
	{
		case CV_HISTORY_OK:
			break;
		case CV_HISTORY_VERSION:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("binary purchase_history has an unknown format version"),
					 errdetail("The version is %d.", (uint8_t) bytes[0])));
			break;
		case CV_HISTORY_RANGE:
			cv_history_range_error();
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid binary purchase_history"),
					 errdetail("The %d bytes are not the canonical form of any history.", size),
					 errhint("Send what purchase_history_send returned, or use the text form.")));
	}
	result = palloc(VARHDRSZ + size);
	SET_VARSIZE(result, VARHDRSZ + size);
	memcpy(VARDATA(result), bytes, size);
	PG_RETURN_POINTER(result);
}

/* (purchase_history) -> bytea: the stored bytes */
CV_SQL_FUNCTION(cv_purchase_history_send);
Datum
cv_purchase_history_send(PG_FUNCTION_ARGS)
{
	cv_history_view view = cv_history_get(PG_GETARG_DATUM(0));
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbytes(&out, (const char *) view.bytes, (int) view.size);
	cv_history_release(&view);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* An arbitrary but fixed order in which only equal histories are equal. */
static int
compare(FunctionCallInfo fcinfo)
{
	cv_history_view a = cv_history_get(PG_GETARG_DATUM(0));
	cv_history_view b = cv_history_get(PG_GETARG_DATUM(1));
	int			result = memcmp(a.bytes, b.bytes, Min(a.size, b.size));

	if (result == 0)
		result = (a.size > b.size) - (a.size < b.size);
	cv_history_release(&a);
	cv_history_release(&b);
	return result;
}

#define COMPARISON(name, condition) \
	CV_SQL_FUNCTION(name); \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(compare(fcinfo) condition); \
	}

COMPARISON(cv_purchase_history_eq, == 0)
COMPARISON(cv_purchase_history_ne, != 0)
COMPARISON(cv_purchase_history_lt, < 0)
COMPARISON(cv_purchase_history_le, <= 0)
COMPARISON(cv_purchase_history_gt, > 0)
COMPARISON(cv_purchase_history_ge, >= 0)

/* (purchase_history, purchase_history) -> integer */
CV_SQL_FUNCTION(cv_purchase_history_cmp);
Datum
cv_purchase_history_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

/* (purchase_history) -> integer */
CV_SQL_FUNCTION(cv_purchase_history_hash);
Datum
cv_purchase_history_hash(PG_FUNCTION_ARGS)
{
	cv_history_view view = cv_history_get(PG_GETARG_DATUM(0));
	Datum		result = hash_any(view.bytes, (int) view.size);

	cv_history_release(&view);
	PG_RETURN_DATUM(result);
}

/* (purchase_history, bigint) -> bigint */
CV_SQL_FUNCTION(cv_purchase_history_hash_extended);
Datum
cv_purchase_history_hash_extended(PG_FUNCTION_ARGS)
{
	cv_history_view view = cv_history_get(PG_GETARG_DATUM(0));
	Datum		result = hash_any_extended(view.bytes, (int) view.size, PG_GETARG_INT64(1));

	cv_history_release(&view);
	PG_RETURN_DATUM(result);
}
