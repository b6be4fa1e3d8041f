/*
 * value_interval.c - how far predictions may be off because the models are
 * estimates: prediction_intervals(), one row a prediction, and predict_interval(),
 * one row a customer with what views show.
 *
 * The purchase and the spend model are fitted apart, so their errors are independent: on the
 * log scale the variances of purchases and of spend add up to that of their product.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "common/shortest_dec.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "core/uncertainty.h"
#include "pg/model_input.h"
#include "pg/value.h"

/* Predictions, in the order of rows. */
typedef enum kind
{
	PROBABILITY_ALIVE,
	PROBABILITY_ACTIVE_END,
	EXPECTED_PURCHASES,
	DISCOUNTED_PURCHASES,
	DERT,
	PROBABILITY_NO_PURCHASE,
	EXPECTED_SPEND,
	EXPECTED_VALUE,
	KINDS
} kind;

static const struct
{
	const char *name;
	cv_scale	scale;
}			facts[KINDS] = {
	[PROBABILITY_ALIVE] = {"probability_alive", CV_SCALE_LOGIT},
	[PROBABILITY_ACTIVE_END] = {"probability_active_end", CV_SCALE_LOGIT},
	[EXPECTED_PURCHASES] = {"expected_purchases", CV_SCALE_LOG},
	[DISCOUNTED_PURCHASES] = {"discounted_purchases", CV_SCALE_LOG},
	[DERT] = {"dert", CV_SCALE_LOG},
	[PROBABILITY_NO_PURCHASE] = {"probability_no_purchase", CV_SCALE_LOGIT},
	[EXPECTED_SPEND] = {"expected_spend", CV_SCALE_LOG},
	[EXPECTED_VALUE] = {"expected_value", CV_SCALE_LOG}
};

/* The kinds that predict_interval() shows, as bits. */
#define SHOWN (1 << PROBABILITY_ALIVE | 1 << EXPECTED_PURCHASES | 1 << DISCOUNTED_PURCHASES | \
			   1 << EXPECTED_SPEND | 1 << EXPECTED_VALUE)

/* A model with what its predictions' uncertainty needs. */
typedef struct estimated_model
{
	cv_model_view view;
	bool		has_cov;
	int			n;
	double		cov[CV_MAX_PARAMS * CV_MAX_PARAMS];
} estimated_model;

/* What is asked of whom. */
typedef struct request
{
	estimated_model purchase;
	estimated_model spend;
	bool		has_spend;
	cv_customer c;
	cv_outlook	outlook;
	double		z;				/* half the width of intervals, in standard errors */
	unsigned	wanted;			/* bit k: kind k */
} request;

typedef struct outcome
{
	double		estimate[KINDS];	/* NaN where there is none */
	cv_interval interval[KINDS];
} outcome;

static void
read_model(Datum datum, cv_model_kind kind, estimated_model *model)
{
	cv_model	all;

	cv_model_view_datum(datum, kind, &model->view);
	cv_model_from_datum(datum, &all);
	model->has_cov = all.has_cov;
	model->n = all.n_params;
	if (all.has_cov)
		memcpy(model->cov, all.cov, all.n_params * all.n_params * sizeof(double));
}

/* What cv_delta_method() varies: the kinds wanted of one of the models, one after the other. */
static void
purchase_quantities(const double *param, void *arg, double *value)
{
	const request *r = arg;
	const cv_family *family = r->purchase.view.family;
	double		t = r->outlook.horizon,
				delta = r->outlook.delta;
	double		alive;

	/* each of these can take long at an extreme */
	CHECK_FOR_INTERRUPTS();
	alive = family->probability_alive(family, param, &r->c);
	if (r->wanted & 1 << PROBABILITY_ALIVE)
		*value++ = alive;
	if (r->wanted & 1 << PROBABILITY_ACTIVE_END)
		*value++ = alive == 0 ? 0 : alive * family->survival(family, param, &r->c, t);
	if (r->wanted & 1 << EXPECTED_PURCHASES)
		*value++ = alive == 0 ? 0 : alive * family->purchases_if_alive(family, param, &r->c, t, 0);
	if (r->wanted & 1 << DISCOUNTED_PURCHASES)
		*value++ = alive == 0 ? 0 : alive * family->purchases_if_alive(family, param, &r->c, t, delta);
	if (r->wanted & 1 << DERT)
		*value++ = alive == 0 ? 0 : alive * family->purchases_if_alive(family, param, &r->c, INFINITY, delta);
	if (r->wanted & 1 << PROBABILITY_NO_PURCHASE)
		*value++ = family->count_probability(family, param, &r->c, t, 0);
}

