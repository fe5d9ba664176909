"""One way to run: from a system and its initial state to what is saved."""

import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mechanics.numerics import backends, cluster
from mechanics.numerics.array_systems import ArraySystem
from mechanics.numerics.compile import (
    equations_of,
    parameter_values,
)
from mechanics.numerics.ensemble import Control, Job, Outcome
from mechanics.numerics.equations import Equations
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.methods import STORMER_VERLET
from mechanics.numerics.results import Result, Section, Statistics, Trajectory
from mechanics.numerics.saving import Every, Save, as_save, watch
from mechanics.numerics.scipy_methods import AdaptiveMethod
from mechanics.numerics.section import refined_section
from mechanics.numerics.step import Method, step_of


class IntegrationError(RuntimeError):
    """The numerical solution cannot be continued, or was never one.

    Attributes
    ----------
    result
        What was saved all the same, with the numbers that are not finite.

    Examples
    --------
    From the top of the hill :math:`V=-x^4/4` a particle reaches infinity in a finite
    time:

    >>> import sympy as sp
    >>> from mechanics.symbolic import HamiltonianSystem
    >>> x, p = sp.symbols("x p", real=True)
    >>> hill = HamiltonianSystem(p**2/2 - x**4/4, (x,), (p,))
    >>> integrate(hill, ([1.0], [1.0]), dt=0.01, steps=1000)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    mechanics.numerics.integrate.IntegrationError: the solution is not finite at
    t = 1.3...; make dt = 0.01 smaller, or look for a singularity of the force
    """

    def __init__(self, message: str, result: Result | None = None):
        super().__init__(message)
        self.result = result


class StepSizeWarning(UserWarning):
    """The energy changed by more than its own size: the step is too large.

    Examples
    --------
    A step of the leapfrog beyond its limit of stability, 2 for this oscillator:

    >>> import warnings
    >>> import sympy as sp
    >>> from mechanics.symbolic import HamiltonianSystem
    >>> x, p = sp.symbols("x p", real=True)
    >>> oscillator = HamiltonianSystem(p**2/2 + x**2/2, (x,), (p,))
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     _ = integrate(oscillator, ([1.0], [0.0]), dt=2.1, steps=20)
    >>> caught[0].category.__name__
    'StepSizeWarning'
    """


class InterruptedWarning(UserWarning):
    """A keyboard interrupt ended the run; what was saved is returned.

    Examples
    --------
    >>> issubclass(InterruptedWarning, UserWarning)
    True
    """


def integrate(
    system,
    initial: Sequence,
    *,
    dt: float,
    steps: int,
    method: Method | AdaptiveMethod = STORMER_VERLET,
    params: Mapping | None = None,
    t0: float = 0.0,
    save: Save | int | str = Every(1),  # noqa: B008 (frozen)
    backend: str = "auto",
    seed: int = 0,
    threads: int | None = None,
    client=None,
    progress: bool | None = None,
    units: Mapping[str, str] | None = None,
) -> Trajectory | Section | Statistics:
    r"""Integrate equations of motion, for one trajectory or a million.

    Parameters
    ----------
    system
        A :class:`~mechanics.symbolic.HamiltonianSystem`,
        :class:`~mechanics.symbolic.ImplicitHamiltonianSystem`,
        :class:`~mechanics.symbolic.LagrangianSystem`, :class:`FirstOrderSystem`,
        :class:`SplitSystem` or :class:`CompiledHamiltonian`.
    initial
        The arrays :math:`q_0, p_0` (or :math:`q_0, v_0` for a Lagrangian) of shape
        ``(n,)`` or ``(n, ...)`` for an ensemble; one array for a system whose variables
        are not paired.
    dt, steps
        Step and number of steps; a negative step runs time backwards.
    method
        A method that fits the system.
    params
        A number for each parameter, by symbol or by name; an array that broadcasts
        against the ensemble gives every trajectory its own value.
    t0
        The time at the start, for systems that know the time.
    save
        What is kept: a number of steps, ``"end"``, or one of :class:`Every`,
        :class:`End`, :class:`Averages`, :class:`Extremes`, :class:`Crossings`.
    backend
        ``"numpy"`` (whole arrays), ``"numba"`` (compiled for the processor),
        ``"cupy"`` (compiled for the GPU) or ``"auto"``, which compiles if that saves
        time.
    seed
        Of the random numbers of a system with noise. Each is a function of seed,
        trajectory and step alone.
    threads
        How many threads share a compiled ensemble; all processors by default. The
        result does not depend on it, to the last bit.
    client
        A :class:`distributed.Client`: its workers share the ensemble.
    progress
        Show a bar; by default on a terminal, if the run takes more than two seconds.
    units
        Units by name of variable, to be kept with the result.

    Returns
    -------
    Trajectory, Section or Statistics
        By what is saved. After a keyboard interrupt what has been computed, with a
        warning; ``reached`` says how far each trajectory came.

    Raises
    ------
    ValueError
        For wrong shapes, values that are not finite, steps that are none, or a step
        beyond a known limit of stability.
    UnsuitableMethodError
        If the method does not fit the system.
    IntegrationError
        If the solution stops being finite, or the iteration of an implicit method does
        not converge; the message says when, and ``result`` holds what was saved.
    BackendError
        If the backend asked for is not there.

    Examples
    --------
    >>> from mechanics.models import pendulum
    >>> from mechanics.symbolic import legendre
    >>> swing = integrate(legendre(pendulum()), ([1.0], [0.0]), dt=0.01, steps=1000,
    ...                   params={"m": 1, "g": 1, "l": 1})
    >>> print(f"{np.ptp(swing.energy):.1e}")
    1.1e-05
    """
    equations, advance = _prepared(system, method, params, dt)
    z, shape = _checked_initial(equations, initial)
    _check_times(dt, steps, t0)
    save = as_save(save)
    job = Job(
        equations,
        None
        if isinstance(method, AdaptiveMethod) or advance
        else step_of(method, equations),
        watch(save, equations, steps),
        z,
        _parameters(equations, params, shape, z.shape[1]),
        float(t0),
        float(dt),
        int(steps),
        seed,
    )
    backend = backends.choose(backend, job, method, advance)
    if client is None:
        with Control(job.steps * z.shape[1], progress) as control:
            outcome = backends.run(backend, job, control, threads, method, advance)
    else:
        outcome = cluster.run(client, backend, job, progress, method, advance)
    about = {
        "names": equations.names,
        "groups": dict(equations.groups),
        "end": outcome.z.reshape(-1, *shape),
        "reached": outcome.reached.reshape(shape),
        "method": method.name,
        "backend": backend,
        "dt": job.dt,
        "units": dict(units or {}),
    }
    energy = _energy_function(system, job)
    result = _result(job, save, outcome, about, shape, energy)
    _report(job, outcome, result, energy)
    return result


