/*
 * test_segment.c - which rule holds first.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/segment.h"

/* Intervals are closed below and open above; an infinite end is no end. */
static void
test_limits(void **state)
{
	const cv_rule rule = {0, 1};
	const bool	known = true;
	double		v = 3;

	assert_int_equal(cv_first_rule(&rule, 1, &(cv_condition) {0, 3, 4}, &v, &known), 0);
	assert_int_equal(cv_first_rule(&rule, 1, &(cv_condition) {0, 2, 3}, &v, &known), -1);
	assert_int_equal(cv_first_rule(&rule, 1, &(cv_condition) {0, nextafter(3, 4), INFINITY}, &v, &known), -1);
	assert_int_equal(cv_first_rule(&rule, 1, &(cv_condition) {0, -INFINITY, nextafter(3, 4)}, &v, &known), 0);
	v = INFINITY;
	assert_int_equal(cv_first_rule(&rule, 1, &(cv_condition) {0, 3, INFINITY}, &v, &known), 0);
	assert_int_equal(cv_first_rule(&rule, 1, &(cv_condition) {0, 3, 1e308}, &v, &known), -1);
	v = -INFINITY;
	assert_int_equal(cv_first_rule(&rule, 1, &(cv_condition) {0, -INFINITY, 3}, &v, &known), 0);
}

/* What is not known, or no number, meets no condition, not even one without limits; no condition asks for nothing. */
static void
test_unknown(void **state)
{
	const cv_condition any = {0, -INFINITY, INFINITY};
	double		v = 0;
	bool		known = false;

	assert_int_equal(cv_first_rule(&(cv_rule) {0, 1}, 1, &any, &v, &known), -1);
	assert_int_equal(cv_first_rule(&(cv_rule) {0, 0}, 1, &any, &v, &known), 0);
	known = true;
	assert_int_equal(cv_first_rule(&(cv_rule) {0, 1}, 1, &any, &v, &known), 0);
	v = NAN;
	assert_int_equal(cv_first_rule(&(cv_rule) {0, 1}, 1, &any, &v, &known), -1);
	assert_int_equal(cv_first_rule(NULL, 0, NULL, NULL, NULL), -1);
}

/* Of several rules the first, of several conditions all. */
static void
test_order(void **state)
{
	const cv_condition condition[] = {{0, 4, INFINITY}, {1, 4, INFINITY}, {1, 2, INFINITY}, {0, -INFINITY, 2}};
	const cv_rule rule[] = {{0, 2}, {2, 1}, {3, 1}, {0, 1}};
	const bool	known[] = {true, true};

	assert_int_equal(cv_first_rule(rule, 4, condition, (double[]) {5, 5}, known), 0);
	assert_int_equal(cv_first_rule(rule, 4, condition, (double[]) {1, 5}, known), 1);
	assert_int_equal(cv_first_rule(rule, 4, condition, (double[]) {1, 1}, known), 2);
	assert_int_equal(cv_first_rule(rule, 4, condition, (double[]) {5, 1}, known), 3);
	assert_int_equal(cv_first_rule(rule, 4, condition, (double[]) {3, 1}, known), -1);
	assert_int_equal(cv_first_rule(rule, 4, condition, (double[]) {5, 5}, (bool[]) {true, false}), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
