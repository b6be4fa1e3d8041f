/*
 * segment.c - first_segment(rules, measures, vals): a customer's segment by a table of rules.
 */
#include "pg/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "core/segment.h"
#include "pg/arrays.h"

/* The columns of customer_value.base_segment_rule. */
enum
{
	SEGMENTATION,
	PRIORITY,
	SEGMENT,
	MEASURE,
	AT_LEAST,
	BELOW,
	COLUMNS
};

/* A row of the rules as it stands. */
typedef struct rule_row
{
	int			priority;
	int			place;			/* from 0, in the array */
	char	   *segmentation;
	char	   *segment;
	char	   *measure;		/* NULL: no condition */
	double		at_least;
	double		below;
} rule_row;

/* Rules compiled for the measures of a call; kept as long as neither changes. */
typedef struct compiled_rules
{
	MemoryContext context;		/* what it all lives in */
	ArrayType  *rules;
	ArrayType  *measures;
	int			measure_count;
	int			rule_count;
	cv_rule    *rule;
	text	  **segment;		/* a rule */
	cv_condition *condition;
	double	   *value;			/* a measure: room for those of a call */
	bool	   *known;
} compiled_rules;

/* Elements of an array of one dimension, or of none. */
static int
elements_of(const ArrayType *array, const char *what)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("%s must be an array of one dimension", what),
				 errdetail("It has %d dimensions.", ARR_NDIM(array))));
	return ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
}

static char *
text_column(const Datum *values, const bool *nulls, int column)
{
	return nulls[column] ? NULL : TextDatumGetCString(values[column]);
}

/* An end of a condition: open where it is NULL. */
static double
limit_column(const Datum *values, const bool *nulls, int column, double open, int place)
{
	double		limit;

	if (nulls[column])
		return open;
	limit = DatumGetFloat8(values[column]);
	if (!isfinite(limit))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the limit of a segment rule must be a finite number"),
				 errdetail("In element %d %s is %g.", place + 1, column == BELOW ? "below" : "at_least", limit),
				 errhint("Say NULL for no limit.")));
	return limit;
}

/* One element of the array of rules. */
static void
read_row(Datum element, int place, rule_row *row)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(element);
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
	HeapTupleData tuple;
	Datum	   *values = palloc(desc->natts * sizeof(Datum));
	bool	   *nulls = palloc(desc->natts * sizeof(bool));

	if (desc->natts < COLUMNS)
		elog(ERROR, "rules must be of type customer_value.base_segment_rule");
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);

	if (nulls[SEGMENTATION] || nulls[PRIORITY] || nulls[SEGMENT])
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a segment rule needs a segmentation, a priority and a segment"),
				 errdetail("In element %d %s is null.", place + 1,
						   nulls[SEGMENTATION] ? "segmentation" : nulls[PRIORITY] ? "priority" : "segment")));
	row->place = place;
	row->priority = DatumGetInt32(values[PRIORITY]);
	row->segmentation = text_column(values, nulls, SEGMENTATION);
	row->segment = text_column(values, nulls, SEGMENT);
	row->measure = text_column(values, nulls, MEASURE);
	row->at_least = limit_column(values, nulls, AT_LEAST, -INFINITY, place);
	row->below = limit_column(values, nulls, BELOW, INFINITY, place);
	if (row->measure == NULL && !(nulls[AT_LEAST] && nulls[BELOW]))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a segment rule has a limit but no measure"),
				 errdetail("Element %d is of segment \"%s\", priority %d.", place + 1, row->segment, row->priority),
				 errhint("Say which measure the limit is for.")));
}

/* By priority; the order in the array is the last resort, so that equal input sorts alike. */
static int
compare_rows(const void *a, const void *b)
{
	const rule_row *x = a;
	const rule_row *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* The rows of the rules, by priority; *n of them. */
static rule_row *
read_rows(ArrayType *array, int *n)
{
	Datum	   *elements;
	bool	   *nulls;
	rule_row   *row;
	int16		length;
	bool		by_value;
	char		align;

	elements_of(array, "rules");
	get_typlenbyvalalign(ARR_ELEMTYPE(array), &length, &by_value, &align);
	deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, align, &elements, &nulls, n);
	row = palloc(Max(*n, 1) * sizeof(rule_row));
	for (int i = 0; i < *n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("rules must not contain nulls")));
		read_row(elements[i], i, &row[i]);
		if (strcmp(row[i].segmentation, row[0].segmentation) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("rules must be of one segmentation"),
					 errdetail("Element 1 is of \"%s\", element %d of \"%s\".", row[0].segmentation, i + 1,
							   row[i].segmentation),
					 errhint("Choose the rules by segmentation.")));
	}
	qsort(row, *n, sizeof(rule_row), compare_rows);
	return row;
}

/* The names of the measures; *n of them. */
static char **
read_measures(ArrayType *array, int *n)
{
	Datum	   *elements;
	bool	   *nulls;
	char	  **name;

	elements_of(array, "measures");
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, n);
	name = palloc(Max(*n, 1) * sizeof(char *));
	for (int i = 0; i < *n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("measures must not contain nulls")));
		name[i] = TextDatumGetCString(elements[i]);
		for (int j = 0; j < i; j++)
			if (strcmp(name[i], name[j]) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("measure \"%s\" is given twice", name[i]),
						 errdetail("It is element %d and element %d of measures.", j + 1, i + 1)));
	}
	return name;
}

