/*
 * grouping_store.h - rows parted by the first bits of their hashes, in memory while it lasts, then in a temporary file.
 */
#ifndef CV_PG_GROUPING_STORE_H
#define CV_PG_GROUPING_STORE_H

#include "pg/grouping_file.h"
#include "pg/grouping_rows.h"

/* Rows of a part in a file. */
typedef struct cv_written
{
	uint64		place;
	uint64		size;			/* bytes */
} cv_written;

/* What a participant of a parallel plan leaves in its file of one of its parts. */
typedef struct cv_shared_part
{
	uint64		bytes;
	uint64		written_place;	/* of a list of cv_written: so many */
	uint32		n_written;
} cv_shared_part;

typedef struct cv_store cv_store;

/*
 * A store of 2^bits parts, told apart by the bits of the hash after the first `skipped`,
 * that takes so many bytes of memory, in a context of its own under the parent.
 */
extern cv_store *cv_store_make(MemoryContext parent, int skipped, int bits, Size budget);

/*
 * One that others can read once it is finished: all its rows go to a file of the set, under
 * the participant's number.  It takes a chunk of memory for each part.
 */
extern cv_store *cv_store_make_shared(MemoryContext parent, int bits, FileSet *files, int participant);

/* Room for a row of this hash and bound. */
extern char *cv_store_reserve(cv_store *store, uint32 hash, Size bound);

/* The row for which room was reserved has been written, and took so many bytes. */
extern void cv_store_add(cv_store *store, Size size);

/* No more rows will come.  Of a shared store, tells others what is in each part. */
extern void cv_store_finish(cv_store *store);
extern void cv_store_finish_shared(cv_store *store, cv_shared_part *shared);

extern int	cv_store_parts(const cv_store *store);

/* How many of the hash's bits all rows of a part have in common. */
extern int	cv_store_common_bits(const cv_store *store);

extern uint64 cv_store_part_bytes(const cv_store *store, int part);

/* The memory it took, and what went to its file, in bytes. */
extern uint64 cv_store_memory(const cv_store *store);
extern uint64 cv_store_spilled(const cv_store *store);

extern void cv_store_free(cv_store *store);

/*
 * A part being read, from one store or one after the other from what the participants
 * of a parallel plan left.  Rows come in the order in which they were added, piece by
 * piece: a piece is whole rows, one after the other with the slack behind them, and lasts
 * until the next.
 */
typedef struct cv_part_reader
{
	cv_grouping_file *file;
	const cv_written *written;	/* chunks in the file */
	uint32		n_written;
	uint32		next_written;	/* the next of them to read */
	const struct cv_chunk *chunk;	/* the next one in memory */
	FileSet    *file_set;
	cv_grouping_file **files;	/* of the participants, once they are opened */
	int			part;
	int			parts;
	int			participant;	/* the next one to read */
	int			participants;
	const cv_shared_part *shared;
	cv_written *shared_written;	/* the list of a participant's chunks, where it was read */
	char	   *buffer;			/* a piece of a file */
	Size		buffer_size;
} cv_part_reader;

extern void cv_part_reader_open(cv_part_reader *reader, cv_store *store, int part);

/* files: a place for each participant's, which the caller closes; NULL where it is not open yet. */
extern void cv_part_reader_open_shared(cv_part_reader *reader, FileSet *file_set, cv_grouping_file **files,
									   const cv_shared_part *shared, int participants, int part, int parts);

/* The next piece and its size; NULL at the end. */
extern const char *cv_part_reader_next(cv_part_reader *reader, Size *size);
extern void cv_part_reader_close(cv_part_reader *reader);

#endif
