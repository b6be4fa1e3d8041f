"""The table, as Markdown, with what it was measured on."""
import datetime
import os
import platform
import subprocess

import numpy
import pandas
import psycopg2
import scipy

from harness import value
from opponents import lifetimes_package


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def field(path, key):
    """The value of the first line 'key: value' of a file of /proc or /etc."""
    try:
        with open(path) as lines:
            for line in lines:
                name, _, rest = line.replace("=", ":", 1).partition(":")
                if name.strip() == key:
                    return rest.strip().strip('"')
    except OSError:
        pass
    return "unknown"


def machine(bench):
    """(what, value) of everything a reader has to know to compare."""
    memory = field("/proc/meminfo", "MemTotal").split()[0]
    yield "processor", f"{field('/proc/cpuinfo', 'model name')}, {len(os.sched_getaffinity(0))} cores"
    yield "memory", f"{int(memory) / 1024 ** 2:.0f} GB" if memory.isdigit() else memory
    yield "system", f"{field('/etc/os-release', 'PRETTY_NAME')}, {platform.system()} {platform.release()}, {platform.machine()}"
    yield "load when begun", f"{os.getloadavg()[0]:.1f}"
    yield "server", value("SELECT version()").split(" on ")[0] + ", " + first_line("cc", "--version")
    yield "Python", f"{platform.python_version()}, numpy {numpy.__version__}, scipy {scipy.__version__}, " \
        f"pandas {pandas.__version__}, psycopg2 {psycopg2.__version__.split()[0]}; one thread"
    yield "lifetimes", lifetimes_package.VERSION or f"not compared with: {lifetimes_package.MISSING}. Where Python finds it " \
        "(PYTHONPATH), it gets lines of its own"
    yield "customer_value", first_line("git", "describe", "--always", "--dirty")
    settings = [f"{name} = {value(f'SHOW {name}')}" for name in ("shared_buffers", "fsync", "max_wal_size")]
    yield "settings", ", ".join([*settings, f"work_mem = {bench.work_mem}", "jit = off", "max_parallel_workers_per_gather = 0 unless said"])
    large = field("/proc/meminfo", "HugePages_Total")
    yield "large pages", f"{large} of {field('/proc/meminfo', 'Hugepagesize')} for shared memory, " \
        f"{field('/proc/meminfo', 'HugePages_Free')} of them free (huge_pages = {value('SHOW huge_pages')})"
    data = f"{bench.customers} customers with {value('SELECT count(*) FROM sales')} sales"
    if value("SELECT to_regclass('few_sales')"):
        data += f"; the same number with {value('SELECT count(*) FROM few_sales')} (few_histories)"
    yield "data", data
    yield "runs", f"{bench.runs} of each, in turn, after one to warm up, but an opponent is not run again after two minutes. "\
        "Times are processor time, of parallel plans the clock's"
    yield "day", datetime.date.today().isoformat()


def seconds(number):
    if number >= 9.995:
        return f"{number:.1f} s"
    return f"{number:.2f} s" if number >= 0.9995 else f"{number * 1000:.{0 if number >= 0.01 else 2}f} ms"


def timing(t):
    if t is None or not t.seconds:
        return ""
    return f"{seconds(t.median)} ({seconds(min(t.seconds))} to {seconds(max(t.seconds))}; {len(t.seconds)})"


def megabytes(row):
    return " / ".join("" if t is None or t.peak != t.peak else f"{t.peak / 1e6:.0f}" for t in (row.ours, row.theirs))


def line(row):
    figure = f"{row.figure:.3g}" if row.figure < 100 else f"{row.figure:.0f}"
    target = "" if row.target is None else f"at {'most' if row.target[0] == '<=' else 'least'} {row.target[1]:g}"
    met = {None: "", True: "yes", False: "**no**"}[row.met]
    return [row.what, row.opponent, timing(row.ours), timing(row.theirs), f"{figure} {row.unit}".strip(), target, met, megabytes(row), row.note]


def table(rows):
    yield "| what | opponent | ours: median (min to max; runs) | opponent | ratio | to reach | met | peak MB | note |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        yield "| " + " | ".join(line(row)) + " |"


def document(bench, about, rows):
    yield f"# {bench.customers} customers"
    yield ""
    yield "| measured on | |"
    yield "|---|---|"
    for what, text in about:
        yield f"| {what} | {text} |"
    yield ""
    yield from table(rows)
    yield ""
    yield "Both sides compute the same:"
    yield ""
    yield "| compared | apart | tolerance | agrees |"
    yield "|---|---|---|---|"
    for what, apart, tolerance, good in bench.checks.lines:
        yield f"| {what} | {apart:.1e} | {tolerance:g} | {'yes' if good else '**no**'} |"
