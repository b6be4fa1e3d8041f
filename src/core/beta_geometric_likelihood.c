/*
 * beta_geometric_likelihood.c - the likelihood of BG/NBD, MBG/NBD and their regular relatives.
 *
 * Sources: Fader, Hardie and Lee (2005), Marketing Science 24(2), 275-284;
 * Batislam, Denizel and Filiztekin (2007), IJRM 24(3), 201-209;
 * Platzer and Reutterer (2016), Marketing Science 35(5), 779-799.
 *
 * With k phases from one purchase to the next (one, unless the family is a
 * regular one), rho = r + k x, and n = x + first chances to die that a customer
 * alive at T has survived, the density of the purchase times, nothing dropped but
 * the (k-1)-th powers of the times between them, is
 *
 *   gamma(rho)/gamma(r) alpha^r (alpha+T)^-rho (k-1)!^-x B(a, b+n)/B(a, b) F (1 + odds)
 *
 * where F, 1 for k = 1, is that of cv_erlang_silence() and, for n > 0,
 * odds = a/(b+n-1) ((alpha+T)/(alpha+t_x))^rho / F are those of having died at t_x.
 */
#include "core/beta_geometric.h"

#include "core/batch.h"
#include "core/cnbd.h"
#include "core/days.h"
#include "core/special.h"

#include <math.h>

#define N 4

/*
 * What a group of patterns with equal x adds that depends on x alone: the rising
 * factorials r (r+1) ... (r+x-1), b ... (b+k-1) and (a+b) ... (a+b+k-1), kept up
 * to date from one x to the next larger one.
 */
typedef struct rising
{
	double		y;
	double		n;
	double		value;
	double		d1;
	double		d2;
} rising;

static void
rise_to(rising *f, double n)
{
	double		value,
				d1,
				d2;

	if (n < f->n)
		f->n = f->value = f->d1 = f->d2 = 0;
	if (n == f->n)
		return;
	value = cv_log_rising(f->y + f->n, n - f->n, &d1, &d2);
	f->value += value;
	f->d1 += d1;
	f->d2 += d2;
	f->n = n;
}

/* Adds the part of the log-likelihood that depends on x alone, for count customers. */
static double
add_x_part(int first, double phases, const double *param, double x, double count,
		   rising *fr, rising *fb, rising *fab, double *gradient, double *hessian)
{
	double		r = param[0],
				a = param[2],
				b = param[3];

	rise_to(fr, phases * x);
	rise_to(fb, x + first);
	rise_to(fab, x + first);
	if (gradient)
	{
		gradient[0] += count * r * fr->d1;
		gradient[2] -= count * a * fab->d1;
		gradient[3] += count * b * (fb->d1 - fab->d1);
	}
	if (hessian)
	{
		hessian[0 * N + 0] += count * (r * fr->d1 + r * r * fr->d2);
		hessian[2 * N + 2] -= count * (a * fab->d1 + a * a * fab->d2);
		hessian[2 * N + 3] -= count * a * b * fab->d2;
		hessian[3 * N + 3] += count * (b * (fb->d1 - fab->d1) + b * b * (fb->d2 - fab->d2));
	}
	return count * (fr->value + fb->value - fab->value);
}

/* What depends on a day t alone. */
typedef struct day_logs
{
	double		t;				/* -1: not in use */
	double		log;			/* log(1 + t/alpha) */
	double		share;			/* alpha/(alpha + t) ... */
	double		spread;			/* ... times one less it */
} day_logs;

static inline const day_logs *
look_up_day(day_logs *table, int bits, double t, double alpha)
{
	day_logs   *d = &table[cv_day_place(t, bits)];

	if (d->t != t)
	{
		d->t = t;
		d->log = log1p(t / alpha);
		d->share = alpha / (alpha + t);
		d->spread = d->share * (1 - d->share);
	}
	return d;
}

