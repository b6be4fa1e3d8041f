/*
 * profile.c - in SQL: the numbers of a customer's profile that are neither history nor model.
 */
#include "pg/compat.h"

#include <math.h>

#include "core/profile.h"

/* chance_of_line(lines, all_lines, draws): null where fewer lines than draws, or no whole draw, are there */
CV_SQL_FUNCTION(cv_chance_of_line_sql);
Datum
cv_chance_of_line_sql(PG_FUNCTION_ARGS)
{
	int64		lines = PG_GETARG_INT64(0),
				all = PG_GETARG_INT64(1);
	double		draws = floor(PG_GETARG_FLOAT8(2));

	if (lines < 0 || lines > all)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lines of a category must be among all lines"),
				 errdetail("There are %lld lines, of %lld.", (long long) lines, (long long) all),
				 errhint("Count both over the same sales.")));
	if (!(draws >= 1 && draws <= (double) all && draws < 9e18))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(cv_chance_of_line(lines, all, (int64) draws));
}

/* fewer_purchases_p_value(now, before) */
CV_SQL_FUNCTION(cv_fewer_purchases_p_value);
Datum
cv_fewer_purchases_p_value(PG_FUNCTION_ARGS)
{
	int32		now = PG_GETARG_INT32(0),
				before = PG_GETARG_INT32(1);

	if (now < 0 || before < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("numbers of purchases must not be negative"),
				 errdetail("They are %d and %d.", now, before),
				 errhint("Count the purchases of two windows of equal length.")));
	PG_RETURN_FLOAT8(cv_fewer_p_value(now, before));
}
