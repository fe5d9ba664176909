"""Splitting methods: exact flows of parts of the equations, in turn."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from mechanics.numerics.equations import STEP, TAU, TIME, Equations, Flow
from mechanics.numerics.program import Block, Noise
from mechanics.numerics.step import Step, UnsuitableMethodError


@dataclass(frozen=True)
class SplittingMethod:
    r"""A composition of kicks and drifts for :math:`H=T(p,t)+V(q,t)`.

    A *kick* :math:`p\to p-b\,\Delta t\,\partial V/\partial q` is the exact flow of
    :math:`V`, a *drift* :math:`q\to q+a\,\Delta t\,\partial T/\partial p` that of
    :math:`T`; each is a canonical map, and so is every composition of them.

    Attributes
    ----------
    name
        The method's usual name.
    order
        Its order of accuracy in :math:`\Delta t`.
    stages
        Pairs ``("kick" | "drift", coefficient)`` in the order of their application.
    source
        Where the coefficients come from.

    Examples
    --------
    Three leapfrogs, the second of them backwards, make a method of fourth order:

    >>> c = 1 / (2 - 2 ** (1 / 3))
    >>> stages = [stage for b in (c, 1 - 2*c, c)
    ...           for stage in (("kick", b/2), ("drift", b), ("kick", b/2))]
    >>> jump = SplittingMethod("triple jump", 4, tuple(stages), "hairer_geometric_2006")
    >>> from mechanics.models import harmonic_oscillator
    >>> from mechanics.numerics import STORMER_VERLET, integrate
    >>> from mechanics.symbolic import legendre
    >>> import numpy as np
    >>> for method in (STORMER_VERLET, jump):
    ...     swing = integrate(legendre(harmonic_oscillator()), ([1.0], [0.0]), dt=0.1,
    ...                       steps=100, method=method, params={"m": 1, "k": 1})
    ...     print(f"{swing.method}: {np.ptp(swing.energy):.0e}")
    Störmer-Verlet: 1e-03
    triple jump: 4e-06
    """

    name: str
    order: int
    stages: tuple[tuple[str, float], ...]
    source: str

    def step(self, equations: Equations) -> Step:
        """Write the stages for these equations, joining those of successive steps.

        Raises
        ------
        UnsuitableMethodError
            If a stage names a flow that the system does not have.
        """
        for name, _ in self.stages:
            if name not in equations.flows:
                raise UnsuitableMethodError(self._why_not(name, equations))
        elapsed = dict.fromkeys((name for name, _ in self.stages), 0.0)
        (opening, alpha), (closing, beta) = self.stages[0], self.stages[-1]
        joined = len(self.stages) > 2 and opening == closing
        rest = Block()
        first, last = rest.inner(), rest.inner()
        for place, (name, coefficient) in enumerate(self.stages):
            flow = equations.flows[name]
            time = TIME + elapsed.get(flow.clock, 0.0) * STEP
            if joined and place == 0:
                _write(first, flow, TAU, TIME)
            elif joined and place == len(self.stages) - 1:
                _write(last, flow, TAU, TIME)
            else:
                _write(rest, flow, coefficient * STEP, time)
            elapsed[name] += coefficient
        if not joined:
            return Step(tuple(rest.statements))
        return Step(*(tuple(x.statements) for x in (rest, first, last)), alpha, beta)

    def _why_not(self, name: str, equations: Equations) -> str:
        if equations.flows:
            return (
                f"{self.name} needs the flow {name}; this system has "
                f"{', '.join(equations.flows)}"
            )
        remedy = (
            ""
            if "use " in equations.why_no_flows or "make " in equations.why_no_flows
            else "; use IMPLICIT_MIDPOINT, GAUSS_LEGENDRE_4 or GAUSS_LEGENDRE_6"
        )
        return f"{self.name} needs the flow {name}: {equations.why_no_flows}{remedy}"


def _write(block: Block, flow: Flow, tau: sp.Expr, time: sp.Expr) -> None:
    where = {TAU: block.let(tau)}
    if any(sp.sympify(e).has(TIME) for e in flow.after.values()):
        where[TIME] = block.let(time)
    for pair in batched(flow.noise):
        drawn = (block.symbol(), block.symbol())
        block.statements.append(Noise(drawn))
        where |= dict(zip(pair, drawn, strict=False))
    block.set({z: sp.sympify(e).xreplace(where) for z, e in flow.after.items()})


def batched(items: tuple) -> list[tuple]:
    """Group items in twos, the last group perhaps of one."""
    return [items[i : i + 2] for i in range(0, len(items), 2)]


def palindrome(*names: str) -> SplittingMethod:
    r"""Strang's symmetric second-order splitting into any number of flows.

    Half a step of each flow up to the last but one, a whole step of the last, and back.

    Examples
    --------
    >>> palindrome("B", "A", "O").stages
    (('B', 0.5), ('A', 0.5), ('O', 1.0), ('A', 0.5), ('B', 0.5))
    """
    there = [(name, 0.5) for name in names[:-1]]
    stages = (*there, (names[-1], 1.0), *reversed(there))
    return SplittingMethod("-".join(names), 2, stages, "strang_construction_1968")


def compose(
    base: SplittingMethod,
    gamma: Sequence[float],
    name: str,
    order: int,
    source: str,
) -> SplittingMethod:
    r"""Compose steps of a symmetric second-order method.

    .. math::
        \Phi_h=S_{\gamma_sh}\circ\dots\circ S_{\gamma_2h}\circ S_{\gamma_1h}

    Stages of the same flow that meet are joined.

    Parameters
    ----------
    base
        The method :math:`S`.
    gamma
        The fractions; their sum is one.
    name, order, source
        Of the result.

    Raises
    ------
    ValueError
        If the fractions do not add up to one.

    Examples
    --------
    >>> from mechanics.numerics import STORMER_VERLET
    >>> twice = compose(STORMER_VERLET, (0.5, 0.5), "two halves", 2, "an exercise")
    >>> twice.stages
    (('kick', 0.25), ('drift', 0.5), ('kick', 0.5), ('drift', 0.5), ('kick', 0.25))
    """
    if abs(sum(gamma) - 1) > 1e-13:
        raise ValueError(
            f"the steps of {name} add up to {sum(gamma)!r}, not to a whole one"
        )
    stages: list[tuple[str, float]] = []
    for fraction in gamma:
        for flow, coefficient in base.stages:
            stage = (flow, fraction * coefficient)
            if stages and stages[-1][0] == flow:
                stage = (flow, stages.pop()[1] + stage[1])
            stages.append(stage)
    return SplittingMethod(name, order, tuple(stages), source)
