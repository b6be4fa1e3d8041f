/*
 * key_sources.c - sorted keys of patterns from several places, counted and merged.
 *
 * Of every source some keys lie ahead, counted, the largest first.  For as long as none
 * can run out of them, the next key is found and taken without a branch, as which
 * sources have it is anybody's guess.
 */
#include "core/key_sources.h"

#include "core/history_varint.h"

#define AHEAD 256

/* Below every key, as a signed number. */
#define NO_KEY (-1)

typedef struct run
{
	cv_key_source left;
	uint64_t	above;			/* the key read before, of bytes */
	size_t		n_ahead;
	const cv_counted_key *next;
	cv_counted_key ahead[AHEAD + 1];	/* with NO_KEY after them */
} run;

/* Reads the next key, below the one before; returns the byte after it, or NULL. */
static inline const uint8_t *
read_key(const uint8_t *p, const uint8_t *end, uint64_t above, cv_counted_key *key)
{
	uint64_t	head,
				more = 0;

	if ((p = cv_get_u64(p, end, &head)) == NULL || head >> 1 >= above)
		return NULL;
	if ((head & 1) && ((p = cv_get_u64(p, end, &more)) == NULL || more > CV_LARGEST_COUNT - 2))
		return NULL;
	*key = (cv_counted_key) {above - (head >> 1) - 1, 1 + (head & 1) + more};
	return p;
}

static size_t
take_counted(cv_key_source *left, cv_counted_key *ahead)
{
	size_t		n = 0;

	while (n < AHEAD && left->n > 0)
		ahead[n++] = left->counted[--left->n];
	return n;
}

/* Equal ones are all taken at once. */
static size_t
take_keys(cv_key_source *left, cv_counted_key *ahead)
{
	size_t		n = 0;

	while (left->n > 0)
	{
		uint64_t	key = left->keys[left->n - 1];
		bool		same = n > 0 && ahead[n - 1].key == key;

		if (n == AHEAD && !same)
			break;
		n += !same;
		ahead[n - 1] = (cv_counted_key) {key, (same ? ahead[n - 1].count : 0) + 1};
		left->n--;
	}
	return n;
}

/* False where the bytes are damaged. */
static bool
take_bytes(run *r, size_t *n)
{
	cv_key_source *left = &r->left;
	const uint8_t *p = left->bytes,
			   *end = p + left->size;

	for (*n = 0; *n < AHEAD && left->n > 0; left->n--)
	{
		if ((p = read_key(p, end, r->above, &r->ahead[*n])) == NULL)
			return false;
		r->above = r->ahead[(*n)++].key;
	}
	left->bytes = p;
	left->size = (size_t) (end - p);
	return left->n > 0 || p == end;
}

/* Puts the next keys ahead; false where they are damaged. */
static bool
refill(run *r)
{
	size_t		n = 0;

	if (r->left.counted != NULL)
		n = take_counted(&r->left, r->ahead);
	else if (r->left.keys != NULL)
		n = take_keys(&r->left, r->ahead);
	else if (!take_bytes(r, &n))
		return false;
	r->n_ahead = n;
	r->next = r->ahead;
	r->ahead[n] = (cv_counted_key) {.key = (uint64_t) NO_KEY};
	return true;
}

/* Takes so many steps, for each of which every run has a key ahead, or none any more. */
static inline cv_counted_key *
take_steps(run *runs, const int n_runs, size_t steps, cv_counted_key *out)
{
	const cv_counted_key *next[CV_MAX_KEY_SOURCES];

	for (int i = 0; i < n_runs; i++)
		next[i] = runs[i].next;
	for (; steps > 0; steps--)
	{
		int64_t		key = NO_KEY;
		uint64_t	count = 0;

		for (int i = 0; i < n_runs; i++)
			key = (int64_t) next[i]->key > key ? (int64_t) next[i]->key : key;
		for (int i = 0; i < n_runs; i++)
		{
			bool		is_there = (int64_t) next[i]->key == key;

			count += next[i]->count & -(uint64_t) is_there;
			next[i] += is_there;
		}
		*--out = (cv_counted_key) {(uint64_t) key, count};
	}
	for (int i = 0; i < n_runs; i++)
	{
		runs[i].n_ahead -= (size_t) (next[i] - runs[i].next);
		runs[i].next = next[i];
	}
	return out;
}

bool
cv_key_sources_merge(const cv_key_source *sources, int n_sources, cv_counted_key *end, size_t *n,
					 void (*pause) (void))
{
	run			runs[CV_MAX_KEY_SOURCES];
	cv_counted_key *out = end;

	for (int i = 0; i < n_sources; i++)
	{
		runs[i].left = sources[i];
		runs[i].above = CV_KEYS_END;
		if (!refill(&runs[i]))
			return false;
	}
	for (;;)
	{
		size_t		steps = SIZE_MAX;

		for (int i = 0; i < n_sources; i++)
		{
			if (runs[i].n_ahead == 0 && runs[i].left.n > 0 && !refill(&runs[i]))
				return false;
			if (runs[i].n_ahead > 0 && runs[i].n_ahead < steps)
				steps = runs[i].n_ahead;
		}
		if (steps == SIZE_MAX)
			break;
		if (pause != NULL)
			pause();
		/* with the pointers of the usual few in registers */
		switch (n_sources)
		{
			case 1:
				out = take_steps(runs, 1, steps, out);
				break;
			case 2:
				out = take_steps(runs, 2, steps, out);
				break;
			case 3:
				out = take_steps(runs, 3, steps, out);
				break;
			default:
				out = take_steps(runs, n_sources, steps, out);
		}
	}
	*n = (size_t) (end - out);
	return true;
}
