"""Complete integrals: what they satisfy, and what separates."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from mechanics.symbolic.complete_integral import CompleteIntegral
from mechanics.symbolic.hamilton_jacobi import (
    SeparationError,
    hamilton_jacobi,
    levi_civita_defect,
)
from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.quadratures import antiderivative, radicand, standard_form
from mechanics.symbolic.zero import is_zero

m, k, g, l, a, omega, c = sp.symbols("m k g l a omega c", positive=True)
q, p, t = sp.symbols("q p t", real=True)
x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
xi, eta, p_xi, p_eta = sp.symbols("xi eta p_xi p_eta", real=True)
r, phi, p_r, p_phi = sp.symbols("r phi p_r p_phi", real=True)
theta, p_theta = sp.symbols("theta p_theta", real=True)

OSCILLATOR = HamiltonianSystem((p**2 + omega**2 * q**2) / 2, (q,), (p,))
KEPLER = HamiltonianSystem(
    (p_r**2 + p_phi**2 / r**2) / (2 * m) - k / r, (r, phi), (p_r, p_phi)
)
KEPLER_IN_SPACE = HamiltonianSystem(
    (p_r**2 + p_theta**2 / r**2 + p_phi**2 / (r * sp.sin(theta)) ** 2) / (2 * m)
    - k / r,
    (r, theta, phi),
    (p_r, p_theta, p_phi),
)


def constant(name):
    return sp.Symbol(f"alpha_{name}", real=True)


def value(expr, point):
    return complex(expr.subs(point).evalf(25))


# --- the linear pendulum, HM section 3.5 ---------------------------------------------


def end_point_action():
    """HM-eq-3.5.10, the form that exercise 3.28 repeats; alpha' = q_0."""
    q0 = sp.Symbol("q_0", real=True)
    S = (
        omega
        * ((q**2 + q0**2) * sp.cos(omega * t) - 2 * q * q0)
        / (2 * sp.sin(omega * t))
    )
    return CompleteIntegral(OSCILLATOR, S, (q0,), t), q0


def test_action_is_the_time_integral_of_the_lagrangian_along_the_path():
    """HM-eq-3.5.8 to 3.5.10 (exercise 3.26), the integral done here once more."""
    hj, q0 = end_point_action()
    v0, s = sp.symbols("v_0 s", real=True)
    path = q0 * sp.cos(omega * s) + v0 / omega * sp.sin(omega * s)
    L = path.diff(s) ** 2 / 2 - omega**2 * path**2 / 2
    action = sp.integrate(sp.expand(L), (s, 0, t))
    assert is_zero(hj.S.subs(q, path.subs(s, t)) - action)


def test_gradient_of_the_end_point_action_is_momentum_and_energy():
    """HM-eq-3.5.7: dS/dq = p, dS/dt = -H, on the path."""
    hj, q0 = end_point_action()
    v0 = sp.Symbol("v_0", real=True)
    path = q0 * sp.cos(omega * t) + v0 / omega * sp.sin(omega * t)
    assert is_zero(hj.momenta[0].subs(q, path) - path.diff(t))
    assert is_zero(hj.energy.subs(q, path) - (v0**2 + omega**2 * q0**2) / 2)
    assert hj.is_solution and hj.is_complete


def test_second_constant_of_exercise_3_28_is_minus_the_initial_momentum():
    hj, q0 = end_point_action()
    v0 = sp.Symbol("v_0", real=True)
    path = q0 * sp.cos(omega * t) + v0 / omega * sp.sin(omega * t)
    assert is_zero(hj.beta[0].subs(q, path) + v0)
    beta = sp.Symbol("beta", real=True)
    (motion,) = sp.solve(hj.beta[0] - beta, q)
    assert is_zero(motion.subs(beta, -v0) - path)


def test_end_point_action_is_no_w_minus_e_t():
    hj, _ = end_point_action()
    with pytest.raises(ValueError, match="is not W"):
        _ = hj.W


def test_a_wrong_factor_spoils_the_action():
    """A wrong sign of q q_0 would not: it only renames q_0 to -q_0."""
    hj, q0 = end_point_action()
    cross = omega * q * q0 / sp.sin(omega * t)
    renamed = CompleteIntegral(OSCILLATOR, hj.S + 2 * cross, (q0,), t)
    wrong = CompleteIntegral(OSCILLATOR, hj.S + cross, (q0,), t)
    assert renamed.is_solution and not wrong.is_solution


