/*
 * history_text.c - purchase_history as text.
 *
 *   {1997-01-01:29.33,1997-01-18:24.73(orders=2,returns=1,returned=5.00,cost=10.1)}
 *
 * Days ascend, always ISO, whatever DateStyle.  After the net amount come, where
 * they are not what goes without saying:
 *   orders=      sales that are not returns; 1, or 0 on a day with returns
 *   returns=     sales that are returns; 0
 *   returned=    absolute amount of the returns; on a day of returns alone the
 *                net amount turned round
 *   cost=, list_amount=, quantity=   net sums of the tracks the day knows
 *   missing=     those of the known tracks that some sale of the day lacked,
 *                joined by +
 * Reading takes any order of these, any spelling of a decimal within the limits
 * and white space around every part; the result is canonical.
 */
#include "pg/history.h"

#include "miscadmin.h"
#include "parser/scansup.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/memutils.h"

#include "core/history_decimal.h"

static const char *const track_name[CV_TRACKS] = {"amount", "cost", "list_amount", "quantity"};

static void
put_decimal(StringInfo out, cv_int128 v, int scale)
{
	char		text[CV_DECIMAL_TEXT_MAX];
	char	   *end = cv_decimal_put(v, scale, text);

	appendBinaryStringInfo(out, text, (int) (end - text));
}

static void
put_date(StringInfo out, int32 day)
{
	struct pg_tm tm;
	char		text[MAXDATELEN + 1];

	j2date(day + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, text);
	appendStringInfoString(out, text);
}

/* What a day says beside its date and amount. */
static void
put_details(StringInfo out, const cv_day *day, const uint8_t *scale)
{
	char		separator = '(';

	if (day->orders != (day->returns == 0))
	{
		appendStringInfo(out, "%corders=" INT64_FORMAT, separator, (int64) day->orders);
		separator = ',';
	}
	if (day->returns != 0)
	{
		appendStringInfo(out, "%creturns=" INT64_FORMAT ",returned=", separator, (int64) day->returns);
		put_decimal(out, day->returned, scale[CV_AMOUNT]);
		separator = ',';
	}
	for (int track = CV_COST; track < CV_TRACKS; track++)
	{
		if (!(day->known & CV_TRACK_BIT(track)))
			continue;
		appendStringInfo(out, "%c%s=", separator, track_name[track]);
		put_decimal(out, day->sum[track], scale[track]);
		separator = ',';
	}
	if (day->known & day->missing)
	{
		appendStringInfo(out, "%cmissing=", separator);
		separator = '\0';
		for (int track = CV_COST; track < CV_TRACKS; track++)
		{
			if (!(day->known & day->missing & CV_TRACK_BIT(track)))
				continue;
			if (separator != '\0')
				appendStringInfoChar(out, separator);
			appendStringInfoString(out, track_name[track]);
			separator = '+';
		}
	}
	if (separator != '(')
		appendStringInfoChar(out, ')');
}

void
cv_history_to_text(StringInfo out, const cv_history_view *view)
{
	cv_history_reader reader;
	cv_day		day;
	char		separator = '{';

	cv_history_check(cv_history_open(&reader, view->bytes, view->size));
	while (cv_history_next(&reader, &day))
	{
		CHECK_FOR_INTERRUPTS();
		appendStringInfoChar(out, separator);
		put_date(out, day.day);
		appendStringInfoChar(out, ':');
		put_decimal(out, day.sum[CV_AMOUNT], reader.scale[CV_AMOUNT]);
		put_details(out, &day, reader.scale);
		separator = ',';
	}
	if (reader.corrupt)
		cv_history_check(CV_HISTORY_CORRUPT);
	appendStringInfoChar(out, '}');
}

/* Reading: where it is, and what went wrong. */
typedef struct Parser
{
	const char *text;
	const char *at;
	const char *end;
	int			sqlstate;
	const char *problem;		/* the errdetail; NULL while all is well */
} Parser;

static bool
fail_as(Parser *parser, int sqlstate, const char *problem)
{
	if (parser->problem == NULL)
	{
		parser->sqlstate = sqlstate;
		parser->problem = problem;
	}
	return false;
}

static bool
fail(Parser *parser, const char *problem)
{
	return fail_as(parser, ERRCODE_INVALID_TEXT_REPRESENTATION, problem);
}

static bool
fail_range(Parser *parser, const char *problem)
{
	return fail_as(parser, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, problem);
}

static void
skip_space(Parser *parser)
{
	while (parser->at < parser->end && scanner_isspace(*parser->at))
		parser->at++;
}

