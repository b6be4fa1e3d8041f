/*
 * gamma_gamma.c - the Gamma-Gamma family: spend a purchase is Gamma(p, nu), nu ~ Gamma(q, v).
 *
 * Source: Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value.
 * The density of the mean spend m of x purchases, nothing dropped, is
 *
 *   v^q m^(px-1) x^(px) / (B(px, q) (v + m x)^(px+q))
 *
 * written here with y = p x so that large terms meet in log1p:
 *
 *   y log1p(q/y) + q log1p(y/q) + S - y log1p(v/(mx)) - q log1p(mx/v) - log m
 *
 * where S, small, is what Stirling's formula leaves of -log B(y, q).
 */
#include "core/families.h"
#include "core/special.h"

#include <math.h>

#define N 3
#define LOG_1E4 9.2103403719761836
#define LOG_1E5 11.512925464970229

/* What depends on x alone, for y = p x. */
typedef struct x_part
{
	double		value;			/* -log B(y, q) */
	double		y1;				/* derivatives of log gamma(y + q) - log gamma(y) by y */
	double		y2;
	double		q1;				/* ... of log gamma(y + q) - log gamma(q) by q */
	double		q2;
	double		yq;				/* trigamma(y + q) */
} x_part;

static x_part
take_x_part(double y, double q)
{
	x_part		f;

	f.value = -cv_log_beta(y, q);
	cv_log_rising(y, q, &f.y1, &f.y2);
	cv_log_rising(q, y, &f.q1, &f.q2);
	f.yq = cv_trigamma(y + q);
	return f;
}

static double
log_likelihood(const cv_family *family, const double *theta, const cv_pattern *patterns,
			   size_t n, double *gradient, double *hessian)
{
	double		p = exp(theta[0]),
				q = exp(theta[1]),
				v = exp(theta[2]),
				sum = 0,
				last_x = -1,
				g[N] = {0},
				h[N * N] = {0};
	x_part		f = {0};

	for (size_t i = 0; i < n; i++)
	{
		const cv_pattern *c = &patterns[i];
		double		count = c->count,
					y = p * c->x,
					spend = c->m * c->x,
					log_y = log1p(v / spend),
					log_q = log1p(spend / v),
					share = v / (v + spend);

		if (c->x != last_x)
			f = take_x_part(y, q), last_x = c->x;
		sum += count * (f.value - y * log_y - q * log_q - log(c->m));
		g[0] += count * y * (f.y1 - log_y);
		g[1] += count * q * (f.q1 - log_q);
		g[2] += count * (q - (y + q) * share);
		h[0 * N + 0] += count * y * (f.y1 - log_y + y * f.y2);
		h[0 * N + 1] += count * y * q * f.yq;
		h[0 * N + 2] -= count * y * share;
		h[1 * N + 1] += count * q * (f.q1 - log_q + q * f.q2);
		h[1 * N + 2] += count * q * (1 - share);
		h[2 * N + 2] -= count * (y + q) * share * (1 - share);
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

/* The mean spend over customers: what v scales with. */
static double
mean_spend(const cv_pattern *patterns, size_t n)
{
	double		customers = 0,
				sum = 0;

	for (size_t i = 0; i < n; i++)
	{
		customers += patterns[i].count;
		sum += patterns[i].count * patterns[i].m;
	}
	return sum / customers;
}

/* Starts: moderate, wild and steady spenders, all with the right mean p v/(q-1). */
static bool
start(const cv_family *family, const cv_pattern *patterns, size_t n, int k, double *theta)
{
	static const double p[] = {5, 1, 30};
	static const double q[] = {4, 2, 15};

	if (k < 0 || k >= (int) (sizeof(p) / sizeof(p[0])))
		return false;
	theta[0] = log(p[k]);
	theta[1] = log(q[k]);
	theta[2] = log(mean_spend(patterns, n) * (q[k] - 1) / p[k]);
	return true;
}

/* Beyond the box customers spend equal amounts (p), or are equal (q), as far as any data can tell. */
static void
bounds(const cv_family *family, const cv_pattern *patterns, size_t n, double *lower, double *upper)
{
	double		scale = log(mean_spend(patterns, n));

	lower[0] = lower[1] = -LOG_1E5;
	upper[0] = upper[1] = LOG_1E4;
	lower[2] = scale - 2 * LOG_1E5;
	upper[2] = scale + 2 * LOG_1E5;
}

/* E[m | x, m] = p (v + m x)/(p x + q - 1); with x = 0 the mean over the population. */
static bool
expected_spend(const cv_family *family, const double *param, double x, double m, double *spend)
{
	double		p = param[0],
				q = param[1],
				v = param[2],
				denominator = x > 0 ? p * x + (q - 1) : q - 1;

	if (!(denominator > 0))
		return false;
	*spend = x > 0 ? p * (v + m * x) / denominator : p * v / denominator;
	return isfinite(*spend);
}

const cv_family cv_gamma_gamma = {
	.id = CV_FAMILY_GAMMA_GAMMA,
	.kind = CV_SPEND_MODEL,
	.name = "gamma-gamma",
	.description = "The amounts of a customer's purchases vary around a mean of its own; "
	"the means differ between customers and have nothing to do with how often they buy.",
	.n_params = 3,
	.param_name = {"p", "q", "v"},
	.scale_params = 1 << 2,
	.log_likelihood = log_likelihood,
	.start = start,
	.bounds = bounds,
	.expected_spend = expected_spend
};
