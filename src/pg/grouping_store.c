/*
 * grouping_store.c - rows parted by their hashes.
 *
 * A part is a list of chunks that are filled one after the other, so that adding a row
 * writes behind the last row of its part and waits for no memory.  Once the budget is used
 * up, chunks go to a temporary file when they are full, and are used again.  All parts
 * share that file, and each keeps a list of where its chunks are: a file for each part
 * takes longer to create than to fill.  The rows of a part are read in the order in which
 * they came, wherever they are.
 *
 * What others are to read goes to the file from the start: a page of shared memory that one
 * process writes and another reads has to be found, cleared and mapped in both, while the
 * system's cache of files hands its pages on for the price of a copy.
 */
#include "pg/grouping_store.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "pg/large_pages.h"

/* Bytes of a chunk, and of what is taken from memory at once: doubling, an eighth of the budget at most. */
#define CHUNK_SIZE 8192
#define FIRST_SLAB (64 * 1024)
#define LAST_SLAB (16 * 1024 * 1024)

typedef struct cv_chunk chunk;

struct cv_chunk
{
	chunk	   *next;
	uint32		used;			/* bytes of rows */
	uint32		room;			/* for rows */
	char		rows[FLEXIBLE_ARRAY_MEMBER];
};

#define CHUNK_HEAD offsetof(chunk, rows)

#define FIRST_WRITTEN 16			/* room in the list of a part's chunks in the file, to begin with */

typedef struct part
{
	char	   *next;			/* where the next row goes */
	char	   *end;			/* of the chunk that is being filled */
	chunk	   *filling;
	chunk	   *first;			/* in memory */
	cv_written *written;		/* chunks in the file, which come before those in memory */
	uint32		n_written;
	uint32		written_room;
	uint64		bytes;			/* of its rows, in memory and in the file, but for those of the chunk that is being filled */
} part;

struct cv_store
{
	MemoryContext context;
	int			skipped;
	int			bits;
	Size		budget;
	Size		allocated;
	uint64		spilled;
	bool		spilling;

	cv_grouping_file *file;		/* NULL before spilling begins */
	FileSet    *files;			/* of a shared store */
	int			participant;

	/* the slab that chunks are cut from, and chunks to be used again */
	char	   *slab_next;
	char	   *slab_end;
	Size		slab_size;
	chunk	   *unused;

	part	   *reserved;		/* where the next row is being written */
	part		parts[FLEXIBLE_ARRAY_MEMBER];
};

cv_store *
cv_store_make(MemoryContext parent, int skipped, int bits, Size budget)
{
	MemoryContext context = AllocSetContextCreate(parent, "rows to group", ALLOCSET_DEFAULT_SIZES);
	cv_store   *store = MemoryContextAllocZero(context, offsetof(cv_store, parts) + sizeof(part) * ((Size) 1 << bits));

	store->context = context;
	store->skipped = skipped;
	store->bits = bits;
	store->budget = budget;
	store->slab_size = FIRST_SLAB;
	return store;
}

cv_store *
cv_store_make_shared(MemoryContext parent, int bits, FileSet *files, int participant)
{
	cv_store   *store = cv_store_make(parent, 0, bits, 0);

	store->files = files;
	store->participant = participant;
	store->spilling = true;
	store->slab_size = (Size) CHUNK_SIZE << bits;
	return store;
}

int
cv_store_parts(const cv_store *store)
{
	return 1 << store->bits;
}

int
cv_store_common_bits(const cv_store *store)
{
	return store->skipped + store->bits;
}

uint64
cv_store_part_bytes(const cv_store *store, int part)
{
	return store->parts[part].bytes;
}

uint64
cv_store_memory(const cv_store *store)
{
	return store->allocated;
}

uint64
cv_store_spilled(const cv_store *store)
{
	return store->spilled;
}

void
cv_store_free(cv_store *store)
{
	if (store->file != NULL)
		cv_grouping_file_close(store->file);
	MemoryContextDelete(store->context);
}

static chunk *
make_chunk(char *memory, Size size)
{
	chunk	   *made = (chunk *) memory;

	made->next = NULL;
	made->used = 0;
	made->room = (uint32) (size - CHUNK_HEAD);
	return made;
}

/* Is it for one row only? */
static inline bool
is_large(const chunk *c)
{
	return c->room > CHUNK_SIZE - CHUNK_HEAD;
}

