/*
 * generate.c - sales of a made-up shop for the benchmark, as lines for COPY: customer, time, amount.
 *
 * generate KIND CUSTOMERS SEED: the same arguments, the same lines, in an order that
 * looks like no order.  Kinds:
 *   regular   about ten sales a customer: BG/NBD over two years, customers joining throughout the first
 *   few       about three: BG/NBD with the parameters of CDNOW, eighteen months, joining in the first twelve weeks
 *   busy      a hundred sales of every customer, on any days of two years
 * Amounts are Gamma-Gamma, in cents.  The last day is 2025-12-31.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#define LAST_DAY 20453			/* 2025-12-31 in days since 1970 */
#define BUSY_SALES 100

typedef struct kind
{
	const char *name;
	double		r, alpha, a, b; /* BG/NBD, in weeks */
	int			days;			/* observed */
	int			joining;		/* days in which customers come */
} kind;

static const kind kinds[] = {
	{"regular", 0.6, 2.2, 0.6, 5, 730, 365},
	{"few", 0.243, 4.414, 0.793, 2.426, 546, 84},
	{"busy", 0, 0, 0, 0, 730, 1},
};

static const double spend_p = 6.25,
			spend_q = 3.74,
			spend_v = 15.44;

typedef struct sale
{
	int32_t		customer;
	int32_t		day;			/* since 1970 */
	int32_t		second;
	int32_t		cents;
} sale;

static sale *sales;
static size_t n_sales,
			room;

static void
sell(int32_t customer, double day, double nu)
{
	if (n_sales == room)
	{
		room = room ? 2 * room : 1024;
		sales = realloc(sales, room * sizeof(sale));
		if (sales == NULL)
			exit(1);
	}
	sales[n_sales++] = (sale) {
		.customer = customer, .day = (int32_t) day, .second = (int32_t) (86400 * random_uniform()),
		.cents = (int32_t) fmax(1, 100 * random_gamma(spend_p, nu) + 0.5)
	};
}

/* BG/NBD: buys at a rate of its own, leaves after a repeat purchase with a probability of its own. */
static void
buy_until_lost(const kind *kind, int32_t customer)
{
	double		now = LAST_DAY + 1 - kind->days + floor(kind->joining * random_uniform()),
				per_day = random_gamma(kind->r, kind->alpha) / 7,
				leaves = random_beta(kind->a, kind->b),
				nu = random_gamma(spend_q, spend_v);

	sell(customer, now, nu);
	while ((now += random_exponential(per_day)) < LAST_DAY + 1)
	{
		sell(customer, now, nu);
		if (random_uniform() < leaves)
			break;
	}
}

static void
buy_often(const kind *kind, int32_t customer)
{
	double		nu = random_gamma(spend_q, spend_v);

	for (int i = 0; i < BUSY_SALES; i++)
		sell(customer, LAST_DAY + 1 - kind->days + floor(kind->days * random_uniform()), nu);
}

static void
shuffle(void)
{
	for (size_t i = n_sales; i > 1; i--)
	{
		size_t		j = (size_t) ((double) i * random_uniform());
		sale		other = sales[j];

		sales[j] = sales[i - 1];
		sales[i - 1] = other;
	}
}

/* A day of the calendar, after Howard Hinnant's "chrono-compatible low-level date algorithms". */
static void
print_day(int32_t day)
{
	int			z = day + 719468,
				era = z / 146097,
				doe = z - era * 146097,
				yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
				doy = doe - (365 * yoe + yoe / 4 - yoe / 100),
				mp = (5 * doy + 2) / 153,
				month = mp < 10 ? mp + 3 : mp - 9;

	printf("%d-%02d-%02d", yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1);
}

int
main(int argc, char **argv)
{
	const kind *kind = NULL;

	for (size_t i = 0; argc == 4 && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, argv[1]) == 0)
			kind = &kinds[i];
	if (kind == NULL)
	{
		fprintf(stderr, "usage: generate regular|few|busy CUSTOMERS SEED\n");
		return 2;
	}
	random_seed(strtoull(argv[3], NULL, 10));
	for (int32_t customer = 1; customer <= atoi(argv[2]); customer++)
	{
		if (kind->r > 0)
			buy_until_lost(kind, customer);
		else
			buy_often(kind, customer);
	}
	shuffle();
	for (size_t i = 0; i < n_sales; i++)
	{
		const sale *s = &sales[i];

		printf("%" PRId32 "\t", s->customer);
		print_day(s->day);
		printf(" %02d:%02d:%02d+00\t%d.%02d\n", s->second / 3600, s->second / 60 % 60, s->second % 60,
			   s->cents / 100, s->cents % 100);
	}
	return fflush(stdout) != 0 || ferror(stdout) != 0;
}
