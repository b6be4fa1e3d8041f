/*
 * model_text.c - the text of a fitted_model, complete and read back exactly:
 *
 *	mbg/nbd(r=0.52,alpha=6.18,a=0.89,b=1.61; unit=week, n=2357, patterns=1016,
 *		loglik=-9582.1, as_of=1997-09-30, status=converged; cov=[...])
 *
 * cov is the lower triangle, row by row, of the covariance of the logs of the
 * parameters and of the coefficients of covariates.  Those stand among the
 * parameters, as purchase.age=0.31 or churn."two words"=-0.2; covariates=[...] lists
 * the names in their order.  By hand the parameters alone are enough:
 * 'bg/nbd(r=0.243,...)'.
 */
#include "postgres.h"

#include "pg/model.h"
#include "pg/model_scan.h"

/* The settings after the parameters, each at most once. */
typedef enum setting
{
	SET_UNIT,
	SET_N,
	SET_PATTERNS,
	SET_LOGLIK,
	SET_AS_OF,
	SET_STATUS,
	SET_REQUESTED,
	SET_PENALTY,
	SET_PERIOD,
	SET_COVARIATES,
	SET_COV,
	SETTINGS
} setting;

static const char *const setting_name[SETTINGS] = {
	"unit", "n", "patterns", "loglik", "as_of", "status", "requested",
	"penalty", "period", "covariates", "cov"
};

/* An effect as it stands in the text, before the order of the covariates is known. */
typedef struct effect
{
	bool		churn;
	char		name[CV_COVARIATE_NAME];
	double		coefficient;
} effect;

typedef struct effects
{
	int			n;
	effect		effect[2 * CV_MAX_COVARIATES];
} effects;

static const struct
{
	const char *name;
	double		days;
}			units[] = {
	{"day", 1.0}, {"week", 7.0}, {"month", 365.25 / 12}, {"year", 365.25}
};

char *
cv_unit_name(double unit_days)
{
	StringInfoData out;

	for (int i = 0; i < (int) lengthof(units); i++)
		if (units[i].days == unit_days)
			return pstrdup(units[i].name);
	initStringInfo(&out);
	cv_print_number(&out, unit_days);
	appendStringInfoString(&out, " days");
	return out.data;
}

static const char *
parse_unit(cv_scan *scan, double *unit_days)
{
	char		name[CV_SCAN_NAME];

	if (cv_scan_number(scan, unit_days))
	{
		if (cv_scan_name(scan, name) && strcmp(name, "days") == 0)
			return NULL;
		return cv_scan_problem(scan, "Expected \"days\"");
	}
	if (cv_scan_name(scan, name))
		for (int i = 0; i < (int) lengthof(units); i++)
			if (strcmp(units[i].name, name) == 0)
			{
				*unit_days = units[i].days;
				return NULL;
			}
	return cv_scan_problem(scan, "Expected day, week, month, year or a number of days");
}

/* What follows the name of an effect's kind: .name=coefficient. */
static const char *
parse_effect(cv_scan *scan, bool churn, effects *all)
{
	effect	   *e = &all->effect[all->n];

	if (all->n == lengthof(all->effect))
		return psprintf("There are more than %d effects of covariates.", all->n);
	if (!cv_scan_identifier(scan, e->name, sizeof(e->name)))
		return cv_scan_problem(scan, "Expected the name of a covariate, at most 63 bytes long,");
	for (int i = 0; i < all->n; i++)
		if (all->effect[i].churn == churn && strcmp(all->effect[i].name, e->name) == 0)
			return psprintf("The effect of covariate \"%s\" is given twice.", e->name);
	if (!cv_scan_char(scan, '='))
		return cv_scan_problem(scan, "Expected \"=\"");
	if (!cv_scan_number(scan, &e->coefficient))
		return cv_scan_problem(scan, "Expected a finite number");
	e->churn = churn;
	all->n++;
	return NULL;
}

