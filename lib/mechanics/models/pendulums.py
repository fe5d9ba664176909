"""Pendulums and beads on hoops."""

from itertools import combinations

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


def pendulum_with_tension() -> LagrangianSystem:
    r"""Plane pendulum as a particle with a rigid rod, in Cartesian coordinates.

    .. math::
        L=\tfrac12m(\dot x^2+\dot y^2)-mgy,\qquad f=x^2+y^2-l^2=0

    Parameters ``m`` (kg), ``g`` (m/s²), ``l`` (m); ``y`` upwards from the pivot. The
    multiplier gives the tension of the rod, :math:`T=-2\lambda l`.

    Sources: AMM-12, AMM-13.
    """
    q, v = coordinates("x y")
    m, g, l = sp.symbols("m g l", positive=True)
    (x, y), (x_dot, y_dot) = q, v
    L = m * (x_dot**2 + y_dot**2) / 2 - m * g * y
    return LagrangianSystem(L, q, v, constraints=(x**2 + y**2 - l**2,))


def n_link_pendulum(n: int) -> LagrangianSystem:
    r"""Chain of ``n`` point masses on light rods that swing in a plane.

    .. math::
        L=\tfrac12\sum_{ij}M_{\max(i,j)}l_il_j\cos(\theta_i-\theta_j)
        \dot\theta_i\dot\theta_j+\sum_iM_igl_i\cos\theta_i,\qquad
        M_i=\sum_{k\ge i}m_k

    Parameters ``m_1``, ... (kg), ``l_1``, ... (m) and ``g`` (m/s²); all angles from the
    downward vertical. Two links: HM-pr-5.
    """
    q, v = coordinates(" ".join(f"theta_{i}" for i in range(1, n + 1)))
    m = sp.symbols(f"m_1:{n + 1}", positive=True)
    l = sp.symbols(f"l_1:{n + 1}", positive=True)
    g = sp.Symbol("g", positive=True)
    below = [sum(m[i:]) for i in range(n)]
    L = sum(
        below[i] * (l[i] ** 2 * v[i] ** 2 / 2 + g * l[i] * sp.cos(q[i]))
        for i in range(n)
    )
    for i, j in combinations(range(n), 2):
        L += below[j] * l[i] * l[j] * v[i] * v[j] * sp.cos(q[i] - q[j])
    return LagrangianSystem(L, q, v)


def double_pendulum() -> LagrangianSystem:
    """Two pendulums, one below the other: :func:`n_link_pendulum` of two (HM-pr-5)."""
    return n_link_pendulum(2)


def spherical_pendulum() -> LagrangianSystem:
    r"""Pendulum that swings in all directions.

    .. math::
        L=\tfrac12ml^2(\dot\theta^2+\sin^2\theta\,\dot\phi^2)+mgl\cos\theta

    Parameters ``m`` (kg), ``l`` (m), ``g`` (m/s²); ``theta`` from the lowest point.

    Source: HM-eq-3.2.25 (there divided by :math:`ml^2`).
    """
    q, v = coordinates("theta phi")
    m, l, g = sp.symbols("m l g", positive=True)
    (theta, _), (theta_dot, phi_dot) = q, v
    T = m * l**2 * (theta_dot**2 + sp.sin(theta) ** 2 * phi_dot**2) / 2
    return LagrangianSystem(T + m * g * l * sp.cos(theta), q, v)


def rotating_pendulum() -> LagrangianSystem:
    r"""Pendulum whose pivot is driven round a vertical circle.

    .. math::
        L=ml^2\Big[\tfrac12\dot\theta^2
        +\frac{a\Omega}{l}\dot\theta\sin(\theta-\Omega t)\Big]+mgl\cos\theta

    Parameters ``m`` (kg), ``l`` (m), ``g`` (m/s²), radius ``a`` (m) and rate ``Omega``
    (rad/s) of the pivot at :math:`a(\cos\Omega t,\sin\Omega t)`. Functions of time
    alone are left out.

    Source: HM-eq-3.2.32 (there divided by :math:`ml^2`).
    """
    q, v = coordinates("theta")
    m, l, g, a, Omega = sp.symbols("m l g a Omega", positive=True)
    t = sp.Symbol("t", real=True)
    (theta,), (theta_dot,) = q, v
    T = theta_dot**2 / 2 + a * Omega / l * theta_dot * sp.sin(theta - Omega * t)
    return LagrangianSystem(m * l**2 * T + m * g * l * sp.cos(theta), q, v, t=t)


