"""JavaScript kernels: the same step in a browser, for figures that move by themselves.

A kernel advances trajectories one after the other, each with its state in local
variables and with the time loop inside, which a browser compiles to machine code.
"""

import math
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from functools import lru_cache

import sympy as sp

from mechanics.numerics.equations import TAU, TIME
from mechanics.numerics.kernels.arrays import ITERATIONS, ROUNDING, SETTLED
from mechanics.numerics.kernels.random_numbers import MULTIPLIERS, ROUNDS, WEYL
from mechanics.numerics.kernels.source import SourceText
from mechanics.numerics.languages import JavaScriptText
from mechanics.numerics.program import Assign, FixedPoint, Noise, Program, Statement
from mechanics.numerics.step import Step

# As in random_numbers. A product of two 32-bit words is put together from halves.
NORMAL_PAIR = f"""\
function high(m, x) {{
    const low = (m & 0xffff) * (x & 0xffff);
    const middle = (m >>> 16) * (x & 0xffff) + (low / 0x10000 | 0);
    const other = (m & 0xffff) * (x >>> 16) + middle % 0x10000;
    return (m >>> 16) * (x >>> 16) + Math.floor(middle / 0x10000)
        + Math.floor(other / 0x10000) >>> 0;
}}
function normal_pair(seed, step, trajectory, place) {{
    let a = step >>> 0, b = (Math.floor(step / 2**32) | place << 16) >>> 0;
    let c = trajectory >>> 0, d = 0;
    let k = seed >>> 0, l = Math.floor(seed / 2**32) >>> 0;
    for (let round = 0; round < {ROUNDS}; ++round) {{
        const first = high({MULTIPLIERS[0]}, a), second = high({MULTIPLIERS[1]}, c);
        [a, b, c, d] = [
            (second ^ b ^ k) >>> 0, Math.imul({MULTIPLIERS[1]}, c) >>> 0,
            (first ^ d ^ l) >>> 0, Math.imul({MULTIPLIERS[0]}, a) >>> 0,
        ];
        k = k + {WEYL[0]} >>> 0;
        l = l + {WEYL[1]} >>> 0;
    }}
    const u = (a * 2**21 + (b >>> 11) + 0.5) * 2**-53;
    const v = (c * 2**21 + (d >>> 11) + 0.5) * 2**-53;
    const radius = Math.sqrt(-2 * Math.log(u));
    return [radius * Math.cos({2 * math.pi!r} * v),
        radius * Math.sin({2 * math.pi!r} * v)];
}}
"""


@lru_cache(maxsize=256)
def step_source(
    step: Step, state: tuple[sp.Symbol, ...], params: tuple[sp.Symbol, ...]
) -> str:
    """Write a kernel that advances an ensemble by many steps, in place.

    Parameters
    ----------
    step
        What is repeated.
    state, params
        Internal symbols of the variables and the parameters.

    Returns
    -------
    str
        The source of ``(z, number, c, t0, h, begin, steps, seed) => failed``. The
        state ``z`` is a ``Float64Array`` in which variable ``j`` of trajectory ``i``
        has the place ``j*number + i``; ``c`` holds the parameters. ``failed`` is the
        number of the first step whose iteration did not converge, or -1.
    """
    return _StepText(step, state, params).source


@lru_cache(maxsize=256)
def function_source(
    program: Program, state: tuple[sp.Symbol, ...], params: tuple[sp.Symbol, ...]
) -> str:
    """Write a program as a function of state, time and parameters.

    Parameters
    ----------
    program
        What to evaluate; its inputs are the state, further arguments, and the time.
    state, params
        Internal symbols of the variables and the parameters.

    Returns
    -------
    str
        The source of ``(z, t, c, out, x) => out``: ``z``, ``c`` and ``x`` hold the
        state, the parameters and the further arguments; the results go into ``out``.
    """
    text = _Text()
    *inputs, _ = program.inputs
    with text.braces(f"(z, {TIME}, c, out, x) =>"):
        text.unpack(state, "z")
        text.unpack(inputs[len(state) :], "x")
        text.unpack(params, "c")
        text.declare(program.assignments)
        text.statements(program.assignments)
        for i, output in enumerate(program.outputs):
            text.line(f"out[{i}] = {text.value(output)};")
        text.line("return out;")
    return text.source


