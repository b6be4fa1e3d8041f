/*
 * model_scan.c - reading and writing the words and numbers of the text of a
 * fitted_model or a fit_state: locale, DateStyle and extra_float_digits do not
 * matter.
 */
#include "postgres.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "datatype/timestamp.h"
#include "utils/datetime.h"

#include "pg/model_scan.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
skip_space(cv_scan *scan)
{
	while (*scan->at == ' ' || (*scan->at >= '\t' && *scan->at <= '\r'))
		scan->at++;
}

bool
cv_scan_next(cv_scan *scan, char c)
{
	skip_space(scan);
	return *scan->at == c;
}

bool
cv_scan_char(cv_scan *scan, char c)
{
	if (!cv_scan_next(scan, c))
		return false;
	scan->at++;
	return true;
}

bool
cv_scan_end(cv_scan *scan)
{
	skip_space(scan);
	return *scan->at == '\0';
}

bool
cv_scan_name(cv_scan *scan, char name[CV_SCAN_NAME])
{
	const char *p;
	size_t		n;

	skip_space(scan);
	for (p = scan->at;
		 (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || is_digit(*p) ||
		 *p == '/' || *p == '-' || *p == '_';
		 p++)
		;
	n = p - scan->at;
	if (n == 0 || n >= CV_SCAN_NAME)
		return false;
	memcpy(name, scan->at, n);
	name[n] = '\0';
	scan->at = p;
	return true;
}

/* Checks the shape before strtod(), which also takes 'nan', 'inf' and '0x1p3'. */
bool
cv_scan_number(cv_scan *scan, double *value)
{
	const char *p;
	int			digits = 0;

	skip_space(scan);
	p = scan->at;
	if (*p == '-' || *p == '+')
		p++;
	for (; is_digit(*p); p++)
		digits++;
	if (*p == '.')
		for (p++; is_digit(*p); p++)
			digits++;
	if (digits == 0)
		return false;
	if (*p == 'e' || *p == 'E')
	{
		const char *e = p + 1;

		if (*e == '-' || *e == '+')
			e++;
		if (!is_digit(*e))
			return false;
		for (p = e; is_digit(*p); p++)
			;
	}
	*value = strtod(scan->at, NULL);
	if (!isfinite(*value))
		return false;
	scan->at = p;
	return true;
}

bool
cv_scan_integer(cv_scan *scan, int64 *value)
{
	char	   *end;

	skip_space(scan);
	if (!is_digit(scan->at[*scan->at == '-']))
		return false;
	errno = 0;
	*value = strtoi64(scan->at, &end, 10);
	if (errno != 0)
		return false;
	scan->at = end;
	return true;
}

/* The largest first. */
static const struct
{
	const char *one;
	const char *many;
	cv_period	period;
}			periods[] = {
	{"year", "years", {12, 0}},
	{"month", "months", {1, 0}},
	{"week", "weeks", {0, 7}},
	{"day", "days", {0, 1}}
};

bool
cv_scan_period(cv_scan *scan, cv_period *period)
{
	cv_scan		ahead = *scan;
	char		name[CV_SCAN_NAME];
	int64		number;

	if (!cv_scan_integer(&ahead, &number) || number < 1 || number > CV_PERIOD_MAX_DAYS ||
		!cv_scan_name(&ahead, name))
		return false;
	for (int i = 0; i < (int) lengthof(periods); i++)
		if (strcmp(name, periods[i].one) == 0 || strcmp(name, periods[i].many) == 0)
		{
			*period = (cv_period) {(int) number * periods[i].period.months, (int) number * periods[i].period.days};
			if (!cv_period_is_valid(*period))
				return false;
			*scan = ahead;
			return true;
		}
	return false;
}

char *
cv_period_text(cv_period period)
{
	for (int i = 0;; i++)
	{
		int			size = period.months > 0 ? periods[i].period.months : periods[i].period.days;
		int			length = period.months > 0 ? period.months : period.days;

		if (size > 0 && length % size == 0)
			return psprintf("%d %s", length / size, length == size ? periods[i].one : periods[i].many);
	}
}

/* Bytes of other scripts count as letters. */
static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || IS_HIGHBIT_SET(c);
}

bool
cv_scan_identifier(cv_scan *scan, char *name, size_t size)
{
	const char *p;
	size_t		n = 0;

	skip_space(scan);
	p = scan->at;
	if (*p == '"')
	{
		for (p++; *p != '"' || *++p == '"'; p++)
		{
			if (*p == '\0' || n + 1 >= size)
				return false;
			name[n++] = *p;
		}
	}
	else
		for (; is_word(*p); p++)
		{
			if (n + 1 >= size)
				return false;
			name[n++] = *p;
		}
	if (n == 0)
		return false;
	name[n] = '\0';
	scan->at = p;
	return true;
}

void
cv_print_identifier(StringInfo out, const char *name)
{
	const char *p = name;

	while (is_word(*p))
		p++;
	if (*p == '\0')
	{
		appendStringInfoString(out, name);
		return;
	}
	appendStringInfoChar(out, '"');
	for (p = name; *p != '\0'; p++)
	{
		if (*p == '"')
			appendStringInfoChar(out, '"');
		appendStringInfoChar(out, *p);
	}
	appendStringInfoChar(out, '"');
}

char *
cv_scan_json(cv_scan *scan)
{
	int			depth = 0;
	bool		in_string = false;

	skip_space(scan);
	if (*scan->at != '{')
		return NULL;
	for (const char *p = scan->at; *p != '\0'; p++)
	{
		if (in_string)
		{
			if (*p == '\\' && p[1] != '\0')
				p++;
			else if (*p == '"')
				in_string = false;
		}
		else if (*p == '"')
			in_string = true;
		else if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
		{
			char	   *json = pnstrdup(scan->at, p + 1 - scan->at);

			scan->at = p + 1;
			return json;
		}
	}
	return NULL;
}

bool
cv_scan_day(cv_scan *scan, int32 *day)
{
	int			part[3] = {0, 0, 0};
	const char *p;
	bool		negative;
	int			year,
				month,
				mday;

	skip_space(scan);
	p = scan->at;
	negative = *p == '-';
	if (negative)
		p++;
	for (int i = 0; i < 3; i++)
	{
		int			digits = 0;

		for (; is_digit(*p); p++)
		{
			if (++digits > 7)
				return false;
			part[i] = part[i] * 10 + (*p - '0');
		}
		if (digits < (i == 0 ? 4 : 2) || (i > 0 && digits > 2))
			return false;
		if (i < 2 && *p++ != '-')
			return false;
	}
	year = negative ? -part[0] : part[0];
	month = part[1];
	mday = part[2];
	if (month < 1 || month > 12 || mday < 1 || mday > day_tab[isleap(year)][month - 1] ||
		!IS_VALID_JULIAN(year, month, mday))
		return false;
	*day = date2j(year, month, mday) - POSTGRES_EPOCH_JDATE;
	if (!IS_VALID_DATE(*day))
		return false;
	scan->at = p;
	return true;
}

const char *
cv_scan_problem(const cv_scan *scan, const char *what)
{
	return psprintf("%s at character %d.", what, (int) (scan->at - scan->start) + 1);
}

void
cv_print_number(StringInfo out, double value)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(value, digits);
	appendStringInfoString(out, digits);
}

void
cv_print_day(StringInfo out, int32 day)
{
	int			year,
				month,
				mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	appendStringInfo(out, "%s%04d-%02d-%02d", year < 0 ? "-" : "", abs(year), month, mday);
}
