"""CUDA kernels: one thread a trajectory, with the time loop inside and no headers.

The state of a trajectory lives in the registers of its thread, and neighbouring threads
work on neighbouring trajectories, so that they read and write neighbouring numbers.
"""

import math
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from functools import lru_cache

import sympy as sp

from mechanics.numerics.equations import TAU, TIME, Equations
from mechanics.numerics.kernels.arrays import ITERATIONS, ROUNDING, SETTLED
from mechanics.numerics.kernels.random_numbers import MULTIPLIERS, ROUNDS, WEYL
from mechanics.numerics.kernels.source import SourceText
from mechanics.numerics.languages import CudaText
from mechanics.numerics.program import Assign, FixedPoint, Noise, Program, Statement
from mechanics.numerics.saving import Watch
from mechanics.numerics.step import Step

ARGUMENTS = (
    "double *__restrict__ z",
    "const double *__restrict__ varied",
    "const double *__restrict__ uniform",
    "long long *__restrict__ failed",
    "double *__restrict__ out",
    "long long *__restrict__ count",
    "double t0",
    "double h",
    "long long begin",
    "long long looks",
    "long long every",
    "long long low",
    "long long high",
    "unsigned long long seed",
    "long long offset",
    "long long number",
)

# As in random_numbers; products of 32-bit words are one instruction each.
NORMAL_PAIR = f"""\
__device__ void normal_pair(unsigned long long seed, long long step,
    long long trajectory, long long place, double *one, double *other)
{{
    unsigned int a = (unsigned int)step;
    unsigned int b = (unsigned int)((unsigned long long)step >> 32)
        | (unsigned int)(place << 16);
    unsigned int c = (unsigned int)trajectory, d = 0;
    unsigned int k = (unsigned int)seed, l = (unsigned int)(seed >> 32);
    for (int round = 0; round < {ROUNDS}; ++round) {{
        const unsigned long long first = {MULTIPLIERS[0]:#x}ULL * a;
        const unsigned long long second = {MULTIPLIERS[1]:#x}ULL * c;
        a = (unsigned int)(second >> 32) ^ b ^ k;
        b = (unsigned int)second;
        c = (unsigned int)(first >> 32) ^ d ^ l;
        d = (unsigned int)first;
        k += {WEYL[0]:#x}U;
        l += {WEYL[1]:#x}U;
    }}
    const double u = ((double)(((unsigned long long)a << 32 | b) >> 11) + 0.5)
        * {2.0**-53!r};
    const double v = ((double)(((unsigned long long)c << 32 | d) >> 11) + 0.5)
        * {2.0**-53!r};
    const double radius = sqrt(-2.0 * log(u));
    *one = radius * cos({2 * math.pi!r} * v);
    *other = radius * sin({2 * math.pi!r} * v);
}}
"""


class CompilationError(RuntimeError):
    """The CUDA compiler rejects a source; the message is what it says."""


@lru_cache(maxsize=256)
def thread_source(
    equations: Equations, step: Step, watch: Watch, varied: frozenset[int]
) -> str:
    """Write a kernel whose threads advance the trajectories ``low`` to ``high``.

    Parameters
    ----------
    equations, step, watch
        What to integrate, how, and what to keep.
    varied
        Numbers of the parameters that have their own value for every trajectory.

    Returns
    -------
    str
        CUDA C source of ``kernel`` with the :data:`ARGUMENTS`, which mean what they
        mean for :func:`~mechanics.numerics.kernels.lanes.lane_source`; ``number`` is
        that of all trajectories, the length of the last axis of every array.
    """
    return _ThreadText(equations, step, watch, varied).source


