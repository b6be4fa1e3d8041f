#!/usr/bin/env python3
"""High-precision reference for BG/BB.

Needs mpmath (Debian: python3-mpmath). Prints CSV to standard output; the copy
under test/reference is what the tests compare with.

Everything is a sum, over the last opportunity at which the customer is there, of
beta functions (docs/models.md), at 40 digits. It is held against formulas that
share nothing with that:
  - likelihood, P(alive), expected purchases: the published closed forms (Fader,
    Hardie and Shang 2010, equations 7, 11 and 13), where gamma is not 1;
  - P(N = n): the published double sum (equation 9) for a new customer, and for all
    customers the sum over n, which must be 1, and its mean, the expected purchases;
  - discounted purchases without end: the published DERT, a Gauss hypergeometric
    function (equation 14).
The script stops where two of them differ by more than 1e-25.
"""
import sys

from mpmath import beta, binomial, exp, gamma, hyp2f1, inf, isinf, log, mp, mpf

mp.dps = 40

PARAMETERS = [
    ("1.2035223516019", "0.74971635817294", "0.65671820844183", "2.7834422325774"),  # donations
    ("0.3", "2.5", "1", "40"),
    ("12", "30", "0.05", "0.9"),
    ("0.02", "0.01", "3.5", "200"),
]
CUSTOMERS = [(0, 0, 0), (0, 0, 6), (4, 5, 6), (6, 6, 6), (1, 1, 60), (20, 55, 60), (60, 60, 60)]
EXTREMES = [(0, 0, 5000), (1, 1, 5000), (2500, 4990, 5000), (5000, 5000, 5000), (1, 5000, 5000), (4999, 4999, 5000)]
HORIZONS = [1, 5, 40]
DELTAS = ["0.008", "0.1"]


def agree(what, *values):
    for v in values[1:]:
        if abs(v - values[0]) > mpf("1e-25") * max(abs(values[0]), mpf("1e-5")):
            sys.exit("formulas disagree: %s %s" % (what, [mp.nstr(v, 30) for v in values]))
    return values[0]


def model(p):
    a, b, c, d = (mpf(x) for x in p)

    def likelihood(x, tx, n):
        """Term by term, the ratios of beta functions by recurrence."""
        term = beta(a + x, b + tx - x) / beta(a, b) * beta(c + 1, d + tx) / beta(c, d)
        total = mpf(0)
        for i in range(tx, n):
            total += term
            term *= (b + i - x) / (a + b + i) * (d + i) / (c + d + i + 1)
        there = term * (c + d + n) / c
        return total + there, there / (total + there)

    def checked(x, tx, n):
        total, alive = likelihood(x, tx, n)
        if n <= 60:
            direct = beta(a + x, b + n - x) * beta(c, d + n) / beta(a, b) / beta(c, d)
            other = direct + sum(beta(a + x, b + tx - x + i) * beta(c + 1, d + tx + i) / beta(a, b) / beta(c, d) for i in range(n - tx))
            agree(("likelihood", p, x, tx, n), total, other)
            agree(("alive", p, x, tx, n), alive, direct / other)
        return total, alive

    def there(n, u):
        return beta(c, d + n + u) / beta(c, d + n)

    def expected(x, tx, n, t, delta):
        total, alive = likelihood(x, tx, n)
        chance = (a + x) / (a + b + n)
        if isinf(t):
            z = exp(-delta)
            life = sum(there(n, u) * z ** u for u in range(1, 800)) if delta >= mpf("0.1") and n <= 60 else None
            closed = z * (d + n) / (c + d + n) * hyp2f1(1, d + n + 1, c + d + n + 1, z)
            if life is not None:
                agree(("dert", p, n, delta), closed, life)
            return alive * chance * closed
        value = alive * chance * sum(there(n, u) * exp(-delta * u) for u in range(1, t + 1))
        if delta == 0 and c != 1:
            rising = gamma(1 + d + n) / gamma(c + d + n) - gamma(1 + d + n + t) / gamma(c + d + n + t)
            closed = (beta(a + x + 1, b + n - x) / beta(a, b) / total * d / (c - 1)
                      * gamma(c + d) / gamma(1 + d) * rising)
            if n <= 60:
                agree(("expected", p, x, tx, n, t), value, closed)
        return value

    def counts(x, tx, n, t):
        alive = likelihood(x, tx, n)[1]
        A, B, D = a + x, b + n - x, d + n
        result = []
        for k in range(t + 1):
            def bb(i):
                return binomial(i, k) * beta(A + k, B + i - k) / beta(A, B)
            value = alive * (sum(bb(i) * beta(c + 1, D + i) for i in range(k, t)) + bb(t) * beta(c, D + t)) / beta(c, D)
            result.append(value + (1 - alive if k == 0 else 0))
        agree(("counts", p, x, tx, n, t), mpf(1), sum(result))
        agree(("mean", p, x, tx, n, t), sum(k * v for k, v in enumerate(result)), expected(x, tx, n, t, mpf(0)))
        return result

    def waiting(x, tx, n, t):
        A, B, D = a + x, b + n - x, d + n
        first = [there(n, u) * beta(A + 1, B + u - 1) / beta(A, B) for u in range(1, t + 1)]
        agree(("none", p, x, tx, n, t), 1 - likelihood(x, tx, n)[1] * sum(first), counts(x, tx, n, t)[0])
        return sum(u * v for u, v in enumerate(first, 1)) / sum(first)

    return checked, there, expected, counts, waiting


def main():
    print("what,alpha,beta,gamma,delta,x,t_x,n,t,extra,value")

    def row(what, p, customer, t, extra, value):
        print("%s,%s,%s,%s,%s,%s" % (what, ",".join(p), ",".join(map(str, customer)), t, extra, mp.nstr(value, 17)))

    for p in PARAMETERS:
        likelihood, there, expected, counts, waiting = model(p)
        for customer in CUSTOMERS + EXTREMES:
            total, alive = likelihood(*customer)
            row("loglik", p, customer, "", "", log(total))
            row("alive", p, customer, "", "", alive)
            for t in HORIZONS:
                row("active", p, customer, t, "", alive * there(customer[2], t))
                row("expected", p, customer, t, "", expected(*customer, t, mpf(0)))
                row("discounted", p, customer, t, DELTAS[0], expected(*customer, t, mpf(DELTAS[0])))
            for delta in DELTAS:
                row("discounted", p, customer, "inf", delta, expected(*customer, inf, mpf(delta)))
            if customer in CUSTOMERS:
                for t in HORIZONS:
                    chances = counts(*customer, t)
                    for k in sorted({0, 1, t // 2, t}):
                        row("count", p, customer, t, k, chances[k])
                    row("next", p, customer, t, "", waiting(*customer, t))
        sys.stdout.flush()


main()
