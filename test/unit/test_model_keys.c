/*
 * test_model_keys.c - patterns as keys: sorted, counted and merged as patterns themselves are.
 *
 * Catches a digit that is not sorted by, a customer counted twice or not at all where
 * keys of several places meet, or where one runs out of those that lie ahead, numbers that
 * do not come back as they were, and damaged bytes that are taken for keys or read beyond
 * their end.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/key_sources.h"
#include "core/patterns.h"
#include "random.h"

#define MAX 5000

static uint64_t keys[CV_MAX_KEY_SOURCES][MAX],
			scratch[MAX];
static cv_counted_key counted[CV_MAX_KEY_SOURCES][MAX],
			room[CV_MAX_KEY_SOURCES * MAX];
static uint8_t bytes[CV_MAX_KEY_SOURCES][MAX * 20];
static cv_pattern patterns[CV_MAX_KEY_SOURCES * MAX];

/* Merged keys at the end of the room: the first of them and how many they are. */
static cv_counted_key *
merge(const cv_key_source *sources, int n_sources, size_t *n)
{
	cv_counted_key *end = room + CV_MAX_KEY_SOURCES * MAX;

	memset(room, 0xFF, sizeof(room));
	assert_true(cv_key_sources_merge(sources, n_sources, end, n, NULL));
	for (cv_counted_key *p = room; p < end - *n; p++)
		assert_true(p->key == UINT64_MAX && p->count == UINT64_MAX);
	return end - *n;
}

/* The i-th keys counted; returns how many differ. */
static size_t
count(size_t i, size_t n_keys)
{
	cv_key_source source = {.n = n_keys, .keys = keys[i]};
	size_t		n;
	cv_counted_key *first = merge(&source, 1, &n);

	memcpy(counted[i], first, n * sizeof(*first));
	return n;
}

/* The i-th counted keys written, which takes as many bytes as said. */
static cv_key_source
written(size_t i, size_t n)
{
	size_t		size = cv_counted_keys_size(counted[i], n);

	assert_true(size <= sizeof(bytes[i]));
	assert_ptr_equal(cv_counted_keys_write(counted[i], n, bytes[i]), bytes[i] + size);
	return (cv_key_source) {.n = n, .bytes = bytes[i], .size = size};
}

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

