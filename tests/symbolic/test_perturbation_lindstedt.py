"""Lindstedt-Poincaré series against exact frequencies."""

from math import comb

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

from mechanics.symbolic.perturbation.lindstedt import lindstedt_poincare

x, eps, A, t, tau = sp.symbols("x epsilon A t tau", positive=True)


def elliptic_k(m, order):
    """K(m) 2/pi as a series in m, from the hypergeometric coefficients."""
    return sum(sp.Rational(comb(2 * n, n), 4**n) ** 2 * m**n for n in range(order + 1))


def series(f, variable, order):
    """Taylor coefficients of a rational function, by long division."""
    numerator, denominator = (sp.Poly(g, variable) for g in sp.fraction(sp.together(f)))
    a, b = ([g.coeff_monomial(variable**n) for n in range(order + 1)]
            for g in (numerator, denominator))  # fmt: skip
    result = []
    for n in range(order + 1):
        rest = sum(result[i] * b[n - i] for i in range(n))
        result.append((a[n] - rest) / b[0])
    return result


def exact_period(potential, amplitude):
    """T = 4 int_0^A dx / sqrt(2(V(A) - V(x))) with x = A sin(s)."""

    def speed(s):
        gap = potential(amplitude) - potential(amplitude * np.sin(s))
        return amplitude * np.cos(s) / np.sqrt(2 * gap)

    return 4 * quad(speed, 0, np.pi / 2, epsabs=1e-13, epsrel=1e-13)[0]


def test_duffing_equals_the_elliptic_expansion_to_order_twelve():
    """omega^2 = (1 + l) (pi/2)^2 / K(m)^2 with m = l / (2 (1 + l)) at amplitude 1."""
    duffing = lindstedt_poincare(eps * x**3, x, eps, 12)
    assert duffing.frequencies[:4] == (
        1,
        sp.Rational(3, 8),
        -sp.Rational(21, 256),
        sp.Rational(81, 2048),
    )
    exact = series((1 + eps) / elliptic_k(eps / (2 * (1 + eps)), 12) ** 2, eps, 12)
    omega = sp.Poly(duffing.frequency, eps)
    square = [(omega**2).coeff_monomial(eps**n) for n in range(13)]
    assert square == exact
    # negative control: a wrong parameter of K is seen at the second order
    wrong = series((1 + eps) / elliptic_k(eps / (2 + eps), 12) ** 2, eps, 2)
    assert wrong != square[:3]


def test_the_amplitude_enters_as_eps_times_its_square():
    general = lindstedt_poincare(eps * x**3, x, eps, 4, amplitude=A)
    unit = lindstedt_poincare(eps * x**3, x, eps, 4)
    for n in range(5):
        assert (
            sp.expand(general.frequencies[n] - unit.frequencies[n] * A ** (2 * n)) == 0
        )


def test_the_first_harmonic_correction_of_duffing():
    """x_1 = (A^3 / 32) (cos 3 tau - cos tau)."""
    duffing = lindstedt_poincare(eps * x**3, x, eps, 1, amplitude=A)
    assert duffing.harmonics == ({1: A}, {1: -(A**3) / 32, 3: A**3 / 32})


@pytest.mark.parametrize(
    "g",
    [
        eps * x**3,
        eps * x**2,
        eps * x**2 / 2 - eps**2 * x**3 + eps**2,
        eps * (x**5 - x) + eps**2 * x**4,
    ],
)
def test_the_defect_begins_beyond_the_order(g):
    order = 4
    solution = lindstedt_poincare(g, x, eps, order, amplitude=sp.Rational(2, 3))
    defect = sp.Poly(solution.defect(tau), eps)
    assert min(n for (n,) in defect.monoms()) == order + 1
    start = sp.Poly(solution.solution(sp.Integer(0)), eps)
    assert start.all_coeffs() == [sp.Rational(2, 3)]


def test_a_wrong_frequency_leaves_a_defect():
    """Negative control: 3/8 replaced by 3/4 spoils the first order."""
    right = lindstedt_poincare(eps * x**3, x, eps, 1)
    wrong = type(right)(
        x, eps, right.g, (sp.Integer(1), sp.Rational(3, 4)), right.harmonics
    )
    assert sp.Poly(wrong.defect(tau), eps).coeff_monomial(eps) != 0
    assert sp.Poly(right.defect(tau), eps).coeff_monomial(eps) == 0


def test_the_defect_is_the_residual_of_the_equation():
    solution = lindstedt_poincare(eps * x**3 + eps * x**2, x, eps, 2)
    path = solution.solution(tau)
    residual = solution.frequency**2 * sp.diff(path, tau, 2) + path
    residual += (eps * x**3 + eps * x**2).subs(x, path)
    values = {eps: 0.3, tau: 0.8}
    assert abs((residual - solution.defect(tau)).subs(values).evalf()) < 1e-14


