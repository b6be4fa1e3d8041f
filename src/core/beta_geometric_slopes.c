/*
 * beta_geometric_slopes.c - how predictions of BG/NBD and MBG/NBD move with the parameters.
 *
 * The integrals of beta_geometric_rate.c on the same panels, and beside them those
 * of the derivatives of S, from the derivatives of the terms of its series.
 */
#include "core/beta_geometric.h"

#include <math.h>

#define MAX_TERMS 500

/* S, and its derivatives by rho, a and beta, over a power of 1 + z. */
enum
{
	VALUE,
	BY_RHO,
	BY_A,
	BY_BETA,
	PARTS
};

/*
 * The terms of F(first, second; c; w), each as it moves with rho, a and beta: of the two
 * forms of S that survivals() knows those without a change of sign,
 *
 *   (1 + z)^-rho F(rho, beta; c; w) and, for rho < c, (1 + z)^-a F(a, c - rho; c; w).
 *
 * Returns how many there are, or 0 where they are too many or too large.
 */
static int
take_terms(double rho, double a, double beta, bool by_rho, double w, double term[MAX_TERMS][PARTS])
{
	double		c = a + beta,
				first = by_rho ? rho : a,
				second = by_rho ? beta : c - rho,
				coefficient = 1,
				power = 1,
				total = 1,
				d1 = 0,			/* of log(coefficient) */
				d2 = 0,
				dc = 0;

	term[0][VALUE] = 1;
	term[0][BY_RHO] = term[0][BY_A] = term[0][BY_BETA] = 0;
	for (int n = 1; n < MAX_TERMS; n++)
	{
		double		j = n - 1,
					ratio = (first + j) * (second + j) / ((c + j) * (1 + j)),
					tail;

		coefficient *= ratio;
		d1 += 1 / (first + j);
		d2 += 1 / (second + j);
		dc -= 1 / (c + j);
		term[n][VALUE] = coefficient;
		term[n][BY_RHO] = coefficient * (by_rho ? d1 : -d2);
		term[n][BY_A] = coefficient * (by_rho ? dc : d1 + d2 + dc);
		term[n][BY_BETA] = coefficient * (d2 + dc);
		power *= w;
		total += coefficient * power;
		tail = fmax(ratio, 1) * w;
		if (tail < 1 && coefficient * power * (1 + d1 + d2) * tail <= 1e-15 * total * (1 - tail))
			return total < 1e250 ? n + 1 : 0;
	}
	return 0;
}

/* S and its derivatives at n increasing v, all over (1 + z)^-power. */
static bool
survivals(double rho, double a, double beta, const double *v, int n,
		  double s[CV_BG_MAX_NODES][PARTS], double *power)
{
	double		term[MAX_TERMS][PARTS];
	bool		by_rho = rho <= a || rho >= a + beta;
	int			terms = 0;

	*power = by_rho ? rho : a;
	if (*power * v[n - 1] < 60)
		terms = take_terms(rho, a, beta, by_rho, -expm1(-v[n - 1]), term);
	for (int i = 0; i < n && terms > 0; i++)
	{
		double		w = -expm1(-v[i]),
					sum[PARTS] = {0};

		for (int t = terms - 1; t >= 0; t--)
			for (int k = 0; k < PARTS; k++)
				sum[k] = sum[k] * w + term[t][k];
		sum[by_rho ? BY_RHO : BY_A] -= v[i] * sum[VALUE];
		for (int k = 0; k < PARTS; k++)
			s[i][k] = sum[k];
	}
	return terms > 0;
}

/* The integral over z in (0, t/A] from its parts, its integrand at the end, and the mean of z. */
static cv_bg_integral
integral_of(double rho, double A, double t, double delta, const double *sum, double at_end, double z)
{
	return (cv_bg_integral) {
		.value = rho * sum[VALUE],
		.rho = sum[VALUE] + rho * sum[BY_RHO],
		.A = -rho * (at_end * t / (A * A) + delta * z),
		.a = rho * sum[BY_A],
		.beta = rho * sum[BY_BETA]
	};
}

bool
cv_bg_integrals(double rho, double A, double a, double beta, double t, double delta,
				cv_bg_integral *plain, cv_bg_integral *discounted)
{
	double		end = log1p(t / A),
				from = 0,
				now[PARTS] = {0},
				later[PARTS] = {0},
				later_z = 0,
				at_end;
	cv_bg_shape shape = cv_bg_shape_of(rho, A, a, beta, delta);

	for (int panel = 0; from < end; panel++)
	{
		double		v[CV_BG_MAX_NODES],
					s[CV_BG_MAX_NODES][PARTS],
					weight[CV_BG_MAX_NODES],
					width,
					power;
		int			n = cv_bg_panel(&shape, from, end, &width, v, weight);

		if (panel == CV_BG_MAX_PANELS || !survivals(rho + 1, a, beta, v, n, s, &power))
			return false;
		for (int i = 0; i < n; i++)
		{
			double		z = expm1(v[i]),
						w = weight[i] * exp((1 - power) * v[i]),
						d = w * exp(-delta * A * z);

			for (int k = 0; k < PARTS; k++)
			{
				now[k] += w * s[i][k];
				later[k] += d * s[i][k];
			}
			later_z += d * z * s[i][VALUE];
		}
		from += width;
		if (end - from <= 1e-14 * end)
			break;
	}
	at_end = cv_bg_survival(rho + 1, a, beta, t / A);
	*plain = integral_of(rho, A, t, 0, now, at_end, 0);
	*discounted = integral_of(rho, A, t, delta, later, at_end * exp(-delta * t), later_z);
	return true;
}

/* The slopes of the log of an integral. */
static void
log_slopes(const double *param, const cv_bg_integral *f, double *slopes)
{
	slopes[0] = param[0] * f->rho / f->value;
	slopes[1] = param[1] * f->A / f->value;
	slopes[2] = param[2] * f->a / f->value;
	slopes[3] = param[3] * f->beta / f->value;
}

bool
cv_bg_slopes(const cv_family *family, const double *param, const cv_customer *c, double t, double delta,
			 cv_slopes *slopes)
{
	double		rho = param[0] + c->x,
				alpha = param[1],
				k = c->x + family->variant,
				u = c->T - c->t_x;
	cv_bg_integral plain,
				discounted;

	if (!cv_bg_integrals(rho, alpha + c->T, param[2], param[3] + k, t, delta, &plain, &discounted))
		return false;
	log_slopes(param, &plain, slopes->expected);
	log_slopes(param, &discounted, slopes->discounted);

	/* of minus the log odds of death, see cv_bg_life_and_death(); nobody new can have died in BG/NBD */
	slopes->alive[0] = k > 0 ? -param[0] * log1p(u / (alpha + c->t_x)) : 0;
	slopes->alive[1] = k > 0 ? rho * alpha / (alpha + c->t_x) * (u / (alpha + c->T)) : 0;
	slopes->alive[2] = k > 0 ? -1 : 0;
	slopes->alive[3] = k > 0 ? param[3] / (param[3] + k - 1) : 0;
	return true;
}
