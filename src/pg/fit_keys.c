/*
 * fit_keys.c - the state of a fit to histories: keys collected, sorted and merged
 * with those counted before whenever there are twice as many of them.
 *
 * An expanded object, as the executor lets those grow where they are: it copies
 * any other state each time that it moves.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#include "core/key_sources.h"
#include "core/patterns.h"
#include "pg/compat.h"
#include "pg/fit_keys.h"
#include "pg/large_pages.h"
#include "pg/model_input.h"

#define KEYS_MAGIC 0x46697473
#define FIRST_KEYS 255			/* with room to sort them, 4 kB with what the memory is kept by */
#define CACHED_KEYS (256 * FIRST_KEYS)	/* so many are sorted within the caches: not worth merging more often */

/* Of other states so many are merged at once. */
#define MAX_OTHERS (CV_MAX_KEY_SOURCES - 2)

/* More are made of keys whenever they are looked at: that takes less time than new memory for all of them. */
#define MANY_PATTERNS (1024 * 1024)

struct cv_fit_keys
{
	ExpandedObjectHeader hdr;
	int			magic;
	cv_fit_state *head;			/* flat, with its options, no pattern */
	cv_counted_key *counted;	/* sorted ... */
	size_t		n_counted;
	void	   *counted_memory;	/* ... at the end of this */
	Size		size;			/* in bytes; 0: not known yet */
	uint64	   *fresh;			/* keys of customers since, and as much room to sort them */
	size_t		n_fresh;
	size_t		room;
	cv_key_source *others;		/* copies of the keys of other states, to be merged: room for MAX_OTHERS, or NULL */
	int			n_others;
};

bool
cv_fit_keys_serve(const cv_fit_config *config)
{
	return config->entrance == CV_FROM_HISTORY && config->n_covariates == 0;
}

cv_fit_state *
cv_fit_keys_head(cv_fit_keys *keys)
{
	return keys->head;
}

Datum
cv_fit_keys_datum(cv_fit_keys *keys)
{
	return EOHPGetRWDatum(&keys->hdr);
}

/* Another array for the fresh keys, with room for those there are. */
static void
make_room(cv_fit_keys *keys, size_t room)
{
	uint64	   *fresh = cv_alloc_large_pages(keys->hdr.eoh_context, 2 * room * sizeof(uint64));

	if (keys->n_fresh > 0)
		memcpy(fresh, keys->fresh, keys->n_fresh * sizeof(uint64));
	if (keys->fresh != NULL)
		cv_free_large_pages(keys->fresh);
	keys->fresh = fresh;
	keys->room = room;
}

/* What a long sort in the core calls now and then. */
static void
check_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

static cv_key_source
source_of(const cv_fit_keys_view *view)
{
	return (cv_key_source) {.n = view->n, .counted = view->counted, .bytes = view->bytes, .size = view->size};
}

/* Where the copy is that a source of other states has. */
static void *
memory_of(const cv_key_source *source)
{
	return unconstify(void *, source->counted ? (const void *) source->counted : source->bytes);
}

/* Makes of the counted, the fresh and the others' keys new counted ones. */
static void
settle(cv_fit_keys *keys)
{
	cv_key_source sources[CV_MAX_KEY_SOURCES];
	int			n_sources = 0;
	size_t		room = keys->n_counted + keys->n_fresh,
				n;
	cv_counted_key *memory,
			   *counted;

	if (keys->n_fresh == 0 && keys->n_others == 0)
		return;
	CHECK_FOR_INTERRUPTS();
	if (keys->n_counted > 0)
		sources[n_sources++] = (cv_key_source) {.n = keys->n_counted, .counted = keys->counted};
	if (keys->n_fresh > 0)
	{
		cv_keys_sort(keys->fresh, keys->fresh + keys->room, keys->n_fresh, check_for_interrupts);
		sources[n_sources++] = (cv_key_source) {.n = keys->n_fresh, .keys = keys->fresh};
	}
	for (int i = 0; i < keys->n_others; i++)
	{
		sources[n_sources++] = keys->others[i];
		room += keys->others[i].n;
	}

	/* as they are written from the end on, what equal keys leave of it is mostly not touched */
	memory = cv_alloc_large_pages(keys->hdr.eoh_context, room * sizeof(cv_counted_key));
	if (!cv_key_sources_merge(sources, n_sources, memory + room, &n, check_for_interrupts))
		cv_fit_state_damaged();
	cv_fit_state_check_size(n);
	counted = memory + (room - n);
	if (n < room / 2)
	{
		cv_counted_key *exact = cv_alloc_large_pages(keys->hdr.eoh_context, n * sizeof(cv_counted_key));

		memcpy(exact, counted, n * sizeof(cv_counted_key));
		cv_free_large_pages(memory);
		memory = counted = exact;
	}

	/* from here on nothing can fail */
	if (keys->counted_memory != NULL)
		cv_free_large_pages(keys->counted_memory);
	keys->counted_memory = memory;
	keys->counted = counted;
	keys->n_counted = n;
	keys->size = 0;
	keys->n_fresh = 0;
	while (keys->n_others > 0)
		cv_free_large_pages(memory_of(&keys->others[--keys->n_others]));
}

