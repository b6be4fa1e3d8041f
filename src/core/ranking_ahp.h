/*
 * ranking_ahp.h - weights from pairwise comparisons: the analytic hierarchy process.
 *
 * Source: Saaty, T. L. (1980), The Analytic Hierarchy Process, McGraw-Hill: the
 * weights are the principal eigenvector of the matrix of comparisons, its
 * consistency index (lambda_max - n) / (n - 1), and its consistency ratio that
 * index over the mean index of random matrices of its size.
 */
#ifndef CV_CORE_RANKING_AHP_H
#define CV_CORE_RANKING_AHP_H

#include <stdbool.h>

/* The largest matrix with a published random index. */
#define CV_AHP_MAX 15

/* Entries are read with two decimals in mind: 0.33 is the reciprocal of 3, 0.13 of 8. */
#define CV_AHP_TOLERANCE 0.05

typedef struct cv_ahp
{
	double		weight[CV_AHP_MAX];	/* add up to 1 */
	double		lambda_max;
	double		consistency_index;
	double		consistency_ratio;	/* 0 for n <= 2, which cannot contradict itself */
	int			triad[3];		/* from 0, ascending; the three comparisons that contradict each other most */
	double		inconsistency;	/* of that triad, in [0, 1); 0 for n <= 2 */
} cv_ahp;

typedef enum cv_ahp_status
{
	CV_AHP_OK,
	CV_AHP_NOT_POSITIVE,		/* an entry is not a finite positive number */
	CV_AHP_DIAGONAL,			/* an entry of the diagonal is not 1 */
	CV_AHP_NOT_RECIPROCAL,		/* two opposite entries are not each other's reciprocal */
	CV_AHP_NO_VECTOR			/* entries so far apart that the eigenvector was not found */
} cv_ahp_status;

/* Mean consistency index of random matrices of n rows, n from 1 to CV_AHP_MAX. */
extern double cv_ahp_random_index(int n);

/*
 * Weighs n criteria, 1 <= n <= CV_AHP_MAX; matrix[i * n + j] says how many times
 * more important i is than j.  Of two opposite entries the larger one counts.
 * Where the matrix is refused *row and *column say at which entry.
 */
extern cv_ahp_status cv_ahp_weigh(const double *matrix, int n, cv_ahp *result, int *row, int *column);

#endif
