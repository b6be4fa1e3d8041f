/*
 * history_aggregate.c - building histories: the aggregates purchase_history and
 * merge, which share one state, and the two-argument merge.
 *
 * The state is one chunk a group, in the aggregate's memory context: a few
 * counters, then a stream of entries (core/history_entries.h), one a sale or
 * day merged in.  It doubles when full; before a large one doubles, entries of
 * the same day are added up, so that memory is bounded by the distinct days.
 * The transition allocates nothing else.  Final functions leave the state alone:
 * a window may call them again and again.
 */
#include "pg/history.h"

#include "miscadmin.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "core/history_entries.h"
#include "pg/numeric_digits.h"

typedef struct HistoryState
{
	uint32		capacity;		/* bytes of the stream */
	uint32		used;
	cv_entries	entries;
	uint8_t		stream[FLEXIBLE_ARRAY_MEMBER];
} HistoryState;

#define STATE_HEADER offsetof(HistoryState, stream)

/* The first chunk: 6 or 7 sales. A power of two, as the allocator would round up to one. */
#define FIRST_CHUNK 64

/* From this many bytes on, entries of the same day are added up before doubling. */
#define COMPACT_FROM 4096

/* A final function needs no memory but the result's for so many entries: what most customers have. */
#define FEW_ENTRIES 32

/* Loops over days look for interrupts once in so many. */
#define DAYS_BETWEEN_CHECKS 4096

/* What a long sort in the core calls now and then. */
static void
check_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

static HistoryState *
make_state(MemoryContext context, Size capacity)
{
	HistoryState *state;

	if (capacity > MaxAllocSize - STATE_HEADER)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("purchase history has too many days"),
				 errdetail("A history cannot take more than 1 GB while it is built.")));
	state = MemoryContextAlloc(context, STATE_HEADER + capacity);
	state->capacity = (uint32) capacity;
	state->used = 0;
	state->entries = (cv_entries) {0};
	return state;
}

/* The state of the aggregate that calls, made on its first row. */
static HistoryState *
get_state(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!PG_ARGISNULL(0))
		return (HistoryState *) PG_GETARG_POINTER(0);
	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called outside an aggregate");
	return make_state(context, FIRST_CHUNK - STATE_HEADER);
}

static HistoryState *
grow(HistoryState *state, Size need)
{
	Size		chunk = STATE_HEADER + state->capacity;

	while (chunk - STATE_HEADER < need)
	{
		if (chunk >= MaxAllocSize)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("purchase history has too many days"),
					 errdetail("A history cannot take more than 1 GB while it is built.")));
		chunk = Min(chunk * 2, MaxAllocSize);
	}
	state = repalloc(state, chunk);
	state->capacity = (uint32) (chunk - STATE_HEADER);
	return state;
}

static HistoryState *
append(HistoryState *state, const uint8_t *bytes, Size size)
{
	if (size > state->capacity - state->used)
		state = grow(state, (Size) state->used + size);
	memcpy(state->stream + state->used, bytes, size);
	state->used += (uint32) size;
	return state;
}

/*
 * The state's entries sorted by day: in the caller's array of 2 * FEW_ENTRIES
 * where they fit, else in the current context.
 */
static cv_entry_key *
sorted_keys(const HistoryState *state, cv_entry_key *few)
{
	Size		n = state->entries.count;
	cv_entry_key *keys = few;

	if (n > FEW_ENTRIES)
		keys = MemoryContextAllocHuge(CurrentMemoryContext, 2 * n * sizeof(cv_entry_key));
	if (!cv_entries_index(&state->entries, state->stream, state->used, keys))
		cv_entries_sort(keys, n, keys + n, check_for_interrupts);
	return keys;
}

/* The same days in one entry each. */
static HistoryState *
compact(HistoryState *state)
{
	HistoryState *compacted = make_state(GetMemoryChunkContext(state), state->capacity);
	cv_entry_key few[2 * FEW_ENTRIES];
	cv_entry_key *keys = sorted_keys(state, few);
	size_t		next = 0;
	cv_day		day;

	while (cv_entries_next_day(&state->entries, state->stream, state->used, keys, &next, &day))
	{
		uint8_t		entry[CV_ENTRY_MAX];
		uint8_t    *end = cv_entries_put_day(&compacted->entries, &day, state->entries.scale, entry);

		compacted = append(compacted, entry, (Size) (end - entry));
		if (compacted->entries.count % DAYS_BETWEEN_CHECKS == 0)
			CHECK_FOR_INTERRUPTS();
	}
	compacted->entries.weight = state->entries.weight;
	if (keys != few)
		pfree(keys);
	pfree(state);
	return compacted;
}

