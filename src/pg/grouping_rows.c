/*
 * grouping_rows.c - rows of a plan, stored in half the bytes that the server's tuples take.
 */
#include "pg/grouping_rows.h"

#include "access/tupmacs.h"
#include "port/pg_bitutils.h"
#include "port/pg_bswap.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

/* The four bits of a column: null, or how many bytes a number takes; 0 for what is stored as it is. */
#define CODE_NULL 15

/* Rows up to here have their size in one byte. */
#define SHORT_ROW 255

typedef struct cv_row_column
{
	int16		number;			/* in the row type, from 0 */
	int16		length;			/* -1: varies */
	bool		by_value;
	bool		may_be_short;	/* a varlena that may get a header of one byte */
	bool		aligned;		/* the server wants it aligned, even if it is not a long varlena */
} cv_row_column;

struct cv_row_layout
{
	int			n;
	int			n_keys;			/* so many of the columns come first */
	Size		codes;			/* bytes */
	Size		fixed;			/* bound of a row with nothing of varying length */
	cv_row_column columns[FLEXIBLE_ARRAY_MEMBER];
};

bool
cv_row_column_storable(int16 length)
{
	return length > 0 || length == -1;
}

static void
add_column(cv_row_layout *layout, TupleDesc desc, int number)
{
	Form_pg_attribute attribute = TupleDescAttr(desc, number);

	layout->columns[layout->n++] = (cv_row_column) {
		.number = (int16) number,
		.length = attribute->attlen,
		.by_value = attribute->attbyval,
		.may_be_short = attribute->attstorage != TYPSTORAGE_PLAIN,
		.aligned = attribute->attlen > 0 && !attribute->attbyval && attribute->attalign != TYPALIGN_CHAR
	};
	layout->fixed += attribute->attbyval ? sizeof(uint64) : (Size) Max(attribute->attlen, 0);
}

cv_row_layout *
cv_row_layout_make(TupleDesc desc, const int *keys, int n_keys)
{
	cv_row_layout *layout = palloc0(offsetof(cv_row_layout, columns) + desc->natts * sizeof(cv_row_column));

	layout->n_keys = n_keys;
	layout->codes = (Size) (desc->natts + 1) / 2;
	layout->fixed = 1 + 2 * sizeof(uint32) + layout->codes + CV_ROW_SLACK;
	for (int k = 0; k < n_keys; k++)
		add_column(layout, desc, keys[k]);
	for (int i = 0; i < desc->natts; i++)
	{
		bool		is_key = false;

		for (int k = 0; k < n_keys; k++)
			is_key |= keys[k] == i;
		if (!is_key)
			add_column(layout, desc, i);
	}
	return layout;
}

/* Bytes of a varlena as it is stored. */
static inline Size
stored_size(const cv_row_column *column, const struct varlena *value)
{
	if (!VARATT_IS_EXTERNAL(value) && !VARATT_IS_SHORT(value) &&
		column->may_be_short && VARATT_CAN_MAKE_SHORT(value))
		return VARATT_CONVERTED_SHORT_SIZE(value);
	return VARSIZE_ANY(value);
}

Size
cv_row_bound(const cv_row_layout *layout, Datum *values, const bool *isnull)
{
	Size		bound = layout->fixed;

	for (int i = 0; i < layout->n; i++)
	{
		const cv_row_column *column = &layout->columns[i];
		Datum	   *value = &values[column->number];

		if (column->length > 0 || isnull[column->number])
			continue;
		if (unlikely(VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(*value))))
		{
			ExpandedObjectHeader *expanded = DatumGetEOHP(*value);
			Size		flat_size = EOH_get_flat_size(expanded);
			void	   *flat = palloc(flat_size);

			EOH_flatten_into(expanded, flat, flat_size);
			*value = PointerGetDatum(flat);
		}
		bound += stored_size(column, (struct varlena *) DatumGetPointer(*value));
	}
	if (unlikely(bound > MaxAllocSize))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("row to group is too long"),
				 errdetail("It takes %zu bytes; at most %zu are possible.", bound, (Size) MaxAllocSize)));
	return bound;
}

/* Numbers near zero, of either sign, as small ones without. */
static inline uint64
unsign(Datum value)
{
	int64		number = (int64) value;

	return (uint64) number << 1 ^ (uint64) (number >> 63);
}

static inline Datum
resign(uint64 stored)
{
	return (Datum) (stored >> 1 ^ -(stored & 1));
}

/* How many bytes a number takes. */
static inline int
number_bytes(uint64 stored)
{
	return stored == 0 ? 0 : pg_leftmost_one_pos64(stored) / 8 + 1;
}

/* Eight bytes are written and read, whatever is wanted of them: the lowest come first. */
static inline void
put_number(char *to, uint64 stored)
{
#ifdef WORDS_BIGENDIAN
	stored = pg_bswap64(stored);
#endif
	memcpy(to, &stored, sizeof(stored));
}

static inline uint64
get_number(const char *from, int bytes)
{
	uint64		stored;

	memcpy(&stored, from, sizeof(stored));
#ifdef WORDS_BIGENDIAN
	stored = pg_bswap64(stored);
#endif
	return bytes == 0 ? 0 : stored & PG_UINT64_MAX >> (64 - 8 * bytes);
}

static inline Size
put_varlena(const cv_row_column *column, char *to, const struct varlena *value)
{
	Size		size = stored_size(column, value);

	if (VARATT_IS_4B(value) && size < VARSIZE_4B(value))
	{
		SET_VARSIZE_SHORT(to, size);
		memcpy(to + VARHDRSZ_SHORT, VARDATA(value), size - VARHDRSZ_SHORT);
	}
	else
		memcpy(to, value, size);
	return size;
}

