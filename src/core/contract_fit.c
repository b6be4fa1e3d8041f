/*
 * contract_fit.c - the maximum likelihood fit of sBG and BdW, and its verdict in words.
 */
#include "core/contract.h"
#include "core/optimise.h"
#include "core/special.h"

#include <math.h>
#include <stdio.h>

/* The box of the logs of alpha and beta, and of c. */
#define LOG_LEAST (-23.0)		/* 1e-10 */
#define LOG_MOST 23.0			/* 1e10 */
#define LOG_LEAST_C (-4.6)		/* 0.01 */
#define LOG_MOST_C 3.0			/* 20 */

#define CLIMB_TOLERANCE 1e-3
#define POLISH_TOLERANCE 1e-10

/* A standard error of a log parameter beyond the first is weak, beyond the second a plateau. */
#define WEAK_ERROR 1.0
#define NO_ERROR 10.0

/* On a plateau: heterogeneity that does not show within the renewals seen, or is as good as complete. */
#define ALIKE_SHARE 1e-2
#define DIVIDED_SUM 0.05

static const char *const family_name[] = {[CV_CONTRACT_SBG] = "sbg", [CV_CONTRACT_BDW] = "bdw"};
static const char *const param_name[CV_CONTRACT_PARAMS] = {"alpha", "beta", "c"};
static const char *const status_name[] = {
	[CV_CONTRACT_GIVEN] = "given",
	[CV_CONTRACT_CONVERGED] = "converged",
	[CV_CONTRACT_WEAK] = "weak",
	[CV_CONTRACT_NO_CHURN] = "no_churn",
	[CV_CONTRACT_ALL_LOST] = "all_lost",
	[CV_CONTRACT_ALIKE] = "alike",
	[CV_CONTRACT_DIVIDED] = "divided",
	[CV_CONTRACT_NOT_CONVERGED] = "not_converged"
};

const char *
cv_contract_family_name(int family)
{
	return family == CV_CONTRACT_SBG || family == CV_CONTRACT_BDW ? family_name[family] : NULL;
}

int
cv_contract_family_params(int family)
{
	return family == CV_CONTRACT_SBG ? 2 : 3;
}

const char *
cv_contract_param_name(int i)
{
	return param_name[i];
}

const char *
cv_contract_status_name(int status)
{
	return status >= 0 && status < (int) (sizeof(status_name) / sizeof(status_name[0])) ? status_name[status] : NULL;
}

typedef struct likelihood
{
	cv_contract_family family;
	const cv_renewal *renewal;
	int			n;
} likelihood;

/* Renewal number j + 1 of sBG: r = (beta + j) / (alpha + beta + j). */
static double
sbg_renewal(const cv_renewal *e, double alpha, double beta, int j, double *g, double *h)
{
	double		stay = beta + j,
				all = alpha + stay,
				kept = e->at_risk - e->lost,
				value = 0;

	if (e->lost > 0)
		value -= e->lost * log1p(stay / alpha);
	if (kept > 0)
		value -= kept * log1p(alpha / stay);
	g[0] += e->lost * (stay / all) - kept * (alpha / all);
	g[1] += kept * (alpha / all) * (beta / stay) - e->lost * (beta / all);
	h[0] -= e->at_risk * (alpha / all) * (stay / all);
	h[1] += e->at_risk * (alpha / all) * (beta / all);
	h[3] += kept * (beta / stay) * (j / stay) - e->at_risk * (beta / all) * ((alpha + j) / all);
	return value;
}

/*
 * Renewal number j + 1 of BdW: -log r = D(z, u, v), cv_log_gamma_square(), with
 * z = beta + j^c, u = alpha, v = (j+1)^c - j^c; derivatives by the chain rule.
 */
