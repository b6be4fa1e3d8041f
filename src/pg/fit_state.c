/*
 * fit_state.c - the table of distinct patterns behind a fit: one allocation, no
 * pointers, grown by doubling.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "pg/compat.h"
#include "pg/fit_state.h"

#define FIRST_SLOTS 16
#define MAX_SLOTS (UINT32_C(1) << 24)	/* 512 MB: twice that is beyond MaxAllocSize */

static Size
state_size(uint32 slots)
{
	return offsetof(cv_fit_state, slot) + (Size) slots * sizeof(cv_pattern);
}

/* Patterns that fit before the table grows: three quarters of the slots. */
static uint32
capacity(uint32 slots)
{
	return slots / 4 * 3;
}

static cv_fit_state *
make_with_slots(uint8 family, uint8 entrance, int32 as_of, uint32 slots)
{
	cv_fit_state *state = palloc0(state_size(slots));

	SET_VARSIZE(state, state_size(slots));
	state->version = CV_FIT_STATE_VERSION;
	state->family = family;
	state->entrance = entrance;
	state->as_of = as_of;
	state->slots = slots;
	return state;
}

cv_fit_state *
cv_fit_state_make_for(const cv_family *family, cv_entrance entrance, int32 as_of,
					  uint32 patterns)
{
	uint32		slots = FIRST_SLOTS;

	while (capacity(slots) < patterns && slots < MAX_SLOTS)
		slots *= 2;
	return make_with_slots(family->id, entrance, as_of, slots);
}

cv_fit_state *
cv_fit_state_make(const cv_family *family, cv_entrance entrance, int32 as_of)
{
	return cv_fit_state_make_for(family, entrance, as_of, 0);
}

cv_fit_state *
cv_fit_state_read(Datum datum)
{
	cv_fit_state *state = (cv_fit_state *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(state) < sizeof(cv_fit_state) || state->version != CV_FIT_STATE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of fit_state"),
				 errhint("Collect the state again with this version of the extension.")));
	if (cv_family_by_id(state->family) == NULL ||
		VARSIZE(state) != state_size(state->slots))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored fit_state is damaged")));
	return state;
}

/* Only an aggregate may write into its state; anybody else gets a copy. */
cv_fit_state *
cv_fit_state_write(FunctionCallInfo fcinfo, int arg)
{
	Datum		datum = PG_GETARG_DATUM(arg);
	cv_fit_state *state = cv_fit_state_read(datum);

	if ((Pointer) state == DatumGetPointer(datum) && !AggCheckCallContext(fcinfo, NULL))
	{
		cv_fit_state *copy = palloc(VARSIZE(state));

		memcpy(copy, state, VARSIZE(state));
		return copy;
	}
	return state;
}

static uint64
mix(uint64 h, double value)
{
	uint64		bits;

	memcpy(&bits, &value, sizeof(bits));
	h = (h ^ bits) * UINT64CONST(0x9E3779B97F4A7C15);
	return h ^ (h >> 29);
}

/* The slot of the pattern, or the free one where it belongs. */
static uint32
find_slot(const cv_fit_state *state, double x, double t, double T)
{
	uint32		mask = state->slots - 1;
	uint64		h = mix(mix(mix(0, x), t), T);
	uint32		i;

	h *= UINT64CONST(0xBF58476D1CE4E5B9);
	for (i = (uint32) (h >> 32) & mask; state->slot[i].count != 0; i = (i + 1) & mask)
	{
		const cv_pattern *p = &state->slot[i];

		if (p->x == x && p->t_x == t && p->T == T)
			break;
	}
	return i;
}

static cv_fit_state *
grow(const cv_fit_state *state)
{
	cv_fit_state *bigger;

	if (state->slots >= MAX_SLOTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct customers to fit a model"),
				 errdetail("A fit holds at most %u distinct patterns.", capacity(MAX_SLOTS)),
				 errhint("Fit on a random sample of the customers; a million are plenty.")));
	bigger = make_with_slots(state->family, state->entrance, state->as_of, state->slots * 2);
	bigger->used = state->used;
	bigger->seen = state->seen;
	for (uint32 i = 0; i < state->slots; i++)
	{
		const cv_pattern *p = &state->slot[i];

		if (p->count != 0)
			bigger->slot[find_slot(bigger, p->x, p->t_x, p->T)] = *p;
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	return bigger;
}

cv_fit_state *
cv_fit_state_add(cv_fit_state *state, double x, double t, double T, double count)
{
	uint32		i;

	/* -0 is the same pattern as 0. */
	x += 0.0;
	t += 0.0;
	T += 0.0;
	i = find_slot(state, x, t, T);
	if (state->slot[i].count == 0)
	{
		if (state->used >= capacity(state->slots))
		{
			cv_fit_state *bigger = grow(state);

			state = bigger;
			i = find_slot(state, x, t, T);
		}
		state->slot[i].x = x;
		state->slot[i].t_x = t;
		state->slot[i].T = T;
		state->used++;
	}
	state->slot[i].count += count;
	return state;
}

bool
cv_fit_state_has(const cv_fit_state *state, double x, double t, double T)
{
	return state->slot[find_slot(state, x + 0.0, t + 0.0, T + 0.0)].count != 0;
}

double
cv_fit_state_customers(const cv_fit_state *state)
{
	double		customers = 0;

	for (uint32 i = 0; i < state->slots; i++)
		customers += state->slot[i].count;
	return customers;
}

static int
compare_patterns(const void *pa, const void *pb)
{
	const cv_pattern *a = pa;
	const cv_pattern *b = pb;

	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	if (a->t_x != b->t_x)
		return a->t_x < b->t_x ? -1 : 1;
	if (a->T != b->T)
		return a->T < b->T ? -1 : 1;
	return 0;
}

cv_pattern *
cv_fit_state_patterns(const cv_fit_state *state, bool sorted)
{
	cv_pattern *patterns = palloc(Max(state->used, 1) * sizeof(cv_pattern));
	uint32		n = 0;

	for (uint32 i = 0; i < state->slots; i++)
		if (state->slot[i].count != 0)
			patterns[n++] = state->slot[i];
	if (sorted)
		qsort(patterns, n, sizeof(cv_pattern), compare_patterns);
	return patterns;
}
