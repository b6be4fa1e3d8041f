/*
 * value.c - predictions for one customer, one number each: alive, purchases,
 * spend, lifetime value.  Each has an entrance for a purchase history as of a
 * day, one for a summary (x, t_x, T[, m]) and, where it makes sense, one for a
 * customer who is new today.
 */
#include "postgres.h"

#include <math.h>

#include "common/shortest_dec.h"

#include "pg/model_input.h"
#include "pg/value.h"

double
cv_purchases_ahead(const cv_model_view *model, const cv_customer *c, const cv_outlook *outlook)
{
	return cv_discounted_purchases(model->family, model->param, c, outlook->horizon, outlook->delta);
}

bool
cv_expected_spend(const cv_model_view *model, const cv_customer *c, double *spend)
{
	return model->family->expected_spend(model->family, model->param, c->x, c->m, spend) && isfinite(*spend);
}

/* probability_alive(model, history, as_of), (model, x, t_x, t) */
static Datum
probability_alive(FunctionCallInfo fcinfo, cv_entrance read)
{
	cv_question q;

	if (!read(fcinfo, false, &q))
		PG_RETURN_NULL();
	return cv_finite_result(q.model.family->probability_alive(q.model.family, q.model.param, &q.c));
}

CV_SQL_FUNCTION(cv_probability_alive_history);
Datum
cv_probability_alive_history(PG_FUNCTION_ARGS)
{
	return probability_alive(fcinfo, cv_by_history);
}

CV_SQL_FUNCTION(cv_probability_alive_summary);
Datum
cv_probability_alive_summary(PG_FUNCTION_ARGS)
{
	return probability_alive(fcinfo, cv_by_summary);
}

/* probability_active(model, ..., horizon) */
static Datum
probability_active(FunctionCallInfo fcinfo, cv_entrance read)
{
	cv_question q;

	if (!read(fcinfo, true, &q))
		PG_RETURN_NULL();
	return cv_finite_result(cv_probability_active(q.model.family, q.model.param, &q.c, q.t));
}

CV_ENTRANCES(probability_active)

/* expected_purchases(model, ..., horizon) */
static Datum
expected_purchases(FunctionCallInfo fcinfo, cv_entrance read)
{
	cv_question q;

	if (!read(fcinfo, true, &q))
		PG_RETURN_NULL();
	return cv_finite_result(cv_expected_purchases(q.model.family, q.model.param, &q.c, q.t));
}

CV_ENTRANCES(expected_purchases)

/* discounted_purchases(model, ..., horizon, rate) */
static Datum
discounted_purchases(FunctionCallInfo fcinfo, cv_entrance read)
{
	cv_question q;
	cv_outlook	outlook;

	if (!read(fcinfo, true, &q))
		PG_RETURN_NULL();
	outlook = cv_outlook_of(&q.model, q.t, cv_log_discount(PG_GETARG_FLOAT8(q.next)));
	return cv_finite_result(cv_purchases_ahead(&q.model, &q.c, &outlook));
}

CV_ENTRANCES(discounted_purchases)

/* dert(model, ..., rate): discounted over an endless horizon */
static Datum
dert(FunctionCallInfo fcinfo, cv_entrance read)
{
	cv_question q;
	cv_outlook	outlook;
	double		rate;

	if (!read(fcinfo, false, &q))
		PG_RETURN_NULL();
	rate = PG_GETARG_FLOAT8(q.next);
	outlook = cv_outlook_of(&q.model, INFINITY, cv_log_discount(rate));
	if (!(outlook.delta > 0))
	{
		char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

		double_to_shortest_decimal_buf(rate, digits);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("annual discount rate must be positive where there is no horizon"),
				 errdetail("The rate is %s; without a discount endlessly many purchases may be expected.", digits),
				 errhint("Pass a share a year, for example 0.1 for ten percent, or ask discounted_purchases() over a horizon.")));
	}
	return cv_finite_result(cv_purchases_ahead(&q.model, &q.c, &outlook));
}

CV_ENTRANCES(dert)

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
	return cv_finite_result(cv_purchases_ahead(purchase, c, outlook) * each);
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

	both_models(fcinfo, &purchase, &spend);
	if (!cv_customer_of(&purchase, PG_GETARG_DATUM(2), as_of, &c))
		PG_RETURN_NULL();
	outlook = cv_outlook_of(&purchase, cv_horizon_of(&purchase, as_of, PG_GETARG_INTERVAL_P(4)), log_discount);
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
	c = (cv_customer) {PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3), PG_GETARG_FLOAT8(4)};
	both_models(fcinfo, &purchase, &spend);
	cv_check_customer(&purchase, &c);
	if (!mean_argument(fcinfo, 5, &c))
		PG_RETURN_NULL();
	cv_check_horizon(purchase.family->observation, PG_GETARG_FLOAT8(6));
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

	both_models(fcinfo, &purchase, &spend);
	outlook = cv_outlook_of(&purchase, cv_newcomer_horizon(&purchase, PG_GETARG_INTERVAL_P(2)), log_discount);
	return lifetime_value(fcinfo, &purchase, &spend, &cv_new_customer, &outlook);
}
