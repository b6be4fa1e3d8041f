/*
 * batch_avx2.c - batches four patterns at a time, on processors with AVX2.
 */
#define CV_LANES 4
#include "core/batch_lanes.h"

const cv_batch_adders cv_batch_by_4 = {CV_LANES, add_bg_batch, add_pareto_batch};
