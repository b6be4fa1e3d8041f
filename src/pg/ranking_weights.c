/*
 * ranking_weights.c - the aggregates entropy_weights and critic_weights, and
 * weights as an argument.
 *
 * Their sums are exact, so the order of the rows and the plan cannot show.
 */
#include "pg/ranking_weights.h"

#include <math.h>

#include "libpq/pqformat.h"

#include "core/ranking_weights.h"
#include "pg/arrays.h"
#include "pg/ranking_window.h"

void
cv_criteria_count_error(int n)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there must be 1 to %d criteria", CV_MAX_CRITERIA),
			 errdetail("A row has %d.", n)));
}

void
cv_criteria_length_error(int n, int other)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("all rows must have the same number of criteria"),
			 errdetail("One has %d, another %d.", n, other),
			 errhint("A criterion that is not known is NULL in the array.")));
}

void
cv_read_weights(const ArrayType *array, const char *what, const char *of, int n, double *weight)
{
	cv_floats	weights = cv_floats_get(array, what);

	if (weights.n != n)
		cv_array_length_error(what, weights.n, of, n);
	if (weights.has_null)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not contain nulls", what),
				 errhint("What is not to count weighs 0.")));
	for (int i = 0; i < n; i++)
	{
		weight[i] = weights.value[i] + 0.0;
		if (!(weight[i] >= 0) || isinf(weight[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a weight must be finite and not negative"),
					 errdetail("Number %d of %s is %g.", i + 1, what, weight[i]),
					 errhint("Of a criterion of which less is better, say so by its direction.")));
	}
}

void
cv_read_proportions(const ArrayType *array, int n, double *weight)
{
	double		largest = 0;

	cv_read_weights(array, "weights", "criteria", n, weight);
	for (int i = 0; i < n; i++)
		largest = fmax(largest, weight[i]);
	if (largest == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights must not all be 0"),
				 errhint("Let at least one criterion weigh something.")));
	/* only proportions matter: none may overflow or vanish when squared */
	for (int i = 0; i < n; i++)
		weight[i] /= largest;
}

typedef struct EntropyState
{
	int			n;
	cv_entropy_column column[FLEXIBLE_ARRAY_MEMBER];
} EntropyState;

typedef struct CriticState
{
	int			m;
	int64		n;
	bool		worse[CV_MAX_CRITERIA];
	cv_critic_column *column;
	cv_wide    *products;
} CriticState;

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called outside an aggregate");
	return context;
}

/* The criteria of a row, finite and never -0, into x; 0 where one is NULL, else how many. */
static int
read_row(FunctionCallInfo fcinfo, double *x)
{
	ArrayType  *array;
	cv_floats	criteria;

	if (PG_ARGISNULL(1))
		return 0;
	array = PG_GETARG_ARRAYTYPE_P(1);
	criteria = cv_floats_get(array, "criteria");
	if (criteria.n < 1 || criteria.n > CV_MAX_CRITERIA)
		cv_criteria_count_error(criteria.n);
	if (criteria.has_null)
		return 0;
	for (int i = 0; i < criteria.n; i++)
	{
		x[i] = criteria.value[i] + 0.0;
		if (!isfinite(x[i]))
			cv_not_finite(psprintf("criterion %d", i + 1), x[i]);
	}
	return criteria.n;
}

/* The state that came in, or NULL where there is none yet. */
#define STATE(type, number) (PG_ARGISNULL(number) ? NULL : (type *) PG_GETARG_POINTER(number))

