/*
 * patterns.c - distinct patterns with counts.
 *
 * The sort is written out because qsort may allocate, and because the order
 * makes the sums of every fit independent of the order the customers came in.
 */
#include "core/patterns.h"

#include "core/pattern_keys.h"

#include <math.h>
#include <string.h>

const cv_pattern *
cv_sample_part(const cv_sample *sample, size_t first, size_t *n)
{
	*n = sample->n - first < CV_PART ? sample->n - first : CV_PART;
	if (sample->patterns)
		return &sample->patterns[first];
	for (size_t i = 0; i < *n; i++)
		sample->room[i] = cv_pattern_of_key(&sample->keys[first + i], sample->key_kind);
	return sample->room;
}

double
cv_sample_customers(const cv_sample *sample)
{
	double		customers = 0;

	if (sample->patterns)
		return cv_patterns_customers(sample->patterns, sample->n);
	for (size_t i = 0; i < sample->n; i++)
		customers += (double) sample->keys[i].count;
	return customers;
}

bool
cv_patterns_valid(const cv_family *family, const cv_pattern *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		const cv_pattern *p = &patterns[i];

		if (!(isfinite(p->x) && p->x >= 0 && isfinite(p->count) && p->count > 0))
			return false;
		if (family->kind == CV_SPEND_MODEL && !(isfinite(p->m) && p->m >= 0))
			return false;
		if (family->kind == CV_PURCHASE_MODEL &&
			!(isfinite(p->T) && p->t_x >= 0 && p->t_x <= p->T))
			return false;
		if (family->observation == CV_OPPORTUNITIES &&
			!(p->x == floor(p->x) && p->t_x == floor(p->t_x) && p->T == floor(p->T) && p->x <= p->t_x &&
			  p->T <= CV_MAX_OPPORTUNITIES))
			return false;
	}
	return true;
}

size_t
cv_patterns_with_spend(cv_pattern *patterns, size_t n)
{
	size_t		kept = 0;

	for (size_t i = 0; i < n; i++)
	{
		if (patterns[i].x > 0 && patterns[i].m > 0)
			patterns[kept++] = patterns[i];
	}
	return kept;
}

static inline int
compare_patterns(const cv_pattern *a, const cv_pattern *b)
{
	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	if (a->T != b->T)
		return a->T < b->T ? -1 : 1;
	if (a->t_x != b->t_x)
		return a->t_x < b->t_x ? -1 : 1;
	return 0;
}

static inline void
swap_patterns(cv_pattern *a, cv_pattern *b)
{
	cv_pattern	t = *a;

	*a = *b;
	*b = t;
}

static void
insertion_sort(cv_pattern *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		cv_pattern	moved = p[i];
		size_t		j = i;

		for (; j > 0 && compare_patterns(&moved, &p[j - 1]) < 0; j--)
			p[j] = p[j - 1];
		p[j] = moved;
	}
}

static void
sift_down(cv_pattern *p, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child)
	{
		if (child + 1 < n && compare_patterns(&p[child], &p[child + 1]) < 0)
			child++;
		if (compare_patterns(&p[root], &p[child]) >= 0)
			return;
		swap_patterns(&p[root], &p[child]);
	}
}

static void
heap_sort(cv_pattern *p, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(p, i, n);
	for (size_t i = n; i-- > 1;)
	{
		swap_patterns(&p[0], &p[i]);
		sift_down(p, 0, i);
	}
}

#define SORT_PAUSE 65536		/* parts this long ask whether to go on */

