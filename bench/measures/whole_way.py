"""From the sales to every customer's lifetime value: in one statement, or through Python."""
import statistics

import numpy as np

from harness import Program, connect, times_faster, value
from measures.aggregate import BY_INDEX
from opponents import bg_nbd, export, gamma_gamma, lifetimes_package

NEEDS = {"histories"}

RATE = 0.10

NO_INDEX = {"enable_indexscan": "off", "enable_indexonlyscan": "off", "enable_bitmapscan": "off"}

# The result stays in the database as a table; the opponents' stays in memory.
VALUES = """
    CREATE TEMPORARY TABLE lifetime_values AS
    WITH h AS MATERIALIZED (SELECT customer_id, purchase_history(local_day(sold_at, 'UTC'), amount) AS h FROM {table} GROUP BY customer_id),
         m AS MATERIALIZED (SELECT fit_purchase_model('bg/nbd', h, date '{as_of}') AS purchase, fit_spend_model(h, date '{as_of}') AS spend FROM h)
    SELECT customer_id, lifetime_value(purchase, spend, h, date '{as_of}', interval '1 year', {rate}) AS lifetime_value FROM m, h"""


class Statement:
    """VALUES, in a transaction that is rolled back."""

    def __init__(self, bench, table, **settings):
        self.query = bench.query(VALUES.format(table=table, as_of=bench.as_of, rate=RATE), **settings)
        self.query.connection.autocommit = False

    def run(self):
        times = self.query.run()
        self.query.connection.rollback()
        return times

    def peak(self):
        return self.query.peak()

    def close(self):
        self.query.close()


def ours_from_histories(bench):
    """What our models are and say: their parameters, and x, t_x, T, m and the lifetime value of every customer."""
    connection = connect(work_mem=bench.work_mem)
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE TEMPORARY TABLE fits AS
            SELECT fit_purchase_model('bg/nbd', history, date '{bench.as_of}') AS purchase, fit_spend_model(history, date '{bench.as_of}') AS spend
            FROM histories""")
        cursor.execute("""SELECT array_agg(estimate) FROM (SELECT p.estimate FROM fits, model_parameters(purchase) AS p
                          UNION ALL SELECT p.estimate FROM fits, model_parameters(spend) AS p) AS p""")
        parameters = cursor.fetchone()[0]
        cursor.execute(f"""SELECT s.x, s.t_x, s.t, coalesce(s.m, 0), lifetime_value(purchase, spend, history, date '{bench.as_of}', '1 year', {RATE})
                           FROM fits, histories, purchase_summary(history, date '{bench.as_of}') AS s ORDER BY customer_id""")
        customers = np.array(cursor.fetchall(), dtype="float64").T
    connection.close()
    return np.array(parameters), *customers


def check(bench, opponent, parameters, ours, result):
    """result: of export.values of this opponent. The same models, and the same value of every customer."""
    _, theirs, purchase, spend = result
    bench.checks.same(f"{opponent}: BG/NBD and Gamma-Gamma parameters, largest relative difference",
                      np.abs(np.array([*purchase, *spend]) / parameters - 1).max(), 0.02)
    bench.checks.same(f"{opponent}: lifetime value of every customer, each with its own models, largest relative difference",
                      np.abs(theirs / ours - 1).max(), 0.01)
    bench.checks.same(f"{opponent}: sum of lifetime values, relative difference", abs(theirs.sum() / ours.sum() - 1), 1e-3)


def by_export(bench, summaries):
    return Program(lambda: export.values(*summaries(bench.as_of), RATE))


def measure(bench):
    opponents = [("pandas.read_sql, groupby, scipy, 12 monthly steps", by_export(bench, export.summaries_by_pandas), 6),
                 ("an expert's export: COPY, sorted numpy arrays, then the same", by_export(bench, export.summaries_by_numpy), None),
                 ("(x, t_x, T, m) by SQL before the export, then the same", by_export(bench, export.summaries_from_sql), None)]
    if lifetimes_package.VERSION:
        opponents.insert(1, (f"pandas.read_sql, lifetimes {lifetimes_package.VERSION}, 12 monthly steps",
                             Program(lambda: lifetimes_package.values(bench.as_of, RATE)), None))
    value("CREATE INDEX sales_in_order ON sales (customer_id) INCLUDE (sold_at, amount)")
    value("VACUUM (ANALYZE, FREEZE) sales")
    ours, ordered, *theirs = bench.alternate(Statement(bench, "sales", **NO_INDEX), Statement(bench, "sales", **BY_INDEX),
                                             *(program for _, program, _ in opponents))
    value("DROP INDEX sales_in_order")

    parameters, x, t_x, T, m, values = ours_from_histories(bench)
    same_model = bg_nbd.discounted_purchases(parameters[:4], x, t_x, T, RATE) * gamma_gamma.expected_spend(parameters[4:], x, m)
    bench.checks.same("lifetime value with our models, 12 monthly steps and the integral, largest relative difference",
                      np.abs(same_model / values - 1).max(), 1e-4)
    for opponent, program, _ in opponents:
        check(bench, opponent, parameters, values, program.result)
    for way, timing in ("", ours), (", in the order of an index", ordered):
        for other, (opponent, _, bound) in zip(theirs, opponents):
            yield times_faster(f"sales to lifetime values of {bench.customers} customers{way}", opponent, timing, other, bound,
                               f"by the clock {statistics.median(other.wall) / statistics.median(timing.wall):.1f} times")