def pendulum_of_varying_length() -> LagrangianSystem:
    r"""Plane pendulum whose string is drawn in or let out.

    .. math::
        L=\tfrac12m\big(\dot l^2+l^2\dot\theta^2\big)+mgl\cos\theta

    The length :math:`l(t)` (m) is a given function of time; ``m`` (kg), ``g`` (m/s²).

    Source: CCM-12.P2.
    """
    q, v = coordinates("theta")
    m, g = sp.symbols("m g", positive=True)
    t = sp.Symbol("t", real=True)
    l = sp.Function("l", positive=True)(t)
    (theta,), (theta_dot,) = q, v
    T = m * (sp.diff(l, t) ** 2 + l**2 * theta_dot**2) / 2
    return LagrangianSystem(T + m * g * l * sp.cos(theta), q, v, t=t)


def coupled_pendulums() -> LagrangianSystem:
    r"""Two equal pendulums side by side, their bobs joined by a long weak spring.

    .. math::
        L=\tfrac12ml^2(\dot\theta_1^2+\dot\theta_2^2)+mgl(\cos\theta_1+\cos\theta_2)
        -\tfrac12kl^2(\sin\theta_1-\sin\theta_2)^2

    Parameters ``m`` (kg), ``l`` (m), ``g`` (m/s²), ``k`` (N/m). The spring is
    horizontal and relaxed at rest; only its horizontal extension counts.

    Source: CCM-6.E.
    """
    q, v = coordinates("theta_1 theta_2")
    m, l, g, k = sp.symbols("m l g k", positive=True)
    extension = l * (sp.sin(q[0]) - sp.sin(q[1]))
    T = m * l**2 * (v[0] ** 2 + v[1] ** 2) / 2
    V = -m * g * l * (sp.cos(q[0]) + sp.cos(q[1])) + k * extension**2 / 2
    return LagrangianSystem(T - V, q, v)


def driven_pendulum(friction: bool = False) -> LagrangianSystem:
    r"""Plane pendulum under a periodic torque, in scaled variables.

    .. math:: L=\tfrac12\dot\theta^2+\cos\theta+a\,\theta\cos\Omega t

    The unit of time is :math:`\sqrt{l/g}`; parameters: torque ``a`` in units of
    :math:`mgl`, frequency ``Omega`` in units of :math:`\sqrt{g/l}`. With ``friction``
    the generalized force :math:`-\gamma\dot\theta` is added, ``gamma`` in the same
    units.

    Sources: CCM-11.E, CCM-11.P2.
    """
    q, v = coordinates("theta")
    a, Omega, gamma = sp.symbols("a Omega gamma", positive=True)
    t = sp.Symbol("t", real=True)
    (theta,), (theta_dot,) = q, v
    L = theta_dot**2 / 2 + sp.cos(theta) + a * theta * sp.cos(Omega * t)
    forces = (-gamma * theta_dot,) if friction else ()
    return LagrangianSystem(L, q, v, t=t, forces=forces)


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


def bead_with_hoop_forces() -> LagrangianSystem:
    r"""Bead on a rotating hoop, with the forces of the hoop.

    .. math::
        L=\tfrac12m(\dot r^2+r^2\dot\theta^2+r^2\sin^2\theta\,\dot\phi^2)
        +mgr\cos\theta,\qquad r-R=0,\quad\phi-\Omega t=0

    The first constraint does not know the time, the second does: the hoop's torque
    :math:`\lambda_2` about the vertical does work. Parameters and angles as in
    :func:`bead_on_rotating_hoop`.

    Sources: CCM-2.W, AMM-6, AMM-7.
    """
    q, v = coordinates("r theta phi")
    m, R, g, Omega = sp.symbols("m R g Omega", positive=True)
    t = sp.Symbol("t", real=True)
    (r, theta, phi), (r_dot, theta_dot, phi_dot) = q, v
    rotation = theta_dot**2 + sp.sin(theta) ** 2 * phi_dot**2
    L = m * (r_dot**2 + r**2 * rotation) / 2 + m * g * r * sp.cos(theta)
    return LagrangianSystem(L, q, v, t=t, constraints=(r - R, phi - Omega * t))
