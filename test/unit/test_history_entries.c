/*
 * test_history_entries.c - building histories: any order, split and way of
 * joining the same sales gives the same bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_history_random.h"

static void
assert_same(bytes a, bytes b)
{
	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.data, b.data, a.size);
}

/* A sum, scale or mask that depends on what came first. */
static void
test_any_order(void **state)
{
	random_state = 11;
	for (int round = 0; round < 1000; round++)
	{
		size_t		n;
		cv_sale    *sales = any_sales(&n);
		bytes		a = build(sales, n);
		bytes		b;

		shuffle(sales, n);
		b = build(sales, n);
		assert_same(a, b);
		free(a.data);
		free(b.data);
		free(sales);
	}
}

/* A part lost or changed where streams are joined (parallel plans) or histories merged. */
static void
test_any_split(void **state)
{
	random_state = 12;
	for (int round = 0; round < 2000; round++)
	{
		size_t		n;
		cv_sale    *sales = any_sales(&n);
		bytes		whole = build(sales, n);
		stream		parts[3] = {0};
		stream		joined = {0};
		bytes		result;

		for (size_t i = 0; i < n; i++)
			stream_add_sale(&parts[random_below(3)], &sales[i]);
		for (int i = 0; i < 3; i++)
		{
			if (parts[i].entries.count == 0)
				continue;
			if (one_in(2))
				stream_join(&joined, &parts[i]);
			else
			{
				stream		copy = parts[i];
				bytes		h;

				copy.data = malloc(parts[i].used);
				memcpy(copy.data, parts[i].data, parts[i].used);
				h = stream_history(&copy);
				stream_add_history(&joined, h);
				joined.entries.weight += parts[i].entries.weight;
				free(h.data);
			}
			free(parts[i].data);
		}
		assert_true(joined.entries.weight == n);
		result = stream_history(&joined);
		assert_same(whole, result);
		free(result.data);
		free(whole.data);
		free(sales);
	}
}

/* Compacting: the days of a stream, written as a stream, build the same history. */
static void
test_days_as_entries(void **state)
{
	random_state = 13;
	for (int round = 0; round < 500; round++)
	{
		size_t		n,
					days;
		cv_sale    *sales = any_sales(&n);
		bytes		whole = build(sales, n);
		stream		s = {0},
					compacted = {0};
		cv_day	   *day;
		bytes		result;

		for (size_t i = 0; i < n; i++)
			stream_add_sale(&s, &sales[i]);
		day = stream_days(&s, &days);
		for (size_t i = 0; i < days; i++)
		{
			uint8_t    *at = stream_room(&compacted, CV_ENTRY_MAX);

			compacted.used += (size_t) (cv_entries_put_day(&compacted.entries, &day[i], s.entries.scale, at) - at);
		}
		assert_int_equal(compacted.entries.count, days);
		result = stream_history(&compacted);
		assert_same(whole, result);
		free(result.data);
		free(whole.data);
		free(day);
		free(s.data);
		free(sales);
	}
}

/* A sale longer than the room that callers leave for it. */
static void
test_longest_sales(void **state)
{
	cv_int128	most = cv_power_of_ten(CV_MAX_INTEGER_DIGITS + CV_MAX_SCALE) - 1;
	cv_sale		sale = {.day = CV_MAX_DAY, .known = CV_ALL_TRACKS};
	cv_entries	entries = {.last_day = CV_MIN_DAY};
	uint8_t		out[CV_ENTRY_MAX];

	for (int track = 0; track < CV_TRACKS; track++)
	{
		sale.scale[track] = CV_MAX_SCALE;
		sale.value[track] = -most;
	}
	assert_true(cv_entries_put_sale(&entries, &sale, out) - out <= CV_SALE_MAX);
	entries.last_day = CV_MIN_DAY;
	sale.known = CV_TRACK_BIT(CV_AMOUNT);
	assert_true(cv_entries_put_sale(&entries, &sale, out) - out <= CV_PLAIN_SALE_MAX);
}

static int pauses;

static void
count_pause(void)
{
	pauses++;
}

/* Keys lost or out of order, at sizes around the blocks and runs of the sort. */
static void
test_sort(void **state)
{
	random_state = 14;
	for (int round = 0; round < 600; round++)
	{
		size_t		n = round < 300 ? (size_t) round : random_below(20000);
		cv_entry_key *keys = malloc((2 * n + 1) * sizeof(*keys));
		cv_entry_key sum = 0,
					range = one_in(2) ? 50 : UINT64_MAX;

		for (size_t i = 0; i < n; i++)
			sum += (keys[i] = one_in(3) && i > 0 ? keys[i - 1] + 1 : random_below(range)) * 0x9E3779B97F4A7C15u;
		cv_entries_sort(keys, n, keys + n, count_pause);
		for (size_t i = 0; i < n; i++)
		{
			sum -= keys[i] * 0x9E3779B97F4A7C15u;
			if (i > 0)
				assert_true(keys[i - 1] <= keys[i]);
		}
		assert_true(sum == 0);
		free(keys);
	}
	assert_true(pauses > 0);
}

/* A weight that lets sums overflow, or that refuses what sales could have made. */
static void
test_weights(void **state)
{
	static const uint8_t scale[CV_TRACKS] = {2, 0, 0, 0};
	cv_history_shape shape;
	cv_day		day = {.day = 1, .known = 1, .missing = CV_OPTIONAL_TRACKS, .orders = 1};

	cv_shape_init(&shape, scale);
	cv_shape_add(&shape, &day);
	assert_true(cv_shape_weight(&shape) == 1);

	day.sum[CV_AMOUNT] = cv_power_of_ten(CV_MAX_INTEGER_DIGITS + 2);
	cv_shape_init(&shape, scale);
	cv_shape_add(&shape, &day);
	assert_true(cv_shape_weight(&shape) == 1);
	day.sum[CV_AMOUNT]++;
	cv_shape_init(&shape, scale);
	cv_shape_add(&shape, &day);
	assert_true(cv_shape_weight(&shape) == 2);

	day.sum[CV_AMOUNT] = cv_power_of_ten(CV_MAX_TOTAL_DIGITS + 2);
	cv_shape_init(&shape, scale);
	cv_shape_add(&shape, &day);
	assert_false(shape.out_of_range);
	assert_true(cv_shape_weight(&shape) == CV_MAX_WEIGHT);

	day.sum[CV_AMOUNT] = 0;
	day.orders = CV_MAX_COUNT;
	cv_shape_init(&shape, scale);
	cv_shape_add(&shape, &day);
	assert_true(cv_shape_weight(&shape) == CV_MAX_WEIGHT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_any_split),
		cmocka_unit_test(test_days_as_entries),
		cmocka_unit_test(test_longest_sales),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_weights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
