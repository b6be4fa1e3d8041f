/*
 * fit_verdict.c - the verdict on a model, in plain words.
 */
#include "core/model.h"
#include "core/objective.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* fewer customers than this say little, however well a model fits them */
#define FEW_CUSTOMERS 100

/* The parameter or effect with the largest standard error. */
static int
weakest(const cv_model *model)
{
	int			n = cv_model_free(model),
				w = 0;

	for (int i = 1; i < n; i++)
	{
		if (model->cov[i * n + i] > model->cov[w * n + w])
			w = i;
	}
	return w;
}

/* Rounded up to two digits. */
static double
round_up(double value)
{
	double		unit = pow(10, floor(log10(value)) - 1);

	return ceil(value / unit) * unit;
}

/* Appends to the text in the buffer. */
static void append(char *buffer, size_t size, const char *format,...) __attribute__((format(printf, 3, 4)));

static void
append(char *buffer, size_t size, const char *format, ...)
{
	size_t		used = strlen(buffer);
	va_list		args;

	va_start(args, format);
	vsnprintf(buffer + used, size - used, format, args);
	va_end(args);
}

/* Which value is weak, and how many customers like these would settle it: variances fall as 1/n. */
static void
say_weak(const cv_model *model, const cv_family *family, const char *who, char *buffer, size_t size)
{
	int			n = cv_model_free(model),
				w = weakest(model),
				j;
	double		error = sqrt(model->cov[w * n + w]),
				needed = round_up(model->customers * fmax(error * error, 1));
	bool		churn;

	append(buffer, size, "Fitted to %.0f %s, but they hardly settle ", model->customers, who);
	if (cv_effect_at(family, &model->covariates, w, &j, &churn))
		append(buffer, size, "the effect of %s on %s (standard error %.1f). ",
			   model->covariates.name[j], churn ? "churn" : "purchases", error);
	else
		append(buffer, size, "%s (standard error of its log %.1f). ", family->param_name[w], error);
	append(buffer, size, "Totals can be used with care, single parameters cannot; it takes about %.0f customers "
		   "like these, or a longer time, or a penalty.", needed);
}

static void
say_extreme(const cv_model *model, const char *who, char *buffer, size_t size)
{
	append(buffer, size, "Fitted to %.0f %s, but ", model->customers, who);
	if (model->covariates.n > 0)
		append(buffer, size, "some effects cannot be told apart, or the best fit lies at an extreme. "
			   "Leave out covariates that are the same for everybody, that follow from the others, "
			   "or that mark a few customers only; or set a penalty.");
	else
		append(buffer, size, "the best fit lies at an extreme: they look more alike, "
			   "or more divided, than the model can tell. Predictions hold for customers like these; "
			   "parameters and their errors mean little. Fit more customers or a longer time, or set a penalty.");
}

void
cv_model_verdict(const cv_model *model, char *buffer, size_t size)
{
	const cv_family *family = cv_family_by_id(model->family);
	const cv_family *requested = cv_family_by_id(model->requested);
	bool		one = model->customers == 1;
	const char *who = family->kind != CV_SPEND_MODEL ? (one ? "customer" : "customers") :
		(one ? "customer with a repeat purchase" : "customers with a repeat purchase");

	buffer[0] = '\0';
	switch (model->status)
	{
		case CV_STATUS_GIVEN:
			append(buffer, size, "Parameters given by hand; nothing was fitted.");
			return;
		case CV_STATUS_CONVERGED:
			append(buffer, size, "Fitted to %.0f %s; the data settle every parameter%s%s", model->customers, who,
				   model->penalty > 0 ? " together with the penalty" : "",
				   model->customers < FEW_CUSTOMERS ? ", as far as so few can." : ".");
			break;
		case CV_STATUS_NO_CHURN:
			append(buffer, size, "Among %.0f %s the data show nobody leaving, so %s stands in for %s: "
				   "every customer counts as alive. Observe longer or fit more customers before trusting that.",
				   model->customers, who, family->name, requested ? requested->name : family->name);
			break;
		case CV_STATUS_LIMIT:
			append(buffer, size, "The nearer %s comes to its limit %s, the better it fits these %.0f %s, so %s stands in: "
				   "it says the same with fewer parameters, and the data settle every one of them.",
				   requested ? requested->name : family->name, family->name, model->customers, who, family->name);
			break;
		case CV_STATUS_WEAK:
			if (requested && requested != family)
				append(buffer, size, "%s stands in for %s, which fits no better. ", family->name, requested->name);
			if (model->has_cov)
				say_weak(model, family, who, buffer, size);
			else
				say_extreme(model, who, buffer, size);
			break;
		case CV_STATUS_NOT_CONVERGED:
			append(buffer, size, "The fit to %.0f %s did not settle; do not use it. "
				   "Look at the data for customers that cannot be real, or try another family.",
				   model->customers, who);
			return;
	}
	if (model->customers < FEW_CUSTOMERS)
		append(buffer, size, " That is too little data: a few hundred customers are the least to rely on.");
	if (family->regular && model->param[model->n_params] > 1 && model->as_of == CV_NO_DAY)
		append(buffer, size, " Summaries hold no times between purchases, so the log-likelihood "
			   "compares only with that of other fits with the same k.");
}