Size
cv_row_write(const cv_row_layout *layout, char *to, Size bound, uint32 hash,
			 const Datum *values, const bool *isnull)
{
	char	   *codes = to + (bound <= SHORT_ROW ? 1 : 1 + sizeof(uint32)) + sizeof(hash);
	char	   *end = codes + layout->codes;
	uint32		size;

	memcpy(codes - sizeof(hash), &hash, sizeof(hash));
	for (int i = 0; i < layout->n; i++)
	{
		const cv_row_column *column = &layout->columns[i];
		Datum		value = values[column->number];
		int			code = 0;

		if (isnull[column->number])
			code = CODE_NULL;
		else if (column->by_value)
		{
			uint64		stored = unsign(value);

			code = number_bytes(stored);
			put_number(end, stored);
			end += code;
		}
		else if (column->length > 0)
		{
			memcpy(end, DatumGetPointer(value), column->length);
			end += column->length;
		}
		else
			end += put_varlena(column, end, (struct varlena *) DatumGetPointer(value));
		if (i % 2 == 0)
			codes[i / 2] = (char) code;
		else
			codes[i / 2] |= (char) (code << 4);
	}
	size = (uint32) (end - to);
	if (bound <= SHORT_ROW)
		to[0] = (char) size;
	else
	{
		to[0] = 0;
		memcpy(to + 1, &size, sizeof(size));
	}
	return size;
}

/* A value on its way out of a row. */
typedef struct cursor
{
	const char *codes;
	const char *at;
	int			i;				/* the next column */
} cursor;

static inline cursor
start(const cv_row_layout *layout, cv_row row)
{
	cursor		c = {.codes = row + cv_row_head(row) + sizeof(uint32)};

	c.at = c.codes + layout->codes;
	return c;
}

static inline int
next_code(cursor *c)
{
	int			both = (uint8) c->codes[c->i / 2];

	return c->i++ % 2 == 0 ? both & 15 : both >> 4;
}

/* Bytes of a varlena that may not be aligned. */
static inline Size
varlena_size(const char *at)
{
	uint32		header;

	if (!VARATT_IS_4B(at))
		return VARSIZE_ANY(at);
	memcpy(&header, at, sizeof(header));
	return VARSIZE_4B(&header);
}

/* Bytes of a stored value that is not null. */
static inline Size
value_size(const cv_row_column *column, int code, const char *at)
{
	return column->by_value ? (Size) code : column->length > 0 ? (Size) column->length : varlena_size(at);
}

/* What is not aligned as it ought to be goes to the scratch, of which so many bytes are used. */
static Datum
align_value(const cv_row_layout *layout, cv_row row, const char *at, Size size, cv_row_scratch *scratch, Size *used)
{
	Size		need = cv_row_size(row) + (Size) layout->n * MAXIMUM_ALIGNOF;
	char	   *to;

	/* room for all of the row, so that it stays where it is until the last value */
	if (scratch->size < need)
	{
		if (scratch->memory != NULL)
			pfree(scratch->memory);
		scratch->memory = NULL;
		scratch->memory = MemoryContextAllocHuge(scratch->context, need);
		scratch->size = need;
	}
	to = scratch->memory + *used;
	memcpy(to, at, size);
	*used += MAXALIGN(size);
	return PointerGetDatum(to);
}

static inline Datum
next_value(const cv_row_layout *layout, cv_row row, cursor *c, bool *isnull, cv_row_scratch *scratch, Size *used)
{
	const cv_row_column *column = &layout->columns[c->i];
	int			code = next_code(c);
	const char *at = c->at;

	*isnull = code == CODE_NULL;
	if (unlikely(code == CODE_NULL))
		return (Datum) 0;
	c->at += value_size(column, code, at);
	if (column->by_value)
		return resign(get_number(at, code));
	if (unlikely(column->aligned || (column->length < 0 && VARATT_IS_4B(at))))
		return align_value(layout, row, at, (Size) (c->at - at), scratch, used);
	return PointerGetDatum(at);
}

void
cv_row_read(const cv_row_layout *layout, cv_row row, Datum *values, bool *isnull, cv_row_scratch *scratch)
{
	cursor		c = start(layout, row);
	Size		used = 0;

	for (int i = 0; i < layout->n; i++)
	{
		int			number = layout->columns[i].number;

		values[number] = next_value(layout, row, &c, &isnull[number], scratch, &used);
	}
}

Datum
cv_row_key(const cv_row_layout *layout, cv_row row, int k, bool *isnull, cv_row_scratch *scratch)
{
	cursor		c = start(layout, row);
	Size		used = 0;

	while (c.i < k)
	{
		int			i = c.i;
		int			code = next_code(&c);

		if (code != CODE_NULL)
			c.at += value_size(&layout->columns[i], code, c.at);
	}
	return next_value(layout, row, &c, isnull, scratch, &used);
}

bool
cv_row_keys_identical(const cv_row_layout *layout, cv_row a, cv_row b)
{
	cursor		c = start(layout, a);
	cursor		d = start(layout, b);

	for (int k = 0; k < layout->n_keys; k++)
	{
		int			code = next_code(&c);
		Size		size;

		if (code != next_code(&d))
			return false;
		if (code == CODE_NULL)
			continue;
		size = value_size(&layout->columns[k], code, c.at);
		if (layout->columns[k].by_value)
		{
			/* a few bytes: a call would take longer */
			if (get_number(c.at, code) != get_number(d.at, code))
				return false;
		}
		else if (size != value_size(&layout->columns[k], code, d.at) || memcmp(c.at, d.at, size) != 0)
			return false;
		c.at += size;
		d.at += size;
	}
	return true;
}
