"""Hamilton's equations, brackets, and Legendre's transform there and back."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from random_polynomials import polynomials
from sympy import cos, diff, sin, sqrt

from mechanics import models
from mechanics.symbolic.duality import MultivaluedLegendreError
from mechanics.symbolic.hamiltonian import HamiltonianSystem, NotSeparableError
from mechanics.symbolic.lagrangian import LagrangianSystem, SingularLagrangianError
from mechanics.symbolic.legendre import implicit_legendre, inverse_legendre, legendre
from mechanics.symbolic.symbols import coordinates
from mechanics.symbolic.zero import is_zero

m, k, c, omega = sp.symbols("m k c omega", positive=True)
t = sp.Symbol("t", real=True)
(x, y), (x_dot, y_dot) = coordinates("x y")
p_x, p_y = sp.symbols("p_x p_y", real=True)
plane = HamiltonianSystem(sp.S.Zero, (x, y), (p_x, p_y))


def vanishes(expr):
    """Whether a rational function is zero at three rational points, exactly."""
    symbols = sorted(expr.free_symbols, key=str)
    points = [[sp.Rational(7 * i + n, 11 - 2 * i) for i in range(9)] for n in (1, 3, 4)]
    return not any(expr.xreplace(dict(zip(symbols, p, strict=False))) for p in points)


observables = polynomials((x, y, p_x, p_y))


# --- brackets ------------------------------------------------------------------------


def test_fundamental_brackets():
    """{q, p} = +1, and nothing else."""
    for i, f in enumerate((x, y, p_x, p_y)):
        for j, h in enumerate((x, y, p_x, p_y)):
            expected = (j == i + 2) - (i == j + 2)
            assert plane.bracket(f, h) == expected


def test_angular_momentum_turns_vectors():
    """{L_z, x} = y and {L_z, y} = -x (CCM-8.P3); the other sign is wrong."""
    L_z = x * p_y - y * p_x
    assert plane.bracket(L_z, x) == y
    assert plane.bracket(L_z, y) == -x
    assert plane.bracket(L_z, p_x) == p_y
    assert plane.bracket(x, L_z) != y


@settings(max_examples=25)
@given(observables, observables, observables, st.integers(-3, 3))
def test_laws_of_the_bracket(f, g, h, a):
    bracket = plane.bracket
    assert sp.expand(bracket(f, g) + bracket(g, f)) == 0
    assert sp.expand(bracket(f + a * g, h) - bracket(f, h) - a * bracket(g, h)) == 0
    assert sp.expand(bracket(f * g, h) - f * bracket(g, h) - g * bracket(f, h)) == 0
    cycle = ((f, g, h), (g, h, f), (h, f, g))
    assert sp.expand(sum(bracket(a, bracket(b, c)) for a, b, c in cycle)) == 0


def test_jacobi_identity_is_a_property_of_the_bracket():
    """With a wrong sign inside the bracket it fails."""

    def symmetric(f, g):
        return sum(
            diff(f, q) * diff(g, p) + diff(f, p) * diff(g, q)
            for q, p in ((x, p_x), (y, p_y))
        )

    f, g, h = x**2 * p_y, p_x * y, x * p_x**2
    cycle = ((f, g, h), (g, h, f), (h, f, g))
    assert sp.expand(sum(symmetric(a, symmetric(b, c)) for a, b, c in cycle)) != 0


@settings(max_examples=15)
@given(observables, observables)
def test_bracket_is_the_rate_along_the_vector_field(f, H):
    """Chain rule: df/dt along (q', p') is {f, H}; H itself is conserved."""
    system = HamiltonianSystem(H, (x, y), (p_x, p_y))
    rate = sum(
        diff(f, s) * field
        for s, field in zip((x, y, p_x, p_y), system.vector_field, strict=True)
    )
    assert sp.expand(rate - system.time_derivative(f)) == 0
    assert sp.expand(system.time_derivative(H)) == 0


def test_explicit_time():
    """dH/dt = dH/dt at fixed q, p: the driven oscillator takes up energy."""
    H = p_x**2 / (2 * m) + k * x**2 / 2 - x * cos(omega * t)
    driven = HamiltonianSystem(H, (x,), (p_x,), t=t)
    assert is_zero(driven.time_derivative(H) - omega * x * sin(omega * t))
    phase = sp.atan2(p_x, m * omega * x) + omega * t
    free = HamiltonianSystem(
        p_x**2 / (2 * m) + m * omega**2 * x**2 / 2, (x,), (p_x,), t=t
    )
    assert is_zero(free.time_derivative(phase))


def test_cyclic_variables_of_both_kinds():
    """A missing coordinate keeps its momentum, a missing momentum its coordinate."""
    system = HamiltonianSystem(p_x**2 + y**4, (x, y), (p_x, p_y))
    assert system.cyclic == (x, p_y)
    assert system.time_derivative(p_x) == 0
    assert system.time_derivative(y) == 0


# --- separation ----------------------------------------------------------------------


def test_separable_hamiltonian():
    T, V = p_x**2 / (2 * m) + p_y**4, k * x**2 / 2 - sp.cos(y) + omega
    system = HamiltonianSystem(T + V, (x, y), (p_x, p_y))
    assert system.separate() == (T, V)


def test_mixed_term_is_named():
    system = HamiltonianSystem((p_x - y) ** 2 / 2, (x, y), (p_x, p_y))
    with pytest.raises(NotSeparableError, match=r"term -p_x\*y mixes"):
        system.separate()


# --- Legendre ------------------------------------------------------------------------


def test_charge_in_a_field_obeys_the_lorentz_force():
    """HM-eq-3.2.46 to 49, for any potentials; A enters the momenta, not the forces."""
    r = sp.symbols("x y z", real=True)
    Phi, *A = (sp.Function(n)(*r, t) for n in ("Phi", "A_x", "A_y", "A_z"))
    charge = models.charged_particle(Phi, A, r, t)
    q = sp.Symbol("q", real=True)
    system = legendre(charge)
    kinetic = [p - q * a for p, a in zip(system.p, A, strict=True)]
    expected = sum(k**2 for k in kinetic) / (2 * m) + q * Phi
    assert is_zero(system.H - expected)
    E = [-diff(Phi, s) - diff(a, t) for s, a in zip(r, A, strict=True)]
    v = [k / m for k in kinetic]
    for i, component in enumerate(kinetic):
        force = q * E[i]
        for j in range(3):  # (v x curl A)_i
            force += q * v[j] * (diff(A[j], r[i]) - diff(A[i], r[j]))
        assert is_zero(system.time_derivative(component) - force)
    assert not is_zero(system.time_derivative(system.p[0]) - q * E[0])


def test_gauge_transformation_changes_h_and_not_the_motion():
    """A + grad chi, Phi - dchi/dt: the velocities change at the same rate."""
    chi = x**2 * y + t * x * y**3
    A = (-y * k, x * y)

    def force(A, Phi):
        system = legendre(models.charged_particle(Phi, A, (x, y), t))
        rate = system.time_derivative(system.vector_field[0])
        to_v = dict(zip(system.p, _momenta(system, A), strict=True))
        return rate.subs(to_v, simultaneous=True)

    def _momenta(system, A):
        q = sp.Symbol("q", real=True)
        return [m * v + q * a for v, a in zip((x_dot, y_dot), A, strict=True)]

    gauged = tuple(a + diff(chi, s) for a, s in zip(A, (x, y), strict=True))
    assert is_zero(force(A, x * y) - force(gauged, x * y - diff(chi, t)))
    assert not is_zero(force(A, x * y) - force(gauged, x * y))


def test_momentum_of_the_rotating_pendulum_is_not_its_velocity():
    """HM-eq-3.2.33 to 35, and dH/dt = dH/dt at fixed theta, p, which is not zero."""
    system = legendre(models.rotating_pendulum())
    (angle,), (p,) = system.q, system.p
    a, Omega, g, l = sp.symbols("a Omega g l", positive=True)
    swing = p / (m * l**2) - a * Omega / l * sin(angle - Omega * t)
    theta_dot, p_dot = system.vector_field
    assert is_zero(theta_dot - swing)
    push = m * l * a * Omega * cos(angle - Omega * t) * swing
    assert is_zero(p_dot - (push - m * g * l * sin(angle)))
    power = m * l * a * Omega**2 * cos(angle - Omega * t) * swing
    assert is_zero(system.time_derivative(system.H) - power)


@settings(max_examples=12)
@given(
    polynomials((x, y), 1),
    polynomials((x, y)),
    polynomials((x, y)),
    polynomials((x, y)),
)
def test_legendre_twice_returns_the_lagrangian(b, c_x, c_y, V):
    """For any T quadratic in v with a regular metric, and a vector potential."""
    T = ((1 + x**2) * x_dot**2 + (b * x_dot + y_dot) ** 2) / 2
    L = T + c_x * x_dot + c_y * y_dot - V
    system = LagrangianSystem(L, (x, y), (x_dot, y_dot))
    assert vanishes(inverse_legendre(legendre(system)).L - L)


@settings(max_examples=12)
@given(polynomials((x, y), 1), polynomials((x, y)), polynomials((x, y)))
def test_implicit_form_has_the_same_motion(b, c_x, V):
    """With v = M^-1 (p - c), the rates and the energy are those of H."""
    T = ((1 + x**2) * x_dot**2 + (b * x_dot + y_dot) ** 2) / 2
    L = T + c_x * x_dot - V
    system = LagrangianSystem(L, (x, y), (x_dot, y_dot))
    explicit, implicit = legendre(system), implicit_legendre(system)
    v = implicit.M.LUsolve(sp.Matrix(implicit.p) - implicit.c)
    inserted = dict(zip(implicit.v, v, strict=True))
    rates = [*v, *(e.subs(inserted, simultaneous=True) for e in implicit.p_dot)]
    pairs = zip(rates, explicit.vector_field, strict=True)
    assert all(vanishes(one - other) for one, other in pairs)
    energy = implicit.energy.subs(inserted, simultaneous=True)
    assert vanishes(energy - explicit.H)


def test_implicit_force_has_the_sign_of_the_lagrangian():
    """pdot = +v (dM/dq) v / 2 at fixed v, though -dH/dq is taken at fixed p."""
    system = LagrangianSystem((1 + x**2) * x_dot**2 / 2, (x,), (x_dot,))
    implicit = implicit_legendre(system)
    H = legendre(system).H
    at_fixed_v = diff(implicit.energy, x)
    assert implicit.p_dot == (x * x_dot**2,)
    assert is_zero(implicit.p_dot[0] - at_fixed_v)
    assert is_zero(-diff(H, x).subs(p_x, (1 + x**2) * x_dot) - x * x_dot**2)


def test_implicit_form_of_six_links_is_quick_and_short():
    """The explicit H of four links has ten thousand operations already."""
    implicit = implicit_legendre(models.n_link_pendulum(6))
    assert implicit.M.shape == (6, 6)
    assert implicit.c == sp.zeros(6, 1)
    assert sp.count_ops(implicit.p_dot) < 600


def test_relativistic_particle_on_a_line():
    """H = sqrt(p^2 c^2 + m^2 c^4), and its Lagrangian again."""
    (velocity,) = coordinates("x")[1]
    L = -m * c**2 * sqrt(1 - velocity**2 / c**2)
    size = sqrt(p_x**2 + m**2 * c**2)
    system = legendre(
        LagrangianSystem(L, (x,), (velocity,)), velocities=[c * p_x / size]
    )
    assert is_zero(system.H - c * size)
    momentum = m * velocity / sqrt(1 - velocity**2 / c**2)
    clean = HamiltonianSystem(c * size, (x,), (p_x,))
    back = inverse_legendre(clean, momenta=[momentum])
    assert is_zero((back.L - L).subs(velocity, c * sp.Rational(3, 5)))
    with pytest.raises(ValueError, match="does not solve"):
        inverse_legendre(clean, momenta=[-momentum])
    with pytest.raises(ValueError, match="does not solve"):
        legendre(
            LagrangianSystem(L, (x,), (velocity,)), velocities=[2 * c * p_x / size]
        )


def test_several_velocities_for_one_momentum():
    """L = v^3/3: p = v^2 belongs to v and -v; a branch must be named."""
    folded = LagrangianSystem(x_dot**3 / 3, (x,), (x_dot,))
    with pytest.raises(MultivaluedLegendreError, match=r"2 solutions .*velocities="):
        legendre(folded)
    p = sp.Symbol("p", positive=True)
    system = legendre(folded, (p,), velocities=[sqrt(p)])
    assert is_zero(system.H - 2 * p ** sp.Rational(3, 2) / 3)
    other = legendre(folded, (p,), velocities=[-sqrt(p)])
    assert is_zero(other.H + system.H)


def test_equations_that_sympy_cannot_solve():
    L = x_dot * sp.exp(x_dot**2) + sin(x_dot)
    with pytest.raises(NotImplementedError):
        legendre(LagrangianSystem(L, (x,), (x_dot,)))


def test_singular_lagrangians_and_hamiltonians_are_refused():
    shared = LagrangianSystem((x_dot + y_dot) ** 2 / 2, (x, y), (x_dot, y_dot))
    for transform in (legendre, implicit_legendre):
        with pytest.raises(SingularLagrangianError, match=r"\(-1\)\*xdot"):
            transform(shared)
    J = sp.Symbol("J", real=True)
    with pytest.raises(ValueError, match=r"H = J\*omega in the momenta .* singular"):
        inverse_legendre(HamiltonianSystem(omega * J, (x,), (J,)))


def test_what_no_hamiltonian_describes_is_refused():
    with pytest.raises(ValueError, match="has constraints"):
        legendre(models.pendulum_with_tension())
    with pytest.raises(ValueError, match="has constraints"):
        implicit_legendre(models.rolling_wheel())
    with pytest.raises(ValueError, match="generalized forces"):
        legendre(models.pendulum(friction=True))
    with pytest.raises(ValueError, match="not quadratic"):
        implicit_legendre(models.relativistic_particle((x, y)))
    with pytest.raises(ValueError, match="2 coordinates but 1 momenta"):
        HamiltonianSystem(p_x**2, (x, y), (p_x,))
