"""Wavevectors: special points, paths through the Brillouin zone, and meshes."""

import re
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from mechanics.lattice.crystals import Crystal
from mechanics.numerics.optional import optional


def special_points(crystal: Crystal) -> dict[str, np.ndarray]:
    r"""Points of high symmetry, by their usual names, as Cartesian wavevectors.

    ASE recognises the Bravais lattice and knows the names of Setyawan and Curtarolo
    (2010); ``"G"`` is :math:`\Gamma`.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> points = special_points(fcc(2.0))
    >>> sorted(points), (points["L"] / np.pi).round(12)
    (['G', 'K', 'L', 'U', 'W', 'X'], array([0.5, 0.5, 0.5]))
    """
    cell = optional("ase.cell", "materials").Cell(_of_order_one(crystal))
    points = cell.bandpath(npoints=0).special_points
    return {name: crystal.wavevectors(point) for name, point in points.items()}


@dataclass(frozen=True, eq=False)
class QPath:
    """Wavevectors along straight pieces, to draw branches over.

    Attributes
    ----------
    q
        Cartesian wavevectors, shape ``(n, 3)``.
    x
        Length along the path at each, shape ``(n,)``; jumps count nothing.
    ticks
        Pairs of a length and the name of the point there.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> path = q_path(fcc(2.0), "GX")
    >>> isinstance(path, QPath), path.q[-1].round(6).tolist()
    (True, [0.0, 3.141593, 0.0])
    """

    q: np.ndarray
    x: np.ndarray
    ticks: tuple[tuple[float, str], ...]


def q_path(
    crystal: Crystal,
    path: str | list[tuple[str, np.ndarray]],
    points: int = 200,
) -> QPath:
    r"""Wavevectors along a path through special points.

    Parameters
    ----------
    crystal
        Whose special points are meant.
    path
        Names as ``"GXU,KGL"``, with a comma where the path jumps; or your own points,
        a list of pairs of a name and a Cartesian wavevector.
    points
        About how many wavevectors.

    Raises
    ------
    ValueError
        If a name is unknown; the message lists those there are.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> path = q_path(fcc(2.0), "GXU,KGL", points=100)
    >>> [name for _, name in path.ticks], path.q.shape == (len(path.x), 3)
    (['G', 'X', 'U,K', 'G', 'L'], True)
    """
    if isinstance(path, str):
        known = special_points(crystal)
        names = [re.findall(r"[A-Z][a-z0-9]*", part) for part in path.split(",")]
        for name in chain(*names):
            if name not in known:
                raise ValueError(
                    f"no special point {name!r} in this Brillouin zone; there are "
                    f"{', '.join(sorted(known))}"
                )
        parts = [[(name, known[name]) for name in part] for part in names]
    else:
        parts = [list(path)]
    total = sum(np.linalg.norm(b[1] - a[1]) for p in parts for a, b in pairwise(p))
    q, x, ticks, length = [], [], [], 0.0
    for part in parts:
        if ticks:
            ticks[-1] = (length, f"{ticks[-1][1]},{part[0][0]}")
        else:
            ticks.append((length, part[0][0]))
        for (_, start), (name, end) in pairwise(part):
            piece = np.linalg.norm(np.subtract(end, start))
            fractions = np.linspace(0, 1, max(2, round(points * piece / total) + 1))
            q.append(start + fractions[:, None] * np.subtract(end, start))
            x.append(length + piece * fractions)
            length += piece
            ticks.append((length, name))
    return QPath(np.concatenate(q), np.concatenate(x), tuple(ticks))


@dataclass(frozen=True, eq=False)
class QMesh:
    """An even mesh of wavevectors over the whole Brillouin zone.

    Attributes
    ----------
    crystal
        Whose zone it fills.
    q
        The wavevectors to compute with, Cartesian, shape ``(n, 3)``.
    weights
        The share of the zone that each stands for, shape ``(n,)``; their sum is 1.
    index
        For each point of the full mesh, which of ``q`` it is equivalent to, shape
        ``(n1, n2, n3)``.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> mesh = q_mesh(fcc(2.0), 4)
    >>> isinstance(mesh, QMesh), mesh.q.shape, mesh.index.shape
    (True, (64, 3), (4, 4, 4))
    """

    crystal: Crystal
    q: np.ndarray
    weights: np.ndarray
    index: np.ndarray


def q_mesh(
    crystal: Crystal,
    shape: int | tuple[int, int, int],
    *,
    shifted: bool = False,
    symmetry: bool = False,
) -> QMesh:
    r"""Wavevectors :math:`\boldsymbol q=\sum_i(j_i+\sigma)\,\boldsymbol b_i/n_i`.

    Parameters
    ----------
    crystal
        Whose zone is filled.
    shape
        The numbers :math:`n_i`, or one for all.
    shifted
        Take :math:`\sigma=\frac12` in place of 0, and avoid :math:`\boldsymbol q=0`.
    symmetry
        Keep one of each set of wavevectors that a symmetry of the crystal joins; time
        reversal, :math:`\omega(-\boldsymbol q)=\omega(\boldsymbol q)`, is one of them.
        spglib finds them, and those that do not map the mesh onto itself are left out.
        The force constants must have these symmetries, too.

    Raises
    ------
    ValueError
        For numbers that are not positive.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> full, reduced = (q_mesh(fcc(1.0), 8, symmetry=s) for s in (False, True))
    >>> len(full.q), len(reduced.q), float(reduced.weights.sum())
    (512, 29, 1.0)
    """
    shape = tuple(np.broadcast_to(shape, 3).tolist())
    if min(shape) < 1 or shape != tuple(int(n) for n in shape):
        raise ValueError(f"a mesh needs positive whole numbers, not {shape}")
    points = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), -1)
    halves = 2 * points.reshape(-1, 3) + shifted  # q in halves of the mesh's steps
    n = len(halves)
    if not symmetry:
        q = crystal.wavevectors(halves / np.multiply(2, shape))
        return QMesh(crystal, q, np.full(n, 1 / n), np.arange(n).reshape(shape))
    first = np.arange(n)
    for rotation in _rotations(crystal):
        for sign in (1, -1):
            turned = sign * (halves / shape) @ rotation * shape - shifted
            there = np.rint(turned / 2).astype(int)
            if np.abs(turned - 2 * there).max() < 1e-6:
                there = np.ravel_multi_index((there % shape).T, shape)
                first = np.minimum(first, there)
    kept, index = np.unique(first, return_inverse=True)
    q = crystal.wavevectors(halves[kept] / np.multiply(2, shape))
    return QMesh(crystal, q, np.bincount(index) / n, index.reshape(shape))


def _rotations(crystal: Crystal) -> np.ndarray:
    """Rotations of the crystal, for fractional wavevectors as rows."""
    spglib = optional("spglib", "materials")
    spglib.error.OLD_ERROR_HANDLING = False  # errors are raised, not returned
    kinds = list(zip(crystal.species, crystal.masses, strict=True))
    numbers = [kinds.index(kind) for kind in kinds]
    cell = (_of_order_one(crystal), crystal.positions, numbers)
    return np.unique(spglib.get_symmetry(cell)["rotations"], axis=0)


def _of_order_one(crystal: Crystal) -> np.ndarray:
    """The cell for programs whose tolerances are meant for ångströms."""
    return crystal.cell / np.cbrt(crystal.volume / crystal.atoms)
