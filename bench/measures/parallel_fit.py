"""Two parallel workers, beside the leader, against none and against Python: fits. By the clock."""
from data import summaries
from harness import Program, times_faster, value
from measures.fit import FIT
from measures.parallel import PARALLEL, compare
from opponents import bg_nbd, lifetimes_package

NEEDS = {"histories"}

# Python takes minutes for more.
MOST_FOR_PYTHON = 1000000


def compare_with_python(bench):
    data = summaries("histories", bench.as_of)
    opponents = [("scipy L-BFGS, numeric gradients, in memory", bg_nbd.fit)]
    if lifetimes_package.VERSION:
        opponents.append((f"lifetimes {lifetimes_package.VERSION} (BFGS, autograd), in memory", lifetimes_package.fit_bg))
    for family in "bg/nbd", "mbg/nbd":
        ours, *theirs = bench.alternate(bench.query(FIT.format(family=family, table="histories", as_of=bench.as_of), **PARALLEL),
                                        *(Program(function, lambda: (family, *data)) for _, function in opponents), clock="wall")
        for timing, (opponent, _) in zip(theirs, opponents):
            yield times_faster(f"{family} fit with 2 workers, {bench.customers} customers", opponent, ours, timing, 100)


def measure(bench):
    value("ALTER TABLE histories SET (parallel_workers = 2)")
    for family in "mbg/nbd", "pareto/nbd":
        yield compare(bench, f"{family} fit with 2 workers", FIT.format(family=family, table="histories", as_of=bench.as_of), 1.6)
    yield compare(bench, "bare scan with 2 workers: header of every history",
                  "SELECT count(first_purchase_day(history, date '1900-01-01')) FROM histories", None)
    if bench.customers <= MOST_FOR_PYTHON:
        yield from compare_with_python(bench)
