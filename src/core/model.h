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

#define CV_MAX_PARAMS 8

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
	CV_FAMILY_PARETO_NBD = 5
} cv_family_id;

typedef enum cv_model_kind
{
	CV_PURCHASE_MODEL = 1,		/* when customers buy and die */
	CV_SPEND_MODEL = 2			/* how much they spend a purchase */
} cv_model_kind;

typedef enum cv_model_status
{
	CV_STATUS_GIVEN = 0,		/* parameters written by hand, nothing fitted */
	CV_STATUS_CONVERGED = 1,
	CV_STATUS_NO_CHURN = 2,		/* the likelihood grows towards the limit without churn: the NBD limit is used */
	CV_STATUS_WEAK = 3,			/* converged, but the data hardly identify the parameters */
	CV_STATUS_NOT_CONVERGED = 4
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

typedef struct cv_model
{
	cv_family_id family;
	cv_family_id requested;		/* the family asked for; differs after a fall back to a limit */
	cv_model_status status;
	double		unit_days;		/* days a time unit: 7 */
	int32_t		as_of;			/* days since 2000-01-01, CV_NO_DAY where fitted from summaries */
	double		customers;		/* 0 where given by hand */
	double		patterns;
	double		log_likelihood; /* full density, nothing dropped; NaN-free: 0 where given */
	int			n_params;
	double		param[CV_MAX_PARAMS];
	bool		has_cov;
	double		cov[CV_MAX_PARAMS * CV_MAX_PARAMS]; /* of the log parameters, row-major n_params x n_params */
} cv_model;

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
	cv_family_id limit;			/* family to fall back to when there is no finite maximum, or 0 */

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
	/* P(alive at T + t) */
	double		(*probability_active) (const cv_family *family, const double *param,
									   const cv_customer *c, double t);
	double		(*expected_purchases) (const cv_family *family, const double *param,
									   const cv_customer *c, double t);
	/* integral over (0, t] of the expected purchase rate times exp(-delta u) */
	double		(*discounted_purchases) (const cv_family *family, const double *param,
										 const cv_customer *c, double t, double delta);
	/* expected time to the next purchase while alive: (alpha + t_x) / (r + x) */
	double		(*purchase_cycle) (const cv_family *family, const double *param,
								   const cv_customer *c);

	/* Spend families: false where the expectation is not finite. */
	bool		(*expected_spend) (const cv_family *family, const double *param,
								   double x, double m, double *spend);
};

/* One whose first purchase, which no count includes, is today. */
extern const cv_customer cv_new_customer;


extern const cv_family *cv_family_by_id(int id);	/* NULL if unknown */
extern const cv_family *cv_family_by_name(const char *name);	/* case-insensitive; NULL if unknown */
extern const cv_family *cv_family_at(int i);	/* i = 0, 1, ...; NULL past the end; for hints and lists */

typedef enum cv_fit_result
{
	CV_FIT_OK,
	CV_FIT_NO_CUSTOMERS,		/* no patterns */
	CV_FIT_NO_REPEATS,			/* nobody bought (or spent) a second time */
	CV_FIT_INTERRUPTED,
	CV_FIT_FAILED				/* a pattern is no customer: not finite, negative, or t_x > T */
} cv_fit_result;

/* Polled between evaluations; true stops the fit. Must not allocate, throw or longjmp. */
typedef bool (*cv_interrupted) (void *arg);

/*
 * Fits family to the patterns at their maximum likelihood, and sets model only
 * where the result is CV_FIT_OK.  Leaves the patterns sorted and merged in
 * place, so that any order of the same patterns gives the same bytes; a spend
 * family passes over those without x or m.  Time is in weeks unless the caller
 * sets unit_days afterwards; nothing here depends on it.
 */
extern cv_fit_result cv_fit(const cv_family *family, cv_pattern *patterns, size_t n,
							cv_interrupted interrupted, void *interrupted_arg,
							cv_model *model);

/* The verdict in plain words, at most size bytes: what came out and what to do about it. */
extern void cv_model_verdict(const cv_model *model, char *buffer, size_t size);

#endif
