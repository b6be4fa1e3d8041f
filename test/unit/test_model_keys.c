/*
 * test_model_keys.c - patterns as keys: sorted, counted and merged as patterns themselves are.
 *
 * Catches a digit that is not sorted by, a customer counted twice or not at all where
 * two lists of keys meet, numbers that do not come back as they were, and damaged bytes
 * that are taken for keys or read beyond their end.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/pattern_keys.h"
#include "core/patterns.h"
#include "random.h"

#define MAX 5000

static uint64_t keys[MAX],
			scratch[MAX];
static cv_counted_key one[MAX],
			other[MAX],
			back[MAX],
			both[2 * MAX];
static uint8_t bytes[MAX * 20];
static cv_pattern patterns[2 * MAX];

static uint64_t
random_key(int64_t largest)
{
	int64_t		T = (int64_t) ((double) largest * random_uniform()),
				t_x = (int64_t) ((double) T * random_uniform()),
				x = (int64_t) ((double) (t_x < 500000 ? t_x : 500000) * random_uniform());
	uint64_t	key;

	assert_true(cv_pattern_key(x, t_x, T, &key));
	return key;
}

static void
assert_ascending(const cv_counted_key *counted, size_t n)
{
	for (size_t i = 1; i < n; i++)
		assert_true(counted[i - 1].key < counted[i].key);
}

/* Adds keys to others by way of their bytes, which are as many as said and come back as they were. */
static bool
merge_by_bytes(cv_counted_key *counted, size_t *n, const cv_counted_key *others, size_t m)
{
	size_t		size = cv_counted_keys_size(others, m);

	assert_true(size <= sizeof(bytes));
	assert_ptr_equal(cv_counted_keys_write(others, m, bytes), bytes + size);
	assert_true(cv_counted_keys_read(bytes, size, back, m));
	if (m > 0)
		assert_memory_equal(back, others, m * sizeof(*others));
	return cv_counted_keys_merge(counted, n, bytes, size, m);
}

/* Few and many, of days that are alike and days that use every bit. */
static void
keys_are_patterns(void **state)
{
	static const int64_t largest[] = {0, 3, 40, 2047, 2048, 100000, (1 << CV_KEY_TIME_BITS) - 1};

	random_seed(21);
	for (int round = 0; round < 300; round++)
	{
		size_t		n = round % 5 == 0 ? (size_t) (MAX * random_uniform()) : (size_t) (120 * random_uniform()),
					m = (size_t) (0.3 * MAX * random_uniform() * random_uniform()),
					n_one = 0,
					n_other = 0,
					n_both,
					merged;
		int64_t		range = largest[round % 7];

		for (size_t part = 0; part < 2; part++)
		{
			size_t		size = part == 0 ? n : m;

			for (size_t i = 0; i < size; i++)
			{
				keys[i] = random_key(range);
				patterns[part * n + i] = cv_pattern_of_key(&(cv_counted_key) {keys[i], 1}, CV_KEY_DAYS);
			}
			cv_keys_sort(keys, scratch, size, NULL);
			for (size_t i = 1; i < size; i++)
				assert_true(keys[i - 1] <= keys[i]);
			if (part == 0)
			{
				n_one = cv_counted_keys_add(one, 0, keys, size);
				assert_int_equal(n_one, cv_keys_distinct(keys, size));
			}
			else
			{
				n_other = cv_counted_keys_add(other, 0, keys, size);
				memcpy(both, one, n_one * sizeof(*one));
				n_both = cv_counted_keys_add(both, n_one, keys, size);
			}
		}
		assert_ascending(one, n_one);
		assert_ascending(other, n_other);

		/* the same by way of the patterns */
		merged = n + m == 0 ? 0 : cv_patterns_merge(patterns, n + m, NULL, NULL);
		for (int way = 0; way < 2; way++)
		{
			assert_int_equal(n_both, merged);
			for (size_t i = 0; i < merged; i++)
			{
				cv_pattern	p = cv_pattern_of_key(&both[i], CV_KEY_DAYS);

				assert_memory_equal(&p, &patterns[i], sizeof(p));
			}
			memset(both, 0xFF, sizeof(both));
			memcpy(both, one, n_one * sizeof(*one));
			n_both = n_one;
			assert_true(merge_by_bytes(both, &n_both, other, n_other));
		}
	}
}

