/*
 * ggompertz_nbd_likelihood.c - the log-likelihood of the gamma-Gompertz/NBD family and
 * where to look for its maximum.
 *
 * Alive or dead, the density of the purchase times is, nothing dropped,
 *
 *   gamma(r+x)/gamma(r) alpha^r (H(t_x) + K(T)),
 *   H(t) = integral over u > t of (alpha+u)^-(r+x) times the density of a death at u,
 *   K(T) = (alpha+T)^-(r+x) S(T) - H(T):
 *
 * death comes next after t_x, or after T a purchase does.  Both are positive,
 * and each depends on two of x, t_x, T only.  H(t) is (alpha+t)^-(r+x) S(t) times
 * the chance h of ggompertz_nbd_race.c at rho = r+x, c = b(alpha+t), B(t) and s.
 */
#include "core/ggompertz_nbd.h"
#include "core/patterns.h"
#include "core/special.h"

#include <math.h>
#include <string.h>

#define N 5
#define PAIRS (N * (N + 1) / 2)

/* Sizes of the box the optimum is looked for in, as logs. */
#define LOG_1E3 6.907755278982137
#define LOG_1E4 9.2103403719761836
#define LOG_1E5 11.512925464970229
#define LOG_1E6 13.815510557964274

/* The parameters of one evaluation, and whether it is to have second derivatives. */
typedef struct point
{
	double		r;
	double		alpha;
	double		b;
	double		s;
	double		beta;
	bool		second;
} point;

/* A function of the log parameters with its derivatives: the pairs i <= j row by row. */
typedef struct jet
{
	double		value;
	double		d[N];
	double		dd[PAIRS];
} jet;

enum
{
	RR, RA, Rb, RS, RB, AA, Ab, AS, AB, bb, bS, bB, SS, SB, BB
};

/*
 * A day t, as the time of the last purchase or the end of observation, for one x
 * at a time: there are many patterns and few days.
 */
#define DAYS_BITS 10

typedef struct day
{
	double		t;				/* -1: not in use */
	double		x;
	double		log_a;			/* log((alpha+t)/alpha) */
	double		risk;			/* -log S(t) / s */
	double		share;			/* alpha/(alpha+t) */
	double		bt;
	double		B;
	double		log_B;
	double		kept;			/* d(log B)/d(log beta) = beta exp(-b t)/B */
	double		spent;			/* d(risk)/d(log b) = b t/B */
	jet			die;			/* H and its derivatives, over S(t) (1+t/alpha)^-(r+x) */
} day;

/*
 * What the nodes are at a day is the same for every x, so it is kept, for as many
 * days as there is room for.
 */
#define ROOM 24576

typedef struct kept_days
{
	cv_gompertz_grid grid;
	size_t		places;
	double		t[ROOM / 16];	/* -1: not in use */
	double		log_wait[ROOM];	/* a row of grid.n a place */
	double		share[ROOM];
} kept_days;

/* Some 0.7 MB. */
typedef struct work
{
	kept_days	kept;
	day			days[1 << DAYS_BITS];
} work;

/* The derivatives of log S(t) (1+t/alpha)^-(r+x). */
static void
take_survive(const point *p, const day *d, jet *f)
{
	double		rho = p->r + d->x;

	*f = (jet) {0};
	f->d[0] = -p->r * d->log_a;
	f->d[1] = rho * (1 - d->share);
	f->d[2] = -p->s * d->spent;
	f->d[3] = -p->s * d->risk;
	f->d[4] = p->s * (1 - d->kept);
	f->dd[RR] = f->d[0];
	f->dd[RA] = p->r * (1 - d->share);
	f->dd[AA] = -rho * d->share * (1 - d->share);
	f->dd[bb] = -p->s * d->spent * (1 + d->bt - d->spent);
	f->dd[bS] = f->d[2];
	f->dd[bB] = p->s * d->spent * d->kept;
	f->dd[SS] = f->d[3];
	f->dd[SB] = f->d[4];
	f->dd[BB] = -p->s * d->kept * (1 - d->kept);
}

/* The derivatives of f exp(g) over exp(g), from those of f and g. */
static void
times_exponential(jet *f, const jet *g, bool second)
{
	for (int i = 0, k = 0; second && i < N; i++)
	{
		for (int j = i; j < N; j++, k++)
			f->dd[k] += (g->dd[k] + g->d[i] * g->d[j]) * f->value + g->d[i] * f->d[j] + g->d[j] * f->d[i];
	}
	for (int i = 0; i < N; i++)
		f->d[i] += g->d[i] * f->value;
}

