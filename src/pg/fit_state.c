/*
 * fit_state.c - the table of distinct patterns behind a fit: one allocation, no
 * pointers, grown by doubling.
 */
#include "postgres.h"

#include "common/int.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "pg/compat.h"
#include "pg/fit_keys.h"
#include "pg/fit_state.h"
#include "pg/large_pages.h"

#define FIRST_SLOTS 16
#define MAX_SLOTS (UINT32_C(1) << 24)	/* 512 MB: twice that is beyond MaxAllocSize */

static Size
state_size(uint32 slots, uint32 options_size, int n_covariates)
{
	return offsetof(cv_fit_state, data) + MAXALIGN(options_size) +
		(Size) slots * (sizeof(cv_pattern) + n_covariates * sizeof(double));
}

/* The most slots that a state with so many covariates may have. */
static uint32
max_slots(int n_covariates)
{
	uint32		slots = MAX_SLOTS;

	while (slots * (sizeof(cv_pattern) + n_covariates * sizeof(double)) > MaxAllocSize / 2 + 1)
		slots /= 2;
	return slots;
}

/* Patterns that fit before the table grows: three quarters of the slots. */
static uint32
capacity(uint32 slots)
{
	return slots / 4 * 3;
}

static cv_fit_state *
make_state(const cv_fit_config *config, int version, uint32 slots)
{
	uint32		options_size = config->options ? VARSIZE(config->options) - VARHDRSZ : 0;
	Size		size = state_size(slots, options_size, config->n_covariates);
	cv_fit_state *state = palloc0(size);

	SET_VARSIZE(state, size);
	state->version = version;
	state->family = config->family->id;
	state->entrance = config->entrance;
	state->n_covariates = config->n_covariates;
	state->as_of = config->as_of;
	state->slots = slots;
	state->options_size = options_size;
	state->period = config->period;
	if (options_size > 0)
		memcpy(state->data, VARDATA(config->options), options_size);
	return state;
}

cv_fit_state *
cv_fit_state_make(const cv_fit_config *config, uint32 patterns)
{
	uint32		slots = FIRST_SLOTS;

	while (capacity(slots) < patterns && slots < max_slots(config->n_covariates))
		slots *= 2;
	return make_state(config, CV_FIT_STATE_VERSION, slots);
}

cv_fit_state *
cv_fit_state_make_head(const cv_fit_config *config)
{
	return make_state(config, CV_FIT_KEYS_VERSION, 0);
}

void
cv_fit_state_damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored fit_state is damaged")));
}

/* Could a table or keys follow such a head? */
static bool
head_makes_sense(const cv_fit_state *state)
{
	if (cv_family_by_id(state->family) == NULL || state->n_covariates > CV_MAX_COVARIATES ||
		(state->entrance != CV_FROM_HISTORY && state->entrance != CV_FROM_SUMMARY))
		return false;
	if (state->version == CV_FIT_KEYS_VERSION)
		return state->slots == 0 && state->n_covariates == 0 && state->entrance == CV_FROM_HISTORY &&
			state->used <= capacity(MAX_SLOTS);
	return state->slots >= FIRST_SLOTS && (state->slots & (state->slots - 1)) == 0 && state->used <= capacity(state->slots);
}

cv_fit_state *
cv_fit_state_detoast(Datum datum)
{
	cv_fit_state *state = (cv_fit_state *) PG_DETOAST_DATUM(datum);
	Size		size;

	if (VARSIZE(state) < sizeof(cv_fit_state) ||
		(state->version != CV_FIT_STATE_VERSION && state->version != CV_FIT_KEYS_VERSION))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of fit_state"),
				 errhint("Collect the state again with this version of the extension.")));
	size = state_size(state->slots, state->options_size, state->n_covariates);
	if (!head_makes_sense(state) ||
		(state->version == CV_FIT_KEYS_VERSION ? VARSIZE(state) < size + state->used : VARSIZE(state) != size))
		cv_fit_state_damaged();
	return state;
}

cv_fit_state *
cv_fit_state_read(Datum datum)
{
	cv_fit_keys_view view;

	if (cv_fit_keys_read(datum, &view))
		return cv_fit_keys_to_table(&view);
	return (cv_fit_state *) view.head;
}

Jsonb *
cv_fit_state_options(const cv_fit_state *state)
{
	Jsonb	   *options;

	if (state->options_size == 0)
		return NULL;
	options = palloc(VARHDRSZ + state->options_size);
	SET_VARSIZE(options, VARHDRSZ + state->options_size);
	memcpy(VARDATA(options), state->data, state->options_size);
	return options;
}

/* Numbers such as 1 and 1.0 are equal options of different bytes. */
bool
cv_fit_state_has_options(const cv_fit_state *state, Jsonb *options)
{
	Jsonb	   *own;

	if (options == NULL || state->options_size == 0)
		return options == NULL && state->options_size == 0;
	if (VARSIZE(options) - VARHDRSZ == state->options_size &&
		memcmp(VARDATA(options), state->data, state->options_size) == 0)
		return true;
	own = cv_fit_state_options(state);
	return compareJsonbContainers(&own->root, &options->root) == 0;
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
static cv_pattern *
find_slot(const cv_fit_state *state, double x, double t, double T, const double *z)
{
	uint32		mask = state->slots - 1;
	uint64		h = mix(mix(mix(0, x), t), T);
	cv_pattern *p;

	for (int j = 0; j < state->n_covariates; j++)
		h = mix(h, z[j]);
	h *= UINT64CONST(0xBF58476D1CE4E5B9);
	for (uint32 i = (uint32) (h >> 32) & mask;; i = (i + 1) & mask)
	{
		p = cv_fit_slot(state, i);
		if (p->count == 0 ||
			(p->x == x && p->t_x == t && p->T == T &&
			 (state->n_covariates == 0 ||
			  memcmp(cv_fit_covariates(p), z, state->n_covariates * sizeof(double)) == 0)))
			return p;
	}
}

static void
too_many_patterns(uint32 most)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many distinct customers to fit a model"),
			 errdetail("A fit holds at most %u distinct patterns.", most),
			 errhint("Fit on a random sample of the customers; a million are plenty.")));
}

