/*
 * contract.h - customers under contract: when they fail to renew, and what that is worth.
 *
 * A contract renews, or does not, after each whole period.  A customer's chance
 * theta of leaving differs from customer to customer as Beta(alpha, beta);
 * with duration dependence c the survivors of t renewals are
 *
 *	S(t) = B(alpha, beta + t^c) / B(alpha, beta)
 *
 * sBG, the shifted beta geometric, is c = 1: Fader and Hardie (2007), "How to
 * project customer retention", Journal of Interactive Marketing 21(1).  BdW, the
 * beta discrete Weibull: Fader, Hardie, Liu, Davin and Steenburgh (2018), "How to
 * project customer retention revisited: the role of duration dependence",
 * Journal of Interactive Marketing 43.
 */
#ifndef CV_CORE_CONTRACT_H
#define CV_CORE_CONTRACT_H

#include "core/model.h"
#include "core/period.h"
#include "core/uncertainty.h"

#define CV_CONTRACT_PARAMS 3

/* Renewals that are told apart: 50 years of days. */
#define CV_MAX_RENEWALS 18263

/* Stored numbers: never reuse or renumber. */
typedef enum cv_contract_family
{
	CV_CONTRACT_SBG = 1,
	CV_CONTRACT_BDW = 2
} cv_contract_family;

typedef enum cv_contract_status
{
	CV_CONTRACT_GIVEN = 0,		/* parameters written by hand */
	CV_CONTRACT_CONVERGED = 1,
	CV_CONTRACT_WEAK = 2,		/* the data hardly identify the parameters */
	CV_CONTRACT_NO_CHURN = 3,	/* nobody left */
	CV_CONTRACT_ALL_LOST = 4,	/* nobody renewed even once */
	CV_CONTRACT_ALIKE = 5,		/* alpha, beta to infinity: one chance of leaving fits all */
	CV_CONTRACT_DIVIDED = 6,	/* alpha, beta to 0: some leave at once, the others never */
	CV_CONTRACT_NOT_CONVERGED = 7
} cv_contract_status;

typedef struct cv_contract
{
	cv_contract_family family;
	cv_contract_status status;
	cv_period	period;			/* both 0 where not told */
	int32_t		as_of;			/* days since 2000-01-01, CV_NO_DAY where fitted from counts */
	int32_t		renewals;		/* the last renewal that somebody could have made; 0 where given */
	double		customers;		/* 0 where given */
	double		log_likelihood;
	int			n_params;
	double		param[CV_CONTRACT_PARAMS];	/* alpha, beta[, c] */
	bool		has_cov;
	double		cov[CV_CONTRACT_PARAMS * CV_CONTRACT_PARAMS];	/* of the logs, row-major n_params x n_params */
} cv_contract;

extern const char *cv_contract_family_name(int family); /* NULL if unknown */
extern int	cv_contract_family_params(int family);
extern const char *cv_contract_param_name(int i);
extern const char *cv_contract_status_name(int status); /* NULL if unknown */

/*
 * The log of P(more than to renewals | more than from renewals), 0 <= from <= to;
 * it keeps its digits however close to 0 it is.  Parameters, not logs.
 */
extern double cv_contract_log_survival(const double *param, int n_params, double from, double to);

/* What is predicted of a customer who has renewed t times, t = 0 for a new one. */
typedef enum cv_contract_prediction
{
	CV_CONTRACT_SURVIVAL,		/* S(t), as seen when the contract began */
	CV_CONTRACT_RETENTION,		/* S(t) / S(t - 1), t >= 1: of those up for renewal number t, the share who renew */
	CV_CONTRACT_CHURN,			/* 1 - retention */
	CV_CONTRACT_DEL,			/* sum over k >= 0 of S(k) / (1 + d)^k: a new customer, the payment of today included; t is ignored */
	CV_CONTRACT_DERL			/* sum over k >= 0 of S(t + 1 + k) / S(t) / (1 + d)^k: before renewal number t + 1, its payment undiscounted */
} cv_contract_prediction;

/*
 * A prediction; d > 0 is the discount rate a period.  The sums of DEL and DERL
 * take bounded time however small d is, and are exact to about 1e-13.
 * Source of both: Fader and Hardie (2010), "Customer-base valuation in a
 * contractual setting: the perils of ignoring heterogeneity", Marketing Science 29(1).
 */
extern double cv_contract_predict(const double *param, int n_params, cv_contract_prediction what,
								  double t, double d);

/*
 * The sum over k = 0, 1, ... periods - 1 of S(from + 1 + k) / S(from) exp(-delta k):
 * expected further periods of one who has renewed from times.  periods may be
 * INFINITY where delta > 0.  Bounded time, as above.
 */
extern double cv_contract_periods(const double *param, int n_params, double from, double periods, double delta);

/*
 * A prediction, with its standard error and the interval z of them to either
 * side by the delta method; all NaN where the contract has no covariance.
 */
extern double cv_contract_estimate(const cv_contract *contract, cv_contract_prediction what, double t, double d,
								   double z, cv_interval *interval);

/* What happened at renewal number t = 1, 2, ...: customers up for it, and those of them who left. */
typedef struct cv_renewal
{
	double		at_risk;
	double		lost;
} cv_renewal;

typedef enum cv_contract_result
{
	CV_CONTRACT_OK,
	CV_CONTRACT_NO_RENEWALS,	/* nobody was up for renewal */
	CV_CONTRACT_TOO_FEW,		/* fewer renewals than parameters, and no limit that tells */
	CV_CONTRACT_FAILED,			/* the counts are no counts */
	CV_CONTRACT_INTERRUPTED
} cv_contract_result;

/*
 * Fits a family to the n renewals, in order, at the maximum of
 * sum over t of lost log(1 - r_t) + (at_risk - lost) log r_t: contracts still
 * running are censored.  Sets family, status, renewals, log_likelihood, parameters
 * and covariance, where the result is CV_CONTRACT_OK; the rest is the caller's.
 */
extern cv_contract_result cv_contract_fit(cv_contract_family family, const cv_renewal *renewal, int n,
										  cv_interrupted interrupted, void *interrupted_arg,
										  cv_contract *contract);

/* The log-likelihood at log parameters theta, with gradient and Hessian where not NULL. */
extern double cv_contract_log_likelihood(cv_contract_family family, const cv_renewal *renewal, int n,
										 const double *theta, double *gradient, double *hessian);

/* The verdict in plain words, at most size bytes. */
extern void cv_contract_verdict(const cv_contract *contract, char *buffer, size_t size);

#endif
