"""A stand-in for CuPy and a GPU: CUDA kernels compiled for the processor.

A few lines of C give the words of CUDA their meaning on one processor: all threads of a
launch run one after the other. ``TwinCuPy`` has what the library uses of CuPy, with
arrays that are copies, as on another device.
"""

import ctypes
import hashlib
import re
import shutil
import subprocess
import types
from pathlib import Path

import numpy as np

from mechanics.numerics.kernels.threads import ARGUMENTS

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
NAMES = [argument.split()[-1] for argument in ARGUMENTS]
C_TYPES = {
    "double": (ctypes.c_double, np.float64),
    "long long": (ctypes.c_longlong, np.int64),
    "unsigned long long": (ctypes.c_ulonglong, np.uint64),
}
SHIM = """\
#include <math.h>
#include <stdbool.h>
#define __global__ static
#define __device__ static
static struct { unsigned int x; } threadIdx, blockIdx, blockDim;
static double rsqrt(double x) { return 1.0 / sqrt(x); }
"""
LAUNCH = f"""
void launch(unsigned int blocks, unsigned int threads, {", ".join(ARGUMENTS)})
{{
    blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
        for (threadIdx.x = 0; threadIdx.x < threads; ++threadIdx.x)
            kernel({", ".join(NAMES)});
}}
"""


def compile_twin(source: str, folder: Path):
    """Compile a CUDA source, with every product and sum rounded; return its launch."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:24]
    code, library = folder / f"{digest}.c", folder / f"{digest}.so"
    if not library.exists():
        code.write_text(SHIM + source.replace('extern "C" ', "") + LAUNCH)
        flags = ["-O0", "-std=c11", "-ffp-contract=off", "-shared", "-fPIC"]
        done = subprocess.run(
            [COMPILER, *flags, str(code), "-o", str(library), "-lm"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
    return ctypes.CDLL(str(library)).launch


class DeviceArray:
    """Numbers on the other side, which only a kernel and ``asnumpy`` may touch."""

    def __init__(self, numbers):
        self.numbers = np.ascontiguousarray(numbers)

    def __getitem__(self, rows):
        return DeviceArray(self.numbers[rows])


class TwinCuPy(types.ModuleType):
    """What the library uses of CuPy; ``launches`` remembers the scalars of each call.

    Attributes
    ----------
    memory
        Bytes that fit.
    before_launch
        A function that is called at each launch.
    """

    def __init__(self, folder: Path):
        super().__init__("cupy")
        self.folder, self.memory, self.launches = folder, 2**40, []
        self.options, self.before_launch = None, lambda: None
        self.cuda = types.SimpleNamespace(
            Device=lambda: Device(self),
            memory=types.SimpleNamespace(
                OutOfMemoryError=type("OutOfMemoryError", (MemoryError,), {})
            ),
            runtime=types.SimpleNamespace(
                getDeviceCount=lambda: 1,
                CUDARuntimeError=type("CUDARuntimeError", (RuntimeError,), {}),
            ),
        )

    def asarray(self, numbers):
        return self._allocated(np.array(numbers, order="C"))

    def zeros(self, shape):
        return self._allocated(np.zeros(shape))

    def _allocated(self, numbers):
        self.memory -= numbers.nbytes
        if self.memory < 0:
            raise self.cuda.memory.OutOfMemoryError
        return DeviceArray(numbers)

    def asnumpy(self, array, out):
        assert out.flags.c_contiguous
        assert (out.shape, out.dtype) == (array.numbers.shape, array.numbers.dtype)
        out[...] = array.numbers
        return out

    def RawKernel(self, code, name, options=()):
        assert f"__global__ void {name}(" in code
        self.options = options
        launch = compile_twin(code, self.folder)

        def kernel(grid, block, arguments):
            self.before_launch()
            (blocks,), (threads,) = grid, block
            assert 0 < blocks < 2**31
            assert 0 < threads <= 1024
            pairs = zip(ARGUMENTS, arguments, strict=True)
            passed = [self._passed(*pair) for pair in pairs]
            self.launches.append(dict(zip(NAMES[6:], arguments[6:], strict=True)))
            launch(ctypes.c_uint(blocks), ctypes.c_uint(threads), *passed)

        return kernel

    @staticmethod
    def _passed(declaration: str, argument):
        """Pass an argument as it is declared; a wrong type is an error, as in CUDA."""
        declared = re.sub(r"\bconst |\*__restrict__|\w+$", "", declaration).strip()
        c_type, dtype = C_TYPES[declared]
        if "*" in declaration:
            assert isinstance(argument, DeviceArray), declaration
            assert argument.numbers.dtype == dtype, declaration
            return argument.numbers.ctypes.data_as(ctypes.POINTER(c_type))
        assert type(argument) is dtype, declaration
        return c_type(argument.item())


class Device:
    """One multiprocessor."""

    attributes = {"MultiProcessorCount": 1}  # noqa: RUF012 (as CuPy has it)

    def __init__(self, cupy: TwinCuPy):
        self.cupy = cupy

    @property
    def mem_info(self):
        return 1_000_000, 2_000_000

    def synchronize(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass
