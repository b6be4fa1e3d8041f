/*
 * grouping_store.c - rows parted by their hashes.
 *
 * A part is a list of chunks that are filled one after the other, so that adding a row
 * writes behind the last row of its part and waits for no memory.  Once the budget is used
 * up, chunks go to a temporary file of their part when they are full, and are used again.
 */
#include "pg/grouping_store.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "pg/large_pages.h"

/* Bytes of a chunk, and of what is taken from memory at once: doubling, an eighth of the budget at most. */
#define CHUNK_SIZE 8192
#define FIRST_SLAB (64 * 1024)
#define LAST_SLAB (16 * 1024 * 1024)

/* With its head a bit less than a quarter of a megabyte: a shared area grows by powers of two, some of which it keeps for itself. */
#define SHARED_SLAB (31 * CHUNK_SIZE)

/* Chunks are known by address, those in a shared area by dsa_pointer; 0 is none. */
typedef uintptr_t chunk_name;

StaticAssertDecl(sizeof(chunk_name) >= sizeof(dsa_pointer), "names of chunks hold dsa_pointers");

typedef struct chunk
{
	chunk_name	next;
	uint32		used;			/* bytes of rows */
	uint32		room;			/* for rows */
	char		rows[FLEXIBLE_ARRAY_MEMBER];
} chunk;

#define CHUNK_HEAD offsetof(chunk, rows)

typedef struct part
{
	char	   *next;			/* where the next row goes */
	char	   *end;			/* of the chunk that is being filled */
	chunk	   *filling;
	chunk_name	first;
	BufFile    *file;
	uint64		bytes;			/* of all its rows, in memory and in the file */
} part;

/* The head of what is taken from a shared area at once: they are freed one by one. */
typedef struct slab
{
	dsa_pointer next;
	uint64		padding;
} slab;

StaticAssertDecl(sizeof(slab) % MAXIMUM_ALIGNOF == 0, "chunks in a slab are aligned");

struct cv_store
{
	MemoryContext context;
	int			skipped;
	int			bits;
	Size		budget;
	Size		allocated;
	uint64		spilled;
	bool		spilling;

	dsa_area   *area;
	FileSet    *files;
	int			participant;
	dsa_pointer slabs;

