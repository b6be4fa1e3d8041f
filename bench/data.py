"""The tables of the benchmark: sales as they come, and the histories and models made of them."""
import os
import subprocess

from harness import connect, read_rows, say, value

SEED = 20251231
HERE = os.path.dirname(os.path.abspath(__file__))


def load(table, kind, customers):
    """sales(customer_id, sold_at, amount), in no order, as the generator of this kind makes them."""
    value(f"CREATE TABLE {table} (customer_id bigint NOT NULL, sold_at timestamptz NOT NULL, amount numeric NOT NULL)")
    generator = os.path.join(HERE, "..", "build", "bench", "generate")
    with subprocess.Popen([generator, kind, str(customers), str(SEED)], stdout=subprocess.PIPE) as process:
        connection = connect()
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} FROM STDIN", process.stdout)
        connection.close()
    if process.returncode != 0:
        raise SystemExit("bench: generate failed")


def make(name, query):
    """A table made of others, with nothing left for vacuum or hint bits to do while it is measured."""
    value(f"CREATE TABLE {name} AS {query}")
    value(f"VACUUM (ANALYZE, FREEZE) {name}")


def prepare(bench, needed):
    """The sales, and what is needed beside them: of "few", "busy", "histories" (days and histories), "models" of these, "indexed" (days with an
    index to read them in order by), and "sizes": sales_N, days_N, ... of the first N customers."""
    n = bench.customers
    say(f"generating the sales of {n} customers")
    load("sales", "regular", n)
    value("VACUUM (ANALYZE, FREEZE) sales")
    if "few" in needed:
        load("few_sales", "few", n)
        value("VACUUM (ANALYZE, FREEZE) few_sales")
        make("few_histories",
             "SELECT customer_id, purchase_history(sold_at::date, amount) AS history FROM few_sales GROUP BY customer_id")
    if "busy" in needed:
        load("busy_sales", "busy", max(n // 10, 1))
        make("busy_days", "SELECT customer_id, sold_at::date AS day, amount FROM busy_sales")
    if needed & {"histories", "models", "indexed", "sizes"}:
        make("days", "SELECT customer_id, sold_at::date AS day, amount FROM sales")
        make("histories", "SELECT customer_id, purchase_history(day, amount) AS history FROM days GROUP BY customer_id")
    sizes = smaller_sizes(n) if "sizes" in needed else []
    for size in sizes:
        for table in ("sales", "days", "histories"):
            make(f"{table}_{size}", f"SELECT * FROM {table} WHERE customer_id <= {size}")
    for size in ("", *(f"_{size}" for size in sizes)) if "indexed" in needed else ():
        value(f"CREATE TABLE indexed{size} AS SELECT * FROM days{size}")
        value(f"CREATE INDEX ON indexed{size} (customer_id) INCLUDE (day, amount)")
        value(f"VACUUM (ANALYZE, FREEZE) indexed{size}")
    if "models" in needed:
        as_of = f"date '{bench.as_of}'"
        make("models", f"""
            SELECT fit_purchase_model('mbg/nbd', history, {as_of}) AS mbg, fit_purchase_model('pareto/nbd', history, {as_of}) AS pareto,
                   fit_spend_model(history, {as_of}) AS spend
            FROM histories""")


def smaller_sizes(customers):
    """The sizes at which growth is measured, beside the whole."""
    return [customers // divisor for divisor in (100, 10) if customers // divisor >= 200]


def summaries(table, as_of):
    """x, t_x, T of every customer as numpy arrays."""
    frame = read_rows(f"SELECT s.x, s.t_x, s.t FROM {table}, purchase_summary(history, date '{as_of}') AS s ORDER BY customer_id",
                      {"x": "float64", "t_x": "float64", "T": "float64"})
    return tuple(frame[name].to_numpy() for name in frame.columns)
