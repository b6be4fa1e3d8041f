/*
 * beta_geometric.c - the likelihood of BG/NBD, MBG/NBD and their regular
 * relatives, and the predictions of the first two.
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

#include "core/cnbd.h"
#include "core/counts.h"
#include "core/patterns.h"
#include "core/special.h"

#include <math.h>
#include <string.h>

/* Sizes of the box the optimum is looked for in, as logs; see cv_bg_bounds. */
#define LOG_1E4 9.2103403719761836
#define LOG_1E5 11.512925464970229
#define LOG_1E6 13.815510557964274

#define N 4

/* The k of a regular family, for parameters or their logs. */
static int
phases_between(const cv_family *family, const double *param)
{
	return family->regular ? (int) param[N] : 1;
}

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

/*
 * log(1 + t/alpha) and alpha/(alpha + t) of the days seen last: there are many
 * patterns and few days.  A day always falls into the same place of the table,
 * so what comes out does not depend on what was there before.
 */
#define DAYS_BITS 10

typedef struct day_logs
{
	double		t;
	double		log;
	double		share;
} day_logs;

static inline const day_logs *
look_up_day(day_logs *table, double t, double alpha)
{
	day_logs   *d;
	uint64_t	bits;

	memcpy(&bits, &t, sizeof(bits));
	d = &table[(bits * 0x9e3779b97f4a7c15u) >> (64 - DAYS_BITS)];
	if (d->t != t)
	{
		d->t = t;
		d->log = log1p(t / alpha);
		d->share = alpha / (alpha + t);
	}
	return d;
}

