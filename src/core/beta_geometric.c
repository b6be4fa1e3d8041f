/*
 * beta_geometric.c - BG/NBD and MBG/NBD: where to look for the maximum, which also
 * serves their regular relatives, and predictions.
 *
 * Sources: Fader, Hardie and Lee (2005), Marketing Science 24(2), 275-284;
 * Batislam, Denizel and Filiztekin (2007), IJRM 24(3), 201-209;
 * Platzer and Reutterer (2016), Marketing Science 35(5), 779-799.
 */
#include "core/beta_geometric.h"

#include "core/cnbd.h"
#include "core/counts.h"
#include "core/patterns.h"
#include "core/special.h"

#include <math.h>

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
	double		scale = log(cv_patterns_mean_T(patterns, n));

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
