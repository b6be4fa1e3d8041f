/*
 * search.h - the best maximum that many random starts find: what a fit must not fall short of.
 */
#ifndef CV_TEST_SEARCH_H
#define CV_TEST_SEARCH_H

#include "core/optimise.h"

/*
 * The best of starts random starts in the family's box, some climbed with
 * gradients first, all by Newton's steps; best may be NULL. The patterns are merged;
 * k is that of a regular family, whose value lacks what its gaps add.
 */
extern double best_of_many(const cv_family *family, const cv_pattern *patterns, size_t n, double k, int starts,
						   cv_optimum *best);

#endif
