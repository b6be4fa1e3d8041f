/*
 * grouping_store.h - rows parted by the first bits of their hashes, in memory while it lasts, then in temporary files.
 */
#ifndef CV_PG_GROUPING_STORE_H
#define CV_PG_GROUPING_STORE_H

#include "pg/grouping_rows.h"

#include "storage/buffile.h"
#include "storage/fileset.h"
#include "utils/dsa.h"

/* What a participant of a parallel plan leaves in shared memory of one of its parts. */
typedef struct cv_shared_part
{
	uint64		bytes;
	dsa_pointer first_chunk;
	bool		has_file;
} cv_shared_part;

typedef struct cv_store cv_store;

/*
 * A store of 2^bits parts, told apart by the bits of the hash after the first `skipped`,
 * that takes so many bytes of memory, in a context of its own under the parent.
 */
extern cv_store *cv_store_make(MemoryContext parent, int skipped, int bits, Size budget);

/*
 * Lets others read it, before it has rows: chunks go to the area, files to the file set
 * under the participant's number.
 */
extern void cv_store_share(cv_store *store, dsa_area *area, FileSet *files, int participant);

/* Room for a row of this hash and bound. */
extern char *cv_store_reserve(cv_store *store, uint32 hash, Size bound);

/* The row for which room was reserved has been written, and took so many bytes. */
extern void cv_store_add(cv_store *store, Size size);

/* No more rows will come.  Tells others, where shared, what is in each part. */
extern void cv_store_finish(cv_store *store, cv_shared_part *shared);

extern int	cv_store_parts(const cv_store *store);

/* How many of the hash's bits all rows of a part have in common. */
extern int	cv_store_common_bits(const cv_store *store);

extern uint64 cv_store_part_bytes(const cv_store *store, int part);

/* The memory it took, and what went to files, in bytes. */
extern uint64 cv_store_memory(const cv_store *store);
extern uint64 cv_store_spilled(const cv_store *store);

/* Of a shared store, what it allocated in the area: a list to be freed by cv_store_free_shared. */
extern dsa_pointer cv_store_shared_memory(const cv_store *store);
extern void cv_store_free_shared(dsa_area *area, dsa_pointer memory);

extern void cv_store_free(cv_store *store);

/*
 * A part being read, from one store or one after the other from what the participants
 * of a parallel plan left.  Rows come piece by piece: a piece is whole rows, one after
 * the other with the slack behind them, and lasts until the next.
 */
typedef struct cv_part_reader
{
	dsa_area   *area;			/* NULL in memory of this process */
	FileSet    *files;
	BufFile    *file;
	bool		file_is_ours;	/* opened by the reader */
	uintptr_t	chunk;			/* the next one in memory: address or dsa_pointer */
	int			part;
	int			parts;
	int			participant;	/* the next one to read */
	int			participants;
	const cv_shared_part *shared;
	char	   *buffer;			/* a piece of a file */
	Size		buffer_size;
} cv_part_reader;

extern void cv_part_reader_open(cv_part_reader *reader, cv_store *store, int part);
extern void cv_part_reader_open_shared(cv_part_reader *reader, dsa_area *area, FileSet *files,
									   const cv_shared_part *shared, int participants, int part, int parts);

/* The next piece and its size; NULL at the end. */
extern const char *cv_part_reader_next(cv_part_reader *reader, Size *size);
extern void cv_part_reader_close(cv_part_reader *reader);

#endif