static int
measure_number(const rule_row *row, char **name, int n)
{
	StringInfoData known;

	for (int i = 0; i < n; i++)
		if (strcmp(row->measure, name[i]) == 0)
			return i;
	initStringInfo(&known);
	for (int i = 0; i < n; i++)
		appendStringInfo(&known, "%s%s", i == 0 ? "" : ", ", name[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown measure \"%s\" in a segment rule", row->measure),
			 errdetail("It is a condition of segment \"%s\", priority %d of segmentation \"%s\".", row->segment, row->priority,
					   row->segmentation),
			 n == 0 ? 0 : errhint("Known are %s.", known.data)));
}

/* Groups the rows by priority into rules.  Everything is allocated in the current context. */
static void
compile(compiled_rules *c, const rule_row *row, int n, char **measure)
{
	int			conditions = 0;

	c->rule = palloc(Max(n, 1) * sizeof(cv_rule));
	c->segment = palloc(Max(n, 1) * sizeof(text *));
	c->condition = palloc(Max(n, 1) * sizeof(cv_condition));
	c->rule_count = 0;
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i == 0 || row[i].priority != row[i - 1].priority)
		{
			c->rule[c->rule_count].first = conditions;
			c->rule[c->rule_count].conditions = 0;
			c->segment[c->rule_count++] = cstring_to_text(row[i].segment);
		}
		else if (strcmp(row[i].segment, row[i - 1].segment) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a segment rule names two segments"),
					 errdetail("Priority %d of segmentation \"%s\" stands for \"%s\" and for \"%s\".", row[i].priority,
							   row[i].segmentation, row[i - 1].segment, row[i].segment),
					 errhint("Rows of one priority are one rule, of which all conditions hold: give each rule a priority of its own.")));
		if (row[i].measure != NULL)
		{
			cv_condition *condition = &c->condition[conditions++];

			condition->measure = measure_number(&row[i], measure, c->measure_count);
			condition->at_least = row[i].at_least;
			condition->below = row[i].below;
			c->rule[c->rule_count - 1].conditions++;
		}
	}
}

/* Makes the compiled rules of a call, in a context that lives as long as the call's function. */
static compiled_rules *
make_compiled(ArrayType *rules, ArrayType *measures, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "segment rules", ALLOCSET_SMALL_SIZES);
	MemoryContext scratch = AllocSetContextCreate(context, "segment rules as read", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(scratch);
	compiled_rules *c = MemoryContextAlloc(context, sizeof(compiled_rules));
	char	  **measure = read_measures(measures, &c->measure_count);
	int			n;
	rule_row   *row = read_rows(rules, &n);

	MemoryContextSwitchTo(context);
	c->context = context;
	c->rules = (ArrayType *) DatumGetPointer(datumCopy(PointerGetDatum(rules), false, -1));
	c->measures = (ArrayType *) DatumGetPointer(datumCopy(PointerGetDatum(measures), false, -1));
	c->value = palloc(Max(c->measure_count, 1) * sizeof(double));
	c->known = palloc(Max(c->measure_count, 1) * sizeof(bool));
	compile(c, row, n, measure);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(scratch);
	return c;
}

static bool
same_bytes(const ArrayType *a, const ArrayType *b)
{
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

/* (base_segment_rule[], text[], float8[]) -> text */
CV_SQL_FUNCTION(cv_first_segment);
Datum
cv_first_segment(PG_FUNCTION_ARGS)
{
	ArrayType  *rules = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType  *measures = PG_GETARG_ARRAYTYPE_P(1);
	ArrayType  *vals = PG_GETARG_ARRAYTYPE_P(2);
	compiled_rules *c = fcinfo->flinfo->fn_extra;
	int			n = elements_of(vals, "vals");
	int			rule;

	if (c == NULL || !same_bytes(rules, c->rules) || !same_bytes(measures, c->measures))
	{
		if (c != NULL)
		{
			fcinfo->flinfo->fn_extra = NULL;
			MemoryContextDelete(c->context);
		}
		fcinfo->flinfo->fn_extra = c = make_compiled(rules, measures, fcinfo->flinfo->fn_mcxt);
	}
	if (n != c->measure_count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("measures and vals must be of the same length"),
				 errdetail("There are %d measures and %d values.", c->measure_count, n)));
	/* known first holds which are null */
	cv_floats_copy(vals, n, c->value, c->known);
	for (int i = 0; i < n; i++)
		c->known[i] = !c->known[i];
	rule = cv_first_rule(c->rule, c->rule_count, c->condition, c->value, c->known);
	PG_FREE_IF_COPY(rules, 0);
	PG_FREE_IF_COPY(measures, 1);
	PG_FREE_IF_COPY(vals, 2);
	if (rule < 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(datumCopy(PointerGetDatum(c->segment[rule]), false, -1));
}
