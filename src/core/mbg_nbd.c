/*
 * mbg_nbd.c - the MBG/NBD family: a customer may die after any purchase, the first included.
 */
#include "core/beta_geometric.h"
#include "core/families.h"

const cv_family cv_mbg_nbd = {
	.id = CV_FAMILY_MBG_NBD,
	.kind = CV_PURCHASE_MODEL,
	.name = "mbg/nbd",
	.description = "Customers buy at random times, each at a rate of its own, and may leave for good "
	"after any purchase, the first included.",
	.n_params = 4,
	.param_name = {"r", "alpha", "a", "b"},
	.scale_params = 1 << 1,
	.purchase_shift = {0, -1, 0, 0},
	.churn_shift = {0, 0, 1, 0},
	.limit = CV_FAMILY_NBD,
	.variant = 1,
	CV_BETA_GEOMETRIC_FUNCTIONS
};