double
cv_bg_log_likelihood(const cv_family *family, const double *theta, const cv_pattern *patterns,
					 size_t n,
					 double *gradient, double *hessian)
{
	int			first = family->variant,
				phases = phases_between(family, theta);
	double		param[N],
				r,
				alpha,
				b,
				log_factorial = cv_log_rising(1, phases - 1, NULL, NULL);
	rising		fr = {0},
				fb = {0},
				fab = {0};
	double		sum = 0,
				group = 0;		/* customers so far with the x at hand */
	day_logs	days[1 << DAYS_BITS];
	double		log_chances = 0;	/* log(b + k - 1) */
	double		g[N] = {0},
				h[N * N] = {0};

	for (int i = 0; i < N; i++)
		param[i] = exp(theta[i]);
	fr.y = r = param[0];
	alpha = param[1];
	fb.y = b = param[3];
	fab.y = param[2] + b;
	for (int i = 0; i < 1 << DAYS_BITS; i++)
		days[i].t = -1;

	for (size_t i = 0; i < n; i++)
	{
		const cv_pattern *p = &patterns[i];
		double		count = p->count,
					rho = r + phases * p->x,
					k = p->x + first,
					log_T,
					share_T,
					silence0 = 0,	/* derivatives of the log of F */
					silence1 = 0,
					silence00 = 0,
					silence01 = 0,
					silence11 = 0,
					log_silence = 0;
		const day_logs *day = look_up_day(days, p->T, alpha);

		log_T = day->log;
		share_T = day->share;
		if (k > 0 && group == 0)
			log_chances = log(b + k - 1);

		sum -= count * (rho * log_T + p->x * (phases * theta[1] + log_factorial));
		g[0] -= count * r * log_T;
		g[1] += count * (r - rho * share_T);
		h[0 * N + 0] -= count * r * log_T;
		h[0 * N + 1] += count * r * (1 - share_T);
		h[1 * N + 1] -= count * rho * share_T * (1 - share_T);

		if (phases > 1 && p->T > p->t_x)
		{
			cv_silence	f;

			cv_erlang_silence(rho, (p->T - p->t_x) / (alpha + p->T), phases, &f);
			log_silence = f.log;
			silence0 = r * f.r;
			silence1 = -share_T * f.q;
			silence00 = silence0 + r * r * f.rr;
			silence01 = -r * share_T * f.rq;
			silence11 = share_T * (share_T * f.qq - (1 - share_T) * f.q);
			sum += count * log_silence;
			g[0] += count * silence0;
			g[1] += count * silence1;
			h[0 * N + 0] += count * silence00;
			h[0 * N + 1] += count * silence01;
			h[1 * N + 1] += count * silence11;
		}

		if (k > 0)
		{
			double		log_t,
						share_t,
						share_b = b / (b + k - 1),
						log_odds,
						e,
						likely,
						dead,
						w,
						ww,
						l0,
						l1;

			day = look_up_day(days, p->t_x, alpha);
			log_t = day->log;
			share_t = day->share;
			log_odds = theta[2] - log_chances + rho * (log_T - log_t) - log_silence;
			e = exp(-fabs(log_odds));
			likely = 1 / (1 + e);	/* the larger of the chances to be dead and alive */
			dead = log_odds > 0 ? likely : e * likely;
			w = count * dead;
			ww = count * e * likely * likely;
			l0 = r * (log_T - log_t) - silence0;
			l1 = rho * (share_T - share_t) - silence1;
			sum += count * ((log_odds > 0 ? log_odds : 0) + log(1 + e));
			g[0] += w * l0;
			g[1] += w * l1;
			g[2] += w;
			g[3] -= w * share_b;
			h[0 * N + 0] += w * (r * (log_T - log_t) - silence00) + ww * l0 * l0;
			h[0 * N + 1] += w * (r * (share_T - share_t) - silence01) + ww * l0 * l1;
			h[0 * N + 2] += ww * l0;
			h[0 * N + 3] -= ww * l0 * share_b;
			h[1 * N + 1] += w * (rho * (share_T * (1 - share_T) - share_t * (1 - share_t)) - silence11) + ww * l1 * l1;
			h[1 * N + 2] += ww * l1;
			h[1 * N + 3] -= ww * l1 * share_b;
			h[2 * N + 2] += ww;
			h[2 * N + 3] -= ww * share_b;
			h[3 * N + 3] += (ww * share_b - w * (1 - share_b)) * share_b;
		}

		group += count;
		if (i + 1 == n || patterns[i + 1].x != p->x)
		{
			sum += add_x_part(first, phases, param, p->x, group, &fr, &fb, &fab, g, h);
			group = 0;
		}
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

static double
between(double low, double v, double high)
{
	return v < low ? low : v > high ? high : v;
}

/*
 * Starts: r and alpha from the first two moments of the counts, the chance to
 * die from the share of purchases after which silence followed; then the same
 * with less and with more of it, and with mixed customers.  The last two are for
 * second maxima of small samples: customers who divide into those who soon and
 * those who hardly die, and customers who are all alike in that.
 */
bool
cv_bg_start(const cv_family *family, const cv_pattern *patterns, size_t n, int k, double *theta)
{
	static const struct
	{
		double		shape;		/* of r, relative to what the moments say */
		double		churn;		/* of p, likewise */
		double		concentration;	/* a + b */
	}			start[] = {{1, 1, 3}, {1, 0.1, 10}, {0.5, 3, 2}, {4, 1, 0.5}, {3, 1e9, 0.5}, {1, 1, 200}};
	int			phases = phases_between(family, theta);
	cv_moments	m;
	double		rate,
				variance,
				r,
				p;

	if (k < 0 || k >= (int) (sizeof(start) / sizeof(start[0])))
		return false;
	m = cv_patterns_moments(patterns, n);
	rate = m.x / m.time_active;
	/* counts of regular purchases vary less: by a k-th of their mean */
	variance = (m.xx1 + (1 - 1.0 / phases) * m.x) / m.TT - (m.x / m.T) * (m.x / m.T);
	r = between(0.1, (m.x / m.T) * (m.x / m.T) / fmax(variance, 1e-9 * rate * rate), 10);
	r = between(0.05, r * start[k].shape, 20);
	p = between(0.002, start[k].churn * fmax(m.silent, 0.1) / m.x, 0.5);

	theta[0] = log(r);
	theta[1] = log(r / (phases * rate));
	theta[2] = log(p * start[k].concentration);
	theta[3] = log((1 - p) * start[k].concentration);
	return true;
}

/*
 * The box: beyond it customers are equal in their rate (r), or in their chance
 * to die (a + b large), or fall apart into those who never and those who at once
 * die (a + b small), as far as doubles and any data can tell.
 */
void
cv_bg_bounds(const cv_family *family, const cv_pattern *patterns, size_t n, double *lower,
			 double *upper)
{
	cv_moments	m = cv_patterns_moments(patterns, n);
	double		scale = log(m.T / m.customers);

	lower[0] = -LOG_1E5;
	upper[0] = LOG_1E4;
	lower[1] = scale - LOG_1E6;
	upper[1] = scale + LOG_1E5 + LOG_1E5;
	lower[2] = lower[3] = -LOG_1E6;
	upper[2] = upper[3] = LOG_1E4;
}

void
cv_bg_life_and_death(const cv_family *family, const double *param, const cv_customer *c,
					 double *alive, double *dead)
{
	int			phases = phases_between(family, param);
	double		rho = param[0] + phases * c->x,
				k = c->x + family->variant,
				u = c->T - c->t_x,
				log_odds,
				e;

	if (k <= 0)
	{
		*alive = 1;
		*dead = 0;
		return;
	}
	log_odds = log(param[2] / (param[3] + k - 1)) + rho * log1p(u / (param[1] + c->t_x));
	if (phases > 1 && u > 0)
	{
		cv_silence	silence;

		cv_erlang_silence(rho, u / (param[1] + c->T), phases, &silence);
		log_odds -= silence.log;
	}
	e = exp(-fabs(log_odds));
	*alive = (log_odds > 0 ? e : 1) / (1 + e);
	*dead = (log_odds > 0 ? 1 : e) / (1 + e);
}

double
cv_bg_probability_alive(const cv_family *family, const double *param, const cv_customer *c)
{
	double		alive,
				dead;

	cv_bg_life_and_death(family, param, c, &alive, &dead);
	return alive;
}

double
cv_bg_survival_of(const cv_family *family, const double *param, const cv_customer *c, double t)
{
	return cv_bg_survival(param[0] + c->x, param[2], param[3] + c->x + family->variant,
						  t / (param[1] + c->T));
}

double
cv_bg_purchases_if_alive(const cv_family *family, const double *param, const cv_customer *c,
						 double t, double delta)
{
	return cv_bg_discounted(param[0] + c->x, param[1] + c->T, param[2],
							param[3] + c->x + family->variant,
							cv_discounting_horizon(t, delta), delta);
}

/*
 * Alive after n purchases, each survived; or dead since the n-th, with more to come
 * from one who never dies; or dead before T.
 */
double
cv_bg_count_probability(const cv_family *family, const double *param, const cv_customer *c,
						double t, double n)
{
	double		rho = param[0] + c->x,
				A = param[1] + c->T,
				a = param[2],
				b = param[3] + c->x + family->variant,
				alive,
				dead,
				outlasted = exp(cv_log_outlast(a, b, n)),
				p;
	cv_counts	counts = cv_counts_of(rho, A, n);

	cv_bg_life_and_death(family, param, c, &alive, &dead);
	p = outlasted * exp(cv_counts_log_probability(&counts, t));
	if (n > 0)
		p += outlasted * (a / (b + n - 1)) * cv_counts_at_least(rho, A, n, t);
	return fmin(1, alive * p + (n > 0 ? 0 : dead));
}

/* A customer alive does not leave before the next purchase. */
double
cv_bg_next_purchase_density(const cv_family *family, const double *param, const cv_customer *c, double u)
{
	return cv_counts_next(param[0] + c->x, param[1] + c->T, u);
}

double
cv_bg_purchase_cycle(const cv_family *family, const double *param, const cv_customer *c)
{
	return (param[1] + c->t_x) / (param[0] + c->x);
}
