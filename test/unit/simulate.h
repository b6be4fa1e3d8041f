/*
 * simulate.h - customers who do exactly what a family says, to see whether a fit gives back what made them.
 */
#ifndef CV_TEST_SIMULATE_H
#define CV_TEST_SIMULATE_H

#include "core/contract.h"

/*
 * Fills sample->patterns (room for n) with n customers of the family's process at
 * param, observed for a time between shortest and longest: whole days where the
 * unit is a week, whole periods where there are opportunities.  Purchases fall at
 * any time: nothing is rounded to days.  A spend model's customers have one repeat
 * purchase or more.  Uses up random numbers.
 */
extern void simulate(const cv_family *family, const double *param, size_t n, double shortest, double longest,
					 cv_sample *sample);

#define SIMULATE_MAX_RENEWALS 64

/*
 * The renewals of n contracts with parameters alpha, beta[, c], each observed for
 * a whole number of periods between shortest and longest; returns how many there
 * are, at most SIMULATE_MAX_RENEWALS.
 */
extern int	simulate_renewals(const double *param, int n_params, size_t n, double shortest, double longest,
							  cv_renewal *renewal);

#endif
