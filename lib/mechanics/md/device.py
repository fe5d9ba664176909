"""What a step does with all atoms at once, on a GPU: one thread an atom.

CuPy allocates, copies, sorts and launches. All arithmetic is in the kernels here and in
:mod:`~mechanics.md.device_pairs`, which need no header and so no CUDA toolkit.
"""

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from mechanics.md import thermostats as symbols
from mechanics.md.thermostats import Rule
from mechanics.md.update import Update
from mechanics.numerics.backends import array_module
from mechanics.numerics.languages import CudaText
from mechanics.numerics.program import Program

BLOCK = 128  # threads that start together


def kernel_source(arguments: str, body: str, before: str = "") -> str:
    """Write a CUDA kernel whose thread ``i`` does something, for ``i < threads``.

    Parameters
    ----------
    arguments
        In C; ``int threads`` is the last one, in addition.
    body
        Statements that may use ``i``.
    before
        Functions for the body.
    """
    return f"""\
{before}extern "C" __global__ void kernel({arguments}, int threads)
{{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= threads) return;
{body}}}
"""


DRIFT = kernel_source(
    "double *q, const double *r, const double *p, const double *masses, double tau",
    """\
    for (int x = 3 * i; x < 3 * i + 3; ++x)
        q[x] = r[x] + tau / masses[i] * p[x];
""",
)
MAP = kernel_source(
    "double *q, const double *r, const double *M",
    """\
    for (int x = 0; x < 3; ++x)
        q[3 * i + x] = M[3 * x] * r[3 * i] + M[3 * x + 1] * r[3 * i + 1]
            + M[3 * x + 2] * r[3 * i + 2];
""",
)
# Sums and maxima over all atoms in two parts: each thread goes through some of the
# atoms, and NumPy through what the threads have found.
LONGEST = kernel_source(
    "double *found, const double *r, const double *before, const double *back, "
    "int atoms",
    """\
    double longest = 0.0, lost = 0.0;
    for (int k = i; k < atoms; k += threads) {
        double square = 0.0;
        for (int x = 0; x < 3; ++x) {
            const double d = back[3 * x] * r[3 * k] + back[3 * x + 1] * r[3 * k + 1]
                + back[3 * x + 2] * r[3 * k + 2] - before[3 * k + x];
            square += d * d;
        }
        longest = fmax(longest, square);
        lost += square - square;  // zero, or not a number
    }
    found[i] = longest + lost;
""",
)
FARTHEST = kernel_source(
    "double *found, const double *r, int coordinates",
    """\
    double farthest = 0.0, lost = 0.0;
    for (int k = i; k < coordinates; k += threads) {
        farthest = fmax(farthest, fabs(r[k]));
        lost += r[k] - r[k];
    }
    found[i] = farthest + lost;
""",
)
SPREAD = kernel_source(
    "double *sums, const double *a, const double *b, const double *masses, int atoms",
    """\
    double sum[9] = {0.0};
    for (int k = i; k < atoms; k += threads)
        for (int x = 0; x < 9; ++x)
            sum[x] += a[3 * k + x / 3] * b[3 * k + x % 3] / masses[k];
    for (int x = 0; x < 9; ++x)
        sums[x * threads + i] = sum[x];
""",
)


@lru_cache(maxsize=64)
def rule_source(rule: Rule) -> str:
    """Write a kernel that lets a thermostat's rule act on the momenta of an atom.

    Its arguments are the new and the old momenta, the masses, and then what the rule
    contains, in the order of :func:`rule_values`: forces and noise are arrays.
    """
    program = Program.of((), [rule.p])
    text = CudaText()
    own = [name for name in rule_values(rule) if is_array(name)]
    lines = [f"const double {name} = all_{name}[x];" for name in own]
    lines += [
        f"const double {s.target} = {text.doprint(s.value)};"
        for s in program.assignments
    ]
    lines.append(f"new_p[x] = {text.doprint(program.outputs[0])};")
    arguments = ["double *new_p", "const double *all_p", "const double *masses"]
    arguments += [
        f"const double *all_{name}" if is_array(name) else f"double {name}"
        for name in rule_values(rule)
    ]
    body = "".join(f"        {line}\n" for line in lines)
    return kernel_source(
        ", ".join(arguments),
        f"""\
    const double {symbols.MASS} = masses[i];
    for (int x = 3 * i; x < 3 * i + 3; ++x) {{
        const double {symbols.MOMENTUM} = all_p[x];
{body}    }}
""",
    )


