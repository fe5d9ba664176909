"""Particles in potentials, two bodies, and blocks with friction."""

from collections.abc import Sequence

import sympy as sp

from mechanics.symbolic import LagrangianSystem, coordinates
from mechanics.symbolic.symbols import velocities_of


def particle(V: sp.Expr, q: Sequence[sp.Symbol]) -> LagrangianSystem:
    r"""Particle of mass ``m`` (kg) in Cartesian coordinates, as many as there are.

    .. math:: L=\tfrac12m(\dot x^2+\dot y^2+\dot z^2)-V(x,y,z)

    Parameters
    ----------
    V, q
        The potential energy (J) and the coordinates (m) in it, real symbols.

    Sources: HM-eq-3.2.1, CCM-8.W (:math:`V=mgy`), CCM-8.P2 (:math:`V=-\alpha q`),
    CCM-10.W (a box: :math:`V=0` between its walls).
    """
    v = velocities_of(q)
    m = sp.Symbol("m", positive=True)
    return LagrangianSystem(m * sum(rate**2 for rate in v) / 2 - V, q, v)


def particle_in_cylindrical_coordinates(
    V: sp.Expr, q: Sequence[sp.Symbol]
) -> LagrangianSystem:
    r"""Particle of mass ``m`` (kg); the coordinates ``q`` are :math:`\rho,\phi,z`.

    .. math:: L=\tfrac12m(\dot\rho^2+\rho^2\dot\phi^2+\dot z^2)-V(\rho,\phi,z)

    Source: HM-eq-3.2.4.
    """
    rho_dot, phi_dot, z_dot = v = velocities_of(q)
    rho, m = q[0], sp.Symbol("m", positive=True)
    T = m * (rho_dot**2 + rho**2 * phi_dot**2 + z_dot**2) / 2
    return LagrangianSystem(T - V, q, v)


def particle_in_spherical_coordinates(
    V: sp.Expr, q: Sequence[sp.Symbol]
) -> LagrangianSystem:
    r"""Particle of mass ``m`` (kg); the coordinates ``q`` are :math:`r,\theta,\phi`.

    .. math::
        L=\tfrac12m(\dot r^2+r^2\dot\theta^2+r^2\sin^2\theta\,\dot\phi^2)
        -V(r,\theta,\phi)

    The angle ``theta`` is measured from the z axis. Source: HM-eq-3.2.12.
    """
    r_dot, theta_dot, phi_dot = v = velocities_of(q)
    (r, theta, _), m = q, sp.Symbol("m", positive=True)
    rotation = theta_dot**2 + sp.sin(theta) ** 2 * phi_dot**2
    return LagrangianSystem(m * (r_dot**2 + r**2 * rotation) / 2 - V, q, v)


def atwood() -> LagrangianSystem:
    r"""Atwood's machine: two masses on a light string over a light pulley.

    .. math:: L=\tfrac12(m_1+m_2)\dot x^2+(m_1-m_2)gx

    Parameters ``m_1``, ``m_2`` (kg), ``g`` (m/s²); ``x`` (m) is how far ``m_1`` has
    come down.

    Sources: CCM-1.P3, CCM-2.P2.
    """
    q, v = coordinates("x")
    m1, m2, g = sp.symbols("m_1 m_2 g", positive=True)
    (x,), (x_dot,) = q, v
    return LagrangianSystem((m1 + m2) * x_dot**2 / 2 + (m1 - m2) * g * x, q, v)


def central_potential(V: sp.Expr, r: sp.Symbol) -> LagrangianSystem:
    r"""Particle of mass ``m`` in a plane under a central potential :math:`V(r)`.

    .. math:: L=\tfrac12m(\dot r^2+r^2\dot\phi^2)-V(r)

    Parameters
    ----------
    V, r
        The potential and the symbol of the radius in it.

    Source: CCM-2.P3, CCM-3.
    """
    (phi,), (phi_dot,) = coordinates("phi")
    r_dot = sp.Symbol("rdot", real=True)
    m = sp.Symbol("m", positive=True)
    L = m * (r_dot**2 + r**2 * phi_dot**2) / 2 - V
    return LagrangianSystem(L, (r, phi), (r_dot, phi_dot))


def kepler() -> LagrangianSystem:
    r"""Relative motion of two gravitating bodies, in the plane of the orbit.

    .. math:: L=\tfrac12\mu(\dot r^2+r^2\dot\phi^2)+\frac{G\mu M}{r}

    Parameters: reduced mass ``mu``, total mass ``M`` (kg) and ``G`` (m³/kg/s²);
    distance ``r`` (m), angle ``phi``. The strength is :math:`k=G\mu M=Gm_1m_2`.

    Sources: HM-eq-3.2.40, CCM-3.
    """
    r, phi = sp.Symbol("r", positive=True), sp.Symbol("phi", real=True)
    r_dot, phi_dot = v = velocities_of((r, phi))
    G, mu, M = sp.symbols("G mu M", positive=True)
    T = mu * (r_dot**2 + r**2 * phi_dot**2) / 2
    return LagrangianSystem(T + G * mu * M / r, (r, phi), v)


