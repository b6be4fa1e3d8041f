/*
 * ranking_ahp.c - the principal eigenvector of a matrix of pairwise comparisons,
 * and how far the comparisons contradict each other.
 */
#include "core/ranking_ahp.h"

#include <math.h>

/* A positive matrix of at most 15 rows on any scale of comparisons takes tens. */
#define MAX_ROUNDS 10000

/* Saaty (1980), table of random indices for n = 1 to 15. */
static const double random_index[CV_AHP_MAX] = {
	0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59
};

double
cv_ahp_random_index(int n)
{
	return random_index[n - 1];
}

/* Checks the matrix and copies it with exact reciprocals. */
static cv_ahp_status
read_matrix(const double *matrix, int n, double *a, int *row, int *column)
{
	for (*row = 0; *row < n; (*row)++)
		for (*column = 0; *column < n; (*column)++)
		{
			double		v = matrix[*row * n + *column];
			double		opposite = matrix[*column * n + *row];

			if (!(v > 0) || !isfinite(v))
				return CV_AHP_NOT_POSITIVE;
			if (*row == *column && v != 1)
				return CV_AHP_DIAGONAL;
			if (*column < *row && !(fabs(v * opposite - 1) <= CV_AHP_TOLERANCE))
				return CV_AHP_NOT_RECIPROCAL;
			a[*row * n + *column] = v >= opposite ? v : 1 / opposite;
		}
	return CV_AHP_OK;
}

/* Power iteration; the matrix is positive, so it converges to the one positive vector. */
static bool
principal_vector(const double *a, int n, double *w, double *lambda)
{
	for (int i = 0; i < n; i++)
		w[i] = 1.0 / n;
	for (int round = 0; round < MAX_ROUNDS; round++)
	{
		double		next[CV_AHP_MAX],
					sum = 0,
					change = 0;

		for (int i = 0; i < n; i++)
		{
			next[i] = 0;
			for (int j = 0; j < n; j++)
				next[i] += a[i * n + j] * w[j];
			sum += next[i];
		}
		for (int i = 0; i < n; i++)
		{
			next[i] /= sum;
			change = fmax(change, fabs(next[i] - w[i]) / next[i]);
			w[i] = next[i];
		}
		*lambda = sum;
		if (change <= 4e-16)
			return true;
		if (!(change <= 1e300))
			return false;
		if (change <= 1e-14 && round > 100)
			return true;
	}
	return false;
}

/*
 * Koczkodaj, W. W. (1993), A new definition of consistency of pairwise comparisons,
 * Mathematical and Computer Modelling 18 (7): a triad is as inconsistent as the
 * smaller of |1 - ik / (ij jk)| and |1 - ij jk / ik|.
 */
static void
worst_triad(const double *a, int n, cv_ahp *result)
{
	result->inconsistency = 0;
	for (int k = 0; k < 3; k++)
		result->triad[k] = k < n ? k : n - 1;
	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n; j++)
			for (int k = j + 1; k < n; k++)
			{
				double		ratio = a[i * n + j] * a[j * n + k] / a[i * n + k];
				double		inconsistency = 1 - fmin(ratio, 1 / ratio);

				if (inconsistency > result->inconsistency)
				{
					result->inconsistency = inconsistency;
					result->triad[0] = i;
					result->triad[1] = j;
					result->triad[2] = k;
				}
			}
}

cv_ahp_status
cv_ahp_weigh(const double *matrix, int n, cv_ahp *result, int *row, int *column)
{
	double		a[CV_AHP_MAX * CV_AHP_MAX];
	cv_ahp_status status = read_matrix(matrix, n, a, row, column);

	if (status != CV_AHP_OK)
		return status;
	if (!principal_vector(a, n, result->weight, &result->lambda_max))
		return CV_AHP_NO_VECTOR;
	result->consistency_index = n > 1 ? fmax(0, (result->lambda_max - n) / (n - 1)) : 0;
	result->consistency_ratio = n > 2 ? result->consistency_index / cv_ahp_random_index(n) : 0;
	worst_triad(a, n, result);
	return CV_AHP_OK;
}
