/*
 * key_sources.h - sorted keys of patterns from several places, counted and merged.
 */
#ifndef CV_CORE_KEY_SOURCES_H
#define CV_CORE_KEY_SOURCES_H

#include "core/pattern_keys.h"

/* Keys that ascend, in one of three forms; the other two are NULL. */
typedef struct cv_key_source
{
	size_t		n;
	const cv_counted_key *counted;
	const uint64_t *keys;		/* of one customer each, so that some may be equal */
	const uint8_t *bytes;		/* as cv_counted_keys_write wrote them ... */
	size_t		size;			/* ... and how many */
} cv_key_source;

#define CV_MAX_KEY_SOURCES 8

/*
 * Counts the keys of at most CV_MAX_KEY_SOURCES sources and writes them in front of end, where
 * there is room for as many as the sources have, the largest at end[-1]; stores how many there
 * are.  False, and nothing stored, where bytes are not those of so many keys.  pause (or NULL)
 * is called now and then and may longjmp.
 */
extern bool cv_key_sources_merge(const cv_key_source *sources, int n_sources, cv_counted_key *end, size_t *n,
								 void (*pause) (void));

#endif
