/*
 * value_predict.c - predict(): all predictions of a customer as one row, each
 * computed once; NULL with a reason where there is none.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "pg/model_input.h"
#include "pg/value.h"

/* Columns of customer_prediction. */
enum
{
	PROBABILITY_ALIVE,
	PROBABILITY_ACTIVE_END,
	EXPECTED_PURCHASES,
	DISCOUNTED_PURCHASES,
	EXPECTED_SPEND,
	EXPECTED_VALUE,
	PURCHASE_CYCLE_DAYS,
	REASON,
	COLUMNS
};

typedef struct prediction
{
	double		value[REASON];	/* NaN where there is none */
	const char *reason;			/* NULL where nothing is missing */
} prediction;

static prediction
no_prediction(const char *reason)
{
	prediction	p;

	for (int i = 0; i < REASON; i++)
		p.value[i] = NAN;
	p.reason = reason;
	return p;
}

/* The row; its descriptor is looked up once a query. */
static Datum
prediction_row(FunctionCallInfo fcinfo, const prediction *p)
{
	TupleDesc	desc = fcinfo->flinfo->fn_extra;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	if (desc == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
			desc->natts != COLUMNS)
			elog(ERROR, "return type must be customer_value.customer_prediction");
		desc = BlessTupleDesc(CreateTupleDescCopy(desc));
		fcinfo->flinfo->fn_extra = desc;
		MemoryContextSwitchTo(old);
	}
	for (int i = 0; i < REASON; i++)
	{
		values[i] = Float8GetDatum(p->value[i]);
		nulls[i] = !isfinite(p->value[i]);
	}
	nulls[REASON] = p->reason == NULL;
	values[REASON] = p->reason == NULL ? (Datum) 0 : CStringGetTextDatum(p->reason);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* All predictions of a customer; spend may be NULL. */
static prediction
predict(const cv_model_view *purchase, const cv_model_view *spend, const cv_customer *c,
		const cv_outlook *outlook)
{
	const cv_family *family = purchase->family;
	const double *param = purchase->param;
	prediction	p = no_prediction(NULL);
	double	   *v = p.value;
	cv_prediction all = cv_predict(family, param, c, outlook->horizon, outlook->delta);

	v[PROBABILITY_ALIVE] = all.alive;
	v[PROBABILITY_ACTIVE_END] = all.active;
	v[EXPECTED_PURCHASES] = all.expected;
	v[DISCOUNTED_PURCHASES] = all.discounted;
	v[PURCHASE_CYCLE_DAYS] = family->purchase_cycle(family, param, c) * purchase->unit_days;

	if (!isfinite(v[PROBABILITY_ALIVE] + v[PROBABILITY_ACTIVE_END] + v[EXPECTED_PURCHASES] +
				  v[DISCOUNTED_PURCHASES] + v[PURCHASE_CYCLE_DAYS]))
		p.reason = "out of range";
	else if (spend == NULL)
		p.reason = "no spend model";
	else if (!cv_expected_spend(spend, c, &v[EXPECTED_SPEND]))
	{
		v[EXPECTED_SPEND] = NAN;
		p.reason = "expected spend is not finite";
	}
	else
	{
		v[EXPECTED_VALUE] = v[DISCOUNTED_PURCHASES] * v[EXPECTED_SPEND];
		if (!isfinite(v[EXPECTED_VALUE]))
			p.reason = "out of range";
	}
	return p;
}

/*
 * The models of arguments 0 and 1; false where there is no purchase model.
 * *spend becomes NULL where there is no spend model.
 */
static bool
model_arguments(FunctionCallInfo fcinfo, cv_model_view *purchase, cv_model_view **spend)
{
	if (PG_ARGISNULL(0))
		return false;
	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, purchase);
	if (PG_ARGISNULL(1))
		*spend = NULL;
	else
		cv_model_view_datum(PG_GETARG_DATUM(1), CV_SPEND_MODEL, *spend);
	return true;
}

static Datum
reason_row(FunctionCallInfo fcinfo, const char *reason)
{
	prediction	p = no_prediction(reason);

	return prediction_row(fcinfo, &p);
}

