/*
 * large_pages.c - memory in large pages, where the system has them.
 *
 * A large page can only be had where no small one lies already, as malloc's notes
 * on what was there before do; those have to be collapsed into it.
 */
#include "pg/large_pages.h"

#include <sys/mman.h>

#include "utils/memutils.h"

/* Of a page that is large, where there are any. */
#define LARGE_PAGE (2 * 1024 * 1024)

/* Less is not worth a large page of its own. */
#define WORTH_A_PAGE (LARGE_PAGE / 4)

/* Linux has had it since 6.1, under this number; older headers do not name it. */
#if defined(__linux__) && !defined(MADV_COLLAPSE)
#define MADV_COLLAPSE 25
#endif

/* Hints only: it does not matter whether they are taken. */
static void
want_large_pages(void *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	(void) madvise(memory, size, MADV_HUGEPAGE);
#endif
#ifdef MADV_COLLAPSE
	(void) madvise(memory, size, MADV_COLLAPSE);
#endif
}

void *
cv_alloc_large_pages(MemoryContext context, Size size)
{
	const bool	large = size >= WORTH_A_PAGE;
	const Size	alignment = large ? LARGE_PAGE : MAXIMUM_ALIGNOF;
	const Size	whole = large ? TYPEALIGN(LARGE_PAGE, size) : size;
	void	   *allocated = MemoryContextAllocHuge(context, whole + alignment + sizeof(void *));
	void	   *memory = (void *) TYPEALIGN(alignment, (char *) allocated + sizeof(void *));

	/* what is allocated before the first page is not touched, so that the system need not find it */
	((void **) memory)[-1] = allocated;
	if (large)
		want_large_pages(memory, whole);
	return memory;
}

void
cv_free_large_pages(void *memory)
{
	pfree(((void **) memory)[-1]);
}
