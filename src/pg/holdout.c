/*
 * holdout.c - the holdout checks of a base: customers as of a cut day collected
 * with what they bought after it, and how well a method predicts that.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "core/holdout.h"
#include "pg/compat.h"
#include "pg/history.h"
#include "pg/model_input.h"
#include "pg/numeric_digits.h"
#include "pg/value.h"

#define FIRST_HOLDOUTS 1024
#define A_LOOK 4096				/* predictions between looks at interrupts */

#define ST_SORT sort_holdouts
#define ST_ELEMENT_TYPE cv_holdout
#define ST_COMPARE(a, b) cv_holdout_compare(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

#define ST_SORT sort_forecasts
#define ST_ELEMENT_TYPE cv_forecast
#define ST_COMPARE(a, b) ((a)->predicted > (b)->predicted ? -1 : (a)->predicted < (b)->predicted)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

/* What the aggregate collects; in its context. */
typedef struct collection
{
	size_t		n;
	size_t		room;
	cv_holdout *holdouts;
} collection;

static void
settle(collection *c)
{
	sort_holdouts(c->holdouts, c->n);
	c->n = cv_holdouts_merge(c->holdouts, c->n);
}

/* Room for one more: by merging, or where that does not help much, twice as much. */
static void
make_room(collection *c)
{
	settle(c);
	if (c->n > c->room / 2)
	{
		c->room *= 2;
		c->holdouts = repalloc_huge(c->holdouts, c->room * sizeof(cv_holdout));
	}
}

static collection *
get_collection(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	collection *c;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called outside an aggregate");
	if (!PG_ARGISNULL(0))
		return (collection *) PG_GETARG_POINTER(0);
	c = MemoryContextAlloc(context, sizeof(collection));
	*c = (collection) {.room = FIRST_HOLDOUTS};
	c->holdouts = MemoryContextAlloc(context, c->room * sizeof(cv_holdout));
	return c;
}

static cv_buying_days
days_by(const cv_history_view *view, int64 day)
{
	cv_buying_days days;

	cv_history_check(cv_history_purchase_days(view->bytes, view->size, (int32) Max(day, CV_MIN_DAY), &days));
	return days;
}

/* (internal, history, cut_day date, end_day date) -> internal: without a purchase by the cut day there is no customer yet */
CV_SQL_FUNCTION(cv_holdout_add);
Datum
cv_holdout_add(PG_FUNCTION_ARGS)
{
	collection *c = get_collection(fcinfo);
	cv_history_view view;
	cv_buying_days known;
	int64		cut,
				end;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_POINTER(c);
	cut = PG_GETARG_DATEADT(2);
	end = PG_GETARG_DATEADT(3);
	cv_require_finite_day((int32) cut);
	cv_require_finite_day((int32) end);
	view = cv_history_get(PG_GETARG_DATUM(1));
	known = days_by(&view, cut);
	if (known.n > 0)
	{
		if (c->n == c->room)
			make_room(c);
		c->holdouts[c->n++] = (cv_holdout) {
			.x = (int32) (known.n - 1),
			.t_x = known.last - known.first,
			.T = (int32) (cut - known.first),
			.before = (int32) (known.n - days_by(&view, 2 * cut - end).n),
			.actual = (int32) (days_by(&view, end).n - known.n),
			.customers = 1
		};
	}
	cv_history_release(&view);
	PG_RETURN_POINTER(c);
}

/* (internal) -> bytea: the holdouts, sorted and merged, for _holdout_sums alone */
CV_SQL_FUNCTION(cv_holdout_done);
Datum
cv_holdout_done(PG_FUNCTION_ARGS)
{
	collection *c;
	Size		size;
	bytea	   *result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	c = (collection *) PG_GETARG_POINTER(0);
	settle(c);
	size = c->n * sizeof(cv_holdout);
	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct customers to check a model"),
				 errdetail("A check holds at most %zu distinct customers.", (MaxAllocSize - VARHDRSZ) / sizeof(cv_holdout)),
				 errhint("Make a customer base of a random sample of the customers; a million are plenty.")));
	result = palloc(VARHDRSZ + size);
	SET_VARSIZE(result, VARHDRSZ + size);
	memcpy(VARDATA(result), c->holdouts, size);
	PG_RETURN_BYTEA_P(result);
}

/* The simple rules that models are compared with, as numbers of a method. */
#define SAME_RATE 1001
#define LAST_PERIOD 1002

/* A method that predicts: a model, or else a rule. */
typedef struct method
{
	int			rule;			/* 0: the model */
	cv_model_view model;
	int32		days;			/* from the cut day to the end */
} method;

static double
predict(const method *m, const cv_holdout *h)
{
	cv_customer c = {.x = h->x, .t_x = h->t_x / CV_WEEK_DAYS, .T = h->T / CV_WEEK_DAYS};

	if (m->rule == LAST_PERIOD)
		return h->before;
	if (m->rule == SAME_RATE)
		return c.T > 0 ? c.x / (c.T * CV_WEEK_DAYS) * m->days : 0;
	cv_check_customer(&m->model, &c);
	return DatumGetFloat8(cv_finite_result(cv_expected_purchases(m->model.family, m->model.param, &c, m->days / CV_WEEK_DAYS)));
}

