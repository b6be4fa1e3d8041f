/*
 * large_pages.c - memory in large pages, where the system has them and is not told not to use them.
 */
#include "pg/large_pages.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "utils/memutils.h"

/* Of a page that is large, where there are any. */
#define LARGE_PAGE ((Size) 2 * 1024 * 1024)

/*
 * Less than so much of a page is not worth a large one: several times that, in arrays of a
 * fit to some ten thousand customers, is more than they are.  What is more has its end in
 * one, too, as pages of 4 kB for that would take as long as all the others.
 */
#define WORTH_A_PAGE (LARGE_PAGE / 8 * 7)

/* Linux has had it since 6.1, under this number; older headers do not name it. */
#if defined(__linux__) && !defined(MADV_COLLAPSE)
#define MADV_COLLAPSE 25
#endif

#ifdef MADV_COLLAPSE
/* Has the administrator not forbidden large pages? Collapsing does not ask. */
static bool
may_collapse(void)
{
	static enum {UNKNOWN, YES, NO} answer = UNKNOWN;
	char		text[64];
	int			file;

	if (answer != UNKNOWN)
		return answer == YES;
	answer = NO;
	file = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
	if (file >= 0)
	{
		ssize_t		n = read(file, text, sizeof(text) - 1);

		text[Max(n, 0)] = '\0';
		if (n > 0 && strstr(text, "[never]") == NULL)
			answer = YES;
		close(file);
	}
	return answer == YES;
}
#endif

/* Whether that succeeds does not matter. */
static void
make_large(void *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	(void) madvise(memory, size, MADV_HUGEPAGE);
#endif
#ifdef MADV_COLLAPSE
	/* where malloc has left a small page behind there would be no large one */
	if (may_collapse())
		(void) madvise(memory, size, MADV_COLLAPSE);
#endif
}

void *
cv_alloc_large_pages(MemoryContext context, Size size)
{
	const Size	large = size >= WORTH_A_PAGE ? TYPEALIGN(LARGE_PAGE, size) : 0;
	char	   *allocated = MemoryContextAllocHuge(context, large > 0 ? large + LARGE_PAGE + sizeof(void *) : size + sizeof(void *));
	char	   *memory = allocated + sizeof(void *);

	if (large > 0)
		memory = (char *) TYPEALIGN(LARGE_PAGE, memory);
	((void **) memory)[-1] = allocated;
	if (large > 0)
		make_large(memory, large);
	return memory;
}

void
cv_free_large_pages(void *memory)
{
	pfree(((void **) memory)[-1]);
}
