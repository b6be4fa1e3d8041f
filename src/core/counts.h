/*
 * counts.h - how many purchases a customer who does not leave makes, and how
 * many a chance to leave after each of them lets through.
 *
 * Purchases are Poisson at a rate lambda ~ Gamma(rho, A): their number within t
 * is negative binomial.  Nothing large is subtracted anywhere, so tiny
 * probabilities have as many digits as others.
 */
#ifndef CV_CORE_COUNTS_H
#define CV_CORE_COUNTS_H

/* What the probability of n depends on beside t; n a whole number >= 0. */
typedef struct cv_counts
{
	double		rho;
	double		A;
	double		n;
	double		log_scale;
} cv_counts;

extern cv_counts cv_counts_of(double rho, double A, double n);

/* log P(n purchases within t), t >= 0. */
extern double cv_counts_log_probability(const cv_counts *counts, double t);

/* P(n or more purchases within t). */
extern double cv_counts_at_least(double rho, double A, double n, double t);

/* The density at u of the time to the next purchase: rho/A (1 + u/A)^-(rho + 1). */
extern double cv_counts_next(double rho, double A, double u);

/*
 * log E[(1 - p)^n] for p ~ Beta(a, b), that is log B(a, b + n)/B(a, b): the chance
 * to outlast n chances to leave.
 */
extern double cv_log_outlast(double a, double b, double n);

#endif
