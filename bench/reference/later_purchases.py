#!/usr/bin/env python3
"""High-precision references for what comes after the as-of day.

    later_purchases.py counts   P(N(t) = n)                     test/reference/purchase_counts.csv
    later_purchases.py dert     discounted over all the future  test/reference/dert.csv
    later_purchases.py next     time to the next purchase       test/reference/next_purchase.csv

Needs mpmath (Debian: python3-mpmath). Prints CSV to standard output; the copies under
test/reference are what the tests compare with. Families NBD, BG/NBD, MBG/NBD, Pareto/NBD.

A customer alive at T buys at a rate lambda ~ Gamma(rho, A), rho = r + x, A = alpha + T.
  (M)BG/NBD   after each purchase it leaves with probability p ~ Beta(a, bb), bb = b + x (+ 1)
  Pareto/NBD  it leaves at a rate mu ~ Gamma(s, B), B = beta + T
  NBD         it never leaves

Every value is computed twice, and the script stops where the two differ by more than 1e-16:
  counts  who is alive after n purchases, and who has left with or (Pareto) after the n-th; and
          P(N >= n) - P(N >= n + 1), from the chance that the n-th purchase comes within t at all.
  dert    (M)BG: the discounted rate, a Gauss hypergeometric function; and by parts, from the
          published closed form of the expected purchases within u.
          Pareto: quadrature; and Tricomi's function (Fader, Hardie and Lee 2005, RFM and CLV).
  next    the integral of P(N(u) = 0) - P(N(t) = 0); and of u times the density of the next purchase.
"""
import sys

from mpmath import beta, betainc, exp, factorial, hyp2f1, hyperu, log, mp, mpf, quad, rf, workdps

mp.dps = 30

PARAMETERS = [
    ("nbd", ("0.385", "12.07")),
    ("bg/nbd", ("0.24259452243016", "4.4136020190135", "0.7929220172256", "2.4259067768263")),
    ("mbg/nbd", ("0.5248431591063", "6.183085279576", "0.89135939073222", "1.6140022401703")),
    ("mbg/nbd", ("3", "20", "0.05", "0.3")),
    ("pareto/nbd", ("0.553277046853183", "10.577683463302339", "0.6062399891277999", "11.668735288854093")),
    ("pareto/nbd", ("2", "4", "3", "300")),
]
CUSTOMERS = [  # x, t_x, T in weeks
    ("0", "0", "0"), ("0", "0", "38"), ("2", "30", "38"), ("7", "29", "38"), ("26", "30.857142857142857", "31"),
    ("60", "150", "156"), ("500", "104", "104"), ("20000", "4999", "5000"),
]
HORIZONS = ["4", "39", "520"]  # weeks
COUNTS = ["0", "1", "2", "5", "17", "60", "400"]
ANNUAL_RATES = ["0.01", "0.15", "0.5"]
WEEKS_A_YEAR = mpf("365.25") / 7


class Customer:
    """One alive at T, and the chance that it is."""

    def __init__(self, family, params, x, t_x, T):
        self.family = family
        self.rho, self.A = params[0] + x, params[1] + T
        odds = mpf(0)
        if family == "pareto/nbd":
            r, alpha, s, b = params
            self.s, self.B = s, b + T
            if t_x < T:
                odds = s * quad(lambda u: ((alpha + T) / (alpha + u)) ** self.rho * ((b + T) / (b + u)) ** s / (b + u),
                                split(t_x, T, 16))
        elif family != "nbd":
            r, alpha, self.a, b = params
            self.bb = b + x + (family == "mbg/nbd")
            if self.bb > b:
                odds = self.a / (self.bb - 1) * ((alpha + T) / (alpha + t_x)) ** self.rho
        self.alive = 1 / (1 + odds)
        self.dead = odds / (1 + odds)

    def nb(self, n, t):
        """P(n purchases within t) of one who never leaves."""
        w = t / (self.A + t)
        return rf(self.rho, n) / factorial(n) * w ** n * (1 - w) ** self.rho

    def survival(self, u):
        return (self.B / (self.B + u)) ** self.s


def split(low, high, parts):
    """Geometric breaks towards low, for integrands that change fast there."""
    return [low] + [low + (high - low) * mpf(2) ** (i - parts) for i in range(parts + 1)]


def around(center, width, low, high):
    points = [low] + [center + k * width for k in (-30, -12, -6, -3, 0, 3, 6, 12, 30)] + [high]
    return sorted(p for p in set(points) if low <= p <= high)


def count_1(c, n, t):
    if c.family == "nbd":
        return c.nb(n, t)
    if c.family == "pareto/nbd":
        density = lambda u: c.s / c.B * (1 + u / c.B) ** (-c.s - 1)
        return c.alive * (c.nb(n, t) * c.survival(t) + over_time(c, n, t, lambda u: c.nb(n, u) * density(u))) + (n == 0) * c.dead
    with workdps(340):  # the tail is a difference
        value = beta(c.a, c.bb + n) / beta(c.a, c.bb) * c.nb(n, t)
        if n > 0:
            value += beta(c.a + 1, c.bb + n - 1) / beta(c.a, c.bb) * (1 - sum(c.nb(j, t) for j in range(n)))
        return c.alive * value + (n == 0) * c.dead