static double
bdw_renewal(const cv_renewal *e, const double *param, int j, double *g, double *h)
{
	double		alpha = param[0],
				beta = param[1],
				c = param[2],
				D = -cv_contract_log_survival(param, 3, j, j + 1),
				kept = e->at_risk - e->lost,
				l0 = j > 0 ? c * log(j) : 0,
				l1 = c * log(j + 1),
				y0 = j > 0 ? exp(l0) : 0,
				y1 = exp(l1),
				z = beta + y0,
				v = j > 0 ? y0 * expm1(c * log1p(1.0 / j)) : 1,
				z1 = y0 * l0,	/* derivatives with respect to log c */
				z2 = z1 * (l0 + 1),
				v1 = y1 * l1 - z1,
				v2 = y1 * l1 * (l1 + 1) - z2,
				du,				/* of D with respect to u, v, z */
				dv,
				dz,
				duu,
				dvv,
				duv = cv_trigamma(z + alpha + v),
				dzz,
				at_z,
				at_zz,
				d[3],
				dd[6],			/* 00, 01, 02, 11, 12, 22 */
				chance = -expm1(-D),
				first,
				second,
				value = -kept * D;

	cv_log_rising(z + alpha, v, &du, &duu);
	cv_log_rising(z + v, alpha, &dv, &dvv);
	cv_log_rising(z, v, &at_z, &at_zz);
	dz = du - at_z;
	dzz = duu - at_zz;

	d[0] = alpha * du;
	d[1] = beta * dz;
	d[2] = dz * z1 + dv * v1;
	dd[0] = alpha * (alpha * duu + du);
	dd[1] = alpha * beta * duu;
	dd[2] = alpha * (duu * z1 + duv * v1);
	dd[3] = beta * (beta * dzz + dz);
	dd[4] = beta * (dzz * z1 + dvv * v1);
	dd[5] = dzz * z1 * z1 + 2 * dvv * z1 * v1 + (duv - cv_trigamma(z + v)) * v1 * v1 + dz * z2 + dv * v2;

	first = -kept;
	second = 0;
	if (e->lost > 0)
	{
		value += e->lost * log(chance);
		first += e->lost * (exp(-D) / chance);
		second -= e->lost * (exp(-D) / chance / chance);
	}
	for (int i = 0, k = 0; i < 3; i++)
	{
		g[i] += first * d[i];
		for (int l = i; l < 3; l++, k++)
			h[i * 3 + l] += second * d[i] * d[l] + first * dd[k];
	}
	return value;
}

double
cv_contract_log_likelihood(cv_contract_family family, const cv_renewal *renewal, int n,
						   const double *theta, double *gradient, double *hessian)
{
	int			p = cv_contract_family_params(family);
	double		param[CV_CONTRACT_PARAMS],
				g[CV_CONTRACT_PARAMS] = {0},
				h[CV_CONTRACT_PARAMS * CV_CONTRACT_PARAMS] = {0},
				value = 0;

	for (int i = 0; i < p; i++)
		param[i] = exp(theta[i]);
	for (int j = 0; j < n; j++)
	{
		if (renewal[j].at_risk == 0)
			continue;
		value += family == CV_CONTRACT_SBG ?
			sbg_renewal(&renewal[j], param[0], param[1], j, g, h) :
			bdw_renewal(&renewal[j], param, j, g, h);
	}
	for (int i = 0; i < p; i++)
	{
		if (gradient)
			gradient[i] = g[i];
		for (int k = 0; hessian && k < p; k++)
			hessian[i * p + k] = i <= k ? h[i * p + k] : h[k * p + i];
	}
	return value;
}

static double
likelihood_value(const double *theta, double *gradient, double *hessian, void *arg)
{
	const likelihood *l = arg;

	return cv_contract_log_likelihood(l->family, l->renewal, l->n, theta, gradient, hessian);
}

/*
 * The k-th start: the share lost at the first renewal, or at all of them where
 * that is 0 or 1, with little, some and much difference between customers; for
 * BdW also with churn that falls and rises with tenure.
 */
static bool
start(const likelihood *l, int k, double *theta)
{
	static const double size[] = {1, 0.1, 30};
	static const double tenure[] = {1, 0.6, 1.6};
	const cv_renewal *first = &l->renewal[0];
	double		share,
				at_risk = 0,
				lost = 0;

	if (k >= (l->family == CV_CONTRACT_SBG ? 3 : 9))
		return false;
	for (int j = 0; j < l->n; j++)
	{
		at_risk += l->renewal[j].at_risk;
		lost += l->renewal[j].lost;
	}
	share = first->lost > 0 && first->lost < first->at_risk ? first->lost / first->at_risk :
		(lost + 0.5) / (at_risk + 1);
	theta[0] = log(size[k % 3] * share);
	theta[1] = log(size[k % 3] * (1 - share));
	if (l->family == CV_CONTRACT_BDW)
		theta[2] = log(tenure[k / 3]);
	return true;
}

