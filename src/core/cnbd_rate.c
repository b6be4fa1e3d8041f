/*
 * cnbd_rate.c - how many purchases follow those of a regular buyer, and whether any can.
 *
 * The way that always works; cnbd_sums.c has the shorter one where few phases come.
 * Everything is an average over lambda, by the trapezoidal rule in log(lambda),
 * of what holds for one lambda.  For that one, in a time t:
 *
 * - Where few phases pass (at most FEW on average), sum over their number.  The
 *   n-th phase from the last purchase ends a time between purchases where n = k m,
 *   it falls into (0, t] with a Poisson chance, and the customer lives to see the
 *   m-th purchase with chance E[(1-p)^(m-1)].  Discounting at delta turns the chance
 *   of n phases at rate lambda into phi^n times that at rate lambda + delta,
 *   phi = lambda/(lambda + delta).  All terms are positive.
 *
 * - Where many pass, what happens is the same whatever phase it began with, but for
 *   terms that have died out like exp(-tau (1 - cos(2 pi/k))).  With p given, a
 *   geometric sum over the k-th roots of unity, of which one counts, is left:
 *   closed, and averaged over p by the trapezoidal rule in its log odds.
 */
#include "core/cnbd.h"

#include "core/special.h"

#include <math.h>

#define FEW 4096
#define MAX_PHASES (FEW + 10 * 64 + 2 * CV_MAX_REGULARITY + 64)
#define MAX_CHANCES 640
#define MAX_NODES 4000			/* on either side */

/* A growth by more than its exponential is no number any more. */
#define LARGEST_LOG 700

/* The width of steps, relative to that of a bell with the curvature of the integrand. */
#define STEP 0.6
#define WIDEST_STEP 0.2

/* A chance p to die after a purchase, for averages over p. */
typedef struct chance
{
	double		weight;
	double		sigma;			/* (1 - p)^(1/k) */
	double		less;			/* 1 - sigma */
} chance;

typedef struct outlook
{
	const cv_regular_buyer *buyer;
	double		t;
	double		delta;
	double		silence;		/* sum of the weights of the phases that may have passed */
	/* chance to survive m purchases, m = 0 ... n_survive - 1 */
	int			n_survive;
	double		survive[MAX_PHASES];
	/* for many phases; filled when first needed */
	int			n_chances;
	chance		chances[MAX_CHANCES];
} outlook;

static outlook
outlook_of(const cv_regular_buyer *buyer, double t, double delta)
{
	cv_silence	silence = {0};

	if (buyer->u > 0)
		cv_erlang_silence(buyer->rho, buyer->u / buyer->A, buyer->k, &silence);
	return (outlook) {
		.buyer = buyer,
		.t = t,
		.delta = delta,
		.silence = exp(-silence.log),
		.n_survive = 1,
		.survive = {1}
	};
}

/* Chances to survive up to m purchases. */
static const double *
survive_up_to(outlook *o, int m)
{
	for (int i = o->n_survive; i <= m; i++)
	{
		double		y = o->buyer->beta + (i - 1);

		o->survive[i] = o->survive[i - 1] * (y / (o->buyer->a + y));
	}
	if (m >= o->n_survive)
		o->n_survive = m + 1;
	return o->survive;
}

/* Weights of having j = 0 ... k-1 phases behind at lambda, relative to their average over lambda. */
static void
phases_passed(const outlook *o, double lambda, double *passed)
{
	passed[0] = o->silence;
	for (int j = 1; j < o->buyer->k; j++)
		passed[j] = passed[j - 1] * (lambda * o->buyer->u / j);
}

/* The number of phases beyond which, of a mean of tau, none counts beside that of n. */
static int
last_phase(double tau, int n)
{
	if (tau < 1)
		return n + 1 + (int) fmin(17, 40 / log((n + 1) / tau));
	return n + 18 + (int) (tau + 10 * sqrt(tau));
}

/* The Poisson chance of n > 0 where tau are expected. */
static double
poisson(int n, double tau)
{
	double		off = (tau - n) / n;

	/* n log(tau/n) - (tau - n) without what cancels where tau is near n */
	return exp(n * ((fabs(off) < 0.5 ? log1p(off) : log(tau / n)) - off) - cv_stirling_error(n)) /
		sqrt(2 * M_PI * n);
}

/*
 * Where few phases pass: the chance to be alive.  With j phases behind, n more make
 * one purchase more than n/k if j >= k - n mod k.
 */
