/*
 * grouping_scan.c - the node Group Rows: all rows of its input, those of a group one after the other.
 *
 * A hash table of a million groups waits for memory at every row.  Here rows are first
 * parted by their hashes, which writes memory in order; then every part, small enough
 * for the processor's caches, is sorted by hash.  What comes out feeds the server's own
 * aggregation of sorted input, to which the order of the groups does not matter.
 *
 * In a parallel plan each participant parts its share of the input into shared memory,
 * waits for the others, and takes whole parts from then on: groups come out complete,
 * in one process each.
 */
#include "pg/grouping.h"

#include "commands/explain.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/barrier.h"
#include "storage/sharedfileset.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"
#include "common/hashfn.h"

#include "core/pattern_keys.h"
#include "pg/grouping_store.h"

/* A part that takes more is parted again: within these bounds a quarter of the memory there is. */
#define SMALLEST_LIMIT (512 * 1024)
#define LARGEST_LIMIT (4 * 1024 * 1024)

/* Bits by which a part is parted again. */
#define BITS_OF_SPLIT 6

/* At least so many bytes of the memory there is are for each part. */
#define MEMORY_OF_PART (16 * 1024)

/* In the index of a block: the upper bits of the hash, and where the row is. */
#define PLACE_BITS 33
#define PLACE_MASK ((UINT64CONST(1) << PLACE_BITS) - 1)

/* What the participants of a parallel plan share. */
typedef struct cv_grouping_shared
{
	Barrier		loaded;			/* phase 0 while rows come */
	pg_atomic_uint32 next_part;
	int			bits;
	int			participants;
	SharedFileSet files;
	struct
	{
		dsa_pointer slabs;
		uint64		memory;
		uint64		spilled;
	}			of_participant[FLEXIBLE_ARRAY_MEMBER];
	/* then a cv_shared_part for each participant and part */
} cv_grouping_shared;

/* A store whose parts are being read. */
typedef struct cv_level
{
	cv_store   *store;			/* NULL: the participants' */
	int			next_part;
	struct cv_level *below;
} cv_level;

/* A column that rows are grouped by. */
typedef struct cv_key
{
	int			column;
	Oid			collation;
	FmgrInfo	hash;
	FmgrInfo	equal;
} cv_key;

/* What is being handed on. */
typedef enum cv_source
{
	CV_NOTHING,
	CV_BLOCK,					/* a part in memory, sorted */
	CV_STREAM					/* a part of one hash, too large for memory */
} cv_source;

typedef struct cv_grouping_scan
{
	CustomScanState css;
	cv_row_layout *layout;
	cv_key	   *keys;
	int			n_keys;
	int			bits;
	Size		budget;
	Size		limit;
	MemoryContext context;		/* of what lies below; reset by a rescan */
	cv_row_scratch scratch;		/* of the row that was handed on */
	cv_row_scratch scratches[2];	/* of two that are compared */

	bool		started;
	cv_level   *level;
	cv_source	source;

	/* a block: rows, and their index, sorted by hash; from next to run_end is one group */
	char	   *rows;
	Size		rows_size;
	uint64	   *order;
	Size		order_size;
	Size		n;
	Size		next;
	Size		run_end;

	/* a stream */
	cv_part_reader reader;
	const char *piece;
	Size		piece_left;
	char	   *first;			/* a copy of the first row of the group that is being handed on */
	cv_store   *others;			/* rows of other groups with the same hash */

	/* parallel */
	cv_grouping_shared *shared;
	dsa_area   *area;
	int			participant;

	/* for EXPLAIN */
	uint64		memory;
	uint64		spilled;
} cv_grouping_scan;

/* ---- keys ---- */

static inline uint32
hash_keys(cv_grouping_scan *scan, TupleTableSlot *slot)
{
	uint32		hash = 0;

	for (int i = 0; i < scan->n_keys; i++)
	{
		cv_key	   *key = &scan->keys[i];

		hash = pg_rotate_left32(hash, 1);
		if (!slot->tts_isnull[key->column])
			hash ^= DatumGetUInt32(FunctionCall1Coll(&key->hash, key->collation, slot->tts_values[key->column]));
	}
	return murmurhash32(hash);
}

