"""Fits from stored histories, against scipy with the numbers in memory."""
import numpy as np

from data import summaries
from harness import Program, at_most, times_faster, value
from opponents import bg_nbd, lifetimes_package, pareto_nbd

NEEDS = {"few", "histories"}

FIT = "SELECT fit_purchase_model('{family}', history, date '{as_of}') FROM {table}"

# Nelder-Mead is counted on so many customers, and timed for so many evaluations on all.
COUNTED_ON = 10000
TIMED_FOR = 40


def model(bench, family, table):
    """(parameters, log-likelihood, distinct patterns) of our fit"""
    fit = FIT.format(family=family, table=table, as_of=bench.as_of)
    parameters = value(f"SELECT array_agg(p.estimate) FROM ({fit}) AS f(m), model_parameters(m) AS p")
    return (parameters, value(f"SELECT s.log_likelihood FROM ({fit}) AS f(m), model_summary(m) AS s"),
            value(f"SELECT s.patterns FROM ({fit}) AS f(m), model_summary(m) AS s"))


def same_formula(bench, what, log_likelihood, ours):
    """log_likelihood: of the opponent, at our parameters. Ours is the same function, so a fit cannot look faster by doing less."""
    bench.checks.same(f"{what}: log-likelihood at our parameters, ours and numpy's, relative difference", abs(log_likelihood / ours - 1), 1e-9)


def no_better(bench, what, log_likelihood, ours):
    """log_likelihood: of the opponent, at its parameters."""
    behind = (ours - log_likelihood) / abs(ours)
    bench.checks.same(f"{what}: log-likelihood of its fit behind ours, relative", behind if behind > -1e-12 else np.inf, 1e-5)


def compare_bg(bench, family, table):
    parameters, log_likelihood, patterns = model(bench, family, table)
    data = summaries(table, bench.as_of)
    opponents = [("scipy L-BFGS, numeric gradients, in memory", bg_nbd.fit, 70),
                 ("the same over distinct customers, found first", bg_nbd.fit_distinct, None),
                 ("an expert's: scipy BFGS, gradients by hand, in memory", bg_nbd.fit_bfgs, None)]
    if lifetimes_package.VERSION:
        opponents.insert(0, (f"lifetimes {lifetimes_package.VERSION} (BFGS, autograd), in memory", lifetimes_package.fit_bg, 70))
    programs = [Program(function, lambda: (family, *data)) for _, function, _ in opponents]
    ours, *theirs = bench.alternate(bench.query(FIT.format(family=family, table=table, as_of=bench.as_of)), *programs)
    same_formula(bench, f"{family} of {table}", bg_nbd.log_likelihood(family, parameters, *data).sum(), log_likelihood)
    for timing, program, (opponent, _, bound) in zip(theirs, programs, opponents):
        found, evaluations = program.result
        no_better(bench, f"{family} of {table}, {opponent}", bg_nbd.log_likelihood(family, found, *data).sum(), log_likelihood)
        yield times_faster(f"{family} fit, {bench.customers} customers, {patterns} distinct", opponent, ours, timing, bound,
                           f"{evaluations} evaluations" if evaluations else "")


def compare_pareto(bench, table):
    """Where a whole run would take too long: the time of an evaluation on all, times the evaluations that fewer customers needed."""
    parameters, log_likelihood, patterns = model(bench, "pareto/nbd", table)
    data = summaries(table, bench.as_of)
    counted = [column[:COUNTED_ON] for column in data]
    opponents = [("scipy Nelder-Mead on hyp2f1, in memory", pareto_nbd.fit)]
    if lifetimes_package.VERSION:
        opponents.insert(0, (f"lifetimes {lifetimes_package.VERSION} (Nelder-Mead on hyp2f1), in memory", lifetimes_package.fit_pareto))
    counts = [fit(*counted, 2000) for _, fit in opponents]
    programs = [Program(lambda *d, fit=fit, most=min(TIMED_FOR, evaluations): fit(*d, most), lambda: data)
                for (_, fit), (_, evaluations) in zip(opponents, counts)]
    ours, *theirs = bench.alternate(bench.query(FIT.format(family="pareto/nbd", table=table, as_of=bench.as_of)), *programs)

    same_formula(bench, f"pareto/nbd of {table}", pareto_nbd.log_likelihood(parameters, *data).sum(), log_likelihood)
    for timing, program, (opponent, _), (found, evaluations) in zip(theirs, programs, opponents, counts):
        made = program.result[1]
        timing.processor = [seconds * evaluations / made for seconds in timing.processor]
        if len(counted[0]) == len(data[0]):
            no_better(bench, f"pareto/nbd of {table}, {opponent}", pareto_nbd.log_likelihood(found, *data).sum(), log_likelihood)
        yield times_faster(f"pareto/nbd fit, {bench.customers} customers, {patterns} distinct", opponent, ours, timing, 500,
                           f"{made} evaluations timed, times {evaluations} that {len(counted[0])} customers took")


def measure(bench):
    for table in "histories", "few_histories":
        yield from compare_bg(bench, "bg/nbd", table)
        yield from compare_bg(bench, "mbg/nbd", table)
        yield from compare_pareto(bench, table)
    for family in "mbg/nbd", "pareto/nbd":
        yield at_most(f"{family} fit", "bare scan: header of every history", *bench.alternate(
            bench.query(FIT.format(family=family, table="histories", as_of=bench.as_of)),
            bench.query("SELECT count(first_purchase_day(history, date '1900-01-01')) FROM histories")))
