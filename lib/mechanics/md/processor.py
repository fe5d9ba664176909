"""What a step does with all atoms at once, on the processor.

:class:`~mechanics.md.device.Device` has the same methods for arrays on a GPU.
"""

from collections.abc import Mapping

import numba as nb
import numpy as np

from mechanics.md.thermostats import KICK
from mechanics.md.update import Update


class Processor:
    """Arrays of NumPy, in whole expressions and compiled loops."""

    name = "numba"

    def holds(self, array) -> bool:
        """Say whether an array is one that the methods take."""
        return True

    def upload(self, array: np.ndarray) -> np.ndarray:
        """Return an array of numbers that the methods take."""
        return np.ascontiguousarray(array, float)

    def download(self, array: np.ndarray) -> np.ndarray:
        """Return an array of NumPy."""
        return array

    def drifted(self, r, p, masses, tau: float) -> np.ndarray:
        r"""Positions :math:`r+\tau p/m`."""
        return _drifted(r, p, masses, tau)

    def updated(self, update: Update, p, masses, values: Mapping) -> np.ndarray:
        """Momenta after a rule has acted on them."""
        if update.rule is KICK:
            return _kicked(p, values["F"], values["tau"])
        return update.momenta({**values, "p": p, "m": masses[:, None]})

    def mapped(self, r, M: np.ndarray) -> np.ndarray:
        """Vectors :math:`Mr`."""
        return r @ M.T

    def twice_kinetic(self, p, masses) -> float:
        r"""The sum :math:`\sum p^2/m`."""
        return _twice_kinetic(p, masses)

    def total(self, a, b, masses) -> float:
        r"""The sum :math:`\sum a\cdot b/m`."""
        return float((a * b / masses[:, None]).sum())

    def spread(self, p, masses) -> np.ndarray:
        r"""The tensor :math:`\sum p\otimes p/m`."""
        return p.T @ (p / masses[:, None])

    def longest(self, r, before, back: np.ndarray | None = None) -> float:
        """Square of the longest way from ``before`` to ``back r``, or NaN."""
        return _longest(r if back is None else r @ back.T, before)

    def farthest(self, r) -> float:
        """The largest coordinate, or NaN."""
        return float(np.abs(r).max(initial=0.0))


@nb.njit(error_model="numpy", cache=True)
def _kicked(p, F, tau):
    new = np.empty_like(p)
    for i in range(len(p)):
        for x in range(3):
            new[i, x] = p[i, x] + tau * F[i, x]
    return new


@nb.njit(error_model="numpy", cache=True)
def _drifted(r, p, masses, tau):
    new = np.empty_like(r)
    for i in range(len(r)):
        for x in range(3):
            new[i, x] = r[i, x] + tau / masses[i] * p[i, x]
    return new


@nb.njit(error_model="numpy", cache=True)
def _twice_kinetic(p, masses):
    total = 0.0
    for i in range(len(p)):
        square = p[i, 0] * p[i, 0] + p[i, 1] * p[i, 1] + p[i, 2] * p[i, 2]
        total += square / masses[i]
    return total


@nb.njit(error_model="numpy", cache=True)
def _longest(r, before):
    longest, lost = 0.0, 0.0
    for i in range(len(r)):
        x, y, z = r[i, 0] - before[i, 0], r[i, 1] - before[i, 1], r[i, 2] - before[i, 2]
        square = x * x + y * y + z * z
        longest = max(longest, square)
        lost += square - square  # zero, or not a number
    return longest + lost
