"""From a symbolic Hamiltonian to NumPy functions of whole arrays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from mechanics.symbolic import HamiltonianSystem

Array = np.ndarray


@dataclass(frozen=True)
class CompiledHamiltonian:
    r"""A Hamiltonian as functions of arrays.

    Coordinates and momenta have shape ``(n, ...)``: the first axis counts the degrees
    of freedom, all others an ensemble.

    Attributes
    ----------
    velocity
        :math:`\partial H/\partial p` as ``velocity(q, p, t)``, shape ``(n, ...)``.
    force
        :math:`-\partial H/\partial q` as ``force(q, p, t)``, shape ``(n, ...)``.
    energy
        :math:`H` as ``energy(q, p, t)``, shape ``(...)``.
    names
        The names of the coordinates.
    mixed_term
        A term of :math:`H` that holds both coordinates and momenta, if there is one:
        then no splitting into kicks and drifts exists.
    stable_step
        Steps of the leapfrog from this one on are unstable, if that is known.

    Examples
    --------
    Made by hand from array functions, here for a star in a flat galaxy,
    :math:`H=\tfrac12p^2+\tfrac12\log(1+q^2)`:

    >>> from mechanics.numerics import integrate
    >>> star = CompiledHamiltonian(
    ...     velocity=lambda q, p, t: p,
    ...     force=lambda q, p, t: -q / (1 + q**2),
    ...     energy=lambda q, p, t: ((p**2 + np.log(1 + q**2)) / 2).sum(axis=0),
    ...     names=("z",))
    >>> orbit = integrate(star, ([1.0], [0.0]), dt=0.01, steps=1000)
    >>> print(f"{np.ptp(orbit.energy):.1e}")
    6.8e-06
    >>> star.rhs(0.0, [1.0, 0.0])  # for SciPy's solve_ivp
    array([ 0. , -0.5])
    """

    velocity: Callable[[Array, Array, float], Array]
    force: Callable[[Array, Array, float], Array]
    energy: Callable[[Array, Array, float], Array]
    names: tuple[str, ...]
    mixed_term: str | None = None
    stable_step: float | None = None

    def rhs(self, t: float, state: Array) -> Array:
        r"""The vector field for solvers that want one flat state, as SciPy's do.

        Parameters
        ----------
        t
            Time.
        state
            :math:`(q, p)` joined along the first axis, shape ``(2n, ...)``.

        Returns
        -------
        ndarray
            :math:`(\dot q,\dot p)`, shape ``(2n, ...)``.
        """
        q, p = np.split(np.asarray(state, dtype=float), 2)
        return np.concatenate([self.velocity(q, p, t), self.force(q, p, t)])


def compile_system(
    system: HamiltonianSystem, params: Mapping[sp.Symbol | str, float] | None = None
) -> CompiledHamiltonian:
    r"""Compile a symbolic Hamiltonian to NumPy, common subexpressions first.

    Parameters
    ----------
    system
        The symbolic system.
    params
        A number for each of ``system.params``, by symbol or by name. An array that
        broadcasts against the ensemble gives every trajectory its own value.

    Returns
    -------
    CompiledHamiltonian

    Raises
    ------
    ValueError
        If a parameter is missing, unknown or not finite; the message names it.

    Examples
    --------
    >>> from mechanics.models import pendulum
    >>> from mechanics.symbolic import legendre
    >>> H = compile_system(legendre(pendulum()), {"m": 1, "g": 9.8, "l": 0.5})
    >>> H.force(np.array([[0.0, np.pi / 2]]), np.zeros((1, 2)), 0.0)
    array([[-0. , -4.9]])
    """
    values = _parameter_values(system, params or {})
    n = len(system.q)
    t = sp.Dummy("t") if system.t is None else system.t
    arguments = [*system.q, *system.p, t, *system.params]

    def lambdify(expressions):
        function = sp.lambdify(arguments, list(expressions), modules="numpy", cse=True)

        def evaluate(q, p, t):
            shape = np.broadcast_shapes(q.shape[1:], p.shape[1:])
            components = function(*q, *p, t, *values)
            return np.stack([np.broadcast_to(c, shape) for c in components])

        return evaluate

    field = system.vector_field
    energy = lambdify([system.H])
    mixed = next(
        (
            term
            for term in sp.Add.make_args(sp.expand(system.H))
            if term.has(*system.q) and term.has(*system.p)
        ),
        None,
    )
    return CompiledHamiltonian(
        velocity=lambdify(field[:n]),
        force=lambdify(field[n:]),
        energy=lambda q, p, t: energy(q, p, t)[0],
        names=tuple(q.name for q in system.q),
        mixed_term=None if mixed is None else str(mixed),
    )


def _parameter_values(system: HamiltonianSystem, params: Mapping) -> Sequence[Array]:
    by_name = {str(key): np.asarray(value, float) for key, value in params.items()}
    needed = [s.name for s in system.params]
    missing = [name for name in needed if name not in by_name]
    unknown = [name for name in by_name if name not in needed]
    if missing or unknown:
        problem = [f"no value for {', '.join(missing)}"] if missing else []
        problem += [f"unknown {', '.join(unknown)}"] if unknown else []
        raise ValueError(
            f"parameters: {'; '.join(problem)}; this system has "
            f"{', '.join(needed) or 'none'}"
        )
    for name in needed:
        if not np.all(np.isfinite(by_name[name])):
            raise ValueError(f"the parameter {name} is not finite: {by_name[name]}")
    return [by_name[name] for name in needed]
