"""Splitting methods: kicks and drifts in turn."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mechanics.numerics.compile import CompiledHamiltonian, compile_system
from mechanics.symbolic import HamiltonianSystem


class IntegrationError(RuntimeError):
    """The numerical solution cannot be continued, or was never one.

    Examples
    --------
    From the top of the hill :math:`V=-x^4/4` a particle reaches infinity in a finite
    time:

    >>> import sympy as sp
    >>> x, p = sp.symbols("x p", real=True)
    >>> hill = HamiltonianSystem(p**2/2 - x**4/4, (x,), (p,))
    >>> integrate(hill, ([1.0], [1.0]), dt=0.01, steps=1000)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    mechanics.numerics.splitting.IntegrationError: the solution is not finite at
    t = 1.3...; make dt = 0.01 smaller, or look for a singularity of the force
    """


@dataclass(frozen=True)
class SplittingMethod:
    r"""A composition of kicks and drifts for :math:`H=T(p,t)+V(q,t)`.

    A *kick* :math:`p\to p-b\,\Delta t\,\partial V/\partial q` is the exact flow of
    :math:`V`, a *drift* :math:`q\to q+a\,\Delta t\,\partial T/\partial p` that of
    :math:`T`; each is a canonical map, and so is every composition of them.

    Attributes
    ----------
    name
        The method's usual name.
    order
        Its order of accuracy in :math:`\Delta t`.
    stages
        Pairs ``("kick" | "drift", coefficient)`` in the order of their application.
    source
        Where the coefficients come from.

    Examples
    --------
    Three leapfrogs, the second of them backwards, make a method of fourth order:

    >>> c = 1 / (2 - 2 ** (1 / 3))
    >>> stages = [stage for b in (c, 1 - 2*c, c)
    ...           for stage in (("kick", b/2), ("drift", b), ("kick", b/2))]
    >>> jump = SplittingMethod("triple jump", 4, tuple(stages), "hairer_geometric_2006")
    >>> from mechanics.models import harmonic_oscillator
    >>> from mechanics.symbolic import legendre
    >>> for method in (STORMER_VERLET, jump):
    ...     swing = integrate(legendre(harmonic_oscillator()), ([1.0], [0.0]), dt=0.1,
    ...                       steps=100, method=method, params={"m": 1, "k": 1})
    ...     print(f"{swing.method}: {np.ptp(swing.energy):.0e}")
    Störmer-Verlet: 1e-03
    triple jump: 4e-06
    """

    name: str
    order: int
    stages: tuple[tuple[str, float], ...]
    source: str


SYMPLECTIC_EULER = SplittingMethod(
    "symplectic Euler", 1, (("kick", 1.0), ("drift", 1.0)), "hairer_geometric_2006"
)
STORMER_VERLET = SplittingMethod(
    "Störmer-Verlet",
    2,
    (("kick", 0.5), ("drift", 1.0), ("kick", 0.5)),
    "hairer_geometric_2006",
)


@dataclass(frozen=True)
class Trajectory:
    """Saved states of one trajectory or of an ensemble.

    Attributes
    ----------
    t
        Times, shape ``(saved,)``.
    q, p
        Coordinates and momenta, shape ``(saved, n, ...)``.
    energy
        The Hamiltonian along the way, shape ``(saved, ...)``.
    names
        Names of the coordinates.
    method
        Name of the method.
    dt
        Its step.

    Examples
    --------
    Three pendulums at once; the farther one is released, the slower it swings:

    >>> from mechanics.models import pendulum
    >>> from mechanics.symbolic import legendre
    >>> release = np.array([[0.1, 1.0, 2.0]])
    >>> swing = integrate(legendre(pendulum()), (release, 0*release), dt=0.01,
    ...                   steps=300, params={"m": 1, "g": 1, "l": 1})
    >>> swing.q.shape, swing["theta"].shape, swing.energy.shape
    ((301, 1, 3), (301, 3), (301, 3))
    >>> swing["theta"][-1].round(2)
    array([-0.1 , -0.95, -1.35])
    """

    t: np.ndarray
    q: np.ndarray
    p: np.ndarray
    energy: np.ndarray
    names: tuple[str, ...]
    method: str
    dt: float

    def __getitem__(self, name: str) -> np.ndarray:
        """One coordinate by its name, shape ``(saved, ...)``."""
        if name not in self.names:
            raise KeyError(
                f"no coordinate {name!r}; this trajectory has {', '.join(self.names)}"
            )
        return self.q[:, self.names.index(name)]


def integrate(
    system: HamiltonianSystem | CompiledHamiltonian,
    initial: tuple[np.ndarray, np.ndarray],
    *,
    dt: float,
    steps: int,
    method: SplittingMethod = STORMER_VERLET,
    params: Mapping | None = None,
    t0: float = 0.0,
    save_every: int = 1,
) -> Trajectory:
    r"""Integrate a separable Hamiltonian system with a splitting method.

    Parameters
    ----------
    system
        A symbolic or a compiled system.
    initial
        The arrays :math:`q_0, p_0` of shape ``(n,)`` or ``(n, ...)`` for an ensemble.
    dt, steps
        Step and number of steps; a negative step runs time backwards.
    method
        A splitting method.
    params
        Values of the parameters, for a symbolic system.
    t0
        The time at the start, for systems that know the time.
    save_every
        Keep every so-manieth state, the first and the last included; it must divide
        ``steps``.

    Returns
    -------
    Trajectory

    Raises
    ------
    ValueError
        For wrong shapes, values that are not finite, a Hamiltonian that mixes
        coordinates and momenta, or a step beyond the limit of stability.
    IntegrationError
        If the solution stops being finite; the message says when.

    Examples
    --------
    >>> from mechanics.models import pendulum
    >>> from mechanics.symbolic import legendre
    >>> swing = integrate(legendre(pendulum()), ([1.0], [0.0]), dt=0.01, steps=1000,
    ...                   params={"m": 1, "g": 1, "l": 1})
    >>> print(f"{np.ptp(swing.energy):.1e}")
    1.1e-05
    """
    if isinstance(system, HamiltonianSystem):
        system = compile_system(system, params)
    elif params is not None:
        raise ValueError("a compiled system has its parameters already; drop params")
    q, p = _checked_initial(system, initial)
    _check_request(system, dt, steps, save_every)

    saved = steps // save_every + 1
    qs, ps = np.empty((saved, *q.shape)), np.empty((saved, *p.shape))
    energies = np.empty((saved, *q.shape[1:]))
    times = t0 + dt * save_every * np.arange(saved)
    stages = _merged(method, save_every)
    with np.errstate(all="ignore"):  # what is not finite is reported here
        for k in range(saved):
            if k > 0:
                q, p = _advance(system, q, p, times[k - 1], dt, stages)
            qs[k], ps[k], energies[k] = q, p, system.energy(q, p, times[k])
            if not all(np.isfinite(x).all() for x in (q, p, energies[k])):
                raise IntegrationError(
                    f"the solution is not finite at t = {times[k]:g}; make dt = {dt:g} "
                    "smaller, or look for a singularity of the force"
                )
    return Trajectory(times, qs, ps, energies, system.names, method.name, dt)


def _advance(system: CompiledHamiltonian, q, p, t, dt, stages) -> tuple:
    """Apply kicks and drifts; each part of H has its own clock."""
    t_drift = t_kick = t
    for kind, coefficient in stages:
        h = coefficient * dt
        if kind == "kick":
            p = p + h * system.force(q, p, t_drift)
            t_kick += h
        else:
            q = q + h * system.velocity(q, p, t_kick)
            t_drift += h
    return q, p


def _merged(method: SplittingMethod, repeat: int) -> list[tuple[str, float]]:
    """Join the last stage of a step and the first of the next where they agree."""
    merged: list[tuple[str, float]] = []
    for kind, coefficient in method.stages * repeat:
        if merged and merged[-1][0] == kind:
            merged[-1] = (kind, merged[-1][1] + coefficient)
        else:
            merged.append((kind, coefficient))
    return merged


def _checked_initial(system: CompiledHamiltonian, initial) -> tuple:
    q, p = (np.array(x, dtype=float) for x in initial)
    n = len(system.names)
    if q.shape != p.shape or q.ndim == 0 or q.shape[0] != n:
        raise ValueError(
            f"initial q has shape {q.shape} and p {p.shape}; both must have shape "
            f"({n},) or ({n}, ...), the coordinates {', '.join(system.names)} first"
        )
    for name, x in (("q", q), ("p", p)):
        if not np.isfinite(x).all():
            raise ValueError(f"initial {name} is not finite: {x}")
    return q, p


def _check_request(system, dt, steps, save_every):
    if system.mixed_term is not None:
        raise ValueError(
            f"the term {system.mixed_term} of H mixes coordinates and momenta, so "
            "kicks and drifts do not exist; use scipy.integrate.solve_ivp with "
            "CompiledHamiltonian.rhs"
        )
    whole = all(isinstance(n, int | np.integer) and n > 0 for n in (steps, save_every))
    if not whole or steps % save_every:
        raise ValueError(
            f"steps = {steps} and save_every = {save_every}: both must be positive "
            "integers, and save_every must divide steps"
        )
    if not np.isfinite(dt) or dt == 0:
        raise ValueError(f"dt = {dt} is not a step")
    if system.stable_step is not None and abs(dt) >= system.stable_step:
        raise ValueError(
            f"dt = {dt:g} is too large: this system is unstable from dt = "
            f"{system.stable_step:g} on"
        )
