/*
 * value_counts.c - how many purchases, with what chance, and when the next one.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"

#include "core/next_purchase.h"
#include "pg/value.h"

/* P(n purchases within the horizon) */
static double
chance_of(const cv_question *q, double n)
{
	const cv_family *family = q->model.family;

	return family->count_probability(family, q->model.param, &q->c, q->t, n);
}

/* A count that is not negative, argument arg. */
static int32
count_argument(FunctionCallInfo fcinfo, int arg)
{
	int32		n = PG_GETARG_INT32(arg);

	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of purchases must not be negative"),
				 errdetail("The number is %d.", n),
				 errhint("Pass 0 for no purchase, 1 for one, and so on.")));
	return n;
}

/* probability_no_purchase(model, ..., horizon) */
static Datum
probability_no_purchase(FunctionCallInfo fcinfo, cv_entrance read)
{
	cv_question q;

	if (!read(fcinfo, true, &q))
		PG_RETURN_NULL();
	return cv_finite_result(chance_of(&q, 0));
}

CV_ENTRANCES(probability_no_purchase)

/* probability_of_purchases(model, ..., horizon, purchases) */
static Datum
probability_of_purchases(FunctionCallInfo fcinfo, cv_entrance read)
{
	cv_question q;

	if (!read(fcinfo, true, &q))
		PG_RETURN_NULL();
	return cv_finite_result(chance_of(&q, count_argument(fcinfo, q.next)));
}

CV_ENTRANCES(probability_of_purchases)

/* purchase_distribution(model, ..., horizon, max_purchases): one row a number of purchases */
static Datum
purchase_distribution(FunctionCallInfo fcinfo, cv_entrance read)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	cv_question q;
	int32		last;
	double		cumulative = 0;

	InitMaterializedSRF(fcinfo, 0);
	if (!read(fcinfo, true, &q))
		return (Datum) 0;
	last = count_argument(fcinfo, q.next);
	for (int64 n = 0; n <= last; n++)
	{
		double		chance = chance_of(&q, n);
		Datum		values[3];
		bool		nulls[3] = {false};

		CHECK_FOR_INTERRUPTS();
		cumulative = Min(1, cumulative + chance);
		values[0] = Int32GetDatum((int32) n);
		values[1] = cv_finite_result(chance);
		values[2] = Float8GetDatum(cumulative);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}

CV_ENTRANCES(purchase_distribution)

/* The expected time to the next purchase, in time units; false where a purchase within the horizon is next to impossible. */
static bool
next_purchase(const cv_question *q, double *t)
{
	*t = cv_expected_next_purchase(q->model.family, q->model.param, &q->c, q->t);
	return !isnan(*t);
}

/* next_purchase_day(model, history, as_of, horizon), (model, horizon) */
static Datum
next_purchase_day(FunctionCallInfo fcinfo, cv_entrance read)
{
	cv_question q;
	double		t;

	if (!read(fcinfo, true, &q) || q.as_of == CV_NO_DAY || !next_purchase(&q, &t))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(cv_day_ahead(&q.model, q.as_of, t));
}

CV_SQL_FUNCTION(cv_next_purchase_day_history);
Datum
cv_next_purchase_day_history(PG_FUNCTION_ARGS)
{
	return next_purchase_day(fcinfo, cv_by_history);
}

CV_SQL_FUNCTION(cv_next_purchase_day_new);
Datum
cv_next_purchase_day_new(PG_FUNCTION_ARGS)
{
	return next_purchase_day(fcinfo, cv_by_newcomer);
}

/* expected_next_purchase(model, x, t_x, t, horizon) */
CV_SQL_FUNCTION(cv_expected_next_purchase_summary);
Datum
cv_expected_next_purchase_summary(PG_FUNCTION_ARGS)
{
	cv_question q;
	double		t;

	if (!cv_by_summary(fcinfo, true, &q) || !next_purchase(&q, &t))
		PG_RETURN_NULL();
	return cv_finite_result(t);
}
