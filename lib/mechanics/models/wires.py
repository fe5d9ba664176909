"""Beads on wires and particles on surfaces, in coordinates that fit them."""

import sympy as sp

from mechanics.symbolic import LagrangianSystem, coordinates


def bead_on_cycloid() -> LagrangianSystem:
    r"""Bead on the wire :math:`x=a(\theta-\sin\theta),\ y=a(1+\cos\theta)`.

    .. math:: L=ma^2(1-\cos\theta)\dot\theta^2-mga(1+\cos\theta)

    Parameters ``m`` (kg), ``a`` (m), ``g`` (m/s²); the lowest point is
    :math:`\theta=\pi`, and :math:`0<\theta<2\pi`. The period does not depend on the
    amplitude: :math:`4\pi\sqrt{a/g}`.

    Source: HM-pr-1.
    """
    (theta,), (theta_dot,) = q, v = coordinates("theta")
    m, a, g = sp.symbols("m a g", positive=True)
    T = m * a**2 * (1 - sp.cos(theta)) * theta_dot**2
    return LagrangianSystem(T - m * g * a * (1 + sp.cos(theta)), q, v)


def particle_on_paraboloid() -> LagrangianSystem:
    r"""Particle on the bowl :math:`z=\rho^2/a`.

    .. math::
        L=\tfrac12m\Big[\Big(1+\frac{4\rho^2}{a^2}\Big)\dot\rho^2
        +\rho^2\dot\phi^2\Big]-\frac{mg\rho^2}{a}

    Parameters ``m`` (kg), ``a`` (m), ``g`` (m/s²). Source: HM-pr-2.
    """
    (rho, _), (rho_dot, phi_dot) = q, v = coordinates("rho phi")
    m, a, g = sp.symbols("m a g", positive=True)
    T = m * ((1 + 4 * rho**2 / a**2) * rho_dot**2 + rho**2 * phi_dot**2) / 2
    return LagrangianSystem(T - m * g * rho**2 / a, q, v)


def bead_on_rotating_wire() -> LagrangianSystem:
    r"""Bead on a straight wire that rises at an angle from a turning vertical axis.

    .. math::
        L=\tfrac12m(\dot r^2+\Omega^2r^2\sin^2\alpha)-mg(h+r\cos\alpha)

    Parameters ``m`` (kg), ``g`` (m/s²), angle ``alpha`` between wire and axis, height
    ``h`` (m) of the joint, rate ``Omega`` (rad/s); ``r`` (m) is the distance from the
    joint.

    Source: HM-pr-3.
    """
    (r,), (r_dot,) = q, v = coordinates("r")
    m, g, alpha, h, Omega = sp.symbols("m g alpha h Omega", positive=True)
    T = m * (r_dot**2 + Omega**2 * r**2 * sp.sin(alpha) ** 2) / 2
    return LagrangianSystem(T - m * g * (h + r * sp.cos(alpha)), q, v)


def particle_on_cylinder() -> LagrangianSystem:
    r"""Particle on a cylinder, pulled to the origin by :math:`-k\boldsymbol r`.

    .. math::
        L=\tfrac12m(R^2\dot\phi^2+\dot z^2)-\tfrac12k(R^2+z^2)

    Parameters ``m`` (kg), ``R`` (m), ``k`` (N/m). Source: HM-pr-4.
    """
    (z, _), (z_dot, phi_dot) = q, v = coordinates("z phi")
    m, R, k = sp.symbols("m R k", positive=True)
    T = m * (R**2 * phi_dot**2 + z_dot**2) / 2
    return LagrangianSystem(T - k * (R**2 + z**2) / 2, q, v)