def rule_values(rule: Rule) -> list[str]:
    """Names of what a rule needs besides momentum and mass, sorted."""
    found = rule.p.free_symbols - {symbols.MOMENTUM, symbols.MASS}
    return sorted(map(str, found))


def is_array(name: str) -> bool:
    """Say whether each degree of freedom has its own value."""
    return name in map(str, (symbols.FORCE, *symbols.NOISE))


class Device:
    """Arrays on the GPU that CuPy uses; the methods are those of a Processor.

    Raises
    ------
    BackendError
        If there is no GPU to use.
    """

    name = "cupy"

    def __init__(self):
        self.cupy = array_module("cupy")
        self._unit = self.upload(np.eye(3))

    def launch(self, source: str, threads: int, *arguments) -> None:
        """Start a kernel, which runs while Python goes on."""
        kernel = _compiled(self.cupy, source)
        blocks = max(1, -(-threads // BLOCK))
        kernel((blocks,), (BLOCK,), (*arguments, np.int32(threads)))

    def partial(self, source: str, rows: int, atoms: int, *arguments) -> np.ndarray:
        """Fetch sums or maxima of several threads, shape ``(rows, threads)``."""
        threads = max(1, int(16 * math.sqrt(atoms)))  # many, but few to fetch
        found = self.cupy.empty((rows, threads), float)
        self.launch(source, threads, found, *arguments)
        return self.download(found)

    # As for the processor

    def holds(self, array) -> bool:
        """Say whether an array is on the GPU."""
        return isinstance(array, self.cupy.ndarray)

    def upload(self, array):
        """Return an array on the GPU; one that is there already stays."""
        if self.holds(array):
            return self.cupy.ascontiguousarray(array, float)
        return self.cupy.asarray(np.ascontiguousarray(array, float))

    def download(self, array) -> np.ndarray:
        """Return an array of NumPy, when all kernels before have run."""
        return self.cupy.asnumpy(array)

    def drifted(self, r, p, masses, tau: float):
        r"""Positions :math:`r+\tau p/m`."""
        new = self.cupy.empty(r.shape, float)
        self.launch(DRIFT, len(r), new, r, p, masses, np.float64(tau))
        return new

    def updated(self, update: Update, p, masses, values: Mapping):
        """Momenta after a rule has acted on them."""
        new = self.cupy.empty(p.shape, float)
        others = [
            self.upload(values[name]) if is_array(name) else np.float64(values[name])
            for name in rule_values(update.rule)
        ]
        self.launch(rule_source(update.rule), len(p), new, p, masses, *others)
        return new

    def mapped(self, r, M: np.ndarray):
        """Vectors :math:`Mr`."""
        new = self.cupy.empty(r.shape, float)
        self.launch(MAP, len(r), new, r, self.upload(M))
        return new

    def twice_kinetic(self, p, masses) -> float:
        r"""The sum :math:`\sum p^2/m`."""
        return self.total(p, p, masses)

    def total(self, a, b, masses) -> float:
        r"""The sum :math:`\sum a\cdot b/m`."""
        return float(np.trace(self._tensor(a, b, masses)))

    def spread(self, p, masses) -> np.ndarray:
        r"""The tensor :math:`\sum p\otimes p/m`."""
        return self._tensor(p, p, masses)

    def _tensor(self, a, b, masses) -> np.ndarray:
        n = len(a)
        sums = self.partial(SPREAD, 9, n, a, b, masses, np.int32(n))
        return sums.sum(axis=1).reshape(3, 3)

    def longest(self, r, before, back: np.ndarray | None = None) -> float:
        """Square of the longest way from ``before`` to ``back r``, or NaN."""
        n = len(r)
        strain = self._unit if back is None else self.upload(back)
        found = self.partial(LONGEST, 1, n, r, before, strain, np.int32(n))
        return float(found.max())

    def farthest(self, r) -> float:
        """The largest coordinate, or NaN."""
        n = 3 * len(r)
        return float(self.partial(FARTHEST, 1, n, r, np.int32(n)).max())


@lru_cache(maxsize=256)
def _compiled(cupy, source: str):
    """Make a kernel; CuPy compiles it at its first launch."""
    return cupy.RawKernel(source, "kernel")