/* Newton's method, with NLopt as the way out and Newton's once more. */
static cv_optimise_result
finish(cv_problem *problem, double *theta, cv_optimum *optimum)
{
	cv_optimise_result result = cv_climb(problem, CLIMB_TOLERANCE, theta);

	if (result == CV_OPTIMISE_INTERRUPTED)
		return result;
	result = cv_polish(problem, POLISH_TOLERANCE, theta, optimum);
	if (result != CV_OPTIMISE_STALLED)
		return result;
	for (int i = 0; i < problem->n; i++)
		theta[i] = optimum->theta[i];
	result = cv_climb(problem, POLISH_TOLERANCE, theta);
	return result == CV_OPTIMISE_INTERRUPTED ? result : cv_polish(problem, POLISH_TOLERANCE, theta, optimum);
}

/* Covariance and status of a fit that ended at optimum. */
static void
assess(cv_contract *contract, const cv_optimum *optimum, cv_optimise_result result)
{
	int			n = contract->n_params;
	double		information[CV_CONTRACT_PARAMS * CV_CONTRACT_PARAMS],
				span = n > 2 ? pow(contract->renewals, contract->param[2]) : contract->renewals,
				size = contract->param[0] + contract->param[1];

	contract->status = result == CV_OPTIMISE_OK ? CV_CONTRACT_CONVERGED : CV_CONTRACT_NOT_CONVERGED;
	for (int i = 0; i < n * n; i++)
		information[i] = -optimum->hessian[i];
	contract->has_cov = optimum->at_bound == 0 && cv_invert(information, n, contract->cov);
	for (int i = 0; contract->has_cov && i < n; i++)
	{
		if (contract->cov[i * n + i] > NO_ERROR * NO_ERROR)
			contract->has_cov = false;
		else if (contract->cov[i * n + i] > WEAK_ERROR * WEAK_ERROR && contract->status == CV_CONTRACT_CONVERGED)
			contract->status = CV_CONTRACT_WEAK;
	}
	if (contract->has_cov && contract->status != CV_CONTRACT_NOT_CONVERGED)
		return;

	/* far out on a plateau it does not matter where Newton's method gave up */
	contract->has_cov = false;
	for (int i = 0; i < n * n; i++)
		contract->cov[i] = 0;
	if (span < ALIKE_SHARE * size)
		contract->status = CV_CONTRACT_ALIKE;
	else if (size < DIVIDED_SUM)
		contract->status = CV_CONTRACT_DIVIDED;
	else if (contract->status != CV_CONTRACT_NOT_CONVERGED)
		contract->status = CV_CONTRACT_WEAK;
}

/* Nobody lost, or nobody kept: parameters at the edge of the box say just that. */
static void
set_limit(cv_contract *contract, cv_contract_status status)
{
	contract->status = status;
	contract->param[0] = exp(status == CV_CONTRACT_NO_CHURN ? LOG_LEAST : LOG_MOST);
	contract->param[1] = exp(status == CV_CONTRACT_NO_CHURN ? LOG_MOST : LOG_LEAST);
	contract->param[2] = contract->n_params > 2 ? 1 : 0;
}

/* Sums over the renewals; false where the counts are no counts. */
static bool
add_up(const cv_renewal *renewal, int n, double *lost, double *kept, int *informative)
{
	*lost = *kept = 0;
	*informative = 0;
	for (int j = 0; j < n; j++)
	{
		if (!(renewal[j].at_risk >= 0 && renewal[j].lost >= 0 && renewal[j].lost <= renewal[j].at_risk) ||
			!isfinite(renewal[j].at_risk))
			return false;
		*lost += renewal[j].lost;
		*kept += renewal[j].at_risk - renewal[j].lost;
		if (renewal[j].at_risk > 0)
			++*informative;
	}
	return true;
}

