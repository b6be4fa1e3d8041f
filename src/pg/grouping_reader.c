/*
 * grouping_reader.c - rows of parted stores, those of a group one after the other.
 *
 * A part that is small enough for the processor's caches is read into memory and sorted
 * by hash.  A larger one is parted again, by further bits of the hash; where there are no
 * more, it is handed on as it is read, the rows of other groups put aside.
 */
#include "pg/grouping_reader.h"

#include "executor/executor.h"
#include "utils/memutils.h"

#include "core/pattern_keys.h"
#include "pg/large_pages.h"

/* A part that takes more is parted again: within these bounds a quarter of the memory there is. */
#define SMALLEST_LIMIT (512 * 1024)
#define LARGEST_LIMIT (4 * 1024 * 1024)

/* Bits by which a part is parted again, and all there are. */
#define BITS_OF_SPLIT 6
#define BITS_OF_HASH 32

/* In the index of a block: the upper bits of the hash, and where the row is. */
#define PLACE_BITS 33
#define PLACE_MASK ((UINT64CONST(1) << PLACE_BITS) - 1)

/* Sorted rows lie anywhere in a block: so many of them ahead are called for. */
#define ROWS_AHEAD 16

/* The index of a block begins with so many rows. */
#define FIRST_ORDER 1024

/* A store whose parts are being read. */
typedef struct level
{
	cv_store   *store;			/* NULL: the shared ones */
	int			next_part;
	struct level *below;
} level;

/* What is being handed on. */
typedef enum source
{
	NOTHING,
	BLOCK,						/* a part in memory, sorted */
	STREAM						/* a part of one hash, too large for memory */
} source;

struct cv_group_reader
{
	MemoryContext context;
	ExprContext *per_tuple;
	const cv_row_layout *layout;
	cv_group_key *keys;
	int			n_keys;
	Size		budget;
	Size		limit;			/* of a block, in bytes */
	cv_row_scratch scratches[2];	/* of two rows that are compared */

	cv_shared_stores shared;
	cv_grouping_file **shared_files;	/* of the participants, once they are opened */
	level	   *top;
	cv_part_reader part;
	source		source;

	/* a block: rows, and their index, sorted by hash; from next to run_end is one group */
	char	   *rows;			/* room for `limit` bytes */
	uint64	   *order;			/* twice as long, for scratch */
	Size		order_size;
	Size		n;
	Size		next;
	Size		run_end;

	/* a stream */
	const char *piece;
	Size		piece_left;
	char	   *first;			/* a copy of the first row of the group */
	cv_store   *others;			/* rows of other groups with the same hash */
};

cv_group_reader *
cv_group_reader_make(MemoryContext context, ExprContext *per_tuple, const cv_row_layout *layout,
					 cv_group_key *keys, int n_keys, Size budget)
{
	cv_group_reader *reader = MemoryContextAllocZero(context, sizeof(cv_group_reader));

	reader->context = context;
	reader->per_tuple = per_tuple;
	reader->layout = layout;
	reader->keys = keys;
	reader->n_keys = n_keys;
	reader->budget = budget;
	reader->limit = Min(Max(budget / 4, SMALLEST_LIMIT), LARGEST_LIMIT);
	reader->scratches[0].context = reader->scratches[1].context = context;
	return reader;
}

void
cv_group_reader_add(cv_group_reader *reader, cv_store *store)
{
	level	   *added = MemoryContextAlloc(reader->context, sizeof(level));

	*added = (level) {.store = store, .below = reader->top};
	reader->top = added;
}

void
cv_group_reader_share(cv_group_reader *reader, const cv_shared_stores *stores)
{
	reader->shared = *stores;
	reader->shared_files = MemoryContextAllocZero(reader->context, stores->participants * sizeof(cv_grouping_file *));
	cv_group_reader_add(reader, NULL);
}

static void
pop_level(cv_group_reader *reader)
{
	level	   *popped = reader->top;

	if (popped->store != NULL)
		cv_store_free(popped->store);
	reader->top = popped->below;
	pfree(popped);
}

void
cv_group_reader_close(cv_group_reader *reader)
{
	if (reader->source == STREAM)
	{
		cv_part_reader_close(&reader->part);
		cv_store_free(reader->others);
		reader->source = NOTHING;
	}
	while (reader->top != NULL)
		pop_level(reader);
	for (int i = 0; i < reader->shared.participants; i++)
		if (reader->shared_files[i] != NULL)
			cv_grouping_file_close(reader->shared_files[i]);
	reader->shared.participants = 0;
}