	/* the slab that chunks are cut from, and chunks to be used again */
	char	   *slab_next;
	char	   *slab_end;
	chunk_name	slab_next_name;
	Size		slab_size;
	chunk	   *unused;
	chunk_name	unused_name;

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

void
cv_store_share(cv_store *store, dsa_area *area, FileSet *files, int participant)
{
	store->area = area;
	store->files = files;
	store->participant = participant;
	store->slab_size = SHARED_SLAB;
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

dsa_pointer
cv_store_shared_memory(const cv_store *store)
{
	return store->slabs;
}

void
cv_store_free(cv_store *store)
{
	for (int i = 0; i < cv_store_parts(store); i++)
		if (store->parts[i].file != NULL)
			BufFileClose(store->parts[i].file);
	MemoryContextDelete(store->context);
}

void
cv_store_free_shared(dsa_area *area, dsa_pointer memory)
{
	while (DsaPointerIsValid(memory))
	{
		dsa_pointer next = ((slab *) dsa_get_address(area, memory))->next;

		dsa_free(area, memory);
		memory = next;
	}
}

/* Memory for chunks, and what it is called: in the area, where there is one, unless it is bound for a file. */
static char *
allocate(cv_store *store, Size size, bool for_file, chunk_name *name)
{
	char	   *memory;

	store->allocated += size;
	if (store->area == NULL || for_file)
	{
		memory = MemoryContextAllocHuge(store->context, size);
		cv_want_large_pages(memory, size);
		*name = (chunk_name) memory;
	}
	else
	{
		dsa_pointer pointer = dsa_allocate_extended(store->area, sizeof(slab) + size, DSA_ALLOC_HUGE);

		memory = dsa_get_address(store->area, pointer);
		((slab *) memory)->next = store->slabs;
		store->slabs = pointer;
		memory += sizeof(slab);
		*name = pointer + sizeof(slab);
	}
	return memory;
}

static chunk *
make_chunk(char *memory, Size size)
{
	chunk	   *made = (chunk *) memory;

	made->next = 0;
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
get_chunk(cv_store *store, Size size, chunk_name *name)
{
	chunk	   *result;

	if (size > CHUNK_SIZE - CHUNK_HEAD)
		return make_chunk(allocate(store, CHUNK_HEAD + size, store->spilling, name), CHUNK_HEAD + size);
	if (store->unused != NULL)
	{
		result = store->unused;
		*name = store->unused_name;
		store->unused_name = result->next;
		store->unused = store->area == NULL ? (chunk *) result->next :
			result->next == 0 ? NULL : dsa_get_address(store->area, result->next);
		return make_chunk((char *) result, CHUNK_SIZE);
	}
	if (store->slab_next == store->slab_end)
	{
		store->slab_next = allocate(store, store->slab_size, false, &store->slab_next_name);
		store->slab_end = store->slab_next + store->slab_size;
		if (store->area == NULL && store->slab_size < Min(LAST_SLAB, store->budget / 8))
			store->slab_size *= 2;
	}
	result = make_chunk(store->slab_next, CHUNK_SIZE);
	*name = store->slab_next_name;
	store->slab_next += CHUNK_SIZE;
	store->slab_next_name += CHUNK_SIZE;
	return result;
}

static chunk *
chunk_of_name(dsa_area *area, chunk_name name)
{
	return area == NULL ? (chunk *) name : dsa_get_address(area, name);
}

/* Writes a chunk to the file of its part, and keeps it for what comes. */
static void
write_chunk(cv_store *store, part *part, chunk *full, chunk_name name)
{
	uint32		used = full->used;

	if (part->file == NULL)
	{
		MemoryContext previous = MemoryContextSwitchTo(store->context);
		char		file_name[32];

		snprintf(file_name, sizeof(file_name), "%d.%d", store->participant, (int) (part - store->parts));
		part->file = store->files == NULL ? BufFileCreateTemp(false) : BufFileCreateFileSet(store->files, file_name);
		MemoryContextSwitchTo(previous);
	}
	BufFileWrite(part->file, &used, sizeof(used));
	BufFileWrite(part->file, full->rows, used);
	store->spilled += sizeof(used) + used;
	if (is_large(full))
	{
		/* in a shared area, where it was before spilling began, it stays until all is freed */
		if (store->area == NULL || store->spilling)
		{
			store->allocated -= CHUNK_HEAD + full->room;
			pfree(full);
		}
		return;
	}
	full->next = store->unused_name;
	store->unused = full;
	store->unused_name = name;
}

/* From here on full chunks go to files. */
static void
begin_spilling(cv_store *store)
{
	for (int i = 0; i < cv_store_parts(store); i++)
	{
		part	   *part = &store->parts[i];
		chunk_name	name = part->first;

		CHECK_FOR_INTERRUPTS();
		if (part->filling != NULL)
			part->filling->used = (uint32) (part->next - part->filling->rows);
		while (name != 0)
		{
			chunk	   *full = chunk_of_name(store->area, name);
			chunk_name	next = full->next;

			write_chunk(store, part, full, name);
			name = next;
		}
		part->first = 0;
		part->filling = NULL;
		part->next = part->end = NULL;
	}
	store->spilling = true;
}

/* Room in a new chunk of a part. */
static pg_noinline void
begin_chunk(cv_store *store, part *part, Size size)
{
	chunk_name	name;
	chunk	   *fresh;

	if (!store->spilling && store->allocated + new_memory(store, size) > store->budget)
		begin_spilling(store);
	if (part->filling != NULL)
	{
		part->filling->used = (uint32) (part->next - part->filling->rows);
		if (store->spilling)
		{
			/* the only one: what was there before is in the file */
			write_chunk(store, part, part->filling, part->first);
			part->filling = NULL;
		}
	}
	fresh = get_chunk(store, size, &name);
	if (part->filling == NULL)
		part->first = name;
	else
		part->filling->next = name;
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
	part->filling->used = (uint32) (part->next - part->filling->rows);
	write_chunk(store, part, part->filling, part->first);
	part->first = 0;
	part->filling = NULL;
	part->next = part->end = NULL;
}

void
cv_store_add(cv_store *store, Size size)
{
	part	   *part = store->reserved;

	part->next += size;
	part->bytes += size;
	if (unlikely(store->spilling && is_large(part->filling)))
		write_large_row(store, part);
}

void
cv_store_finish(cv_store *store, cv_shared_part *shared)
{
	for (int i = 0; i < cv_store_parts(store); i++)
	{
		part	   *part = &store->parts[i];

		if (part->filling != NULL)
			part->filling->used = (uint32) (part->next - part->filling->rows);
		if (shared == NULL)
			continue;
		shared[i] = (cv_shared_part) {.bytes = part->bytes, .first_chunk = part->first, .has_file = part->file != NULL};
		if (part->file != NULL)
		{
			BufFileExportFileSet(part->file);
			BufFileClose(part->file);
			part->file = NULL;
		}
	}
}

void
cv_part_reader_open(cv_part_reader *reader, cv_store *store, int part)
{
	*reader = (cv_part_reader) {
		.area = store->area,
		.file = store->parts[part].file,
		.chunk = store->parts[part].first
	};
	if (reader->file != NULL && BufFileSeek(reader->file, 0, 0, SEEK_SET) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not rewind a temporary file of rows to group: %m")));
}

void
cv_part_reader_open_shared(cv_part_reader *reader, dsa_area *area, FileSet *files,
						   const cv_shared_part *shared, int participants, int part, int parts)
{
	*reader = (cv_part_reader) {
		.area = area,
		.files = files,
		.shared = shared,
		.participants = participants,
		.part = part,
		.parts = parts
	};
}

static const char *
read_chunk(cv_part_reader *reader, Size *size)
{
	uint32		used;
	size_t		got = BufFileRead(reader->file, &used, sizeof(used));

	if (got == 0)
		return NULL;
	if (got == sizeof(used))
	{
		if (used + CV_ROW_SLACK > reader->buffer_size)
		{
			if (reader->buffer != NULL)
				pfree(reader->buffer);
			reader->buffer_size = used + CV_ROW_SLACK;
			reader->buffer = palloc(reader->buffer_size);
		}
		*size = used;
		if (BufFileRead(reader->file, reader->buffer, used) == used)
			return reader->buffer;
	}
	ereport(ERROR,
			(errcode_for_file_access(),
			 errmsg("could not read a temporary file of rows to group")));
	return NULL;
}

static void
close_file(cv_part_reader *reader)
{
	if (reader->file_is_ours)
		BufFileClose(reader->file);
	reader->file = NULL;
	reader->file_is_ours = false;
}

const char *
cv_part_reader_next(cv_part_reader *reader, Size *size)
{
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (reader->file != NULL)
		{
			const char *piece = read_chunk(reader, size);

			if (piece != NULL)
				return piece;
			close_file(reader);
		}
		while (reader->chunk != 0)
		{
			chunk	   *next = chunk_of_name(reader->area, reader->chunk);

			reader->chunk = next->next;
			*size = next->used;
			if (next->used > 0)
				return next->rows;
		}
		if (reader->participant == reader->participants)
			return NULL;
		else
		{
			const cv_shared_part *shared = &reader->shared[reader->participant * reader->parts + reader->part];
			char		name[32];

			snprintf(name, sizeof(name), "%d.%d", reader->participant++, reader->part);
			reader->chunk = shared->first_chunk;
			if (shared->has_file)
			{
				reader->file = BufFileOpenFileSet(reader->files, name, O_RDONLY, false);
				reader->file_is_ours = true;
			}
		}
	}
}

void
cv_part_reader_close(cv_part_reader *reader)
{
	if (reader->file != NULL)
		close_file(reader);
	if (reader->buffer != NULL)
		pfree(reader->buffer);
	reader->buffer = NULL;
}
