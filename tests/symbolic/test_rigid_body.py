"""Rigid bodies: kinematics, inertia, Euler's equations and tops, against the books."""

import math

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mechanics.symbolic.hamiltonian import legendre
from mechanics.symbolic.lagrangian import coordinates
from mechanics.symbolic.rigid_body import (
    EulerAngles,
    GimbalLockError,
    HeavyTop,
    body_precession_rate,
    cuboid_inertia,
    cylinder_inertia,
    disk_inertia,
    euler_equations,
    growth_rate_squared,
    parallel_axis,
    point_mass_inertia,
    principal_axes,
    quaternion_rate,
    quaternion_rotation,
    rod_inertia,
    rotation,
    sphere_inertia,
)
from mechanics.symbolic.zero import is_zero

M, R, a, b, c, h = sp.symbols("M R a b c h", positive=True)
I1, I2, I3 = moments = sp.symbols("I_1:4", positive=True)
w1, w2, w3 = omega = sp.symbols("omega_1:4", real=True)
ANGLES, RATES = coordinates("phi theta psi")
SEQUENCES = ["zxz", "zyx", "zyz", "xyz"]
small = st.integers(-4, 4)
vectors = st.tuples(small, small, small)


def zero_matrix(matrix):
    return all(is_zero(entry) for entry in matrix)


def trig_zero_matrix(matrix):
    """Decide by polynomial division with sin^2 + cos^2 = 1; exact and quick."""
    s, c = sp.symbols("s c")
    for angle in ANGLES:
        letters = {sp.sin(angle): s, sp.cos(angle): c}
        back = {s: sp.sin(angle), c: sp.cos(angle)}
        matrix = matrix.applyfunc(
            lambda f, letters=letters, back=back: sp.rem(
                sp.expand(f.xreplace(letters)), s**2 + c**2 - 1, s
            ).xreplace(back)
        )
    return matrix.applyfunc(sp.expand).is_zero_matrix


def rate(expression):
    """Time derivative along the motion of the three angles."""
    pairs = zip(ANGLES, RATES, strict=True)
    return sum((sp.diff(expression, q) * v for q, v in pairs), 0 * expression)


# Orientation and angular velocity


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_angular_velocity_is_the_rate_of_the_rotation(sequence):
    """dR/dt = hat(omega_space) R = R hat(omega_body), for every sequence."""
    frame = EulerAngles(ANGLES, RATES, sequence)
    R = frame.rotation
    assert trig_zero_matrix(rate(R) - frame.omega_space.hat() * R)
    assert trig_zero_matrix(rate(R) - R * frame.omega_body.hat())
    assert not trig_zero_matrix(rate(R) - R * frame.omega_space.hat())
    assert trig_zero_matrix(R.T * R - sp.eye(3))
    assert trig_zero_matrix(sp.Matrix([R.det() - 1]))


def test_euler_angles_of_the_books():
    """The components that every textbook prints for z-x'-z''."""
    phi, theta, psi = ANGLES
    phi_dot, theta_dot, psi_dot = RATES
    frame = EulerAngles(ANGLES, RATES)
    body = sp.Matrix(
        [
            phi_dot * sp.sin(theta) * sp.sin(psi) + theta_dot * sp.cos(psi),
            phi_dot * sp.sin(theta) * sp.cos(psi) - theta_dot * sp.sin(psi),
            phi_dot * sp.cos(theta) + psi_dot,
        ]
    )
    space = sp.Matrix(
        [
            psi_dot * sp.sin(theta) * sp.sin(phi) + theta_dot * sp.cos(phi),
            -psi_dot * sp.sin(theta) * sp.cos(phi) + theta_dot * sp.sin(phi),
            psi_dot * sp.cos(theta) + phi_dot,
        ]
    )
    assert zero_matrix(frame.omega_body - body)
    assert zero_matrix(frame.omega_space - space)
    # the symmetry axis leans by theta
    axis = frame.rotation[:, 2]
    assert axis[2] == sp.cos(theta)
    assert is_zero(axis[0] - sp.sin(theta) * sp.sin(phi))


def test_positive_rotations_are_right_handed():
    x, y, z = (sp.eye(3)[:, i] for i in range(3))
    assert rotation("z", sp.pi / 2) * x == y
    assert rotation("x", sp.pi / 2) * y == z
    assert rotation("y", sp.pi / 2) * z == x


