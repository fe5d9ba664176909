"""Rigid bodies: velocities, inertia and Euler's equations, against the books."""

import math

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from mechanics.symbolic.rigid_body import (
    body_precession_rate,
    cuboid_inertia,
    cylinder_inertia,
    disk_inertia,
    euler_equations,
    growth_rate_squared,
    parallel_axis,
    point_mass_inertia,
    principal_axes,
    rod_inertia,
    sphere_inertia,
)
from mechanics.symbolic.rotations import EulerAngles, rotation
from mechanics.symbolic.symbols import coordinates
from mechanics.symbolic.zero import is_zero

M, R, a, b, c, h = sp.symbols("M R a b c h", positive=True)
I1, I2, I3 = moments = sp.symbols("I_1:4", positive=True)
w1, w2, w3 = omega = sp.symbols("omega_1:4", real=True)
small = st.integers(-4, 4)
vectors = st.tuples(small, small, small)


def zero_matrix(matrix):
    return all(is_zero(entry) for entry in matrix)


# Velocities (CCM-4)


def test_velocity_of_a_point():
    """CCM-4.P2: (2, 3, 1) x (0.1, 0.2, 0) = (-0.2, 0.1, 0.1), speed 0.245 m/s."""
    v = sp.Matrix([2, 3, 1]).cross(sp.Matrix([1, 2, 0]) / 10)
    assert list(10 * v) == [-2, 1, 1]
    assert math.isclose(v.norm(), 0.245, abs_tol=5e-4)


def test_rolling_wheel():
    """CCM-4.W: the rim is at rest at the bottom and moves with 2V at the top.

    With y up a wheel that rolls to the right turns clockwise, omega_z = -V/R. The
    text's r = R(sin, -cos) and omega_z = +V/R describe it only with y down.
    """
    V, R, phi = sp.symbols("V R phi", positive=True)
    top = sp.Matrix([R * sp.sin(phi), R * sp.cos(phi), 0])
    spin = sp.Matrix([0, 0, -V / R])
    centre = sp.Matrix([V, 0, 0])
    v = centre + spin.cross(top)
    assert v.subs(phi, 0) == sp.Matrix([2 * V, 0, 0])
    assert v.subs(phi, sp.pi) == sp.zeros(3, 1)
    assert math.isclose(5 / 0.35, 14.3, abs_tol=0.05)
    assert v.subs({phi: 0, V: 5})[0] == 10
    # the text's own formula puts its resting point at the top if y points up
    text = sp.Matrix([R * sp.sin(phi), -R * sp.cos(phi), 0])
    v_text = centre + (-spin).cross(text)
    assert text.subs(phi, sp.pi)[1] == R
    assert v_text.subs(phi, sp.pi) == sp.zeros(3, 1)
    assert is_zero(v_text[1] + v[1])


# Inertia


def moment_tensor(density, cells, jacobian=1, position=None):
    """Inertia tensor by integration over cells (symbol, from, to)."""
    r2 = position.dot(position)
    integrand = density * jacobian * (r2 * sp.eye(3) - position * position.T)
    for cell in cells:
        integrand = integrand.applyfunc(lambda f, cell=cell: sp.integrate(f, cell))
    return integrand


def test_solids_against_integration():
    x, y, z, r, u, v = sp.symbols("x y z r u v", real=True)
    box = [(s, -e / 2, e / 2) for s, e in ((x, a), (y, b), (z, c))]
    box_found = moment_tensor(M / (a * b * c), box, 1, sp.Matrix([x, y, z]))
    assert zero_matrix(box_found - cuboid_inertia(M, a, b, c))

    rod_found = moment_tensor(M / h, [(z, -h / 2, h / 2)], 1, sp.Matrix([0, 0, z]))
    assert zero_matrix(rod_found - rod_inertia(M, h))

    round_ = sp.Matrix([r * sp.cos(u), r * sp.sin(u), z])
    ring, height = [(r, 0, R), (u, 0, 2 * sp.pi)], (z, -h / 2, h / 2)
    can = moment_tensor(M / (sp.pi * R**2 * h), [*ring, height], r, round_)
    assert zero_matrix(can - cylinder_inertia(M, R, h))
    plate = moment_tensor(M / (sp.pi * R**2), ring, r, round_.subs(z, 0))
    assert zero_matrix(plate - disk_inertia(M, R))

    ball = r * sp.Matrix([sp.sin(v) * sp.cos(u), sp.sin(v) * sp.sin(u), sp.cos(v)])
    found = moment_tensor(
        M / (sp.Rational(4, 3) * sp.pi * R**3),
        [*ring, (v, 0, sp.pi)],
        r**2 * sp.sin(v),
        ball,
    )
    assert zero_matrix(found - sphere_inertia(M, R))


