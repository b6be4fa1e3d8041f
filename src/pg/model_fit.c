/*
 * model_fit.c - the aggregates fit_purchase_model and fit_spend_model: they
 * collect distinct patterns in a fit_state and fit at the end.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "core/gaps.h"
#include "pg/compat.h"
#include "pg/fit_options.h"
#include "pg/fit_state.h"
#include "pg/history.h"
#include "pg/model.h"
#include "pg/model_input.h"
#include "pg/model_scan.h"

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

/* The options in an argument; NULL where there are none. */
static Jsonb *
get_options(FunctionCallInfo fcinfo, int arg)
{
	Jsonb	   *options;

	if (arg == 0 || PG_ARGISNULL(arg))
		return NULL;
	options = PG_GETARG_JSONB_P(arg);
	return JB_ROOT_IS_OBJECT(options) && JB_ROOT_COUNT(options) == 0 ? NULL : options;
}

/*
 * The state to add to: the transition's first argument, or a new one for the
 * first row.  What the first row said of the fit must hold for all.
 */
static cv_fit_state *
open_state(FunctionCallInfo fcinfo, const text *name, cv_model_kind kind, cv_fit_config *config)
{
	cv_fit_state *state;

	if (PG_ARGISNULL(0))
	{
		cv_fit_settings settings;

		config->family = name != NULL ? find_family(name, kind) : cv_family_by_id(CV_FAMILY_GAMMA_GAMMA);
		cv_fit_settings_read(config->options, config->family, config->entrance == CV_FROM_HISTORY,
							 config->n_covariates, &settings);
		config->period = settings.period;
		return cv_fit_state_make(config, 0);
	}
	state = cv_fit_state_write(fcinfo, 0);
	config->family = cv_family_by_id(state->family);
	if (config->family->kind != kind || state->entrance != config->entrance ||
		(name != NULL &&
		 (VARSIZE_ANY_EXHDR(name) != strlen(config->family->name) ||
		  memcmp(VARDATA_ANY(name), config->family->name, strlen(config->family->name)) != 0) &&
		 find_family(name, kind) != config->family))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the family of a fit must be the same for all rows"),
				 errhint("To fit several families call the aggregate once for each.")));
	if (state->as_of != config->as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the as-of day of a fit must be the same for all rows"),
				 errdetail("Rows have %s and %s.", day_text(state->as_of), day_text(config->as_of)),
				 errhint("Group the rows by their as-of day, or pass one day.")));
	if (state->n_covariates != config->n_covariates)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("all customers of a fit must have the same covariates"),
				 errdetail("Rows have %d and %d.", state->n_covariates, config->n_covariates),
				 errhint("Pass arrays of one length, with 0 where a covariate does not apply.")));
	if (!cv_fit_state_has_options(state, config->options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the options of a fit must be the same for all rows"),
				 errhint("Pass them as a constant.")));
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

/* What a transition was given besides the customer: covariates, where it has them, and options come last. */
static cv_fit_config
get_config(FunctionCallInfo fcinfo, cv_entrance entrance, int32 as_of, int customer_args, double *z)
{
	int			more = PG_NARGS() - customer_args;
	cv_fit_config config = {.entrance = entrance, .as_of = as_of};

	config.options = get_options(fcinfo, more > 0 ? PG_NARGS() - 1 : 0);
	if (more == 2)
	{
		if (PG_ARGISNULL(customer_args))
			null_argument("covariates", "Filter out customers without them, or fill in typical values.");
		config.n_covariates = cv_read_covariates(PG_GETARG_ARRAYTYPE_P(customer_args), z);
	}
	return config;
}

/* Adds a customer as the family sees it; for a regular one the times between purchases, too. */
static cv_fit_state *
add_history(cv_fit_state *state, const cv_family *family, Datum history, const double *z)
{
	cv_summary	s;

	if (family->observation == CV_OPPORTUNITIES)
	{
		cv_opportunities o;

		return cv_history_datum_opportunities(history, state->as_of, state->period, &o) ?
			cv_fit_state_add(state, (double) o.x, (double) o.t_x, (double) o.n, z, 1) : state;
	}
	if (!cv_history_datum_summary(history, state->as_of, &s))
		return state;
	if (family->regular)
	{
		cv_history_view view = cv_history_get(history);
		int64		log_gaps;

		cv_history_check(cv_history_log_gaps(view.bytes, view.size, state->as_of, &log_gaps));
		cv_history_release(&view);
		cv_fit_state_add_gaps(state, log_gaps);
	}
	return cv_fit_state_add(state, (double) s.x, s.t_x_days / CV_WEEK_DAYS, s.T_days / CV_WEEK_DAYS, z, 1);
}

