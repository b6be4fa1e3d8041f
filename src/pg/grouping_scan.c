/*
 * grouping_scan.c - the node Group Rows: all rows of its input, those of a group one after the other.
 *
 * A hash table of a million groups waits for memory at every row.  Here rows are first
 * parted by their hashes, which writes memory in order; then every part, small enough
 * for the processor's caches, is sorted by hash.  What comes out feeds the server's own
 * aggregation of sorted input, to which the order of the groups does not matter.
 *
 * In a parallel plan each participant parts its share of the input into a file, waits
 * for the others, and takes whole parts from then on: groups come out complete, in one
 * process each.
 */
#include "pg/grouping.h"

#include "access/parallel.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "port/pg_bitutils.h"
#include "storage/barrier.h"
#include "storage/dsm.h"
#include "storage/sharedfileset.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

#include "pg/grouping_reader.h"

/* At least so many bytes of the memory there is are for each part. */
#define MEMORY_OF_PART (16 * 1024)

/* What the participants of a parallel plan share. */
typedef struct cv_grouping_shared
{
	Barrier		loaded;			/* phase 0 while rows come */
	pg_atomic_uint32 next_part;
	int			bits;
	int			participants;
	dsm_handle	segment;		/* that this lies in */
	SharedFileSet files;
	struct
	{
		uint64		memory;
		uint64		spilled;
	}			of_participant[FLEXIBLE_ARRAY_MEMBER];
	/* then a cv_shared_part for each participant and part */
} cv_grouping_shared;

typedef struct cv_grouping_scan
{
	CustomScanState css;
	cv_row_layout *layout;
	cv_group_key *keys;
	int			n_keys;
	int			bits;
	Size		budget;
	MemoryContext context;		/* of what lies below; reset by a rescan */
	cv_group_reader *reader;	/* NULL: not started */
	cv_row_scratch scratch;		/* of the row that was handed on */

	/* parallel */
	cv_grouping_shared *shared;
	int			participant;

	/* for EXPLAIN */
	uint64		memory;
	uint64		spilled;
} cv_grouping_scan;

static inline uint32
hash_keys(cv_grouping_scan *scan, TupleTableSlot *slot)
{
	uint32		hash = 0;

	for (int i = 0; i < scan->n_keys; i++)
	{
		cv_group_key *key = &scan->keys[i];

		hash = pg_rotate_left32(hash, 1);
		if (!slot->tts_isnull[key->column])
			hash ^= DatumGetUInt32(FunctionCall1Coll(&key->hash, key->collation, slot->tts_values[key->column]));
	}
	return murmurhash32(hash);
}

/* Runs the input in the caller's memory context, where it may keep what lasts as long as the plan. */
static void
load(cv_grouping_scan *scan, cv_store *store)
{
	PlanState  *input = linitial(scan->css.custom_ps);
	ExprContext *context = scan->css.ss.ps.ps_ExprContext;

	for (;;)
	{
		TupleTableSlot *slot = ExecProcNode(input);
		MemoryContext previous;
		uint32		hash;
		Size		bound;
		char	   *row;

		if (TupIsNull(slot))
			break;
		slot_getallattrs(slot);
		ResetExprContext(context);
		previous = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
		hash = hash_keys(scan, slot);
		bound = cv_row_bound(scan->layout, slot->tts_values, slot->tts_isnull);
		row = cv_store_reserve(store, hash, bound);
		cv_store_add(store, cv_row_write(scan->layout, row, bound, hash, slot->tts_values, slot->tts_isnull));
		MemoryContextSwitchTo(previous);
	}
}

static cv_shared_part *
shared_parts(cv_grouping_shared *shared, int participant)
{
	return (cv_shared_part *) &shared->of_participant[shared->participants] + (participant << shared->bits);
}

static void
load_shared(cv_grouping_scan *scan)
{
	cv_grouping_shared *shared = scan->shared;

	if (BarrierAttach(&shared->loaded) == 0)
	{
		cv_store   *store = cv_store_make_shared(scan->context, shared->bits, &shared->files.fs, scan->participant);

		load(scan, store);
		cv_store_finish_shared(store, shared_parts(shared, scan->participant));
		shared->of_participant[scan->participant].memory = cv_store_memory(store);
		shared->of_participant[scan->participant].spilled = cv_store_spilled(store);
		cv_store_free(store);
		BarrierArriveAndWait(&shared->loaded, PG_WAIT_EXTENSION);
	}
	/* who comes late finds all rows there */
	BarrierDetach(&shared->loaded);
	cv_group_reader_share(scan->reader, &(cv_shared_stores) {
		.file_set = &shared->files.fs,
		.parts = shared_parts(shared, 0),
		.participants = shared->participants,
		.bits = shared->bits,
		.next_part = &shared->next_part
	});
}