/* Memory that such a chunk would take beyond what there is. */
static Size
new_memory(const cv_store *store, Size size)
{
	if (size > CHUNK_SIZE - CHUNK_HEAD)
		return CHUNK_HEAD + size;
	return store->unused == NULL && store->slab_next == store->slab_end ? store->slab_size : 0;
}

/* An empty chunk with room for so many bytes; a larger one than usual is only for them. */
static chunk *
get_chunk(cv_store *store, Size size)
{
	chunk	   *result = store->unused;

	store->allocated += new_memory(store, size);
	if (size > CHUNK_SIZE - CHUNK_HEAD)
		return make_chunk(MemoryContextAllocHuge(store->context, CHUNK_HEAD + size), CHUNK_HEAD + size);
	if (result != NULL)
	{
		store->unused = result->next;
		return make_chunk((char *) result, CHUNK_SIZE);
	}
	if (store->slab_next == store->slab_end)
	{
		store->slab_next = cv_alloc_large_pages(store->context, store->slab_size);
		store->slab_end = store->slab_next + store->slab_size;
		if (store->slab_size < Min(LAST_SLAB, store->budget / 8))
			store->slab_size *= 2;
	}
	result = make_chunk(store->slab_next, CHUNK_SIZE);
	store->slab_next += CHUNK_SIZE;
	return result;
}

/* Makes room for one more in the list of chunks in the file. */
static void
make_written_room(cv_store *store, part *part)
{
	uint32		room = Max(2 * part->written_room, FIRST_WRITTEN);

	if (part->n_written < part->written_room)
		return;
	part->written = part->written == NULL ? MemoryContextAlloc(store->context, room * sizeof(cv_written)) :
		repalloc_huge(part->written, room * sizeof(cv_written));
	store->allocated += (room - part->written_room) * sizeof(cv_written);
	part->written_room = room;
}

/* Writes a chunk to the file, and keeps it for what comes. */
static void
write_chunk(cv_store *store, part *part, chunk *full)
{
	if (store->file == NULL)
	{
		store->file = cv_grouping_file_create(store->context, store->files, store->participant);
		store->allocated += CV_GROUPING_FILE_BUFFER;
	}
	make_written_room(store, part);
	part->written[part->n_written++] = (cv_written) {.place = cv_grouping_file_end(store->file), .size = full->used};
	cv_grouping_file_append(store->file, full->rows, full->used);
	store->spilled += full->used;
	if (is_large(full))
	{
		store->allocated -= CHUNK_HEAD + full->room;
		pfree(full);
		return;
	}
	full->next = store->unused;
	store->unused = full;
}

/* No more rows go to the chunk that is being filled. */
static void
end_chunk(part *part)
{
	if (part->filling == NULL)
		return;
	part->filling->used = (uint32) (part->next - part->filling->rows);
	part->bytes += part->filling->used;
}

/* The chunks of a part go to the file. */
static void
write_part(cv_store *store, part *part)
{
	for (chunk *full = part->first, *next; full != NULL; full = next)
	{
		next = full->next;
		write_chunk(store, part, full);
	}
	part->first = part->filling = NULL;
	part->next = part->end = NULL;
}

/* From here on full chunks go to the file. */
static void
begin_spilling(cv_store *store)
{
	for (int i = 0; i < cv_store_parts(store); i++)
	{
		CHECK_FOR_INTERRUPTS();
		end_chunk(&store->parts[i]);
		write_part(store, &store->parts[i]);
	}
	store->spilling = true;
}

/* Room in a new chunk of a part. */
static pg_noinline void
begin_chunk(cv_store *store, part *part, Size size)
{
	chunk	   *fresh;

	if (!store->spilling && store->allocated + new_memory(store, size) > store->budget)
		begin_spilling(store);
	end_chunk(part);
	if (store->spilling)
		write_part(store, part);
	fresh = get_chunk(store, size);
	if (part->filling == NULL)
		part->first = fresh;
	else
		part->filling->next = fresh;
	part->filling = fresh;
	part->next = fresh->rows;
	part->end = fresh->rows + fresh->room;
}

char *
cv_store_reserve(cv_store *store, uint32 hash, Size bound)
{
	/* in 64 bits, as all 32 may be shifted out */
	part	   *part = &store->parts[((uint64) hash << store->skipped & PG_UINT32_MAX) >> (32 - store->bits)];

	if (unlikely((Size) (part->end - part->next) < bound))
		begin_chunk(store, part, bound);
	store->reserved = part;
	return part->next;
}

/* A row that is alone in its chunk goes to the file at once. */
static pg_noinline void
write_large_row(cv_store *store, part *part)
{
	end_chunk(part);
	write_part(store, part);
}

