"""Running a step over an ensemble on a GPU: one thread a trajectory."""

from collections.abc import Iterator

import numpy as np

from mechanics.numerics.backends import BackendError
from mechanics.numerics.ensemble import (
    SLICE_STEPS,
    Control,
    Job,
    Outcome,
    empty_outcome,
    share,
)
from mechanics.numerics.kernels.threads import thread_source

BLOCK = 128  # threads that start together
RESIDENT = 2048  # threads that a multiprocessor holds at most
WAVES = 4  # how often one launch may fill the GPU, so that none runs for long


def run_threads(job: Job, control: Control, contract: bool = True) -> Outcome:
    """Run with CuPy, one launch of a compiled kernel for each slice of the job.

    States, parameters and what is saved stay on the GPU until the end.

    Parameters
    ----------
    job, control
        What to run; who counts the launches, and may stop them.
    contract
        Whether a product and a sum may be rounded once instead of twice.

    Raises
    ------
    BackendError
        If the memory of the GPU is too small; the message says what is needed.
    """
    import cupy

    device = cupy.cuda.Device()
    outcome = empty_outcome(job, job.z.shape[1])

    def work(_) -> None:
        with device:
            arrays = _upload(cupy, device, job, outcome)
            _launch(cupy, device, job, control, contract, arrays, outcome.reached)
            _download(cupy, job, arrays, outcome)

    share(control, 1, work, range(1))
    return outcome


def _upload(cupy, device, job: Job, outcome: Outcome) -> tuple:
    """Return the first arguments of the kernel, up to the numbers."""
    own = np.array([c for c in job.params if np.ndim(c)], float)
    shared = np.array([c for c in job.params if not np.ndim(c)], float)
    known = [outcome.z, own, shared, outcome.failed, outcome.count]
    try:
        z, own, shared, failed, count = map(cupy.asarray, known)
        if job.watch.kind in ("averages", "extremes"):
            out = cupy.asarray(outcome.out)
        else:
            out = cupy.zeros(outcome.out.shape)
    except cupy.cuda.memory.OutOfMemoryError as error:
        needed = sum(x.nbytes for x in (*known, outcome.out)) / 1e9
        free, total = (size / 1e9 for size in device.mem_info)
        raise BackendError(
            f"this run needs {needed:.3g} GB of the GPU's memory, of whose {total:.3g} "
            f"GB {free:.3g} GB are free: save less, as with save='end', or run fewer "
            "trajectories at a time"
        ) from error
    return z, own, shared, failed, out, count


def _launch(
    cupy, device, job: Job, control: Control, contract: bool, arrays, reached
) -> None:
    varied = frozenset(j for j, c in enumerate(job.params) if np.ndim(c))
    kernel = cupy.RawKernel(
        thread_source(job.equations, job.step, job.watch, varied),
        "kernel",
        options=(f"--fmad={contract}".lower(),),
    )
    times = np.float64(job.t0), np.float64(job.dt)
    about = np.uint64(job.seed), np.int64(job.offset), np.int64(job.z.shape[1])
    at_once = WAVES * RESIDENT * device.attributes["MultiProcessorCount"]
    for begin, looks, every, low, high in _launches(job, at_once):
        if control.stopped.is_set():
            return
        span = map(np.int64, (begin, looks, every, low, high))
        blocks = -(-(high - low) // BLOCK)
        kernel((blocks,), (BLOCK,), (*arrays, *times, *span, *about))
        device.synchronize()
        reached[low:high] = begin + looks * every
        control.advance(looks * every * (high - low))


def _launches(job: Job, at_once: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Cut the slices of a job into groups of trajectories."""
    number = job.z.shape[1]
    for begin, looks, every in job.slices(SLICE_STEPS):
        for low in range(0, number, at_once):
            yield begin, looks, every, low, min(low + at_once, number)


def _download(cupy, job: Job, arrays, outcome: Outcome) -> None:
    """Fetch results, and of the rows of ``out`` those that have been written."""
    z, _, _, failed, out, count = arrays
    for array, host in zip(
        (z, failed, count), (outcome.z, outcome.failed, outcome.count), strict=True
    ):
        cupy.asnumpy(array, out=host)
    match job.watch.kind:
        case "every":
            rows = outcome.reached.max() // job.watch.every
        case "crossings":
            rows = min(outcome.count.max(), job.watch.limit)
        case _:
            rows = len(outcome.out)
    if rows:
        cupy.asnumpy(out[:rows], out=outcome.out[:rows])
    if job.watch.kind == "every":  # after an interrupt some may be a slice behind
        for reached in np.unique(outcome.reached):
            behind = outcome.reached == reached
            outcome.out[reached // job.watch.every : rows, :, behind] = np.nan
