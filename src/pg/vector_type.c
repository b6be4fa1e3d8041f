/*
 * vector_type.c - the type value_vector itself: text and binary I/O, comparison, hashing.
 *
 *	(0.2,,0.9)
 *
 * is the text: the axes, nothing for an unknown one, each number with the fewest
 * digits that read back as the same.  The binary form is the version, the number
 * of axes, the mask of the known ones and all axes, 0 where unknown.
 */
#include "pg/vector.h"

#include <math.h>

#include "common/hashfn.h"
#include "libpq/pqformat.h"

#include "pg/model_scan.h"

cv_vector *
cv_vector_make(int n)
{
	cv_vector  *v = palloc0(CV_VECTOR_SIZE(n));

	SET_VARSIZE(v, CV_VECTOR_SIZE(n));
	v->version = CV_VECTOR_VERSION;
	v->n = (uint8) n;
	return v;
}

cv_vector *
cv_vector_get(Datum datum)
{
	cv_vector  *v = (cv_vector *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(v) < offsetof(cv_vector, axis) || v->version != CV_VECTOR_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of value_vector"),
				 errhint("It was written by a newer version of the extension; install that one.")));
	if (VARSIZE(v) != CV_VECTOR_SIZE(v->n) || v->n == 0 || v->n > CV_MAX_AXES)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored value_vector is damaged")));
	return v;
}

/* Reads the text into axis[] and *known; NULL, or what is wrong with it. */
static const char *
parse(const char *text, double *axis, uint64 *known, int *n)
{
	cv_scan		scan = {text, text};

	*n = 0;
	*known = 0;
	if (!cv_scan_char(&scan, '('))
		return cv_scan_problem(&scan, "Expected \"(\"");
	do
	{
		if (*n == CV_MAX_AXES)
			return psprintf("A vector has at most %d axes.", CV_MAX_AXES);
		axis[*n] = 0;
		if (!cv_scan_next(&scan, ',') && !cv_scan_next(&scan, ')'))
		{
			if (!cv_scan_number(&scan, &axis[*n]))
				return cv_scan_problem(&scan, "Expected a finite number, or nothing for an unknown axis,");
			axis[*n] += 0.0;	/* not -0 */
			*known |= UINT64CONST(1) << *n;
		}
		(*n)++;
	} while (cv_scan_char(&scan, ','));
	if (!cv_scan_char(&scan, ')'))
		return cv_scan_problem(&scan, "Expected \",\" or \")\"");
	if (!cv_scan_end(&scan))
		return cv_scan_problem(&scan, "Expected the end of the text");
	return NULL;
}

/* (cstring) -> value_vector */
CV_SQL_FUNCTION(cv_value_vector_in);
Datum
cv_value_vector_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	double		axis[CV_MAX_AXES];
	uint64		known;
	int			n;
	const char *problem = parse(text, axis, &known, &n);
	cv_vector  *v;

	if (problem != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type value_vector: \"%.100s\"", text),
				 errdetail("%s", problem),
				 errhint("Write the axes like (0.2,,0.9), with nothing for an unknown one.")));
	v = cv_vector_make(n);
	v->known = known;
	memcpy(v->axis, axis, (Size) n * sizeof(double));
	PG_RETURN_POINTER(v);
}

/* (value_vector) -> cstring */
CV_SQL_FUNCTION(cv_value_vector_out);
Datum
cv_value_vector_out(PG_FUNCTION_ARGS)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < v->n; i++)
	{
		appendStringInfoChar(&out, i == 0 ? '(' : ',');
		if (v->known >> i & 1)
			cv_print_number(&out, v->axis[i]);
	}
	appendStringInfoChar(&out, ')');
	PG_RETURN_CSTRING(out.data);
}

/* (internal) -> value_vector */
CV_SQL_FUNCTION(cv_value_vector_recv);
Datum
cv_value_vector_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			size = message->len - message->cursor;
	const uint8 *bytes = (const uint8 *) message->data + message->cursor;
	int			n = size < 2 ? 0 : bytes[1];
	cv_vector  *v;

	if (size > 0 && bytes[0] != CV_VECTOR_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("binary value_vector has an unknown format version"),
				 errdetail("The version is %d.", bytes[0])));
	if (n < 1 || n > CV_MAX_AXES || size != 10 + 8 * n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value_vector"),
				 errdetail("%d bytes do not hold 1 to %d axes.", size, CV_MAX_AXES),
				 errhint("Send what value_vector_send returned, or use the text form.")));
	message->cursor += 2;
	v = cv_vector_make(n);
	v->known = (uint64) pq_getmsgint64(message);
	for (int i = 0; i < n; i++)
		v->axis[i] = pq_getmsgfloat8(message) + 0.0;
	if (!cv_axes_valid(cv_vector_axes(v)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value_vector"),
				 errdetail("Known axes are finite, unknown ones 0, and the mask has no bits beyond the axes.")));
	PG_RETURN_POINTER(v);
}

/* (value_vector) -> bytea */
CV_SQL_FUNCTION(cv_value_vector_send);
Datum
cv_value_vector_send(PG_FUNCTION_ARGS)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbyte(&out, v->version);
	pq_sendbyte(&out, v->n);
	pq_sendint64(&out, v->known);
	for (int i = 0; i < v->n; i++)
		pq_sendfloat8(&out, v->axis[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

static int
compare(FunctionCallInfo fcinfo)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	cv_vector  *w = cv_vector_get(PG_GETARG_DATUM(1));
	int			result = cv_axes_compare(cv_vector_axes(v), cv_vector_axes(w));

	PG_FREE_IF_COPY(v, 0);
	PG_FREE_IF_COPY(w, 1);
	return result;
}

#define COMPARISON(name, condition) \
	CV_SQL_FUNCTION(name); \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(compare(fcinfo) condition); \
	}

COMPARISON(cv_value_vector_eq, == 0)
COMPARISON(cv_value_vector_ne, != 0)
COMPARISON(cv_value_vector_lt, < 0)
COMPARISON(cv_value_vector_le, <= 0)
COMPARISON(cv_value_vector_gt, > 0)
COMPARISON(cv_value_vector_ge, >= 0)

/* (value_vector, value_vector) -> integer */
CV_SQL_FUNCTION(cv_value_vector_cmp);
Datum
cv_value_vector_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

/* (value_vector) -> integer */
CV_SQL_FUNCTION(cv_value_vector_hash);
Datum
cv_value_vector_hash(PG_FUNCTION_ARGS)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	Datum		result = hash_any((unsigned char *) VARDATA(v), (int) (VARSIZE(v) - VARHDRSZ));

	PG_FREE_IF_COPY(v, 0);
	PG_RETURN_DATUM(result);
}

/* (value_vector, bigint) -> bigint */
CV_SQL_FUNCTION(cv_value_vector_hash_extended);
Datum
cv_value_vector_hash_extended(PG_FUNCTION_ARGS)
{
	cv_vector  *v = cv_vector_get(PG_GETARG_DATUM(0));
	Datum		result = hash_any_extended((unsigned char *) VARDATA(v), (int) (VARSIZE(v) - VARHDRSZ),
										   (uint64) PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(v, 0);
	PG_RETURN_DATUM(result);
}
