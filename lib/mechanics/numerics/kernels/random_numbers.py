r"""Random numbers that are functions of a counter, the same on every machine.

Philox4x32-10 turns a 128-bit counter and a 64-bit key into 128 random bits
(:cite:`salmon_parallel_2011`). Here the counter is (step, trajectory, place within the
step) and the key the seed, so that a run does not depend on how it is divided among
threads, machines or calls. Two of its words at a time make a uniform number with 53
bits, and two of these two normal numbers by the method of Box and Muller.
"""

import numpy as np

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
_LOW = 0xFFFFFFFF


def philox(counter: tuple, key: tuple) -> tuple:
    """Encrypt four 32-bit words under two.

    Parameters
    ----------
    counter, key
        Words as ``uint64`` arrays or scalars below ``2**32``.

    Returns
    -------
    tuple
        Four words.

    Examples
    --------
    A published test vector of the authors of Philox:

    >>> zero = np.uint64(0)
    >>> [hex(word) for word in philox((zero,) * 4, (zero,) * 2)]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    a, b, c, d = (np.asarray(word, np.uint64) for word in counter)
    low, half = np.uint64(_LOW), np.uint64(32)
    k, l = (int(word) for word in key)
    for _ in range(ROUNDS):
        first, second = np.uint64(MULTIPLIERS[0]) * a, np.uint64(MULTIPLIERS[1]) * c
        a, b, c, d = (
            (second >> half) ^ b ^ np.uint64(k),
            second & low,
            (first >> half) ^ d ^ np.uint64(l),
            first & low,
        )
        k, l = (k + WEYL[0]) & _LOW, (l + WEYL[1]) & _LOW
    return a, b, c, d


def normal_pair(
    seed: int, step: int, trajectory: np.ndarray, place: int
) -> tuple[np.ndarray, np.ndarray]:
    """Two independent standard normal numbers for each trajectory.

    Parameters
    ----------
    seed
        The key, a 64-bit integer.
    step
        Number of the step, below ``2**48``.
    trajectory
        Numbers of the trajectories, below ``2**32``.
    place
        Where in the step they are drawn, below ``2**16``.

    Returns
    -------
    tuple of ndarray
    """
    counter = (step & _LOW, (step >> 32) | (place << 16), trajectory, np.uint64(0))
    a, b, c, d = philox(counter, (seed & _LOW, seed >> 32))
    half, drop = np.uint64(32), np.uint64(11)
    u = (((a << half | b) >> drop).astype(float) + 0.5) * 2.0**-53
    v = (((c << half | d) >> drop).astype(float) + 0.5) * 2.0**-53
    radius = np.sqrt(-2.0 * np.log(u))
    return radius * np.cos(2 * np.pi * v), radius * np.sin(2 * np.pi * v)
