"""TOPSIS over six criteria against a rank over one column."""
from data import make
from harness import at_most

NEEDS = set()

CRITERIA = """
    SELECT u[1] * 100 AS a, exp(u[2] * 10) AS b, u[3] * 1e6 AS c, floor(u[4] * 10) AS d, u[5] AS e, u[6] * 3 AS f
    FROM generate_series(1, {rows}) AS i, LATERAL (
        SELECT array_agg(hashint8extended(i, k) / 2.0::float8 ^ 64 + 0.5 ORDER BY k) AS u FROM generate_series(1, 6) AS k) AS uniform"""


def measure(bench):
    rows = min(10 * bench.customers, 1000000)
    make("criteria", CRITERIA.format(rows=rows))
    yield at_most(f"topsis of six criteria, {rows} rows", "rank() over one column", *bench.alternate(
        bench.query("SELECT topsis(ARRAY[a, b, c, d, e, f], '{1,2,3,4,5,6}', '{f,f,f,f,f,t}') OVER () FROM criteria"),
        bench.query("SELECT rank() OVER (ORDER BY a) FROM criteria")), 2.0)