/* Few and many, of days that are alike and days that use every bit, from up to eight places in all three forms. */
static void
keys_are_patterns(void **state)
{
	static const int64_t largest[] = {0, 3, 40, 2047, 2048, 100000, (1 << CV_KEY_TIME_BITS) - 1};

	random_seed(21);
	for (int round = 0; round < 400; round++)
	{
		int			n_sources = 1 + round % CV_MAX_KEY_SOURCES;
		int64_t		range = largest[round % 7];
		cv_key_source sources[CV_MAX_KEY_SOURCES];
		size_t		n_patterns = 0,
					n;
		cv_counted_key *merged;

		for (size_t s = 0; s < (size_t) n_sources; s++)
		{
			size_t		size = (size_t) ((round % 5 == 0 ? MAX : round % 5 == 1 ? 0.3 * MAX : 120) * random_uniform()),
						n_counted;

			for (size_t i = 0; i < size; i++)
			{
				keys[s][i] = random_key(range);
				patterns[n_patterns++] = cv_pattern_of_key(&(cv_counted_key) {keys[s][i], 1}, CV_KEY_DAYS);
			}
			cv_keys_sort(keys[s], scratch, size, NULL);
			for (size_t i = 1; i < size; i++)
				assert_true(keys[s][i - 1] <= keys[s][i]);
			n_counted = count(s, size);
			assert_ascending(counted[s], n_counted);
			switch ((int) (3 * random_uniform()))
			{
				case 0:
					sources[s] = (cv_key_source) {.n = size, .keys = keys[s]};
					break;
				case 1:
					sources[s] = (cv_key_source) {.n = n_counted, .counted = counted[s]};
					break;
				default:
					sources[s] = written(s, n_counted);
			}
		}
		merged = merge(sources, n_sources, &n);
		assert_ascending(merged, n);

		/* the same by way of the patterns */
		n_patterns = n_patterns == 0 ? 0 : cv_patterns_merge(patterns, n_patterns, NULL, NULL);
		assert_int_equal(n, n_patterns);
		for (size_t i = 0; i < n; i++)
		{
			cv_pattern	p = cv_pattern_of_key(&merged[i], CV_KEY_DAYS);

			assert_memory_equal(&p, &patterns[i], sizeof(p));
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
		memcpy(keys[0], given, sizeof(keys[0]));
		pauses_left = pauses;
		if (setjmp(stopped) == 0)
			cv_keys_sort(keys[0], scratch, MAX, stop_after_some_pauses);
		else
			stops++;
		cv_keys_sort(keys[0], scratch, MAX, NULL);
		assert_memory_equal(keys[0], sorted, sizeof(keys[0]));
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
	cv_key_source sources[2];
	cv_counted_key *merged;
	size_t		n_merged;

	memcpy(counted[0], extremes, sizeof(extremes));
	sources[0] = written(0, n);
	sources[1] = written(1, 0);
	merged = merge(sources, 2, &n_merged);
	assert_int_equal(n_merged, n);
	assert_memory_equal(merged, extremes, sizeof(extremes));

	for (size_t i = 0; i < 1000; i++)
		counted[0][i] = (cv_counted_key) {1000 + i, 1};
	assert_int_equal(cv_counted_keys_size(counted[0], 1000), 999 + cv_counted_keys_size(&counted[0][999], 1));
}

/*
 * Bytes at the end of their memory, one of them changed, or too few, or for another number
 * of keys, few and more than lie ahead: whatever is read ascends, and the sanitizer sees no
 * byte beyond.
 */
static void
damaged_bytes_are_no_keys(void **state)
{
	cv_counted_key *end = room + CV_MAX_KEY_SOURCES * MAX;
	int			refused = 0;

	random_seed(23);
	for (int round = 0; round < 3000; round++)
	{
		double		most = round % 10 == 0 ? 1000 : 20;
		size_t		n = 1 + (size_t) (most * random_uniform()),
					m = 1 + (size_t) (most * random_uniform()),
					n_read;
		cv_key_source source;
		uint8_t    *exact;

		for (size_t i = 0; i < n; i++)
			keys[0][i] = random_key(round % 2 ? 30 : (1 << CV_KEY_TIME_BITS) - 1);
		cv_keys_sort(keys[0], scratch, n, NULL);
		source = written(0, count(0, n));
		if (round % 3 == 0)
			bytes[0][(size_t) ((double) source.size * random_uniform())] = (uint8_t) (256 * random_uniform());
		else if (round % 3 == 1)
			source.size = (size_t) ((double) source.size * random_uniform());
		else
			source.n = m;
		exact = malloc(source.size);
		memcpy(exact, bytes[0], source.size);
		source.bytes = exact;
		if (cv_key_sources_merge(&source, 1, end, &n_read, NULL))
		{
			assert_true(round % 3 != 1);
			assert_int_equal(n_read, source.n);
			assert_ascending(end - n_read, n_read);
		}
		else
			refused++;
		free(exact);
	}
	/* those that are cut short, and most of the others */
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
	static cv_counted_key many_counted[MANY];
	static cv_pattern of_keys[MANY],
				part[CV_PART];
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
		cv_key_source source = {.n = n_keys, .keys = many};
		const cv_counted_key *distinct;
		cv_sample	by_keys = {.key_kind = fits[f].kind, .room = part},
					by_patterns = {.patterns = of_keys};
		cv_model	model_of_keys,
					model_of_patterns;

		cv_keys_sort(many, many_scratch, n_keys, NULL);
		assert_true(cv_key_sources_merge(&source, 1, many_counted + MANY, &n, NULL));
		by_keys.keys = distinct = many_counted + MANY - n;
		by_keys.n = by_patterns.n = n;
		assert_true(n > CV_PART);
		for (size_t i = 0; i < n; i++)
			of_keys[i] = cv_pattern_of_key(&distinct[i], fits[f].kind);
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