def test_oscillator_case_study():
    """HM-eq-3.5.17 to 3.5.23: W, beta = Phi/omega - t, and the motion."""
    alpha = sp.Symbol("alpha", positive=True)
    hj = hamilton_jacobi(OSCILLATOR, E=alpha)
    assert hj.alpha == (alpha,)
    assert hj.momenta == (sp.sqrt(2 * alpha - omega**2 * q**2),)
    closed = hj.closed_form()
    assert closed.is_solution and closed.is_complete
    Phi = sp.asin(omega * q / sp.sqrt(2 * alpha))
    W = alpha / omega * (Phi + sp.sin(Phi) * sp.cos(Phi))
    for q_value in (-0.9, 0, 0.4, 1.1):
        point = {q: q_value, alpha: 0.8, omega: 1.1, t: 0.3}
        assert value(closed.W - W, point) == pytest.approx(0, abs=1e-14)
        assert value(closed.beta[0], point) == pytest.approx(
            value(Phi / omega - t, point), abs=1e-14
        )


def test_oscillator_momentum_is_the_velocity():
    """HM exercise 3.27, on the rising branch."""
    alpha, beta = sp.symbols("alpha beta", positive=True)
    hj = hamilton_jacobi(OSCILLATOR, E=alpha)
    motion = sp.sqrt(2 * alpha) / omega * sp.sin(omega * (t + beta))
    point = {alpha: 0.7, beta: 0.2, omega: 1.3, t: 0.4}
    assert value(hj.momenta[0].subs(q, motion), point) == pytest.approx(
        value(motion.diff(t), point)
    )


def test_characteristic_function_of_ccm_10_p1_needs_e_over_omega():
    """CCM-10.P1 prints E arcsin(...): it has no dimension of action and is no W."""
    E = sp.Symbol("E", positive=True)
    system = HamiltonianSystem(
        p**2 / (2 * m) + m * omega**2 * q**2 / 2, (q,), (p,), params=(m, omega)
    )
    root = m * omega * q * sp.sqrt(2 * E / (m * omega**2) - q**2) / 2
    arc = sp.asin(q * sp.sqrt(m * omega**2 / (2 * E)))
    right = CompleteIntegral(system, root + E / omega * arc - E * t, (E,), t)
    printed = CompleteIntegral(system, root + E * arc - E * t, (E,), t)
    point = {E: 0.8, m: 1.3, omega: 1.7, q: 0.3}
    assert value(right.defect, point) == pytest.approx(0, abs=1e-14)
    assert abs(value(printed.defect, point)) > 0.1
    closed = hamilton_jacobi(system, E=E).closed_form()
    for x_value in (0.1, 0.3, 0.5):
        assert value(closed.W - right.W, point | {q: x_value}) == pytest.approx(
            0, abs=1e-14
        )


def test_an_additive_constant_does_not_make_an_integral_complete():
    alpha = sp.Symbol("alpha", real=True)
    rest = CompleteIntegral(OSCILLATOR, sp.I * omega * q**2 / 2 + alpha, (alpha,), t)
    assert rest.is_solution
    assert rest.completeness == 0 and not rest.is_complete


# --- one degree of freedom -----------------------------------------------------------


def test_box_has_both_signs():
    """CCM-10.W: W = +- x sqrt(2 m E)."""
    E = sp.Symbol("E", positive=True)
    free = HamiltonianSystem(p**2 / (2 * m), (q,), (p,))
    for sign in (1, -1):
        hj = hamilton_jacobi(free, E=E, signs={q: sign}).closed_form()
        assert is_zero(hj.W - sign * q * sp.sqrt(2 * m * E))


