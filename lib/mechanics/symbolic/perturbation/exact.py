"""Exact coefficients."""

from collections.abc import Sequence

import sympy as sp
from sympy.polys.domains.domain import Domain

from mechanics.symbolic.symbols import listed


def exact_field(coefficients: Sequence[sp.Expr]) -> Domain:
    """The field of the coefficients: rational functions of parameters and roots.

    Raises
    ------
    ValueError
        If a coefficient is a floating-point number, or no such function.

    Examples
    --------
    >>> exact_field([sp.Rational(1, 3), sp.sqrt(2)])
    QQ<sqrt(2)>
    """
    field, _ = sp.construct_domain(coefficients, field=True, extension=True)
    if not field.is_Exact or field.is_EX:
        raise ValueError(
            f"the coefficients {listed(set(coefficients))} are not exact rational "
            "functions; write numbers as sympy.Rational"
        )
    return field
