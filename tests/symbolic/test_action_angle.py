"""Actions against independent quadrature, frequencies against periods."""

import math

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from mechanics.symbolic.action_angle import ActionAngle, action_angle, action_variable
from mechanics.symbolic.complete_integral import CompleteIntegral
from mechanics.symbolic.hamilton_jacobi import hamilton_jacobi
from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.zero import is_zero

m, k, g, l, omega, L, L_z = sp.symbols("m k g l omega L L_z", positive=True)
E = sp.Symbol("E", positive=True)
E_bound = sp.Symbol("E", negative=True)
q, p = sp.symbols("q p", real=True)
r, p_r = sp.Symbol("r", positive=True), sp.Symbol("p_r", real=True)
theta, phi, p_theta, p_phi = sp.symbols("theta phi p_theta p_phi", real=True)
TURN = 2 * sp.pi


def one_degree(V, mass=m, **constants):
    system = HamiltonianSystem(p**2 / (2 * mass) + V, (q,), (p,))
    return hamilton_jacobi(system, **constants)


def central(V, energy):
    H = (p_r**2 + p_phi**2 / r**2) / (2 * m) + V
    hj = hamilton_jacobi(HamiltonianSystem(H, (r, phi), (p_r, p_phi)), E=energy)
    return hj.reparametrize({hj.alpha[1]: L})


def loop_area(R, q1, q2, digits=30):
    """(1/pi) int sqrt(R) dq; q = (q1+q2)/2 + (q2-q1)/2 sin u makes it smooth."""
    with mpmath.workdps(digits):
        q1, q2 = mpmath.mpf(q1), mpmath.mpf(q2)
        middle, half = (q1 + q2) / 2, (q2 - q1) / 2

        def integrand(u):
            inside = R(middle + half * mpmath.sin(u))
            return mpmath.sqrt(abs(inside)) * half * mpmath.cos(u)

        quarter = mpmath.pi / 2
        area = mpmath.quad(integrand, [-quarter, 0, quarter], method="gauss-legendre")
        return area / mpmath.pi


# --- one degree of freedom -----------------------------------------------------------


def test_oscillator():
    """CCM-10.E: J = E/omega."""
    oscillator = action_angle(one_degree(m * omega**2 * q**2 / 2, E=E))
    assert (E / omega,) == oscillator.J
    assert oscillator.frequencies == (omega,)


def test_oscillator_angle_and_action_are_canonical():
    r"""{w, J} = +1, with E replaced by H(q, p)."""
    oscillator = action_angle(one_degree(m * omega**2 * q**2 / 2, E=E))
    system = oscillator.integral.system
    w = oscillator.angles[0].subs(E, system.H)
    J = oscillator.J[0].subs(E, system.H)
    rate = sp.lambdify((q, p, m, omega), system.bracket(w, J), "mpmath")
    for point in ((0.3, 0.8, 1.2, 1.7), (-0.5, 0.2, 0.4, 1.1)):
        assert rate(*point) == pytest.approx(1, abs=1e-13)


@settings(max_examples=20)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(-4, 4), st.integers(1, 9))
def test_action_is_area_over_two_pi(a, b, c, energy):
    r"""An ellipse a p^2 + 2 c q p + b q^2 = 2E has the area 2 pi E / sqrt(ab - c^2)."""
    a, b = a + abs(c), b + abs(c)
    H = (a * p**2 + 2 * c * q * p + b * q**2) / 2
    hj = hamilton_jacobi(HamiltonianSystem(H, (q,), (p,)), E=E)
    root = hj.momenta[0] + c * q / a  # the part of p that is odd over the cycle
    J = action_variable(sp.expand(root), q)
    assert is_zero(J - E / sp.sqrt(a * b - c**2))
    with pytest.raises(ValueError, match="outside the root cancels"):
        action_variable(hj.momenta[0] + energy, q)


def test_particle_in_a_box():
    """CCM-10.W: J = (L/pi) sqrt(2mE); omega = pi v/L, not the v/(2L) printed there."""
    box = action_angle(one_degree(0, E=E), between={q: (0, L)})
    assert is_zero(box.J[0] - L * sp.sqrt(2 * m * E) / sp.pi)
    v = sp.sqrt(2 * E / m)
    assert is_zero(box.frequencies[0] - sp.pi * v / L)
    assert not is_zero(box.frequencies[0] - v / (2 * L))
    assert is_zero(TURN / box.frequencies[0] - 2 * L / v)  # the round trip


