/*
 * ranking_weights.h - weights that the data give: entropy and CRITIC.
 *
 * Both read columns collected in any order with the same result.  A criterion
 * that is the same for all tells them not apart and weighs 0; where all are
 * such, all weigh the same.  Weights add up to 1.
 */
#ifndef CV_CORE_RANKING_WEIGHTS_H
#define CV_CORE_RANKING_WEIGHTS_H

#include "core/ranking_normalise.h"
#include "core/ranking_topsis.h"

/*
 * Entropy weights.  Source: Hwang, C. L. and Yoon, K. (1981), Multiple Attribute
 * Decision Making, section 2.4.2, after Shannon: with p = x / sum(x), a criterion
 * weighs in proportion to 1 + sum(p ln p) / ln n = sum(p ln(n p)) / ln n.
 */
typedef struct cv_entropy_column
{
	cv_column	column;
	cv_wide		x_log_x;		/* logs of base 2 */
} cv_entropy_column;

/* Adds a finite x >= 0. */
extern void cv_entropy_add(cv_entropy_column *column, double x);
extern void cv_entropy_combine(cv_entropy_column *column, cv_entropy_column *other);

/* The weights of m criteria with the same n. */
extern void cv_entropy_weights(cv_entropy_column *column, int m, double *weight);

/*
 * CRITIC.  Source: Diakoulaki, D., Mavrotas, G. and Papayannakis, L. (1995),
 * Determining objective weights in multiple criteria problems: the CRITIC method,
 * Computers & Operations Research 22 (7), 763-770: with the criteria min-max
 * normalised so that more is better, one weighs in proportion to its standard
 * deviation times the sum over the criteria of 1 - their correlation with it.
 */

/* Where in an array of m (m + 1) / 2 the sum of products of criteria i and j <= i stands. */
static inline int
cv_critic_pair(int i, int j)
{
	return i * (i + 1) / 2 + j;
}

typedef struct cv_critic_column
{
	double		min;
	double		max;
	cv_exact	sum;
} cv_critic_column;

/* Adds the finite values x of m criteria; n is how many were added before. */
extern void cv_critic_add(int64_t n, cv_critic_column *column, cv_wide *products, int m, const double *x);

/* Adds to n alternatives the other_n of another collection. */
extern void cv_critic_combine(int64_t *n, cv_critic_column *column, cv_wide *products,
							  int64_t other_n, cv_critic_column *other, cv_wide *other_products, int m);

/* less_is_better says so of each criterion; n > 0. */
extern void cv_critic_weights(int64_t n, cv_critic_column *column, cv_wide *products, int m, const bool *less_is_better,
							  double *weight);

#endif