/* Do both rows have the same key?  Nulls are the same. */
static pg_noinline bool
same_keys(cv_grouping_scan *scan, cv_row a, cv_row b)
{
	ExprContext *context = scan->css.ss.ps.ps_ExprContext;
	MemoryContext previous = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
	bool		same = true;

	for (int k = 0; k < scan->n_keys && same; k++)
	{
		cv_key	   *key = &scan->keys[k];
		bool		a_null,
					b_null;
		Datum		a_value = cv_row_key(scan->layout, a, k, &a_null, &scan->scratches[0]),
					b_value = cv_row_key(scan->layout, b, k, &b_null, &scan->scratches[1]);

		same = a_null || b_null ? a_null && b_null :
			DatumGetBool(FunctionCall2Coll(&key->equal, key->collation, a_value, b_value));
	}
	MemoryContextSwitchTo(previous);
	ResetExprContext(context);
	return same;
}

/* What has the same bytes is the same: only the others need the operator. */
static inline bool
same_group(cv_grouping_scan *scan, cv_row a, cv_row b)
{
	return cv_row_keys_identical(scan->layout, a, b) || same_keys(scan, a, b);
}

/* ---- loading ---- */

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

static void
push_level(cv_grouping_scan *scan, cv_store *store)
{
	cv_level   *level = MemoryContextAlloc(scan->context, sizeof(cv_level));

	*level = (cv_level) {.store = store, .below = scan->level};
	scan->level = level;
}

static void
pop_level(cv_grouping_scan *scan)
{
	cv_level   *level = scan->level;

	if (level->store != NULL)
		cv_store_free(level->store);
	scan->level = level->below;
	pfree(level);
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

	scan->area = scan->css.ss.ps.state->es_query_dsa;
	if (BarrierAttach(&shared->loaded) == 0)
	{
		cv_store   *store = cv_store_make(scan->context, 0, shared->bits, scan->budget);

		cv_store_share(store, scan->area, &shared->files.fs, scan->participant);
		load(scan, store);
		cv_store_finish(store, shared_parts(shared, scan->participant));
		shared->of_participant[scan->participant].slabs = cv_store_shared_memory(store);
		shared->of_participant[scan->participant].memory = cv_store_memory(store);
		shared->of_participant[scan->participant].spilled = cv_store_spilled(store);
		cv_store_free(store);
		BarrierArriveAndWait(&shared->loaded, PG_WAIT_EXTENSION);
	}
	/* who comes late finds all rows there */
	BarrierDetach(&shared->loaded);
	push_level(scan, NULL);
}

static void
start(cv_grouping_scan *scan)
{
	scan->started = true;
	if (scan->shared != NULL)
		load_shared(scan);
	else
	{
		cv_store   *store = cv_store_make(scan->context, 0, scan->bits, scan->budget);

		load(scan, store);
		cv_store_finish(store, NULL);
		scan->memory = Max(scan->memory, cv_store_memory(store));
		scan->spilled = Max(scan->spilled, cv_store_spilled(store));
		push_level(scan, store);
	}
}

/* ---- the parts ---- */

/* The next part that has rows, and the reader opened on it; 0 where none is left on the level. */
static uint64
open_next_part(cv_grouping_scan *scan)
{
	cv_level   *level = scan->level;
	cv_grouping_shared *shared = scan->shared;
	uint64		bytes = 0;

	while (bytes == 0)
	{
		if (level->store != NULL)
		{
			int			part = level->next_part++;

			if (part >= cv_store_parts(level->store))
				return 0;
			bytes = cv_store_part_bytes(level->store, part);
			if (bytes > 0)
				cv_part_reader_open(&scan->reader, level->store, part);
		}
		else
		{
			uint32		part = pg_atomic_fetch_add_u32(&shared->next_part, 1);

			if (part >= (uint32) 1 << shared->bits)
				return 0;
			for (int i = 0; i < shared->participants; i++)
				bytes += shared_parts(shared, i)[part].bytes;
			if (bytes > 0)
				cv_part_reader_open_shared(&scan->reader, scan->area, &shared->files.fs, shared_parts(shared, 0),
										   shared->participants, (int) part, 1 << shared->bits);
		}
	}
	return bytes;
}