def test_bouncing_ball():
    """A wall and a turning point: period 2v/g."""
    ball = action_angle(one_degree(m * g * q, E=E), between={q: (0, E / (m * g))})
    v = sp.sqrt(2 * E / m)
    assert is_zero(ball.J[0] - m * v**3 / (3 * sp.pi * g))
    assert is_zero(TURN / ball.frequencies[0] - 2 * v / g)


def test_quartic_oscillator_numerically():
    """The area is Euler's beta integral B(1/4, 3/2)."""
    J = action_variable(sp.sqrt(2 - q**4 / 2), q, between=(-sp.sqrt(2), sp.sqrt(2)))
    with mpmath.workdps(35):
        exact = mpmath.mpf(2) * mpmath.beta(mpmath.mpf("0.25"), mpmath.mpf("1.5"))
        exact /= 2 * mpmath.pi
        assert abs(mpmath.mpf(str(J)) - exact) < mpmath.mpf("1e-28")


def test_frequency_of_the_quartic_oscillator_from_two_actions():
    """Omega = dE/dJ by a difference quotient, against the period by quadrature."""

    def action(energy):
        turn = (4 * energy) ** sp.Rational(1, 4)
        return action_variable(sp.sqrt(2 * energy - q**4 / 2), q, between=(-turn, turn))

    h = sp.Rational(1, 10**10)
    frequency = 2 * h / (action(1 + h) - action(1 - h))
    # with q = sqrt(2) sin u, dt = du/sqrt(1 + sin^2 u)
    quarter = mpmath.quad(
        lambda u: 1 / mpmath.sqrt(1 + mpmath.sin(u) ** 2), [0, mpmath.pi / 2]
    )
    assert float(frequency) == pytest.approx(float(mpmath.pi / 2 / quarter), rel=1e-13)


def test_bead_on_a_cycloid_is_tautochronous():
    """HM problem 1: J = E/omega at any amplitude, omega = sqrt(g/a)/2."""
    actions = []
    for energy in (sp.Rational(1, 5), sp.Rational(3, 2)):
        # a = g = m = 1, energy from the lowest point theta = pi
        # then T = p^2/(8 sin^2(theta/2))
        R = 8 * sp.sin(q / 2) ** 2 * (energy - (1 + sp.cos(q)))
        turn = sp.acos(energy - 1)
        actions.append(
            action_variable(sp.sqrt(R), q, between=(turn, TURN - turn)) / energy
        )
    assert [float(x) for x in actions] == pytest.approx([2, 2], rel=1e-13)


# --- the pendulum --------------------------------------------------------------------

PENDULUM = one_degree(-m * g * l * sp.cos(q), mass=m * l**2, E=E)


def pendulum_numbers(k_squared):
    """Return numbers with E = mgl(2k^2 - 1), and omega_0, 2ml^2 omega_0."""
    numbers = {m: sp.Rational(13, 10), g: sp.Rational(49, 5), l: sp.Rational(7, 10)}
    numbers[E] = (m * g * l).subs(numbers) * (2 * k_squared - 1)
    omega_0 = mpmath.sqrt(mpmath.mpf(14))
    return numbers, omega_0, 2 * mpmath.mpf("1.3") * mpmath.mpf("0.49") * omega_0


@pytest.mark.parametrize("k_squared", [sp.Rational(n, 100) for n in (1, 30, 77, 99)])
def test_libration_of_the_pendulum(k_squared):
    """J = (8 m l^2 omega_0/pi)(E(k) - (1-k^2) K(k)), to 1e-12 of the quadrature."""
    J = action_angle(PENDULUM).J[0]
    with mpmath.workdps(30):
        numbers, _, scale = pendulum_numbers(k_squared)
        kk = mpmath.mpf(k_squared.p) / k_squared.q
        top = 2 * mpmath.asin(mpmath.sqrt(kk))
        reference = loop_area(
            lambda s: scale**2 * (kk - mpmath.sin(s / 2) ** 2), -top, top
        )
        closed = mpmath.ellipe(kk) - (1 - kk) * mpmath.ellipk(kk)
        exact = mpmath.mpf(str(J.subs(numbers).evalf(30)))
        assert abs(exact / reference - 1) < mpmath.mpf("1e-12")
        assert abs(exact / (4 * scale * closed / mpmath.pi) - 1) < mpmath.mpf("1e-25")