/* Takes a character if it is next. */
static bool
take(Parser *parser, char c)
{
	skip_space(parser);
	if (parser->at >= parser->end || *parser->at != c)
		return false;
	parser->at++;
	return true;
}

static inline bool
is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Takes a whole word if it is next. */
static bool
take_word(Parser *parser, const char *word)
{
	size_t		length = strlen(word);

	skip_space(parser);
	if ((size_t) (parser->end - parser->at) < length || strncmp(parser->at, word, length) != 0)
		return false;
	if (is_word_character(parser->at[length]))
		return false;			/* at the end stands a NUL */
	parser->at += length;
	return true;
}

/* An unsigned integer of at most max_digits digits, up to 19; INT64_MAX where it is larger. */
static bool
take_integer(Parser *parser, int max_digits, int64 *value)
{
	const char *start;
	uint64		v = 0;

	skip_space(parser);
	start = parser->at;
	while (parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9')
	{
		if (parser->at - start == max_digits)
			return false;
		v = v * 10 + (uint64) (*parser->at++ - '0');
	}
	*value = (int64) Min(v, (uint64) INT64_MAX);
	return parser->at > start;
}

/* year-month-day [BC] */
static bool
take_date(Parser *parser, int32 *day)
{
	int64		year,
				month,
				mday;
	int			y,
				m,
				d;

	if (!take_integer(parser, 7, &year) || !take(parser, '-') ||
		!take_integer(parser, 2, &month) || !take(parser, '-') ||
		!take_integer(parser, 2, &mday) || year == 0)
		return fail(parser, "A day is written as year-month-day.");
	if (take_word(parser, "BC"))
		year = 1 - year;
	if (month < 1 || month > 12 || mday < 1 || !IS_VALID_JULIAN(year, month, mday))
		return fail(parser, "A day does not exist.");
	*day = date2j((int) year, (int) month, (int) mday) - POSTGRES_EPOCH_JDATE;
	j2date(*day + POSTGRES_EPOCH_JDATE, &y, &m, &d);
	if (y != year || m != month || d != mday || *day < CV_MIN_DAY || *day > CV_MAX_DAY)
		return fail(parser, "A day does not exist.");
	return true;
}

static bool
take_decimal(Parser *parser, cv_int128 *v)
{
	skip_space(parser);
	switch (cv_decimal_get(parser->at, parser->end, CV_MAX_TOTAL_DIGITS, v, &parser->at))
	{
		case CV_DECIMAL_OK:
			return true;
		case CV_DECIMAL_RANGE:
			return fail_range(parser, "A sum must not exceed 10^25.");
		case CV_DECIMAL_SCALE:
			return fail_range(parser, "A sum has at most 12 decimals.");
		case CV_DECIMAL_SYNTAX:
			break;
	}
	return fail(parser, "A decimal number is expected.");
}

static bool
take_count(Parser *parser, int64 *count)
{
	if (!take_integer(parser, 19, count))
		return fail(parser, "A count is a whole number of at most 19 digits.");
	if (*count > CV_MAX_COUNT)
		return fail_range(parser, "A count must not exceed 10^18.");
	return true;
}

enum
{
	SEEN_ORDERS = CV_ALL_TRACKS + 1,
	SEEN_RETURNS = SEEN_ORDERS * 2,
	SEEN_RETURNED = SEEN_ORDERS * 4,
	SEEN_MISSING = SEEN_ORDERS * 8
};

static int
take_track(Parser *parser)
{
	for (int track = CV_COST; track < CV_TRACKS; track++)
		if (take_word(parser, track_name[track]))
			return track;
	return 0;
}

/* The names after missing= */
static bool
take_missing(Parser *parser, cv_day *day)
{
	do
	{
		int			track = take_track(parser);

		if (track == 0)
			return fail(parser, "missing names cost, list_amount or quantity.");
		day->missing |= CV_TRACK_BIT(track);
	} while (take(parser, '+'));
	return true;
}

/* One name=value; adds to *seen what it is. */
static bool
take_detail(Parser *parser, cv_day *day, int *seen)
{
	int			what;
	int			track = 0;

	if (take_word(parser, "orders"))
		what = SEEN_ORDERS;
	else if (take_word(parser, "returns"))
		what = SEEN_RETURNS;
	else if (take_word(parser, "returned"))
		what = SEEN_RETURNED;
	else if (take_word(parser, "missing"))
		what = SEEN_MISSING;
	else if ((track = take_track(parser)) != 0)
		what = CV_TRACK_BIT(track);
	else
		return fail(parser, "In parentheses stand orders, returns, returned, cost, list_amount, quantity or missing.");
	if (*seen & what)
		return fail(parser, "A day says the same thing twice.");
	*seen |= what;
	if (!take(parser, '='))
		return fail(parser, "\"=\" is expected.");
	switch (what)
	{
		case SEEN_ORDERS:
			return take_count(parser, &day->orders);
		case SEEN_RETURNS:
			return take_count(parser, &day->returns);
		case SEEN_RETURNED:
			return take_decimal(parser, &day->returned);
		case SEEN_MISSING:
			return take_missing(parser, day);
		default:
			day->known |= CV_TRACK_BIT(track);
			return take_decimal(parser, &day->sum[track]);
	}
}

/* date:amount[(details)] */
static bool
take_day(Parser *parser, cv_day *day)
{
	int			seen = 0;

	*day = (cv_day) {.known = CV_TRACK_BIT(CV_AMOUNT)};
	if (!take_date(parser, &day->day))
		return false;
	if (!take(parser, ':'))
		return fail(parser, "A day is followed by \":\" and its net amount.");
	if (!take_decimal(parser, &day->sum[CV_AMOUNT]))
		return false;
	if (take(parser, '('))
	{
		do
		{
			if (!take_detail(parser, day, &seen))
				return false;
		} while (take(parser, ','));
		if (!take(parser, ')'))
			return fail(parser, "\")\" is expected.");
	}
	if (!(seen & SEEN_ORDERS))
		day->orders = day->returns == 0;
	if (!(seen & SEEN_RETURNED) && day->returns != 0)
	{
		if (day->orders != 0)
			return fail(parser, "A day with orders and returns says what was returned.");
		day->returned = -day->sum[CV_AMOUNT];
	}
	day->missing |= CV_OPTIONAL_TRACKS & ~day->known;
	if (!cv_day_is_valid(day))
		return fail(parser, "The orders, returns, amount and returned amount of a day contradict each other.");
	return true;
}

/* All days of the text, in memory of the current context. */
static cv_day *
take_days(Parser *parser, size_t *n)
{
	Size		allocated = 16;
	cv_day	   *days = palloc(allocated * sizeof(cv_day));

	*n = 0;
	if (!take(parser, '{'))
		fail(parser, "It begins with \"{\".");
	else if (take(parser, '}'))
		fail(parser, "A history has at least one day; a customer without any has none, which is null.");
	while (parser->problem == NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (*n == allocated)
		{
			allocated *= 2;
			days = repalloc_huge(days, allocated * sizeof(cv_day));
		}
		if (!take_day(parser, &days[*n]))
			break;
		if (*n > 0 && days[*n].day <= days[*n - 1].day)
		{
			fail(parser, "Its days must ascend, each once.");
			break;
		}
		(*n)++;
		if (take(parser, ','))
			continue;
		if (!take(parser, '}'))
			fail(parser, "Days are separated by \",\" and end with \"}\".");
		break;
	}
	skip_space(parser);
	if (parser->at < parser->end)
		fail(parser, "Something follows the closing \"}\".");
	return days;
}

Datum
cv_history_from_text(const char *text, Node *escontext)
{
	static const uint8_t scale[CV_TRACKS] = {CV_MAX_SCALE, CV_MAX_SCALE, CV_MAX_SCALE, CV_MAX_SCALE};
	Parser		parser = {.text = text, .at = text, .end = text + strlen(text)};
	size_t		n;
	cv_day	   *days = take_days(&parser, &n);
	cv_history_shape shape;
	cv_history_writer writer;

	cv_shape_init(&shape, scale);
	if (parser.problem == NULL)
	{
		for (size_t i = 0; i < n; i++)
			cv_shape_add(&shape, &days[i]);
		if (shape.out_of_range)
			fail_range(&parser, "The absolute sums of its days must not exceed 10^25, its orders and returns 10^18 each.");
	}
	if (parser.problem != NULL)
	{
		pfree(days);
		if (parser.sqlstate == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE)
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("purchase history out of range at character %d", (int) (parser.at - text) + 1),
					 errdetail("%s", parser.problem)));
		ereturn(escontext, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type purchase_history at character %d",
						(int) (parser.at - text) + 1),
				 errdetail("%s", parser.problem),
				 errhint("Write {1997-01-01:29.33,1997-01-18:24.73(orders=2,returns=1,returned=5)}.")));
	}
	cv_writer_begin(&writer, &shape);
	for (size_t i = 0; i < n; i++)
		cv_writer_add(&writer, &days[i]);
	pfree(days);
	return cv_writer_finish(&writer);
}
