/*
 * numeric_digits.c - between the server's numeric and exact 128-bit decimals.
 *
 * The inside of a numeric is private to the server's numeric.c, but reading its
 * digits in place is what makes an aggregate over numeric as fast as sum(): the
 * public functions allocate at every step.  So the layout, unchanged since 9.1
 * as it is the on-disk format, is spelled out here and nowhere else.  Once a
 * backend it is tried on known values; were it ever to change, reading falls
 * back to numeric_out and stays right.
 *
 * Layout after the varlena header, 16-bit fields:
 *   n_header, top bits:  00 or 01 positive or negative, long form
 *                        10       short form
 *                        11       special: NaN or an infinity
 *   short form: sign, decimals shown and the weight (7-bit two's complement) in
 *     n_header, then the digits
 *   long form: decimals shown in n_header, then the weight in a field of its
 *     own, then the digits
 * Digits are base 10000; the first counts 10000^weight, the next one less, ...
 * Zeros at either end are not stored.
 */
#include "pg/numeric_digits.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "core/history_decimal.h"

#define HEADER_FORM 0xC000
#define FORM_NEGATIVE 0x4000
#define FORM_SHORT 0x8000
#define FORM_SPECIAL 0xC000
#define SHORT_NEGATIVE 0x2000
#define SHORT_WEIGHT 0x007F
#define SHORT_WEIGHT_SIGN 0x0040

#define BASE 10000
#define BASE_DIGITS 4

/* The largest weight below 10^CV_MAX_INTEGER_DIGITS, and its first digit's bound. */
#define MAX_WEIGHT ((CV_MAX_INTEGER_DIGITS - 1) / BASE_DIGITS)
#define MAX_FIRST_DIGIT 1000
#define MAX_FRACTION (CV_MAX_SCALE / BASE_DIGITS)

#define FEW_DIGITS 3

StaticAssertDecl(CV_MAX_INTEGER_DIGITS == 15 && CV_MAX_SCALE == 12,
				 "limits of a sale are checked digit by base-10000 digit");

static inline uint16
field(const char *data, int i)
{
	uint16		v;

	memcpy(&v, data + i * sizeof(uint16), sizeof(uint16));
	return v;
}

/* Reads the digits in place; data need not be aligned. */
static inline cv_numeric_status
read_digits(const char *data, int size, cv_int128 *value, uint8_t *scale)
{
	uint16		header = field(data, 0);
	int			fields = size / (int) sizeof(uint16);
	int			first;
	int			weight;
	int			digits;
	int			fraction;
	bool		negative;
	cv_int128	v;

	if ((header & HEADER_FORM) == FORM_SPECIAL)
		return CV_NUMERIC_NAN;	/* or an infinity: the caller tells them apart */
	if ((header & HEADER_FORM) == FORM_SHORT)
	{
		negative = (header & SHORT_NEGATIVE) != 0;
		weight = header & SHORT_WEIGHT;
		if (weight & SHORT_WEIGHT_SIGN)
			weight -= SHORT_WEIGHT + 1;
		first = 1;
	}
	else
	{
		negative = (header & HEADER_FORM) == FORM_NEGATIVE;
		weight = (int16) field(data, 1);
		first = 2;
	}

	digits = fields - first;
	if (digits <= 0)
	{
		*value = 0;
		*scale = 0;
		return CV_NUMERIC_OK;
	}
	if (weight > MAX_WEIGHT ||
		(weight == MAX_WEIGHT && field(data, first) >= MAX_FIRST_DIGIT))
		return CV_NUMERIC_TOO_LARGE;
	fraction = digits - 1 - weight;
	if (fraction > MAX_FRACTION)
		return CV_NUMERIC_TOO_FINE;

	if (digits <= 4)
	{
		/* up to 16 decimal digits: what almost every amount has */
		int64		w = 0;

		for (int i = 0; i < digits; i++)
			w = w * BASE + field(data, first + i);
		v = w;
	}
	else
	{
		v = 0;
		for (int i = 0; i < digits; i++)
			v = v * BASE + field(data, first + i);
	}

	if (fraction <= 0)
	{
		for (; fraction < 0; fraction++)
			v *= BASE;
		*scale = 0;
	}
	else
	{
		/* zeros at the end of the last digit are no decimals */
		int			last = field(data, first + digits - 1);
		int			zeros = 0;

		while (last % 10 == 0 && zeros < BASE_DIGITS - 1)
		{
			last /= 10;
			zeros++;
		}
		if (zeros > 0)
		{
			static const int power[] = {1, 10, 100, 1000};

			v = digits <= 4 ? (int64) v / power[zeros] : v / power[zeros];
		}
		*scale = fraction * BASE_DIGITS - zeros;
	}
	*value = negative ? -v : v;
	return CV_NUMERIC_OK;
}

/*
 * The same for the short form with one to three digits, the first not behind
 * the point: no limit of a sale is near, so nothing is left to check.
 */