@pytest.mark.parametrize("k_squared", [sp.Rational(n, 100) for n in (101, 150, 900)])
def test_rotation_of_the_pendulum(k_squared):
    J = action_angle(PENDULUM, period={q: TURN}).J[0]
    with mpmath.workdps(30):
        numbers, _, scale = pendulum_numbers(k_squared)
        kk = mpmath.mpf(k_squared.p) / k_squared.q
        reference = mpmath.quad(
            lambda s: scale * mpmath.sqrt(kk - mpmath.sin(s / 2) ** 2),
            mpmath.linspace(0, 2 * mpmath.pi, 9),
        ) / (2 * mpmath.pi)
        exact = mpmath.mpf(str(J.subs(numbers).evalf(30)))
        assert abs(exact / reference - 1) < mpmath.mpf("1e-12")


def test_pendulum_frequency_is_that_of_the_period():
    """Libration pi omega_0/(2K(k)), rotation pi k omega_0/K(1/k)."""
    libration = action_angle(PENDULUM).frequencies[0]
    rotation = action_angle(PENDULUM, period={q: TURN}).frequencies[0]
    with mpmath.workdps(30):
        numbers, omega_0, _ = pendulum_numbers(sp.Rational(3, 5))
        known = mpmath.pi * omega_0 / (2 * mpmath.ellipk(mpmath.mpf(3) / 5))
        assert abs(mpmath.mpf(str(libration.subs(numbers).evalf(25))) - known) < 1e-20
        numbers, omega_0, _ = pendulum_numbers(sp.Rational(5, 2))
        # the time of one turn, by direct quadrature of d theta/(d theta/dt)
        turn = mpmath.quad(
            lambda s: 1 / (2 * omega_0 * mpmath.sqrt(2.5 - mpmath.sin(s / 2) ** 2)),
            mpmath.linspace(0, 2 * mpmath.pi, 9),
        )
        known = 2 * mpmath.pi / turn
        assert abs(mpmath.mpf(str(rotation.subs(numbers).evalf(25))) - known) < 1e-12


def test_separatrix_encloses_both_signs_of_the_momentum():
    """At E = mgl a libration has twice the action of a rotation: 8 m l^2 omega_0/pi."""
    separatrix = sp.sqrt(2 * m**2 * g * l**3 * (1 + sp.cos(q)))
    swing = action_variable(separatrix, q)
    turn = action_variable(separatrix, q, period=TURN)
    assert is_zero(swing - 8 * m * sp.sqrt(g * l**3) / sp.pi)
    assert is_zero(swing - 2 * turn)


def test_small_oscillations_of_the_pendulum():
    """CCM-10.P3: J = E/omega is the limit only; next comes E/(16 mgl)."""
    J = action_angle(PENDULUM).J[0]
    at = {m: 1, g: 1, l: 1}
    for energy in (sp.Rational(1, 10**4), sp.Rational(1, 10**3)):
        ratio = J.subs(at).subs(E, energy - 1).evalf(25) / energy
        assert abs((ratio - 1) / (energy / 16) - 1) < energy
    at_right_angle = J.subs(at).subs(E, 0).evalf(20)  # E = mgl above the bottom
    assert float(at_right_angle) == pytest.approx(1.0787052023767587, rel=1e-14)


def test_rotation_backwards_has_negative_action():
    backwards = one_degree(-sp.cos(q), mass=1, E=E, signs={q: -1})
    forwards = one_degree(-sp.cos(q), mass=1, E=E)
    J = [action_angle(hj, period={q: TURN}).J[0] for hj in (backwards, forwards)]
    assert is_zero(J[0] + J[1])
    assert action_angle(backwards).J == action_angle(forwards).J


def test_atom_in_a_standing_wave():
    """Cos(kappa q) with the well at kappa q = pi: the same well, shifted."""
    V = sp.cos(3 * q)
    numbers = {E: sp.Rational(1, 2), m: 1}
    J = action_angle(one_degree(V, E=E)).J[0].subs(numbers)
    R = lambda s: 2 * (mpmath.mpf(1) / 2 - mpmath.cos(3 * s))  # noqa: E731
    turn = mpmath.pi / 9
    reference = loop_area(R, turn, 2 * mpmath.pi / 3 - turn, digits=18)
    assert float(J) == pytest.approx(float(reference), rel=1e-13)
    between = (sp.pi / 9, 5 * sp.pi / 9)
    walls = action_variable(sp.sqrt(2 * (sp.S.Half - V)), q, between=between)
    assert float(walls) == pytest.approx(float(reference), rel=1e-13)


