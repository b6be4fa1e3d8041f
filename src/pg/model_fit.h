/*
 * model_fit.h - what the steps of the fitting aggregates share.
 */
#ifndef CV_PG_MODEL_FIT_H
#define CV_PG_MODEL_FIT_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

#include "core/model.h"
#include "pg/fit_keys.h"

/* A day as text, for messages. */
extern char *cv_fit_day_text(int32 day);

/* The family of an argument; raises 22023 unless it is of that kind. */
extern const cv_family *cv_fit_find_family(const text *name, cv_model_kind kind);

/* The options in an argument; NULL where there are none, or arg is 0. */
extern Jsonb *cv_fit_get_options(FunctionCallInfo fcinfo, int arg);

/* The result of a transition that leaves the row out: the state as it is. */
extern Datum cv_fit_keep_state(FunctionCallInfo fcinfo);

/* A state of keys to be written to, a copy if need be; NULL where the datum is a table of patterns. */
extern cv_fit_keys *cv_fit_keys_open(FunctionCallInfo fcinfo, Datum datum);

#endif