void
cv_fit_keys_add(cv_fit_keys *keys, uint64 key)
{
	if (keys->n_fresh == keys->room)
	{
		if (keys->room >= CACHED_KEYS)
			settle(keys);
		/* a key is merged twice or so: the fresh ones are twice as many as those they are merged into */
		if (keys->room < CACHED_KEYS || keys->room < 2 * keys->n_counted)
			make_room(keys, keys->room < CACHED_KEYS ? 2 * keys->room : 2 * keys->n_counted);
	}
	keys->fresh[keys->n_fresh++] = key;
}

/* Settles what is there to be read, which mostly is the end: patterns will need the room of the fresh keys. */
static void
come_to_rest(cv_fit_keys *keys)
{
	settle(keys);
	if (keys->room > FIRST_KEYS)
		make_room(keys, FIRST_KEYS);
}

/* What rows of another state add up to. */
static void
add_head(cv_fit_keys *keys, const cv_fit_state *head)
{
	cv_fit_state_add_gaps(keys->head, head->log_gaps);
	keys->head->seen += head->seen;
}

/* Merged they are when they are needed, as many at once as there are. */
void
cv_fit_keys_merge(cv_fit_keys *keys, const cv_fit_keys_view *from)
{
	cv_key_source source = source_of(from);
	Size		size = source.counted ? source.n * sizeof(cv_counted_key) : source.size;
	void	   *copy;

	if (size == 0)
	{
		add_head(keys, from->head);
		return;
	}
	if (keys->others == NULL)
		keys->others = MemoryContextAlloc(keys->hdr.eoh_context, MAX_OTHERS * sizeof(cv_key_source));
	if (keys->n_others == MAX_OTHERS)
		settle(keys);
	copy = cv_alloc_large_pages(keys->hdr.eoh_context, size);
	memcpy(copy, memory_of(&source), size);
	if (source.counted)
		source.counted = copy;
	else
		source.bytes = copy;
	add_head(keys, from->head);
	keys->others[keys->n_others++] = source;
}

static Size
flat_size(ExpandedObjectHeader *hdr)
{
	cv_fit_keys *keys = (cv_fit_keys *) hdr;

	come_to_rest(keys);
	/* asked for twice before it is written */
	if (keys->size == 0)
		keys->size = cv_counted_keys_size(keys->counted, keys->n_counted);
	return VARSIZE(keys->head) + keys->size;
}

static void
flatten(ExpandedObjectHeader *hdr, void *result, Size size)
{
	cv_fit_keys *keys = (cv_fit_keys *) hdr;
	cv_fit_state *flat = result;

	memcpy(flat, keys->head, VARSIZE(keys->head));
	flat->used = (uint32) keys->n_counted;
	cv_counted_keys_write(keys->counted, keys->n_counted, (uint8 *) result + VARSIZE(keys->head));
	SET_VARSIZE(flat, size);
}

static const ExpandedObjectMethods methods = {flat_size, flatten};

cv_fit_keys *
cv_fit_keys_make(const cv_fit_config *config, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "fit_state", ALLOCSET_START_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	cv_fit_keys *keys = palloc0(sizeof(cv_fit_keys));

	EOH_init_header(&keys->hdr, &methods, context);
	keys->magic = KEYS_MAGIC;
	keys->head = cv_fit_state_make_head(config);
	make_room(keys, FIRST_KEYS);
	MemoryContextSwitchTo(before);
	return keys;
}