@pytest.mark.parametrize(
    ("sequence", "singular", "regular", "determinant"),
    [
        ("zxz", 0, sp.pi / 2, -sp.sin(ANGLES[1])),
        ("zxz", sp.pi, sp.pi / 2, -sp.sin(ANGLES[1])),
        ("zyx", sp.pi / 2, 0, -sp.cos(ANGLES[1])),
        ("zyx", -sp.pi / 2, 0, -sp.cos(ANGLES[1])),
    ],
)
def test_gimbal_lock(sequence, singular, regular, determinant):
    """CCM-4: at theta = 0, pi for z-x'-z''; yaw-pitch-roll locks at pitch +-90 deg.

    The text calls the two sequences the same coordinates; their singularities differ.
    """
    frame = EulerAngles(ANGLES, RATES, sequence)
    assert is_zero(frame.determinant - determinant)
    jacobian = frame.omega_body.jacobian(RATES)
    assert is_zero(jacobian.det() - frame.determinant)
    assert jacobian.subs(ANGLES[1], singular).rank(iszerofunc=is_zero) == 2
    assert jacobian.subs(ANGLES[1], regular).rank(iszerofunc=is_zero) == 3
    locked = EulerAngles((ANGLES[0], singular, ANGLES[2]), RATES, sequence)
    with pytest.raises(GimbalLockError, match=f"gimbal lock.*sequence {sequence}"):
        locked.rates_from(omega)
    free = EulerAngles((ANGLES[0], regular, ANGLES[2]), RATES, sequence)
    assert len(free.rates_from(omega)) == 3


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_rates_return_from_the_angular_velocity(sequence):
    frame = EulerAngles(ANGLES, RATES, sequence)
    for found, given_rate in zip(
        frame.rates_from(frame.omega_body), RATES, strict=True
    ):
        assert is_zero(found - given_rate)


def test_bad_sequences_are_rejected():
    for sequence in ("zzx", "zx", "abc"):
        with pytest.raises(ValueError, match="no sequence of rotations"):
            EulerAngles(ANGLES, RATES, sequence)
    with pytest.raises(ValueError, match="2 angles"):
        EulerAngles(ANGLES[:2], RATES)


def test_quaternion_turns_like_the_matrix():
    q = sp.symbols("q_0:4", real=True)
    alpha = sp.Symbol("alpha", real=True)
    half = (sp.cos(alpha / 2), 0, 0, sp.sin(alpha / 2))
    assert zero_matrix(quaternion_rotation(half) - rotation("z", alpha))
    assert not zero_matrix(quaternion_rotation(half) - rotation("z", -alpha))
    R = quaternion_rotation(q)
    norm = sum(s**2 for s in q)
    assert zero_matrix(R.T * R - norm**2 * sp.eye(3))
    q_dot = quaternion_rate(q, omega)
    assert is_zero(sum(s * v for s, v in zip(q, q_dot, strict=True)))
    R_dot = sum((sp.diff(R, s) * v for s, v in zip(q, q_dot, strict=True)), 0 * R)
    assert zero_matrix(R_dot - R * sp.Matrix(omega).hat())
    assert not zero_matrix(R_dot - sp.Matrix(omega).hat() * R)


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
@settings(deadline=None, max_examples=25)
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
@settings(deadline=None, max_examples=25)
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
    frame = EulerAngles(ANGLES, RATES)
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


# The heavy top

TOP = HeavyTop()
THETA = ANGLES[1]
P_PHI, P_PSI = sp.symbols("p_phi p_psi", real=True)
SPIN, TILT, OMEGA = sp.symbols("omega_3 theta_0 Omega", positive=True)


def test_lagrangian_of_the_top_is_that_of_its_inertia_tensor():
    """CCM-5.F, built from omega_body of the Euler angles."""
    omega_body = EulerAngles(ANGLES, RATES).omega_body
    inertia = sp.diag(TOP.I_1, TOP.I_1, TOP.I_3)
    T = omega_body.dot(inertia * omega_body) / 2
    V = TOP.M * TOP.g * TOP.l * sp.cos(THETA)
    assert is_zero(TOP.lagrangian.L - (T - V))
    assert is_zero(TOP.lagrangian.energy - (T + V))


def test_momenta_of_the_top():
    """CCM-4: phi and psi are cyclic, p_psi = I_3 omega_3; theta is not cyclic."""
    top = TOP.lagrangian
    assert top.cyclic == (ANGLES[0], ANGLES[2])
    p_phi, _, p_psi = top.momenta
    frame = EulerAngles(ANGLES, RATES)
    assert is_zero(p_psi - TOP.I_3 * frame.omega_body[2])
    L_body = sp.diag(TOP.I_1, TOP.I_1, TOP.I_3) * frame.omega_body
    assert is_zero(p_phi - (frame.rotation * L_body)[2])


