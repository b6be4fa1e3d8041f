/*
 * ranking_weights.h - criteria and weights as arguments.
 */
#ifndef CV_PG_RANKING_WEIGHTS_H
#define CV_PG_RANKING_WEIGHTS_H

#include "pg/compat.h"

#include "utils/array.h"

/* The weights of n criteria or dimensions: raises an error unless they are finite and not negative.  what and of name them in it. */
extern void cv_read_weights(const ArrayType *array, const char *what, const char *of, int n, double *weight);

/* The same of n criteria where they must not all be 0, in proportion to the largest. */
extern void cv_read_proportions(const ArrayType *array, int n, double *weight);

/* Raise the errors for no or too many criteria, and for rows that differ in their number. */
extern _Noreturn void cv_criteria_count_error(int n);
extern _Noreturn void cv_criteria_length_error(int n, int other);

#endif
