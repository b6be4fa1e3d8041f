/*
 * model_scan.h - reading and writing the words and numbers of the text of a
 * fitted_model or a fit_state.
 */
#ifndef CV_PG_MODEL_SCAN_H
#define CV_PG_MODEL_SCAN_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "core/period.h"

#define CV_SCAN_NAME 32			/* longest name, with its terminator */

typedef struct cv_scan
{
	const char *start;
	const char *at;
} cv_scan;

/* All skip white space first; false leaves the position at the offending place. */
extern bool cv_scan_char(cv_scan *scan, char c);
extern bool cv_scan_next(cv_scan *scan, char c);	/* is it next? leaves it there */
extern bool cv_scan_end(cv_scan *scan);
extern bool cv_scan_name(cv_scan *scan, char name[CV_SCAN_NAME]);	/* letters, digits, / - _ */
extern bool cv_scan_number(cv_scan *scan, double *value);	/* decimal and finite */
extern bool cv_scan_integer(cv_scan *scan, int64 *value);
extern bool cv_scan_day(cv_scan *scan, int32 *day); /* [-]YYYY-MM-DD, days since 2000-01-01 */

/* A whole number of days, weeks, months or years, singular or plural, that makes a valid period. */
extern bool cv_scan_period(cv_scan *scan, cv_period *period);

/* Letters, digits and _, or anything in double quotes, doubled where it has some; at most size - 1 bytes. */
extern bool cv_scan_identifier(cv_scan *scan, char *name, size_t size);

/* A JSON object, to its closing brace; its text, allocated. NULL where there is none. */
extern char *cv_scan_json(cv_scan *scan);

/* '<what> at character <n>.', the words of an errdetail. */
extern const char *cv_scan_problem(const cv_scan *scan, const char *what);

/* Shortest digits that read back as the same value, whatever extra_float_digits. */
extern void cv_print_number(StringInfo out, double value);
extern void cv_print_day(StringInfo out, int32 day);
extern void cv_print_identifier(StringInfo out, const char *name);

/* A period in its largest unit, such as '1 year' or '6 months'. */
extern char *cv_period_text(cv_period period);

#endif
