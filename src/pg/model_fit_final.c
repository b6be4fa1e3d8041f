/*
 * model_fit_final.c - what becomes of the states of fits: they are combined, and
 * the model is fitted.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "core/gaps.h"
#include "core/patterns.h"
#include "pg/compat.h"
#include "pg/fit_keys.h"
#include "pg/fit_options.h"
#include "pg/fit_state.h"
#include "pg/large_pages.h"
#include "pg/model.h"
#include "pg/model_fit.h"
#include "pg/model_input.h"
#include "pg/model_scan.h"

static void
check_same_fit(const cv_fit_state *into, const cv_fit_state *from)
{
	if (into->family != from->family || into->entrance != from->entrance ||
		into->as_of != from->as_of || into->n_covariates != from->n_covariates ||
		!cv_fit_state_has_options(into, cv_fit_state_options(from)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fit states of different fits cannot be combined"),
				 errhint("Family, origin, as-of day, covariates and options must be the same.")));
}

/* _fit_combine(state, state): adds the second to the first, which alone may change. */
CV_SQL_FUNCTION(cv_fit_combine);
Datum
cv_fit_combine(PG_FUNCTION_ARGS)
{
	cv_fit_keys *keys;
	cv_fit_keys_view view;
	cv_fit_state *first,
			   *into;
	const cv_fit_state *from;

	if (PG_ARGISNULL(1))
		return cv_fit_keep_state(fcinfo);
	if (PG_ARGISNULL(0))
	{
		/* as what the next one is added to */
		keys = cv_fit_keys_open(fcinfo, PG_GETARG_DATUM(1));
		PG_RETURN_DATUM(keys ? cv_fit_keys_datum(keys) : PG_GETARG_DATUM(1));
	}
	if (cv_fit_keys_read(PG_GETARG_DATUM(1), &view) &&
		(keys = cv_fit_keys_open(fcinfo, PG_GETARG_DATUM(0))) != NULL)
	{
		check_same_fit(cv_fit_keys_head(keys), view.head);
		cv_fit_keys_merge(keys, &view);
		PG_RETURN_DATUM(cv_fit_keys_datum(keys));
	}
	into = first = cv_fit_state_write(fcinfo, 0);
	from = cv_fit_state_read(PG_GETARG_DATUM(1));
	check_same_fit(into, from);
	for (uint32 i = 0; i < from->slots; i++)
	{
		const cv_pattern *p = cv_fit_slot(from, i);

		if (p->count != 0)
		{
			cv_fit_state *next = cv_fit_state_add(into, p->x, p->t_x, p->T, cv_fit_covariates(p), p->count);

			if (next != into && into != first)
				pfree(into);
			into = next;
		}
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	into->seen += from->seen;
	cv_fit_state_add_gaps(into, from->log_gaps);
	PG_RETURN_POINTER(into);
}

/* Polled inside the optimiser: looks at flags only. */
static bool
fit_interrupted(void *arg)
{
	return QueryCancelPending || ProcDiePending;
}

static void
fit_impossible(const cv_fit_state *state, const cv_family *family, double customers, cv_fit_result result)
{
	const char *by = state->as_of == CV_NO_DAY ? "" : psprintf(" by %s", cv_fit_day_text(state->as_of));

	if (family->kind == CV_SPEND_MODEL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit model \"%s\": nobody spent anything on a repeat purchase", family->name),
				 errdetail("Of %lld customers none has bought again%s with an amount above 0.",
						   (long long) state->seen, by),
				 errhint("A spend model learns from second and later purchase days; use a later as-of day or more customers.")));
	if (result == CV_FIT_NO_CUSTOMERS)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit model \"%s\": no customer has a purchase%s", family->name, by),
				 errdetail("%lld customers were looked at.", (long long) state->seen),
				 errhint("Check the as-of day: it must not lie before the first sale.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("cannot fit model \"%s\": nobody bought a second time%s", family->name, by),
			 errdetail("Each of the %.0f customers with a purchase bought on one day only.", customers),
			 errhint("A purchase model learns from customers who come back; use a later as-of day or more customers.")));
}

/* Patterns with their covariates as groups of equal ones. */
static void
make_groups(const cv_fit_state *state, cv_sample *sample)
{
	int			n_covariates = state->n_covariates;
	const cv_pattern **sorted = cv_fit_state_sorted(state);

	sample->patterns = cv_alloc_large_pages(CurrentMemoryContext, state->used * sizeof(cv_pattern));
	sample->groups = palloc_extended(Max(state->used, 1) * sizeof(cv_group), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < state->used; i++)
	{
		const double *z = cv_fit_covariates(sorted[i]);

		sample->patterns[i] = *sorted[i];
		if (i == 0 || memcmp(z, sample->groups[sample->n_groups - 1].z, n_covariates * sizeof(double)) != 0)
			sample->groups[sample->n_groups++] = (cv_group) {.first = i, .z = z};
		sample->groups[sample->n_groups - 1].n++;
	}
	pfree(sorted);
}

/* Fewer patterns than these leave a fit no use for room to draw near to its maximum. */
#define FEWEST_TO_DRAW_NEAR (2 * CV_CLOSE)