static void
spend_quantities(const double *param, void *arg, double *value)
{
	const request *r = arg;
	const cv_family *family = r->spend.view.family;

	if (!family->expected_spend(family, param, r->c.x, r->c.m, value))
		*value = NAN;
}

/* Estimates and variances of the kinds from first to last that are wanted, all of one model. */
static void
estimate(const request *r, const estimated_model *model, cv_quantities quantities,
		 int first, int last, double *value, double *variance)
{
	double		v[CV_MAX_QUANTITIES],
				variances[CV_MAX_QUANTITIES];
	cv_scale	scale[CV_MAX_QUANTITIES];
	int			m = 0;

	if (!(r->wanted & ((2u << last) - (1u << first))))
		return;
	quantities(model->view.param, (void *) r, v);
	for (int k = first; k <= last; k++)
		if (r->wanted & 1 << k)
			scale[m++] = facts[k].scale;
	if (model->has_cov)
		cv_delta_method(model->view.param, model->n, model->cov, quantities, (void *) r, m, scale, variances);
	m = 0;
	for (int k = first; k <= last; k++)
	{
		if (!(r->wanted & 1 << k))
			continue;
		value[k] = v[m];
		variance[k] = model->has_cov ? variances[m] : NAN;
		m++;
	}
}

/* Estimates and variances of what the purchase model says: from slopes where there are any. */
static void
estimate_purchases(request *r, double *value, double *variance)
{
	const cv_model_view *view = &r->purchase.view;
	unsigned	wanted = r->wanted;
	cv_prediction p,
				v;

	if (r->purchase.has_cov)
	{
		p = cv_predict(view->family, view->param, &r->c, r->outlook.horizon, r->outlook.delta);
		if (cv_prediction_variances(view->family, view->param, &r->c, r->outlook.horizon, r->outlook.delta,
									r->purchase.cov, &p, &v))
		{
			value[PROBABILITY_ALIVE] = p.alive;
			value[EXPECTED_PURCHASES] = p.expected;
			value[DISCOUNTED_PURCHASES] = p.discounted;
			variance[PROBABILITY_ALIVE] = v.alive;
			variance[EXPECTED_PURCHASES] = v.expected;
			variance[DISCOUNTED_PURCHASES] = v.discounted;
			r->wanted &= ~(1 << PROBABILITY_ALIVE | 1 << EXPECTED_PURCHASES | 1 << DISCOUNTED_PURCHASES);
		}
	}
	estimate(r, &r->purchase, purchase_quantities, 0, PROBABILITY_NO_PURCHASE, value, variance);
	r->wanted = wanted;
}

static outcome
answer(request *r)
{
	outcome		o;
	double		variance[KINDS];

	if (!(r->outlook.delta > 0))
		r->wanted &= ~(1 << DERT);
	for (int k = 0; k < KINDS; k++)
		o.estimate[k] = variance[k] = NAN;
	estimate_purchases(r, o.estimate, variance);
	if (r->has_spend)
	{
		estimate(r, &r->spend, spend_quantities, EXPECTED_SPEND, EXPECTED_SPEND, o.estimate, variance);
		o.estimate[EXPECTED_VALUE] = o.estimate[DISCOUNTED_PURCHASES] * o.estimate[EXPECTED_SPEND];
		variance[EXPECTED_VALUE] = o.estimate[EXPECTED_VALUE] == 0 ? 0 :
			variance[DISCOUNTED_PURCHASES] + variance[EXPECTED_SPEND];
	}
	for (int k = 0; k < KINDS; k++)
		o.interval[k] = cv_interval_of(o.estimate[k], facts[k].scale, variance[k], r->z);
	return o;
}

