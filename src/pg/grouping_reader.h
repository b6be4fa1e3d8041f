/*
 * grouping_reader.h - reading stores of parted rows group by group.
 */
#ifndef CV_PG_GROUPING_READER_H
#define CV_PG_GROUPING_READER_H

#include "pg/grouping_store.h"

#include "nodes/execnodes.h"
#include "port/atomics.h"

/* A column that rows are grouped by. */
typedef struct cv_group_key
{
	int			column;			/* in the row type, from 0 */
	Oid			collation;
	FmgrInfo	hash;
	FmgrInfo	equal;
} cv_group_key;

/* The stores that the participants of a parallel plan left: who takes a part takes it from all. */
typedef struct cv_shared_stores
{
	FileSet    *file_set;
	const cv_shared_part *parts;	/* of a participant after those of the one before */
	int			participants;
	int			bits;
	pg_atomic_uint32 *next_part;
} cv_shared_stores;

typedef struct cv_group_reader cv_group_reader;

/*
 * A reader in the context, which the caller resets; per_tuple is for what the operators
 * of the keys allocate.  budget: bytes of memory that sorting a part may take, roughly.
 */
extern cv_group_reader *cv_group_reader_make(MemoryContext context, ExprContext *per_tuple,
											 const cv_row_layout *layout, cv_group_key *keys, int n_keys,
											 Size budget);

/* What to read: a finished store, which becomes the reader's, or shared ones. */
extern void cv_group_reader_add(cv_group_reader *reader, cv_store *store);
extern void cv_group_reader_share(cv_group_reader *reader, const cv_shared_stores *stores);

/* The next row, NULL at the end; those of a group come one after the other.  It lasts until the next is asked for. */
extern cv_row cv_group_reader_next(cv_group_reader *reader);

/* Closes what the context does not free. */
extern void cv_group_reader_close(cv_group_reader *reader);

#endif
