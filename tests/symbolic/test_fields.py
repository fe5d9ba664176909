"""Field theories: equations, energy, currents and stresses against known results."""

import math
from itertools import product

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mechanics.symbolic.fields import (
    FieldLagrangian,
    christoffel_matrix,
    cubic_stiffness,
    elastic_solid,
    euler_bernoulli_beam,
    isotropic_stiffness,
    klein_gordon,
    maxwell,
    membrane,
    sine_gordon,
    stiffness,
    strain,
    vibrating_string,
)
from mechanics.symbolic.lagrangian import SingularLagrangianError
from mechanics.symbolic.zero import is_zero
from sympy.calculus.euler import euler_equations

t, x, y, z = sp.symbols("t x y z", real=True)
rho, tau, m, c, beta, B = sp.symbols("rho tau m c beta B", positive=True)
mu_0 = sp.Symbol("mu_0", positive=True)
u = sp.Function("u")(t, x)
SYSTEMS = [
    vibrating_string(),
    membrane(),
    euler_bernoulli_beam(),
    klein_gordon(2),
    sine_gordon(),
    maxwell(),
]


def on(expression, solution):
    """Evaluate an expression on a motion {field: function of the coordinates}."""
    return sp.sympify(expression).subs(solution).doit()


# The field equations


def test_string_obeys_the_wave_equation():
    (residual,) = vibrating_string().euler_lagrange()
    assert is_zero(residual - (rho * u.diff(t, 2) - tau * u.diff(x, 2)))


def test_string_of_the_worked_example():
    """CCM-13.W: 63.2 m/s, 198.7 rad/s, 31.6 Hz; and any standing wave solves it."""
    (residual,) = vibrating_string().euler_lagrange()
    L, n = sp.Symbol("L", positive=True), sp.Symbol("n", integer=True, positive=True)
    omega = n * sp.pi / L * sp.sqrt(tau / rho)
    mode = sp.sin(n * sp.pi * x / L) * sp.cos(omega * t)
    assert is_zero(on(residual, {u: mode}))
    assert not is_zero(on(residual, {u: mode.subs(omega * t, 2 * omega * t)}))
    assert mode.subs(x, 0) == 0 and mode.subs(x, L) == 0
    values = {L: 1, rho: sp.Rational(5, 1000), tau: 20, n: 1}
    assert math.isclose(sp.sqrt(tau / rho).subs(values), 63.2, abs_tol=0.05)
    assert math.isclose(omega.subs(values), 198.7, abs_tol=0.05)
    assert math.isclose((omega / 2 / sp.pi).subs(values), 31.6, abs_tol=0.05)


def test_string_modes_of_the_third_problem():
    """CCM-13.P3: k = 2 n pi per metre, f = 100 n Hz for c = 100 m/s, L = 0.5 m."""
    n = sp.Symbol("n", integer=True, positive=True)
    k = n * sp.pi / sp.Rational(1, 2)
    assert k == 2 * n * sp.pi
    assert 100 * k / (2 * sp.pi) == 100 * n
    assert sp.sin(k * sp.Rational(1, 2)) == 0


def test_membrane_modes():
    """CCM-13.P1, with the modes of a rectangle a by b as a solution."""
    mu, sigma, a, b = sp.symbols("mu sigma a b", positive=True)
    (residual,) = membrane().euler_lagrange()
    w = sp.Function("u")(t, x, y)
    laplacian = w.diff(x, 2) + w.diff(y, 2)
    assert is_zero(residual - (mu * w.diff(t, 2) - sigma * laplacian))
    k, l = 2 * sp.pi / a, 3 * sp.pi / b
    omega = sp.sqrt(sigma / mu * (k**2 + l**2))
    mode = sp.sin(k * x) * sp.sin(l * y) * sp.cos(omega * t)
    assert is_zero(on(residual, {w: mode}))
    assert not is_zero(on(residual, {w: mode.subs(y, 2 * y)}))


