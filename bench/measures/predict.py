"""Predictions for stored histories, beyond a scan that detoasts each and reads its header and first day."""
from harness import Row

NEEDS = {"models"}

SCAN = "SELECT first_purchase_day(history, date '1900-01-01') FROM histories, models"
THREE = """
    SELECT probability_alive({model}, history, date '{as_of}'), expected_purchases({model}, history, date '{as_of}', interval '1 year'),
           lifetime_value({model}, spend, history, date '{as_of}', interval '1 year', 0.10)
    FROM histories, models"""
ROW = """
    SELECT p.probability_alive, p.expected_purchases, p.expected_value
    FROM histories CROSS JOIN models CROSS JOIN LATERAL predict({model}, spend, history, date '{as_of}', interval '1 year', 0.10) AS p"""


def measure(bench):
    for family, model in ("mbg/nbd", "mbg"), ("pareto/nbd", "pareto"):
        queries = [query.format(model=model, as_of=bench.as_of) for query in (THREE, ROW, SCAN)]
        *ours, scan = bench.alternate(*map(bench.query, queries))
        for timing, way in zip(ours, ("three functions", "all eight columns of predict()")):
            yield Row(f"{family}: alive, purchases and value of a customer, {way}", "scan of the headers", timing, scan,
                      (timing.median - scan.median) / bench.customers * 1e6, "µs a customer more", ("<=", 2.0),
                      f"{timing.median / scan.median:.1f} times the scan")
