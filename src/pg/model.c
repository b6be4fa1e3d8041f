/*
 * model.c - the fitted_model type: its layout and validation.
 *
 * Layout, version 2, after the varlena header: a stored_head; the parameters, the
 * coefficients of the covariates, then (where known) the lower triangle of the
 * covariance, row by row; the names of the covariates, each with its zero byte.
 * All numbers are in native byte order, read by memcpy because a packed datum is
 * not aligned.  Unused bytes are zero: equal models are equal bytes.
 *
 * Version 1 has the shorter head, and neither coefficients nor names.
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "utils/date.h"

#include "pg/compat.h"
#include "pg/model.h"
#include "pg/model_scan.h"

#define MODEL_VERSION 2

typedef struct stored_head
{
	uint8		version;
	uint8		family;
	uint8		requested;
	uint8		status;
	uint8		n_params;
	uint8		has_cov;
	uint8		k;				/* of a regular family, else 0 */
	uint8		n_covariates;
	int32		as_of;
	uint8		purchase;		/* cv_covariates */
	uint8		churn;
	uint16		names_size;
	double		unit_days;
	double		customers;
	double		patterns;
	double		log_likelihood;
	double		penalty;
	cv_period	period;
} stored_head;

StaticAssertDecl(sizeof(stored_head) == 64, "fitted_model has no padding");
StaticAssertDecl(CV_MAX_COVARIATES <= 8, "a byte says what covariates act on");

/* The bytes of a head that version 1 has; those that it left unused are zero. */
#define HEAD_SIZE_1 offsetof(stored_head, penalty)