/* Reads a part into memory and sorts it. */
static void
load_block(cv_grouping_scan *scan, uint64 bytes)
{
	const char *piece;
	Size		size;
	Size		used = 0;
	Size		n = 0;

	if (bytes + CV_ROW_SLACK > scan->rows_size)
	{
		if (scan->rows != NULL)
			pfree(scan->rows);
		scan->rows_size = bytes + CV_ROW_SLACK;
		scan->rows = palloc(scan->rows_size);
	}
	while ((piece = cv_part_reader_next(&scan->reader, &size)) != NULL)
	{
		memcpy(scan->rows + used, piece, size);
		used += size;
	}
	cv_part_reader_close(&scan->reader);

	for (Size place = 0; place < used; n++)
	{
		cv_row		row = scan->rows + place;

		if (n == scan->order_size)
		{
			/* half of it is scratch */
			scan->order_size = Max(1024, scan->order_size * 2);
			scan->order = scan->order == NULL ? palloc(scan->order_size * 2 * sizeof(uint64)) :
				repalloc(scan->order, scan->order_size * 2 * sizeof(uint64));
		}
		scan->order[n] = ((uint64) cv_row_hash(row) << 32 & ~PLACE_MASK) | place;
		place += cv_row_size(row);
	}
	cv_keys_sort_upper(scan->order, scan->order + scan->order_size, n, PLACE_BITS);
	scan->n = n;
	scan->next = scan->run_end = 0;
	scan->source = CV_BLOCK;
}

/* Adds a row that is stored already. */
static void
copy_row(cv_store *store, cv_row row)
{
	Size		size = cv_row_size(row);

	memcpy(cv_store_reserve(store, cv_row_hash(row), size + CV_ROW_SLACK), row, size);
	cv_store_add(store, size);
}

/* Parts a part again, by more bits of the hash. */
static void
split_part(cv_grouping_scan *scan, int common_bits)
{
	cv_store   *store = cv_store_make(scan->context, common_bits, Min(BITS_OF_SPLIT, 32 - common_bits), scan->budget / 4);
	const char *piece;
	Size		size;

	while ((piece = cv_part_reader_next(&scan->reader, &size)) != NULL)
		for (Size place = 0; place < size; place += cv_row_size(piece + place))
			copy_row(store, piece + place);
	cv_part_reader_close(&scan->reader);
	cv_store_finish(store, NULL);
	push_level(scan, store);
}

/* Finds what to hand on next; false at the end. */
static bool
next_source(cv_grouping_scan *scan)
{
	MemoryContext previous = MemoryContextSwitchTo(scan->context);

	scan->source = CV_NOTHING;
	while (scan->level != NULL && scan->source == CV_NOTHING)
	{
		int			common_bits = scan->level->store == NULL ? scan->shared->bits : cv_store_common_bits(scan->level->store);
		uint64		bytes = open_next_part(scan);

		if (bytes == 0)
			pop_level(scan);
		else if (bytes <= scan->limit)
			load_block(scan, bytes);
		else if (common_bits < 32)
			split_part(scan, common_bits);
		else
		{
			scan->source = CV_STREAM;
			scan->piece_left = 0;
			scan->first = NULL;
			scan->others = cv_store_make(scan->context, 32, 0, scan->budget / 4);
		}
	}
	MemoryContextSwitchTo(previous);
	return scan->source != CV_NOTHING;
}

/* ---- the rows ---- */

static inline cv_row
row_at(const cv_grouping_scan *scan, Size i)
{
	return scan->rows + (scan->order[i] & PLACE_MASK);
}

/*
 * Finds the end of the group that begins at next, among rows with the same upper bits
 * of the hash; those of its rows that others lie between are moved to the front.
 */
static void
find_run(cv_grouping_scan *scan)
{
	uint64		hash = scan->order[scan->next] >> PLACE_BITS;
	cv_row		first = row_at(scan, scan->next);
	Size		end = scan->next + 1;

	for (Size i = end; i < scan->n && scan->order[i] >> PLACE_BITS == hash; i++)
		if (same_group(scan, first, row_at(scan, i)))
		{
			uint64		moved = scan->order[i];

			scan->order[i] = scan->order[end];
			scan->order[end++] = moved;
		}
	scan->run_end = end;
}

