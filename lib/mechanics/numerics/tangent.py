"""Tangent dynamics: the exact derivative of what a method computes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import sympy as sp

from mechanics.numerics.array_systems import ArraySystem
from mechanics.numerics.compile import equations_of
from mechanics.numerics.equations import TIME, Equations, state_symbols
from mechanics.numerics.integrate import IntegrationError, integrate
from mechanics.numerics.program import Assign, Block, FixedPoint, Program, Statement
from mechanics.numerics.step import Step, step_of


def tangent_system(system) -> "TangentEquations":
    r"""A system together with a small deviation :math:`\delta` from its motion.

    .. math::
        \dot z=f(z,t),\qquad\dot\delta=\frac{\partial f}{\partial z}\,\delta

    A method does not see these equations. Its own step :math:`z\to\Phi_h(z)` is
    differentiated, statement by statement, so that
    :math:`\delta\to\Phi_h'(z)\,\delta` holds to rounding for every method. For
    Runge-Kutta methods both are the same, and for splittings each flow
    :math:`\varphi_\tau` moves :math:`\delta` with :math:`\varphi_\tau'(z)`.

    Parameters
    ----------
    system
        Any system of formulas that :func:`integrate` takes.

    Returns
    -------
    TangentEquations
        A system for :func:`integrate`. Its initial state has one part more, the
        deviation, of shape ``(variables, ...)``; the variable belonging to ``q`` is
        called ``delta_q``.

    Raises
    ------
    TypeError
        For a system of array functions, which has no formulas.

    Examples
    --------
    Pendulums released at neighbouring angles lose step, since their periods differ;
    small swings have the same period:

    >>> from mechanics.models import pendulum
    >>> from mechanics.symbolic import legendre
    >>> release = np.array([[0.1, 2.0]])
    >>> run = integrate(tangent_system(legendre(pendulum())),
    ...                 (release, 0*release, [[1, 1], [0, 0]]), dt=0.01, steps=1000,
    ...                 params={"m": 1, "g": 1, "l": 1})
    >>> abs(run["delta_theta"]).max(axis=0).round(1)
    array([1. , 5.5])
    """
    if isinstance(system, ArraySystem):
        raise TypeError(
            f"{type(system).__name__} is made of array functions, which cannot be "
            "differentiated; give the symbolic system"
        )
    return _tangent(equations_of(system))


@dataclass(frozen=True, eq=False)
class TangentEquations(Equations):
    """Equations of motion with a deviation; see :func:`tangent_system`.

    Attributes
    ----------
    base
        The equations without it.
    """

    base: Equations

    def write(self, method) -> Step:
        """Write one step of a method and its derivative."""
        step, derivative = step_of(method, self.base), _Derivative(self)
        parts = (step.first, step.rest, step.last)
        first, rest, last = (tuple(derivative.of(part)) for part in parts)
        return replace(step, first=first, rest=rest, last=last)

    @property
    def deviation(self) -> tuple[sp.Symbol, ...]:
        """Internal symbols of the deviation."""
        return self.state[len(self.base.state) :]


@lru_cache(maxsize=256)
def _tangent(base: Equations) -> TangentEquations:
    number = len(base.state)
    names = tuple(f"delta_{name}" for name in base.names)
    state = state_symbols(2 * number)
    symbols = (sp.Symbol(name, real=True) for name in names)
    tangent = TangentEquations(
        names=(*base.names, *names),
        state=state,
        groups={**base.groups, "delta": number},
        params=base.params,
        field=None,
        energy=base.energy and replace(base.energy, inputs=(*state, TIME)),
        energy_is_constant=base.energy_is_constant,
        flows=base.flows,
        why_no_flows="",
        system=base.system,
        internal={
            **base.internal,
            **dict(zip(symbols, state[number:], strict=True)),
        },
        base=base,
    )
    if base.field is None:
        return tangent
    derivative = _Derivative(tangent)
    assignments = derivative.of(base.field.assignments)
    rates = derivative.along(base.field.outputs)
    field = Program(
        (*state, TIME),
        (*assignments, *derivative.block.statements),
        (*base.field.outputs, *rates),
    )
    return replace(tangent, field=field)


class _Derivative:
    """Derivatives of statements along the deviation, forward.

    The statements themselves stay as they are, so that the motion does too.
    """

    def __init__(self, equations: TangentEquations):
        state = equations.base.state
        self.of_symbol = dict(zip(state, equations.deviation, strict=True))
        self.block = Block(letter="d")

    def of(self, statements: Iterable[Statement]) -> list[Statement]:
        """Insert before each statement its derivative."""
        outer, self.block = self.block, self.block.inner()
        for statement in statements:
            match statement:
                case Assign(target, value):
                    self.assign(target, value)
                case FixedPoint():
                    self.fixed_point(statement)
            if not isinstance(statement, FixedPoint):
                self.block.statements.append(statement)
        inner, self.block = self.block, outer
        return inner.statements

    def assign(self, target: sp.Symbol, value: sp.Expr) -> None:
        [change] = self.along([value])
        if change != 0 or target in self.of_symbol:
            self.block.statements.append(Assign(self.change(target), change))

    def fixed_point(self, loop: FixedPoint) -> None:
        r"""Iterate :math:`\delta x=g'\,\delta x` beside :math:`x=g(x)`."""
        start, scales = (self.along(part) for part in (loop.start, loop.scales))
        changes = tuple(map(self.change, loop.unknowns))
        body = self.of(loop.body)
        outer, self.block = self.block, self.block.inner()
        new = self.along(loop.new)
        body += self.block.statements
        self.block = outer
        self.block.statements.append(
            FixedPoint(
                (*loop.unknowns, *changes),
                (*loop.start, *start),
                tuple(body),
                (*loop.new, *new),
                (*loop.scales, *scales),
            )
        )

    def change(self, symbol: sp.Symbol) -> sp.Symbol:
        """Return the derivative of a variable."""
        return self.of_symbol.setdefault(symbol, self.block.symbol())

    def along(self, expressions: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
        """Write the derivatives of expressions."""
        return self.block.share(
            sum(
                (
                    sp.diff(e, s) * self.of_symbol[s]
                    for s in sorted(e.free_symbols & set(self.of_symbol), key=str)
                ),
                sp.S.Zero,
            )
            for e in map(sp.sympify, expressions)
        )


def monodromy(system, initial, **run) -> np.ndarray:
    r"""Derivative of the state after some steps with respect to the initial one.

    .. math:: M_{ij}=\frac{\partial z_i(t)}{\partial z_j(0)}

    Exact for the numerical map, to rounding: see :func:`tangent_system`. Over one
    period of a periodic motion its eigenvalues are the Floquet multipliers; its
    determinant is the factor by which the volume of a small cloud changes.

    Parameters
    ----------
    system, initial
        As for :func:`integrate`.
    **run
        All other arguments of :func:`integrate` but ``save``.

    Returns
    -------
    ndarray
        Shape ``(variables, variables, ...)``.

    Examples
    --------
    Friction :math:`\gamma` contracts volumes as :math:`e^{-\gamma t}`; a pendulum near
    its upper rest position :math:`\theta=\pi` is no exception:

    >>> from mechanics.numerics import GAUSS_LEGENDRE_6, FirstOrderSystem
    >>> theta, v = sp.symbols("theta v", real=True)
    >>> damped = FirstOrderSystem((theta, v), (v, -sp.sin(theta) - v/5))
    >>> M = monodromy(damped, [3.1, 0.0], dt=0.1, steps=50, method=GAUSS_LEGENDRE_6)
    >>> bool(abs(np.linalg.det(M) - np.exp(-1)) < 1e-9)
    True
    """
    tangent = tangent_system(system)
    number = len(tangent.base.state)
    parts = [initial] if len(tangent.base.groups) == 1 else list(initial)
    shape = np.shape(parts[0])[1:]
    columns = []
    for unit in np.eye(number):
        delta = np.broadcast_to(unit.reshape(-1, *[1] * len(shape)), (number, *shape))
        end = integrate(tangent, (*parts, delta), save="end", **run).end
        columns.append(end[number:])
    return np.stack(columns, axis=1)


@dataclass(frozen=True)
class LyapunovExponent:
    r"""The rate at which neighbouring trajectories separate, with its history.

    Attributes
    ----------
    value
        The mean rate after the first tenth of the time, shape ``(...)``.
    error
        Its standard error, from the scatter of the nine tenths. It says nothing of what
        they have in common: the error of the method, and for a regular motion the slow
        decay of :math:`\log t/t`; and it is too small if the motion remembers longer.
    t
        The ends of the pieces, shape ``(pieces,)``.
    running
        :math:`\frac1t\log|\delta(t)|/|\delta(0)|` there, shape ``(pieces, ...)``.

    Examples
    --------
    See :func:`lyapunov_exponent`:

    >>> found = LyapunovExponent(value=0.05, error=0.01, t=[10.0], running=[0.06])
    >>> found.value > 3 * found.error
    True
    """

    value: np.ndarray
    error: np.ndarray
    t: np.ndarray
    running: np.ndarray


def lyapunov_exponent(
    system,
    initial,
    *,
    dt: float,
    steps: int,
    pieces: int = 100,
    t0: float = 0.0,
    seed: int = 0,
    backend: str = "numba",
    **run,
) -> LyapunovExponent:
    r"""Largest Lyapunov exponent by tangent dynamics.

    .. math::
        \lambda=\lim_{t\to\infty}\frac1t\log\frac{|\delta(t)|}{|\delta(0)|}

    The deviation starts in a random direction and is normalized after each piece of
    the run (Benettin and others 1980).

    Parameters
    ----------
    system, initial
        As for :func:`integrate`; an ensemble gives an exponent for each trajectory.
    dt, steps
        Step, and number of steps of the whole run.
    pieces
        Their number: a multiple of ten that divides ``steps``, large enough for the
        deviation not to overflow within one.
    t0, backend
        As for :func:`integrate`, but compiled by default: exponents need long runs.
    seed
        Of the direction, and of the noise if there is any.
    **run
        Further arguments of :func:`integrate`.

    Returns
    -------
    LyapunovExponent

    Raises
    ------
    ValueError
        If the number of pieces does not fit, or is too small for the deviation.

    Examples
    --------
    At the top of its swing a pendulum is unstable with the exponent
    :math:`\sqrt{g/l}`, and it stays there, if it is put there exactly:

    >>> from mechanics.numerics import FirstOrderSystem, RUNGE_KUTTA_4
    >>> x, v = sp.symbols("x v", real=True)
    >>> top = FirstOrderSystem((x, v), (v, sp.sin(x)))
    >>> found = lyapunov_exponent(top, [0.0, 0.0], dt=0.1, steps=1000,
    ...                           method=RUNGE_KUTTA_4)
    >>> print(f"{found.value:.4f}")
    1.0000
    """
    if pieces < 10 or pieces % 10 or steps % pieces:
        raise ValueError(
            f"steps = {steps} in pieces = {pieces}: the second must be a multiple of "
            "ten, and divide the first"
        )
    tangent = tangent_system(system)
    number = len(tangent.base.state)
    parts = [initial] if len(tangent.base.groups) == 1 else list(initial)
    shape = np.shape(parts[0])[1:]
    delta = np.random.default_rng(seed).normal(size=number)
    delta = np.broadcast_to(
        (delta / np.linalg.norm(delta)).reshape(-1, *[1] * len(shape)), (number, *shape)
    )
    part = steps // pieces
    growth = np.empty((pieces, *shape))
    for i in range(pieces):
        begin = t0 + i * part * dt
        try:
            end = integrate(
                tangent,
                (*parts, delta),
                dt=dt,
                steps=part,
                t0=begin,
                seed=(seed + i) % 2**64,
                save="end",
                backend=backend,
                **run,
            )
        except IntegrationError as error:
            if np.isfinite(error.result.end[:number]).all():
                raise ValueError(
                    f"the deviation overflows between t = {begin:g} and "
                    f"{begin + part * dt:g}: make pieces = {pieces} larger"
                ) from error
            raise
        *parts, delta = end.end_groups
        largest = np.abs(delta).max(axis=0)
        size = largest * np.linalg.norm(delta / largest, axis=0)
        growth[i], delta = np.log(size), delta / size
    t = abs(dt) * part * np.arange(1, pieces + 1)
    tenths = growth.reshape(10, -1, *shape).sum(axis=1) / (t[-1] / 10)
    return LyapunovExponent(
        value=tenths[1:].mean(axis=0),
        error=tenths[1:].std(axis=0, ddof=1) / 3,
        t=t,
        running=growth.cumsum(axis=0) / t.reshape(-1, *[1] * len(shape)),
    )
