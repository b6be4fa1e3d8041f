/*
 * test_history_windows.c - the last year, the year before, rhythm and price: against sums added up the slow way,
 * and a history cut at a day against the whole one read up to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "core/history_windows.h"
#include "core/period.h"
#include "test_history_random.h"

static const cv_period quarter = {.months = 3};

/* The days of a history up to one, sums at scale CV_MAX_SCALE. */
static cv_day *
days_until(bytes h, int32_t as_of, size_t *n)
{
	cv_history_reader reader;
	cv_day	   *days = NULL;
	cv_day		day;

	*n = 0;
	cv_history_open(&reader, h.data, h.size);
	while (cv_history_next(&reader, &day) && day.day <= as_of)
	{
		for (int track = 0; track < CV_TRACKS; track++)
			day.sum[track] *= cv_power_of_ten(CV_MAX_SCALE - reader.scale[track]);
		day.returned *= cv_power_of_ten(CV_MAX_SCALE - reader.scale[CV_AMOUNT]);
		days = realloc(days, (*n + 1) * sizeof(*days));
		days[(*n)++] = day;
	}
	return days;
}

static bool
lacks(const cv_day *day, cv_track track)
{
	return (day->missing & CV_TRACK_BIT(track)) != 0;
}

static void
assert_share(const cv_priced_days *a, const cv_priced_days *b, bool known, cv_int128 full, cv_int128 all)
{
	double		share;

	known = known && all > 0;
	assert_int_equal(cv_full_price_share(a, b, &share), known);
	if (known)
		assert_true(fabs(share - (double) full / (double) all) <= 1e-15);
}

/* A wrong window, quarter, gap, price or loss; a sum in a wrong scale; a missing track overlooked. */
static void
test_against_slow_sums(void **state)
{
	random_state = 11;
	for (int round = 0; round < 4000; round++)
	{
		size_t		n,
					days_n,
					bought = 0;
		cv_sale    *sales = any_sales(&n);
		bytes		h = build(sales, n);
		int32_t		day = sales[random_below(n)].day;
		int32_t		as_of = day > CV_MAX_DAY - 1000 ? day : day + (int32_t) (one_in(2) ? random_below(4) : random_below(1000)) - 1;
		cv_day	   *days = days_until(h, as_of, &days_n);
		cv_windows	w;
		cv_history_status status = cv_history_windows(h.data, h.size, as_of, &w);
		cv_int128	paid[2] = {0, 0},
					full[2] = {0, 0};
		bool		priced[2] = {true, true};
		int64_t		gaps[300],
					costed = 0,
					losses = 0,
					last = 0;
		double		mean = 0,
					squares = 0,
					variation;

		assert_int_equal(status, days_n > 0 ? CV_HISTORY_OK : CV_HISTORY_EMPTY);
		for (int i = 0; i < 2; i++)
		{
			cv_window	year = {0};

			for (size_t d = 0; d < days_n; d++)
			{
				if (days[d].day <= (int64_t) as_of - 365 * (i + 1) || days[d].day > (int64_t) as_of - 365 * i)
					continue;
				year.purchase_days += cv_day_is_purchase(&days[d]);
				for (int track = 0; track < CV_TRACKS; track++)
				{
					if (lacks(&days[d], track))
						year.missing |= CV_TRACK_BIT(track);
					year.total[track] += days[d].sum[track];
				}
			}
			assert_int_equal(w.year[i].purchase_days, year.purchase_days);
			assert_int_equal(w.year[i].missing, year.missing);
			for (int track = 0; track < CV_TRACKS; track++)
				assert_true(w.year[i].total[track] * cv_power_of_ten(CV_MAX_SCALE - w.scale[track]) == year.total[track]);
		}

		for (int i = 0; i < 8; i++)
		{
			bool		active = false;

			for (size_t d = 0; d < days_n; d++)
				active |= cv_day_is_purchase(&days[d]) &&
					days[d].day > cv_period_after(as_of, quarter, -(i + 1)) && days[d].day <= cv_period_after(as_of, quarter, -i);
			w.active_quarters -= active;
		}
		assert_int_equal(w.active_quarters, 0);

		for (size_t d = 0; d < days_n; d++)
		{
			if (!cv_day_is_purchase(&days[d]))
				continue;
			if (bought > 0)
				gaps[bought - 1] = days[d].day - last;
			last = days[d].day;
			priced[bought > 0] &= !lacks(&days[d], CV_LIST_AMOUNT);
			paid[bought > 0] += days[d].sum[CV_AMOUNT];
			if (days[d].sum[CV_AMOUNT] >= days[d].sum[CV_LIST_AMOUNT])
				full[bought > 0] += days[d].sum[CV_AMOUNT];
			if (!lacks(&days[d], CV_COST))
			{
				costed++;
				losses += days[d].sum[CV_AMOUNT] < days[d].sum[CV_COST];
			}
			bought++;
		}
		assert_int_equal(w.purchase_days, bought);
		assert_int_equal(w.costed_days, costed);
		assert_int_equal(w.loss_days, losses);
		assert_int_equal(w.gap[0], bought > 1 ? gaps[bought - 2] : 0);
		assert_int_equal(w.gap[1], bought > 2 ? gaps[bought - 3] : 0);
		assert_share(&w.first, &w.repeat, priced[0] && priced[1], full[0] + full[1], paid[0] + paid[1]);
		assert_share(&w.first, NULL, priced[0], full[0], paid[0]);
		assert_share(&w.repeat, NULL, priced[1], full[1], paid[1]);

		for (size_t i = 0; i + 1 < bought; i++)
			mean += (double) gaps[i] / (double) (bought - 1);
		for (size_t i = 0; i + 1 < bought; i++)
			squares += ((double) gaps[i] - mean) * ((double) gaps[i] - mean);
		assert_int_equal(cv_windows_gap_variation(&w, &variation), bought > 2);
		if (bought > 2)
			assert_true(fabs(variation - sqrt(squares / (double) (bought - 2)) / mean) <= 1e-12);
		free(days);
		free(h.data);
		free(sales);
	}
}

