/*
 * subsamples.c - the table of small samples in docs/accuracy.md.
 *
 * subsamples [-w FILE] [-s STARTS] [SAMPLES [FAMILY...]]: draws samples of 50 to 500 CDNOW
 * customers (without replacement, calibration period), fits each family, looks for
 * a better maximum from STARTS random starts (30), and counts what came out.  -w writes
 * samples and fits for bench/reference/subsamples.py to judge.  Status 1 where
 * a fit failed, fell short, or hid that there is no finite maximum.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/optimise.h"
#include "random.h"
#include "reference.h"
#include "search.h"

#define MAX_CUSTOMERS 24000
#define MAX_SAMPLE 500
#define SHORT 1e-6				/* what a fit may miss of the best log-likelihood known */
#define SHORT_OF_LIMIT 1e-5		/* the same where a limit stands in, which the likelihood only approaches */
#define NO_ERROR 10.0			/* a standard error of a log parameter as large as this is a plateau */

typedef struct outcome
{
	int			converged;
	int			weak;			/* a finite maximum that says little */
	int			extreme;		/* the best fit at an edge, and the verdict says so */
	int			limit;			/* no finite maximum above the family's limit, which stands in; the verdict says so */
	int			not_converged;
	int			failed;
	int			wordless;		/* no verdict */
	int			fell_short;		/* of the best of many */
	int			silent;			/* the best of many is no finite maximum, but the verdict has one */
	int			overcautious;	/* the other way round */
	double		worst;
} outcome;

static cdnow_customer customers[MAX_CUSTOMERS];
static cv_pattern patterns[MAX_SAMPLE];
static int	starts = 30;

/* Puts size customers, drawn without replacement, to the front. */
static void
draw(size_t n, size_t size)
{
	for (size_t i = 0; i < size; i++)
	{
		size_t		j = i + (size_t) ((double) (n - i) * random_uniform());
		cdnow_customer c = customers[j];

		customers[j] = customers[i];
		customers[i] = c;
	}
}

static bool
is_finite_maximum(const cv_optimum *optimum, int n)
{
	double		information[CV_MAX_FREE * CV_MAX_FREE],
				cov[CV_MAX_FREE * CV_MAX_FREE];

	for (int i = 0; i < n * n; i++)
		information[i] = -optimum->hessian[i];
	if (optimum->at_bound != 0 || !cv_invert(information, n, cov))
		return false;
	for (int i = 0; i < n; i++)
	{
		if (cov[i * n + i] > NO_ERROR * NO_ERROR)
			return false;
	}
	return true;
}

static void
write_fit(FILE *f, int sample, const cv_family *family, const cv_model *model)
{
	fprintf(f, "fit %d %s %d %.17g", sample, family->name, model->status, model->log_likelihood);
	for (int i = 0; i < model->n_params; i++)
		fprintf(f, " %.17g", model->param[i]);
	fprintf(f, "\n");
	for (int i = 0; i < model->patterns; i++)
		fprintf(f, "%.17g %.17g %.17g %.17g\n", patterns[i].x, patterns[i].t_x, patterns[i].T, patterns[i].count);
}

/* The best of many starts; for a regular family of its k up to two beyond the fit's. */
static void
search(const cv_family *family, const cv_sample *data, const cv_model *model, cv_optimum *best)
{
	double		most = family->regular ? model->param[model->n_params] + 2 : 1;

	for (double k = 1; k <= most; k++)
	{
		cv_optimum	of_k;

		best_of_many(family, patterns, (size_t) model->patterns, k, starts, &of_k);
		of_k.value += family->regular ? (k - 1) * data->log_gaps : 0;
		if (of_k.value > best->value)
			*best = of_k;
	}
}

