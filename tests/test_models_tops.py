"""The heavy top against Euler's equations, its momenta and the books."""

import math

import pytest
import sympy as sp

from mechanics.models.tops import HeavyTop
from mechanics.symbolic.legendre import legendre
from mechanics.symbolic.rigid_body import euler_equations
from mechanics.symbolic.rotations import EulerAngles
from mechanics.symbolic.symbols import coordinates
from mechanics.symbolic.zero import is_zero

TOP = HeavyTop()
ANGLES, RATES = coordinates("phi theta psi")
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
    carried = w.applyfunc(TOP.lagrangian.time_derivative)
    by_lagrange = carried + w.jacobian(RATES) * sp.Matrix(a)
    assert all(is_zero(l - e) for l, e in zip(by_lagrange, by_euler, strict=True))


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
