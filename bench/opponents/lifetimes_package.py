"""The package lifetimes itself, where Python finds it: neither part of the benchmark nor needed by it.

lifetimes stands for autograd's gradients with BFGS, and for Nelder-Mead over scipy's hyp2f1. VERSION is empty, and
MISSING says why, where it cannot be imported.
"""
import contextlib
import warnings

import numpy as np

from harness import read_sql
from opponents.export import SALES

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifetimes
        import lifetimes.utils
    VERSION, MISSING = lifetimes.__version__, ""
except (ImportError, AttributeError) as reason:
    VERSION, MISSING = "", str(reason)


@contextlib.contextmanager
def quiet():
    """Without its warnings, which are of pandas' future and of rounding."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def fit_bg(family, x, t_x, T):
    """(parameters, None) of BG/NBD or MBG/NBD"""
    fitter = lifetimes.BetaGeoFitter if family == "bg/nbd" else lifetimes.ModifiedBetaGeoFitter
    with quiet():
        return tuple(fitter().fit(x, t_x, T).params_[name] for name in ("r", "alpha", "a", "b")), None


def fit_pareto(x, t_x, T, evaluations):
    """(parameters, evaluations made), at most so many"""
    made = 0
    original = lifetimes.ParetoNBDFitter._negative_log_likelihood

    def counted(*arguments):
        nonlocal made
        made += 1
        return original(*arguments)

    np.random.seed(20251231)  # it starts somewhere at random
    fitter = lifetimes.ParetoNBDFitter()
    fitter._negative_log_likelihood = counted
    with quiet():
        fitter.fit(x, t_x, T, maxfev=evaluations)
    return tuple(fitter.params_[name] for name in ("r", "alpha", "s", "beta")), made


def values(as_of, annual_rate):
    """As export.values, from the sales on: its summary, its fits and its expectations, in days.

    Only the sum over the months is not its own, whose months have 30 days and whose sums are discounted at their ends.
    """
    with quiet():
        sales = read_sql(SALES)
        sales["sold_at"] = sales.sold_at.dt.tz_localize(None)
        summary = lifetimes.utils.summary_data_from_transaction_data(sales, "customer_id", "sold_at", "amount", observation_period_end=as_of)
        summary = summary.sort_index()
        x, t_x, T, m = (summary[name].to_numpy() for name in ("frequency", "recency", "T", "monetary_value"))
        purchases = lifetimes.BetaGeoFitter().fit(x, t_x, T)
        spend = lifetimes.GammaGammaFitter().fit(x[x > 0], m[x > 0])
        total, before = np.zeros_like(x), np.zeros_like(x)
        for month in range(1, 13):
            until = np.asarray(purchases.predict(365 * month / 12, x, t_x, T))
            total += (until - before) / (1 + annual_rate) ** ((month - 0.5) / 12 * 365 / 365.25)
            before = until
        value = total * np.asarray(spend.conditional_expected_average_profit(x, m))
    r, alpha, a, b = (purchases.params_[name] for name in ("r", "alpha", "a", "b"))
    return summary.index.to_numpy(), value, (r, alpha / 7, a, b), tuple(spend.params_[name] for name in ("p", "q", "v"))
