/*
 * contract.c - the contract_model type: its layout, validation, input and output.
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
#include "libpq/pqformat.h"
#include "utils/date.h"

#include "pg/compat.h"
#include "pg/contract.h"

#define CONTRACT_VERSION 1

typedef struct stored_head
{
	uint8		version;
	uint8		family;
	uint8		status;
	uint8		has_cov;
	int32		as_of;
	int32		period_months;
	int32		period_days;
	int32		renewals;
	int32		unused;
	double		customers;
	double		log_likelihood;
} stored_head;

StaticAssertDecl(sizeof(stored_head) == 40, "contract_model has no padding");

/* The lower triangle decides; correlations beyond +-1 are refused. */
static const char *
cov_problem(cv_contract *contract)
{
	int			n = contract->n_params;
	double	   *cov = contract->cov;

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
cv_contract_problem(cv_contract *contract)
{
	if (cv_contract_family_name(contract->family) == NULL)
		return "The family is unknown.";
	if (contract->n_params != cv_contract_family_params(contract->family))
		return "The number of parameters does not fit the family.";
	if (cv_contract_status_name(contract->status) == NULL)
		return "The status is unknown.";
	if (contract->as_of != CV_NO_DAY && (!IS_VALID_DATE(contract->as_of) || DATE_NOT_FINITE(contract->as_of)))
		return "The as-of day is out of range.";
	if ((contract->period.months != 0 || contract->period.days != 0) && !cv_period_is_valid(contract->period))
		return "The period must be a positive number of months, or of days.";
	if (contract->renewals < 0 || contract->renewals > CV_MAX_RENEWALS)
		return psprintf("The number of renewals must lie between 0 and %d.", CV_MAX_RENEWALS);
	if (!isfinite(contract->customers) || contract->customers < 0)
		return "The number of customers (n) must be finite and not negative.";
	if (!isfinite(contract->log_likelihood))
		return "The log-likelihood must be finite.";
	for (int i = 0; i < contract->n_params; i++)
	{
		/* alpha and beta are any plain numbers, c is a power */
		double		low = i < 2 ? 1 / CV_PARAM_LIMIT : 0.001,
					high = i < 2 ? CV_PARAM_LIMIT : 100;

		if (!(contract->param[i] >= low && contract->param[i] <= high))
			return psprintf("Parameter \"%s\" must lie between %g and %g.", cv_contract_param_name(i), low, high);
	}
	contract->customers += 0.0; /* -0 to 0 */
	contract->log_likelihood += 0.0;
	return contract->has_cov ? cov_problem(contract) : NULL;
}

static int
cov_numbers(int n_params, bool has_cov)
{
	return has_cov ? n_params * (n_params + 1) / 2 : 0;
}

Datum
cv_contract_to_datum(const cv_contract *contract)
{
	int			n = contract->n_params;
	Size		size = VARHDRSZ + sizeof(stored_head) +
		(n + cov_numbers(n, contract->has_cov)) * sizeof(double);
	struct varlena *result = palloc0(size);
	stored_head head = {
		.version = CONTRACT_VERSION,
		.family = contract->family,
		.status = contract->status,
		.has_cov = contract->has_cov,
		.as_of = contract->as_of,
		.period_months = contract->period.months,
		.period_days = contract->period.days,
		.renewals = contract->renewals,
		.customers = contract->customers,
		.log_likelihood = contract->log_likelihood
	};
	char	   *p = VARDATA(result);

	SET_VARSIZE(result, size);
	memcpy(p, &head, sizeof(head));
	p += sizeof(head);
	memcpy(p, contract->param, n * sizeof(double));
	p += n * sizeof(double);
	for (int i = 0; contract->has_cov && i < n; i++)
	{
		memcpy(p, &contract->cov[i * n], (i + 1) * sizeof(double));
		p += (i + 1) * sizeof(double);
	}
	return PointerGetDatum(result);
}

static void
release(Datum datum, struct varlena *detoasted)
{
	if ((Pointer) detoasted != DatumGetPointer(datum))
		pfree(detoasted);
}

void
cv_contract_from_datum(Datum datum, cv_contract *contract)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(datum);
	Size		size = VARSIZE_ANY_EXHDR(v);
	const char *p = VARDATA_ANY(v);
	stored_head head = {0};
	int			n;

	if (size < 1 || (uint8) p[0] != CONTRACT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of contract_model"),
				 errdetail("The stored model has format version %d; this library reads version %d.",
						   size < 1 ? 0 : (uint8) p[0], CONTRACT_VERSION),
				 errhint("Update the library of the extension customer_value.")));
	if (size >= sizeof(head))
		memcpy(&head, p, sizeof(head));
	n = cv_contract_family_params(head.family);
	if (cv_contract_family_name(head.family) == NULL ||
		size != sizeof(head) + sizeof(double) * (n + cov_numbers(n, head.has_cov)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored contract_model is damaged")));
	*contract = (cv_contract) {
		.family = head.family,
		.status = head.status,
		.period = {head.period_months, head.period_days},
		.as_of = head.as_of,
		.renewals = head.renewals,
		.customers = head.customers,
		.log_likelihood = head.log_likelihood,
		.n_params = n,
		.has_cov = head.has_cov
	};
	p += sizeof(head);
	memcpy(contract->param, p, n * sizeof(double));
	p += n * sizeof(double);
	for (int i = 0; contract->has_cov && i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			memcpy(&contract->cov[i * n + j], p, sizeof(double));
			contract->cov[j * n + i] = contract->cov[i * n + j];
			p += sizeof(double);
		}
	release(datum, v);
}

CV_SQL_FUNCTION(cv_contract_model_in);
Datum
cv_contract_model_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	cv_contract contract;
	const char *problem = cv_contract_parse(text, &contract);

	if (problem != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "contract_model", text),
				 errdetail("%s", problem),
				 errhint("Write for example sbg(alpha=0.7,beta=1.2) or bdw(alpha=0.5,beta=0.8,c=1.3).")));
	return cv_contract_to_datum(&contract);
}

