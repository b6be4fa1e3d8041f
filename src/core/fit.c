/*
 * fit.c - the fit of any family to any sample.
 *
 * From every start NLopt climbs on at most THINNED patterns that stand for all,
 * Newton's method finishes on all of them from wherever different climbs ended.
 * Of very many patterns a hundred tell which starts lead to the same maximum, and some
 * thousands take it so close that few steps on all are left.
 */
#include "core/groups.h"
#include "core/model.h"
#include "core/objective.h"
#include "core/optimise.h"
#include "core/patterns.h"

#include <math.h>
#include <string.h>

#define THINNED 1024
#define SCOUTED 128				/* patterns that starts are tried on, where there are MANY ... */
#define MANY 16384
#define CLOSE_SHARE 16			/* one in so many patterns serves to draw near to a maximum ... */
#define FEWEST_CLOSE 4096		/* ... but not fewer, and where the sample has the room, up to CV_CLOSE */
#define MAX_CANDIDATES 6

/* gains in log-likelihood that are nothing, statistically and numerically */
#define CLIMB_TOLERANCE 1e-3
#define SAME_PLACE 0.1			/* of log parameters */
#define POLISH_TOLERANCE 1e-9
#define NO_GAIN 1e-5

/* a standard error of a log parameter beyond this: the 95% interval spans a factor of 50 */
#define WEAK_ERROR 1.0
/* ... and beyond this it is a plateau, where there is no such thing */
#define NO_ERROR 10.0

/* logs of factors by which a covariate may move a rate, at the customer furthest from the mean */
#define MAX_EFFECT 30.0

/* One call of cv_fit. */
typedef struct task
{
	cv_fit_options options;
	cv_sample	all;			/* merged */
	double		customers;
	cv_sample	few;			/* thinned */
	cv_sample	scouted;		/* thinned further, where there are many patterns; else n is 0 */
	cv_sample	close;			/* thinned less, likewise */
	double		centre[CV_MAX_COVARIATES];
	double		scale[CV_MAX_COVARIATES];
} task;

/* A fit of one family: where the maximum is, and of what. */
typedef struct found
{
	cv_objective objective;
	cv_optimum	optimum;
	cv_optimise_result result;
} found;

/* Newton's method, with NLopt as the way out and Newton's once more. */
static cv_optimise_result
finish(cv_problem *problem, const double *start, cv_optimum *optimum)
{
	cv_optimise_result result = cv_polish(problem, POLISH_TOLERANCE, start, optimum);

	if (result == CV_OPTIMISE_STALLED)
	{
		double		theta[CV_MAX_FREE];

		for (int i = 0; i < problem->n; i++)
			theta[i] = optimum->theta[i];
		result = cv_climb(problem, POLISH_TOLERANCE, theta);
		if (result != CV_OPTIMISE_INTERRUPTED)
			result = cv_polish(problem, POLISH_TOLERANCE, theta, optimum);
	}
	return result;
}

/* A maximum on the thinned patterns, where the fit to all of them may start. */
typedef struct candidate
{
	double		theta[CV_MAX_FREE];
	double		value;
} candidate;

/* Is there one as good, and close by, among the candidates? */
static bool
is_known(const candidate *candidates, int found, const cv_optimum *optimum, int n)
{
	for (int k = 0; k < found; k++)
	{
		double		distance = 0;

		for (int i = 0; i < n; i++)
			distance = fmax(distance, fabs(candidates[k].theta[i] - optimum->theta[i]));
		if (distance < SAME_PLACE && fabs(candidates[k].value - optimum->value) < CLIMB_TOLERANCE)
			return true;
	}
	return false;
}

static void
add_candidate(candidate *candidates, int *found, const cv_optimum *optimum, int n)
{
	for (int i = 0; i < n; i++)
		candidates[*found].theta[i] = optimum->theta[i];
	candidates[(*found)++].value = optimum->value;
}

/*
 * Where Newton's method leads from a start on next to nothing, if that is a maximum inside
 * the box: a start that is close to one is worth dozens of evaluations on more patterns.
 */
