/*
 * reference.c - reads the real data sets and reference numbers.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reference.h"

static const char *
shared_directory(void)
{
	const char *directory = getenv("CV_SHARED");

	return directory && *directory ? directory : "../shared";
}

FILE *
reference_open(const char *name)
{
	char		path[1024],
				command[1100];
	FILE	   *f;

	snprintf(path, sizeof(path), "%s/%s", shared_directory(), name);
	f = fopen(path, "r");
	if (f && strlen(name) > 3 && strcmp(name + strlen(name) - 3, ".gz") == 0)
	{
		fclose(f);
		snprintf(command, sizeof(command), "gzip -dc '%s'", path);
		f = popen(command, "r");
	}
	return f;
}

void
reference_close(FILE *f)
{
	/* for a pipe and a file alike: what pclose does beyond fclose is wait */
	fclose(f);
}

void
reference_or_skip(void)
{
	FILE	   *f = reference_open("reference/optima.json");

	if (f)
	{
		fclose(f);
		return;
	}
	print_message("# skip: no reference numbers (CV_SHARED is not set and there is no ../shared)\n");
	skip();
}

/* Behind "key": in a row, or NULL. */
static const char *
behind_key(const char *row, const char *key)
{
	char		quoted[100];
	const char *found;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	found = strstr(row, quoted);
	return found ? found + strlen(quoted) : NULL;
}

bool
row_number(const char *row, const char *key, double *value)
{
	const char *text = behind_key(row, key);
	char	   *end;

	if (!text)
		return false;
	if (*text == '"')
		text++;
	*value = strtod(text, &end);
	return end > text;
}

bool
row_is(const char *row, const char *key, const char *text)
{
	const char *found = behind_key(row, key);

	return found && *found == '"' && strncmp(found + 1, text, strlen(text)) == 0 &&
		found[1 + strlen(text)] == '"';
}

const cv_family *
row_family(const char *row)
{
	return row_is(row, "model", "bgnbd") ? cv_family_by_name("bg/nbd") :
		row_is(row, "model", "mbgnbd") ? cv_family_by_name("mbg/nbd") :
		row_is(row, "model", "pnbd") ? cv_family_by_name("pareto/nbd") :
		row_is(row, "model", "ggomnbd") ? cv_family_by_name("ggompertz/nbd") :
		row_is(row, "model", "gg") ? cv_family_by_name("gamma-gamma") : NULL;
}

bool
reference_optimum(const char *dataset, const cv_family *family,
				  double *param, double *error, double *log_likelihood)
{
	FILE	   *f = reference_open("reference/optima.json");
	char		row[4096];
	bool		found = false;

	while (f && !found && fgets(row, sizeof(row), f))
	{
		const char *errors = strstr(row, "\"se_log_params\"");

		if (!row_is(row, "dataset", dataset) || row_family(row) != family || !errors)
			continue;
		found = row_number(row, "loglik", log_likelihood);
		for (int i = 0; i < family->n_params; i++)
			found = found && row_number(row, family->param_name[i], &param[i]) &&
				row_number(errors, family->param_name[i], &error[i]);
	}
	if (f)
		fclose(f);
	return found;
}

/* Days since 1970-01-01 of year, month, day. */
static int
day_number(int year, int month, int day)
{
	int			y = month <= 2 ? year - 1 : year,
				m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719468;
}

typedef struct purchase
{
	long		customer;
	int			day;
	long		cents;
} purchase;

static int
compare_purchases(const void *a, const void *b)
{
	const purchase *p = a,
			   *q = b;

	return p->customer != q->customer ? (p->customer < q->customer ? -1 : 1) :
		(p->day > q->day) - (p->day < q->day);
}

/* The customers from purchases sorted by customer and day, up to the day end. */
static size_t
summarise(const purchase *p, size_t n, int end, cdnow_customer *customers, size_t max)
{
	size_t		found = 0;

	for (size_t i = 0; i < n;)
	{
		long		customer = p[i].customer;
		int			first = p[i].day,
					last = first,
					days = 0;
		double		repeat_cents = 0,
					log_gaps = 0;

		while (i < n && p[i].customer == customer)
		{
			if (p[i].day <= end)
			{
				days += p[i].day > last;
				log_gaps += p[i].day > last ? log((p[i].day - last) / 7.0) : 0;
				last = p[i].day;
				repeat_cents += last > first ? (double) p[i].cents : 0;
			}
			i++;
		}
		assert_true(found < max);
		customers[found++] = (cdnow_customer) {
			.x = days,
			.t_x = (last - first) / 7.0,
			.T = (end - first) / 7.0,
			.m = days > 0 ? repeat_cents / 100 / days : 0,
			.log_gaps = log_gaps
		};
	}
	return found;
}

static size_t
read_published(cdnow_customer *customers, size_t max)
{
	FILE	   *f = reference_open("data/cdnow/expected_summary_lifetimes.csv");
	char		line[256];
	size_t		n = 0;

	while (f && fgets(line, sizeof(line), f))
	{
		cdnow_customer c = {0};

		assert_true(n < max);
		if (sscanf(line, "%*d,%lf,%lf,%lf", &c.x, &c.t_x, &c.T) == 3)
			customers[n++] = c;
	}
	if (f)
		reference_close(f);
	return n;
}

size_t
cdnow_read(const char *dataset, cdnow_customer *customers, size_t max)
{
	bool		sample = strstr(dataset, "sample") != NULL;
	int			end = strstr(dataset, "cal") ? day_number(1997, 9, 30) : day_number(1998, 6, 30);
	FILE	   *f;
	char		line[256];
	purchase   *p;
	size_t		n = 0;

	if (strcmp(dataset, "cdnow_pub") == 0)
		return read_published(customers, max);

	f = reference_open(sample ? "data/cdnow/sample_purchases.csv" : "data/cdnow/purchases.csv.gz");
	if (!f)
		return 0;
	p = malloc(100000 * sizeof(purchase));
	assert_non_null(p);
	while (fgets(line, sizeof(line), f))
	{
		long		customer;
		double		dollars;
		int			year,
					month,
					day;
		const char *format = sample ? "%*d,%ld,%d-%d-%d,%*d,%lf" : "%ld,%d-%d-%d,%*d,%lf";

		assert_true(n < 100000);
		if (sscanf(line, format, &customer, &year, &month, &day, &dollars) == 5)
			p[n++] = (purchase) {customer, day_number(year, month, day), lround(100 * dollars)};
	}
	reference_close(f);
	qsort(p, n, sizeof(purchase), compare_purchases);
	n = summarise(p, n, end, customers, max);
	free(p);
	return n;
}

size_t
cdnow_patterns(cv_model_kind kind, const cdnow_customer *customers, size_t n, cv_pattern *patterns)
{
	size_t		kept = 0;

	for (size_t i = 0; i < n; i++)
	{
		const cdnow_customer *c = &customers[i];

		if (kind == CV_PURCHASE_MODEL)
			patterns[kept++] = (cv_pattern) {.x = c->x, .t_x = c->t_x, .T = c->T, .count = 1};
		else if (c->x > 0 && c->m > 0)
			patterns[kept++] = (cv_pattern) {.x = c->x, .m = c->m, .count = 1};
	}
	return kept;
}
