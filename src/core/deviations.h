/*
 * deviations.h - a model moved by a part of its standard errors, for the delta
 * method on what no single customer has, such as a total.
 */
#ifndef CV_CORE_DEVIATIONS_H
#define CV_CORE_DEVIATIONS_H

#include "core/model.h"

/*
 * The model moved by step times column direction (0, 1, ... cv_model_free(model) - 1) of a
 * root L of its covariance C = L L', log parameters and coefficients alike.  The
 * columns are independent directions of one standard deviation each: the variance
 * of any smooth quantity is the sum over them of its squared slopes in step.  It
 * has no covariance any more, and counts as given by hand.  False where the model
 * has none itself.
 */
extern bool cv_model_deviation(const cv_model *model, int direction, double step, cv_model *moved);

#endif