# --- central forces ------------------------------------------------------------------


def test_kepler_actions_and_third_law():
    """J_r = -l + k sqrt(m/(2|E|)), H = -m k^2/(2 (J_r + l)^2), omega^2 a^3 = k/m."""
    kepler = action_angle(central(-k / r, E_bound), period={phi: TURN})
    J_r, J_phi = kepler.J
    assert J_phi == L
    assert is_zero(J_r + L - k * sp.sqrt(m / 2) / sp.sqrt(-E_bound))
    assert is_zero(-m * k**2 / (2 * (J_r + J_phi) ** 2) - E_bound)
    a = -k / (2 * E_bound)
    for w in kepler.frequencies:
        assert is_zero(w**2 * a**3 - k / m)
    assert kepler.degeneracies() == ((1, -1),)


def test_kepler_radial_action_of_ccm_10_p2_lacks_a_factor_of_two():
    """With J = oint p dq the text needs 2 pi k sqrt(mu/(-2E)), and prints pi k ...

    Its energy -mu k^2/(2 (J_r + J_phi)^2) belongs to J = (1/2pi) oint p dq.
    """
    J_r = action_variable(sp.sqrt(2 * m * (E_bound + k / r) - L**2 / r**2), r)
    oint = 2 * sp.pi * J_r
    printed = -2 * sp.pi * L + sp.pi * k * sp.sqrt(m / 2) / sp.sqrt(-E_bound)
    assert not is_zero(oint - printed)
    assert is_zero(oint + 2 * sp.pi * L - 2 * (printed + 2 * sp.pi * L))
    full = oint + 2 * sp.pi * L
    assert not is_zero(-m * k**2 / (2 * full**2) - E_bound)
    assert is_zero(-2 * sp.pi**2 * m * k**2 / full**2 - E_bound)


def test_kepler_radial_action_against_quadrature():
    J = action_variable(sp.sqrt(2 * (E_bound + 1 / r) - L**2 / r**2), r)
    energy, momentum = mpmath.mpf("-0.3"), mpmath.mpf("0.9")
    e = mpmath.sqrt(1 + 2 * energy * momentum**2)
    a = -1 / (2 * energy)
    reference = loop_area(
        lambda s: 2 * (energy + 1 / s) - (momentum / s) ** 2, a * (1 - e), a * (1 + e)
    )
    exact = J.subs({E_bound: sp.Rational(-3, 10), L: sp.Rational(9, 10)})
    assert float(exact) == pytest.approx(float(reference), rel=1e-13)


def kepler_in_space():
    H = p_r**2 + p_theta**2 / r**2 + p_phi**2 / (r * sp.sin(theta)) ** 2
    system = HamiltonianSystem(
        H / (2 * m) - k / r, (r, theta, phi), (p_r, p_theta, p_phi)
    )
    hj = hamilton_jacobi(system, E=E_bound)
    return hj.reparametrize({hj.alpha[1]: L_z, hj.alpha[2]: L**2})


def test_three_equal_kepler_frequencies():
    kepler = action_angle(kepler_in_space(), period={phi: TURN})
    J_r, J_theta, J_phi = kepler.J
    assert (J_theta, J_phi) == (L - L_z, L_z)
    assert is_zero(J_r + J_theta + J_phi - k * sp.sqrt(m / 2) / sp.sqrt(-E_bound))
    assert len({sp.factor(w) for w in kepler.frequencies}) == 1
    degeneracies = kepler.degeneracies()
    assert sp.Matrix(degeneracies).rank() == 2
    assert all(sum(n) == 0 for n in degeneracies)


def test_polar_action_against_quadrature():
    J = action_variable(sp.sqrt(L**2 - L_z**2 / sp.sin(theta) ** 2), theta)
    low = mpmath.asin(mpmath.mpf("0.4") / mpmath.mpf("1.5"))
    reference = loop_area(
        lambda s: mpmath.mpf("2.25") - mpmath.mpf("0.16") / mpmath.sin(s) ** 2,
        low,
        mpmath.pi - low,
    )
    assert float(J.subs({L: 1.5, L_z: 0.4})) == pytest.approx(
        float(reference), rel=1e-13
    )


