/*
 * optimise.c - the maximum of a smooth function in a box: NLopt to get near, Newton to get there.
 *
 * The only file that knows NLopt.  No time limits and no random numbers: the
 * same problem always takes the same steps.
 */
#include "core/optimise.h"

#include <math.h>
#include <nlopt.h>
#include <string.h>

#define MAX_NEWTON 200
#define MAX_CLIMB 400
#define MAX_STEP 2.0			/* of any variable in one Newton step: a factor of e^2 in the parameter */
#define LAST_STEP 1e-8			/* after a Newton step this short theta has all its digits, and the Hessian eight or so */
#define FLAT 1e-6				/* a gradient this small is a plateau once Newton's step fails */

static bool
is_interrupted(const cv_problem *problem)
{
	return problem->interrupted && problem->interrupted(problem->interrupted_arg);
}

typedef struct climb
{
	cv_problem *problem;
	nlopt_opt	opt;
	double		best[CV_MAX_FREE];
	double		best_value;
	bool		interrupted;
} climb;

static double
climb_value(unsigned n, const double *theta, double *gradient, void *arg)
{
	climb	   *c = arg;
	double		value = -INFINITY;

	c->problem->evaluations++;
	if (is_interrupted(c->problem))
	{
		c->interrupted = true;
		nlopt_force_stop(c->opt);
	}
	else
		value = c->problem->value(theta, gradient, NULL, c->problem->arg);
	if (!isfinite(value))
	{
		for (unsigned i = 0; gradient && i < n; i++)
			gradient[i] = 0;
		return -1e300;
	}
	if (value > c->best_value)
	{
		c->best_value = value;
		for (unsigned i = 0; i < n; i++)
			c->best[i] = theta[i];
	}
	return value;
}

cv_optimise_result
cv_climb(cv_problem *problem, double tolerance, double *theta)
{
	climb		c = {.problem = problem, .best_value = -INFINITY};
	double		inside[CV_MAX_FREE],
				value;

	for (int i = 0; i < problem->n; i++)
		c.best[i] = inside[i] = fmin(fmax(theta[i], problem->lower[i]), problem->upper[i]);
	c.opt = nlopt_create(NLOPT_LD_SLSQP, problem->n);
	if (c.opt)
	{
		nlopt_set_max_objective(c.opt, climb_value, &c);
		nlopt_set_lower_bounds(c.opt, problem->lower);
		nlopt_set_upper_bounds(c.opt, problem->upper);
		nlopt_set_ftol_abs(c.opt, tolerance);
		nlopt_set_maxeval(c.opt, MAX_CLIMB);
		nlopt_optimize(c.opt, inside, &value);
		nlopt_destroy(c.opt);
	}
	for (int i = 0; i < problem->n; i++)
		theta[i] = c.best[i];
	return c.interrupted ? CV_OPTIMISE_INTERRUPTED : CV_OPTIMISE_OK;
}

/* Cholesky factor of matrix in place (lower triangle, row-major n x n); false if not positive definite. */
static bool
factorise(double *m, int n)
{
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j <= i; j++)
		{
			double		sum = m[i * n + j];

			for (int k = 0; k < j; k++)
				sum -= m[i * n + k] * m[j * n + k];
			if (i == j)
			{
				/* below this the pivot is rounding, not curvature */
				if (!(sum > 1e-14 * fabs(m[i * n + i])) || !isfinite(sum))
					return false;
				m[i * n + i] = sqrt(sum);
			}
			else
				m[i * n + j] = sum / m[j * n + j];
		}
	}
	return true;
}

static void
solve(const double *factor, int n, double *x)
{
	for (int i = 0; i < n; i++)
	{
		for (int k = 0; k < i; k++)
			x[i] -= factor[i * n + k] * x[k];
		x[i] /= factor[i * n + i];
	}
	for (int i = n; i-- > 0;)
	{
		for (int k = i + 1; k < n; k++)
			x[i] -= factor[k * n + i] * x[k];
		x[i] /= factor[i * n + i];
	}
}

