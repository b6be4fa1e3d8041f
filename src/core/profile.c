/*
 * profile.c - the numbers of a customer's profile that are neither history nor model.
 */
#include "core/profile.h"

#include <math.h>

#include "core/special.h"

double
cv_chance_of_line(int64_t lines, int64_t all, int64_t draws)
{
	int64_t		rest = all - lines - draws;

	if (lines == 0)
		return 0;
	if (rest < 0)
		return 1;
	/* gamma(all - lines + 1) gamma(all - draws + 1) / (gamma(rest + 1) gamma(all + 1)) */
	return -expm1(-cv_log_gamma_square((double) rest + 1, (double) lines, (double) draws));
}

double
cv_fewer_p_value(int64_t now, int64_t before)
{
	double		n = (double) now + (double) before,
				above = (double) before,
				excess = (double) (before - now) / n,
				term = 1,
				sum = 0.5;

	if (now > before)
		return 1 - cv_fewer_p_value(before, now);
	if (now == before)
		return 0.5;
	if (now == 0)
		return 0.5 * exp2(-n);

	/* from the case of exactly now, as 1, down to the rarest */
	for (double below = (double) now; below > 0 && term > 1e-18 * sum; below--)
	{
		above++;
		term *= below / above;
		sum += term;
	}
	/* C(n, now) / 2^n by Stirling's formula, arranged so that no large numbers cancel (Loader 2000) */
	return sum * sqrt(n / (2 * M_PI * (double) now * (double) before)) *
		exp(cv_stirling_error(n) - cv_stirling_error((double) now) - cv_stirling_error((double) before)
			- n / 2 * (log1p(-excess * excess) + 2 * excess * atanh(excess)));
}
