/*
 * history_decimal.c - exact decimals as text: 128-bit units of 10^-scale.
 */
#include "core/history_decimal.h"

#include "core/history_varint.h"

char *
cv_decimal_put(cv_int128 v, int scale, char *out)
{
	char		digits[CV_DECIMAL_TEXT_MAX];
	int			n = 0;
	cv_uint128	rest = cv_abs128(v);

	while (rest != 0 || n <= scale)
	{
		digits[n++] = (char) ('0' + (int) (rest % 10));
		rest /= 10;
	}
	if (v < 0)
		*out++ = '-';
	while (n > 0)
	{
		if (n == scale)
			*out++ = '.';
		*out++ = digits[--n];
	}
	*out = '\0';
	return out;
}

static inline bool
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

cv_decimal_status
cv_decimal_get(const char *text, const char *end, int max_digits, cv_int128 *v, const char **next)
{
	const char *p = text;
	bool		negative = p < end && *p == '-';
	bool		any = false;
	cv_int128	value = 0;
	int			digits = 0,
				decimals = 0;
	cv_decimal_status status = CV_DECIMAL_OK;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; is_digit(p, end); p++)
	{
		any = true;
		if (digits > 0 || *p != '0')
			digits++;
		if (digits > max_digits + 1)
			status = CV_DECIMAL_RANGE;
		else
			value = value * 10 + (*p - '0');
	}
	if (p < end && *p == '.')
	{
		for (p++; is_digit(p, end); p++)
		{
			any = true;
			if (decimals < CV_MAX_SCALE)
			{
				decimals++;
				if (status == CV_DECIMAL_OK)
					value = value * 10 + (*p - '0');
			}
			else if (*p != '0' && status == CV_DECIMAL_OK)
				status = CV_DECIMAL_SCALE;
		}
	}
	*next = p;
	if (!any)
		return CV_DECIMAL_SYNTAX;
	if (status != CV_DECIMAL_RANGE)
	{
		cv_int128	limit = cv_power_of_ten(max_digits + CV_MAX_SCALE);

		value *= cv_power_of_ten(CV_MAX_SCALE - decimals);
		if (value > limit || (value == limit && max_digits < CV_MAX_TOTAL_DIGITS))
			status = CV_DECIMAL_RANGE;
	}
	*v = negative ? -value : value;
	return status;
}