def _prepared(system, method, params, dt) -> tuple:
    """Return the equations, and for a system of array functions how to advance it."""
    if not isinstance(system, ArraySystem):
        return equations_of(system), None
    if params is not None:
        raise ValueError("a compiled system has its parameters already; drop params")
    if system.stable_step is not None and abs(dt) >= system.stable_step:
        raise ValueError(
            f"dt = {dt:g} is too large: this system is unstable from dt = "
            f"{system.stable_step:g} on"
        )
    return system.equations, system.stepper(method)


def _checked_initial(equations: Equations, initial) -> tuple[np.ndarray, tuple]:
    """Return the state, shape (variables, trajectories), and the ensemble's shape."""
    labels = list(equations.groups)
    parts = [initial] if len(labels) == 1 else list(initial)
    if len(parts) != len(labels):
        raise ValueError(
            f"initial has {len(parts)} parts; give the {len(labels)} arrays "
            f"{', '.join(labels)}"
        )
    arrays = [np.asarray(x) for x in parts]
    arrays = [x if np.iscomplexobj(x) else np.asarray(x, float) for x in arrays]
    shape = arrays[0].shape[1:]
    sizes = equations.groups.values()
    if any(
        x.ndim == 0 or x.shape != (n, *shape)
        for x, n in zip(arrays, sizes, strict=True)
    ):
        found = ", ".join(
            f"{label} {x.shape}" for label, x in zip(labels, arrays, strict=True)
        )
        wanted = ", ".join(
            f"{label} ({n}, ...)" for label, n in equations.groups.items()
        )
        raise ValueError(
            f"the initial state has the shapes {found}; it must have {wanted}: the "
            f"variables {', '.join(equations.names)} first, then the ensemble"
        )
    for label, x in zip(labels, arrays, strict=True):
        if not np.isfinite(x).all():
            raise ValueError(f"initial {label} is not finite: {x}")
    if 0 in shape:
        raise ValueError(f"the ensemble of shape {shape} has no trajectory")
    z = np.concatenate(arrays)
    return z.reshape(len(z), -1), shape


def _check_times(dt, steps, t0) -> None:
    if not isinstance(steps, int | np.integer) or isinstance(steps, bool) or steps < 1:
        raise ValueError(f"steps = {steps!r} must be a positive integer")
    if not np.isfinite(dt) or dt == 0:
        raise ValueError(f"dt = {dt} is not a step")
    if not np.isfinite(t0):
        raise ValueError(f"t0 = {t0} is not a time")


def _parameters(equations, params, shape, trajectories) -> tuple:
    values = parameter_values(equations.params, params or {})
    for name, value in zip(equations.params, values, strict=True):
        try:
            np.broadcast_to(value, shape)
        except ValueError:
            raise ValueError(
                f"the parameter {name} has the shape {value.shape}, which does not fit "
                f"an ensemble of shape {shape}: give one number, or one for each "
                "trajectory"
            ) from None
    return tuple(
        np.broadcast_to(c, shape).reshape(trajectories) if c.ndim else c for c in values
    )


