r"""Elementary functions without branches, for loops that vectorize.

Numba calls the system's scalar functions one number at a time. These reduce the
argument by Cody and Waite's method and evaluate a near-minimax polynomial, so that the
compiler can work on eight numbers at once. The errors are a few units in the last
place; for sine and cosine of a large argument they are those of an argument changed by
one unit in the last place, which is all that its double-precision value says.
"""

from functools import cache
from typing import NamedTuple

import mpmath
import numba as nb
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

_ROUND = 1.5 * 2.0**52  # adding it and taking it away rounds to the nearest integer
_LARGEST = 1e15  # beyond it neighbouring arguments are a radian apart: no sine at all


def _split(value: mpmath.mpf, bits: int = 30, parts: int = 3) -> tuple[float, ...]:
    """Write a number as a sum of floats, all but the last with few bits.

    Multiples of the short parts by integers below ``2**(53 - bits)`` are exact.
    """
    pieces = []
    for _ in range(parts - 1):
        exponent = int(mpmath.floor(mpmath.log(abs(value), 2))) + 1
        scale = mpmath.mpf(2) ** (bits - exponent)
        piece = mpmath.nint(value * scale) / scale
        pieces.append(float(piece))
        value -= piece
    return (*pieces, float(value))


@cache
def _coefficients(name: str) -> tuple[float, ...]:
    """Near-minimax polynomials, highest power first."""
    with mpmath.workdps(40):
        if name == "sin":  # sin(r)/r in the variable r**2, |r| <= pi/2
            interval, terms = [0, (mpmath.pi / 2) ** 2 * 1.0001], 9

            def function(u):
                return mpmath.sinc(mpmath.sqrt(u))
        else:  # exp(r), |r| <= log(2)/2
            half = mpmath.log(2) / 2 * mpmath.mpf("1.0001")
            interval, terms, function = [-half, half], 12, mpmath.exp
        return tuple(map(float, mpmath.chebyfit(function, interval, terms)))


class _NearRoot(NamedTuple):
    """What stands in the formulas of :func:`_first_stage`."""

    guess: np.uint64
    a: float
    b: float
    c: float


def _first_stage(guess: int, kappa: float, spread: float) -> _NearRoot:
    r"""Constants for a value near :math:`\kappa/\sqrt x`.

    Halving the exponent in the bits of :math:`x` gives :math:`y_0`, about
    :math:`1/\sqrt x`; then

    .. math::
        u = a-xy_0^2, \qquad y = y_0(u^3+bu+c) \approx \kappa/\sqrt x
            \quad\text{to }6\cdot10^{-7}.

    A polynomial with the leading coefficient one and without the next lower power
    takes one operation less than another; it asks for the right size of :math:`y_0`.

    Parameters
    ----------
    guess
        The integer from which half of the bits are subtracted.
    kappa
        To a part in a million.
    spread
        Largest over least value of :math:`xy_0^2`.
    """
    with mpmath.workdps(40):

        def lowest_first(low):
            def root(w):
                return kappa / mpmath.sqrt(w)

            return mpmath.chebyfit(root, [low, low * spread], 4)[::-1]

        low = (-lowest_first(1)[3]) ** (mpmath.mpf(2) / 7)  # makes the last one -1
        c_0, c_1, c_2, _ = lowest_first(low)
        a = c_2 / 3
        b = -c_1 - c_2 * a
        c = c_0 + c_1 * a + 2 * a**3
        return _NearRoot(np.uint64(guess), *map(float, (a, b, c)))


with mpmath.workdps(60):
    _PI_1, _PI_2, _PI_3 = _split(+mpmath.pi)
    _LN_1, _LN_2, _LN_3 = _split(mpmath.log(2))
_S = _coefficients("sin")
_E = _coefficients("exp")
_KAPPA = 0.821876  # fifth root of 3/8, see rsqrt
_ROOT = _first_stage(guess=0x5FE22C << 40, kappa=_KAPPA, spread=1.1352)
_CUBE = _first_stage(guess=0x5FE2C9E << 36, kappa=1.0, spread=1.1293)
_D = _KAPPA**2 + 1 / (4 * _KAPPA**3)
with mpmath.workdps(40):
    _F = float(1 / mpmath.mpf(_KAPPA) - 1 - (_D - mpmath.mpf(_KAPPA) ** 2) ** 2)
_SMALLEST = np.finfo(np.float64).tiny


_inlined = nb.njit(error_model="numpy")


@intrinsic
def _float_of_bits(typing_context, bits):
    """Read the 64 bits of an integer as a floating-point number."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return nb.float64(nb.int64), generate


@intrinsic
def _bits_of_float(typing_context, number):
    """Read a floating-point number as an unsigned integer of 64 bits."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return nb.uint64(nb.float64), generate


