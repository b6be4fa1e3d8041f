/*
 * fit_options.c - the options of a fit, given as one jsonb object: read and checked
 * before the first customer is.
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "pg/compat.h"
#include "pg/fit_options.h"
#include "pg/model.h"
#include "pg/model_input.h"
#include "pg/model_scan.h"

typedef enum option
{
	OPTION_PENALTY,
	OPTION_K,
	OPTION_PERIOD,
	OPTION_COVARIATES,
	OPTION_PURCHASE,
	OPTION_CHURN,
	OPTION_START,
	OPTIONS
} option;

static const char *const option_name[OPTIONS] = {
	"penalty", "k", "period", "covariates", "purchase", "churn", "start"
};

static void bad_option(option which, const char *detail, const char *hint) pg_attribute_noreturn();

static void
bad_option(option which, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid fit option \"%s\"", option_name[which]),
			 errdetail_internal("%s", detail),
			 errhint("%s", hint)));
}

static char *
option_list(void)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < OPTIONS; i++)
		appendStringInfo(&out, "%s%s", i > 0 ? ", " : "", option_name[i]);
	return out.data;
}

/* Finds the values of the options that are there and not null. */
static void
find_options(Jsonb *options, JsonbValue *values, bool *given)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fit options must be a JSON object"),
				 errdetail("The options are %s.", JsonbToCString(NULL, &options->root, VARSIZE(options))),
				 errhint("Write for example '{\"penalty\": 0.5}'. Options are %s.", option_list())));
	it = JsonbIteratorInit(&options->root);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char	   *key;
		int			i = 0;

		if (token != WJB_KEY)
			continue;
		key = pnstrdup(v.val.string.val, v.val.string.len);
		while (i < OPTIONS && strcmp(key, option_name[i]) != 0)
			i++;
		if (i == OPTIONS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown fit option \"%s\"", key),
					 errhint("Options are %s.", option_list())));
		JsonbIteratorNext(&it, &values[i], true);
		given[i] = values[i].type != jbvNull;
		pfree(key);
	}
}

static double
read_number(const JsonbValue *v, option which, const char *hint)
{
	if (v->type != jbvNumeric)
		bad_option(which, "It must be a number.", hint);
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(v->val.numeric)));
}

static char *
read_string(const JsonbValue *v, option which, const char *hint)
{
	if (v->type != jbvString)
		bad_option(which, "It must be a string.", hint);
	return pnstrdup(v->val.string.val, v->val.string.len);
}