static cv_optimise_result
scout(cv_problem *problem, const cv_objective *scouted, const double *start, cv_optimum *optimum)
{
	cv_optimise_result result;

	problem->arg = (void *) scouted;
	result = cv_polish(problem, CLIMB_TOLERANCE, start, optimum);
	if (result == CV_OPTIMISE_OK && (optimum->at_bound != 0 || !isfinite(optimum->value)))
		return CV_OPTIMISE_STALLED;
	return result;
}

/*
 * Climbs from every start on the thinned patterns; returns the number of different maxima,
 * or -1.  What others than the climbs do is for the sake of speed: scouted may be NULL.
 */
static int
find_candidates(cv_problem *problem, const cv_objective *few, const cv_objective *scouted, candidate *candidates)
{
	const cv_family *family = few->family;
	double		start[CV_MAX_FREE] = {0};
	candidate	seen[MAX_CANDIDATES] = {{{0}}};
	int			found = 0,
				n_seen = 0;

	for (int k = 0; found < MAX_CANDIDATES; k++)
	{
		cv_optimum	optimum = {.value = -INFINITY};
		cv_optimise_result result = CV_OPTIMISE_STALLED;

		if (family->regular)
			start[family->n_params] = few->k;
		if (!family->start(family, few->sample->patterns, few->sample->n, k, start))
			break;
		for (int i = family->n_params; i < few->n; i++)
			start[i] = 0;
		if (scouted)
			result = scout(problem, scouted, start, &optimum);
		problem->arg = (void *) few;
		if (result == CV_OPTIMISE_OK)
		{
			if (is_known(seen, n_seen, &optimum, few->n))
				continue;
			if (n_seen < MAX_CANDIDATES)
				add_candidate(seen, &n_seen, &optimum, few->n);
			memcpy(start, optimum.theta, sizeof(double) * few->n);
			result = cv_polish(problem, CLIMB_TOLERANCE, start, &optimum);
		}
		if (result == CV_OPTIMISE_STALLED)
		{
			result = cv_climb(problem, CLIMB_TOLERANCE, start);
			if (result != CV_OPTIMISE_INTERRUPTED)
				result = cv_polish(problem, CLIMB_TOLERANCE, start, &optimum);
		}
		if (result == CV_OPTIMISE_INTERRUPTED)
			return -1;
		if (isfinite(optimum.value) && !is_known(candidates, found, &optimum, few->n))
			add_candidate(candidates, &found, &optimum, few->n);
	}
	return found;
}

/* The box: the family's, and effects beyond which they separate customers like an axe. */
static void
find_bounds(cv_problem *problem, const cv_objective *o, const task *task)
{
	const cv_family *family = o->family;

	if (family->regular)
		problem->lower[family->n_params] = o->k;
	family->bounds(family, task->few.patterns, task->few.n, problem->lower, problem->upper);
	for (int i = family->n_params; i < o->n; i++)
	{
		int			j = 0;
		bool		churn = false;

		cv_effect_at(family, &o->covariates, i, &j, &churn);
		/* what is the same for everybody has no effect, unless the penalty says how to share */
		problem->upper[i] = o->penalty == 0 && cv_groups_constant(&task->all, j) ? 0 : MAX_EFFECT;
		problem->lower[i] = -problem->upper[i];
	}
}

/* The model to start from in terms of the objective's variables; false where it is of no use. */
static bool
take_start(const cv_objective *o, const cv_model *start, double *variable)
{
	const cv_family *family = o->family;
	double		value[CV_MAX_FREE];

	if (!start || start->family != family->id ||
		(family->regular && start->param[family->n_params] != o->k))
		return false;
	for (int i = 0; i < o->n; i++)
	{
		int			j,
					other_j;
		bool		churn,
					other_churn;

		if (!cv_effect_at(family, &o->covariates, i, &j, &churn))
		{
			value[i] = log(start->param[i]);
			continue;
		}
		value[i] = 0;
		for (int k = family->n_params;
			 cv_effect_at(family, &start->covariates, k, &other_j, &other_churn); k++)
		{
			if (churn == other_churn &&
				strcmp(o->covariates.name[j], start->covariates.name[other_j]) == 0)
				value[i] = start->coefficient[k - family->n_params];
		}
	}
	cv_objective_from_model(o, value, variable);
	return true;
}