/* Do both rows have the same key?  Nulls are the same. */
static pg_noinline bool
same_keys(cv_group_reader *reader, cv_row a, cv_row b)
{
	ExprContext *context = reader->per_tuple;
	MemoryContext previous = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
	bool		same = true;

	for (int k = 0; k < reader->n_keys && same; k++)
	{
		cv_group_key *key = &reader->keys[k];
		bool		a_null,
					b_null;
		Datum		a_value = cv_row_key(reader->layout, a, k, &a_null, &reader->scratches[0]),
					b_value = cv_row_key(reader->layout, b, k, &b_null, &reader->scratches[1]);

		same = a_null || b_null ? a_null && b_null :
			DatumGetBool(FunctionCall2Coll(&key->equal, key->collation, a_value, b_value));
	}
	MemoryContextSwitchTo(previous);
	ResetExprContext(context);
	return same;
}

/* What has the same bytes is the same: only the others need the operator. */
static inline bool
same_group(cv_group_reader *reader, cv_row a, cv_row b)
{
	return cv_row_keys_identical(reader->layout, a, b) || same_keys(reader, a, b);
}

/* The next part that has rows, opened: its bytes; 0 where none is left on the level. */
static uint64
open_next_part(cv_group_reader *reader)
{
	level	   *top = reader->top;
	cv_shared_stores *shared = &reader->shared;
	uint64		bytes = 0;

	while (bytes == 0)
	{
		if (top->store != NULL)
		{
			int			part = top->next_part++;

			if (part >= cv_store_parts(top->store))
				return 0;
			bytes = cv_store_part_bytes(top->store, part);
			if (bytes > 0)
				cv_part_reader_open(&reader->part, top->store, part);
		}
		else
		{
			uint32		parts = (uint32) 1 << shared->bits;
			uint32		part = pg_atomic_fetch_add_u32(shared->next_part, 1);

			if (part >= parts)
				return 0;
			for (int i = 0; i < shared->participants; i++)
				bytes += shared->parts[i * parts + part].bytes;
			if (bytes > 0)
				cv_part_reader_open_shared(&reader->part, shared->file_set, reader->shared_files, shared->parts,
										   shared->participants, (int) part, (int) parts);
		}
	}
	return bytes;
}

/* Reads a part into memory and sorts it. */
static void
load_block(cv_group_reader *reader)
{
	const char *piece;
	Size		size;
	Size		used = 0;
	Size		n = 0;

	/* for the largest block at once: what is not used is never touched */
	if (reader->rows == NULL)
		reader->rows = cv_alloc_large_pages(reader->context, reader->limit + CV_ROW_SLACK);
	while ((piece = cv_part_reader_next(&reader->part, &size)) != NULL)
	{
		memcpy(reader->rows + used, piece, size);
		used += size;
	}
	cv_part_reader_close(&reader->part);

	for (Size place = 0; place < used; n++)
	{
		cv_row		row = reader->rows + place;

		if (n == reader->order_size)
		{
			Size		size_of_order = Max(FIRST_ORDER, 2 * reader->order_size);

			reader->order = reader->order == NULL ? palloc(2 * size_of_order * sizeof(uint64)) :
				repalloc(reader->order, 2 * size_of_order * sizeof(uint64));
			reader->order_size = size_of_order;
		}
		reader->order[n] = ((uint64) cv_row_hash(row) << 32 & ~PLACE_MASK) | place;
		place += cv_row_size(row);
	}
	cv_keys_sort_upper(reader->order, reader->order + reader->order_size, n, PLACE_BITS);
	reader->n = n;
	reader->next = reader->run_end = 0;
	reader->source = BLOCK;
}

/* Adds a row that is stored already. */
static void
copy_row(cv_store *store, cv_row row)
{
	Size		size = cv_row_size(row);

	memcpy(cv_store_reserve(store, cv_row_hash(row), size + CV_ROW_SLACK), row, size);
	cv_store_add(store, size);
}