static const char *
parse_params(cv_scan *scan, const cv_family *family, cv_model *model, effects *all)
{
	int			n = family->n_params + (family->regular ? 1 : 0);
	char		name[CV_SCAN_NAME];
	bool		seen[CV_MAX_PARAMS] = {false};

	do
	{
		int			i;

		if (!cv_scan_name(scan, name))
			return cv_scan_problem(scan, "Expected the name of a parameter");
		if ((strcmp(name, "purchase") == 0 || strcmp(name, "churn") == 0) && cv_scan_char(scan, '.'))
		{
			const char *problem = parse_effect(scan, name[0] == 'c', all);

			if (problem != NULL)
				return problem;
			continue;
		}
		for (i = 0; i < n; i++)
			if (strcmp(name, i < family->n_params ? family->param_name[i] : "k") == 0)
				break;
		if (i == n)
			return psprintf("Family %s has no parameter \"%s\".", family->name, name);
		if (seen[i])
			return psprintf("Parameter \"%s\" is given twice.", name);
		seen[i] = true;
		if (!cv_scan_char(scan, '='))
			return cv_scan_problem(scan, "Expected \"=\"");
		if (!cv_scan_number(scan, &model->param[i]))
			return cv_scan_problem(scan, "Expected a finite number");
	} while (cv_scan_char(scan, ','));

	if (!cv_scan_next(scan, ';') && !cv_scan_next(scan, ')'))
		return cv_scan_problem(scan, "Expected \",\", \";\" or \")\"");
	for (int i = 0; i < n; i++)
		if (!seen[i])
			return psprintf("Parameter \"%s\" is missing.", i < family->n_params ? family->param_name[i] : "k");
	model->n_params = family->n_params;
	return NULL;
}

static const char *
parse_covariates(cv_scan *scan, cv_covariates *covariates)
{
	if (!cv_scan_char(scan, '['))
		return cv_scan_problem(scan, "Expected \"[\"");
	do
	{
		if (covariates->n == CV_MAX_COVARIATES)
			return psprintf("There are more than %d covariates.", CV_MAX_COVARIATES);
		if (!cv_scan_identifier(scan, covariates->name[covariates->n], CV_COVARIATE_NAME))
			return cv_scan_problem(scan, "Expected the name of a covariate, at most 63 bytes long,");
		covariates->n++;
	} while (cv_scan_char(scan, ','));
	return cv_scan_char(scan, ']') ? NULL : cv_scan_problem(scan, "Expected \",\" or \"]\"");
}

/* Finds a covariate by its name; -1 where there is none. */
static int
find_covariate(const cv_covariates *covariates, const char *name)
{
	for (int j = 0; j < covariates->n; j++)
		if (strcmp(covariates->name[j], name) == 0)
			return j;
	return -1;
}

/* Puts the effects in order; where no covariates are listed, they are those that have effects. */
static const char *
arrange_effects(const cv_family *family, const effects *all, bool listed, cv_model *model)
{
	cv_covariates *covariates = &model->covariates;

	for (int i = 0; i < all->n; i++)
	{
		const effect *e = &all->effect[i];
		int			j = find_covariate(covariates, e->name);

		if (j < 0 && (listed || covariates->n == CV_MAX_COVARIATES))
			return psprintf("Covariate \"%s\" is not among the covariates.", e->name);
		if (j < 0)
			strcpy(covariates->name[j = covariates->n++], e->name);
		if (e->churn)
			covariates->churn |= 1u << j;
		else
			covariates->purchase |= 1u << j;
	}
	for (int k = 0; k < all->n; k++)
	{
		int			j;
		bool		churn;

		if (!cv_effect_at(family, covariates, family->n_params + k, &j, &churn))
			return "A covariate is there twice.";
		for (int i = 0; i < all->n; i++)
			if (all->effect[i].churn == churn && strcmp(all->effect[i].name, covariates->name[j]) == 0)
				model->coefficient[k] = all->effect[i].coefficient;
	}
	return NULL;
}