/* Draws near to a maximum on some of the patterns, which those of a candidate are not enough for. */
static bool
draw_near(cv_problem *problem, const cv_objective *close, candidate *candidate)
{
	cv_optimum	optimum;
	cv_optimise_result result;

	problem->arg = (void *) close;
	result = cv_polish(problem, CLIMB_TOLERANCE, candidate->theta, &optimum);
	if (result == CV_OPTIMISE_OK)
		memcpy(candidate->theta, optimum.theta, sizeof(double) * close->n);
	return result != CV_OPTIMISE_INTERRUPTED;
}

/* Finishes at theta, and keeps what comes out if it is better than what was found before. */
static bool
finish_better(cv_problem *problem, const double *theta, bool first, found *best)
{
	cv_optimum	local = {.value = -INFINITY};
	cv_optimise_result result = finish(problem, theta, &local);

	if (result == CV_OPTIMISE_INTERRUPTED)
		return false;
	/* the first of equals */
	if (local.value > best->optimum.value + (first ? 0 : POLISH_TOLERANCE * fabs(local.value)))
	{
		best->optimum = local;
		best->result = result;
	}
	return true;
}

/* Fits family with this k, without its limit. */
static cv_fit_result
fit_with_k(const task *task, const cv_family *family, int k, found *best)
{
	const bool	many = task->scouted.n > 0;
	cv_objective few,
				scouted,
				close;
	cv_problem	problem = {
		.value = cv_objective_value,
		.interrupted = task->options.interrupted,
		.interrupted_arg = task->options.interrupted_arg
	};
	candidate	candidates[MAX_CANDIDATES] = {{{0}}};
	candidate	given;
	int			n_candidates;

	cv_objective_init(&few, family, k, task->options.penalty, &task->few, task->centre, task->scale);
	cv_objective_init(&best->objective, family, k, task->options.penalty, &task->all, task->centre, task->scale);
	best->objective.interrupted = task->options.interrupted;
	best->objective.interrupted_arg = task->options.interrupted_arg;
	problem.n = few.n;
	find_bounds(&problem, &few, task);
	cv_objective_init(&scouted, family, k, task->options.penalty, &task->scouted, task->centre, task->scale);
	cv_objective_init(&close, family, k, task->options.penalty, &task->close, task->centre, task->scale);
	n_candidates = find_candidates(&problem, &few, many ? &scouted : NULL, candidates);
	if (n_candidates < 0)
		return CV_FIT_INTERRUPTED;
	for (int c = 0; many && c < n_candidates; c++)
	{
		if (!draw_near(&problem, &close, &candidates[c]))
			return CV_FIT_INTERRUPTED;
	}

	problem.arg = &best->objective;
	best->optimum = (cv_optimum) {.value = -INFINITY};
	best->result = CV_OPTIMISE_STALLED;
	for (int c = 0; c < n_candidates; c++)
	{
		if (!finish_better(&problem, candidates[c].theta, c == 0, best))
			return CV_FIT_INTERRUPTED;
	}
	/* last, so that it matters only where it leads to a better maximum */
	if (take_start(&best->objective, task->options.start, given.theta) &&
		!finish_better(&problem, given.theta, n_candidates == 0, best))
		return CV_FIT_INTERRUPTED;
	return isfinite(best->optimum.value) ? CV_FIT_OK : CV_FIT_FAILED;
}

/* Fits family, of a regular one with k = 1, 2, ... for as long as that makes the data likelier. */
static cv_fit_result
fit_family(const task *task, const cv_family *family, found *best)
{
	int			first = family->regular && task->options.k > 0 ? task->options.k : 1,
				last = family->regular && task->options.k == 0 ? CV_MAX_REGULARITY : first;
	cv_fit_result result = fit_with_k(task, family, first, best);

	for (int k = first + 1; k <= last && result == CV_FIT_OK; k++)
	{
		found		next;

		result = fit_with_k(task, family, k, &next);
		if (result == CV_FIT_FAILED || (result == CV_FIT_OK && next.optimum.value <= best->optimum.value + NO_GAIN))
			return CV_FIT_OK;
		if (result == CV_FIT_OK)
			*best = next;
	}
	return result;
}

