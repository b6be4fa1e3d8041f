"""Two parallel workers, beside the leader, against none: aggregates over the sales, and a fit of what they make. By the clock."""
from harness import times_faster, value
from measures.aggregate import HISTORY, PLAIN
from measures.fit import FIT

NEEDS = {"histories"}
PARALLEL = {"max_parallel_workers_per_gather": 2, "parallel_setup_cost": 0, "parallel_tuple_cost": 0, "min_parallel_table_scan_size": 0}


def compare(bench, what, query, bound, **settings):
    ours, theirs = bench.query(query, **settings, **PARALLEL), bench.query(query, **settings)
    timings = bench.alternate(ours, theirs, clock="wall")
    return times_faster(what, "serial", *timings, bound, f"{ours.workers} workers")


def measure(bench):
    value("ALTER TABLE days SET (parallel_workers = 2)")
    yield compare(bench, "purchase_history with 2 workers", HISTORY.format("days"), 1.6)
    yield compare(bench, "the same, its rows counted where they are made", f"SELECT count(h.purchase_history) FROM ({HISTORY.format('days')}) AS h", None)
    histories = "(SELECT purchase_history(day, amount) AS history FROM days GROUP BY customer_id) AS h"
    yield compare(bench, "purchase_history, and the MBG/NBD fit of what it makes, with 2 workers",
                  FIT.format(family="mbg/nbd", table=histories, as_of=bench.as_of), 1.6)
    yield compare(bench, "count, min, max, sum with 2 workers", PLAIN.format("days"), None)
    yield compare(bench, "bare scan with 2 workers: count(amount) of the sales", "SELECT count(amount) FROM days", None)
