/*
 * grouping_plan.c - when the planner groups with Group Rows.
 *
 * The planner reckons that a row costs a hash table the same whether it has ten groups
 * or ten million.  From some thousands on it does not: a million cost three times as much
 * and more.  For queries with aggregates of this extension, and estimated to have that
 * many groups, paths that hash are replaced by one that sorts rows into groups by other
 * means: grouping_scan.c.  Those that group sorted input, as of an index, are kept.
 *
 * The aggregates' transition functions name cv_grouping_support as their support
 * function.  It has nothing to say, but the planner asks it before it groups, which
 * loads this module and with it the hook.
 */
#include "pg/grouping.h"

#include <math.h>

#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/planner.h"
#include "optimizer/prep.h"
#include "optimizer/tlist.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "pg/grouping_rows.h"

/* Fewer groups stay in the processor's caches, where hashing them is fastest. */
#define MANY_GROUPS 10000

/*
 * Bytes that a part should take, to be sorted in a processor's second cache; in a parallel plan, where every
 * process fills a chunk of each part, and others may take its turn in the caches, fewer parts are better.  And
 * how many there may be, as bits.  A part has to fit into a quarter of the memory for hashing, or it is parted again.
 */
#define PART_SIZE (1024.0 * 1024)
#define PARALLEL_PART_SIZE (1536.0 * 1024)
#define FEWEST_BITS 4
#define MOST_BITS 10

/* What storing and sorting a row costs, in operators. */
#define CPU_OPERATORS 2

static bool enable_grouping = true;
static create_upper_paths_hook_type previous_hook = NULL;

/* (internal) -> internal: no answer to anything */
CV_SQL_FUNCTION(cv_grouping_support);
Datum
cv_grouping_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(NULL);
}

static bool
is_ours(Oid function)
{
	Oid			support = get_func_support(function);
	FmgrInfo	info;

	if (!OidIsValid(support))
		return false;
	fmgr_info(support, &info);
	return info.fn_addr == cv_grouping_support;
}

static bool
has_aggregate_of_ours(PlannerInfo *root)
{
	ListCell   *cell;

	foreach(cell, root->aggtransinfos)
		if (is_ours(lfirst_node(AggTransInfo, cell)->transfn_oid))
			return true;
	return false;
}

/* Bytes of a row as it is stored, as far as the planner knows: about what its values take. */
static double
row_size(const Path *input)
{
	return input->pathtarget->width;
}

/*
 * Can rows of these columns be stored and told apart?  Of two equal expressions that are
 * volatile, the server would take one for the other where it finds them in our rows.
 */
static bool
is_storable(const PathTarget *target)
{
	ListCell   *cell;

	if (contain_volatile_functions((Node *) target->exprs))
		return false;
	foreach(cell, target->exprs)
		if (!cv_row_column_storable(get_typlen(exprType(lfirst(cell)))))
			return false;
	return true;
}

static Plan *
plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist, List *clauses, List *plans)
{
	CustomScan *scan = makeNode(CustomScan);
	List	   *group_clause = cv_group_clause(root);
	AttrNumber *columns = extract_grouping_cols(group_clause, tlist);
	Oid		   *operators = extract_grouping_ops(group_clause);
	Oid		   *collations = extract_grouping_collations(group_clause, tlist);
	List	   *column_list = NIL;
	List	   *operator_list = NIL;
	List	   *collation_list = NIL;

	for (int i = 0; i < list_length(group_clause); i++)
	{
		if (list_member_int(column_list, columns[i] - 1))
			continue;
		column_list = lappend_int(column_list, columns[i] - 1);
		operator_list = lappend_oid(operator_list, operators[i]);
		collation_list = lappend_oid(collation_list, collations[i]);
	}
	scan->scan.plan.targetlist = tlist;
	scan->custom_scan_tlist = copyObject(tlist);
	scan->custom_plans = plans;
	scan->custom_private = list_make4(column_list, operator_list, collation_list, linitial(path->custom_private));
	scan->methods = &cv_grouping_scan_methods;
	return &scan->scan.plan;
}

static const CustomPathMethods path_methods = {
	.CustomName = CV_GROUPING_NAME,
	.PlanCustomPath = plan_path
};

