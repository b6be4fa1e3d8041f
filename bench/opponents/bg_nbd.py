"""BG/NBD and MBG/NBD: maximum likelihood by scipy, expectations by Gauss's hypergeometric function.

The formulas of Fader, Hardie and Lee (2005) and Batislam, Denizel and Filiztekin (2007), vectorised over customers.
Times are scaled so that the longest is 10, parameters are in logs, the start is 1 for all, the tolerance is 1e-7:
the ways of the usual Python packages.
"""
import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln, hyp2f1


def log_likelihood(family, parameters, x, t_x, T):
    """Of every customer."""
    r, alpha, a, b = parameters
    bx = b + x if family == "bg/nbd" else b + x + 1
    common = (gammaln(r + x) - gammaln(r) + r * np.log(alpha)
              + gammaln(a + b) - gammaln(b) + gammaln(bx) - gammaln(a + bx))
    alive = -(r + x) * np.log(alpha + T)
    if family == "bg/nbd":
        lost = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
        lost = np.where(x > 0, lost, -np.inf)
    else:
        lost = np.log(a) - np.log(b + x) - (r + x) * np.log(alpha + t_x)
    return common + np.logaddexp(alive, lost)


def gradient(family, parameters, x, t_x, T):
    """Of the mean log-likelihood, by the logs of the parameters, and that mean. Faster than automatic differentiation."""
    r, alpha, a, b = parameters
    bx = b + x if family == "bg/nbd" else b + x + 1
    drop = b + np.maximum(x, 1) - 1 if family == "bg/nbd" else b + x
    common = (gammaln(r + x) - gammaln(r) + r * np.log(alpha)
              + gammaln(a + b) - gammaln(b) + gammaln(bx) - gammaln(a + bx))
    log_T, log_t_x = np.log(alpha + T), np.log(alpha + t_x)
    alive, lost = -(r + x) * log_T, np.log(a) - np.log(drop) - (r + x) * log_t_x
    if family == "bg/nbd":
        lost = np.where(x > 0, lost, -np.inf)
    p = expit(lost - alive)  # that the customer is lost
    both = digamma(a + b) - digamma(a + bx)
    by = ((digamma(r + x) - digamma(r) + np.log(alpha) - log_T + p * (log_T - log_t_x)),
          r / alpha - (r + x) * ((1 - p) / (alpha + T) + p / (alpha + t_x)),
          both + p / a,
          both - digamma(b) + digamma(bx) - p / drop)
    return (common + np.logaddexp(alive, lost)).mean(), np.array([slope.mean() for slope in by]) * parameters


def fit_bfgs(family, x, t_x, T):
    """(parameters, evaluations) with BFGS and exact gradients, until they are below the tolerance"""
    scale = 10 / T.max()
    scaled = x, t_x * scale, T * scale

    def negative(logs):
        mean, slopes = gradient(family, np.exp(logs), *scaled)
        return -mean, -slopes

    found = minimize(negative, np.zeros(4), jac=True, method="BFGS", tol=1e-7)
    r, alpha, a, b = np.exp(found.x)
    return (r, alpha / scale, a, b), found.nfev


def fit(family, x, t_x, T, customers=None):
    """(parameters, evaluations) with L-BFGS and numeric gradients, until the likelihood hardly changes

    customers: how many share each (x, t_x, T), one where not given
    """
    scale = 10 / T.max()
    scaled = x, t_x * scale, T * scale
    found = minimize(lambda logs: -np.average(log_likelihood(family, np.exp(logs), *scaled), weights=customers),
                     np.zeros(4), method="L-BFGS-B", tol=1e-7)
    r, alpha, a, b = np.exp(found.x)
    return (r, alpha / scale, a, b), found.nfev


def fit_distinct(family, x, t_x, T):
    """The same over distinct (x, t_x, T), which few people think of."""
    days = (x * 10000 + np.rint(7 * t_x)) * 10000 + np.rint(7 * T)
    _, first, customers = np.unique(days, return_index=True, return_counts=True)
    return fit(family, x[first], t_x[first], T[first], customers)


def probability_alive(parameters, x, t_x, T):
    """BG/NBD"""
    r, alpha, a, b = parameters
    odds = a / (b + np.maximum(x, 1) - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x)
    return np.where(x > 0, 1 / (1 + odds), 1)


def expected_purchases(parameters, x, t_x, T, t):
    """BG/NBD, within t"""
    r, alpha, a, b = parameters
    z = t / (alpha + T + t)
    series = hyp2f1(r + x, b + x, a + b + x - 1, z) * (1 - z) ** (r + x)
    return (a + b + x - 1) / (a - 1) * (1 - series) * probability_alive(parameters, x, t_x, T)


def discounted_purchases(parameters, x, t_x, T, annual_rate):
    """A year in 12 steps, each discounted from its middle: which hardly differs from discounting continuously."""
    total = np.zeros_like(x)
    before = np.zeros_like(x)
    for month in range(1, 13):
        until = expected_purchases(parameters, x, t_x, T, 365 / 7 * month / 12)
        total += (until - before) / (1 + annual_rate) ** ((month - 0.5) / 12 * 365 / 365.25)
        before = until
    return total