def test_free_fall_from_the_characteristic_function():
    E = sp.Symbol("E", positive=True)
    fall = HamiltonianSystem(p**2 / (2 * m) + m * g * q, (q,), (p,))
    hj = hamilton_jacobi(fall, E=E, signs={q: -1}).closed_form()
    assert hj.is_solution
    # released at rest at height E/(mg) at t = 0: q = E/(mg) - g t^2/2
    on_path = hj.beta[0].subs(q, E / (m * g) - g * t**2 / 2)
    point = {E: 2, m: 0.7, g: 1.6}
    for time in (0.3, 0.9):
        assert value(on_path, point | {t: time}) == pytest.approx(0, abs=1e-14)


def test_pendulum_closed_form_is_an_elliptic_integral():
    E = sp.Symbol("E", positive=True)
    H = p_theta**2 / (2 * m * l**2) - m * g * l * sp.cos(theta)
    closed = hamilton_jacobi(HamiltonianSystem(H, (theta,), (p_theta,)), E=E)
    closed = closed.closed_form()
    assert closed.W.has(sp.elliptic_e) and closed.is_solution and closed.is_complete


def test_momentum_linear_in_h_is_solved_too():
    """H = q p: the flow is a squeeze, and W = E log q."""
    E = sp.Symbol("E", real=True)
    hj = hamilton_jacobi(HamiltonianSystem(q * p, (q,), (p,)))
    assert hj.momenta == (E / q,) and hj.is_solution
    assert hj.closed_form().S == hj.S  # E/q is no square root: left as it stands


def test_relativistic_kepler_problem():
    """Sommerfeld: p_r^2 = ((E + k/r)/c)^2 - (mc)^2 - l^2/r^2."""
    E = sp.Symbol("E", positive=True)
    r, phi = sp.symbols("r phi", positive=True)
    H = sp.sqrt(c**2 * (p_r**2 + p_phi**2 / r**2) + m**2 * c**4) - k / r
    hj = hamilton_jacobi(HamiltonianSystem(H, (r, phi), (p_r, p_phi)), E=E)
    square = ((E + k / r) / c) ** 2 - (m * c) ** 2 - constant("phi") ** 2 / r**2
    assert is_zero(hj.momenta[0] ** 2 - square)
    assert hj.is_solution


# --- separable systems ---------------------------------------------------------------


def test_sum_of_oscillators():
    H = (p_x**2 + p_y**2) / (2 * m) + m * omega**2 * (x**2 + 4 * y**2) / 2
    hj = hamilton_jacobi(HamiltonianSystem(H, (x, y), (p_x, p_y)))
    E, alpha_x = hj.alpha
    assert alpha_x == constant("x")
    assert is_zero(hj.momenta[0] ** 2 - 2 * m * alpha_x + (m * omega * x) ** 2)
    assert is_zero(
        hj.momenta[1] ** 2 - 2 * m * (E - alpha_x) + (2 * m * omega * y) ** 2
    )
    assert hj.is_solution and hj.is_complete


def test_particle_on_a_cylinder():
    """HM problem 4: F = -k r on the cylinder rho = R."""
    z, p_z, R = *sp.symbols("z p_z", real=True), sp.Symbol("R", positive=True)
    H = p_phi**2 / (2 * m * R**2) + p_z**2 / (2 * m) + k * (R**2 + z**2) / 2
    hj = hamilton_jacobi(HamiltonianSystem(H, (phi, z), (p_phi, p_z)))
    E, alpha = hj.alpha
    assert hj.momenta[0] == alpha
    assert is_zero(
        hj.momenta[1] ** 2 - 2 * m * (E - k * (R**2 + z**2) / 2) + alpha**2 / R**2
    )
    assert hj.is_solution and hj.is_complete


def test_particle_on_a_paraboloid():
    """HM problem 2: z = rho^2/a; the cyclic angle leaves one equation."""
    H = (p_r**2 / (1 + 4 * r**2 / a**2) + p_phi**2 / r**2) / (2 * m) + m * g * r**2 / a
    hj = hamilton_jacobi(HamiltonianSystem(H, (r, phi), (p_r, p_phi)))
    E, alpha = hj.alpha
    square = (2 * m * (E - m * g * r**2 / a) - alpha**2 / r**2) * (1 + 4 * r**2 / a**2)
    assert is_zero(hj.momenta[0] ** 2 - square)
    assert hj.is_solution and hj.is_complete


