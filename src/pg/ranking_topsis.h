/*
 * ranking_topsis.h - what TOPSIS as a window function knows of its partition.
 */
#ifndef CV_PG_RANKING_TOPSIS_H
#define CV_PG_RANKING_TOPSIS_H

#include "pg/compat.h"

#include "core/ranking_topsis.h"

typedef struct cv_topsis_partition
{
	bool		ready;
	int			n;				/* criteria; 0 while every row has some NULL */
	bool		stable[3];		/* arguments that cannot differ between rows */
	double		weight[CV_MAX_CRITERIA];	/* in proportion to the largest */
	bool		worse[CV_MAX_CRITERIA];
	cv_topsis_criterion criterion[CV_MAX_CRITERIA];
} cv_topsis_partition;

/*
 * The partition of a window function whose first arguments are (criteria float8[],
 * weights float8[], worse boolean[]), and the criteria of its current row in *x,
 * NULL where one of them is; reads the partition once.
 */
extern const cv_topsis_partition *cv_topsis_read(FunctionCallInfo fcinfo, const double **x);

#endif
