"""Equations solved for some of their variables, on a named branch."""

import random
from collections.abc import Mapping, Sequence

import sympy as sp
from sympy.core.function import AppliedUndef

from mechanics.symbolic.zero import is_zero

_DIGITS = 40
_SMALL = sp.Float(10) ** -20


class BranchError(ValueError):
    """The equations of a transformation have several solutions, or not the chosen.

    Examples
    --------
    The point transformation :math:`Q=q^2` has two inverses, unless the sign is known:

    >>> import sympy as sp
    >>> from mechanics.symbolic import CanonicalMap
    >>> q, p, Q, P = sp.symbols("q p Q P")
    >>> CanonicalMap.from_generating_function(  # doctest: +ELLIPSIS
    ...     q**2*P, (q,), (p,), (Q,), (P,), kind=2)
    Traceback (most recent call last):
        ...
    mechanics.symbolic.inversion.BranchError: 2 branches for (q,): {q: -sqrt(Q)};
    {q: sqrt(Q)}; choose one with branch={symbol: expression}, ...
    """


def substitute(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Put expressions in the place of symbols, all at once."""
    expr = expr.subs(values, simultaneous=True)
    return expr.doit() if expr.has(sp.Subs) else expr


def solve_on_branch(
    equations: Sequence[sp.Expr],
    unknowns: Sequence[sp.Symbol],
    branch: Mapping[sp.Symbol, sp.Expr],
) -> tuple[sp.Expr, ...]:
    """Solve equations, given as expressions that vanish, for the unknowns.

    Parameters
    ----------
    equations, unknowns
        As many of each.
    branch
        Which solution is meant, from unknowns to their expressions: a choice of some
        selects among the solutions, a choice of all is checked and returned.

    Raises
    ------
    BranchError
        If several solutions agree with the branch, or none does.
    NotImplementedError
        If SymPy finds no solution.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> solve_on_branch([x**2 - y**2], [x], {x: -y})
    (-y,)
    """
    chosen = {s: sp.sympify(branch[s]) for s in unknowns if s in branch}
    if len(chosen) == len(unknowns):
        require_solution(equations, chosen)
        return tuple(chosen[s] for s in unknowns)
    found = solutions(equations, unknowns, "branch={symbol: expression}")
    fitting = [s for s in found if all(is_zero(s[k] - chosen[k]) for k in chosen)]
    if len(fitting) != 1:
        what = f", {len(fitting)} of them with {chosen}" if chosen else ""
        raise BranchError(
            f"{len(found)} branches for {tuple(unknowns)}{what}: "
            + "; ".join(map(str, found))
            + "; choose one with branch={symbol: expression}, or restrict the signs of "
            "the symbols (positive=True)"
        )
    return tuple(fitting[0][s] for s in unknowns)


def solutions(
    equations: Sequence[sp.Expr], unknowns: Sequence[sp.Symbol], argument: str
) -> list[dict[sp.Symbol, sp.Expr]]:
    """All solutions for all the unknowns; ``argument`` is where to give one by hand."""
    try:
        found = sp.solve(equations, unknowns, dict=True)
    except NotImplementedError:
        found = []
    found = [solution for solution in found if all(s in solution for s in unknowns)]
    if not found:
        raise NotImplementedError(
            f"SymPy cannot solve {equations} = 0 for {tuple(unknowns)}; give the "
            f"solution as {argument}"
        )
    return found


def require_solution(
    equations: Sequence[sp.Expr], values: Mapping[sp.Symbol, sp.Expr]
) -> None:
    """Raise :class:`BranchError` if the values do not solve the equations.

    The defect is evaluated to 20 digits at random points where the values are real.
    """
    defects = [substitute(equation, values) for equation in equations]
    checked = False
    for point, numbers in _at_random_points([*defects, *values.values()], 20):
        if not all(number.is_real and number.is_finite for number in numbers):
            continue
        checked = True
        size = 1 + max(abs(number) for number in numbers[len(equations) :])
        for equation, number in zip(equations, numbers, strict=False):
            if abs(number) > size * _SMALL:
                raise BranchError(
                    f"the branch {values} does not solve {equation} = 0: the defect is "
                    f"{number.evalf(5)} at {point}"
                )
    if not checked:
        raise BranchError(f"the branch {values} is not real at any of 20 random points")


def vanish_somewhere(expressions: Sequence[sp.Expr]) -> bool:
    """Whether all expressions vanish at one of 64 random points.

    An inverse with roots inverts a map in a part of phase space only.
    """
    return any(
        all(number.is_finite and abs(number) < _SMALL for number in numbers)
        for _, numbers in _at_random_points(expressions, 64)
    )


def _at_random_points(expressions, trials):
    """Points of all magnitudes and allowed signs, and the values there."""
    formulas, draw = sp.Matrix(list(expressions)), random.Random(0)
    unknown = formulas.atoms(AppliedUndef, sp.Derivative)
    formulas = formulas.xreplace({f: sp.Dummy(str(f), real=True) for f in unknown})
    for _ in range(trials):
        point = {}
        for s in sorted(formulas.free_symbols, key=str):
            size = sp.Rational(draw.randint(1, 10**4), 10 ** draw.randint(2, 4))
            sign = 1 if s.is_positive else -1 if s.is_negative else draw.choice((1, -1))
            point[s] = sign * size
        yield point, formulas.xreplace(point).evalf(_DIGITS)
