/*
 * history.h - the SQL type purchase_history: what the glue's files share, and
 * what other rooms may ask of a history they got as an argument.
 */
#ifndef CV_PG_HISTORY_H
#define CV_PG_HISTORY_H

#include "pg/compat.h"

#include "lib/stringinfo.h"
#include "nodes/nodes.h"

#include "core/history.h"
#include "core/history_periods.h"

/*
 * (x, t_x, T, m) of a purchase_history as of a day (days since 2000-01-01);
 * false when there is no purchase by then.  Detoasts once and frees its copy.
 * Raises an error where as_of is infinite or the stored bytes are damaged.
 */
extern bool cv_history_datum_summary(Datum history, int32 as_of, cv_summary *summary);

/* What it is made of, exactly; 0 days of a history without a purchase by then. */
extern void cv_history_datum_buying(Datum history, int32 as_of, cv_buying *buying);

/* x and, in days, t_x and T alone: faster. */
extern bool cv_history_datum_times(Datum history, int32 as_of, int64 *x, int64 *t_x, int64 *T);

/* The same in opportunities, one a period: history_periods.c. */
extern bool cv_history_datum_opportunities(Datum history, int32 as_of, cv_period period,
										   cv_opportunities *o);

/* Raises an error unless the day is finite. */
extern void cv_require_finite_day(int32 as_of);

/* The bytes of a purchase_history, detoasted once; free with cv_history_release. */
typedef struct cv_history_view
{
	Datum		datum;
	struct varlena *packed;
	const uint8_t *bytes;
	size_t		size;
} cv_history_view;

extern cv_history_view cv_history_get(Datum history);
extern void cv_history_release(const cv_history_view *view);

/* Raises the error that a status other than OK and EMPTY stands for. */
extern void cv_history_check(cv_history_status status);

/* The row type a function returns, looked up once a query: takes fn_extra. */
extern TupleDesc cv_result_row(FunctionCallInfo fcinfo);

/* Raises the error for sums or counts that a history cannot hold. */
extern _Noreturn void cv_history_range_error(void);

/* A history being written: begin with a complete shape, add its days, finish. */
typedef struct cv_history_writer
{
	cv_history_shape *shape;
	struct varlena *result;
	uint8_t    *next;
	Size		size;			/* allocated */
} cv_history_writer;

extern void cv_writer_begin(cv_history_writer *writer, cv_history_shape *shape);
extern void cv_writer_add(cv_history_writer *writer, const cv_day *day);
extern Datum cv_writer_finish(cv_history_writer *writer);

/* Text form of a history, without the final NUL of a cstring's own memory. */
extern void cv_history_to_text(StringInfo out, const cv_history_view *view);

/* Reads the text form; raises (softly where the context allows) 22P02 or 22003; then returns 0. */
extern Datum cv_history_from_text(const char *text, Node *escontext);

#endif
