/*
 * model.c - the fitted_model type: its layout, validation, input and output.
 *
 * Layout, version 1, after the varlena header: a stored_head, then the
 * parameters, then (where known) the lower triangle of the covariance of their
 * logs, row by row; all float8 in native byte order, read by memcpy because a
 * packed datum is not aligned.  Unused bytes are zero: equal models are equal
 * bytes.
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "pg/compat.h"
#include "pg/model.h"

#define MODEL_VERSION 1

typedef struct stored_head
{
	uint8		version;
	uint8		family;
	uint8		requested;
	uint8		status;
	uint8		n_params;
	uint8		has_cov;
	uint8		unused[2];
	int32		as_of;
	int32		unused2;
	double		unit_days;
	double		customers;
	double		patterns;
	double		log_likelihood;
} stored_head;

StaticAssertDecl(sizeof(stored_head) == 48, "fitted_model has no padding");

static const char *const status_name[] = {
	[CV_STATUS_GIVEN] = "given",
	[CV_STATUS_CONVERGED] = "converged",
	[CV_STATUS_NO_CHURN] = "no_churn",
	[CV_STATUS_WEAK] = "weak",
	[CV_STATUS_NOT_CONVERGED] = "not_converged",
};

const char *
cv_status_name(int status)
{
	return status >= 0 && status < (int) lengthof(status_name) ? status_name[status] : NULL;
}

char *
cv_family_list(int kind)
{
	StringInfoData out;
	const cv_family *family;
	int			n = 0;

	initStringInfo(&out);
	appendStringInfo(&out, "%s families: ",
					 kind == CV_PURCHASE_MODEL ? "Purchase" : kind == CV_SPEND_MODEL ? "Spend" : "Known");
	for (int i = 0; (family = cv_family_at(i)) != NULL; i++)
		if (kind == 0 || (int) family->kind == kind)
			appendStringInfo(&out, "%s%s", n++ > 0 ? ", " : "", family->name);
	appendStringInfoChar(&out, '.');
	return out.data;
}

static bool
is_count(double value)
{
	return value >= 0 && value <= 9007199254740992.0 && value == floor(value);
}

/* The lower triangle decides; correlations beyond +-1 are refused. */
static const char *
cov_problem(cv_model *model)
{
	int			n = model->n_params;
	double	   *cov = model->cov;

	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			if (!isfinite(cov[i * n + j]))
				return "A covariance is not finite.";
			cov[i * n + j] += 0.0;	/* -0 to 0 */
			cov[j * n + i] = cov[i * n + j];
		}
	for (int i = 0; i < n; i++)
	{
		if (cov[i * n + i] < 0)
			return "A variance is negative.";
		for (int j = 0; j < i; j++)
			if (fabs(cov[i * n + j]) > sqrt(cov[i * n + i]) * sqrt(cov[j * n + j]) * (1 + 1e-6))
				return "A covariance is larger than the variances allow.";
	}
	return NULL;
}

const char *
cv_model_problem(cv_model *model)
{
	const cv_family *family = cv_family_by_id(model->family);
	const cv_family *requested = cv_family_by_id(model->requested);

	if (family == NULL || requested == NULL)
		return "The family is unknown.";
	if (model->n_params != family->n_params)
		return "The number of parameters does not fit the family.";
	if (requested != family && requested->limit != family->id)
		return psprintf("Family %s is no limit of family %s.", family->name, requested->name);
	if (cv_status_name(model->status) == NULL)
		return "The status is unknown.";
	if (!isfinite(model->unit_days) || model->unit_days <= 0)
		return "The time unit must be positive and finite.";
	if (model->as_of != CV_NO_DAY && !IS_VALID_DATE(model->as_of))
		return "The as-of day is out of range.";
	if (!is_count(model->customers) || !is_count(model->patterns) ||
		model->patterns > model->customers)
		return "The numbers of customers (n) and of distinct patterns must be whole, and patterns at most n.";
	if (!isfinite(model->log_likelihood))
		return "The log-likelihood must be finite.";
	for (int i = 0; i < model->n_params; i++)
	{
		double		v = model->param[i],
					limit = family->scale_params & (1u << i) ? CV_SCALE_LIMIT : CV_PARAM_LIMIT;

		if (!isfinite(v) || v <= 0)
			return psprintf("Parameter \"%s\" must be positive and finite.", family->param_name[i]);
		if (v > limit || v * limit < 1)
			return psprintf("Parameter \"%s\" must lie between %g and %g.", family->param_name[i],
							1 / limit, limit);
	}

	model->customers += 0.0;	/* -0 to 0 */
	model->patterns += 0.0;
	model->log_likelihood += 0.0;
	return model->has_cov ? cov_problem(model) : NULL;
}