void
cv_store_add(cv_store *store, Size size)
{
	part	   *part = store->reserved;

	part->next += size;
	/* in a large chunk?  Its head is far from the row: not to be looked at for every one */
	if (unlikely(store->spilling && part->end > (char *) part->filling + CHUNK_SIZE))
		write_large_row(store, part);
}

void
cv_store_finish(cv_store *store)
{
	for (int i = 0; i < cv_store_parts(store); i++)
		end_chunk(&store->parts[i]);
	if (store->file != NULL)
		cv_grouping_file_finish(store->file);
}

void
cv_store_finish_shared(cv_store *store, cv_shared_part *shared)
{
	for (int i = 0; i < cv_store_parts(store); i++)
	{
		part	   *part = &store->parts[i];

		CHECK_FOR_INTERRUPTS();
		end_chunk(part);
		write_part(store, part);
		shared[i] = (cv_shared_part) {.bytes = part->bytes, .n_written = part->n_written};
		if (part->n_written > 0)
		{
			/* the list goes where its chunks are */
			shared[i].written_place = cv_grouping_file_end(store->file);
			cv_grouping_file_append(store->file, part->written, part->n_written * sizeof(cv_written));
		}
	}
	if (store->file != NULL)
	{
		cv_grouping_file_finish(store->file);
		cv_grouping_file_close(store->file);
		store->file = NULL;
	}
}

void
cv_part_reader_open(cv_part_reader *reader, cv_store *store, int part)
{
	*reader = (cv_part_reader) {
		.file = store->file,
		.written = store->parts[part].written,
		.n_written = store->parts[part].n_written,
		.chunk = store->parts[part].first
	};
}

void
cv_part_reader_open_shared(cv_part_reader *reader, FileSet *file_set, cv_grouping_file **files,
						   const cv_shared_part *shared, int participants, int part, int parts)
{
	*reader = (cv_part_reader) {
		.file_set = file_set,
		.files = files,
		.shared = shared,
		.participants = participants,
		.part = part,
		.parts = parts
	};
}

void
cv_part_reader_close(cv_part_reader *reader)
{
	if (reader->buffer != NULL)
		pfree(reader->buffer);
	if (reader->shared_written != NULL)
		pfree(reader->shared_written);
	reader->buffer = NULL;
	reader->shared_written = NULL;
}

/* Reads the next chunk of the file. */
static const char *
read_chunk(cv_part_reader *reader, Size *size)
{
	const cv_written *next = &reader->written[reader->next_written++];

	if (reader->buffer == NULL || reader->buffer_size < next->size)
	{
		if (reader->buffer != NULL)
			pfree(reader->buffer);
		reader->buffer_size = Max(next->size, CHUNK_SIZE);
		reader->buffer = MemoryContextAllocHuge(CurrentMemoryContext, reader->buffer_size + CV_ROW_SLACK);
	}
	cv_grouping_file_read(reader->file, next->place, reader->buffer, next->size);
	*size = next->size;
	return reader->buffer;
}

/* Goes on to what the next participant left. */
static void
open_next_participant(cv_part_reader *reader)
{
	int			participant = reader->participant++;
	const cv_shared_part *shared = &reader->shared[participant * reader->parts + reader->part];
	Size		size = shared->n_written * sizeof(cv_written);

	if (reader->shared_written != NULL)
		pfree(reader->shared_written);
	reader->shared_written = NULL;
	reader->n_written = reader->next_written = 0;
	if (shared->n_written == 0)
		return;
	if (reader->files[participant] == NULL)
		reader->files[participant] = cv_grouping_file_open(CurrentMemoryContext, reader->file_set, participant);
	reader->file = reader->files[participant];
	reader->shared_written = palloc_extended(size, MCXT_ALLOC_HUGE);
	cv_grouping_file_read(reader->file, shared->written_place, (char *) reader->shared_written, size);
	reader->written = reader->shared_written;
	reader->n_written = shared->n_written;
}

const char *
cv_part_reader_next(cv_part_reader *reader, Size *size)
{
	for (;;)
	{
		const chunk *next = reader->chunk;

		CHECK_FOR_INTERRUPTS();
		if (reader->next_written < reader->n_written)
			return read_chunk(reader, size);
		if (next != NULL)
		{
			reader->chunk = next->next;
			*size = next->used;
			return next->rows;
		}
		if (reader->participant == reader->participants)
			return NULL;
		open_next_participant(reader);
	}
}
