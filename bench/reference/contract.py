#!/usr/bin/env python3
"""High-precision reference for contracts (sBG and BdW).

Needs mpmath (Debian: python3-mpmath). Prints CSV to standard output; the copy
under test/reference is what the tests compare with.

Predictions: S(t) = B(alpha, beta + t^c) / B(alpha, beta) straight from mpmath's
beta function; DEL and DERL (docs/contracts.md) by Euler-Maclaurin summation, held against the published closed
form of sBG (c = 1), a Gauss hypergeometric function at 1/(1 + d) (Fader and Hardie
2010), and, where the rate is not tiny, against the sum term by term until nothing
is left. The script stops where they differ by more than 1e-14.

Optima: the maximum of the likelihood of 1000 customers with the published
yearly survival of two segments (Fader and Hardie 2007, table 1), found by Newton's
method with derivatives that mpmath takes numerically at 50 digits, from three starts;
standard errors of the log parameters from the Hessian there.
"""
import sys

from mpmath import beta, diff, exp, hyp2f1, inf, log, lu_solve, matrix, mp, mpf, nsum

mp.dps = 30

PARAMETERS = [  # alpha, beta, c
    ("0.66808835110645", "3.8060949640583", "1"),
    ("0.70407729847352", "1.1820430262095", "1"),
    ("4.5", "0.3", "1"),
    ("250", "2000", "1"),
    ("0.25", "1.7", "1.6"),
    ("0.8", "1.2", "0.7"),
    ("3", "400", "2.5"),
]
RATES = ["0.5", "0.1", "0.005", "0.00002"]
RENEWALS = [0, 1, 7, 60]

SURVIVORS = {
    "sbg_regular": "100 63.1 46.8 38.2 32.6 28.9 26.2 24.1",
    "sbg_highend": "100 86.9 74.3 65.3 59.3 55.1 51.7 49.1",
}


def survival(a, b, c, t):
    return beta(a, b + mpf(t) ** c) / beta(a, b) if t > 0 else mpf(1)


def flow(a, b, c, before, first, d):
    """Sum over k >= 0 of S(first + k) / S(before) / (1 + d)^k, by at least two ways."""
    def term(k):
        return survival(a, b, c, first + k) * z ** k

    z = 1 / (1 + d)
    block = 512
    head = sum(term(k) for k in range(block))
    values = [head + nsum(term, [block, inf], method="euler-maclaurin")]
    if c == 1:
        values.append(survival(a, b, c, first) * hyp2f1(1, b + first, a + b + first, z))
    if d >= mpf("0.005"):
        total, k = head, block
        while term(k) > total * mpf("1e-22") * d:
            total += term(k)
            k += 1
        values.append(total)
    for other in values[1:]:
        if abs(other / values[0] - 1) > mpf("1e-14"):
            sys.exit("formulas disagree: %s %s %s from %s d=%s: %s" % (a, b, c, first, d, values))
    return values[0] / survival(a, b, c, before)


def log_likelihood(lost, kept, theta):
    a, b = exp(theta[0]), exp(theta[1])
    c = exp(theta[2]) if len(theta) > 2 else mpf(1)
    s = [survival(a, b, c, t) for t in range(len(lost) + 1)]
    return sum(l * log(s[t] - s[t + 1]) for t, l in enumerate(lost)) + kept * log(s[-1])


def newton(f, start, n):
    theta = list(start)

    def derivative(orders):
        return diff(lambda *t: f(t), tuple(theta), orders)

    for _ in range(60):
        g = matrix([derivative(tuple(int(i == k) for k in range(n))) for i in range(n)])
        h = matrix(n, n)
        for i in range(n):
            for j in range(n):
                h[i, j] = derivative(tuple(int(i == k) + int(j == k) for k in range(n)))
        step = lu_solve(h, -g)
        length = max(abs(x) for x in step)
        scale = min(mpf(1), mpf("0.5") / length) if length > 0 else mpf(1)
        theta = [t + scale * x for t, x in zip(theta, step)]
        if length < mpf("1e-22"):
            break
    else:
        sys.exit("no convergence")
    return theta, h


def show(x):
    return mp.nstr(x, 17, strip_zeros=False)


def main():
    print("what,alpha,beta,c,t,d,value")
    for names in PARAMETERS:
        a, b, c = (mpf(x) for x in names)
        for t in (1, 2, 12, 400):
            print("survival,%s,%d,,%s" % (",".join(names), t, show(survival(a, b, c, t))))
            churn = 1 - survival(a, b, c, t) / survival(a, b, c, t - 1)
            print("churn,%s,%d,,%s" % (",".join(names), t, show(churn)))
        for rate in RATES:
            d = mpf(rate)
            print("del,%s,,%s,%s" % (",".join(names), rate, show(flow(a, b, c, 0, 0, d))))
            for t in RENEWALS:
                print("derl,%s,%d,%s,%s" % (",".join(names), t, rate, show(flow(a, b, c, t, t + 1, d))))
            sys.stdout.flush()
    mp.dps = 50
    for name, text in sorted(SURVIVORS.items()):
        alive = [mpf(x) * 10 for x in text.split()]
        lost = [alive[i] - alive[i + 1] for i in range(len(alive) - 1)]

        def f(theta):
            return log_likelihood(lost, alive[-1], theta)

        for n, start in ((2, (log(mpf("0.7")), log(mpf("2")))), (3, (log(mpf("0.5")), log(mpf("1.5")), mpf("0.1")))):
            theta, h = newton(f, start, n)
            inverse = (-h) ** -1
            print("optimum,%s,%d,%s,%s,%s" % (
                name, n, show(f(theta)), " ".join(show(exp(t)) for t in theta),
                " ".join(show(inverse[i, i] ** mpf("0.5")) for i in range(n))))


main()
