"""What computes: whole arrays, compiled lanes, or a GPU."""

from collections.abc import Callable

import numpy as np

from mechanics.numerics.ensemble import Control, Job, Outcome, run_arrays, run_lanes
from mechanics.numerics.program import Assign, FixedPoint
from mechanics.numerics.scipy_methods import AdaptiveMethod

NAMES = ("numpy", "numba", "cupy")
COMPILATION = 1.0  # seconds that compiling a kernel takes, roughly


class BackendError(RuntimeError):
    """The backend asked for cannot be used here.

    Examples
    --------
    >>> BackendError("no GPU")
    BackendError('no GPU')
    """


def available() -> tuple[str, ...]:
    """Names of the backends that can be used on this machine.

    Examples
    --------
    >>> "numba" in available()
    True
    """
    return tuple(name for name in NAMES if name != "cupy" or _why_no_gpu() is None)


def _why_no_gpu() -> str | None:
    try:
        import cupy
    except ImportError:
        return (
            "CuPy is not installed: pip install -r requirements-gpu.txt, or leave out "
            "backend='cupy'"
        )
    if not cupy.cuda.is_available():
        return "CuPy finds no GPU on this machine: leave out backend='cupy'"
    return None


def choose(backend: str, job: Job, method, advance: Callable | None) -> str:
    """Check the backend that was asked for, or choose one.

    Raises
    ------
    ValueError
        If the name is unknown.
    BackendError
        If it cannot be used here, or not for this system.
    """
    if backend not in (*NAMES, "auto"):
        raise ValueError(f"backend = {backend!r}: use {', '.join(NAMES)} or auto")
    arrays_only = {
        "complex states": np.iscomplexobj(job.z),
        "systems of array functions": advance is not None,
        "SciPy's methods": isinstance(method, AdaptiveMethod),
    }
    reasons = [reason for reason, holds in arrays_only.items() if holds]
    if backend == "cupy" and (why := _why_no_gpu()):
        raise BackendError(why)
    if backend in ("numba", "cupy") and reasons:
        raise BackendError(f"{reasons[0]} need backend='numpy', not {backend!r}")
    if backend != "auto":
        return backend
    return "numpy" if reasons or _array_seconds(job) < COMPILATION else "numba"


def _array_seconds(job: Job) -> float:
    """Estimate how long NumPy would take, to within a factor of a few."""

    def weight(statements) -> int:
        return sum(
            s.value.count_ops() + 1
            if isinstance(s, Assign)
            else 20 * weight(s.body)
            if isinstance(s, FixedPoint)
            else 100
            for s in statements
        )

    operations = job.steps * weight((*job.step.first, *job.step.rest))
    return operations * (5e-7 + 1e-9 * job.z.shape[1])


def run(
    backend: str,
    job: Job,
    control: Control,
    threads: int | None,
    method,
    advance: Callable | None,
) -> Outcome:
    """Run a job on a backend."""
    if isinstance(method, AdaptiveMethod):
        return method.run(job, control)
    if backend == "numba":
        return run_lanes(job, control, threads)
    if backend == "cupy":
        from mechanics.numerics.gpu import run_threads

        return run_threads(job, control)
    return run_arrays(job, control, advance)
