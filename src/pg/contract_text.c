/*
 * contract_text.c - the text of a contract_model, complete and read back exactly:
 *
 *	sbg(alpha=0.70,beta=1.18; n=1000, renewals=7, loglik=-1680.3, period=1 year,
 *		as_of=2026-06-30, status=converged; cov=[...])
 *
 * cov is the lower triangle, row by row, of the covariance of the logs of the
 * parameters.  By hand the parameters alone are enough: 'sbg(alpha=0.7,beta=1.2)'.
 */
#include "postgres.h"

#include "pg/contract.h"
#include "pg/model_scan.h"

/* The settings after the parameters, each at most once. */
typedef enum setting
{
	SET_N,
	SET_RENEWALS,
	SET_LOGLIK,
	SET_PERIOD,
	SET_AS_OF,
	SET_STATUS,
	SET_COV,
	SETTINGS
} setting;

static const char *const setting_name[SETTINGS] = {
	"n", "renewals", "loglik", "period", "as_of", "status", "cov"
};

static const char *
parse_params(cv_scan *scan, cv_contract *contract)
{
	char		name[CV_SCAN_NAME];
	bool		seen[CV_CONTRACT_PARAMS] = {false};
	int			n = contract->n_params;

	do
	{
		int			i;

		if (!cv_scan_name(scan, name))
			return cv_scan_problem(scan, "Expected the name of a parameter");
		for (i = 0; i < n; i++)
			if (strcmp(name, cv_contract_param_name(i)) == 0)
				break;
		if (i == n)
			return psprintf("Family %s has no parameter \"%s\".", cv_contract_family_name(contract->family), name);
		if (seen[i])
			return psprintf("Parameter \"%s\" is given twice.", name);
		seen[i] = true;
		if (!cv_scan_char(scan, '='))
			return cv_scan_problem(scan, "Expected \"=\"");
		if (!cv_scan_number(scan, &contract->param[i]))
			return cv_scan_problem(scan, "Expected a finite number");
	} while (cv_scan_char(scan, ','));

	if (!cv_scan_next(scan, ';') && !cv_scan_next(scan, ')'))
		return cv_scan_problem(scan, "Expected \",\", \";\" or \")\"");
	for (int i = 0; i < n; i++)
		if (!seen[i])
			return psprintf("Parameter \"%s\" is missing.", cv_contract_param_name(i));
	return NULL;
}

static const char *
parse_cov(cv_scan *scan, cv_contract *contract)
{
	int			n = contract->n_params;
	const char *numbers = psprintf("(cov has %d numbers)", n * (n + 1) / 2);

	if (!cv_scan_char(scan, '['))
		return cv_scan_problem(scan, "Expected \"[\"");
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			if (i + j > 0 && !cv_scan_char(scan, ','))
				return cv_scan_problem(scan, psprintf("Expected \",\" %s", numbers));
			if (!cv_scan_number(scan, &contract->cov[i * n + j]))
				return cv_scan_problem(scan, "Expected a finite number");
		}
	if (!cv_scan_char(scan, ']'))
		return cv_scan_problem(scan, psprintf("Expected \"]\" %s", numbers));
	contract->has_cov = true;
	return NULL;
}

static const char *
parse_setting(cv_scan *scan, setting which, cv_contract *contract)
{
	char		name[CV_SCAN_NAME];
	double		renewals;

	switch (which)
	{
		case SET_N:
			if (cv_scan_number(scan, &contract->customers))
				return NULL;
			break;
		case SET_LOGLIK:
			if (cv_scan_number(scan, &contract->log_likelihood))
				return NULL;
			break;
		case SET_RENEWALS:
			if (cv_scan_number(scan, &renewals) && renewals >= 0 && renewals <= CV_MAX_RENEWALS &&
				renewals == (int) renewals)
			{
				contract->renewals = (int) renewals;
				return NULL;
			}
			return cv_scan_problem(scan, psprintf("Expected a whole number of renewals, at most %d", CV_MAX_RENEWALS));
		case SET_PERIOD:
			return cv_scan_period(scan, &contract->period) ? NULL :
				cv_scan_problem(scan, "Expected a period such as 1 month, at most 10000 years,");
		case SET_AS_OF:
			if (cv_scan_day(scan, &contract->as_of))
				return NULL;
			return cv_scan_problem(scan, "Expected a day as YYYY-MM-DD");
		case SET_STATUS:
			if (cv_scan_name(scan, name))
				for (int i = 0; cv_contract_status_name(i) != NULL; i++)
					if (strcmp(name, cv_contract_status_name(i)) == 0)
					{
						contract->status = i;
						return NULL;
					}
			return cv_scan_problem(scan, "Expected a status such as converged or given");
		case SET_COV:
			return parse_cov(scan, contract);
		case SETTINGS:
			break;
	}
	return cv_scan_problem(scan, "Expected a finite number");
}