/* Adds what the patterns of one x say of having died; share_b is b/(b + k - 1). Returns the log-likelihood. */
static double
take_sums(const cv_bg_sums *s, double r, double rho, double share_b, double *g, double *h)
{
	double		dead = cv_sum_of(s->dead),
				unsure = cv_sum_of(s->unsure),
				unsure_r = r * cv_sum_of(s->unsure_log),
				unsure_alpha = rho * cv_sum_of(s->unsure_share);

	g[0] += r * cv_sum_of(s->dead_log);
	g[1] += rho * cv_sum_of(s->dead_share);
	g[2] += dead;
	g[3] -= dead * share_b;
	h[0 * N + 0] += r * cv_sum_of(s->dead_log) + r * r * cv_sum_of(s->unsure_log_log);
	h[0 * N + 1] += r * cv_sum_of(s->dead_share) + r * rho * cv_sum_of(s->unsure_log_share);
	h[0 * N + 2] += unsure_r;
	h[0 * N + 3] -= unsure_r * share_b;
	h[1 * N + 1] += rho * cv_sum_of(s->dead_spread) + rho * rho * cv_sum_of(s->unsure_share_share);
	h[1 * N + 2] += unsure_alpha;
	h[1 * N + 3] -= unsure_alpha * share_b;
	h[2 * N + 2] += unsure;
	h[2 * N + 3] -= unsure * share_b;
	h[3 * N + 3] += (unsure * share_b - dead * (1 - share_b)) * share_b;
	return cv_sum_of(s->value);
}

/*
 * The patterns from the first one on that share its x, of customers who buy at random,
 * but for what depends on x alone.  Returns how many they are.
 */
static size_t
add_equal_x(const cv_pattern *patterns, size_t n, int first, const double *param, const double *theta,
			day_logs *days, int bits, double *customers, double *sum, double *g, double *h)
{
	double		r = param[0],
				x = patterns[0].x,
				rho = r + x,
				chances = param[3] + x + first - 1,	/* b + k - 1 */
				log_odds_now = theta[2] - (x + first > 0 ? log(chances) : 0),
				group = 0,
				by_log = 0,
				by_share = 0,
				by_spread = 0;
	cv_bg_sums	s = {{0}};
	cv_bg_batch b;
	size_t		i = 0;

	b.n = 0;
	while (i < n && patterns[i].x == x)
	{
		const day_logs now = *look_up_day(days, bits, patterns[i].T, param[1]);
		double		of_day = 0;

		for (; i < n && patterns[i].x == x && patterns[i].T == now.t; i++)
		{
			const cv_pattern *p = &patterns[i];

			of_day += p->count;
			if (x + first > 0)
			{
				const day_logs *day = look_up_day(days, bits, p->t_x, param[1]);

				b.count[b.n] = p->count;
				b.log[b.n] = now.log - day->log;
				b.share[b.n] = now.share - day->share;
				b.spread[b.n] = now.spread - day->spread;
				if (++b.n == CV_BATCH)
					cv_bg_add_batch(&b, log_odds_now, rho, &s);
			}
		}
		group += of_day;
		by_log += of_day * now.log;
		by_share += of_day * now.share;
		by_spread += of_day * now.spread;
	}
	*sum -= rho * by_log + group * x * theta[1];
	g[0] -= r * by_log;
	g[1] += group * r - rho * by_share;
	h[0 * N + 0] -= r * by_log;
	h[0 * N + 1] += r * (group - by_share);
	h[1 * N + 1] -= rho * by_spread;
	if (x + first > 0)
	{
		cv_bg_add_batch(&b, log_odds_now, rho, &s);
		*sum += take_sums(&s, r, rho, param[3] / chances, g, h);
	}
	*customers = group;
	return i;
}

/*
 * The same of customers who buy regularly: one at a time, as the chance of a silence
 * takes most of the time.
 */
