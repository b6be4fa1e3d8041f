/*
 * model_report.c - what people ask about a fitted_model: its parameters with
 * intervals, its verdict and its facts; and the list of families.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "pg/compat.h"
#include "pg/model.h"

#define NORMAL_975 1.959963984540054	/* 97.5% point of the standard normal */
#define VERDICT_SIZE 2048

static const char *
kind_name(cv_model_kind kind)
{
	return kind == CV_PURCHASE_MODEL ? "purchase" : "spend";
}

/*
 * model_parameters(model): one row a parameter.  The standard error is the
 * delta method's (estimate times that of the log); the interval holds 95% on
 * the log scale.  All three are NULL where the model has no covariance.
 */
CV_SQL_FUNCTION(cv_model_parameters);
Datum
cv_model_parameters(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	const cv_family *family;
	cv_model	model;

	InitMaterializedSRF(fcinfo, 0);
	cv_model_from_datum(PG_GETARG_DATUM(0), &model);
	family = cv_family_by_id(model.family);
	for (int i = 0; i < model.n_params; i++)
	{
		double		estimate = model.param[i];
		double		se = model.has_cov ? sqrt(model.cov[i * model.n_params + i]) : 0;
		double		bound[3] = {
			estimate * se,
			estimate * exp(-NORMAL_975 * se),
			estimate * exp(NORMAL_975 * se)
		};
		Datum		values[5];
		bool		nulls[5] = {false};

		values[0] = CStringGetTextDatum(family->param_name[i]);
		values[1] = Float8GetDatum(estimate);
		for (int k = 0; k < 3; k++)
		{
			values[2 + k] = Float8GetDatum(bound[k]);
			nulls[2 + k] = !model.has_cov || !isfinite(bound[k]);
		}
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}

CV_SQL_FUNCTION(cv_describe);
Datum
cv_describe(PG_FUNCTION_ARGS)
{
	cv_model	model;
	char		verdict[VERDICT_SIZE];

	cv_model_from_datum(PG_GETARG_DATUM(0), &model);
	cv_model_verdict(&model, verdict, sizeof(verdict));
	PG_RETURN_TEXT_P(cstring_to_text(verdict));
}

/* model_summary(model): the facts beside the parameters, as one row. */
CV_SQL_FUNCTION(cv_model_summary);
Datum
cv_model_summary(PG_FUNCTION_ARGS)
{
	cv_model	model;
	const cv_family *family;
	char		verdict[VERDICT_SIZE];
	TupleDesc	desc;
	Datum		values[10];
	bool		nulls[10] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	cv_model_from_datum(PG_GETARG_DATUM(0), &model);
	family = cv_family_by_id(model.family);
	cv_model_verdict(&model, verdict, sizeof(verdict));

	values[0] = CStringGetTextDatum(family->name);
	values[1] = CStringGetTextDatum(cv_family_by_id(model.requested)->name);
	values[2] = CStringGetTextDatum(kind_name(family->kind));
	values[3] = CStringGetTextDatum(cv_status_name(model.status));
	values[4] = CStringGetTextDatum(cv_unit_name(model.unit_days));
	values[5] = Int32GetDatum(model.as_of);
	nulls[5] = model.as_of == CV_NO_DAY;
	values[6] = Int64GetDatum((int64) model.customers);
	values[7] = Int64GetDatum((int64) model.patterns);
	values[8] = Float8GetDatum(model.log_likelihood);
	nulls[6] = nulls[7] = nulls[8] = model.status == CV_STATUS_GIVEN;
	values[9] = CStringGetTextDatum(verdict);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/* model_families(): what there is to fit. */
CV_SQL_FUNCTION(cv_model_families);
Datum
cv_model_families(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	const cv_family *family;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; (family = cv_family_at(i)) != NULL; i++)
	{
		Datum		params[CV_MAX_PARAMS];
		Datum		values[4];
		bool		nulls[4] = {false};

		for (int k = 0; k < family->n_params; k++)
			params[k] = CStringGetTextDatum(family->param_name[k]);
		values[0] = CStringGetTextDatum(family->name);
		values[1] = CStringGetTextDatum(kind_name(family->kind));
		values[2] = PointerGetDatum(construct_array(params, family->n_params, TEXTOID,
													-1, false, TYPALIGN_INT));
		values[3] = CStringGetTextDatum(family->description);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}
