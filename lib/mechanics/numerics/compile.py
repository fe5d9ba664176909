"""From symbolic systems to equations of motion that a machine can evaluate."""

from collections.abc import Mapping, Sequence
from functools import singledispatch

import numpy as np
import sympy as sp

from mechanics.numerics.array_systems import CompiledHamiltonian
from mechanics.numerics.equations import (
    TAU,
    TIME,
    Equations,
    FirstOrderSystem,
    Flow,
    SplitSystem,
    param_symbols,
    state_symbols,
)
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.program import Block, Program
from mechanics.symbolic import (
    HamiltonianSystem,
    ImplicitHamiltonianSystem,
    LagrangianSystem,
    PoissonStructure,
)


def compile_system(
    system: HamiltonianSystem, params: Mapping[sp.Symbol | str, float] | None = None
) -> CompiledHamiltonian:
    r"""Compile a symbolic Hamiltonian to NumPy, common subexpressions first.

    Parameters
    ----------
    system
        The symbolic system.
    params
        A number for each of ``system.params``, by symbol or by name. An array that
        broadcasts against the ensemble gives every trajectory its own value.

    Returns
    -------
    CompiledHamiltonian

    Raises
    ------
    ValueError
        If a parameter is missing, unknown or not finite; the message names it.

    Examples
    --------
    >>> from mechanics.models import pendulum
    >>> from mechanics.symbolic import legendre
    >>> H = compile_system(legendre(pendulum()), {"m": 1, "g": 9.8, "l": 0.5})
    >>> H.force(np.array([[0.0, np.pi / 2]]), np.zeros((1, 2)), 0.0)
    array([[-0. , -4.9]])
    """
    equations = equations_of(system)
    values = parameter_values(equations.params, params or {})
    n = len(system.q)
    field, energy = equations.field, equations.energy

    def function(outputs):
        program = Program(field.inputs, field.assignments, outputs)
        evaluate = array_function(program, equations.param_symbols)
        return lambda q, p, t: evaluate((*q, *p), t, values)

    energy = array_function(equations.energy, equations.param_symbols)
    return CompiledHamiltonian(
        velocity=function(field.outputs[:n]),
        force=function(field.outputs[n:]),
        energy=lambda q, p, t: energy((*q, *p), t, values)[0],
        names=tuple(q.name for q in system.q),
        mixed_term=mixed_term(system),
    )


def poisson_system(
    structure: PoissonStructure, H: sp.Expr, t: sp.Symbol | None = None
) -> FirstOrderSystem:
    r"""Equations of motion :math:`\dot x_i=\{x_i,H\}` of a Poisson structure.

    Parameters
    ----------
    structure
        The bracket.
    H
        The Hamiltonian; it becomes the system's energy.
    t
        The symbol of time, if ``H`` contains it.

    Examples
    --------
    A spin in a field; the implicit midpoint rule keeps every quadratic Casimir:

    >>> from mechanics.numerics import IMPLICIT_MIDPOINT, integrate
    >>> S = sp.symbols("S_x S_y S_z", real=True)
    >>> spin = poisson_system(PoissonStructure.spins(S), S[0] + S[2]**2)
    >>> run = integrate(spin, [0.0, 0.6, 0.8], dt=0.1, steps=1000,
    ...                 method=IMPLICIT_MIDPOINT)
    >>> bool(np.ptp(np.sum(run.states**2, axis=1)) < 1e-13)
    True
    """
    return FirstOrderSystem(structure.x, structure.vector_field(H), t, sp.sympify(H))


def equations_of(system) -> Equations:
    """Write a system in the internal form that all methods and machines share.

    Parameters
    ----------
    system
        A Hamiltonian, implicit Hamiltonian, Lagrangian, first-order or split system.

    Returns
    -------
    Equations
    """
    found = getattr(system, "__dict__", {})
    if "_equations" not in found:
        found["_equations"] = _equations(system)
    return found["_equations"]


