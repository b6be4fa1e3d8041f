/*
 * history_entries.h - the stream of entries from which a history is built.
 *
 * An aggregate appends one entry a sale (or one a day of a history merged in)
 * in whatever order they come; sorting an index of the stream by day and adding
 * up what shares a day gives the days of the history.  The stream of a group is
 * private to one query: its layout may change with any version.
 *
 * Pure C11, no allocation: callers own the stream, the index and the scratch.
 */
#ifndef CV_CORE_HISTORY_ENTRIES_H
#define CV_CORE_HISTORY_ENTRIES_H

#include "core/history.h"
#include "core/history_varint.h"

/* A sale as it comes in. */
typedef struct cv_sale
{
	int32_t		day;			/* days since 2000-01-01, finite */
	uint8_t		known;			/* tracks given; CV_AMOUNT always is */
	uint8_t		scale[CV_TRACKS];
	cv_int128	value[CV_TRACKS];	/* units of 10^-scale, within the limits of a sale */
} cv_sale;

/*
 * What an aggregate keeps beside its stream.  Aligned to 4, so that nothing is
 * lost to padding: there is one a group.
 */
typedef struct cv_entries
{
	uint64_t	weight __attribute__((packed, aligned(4)));	/* see CV_MAX_WEIGHT */
	uint32_t	count;			/* entries */
	int32_t		last_day;		/* of the last entry */
	uint8_t		scale[CV_TRACKS];	/* the largest of any entry */
} cv_entries;

/* Bytes that an entry takes at most: of any kind, of a sale, of a sale without optional tracks. */
#define CV_ENTRY_MAX 128
#define CV_SALE_MAX 64
#define CV_PLAIN_SALE_MAX 20
#define CV_AMOUNT_ENTRY_MAX 16	/* what cv_entries_put_amount writes */

/*
 * A sale weighs 1, a history as much as the sales that could have made it.  The
 * weights add up whatever the order and the split, and up to this sum nothing
 * can overflow: a range error never depends on the order of the rows.
 */
#define CV_MAX_WEIGHT UINT64_C(10000000000)

/* Each writes one entry at out and counts it, but not its weight; returns the byte after it. */
extern uint8_t *cv_entries_put_sale(cv_entries *entries, const cv_sale *sale, uint8_t *out);
extern uint8_t *cv_entries_put_amount(cv_entries *entries, int32_t day, int64_t amount, uint8_t scale,
									  uint8_t *out);	/* a sale without optional tracks */
extern uint8_t *cv_entries_put_day(cv_entries *entries, const cv_day *day,
								   const uint8_t scale[CV_TRACKS], uint8_t *out);

/*
 * Appending stream b to stream a: writes b's first entry as it reads after a's
 * last one at out, stores in *rest how many bytes of b that replaces, and counts
 * all of b into a, weight included.  Returns the byte after it; the bytes of b
 * from *rest on follow unchanged.  b must not be empty.
 */
extern uint8_t *cv_entries_join(cv_entries *a, const cv_entries *b, const uint8_t *b_bytes,
								size_t b_size, uint8_t *out, size_t *rest);

/* Weight of a history whose shape is known and within range. */
extern uint64_t cv_shape_weight(const cv_history_shape *shape);

/* An entry's day and place; keys sort by day. */
typedef uint64_t cv_entry_key;

static inline cv_entry_key
cv_make_key(int64_t day, size_t place)
{
	return (uint64_t) (day - CV_MIN_DAY) << 32 | (uint32_t) place;
}

static inline int32_t
cv_key_day(cv_entry_key key)
{
	return (int32_t) ((int64_t) (key >> 32) + CV_MIN_DAY);
}

/* How an entry is written: history_entries.c. */
typedef enum cv_entry_kind
{
	CV_ENTRY_SALE,
	CV_ENTRY_TRACKS,
	CV_ENTRY_DAY
} cv_entry_kind;

#define CV_USUAL_SCALE 2		/* of amounts: cents */
#define CV_ENTRY_KIND_SHIFT 4

static inline cv_entry_kind
cv_entry_kind_of(uint8_t head)
{
	return (cv_entry_kind) (head >> CV_ENTRY_KIND_SHIFT);
}

static inline int
cv_entry_scale_of(uint8_t head)
{
	return head & 0x0F;
}

/* Writes an entry of an amount alone, step days after the last entry; returns the byte after it. */
static inline uint8_t *
cv_entry_put_amount(int64_t step, int64_t amount, uint8_t scale, uint8_t *out)
{
	bool		other = scale != CV_USUAL_SCALE;

	out = cv_put_u64(out, cv_fold64(step) << 1 | other);
	if (other)
		*out++ = scale | CV_ENTRY_SALE << CV_ENTRY_KIND_SHIFT;
	return cv_put_u64(out, cv_fold64(amount));
}

/* Fills keys[entries->count]; returns whether they already ascend. */
extern bool cv_entries_index(const cv_entries *entries, const uint8_t *bytes, size_t size,
							 cv_entry_key *keys);

/* Sorts n keys; scratch holds n more. pause (or NULL) is called now and then, and may longjmp. */
extern void cv_entries_sort(cv_entry_key *keys, size_t n, cv_entry_key *scratch,
							void (*pause) (void));

/* Number of distinct days of n sorted keys. */
extern size_t cv_entries_days(const cv_entry_key *keys, size_t n);

/* Adds up the entries of the day at *next, whose scales become entries->scale; false at the end. */
extern bool cv_entries_next_day(const cv_entries *entries, const uint8_t *bytes, size_t size,
								const cv_entry_key *keys, size_t *next, cv_day *day);

#endif
