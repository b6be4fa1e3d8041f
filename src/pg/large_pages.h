/*
 * large_pages.h - memory in large pages, where the system has them.
 */
#ifndef CV_PG_LARGE_PAGES_H
#define CV_PG_LARGE_PAGES_H

#include "postgres.h"

/*
 * Asks that fresh memory, soon to be filled, comes in large pages as far as it has room
 * for whole ones.  With pages of 4 kB it takes longer to find and clear them than to write what
 * goes into them: on a virtual machine a third of a fit in a new session.
 */
extern void cv_want_large_pages(void *memory, Size size);

/* Fresh memory of which as much as possible comes in large pages.  It cannot be freed but with its context. */
extern void *cv_alloc_large_pages(MemoryContext context, Size size);

#endif