static void
start(cv_grouping_scan *scan)
{
	scan->reader = cv_group_reader_make(scan->context, scan->css.ss.ps.ps_ExprContext, scan->layout, scan->keys,
										scan->n_keys, scan->budget);
	scan->scratch = (cv_row_scratch) {.context = scan->context};
	if (scan->shared != NULL)
		load_shared(scan);
	else
	{
		cv_store   *store = cv_store_make(scan->context, 0, scan->bits, scan->budget);

		load(scan, store);
		cv_store_finish(store);
		scan->memory = Max(scan->memory, cv_store_memory(store));
		scan->spilled = Max(scan->spilled, cv_store_spilled(store));
		cv_group_reader_add(scan->reader, store);
	}
}

static void
begin_scan(CustomScanState *node, EState *estate, int eflags)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	List	   *columns = list_nth(plan->custom_private, CV_GROUPING_COLUMNS);
	List	   *operators = list_nth(plan->custom_private, CV_GROUPING_OPERATORS);
	List	   *collations = list_nth(plan->custom_private, CV_GROUPING_COLLATIONS);
	int		   *numbers;

	node->custom_ps = list_make1(ExecInitNode(linitial(plan->custom_plans), estate,
											  eflags & ~(EXEC_FLAG_BACKWARD | EXEC_FLAG_MARK | EXEC_FLAG_REWIND)));
	scan->n_keys = list_length(columns);
	scan->keys = palloc0(scan->n_keys * sizeof(cv_group_key));
	numbers = palloc(scan->n_keys * sizeof(int));
	for (int i = 0; i < scan->n_keys; i++)
	{
		cv_group_key *key = &scan->keys[i];
		Oid			operator = list_nth_oid(operators, i);
		Oid			hash_function;
		Oid			other_side;

		if (!get_op_hash_functions(operator, &hash_function, &other_side))
			elog(ERROR, "operator %u has no hash function", operator);
		key->column = numbers[i] = list_nth_int(columns, i);
		key->collation = list_nth_oid(collations, i);
		fmgr_info(hash_function, &key->hash);
		fmgr_info(get_opcode(operator), &key->equal);
	}
	scan->layout = cv_row_layout_make(node->ss.ss_ScanTupleSlot->tts_tupleDescriptor, numbers, scan->n_keys);
	scan->budget = get_hash_memory_limit();
	scan->bits = linitial_int(list_nth(plan->custom_private, CV_GROUPING_BITS));
	while (scan->bits > 1 && ((Size) MEMORY_OF_PART << scan->bits) > scan->budget)
		scan->bits--;
	scan->context = AllocSetContextCreate(estate->es_query_cxt, CV_GROUPING_NAME, ALLOCSET_DEFAULT_SIZES);
}

static TupleTableSlot *
exec_scan(CustomScanState *node)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) node;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;
	cv_row		row;

	if (scan->reader == NULL)
		start(scan);
	row = cv_group_reader_next(scan->reader);
	ExecClearTuple(slot);
	if (row == NULL)
		return slot;
	cv_row_read(scan->layout, row, slot->tts_values, slot->tts_isnull, &scan->scratch);
	ExecStoreVirtualTuple(slot);
	if (node->ss.ps.ps_ProjInfo == NULL)
		return slot;
	ResetExprContext(node->ss.ps.ps_ExprContext);
	node->ss.ps.ps_ExprContext->ecxt_scantuple = slot;
	return ExecProject(node->ss.ps.ps_ProjInfo);
}

/* Forgets all rows. */
static void
forget(cv_grouping_scan *scan)
{
	ExecClearTuple(scan->css.ss.ss_ScanTupleSlot);
	if (scan->reader != NULL)
		cv_group_reader_close(scan->reader);
	scan->reader = NULL;
	MemoryContextReset(scan->context);
}

