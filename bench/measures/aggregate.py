"""purchase_history over the sales, against what PostgreSQL has of its own."""
from harness import at_most, value

NEEDS = {"busy", "histories", "indexed"}

HISTORY = "SELECT customer_id, purchase_history(day, amount) FROM {} GROUP BY customer_id"
PLAIN = "SELECT customer_id, count(*), min(day), max(day), sum(amount) FROM {} GROUP BY customer_id"

# The two-level GROUP BY people write; its m is the mean of all days, not of the repeat days only, which is cheaper.
TWO_LEVELS = """
    SELECT customer_id, count(*) - 1, (max(day) - min(day)) / 7.0::float8, (date '{as_of}' - min(day)) / 7.0::float8, avg(amount)
    FROM (SELECT customer_id, day, sum(amount) AS amount FROM {table} GROUP BY customer_id, day) AS d
    GROUP BY customer_id"""
SUMMARY = """
    SELECT customer_id, (s.h).x, (s.h).t_x, (s.h).t, (s.h).m
    FROM (SELECT customer_id, purchase_summary(purchase_history(day, amount), date '{as_of}') AS h FROM {table} GROUP BY customer_id OFFSET 0) AS s"""

# Without these, the planner groups histories of many customers with a node that the extension brings: Group Rows.
SAME_PLAN = {"customer_value.enable_grouping": "off"}
HASHED = {"enable_sort": "off", **SAME_PLAN}
SORTED = {"enable_hashagg": "off", **SAME_PLAN}
BY_INDEX = {"enable_hashagg": "off", "enable_seqscan": "off", **SAME_PLAN}


def check(bench, table):
    """The histories hold what the plain aggregates say, and the summary what the two levels say."""
    differing = value(f"""
        SELECT count(*) FROM (SELECT customer_id, count(*) AS n, min(day) AS first, max(day) AS last, sum(amount) AS amount
                              FROM {table} GROUP BY customer_id) AS p
            FULL JOIN (SELECT customer_id, purchase_history(day, amount) AS h FROM {table} GROUP BY customer_id) AS o USING (customer_id)
        WHERE (n, first, last, amount) IS DISTINCT FROM (orders(h), first_purchase_day(h), last_purchase_day(h), total_amount(h))""")
    bench.checks.same(f"histories of {table} and plain aggregates, customers that differ", differing, 0)
    differing = value(f"""
        SELECT count(*) FROM ({TWO_LEVELS.format(table=table, as_of=bench.as_of)}) AS p(customer_id, x, t_x, t, m)
            FULL JOIN ({SUMMARY.format(table=table, as_of=bench.as_of)}) AS o USING (customer_id)
        WHERE (p.x, p.t_x, p.t) IS DISTINCT FROM (o.x, o.t_x, o.t)""")
    bench.checks.same(f"x, t_x, T of {table} and the two-level GROUP BY, customers that differ", differing, 0)


def compare(bench, what, bound, plans):
    """plans: (name, table, settings)"""
    for plan, table, settings in plans:
        ours, theirs = bench.query(HISTORY.format(table), **settings), bench.query(PLAIN.format(table), **settings)
        timings = bench.alternate(ours, theirs)
        same = ours.nodes == theirs.nodes
        yield at_most(f"{what}, {plan}", "count, min, max, sum GROUP BY customer", *timings, bound,
                      "" if same else f"plans differ: {ours.nodes}, {theirs.nodes}")


def compare_as_planned(bench, what, table):
    """Each in the plan that it gets when nothing is set."""
    yield at_most(f"{what}, as planned", "count, min, max, sum GROUP BY customer, as planned",
                  *bench.alternate(bench.query(HISTORY.format(table)), bench.query(PLAIN.format(table))))


def measure(bench):
    check(bench, "days")
    check(bench, "busy_days")
    rows, customers = value("SELECT count(*) FROM days"), bench.customers
    yield from compare(bench, f"purchase_history, {rows} sales of {customers} customers", 1.0,
                       (("hashed", "days", HASHED), ("sorted", "days", SORTED), ("in the order of an index", "indexed", BY_INDEX)))
    yield from compare_as_planned(bench, f"purchase_history, {rows} sales of {customers} customers", "days")
    rows, customers = value("SELECT count(*) FROM busy_days"), value("SELECT count(DISTINCT customer_id) FROM busy_days")
    yield from compare(bench, f"purchase_history, {rows} sales of {customers} customers", 1.3,
                       (("hashed", "busy_days", HASHED), ("sorted", "busy_days", SORTED)))
    yield from compare_as_planned(bench, f"purchase_history, {rows} sales of {customers} customers", "busy_days")

    yield at_most("x, t_x, T, m through purchase_history", "two-level GROUP BY over distinct days",
                  *bench.alternate(*(bench.query(query.format(table="days", as_of=bench.as_of)) for query in (SUMMARY, TWO_LEVELS))), 0.4)
    yield at_most("purchase_history, as planned", "bare scan: count(amount) of the sales",
                  *bench.alternate(bench.query(HISTORY.format("days")), bench.query("SELECT count(amount) FROM days")))