def test_spherical_pendulum():
    """HM-eq-3.2.25 to 3.2.31."""
    H = (p_theta**2 + p_phi**2 / sp.sin(theta) ** 2) / (2 * m * l**2)
    H += m * g * l * sp.cos(theta)
    system = HamiltonianSystem(H, (theta, phi), (p_theta, p_phi))
    hj = hamilton_jacobi(system, signs={theta: -1})
    E, alpha = hj.alpha
    square = 2 * m * l**2 * (E - m * g * l * sp.cos(theta))
    assert is_zero(hj.momenta[0] ** 2 - square + alpha**2 / sp.sin(theta) ** 2)
    assert hj.momenta[0].could_extract_minus_sign()
    assert hj.is_solution and hj.is_complete


def test_kepler_orbit_is_a_conic():
    """dW/dl is constant along r = p/(1 + e cos phi), from perihelion outwards."""
    E, L = sp.Symbol("E", negative=True), sp.Symbol("l", positive=True)
    hj = hamilton_jacobi(KEPLER, E=E).reparametrize({constant("phi"): L})
    assert hj.alpha == (E, L)
    hj = hj.closed_form()
    assert hj.is_solution and hj.is_complete
    e, orbit = 0.6, {m: 1.2, k: 0.9, L: 0.8}
    orbit[E] = -float((m * k**2 * (1 - e**2) / (2 * L**2)).subs(orbit))
    semilatus = float((L**2 / (m * k)).subs(orbit))

    def beta(angle, eccentricity):
        radius = semilatus / (1 + eccentricity * mpmath.cos(angle))
        return value(hj.beta[1], orbit | {r: sp.Float(radius), phi: angle})

    angles = (0.3, 1.1, 2.0, 2.9)
    on_conic = [beta(f, e) for f in angles]
    assert on_conic == pytest.approx([on_conic[0]] * 4, abs=1e-12)
    elsewhere = [beta(f, 0.55) for f in angles]
    assert elsewhere != pytest.approx([elsewhere[0]] * 4, abs=1e-3)


def test_time_along_the_kepler_orbit():
    """dW/dE - t is constant: Kepler's equation, radius a(1 - e cos u)."""
    E, L = sp.Symbol("E", negative=True), sp.Symbol("l", positive=True)
    hj = hamilton_jacobi(KEPLER, E=E).reparametrize({constant("phi"): L}).closed_form()
    e, size = 0.6, 1.4
    orbit = {m: 1.2, k: 0.9, E: -0.9 / (2 * size)}
    orbit[L] = float(mpmath.sqrt(1.2 * 0.9 * size * (1 - e**2)))
    mean_motion = mpmath.sqrt(0.9 / (1.2 * size**3))
    betas = [
        value(
            hj.beta[0],
            orbit
            | {
                r: sp.Float(size * (1 - e * mpmath.cos(u))),
                t: sp.Float((u - e * mpmath.sin(u)) / mean_motion),
            },
        )
        for u in (0.4, 1.5, 2.8)
    ]
    assert betas == pytest.approx([betas[0]] * 3, abs=1e-12)


def test_spherical_coordinates_give_the_angular_momentum_squared():
    L, L_z = sp.symbols("L L_z", positive=True)
    hj = hamilton_jacobi(KEPLER_IN_SPACE)
    E, alpha_phi, alpha_theta = hj.alpha
    assert (alpha_phi, alpha_theta) == (constant("phi"), constant("theta"))
    hj = hj.reparametrize({alpha_phi: L_z, alpha_theta: L**2})
    assert hj.alpha == (E, L_z, L)
    assert hj.momenta[2] == L_z
    assert is_zero(hj.momenta[1] ** 2 - L**2 + L_z**2 / sp.sin(theta) ** 2)
    assert is_zero(hj.momenta[0] ** 2 - 2 * m * (E + k / r) + L**2 / r**2)
    assert hj.is_solution and hj.is_complete


def test_general_potential_in_spherical_coordinates():
    """V = f(r) + g(theta)/r^2 + h(phi)/(r sin theta)^2 separates: nothing is cyclic."""
    f, h, w = (sp.Function(name) for name in "fhw")
    kinetic = KEPLER_IN_SPACE.H + k / r
    V = f(r) + h(theta) / r**2 + w(phi) / (r * sp.sin(theta)) ** 2
    hj = hamilton_jacobi(
        HamiltonianSystem(kinetic + V, KEPLER_IN_SPACE.q, KEPLER_IN_SPACE.p)
    )
    assert hj.is_solution and hj.is_complete