static inline cv_small_numeric
read_few_digits(const char *data, int size)
{
	cv_small_numeric small = {.scale = -1};
	uint16		header = field(data, 0);
	int			digits = size / (int) sizeof(uint16) - 1;
	int			fraction = digits - 1 - (header & SHORT_WEIGHT);
	int			last;
	int64		v;

	/* the sign of a weight makes it look large, and fraction negative */
	if ((header & HEADER_FORM) != FORM_SHORT || digits < 1 || digits > FEW_DIGITS || fraction < 0)
		return small;
	/* spelled out: a loop of unknown length costs more than it does */
	v = digits == 1 ? 0 : digits == 2 ? field(data, 1) : field(data, 1) * BASE + field(data, 2);
	last = field(data, digits);
	small.scale = fraction * BASE_DIGITS;
	if (fraction > 0 && last % 100 == 0)
	{
		/* cents */
		v = v * 100 + last / 100;
		small.scale -= 2;
	}
	else
		v = v * BASE + last;
	small.value = (header & SHORT_NEGATIVE) ? -v : v;
	return small;
}

/* The same through public functions: slow, and right whatever the layout. */
static cv_numeric_status
read_text(Datum numeric, cv_int128 *value, uint8_t *scale)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
	const char *end = text + strlen(text);
	const char *next;
	cv_int128	v;
	int			s = CV_MAX_SCALE;
	cv_decimal_status status = cv_decimal_get(text, end, CV_MAX_INTEGER_DIGITS, &v, &next);

	pfree(text);
	if (status == CV_DECIMAL_RANGE)
		return CV_NUMERIC_TOO_LARGE;
	if (status == CV_DECIMAL_SCALE)
		return CV_NUMERIC_TOO_FINE;
	if (status != CV_DECIMAL_OK)
		return CV_NUMERIC_NAN;
	for (; s > 0 && v % 10 == 0; s--)
		v /= 10;
	*value = v;
	*scale = (uint8_t) s;
	return CV_NUMERIC_OK;
}

/* Whether the layout above is the server's: both ways must agree on every form. */
static bool
layout_is_known(void)
{
	static const char *const sample[] = {
		"0", "1", "-1", "29.33", "-0.0001", "10000", "120000000", "-99999999999999.000000000012",
		"0.0300", "1234567890.12345678", "NaN", "Infinity", "1e15", "1e-13"
	};

	for (size_t i = 0; i < lengthof(sample); i++)
	{
		Datum		numeric = DirectFunctionCall3(numeric_in, CStringGetDatum(sample[i]),
												  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
		struct varlena *packed = PG_DETOAST_DATUM_PACKED(numeric);
		cv_int128	a = 0,
					b = 0;
		uint8_t		a_scale = 0,
					b_scale = 0;
		cv_small_numeric few;

		if (read_digits(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed), &a, &a_scale) !=
			read_text(numeric, &b, &b_scale) || a != b || a_scale != b_scale)
			return false;
		few = read_few_digits(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));
		if (few.scale >= 0 &&
			(few.scale < a_scale || few.value != a * cv_power_of_ten(few.scale - a_scale)))
			return false;
		pfree(DatumGetPointer(numeric));
	}
	return true;
}

/* Whether the layout is what is written above: tried once a backend. */
static enum
{
	UNTRIED, KNOWN, UNKNOWN
}			layout = UNTRIED;

cv_small_numeric
cv_numeric_read_small(Datum numeric)
{
	const char *data = DatumGetPointer(numeric);

	if (unlikely(layout != KNOWN))
		return (cv_small_numeric) {.scale = -1};
	/* as it lies in a row, or as a function returns it */
	if (VARATT_IS_SHORT(data) && !VARATT_IS_EXTERNAL(data))
		return read_few_digits(VARDATA_SHORT(data), VARSIZE_SHORT(data) - VARHDRSZ_SHORT);
	if (VARATT_IS_4B_U(data))
		return read_few_digits(VARDATA_4B(data), VARSIZE_4B(data) - VARHDRSZ);
	return (cv_small_numeric) {.scale = -1};
}

cv_numeric_status
cv_numeric_read(Datum numeric, cv_int128 *value, uint8_t *scale)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(numeric);
	cv_numeric_status status;

	if (unlikely(layout == UNTRIED))
		layout = layout_is_known() ? KNOWN : UNKNOWN;
	if (likely(layout == KNOWN))
		status = read_digits(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed), value, scale);
	else
		status = read_text(numeric, value, scale);
	if (unlikely(status == CV_NUMERIC_NAN))
	{
		Numeric		whole = DatumGetNumeric(numeric);

		if (numeric_is_inf(whole))
			status = CV_NUMERIC_INFINITE;
	}
	if (unlikely((Pointer) packed != DatumGetPointer(numeric)))
		pfree(packed);
	return status;
}

Datum
cv_numeric_make(cv_int128 v, int scale)
{
	char		text[CV_DECIMAL_TEXT_MAX];

	if (likely(v == (int64) v))
		return NumericGetDatum(scale == 0 ? int64_to_numeric((int64) v) :
							   int64_div_fast_to_numeric((int64) v, scale));
	cv_decimal_put(v, scale, text);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}
