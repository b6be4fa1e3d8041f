/*
 * ranking_window.c - reading the values that window functions put on a scale.
 */
#include "pg/ranking_window.h"

#include <math.h>

void
cv_not_finite(const char *what, double value)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s must be finite", what),
			 errdetail("A row has %s.", isnan(value) ? "NaN" : value > 0 ? "infinity" : "-infinity"),
			 errhint("Say NULL where it is not known; such rows are left out.")));
}

double
cv_ranked_value(Datum datum)
{
	double		x = DatumGetFloat8(datum);

	if (!isfinite(x))
		cv_not_finite("a value that is ranked", x);
	return x + 0.0;
}

bool
cv_ranked_row(WindowObject window, double *x)
{
	bool		null;
	Datum		datum = WinGetFuncArgCurrent(window, 0, &null);

	if (!null)
		*x = cv_ranked_value(datum);
	return !null;
}

bool
cv_ranked_direction(WindowObject window, bool *less_is_better)
{
	bool		null;

	*less_is_better = DatumGetBool(WinGetFuncArgCurrent(window, 1, &null));
	return !null;
}
