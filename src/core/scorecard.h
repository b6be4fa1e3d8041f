/*
 * scorecard.h - one customer's normalised criteria combined to dimensions and to
 * a score, and the score split into points that add up to it.
 */
#ifndef CV_CORE_SCORECARD_H
#define CV_CORE_SCORECARD_H

#include <stdbool.h>

#include "core/ranking_topsis.h"

typedef enum cv_score_method
{
	CV_WEIGHTED_SUM,			/* sum of w d */
	CV_WEIGHTED_NORM,			/* root of the sum of w d^2 */
	CV_WEIGHTED_PRODUCT			/* product of d^w */
} cv_score_method;

/* How criteria make a score.  Only proportions of weights matter, criteria within their dimension. */
typedef struct cv_scorecard
{
	cv_score_method method;
	int			criteria;		/* at most CV_MAX_CRITERIA */
	int			dimensions;		/* at most as many */
	int			dimension[CV_MAX_CRITERIA]; /* of a criterion, from 0 */
	double		weight[CV_MAX_CRITERIA];	/* of a criterion, >= 0 */
	double		dimension_weight[CV_MAX_CRITERIA];	/* >= 0 */
	bool		product[CV_MAX_CRITERIA];	/* the dimension is the product of its criteria to the power of their weights, which
											 * are 1 on average, not their mean; not known where one of them is not */
} cv_scorecard;

/*
 * What comes out.  A dimension or criterion that is left out (not known, or
 * without weight) weighs 0; what counts weighs 1 in all.
 */
typedef struct cv_combined
{
	bool		known;			/* else nothing counts, and there is no score */
	double		score;			/* in steps of 1e-12 (TOPSIS: 2^-40), so that what ties on paper ties here */
	double		weight[CV_MAX_CRITERIA];	/* of a criterion in the whole */
	double		points[CV_MAX_CRITERIA];	/* add up to score */
	bool		dimension_known[CV_MAX_CRITERIA];
	double		dimension_score[CV_MAX_CRITERIA];
	double		dimension_weight[CV_MAX_CRITERIA];
	double		cosine[CV_MAX_CRITERIA];	/* CV_WEIGHTED_NORM: root(w) d / score; 0 where score is 0 */
} cv_combined;

/*
 * The weights of the criteria in the whole, adding up to 1, from those within
 * the dimensions and those of the dimensions: false where all are 0.
 */
extern bool cv_scorecard_weights(const cv_scorecard *card, double *weight);

/*
 * Combines the values x of the criteria of which known says true; those are not
 * negative where method or a dimension multiplies or squares.
 *
 * Points.  In a dimension each criterion is given its weight and loses a part of
 * 1 - d: w (1 - x) in a mean; in a product by the logarithmic mean Divisia
 * index (Ang, B. W. (2004), Decomposition analysis for policymaking in energy,
 * Energy Policy 32 (9), 1131-1139): - w ln x (1 - d) / - ln d.  The dimensions'
 * parts of the score: weighted sum w d; norm w d^2 / score; product as above.
 */
extern void cv_combine(const cv_scorecard *card, const double *x, const bool *known, cv_combined *out);

/*
 * The same by TOPSIS; criterion is what cv_topsis_finish made of weights like those of
 * cv_scorecard_weights, which are in weight.  A dimension's score is the closeness
 * on its criteria alone; points are the score times the criterion's share of the squared
 * distance from the worst.
 */
extern void cv_combine_topsis(const cv_scorecard *card, const cv_topsis_criterion *criterion, const double *weight,
							  const double *x, cv_combined *out);

#endif
