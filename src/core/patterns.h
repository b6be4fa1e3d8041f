/*
 * patterns.h - distinct patterns with counts: checked, ordered, merged, thinned.
 */
#ifndef CV_CORE_PATTERNS_H
#define CV_CORE_PATTERNS_H

#include "core/model.h"

/* True where every number is finite and a customer can have it: 0 <= t_x <= T, x >= 0, count > 0, m >= 0. */
extern bool cv_patterns_valid(cv_model_kind kind, const cv_pattern *patterns, size_t n);

/* Drops what says nothing about spend: x = 0 or m = 0. Returns how many are left. */
extern size_t cv_patterns_with_spend(cv_pattern *patterns, size_t n);

/*
 * Sorts by x, T, t_x (or x, m) and adds up equal ones, in place. Returns how
 * many are left; 0 where interrupted (or NULL) said so, with the rest undone.
 */
extern size_t cv_patterns_merge(cv_pattern *patterns, size_t n, cv_interrupted interrupted, void *arg);

/* The number of customers. */
extern double cv_patterns_customers(const cv_pattern *patterns, size_t n);

/* Sums over customers that the starts and the boxes of fits are made of. */
typedef struct cv_moments
{
	double		customers;
	double		x;
	double		xx1;			/* x (x - 1) */
	double		T;
	double		TT;
	double		repeaters;
	double		silent;			/* repeaters who have been quiet for three of their mean gaps */
	double		time_active;	/* t_x, and a gap more where that fits into T */
} cv_moments;

extern cv_moments cv_patterns_moments(const cv_pattern *patterns, size_t n);

/*
 * Writes at most max patterns that stand for the n merged ones, all of them where
 * they are no more: every so many customers the pattern of the one who comes up.
 * Returns how many.
 */
extern size_t cv_patterns_thin(const cv_pattern *patterns, size_t n, cv_pattern *thinned, size_t max);

#endif
