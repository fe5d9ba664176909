"""Lagrange's equations, forces, constraints of all kinds, and Routh's reduction."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from random_polynomials import polynomials
from sympy import cos, diff, sin

from mechanics import models
from mechanics.symbolic.duality import MultivaluedLegendreError
from mechanics.symbolic.lagrangian import LagrangianSystem, SingularLagrangianError
from mechanics.symbolic.linear import is_regular, solve_linear
from mechanics.symbolic.routh import routh
from mechanics.symbolic.symbols import coordinates
from mechanics.symbolic.zero import is_zero

m, g, k, l, b, Omega = sp.symbols("m g k l b Omega", positive=True)
t = sp.Symbol("t", real=True)
(x, y), (x_dot, y_dot) = coordinates("x y")
(r, theta, phi), (r_dot, theta_dot, phi_dot) = coordinates("r theta phi")
free = m * (x_dot**2 + y_dot**2) / 2


def plane(L, **more):
    return LagrangianSystem(L, (x, y), (x_dot, y_dot), **more)


def rate(system, f):
    """The time derivative of f(q, v, t) along the motion."""
    a = system.accelerations()[: len(system.q)]
    return system.time_derivative(f) + sum(
        diff(f, v) * vdot for v, vdot in zip(system.v, a, strict=True)
    )


# --- equations of motion -------------------------------------------------------------


def test_central_motion():
    """Momenta, energy function, cyclic angle, centrifugal and Coriolis terms."""
    L = m * (r_dot**2 + r**2 * phi_dot**2) / 2 + k / r
    kepler = LagrangianSystem(L, (r, phi), (r_dot, phi_dot))
    assert kepler.momenta == (m * r_dot, m * r**2 * phi_dot)
    assert kepler.mass_metric == sp.diag(m, m * r**2)
    assert kepler.cyclic == (phi,)
    assert is_zero(kepler.energy - (m * (r_dot**2 + r**2 * phi_dot**2) / 2 - k / r))
    radial, angular = kepler.accelerations()
    assert is_zero(radial - (r * phi_dot**2 - k / (m * r**2)))
    assert is_zero(angular + 2 * r_dot * phi_dot / r)
    residual = kepler.euler_lagrange(kepler.accelerations())
    assert all(is_zero(e) for e in residual)


def test_lagrangians_that_differ_by_a_total_derivative_move_alike():
    """L + dF/dt has the same equations; L + F has not."""
    system = plane(free - k * x**2 * y, t=t)
    F = t * x**2 * sin(y)
    gauged = plane(system.L + system.time_derivative(F), t=t)
    assert all(
        is_zero(e - f)
        for e, f in zip(system.euler_lagrange(), gauged.euler_lagrange(), strict=True)
    )
    assert not is_zero(plane(system.L + F, t=t).euler_lagrange()[0] - (m * system.a[0]))


def test_rayleigh_dissipation_takes_twice_its_function():
    system = plane(free - k * (x**2 + y**4) / 2)
    damped = system.with_dissipation(b * (x_dot**2 + x_dot * y_dot + y_dot**2) / 2)
    loss = b * (x_dot**2 + x_dot * y_dot + y_dot**2)
    assert is_zero(rate(damped, damped.energy) + loss)
    assert damped.params == (k, m, b)
    assert is_zero(rate(system, system.energy))


def test_friction_of_two_kinds_adds():
    once = plane(free).with_dissipation(b * x_dot**2 / 2)
    assert once.with_dissipation(k * y_dot**2 / 2).forces == (-b * x_dot, -k * y_dot)


def test_energy_function_of_a_moving_frame_is_not_the_energy():
    """On a rotating hoop T + V exceeds h by m R^2 Omega^2 sin^2(theta)."""
    hoop = models.bead_on_rotating_hoop()
    R, (angle,) = sp.Symbol("R", positive=True), hoop.q
    V = -m * g * R * cos(angle)
    T = hoop.L + V
    excess = m * R**2 * Omega**2 * sin(angle) ** 2
    assert is_zero(T + V - hoop.energy - excess)
    assert not is_zero(rate(hoop, T + V))


# --- holonomic constraints -----------------------------------------------------------


def test_atwood_machine_with_its_string():
    """The string as a constraint: its tension is 2 m1 m2 g / (m1 + m2)."""
    m1, m2 = sp.symbols("m_1 m_2", positive=True)
    L = (m1 * x_dot**2 + m2 * y_dot**2) / 2 + m1 * g * x + m2 * g * y
    a, _, multiplier = plane(L, constraints=(x + y - l,)).accelerations()
    assert is_zero(a - (m1 - m2) * g / (m1 + m2))
    assert is_zero(multiplier + 2 * m1 * m2 * g / (m1 + m2))


def test_weight_on_a_moving_platform():
    """Rheonomic: on a floor at height s(t) a body weighs m (g + s'')."""
    s = sp.Function("s")(t)
    lift = plane(free - m * g * y, t=t, constraints=(y - s,))
    _, y_ddot, weight = lift.accelerations()
    assert is_zero(y_ddot - diff(s, t, 2))
    assert is_zero(weight - m * (g + diff(s, t, 2)))
    assert lift.constraint_forces == (0, lift.multipliers[0])


def test_multiplier_terms_are_those_of_the_extended_lagrangian():
    """Euler-Lagrange of L' = L + lambda f, with lambda as one more coordinate."""
    f = x**2 + x * y**3 - t
    system = plane(free - m * g * y, t=t, constraints=(f,))
    (multiplier,) = system.multipliers
    extended = LagrangianSystem(
        system.L + multiplier * f,
        (x, y, multiplier),
        (x_dot, y_dot, sp.Symbol("unused", real=True)),
        t=t,
    )
    expected = extended.euler_lagrange((*system.a, 0))
    for residual, other in zip(system.euler_lagrange(), expected, strict=False):
        assert is_zero(residual - other)
    assert is_zero(expected[2] + f)


