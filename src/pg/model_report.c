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
#include "pg/model_input.h"
#include "pg/model_scan.h"

#define NORMAL_975 1.959963984540054	/* 97.5% point of the standard normal */
#define VERDICT_SIZE 2048

static const char *
kind_name(cv_model_kind kind)
{
	return kind == CV_PURCHASE_MODEL ? "purchase" : "spend";
}

/*
 * model_parameters(model): one row a parameter, k and the effects of covariates
 * among them.  The standard error of a parameter is the delta method's (estimate
 * times that of the log), its interval holds 95% on the log scale; effects are on
 * a log scale as they are.  All three are NULL where the model has no covariance,
 * and for k.
 */
CV_SQL_FUNCTION(cv_model_parameters);
Datum
cv_model_parameters(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	const cv_family *family;
	cv_model	model;
	int			m,
				n;

	InitMaterializedSRF(fcinfo, 0);
	cv_model_from_datum(PG_GETARG_DATUM(0), &model);
	family = cv_family_by_id(model.family);
	m = model.n_params;
	n = cv_model_free(&model);
	for (int i = 0; i < n; i++)
	{
		double		estimate = i < m ? model.param[i] : model.coefficient[i - m];
		double		se = model.has_cov ? sqrt(model.cov[i * n + i]) : 0;
		double		bound[3] = {
			i < m ? estimate * se : se,
			i < m ? estimate * exp(-NORMAL_975 * se) : estimate - NORMAL_975 * se,
			i < m ? estimate * exp(NORMAL_975 * se) : estimate + NORMAL_975 * se
		};
		Datum		values[5];
		bool		nulls[5] = {false};

		values[0] = CStringGetTextDatum(cv_value_name(&model, i));
		values[1] = Float8GetDatum(estimate);
		for (int k = 0; k < 3; k++)
		{
			values[2 + k] = Float8GetDatum(bound[k]);
			nulls[2 + k] = !model.has_cov || !isfinite(bound[k]);
		}
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
		if (i == m - 1 && family->regular)
		{
			values[0] = CStringGetTextDatum("k");
			values[1] = Float8GetDatum(model.param[m]);
			nulls[2] = nulls[3] = nulls[4] = true;
			tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
		}
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

static Datum
names_array(const cv_covariates *covariates)
{
	Datum		names[CV_MAX_COVARIATES];

	for (int j = 0; j < covariates->n; j++)
		names[j] = CStringGetTextDatum(covariates->name[j]);
	return PointerGetDatum(construct_array(names, covariates->n, TEXTOID, -1, false, TYPALIGN_INT));
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
	Datum		values[14];
	bool		nulls[14] = {false};

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
	values[10] = Float8GetDatum(model.penalty);
	values[11] = Float8GetDatum(family->regular ? model.param[model.n_params] : 0);
	nulls[11] = !family->regular;
	nulls[12] = model.period.months == 0 && model.period.days == 0;
	values[12] = nulls[12] ? (Datum) 0 : CStringGetTextDatum(cv_period_text(model.period));
	values[13] = names_array(&model.covariates);
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
		Datum		effects[2];
		Datum		values[5];
		bool		nulls[5] = {false};
		int			n_effects = 0;

		for (int k = 0; k < family->n_params; k++)
			params[k] = CStringGetTextDatum(family->param_name[k]);
		if (family->regular)
			params[family->n_params] = CStringGetTextDatum("k");
		if (cv_family_shifts(family, false))
			effects[n_effects++] = CStringGetTextDatum("purchase");
		if (cv_family_shifts(family, true))
			effects[n_effects++] = CStringGetTextDatum("churn");
		values[0] = CStringGetTextDatum(family->name);
		values[1] = CStringGetTextDatum(kind_name(family->kind));
		values[2] = PointerGetDatum(construct_array(params, family->n_params + (family->regular ? 1 : 0),
													TEXTOID, -1, false, TYPALIGN_INT));
		values[3] = CStringGetTextDatum(family->description);
		values[4] = PointerGetDatum(construct_array(effects, n_effects, TEXTOID, -1, false, TYPALIGN_INT));
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* with_covariates(model, covariates): the plain model of a customer who has them. */
CV_SQL_FUNCTION(cv_with_covariates);
Datum
cv_with_covariates(PG_FUNCTION_ARGS)
{
	cv_model	model,
				resolved;
	double		z[CV_MAX_COVARIATES];
	int			n = cv_read_covariates(PG_GETARG_ARRAYTYPE_P(1), z);
	const char *problem;

	cv_model_from_datum(PG_GETARG_DATUM(0), &model);
	if (model.covariates.n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the model has no covariates"),
				 errhint("Use the model as it is.")));
	if (n != model.covariates.n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the model has %d covariates, but %d are given", model.covariates.n, n),
				 errhint("Pass the same covariates in the same order as in the fit; model_summary() lists them.")));
	cv_model_resolve(&model, z, &resolved);
	problem = cv_model_problem(&resolved);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("covariates are too far from those the model was fitted to"),
				 errdetail("%s", problem),
				 errhint("Check the unit of the covariates.")));
	return cv_model_to_datum(&resolved);
}
