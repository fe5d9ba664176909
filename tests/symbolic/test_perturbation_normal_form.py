"""Birkhoff-Gustavson normal forms, exact to the last rational."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.perturbation.normal_form import normal_form
from mechanics.symbolic.perturbation.resonance import ResonanceError

x, y, u, v = Z = sp.symbols("x y u v", real=True)
I1, I2, theta1, theta2 = sp.symbols("I_1 I_2 theta_1 theta_2", positive=True)
OSCILLATORS = (x**2 + y**2 + u**2 + v**2) / 2
HENON_HEILES = HamiltonianSystem(OSCILLATORS + x**2 * y - y**3 / 3, (x, y), (u, v))

# invariants of the flow of the two equal oscillators, |K|^2 = J^2 - L^2
J = OSCILLATORS
L = x * v - y * u
K1 = (x**2 + u**2 - y**2 - v**2) / 2
K2 = x * y + u * v
REAL_K3 = K1**3 - 3 * K1 * K2**2


def R(p, q=1):
    return sp.Rational(p, q)


def lowest_degree(f):
    """The lowest degree of a polynomial in the phase-space variables."""
    return min(sum(m) for m in sp.Poly(sp.expand(f), *Z).monoms())


def flow_average(f, w1, w2):
    """The mean of f along the flow of two oscillators, over the period 2 pi."""
    t = sp.Symbol("t")
    turned = f.subs(
        {
            x: x * sp.cos(w1 * t) + u * sp.sin(w1 * t),
            u: u * sp.cos(w1 * t) - x * sp.sin(w1 * t),
            y: y * sp.cos(w2 * t) + v * sp.sin(w2 * t),
            v: v * sp.cos(w2 * t) - y * sp.sin(w2 * t),
        },
        simultaneous=True,
    )
    e = sp.Symbol("e")
    circle = {
        g(w * t): (e**w + s * e**-w) / (2 if s == 1 else 2 * sp.I)
        for w in {w1, w2}
        for g, s in ((sp.cos, 1), (sp.sin, -1))
    }
    return sp.expand(turned.subs(circle)).coeff(e, 0)


@pytest.fixture(scope="module")
def henon_heiles():
    return normal_form(HENON_HEILES, 8, resonances=[(1, -1)])


def test_the_invariants_of_the_resonance_close():
    assert sp.expand(K1**2 + K2**2 + L**2 - J**2) == 0
    for f in (L, K1, K2):
        assert sp.expand(HENON_HEILES.bracket(f, J)) == 0


def test_henon_heiles_is_reproduced_exactly(henon_heiles):
    """J - 5/12 J^2 + 7/12 L^2 - 67/432 J^3 - 7/144 J L^2 + 7/18 Re K^3 + ..."""
    fourth = -R(5, 12) * J**2 + R(7, 12) * L**2
    sixth = -R(67, 432) * J**3 - R(7, 144) * J * L**2 + R(7, 18) * REAL_K3
    terms = henon_heiles.terms
    assert terms[2] == sp.expand(J)
    assert sp.expand(terms[4] - fourth) == 0
    assert sp.expand(terms[6] - sixth) == 0
    assert all(terms[n] == 0 for n in (3, 5, 7))
    # negative control: K with its parts exchanged is another function
    swapped = R(7, 18) * ((K2**3 - 3 * K2 * K1**2) - REAL_K3)
    assert sp.expand(terms[6] - sixth - swapped) != 0


def test_henon_heiles_to_degree_eight(henon_heiles):
    eighth = (
        -R(42229, 155520) * J**4
        - R(76447, 25920) * J**2 * L**2
        + R(115171, 31104) * L**4
        + R(2093, 2160) * J * REAL_K3
    )
    assert sp.expand(henon_heiles.terms[8] - eighth) == 0


def test_the_normal_form_commutes_with_its_quadratic_part(henon_heiles):
    for term in henon_heiles.terms.values():
        assert sp.expand(HENON_HEILES.bracket(term, J)) == 0
    assert sp.expand(HENON_HEILES.bracket(HENON_HEILES.H, J)) != 0


def test_the_map_carries_the_hamiltonian_there_and_back(henon_heiles):
    assert sp.expand(henon_heiles.to_normal(HENON_HEILES.H)) == sp.expand(
        henon_heiles.hamiltonian
    )
    back = henon_heiles.to_original(henon_heiles.hamiltonian)
    assert sp.expand(back - HENON_HEILES.H) == 0


def test_the_generators_alone_reproduce_the_fourth_degree(henon_heiles):
    """H4' = {H3, chi3} + {{H2, chi3}, chi3}/2 + {H2, chi4}, by hand."""
    bracket, chi = HENON_HEILES.bracket, henon_heiles.generators
    H3 = sp.expand(HENON_HEILES.H - J)
    assert sp.expand(H3 + bracket(J, chi[3])) == 0
    fourth = bracket(H3, chi[3]) + bracket(bracket(J, chi[3]), chi[3]) / 2
    assert sp.expand(fourth + bracket(J, chi[4]) - henon_heiles.terms[4]) == 0


