/*
 * model.h - families of purchase and spend models, and their fitting.
 *
 * One file a family; a family knows nothing of the others.  Everything works on
 * distinct patterns with counts, in one time unit (weeks unless said).
 */
#ifndef CV_CORE_MODEL_H
#define CV_CORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/period.h"

#define CV_MAX_PARAMS 8			/* of a family, its fixed one included */
#define CV_MAX_COVARIATES 8
#define CV_MAX_FREE (CV_MAX_PARAMS + 2 * CV_MAX_COVARIATES) /* that a fit can vary */
#define CV_MAX_OPPORTUNITIES 100000	/* that a customer can have had */
#define CV_MAX_REGULARITY 20	/* the largest k that is tried, or may be given */
#define CV_COVARIATE_NAME 64	/* bytes of a covariate's name, its terminator included */

/*
 * Parameters lie between one over these and these: fits stay far inside, and
 * beyond them the arithmetic of predictions gives way.
 */
#define CV_PARAM_LIMIT 1e15		/* of plain numbers */
#define CV_SCALE_LIMIT 1e30		/* of times and amounts, which depend on their unit */
#define CV_NO_DAY INT32_MIN

/* Stored numbers: never reuse or renumber. */
typedef enum cv_family_id
{
	CV_FAMILY_NBD = 1,
	CV_FAMILY_BG_NBD = 2,
	CV_FAMILY_MBG_NBD = 3,
	CV_FAMILY_GAMMA_GAMMA = 4,
	CV_FAMILY_PARETO_NBD = 5,
	CV_FAMILY_GGOMPERTZ_NBD = 6,
	CV_FAMILY_BG_BB = 7,
	CV_FAMILY_BG_CNBD = 8,
	CV_FAMILY_MBG_CNBD = 9
} cv_family_id;

typedef enum cv_model_kind
{
	CV_PURCHASE_MODEL = 1,		/* when customers buy and die */
	CV_SPEND_MODEL = 2			/* how much they spend a purchase */
} cv_model_kind;

/* What the times of a customer are. */
typedef enum cv_observation
{
	CV_PURCHASE_TIMES = 0,		/* x purchases, the last at t_x, in (0, T] */
	CV_OPPORTUNITIES			/* x of T whole periods with a purchase, the last of them the t_x-th */
} cv_observation;

typedef enum cv_model_status
{
	CV_STATUS_GIVEN = 0,		/* parameters written by hand, nothing fitted */
	CV_STATUS_CONVERGED = 1,
	CV_STATUS_NO_CHURN = 2,		/* the likelihood grows towards the limit without churn: the NBD limit is used */
	CV_STATUS_WEAK = 3,			/* converged, but the data hardly identify the parameters */
	CV_STATUS_NOT_CONVERGED = 4,
	CV_STATUS_LIMIT = 5			/* the likelihood grows towards a simpler family other than NBD, which is used */
} cv_model_status;

/* count customers who share (x, t_x, T), or (x, m) for a spend model. */
typedef struct cv_pattern
{
	double		x;
	union
	{
		double		t_x;
		double		m;
	};
	double		T;				/* 0 for spend models */
	double		count;
} cv_pattern;

/* A customer as the models see it, in the model's time unit. */
typedef struct cv_customer
{
	double		x;
	double		t_x;
	double		T;
	double		m;				/* mean repeat spend; used only where x > 0 */
} cv_customer;

/* The covariates of a fit: what they are called, and what each acts on (bit j: covariate j). */
typedef struct cv_covariates
{
	int			n;				/* 0: none */
	unsigned	purchase;
	unsigned	churn;
	char		name[CV_MAX_COVARIATES][CV_COVARIATE_NAME];
} cv_covariates;

typedef struct cv_model
{
	cv_family_id family;
	cv_family_id requested;		/* the family asked for; differs after a fall back to a limit */
	cv_model_status status;
	double		unit_days;		/* days a time unit: 7 */
	int32_t		as_of;			/* days since 2000-01-01, CV_NO_DAY where fitted from summaries */
	double		customers;		/* 0 where given by hand */
	double		patterns;
	double		log_likelihood; /* full density, nothing dropped, no penalty in it; NaN-free: 0 where given */
	double		penalty;		/* the fit's, see cv_fit */
	cv_period	period;			/* of CV_OPPORTUNITIES; both numbers 0 where not told */
	int			n_params;		/* without k */
	double		param[CV_MAX_PARAMS];	/* those of a customer whose covariates are all 0; k after them */
	cv_covariates covariates;
	/* Effects on the logs of the rates: of those that act on purchases, then of those that act on churn. */
	double		coefficient[2 * CV_MAX_COVARIATES];
	bool		has_cov;
	/* of the log parameters, then the coefficients; row-major n x n, n = cv_model_free() */
	double		cov[CV_MAX_FREE * CV_MAX_FREE];
} cv_model;

/* Number of effects of the covariates. */
static inline int
cv_n_coefficients(const cv_covariates *covariates)
{
	int			n = 0;

	for (int j = 0; j < covariates->n; j++)
		n += (covariates->purchase >> j & 1) + (covariates->churn >> j & 1);
	return n;
}

