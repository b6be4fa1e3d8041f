/*
 * test_history_decimal.c - exact decimals as text, there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/history_decimal.h"
#include "test_history_random.h"

static void
check_put(cv_int128 v, int scale, const char *expected)
{
	char		text[CV_DECIMAL_TEXT_MAX];
	char	   *end = cv_decimal_put(v, scale, text);

	assert_string_equal(text, expected);
	assert_ptr_equal(end, text + strlen(expected));
}

/* A lost sign, point or leading zero. */
static void
test_put(void **state)
{
	check_put(0, 0, "0");
	check_put(0, 2, "0.00");
	check_put(5, 2, "0.05");
	check_put(-5, 2, "-0.05");
	check_put(-500, 2, "-5.00");
	check_put(INT64_MIN, 0, "-9223372036854775808");
	check_put(cv_power_of_ten(37), 12, "10000000000000000000000000.000000000000");
	check_put(-cv_power_of_ten(38), 38, "-1.00000000000000000000000000000000000000");
}

/* What is read, how far, and why not; reads from a buffer without a NUL. */
static void
check_get(const char *text, int max_digits, cv_decimal_status expected, cv_int128 value, size_t length)
{
	bytes		b = exact((const uint8_t *) text, strlen(text));
	const char *start = (const char *) b.data;
	const char *next = NULL;
	cv_int128	v = 0;

	assert_int_equal(cv_decimal_get(start, start + b.size, max_digits, &v, &next), expected);
	if (expected == CV_DECIMAL_OK)
		assert_true(v == value);
	assert_int_equal(next - start, length);
	free(b.data);
}

static void
test_get(void **state)
{
	cv_int128	one = cv_power_of_ten(CV_MAX_SCALE);

	check_get("", 25, CV_DECIMAL_SYNTAX, 0, 0);
	check_get("-", 25, CV_DECIMAL_SYNTAX, 0, 1);
	check_get(".", 25, CV_DECIMAL_SYNTAX, 0, 1);
	check_get("x", 25, CV_DECIMAL_SYNTAX, 0, 0);
	check_get("NaN", 25, CV_DECIMAL_SYNTAX, 0, 0);
	check_get("29.33,", 25, CV_DECIMAL_OK, one / 100 * 2933, 5);
	check_get("-29.33", 25, CV_DECIMAL_OK, -(one / 100 * 2933), 6);
	check_get("+1", 25, CV_DECIMAL_OK, one, 2);
	check_get("1.", 25, CV_DECIMAL_OK, one, 2);
	check_get(".5", 25, CV_DECIMAL_OK, one / 2, 2);
	check_get("1e5", 25, CV_DECIMAL_OK, one, 1);
	check_get("1.5.5", 25, CV_DECIMAL_OK, one / 2 * 3, 3);
	check_get("0.000000000001", 25, CV_DECIMAL_OK, 1, 14);
	check_get("0.0000000000010000000", 25, CV_DECIMAL_OK, 1, 21);
	check_get("0.0000000000001", 25, CV_DECIMAL_SCALE, 0, 15);
	check_get("000000000000000000000000000000000000000000000000001", 25, CV_DECIMAL_OK, one, 51);
	check_get("10000000000000000000000000", 25, CV_DECIMAL_OK, cv_power_of_ten(37), 26);
	check_get("-10000000000000000000000000.000", 25, CV_DECIMAL_OK, -cv_power_of_ten(37), 31);
	check_get("10000000000000000000000000.000000000001", 25, CV_DECIMAL_RANGE, 0, 39);
	check_get("99999999999999999999999999.999999999999", 25, CV_DECIMAL_RANGE, 0, 39);
	check_get("99999999999999999999999999999999999999999999999999999999999", 25, CV_DECIMAL_RANGE, 0, 59);
	check_get("999999999999999.999999999999", 15, CV_DECIMAL_OK, one * INT64_C(1000000000000000) - 1, 28);
	check_get("1000000000000000", 15, CV_DECIMAL_RANGE, 0, 16);
	check_get("-1000000000000000", 15, CV_DECIMAL_RANGE, 0, 17);
}

/* A digit lost at any size. */
static void
test_round_trip(void **state)
{
	random_state = 21;
	for (int round = 0; round < 100000; round++)
	{
		int			scale = (int) random_below(CV_MAX_SCALE + 1);
		cv_int128	v = (cv_int128) ((((unsigned __int128) random_bits() << 64) | random_bits()) >> random_below(128)) %
			cv_power_of_ten(CV_MAX_TOTAL_DIGITS + scale);
		cv_int128	back;
		const char *next;
		char		text[CV_DECIMAL_TEXT_MAX];
		char	   *end = cv_decimal_put(v, scale, text);

		assert_int_equal(cv_decimal_get(text, end, CV_MAX_TOTAL_DIGITS, &back, &next), CV_DECIMAL_OK);
		assert_ptr_equal(next, end);
		assert_true(back == v * cv_power_of_ten(CV_MAX_SCALE - scale));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
