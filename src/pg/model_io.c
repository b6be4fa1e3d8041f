/*
 * model_io.c - the fitted_model type: text and binary input and output, equality, hash.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"

#include "pg/compat.h"
#include "pg/model.h"

#define BINARY_VERSION 2

CV_SQL_FUNCTION(cv_fitted_model_in);
Datum
cv_fitted_model_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	cv_model	model;
	const char *problem = cv_model_parse(text, &model);

	if (problem != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "fitted_model", text),
				 errdetail("%s", problem),
				 errhint("Write for example bg/nbd(r=0.243,alpha=4.414,a=0.793,b=2.426).")));
	return cv_model_to_datum(&model);
}

CV_SQL_FUNCTION(cv_fitted_model_out);
Datum
cv_fitted_model_out(PG_FUNCTION_ARGS)
{
	cv_model	model;

	cv_model_from_datum(PG_GETARG_DATUM(0), &model);
	PG_RETURN_CSTRING(cv_model_text(&model));
}

CV_SQL_FUNCTION(cv_fitted_model_send);
Datum
cv_fitted_model_send(PG_FUNCTION_ARGS)
{
	cv_model	model;
	StringInfoData out;
	int			m,
				n;

	cv_model_from_datum(PG_GETARG_DATUM(0), &model);
	m = model.n_params;
	n = cv_model_free(&model);
	pq_begintypsend(&out);
	pq_sendbyte(&out, BINARY_VERSION);
	pq_sendbyte(&out, model.family);
	pq_sendbyte(&out, model.requested);
	pq_sendbyte(&out, model.status);
	pq_sendbyte(&out, m);
	pq_sendbyte(&out, model.has_cov);
	pq_sendint32(&out, model.as_of);
	pq_sendfloat8(&out, model.unit_days);
	pq_sendfloat8(&out, model.customers);
	pq_sendfloat8(&out, model.patterns);
	pq_sendfloat8(&out, model.log_likelihood);
	/* from here on version 1 differs */
	pq_sendfloat8(&out, model.penalty);
	pq_sendint32(&out, model.period.months);
	pq_sendint32(&out, model.period.days);
	pq_sendbyte(&out, cv_family_by_id(model.family)->regular ? (uint8) model.param[m] : 0);
	pq_sendbyte(&out, model.covariates.n);
	pq_sendbyte(&out, model.covariates.purchase);
	pq_sendbyte(&out, model.covariates.churn);
	for (int j = 0; j < model.covariates.n; j++)
		pq_sendstring(&out, model.covariates.name[j]);
	for (int i = 0; i < n; i++)
		pq_sendfloat8(&out, i < m ? model.param[i] : model.coefficient[i - m]);
	if (model.has_cov)
		for (int i = 0; i < n; i++)
			for (int j = 0; j <= i; j++)
				pq_sendfloat8(&out, model.cov[i * n + j]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* What version 2 added before the parameters; NULL or the words of an errdetail. */
static const char *
receive_settings(StringInfo in, cv_model *model)
{
	const cv_family *family = cv_family_by_id(model->family);
	cv_covariates *covariates = &model->covariates;
	int			k;

	model->penalty = pq_getmsgfloat8(in);
	model->period.months = pq_getmsgint(in, 4);
	model->period.days = pq_getmsgint(in, 4);
	k = pq_getmsgbyte(in);
	if (family == NULL || model->n_params != family->n_params || (k != 0) != family->regular)
		return "The number of parameters does not fit the family.";
	if (family->regular)
		model->param[model->n_params] = k;
	covariates->n = pq_getmsgbyte(in);
	covariates->purchase = pq_getmsgbyte(in);
	covariates->churn = pq_getmsgbyte(in);
	if (covariates->n > CV_MAX_COVARIATES || (covariates->purchase | covariates->churn) >> covariates->n != 0)
		return "The number of covariates is out of range.";
	for (int j = 0; j < covariates->n; j++)
	{
		const char *name = pq_getmsgstring(in);

		if (strlen(name) >= CV_COVARIATE_NAME)
			return "The name of a covariate is too long.";
		strcpy(covariates->name[j], name);
	}
	return NULL;
}

/* Trusts nothing: whatever cv_model_problem() lets pass is a usable model. */
CV_SQL_FUNCTION(cv_fitted_model_recv);
Datum
cv_fitted_model_recv(PG_FUNCTION_ARGS)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);
	cv_model	model;
	int			version = pq_getmsgbyte(in);
	int			has_cov;
	const char *problem = NULL;

	if (version < 1 || version > BINARY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version of fitted_model"),
				 errdetail("The input has format version %d; this library reads up to version %d.",
						   version, BINARY_VERSION)));
	memset(&model, 0, sizeof(model));
	model.family = pq_getmsgbyte(in);
	model.requested = pq_getmsgbyte(in);
	model.status = pq_getmsgbyte(in);
	model.n_params = pq_getmsgbyte(in);
	has_cov = pq_getmsgbyte(in);
	model.has_cov = has_cov == 1;
	model.as_of = pq_getmsgint(in, 4);
	model.unit_days = pq_getmsgfloat8(in);
	model.customers = pq_getmsgfloat8(in);
	model.patterns = pq_getmsgfloat8(in);
	model.log_likelihood = pq_getmsgfloat8(in);
	if (model.n_params > CV_MAX_PARAMS || has_cov > 1)
		problem = "The number of parameters or the covariance flag is out of range.";
	else if (version > 1)
		problem = receive_settings(in, &model);
	if (problem == NULL)
	{
		int			m = model.n_params,
					n = cv_model_free(&model);

		for (int i = 0; i < n; i++)
			*(i < m ? &model.param[i] : &model.coefficient[i - m]) = pq_getmsgfloat8(in);
		if (model.has_cov)
			for (int i = 0; i < n; i++)
				for (int j = 0; j <= i; j++)
					model.cov[i * n + j] = pq_getmsgfloat8(in);
		problem = cv_model_problem(&model);
	}
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary fitted_model"),
				 errdetail("%s", problem)));
	return cv_model_to_datum(&model);
}