/* The confidence of argument arg as half a width in standard errors. */
static double
confidence_argument(FunctionCallInfo fcinfo, int arg)
{
	double		confidence = PG_GETARG_FLOAT8(arg);

	if (!(confidence > 0 && confidence < 1))
	{
		char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

		double_to_shortest_decimal_buf(confidence, digits);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence must lie between 0 and 1"),
				 errdetail("The confidence is %s.", digits),
				 errhint("Pass a share, for example 0.95 for intervals that hold in 95 of 100 cases.")));
	}
	return cv_normal_bound(confidence);
}

/*
 * The three entrances: after both models, of which that of spend may be NULL, come
 * (history, as_of, horizon interval), (x, t_x, t, m, horizon) or (horizon interval), then
 * rate and confidence.  Returns why there is nothing to say, or NULL.
 */
typedef const char *(*entrance) (FunctionCallInfo fcinfo, request *r);

static const char *
read_models(FunctionCallInfo fcinfo, request *r)
{
	if (PG_ARGISNULL(0))
		return "not fitted";
	read_model(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, &r->purchase);
	r->has_spend = !PG_ARGISNULL(1);
	if (r->has_spend)
		read_model(PG_GETARG_DATUM(1), CV_SPEND_MODEL, &r->spend);
	return NULL;
}

/* Rate and confidence, the arguments from arg on; the horizon in units was read before. */
static const char *
read_outlook(FunctionCallInfo fcinfo, int arg, double horizon, request *r)
{
	if (PG_ARGISNULL(arg))
		return "no discount rate";
	if (PG_ARGISNULL(arg + 1))
		return "no confidence";
	r->outlook = cv_outlook_of(&r->purchase.view, horizon, cv_log_discount(PG_GETARG_FLOAT8(arg)));
	r->z = confidence_argument(fcinfo, arg + 1);
	return NULL;
}

static const char *
by_history(FunctionCallInfo fcinfo, request *r)
{
	const char *missing = read_models(fcinfo, r);
	DateADT		as_of;

	if (missing)
		return missing;
	if (PG_ARGISNULL(3))
		return "no as-of day";
	if (PG_ARGISNULL(4))
		return "no horizon";
	as_of = PG_GETARG_DATEADT(3);
	cv_check_as_of(as_of);
	missing = read_outlook(fcinfo, 5, cv_horizon_of(&r->purchase.view, as_of, PG_GETARG_INTERVAL_P(4)), r);
	if (missing)
		return missing;
	if (PG_ARGISNULL(2) || !cv_customer_of(&r->purchase.view, PG_GETARG_DATUM(2), as_of, &r->c))
		return "no purchase yet";
	return NULL;
}

static const char *
by_summary(FunctionCallInfo fcinfo, request *r)
{
	const char *missing = read_models(fcinfo, r);

	if (missing)
		return missing;
	if (PG_ARGISNULL(6))
		return "no horizon";
	cv_check_horizon(r->purchase.view.family->observation, PG_GETARG_FLOAT8(6));
	missing = read_outlook(fcinfo, 7, PG_GETARG_FLOAT8(6), r);
	if (missing)
		return missing;
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		return "no purchase yet";
	r->c = (cv_customer) {PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3), PG_GETARG_FLOAT8(4)};
	cv_check_customer(&r->purchase.view, &r->c);
	if (!PG_ARGISNULL(5))
		cv_check_spend_summary(r->c.x, r->c.m = PG_GETARG_FLOAT8(5));
	else if (r->c.x > 0)
		r->has_spend = false;
	return NULL;
}

static const char *
by_newcomer(FunctionCallInfo fcinfo, request *r)
{
	const char *missing = read_models(fcinfo, r);

	if (missing)
		return missing;
	if (PG_ARGISNULL(2))
		return "no horizon";
	missing = read_outlook(fcinfo, 3, cv_newcomer_horizon(&r->purchase.view, PG_GETARG_INTERVAL_P(2)), r);
	if (missing)
		return missing;
	r->c = cv_new_customer;
	return NULL;
}

