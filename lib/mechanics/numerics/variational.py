"""Variational integrators: a discrete Lagrangian in, a symplectic method out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp

from mechanics.numerics.equations import STEP, TIME, Equations
from mechanics.numerics.program import Block
from mechanics.numerics.step import Step, UnsuitableMethodError

Vector = Sequence[sp.Expr]
Lagrangian = Callable[[Vector, Vector, sp.Expr], sp.Expr]
Rule = Callable[[Lagrangian, Vector, Vector, sp.Expr, sp.Expr], sp.Expr]


@dataclass(frozen=True)
class VariationalMethod:
    r"""The method whose paths make a discrete action stationary.

    The action of a step is a function of its ends,
    :math:`L_d(q_0,q_1)\approx\int_{t_0}^{t_0+h}L\,dt`. Its derivatives are the momenta

    .. math::
        p_0=-\frac{\partial L_d}{\partial q_0},\qquad
        p_1=\frac{\partial L_d}{\partial q_1}

    and the map :math:`(q_0,p_0)\to(q_1,p_1)`, of which :math:`L_d` is a generating
    function, is canonical. Where :math:`L_d` is invariant under a symmetry, so is the
    momentum of the symmetry under the method. States are :math:`(q,v)`; each step
    translates with :math:`p=\partial L/\partial v`.

    The first equation is solved for :math:`q_1` by a simplified Newton iteration with
    the mass metric, or at once where it is linear. Forces that no potential describes
    enter by the discrete principle of d'Alembert, at the points at which the rule
    evaluates :math:`L`.

    Attributes
    ----------
    name, order, source
        As for every method.
    rule
        The function ``rule(L, q_0, q_1, t_0, h)`` that returns :math:`L_d`; ``L`` is a
        function of coordinates, velocities and the time.

    Examples
    --------
    In polar coordinates a planet keeps its angular momentum with each of the rules,
    a rule of one's own after Simpson among them:

    >>> import numpy as np
    >>> from mechanics.models import kepler
    >>> from mechanics.numerics import VARIATIONAL_MIDPOINT, integrate
    >>> from mechanics.numerics import VARIATIONAL_TRAPEZOIDAL
    >>> def simpson_rule(L, q_0, q_1, t_0, h):
    ...     v = [(b - a)/h for a, b in zip(q_0, q_1)]
    ...     middle = [(a + b)/2 for a, b in zip(q_0, q_1)]
    ...     return h*(L(q_0, v, t_0) + 4*L(middle, v, t_0 + h/2) + L(q_1, v, t_0 + h))/6
    >>> simpson = VariationalMethod("Simpson", 2, simpson_rule, "an exercise")
    >>> for method in (VARIATIONAL_TRAPEZOIDAL, VARIATIONAL_MIDPOINT, simpson):
    ...     orbit = integrate(kepler(), ([1.0, 0.0], [0.0, 1.2]), dt=0.02, steps=200,
    ...                       method=method, params={"G": 1, "M": 1, "mu": 1})
    ...     print(np.ptp(orbit["r"]**2 * orbit["phidot"]) < 1e-13)
    True
    True
    True
    """

    name: str
    order: int
    rule: Rule
    source: str

    def step(self, equations: Equations) -> Step:
        """Write the method for these equations.

        Raises
        ------
        UnsuitableMethodError
            If the system is no Lagrangian one, has constraints, or a mass metric that
            depends on velocities.
        """
        self._check(equations)
        n, system = equations.groups["q"], equations.system
        q, v = equations.state[:n], equations.state[n:]
        W = sp.Matrix(n, n, list(map(equations.translate, system.mass_metric)))
        p = sp.Matrix(list(map(equations.translate, system.momenta)))

        block = Block()
        u = [block.symbol() for _ in q]  # (q_1 - q_0)/h
        p_start, p_end = self._momenta(equations, u)
        slope = p_start.jacobian(u)
        if slope.free_symbols & set(u) or slope != slope.T:
            factors = block.factor(_shared(block, W))
            body = block.inner()
            change = body.substitute(*factors, _shared(body, p - p_start))
            new = [a + b for a, b in zip(u, change, strict=True)]
            block.iterate(u, v, [x / STEP for x in q], body, new)
        else:
            at_rest = dict.fromkeys(u, sp.S.Zero)
            found = _solve(block, slope, p - p_start.xreplace(at_rest))
            block.set(dict(zip(u, found, strict=True)))
        q_end = [block.let(x + STEP * rate) for x, rate in zip(q, u, strict=True)]
        arrived = dict(zip(q, q_end, strict=True)) | {TIME: TIME + STEP}
        p_at_rest = p.xreplace(dict.fromkeys(v, sp.S.Zero)).xreplace(arrived)
        v_end = _solve(block, W.xreplace(arrived), p_end - p_at_rest)
        block.set(dict(zip(equations.state, (*q_end, *v_end), strict=True)))
        return Step(tuple(block.statements))

    def _check(self, equations: Equations) -> None:
        system = equations.system
        if tuple(equations.groups) != ("q", "v"):
            raise UnsuitableMethodError(
                f"{self.name} needs a Lagrangian, and this is a "
                f"{type(system).__name__}; give the LagrangianSystem from which it "
                "comes, or use a splitting or Runge-Kutta method"
            )
        if system.constraints:
            raise UnsuitableMethodError(
                f"{self.name} knows no constraints, and this system has "
                f"{', '.join(map(str, system.constraints))}; use RATTLE"
            )
        for entry in system.mass_metric:
            if sp.expand(entry).has(*system.v):
                raise UnsuitableMethodError(
                    f"{self.name} needs a Lagrangian quadratic in the velocities, and "
                    f"the entry {entry} of its mass metric depends on them; use "
                    "GAUSS_LEGENDRE_4"
                )

    def _momenta(self, equations: Equations, u: Vector) -> tuple:
        r"""Return :math:`p_0` and :math:`p_1` as functions of :math:`q_0` and ``u``."""
        system = equations.system
        n = len(u)
        q, state = equations.state[:n], equations.state
        q_end = [sp.Dummy(f"q_{i}", real=True) for i in range(n)]
        action = equations.translate(system.L)
        forces = list(map(equations.translate, system.forces))
        applied: dict[sp.Symbol, sp.Expr] = {}

        def L(at: Vector, velocity: Vector, time: sp.Expr) -> sp.Expr:
            """Add the work of forces, which are not differentiated."""
            where = dict(zip(state, map(sp.sympify, (*at, *velocity)), strict=True))
            where[TIME] = time
            work = sp.S.Zero
            for x, force in zip(at, forces, strict=True):
                if force != 0:
                    held = sp.Dummy("Q", real=True)
                    applied[held] = force.xreplace(where)
                    work += held * x
            return action.xreplace(where) + work

        L_d = sp.sympify(self.rule(L, q, q_end, TIME, STEP))
        start = [-sp.diff(L_d, x) for x in q]
        end = [sp.diff(L_d, x) for x in q_end]
        path = {b: a + STEP * w for a, b, w in zip(q, q_end, u, strict=True)}
        start, end = (
            [e.xreplace(applied).xreplace(path).expand(deep=False) for e in momenta]
            for momenta in (start, end)
        )
        return sp.Matrix(start), sp.Matrix(end)


def _solve(block: Block, matrix: sp.Matrix, right: sp.Matrix) -> sp.Matrix:
    return block.solve(_shared(block, matrix), _shared(block, right))


def _shared(block: Block, matrix: sp.Matrix) -> sp.Matrix:
    return sp.Matrix(*matrix.shape, block.share(matrix))


def trapezoidal_rule(
    L: Lagrangian, q_0: Vector, q_1: Vector, t_0: sp.Expr, h: sp.Expr
) -> sp.Expr:
    r"""Return :math:`\tfrac h2[L(q_0,u,t_0)+L(q_1,u,t_1)]` with :math:`u=(q_1-q_0)/h`.

    For :math:`L=T(v)-V(q,t)` this is the Störmer-Verlet method.
    """
    u = [(b - a) / h for a, b in zip(q_0, q_1, strict=True)]
    return h * (L(q_0, u, t_0) + L(q_1, u, t_0 + h)) / 2


def midpoint_rule(
    L: Lagrangian, q_0: Vector, q_1: Vector, t_0: sp.Expr, h: sp.Expr
) -> sp.Expr:
    r"""Return :math:`h\,L\big(\tfrac{q_0+q_1}2,\tfrac{q_1-q_0}h,t_0+\tfrac h2\big)`.

    For a constant mass metric this is the implicit midpoint rule.
    """
    u = [(b - a) / h for a, b in zip(q_0, q_1, strict=True)]
    middle = [(a + b) / 2 for a, b in zip(q_0, q_1, strict=True)]
    return h * L(middle, u, t_0 + h / 2)


VARIATIONAL_TRAPEZOIDAL = VariationalMethod(
    "variational, trapezoidal", 2, trapezoidal_rule, "marsden_discrete_2001"
)
VARIATIONAL_MIDPOINT = VariationalMethod(
    "variational, midpoint", 2, midpoint_rule, "marsden_discrete_2001"
)
