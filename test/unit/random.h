/*
 * random.h - random numbers for tests: the same on every machine and in every run.
 */
#ifndef CV_TEST_RANDOM_H
#define CV_TEST_RANDOM_H

#include "core/model.h"

extern void random_seed(uint64_t seed);
/* uniform in (0, 1) */
extern double random_uniform(void);
/* 10 to a power between low and high */
extern double random_magnitude(double low, double high);
extern double random_exponential(double rate);
extern double random_gamma(double shape, double rate);
extern double random_beta(double a, double b);

/*
 * A customer of (M)BG/NBD (first = 0 or 1) with parameters r, alpha, a, b observed
 * until T; with a = 0 nobody ever leaves.  t_x is rounded up to whole days of 1/7.
 */
extern cv_pattern random_customer(int first, const double *param, double T);

#endif