static double
alive_after_few(outlook *o, double lambda)
{
	int			k = o->buyer->k;
	double		tau = lambda * o->t,
				passed[CV_MAX_REGULARITY],
				due[CV_MAX_REGULARITY + 1],	/* weight of j >= i */
				chance,
				sum = 0;
	int			last = last_phase(tau, 0);
	const double *survive = survive_up_to(o, last / k + 1);

	phases_passed(o, lambda, passed);
	due[k] = 0;
	for (int j = k - 1; j >= 0; j--)
		due[j] = due[j + 1] + passed[j];
	chance = poisson(last, tau);
	for (int n = last, m = last / k; n >= 0; n--)
	{
		double		more,
					term;

		if (n < k * m)
			m--;
		more = due[k - (n - k * m)];
		term = chance * (survive[m + 1] * more + survive[m] * (due[0] - more));
		sum += term;
		if (n < tau && term * n < 1e-18 * sum)
			break;
		chance *= n / tau;
	}
	return sum;
}

/*
 * Where few phases pass and delta >= 0: the discounted purchases.  tail is the
 * chance of n phases or more; the powers of phi are left to Horner's scheme.
 */
static double
purchases_after_few(outlook *o, double lambda)
{
	int			k = o->buyer->k;
	double		tau = (lambda + o->delta) * o->t,
				phi = lambda / (lambda + o->delta),
				passed[CV_MAX_REGULARITY],
				chance,
				tail = 0,
				sum = 0;
	int			last = last_phase(tau, k),
				m = (last + k - 1) / k;
	const double *survive = survive_up_to(o, m);

	phases_passed(o, lambda, passed);
	chance = poisson(last, tau);
	for (int n = last; n > 0; n--)
	{
		if (n == k * (m - 1))
			m--;
		tail += chance;
		sum = sum * phi + survive[m - 1] * passed[k * m - n] * tail;
		chance *= n / tau;
	}
	return sum * phi;
}

/* The mean of n/(n + i) over i that is Poisson with mean z. */
static double
mean_share(int n, double z)
{
	double		chance = exp(-z),
				sum = 0;

	for (int i = 0; i < z + 10 * sqrt(z) + 18; i++)
	{
		sum += chance * n / (n + i);
		chance *= z / (i + 1);
	}
	return sum;
}

/*
 * The same for a negative delta.  Of what the n-th phase counts for, less the
 * factor exp(-delta t), I(n) = P(n) + (1 + delta/lambda) I(n+1), P the Poisson chance
 * at rate lambda: all positive downwards in n.  Where lambda < -delta the signs
 * alternate; then errors shrink downwards for n > z = -(lambda + delta) t, upwards
 * below, from I(n) = P(n) mean_share(n, z).
 */
static double
growing_purchases_after_few(outlook *o, double lambda)
{
	int			k = o->buyer->k;
	double		tau = lambda * o->t,
				ratio = 1 + o->delta / lambda,
				z = -(lambda + o->delta) * o->t,
				passed[CV_MAX_REGULARITY],
				chance,
				counts,
				sum = 0;
	int			last = last_phase(tau, k),
				upwards = z < 1 ? 0 : z > last ? last : (int) z;
	const double *survive = survive_up_to(o, (last + k - 1) / k);

	phases_passed(o, lambda, passed);
	chance = poisson(last, tau);
	counts = z > 0 ? chance * tau / (last + 1) * mean_share(last + 1, z) : 0;
	for (int n = last; n > upwards; n--)
	{
		int			m = (n + k - 1) / k;

		counts = chance + ratio * counts;
		sum += survive[m - 1] * passed[k * m - n] * counts;
		chance *= n / tau;
	}
	chance = exp(-tau);
	counts = exp(o->delta * o->t);
	for (int n = 1; n <= upwards; n++)
	{
		int			m = (n + k - 1) / k;

		counts = (counts - chance) / ratio;
		sum += survive[m - 1] * passed[k * m - n] * counts;
		chance *= tau / n;
	}
	return sum * exp(-o->delta * o->t);
}

/*
 * Nodes over p for the sums of many phases, at most `most` of them or of times
 * 1/delta: below p = 1/most nothing changes any more, so that the last node at
 * either end can stand for all that lie beyond.
 */
