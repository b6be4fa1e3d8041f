"""Fits from stored histories, against scipy with the numbers in memory."""
import numpy as np

from data import summaries
from harness import Program, at_most, times_faster, value
from opponents import bg_nbd, pareto_nbd

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
    bench.checks.same(f"{what}: log-likelihood of scipy's fit behind ours, relative", behind if behind > -1e-12 else np.inf, 1e-5)


def compare_bg(bench, family, table):
    parameters, log_likelihood, patterns = model(bench, family, table)
    data = summaries(table, bench.as_of)
    program, distinct = (Program(function, lambda: (family, *data)) for function in (bg_nbd.fit, bg_nbd.fit_distinct))
    ours, *theirs = bench.alternate(bench.query(FIT.format(family=family, table=table, as_of=bench.as_of)), program, distinct)
    found, evaluations = program.result
    same_formula(bench, f"{family} of {table}", bg_nbd.log_likelihood(family, parameters, *data).sum(), log_likelihood)
    no_better(bench, f"{family} of {table}", bg_nbd.log_likelihood(family, found, *data).sum(), log_likelihood)
    for timing, opponent, bound in zip(theirs, ("scipy L-BFGS, numeric gradients, in memory", "the same over distinct customers, found first"), (70, None)):
        yield times_faster(f"{family} fit, {bench.customers} customers, {patterns} distinct", opponent, ours, timing, bound,
                           f"{evaluations} evaluations" if bound else "")


def compare_pareto(bench, table):
    """Where a whole run would take too long: the time of an evaluation on all, times the evaluations that fewer customers needed."""
    parameters, log_likelihood, patterns = model(bench, "pareto/nbd", table)
    data = summaries(table, bench.as_of)
    counted = [column[:COUNTED_ON] for column in data]
    found, evaluations = pareto_nbd.fit(*counted, 2000)
    timed = min(TIMED_FOR, evaluations)
    program = Program(lambda *d: pareto_nbd.fit(*d, timed), lambda: data)
    ours, theirs = bench.alternate(bench.query(FIT.format(family="pareto/nbd", table=table, as_of=bench.as_of)), program)
    made = program.result[1]
    theirs.processor = [seconds * evaluations / made for seconds in theirs.processor]

    same_formula(bench, f"pareto/nbd of {table}", pareto_nbd.log_likelihood(parameters, *data).sum(), log_likelihood)
    if len(counted[0]) == len(data[0]):
        no_better(bench, f"pareto/nbd of {table}", pareto_nbd.log_likelihood(found, *data).sum(), log_likelihood)
    return times_faster(f"pareto/nbd fit, {bench.customers} customers, {patterns} distinct", "scipy Nelder-Mead on hyp2f1, in memory", ours, theirs, 500,
                        f"{made} evaluations timed, times {evaluations} that {len(counted[0])} customers took")


def measure(bench):
    for table in "histories", "few_histories":
        yield from compare_bg(bench, "bg/nbd", table)
        yield from compare_bg(bench, "mbg/nbd", table)
        yield compare_pareto(bench, table)
    for family in "mbg/nbd", "pareto/nbd":
        yield at_most(f"{family} fit", "bare scan: header of every history", *bench.alternate(
            bench.query(FIT.format(family=family, table="histories", as_of=bench.as_of)),
            bench.query("SELECT count(first_purchase_day(history, date '1900-01-01')) FROM histories")))
