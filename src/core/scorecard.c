/*
 * scorecard.c - criteria to dimensions, dimensions to a score, the score to points.
 */
#include "core/scorecard.h"

#include <math.h>
#include <string.h>

#include "core/ranking_normalise.h"

#define STEPS 1e12
#define LARGEST_WITH_STEPS 1e3

/* A dimension within the score: its criteria's shares (adding up to 1) and losses (to 1 - score). */
typedef struct parts
{
	double		share[CV_MAX_CRITERIA];
	double		loss[CV_MAX_CRITERIA];
	double		score[CV_MAX_CRITERIA]; /* of a dimension */
	double		log_score[CV_MAX_CRITERIA];
} parts;

static double
step(double x)
{
	return fabs(x) < LARGEST_WITH_STEPS ? rint(x * STEPS) / STEPS : x;
}

/* (exp(l) - 1) / l */
static double
slope(double l)
{
	return l == 0 ? 1 : expm1(l) / l;
}

static bool
counts(const cv_scorecard *card, const bool *known, int i, int d)
{
	return card->dimension[i] == d && (known == NULL || known[i]) && card->weight[i] > 0;
}

/* The shares of the criteria of dimension d that count; false where none does. */
static bool
share_out(const cv_scorecard *card, const bool *known, int d, double *share)
{
	double		largest = 0,
				sum = 0;

	for (int i = 0; i < card->criteria; i++)
		if (counts(card, known, i, d))
			largest = fmax(largest, card->weight[i]);
	if (largest == 0)
		return false;
	for (int i = 0; i < card->criteria; i++)
		if (counts(card, known, i, d))
			sum += card->weight[i] / largest;
	for (int i = 0; i < card->criteria; i++)
		if (counts(card, known, i, d))
			share[i] = card->weight[i] / largest / sum;
	return true;
}

/* Weights of the dimensions that are known, adding up to 1; false where none weighs anything. */
static bool
weigh_dimensions(const cv_scorecard *card, const bool *known, double *weight)
{
	double		largest = 0,
				sum = 0;

	for (int d = 0; d < card->dimensions; d++)
	{
		weight[d] = known[d] ? card->dimension_weight[d] : 0;
		largest = fmax(largest, weight[d]);
	}
	if (largest == 0)
		return false;
	for (int d = 0; d < card->dimensions; d++)
		sum += weight[d] / largest;
	for (int d = 0; d < card->dimensions; d++)
		weight[d] = weight[d] / largest / sum;
	return true;
}

bool
cv_scorecard_weights(const cv_scorecard *card, double *weight)
{
	double		share[CV_MAX_CRITERIA] = {0};
	double		dimension_weight[CV_MAX_CRITERIA];
	bool		known[CV_MAX_CRITERIA];

	for (int d = 0; d < card->dimensions; d++)
		known[d] = share_out(card, NULL, d, share);
	if (!weigh_dimensions(card, known, dimension_weight))
		return false;
	for (int i = 0; i < card->criteria; i++)
		weight[i] = share[i] * dimension_weight[card->dimension[i]];
	return true;
}

static void
add_up(const cv_scorecard *card, const double *x, int d, parts *p)
{
	double		score = 0;

	for (int i = 0; i < card->criteria; i++)
		if (card->dimension[i] == d && p->share[i] > 0)
		{
			score += p->share[i] * x[i];
			p->loss[i] = p->share[i] * (1 - x[i]);
		}
	p->score[d] = score;
	p->log_score[d] = score > 0 ? log(score) : -INFINITY;
}

/* A product with a factor that is not known is not known. */
static bool
all_factors(const cv_scorecard *card, const bool *known, int d)
{
	for (int i = 0; i < card->criteria; i++)
		if (counts(card, NULL, i, d) && !known[i])
			return false;
	return true;
}

static void
multiply(const cv_scorecard *card, const double *x, int d, parts *p)
{
	double		zero = 0,
				sum = 0;
	int			factors = 0;

	for (int i = 0; i < card->criteria; i++)
		factors += card->dimension[i] == d && p->share[i] > 0;
	for (int i = 0; i < card->criteria; i++)
		if (card->dimension[i] == d && p->share[i] > 0)
		{
			if (x[i] > 0)
				sum += factors * p->share[i] * log(x[i]);
			else
				zero += p->share[i];
		}
	p->score[d] = zero > 0 ? 0 : exp(sum);
	p->log_score[d] = p->score[d] > 0 ? sum : -INFINITY;
	for (int i = 0; i < card->criteria; i++)
		if (card->dimension[i] == d && p->share[i] > 0)
		{
			if (zero > 0)
				p->loss[i] = x[i] > 0 ? 0 : p->share[i] / zero;
			else
				p->loss[i] = -slope(sum) * factors * p->share[i] * log(x[i]);
		}
}

/* score = sum of w d */
static double
sum_dimensions(const cv_scorecard *card, const parts *p, cv_combined *out)
{
	double		score = 0;

	for (int d = 0; d < card->dimensions; d++)
		if (out->dimension_weight[d] > 0)
			score += out->dimension_weight[d] * p->score[d];
	for (int i = 0; i < card->criteria; i++)
		out->points[i] = out->dimension_weight[card->dimension[i]] * (p->share[i] - p->loss[i]);
	return score;
}