/* _fit_purchase_history(state, family, history, as_of [, covariates] [, options]) */
CV_SQL_FUNCTION(cv_fit_purchase_history);
Datum
cv_fit_purchase_history(PG_FUNCTION_ARGS)
{
	cv_fit_state *state;
	cv_fit_config config;
	double		z[CV_MAX_COVARIATES];

	if (PG_ARGISNULL(2))
		return keep_state(fcinfo);
	check_family_and_day(fcinfo, 1, 3);
	config = get_config(fcinfo, CV_FROM_HISTORY, PG_GETARG_DATEADT(3), 4, z);
	state = open_state(fcinfo, PG_GETARG_TEXT_PP(1), CV_PURCHASE_MODEL, &config);
	state->seen++;
	PG_RETURN_POINTER(add_history(state, config.family, PG_GETARG_DATUM(2), z));
}

/* _fit_purchase_summary(state, family, x, t_x, t [, covariates] [, options]) */
CV_SQL_FUNCTION(cv_fit_purchase_summary);
Datum
cv_fit_purchase_summary(PG_FUNCTION_ARGS)
{
	cv_fit_state *state;
	cv_fit_config config;
	double		x,
				t_x,
				T,
				z[CV_MAX_COVARIATES];

	if (PG_ARGISNULL(2) && PG_ARGISNULL(3) && PG_ARGISNULL(4))
		return keep_state(fcinfo);
	check_family_and_day(fcinfo, 1, 0);
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		null_argument("one of x, t_x, T alone", CUSTOMER_HINT);
	x = PG_GETARG_FLOAT8(2);
	t_x = PG_GETARG_FLOAT8(3);
	T = PG_GETARG_FLOAT8(4);
	config = get_config(fcinfo, CV_FROM_SUMMARY, CV_NO_DAY, 5, z);
	state = open_state(fcinfo, PG_GETARG_TEXT_PP(1), CV_PURCHASE_MODEL, &config);
	cv_check_purchase_summary(config.family->observation, x, t_x, T);
	state->seen++;
	PG_RETURN_POINTER(cv_fit_state_add(state, x, t_x, T, z, 1));
}

/* Spend models learn from customers who came back and paid something. */
static cv_fit_state *
add_spend(cv_fit_state *state, double x, double m)
{
	state->seen++;
	return x > 0 && m > 0 ? cv_fit_state_add(state, x, m, 0, NULL, 1) : state;
}

/* _fit_spend_history(state, history, as_of [, options]) */
CV_SQL_FUNCTION(cv_fit_spend_history);
Datum
cv_fit_spend_history(PG_FUNCTION_ARGS)
{
	cv_fit_state *state;
	cv_fit_config config;
	cv_summary	s;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo);
	check_family_and_day(fcinfo, 0, 2);
	config = get_config(fcinfo, CV_FROM_HISTORY, PG_GETARG_DATEADT(2), 3, NULL);
	state = open_state(fcinfo, NULL, CV_SPEND_MODEL, &config);
	if (!cv_history_datum_summary(PG_GETARG_DATUM(1), config.as_of, &s))
		s.x = 0;
	PG_RETURN_POINTER(add_spend(state, (double) s.x, s.m));
}

