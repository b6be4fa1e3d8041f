/*
 * batch.h - patterns side by side on their way into a likelihood.
 *
 * This is where the time of a fit goes: one exp, one log and plain sums for every
 * pattern, several patterns at a time, take a quarter of what calls of the C library's
 * and all derivatives pattern by pattern took.
 */
#ifndef CV_CORE_BATCH_H
#define CV_CORE_BATCH_H

#define CV_BATCH 64

/*
 * A sum is kept as eight, of every eighth pattern each, whatever the processor can do at
 * once: so it has the same digits on all of them.
 */
#define CV_SUM_PARTS 8

typedef double cv_sum[CV_SUM_PARTS];

static inline double
cv_sum_of(const cv_sum x)
{
	return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

/*
 * Patterns of the BG/NBD relatives with equal x that may have died: customers, and the
 * differences between T and t_x of log(1 + t/alpha), of alpha/(alpha + t), and of that times
 * one less it.
 */
typedef struct cv_bg_batch
{
	int			n;
	double		count[CV_BATCH];
	double		log[CV_BATCH];
	double		share[CV_BATCH];
	double		spread[CV_BATCH];
} cv_bg_batch;

/* Sums over them, each to be multiplied by what depends on x: d(log odds) is r log for r and rho share for alpha. */
typedef struct cv_bg_sums
{
	cv_sum		value;			/* log(1 + odds) */
	cv_sum		dead;			/* customers who died ... */
	cv_sum		dead_log;
	cv_sum		dead_share;
	cv_sum		dead_spread;
	cv_sum		unsure;			/* ... and times the chance that they did not */
	cv_sum		unsure_log;
	cv_sum		unsure_share;
	cv_sum		unsure_log_log;
	cv_sum		unsure_log_share;
	cv_sum		unsure_share_share;
} cv_bg_sums;

/* Adds a batch, log odds being log_odds_now + rho log, and empties it. */
extern void cv_bg_add_batch(cv_bg_batch *b, double log_odds_now, double rho, cv_bg_sums *sums);

/* Derivatives of a chance of the Pareto/NBD by its parameters. */
#define CV_PARETO_PARAMS 4

/*
 * Patterns of the Pareto/NBD with equal x and T: customers, and of t_x -log S, H/S and the
 * derivatives of H, over S, as pareto_nbd_likelihood.c has them.
 */
typedef struct cv_pareto_batch
{
	int			n;
	double		count[CV_BATCH];
	double		log_survive[CV_BATCH];
	double		die[CV_BATCH];
	double		d[CV_PARETO_PARAMS][CV_BATCH];
	double		weight[CV_BATCH];	/* written: of H in the likelihood, for all customers ... */
	double		weight_squared[CV_BATCH];	/* ... and customer by customer */
} cv_pareto_batch;

/* What they come to for their T. */
typedef struct cv_pareto_sums
{
	cv_sum		value;			/* the log-likelihood */
	cv_sum		weight;			/* of being alive */
	cv_sum		weight_squared;
	cv_sum		unsure[CV_PARETO_PARAMS];	/* derivatives of H(t_x) times both weights */
} cv_pareto_sums;

/* Adds a batch, whose -log S and K/S at T are these, writes the weights of its patterns, and empties it. */
extern void cv_pareto_add_batch(cv_pareto_batch *b, double log_survive_T, double live, cv_pareto_sums *sums);

/*
 * The same, so many patterns at a time, without emptying the batch; up to the next whole eight
 * there is nobody in it, count 0.
 */
typedef struct cv_batch_adders
{
	int			lanes;
	void		(*bg) (const cv_bg_batch *b, double log_odds_now, double rho, cv_bg_sums *sums);
	void		(*pareto) (cv_pareto_batch *b, double log_survive_T, double live, cv_pareto_sums *sums);
} cv_batch_adders;

extern const cv_batch_adders cv_batch_by_2,
			cv_batch_by_4,
			cv_batch_by_8;

/* Those for the most doubles that this processor does at once. */
extern const cv_batch_adders *cv_batch_widest(void);

#endif
