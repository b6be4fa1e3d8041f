/*
 * grouping_rows.h - rows of a plan as bytes that can be moved, spilled and shared.
 *
 * Memory that is new costs more than most else that is done to a row, so rows are
 * stored short: numbers in as many bytes as they need, nothing aligned.
 */
#ifndef CV_PG_GROUPING_ROWS_H
#define CV_PG_GROUPING_ROWS_H

#include "pg/compat.h"

#include "access/tupdesc.h"

/*
 * A stored row: its size in one byte, or 0 and then four; the hash of the columns it is
 * grouped by; four bits a column, grouped ones first; the values in the same order.
 */
typedef const char *cv_row;

/* Reading a row may look at so many bytes beyond it. */
#define CV_ROW_SLACK 8

/* What is known of the columns of a row type; made once a plan. */
typedef struct cv_row_layout cv_row_layout;

/* Where values are put that the row does not hold as the server wants them aligned; starts with a context alone. */
typedef struct cv_row_scratch
{
	MemoryContext context;
	char	   *memory;
	Size		size;
} cv_row_scratch;

/* Can rows with a column of this length be stored? */
extern bool cv_row_column_storable(int16 length);

/* keys: the columns it is grouped by, from 0, each once. */
extern cv_row_layout *cv_row_layout_make(TupleDesc desc, const int *keys, int n_keys);

/* Bytes that a row takes at most; flattens what is still expanded, into the current context. */
extern Size cv_row_bound(const cv_row_layout *layout, Datum *values, const bool *isnull);

/* Writes a row of this bound, within as many bytes; returns how many it took. */
extern Size cv_row_write(const cv_row_layout *layout, char *to, Size bound, uint32 hash,
						 const Datum *values, const bool *isnull);

/* Its values, by number of the column; those by reference lie in the row or in the scratch. */
extern void cv_row_read(const cv_row_layout *layout, cv_row row, Datum *values, bool *isnull,
						cv_row_scratch *scratch);

/* The value of the k-th column it is grouped by. */
extern Datum cv_row_key(const cv_row_layout *layout, cv_row row, int k, bool *isnull, cv_row_scratch *scratch);

/* Are the columns that two rows are grouped by the same in every byte? */
extern bool cv_row_keys_identical(const cv_row_layout *layout, cv_row a, cv_row b);

static inline Size
cv_row_size(cv_row row)
{
	uint32		size = (uint8) row[0];

	if (unlikely(size == 0))
		memcpy(&size, row + 1, sizeof(size));
	return size;
}

/* Bytes before the hash. */
static inline Size
cv_row_head(cv_row row)
{
	return row[0] != 0 ? 1 : 1 + sizeof(uint32);
}

static inline uint32
cv_row_hash(cv_row row)
{
	uint32		hash;

	memcpy(&hash, row + cv_row_head(row), sizeof(hash));
	return hash;
}

#endif
