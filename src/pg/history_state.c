/*
 * history_state.c - the state from which the aggregates build a history:
 * growing it, adding to it, finishing it.
 */
#include "pg/history_state.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/history_plain.h"

/* The first chunk: 8 sales. A power of two, as the allocator would round up to one. */
#define FIRST_CHUNK 64

/* From this many bytes on, entries of the same day are added up before doubling. */
#define COMPACT_FROM 4096

/* A final function needs no memory but the result's for so many entries, and days of any kind: what most customers have. */
#define FEW_ENTRIES 128
#define FEW_DAYS 32

/* So many take milliseconds: more are finished day by day, looking for interrupts. */
#define PLAIN_ENTRIES 65536

/* Loops over days look for interrupts once in so many. */
#define DAYS_BETWEEN_CHECKS 4096

/* What a long sort in the core calls now and then. */
static void
check_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

static inline Size
room_left(const cv_state *state)
{
	return state->counters.capacity - state->counters.used;
}

static _Noreturn void
too_many_days(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("purchase history has too many days"),
			 errdetail("A history cannot take more than 1 GB while it is built.")));
}

/* Bytes of the chunk for so many bytes of entries. */
static Size
chunk_for(Size need)
{
	Size		chunk = FIRST_CHUNK;

	if (need > MaxAllocSize - sizeof(cv_counters))
		too_many_days();
	while (chunk - sizeof(cv_counters) < need)
		chunk *= 2;
	return Min(chunk, MaxAllocSize);
}

static cv_state
make_state(MemoryContext context, Size chunk)
{
	cv_state	state;

	state.counters = (cv_counters) {.capacity = (uint32) (chunk - sizeof(cv_counters))};
	state.stream = MemoryContextAlloc(context, chunk);
	return state;
}

cv_state
cv_state_make(MemoryContext context, const cv_state *from)
{
	cv_state	state = make_state(context, from == NULL ? FIRST_CHUNK : chunk_for(from->counters.used));

	if (from != NULL)
	{
		state.counters.entries = from->counters.entries;
		state.counters.used = from->counters.used;
		memcpy(state.stream, from->stream, from->counters.used);
	}
	return state;
}

/* Makes room for need bytes in all. */
static void
grow(cv_state *state, Size need)
{
	Size		chunk = chunk_for(need);

	state->stream = repalloc(state->stream, chunk);
	state->counters.capacity = (uint32) (chunk - sizeof(cv_counters));
}

static void
append(cv_state *state, const uint8_t *bytes, Size size)
{
	if (size > room_left(state))
		grow(state, (Size) state->counters.used + size);
	memcpy(state->stream + state->counters.used, bytes, size);
	state->counters.used += (uint32) size;
}

/*
 * The state's entries sorted by day: in the caller's array of 2 * FEW_ENTRIES
 * where they fit, else in the current context.
 */
static cv_entry_key *
sorted_keys(const cv_state *state, cv_entry_key *few)
{
	const cv_counters *c = &state->counters;
	Size		n = c->entries.count;
	cv_entry_key *keys = few;

	if (n > FEW_ENTRIES)
		keys = MemoryContextAllocHuge(CurrentMemoryContext, 2 * n * sizeof(cv_entry_key));
	if (!cv_entries_index(&c->entries, state->stream, c->used, keys))
		cv_entries_sort(keys, n, keys + n, check_for_interrupts);
	return keys;
}

/* The same days in one entry each. */
static void
compact(cv_state *state)
{
	const cv_counters *c = &state->counters;
	cv_state	compacted = make_state(GetMemoryChunkContext(state->stream), c->capacity + sizeof(cv_counters));
	cv_entry_key few[2 * FEW_ENTRIES];
	cv_entry_key *keys = sorted_keys(state, few);
	size_t		next = 0;
	cv_day		day;

	while (cv_entries_next_day(&c->entries, state->stream, c->used, keys, &next, &day))
	{
		uint8_t		entry[CV_ENTRY_MAX];
		uint8_t    *end = cv_entries_put_day(&compacted.counters.entries, &day, c->entries.scale, entry);

		append(&compacted, entry, (Size) (end - entry));
		if (compacted.counters.entries.count % DAYS_BETWEEN_CHECKS == 0)
			CHECK_FOR_INTERRUPTS();
	}
	compacted.counters.entries.weight = c->entries.weight;
	if (keys != few)
		pfree(keys);
	pfree(state->stream);
	*state = compacted;
}

/* Makes room for more bytes: by adding up what shares a day if that frees half, else by doubling. */
static void
make_room(cv_state *state, Size more)
{
	if (state->counters.capacity >= COMPACT_FROM)
	{
		compact(state);
		if (state->counters.used + more <= state->counters.capacity / 2)
			return;
	}
	grow(state, Max(state->counters.used + more, (Size) state->counters.capacity + 1));
}

static inline void
add_weight(cv_state *state, uint64 weight)
{
	state->counters.entries.weight += weight;
	if (unlikely(state->counters.entries.weight > CV_MAX_WEIGHT))
		cv_history_range_error();
}

