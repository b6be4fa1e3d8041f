/*
 * cnbd.h - what BG/CNBD-k and MBG/CNBD-k have in common.
 *
 * As BG/NBD and MBG/NBD, see beta_geometric.h, but a purchase comes after k
 * phases of a time at rate lambda each ~ Gamma(r, alpha): the times between
 * purchases are Erlang-k, the more regular the larger k.  Parameters are
 * r, alpha, a, b, then k.  With k = 1 they are BG/NBD and MBG/NBD.
 */
#ifndef CV_CORE_CNBD_H
#define CV_CORE_CNBD_H

#include "core/beta_geometric.h"

/*
 * The sum over j < k of (rho)_j/j! q^j, where (rho)_j = rho (rho+1) ... (rho+j-1):
 * times (1-q)^rho it is the chance of fewer than k phases within a silence that is
 * the share q of all time seen.  Its log, with first and second derivatives of
 * that with respect to rho (r) and log q (q).
 */
typedef struct cv_silence
{
	double		log;
	double		r;
	double		q;
	double		rr;
	double		rq;
	double		qq;
} cv_silence;

/* For rho > 0, 0 < q < 1, 1 <= k <= CV_MAX_REGULARITY. */
extern void cv_erlang_silence(double rho, double q, int k, cv_silence *silence);

/*
 * A customer who is alive and bought for the last time u ago: lambda is mixed
 * from Gamma(rho + j, A) over the phases j < k that have passed since, with weights
 * (rho)_j/j! (u/A)^j, and p ~ Beta(a, beta) is the chance to die after a purchase.
 */
typedef struct cv_regular_buyer
{
	int			k;
	double		rho;
	double		A;
	double		u;
	double		a;
	double		beta;
} cv_regular_buyer;

/* The chance to be alive after a further time t >= 0. In cnbd_sums.c, as the next. */
extern double cv_cnbd_survival(const cv_regular_buyer *buyer, double t);
/*
 * The expected sum over the purchases within t of exp(-delta times when they come);
 * t may be infinite where delta > 0.
 */
extern double cv_cnbd_discounted(const cv_regular_buyer *buyer, double t, double delta);

/* Both by sums over the phases to come; false where they are too many, or delta < 0. */
extern bool cv_cnbd_sum_survival(const cv_regular_buyer *buyer, double t, double *survival);
extern bool cv_cnbd_sum_discounted(const cv_regular_buyer *buyer, double t, double delta, double *purchases);
/* And as averages over lambda, which always works. In cnbd_rate.c. */
extern double cv_cnbd_mean_survival(const cv_regular_buyer *buyer, double t);
extern double cv_cnbd_mean_discounted(const cv_regular_buyer *buyer, double t, double delta);

/* See cv_family. */
extern double cv_cnbd_survival_of(const cv_family *family, const double *param,
								  const cv_customer *c, double t);
extern double cv_cnbd_purchases_if_alive(const cv_family *family, const double *param,
										 const cv_customer *c, double t, double delta);
extern double cv_cnbd_count_probability(const cv_family *family, const double *param,
										const cv_customer *c, double t, double n);
extern double cv_cnbd_purchase_cycle(const cv_family *family, const double *param,
									 const cv_customer *c);

/* All of a family but its name and what comes with it. */
#define CV_CNBD_FUNCTIONS \
	.log_likelihood = cv_bg_log_likelihood, \
	.start = cv_bg_start, \
	.bounds = cv_bg_bounds, \
	.probability_alive = cv_bg_probability_alive, \
	.survival = cv_cnbd_survival_of, \
	.purchases_if_alive = cv_cnbd_purchases_if_alive, \
	.count_probability = cv_cnbd_count_probability, \
	.purchase_cycle = cv_cnbd_purchase_cycle

#endif
