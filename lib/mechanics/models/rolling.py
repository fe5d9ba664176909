"""Rolling and skating."""

import sympy as sp

from mechanics.symbolic import LagrangianSystem, coordinates


def rolling_disk() -> LagrangianSystem:
    r"""Uniform disk that rolls straight down a slope.

    .. math:: L=\tfrac34mR^2\dot\theta^2+mgR\theta\sin\alpha

    Parameters ``m`` (kg), ``R`` (m), ``g`` (m/s²), inclination ``alpha``; ``theta`` is
    the angle rolled. On a line the rolling condition is integrable: :math:`s=R\theta`.

    Source: HM-eq-3.2.36.
    """
    (theta,), (theta_dot,) = q, v = coordinates("theta")
    m, R, g, alpha = sp.symbols("m R g alpha", positive=True)
    T = 3 * m * R**2 * theta_dot**2 / 4
    return LagrangianSystem(T + m * g * R * theta * sp.sin(alpha), q, v)


def rolling_wheel() -> LagrangianSystem:
    r"""Upright wheel that rolls and turns on a plane without slipping.

    .. math::
        L=\tfrac12m(\dot x^2+\dot y^2)+\tfrac12I\dot\phi^2+\tfrac12J\dot\theta^2,
        \qquad\dot x-R\dot\phi\cos\theta=0,\quad\dot y-R\dot\phi\sin\theta=0

    Parameters ``m`` (kg), ``R`` (m), moments of inertia ``I`` about the axle and ``J``
    about the vertical diameter (kg m²); contact point ``x``, ``y`` (m), heading
    ``theta``, rolling angle ``phi``. The conditions are not integrable: all positions
    can be reached.

    Sources: CCM-2.C, AMM-8.
    """
    q, v = coordinates("x y theta phi")
    m, R, I, J = sp.symbols("m R I J", positive=True)
    theta, (x_dot, y_dot, theta_dot, phi_dot) = q[2], v
    L = (m * (x_dot**2 + y_dot**2) + I * phi_dot**2 + J * theta_dot**2) / 2
    no_slip = (
        x_dot - R * phi_dot * sp.cos(theta),
        y_dot - R * phi_dot * sp.sin(theta),
    )
    return LagrangianSystem(L, q, v, constraints=no_slip)


def skate_on_slope() -> LagrangianSystem:
    r"""Skate or car on a slope: it does not slip sideways.

    .. math::
        L=\tfrac12m(\dot x^2+\dot y^2)+\tfrac12I\dot\theta^2+mgx\sin\alpha,\qquad
        -\dot x\sin\theta+\dot y\cos\theta=0

    Parameters ``m`` (kg), ``I`` (kg m²) about the contact point, ``g`` (m/s²),
    inclination ``alpha``; ``x`` (m) points down the slope, ``theta`` is the heading.
    The car of CCM-2.C drives on the level, :math:`\alpha=0`.

    Source: CCM-2.C.
    """
    q, v = coordinates("x y theta")
    m, I, g, alpha = sp.symbols("m I g alpha", positive=True)
    (x, _, theta), (x_dot, y_dot, theta_dot) = q, v
    T = (m * (x_dot**2 + y_dot**2) + I * theta_dot**2) / 2
    sideways = -x_dot * sp.sin(theta) + y_dot * sp.cos(theta)
    L = T + m * g * x * sp.sin(alpha)
    return LagrangianSystem(L, q, v, constraints=(sideways,))