def test_effective_potential_is_the_hamiltonian_without_nutation():
    H = legendre(TOP.lagrangian).H
    p = sp.symbols("p_phi p_theta p_psi", real=True)
    V = TOP.effective_potential(THETA, p[0], p[2])
    assert is_zero(H - p[1] ** 2 / (2 * TOP.I_1) - V)


def test_top_moves_in_its_effective_potential():
    """I_1 theta'' = -dV/dtheta with the momenta of the motion inserted."""
    top = TOP.lagrangian
    p_phi, _, p_psi = top.momenta
    force = -sp.diff(TOP.effective_potential(THETA, P_PHI, P_PSI), THETA)
    force = force.subs({P_PHI: p_phi, P_PSI: p_psi})
    assert is_zero(TOP.I_1 * top.accelerations()[1] - force)


def test_eulers_equations_give_the_same_top():
    """Gravity's torque in the body axes against the Lagrangian accelerations."""
    frame = EulerAngles(ANGLES, RATES)
    R = frame.rotation
    up = R.T * sp.Matrix([0, 0, 1])
    weight = -TOP.M * TOP.g * up
    torque = sp.Matrix([0, 0, TOP.l]).cross(weight)
    inertia = sp.diag(TOP.I_1, TOP.I_1, TOP.I_3)
    by_euler = euler_equations(inertia, frame.omega_body, torque)
    a = TOP.lagrangian.accelerations()
    w = frame.omega_body
    by_lagrange = rate(w) + w.jacobian(RATES) * sp.Matrix(a)
    assert zero_matrix(by_lagrange - sp.Matrix(by_euler))


def _momenta_of_steady(Omega):
    p_psi = TOP.I_3 * SPIN
    return {
        P_PSI: p_psi,
        P_PHI: TOP.I_1 * Omega * sp.sin(TILT) ** 2 + p_psi * sp.cos(TILT),
    }


def test_steady_precession_rests_at_the_bottom_of_the_effective_potential():
    slope = sp.diff(TOP.effective_potential(THETA, P_PHI, P_PSI), THETA)
    for Omega in TOP.steady_precession(TILT, SPIN):
        at = slope.subs(_momenta_of_steady(Omega)).subs(THETA, TILT)
        assert is_zero(at)
        wrong = slope.subs(_momenta_of_steady(2 * Omega)).subs(THETA, TILT)
        assert not is_zero(wrong)


def test_slow_and_fast_precession_of_a_fast_spin():
    """CCM-5.F: slow precession M g l/L; and the fast one I_3 omega_3/(I_1 cos)."""
    slow, fast = TOP.steady_precession(TILT, SPIN)
    weight = TOP.M * TOP.g * TOP.l
    assert is_zero(sp.limit(slow * SPIN, SPIN, sp.oo) - weight / TOP.I_3)
    fast_rate = TOP.I_3 / (TOP.I_1 * sp.cos(TILT))
    fast_limit = sp.limit(fast.subs(TILT, sp.pi / 3) / SPIN, SPIN, sp.oo)
    assert is_zero(fast_limit - fast_rate.subs(TILT, sp.pi / 3))
    # a horizontal axis precesses at exactly M g l/(I_3 omega_3)
    assert is_zero(TOP.steady_precession(sp.pi / 2, SPIN)[0] - weight / TOP.I_3 / SPIN)


def test_no_steady_precession_without_spin():
    top = HeavyTop(5, 1, 1, 10, 1)
    with pytest.raises(ValueError, match="needs at least 10"):
        top.steady_precession(sp.pi / 3, 9)
    assert len(top.steady_precession(sp.pi / 3, 11)) == 2
    assert len(top.steady_precession(2 * sp.pi / 3, 9)) == 2  # it hangs: always
    with pytest.raises(ValueError, match="not positive"):
        top.steady_precession(sp.pi / 3, -11)


def test_nutation_frequency_is_the_curvature_of_the_effective_potential():
    """I_1 omega_nut^2 = V'' at a steady precession; then M g l drops out."""
    V = TOP.effective_potential(THETA, P_PHI, P_PSI)
    # M g l from the condition of steady precession
    g = (TOP.I_3 * SPIN - TOP.I_1 * OMEGA * sp.cos(TILT)) * OMEGA / (TOP.M * TOP.l)
    curvature = sp.diff(V, THETA, 2).subs(_momenta_of_steady(OMEGA)).subs(THETA, TILT)
    found = TOP.nutation_frequency(TILT, SPIN, OMEGA)
    assert is_zero(TOP.I_1 * found**2 - curvature.subs(TOP.g, g))