/* What a cast to numeric and round() make of it, where it is too close to call. */
static int64
round_as_numeric(double predicted)
{
	Datum		exact = DirectFunctionCall1(float8_numeric, Float8GetDatum(predicted)),
				rounded = DirectFunctionCall2(numeric_round, exact, Int32GetDatum(CV_HOLDOUT_DECIMALS));
	cv_int128	value = 0;
	uint8_t		scale = 0;

	if (cv_numeric_read(rounded, &value, &scale) == CV_NUMERIC_OK)
		value *= cv_power_of_ten(CV_HOLDOUT_DECIMALS - scale);
	pfree(DatumGetPointer(rounded));
	pfree(DatumGetPointer(exact));
	return (int64) value;
}

/* More than anybody buys in any time: whole days, and as many units as are counted in. */
#define MOST 9e9

/*
 * The prediction in units, as numeric would round it: to 15 digits first.  Equal
 * customers of other models may differ by a bit, and must not be ranked by that.
 */
static int64
in_units(double predicted)
{
	double		units,
				whole,
				off;

	predicted = Min(predicted, MOST);
	units = predicted * CV_HOLDOUT_UNITS;
	whole = rint(units);
	off = fabs(units - whole);
	return off < 0.5 - 1e-14 * fabs(units) - 1e-9 ? (int64) whole : round_as_numeric(predicted);
}

/* The same as the customer before, but for what came later? */
static bool
is_alike(const cv_holdout *a, const cv_holdout *b, const method *m)
{
	return a->x == b->x && a->t_x == b->t_x && a->T == b->T && (m->rule != LAST_PERIOD || a->before == b->before);
}

static cv_forecast *
make_forecasts(const method *m, const cv_holdout *holdouts, size_t n)
{
	cv_forecast *forecasts = palloc_extended(Max(n, 1) * sizeof(cv_forecast), MCXT_ALLOC_HUGE);

	for (size_t i = 0; i < n; i++)
	{
		forecasts[i].of = i;
		if (i > 0 && is_alike(&holdouts[i - 1], &holdouts[i], m))
			forecasts[i].predicted = forecasts[i - 1].predicted;
		else
			forecasts[i].predicted = in_units(predict(m, &holdouts[i]));
		if (i % A_LOOK == 0)
			CHECK_FOR_INTERRUPTS();
	}
	sort_forecasts(forecasts, n);
	return forecasts;
}

static Datum
count(cv_int128 n)
{
	return cv_numeric_make(n, 0);
}

static Datum
units(cv_int128 n)
{
	return cv_numeric_make(n, CV_HOLDOUT_DECIMALS);
}

static Datum
square_units(cv_int128 high, cv_int128 low)
{
	Datum		unit = units(1);
	Datum		all = DirectFunctionCall2(numeric_add, count(low),
										  DirectFunctionCall2(numeric_mul, count(high), count((cv_int128) 1 << 64)));

	return DirectFunctionCall2(numeric_mul, all, DirectFunctionCall2(numeric_mul, unit, unit));
}

static Datum
numbers(const cv_int128 *value, Datum (*number) (cv_int128))
{
	Datum		elements[CV_HOLDOUT_GROUPS];

	for (int i = 0; i < CV_HOLDOUT_GROUPS; i++)
		elements[i] = number(value[i]);
	return PointerGetDatum(construct_array(elements, CV_HOLDOUT_GROUPS, NUMERICOID, -1, false, TYPALIGN_INT));
}

/*
 * (holdouts bytea, days integer, method integer, model): the sums of a method's predictions,
 * of a model's where method is no rule.
 */
CV_SQL_FUNCTION(cv_holdout_sums_row);
Datum
cv_holdout_sums_row(PG_FUNCTION_ARGS)
{
	bytea	   *bytes;
	const cv_holdout *holdouts;
	cv_forecast *forecasts;
	method		m = {0};
	cv_holdout_sums s;
	size_t		n;
	Datum		values[14];
	bool		nulls[14] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	m.days = PG_GETARG_INT32(1);
	if (PG_GETARG_INT32(2) == SAME_RATE || PG_GETARG_INT32(2) == LAST_PERIOD)
		m.rule = PG_GETARG_INT32(2);
	else if (PG_ARGISNULL(3))
		PG_RETURN_NULL();
	else
	{
		cv_model_view_datum(PG_GETARG_DATUM(3), CV_PURCHASE_MODEL, &m.model);
		cv_check_horizon(m.model.family->observation, m.days / CV_WEEK_DAYS);
	}

	bytes = PG_GETARG_BYTEA_P(0);
	holdouts = (const cv_holdout *) VARDATA(bytes);
	n = (VARSIZE(bytes) - VARHDRSZ) / sizeof(cv_holdout);
	if ((VARSIZE(bytes) - VARHDRSZ) % sizeof(cv_holdout) != 0)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("collected holdouts are damaged")));
	for (size_t i = 0; i < n; i++)
		if (holdouts[i].x < 0 || holdouts[i].customers == 0)
			ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("collected holdouts are damaged")));
	forecasts = make_forecasts(&m, holdouts, n);
	cv_holdouts_sum(holdouts, forecasts, n, &s);
	pfree(forecasts);

	values[0] = count(s.customers);
	values[1] = count(s.actual);
	values[2] = count(s.actual_squares);
	values[3] = units(s.predicted);
	values[4] = square_units(s.predicted_squares_high, s.predicted_squares_low);
	values[5] = units(s.products);
	values[6] = units(s.absolute_error);
	values[7] = count(s.top_actual);
	values[8] = count(s.top_customers);
	values[9] = count(s.edge_actual);
	values[10] = count(s.edge_customers);
	values[11] = numbers(s.group_customers, count);
	values[12] = numbers(s.group_actual, count);
	values[13] = numbers(s.group_predicted, units);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(cv_result_row(fcinfo), values, nulls)));
}
