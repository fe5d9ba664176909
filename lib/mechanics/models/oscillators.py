"""Oscillators: harmonic, damped and driven, coupled, anharmonic."""

import sympy as sp

from mechanics.symbolic import LagrangianSystem, coordinates


def harmonic_oscillator() -> LagrangianSystem:
    r"""Mass on a spring.

    .. math:: L=\tfrac12m\dot x^2-\tfrac12kx^2

    Parameters ``m`` (kg), ``k`` (N/m); :math:`\omega=\sqrt{k/m}`.

    Sources: CCM-1.P2 (a spring gun, until the ball leaves at :math:`x=0`), CCM-8.E,
    CCM-8.P1, CCM-10.E.
    """
    (x,), (x_dot,) = q, v = coordinates("x")
    m, k = sp.symbols("m k", positive=True)
    return LagrangianSystem(m * x_dot**2 / 2 - k * x**2 / 2, q, v)


def driven_damped_oscillator() -> LagrangianSystem:
    r"""Mass on a spring with friction, under a periodic force.

    .. math::
        L=\tfrac12m\dot x^2-\tfrac12kx^2+F_0x\cos\omega t,\qquad Q_x=-b\dot x

    Parameters ``m`` (kg), ``k`` (N/m), ``b`` (kg/s), ``F_0`` (N), ``omega`` (rad/s).

    Sources: CCM-6.W, CCM-6.P2, CCM-6.P3.
    """
    (x,), (x_dot,) = q, v = coordinates("x")
    m, k, b, F0, omega = sp.symbols("m k b F_0 omega", positive=True)
    t = sp.Symbol("t", real=True)
    L = m * x_dot**2 / 2 - k * x**2 / 2 + F0 * x * sp.cos(omega * t)
    return LagrangianSystem(L, q, v, t=t).with_dissipation(b * x_dot**2 / 2)


def oscillator_of_varying_frequency() -> LagrangianSystem:
    r"""Unit mass on a spring that changes in time.

    .. math:: L=\tfrac12\dot x^2-\tfrac12\omega(t)^2x^2

    The frequency :math:`\omega(t)` is a given function. Source: CCM-12.C.
    """
    (x,), (x_dot,) = q, v = coordinates("x")
    t = sp.Symbol("t", real=True)
    omega = sp.Function("omega", positive=True)(t)
    return LagrangianSystem(x_dot**2 / 2 - omega**2 * x**2 / 2, q, v, t=t)


def two_masses_three_springs() -> LagrangianSystem:
    r"""Two equal masses between walls, three equal springs.

    .. math::
        L=\tfrac12m(\dot x_1^2+\dot x_2^2)
        -\tfrac12k\big[x_1^2+(x_2-x_1)^2+x_2^2\big]

    Parameters ``m`` (kg), ``k`` (N/m). Source: CCM-6.P1.
    """
    (x1, x2), (x1_dot, x2_dot) = q, v = coordinates("x_1 x_2")
    m, k = sp.symbols("m k", positive=True)
    V = k * (x1**2 + (x2 - x1) ** 2 + x2**2) / 2
    return LagrangianSystem(m * (x1_dot**2 + x2_dot**2) / 2 - V, q, v)


def duffing_oscillator() -> LagrangianSystem:
    r"""Oscillator with a cubic force, :math:`\ddot x+x+\epsilon x^3=0`.

    .. math:: L=\tfrac12\dot x^2-\tfrac12x^2-\tfrac14\epsilon x^4

    Scaled variables; parameter ``epsilon``. Sources: CCM-12.C, CCM-12.P3.
    """
    (x,), (x_dot,) = q, v = coordinates("x")
    epsilon = sp.Symbol("epsilon", real=True)
    return LagrangianSystem(x_dot**2 / 2 - x**2 / 2 - epsilon * x**4 / 4, q, v)


def quartic_oscillator() -> LagrangianSystem:
    r"""Oscillator with :math:`V=\tfrac12x^2+\epsilon x^4`: Duffing's with 4 epsilon.

    Scaled variables; parameter ``epsilon``. Source: CCM-12.W.
    """
    (x,), (x_dot,) = q, v = coordinates("x")
    epsilon = sp.Symbol("epsilon", real=True)
    return LagrangianSystem(x_dot**2 / 2 - x**2 / 2 - epsilon * x**4, q, v)


def henon_heiles() -> LagrangianSystem:
    r"""Two oscillators with a cubic coupling of threefold symmetry.

    .. math::
        L=\tfrac12(\dot x^2+\dot y^2)-\tfrac12(x^2+y^2)-x^2y+\tfrac13y^3

    Scaled variables; the motion is bounded for energies below 1/6. It is the measure
    of the course for chaos and normal forms; Hénon and Heiles (1964).
    """
    (x, y), (x_dot, y_dot) = q, v = coordinates("x y")
    V = (x**2 + y**2) / 2 + x**2 * y - y**3 / 3
    return LagrangianSystem((x_dot**2 + y_dot**2) / 2 - V, q, v)