@settings(max_examples=10)
@given(polynomials((x, y)), polynomials((x, y)))
def test_ideal_constraints_do_no_work(V, f):
    """dh/dt = lambda df/dt, which vanishes on the constraint."""
    f = f + x + 2 * y
    system = plane(free - V, constraints=(f,))
    if not is_zero(diff(f, x) ** 2 + diff(f, y) ** 2):
        multiplier = system.accelerations()[-1]
        work = multiplier * system.time_derivative(f)
        assert is_zero(rate(system, system.energy) - work)


def test_linear_system_is_the_form_to_solve_numerically():
    """Its solution at a point is what accelerations() gives there, multipliers too."""
    system = models.bead_with_hoop_forces()
    matrix, right = system.linear_system
    symbols = sorted(matrix.free_symbols | right.free_symbols, key=str)
    point = {s: sp.Rational(i, 7) for i, s in enumerate(symbols, 3)}
    solution = matrix.subs(point).evalf(30).LUsolve(right.subs(point).evalf(30))
    expected = sp.Matrix(system.accelerations()).subs(point).evalf(30)
    assert (solution - expected).norm() < 1e-20
    W, F = models.double_pendulum().linear_system
    assert (W.shape, F.shape) == ((2, 2), (2, 1))


def test_massless_coordinate_held_by_a_constraint():
    """A singular Hessian is no obstacle where a constraint determines the rest."""
    system = plane(m * x_dot**2 / 2 - m * g * x, constraints=(y - x**2,))
    x_ddot, y_ddot, force = system.accelerations()
    assert is_zero(x_ddot + g)
    assert is_zero(y_ddot - (2 * x_dot**2 - 2 * x * g))
    assert force == 0


# --- constraints on velocities -------------------------------------------------------


def test_differentiated_constraint_gives_the_same_motion():
    """f = 0 and df/dt = 0 push alike: the principles agree where both apply."""
    f = x**2 + y**2 - l**2
    system = plane(free - m * g * y, constraints=(f,))
    differentiated = plane(system.L, constraints=(system.time_derivative(f),))
    pairs = zip(system.accelerations(), differentiated.accelerations(), strict=True)
    assert all(is_zero(one - other) for one, other in pairs)


