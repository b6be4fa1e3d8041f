/*
 * coverage.c - do the intervals of a fit hold the truth as often as they say?
 */
#include "coverage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract.h"
#include "core/optimise.h"
#include "random.h"
#include "simulate.h"

/*
 * Parameters as fitted to CDNOW (reference/optima.json) where there are such.  How
 * many customers and how long follows from what the data settle: where the log
 * of a parameter has an error of 0.5, its likelihood is far from a parabola.
 */
#define CUSTOMER {.x = 3, .t_x = 25, .T = 39, .m = 30}

static const coverage_case cases[] = {
	{"nbd", {0.385, 12.07}, 3000, 39, 78, CUSTOMER, 52},
	{"bg/nbd", {0.243, 4.414, 0.793, 2.426}, 4000, 39, 78, CUSTOMER, 52},
	{"mbg/nbd", {0.525, 6.183, 0.891, 1.614}, 4000, 39, 78, CUSTOMER, 52},
	{"bg/cnbd-k", {1.2, 3.6, 0.793, 2.426, 3}, 3000, 39, 78, CUSTOMER, 52},
	{"mbg/cnbd-k", {1.2, 3.6, 0.891, 1.614, 3}, 3000, 39, 78, CUSTOMER, 52},
	{"pareto/nbd", {0.553, 10.58, 0.606, 11.67}, 5000, 39, 78, CUSTOMER, 52},
	/* not as fitted to CDNOW, where ageing is hardly seen: customers who buy more, and whose risk to leave doubles in 9 weeks */
	{"ggompertz/nbd", {1.5, 10, 0.08, 2, 30}, 3000, 39, 78, CUSTOMER, 52, .slow = true},
	{"gamma-gamma", {6.25, 3.74, 15.44}, 2000, 0, 0, CUSTOMER, 0},
	/* 5 to 10 yearly opportunities; the donors of Fader, Hardie and Shang (2010) */
	{"bg/bb", {1.204, 0.75, 0.657, 2.783}, 5000, 5, 10, {.x = 3, .t_x = 5, .T = 6}, 5},
	/* yearly contracts of up to 3 to 8 years; Fader and Hardie (2007, 2018), High End */
	{"sbg", {0.668, 3.806}, 3000, 3, 8, CUSTOMER, 5},
	{"bdw", {0.259, 1.722, 1.584}, 5000, 3, 8, CUSTOMER, 5},
};

const coverage_case *
coverage_case_at(int i)
{
	return i < (int) (sizeof(cases) / sizeof(cases[0])) ? &cases[i] : NULL;
}

/* d' inverse(cov) d */
static double
squared_distance(const double *d, const double *cov, int n)
{
	double		information[CV_MAX_FREE * CV_MAX_FREE],
				sum = 0;

	if (!cv_invert(cov, n, information))
		return INFINITY;
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < n; j++)
			sum += d[i] * information[i * n + j] * d[j];
	}
	return sum;
}

/* What a fit says of the parameters and predictions, row by row. */
typedef struct estimates
{
	bool		converged;
	bool		has_intervals;
	bool		right_k;
	double		value[COVERAGE_MAX_ROWS];
	cv_interval interval[COVERAGE_MAX_ROWS];
	double		cov[CV_MAX_PARAMS * CV_MAX_PARAMS];
} estimates;

static void
add_row(coverage_result *r, const char *name, cv_scale scale, double truth)
{
	r->row[r->n_rows++] = (coverage_row) {.name = name, .scale = scale, .truth = truth};
}

/* The estimate and interval of parameter i, from the covariance. */
static void
take_param(estimates *e, int i, int n, const double *param)
{
	e->value[i] = param[i];
	e->interval[i] = cv_interval_of(param[i], CV_SCALE_LOG, e->cov[i * n + i], cv_normal_bound(0.95));
}

/* Families of purchases and spend. */

typedef struct predicted
{
	const coverage_case *c;
	const cv_family *family;
	int			n;				/* how many predictions */
} predicted;

static const cv_scale prediction_scale[COVERAGE_PREDICTIONS] = {CV_SCALE_LOG, CV_SCALE_LOGIT};

static void
predict(const double *param, void *arg, double *value)
{
	const predicted *p = arg;
	const cv_customer *c = &p->c->customer;

	if (p->family->kind == CV_SPEND_MODEL)
	{
		if (!p->family->expected_spend(p->family, param, c->x, c->m, value))
			value[0] = NAN;
		return;
	}
	value[0] = cv_expected_purchases(p->family, param, c, p->c->horizon);
	if (p->n > 1)
		value[1] = p->family->probability_alive(p->family, param, c);
}

static void
family_rows(predicted *p, coverage_result *r)
{
	double		value[COVERAGE_PREDICTIONS];

	/* where nobody leaves there is nothing to ask */
	p->n = p->family->kind == CV_SPEND_MODEL || p->family->id == CV_FAMILY_NBD ? 1 : 2;
	predict(p->c->param, p, value);
	r->n_params = p->family->n_params;
	for (int i = 0; i < r->n_params; i++)
		add_row(r, p->family->param_name[i], CV_SCALE_LOG, p->c->param[i]);
	add_row(r, p->family->kind == CV_SPEND_MODEL ? "expected spend" : "expected purchases", CV_SCALE_LOG, value[0]);
	if (p->n > 1)
		add_row(r, "probability alive", CV_SCALE_LOGIT, value[1]);
}

