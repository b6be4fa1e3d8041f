/*
 * history_aggregate.c - building histories: the aggregates purchase_history and
 * merge, which share one state (history_state.h), and the two-argument merge.
 */
#include "pg/history_state.h"

#include "utils/date.h"
#include "utils/fmgrprotos.h"

#include "pg/numeric_digits.h"

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called outside an aggregate");
	return context;
}

/* The state of the aggregate that calls, made on its first row. */
static cv_state
get_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		return cv_state_make(aggregate_context(fcinfo), NULL);
	return cv_state_open(PG_GETARG_DATUM(0));
}

/*
 * Adds a plain sale in place; NULL, with nothing changed, where that is not all
 * there is to do.  Field by field, as a copy of the whole would wait for the
 * single stores of the row before, when rows come sorted by group.
 */
static inline cv_unaligned_counters *
add_amount_in_place(cv_unaligned_counters *c, int32 day, int64 amount, uint8_t scale)
{
	uint64		weight = c->entries.weight;
	uint32		count = c->entries.count;
	int32		last_day = c->entries.last_day;
	uint32		used = c->used;
	uint32		capacity = c->capacity;
	uint32		scales;
	uint8_t    *entry = (uint8_t *) c;
	uint32		size;

	memcpy(&scales, c->entries.scale, sizeof(scales));
	if (unlikely(scale > c->entries.scale[CV_AMOUNT] || weight == CV_MAX_WEIGHT))
		return NULL;
	/* over the counters, in whose place there is always room */
	size = (uint32) (cv_entry_put_amount((int64) day - last_day, amount, scale, entry) - entry);
	if (likely(size <= capacity - used))
	{
		c = (cv_unaligned_counters *) (entry + size);
		c->entries.weight = weight + 1;
		c->entries.count = count + 1;
		c->entries.last_day = day;
		memcpy(c->entries.scale, &scales, sizeof(scales));
		c->used = used + size;
		c->capacity = capacity;
		return c;
	}
	c->entries.weight = weight;
	c->entries.count = count;
	c->entries.last_day = last_day;
	memcpy(c->entries.scale, &scales, sizeof(scales));
	c->used = used;
	c->capacity = capacity;
	return NULL;
}

StaticAssertDecl(sizeof(cv_counters) >= CV_AMOUNT_ENTRY_MAX, "an entry must fit in the place of the counters");

/* Longest value that an error message repeats; a numeric may have 147,000 digits. */
#define SHOWN_DIGITS 60

static _Noreturn void
sale_error(cv_numeric_status status, const char *track, Datum value)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, value));

	if (strlen(text) > SHOWN_DIGITS)
		strcpy(text + SHOWN_DIGITS - 3, "...");
	switch (status)
	{
		case CV_NUMERIC_TOO_LARGE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s of a sale is out of range", track),
					 errdetail("The value %s is not below 10^%d in absolute value.", text, CV_MAX_INTEGER_DIGITS),
					 errhint("Use a larger unit, or leave the sale out.")));
			break;
		case CV_NUMERIC_TOO_FINE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s of a sale has too many decimals", track),
					 errdetail("The value %s has more than %d decimals.", text, CV_MAX_SCALE),
					 errhint("Round it, for example round(%s, 2).", track)));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s of a sale must be a finite number", track),
					 errdetail("The value is %s.", text),
					 errhint("Leave such sales out, for example with a FILTER clause.")));
	}
	pg_unreachable();
}

static inline void
read_track(FunctionCallInfo fcinfo, int arg, cv_sale *sale, cv_track track)
{
	static const char *const name[CV_TRACKS] = {"amount", "cost", "list_amount", "quantity"};
	cv_numeric_status status;

	status = cv_numeric_read(PG_GETARG_DATUM(arg), &sale->value[track], &sale->scale[track]);
	if (unlikely(status != CV_NUMERIC_OK))
		sale_error(status, name[track], PG_GETARG_DATUM(arg));
	sale->known |= CV_TRACK_BIT(track);
}

/* Day and amount of a row; false where the row is to be skipped. */
static inline bool
read_sale(FunctionCallInfo fcinfo, cv_sale *sale)
{
	if (unlikely(PG_ARGISNULL(1) || PG_ARGISNULL(2)))
	{
		if (PG_ARGISNULL(1) && PG_ARGISNULL(2))
			return false;		/* no sale: the other side of an outer join */
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 PG_ARGISNULL(1) ? errmsg("day of a sale must not be null") :
				 errmsg("amount of a sale must not be null"),
				 errdetail("Only a row without both day and amount is skipped."),
				 errhint("Leave such sales out, for example with a FILTER clause.")));
	}
	sale->day = PG_GETARG_DATEADT(1);
	if (unlikely(DATE_NOT_FINITE(sale->day)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("day of a sale must be finite"),
				 errdetail("The day is %s.", sale->day == DATEVAL_NOEND ? "infinity" : "-infinity"),
				 errhint("Leave such sales out, for example with a FILTER clause.")));
	sale->known = 0;
	read_track(fcinfo, 2, sale, CV_AMOUNT);
	return true;
}

/* A transition's result: a state that was never made stays null. */
#define RETURN_UNCHANGED() \
	do { \
		if (PG_ARGISNULL(0)) \
			PG_RETURN_NULL(); \
		PG_RETURN_DATUM(PG_GETARG_DATUM(0)); \
	} while (0)

/* The other ways of cv_purchase_history_accum; not inlined, so that they cost its usual one nothing. */
static pg_noinline Datum
add_small_sale(FunctionCallInfo fcinfo, cv_small_numeric amount)
{
	cv_state	state = get_state(fcinfo);

	cv_state_add_amount(&state, PG_GETARG_DATEADT(1), amount.value, (uint8_t) amount.scale);
	return cv_state_close(&state);
}