def over_time(c, n, t, f):
    """The integral over (0, t) of f, which has a peak near the n-th purchase, by log(1 + u/A)."""
    end = log(1 + t / c.A)
    peak = min(end, log(1 + mpf(n + 1) / c.rho))
    width = ((mpf(n) + 1) ** -1 + c.rho ** -1) ** mpf("0.5") * (1 - exp(-peak))
    points = around(peak, width, mpf(0), end)
    points = sorted(set(points + split(mpf(0), end, 6)))

    def g(v):
        return f(c.A * (exp(v) - 1)) * c.A * exp(v)
    scale = max(g(v) for v in points)  # quad stops at an absolute error
    return scale * quad(lambda v: g(v) / scale, points) if scale > 0 else scale


def count_2(c, n, t):
    def at_least(k):
        if k == 0:
            return mpf(1)
        if c.family == "pareto/nbd":
            return over_time(c, k - 1, t, lambda u: c.nb(k - 1, u) * (c.rho + k - 1) / (c.A + u) * c.survival(u))
        bought = betainc(k, c.rho, 0, t / (c.A + t), regularized=True)
        return bought if c.family == "nbd" else bought * rf(c.bb, k - 1) / rf(c.a + c.bb, k - 1)
    with workdps(60 if c.family == "pareto/nbd" else 340):
        return c.alive * (at_least(n) - at_least(n + 1)) + (n == 0) * c.dead


def dert_1(c, delta):
    if c.family == "nbd":
        return c.rho / c.A / delta
    if c.family == "pareto/nbd":
        rate = c.survival
    else:
        rate = lambda u: hyp2f1(c.rho + 1, c.a, c.a + c.bb, -u / c.A)
    end = 100 / delta
    return c.alive * c.rho / c.A * quad(lambda u: rate(u) * exp(-delta * u), split(mpf(0), end, 20))


def dert_2(c, delta):
    if c.family == "nbd":
        return c.rho / c.A / delta
    if c.family == "pareto/nbd":
        return c.alive * c.rho / c.A * c.B ** c.s * delta ** (c.s - 1) * hyperu(c.s, c.s, delta * c.B)

    # the expected purchases within u, closed form; discounted by parts
    def made(u):
        return ((c.a + c.bb - 1) / (c.a - 1)
                * (1 - (c.A / (c.A + u)) ** c.rho * hyp2f1(c.rho, c.bb, c.a + c.bb - 1, u / (c.A + u))))
    end = 100 / delta
    return c.alive * delta * quad(lambda u: exp(-delta * u) * made(u), split(mpf(0), end, 20))


def next_1(c, t):
    def leaves_first(u):
        """Who is there at u leaves before it buys."""
        return c.s / (c.rho + c.s) * hyp2f1(1, c.rho, c.rho + c.s + 1, 1 - (c.B + u) / (c.A + u))

    def none(u):
        waits = (1 + u / c.A) ** -c.rho
        if c.family != "pareto/nbd":
            return waits
        return leaves_first(mpf(0)) + waits * c.survival(u) * (1 - leaves_first(u))
    last = none(t)
    return over_time(c, 0, t, lambda u: none(u) - last) / (1 - last)


def next_2(c, t):
    def density(u):
        return c.rho / (c.A + u) * (1 + u / c.A) ** -c.rho * (c.survival(u) if c.family == "pareto/nbd" else 1)
    return over_time(c, 0, t, lambda u: u * density(u)) / over_time(c, 0, t, density)


def rows(which):
    for family, params in PARAMETERS:
        numbers = list(map(mpf, params))
        for customer in CUSTOMERS:
            c = Customer(family, numbers, *map(mpf, customer))
            head = [family, *params, *[""] * (4 - len(params)), *customer]
            if which == "dert":
                if mpf(customer[0]) > 100 and family != "pareto/nbd":
                    continue  # minutes a row
                for rate in ANNUAL_RATES:
                    delta = log(1 + mpf(rate)) / WEEKS_A_YEAR
                    yield [*head, rate], dert_1, dert_2, (c, delta)
                continue
            for t in HORIZONS:
                if which == "next":
                    yield [*head, t], next_1, next_2, (c, mpf(t))
                    continue
                for n in COUNTS:
                    yield [*head, t, n], count_1, count_2, (c, int(n), mpf(t))


def main():
    which = sys.argv[1]
    columns = {"counts": "horizon,purchases,probability", "dert": "annual_discount_rate,dert", "next": "horizon,time"}
    print("family,p1,p2,p3,p4,x,t_x,t," + columns[which])
    for row, one, two, arguments in rows(which):
        value = one(*arguments)
        if value < mpf("1e-250"):
            continue  # too little for a double, or nearly
        check = two(*arguments)
        # the difference of two chances leaves no digits of a tiny one
        if abs(check - value) > mpf("1e-16") * value + (mpf("1e-35") if row[0] == "pareto/nbd" else 0):
            sys.exit(f"{row}: {mp.nstr(value, 25)} against {mp.nstr(check, 25)}")
        print(",".join([*row, mp.nstr(value, 20)]), flush=True)


if __name__ == "__main__":
    main()
