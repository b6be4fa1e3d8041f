/*
 * fit_state_io.c - text and binary input and output of fit_state.
 *
 *	mbg/nbd(from=history, as_of=1997-09-30, seen=3; 0 0 38.5 2, 1 2 38.5 1)
 *
 * A pattern is x, t_x, T and its number of customers; of a spend model x, m and
 * the number.  Output is sorted: equal states print and send alike, whatever the
 * order of their rows.  Input trusts nothing.
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/date.h"

#include "pg/compat.h"
#include "pg/fit_state.h"
#include "pg/model.h"
#include "pg/model_input.h"
#include "pg/model_scan.h"

static const char *const entrance_name[] = {
	[CV_FROM_HISTORY] = "history",
	[CV_FROM_SUMMARY] = "summary",
};

/* Numbers of a pattern before its count. */
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

/* Checks head and configuration; NULL or the words of an errdetail. */
static const char *
config_problem(const cv_family *family, int entrance, int32 as_of, double seen)
{
	if (family == NULL)
		return "The family is unknown.";
	if (entrance != CV_FROM_HISTORY && entrance != CV_FROM_SUMMARY)
		return "The origin must be history or summary.";
	if ((entrance == CV_FROM_HISTORY) != (as_of != CV_NO_DAY))
		return "An as-of day belongs to histories, and to them only.";
	if (as_of != CV_NO_DAY && (!IS_VALID_DATE(as_of) || DATE_NOT_FINITE(as_of)))
		return "The as-of day is out of range.";
	if (!is_count(seen))
		return "The number of customers seen must be whole.";
	return NULL;
}

/* Adds one pattern of an input, after all checks. */
static const char *
add_pattern(cv_fit_state **state, const cv_family *family, const double *v)
{
	bool		spend = family->kind == CV_SPEND_MODEL;
	double		T = spend ? 0 : v[2];
	double		count = v[pattern_numbers(family)];
	const char *problem;

	problem = spend ? cv_spend_summary_problem(v[0], v[1]) : cv_purchase_summary_problem(v[0], v[1], T);
	if (problem != NULL)
		return problem;
	if (spend && (v[0] == 0 || v[1] == 0))
		return "A spend pattern needs x and m above 0.";
	if (!is_count(count) || count == 0)
		return "The count of a pattern must be whole and above 0.";
	if (cv_fit_state_has(*state, v[0], v[1], T))
		return "A pattern is there twice.";
	*state = cv_fit_state_add(*state, v[0], v[1], T, count);
	return NULL;
}

static const char *
counts_problem(const cv_fit_state *state)
{
	return cv_fit_state_customers(state) <= state->seen ? NULL :
		"The patterns hold more customers than were seen.";
}

static const char *
parse_head(cv_scan *scan, const cv_family **family, int *entrance, int32 *as_of, double *seen)
{
	char		name[CV_SCAN_NAME];

	if (!cv_scan_name(scan, name) || (*family = cv_family_by_name(name)) == NULL)
		return psprintf("Expected the name of a family. %s", cv_family_list(0));
	if (!cv_scan_char(scan, '(') || !cv_scan_name(scan, name) || strcmp(name, "from") != 0 ||
		!cv_scan_char(scan, '=') || !cv_scan_name(scan, name))
		return cv_scan_problem(scan, "Expected from=history or from=summary");
	for (*entrance = CV_FROM_HISTORY; *entrance <= CV_FROM_SUMMARY; ++*entrance)
		if (strcmp(name, entrance_name[*entrance]) == 0)
			break;
	*as_of = CV_NO_DAY;
	if (!cv_scan_char(scan, ',') || !cv_scan_name(scan, name))
		return cv_scan_problem(scan, "Expected seen=");
	if (strcmp(name, "as_of") == 0 &&
		(!cv_scan_char(scan, '=') || !cv_scan_day(scan, as_of) ||
		 !cv_scan_char(scan, ',') || !cv_scan_name(scan, name)))
		return cv_scan_problem(scan, "Expected as_of=YYYY-MM-DD, seen=");
	if (strcmp(name, "seen") != 0 || !cv_scan_char(scan, '=') || !cv_scan_number(scan, seen))
		return cv_scan_problem(scan, "Expected seen= and a number");
	return config_problem(*family, *entrance, *as_of, *seen);
}

