/*
 * model_fit.c - the aggregates fit_purchase_model and fit_spend_model: they
 * collect distinct patterns in a fit_state, here, and fit at the end, in model_fit_final.c.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "core/gaps.h"
#include "pg/compat.h"
#include "pg/fit_keys.h"
#include "pg/fit_options.h"
#include "pg/fit_state.h"
#include "pg/history.h"
#include "pg/model.h"
#include "pg/model_fit.h"
#include "pg/model_input.h"
#include "pg/model_scan.h"

#define CUSTOMER_HINT "A customer without a purchase is null in all of them, and is left out of the fit."

char *
cv_fit_day_text(int32 day)
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

const cv_family *
cv_fit_find_family(const text *name, cv_model_kind kind)
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

Jsonb *
cv_fit_get_options(FunctionCallInfo fcinfo, int arg)
{
	Jsonb	   *options;

	if (arg == 0 || PG_ARGISNULL(arg))
		return NULL;
	options = PG_GETARG_JSONB_P(arg);
	return JB_ROOT_IS_OBJECT(options) && JB_ROOT_COUNT(options) == 0 ? NULL : options;
}

/* What a first row says of a fit. */
static void
begin_fit(cv_fit_config *config, const text *name, cv_model_kind kind)
{
	cv_fit_settings settings;

	config->family = name != NULL ? cv_fit_find_family(name, kind) : cv_family_by_id(CV_FAMILY_GAMMA_GAMMA);
	cv_fit_settings_read(config->options, config->family, config->entrance == CV_FROM_HISTORY,
						 config->n_covariates, &settings);
	config->period = settings.period;
}

/* Asked for every row: a loop over a few bytes is faster than calls that measure and compare. */
static bool
is_name(const text *name, const char *of)
{
	const char *data = VARDATA_ANY(name);
	Size		size = VARSIZE_ANY_EXHDR(name),
				i = 0;

	while (i < size && data[i] == of[i])
		i++;
	return i == size && of[i] == '\0';
}

/* What the first row said of the fit must hold for all. */
static void
go_on_with_fit(const cv_fit_state *state, cv_fit_config *config, const text *name, cv_model_kind kind)
{
	config->family = cv_family_by_id(state->family);
	if (config->family->kind != kind || state->entrance != config->entrance ||
		(name != NULL && !is_name(name, config->family->name) && cv_fit_find_family(name, kind) != config->family))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the family of a fit must be the same for all rows"),
				 errhint("To fit several families call the aggregate once for each.")));
	if (state->as_of != config->as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the as-of day of a fit must be the same for all rows"),
				 errdetail("Rows have %s and %s.", cv_fit_day_text(state->as_of), cv_fit_day_text(config->as_of)),
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
}

/* The state to add to: the transition's first argument, or a new one for the first row. */
static cv_fit_state *
open_state(FunctionCallInfo fcinfo, const text *name, cv_model_kind kind, cv_fit_config *config)
{
	cv_fit_state *state;

	if (PG_ARGISNULL(0))
	{
		begin_fit(config, name, kind);
		return cv_fit_state_make(config, 0);
	}
	state = cv_fit_state_write(fcinfo, 0);
	go_on_with_fit(state, config, name, kind);
	return state;
}

/* Where a state lives that outlasts this call. */
static MemoryContext
state_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	return AggCheckCallContext(fcinfo, &context) ? context : CurrentMemoryContext;
}

cv_fit_keys *
cv_fit_keys_open(FunctionCallInfo fcinfo, Datum datum)
{
	cv_fit_keys *keys = cv_fit_keys_write(datum);

	return keys ? keys : cv_fit_keys_copy(datum, state_context(fcinfo));
}

/* The same of customers who are kept as keys; NULL where they are not. */
static cv_fit_keys *
open_keys(FunctionCallInfo fcinfo, const text *name, cv_model_kind kind, cv_fit_config *config)
{
	cv_fit_keys *keys;

	if (!PG_ARGISNULL(0))
	{
		keys = cv_fit_keys_open(fcinfo, PG_GETARG_DATUM(0));
		if (keys != NULL)
			go_on_with_fit(cv_fit_keys_head(keys), config, name, kind);
		return keys;
	}
	begin_fit(config, name, kind);
	return cv_fit_keys_serve(config) ? cv_fit_keys_make(config, state_context(fcinfo)) : NULL;
}

/* The state to go on with once a customer does not fit into a key: thousands of years or of millions, or many decimals. */
static cv_fit_state *
leave_keys(cv_fit_keys **keys, cv_fit_state *state)
{
	if (*keys != NULL)
		state = cv_fit_state_read(cv_fit_keys_datum(*keys));
	*keys = NULL;
	return state;
}

/* What a transition returns. */
static Datum
state_datum(cv_fit_keys *keys, cv_fit_state *state)
{
	return keys ? cv_fit_keys_datum(keys) : PointerGetDatum(state);
}

Datum
cv_fit_keep_state(FunctionCallInfo fcinfo)
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

	config.options = cv_fit_get_options(fcinfo, more > 0 ? PG_NARGS() - 1 : 0);
	if (more == 2)
	{
		if (PG_ARGISNULL(customer_args))
			null_argument("covariates", "Filter out customers without them, or fill in typical values.");
		config.n_covariates = cv_read_covariates(PG_GETARG_ARRAYTYPE_P(customer_args), z);
	}
	return config;
}