static cv_key_kind
kind_of_keys(const cv_fit_state *head)
{
	const cv_family *family = cv_family_by_id(head->family);

	if (family->kind == CV_SPEND_MODEL)
		return CV_KEY_SPEND;
	return family->observation == CV_OPPORTUNITIES ? CV_KEY_PERIODS : CV_KEY_DAYS;
}

bool
cv_fit_keys_read(Datum datum, cv_fit_keys_view *view)
{
	cv_fit_state *flat;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
	{
		cv_fit_keys *keys = (cv_fit_keys *) DatumGetEOHP(datum);

		Assert(keys->magic == KEYS_MAGIC);
		come_to_rest(keys);
		*view = (cv_fit_keys_view) {.head = keys->head, .n = keys->n_counted, .counted = keys->counted};
		return true;
	}
	flat = cv_fit_state_detoast(datum);
	*view = (cv_fit_keys_view) {.head = flat, .n = flat->used};
	if (flat->version != CV_FIT_KEYS_VERSION)
		return false;
	view->bytes = (uint8 *) flat->data + MAXALIGN(flat->options_size);
	view->size = (uint8 *) flat + VARSIZE(flat) - view->bytes;
	return true;
}

/* The keys of a view, allocated where they are bytes. */
static const cv_counted_key *
counted_of(const cv_fit_keys_view *view)
{
	const cv_key_source source = source_of(view);
	cv_counted_key *counted;
	size_t		n;

	if (view->bytes == NULL)
		return view->counted;
	counted = cv_alloc_large_pages(CurrentMemoryContext, view->n * sizeof(cv_counted_key));
	if (!cv_key_sources_merge(&source, 1, counted + view->n, &n, check_for_interrupts))
		cv_fit_state_damaged();
	return counted;
}

static cv_fit_config
config_of(const cv_fit_state *head)
{
	return (cv_fit_config) {
		.family = cv_family_by_id(head->family), .entrance = head->entrance, .as_of = head->as_of,
		.options = cv_fit_state_options(head), .period = head->period
	};
}

cv_fit_keys *
cv_fit_keys_write(Datum datum)
{
	if (!VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(datum)))
		return NULL;
	return (cv_fit_keys *) DatumGetEOHP(datum);
}

cv_fit_keys *
cv_fit_keys_copy(Datum datum, MemoryContext parent)
{
	cv_fit_keys_view view;
	cv_fit_config config;
	cv_fit_keys *copy;

	if (!cv_fit_keys_read(datum, &view))
		return NULL;
	config = config_of(view.head);
	copy = cv_fit_keys_make(&config, parent);
	cv_fit_keys_merge(copy, &view);
	return copy;
}

cv_fit_state *
cv_fit_keys_to_table(const cv_fit_keys_view *view)
{
	cv_fit_config config = config_of(view->head);
	const cv_counted_key *counted = counted_of(view);
	cv_fit_state *table = cv_fit_state_make(&config, (uint32) view->n);

	table->seen = view->head->seen;
	table->log_gaps = view->head->log_gaps;
	for (size_t i = 0; i < view->n; i++)
	{
		cv_pattern	p = cv_pattern_of_key(&counted[i], kind_of_keys(view->head));

		table = cv_fit_state_add(table, p.x, p.t_x, p.T, NULL, p.count);
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	return table;
}

void
cv_fit_keys_sample(const cv_fit_keys_view *view, cv_sample *sample)
{
	const cv_counted_key *counted = counted_of(view);
	cv_key_kind kind = kind_of_keys(view->head);

	sample->n = view->n;
	if (view->n > MANY_PATTERNS)
	{
		sample->keys = counted;
		sample->key_kind = kind;
		sample->room = palloc(CV_PART * sizeof(cv_pattern));
		return;
	}
	sample->patterns = cv_alloc_large_pages(CurrentMemoryContext, view->n * sizeof(cv_pattern));
	for (size_t i = 0; i < view->n; i++)
		sample->patterns[i] = cv_pattern_of_key(&counted[i], kind);
	if (view->bytes != NULL)
		cv_free_large_pages((void *) counted);
}