static const char *const status_name[] = {
	[CV_STATUS_GIVEN] = "given",
	[CV_STATUS_CONVERGED] = "converged",
	[CV_STATUS_NO_CHURN] = "no_churn",
	[CV_STATUS_LIMIT] = "limit",
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
	int			n = cv_model_free(model);
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

double
cv_period_days(cv_period period)
{
	return period.months * (365.25 / 12) + period.days;
}

static const char *
period_problem(const cv_model *model, const cv_family *family)
{
	if (model->period.months == 0 && model->period.days == 0)
		return NULL;
	if (family->observation != CV_OPPORTUNITIES)
		return psprintf("Family %s has no period.", family->name);
	if (!cv_period_is_valid(model->period))
		return "The period is out of range.";
	if (model->unit_days != cv_period_days(model->period))
		return "The time unit must be the period.";
	return NULL;
}

static const char *
covariates_problem(cv_model *model, const cv_family *family)
{
	cv_covariates *c = &model->covariates;

	if (c->n < 0 || c->n > CV_MAX_COVARIATES || (c->purchase | c->churn) >> c->n != 0)
		return "The number of covariates is out of range.";
	if ((c->purchase != 0 && !cv_family_shifts(family, false)) ||
		(c->churn != 0 && !cv_family_shifts(family, true)))
		return psprintf("Family %s has no such effects of covariates.", family->name);
	for (int j = 0; j < c->n; j++)
	{
		if (c->name[j][0] == '\0')
			return "The name of a covariate is empty.";
		for (int i = 0; i < j; i++)
			if (strcmp(c->name[i], c->name[j]) == 0)
				return psprintf("Covariate \"%s\" is there twice.", c->name[j]);
	}
	for (int i = 0; i < cv_n_coefficients(c); i++)
	{
		if (!(fabs(model->coefficient[i]) <= CV_SCALE_LIMIT))
			return "The effect of a covariate is out of range.";
		model->coefficient[i] += 0.0;	/* -0 to 0 */
	}
	return NULL;
}

const char *
cv_model_problem(cv_model *model)
{
	const cv_family *family = cv_family_by_id(model->family);
	const cv_family *requested = cv_family_by_id(model->requested);
	const char *problem;

	if (family == NULL || requested == NULL)
		return "The family is unknown.";
	if (model->n_params != family->n_params)
		return "The number of parameters does not fit the family.";
	if (requested != family && !cv_family_has_limit(requested, family))
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
	if (!isfinite(model->penalty) || model->penalty < 0)
		return "The penalty must be finite and not negative.";
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
	if (family->regular)
	{
		double		k = model->param[model->n_params];

		if (!(k >= 1 && k <= CV_MAX_REGULARITY) || k != floor(k))
			return psprintf("Parameter \"k\" must be a whole number from 1 to %d.", CV_MAX_REGULARITY);
	}
	if ((problem = period_problem(model, family)) != NULL ||
		(problem = covariates_problem(model, family)) != NULL)
		return problem;

	model->customers += 0.0;	/* -0 to 0 */
	model->penalty += 0.0;
	model->patterns += 0.0;
	model->log_likelihood += 0.0;
	return model->has_cov ? cov_problem(model) : NULL;
}

static int
cov_numbers(int n, bool has_cov)
{
	return has_cov ? n * (n + 1) / 2 : 0;
}

Datum
cv_model_to_datum(const cv_model *model)
{
	int			m = model->n_params;
	int			n = cv_model_free(model);
	stored_head head = {0};
	struct varlena *result;
	Size		size;
	char	   *p;

	head.version = MODEL_VERSION;
	head.family = model->family;
	head.requested = model->requested;
	head.status = model->status;
	head.n_params = m;
	head.has_cov = model->has_cov;
	head.k = cv_family_by_id(model->family)->regular ? (uint8) model->param[m] : 0;
	head.n_covariates = model->covariates.n;
	head.as_of = model->as_of;
	head.purchase = model->covariates.purchase;
	head.churn = model->covariates.churn;
	for (int j = 0; j < model->covariates.n; j++)
		head.names_size += strlen(model->covariates.name[j]) + 1;
	head.unit_days = model->unit_days;
	head.customers = model->customers;
	head.patterns = model->patterns;
	head.log_likelihood = model->log_likelihood;
	head.penalty = model->penalty;
	head.period = model->period;

	size = VARHDRSZ + sizeof(head) + (n + cov_numbers(n, model->has_cov)) * sizeof(double) + head.names_size;
	result = palloc0(size);
	SET_VARSIZE(result, size);
	p = VARDATA(result);
	memcpy(p, &head, sizeof(head));
	p += sizeof(head);
	memcpy(p, model->param, m * sizeof(double));
	p += m * sizeof(double);
	memcpy(p, model->coefficient, (n - m) * sizeof(double));
	p += (n - m) * sizeof(double);
	if (model->has_cov)
		for (int i = 0; i < n; i++)
		{
			memcpy(p, &model->cov[i * n], (i + 1) * sizeof(double));
			p += (i + 1) * sizeof(double);
		}
	for (int j = 0; j < model->covariates.n; j++)
	{
		strcpy(p, model->covariates.name[j]);
		p += strlen(p) + 1;
	}
	return PointerGetDatum(result);
}

/* The covariates of a head, without their names. */
static cv_covariates
head_covariates(const stored_head *head)
{
	return (cv_covariates) {.n = head->n_covariates, .purchase = head->purchase, .churn = head->churn};
}

/* Numbers after the head: parameters, coefficients, covariance. */
static int
head_numbers(const stored_head *head)
{
	cv_covariates covariates = head_covariates(head);
	int			n = head->n_params + cv_n_coefficients(&covariates);

	return n + cov_numbers(n, head->has_cov);
}

/*
 * Detoasts a datum (once; packed ones are not copied), reads its head and finds
 * its family.  Returns where the parameters begin.
 */
static const char *
open_model(Datum datum, stored_head *head, const cv_family **family, struct varlena **detoasted)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(datum);
	Size		size = VARSIZE_ANY_EXHDR(v),
				head_size = sizeof(stored_head);
	const char *p = VARDATA_ANY(v);

	if (size < 1 || (uint8) p[0] < 1 || (uint8) p[0] > MODEL_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of fitted_model"),
				 errdetail("The stored model has format version %d; this library reads up to version %d.",
						   size < 1 ? 0 : (uint8) p[0], MODEL_VERSION),
				 errhint("Update the library of the extension customer_value.")));
	*family = NULL;
	memset(head, 0, sizeof(*head));
	if (p[0] == 1)
		head_size = HEAD_SIZE_1;
	if (size >= head_size)
	{
		memcpy(head, p, head_size);
		*family = cv_family_by_id(head->family);
	}
	if (*family == NULL || head->n_params != (*family)->n_params ||
		head->n_covariates > CV_MAX_COVARIATES ||
		size != head_size + sizeof(double) * head_numbers(head) + head->names_size)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored fitted_model is damaged")));
	*detoasted = v;
	return p + head_size;
}

