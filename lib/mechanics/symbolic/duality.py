"""Legendre's transform of functions: from a variable to its conjugate and back."""

from collections.abc import Sequence

import sympy as sp

from mechanics.symbolic.inversion import require_solution, solutions, substitute
from mechanics.symbolic.linear import solve_linear
from mechanics.symbolic.symbols import sympified

_ARGUMENT = "velocities=..., or momenta=... for the way back"


class MultivaluedLegendreError(ValueError):
    r"""Several velocities belong to one momentum, or several momenta to one velocity.

    Examples
    --------
    An electron in a crystal, :math:`H=-\cos p`: two momenta have the same velocity.

    >>> import sympy as sp
    >>> from mechanics.symbolic import HamiltonianSystem, inverse_legendre
    >>> x, p = sp.symbols("x p", real=True)
    >>> electron = HamiltonianSystem(-sp.cos(p), (x,), (p,))
    >>> inverse_legendre(electron)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    mechanics.symbolic.duality.MultivaluedLegendreError: [-xdot + sin(p)] = 0
    has 2 solutions for (p,): ...; give the branch that is meant ...
    """


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
        none; it is checked. Linear equations need none.

    Returns
    -------
    G, x_of_y
        The transform, and :math:`x(y)`.

    Raises
    ------
    MultivaluedLegendreError
        If several ``x`` belong to one ``y``; the message lists them.
    BranchError
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
        x_is, *others = solutions(equations, x, _ARGUMENT)
        if others:
            raise MultivaluedLegendreError(
                f"{equations} = 0 has {1 + len(others)} solutions for {x}: "
                f"{[x_is, *others]}; give the branch that is meant ({_ARGUMENT}), or "
                "restrict the signs of the symbols (positive=True)"
            )
    else:
        x_is = dict(zip(x, sympified(branch), strict=True))
        require_solution(equations, x_is)
    x_dot_y = sum(x_is[s] * t for s, t in zip(x, y, strict=True))
    return sp.expand(x_dot_y - substitute(F, x_is)), tuple(x_is[s] for s in x)


def _spread(expr: sp.Expr) -> sp.Expr:
    """Expand, but keep a sum in the denominator, and what stands above it, together."""
    return expr if isinstance(sp.fraction(expr)[1], sp.Add) else sp.expand(expr)
