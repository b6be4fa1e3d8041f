/*
 * bg_bb.c - the BG/BB family: purchases at discrete opportunities.
 *
 * At every opportunity (a donation drive, a conference, a month) a customer who
 * is still there buys with chance p ~ Beta(alpha, beta); before every opportunity
 * they leave for good with chance theta ~ Beta(gamma, delta).
 * Source: Fader, Hardie and Shang (2010), "Customer-base analysis in a
 * discrete-time noncontractual setting", Marketing Science 29(6), 1086-1108.
 *
 * x of T opportunities were taken, the last of them the t_x-th; horizons count
 * opportunities, and parts of one do not count.  The likelihood is a sum over the
 * last opportunity i at which the customer was still there,
 *
 *	W(i) = B(alpha+x, beta+i-x) / B(alpha, beta) * B(gamma+1, delta+i) / B(gamma, delta)
 *
 * for i = t_x ... T-1, and the same with B(gamma, delta+T) for those there at T.
 */
#include "core/contract.h"
#include "core/families.h"
#include "core/special.h"

#include <math.h>

#define LOG_LIMIT 16.118095650958319	/* of the box: 1e-7 to 1e7 */

/*
 * R(i) = sum over j >= i of W(j) / W(i), its logarithmic derivatives taken with
 * respect to alpha, beta, gamma, delta: first and, upper triangle, second ones.
 * Downwards R(i) = 1 + rho(i) R(i+1), all of it positive.
 */
typedef struct rest
{
	double		R;
	double		g[4];			/* of R, not of its log */
	double		h[4][4];
} rest;

/* At i = T: those who are there, over those who would leave right after. */
static rest
rest_at_end(double gamma, double delta, double T)
{
	rest		r = {.R = (gamma + delta + T) / gamma};

	r.g[2] = -(delta + T) / (gamma * gamma);
	r.g[3] = 1 / gamma;
	r.h[2][2] = 2 * (delta + T) / (gamma * gamma * gamma);
	r.h[2][3] = -1 / (gamma * gamma);
	return r;
}

/* rho(i) = W(i+1) / W(i) */
static double
step_ratio(const double *param, double x, double i)
{
	return (param[1] + (i - x)) / (param[0] + param[1] + i) * ((param[3] + i) / (param[2] + param[3] + i + 1));
}

/* From i + 1 to i. */
static void
rest_step(rest *r, const double *param, double x, double i)
{
	double		ab = 1 / (param[0] + param[1] + i),
				b = 1 / (param[1] + (i - x)),
				cd = 1 / (param[2] + param[3] + i + 1),
				d = 1 / (param[3] + i),
				rho = step_ratio(param, x, i),
				l[4],
				ll[4][4] = {{0}};

	/* derivatives of log rho */
	l[0] = -ab;
	l[1] = b - ab;
	l[2] = -cd;
	l[3] = d - cd;
	ll[0][0] = ll[0][1] = ab * ab;
	ll[1][1] = ab * ab - b * b;
	ll[2][2] = ll[2][3] = cd * cd;
	ll[3][3] = cd * cd - d * d;
	for (int m = 0; m < 4; m++)
		for (int n = m; n < 4; n++)
			r->h[m][n] = rho * (r->h[m][n] + l[m] * r->g[n] + l[n] * r->g[m] + (l[m] * l[n] + ll[m][n]) * r->R);
	for (int m = 0; m < 4; m++)
		r->g[m] = rho * (r->g[m] + l[m] * r->R);
	r->R = 1 + rho * r->R;
}

