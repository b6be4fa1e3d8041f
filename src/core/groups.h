/*
 * groups.h - samples whose customers have covariates: groups of equal ones, ordered, merged, thinned.
 */
#ifndef CV_CORE_GROUPS_H
#define CV_CORE_GROUPS_H

#include "core/model.h"

/* True where the groups part the patterns between them and their values are finite. */
extern bool cv_groups_valid(const cv_sample *sample);

/* Sorts the groups by their values; false where two of them have the same. */
extern bool cv_groups_sort(cv_sample *sample);

/*
 * Sorts and merges the patterns of every group. Returns how many are left; 0
 * where interrupted (or NULL) said so, with the rest undone.
 */
extern size_t cv_groups_merge(cv_sample *sample, cv_interrupted interrupted, void *arg);

/* As cv_patterns_thin, with the groups that are left over; both arrays have room for max. */
extern void cv_groups_thin(const cv_sample *sample, size_t max, cv_pattern *patterns, cv_group *groups,
						   cv_sample *thinned);

/* The number of customers. */
extern double cv_groups_customers(const cv_sample *sample);

/*
 * The mean of every covariate over the customers, and a power of two just above
 * the largest distance from it; 1 where everybody has the same value.
 */
extern void cv_groups_spread(const cv_sample *sample, double *centre, double *scale);

/* Have all customers the same value of covariate j? */
extern bool cv_groups_constant(const cv_sample *sample, int j);

#endif
