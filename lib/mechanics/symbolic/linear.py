"""Linear equations whose coefficients are formulas."""

import random
from math import prod

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from mechanics.symbolic.zero import is_zero

_POINTS = 3
_DIGITS = 40


def is_regular(matrix: sp.Matrix) -> bool:
    r"""Decide whether :math:`\det A` is not identically zero.

    One point with :math:`\det A\ne0` proves it, and a random point is such a point
    almost surely: so the determinant is evaluated with 40 digits at random rational
    points, and expanded as a formula only if it vanishes there.

    Parameters
    ----------
    matrix
        A square matrix of expressions.

    Raises
    ------
    UndecidedError
        If the determinant vanishes at the points but not provably everywhere.

    Examples
    --------
    >>> from sympy.abc import x
    >>> is_regular(sp.Matrix([[x, 1], [1, x]]))
    True
    >>> is_regular(sp.Matrix([[x, 1], [x**2, x]]))
    False
    """
    draw = random.Random(0)
    symbols = sorted(matrix.free_symbols, key=str)
    for _ in range(_POINTS):
        point = {s: sp.Rational(draw.randint(100, 900), 1009) for s in symbols}
        values = matrix.xreplace(point).evalf(_DIGITS)
        if not all(value.is_number and value.is_finite for value in values):
            continue
        # compare with Hadamard's bound, so that round-off is not mistaken
        bound = prod(values.row(i).norm() for i in range(values.rows))
        if abs(values.det(method="lu")) > bound * sp.Float(10) ** (-_DIGITS // 2):
            return True
    return not is_zero(matrix.det(method="berkowitz"))


def solve_linear(matrix: sp.Matrix, right: sp.Matrix) -> sp.Matrix:
    r"""Solve :math:`AX=B` and return :math:`X` in lowest terms.

    Functions, roots and floating-point numbers count as independent symbols. Then all
    is exact arithmetic of polynomials: it takes a fraction of a second where cancelling
    the result of an elimination with expressions takes minutes.

    Parameters
    ----------
    matrix
        A regular matrix, shape ``(n, n)``; see :func:`is_regular`.
    right
        Shape ``(n, k)``.

    Returns
    -------
    Matrix
        Shape ``(n, k)``.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> A = sp.Matrix([[1, sp.sin(x)], [sp.sin(x), 1]])
    >>> list(solve_linear(A, sp.Matrix([y, y*sp.sin(x)])))
    [y, 0]
    """
    system = matrix.row_join(right)
    symbol_of, formula_of = _opaque(system)
    system = DomainMatrix.from_Matrix(system.xreplace(symbol_of)).to_dense()
    n = matrix.rows
    numerators, denominator = system[:, :n].solve_den(system[:, n:])
    if not numerators.nnz():
        return sp.zeros(*right.shape)
    numerators, denominators = numerators.cancel_denom_elementwise(denominator)
    X = numerators.to_Matrix().multiply_elementwise(
        denominators.to_Matrix().applyfunc(lambda d: 1 / d)
    )
    return X.xreplace(formula_of)


def _opaque(matrix: sp.Matrix) -> tuple[dict, dict]:
    """Symbols that stand for all that is not a polynomial, and the way back."""
    symbol_of, formula_of = {}, {}
    for atom in sp.ordered(
        matrix.atoms(sp.Function, sp.Derivative, sp.Pow, sp.Float, sp.NumberSymbol)
    ):
        formula, power = atom, 1
        if atom.is_Pow:
            if atom.exp.is_Integer:
                continue
            if atom.exp.is_Rational:  # all powers of one root share its symbol
                formula, power = atom.base ** sp.Rational(1, atom.exp.q), atom.exp.p
        symbol = symbol_of.get(formula, sp.Dummy(str(formula)))
        symbol_of[formula], formula_of[symbol] = symbol, formula
        symbol_of[atom] = symbol**power
    return symbol_of, formula_of
