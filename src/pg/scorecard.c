/*
 * scorecard.c - combine_scores, topsis_scores and what else the views of scorecards call.
 */
#include "pg/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "core/ranking_normalise.h"
#include "core/scorecard.h"
#include "pg/arrays.h"
#include "pg/ranking_topsis.h"
#include "pg/ranking_weights.h"
#include "pg/ranking_window.h"

/* The columns of customer_value.combined_scores. */
enum
{
	SCORE,
	DIMENSION_SCORES,
	DIMENSION_WEIGHTS,
	COSINES,
	WEIGHTS,
	POINTS,
	COLUMNS
};

/* The row type of the result, looked up once a query. */
static TupleDesc
result_type(FunctionCallInfo fcinfo)
{
	TupleDesc	desc = fcinfo->flinfo->fn_extra;

	if (desc == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != COLUMNS)
			elog(ERROR, "return type must be customer_value.combined_scores");
		desc = BlessTupleDesc(CreateTupleDescCopy(desc));
		fcinfo->flinfo->fn_extra = desc;
		MemoryContextSwitchTo(old);
	}
	return desc;
}

/* What is not normalised can exceed what a double holds, in products above all. */
static void
require_finite(const cv_scorecard *card, const cv_combined *combined)
{
	bool		finite = isfinite(combined->score);

	for (int d = 0; d < card->dimensions; d++)
		finite = finite && isfinite(combined->dimension_score[d]);
	for (int i = 0; i < card->criteria; i++)
		finite = finite && isfinite(combined->points[i]);
	if (!finite)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("score out of range"),
				 errdetail("A score, or a part of it, exceeds what double precision holds."),
				 errhint("Normalise the criteria to a scale from 0 to 1.")));
}

static Datum
return_combined(FunctionCallInfo fcinfo, const cv_scorecard *card, const cv_combined *combined)
{
	TupleDesc	desc = result_type(fcinfo);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};
	bool		unknown[CV_MAX_CRITERIA];

	for (int d = 0; d < card->dimensions; d++)
		unknown[d] = !combined->dimension_known[d];
	nulls[SCORE] = nulls[DIMENSION_WEIGHTS] = nulls[WEIGHTS] = nulls[POINTS] = !combined->known;
	nulls[COSINES] = !combined->known || combined->score == 0 || card->method != CV_WEIGHTED_NORM;
	values[DIMENSION_SCORES] = PointerGetDatum(cv_floats_make(combined->dimension_score, unknown, card->dimensions));
	if (combined->known)
	{
		values[SCORE] = Float8GetDatum(combined->score);
		values[DIMENSION_WEIGHTS] = PointerGetDatum(cv_floats_make(combined->dimension_weight, NULL, card->dimensions));
		values[WEIGHTS] = PointerGetDatum(cv_floats_make(combined->weight, NULL, card->criteria));
		values[POINTS] = PointerGetDatum(cv_floats_make(combined->points, NULL, card->criteria));
		if (!nulls[COSINES])
			values[COSINES] = PointerGetDatum(cv_floats_make(combined->cosine, unknown, card->dimensions));
	}
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* Numbers of the dimensions, from 1, of n criteria; sets how many dimensions there are. */
static void
read_dimensions(const ArrayType *array, cv_scorecard *card)
{
	int			n;
	const int32 *number = cv_integers_get(array, "dimensions", &n);

	if (n != card->criteria)
		cv_array_length_error("dimensions", n, "criteria", card->criteria);
	card->dimensions = 0;
	for (int i = 0; i < n; i++)
	{
		if (number[i] < 1 || number[i] > n)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a dimension must be a number from 1 to that of the criteria"),
					 errdetail("That of criterion %d is %d.", i + 1, number[i])));
		card->dimension[i] = number[i] - 1;
		card->dimensions = Max(card->dimensions, number[i]);
	}
}