/* Quicksort with the median of three; heap sort once it has gone too deep. */
static void
sort_patterns(cv_pattern *p, size_t n, int depth, cv_interrupted interrupted, void *arg)
{
	while (n > 16)
	{
		cv_pattern	pivot;
		size_t		i = 0,
					j = n - 1;

		if (n >= SORT_PAUSE && interrupted && interrupted(arg))
			return;
		if (depth-- == 0)
		{
			heap_sort(p, n);
			return;
		}
		if (compare_patterns(&p[n / 2], &p[0]) < 0)
			swap_patterns(&p[n / 2], &p[0]);
		if (compare_patterns(&p[n - 1], &p[n / 2]) < 0)
			swap_patterns(&p[n - 1], &p[n / 2]);
		if (compare_patterns(&p[n / 2], &p[0]) < 0)
			swap_patterns(&p[n / 2], &p[0]);
		pivot = p[n / 2];

		/* what is before i is <= pivot, what is after j is >= pivot */
		for (;;)
		{
			while (compare_patterns(&p[i], &pivot) < 0)
				i++;
			while (compare_patterns(&pivot, &p[j]) < 0)
				j--;
			if (i >= j)
				break;
			swap_patterns(&p[i++], &p[j--]);
		}
		j++;
		/* the smaller part by recursion, the larger by the loop */
		if (j < n - j)
		{
			sort_patterns(p, j, depth, interrupted, arg);
			p += j;
			n -= j;
		}
		else
		{
			sort_patterns(p + j, n - j, depth, interrupted, arg);
			n = j;
		}
	}
	insertion_sort(p, n);
}

/* Sorted already, without equal ones, as from keys? */
static bool
in_order(const cv_pattern *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		if (compare_patterns(&p[i - 1], &p[i]) >= 0)
			return false;
	}
	return true;
}

size_t
cv_patterns_merge(cv_pattern *patterns, size_t n, cv_interrupted interrupted, void *arg)
{
	size_t		last = 0;
	int			depth = 2;

	if (n == 0)
		return 0;
	if (in_order(patterns, n))
		return n;
	for (size_t i = n; i > 0; i >>= 1)
		depth += 2;
	sort_patterns(patterns, n, depth, interrupted, arg);
	if (interrupted && interrupted(arg))
		return 0;
	for (size_t i = 1; i < n; i++)
	{
		if (compare_patterns(&patterns[i], &patterns[last]) == 0)
			patterns[last].count += patterns[i].count;
		else
			patterns[++last] = patterns[i];
	}
	return last + 1;
}

double
cv_patterns_customers(const cv_pattern *patterns, size_t n)
{
	double		customers = 0;

	for (size_t i = 0; i < n; i++)
		customers += patterns[i].count;
	return customers;
}

double
cv_patterns_mean_T(const cv_pattern *patterns, size_t n)
{
	double		customers = 0,
				T = 0;

	for (size_t i = 0; i < n; i++)
	{
		customers += patterns[i].count;
		T += patterns[i].count * patterns[i].T;
	}
	return T / customers;
}

cv_moments
cv_patterns_moments(const cv_pattern *patterns, size_t n)
{
	cv_moments	m = {0};

	for (size_t i = 0; i < n; i++)
	{
		const cv_pattern *p = &patterns[i];
		double		gap = p->x > 0 ? p->t_x / p->x : p->T;

		m.customers += p->count;
		m.x += p->count * p->x;
		m.xx1 += p->count * p->x * (p->x - 1);
		m.T += p->count * p->T;
		m.TT += p->count * p->T * p->T;
		m.time_active += p->count * fmin(p->t_x + gap, p->T);
		if (p->x > 0)
		{
			m.repeaters += p->count;
			if (p->T - p->t_x > 3 * gap)
				m.silent += p->count;
		}
	}
	return m;
}

cv_thinning
cv_thinning_of(size_t n, double customers, size_t max)
{
	double		share = customers / (double) max;

	return (cv_thinning) {.all = n <= max, .max = max, .share = share, .next = 0.5 * share};
}

size_t
cv_thin(cv_thinning *t, const cv_pattern *patterns, size_t n, cv_pattern *thinned)
{
	size_t		kept = 0;

	if (t->all)
	{
		memcpy(thinned, patterns, n * sizeof(cv_pattern));
		return n;
	}
	for (size_t i = 0; i < n; i++)
	{
		size_t		before = t->taken;

		t->passed += patterns[i].count;
		while (t->next < t->passed)
		{
			t->taken++;
			t->next = t->taken < t->max ? ((double) t->taken + 0.5) * t->share : INFINITY;
		}
		if (t->taken > before)
		{
			thinned[kept] = patterns[i];
			thinned[kept++].count = (double) (t->taken - before) * t->share;
		}
	}
	return kept;
}

size_t
cv_patterns_thin(const cv_pattern *patterns, size_t n, cv_pattern *thinned, size_t max)
{
	cv_thinning t = cv_thinning_of(n, cv_patterns_customers(patterns, n), max);

	return cv_thin(&t, patterns, n, thinned);
}