/* Something of a later day, or of the scale it brought, is left in what is said of an earlier one. */
static void
test_cut_history_says_the_same(void **state)
{
	random_state = 12;
	for (int round = 0; round < 2000; round++)
	{
		size_t		n,
					days_n;
		cv_sale    *sales = any_sales(&n);
		bytes		h = build(sales, n);
		int32_t		as_of = sales[random_below(n)].day;
		const uint8_t most[CV_TRACKS] = {CV_MAX_SCALE, CV_MAX_SCALE, CV_MAX_SCALE, CV_MAX_SCALE};
		cv_day	   *days = days_until(h, as_of, &days_n);
		bytes		cut = write_days(days, days_n, most);
		cv_windows	a,
					b;
		double		x = 0,
					y = 0;

		assert_int_equal(cv_history_windows(h.data, h.size, as_of, &a), CV_HISTORY_OK);
		assert_int_equal(cv_history_windows(cut.data, cut.size, as_of, &b), CV_HISTORY_OK);
		assert_int_equal(a.active_quarters, b.active_quarters);
		assert_memory_equal(a.gap, b.gap, sizeof(a.gap));
		assert_int_equal(a.costed_days, b.costed_days);
		assert_int_equal(a.loss_days, b.loss_days);
		for (int i = 0; i < 2; i++)
		{
			assert_int_equal(a.year[i].purchase_days, b.year[i].purchase_days);
			assert_int_equal(a.year[i].missing, b.year[i].missing);
			for (int track = 0; track < CV_TRACKS; track++)
				assert_true(a.year[i].total[track] * cv_power_of_ten(CV_MAX_SCALE - a.scale[track]) ==
							b.year[i].total[track] * cv_power_of_ten(CV_MAX_SCALE - b.scale[track]));
		}
		assert_int_equal(cv_windows_gap_variation(&a, &x), cv_windows_gap_variation(&b, &y));
		assert_true(x == y);
		assert_int_equal(cv_full_price_share(&a.first, &a.repeat, &x), cv_full_price_share(&b.first, &b.repeat, &y));
		assert_true(fabs(x - y) <= 1e-15);
		free(cut.data);
		free(days);
		free(h.data);
		free(sales);
	}
}

/* A purchase on the first or last day of a window or quarter falls into the one beside it. */
static void
test_edges(void **state)
{
	static const struct
	{
		int32_t		day;			/* of the one purchase, seen from 2024-05-31 */
		int			last_year;
		int			year_before;
		int			quarters;
	}			cases[] = {
		{8917, 1, 0, 1},		/* 2024-05-31 */
		{8826, 1, 0, 1},		/* 2024-03-01, in the quarter after 2024-02-29 */
		{8553, 1, 0, 1},		/* 2023-06-02: 364 days before */
		{8552, 0, 1, 1},		/* 2023-06-01: 365 days before */
		{8188, 0, 1, 1},		/* 2022-06-02: 729 days before */
		{8187, 0, 0, 1},		/* 2022-06-01: in the eighth quarter, not in the two years */
		{8186, 0, 0, 0},		/* 2022-05-31: 24 months before */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cv_sale		sale = {.day = cases[i].day, .known = CV_TRACK_BIT(CV_AMOUNT), .value = {100}};
		bytes		h = build(&sale, 1);
		cv_windows	w;

		assert_int_equal(cv_history_windows(h.data, h.size, 8917, &w), CV_HISTORY_OK);
		assert_int_equal(w.year[0].purchase_days, cases[i].last_year);
		assert_int_equal(w.year[1].purchase_days, cases[i].year_before);
		assert_int_equal(w.active_quarters, cases[i].quarters);
		assert_int_equal(cv_history_windows(h.data, h.size, cases[i].day - 1, &w), CV_HISTORY_EMPTY);
		free(h.data);
	}

	/* 2024-02-28 to 2024-03-02: only the second and third are two quarters */
	for (int32_t first = 8824; first <= 8826; first++)
	{
		cv_sale		sales[2] = {
			{.day = first, .known = CV_TRACK_BIT(CV_AMOUNT), .value = {100}},
			{.day = first + 1, .known = CV_TRACK_BIT(CV_AMOUNT), .value = {100}}
		};
		bytes		h = build(sales, 2);
		cv_windows	w;

		cv_history_windows(h.data, h.size, 8917, &w);
		assert_int_equal(w.active_quarters, first == 8825 ? 2 : 1);
		free(h.data);
	}
}

/* Bytes that are no history are read beyond their end, or give a result. */
static void
test_damaged_bytes(void **state)
{
	random_state = 13;
	for (int round = 0; round < 2000; round++)
	{
		size_t		n;
		cv_sale    *sales = any_sales(&n);
		bytes		h = build(sales, n);
		bytes		shorter;
		cv_windows	w;
		double		x;

		for (int i = 0; i < 3; i++)
			h.data[random_below(h.size)] ^= (uint8_t) (1 << random_below(8));
		shorter = exact(h.data, random_below(h.size + 1));
		(void) cv_history_windows(shorter.data, shorter.size, CV_MAX_DAY, &w);
		(void) cv_windows_gap_variation(&w, &x);
		(void) cv_full_price_share(&w.first, &w.repeat, &x);
		free(shorter.data);
		free(h.data);
		free(sales);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_slow_sums),
		cmocka_unit_test(test_cut_history_says_the_same),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_damaged_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