def conserved_quantity(hj, name, coordinate):
    """Solve p_i(q_i; E, alpha)^2 for alpha, with E = H: a phase-space function."""
    i = hj.system.q.index(coordinate)
    alpha = constant(name)
    (found,) = sp.solve(hj.momenta[i] ** 2 - hj.system.p[i] ** 2, alpha)
    return found.subs(hj.alpha[0], hj.system.H)


def test_kepler_in_parabolic_coordinates_with_a_uniform_force():
    """Stark's problem: xi = r + z, eta = r - z."""
    F = sp.Symbol("F", positive=True)
    H = 2 * (xi * p_xi**2 + eta * p_eta**2) / (m * (xi + eta))
    H += p_phi**2 / (2 * m * xi * eta) - 2 * k / (xi + eta) + F * (xi - eta) / 2
    system = HamiltonianSystem(H, (xi, eta, phi), (p_xi, p_eta, p_phi))
    hj = hamilton_jacobi(system)
    assert hj.is_solution and hj.is_complete
    constant_of_motion = conserved_quantity(hj, "xi", xi).subs(constant("phi"), p_phi)
    assert is_zero(system.bracket(constant_of_motion, H))
    assert not is_zero(system.bracket(xi * p_xi, H))


def two_centres():
    k1, k2 = sp.symbols("k_1 k_2", positive=True)
    kinetic = (p_xi**2 + p_eta**2) / (
        2 * m * c**2 * (sp.cosh(xi) ** 2 - sp.cos(eta) ** 2)
    )
    V = -k1 / (c * (sp.cosh(xi) - sp.cos(eta))) - k2 / (c * (sp.cosh(xi) + sp.cos(eta)))
    return HamiltonianSystem(kinetic + V, (xi, eta), (p_xi, p_eta))


def test_two_fixed_centres_in_elliptic_coordinates():
    """Euler's problem; the distances from the centres are c(cosh xi -+ cos eta)."""
    system = two_centres()
    hj = hamilton_jacobi(system)
    assert hj.is_solution and hj.is_complete
    assert is_zero(
        system.bracket(conserved_quantity(hj, "xi", xi), system.H).subs({m: 1, c: 1})
    )


def test_beta_is_constant_along_the_motion():
    """d/dt dS/dalpha = 0 with q' = dH/dp: Jacobi's theorem, for the two centres."""
    system = two_centres()
    hj = hamilton_jacobi(system)
    on_branch = dict(zip(system.p, hj.momenta, strict=True))
    velocity = [system.H.diff(p).xreplace(on_branch) for p in system.p]
    for beta in hj.beta:
        rate = beta.diff(hj.t) + sum(
            beta.diff(q) * v for q, v in zip(system.q, velocity, strict=True)
        )
        assert is_zero(rate)
    E, alpha = hj.alpha
    not_constant = hj.S.diff(E) + 2 * hj.S.diff(alpha).diff(alpha)
    rate = not_constant.diff(hj.t) + sum(
        not_constant.diff(q) * v for q, v in zip(system.q, velocity, strict=True)
    )
    assert not is_zero(rate)


def test_charge_in_a_magnetic_field():
    """Landau's gauge A_y = B x: y is cyclic, x oscillates about alpha/(e B)."""
    B = sp.Symbol("B", positive=True)
    system = HamiltonianSystem(
        (p_x**2 + (p_y - B * x) ** 2) / (2 * m), (x, y), (p_x, p_y)
    )
    hj = hamilton_jacobi(system)
    E, alpha = hj.alpha
    assert is_zero(hj.momenta[0] ** 2 - 2 * m * E + (alpha - B * x) ** 2)
    assert hj.is_solution and hj.is_complete


coefficient = st.integers(-3, 3)