bool
cv_invert(const double *matrix, int n, double *inverse)
{
	double		factor[CV_MAX_FREE * CV_MAX_FREE];
	double		column[CV_MAX_FREE];

	memcpy(factor, matrix, sizeof(double) * n * n);
	if (!factorise(factor, n))
		return false;
	for (int j = 0; j < n; j++)
	{
		for (int i = 0; i < n; i++)
			column[i] = i == j;
		solve(factor, n, column);
		for (int i = 0; i < n; i++)
			inverse[i * n + j] = column[i];
	}
	/* symmetric to the last bit */
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < i; j++)
			inverse[i * n + j] = inverse[j * n + i];
	}
	return true;
}

/* The variables at the edge of the box whose gradient points out of it. */
static unsigned
find_bound(const cv_problem *problem, const double *theta, const double *gradient)
{
	unsigned	at_bound = 0;

	for (int i = 0; i < problem->n; i++)
	{
		if ((theta[i] <= problem->lower[i] && gradient[i] <= 0) ||
			(theta[i] >= problem->upper[i] && gradient[i] >= 0))
			at_bound |= 1u << i;
	}
	return at_bound;
}

/*
 * True where a step of any free variable by one unit, a factor of e in the
 * parameter, would change the value by next to nothing.
 */
static bool
is_flat(int n, const double *gradient, unsigned at_bound)
{
	for (int i = 0; i < n; i++)
	{
		if (!(at_bound & (1u << i)) && !(fabs(gradient[i]) < FLAT))
			return false;
	}
	return true;
}

/*
 * The step of the free variables that solves (damping D - H) step = gradient, D the
 * size of the Hessian's diagonal; the others stay.  Returns the step's first-order
 * gain, gradient * step / 2, or -1 where the matrix is not positive definite.
 */
static double
newton_step(int n, const double *gradient, const double *hessian, unsigned at_bound, double damping, double *step)
{
	double		factor[CV_MAX_FREE * CV_MAX_FREE],
				x[CV_MAX_FREE],
				gain = 0;
	int			free_variable[CV_MAX_FREE],
				m = 0;

	for (int i = 0; i < n; i++)
	{
		step[i] = 0;
		if (!(at_bound & (1u << i)))
			free_variable[m++] = i;
	}
	for (int i = 0; i < m; i++)
	{
		x[i] = gradient[free_variable[i]];
		for (int j = 0; j < m; j++)
			factor[i * m + j] = -hessian[free_variable[i] * n + free_variable[j]];
		factor[i * m + i] += damping * (fabs(factor[i * m + i]) + 1e-3 * fabs(x[i]));
	}
	if (!factorise(factor, m))
		return -1;
	solve(factor, m, x);
	for (int i = 0; i < m; i++)
	{
		step[free_variable[i]] = x[i];
		gain += 0.5 * x[i] * gradient[free_variable[i]];
	}
	return gain;
}

/*
 * The same, and of the variables at the edge of the box those stay, too, that the step would
 * take out of it: their gradient points into the box only for as long as others they hang
 * together with are not where they belong.  Adds them to at_bound.
 */
static double
newton_step_inside(const cv_problem *problem, const double *theta, const double *gradient, const double *hessian,
				   unsigned *at_bound, double damping, double *step)
{
	for (;;)
	{
		double		gain = newton_step(problem->n, gradient, hessian, *at_bound, damping, step);
		unsigned	out = 0;

		for (int i = 0; gain >= 0 && i < problem->n; i++)
		{
			if ((step[i] < 0 && theta[i] <= problem->lower[i]) || (step[i] > 0 && theta[i] >= problem->upper[i]))
				out |= 1u << i;
		}
		if (out == 0)
			return gain;
		*at_bound |= out;
	}
}

static double
longest(int n, const double *step)
{
	double		most = 0;

	for (int i = 0; i < n; i++)
		most = fmax(most, fabs(step[i]));
	return most;
}

