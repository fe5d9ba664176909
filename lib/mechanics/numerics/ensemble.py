"""Running a step over an ensemble: slices of work, threads, progress, interruption."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, fields, replace

import numpy as np
from tqdm.auto import tqdm

from mechanics.numerics.equations import Equations
from mechanics.numerics.kernels.arrays import (
    array_function,
    array_source,
    compile_arrays,
)
from mechanics.numerics.kernels.lanes import LANES, compile_lanes, lane_source
from mechanics.numerics.saving import Watch
from mechanics.numerics.step import Step

SLICE_STEPS = 2**14  # the most steps of one call of a kernel, if nothing is saved
SLICE_WORK = 2**22  # trajectory-steps of one call: 10 ms compiled, 100 ms with NumPy
BLOCK = 2**12  # trajectories that NumPy advances together: they fit into the cache
ITEMS = 64  # pieces of a long job that threads share, at most


@dataclass(frozen=True)
class Job:
    """An integration, reduced to arrays.

    Attributes
    ----------
    equations, step, watch
        What, how, and what to keep.
    z
        Initial states, shape ``(variables, trajectories)``.
    params
        One array for each parameter, of shape ``()`` or ``(trajectories,)``.
    t0, dt, steps
        The times.
    seed
        Of the random numbers.
    offset
        Number of the first trajectory, for an ensemble in pieces.
    """

    equations: Equations
    step: Step
    watch: Watch
    z: np.ndarray
    params: tuple[np.ndarray, ...]
    t0: float
    dt: float
    steps: int
    seed: int
    offset: int = 0

    @property
    def looks(self) -> int:
        """Return how often the state is looked at."""
        return self.steps // self.watch.every

    def slices(self, longest: int) -> Iterator[tuple[int, int, int]]:
        """Cut the run into pieces ``(first step, looks, steps between looks)``.

        Where they are cut must not depend on the machine, nor on how many trajectories
        there are: at a cut, stages that are joined otherwise are rounded apart.
        """
        if self.watch.kind == "end":
            for begin in range(0, self.steps, longest):
                yield begin, 1, min(longest, self.steps - begin)
            return
        every = self.watch.every
        looks = max(1, longest // every)
        for look in range(0, self.looks, looks):
            yield look * every, min(looks, self.looks - look), every

    def part(self, low: int, high: int) -> "Job":
        """Return the job of some trajectories."""
        return replace(
            self,
            z=self.z[:, low:high],
            params=tuple(c[low:high] if np.ndim(c) else c for c in self.params),
            offset=self.offset + low,
        )


@dataclass
class Outcome:
    """What a run leaves, with the trajectories along the last axis.

    Attributes
    ----------
    z
        Final states.
    out
        What was watched; its meaning depends on the kind of watch.
    count
        Numbers of crossings.
    failed
        Numbers of the first step whose iteration did not converge, or -1.
    reached
        Numbers of steps done; fewer than asked for after an interruption.
    """

    z: np.ndarray
    out: np.ndarray
    count: np.ndarray
    failed: np.ndarray
    reached: np.ndarray

    def part(self, low: int, high: int) -> "Outcome":
        """Return a view of some trajectories."""
        arrays = (getattr(self, f.name) for f in fields(self))
        return Outcome(*(a[..., low:high] for a in arrays))


def empty_outcome(job: Job, trajectories: int, dtype=float) -> Outcome:
    """Return an outcome with nothing done yet."""
    shape = job.watch.shape(len(job.z), job.looks)
    # zeros take no memory until they are written to: most rows of crossings never are
    out = np.zeros((*shape, trajectories), dtype)
    match job.watch.kind:
        case "every":
            out[:] = np.nan
        case "extremes":
            out[0], out[1] = np.inf, -np.inf
    whole = (np.zeros(trajectories, np.int64) for _ in range(3))
    count, failed, reached = whole
    return Outcome(job.z.copy(), out, count, failed - 1, reached)


class Control:
    """Progress and interruption of a run that several threads share."""

    def __init__(self, total: int, progress: bool | None):
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        # None: a bar after two seconds, where standard error is a terminal. tqdm itself
        # does not look there in a notebook, whose pages would show the bar.
        self._bar = tqdm(
            total=total,
            disable=not (sys.stderr.isatty() if progress is None else progress),
            delay=2 if progress is None else 0,
            unit="step",
            unit_scale=True,
            desc="integrate",
        )

    def advance(self, steps: int) -> None:
        """Count trajectory-steps that are done."""
        with self._lock:
            self._bar.update(steps)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._bar.close()


def share(control: Control, threads: int, work: Callable, starts: range) -> None:
    """Do the work in threads; after an error or interrupt each ends its slice only.

    An interrupt while a thread is being started hides it from the pool, which then does
    not wait for it. So what is at work is counted here.
    """
    at_work, changed = 0, threading.Condition()

    def counted(start: int) -> None:
        nonlocal at_work
        with changed:
            at_work += 1
        try:
            if not control.stopped.is_set():
                work(start)
        finally:
            with changed:
                at_work -= 1
                changed.notify_all()

    with ThreadPoolExecutor(threads) as pool, suppress(KeyboardInterrupt):
        try:
            for future in [pool.submit(counted, start) for start in starts]:
                # once CUDA's compiler is loaded, no signal ends a wait without a limit
                while wait([future], timeout=0.1).not_done:
                    pass
                future.result()
        except BaseException:
            control.stopped.set()
            raise
    with changed:
        changed.wait_for(lambda: at_work == 0)


def run_arrays(job: Job, control: Control, advance: Callable | None = None) -> Outcome:
    """Run with NumPy, an array of trajectories at a time.

    ``advance`` replaces the compiled step; it is given the whole ensemble.
    """
    number = job.z.shape[1]
    block, longest = BLOCK, SLICE_WORK // BLOCK
    if advance is None:
        names = job.equations.param_symbols
        advance = compile_arrays(array_source(job.step, job.equations.state, names))
    else:
        block, longest = number, min(SLICE_STEPS, max(1, SLICE_WORK // number))
    outcome = empty_outcome(job, number, job.z.dtype)

    def work(low: int) -> None:
        part, here = job.part(low, low + block), outcome.part(low, low + block)
        z, width = part.z, part.z.shape[1]
        trajectory = np.arange(part.offset, part.offset + width, dtype=np.uint64)
        # what is not finite is reported by the caller
        with np.errstate(all="ignore"):
            look = _looker(part)
            for begin, looks, every in job.slices(longest):
                for n in range(begin, begin + looks * every, every):
                    if control.stopped.is_set():
                        return
                    z = advance(
                        z, part.params, job.t0, job.dt, n, every, job.seed, trajectory,
                        here.failed,
                    )  # fmt: skip
                    look(here, z, n + every)
                    here.z[:] = z
                    here.reached[:] = n + every
                    control.advance(every * width)

    share(control, 1, work, range(0, number, block))
    return outcome


def _looker(job: Job) -> Callable:
    """Return the function that looks at the state, as the compiled kernels do."""
    watch = job.watch

    def everything(outcome, z, n):
        outcome.out[n // watch.every - 1] = z

    if watch.kind == "every":
        return everything
    if watch.kind == "end":
        return lambda outcome, z, n: None
    evaluate = array_function(watch.functions, job.equations.param_symbols)

    def function(z, n):
        return evaluate(z, job.t0 + n * job.dt, job.params)

    def averages(outcome, z, n):
        outcome.out[0] += function(z, n)

    def extremes(outcome, z, n):
        f = function(z, n)
        outcome.out[0] = np.where(f < outcome.out[0], f, outcome.out[0])
        outcome.out[1] = np.where(f > outcome.out[1], f, outcome.out[1])

    if watch.kind != "crossings":
        return averages if watch.kind == "averages" else extremes
    before = function(job.z, 0)[0]

    def crossings(outcome, z, n):
        nonlocal before
        g, before = before, function(z, n)[0]
        up, down = (g < 0) & (before >= 0), (g > 0) & (before <= 0)
        hit = np.flatnonzero({1: up, -1: down, 0: up | down}[watch.direction])
        free = hit[outcome.count[hit] < watch.limit]
        rows = outcome.count[free]
        outcome.out[rows, :-1, free] = np.asarray(z).T[free]
        outcome.out[rows, -1, free] = n
        outcome.count[hit] += 1

    return crossings


def run_lanes(job: Job, control: Control, threads: int | None) -> Outcome:
    """Run with a compiled kernel, on all processors that this process may use."""
    number = job.z.shape[1]
    lanes = 1 if number == 1 else LANES
    padding = -number % lanes
    last = np.concatenate([np.arange(number), np.full(padding, number - 1)])
    varied = frozenset(j for j, c in enumerate(job.params) if np.ndim(c))
    kernel = compile_lanes(
        lane_source(job.equations, job.step, job.watch, varied, lanes)
    )
    own = np.array([job.params[j] for j in sorted(varied)]).reshape(len(varied), number)
    own = np.ascontiguousarray(own[:, last])
    shared = np.array([c for c in job.params if not np.ndim(c)], float)
    padded = replace(job, z=np.ascontiguousarray(job.z[:, last]))
    outcome = empty_outcome(padded, len(last))
    items = max(1, min(ITEMS, job.steps * len(last) // SLICE_WORK))
    size = lanes * -(-len(last) // (lanes * items))
    _, looks, every = next(job.slices(SLICE_STEPS))
    block = lanes * max(1, SLICE_WORK // (lanes * looks * every))

    def work(start: int) -> None:
        stop = min(start + size, len(last))
        for low in range(start, stop, block):
            high = min(low + block, stop)
            for begin, looks, every in job.slices(SLICE_STEPS):
                if control.stopped.is_set():
                    return
                kernel(
                    outcome.z, own, shared, outcome.failed, outcome.out, outcome.count,
                    job.t0, job.dt, begin, looks, every, low, high,
                    job.seed, job.offset,
                )  # fmt: skip
                outcome.reached[low:high] = begin + looks * every
                control.advance(looks * every * (min(high, number) - low))

    share(control, threads or usable_processors(), work, range(0, len(last), size))
    return outcome.part(0, number)


def usable_processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
