/*
 * ggompertz_nbd_race.c - which comes first, the next purchase or a death the hazard of which grows?
 *
 * From now on a customer outlives w/b with probability (1 + E)^-s, B E = expm1(w),
 * and does without a purchase so long with probability (1 + w/c)^-rho.  So
 *
 *   h = s integral over E > 0 of (1 + E)^-(s+1) (1 + log(1 + B E)/c)^-rho dE.
 *
 * The integrand is a mixture, with positive weights, of exp(-k E): each factor
 * is completely monotone in E.  In z = log E the trapezoidal rule with step STEP
 * is wrong by 2 |gamma(1 + 2 pi i/STEP)| < 2e-16 of any such term, and so of h,
 * whatever the parameters.  Far left, where the integrand is exp(z) alone, and far
 * right, where it falls slowly if s is small, the nodes are spread out exponentially:
 * z = y - exp(y0 - y) + exp(y - y1), with y0 and y1 well outside of where the
 * integrand bends.
 */
#include "core/ggompertz_nbd.h"

#include <float.h>
#include <math.h>

#define STEP 0.25
#define LEFT 2.0				/* from the steepest term to y0 */
#define RIGHT 3.0				/* from the last bend to y1 */
#define START 3.75				/* exp(START) = 42: further left there is nothing */
#define NOTHING 46.0			/* exp(-NOTHING) = 1e-20 */

double
cv_gompertz_B(double beta, double bt)
{
	return beta * exp(-bt) - expm1(-bt);
}

double
cv_gompertz_risk(double B, double w)
{
	double		e = expm1(w) / B;

	return e < DBL_MAX ? log1p(e) : w - log(B);
}

/* log(1 + exp(y)) */
static double
softplus(double y)
{
	return y > 0 ? y + log1p(exp(-y)) : log1p(exp(y));
}

void
cv_gompertz_grid_of(double s, double steepest, double least, cv_gompertz_grid *grid)
{
	double		y0 = -log(1 + s + steepest) - LEFT,
				y1 = fmax(0, -log(least)) + RIGHT,
				/* where s exp(y - y1) is as large as matters */
				end = y1 + fmax(0, log(NOTHING / s)),
				step = fmax(STEP, (end - y0 + START) / (CV_GOMPERTZ_NODES - 1));

	grid->s = s;
	grid->n = 0;
	while (grid->n < CV_GOMPERTZ_NODES)
	{
		int			i = grid->n;
		double		y = y0 - START + i * step,
					left = exp(y0 - y),
					right = exp(y - y1),
					z = y - left + right,
					risk = softplus(z),
					outlives = exp(-s * risk),
					scale = s * step * (1 + left + right) * exp(-softplus(-z));

		if (s * risk > NOTHING)
			break;
		grid->log_odds[i] = z;
		grid->odds[i] = fmin(exp(z), DBL_MAX);
		grid->risk[i] = risk;
		grid->weight[i] = scale * outlives;
		grid->rest[i] = 1 / scale;
		grid->n++;
	}
}

void
cv_gompertz_grid_at(const cv_gompertz_grid *grid, double c, double log_B,
					double *log_wait, double *share)
{
	double		B = exp(log_B);

	for (int i = 0; i < grid->n; i++)
	{
		double		z = grid->log_odds[i] + log_B,
					w = z > 40 ? z : log1p(B * grid->odds[i]),
					wait = w / c;

		log_wait[i] = log1p(wait);
		share[i] = 1 / (1 + wait);
	}
}

/* Sums over the nodes: of weights, and of weights times what derivatives are made of. */
typedef struct sums
{
	double		one,
				G,				/* log(1 + W/c) */
				L,				/* log(1 + E) */
				Q,				/* -dG/d(log c) = W/(c + W) */
				U,				/* dG/d(log B) = V/(c + W), V = B E/(1 + B E) */
				GG,
				GL,
				LL,
				GQ,
				GU,
				LQ,
				LU,
				QQ,
				QU,
				UU,
				UV;
} sums;

void
cv_gompertz_race_at(const cv_gompertz_grid *grid, const double *log_wait, const double *share,
					double rho, double c, double log_B, bool second, cv_gompertz_race *race)
{
	double		s = grid->s,
				B = exp(log_B),
				q = 1 / s;
	sums		f = {0};

	for (int i = 0; i < grid->n; i++)
	{
		double		G = log_wait[i],
					L = grid->risk[i],
					Q = 1 - share[i],
					BE = B * grid->odds[i],
					V = BE < DBL_MAX ? BE / (1 + BE) : 1,
					U = V * share[i] / c,
					weight = grid->weight[i] * exp(-rho * G);

		f.one += weight;
		f.G += weight * G;
		f.L += weight * L;
		f.Q += weight * Q;
		f.U += weight * U;
		if (second)
		{
			double		G_weight = weight * G,
						L_weight = weight * L,
						Q_weight = weight * Q,
						U_weight = weight * U;

			f.GG += G_weight * G;
			f.GL += G_weight * L;
			f.LL += L_weight * L;
			f.GQ += G_weight * Q;
			f.GU += G_weight * U;
			f.LQ += L_weight * Q;
			f.LU += L_weight * U;
			f.QQ += Q_weight * Q;
			f.QU += Q_weight * U;
			f.UU += U_weight * U;
			f.UV += U_weight * V;
		}
		/* what is left is less than the chance to outlive this without a purchase */
		if (weight * grid->rest[i] < 1e-20 * f.one)
			break;
	}

	race->h = f.one;
	race->d[CV_RACE_RHO] = -f.G;
	race->d[CV_RACE_C] = rho * f.Q;
	race->d[CV_RACE_B] = -rho * f.U;
	race->d[CV_RACE_S] = q * f.one - f.L;
	if (!second)
		return;
	race->dd[CV_RACE_RHO][CV_RACE_RHO] = f.GG;
	race->dd[CV_RACE_RHO][CV_RACE_C] = f.Q - rho * f.GQ;
	race->dd[CV_RACE_RHO][CV_RACE_B] = rho * f.GU - f.U;
	race->dd[CV_RACE_RHO][CV_RACE_S] = f.GL - q * f.G;
	race->dd[CV_RACE_C][CV_RACE_C] = rho * ((rho + 1) * f.QQ - f.Q);
	race->dd[CV_RACE_C][CV_RACE_B] = rho * (f.U - (rho + 1) * f.QU);
	race->dd[CV_RACE_C][CV_RACE_S] = rho * (q * f.Q - f.LQ);
	race->dd[CV_RACE_B][CV_RACE_B] = rho * ((rho + 1) * f.UU - f.U + f.UV);
	race->dd[CV_RACE_B][CV_RACE_S] = rho * (f.LU - q * f.U);
	race->dd[CV_RACE_S][CV_RACE_S] = f.LL - 2 * q * f.L;
}