/*
 * Where the step leads, no variable by more than MAX_STEP, and no further than the
 * edge of the box: variables may hang together, so that all stop where one does.
 * None of those at the edge moves out.
 */
static void
take_step(const cv_problem *problem, const double *theta, const double *step, double *trial)
{
	double		share = 1;
	int			stopped = -1;

	for (int i = 0; i < problem->n; i++)
		share = fmin(share, MAX_STEP / fabs(step[i]));
	for (int i = 0; i < problem->n; i++)
	{
		double		room = step[i] < 0 ? theta[i] - problem->lower[i] : problem->upper[i] - theta[i];

		if (step[i] != 0 && share * fabs(step[i]) > room)
		{
			share = room / fabs(step[i]);
			stopped = i;
		}
	}
	for (int i = 0; i < problem->n; i++)
		trial[i] = fmin(fmax(theta[i] + share * step[i], problem->lower[i]), problem->upper[i]);
	if (stopped >= 0)
		trial[stopped] = step[stopped] < 0 ? problem->lower[stopped] : problem->upper[stopped];
}

cv_optimise_result
cv_polish(cv_problem *problem, double tolerance, const double *start, cv_optimum *best)
{
	int			n = problem->n;
	double		gradient[CV_MAX_FREE],
				damping = 0,
				last_gain = INFINITY;

	for (int i = 0; i < n; i++)
		best->theta[i] = fmin(fmax(start[i], problem->lower[i]), problem->upper[i]);
	best->value = problem->value(best->theta, gradient, best->hessian, problem->arg);
	problem->evaluations++;

	for (int iteration = 0; iteration < MAX_NEWTON; iteration++)
	{
		double		step[CV_MAX_FREE],
					trial[CV_MAX_FREE],
					trial_gradient[CV_MAX_FREE],
					trial_hessian[CV_MAX_FREE * CV_MAX_FREE],
					value,
					gain,
					rounding = 1e-12 * fabs(best->value);
		bool		converged;

		if (is_interrupted(problem))
			return CV_OPTIMISE_INTERRUPTED;
		best->at_bound = find_bound(problem, best->theta, gradient);
		/* on a plateau the Hessian is rounding, and Newton's method would wander for ever */
		if (damping > 0 && is_flat(n, gradient, best->at_bound))
			return CV_OPTIMISE_OK;
		gain = newton_step_inside(problem, best->theta, gradient, best->hessian, &best->at_bound, damping, step);
		if (gain < 0)
		{
			damping = damping == 0 ? 1e-3 : damping * 10;
			if (damping > 1e12)
				return CV_OPTIMISE_STALLED;
			continue;
		}

		/* converged: the steps that follow add digits to theta, as long as each is much shorter than the last */
		converged = damping == 0 && gain <= tolerance + rounding;
		if (converged && (gain < 1e-22 || gain > last_gain / 16))
			return CV_OPTIMISE_OK;
		if (converged)
			last_gain = gain;

		take_step(problem, best->theta, step, trial);
		if (converged && longest(n, step) < LAST_STEP)
		{
			memcpy(best->theta, trial, sizeof(double) * n);
			best->value += gain;
			return CV_OPTIMISE_OK;
		}
		value = problem->value(trial, trial_gradient, trial_hessian, problem->arg);
		problem->evaluations++;

		/* what a step gains close to the maximum is below the rounding of the value */
		if (value >= best->value || (converged && value >= best->value - 10 * rounding))
		{
			best->value = value;
			for (int i = 0; i < n; i++)
			{
				best->theta[i] = trial[i];
				gradient[i] = trial_gradient[i];
			}
			for (int i = 0; i < n * n; i++)
				best->hessian[i] = trial_hessian[i];
			damping = damping < 1e-5 ? 0 : damping / 10;
		}
		else if (converged || gain <= rounding)
			return CV_OPTIMISE_OK;
		else
		{
			damping = damping == 0 ? 1e-4 : damping * 10;
			if (damping > 1e12)
				return CV_OPTIMISE_STALLED;
		}
	}
	return CV_OPTIMISE_STALLED;
}