/* The log-likelihood of one customer given R(t_x); adds count times it and its derivatives. */
static double
add_customer(const double *param, const cv_pattern *p, const rest *r, double *g, double h[4][4])
{
	double		d1[5],
				d2[5],
				value = log(param[2] * r->R),
				own[4],
				owns[4][4] = {{0}};

	/* log W(t_x), where the powers of gamma cancel with those in R */
	value += cv_log_rising(param[0], p->x, &d1[0], &d2[0]) + cv_log_rising(param[1], p->t_x - p->x, &d1[1], &d2[1])
		- cv_log_rising(param[0] + param[1], p->t_x, &d1[2], &d2[2]);
	value += cv_log_rising(param[3], p->t_x, &d1[3], &d2[3])
		- cv_log_rising(param[2] + param[3], p->t_x + 1, &d1[4], &d2[4]);

	own[0] = d1[0] - d1[2];
	own[1] = d1[1] - d1[2];
	own[2] = 1 / param[2] - d1[4];
	own[3] = d1[3] - d1[4];
	owns[0][0] = d2[0] - d2[2];
	owns[0][1] = -d2[2];
	owns[1][1] = d2[1] - d2[2];
	owns[2][2] = -1 / (param[2] * param[2]) - d2[4];
	owns[2][3] = -d2[4];
	owns[3][3] = d2[3] - d2[4];
	for (int m = 0; m < 4; m++)
	{
		double		gm = r->g[m] / r->R;

		own[m] += gm;
		for (int n = m; n < 4; n++)
			owns[m][n] += r->h[m][n] / r->R - gm * (r->g[n] / r->R);
	}
	for (int m = 0; m < 4; m++)
	{
		g[m] += p->count * own[m];
		for (int n = m; n < 4; n++)
			h[m][n] += p->count * owns[m][n];
	}
	return p->count * value;
}

/* Sorted patterns of equal x and T share one way down from T. */
static double
log_likelihood(const cv_family *family, const double *theta, const cv_pattern *patterns,
			   size_t n, double *gradient, double *hessian)
{
	double		param[4],
				g[4] = {0},
				h[4][4] = {{0}},
				sum = 0,
				i = 0;
	rest		r = {0};

	for (int m = 0; m < 4; m++)
		param[m] = exp(theta[m]);
	for (size_t k = n; k-- > 0;)
	{
		const cv_pattern *p = &patterns[k];

		if (k == n - 1 || p->x != p[1].x || p->T != p[1].T || p->t_x > i)
			r = rest_at_end(param[2], param[3], i = p->T);
		while (i > p->t_x)
			rest_step(&r, param, p->x, --i);
		sum += add_customer(param, p, &r, g, h);
	}
	for (int m = 0; m < 4; m++)
	{
		if (gradient)
			gradient[m] = param[m] * g[m];
		for (int k = m; hessian && k < 4; k++)
			hessian[m * 4 + k] = hessian[k * 4 + m] = param[m] * param[k] * h[m][k] + (m == k ? param[m] * g[m] : 0);
	}
	return sum;
}

/*
 * Starts: the chance to buy from the share of opportunities taken up to the last
 * one, to leave little or much; customers who differ much or little in both.
 */
static bool
start(const cv_family *family, const cv_pattern *patterns, size_t n, int k, double *theta)
{
	static const double size[] = {1, 8};
	static const double leave[] = {0.2, 0.02};
	double		x = 0,
				t_x = 0,
				buy;

	if (k >= 4)
		return false;
	for (size_t i = 0; i < n; i++)
	{
		x += patterns[i].count * patterns[i].x;
		t_x += patterns[i].count * patterns[i].t_x;
	}
	buy = fmin(fmax(x / t_x, 0.02), 0.98);
	theta[0] = log(size[k % 2] * buy);
	theta[1] = log(size[k % 2] * (1 - buy));
	theta[2] = log(size[k % 2] * leave[k / 2]);
	theta[3] = log(size[k % 2] * (1 - leave[k / 2]));
	return true;
}

/* Beyond the box customers are all alike, or all for one extreme, as far as any data can tell. */
static void
bounds(const cv_family *family, const cv_pattern *patterns, size_t n, double *lower, double *upper)
{
	for (int m = 0; m < 4; m++)
	{
		lower[m] = -LOG_LIMIT;
		upper[m] = LOG_LIMIT;
	}
}

/* Still there at opportunity T: the last term of the likelihood's sum over all of it. */
static double
probability_alive(const cv_family *family, const double *param, const cv_customer *c)
{
	double		all = (param[2] + param[3] + c->T) / param[2],
				last = all;

	for (double i = c->T; i > c->t_x;)
	{
		double		rho = step_ratio(param, c->x, --i);

		all = 1 + rho * all;
		last *= rho;
	}
	return last / all;
}

/* Still there at opportunity T + t: of those there at T, what Beta(gamma, delta + T) leaves. */
static double
survival(const cv_family *family, const double *param, const cv_customer *c, double t)
{
	return exp(-cv_log_gamma_square(param[3] + c->T, param[2], floor(t)));
}

