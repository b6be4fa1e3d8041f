/*
 * value.h - what the model says about one customer: what the files of predictions share.
 *
 * All but value_customer.c work in the time units of the model: how a history,
 * a day and an interval become numbers of a model is decided there alone.
 */
#ifndef CV_PG_VALUE_H
#define CV_PG_VALUE_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "pg/compat.h"
#include "pg/model.h"

/* How far to look ahead, in the purchase model's time unit. */
typedef struct cv_outlook
{
	double		horizon;
	double		delta;			/* continuous discount rate a time unit */
} cv_outlook;

/* A purchase model, a customer, and a horizon: what most predictions are asked with. */
typedef struct cv_question
{
	cv_model_view model;
	cv_customer c;
	DateADT		as_of;			/* CV_NO_DAY where there is none */
	double		t;				/* the horizon; 0 where none was asked for */
	int			next;			/* the argument behind those that were read */
} cv_question;

/*
 * The three entrances: arguments (model, history, as_of), (model, x, t_x, t) and
 * (model), the last of a customer who is new today; then the horizon, where
 * wanted: an interval, or for a summary a number.  False where there is no purchase by as_of.
 */
typedef bool (*cv_entrance) (FunctionCallInfo fcinfo, bool with_horizon, cv_question *q);

extern bool cv_by_history(FunctionCallInfo fcinfo, bool with_horizon, cv_question *q);
extern bool cv_by_summary(FunctionCallInfo fcinfo, bool with_horizon, cv_question *q);
extern bool cv_by_newcomer(FunctionCallInfo fcinfo, bool with_horizon, cv_question *q);

/* The SQL functions cv_NAME_history, cv_NAME_summary and cv_NAME_new, all of them NAME(fcinfo, entrance). */
#define CV_ENTRANCES(name) \
	CV_SQL_FUNCTION(cv_##name##_history); \
	Datum \
	cv_##name##_history(PG_FUNCTION_ARGS) \
	{ \
		return name(fcinfo, cv_by_history); \
	} \
	CV_SQL_FUNCTION(cv_##name##_summary); \
	Datum \
	cv_##name##_summary(PG_FUNCTION_ARGS) \
	{ \
		return name(fcinfo, cv_by_summary); \
	} \
	CV_SQL_FUNCTION(cv_##name##_new); \
	Datum \
	cv_##name##_new(PG_FUNCTION_ARGS) \
	{ \
		return name(fcinfo, cv_by_newcomer); \
	}

/*
 * The customer behind a history as of a day, in the model's time unit.  False
 * where there is no purchase by then.
 */
extern bool cv_customer_of(const cv_model_view *model, Datum history, DateADT as_of,
						   cv_customer *c);

/* Raises 22023 unless (x, t_x, T) are those of a customer of the model. */
extern void cv_check_customer(const cv_model_view *model, const cv_customer *c);

/*
 * A horizon that begins at as_of, in the model's time unit; CV_NO_DAY: see
 * cv_horizon_days().  Of opportunities the whole periods that end within it.
 * Raises 22023 unless it is positive and finite.
 */
extern double cv_horizon_of(const cv_model_view *model, DateADT as_of, const Interval *horizon);

/* The same for a customer who is new on the model's as-of day. */
extern double cv_newcomer_horizon(const cv_model_view *model, const Interval *horizon);

/* The horizon in time units and ln(1 + annual rate) in units of the model; both already checked. */
extern cv_outlook cv_outlook_of(const cv_model_view *model, double horizon, double log_discount);

/* The day so many time units after as_of, at least the next one.  Raises 22003 beyond the range of dates. */
extern DateADT cv_day_ahead(const cv_model_view *model, DateADT as_of, double t);

/* Discounted expected purchases over the outlook. */
extern double cv_purchases_ahead(const cv_model_view *model, const cv_customer *c,
									  const cv_outlook *outlook);

/* Expected spend a purchase.  False where it is not finite. */
extern bool cv_expected_spend(const cv_model_view *model, const cv_customer *c, double *spend);

/* A number as a result; raises 22003 where it is none, or infinite. */
extern Datum cv_finite_result(double value);

#endif
