/*
 * value.c - predictions for one customer, one number each: alive, purchases,
 * spend, lifetime value.  Each has an entrance for a purchase history as of a
 * day, one for a summary (x, t_x, T[, m]) and, where it makes sense, one for a
 * customer who is new today.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "pg/compat.h"
#include "pg/history.h"
#include "pg/model_input.h"
#include "pg/value.h"

cv_outlook
cv_outlook_of(const cv_model_view *model, double horizon, double log_discount)
{
	cv_outlook	outlook = {horizon, log_discount * model->unit_days / CV_YEAR_DAYS};

	return outlook;
}

double
cv_discounted_purchases(const cv_model_view *model, const cv_customer *c,
						const cv_outlook *outlook)
{
	return model->family->discounted_purchases(model->family, model->param, c, outlook->horizon,
											   outlook->delta);
}

bool
cv_expected_spend(const cv_model_view *model, const cv_customer *c, double *spend)
{
	return model->family->expected_spend(model->family, model->param, c->x, c->m, spend) && isfinite(*spend);
}

bool
cv_customer_of(const cv_model_view *model, Datum history, int32 as_of, cv_customer *c)
{
	cv_summary	s;

	cv_check_as_of(as_of);
	if (!cv_history_datum_summary(history, as_of, &s))
		return false;
	c->x = (double) s.x;
	c->t_x = s.t_x_days / model->unit_days;
	c->T = s.T_days / model->unit_days;
	c->m = s.m;
	return true;
}

/* The customer of three arguments x, t_x, T that begin at arg. */
static cv_customer
summary_argument(FunctionCallInfo fcinfo, int arg)
{
	cv_customer c = {PG_GETARG_FLOAT8(arg), PG_GETARG_FLOAT8(arg + 1), PG_GETARG_FLOAT8(arg + 2)};

	cv_check_purchase_summary(c.x, c.t_x, c.T);
	return c;
}

/* Nothing that is not a number leaves a function as if it were one. */
static Datum
finite_result(double value)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("prediction is out of range"),
				 errdetail("The parameters of the model, the horizon or the discount rate are too extreme.")));
	return Float8GetDatum(value);
}

/* probability_alive(model, history, as_of) */
CV_SQL_FUNCTION(cv_probability_alive_history);
Datum
cv_probability_alive_history(PG_FUNCTION_ARGS)
{
	cv_model_view model;
	cv_customer c;

	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, &model);
	if (!cv_customer_of(&model, PG_GETARG_DATUM(1), PG_GETARG_DATEADT(2), &c))
		PG_RETURN_NULL();
	return finite_result(model.family->probability_alive(model.family, model.param, &c));
}

/* probability_alive(model, x, t_x, t) */
CV_SQL_FUNCTION(cv_probability_alive_summary);
Datum
cv_probability_alive_summary(PG_FUNCTION_ARGS)
{
	cv_model_view model;
	cv_customer c = summary_argument(fcinfo, 1);

	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, &model);
	return finite_result(model.family->probability_alive(model.family, model.param, &c));
}

/* What a family says of a customer over a horizon in time units. */
typedef double (*over_horizon) (const cv_family *family, const double *param,
								const cv_customer *c, double t);

/* Arguments (model, history, as_of, horizon interval); which picks the prediction of the family. */
static Datum
over_horizon_of_history(FunctionCallInfo fcinfo, over_horizon (*which) (const cv_family *))
{
	cv_model_view model;
	cv_customer c;
	DateADT		as_of = PG_GETARG_DATEADT(2);
	double		days;

	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, &model);
	if (!cv_customer_of(&model, PG_GETARG_DATUM(1), as_of, &c))
		PG_RETURN_NULL();
	days = cv_horizon_days(as_of, PG_GETARG_INTERVAL_P(3));
	return finite_result(which(model.family) (model.family, model.param, &c, days / model.unit_days));
}