def test_beam_is_dispersive():
    """Second derivatives in L: rho u_tt + B u_xxxx = 0, omega = sqrt(B/rho) k^2."""
    (residual,) = euler_bernoulli_beam().euler_lagrange()
    assert is_zero(residual - (rho * u.diff(t, 2) + B * u.diff(x, 4)))
    k = sp.Symbol("k", positive=True)
    wave = sp.cos(k * x - sp.sqrt(B / rho) * k**2 * t)
    assert is_zero(on(residual, {u: wave}))


def test_klein_gordon():
    """CCM-13.P2: (box + m^2) phi = 0 with the signature (+,-,-,-)."""
    system = klein_gordon()
    (phi,) = system.fields
    box = phi.diff(t, 2) - phi.diff(x, 2) - phi.diff(y, 2) - phi.diff(z, 2)
    assert is_zero(system.euler_lagrange()[0] - (box + m**2 * phi))
    pi = sp.Function("pi_phi")(t, x, y, z)
    gradient2 = phi.diff(x) ** 2 + phi.diff(y) ** 2 + phi.diff(z) ** 2
    H = (pi**2 + gradient2 + m**2 * phi**2) / 2
    assert is_zero(system.hamiltonian_density() - H)
    k = sp.Symbol("k", positive=True)
    wave = sp.cos(k * z - sp.sqrt(k**2 + m**2) * t)
    assert is_zero(on(system.euler_lagrange()[0], {phi: wave}))
    with pytest.raises(ValueError, match="4 dimensions"):
        klein_gordon(4)


def test_maxwell_equations_with_sources():
    """CCM-13.E2: Gauss and Ampère-Maxwell in SI, written with E and B."""
    charge, *J = (sp.Function(f)(t, x, y, z) for f in ("q", "J_x", "J_y", "J_z"))
    system = maxwell(charge, J)
    E, magnetic = _electric(system), _magnetic(system)
    epsilon_0 = 1 / (mu_0 * c**2)
    gauss, *ampere = system.euler_lagrange()
    div_E = sum(sp.diff(e, s) for e, s in zip(E, (x, y, z), strict=True))
    assert is_zero(gauss - (charge - epsilon_0 * div_E))
    for residual, curl, e, j in zip(ampere, _curl(magnetic), E, J, strict=True):
        assert is_zero(residual - (curl / mu_0 - epsilon_0 * sp.diff(e, t) - j))


def test_homogeneous_maxwell_equations_need_a_potential():
    """div B = 0 and Faraday's law hold because F is the curl of A.

    CCM-13.E2 names the antisymmetry of F as the reason: B = (0, 0, z), E = 0 is an
    antisymmetric F too, and has div B = 1.
    """
    system = maxwell()
    E, magnetic = _electric(system), _magnetic(system)
    space = (x, y, z)
    assert is_zero(sum(sp.diff(b, s) for b, s in zip(magnetic, space, strict=True)))
    for curl, b in zip(_curl(E), magnetic, strict=True):
        assert is_zero(curl + sp.diff(b, t))
    assert sum(sp.diff(b, s) for b, s in zip((0, 0, z), space, strict=True)) == 1


def test_lorentz_invariants_fix_the_sign_of_maxwell():
    """-F^2/4 mu_0 = eps_0 E^2/2 - B^2/2 mu_0."""
    system = maxwell()
    E2 = sum(e**2 for e in _electric(system))
    B2 = sum(b**2 for b in _magnetic(system))
    assert is_zero(system.density - (E2 / c**2 - B2) / (2 * mu_0))


def _electric(system):
    phi, *A = system.fields
    return [-sp.diff(phi, s) - sp.diff(a, t) for s, a in zip((x, y, z), A, strict=True)]


def _curl(A):
    X, Y, Z = A
    return [
        sp.diff(Z, y) - sp.diff(Y, z),
        sp.diff(X, z) - sp.diff(Z, x),
        sp.diff(Y, x) - sp.diff(X, y),
    ]


def _magnetic(system):
    return _curl(system.fields[1:])


# The kink


def _kink():
    return 4 / beta * sp.atan(sp.exp(m * c * x))


