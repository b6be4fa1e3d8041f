/*
 * next_purchase.h - when the next purchase comes, if it comes.
 */
#ifndef CV_CORE_NEXT_PURCHASE_H
#define CV_CORE_NEXT_PURCHASE_H

#include "core/model.h"

/*
 * The expected time to the next purchase of a customer given that it comes within t,
 *
 *   integral over u in (0, t) of P(N(u) = 0) - P(N(t) = 0), over 1 - P(N(t) = 0),
 *
 * to ten digits where purchases are likely.  NaN where the chance of one within t is
 * below 1e-9: what is left of it after rounding says nothing.
 */
extern double cv_expected_next_purchase(const cv_family *family, const double *param,
										const cv_customer *c, double t);

#endif
