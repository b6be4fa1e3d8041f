/*
 * test_history.c - the codec of purchase histories: what is read is what was
 * sold, one spelling a history, and nothing that damaged bytes could break.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/history_varint.h"
#include "test_history_random.h"

/* One day added up the slow way, at scale CV_MAX_SCALE. */
static cv_day
add_up(const cv_sale *sales, size_t n, int32_t on)
{
	cv_day		day = {.day = on, .known = 1};

	for (size_t i = 0; i < n; i++)
	{
		cv_int128	amount = sales[i].value[CV_AMOUNT] * cv_power_of_ten(CV_MAX_SCALE - sales[i].scale[CV_AMOUNT]);
		bool		has_quantity = (sales[i].known >> CV_QUANTITY) & 1;

		if (sales[i].day != on)
			continue;
		if (amount < 0 || (amount == 0 && has_quantity && sales[i].value[CV_QUANTITY] < 0))
		{
			day.returns++;
			day.returned -= amount;
		}
		else
			day.orders++;
		day.sum[CV_AMOUNT] += amount;
		for (int track = CV_COST; track < CV_TRACKS; track++)
		{
			if ((sales[i].known >> track) & 1)
			{
				day.known |= 1 << track;
				day.sum[track] += sales[i].value[track] * cv_power_of_ten(CV_MAX_SCALE - sales[i].scale[track]);
			}
			else
				day.missing |= 1 << track;
		}
	}
	return day;
}

/* A wrong sum, count, mask, scale or return rule anywhere between sale and history. */
static void
test_days_are_what_was_sold(void **state)
{
	random_state = 1;
	for (int round = 0; round < 2000; round++)
	{
		size_t		n;
		cv_sale    *sales = any_sales(&n);
		bytes		h = build(sales, n);
		cv_history_reader reader;
		cv_day		day;
		int64_t		last = INT64_MIN;
		size_t		seen = 0;

		assert_int_equal(cv_history_validate(h.data, h.size), CV_HISTORY_OK);
		assert_int_equal(cv_history_open(&reader, h.data, h.size), CV_HISTORY_OK);
		while (cv_history_next(&reader, &day))
		{
			cv_day		expected = add_up(sales, n, day.day);

			assert_true(day.day > last);
			last = day.day;
			seen += (size_t) (day.orders + day.returns);
			assert_true(day.orders == expected.orders && day.returns == expected.returns);
			assert_int_equal(day.known, expected.known);
			assert_int_equal(day.missing, expected.missing);
			assert_true(day.returned * cv_power_of_ten(CV_MAX_SCALE - reader.scale[CV_AMOUNT]) == expected.returned);
			for (int track = 0; track < CV_TRACKS; track++)
				assert_true(day.sum[track] * cv_power_of_ten(CV_MAX_SCALE - reader.scale[track]) == expected.sum[track]);
		}
		assert_false(reader.corrupt);
		assert_int_equal(seen, n);
		free(h.data);
		free(sales);
	}
}

/* truncate: the days up to a day, written again, are the history of the sales up to it. */
static void
test_truncated_is_built_from_fewer(void **state)
{
	random_state = 2;
	for (int round = 0; round < 1000; round++)
	{
		size_t		n,
					kept = 0,
					days = 0;
		cv_sale    *sales = any_sales(&n);
		int32_t		last = sales[random_below(n)].day;
		bytes		h = build(sales, n);
		bytes		cut,
					fewer;
		cv_day	   *prefix = malloc(n * sizeof(*prefix));
		cv_history_reader reader;

		for (size_t i = 0; i < n; i++)
			if (sales[i].day <= last)
				sales[kept++] = sales[i];
		fewer = build(sales, kept);
		cv_history_open(&reader, h.data, h.size);
		while (cv_history_next(&reader, &prefix[days]) && prefix[days].day <= last)
			days++;
		cut = write_days(prefix, days, reader.scale);
		assert_int_equal(cut.size, fewer.size);
		assert_memory_equal(cut.data, fewer.data, cut.size);
		free(cut.data);
		free(fewer.data);
		free(h.data);
		free(prefix);
		free(sales);
	}
}

