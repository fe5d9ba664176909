"""Which atoms of a crystal are near each other, and what acts between them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mechanics.lattice.crystals import Crystal
from mechanics.potentials import PairPotential


class CutoffError(ValueError):
    """A cut-off radius that reaches no neighbour.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> neighbours(fcc(2.0), cutoff=1.2)
    Traceback (most recent call last):
        ...
    mechanics.lattice.neighbours.CutoffError: within the cut-off 1.2 atom 0 has no
    neighbour: the nearest stands at 1.414
    """


@dataclass(frozen=True, eq=False)
class Neighbours:
    r"""Pairs of atoms within a cut-off; each pair stands here twice, once per end.

    Attributes
    ----------
    pairs
        The atoms :math:`(a,b)`, shape ``(n, 2)``.
    cells
        Lattice points :math:`\boldsymbol n` of the cell of :math:`b`, seen from that of
        :math:`a`, shape ``(n, 3)``.
    vectors
        From :math:`a` to :math:`b`:
        :math:`\boldsymbol R_n+\boldsymbol r_b-\boldsymbol r_a`, shape ``(n, 3)``.
    distances
        Their lengths, shape ``(n,)``.

    Examples
    --------
    >>> from mechanics.lattice import rocksalt
    >>> near = neighbours(rocksalt(2.0), cutoff=1.0)
    >>> isinstance(near, Neighbours), near.pairs.shape, near.pairs[0].tolist()
    (True, (12, 2), [0, 1])
    """

    pairs: np.ndarray
    cells: np.ndarray
    vectors: np.ndarray
    distances: np.ndarray


def neighbours(crystal: Crystal, cutoff: float) -> Neighbours:
    """All pairs of atoms not further apart than a cut-off.

    Parameters
    ----------
    crystal
        The crystal.
    cutoff
        Largest distance.

    Raises
    ------
    CutoffError
        If an atom has no neighbour so near; the message names the distance needed.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> near = neighbours(fcc(2.0), cutoff=2.0)
    >>> np.unique(near.distances.round(9), return_counts=True)
    (array([1.41421356, 2.        ]), array([12,  6]))
    """
    if not 0 < cutoff < np.inf:
        raise ValueError(f"the cut-off must be positive and finite, not {cutoff}")
    near = _within(crystal, cutoff)
    alone = np.setdiff1d(np.arange(crystal.atoms), near.pairs[:, 0])
    if len(alone):
        every = _within(crystal, np.linalg.norm(crystal.cell, axis=1).max())
        nearest = every.distances[every.pairs[:, 0] == alone[0]].min()
        raise CutoffError(
            f"within the cut-off {cutoff:.4g} atom {alone[0]} has no neighbour: the "
            f"nearest stands at {nearest:.4g}"
        )
    return near


def _within(crystal: Crystal, cutoff: float) -> Neighbours:
    apart = crystal.positions - crystal.positions[:, None]  # [a, b] = f_b - f_a
    reach = cutoff * np.linalg.norm(crystal.reciprocal, axis=1) / (2 * np.pi)
    least = np.ceil(-reach - apart.max(axis=(0, 1)) - 1e-9).astype(int)
    most = np.floor(reach - apart.min(axis=(0, 1)) + 1e-9).astype(int)
    ranges = [np.arange(a, b + 1) for a, b in zip(least, most, strict=True)]
    cells = np.stack(np.meshgrid(*ranges, indexing="ij"), -1).reshape(-1, 3)
    found = []
    for a in range(crystal.atoms):
        vectors = (cells[:, None] + apart[a]) @ crystal.cell
        distances = np.linalg.norm(vectors, axis=2)
        # atoms of a shell are equally far but for round-off, and stay together
        near = distances <= cutoff * (1 + 1e-10)
        near[~cells.any(axis=1), a] = False  # the atom itself
        cell, b = np.nonzero(near)
        pairs = np.stack([np.full_like(b, a), b], axis=1)
        found.append((pairs, cells[cell], vectors[cell, b], distances[cell, b]))
    return Neighbours(*map(np.concatenate, zip(*found, strict=True)))


Potentials = PairPotential | Mapping[tuple[str, str], PairPotential]


def between(potential: Potentials, one: str, other: str) -> PairPotential:
    """Return the potential between two species.

    Raises
    ------
    ValueError
        If there is none for them.
    """
    if isinstance(potential, PairPotential):
        return potential
    for pair in ((one, other), (other, one)):
        if pair in potential:
            return potential[pair]
    raise ValueError(f"no potential between {one} and {other} was given")


def on_pairs(
    crystal: Crystal, potential: Potentials, near: Neighbours, derivative: str
) -> np.ndarray:
    """Return the energy, slope or curvature of each pair, shape ``(n,)``."""
    names, kinds = np.unique(crystal.species, return_inverse=True)
    values = np.empty(len(near.pairs))
    for one, other in np.ndindex(len(names), len(names)):
        these = (kinds[near.pairs] == (one, other)).all(axis=1)
        if these.any():
            phi = between(potential, str(names[one]), str(names[other]))
            values[these] = getattr(phi, derivative)(near.distances[these])
    return values
