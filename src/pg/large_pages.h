/*
 * large_pages.h - memory in large pages, where the system has them.
 */
#ifndef CV_PG_LARGE_PAGES_H
#define CV_PG_LARGE_PAGES_H

#include "postgres.h"

/*
 * Fresh memory, soon to be filled, in whole large pages where it fills one or nearly.  With pages
 * of 4 kB it takes longer to find and clear them than to write what goes into them: on a
 * virtual machine a third of a fit in a new process, as every parallel worker is one.
 */
extern void *cv_alloc_large_pages(MemoryContext context, Size size);

/* Frees what cv_alloc_large_pages returned. */
extern void cv_free_large_pages(void *memory);

#endif