/* Arguments (model, x, t_x, t, horizon in time units). */
static Datum
over_horizon_of_summary(FunctionCallInfo fcinfo, over_horizon (*which) (const cv_family *))
{
	cv_model_view model;
	cv_customer c = summary_argument(fcinfo, 1);

	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, &model);
	cv_check_horizon(PG_GETARG_FLOAT8(4));
	return finite_result(which(model.family) (model.family, model.param, &c, PG_GETARG_FLOAT8(4)));
}

static over_horizon
activity(const cv_family *family)
{
	return family->probability_active;
}

static over_horizon
purchases(const cv_family *family)
{
	return family->expected_purchases;
}

/* probability_active(model, history, as_of, horizon interval) */
CV_SQL_FUNCTION(cv_probability_active_history);
Datum
cv_probability_active_history(PG_FUNCTION_ARGS)
{
	return over_horizon_of_history(fcinfo, activity);
}

/* probability_active(model, x, t_x, t, horizon) */
CV_SQL_FUNCTION(cv_probability_active_summary);
Datum
cv_probability_active_summary(PG_FUNCTION_ARGS)
{
	return over_horizon_of_summary(fcinfo, activity);
}

/* expected_purchases(model, history, as_of, horizon interval) */
CV_SQL_FUNCTION(cv_expected_purchases_history);
Datum
cv_expected_purchases_history(PG_FUNCTION_ARGS)
{
	return over_horizon_of_history(fcinfo, purchases);
}

/* expected_purchases(model, x, t_x, t, horizon) */
CV_SQL_FUNCTION(cv_expected_purchases_summary);
Datum
cv_expected_purchases_summary(PG_FUNCTION_ARGS)
{
	return over_horizon_of_summary(fcinfo, purchases);
}

/* expected_purchases(model, horizon interval): of a customer who is new today */
CV_SQL_FUNCTION(cv_expected_purchases_new);
Datum
cv_expected_purchases_new(PG_FUNCTION_ARGS)
{
	cv_model_view model;
	double		days;

	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, &model);
	days = cv_horizon_days(model.as_of, PG_GETARG_INTERVAL_P(1));
	return finite_result(model.family->expected_purchases(model.family, model.param,
														  &cv_new_customer,
														  days / model.unit_days));
}

static Datum
spend_result(FunctionCallInfo fcinfo, const cv_model_view *model, const cv_customer *c)
{
	double		spend;

	if (!cv_expected_spend(model, c, &spend))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(spend);
}

/* expected_spend(model, history, as_of) */
CV_SQL_FUNCTION(cv_expected_spend_history);
Datum
cv_expected_spend_history(PG_FUNCTION_ARGS)
{
	cv_model_view model;
	cv_customer c;

	cv_model_view_datum(PG_GETARG_DATUM(0), CV_SPEND_MODEL, &model);
	if (!cv_customer_of(&model, PG_GETARG_DATUM(1), PG_GETARG_DATEADT(2), &c))
		PG_RETURN_NULL();
	return spend_result(fcinfo, &model, &c);
}

/* The m of a summary, which may be null where x is 0; false where it is missing. */
static bool
mean_argument(FunctionCallInfo fcinfo, int arg, cv_customer *c)
{
	if (PG_ARGISNULL(arg))
	{
		c->m = 0;
		return c->x == 0;
	}
	c->m = PG_GETARG_FLOAT8(arg);
	cv_check_spend_summary(c->x, c->m);
	return true;
}

/* expected_spend(model, x, m) */
CV_SQL_FUNCTION(cv_expected_spend_summary);
Datum
cv_expected_spend_summary(PG_FUNCTION_ARGS)
{
	cv_model_view model;
	cv_customer c = {0};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	c.x = PG_GETARG_FLOAT8(1);
	if (!mean_argument(fcinfo, 2, &c))
		PG_RETURN_NULL();
	cv_check_spend_summary(c.x, c.m);
	cv_model_view_datum(PG_GETARG_DATUM(0), CV_SPEND_MODEL, &model);
	return spend_result(fcinfo, &model, &c);
}

