"""Canonical perturbation theory: averages, small divisors, exact second orders."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.perturbation.averaging import canonical_perturbation
from mechanics.symbolic.perturbation.fourier import angle_average, fourier_series
from mechanics.symbolic.perturbation.resonance import ResonanceError
from mechanics.symbolic.zero import is_zero

J, theta = sp.symbols("J theta", positive=True)
J1, J2, theta1, theta2 = sp.symbols("J_1 J_2 theta_1 theta_2", positive=True)
w1, w2, eps = sp.symbols("omega_1 omega_2 epsilon", positive=True)
q = sp.sqrt(2 * J) * sp.sin(theta)


def vanishes(f, angles):
    """Whether every Fourier coefficient is zero."""
    return all(is_zero(c) for c in fourier_series(f, angles).modes.values())


def quartic_series(order):
    """E(J) of p^2/2 + q^2/2 + eps q^4 from the action integral.

    Expanding 2 pi J = oint sqrt(2E - q^2 - 2 eps q^4) dq in eps, each term is a beta
    function, continued analytically in its exponent; then the series is inverted.
    """
    E = sp.Symbol("E", positive=True)
    action = sum(
        sp.binomial(sp.Rational(1, 2), n)
        * (-2 * eps) ** n
        * (2 * E) ** (n + 1)
        * sp.gamma(2 * n + sp.Rational(1, 2))
        * sp.gamma(sp.Rational(3, 2) - n)
        / sp.gamma(n + 2)
        / sp.pi
        for n in range(order + 1)
    )
    energy = J
    for _ in range(order):
        remainder = sp.expand(energy - action.subs(E, energy) + J)
        energy = sum(remainder.coeff(eps, n) * eps**n for n in range(order + 1))
    return energy


def test_the_average_of_q4_is_half_of_what_the_text_prints():
    """CCM-12 P1: <q^4> = 3 J^2 / 2."""
    direct = sp.integrate(q**4, (theta, 0, 2 * sp.pi)) / (2 * sp.pi)
    assert angle_average(q**4, [theta]) == direct == 3 * J**2 / 2
    assert angle_average(q**4, [theta]) != 3 * J**2


def test_the_average_runs_over_all_angles():
    f = (sp.cos(theta1 - theta2) + sp.sin(theta1)) ** 2 * J1 + sp.cos(theta2)
    direct = sp.integrate(
        sp.expand(f), (theta1, 0, 2 * sp.pi), (theta2, 0, 2 * sp.pi)
    ) / (4 * sp.pi**2)
    assert angle_average(f, [theta1, theta2]) == sp.simplify(direct) == J1


def test_fourier_coefficients_rebuild_the_function():
    phi = sp.Symbol("phi", real=True)
    f = sp.sqrt(J1) * sp.cos(2 * theta1 - theta2 + phi) ** 2 * sp.sin(theta2) + J2
    series = fourier_series(f, (theta1, theta2))
    values = {theta1: 0.3, theta2: 1.1, phi: 0.7, J1: 2.0, J2: 0.5}
    assert abs((series.expression - f).subs(values).evalf()) < 1e-14
    assert set(series.modes) == {
        (0, 0), (0, 1), (0, -1), (4, -1), (4, -3), (-4, 1), (-4, 3)
    }  # fmt: skip


def test_quartic_oscillator_agrees_with_the_action_integral_to_fourth_order():
    perturbed = canonical_perturbation([J, q**4], [J], [theta], order=4)
    defect = sp.expand(perturbed.hamiltonian(eps) - quartic_series(4))
    assert defect == 0
    assert perturbed.frequencies(eps)[0].coeff(eps, 1) == 3 * J
    # negative control: without the second order the energies differ
    assert sp.expand(perturbed.K[0] + eps * perturbed.K[1] - quartic_series(2)) != 0


def test_cubic_oscillator_is_shifted_at_second_order_only():
    """H1 = q^3 averages to zero; K2 = -15 J^2 / 4 from the exact action integral."""
    E = sp.Symbol("E", positive=True)
    # second-order term of (1/2 pi) oint sqrt(2E - q^2 - 2 eps q^3) dq
    half = sp.Rational(1, 2)
    second = (
        sp.binomial(half, 2) * 4 * (2 * E) ** 2 * sp.gamma(7 * half)
        * sp.gamma(-half) / sp.gamma(3) / sp.pi
    )  # fmt: skip
    perturbed = canonical_perturbation([J, q**3], [J], [theta])
    assert perturbed.K[1] == 0
    assert sp.expand(perturbed.K[2] + second.subs(E, J)) == 0


coefficients = st.fractions(-2, 2, max_denominator=3).filter(bool).map(sp.Rational)
modes = st.tuples(st.integers(-2, 2), st.integers(-2, 2)).filter(any)
waves = st.lists(
    st.tuples(coefficients, modes, st.sampled_from([1, J1, J1 * J2]), st.booleans()),
    min_size=1,
    max_size=2,
).map(
    lambda terms: sum(
        c * a * (sp.cos if even else sp.sin)(k[0] * theta1 + k[1] * theta2)
        for c, k, a, even in terms
    )
)


@settings(max_examples=5)
@given(waves)
def test_second_order_equals_that_of_the_generating_function(H1):
    """K2 = <W_theta.H0''.W_theta/2 + W_theta.dH1/dJ> of the type-2 function W."""
    H0 = w1 * J1 + J2 + J1**2 / 2 + J1 * J2 / 3
    actions, angles = (J1, J2), (theta1, theta2)
    omega = [sp.diff(H0, j) for j in actions]
    W = sum(
        sp.I * c / (k[0] * omega[0] + k[1] * omega[1])
        * sp.exp(sp.I * (k[0] * theta1 + k[1] * theta2))
        for k, c in fourier_series(H1, angles).modes.items()
        if any(k)
    )  # fmt: skip
    slope = sp.Matrix([sp.diff(W, t) for t in angles])
    kick = sp.Matrix([sp.diff(H1, j) for j in actions])
    K2 = angle_average((slope.T * sp.hessian(H0, actions) * slope)[0] / 2, angles)
    K2 += angle_average(slope.dot(kick), angles)
    perturbed = canonical_perturbation([H0, H1], actions, angles)
    assert sp.cancel(perturbed.K[2] - K2) == 0
    generator = perturbed.generators[0].expression
    values = {w1: 0.3, J1: 0.2, J2: 0.4, theta1: 0.5, theta2: 0.7}
    assert abs((generator + W).subs(values).evalf()) < 1e-12


def test_the_divisors_are_visible_and_belong_to_their_modes():
    H = [w1 * J1 + w2 * J2, J1 * J2 * sp.cos(theta1 - 2 * theta2)]
    perturbed = canonical_perturbation(H, (J1, J2), (theta1, theta2), order=1)
    assert set(perturbed.divisors[0]) == {(1, -2), (-1, 2)}
    small = perturbed.divisors[0][1, -2]
    assert small.coefficient == J1 * J2 / 2
    assert small.divisor == w1 - 2 * w2
    chi = perturbed.generators[0].modes[1, -2]
    assert sp.cancel(chi + sp.I * J1 * J2 / 2 / (w1 - 2 * w2)) == 0
    assert perturbed.divisors_at({w1: 3, w2: 1}) == {(1, -2): 1, (-1, 2): -1}


def test_a_resonant_torus_is_named():
    H = [J1**2 / 2 + J2**2 / 2, sp.cos(theta1 - 2 * theta2)]
    perturbed = canonical_perturbation(H, (J1, J2), (theta1, theta2), order=1)
    with pytest.raises(
        ResonanceError,
        match=r"k = \(-1, 2\).*omega = \(2, 1\).*resonances=\[\(-1, 2\)\]",
    ):
        perturbed.divisors_at({J1: 2, J2: 1})


def test_an_identical_resonance_is_an_error_with_its_remedy():
    H1 = sp.cos(2 * theta1 - 2 * theta2) + sp.sin(theta1)
    H = [J1 + J2, H1]
    with pytest.raises(
        ResonanceError, match=r"k = \(-2, 2\).*k.omega = 0.*resonances=\[\(-1, 1\)\]"
    ):
        canonical_perturbation(H, (J1, J2), (theta1, theta2))
    kept = canonical_perturbation(
        H, (J1, J2), (theta1, theta2), order=1, resonances=[(-1, 1)]
    )
    assert kept.K[1] == sp.cos(2 * theta1 - 2 * theta2)


def test_a_resonance_met_at_second_order_only_is_found():
    """cos(theta_1) and cos(theta_2) beat at theta_1 - theta_2."""
    H = [J1 + J2, J1 * sp.cos(theta1) + J1 * J2 * sp.cos(theta2)]
    canonical_perturbation(H, (J1, J2), (theta1, theta2), order=1)
    with pytest.raises(ResonanceError, match=r"order 2.*\(-1, 1\)"):
        canonical_perturbation(H, (J1, J2), (theta1, theta2), order=2)


def test_the_map_carries_the_hamiltonian_to_its_average_and_back():
    H1 = J1 * sp.cos(theta1) ** 2 + sp.sqrt(J1 * J2) * sp.sin(theta1 - theta2)
    H0, actions, angles = w1 * J1 + w2 * J2, (J1, J2), (theta1, theta2)
    perturbed = canonical_perturbation([H0, H1], actions, angles)
    image = perturbed.to_normal(H0, eps) + eps * perturbed.to_normal(H1, eps)
    for n in range(3):
        defect = sp.expand(image).coeff(eps, n) - perturbed.K[n]
        assert vanishes(defect, angles)
    flow = HamiltonianSystem(H0 + eps * H1, angles, actions)
    rate = sp.expand(flow.time_derivative(perturbed.to_original(J1, eps)))
    for n in range(3):
        assert vanishes(rate.coeff(eps, n), angles)
    # negative control: the original action is not conserved at first order
    bare = sp.expand(flow.time_derivative(J1))
    assert not vanishes(bare.coeff(eps, 1), angles)


def test_the_averaging_map_is_canonical_to_its_order():
    perturbed = canonical_perturbation([J, q**4], [J], [theta])
    flow = HamiltonianSystem(J, (theta,), (J,))
    wave, action = perturbed.to_normal(sp.cos(theta), eps), perturbed.to_normal(J, eps)
    expected = perturbed.to_normal(-sp.sin(theta), eps)
    defect = sp.expand(flow.bracket(wave, action) - expected)
    for n in range(3):
        assert vanishes(defect.coeff(eps, n), [theta])


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (1 / (2 + sp.cos(theta)), "is no trigonometric polynomial in theta"),
        (theta * sp.cos(theta), "is no trigonometric polynomial in theta"),
        (sp.tan(theta), "is no trigonometric polynomial in theta"),
        (sp.cos(theta / 2), r"not periodic in theta with period 2 pi"),
        (sp.cos(J * theta), r"not periodic in theta with period 2 pi"),
    ],
)
def test_what_is_no_trigonometric_polynomial_is_refused(f, message):
    with pytest.raises(ValueError, match=message):
        angle_average(f, [theta])


def test_an_unperturbed_hamiltonian_with_angles_is_refused():
    with pytest.raises(ValueError, match="depends on the angles; move that part to H1"):
        canonical_perturbation([J + sp.cos(theta)], [J], [theta])
    with pytest.raises(ValueError, match="1 actions but 2 angles"):
        canonical_perturbation([J], [J], [theta, theta1])
