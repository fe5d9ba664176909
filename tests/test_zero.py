"""Deciding whether an expression is zero, or saying that it is undecided."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from mechanics.symbolic import UndecidedError, is_zero

x, y = sp.symbols("x y", real=True)


@pytest.mark.parametrize(
    "expr",
    [
        0,
        (x + y) ** 3 - x**3 - 3 * x**2 * y - 3 * x * y**2 - y**3,
        sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1,
        sp.sqrt(x**2) - sp.Abs(x),
        sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6),
        sp.diff(sp.Function("f")(x) ** 2, x)
        - 2 * sp.Function("f")(x) * sp.diff(sp.Function("f")(x), x),
    ],
)
def test_zero_is_recognized(expr):
    assert is_zero(expr)


@pytest.mark.parametrize(
    "expr",
    [
        x,
        sp.Rational(1, 10**30),
        sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1 + sp.Rational(1, 10**9),
        sp.sqrt(2) - sp.Rational(14142135, 10**7),
        sp.diff(sp.Function("f")(x), x),
        sp.diff(sp.Function("f")(x, y), x, y) - sp.diff(sp.Function("f")(x, y), x),
    ],
)
def test_nonzero_is_recognized(expr):
    assert not is_zero(expr)


def test_what_is_not_a_number_is_undecided():
    with pytest.raises(UndecidedError, match="not a number"):
        is_zero(sp.nan)


def test_what_cannot_be_shown_is_undecided(monkeypatch):
    """Zero at every point tried, and not reduced to zero: no proof either way."""
    identity = sp.log(x**2 + 2 * x + 1) - 2 * sp.log(sp.Abs(x + 1))
    monkeypatch.setattr(sp, "simplify", lambda expr: expr)
    with pytest.raises(UndecidedError, match=r"cannot decide whether .* is zero"):
        is_zero(identity)


def test_trigonometric_identities_with_factors():
    i = sp.I
    assert is_zero(y * (sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1))
    assert is_zero(y * (sp.exp(i * x) + sp.exp(-i * x) - 2 * sp.cos(x)))
    assert not is_zero(y * (sp.exp(i * x) - 2 * sp.cos(x)))


def test_points_obey_the_assumptions_of_the_symbols():
    E = sp.Symbol("E", negative=True)
    n = sp.Symbol("n", integer=True)
    assert is_zero(sp.sqrt(-1 / E) - 1 / sp.sqrt(-E))
    assert is_zero(sp.cos(2 * sp.pi * n) - 1)


def test_unknown_functions_of_a_difference():
    U = sp.Function("U")(x - y)
    assert is_zero(sp.diff(U, x) + sp.diff(U, y))
    assert not is_zero(sp.diff(U, x) - sp.diff(U, y))


def test_a_tiny_factor_does_not_hide_a_function():
    assert not is_zero(sp.Rational(1, 10**30) * x * sp.sin(x))


def test_noise_of_a_numerical_integral_is_not_taken_for_a_value():
    hidden = sp.Integral(sp.sin(y**3) ** 2 + sp.cos(y**3) ** 2 - 1, (y, 0, x))
    assert is_zero(hidden)


@settings(max_examples=30)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=5))
def test_polynomials(coefficients):
    polynomial = sum(c * x**n for n, c in enumerate(coefficients))
    factored = sp.factor(polynomial) if polynomial != 0 else sp.Integer(0)
    assert is_zero(factored - polynomial)
    assert is_zero(polynomial) == (not any(coefficients))