static pg_noinline Datum
add_any_sale(FunctionCallInfo fcinfo)
{
	cv_state	state;
	cv_sale		sale;

	if (!read_sale(fcinfo, &sale))
		RETURN_UNCHANGED();
	state = get_state(fcinfo);
	cv_state_add_sale(&state, &sale);
	return cv_state_close(&state);
}

/* (internal, day date, amount numeric) -> internal */
CV_SQL_FUNCTION(cv_purchase_history_accum);
Datum
cv_purchase_history_accum(PG_FUNCTION_ARGS)
{
	cv_small_numeric amount = {.scale = -1};
	cv_unaligned_counters *counters;

	if (likely(!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !DATE_NOT_FINITE(PG_GETARG_DATEADT(1))))
		amount = cv_numeric_read_small(PG_GETARG_DATUM(2));
	if (unlikely(amount.scale < 0))
		return add_any_sale(fcinfo);
	if (unlikely(PG_ARGISNULL(0)))
		return add_small_sale(fcinfo, amount);
	counters = (cv_unaligned_counters *) PG_GETARG_POINTER(0);
	counters = add_amount_in_place(counters, PG_GETARG_DATEADT(1), amount.value, (uint8_t) amount.scale);
	if (unlikely(counters == NULL))
		return add_small_sale(fcinfo, amount);
	PG_RETURN_POINTER(counters);
}

/* (internal, day date, amount, cost, list_amount, quantity numeric) -> internal */
CV_SQL_FUNCTION(cv_purchase_history_accum_tracks);
Datum
cv_purchase_history_accum_tracks(PG_FUNCTION_ARGS)
{
	cv_state	state;
	cv_sale		sale;

	if (!read_sale(fcinfo, &sale))
		RETURN_UNCHANGED();
	for (int track = CV_COST; track < CV_TRACKS; track++)
		if (!PG_ARGISNULL(2 + track))
			read_track(fcinfo, 2 + track, &sale, track);
	state = get_state(fcinfo);
	cv_state_add_sale(&state, &sale);
	return cv_state_close(&state);
}

/* (internal, purchase_history) -> internal */
CV_SQL_FUNCTION(cv_purchase_history_merge_accum);
Datum
cv_purchase_history_merge_accum(PG_FUNCTION_ARGS)
{
	cv_state	state;

	if (PG_ARGISNULL(1))
		RETURN_UNCHANGED();
	state = get_state(fcinfo);
	cv_state_add_history(&state, PG_GETARG_DATUM(1));
	return cv_state_close(&state);
}

/* (internal, internal) -> internal */
CV_SQL_FUNCTION(cv_purchase_history_combine);
Datum
cv_purchase_history_combine(PG_FUNCTION_ARGS)
{
	cv_state	state;
	cv_state	other;

	if (PG_ARGISNULL(1))
		RETURN_UNCHANGED();
	other = cv_state_open(PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(0))
		state = cv_state_make(aggregate_context(fcinfo), &other);	/* the other does not last */
	else
	{
		state = cv_state_open(PG_GETARG_DATUM(0));
		cv_state_add_state(&state, &other);
	}
	return cv_state_close(&state);
}

/* (internal) -> bytea: the stream and the counters, for another process of this server */
CV_SQL_FUNCTION(cv_purchase_history_serialize);
Datum
cv_purchase_history_serialize(PG_FUNCTION_ARGS)
{
	cv_state	state = cv_state_open(PG_GETARG_DATUM(0));
	Size		size = state.counters.used + sizeof(cv_counters);
	bytea	   *result = palloc(VARHDRSZ + size);

	SET_VARSIZE(result, VARHDRSZ + size);
	memcpy(VARDATA(result), state.stream, size);
	PG_RETURN_BYTEA_P(result);
}

/* (bytea, internal) -> internal: to be combined with a state, or finished, while the bytes are there */
CV_SQL_FUNCTION(cv_purchase_history_deserialize);
Datum
cv_purchase_history_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Size		size = VARSIZE_ANY_EXHDR(bytes);
	cv_state	state;

	if (size < sizeof(cv_counters))
		elog(ERROR, "purchase history state is damaged");
	state.stream = palloc(size);
	memcpy(state.stream, VARDATA_ANY(bytes), size);
	memcpy(&state.counters, state.stream + size - sizeof(cv_counters), sizeof(cv_counters));
	if (state.counters.used != size - sizeof(cv_counters))
		elog(ERROR, "purchase history state is damaged");
	state.counters.capacity = state.counters.used;
	return cv_state_close(&state);
}

/* (internal) -> purchase_history; null where there was no sale */
CV_SQL_FUNCTION(cv_purchase_history_final);
Datum
cv_purchase_history_final(PG_FUNCTION_ARGS)
{
	cv_state	state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = cv_state_open(PG_GETARG_DATUM(0));
	if (state.counters.entries.count == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(cv_state_history(&state));
}

/* (purchase_history, purchase_history) -> purchase_history */
CV_SQL_FUNCTION(cv_purchase_history_merge);
Datum
cv_purchase_history_merge(PG_FUNCTION_ARGS)
{
	cv_state	state = cv_state_make(CurrentMemoryContext, NULL);
	Datum		result;

	cv_state_add_history(&state, PG_GETARG_DATUM(0));
	cv_state_add_history(&state, PG_GETARG_DATUM(1));
	result = cv_state_history(&state);
	pfree(state.stream);
	PG_RETURN_DATUM(result);
}