def test_fast_top_nutates_at_the_rate_of_the_text():
    """CCM-5.C: omega_nut = I_3 omega_3/I_1, times the precession M g l/I_1."""
    slow, _ = TOP.steady_precession(sp.pi / 3, SPIN)
    found = TOP.nutation_frequency(sp.pi / 3, SPIN, slow)
    assert is_zero(sp.limit(found / SPIN, SPIN, sp.oo) - TOP.I_3 / TOP.I_1)
    product_limit = sp.limit(found * slow, SPIN, sp.oo)
    assert is_zero(product_limit - TOP.M * TOP.g * TOP.l / TOP.I_1)


def test_nutation_amplitude_of_a_top_released_at_rest():
    """CCM-5.C: 2 M g l sin(theta_0) I_1/(I_3 omega_3)^2, to first order.

    At the other turning point V returns to its first value; after division by
    cos(theta_0) - cos(theta) the condition is
    (I_3 omega_3)^2 (cos theta_0 - cos theta) = 2 I_1 M g l sin(theta)^2.
    """
    p = TOP.I_3 * SPIN
    V = TOP.effective_potential(THETA, p * sp.cos(TILT), p)
    fall = sp.cos(TILT) - sp.cos(THETA)
    weight = TOP.M * TOP.g * TOP.l
    condition = p**2 * fall - 2 * TOP.I_1 * weight * sp.sin(THETA) ** 2
    rise = V - V.subs(THETA, TILT)
    assert is_zero(rise - fall * condition / (2 * TOP.I_1 * sp.sin(THETA) ** 2))
    # insert theta = theta_0 + amplitude, with eps = 1/omega_3^2 small
    eps = sp.Symbol("epsilon", positive=True)
    scaled = TOP.I_3**2 * fall - 2 * TOP.I_1 * weight * eps * sp.sin(THETA) ** 2
    assert is_zero(scaled - (condition * eps).subs(SPIN, 1 / sp.sqrt(eps)))
    amplitude = 2 * weight * sp.sin(TILT) * TOP.I_1 / TOP.I_3**2 * eps
    for swing, is_root in ((amplitude, True), (amplitude / 2, False)):
        first_order = sp.diff(scaled.subs(THETA, TILT + swing), eps).subs(eps, 0)
        assert is_zero(first_order) is is_root


def test_sleeping_top_is_stable_above_its_threshold():
    """V'' at theta = 0 for p_phi = p_psi changes its sign at the threshold."""
    p = TOP.I_3 * SPIN
    V = TOP.effective_potential(THETA, p, p)
    curvature = 2 * sp.series(V, THETA, 0, 3).removeO().coeff(THETA, 2)
    threshold = TOP.sleeping_threshold()
    assert is_zero(curvature.subs(SPIN, threshold))
    assert curvature.subs(SPIN, 2 * threshold).is_positive
    assert sp.factor(curvature.subs(SPIN, threshold / 2)).is_negative


def _problem_2(I_1):
    values = {TOP.M: 0.2, TOP.g: 9.8, TOP.l: 0.03, TOP.I_3: 3e-4, TOP.I_1: I_1}
    return TOP.sleeping_threshold().subs(values)


def test_sleeping_top_of_the_second_problem_cannot_exist():
    """CCM-5.P2: the formula gives 19.8 rad/s, but I_1 = 1.5e-4 is below M l^2.

    About the pivot I_1 is at least M l^2 = 1.8e-4; if 1.5e-4 is meant about the
    centre of mass (then it is a thin disk), the threshold is 29.4 rad/s.
    """
    assert math.isclose(_problem_2(1.5e-4), 19.8, abs_tol=0.05)
    M, l, g = sp.Rational(1, 5), sp.Rational(3, 100), sp.Rational(98, 10)
    central, along = sp.Rational(15, 10**5), sp.Rational(3, 10**4)
    with pytest.raises(ValueError, match="no rigid body allows"):
        HeavyTop(central, along, M, g, l)
    top = HeavyTop(central + M * l**2, along, M, g, l)
    assert math.isclose(top.sleeping_threshold(), 29.4, abs_tol=0.05)
    # the limiting case of a thin disk is allowed in floating point too
    assert HeavyTop(1.5e-4 + 0.2 * 0.03**2, 3e-4, 0.2, 9.8, 0.03).I_3 == 3e-4
    with pytest.raises(ValueError, match="no rigid body allows"):
        HeavyTop(1.49e-4 + 0.2 * 0.03**2, 3e-4, 0.2, 9.8, 0.03)
