/*
 * simulate.h - customers who do exactly what a family says, to see whether a fit gives back what made them.
 */
#ifndef CV_TEST_SIMULATE_H
#define CV_TEST_SIMULATE_H

#include "core/model.h"

/*
 * Fills sample->patterns (room for n) with n customers of the family's process at
 * param, observed for a time between shortest and longest: whole days where the
 * unit is a week, whole periods where there are opportunities.  Purchases fall at
 * any time: nothing is rounded to days.  A spend model's customers have one repeat
 * purchase or more.  Uses up random numbers.
 */
extern void simulate(const cv_family *family, const double *param, size_t n, double shortest, double longest,
					 cv_sample *sample);

#endif