def test_angles_of_the_kepler_problem_grow_uniformly():
    """Along Kepler's ellipse: w_r = M, the mean anomaly, up to a constant."""
    kepler = action_angle(central(-k / r, E_bound), period={phi: TURN})
    e, size = 0.55, 1.3
    orbit = {m: 1, k: 1, E_bound: -1 / (2 * size)}
    orbit[L] = math.sqrt(size * (1 - e**2))
    lag_r, lag_phi = [], []
    for u in (0.3, 1.2, 2.9):
        true_anomaly = 2 * math.atan(math.sqrt((1 + e) / (1 - e)) * math.tan(u / 2))
        at = orbit | {r: size * (1 - e * math.cos(u)), phi: true_anomaly}
        w_r, w_phi = (complex(w.subs(at).evalf(20)) for w in kepler.angles)
        lag_r.append(w_r - (u - e * math.sin(u)))
        lag_phi.append(w_phi - (u - e * math.sin(u)))
    assert lag_r == pytest.approx([lag_r[0]] * 3, abs=1e-12)
    assert lag_phi == pytest.approx([lag_phi[0]] * 3, abs=1e-12)


def test_isotropic_oscillator_turns_once_while_it_breathes_twice():
    oscillator = action_angle(central(m * omega**2 * r**2 / 2, E), period={phi: TURN})
    assert is_zero(oscillator.J[0] - (E / omega - L) / 2)
    assert is_zero(oscillator.frequencies[0] - 2 * omega)
    assert is_zero(oscillator.frequencies[1] - omega)
    assert oscillator.degeneracies() == ((1, -2),)


def test_commensurable_and_incommensurable_oscillators():
    x, y, z, p_x, p_y, p_z = sp.symbols("x y z p_x p_y p_z", real=True)
    H = (p_x**2 + p_y**2 + p_z**2) / 2
    H += omega**2 * (x**2 + 9 * y**2 + 2 * z**2) / 2
    hj = hamilton_jacobi(HamiltonianSystem(H, (x, y, z), (p_x, p_y, p_z)), E=E)
    oscillators = action_angle(hj)
    expected = (omega, 3 * omega, sp.sqrt(2) * omega)
    for w, known in zip(oscillators.frequencies, expected, strict=True):
        assert is_zero(w - known)
    assert oscillators.degeneracies() == ((3, -1, 0),)
    assert oscillators.degeneracies(order=3) == ()


def test_relativity_lifts_the_degeneracy():
    """Sommerfeld's action; the perihelion advances by 2 pi (1/sqrt(1-k^2/lc^2) - 1)."""
    c, kappa = sp.symbols("c kappa", positive=True)
    # below threshold E < m c^2; L^2 c^2 = k^2 + kappa^2 keeps the centre repulsive
    D = sp.Symbol("D", positive=True)
    E_rest = sp.sqrt(m**2 * c**4 - D**2)
    R = -(D**2) / c**2 + 2 * E_rest * k / (c**2 * r) - kappa**2 / (c**2 * r**2)
    J_r = action_variable(sp.sqrt(R), r)
    assert is_zero(J_r - (k * E_rest / (c * D) - kappa / c))
    J = J_r.subs(kappa, sp.sqrt(L**2 * c**2 - k**2))
    # omega_phi/omega_r = -dJ_r/dL at fixed E
    advance = -J.diff(L)
    assert is_zero(advance - 1 / sp.sqrt(1 - k**2 / (L * c) ** 2))


def test_a_perturbed_kepler_orbit_does_not_close():
    precessing = action_angle(
        central(-k / r + omega / r**2, E_bound), period={phi: TURN}
    )
    assert precessing.degeneracies() == ()
    ratio = precessing.frequencies[1] / precessing.frequencies[0]
    assert is_zero(ratio - L / sp.sqrt(L**2 + 2 * m * omega))


def test_spherical_pendulum_numerically():
    """No standard form: turning points from a cubic, and u = cos(theta) to check."""
    energy, momentum = sp.Rational(1, 2), sp.Rational(2, 5)
    R = 2 * (energy - sp.cos(theta)) - momentum**2 / sp.sin(theta) ** 2
    u = sp.Symbol("u")
    cubic = sp.Poly(2 * (energy - u) * (1 - u**2) - momentum**2, u)
    u1, u2, _ = sorted(cubic.nroots(n=60))
    J = action_variable(sp.sqrt(R), theta, between=(sp.acos(u2), sp.acos(u1)))
    reference = loop_area(
        lambda s: (2 * (0.5 - s) * (1 - s**2) - mpmath.mpf("0.16")) / (1 - s**2) ** 2,
        mpmath.mpf(str(u1)),
        mpmath.mpf(str(u2)),
    )
    assert float(J) == pytest.approx(float(reference), rel=1e-13)