def test_velocity_constraint_does_not_belong_into_the_lagrangian():
    """For a skate L + mu g is another ("vakonomic") motion, which is not observed."""
    skate = models.skate_on_slope()
    (_, _, heading), (sideways,) = skate.q, skate.constraints
    mu, mu_dot = sp.symbols("mu mudot", real=True)
    wrong = LagrangianSystem(
        skate.L + mu * sideways, (*skate.q, mu), (*skate.v, mu_dot)
    )
    extra = wrong.euler_lagrange()[2] - skate.euler_lagrange()[2]
    assert is_zero(extra + mu * diff(sideways, heading))
    assert not is_zero(extra)


def test_gauss_principle_of_least_constraint():
    """(a - a0).W.(a - a0)/2 is stationary: true accelerations are W-nearest to free."""
    L = m * (x_dot**2 + 3 * y_dot**2 + x**2 * x_dot * y_dot) / 2 - k * x * y
    push = x_dot**3 + x * y_dot - t
    system = plane(L, t=t, constraints=(push,))
    a = sp.Matrix(system.accelerations()[:2])
    a0 = sp.Matrix(plane(L, t=t).accelerations())
    allowed = sp.Matrix([diff(push, y_dot), -diff(push, x_dot)])
    assert is_zero((allowed.T * system.mass_metric * (a - a0))[0])
    assert is_zero(rate(system, push))
    assert not is_zero((allowed.T * (a - a0))[0])


def test_thermostat_of_unequal_masses():
    """Isokinetic: the friction is -alpha p with alpha = F.v / p.v, not F.p / p.p."""
    L = (m * x_dot**2 + 2 * m * y_dot**2) / 2 - k * (x**2 + x * y)
    system = models.isokinetic(plane(L))
    x_ddot, y_ddot, multiplier = system.accelerations()
    F, p = (-k * (2 * x + y), -k * x), (m * x_dot, 2 * m * y_dot)
    alpha = (F[0] * x_dot + F[1] * y_dot) / (p[0] * x_dot + p[1] * y_dot)
    assert is_zero(multiplier + alpha)
    assert is_zero(m * x_ddot - (F[0] - alpha * p[0]))
    assert is_zero(2 * m * y_ddot - (F[1] - alpha * p[1]))
    assert not is_zero(alpha - sum(map(sp.Mul, F, p)) / (p[0] ** 2 + p[1] ** 2))


def test_cyclic_coordinates_feel_no_constraint():
    """A wheel's heading is cyclic; its position is not, though L does not hold it."""
    wheel = models.rolling_wheel()
    assert [q.name for q in wheel.cyclic] == ["theta"]
    assert plane(free, constraints=(x**2 - 1,)).cyclic == (y,)
    assert plane(free, forces=(-b * x_dot, 0)).cyclic == (y,)


# --- Routh ---------------------------------------------------------------------------


def test_routh_of_the_spherical_pendulum():
    """The centrifugal potential has the sign that keeps the bob off the pole."""
    pendulum = models.spherical_pendulum()
    p = sp.Symbol("p", real=True)
    reduced = routh(pendulum, pendulum.q[1], p)
    angle, inertia = pendulum.q[0], m * l**2
    barrier = p**2 / (2 * inertia * sin(angle) ** 2)
    by_hand = inertia * pendulum.v[0] ** 2 / 2 + m * g * l * cos(angle) - barrier
    assert is_zero(reduced.L - by_hand)
    turn = p / (inertia * sin(angle) ** 2)
    full = pendulum.accelerations()[0].subs(pendulum.v[1], turn)
    assert is_zero(reduced.accelerations()[0] - full)
    naive = LagrangianSystem(pendulum.L.subs(pendulum.v[1], turn), reduced.q, reduced.v)
    assert not is_zero(naive.accelerations()[0] - full)


def test_routh_keeps_gyroscopic_terms():
    """A term linear in the cyclic velocity leaves a force that does no work."""
    L = (x_dot**2 + y_dot**2 + r_dot**2) / 2 + (x * r_dot - y * y_dot) * x_dot
    L = L + y * r_dot * sin(r)
    system = LagrangianSystem(
        L.subs(x, y), (x, y, r), (x_dot, y_dot, r_dot), forces=(0, -b * x_dot, 0)
    )
    p = sp.Symbol("p", real=True)
    reduced = routh(system, x, p)
    turn = sp.solve(system.momenta[0] - p, x_dot)[0]
    full = [a.subs(x_dot, turn) for a in system.accelerations()[1:]]
    pairs = zip(reduced.accelerations(), full, strict=True)
    assert all(is_zero(one - other) for one, other in pairs)
    assert reduced.params == (b, p)


