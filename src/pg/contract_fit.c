/*
 * contract_fit.c - the aggregates fit_contract_model: they count contracts by
 * renewals made, in a state that carries its own configuration, and fit at the end.
 *
 * The state is stored as bytea, so that partial states can travel between
 * processes and servers and be combined there.  Whoever calls the functions of
 * the aggregates by hand may pass any bytes: reading checks them.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "pg/compat.h"
#include "pg/contract.h"
#include "pg/model_input.h"
#include "pg/model_scan.h"

#define STATE_VERSION 1
#define FIRST_SLOTS 16

typedef enum entrance
{
	FROM_COUNTS = 1,
	FROM_CUSTOMERS = 2
} entrance;

/* Of those who have made k renewals, k the number of the slot: */
typedef struct slot
{
	double		first;			/* counts: survivors; customers: lost at the next renewal */
	double		second;			/* counts: 1 where given; customers: running, the next renewal to come */
} slot;

typedef struct contract_state
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	uint8		version;
	uint8		family;
	uint8		entrance;
	uint8		unused;
	int32		as_of;
	int32		period_months;
	int32		period_days;
	uint32		slots;
	int64		seen;			/* customers offered, or counts */
	slot		slot[FLEXIBLE_ARRAY_MEMBER];
} contract_state;

StaticAssertDecl(sizeof(contract_state) == 32, "contract_state has no padding");

static Size
state_size(uint32 slots)
{
	return offsetof(contract_state, slot) + slots * sizeof(slot);
}

static void
damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("state of a contract fit is damaged"),
			 errhint("The internal functions of fit_contract_model() are not called by hand.")));
}

/* The state of an argument with its head checked, aligned; a copy unless it is an aggregate's own. */
static contract_state *
read_state(FunctionCallInfo fcinfo, int arg, bool may_write)
{
	Datum		datum = PG_GETARG_DATUM(arg);
	struct varlena *v = PG_DETOAST_DATUM(datum);
	contract_state *state = (contract_state *) v;

	if (VARSIZE(v) < sizeof(contract_state))
		damaged();
	if ((Pointer) v == DatumGetPointer(datum) &&
		((may_write && !AggCheckCallContext(fcinfo, NULL)) || (uintptr_t) v % MAXIMUM_ALIGNOF != 0))
	{
		state = palloc(VARSIZE(v));
		memcpy(state, v, VARSIZE(v));
	}
	if (state->version != STATE_VERSION || cv_contract_family_name(state->family) == NULL ||
		(state->entrance != FROM_COUNTS && state->entrance != FROM_CUSTOMERS) ||
		state->slots < 1 || state->slots > CV_MAX_RENEWALS + 1 || VARSIZE(state) != state_size(state->slots))
		damaged();
	return state;
}

/* Every number of a state that did not grow here. */
static const contract_state *
read_whole_state(FunctionCallInfo fcinfo, int arg)
{
	const contract_state *state = read_state(fcinfo, arg, false);
	cv_period	period = {state->period_months, state->period_days};

	if (state->seen < 0 ||
		(state->entrance == FROM_CUSTOMERS && (!cv_period_is_valid(period) || !IS_VALID_DATE(state->as_of))))
		damaged();
	for (uint32 i = 0; i < state->slots; i++)
	{
		const slot *s = &state->slot[i];

		if (!(s->first >= 0 && s->second >= 0) || !isfinite(s->first) || !isfinite(s->second))
			damaged();
	}
	return state;
}

/* The state with room for slot i: itself, or a larger one in the current memory context. */
static contract_state *
with_slot(contract_state *state, uint32 i)
{
	contract_state *bigger;
	uint32		slots = state->slots;

	if (i < slots)
		return state;
	while (slots <= i)
		slots = Min(slots * 2, CV_MAX_RENEWALS + 1);
	bigger = palloc0(state_size(slots));
	memcpy(bigger, state, state_size(state->slots));
	SET_VARSIZE(bigger, state_size(slots));
	bigger->slots = slots;
	return bigger;
}

static void
null_argument(const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be null", what),
			 errhint("%s", hint)));
}