def two_body(V: sp.Expr, r: sp.Symbol) -> LagrangianSystem:
    r"""Two bodies in space whose potential depends on their distance.

    .. math::
        L=\tfrac12m_1\dot{\boldsymbol r}_1^2+\tfrac12m_2\dot{\boldsymbol r}_2^2
        -V(|\boldsymbol r_1-\boldsymbol r_2|)

    Parameters
    ----------
    V, r
        The potential (J) and the symbol of the distance (m) in it.

    Masses ``m_1``, ``m_2`` (kg). Source: CCM-3.
    """
    q, v = coordinates("x_1 y_1 z_1 x_2 y_2 z_2")
    m1, m2 = sp.symbols("m_1 m_2", positive=True)
    T = (m1 * sum(rate**2 for rate in v[:3]) + m2 * sum(rate**2 for rate in v[3:])) / 2
    distance = sp.sqrt(sum((a - b) ** 2 for a, b in zip(q[:3], q[3:], strict=True)))
    return LagrangianSystem(T - V.subs(r, distance), q, v)


def diatomic(V: sp.Expr, r: sp.Symbol) -> LagrangianSystem:
    r"""Two atoms on a line.

    .. math:: L=\tfrac12m_1\dot q_1^2+\tfrac12m_2\dot q_2^2-V(q_2-q_1)

    Parameters
    ----------
    V, r
        The potential (J) and the symbol of the relative coordinate (m) in it.

    Masses ``m_1``, ``m_2`` (kg). Sources: AMM-31, CCM-9.W (with the other sign of
    ``r``).
    """
    (q1, q2), (q1_dot, q2_dot) = q, v = coordinates("q_1 q_2")
    m1, m2 = sp.symbols("m_1 m_2", positive=True)
    T = (m1 * q1_dot**2 + m2 * q2_dot**2) / 2
    return LagrangianSystem(T - V.subs(r, q2 - q1), q, v)


def block_on_incline() -> LagrangianSystem:
    r"""Block that slides on a plane with kinetic friction.

    .. math::
        L=\tfrac12m\dot s^2+mgs\sin\theta,\qquad
        Q_s=-\mu mg\cos\theta\,\operatorname{sgn}\dot s

    Parameters ``m`` (kg), ``g`` (m/s²), inclination ``theta``, friction coefficient
    ``mu``; ``s`` (m) is measured down the plane. Static friction is not described.

    Source: CCM-1.W.
    """
    q, v = coordinates("s")
    m, g, theta, mu = sp.symbols("m g theta mu", positive=True)
    (s,), (s_dot,) = q, v
    L = m * s_dot**2 / 2 + m * g * s * sp.sin(theta)
    friction = -mu * m * g * sp.cos(theta) * sp.sign(s_dot)
    return LagrangianSystem(L, q, v, forces=(friction,))


def pulled_box() -> LagrangianSystem:
    r"""Box on a rough floor, pulled by a rope at an angle.

    .. math::
        L=\tfrac12m\dot x^2+Tx\cos\theta,\qquad
        Q_x=-\mu(mg-T\sin\theta)\operatorname{sgn}\dot x

    Parameters ``m`` (kg), tension ``T`` (N), angle ``theta`` above the horizontal,
    friction coefficient ``mu``, ``g`` (m/s²). Valid while the box moves and the floor
    carries it, :math:`T\sin\theta<mg`.

    Source: CCM-1.P1.
    """
    q, v = coordinates("x")
    m, g, T, theta, mu = sp.symbols("m g T theta mu", positive=True)
    (x,), (x_dot,) = q, v
    normal = m * g - T * sp.sin(theta)
    L = m * x_dot**2 / 2 + T * sp.cos(theta) * x
    return LagrangianSystem(L, q, v, forces=(-mu * normal * sp.sign(x_dot),))


def planar_oscillator() -> LagrangianSystem:
    r"""Particle of unit mass in a plane between springs of different stiffness.

    .. math::
        L=\tfrac12(\dot x^2+\dot y^2)-\tfrac12(\omega_x^2x^2+\omega_y^2y^2)

    Parameters ``omega_x``, ``omega_y``, in scaled variables.
    """
    q, v = coordinates("x y")
    wx, wy = sp.symbols("omega_x omega_y", positive=True)
    (x, y), (x_dot, y_dot) = q, v
    T = (x_dot**2 + y_dot**2) / 2
    return LagrangianSystem(T - (wx**2 * x**2 + wy**2 * y**2) / 2, q, v)
