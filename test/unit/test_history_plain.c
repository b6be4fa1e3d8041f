/*
 * test_history_plain.c - plain sales finished in 64 bits: the same bytes as day
 * by day, or left alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_history_random.h"

#include "core/history_plain.h"

/* The sale in whichever way there is to write it. */
static void
add_either_way(stream *s, const cv_sale *sale)
{
	cv_int128	value = sale->value[CV_AMOUNT];
	uint8_t    *at;

	if ((sale->known & CV_OPTIONAL_TRACKS) || value != (int64_t) value || one_in(3))
	{
		stream_add_sale(s, sale);
		return;
	}
	at = stream_room(s, CV_ENTRY_MAX);
	s->used += (size_t) (cv_entries_put_amount(&s->entries, sale->day, (int64_t) value, sale->scale[CV_AMOUNT], at) - at);
	s->entries.weight++;
}

/* Whether the stream is a plain one; then its history has the bytes of the general way. */
static bool
is_plain(stream *s)
{
	size_t		n = s->entries.count;
	bytes		stream_bytes = exact(s->data, s->used);
	cv_plain	plain = {.keys = malloc(2 * n * sizeof(cv_entry_key)), .amounts = malloc(n * sizeof(int64_t))};
	bool		result = cv_plain_read(&plain, &s->entries, stream_bytes.data, stream_bytes.size);

	if (result)
	{
		bytes		general;
		size_t		most,
					size;
		uint8_t    *out;

		cv_plain_sort(&plain);
		most = cv_plain_measure(&plain);
		out = malloc(most);
		size = (size_t) (cv_plain_put(&plain, out) - out);
		assert_true(size <= most);
		general = stream_history(s);
		assert_int_equal(size, general.size);
		assert_memory_equal(out, general.data, size);
		assert_int_equal(cv_history_validate(out, size), CV_HISTORY_OK);
		free(general.data);
		free(out);
	}
	else
		free(s->data);
	free(plain.keys);
	free(plain.amounts);
	free(stream_bytes.data);
	return result;
}

static void
test_same_bytes(void **state)
{
	int			plain = 0;

	random_state = 21;
	for (int round = 0; round < 4000; round++)
	{
		size_t		n;
		cv_sale    *sales = any_sales(&n);
		stream		s = {0};

		for (size_t i = 0; i < n; i++)
			add_either_way(&s, &sales[i]);
		plain += is_plain(&s);
		free(sales);
	}
	assert_in_range(plain, 500, 3500);
}

/* Amounts around the limits of 64 bits, alone, raised to another's scale and added up. */
static void
test_limits(void **state)
{
	static const int64_t amount[] = {INT64_MAX, -INT64_MAX, INT64_MIN, INT64_MAX / 100, -INT64_MAX / 100, 1, -1, 0};
	const int	amounts = sizeof(amount) / sizeof(*amount);
	int			plain = 0;

	for (int i = 0; i < amounts * amounts * 4; i++)
	{
		int64_t		a = amount[i % amounts],
					b = amount[i / amounts % amounts];
		int			scales = i / amounts / amounts;
		stream		s = {0};

		for (int second = 0; second < 2; second++)
		{
			uint8_t    *at = stream_room(&s, CV_ENTRY_MAX);
			uint8_t		scale = 4 + (second ? 2 * (scales & 1) : scales & 2);

			s.used += (size_t) (cv_entries_put_amount(&s.entries, 5, second ? b : a, scale, at) - at);
		}
		plain += is_plain(&s);
	}
	assert_in_range(plain, 50, 250);
}

/* Days, other tracks, and counts that only a special day has. */
static void
test_left_alone(void **state)
{
	cv_sale		sale = {.day = 7, .known = CV_TRACK_BIT(CV_AMOUNT) | CV_TRACK_BIT(CV_COST)};
	cv_day		day = {
		.day = 7, .known = CV_TRACK_BIT(CV_AMOUNT), .missing = CV_OPTIONAL_TRACKS, .orders = 2, .sum = {500}
	};
	uint8_t		scale[CV_TRACKS] = {2};
	stream		s = {0};
	uint8_t    *at;

	stream_add_sale(&s, &sale);
	assert_false(is_plain(&s));
	s = (stream) {0};
	at = stream_room(&s, CV_ENTRY_MAX);
	s.used += (size_t) (cv_entries_put_day(&s.entries, &day, scale, at) - at);
	assert_false(is_plain(&s));
	s = (stream) {0};
	at = stream_room(&s, CV_ENTRY_MAX);
	day.orders = 1;
	s.used += (size_t) (cv_entries_put_day(&s.entries, &day, scale, at) - at);
	assert_true(is_plain(&s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