static cv_row
next_of_block(cv_grouping_scan *scan)
{
	if (scan->next == scan->run_end)
	{
		if (scan->next == scan->n)
			return NULL;
		find_run(scan);
	}
	return row_at(scan, scan->next++);
}

/* Those equal to the first come now; the others are a source of their own later. */
static cv_row
next_of_stream(cv_grouping_scan *scan)
{
	for (;;)
	{
		cv_row		row;
		Size		size;

		while (scan->piece_left == 0)
		{
			scan->piece = cv_part_reader_next(&scan->reader, &scan->piece_left);
			if (scan->piece == NULL)
			{
				cv_part_reader_close(&scan->reader);
				pfree(scan->first);
				cv_store_finish(scan->others, NULL);
				push_level(scan, scan->others);
				return NULL;
			}
		}
		row = scan->piece;
		size = cv_row_size(row);
		scan->piece += size;
		scan->piece_left -= size;
		if (scan->first == NULL)
		{
			scan->first = palloc(size + CV_ROW_SLACK);
			memcpy(scan->first, row, size);
			return row;
		}
		if (same_group(scan, scan->first, row))
			return row;
		copy_row(scan->others, row);
	}
}

static cv_row
next_row(cv_grouping_scan *scan)
{
	for (;;)
	{
		cv_row		row = NULL;

		if (scan->source == CV_BLOCK)
			row = next_of_block(scan);
		else if (scan->source == CV_STREAM)
		{
			MemoryContext previous = MemoryContextSwitchTo(scan->context);

			row = next_of_stream(scan);
			MemoryContextSwitchTo(previous);
		}
		if (row != NULL || !next_source(scan))
			return row;
	}
}

/* ---- the methods of the node ---- */

static void
reset_scratches(cv_grouping_scan *scan)
{
	scan->scratch = scan->scratches[0] = scan->scratches[1] = (cv_row_scratch) {.context = scan->context};
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
	scan->keys = palloc0(scan->n_keys * sizeof(cv_key));
	numbers = palloc(scan->n_keys * sizeof(int));
	for (int i = 0; i < scan->n_keys; i++)
	{
		cv_key	   *key = &scan->keys[i];
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
	scan->limit = Min(Max(scan->budget / 4, SMALLEST_LIMIT), LARGEST_LIMIT);
	scan->bits = linitial_int(list_nth(plan->custom_private, CV_GROUPING_BITS));
	while (scan->bits > 1 && ((Size) MEMORY_OF_PART << scan->bits) > scan->budget)
		scan->bits--;
	scan->context = AllocSetContextCreate(estate->es_query_cxt, CV_GROUPING_NAME, ALLOCSET_DEFAULT_SIZES);
	reset_scratches(scan);
}

static TupleTableSlot *
exec_scan(CustomScanState *node)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) node;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;
	cv_row		row;

	if (!scan->started)
		start(scan);
	row = next_row(scan);
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
	if (scan->source == CV_STREAM)
	{
		cv_part_reader_close(&scan->reader);
		cv_store_free(scan->others);
	}
	while (scan->level != NULL)
		pop_level(scan);
	MemoryContextReset(scan->context);
	reset_scratches(scan);
	scan->rows = NULL;
	scan->rows_size = 0;
	scan->order = NULL;
	scan->order_size = 0;
	scan->source = CV_NOTHING;
	scan->started = false;
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

	memset(shared, 0, estimate_dsm(node, pcxt));
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
	dsa_area   *area = node->ss.ps.state->es_query_dsa;

	for (int i = 0; i < shared->participants; i++)
		cv_store_free_shared(area, shared->of_participant[i].slabs);
	memset(shared->of_participant, 0, (char *) shared_parts(shared, shared->participants) - (char *) shared->of_participant);
	SharedFileSetDeleteAll(&shared->files);
	BarrierInit(&shared->loaded, 0);
	pg_atomic_write_u32(&shared->next_part, 0);
}

/* Workers need not attach to the file set: the leader's memory outlives them. */
static void
initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate)
{
	cv_grouping_scan *scan = (cv_grouping_scan *) node;

	scan->shared = coordinate;
	scan->participant = ParallelWorkerNumber + 1;
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
