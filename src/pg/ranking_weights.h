/*
 * ranking_weights.h - criteria and weights as arguments.
 */
#ifndef CV_PG_RANKING_WEIGHTS_H
#define CV_PG_RANKING_WEIGHTS_H

#include "pg/compat.h"

#include "utils/array.h"

/* n weights into weight; raises an error unless they are finite, not negative and not all 0. */
extern void cv_read_weights(const ArrayType *array, int n, double *weight);

/* Raise the errors for no or too many criteria, and for rows that differ in their number. */
extern _Noreturn void cv_criteria_count_error(int n);
extern _Noreturn void cv_criteria_length_error(int n, int other);

#endif