def test_cube_about_its_corner_is_two_thirds():
    """CCM-4.E prints M a^2/3 for I_xx; integration and Steiner give 2 M a^2/3."""
    x, y, z = sp.symbols("x y z", real=True)
    cells = [(s, 0, a) for s in (x, y, z)]
    corner = moment_tensor(M / a**3, cells, 1, sp.Matrix([x, y, z]))
    assert is_zero(corner[0, 0] - 2 * M * a**2 / 3)
    assert not is_zero(corner[0, 0] - M * a**2 / 3)
    assert is_zero(corner[0, 1] + M * a**2 / 4)
    centre = cuboid_inertia(M, a, a, a)
    assert zero_matrix(centre - M * a**2 / 6 * sp.eye(3))
    assert zero_matrix(corner - parallel_axis(centre, M, (a / 2, a / 2, a / 2)))


def test_rod_about_its_end():
    """CCM-4.P1: 2/3 kg m^2 and 3 J."""
    end = parallel_axis(rod_inertia(2, 1), 2, (0, 0, sp.Rational(1, 2)))[0, 0]
    assert end == sp.Rational(2, 3)
    assert end * 3**2 / 2 == 3


def test_disk_about_a_tangent_in_its_plane():
    """CCM-4.P3: 5/4 M R^2 = 0.05 kg m^2; the tangent normal to the disk has 3/2."""
    R = sp.Rational(1, 5)
    disk = disk_inertia(1, R)
    assert disk[2, 2] == sp.Rational(2, 100)
    tangent = parallel_axis(disk, 1, (0, R, 0))
    assert tangent[0, 0] == sp.Rational(5, 100)
    assert tangent[2, 2] == sp.Rational(6, 100)


bodies = st.lists(st.tuples(st.integers(1, 4), vectors), min_size=1, max_size=4).map(
    lambda points: ([m for m, _ in points], [sp.Matrix(r) for _, r in points])
)


@given(body=bodies, spin=vectors)
@settings(max_examples=25)
def test_inertia_gives_the_angular_momentum_and_energy_of_point_masses(body, spin):
    """L = sum m r x (w x r) = I w and T = sum m v^2/2 = w.I w/2."""
    masses, positions = body
    w = sp.Matrix(spin)
    inertia = point_mass_inertia(masses, positions)
    velocities = [w.cross(r) for r in positions]
    L, T = sp.zeros(3, 1), 0
    for m, r, v in zip(masses, positions, velocities, strict=True):
        L += m * r.cross(v)
        T += sp.Rational(m, 2) * v.dot(v)
    assert inertia * w == L
    assert w.dot(inertia * w) / 2 == T


@given(body=bodies, shift=vectors)
@settings(max_examples=25)
def test_parallel_axis_theorem_for_any_body(body, shift):
    masses, positions = body
    total = sum(masses)
    pairs = list(zip(masses, positions, strict=True))
    centre = sum((m * r for m, r in pairs), sp.zeros(3, 1)) / total
    about_cm = point_mass_inertia(masses, [r - centre for r in positions])
    point = sp.Matrix(shift)
    about_point = point_mass_inertia(masses, [r - point for r in positions])
    assert about_point == parallel_axis(about_cm, total, centre - point)


