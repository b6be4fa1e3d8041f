/*
 * bg_cnbd.c - the BG/CNBD-k family: regular buyers who may die after any repeat purchase.
 */
#include "core/cnbd.h"
#include "core/families.h"

const cv_family cv_bg_cnbd = {
	.id = CV_FAMILY_BG_CNBD,
	.kind = CV_PURCHASE_MODEL,
	.name = "bg/cnbd-k",
	.description = "Customers buy at regular times, the more so the larger k, each at a rate of its own, and may "
	"leave for good after any repeat purchase; one-time buyers count as still there.",
	.n_params = 4,
	.param_name = {"r", "alpha", "a", "b"},
	.scale_params = 1 << 1,
	.limit = CV_FAMILY_NBD,
	.regular = true,
	.variant = 0,
	CV_CNBD_FUNCTIONS
};
