/*
 * model_fit.c - the aggregates fit_purchase_model and fit_spend_model: they
 * collect distinct patterns in a fit_state and fit at the end.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "pg/compat.h"
#include "pg/fit_state.h"
#include "pg/history.h"
#include "pg/model.h"
#include "pg/model_input.h"
#include "pg/model_scan.h"

#define WEEK_DAYS 7.0
#define CUSTOMER_HINT "A customer without a purchase is null in all of them, and is left out of the fit."

static char *
day_text(int32 day)
{
	StringInfoData out;

	initStringInfo(&out);
	cv_print_day(&out, day);
	return out.data;
}

static void
null_argument(const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be null", what),
			 errhint("%s", hint)));
}

static void
check_family_and_day(FunctionCallInfo fcinfo, int family_arg, int day_arg)
{
	if (family_arg > 0 && PG_ARGISNULL(family_arg))
		null_argument("model family", cv_family_list(CV_PURCHASE_MODEL));
	if (day_arg > 0)
	{
		if (PG_ARGISNULL(day_arg))
			null_argument("as-of day", "Pass the day on which the observation ends.");
		cv_check_as_of(PG_GETARG_DATEADT(day_arg));
	}
}

/* The family of an argument; raises 22023 unless it is of that kind. */
static const cv_family *
find_family(const text *name, cv_model_kind kind)
{
	char	   *string = text_to_cstring(name);
	const cv_family *family = cv_family_by_name(string);

	if (family == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown model family \"%s\"", string),
				 errhint("%s", cv_family_list(kind))));
	if (family->kind != kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("family \"%s\" is not of the right kind", family->name),
				 errdetail("It models how much customers spend, not when they buy."),
				 errhint("%s Spend models are fitted by fit_spend_model().", cv_family_list(kind))));
	pfree(string);
	return family;
}

/*
 * The state to add to: the transition's first argument, or a new one for the
 * first row.  Family and as-of day must stay what the first row said.
 */
static cv_fit_state *
open_state(FunctionCallInfo fcinfo, const text *name, cv_model_kind kind,
		   cv_entrance entrance, int32 as_of)
{
	const cv_family *family;
	cv_fit_state *state;

	if (PG_ARGISNULL(0))
	{
		family = name != NULL ? find_family(name, kind) : cv_family_by_id(CV_FAMILY_GAMMA_GAMMA);
		return cv_fit_state_make(family, entrance, as_of);
	}
	state = cv_fit_state_write(fcinfo, 0);
	family = cv_family_by_id(state->family);
	if (family->kind != kind || state->entrance != entrance ||
		(name != NULL &&
		 (VARSIZE_ANY_EXHDR(name) != strlen(family->name) ||
		  memcmp(VARDATA_ANY(name), family->name, strlen(family->name)) != 0) &&
		 find_family(name, kind) != family))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the family of a fit must be the same for all rows"),
				 errhint("To fit several families call the aggregate once for each.")));
	if (state->as_of != as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the as-of day of a fit must be the same for all rows"),
				 errdetail("Rows have %s and %s.", day_text(state->as_of), day_text(as_of)),
				 errhint("Group the rows by their as-of day, or pass one day.")));
	return state;
}

/* A transition that leaves the row out. */
static Datum
keep_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* _fit_purchase_history(state, family, history, as_of) */
CV_SQL_FUNCTION(cv_fit_purchase_history);
Datum
cv_fit_purchase_history(PG_FUNCTION_ARGS)
{
	cv_fit_state *state;
	cv_summary	s;
	DateADT		as_of;

	if (PG_ARGISNULL(2))
		return keep_state(fcinfo);
	check_family_and_day(fcinfo, 1, 3);
	as_of = PG_GETARG_DATEADT(3);
	state = open_state(fcinfo, PG_GETARG_TEXT_PP(1), CV_PURCHASE_MODEL, CV_FROM_HISTORY, as_of);
	state->seen++;
	if (cv_history_datum_summary(PG_GETARG_DATUM(2), as_of, &s))
		state = cv_fit_state_add(state, (double) s.x, s.t_x_days / WEEK_DAYS,
								 s.T_days / WEEK_DAYS, 1);
	PG_RETURN_POINTER(state);
}