def test_the_second_integral_is_conserved_to_the_order():
    form = normal_form(HENON_HEILES, 6, resonances=[(1, -1)])
    rate = HENON_HEILES.bracket(form.to_original(J), HENON_HEILES.H)
    assert lowest_degree(rate) == 7
    assert lowest_degree(HENON_HEILES.bracket(J, HENON_HEILES.H)) == 3


def test_the_loop_orbit_at_energy_one_hundredth_has_the_predicted_period(henon_heiles):
    """On the loop orbit L = J and K = 0; its frequency is dH/dJ along L = J."""
    action = sp.Symbol("I", positive=True)
    circle = {x: sp.sqrt(action), v: sp.sqrt(action), y: 0, u: 0}
    assert K1.subs(circle) == K2.subs(circle) == 0
    assert J.subs(circle) == L.subs(circle) == action
    energy = sp.expand(henon_heiles.hamiltonian.subs(circle))
    expected = action + action**2 / 6 - R(11, 54) * action**3
    assert sp.expand(energy - expected).coeff(action, 4) == R(1171, 2430)
    root = sp.nsolve(energy - R(1, 100), action, R(1, 100), prec=20)
    predicted = float(2 * sp.pi / sp.diff(energy, action).subs(action, root))

    gradient = sp.lambdify(Z, HENON_HEILES.vector_field)

    def half_orbit(y0):
        """Leave the line x = 0 at a right angle, and return to it."""
        u0 = np.sqrt(2 * 0.01 - y0**2 + 2 * y0**3 / 3)

        def section(_, z):
            return z[0]

        section.terminal, section.direction = True, -1
        path = solve_ivp(
            lambda _, z: gradient(*z), (0, 10), [0, y0, u0, 0], events=section,
            method="DOP853", rtol=1e-13, atol=1e-15,
        )  # fmt: skip
        return path.t_events[0][0], path.y_events[0][0][3]

    start = brentq(lambda y0: half_orbit(y0)[1], 0.09, 0.11, xtol=1e-14)
    period = 2 * half_orbit(start)[0]
    assert abs(period - 6.26271376) < 1e-8
    assert abs(predicted - 6.26271332) < 1e-8
    assert abs(predicted - period) < 5e-7
    # negative control: the fourth degree alone is a thousand times worse
    fourth = action + action**2 / 6
    root = float(sp.nsolve(fourth - R(1, 100), action, R(1, 100)))
    assert abs(2 * np.pi / (1 + root / 3) - period) > 2e-4


def test_a_nonresonant_normal_form_names_the_resonance():
    with pytest.raises(
        ResonanceError,
        match=r"degree 4: the mode k = \(2, -2\).*k.omega = 0.*\[\(1, -1\)\]",
    ):
        normal_form(HENON_HEILES, 4)
    normal_form(HENON_HEILES, 3)


