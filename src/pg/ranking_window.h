/*
 * ranking_window.h - reading the rows of a window's partition in bounded memory.
 */
#ifndef CV_PG_RANKING_WINDOW_H
#define CV_PG_RANKING_WINDOW_H

#include "pg/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "windowapi.h"

/* The arguments of so many rows share memory before it is freed. */
#define CV_ROWS_A_RESET 64

/* Reads arguments of any row; part of what a window function keeps of its partition. */
typedef struct cv_window_reader
{
	MemoryContext memory;		/* what the arguments live in; goes with the partition */
	int			rows;			/* read since that was last freed */
} cv_window_reader;

/* Prepares the reader that is a part of kept, the partition's local memory. */
static inline void
cv_window_begin(cv_window_reader *reader, void *kept)
{
	reader->memory = AllocSetContextCreate(GetMemoryChunkContext(kept), "arguments of a row", ALLOCSET_SMALL_SIZES);
	reader->rows = 0;
}

/*
 * Argument number of row pos of the partition, from 0, in *value, valid until the
 * next call; false beyond the last row.
 */
static inline bool
cv_window_read(cv_window_reader *reader, WindowObject window, int number, int64 pos, Datum *value, bool *null)
{
	MemoryContext old;
	bool		outside;

	CHECK_FOR_INTERRUPTS();
	if (pos > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows in a window"),
				 errdetail("A partition holds at most 2^31 rows."),
				 errhint("Split them with PARTITION BY.")));
	if (++reader->rows >= CV_ROWS_A_RESET)
	{
		MemoryContextReset(reader->memory);
		reader->rows = 0;
	}
	old = MemoryContextSwitchTo(reader->memory);
	*value = WinGetFuncArgInPartition(window, number, (int) pos, WINDOW_SEEK_HEAD, false, null, &outside);
	MemoryContextSwitchTo(old);
	return !outside;
}

/* The value of a row that is not NULL: finite, or an error is raised, and never -0. */
extern double cv_ranked_value(Datum datum);

/* Value of the current row, argument 0; false where it is NULL. */
extern bool cv_ranked_row(WindowObject window, double *x);

/* Direction that the current row says, argument 1; false where it is NULL. */
extern bool cv_ranked_direction(WindowObject window, bool *less_is_better);

/* Raises the error for a number that is NaN or infinite; what names it, for instance "criterion 2". */
extern _Noreturn void cv_not_finite(const char *what, double value);

#endif