def _energy_function(system, job: Job) -> Callable | None:
    """Return the energy as a function of states, shape (variables, ...), and time."""
    if isinstance(system, ArraySystem):
        n = len(system.names)
        return lambda z, t: system.energy(z[:n], z[n:], t)
    if job.equations.energy is None:
        return None
    evaluate = array_function(job.equations.energy, job.equations.param_symbols)
    return lambda z, t: evaluate(z, t, job.params)[0]


def _result(job, save, outcome: Outcome, about, shape, energy) -> Result:
    match job.watch.kind:
        case "every" | "end":
            saved = [job.z[None]]
            saved.append(outcome.out if job.watch.kind == "every" else outcome.z[None])
            states = np.concatenate(saved)
            stops = np.arange(len(states)) * job.watch.every
            t = job.t0 + job.dt * stops
            return Trajectory(
                **about,
                t=t,
                states=states.reshape(len(states), -1, *shape),
                energy=_energies(energy, states, t).reshape(len(states), *shape),
            )
        case "crossings":
            t, states, trajectory = refined_section(job, outcome)
            lost = int(np.maximum(outcome.count - job.watch.limit, 0).sum())
            if lost:
                warnings.warn(
                    f"{lost} crossings were not kept: raise limit = {job.watch.limit}",
                    stacklevel=3,
                )
            count = outcome.count.reshape(shape)
            return Section(
                **about, t=t, states=states, trajectory=trajectory, count=count
            )
    values = outcome.out.reshape(*outcome.out.shape[:2], *shape)
    if job.watch.kind == "averages":
        looks = np.maximum(outcome.reached // job.watch.every, 1).reshape(shape)
        values = values[0] / looks
    else:
        evaluate = array_function(job.watch.functions, job.equations.param_symbols)
        first = evaluate(job.z, job.t0, job.params).reshape(values.shape[1:])
        values = np.stack([np.fmin(values[0], first), np.fmax(values[1], first)])
    functions = tuple(map(str, getattr(save, "functions", ()))) or ("energy",)
    return Statistics(**about, values=values, functions=functions)


def _energies(energy, states: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the energies of saved states, shape (saved, trajectories)."""
    if energy is None:
        return np.full((len(states), states.shape[2]), np.nan)
    with np.errstate(all="ignore"):
        return np.stack([energy(z, time) for z, time in zip(states, t, strict=True)])


def _report(job: Job, outcome: Outcome, result: Result, energy) -> None:
    """Raise or warn if the result is not what was asked for."""
    if (outcome.failed >= 0).any():
        first = int(np.argmax(outcome.failed >= 0))
        time = job.t0 + job.dt * outcome.failed[first]
        raise IntegrationError(
            f"the iteration of the implicit method did not converge at t = {time:g}"
            f"{_which(outcome.failed >= 0)}; make dt = {job.dt:g} smaller",
            result,
        )
    unfinished = outcome.reached < job.steps
    if unfinished.any():
        warnings.warn(
            f"interrupted: {(~unfinished).sum()} of {len(unfinished)} trajectories "
            "are complete; the attribute reached says how many steps each has done, "
            "what was not saved is NaN",
            InterruptedWarning,
            stacklevel=3,
        )
    lost = ~np.isfinite(outcome.z).all(axis=0)
    if lost.any():
        raise IntegrationError(
            f"the solution is not finite at t = {_when_lost(job, outcome):g}"
            f"{_which(lost)}; make dt = {job.dt:g} smaller, or look for a singularity "
            "of the force",
            result,
        )
    if energy is not None and job.equations.energy_is_constant:
        _warn_of_energy(job, outcome, energy)


def _which(bad: np.ndarray) -> str:
    if len(bad) == 1:
        return ""
    return (
        f" in {int(bad.sum())} of {len(bad)} trajectories, the first number "
        f"{int(np.argmax(bad))}"
    )


def _when_lost(job: Job, outcome: Outcome) -> float:
    """Return the first saved time at which a state is not finite."""
    look = job.looks
    if job.watch.kind == "every":
        finite = np.isfinite(outcome.out).all(axis=(1, 2))
        look = int(np.argmin(finite)) + 1
    return job.t0 + job.dt * look * job.watch.every


def _warn_of_energy(job: Job, outcome: Outcome, energy) -> None:
    with np.errstate(all="ignore"):
        before = energy(job.z, job.t0)
        change = np.abs(energy(outcome.z, job.t0 + job.dt * job.steps) - before)
        # an energy has an arbitrary constant: compare with how it varies near the start
        nearby = [energy(factor * job.z, job.t0) - before for factor in (0.5, 1.5)]
        scale = np.abs(nearby).max(axis=0)
        bad = (change > scale) & (scale > 0)
    if bad.any():
        worst = int(np.argmax(np.where(bad, change / scale, 0)))
        warnings.warn(
            f"the energy changed by {change[worst]:.3g} from {before[worst]:.3g}"
            f"{_which(bad)}: make dt = {job.dt:g} smaller",
            StepSizeWarning,
            stacklevel=4,
        )