@settings(max_examples=12)
@given(st.lists(coefficient, min_size=6, max_size=6))
def test_liouville_systems_separate(b):
    """H = (h_1 + h_2)/(g_1 + g_2) with random polynomials."""
    h1 = p_x**2 + b[0] * x**2 + b[1] * x**3
    h2 = 2 * p_y**2 + b[2] * y + b[3] * y**4
    g1, g2 = 1 + (1 + b[4] ** 2) * x**2, (1 + b[5] ** 2) * y**4
    system = HamiltonianSystem((h1 + h2) / (g1 + g2), (x, y), (p_x, p_y))
    assert is_zero(levi_civita_defect(system)[0, 1])
    hj = hamilton_jacobi(system)
    assert hj.is_solution and hj.is_complete


@settings(max_examples=12)
@given(st.integers(1, 3), st.integers(1, 3), coefficient.filter(bool), coefficient)
def test_a_coupling_in_the_potential_never_separates(i, j, strength, b):
    term = strength * x**i * y**j
    H = (p_x**2 + p_y**2) / 2 + b * x**4 + y**2 + term
    system = HamiltonianSystem(H, (x, y), (p_x, p_y))
    assert not is_zero(levi_civita_defect(system)[0, 1])
    with pytest.raises(SeparationError) as refusal:
        hamilton_jacobi(system)
    assert f"coupled by {term};" in str(refusal.value)


def test_levi_civita_with_every_mixed_derivative():
    """H = h_1 h_2 separates (h_1 is constant); h_1 h_2 + x p_y does not."""
    product = (p_x**2 + x**4) * (p_y**2 + y**2)
    system = HamiltonianSystem(product, (x, y), (p_x, p_y))
    assert is_zero(levi_civita_defect(system)[0, 1])
    twisted = HamiltonianSystem(product + x * p_y, (x, y), (p_x, p_y))
    assert not is_zero(levi_civita_defect(twisted)[0, 1])


# --- what is refused -----------------------------------------------------------------