static const char *
parse_settings(cv_scan *scan, cv_contract *contract)
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
		problem = parse_setting(scan, which, contract);
		if (problem != NULL)
			return problem;
	}
	return NULL;
}

const char *
cv_contract_parse(const char *text, cv_contract *contract)
{
	cv_scan		scan = {text, text};
	char		name[CV_SCAN_NAME];
	const char *problem;

	memset(contract, 0, sizeof(*contract));
	contract->as_of = CV_NO_DAY;
	contract->status = CV_CONTRACT_GIVEN;

	if (!cv_scan_name(&scan, name))
		return cv_scan_problem(&scan, "Expected the name of a family");
	for (int family = CV_CONTRACT_SBG; cv_contract_family_name(family) != NULL; family++)
		if (pg_strcasecmp(name, cv_contract_family_name(family)) == 0)
			contract->family = family;
	if (contract->family == 0)
		return psprintf("There is no contract family \"%s\".", name);
	contract->n_params = cv_contract_family_params(contract->family);

	if (!cv_scan_char(&scan, '('))
		return cv_scan_problem(&scan, "Expected \"(\"");
	if ((problem = parse_params(&scan, contract)) != NULL ||
		(problem = parse_settings(&scan, contract)) != NULL)
		return problem;
	if (!cv_scan_char(&scan, ')'))
		return cv_scan_problem(&scan, "Expected \")\"");
	if (!cv_scan_end(&scan))
		return cv_scan_problem(&scan, "Expected the end of the text");
	return cv_contract_problem(contract);
}

char *
cv_contract_text(const cv_contract *contract)
{
	int			n = contract->n_params;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "%s(", cv_contract_family_name(contract->family));
	for (int i = 0; i < n; i++)
	{
		appendStringInfo(&out, "%s%s=", i > 0 ? "," : "", cv_contract_param_name(i));
		cv_print_number(&out, contract->param[i]);
	}
	appendStringInfoString(&out, "; ");
	if (contract->customers != 0)
	{
		appendStringInfoString(&out, "n=");
		cv_print_number(&out, contract->customers);
		appendStringInfoString(&out, ", ");
	}
	if (contract->renewals != 0)
		appendStringInfo(&out, "renewals=%d, ", contract->renewals);
	if (contract->log_likelihood != 0)
	{
		appendStringInfoString(&out, "loglik=");
		cv_print_number(&out, contract->log_likelihood);
		appendStringInfoString(&out, ", ");
	}
	if (contract->period.months != 0 || contract->period.days != 0)
		appendStringInfo(&out, "period=%s, ", cv_period_text(contract->period));
	if (contract->as_of != CV_NO_DAY)
	{
		appendStringInfoString(&out, "as_of=");
		cv_print_day(&out, contract->as_of);
		appendStringInfoString(&out, ", ");
	}
	appendStringInfo(&out, "status=%s", cv_contract_status_name(contract->status));
	if (contract->has_cov)
	{
		appendStringInfoString(&out, "; cov=[");
		for (int i = 0; i < n; i++)
			for (int j = 0; j <= i; j++)
			{
				if (i + j > 0)
					appendStringInfoChar(&out, ',');
				cv_print_number(&out, contract->cov[i * n + j]);
			}
		appendStringInfoChar(&out, ']');
	}
	appendStringInfoChar(&out, ')');
	return out.data;
}
