"""Pendulums and beads on hoops."""

import sympy as sp

from mechanics.symbolic import LagrangianSystem, coordinates


def pendulum(friction: bool = False) -> LagrangianSystem:
    r"""Plane pendulum, or a bead on a fixed vertical hoop.

    .. math:: L=\tfrac12ml^2\dot\theta^2-mgl(1-\cos\theta)

    Parameters ``g`` (m/s²), ``l`` (m), ``m`` (kg); angle ``theta`` from the lowest
    point. With ``friction`` the force :math:`-b\,l\dot\theta` along the hoop adds the
    generalized force :math:`Q_\theta=-b\,l^2\dot\theta`, with ``b`` in kg/s.

    Sources: CCM-2.E, CCM-2.P1, CCM-2.C (friction), HM-eq-3.2.20.
    """
    q, v = coordinates("theta")
    m, g, l, b = sp.symbols("m g l b", positive=True)
    (theta,), (theta_dot,) = q, v
    L = m * l**2 * theta_dot**2 / 2 - m * g * l * (1 - sp.cos(theta))
    forces = (-b * l**2 * theta_dot,) if friction else ()
    return LagrangianSystem(L, q, v, forces=forces)


def driven_pendulum() -> LagrangianSystem:
    r"""Plane pendulum under a periodic torque, in scaled variables.

    .. math:: L=\tfrac12\dot\theta^2+\cos\theta+a\,\theta\cos\Omega t

    The unit of time is :math:`\sqrt{l/g}`; parameters: torque ``a`` in units of
    :math:`mgl`, frequency ``Omega`` in units of :math:`\sqrt{g/l}`.
    """
    q, v = coordinates("theta")
    a, Omega = sp.symbols("a Omega", positive=True)
    t = sp.Symbol("t", real=True)
    (theta,), (theta_dot,) = q, v
    L = theta_dot**2 / 2 + sp.cos(theta) + a * theta * sp.cos(Omega * t)
    return LagrangianSystem(L, q, v, t=t)


def bead_on_rotating_hoop() -> LagrangianSystem:
    r"""Bead on a hoop that is turned about its vertical diameter.

    .. math::
        L=\tfrac12mR^2(\dot\theta^2+\Omega^2\sin^2\theta)+mgR\cos\theta

    Parameters ``m`` (kg), ``R`` (m), ``g`` (m/s²) and the prescribed rate ``Omega``
    (rad/s); angle ``theta`` from the lowest point. The hoop does work on the bead: the
    energy function differs from :math:`T+V`.

    Source: CCM-2.W.
    """
    q, v = coordinates("theta")
    m, R, g, Omega = sp.symbols("m R g Omega", positive=True)
    (theta,), (theta_dot,) = q, v
    T = m * R**2 * (theta_dot**2 + Omega**2 * sp.sin(theta) ** 2) / 2
    return LagrangianSystem(T + m * g * R * sp.cos(theta), q, v)
