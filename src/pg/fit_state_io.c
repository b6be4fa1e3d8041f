/*
 * fit_state_io.c - text and binary input and output of fit_state.
 *
 *	mbg/nbd(from=history, as_of=1997-09-30, seen=3, covariates=1,
 *		options={"penalty": 1, "covariates": ["age"]}; 0 0 38.5 30 2, 1 2 38.5 40 1)
 *
 * A pattern is x, t_x, T (of a spend model x, m), its covariates, and its number of
 * customers.  log_gaps=, of regular families, is in units of 2^-32.  Output is
 * sorted: equal states print and send alike, whatever the order of their rows.
 * Input trusts nothing.
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"

#include "pg/compat.h"
#include "pg/fit_options.h"
#include "pg/fit_state.h"
#include "pg/model.h"
#include "pg/model_input.h"
#include "pg/model_scan.h"

static const char *const entrance_name[] = {
	[CV_FROM_HISTORY] = "history",
	[CV_FROM_SUMMARY] = "summary",
};

#define MAX_NUMBERS (3 + CV_MAX_COVARIATES + 1)

/* Numbers of a pattern before its covariates. */
static int
pattern_numbers(const cv_family *family)
{
	return family->kind == CV_PURCHASE_MODEL ? 3 : 2;
}

static bool
is_count(double value)
{
	return value >= 0 && value <= 9007199254740992.0 && value == floor(value);
}

/*
 * Checks head and configuration; NULL or the words of an errdetail.  Raises the
 * error of options that no fit would take.
 */
static const char *
config_problem(cv_fit_config *config, double seen, int64 log_gaps)
{
	cv_fit_settings settings;

	if (config->family == NULL)
		return "The family is unknown.";
	if (config->entrance != CV_FROM_HISTORY && config->entrance != CV_FROM_SUMMARY)
		return "The origin must be history or summary.";
	if ((config->entrance == CV_FROM_HISTORY) != (config->as_of != CV_NO_DAY))
		return "An as-of day belongs to histories, and to them only.";
	if (config->as_of != CV_NO_DAY && (!IS_VALID_DATE(config->as_of) || DATE_NOT_FINITE(config->as_of)))
		return "The as-of day is out of range.";
	if (!is_count(seen))
		return "The number of customers seen must be whole.";
	if (config->n_covariates < 0 || config->n_covariates > CV_MAX_COVARIATES)
		return "The number of covariates is out of range.";
	if (log_gaps != 0 && !(config->family->regular && config->entrance == CV_FROM_HISTORY))
		return "Times between purchases belong to regular families fitted to histories.";
	cv_fit_settings_read(config->options, config->family, config->entrance == CV_FROM_HISTORY,
						 config->n_covariates, &settings);
	config->period = settings.period;
	return NULL;
}

/* Adds one pattern of an input, after all checks: its numbers, covariates and count. */
static const char *
add_pattern(cv_fit_state **state, const cv_family *family, const double *v)
{
	bool		spend = family->kind == CV_SPEND_MODEL;
	double		T = spend ? 0 : v[2];
	const double *z = v + pattern_numbers(family);
	double		count = z[(*state)->n_covariates];
	const char *problem;

	problem = spend ? cv_spend_summary_problem(v[0], v[1]) :
		cv_purchase_summary_problem(family->observation, v[0], v[1], T);
	if (problem != NULL)
		return problem;
	if (spend && (v[0] == 0 || v[1] == 0))
		return "A spend pattern needs x and m above 0.";
	for (int j = 0; j < (*state)->n_covariates; j++)
		if (!(fabs(z[j]) <= CV_SCALE_LIMIT))
			return "A covariate is out of range.";
	if (!is_count(count) || count == 0)
		return "The count of a pattern must be whole and above 0.";
	if (cv_fit_state_has(*state, v[0], v[1], T, z))
		return "A pattern is there twice.";
	*state = cv_fit_state_add(*state, v[0], v[1], T, z, count);
	return NULL;
}

static const char *
counts_problem(const cv_fit_state *state)
{
	return cv_fit_state_customers(state) <= state->seen ? NULL :
		"The patterns hold more customers than were seen.";
}

/* Options from their text; none are NULL. */
static Jsonb *
read_json(char *json)
{
	Jsonb	   *options = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));

	return JB_ROOT_IS_OBJECT(options) && JB_ROOT_COUNT(options) == 0 ? NULL : options;
}