static const char *
parse_cov(cv_scan *scan, int n, cv_model *model)
{

	if (!cv_scan_char(scan, '['))
		return cv_scan_problem(scan, "Expected \"[\"");
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			if (i + j > 0 && !cv_scan_char(scan, ','))
				return cv_scan_problem(scan, psprintf("Expected \",\" (cov has %d numbers)",
													  n * (n + 1) / 2));
			if (!cv_scan_number(scan, &model->cov[i * n + j]))
				return cv_scan_problem(scan, "Expected a finite number");
		}
	if (!cv_scan_char(scan, ']'))
		return cv_scan_problem(scan, psprintf("Expected \"]\" (cov has %d numbers)",
											  n * (n + 1) / 2));
	model->has_cov = true;
	return NULL;
}

static const char *
parse_setting(cv_scan *scan, setting which, const effects *all, cv_model *model)
{
	char		name[CV_SCAN_NAME];
	const cv_family *family;
	double	   *number = NULL;

	switch (which)
	{
		case SET_UNIT:
			return parse_unit(scan, &model->unit_days);
		case SET_COV:
			return parse_cov(scan, model->n_params + all->n, model);
		case SET_COVARIATES:
			return parse_covariates(scan, &model->covariates);
		case SET_PERIOD:
			if (!cv_scan_period(scan, &model->period))
				return cv_scan_problem(scan, "Expected a period such as 1 month, at most 10000 years,");
			model->unit_days = cv_period_days(model->period);
			return NULL;
		case SET_AS_OF:
			if (cv_scan_day(scan, &model->as_of))
				return NULL;
			return cv_scan_problem(scan, "Expected a day as YYYY-MM-DD");
		case SET_STATUS:
			if (cv_scan_name(scan, name))
				for (int i = 0; cv_status_name(i) != NULL; i++)
					if (strcmp(name, cv_status_name(i)) == 0)
					{
						model->status = i;
						return NULL;
					}
			return cv_scan_problem(scan, "Expected a status such as converged or given");
		case SET_REQUESTED:
			if (!cv_scan_name(scan, name) || (family = cv_family_by_name(name)) == NULL)
				return cv_scan_problem(scan, "Expected the name of a family");
			model->requested = family->id;
			return NULL;
		case SET_N:
			number = &model->customers;
			break;
		case SET_PATTERNS:
			number = &model->patterns;
			break;
		case SET_LOGLIK:
			number = &model->log_likelihood;
			break;
		case SET_PENALTY:
			number = &model->penalty;
			break;
		case SETTINGS:
			break;
	}
	if (number != NULL && cv_scan_number(scan, number))
		return NULL;
	return cv_scan_problem(scan, "Expected a finite number");
}

static const char *
parse_settings(cv_scan *scan, const effects *all, cv_model *model)
{
	bool		seen[SETTINGS] = {false};

	while (cv_scan_char(scan, ';') || cv_scan_char(scan, ','))
	{
		char		name[CV_SCAN_NAME];
		const char *problem;
		int			which;

		if (!cv_scan_name(scan, name))
			return cv_scan_problem(scan, "Expected the name of a setting");
		for (which = 0; which < SETTINGS; which++)
			if (strcmp(name, setting_name[which]) == 0)
				break;
		if (which == SETTINGS)
			return psprintf("There is no setting \"%s\".", name);
		if (seen[which])
			return psprintf("Setting \"%s\" is given twice.", name);
		seen[which] = true;
		if (!cv_scan_char(scan, '='))
			return cv_scan_problem(scan, "Expected \"=\"");
		problem = parse_setting(scan, which, all, model);
		if (problem != NULL)
			return problem;
	}
	return arrange_effects(cv_family_by_id(model->family), all, seen[SET_COVARIATES], model);
}