static Datum
return_state(FunctionCallInfo fcinfo, void *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

static EntropyState *
make_entropy(MemoryContext context, int n)
{
	EntropyState *state = MemoryContextAllocZero(context, offsetof(EntropyState, column) +
												 (Size) n * sizeof(cv_entropy_column));

	state->n = n;
	return state;
}

static void
require_same_length(int n, int other)
{
	if (n != other)
		cv_criteria_length_error(n, other);
}

/* (internal, float8[]) -> internal */
CV_SQL_FUNCTION(cv_entropy_accum);
Datum
cv_entropy_accum(PG_FUNCTION_ARGS)
{
	EntropyState *state = STATE(EntropyState, 0);
	double		x[CV_MAX_CRITERIA];
	int			n = read_row(fcinfo, x);

	if (n == 0)
		return return_state(fcinfo, state);
	if (state == NULL)
		state = make_entropy(aggregate_context(fcinfo), n);
	require_same_length(state->n, n);
	for (int i = 0; i < n; i++)
	{
		if (x[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("entropy weights need criteria that are not negative"),
					 errdetail("Criterion %d is %g in a row.", i + 1, x[i]),
					 errhint("Normalise it first, for instance with min_max(), or use critic_weights().")));
		cv_entropy_add(&state->column[i], x[i]);
	}
	PG_RETURN_POINTER(state);
}

/* (internal, internal) -> internal */
CV_SQL_FUNCTION(cv_entropy_combine_states);
Datum
cv_entropy_combine_states(PG_FUNCTION_ARGS)
{
	EntropyState *a = STATE(EntropyState, 0);
	EntropyState *b = STATE(EntropyState, 1);

	if (b == NULL)
		return return_state(fcinfo, a);
	if (a == NULL)
		a = make_entropy(aggregate_context(fcinfo), b->n);
	require_same_length(a->n, b->n);
	for (int i = 0; i < a->n; i++)
		cv_entropy_combine(&a->column[i], &b->column[i]);
	PG_RETURN_POINTER(a);
}

static void
send_exact(StringInfo out, cv_exact *sum)
{
	uint8		bytes[CV_EXACT_BYTES];
	Size		size = cv_exact_write(sum, bytes);

	pq_sendbytes(out, (const char *) bytes, (int) size);
}

static void
send_wide(StringInfo out, cv_wide *sum)
{
	uint8		bytes[CV_WIDE_BYTES];
	Size		size = cv_wide_write(sum, bytes);

	pq_sendbytes(out, (const char *) bytes, (int) size);
}

static _Noreturn void
damaged(void)
{
	elog(ERROR, "state of criteria is damaged");
}

static void
take_exact(StringInfo in, cv_exact *sum)
{
	const uint8 *start = (const uint8 *) in->data + in->cursor;
	const uint8 *at = start;

	if (!cv_exact_take(sum, &at, (const uint8 *) in->data + in->len))
		damaged();
	in->cursor += (int) (at - start);
}

static void
take_wide(StringInfo in, cv_wide *sum)
{
	const uint8 *start = (const uint8 *) in->data + in->cursor;
	const uint8 *at = start;

	if (!cv_wide_take(sum, &at, (const uint8 *) in->data + in->len))
		damaged();
	in->cursor += (int) (at - start);
}

/* The bytes of a serialized state, as a message to read from. */
static StringInfoData
open_state(FunctionCallInfo fcinfo)
{
	bytea	   *serialized = PG_GETARG_BYTEA_PP(0);
	StringInfoData in;

	aggregate_context(fcinfo);
	initStringInfo(&in);
	appendBinaryStringInfo(&in, VARDATA_ANY(serialized), (int) VARSIZE_ANY_EXHDR(serialized));
	return in;
}

/* (internal) -> bytea */
CV_SQL_FUNCTION(cv_entropy_serialize);
Datum
cv_entropy_serialize(PG_FUNCTION_ARGS)
{
	EntropyState *state = (EntropyState *) PG_GETARG_POINTER(0);
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbyte(&out, (uint8) state->n);
	for (int i = 0; i < state->n; i++)
	{
		cv_entropy_column *c = &state->column[i];

		pq_sendint64(&out, c->column.n);
		pq_sendfloat8(&out, c->column.min);
		pq_sendfloat8(&out, c->column.max);
		send_exact(&out, &c->column.sum);
		send_wide(&out, &c->column.squares);
		send_wide(&out, &c->x_log_x);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* (bytea, internal) -> internal */
CV_SQL_FUNCTION(cv_entropy_deserialize);
Datum
cv_entropy_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData in = open_state(fcinfo);
	EntropyState *state = make_entropy(CurrentMemoryContext, pq_getmsgbyte(&in));

	for (int i = 0; i < state->n; i++)
	{
		cv_entropy_column *c = &state->column[i];

		c->column.n = pq_getmsgint64(&in);
		c->column.min = pq_getmsgfloat8(&in);
		c->column.max = pq_getmsgfloat8(&in);
		take_exact(&in, &c->column.sum);
		take_wide(&in, &c->column.squares);
		take_wide(&in, &c->x_log_x);
	}
	pfree(in.data);
	PG_RETURN_POINTER(state);
}

/* (internal) -> float8[] */
CV_SQL_FUNCTION(cv_entropy_final);
Datum
cv_entropy_final(PG_FUNCTION_ARGS)
{
	EntropyState *state = STATE(EntropyState, 0);
	double		weight[CV_MAX_CRITERIA];

	if (state == NULL)
		PG_RETURN_NULL();
	cv_entropy_weights(state->column, state->n, weight);
	PG_RETURN_ARRAYTYPE_P(cv_floats_make(weight, NULL, state->n));
}

static CriticState *
make_critic(MemoryContext context, int m)
{
	CriticState *state = MemoryContextAllocZero(context, sizeof(CriticState));

	state->m = m;
	state->column = MemoryContextAllocZero(context, (Size) m * sizeof(cv_critic_column));
	state->products = MemoryContextAllocZero(context, (Size) (m * (m + 1) / 2) * sizeof(cv_wide));
	return state;
}

static void
require_same_worse(const bool *a, const bool *b, int m)
{
	if (memcmp(a, b, (Size) m * sizeof(bool)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("worse must be the same in all rows")));
}

/* (internal, float8[] [, boolean[]]) -> internal */
CV_SQL_FUNCTION(cv_critic_accum);
Datum
cv_critic_accum(PG_FUNCTION_ARGS)
{
	CriticState *state = STATE(CriticState, 0);
	double		x[CV_MAX_CRITERIA];
	bool		worse[CV_MAX_CRITERIA];
	int			m = read_row(fcinfo, x);

	if (m == 0)
		return return_state(fcinfo, state);
	cv_booleans_copy(PG_NARGS() < 3 || PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2), "worse", m, worse);
	if (state == NULL)
	{
		state = make_critic(aggregate_context(fcinfo), m);
		memcpy(state->worse, worse, (Size) m * sizeof(bool));
	}
	require_same_length(state->m, m);
	require_same_worse(state->worse, worse, m);
	cv_critic_add(state->n++, state->column, state->products, m, x);
	PG_RETURN_POINTER(state);
}

/* (internal, internal) -> internal */
CV_SQL_FUNCTION(cv_critic_combine_states);
Datum
cv_critic_combine_states(PG_FUNCTION_ARGS)
{
	CriticState *a = STATE(CriticState, 0);
	CriticState *b = STATE(CriticState, 1);

	if (b == NULL)
		return return_state(fcinfo, a);
	if (a == NULL)
	{
		a = make_critic(aggregate_context(fcinfo), b->m);
		memcpy(a->worse, b->worse, sizeof(a->worse));
	}
	require_same_length(a->m, b->m);
	require_same_worse(a->worse, b->worse, a->m);
	cv_critic_combine(&a->n, a->column, a->products, b->n, b->column, b->products, a->m);
	PG_RETURN_POINTER(a);
}

/* (internal) -> bytea */
CV_SQL_FUNCTION(cv_critic_serialize);
Datum
cv_critic_serialize(PG_FUNCTION_ARGS)
{
	CriticState *state = (CriticState *) PG_GETARG_POINTER(0);
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbyte(&out, (uint8) state->m);
	pq_sendint64(&out, state->n);
	for (int i = 0; i < state->m; i++)
	{
		pq_sendbyte(&out, state->worse[i]);
		pq_sendfloat8(&out, state->column[i].min);
		pq_sendfloat8(&out, state->column[i].max);
		send_exact(&out, &state->column[i].sum);
	}
	for (int pair = 0; pair < state->m * (state->m + 1) / 2; pair++)
		send_wide(&out, &state->products[pair]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* (bytea, internal) -> internal */
CV_SQL_FUNCTION(cv_critic_deserialize);
Datum
cv_critic_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData in = open_state(fcinfo);
	CriticState *state = make_critic(CurrentMemoryContext, pq_getmsgbyte(&in));

	state->n = pq_getmsgint64(&in);
	for (int i = 0; i < state->m; i++)
	{
		state->worse[i] = pq_getmsgbyte(&in) != 0;
		state->column[i].min = pq_getmsgfloat8(&in);
		state->column[i].max = pq_getmsgfloat8(&in);
		take_exact(&in, &state->column[i].sum);
	}
	for (int pair = 0; pair < state->m * (state->m + 1) / 2; pair++)
		take_wide(&in, &state->products[pair]);
	pfree(in.data);
	PG_RETURN_POINTER(state);
}

/* (internal) -> float8[] */
CV_SQL_FUNCTION(cv_critic_final);
Datum
cv_critic_final(PG_FUNCTION_ARGS)
{
	CriticState *state = STATE(CriticState, 0);
	double		weight[CV_MAX_CRITERIA];

	if (state == NULL)
		PG_RETURN_NULL();
	cv_critic_weights(state->n, state->column, state->products, state->m, state->worse, weight);
	PG_RETURN_ARRAYTYPE_P(cv_floats_make(weight, NULL, state->m));
}
