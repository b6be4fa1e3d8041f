"""Timing of things in turn, each where it lives: SQL in a backend of its own, Python in a process of its own.

What counts is processor time, summed where an export keeps a backend and a program busy: who else is at work on the
machine hardly shows in it. For parallel plans it is the clock on the wall.
"""
import io
import math
import multiprocessing
import os
import resource
import statistics
import sys
import time
import warnings
from dataclasses import dataclass, field

# before numpy comes: one thread in its linear algebra
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import pandas
import psycopg2

# Processor seconds of the backends that a program has used; read_rows and read_sql add to it.
spent_by_backends = []

# An opponent that has used up so many seconds is not run again.
PATIENCE = 120


def say(text):
    print(text, file=sys.stderr, flush=True)


def connect(**settings):
    """A session on the database of PGDATABASE; every session of the benchmark is made here."""
    options = {"jit": "off", "max_parallel_workers_per_gather": 0, "search_path": "public,customer_value", **settings}
    connection = psycopg2.connect(options=" ".join(f"-c {name}={value}" for name, value in options.items()))
    connection.autocommit = True
    return connection


def on_processor(connection):
    """Seconds that the backend has spent on a processor."""
    with open(f"/proc/{connection.info.backend_pid}/schedstat") as schedstat:
        return int(schedstat.read().split()[0]) / 1e9


class Query:
    """A statement whose rows are computed and thrown away: neither output functions nor the client are timed."""

    def __init__(self, statement, **settings):
        self.statement = statement
        self.connection = connect(**settings)

    def run(self):
        """(seconds on the wall, seconds of the backend on a processor)"""
        before = on_processor(self.connection)
        with self.connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT json) " + self.statement)
            plan = cursor.fetchone()[0][0]
        spent = on_processor(self.connection) - before
        self.workers = sum(launched_workers(plan["Plan"]))
        self.nodes = list(node_types(plan["Plan"]))
        return plan["Execution Time"] / 1000, spent

    def peak(self):
        """The highest memory of the backend in bytes, shared memory that it touched included."""
        with open(f"/proc/{self.connection.info.backend_pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return 1024 * int(line.split()[1])
        return math.nan

    def close(self):
        self.connection.close()


def read_rows(query, columns):
    """The rows of a query as a pandas frame, through COPY, which is the fastest way out for psycopg2. columns: name -> type"""
    connection = connect()
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv)", buffer)
    spent_by_backends.append(on_processor(connection))
    connection.close()
    buffer.seek(0)
    return pandas.read_csv(buffer, names=list(columns), dtype=columns)


def read_sql(query):
    """The rows of a query as a pandas frame, through pandas.read_sql, which is what most people call."""
    connection = connect()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that SQLAlchemy is what pandas is tested with
        frame = pandas.read_sql(query, connection)
    spent_by_backends.append(on_processor(connection))
    connection.close()
    return frame


def node_types(plan):
    yield plan["Node Type"] + (" " + plan["Strategy"] if "Strategy" in plan else "")
    for child in plan.get("Plans", []):
        yield from node_types(child)


def launched_workers(plan):
    yield plan.get("Workers Launched", 0)
    for child in plan.get("Plans", []):
        yield from launched_workers(child)


class Program:
    """A function of a Python program: prepare() is not timed, the function called with what it gives is."""

    def __init__(self, function, prepare=lambda: ()):
        self.function = function
        self.prepare = prepare
        self.highest = 0
        self.result = None

    def run(self):
        """(seconds on the wall, seconds on a processor, those of its backends included)"""
        here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
        child = multiprocessing.get_context("fork").Process(target=self._run, args=(there,))
        child.start()
        there.close()
        try:
            seconds, spent, peak, self.result = here.recv()
        except EOFError:
            raise SystemExit("bench: an opponent failed (above)") from None
        child.join()
        self.highest = max(self.highest, peak)
        return seconds, spent

    def _run(self, pipe):
        data = self.prepare()
        spent_by_backends.clear()
        start, start_on_processor = time.perf_counter(), time.process_time()
        result = self.function(*data)
        seconds, spent = time.perf_counter() - start, time.process_time() - start_on_processor
        pipe.send((seconds, spent + sum(spent_by_backends), 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, result))

    def peak(self):
        return self.highest

    def close(self):
        pass


@dataclass
class Timing:
    """What one of them came to, in seconds of the clock that counts."""
    clock: str  # processor or wall
    wall: list = field(default_factory=list)
    processor: list = field(default_factory=list)
    peak: float = math.nan  # bytes

    @property
    def seconds(self):
        return self.wall if self.clock == "wall" else self.processor

    @property
    def median(self):
        return statistics.median(self.seconds)


def alternate(runs, *things, clock="processor"):
    """Runs things in turn and closes them; a Timing each, by the clock on the wall or that of the processor."""
    timings = [Timing(clock) for _ in things]
    for thing in things:
        if not isinstance(thing, Program):
            thing.run()
    for _ in range(runs):
        for thing, timing in zip(things, timings):
            if sum(timing.wall) < PATIENCE:
                wall, spent = thing.run()
                timing.wall.append(wall)
                timing.processor.append(spent)
    for thing, timing in zip(things, timings):
        timing.peak = thing.peak()
        thing.close()
    return timings


@dataclass
class Row:
    """A line of the table. target: ('<=', number) or ('>=', number) of figure, or None."""
    what: str
    opponent: str
    ours: Timing = None
    theirs: Timing = None
    figure: float = math.nan
    unit: str = ""
    target: tuple = None
    note: str = ""

    @property
    def met(self):
        if self.target is None:
            return None
        sign, bound = self.target
        return self.figure <= bound if sign == "<=" else self.figure >= bound


def at_most(what, opponent, ours, theirs, bound=None, note=""):
    """Our time by the opponent's."""
    return Row(what, opponent, ours, theirs, ours.median / theirs.median, "",
               bound and ("<=", bound), note)


def times_faster(what, opponent, ours, theirs, bound=None, note=""):
    """The opponent's time by ours."""
    return Row(what, opponent, ours, theirs, theirs.median / ours.median, "times faster",
               bound and (">=", bound), note)


def value(statement):
    """The one value of a query."""
    connection = connect()
    with connection.cursor() as cursor:
        cursor.execute(statement)
        result = cursor.fetchone()[0] if cursor.description else None
    connection.close()
    return result


class Checks:
    """That both sides compute the same thing: what was compared, and how far apart they were."""

    def __init__(self):
        self.lines = []
        self.failed = 0

    def same(self, what, apart, tolerance):
        good = bool(apart <= tolerance)
        self.failed += not good
        self.lines.append((what, apart, tolerance, good))
        say(f"  {'agrees' if good else 'DIFFERS'}: {what}: {apart:.1e} (tolerance {tolerance:g})")


@dataclass
class Bench:
    """What every measure needs to know."""
    customers: int
    runs: int
    work_mem: str
    as_of: str = "2025-12-31"
    checks: Checks = field(default_factory=Checks)

    def query(self, statement, **settings):
        return Query(statement, **{"work_mem": self.work_mem, **settings})

    def alternate(self, *things, **options):
        return alternate(self.runs, *things, **options)