CV_SQL_FUNCTION(cv_contract_model_out);
Datum
cv_contract_model_out(PG_FUNCTION_ARGS)
{
	cv_contract contract;

	cv_contract_from_datum(PG_GETARG_DATUM(0), &contract);
	PG_RETURN_CSTRING(cv_contract_text(&contract));
}

CV_SQL_FUNCTION(cv_contract_model_send);
Datum
cv_contract_model_send(PG_FUNCTION_ARGS)
{
	cv_contract contract;
	StringInfoData out;
	int			n;

	cv_contract_from_datum(PG_GETARG_DATUM(0), &contract);
	n = contract.n_params;
	pq_begintypsend(&out);
	pq_sendbyte(&out, CONTRACT_VERSION);
	pq_sendbyte(&out, contract.family);
	pq_sendbyte(&out, contract.status);
	pq_sendbyte(&out, contract.has_cov);
	pq_sendint32(&out, contract.as_of);
	pq_sendint32(&out, contract.period.months);
	pq_sendint32(&out, contract.period.days);
	pq_sendint32(&out, contract.renewals);
	pq_sendfloat8(&out, contract.customers);
	pq_sendfloat8(&out, contract.log_likelihood);
	for (int i = 0; i < n; i++)
		pq_sendfloat8(&out, contract.param[i]);
	for (int i = 0; contract.has_cov && i < n; i++)
		for (int j = 0; j <= i; j++)
			pq_sendfloat8(&out, contract.cov[i * n + j]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* Trusts nothing: whatever cv_contract_problem() lets pass is a usable model. */
CV_SQL_FUNCTION(cv_contract_model_recv);
Datum
cv_contract_model_recv(PG_FUNCTION_ARGS)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);
	cv_contract contract = {0};
	int			version = pq_getmsgbyte(in);
	int			has_cov;
	const char *problem;

	if (version != CONTRACT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version of contract_model"),
				 errdetail("The input has format version %d; this library reads version %d.",
						   version, CONTRACT_VERSION)));
	contract.family = pq_getmsgbyte(in);
	contract.status = pq_getmsgbyte(in);
	has_cov = pq_getmsgbyte(in);
	contract.has_cov = has_cov == 1;
	contract.as_of = pq_getmsgint(in, 4);
	contract.period.months = pq_getmsgint(in, 4);
	contract.period.days = pq_getmsgint(in, 4);
	contract.renewals = pq_getmsgint(in, 4);
	contract.customers = pq_getmsgfloat8(in);
	contract.log_likelihood = pq_getmsgfloat8(in);
	contract.n_params = cv_contract_family_params(contract.family);
	for (int i = 0; i < contract.n_params; i++)
		contract.param[i] = pq_getmsgfloat8(in);
	for (int i = 0; contract.has_cov && i < contract.n_params; i++)
		for (int j = 0; j <= i; j++)
			contract.cov[i * contract.n_params + j] = pq_getmsgfloat8(in);
	problem = has_cov > 1 ? "The covariance flag is out of range." : cv_contract_problem(&contract);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary contract_model"),
				 errdetail("%s", problem)));
	return cv_contract_to_datum(&contract);
}

/* Equal models are equal bytes (see cv_contract_problem). */
static bool
contracts_equal(Datum a, Datum b)
{
	struct varlena *va = PG_DETOAST_DATUM_PACKED(a);
	struct varlena *vb = PG_DETOAST_DATUM_PACKED(b);
	bool		equal = VARSIZE_ANY_EXHDR(va) == VARSIZE_ANY_EXHDR(vb) &&
		memcmp(VARDATA_ANY(va), VARDATA_ANY(vb), VARSIZE_ANY_EXHDR(va)) == 0;

	release(a, va);
	release(b, vb);
	return equal;
}

CV_SQL_FUNCTION(cv_contract_model_eq);
Datum
cv_contract_model_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(contracts_equal(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

CV_SQL_FUNCTION(cv_contract_model_ne);
Datum
cv_contract_model_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!contracts_equal(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

CV_SQL_FUNCTION(cv_contract_model_hash);
Datum
cv_contract_model_hash(PG_FUNCTION_ARGS)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	uint32		hash = hash_bytes((unsigned char *) VARDATA_ANY(v), VARSIZE_ANY_EXHDR(v));

	release(PG_GETARG_DATUM(0), v);
	PG_RETURN_UINT32(hash);
}

CV_SQL_FUNCTION(cv_contract_model_hash_extended);
Datum
cv_contract_model_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	uint64		hash = hash_bytes_extended((unsigned char *) VARDATA_ANY(v), VARSIZE_ANY_EXHDR(v),
										   PG_GETARG_INT64(1));

	release(PG_GETARG_DATUM(0), v);
	PG_RETURN_UINT64(hash);
}