/* Makes room for more bytes: by adding up what shares a day if that frees half, else by doubling. */
static HistoryState *
make_room(HistoryState *state, Size more)
{
	if (state->capacity >= COMPACT_FROM)
	{
		state = compact(state);
		if ((Size) state->used + more <= state->capacity / 2)
			return state;
	}
	return grow(state, Max((Size) state->used + more, (Size) state->capacity + 1));
}

static inline void
add_weight(HistoryState *state, uint64 weight)
{
	state->entries.weight += weight;
	if (unlikely(state->entries.weight > CV_MAX_WEIGHT))
		cv_history_range_error();
}

static inline HistoryState *
add_sale(HistoryState *state, const cv_sale *sale)
{
	Size		most = (sale->known & CV_OPTIONAL_TRACKS) ? CV_SALE_MAX : CV_PLAIN_SALE_MAX;

	add_weight(state, 1);
	if (likely(state->capacity - state->used >= most))
	{
		uint8_t    *end = cv_entries_put_sale(&state->entries, sale, state->stream + state->used);

		state->used = (uint32) (end - state->stream);
	}
	else
	{
		/* counted only once written, as making room may add up the entries there are */
		cv_entries	entries = state->entries;
		uint8_t		entry[CV_ENTRY_MAX];
		Size		size = (Size) (cv_entries_put_sale(&entries, sale, entry) - entry);

		if (size > state->capacity - state->used)
		{
			state = make_room(state, size + 4);
			size = (Size) (cv_entries_put_sale(&state->entries, sale, entry) - entry);
		}
		else
			state->entries = entries;
		state = append(state, entry, size);
	}
	return state;
}

static HistoryState *
add_day(HistoryState *state, const cv_day *day, const uint8_t *scale)
{
	uint8_t    *end;

	if (state->capacity - state->used < CV_ENTRY_MAX)
		state = make_room(state, CV_ENTRY_MAX);
	end = cv_entries_put_day(&state->entries, day, scale, state->stream + state->used);
	state->used = (uint32) (end - state->stream);
	return state;
}

/* Appends all days of a history. */
static HistoryState *
add_history(HistoryState *state, Datum history)
{
	cv_history_view view = cv_history_get(history);
	cv_history_reader reader;
	cv_history_shape shape;
	cv_day		day;

	/* first its weight: whether the sums fit must not depend on what was merged before */
	cv_history_check(cv_history_open(&reader, view.bytes, view.size));
	cv_shape_init(&shape, reader.scale);
	while (cv_history_next(&reader, &day))
		cv_shape_add(&shape, &day);
	if (reader.corrupt)
		cv_history_check(CV_HISTORY_CORRUPT);
	if (shape.out_of_range)
		cv_history_range_error();
	add_weight(state, cv_shape_weight(&shape));

	cv_history_open(&reader, view.bytes, view.size);
	for (int64 n = 1; cv_history_next(&reader, &day); n++)
	{
		state = add_day(state, &day, reader.scale);
		if (n % DAYS_BETWEEN_CHECKS == 0)
			CHECK_FOR_INTERRUPTS();
	}
	cv_history_release(&view);
	return state;
}

/* The history of a state that has entries, in the current context; the state stays as it is. */
static Datum
make_history(const HistoryState *state)
{
	cv_entry_key few[2 * FEW_ENTRIES];
	cv_day		few_days[FEW_ENTRIES];
	cv_entry_key *keys = sorted_keys(state, few);
	size_t		n = cv_entries_days(keys, state->entries.count);
	cv_day	   *days = few_days;
	cv_history_shape shape;
	cv_history_writer writer;
	size_t		next = 0;
	size_t		i;
	Datum		result;

	if (n > FEW_ENTRIES)
		days = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(cv_day));
	cv_shape_init(&shape, state->entries.scale);
	for (i = 0; i < n; i++)
	{
		if (!cv_entries_next_day(&state->entries, state->stream, state->used, keys, &next, &days[i]))
			elog(ERROR, "purchase history state is damaged");
		cv_shape_add(&shape, &days[i]);
		if (i % DAYS_BETWEEN_CHECKS == 0)
			CHECK_FOR_INTERRUPTS();
	}
	if (shape.out_of_range)
		cv_history_range_error();
	if (keys != few)
		pfree(keys);

	cv_writer_begin(&writer, &shape);
	for (i = 0; i < n; i++)
		cv_writer_add(&writer, &days[i]);
	result = cv_writer_finish(&writer);
	if (days != few_days)
		pfree(days);
	return result;
}

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

