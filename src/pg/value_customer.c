/*
 * value_customer.c - from arguments to what a model understands: the customer of a
 * history or a summary, the horizon, the discount rate, and back to days.
 */
#include "postgres.h"

#include <math.h>

#include "pg/history.h"
#include "pg/model_input.h"
#include "pg/value.h"

/* The period of a model that counts opportunities. */
static cv_period
period_of(const cv_model_view *model)
{
	if (!cv_period_is_valid(model->period))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the model does not say how long a period is"),
				 errdetail("Family %s counts periods with and without a purchase.", model->family->name),
				 errhint("Fit it with the option period, or write it into the text of the model: period=1 month.")));
	return model->period;
}

bool
cv_customer_of(const cv_model_view *model, Datum history, DateADT as_of, cv_customer *c)
{
	cv_summary	s;

	cv_check_as_of(as_of);
	if (model->family->observation == CV_OPPORTUNITIES)
	{
		cv_opportunities o;

		if (!cv_history_datum_opportunities(history, as_of, period_of(model), &o))
			return false;
		*c = (cv_customer) {(double) o.x, (double) o.t_x, (double) o.n, o.m};
		return true;
	}
	if (!cv_history_datum_summary(history, as_of, &s))
		return false;
	c->x = (double) s.x;
	c->t_x = s.t_x_days / model->unit_days;
	c->T = s.T_days / model->unit_days;
	c->m = s.m;
	return true;
}

void
cv_check_customer(const cv_model_view *model, const cv_customer *c)
{
	cv_check_purchase_summary(model->family->observation, c->x, c->t_x, c->T);
}

double
cv_horizon_of(const cv_model_view *model, DateADT as_of, const Interval *horizon)
{
	double		days = cv_horizon_days(as_of, horizon);
	cv_period	period;
	double		n;

	if (model->family->observation != CV_OPPORTUNITIES)
		return days / model->unit_days;
	period = period_of(model);
	n = as_of != CV_NO_DAY ? (double) cv_periods_ending(period, as_of, as_of + (int64) days) :
		floor(days / model->unit_days * (1 + 1e-12));
	cv_check_horizon_end(CV_OPPORTUNITIES, n);
	return n;
}

double
cv_newcomer_horizon(const cv_model_view *model, const Interval *horizon)
{
	/* the period under way when they first buy is no opportunity */
	return cv_horizon_of(model, model->family->observation == CV_OPPORTUNITIES ? CV_NO_DAY : model->as_of, horizon);
}

cv_outlook
cv_outlook_of(const cv_model_view *model, double horizon, double log_discount)
{
	cv_outlook	outlook = {horizon, log_discount * model->unit_days / CV_YEAR_DAYS};

	return outlook;
}

DateADT
cv_day_ahead(const cv_model_view *model, DateADT as_of, double t)
{
	double		day = as_of + Max(1, rint(t * model->unit_days));

	if (!(day < (double) DATE_END_JULIAN - POSTGRES_EPOCH_JDATE))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("day is out of range"),
				 errdetail("The day is later than a date can hold."),
				 errhint("Pass a shorter horizon.")));
	return (DateADT) day;
}

Datum
cv_finite_result(double value)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("prediction is out of range"),
				 errdetail("The parameters of the model, the horizon or the discount rate are too extreme."),
				 errhint("Pass a shorter horizon or a rate nearer to 0, and read model_parameters() of the model.")));
	return Float8GetDatum(value);
}

bool
cv_by_history(FunctionCallInfo fcinfo, bool with_horizon, cv_question *q)
{
	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, &q->model);
	q->as_of = PG_GETARG_DATEADT(2);
	if (!cv_customer_of(&q->model, PG_GETARG_DATUM(1), q->as_of, &q->c))
		return false;
	q->t = with_horizon ? cv_horizon_of(&q->model, q->as_of, PG_GETARG_INTERVAL_P(3)) : 0;
	q->next = with_horizon ? 4 : 3;
	return true;
}

bool
cv_by_summary(FunctionCallInfo fcinfo, bool with_horizon, cv_question *q)
{
	q->c = (cv_customer) {PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3)};
	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, &q->model);
	cv_check_customer(&q->model, &q->c);
	q->as_of = CV_NO_DAY;
	q->t = with_horizon ? PG_GETARG_FLOAT8(4) : 0;
	if (with_horizon)
		cv_check_horizon(q->model.family->observation, q->t);
	q->next = with_horizon ? 5 : 4;
	return true;
}

bool
cv_by_newcomer(FunctionCallInfo fcinfo, bool with_horizon, cv_question *q)
{
	cv_model_view_datum(PG_GETARG_DATUM(0), CV_PURCHASE_MODEL, &q->model);
	q->c = cv_new_customer;
	q->as_of = q->model.as_of;
	q->t = with_horizon ? cv_newcomer_horizon(&q->model, PG_GETARG_INTERVAL_P(1)) : 0;
	q->next = with_horizon ? 2 : 1;
	return true;
}
