/*
 * ranking_sorted.c - the values of a group in ascending order, in bounded memory.
 */
#include "pg/ranking_sorted.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define FIRST_VALUES 32

/* Frees what the memory context of the aggregate does not: files. */
static void
end_sort(Datum datum)
{
	cv_sorted  *sorted = (cv_sorted *) DatumGetPointer(datum);

	if (sorted->sort != NULL)
		tuplesort_end(sorted->sort);
	sorted->sort = NULL;
}

cv_sorted *
cv_sorted_make(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	cv_sorted  *sorted;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called outside an aggregate");
	sorted = MemoryContextAllocZero(context, sizeof(cv_sorted));
	sorted->context = context;
	sorted->allocated = FIRST_VALUES;
	sorted->value = MemoryContextAlloc(context, FIRST_VALUES * sizeof(double));
	AggRegisterCallback(fcinfo, end_sort, PointerGetDatum(sorted));
	return sorted;
}

/* From memory into a sort that may use the disk. */
static void
spill(cv_sorted *sorted)
{
	MemoryContext old = MemoryContextSwitchTo(sorted->context);

	sorted->sort = tuplesort_begin_datum(FLOAT8OID, Float8LessOperator, InvalidOid, false, work_mem, NULL,
										 TUPLESORT_RANDOMACCESS);
	MemoryContextSwitchTo(old);
	for (int64 i = 0; i < sorted->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		tuplesort_putdatum(sorted->sort, Float8GetDatum(sorted->value[i]), false);
	}
	pfree(sorted->value);
	sorted->value = NULL;
}

void
cv_sorted_add(cv_sorted *sorted, double x)
{
	if (sorted->value != NULL && (Size) sorted->n == sorted->allocated)
	{
		if (sorted->allocated * 2 * sizeof(double) > (Size) work_mem * 1024)
			spill(sorted);
		else
		{
			sorted->allocated *= 2;
			sorted->value = repalloc_huge(sorted->value, sorted->allocated * sizeof(double));
		}
	}
	if (sorted->value != NULL)
		sorted->value[sorted->n] = x;
	else
		tuplesort_putdatum(sorted->sort, Float8GetDatum(x), false);
	sorted->n++;
}

static int
compare_values(const void *pa, const void *pb, void *unused)
{
	double		a = *(const double *) pa;
	double		b = *(const double *) pb;

	return (a > b) - (a < b);
}

void
cv_sorted_begin(cv_sorted *sorted)
{
	if (sorted->value != NULL)
	{
		if (!sorted->sorted)
			qsort_interruptible(sorted->value, (Size) sorted->n, sizeof(double),
								compare_values, NULL);
		sorted->next = 0;
	}
	else if (!sorted->sorted)
		tuplesort_performsort(sorted->sort);
	else
		tuplesort_rescan(sorted->sort);
	sorted->sorted = true;
}

double
cv_sorted_next(cv_sorted *sorted)
{
	Datum		datum = (Datum) 0;
	bool		null;

	CHECK_FOR_INTERRUPTS();
	if (sorted->value != NULL)
		return sorted->value[sorted->next++];
	if (!cv_tuplesort_getdatum(sorted->sort, &datum, &null))
		elog(ERROR, "sorted values ended early");
	return DatumGetFloat8(datum);
}
