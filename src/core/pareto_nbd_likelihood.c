/*
 * pareto_nbd_likelihood.c - the log-likelihood of the Pareto/NBD family and where to look for its maximum.
 *
 * Alive or dead, the density of the purchase times is, nothing dropped,
 *
 *   gamma(r+x)/gamma(r) alpha^r beta^s (H(t_x) + K(T)),
 *   H(t) = s integral over u > t of (alpha+u)^-(r+x) (beta+u)^-(s+1),
 *   K(T) = (alpha+T)^-(r+x) (beta+T)^-s - H(T):
 *
 * death comes next after t_x, or after T a purchase does.  Both are positive,
 * and each depends on two of x, t_x, T only.  H(t) is (alpha+t)^-(r+x) (beta+t)^-s
 * times the chance h of pareto_nbd_race.c.  Its derivatives by l = log((beta+t)/(alpha+t))
 * follow from those by rho = r+x and s through h at rho + 1, or through
 * (1 - q) dh/dl = (s + rho q) h - s, q = exp(l).
 */
#include "core/batch.h"
#include "core/days.h"
#include "core/pareto_nbd.h"
#include "core/patterns.h"
#include "core/special.h"

#include <math.h>
#include <string.h>

#define N CV_PARETO_PARAMS

/* Sizes of the box the optimum is looked for in, as logs. */
#define LOG_1E4 9.2103403719761836
#define LOG_1E5 11.512925464970229
#define LOG_1E6 13.815510557964274

/* Down from the x seen last on a day step by step, if they are no more than these. */
#define MAX_STEPS 24

/* The parameters of one evaluation, and whether it is to have second derivatives. */
typedef struct point
{
	double		r;
	double		alpha;
	double		s;
	double		beta;
	bool		second;
} point;

/* A function of the log parameters with its derivatives: the pairs i <= j row by row. */
typedef struct jet
{
	double		value;
	double		d[N];
	double		dd[N * (N + 1) / 2];
} jet;

enum
{
	RR, RA, RS, RB, AA, AS, AB, SS, SB, BB
};

/*
 * A day t, as the time of the last purchase or the end of observation, for one x
 * at a time: there are many patterns and few days.  Customers come by falling x,
 * so that one step leads from an x to the next; which customers came before
 * depends on the sorted patterns alone.
 */
typedef struct day
{
	double		t;				/* -1: not in use */
	double		x;
	double		log_a;			/* log((alpha+t)/alpha) */
	double		log_b;
	double		share_a;		/* alpha/(alpha+t) */
	double		share_b;
	double		q;				/* (beta+t)/(alpha+t) */
	cv_pareto_race race;		/* at x ... */
	double		next_h;			/* ... and, where q <= 2, what is needed of it at x + 1 ... */
	double		next_r;
	double		next_s;
	double		after_h;		/* ... and at x + 2 */
	double		log_survive;	/* -log S, S = (1+t/alpha)^-(r+x) (1+t/beta)^-s */
	jet			die;			/* H and its derivatives, over S */
	double		weight;			/* of H and its derivatives in what has been added of this x and t_x ... */
	double		weight_squared; /* ... customer by customer */
} day;

/* The log-likelihood so far, but for what depends on x alone, with its derivatives. */
typedef struct total
{
	double		value;
	double		g[N];
	double		h[N * (N + 1) / 2];
} total;

/* The derivatives of log S. */
static void
take_survive(const point *p, const day *d, jet *f)
{
	double		rho = p->r + d->x;

	*f = (jet) {0};
	f->d[0] = -p->r * d->log_a;
	f->d[1] = rho * (1 - d->share_a);
	f->d[2] = -p->s * d->log_b;
	f->d[3] = p->s * (1 - d->share_b);
	f->dd[RR] = f->d[0];
	f->dd[RA] = p->r * (1 - d->share_a);
	f->dd[AA] = -rho * d->share_a * (1 - d->share_a);
	f->dd[SS] = f->d[2];
	f->dd[SB] = f->d[3];
	f->dd[BB] = -p->s * d->share_b * (1 - d->share_b);
}

/* The derivatives of f exp(g) over exp(g), from those of f and g; g has no cross terms but RA and SB. */
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
take_die(const point *p, day *d)
{
	const cv_pareto_race *h = &d->race;
	double		r = p->r,
				s = p->s,
				rho = r + d->x,
				a = d->share_a,
				b = d->share_b,
				l,
				lr,
				ls,
				ll;
	jet			survive;
	jet		   *f = &d->die;

	if (d->q <= 2)
	{
		l = rho * (d->next_h - h->h);
		lr = d->next_h - h->h + rho * (d->next_r - h->r);
		ls = rho * (d->next_s - h->s);
		ll = rho * ((rho + 1) * (d->after_h - d->next_h) - l);
	}
	else
	{
		double		q = d->q,
					zeta = 1 - q;

		l = ((s + rho * q) * h->h - s) / zeta;
		lr = (q * h->h + (s + rho * q) * h->r) / zeta;
		ls = (h->h + (s + rho * q) * h->s - 1) / zeta;
		ll = (rho * q * h->h + (s + rho * q + q) * l) / zeta;
	}
	f->value = h->h;
	f->d[0] = r * h->r;
	f->d[1] = -a * l;
	f->d[2] = s * h->s;
	f->d[3] = b * l;
	if (p->second)
	{
		f->dd[RR] = r * h->r + r * r * h->rr;
		f->dd[RA] = -r * a * lr;
		f->dd[RS] = r * s * h->rs;
		f->dd[RB] = r * b * lr;
		f->dd[AA] = a * (a * ll - (1 - a) * l);
		f->dd[AS] = -s * a * ls;
		f->dd[AB] = -a * b * ll;
		f->dd[SS] = s * h->s + s * s * h->ss;
		f->dd[SB] = s * b * ls;
		f->dd[BB] = b * (b * ll + (1 - b) * l);
	}
	take_survive(p, d, &survive);
	times_exponential(f, &survive, p->second);
}

