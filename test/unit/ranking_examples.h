/*
 * ranking_examples.h - a published decision that several tests look at.
 */
#ifndef CV_TEST_RANKING_EXAMPLES_H
#define CV_TEST_RANKING_EXAMPLES_H

/*
 * Hwang and Yoon (1981), the choice of a fighter aircraft: speed, ferry range,
 * payload, cost, reliability, manoeuvrability. Closeness, and the entropy weights,
 * as printed there; theirs come from rounded p, so they differ in the third digit.
 */
static const double fighter[4 * 6] = {
	2.0, 1500, 20000, 5.5, 5, 9,
	2.5, 2700, 18000, 6.5, 3, 5,
	1.8, 2000, 21000, 4.5, 7, 7,
	2.2, 1800, 20000, 5.0, 5, 5
};

#endif
