"""Systems given by functions of whole arrays instead of formulas."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechanics.numerics.equations import Equations, state_symbols
from mechanics.numerics.splitting import SplittingMethod
from mechanics.numerics.step import Method, UnsuitableMethodError

Array = np.ndarray


class ArraySystem(ABC):
    """A Hamiltonian system whose kicks and drifts act on arrays of all coordinates.

    Attributes
    ----------
    names
        The names of the coordinates.
    energy
        The energies ``energy(q, p, t)`` of states of shape ``(n, ...)``.
    stable_step
        Steps of the leapfrog from this one on are unstable, if that is known.
    """

    names: tuple[str, ...]
    energy: Callable[[Array, Array, float], Array]
    stable_step: float | None

    @abstractmethod
    def stepper(self, method: SplittingMethod, shape: tuple[int, ...]) -> Callable:
        """Return the function that ``kernels.arrays.array_source`` describes.

        The trajectories along the last axis of its states are an ensemble of ``shape``.
        """

    @cached_property
    def equations(self) -> Equations:
        """Names and groups of the variables; no programs."""
        n = len(self.names)
        return Equations(
            names=(*self.names, *(f"p_{name}" for name in self.names)),
            state=state_symbols(2 * n),
            groups={"q": n, "p": n},
            params=(),
            field=None,
            energy=None,
            energy_is_constant=False,
            flows={},
            why_no_flows="",
            system=self,
            internal={},
        )


def kicks_and_drifts(method: Method) -> tuple[tuple[str, float], ...]:
    """Return the stages of a splitting into kicks and drifts.

    Raises
    ------
    UnsuitableMethodError
        If the method is none.
    """
    stages = getattr(method, "stages", ())
    if {name for name, _ in stages} != {"kick", "drift"}:
        raise UnsuitableMethodError(
            f"{method.name} is no splitting into kicks and drifts; for a system of "
            "array functions use one, or scipy.integrate.solve_ivp with its rhs"
        )
    return stages


@dataclass(frozen=True)
class CompiledHamiltonian(ArraySystem):
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

    def stepper(self, method: SplittingMethod, shape: tuple[int, ...]) -> Callable:
        """Return the function that advances states by kicks and drifts.

        Raises
        ------
        UnsuitableMethodError
            If the method is no splitting into kicks and drifts, or there are none.
        """
        stages = kicks_and_drifts(method)
        if self.mixed_term is not None:
            raise UnsuitableMethodError(
                f"{method.name} needs kicks and drifts, but the term {self.mixed_term} "
                "of H mixes coordinates and momenta; integrate the symbolic system "
                "with IMPLICIT_MIDPOINT, GAUSS_LEGENDRE_4 or GAUSS_LEGENDRE_6"
            )
        n = len(self.names)

        def advance(z, c, t0, h, begin, steps, seed, trajectory, failed):
            q, p = np.reshape(z, (2, n, *shape))
            kind, pending = stages[0][0], 0.0
            times = {"kick": 0.0, "drift": 0.0}  # each part of H has its own clock
            for name, coefficient in (*stages * steps, (None, 0.0)):
                if name == kind:
                    pending += coefficient
                    continue
                t = t0 + (begin + times["drift" if kind == "kick" else "kick"]) * h
                if kind == "kick":
                    p = p + pending * h * self.force(q, p, t)
                else:
                    q = q + pending * h * self.velocity(q, p, t)
                times[kind] += pending
                kind, pending = name, coefficient
            return np.reshape([q, p], (2 * n, -1))

        return advance