void
cv_fit_state_check_size(size_t patterns)
{
	if (patterns > capacity(MAX_SLOTS))
		too_many_patterns(capacity(MAX_SLOTS));
}

static cv_fit_state *
grow(const cv_fit_state *state)
{
	cv_fit_state *bigger;
	Size		size,
				before_slots = offsetof(cv_fit_state, data) + MAXALIGN(state->options_size);

	if (state->slots >= max_slots(state->n_covariates))
		too_many_patterns(capacity(state->slots));
	size = state_size(state->slots * 2, state->options_size, state->n_covariates);
	bigger = palloc0(size);
	memcpy(bigger, state, before_slots);
	SET_VARSIZE(bigger, size);
	bigger->slots = state->slots * 2;
	for (uint32 i = 0; i < state->slots; i++)
	{
		const cv_pattern *p = cv_fit_slot(state, i);

		if (p->count != 0)
			memcpy(find_slot(bigger, p->x, p->t_x, p->T, cv_fit_covariates(p)), p, cv_fit_slot_width(state));
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	return bigger;
}

/* -0 is the same value as 0. */
static void
unsign_zeros(const cv_fit_state *state, const double *z, double *unsigned_z)
{
	for (int j = 0; j < state->n_covariates; j++)
		unsigned_z[j] = z[j] + 0.0;
}

cv_fit_state *
cv_fit_state_add(cv_fit_state *state, double x, double t, double T, const double *z, double count)
{
	double		covariates[CV_MAX_COVARIATES];
	cv_pattern *p;

	unsign_zeros(state, z, covariates);
	x += 0.0;
	t += 0.0;
	T += 0.0;
	p = find_slot(state, x, t, T, covariates);
	if (p->count == 0)
	{
		if (state->used >= capacity(state->slots))
		{
			state = grow(state);
			p = find_slot(state, x, t, T, covariates);
		}
		p->x = x;
		p->t_x = t;
		p->T = T;
		memcpy(cv_fit_covariates(p), covariates, state->n_covariates * sizeof(double));
		state->used++;
	}
	p->count += count;
	return state;
}

void
cv_fit_state_add_gaps(cv_fit_state *state, int64 log_gaps)
{
	if (pg_add_s64_overflow(state->log_gaps, log_gaps, &state->log_gaps))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too many purchases to fit a model of regular buyers"),
				 errhint("Fit on a random sample of the customers.")));
}

bool
cv_fit_state_has(const cv_fit_state *state, double x, double t, double T, const double *z)
{
	double		covariates[CV_MAX_COVARIATES];

	unsign_zeros(state, z, covariates);
	return find_slot(state, x + 0.0, t + 0.0, T + 0.0, covariates)->count != 0;
}

double
cv_fit_state_customers(const cv_fit_state *state)
{
	double		customers = 0;

	for (uint32 i = 0; i < state->slots; i++)
		customers += cv_fit_slot(state, i)->count;
	return customers;
}

static int
compare_slots(const void *pa, const void *pb, void *n_covariates)
{
	const cv_pattern *a = *(const cv_pattern *const *) pa;
	const cv_pattern *b = *(const cv_pattern *const *) pb;

	for (int j = 0; j < *(int *) n_covariates; j++)
	{
		double		za = cv_fit_covariates(a)[j],
					zb = cv_fit_covariates(b)[j];

		if (za != zb)
			return za < zb ? -1 : 1;
	}
	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	if (a->t_x != b->t_x)
		return a->t_x < b->t_x ? -1 : 1;
	if (a->T != b->T)
		return a->T < b->T ? -1 : 1;
	return 0;
}

const cv_pattern **
cv_fit_state_sorted(const cv_fit_state *state)
{
	const cv_pattern **sorted = palloc(Max(state->used, 1) * sizeof(cv_pattern *));
	int			n_covariates = state->n_covariates;
	uint32		n = 0;

	for (uint32 i = 0; i < state->slots; i++)
		if (cv_fit_slot(state, i)->count != 0)
			sorted[n++] = cv_fit_slot(state, i);
	qsort_arg(sorted, n, sizeof(cv_pattern *), compare_slots, &n_covariates);
	return sorted;
}

cv_pattern *
cv_fit_state_patterns(const cv_fit_state *state)
{
	cv_pattern *patterns = cv_alloc_large_pages(CurrentMemoryContext, state->used * sizeof(cv_pattern));
	uint32		n = 0;

	for (uint32 i = 0; i < state->slots; i++)
		if (cv_fit_slot(state, i)->count != 0)
			patterns[n++] = *cv_fit_slot(state, i);
	return patterns;
}
