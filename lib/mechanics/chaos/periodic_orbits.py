"""Periodic orbits of flows by Newton's method."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mechanics.chaos.continuation import NewtonError, newton
from mechanics.chaos.deviations import advance, prepared
from mechanics.numerics import IntegrationError
from mechanics.numerics.compile import equations_of, parameter_values
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.methods import STORMER_VERLET


@dataclass(frozen=True)
class PeriodicOrbit:
    r"""A motion that closes.

    Attributes
    ----------
    initial
        A state on the orbit, shape ``(variables,)``.
    period
        The time after which it comes back.
    monodromy
        The derivative of the state after one period with respect to it, shape
        ``(variables, variables)``.

    Examples
    --------
    An oscillator that turns by 1 radian between two looks:

    >>> c, s = np.cos(1), np.sin(1)
    >>> turned = PeriodicOrbit(np.zeros(2), 1.0, np.array([[c, s], [-s, c]]))
    >>> print(f"{turned.residue:.4f}")
    0.2298
    """

    initial: np.ndarray
    period: float
    monodromy: np.ndarray

    @property
    def multipliers(self) -> np.ndarray:
        """The eigenvalues of :attr:`monodromy`, the largest first."""
        values = np.linalg.eigvals(self.monodromy)
        return values[np.argsort(-np.abs(values))]

    @property
    def residue(self) -> float:
        r"""Greene's residue :math:`\tfrac14(2-\operatorname{tr}M)` across the orbit.

        Between 0 and 1 the orbit is stable. With four variables, the pair of
        multipliers 1 of a conservative system is left out.
        """
        number = len(self.initial)
        if number not in (2, 4):
            raise ValueError(f"an orbit with {number} variables has no single residue")
        return float(number - np.trace(self.monodromy)) / 4


def periodic_orbit(
    system,
    guess,
    *,
    period: float,
    steps: int,
    method=STORMER_VERLET,
    params: Mapping | None = None,
    energy: float | None = None,
    backend: str = "auto",
) -> PeriodicOrbit:
    r"""Close an orbit that nearly closes.

    A system that is driven periodically has the period of its drive: Newton's method
    looks for a fixed point of the map over one period, with the exact derivative
    :math:`M` of the numerical map. Without explicit time the period is one more
    unknown. The correction :math:`(\delta z,\delta T)` then solves, in the sense of
    least squares,

    .. math::
        (M-1)\,\delta z+f\,\delta T=z-\Phi_T(z),\qquad f\cdot\delta z=0,\qquad
        \nabla H\cdot\delta z=E-H(z),

    the last for Hamiltonian systems, whose orbits come in families. A second family
    beside that of the energy makes the orbit degenerate.

    Parameters
    ----------
    system
        A system of formulas that :func:`~mechanics.numerics.integrate` takes.
    guess
        A state near the orbit, as ``initial`` of ``integrate``.
    period
        The period of the drive, or a guess.
    steps
        Number of steps of one period.
    method, params, backend
        As for ``integrate``.
    energy
        The energy of the orbit; that of the guess by default.

    Returns
    -------
    PeriodicOrbit

    Raises
    ------
    NewtonError
        If there is no orbit near the guess.

    Examples
    --------
    A pendulum that swings to 2 radians takes 4 K(sin 1) for it:

    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import KAHAN_LI_8
    >>> from mechanics.symbolic import legendre
    >>> swing = periodic_orbit(legendre(pendulum()), ([2.0], [0.0]), period=8.0,
    ...     steps=200, method=KAHAN_LI_8, params={"m": 1, "g": 1, "l": 1})
    >>> from scipy.special import ellipk
    >>> bool(abs(swing.period - 4*ellipk(np.sin(1)**2)) < 1e-10)
    True
    """
    tangent, z = prepared(system, guess)
    base = equations_of(system)
    values = tuple(parameter_values(base.params, params or {}))
    run = {"steps": steps, "method": method, "params": params, "backend": backend}
    number = len(z)
    driven = getattr(system, "t", None) is not None
    conserved = base.energy is not None and base.energy_is_constant and not driven
    field = array_function(base.field, base.param_symbols)
    if conserved:
        H = array_function(base.energy, base.param_symbols)
        energy = H(z, 0.0, values)[0] if energy is None else energy

    def closed(z, T):
        try:
            return advance(tangent, z, np.eye(number), dt=T / steps, **run)
        except IntegrationError as error:
            raise NewtonError(
                f"a motion that Newton's method tried does not stay finite ({error}): "
                "start nearer to the orbit"
            ) from error

    def rate(z):
        return np.array([float(f) for f in field(z, 0.0, values)])

    def correction(unknowns):
        z, T = unknowns[:number], unknowns[number] if not driven else period
        end, M = closed(z, T)
        if driven:
            return np.linalg.solve(M - np.eye(number), z - end)
        f = rate(z)
        rows = [np.column_stack([M - np.eye(number), rate(end)]), [*f, 0]]
        right = [*(z - end), 0]
        if conserved:
            rows.append([*-f[number // 2 :], *f[: number // 2], 0])
            right.append(energy - float(H(z, 0.0, values)[0]))
        return np.linalg.lstsq(np.vstack(rows), right)[0]

    start = z if driven else np.append(z, period)
    found = newton(correction, start, tolerance=1e-12)
    z, T = found[:number], period if driven else float(found[number])
    return PeriodicOrbit(z, T, closed(z, T)[1])
