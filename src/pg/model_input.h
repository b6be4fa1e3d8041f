/*
 * model_input.h - checks of what people pass to fits and predictions.
 */
#ifndef CV_PG_MODEL_INPUT_H
#define CV_PG_MODEL_INPUT_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "core/model.h"

/* Days of a year, for annual rates. */
#define CV_YEAR_DAYS 365.25

/* Days of the unit of fits. */
#define CV_WEEK_DAYS 7.0

/* Largest x of a summary: more purchase days than a date column can hold. */
#define CV_MAX_X 1e7

/* NULL where sound, else the words of an errdetail. */
extern const char *cv_purchase_summary_problem(cv_observation observation, double x, double t_x, double T);
extern const char *cv_spend_summary_problem(double x, double m);

/* The same, raised as 22023. */
extern void cv_check_purchase_summary(cv_observation observation, double x, double t_x, double T);
extern void cv_check_spend_summary(double x, double m);

/*
 * Reads the covariates of a customer; returns how many. Raises 22023 where they are
 * more than CV_MAX_COVARIATES, none, or out of range, 22004 where one is null.
 */
extern int	cv_read_covariates(ArrayType *array, double z[CV_MAX_COVARIATES]);

/* An as-of day must be finite. */
extern void cv_check_as_of(DateADT as_of);

/*
 * Days of a horizon that begins at as_of: exact calendar days, the day of
 * as_of + horizon less as_of.  With as_of = CV_NO_DAY a month has 365.25/12 days
 * and parts of days count.  Raises 22023 unless it is positive and finite.
 */
extern double cv_horizon_days(DateADT as_of, const Interval *horizon);

/* A horizon in time units must be positive and finite; one in opportunities at most CV_MAX_OPPORTUNITIES. */
extern void cv_check_horizon(cv_observation observation, double horizon);
extern void cv_check_horizon_end(cv_observation observation, double horizon);

/* The period of an argument; raises 22023 unless it is a whole number of months, or of days. */
extern cv_period cv_period_argument(const Interval *interval);

/* ln(1 + rate) a year; raises 22023 unless the rate is finite and above -1. */
extern double cv_log_discount(double annual_rate);

#endif