/* A change of the format on disk without a change of its version. */
static void
test_format_version_1_is_fixed(void **state)
{
	/* {2000-01-01:1.5,2000-01-03:-2(returns=1,returned=2),2000-01-04:3(orders=2,cost=1,missing=cost)} */
	static const uint8_t fixture[] = {
		1, 2, 1, 0,				/* version, cost mixed, scale of amounts 1, of costs 0 */
		0x00, 2, 30,			/* day 0, plain; cost missing; 15 */
		0x03, 0, 1, 20, 2, 39,	/* 1 day skipped, special; no order, 1 return of 20; -20 */
		0x01, 2, 0, 3, 60, 2	/* next day, special; 2 orders, no return; known and missing; 30, 1 */
	};
	cv_history_reader reader;
	cv_day		day;

	assert_int_equal(cv_history_validate(fixture, sizeof(fixture)), CV_HISTORY_OK);
	assert_int_equal(cv_history_open(&reader, fixture, sizeof(fixture)), CV_HISTORY_OK);
	assert_int_equal(reader.scale[CV_AMOUNT], 1);
	assert_true(cv_history_next(&reader, &day));
	assert_true(day.day == 0 && day.orders == 1 && day.returns == 0 && day.sum[CV_AMOUNT] == 15);
	assert_int_equal(day.missing, CV_OPTIONAL_TRACKS);
	assert_true(cv_history_next(&reader, &day));
	assert_true(day.day == 2 && day.orders == 0 && day.returns == 1);
	assert_true(day.returned == 20 && day.sum[CV_AMOUNT] == -20);
	assert_true(cv_history_next(&reader, &day));
	assert_true(day.day == 3 && day.orders == 2 && day.sum[CV_AMOUNT] == 30 && day.sum[CV_COST] == 1);
	assert_int_equal(day.known, CV_TRACK_BIT(CV_AMOUNT) | CV_TRACK_BIT(CV_COST));
	assert_int_equal(day.missing, CV_OPTIONAL_TRACKS);
	assert_false(cv_history_next(&reader, &day));
	assert_false(reader.corrupt);
}