/* _fit_purchase_summary(state, family, x, t_x, t) */
CV_SQL_FUNCTION(cv_fit_purchase_summary);
Datum
cv_fit_purchase_summary(PG_FUNCTION_ARGS)
{
	cv_fit_state *state;
	double		x,
				t_x,
				T;

	if (PG_ARGISNULL(2) && PG_ARGISNULL(3) && PG_ARGISNULL(4))
		return keep_state(fcinfo);
	check_family_and_day(fcinfo, 1, 0);
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		null_argument("one of x, t_x, T alone", CUSTOMER_HINT);
	x = PG_GETARG_FLOAT8(2);
	t_x = PG_GETARG_FLOAT8(3);
	T = PG_GETARG_FLOAT8(4);
	cv_check_purchase_summary(x, t_x, T);
	state = open_state(fcinfo, PG_GETARG_TEXT_PP(1), CV_PURCHASE_MODEL, CV_FROM_SUMMARY, CV_NO_DAY);
	state->seen++;
	PG_RETURN_POINTER(cv_fit_state_add(state, x, t_x, T, 1));
}

/* Spend models learn from customers who came back and paid something. */
static cv_fit_state *
add_spend(cv_fit_state *state, double x, double m)
{
	state->seen++;
	return x > 0 && m > 0 ? cv_fit_state_add(state, x, m, 0, 1) : state;
}

/* _fit_spend_history(state, history, as_of) */
CV_SQL_FUNCTION(cv_fit_spend_history);
Datum
cv_fit_spend_history(PG_FUNCTION_ARGS)
{
	cv_fit_state *state;
	cv_summary	s;
	DateADT		as_of;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo);
	check_family_and_day(fcinfo, 0, 2);
	as_of = PG_GETARG_DATEADT(2);
	state = open_state(fcinfo, NULL, CV_SPEND_MODEL, CV_FROM_HISTORY, as_of);
	if (!cv_history_datum_summary(PG_GETARG_DATUM(1), as_of, &s))
		s.x = 0;
	PG_RETURN_POINTER(add_spend(state, (double) s.x, s.m));
}

/* _fit_spend_summary(state, x, m); m may be null where x is 0 */
CV_SQL_FUNCTION(cv_fit_spend_summary);
Datum
cv_fit_spend_summary(PG_FUNCTION_ARGS)
{
	cv_fit_state *state;
	double		x,
				m;

	if (PG_ARGISNULL(1) && PG_ARGISNULL(2))
		return keep_state(fcinfo);
	if (PG_ARGISNULL(1))
		null_argument("x", CUSTOMER_HINT);
	x = PG_GETARG_FLOAT8(1);
	if (PG_ARGISNULL(2) && x != 0)
		null_argument("m of a customer with repeat purchases", CUSTOMER_HINT);
	m = PG_ARGISNULL(2) ? 0 : PG_GETARG_FLOAT8(2);
	cv_check_spend_summary(x, m);
	state = open_state(fcinfo, NULL, CV_SPEND_MODEL, CV_FROM_SUMMARY, CV_NO_DAY);
	PG_RETURN_POINTER(add_spend(state, x, m));
}

/* _fit_combine(state, state): adds the second to the first, which alone may change. */
CV_SQL_FUNCTION(cv_fit_combine);
Datum
cv_fit_combine(PG_FUNCTION_ARGS)
{
	cv_fit_state *first,
			   *into;
	const cv_fit_state *from;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));
	into = first = cv_fit_state_write(fcinfo, 0);
	from = cv_fit_state_read(PG_GETARG_DATUM(1));
	if (into->family != from->family || into->entrance != from->entrance ||
		into->as_of != from->as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fit states of different fits cannot be combined"),
				 errhint("Family, origin and as-of day must be the same.")));
	for (uint32 i = 0; i < from->slots; i++)
	{
		const cv_pattern *p = &from->slot[i];

		if (p->count != 0)
		{
			cv_fit_state *next = cv_fit_state_add(into, p->x, p->t_x, p->T, p->count);

			if (next != into && into != first)
				pfree(into);
			into = next;
		}
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	into->seen += from->seen;
	PG_RETURN_POINTER(into);
}

