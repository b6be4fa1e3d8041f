#!/usr/bin/env python3
"""High-precision reference for BG/CNBD-k and MBG/CNBD-k.

Needs mpmath (Debian: python3-mpmath). Prints CSV to standard output; the copy
under test/reference is what the tests compare with.

The definition (docs/models.md): times between purchases are Erlang-k with rate
lambda ~ Gamma(r, alpha); after each purchase (MBG: the first, too) a customer
leaves with chance p ~ Beta(a, b). The log-likelihood leaves out the (k-1)-th powers
of the times between purchases, and nothing else.

- Log-likelihood and P(alive): numerically over lambda and over p.
- P(active) and expected purchases: with lambda and p given, sums over the k-th
  roots of unity; closed over lambda, numerically over p.
- Discounted purchases: the chance that each comes, and is discounted, closed over
  p, numerically over lambda. The same without discount must agree to 1e-20 with the
  expected purchases.
- Discounted for ever: a geometric sum, closed over p, numerically over lambda.
--check adds, on the second row, the discounted purchases numerically over time and p
(slow: a minute).
"""
import sys

from mpmath import beta, exp, expjpi, expm1, factorial, gamma, hyp2f1, log, loggamma, mp, mpf, quad, re, rf

mp.dps = 40

PARAMETERS = [  # k, r, alpha, a, b
    (2, "0.8", "5", "0.7", "2.4"),
    (3, "1.4", "4", "1.0002", "1.6"),
    (3, "0.25", "12", "0.1", "0.4"),
    (6, "3", "2", "2.5", "9"),
    (20, "0.6", "0.3", "0.9", "6"),
]
CUSTOMERS = [  # x, t_x, T in weeks
    ("0", "0", "0"), ("0", "0", "38"), ("1", "2", "38"), ("2", "30", "38"), ("26", "30.857142857142857", "31"),
    ("500", "100", "100"), ("60", "150", "156"),
]
HORIZONS = ["4", "52.142857142857142857", "520"]  # weeks
DELTA = log(mpf("1.1")) / (mpf("365.25") / 7)


def over_lambda(rho, A, f, phases=0):
    """
    The integral of lambda^(rho-1) exp(-A lambda) f(lambda) in y = log(lambda), f growing
    like a power at most, with bells as narrow as those of Poisson chances of so many
    phases: the trapezoidal rule, which converges geometrically here.
    """
    mode, h = log(rho / A), mpf("0.3") / mp.sqrt(10 + rho + phases)
    total = mpf(0)
    for side in (-1, 1):
        i, largest = (0 if side < 0 else 1), mpf(0)
        while True:
            y = mode + side * i * h
            term = exp(rho * y - A * exp(y)) * f(exp(y))
            total, largest, i = total + term, max(largest, term), i + 1
            if term < largest * mpf(10) ** -(mp.dps + 3):
                break
    return total * h


def over_p(a, b, f):
    """E[f(p, 1 - p)] for p ~ Beta(a, b); p = q^(1/a) takes the singularity at 0 away, 1 - p = s^(1/b) the one at 1."""
    half = mpf("0.5")

    def low(q):
        p = q ** (1 / a)
        return f(p, 1 - p) * (1 - p) ** (b - 1) / a

    def high(s):
        t = s ** (1 / b)
        return f(1 - t, t) * (1 - t) ** (a - 1) / b
    return (quad(low, [0, half ** a / 64, half ** a / 8, half ** a])
            + quad(high, [0, half ** b / 64, half ** b / 8, half ** b])) / beta(a, b)


def likelihood(k, r, alpha, a, b, x, t_x, T, first):
    """Its parts: of those alive at T, and of those who left at t_x."""
    constant = alpha ** r / gamma(r) / factorial(k - 1) ** x
    n = int(x) + first
    u = T - t_x

    def silent(lam):
        return sum((lam * u) ** j / factorial(j) for j in range(k))
    alive = over_lambda(r + k * x, alpha + T, silent) * over_p(a, b, lambda p, s: s ** n)
    dead = over_lambda(r + k * x, alpha + t_x, lambda lam: 1) * over_p(a, b, lambda p, s: p * s ** (n - 1)) if n else 0
    return constant * alive, constant * dead


