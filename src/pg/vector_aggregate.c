/*
 * vector_aggregate.c - sum, avg and centroid of value vectors: each axis over the
 * rows that know it, added up without rounding, so that the order of the rows
 * and the plan cannot show.
 */
#include "pg/vector.h"

#include <math.h>

#include "libpq/pqformat.h"

#include "core/exact_sum.h"

typedef struct AxisSum
{
	int64		count;			/* rows that know the axis */
	cv_exact	sum;
} AxisSum;

typedef struct VectorState
{
	int			n;
	AxisSum		axis[FLEXIBLE_ARRAY_MEMBER];
} VectorState;

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called outside an aggregate");
	return context;
}

static VectorState *
make_state(MemoryContext context, int n)
{
	VectorState *state = MemoryContextAllocZero(context, offsetof(VectorState, axis) + (Size) n * sizeof(AxisSum));

	state->n = n;
	return state;
}

/* (internal, value_vector) -> internal */
CV_SQL_FUNCTION(cv_value_vector_accum);
Datum
cv_value_vector_accum(PG_FUNCTION_ARGS)
{
	VectorState *state = PG_ARGISNULL(0) ? NULL : (VectorState *) PG_GETARG_POINTER(0);
	cv_vector  *v;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	v = cv_vector_get(PG_GETARG_DATUM(1));
	if (state == NULL)
		state = make_state(aggregate_context(fcinfo), v->n);
	cv_require_same_axes(state->n, v->n);
	for (int i = 0; i < v->n; i++)
		if (v->known >> i & 1)
		{
			state->axis[i].count++;
			cv_exact_add(&state->axis[i].sum, v->axis[i]);
		}
	PG_RETURN_POINTER(state);
}

/* (internal, internal) -> internal */
CV_SQL_FUNCTION(cv_value_vector_combine);
Datum
cv_value_vector_combine(PG_FUNCTION_ARGS)
{
	VectorState *a = PG_ARGISNULL(0) ? NULL : (VectorState *) PG_GETARG_POINTER(0);
	VectorState *b = PG_ARGISNULL(1) ? NULL : (VectorState *) PG_GETARG_POINTER(1);

	if (b == NULL)
	{
		if (a == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(a);
	}
	if (a == NULL)
		a = make_state(aggregate_context(fcinfo), b->n);
	cv_require_same_axes(a->n, b->n);
	for (int i = 0; i < a->n; i++)
	{
		a->axis[i].count += b->axis[i].count;
		cv_exact_combine(&a->axis[i].sum, &b->axis[i].sum);
	}
	PG_RETURN_POINTER(a);
}

/* (internal) -> bytea */
CV_SQL_FUNCTION(cv_value_vector_serialize);
Datum
cv_value_vector_serialize(PG_FUNCTION_ARGS)
{
	VectorState *state = (VectorState *) PG_GETARG_POINTER(0);
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbyte(&out, state->n);
	for (int i = 0; i < state->n; i++)
	{
		uint8		bytes[CV_EXACT_BYTES];
		Size		size = cv_exact_write(&state->axis[i].sum, bytes);

		pq_sendint64(&out, state->axis[i].count);
		pq_sendbytes(&out, (const char *) bytes, (int) size);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* (bytea, internal) -> internal */
CV_SQL_FUNCTION(cv_value_vector_deserialize);
Datum
cv_value_vector_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *serialized = PG_GETARG_BYTEA_PP(0);
	const uint8 *at = (const uint8 *) VARDATA_ANY(serialized);
	const uint8 *end = at + VARSIZE_ANY_EXHDR(serialized);
	VectorState *state;

	aggregate_context(fcinfo);
	state = make_state(CurrentMemoryContext, *at++);
	for (int i = 0; i < state->n; i++)
	{
		uint64		count = 0;

		if (end - at < 8)
			elog(ERROR, "state of value vectors is damaged");
		for (int byte = 0; byte < 8; byte++)
			count = count << 8 | *at++;
		state->axis[i].count = (int64) count;
		if (!cv_exact_take(&state->axis[i].sum, &at, end))
			elog(ERROR, "state of value vectors is damaged");
	}
	PG_RETURN_POINTER(state);
}

static Datum
result(FunctionCallInfo fcinfo, bool mean)
{
	VectorState *state = PG_ARGISNULL(0) ? NULL : (VectorState *) PG_GETARG_POINTER(0);
	cv_vector  *v;

	if (state == NULL)
		PG_RETURN_NULL();
	v = cv_vector_make(state->n);
	for (int i = 0; i < state->n; i++)
	{
		AxisSum    *axis = &state->axis[i];
		cv_scaled	sum;

		if (axis->count == 0)
			continue;
		sum = cv_exact_read(&axis->sum);
		v->known |= UINT64CONST(1) << i;
		if (mean)
			sum.fraction /= (double) axis->count;
		v->axis[i] = cv_scaled_value(sum) + 0.0;
		if (!isfinite(v->axis[i]))
			cv_vector_range_error();
	}
	PG_RETURN_POINTER(v);
}

/* (internal) -> value_vector */
CV_SQL_FUNCTION(cv_value_vector_sum_final);
Datum
cv_value_vector_sum_final(PG_FUNCTION_ARGS)
{
	return result(fcinfo, false);
}

/* (internal) -> value_vector */
CV_SQL_FUNCTION(cv_value_vector_avg_final);
Datum
cv_value_vector_avg_final(PG_FUNCTION_ARGS)
{
	return result(fcinfo, true);
}