def test_sine_gordon_equation_and_kink():
    """CCM-13.E3: equation of motion, static kink, and a wrong width that fails."""
    system = sine_gordon()
    (phi,) = system.fields
    (residual,) = system.euler_lagrange()
    force = m**2 * c**4 / beta * sp.sin(beta * phi)
    assert is_zero(residual - (phi.diff(t, 2) - c**2 * phi.diff(x, 2) + force))
    assert is_zero(on(residual, {phi: _kink()}))
    assert not is_zero(on(residual, {phi: _kink().subs(x, 2 * x)}))


def test_kink_energy():
    """CCM-13.E3: 8 m c^3/beta^2, and gamma times that for the moving kink."""
    system = sine_gordon()
    (phi,) = system.fields
    energy_density = on(system.stress_energy()[0, 0], {phi: _kink()})
    # with s = exp(m c x) the density is 16 m^2 c^4/beta^2 s^2/(1 + s^2)^2
    s = sp.Symbol("s", positive=True)
    in_s = 16 * m**2 * c**4 / beta**2 * s**2 / (1 + s**2) ** 2
    assert is_zero(energy_density - in_s.subs(s, sp.exp(m * c * x)))
    energy = sp.integrate(in_s / (m * c * s), (s, 0, sp.oo))
    assert is_zero(energy - 8 * m * c**3 / beta**2)

    v = sp.Symbol("v", positive=True)
    gamma = 1 / sp.sqrt(1 - v**2 / c**2)
    moving = _kink().subs(x, gamma * (x - v * t))
    point = {v: sp.Rational(3, 5), c: 1, beta: sp.Rational(3, 2), m: 2}
    assert is_zero(on(system.euler_lagrange()[0], {phi: moving}).subs(point))
    density = on(system.stress_energy()[0, 0], {phi: moving}).subs(point)
    # the same profile, contracted: density = gamma^2 (density at rest)
    at_rest = in_s.subs(s, sp.exp(m * c * gamma * (x - v * t))).subs(point)
    assert is_zero(density - at_rest * gamma.subs(point) ** 2)


# Energy and momentum


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: str(s.fields[0]))
def test_energy_and_momentum_are_conserved_on_shell(system):
    """The divergence of T is a multiple of the field equations: exact, off shell."""
    T = system.stress_energy()
    residual = system.euler_lagrange()
    for nu, coordinate in enumerate(system.coords):
        velocity = [sp.diff(f, coordinate) for f in system.fields]
        multiple = sum(r * v for r, v in zip(residual, velocity, strict=True))
        assert is_zero(system.divergence(T[:, nu]) - multiple)


def test_energy_density_is_the_hamiltonian_density():
    """CCM-13: T^00 = H once the momenta are expressed by the velocities."""
    for system in (vibrating_string(), euler_bernoulli_beam(), sine_gordon()):
        pi = [sp.Function("p")(t, x)]
        H = system.hamiltonian_density(pi)
        assert is_zero(H.subs(pi[0], system.momenta[0]) - system.stress_energy()[0, 0])


def test_string_energy_flux_and_wave_momentum():
    T = vibrating_string().stress_energy()
    assert is_zero(T[0, 0] - (rho * u.diff(t) ** 2 + tau * u.diff(x) ** 2) / 2)
    assert is_zero(T[1, 0] + tau * u.diff(x) * u.diff(t))
    (g,) = vibrating_string().momentum_density()
    assert is_zero(g + rho * u.diff(t) * u.diff(x))
    # a wave to the right carries energy and momentum to the right
    wave = {u: sp.sin(x - sp.sqrt(tau / rho) * t)}
    assert is_zero(on(T[1, 0] - sp.sqrt(tau / rho) * T[0, 0], wave))
    assert is_zero(on(g - sp.sqrt(rho / tau) * T[0, 0], wave))


def test_beam_energy_flux_is_shear_force_and_bending_moment_at_work():
    flux = euler_bernoulli_beam().stress_energy()[1, 0]
    shear, moment = -B * u.diff(x, 3), B * u.diff(x, 2)
    work = -shear * u.diff(t) - moment * u.diff(t, x)
    assert is_zero(flux - work)


