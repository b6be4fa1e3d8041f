/*
 * fit_state.h - the state of a fit under way: distinct patterns with counts, in
 * one flat varlena that carries its own configuration.
 *
 * It is a type of its own and not internal, so that partial states can be sent
 * between servers, stored, and combined later.
 */
#ifndef CV_PG_FIT_STATE_H
#define CV_PG_FIT_STATE_H

#include "postgres.h"

#include "core/model.h"

#define CV_FIT_STATE_VERSION 1

typedef enum cv_entrance
{
	CV_FROM_HISTORY = 1,
	CV_FROM_SUMMARY = 2
} cv_entrance;

/* An open-addressing hash table; a slot is free while its count is 0. */
typedef struct cv_fit_state
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	uint8		version;
	uint8		family;
	uint8		entrance;
	uint8		unused;
	int32		as_of;			/* CV_NO_DAY from summaries */
	uint32		slots;			/* a power of two */
	uint32		used;			/* distinct patterns */
	uint32		unused2;
	int64		seen;			/* customers offered, usable or not */
	cv_pattern	slot[FLEXIBLE_ARRAY_MEMBER];
} cv_fit_state;

StaticAssertDecl(sizeof(cv_fit_state) == 32, "fit_state has no padding");

/* An empty state in the current memory context. */
extern cv_fit_state *cv_fit_state_make(const cv_family *family, cv_entrance entrance,
									   int32 as_of);

/* A state with room for so many patterns before it grows. */
extern cv_fit_state *cv_fit_state_make_for(const cv_family *family, cv_entrance entrance,
										   int32 as_of, uint32 patterns);

/*
 * A detoasted, version-checked state; copied where may_write is false or the
 * datum must not be written to.
 */
extern cv_fit_state *cv_fit_state_read(Datum datum);
extern cv_fit_state *cv_fit_state_write(FunctionCallInfo fcinfo, int arg);

/*
 * Adds a pattern count times, in place where it fits; else into a state of twice
 * the size in the current memory context.  Returns the state to go on with.
 */
extern cv_fit_state *cv_fit_state_add(cv_fit_state *state, double x, double t, double T,
									  double count);

/* Is the pattern already there? */
extern bool cv_fit_state_has(const cv_fit_state *state, double x, double t, double T);

/* Customers in the patterns. */
extern double cv_fit_state_customers(const cv_fit_state *state);

/* The patterns, copied; sorted where asked. */
extern cv_pattern *cv_fit_state_patterns(const cv_fit_state *state, bool sorted);

#endif
