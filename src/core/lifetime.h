/*
 * lifetime.h - counts of purchases where leaving has nothing to do with them.
 *
 * For families in which a customer who is still there buys at a rate
 * lambda ~ Gamma(rho, A) until a lifetime, independent of that, is over.
 */
#ifndef CV_CORE_LIFETIME_H
#define CV_CORE_LIFETIME_H

/*
 * What is left of the lifetime of a customer alive now: sets the logs of its
 * chance to exceed u > 0 and of its density there (-INFINITY where they are 0).
 */
typedef struct cv_lifetime
{
	void		(*at) (const struct cv_lifetime *lifetime, double u, double *log_survival, double *log_density);
	double		param[4];		/* the family's */
} cv_lifetime;

/*
 * P(n purchases within t, or until the end of the lifetime if that comes before) of
 * a customer alive now, for whole n >= 0 and finite t >= 0: the lifetime exceeds t,
 * or ends at u < t after n purchases.
 */
extern double cv_lifetime_count_probability(const cv_lifetime *lifetime, double rho, double A, double n, double t);

#endif