static void
choose_chances(outlook *o, double most)
{
	const cv_regular_buyer *b = o->buyer;
	cv_beta_axis axis = cv_beta_axis_of(b->a, b->beta);
	double		h = fmin(WIDEST_STEP, STEP / sqrt(fmax((b->a + b->beta) * axis.mean * axis.rest, 0.1))),
				shift = log(axis.mean / axis.rest),
				low = -39 - log(1 + most) - shift,
				high = 39 + log(1 + b->k) - shift,
				total = 0;

	for (int side = -1; side <= 1; side += 2)
	{
		double		slope = side < 0 ? b->a : b->beta;

		for (int i = side < 0 ? 1 : 0; o->n_chances < MAX_CHANCES; i++)
		{
			double		d = side * i * h,
						odds,
						weight = axis.scale * h * exp(cv_beta_axis_at(&axis, d, &odds)),
						share = weight / (odds / (1 + odds) + 1 / (1 + most));
			bool		end = side < 0 ? d < low : d > high;
			chance	   *c = &o->chances[o->n_chances++];

			if (end)
				weight *= 1 + 1 / expm1(slope * h);
			c->weight = weight;
			c->less = -expm1(-log1p(odds) / b->k);
			c->sigma = exp(-log1p(odds) / b->k);
			total += share;
			if (end || !(share * (1 + 1 / (slope * h)) > 1e-18 * total))
				break;
		}
	}
}

/*
 * Where many phases pass, or t is infinite: the discounted purchases.  With
 * s = sigma phi, c = 1 - s, they are phi^(k-j) times
 *
 *   1/(1 - s^k) - s^-(k-1-j) exp(-tau c)/(k c)
 *
 * where j phases had passed.  For small c, or negative ones, that is
 * s^-(k-1-j) (1 - exp(-tau c))/(k c) and the rest, in which c can be cancelled.
 */
static double
purchases_after_many(outlook *o, double lambda)
{
	int			k = o->buyer->k;
	double		rate = lambda + o->delta,
				tau = rate * o->t,
				phi = lambda / rate,
				lost = o->delta / rate,
				passed[CV_MAX_REGULARITY],
				share[CV_MAX_REGULARITY],	/* times phi^(k-j) */
				shares = 0,
				total = 0;

	phases_passed(o, lambda, passed);
	for (int j = k - 1, power = 1; j >= 0; j--, power++)
		shares += share[j] = passed[j] * exp(-power * log1p(o->delta / lambda));
	for (int i = 0; i < o->n_chances; i++)
	{
		const chance *p = &o->chances[i];
		double		s = p->sigma * phi,
					c = lost + phi * p->less,
					all = 0,	/* 1 + s + ... + s^(k-1) */
					power = 1,
					first = 0,
					rest = 0,
					sum = 0;

		for (int j = 0; j < k; j++)
			all = all * s + 1;
		if (isinf(o->t) || s < 0.5)
		{
			total += p->weight * shares / (c * all);
			continue;
		}

		/* j = k - 1 downwards: rest is (k s^q - all)/c, q = k - 1 - j, power s^q */
		for (int l = k - 2; l >= 0; l--)
			rest = rest * s + (k - 1 - l);
		for (int j = k - 1; j >= 0; j--)
		{
			double		back = 1 / power;

			first += share[j] * back;
			sum += share[j] * rest * back;
			rest -= k * power;
			power *= s;
		}
		total += p->weight * (first * (c == 0 ? tau : -expm1(-tau * c) / c) + sum / all) / k;
	}
	return total;
}

/* Where many phases pass: the chance to be alive, sigma^j exp(-tau (1-sigma)) times the mean of sigma^-i, i < k. */
static double
alive_after_many(outlook *o, double lambda)
{
	const cv_regular_buyer *b = o->buyer;
	int			k = b->k;
	cv_beta_axis axis = cv_beta_axis_of(b->a, b->beta);
	double		tau = lambda * o->t,
				c = b->a + b->beta + tau / k,
				shift = log(axis.mean / axis.rest),
				center = log(b->a / (b->beta + tau / k)) - shift,
				h = fmin(WIDEST_STEP, STEP / sqrt(fmax(b->a * (1 - b->a / c), 0.1))),
				passed[CV_MAX_REGULARITY],
				sum = 0;

	phases_passed(o, lambda, passed);
	for (int side = -1; side <= 1; side += 2)
	{
		double		slope = side < 0 ? b->a : b->beta,
					straight = side < 0 ? -39 - log(c) - shift : INFINITY;

		for (int i = side < 0 ? 1 : 0; i < MAX_NODES; i++)
		{
			double		d = center + side * i * h,
						odds,
						log_weight = cv_beta_axis_at(&axis, d, &odds),
						less = -expm1(-log1p(odds) / k),
						sigma = exp(-log1p(odds) / k),
						at_once = 0,
						mean = 0,
						term;

			for (int j = k - 1; less < 0.5 && j >= 0; j--)
			{
				at_once = at_once * sigma + passed[j];
				mean = mean / sigma + 1;
			}
			term = exp(log_weight - tau * less) * at_once * mean / k;
			sum += term;
			if (side * (d - straight) > 0)
			{
				sum += term / expm1(slope * h);
				break;
			}
			if (!(term * (1 + 1 / (slope * h)) > 1e-17 * sum))
				break;
		}
	}
	return axis.scale * h * sum;
}

