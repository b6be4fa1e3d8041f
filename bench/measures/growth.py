"""How cost grows: the exponent between sizes that differ by ten, the largest of them."""
import math

from data import smaller_sizes
from harness import Row
from measures.aggregate import BY_INDEX, HASHED, HISTORY, PLAIN, SORTED
from measures.fit import FIT
from measures.predict import THREE
from measures.whole_way import Statement

NEEDS = {"indexed", "models", "sizes"}

SUBJECTS = [
    ("purchase_history, as planned", lambda bench, size: bench.query(HISTORY.format("days" + size)), 1.05),
    ("purchase_history, hashed", lambda bench, size: bench.query(HISTORY.format("days" + size), **HASHED), 1.05),
    ("purchase_history, sorted", lambda bench, size: bench.query(HISTORY.format("days" + size), **SORTED), 1.05),
    ("purchase_history, in the order of an index", lambda bench, size: bench.query(HISTORY.format("indexed" + size), **BY_INDEX), 1.05),
    ("count, min, max, sum, hashed", lambda bench, size: bench.query(PLAIN.format("days" + size), **HASHED), None),
    ("count, min, max, sum, sorted", lambda bench, size: bench.query(PLAIN.format("days" + size), **SORTED), None),
    ("count, min, max, sum, in the order of an index", lambda bench, size: bench.query(PLAIN.format("indexed" + size), **BY_INDEX), None),
    ("mbg/nbd fit", lambda bench, size: fit(bench, "mbg/nbd", size), 1.05),
    ("pareto/nbd fit", lambda bench, size: fit(bench, "pareto/nbd", size), 1.05),
    ("mbg/nbd predictions", lambda bench, size: bench.query(THREE.format(model="mbg", as_of=bench.as_of).replace("histories", "histories" + size)), 1.05),
    ("sales to lifetime values", lambda bench, size: Statement(bench, "sales" + size), 1.05),
]


def fit(bench, family, size):
    return bench.query(FIT.format(family=family, table="histories" + size, as_of=bench.as_of))


def measure(bench):
    sizes = [*smaller_sizes(bench.customers), bench.customers]
    if len(sizes) < 2:
        return
    for what, subject, bound in SUBJECTS:
        timings = bench.alternate(*(subject(bench, f"_{size}" if size < bench.customers else "") for size in sizes))
        exponents = [math.log(large.median / small.median) / math.log(n / m)
                     for small, large, m, n in zip(timings, timings[1:], sizes, sizes[1:])]
        yield Row(f"growth of {what} to {sizes[-1]} customers", f"itself with {sizes[-2]}", timings[-1], timings[-2], max(exponents), "exponent",
                  bound and ("<=", bound), ", ".join(f"{e:.2f} to {size}" for e, size in zip(exponents, sizes[1:])))
