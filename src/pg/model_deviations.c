/*
 * model_deviations.c - model_deviations(model, step): the models to either side of
 * an estimate, for standard errors of whatever SQL computes from a model.
 */
#include "postgres.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "funcapi.h"

#include "core/deviations.h"
#include "pg/compat.h"
#include "pg/model.h"

#define MAX_STEP 1.0

static Datum
moved_model(const cv_model *model, int direction, double step)
{
	cv_model	moved;
	const char *problem;

	cv_model_deviation(model, direction, step, &moved);
	problem = cv_model_problem(&moved);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the model is too uncertain to be moved that far"),
				 errdetail("%s", problem),
				 errhint("Use a smaller step.")));
	return cv_model_to_datum(&moved);
}

/* One row an independent direction: its number from 1, and the model step standard deviations down and up it. */
CV_SQL_FUNCTION(cv_model_deviations);
Datum
cv_model_deviations(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	double		step = PG_GETARG_FLOAT8(1);
	cv_model	model;

	InitMaterializedSRF(fcinfo, 0);
	cv_model_from_datum(PG_GETARG_DATUM(0), &model);
	if (!(step > 0 && step <= MAX_STEP))
	{
		char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

		double_to_shortest_decimal_buf(step, digits);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step must be greater than 0 and at most 1"),
				 errdetail("The step is %s.", digits),
				 errhint("It is a number of standard deviations; 0.001 gives slopes.")));
	}
	for (int i = 0; model.has_cov && i < cv_model_free(&model); i++)
	{
		Datum		values[3] = {
			Int32GetDatum(i + 1),
			moved_model(&model, i, -step),
			moved_model(&model, i, step)
		};
		bool		nulls[3] = {false};

		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}