static void
close_model(Datum datum, struct varlena *detoasted)
{
	if ((Pointer) detoasted != DatumGetPointer(datum))
		pfree(detoasted);
}

/* Copies names one after the other; false unless they are as many and as long as they should be. */
static bool
read_names(const char *p, Size size, cv_covariates *covariates)
{
	for (int j = 0; j < covariates->n; j++)
	{
		Size		length = strnlen(p, size);

		if (length >= size || length >= CV_COVARIATE_NAME)
			return false;
		memcpy(covariates->name[j], p, length + 1);
		p += length + 1;
		size -= length + 1;
	}
	return size == 0;
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
	if (head.n_covariates > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the covariates of the customer are not given"),
				 errdetail("The model has %d covariates; model_parameters() lists their effects.", head.n_covariates),
				 errhint("Pass with_covariates(model, array of the customer's covariates) instead of the model.")));
	view->unit_days = head.unit_days;
	view->as_of = head.as_of;
	view->period = head.period;
	memcpy(view->param, p, head.n_params * sizeof(double));
	if (view->family->regular)
		view->param[head.n_params] = head.k;
	close_model(datum, v);
}

void
cv_model_from_datum(Datum datum, cv_model *model)
{
	stored_head head;
	struct varlena *v;
	const cv_family *family;
	const char *p = open_model(datum, &head, &family, &v);
	int			m = head.n_params,
				n;

	memset(model, 0, sizeof(*model));
	model->family = head.family;
	model->requested = head.requested;
	model->status = head.status;
	model->unit_days = head.unit_days;
	model->as_of = head.as_of;
	model->customers = head.customers;
	model->patterns = head.patterns;
	model->log_likelihood = head.log_likelihood;
	model->penalty = head.penalty;
	model->period = head.period;
	model->n_params = m;
	model->covariates = head_covariates(&head);
	model->has_cov = head.has_cov;
	n = cv_model_free(model);
	memcpy(model->param, p, m * sizeof(double));
	p += m * sizeof(double);
	if (family->regular)
		model->param[m] = head.k;
	memcpy(model->coefficient, p, (n - m) * sizeof(double));
	p += (n - m) * sizeof(double);
	if (model->has_cov)
		for (int i = 0; i < n; i++)
			for (int j = 0; j <= i; j++)
			{
				memcpy(&model->cov[i * n + j], p, sizeof(double));
				model->cov[j * n + i] = model->cov[i * n + j];
				p += sizeof(double);
			}
	if (!read_names(p, head.names_size, &model->covariates))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored fitted_model is damaged")));
	close_model(datum, v);
}

struct varlena *
cv_model_canonical(Datum datum)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(datum);
	cv_model	model;

	if (VARSIZE_ANY_EXHDR(v) > 0 && *(uint8 *) VARDATA_ANY(v) == MODEL_VERSION)
		return v;
	close_model(datum, v);
	cv_model_from_datum(datum, &model);
	return (struct varlena *) DatumGetPointer(cv_model_to_datum(&model));
}