/* Group Rows over a path; total: the rows of all participants. */
static Path *
group_rows(PlannerInfo *root, RelOptInfo *grouped, Path *input, double total)
{
	CustomPath *path = makeNode(CustomPath);
	double		bytes = input->rows * row_size(input);
	bool		parallel = input->parallel_workers > 0;
	double		part_size = Min(parallel ? PARALLEL_PART_SIZE : PART_SIZE, 3 * (double) get_hash_memory_limit() / 16);
	double		parts = ceil(log2(Max(total * row_size(input) / part_size, 1)));
	Cost		cost = input->total_cost + CPU_OPERATORS * cpu_operator_cost * input->rows;

	path->path.pathtype = T_CustomScan;
	path->path.parent = grouped;
	path->path.pathtarget = input->pathtarget;
	path->path.parallel_aware = parallel;
	path->path.parallel_safe = grouped->consider_parallel && input->parallel_safe;
	path->path.parallel_workers = input->parallel_workers;
	path->path.rows = input->rows;
	cv_path_inherit_disabled(&path->path, input);
	path->custom_paths = list_make1(input);
	path->custom_private = list_make1(list_make1_int(Min(Max((int) parts, FEWEST_BITS), MOST_BITS)));
	path->methods = &path_methods;

	/* what goes to files is written and read once: all that changes hands, and what memory has no room for */
	if (parallel || bytes > (double) get_hash_memory_limit())
		cost += 2 * seq_page_cost * bytes / BLCKSZ;
	path->path.startup_cost = cost;
	path->path.total_cost = cost;
	return &path->path;
}

/* Aggregation over it. */
static Path *
aggregate(PlannerInfo *root, RelOptInfo *grouped, Path *input, double total, const GroupPathExtraData *extra,
		  const AggClauseCosts *costs, double groups)
{
	return (Path *) create_agg_path(root, grouped, group_rows(root, grouped, input, total),
									grouped->reltarget, AGG_SORTED, AGGSPLIT_SIMPLE,
									cv_group_clause(root), (List *) extra->havingQual, costs,
									Max(groups * input->rows / total, 1));
}

/* The paths that do not hash their groups, in the leader or at all. */
static List *
without_hashing(List *paths)
{
	List	   *kept = NIL;
	ListCell   *cell;

	foreach(cell, paths)
	{
		Path	   *path = lfirst(cell);

		if (!IsA(path, AggPath) || ((AggPath *) path)->aggstrategy != AGG_HASHED)
			kept = lappend(kept, path);
	}
	return kept;
}

static void
consider_grouping(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input_rel, RelOptInfo *grouped, void *more)
{
	GroupPathExtraData *extra = more;
	List	   *group_clause;
	Path	   *cheapest;
	double		groups;
	AggClauseCosts costs = {0};

	if (previous_hook != NULL)
		previous_hook(root, stage, input_rel, grouped, more);
	if (stage != UPPERREL_GROUP_AGG || !enable_grouping || grouped->reloptkind != RELOPT_UPPER_REL ||
		root->parse->groupingSets != NIL || !has_aggregate_of_ours(root))
		return;
	group_clause = cv_group_clause(root);
	cheapest = input_rel->cheapest_total_path;
	if (group_clause == NIL || !grouping_is_hashable(group_clause) || !is_storable(cheapest->pathtarget))
		return;
	if (CV_PRESORTED_AGGREGATES && root->numOrderedAggs > 0)
		return;
	groups = estimate_num_groups(root, get_sortgrouplist_exprs(group_clause, extra->targetList), cheapest->rows, NULL, NULL);
	if (groups < MANY_GROUPS)
		return;

	get_agg_clause_costs(root, AGGSPLIT_SIMPLE, &costs);
	grouped->pathlist = without_hashing(grouped->pathlist);
	add_path(grouped, aggregate(root, grouped, cheapest, cheapest->rows, extra, &costs, groups));
	if (grouped->consider_parallel && input_rel->partial_pathlist != NIL)
	{
		Path	   *input = linitial(input_rel->partial_pathlist);
		Path	   *gathered = aggregate(root, grouped, input, cheapest->rows, extra, &costs, groups);

		/* one each, as what a list has no use for is freed */
		add_path(grouped, (Path *) create_gather_path(root, grouped, gathered, grouped->reltarget, NULL, &groups));
		add_partial_path(grouped, aggregate(root, grouped, input, cheapest->rows, extra, &costs, groups));
	}
}

void
cv_grouping_init(void)
{
	DefineCustomBoolVariable("customer_value.enable_grouping",
							 "Enables the planner's use of Group Rows plans for purchase histories of many customers.",
							 NULL, &enable_grouping, true, PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
	MarkGUCPrefixReserved("customer_value");
	RegisterCustomScanMethods(&cv_grouping_scan_methods);
	previous_hook = create_upper_paths_hook;
	create_upper_paths_hook = consider_grouping;
}
