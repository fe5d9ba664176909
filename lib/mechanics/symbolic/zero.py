"""Is this expression zero? Yes, no, or an error that says it is undecided."""

import random

import sympy as sp
from sympy.core.function import AppliedUndef

_POINTS = 4
_DIGITS = 40


class UndecidedError(ArithmeticError):
    """Neither a proof that an expression vanishes nor a point where it does not.

    Examples
    --------
    The larger of two lengths, written in two ways that SymPy does not compare:

    >>> import sympy as sp
    >>> x, y = sp.symbols("x y", real=True)
    >>> is_zero(sp.Max(x, y) - (x + y + abs(x - y))/2)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    mechanics.symbolic.zero.UndecidedError: cannot decide whether ... is zero:
    it vanishes at 4 random points but does not simplify to 0; ...
    """


def is_zero(expr: sp.Expr) -> bool:
    r"""Decide whether an expression vanishes identically.

    The expression is expanded and cancelled; if that leaves zero, it is zero. Then it
    is evaluated at random points to 40 digits: a value that differs from zero proves
    that it is not zero. An expression that vanishes at every point and is not reduced
    to zero by :func:`sympy.simplify` either is *undecided*, which is an error and
    never a silent guess.

    Parameters
    ----------
    expr
        A scalar expression in plain symbols.

    Returns
    -------
    bool
        Whether ``expr`` is identically zero in its symbols.

    Raises
    ------
    UndecidedError
        If neither can be shown.

    Examples
    --------
    >>> from sympy.abc import x
    >>> is_zero((x + 1)**2 - x**2 - 2*x - 1), is_zero(x**2 - x)
    (True, False)
    """
    expr = sp.sympify(expr)
    if expr.has(sp.nan, sp.zoo):
        raise UndecidedError(f"{expr} is not a number; look for a division by zero")
    if expr.is_zero is not None:
        return expr.is_zero
    if sp.expand(expr).is_zero:
        return True
    if expr.is_number:
        return _number_is_zero(expr)
    atoms = expr.atoms(AppliedUndef, sp.Derivative, sp.Subs)
    # unknown functions and their derivatives are as independent as symbols
    expr = expr.xreplace({atom: sp.Dummy(str(atom)) for atom in atoms})
    if any(_differs_from_zero(expr, seed) for seed in range(_POINTS)):
        return False
    # first exponentials, in which all trigonometric identities are plain algebra
    if sp.expand(expr.rewrite(sp.exp)).is_zero or sp.simplify(expr).is_zero:
        return True
    raise UndecidedError(
        f"cannot decide whether {expr} is zero: it vanishes at {_POINTS} random points "
        "but does not simplify to 0; simplify it by hand or state the assumptions "
        "(positive=True, real=True) of its symbols"
    )


def _number_is_zero(expr: sp.Expr) -> bool:
    value = expr.evalf(_DIGITS, chop=False)
    if abs(value) > sp.Float(10) ** (-_DIGITS // 2):
        return False
    if sp.simplify(expr).is_zero:
        return True
    raise UndecidedError(f"cannot decide whether the number {expr} is zero")


def _differs_from_zero(expr: sp.Expr, seed: int) -> bool:
    """Evaluate at one random point; False also where the point tells nothing."""
    draw = random.Random(seed)
    symbols = sorted(expr.free_symbols, key=str)
    point = {s: _random_value(s, draw) for s in symbols}
    _, expr = expr.as_coeff_Mul()
    value = expr.xreplace(point).evalf(_DIGITS)
    if not value.is_number or value.has(sp.nan, sp.oo, sp.zoo):
        return False
    # compare with the size of the terms, so that cancellation is not mistaken
    terms = [abs(a.xreplace(point).evalf(_DIGITS)) for a in sp.Add.make_args(expr)]
    return bool(abs(value) > max(1, *terms) * sp.Float(10) ** (-_DIGITS // 2))


def _random_value(symbol: sp.Symbol, draw: random.Random) -> sp.Rational:
    """A value that the assumptions of a symbol allow."""
    size = draw.randint(100, 900)
    value = sp.Integer(size) if symbol.is_integer else sp.Rational(size, 1009)
    return -value if symbol.is_negative else value