/* Number of values that a fit of the model varies. */
static inline int
cv_model_free(const cv_model *model)
{
	return model->n_params + cv_n_coefficients(&model->covariates);
}

/* How predictions move with the logs of the parameters, one after the other. */
typedef struct cv_slopes
{
	double		alive[CV_MAX_PARAMS];	/* the logit of probability_alive */
	double		expected[CV_MAX_PARAMS];	/* the log of purchases_if_alive without discount */
	double		discounted[CV_MAX_PARAMS];	/* and with it */
} cv_slopes;

typedef struct cv_family cv_family;

struct cv_family
{
	cv_family_id id;
	cv_model_kind kind;
	const char *name;			/* such as 'bg/nbd' */
	const char *description;	/* what it assumes, in one sentence */
	int			n_params;
	const char *param_name[CV_MAX_PARAMS];
	unsigned	scale_params;	/* bit i: parameter i is in units of time or money; the others are plain numbers */
	cv_family_id limit;			/* family to fall back to when there is no finite maximum, or 0; it may have one, too */
	cv_observation observation;

	/*
	 * Has a whole number k, 1 for purchases at random, more for regular ones, after
	 * its parameters: param[n_params] = theta[n_params] = k, plain and not varied.
	 * It is there before start is called, and in lower[n_params] before bounds is.
	 * log_likelihood leaves out (k - 1) times the sum of the logs of all times
	 * between purchases, which no pattern holds: cv_fit adds it.
	 */
	bool		regular;

	/*
	 * By how much the log of parameter i moves as the log of a customer's rate of
	 * purchases, or its risk to leave, moves by one: what covariates act through.
	 * All zero in a family that takes none.
	 */
	signed char purchase_shift[CV_MAX_PARAMS];
	signed char churn_shift[CV_MAX_PARAMS];

	int			variant;		/* tells apart families that share their functions; theirs alone to read */

	/*
	 * Every function gets its own family first.
	 *
	 * Log-likelihood at log parameters theta; gradient (n) and Hessian (n x n,
	 * row-major) with respect to theta where not NULL.
	 */
	double		(*log_likelihood) (const cv_family *family, const double *theta,
								   const cv_pattern *patterns, size_t n,
								   double *gradient, double *hessian);
	/* k-th deterministic start (k = 0, 1, ...); false when there are no more. */
	bool		(*start) (const cv_family *family, const cv_pattern *patterns, size_t n,
						  int k, double *theta);
	/* The box of log parameters in which the maximum is looked for; beyond it nothing changes any more. */
	void		(*bounds) (const cv_family *family, const cv_pattern *patterns, size_t n,
						   double *lower, double *upper);

	/* Purchase families. All take parameters, not logs; a new customer is &cv_new_customer. */
	double		(*probability_alive) (const cv_family *family, const double *param,
									  const cv_customer *c);
	/* Of one alive at T: the chance to be alive at T + t. */
	double		(*survival) (const cv_family *family, const double *param,
							 const cv_customer *c, double t);
	/*
	 * Of one alive at T: the integral over (0, t] of the expected purchase rate times
	 * exp(-delta u); t may be INFINITY where delta > 0.
	 */
	double		(*purchases_if_alive) (const cv_family *family, const double *param,
									   const cv_customer *c, double t, double delta);
	/* The slopes of these three at finite t > 0; false where differences must do.  May be NULL. */
	bool		(*slopes) (const cv_family *family, const double *param,
						   const cv_customer *c, double t, double delta, cv_slopes *slopes);
	/* P(n purchases within t) of a customer who may have left already; n whole and >= 0, t finite and >= 0 */
	double		(*count_probability) (const cv_family *family, const double *param,
									  const cv_customer *c, double t, double n);
	/*
	 * Density at u > 0 of the time to the next purchase of a customer alive now, which
	 * does not rise; of opportunities the chance that it is the u-th, u = 1, 2, ...
	 * NULL: count_probability tells.
	 */
	double		(*next_purchase_density) (const cv_family *family, const double *param,
										  const cv_customer *c, double u);
	/* expected time to the next purchase while alive: (alpha + t_x) / (r + x) */
	double		(*purchase_cycle) (const cv_family *family, const double *param,
								   const cv_customer *c);

	/* Spend families: false where the expectation is not finite. */
	bool		(*expected_spend) (const cv_family *family, const double *param,
								   double x, double m, double *spend);
};

/* P(alive at T + t), expected purchases within t, and the same discounted; see family.c. */
extern double cv_probability_active(const cv_family *family, const double *param,
									const cv_customer *c, double t);
extern double cv_expected_purchases(const cv_family *family, const double *param,
									const cv_customer *c, double t);
extern double cv_discounted_purchases(const cv_family *family, const double *param,
									  const cv_customer *c, double t, double delta);

typedef struct cv_prediction
{
	double		alive;
	double		active;
	double		expected;
	double		discounted;
} cv_prediction;

