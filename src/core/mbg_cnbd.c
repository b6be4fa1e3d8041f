/*
 * mbg_cnbd.c - the MBG/CNBD-k family: regular buyers who may die after any purchase, the first included.
 */
#include "core/cnbd.h"
#include "core/families.h"

const cv_family cv_mbg_cnbd = {
	.id = CV_FAMILY_MBG_CNBD,
	.kind = CV_PURCHASE_MODEL,
	.name = "mbg/cnbd-k",
	.description = "Customers buy at regular times, the more so the larger k, each at a rate of its own, and may "
	"leave for good after any purchase, the first included.",
	.n_params = 4,
	.param_name = {"r", "alpha", "a", "b"},
	.scale_params = 1 << 1,
	.limit = CV_FAMILY_NBD,
	.regular = true,
	.variant = 1,
	CV_CNBD_FUNCTIONS
};
