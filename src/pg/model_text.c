/*
 * model_text.c - the text of a fitted_model, complete and read back exactly:
 *
 *	mbg/nbd(r=0.52,alpha=6.18,a=0.89,b=1.61; unit=week, n=2357, patterns=1016,
 *		loglik=-9582.1, as_of=1997-09-30, status=converged; cov=[...])
 *
 * cov is the lower triangle, row by row, of the covariance of the logs of the
 * parameters.  By hand the parameters alone are enough: 'bg/nbd(r=0.243,...)'.
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
	SET_COV,
	SETTINGS
} setting;

static const char *const setting_name[SETTINGS] = {
	"unit", "n", "patterns", "loglik", "as_of", "status", "requested", "cov"
};

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

static const char *
parse_params(cv_scan *scan, const cv_family *family, cv_model *model)
{
	char		name[CV_SCAN_NAME];
	bool		seen[CV_MAX_PARAMS] = {false};

	do
	{
		int			i;

		if (!cv_scan_name(scan, name))
			return cv_scan_problem(scan, "Expected the name of a parameter");
		for (i = 0; i < family->n_params; i++)
			if (strcmp(name, family->param_name[i]) == 0)
				break;
		if (i == family->n_params)
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
	for (int i = 0; i < family->n_params; i++)
		if (!seen[i])
			return psprintf("Parameter \"%s\" is missing.", family->param_name[i]);
	model->n_params = family->n_params;
	return NULL;
}

static const char *
parse_cov(cv_scan *scan, cv_model *model)
{
	int			n = model->n_params;

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
parse_setting(cv_scan *scan, setting which, cv_model *model)
{
	char		name[CV_SCAN_NAME];
	const cv_family *family;
	double	   *number = NULL;

	switch (which)
	{
		case SET_UNIT:
			return parse_unit(scan, &model->unit_days);
		case SET_COV:
			return parse_cov(scan, model);
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
		case SETTINGS:
			break;
	}
	if (number != NULL && cv_scan_number(scan, number))
		return NULL;
	return cv_scan_problem(scan, "Expected a finite number");
}

static const char *
parse_settings(cv_scan *scan, cv_model *model)
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
		problem = parse_setting(scan, which, model);
		if (problem != NULL)
			return problem;
	}
	return NULL;
}

const char *
cv_model_parse(const char *text, cv_model *model)
{
	cv_scan		scan = {text, text};
	char		name[CV_SCAN_NAME];
	const cv_family *family;
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
	if ((problem = parse_params(&scan, family, model)) != NULL ||
		(problem = parse_settings(&scan, model)) != NULL)
		return problem;
	if (!cv_scan_char(&scan, ')'))
		return cv_scan_problem(&scan, "Expected \")\"");
	if (!cv_scan_end(&scan))
		return cv_scan_problem(&scan, "Expected the end of the text");
	return cv_model_problem(model);
}

char *
cv_model_text(const cv_model *model)
{
	const cv_family *family = cv_family_by_id(model->family);
	int			n = model->n_params;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "%s(", family->name);
	for (int i = 0; i < n; i++)
	{
		appendStringInfo(&out, "%s%s=", i > 0 ? "," : "", family->param_name[i]);
		cv_print_number(&out, model->param[i]);
	}
	appendStringInfo(&out, "; unit=%s", cv_unit_name(model->unit_days));
	if (model->customers != 0)
	{
		appendStringInfoString(&out, ", n=");
		cv_print_number(&out, model->customers);
	}
	if (model->patterns != 0)
	{
		appendStringInfoString(&out, ", patterns=");
		cv_print_number(&out, model->patterns);
	}
	if (model->log_likelihood != 0)
	{
		appendStringInfoString(&out, ", loglik=");
		cv_print_number(&out, model->log_likelihood);
	}
	if (model->as_of != CV_NO_DAY)
	{
		appendStringInfoString(&out, ", as_of=");
		cv_print_day(&out, model->as_of);
	}
	appendStringInfo(&out, ", status=%s", cv_status_name(model->status));
	if (model->requested != model->family)
		appendStringInfo(&out, ", requested=%s", cv_family_by_id(model->requested)->name);
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
