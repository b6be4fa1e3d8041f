/*
 * test_vector.c - the geometry of vectors with unknown axes.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/vector.h"
#include "random.h"

/* A vector of the numbers given; NAN stands for an unknown axis. */
typedef struct vector
{
	double		axis[CV_MAX_AXES];
	cv_axes		axes;
} vector;

static cv_axes
make(vector *v, int n, const double *x)
{
	v->axes = (cv_axes) {.n = n, .axis = v->axis};
	for (int i = 0; i < n; i++)
	{
		v->axis[i] = isnan(x[i]) ? 0 : x[i];
		if (!isnan(x[i]))
			v->axes.known |= UINT64_C(1) << i;
	}
	return v->axes;
}

#define V(...) make(&(vector) {0}, sizeof((double[]) {__VA_ARGS__}) / sizeof(double), (double[]) {__VA_ARGS__})

#define close_to(value, expected) assert_true(fabs((value) - (expected)) <= 4 * DBL_EPSILON * fabs(1.0 * (expected)))

/* Unknown axes counted as zeros; overflow and underflow of squares. */
static void
test_lengths(void **state)
{
	double		length;

	assert_true(cv_axes_magnitude(V(3, NAN, 4), &length));
	close_to(length, sqrt(12.5));
	assert_true(cv_axes_norm(V(3, NAN, 4), &length));
	close_to(length, 5);
	assert_false(cv_axes_magnitude(V(NAN, NAN), &length));
	assert_false(cv_axes_norm(V(NAN), &length));
	assert_true(cv_axes_magnitude(V(0, 0), &length));
	assert_true(length == 0);
	assert_true(cv_axes_magnitude(V(DBL_MAX, -DBL_MAX), &length));
	close_to(length, DBL_MAX);
	assert_true(cv_axes_norm(V(DBL_MAX, DBL_MAX), &length));
	assert_true(isinf(length));
	assert_true(cv_axes_norm(V(3 * 0x1p-1074, 4 * 0x1p-1074), &length));
	assert_true(length == 5 * 0x1p-1074);
}

static void
test_direction(void **state)
{
	double		c[3];

	assert_true(cv_axes_direction(V(3e300, NAN, -4e300), c));
	close_to(c[0], 0.6);
	assert_true(c[1] == 0);
	close_to(c[2], -0.8);
	assert_false(cv_axes_direction(V(0, NAN, 0), c));
	assert_false(cv_axes_direction(V(NAN), c));
}

/* acos of a rounded cosine has half the digits near 0 and pi. */
static void
test_angle(void **state)
{
	double		angle;

	assert_true(cv_axes_angle(V(1, 0), V(0, 1e-300), &angle));
	close_to(angle, M_PI_2);
	assert_true(cv_axes_angle(V(1e300, 0), V(1, 1e-12), &angle));
	assert_true(fabs(angle - 1e-12) < 1e-24);
	assert_true(cv_axes_angle(V(1, 2), V(-1, -2), &angle));
	close_to(angle, M_PI);
	assert_true(cv_axes_angle(V(1, 2, 3), V(1, 2, 3), &angle));
	assert_true(angle == 0);
	assert_true(cv_axes_angle(V(1, 7, NAN), V(1, NAN, 7), &angle));
	assert_true(angle == 0);
	assert_false(cv_axes_angle(V(1, NAN), V(NAN, 1), &angle));
	assert_false(cv_axes_angle(V(0, 1), V(5, NAN), &angle));
}

static void
test_distance(void **state)
{
	double		distance;

	assert_true(cv_axes_distance(V(1, 1, NAN), V(4, 5, 9), &distance));
	close_to(distance, sqrt(12.5));
	assert_false(cv_axes_distance(V(1, NAN), V(NAN, 1), &distance));
	assert_true(cv_axes_distance(V(1e308), V(-1e308), &distance));
	assert_true(isinf(distance));
	assert_true(cv_axes_distance(V(1e200, 0), V(0, 1e200), &distance));
	close_to(distance, 1e200);
}