static cv_contract_family
family_argument(FunctionCallInfo fcinfo, int arg)
{
	char	   *name;

	if (PG_ARGISNULL(arg))
		null_argument("contract family", "Contract families: sbg, bdw.");
	name = text_to_cstring(PG_GETARG_TEXT_PP(arg));
	for (int family = CV_CONTRACT_SBG; cv_contract_family_name(family) != NULL; family++)
		if (pg_strcasecmp(name, cv_contract_family_name(family)) == 0)
		{
			pfree(name);
			return family;
		}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown contract family \"%s\"", name),
			 errhint("Contract families: sbg, bdw.")));
}

static char *
day_text(int32 day)
{
	StringInfoData out;

	initStringInfo(&out);
	cv_print_day(&out, day);
	return out.data;
}

/* The state to add to: the aggregate's, which must be of the same fit, or a new one. */
static contract_state *
open_state(FunctionCallInfo fcinfo, entrance from, int32 as_of, cv_period period)
{
	cv_contract_family family = family_argument(fcinfo, 1);
	contract_state *state;

	if (PG_ARGISNULL(0))
	{
		state = palloc0(state_size(FIRST_SLOTS));
		SET_VARSIZE(state, state_size(FIRST_SLOTS));
		state->version = STATE_VERSION;
		state->family = family;
		state->entrance = from;
		state->as_of = as_of;
		state->period_months = period.months;
		state->period_days = period.days;
		state->slots = FIRST_SLOTS;
		return state;
	}
	state = read_state(fcinfo, 0, true);
	if (state->entrance != from)
		damaged();
	if (state->family != family)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the family of a fit must be the same for all rows"),
				 errhint("To fit both families call the aggregate once for each.")));
	if (state->as_of != as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the as-of day of a fit must be the same for all rows"),
				 errdetail("Rows have %s and %s.", day_text(state->as_of), day_text(as_of)),
				 errhint("Group the rows by their as-of day, or pass one day.")));
	if (state->period_months != period.months || state->period_days != period.days)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the period of a fit must be the same for all rows"),
				 errdetail("Rows have %s and %s.",
						   cv_period_text((cv_period) {state->period_months, state->period_days}), cv_period_text(period)),
				 errhint("Group the rows by their period: contracts that renew by the month and by the year differ.")));
	return state;
}

static Datum
keep_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* _fit_contract_count(state, family, period, survivors) */
CV_SQL_FUNCTION(cv_fit_contract_count);
Datum
cv_fit_contract_count(PG_FUNCTION_ARGS)
{
	contract_state *state;
	int32		period;
	double		survivors;
	slot	   *s;

	if (PG_ARGISNULL(2) && PG_ARGISNULL(3))
		return keep_state(fcinfo);
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
		null_argument("one of period and survivors alone", "Leave out the periods whose survivors are not known yet.");
	period = PG_GETARG_INT32(2);
	survivors = PG_GETARG_FLOAT8(3);
	if (period < 0 || period > CV_MAX_RENEWALS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period must lie between 0 and %d", CV_MAX_RENEWALS),
				 errdetail("The period is %d.", period),
				 errhint("Period 0 counts those who began, period 1 those who renewed once.")));
	if (!isfinite(survivors) || survivors < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("survivors must be finite and not negative"),
				 errdetail("Period %d has %g.", period, survivors),
				 errhint("Pass the number of customers who are still there after so many renewals.")));
	state = with_slot(open_state(fcinfo, FROM_COUNTS, CV_NO_DAY, (cv_period) {0, 0}), period);
	s = &state->slot[period];
	if (s->second != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period %d is there twice", period),
				 errhint("Add up the survivors of each period first, or fit group by group.")));
	s->first = survivors + 0.0; /* -0 to 0 */
	s->second = 1;
	state->seen++;
	PG_RETURN_POINTER(state);
}

static void
check_days(DateADT start, DateADT end, DateADT as_of)
{
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as-of day must be finite"),
				 errhint("Pass the day on which the observation ends.")));
	if (DATE_NOT_FINITE(start))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("start day of a contract must be finite"),
				 errhint("Leave out contracts whose first day is not known.")));
	if (end < start)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a contract ends before it starts"),
				 errdetail("It starts on %s and ends on %s.", day_text(start),
						   DATE_IS_NOBEGIN(end) ? "-infinity" : day_text(end)),
				 errhint("Correct or leave out such rows; a contract that is still running has a null end day.")));
}