/* The strings of an array, at most CV_MAX_COVARIATES. */
static int
read_names(const JsonbValue *v, option which, char *names[CV_MAX_COVARIATES])
{
	const char *hint = "Write names such as [\"age\", \"north\"].";
	JsonbIterator *it;
	JsonbValue	element;
	JsonbIteratorToken token;
	int			n = 0;

	if (v->type != jbvBinary || !JsonContainerIsArray(v->val.binary.data))
		bad_option(which, "It must be an array of names.", hint);
	it = JsonbIteratorInit(v->val.binary.data);
	while ((token = JsonbIteratorNext(&it, &element, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (element.type != jbvString)
			bad_option(which, "It must be an array of names.", hint);
		if (n == CV_MAX_COVARIATES)
			bad_option(which, psprintf("There are more than %d names.", CV_MAX_COVARIATES),
					   "Leave out what matters least, or combine several into one.");
		names[n++] = read_string(&element, which, hint);
	}
	return n;
}

static void
read_covariates(const JsonbValue *v, cv_covariates *covariates)
{
	const char *hint = "Names are 1 to 63 bytes long, and differ from each other.";
	char	   *names[CV_MAX_COVARIATES];

	covariates->n = read_names(v, OPTION_COVARIATES, names);
	for (int j = 0; j < covariates->n; j++)
	{
		if (names[j][0] == '\0')
			bad_option(OPTION_COVARIATES, "A name is empty.", hint);
		if (strlen(names[j]) >= CV_COVARIATE_NAME)
			bad_option(OPTION_COVARIATES, psprintf("The name \"%s\" is too long.", names[j]), hint);
		for (int i = 0; i < j; i++)
			if (strcmp(names[i], names[j]) == 0)
				bad_option(OPTION_COVARIATES, psprintf("The name \"%s\" is there twice.", names[j]), hint);
		strcpy(covariates->name[j], names[j]);
	}
}

/* Which covariates act on purchases, or on churn: those named, or all that can. */
static unsigned
read_effects(const JsonbValue *v, bool given, option which, const cv_family *family,
			 const cv_covariates *covariates)
{
	bool		possible = cv_family_shifts(family, which == OPTION_CHURN);
	char	   *names[CV_MAX_COVARIATES];
	unsigned	effects = 0;
	int			n;

	if (!given)
		return possible ? (1u << covariates->n) - 1 : 0;
	n = read_names(v, which, names);
	if (n > 0 && !possible)
		bad_option(which, psprintf("In family %s covariates have no effect on %s.", family->name,
								   which == OPTION_CHURN ? "churn" : "purchases"),
				   "Leave it out, or choose another family: model_families() lists them.");
	for (int i = 0; i < n; i++)
	{
		int			j = 0;

		while (j < covariates->n && strcmp(names[i], covariates->name[j]) != 0)
			j++;
		if (j == covariates->n)
			bad_option(which, psprintf("\"%s\" is not among the names in \"covariates\".", names[i]),
					   "Name what acts on it out of \"covariates\".");
		effects |= 1u << j;
	}
	return effects;
}

static void
read_period(const JsonbValue *v, cv_fit_settings *settings)
{
	const char *hint = "Write a whole number of days, weeks, months or years, such as \"1 month\".";
	char	   *period = read_string(v, OPTION_PERIOD, hint);
	cv_scan		scan = {period, period};

	if (!cv_scan_period(&scan, &settings->period) || !cv_scan_end(&scan))
		bad_option(OPTION_PERIOD, psprintf("\"%s\" is no period.", period), hint);
}

/* A model to start from, its times in the unit of the fit. */
static void
read_start(const JsonbValue *v, const cv_family *family, cv_fit_settings *settings)
{
	const char *hint = "Pass the text of a model of the same family, such as model::text of the last fit.";
	char	   *text = read_string(v, OPTION_START, hint);
	cv_model   *start = &settings->start;
	const char *problem = cv_model_parse(text, start);

	if (problem != NULL)
		bad_option(OPTION_START, problem, hint);
	if (start->family != family->id && start->family != family->limit)
		bad_option(OPTION_START, psprintf("It is a model of family %s, not %s.",
										  cv_family_by_id(start->family)->name, family->name), hint);
	settings->has_start = true;
	if (family->kind == CV_PURCHASE_MODEL && family->observation == CV_PURCHASE_TIMES)
		for (int i = 0; i < start->n_params; i++)
			if (cv_family_by_id(start->family)->scale_params & (1u << i))
				start->param[i] *= start->unit_days / CV_WEEK_DAYS;
}

void
cv_fit_settings_read(Jsonb *options, const cv_family *family, bool from_history,
					 int n_covariates, cv_fit_settings *settings)
{
	JsonbValue	values[OPTIONS];
	bool		given[OPTIONS] = {false};
	cv_covariates *covariates = &settings->covariates;

	memset(settings, 0, sizeof(*settings));
	if (options != NULL)
		find_options(options, values, given);

	if (given[OPTION_PENALTY])
	{
		const char *hint = "0 is no penalty, 1 a mild one.";

		settings->penalty = read_number(&values[OPTION_PENALTY], OPTION_PENALTY, hint);
		if (!isfinite(settings->penalty) || settings->penalty < 0 || settings->penalty > CV_PARAM_LIMIT)
			bad_option(OPTION_PENALTY, "It must be finite and not negative.", hint);
	}
	if (given[OPTION_K])
	{
		const char *hint = "Leave it out to have the most likely one chosen.";
		double		k = read_number(&values[OPTION_K], OPTION_K, hint);

		if (!family->regular)
			bad_option(OPTION_K, psprintf("Family %s has no k.", family->name),
					   "Only the families of regular buyers have one, such as mbg/cnbd-k.");
		if (!(k >= 1 && k <= CV_MAX_REGULARITY) || k != floor(k))
			bad_option(OPTION_K, psprintf("It must be a whole number from 1 to %d.", CV_MAX_REGULARITY), hint);
		settings->k = (int) k;
	}
	else if (family->regular && !from_history)
		bad_option(OPTION_K, "It must be given, because summaries hold no times between purchases to choose it by.",
				   "Pass for example '{\"k\": 2}', or fit histories.");

	if (given[OPTION_PERIOD])
	{
		if (family->observation != CV_OPPORTUNITIES)
			bad_option(OPTION_PERIOD, psprintf("Family %s has no periods.", family->name),
					   "Only families that count opportunities have one, such as bg/bb.");
		read_period(&values[OPTION_PERIOD], settings);
	}
	else if (family->observation == CV_OPPORTUNITIES)
		bad_option(OPTION_PERIOD, psprintf("Family %s needs it: it counts periods with and without a purchase.", family->name),
				   "Pass for example '{\"period\": \"1 month\"}'.");

	if (n_covariates == 0)
	{
		for (int i = OPTION_COVARIATES; i <= OPTION_CHURN; i++)
			if (given[i])
				bad_option(i, "The fit is given no covariates to go with it.",
						   "Pass their values, a float8[] for every customer, before the options.");
	}
	else
	{
		if (!cv_family_shifts(family, false) && !cv_family_shifts(family, true))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("family \"%s\" takes no covariates", family->name),
					 errhint("model_families() lists the families that do.")));
		if (!given[OPTION_COVARIATES])
			bad_option(OPTION_COVARIATES, "It is missing: every covariate needs a name.",
					   "Pass for example '{\"covariates\": [\"age\", \"north\"]}'.");
		read_covariates(&values[OPTION_COVARIATES], covariates);
		if (covariates->n != n_covariates)
			bad_option(OPTION_COVARIATES, psprintf("Its length is %d, but that of the customers' arrays is %d.",
												   covariates->n, n_covariates),
					   "Name every element of the arrays, in their order.");
		covariates->purchase = read_effects(&values[OPTION_PURCHASE], given[OPTION_PURCHASE],
											OPTION_PURCHASE, family, covariates);
		covariates->churn = read_effects(&values[OPTION_CHURN], given[OPTION_CHURN],
										 OPTION_CHURN, family, covariates);
	}
	if (given[OPTION_START])
		read_start(&values[OPTION_START], family, settings);
}