/* expected_spend(model): of a customer who is new today */
CV_SQL_FUNCTION(cv_expected_spend_new);
Datum
cv_expected_spend_new(PG_FUNCTION_ARGS)
{
	cv_model_view model;

	cv_model_view_datum(PG_GETARG_DATUM(0), CV_SPEND_MODEL, &model);
	return spend_result(fcinfo, &model, &cv_new_customer);
}

static void
both_models(FunctionCallInfo fcinfo, cv_model_view *purchase, cv_model_view *spend)
{
	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, purchase);
	cv_model_view_datum(PG_GETARG_DATUM(1), CV_SPEND_MODEL, spend);
}

static Datum
lifetime_value(FunctionCallInfo fcinfo, const cv_model_view *purchase,
			   const cv_model_view *spend, const cv_customer *c, const cv_outlook *outlook)
{
	double		each;

	if (!cv_expected_spend(spend, c, &each))
		PG_RETURN_NULL();
	return finite_result(cv_discounted_purchases(purchase, c, outlook) * each);
}

/* lifetime_value(purchase_model, spend_model, history, as_of, horizon interval, rate) */
CV_SQL_FUNCTION(cv_lifetime_value_history);
Datum
cv_lifetime_value_history(PG_FUNCTION_ARGS)
{
	cv_model_view purchase,
				spend;
	cv_customer c;
	cv_outlook	outlook;
	DateADT		as_of = PG_GETARG_DATEADT(3);
	double		log_discount = cv_log_discount(PG_GETARG_FLOAT8(5));
	double		days;

	both_models(fcinfo, &purchase, &spend);
	if (!cv_customer_of(&purchase, PG_GETARG_DATUM(2), as_of, &c))
		PG_RETURN_NULL();
	days = cv_horizon_days(as_of, PG_GETARG_INTERVAL_P(4));
	outlook = cv_outlook_of(&purchase, days / purchase.unit_days, log_discount);
	return lifetime_value(fcinfo, &purchase, &spend, &c, &outlook);
}

/* lifetime_value(purchase_model, spend_model, x, t_x, t, m, horizon, rate) */
CV_SQL_FUNCTION(cv_lifetime_value_summary);
Datum
cv_lifetime_value_summary(PG_FUNCTION_ARGS)
{
	cv_model_view purchase,
				spend;
	cv_customer c;
	cv_outlook	outlook;

	for (int i = 0; i < 8; i++)
		if (PG_ARGISNULL(i) && i != 5)
			PG_RETURN_NULL();
	c = summary_argument(fcinfo, 2);
	if (!mean_argument(fcinfo, 5, &c))
		PG_RETURN_NULL();
	both_models(fcinfo, &purchase, &spend);
	cv_check_horizon(PG_GETARG_FLOAT8(6));
	outlook = cv_outlook_of(&purchase, PG_GETARG_FLOAT8(6), cv_log_discount(PG_GETARG_FLOAT8(7)));
	return lifetime_value(fcinfo, &purchase, &spend, &c, &outlook);
}

/* lifetime_value(purchase_model, spend_model, horizon interval, rate): of a new customer */
CV_SQL_FUNCTION(cv_lifetime_value_new);
Datum
cv_lifetime_value_new(PG_FUNCTION_ARGS)
{
	cv_model_view purchase,
				spend;
	cv_outlook	outlook;
	double		log_discount = cv_log_discount(PG_GETARG_FLOAT8(3));
	double		days;

	both_models(fcinfo, &purchase, &spend);
	days = cv_horizon_days(purchase.as_of, PG_GETARG_INTERVAL_P(2));
	outlook = cv_outlook_of(&purchase, days / purchase.unit_days, log_discount);
	return lifetime_value(fcinfo, &purchase, &spend, &cv_new_customer, &outlook);
}