/* (internal, day date, amount numeric) -> internal */
CV_SQL_FUNCTION(cv_purchase_history_accum);
Datum
cv_purchase_history_accum(PG_FUNCTION_ARGS)
{
	cv_sale		sale;

	if (!read_sale(fcinfo, &sale))
		RETURN_UNCHANGED();
	PG_RETURN_POINTER(add_sale(get_state(fcinfo), &sale));
}

/* (internal, day date, amount, cost, list_amount, quantity numeric) -> internal */
CV_SQL_FUNCTION(cv_purchase_history_accum_tracks);
Datum
cv_purchase_history_accum_tracks(PG_FUNCTION_ARGS)
{
	cv_sale		sale;

	if (!read_sale(fcinfo, &sale))
		RETURN_UNCHANGED();
	for (int track = CV_COST; track < CV_TRACKS; track++)
		if (!PG_ARGISNULL(2 + track))
			read_track(fcinfo, 2 + track, &sale, track);
	PG_RETURN_POINTER(add_sale(get_state(fcinfo), &sale));
}

/* (internal, purchase_history) -> internal */
CV_SQL_FUNCTION(cv_purchase_history_merge_accum);
Datum
cv_purchase_history_merge_accum(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(1))
		RETURN_UNCHANGED();
	PG_RETURN_POINTER(add_history(get_state(fcinfo), PG_GETARG_DATUM(1)));
}

/* (internal, internal) -> internal */
CV_SQL_FUNCTION(cv_purchase_history_combine);
Datum
cv_purchase_history_combine(PG_FUNCTION_ARGS)
{
	HistoryState *state;
	const HistoryState *other;
	uint8_t		first[CV_ENTRY_MAX];
	uint8_t    *end;
	size_t		rest;

	if (PG_ARGISNULL(1))
		RETURN_UNCHANGED();
	state = get_state(fcinfo);
	other = (const HistoryState *) PG_GETARG_POINTER(1);
	if (other->entries.count == 0)
		PG_RETURN_POINTER(state);

	if ((Size) state->used + other->used + CV_ENTRY_MAX > state->capacity)
		state = make_room(state, (Size) other->used + CV_ENTRY_MAX);
	end = cv_entries_join(&state->entries, &other->entries, other->stream, other->used, first, &rest);
	add_weight(state, 0);		/* joined: within the limit? */
	state = append(state, first, (Size) (end - first));
	state = append(state, other->stream + rest, other->used - rest);
	PG_RETURN_POINTER(state);
}

/* (internal) -> bytea: the counters and the stream, for another process of this server */
CV_SQL_FUNCTION(cv_purchase_history_serialize);
Datum
cv_purchase_history_serialize(PG_FUNCTION_ARGS)
{
	const HistoryState *state = (const HistoryState *) PG_GETARG_POINTER(0);
	Size		size = STATE_HEADER + state->used;
	bytea	   *result = palloc(VARHDRSZ + size);

	SET_VARSIZE(result, VARHDRSZ + size);
	memcpy(VARDATA(result), state, size);
	PG_RETURN_BYTEA_P(result);
}

/* (bytea, internal) -> internal */
CV_SQL_FUNCTION(cv_purchase_history_deserialize);
Datum
cv_purchase_history_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Size		size = VARSIZE_ANY_EXHDR(bytes);
	HistoryState *state;

	if (size < STATE_HEADER)
		elog(ERROR, "purchase history state is damaged");
	state = palloc(size);
	memcpy(state, VARDATA_ANY(bytes), size);
	state->capacity = state->used = (uint32) (size - STATE_HEADER);
	PG_RETURN_POINTER(state);
}

/* (internal) -> purchase_history; null where there was no sale */
CV_SQL_FUNCTION(cv_purchase_history_final);
Datum
cv_purchase_history_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || ((HistoryState *) PG_GETARG_POINTER(0))->entries.count == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(make_history((HistoryState *) PG_GETARG_POINTER(0)));
}

/* (purchase_history, purchase_history) -> purchase_history */
CV_SQL_FUNCTION(cv_purchase_history_merge);
Datum
cv_purchase_history_merge(PG_FUNCTION_ARGS)
{
	HistoryState *state = make_state(CurrentMemoryContext, 4 * FIRST_CHUNK - STATE_HEADER);
	Datum		result;

	state = add_history(state, PG_GETARG_DATUM(0));
	state = add_history(state, PG_GETARG_DATUM(1));
	result = make_history(state);
	pfree(state);
	PG_RETURN_DATUM(result);
}