@singledispatch
def _equations(system) -> Equations:
    raise TypeError(
        f"{type(system).__name__} is no system that can be integrated; use a "
        "HamiltonianSystem, ImplicitHamiltonianSystem, LagrangianSystem, "
        "FirstOrderSystem, SplitSystem or CompiledHamiltonian"
    )


def _common(system, groups: Mapping[str, tuple], extra: Mapping = ()) -> dict:
    """Return the fields of Equations that only need the symbols."""
    variables = tuple(s for group in groups.values() for s in group)
    params = tuple(system.params)
    state = state_symbols(len(variables))
    internal = dict(zip(variables, state, strict=True))
    internal |= dict(zip(params, param_symbols(len(params)), strict=True))
    if system.t is not None:
        internal[system.t] = TIME
    return {
        "names": tuple(s.name for s in variables),
        "state": state,
        "groups": {label: len(group) for label, group in groups.items()},
        "params": tuple(s.name for s in params),
        "system": system,
        "internal": internal,
    }


def _program(common: dict, expressions) -> Program:
    translated = [sp.sympify(e).xreplace(common["internal"]) for e in expressions]
    return Program.of((*common["state"], TIME), translated)


@_equations.register
def _(system: Equations) -> Equations:
    return system


@_equations.register
def _(system: HamiltonianSystem) -> Equations:
    common = _common(system, {"q": system.q, "p": system.p})
    mixed = mixed_term(system)
    flows = {}
    if mixed is None:
        n = len(system.q)
        field = [e.xreplace(common["internal"]) for e in _separated_field(system)]
        q, p = common["state"][:n], common["state"][n:]
        drift = {x: x + TAU * v for x, v in zip(q, field[:n], strict=True)}
        kick = {x: x + TAU * f for x, f in zip(p, field[n:], strict=True)}
        flows = {"kick": Flow(kick, TAU, "drift"), "drift": Flow(drift, TAU, "kick")}
    return Equations(
        **common,
        field=_program(common, system.vector_field),
        energy=_program(common, [system.H]),
        energy_is_constant=system.t is None,
        flows=flows,
        why_no_flows=f"the term {mixed} of H mixes coordinates and momenta",
    )


@_equations.register
def _(system: ImplicitHamiltonianSystem) -> Equations:
    common = _common(system, {"q": system.q, "p": system.p})
    n = len(system.q)

    def program(outputs):
        """Solve M v = p - c, then evaluate functions of q and v."""
        block = Block()
        metric = block.share(
            e.xreplace(common["internal"]) for e in (*system.M, *system.c)
        )
        M = sp.Matrix(n, n, metric[: n * n])
        right = [
            p - c for p, c in zip(common["state"][n:], metric[n * n :], strict=True)
        ]
        v = list(block.solve(M, sp.Matrix(right)))
        where = common["internal"] | dict(zip(system.v, v, strict=True))
        results = block.share(e.xreplace(where) for e in outputs)
        return Program((*common["state"], TIME), tuple(block.statements), results)

    return Equations(
        **common,
        field=program([*system.v, *system.p_dot]),
        energy=program([system.energy]),
        energy_is_constant=system.t is None,
        flows={},
        why_no_flows="the mass metric M(q) mixes coordinates and momenta",
    )


@_equations.register
def _(system: LagrangianSystem) -> Equations:
    common = _common(system, {"q": system.q, "v": system.v})
    system.require_regular()
    block = Block()
    a, _ = accelerations(system, common["internal"], block)
    return Equations(
        **common,
        field=Program(
            (*common["state"], TIME),
            tuple(block.statements),
            (*common["state"][len(system.q) :], *a),
        ),
        energy=_program(common, [system.energy]),
        energy_is_constant=system.t is None and not any(system.forces),
        flows={},
        why_no_flows="a Lagrangian has no kicks and drifts: use legendre() first, or a "
        "Runge-Kutta or variational method",
    )


