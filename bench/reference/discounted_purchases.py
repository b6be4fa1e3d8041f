#!/usr/bin/env python3
"""High-precision reference for expected and discounted purchases (BG/NBD, MBG/NBD).

Needs mpmath (Debian: python3-mpmath). Prints CSV to standard output; the copy
under test/reference is what the tests compare with.

The definition (docs/models.md): a customer alive at T buys at rate lambda and
drops out after each purchase with probability p, so that the expected purchase
rate at T + u is lambda exp(-lambda p u). Discounting is continuous at delta per
time unit. Given the history, lambda ~ Gamma(r + x, alpha + T) and
p ~ Beta(a, b + x) (BG/NBD) or Beta(a, b + x + 1) (MBG/NBD).

Every value is computed twice, by formulas that share nothing but P(alive):
  1. the purchase rate, a Gauss hypergeometric function, discounted over time;
  2. by parts from the published conditional expectation E[Y(u)] (Fader, Hardie and
     Lee 2005): exp(-delta t) E[Y(t)] + delta * integral of exp(-delta u) E[Y(u)].
The script stops where they differ by more than 1e-16. --thorough adds a third,
on the first row of each parameter set: integrate over time first,
(1 - exp(-(delta + lambda p) t)) lambda / (delta + lambda p), then numerically over
lambda and p (slow: half a minute a row).
"""
import sys

from mpmath import beta, exp, expm1, gamma, hyp2f1, inf, log, mp, mpf, quad

mp.dps = 30

PARAMETERS = {
    ("bg/nbd", "cdnow"): ("0.24259452243016", "4.4136020190135", "0.7929220172256", "2.4259067768263"),
    ("mbg/nbd", "cdnow"): ("0.5248431591063", "6.183085279576", "0.89135939073222", "1.6140022401703"),
    ("bg/nbd", "a near 1"): ("0.3", "5", "1.0002", "2.5"),
    ("mbg/nbd", "a near 1"): ("0.6", "7", "1.0002", "1.2"),
}
CUSTOMERS = [  # x, t_x, T in weeks
    ("0", "0", "38"), ("1", "2", "38"), ("2", "30", "38"), ("7", "29", "38"),
    ("26", "30.857142857142857", "31"), ("60", "150", "156"),
]
HORIZONS = ["13", "52.142857142857142857", "520"]  # weeks
ANNUAL_RATES = ["0", "0.1", "0.5"]
WEEKS_A_YEAR = mpf("365.25") / 7


def alive(family, r, alpha, a, b, x, t_x, T):
    """P(alive at T): one minus the share of the dropped-out term of the likelihood."""
    if family == "bg/nbd":
        if x == 0:
            return mpf(1)
        odds = a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x)
    else:
        odds = a / (b + x) * ((alpha + T) / (alpha + t_x)) ** (r + x)
    return 1 / (1 + odds)


def by_time(r, alpha, a, bb, x, T, t, delta):
    rho = r + x
    return quad(lambda u: rho / (alpha + T) * hyp2f1(rho + 1, a, a + bb, -u / (alpha + T))
                * exp(-delta * u), [0, t / 64, t / 16, t / 4, t])


def by_heterogeneity(r, alpha, a, bb, x, T, t, delta):
    rho, rate = r + x, alpha + T

    def inner(p):
        def f(lam):
            k = delta + lam * p
            return (lam ** rho * exp(-rate * lam) * (t if k == 0 else -expm1(-k * t) / k))
        peak = rho / rate
        return quad(f, [0, peak / 8, peak / 2, peak, 2 * peak, 4 * peak, 10 * peak, 40 * peak, inf])

    # p = q^(1/a) takes the singularity at 0 away, 1 - p = s^(1/bb) the one at 1
    low = quad(lambda q: inner(q ** (1 / a)) * (1 - q ** (1 / a)) ** (bb - 1) / a, [0, mpf("0.5") ** a / 8, mpf("0.5") ** a])
    high = quad(lambda s: inner(1 - s ** (1 / bb)) * (1 - s ** (1 / bb)) ** (a - 1) / bb, [0, mpf("0.5") ** bb / 8, mpf("0.5") ** bb])
    return (low + high) / beta(a, bb) * rate ** rho / gamma(rho)


def expectation(r, alpha, a, bb, x, T, t):
    """E[Y(t)] given alive, the published closed form (singular at a = 1)."""
    rho, rate = r + x, alpha + T
    return ((a + bb - 1) / (a - 1)
            * (1 - (rate / (rate + t)) ** rho * hyp2f1(rho, bb, a + bb - 1, t / (rate + t))))


def by_parts(r, alpha, a, bb, x, T, t, delta):
    def e(u):
        return expectation(r, alpha, a, bb, x, T, u)
    return exp(-delta * t) * e(t) + delta * quad(lambda u: exp(-delta * u) * e(u), [0, t / 64, t / 16, t / 4, t])


def main():
    print("family,r,alpha,a,b,x,t_x,t,horizon,annual_discount_rate,probability_alive,discounted_purchases")
    for (family, _), params in PARAMETERS.items():
        thorough = "--thorough" in sys.argv
        r, alpha, a, b = map(mpf, params)
        for customer in CUSTOMERS:
            x, t_x, T = map(mpf, customer)
            p_alive = alive(family, r, alpha, a, b, x, t_x, T)
            bb = b + x + (1 if family == "mbg/nbd" else 0)
            for horizon in HORIZONS:
                for rate in ANNUAL_RATES:
                    delta = log(1 + mpf(rate)) / WEEKS_A_YEAR
                    arguments = (r, alpha, a, bb, x, T, mpf(horizon), delta)
                    value = by_time(*arguments)
                    checks = [by_parts(*arguments)]
                    if thorough and delta > 0:
                        checks.append(by_heterogeneity(*arguments))
                        thorough = False
                    for check in checks:
                        if abs(check / value - 1) > mpf("1e-16"):
                            sys.exit(f"{family} {customer} {horizon} {rate}: {value} against {check}")
                    print(",".join([family, *params, *customer, horizon, rate,
                                    mp.nstr(p_alive, 20), mp.nstr(p_alive * value, 20)]))


if __name__ == "__main__":
    main()