/* All four at once, in the same digits: whether the customer is alive is found out once. */
extern cv_prediction cv_predict(const cv_family *family, const double *param,
								const cv_customer *c, double t, double delta);

/* One whose first purchase, which no count includes, is today. */
extern const cv_customer cv_new_customer;

/*
 * The horizon to integrate a discounted rate over: t, or where that is INFINITY one
 * beyond which, as no customer's rate ever rises, less than 1e-17 of the whole comes.
 */
extern double cv_discounting_horizon(double t, double delta);

extern const cv_family *cv_family_by_id(int id);	/* NULL if unknown */
extern const cv_family *cv_family_by_name(const char *name);	/* case-insensitive; NULL if unknown */
/* Is limit the family that family falls back to, or one that this falls back to, and so on? */
extern bool cv_family_has_limit(const cv_family *family, const cv_family *limit);
extern const cv_family *cv_family_at(int i);	/* i = 0, 1, ...; NULL past the end; for hints and lists */

/* Customers with equal covariates: patterns first, first + 1, ... first + n - 1 of the sample. */
typedef struct cv_group
{
	size_t		first;
	size_t		n;
	const double *z;			/* the values, finite */
} cv_group;

/* What keys stand for: see pattern_keys.h. */
typedef enum cv_key_kind
{
	CV_KEY_DAYS,				/* x, T and t_x in days; in weeks, as patterns */
	CV_KEY_PERIODS,				/* the same in periods, as patterns, too */
	CV_KEY_SPEND				/* x, and what was spent on x days; m, as patterns */
} cv_key_kind;

/* Patterns on which a maximum of very many is drawn near to, at most: more say no more about where it is. */
#define CV_CLOSE 32768

/* What a model is fitted to: patterns, or without covariates also keys. */
typedef struct cv_sample
{
	cv_pattern *patterns;		/* NULL: keys */
	size_t		n;

	const struct cv_counted_key *keys;	/* sorted, all different */
	cv_key_kind key_kind;
	cv_pattern *room;			/* for CV_PART patterns made of keys */
	cv_pattern *close;			/* for CV_CLOSE patterns, so that fits to very many take fewer steps on all; or NULL */

	/* NULL where there are no covariates; else every pattern is in one group, and all z differ. */
	const cv_covariates *covariates;
	cv_group   *groups;
	size_t		n_groups;

	/* For regular families: the sum of the logs of all times between consecutive purchases. */
	bool		has_log_gaps;
	double		log_gaps;
} cv_sample;

typedef enum cv_fit_result
{
	CV_FIT_OK,
	CV_FIT_NO_CUSTOMERS,		/* no patterns */
	CV_FIT_NO_REPEATS,			/* nobody bought (or spent) a second time */
	CV_FIT_INTERRUPTED,
	CV_FIT_FAILED,				/* a pattern is no customer: not finite, negative, or t_x > T */
	CV_FIT_NEEDS_K				/* a regular family without k and without the times between purchases */
} cv_fit_result;

/* Polled between evaluations; true stops the fit. Must not allocate, throw or longjmp. */
typedef bool (*cv_interrupted) (void *arg);

typedef struct cv_fit_options
{
	double		penalty;
	int			k;				/* of a regular family; 0: the most likely one */
	const cv_model *start;		/* NULL, or a model to start from besides, its times in the unit of the sample */
	cv_interrupted interrupted; /* may be NULL */
	void	   *interrupted_arg;
} cv_fit_options;

/*
 * Fits family to the sample, and sets model only where the result is CV_FIT_OK.
 * options may be NULL: no penalty, k by likelihood, never interrupted.
 *
 * What is maximised is the log-likelihood less penalty / 2 times the sum of the
 * squares of the logs of the parameters without a unit and of the coefficients of
 * covariates.  The parameters in units of time or money are free, as the
 * intercept is in ridge regression: the unit does not matter.
 *
 * Leaves the patterns sorted and merged in place (group by group, and the groups
 * sorted), so that any order of the same patterns gives the same bytes; a spend
 * family passes over those without x or m.  Time is in weeks unless the caller
 * sets unit_days afterwards; nothing here depends on it.
 */
extern cv_fit_result cv_fit(const cv_family *family, cv_sample *sample,
							const cv_fit_options *options, cv_model *model);

/* Can covariates act on purchases (or on churn) in the family? */
extern bool cv_family_shifts(const cv_family *family, bool churn);

/*
 * Which effect value i of a model is, in the order of its covariance: that of
 * covariate *j on churn, or on purchases.  False for a parameter, and past the end.
 */
extern bool cv_effect_at(const cv_family *family, const cv_covariates *covariates, int i, int *j, bool *churn);

/* The plain model of customers whose covariates are z: what the model says of them, without covariates. */
extern void cv_model_resolve(const cv_model *model, const double *z, cv_model *resolved);

/* The verdict in plain words, at most size bytes: what came out and what to do about it. */
extern void cv_model_verdict(const cv_model *model, char *buffer, size_t size);

#endif
