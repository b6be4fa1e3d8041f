"""Timing of things in turn, each where it lives: SQL in a backend of its own, Python in a process of its own.

Where one process does the work, its processor time counts: who else is busy on the machine hardly shows in it.
Where several do (parallel plans, exports), it is the clock on the wall.
"""
import math
import multiprocessing
import os
import resource
import statistics
import sys
import time
from dataclasses import dataclass, field

import psycopg2

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


class Query:
    """A statement whose rows are computed and thrown away: neither output functions nor the client are timed."""

    def __init__(self, statement, **settings):
        self.statement = statement
        self.connection = connect(**settings)

    def run(self):
        """(seconds on the wall, seconds of the backend on a processor)"""
        before = self._on_processor()
        with self.connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT json) " + self.statement)
            plan = cursor.fetchone()[0][0]
        on_processor = self._on_processor() - before
        self.workers = sum(launched_workers(plan["Plan"]))
        self.nodes = list(node_types(plan["Plan"]))
        return plan["Execution Time"] / 1000, on_processor

    def _proc(self, name):
        return open(f"/proc/{self.connection.info.backend_pid}/{name}")

    def _on_processor(self):
        with self._proc("schedstat") as schedstat:
            return int(schedstat.read().split()[0]) / 1e9

    def peak(self):
        """The highest memory of the backend in bytes, shared memory that it touched included."""
        with self._proc("status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return 1024 * int(line.split()[1])
        return math.nan

    def close(self):
        self.connection.close()


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
        """(seconds on the wall, seconds of the process on a processor)"""
        here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
        child = multiprocessing.get_context("fork").Process(target=self._run, args=(there,))
        child.start()
        there.close()
        try:
            seconds, on_processor, peak, self.result = here.recv()
        except EOFError:
            raise SystemExit("bench: an opponent failed (above)") from None
        child.join()
        self.highest = max(self.highest, peak)
        return seconds, on_processor

    def _run(self, pipe):
        data = self.prepare()
        start, start_on_processor = time.perf_counter(), time.process_time()
        result = self.function(*data)
        seconds, on_processor = time.perf_counter() - start, time.process_time() - start_on_processor
        pipe.send((seconds, on_processor, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, result))

    def peak(self):
        return self.highest

    def close(self):
        pass


@dataclass
class Timing:
    """What one of the two came to."""
    seconds: list = field(default_factory=list)
    peak: float = math.nan  # bytes

    @property
    def median(self):
        return statistics.median(self.seconds)


def alternate(runs, *things, clock="processor"):
    """Runs things in turn and closes them; a Timing each, by the clock on the wall or that of the processor."""
    timings = [Timing() for _ in things]
    for thing in things:
        if not isinstance(thing, Program):
            thing.run()
    for _ in range(runs):
        for thing, timing in zip(things, timings):
            if sum(timing.seconds) < PATIENCE:
                wall, on_processor = thing.run()
                timing.seconds.append(wall if clock == "wall" else on_processor)
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


def numpy_threads(number):
    """Called before numpy is imported: so many threads in its linear algebra."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(number)
