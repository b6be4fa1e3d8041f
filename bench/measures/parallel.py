"""Two parallel workers, beside the leader, against none; and against Python. All by the clock."""
from data import summaries
from harness import Program, times_faster, value
from measures.aggregate import HISTORY, PLAIN
from measures.fit import FIT
from opponents import bg_nbd, lifetimes_package

PARALLEL = {"max_parallel_workers_per_gather": 2, "parallel_setup_cost": 0, "parallel_tuple_cost": 0, "min_parallel_table_scan_size": 0}


def compare(bench, what, query, bound, **settings):
    ours, theirs = bench.query(query, **settings, **PARALLEL), bench.query(query, **settings)
    timings = bench.alternate(ours, theirs, clock="wall")
    return times_faster(what, "serial", *timings, bound, f"{ours.workers} workers")


def measure(bench):
    for table in "days", "histories":
        value(f"ALTER TABLE {table} SET (parallel_workers = 2)")
    yield compare(bench, "purchase_history with 2 workers", HISTORY.format("days"), 1.6)
    yield compare(bench, "the same, its rows counted where they are made", f"SELECT count(h.purchase_history) FROM ({HISTORY.format('days')}) AS h", None)
    yield compare(bench, "count, min, max, sum with 2 workers", PLAIN.format("days"), None)
    yield compare(bench, "bare scan with 2 workers: count(amount) of the sales", "SELECT count(amount) FROM days", None)
    for family in "mbg/nbd", "pareto/nbd":
        yield compare(bench, f"{family} fit with 2 workers", FIT.format(family=family, table="histories", as_of=bench.as_of), 1.6)
    data = summaries("histories", bench.as_of)
    opponents = [("scipy L-BFGS, numeric gradients, in memory", bg_nbd.fit)]
    if lifetimes_package.VERSION:
        opponents.append((f"lifetimes {lifetimes_package.VERSION} (BFGS, autograd), in memory", lifetimes_package.fit_bg))
    for family in "bg/nbd", "mbg/nbd":
        ours, *theirs = bench.alternate(bench.query(FIT.format(family=family, table="histories", as_of=bench.as_of), **PARALLEL),
                                        *(Program(function, lambda: (family, *data)) for _, function in opponents), clock="wall")
        for timing, (opponent, _) in zip(theirs, opponents):
            yield times_faster(f"{family} fit with 2 workers, {bench.customers} customers", opponent, ours, timing, 100)