/* Counts an entry written at the end of the stream. */
static inline void
wrote(cv_state *state, const uint8_t *end)
{
	state->counters.used = (uint32) (end - state->stream);
}

void
cv_state_add_sale(cv_state *state, const cv_sale *sale)
{
	Size		most = (sale->known & CV_OPTIONAL_TRACKS) ? CV_SALE_MAX : CV_PLAIN_SALE_MAX;

	add_weight(state, 1);
	if (room_left(state) < most)
	{
		/* counted only once written, as making room may add up the entries there are */
		cv_entries	entries = state->counters.entries;
		uint8_t		entry[CV_ENTRY_MAX];
		Size		size = (Size) (cv_entries_put_sale(&entries, sale, entry) - entry);

		if (size > room_left(state))
			make_room(state, size + 4);
	}
	wrote(state, cv_entries_put_sale(&state->counters.entries, sale, state->stream + state->counters.used));
}

/* As cv_state_add_sale, in 64 bits. */
void
cv_state_add_amount(cv_state *state, int32 day, int64 amount, uint8_t scale)
{
	add_weight(state, 1);
	if (unlikely(room_left(state) < CV_PLAIN_SALE_MAX))
	{
		cv_entries	entries = state->counters.entries;
		uint8_t		entry[CV_ENTRY_MAX];
		Size		size = (Size) (cv_entries_put_amount(&entries, day, amount, scale, entry) - entry);

		if (size > room_left(state))
			make_room(state, size + 4);
	}
	wrote(state, cv_entries_put_amount(&state->counters.entries, day, amount, scale,
									   state->stream + state->counters.used));
}

static void
add_day(cv_state *state, const cv_day *day, const uint8_t *scale)
{
	if (room_left(state) < CV_ENTRY_MAX)
		make_room(state, CV_ENTRY_MAX);
	wrote(state, cv_entries_put_day(&state->counters.entries, day, scale, state->stream + state->counters.used));
}

/* Appends all days of a history. */
void
cv_state_add_history(cv_state *state, Datum history)
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
		add_day(state, &day, reader.scale);
		if (n % DAYS_BETWEEN_CHECKS == 0)
			CHECK_FOR_INTERRUPTS();
	}
	cv_history_release(&view);
}

/* Appends all entries of another state. */
void
cv_state_add_state(cv_state *state, const cv_state *other)
{
	uint8_t		first[CV_ENTRY_MAX];
	uint8_t    *end;
	size_t		rest;

	if (other->counters.entries.count == 0)
		return;
	/* compacted first, if at all, as that changes what the other's first day is counted from */
	if (state->counters.capacity >= COMPACT_FROM && room_left(state) < (Size) other->counters.used + CV_ENTRY_MAX)
		make_room(state, (Size) other->counters.used + CV_ENTRY_MAX);
	end = cv_entries_join(&state->counters.entries, &other->counters.entries, other->stream, other->counters.used,
						  first, &rest);
	add_weight(state, 0);		/* joined: within the limit? */
	append(state, first, (Size) (end - first));
	append(state, other->stream + rest, other->counters.used - rest);
}

/* The history, whatever the entries. */
static Datum
any_history(const cv_state *state)
{
	const cv_counters *c = &state->counters;
	cv_entry_key few[2 * FEW_ENTRIES];
	cv_day		few_days[FEW_DAYS];
	cv_entry_key *keys = sorted_keys(state, few);
	size_t		n = cv_entries_days(keys, c->entries.count);
	cv_day	   *days = few_days;
	cv_history_shape shape;
	cv_history_writer writer;
	size_t		next = 0;
	size_t		i;
	Datum		result;

	if (n > FEW_DAYS)
		days = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(cv_day));
	cv_shape_init(&shape, c->entries.scale);
	for (i = 0; i < n; i++)
	{
		if (!cv_entries_next_day(&c->entries, state->stream, c->used, keys, &next, &days[i]))
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

/* The same for plain sales; 0 where there are others. */
static Datum
plain_history(const cv_state *state)
{
	const cv_counters *c = &state->counters;
	size_t		n = c->entries.count;
	uint64		few[3 * FEW_ENTRIES];
	uint64	   *memory = few;
	cv_plain	plain;
	struct varlena *result = NULL;

	if (n > PLAIN_ENTRIES)
		return (Datum) 0;
	if (n > FEW_ENTRIES)
		memory = palloc(3 * n * sizeof(uint64));
	plain.amounts = (int64 *) memory;
	plain.keys = memory + n;
	if (cv_plain_read(&plain, &c->entries, state->stream, c->used))
	{
		cv_plain_sort(&plain);
		result = palloc(VARHDRSZ + cv_plain_measure(&plain));
		SET_VARSIZE(result, cv_plain_put(&plain, (uint8_t *) VARDATA(result)) - (uint8_t *) result);
	}
	if (memory != few)
		pfree(memory);
	return PointerGetDatum(result);
}

Datum
cv_state_history(const cv_state *state)
{
	Datum		result = plain_history(state);

	return result != (Datum) 0 ? result : any_history(state);
}
