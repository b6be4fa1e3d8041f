/*
 * random.c - random numbers for tests: the same on every machine and in every run.
 */
#include "random.h"

#include <math.h>

static uint64_t random_state;

void
random_seed(uint64_t seed)
{
	random_state = seed;
}

double
random_uniform(void)
{
	uint64_t	z = (random_state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return ((double) (z >> 11) + 0.5) / 9007199254740992.0;
}

double
random_magnitude(double low, double high)
{
	return pow(10, low + (high - low) * random_uniform());
}

double
random_exponential(double rate)
{
	return -log(random_uniform()) / rate;
}

/* Marsaglia and Tsang (2000), with the power trick below one. */
double
random_gamma(double shape, double rate)
{
	double		d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3,
				c = 1 / sqrt(9 * d),
				boost = shape < 1 ? pow(random_uniform(), 1 / shape) : 1;

	for (;;)
	{
		double		normal = sqrt(-2 * log(random_uniform())) * cos(2 * M_PI * random_uniform()),
					v = 1 + c * normal;

		v = v * v * v;
		if (v > 0 && log(random_uniform()) < normal * normal / 2 + d - d * v + d * log(v))
			return boost * d * v / rate;
	}
}

double
random_beta(double a, double b)
{
	double		x = random_gamma(a, 1),
				y = random_gamma(b, 1);

	return x / (x + y);
}

cv_pattern
random_customer(int first, const double *param, double T)
{
	cv_pattern	c = {.T = T, .count = 1};
	double		lambda = random_gamma(param[0], param[1]),
				p = param[2] > 0 ? random_beta(param[2], param[3]) : 0,
				now = 0;

	if (first && random_uniform() < p)
		return c;
	while ((now += random_exponential(lambda)) < T)
	{
		c.x++;
		c.t_x = fmin(T, ceil(7 * now) / 7);
		if (random_uniform() < p)
			break;
	}
	return c;
}