def test_inhomogeneous_string_keeps_energy_and_loses_wave_momentum():
    density = sp.Function("rho")(x)
    L = density * u.diff(t) ** 2 / 2 - tau * u.diff(x) ** 2 / 2
    system = FieldLagrangian(L, (u,), (t, x))
    assert system.noether_current(tau=[1, 0]).is_conserved
    translation = system.noether_current(tau=[0, 1])
    assert not translation.is_conserved
    assert is_zero(translation.defect - density.diff(x) * u.diff(t) ** 2 / 2)
    driven = FieldLagrangian(L + sp.cos(t) * u, (u,), (t, x))
    assert not driven.noether_current(tau=[1, 0]).is_conserved


def test_momentum_of_matter_survives_in_an_inhomogeneous_medium():
    r"""AMM-27 asks for homogeneity, which u -> u + c does not need."""
    density, stiff = sp.Function("rho")(x), sp.Function("K")(x)
    L = density * u.diff(t) ** 2 / 2 - stiff * u.diff(x) ** 2 / 2
    system = FieldLagrangian(L, (u,), (t, x))
    assert system.noether_current(xi=[1]).is_conserved
    assert not system.noether_current(tau=[0, 1]).is_conserved
    # and a homogeneous medium on an elastic bed loses it
    bedded = FieldLagrangian(L.subs({density: 1, stiff: 1}) - u**2 / 2, (u,), (t, x))
    assert not bedded.noether_current(xi=[1]).is_conserved
    assert bedded.noether_current(tau=[0, 1]).is_conserved


# Symmetries


def test_lorentz_boost_is_a_symmetry_of_klein_gordon_only_at_its_own_speed():
    system = klein_gordon(1)
    assert system.noether_current(tau=[x, t]).is_conserved
    assert not system.noether_current(tau=[x, 4 * t]).is_conserved


def test_rotations_of_the_membrane():
    rotation = membrane().noether_current(tau=[0, -y, x])
    assert rotation.is_conserved
    w = sp.Function("u")(t, x, y)
    mu = sp.Symbol("mu", positive=True)
    L_z = -mu * w.diff(t) * (x * w.diff(y) - y * w.diff(x))
    assert is_zero(rotation.current[0] - L_z)
    assert not membrane().noether_current(tau=[0, -y, 2 * x]).is_conserved


def test_gauge_term_of_the_galilei_boost_of_a_string():
    """u -> u + eps t: the centre of mass moves evenly; without G it is no symmetry."""
    G = [rho * u, 0]
    boost = vibrating_string().noether_current(xi=[t], gauge=G)
    assert boost.is_conserved
    assert is_zero(boost.current[0] - rho * (t * u.diff(t) - u))
    assert not vibrating_string().noether_current(xi=[t]).is_conserved


def test_phase_symmetry_of_the_complex_klein_gordon_field():
    a, b = (sp.Function(f)(t, x) for f in "ab")
    kinetic = sum(f.diff(t) ** 2 - f.diff(x) ** 2 for f in (a, b)) / 2
    system = FieldLagrangian(kinetic - m**2 * (a**2 + b**2) / 2, (a, b), (t, x))
    charge = system.noether_current(xi=[-b, a])
    assert charge.is_conserved
    assert is_zero(charge.current[0] - (a * b.diff(t) - b * a.diff(t)))
    split = FieldLagrangian(kinetic - m**2 * a**2 / 2, (a, b), (t, x))
    assert not split.noether_current(xi=[-b, a]).is_conserved


def test_gauge_invariance_of_maxwell_is_charge_conservation():
    """phi -> phi - d_t lambda, A -> A + grad lambda."""
    charge, *J, lam = (
        sp.Function(f)(t, x, y, z) for f in ("q", "J_x", "J_y", "J_z", "lambda")
    )
    shift = [-lam.diff(t), *(lam.diff(s) for s in (x, y, z))]
    assert maxwell().noether_current(xi=shift).is_conserved
    with_sources = maxwell(charge, J).noether_current(
        xi=shift, gauge=[lam * charge, *(lam * j for j in J)]
    )
    continuity = charge.diff(t) + sum(
        j.diff(s) for j, s in zip(J, (x, y, z), strict=True)
    )
    assert not with_sources.is_conserved
    assert is_zero(with_sources.defect + lam * continuity)


