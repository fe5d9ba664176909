"""Compiled kernels for processors: many trajectories in the lanes of one loop.

The state of a block of trajectories lies in a small buffer that stays in the cache. The
innermost loop runs over the trajectories of the block and does a whole step of each, so
that the compiler can turn it into vector instructions.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np
import sympy as sp

from mechanics.numerics.equations import TAU, TIME, Equations
from mechanics.numerics.kernels.arrays import ITERATIONS, ROUNDING, SETTLED
from mechanics.numerics.kernels.source import SourceText
from mechanics.numerics.languages import NumbaText
from mechanics.numerics.program import Assign, FixedPoint, Noise, Statement
from mechanics.numerics.saving import Watch
from mechanics.numerics.step import Step

LANES = 40  # five AVX-512 vectors: enough work to hide latencies, still in registers
PIECE = 40  # operations in a loop over the lanes, at least
LONG_PIECE = 120  # operations from which on a loop is cut within a flow
LIVE = 16  # numbers of a trajectory that may be carried from one loop to the next
SIGNATURE = (
    "void(f8[:,::1], f8[:,::1], f8[::1], i8[::1], f8[:,:,::1], i8[::1],"
    " f8, f8, i8, i8, i8, i8, i8, u8, i8)"
)
ARGUMENTS = (
    "z, varied, uniform, failed, out, count, "
    "t0, h, begin, looks, every, low, high, seed, offset"
)


@lru_cache(maxsize=256)
def lane_source(
    equations: Equations, step: Step, watch: Watch, varied: frozenset[int], lanes: int
) -> str:
    """Write a kernel that advances the trajectories ``low`` to ``high``.

    Parameters
    ----------
    equations, step, watch
        What to integrate, how, and what to keep.
    varied
        Numbers of the parameters that have their own value for every trajectory.
    lanes
        Trajectories in a block; one for the scalar form.

    Returns
    -------
    str
        Python source of ``kernel`` for Numba, with :data:`ARGUMENTS`: states of shape
        ``(variables, trajectories)``, parameters, output, ``looks`` at
        distances of ``every`` steps from step ``begin`` on.
    """
    return _LaneText(equations, step, watch, varied, lanes).source


@lru_cache(maxsize=64)
def compile_lanes(source: str) -> Callable:
    """Compile the source of :func:`lane_source`."""
    import numba

    from mechanics.numerics.elementary import IN_LANES, fma, wide_vectors
    from mechanics.numerics.kernels.lane_noise import normal_pair

    space = {"math": math, "np": np, "fma": fma, "normal_pair": normal_pair}
    space |= IN_LANES | {"wide_vectors": wide_vectors}
    exec(compile(source, "<lanes>", "exec"), space)
    return numba.njit(SIGNATURE, nogil=True, error_model="numpy")(space["kernel"])


class _LaneText(SourceText):
    """Source of a kernel under construction."""

    def __init__(self, equations, step, watch, varied, lanes):
        super().__init__(NumbaText())
        self.lanes = lanes
        self.state = equations.state
        groups = [(*step.first, *step.rest), step.last]
        own = {p for j, p in enumerate(equations.param_symbols) if j in varied}
        self.resident = _resident(groups, self.state, {*self.state, *own})
        self.slot = {x: i for i, x in enumerate(sorted(self.resident, key=str))}
        self.scratch = len(self.slot)  # change of an iteration, and whether it goes on
        self.line(f"def kernel({ARGUMENTS}):")
        self.depth += 1
        self.line("wide_vectors()")
        for j, symbol in enumerate(equations.param_symbols):
            if j not in varied:
                self.line(
                    f"{symbol} = uniform[{sum(i not in varied for i in range(j))}]"
                )
        self.line(f"buffer = np.empty({(self.scratch + 3) * lanes})")
        self.line(f"for block in range(low, high, {lanes}):")
        self.depth += 1
        sources = [(x, f"z[{i}, block + lane]") for i, x in enumerate(self.state)]
        for j, symbol in enumerate(equations.param_symbols):
            if j in varied:
                place = sum(i in varied for i in range(j))
                sources.append((symbol, f"varied[{place}, block + lane]"))
        with self.each_lane():
            for symbol, source in sources:
                self.line(f"{self.place(symbol)} = {source}")
        self.watch_start(watch)
        self.line("for look in range(looks):")
        self.depth += 1
        self.line("n0 = begin + look * every")
        self.line("for n in range(n0, n0 + every):")
        self.depth += 1
        self.line(f"{TIME} = t0 + n * h")
        if step.first:
            joined = step.alpha + step.beta
            self.line(f"{TAU} = ({step.alpha!r} if n == n0 else {joined!r}) * h")
        self.statements((*step.first, *step.rest))
        self.depth -= 1
        self.line(f"{TIME} = t0 + (n0 + every) * h")
        if step.last:
            self.line(f"{TAU} = {step.beta!r} * h")
            self.statements(step.last)
        self.watch(watch)
        self.depth -= 1
        with self.each_lane():
            for i, symbol in enumerate(self.state):
                self.line(f"z[{i}, block + lane] = {self.place(symbol)}")

    def place(self, symbol) -> str:
        """Where a variable lives between loops."""
        if self.lanes == 1 and not isinstance(symbol, int):
            return str(symbol)
        number = symbol if isinstance(symbol, int) else self.slot[symbol]
        return f"buffer[lane + {number * self.lanes}]"

    def each_lane(self):
        """Return a context in which lines stand in a loop over the trajectories."""
        return _EachLane(self)

    # Statements

    def statements(self, statements: Iterable[Statement]) -> None:
        for piece in _pieces(statements, self.state):
            match piece:
                case Noise():
                    self.noise(piece)
                case FixedPoint():
                    self.fixed_point(piece)
                case _:
                    self.straight(piece)

    def straight(self, statements: list[Assign]) -> None:
        reads, writes = _reads_and_writes(statements)
        with self.each_lane():
            self.load(reads)
            for s in statements:
                self.line(f"{s.target} = {self.value(s.value)}")
            self.store(writes)

    def load(self, symbols: set) -> None:
        if self.lanes > 1:
            for symbol in sorted(symbols & self.resident, key=str):
                self.line(f"{symbol} = {self.place(symbol)}")

    def store(self, symbols: set) -> None:
        if self.lanes > 1:
            for symbol in sorted(symbols & self.resident, key=str):
                self.line(f"{self.place(symbol)} = {symbol}")

    def noise(self, statement: Noise) -> None:
        place, self.places = self.places, self.places + 1
        with self.each_lane():
            names = ", ".join(map(str, statement.targets))
            self.line(f"{names} = normal_pair(seed, n, offset + block + lane, {place})")
            self.store(set(statement.targets))

    def fixed_point(self, loop: FixedPoint) -> None:
        error, going = self.place(self.scratch), self.place(self.scratch + 1)
        with self.each_lane():
            self.load({s for e in loop.start for s in e.free_symbols})
            for x, start in zip(loop.unknowns, loop.start, strict=True):
                self.line(f"{x} = {self.value(start)} + 0.0")
            self.store(set(loop.unknowns))
            self.line(f"{error} = np.inf")
            self.line(f"{going} = 1.0")
        self.line("open_lanes = 0")
        self.line(f"for iteration in range({ITERATIONS}):")
        self.depth += 1
        self.line("open_lanes = 0")
        self.line("pair = iteration % 2 == 1")
        with self.each_lane():
            formulas = [*loop.new, *loop.scales]
            reads, _ = _reads_and_writes([*loop.body, *_assigned(formulas)])
            self.load(reads | set(loop.unknowns))
            for s in loop.body:
                self.line(f"{s.target} = {self.value(s.value)}")
            self.line("change = 0.0")
            self.line("size = 0.0")
            self.line("state = 0.0")
            self.line("finite = 0.0")
            for i, (x, new) in enumerate(zip(loop.unknowns, loop.new, strict=True)):
                self.line(f"new_{i} = {self.value(new)}")
                self.line(f"change = max(change, math.fabs(new_{i} - {x}))")
                self.line(f"size = max(size, math.fabs(new_{i}))")
                self.line(f"finite += new_{i} - new_{i}")  # NaN if it is not
            for scale in loop.scales:
                self.line(f"state = max(state, math.fabs({self.value(scale)}))")
            self.line(f"error = {error}")
            self.line(
                f"settled = ({going} == 0.0) | (finite == 0.0) & ((change == 0.0) | "
                "(pair & (change >= error) & "
                f"(change <= {SETTLED} * size + {ROUNDING} * state)))"
            )
            for i, x in enumerate(loop.unknowns):
                self.line(f"{x} = {x} if settled else new_{i}")
            self.store(set(loop.unknowns))
            self.line(f"{error} = change if pair & (not settled) else error")
            self.line(f"{going} = 0.0 if settled else 1.0")
            self.line("open_lanes += 0 if settled else 1")
        self.line("if open_lanes == 0:")
        self.line("    break")
        self.depth -= 1
        self.line("if open_lanes > 0:")
        self.depth += 1
        with self.each_lane():
            self.line(f"if {going} != 0.0 and failed[block + lane] < 0:")
            self.line("    failed[block + lane] = n")
        self.depth -= 1

    # What is kept

    def watched(self, watch: Watch, into: str) -> None:
        """Evaluate the watched functions and say what becomes of each."""
        inputs = set(watch.functions.inputs) | self.resident
        reads, _ = _reads_and_writes(
            [*watch.functions.assignments, *_assigned(watch.functions.outputs)]
        )
        self.load(reads & inputs)
        for s in watch.functions.assignments:
            self.line(f"{s.target} = {self.value(s.value)}")
        for j, output in enumerate(watch.functions.outputs):
            for line in into.splitlines():
                self.line(line.format(j=j, value=self.value(output)))

    def watch_start(self, watch: Watch) -> None:
        if watch.kind == "crossings":
            self.line(f"{TIME} = t0 + begin * h")
            with self.each_lane():
                self.watched(watch, f"{self.place(self.scratch + 2)} = {{value}}")

    def watch(self, watch: Watch) -> None:
        match watch.kind:
            case "every":
                self.line("row = begin // every + look")
                with self.each_lane():
                    for i, symbol in enumerate(self.state):
                        self.line(f"out[row, {i}, block + lane] = {self.place(symbol)}")
            case "averages":
                with self.each_lane():
                    self.watched(watch, "out[0, {j}, block + lane] += {value}")
            case "extremes":
                with self.each_lane():
                    self.watched(
                        watch,
                        "f = {value}\n"
                        "low_f = out[0, {j}, block + lane]\n"
                        "high_f = out[1, {j}, block + lane]\n"
                        "out[0, {j}, block + lane] = f if f < low_f else low_f\n"
                        "out[1, {j}, block + lane] = f if f > high_f else high_f",
                    )
            case "crossings":
                self.crossings(watch)

    def crossings(self, watch: Watch) -> None:
        """Keep the number of the step after which the function changed its sign."""
        before = self.place(self.scratch + 2)
        up, down = "(g < 0.0 and f >= 0.0)", "(g > 0.0 and f <= 0.0)"
        crossed = {1: up, -1: down, 0: f"({up} or {down})"}[watch.direction]
        with self.each_lane():
            self.line(f"g = {before}")
            self.watched(watch, "f = {value}")
            self.line(f"{before} = f")
            self.line(f"if {crossed}:")
            self.depth += 1
            self.line("k = count[block + lane]")
            self.line("count[block + lane] = k + 1")
            self.line(f"if k < {watch.limit}:")
            self.depth += 1
            for i, symbol in enumerate(self.state):
                self.line(f"out[k, {i}, block + lane] = {self.place(symbol)}")
            self.line(f"out[k, {len(self.state)}, block + lane] = n0 + every")
            self.depth -= 2


class _EachLane:
    """The loop over the lanes; nothing if there is only one."""

    def __init__(self, text: _LaneText):
        self.text = text

    def __enter__(self):
        if self.text.lanes == 1:
            self.text.line("lane = 0")
        else:
            self.text.line(f"for lane in range({self.text.lanes}):")
            self.text.depth += 1

    def __exit__(self, *error):
        if self.text.lanes > 1:
            self.text.depth -= 1


def _assigned(expressions) -> list[Assign]:
    return [Assign(sp.Dummy(), sp.sympify(e)) for e in expressions]


def _reads_and_writes(statements: Iterable[Assign]) -> tuple[set, set]:
    """Return the symbols read before they are assigned, and those assigned."""
    reads, writes = set(), set()
    for s in statements:
        reads |= s.value.free_symbols - writes
        writes.add(s.target)
    return reads, writes


def _pieces(statements: Iterable[Statement], state: Sequence[sp.Symbol]) -> list:
    """Cut statements into straight pieces, each for one loop over the lanes.

    The processor works on several trajectories at once in a short loop, but not in a
    long one. So a piece ends where a flow has changed the state, or, if it becomes
    long, where few other numbers are needed afterwards.
    """
    statements = list(statements)
    last_read = {
        s: i
        for i, statement in enumerate(statements)
        if isinstance(statement, Assign)
        for s in statement.value.free_symbols
    }
    pieces: list = [[]]
    variables = set(state)
    live = set(state)  # and what has been written and will still be read
    work, previous = 0, None
    for i, statement in enumerate(statements):
        if not isinstance(statement, Assign):
            pieces += [statement, []]
            work = 0
            continue
        if statement.target not in variables:
            flow_ends = work >= PIECE and previous in variables
            if flow_ends or (work >= LONG_PIECE and len(live) <= LIVE):
                pieces.append([])
                work = 0
        pieces[-1].append(statement)
        work += _work(statement.value)
        previous = statement.target
        done = {s for s in statement.value.free_symbols if last_read[s] == i}
        live -= done - variables
        if last_read.get(previous, -1) > i:
            live.add(previous)
    return [piece for piece in pieces if piece != []]


def _work(expression: sp.Expr) -> int:
    """Count operations, a function like twenty."""
    functions = expression.atoms(sp.Function)
    return expression.count_ops() + 19 * len(functions)


def _resident(groups: list, state: Sequence[sp.Symbol], always: set) -> set:
    """Return the symbols that outlive a loop over the lanes.

    Those assigned in one piece and read in another.
    """
    loops: list[list[Assign]] = []
    resident = set(always)
    for piece in (p for group in groups for p in _pieces(group, state)):
        match piece:
            case Noise(targets):
                resident |= set(targets)
            case FixedPoint():
                resident |= set(piece.unknowns)
                loops.append(_assigned(piece.start))
                formulas = _assigned([*piece.new, *piece.scales])
                loops.append([*piece.body, *formulas])
            case _:
                loops.append(piece)
    written: set = set()
    for loop in loops:
        reads, writes = _reads_and_writes(loop)
        resident |= reads & written
        written |= writes
    return resident