/* Customers collected for a fit, and what for. */
typedef struct collected
{
	const cv_fit_state *head;	/* without its patterns where they are keys */
	cv_sample	sample;
} collected;

static collected
get_collected(Datum datum)
{
	cv_fit_keys_view view;
	collected	c = {0};

	if (cv_fit_keys_read(datum, &view))
	{
		cv_fit_keys_sample(&view, &c.sample);
		c.head = view.head;
		return c;
	}
	c.head = view.head;
	c.sample.n = c.head->used;
	if (c.head->n_covariates > 0)
		make_groups(c.head, &c.sample);
	else
		c.sample.patterns = cv_fit_state_patterns(c.head);
	return c;
}

/* The model of a family fitted to customers collected. */
static Datum
fit_collected(collected *c, const cv_family *family, Jsonb *fit_options)
{
	const cv_fit_state *state = c->head;
	cv_sample  *sample = &c->sample;
	size_t		patterns = sample->n;
	cv_fit_settings settings;
	cv_fit_options options = {.interrupted = fit_interrupted};
	cv_model	model;
	cv_fit_result result;
	const char *problem;

	CHECK_FOR_INTERRUPTS();
	cv_fit_settings_read(fit_options, family, state->entrance == CV_FROM_HISTORY,
						 state->n_covariates, &settings);
	options.penalty = settings.penalty;
	options.k = settings.k;
	if (settings.has_start)
		options.start = &settings.start;
	if (state->n_covariates > 0)
		sample->covariates = &settings.covariates;
	/* whichever way they were collected, so that the model is the same to the last bit */
	if (state->n_covariates == 0 && sample->n >= FEWEST_TO_DRAW_NEAR)
		sample->close = cv_alloc_large_pages(CurrentMemoryContext, CV_CLOSE * sizeof(cv_pattern));
	sample->has_log_gaps = state->entrance == CV_FROM_HISTORY;
	sample->log_gaps = (double) state->log_gaps * CV_LOG_GAP_UNIT;

	memset(&model, 0, sizeof(model));
	result = cv_fit(family, sample, &options, &model);
	switch (result)
	{
		case CV_FIT_OK:
			break;
		case CV_FIT_NO_CUSTOMERS:
		case CV_FIT_NO_REPEATS:
			fit_impossible(state, family, cv_sample_customers(sample), result);
			break;
		case CV_FIT_INTERRUPTED:
			CHECK_FOR_INTERRUPTS();
			ereport(ERROR,
					(errcode(ERRCODE_QUERY_CANCELED),
					 errmsg("fit interrupted")));
			break;
		case CV_FIT_FAILED:
		case CV_FIT_NEEDS_K:	/* settings are checked before */
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("cannot fit model \"%s\" to these customers", family->name),
					 errdetail("The optimiser found no maximum of the likelihood for %.0f customers in %zu distinct patterns.",
							   cv_sample_customers(sample), patterns),
					 errhint("Look for impossible values in the data, such as a single enormous amount.")));
	}
	if (sample->patterns != NULL)
		cv_free_large_pages(sample->patterns);
	if (sample->close != NULL)
		cv_free_large_pages(sample->close);
	if (sample->room != NULL)
		pfree(sample->room);
	if (sample->groups != NULL)
		pfree(sample->groups);
	model.unit_days = CV_WEEK_DAYS;
	if (family->observation == CV_OPPORTUNITIES)
		model.unit_days = cv_period_days(state->period);
	model.period = state->period;
	model.as_of = state->as_of;
	problem = cv_model_problem(&model);
	if (problem != NULL && model.has_cov)
	{
		/* Estimates without standard errors are better than no model. */
		model.has_cov = false;
		problem = cv_model_problem(&model);
	}
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit model \"%s\" to these customers", family->name),
				 errdetail("The best fit is not a usable model. %s", problem),
				 state->n_covariates > 0 ?
				 errhint("Count covariates from a typical value, and in units such that they differ by about one.") :
				 errhint("Look for impossible values in the data, such as a single enormous amount, or use a larger unit.")));
	return cv_model_to_datum(&model);
}

/* _fit_final(state): the fitted model. */
CV_SQL_FUNCTION(cv_fit_final);
Datum
cv_fit_final(PG_FUNCTION_ARGS)
{
	collected	c = get_collected(PG_GETARG_DATUM(0));

	return fit_collected(&c, cv_family_by_id(c.head->family), cv_fit_state_options(c.head));
}

/*
 * _fit_final_as(state, family, options): the same for another family than the one
 * the state was collected for.  It has to see customers as that one does.
 */
CV_SQL_FUNCTION(cv_fit_final_as);
Datum
cv_fit_final_as(PG_FUNCTION_ARGS)
{
	collected	c = get_collected(PG_GETARG_DATUM(0));
	const cv_family *before = cv_family_by_id(c.head->family);
	const cv_family *family = cv_fit_find_family(PG_GETARG_TEXT_PP(1), CV_PURCHASE_MODEL);

	if (before->kind != family->kind || before->observation != family->observation ||
		(family->regular && !before->regular) || c.head->n_covariates > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customers collected for family \"%s\" do not serve \"%s\"", before->name, family->name)));
	return fit_collected(&c, family, cv_fit_get_options(fcinfo, 2));
}