/*
 * _fit_contract_customer(state, family, start_day, end_day, as_of, period).  What
 * counts is every renewal day that has come by as_of: it finds the customer
 * still there (the end is null or lies after it), or gone.
 */
CV_SQL_FUNCTION(cv_fit_contract_customer);
Datum
cv_fit_contract_customer(PG_FUNCTION_ARGS)
{
	contract_state *state;
	cv_period	period;
	DateADT		start,
				end,
				as_of;
	int64		come,
				made;

	if (PG_ARGISNULL(2) && PG_ARGISNULL(3))
		return keep_state(fcinfo);
	if (PG_ARGISNULL(2))
		null_argument("start day of a contract", "A row whose start and end day are both null is left out.");
	if (PG_ARGISNULL(4))
		null_argument("as-of day", "Pass the day on which the observation ends.");
	if (PG_ARGISNULL(5))
		null_argument("period", "Pass for example interval '1 month', '1 year' or '30 days'.");
	start = PG_GETARG_DATEADT(2);
	end = PG_ARGISNULL(3) ? DATEVAL_NOEND : PG_GETARG_DATEADT(3);
	as_of = PG_GETARG_DATEADT(4);
	period = cv_period_argument(PG_GETARG_INTERVAL_P(5));
	check_days(start, end, as_of);

	state = open_state(fcinfo, FROM_CUSTOMERS, as_of, period);
	state->seen++;
	come = cv_periods_reached(start, period, as_of);
	if (come < 0)
		PG_RETURN_POINTER(state);	/* begins after as_of */
	if (come > CV_MAX_RENEWALS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("too many periods between the start of a contract and the as-of day"),
				 errdetail("From %s to %s there are %lld; at most %d are told apart.", day_text(start), day_text(as_of),
						   (long long) come, CV_MAX_RENEWALS),
				 errhint("Check the start day, or use a longer period.")));
	/* one who ends on a renewal day has not renewed, so it does not matter whether the end is the last day or the day after */
	made = end > as_of ? come : Max(cv_periods_reached(start, period, (int64) end - 1), 0);
	state = with_slot(state, (uint32) made);
	if (made < come)
		state->slot[made].first++;
	else
		state->slot[made].second++;
	PG_RETURN_POINTER(state);
}

/* _fit_contract_combine(state, state): adds the second to the first, which alone may change. */
CV_SQL_FUNCTION(cv_fit_contract_combine);
Datum
cv_fit_contract_combine(PG_FUNCTION_ARGS)
{
	contract_state *into;
	const contract_state *from;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo);
	from = read_whole_state(fcinfo, 1);
	if (PG_ARGISNULL(0))
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));
	into = read_state(fcinfo, 0, true);
	if (into->family != from->family || into->entrance != from->entrance || into->as_of != from->as_of ||
		into->period_months != from->period_months || into->period_days != from->period_days)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("states of different contract fits cannot be combined"),
				 errhint("Family, as-of day and period must be the same.")));
	into = with_slot(into, from->slots - 1);
	for (uint32 i = 0; i < from->slots; i++)
	{
		if (into->entrance == FROM_COUNTS && into->slot[i].second != 0 && from->slot[i].second != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("period %u is there twice", i),
					 errhint("Add up the survivors of each period first, or fit group by group.")));
		into->slot[i].first += from->slot[i].first;
		into->slot[i].second += from->slot[i].second;
	}
	into->seen += from->seen;
	PG_RETURN_POINTER(into);
}

/* Survivors as renewals; the periods must be 0, 1, 2, ... without a hole, and no survivor may come back. */
static int
renewals_of_counts(const contract_state *state, cv_renewal *renewal, double *customers)
{
	int			last = 0;

	for (uint32 i = 0; i < state->slots; i++)
		if (state->slot[i].second != 0)
			last = (int) i;
	for (int i = 0; i <= last; i++)
	{
		double		before = i > 0 ? state->slot[i - 1].first : 0;
		double		now = state->slot[i].first;

		if (state->slot[i].second == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("survivors of period %d are missing", i),
					 errdetail("Periods up to %d are there.", last),
					 errhint("Pass one row a period from 0, those who began, to the last one observed.")));
		if (i == 0)
			continue;
		if (now > before)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("survivors increase from period %d to %d", i - 1, i),
					 errdetail("They are %g and %g.", before, now),
					 errhint("Pass one cohort: the number of those who began together and are still there.")));
		renewal[i - 1] = (cv_renewal) {before, before - now};
	}
	*customers = state->slot[0].first;
	return last;
}