def test_henon_heiles_is_refused_by_name():
    H = (p_x**2 + p_y**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3
    with pytest.raises(
        SeparationError, match=r"x and y are coupled by x\*\*2\*y; .*perturbation"
    ):
        hamilton_jacobi(HamiltonianSystem(H, (x, y), (p_x, p_y)))


def test_the_same_potential_separates_in_rotated_coordinates():
    """The integrable cousin x^2 y + y^3/3 couples in x, y, but not in y +- x."""
    V = (x**2 + y**2) / 2 + x**2 * y + y**3 / 3
    kinetic = (p_x**2 + p_y**2) / 2
    with pytest.raises(SeparationError, match="coupled"):
        hamilton_jacobi(HamiltonianSystem(kinetic + V, (x, y), (p_x, p_y)))
    turned = {x: (x - y) / sp.sqrt(2), y: (x + y) / sp.sqrt(2)}
    rotated = sp.expand(V.subs(turned, simultaneous=True))
    hj = hamilton_jacobi(HamiltonianSystem(kinetic + rotated, (x, y), (p_x, p_y)))
    assert hj.is_solution and hj.is_complete


def test_a_uniform_field_couples_polar_coordinates():
    H = KEPLER.H + g * r * sp.cos(phi)
    with pytest.raises(SeparationError, match=r"r and phi are coupled by g\*r\*cos"):
        hamilton_jacobi(HamiltonianSystem(H, (r, phi), (p_r, p_phi)))


def test_a_coupling_in_the_kinetic_energy_is_named():
    H = p_x**2 + p_y**2 + p_x * p_y * x + y**2
    with pytest.raises(SeparationError, match=r"coupled by p_x\*p_y\*x"):
        hamilton_jacobi(HamiltonianSystem(H, (x, y), (p_x, p_y)))


def test_entangled_constants_are_reported_and_solved_by_hand():
    """Staeckel's p_i^2 = E q_i^2 + alpha q_i + gamma: all three constants at once."""
    z, p_z, E, gamma = sp.symbols("z p_z E gamma", real=True)
    alpha = sp.Symbol("alpha", real=True)
    H = (
        p_x**2 / ((x - y) * (x - z))
        + p_y**2 / ((y - x) * (y - z))
        + p_z**2 / ((z - x) * (z - y))
    )
    system = HamiltonianSystem(H, (x, y, z), (p_x, p_y, p_z))
    with pytest.raises(SeparationError, match="separate by Levi-Civita's condition"):
        hamilton_jacobi(system)
    W = sum(sp.Integral(sp.sqrt(E * s**2 + alpha * s + gamma), s) for s in (x, y, z))
    hj = CompleteIntegral(system, W - E * t, (E, alpha, gamma), t)
    assert hj.is_solution and hj.is_complete


def test_time_dependent_hamiltonian_is_refused_and_tested_by_hand():
    """A constant force that is switched on linearly: S from p = alpha + t^2/2."""
    H = p**2 / 2 - q * t
    system = HamiltonianSystem(H, (q,), (p,), t=t)
    with pytest.raises(ValueError, match="depends on the time t"):
        hamilton_jacobi(system)
    alpha = sp.Symbol("alpha", real=True)
    momentum = alpha + t**2 / 2
    S = momentum * q - sp.integrate(sp.expand(momentum**2 / 2), t)
    hj = CompleteIntegral(system, S, (alpha,), t)
    assert hj.is_solution and hj.is_complete
    assert not CompleteIntegral(system, S + q * t, (alpha,), t).is_solution


def test_bad_input_is_named():
    E = sp.Symbol("E", real=True)
    with pytest.raises(ValueError, match="one constant per coordinate"):
        CompleteIntegral(KEPLER, q, (E,), t)
    with pytest.raises(ValueError, match="use one symbol"):
        CompleteIntegral(HamiltonianSystem(p**2 * c, (q,), (p,), t=t), q, (E,), E)
    with pytest.raises(ValueError, match="already has a symbol E; rename it"):
        hamilton_jacobi(HamiltonianSystem(p**2 - E * q, (q,), (p,)))
    with pytest.raises(ValueError, match="signs are given for phi"):
        hamilton_jacobi(KEPLER, signs={phi: -1})
    with pytest.raises(ValueError, match="is none of the constants E, alpha_phi"):
        hamilton_jacobi(KEPLER).reparametrize({k: l})
    with pytest.raises(NotImplementedError, match=r"cannot solve .* for p: "):
        hamilton_jacobi(HamiltonianSystem(p**3 + p + q, (q,), (p,)))


# --- the table of integrals ----------------------------------------------------------

RADICANDS = {
    "quadratic": [
        3 + q - 2 * q**2,
        3 + q + 2 * q**2,
        3 - q,
        sp.Integer(3),
        (q + 2) ** 2,
    ],
    "coulomb": [
        -1 + 3 / q - 1 / q**2,
        1 + 3 / q - 1 / q**2,
        3 / q - 1 / q**2,
        3 / q - 1,
    ],
    "isotropic": [5 - q**2 - 1 / q**2, 5 + q**2 - 1 / q**2],
    "cosine": [1 + 2 * sp.cos(q / 3), 1 - 2 * sp.cos(3 * q), 5 - 2 * sp.cos(q)],
    "sine": [4 - 1 / sp.sin(q) ** 2],
}


@pytest.mark.parametrize(
    ("name", "R"), [(name, R) for name, Rs in RADICANDS.items() for R in Rs]
)
def test_antiderivatives_against_quadrature(name, R):
    assert standard_form(R, q)[0] == name
    with mpmath.workdps(30):
        f = sp.lambdify(q, R, "mpmath")
        F = sp.lambdify(q, antiderivative(R, q), "mpmath")
        start, end = mpmath.mpf("1.0"), mpmath.mpf("1.25")
        area = mpmath.quad(lambda s: mpmath.sqrt(f(s)), [start, end])
        assert abs(F(end) - F(start) - area) < mpmath.mpf("1e-25")


def test_unknown_forms_and_signs_stay_unevaluated():
    E = sp.Symbol("E", real=True)
    assert standard_form(1 - q**4, q) is None and antiderivative(1 - q**4, q) is None
    assert antiderivative(2 * E + 2 / q - 1 / q**2, q) is None
    assert antiderivative(1 + E * sp.cos(q), q) is None
    assert radicand(E + sp.sqrt(1 - q**2), q) is None
    hj = hamilton_jacobi(KEPLER)
    assert hj.closed_form().S.has(sp.Integral)