/* Writes what was found into the model, with its covariance, and whether the data identify it. */
static void
write_model(const found *f, cv_model *model)
{
	const cv_objective *o = &f->objective;
	int			n = o->n;
	double		value[CV_MAX_FREE],
				information[CV_MAX_FREE * CV_MAX_FREE],
				covariance[CV_MAX_FREE * CV_MAX_FREE];

	model->family = o->family->id;
	model->n_params = o->family->n_params;
	model->covariates = o->covariates;
	model->log_likelihood = f->optimum.value + cv_objective_penalty(o, f->optimum.theta);
	model->status = f->result == CV_OPTIMISE_OK ? CV_STATUS_CONVERGED : CV_STATUS_NOT_CONVERGED;
	cv_objective_to_model(o, f->optimum.theta, value);
	memset(model->param, 0, sizeof(model->param));
	memset(model->coefficient, 0, sizeof(model->coefficient));
	for (int i = 0; i < n; i++)
	{
		if (i < model->n_params)
			model->param[i] = exp(value[i]);
		else
			model->coefficient[i - model->n_params] = value[i];
	}
	if (o->family->regular)
		model->param[model->n_params] = o->k;

	for (int i = 0; i < n * n; i++)
		information[i] = -f->optimum.hessian[i];
	model->has_cov = f->optimum.at_bound == 0 && model->status == CV_STATUS_CONVERGED &&
		cv_invert(information, n, covariance);
	for (int i = 0; model->has_cov && i < n; i++)
	{
		if (covariance[i * n + i] > WEAK_ERROR * WEAK_ERROR)
			model->status = CV_STATUS_WEAK;
		if (covariance[i * n + i] > NO_ERROR * NO_ERROR)
			model->has_cov = false;
	}
	memset(model->cov, 0, sizeof(model->cov));
	if (model->has_cov)
		cv_objective_covariance(o, covariance, model->cov);
	else if (model->status == CV_STATUS_CONVERGED)
		model->status = CV_STATUS_WEAK;
}

/* Room for what stands for the patterns. */
typedef struct thinned
{
	cv_pattern	few[THINNED];
	cv_pattern	scouted[SCOUTED];
	cv_pattern	close[FEWEST_CLOSE];	/* where the sample has no room for more */
	cv_group	groups[THINNED];
} thinned;

/* How many patterns a maximum is drawn near to on. */
static size_t
how_many_close(const cv_sample *sample)
{
	size_t		n = sample->n / CLOSE_SHARE;

	if (!sample->close || n < FEWEST_CLOSE)
		return FEWEST_CLOSE;
	return n < CV_CLOSE ? n : CV_CLOSE;
}

/* The patterns that stand for all, without covariates. */
static void
thin(task *task, thinned *thinned)
{
	const cv_sample *all = &task->all;
	const size_t close = how_many_close(all);
	const bool	many = all->n >= MANY;
	cv_thinning to_few = cv_thinning_of(all->n, task->customers, THINNED),
				to_close = cv_thinning_of(all->n, task->customers, close);

	task->few.patterns = thinned->few;
	task->few.n = 0;
	task->close.patterns = all->close ? all->close : thinned->close;
	for (size_t first = 0, n; first < all->n; first += n)
	{
		const cv_pattern *part = cv_sample_part(all, first, &n);

		task->few.n += cv_thin(&to_few, part, n, &thinned->few[task->few.n]);
		if (many)
			task->close.n += cv_thin(&to_close, part, n, &task->close.patterns[task->close.n]);
	}
	if (many)
	{
		task->scouted.patterns = thinned->scouted;
		task->scouted.n = cv_patterns_thin(task->few.patterns, task->few.n, thinned->scouted, SCOUTED);
	}
}

static bool
anybody_came_back(const cv_family *family, const cv_pattern *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		if (patterns[i].x > 0 && (family->kind == CV_SPEND_MODEL ? patterns[i].m : patterns[i].T) > 0)
			return true;
	}
	return false;
}

/* Are all patterns those of customers, and did anybody come back? */
static cv_fit_result
check(const cv_sample *sample, const cv_family *family)
{
	bool		came_back = false;

	if (sample->n == 0)
		return CV_FIT_NO_CUSTOMERS;
	for (size_t first = 0, n; first < sample->n; first += n)
	{
		const cv_pattern *part = cv_sample_part(sample, first, &n);

		if (!cv_patterns_valid(family, part, n))
			return CV_FIT_FAILED;
		came_back = came_back || anybody_came_back(family, part, n);
	}
	return came_back ? CV_FIT_OK : CV_FIT_NO_REPEATS;
}