/* predict(purchase_model, spend_model, history, as_of, horizon interval, rate) */
CV_SQL_FUNCTION(cv_predict_history);
Datum
cv_predict_history(PG_FUNCTION_ARGS)
{
	cv_model_view purchase,
				spend_view,
			   *spend = &spend_view;
	cv_customer c;
	cv_outlook	outlook;
	DateADT		as_of;
	prediction	p;

	if (!model_arguments(fcinfo, &purchase, &spend))
		return reason_row(fcinfo, "not fitted");
	if (PG_ARGISNULL(3))
		return reason_row(fcinfo, "no as-of day");
	if (PG_ARGISNULL(4))
		return reason_row(fcinfo, "no horizon");
	if (PG_ARGISNULL(5))
		return reason_row(fcinfo, "no discount rate");
	as_of = PG_GETARG_DATEADT(3);
	cv_check_as_of(as_of);
	outlook = cv_outlook_of(&purchase, cv_horizon_of(&purchase, as_of, PG_GETARG_INTERVAL_P(4)),
							cv_log_discount(PG_GETARG_FLOAT8(5)));
	if (PG_ARGISNULL(2) || !cv_customer_of(&purchase, PG_GETARG_DATUM(2), as_of, &c))
		return reason_row(fcinfo, "no purchase yet");
	p = predict(&purchase, spend, &c, &outlook);
	return prediction_row(fcinfo, &p);
}

/* predict(purchase_model, spend_model, x, t_x, t, m, horizon, rate) */
CV_SQL_FUNCTION(cv_predict_summary);
Datum
cv_predict_summary(PG_FUNCTION_ARGS)
{
	cv_model_view purchase,
				spend_view,
			   *spend = &spend_view;
	cv_customer c;
	cv_outlook	outlook;
	prediction	p;

	if (!model_arguments(fcinfo, &purchase, &spend))
		return reason_row(fcinfo, "not fitted");
	if (PG_ARGISNULL(6))
		return reason_row(fcinfo, "no horizon");
	if (PG_ARGISNULL(7))
		return reason_row(fcinfo, "no discount rate");
	cv_check_horizon(purchase.family->observation, PG_GETARG_FLOAT8(6));
	outlook = cv_outlook_of(&purchase, PG_GETARG_FLOAT8(6), cv_log_discount(PG_GETARG_FLOAT8(7)));
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		return reason_row(fcinfo, "no purchase yet");
	c.x = PG_GETARG_FLOAT8(2);
	c.t_x = PG_GETARG_FLOAT8(3);
	c.T = PG_GETARG_FLOAT8(4);
	c.m = PG_ARGISNULL(5) ? 0 : PG_GETARG_FLOAT8(5);
	cv_check_customer(&purchase, &c);
	cv_check_spend_summary(c.x, c.m);
	if (PG_ARGISNULL(5) && c.x > 0)
		spend = NULL;
	p = predict(&purchase, spend, &c, &outlook);
	if (p.reason != NULL && spend == NULL && !PG_ARGISNULL(1))
		p.reason = "no mean amount";
	return prediction_row(fcinfo, &p);
}

/* predict(purchase_model, spend_model, horizon interval, rate): a new customer */
CV_SQL_FUNCTION(cv_predict_new);
Datum
cv_predict_new(PG_FUNCTION_ARGS)
{
	cv_model_view purchase,
				spend_view,
			   *spend = &spend_view;
	cv_outlook	outlook;
	prediction	p;

	if (!model_arguments(fcinfo, &purchase, &spend))
		return reason_row(fcinfo, "not fitted");
	if (PG_ARGISNULL(2))
		return reason_row(fcinfo, "no horizon");
	if (PG_ARGISNULL(3))
		return reason_row(fcinfo, "no discount rate");
	outlook = cv_outlook_of(&purchase, cv_newcomer_horizon(&purchase, PG_GETARG_INTERVAL_P(2)),
							cv_log_discount(PG_GETARG_FLOAT8(3)));
	p = predict(&purchase, spend, &cv_new_customer, &outlook);
	return prediction_row(fcinfo, &p);
}
