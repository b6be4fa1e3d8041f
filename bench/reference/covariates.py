#!/usr/bin/env python3
"""Reference optima of fits with a covariate and with a penalty, computed independently.

Needs numpy and scipy (Debian: python3-scipy). Usage:

    bench/reference/covariates.py CDNOW/expected_summary_lifetimes.csv

reads id, x, t_x, T (weeks) of the published CDNOW sample and gives every customer
one made-up covariate: 1 where T > 33, who came in the first weeks, else 0. It acts
on purchases and on churn: alpha exp(-gamma z), and a exp(delta z) (MBG/NBD, BG/NBD)
or beta exp(-delta z) (Pareto/NBD; Fader and Hardie 2007, Incorporating Time-Invariant
Covariates into the Pareto/NBD and BG/NBD Models). The likelihoods are the published
ones, customer by customer; Newton's method with differences finishes what BFGS
began. The numbers stand in test/unit/test_model_covariates.c.
"""
import sys

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1


def bg_nbd(first, r, alpha, a, b, x, t_x, T):
    """First = 0: BG/NBD; 1: MBG/NBD, in which the first purchase can be the last."""
    k = x + first
    alive = betaln(a, b + k) - betaln(a, b) - (r + x) * np.log(alpha + T)
    dead = betaln(a + 1, b + np.maximum(k, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x)
    dead = np.where(k > 0, dead, -np.inf)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + np.logaddexp(alive, dead)


def pareto_nbd(r, alpha, s, beta, x, t_x, T):
    """Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model, equation 18 ff."""
    n = r + s + x
    larger = np.maximum(alpha, beta)
    other = np.where(alpha >= beta, s + 1, r + x)

    def a0(t):
        return hyp2f1(n, other, n + 1, np.abs(alpha - beta) / (larger + t)) / (larger + t) ** n
    alive = 1 / ((alpha + T) ** (r + x) * (beta + T) ** s)
    return (gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) +
            np.log(alive + s / n * (a0(t_x) - a0(T))))


def objective(family, penalty, theta, z, x, t_x, T):
    p = np.exp(theta[:4])
    if family == "pareto/nbd":
        value = pareto_nbd(p[0], p[1] * np.exp(-theta[4] * z), p[2], p[3] * np.exp(-theta[5] * z), x, t_x, T)
        free = [0, 2, 4, 5]
    else:
        value = bg_nbd(family == "mbg/nbd", p[0], p[1] * np.exp(-theta[4] * z), p[2] * np.exp(theta[5] * z), p[3],
                       x, t_x, T)
        free = [0, 2, 3, 4, 5]
    value = np.sum(value)
    return value, value - penalty / 2 * np.sum(theta[free] ** 2)


def newton(f, theta, h=1e-3):
    """Fourth-order differences: errors of h^4 in the gradient."""
    n = len(theta)
    e = np.eye(n) * h
    gradient = np.array([(8 * (f(theta + e[i]) - f(theta - e[i])) - f(theta + 2 * e[i]) + f(theta - 2 * e[i])) / (12 * h)
                         for i in range(n)])
    hessian = np.array([[(f(theta + e[i] + e[j]) - f(theta + e[i] - e[j]) - f(theta - e[i] + e[j]) + f(theta - e[i] - e[j]))
                         / (4 * h * h) for j in range(n)] for i in range(n)])
    return theta - np.linalg.solve(hessian, gradient), hessian


data = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1)
x, t_x, T = data[:, 1], data[:, 2], data[:, 3]
z = (T > 33).astype(float)
for family in ("mbg/nbd", "bg/nbd", "pareto/nbd"):
    for penalty in (0, 25):
        def f(theta):
            return objective(family, penalty, theta, z, x, t_x, T)[1]
        start = np.log([0.55, 10.6, 0.6, 11.7] if family == "pareto/nbd" else [0.5, 6, 0.8, 2])
        theta = minimize(lambda theta: -f(theta), np.append(start, [0, 0]), method="BFGS").x
        for _ in range(6):
            theta, hessian = newton(f, theta)
        errors = np.sqrt(np.diag(np.linalg.inv(-hessian)))
        print(f'{{"{family}", {penalty}, {objective(family, penalty, theta, z, x, t_x, T)[0]:.8f}, {{'
              + ", ".join(f"{v:.9f}" for v in theta) + "}, {" + ", ".join(f"{v:.7f}" for v in errors) + "}},")