def test_routh_refuses_what_is_not_cyclic():
    system = plane(free - k * x**2)
    p = sp.Symbol("p", real=True)
    with pytest.raises(ValueError, match=r"x is not cyclic .* are \(y,\)"):
        routh(system, x, p)
    with pytest.raises(ValueError, match="x is not cyclic"):
        routh(plane(free, forces=(0, -k * x)), x, p)
    with pytest.raises(ValueError, match="symbol k is already taken"):
        routh(system, y, k)
    with pytest.raises(SingularLagrangianError, match="does not depend on ydot"):
        routh(plane(m * x_dot**2 / 2 + x * y_dot), y, p)
    with pytest.raises(MultivaluedLegendreError, match="has 2 solutions"):
        routh(plane(x_dot**2 / 2 + y_dot**3 / 3), y, p)


# --- errors --------------------------------------------------------------------------


def test_singular_lagrangian_names_its_null_direction():
    system = plane((x_dot + 2 * y_dot) ** 2 / 2 - x**2)
    with pytest.raises(SingularLagrangianError, match=r"\(-2\)\*xdot \+ \(1\)\*ydot"):
        system.accelerations()
    with pytest.raises(SingularLagrangianError, match="Legendre transform does not"):
        system.require_regular()


def test_singular_through_a_trigonometric_identity():
    """The determinant vanishes only because sin^2 + cos^2 = 1."""
    L = (x_dot**2 + 2 * sin(x) * x_dot * y_dot + (1 - cos(x) ** 2) * y_dot**2) / 2
    with pytest.raises(SingularLagrangianError, match="null direction"):
        plane(L).accelerations()
    plane(L + y_dot**2).require_regular()


def test_redundant_constraints_are_named():
    system = plane(free, constraints=(x + y, x + y - x**2, 2 * x + 2 * y))
    with pytest.raises(SingularLagrangianError, match=r"\(-2\)\*\(x \+ y\).*redundant"):
        system.accelerations()


reserved = sp.Symbol("xddot", real=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(q=(x,), v=(x_dot, y_dot)), "1 coordinates, 2 velocities"),
        (dict(q=(x, x), v=(x_dot, y_dot)), "the symbols x appear twice"),
        (dict(q=(x, y), v=(x_dot, y_dot), params=(k,)), "contains m, which is neither"),
        (dict(q=(sp.Symbol("x"), y), v=(x_dot, y_dot)), "but other assumptions"),
        (
            dict(q=(x, y), v=(x_dot, y_dot), constraints=(reserved,)),
            "names an acceleration or a multiplier",
        ),
    ],
)
def test_bad_systems_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LagrangianSystem(free - x, **arguments)


# --- linear equations ----------------------------------------------------------------


@settings(max_examples=15)
@given(st.lists(polynomials((x, y), 1), min_size=6, max_size=6))
def test_linear_equations_are_solved(entries):
    """A X = B, with functions and roots among the coefficients."""
    seen = {x: sin(r), y: sp.sqrt(1 + r)}
    A = sp.Matrix(2, 2, entries[:4]).subs(seen) + 7 * sp.eye(2)
    B = sp.Matrix(entries[4:]).subs(seen)
    if is_regular(A):
        defect = (A * solve_linear(A, B) - B).subs(r, sp.Rational(3, 7))
        assert defect.evalf(30).norm() < 1e-20


def test_six_links_need_no_symbolic_determinant(monkeypatch):
    """Regularity is proved at a point; as a formula it would take minutes."""
    determinant = sp.Matrix.det

    def numerical_determinant(matrix, method):
        assert not matrix.free_symbols
        return determinant(matrix, method=method)

    monkeypatch.setattr(sp.Matrix, "det", numerical_determinant)
    chain = models.n_link_pendulum(6)
    chain.require_regular()
    W, F = chain.linear_system
    assert (W.shape, F.shape) == ((6, 6), (6, 1))
    with pytest.raises(AssertionError):  # the formula is needed to prove a singularity
        is_regular(sp.ones(2) * x)