/* Weights of the dimensions; NULL: the sums of their criteria's weights, in a unit in which they stay in range. */
static void
read_dimension_weights(const ArrayType *array, cv_scorecard *card)
{
	double		largest = 0,
				scale;

	if (array != NULL)
	{
		cv_read_weights(array, "dimension_weights", "dimensions", card->dimensions, card->dimension_weight);
		return;
	}
	for (int i = 0; i < card->criteria; i++)
		largest = fmax(largest, card->weight[i]);
	scale = cv_unit_scale(largest);
	for (int i = 0; i < card->criteria; i++)
		card->dimension_weight[card->dimension[i]] += card->weight[i] * scale;
}

static void
read_count(cv_scorecard *card, int n)
{
	if (n < 1 || n > CV_MAX_CRITERIA)
		cv_criteria_count_error(n);
	card->criteria = n;
}

static cv_score_method
read_method(const text *method)
{
	static const char *const names[] = {"weighted_sum", "weighted_norm", "weighted_product"};

	for (int i = 0; i < (int) lengthof(names); i++)
		if (VARSIZE_ANY_EXHDR(method) == strlen(names[i]) &&
			memcmp(VARDATA_ANY(method), names[i], strlen(names[i])) == 0)
			return (cv_score_method) i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("method cannot be \"%s\"", text_to_cstring(method)),
			 errhint("It is weighted_sum, weighted_norm or weighted_product; topsis_scores() does TOPSIS.")));
}

/* The criteria of the row, filled in where something stands in for what is not known. */
static void
read_criteria(FunctionCallInfo fcinfo, const cv_scorecard *card, const ArrayType *criteria, double *x, bool *known)
{
	bool		null[CV_MAX_CRITERIA];
	bool		no_fill[CV_MAX_CRITERIA];
	double		fill[CV_MAX_CRITERIA];
	int			n = card->criteria;

	cv_floats_copy(criteria, n, x, null);
	for (int i = 0; i < n; i++)
		no_fill[i] = true;
	if (!PG_ARGISNULL(6))
	{
		const ArrayType *array = PG_GETARG_ARRAYTYPE_P(6);
		cv_floats	floats = cv_floats_get(array, "fill");

		if (floats.n != n)
			cv_array_length_error("fill", floats.n, "criteria", n);
		cv_floats_copy(array, n, fill, no_fill);
	}
	for (int i = 0; i < n; i++)
	{
		bool		squared = card->method != CV_WEIGHTED_SUM || card->product[card->dimension[i]];

		known[i] = !null[i] || !no_fill[i];
		if (null[i] && !no_fill[i])
			x[i] = fill[i];
		if (known[i] && !isfinite(x[i]))
			cv_not_finite(psprintf("criterion %d", i + 1), x[i]);
		if (known[i] && squared && x[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("what is multiplied or squared must not be negative"),
					 errdetail("Criterion %d is %g.", i + 1, x[i]),
					 errhint("Normalise it to a scale from 0 to 1.")));
	}
}

/*
 * (method text, criteria float8[], weights float8[], dimensions int[], dimension_weights float8[],
 *  products boolean[], fill float8[]) -> combined_scores
 */
CV_SQL_FUNCTION(cv_combine_scores);
Datum
cv_combine_scores(PG_FUNCTION_ARGS)
{
	cv_scorecard card = {0};
	cv_combined combined;
	double		x[CV_MAX_CRITERIA];
	bool		known[CV_MAX_CRITERIA];
	ArrayType  *criteria;

	for (int i = 0; i < 4; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
	criteria = PG_GETARG_ARRAYTYPE_P(1);
	card.method = read_method(PG_GETARG_TEXT_PP(0));
	read_count(&card, cv_floats_get(criteria, "criteria").n);
	cv_read_weights(PG_GETARG_ARRAYTYPE_P(2), "weights", "criteria", card.criteria, card.weight);
	read_dimensions(PG_GETARG_ARRAYTYPE_P(3), &card);
	read_dimension_weights(PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4), &card);
	if (!PG_ARGISNULL(5))
		cv_booleans_copy(PG_GETARG_ARRAYTYPE_P(5), "products", card.dimensions, card.product);
	read_criteria(fcinfo, &card, criteria, x, known);
	cv_combine(&card, x, known, &combined);
	require_finite(&card, &combined);
	return return_combined(fcinfo, &card, &combined);
}

