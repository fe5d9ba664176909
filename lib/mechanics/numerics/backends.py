"""What computes: whole arrays, compiled lanes, or a GPU."""

from collections.abc import Callable
from types import ModuleType

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
    remedy = "or leave out backend='cupy'"
    try:
        import cupy
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "cupy":
            why = "CuPy is not installed"
        else:
            why = f"CuPy cannot be imported ({error})"
        return f"{why}: pip install -r requirements-gpu.txt, {remedy}"
    try:
        found = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return (
            f"CuPy finds no GPU on this machine ({error}): see whether nvidia-smi "
            f"lists one, {remedy}"
        )
    return None if found else f"this machine has no GPU: {remedy.removeprefix('or ')}"


def array_module(backend: str) -> ModuleType:
    """Return NumPy or CuPy, for what is written with whole arrays.

    Raises
    ------
    ValueError
        If the name is neither ``"numpy"`` nor ``"cupy"``.
    BackendError
        If there is no GPU to use.
    """
    if backend == "numpy":
        return np
    if backend != "cupy":
        raise ValueError(f"backend = {backend!r}: use numpy or cupy")
    if why := _why_no_gpu():
        raise BackendError(why)
    import cupy

    return cupy


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
