"""Lagrangian systems: momenta, energy function and equations of motion."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from mechanics.symbolic.zero import is_zero


class SingularLagrangianError(ValueError):
    """The velocity Hessian is singular: velocities do not follow from momenta."""


def coordinates(names: str) -> tuple[tuple[sp.Symbol, ...], tuple[sp.Symbol, ...]]:
    r"""Make real symbols for generalized coordinates and their velocities.

    Parameters
    ----------
    names
        Names separated by spaces or commas, ``"r phi"`` or ``"u_0 u_1"``.

    Returns
    -------
    q, v
        Coordinates :math:`q` and velocities :math:`v=\dot q`. The velocity of
        ``u_1`` is called ``udot_1``, so that it prints as :math:`\dot u_1`.

    Examples
    --------
    >>> coordinates("theta u_1")
    ((theta, u_1), (thetadot, udot_1))
    """
    split = [name for name in re.split(r"[\s,]+", names) if name]
    q = tuple(sp.Symbol(name, real=True) for name in split)
    return q, tuple(_decorated(symbol, "dot") for symbol in q)


def _decorated(symbol: sp.Symbol, mark: str) -> sp.Symbol:
    base, *rest = symbol.name.split("_")
    return sp.Symbol("_".join([base + mark, *rest]), real=True)


def check_symbols(
    what: str,
    expressions: Sequence[sp.Expr],
    variables: Sequence[sp.Symbol],
    params: Sequence[sp.Symbol],
) -> tuple[sp.Symbol, ...]:
    """Return the parameters, inferred where none are given; reject stray symbols."""
    if len(set(variables)) != len(variables):
        repeated = sorted({str(s) for s in variables if variables.count(s) > 1})
        raise ValueError(f"{what}: the symbols {', '.join(repeated)} appear twice")
    found = set().union(*(e.free_symbols for e in expressions)) - set(variables)
    names = {s.name: s for s in variables}
    for symbol in sorted(found, key=str):
        if symbol.name in names:
            raise ValueError(
                f"{what}: the symbol {symbol} has the name of a variable but other "
                "assumptions, so derivatives would miss it; use the very symbol that "
                "stands in the list of variables"
            )
    if not params:
        return tuple(sorted(found, key=str))
    stray = sorted(str(s) for s in found - set(params))
    if stray:
        raise ValueError(
            f"{what} contains {', '.join(stray)}, which is neither a variable nor "
            "listed in params"
        )
    return tuple(params)


@dataclass(frozen=True)
class LagrangianSystem:
    r"""A mechanical system given by its Lagrangian :math:`L(q, v, t)`.

    The velocities :math:`v=\dot q` are plain symbols, independent of :math:`q` until
    an equation of motion ties them together. With generalized forces :math:`Q_i` and
    holonomic constraints :math:`f_\alpha(q,t)=0` the equations of motion are

    .. math::
        \frac{d}{dt}\frac{\partial L}{\partial v_i}-\frac{\partial L}{\partial q_i}
        = Q_i + \sum_\alpha \lambda_\alpha\frac{\partial f_\alpha}{\partial q_i}

    Parameters
    ----------
    L
        The Lagrangian, an expression in ``q``, ``v``, ``t`` and parameters.
    q, v
        Coordinates and velocities, as many of each; see :func:`coordinates`.
    t
        The symbol of time, if ``L`` or a constraint depends on it explicitly.
    params
        All other symbols. Left out, they are found in the expressions; given, a symbol
        that is not listed is an error.
    forces
        Generalized forces :math:`Q_i(q, v, t)` that no potential describes.
    constraints
        The functions :math:`f_\alpha(q, t)`.

    Notes
    -----
    Sources: CCM-2, AMM-10 to 12. The sign of the multipliers is that of
    :math:`L'=L+\sum\lambda_\alpha f_\alpha`.

    Examples
    --------
    >>> import sympy as sp
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
        def put(name, value):
            object.__setattr__(self, name, value)

        put("L", sp.sympify(self.L))
        put("q", tuple(self.q))
        put("v", tuple(self.v))
        put("forces", tuple(sp.sympify(Q) for Q in self.forces or [0] * len(self.q)))
        put("constraints", tuple(sp.sympify(f) for f in self.constraints))
        if not len(self.q) == len(self.v) == len(self.forces):
            raise ValueError(
                f"{len(self.q)} coordinates, {len(self.v)} velocities and "
                f"{len(self.forces)} forces: give one of each per degree of freedom"
            )
        for f in self.constraints:
            if f.free_symbols & set(self.v):
                raise ValueError(
                    f"the constraint {f} contains velocities; a holonomic constraint "
                    "is a function of coordinates and time"
                )
        time = () if self.t is None else (self.t,)
        expressions = (self.L, *self.forces, *self.constraints)
        variables = (*self.q, *self.v, *time)
        put("params", check_symbols("L", expressions, variables, tuple(self.params)))

    @cached_property
    def a(self) -> tuple[sp.Symbol, ...]:
        r"""Symbols of the accelerations :math:`\ddot q`."""
        return tuple(_decorated(q, "ddot") for q in self.q)

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
        return sp.hessian(self.L, self.v)

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
            for q, Q in zip(self.q, self.forces, strict=True)
            if is_zero(sp.diff(self.L, q))
            and is_zero(Q)
            and all(is_zero(sp.diff(f, q)) for f in self.constraints)
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
        a = self.a if a is None else tuple(a)
        reaction = self._constraint_jacobian.T * sp.Matrix(self.multipliers)
        residual = (
            self.mass_metric * sp.Matrix(a)
            - sp.Matrix(self.generalized_force)
            - (reaction if self.constraints else sp.zeros(len(self.q), 1))
        )
        return tuple(residual)

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
        matrix, right = self.mass_metric, sp.Matrix(self.generalized_force)
        if self.constraints:
            jacobian = self._constraint_jacobian
            # the second time derivative of f, without its accelerations
            bias = [
                self.time_derivative(self.time_derivative(f)) for f in self.constraints
            ]
            size = len(self.constraints)
            matrix = sp.Matrix.vstack(
                sp.Matrix.hstack(matrix, -jacobian.T),
                sp.Matrix.hstack(jacobian, sp.zeros(size)),
            )
            right = sp.Matrix.vstack(right, -sp.Matrix(bias))
        if is_zero(matrix.det(method="berkowitz")):
            raise SingularLagrangianError(
                "the accelerations are not determined: " + self._null_directions()
            )
        return tuple(sp.cancel(x) for x in matrix.LUsolve(right))

    def require_regular(self) -> None:
        """Raise :class:`SingularLagrangianError` if the Hessian is singular."""
        if is_zero(self.mass_metric.det(method="berkowitz")):
            raise SingularLagrangianError(
                "the Legendre transform does not exist: " + self._null_directions()
            )

    def _null_directions(self) -> str:
        null = self.mass_metric.nullspace()
        if not null:
            return "the constraints are not independent; drop the redundant ones"
        named = "; ".join(
            " + ".join(
                f"({c})*{v}" for c, v in zip(vector, self.v, strict=True) if c != 0
            )
            for vector in null
        )
        return (
            "the Hessian of L in the velocities is singular, with null direction(s) "
            f"{named}; remove those coordinates or constrain them"
        )

    @cached_property
    def _constraint_jacobian(self) -> sp.Matrix:
        return sp.Matrix(
            len(self.constraints),
            len(self.q),
            [sp.diff(f, q) for f in self.constraints for q in self.q],
        )

    def time_derivative(self, f: sp.Expr) -> sp.Expr:
        r"""Rate :math:`\dot f=\sum v\,\partial f/\partial q+\partial f/\partial t`.

        For an ``f`` that depends on velocities this is the part of :math:`\dot f` that
        holds no accelerations.
        """
        f = sp.sympify(f)
        rate = sum(sp.diff(f, q) * v for q, v in zip(self.q, self.v, strict=True))
        return rate + (0 if self.t is None else sp.diff(f, self.t))
