"""Random polynomials for the property-based tests."""

from functools import reduce

import sympy as sp
from hypothesis import strategies as st


def polynomials(symbols, degree=2):
    """All monomials of low degree, with small integer coefficients."""
    monomials = sorted(sp.itermonomials(symbols, degree), key=str)
    coefficients = st.lists(
        st.integers(-3, 3), min_size=len(monomials), max_size=len(monomials)
    )
    return coefficients.map(
        lambda c: sp.Add(*(a * u for a, u in zip(c, monomials, strict=True)))
    )


@st.composite
def sparse_polynomials(draw, symbols, degree=3):
    """Up to three monomials of the degree or less, with small rational coefficients."""
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        factors = draw(st.lists(st.sampled_from(symbols), max_size=degree))
        ratio = sp.Rational(draw(st.integers(-4, 4)), draw(st.integers(1, 3)))
        terms.append(reduce(lambda a, b: a * b, factors, ratio))
    return sp.Add(*terms)
