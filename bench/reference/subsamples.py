#!/usr/bin/env python3
"""An independent judge of the fits that `subsamples -w FILE` wrote.

    subsamples.py FILE [FITS]     judges so many fits, spread evenly over the file (default 100)

Needs scipy (Debian: python3-scipy). Shares nothing with the extension: the
likelihoods are the published formulas, maximised by scipy from random starts.
For each fit it checks that
  1. its log-likelihood is what the published formula gives at its parameters;
  2. scipy finds nothing better by more than 1e-6 (a fit that fell back to the NBD: 1e-5).
Status 1 where that does not hold.

Sources: Fader, Hardie and Lee (2005) for BG/NBD, Batislam et al. (2007) for
MBG/NBD, Fader and Hardie (2005) for Pareto/NBD.
"""
import sys

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

NO_CHURN = 2
BOX = 11.5  # of the logs: what lies beyond is a limit


def nbd(theta, x, t_x, T):
    r, alpha = np.exp(theta)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T)


def geometric(theta, x, t_x, T, first):
    """BG/NBD (first = 0), MBG/NBD (first = 1)."""
    r, alpha, a, b = np.exp(theta)
    front = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    alive = betaln(a, b + x + first) - (r + x) * np.log(alpha + T)
    with np.errstate(invalid="ignore", divide="ignore"):
        dead = np.where(x + first > 0, betaln(a + 1, b + np.maximum(x + first - 1, 0)), -np.inf) \
            - (r + x) * np.log(alpha + t_x)
    return front + np.logaddexp(alive, dead)


def pareto(theta, x, t_x, T):
    r, alpha, s, beta = np.exp(theta)
    rho, total = r + x, r + s + x
    high, gap = max(alpha, beta), abs(alpha - beta)
    other = s + 1 if alpha >= beta else rho

    def part(t):
        return np.log(hyp2f1(total, other, total + 1, gap / (high + t))) - total * np.log(high + t)

    f1, f2 = part(t_x), part(T)
    a0 = f1 + np.log1p(-np.minimum(np.exp(f2 - f1), 1 - 1e-16))
    front = gammaln(rho) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    alive = -rho * np.log(alpha + T) - s * np.log(beta + T)
    return front + np.logaddexp(alive, np.log(s) - np.log(total) + a0)


LIKELIHOOD = {
    "nbd": (2, nbd),
    "bg/nbd": (4, lambda theta, *data: geometric(theta, *data, 0)),
    "mbg/nbd": (4, lambda theta, *data: geometric(theta, *data, 1)),
    "pareto/nbd": (4, pareto),
}


def read(path):
    """The fits of the file: (sample, family, status, log-likelihood, parameters, patterns)."""
    fits = []
    with open(path, encoding="ascii") as lines:
        for line in lines:
            words = line.split()
            if words[0] == "fit":
                fits.append((int(words[1]), words[2], int(words[3]), float(words[4]),
                             np.array(words[5:], float), []))
            else:
                fits[-1][5].append([float(w) for w in words])
    return fits


def judge(fit, random):
    """(error of the log-likelihood at its own parameters, what scipy finds above it)."""
    _, family, status, stated, parameters, patterns = fit
    x, t_x, T, count = np.array(patterns).T
    n, likelihood = LIKELIHOOD[family]
    own = likelihood if status != NO_CHURN else LIKELIHOOD["nbd"][1]

    def value(theta, of=likelihood):
        with np.errstate(all="ignore"):
            each = of(theta, x, t_x, T)
        total = -np.dot(count, each)
        return total if np.isfinite(total) else 1e10

    best = np.inf
    box = [(-BOX, BOX)] * n
    for k in range(16):
        start = random.uniform(-3, 3, n)
        found = minimize(value, start, method="L-BFGS-B", bounds=box)
        if found.fun < best + 5:
            found = minimize(value, found.x, method="Nelder-Mead",
                             options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 4000, "maxfev": 4000})
        # outside the box the formula is rounding
        if np.all(np.abs(found.x) <= BOX):
            best = min(best, found.fun)
    return abs(-value(np.log(parameters), own) - stated), -best - stated


def main():
    fits = read(sys.argv[1])
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    random = np.random.default_rng(1)
    worst_own = worst_above = 0.0
    bad = done = 0
    for fit in fits[::max(1, len(fits) // wanted)]:
        if fit[1] not in LIKELIHOOD:
            continue
        own, above = judge(fit, random)
        # where parameters lie at an extreme the published formula has few digits, and no say
        extreme = np.max(np.abs(np.log(fit[4]))) > 8
        if (own > 1e-6 and not extreme) or above > (1e-5 if fit[2] == NO_CHURN else 1e-6):
            print(f"sample {fit[0]}, {fit[1]}, status {fit[2]}: off by {own:.1e} at its own parameters, "
                  f"scipy finds {above:.1e} more; {fit[4]}")
            bad += 1
        if not extreme:
            worst_own = max(worst_own, own)
        worst_above = max(worst_above, above)
        done += 1
    print(f"{done} fits: log-likelihoods off by at most {worst_own:.1e}, scipy finds at most {worst_above:.1e} more; "
          f"{bad} wrong")
    sys.exit(bad > 0)


main()
