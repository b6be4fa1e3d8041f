/*
 * fit_options.h - the options of a fit, given as one jsonb object.
 */
#ifndef CV_PG_FIT_OPTIONS_H
#define CV_PG_FIT_OPTIONS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "core/model.h"

typedef struct cv_fit_settings
{
	double		penalty;
	int			k;				/* 0: by likelihood */
	cv_period	period;			/* given where the family counts opportunities */
	cv_covariates covariates;
	bool		has_start;
	cv_model	start;			/* its times in weeks, unless the family counts opportunities */
} cv_fit_settings;

/*
 * Reads and checks the options (NULL: none) of a fit of family to customers with so
 * many covariates, from histories or from summaries.  Raises 22023.
 */
extern void cv_fit_settings_read(Jsonb *options, const cv_family *family, bool from_history,
								 int n_covariates, cv_fit_settings *settings);

#endif
