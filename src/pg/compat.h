/*
 * compat.h - what differs between PostgreSQL 15 and 18, in one place.
 */
#ifndef CV_PG_COMPAT_H
#define CV_PG_COMPAT_H

#include "postgres.h"

#include "catalog/pg_namespace.h"
#include "fmgr.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

/* The varlena macros left postgres.h with 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 16 lets the caller of a sort of datums say whether it wants a copy. */
#if PG_VERSION_NUM >= 160000
#define cv_tuplesort_getdatum(sort, value, null) tuplesort_getdatum(sort, true, false, value, null, NULL)
#else
#define cv_tuplesort_getdatum(sort, value, null) tuplesort_getdatum(sort, true, value, null, NULL)
#endif

/* 18 moved what EXPLAIN's properties are written with. */
#include "commands/explain.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

/* From 16 on the planner may sort the input for aggregates that want an order or distinct values, and counts on that. */
#define CV_PRESORTED_AGGREGATES (PG_VERSION_NUM >= 160000)

/* 18 counts nodes that settings disable beside the cost. */
#if PG_VERSION_NUM >= 180000
#define cv_path_inherit_disabled(path, input) ((path)->disabled_nodes = (input)->disabled_nodes)
#else
#define cv_path_inherit_disabled(path, input) ((void) 0)
#endif

/* 16 leaves redundant columns out of GROUP BY. */
#if PG_VERSION_NUM >= 160000
#define cv_group_clause(root) ((root)->processed_groupClause)
#else
#define cv_group_clause(root) ((root)->parse->groupClause)
#endif

/* A function that SQL calls: the only symbols that leave the module. */
#define CV_SQL_FUNCTION(name) PGDLLEXPORT PG_FUNCTION_INFO_V1(name)

/* Soft errors of input functions came with 16; before, every error is raised. */
#if PG_VERSION_NUM < 160000
#define ereturn(context, dummy_value, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy_value; \
	} while (0)
#endif

/* Infinite intervals came with 17. */
#ifndef INTERVAL_NOT_FINITE
#define INTERVAL_NOT_FINITE(interval) (false)
#endif

/* May a role use a schema?  16 folded the checks of every catalog into one. */
static inline bool
cv_may_use_schema(Oid schema, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(NamespaceRelationId, schema, role, ACL_USAGE) == ACLCHECK_OK;
#else
	return pg_namespace_aclcheck(schema, role, ACL_USAGE) == ACLCHECK_OK;
#endif
}

#endif
