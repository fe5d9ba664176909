"""Lagrangian systems: momenta, energy function and equations of motion."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp

from mechanics.symbolic.linear import is_regular, solve_linear
from mechanics.symbolic.symbols import check_symbols, coerce, decorated, sympified
from mechanics.symbolic.zero import is_zero


class SingularLagrangianError(ValueError):
    """The velocity Hessian is singular: velocities do not follow from momenta.

    Examples
    --------
    If only the relative motion has a kinetic energy, the two velocities do not follow
    from the momenta:

    >>> from mechanics.symbolic import coordinates, legendre
    >>> (x, y), (u, v) = coordinates("x y")
    >>> L = (u - v)**2/2 - (x - y)**2/2
    >>> legendre(LagrangianSystem(L, (x, y), (u, v)))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    mechanics.symbolic.lagrangian.SingularLagrangianError: the Legendre transform does
    not exist: the Hessian of L in the velocities is singular, with null direction(s)
    (1)*xdot + (1)*ydot; ...
    """


@dataclass(frozen=True)
class LagrangianSystem:
    r"""A mechanical system given by its Lagrangian :math:`L(q, v, t)`.

    The velocities :math:`v=\dot q` are plain symbols, independent of :math:`q` until
    an equation of motion ties them together. With generalized forces :math:`Q_i`,
    holonomic constraints :math:`f_\alpha(q,t)=0` and constraints on the velocities
    :math:`g_\beta(q,v,t)=0` the equations of motion are

    .. math::
        \frac{d}{dt}\frac{\partial L}{\partial v_i}-\frac{\partial L}{\partial q_i}
        = Q_i + \sum_\alpha \lambda_\alpha\frac{\partial f_\alpha}{\partial q_i}
        + \sum_\beta \lambda_\beta\frac{\partial g_\beta}{\partial v_i}

    Parameters
    ----------
    L
        The Lagrangian, an expression in ``q``, ``v``, ``t`` and parameters.
    q, v
        Coordinates and velocities, as many of each; see
        :func:`~mechanics.symbolic.coordinates`.
    t
        The symbol of time, if ``L`` or a constraint depends on it explicitly.
    params
        All other symbols. Left out, they are found in the expressions; given, a symbol
        that is not listed is an error.
    forces
        Generalized forces :math:`Q_i(q, v, t)` that no potential describes.
    constraints
        The functions :math:`f_\alpha(q, t)` and :math:`g_\beta(q, v, t)`, which vanish;
        a function that contains velocities is of the second kind. The initial values
        must satisfy them, and those of the first kind also :math:`\dot f_\alpha=0`.

    Notes
    -----
    Sources: CCM-2, AMM-3 to 14. The sign of the multipliers is that of
    :math:`L'=L+\sum\lambda_\alpha f_\alpha`.

    The forces of all constraints follow from Gauss's principle of least constraint:
    among all accelerations that agree with the constraints the true ones minimize
    :math:`\tfrac12(a-a_0)^{\mathsf T}W(a-a_0)`, where :math:`a_0` is the free motion.
    For :math:`g` linear in the velocities (rolling, skates) this is d'Alembert's
    principle; for :math:`g=T-K` it is the isokinetic thermostat (AMM-9, AMM-34). A
    velocity constraint must *not* be added to the Lagrangian.

    Examples
    --------
    >>> import sympy as sp
    >>> from mechanics.symbolic import coordinates
    >>> (x,), (v,) = coordinates("x")
    >>> m, k = sp.symbols("m k", positive=True)
    >>> oscillator = LagrangianSystem(m*v**2/2 - k*x**2/2, (x,), (v,))
    >>> oscillator.momenta, oscillator.energy
    ((m*xdot,), k*x**2/2 + m*xdot**2/2)
    >>> oscillator.accelerations()
    (-k*x/m,)
    """

    L: sp.Expr
    q: tuple[sp.Symbol, ...]
    v: tuple[sp.Symbol, ...]
    t: sp.Symbol | None = None
    params: tuple[sp.Symbol, ...] = ()
    forces: tuple[sp.Expr, ...] = ()
    constraints: tuple[sp.Expr, ...] = ()

    def __post_init__(self):
        coerce(self, L=sp.sympify, q=tuple, v=tuple, constraints=sympified)
        coerce(self, forces=lambda Q: sympified(Q or [0] * len(self.q)))
        if not len(self.q) == len(self.v) == len(self.forces):
            raise ValueError(
                f"{len(self.q)} coordinates, {len(self.v)} velocities and "
                f"{len(self.forces)} forces: give one of each per degree of freedom"
            )
        expressions = (self.L, *self.forces, *self.constraints)
        variables = (*self.q, *self.v, self.t)
        coerce(self, params=lambda s: check_symbols("L", expressions, variables, s))
        for symbol in {*self.a, *self.multipliers} & {*variables, *self.params}:
            raise ValueError(
                f"the symbol {symbol} names an acceleration or a multiplier; rename "
                "the variable or parameter"
            )

    @cached_property
    def a(self) -> tuple[sp.Symbol, ...]:
        r"""Symbols of the accelerations :math:`\ddot q`."""
        return tuple(decorated(q, "ddot") for q in self.q)

    @cached_property
    def multipliers(self) -> tuple[sp.Symbol, ...]:
        r"""Symbols of the multipliers :math:`\lambda_\alpha`, one per constraint."""
        return tuple(
            sp.Symbol(f"lambda_{i}", real=True)
            for i in range(1, len(self.constraints) + 1)
        )

    @cached_property
    def momenta(self) -> tuple[sp.Expr, ...]:
        r"""Canonical momenta :math:`p_i=\partial L/\partial v_i`."""
        return tuple(sp.diff(self.L, v) for v in self.v)

    @cached_property
    def mass_metric(self) -> sp.Matrix:
        r"""The Hessian :math:`W_{ij}=\partial^2L/\partial v_i\partial v_j`.

        For :math:`T=\tfrac12 v^{\mathsf T}M(q)v` it is the mass-metric tensor
        :math:`M(q)` (AMM-16, AMM-32).
        """
        n, p, v = len(self.v), self.momenta, self.v
        upper = {(i, j): sp.diff(p[i], v[j]) for i in range(n) for j in range(i, n)}
        return sp.Matrix(n, n, lambda i, j: upper[min(i, j), max(i, j)])

    @cached_property
    def energy(self) -> sp.Expr:
        r"""The energy function :math:`h=\sum_i v_ip_i-L`.

        It is conserved if :math:`\partial L/\partial t=0` (and no force does work). It
        equals :math:`T+V` only if :math:`T` is quadratic in the velocities: see the
        bead on a rotating hoop.
        """
        p_dot_v = sum(p * v for p, v in zip(self.momenta, self.v, strict=True))
        return sp.expand(p_dot_v - self.L)

    @cached_property
    def cyclic(self) -> tuple[sp.Symbol, ...]:
        r"""Coordinates with :math:`\partial L/\partial q_i=0`: their :math:`p_i` last.

        A coordinate on which a force or a constraint acts does not count.
        """
        return tuple(
            q
            for i, (q, Q) in enumerate(zip(self.q, self.forces, strict=True))
            if is_zero(sp.diff(self.L, q))
            and is_zero(Q)
            and all(is_zero(push) for push in self.constraint_jacobian.col(i))
        )

    @cached_property
    def generalized_force(self) -> tuple[sp.Expr, ...]:
        r"""The right-hand side :math:`F` of :math:`W a=F+\sum\lambda\,\partial f`.

        .. math::
            F_i=\frac{\partial L}{\partial q_i}+Q_i
            -\sum_j\frac{\partial p_i}{\partial q_j}v_j-\frac{\partial p_i}{\partial t}
        """
        return tuple(
            sp.diff(self.L, q) + Q - self.time_derivative(p)
            for q, Q, p in zip(self.q, self.forces, self.momenta, strict=True)
        )

    @cached_property
    def constraint_jacobian(self) -> sp.Matrix:
        r"""The matrix :math:`A`, one row per constraint.

        A row is :math:`\partial f/\partial q` or :math:`\partial g/\partial v`: the
        direction in which the constraint pushes.
        """
        rows = [
            [sp.diff(f, s) for s in (self.v if f.has(*self.v) else self.q)]
            for f in self.constraints
        ]
        return sp.Matrix(len(rows), len(self.q), [push for row in rows for push in row])

    @cached_property
    def constraint_bias(self) -> tuple[sp.Expr, ...]:
        r"""The vector :math:`b`: constraints demand the accelerations :math:`Aa+b=0`.

        This is :math:`\ddot f=0` or :math:`\dot g=0`, written out.
        """
        rate = self.time_derivative
        return tuple(
            rate(f) if f.has(*self.v) else rate(rate(f)) for f in self.constraints
        )

    @cached_property
    def constraint_forces(self) -> tuple[sp.Expr, ...]:
        r"""Generalized constraint forces :math:`A^{\mathsf T}\lambda` (AMM-12)."""
        multipliers = sp.Matrix(len(self.multipliers), 1, self.multipliers)
        return tuple(self.constraint_jacobian.T * multipliers)

    @cached_property
    def linear_system(self) -> tuple[sp.Matrix, sp.Matrix]:
        r"""Matrix and right side of the equations of motion, to be solved numerically.

        .. math::
            \begin{pmatrix}W&-A^{\mathsf T}\\A&0\end{pmatrix}
            \begin{pmatrix}a\\\lambda\end{pmatrix}=\begin{pmatrix}F\\-b\end{pmatrix}

        Without constraints it is :math:`W` and :math:`F`. The formulas stay short for
        any number of coordinates, which those of :meth:`accelerations` do not.
        """
        A, k = self.constraint_jacobian, len(self.constraints)
        matrix = self.mass_metric.row_join(-A.T).col_join(A.row_join(sp.zeros(k)))
        right = (*self.generalized_force, *(-b for b in self.constraint_bias))
        return matrix, sp.Matrix(right)

    def euler_lagrange(self, a: Sequence[sp.Symbol] | None = None) -> tuple:
        r"""Left minus right side of the equations of motion, zero on a true path.

        Parameters
        ----------
        a
            Symbols for the accelerations; :attr:`a` by default.

        Returns
        -------
        tuple of Expr
            One residual per coordinate; with constraints it contains
            :attr:`multipliers`.
        """
        inertia = self.mass_metric * sp.Matrix(self.a if a is None else tuple(a))
        return tuple(
            left - F - reaction
            for left, F, reaction in zip(
                inertia, self.generalized_force, self.constraint_forces, strict=True
            )
        )

    def accelerations(self) -> tuple[sp.Expr, ...]:
        r"""Solve the equations of motion for :math:`\ddot q` (few coordinates only).

        Returns
        -------
        tuple of Expr
            :math:`a_i(q, v, t)`; with constraints the multipliers
            :math:`\lambda_\alpha(q, v, t)` follow.

        Raises
        ------
        SingularLagrangianError
            If the Hessian (with its constraints) cannot be inverted.
        """
        W, F = self.mass_metric, sp.Matrix(self.generalized_force)
        if not is_regular(W):
            matrix, right = self.linear_system
            if not self.constraints or not is_regular(matrix):
                raise SingularLagrangianError(self._why_undetermined())
            return tuple(solve_linear(matrix, right))
        if not self.constraints:
            return tuple(solve_linear(W, F))
        A = self.constraint_jacobian
        free_and_pushed = solve_linear(W, F.row_join(A.T))
        free, pushed = free_and_pushed[:, 0], free_and_pushed[:, 1:]
        if not is_regular(A * pushed):
            raise SingularLagrangianError(self._why_undetermined())
        multipliers = solve_linear(
            A * pushed, -(sp.Matrix(self.constraint_bias) + A * free)
        )
        return (*(free + pushed * multipliers), *multipliers)

    def with_dissipation(self, rayleigh: sp.Expr) -> "LagrangianSystem":
        r"""Add the friction of Rayleigh's function :math:`\mathcal F(q,v)`.

        Its generalized forces are :math:`-\partial\mathcal F/\partial v_i`; for an
        :math:`\mathcal F` quadratic in the velocities :math:`2\mathcal F` is the power
        that is lost.

        Examples
        --------
        >>> from mechanics.symbolic import coordinates
        >>> (x,), (v,) = coordinates("x")
        >>> m, b = sp.symbols("m b", positive=True)
        >>> LagrangianSystem(m*v**2/2, (x,), (v,)).with_dissipation(b*v**2/2).forces
        (-b*xdot,)
        """
        friction = [-sp.diff(rayleigh, v) for v in self.v]
        forces = [Q + f for Q, f in zip(self.forces, friction, strict=True)]
        known = {*self.q, *self.v, self.t, *self.params}
        new = sorted(sp.sympify(rayleigh).free_symbols - known, key=str)
        return replace(self, forces=forces, params=(*self.params, *new))

    def require_regular(self) -> None:
        """Raise :class:`SingularLagrangianError` if the Hessian is singular."""
        if not is_regular(self.mass_metric):
            directions = _combinations(
                self.mass_metric.nullspace(iszerofunc=is_zero), self.v
            )
            raise SingularLagrangianError(
                "the Legendre transform does not exist: the Hessian of L in the "
                f"velocities is singular, with null direction(s) {directions}; remove "
                "those coordinates or constrain them"
            )

    def _why_undetermined(self) -> str:
        A = self.constraint_jacobian
        null = self.mass_metric.col_join(A).nullspace(iszerofunc=is_zero)
        if null:
            return (
                "the accelerations are not determined: the Hessian of L in the "
                "velocities is singular, with null direction(s) "
                f"{_combinations(null, self.v)}; remove those coordinates or constrain "
                "them"
            )
        dependent = A.T.nullspace(iszerofunc=is_zero)
        return (
            "the accelerations are not determined: the constraints are not "
            f"independent, {_combinations(dependent, self.constraints)} pushes "
            "nowhere; drop the redundant ones"
        )

    def time_derivative(self, f: sp.Expr) -> sp.Expr:
        r"""Rate :math:`\dot f=\sum v\,\partial f/\partial q+\partial f/\partial t`.

        For an ``f`` that depends on velocities this is the part of :math:`\dot f` that
        holds no accelerations.
        """
        f = sp.sympify(f)
        rate = sum(sp.diff(f, q) * v for q, v in zip(self.q, self.v, strict=True))
        return rate + (0 if self.t is None else sp.diff(f, self.t))


def _combinations(vectors: Sequence[sp.Matrix], of: Sequence[sp.Expr]) -> str:
    """Spell out linear combinations."""
    return "; ".join(
        " + ".join(
            f"({c})*{x}" if x.is_Symbol else f"({c})*({x})"
            for c, x in zip(vector, of, strict=True)
            if c != 0
        )
        for vector in vectors
    )