class Alive:
    """A customer alive at T."""

    def __init__(self, k, r, alpha, a, b, x, t_x, T, first):
        self.k, self.rho, self.A, self.a, self.b = k, r + k * x, alpha + T, a, b + x + first
        q = (T - t_x) / self.A
        w = [rf(self.rho, j) / factorial(j) * q ** j for j in range(k)]
        self.u = T - t_x
        self.w = [v / sum(w) for v in w]
        self.F = sum(w)
        with mp.workdps(130):
            self.roots = [mpf(1)] + [expjpi(mpf(2) * l / k) for l in range(1, k)]

    def mixed(self, f):
        """E over p of the real sum over the roots z = sigma omega of f(z, sigma, omega)."""
        def given(p, s):
            # the roots cancel up to a factor sigma^(k-1)
            with mp.workdps(40 if s > mpf("1e-3") else 120):
                return +summed(p, s)

        def summed(p, s):
            sigma = s ** (mpf(1) / self.k)
            # conjugate roots come in pairs
            total = mpf(0)
            for l in range(self.k // 2 + 1):
                pair = 1 if l == 0 or 2 * l == self.k else 2
                total += pair * re(f(sigma * self.roots[l], sigma, self.roots[l], p if l == 0 else None))
            return total / self.k
        return over_p(self.a, self.b, given)

    def less(self, z, p):
        """1 - sigma omega, without cancellation where it is the root itself"""
        return -expm1(mp.log1p(-p) / self.k) if p is not None and p < mpf("0.5") else 1 - z

    def phases(self, root, first, base):
        """The sum over j of w_j root^j base^-(rho + j) times first^-(k-1-j)."""
        total, factor, step = mpf(0), first ** (1 - self.k) * base ** -self.rho, root * first / base
        for w in self.w:
            total += w * factor
            factor *= step
        return total

    def active(self, t):
        def f(z, sigma, omega, p):
            d = mpf(1)
            for _ in range(self.k - 1):
                d = d / z + 1
            return d * self.phases(z, 1, 1 + self.less(z, p) * t / self.A)
        return self.mixed(f)

    def expected(self, t):
        def f(z, sigma, omega, p):
            c = self.less(z, p)
            if p is None or c * t / self.A > mpf("1e-8"):
                return (self.phases(1, z, 1) - self.phases(1, z, 1 + c * t / self.A)) / c
            return sum(w * z ** -(self.k - 1 - j) * -expm1(-(self.rho + j) * mp.log1p(c * t / self.A)) / c
                       for j, w in enumerate(self.w))
        return self.mixed(f)

    def rate(self, t):
        def f(z, sigma, omega, p):
            base = 1 + self.less(z, p) * t / self.A
            return sum(w * z ** -(self.k - 1 - j) * (self.rho + j) / self.A * base ** -(self.rho + j + 1)
                       for j, w in enumerate(self.w) if w)
        return self.mixed(f)

    def discounted_over_time(self, t, delta):
        gap = self.k * self.A / self.rho
        points = [0] + [p for p in (gap / 4, gap, 2 * gap, 4 * gap, 16 * gap, 64 * gap) if p < t / 2] + [t]
        with mp.workdps(24):
            return quad(lambda u: self.rate(u) * exp(-delta * u), points, method="gauss-legendre", maxdegree=4)

    def discounted(self, t, delta):
        """The n-th phase falls into t, and is discounted, with phi^n P(n or more of a Poisson mean of (lambda + delta) t)."""
        def f(lam):
            tau, phi = (lam + delta) * t, lam / (lam + delta)
            last = int(tau + 16 * mp.sqrt(tau) + 40) + self.k
            passed = [(lam * self.u) ** j / factorial(j) for j in range(self.k)]
            survive = [mpf(1)]
            for m in range(1, last // self.k + 2):
                survive.append(survive[-1] * (self.b + m - 1) / (self.a + self.b + m - 1))
            chance, tail, total = exp(last * log(tau) - tau - loggamma(last + 1)), mpf(0), mpf(0)
            for n in range(last, 0, -1):
                m = -(-n // self.k)
                tail += chance
                total = total * phi + survive[m - 1] * passed[self.k * m - n] * tail
                chance *= n / tau
            return total * phi
        with mp.workdps(30):
            return over_lambda(self.rho, self.A, f, 2 * self.k ** 2) * self.A ** self.rho / gamma(self.rho) / self.F

    def for_ever(self, delta):
        def f(lam):
            phi = lam / (lam + delta)
            return (sum((lam * self.u) ** j / factorial(j) * phi ** (self.k - j) for j in range(self.k))
                    * hyp2f1(1, self.b, self.a + self.b, phi ** self.k))
        return over_lambda(self.rho, self.A, f) * self.A ** self.rho / gamma(self.rho) / self.F


def main():
    print("family,k,r,alpha,a,b,x,t_x,t,horizon,delta,log_likelihood,probability_alive,probability_active,"
          "expected_purchases,discounted_purchases,discounted_for_ever")
    for k, *params in PARAMETERS:
        r, alpha, a, b = map(mpf, params)
        for c, customer in enumerate(CUSTOMERS):
            x, t_x, T = map(mpf, customer)
            first = c % 2
            alive, dead = likelihood(k, r, alpha, a, b, x, t_x, T, first)
            share = alive / (alive + dead)
            buyer = Alive(k, r, alpha, a, b, x, t_x, T, first)
            ever = buyer.for_ever(DELTA)
            horizon = HORIZONS[c % 3]
            t = mpf(horizon)
            expected, discounted = buyer.expected(t), buyer.discounted(t, DELTA)
            checks = [(expected, buyer.discounted(t, mpf(0)), "1e-20")]
            if "--check" in sys.argv and c == 1 and k == 2:
                checks.append((discounted, buyer.discounted_over_time(t, DELTA), "1e-15"))
            for value, check, tolerance in checks:
                if abs(check / value - 1) > mpf(tolerance):
                    sys.exit(f"k = {k}, {customer}: {value} against {check}")
            print(",".join([("bg", "mbg")[first] + "/cnbd-k", str(k), *params, *customer, horizon, mp.nstr(DELTA, 20)]
                           + [mp.nstr(v, 20) for v in (log(alive + dead), share, share * buyer.active(t),
                                                       share * expected, share * discounted, share * ever)]),
                  flush=True)


if __name__ == "__main__":
    main()