/*
 * Takes those who bought for the last time on the day into the total.  The weight of
 * each depends on T, but the derivatives of H, 14 of them, do not: they are added up once
 * for all who share x and t_x.
 */
static void
take_last(const point *p, day *d, total *f)
{
	const jet  *die = &d->die;

	for (int k = 0, m = 0; k < N; k++)
	{
		f->g[k] += d->weight * die->d[k];
		for (int j = k; p->second && j < N; j++, m++)
			f->h[m] += d->weight * die->dd[m] - d->weight_squared * die->d[k] * die->d[j];
	}
	d->weight = d->weight_squared = 0;
}

/* Makes of the place of day t what belongs to x: as it is, some steps on, or anew. */
static void
look_up_day(day *d, const point *p, double x, double t, total *f)
{
	double		rho = p->r + x,
				steps;

	if (d->t == t && d->x == x)
		return;
	if (d->weight > 0)
		take_last(p, d, f);
	steps = d->t == t ? d->x - x : 0;
	if (d->t != t)
	{
		d->t = t;
		d->log_a = log1p(t / p->alpha);
		d->log_b = log1p(t / p->beta);
		d->share_a = p->alpha / (p->alpha + t);
		d->share_b = p->beta / (p->beta + t);
		d->q = (p->beta + t) / (p->alpha + t);
	}
	d->x = x;
	if (d->q > 2)
		cv_pareto_race_at(rho, p->s, d->q, p->second, &d->race);
	else
	{
		if (!(steps > 0 && steps <= MAX_STEPS && steps == floor(steps)))
		{
			cv_pareto_race_at(rho + 2, p->s, d->q, p->second, &d->race);
			steps = 2;
		}
		while (steps-- > 0)
		{
			d->after_h = d->next_h;
			d->next_h = d->race.h;
			d->next_r = d->race.r;
			d->next_s = d->race.s;
			cv_pareto_race_down(rho + steps, p->s, d->q, p->second, &d->race);
		}
	}
	d->log_survive = rho * d->log_a + p->s * d->log_b;
	take_die(p, d);
}

/* Patterns with equal x and T, and the days of their last purchases. */
typedef struct waiting
{
	cv_pareto_batch batch;
	day		   *last[CV_BATCH];
} waiting;

/* Adds them to the sums and to those days: all that is done for every pattern, as the derivatives are not. */
static void
add_waiting(waiting *w, double log_survive_T, double live, cv_pareto_sums *sums)
{
	int			n = w->batch.n;

	cv_pareto_add_batch(&w->batch, log_survive_T, live, sums);
	for (int i = 0; i < n; i++)
	{
		w->last[i]->weight += w->batch.weight[i];
		w->last[i]->weight_squared += w->batch.weight_squared[i];
	}
}

/* What those who are alive at T are to the likelihood: K with its derivatives, over S. */
static jet
get_live(const point *p, const day *now)
{
	jet			live;

	take_survive(p, now, &live);
	live.value = 1 - now->die.value;
	for (int k = 0, m = 0; p->second && k < N; k++)
	{
		for (int j = k; j < N; j++, m++)
			live.dd[m] += live.d[k] * live.d[j] - now->die.dd[m];
	}
	for (int k = 0; k < N; k++)
		live.d[k] -= now->die.d[k];
	return live;
}

/* Takes those of one x and T into the total, as far as being alive at T goes. */
static void
take_alive(const point *p, const jet *live, const cv_pareto_sums *s, total *f)
{
	double		weight = cv_sum_of(s->weight),
				weight_squared = cv_sum_of(s->weight_squared),
				unsure[N];

	f->value += cv_sum_of(s->value);
	for (int k = 0; k < N; k++)
	{
		unsure[k] = cv_sum_of(s->unsure[k]);
		f->g[k] += weight * live->d[k];
	}
	for (int k = 0, m = 0; p->second && k < N; k++)
	{
		for (int j = k; j < N; j++, m++)
			f->h[m] += weight * live->dd[m] - weight_squared * live->d[k] * live->d[j] -
				unsure[k] * live->d[j] - unsure[j] * live->d[k];
	}
}