cv_contract_result
cv_contract_fit(cv_contract_family family, const cv_renewal *renewal, int n,
				cv_interrupted interrupted, void *interrupted_arg, cv_contract *contract)
{
	likelihood	l = {family, renewal, n};
	cv_problem	problem = {
		.n = cv_contract_family_params(family),
		.lower = {LOG_LEAST, LOG_LEAST, LOG_LEAST_C},
		.upper = {LOG_MOST, LOG_MOST, LOG_MOST_C},
		.value = likelihood_value,
		.arg = &l,
		.interrupted = interrupted,
		.interrupted_arg = interrupted_arg
	};
	cv_optimum	best = {.value = -INFINITY};
	cv_optimise_result best_result = CV_OPTIMISE_STALLED;
	double		theta[CV_MAX_PARAMS],
				lost,
				kept;
	int			informative;

	if (!add_up(renewal, n, &lost, &kept, &informative))
		return CV_CONTRACT_FAILED;
	if (informative == 0)
		return CV_CONTRACT_NO_RENEWALS;
	while (renewal[n - 1].at_risk == 0)
		n--;
	l.n = n;
	contract->family = family;
	contract->n_params = problem.n;
	contract->renewals = n;
	contract->has_cov = false;
	contract->log_likelihood = 0;
	if (lost == 0 || kept == 0)
	{
		set_limit(contract, lost == 0 ? CV_CONTRACT_NO_CHURN : CV_CONTRACT_ALL_LOST);
		return CV_CONTRACT_OK;
	}
	if (informative < problem.n)
		return CV_CONTRACT_TOO_FEW;

	for (int k = 0; start(&l, k, theta); k++)
	{
		cv_optimum	local = {.value = -INFINITY};
		cv_optimise_result result = finish(&problem, theta, &local);

		if (result == CV_OPTIMISE_INTERRUPTED)
			return CV_CONTRACT_INTERRUPTED;
		/* the first of equals */
		if (isfinite(local.value) &&
			(k == 0 || !isfinite(best.value) || local.value > best.value + 1e-9 * fabs(best.value)))
		{
			best = local;
			best_result = result;
		}
	}
	if (!isfinite(best.value))
		return CV_CONTRACT_FAILED;
	contract->log_likelihood = best.value;
	for (int i = 0; i < problem.n; i++)
		contract->param[i] = exp(best.theta[i]);
	assess(contract, &best, best_result);
	return CV_CONTRACT_OK;
}

void
cv_contract_verdict(const cv_contract *contract, char *buffer, size_t size)
{
	double		n = contract->customers,
				churn = cv_contract_predict(contract->param, contract->n_params, CV_CONTRACT_CHURN, 1, 0);
	const char *who = n == 1 ? "customer" : "customers";
	const char *renewals = contract->renewals == 1 ? "renewal" : "renewals";

	switch (contract->status)
	{
		case CV_CONTRACT_GIVEN:
			snprintf(buffer, size, "Parameters given by hand; nothing was fitted.");
			break;
		case CV_CONTRACT_CONVERGED:
			snprintf(buffer, size, "Fitted to %.10g %s over %d %s; the data settle every parameter.",
					 n, who, contract->renewals, renewals);
			break;
		case CV_CONTRACT_WEAK:
			snprintf(buffer, size, "Fitted to %.10g %s over %d %s, but they hardly settle the parameters. "
					 "The survival seen so far is described well; the forecast beyond it and single parameters "
					 "are not to be relied on. Observe more renewals%s.",
					 n, who, contract->renewals, renewals,
					 contract->family == CV_CONTRACT_BDW ? ", or fit the simpler family sbg" : "");
			break;
		case CV_CONTRACT_NO_CHURN:
			snprintf(buffer, size, "None of %.10g %s failed to renew in %d %s, so every forecast is full retention. "
					 "Wait until somebody has left before trusting that.",
					 n, who, contract->renewals, renewals);
			break;
		case CV_CONTRACT_ALL_LOST:
			snprintf(buffer, size, "Nobody of %.10g %s renewed even once, so every forecast is that nobody will. "
					 "Check the period and the end days.", n, who);
			break;
		case CV_CONTRACT_ALIKE:
			if (contract->family == CV_CONTRACT_SBG)
				snprintf(buffer, size, "Fitted to %.10g %s over %d %s: they show no difference between each other, "
						 "and the same %.3g%% leave at every renewal. Retention that rises with tenure did not show; "
						 "the single parameters mean nothing, their ratio does.",
						 n, who, contract->renewals, renewals, 100 * churn);
			else
				snprintf(buffer, size, "Fitted to %.10g %s over %d %s: they show no difference between each other; "
						 "how churn moves with tenure is described by c alone. The single values of alpha and beta mean nothing, "
						 "their ratio does.",
						 n, who, contract->renewals, renewals);
			break;
		case CV_CONTRACT_DIVIDED:
			snprintf(buffer, size, "Fitted to %.10g %s over %d %s: %.3g%% leave at the first renewal and hardly anybody afterwards. "
					 "The model takes the rest for loyal for ever; observe more renewals before trusting that.",
					 n, who, contract->renewals, renewals, 100 * churn);
			break;
		case CV_CONTRACT_NOT_CONVERGED:
			snprintf(buffer, size, "The fit to %.10g %s did not settle; do not use it. "
					 "Look at the survivors for counts that cannot be real, or try the other family.", n, who);
			break;
	}
}