/* Polled inside the optimiser: looks at flags only. */
static bool
fit_interrupted(void *arg)
{
	return QueryCancelPending || ProcDiePending;
}

static void
fit_impossible(const cv_fit_state *state, const cv_family *family, cv_fit_result result)
{
	double		customers = cv_fit_state_customers(state);
	const char *by = state->as_of == CV_NO_DAY ? "" : psprintf(" by %s", day_text(state->as_of));

	if (family->kind == CV_SPEND_MODEL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit model \"%s\": nobody spent anything on a repeat purchase", family->name),
				 errdetail("Of %lld customers none has bought again%s with an amount above 0.",
						   (long long) state->seen, by),
				 errhint("A spend model learns from second and later purchase days; use a later as-of day or more customers.")));
	if (result == CV_FIT_NO_CUSTOMERS)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit model \"%s\": no customer has a purchase%s", family->name, by),
				 errdetail("%lld customers were looked at.", (long long) state->seen),
				 errhint("Check the as-of day: it must not lie before the first sale.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("cannot fit model \"%s\": nobody bought a second time%s", family->name, by),
			 errdetail("Each of the %.0f customers with a purchase bought on one day only.", customers),
			 errhint("A purchase model learns from customers who come back; use a later as-of day or more customers.")));
}

/* _fit_final(state): the fitted model. Reads the state only. */
CV_SQL_FUNCTION(cv_fit_final);
Datum
cv_fit_final(PG_FUNCTION_ARGS)
{
	const cv_fit_state *state = cv_fit_state_read(PG_GETARG_DATUM(0));
	const cv_family *family = cv_family_by_id(state->family);
	cv_pattern *patterns = cv_fit_state_patterns(state, false);
	cv_sample	sample = {0};
	cv_fit_options options = {0};
	cv_model	model;
	cv_fit_result result;
	const char *problem;

	CHECK_FOR_INTERRUPTS();
	memset(&model, 0, sizeof(model));
	sample.patterns = patterns;
	sample.n = state->used;
	options.interrupted = fit_interrupted;
	result = cv_fit(family, &sample, &options, &model);
	pfree(patterns);
	switch (result)
	{
		case CV_FIT_OK:
			break;
		case CV_FIT_NO_CUSTOMERS:
		case CV_FIT_NO_REPEATS:
			fit_impossible(state, family, result);
			break;
		case CV_FIT_INTERRUPTED:
			CHECK_FOR_INTERRUPTS();
			ereport(ERROR,
					(errcode(ERRCODE_QUERY_CANCELED),
					 errmsg("fit interrupted")));
			break;
		case CV_FIT_FAILED:
		case CV_FIT_NEEDS_K:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("cannot fit model \"%s\" to these customers", family->name),
					 errdetail("The optimiser found no maximum of the likelihood for %.0f customers in %u distinct patterns.",
							   cv_fit_state_customers(state), state->used),
					 errhint("Look for impossible values in the data, such as a single enormous amount.")));
	}
	model.unit_days = WEEK_DAYS;
	model.as_of = state->as_of;
	problem = cv_model_problem(&model);
	if (problem != NULL && model.has_cov)
	{
		/* Estimates without standard errors are better than no model. */
		model.has_cov = false;
		problem = cv_model_problem(&model);
	}
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit model \"%s\" to these customers", family->name),
				 errdetail("The best fit is not a usable model. %s", problem),
				 errhint("Look for impossible values in the data, such as a single enormous amount, or use a larger unit.")));
	return cv_model_to_datum(&model);
}
