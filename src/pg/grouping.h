/*
 * grouping.h - grouping of very many customers: a node of a plan that hands its rows on
 * group by group, and the planner's hook that puts it below aggregates of this extension.
 */
#ifndef CV_PG_GROUPING_H
#define CV_PG_GROUPING_H

#include "pg/compat.h"

#include "miscadmin.h"
#include "nodes/extensible.h"

/* Name of the node in EXPLAIN. */
#define CV_GROUPING_NAME "Group Rows"

/* What a plan's custom_private holds, in this order: lists in step, an element a column, and the bits. */
typedef enum cv_grouping_private
{
	CV_GROUPING_COLUMNS,		/* numbers of the columns grouped by, from 0 */
	CV_GROUPING_OPERATORS,		/* their operators for equality */
	CV_GROUPING_COLLATIONS,
	CV_GROUPING_BITS			/* one number: of the hash, to tell parts by */
} cv_grouping_private;

/*
 * What a participant of a parallel plan keeps in shared memory at most.  A page that one
 * process writes and another reads is found and cleared once, and mapped in both: files,
 * which the system keeps in its cache, are as fast or faster.  And a container may have
 * little shared memory.
 */
#define CV_GROUPING_SHARED_BUDGET (4 * 1024 * 1024)

/* Bytes of rows that a participant, or the only one, keeps in memory before it writes files. */
static inline Size
cv_grouping_budget(bool parallel)
{
	Size		budget = get_hash_memory_limit();

	return parallel ? Min(budget, CV_GROUPING_SHARED_BUDGET) : budget;
}

extern const CustomScanMethods cv_grouping_scan_methods;

/* Looks for queries that the node is good for; called once, when the module is loaded. */
extern void cv_grouping_init(void);

#endif
