"""The field models: equations, solutions and energies by hand."""

import math

import pytest
import sympy as sp

from mechanics.models.fields import (
    euler_bernoulli_beam,
    klein_gordon,
    maxwell,
    membrane,
    sine_gordon,
    vibrating_string,
)
from mechanics.symbolic.fields import FieldLagrangian
from mechanics.symbolic.lagrangian import SingularLagrangianError
from mechanics.symbolic.zero import is_zero

t, x, y, z = sp.symbols("t x y z", real=True)
rho, tau, m, c, beta, B = sp.symbols("rho tau m c beta B", positive=True)
mu_0 = sp.Symbol("mu_0", positive=True)
u = sp.Function("u")(t, x)


def on(expression, solution):
    """Evaluate an expression on a motion {field: function of the coordinates}."""
    return sp.sympify(expression).subs(solution).doit()


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


# Light


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
