/*
 * large_pages.c - memory in large pages, where the system has them.
 */
#include "pg/large_pages.h"

#include <sys/mman.h>

#include "utils/memutils.h"

/* Of a page that is large, where there are any. */
#define LARGE_PAGE (2 * 1024 * 1024)

void
cv_want_large_pages(void *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	char	   *start = (char *) TYPEALIGN(LARGE_PAGE, memory);
	char	   *end = (char *) TYPEALIGN_DOWN(LARGE_PAGE, (char *) memory + size);

	/* only a hint: it does not matter whether it is taken */
	if (start < end)
		(void) madvise(start, end - start, MADV_HUGEPAGE);
#endif
}

void *
cv_alloc_large_pages(MemoryContext context, Size size)
{
	void	   *memory;

	if (size < LARGE_PAGE)
		return MemoryContextAllocHuge(context, size);
	/* what is left out before the first page is never touched, so that the system need not find it */
	memory = (void *) TYPEALIGN(LARGE_PAGE, MemoryContextAllocHuge(context, size + LARGE_PAGE));
	cv_want_large_pages(memory, size);
	return memory;
}
