"""Bytes on disk: a table of histories beside the sales that it stands for."""
from harness import Row, value

NEEDS = {"few", "histories"}


def measure(bench):
    for name, table, bound in ("histories", "sales", 0.2), ("few_histories", "few_sales", None):
        ours, theirs = (value(f"SELECT pg_table_size('{t}')") for t in (name, table))
        sales = value(f"SELECT count(*) FROM {table}") / bench.customers
        yield Row(f"stored histories, {sales:.1f} sales a customer: {ours / 1e6:.1f} MB",
                  f"their sales (bigint, timestamptz, numeric): {theirs / 1e6:.1f} MB", figure=ours / theirs,
                  target=bound and ("<=", bound))