def test_canonical_energy_of_maxwell_is_not_the_field_energy():
    """T^0_0 = eps_0 E^2/2 + B^2/2 mu_0 + eps_0 E.grad phi, gauge dependent.

    CCM-13.E2 equates the canonical tensor with the gauge-invariant energy density;
    they differ by a divergence where Gauss's law holds.
    """
    system = maxwell()
    phi = system.fields[0]
    E, magnetic = _electric(system), _magnetic(system)
    epsilon_0 = 1 / (mu_0 * c**2)
    energy = (epsilon_0 * sum(e**2 for e in E) + sum(b**2 for b in magnetic) / mu_0) / 2
    surplus = system.stress_energy()[0, 0] - energy
    assert not is_zero(surplus)
    E_grad_phi = sum(e * phi.diff(s) for e, s in zip(E, (x, y, z), strict=True))
    assert is_zero(surplus - epsilon_0 * E_grad_phi)
    # on shell it is the divergence of eps_0 phi E
    flow = sum(sp.diff(phi * e, s) for e, s in zip(E, (x, y, z), strict=True))
    gauss = system.euler_lagrange()[0]
    assert is_zero(surplus - epsilon_0 * flow - phi * gauss)


def test_light_carries_the_poynting_momentum():
    """A plane wave in the gauge phi = 0: there the canonical tensor is the physical."""
    system = maxwell()
    phi, A_x, A_y, A_z = system.fields
    wave = {phi: 0, A_x: sp.cos(x * 0 + z - c * t), A_y: 0, A_z: 0}
    assert all(is_zero(on(r, wave)) for r in system.euler_lagrange())
    E = [on(e, wave) for e in _electric(system)]
    magnetic = [on(b, wave) for b in _magnetic(system)]
    poynting = sp.Matrix(E).cross(sp.Matrix(magnetic)) / mu_0
    T = system.stress_energy()
    energy = (sum(e**2 for e in E) / c**2 + sum(b**2 for b in magnetic)) / (2 * mu_0)
    assert is_zero(on(T[0, 0], wave) - energy)
    for j in range(3):
        assert is_zero(on(T[j + 1, 0], wave) - poynting[j])
        assert is_zero(on(system.momentum_density()[j], wave) - poynting[j] / c**2)
    assert not is_zero(poynting[2])


def test_maxwell_has_no_hamiltonian_density_before_a_gauge_is_chosen():
    with pytest.raises(SingularLagrangianError, match=r"momentum of phi\(t, x, y, z\)"):
        maxwell().hamiltonian_density()
    system = maxwell()
    phi, *A = system.fields
    temporal = FieldLagrangian(system.density.subs(phi, 0), A, system.coords)
    pi = [sp.Function(f"P_{s}")(t, x, y, z) for s in "xyz"]
    H = temporal.hamiltonian_density(pi)
    B2 = sum(b**2 for b in _magnetic(system))
    P2 = sum(p**2 for p in pi)
    assert is_zero(H - (mu_0 * c**2 * P2 / 2 + B2 / (2 * mu_0)))


def test_hamiltons_field_equations_are_the_field_equation():
    """u_t = dH/dpi, pi_t = -dH/du, here by the Euler-Lagrange operator of H."""
    for system in (euler_bernoulli_beam(), sine_gordon(), klein_gordon(2)):
        (f,) = system.fields
        pi = sp.Function("pi")(*system.coords)
        H = system.hamiltonian_density([pi])
        minus_H_f, minus_H_pi = FieldLagrangian(
            H, (f, pi), system.coords
        ).euler_lagrange()
        velocity = sp.solve(f.diff(t) + minus_H_pi, pi)[0]
        rate = sp.diff(velocity, t) - minus_H_f
        assert is_zero(rate.doit() - system.euler_lagrange()[0])


def test_schroedinger_density_is_singular_without_a_vanishing_momentum():
    a, b = (sp.Function(f)(t, x) for f in "ab")
    L = (a * b.diff(t) - b * a.diff(t)) / 2 - (a.diff(x) ** 2 + b.diff(x) ** 2) / 4
    system = FieldLagrangian(L, (a, b), (t, x))
    with pytest.raises(SingularLagrangianError, match="null direction"):
        system.hamiltonian_density()
    assert system.noether_current(xi=[-b, a]).is_conserved