/*
 * (criteria float8[], weights float8[], worse boolean[], dimensions int[]) -> combined_scores,
 * as a window function
 */
CV_SQL_FUNCTION(cv_topsis_scores);
Datum
cv_topsis_scores(PG_FUNCTION_ARGS)
{
	const double *x;
	const cv_topsis_partition *partition = cv_topsis_read(fcinfo, &x);
	WindowObject window = PG_WINDOW_OBJECT();
	cv_scorecard card = {0};
	cv_combined combined;
	double		weight[CV_MAX_CRITERIA];
	Datum		dimensions;
	bool		null;

	if (x == NULL)
		PG_RETURN_NULL();
	dimensions = WinGetFuncArgCurrent(window, 3, &null);
	if (null)
		PG_RETURN_NULL();
	read_count(&card, partition->n);
	read_dimensions(DatumGetArrayTypeP(dimensions), &card);
	memcpy(card.weight, partition->weight, sizeof(card.weight));
	read_dimension_weights(NULL, &card);
	(void) cv_scorecard_weights(&card, weight);	/* not all are 0: the partition saw to that */
	cv_combine_topsis(&card, partition->criterion, weight, x, &combined);
	return return_combined(fcinfo, &card, &combined);
}

/* (weights float8[], dimensions int[], dimension_weights float8[]) -> float8[]: weights in the whole */
CV_SQL_FUNCTION(cv_scorecard_criterion_weights);
Datum
cv_scorecard_criterion_weights(PG_FUNCTION_ARGS)
{
	cv_scorecard card = {0};
	double		weight[CV_MAX_CRITERIA];
	ArrayType  *weights;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	weights = PG_GETARG_ARRAYTYPE_P(0);
	read_count(&card, cv_floats_get(weights, "weights").n);
	cv_read_weights(weights, "weights", "criteria", card.criteria, card.weight);
	read_dimensions(PG_GETARG_ARRAYTYPE_P(1), &card);
	read_dimension_weights(PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2), &card);
	if (!cv_scorecard_weights(&card, weight))
		PG_RETURN_NULL();
	PG_RETURN_ARRAYTYPE_P(cv_floats_make(weight, NULL, card.criteria));
}

/* (scores float8[], names text[]) -> text: the name of the highest score, if one has it alone */
CV_SQL_FUNCTION(cv_dominant_dimension);
Datum
cv_dominant_dimension(PG_FUNCTION_ARGS)
{
	ArrayType  *scores = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType  *names = PG_GETARG_ARRAYTYPE_P(1);
	int			n = cv_floats_get(scores, "scores").n;
	double		score[CV_MAX_CRITERIA];
	bool		null[CV_MAX_CRITERIA];
	int			best = -1;
	bool		alone = false;
	Datum		name;

	if (n < 1 || n > CV_MAX_CRITERIA)
		cv_criteria_count_error(n);
	cv_floats_copy(scores, n, score, null);
	for (int i = 0; i < n; i++)
	{
		if (null[i] || (best >= 0 && score[i] < score[best]))
			continue;
		alone = best < 0 || score[i] > score[best];
		best = i;
	}
	if (!alone)
		PG_RETURN_NULL();
	if (ARR_NDIM(names) != 1)
		PG_RETURN_NULL();
	best += ARR_LBOUND(names)[0];
	name = array_get_element(PointerGetDatum(names), 1, &best, -1, -1, false, TYPALIGN_INT, &fcinfo->isnull);
	PG_RETURN_DATUM(name);
}

/* (float8) -> float8 */
CV_SQL_FUNCTION(cv_finite_double);
Datum
cv_finite_double(PG_FUNCTION_ARGS)
{
	double		x = PG_GETARG_FLOAT8(0);

	if (!isfinite(x))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(x + 0.0);
}

/* (numeric) -> float8 */
CV_SQL_FUNCTION(cv_finite_numeric);
Datum
cv_finite_numeric(PG_FUNCTION_ARGS)
{
	double		x = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, PG_GETARG_DATUM(0)));

	if (!isfinite(x))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(x + 0.0);
}
