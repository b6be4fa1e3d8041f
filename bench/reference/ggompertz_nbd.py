#!/usr/bin/env python3
"""High-precision reference for the gamma-Gompertz/NBD family (Bemmaor and Glady 2012).

Needs mpmath (Debian: python3-mpmath). Prints CSV to standard output; the copy
under test/reference is what the tests compare with.

The definition (docs/models.md): a customer alive buys at rate lambda ~ Gamma(r, alpha)
and dies at u with hazard b eta exp(b u), eta ~ Gamma(s, beta). So the chance to
outlive u is S(u) = (beta/(beta + exp(b u) - 1))^s, its density f = -S'.

Every value is computed twice, by formulas that share no integral:
  log_likelihood        density of dying in silence plus that of living on,
                        against the same by parts (an integral of S)
  probability_alive     follows from either
  probability_active    follows from either
  discounted_purchases  the discounted rate over time, against Gauss's 2F1
  count_probability     NB(n; u) f(u) plus NB(n; t) S(t), against the difference of the
                        chances that the n-th and the n+1-st purchase come in time
The script stops where they differ by more than 1e-18.
"""
import sys

from mpmath import exp, expm1, gamma, hyp2f1, inf, log, loggamma, mp, mpf, quad

mp.dps = 60

MODELS = {
    "cdnow": ("0.5786375215369219", "12.643266751560969", "0.044838019023775294", "0.17461156378657028", "0.1294130628519717"),
    "nearly Pareto": ("0.55", "10.6", "1e-6", "0.6", "1.17e-5"),
    "grows late": ("1.2", "4", "0.08", "0.7", "60"),
    "exponential": ("0.8", "9", "0.02", "1.5", "1"),
    "a wall": ("2", "6", "1.5", "0.3", "1e12"),
    "leaves at once or hardly": ("0.3", "0.5", "3", "0.05", "1e-4"),
    "all alike": ("40", "900", "0.01", "300", "20000"),
}
CUSTOMERS = [  # x, t_x, T, horizon in weeks, annual discount rate, n of the count
    ("0", "0", "0", "52", "0.1", "0"),
    ("0", "0", "0", "300", "0.15", "4"),
    ("0", "0", "38", "13", "0", "1"),
    ("2", "30", "38", "52", "0.1", "3"),
    ("7", "12", "60", "520", "0.5", "0"),
    ("26", "30.857142857142857", "31", "52", "0.1", "30"),
    ("300", "150", "156", "26", "0.1", "45"),
]
EXTREMES = [
    ("cdnow", ("20000", "4999", "5000", "52", "0.1", "200")),
    ("cdnow", ("20000", "4990", "5000", "520", "0.1", "2000")),
    ("nearly Pareto", ("5000", "700", "704", "1", "0", "7")),
    ("grows late", ("400", "290", "300", "1e4", "0.1", "1")),
    ("all alike", ("0", "0", "5000", "52", "0", "0")),
]
WEEKS_A_YEAR = mpf("365.25") / 7


class Life:
    """The time left to one who is as a new customer with this alpha and beta."""

    def __init__(self, b, s, B):
        self.b, self.s, self.B = b, s, B

    def survival(self, u):
        return (self.B / (self.B + expm1(self.b * u))) ** self.s

    def density(self, u):
        return self.b * self.s * exp(self.b * u) / (self.B + expm1(self.b * u)) * self.survival(u)


def integral(f, to, scales):
    """From 0 to to, over the log of time, in pieces around the scales at which f bends."""
    low = log(min(scales)) - 1
    marks = sorted({log(x) for x in scales if x < to} | {log(to)})
    points, at = [], low
    for mark in marks:
        while at < mark - mpf("0.01"):
            points.append(at)
            at += max(mpf("0.7"), (mark - at) / 40) if mark - at > mpf("1.4") else mark - at
        at = mark
    points.append(log(to))
    left = quad(f, [0, exp(points[0])])
    return left + sum(quad(lambda y: f(exp(y)) * exp(y), [a, c], maxdegree=9)
                      for a, c in zip(points, points[1:]))