def compile_ptx(source: str, architecture: str, contract: bool = True) -> bytes:
    """Compile CUDA C to the assembly of NVIDIA's GPUs; this needs no GPU.

    Parameters
    ----------
    source
        A source without headers.
    architecture
        Such as ``"sm_90"``.
    contract
        Whether a product and a sum may be rounded once instead of twice.

    Raises
    ------
    CompilationError
        If the compiler rejects the source.
    """
    from cuda.bindings import nvrtc

    def call(function, *arguments):
        status, *results = function(*arguments)
        if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
            raise CompilationError(nvrtc.nvrtcGetErrorString(status)[1].decode())
        return results[0] if results else None

    program = call(nvrtc.nvrtcCreateProgram, source.encode(), b"kernel.cu", 0, [], [])
    try:
        options = [f"--gpu-architecture={architecture}", f"--fmad={contract}".lower()]
        options = [option.encode() for option in options]
        try:
            call(nvrtc.nvrtcCompileProgram, program, len(options), options)
        except CompilationError as error:
            log = b" " * call(nvrtc.nvrtcGetProgramLogSize, program)
            call(nvrtc.nvrtcGetProgramLog, program, log)
            raise CompilationError(log.rstrip(b"\0 \n").decode()) from error
        ptx = b" " * call(nvrtc.nvrtcGetPTXSize, program)
        call(nvrtc.nvrtcGetPTX, program, ptx)
        return ptx
    finally:
        nvrtc.nvrtcDestroyProgram(program)