def test_principal_axes_of_a_cube_at_its_corner():
    """The space diagonal with M a^2/6, and 11/12 M a^2 twice across it."""
    corner = parallel_axis(cuboid_inertia(M, a, a, a), M, (a / 2, a / 2, a / 2))
    found, axes = principal_axes(corner)
    assert sorted(found, key=lambda m: m / (M * a**2)) == [
        M * a**2 / 6,
        sp.Rational(11, 12) * M * a**2,
        sp.Rational(11, 12) * M * a**2,
    ]
    assert zero_matrix(axes.T * corner * axes - sp.diag(*found))
    assert zero_matrix(axes.T * axes - sp.eye(3))
    assert is_zero(axes.det() - 1)
    diagonal = axes[:, found.index(M * a**2 / 6)]
    assert zero_matrix(diagonal.cross(sp.Matrix([1, 1, 1])))


def test_principal_axes_follow_a_turned_body():
    turn = rotation("x", sp.pi / 6) * rotation("z", sp.pi / 4)
    turned = turn * sp.diag(1, 2, 4) * turn.T
    found, axes = principal_axes(turned.applyfunc(sp.expand))
    assert sorted(found) == [1, 2, 4]
    assert zero_matrix(axes.T * turned * axes - sp.diag(*found))


def test_principal_axes_reject_what_is_no_exact_inertia_tensor():
    with pytest.raises(ValueError, match=r"\(0, 1\) and \(1, 0\)"):
        principal_axes(sp.Matrix([[1, 2, 0], [0, 1, 0], [0, 0, 1]]))
    with pytest.raises(ValueError, match="floating-point"):
        principal_axes(sp.diag(0.1, 0.2, 0.25))
    irregular = point_mass_inertia([1, 2, 3], [(1, 0, 2), (0, 1, 1), (3, 1, -1)])
    with pytest.raises(ValueError, match="cubic"):
        principal_axes(irregular)


# Euler's equations (CCM-5)


def test_eulers_equations():
    N = sp.symbols("N_1:4", real=True)
    found = euler_equations(sp.diag(*moments), omega, N)
    expected = (
        (N[0] + (I2 - I3) * w2 * w3) / I1,
        (N[1] + (I3 - I1) * w3 * w1) / I2,
        (N[2] + (I1 - I2) * w1 * w2) / I3,
    )
    assert all(is_zero(f - e) for f, e in zip(found, expected, strict=True))


def test_free_motion_keeps_energy_and_angular_momentum():
    """In any body axes, also if they are not principal; a torque breaks both."""
    inertia = sp.Matrix([[5, 1, 0], [1, 4, -1], [0, -1, 6]])
    w = sp.Matrix(omega)
    L = inertia * w
    for torque, conserved in (((0, 0, 0), True), ((1, 0, 0), False)):
        w_dot = sp.Matrix(euler_equations(inertia, omega, torque))
        assert is_zero(w_dot.dot(L)) is conserved  # dT/dt
        assert is_zero(L.dot(inertia * w_dot)) is conserved  # d(L^2)/dt / 2


def test_eulers_equations_say_that_the_space_angular_momentum_is_constant():
    """d(R I omega)/dt = 0, the body-frame derivative rule of CCM-5."""
    frame = EulerAngles(*coordinates("phi theta psi"))
    L_body = sp.diag(*moments) * sp.Matrix(omega)
    w_dot = sp.Matrix(euler_equations(sp.diag(*moments), omega))
    L_dot = sp.diag(*moments) * w_dot
    # R_dot = R hat(omega): the angles turn with the very omega of the equations
    space_rate = frame.rotation * (sp.Matrix(omega).cross(L_body) + L_dot)
    assert zero_matrix(space_rate)