const char *
cv_model_parse(const char *text, cv_model *model)
{
	cv_scan		scan = {text, text};
	char		name[CV_SCAN_NAME];
	const cv_family *family;
	effects		all = {0};
	const char *problem;

	memset(model, 0, sizeof(*model));
	model->unit_days = 7.0;
	model->as_of = CV_NO_DAY;
	model->status = CV_STATUS_GIVEN;

	if (!cv_scan_name(&scan, name))
		return cv_scan_problem(&scan, "Expected the name of a family");
	family = cv_family_by_name(name);
	if (family == NULL)
		return psprintf("There is no family \"%s\". %s", name, cv_family_list(0));
	model->family = model->requested = family->id;

	if (!cv_scan_char(&scan, '('))
		return cv_scan_problem(&scan, "Expected \"(\"");
	if ((problem = parse_params(&scan, family, model, &all)) != NULL ||
		(problem = parse_settings(&scan, &all, model)) != NULL)
		return problem;
	if (!cv_scan_char(&scan, ')'))
		return cv_scan_problem(&scan, "Expected \")\"");
	if (!cv_scan_end(&scan))
		return cv_scan_problem(&scan, "Expected the end of the text");
	return cv_model_problem(model);
}

char *
cv_value_name(const cv_model *model, int i)
{
	const cv_family *family = cv_family_by_id(model->family);
	StringInfoData out;
	int			j;
	bool		churn;

	if (!cv_effect_at(family, &model->covariates, i, &j, &churn))
		return pstrdup(family->param_name[i]);
	initStringInfo(&out);
	appendStringInfoString(&out, churn ? "churn." : "purchase.");
	cv_print_identifier(&out, model->covariates.name[j]);
	return out.data;
}

/* ", name=value" where the value is not 0. */
static void
print_setting(StringInfo out, const char *name, double value)
{
	if (value == 0)
		return;
	appendStringInfo(out, ", %s=", name);
	cv_print_number(out, value);
}

char *
cv_model_text(const cv_model *model)
{
	const cv_family *family = cv_family_by_id(model->family);
	int			m = model->n_params;
	int			n = cv_model_free(model);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "%s(", family->name);
	for (int i = 0; i < n; i++)
	{
		if (i == m && family->regular)
			appendStringInfo(&out, ",k=%.0f", model->param[m]);
		appendStringInfo(&out, "%s%s=", i > 0 ? "," : "", cv_value_name(model, i));
		cv_print_number(&out, i < m ? model->param[i] : model->coefficient[i - m]);
	}
	if (n == m && family->regular)
		appendStringInfo(&out, ",k=%.0f", model->param[m]);
	if (model->period.months > 0 || model->period.days > 0)
		appendStringInfo(&out, "; period=%s", cv_period_text(model->period));
	else
		appendStringInfo(&out, "; unit=%s", cv_unit_name(model->unit_days));
	print_setting(&out, "n", model->customers);
	print_setting(&out, "patterns", model->patterns);
	print_setting(&out, "loglik", model->log_likelihood);
	if (model->as_of != CV_NO_DAY)
	{
		appendStringInfoString(&out, ", as_of=");
		cv_print_day(&out, model->as_of);
	}
	appendStringInfo(&out, ", status=%s", cv_status_name(model->status));
	if (model->requested != model->family)
		appendStringInfo(&out, ", requested=%s", cv_family_by_id(model->requested)->name);
	print_setting(&out, "penalty", model->penalty);
	for (int j = 0; j < model->covariates.n; j++)
	{
		appendStringInfoString(&out, j == 0 ? ", covariates=[" : ",");
		cv_print_identifier(&out, model->covariates.name[j]);
	}
	if (model->covariates.n > 0)
		appendStringInfoChar(&out, ']');
	if (model->has_cov)
	{
		appendStringInfoString(&out, "; cov=[");
		for (int i = 0; i < n; i++)
			for (int j = 0; j <= i; j++)
			{
				if (i + j > 0)
					appendStringInfoChar(&out, ',');
				cv_print_number(&out, model->cov[i * n + j]);
			}
		appendStringInfoChar(&out, ']');
	}
	appendStringInfoChar(&out, ')');
	return out.data;
}
