"""Holonomic constraints, kept to rounding error: RATTLE, multipliers and defects."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from mechanics.numerics.compile import accelerations, equations_of, parameter_values
from mechanics.numerics.equations import STEP, TAU, TIME, Equations
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.program import Block, Program
from mechanics.numerics.results import Trajectory
from mechanics.numerics.step import Step, UnsuitableMethodError

OFF = 1e-6  # relative defect from which on an initial state is wrong, not rounded


@dataclass(frozen=True)
class Rattle:
    r"""The leapfrog for constraints :math:`f_\alpha(q,t)=0`.

    For :math:`L=\tfrac12v^{\mathsf T}Wv-V` with a constant :math:`W` and forces
    :math:`F(q,t)`, with :math:`A=\partial f/\partial q`:

    .. math::
        Wv_{1/2}&=Wv_0+\tfrac h2F(q_0,t_0)+A(q_0,t_0)^{\mathsf T}\lambda\\
        q_1&=q_0+hv_{1/2},\qquad f(q_1,t_1)=0\\
        Wv_1&=Wv_{1/2}+\tfrac h2F(q_1,t_1)+A(q_1,t_1)^{\mathsf T}\mu,\qquad
        A(q_1,t_1)\,v_1+\frac{\partial f}{\partial t}(q_1,t_1)=0

    Symmetric, symplectic on the constrained states, and of second order. The impulses
    :math:`\lambda` follow by a simplified Newton iteration, :math:`\mu` from linear
    equations. Positions do not depend on :math:`\mu`, which changes :math:`v_1` in the
    directions in which the next :math:`\lambda` acts: velocities are projected only
    where they are saved. Between, this is SHAKE.

    Attributes
    ----------
    name, order, source
        As for every method.

    Examples
    --------
    A pendulum of length one keeps its length:

    >>> from mechanics.models import pendulum_with_tension
    >>> from mechanics.numerics import RATTLE, integrate
    >>> swing = integrate(pendulum_with_tension(), ([1.0, 0.0], [0.0, 0.0]), dt=0.01,
    ...                   steps=1000, method=RATTLE, params={"m": 1, "g": 1, "l": 1})
    >>> bool(abs(np.hypot(swing["x"], swing["y"]) - 1).max() < 1e-14)
    True
    """

    name: str
    order: int
    source: str

    def step(self, equations: Equations) -> Step:
        """Write the method for these equations.

        Raises
        ------
        UnsuitableMethodError
            If the system has no constraints, constraints on velocities, a mass metric
            that is not constant, or forces that depend on velocities.
        """
        system = equations.system
        self._check(equations)
        n = equations.groups["q"]
        q, v = equations.state[:n], equations.state[n:]
        rest = Block()
        first, last = rest.inner(), rest.inner()
        kick(first, system, equations, v)
        drift(rest, system, equations, q, v)
        kick(last, system, equations, v)
        project_velocities(last, system, equations, v)
        parts = (tuple(block.statements) for block in (rest, first, last))
        return Step(*parts, alpha=0.5, beta=0.5)

    def _check(self, equations: Equations) -> None:
        system = equations.system
        if not getattr(system, "constraints", ()):
            raise UnsuitableMethodError(
                f"{self.name} is for constraints, and this system has none; use a "
                "splitting method after legendre(), a variational or a Runge-Kutta "
                "method"
            )
        remedy = "use GAUSS_LEGENDRE_4 or RUNGE_KUTTA_4, which know accelerations only"
        for g in system.constraints:
            if g.has(*system.v):
                raise UnsuitableMethodError(
                    f"{self.name} is for constraints on coordinates, and {g} contains "
                    f"velocities; {remedy}"
                )
        variable = {*system.q, *system.v, system.t}
        for entry in system.mass_metric:
            if found := sp.expand(entry).free_symbols & variable:
                raise UnsuitableMethodError(
                    f"{self.name} needs a constant mass metric, and its entry {entry} "
                    f"depends on {', '.join(sorted(map(str, found)))}; write the "
                    f"system in Cartesian coordinates, or {remedy}"
                )
        for x, force in zip(system.q, system.generalized_force, strict=True):
            if found := sp.expand(force).free_symbols & set(system.v):
                raise UnsuitableMethodError(
                    f"{self.name} needs forces without velocities, and that on {x}, "
                    f"{force}, depends on {', '.join(sorted(map(str, found)))}; "
                    f"{remedy}"
                )


RATTLE = Rattle("RATTLE", 2, "andersen_rattle_1983")


def kick(block: Block, system, equations: Equations, v) -> None:
    r"""Write :math:`v\to v+\tau W^{-1}F`."""
    F = sp.Matrix(block.share(map(equations.translate, system.generalized_force)))
    W = _shared(block, equations, system.mass_metric)
    a = block.solve(W, F)
    block.set({x: x + TAU * rate for x, rate in zip(v, a, strict=True)})


def drift(block: Block, system, equations: Equations, q, v) -> None:
    r"""Write :math:`q\to q+hv` after the impulses that lead to :math:`f(q)=0`."""
    A, push, L, D = _pushes(block, system, equations)
    f = [equations.translate(f) for f in system.constraints]
    impulses = [block.symbol() for _ in f]
    correction = push * sp.Matrix(impulses)
    later = {TIME: TIME + STEP}
    body = block.inner()
    for x, rate, change in zip(q, v, correction, strict=True):
        later[x] = body.let(x + STEP * (rate + change))
    residuals = body.share(e.xreplace(later) for e in f)
    newton = body.substitute(L, D, sp.Matrix(residuals))
    new = [x - change / STEP for x, change in zip(impulses, newton, strict=True)]
    # what rounding errors of f and of the coordinates in it do to each impulse
    diagonal = A * push
    sizes = [_size(e, A.row(i), q) for i, e in enumerate(f)]
    scales = [
        block.let(size / (STEP * diagonal[i, i]))
        for i, size in enumerate(block.share(sizes))
    ]
    block.iterate(impulses, [0] * len(impulses), scales, body, new)
    block.set({x: x + change for x, change in zip(v, correction, strict=True)})
    block.set({x: x + STEP * rate for x, rate in zip(q, v, strict=True)})


def project_velocities(block: Block, system, equations: Equations, v) -> None:
    r"""Write the impulses that lead to :math:`Av+\partial f/\partial t=0`."""
    A, push, L, D = _pushes(block, system, equations)
    still = dict.fromkeys(system.v, 0)
    moving = [system.time_derivative(f).xreplace(still) for f in system.constraints]
    moving = sp.Matrix(block.share(map(equations.translate, moving)))
    impulses = block.substitute(L, D, A * sp.Matrix(v) + moving)
    block.set({x: x - change for x, change in zip(v, push * impulses, strict=True)})


def _pushes(block: Block, system, equations: Equations) -> tuple:
    r"""Return :math:`A`, :math:`W^{-1}A^{\mathsf T}` and :math:`AW^{-1}A^{\mathsf T}`.

    The last one as its factors.
    """
    A = _shared(block, equations, system.constraint_jacobian)
    W = _shared(block, equations, system.mass_metric)
    push = block.solve(W, A.T)
    return A, push, *block.factor(A * push)


def _shared(block: Block, equations: Equations, matrix: sp.Matrix) -> sp.Matrix:
    return sp.Matrix(*matrix.shape, block.share(map(equations.translate, matrix)))


def _size(f: sp.Expr, gradient, x) -> sp.Expr:
    """Bound what enters a constraint: its terms, and its changes with each variable."""
    terms = sum(map(sp.Abs, sp.Add.make_args(f)))
    return terms + sum(map(sp.Abs, gradient)) * sum(map(sp.Abs, x))


# What a solution is worth -------------------------------------------------------------


@dataclass(frozen=True)
class Condition:
    """An expression that vanishes on the constraints, with its gradient in ``x``."""

    name: str
    value: sp.Expr
    gradient: tuple[sp.Expr, ...]
    x: tuple[sp.Symbol, ...]


def conditions(system) -> list[Condition]:
    """Return what states of a system must satisfy: constraints, then their rates."""
    positions, velocities = [], []
    A = system.constraint_jacobian
    for i, f in enumerate(system.constraints):
        row = tuple(A.row(i))
        if f.has(*system.v):
            velocities.append(Condition(f"{f}", f, row, system.v))
            continue
        positions.append(Condition(f"{f}", f, row, system.q))
        rate = system.time_derivative(f)
        velocities.append(Condition(f"the rate of {f}", rate, row, system.v))
    return [*positions, *velocities]


def require_consistent(
    equations: Equations, z: np.ndarray, t0: float, params: tuple
) -> None:
    """Refuse initial states that violate the constraints of their system.

    Raises
    ------
    ValueError
        If a constraint or its rate is off by more than rounding errors; the message
        names it.
    """
    if not getattr(equations.system, "constraints", ()):
        return
    defects, sizes = np.split(np.abs(_defects_and_sizes(equations)(z, t0, params)), 2)
    off = defects > OFF * sizes
    if not off.any():
        return
    number, trajectory = map(int, np.argwhere(off)[0])
    which = f" in trajectory {trajectory}" if off.shape[1] > 1 else ""
    raise ValueError(
        f"the initial state violates a constraint: "
        f"{conditions(equations.system)[number].name} is "
        f"{defects[number, trajectory]:.3g}{which}, not 0; give coordinates on the "
        "constraints, and velocities along them"
    )


@lru_cache(maxsize=64)
def _defects_and_sizes(equations: Equations):
    found = conditions(equations.system)
    outputs = [c.value for c in found]
    outputs += [_size(c.value, c.gradient, c.x) for c in found]
    return array_function(equations.program(outputs), equations.param_symbols)


def constraint_defect(
    system, trajectory: Trajectory, params: Mapping | None = None
) -> np.ndarray:
    r"""By how much saved states violate the constraints of their system.

    Parameters
    ----------
    system
        A :class:`~mechanics.symbolic.LagrangianSystem` with constraints.
    trajectory, params
        What :func:`integrate` returned, and the parameters it was given.

    Returns
    -------
    ndarray
        Shape ``(saved, conditions, ...)``: all :math:`f_\alpha`, then in the order of
        the constraints :math:`\dot f_\alpha` or :math:`g_\beta`.

    Raises
    ------
    ValueError
        If the system has no constraints.

    Examples
    --------
    Accelerations alone lose the length of a pendulum little by little:

    >>> from mechanics.models import pendulum_with_tension
    >>> from mechanics.numerics import RATTLE, RUNGE_KUTTA_4, integrate
    >>> pendulum, values = pendulum_with_tension(), {"m": 1, "g": 1, "l": 1}
    >>> for method in (RATTLE, RUNGE_KUTTA_4):
    ...     swing = integrate(pendulum, ([0.6, -0.8], [0.0, 0.0]), dt=0.05, steps=200,
    ...                       method=method, params=values)
    ...     print(abs(constraint_defect(pendulum, swing, values)).max() < 1e-13)
    True
    False
    """
    equations = _constrained(system)
    both = _along(_defects_and_sizes(equations), equations, trajectory, params)
    return np.moveaxis(both[: len(both) // 2], 0, 1)


def multipliers(
    system, trajectory: Trajectory, params: Mapping | None = None
) -> np.ndarray:
    r"""The multipliers :math:`\lambda_\alpha` of saved states.

    They solve :math:`Wa=F+A^{\mathsf T}\lambda` and :math:`Aa+b=0`: the force of a
    constraint is :math:`\lambda\,\partial f/\partial q`. For a rod
    :math:`f=|\boldsymbol r|^2-a^2` the tension is :math:`-2\lambda a`.

    Parameters
    ----------
    system
        A :class:`~mechanics.symbolic.LagrangianSystem` with constraints.
    trajectory, params
        What :func:`integrate` returned, and the parameters it was given.

    Returns
    -------
    ndarray
        Shape ``(saved, constraints, ...)``.

    Raises
    ------
    ValueError
        If the system has no constraints.

    Examples
    --------
    Released from the horizontal, a pendulum pulls with three times its weight at the
    lowest point:

    >>> from mechanics.models import pendulum_with_tension
    >>> from mechanics.numerics import RATTLE, integrate
    >>> pendulum, values = pendulum_with_tension(), {"m": 1, "g": 1, "l": 2}
    >>> swing = integrate(pendulum, ([2.0, 0.0], [0.0, 0.0]), dt=0.001, steps=6000,
    ...                   method=RATTLE, params=values)
    >>> tension = -2 * multipliers(pendulum, swing, values)[:, 0] * 2
    >>> print(f"{tension.max():.4f}")
    3.0000
    """
    equations = _constrained(system)
    return np.moveaxis(
        _along(_multipliers(equations), equations, trajectory, params), 0, 1
    )


@lru_cache(maxsize=64)
def _multipliers(equations: Equations):
    block = Block()
    _, outputs = accelerations(equations.system, equations.internal, block)
    program = Program((*equations.state, TIME), tuple(block.statements), tuple(outputs))
    return array_function(program, equations.param_symbols)


def _constrained(system) -> Equations:
    if not getattr(system, "constraints", ()):
        raise ValueError(
            f"this {type(system).__name__} has no constraints; give the "
            "LagrangianSystem(..., constraints=...) that was integrated"
        )
    return equations_of(system)


def _along(function, equations: Equations, trajectory: Trajectory, params):
    """Evaluate a function on saved states; its outputs come first."""
    states = np.moveaxis(trajectory.states, 1, 0)
    t = trajectory.t.reshape(-1, *[1] * (states.ndim - 2))
    return function(states, t, parameter_values(equations.params, params or {}))