/* score = root of the sum of w d^2, in units that keep squares within range */
static double
norm_dimensions(const cv_scorecard *card, const parts *p, cv_combined *out)
{
	double		largest = 0,
				sum = 0,
				scale,
				score;

	for (int d = 0; d < card->dimensions; d++)
		if (out->dimension_weight[d] > 0)
			largest = fmax(largest, fabs(p->score[d]));
	if (largest == 0)
		return 0;
	scale = cv_unit_scale(largest);
	for (int d = 0; d < card->dimensions; d++)
		if (out->dimension_weight[d] > 0)
			sum += out->dimension_weight[d] * (p->score[d] * scale) * (p->score[d] * scale);
	score = sqrt(sum) / scale;
	for (int d = 0; d < card->dimensions; d++)
		if (out->dimension_weight[d] > 0)
			out->cosine[d] = step(sqrt(out->dimension_weight[d]) * (p->score[d] / score));
	for (int i = 0; i < card->criteria; i++)
	{
		int			d = card->dimension[i];

		if (out->dimension_weight[d] > 0)
			out->points[i] = out->dimension_weight[d] * (p->score[d] / score) * (p->share[i] - p->loss[i]);
	}
	return score;
}

/* score = product of d^w */
static double
multiply_dimensions(const cv_scorecard *card, const parts *p, cv_combined *out)
{
	double		zero = 0,
				sum = 0;

	for (int d = 0; d < card->dimensions; d++)
		if (out->dimension_weight[d] > 0)
		{
			if (p->score[d] > 0)
				sum += out->dimension_weight[d] * p->log_score[d];
			else
				zero += out->dimension_weight[d];
		}
	for (int i = 0; i < card->criteria; i++)
	{
		int			d = card->dimension[i];
		double		part;

		if (out->dimension_weight[d] == 0)
			continue;
		if (zero > 0)
			part = p->score[d] > 0 ? 0 : 1 / zero;
		else
			part = slope(sum) / slope(p->log_score[d]);
		out->points[i] = out->dimension_weight[d] * (p->share[i] - part * p->loss[i]);
	}
	return zero > 0 ? 0 : exp(sum);
}

/* The score in steps; what rounding gave or took goes to the criterion with the most points. */
static void
finish(const cv_scorecard *card, double score, cv_combined *out)
{
	int			most = 0;

	for (int i = 1; i < card->criteria; i++)
		if (fabs(out->points[i]) > fabs(out->points[most]))
			most = i;
	out->known = true;
	out->score = step(score);
	out->points[most] += out->score - score;
}

void
cv_combine(const cv_scorecard *card, const double *x, const bool *known, cv_combined *out)
{
	parts		p;
	double		score;

	memset(&p, 0, sizeof(p));
	memset(out, 0, sizeof(*out));
	for (int d = 0; d < card->dimensions; d++)
	{
		out->dimension_known[d] = share_out(card, known, d, p.share)
			&& (!card->product[d] || all_factors(card, known, d));
		if (!out->dimension_known[d])
			continue;
		if (card->product[d])
			multiply(card, x, d, &p);
		else
			add_up(card, x, d, &p);
		out->dimension_score[d] = step(p.score[d]);
	}
	if (!weigh_dimensions(card, out->dimension_known, out->dimension_weight))
		return;
	for (int i = 0; i < card->criteria; i++)
		out->weight[i] = p.share[i] * out->dimension_weight[card->dimension[i]];
	switch (card->method)
	{
		case CV_WEIGHTED_NORM:
			score = norm_dimensions(card, &p, out);
			break;
		case CV_WEIGHTED_PRODUCT:
			score = multiply_dimensions(card, &p, out);
			break;
		default:
			score = sum_dimensions(card, &p, out);
	}
	finish(card, score, out);
}

void
cv_combine_topsis(const cv_scorecard *card, const cv_topsis_criterion *criterion, const double *weight, const double *x,
				  cv_combined *out)
{
	double		part[CV_MAX_CRITERIA];
	double		sum = 0;

	memset(out, 0, sizeof(*out));
	for (int d = 0; d < card->dimensions; d++)
	{
		cv_topsis_criterion own[CV_MAX_CRITERIA];
		double		own_x[CV_MAX_CRITERIA];
		int			n = 0;

		for (int i = 0; i < card->criteria; i++)
			if (card->dimension[i] == d && weight[i] > 0)
			{
				own[n] = criterion[i];
				own_x[n++] = x[i];
				out->dimension_weight[d] += weight[i];
			}
		out->dimension_known[d] = n > 0;
		if (n > 0)
			out->dimension_score[d] = cv_topsis_closeness(own, n, own_x);
	}
	for (int i = 0; i < card->criteria; i++)
	{
		double		down = (x[i] * criterion[i].scale - criterion[i].worst) * criterion[i].factor;

		out->weight[i] = weight[i];
		part[i] = down * down;
		sum += part[i];
	}
	out->known = true;
	out->score = cv_topsis_closeness(criterion, card->criteria, x);
	for (int i = 0; i < card->criteria; i++)
		out->points[i] = out->score * (sum > 0 ? part[i] / sum : weight[i]);
}
