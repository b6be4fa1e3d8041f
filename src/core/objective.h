/*
 * objective.h - what a fit maximises: the log-likelihood of a sample, with covariates, less the penalty.
 *
 * A fit varies, in this order: the logs of the family's parameters for a customer
 * whose covariates are the mean ones, and the coefficients of the covariates,
 * purchases first, each times the scale of its covariate.  So the variables are
 * of the size of one whatever a covariate's unit and origin.
 */
#ifndef CV_CORE_OBJECTIVE_H
#define CV_CORE_OBJECTIVE_H

#include "core/model.h"

typedef struct cv_objective
{
	const cv_family *family;
	int			k;				/* of a regular family */
	double		penalty;
	const cv_sample *sample;	/* merged */
	cv_interrupted interrupted; /* may be NULL; where it becomes true the value is -INFINITY, and whoever asked has to look, too */
	void	   *interrupted_arg;
	cv_covariates covariates;	/* of the sample, without the effects that the family cannot have */
	double		centre[CV_MAX_COVARIATES];
	double		scale[CV_MAX_COVARIATES];
	int			n;				/* number of variables */
	/* row i: what model value i (see cv_model.cov) is in terms of the variables */
	double		to_model[CV_MAX_FREE * CV_MAX_FREE];
} cv_objective;

/* Fills in all that follows from its arguments; centre and scale may be NULL without covariates. */
extern void cv_objective_init(cv_objective *o, const cv_family *family, int k, double penalty,
							  const cv_sample *sample, const double *centre, const double *scale);

/* The objective, for cv_problem: arg is the cv_objective; gradient and Hessian where not NULL. */
extern double cv_objective_value(const double *variable, double *gradient, double *hessian, void *arg);

/* What the penalty takes off the log-likelihood. */
extern double cv_objective_penalty(const cv_objective *o, const double *variable);

/* Log parameters and coefficients of a model from the variables, and back. */
extern void cv_objective_to_model(const cv_objective *o, const double *variable, double *value);
extern void cv_objective_from_model(const cv_objective *o, const double *value, double *variable);

/* Covariance of the model's values from that of the variables. */
extern void cv_objective_covariance(const cv_objective *o, const double *of_variables, double *of_model);

#endif
