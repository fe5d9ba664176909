"""Whole arrays: the readable reference, with NumPy or any array of its kind.

One call advances an ensemble by many steps. Every variable is an array with one entry
per trajectory, real or complex.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, reduce

import numpy as np
import sympy as sp

from mechanics.numerics.equations import TAU, TIME
from mechanics.numerics.kernels.random_numbers import normal_pair
from mechanics.numerics.kernels.source import SourceText
from mechanics.numerics.languages import NumPyText
from mechanics.numerics.program import Assign, FixedPoint, Noise, Program
from mechanics.numerics.step import Step

# of a fixed point: a contraction by 0.7 at each of them reaches rounding errors
ITERATIONS = 100
SETTLED = 1e-9  # relative change that may be due to rounding errors
ROUNDING = 1e-14  # rounding errors that come from the magnitude of the state


@lru_cache(maxsize=256)
def array_function(
    program: Program, params: tuple[sp.Symbol, ...]
) -> Callable[[Sequence, float, Sequence], np.ndarray]:
    """Compile a program to a function of arrays.

    Returns
    -------
    callable
        ``function(z, t, values)`` with one array or number per variable and parameter;
        its result has shape ``(outputs, ...)``.
    """
    *state, time = program.inputs
    text = _Text()
    text.line(f"def function(z, {time}, c):")
    text.depth += 1
    text.unpack(state, "z")
    text.unpack(params, "c")
    text.statements(program.assignments)
    text.line(f"return [{', '.join(map(text.value, program.outputs))}]")
    function = text.compile("function")

    def evaluate(z, t, values):
        shape = np.broadcast_shapes(*(np.shape(x) for x in z))
        results = function(z, t, values)
        return np.stack([np.broadcast_to(value, shape) for value in results])

    return evaluate


@lru_cache(maxsize=256)
def array_source(
    step: Step, state: tuple[sp.Symbol, ...], params: tuple[sp.Symbol, ...]
) -> str:
    """Write a step as a function of arrays.

    Returns
    -------
    str
        The source of ``advance(z, c, t0, h, begin, steps, seed, trajectory, failed)``:
        states after ``steps`` steps from number ``begin`` on; ``failed`` gets the
        number of the first step whose iteration did not converge.
    """
    text = _Text()
    text.line("def advance(z, c, t0, h, begin, steps, seed, trajectory, failed):")
    text.depth += 1
    text.unpack(state, "z")
    text.unpack(params, "c")
    text.line("for n in range(begin, begin + steps):")
    text.depth += 1
    text.line(f"{TIME} = t0 + n * h")
    if step.first:
        joined = step.alpha + step.beta
        text.line(f"{TAU} = ({step.alpha!r} if n == begin else {joined!r}) * h")
        text.statements(step.first)
    text.statements(step.rest)
    text.depth -= 1
    if step.last:
        text.line(f"{TIME} = t0 + (begin + steps) * h")
        text.line(f"{TAU} = {step.beta!r} * h")
        text.statements(step.last)
    # a statement may have set a variable to a number
    text.line(f"return numpy.broadcast_arrays({', '.join(map(str, state))})")
    return text.source


def compile_arrays(source: str) -> Callable:
    """Compile the source of :func:`array_source`."""
    return _compiled(source, "advance")


@lru_cache(maxsize=256)
def _compiled(source: str, name: str) -> Callable:
    space = {"numpy": np, "functools": __import__("functools"), "settle": _settle}
    space["normal_pair"] = normal_pair
    exec(compile(source, f"<{name}>", "exec"), space)
    return space[name]


def _settle(old, new, error, scales, pair, settled):
    """Decide which trajectories of a fixed-point iteration have arrived.

    Those that had arrived before, ``settled``, stay where they are. Where positions
    follow from velocities and velocities from positions, every other change is a small
    one: only changes at the end of a ``pair`` are compared.
    """
    change = reduce(np.maximum, [np.abs(b - a) for a, b in zip(old, new, strict=True)])
    size = reduce(np.maximum, map(np.abs, new))
    state = reduce(np.maximum, map(np.abs, scales))
    settled = settled | np.isfinite(size) & (
        (change == 0)
        | (pair & (change >= error) & (change <= SETTLED * size + ROUNDING * state))
    )
    kept = [np.where(settled, a, b) for a, b in zip(old, new, strict=True)]
    return kept, np.where(pair & ~settled, change, error), settled


class _Text(SourceText):
    """Python source under construction."""

    def __init__(self):
        super().__init__(NumPyText())

    def unpack(self, symbols: Sequence[sp.Symbol], array: str) -> None:
        for i, symbol in enumerate(symbols):
            self.line(f"{symbol} = {array}[{i}]")

    def statements(self, statements) -> None:
        for statement in statements:
            match statement:
                case Assign(target, value):
                    self.line(f"{target} = {self.value(value)}")
                case Noise(targets):
                    names = ", ".join(map(str, targets))
                    place, self.places = self.places, self.places + 1
                    self.line(f"{names} = normal_pair(seed, n, trajectory, {place})")
                case FixedPoint():
                    self.fixed_point(statement)

    def fixed_point(self, loop: FixedPoint) -> None:
        names = [str(x) for x in loop.unknowns]
        for name, start in zip(names, loop.start, strict=True):
            self.line(f"{name} = {self.value(start)} + 0 * z[0]")
        self.line("error = numpy.full(numpy.shape(z[0]), numpy.inf)")
        self.line("settled = numpy.zeros(numpy.shape(z[0]), bool)")
        self.line(f"for iteration in range({ITERATIONS}):")
        self.depth += 1
        self.statements(loop.body)
        old, new = ", ".join(names), ", ".join(map(self.value, loop.new))
        scales = ", ".join(map(self.value, loop.scales))
        self.line(
            f"({old},), error, settled = settle([{old}], [{new}], error, [{scales}], "
            "iteration % 2 == 1, settled)"
        )
        self.line("if settled.all():")
        self.line("    break")
        self.depth -= 1
        self.line("failed[~settled & (failed < 0)] = n")

    def compile(self, name: str) -> Callable:
        return _compiled(self.source, name)