/* prediction_intervals(purchase_model, spend_model, ..., horizon, rate, confidence) */
static Datum
prediction_intervals(FunctionCallInfo fcinfo, entrance read)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	request		r = {.wanted = (1 << KINDS) - 1};
	outcome		o;

	InitMaterializedSRF(fcinfo, 0);
	if (read(fcinfo, &r))
		return (Datum) 0;
	o = answer(&r);
	for (int k = 0; k < KINDS; k++)
	{
		double		column[] = {o.estimate[k], o.interval[k].standard_error, o.interval[k].low, o.interval[k].high};
		Datum		values[5] = {CStringGetTextDatum(facts[k].name)};
		bool		nulls[5] = {false};

		if (!(r.wanted & 1 << k) || (!r.has_spend && k >= EXPECTED_SPEND))
			continue;
		for (int i = 0; i < 4; i++)
		{
			values[1 + i] = Float8GetDatum(column[i]);
			nulls[1 + i] = !isfinite(column[i]);
		}
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Columns of customer_prediction_interval before its reason. */
#define NUMBERS 8

/* The row; its descriptor is looked up once a query. */
static Datum
interval_row(FunctionCallInfo fcinfo, const double *number, const char *reason)
{
	TupleDesc	desc = fcinfo->flinfo->fn_extra;
	Datum		values[NUMBERS + 1];
	bool		nulls[NUMBERS + 1];

	if (desc == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
			desc->natts != NUMBERS + 1)
			elog(ERROR, "return type must be customer_value.customer_prediction_interval");
		desc = BlessTupleDesc(CreateTupleDescCopy(desc));
		fcinfo->flinfo->fn_extra = desc;
		MemoryContextSwitchTo(old);
	}
	for (int i = 0; i < NUMBERS; i++)
	{
		values[i] = Float8GetDatum(number[i]);
		nulls[i] = !isfinite(number[i]);
	}
	nulls[NUMBERS] = reason == NULL;
	values[NUMBERS] = reason == NULL ? (Datum) 0 : CStringGetTextDatum(reason);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* Why some number is missing, the first reason there is; NULL where none is. */
static const char *
why_missing(const request *r, const outcome *o, bool mean_missing)
{
	if (!r->purchase.has_cov)
		return "no standard errors";
	if (!isfinite(o->interval[PROBABILITY_ALIVE].high + o->interval[EXPECTED_PURCHASES].high))
		return "out of range";
	if (mean_missing)
		return "no mean amount";
	if (!r->has_spend)
		return "no spend model";
	if (!isfinite(o->estimate[EXPECTED_SPEND]))
		return "expected spend is not finite";
	if (!r->spend.has_cov)
		return "no standard errors";
	return isfinite(o->interval[EXPECTED_VALUE].high) ? NULL : "out of range";
}

/* predict_interval(purchase_model, spend_model, ..., horizon, rate, confidence) */
static Datum
predict_interval(FunctionCallInfo fcinfo, entrance read)
{
	request		r = {.wanted = SHOWN};
	const char *missing = read(fcinfo, &r);
	double		number[NUMBERS];
	outcome		o;

	if (missing)
	{
		for (int i = 0; i < NUMBERS; i++)
			number[i] = NAN;
		return interval_row(fcinfo, number, missing);
	}
	o = answer(&r);
	number[0] = o.interval[PROBABILITY_ALIVE].low;
	number[1] = o.interval[PROBABILITY_ALIVE].high;
	number[2] = o.interval[EXPECTED_PURCHASES].standard_error;
	number[3] = o.interval[EXPECTED_PURCHASES].low;
	number[4] = o.interval[EXPECTED_PURCHASES].high;
	number[5] = o.interval[EXPECTED_VALUE].standard_error;
	number[6] = o.interval[EXPECTED_VALUE].low;
	number[7] = o.interval[EXPECTED_VALUE].high;
	return interval_row(fcinfo, number, why_missing(&r, &o, !r.has_spend && !PG_ARGISNULL(1)));
}

#define ENTRANCE(name, function, entrance) \
	CV_SQL_FUNCTION(name); \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		return function(fcinfo, entrance); \
	}

ENTRANCE(cv_prediction_intervals_history, prediction_intervals, by_history)
ENTRANCE(cv_prediction_intervals_summary, prediction_intervals, by_summary)
ENTRANCE(cv_prediction_intervals_new, prediction_intervals, by_newcomer)
ENTRANCE(cv_predict_interval_history, predict_interval, by_history)
ENTRANCE(cv_predict_interval_summary, predict_interval, by_summary)
ENTRANCE(cv_predict_interval_new, predict_interval, by_newcomer)