@intrinsic
def fma(typing_context, a, b, c):
    """Evaluate a*b + c with one rounding."""

    def generate(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return nb.float64(nb.float64, nb.float64, nb.float64), generate


@intrinsic
def wide_vectors(typing_context):
    """Ask for vectors of eight numbers in the kernel that calls this.

    On some processors that have them the compiler prefers vectors of four.
    """

    def generate(context, builder, signature, arguments):
        # llvmlite's own add() knows only attributes without a value
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return nb.void(), generate


@_inlined
def _sine_near(r):
    """Evaluate sin(r) for abs(r) up to pi/2."""
    u = r * r
    value = _S[0]
    value = fma(value, u, _S[1])
    value = fma(value, u, _S[2])
    value = fma(value, u, _S[3])
    value = fma(value, u, _S[4])
    value = fma(value, u, _S[5])
    value = fma(value, u, _S[6])
    value = fma(value, u, _S[7])
    value = fma(value, u, _S[8])
    return value * r


@_inlined
def sin(x):
    r"""Sine: :math:`x=k\pi+r`, :math:`\sin x=(-1)^k\sin r`."""
    k = fma(x, 1 / np.pi, _ROUND) - _ROUND
    r = fma(-k, _PI_3, fma(-k, _PI_2, fma(-k, _PI_1, x)))
    odd = k - 2.0 * (fma(k, 0.5, _ROUND) - _ROUND)  # 0, or 1 or -1
    r = r if abs(x) < _LARGEST else np.nan
    return (1.0 - 2.0 * odd * odd) * _sine_near(r)


@_inlined
def cos(x):
    r"""Cosine: :math:`x=(j-\tfrac12)\pi+r`, :math:`\cos x=(-1)^j\sin r`."""
    j = (x * (1 / np.pi) + 0.5 + _ROUND) - _ROUND
    k = j - 0.5
    r = fma(-k, _PI_3, fma(-k, _PI_2, fma(-k, _PI_1, x)))
    odd = j - 2.0 * (fma(j, 0.5, _ROUND) - _ROUND)
    r = r if abs(x) < _LARGEST else np.nan
    return (1.0 - 2.0 * odd * odd) * _sine_near(r)


@_inlined
def exp(x):
    r"""Exponential: :math:`x=n\log2+r`, :math:`e^x=2^ne^r`.

    Infinite above 709.78 and zero below -708.39, where the result would be subnormal.
    """
    clipped = min(max(x, -708.39), 709.78)
    n = fma(clipped, 1 / np.log(2), _ROUND) - _ROUND
    r = fma(-n, _LN_3, fma(-n, _LN_2, fma(-n, _LN_1, clipped)))
    value = _E[0]
    value = fma(value, r, _E[1])
    value = fma(value, r, _E[2])
    value = fma(value, r, _E[3])
    value = fma(value, r, _E[4])
    value = fma(value, r, _E[5])
    value = fma(value, r, _E[6])
    value = fma(value, r, _E[7])
    value = fma(value, r, _E[8])
    value = fma(value, r, _E[9])
    value = fma(value, r, _E[10])
    value = fma(value, r, _E[11])
    half = nb.int64(n) >> 1  # in two factors: 2**n itself may overflow
    result = (
        value
        * _float_of_bits((half + 1023) << 52)
        * _float_of_bits((nb.int64(n) - half + 1023) << 52)
    )
    result = np.inf if x > 709.78 else result
    result = 0.0 if x < -708.39 else result
    return x if np.isnan(x) else result


@_inlined
def _near_root(x, first):
    r"""A value of :math:`\kappa/\sqrt x` that is good to one part in a million."""
    y = _float_of_bits(first.guess - (_bits_of_float(x) >> 1))
    u = fma(-x * y, y, first.a)
    return y * fma(fma(u, u, first.b), u, first.c)


@_inlined
def rsqrt(x):
    r"""Reciprocal square root :math:`1/\sqrt x` of a positive normal number.

    For all others the result is not finite. With :math:`\kappa^5=3/8`, Taylor's
    polynomial for :math:`(1-e)^{-1/2}`, :math:`e=1-xy^2/\kappa^2`, takes the short form
    :math:`\kappa(1+v^2+f)` with :math:`v=d-xy^2`.
    """
    y = _near_root(x, _ROOT)
    v = fma(-x * y, y, _D)
    result = fma(y, fma(v, v, _F), y)
    return result if x > _SMALLEST else np.nan


@_inlined
def rsqrt_cubed(x):
    r"""The power :math:`x^{-3/2}`, the heart of every force of gravity.

    For a positive normal number; for all others the result is not finite: zero and
    subnormal numbers make :math:`y^3` overflow. Where :math:`x` is a sum of squares the
    compiler sees that it is never below zero, and leaves the last line out. Taylor's
    polynomial for :math:`(1-e)^{-3/2}` stays as it is: the short form of :func:`rsqrt`
    would round more.
    """
    y = _near_root(x + 0.0, _CUBE)  # -0.0 becomes 0.0
    square = y * y
    e = fma(-x, square, 1.0)
    cube = y * square
    result = fma(cube * e, fma(e, 1.875, 1.5), cube)
    return np.nan if x < 0.0 else result


IN_LANES = {
    "rsqrt": rsqrt,
    "rsqrt_cubed": rsqrt_cubed,
    "sin": sin,
    "cos": cos,
    "exp": exp,
}
