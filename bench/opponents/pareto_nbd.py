"""Pareto/NBD: maximum likelihood by Nelder-Mead over Gauss's hypergeometric function.

The formulas of Fader and Hardie (2005), "A note on deriving the Pareto/NBD model", in logs as the usual Python packages
have them. Where the difference of the two hypergeometric terms drowns in rounding, it counts as nothing.
"""
import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1


def log_likelihood(parameters, x, t_x, T):
    """Of every customer."""
    r, alpha, s, beta = parameters
    smaller, larger, second = (alpha, beta, r + x) if alpha < beta else (beta, alpha, s + 1)
    rsx = r + s + x
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        since_t_x = np.log(hyp2f1(rsx, second, rsx + 1, (larger - smaller) / (larger + t_x))) - rsx * np.log(larger + t_x)
        since_T = np.log(hyp2f1(rsx, second, rsx + 1, (larger - smaller) / (larger + T))) - rsx * np.log(larger + T)
        difference = since_t_x + np.log(-np.expm1(since_T - since_t_x))
        difference = np.where(np.isfinite(difference), difference, -np.inf)
    return (gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
            + np.logaddexp(-(r + x) * np.log(alpha + T) - s * np.log(beta + T), np.log(s / rsx) + difference))


def fit(x, t_x, T, evaluations):
    """(parameters, evaluations made), at most so many"""
    scale = 10 / T.max()
    scaled = x, t_x * scale, T * scale
    found = minimize(lambda logs: -log_likelihood(np.exp(logs), *scaled).mean(), np.zeros(4), method="Nelder-Mead", tol=1e-7,
                     options={"maxfev": evaluations})
    r, alpha, s, beta = np.exp(found.x)
    return (r, alpha / scale, s, beta / scale), found.nfev
