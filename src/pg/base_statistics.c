/*
 * base_statistics.c - the statistics that customer bases need and SQL lacks.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "pg/compat.h"

CV_SQL_FUNCTION(cv_two_sided_p_value);

/*
 * customer_value._two_sided_p_value(z): the probability that a standard normal
 * variable is at least as far from 0 as z.
 */
Datum
cv_two_sided_p_value(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(erfc(fabs(PG_GETARG_FLOAT8(0)) * M_SQRT1_2));
}