static jmp_buf stopped;
static int	pauses_left;

static void
stop_after_some_pauses(void)
{
	if (pauses_left-- == 0)
		longjmp(stopped, 1);
}

static int
compare_keys(const void *a, const void *b)
{
	uint64_t	ka = *(const uint64_t *) a,
				kb = *(const uint64_t *) b;

	return ka < kb ? -1 : ka > kb;
}

/* By the bits from some on alone: ascending in those, and in the order given where they are the same. */
static void
upper_bits_are_sorted(void **state)
{
	static uint64_t keys[MAX],
				scratch[MAX];
	const int	lowest[] = {1, 20, 33, 47, 62};

	(void) state;
	for (int round = 0; round < 50; round++)
	{
		int			low = lowest[round % 5];
		size_t		n = round % 3 == 0 ? 40 : MAX;

		/* the lower bits are a number that ascends, as far as they reach */
		for (size_t i = 0; i < n; i++)
			keys[i] = random_key(100) << low | (i & ((UINT64_C(1) << low) - 1));
		cv_keys_sort_upper(keys, scratch, n, low);
		for (size_t i = 1; i < n; i++)
		{
			assert_true(keys[i - 1] >> low <= keys[i] >> low);
			if (low >= 20 && keys[i - 1] >> low == keys[i] >> low)
				assert_true(keys[i - 1] < keys[i]);
		}
	}
}

/* Stopped in the middle it leaves every key where it is found again. */
static void
sorting_is_interrupted(void **state)
{
	static uint64_t given[MAX],
				sorted[MAX];
	volatile int stops = 0;

	random_seed(22);
	for (int i = 0; i < MAX; i++)
		given[i] = sorted[i] = random_key((1 << CV_KEY_TIME_BITS) - 1);
	qsort(sorted, MAX, sizeof(uint64_t), compare_keys);
	for (volatile int pauses = 0; pauses == stops; pauses++)
	{
		memcpy(keys, given, sizeof(keys));
		pauses_left = pauses;
		if (setjmp(stopped) == 0)
			cv_keys_sort(keys, scratch, MAX, stop_after_some_pauses);
		else
			stops++;
		cv_keys_sort(keys, scratch, MAX, NULL);
		assert_memory_equal(keys, sorted, sizeof(keys));
	}
	assert_true(stops >= 4);
}

/* Keys and counts at the ends of what there may be, and keys in a row, which take a byte each. */
static void
bytes_hold_the_extremes(void **state)
{
	static const cv_counted_key extremes[] = {
		{0, 1}, {1, 2}, {2, 3}, {63, 129}, {64, 130}, {1 << 20, 1}, {CV_KEYS_END - 2, CV_LARGEST_COUNT}, {CV_KEYS_END - 1, 1}
	};
	const size_t n = sizeof(extremes) / sizeof(*extremes);
	size_t		n_both = 0;

	assert_true(merge_by_bytes(both, &n_both, extremes, n));
	assert_int_equal(n_both, n);
	assert_memory_equal(both, extremes, sizeof(extremes));
	assert_true(merge_by_bytes(both, &n_both, NULL, 0));
	assert_int_equal(n_both, n);

	for (size_t i = 0; i < 1000; i++)
		one[i] = (cv_counted_key) {1000 + i, 1};
	assert_int_equal(cv_counted_keys_size(one, 1000), 999 + cv_counted_keys_size(&one[999], 1));
}

/*
 * Bytes at the end of their memory, one of them changed, or too few, or for another number
 * of keys: whatever is read ascends, both ways agree, and the sanitizer sees no byte beyond.
 */
