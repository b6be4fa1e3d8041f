/*
 * next_purchase.h - when the next purchase comes, if it comes.
 */
#ifndef CV_CORE_NEXT_PURCHASE_H
#define CV_CORE_NEXT_PURCHASE_H

#include "core/model.h"

/*
 * The expected time to the next purchase of a customer given that it comes within
 * t, in (0, t): the integral over (0, t] of u f(u), over that of f(u), for the density f
 * of the next purchase, in which the chance to be alive cancels.  NaN where no purchase
 * can come.
 *
 * A family that does not tell f is asked for P(N(u) = 0), of which
 *
 *   integral over (0, t] of P(N(u) = 0) - P(N(t) = 0), over 1 - P(N(t) = 0)
 *
 * is the same.  Then it is NaN where the chance of a purchase within t is below
 * 1e-9: what rounding leaves of it says nothing.
 */
extern double cv_expected_next_purchase(const cv_family *family, const double *param,
										const cv_customer *c, double t);

#endif