static void
fit_family(predicted *p, cv_sample *sample, estimates *e)
{
	const cv_family *family = p->family;
	const coverage_case *c = p->c;
	int			n = family->n_params;
	double		value[COVERAGE_PREDICTIONS],
				variance[COVERAGE_PREDICTIONS];
	cv_model	model;

	simulate(family, c->param, c->customers, c->shortest, c->longest, sample);
	if (cv_fit(family, sample, NULL, &model) != CV_FIT_OK)
		return;
	e->converged = model.status == CV_STATUS_CONVERGED;
	e->right_k = !family->regular || model.param[n] == c->param[n];
	e->has_intervals = model.has_cov && model.family == family->id;
	if (!e->has_intervals)
		return;
	memcpy(e->cov, model.cov, sizeof(double) * n * n);
	for (int i = 0; i < n; i++)
		take_param(e, i, n, model.param);
	predict(model.param, p, value);
	cv_delta_method(model.param, n, model.cov, predict, p, p->n, prediction_scale, variance);
	for (int i = 0; i < p->n; i++)
	{
		e->value[n + i] = value[i];
		e->interval[n + i] = cv_interval_of(value[i], prediction_scale[i], variance[i], cv_normal_bound(0.95));
	}
}

/* Contracts. */

static const cv_contract_prediction contract_prediction[COVERAGE_PREDICTIONS] = {
	CV_CONTRACT_RETENTION, CV_CONTRACT_DERL
};
#define CONTRACT_RATE 0.1

static void
contract_rows(const coverage_case *c, int n, coverage_result *r)
{
	r->n_params = n;
	for (int i = 0; i < n; i++)
		add_row(r, cv_contract_param_name(i), CV_SCALE_LOG, c->param[i]);
	add_row(r, "retention", CV_SCALE_LOGIT, cv_contract_predict(c->param, n, CV_CONTRACT_RETENTION, c->horizon, 0));
	add_row(r, "DERL", CV_SCALE_LOG, cv_contract_predict(c->param, n, CV_CONTRACT_DERL, c->horizon, CONTRACT_RATE));
}

static void
fit_contract(const coverage_case *c, cv_contract_family family, estimates *e)
{
	cv_renewal	renewal[SIMULATE_MAX_RENEWALS];
	cv_contract contract = {.customers = (double) c->customers};
	int			n = cv_contract_family_params(family),
				renewals = simulate_renewals(c->param, n, c->customers, c->shortest, c->longest, renewal);

	if (cv_contract_fit(family, renewal, renewals, NULL, NULL, &contract) != CV_CONTRACT_OK)
		return;
	e->converged = contract.status == CV_CONTRACT_CONVERGED;
	e->right_k = true;
	e->has_intervals = contract.has_cov;
	memcpy(e->cov, contract.cov, sizeof(double) * n * n);
	for (int i = 0; i < n && e->has_intervals; i++)
		take_param(e, i, n, contract.param);
	for (int i = 0; i < COVERAGE_PREDICTIONS && e->has_intervals; i++)
		e->value[n + i] = cv_contract_estimate(&contract, contract_prediction[i], c->horizon, CONTRACT_RATE,
											   cv_normal_bound(0.95), &e->interval[n + i]);
}

/* What follows is for all. */

static double
to_scale(cv_scale scale, double value)
{
	return scale == CV_SCALE_LOG ? log(value) : log(value) - log1p(-value);
}

/* Adds what a fit says to the sums that finish turns into means. */
static void
count(const estimates *e, coverage_result *r)
{
	double		off[COVERAGE_MAX_ROWS];

	r->converged += e->converged;
	r->right_k += e->right_k;
	r->intervals += e->has_intervals;
	if (!e->has_intervals)
		return;
	for (int i = 0; i < r->n_rows; i++)
	{
		coverage_row *row = &r->row[i];
		const cv_interval *interval = &e->interval[i];
		double		error = (to_scale(row->scale, interval->high) - to_scale(row->scale, interval->low)) /
		(2 * cv_normal_bound(0.95));

		off[i] = to_scale(row->scale, e->value[i]) - to_scale(row->scale, row->truth);
		row->estimate += off[i];
		row->spread += off[i] * off[i];
		row->error += error * error;
		row->covered += interval->low <= row->truth && row->truth <= interval->high;
	}
	r->distance += squared_distance(off, e->cov, r->n_params) / r->n_params;
}

static void
finish(coverage_result *r)
{
	for (int i = 0; i < r->n_rows; i++)
	{
		coverage_row *row = &r->row[i];
		double		mean = row->estimate / r->intervals,
					scaled = to_scale(row->scale, row->truth) + mean;

		row->estimate = row->scale == CV_SCALE_LOG ? exp(scaled) : 1 / (1 + exp(-scaled));
		row->spread = sqrt(fmax(0, row->spread - r->intervals * mean * mean) / (r->intervals - 1));
		row->error = sqrt(row->error / r->intervals);
	}
	r->distance /= r->intervals;
}

void
coverage_of(const coverage_case *c, int runs, coverage_result *r)
{
	predicted	p = {c, cv_family_by_name(c->family)};
	cv_contract_family contract = strcmp(c->family, "sbg") == 0 ? CV_CONTRACT_SBG : CV_CONTRACT_BDW;
	uint64_t	id = p.family ? (uint64_t) p.family->id : 100 + (uint64_t) contract;
	cv_sample	sample = {.patterns = malloc(c->customers * sizeof(cv_pattern))};

	if (!sample.patterns)
		abort();
	*r = (coverage_result) {.runs = runs};
	if (p.family)
		family_rows(&p, r);
	else
		contract_rows(c, cv_contract_family_params(contract), r);
	for (int run = 0; run < runs; run++)
	{
		estimates	e = {.has_intervals = false};

		random_seed((id << 32) + (uint64_t) run * 1000003);
		if (p.family)
			fit_family(&p, &sample, &e);
		else
			fit_contract(c, contract, &e);
		count(&e, r);
	}
	finish(r);
	free(sample.patterns);
}