/* Contracts as renewals: at risk at a renewal are all who made the one before and whose day for it has come. */
static int
renewals_of_customers(const contract_state *state, cv_renewal *renewal, double *customers)
{
	double		at_risk = 0;

	for (uint32 i = state->slots; i-- > 0;)
	{
		at_risk += state->slot[i].first;
		renewal[i] = (cv_renewal) {at_risk, state->slot[i].first};
		at_risk += state->slot[i].second;
	}
	*customers = at_risk;
	return (int) state->slots;
}

static void
fit_impossible(const contract_state *state, const cv_contract *contract, cv_contract_result result)
{
	const char *name = cv_contract_family_name(state->family);

	if (contract->customers == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit contract model \"%s\": nobody has begun a contract%s", name,
						state->entrance == FROM_CUSTOMERS ? psprintf(" by %s", day_text(state->as_of)) : ""),
				 errdetail("%lld rows were looked at.", (long long) state->seen),
				 errhint("%s", state->entrance == FROM_CUSTOMERS ?
						 "Check the as-of day: it must not lie before the first start." :
						 "Survivors of period 0 are those who began; they must be more than 0.")));
	if (result == CV_CONTRACT_NO_RENEWALS)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit contract model \"%s\": nobody has been up for renewal yet", name),
				 errdetail("%.10g customers have begun; none of them has completed a period.", contract->customers),
				 errhint("Use a later as-of day or a shorter period.")));
	if (result == CV_CONTRACT_TOO_FEW)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit contract model \"%s\": too few renewals were observed", name),
				 errdetail("Renewals up to number %d were observed; the %d parameters need at least as many.",
						   contract->renewals, cv_contract_family_params(state->family)),
				 errhint("%s", state->family == CV_CONTRACT_BDW ?
						 "Fit family sbg, which needs two, or observe longer." : "Observe longer, or use a shorter period.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("cannot fit contract model \"%s\" to these customers", name),
			 errdetail("The optimiser found no maximum of the likelihood over %d renewals of %.10g customers.",
					   contract->renewals, contract->customers),
			 errhint("Look for counts that cannot be real.")));
}

/* Polled inside the optimiser: looks at flags only. */
static bool
fit_interrupted(void *arg)
{
	return QueryCancelPending || ProcDiePending;
}

/* _fit_contract_final(state): the fitted model. Reads the state only. */
CV_SQL_FUNCTION(cv_fit_contract_final);
Datum
cv_fit_contract_final(PG_FUNCTION_ARGS)
{
	const contract_state *state = read_whole_state(fcinfo, 0);
	bool		counts = state->entrance == FROM_COUNTS;
	cv_renewal *renewal = palloc(state->slots * sizeof(cv_renewal));
	cv_contract contract = {
		.as_of = counts ? CV_NO_DAY : state->as_of,
		.period = {state->period_months, state->period_days}
	};
	int			n = (counts ? renewals_of_counts : renewals_of_customers) (state, renewal, &contract.customers);
	cv_contract_result result;
	const char *problem;

	CHECK_FOR_INTERRUPTS();
	result = contract.customers == 0 ? CV_CONTRACT_NO_RENEWALS :
		cv_contract_fit(state->family, renewal, n, fit_interrupted, NULL, &contract);
	pfree(renewal);
	if (result == CV_CONTRACT_INTERRUPTED)
	{
		CHECK_FOR_INTERRUPTS();
		ereport(ERROR,
				(errcode(ERRCODE_QUERY_CANCELED),
				 errmsg("fit interrupted")));
	}
	if (result != CV_CONTRACT_OK)
		fit_impossible(state, &contract, result);
	problem = cv_contract_problem(&contract);
	if (problem != NULL && contract.has_cov)
	{
		/* Estimates without standard errors are better than no model. */
		contract.has_cov = false;
		problem = cv_contract_problem(&contract);
	}
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cannot fit contract model \"%s\" to these customers", cv_contract_family_name(state->family)),
				 errdetail("The best fit is not a usable model. %s", problem),
				 errhint("Look for counts that cannot be real.")));
	return cv_contract_to_datum(&contract);
}