def agree(what, one, other):
    if not abs(one - other) <= mpf("1e-18") * abs(one):
        sys.exit(f"{what}: {mp.nstr(one, 25)} against {mp.nstr(other, 25)}")
    return one


def compute(parameters, customer):
    r, alpha, b, s, beta = map(mpf, parameters)
    x, t_x, T, t, rate, n = map(mpf, customer)
    delta = log(1 + rate) / WEEKS_A_YEAR
    rho = r + x
    at_last = Life(b, s, 1 + (beta - 1) * exp(-b * t_x))
    now = Life(b, s, 1 + (beta - 1) * exp(-b * T))
    silent = T - t_x

    # relative to (alpha + t_x)^-rho S(t_x): dying in silence, and living on
    def idle(u):
        return (1 + u / (alpha + t_x)) ** -rho
    lived = idle(silent) * at_last.survival(silent)
    died = died_by_parts = mpf(0)
    if silent > 0:
        scales = [(alpha + t_x) / rho, 1 / b, at_last.B / b, at_last.B / b / s, silent / 8]
        died = integral(lambda u: idle(u) * at_last.density(u), silent, scales)
        died_by_parts = 1 - lived - rho / (alpha + t_x) * integral(
            lambda u: idle(u) / (1 + u / (alpha + t_x)) * at_last.survival(u), silent, scales)
    agree("dying in silence", died + lived, died_by_parts + lived)
    log_likelihood = (loggamma(rho) - loggamma(r) + r * log(alpha) - rho * log(alpha + t_x)
                      + log(Life(b, s, beta).survival(t_x)) + log(died + lived))
    alive = lived / (died + lived)
    active = alive * now.survival(t)

    # alive, the rate falls with the chance to be alive; y = exp(-b u) makes a 2F1 of it
    def living(end):
        k = s + delta / b

        def primitive(y):
            return y ** k / k * hyp2f1(s, k, k + 1, (1 - now.B) * y)
        return now.B ** s / b * (primitive(mpf(1)) - (0 if end == inf else primitive(exp(-b * end))))
    scales = [1 / b, now.B / b, now.B / b / s, t / 8]
    if delta > 0:
        scales.append(1 / delta)
    expected = agree("expected", integral(lambda u: exp(-delta * u) * now.survival(u), t, scales), living(t))
    per_time = alive * rho / (alpha + T)
    discounted = per_time * expected
    for_ever = per_time * living(inf) if delta > 0 else mpf(-1)

    A = alpha + T

    def count(m, u):
        return exp(loggamma(rho + m) - loggamma(rho) - loggamma(m + 1)) * (A / (A + u)) ** rho * (u / (A + u)) ** m

    def come_in_time(m):
        if m == 0:
            return mpf(1)
        scale = exp(loggamma(rho + m) - loggamma(rho) - loggamma(m))
        return integral(lambda u: scale * (A / (A + u)) ** rho * (u / (A + u)) ** (m - 1) / (A + u)
                        * now.survival(u), t, counts)
    counts = scales + [A / rho, A / rho * (n + 1)]
    probability = count(n, t) * now.survival(t) + integral(lambda u: count(n, u) * now.density(u), t, counts)
    difference = come_in_time(n) - come_in_time(n + 1)
    if not abs(probability - difference) <= mpf("1e-18") * (probability + mpf("1e-12")):
        sys.exit(f"count: {mp.nstr(probability, 25)} against {mp.nstr(difference, 25)}")
    probability = alive * probability + (1 - alive if n == 0 else 0)
    return delta, (log_likelihood, alive, active, discounted, for_ever, probability)


def main():
    print("r,alpha,b,s,beta,x,t_x,T,t,delta,n,log_likelihood,probability_alive,probability_active,"
          "discounted_purchases,discounted_for_ever,count_probability")
    rows = [(model, customer) for model in MODELS for customer in CUSTOMERS] + EXTREMES
    for model, customer in rows:
        print(model, customer, file=sys.stderr)
        delta, values = compute(MODELS[model], customer)
        print(",".join([*MODELS[model], *customer[:4], mp.nstr(delta, 20), customer[5],
                        *(mp.nstr(v, 20) for v in values)]))


if __name__ == "__main__":
    main()
