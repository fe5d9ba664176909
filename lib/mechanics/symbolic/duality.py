"""Legendre's transform of functions: from a variable to its conjugate and back."""

import random
from collections.abc import Sequence

import sympy as sp
from sympy.core.function import AppliedUndef

from mechanics.symbolic.linear import solve_linear

_TRIALS = 20
_DIGITS = 40


class MultivaluedLegendreError(ValueError):
    """Several velocities belong to one momentum, or several momenta to one velocity."""


def dual(
    F: sp.Expr,
    x: Sequence[sp.Symbol],
    y: Sequence[sp.Symbol],
    branch: Sequence[sp.Expr] | None = None,
) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    r"""Legendre's transform :math:`G(y)=\sum_ix_iy_i-F(x)` with :math:`y=\nabla F(x)`.

    Parameters
    ----------
    F
        A function of ``x`` (and of other symbols) with a regular Hessian.
    x, y
        The variables and symbols for their conjugates.
    branch
        The solution :math:`x(y)` of :math:`y=\nabla F(x)`, if SymPy finds several or
        none; it is checked to 20 digits at random points where it is real. Linear
        equations need none.

    Returns
    -------
    G, x_of_y
        The transform, and :math:`x(y)`.

    Raises
    ------
    MultivaluedLegendreError
        If several ``x`` belong to one ``y``; the message lists them.
    ValueError
        If ``branch`` does not solve the equations.
    NotImplementedError
        If SymPy cannot solve them.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> dual(sp.exp(x), (x,), (y,))
    (y*log(y) - y, (log(y),))
    """
    gradient = [sp.diff(F, s) for s in x]
    jacobian = sp.Matrix(gradient).jacobian(x)
    if not jacobian.has(*x):
        at_rest = dict.fromkeys(x, sp.S.Zero)
        shifted = sp.Matrix(y) - sp.Matrix(gradient).xreplace(at_rest)
        solution = tuple(solve_linear(jacobian, shifted))
        # for a quadratic form this is x y - F, with the matrix inverted only once
        half = sum(_spread(s * t / 2) for s, t in zip(solution, shifted, strict=True))
        return half - sp.expand(F.xreplace(at_rest)), solution
    equations = [g - t for g, t in zip(gradient, y, strict=True)]
    if branch is None:
        solution = _solve(equations, x)
    else:
        solution = tuple(sp.sympify(b) for b in branch)
        _check(equations, x, solution)
    inserted = dict(zip(x, solution, strict=True))
    x_dot_y = sum(s * t for s, t in zip(solution, y, strict=True))
    return sp.expand(x_dot_y - F.subs(inserted, simultaneous=True)), solution


def _spread(expr: sp.Expr) -> sp.Expr:
    """Expand, but keep a sum in the denominator, and what stands above it, together."""
    return expr if isinstance(sp.fraction(expr)[1], sp.Add) else sp.expand(expr)


def _solve(equations: Sequence[sp.Expr], x: Sequence[sp.Symbol]) -> tuple:
    solutions = [
        s for s in sp.solve(equations, x, dict=True) if all(xi in s for xi in x)
    ]
    if not solutions:
        raise NotImplementedError(
            f"SymPy cannot solve {equations} = 0 for {x}; solve them by hand and give "
            "the result (velocities=..., or momenta=... for the way back)"
        )
    if len(solutions) > 1:
        raise MultivaluedLegendreError(
            f"{equations} = 0 has {len(solutions)} solutions for {x}: {solutions}; "
            "give the branch that is meant (velocities=..., or momenta=... for the way "
            "back), or restrict the signs of the symbols (positive=True)"
        )
    return tuple(solutions[0][xi] for xi in x)


def _check(equations, x, solution) -> None:
    """Refuse a wrong solution: the defect is evaluated where the solution is real."""
    inserted = dict(zip(x, solution, strict=True))
    defects = sp.Matrix([e.subs(inserted, simultaneous=True) for e in equations])
    formulas = defects.col_join(sp.Matrix(solution))
    unknown = formulas.atoms(AppliedUndef, sp.Derivative)
    formulas = formulas.xreplace({a: sp.Dummy(str(a), real=True) for a in unknown})
    draw, checked = random.Random(0), False
    for _ in range(_TRIALS):
        point = {
            s: sp.Rational(draw.randint(1, 10**4), 10 ** draw.randint(2, 4))
            * (1 if s.is_positive else draw.choice((-1, 1)))
            for s in sorted(formulas.free_symbols, key=str)
        }
        values = formulas.xreplace(point).evalf(_DIGITS)
        if not all(value.is_real and value.is_finite for value in values):
            continue
        checked = True
        size = 1 + max(abs(value) for value in values[len(equations) :])
        for equation, value in zip(equations, values, strict=False):
            if abs(value) > size * sp.Float(10) ** (-_DIGITS // 2):
                raise ValueError(
                    f"{inserted} does not solve {equation} = 0: the defect is "
                    f"{value.evalf(5)} at {point}"
                )
    if not checked:
        raise ValueError(f"{inserted} is not real at any of {_TRIALS} random points")