def accelerations(
    system: LagrangianSystem, internal: Mapping, block: Block
) -> tuple[sp.Matrix, sp.Matrix]:
    r"""Write :math:`Wa=F+A^{\mathsf T}\lambda`, :math:`Aa+b=0` and their solution.

    Returns
    -------
    accelerations, multipliers
        Columns, in internal symbols.
    """
    n, k = len(system.q), len(system.constraints)
    A, W = system.constraint_jacobian, system.mass_metric
    entries = block.share(
        e.xreplace(internal)
        for e in (*W, *system.generalized_force, *A, *system.constraint_bias)
    )
    W, F = sp.Matrix(n, n, entries[: n * n]), sp.Matrix(entries[n * n : n * n + n])
    A = sp.Matrix(k, n, entries[n * n + n : n * n + n + k * n])
    b = sp.Matrix(k, 1, entries[n * n + n + k * n :])
    free_and_pushed = block.solve(W, F.row_join(A.T))
    free, pushed = free_and_pushed[:, 0], free_and_pushed[:, 1:]
    multipliers = block.solve(A * pushed, -(b + A * free))
    total = (free + pushed * multipliers).applyfunc(block.let)
    return total, multipliers


@_equations.register
def _(system: FirstOrderSystem) -> Equations:
    common = _common(system, {"x": system.x})
    return Equations(
        **common,
        field=_program(common, system.f),
        energy=None if system.energy is None else _program(common, [system.energy]),
        energy_is_constant=system.t is None,
        flows={},
        why_no_flows="a FirstOrderSystem is not split; make a SplitSystem",
    )


@_equations.register
def _(system: SplitSystem) -> Equations:
    common = _common(system, system.groups)

    def internal(flow):
        noise = tuple(sp.Symbol(f"noise_{i}") for i in range(len(flow.noise)))
        where = common["internal"] | {flow.tau: TAU}
        where |= dict(zip(flow.noise, noise, strict=True))
        after = {where[x]: sp.sympify(e).xreplace(where) for x, e in flow.after.items()}
        return Flow(after, TAU, flow.clock, noise)

    return Equations(
        **common,
        field=None,
        energy=None if system.energy is None else _program(common, [system.energy]),
        energy_is_constant=system.energy_is_constant and system.t is None,
        flows={name: internal(flow) for name, flow in system.flows.items()},
        why_no_flows="",
    )


def mixed_term(system: HamiltonianSystem) -> str | None:
    """Return a term of H with both coordinates and momenta, if there is one."""
    n = len(system.q)
    velocity, force = system.vector_field[:n], system.vector_field[n:]
    if not any(e.has(*system.q) for e in velocity) and not any(
        e.has(*system.p) for e in force
    ):
        return None
    for term in sp.Add.make_args(sp.expand(system.H)):
        if term.has(*system.q) and term.has(*system.p):
            return str(term)
    return None


def _separated_field(system: HamiltonianSystem) -> Sequence[sp.Expr]:
    """Return velocities without coordinates and forces without momenta."""
    n = len(system.q)
    field = system.vector_field
    if any(e.has(*system.q) for e in field[:n]) or any(
        e.has(*system.p) for e in field[n:]
    ):
        expanded = HamiltonianSystem(
            sp.expand(system.H), system.q, system.p, system.t, system.params
        )
        return expanded.vector_field
    return field


def parameter_values(needed: Sequence[str], params: Mapping) -> list[np.ndarray]:
    """Check the values of parameters and put them in order."""
    by_name = {}
    for key, value in params.items():
        try:
            by_name[str(key)] = np.asarray(value, float)
        except (TypeError, ValueError):
            raise ValueError(f"the parameter {key} is no number: {value!r}") from None
    missing = [name for name in needed if name not in by_name]
    unknown = [name for name in by_name if name not in needed]
    if missing or unknown:
        problem = [f"no value for {', '.join(missing)}"] if missing else []
        problem += [f"unknown {', '.join(unknown)}"] if unknown else []
        raise ValueError(
            f"parameters: {'; '.join(problem)}; this system has "
            f"{', '.join(needed) or 'none'}"
        )
    for name in needed:
        if not np.all(np.isfinite(by_name[name])):
            raise ValueError(f"the parameter {name} is not finite: {by_name[name]}")
    return [by_name[name] for name in needed]
