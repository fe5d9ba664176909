"""Noether's theorem for systems of particles."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from mechanics.symbolic.lagrangian import LagrangianSystem
from mechanics.symbolic.zero import is_zero


@dataclass(frozen=True)
class NoetherCharge:
    """A charge and what stands in the way of its conservation.

    Attributes
    ----------
    charge
        The quantity that Noether's theorem belongs to the generator.
    defect
        The change of the action density under the generator; zero for a symmetry.

    Examples
    --------
    Angular momentum in a trough with two stiffnesses; the defect is the torque, and
    vanishes in a round bowl:

    >>> import sympy as sp
    >>> from mechanics.symbolic import coordinates
    >>> (x, y), (u, v) = coordinates("x y")
    >>> a, b = sp.symbols("a b", positive=True)
    >>> trough = LagrangianSystem((u**2 + v**2 - a*x**2 - b*y**2)/2, (x, y), (u, v))
    >>> turn = noether(trough, [-y, x])
    >>> turn.charge, sp.factor(turn.defect), turn.is_conserved
    (x*ydot - xdot*y, x*y*(a - b), False)
    """

    charge: sp.Expr
    defect: sp.Expr

    @property
    def is_conserved(self) -> bool:
        """Whether the defect vanishes, so that the charge is constant in time."""
        return is_zero(self.defect)


def noether(
    lagrangian: LagrangianSystem,
    xi: Sequence[sp.Expr],
    tau: sp.Expr = 0,
    gauge: sp.Expr = 0,
) -> NoetherCharge:
    r"""Charge of the transformation :math:`q\to q+\epsilon\xi,\ t\to t+\epsilon\tau`.

    The transformation is a symmetry if it changes :math:`L\,dt` by no more than a
    total derivative :math:`dG`,

    .. math::
        \sum_i\left(\frac{\partial L}{\partial q_i}\xi_i
        +\frac{\partial L}{\partial v_i}(\dot\xi_i-v_i\dot\tau)\right)
        +\frac{\partial L}{\partial t}\tau+L\dot\tau-\dot G=0,

    and then :math:`I=\sum_ip_i\xi_i-h\tau-G` is constant, with the energy function
    :math:`h=\sum_ip_iv_i-L`.

    Parameters
    ----------
    lagrangian
        The system; its constraints and forces must be empty.
    xi, tau, gauge
        :math:`\xi_i(q,t)`, one per coordinate, :math:`\tau(q,t)` and :math:`G(q,t)`.

    Returns
    -------
    NoetherCharge
        The charge :math:`I` and the left side of the condition as its ``defect``.

    Notes
    -----
    Sources: CCM-2, AMM-23 (which leaves out :math:`\tau` and :math:`G`);
    Noether (1918).

    Examples
    --------
    A free particle seen from a moving train: the boost changes :math:`L` by a total
    derivative, and the charge is the initial position of its centre of mass.

    >>> import sympy as sp
    >>> from mechanics.symbolic import coordinates
    >>> (x,), (v,) = coordinates("x")
    >>> m, t = sp.symbols("m t", positive=True)
    >>> free = LagrangianSystem(m*v**2/2, (x,), (v,), t=t)
    >>> boost = noether(free, [t], gauge=m*x)
    >>> boost.charge, boost.is_conserved
    (m*t*xdot - m*x, True)
    """
    xi = [sp.sympify(x) for x in xi]
    tau, gauge = sp.sympify(tau), sp.sympify(gauge)
    if len(xi) != len(lagrangian.q):
        raise ValueError(
            f"{len(xi)} generators for {len(lagrangian.q)} coordinates: give one xi "
            "per coordinate"
        )
    if lagrangian.constraints or not all(is_zero(Q) for Q in lagrangian.forces):
        raise ValueError(
            "Noether's theorem is about the Lagrangian alone: remove constraints and "
            "forces"
        )
    for generator in (*xi, tau, gauge):
        if generator.has(*lagrangian.v):
            raise ValueError(
                f"the generator {generator} depends on velocities; only point "
                "transformations xi(q, t), tau(q, t), G(q, t) are supported"
            )
    L, rate = lagrangian.L, lagrangian.time_derivative
    explicit = 0 if lagrangian.t is None else sp.diff(L, lagrangian.t)
    defect = explicit * tau + L * rate(tau) - rate(gauge)
    charge = -lagrangian.energy * tau - gauge
    for q, v, p, x in zip(
        lagrangian.q, lagrangian.v, lagrangian.momenta, xi, strict=True
    ):
        defect += sp.diff(L, q) * x + p * (rate(x) - v * rate(tau))
        charge += p * x
    return NoetherCharge(sp.expand(charge), sp.expand(defect))
