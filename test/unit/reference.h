/*
 * reference.h - the real data sets and reference numbers, for tests that want them.
 *
 * They are not in the repository: CV_SHARED says where they are, by default
 * ../shared.  Tests skip where they are absent.
 */
#ifndef CV_TEST_REFERENCE_H
#define CV_TEST_REFERENCE_H

#include <stdio.h>

#include "core/model.h"

/* Opens a file of the shared directory for reading (unzips it where it ends in .gz); NULL where there is none. */
extern FILE *reference_open(const char *name);
extern void reference_close(FILE *f);

/* Says so and skips the running cmocka test where there are no shared files. */
extern void reference_or_skip(void);

/* A row of a reference file, one flat JSON object a line: what stands beside a key. */
extern bool row_number(const char *row, const char *key, double *value);
extern bool row_is(const char *row, const char *key, const char *text);
/* What "bgnbd", "mbgnbd", "pnbd", "ggomnbd", "gg" are called here; NULL for families that there are not. */
extern const cv_family *row_family(const char *row);

/*
 * The optimum of a family on a data set in optima.json: parameters, standard
 * errors of their logs, log-likelihood. False where there is none.
 */
extern bool reference_optimum(const char *dataset, const cv_family *family,
							  double *param, double *error, double *log_likelihood);

/* What a CDNOW customer looks like, still one by one. */
typedef struct cdnow_customer
{
	double		x;
	double		t_x;
	double		T;
	double		m;
	double		log_gaps;		/* sum of the logs of the weeks between purchase days; not of cdnow_pub */
} cdnow_customer;

/*
 * Reads the customers of "cdnow_sample_cal", "cdnow_sample_full", "cdnow_master_cal",
 * "cdnow_master_full" or "cdnow_pub" (without m) into customers; returns how many.
 */
extern size_t cdnow_read(const char *dataset, cdnow_customer *customers, size_t max);

/* The patterns of customers, not merged: (x, t_x, T), or (x, m) of those with x > 0 and m > 0. */
extern size_t cdnow_patterns(cv_model_kind kind, const cdnow_customer *customers, size_t n, cv_pattern *patterns);

#endif