class _ThreadText(SourceText):
    """Source of a kernel under construction."""

    def __init__(self, equations, step, watch, varied):
        super().__init__(CudaText())
        self.known: list[set[str]] = [set()]
        self.state = equations.state
        self.watch = watch
        if any(isinstance(s, Noise) for s in (*step.first, *step.rest, *step.last)):
            self.lines += NORMAL_PAIR.splitlines()
        self.line('extern "C" __global__ void kernel(')
        self.line(",\n".join(f"    {argument}" for argument in ARGUMENTS))
        with self.braces(")"):
            self.body(equations.param_symbols, step, varied)

    def body(self, params: Sequence[sp.Symbol], step: Step, varied) -> None:
        self.line("const long long block = blockIdx.x;")
        self.line("const long long i = low + block * blockDim.x + threadIdx.x;")
        self.line("if (i >= high) return;")
        own = [p for j, p in enumerate(params) if j in varied]
        shared = [p for j, p in enumerate(params) if j not in varied]
        for j, symbol in enumerate(shared):
            self.let(symbol, f"uniform[{j}]")
        for j, symbol in enumerate(own):
            self.let(symbol, f"varied[{j} * number + i]")
        for j, symbol in enumerate(self.state):
            self.let(symbol, f"z[{j} * number + i]")
        self.watch_start()
        with self.braces("for (long long look = 0; look < looks; ++look)"):
            self.line("const long long n0 = begin + look * every, n1 = n0 + every;")
            if step.first:
                self.let(TAU, f"{step.alpha!r} * h")
            with self.braces("for (long long n = n0; n < n1; ++n)"):
                self.line(f"const double {TIME} = t0 + n * h;")
                self.statements((*step.first, *step.rest))
                if step.first:
                    self.let(TAU, f"{step.alpha + step.beta!r} * h")
            self.line(f"const double {TIME} = t0 + n1 * h;")
            if step.last:
                self.line("const long long n = n1 - 1;")
                self.let(TAU, f"{step.beta!r} * h")
                self.statements(step.last)
            with self.braces():
                self.look()
        self.watch_end()
        for j, symbol in enumerate(self.state):
            self.line(f"z[{j} * number + i] = {symbol};")

    # Text

    @contextmanager
    def braces(self, head: str = ""):
        """Open a scope: names declared in it end with it."""
        self.line(f"{head} {{".lstrip())
        self.depth += 1
        self.known.append(set())
        yield
        self.known.pop()
        self.depth -= 1
        self.line("}")

    def let(self, name, value: str) -> None:
        """Change a variable, or declare one that is new here."""
        known = any(str(name) in scope for scope in self.known)
        self.known[-1].add(str(name))
        self.line(f"{'' if known else 'double '}{name} = {value};")

    # Statements

    def statements(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            match statement:
                case Assign(target, value):
                    self.let(target, self.value(value))
                case Noise():
                    self.noise(statement)
                case FixedPoint():
                    self.fixed_point(statement)

    def noise(self, statement: Noise) -> None:
        place, self.places = self.places, self.places + 1
        for target in statement.targets:
            self.let(target, "0.0")
        pointers = ", ".join(f"&{target}" for target in statement.targets)
        self.line(f"normal_pair(seed, n, offset + i, {place}, {pointers});")

    def fixed_point(self, loop: FixedPoint) -> None:
        for x, start in zip(loop.unknowns, loop.start, strict=True):
            self.let(x, self.value(start))
        with self.braces():
            self.line("double error = 1.0 / 0.0;")
            self.line("bool settled = false;")
            with self.braces(
                f"for (int iteration = 0; iteration < {ITERATIONS}; ++iteration)"
            ):
                self.statements(loop.body)
                self.line("double change = 0.0, size = 0.0, state = 0.0, finite = 0.0;")
                for i, (x, new) in enumerate(zip(loop.unknowns, loop.new, strict=True)):
                    self.line(f"const double new_{i} = {self.value(new)};")
                    self.line(f"change = fmax(change, fabs(new_{i} - {x}));")
                    self.line(f"size = fmax(size, fabs(new_{i}));")
                    self.line(f"finite += new_{i} - new_{i};")  # NaN if it is not
                for scale in loop.scales:
                    self.line(f"state = fmax(state, fabs({self.value(scale)}));")
                self.line(
                    "settled = finite == 0.0 && (change == 0.0 || (iteration % 2 == 1 "
                    f"&& change >= error && change <= {SETTLED} * size + {ROUNDING} * "
                    "state));"
                )
                self.line("if (settled) break;")
                for i, x in enumerate(loop.unknowns):
                    self.let(x, f"new_{i}")
                self.line("if (iteration % 2 == 1) error = change;")
            self.line("if (!settled && failed[i] < 0) failed[i] = n;")

    # What is kept

    def functions(self) -> list[str]:
        """Evaluate the watched functions; return what they are."""
        program: Program = self.watch.functions
        self.statements(program.assignments)
        return [self.value(output) for output in program.outputs]

    def kept(self) -> list[tuple[str, str]]:
        """Names and places of numbers that grow from look to look."""
        outputs = self.watch.functions.outputs if self.watch.functions else ()
        names = {"averages": ["sum"], "extremes": ["least", "most"]}
        return [
            (f"{name}_{j}", f"out[{row * len(outputs) + j} * number + i]")
            for row, name in enumerate(names.get(self.watch.kind, []))
            for j in range(len(outputs))
        ]

    def watch_start(self) -> None:
        for name, place in self.kept():
            self.let(name, place)
        if self.watch.kind == "crossings":
            self.line("long long k = count[i];")
            self.let("before", "0.0")
            with self.braces():
                self.line(f"const double {TIME} = t0 + begin * h;")
                self.let("before", *self.functions())

    def watch_end(self) -> None:
        for name, place in self.kept():
            self.line(f"{place} = {name};")
        if self.watch.kind == "crossings":
            self.line("count[i] = k;")

    def look(self) -> None:
        match self.watch.kind:
            case "every":
                self.line("const long long row = begin / every + look;")
                self.keep_state("row", len(self.state))
            case "averages":
                for j, f in enumerate(self.functions()):
                    self.let(f"sum_{j}", f"sum_{j} + {f}")
            case "extremes":
                for j, f in enumerate(self.functions()):
                    self.line(f"const double f_{j} = {f};")
                    self.let(f"least_{j}", f"f_{j} < least_{j} ? f_{j} : least_{j}")
                    self.let(f"most_{j}", f"f_{j} > most_{j} ? f_{j} : most_{j}")
            case "crossings":
                self.crossings()

    def keep_state(self, row: str, columns: int) -> None:
        for j, symbol in enumerate(self.state):
            self.line(f"out[({row} * {columns} + {j}) * number + i] = {symbol};")

    def crossings(self) -> None:
        """Keep the number of the step after which the function changed its sign."""
        up, down = "(g < 0.0 && f >= 0.0)", "(g > 0.0 && f <= 0.0)"
        crossed = {1: up, -1: down, 0: f"({up} || {down})"}[self.watch.direction]
        (f,) = self.functions()
        self.line(f"const double g = before, f = {f};")
        self.let("before", "f")
        columns = len(self.state) + 1
        with self.braces(f"if {crossed}"):
            with self.braces(f"if (k < {self.watch.limit})"):
                self.keep_state("k", columns)
                last = f"(k * {columns} + {columns - 1})"
                self.line(f"out[{last} * number + i] = n1;")
            self.line("++k;")