def test_the_swinging_spring_keeps_the_average_over_the_fast_flow():
    """1:2 resonance: K3 is the mean of H3 along the flow of H2."""
    H3 = x**2 * y + y**3 / 3 + u * v * x
    H = (x**2 + u**2) / 2 + (y**2 + v**2) + H3
    form = normal_form(HamiltonianSystem(H, (x, y), (u, v)), 3, resonances=[(2, -1)])
    assert sp.expand(form.terms[3] - flow_average(H3, 1, 2)) == 0
    assert form.terms[3] != 0
    angles = form.action_angle((I1, I2), (theta1, theta2))
    slow = (angles - I1 - 2 * I2).atoms(sp.cos, sp.sin)
    assert {wave.args[0] for wave in slow} == {2 * theta1 - theta2}


def test_action_angle_form_is_the_substitution():
    form = normal_form(HENON_HEILES, 6, resonances=[(1, -1)])
    angles = form.action_angle((I1, I2), (theta1, theta2))
    values = {I1: 0.1, I2: 0.05, theta1: 0.4, theta2: 1.3}
    root1, root2 = sp.sqrt(2 * I1), sp.sqrt(2 * I2)
    direct = form.hamiltonian.subs(
        {
            x: root1 * sp.sin(theta1), u: root1 * sp.cos(theta1),
            y: root2 * sp.sin(theta2), v: root2 * sp.cos(theta2),
        }
    )  # fmt: skip
    assert abs((angles - direct).subs(values).evalf()) < 1e-15


def test_the_quartic_oscillator_agrees_with_its_action_integral():
    """E = I + 3/2 I^2 - 17/4 I^3 + 375/16 I^4 - 10689/64 I^5."""
    quartic = HamiltonianSystem((x**2 + u**2) / 2 + x**4, (x,), (u,))
    energy = normal_form(quartic, 10).action_angle([I1], [theta1])
    E = sp.Symbol("E", positive=True)
    # 2 pi I = oint sqrt(2E - x^2 - 2 x^4) dx, term by term a beta function
    action = sum(
        sp.binomial(R(1, 2), n) * (-2) ** n * (2 * E) ** (n + 1) / sp.pi
        * sp.gamma(2 * n + R(1, 2)) * sp.gamma(R(3, 2) - n) / sp.gamma(n + 2)
        for n in range(5)
    )  # fmt: skip
    defect = sp.Poly(sp.expand(action.subs(E, energy) - I1), I1)
    assert min(m for (m,) in defect.monoms()) == 6


def test_symbolic_frequencies_keep_their_divisors():
    """-5 I_2^2/(12 omega_2): the cubic term -y^3/3 alone, textbook second order."""
    w1, w2 = sp.symbols("omega_1 omega_2", positive=True)
    H = w1 * (x**2 + u**2) / 2 + w2 * (y**2 + v**2) / 2 + x**2 * y - y**3 / 3
    form = normal_form(HamiltonianSystem(H, (x, y), (u, v)), 4)
    energy = form.action_angle((I1, I2), (theta1, theta2))
    assert sp.cancel(energy.subs(I1, 0) - w2 * I2 + 5 * I2**2 / (12 * w2)) == 0
    # the 2:1 divisor of x^2 y stands in the coefficient of I_1^2
    second = sp.cancel(sp.Poly(energy, I1, I2).coeff_monomial(I1**2))
    assert sp.rem(sp.fraction(second)[1], 2 * w1 - w2, w1) == 0


def test_irrational_frequencies_are_exact():
    w = sp.sqrt(2)
    H = (x**2 + u**2) / 2 + w * (y**2 + v**2) / 2 + x**2 * y
    form = normal_form(HamiltonianSystem(H, (x, y), (u, v)), 4)
    back = form.to_original(form.hamiltonian)
    assert sp.expand(back - H) == 0
    assert form.action_angle((I1, I2), (theta1, theta2)).free_symbols == {I1, I2}