/* Parts a part again, by more bits of the hash. */
static void
split_part(cv_group_reader *reader, int common_bits)
{
	cv_store   *store = cv_store_make(reader->context, common_bits, Min(BITS_OF_SPLIT, BITS_OF_HASH - common_bits), reader->budget / 4);
	const char *piece;
	Size		size;

	while ((piece = cv_part_reader_next(&reader->part, &size)) != NULL)
		for (Size place = 0; place < size; place += cv_row_size(piece + place))
			copy_row(store, piece + place);
	cv_part_reader_close(&reader->part);
	cv_store_finish(store);
	cv_group_reader_add(reader, store);
}

/* Finds what to hand on next; false at the end. */
static bool
next_source(cv_group_reader *reader)
{
	MemoryContext previous = MemoryContextSwitchTo(reader->context);

	reader->source = NOTHING;
	while (reader->top != NULL && reader->source == NOTHING)
	{
		int			common_bits = reader->top->store == NULL ? reader->shared.bits :
			cv_store_common_bits(reader->top->store);
		uint64		bytes = open_next_part(reader);

		if (bytes == 0)
			pop_level(reader);
		else if (bytes <= reader->limit)
			load_block(reader);
		else if (common_bits < BITS_OF_HASH)
			split_part(reader, common_bits);
		else
		{
			reader->source = STREAM;
			reader->piece_left = 0;
			reader->first = NULL;
			reader->others = cv_store_make(reader->context, BITS_OF_HASH, 0, reader->budget / 4);
		}
	}
	MemoryContextSwitchTo(previous);
	return reader->source != NOTHING;
}

static inline cv_row
row_at(const cv_group_reader *reader, Size i)
{
	return reader->rows + (reader->order[i] & PLACE_MASK);
}

/*
 * Finds the end of the group that begins at next, among rows with the same upper bits
 * of the hash; those of its rows that others lie between are moved to the front.
 */
static void
find_run(cv_group_reader *reader)
{
	uint64		hash = reader->order[reader->next] >> PLACE_BITS;
	cv_row		first = row_at(reader, reader->next);
	Size		end = reader->next + 1;

	for (Size i = end; i < reader->n && reader->order[i] >> PLACE_BITS == hash; i++)
	{
		if (i + ROWS_AHEAD < reader->n)
			__builtin_prefetch(row_at(reader, i + ROWS_AHEAD));
		if (same_group(reader, first, row_at(reader, i)))
		{
			uint64		moved = reader->order[i];

			reader->order[i] = reader->order[end];
			reader->order[end++] = moved;
		}
	}
	reader->run_end = end;
}

static cv_row
next_of_block(cv_group_reader *reader)
{
	if (reader->next == reader->run_end)
	{
		if (reader->next == reader->n)
			return NULL;
		find_run(reader);
	}
	return row_at(reader, reader->next++);
}

/* Those equal to the first come now; the others are a source of their own later. */
static cv_row
next_of_stream(cv_group_reader *reader)
{
	for (;;)
	{
		cv_row		row;
		Size		size;

		while (reader->piece_left == 0)
		{
			reader->piece = cv_part_reader_next(&reader->part, &reader->piece_left);
			if (reader->piece == NULL)
			{
				cv_part_reader_close(&reader->part);
				pfree(reader->first);
				cv_store_finish(reader->others);
				/* what was read last is needed no more: the files would add up */
				if (reader->top->store != NULL && reader->top->next_part == cv_store_parts(reader->top->store))
					pop_level(reader);
				cv_group_reader_add(reader, reader->others);
				reader->source = NOTHING;
				return NULL;
			}
		}
		row = reader->piece;
		size = cv_row_size(row);
		reader->piece += size;
		reader->piece_left -= size;
		if (reader->first == NULL)
		{
			reader->first = palloc(size + CV_ROW_SLACK);
			memcpy(reader->first, row, size);
			return row;
		}
		if (same_group(reader, reader->first, row))
			return row;
		copy_row(reader->others, row);
	}
}

cv_row
cv_group_reader_next(cv_group_reader *reader)
{
	for (;;)
	{
		cv_row		row = NULL;

		if (reader->source == BLOCK)
			row = next_of_block(reader);
		else if (reader->source == STREAM)
		{
			MemoryContext previous = MemoryContextSwitchTo(reader->context);

			row = next_of_stream(reader);
			MemoryContextSwitchTo(previous);
		}
		if (row != NULL || !next_source(reader))
			return row;
	}
}
