/*
 * grouping.h - grouping of very many customers: a node of a plan that hands its rows on
 * group by group, and the planner's hook that puts it below aggregates of this extension.
 */
#ifndef CV_PG_GROUPING_H
#define CV_PG_GROUPING_H

#include "pg/compat.h"

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

extern const CustomScanMethods cv_grouping_scan_methods;

/* Looks for queries that the node is good for; called once, when the module is loaded. */
extern void cv_grouping_init(void);

#endif
