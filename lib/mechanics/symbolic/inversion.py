"""Equations solved for some of their variables, on a named branch."""

import random
from collections.abc import Mapping, Sequence

import sympy as sp
from sympy.core.function import AppliedUndef

from mechanics.symbolic.zero import is_zero


class BranchError(ValueError):
    """The equations of a transformation have several solutions, or not the chosen."""


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
    """Raise :class:`BranchError` if the values do not solve the equations."""
    for equation in equations:
        defect = substitute(equation, values)
        if not is_zero(defect):
            raise BranchError(
                f"the branch {values} does not solve {equation} = 0: the defect is "
                f"{defect}"
            )


def vanish_somewhere(expressions: Sequence[sp.Expr]) -> bool:
    """Whether all expressions vanish at one of many random points.

    An inverse with roots inverts a map in a part of phase space only; the points have
    all signs that the assumptions of the symbols allow.
    """
    atoms = set().union(*(e.atoms(AppliedUndef, sp.Derivative) for e in expressions))
    opaque = {atom: sp.Dummy(str(atom)) for atom in atoms}
    expressions = [e.xreplace(opaque) for e in expressions]
    symbols = sorted(set().union(*(e.free_symbols for e in expressions)), key=str)
    return any(_vanish_at_random(expressions, symbols, seed) for seed in range(64))


def _vanish_at_random(expressions, symbols, seed) -> bool:
    draw = random.Random(seed)
    point = {}
    for s in symbols:
        sign = 1 if s.is_positive else -1 if s.is_negative else draw.choice((1, -1))
        point[s] = sign * sp.Rational(draw.randint(100, 3000), 1009)
    values = [e.xreplace(point).evalf(20) for e in expressions]
    return all(v.is_finite and abs(v) < sp.Float("1e-12") for v in values)