/* The settings after from=. */
static const char *
parse_setting(cv_scan *scan, cv_fit_config *config, double *seen, int64 *log_gaps)
{
	char		name[CV_SCAN_NAME];
	double		n;
	char	   *json;

	if (!cv_scan_name(scan, name) || !cv_scan_char(scan, '='))
		return cv_scan_problem(scan, "Expected seen=");
	if (strcmp(name, "as_of") == 0)
		return cv_scan_day(scan, &config->as_of) ? NULL : cv_scan_problem(scan, "Expected YYYY-MM-DD");
	if (strcmp(name, "seen") == 0)
		return cv_scan_number(scan, seen) ? NULL : cv_scan_problem(scan, "Expected a number");
	if (strcmp(name, "log_gaps") == 0)
		return cv_scan_integer(scan, log_gaps) ? NULL : cv_scan_problem(scan, "Expected a whole number");
	if (strcmp(name, "covariates") == 0)
	{
		if (!cv_scan_number(scan, &n) || !is_count(n) || n > CV_MAX_COVARIATES)
			return cv_scan_problem(scan, "Expected a number of covariates");
		config->n_covariates = (int) n;
		return NULL;
	}
	if (strcmp(name, "options") == 0)
	{
		json = cv_scan_json(scan);
		if (json == NULL)
			return cv_scan_problem(scan, "Expected a JSON object");
		config->options = read_json(json);
		return NULL;
	}
	return cv_scan_problem(scan, "Expected as_of=, seen=, log_gaps=, covariates= or options=");
}

static const char *
parse_head(cv_scan *scan, cv_fit_config *config, double *seen, int64 *log_gaps)
{
	char		name[CV_SCAN_NAME];
	int			entrance;

	*seen = NAN;
	if (!cv_scan_name(scan, name) || (config->family = cv_family_by_name(name)) == NULL)
		return psprintf("Expected the name of a family. %s", cv_family_list(0));
	if (!cv_scan_char(scan, '(') || !cv_scan_name(scan, name) || strcmp(name, "from") != 0 ||
		!cv_scan_char(scan, '=') || !cv_scan_name(scan, name))
		return cv_scan_problem(scan, "Expected from=history or from=summary");
	for (entrance = CV_FROM_HISTORY; entrance <= CV_FROM_SUMMARY; entrance++)
		if (strcmp(name, entrance_name[entrance]) == 0)
			break;
	config->entrance = entrance;
	while (cv_scan_char(scan, ','))
	{
		const char *problem = parse_setting(scan, config, seen, log_gaps);

		if (problem != NULL)
			return problem;
	}
	if (isnan(*seen))
		return cv_scan_problem(scan, "Expected seen= and a number");
	return config_problem(config, *seen, *log_gaps);
}

static const char *
parse_state(const char *text, cv_fit_state **state)
{
	cv_scan		scan = {text, text};
	cv_fit_config config = {.as_of = CV_NO_DAY};
	double		seen;
	int64		log_gaps = 0;
	const char *problem = parse_head(&scan, &config, &seen, &log_gaps);

	if (problem != NULL)
		return problem;
	*state = cv_fit_state_make(&config, 0);
	(*state)->seen = (int64) seen;
	(*state)->log_gaps = log_gaps;
	if (cv_scan_char(&scan, ';'))
		do
		{
			double		v[MAX_NUMBERS];

			for (int i = 0; i <= pattern_numbers(config.family) + config.n_covariates; i++)
				if (!cv_scan_number(&scan, &v[i]))
					return cv_scan_problem(&scan, "Expected a finite number");
			if ((problem = add_pattern(state, config.family, v)) != NULL)
				return cv_scan_problem(&scan, psprintf("%s Pattern ends", problem));
			CHECK_FOR_INTERRUPTS();
		} while (cv_scan_char(&scan, ','));
	if (!cv_scan_char(&scan, ')') || !cv_scan_end(&scan))
		return cv_scan_problem(&scan, "Expected \")\" and the end of the text");
	return counts_problem(*state);
}

CV_SQL_FUNCTION(cv_fit_state_in);
Datum
cv_fit_state_in(PG_FUNCTION_ARGS)
{
	cv_fit_state *state = NULL;
	const char *problem = parse_state(PG_GETARG_CSTRING(0), &state);

	if (problem != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s", "fit_state"),
				 errdetail("%s", problem),
				 errhint("Values of this type come from fits under way; they are not written by hand.")));
	PG_RETURN_POINTER(state);
}

/* The options as text, or NULL. */
static char *
options_text(const cv_fit_state *state)
{
	Jsonb	   *options = cv_fit_state_options(state);

	return options ? JsonbToCString(NULL, &options->root, VARSIZE(options)) : NULL;
}

/* The numbers of a pattern as they are printed and sent; returns how many. */
static int
list_numbers(const cv_fit_state *state, const cv_family *family, const cv_pattern *p, double *v)
{
	int			n = pattern_numbers(family);

	v[0] = p->x;
	v[1] = p->t_x;
	if (n > 2)
		v[2] = p->T;
	for (int j = 0; j < state->n_covariates; j++)
		v[n++] = cv_fit_covariates(p)[j];
	v[n++] = p->count;
	return n;
}