/* _fit_spend_summary(state, x, m [, options]); m may be null where x is 0 */
CV_SQL_FUNCTION(cv_fit_spend_summary);
Datum
cv_fit_spend_summary(PG_FUNCTION_ARGS)
{
	cv_fit_state *state;
	cv_fit_config config;
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
	config = get_config(fcinfo, CV_FROM_SUMMARY, CV_NO_DAY, 3, NULL);
	state = open_state(fcinfo, NULL, CV_SPEND_MODEL, &config);
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
		into->as_of != from->as_of || into->n_covariates != from->n_covariates ||
		!cv_fit_state_has_options(into, cv_fit_state_options(from)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fit states of different fits cannot be combined"),
				 errhint("Family, origin, as-of day, covariates and options must be the same.")));
	for (uint32 i = 0; i < from->slots; i++)
	{
		const cv_pattern *p = cv_fit_slot(from, i);

		if (p->count != 0)
		{
			cv_fit_state *next = cv_fit_state_add(into, p->x, p->t_x, p->T, cv_fit_covariates(p), p->count);

			if (next != into && into != first)
				pfree(into);
			into = next;
		}
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	into->seen += from->seen;
	cv_fit_state_add_gaps(into, from->log_gaps);
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

/* Patterns with their covariates as groups of equal ones. */
static void
make_groups(const cv_fit_state *state, cv_sample *sample)
{
	int			n_covariates = state->n_covariates;
	const cv_pattern **sorted = cv_fit_state_sorted(state);

	sample->patterns = palloc(Max(state->used, 1) * sizeof(cv_pattern));
	sample->groups = palloc_extended(Max(state->used, 1) * sizeof(cv_group), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < state->used; i++)
	{
		const double *z = cv_fit_covariates(sorted[i]);

		sample->patterns[i] = *sorted[i];
		if (i == 0 || memcmp(z, sample->groups[sample->n_groups - 1].z, n_covariates * sizeof(double)) != 0)
			sample->groups[sample->n_groups++] = (cv_group) {.first = i, .z = z};
		sample->groups[sample->n_groups - 1].n++;
	}
	pfree(sorted);
}

static void
free_sample(cv_sample *sample)
{
	pfree(sample->patterns);
	if (sample->groups != NULL)
		pfree(sample->groups);
}

/* The model of a family fitted to the customers of a state, which is only read. */
static Datum
fit_state(const cv_fit_state *state, const cv_family *family, Jsonb *fit_options)
{
	cv_fit_settings settings;
	cv_sample	sample = {.n = state->used};
	cv_fit_options options = {.interrupted = fit_interrupted};
	cv_model	model;
	cv_fit_result result;
	const char *problem;

	CHECK_FOR_INTERRUPTS();
	cv_fit_settings_read(fit_options, family, state->entrance == CV_FROM_HISTORY,
						 state->n_covariates, &settings);
	options.penalty = settings.penalty;
	options.k = settings.k;
	if (settings.has_start)
		options.start = &settings.start;
	if (state->n_covariates > 0)
	{
		sample.covariates = &settings.covariates;
		make_groups(state, &sample);
	}
	else
		sample.patterns = cv_fit_state_patterns(state);
	sample.has_log_gaps = state->entrance == CV_FROM_HISTORY;
	sample.log_gaps = (double) state->log_gaps * CV_LOG_GAP_UNIT;

	memset(&model, 0, sizeof(model));
	result = cv_fit(family, &sample, &options, &model);
	free_sample(&sample);
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
		case CV_FIT_NEEDS_K:	/* settings are checked before */
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("cannot fit model \"%s\" to these customers", family->name),
					 errdetail("The optimiser found no maximum of the likelihood for %.0f customers in %u distinct patterns.",
							   cv_fit_state_customers(state), state->used),
					 errhint("Look for impossible values in the data, such as a single enormous amount.")));
	}
	model.unit_days = CV_WEEK_DAYS;
	if (family->observation == CV_OPPORTUNITIES)
		model.unit_days = cv_period_days(state->period);
	model.period = state->period;
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
				 state->n_covariates > 0 ?
				 errhint("Count covariates from a typical value, and in units such that they differ by about one.") :
				 errhint("Look for impossible values in the data, such as a single enormous amount, or use a larger unit.")));
	return cv_model_to_datum(&model);
}

/* _fit_final(state): the fitted model. */
CV_SQL_FUNCTION(cv_fit_final);
Datum
cv_fit_final(PG_FUNCTION_ARGS)
{
	const cv_fit_state *state = cv_fit_state_read(PG_GETARG_DATUM(0));

	return fit_state(state, cv_family_by_id(state->family), cv_fit_state_options(state));
}

/*
 * _fit_final_as(state, family, options): the same for another family than the one
 * the state was collected for.  It has to see customers as that one does.
 */
CV_SQL_FUNCTION(cv_fit_final_as);
Datum
cv_fit_final_as(PG_FUNCTION_ARGS)
{
	const cv_fit_state *state = cv_fit_state_read(PG_GETARG_DATUM(0));
	const cv_family *collected = cv_family_by_id(state->family);
	const cv_family *family = find_family(PG_GETARG_TEXT_PP(1), CV_PURCHASE_MODEL);

	if (collected->kind != family->kind || collected->observation != family->observation ||
		(family->regular && !collected->regular) || state->n_covariates > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customers collected for family \"%s\" do not serve \"%s\"", collected->name, family->name)));
	return fit_state(state, family, get_options(fcinfo, 2));
}
