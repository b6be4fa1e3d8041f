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

#include "utils/jsonb.h"

#include "core/model.h"

#define CV_FIT_STATE_VERSION 2
#define CV_FIT_KEYS_VERSION 4	/* counted keys instead of slots: see fit_keys.h */

typedef enum cv_entrance
{
	CV_FROM_HISTORY = 1,
	CV_FROM_SUMMARY = 2
} cv_entrance;

/* What a fit was asked for: the same for all its rows. */
typedef struct cv_fit_config
{
	const cv_family *family;
	cv_entrance entrance;
	int32		as_of;			/* CV_NO_DAY from summaries */
	int			n_covariates;	/* values that come with every customer */
	Jsonb	   *options;		/* NULL: none */
	cv_period	period;			/* of the options, where the family counts opportunities */
} cv_fit_config;

/*
 * After the head come the options, as the bytes of a jsonb without its length, and
 * the slots of an open-addressing hash table: a cv_pattern, free while its count is
 * 0, and its covariates.  Of CV_FIT_KEYS_VERSION it is the bytes of keys instead.
 */
typedef struct cv_fit_state
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	uint8		version;
	uint8		family;
	uint8		entrance;
	uint8		n_covariates;
	int32		as_of;			/* CV_NO_DAY from summaries */
	uint32		slots;			/* a power of two; 0 of keys */
	uint32		used;			/* distinct patterns */
	uint32		options_size;	/* bytes of the options, 0 for none */
	int64		seen;			/* customers offered, usable or not */
	int64		log_gaps;		/* of a regular family: see cv_history_log_gaps */
	cv_period	period;
	char		data[FLEXIBLE_ARRAY_MEMBER];
} cv_fit_state;

StaticAssertDecl(offsetof(cv_fit_state, data) == 48, "fit_state has no padding");

static inline Size
cv_fit_slot_width(const cv_fit_state *state)
{
	return sizeof(cv_pattern) + state->n_covariates * sizeof(double);
}

/* A slot; its covariates follow it. */
static inline cv_pattern *
cv_fit_slot(const cv_fit_state *state, uint32 i)
{
	return (cv_pattern *) (state->data + MAXALIGN(state->options_size) + i * cv_fit_slot_width(state));
}

static inline double *
cv_fit_covariates(const cv_pattern *slot)
{
	return (double *) (slot + 1);
}

/* An empty state in the current memory context, with room for so many patterns before it grows. */
extern cv_fit_state *cv_fit_state_make(const cv_fit_config *config, uint32 patterns);

/* The head of a state of CV_FIT_KEYS_VERSION, without keys. */
extern cv_fit_state *cv_fit_state_make_head(const cv_fit_config *config);

/* Raises XX001. */
extern void cv_fit_state_damaged(void);

/* A detoasted state of either version, its head and size checked. */
extern cv_fit_state *cv_fit_state_detoast(Datum datum);

/*
 * A state as a table of patterns, whatever it is; cv_fit_state_write copies where the
 * datum must not be written to.
 */
extern cv_fit_state *cv_fit_state_read(Datum datum);
extern cv_fit_state *cv_fit_state_write(FunctionCallInfo fcinfo, int arg);

/* The options as a jsonb, copied; NULL where there are none. */
extern Jsonb *cv_fit_state_options(const cv_fit_state *state);

/* Are the options of a state these? */
extern bool cv_fit_state_has_options(const cv_fit_state *state, Jsonb *options);

/*
 * Adds a pattern with its covariates z count times, in place where it fits; else
 * into a state of twice the size in the current memory context.  Returns the state
 * to go on with.
 */
extern cv_fit_state *cv_fit_state_add(cv_fit_state *state, double x, double t, double T,
									  const double *z, double count);

/* Adds to the logs of gaps; raises 22003 beyond what 64 bits hold. */
extern void cv_fit_state_add_gaps(cv_fit_state *state, int64 log_gaps);

/* Raises 54000 beyond the number of patterns that a fit holds. */
extern void cv_fit_state_check_size(size_t patterns);

/* Is the pattern already there? */
extern bool cv_fit_state_has(const cv_fit_state *state, double x, double t, double T, const double *z);

/* Customers in the patterns. */
extern double cv_fit_state_customers(const cv_fit_state *state);

/* The slots in use, used of them, in the order of their covariates, x, t_x, T. */
extern const cv_pattern **cv_fit_state_sorted(const cv_fit_state *state);

/* The patterns without their covariates, copied (into large pages), in no order. */
extern cv_pattern *cv_fit_state_patterns(const cv_fit_state *state);

#endif
