/*
 * history_state.h - the state from which the aggregates of history_aggregate.c
 * build a history.
 *
 * One chunk a group, in the aggregate's memory context: a stream of entries
 * (core/history_entries.h), one a sale or day merged in, and behind the last of
 * them a few counters, to which the state's pointer points.  The counters move
 * with every entry: an entry is written where the counters are read, so a row
 * mostly touches one cache line of its group and not two far apart, for which a
 * hashed plan would wait.  The chunk doubles when full; before a large one
 * doubles, entries of the same day are added up, so that memory is bounded by
 * the distinct days.
 */
#ifndef CV_PG_HISTORY_STATE_H
#define CV_PG_HISTORY_STATE_H

#include "pg/history.h"

#include "core/history_entries.h"

/* What stands behind the entries, at any alignment. */
typedef struct cv_counters
{
	cv_entries	entries;
	uint32		used;			/* bytes of the entries */
	uint32		capacity;		/* bytes there are for them */
} cv_counters;

typedef cv_counters cv_unaligned_counters __attribute__((aligned(1)));

/* A state opened for reading or writing. */
typedef struct cv_state
{
	cv_counters counters;
	uint8_t    *stream;
} cv_state;

static inline cv_state
cv_state_open(Datum counters)
{
	cv_state	state;

	memcpy(&state.counters, DatumGetPointer(counters), sizeof(cv_counters));
	state.stream = (uint8_t *) DatumGetPointer(counters) - state.counters.used;
	return state;
}

/* The state as a transition's result. */
static inline Datum
cv_state_close(const cv_state *state)
{
	uint8_t    *counters = state->stream + state->counters.used;

	memcpy(counters, &state->counters, sizeof(cv_counters));
	return PointerGetDatum(counters);
}

/* A new state in the context; with the entries of another, or none (NULL). */
extern cv_state cv_state_make(MemoryContext context, const cv_state *from);

/* Each adds to an open state; where the limits of a history are exceeded, raises an error. */
extern void cv_state_add_sale(cv_state *state, const cv_sale *sale);
extern void cv_state_add_amount(cv_state *state, int32 day, int64 amount, uint8_t scale);
extern void cv_state_add_history(cv_state *state, Datum history);
extern void cv_state_add_state(cv_state *state, const cv_state *other);

/* The history of a state that has entries, in the current context; the state stays as it is. */
extern Datum cv_state_history(const cv_state *state);

#endif