static int
cov_numbers(int n_params, bool has_cov)
{
	return has_cov ? n_params * (n_params + 1) / 2 : 0;
}

Datum
cv_model_to_datum(const cv_model *model)
{
	int			n = model->n_params;
	int			numbers = n + cov_numbers(n, model->has_cov);
	Size		size = VARHDRSZ + sizeof(stored_head) + numbers * sizeof(double);
	struct varlena *result = palloc0(size);
	stored_head head = {0};
	char	   *p = VARDATA(result);

	SET_VARSIZE(result, size);
	head.version = MODEL_VERSION;
	head.family = model->family;
	head.requested = model->requested;
	head.status = model->status;
	head.n_params = n;
	head.has_cov = model->has_cov;
	head.as_of = model->as_of;
	head.unit_days = model->unit_days;
	head.customers = model->customers;
	head.patterns = model->patterns;
	head.log_likelihood = model->log_likelihood;
	memcpy(p, &head, sizeof(head));
	p += sizeof(head);
	memcpy(p, model->param, n * sizeof(double));
	p += n * sizeof(double);
	if (model->has_cov)
		for (int i = 0; i < n; i++)
		{
			memcpy(p, &model->cov[i * n], (i + 1) * sizeof(double));
			p += (i + 1) * sizeof(double);
		}
	return PointerGetDatum(result);
}

/*
 * Detoasts a datum (once; packed ones are not copied), reads its head and finds
 * its family.  Returns where the parameters begin.
 */
static const char *
open_model(Datum datum, stored_head *head, const cv_family **family, struct varlena **detoasted)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(datum);
	Size		size = VARSIZE_ANY_EXHDR(v);
	const char *p = VARDATA_ANY(v);

	if (size < 1 || (uint8) p[0] != MODEL_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of fitted_model"),
				 errdetail("The stored model has format version %d; this library reads version %d.",
						   size < 1 ? 0 : (uint8) p[0], MODEL_VERSION),
				 errhint("Update the library of the extension customer_value.")));
	*family = NULL;
	if (size >= sizeof(stored_head))
	{
		memcpy(head, p, sizeof(*head));
		*family = cv_family_by_id(head->family);
	}
	if (*family == NULL || head->n_params != (*family)->n_params ||
		size != sizeof(*head) + sizeof(double) *
		(head->n_params + cov_numbers(head->n_params, head->has_cov)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored fitted_model is damaged")));
	*detoasted = v;
	return p + sizeof(*head);
}

static void
close_model(Datum datum, struct varlena *detoasted)
{
	if ((Pointer) detoasted != DatumGetPointer(datum))
		pfree(detoasted);
}

void
cv_model_view_datum(Datum datum, cv_model_kind kind, cv_model_view *view)
{
	stored_head head;
	struct varlena *v;
	const char *p = open_model(datum, &head, &view->family, &v);

	if (view->family->kind != kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 kind == CV_PURCHASE_MODEL ?
				 errmsg("a purchase model is needed, but this is a spend model") :
				 errmsg("a spend model is needed, but this is a purchase model"),
				 errdetail("The model's family is %s.", view->family->name),
				 kind == CV_PURCHASE_MODEL ?
				 errhint("Pass a model of fit_purchase_model().") :
				 errhint("Pass a model of fit_spend_model().")));
	view->unit_days = head.unit_days;
	view->as_of = head.as_of;
	view->period_months = view->period_days = 0;
	memcpy(view->param, p, head.n_params * sizeof(double));
	close_model(datum, v);
}

