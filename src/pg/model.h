/*
 * model.h - the fitted_model type for the rest of the module.
 *
 * A fitted_model is a flat varlena without alignment needs (see model.c for its
 * layout); everything here copies out of it, so that callers may pass packed
 * datums.
 */
#ifndef CV_PG_MODEL_H
#define CV_PG_MODEL_H

#include "postgres.h"

#include "core/model.h"

/* What a prediction needs of a model: no covariance, no counts. */
typedef struct cv_model_view
{
	const cv_family *family;
	double		unit_days;		/* days a time unit */
	int32		as_of;			/* days since 2000-01-01, or CV_NO_DAY */
	cv_period	period;			/* what a unit is where the family counts opportunities: see cv_model */
	double		param[CV_MAX_PARAMS];	/* k after them in a regular family */
} cv_model_view;

/*
 * Reads what predictions need from a fitted_model datum.  Raises 22023 where the
 * model is of another kind than the one asked for, or has covariates that are not
 * given, and 0A000 where a newer version of the extension wrote it.
 */
extern void cv_model_view_datum(Datum datum, cv_model_kind kind, cv_model_view *view);

/* Reads all of a fitted_model datum. */
extern void cv_model_from_datum(Datum datum, cv_model *model);

/* Builds a fitted_model; the model must have passed cv_model_problem(). */
extern Datum cv_model_to_datum(const cv_model *model);

/* A fitted_model, detoasted, as this version of the library would write it. */
extern struct varlena *cv_model_canonical(Datum datum);

/*
 * What makes a model unusable, as the words of an errdetail, or NULL where it is
 * sound.  Symmetrises the covariance and drops signs of zeros on the way, so
 * that equal models are equal bytes.
 */
extern const char *cv_model_problem(cv_model *model);

/* The families of a kind by name, ready for an errhint; kind 0 lists them all. */
extern char *cv_family_list(int kind);

/* Days of a period, a month being a twelfth of 365.25 days; 0 where both are 0. */
extern double cv_period_days(cv_period period);

/* Name of value i of a model, in the order of its covariance: 'alpha', 'purchase.age', 'churn."two words"'. */
extern char *cv_value_name(const cv_model *model, int i);

/* Name of a time unit of so many days: 'week', 'day', ... or '14 days'. */
extern char *cv_unit_name(double unit_days);

/* Name of a status as it stands in the text of a model. */
extern const char *cv_status_name(int status);

/*
 * model_text.c: the text of a model.  Parsing returns NULL, or the words of an
 * errdetail; it validates everything.
 */
extern char *cv_model_text(const cv_model *model);
extern const char *cv_model_parse(const char *text, cv_model *model);

#endif