static void
free_copy(Datum datum, struct varlena *copy)
{
	if ((Pointer) copy != DatumGetPointer(datum))
		pfree(copy);
}

/* Equal models are equal bytes (see cv_model_problem). */
static bool
models_equal(Datum a, Datum b)
{
	struct varlena *va = cv_model_canonical(a);
	struct varlena *vb = cv_model_canonical(b);
	bool		equal = VARSIZE_ANY_EXHDR(va) == VARSIZE_ANY_EXHDR(vb) &&
		memcmp(VARDATA_ANY(va), VARDATA_ANY(vb), VARSIZE_ANY_EXHDR(va)) == 0;

	free_copy(a, va);
	free_copy(b, vb);
	return equal;
}

CV_SQL_FUNCTION(cv_fitted_model_eq);
Datum
cv_fitted_model_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(models_equal(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

CV_SQL_FUNCTION(cv_fitted_model_ne);
Datum
cv_fitted_model_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!models_equal(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

CV_SQL_FUNCTION(cv_fitted_model_hash);
Datum
cv_fitted_model_hash(PG_FUNCTION_ARGS)
{
	struct varlena *v = cv_model_canonical(PG_GETARG_DATUM(0));
	uint32		hash = hash_bytes((unsigned char *) VARDATA_ANY(v), VARSIZE_ANY_EXHDR(v));

	free_copy(PG_GETARG_DATUM(0), v);
	PG_RETURN_UINT32(hash);
}

CV_SQL_FUNCTION(cv_fitted_model_hash_extended);
Datum
cv_fitted_model_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *v = cv_model_canonical(PG_GETARG_DATUM(0));
	uint64		hash = hash_bytes_extended((unsigned char *) VARDATA_ANY(v),
										   VARSIZE_ANY_EXHDR(v), PG_GETARG_INT64(1));

	free_copy(PG_GETARG_DATUM(0), v);
	PG_RETURN_UINT64(hash);
}