# Elasticity

COORDS = (t, x, y, z)
U = tuple(sp.Function(f"u_{i}")(*COORDS) for i in "xyz")
LAM, MU = sp.symbols("lambda mu", positive=True)
C11, C12, C44 = sp.symbols("C_11 C_12 C_44", positive=True)


def _is_zero_matrix(matrix):
    return all(is_zero(entry) for entry in matrix)


def test_hooke_isotropic():
    """AMM-28, 29: sigma = lambda tr(eps) 1 + 2 mu eps, and it is symmetric."""
    solid = elastic_solid(isotropic_stiffness(LAM, MU), rho, U, COORDS)
    sigma, epsilon = solid.stress_tensor(), strain(U, (x, y, z))
    law = LAM * epsilon.trace() * sp.eye(3) + 2 * MU * epsilon
    assert _is_zero_matrix(sigma - law)
    assert _is_zero_matrix(sigma - sigma.T)


def test_cauchy_equation_and_its_sign():
    """rho u_tt = div sigma; the opposite sign of the stress fails."""
    solid = elastic_solid(cubic_stiffness(C11, C12, C44), rho, U, COORDS)
    sigma = solid.stress_tensor()
    for i in range(3):
        force = sum(sp.diff(sigma[j, i], s) for j, s in enumerate((x, y, z)))
        assert is_zero(solid.euler_lagrange()[i] - rho * U[i].diff(t, 2) + force)
        assert not is_zero(solid.euler_lagrange()[i] - rho * U[i].diff(t, 2) - force)
        assert solid.momenta[i] == rho * U[i].diff(t)


def test_navier_equation():
    solid = elastic_solid(isotropic_stiffness(LAM, MU), rho, U, COORDS)
    space = (x, y, z)
    div = sum(sp.diff(f, s) for f, s in zip(U, space, strict=True))
    for f, s, residual in zip(U, space, solid.euler_lagrange(), strict=True):
        laplacian = sum(sp.diff(f, r, 2) for r in space)
        navier = (LAM + MU) * sp.diff(div, s) + MU * laplacian
        assert is_zero(residual - rho * sp.diff(f, t, 2) + navier)


def test_noether_current_of_a_displacement_is_momentum_and_minus_stress():
    """AMM-27: d_t p_i + div T_i = 0 with T_i = -sigma_i."""
    solid = elastic_solid(cubic_stiffness(C11, C12, C44), rho, U, COORDS)
    shift = solid.noether_current(xi=[0, 1, 0])
    assert shift.is_conserved
    assert shift.current[0] == solid.momenta[1]
    sigma = solid.stress_tensor()
    assert all(is_zero(shift.current[j + 1] + sigma[j, 1]) for j in range(3))


@pytest.mark.parametrize(
    "C", [isotropic_stiffness(LAM, MU), cubic_stiffness(C11, C12, C44)]
)
def test_stiffness_from_the_density_has_the_full_symmetry(C):
    found = stiffness(elastic_solid(C, rho, U, COORDS))
    for i, j, k, l in product(range(3), repeat=4):
        assert is_zero(found[i, j, k, l] - C[i, j, k, l])
        for other in (C[j, i, k, l], C[i, j, l, k], C[k, l, i, j]):
            assert is_zero(C[i, j, k, l] - other)


def test_any_stiffness_of_the_plane_gives_hookes_law():
    """Six independent constants in two dimensions: sigma_ij = C_ijkl eps_kl."""
    coords, fields = (t, x, y), [sp.Function(f)(t, x, y) for f in "uv"]
    voigt = {(0, 0): 0, (1, 1): 1, (0, 1): 2, (1, 0): 2}
    constants = sp.Matrix(3, 3, lambda a, b: sp.Symbol(f"C_{min(a, b)}{max(a, b)}"))
    C = sp.Array(
        [
            constants[voigt[i, j], voigt[k, l]]
            for i, j, k, l in product(range(2), repeat=4)
        ],
        (2, 2, 2, 2),
    )
    solid = elastic_solid(C, rho, fields, coords)
    epsilon, sigma = strain(fields, (x, y)), solid.stress_tensor()
    for i, j in product(range(2), repeat=2):
        law = sum(C[i, j, k, l] * epsilon[k, l] for k, l in product(range(2), repeat=2))
        assert is_zero(sigma[j, i] - law)
    assert stiffness(solid) == C