def test_tennis_racket_theorem():
    d, e = sp.symbols("d e", positive=True)
    Omega = sp.Symbol("Omega", positive=True)
    ordered = (I1, I1 + d, I1 + d + e)
    assert growth_rate_squared(ordered, 0, Omega).is_negative
    assert growth_rate_squared(ordered, 1, Omega).is_positive
    assert growth_rate_squared(ordered, 2, Omega).is_negative
    for k, (i, j) in enumerate(((1, 2), (2, 0), (0, 1))):
        I = moments
        formula = -(Omega**2) * (I[k] - I[i]) * (I[k] - I[j]) / (I[i] * I[j])
        assert is_zero(growth_rate_squared(moments, k, Omega) - formula)


def test_spinning_book():
    """CCM-5.W: lambda = 0.346 Omega; the second derivative has the sign of growth.

    The text writes omega_1'' ~ -Omega^2 omega_1 "with a positive coefficient", which
    would oscillate; the equation is omega_1'' = +0.12 Omega^2 omega_1.
    """
    book = [sp.Rational(n, 100) for n in (5, 8, 10)]
    Omega = sp.Symbol("Omega", positive=True)
    rates = euler_equations(sp.diag(*book), omega)
    assert is_zero(rates[0] + sp.Rational(2, 5) * w2 * w3)
    # linearised: omega_1' = alpha omega_3, omega_3' = gamma omega_1
    alpha = sp.diff(rates[0], w3).subs(w2, Omega)
    gamma = sp.diff(rates[2], w1).subs(w2, Omega)
    assert alpha * gamma == sp.Rational(12, 100) * Omega**2
    assert growth_rate_squared(book, 1, Omega) == alpha * gamma
    assert math.isclose(sp.sqrt(alpha * gamma) / Omega, 0.346, abs_tol=5e-4)


def test_axes_of_a_book():
    """The largest moment belongs to the thickness, the smallest to the height.

    CCM-5.W has it the other way round; and its moments belong to a brick, whose
    thickness is nearly half its height.
    """
    thickness, width, height = 2, 16, 24
    book = cuboid_inertia(1, thickness, width, height)
    assert book[2, 2] < book[1, 1] < book[0, 0]
    smallest, middle, largest = (sp.Rational(n, 100) for n in (5, 8, 10))
    thick2 = 6 * (smallest + middle - largest)  # M times the square of each edge
    high2 = 6 * (middle + largest - smallest)
    wide2 = 6 * (smallest + largest - middle)
    assert cuboid_inertia(1, *map(sp.sqrt, (thick2, wide2, high2))) == sp.diag(
        largest, middle, smallest
    )
    assert 0.45 < float(sp.sqrt(thick2 / high2)) < 0.5


def test_free_symmetric_top():
    """omega circles the axis at (I3 - I1)/I1 omega_3: an exact solution."""
    t, A, Omega = sp.symbols("t A Omega", real=True)
    motion = [A * sp.cos(Omega * t), A * sp.sin(Omega * t), w3]
    rates = euler_equations(sp.diag(I1, I1, I3), motion)
    found = body_precession_rate(I1, I3, w3)
    for component, r in zip(motion, rates, strict=True):
        assert is_zero((sp.diff(component, t) - r).subs(Omega, found))
    assert not is_zero((sp.diff(motion[0], t) - rates[0]).subs(Omega, -found))


def test_problem_1_and_3_of_rigid_dynamics():
    """CCM-5.P1: 100 rad/s. CCM-5.P3: L = 1.67e-2 kg m^2/s."""
    I, J = sp.Rational(5, 10000), sp.Rational(1, 1000)
    assert body_precession_rate(I, J, 100) == 100
    cube = cuboid_inertia(sp.Rational(1, 2), *[sp.Rational(1, 10)] * 3)
    assert math.isclose(cube[2, 2], 8.33e-4, rel_tol=1e-3)
    assert math.isclose(20 * cube[2, 2], 1.67e-2, rel_tol=3e-3)


def test_rigid_earth_would_wobble_in_about_ten_months():
    """CCM-5.E: with (I3 - I1)/I1 = 1/305 the period is 305 days, for a rigid Earth."""
    per_day = 2 * sp.pi
    wobble = body_precession_rate(I1, I1 * sp.Rational(306, 305), per_day)
    assert sp.cancel(2 * sp.pi / wobble) == 305