def test_momenta_of_odd_degree_need_complex_coefficients():
    """A rotation by the angle of a 3-4-5 triangle must not change the normal form."""
    turn = {
        x: (3 * x + 4 * u) / 5, u: (3 * u - 4 * x) / 5,
        y: (3 * y + 4 * v) / 5, v: (3 * v - 4 * y) / 5,
    }  # fmt: skip
    H = sp.expand(HENON_HEILES.H.subs(turn, simultaneous=True))
    turned = normal_form(HamiltonianSystem(H, (x, y), (u, v)), 6, [(1, -1)])
    straight = normal_form(HENON_HEILES, 6, [(1, -1)])
    assert turned.terms == straight.terms
    assert turned.generators != straight.generators


def test_a_near_resonance_can_be_kept():
    """Detuned Hénon-Heiles: the mode (2, -2) stays although its divisor is 1/5."""
    H = HENON_HEILES.H + (y**2 + v**2) / 20
    system = HamiltonianSystem(H, (x, y), (u, v))
    kept = normal_form(system, 4, [(1, -1)])
    plain = normal_form(system, 4)
    assert kept.action_angle((I1, I2), (theta1, theta2)).has(theta1)
    assert not plain.action_angle((I1, I2), (theta1, theta2)).has(theta1)


monomials = sorted(set(sp.itermonomials(Z, 4, 3)), key=str)
polynomials = st.lists(
    st.tuples(st.sampled_from(monomials), st.fractions(-3, 3, max_denominator=4)),
    min_size=1,
    max_size=2,
).map(lambda terms: sum(m * R(c) for m, c in terms))


@settings(max_examples=6)
@given(polynomials)
def test_random_hamiltonians_are_normalized_by_a_canonical_map(perturbation):
    H2 = (x**2 + u**2) / 2 - 3 * (y**2 + v**2) / 2
    system = HamiltonianSystem(H2 + perturbation, (x, y), (u, v))
    form = normal_form(system, 5, resonances=[(3, 1)])
    for term in form.terms.values():
        assert sp.expand(system.bracket(term, H2)) == 0
    assert sp.expand(form.to_original(form.to_normal(x * v)) - x * v) == 0
    new = {z: form.to_normal(z) for z in (x, y, u, v)}
    for a, b, unit in ((x, u, 1), (y, v, 1), (x, y, 0), (u, v, 0), (x, v, 0)):
        defect = sp.expand(system.bracket(new[a], new[b]) - unit)
        assert defect == 0 or lowest_degree(defect) > 3


@pytest.mark.parametrize(
    ("H", "message"),
    [
        (OSCILLATORS + x * y, r"the term x\*y does not belong"),
        (OSCILLATORS + u, "the term u does not belong"),
        (OSCILLATORS + 1, "the term 1 does not belong"),
        (OSCILLATORS + x**2, r"not of the form omega\*\(x\*\*2 \+ u\*\*2\)/2"),
        (OSCILLATORS + sp.cos(x), "not a polynomial .* expand it in a series"),
        (OSCILLATORS + 0.1 * x**3, "not exact rational .* sympy.Rational"),
    ],
)
def test_unsuitable_hamiltonians_are_refused(H, message):
    with pytest.raises(ValueError, match=message):
        normal_form(HamiltonianSystem(H, (x, y), (u, v)), 4)


@pytest.mark.parametrize(
    ("resonances", "message"),
    [
        ([(1, -1, 0)], "not a nonzero vector of 2 integers"),
        ([(0, 0)], "not a nonzero vector of 2 integers"),
        ([(1, -1), (2, -2)], "linearly dependent"),
    ],
)
def test_unsuitable_resonances_are_refused(resonances, message):
    with pytest.raises(ValueError, match=message):
        normal_form(HENON_HEILES, 4, resonances=resonances)


def test_an_observable_with_foreign_parameters_is_refused(henon_heiles):
    with pytest.raises(ValueError, match="parameters that the Hamiltonian does not"):
        henon_heiles.to_normal(sp.Symbol("m") * x)
