/*
 * batch_avx512.c - batches eight patterns at a time, on processors with AVX-512.
 */
#define CV_LANES 8
#include "core/batch_lanes.h"

const cv_batch_adders cv_batch_by_8 = {CV_LANES, add_bg_batch, add_pareto_batch};