void
cv_model_from_datum(Datum datum, cv_model *model)
{
	stored_head head;
	struct varlena *v;
	const cv_family *family;
	const char *p = open_model(datum, &head, &family, &v);
	int			n = head.n_params;

	memset(model, 0, sizeof(*model));
	model->family = head.family;
	model->requested = head.requested;
	model->status = head.status;
	model->unit_days = head.unit_days;
	model->as_of = head.as_of;
	model->customers = head.customers;
	model->patterns = head.patterns;
	model->log_likelihood = head.log_likelihood;
	model->n_params = n;
	model->has_cov = head.has_cov;
	memcpy(model->param, p, n * sizeof(double));
	p += n * sizeof(double);
	if (model->has_cov)
		for (int i = 0; i < n; i++)
			for (int j = 0; j <= i; j++)
			{
				memcpy(&model->cov[i * n + j], p, sizeof(double));
				model->cov[j * n + i] = model->cov[i * n + j];
				p += sizeof(double);
			}
	close_model(datum, v);
}

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
	int			n;

	cv_model_from_datum(PG_GETARG_DATUM(0), &model);
	n = model.n_params;
	pq_begintypsend(&out);
	pq_sendbyte(&out, MODEL_VERSION);
	pq_sendbyte(&out, model.family);
	pq_sendbyte(&out, model.requested);
	pq_sendbyte(&out, model.status);
	pq_sendbyte(&out, n);
	pq_sendbyte(&out, model.has_cov);
	pq_sendint32(&out, model.as_of);
	pq_sendfloat8(&out, model.unit_days);
	pq_sendfloat8(&out, model.customers);
	pq_sendfloat8(&out, model.patterns);
	pq_sendfloat8(&out, model.log_likelihood);
	for (int i = 0; i < n; i++)
		pq_sendfloat8(&out, model.param[i]);
	if (model.has_cov)
		for (int i = 0; i < n; i++)
			for (int j = 0; j <= i; j++)
				pq_sendfloat8(&out, model.cov[i * n + j]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
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

	if (version != MODEL_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version of fitted_model"),
				 errdetail("The input has format version %d; this library reads version %d.",
						   version, MODEL_VERSION)));
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
	else
	{
		int			n = model.n_params;

		for (int i = 0; i < n; i++)
			model.param[i] = pq_getmsgfloat8(in);
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

/* Equal models are equal bytes (see cv_model_problem). */
static bool
models_equal(Datum a, Datum b)
{
	struct varlena *va = PG_DETOAST_DATUM_PACKED(a);
	struct varlena *vb = PG_DETOAST_DATUM_PACKED(b);
	bool		equal = VARSIZE_ANY_EXHDR(va) == VARSIZE_ANY_EXHDR(vb) &&
		memcmp(VARDATA_ANY(va), VARDATA_ANY(vb), VARSIZE_ANY_EXHDR(va)) == 0;

	close_model(a, va);
	close_model(b, vb);
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
	struct varlena *v = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	uint32		hash = hash_bytes((unsigned char *) VARDATA_ANY(v), VARSIZE_ANY_EXHDR(v));

	close_model(PG_GETARG_DATUM(0), v);
	PG_RETURN_UINT32(hash);
}

CV_SQL_FUNCTION(cv_fitted_model_hash_extended);
Datum
cv_fitted_model_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	uint64		hash = hash_bytes_extended((unsigned char *) VARDATA_ANY(v),
										   VARSIZE_ANY_EXHDR(v), PG_GETARG_INT64(1));

	close_model(PG_GETARG_DATUM(0), v);
	PG_RETURN_UINT64(hash);
}
