/*
 * families.h - the families there are, for the registry.
 */
#ifndef CV_CORE_FAMILIES_H
#define CV_CORE_FAMILIES_H

#include "core/model.h"

extern const cv_family cv_nbd;
extern const cv_family cv_bg_nbd;
extern const cv_family cv_mbg_nbd;
extern const cv_family cv_pareto_nbd;
extern const cv_family cv_ggompertz_nbd;
extern const cv_family cv_bg_cnbd;
extern const cv_family cv_mbg_cnbd;
extern const cv_family cv_bg_bb;
extern const cv_family cv_gamma_gamma;

#endif