static void
end_scan(CustomScanState *node)
{
	forget((cv_grouping_scan *) node);
	ExecEndNode(linitial(node->custom_ps));
}

static void
rescan(CustomScanState *node)
{
	PlanState  *input = linitial(node->custom_ps);

	forget((cv_grouping_scan *) node);
	if (node->ss.ps.chgParam != NULL)
		UpdateChangedParamSet(input, node->ss.ps.chgParam);
	if (input->chgParam == NULL)
		ExecReScan(input);
}

static Size
estimate_dsm(CustomScanState *node, ParallelContext *pcxt)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) node;
	Size		of_participant = sizeof(((cv_grouping_shared *) NULL)->of_participant[0]) +
		(sizeof(cv_shared_part) << scan->bits);

	return add_size(offsetof(cv_grouping_shared, of_participant), mul_size(of_participant, pcxt->nworkers + 1));
}

static void
initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) node;
	cv_grouping_shared *shared = coordinate;

	/* without shared memory to be had there are no workers */
	if (pcxt->seg == NULL)
		return;
	memset(shared, 0, estimate_dsm(node, pcxt));
	shared->segment = dsm_segment_handle(pcxt->seg);
	BarrierInit(&shared->loaded, 0);
	pg_atomic_init_u32(&shared->next_part, 0);
	shared->bits = scan->bits;
	shared->participants = pcxt->nworkers + 1;
	SharedFileSetInit(&shared->files, pcxt->seg);
	scan->shared = shared;
	scan->participant = 0;
}

static void
reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	cv_grouping_shared *shared = coordinate;

	if (pcxt->seg == NULL)
		return;
	memset(shared->of_participant, 0, (char *) shared_parts(shared, shared->participants) - (char *) shared->of_participant);
	SharedFileSetDeleteAll(&shared->files);
	BarrierInit(&shared->loaded, 0);
	pg_atomic_write_u32(&shared->next_part, 0);
}

static void
initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) node;

	scan->shared = coordinate;
	scan->participant = ParallelWorkerNumber + 1;
	/* after an error, who is last to leave removes the files */
	SharedFileSetAttach(&scan->shared->files, dsm_find_mapping(scan->shared->segment));
}

/* The shared memory goes away: keeps what EXPLAIN shows. */
static void
shutdown_scan(CustomScanState *node)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) node;

	if (scan->shared == NULL)
		return;
	if (!IsParallelWorker())
	{
		uint64		memory = 0;
		uint64		spilled = 0;

		for (int i = 0; i < scan->shared->participants; i++)
		{
			memory += scan->shared->of_participant[i].memory;
			spilled += scan->shared->of_participant[i].spilled;
		}
		scan->memory = Max(scan->memory, memory);
		scan->spilled = Max(scan->spilled, spilled);
	}
	forget(scan);
	scan->shared = NULL;
}

static void
explain_scan(CustomScanState *node, List *ancestors, ExplainState *es)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) node;

	if (!es->analyze)
		return;
	ExplainPropertyInteger("Parts", NULL, (int64) 1 << scan->bits, es);
	ExplainPropertyInteger("Memory Usage", "kB", (int64) ((scan->memory + 1023) / 1024), es);
	ExplainPropertyInteger("Disk Usage", "kB", (int64) ((scan->spilled + 1023) / 1024), es);
}

static const CustomExecMethods exec_methods = {
	.CustomName = CV_GROUPING_NAME,
	.BeginCustomScan = begin_scan,
	.ExecCustomScan = exec_scan,
	.EndCustomScan = end_scan,
	.ReScanCustomScan = rescan,
	.EstimateDSMCustomScan = estimate_dsm,
	.InitializeDSMCustomScan = initialize_dsm,
	.ReInitializeDSMCustomScan = reinitialize_dsm,
	.InitializeWorkerCustomScan = initialize_worker,
	.ShutdownCustomScan = shutdown_scan,
	.ExplainCustomScan = explain_scan
};

static Node *
create_scan_state(CustomScan *plan)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) newNode(sizeof(cv_grouping_scan), T_CustomScanState);

	scan->css.methods = &exec_methods;
	return (Node *) scan;
}

const CustomScanMethods cv_grouping_scan_methods = {
	.CustomName = CV_GROUPING_NAME,
	.CreateCustomScanState = create_scan_state
};