def test_worked_example_of_the_text_with_the_right_factor():
    """V = x^2/2 + eps x^4 has the force x + 4 eps x^3: the shift is 3/2 eps A^2.

    The text (CCM-12) takes 3/8 eps A^2 and a period shorter by 6 ms; it is 23 ms.
    """
    small, amplitude = sp.Rational(1, 100), sp.Rational(1, 2)
    general = lindstedt_poincare(4 * eps * x**3, x, eps, 1, amplitude=A)
    assert general.frequency == 1 + 3 * eps * A**2 / 2
    first = general.frequency.subs(A, amplitude)
    period = exact_period(lambda s: s**2 / 2 + 0.01 * s**4, 0.5)
    predicted = float(2 * sp.pi / first.subs(eps, small))
    assert abs(predicted - period) < 1e-4
    assert abs(2 * np.pi - period - 0.0234) < 1e-4
    printed = 2 * np.pi / 1.0009375
    assert abs(printed - period) > 0.017
    better = lindstedt_poincare(4 * eps * x**3, x, eps, 6, amplitude=amplitude)
    predicted = float(2 * sp.pi / better.frequency.subs(eps, small))
    assert abs(predicted - period) < 1e-12


def test_the_secular_term_of_the_naive_series():
    """CCM-12 P3: expanding x(omega t) in eps at fixed t gives -(3/8) A^3 t sin t."""
    duffing = lindstedt_poincare(eps * x**3, x, eps, 1, amplitude=A)
    naive = sp.diff(duffing.solution(duffing.frequency * t), eps).subs(eps, 0)
    assert sp.expand(naive.coeff(t, 1) + 3 * A**3 * sp.sin(t) / 8) == 0
    x0 = A * sp.cos(t)
    residual = sp.diff(naive, t, 2) + naive + x0**3
    assert sp.expand(sp.expand(residual).rewrite(sp.exp)) == 0


def test_the_pendulum_slows_down():
    """theta = A x with eps = A^2; omega^2 = (pi/2)^2 / K(sin^2(A/2))^2."""
    g = -eps * x**3 / 6 + eps**2 * x**5 / 120 - eps**3 * x**7 / 5040
    pendulum = lindstedt_poincare(g, x, eps, 3)
    assert pendulum.frequencies[1:3] == (-sp.Rational(1, 16), sp.Rational(1, 3072))
    sine = sp.series(sp.sin(A / 2) ** 2, A, 0, 8).removeO().subs(A, sp.sqrt(eps))
    exact = series(1 / elliptic_k(sp.expand(sine), 3) ** 2, eps, 3)
    omega = sp.Poly(pendulum.frequency, eps)
    assert [(omega**2).coeff_monomial(eps**n) for n in range(4)] == exact


def test_a_linear_force_gives_the_square_root():
    assert (
        lindstedt_poincare(eps * x, x, eps, 3).frequency
        == sp.series(sp.sqrt(1 + eps), eps, 0, 4).removeO()
    )


def test_an_asymmetric_well_agrees_with_its_period():
    """x'' + x + eps x^2 = 0 between its turning points, by quadrature."""
    small, start = 0.1, 0.5
    cubic = lindstedt_poincare(eps * x**2, x, eps, 10, amplitude=sp.Rational(1, 2))

    def potential(s):
        return s**2 / 2 + small * s**3 / 3

    roots = np.roots([small / 3, 0.5, 0, -potential(start)]).real
    left = max(r for r in roots if r < 0)
    middle, half = (start + left) / 2, (start - left) / 2

    def speed(s):
        gap = potential(start) - potential(middle + half * np.sin(s))
        return half * np.cos(s) / np.sqrt(2 * gap)

    period = 2 * quad(speed, -np.pi / 2, np.pi / 2, epsabs=1e-12)[0]
    omega = float(cubic.frequency.subs(eps, sp.Rational(1, 10)))
    assert abs(2 * np.pi / omega - period) < 1e-9


@pytest.mark.parametrize(
    ("g", "amplitude", "message"),
    [
        (x**3, 1, r"the term x\*\*3 has no factor epsilon"),
        (eps * sp.cos(x), 1, "not a polynomial in x and epsilon"),
        (0.5 * eps * x**3, 1, "not exact .* sympy.Rational"),
        (eps * x**3, 0, "the amplitude is zero"),
    ],
)
def test_unsuitable_equations_are_refused(g, amplitude, message):
    with pytest.raises(ValueError, match=message):
        lindstedt_poincare(g, x, eps, 2, amplitude=amplitude)