static const char *
parse_state(const char *text, cv_fit_state **state)
{
	cv_scan		scan = {text, text};
	const cv_family *family;
	int			entrance = 0;
	int32		as_of = CV_NO_DAY;
	double		seen = 0;
	const char *problem = parse_head(&scan, &family, &entrance, &as_of, &seen);

	if (problem != NULL)
		return problem;
	*state = cv_fit_state_make(family, entrance, as_of);
	(*state)->seen = (int64) seen;
	if (cv_scan_char(&scan, ';'))
		do
		{
			double		v[4];

			for (int i = 0; i <= pattern_numbers(family); i++)
				if (!cv_scan_number(&scan, &v[i]))
					return cv_scan_problem(&scan, "Expected a finite number");
			if ((problem = add_pattern(state, family, v)) != NULL)
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

CV_SQL_FUNCTION(cv_fit_state_out);
Datum
cv_fit_state_out(PG_FUNCTION_ARGS)
{
	cv_fit_state *state = cv_fit_state_read(PG_GETARG_DATUM(0));
	const cv_family *family = cv_family_by_id(state->family);
	cv_pattern *patterns = cv_fit_state_patterns(state, true);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "%s(from=%s", family->name, entrance_name[state->entrance]);
	if (state->as_of != CV_NO_DAY)
	{
		appendStringInfoString(&out, ", as_of=");
		cv_print_day(&out, state->as_of);
	}
	appendStringInfo(&out, ", seen=%lld", (long long) state->seen);
	for (uint32 i = 0; i < state->used; i++)
	{
		const cv_pattern *p = &patterns[i];

		appendStringInfoString(&out, i == 0 ? "; " : ", ");
		cv_print_number(&out, p->x);
		appendStringInfoChar(&out, ' ');
		cv_print_number(&out, p->t_x);
		appendStringInfoChar(&out, ' ');
		if (family->kind == CV_PURCHASE_MODEL)
		{
			cv_print_number(&out, p->T);
			appendStringInfoChar(&out, ' ');
		}
		cv_print_number(&out, p->count);
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
	cv_pattern *patterns = cv_fit_state_patterns(state, true);
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbyte(&out, CV_FIT_STATE_VERSION);
	pq_sendbyte(&out, state->family);
	pq_sendbyte(&out, state->entrance);
	pq_sendint32(&out, state->as_of);
	pq_sendint64(&out, state->seen);
	pq_sendint32(&out, state->used);
	for (uint32 i = 0; i < state->used; i++)
	{
		pq_sendfloat8(&out, patterns[i].x);
		pq_sendfloat8(&out, patterns[i].t_x);
		if (family->kind == CV_PURCHASE_MODEL)
			pq_sendfloat8(&out, patterns[i].T);
		pq_sendfloat8(&out, patterns[i].count);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

static const char *
receive_state(StringInfo in, cv_fit_state **state)
{
	int			version = pq_getmsgbyte(in);
	const cv_family *family;
	int			entrance;
	int32		as_of;
	int64		seen;
	uint32		used;
	Size		size;
	const char *problem;

	if (version != CV_FIT_STATE_VERSION)
		return psprintf("The input has format version %d; this library reads version %d.",
						version, CV_FIT_STATE_VERSION);
	family = cv_family_by_id(pq_getmsgbyte(in));
	entrance = pq_getmsgbyte(in);
	as_of = pq_getmsgint(in, 4);
	seen = pq_getmsgint64(in);
	used = pq_getmsgint(in, 4);
	problem = config_problem(family, entrance, as_of, (double) seen);
	if (problem != NULL)
		return problem;
	size = (pattern_numbers(family) + 1) * sizeof(float8);
	if ((Size) (in->len - in->cursor) != used * size)
		return "The length does not fit the number of patterns.";
	*state = cv_fit_state_make_for(family, entrance, as_of, used);
	(*state)->seen = seen;
	for (uint32 i = 0; i < used; i++)
	{
		double		v[4];

		for (int k = 0; k <= pattern_numbers(family); k++)
			v[k] = pq_getmsgfloat8(in);
		if ((problem = add_pattern(state, family, v)) != NULL)
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