def test_energy_that_depends_on_rotation_is_no_elastic_energy():
    fields = [sp.Function(f)(t, x, y) for f in "uv"]
    v_x = fields[1].diff(x)
    L = sum(f.diff(t) ** 2 for f in fields) / 2 - v_x**2 / 2
    system = FieldLagrangian(L, fields, (t, x, y))
    with pytest.raises(ValueError, match="depends on rotations"):
        stiffness(system)
    with pytest.raises(ValueError, match="1 fields in 2 dimensions"):
        stiffness(membrane())


def test_christoffel_speeds():
    """Known longitudinal and transverse moduli rho v^2 of solids and cubic crystals."""
    isotropic, cubic = isotropic_stiffness(LAM, MU), cubic_stiffness(C11, C12, C44)
    angle = sp.Symbol("angle", real=True)
    n = sp.Matrix([sp.cos(angle), sp.sin(angle), 0])
    across = sp.Matrix([-sp.sin(angle), sp.cos(angle), 0])
    gamma = christoffel_matrix(isotropic, n)
    assert _is_zero_matrix(gamma * n - (LAM + 2 * MU) * n)
    assert _is_zero_matrix(gamma * across - MU * across)
    r = 1 / sp.sqrt(2)
    face = christoffel_matrix(cubic, (r, r, 0))
    for e, modulus in [
        ((1, 1, 0), (C11 + C12 + 2 * C44) / 2),
        ((1, -1, 0), (C11 - C12) / 2),
        ((0, 0, 1), C44),
    ]:
        assert _is_zero_matrix(face * sp.Matrix(e) - modulus * sp.Matrix(e))
    d = 1 / sp.sqrt(3)
    diagonal = christoffel_matrix(cubic, (d, d, d))
    for e, modulus in [
        ((1, 1, 1), (C11 + 2 * C12 + 4 * C44) / 3),
        ((1, -1, 0), (C11 - C12 + C44) / 3),
        ((1, 1, -2), (C11 - C12 + C44) / 3),
    ]:
        assert _is_zero_matrix(diagonal * sp.Matrix(e) - modulus * sp.Matrix(e))


def test_plane_wave_with_a_christoffel_speed_solves_the_field_equations():
    solid = elastic_solid(cubic_stiffness(C11, C12, C44), rho, U, COORDS)
    speed = sp.sqrt((C11 - C12) / (2 * rho))
    profile = sp.sin((x + y) / sp.sqrt(2) - speed * t)
    wave = dict(zip(U, (profile, -profile, 0), strict=True))
    assert all(is_zero(on(r, wave)) for r in solid.euler_lagrange())
    along = dict(zip(U, (profile, profile, 0), strict=True))
    assert not is_zero(on(solid.euler_lagrange()[0], along))


def test_shear_force_of_a_beam():
    """The stress of a beam is its shear force -B u_xxx: rho u_tt = d_x of it."""
    sigma = euler_bernoulli_beam().stress_tensor()
    assert is_zero(sigma[0, 0] + B * u.diff(x, 3))


# Identities on random densities

w = sp.Function("w")(t, x)
JETS = [u, w, u.diff(t), u.diff(x), w.diff(t), w.diff(x)]
JETS2 = [*JETS, u.diff(x, 2), u.diff(t, x), w.diff(t, 2)]


def _densities(variables):
    factors = st.lists(st.sampled_from([*variables, x, t]), min_size=1, max_size=3)
    coefficient = st.fractions(-3, 3, max_denominator=4)
    terms = st.lists(st.tuples(coefficient, factors), min_size=1, max_size=3)
    return terms.map(
        lambda ts: sum(sp.Rational(*k.as_integer_ratio()) * sp.prod(f) for k, f in ts)
    )


