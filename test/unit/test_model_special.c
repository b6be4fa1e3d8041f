/*
 * test_model_special.c - the special functions against 40-digit arithmetic.
 *
 * Catches a wrong coefficient or a series used too early (digits lost below 12),
 * and a difference of lgamma where a rising factorial should be (large y, small n),
 * or where the ratio of four gamma functions is close to 1.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/special.h"

static double
off(double is, double should)
{
	return fabs(is - should) / fmax(fabs(should), 1e-300);
}

static void
digamma_and_friends(void **state)
{
	static const double expected[][4] = {
		{0.001, -1000.5755719318103005, 1000001.642533195869, 2.5422704679670945518},
		{0.1, -10.423754940411076795, 101.43329915079275882, 0.51274008133191494448},
		{1.0, -0.57721566490153286061, 1.6449340668482264365, 0.08106146679532725822},
		{5.5, 1.6110931485817511237, 0.19934238698962765913, 0.015134973221917378874},
		{11.999, 2.4425747743291192008, 0.086909420732240828465, 0.0069434184585177194695},
		{12.0, 2.4426616799758120167, 0.08690187287176839075, 0.0069428401072095298657},
		{1000000.0, 13.815510057964190771, 1.0000005000001666667e-6, 8.3333333333330555556e-8}
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
	{
		const double *e = expected[i];

		assert_true(off(cv_digamma(e[0]), e[1]) < 2e-15);
		assert_true(off(cv_trigamma(e[0]), e[2]) < 2e-15);
		/* below 12 it is the small rest of large terms */
		assert_true(fabs(cv_stirling_error(e[0]) - e[3]) < (e[0] < 12 ? 2e-14 : 1e-16));
	}
	/* digamma has its zero here */
	assert_true(fabs(cv_digamma(1.4616321449683623413)) < 1e-15);
}

static void
rising_factorials(void **state)
{
	static const double expected[][5] = {
		{1e-6, 1, -13.815510557964274149, 1000000.0000000000453, -1000000000000.0000905},
		{0.25, 3, -0.35222059358935209911, 5.2444444444444444444, -16.837530864197530864},
		{0.25, 16, 27.298506880203862531, 6.9844617488243609076, -17.133858390339574512},
		{0.25, 17, 30.086599788979609023, 7.046000210362822446, -17.137645372588095222},
		{0.25, 20000, 178066.90609432208061, 14.130928585938437073, -17.197279153882113344},
		{1e-6, 100, 345.31869998898782482, 1000005.1773758828022, -1000000000001.634972},
		{3.7, 0.5, 0.62048331029520191276, 0.14418535192508819002, -0.041372916938637520346},
		{250.5, 0.001, 0.0055214635845217132615, 3.9999866667498658387e-6, -1.599987200136531148e-8},
		{1e6, 40, 552.62120230830116696, 0.000039999220020539391619, -3.9998440061617566496e-11},
		{1e6, 1e6, 14201804.572510532776, 0.69314743056000780942, -5.0000037500014583333e-7},
		{1e5, 3, 34.53880639466068826, 0.000029999700004999910002, -2.9999400014999640008e-10},
		{0.5249, 1000, 5908.3212177095991494, 8.7533918174674038466, -4.54309369855666655}
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
	{
		const double *e = expected[i];
		double		d1,
					d2;

		assert_true(off(cv_log_rising(e[0], e[1], &d1, &d2), e[2]) < 1e-12);
		assert_true(off(d1, e[3]) < 1e-11);
		/* differences of trigamma are as exact as trigamma itself */
		assert_true(fabs(d2 - e[4]) < 1e-14 * fabs(e[4]) + 1e-15 * cv_trigamma(e[0]));
	}
	assert_true(cv_log_rising(0.3, 0, NULL, NULL) == 0);
}

static void
gamma_square(void **state)
{
	static const double expected[][4] = {
		{1e-6, 0.5, 3, 13.750973603491692425},
		{0.25, 2.5, 0.001, 0.005037996138669110499},
		{3.7, 0.7, 20000, 6.0445343610271113785},
		{12, 1e-12, 5, 3.6085164835163518722e-13},
		{0.8, 1e-9, 1e-9, 2.2994741330715846287e-18},
		{100, 0.3, 7.5, 0.021769547835408548618},
		{1e6, 40, 1e6, 27.725497230100134931},
		{50, 0.005, 0.004, 4.0398994123622617642e-7},
		{2, 1e-7, 1e5, 1.1090156097517225769e-6},
		{1e10, 1e-3, 1, 9.9999999999995002082e-14},
		{15, 0.01, 0.01, 6.8890759964738332499e-6},
		{1e-3, 1e4, 1e4, 13873.181918528528531},
		{7, 0.0099, 3, 0.0037494169254944974354}
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
	{
		const double *e = expected[i];

		assert_true(off(cv_log_gamma_square(e[0], e[1], e[2]), e[3]) < 1e-13);
		assert_true(cv_log_gamma_square(e[0], e[1], e[2]) == cv_log_gamma_square(e[0], e[2], e[1]));
	}
	assert_true(cv_log_gamma_square(0.3, 0, 5) == 0 && cv_log_gamma_square(20, 0, 5) == 0);
}

static void
beta_function(void **state)
{
	static const double expected[][3] = {
		{1e-3, 1e-3, 7.6009008170083473785},
		{0.8, 2.5, -0.55035602902197792828},
		{1, 1, 0},
		{1e6, 1e-3, 6.8933633753253894704},
		{1e6, 1e6, -1386300.0033629211163},
		{20000.5, 0.75, -7.2243487753731447788}
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
	{
		const double *e = expected[i];

		assert_true(fabs(cv_log_beta(e[0], e[1]) - e[2]) < 1e-14 * fmax(1, fabs(e[2])) + 1e-14);
		assert_true(fabs(cv_log_beta(e[1], e[0]) - e[2]) < 1e-14 * fmax(1, fabs(e[2])) + 1e-14);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digamma_and_friends),
		cmocka_unit_test(rising_factorials),
		cmocka_unit_test(gamma_square),
		cmocka_unit_test(beta_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
