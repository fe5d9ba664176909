"""The random numbers of :mod:`.random_numbers`, for compiled kernels."""

import math

import numba as nb
import numpy as np

from mechanics.numerics.elementary import cos, sin
from mechanics.numerics.kernels.random_numbers import MULTIPLIERS, ROUNDS, WEYL

_M0, _M1 = map(np.uint64, MULTIPLIERS)
_W0, _W1 = map(np.uint64, WEYL)
_LOW, _HALF, _DROP = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(11)


@nb.njit(error_model="numpy")
def normal_pair(seed, step, trajectory, place):
    """Two independent standard normal numbers; see ``random_numbers.normal_pair``."""
    a = np.uint64(step) & _LOW
    b = (np.uint64(step) >> _HALF) | (np.uint64(place) << np.uint64(16))
    c, d = np.uint64(trajectory), np.uint64(0)
    k, l = np.uint64(seed) & _LOW, np.uint64(seed) >> _HALF
    for _ in range(ROUNDS):
        first, second = _M0 * a, _M1 * c
        a, b, c, d = (
            (second >> _HALF) ^ b ^ k,
            second & _LOW,
            (first >> _HALF) ^ d ^ l,
            first & _LOW,
        )
        k, l = (k + _W0) & _LOW, (l + _W1) & _LOW
    u = (np.float64(((a << _HALF) | b) >> _DROP) + 0.5) * 2.0**-53
    v = (np.float64(((c << _HALF) | d) >> _DROP) + 0.5) * 2.0**-53
    radius = math.sqrt(-2.0 * math.log(u))
    return radius * cos(2 * math.pi * v), radius * sin(2 * math.pi * v)