/* The chance to buy of somebody there at T is Beta(alpha + x, beta + T - x) whatever the chance to leave. */
static double
mean_chance(const double *param, const cv_customer *c)
{
	return (param[0] + c->x) / (param[0] + param[1] + c->T);
}

/* At opportunity T + u, u = 1, 2, ... floor(t), discounted by exp(-delta u). */
static double
purchases_if_alive(const cv_family *family, const double *param, const cv_customer *c,
				   double t, double delta)
{
	const double life[2] = {param[2], param[3] + c->T};	/* what is left of it is an sBG's */

	return mean_chance(param, c) * exp(-delta) * cv_contract_periods(life, 2, 0, floor(t), delta);
}

/*
 * Of somebody there at T: the chance to take exactly n of the next t opportunities,
 * the sum over those i >= n that they are there for of P(i) times the beta-binomial
 * chance of n of i.  Term by term from n on, rescaled before it overflows.
 */
static double
count_while_there(const double *param, const cv_customer *c, double t, double n)
{
	double		a = param[0] + c->x,
				b = param[1] + (c->T - c->x),
				gamma = param[2],
				d = param[3] + c->T,
				log_first,
				log_scale = 0,
				term = 1,		/* of those who leave after i, over that of n */
				sum = 0;

	/* B(gamma+1, d+n)/B(gamma, d) times B(a+n, b)/B(a, b) */
	log_first = log(gamma / (gamma + d)) + cv_log_rising(d, n, NULL, NULL) - cv_log_rising(gamma + d + 1, n, NULL, NULL)
		- cv_log_gamma_square(a, b, n);
	for (double i = n; i < t; i++)
	{
		sum += term;
		if (term > 1e200)
		{
			term *= 1e-200;
			sum *= 1e-200;
			log_scale += 200 * M_LN10;
		}
		term *= (i + 1) / (i + 1 - n) * ((b + (i - n)) / (a + b + i)) * ((d + i) / (gamma + d + i + 1));
	}
	return fmin(1, exp(log_first + log_scale + log(sum + term * ((gamma + d + t) / gamma))));
}

static double
count_probability(const cv_family *family, const double *param, const cv_customer *c, double t, double n)
{
	double		alive = probability_alive(family, param, c);

	t = fmin(floor(t), CV_MAX_OPPORTUNITIES);	/* no horizon asked for is longer, and the sum has to end */
	return (n == 0 ? 1 - alive : 0) + (n > t ? 0 : alive * count_while_there(param, c, t, n));
}

/* Of somebody there at T: the chance to be there at T + u and to take that opportunity first. */
static double
next_purchase_density(const cv_family *family, const double *param, const cv_customer *c, double u)
{
	double		a = param[0] + c->x,
				b = param[1] + (c->T - c->x);

	return a / (a + b + (u - 1)) *
		exp(-cv_log_gamma_square(b, a, u - 1) - cv_log_gamma_square(param[3] + c->T, param[2], u));
}

/*
 * One over the mean chance to buy up to the last purchase: opportunities between
 * purchases of one who keeps the pace shown.  The mean of 1/p itself is infinite
 * where alpha + x <= 1.
 */
static double
purchase_cycle(const cv_family *family, const double *param, const cv_customer *c)
{
	return (param[0] + param[1] + c->t_x) / (param[0] + c->x);
}

const cv_family cv_bg_bb = {
	.id = CV_FAMILY_BG_BB,
	.kind = CV_PURCHASE_MODEL,
	.name = "bg/bb",
	.description = "Customers buy or not at each of a row of opportunities, each with a chance of its own, and may leave "
	"for good before any of them.",
	.n_params = 4,
	.param_name = {"alpha", "beta", "gamma", "delta"},
	.observation = CV_OPPORTUNITIES,
	.log_likelihood = log_likelihood,
	.start = start,
	.bounds = bounds,
	.probability_alive = probability_alive,
	.survival = survival,
	.purchases_if_alive = purchases_if_alive,
	.count_probability = count_probability,
	.next_purchase_density = next_purchase_density,
	.purchase_cycle = purchase_cycle
};
