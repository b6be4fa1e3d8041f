/*
 * contract_predict.c - what a contract_model says: survival, retention, churn,
 * discounted lifetimes, with standard errors; and the facts of the model itself.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "pg/compat.h"
#include "pg/contract.h"
#include "pg/model_input.h"
#include "pg/model_scan.h"

#define VERDICT_SIZE 1024

static void
check_renewals(int32 renewals, int32 least)
{
	if (renewals < least || renewals > CV_MAX_RENEWALS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of renewals must lie between %d and %d", least, CV_MAX_RENEWALS),
				 errdetail("The number is %d.", renewals),
				 errhint("%s", least == 0 ? "0 stands for somebody whose contract began just now." :
						 "Renewal number 1 is the one at the end of the first period.")));
}

static char *
number_text(double number)
{
	StringInfoData out;

	initStringInfo(&out);
	cv_print_number(&out, number);
	return out.data;
}

static double
rate_argument(FunctionCallInfo fcinfo, int arg)
{
	double		rate = PG_GETARG_FLOAT8(arg);

	if (!isfinite(rate) || rate <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount rate a period must be positive and finite"),
				 errdetail("The rate is %s. Without discounting the expected lifetime may be infinite.", number_text(rate)),
				 errhint("Pass the rate of one period, for example 0.1 for ten percent a year with yearly contracts.")));
	return rate;
}

/* Half the width of an interval in standard errors. */
static double
confidence_argument(FunctionCallInfo fcinfo, int arg)
{
	double		confidence = PG_GETARG_FLOAT8(arg);

	if (!(confidence > 0 && confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence must lie between 0 and 1"),
				 errdetail("The confidence is %s.", number_text(confidence)),
				 errhint("Pass for example 0.95.")));
	return cv_normal_bound(confidence);
}

/* One number of a model after so many renewals, at least the given one. */
static Datum
predict(FunctionCallInfo fcinfo, cv_contract_prediction what, int32 least)
{
	cv_contract contract;
	int32		renewals = PG_GETARG_INT32(1);

	check_renewals(renewals, least);
	cv_contract_from_datum(PG_GETARG_DATUM(0), &contract);
	PG_RETURN_FLOAT8(cv_contract_predict(contract.param, contract.n_params, what, renewals, 0));
}

/* contract_survival(model, renewals) */
CV_SQL_FUNCTION(cv_contract_survival);
Datum
cv_contract_survival(PG_FUNCTION_ARGS)
{
	return predict(fcinfo, CV_CONTRACT_SURVIVAL, 0);
}

/* contract_retention(model, renewal) */
CV_SQL_FUNCTION(cv_contract_retention);
Datum
cv_contract_retention(PG_FUNCTION_ARGS)
{
	return predict(fcinfo, CV_CONTRACT_RETENTION, 1);
}

/* contract_churn(model, renewal) */
CV_SQL_FUNCTION(cv_contract_churn);
Datum
cv_contract_churn(PG_FUNCTION_ARGS)
{
	return predict(fcinfo, CV_CONTRACT_CHURN, 1);
}

/* del(model, discount_rate) */
CV_SQL_FUNCTION(cv_del);
Datum
cv_del(PG_FUNCTION_ARGS)
{
	cv_contract contract;
	double		rate = rate_argument(fcinfo, 1);

	cv_contract_from_datum(PG_GETARG_DATUM(0), &contract);
	PG_RETURN_FLOAT8(cv_contract_predict(contract.param, contract.n_params, CV_CONTRACT_DEL, 0, rate));
}

/* derl(model, discount_rate, renewals) */
CV_SQL_FUNCTION(cv_derl);
Datum
cv_derl(PG_FUNCTION_ARGS)
{
	cv_contract contract;
	double		rate = rate_argument(fcinfo, 1);
	int32		renewals = PG_GETARG_INT32(2);

	check_renewals(renewals, 0);
	cv_contract_from_datum(PG_GETARG_DATUM(0), &contract);
	PG_RETURN_FLOAT8(cv_contract_predict(contract.param, contract.n_params, CV_CONTRACT_DERL, renewals, rate));
}

static void
put_number(Datum *value, bool *null, double number)
{
	*value = Float8GetDatum(number);
	*null = !isfinite(number);
}

/*
 * contract_forecast(model, periods, confidence): one row a period, from 0;
 * nobody is up for renewal in period 0, so it has no retention.
 */