static size_t
add_equal_x_regular(const cv_pattern *patterns, size_t n, int first, int phases, const double *param, const double *theta,
					day_logs *days, int bits, double *customers, double *sum, double *g, double *h)
{
	double		r = param[0],
				x = patterns[0].x,
				rho = r + phases * x,
				k = x + first,
				chances = param[3] + k - 1,
				log_chances = k > 0 ? log(chances) : 0,
				share_b = param[3] / chances,
				log_factorial = cv_log_rising(1, phases - 1, NULL, NULL);
	size_t		i;

	*customers = 0;
	for (i = 0; i < n && patterns[i].x == x; i++)
	{
		const cv_pattern *p = &patterns[i];
		double		count = p->count;
		const day_logs now = *look_up_day(days, bits, p->T, param[1]);
		cv_silence	f = {0};
		double		silence0,	/* derivatives of the log of F */
					silence1,
					silence00,
					silence01,
					silence11;

		if (p->T > p->t_x)
			cv_erlang_silence(rho, (p->T - p->t_x) / (param[1] + p->T), phases, &f);
		silence0 = r * f.r;
		silence1 = -now.share * f.q;
		silence00 = silence0 + r * r * f.rr;
		silence01 = -r * now.share * f.rq;
		silence11 = now.share * (now.share * f.qq - (1 - now.share) * f.q);

		*customers += count;
		*sum += count * (f.log - rho * now.log - x * (phases * theta[1] + log_factorial));
		g[0] += count * (silence0 - r * now.log);
		g[1] += count * (silence1 + r - rho * now.share);
		h[0 * N + 0] += count * (silence00 - r * now.log);
		h[0 * N + 1] += count * (silence01 + r * (1 - now.share));
		h[1 * N + 1] += count * (silence11 - rho * now.spread);

		if (k > 0)
		{
			const day_logs *last = look_up_day(days, bits, p->t_x, param[1]);
			double		log_t = now.log - last->log,
						log_odds = theta[2] - log_chances + rho * log_t - f.log,
						e = exp(-fabs(log_odds)),
						likely = 1 / (1 + e),	/* the larger of the chances to be dead and alive */
						dead = log_odds > 0 ? likely : e * likely,
						w = count * dead,
						ww = count * e * likely * likely,
						l0 = r * log_t - silence0,
						l1 = rho * (now.share - last->share) - silence1;

			*sum += count * ((log_odds > 0 ? log_odds : 0) + log(1 + e));
			g[0] += w * l0;
			g[1] += w * l1;
			g[2] += w;
			g[3] -= w * share_b;
			h[0 * N + 0] += w * (r * log_t - silence00) + ww * l0 * l0;
			h[0 * N + 1] += w * (r * (now.share - last->share) - silence01) + ww * l0 * l1;
			h[0 * N + 2] += ww * l0;
			h[0 * N + 3] -= ww * l0 * share_b;
			h[1 * N + 1] += w * (rho * (now.spread - last->spread) - silence11) + ww * l1 * l1;
			h[1 * N + 2] += ww * l1;
			h[1 * N + 3] -= ww * l1 * share_b;
			h[2 * N + 2] += ww;
			h[2 * N + 3] -= ww * share_b;
			h[3 * N + 3] += (ww * share_b - w * (1 - share_b)) * share_b;
		}
	}
	return i;
}

double
cv_bg_log_likelihood(const cv_family *family, const double *theta, const cv_pattern *patterns,
					 size_t n,
					 double *gradient, double *hessian)
{
	int			first = family->variant,
				phases = family->regular ? (int) theta[N] : 1,
				bits = cv_days_bits(n);
	double		param[N];
	rising		fr = {0},
				fb = {0},
				fab = {0};
	day_logs	days[CV_DAYS];
	double		sum = 0,
				customers = 0,
				g[N] = {0},
				h[N * N] = {0};

	for (int i = 0; i < N; i++)
		param[i] = exp(theta[i]);
	fr.y = param[0];
	fb.y = param[3];
	fab.y = param[2] + param[3];
	for (int i = 0; i < 1 << bits; i++)
		days[i].t = -1;

	for (size_t i = 0; i < n;)
	{
		double		x = patterns[i].x;

		if (phases == 1)
			i += add_equal_x(&patterns[i], n - i, first, param, theta, days, bits, &customers, &sum, g, h);
		else
			i += add_equal_x_regular(&patterns[i], n - i, first, phases, param, theta, days, bits, &customers, &sum, g, h);
		sum += add_x_part(first, phases, param, x, customers, &fr, &fb, &fab, g, h);
	}

	for (int i = 0; i < N; i++)
	{
		if (gradient)
			gradient[i] = g[i];
		for (int j = 0; hessian && j < N; j++)
			hessian[i * N + j] = h[i < j ? i * N + j : j * N + i];
	}
	return sum;
}
