/*
 * ranking_normalise.h - one column of numbers put on a common scale: statistics
 * of the column, collected in any order with the same result, and the rules.
 */
#ifndef CV_CORE_RANKING_NORMALISE_H
#define CV_CORE_RANKING_NORMALISE_H

#include "core/exact_sum.h"

/* Beyond so many standard deviations a z-score is cut off. */
#define CV_Z_LIMIT 3.0

/* What a column holds; all zero is the empty column. */
typedef struct cv_column
{
	int64_t		n;
	double		min;
	double		max;
	cv_exact	sum;
	cv_wide		squares;
} cv_column;

/* Adds a finite x. */
extern void cv_column_add(cv_column *column, double x);

/*
 * The power of two by which the numbers of a column are multiplied before any
 * arithmetic, so that nothing overflows, and a column in another unit gives the
 * same digits; largest is the largest absolute value.
 */
extern double cv_unit_scale(double largest);

/* The largest absolute value of numbers between min and max. */
extern double cv_largest(double min, double max);

typedef enum cv_rule
{
	CV_MIN_MAX,					/* (x - min) / (max - min), in [0, 1] */
	CV_Z_SCORE,					/* (x - mean) / sd, then cut off at +-CV_Z_LIMIT */
	CV_NORMAL_SCORE,			/* normal distribution function of the z that is not cut off, in [0, 1] */
	CV_LOGISTIC_SCORE			/* 1 / (1 + exp(-z)) of the z that is not cut off, in [0, 1] */
} cv_rule;

/* What a rule needs of a column; sd is that of a population: the divisor is n. */
typedef struct cv_normaliser
{
	double		scale;			/* the others are in units of 1 / scale */
	double		min;
	double		max;
	double		mean;
	double		mean_rest;		/* what rounding took from the mean */
	double		sd;				/* 0 exactly where all are equal */
} cv_normaliser;

extern void cv_normaliser_make(cv_normaliser *normaliser, cv_column *column);

/*
 * x of the column on the scale of the rule, turned round where less is better.
 * In a constant column 0.5, and 0 for CV_Z_SCORE. Never NaN, and never falls
 * while x rises (rises while x falls, where less is better).
 */
extern double cv_normalise(const cv_normaliser *normaliser, cv_rule rule, double x, bool less_is_better);

/* Mid-rank percentile: (below + equal / 2) / n, with equal counting the one asked for. */
extern double cv_midrank(int64_t below, int64_t equal, int64_t n);

#endif
