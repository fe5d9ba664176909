"""Noether's theorem: what is conserved, why, and when it is not."""

import pytest
import sympy as sp
from hypothesis import given, settings
from random_polynomials import polynomials
from sympy import diff

from mechanics import models
from mechanics.symbolic.lagrangian import LagrangianSystem
from mechanics.symbolic.legendre import legendre
from mechanics.symbolic.noether import noether
from mechanics.symbolic.symbols import coordinates
from mechanics.symbolic.zero import is_zero

m, k, g = sp.symbols("m k g", positive=True)
t = sp.Symbol("t", real=True)
(x, y), (x_dot, y_dot) = coordinates("x y")
free = m * (x_dot**2 + y_dot**2) / 2


def plane(L):
    return LagrangianSystem(L, (x, y), (x_dot, y_dot), t=t)


generators, functions = polynomials((x, y, t), 1), polynomials((x, y, t))


@settings(max_examples=15)
@given(generators, generators, generators, functions, functions)
def test_charge_changes_at_the_rate_of_the_defect(xi_x, xi_y, tau, G, V):
    """On every true path dI/dt is the defect, whether or not there is a symmetry."""
    system = plane(free + x * y * x_dot - V)
    result = noether(system, [xi_x, xi_y], tau=tau, gauge=G)
    rate = system.time_derivative(result.charge) + sum(
        diff(result.charge, v) * a
        for v, a in zip(system.v, system.accelerations(), strict=True)
    )
    assert is_zero(rate - result.defect)


@settings(max_examples=15)
@given(polynomials((x,), 3))
def test_rotation_charge_has_zero_bracket_with_h(V):
    """Any potential of the radius: L_z is conserved on both sides of Legendre."""
    system = plane(free - V.subs(x, x**2 + y**2))
    charge = noether(system, [-y, x])
    assert charge.is_conserved
    H = legendre(system)
    L_z = x * H.p[1] - y * H.p[0]
    assert is_zero(charge.charge.subs({x_dot: H.p[0] / m, y_dot: H.p[1] / m}) - L_z)
    assert is_zero(H.bracket(L_z, H.H))


def test_an_ellipse_breaks_the_rotation():
    """The defect is minus the torque, and the bracket sees it too."""
    system = plane(free - k * (x**2 + 2 * y**2) / 2)
    turned = noether(system, [-y, x])
    assert not turned.is_conserved
    assert is_zero(turned.defect + k * x * y)
    H = legendre(system)
    L_z = x * H.p[1] - y * H.p[0]
    assert is_zero(H.bracket(L_z, H.H) - turned.defect)


def test_translation_along_a_uniform_field():
    """m g y changes by a constant: a total derivative, so a charge exists."""
    falling = plane(free - m * g * y)
    bare = noether(falling, [0, 1])
    assert not bare.is_conserved
    assert is_zero(bare.defect + m * g)
    gauged = noether(falling, [0, 1], gauge=-m * g * t)
    assert gauged.is_conserved
    assert is_zero(gauged.charge - (m * y_dot + m * g * t))
    assert noether(falling, [1, 0]).charge == m * x_dot


def test_time_translation_gives_minus_the_energy_function():
    """On the rotating hoop it is h, not T + V, that the symmetry keeps."""
    hoop = models.bead_on_rotating_hoop()
    shift = noether(hoop, [0], tau=1)
    assert shift.is_conserved
    assert is_zero(shift.charge + hoop.energy)
    driven = models.driven_pendulum()
    assert not noether(driven, [0], tau=1).is_conserved


def test_galilean_boost():
    system = plane(free)
    boost = noether(system, [t, 0], gauge=m * x)
    assert boost.is_conserved
    assert is_zero(boost.charge - (m * x_dot * t - m * x))
    assert not noether(system, [t, 0]).is_conserved


def test_scaling_of_the_inverse_square_potential():
    """q -> (1 + e) q, t -> (1 + 2 e) t: a symmetry of 1/r^2 and not of 1/r."""
    charge = noether(plane(free - k / (x**2 + y**2)), [x, y], tau=2 * t)
    assert charge.is_conserved
    kepler = plane(free + k / sp.sqrt(x**2 + y**2))
    assert not noether(kepler, [x, y], tau=2 * t).is_conserved


def test_screw_motion_of_a_charge():
    """In a field along z the gauge A decides where the gauge term stands."""
    (p, q, z), v = coordinates("x y z")
    B, e = sp.symbols("B e", positive=True)
    kinetic = m * sum(s**2 for s in v) / 2
    symmetric = kinetic + e * B * (p * v[1] - q * v[0]) / 2
    system = LagrangianSystem(symmetric, (p, q, z), v)
    assert noether(system, [-q, p, 1]).is_conserved
    shifted = noether(system, [1, 0, 0])
    assert not shifted.is_conserved
    repaired = noether(system, [1, 0, 0], gauge=e * B * q / 2)
    assert repaired.is_conserved
    assert is_zero(repaired.charge - (m * v[0] - e * B * q))


def test_momentum_of_a_ring_of_atoms():
    """AMM-24: P = sum of m u_n-dot; pinning one atom breaks it."""
    ring = models.harmonic_ring(5)
    shift = noether(ring, [1] * 5)
    (mass,) = [s for s in ring.params if s.name == "m"]
    assert shift.is_conserved
    assert is_zero(shift.charge - mass * sum(ring.v))
    pinned = LagrangianSystem(ring.L - ring.q[2] ** 2, ring.q, ring.v)
    assert not noether(pinned, [1] * 5).is_conserved
    assert is_zero(noether(pinned, [1] * 5).defect + 2 * ring.q[2])


def test_momentum_and_centre_of_mass_of_two_bodies():
    r = sp.Symbol("r", positive=True)
    pair = models.two_body(-k / r, r)
    total = noether(pair, [1, 0, 0, 1, 0, 0])
    assert total.is_conserved
    m1, m2 = sp.symbols("m_1 m_2", positive=True)
    assert is_zero(total.charge - (m1 * pair.v[0] + m2 * pair.v[3]))
    assert not noether(pair, [1, 0, 0, 0, 0, 0]).is_conserved


@pytest.mark.parametrize(
    ("system", "xi", "message"),
    [
        (plane(free), [1], "1 generators for 2 coordinates"),
        (plane(free), [x_dot, 0], "generator xdot depends on velocities"),
        (models.pendulum_with_tension(), [0, 0], "remove constraints and forces"),
        (models.rolling_wheel(), [1, 0, 0, 0], "remove constraints and forces"),
        (models.pendulum(friction=True), [1], "remove constraints and forces"),
    ],
)
def test_noether_needs_point_transformations_of_l_alone(system, xi, message):
    with pytest.raises(ValueError, match=message):
        noether(system, xi)