/* A customer as the family sees it: whole days, or periods. */
typedef struct seen
{
	int64		x;
	int64		t_x;
	int64		T;
} seen;

/* False where there is no purchase by the as-of day. */
static bool
see_history(const cv_fit_state *head, const cv_family *family, Datum history, seen *c)
{
	cv_opportunities o;

	if (family->observation == CV_OPPORTUNITIES)
	{
		if (!cv_history_datum_opportunities(history, head->as_of, head->period, &o))
			return false;
		*c = (seen) {o.x, o.t_x, o.n};
		return true;
	}
	return cv_history_datum_times(history, head->as_of, &c->x, &c->t_x, &c->T);
}

/* For a regular family: the times between purchases, too. */
static void
add_gaps(cv_fit_state *head, Datum history)
{
	cv_history_view view = cv_history_get(history);
	int64		log_gaps;

	cv_history_check(cv_history_log_gaps(view.bytes, view.size, head->as_of, &log_gaps));
	cv_history_release(&view);
	cv_fit_state_add_gaps(head, log_gaps);
}

/* _fit_purchase_history(state, family, history, as_of [, covariates] [, options]) */
CV_SQL_FUNCTION(cv_fit_purchase_history);
Datum
cv_fit_purchase_history(PG_FUNCTION_ARGS)
{
	cv_fit_keys *keys;
	cv_fit_state *state;
	cv_fit_config config;
	double		z[CV_MAX_COVARIATES],
				unit;
	seen		c;
	uint64		key;

	if (PG_ARGISNULL(2))
		return cv_fit_keep_state(fcinfo);
	check_family_and_day(fcinfo, 1, 3);
	config = get_config(fcinfo, CV_FROM_HISTORY, PG_GETARG_DATEADT(3), 4, z);
	keys = open_keys(fcinfo, PG_GETARG_TEXT_PP(1), CV_PURCHASE_MODEL, &config);
	state = keys ? cv_fit_keys_head(keys) : open_state(fcinfo, PG_GETARG_TEXT_PP(1), CV_PURCHASE_MODEL, &config);
	state->seen++;
	if (see_history(state, config.family, PG_GETARG_DATUM(2), &c))
	{
		if (config.family->regular)
			add_gaps(state, PG_GETARG_DATUM(2));
		if (keys && cv_pattern_key(c.x, c.t_x, c.T, &key))
			cv_fit_keys_add(keys, key);
		else
		{
			state = leave_keys(&keys, state);
			unit = config.family->observation == CV_OPPORTUNITIES ? 1 : CV_WEEK_DAYS;
			state = cv_fit_state_add(state, (double) c.x, (double) c.t_x / unit, (double) c.T / unit, z, 1);
		}
	}
	return state_datum(keys, state);
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
		return cv_fit_keep_state(fcinfo);
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

/* _fit_spend_history(state, history, as_of [, options]) */
CV_SQL_FUNCTION(cv_fit_spend_history);
Datum
cv_fit_spend_history(PG_FUNCTION_ARGS)
{
	cv_fit_keys *keys;
	cv_fit_state *state;
	cv_fit_config config;
	cv_buying	buying;
	uint64		key;

	if (PG_ARGISNULL(1))
		return cv_fit_keep_state(fcinfo);
	check_family_and_day(fcinfo, 0, 2);
	config = get_config(fcinfo, CV_FROM_HISTORY, PG_GETARG_DATEADT(2), 3, NULL);
	keys = open_keys(fcinfo, NULL, CV_SPEND_MODEL, &config);
	state = keys ? cv_fit_keys_head(keys) : open_state(fcinfo, NULL, CV_SPEND_MODEL, &config);
	state->seen++;
	cv_history_datum_buying(PG_GETARG_DATUM(1), config.as_of, &buying);
	if (buying.days.n > 1 && buying.repeat_amount > 0)
	{
		if (keys && cv_spend_key(buying.days.n - 1, buying.repeat_amount, buying.scale, &key))
			cv_fit_keys_add(keys, key);
		else
		{
			cv_summary	s;

			state = leave_keys(&keys, state);
			cv_buying_summary(&buying, config.as_of, &s);
			state = cv_fit_state_add(state, (double) s.x, s.m, 0, NULL, 1);
		}
	}
	return state_datum(keys, state);
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
		return cv_fit_keep_state(fcinfo);
	if (PG_ARGISNULL(1))
		null_argument("x", CUSTOMER_HINT);
	x = PG_GETARG_FLOAT8(1);
	if (PG_ARGISNULL(2) && x != 0)
		null_argument("m of a customer with repeat purchases", CUSTOMER_HINT);
	m = PG_ARGISNULL(2) ? 0 : PG_GETARG_FLOAT8(2);
	cv_check_spend_summary(x, m);
	config = get_config(fcinfo, CV_FROM_SUMMARY, CV_NO_DAY, 3, NULL);
	state = open_state(fcinfo, NULL, CV_SPEND_MODEL, &config);
	state->seen++;
	/* spend models learn from customers who came back and paid something */
	if (x > 0 && m > 0)
		state = cv_fit_state_add(state, x, m, 0, NULL, 1);
	PG_RETURN_POINTER(state);
}
