"""One way to run: from a system and its initial state to what is saved."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real

import numpy as np

from mechanics.numerics import backends, cluster
from mechanics.numerics.array_systems import ArraySystem
from mechanics.numerics.compile import (
    equations_of,
    parameter_values,
)
from mechanics.numerics.constraints import require_consistent
from mechanics.numerics.ensemble import Control, Job, Outcome
from mechanics.numerics.equations import Equations
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.methods import STORMER_VERLET
from mechanics.numerics.results import Result, Section, Statistics, Trajectory
from mechanics.numerics.saving import Every, Save, as_save, watch
from mechanics.numerics.scipy_methods import AdaptiveMethod
from mechanics.numerics.section import refined_section
from mechanics.numerics.step import Method, step_of

ENERGIES = 2**16  # energies that are evaluated at once


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
        A :class:`distributed.Client`: the workers of its cluster share the ensemble,
        each thread of theirs one piece after the other, on ``threads`` threads, one by
        default. The result is that of a single machine, to the last bit. A worker that
        dies is replaced by the others.
    progress
        Show a bar; by default on a terminal, if the run takes more than two seconds.
    units
        Units by name of variable, to be kept with the result.

    Returns
    -------
    Trajectory, Section or Statistics
        By what is saved. After a keyboard interrupt what has been computed, with an
        :class:`InterruptedWarning`: ``reached`` says how many steps each trajectory has
        done and ``end`` where it is then; what was to be saved later is NaN. Averages
        and extremes are those up to there.

    Raises
    ------
    ValueError
        For wrong shapes, values that are not finite, steps or a seed that are none, a
        step beyond a known limit of stability, or a start that violates a constraint.
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
    equations = _equations(system, method, params, dt)
    z, shape = _checked_initial(equations, initial)
    in_arrays = isinstance(system, ArraySystem)
    advance = system.stepper(method, shape) if in_arrays else None
    _check_numbers(dt, steps, t0, seed, threads)
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
    require_consistent(equations, job.z, job.t0, job.params)
    backend = backends.choose(backend, job, method, advance)
    with Control(job.steps * z.shape[1], progress) as control:
        how = (backend, job, control, threads, method, advance)
        outcome = backends.run(*how) if client is None else cluster.run(client, *how)
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
    energy = _energy_function(system, job, shape)
    result = _result(job, save, outcome, about, shape, energy)
    _report(job, outcome, result, energy)
    return result


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


def _equations(system, method, params, dt) -> Equations:
    """Return the equations of a system, and check what concerns it."""
    if not hasattr(method, "order"):
        raise TypeError(f"method = {method!r} is none; use STORMER_VERLET, for example")
    if not isinstance(system, ArraySystem):
        return equations_of(system)
    if params is not None:
        raise ValueError("a compiled system has its parameters already; drop params")
    if system.stable_step is not None and abs(dt) >= system.stable_step:
        raise ValueError(
            f"dt = {dt:g} is too large: this system is unstable from dt = "
            f"{system.stable_step:g} on"
        )
    return system.equations


def _checked_initial(equations: Equations, initial) -> tuple[np.ndarray, tuple]:
    """Return the state, shape (variables, trajectories), and the ensemble's shape."""
    labels = list(equations.groups)
    parts = [initial] if len(labels) == 1 else initial
    if not hasattr(parts, "__len__"):
        raise ValueError(f"initial = {initial!r}: give the arrays {', '.join(labels)}")
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


def _check_numbers(dt, steps, t0, seed, threads) -> None:
    for name, value in {"dt": dt, "t0": t0}.items():
        if not isinstance(value, Real):
            raise ValueError(f"{name} = {value!r} must be a real number")
    if not isinstance(steps, Integral) or isinstance(steps, bool) or steps < 1:
        raise ValueError(f"steps = {steps!r} must be a positive integer")
    if not np.isfinite(dt) or dt == 0:
        raise ValueError(f"dt = {dt} is not a step")
    if not np.isfinite(t0):
        raise ValueError(f"t0 = {t0} is not a time")
    if t0 + dt == t0:
        raise ValueError(
            f"t0 = {t0:g} is so large that a step of dt = {dt:g} is lost in rounding: "
            "count the time from a nearer origin"
        )
    if not isinstance(seed, Integral) or not 0 <= seed < 2**64:
        raise ValueError(f"seed = {seed!r} must be an integer from 0 to 2**64 - 1")
    if threads is not None and not (isinstance(threads, Integral) and threads > 0):
        raise ValueError(f"threads = {threads!r} must be a positive integer")


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