# --- adiabatic invariance ------------------------------------------------------------


def test_action_survives_a_slow_change_of_the_frequency():
    """CCM-12: omega doubles slowly; E doubles, E/omega stays; not if it jumps."""

    def final_action(duration, steps=40000):
        frequency = lambda s: 1.5 + math.tanh(12 * (s - 0.5)) / 2  # noqa: E731
        x, v, h = 1.0, 0.0, duration / steps
        for n in range(steps):
            x += h * v / 2
            v -= h * frequency((n + 0.5) / steps) ** 2 * x
            x += h * v / 2
        w = frequency(1.0)
        return (v**2 + w**2 * x**2) / 2 / w

    start = 1 / 2
    assert final_action(400.0) == pytest.approx(start, rel=1e-3)
    assert final_action(0.1, steps=2000) > 1.2 * start


def test_pendulum_whose_string_is_shortened():
    """CCM-12.P2: J = m sqrt(g l^3) A^2/2, so A ~ l^(-3/4) grows, and E ~ l^(-1/2)."""
    A = sp.Symbol("A", positive=True)
    J = action_variable(sp.sqrt(m**2 * g * l**3 * (A**2 - q**2)), q)
    assert is_zero(J - m * sp.sqrt(g * l**3) * A**2 / 2)
    grown = J.subs({A: A * 2 ** sp.Rational(3, 4), l: l / 2}, simultaneous=True)
    printed = J.subs({A: A * 2 ** sp.Rational(-1, 4), l: l / 2}, simultaneous=True)
    assert is_zero(grown - J) and not is_zero(printed - J)


# --- what is refused -----------------------------------------------------------------


def test_bad_cycles_are_named():
    energy = sp.Symbol("E", real=True)
    with pytest.raises(ValueError, match=r"needs 2\*E\*m < 0; declare the signs"):
        action_variable(sp.sqrt(2 * m * (energy + k / r) - L**2 / r**2), r)
    with pytest.raises(ValueError, match="is no standard radicand: give its turning"):
        action_variable(sp.sqrt(1 - q**4), q)
    with pytest.raises(ValueError, match="no standard form; give numbers for E"):
        action_variable(sp.sqrt(E - q**4), q, between=(0, 1))
    with pytest.raises(ValueError, match=r"is negative at q = 1\.0\d+, between the"):
        action_variable(sp.sqrt(1 - q**4), q, between=(-1, 2))
    with pytest.raises(ValueError, match=r"a libration \(between\) or a rotation"):
        action_variable(sp.sqrt(1 - q**2), q, between=(-1, 1), period=1)
    with pytest.raises(ValueError, match="choose the right kind of cycle"):
        action_variable(sp.sqrt(3 + sp.cos(q)), q)
    with pytest.raises(ValueError, match="choose the right kind of cycle"):
        action_variable(sp.sqrt(sp.S.Half + sp.cos(q)), q, period=TURN)
    with pytest.raises(ValueError, match="choose the right kind of cycle"):
        action_variable(sp.sqrt(-1 + q - q**2), q)
    with pytest.raises(ValueError, match="is no coordinate of the system"):
        action_angle(PENDULUM, period={phi: TURN})


def test_dependent_actions_have_no_frequencies():
    hj = central(-k / r, E_bound)
    with pytest.raises(ValueError, match="not independent functions of E, L"):
        _ = ActionAngle(hj, (L, 2 * L)).frequencies


def test_a_hard_integral_says_that_it_did_not_converge():
    R = 2 + sp.sin(1 / (q**2 + sp.Rational(1, 10**6)))
    with pytest.raises(ValueError, match="ask for fewer digits"):
        action_variable(sp.sqrt(R), q, between=(-1, 1))


def test_actions_may_be_the_constants():
    """S(q; J): E(J) put in, and the angle is dS/dJ at t = 0."""
    J = sp.Symbol("J", positive=True)
    hj = one_degree(m * omega**2 * q**2 / 2, E=E).reparametrize({E: J * omega})
    assert isinstance(hj, CompleteIntegral) and hj.alpha == (J,)
    assert hj.energy == J * omega and hj.is_solution
    at = {q: 0.3, J: 1.1, omega: 0.9, m: 1.4}
    angle = hj.closed_form().W.diff(J).subs(at)
    amplitude = math.sqrt(2 * 1.1 / (1.4 * 0.9))
    assert float(angle) == pytest.approx(math.asin(0.3 / amplitude), rel=1e-13)
