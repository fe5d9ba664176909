"""Rigid bonds between many atoms: RATTLE."""

from dataclasses import dataclass

import numba as nb
import numpy as np

TOLERANCE = 1e-13  # relative defect of bonds and of their rates
SWEEPS = 2000


class ConstraintError(RuntimeError):
    """The iteration of the constraints did not converge.

    Examples
    --------
    >>> issubclass(ConstraintError, RuntimeError)
    True
    """


@dataclass(frozen=True, eq=False)
class RigidBonds:
    r"""Bonds of fixed length, :math:`|r_i-r_j|=a`.

    The drift moves atoms along straight lines and then puts the bonds right along their
    old directions, momenta included (SHAKE); after it, and after every other flow, the
    momenta lose what would stretch a bond (RATTLE). So each flow takes constrained
    states to constrained states, and every composition of them does.

    Attributes
    ----------
    pairs
        Numbers of the atoms of each bond, shape ``(bonds, 2)``.
    lengths
        Shape ``(bonds,)``.

    Raises
    ------
    ValueError
        If a bond joins an atom to itself or has no positive length.

    Notes
    -----
    Positions are not folded into the cell, so a bond needs no image.
    Sources: AMM-3, AMM-4; Ryckaert, Ciccotti and Berendsen (1977); Andersen (1983).

    Examples
    --------
    >>> rod = RigidBonds([[0, 1]], [2.0])
    >>> p = rod.project(np.array([[0, 0, 0], [2.0, 0, 0]]), np.ones(2),
    ...                 np.array([[1.0, 1, 0], [0, 0, 0]]))
    >>> p
    array([[0.5, 1. , 0. ],
           [0.5, 0. , 0. ]])
    """

    pairs: np.ndarray
    lengths: np.ndarray

    def __post_init__(self):
        pairs = np.array(self.pairs, np.int64).reshape(-1, 2)
        lengths = np.broadcast_to(np.array(self.lengths, float), len(pairs)).copy()
        if (pairs[:, 0] == pairs[:, 1]).any():
            raise ValueError("a bond joins an atom to itself")
        if not (lengths > 0).all():
            raise ValueError(f"bond lengths must be positive, not {lengths.min()}")
        object.__setattr__(self, "pairs", pairs)
        object.__setattr__(self, "lengths", lengths)

    def __len__(self) -> int:
        return len(self.pairs)

    def defects(self, positions, masses, momenta) -> tuple[float, float]:
        r"""Largest :math:`\big||r_{ij}|^2-a^2\big|/a^2` and rate of a bond."""
        i, j = self.pairs.T
        d, v = positions[i] - positions[j], momenta / np.asarray(masses)[:, None]
        stretch = np.abs((d**2).sum(1) / self.lengths**2 - 1)
        rate = np.abs((d * (v[i] - v[j])).sum(1)) / self.lengths
        return stretch.max(initial=0.0), rate.max(initial=0.0)

    def require(self, positions, masses, momenta) -> None:
        """Refuse a state that violates its bonds.

        Raises
        ------
        ValueError
            The message names the remedy.
        """
        stretch, rate = self.defects(positions, masses, momenta)
        if stretch > 1e-8:
            raise ValueError(
                f"a bond is off by {stretch / 2:.2g} of its length at the start; give "
                "positions that satisfy the constraints"
            )
        if rate > 1e-8 * max(1.0, np.abs(momenta / masses[:, None]).max()):
            raise ValueError(
                f"a bond changes its length at the rate {rate:.2g} at the start; use "
                "bonds.project(positions, masses, momenta)"
            )

    def project(self, positions, masses, momenta) -> np.ndarray:
        """Momenta without the part that would change the length of a bond."""
        p = np.array(momenta, float)
        self._checked(_rattle(self.pairs, positions, 1 / masses, p), "momenta")
        return p

    def drift(self, positions, masses, momenta, tau: float):
        """Positions and momenta after a free flight of rigid molecules."""
        r = positions + tau * momenta / masses[:, None]
        p = np.array(momenta, float)
        done = _shake(self.pairs, self.lengths, positions, 1 / masses, r, p, tau)
        self._checked(done, "positions")
        return r, self.project(r, masses, p)

    @staticmethod
    def _checked(converged: bool, what: str) -> None:
        if not converged:
            raise ConstraintError(
                f"the constraints of the {what} did not converge in {SWEEPS} sweeps; "
                "take a smaller step, and check that no bond depends on the others"
            )


@nb.njit(error_model="numpy", cache=True)
def _rattle(pairs, r, inverse, p):
    """Remove the rates of all bonds from the momenta, bond by bond."""
    speed = 0.0
    for i in range(len(p)):
        for x in range(3):
            speed = max(speed, abs(p[i, x]) * inverse[i])
    for _ in range(SWEEPS):
        worst = 0.0
        for b in range(len(pairs)):
            i, j = pairs[b, 0], pairs[b, 1]
            rate, square = 0.0, 0.0
            for x in range(3):
                d = r[i, x] - r[j, x]
                rate += d * (p[i, x] * inverse[i] - p[j, x] * inverse[j])
                square += d * d
            impulse = rate / (square * (inverse[i] + inverse[j]))
            for x in range(3):
                d = r[i, x] - r[j, x]
                p[i, x] -= impulse * d
                p[j, x] += impulse * d
            worst = max(worst, abs(rate) / np.sqrt(square))
        if not worst > TOLERANCE * speed:
            return not np.isnan(worst)
    return False


@nb.njit(error_model="numpy", cache=True)
def _shake(pairs, lengths, old, inverse, r, p, tau):
    """Restore the lengths of all bonds along their old directions, bond by bond."""
    for _ in range(SWEEPS):
        worst = 0.0
        for b in range(len(pairs)):
            i, j = pairs[b, 0], pairs[b, 1]
            square, along = 0.0, 0.0
            for x in range(3):
                d = r[i, x] - r[j, x]
                square += d * d
                along += d * (old[i, x] - old[j, x])
            defect = square - lengths[b] ** 2
            push = defect / (2 * along * (inverse[i] + inverse[j]))
            for x in range(3):
                d = old[i, x] - old[j, x]
                r[i, x] -= push * inverse[i] * d
                r[j, x] += push * inverse[j] * d
                p[i, x] -= push * d / tau
                p[j, x] += push * d / tau
            worst = max(worst, abs(defect) / lengths[b] ** 2)
        if not worst > TOLERANCE:
            return not np.isnan(worst)
    return False