/* Second spellings of a history, and sense that only looks like one. */
static void
test_only_canonical_bytes_are_valid(void **state)
{
#define CASE(expected, ...) \
	{ \
		const uint8_t	raw[] = {__VA_ARGS__}; \
		bytes			b = exact(raw, sizeof(raw)); \
		assert_int_equal(cv_history_validate(b.data, b.size), CV_HISTORY_##expected); \
		free(b.data); \
	}
	CASE(OK, 1, 0, 0, 0, 2);
	CASE(OK, 1, 0, 0, 0, 0);				/* a day with amount 0 */
	CASE(VERSION, 0);
	CASE(VERSION, 2, 0, 0, 0, 2);
	CASE(CORRUPT, 1);
	CASE(CORRUPT, 1, 0);
	CASE(CORRUPT, 1, 0, 0);					/* no day */
	CASE(CORRUPT, 1, 0x40, 0, 0, 2);		/* unknown mode bits */
	CASE(CORRUPT, 1, 3, 0, 0, 0, 2, 2);		/* unknown mode */
	CASE(CORRUPT, 1, 0, 13, 0, 3);			/* scale too large */
	CASE(CORRUPT, 1, 0, 1, 0, 20);			/* scale 1 for 1.0 */
	CASE(CORRUPT, 1, 0, 0, 0);				/* amount cut off */
	CASE(CORRUPT, 1, 0, 0, 0, 2, 0);		/* second day cut off */
	CASE(CORRUPT, 1, 0, 0, 0, 0x82, 0);		/* amount longer than needed */
	CASE(CORRUPT, 1, 0, 0, 0x80, 0, 2);		/* day longer than needed */
	CASE(CORRUPT, 1, 0, 0, 1, 1, 0, 2);		/* special, but one order and no return */
	CASE(OK, 1, 0, 0, 1, 2, 0, 2);
	CASE(CORRUPT, 1, 0, 0, 1, 0, 0, 2);		/* neither order nor return */
	CASE(CORRUPT, 1, 0, 0, 1, 0, 0, 0);
	CASE(OK, 1, 0, 0, 1, 0, 1, 1, 1);		/* one return of 1 */
	CASE(CORRUPT, 1, 0, 0, 1, 0, 1, 1, 2);	/* a return that brings 1 */
	CASE(CORRUPT, 1, 0, 0, 1, 0, 1, 1, 3);	/* a return of 1 that takes 2 */
	CASE(CORRUPT, 1, 0, 0, 0, 1);			/* a negative sale that is no return */
	CASE(OK, 1, 1, 0, 0, 0, 2, 2);			/* cost on every day */
	CASE(CORRUPT, 1, 2, 0, 0, 0, 1, 2, 2);	/* mixed, but every day knows it */
	CASE(CORRUPT, 1, 2, 0, 0, 0, 2, 2);		/* mixed, but no day knows it */
	CASE(OK, 1, 2, 0, 0, 0, 3, 2, 2);
	CASE(CORRUPT, 1, 2, 0, 0, 0, 0, 2, 2);	/* mixed, and neither known nor missing */
	CASE(CORRUPT, 1, 2, 0, 0, 0, 7, 2, 2);	/* says something of a track that is not mixed */
	CASE(CORRUPT, 1, 2, 0, 0, 0, 0x43, 2, 2);
	CASE(CORRUPT, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 2);	/* day out of range */
	CASE(CORRUPT, 1, 0, 0, 0, 2, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2);	/* 2^63 days on */
	CASE(CORRUPT, 1, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 2);	/* 2^64 - 1 orders */
	CASE(RANGE, 1, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0, 2);
#undef CASE
}

/* Limits that are off by one, and a check that overflows itself. */
static void
test_limits(void **state)
{
	static const uint8_t scale[CV_TRACKS] = {0};
	cv_day		days[2] = {
		{.day = 1, .known = 1, .missing = CV_OPTIONAL_TRACKS, .orders = 1},
		{.day = 2, .known = 1, .missing = CV_OPTIONAL_TRACKS, .returns = 1}
	};
	cv_int128	limit = cv_power_of_ten(CV_MAX_TOTAL_DIGITS);
	bytes		h;

	days[0].sum[CV_AMOUNT] = limit;
	h = write_days(days, 1, scale);
	assert_int_equal(cv_history_validate(h.data, h.size), CV_HISTORY_OK);
	free(h.data);

	days[0].sum[CV_AMOUNT] = limit + 1;
	h = write_days(days, 1, scale);
	assert_int_equal(cv_history_validate(h.data, h.size), CV_HISTORY_RANGE);
	free(h.data);

	/* absolute sums count: a return does not make room */
	days[0].sum[CV_AMOUNT] = limit;
	days[1].sum[CV_AMOUNT] = -1;
	days[1].returned = 1;
	h = write_days(days, 2, scale);
	assert_int_equal(cv_history_validate(h.data, h.size), CV_HISTORY_RANGE);
	free(h.data);

	days[0].sum[CV_AMOUNT] = 0;
	days[0].orders = CV_MAX_COUNT;
	h = write_days(days, 1, scale);
	assert_int_equal(cv_history_validate(h.data, h.size), CV_HISTORY_OK);
	free(h.data);
}

/* The shorter ways to the purchase days, and to what came in on them, see what the profile sees, and refuse what it refuses. */
static void
assert_same_buying(const uint8_t *data, size_t size, int32_t as_of)
{
	cv_profile	profile;
	cv_buying_days days;
	cv_buying	buying;
	cv_history_status status = cv_history_profile(data, size, as_of, &profile);

	assert_int_equal(cv_history_purchase_days(data, size, as_of, &days), status);
	assert_int_equal(cv_history_buying(data, size, as_of, &buying), status);
	if (status != CV_HISTORY_OK)
		return;
	assert_int_equal(days.n, profile.purchase_days);
	assert_int_equal(buying.days.n, days.n);
	assert_true(buying.repeat_amount == profile.repeat_amount);
	assert_int_equal(buying.scale, profile.scale[CV_AMOUNT]);
	if (days.n > 0)
	{
		assert_int_equal(days.first, profile.first_purchase);
		assert_int_equal(days.last, profile.last_purchase);
		assert_int_equal(buying.days.first, days.first);
		assert_int_equal(buying.days.last, days.last);
	}
}

static void
look_at_everything(const uint8_t *data, size_t size)
{
	cv_profile	profile;
	cv_summary	summary;
	cv_history_reader reader;
	cv_day		day;

	cv_history_profile(data, size, (int32_t) random_bits(), &profile);
	cv_history_summary(data, size, CV_MAX_DAY, &summary);
	assert_same_buying(data, size, (int32_t) random_bits());
	assert_same_buying(data, size, (int32_t) random_below(20000) - 5000);
	assert_same_buying(data, size, CV_MAX_DAY);
	if (cv_history_validate(data, size) != CV_HISTORY_OK)
		return;
	/* what passes for a history makes sense day by day */
	assert_int_equal(cv_history_open(&reader, data, size), CV_HISTORY_OK);
	while (cv_history_next(&reader, &day))
		assert_true(cv_day_is_valid(&day));
	assert_false(reader.corrupt);
}

/* Reads beyond the end, overflows and endless loops on damaged bytes. */
static void
test_damaged_bytes_do_no_harm(void **state)
{
	random_state = 3;
	for (int round = 0; round < 3000; round++)
	{
		size_t		n;
		cv_sale    *sales = any_sales(&n);
		bytes		h = build(sales, n);
		size_t		size = one_in(3) ? random_below(h.size) : h.size;
		bytes		damaged = exact(h.data, size);

		for (uint64_t i = 0; i < 1 + random_below(4) && size > 0; i++)
		{
			/* near the start, where the structure is, more often than elsewhere */
			size_t		at = random_below(one_in(2) && size > 12 ? 12 : size);

			if (one_in(2))
				damaged.data[at] ^= (uint8_t) (1 << random_below(8));
			else
				damaged.data[at] = one_in(3) ? 0xFF : (uint8_t) random_bits();
		}
		look_at_everything(damaged.data, damaged.size);
		free(damaged.data);
		free(h.data);
		free(sales);
	}
	for (int round = 0; round < 200000; round++)
	{
		uint8_t		noise[24];
		size_t		size = random_below(sizeof(noise) + 1);
		bytes		b;

		for (size_t i = 0; i < size; i++)
			noise[i] = one_in(2) ? (uint8_t) random_below(4) : (uint8_t) random_bits();
		if (size > 0)
			noise[0] = 1;
		b = exact(noise, size);
		look_at_everything(b.data, b.size);
		free(b.data);
	}
}

/* The rule of a purchase day, and each letter of the summary. */
static void
test_summary(void **state)
{
	static const struct
	{
		int32_t		day;
		int64_t		cents;
	}			sold[] = {
		{-10, -300},			/* a return first: no purchase */
		{0, 1000},				/* the first purchase */
		{7, 500}, {7, -500},	/* net 0 with a return: no purchase */
		{14, 0},				/* amount 0 without a return: a purchase */
		{21, 250}, {21, 251},
		{28, -100},
		{30, 700}
	};
	cv_sale		sales[9] = {0};
	bytes		h;
	cv_summary	s;
	cv_profile	p;

	for (int i = 0; i < 9; i++)
	{
		sales[i] = (cv_sale) {.day = sold[i].day, .known = 1, .scale = {2}};
		sales[i].value[CV_AMOUNT] = sold[i].cents;
	}
	h = build(sales, 9);
	for (int as_of = -12; as_of < 35; as_of++)
		assert_same_buying(h.data, h.size, as_of);
	assert_false(cv_history_summary(h.data, h.size, -11, &s));
	assert_false(cv_history_summary(h.data, h.size, -1, &s));
	assert_true(cv_history_summary(h.data, h.size, 13, &s));
	assert_true(s.x == 0 && s.t_x_days == 0 && s.T_days == 13 && s.m == 0);
	assert_true(cv_history_summary(h.data, h.size, 29, &s));
	assert_true(s.x == 2 && s.t_x_days == 21 && s.T_days == 29 && s.m == 5.01 / 2);
	assert_true(cv_history_summary(h.data, h.size, CV_MAX_DAY, &s));
	assert_true(s.x == 3 && s.t_x_days == 30 && s.T_days == CV_MAX_DAY && s.m == 12.01 / 3);

	assert_int_equal(cv_history_profile(h.data, h.size, -11, &p), CV_HISTORY_EMPTY);
	assert_int_equal(cv_history_profile(h.data, h.size, -10, &p), CV_HISTORY_OK);
	assert_true(p.purchase_days == 0 && p.returns == 1 && p.total[CV_AMOUNT] == -300);
	assert_int_equal(cv_history_profile(h.data, h.size, 28, &p), CV_HISTORY_OK);
	assert_true(p.days == 6 && p.purchase_days == 3 && p.first_purchase == 0 && p.last_purchase == 21);
	assert_true(p.orders == 5 && p.returns == 3);
	assert_true(p.total[CV_AMOUNT] == 1101 && p.returned == 900 && p.repeat_amount == 501);
	free(h.data);
}

/* Longest and shortest varints, and both ends of 128 bits. */
static void
test_varints(void **state)
{
	random_state = 4;
	for (int round = 0; round < 100000; round++)
	{
		int			width = (int) random_below(129);
		cv_uint128	u = ((cv_uint128) random_bits() << 64) | random_bits();
		cv_uint128	back;
		cv_int128	v;
		uint8_t		out[CV_VARINT_MAX + 1];
		uint8_t    *end;
		bytes		b;

		u = width == 0 ? 0 : u >> (128 - width) | (cv_uint128) 1 << (width - 1);
		end = cv_put_u128(out, u);
		assert_int_equal(end - out, width == 0 ? 1 : (width + 6) / 7);
		b = exact(out, (size_t) (end - out));
		assert_ptr_equal(cv_get_u128(b.data, b.data + b.size, &back), b.data + b.size);
		assert_true(back == u);
		assert_null(cv_get_u128(b.data, b.data + b.size - 1, &back));
		assert_true(cv_unfold128(cv_fold128((cv_int128) u)) == (cv_int128) u);
		if (width <= 64)
		{
			uint64_t	small = 0;

			assert_ptr_equal(cv_get_u64(b.data, b.data + b.size, &small), b.data + b.size);
			assert_true(small == u && cv_unfold64(cv_fold64((int64_t) small)) == (int64_t) small);
		}
		else
		{
			uint64_t	small = 0;

			assert_null(cv_get_u64(b.data, b.data + b.size, &small));
		}
		if (b.size < CV_VARINT_MAX)
		{
			/* the same value, a byte longer */
			out[b.size - 1] |= 0x80;
			out[b.size] = 0;
			assert_null(cv_get_u128(out, out + b.size + 1, &back));
		}
		end = cv_put_s128(out, (cv_int128) u);
		assert_ptr_equal(cv_get_s128(out, end, &v), end);
		assert_true(v == (cv_int128) u);
		free(b.data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days_are_what_was_sold),
		cmocka_unit_test(test_truncated_is_built_from_fewer),
		cmocka_unit_test(test_format_version_1_is_fixed),
		cmocka_unit_test(test_only_canonical_bytes_are_valid),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_damaged_bytes_do_no_harm),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_varints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