CV_SQL_FUNCTION(cv_fit_state_out);
Datum
cv_fit_state_out(PG_FUNCTION_ARGS)
{
	cv_fit_state *state = cv_fit_state_read(PG_GETARG_DATUM(0));
	const cv_family *family = cv_family_by_id(state->family);
	const cv_pattern **sorted = cv_fit_state_sorted(state);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "%s(from=%s", family->name, entrance_name[state->entrance]);
	if (state->as_of != CV_NO_DAY)
	{
		appendStringInfoString(&out, ", as_of=");
		cv_print_day(&out, state->as_of);
	}
	appendStringInfo(&out, ", seen=%lld", (long long) state->seen);
	if (state->log_gaps != 0)
		appendStringInfo(&out, ", log_gaps=%lld", (long long) state->log_gaps);
	if (state->n_covariates > 0)
		appendStringInfo(&out, ", covariates=%d", state->n_covariates);
	if (state->options_size > 0)
		appendStringInfo(&out, ", options=%s", options_text(state));
	for (uint32 i = 0; i < state->used; i++)
	{
		double		v[MAX_NUMBERS];
		int			n = list_numbers(state, family, sorted[i], v);

		appendStringInfoString(&out, i == 0 ? "; " : ", ");
		for (int k = 0; k < n; k++)
		{
			if (k > 0)
				appendStringInfoChar(&out, ' ');
			cv_print_number(&out, v[k]);
		}
		CHECK_FOR_INTERRUPTS();
	}
	appendStringInfoChar(&out, ')');
	PG_RETURN_CSTRING(out.data);
}

CV_SQL_FUNCTION(cv_fit_state_send);
Datum
cv_fit_state_send(PG_FUNCTION_ARGS)
{
	cv_fit_state *state = cv_fit_state_read(PG_GETARG_DATUM(0));
	const cv_family *family = cv_family_by_id(state->family);
	const cv_pattern **sorted = cv_fit_state_sorted(state);
	const char *options = options_text(state);
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbyte(&out, CV_FIT_STATE_VERSION);
	pq_sendbyte(&out, state->family);
	pq_sendbyte(&out, state->entrance);
	pq_sendbyte(&out, state->n_covariates);
	pq_sendint32(&out, state->as_of);
	pq_sendint64(&out, state->seen);
	pq_sendint64(&out, state->log_gaps);
	pq_sendint32(&out, state->used);
	pq_sendstring(&out, options ? options : "");
	for (uint32 i = 0; i < state->used; i++)
	{
		double		v[MAX_NUMBERS];
		int			n = list_numbers(state, family, sorted[i], v);

		for (int k = 0; k < n; k++)
			pq_sendfloat8(&out, v[k]);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

static const char *
receive_state(StringInfo in, cv_fit_state **state)
{
	int			version = pq_getmsgbyte(in);
	cv_fit_config config = {0};
	int64		seen,
				log_gaps;
	uint32		used;
	const char *options,
			   *problem;
	int			numbers;

	if (version != CV_FIT_STATE_VERSION)
		return psprintf("The input has format version %d; this library reads version %d.",
						version, CV_FIT_STATE_VERSION);
	config.family = cv_family_by_id(pq_getmsgbyte(in));
	config.entrance = pq_getmsgbyte(in);
	config.n_covariates = pq_getmsgbyte(in);
	config.as_of = pq_getmsgint(in, 4);
	seen = pq_getmsgint64(in);
	log_gaps = pq_getmsgint64(in);
	used = pq_getmsgint(in, 4);
	options = pq_getmsgstring(in);
	if (options[0] != '\0')
		config.options = read_json(pstrdup(options));
	problem = config_problem(&config, (double) seen, log_gaps);
	if (problem != NULL)
		return problem;
	numbers = pattern_numbers(config.family) + config.n_covariates + 1;
	if ((Size) (in->len - in->cursor) != (Size) used * numbers * sizeof(float8))
		return "The length does not fit the number of patterns.";
	*state = cv_fit_state_make(&config, used);
	(*state)->seen = seen;
	(*state)->log_gaps = log_gaps;
	for (uint32 i = 0; i < used; i++)
	{
		double		v[MAX_NUMBERS];

		for (int k = 0; k < numbers; k++)
			v[k] = pq_getmsgfloat8(in);
		if ((problem = add_pattern(state, config.family, v)) != NULL)
			return problem;
		CHECK_FOR_INTERRUPTS();
	}
	return counts_problem(*state);
}

CV_SQL_FUNCTION(cv_fit_state_recv);
Datum
cv_fit_state_recv(PG_FUNCTION_ARGS)
{
	cv_fit_state *state = NULL;
	const char *problem = receive_state((StringInfo) PG_GETARG_POINTER(0), &state);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary fit_state"),
				 errdetail("%s", problem)));
	PG_RETURN_POINTER(state);
}
