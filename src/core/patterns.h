/*
 * patterns.h - distinct patterns with counts: checked, ordered, merged, thinned.
 */
#ifndef CV_CORE_PATTERNS_H
#define CV_CORE_PATTERNS_H

#include "core/model.h"

/*
 * Patterns that are looked at at a time.  The likelihood of so many takes a twentieth of a
 * second in the slowest family, which is how long an interrupt waits; what is made of keys
 * stays in the caches; and they are so many that parts cost nothing.
 */
#define CV_PART 65536

/*
 * The next at most CV_PART patterns of a sample from the first-th on, *n of them: those
 * of keys are made in sample->room, where they last until the next call.
 */
extern const cv_pattern *cv_sample_part(const cv_sample *sample, size_t first, size_t *n);

/* The number of customers. */
extern double cv_sample_customers(const cv_sample *sample);

/*
 * True where every number is finite and a customer can have it: 0 <= t_x <= T, x >= 0, count > 0,
 * m >= 0; of opportunities also whole numbers, x <= t_x and T <= CV_MAX_OPPORTUNITIES.
 */
extern bool cv_patterns_valid(const cv_family *family, const cv_pattern *patterns, size_t n);

/* Drops what says nothing about spend: x = 0 or m = 0. Returns how many are left. */
extern size_t cv_patterns_with_spend(cv_pattern *patterns, size_t n);

/*
 * Sorts by x, T, t_x (or x, m) and adds up equal ones, in place. Returns how
 * many are left; 0 where interrupted (or NULL) said so, with the rest undone.
 */
extern size_t cv_patterns_merge(cv_pattern *patterns, size_t n, cv_interrupted interrupted, void *arg);

/* The number of customers. */
extern double cv_patterns_customers(const cv_pattern *patterns, size_t n);

/* How long they have been observed, on average: what boxes of fits are scaled by. */
extern double cv_patterns_mean_T(const cv_pattern *patterns, size_t n);

/* Sums over customers that the starts of fits are made of. */
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

/* The same a part at a time: how far it has come. */
typedef struct cv_thinning
{
	bool		all;			/* there are no more patterns than may be kept */
	size_t		max;
	double		share;			/* customers that a kept one stands for */
	double		passed;			/* customers so far */
	size_t		taken;			/* shares so far */
	double		next;			/* the customer with whom the next is taken; none: infinity */
} cv_thinning;

/* To begin with: n patterns of so many customers in all parts together. */
extern cv_thinning cv_thinning_of(size_t n, double customers, size_t max);

/* Thins one part; returns how many are kept. */
extern size_t cv_thin(cv_thinning *thinning, const cv_pattern *patterns, size_t n, cv_pattern *thinned);

#endif