/* A tie decided by position says that an axis dominates where none does. */
static void
test_dominant(void **state)
{
	assert_int_equal(cv_axes_dominant(V(1, -3, 2)), 1);
	assert_int_equal(cv_axes_dominant(V(NAN, 0)), 1);
	assert_int_equal(cv_axes_dominant(V(1, 1)), -1);
	assert_int_equal(cv_axes_dominant(V(-1, 1, 0)), -1);
	assert_int_equal(cv_axes_dominant(V(1, 1, 2)), 2);
	assert_int_equal(cv_axes_dominant(V(2, 1, 1)), 0);
	assert_int_equal(cv_axes_dominant(V(NAN, NAN)), -1);
}

/* The order is total: antisymmetric, transitive, and 0 only for equal vectors. */
static void
test_order(void **state)
{
	double		value[] = {NAN, -1, 0, 2};
	vector		v[4 + 16 + 64];
	int			n = 0;

	for (int a = 0; a < 4; a++)
	{
		make(&v[n++], 1, (double[]) {value[a]});
		for (int b = 0; b < 4; b++)
		{
			make(&v[n++], 2, (double[]) {value[a], value[b]});
			for (int c = 0; c < 4; c++)
				make(&v[n++], 3, (double[]) {value[a], value[b], value[c]});
		}
	}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
		{
			int			order = cv_axes_compare(v[i].axes, v[j].axes);

			assert_int_equal(order, -cv_axes_compare(v[j].axes, v[i].axes));
			assert_int_equal(order == 0, i == j);
			for (int k = 0; k < n && order < 0; k++)
				if (cv_axes_compare(v[j].axes, v[k].axes) < 0)
					assert_true(cv_axes_compare(v[i].axes, v[k].axes) < 0);
		}
	assert_true(cv_axes_compare(V(1, 5), V(2, 0)) < 0);
	assert_true(cv_axes_compare(V(5), V(NAN)) < 0);
	assert_true(cv_axes_compare(V(1), V(1, -9)) < 0);
}

/* -0, a value under an unknown axis, a bit beyond the axes: what would make equal vectors differ. */
static void
test_valid(void **state)
{
	double		axis[2] = {1, 0};
	double		bad[] = {NAN, INFINITY, -0.0};

	assert_true(cv_axes_valid((cv_axes) {2, 3, axis}));
	assert_true(cv_axes_valid((cv_axes) {2, 1, axis}));
	assert_false(cv_axes_valid((cv_axes) {2, 2, axis}));
	assert_false(cv_axes_valid((cv_axes) {2, 7, axis}));
	assert_false(cv_axes_valid((cv_axes) {0, 0, axis}));
	assert_false(cv_axes_valid((cv_axes) {65, 0, axis}));
	for (int i = 0; i < 3; i++)
	{
		axis[1] = bad[i];
		assert_false(cv_axes_valid((cv_axes) {2, 3, axis}));
	}
}

static void
test_arithmetic(void **state)
{
	double		out[3];
	uint64_t	known;
	double		wide[64] = {0};

	assert_true(cv_axes_add(V(1, NAN, 3), -1, V(1, 2, NAN), out, &known));
	assert_int_equal(known, 1);
	assert_true(cv_axes_valid((cv_axes) {3, known, out}));
	assert_false(cv_axes_add(V(1e308), 1, V(1e308), out, &known));
	assert_true(cv_axes_scale(V(0, NAN, -2), -1, out));
	assert_true(out[0] == 0 && !signbit(out[0]) && out[2] == 2);
	assert_false(cv_axes_scale(V(1e308), 10, out));
	assert_true(cv_axes_valid((cv_axes) {64, ~UINT64_C(0), wide}));
	assert_int_equal(cv_axes_known((cv_axes) {64, ~UINT64_C(0), wide}), 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_direction),
		cmocka_unit_test(test_angle),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_dominant),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_arithmetic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