CV_SQL_FUNCTION(cv_contract_forecast);
Datum
cv_contract_forecast(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	cv_contract contract;
	int32		periods = PG_GETARG_INT32(1);
	double		z = confidence_argument(fcinfo, 2);

	check_renewals(periods, 0);
	InitMaterializedSRF(fcinfo, 0);
	cv_contract_from_datum(PG_GETARG_DATUM(0), &contract);
	for (int t = 0; t <= periods; t++)
	{
		Datum		values[7];
		bool		nulls[7];

		values[0] = Int32GetDatum(t);
		nulls[0] = false;
		for (int k = 0; k < 2; k++)
		{
			cv_interval interval = {NAN, NAN, NAN};
			double		value = NAN;

			if (k == 0 || t > 0)
				value = cv_contract_estimate(&contract, k == 0 ? CV_CONTRACT_SURVIVAL : CV_CONTRACT_RETENTION,
											 t, 0, z, &interval);
			put_number(&values[1 + 3 * k], &nulls[1 + 3 * k], value);
			put_number(&values[2 + 3 * k], &nulls[2 + 3 * k], interval.low);
			put_number(&values[3 + 3 * k], &nulls[3 + 3 * k], interval.high);
		}
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	return (Datum) 0;
}

/* contract_predictions(model, renewals, discount_rate, confidence): each with its standard error */
CV_SQL_FUNCTION(cv_contract_predictions);
Datum
cv_contract_predictions(PG_FUNCTION_ARGS)
{
	static const struct
	{
		const char *name;
		cv_contract_prediction what;
		int			later;		/* renewals from now */
	}			rows[] = {
		{"survival", CV_CONTRACT_SURVIVAL, 0},
		{"next_retention", CV_CONTRACT_RETENTION, 1},
		{"next_churn", CV_CONTRACT_CHURN, 1},
		{"derl", CV_CONTRACT_DERL, 0},
		{"del", CV_CONTRACT_DEL, 0}
	};
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	cv_contract contract;
	int32		renewals = PG_GETARG_INT32(1);
	double		rate = rate_argument(fcinfo, 2);
	double		z = confidence_argument(fcinfo, 3);

	check_renewals(renewals, 0);
	InitMaterializedSRF(fcinfo, 0);
	cv_contract_from_datum(PG_GETARG_DATUM(0), &contract);
	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		Datum		values[5];
		bool		nulls[5] = {false};
		cv_interval interval;

		values[0] = CStringGetTextDatum(rows[i].name);
		values[1] = Float8GetDatum(cv_contract_estimate(&contract, rows[i].what, renewals + rows[i].later, rate, z,
														&interval));
		put_number(&values[2], &nulls[2], interval.standard_error);
		put_number(&values[3], &nulls[3], interval.low);
		put_number(&values[4], &nulls[4], interval.high);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* contract_renewals(start_day, as_of, period): renewals of a contract that still runs; NULL before it begins */
CV_SQL_FUNCTION(cv_contract_renewals);
Datum
cv_contract_renewals(PG_FUNCTION_ARGS)
{
	DateADT		start = PG_GETARG_DATEADT(0);
	DateADT		as_of = PG_GETARG_DATEADT(1);
	cv_period	period = cv_period_argument(PG_GETARG_INTERVAL_P(2));

	if (DATE_NOT_FINITE(start) || DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("start day and as-of day must be finite"),
				 errhint("Leave out contracts whose first day is not known.")));
	if (as_of < start)
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) cv_periods_reached(start, period, as_of));
}

/* contract_parameters(model): as model_parameters() */
CV_SQL_FUNCTION(cv_contract_parameters);
Datum
cv_contract_parameters(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	double		z = cv_normal_bound(0.95);
	cv_contract contract;

	InitMaterializedSRF(fcinfo, 0);
	cv_contract_from_datum(PG_GETARG_DATUM(0), &contract);
	for (int i = 0; i < contract.n_params; i++)
	{
		Datum		values[5];
		bool		nulls[5] = {false};
		cv_interval interval = cv_interval_of(contract.param[i], CV_SCALE_LOG,
											  contract.has_cov ? contract.cov[i * contract.n_params + i] : NAN, z);

		values[0] = CStringGetTextDatum(cv_contract_param_name(i));
		values[1] = Float8GetDatum(contract.param[i]);
		put_number(&values[2], &nulls[2], interval.standard_error);
		put_number(&values[3], &nulls[3], interval.low);
		put_number(&values[4], &nulls[4], interval.high);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* contract_summary(model): the facts beside the parameters, as one row */
CV_SQL_FUNCTION(cv_contract_summary);
Datum
cv_contract_summary(PG_FUNCTION_ARGS)
{
	cv_contract contract;
	char		verdict[VERDICT_SIZE];
	TupleDesc	desc;
	Datum		values[8];
	bool		nulls[8] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	cv_contract_from_datum(PG_GETARG_DATUM(0), &contract);
	cv_contract_verdict(&contract, verdict, sizeof(verdict));
	values[0] = CStringGetTextDatum(cv_contract_family_name(contract.family));
	values[1] = CStringGetTextDatum(cv_contract_status_name(contract.status));
	nulls[2] = contract.period.months == 0 && contract.period.days == 0;
	values[2] = nulls[2] ? (Datum) 0 : CStringGetTextDatum(cv_period_text(contract.period));
	values[3] = Int32GetDatum(contract.as_of);
	nulls[3] = contract.as_of == CV_NO_DAY;
	values[4] = Float8GetDatum(contract.customers);
	values[5] = Int32GetDatum(contract.renewals);
	values[6] = Float8GetDatum(contract.log_likelihood);
	nulls[4] = nulls[5] = nulls[6] = contract.status == CV_CONTRACT_GIVEN;
	values[7] = CStringGetTextDatum(verdict);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
