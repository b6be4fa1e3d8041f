/*
 * ranking_ahp.c - ahp_weights(matrix, max_ratio): weights from pairwise comparisons.
 */
#include "pg/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"

#include "core/ranking_ahp.h"
#include "pg/arrays.h"

/* The columns of customer_value.ahp_result. */
enum
{
	WEIGHTS,
	LAMBDA_MAX,
	CONSISTENCY_INDEX,
	CONSISTENCY_RATIO,
	WORST_TRIAD,
	TRIAD_INCONSISTENCY,
	COLUMNS
};

/* The square matrix of an array, without nulls, into matrix; returns its size. */
static int
read_matrix(const ArrayType *array, double *matrix)
{
	bool		null[CV_AHP_MAX * CV_AHP_MAX];
	int			n;

	if (ARR_NDIM(array) != 2 || ARR_DIMS(array)[0] != ARR_DIMS(array)[1])
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("a matrix of pairwise comparisons must be square"),
				 ARR_NDIM(array) == 2
				 ? errdetail("It has %d rows and %d columns.", ARR_DIMS(array)[0], ARR_DIMS(array)[1])
				 : errdetail("It has %d dimensions.", ARR_NDIM(array)),
				 errhint("Write ARRAY[[1, 3], [1/3.0, 1]]: a row a criterion, how many times more important it is than each.")));
	n = ARR_DIMS(array)[0];
	if (n > CV_AHP_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("at most %d criteria can be compared in pairs", CV_AHP_MAX),
				 errdetail("The matrix has %d rows.", n),
				 errhint("Group the criteria, compare within each group and then the groups.")));
	if (array_contains_nulls(unconstify(ArrayType *, array)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a matrix of pairwise comparisons must not contain nulls"),
				 errhint("Give every comparison; 1 says that the two are equally important.")));
	cv_floats_copy(array, n * n, matrix, null);
	return n;
}

static void
refuse_matrix(cv_ahp_status status, const double *matrix, int n, int row, int column)
{
	double		v = matrix[row * n + column];

	switch (status)
	{
		case CV_AHP_NOT_POSITIVE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a pairwise comparison must be a positive number"),
					 errdetail("In row %d, column %d stands %g.", row + 1, column + 1, v),
					 errhint("9 says that the criterion of the row is extremely more important, 1/9.0 the opposite.")));
			break;
		case CV_AHP_DIAGONAL:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a criterion compared with itself must be 1"),
					 errdetail("In row %d, column %d stands %g.", row + 1, column + 1, v),
					 errhint("Rows and columns stand for the criteria in the same order, so the diagonal is 1.")));
			break;
		case CV_AHP_NOT_RECIPROCAL:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("opposite comparisons must be each other's reciprocal"),
					 errdetail("In row %d, column %d stands %g, in row %d, column %d %g: their product is %g, not 1.",
							   row + 1, column + 1, v, column + 1, row + 1, matrix[column * n + row],
							   v * matrix[column * n + row]),
					 errhint("Write one as 3, the other as 1/3.0.")));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the pairwise comparisons have no stable weights"),
					 errhint("Compare on a scale from 1/9.0 to 9.")));
	}
}

/* Says which three comparisons contradict each other most. */
static _Noreturn void
refuse_inconsistent(const cv_ahp *ahp, const double *matrix, int n, double max_ratio)
{
	int			i = ahp->triad[0],
				j = ahp->triad[1],
				k = ahp->triad[2];

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the pairwise comparisons contradict each other"),
			 errdetail("Their consistency ratio is %.3f, over %g. The worst triad is criteria %d, %d and %d: "
					   "%d is %g times %d and %d is %g times %d, so %d should be %g times %d, not %g.",
					   ahp->consistency_ratio, max_ratio, i + 1, j + 1, k + 1,
					   i + 1, matrix[i * n + j], j + 1, j + 1, matrix[j * n + k], k + 1,
					   i + 1, matrix[i * n + j] * matrix[j * n + k], k + 1, matrix[i * n + k]),
			 errhint("Reconsider one of these three comparisons, or allow a higher ratio as max_ratio.")));
}

static ArrayType *
make_triad(const int *triad)
{
	Datum		elements[3];

	for (int i = 0; i < 3; i++)
		elements[i] = Int32GetDatum(triad[i] + 1);
	return construct_array(elements, 3, INT4OID, sizeof(int32), true, TYPALIGN_INT);
}

/* (float8[], float8) -> ahp_result */
CV_SQL_FUNCTION(cv_ahp_weights);
Datum
cv_ahp_weights(PG_FUNCTION_ARGS)
{
	double		matrix[CV_AHP_MAX * CV_AHP_MAX];
	cv_ahp		ahp;
	cv_ahp_status status;
	int			n,
				row,
				column;
	TupleDesc	desc;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	n = read_matrix(PG_GETARG_ARRAYTYPE_P(0), matrix);
	status = cv_ahp_weigh(matrix, n, &ahp, &row, &column);
	if (status != CV_AHP_OK)
		refuse_matrix(status, matrix, n, row, column);
	if (!PG_ARGISNULL(1))
	{
		double		max_ratio = PG_GETARG_FLOAT8(1);

		if (!(max_ratio >= 0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("max_ratio must not be negative"),
					 errdetail("It is %g.", max_ratio),
					 errhint("Usual is 0.1; say NULL for no limit.")));
		if (ahp.consistency_ratio > max_ratio)
			refuse_inconsistent(&ahp, matrix, n, max_ratio);
	}

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != COLUMNS)
		elog(ERROR, "return type must be customer_value.ahp_result");
	desc = BlessTupleDesc(desc);
	values[WEIGHTS] = PointerGetDatum(cv_floats_make(ahp.weight, NULL, n));
	values[LAMBDA_MAX] = Float8GetDatum(ahp.lambda_max);
	values[CONSISTENCY_INDEX] = Float8GetDatum(ahp.consistency_index);
	values[CONSISTENCY_RATIO] = Float8GetDatum(ahp.consistency_ratio);
	nulls[WORST_TRIAD] = n < 3;
	values[WORST_TRIAD] = n < 3 ? (Datum) 0 : PointerGetDatum(make_triad(ahp.triad));
	nulls[TRIAD_INCONSISTENCY] = n < 3;
	values[TRIAD_INCONSISTENCY] = Float8GetDatum(ahp.inconsistency);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}
