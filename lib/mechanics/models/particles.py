"""Particles in potentials, and Atwood's machine."""

import sympy as sp

from mechanics.symbolic import LagrangianSystem, coordinates


def atwood() -> LagrangianSystem:
    r"""Atwood's machine: two masses on a light string over a light pulley.

    .. math:: L=\tfrac12(m_1+m_2)\dot x^2+(m_1-m_2)gx

    Parameters ``m_1``, ``m_2`` (kg), ``g`` (m/s²); ``x`` (m) is how far ``m_1`` has
    come down.

    Source: CCM-2.P2.
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
