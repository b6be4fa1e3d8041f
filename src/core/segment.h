/*
 * segment.h - which rule puts a customer into a segment.
 */
#ifndef CV_CORE_SEGMENT_H
#define CV_CORE_SEGMENT_H

#include <stdbool.h>

/* at_least <= measure < below; an infinite end is open. */
typedef struct cv_condition
{
	int			measure;		/* from 0 */
	double		at_least;		/* -INFINITY or finite */
	double		below;			/* INFINITY or finite */
} cv_condition;

/* A rule: all of its conditions hold.  One without conditions always does. */
typedef struct cv_rule
{
	int			first;			/* where its conditions begin */
	int			conditions;		/* how many they are */
} cv_rule;

/*
 * The first of n rules of which every condition holds, from 0; -1 if there is
 * none.  value and known have an element a measure; a measure that is not known,
 * or is not a number, meets no condition.
 */
extern int	cv_first_rule(const cv_rule *rule, int n, const cv_condition *condition, const double *value, const bool *known);

#endif
