r"""Elementary functions without branches, for loops that vectorize.

Numba calls the system's scalar functions one number at a time. These reduce the
argument by Cody and Waite's method and evaluate a near-minimax polynomial, so that the
compiler can work on eight numbers at once. The errors are a few units in the last
place; for sine and cosine of a large argument they are those of an argument changed by
one unit in the last place, which is all that its double-precision value says.
"""

from functools import cache

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
        elif name == "rsqrt":  # (1-e)**(-1/2) for what the first guess leaves
            interval, terms = [-0.0702, 0.0675], 4

            def function(e):
                return 1 / mpmath.sqrt(1 - e)
        else:  # exp(r), |r| <= log(2)/2
            half = mpmath.log(2) / 2 * mpmath.mpf("1.0001")
            interval, terms, function = [-half, half], 12, mpmath.exp
        return tuple(map(float, mpmath.chebyfit(function, interval, terms)))


_GUESS = 0x5FE6EB50C7B537A9  # of 1/sqrt(x): half the exponent, best mantissa


with mpmath.workdps(60):
    _PI_1, _PI_2, _PI_3 = _split(+mpmath.pi)
    _LN_1, _LN_2, _LN_3 = _split(mpmath.log(2))
_S = _coefficients("sin")
_E = _coefficients("exp")
_R = _coefficients("rsqrt")
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
    """Read a floating-point number as an integer of 64 bits."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return nb.int64(nb.float64), generate


@intrinsic
def fma(typing_context, a, b, c):
    """Evaluate a*b + c with one rounding."""

    def generate(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return nb.float64(nb.float64, nb.float64, nb.float64), generate


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
def _near_root(x):
    r"""A value of :math:`1/\sqrt x` that is good to one part in a million.

    From the bits of the number comes a first guess :math:`y` that is good to 4 %, and
    :math:`1/\sqrt x=y(1-e)^{-1/2}` with :math:`e=1-xy^2`. NaN below the normal numbers.
    """
    y = _float_of_bits(_GUESS - (_bits_of_float(x) >> 1))
    e = fma(-x * y, y, 1.0)
    y = y * fma(fma(fma(_R[0], e, _R[1]), e, _R[2]), e, _R[3])
    return y if x > _SMALLEST else np.nan


@_inlined
def rsqrt(x):
    r"""Reciprocal square root :math:`1/\sqrt x` of a positive normal number.

    For all others the result is not finite.
    """
    y = _near_root(x)
    e = fma(-x * y, y, 1.0)
    return fma(y * e, fma(e, 0.375, 0.5), y)


@_inlined
def rsqrt_cubed(x):
    r"""The power :math:`x^{-3/2}`, the heart of every force of gravity.

    For a positive normal number; for all others the result is not finite.
    """
    y = _near_root(x)
    square = y * y
    e = fma(-x, square, 1.0)
    cube = y * square
    return fma(cube * e, fma(e, 1.875, 1.5), cube)


IN_LANES = {
    "rsqrt": rsqrt,
    "rsqrt_cubed": rsqrt_cubed,
    "sin": sin,
    "cos": cos,
    "exp": exp,
}
