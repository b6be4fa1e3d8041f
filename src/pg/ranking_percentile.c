/*
 * ranking_percentile.c - midrank_percentile(x) OVER (ORDER BY x).
 *
 * ORDER BY sorts the partition, in either direction, and equal values stand
 * together whatever else it sorts by.  One pass at the first row counts the
 * values and notes the lengths of the runs of equal ones, a byte or two a run,
 * as long as the notes stay below work_mem; without them a run is read when its
 * first row comes.  That is slower: going back to where the pass began costs much
 * in a partition that is on disk.
 */
#include "pg/ranking_window.h"

#include "core/history_varint.h"
#include "core/ranking_normalise.h"

#define FIRST_BYTES 256

typedef struct RankState
{
	bool		ready;
	cv_window_reader reader;
	int64		n;				/* values that are not NULL */
	bool		descending;
	uint8	   *runs;			/* lengths of the runs as varints; NULL where they take too much */
	Size		used;
	Size		allocated;
	Size		at;				/* the run to be read next */
	int64		before;			/* values before the run that was read last */
	int64		equal;			/* how long that run is; 0 before the first */
	double		value;			/* of that run */
	int64		next;			/* without runs: the row to be read next */
} RankState;

static void
note_run(RankState *state, int64 length)
{
	if (state->runs == NULL || length == 0)
		return;
	if (state->allocated - state->used < CV_VARINT_MAX)
	{
		if (state->allocated * 2 > (Size) work_mem * 1024)
		{
			pfree(state->runs);
			state->runs = NULL;
			return;
		}
		state->allocated *= 2;
		state->runs = repalloc_huge(state->runs, state->allocated);
	}
	state->used = (Size) (cv_put_u64(state->runs + state->used, (uint64) length) - state->runs);
}

static void
collect(WindowObject window, RankState *state)
{
	double		last = 0;
	int64		equal = 0;
	bool		ascending = false;
	Datum		datum;
	bool		null;

	cv_window_begin(&state->reader, state);
	state->allocated = FIRST_BYTES;
	state->runs = MemoryContextAlloc(GetMemoryChunkContext(state), state->allocated);
	for (int64 pos = 0; cv_window_read(&state->reader, window, 0, pos, &datum, &null); pos++)
	{
		double		x;

		if (null)
			continue;
		x = cv_ranked_value(datum);
		if (state->n++ > 0 && x != last)
		{
			ascending = ascending || x > last;
			state->descending = state->descending || x < last;
			if (ascending && state->descending)
				ereport(ERROR,
						(errcode(ERRCODE_WINDOWING_ERROR),
						 errmsg("midrank_percentile needs its rows in the order of the value"),
						 errhint("Write midrank_percentile(x) OVER (ORDER BY x).")));
			note_run(state, equal);
			equal = 0;
		}
		equal++;
		last = x;
	}
	note_run(state, equal);
	state->ready = true;
}

/*
 * Reads the run of values equal to x that begins with the current row. The row
 * that ended the run before is the one that begins this one, so that rows are
 * read forwards only.
 */
static void
read_run(WindowObject window, RankState *state, double x)
{
	Datum		datum;
	bool		null;

	if (state->equal == 0)
		state->next = WinGetCurrentPosition(window) + 1;
	state->before += state->equal;
	state->equal = 1;
	while (cv_window_read(&state->reader, window, 0, state->next++, &datum, &null))
	{
		if (null)
			continue;
		if (cv_ranked_value(datum) != x)
			break;
		state->equal++;
	}
}

/* The next of the runs noted. */
static void
next_run(RankState *state)
{
	uint64_t	length;
	const uint8_t *at = cv_get_u64(state->runs + state->at, state->runs + state->used, &length);

	if (at == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WINDOWING_ERROR),
				 errmsg("the value of midrank_percentile changed between two reads of a row"),
				 errhint("Compute volatile values in a subquery with OFFSET 0.")));
	state->at = (Size) (at - state->runs);
	state->before += state->equal;
	state->equal = (int64) length;
}

/* (float8, boolean) -> float8 */
CV_SQL_FUNCTION(cv_midrank_percentile);
Datum
cv_midrank_percentile(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	RankState  *state = WinGetPartitionLocalMemory(window, sizeof(RankState));
	double		x;
	bool		less_is_better;
	int64		below;

	if (!state->ready)
		collect(window, state);
	if (!cv_ranked_row(window, &x))
		PG_RETURN_NULL();
	if (state->equal == 0 || x != state->value)
	{
		if (state->runs != NULL)
			next_run(state);
		else
			read_run(window, state, x);
		state->value = x;
	}
	/* only now: a row without a direction counts, and its run has been read */
	if (!cv_ranked_direction(window, &less_is_better))
		PG_RETURN_NULL();
	below = state->before;
	if (state->descending != less_is_better)
		below = state->n - below - state->equal;
	PG_RETURN_FLOAT8(cv_midrank(below, state->equal, state->n));
}
