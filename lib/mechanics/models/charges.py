"""Fast and charged particles."""

from collections.abc import Sequence

import sympy as sp

from mechanics.symbolic import LagrangianSystem
from mechanics.symbolic.symbols import velocities_of


def charged_particle(
    Phi: sp.Expr,
    A: Sequence[sp.Expr],
    r: Sequence[sp.Symbol],
    t: sp.Symbol | None = None,
) -> LagrangianSystem:
    r"""Charge in an electromagnetic field.

    .. math:: L=\tfrac12mv^2-q\Phi+q\boldsymbol A\cdot\boldsymbol v

    Parameters
    ----------
    Phi, A
        The potentials (V, and Vs/m), in ``r`` and ``t``;
        :math:`\boldsymbol E=-\nabla\Phi-\partial\boldsymbol A/\partial t` and
        :math:`\boldsymbol B=\nabla\times\boldsymbol A`.
    r, t
        The Cartesian coordinates (m), real symbols, and time (s).

    Mass ``m`` (kg), charge ``q`` (C). Source: HM-eq-3.2.46.
    """
    v, m = velocities_of(r), sp.Symbol("m", positive=True)
    T = m * sum(rate**2 for rate in v) / 2
    return LagrangianSystem(T - _generalized_potential(Phi, A, v), r, v, t=t)


def relativistic_particle(r: Sequence[sp.Symbol]) -> LagrangianSystem:
    r"""Free particle of any speed below that of light.

    .. math:: L=-mc^2\sqrt{1-v^2/c^2}

    The coordinates ``r`` (m) are real symbols; mass ``m`` (kg), speed of light ``c``
    (m/s). Velocities belong to momenta by
    :math:`\boldsymbol v=c\,\boldsymbol p/\sqrt{p^2+m^2c^2}`.

    Source: CCM-7.C.
    """
    return relativistic_charged_particle(0, [0] * len(r), r)


def relativistic_charged_particle(
    Phi: sp.Expr,
    A: Sequence[sp.Expr],
    r: Sequence[sp.Symbol],
    t: sp.Symbol | None = None,
) -> LagrangianSystem:
    r"""Charge of any speed below that of light, in an electromagnetic field.

    .. math:: L=-mc^2\sqrt{1-v^2/c^2}-q\Phi+q\boldsymbol A\cdot\boldsymbol v

    Parameters as for :func:`charged_particle`, and ``c`` (m/s). Source: CCM-7.C.
    """
    v = velocities_of(r)
    m, c = sp.symbols("m c", positive=True)
    free = -m * c**2 * sp.sqrt(1 - sum(rate**2 for rate in v) / c**2)
    return LagrangianSystem(free - _generalized_potential(Phi, A, v), r, v, t=t)


def _generalized_potential(Phi, A, v) -> sp.Expr:
    charge = sp.Symbol("q", real=True)
    return charge * (Phi - sum(a * rate for a, rate in zip(A, v, strict=True)))
