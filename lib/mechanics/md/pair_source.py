"""A pair potential written for a compiled loop over pairs of atoms."""

from functools import lru_cache

import sympy as sp

from mechanics.numerics.languages import NumbaText
from mechanics.numerics.program import Program
from mechanics.potentials import PairPotential
from mechanics.potentials.pair import R

SQUARE = sp.Symbol("s", positive=True)  # of the distance
INVERSE = sp.Symbol("w", positive=True)  # of that square


@lru_cache(maxsize=64)
def pair_source(potential: PairPotential) -> str:
    r"""Write :math:`\phi` and :math:`-\phi'/r` as a function of :math:`s=r^2`.

    Even powers of the distance need no square root, and negative ones share a single
    division.

    Returns
    -------
    str
        Python source of ``pair(s)`` for Numba.
    """
    phi = potential.formula
    both = [phi, -sp.diff(phi, R) / R]
    both = [_in_squares(sp.expand(e).subs(R, sp.sqrt(SQUARE))) for e in both]
    program = Program.of((SQUARE, INVERSE), both)
    text = NumbaText()
    lines = [f"def pair({SQUARE}):", f"    {INVERSE} = 1.0 / {SQUARE}"]
    for statement in program.assignments:
        lines.append(f"    {statement.target} = {text.doprint(statement.value)}")
    lines.append(f"    return {', '.join(map(text.doprint, program.outputs))}")
    return "\n".join(lines) + "\n"


def _in_squares(expression: sp.Expr) -> sp.Expr:
    """Write negative powers of s as powers of w, in Horner's form if possible."""

    def inverted(power):
        whole, half = divmod(-power.exp, 1)
        return INVERSE**whole * (INVERSE * sp.sqrt(SQUARE) if half else 1)

    expression = expression.replace(
        lambda e: e.is_Pow and e.base == SQUARE and e.exp.is_Rational and e.exp < 0,
        inverted,
    )
    if expression.is_polynomial(INVERSE) and expression.free_symbols == {INVERSE}:
        return sp.horner(expression, INVERSE)
    return expression
