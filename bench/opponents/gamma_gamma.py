"""Gamma-Gamma spend: maximum likelihood by L-BFGS with numeric gradients, expected spend."""
import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln


def log_likelihood(parameters, x, m):
    """Of every customer with x > 0 and m > 0."""
    p, q, v = parameters
    return (gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(m)
            + p * x * np.log(x) - (p * x + q) * np.log(v + x * m))


def fit(x, m):
    scale = 1 / m.mean()
    found = minimize(lambda logs: -log_likelihood(np.exp(logs), x, m * scale).mean(), np.zeros(3), method="L-BFGS-B", tol=1e-7)
    p, q, v = np.exp(found.x)
    return p, q, v / scale


def expected_spend(parameters, x, m):
    p, q, v = parameters
    return p * (v + x * np.where(x > 0, m, 0)) / (p * x + q - 1)