def _energy_function(system, job: Job, shape: tuple) -> Callable | None:
    """Return the energy as a function of states, shape (variables, ...), and time."""
    if isinstance(system, ArraySystem):
        n = len(system.names)

        def of_arrays(z, t):
            q, p = z[:n].reshape(n, *shape), z[n:].reshape(n, *shape)
            return np.reshape(system.energy(q, p, t), z.shape[1:])

        return of_arrays
    if job.equations.energy is None:
        return None
    evaluate = array_function(job.equations.energy, job.equations.param_symbols)
    return lambda z, t: evaluate(z, t, job.params)[0]


def _result(job, save, outcome: Outcome, about, shape, energy) -> Result:
    match job.watch.kind:
        case "every" | "end":
            saved = outcome.out
            if job.watch.kind == "end":
                saved = np.where(outcome.reached == job.steps, outcome.z, np.nan)[None]
            states = np.concatenate([job.z[None], saved])
            stops = np.arange(len(states)) * job.watch.every
            t = job.t0 + job.dt * stops
            return Trajectory(
                **about,
                t=t,
                states=states.reshape(len(states), -1, *shape),
                energy=_energies(energy, job, states, t).reshape(len(states), *shape),
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
        with np.errstate(invalid="ignore"):  # no average without a single sample
            values = values[0] / (outcome.reached // job.watch.every).reshape(shape)
    else:
        evaluate = array_function(job.watch.functions, job.equations.param_symbols)
        first = evaluate(job.z, job.t0, job.params).reshape(values.shape[1:])
        values = np.stack([np.fmin(values[0], first), np.fmax(values[1], first)])
    functions = tuple(map(str, getattr(save, "functions", ()))) or ("energy",)
    return Statistics(**about, values=values, functions=functions)


def _energies(energy, job: Job, states: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the energies of saved states, shape (saved, trajectories)."""
    saved, _, trajectories = states.shape
    if energy is None:
        return np.full((saved, trajectories), np.nan)
    with np.errstate(all="ignore"):
        if job.equations.energy is None:  # a function of one state at a time
            return np.stack([energy(z, now) for z, now in zip(states, t, strict=True)])
        rows = max(1, ENERGIES // trajectories)
        parts = [slice(low, low + rows) for low in range(0, saved, rows)]
        return np.concatenate(
            [energy(np.moveaxis(states[i], 1, 0), t[i, None]) for i in parts]
        )


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
            f"the solution is not finite at t = {_when_lost(job, outcome, lost):g}"
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


def _when_lost(job: Job, outcome: Outcome, lost: np.ndarray) -> float:
    """Return the first time at which a lost state is known not to be finite."""
    step = outcome.reached[lost].min()
    if job.watch.kind == "every":
        finite = np.isfinite(outcome.out[:, :, lost]).all(axis=(1, 2))
        step = (int(np.argmin(finite)) + 1) * job.watch.every
    return job.t0 + job.dt * step


def _exceeds_variation(change, energy, z: np.ndarray, t: float, factors) -> np.ndarray:
    """Return where the energy changed by more than it varies around a state.

    Its terms may cancel, and it has an arbitrary constant: so every variable is changed
    by the given factors, one after the other.
    """
    at, varies = energy(z, t), np.zeros(change.shape)
    for i in range(len(z)):
        near = []
        for factor in factors:
            moved = z.copy()
            moved[i] *= factor
            near.append(np.abs(energy(moved, t) - at))
        varies += np.max(near, axis=0)
        if (change <= varies).all():
            break
    return (change > varies) & (varies > 0)


def _warn_of_energy(job: Job, outcome: Outcome, energy) -> None:
    with np.errstate(all="ignore"):
        before, after = energy(job.z, job.t0), energy(outcome.z, job.t0)
        change = np.abs(after - before)
        scale = [np.abs(energy(x * job.z, job.t0) - before) for x in (0.5, 1.5)]
        if (change <= np.max(scale, axis=0)).all():  # so it is for every good run
            return
        bad = _exceeds_variation(change, energy, job.z, job.t0, (0.5, 1.5))
        if bad.any():  # by half of an end state: below the energy of an explosion
            bad &= _exceeds_variation(change, energy, outcome.z, job.t0, (0.5,))
    if bad.any():
        worst = int(np.argmax(np.where(bad, change, 0)))
        warnings.warn(
            f"the energy changed by {change[worst]:.3g} from {before[worst]:.3g}"
            f"{_which(bad)}: make dt = {job.dt:g} smaller",
            StepSizeWarning,
            stacklevel=4,
        )