/* h and its derivatives by the log parameters, then those of H. */
static void
take_die(const point *p, const cv_gompertz_race *h, day *d)
{
	double		grown = d->spent - d->bt;	/* d(log B)/d(log b) */
	/* how rho, log c, log B and s move with the log parameters */
	const double by[CV_RACE_N][N] = {
		{p->r}, {0, d->share, 1}, {0, 0, grown, 0, d->kept}, {0, 0, 0, p->s}
	};
	jet			survive;
	jet		   *f = &d->die;

	*f = (jet) {.value = h->h};
	for (int v = 0; v < CV_RACE_N; v++)
	{
		for (int i = 0; i < N; i++)
			f->d[i] += h->d[v] * by[v][i];
	}
	if (p->second)
	{
		f->dd[RR] = h->d[CV_RACE_RHO] * p->r;
		f->dd[AA] = h->d[CV_RACE_C] * d->share * (1 - d->share);
		f->dd[bb] = h->d[CV_RACE_B] * (d->spent * (1 - grown) - d->bt);
		f->dd[bB] = -h->d[CV_RACE_B] * d->spent * d->kept;
		f->dd[SS] = h->d[CV_RACE_S] * p->s;
		f->dd[BB] = h->d[CV_RACE_B] * d->kept * (1 - d->kept);
		for (int i = 0, k = 0; i < N; i++)
		{
			for (int j = i; j < N; j++, k++)
			{
				for (int v = 0; v < CV_RACE_N; v++)
				{
					f->dd[k] += h->dd[v][v] * by[v][i] * by[v][j];
					for (int w = v + 1; w < CV_RACE_N; w++)
						f->dd[k] += h->dd[v][w] * (by[v][i] * by[w][j] + by[w][i] * by[v][j]);
				}
			}
		}
	}
	take_survive(p, d, &survive);
	times_exponential(f, &survive, p->second);
}

/* A number for t: whole days of a week, or of one each, get consecutive ones; other times any. */
static uint64_t
number_of(double t)
{
	double		days = floor(7 * t + 0.5);
	uint64_t	bits;

	if (days < 1e15 && fabs(7 * t - days) < 1e-6)
		return (uint64_t) days;
	memcpy(&bits, &t, sizeof(bits));
	return (bits * 0x9e3779b97f4a7c15u) >> 32;
}

/* Makes of the place of day t what belongs to x. */
static const day *
look_up_day(work *w, day *d, const point *p, double x, double t)
{
	kept_days  *k = &w->kept;
	size_t		place,
				row;
	double		c = p->b * (p->alpha + t);
	cv_gompertz_race race;

	if (d->t == t && d->x == x)
		return d;
	if (d->t != t)
	{
		d->t = t;
		d->bt = p->b * t;
		d->B = cv_gompertz_B(p->beta, d->bt);
		d->log_B = log(d->B);
		d->log_a = log1p(t / p->alpha);
		d->risk = cv_gompertz_risk(p->beta, d->bt);
		d->share = p->alpha / (p->alpha + t);
		d->kept = p->beta * exp(-d->bt) / d->B;
		d->spent = d->bt / d->B;
	}
	d->x = x;
	place = number_of(t) % k->places;
	row = place * (size_t) k->grid.n;
	if (k->t[place] != t)
	{
		k->t[place] = t;
		cv_gompertz_grid_at(&k->grid, c, d->log_B, &k->log_wait[row], &k->share[row]);
	}
	cv_gompertz_race_at(&k->grid, &k->log_wait[row], &k->share[row], p->r + x, c, d->log_B, p->second, &race);
	take_die(p, &race, d);
	return d;
}

static void
start_work(work *w, const point *p, double largest_x)
{
	/* beta + b t is to b(alpha + t) at most as beta is to b alpha, or 1; and B at most 1 or beta */
	double		c = p->b * p->alpha,
				steepest = (p->r + largest_x) * fmin(fmax(p->beta / c, 1), fmax(p->beta, 1) / c) +
		fmax(p->beta, 1) / -expm1(-c);

	cv_gompertz_grid_of(p->s, fmin(steepest, 1e300), fmin(p->beta, 1), &w->kept.grid);
	w->kept.places = ROOM / (size_t) w->kept.grid.n;
	for (size_t i = 0; i < w->kept.places; i++)
		w->kept.t[i] = -1;
	for (int i = 0; i < 1 << DAYS_BITS; i++)
		w->days[i].t = -1;
}

