/*
 * value.h - what the model says about one customer.
 */
#ifndef CV_PG_VALUE_H
#define CV_PG_VALUE_H

#include "postgres.h"

#include "pg/model.h"

/* How far to look ahead, in the purchase model's time unit. */
typedef struct cv_outlook
{
	double		horizon;
	double		delta;			/* continuous discount rate a time unit */
} cv_outlook;

/* The horizon and rate in units of the model; both already checked. */
extern cv_outlook cv_outlook_of(const cv_model_view *model, double horizon, double log_discount);

/* Discounted expected purchases over the outlook. */
extern double cv_discounted_purchases(const cv_model_view *model, const cv_customer *c,
									  const cv_outlook *outlook);

/* Expected spend a purchase.  False where it is not finite. */
extern bool cv_expected_spend(const cv_model_view *model, const cv_customer *c, double *spend);

/*
 * The customer behind a history as of a day, in the model's time unit.  False
 * where there is no purchase by then.
 */
extern bool cv_customer_of(const cv_model_view *model, Datum history, int32 as_of,
						   cv_customer *c);

#endif