static void
damaged_bytes_are_no_keys(void **state)
{
	int			refused = 0;

	random_seed(23);
	for (int round = 0; round < 3000; round++)
	{
		size_t		n = 1 + (size_t) (20 * random_uniform()),
					m = 1 + (size_t) (20 * random_uniform()),
					n_one,
					size,
					n_both = 0;
		uint8_t    *exact;
		bool		is_read;

		for (size_t i = 0; i < n; i++)
			keys[i] = random_key(round % 2 ? 30 : (1 << CV_KEY_TIME_BITS) - 1);
		cv_keys_sort(keys, scratch, n, NULL);
		n_one = cv_counted_keys_add(one, 0, keys, n);
		size = cv_counted_keys_size(one, n_one);
		cv_counted_keys_write(one, n_one, bytes);
		if (round % 3 == 0)
			bytes[(size_t) ((double) size * random_uniform())] = (uint8_t) (256 * random_uniform());
		else if (round % 3 == 1)
			size = (size_t) ((double) size * random_uniform());
		else if (m != n_one)
			n_one = m;
		exact = malloc(size);
		memcpy(exact, bytes, size);
		is_read = cv_counted_keys_read(exact, size, back, n_one);
		refused += !is_read;
		assert_int_equal(cv_counted_keys_merge(both, &n_both, exact, size, n_one), is_read);
		if (is_read)
		{
			assert_ascending(back, n_one);
			assert_int_equal(n_both, n_one);
			assert_memory_equal(both, back, n_one * sizeof(*both));
		}
		free(exact);
	}
	/* all that are cut short, and most of the others */
	assert_true(refused > 1500);
}

static void
the_largest_fit_and_no_larger(void **state)
{
	const int64_t time = (INT64_C(1) << CV_KEY_TIME_BITS) - 1,
				x = (INT64_C(1) << CV_KEY_X_BITS) - 1;
	uint64_t	key;
	cv_pattern	p;

	assert_true(cv_pattern_key(x, time, time, &key));
	assert_true(key == CV_KEYS_END - 1);
	p = cv_pattern_of_key(&(cv_counted_key) {key, 3}, CV_KEY_PERIODS);
	assert_true(p.x == (double) x && p.t_x == (double) time && p.T == (double) time && p.count == 3);
	assert_false(cv_pattern_key(x + 1, 0, 0, &key));
	assert_false(cv_pattern_key(0, time + 1, 0, &key));
	assert_false(cv_pattern_key(0, 0, time + 1, &key));
}

/* What was spent comes back as the mean that the patterns of summaries have, to the last bit, or not at all. */
static void
spend_comes_back(void **state)
{
	const cv_int128 most = ((cv_int128) 1 << CV_KEY_AMOUNT_BITS) - 1;
	uint64_t	key;
	cv_pattern	p;

	random_seed(25);
	for (int round = 0; round < 20000; round++)
	{
		int			scale = (int) (7 * random_uniform());
		int64_t		x = 1 + (int64_t) (pow(10, 4.5 * random_uniform()) * random_uniform());
		cv_int128	amount = 1 + (cv_int128) (pow(10, 10 * random_uniform()) * random_uniform());

		if (scale > CV_KEY_AMOUNT_SCALE && round % 2)
		{
			assert_int_equal(cv_spend_key(x, amount, scale, &key), amount % cv_power_of_ten(scale - CV_KEY_AMOUNT_SCALE) == 0);
			amount *= cv_power_of_ten(scale - CV_KEY_AMOUNT_SCALE);
		}
		else if (scale > CV_KEY_AMOUNT_SCALE)
			scale = CV_KEY_AMOUNT_SCALE;
		assert_true(cv_spend_key(x, amount, scale, &key));
		assert_true(key < CV_KEYS_END);
		p = cv_pattern_of_key(&(cv_counted_key) {key, 5}, CV_KEY_SPEND);
		assert_true(p.x == (double) x && p.T == 0 && p.count == 5);
		assert_true(p.m == (double) amount / ((double) x * (double) cv_power_of_ten(scale)));
	}
	assert_true(cv_spend_key((1 << CV_KEY_BUYER_BITS) - 1, most, CV_KEY_AMOUNT_SCALE, &key) && key == CV_KEYS_END - 1);
	assert_false(cv_spend_key(1 << CV_KEY_BUYER_BITS, 1, 0, &key));
	assert_false(cv_spend_key(1, most + 1, CV_KEY_AMOUNT_SCALE, &key));
	assert_false(cv_spend_key(1, most / 1000 + 1, 0, &key));
	assert_false(cv_spend_key(1, cv_power_of_ten(CV_MAX_TOTAL_DIGITS + CV_MAX_SCALE), CV_MAX_SCALE, &key));
	assert_false(cv_spend_key(1, cv_power_of_ten(CV_MAX_TOTAL_DIGITS), 0, &key));
}

#define MANY (3 * CV_PART / 2)

static uint64_t many[MANY],
			many_scratch[MANY];

