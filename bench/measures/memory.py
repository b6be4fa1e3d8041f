"""Peak memory of a fit, beyond that of scanning the histories, by the size of the distinct patterns."""
from harness import Row, value
from measures.fit import FIT

NEEDS = {"histories"}

PATTERN = 32  # x, t_x, T and their count


def peak(bench, statement):
    """Of a backend that does this alone."""
    query = bench.query(statement)
    query.run()
    peak = query.peak()
    query.close()
    return peak


def measure(bench):
    scan = peak(bench, "SELECT count(first_purchase_day(history, date '1900-01-01')) FROM histories")
    for family in "mbg/nbd", "pareto/nbd":
        fit = FIT.format(family=family, table="histories", as_of=bench.as_of)
        patterns = value(f"SELECT (model_summary(m)).patterns FROM ({fit}) AS f(m)")
        above = peak(bench, fit) - scan
        yield Row(f"peak memory of a {family} fit: {above / 1e6:.1f} MB", f"{patterns} distinct patterns of {PATTERN} bytes: {patterns * PATTERN / 1e6:.1f} MB",
                  figure=above / (patterns * PATTERN), target=("<=", 3.0))
