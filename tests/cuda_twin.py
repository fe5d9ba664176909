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

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
C_TYPES = {
    "double": (ctypes.c_double, np.float64),
    "int": (ctypes.c_int, np.int32),
    "unsigned int": (ctypes.c_uint, np.uint32),
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
LAUNCH = """
void launch(unsigned int blocks, unsigned int threads_, {arguments})
{{
    blockDim.x = threads_;
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
        for (threadIdx.x = 0; threadIdx.x < threads_; ++threadIdx.x)
            kernel({names});
}}
"""


def arguments_of(source: str) -> list[str]:
    """Return what the kernel of a CUDA source declares between its parentheses."""
    (inside,) = re.findall(r"__global__ void kernel\(([^)]*)\)", source)
    return [" ".join(argument.split()) for argument in inside.split(",")]


def name_of(argument: str) -> str:
    return re.search(r"\w+$", argument)[0]


def compile_twin(source: str, folder: Path):
    """Compile a CUDA source, with every product and sum rounded; return its launch."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:24]
    code, library = folder / f"{digest}.c", folder / f"{digest}.so"
    if not library.exists():
        declared = arguments_of(source)
        launch = LAUNCH.format(
            arguments=", ".join(declared), names=", ".join(map(name_of, declared))
        )
        code.write_text(SHIM + source.replace('extern "C" ', "") + launch)
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

    def __len__(self):
        return len(self.numbers)

    @property
    def shape(self):
        return self.numbers.shape

    def copy(self):
        return DeviceArray(self.numbers.copy())


class TwinCuPy(types.ModuleType):
    """What the library uses of CuPy; ``launches`` remembers the numbers of each call.

    Attributes
    ----------
    memory
        Bytes that fit.
    before_launch
        A function that is called at each launch.
    """

    ndarray = DeviceArray

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

    def ascontiguousarray(self, array, dtype):
        assert array.numbers.dtype == dtype
        return array

    def zeros(self, shape, dtype=float):
        return self._allocated(np.zeros(shape, dtype))

    def empty(self, shape, dtype):
        rubbish = np.frombuffer(b"\xff" * np.dtype(dtype).itemsize, dtype)[0]
        return self._allocated(np.full(shape, rubbish))

    def argsort(self, array):
        return DeviceArray(np.argsort(array.numbers, kind="stable"))

    def _allocated(self, numbers):
        self.memory -= numbers.nbytes
        if self.memory < 0:
            raise self.cuda.memory.OutOfMemoryError
        return DeviceArray(numbers)

    def asnumpy(self, array, out=None):
        if out is None:
            return array.numbers.copy()
        assert out.flags.c_contiguous
        assert (out.shape, out.dtype) == (array.numbers.shape, array.numbers.dtype)
        out[...] = array.numbers
        return out

    def RawKernel(self, code, name, options=()):
        assert f"__global__ void {name}(" in code
        self.options = options
        launch, declared = compile_twin(code, self.folder), arguments_of(code)

        def kernel(grid, block, arguments):
            self.before_launch()
            (blocks,), (threads,) = grid, block
            assert 0 < blocks < 2**31
            assert 0 < threads <= 1024
            pairs = list(zip(declared, arguments, strict=True))
            passed = [self._passed(*pair) for pair in pairs]
            numbers = {name_of(d): value for d, value in pairs if "*" not in d}
            self.launches.append(numbers)
            launch(ctypes.c_uint(blocks), ctypes.c_uint(threads), *passed)

        return kernel

    @staticmethod
    def _passed(declaration: str, argument):
        """Pass an argument as it is declared; a wrong type is an error, as in CUDA."""
        declared = re.sub(r"\bconst |\*__restrict__|\*|\w+$", "", declaration).strip()
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