/* Checks and merges the sample, and thins it. */
static cv_fit_result
prepare(task *task, const cv_family *family, thinned *thinned)
{
	cv_sample  *all = &task->all;
	cv_fit_result result = check(all, family);

	if (result == CV_FIT_NO_CUSTOMERS || result == CV_FIT_FAILED)
		return result;
	if (all->covariates &&
		(!(cv_family_shifts(family, false) || cv_family_shifts(family, true)) ||
		 !cv_groups_valid(all) || !cv_groups_sort(all)))
		return CV_FIT_FAILED;
	if (result == CV_FIT_NO_REPEATS)
		return result;
	if (family->kind == CV_SPEND_MODEL && all->patterns)
		all->n = cv_patterns_with_spend(all->patterns, all->n);

	task->few = task->scouted = task->close = *all;
	task->scouted.n = task->close.n = 0;
	if (all->covariates)
	{
		all->n = cv_groups_merge(all, task->options.interrupted, task->options.interrupted_arg);
		if (all->n == 0)
			return CV_FIT_INTERRUPTED;
		task->customers = cv_groups_customers(all);
		cv_groups_spread(all, task->centre, task->scale);
		cv_groups_thin(all, THINNED, thinned->few, thinned->groups, &task->few);
		return CV_FIT_OK;
	}
	if (all->patterns)
		all->n = cv_patterns_merge(all->patterns, all->n, task->options.interrupted, task->options.interrupted_arg);
	if (all->n == 0)
		return CV_FIT_INTERRUPTED;
	task->customers = cv_sample_customers(all);
	thin(task, thinned);
	return CV_FIT_OK;
}

/*
 * Fits the family, or, where that has no finite maximum that is any better, its limit, or then
 * its own: into *fitted, of which the rest is known.
 */
static cv_fit_result
fit_family_or_limit(const task *task, const cv_family *family, cv_model *fitted)
{
	const cv_family *limit;
	found		found;
	cv_fit_result result = fit_family(task, family, &found);

	if (result != CV_FIT_OK)
		return result;
	write_model(&found, fitted);

	/* regular buyers have no limit */
	limit = family->regular && fitted->param[family->n_params] > 1 ? NULL : cv_family_by_id(family->limit);
	for (; limit && fitted->status != CV_STATUS_CONVERGED && fitted->penalty == 0; limit = cv_family_by_id(limit->limit))
	{
		cv_model	simpler = *fitted;

		result = fit_family(task, limit, &found);
		if (result != CV_FIT_OK)
			return result;
		write_model(&found, &simpler);
		if (fitted->log_likelihood - simpler.log_likelihood >= NO_GAIN)
			break;
		*fitted = simpler;
	}
	if (fitted->family != family->id && fitted->family == CV_FAMILY_NBD)
		fitted->status = CV_STATUS_NO_CHURN;
	else if (fitted->family != family->id && fitted->status == CV_STATUS_CONVERGED)
		fitted->status = CV_STATUS_LIMIT;
	return CV_FIT_OK;
}

cv_fit_result
cv_fit(const cv_family *family, cv_sample *sample, const cv_fit_options *options, cv_model *model)
{
	task		task = {.all = *sample};
	thinned		thinned;
	cv_model	fitted = {
		.requested = family->id,
		.unit_days = 7,
		.as_of = CV_NO_DAY
	};
	cv_fit_result result;

	if (options)
		task.options = *options;
	if (!(task.options.penalty >= 0 && isfinite(task.options.penalty)) ||
		task.options.k < 0 || task.options.k > CV_MAX_REGULARITY)
		return CV_FIT_FAILED;
	if (family->regular && task.options.k == 0 && !sample->has_log_gaps)
		return CV_FIT_NEEDS_K;
	result = prepare(&task, family, &thinned);
	if (result == CV_FIT_OK)
	{
		sample->n = task.all.n;
		fitted.penalty = task.options.penalty;
		fitted.customers = task.customers;
		fitted.patterns = (double) task.all.n;
		result = fit_family_or_limit(&task, family, &fitted);
	}
	if (result == CV_FIT_OK)
		*model = fitted;
	return result;
}