double
cv_gompertz_log_likelihood(const cv_family *family, const double *theta,
						   const cv_pattern *patterns, size_t n,
						   double *gradient, double *hessian)
{
	const point p = {exp(theta[0]), exp(theta[1]), exp(theta[2]), exp(theta[3]), exp(theta[4]), hessian != NULL};
	work		w;
	double		sum = 0,
				last_x = 0,
				largest_x = 0,
				rising = 0,
				rising1 = 0,
				rising2 = 0,
				g[N] = {0},
				h[PAIRS] = {0};
	jet			survive = {0};
	double		survive_T = -1;

	for (size_t i = 0; i < n; i++)
		largest_x = fmax(largest_x, patterns[i].x);
	start_work(&w, &p, largest_x);

	for (size_t i = n; i-- > 0;)
	{
		const cv_pattern *c = &patterns[i];
		double		rho = p.r + c->x,
					log_odds,
					e,
					W,
					w_dead,
					w_alive,
					f[N];
		day		   *place_t = &w.days[number_of(c->t_x) % (1 << DAYS_BITS)],
				   *place_T = &w.days[number_of(c->T) % (1 << DAYS_BITS)],
					copy;
		const day  *last = look_up_day(&w, place_t, &p, c->x, c->t_x),
				   *now;
		const jet  *die;

		if (place_t == place_T)
		{
			copy = *last;
			last = &copy;
		}
		now = look_up_day(&w, place_T, &p, c->x, c->T);
		die = &now->die;
		if (c->x != last_x || c->T != survive_T)
		{
			survive_T = c->T;
			take_survive(&p, now, &survive);
		}
		if (c->x != last_x)
			rising = cv_log_rising(p.r, last_x = c->x, &rising1, &rising2);

		/* H(t_x)/h over H(T)/h = exp(log_odds) >= 1; the terms are taken relative to the first */
		log_odds = rho * (now->log_a - last->log_a) + p.s * (now->risk - last->risk);
		e = exp(-log_odds);
		W = last->die.value + e * (1 - die->value);
		w_dead = 1 / W;
		w_alive = e / W;
		sum += c->count * (rising - c->x * theta[1] - rho * last->log_a - p.s * last->risk + log(W));
		for (int k = 0; k < N; k++)
		{
			f[k] = w_dead * last->die.d[k] + w_alive * (survive.d[k] - die->d[k]);
			g[k] += c->count * f[k];
		}
		g[0] += c->count * p.r * rising1;
		g[1] -= c->count * c->x;
		if (!p.second)
			continue;
		for (int k = 0, m = 0; k < N; k++)
		{
			for (int j = k; j < N; j++, m++)
				h[m] += c->count * (w_dead * last->die.dd[m] - f[k] * f[j] +
									w_alive * (survive.dd[m] + survive.d[k] * survive.d[j] - die->dd[m]));
		}
		h[RR] += c->count * p.r * (rising1 + p.r * rising2);
	}

	for (int i = 0, k = 0; i < N; i++)
	{
		if (gradient)
			gradient[i] = g[i];
		for (int j = i; hessian && j < N; j++, k++)
			hessian[i * N + j] = hessian[j * N + i] = h[k];
	}
	return sum;
}

/*
 * Starts: r and alpha from the first two moments of the counts, the hazard of new
 * customers from those who have fallen silent; with a hazard that grows within the
 * time of observation, hardly, or fast.  Then two that small samples like: many
 * who leave at once, and nobody who leaves for a while.
 */
bool
cv_gompertz_start(const cv_family *family, const cv_pattern *patterns, size_t n, int k, double *theta)
{
	static const struct
	{
		double		growth;		/* of b, in one over the mean T */
		double		s;
		double		churn;		/* of b s/beta, relative to what the silent say ... */
		double		beta;		/* ... unless this is given */
	}			start[] = {{1, 0.5, 1, 0}, {0.05, 0.7, 1, 0}, {15, 0.05, 0, 0.3}, {30, 0.03, 0, 1e-6}, {40, 0.02, 0, 400}, {15, 10, 0, 1e6}};
	cv_moments	m;
	double		rate,
				variance,
				r,
				b,
				leaving;

	if (k < 0 || k >= (int) (sizeof(start) / sizeof(start[0])))
		return false;
	m = cv_patterns_moments(patterns, n);
	rate = m.x / m.time_active;
	variance = m.xx1 / m.TT - (m.x / m.T) * (m.x / m.T);
	r = (m.x / m.T) * (m.x / m.T) / fmax(variance, 1e-9 * rate * rate);
	r = fmin(fmax(r, 0.1), 10);
	leaving = start[k].churn * fmax(m.silent, 0.1) / fmax(m.repeaters, 1) * m.customers / m.T;
	b = start[k].growth * m.customers / m.T;

	theta[0] = log(r);
	theta[1] = log(r / rate);
	theta[2] = log(b);
	theta[3] = log(start[k].s);
	theta[4] = log(start[k].beta > 0 ? start[k].beta : b * start[k].s / leaving);
	return true;
}

/*
 * The box: beyond it customers are equal in their rate of buying or in their
 * hazard (r, s large), or fall apart into those who do at once and those who never
 * do (small), and the hazard does not grow (b small) or is a wall (large), as far
 * as doubles and any data can tell.
 */
void
cv_gompertz_bounds(const cv_family *family, const cv_pattern *patterns, size_t n, double *lower,
				   double *upper)
{
	double		scale = log(cv_patterns_mean_T(patterns, n));

	lower[0] = -LOG_1E5;
	upper[0] = LOG_1E4;
	lower[1] = scale - LOG_1E6;
	upper[1] = scale + LOG_1E5 + LOG_1E5;
	lower[2] = -scale - LOG_1E5;
	upper[2] = -scale + LOG_1E5 - LOG_1E3;
	lower[3] = -LOG_1E6;
	upper[3] = LOG_1E4;
	lower[4] = -LOG_1E5 - LOG_1E5;
	upper[4] = LOG_1E5 + LOG_1E5;
}
