"""Lie series are canonical maps, and minus the generator inverts them."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.perturbation.lie_series import lie_derivative, lie_transform

q1, q2, p1, p2 = Z = sp.symbols("q_1 q_2 p_1 p_2", real=True)
eps = sp.Symbol("epsilon", positive=True)
ORDER = 3
canonical = HamiltonianSystem(sp.Integer(0), (q1, q2), (p1, p2)).bracket
monomials = sorted(sp.itermonomials(Z, 3, 2), key=str)
polynomials = st.lists(
    st.tuples(st.sampled_from(monomials), st.fractions(-3, 3, max_denominator=4)),
    min_size=1,
    max_size=2,
).map(lambda terms: sum(m * sp.Rational(c) for m, c in terms))


def lie(f, chi, bracket=canonical):
    return lie_transform(f, chi, bracket, eps, ORDER)


def truncated(f):
    """Drop what lies beyond the order of the series."""
    polynomial = sp.Poly(sp.expand(f), eps)
    return sum(c * eps**n for (n,), c in polynomial.terms() if n <= ORDER)


def test_the_lie_derivative_is_the_bracket_with_the_generator():
    """{q, p} = +1: the momentum translates the coordinate forward."""
    assert lie_derivative(q1, p1, canonical) == 1
    assert lie_derivative(p1, q1, canonical) == -1
    assert lie_transform(q1**2, eps * p1, canonical, eps, 2) == q1**2 + (
        2 * eps * q1 + eps**2
    )


def test_the_angular_momentum_generates_the_series_of_a_rotation():
    """{q1, L} = -q2 with L = q1 p2 - q2 p1."""
    turned = lie_transform(q1, eps * (q1 * p2 - q2 * p1), canonical, eps, 5)
    expected = sp.series(q1 * sp.cos(eps) - q2 * sp.sin(eps), eps, 0, 6).removeO()
    assert sp.expand(turned - expected) == 0


def test_spins_turn_under_their_own_bracket():
    """{S^a, S^b} = +eps_abc S^c: S_z turns S_x to -S_y, and the length is kept."""
    S = sp.symbols("S_x S_y S_z", real=True)

    def bracket(f, g):
        grad_f, grad_g = (sp.Matrix([sp.diff(h, s) for s in S]) for h in (f, g))
        return sp.Matrix(S).dot(grad_f.cross(grad_g))

    turned = [lie_transform(s, eps * S[2], bracket, eps, 4) for s in S]
    expected = S[0] * sp.cos(eps) - S[1] * sp.sin(eps)
    assert sp.expand(turned[0] - sp.series(expected, eps, 0, 5).removeO()) == 0
    length = sp.Poly(sp.expand(sum(s**2 for s in turned) - sum(s**2 for s in S)), eps)
    assert all(n > 4 for (n,), c in length.terms() if c != 0)


@settings(max_examples=8)
@given(polynomials, polynomials, polynomials)
def test_minus_the_generator_inverts_the_series(f, chi_1, chi_2):
    chi = eps * chi_1 + eps**2 * chi_2
    assert sp.expand(lie(lie(f, chi), -chi) - f) == 0


@settings(max_examples=8)
@given(polynomials, polynomials, polynomials)
def test_brackets_and_products_are_preserved_to_the_order(f, g, chi):
    F, G = lie(f, eps * chi), lie(g, eps * chi)
    image = lie(canonical(f, g), eps * chi)
    assert sp.expand(truncated(canonical(F, G)) - image) == 0
    assert sp.expand(truncated(F * G) - lie(f * g, eps * chi)) == 0


def test_a_series_without_its_factorials_is_not_canonical():
    """Negative control: 1 + L + L^2 instead of 1 + L + L^2/2."""
    chi = q1**2 * p1

    def wrong(f):
        first = lie_derivative(f, chi, canonical)
        return f + eps * first + eps**2 * lie_derivative(first, chi, canonical)

    right = canonical(*(lie(z, eps * chi) for z in (q1, p1)))
    assert truncated(right) == 1
    assert sp.expand(canonical(wrong(q1), wrong(p1))).coeff(eps, 2) != 0


def test_a_generator_without_the_small_parameter_is_refused():
    with pytest.raises(ValueError, match=r"p_2\*q_1 without epsilon.*multiply it by"):
        lie(q1, q1 * p2 + eps * p1)


def test_negative_powers_of_the_small_parameter_are_refused():
    with pytest.raises(ValueError, match="is not a power of epsilon"):
        lie(q1 / eps, eps * p1)
    with pytest.raises(ValueError, match="is not a power of epsilon"):
        lie(q1, sp.sin(eps) * p1)
