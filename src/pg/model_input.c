/*
 * model_input.c - checks of what people pass to fits and predictions, each with
 * an error that says what is wrong and what to do.
 */
#include "postgres.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "datatype/timestamp.h"
#include "utils/datetime.h"

#include "pg/compat.h"
#include "pg/model_input.h"

/* Months of the 400 years after which the calendar repeats, and their days. */
#define CYCLE_MONTHS 4800
#define CYCLE_DAYS 146097

/* float8out without extra_float_digits, for messages. */
static char *
number(double value)
{
	char	   *digits = palloc(DOUBLE_SHORTEST_DECIMAL_LEN);

	double_to_shortest_decimal_buf(value, digits);
	return digits;
}

const char *
cv_purchase_summary_problem(cv_observation observation, double x, double t_x, double T)
{
	if (!isfinite(x) || !isfinite(t_x) || !isfinite(T))
		return "x, t_x and T must be finite.";
	if (x < 0 || x != floor(x) || x > CV_MAX_X)
		return "x must be a whole number between 0 and 10000000.";
	if (t_x < 0 || t_x > T)
		return "t_x must lie between 0 and T.";
	if ((x > 0) != (t_x > 0))
		return "t_x must be 0 where x is 0, and more than 0 where x is.";
	if (observation == CV_OPPORTUNITIES && (t_x != floor(t_x) || T != floor(T)))
		return "t_x and T must be whole numbers of periods.";
	if (observation == CV_OPPORTUNITIES && T > CV_MAX_OPPORTUNITIES)
		return psprintf("T must be at most %d periods.", CV_MAX_OPPORTUNITIES);
	if (observation == CV_OPPORTUNITIES && x > t_x)
		return "x must be at most t_x: a period has a purchase or has none.";
	return NULL;
}

const char *
cv_spend_summary_problem(double x, double m)
{
	if (!isfinite(x) || x < 0 || x != floor(x) || x > CV_MAX_X)
		return "x must be a whole number between 0 and 10000000.";
	if (!isfinite(m) || m < 0)
		return "m must be finite and not negative.";
	return NULL;
}

void
cv_check_purchase_summary(cv_observation observation, double x, double t_x, double T)
{
	const char *problem = cv_purchase_summary_problem(observation, x, t_x, T);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid purchase summary (x = %s, t_x = %s, T = %s)",
						number(x), number(t_x), number(T)),
				 errdetail("%s", problem),
				 observation == CV_OPPORTUNITIES ?
				 errhint("x counts the periods with a purchase of the T after the one of the first purchase, t_x is the number of the last of them.") :
				 errhint("x counts the purchase days after the first, t_x is the time from the first to the last, T the time from the first to the end of observation.")));
}

void
cv_check_spend_summary(double x, double m)
{
	const char *problem = cv_spend_summary_problem(x, m);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid spend summary (x = %s, m = %s)", number(x), number(m)),
				 errdetail("%s", problem),
				 errhint("x counts the purchase days after the first, m is their mean amount.")));
}

int
cv_read_covariates(ArrayType *array, double z[CV_MAX_COVARIATES])
{
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	Size		offset = ARR_HASNULL(array) ? (Size) array->dataoffset : ARR_OVERHEAD_NONULLS(1);
	const double *values = (const double *) ((const char *) array + offset);

	if (ARR_NDIM(array) != 1 || n > CV_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariates must be an array of 1 to %d numbers", CV_MAX_COVARIATES),
				 errdetail("The array has %d elements in %d dimensions.", n, ARR_NDIM(array)),
				 errhint("Pass one number for each covariate of the customer.")));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("covariates must not be null"),
				 errhint("Fill in a typical value, and where that is common add a covariate that is 1 where the value was unknown.")));
	for (int j = 0; j < n; j++)
	{
		z[j] = values[j];
		if (!(fabs(z[j]) <= CV_SCALE_LIMIT))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariates must be finite"),
					 errdetail("Element %d is %s.", j + 1, number(z[j])),
					 errhint("Numbers between -1e30 and 1e30 can be used.")));
	}
	return n;
}

void
cv_check_as_of(DateADT as_of)
{
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as-of day must be finite"),
				 errhint("Pass the day on which the observation ends.")));
}

static void
bad_horizon(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("horizon must be positive and finite"),
			 errdetail_internal("%s", detail),
			 errhint("Pass the time to look ahead, for example interval '1 year'.")));
}

/*
 * Days from day to the day so many months later; the day of the month is
 * clipped to the length of the month, as date + interval does.
 */
static int64
days_of_months(DateADT day, int32 months)
{
	int64		cycles = months / CYCLE_MONTHS;
	int			year,
				month,
				mday,
				last;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	/* Reckon within one cycle of the calendar, far from the limits of a date. */
	year = 2000 + ((year % 400) + 400) % 400;
	day = date2j(year, month, mday);
	month += months % CYCLE_MONTHS - 1 + CYCLE_MONTHS;
	year += month / 12 - 400;
	month = month % 12 + 1;
	last = day_tab[isleap(year)][month - 1];
	return cycles * CYCLE_DAYS + date2j(year, month, Min(mday, last)) - day;
}

double
cv_horizon_days(DateADT as_of, const Interval *horizon)
{
	double		days;

	if (INTERVAL_NOT_FINITE(horizon))
		bad_horizon("The horizon is infinite.");
	if (as_of == CV_NO_DAY)
	{
		days = horizon->month * (CV_YEAR_DAYS / MONTHS_PER_YEAR) + horizon->day +
			(double) horizon->time / USECS_PER_DAY;
		if (days <= 0)
			bad_horizon(psprintf("The horizon is %s days long.", number(days)));
	}
	else
	{
		int64		whole = horizon->time / USECS_PER_DAY;

		if (horizon->time % USECS_PER_DAY < 0)
			whole--;
		whole += days_of_months(as_of, horizon->month) + horizon->day;
		if (whole <= 0)
			bad_horizon(psprintf("The horizon is %lld calendar days long.", (long long) whole));
		days = whole;
	}
	return days;
}

void
cv_check_horizon(cv_observation observation, double horizon)
{
	if (!isfinite(horizon) || horizon <= 0)
		bad_horizon(psprintf("The horizon is %s time units long.", number(horizon)));
	cv_check_horizon_end(observation, horizon);
}

void
cv_check_horizon_end(cv_observation observation, double horizon)
{
	if (observation == CV_OPPORTUNITIES && horizon > CV_MAX_OPPORTUNITIES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon is too long"),
				 errdetail("The horizon is %s periods long; at most %d are told apart.", number(horizon), CV_MAX_OPPORTUNITIES),
				 errhint("Pass a shorter horizon, or fit a model with a longer period.")));
}

double
cv_log_discount(double annual_rate)
{
	if (!isfinite(annual_rate) || annual_rate <= -1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("annual discount rate must be finite and greater than -1"),
				 errdetail("The rate is %s.", number(annual_rate)),
				 errhint("Pass a share a year, for example 0.1 for ten percent; 0 does not discount.")));
	return log1p(annual_rate);
}

cv_period
cv_period_argument(const Interval *interval)
{
	cv_period	period = {interval->month, interval->day};

	if (INTERVAL_NOT_FINITE(interval) || interval->time != 0 || !cv_period_is_valid(period))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period must be a positive number of months or years, or of days or weeks"),
				 errdetail("Parts of days and sums of months and days are no period of a calendar; the longest are %d months and %d days.",
						   CV_PERIOD_MAX_MONTHS, CV_PERIOD_MAX_DAYS),
				 errhint("Pass for example interval '1 month', '1 year' or '30 days'.")));
	return period;
}