/* Days of customers of whom some have left. */
static size_t
keys_of_days(void)
{
	for (size_t i = 0; i < MANY; i++)
	{
		int64_t		T = 300 + (int64_t) (900 * random_uniform()),
					t_x = (int64_t) ((double) T * (random_uniform() < 0.4 ? random_uniform() : 1 - 0.1 * random_uniform())),
					x = (int64_t) ((double) t_x * 0.05 * random_uniform() * random_uniform());

		assert_true(cv_pattern_key(x, x == 0 ? 0 : t_x, T, &many[i]));
	}
	return MANY;
}

/* Every history of so few periods that there can be. */
static size_t
keys_of_periods(void)
{
	size_t		n = 0;

	for (int64_t T = 1; n < MANY; T++)
		for (int64_t t_x = 0; t_x <= T; t_x++)
			for (int64_t x = t_x > 0; x <= t_x && n < MANY; x++)
				assert_true(cv_pattern_key(x, t_x, T, &many[n++]));
	return n;
}

static size_t
keys_of_spend(void)
{
	for (size_t i = 0; i < MANY; i++)
	{
		int64_t		x = 1 + (int64_t) (30 * random_uniform() * random_uniform());

		assert_true(cv_spend_key(x, 1 + (cv_int128) ((double) x * 5000 / (0.05 + random_uniform()) * (0.5 + random_uniform())), 2, &many[i]));
	}
	return MANY;
}

/* More than a part of keys, fitted as they are and as the patterns they stand for: the same model, bit by bit. */
static void
keys_are_fitted_as_patterns(void **state)
{
	static cv_counted_key counted[MANY];
	static cv_pattern of_keys[MANY],
				room[CV_PART];
	static const struct
	{
		const char *family;
		cv_key_kind kind;
		size_t		(*make) (void);
	}			fits[] = {
		{"bg/nbd", CV_KEY_DAYS, keys_of_days},
		{"mbg/nbd", CV_KEY_DAYS, keys_of_days},
		{"pareto/nbd", CV_KEY_DAYS, keys_of_days},
		{"bg/bb", CV_KEY_PERIODS, keys_of_periods},
		{"gamma-gamma", CV_KEY_SPEND, keys_of_spend}
	};

	random_seed(24);
	for (size_t f = 0; f < sizeof(fits) / sizeof(*fits); f++)
	{
		const cv_family *family = cv_family_by_name(fits[f].family);
		size_t		n_keys = fits[f].make(),
					n;
		cv_sample	by_keys = {.keys = counted, .key_kind = fits[f].kind, .room = room},
					by_patterns = {.patterns = of_keys};
		cv_model	model_of_keys,
					model_of_patterns;

		cv_keys_sort(many, many_scratch, n_keys, NULL);
		by_keys.n = by_patterns.n = n = cv_counted_keys_add(counted, 0, many, n_keys);
		assert_true(n > CV_PART);
		for (size_t i = 0; i < n; i++)
			of_keys[i] = cv_pattern_of_key(&counted[i], fits[f].kind);
		memset(&model_of_keys, 0, sizeof(cv_model));
		memset(&model_of_patterns, 0, sizeof(cv_model));
		assert_int_equal(cv_fit(family, &by_keys, NULL, &model_of_keys), CV_FIT_OK);
		assert_int_equal(cv_fit(family, &by_patterns, NULL, &model_of_patterns), CV_FIT_OK);
		assert_true(model_of_keys.customers == (double) n_keys && model_of_keys.patterns == (double) n);
		assert_true(model_of_keys.log_likelihood == model_of_patterns.log_likelihood);
		assert_memory_equal(model_of_keys.param, model_of_patterns.param, sizeof(model_of_keys.param));
		assert_memory_equal(model_of_keys.cov, model_of_patterns.cov, sizeof(model_of_keys.cov));
		assert_true(cv_sample_customers(&by_keys) == (double) n_keys);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_patterns),
		cmocka_unit_test(upper_bits_are_sorted),
		cmocka_unit_test(sorting_is_interrupted),
		cmocka_unit_test(bytes_hold_the_extremes),
		cmocka_unit_test(damaged_bytes_are_no_keys),
		cmocka_unit_test(the_largest_fit_and_no_larger),
		cmocka_unit_test(spend_comes_back),
		cmocka_unit_test(keys_are_fitted_as_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
