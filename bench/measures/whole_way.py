"""From the sales to every customer's lifetime value: in one statement, or through Python."""
import statistics

import numpy as np

from harness import Program, connect, times_faster
from opponents import bg_nbd, export, gamma_gamma

RATE = 0.10

# The result stays in the database as a table; the opponents' stays in memory.
VALUES = """
    CREATE TEMPORARY TABLE lifetime_values AS
    WITH h AS MATERIALIZED (SELECT customer_id, purchase_history(sold_at::date, amount) AS h FROM {table} GROUP BY customer_id),
         m AS MATERIALIZED (SELECT fit_purchase_model('bg/nbd', h, date '{as_of}') AS purchase, fit_spend_model(h, date '{as_of}') AS spend FROM h)
    SELECT customer_id, lifetime_value(purchase, spend, h, date '{as_of}', interval '1 year', {rate}) AS lifetime_value FROM m, h"""


class Statement:
    """VALUES, in a transaction that is rolled back."""

    def __init__(self, bench, table):
        self.query = bench.query(VALUES.format(table=table, as_of=bench.as_of, rate=RATE))
        self.query.connection.autocommit = False

    def run(self):
        times = self.query.run()
        self.query.connection.rollback()
        return times

    def peak(self):
        return self.query.peak()

    def close(self):
        self.query.close()


def check(bench, result):
    """result: of export.values. The same models; and with the models of ours, the same value of every customer."""
    customer, theirs, purchase, spend = result
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
        x, t_x, T, m, ours = np.array(cursor.fetchall(), dtype="float64").T
    connection.close()

    bench.checks.same("BG/NBD and Gamma-Gamma parameters, ours and scipy's, largest relative difference",
                      np.abs(np.array([*purchase, *spend]) / parameters - 1).max(), 0.02)
    same_model = bg_nbd.discounted_purchases(parameters[:4], x, t_x, T, RATE) * gamma_gamma.expected_spend(parameters[4:], x, m)
    bench.checks.same("lifetime value with our models, 12 monthly steps and the integral, largest relative difference",
                      np.abs(same_model / ours - 1).max(), 1e-4)
    bench.checks.same("sum of lifetime values, each with its own models, relative difference", abs(theirs.sum() / ours.sum() - 1), 1e-3)


def measure(bench):
    programs = [Program(lambda: export.values(*export.summaries_of_sales(bench.as_of), RATE)),
                Program(lambda: export.values(*export.summaries_from_sql(bench.as_of), RATE))]
    timings = bench.alternate(Statement(bench, "sales"), *programs)
    for program in programs:
        check(bench, program.result)
    for timing, opponent, bound in zip(timings[1:], ("export of the sales, numpy and scipy, 12 monthly steps",
                                                     "the same, but (x, t_x, T, m) by SQL before the export"), (6, None)):
        yield times_faster(f"sales to lifetime values of {bench.customers} customers", opponent, timings[0], timing, bound,
                           f"by the clock {statistics.median(timing.wall) / statistics.median(timings[0].wall):.1f} times")