static void
judge(int sample, const cv_family *family, cv_sample *data, outcome *o, FILE *written)
{
	cv_model	model;
	cv_optimum	best = {.value = -INFINITY};
	char		verdict[512];
	double		missed;
	bool		limit,
				finite,
				says_finite,
				differs;

	if (cv_fit(family, data, NULL, &model) != CV_FIT_OK)
	{
		o->failed++;
		return;
	}
	if (written)
		write_fit(written, sample, family, &model);
	cv_model_verdict(&model, verdict, sizeof(verdict));
	o->wordless += strlen(verdict) < 20 || strlen(verdict) >= sizeof(verdict) - 1;
	limit = model.family != family->id;
	says_finite = !limit && (model.status == CV_STATUS_CONVERGED || (model.status == CV_STATUS_WEAK && model.has_cov));
	o->limit += limit;
	o->converged += !limit && model.status == CV_STATUS_CONVERGED;
	o->weak += !limit && model.status == CV_STATUS_WEAK && model.has_cov;
	o->extreme += !limit && model.status == CV_STATUS_WEAK && !model.has_cov;
	o->not_converged += model.status == CV_STATUS_NOT_CONVERGED;

	search(family, data, &model, &best);
	finite = is_finite_maximum(&best, family->n_params);
	missed = best.value - model.log_likelihood;
	o->worst = fmax(o->worst, missed);
	o->fell_short += missed > (limit ? SHORT_OF_LIMIT : SHORT);
	/* a limit may stand in for a maximum that is no better; a search that fell short tells nothing */
	differs = says_finite != finite && !limit && missed > -SHORT;
	o->silent += differs && !finite;
	o->overcautious += differs && finite;
	if (missed > (limit ? SHORT_OF_LIMIT : SHORT) || differs)
	{
		fprintf(stderr, "# sample %d of %.0f customers, %s: %s\n#   fit  %.9f at", sample, model.customers,
				family->name, verdict, model.log_likelihood);
		for (int i = 0; i < model.n_params; i++)
			fprintf(stderr, " %.6g", model.param[i]);
		fprintf(stderr, "\n#   best %.9f at", best.value);
		for (int i = 0; i < family->n_params; i++)
			fprintf(stderr, " %.6g", exp(best.theta[i]));
		fprintf(stderr, best.at_bound ? ", at the edge\n" : "\n");
	}
}

/* One family on all samples; false where something is wrong with any. */
static bool
study(const cv_family *family, size_t n, int samples, FILE *written)
{
	outcome		o = {0};

	for (int k = 0; k < samples; k++)
	{
		size_t		size;
		cv_sample	data = {.patterns = patterns};

		random_seed((uint64_t) k);
		size = 50 + (size_t) ((MAX_SAMPLE - 49) * random_uniform());
		draw(n, size);
		data.n = cdnow_patterns(family->kind, customers, size, patterns);
		data.has_log_gaps = true;
		for (size_t i = 0; i < size; i++)
			data.log_gaps += customers[i].log_gaps;
		judge(k, family, &data, &o, written);
	}
	printf("| %s | %d | %d | %d | %d | %d | %d | %d | %.0e |\n", family->name, o.converged, o.weak, o.extreme,
		   o.limit, o.not_converged, o.failed, o.fell_short, fmax(o.worst, 0));
	fflush(stdout);
	fprintf(stderr, "%s: %d without a verdict, %d that hide that there is no finite maximum, %d that say so where "
			"there is one\n", family->name, o.wordless, o.silent, o.overcautious);
	return o.failed + o.not_converged + o.wordless + o.fell_short + o.silent + o.overcautious == 0;
}

static bool
is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
	{
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return argc < 3;
}

int
main(int argc, char **argv)
{
	FILE	   *written = NULL;
	int			samples,
				status = 0;
	size_t		n;
	const cv_family *family;

	for (; argc > 2 && argv[1][0] == '-'; argv += 2, argc -= 2)
	{
		if (strcmp(argv[1], "-w") == 0)
			written = fopen(argv[2], "w");
		else if (strcmp(argv[1], "-s") == 0)
			starts = atoi(argv[2]);
	}
	samples = argc > 1 ? atoi(argv[1]) : 1000;
	n = cdnow_read("cdnow_master_cal", customers, MAX_CUSTOMERS);
	if (samples < 1 || starts < 1 || n < MAX_SAMPLE)
	{
		fprintf(stderr, "usage: subsamples [-w FILE] [-s STARTS] [SAMPLES [FAMILY...]]; CV_SHARED says where data/cdnow is\n");
		return 2;
	}
	printf("| family | converged | weak | at an extreme | limit | not converged | errors | short of the best known "
		   "| by at most |\n|---|---|---|---|---|---|---|---|---|\n");
	for (int f = 0; (family = cv_family_at(f)) != NULL; f++)
	{
		if (family->observation == CV_OPPORTUNITIES || !is_wanted(family->name, argc, argv))
			continue;
		/* in their own order again: a sample is the same for every family */
		cdnow_read("cdnow_master_cal", customers, MAX_CUSTOMERS);
		if (!study(family, n, samples, written))
			status = 1;
	}
	if (written)
		fclose(written);
	return status;
}
