/*
 * model_scan.h - reading and writing the words and numbers of the text of a
 * fitted_model or a fit_state.
 */
#ifndef CV_PG_MODEL_SCAN_H
#define CV_PG_MODEL_SCAN_H

#include "postgres.h"

#include "lib/stringinfo.h"

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
extern bool cv_scan_day(cv_scan *scan, int32 *day); /* [-]YYYY-MM-DD, days since 2000-01-01 */

/* '<what> at character <n>.', the words of an errdetail. */
extern const char *cv_scan_problem(const cv_scan *scan, const char *what);

/* Shortest digits that read back as the same value, whatever extra_float_digits. */
extern void cv_print_number(StringInfo out, double value);
extern void cv_print_day(StringInfo out, int32 day);

#endif
