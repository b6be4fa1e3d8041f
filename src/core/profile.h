/*
 * profile.h - the numbers of a customer's profile that are neither history nor model.
 */
#ifndef CV_CORE_PROFILE_H
#define CV_CORE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The chance that draws lines, drawn at random without replacement from all
 * lines, have one of those of a category: 1 - C(all - lines, draws) / C(all, draws)
 * (Hurlbert 1971).  0 <= lines <= all, 1 <= draws <= all.
 */
extern double cv_chance_of_line(int64_t lines, int64_t all, int64_t draws);

/*
 * How likely it is that at most so many of now + before equal chances fall into
 * the first of two equal windows, the case of exactly so many counted half: the
 * one-sided mid-p value of now < before.  now, before from 0 to 2^31.
 */
extern double cv_fewer_p_value(int64_t now, int64_t before);

#endif