static double
alive_given(outlook *o, double lambda)
{
	return lambda * o->t <= FEW ? alive_after_few(o, lambda) : alive_after_many(o, lambda);
}

static double
purchases_given(outlook *o, double lambda)
{
	if (o->delta < 0 ? lambda * o->t <= FEW : (lambda + o->delta) * o->t <= FEW)
		return o->delta < 0 ? growing_purchases_after_few(o, lambda) : purchases_after_few(o, lambda);
	if (lambda + o->delta <= 0)
		return INFINITY;
	if (o->n_chances == 0)
	{
		/* no lambda that counts is larger */
		double		largest = (o->buyer->rho + 40 + 10 * sqrt(o->buyer->rho + 40)) / o->buyer->A;

		choose_chances(o, fmin((largest + o->delta) * o->t, 1 + largest / fabs(o->delta)));
	}
	return purchases_after_many(o, lambda);
}

/*
 * The average over lambda of what is given for one: a trapezoidal sum from lambda
 * near the peak outwards, with bells that can be as narrow as those of lambda^n
 * exp(-A lambda), n = narrowest.  Where the sum of the terms below `flat` is a
 * geometric series, it is added in closed form.
 */
static double
average(outlook *o, double (*given) (outlook *o, double lambda), double peak, double narrowest,
		double flat)
{
	double		rho = o->buyer->rho,
				mean = rho / o->buyer->A,
				h = fmin(WIDEST_STEP, STEP / sqrt(1 + narrowest)),
				center = log(peak / mean),
				sum = 0;

	for (int side = -1; side <= 1; side += 2)
	{
		for (int i = side < 0 ? 1 : 0; i < MAX_NODES; i++)
		{
			double		d = center + side * i * h,
						lambda = mean * exp(d),
						term = exp(rho * (d - expm1(d))) * given(o, lambda);

			sum += term;
			if (lambda < flat)
			{
				sum += term / expm1(rho * h);
				break;
			}
			if (!(term > 1e-18 * sum))
				break;
		}
	}
	return sum * h * sqrt(rho / (2 * M_PI)) * exp(-cv_stirling_error(rho));
}

/* How many phases a bell can have to itself: then the times of purchases have spread out. */
static double
distinct_phases(const cv_regular_buyer *b, double t)
{
	return fmin((b->rho + b->k + 40) * (t / b->A), b->k < 3 ? 20 : 40 / (1 - cos(2 * M_PI / b->k)));
}

double
cv_cnbd_mean_survival(const cv_regular_buyer *b, double t)
{
	outlook		o;
	double		low,
				high = b->rho / b->A,
				alive;

	if (t <= 0)
		return 1;
	o = outlook_of(b, t, 0);

	/* the peak, where the chance to survive m = lambda t/k purchases falls like exp(-m log(1 + a/(beta + m))) */
	low = b->rho / (b->A + t / b->k * log1p(b->a / b->beta));
	for (int i = 0; i < 20; i++)
	{
		double		lambda = sqrt(low * high),
					m = lambda * t / b->k;

		if (b->rho - lambda * b->A - m * log1p(b->a / (b->beta + m)) > 0)
			low = lambda;
		else
			high = lambda;
	}
	alive = average(&o, alive_given, low, b->rho + b->k + distinct_phases(b, t), 1e-17 / (b->A + t));
	return alive < 1 ? alive : 1;
}

double
cv_cnbd_mean_discounted(const cv_regular_buyer *b, double t, double delta)
{
	outlook		o;
	double		rho = b->rho,
				k = b->k,
				time = delta > 0 ? fmin(t, 1 / delta) : t,
				x = rho - k * (b->A / time),
				y = (rho + k) * k * (b->A / time),
				root = sqrt(x * x + 4 * y),
				peak;

	if (t <= 0)
		return 0;
	if (-delta * t > LARGEST_LOG)
		return INFINITY;
	o = outlook_of(b, t, delta);

	/* the peak of lambda^rho exp(-A lambda) (lambda time/(k + lambda time))^k solves a quadratic equation */
	peak = (x > 0 ? (x + root) / 2 : 2 * y / (root - x)) / b->A;
	return average(&o, purchases_given, peak, rho + k + (isinf(t) ? 0 : distinct_phases(b, t)), 0);
}