class _Text(SourceText):
    """JavaScript source under construction."""

    def __init__(self):
        super().__init__(JavaScriptText())

    @contextmanager
    def braces(self, head: str):
        """Open a block."""
        self.line(f"{head} {{")
        self.depth += 1
        yield
        self.depth -= 1
        self.line("}")

    def unpack(self, symbols: Sequence[sp.Symbol], array: str) -> None:
        for i, symbol in enumerate(symbols):
            self.line(f"let {symbol} = {array}[{i}];")

    def declare(self, statements: Iterable[Statement], known=()) -> None:
        """Declare all variables that statements set, once."""
        names = sorted(map(str, _targets(statements) - set(known)))
        if names:
            self.line(f"let {', '.join(names)};")

    def statements(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            match statement:
                case Assign(target, value):
                    self.line(f"{target} = {self.value(value)};")
                case Noise(targets):
                    names = ", ".join(map(str, targets))
                    place, self.places = self.places, self.places + 1
                    self.line(f"[{names}] = normal_pair(seed, n, i, {place});")
                case FixedPoint():
                    self.fixed_point(statement)

    def fixed_point(self, loop: FixedPoint) -> None:
        for x, start in zip(loop.unknowns, loop.start, strict=True):
            self.line(f"{x} = {self.value(start)};")
        with self.braces(""):
            self.line("let error = Infinity, settled = false;")
            with self.braces(
                f"for (let iteration = 0; iteration < {ITERATIONS}; ++iteration)"
            ):
                self.statements(loop.body)
                self.line("let change = 0, size = 0;")
                for i, (x, new) in enumerate(zip(loop.unknowns, loop.new, strict=True)):
                    self.line(f"const new_{i} = {self.value(new)};")
                    self.line(f"change = Math.max(change, Math.abs(new_{i} - {x}));")
                    self.line(f"size = Math.max(size, Math.abs(new_{i}));")
                scales = (f"Math.abs({self.value(scale)})" for scale in loop.scales)
                self.line(f"const state = Math.max({', '.join(scales)});")
                self.line(
                    "settled = isFinite(size) && (change === 0 || (iteration % 2 === 1 "
                    f"&& change >= error && change <= {SETTLED} * size + {ROUNDING} * "
                    "state));"
                )
                self.line("if (settled) break;")
                for i, x in enumerate(loop.unknowns):
                    self.line(f"{x} = new_{i};")
                self.line("if (iteration % 2 === 1) error = change;")
            self.line("if (!settled && failed < 0) failed = n;")


class _StepText(_Text):
    """Source of a kernel under construction."""

    def __init__(self, step, state, params):
        super().__init__()
        statements = (*step.first, *step.rest, *step.last)
        noisy = any(isinstance(s, Noise) for s in statements)
        head = "(z, number, c, t0, h, begin, steps, seed) =>"
        if noisy:
            self.lines += ["(() => {", *NORMAL_PAIR.splitlines()]
            head = f"return {head}"
        with self.braces(head):
            self.line("let failed = -1;")
            self.unpack(params, "c")
            self.declare(statements, state)
            with self.braces("for (let i = 0; i < number; ++i)"):
                for j, symbol in enumerate(state):
                    self.line(f"let {symbol} = z[{j} * number + i];")
                self.loop(step)
                for j, symbol in enumerate(state):
                    self.line(f"z[{j} * number + i] = {symbol};")
            self.line("return failed;")
        if noisy:
            self.line("})()")

    def loop(self, step: Step) -> None:
        """Write the loop over the steps of one trajectory."""
        self.line(f"let n, {TIME}, {TAU};")
        with self.braces("for (n = begin; n < begin + steps; ++n)"):
            self.line(f"{TIME} = t0 + n * h;")
            if step.first:
                joined = step.alpha + step.beta
                self.line(f"{TAU} = (n === begin ? {step.alpha!r} : {joined!r}) * h;")
            self.statements((*step.first, *step.rest))
        if step.last:
            self.line(f"{TIME} = t0 + n * h;")
            self.line(f"{TAU} = {step.beta!r} * h;")
            self.line("n -= 1;")
            self.statements(step.last)


def _targets(statements: Iterable[Statement]) -> set[sp.Symbol]:
    """Return the symbols that statements set."""
    found: set[sp.Symbol] = set()
    for statement in statements:
        match statement:
            case Assign(target, _):
                found.add(target)
            case Noise(targets):
                found |= set(targets)
            case FixedPoint(unknowns=unknowns, body=body):
                found |= {*unknowns, *_targets(body)}
    return found