double
cv_pareto_log_likelihood(const cv_family *family, const double *theta,
						 const cv_pattern *patterns, size_t n,
						 double *gradient, double *hessian)
{
	const point p = {exp(theta[0]), exp(theta[1]), exp(theta[2]), exp(theta[3]), hessian != NULL};
	const int	bits = cv_days_bits(n);
	day			days[CV_DAYS];
	waiting		w;
	total		f = {0};

	w.batch.n = 0;
	for (int i = 0; i < 1 << bits; i++)
		days[i] = (day) {.t = -1};

	for (size_t i = n; i > 0;)
	{
		const double x = patterns[i - 1].x;
		double		customers = 0,
					rising1,
					rising2,
					rising = cv_log_rising(p.r, x, &rising1, &rising2);

		while (i > 0 && patterns[i - 1].x == x)
		{
			const double T = patterns[i - 1].T;
			day		   *now = &days[cv_day_place(T, bits)];
			double		log_survive;
			jet			live;
			cv_pareto_sums s = {{0}};

			look_up_day(now, &p, x, T, &f);
			log_survive = now->log_survive;
			live = get_live(&p, now);
			for (; i > 0 && patterns[i - 1].x == x && patterns[i - 1].T == T; i--)
			{
				const cv_pattern *c = &patterns[i - 1];
				day		   *last = &days[cv_day_place(c->t_x, bits)];
				cv_pareto_batch *b = &w.batch;

				/* another day of this x is to leave its place: what waits may belong to it */
				if (b->n == CV_BATCH || (last->t != c->t_x && last->x == x))
					add_waiting(&w, log_survive, live.value, &s);
				look_up_day(last, &p, x, c->t_x, &f);
				w.last[b->n] = last;
				b->count[b->n] = c->count;
				b->log_survive[b->n] = last->log_survive;
				b->die[b->n] = last->die.value;
				for (int k = 0; k < N; k++)
					b->d[k][b->n] = last->die.d[k];
				b->n++;
				customers += c->count;
			}
			add_waiting(&w, log_survive, live.value, &s);
			take_alive(&p, &live, &s, &f);
		}
		f.value += customers * (rising - x * theta[1]);
		f.g[0] += customers * p.r * rising1;
		f.g[1] -= customers * x;
		f.h[RR] += customers * p.r * (rising1 + p.r * rising2);
	}
	for (int i = 0; i < 1 << bits; i++)
		take_last(&p, &days[i], &f);

	for (int i = 0, k = 0; i < N; i++)
	{
		if (gradient)
			gradient[i] = f.g[i];
		for (int j = i; hessian && j < N; j++, k++)
			hessian[i * N + j] = hessian[j * N + i] = f.h[k];
	}
	return f.value;
}

/*
 * Starts: r and alpha from the first two moments of the counts, the rate of
 * leaving from those who have fallen silent; then more of it, with customers
 * more alike in it.  The last two are for second maxima of small samples, at
 * small s and beta: customers who divide into those who soon and those who
 * hardly ever leave.
 */
bool
cv_pareto_start(const cv_family *family, const cv_pattern *patterns, size_t n, int k, double *theta)
{
	static const struct
	{
		double		shape;		/* of r, relative to what the moments say */
		double		churn;		/* of s/beta, likewise */
		double		s;
		bool		repeaters;	/* what the others do not do says nothing about rates: they leave at once */
	}			start[] = {{1, 1, 0.7}, {0.7, 3, 4}, {1, 10, 0.05}, {1, 1e5, 0.1, true}};
	cv_moments	m;
	double		rate,
				variance,
				r,
				leaving;

	if (k < 0 || k >= (int) (sizeof(start) / sizeof(start[0])))
		return false;
	m = cv_patterns_moments(patterns, n);
	rate = m.x / m.time_active;
	variance = m.xx1 / m.TT - (m.x / m.T) * (m.x / m.T);
	r = (m.x / m.T) * (m.x / m.T) / fmax(variance, 1e-9 * rate * rate);
	r = fmin(fmax(fmin(fmax(r, 0.1), 10) * start[k].shape, 0.05), 20);
	if (start[k].repeaters)
	{
		rate = m.x / m.T * m.customers / fmax(m.repeaters, 1);
		r = fmax(r, 1);
	}
	leaving = start[k].churn * fmax(m.silent, 0.1) / fmax(m.repeaters, 1) * m.customers / m.T;

	theta[0] = log(r);
	theta[1] = log(r / rate);
	theta[2] = log(start[k].s);
	theta[3] = log(start[k].s / leaving);
	return true;
}

/*
 * The box: beyond it customers are equal in their rate of buying or of leaving
 * (r, s large), or fall apart into those who do at once and those who never do
 * (small), as far as doubles and any data can tell.
 */
void
cv_pareto_bounds(const cv_family *family, const cv_pattern *patterns, size_t n, double *lower,
				 double *upper)
{
	double		scale = log(cv_patterns_mean_T(patterns, n));

	lower[0] = -LOG_1E5;
	lower[2] = -LOG_1E6;
	upper[0] = upper[2] = LOG_1E4;
	lower[1] = lower[3] = scale - LOG_1E6;
	upper[1] = upper[3] = scale + LOG_1E5 + LOG_1E5;
}