@given(F=_densities(JETS), G=_densities(JETS))
@settings(deadline=None, max_examples=20)
def test_total_divergence_has_no_field_equations(F, G):
    L = sp.diff(F, t) + sp.diff(G, x)
    assert all(is_zero(r) for r in FieldLagrangian(L, (u, w), (t, x)).euler_lagrange())


@given(L=_densities(JETS2))
@settings(deadline=None, max_examples=20)
def test_euler_lagrange_agrees_with_sympy(L):
    # SymPy leaves out equations 0 = 0: the kinetic energy keeps both alive
    L += 10 * (u.diff(t) ** 2 + w.diff(t) ** 2)
    ours = FieldLagrangian(L, (u, w), (t, x)).euler_lagrange()
    theirs = euler_equations(L, [u, w], [t, x])
    for residual, equation in zip(ours, theirs, strict=True):
        assert is_zero(residual + equation.lhs)


@given(
    L=_densities(JETS2),
    xi=_densities([u, w, w.diff(x)]),
    tau_x=_densities([u]),
    gauge=_densities([u, w]),
)
@settings(deadline=None, max_examples=20)
def test_noether_identity_holds_off_shell(L, xi, tau_x, gauge):
    """div J = defect + Q.(field equations), for any density and any generator."""
    system = FieldLagrangian(L, (u, w), (t, x))
    noether = system.noether_current(xi=[xi, u], tau=[x, tau_x], gauge=[0, gauge])
    Q = [
        xi - x * u.diff(t) - tau_x * u.diff(x),
        u - x * w.diff(t) - tau_x * w.diff(x),
    ]
    multiple = sum(q * r for q, r in zip(Q, system.euler_lagrange(), strict=True))
    assert is_zero(system.divergence(noether.current) - noether.defect - multiple)


@given(L=_densities(JETS2))
@settings(deadline=None, max_examples=15)
def test_divergence_of_stress_energy_is_the_explicit_dependence(L):
    """d_mu T^mu_nu = -dL/dx^nu (explicit) + residual . d_nu u, off shell."""
    system = FieldLagrangian(L, (u, w), (t, x))
    jets = {f: sp.Dummy() for f in JETS2}
    T = system.stress_energy()
    for nu, s in enumerate((t, x)):
        explicit = sp.diff(system.density.xreplace(jets), s)
        explicit = explicit.xreplace({jet: f for f, jet in jets.items()})
        multiple = sum(
            r * sp.diff(f, s)
            for r, f in zip(system.euler_lagrange(), (u, w), strict=True)
        )
        assert is_zero(system.divergence(T[:, nu]) + explicit - multiple)


# Bad input


def test_field_of_fewer_coordinates_is_rejected():
    f = sp.Function("f")(x)
    with pytest.raises(ValueError, match="not a function of"):
        FieldLagrangian(f.diff(x) ** 2, (f,), (t, x))


def test_look_alikes_of_a_field_or_coordinate_are_rejected():
    with pytest.raises(ValueError, match="has the name of the field"):
        FieldLagrangian(u.diff(t) ** 2 + sp.Symbol("u") ** 2, (u,), (t, x))
    with pytest.raises(ValueError, match="has the name of the field"):
        FieldLagrangian(sp.Function("u")(x, t).diff(t) ** 2, (u,), (t, x))
    with pytest.raises(ValueError, match="other assumptions"):
        FieldLagrangian(u.diff(t) ** 2 + sp.Symbol("x") * u, (u,), (t, x))


def test_second_time_derivatives_have_no_simple_momentum():
    system = FieldLagrangian(u * u.diff(t, 2) - u.diff(x) ** 2, (u,), (t, x))
    with pytest.raises(ValueError, match=r"Derivative\(u\(t, x\), \(t, 2\)\)"):
        _ = system.momenta


def test_one_generator_per_field_and_coordinate():
    with pytest.raises(ValueError, match="xi has 2 components"):
        vibrating_string().noether_current(xi=[1, 2])
    with pytest.raises(ValueError, match="tau has 1 components"):
        vibrating_string().noether_current(tau=[1])
