/*
 * fit_keys.h - the state of a fit to histories without covariates: whole numbers of
 * days, periods or money, kept as sorted keys (see pattern_keys.h) with counts.
 *
 * While it grows it is an expanded object; at rest, or on its way from a parallel
 * worker, a flat fit_state of version CV_FIT_KEYS_VERSION.
 */
#ifndef CV_PG_FIT_KEYS_H
#define CV_PG_FIT_KEYS_H

#include "pg/fit_state.h"
#include "core/pattern_keys.h"

typedef struct cv_fit_keys cv_fit_keys;

/* Can the customers of such a fit be kept as keys? */
extern bool cv_fit_keys_serve(const cv_fit_config *config);

/* A new state in a context of its own below the parent, and the datum that stands for it. */
extern cv_fit_keys *cv_fit_keys_make(const cv_fit_config *config, MemoryContext parent);
extern Datum cv_fit_keys_datum(cv_fit_keys *keys);

/* The state that a datum stands for, where it may be written to; NULL where not, or where it is no such state. */
extern cv_fit_keys *cv_fit_keys_write(Datum datum);

/* A copy that may be, in a context below the parent; NULL where the datum is a table of patterns. */
extern cv_fit_keys *cv_fit_keys_copy(Datum datum, MemoryContext parent);

/* The configuration of a state and the numbers that rows add up to: a fit_state without its patterns. */
extern cv_fit_state *cv_fit_keys_head(cv_fit_keys *keys);

/* Adds a customer. */
extern void cv_fit_keys_add(cv_fit_keys *keys, uint64 key);

/* What there is to read of a state. */
typedef struct cv_fit_keys_view
{
	const cv_fit_state *head;
	size_t		n;				/* distinct keys */
	const cv_counted_key *counted;	/* of an expanded state, where there are any */
	const uint8 *bytes;			/* of a flat one: see cv_counted_keys_size */
	Size		size;
} cv_fit_keys_view;

/* False where the datum is a state of another kind, which cv_fit_state_read reads. */
extern bool cv_fit_keys_read(Datum datum, cv_fit_keys_view *view);

/* The same customers as a table of patterns. */
extern cv_fit_state *cv_fit_keys_to_table(const cv_fit_keys_view *view);

/* Adds the customers of another state of the same fit. */
extern void cv_fit_keys_merge(cv_fit_keys *keys, const cv_fit_keys_view *from);

/* What a fit is given: the keys of a state, which must outlast it, and what else that takes, allocated. */
extern void cv_fit_keys_sample(const cv_fit_keys_view *view, cv_sample *sample);

#endif
