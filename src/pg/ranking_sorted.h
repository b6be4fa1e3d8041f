/*
 * ranking_sorted.h - the values of a group in ascending order: an array while it
 * fits into work_mem, else a sort that spills to disk.
 */
#ifndef CV_PG_RANKING_SORTED_H
#define CV_PG_RANKING_SORTED_H

#include "pg/compat.h"

#include "utils/tuplesort.h"

typedef struct cv_sorted
{
	int64		n;
	MemoryContext context;		/* of the aggregate */
	Size		allocated;
	double	   *value;			/* while all values are in memory, else NULL */
	Tuplesortstate *sort;		/* from when they are not */
	bool		sorted;
	int64		next;			/* in value */
	double		parameter;		/* a second argument, the same in all rows */
	bool		parameter_null;
} cv_sorted;

/* An empty group of the aggregate that calls. */
extern cv_sorted *cv_sorted_make(FunctionCallInfo fcinfo);

extern void cv_sorted_add(cv_sorted *sorted, double x);

/* From the smallest; may be called again, but then nothing may be added any more. */
extern void cv_sorted_begin(cv_sorted *sorted);
extern double cv_sorted_next(cv_sorted *sorted);

#endif
