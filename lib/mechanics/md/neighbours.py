"""Who is near whom: pairs by whole arrays, and compiled lists that last some steps."""

import math
from dataclasses import dataclass, field
from itertools import product

import numba as nb
import numpy as np

from mechanics.md.cells import Cell
from mechanics.md.processor import Processor

ROWS = 0.7  # pencils per range of the list, in each direction across them


def neighbour_pairs(
    positions: np.ndarray, cell: Cell | None, cutoff: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""All pairs of atoms nearer than a distance, by whole arrays.

    Atoms are sorted into cells as wide as the distance; only neighbouring cells are
    looked at. This is the reference for :class:`VerletList`.

    Parameters
    ----------
    positions
        Shape ``(N, 3)``; they need not lie in the cell.
    cell
        The periodic cell, or ``None`` for a cluster in empty space.
    cutoff
        The distance.

    Returns
    -------
    i, j
        Numbers of the atoms, shape ``(pairs,)``: each pair once.
    d
        The vectors from atom ``j`` to atom ``i``, shape ``(pairs, 3)``.

    Examples
    --------
    Three atoms in a row; the first and the last are neighbours through the wall:

    >>> r = np.array([[0.5, 1, 1], [2.0, 1, 1], [3.5, 1, 1]])
    >>> i, j, d = neighbour_pairs(r, Cell.cubic(4.0), 1.2)
    >>> i, j, d[:, 0]
    (array([0]), array([2]), array([1.]))
    """
    positions = np.asarray(positions, float)
    if cell is None:
        positions = positions - positions.min(axis=0)  # none in another image
    box = cell or bounding_cell(positions, cutoff)
    s = box.fractional(positions)
    home = np.floor(s)
    bins = np.maximum((box.widths / cutoff).astype(int), 1)
    where = np.minimum(((s - home) * bins).astype(int), bins - 1)
    number = np.ravel_multi_index(where.T, bins)
    order = np.argsort(number, kind="stable")
    start = np.searchsorted(number[order], np.arange(bins.prod() + 1))
    found = []
    reach = np.ceil(cutoff * bins / box.widths).astype(int)
    for step in product(*(range(-n, n + 1) for n in reach)):
        if step < (0, 0, 0):
            continue  # the pair is seen from the other side
        image, target = np.divmod(where + step, bins)
        other = np.ravel_multi_index(target.T, bins)
        counts = start[other + 1] - start[other]
        i = np.repeat(np.arange(len(positions)), counts)
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        j = order[np.repeat(start[other], counts) + offset]
        shift = home[j] - home[i] - image[i]
        if step == (0, 0, 0):
            i, j, shift = i[i < j], j[i < j], shift[i < j]
        d = positions[i] - positions[j] + shift @ box.h.T
        near = (d**2).sum(axis=1) < cutoff**2
        found.append((i[near], j[near], d[near]))
    i, j, d = (np.concatenate(part) for part in zip(*found, strict=True))
    swap = i > j
    return np.where(swap, j, i), np.where(swap, i, j), np.where(swap[:, None], -d, d)


def bounding_cell(positions: np.ndarray, reach: float) -> Cell:
    """Return a box around a cluster, so large that its images do not meet."""
    extent = np.ptp(positions, axis=0).max(initial=0.0)
    return Cell.cubic(2 * (extent + reach))


@dataclass
class VerletList:
    r"""Neighbours within the cut-off and a skin, good for several steps.

    The cell is divided into pencils along its third lattice vector, and the atoms of
    each are sorted along it. So the neighbours of an atom are runs of consecutive
    atoms, found by bisection, and all that a force needs lies close together in memory.
    The list holds each pair once.

    It is right as long as no pair can have crossed the skin :math:`\sigma`. With the
    strain :math:`F=h\,h_0^{-1}` of the cell since the list was made and the largest
    displacement :math:`u=|F^{-1}r-r_0|` that means

    .. math:: \|F^{-1}\|\,r_c+2u\le r_c+\sigma

    Attributes
    ----------
    cutoff, skin
        Range of the forces, and what is added to it.
    builds
        How often the list was made.
    machine
        What measures how far atoms have moved, where their positions are.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> near = VerletList(cutoff=1.0, skin=0.3)
    >>> r = rng.uniform(0, 5, (200, 3))
    >>> near.update(r, Cell.cubic(5.0)), near.update(r + 0.01, Cell.cubic(5.0))
    (True, False)
    >>> i, j = near.pairs()
    >>> len(i) == len(neighbour_pairs(r, Cell.cubic(5.0), 1.3)[0])
    True
    """

    cutoff: float
    skin: float
    builds: int = 0
    machine: Processor = field(default_factory=Processor, repr=False)
    _h: np.ndarray | None = field(default=None, repr=False)
    _positions: np.ndarray | None = field(default=None, repr=False)

    def update(self, positions: np.ndarray, cell: Cell | None) -> bool:
        """Make the list anew if it may have missed a pair; say whether it was."""
        if self.still_good(positions, cell):
            return False
        self.build(positions, cell)
        return True

    def forget(self) -> None:
        """Make the next list from its positions alone, whatever went before."""
        self._positions = None

    def build(self, positions: np.ndarray, cell: Cell | None) -> None:
        """Make the list for positions of shape ``(N, 3)``."""
        reach = self.cutoff + self.skin
        if np.isinf(reach):
            reach = 1.0 + 2 * np.ptp(positions, axis=0).max(initial=0.0)
        self._periodic, self._good_skin = cell is not None, self.skin
        self._h = (cell or bounding_cell(positions, reach)).h
        self._positions = positions.copy()
        L = _in_axes_of_pencils(self._h)
        counts = _pencil_counts(L, reach, len(positions))
        inverse = np.linalg.inv(self._h)
        self.order, self.home, q, start = _into_pencils(positions, inverse, L, *counts)
        rooms = getattr(self, "_rooms", (64 * len(positions), 8 * len(positions)))
        while True:
            self.first, self.begin, self.images, self.neighbours, *needed = _collect(
                q, L, start, *counts, reach, *rooms
            )
            if needed[0] <= rooms[0] and needed[1] <= rooms[1]:
                break
            rooms = tuple(
                max(room, int(1.2 * n) + 64)
                for room, n in zip(rooms, needed, strict=True)
            )
        self._rooms = rooms
        self.largest = int(np.diff(self.begin[self.first]).max(initial=0))
        self.builds += 1

    def sorted_positions(self, positions: np.ndarray, h: np.ndarray) -> np.ndarray:
        """Positions in the order of the list, as images in the cell, shape (3, N)."""
        return _gather(positions, self.order, self.home, h)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the atoms of all pairs in the list, the smaller one first."""
        ends = self.begin[self.first[1:]] - self.begin[self.first[:-1]]
        i = self.order[np.repeat(np.arange(len(self.order)), ends)]
        j = self.order[self.neighbours]
        return np.minimum(i, j), np.maximum(i, j)

    def still_good(self, positions: np.ndarray, cell: Cell | None) -> bool:
        """Say whether the list holds every pair within the cut-off."""
        if self._positions is None or positions.shape != self._positions.shape:
            return False
        if (cell is not None) != self._periodic:
            return False
        skin, back = self._good_skin, None
        if not (cell is None or cell.h is self._h or np.array_equal(cell.h, self._h)):
            back = self._h @ cell.inverse  # the inverse of the strain
            skin += self.cutoff * (1 - np.linalg.norm(back, 2))
        way = self.machine.longest(positions, self._positions, back)
        return skin >= 0 and way <= (skin / 2) ** 2


def _in_axes_of_pencils(h: np.ndarray) -> np.ndarray:
    """Lattice vectors in axes whose last one lies along the third of them.

    The matrix is lower triangular with a positive diagonal.
    """
    Q, _ = np.linalg.qr(h[:, ::-1])
    L = np.tril(Q[:, ::-1].T @ h)
    return L * np.sign(np.diag(L))[:, None]


def _pencil_counts(L: np.ndarray, reach: float, atoms: int) -> tuple[int, int]:
    """How many pencils there are along the first two lattice vectors."""
    widths = L[0, 0], L[1, 1] * L[0, 0] / math.hypot(L[0, 0], L[1, 0])
    most = max(1, int(math.sqrt(atoms)))
    return tuple(min(most, max(1, int(ROWS * w / reach))) for w in widths)


@nb.njit(error_model="numpy", cache=True)
def _into_pencils(positions, inverse, L, n_a, n_b):
    """Sort atoms by pencil, and within each along it.

    Returns the order, the cell in which each atom lies, the positions within the cell
    in the axes of the pencils, and where each pencil begins; all but the last sorted.
    """
    n = len(positions)
    q, home, pencil = np.empty((n, 3)), np.empty((n, 3)), np.empty(n, np.int64)
    start = np.zeros(n_a * n_b + 1, np.int64)
    for i in range(n):
        x, y, z = positions[i]
        s_a = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] * z
        s_b = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] * z
        s_c = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2] * z
        home[i, 0], home[i, 1] = math.floor(s_a), math.floor(s_b)
        s_a -= home[i, 0]
        s_b -= home[i, 1]
        along = L[2, 0] * s_a + L[2, 1] * s_b + L[2, 2] * s_c
        home[i, 2] = math.floor(along / L[2, 2])
        q[i, 0] = L[0, 0] * s_a
        q[i, 1] = L[1, 0] * s_a + L[1, 1] * s_b
        q[i, 2] = along - L[2, 2] * home[i, 2]
        pencil[i] = min(int(s_a * n_a), n_a - 1) * n_b + min(int(s_b * n_b), n_b - 1)
        start[pencil[i] + 1] += 1
    for p in range(n_a * n_b):
        start[p + 1] += start[p]
    place = start[:-1].copy()
    order = np.empty(n, np.int64)
    for i in np.argsort(q[:, 2]):
        order[place[pencil[i]]] = i
        place[pencil[i]] += 1
    return order, home[order], q[order], start


@nb.njit(error_model="numpy", cache=True)
def _collect(  # noqa: PLR0912, PLR0915 (one loop nest)
    q, L, start, n_a, n_b, reach, room, segment_room
):
    """Collect the neighbours of every atom, image by image.

    The neighbours of atom k are those of the segments first[k] to first[k + 1]. Segment
    s has the neighbours begin[s] to begin[s + 1], all in the same image of the cell.
    Numbers are those of sorted atoms. A pair is seen from the side from which the other
    atom lies in a later pencil, or further along in the same one.
    """
    n = len(q)
    first, images = np.zeros(n + 1, np.int64), np.empty((segment_room, 3))
    begin, found = np.zeros(segment_room + 1, np.int64), np.empty(room, np.int32)
    q_x, q_y, z = q[:, 0].copy(), q[:, 1].copy(), q[:, 2].copy()
    width_a = L[0, 0] / n_a
    slant = math.hypot(L[0, 0], L[1, 0])
    whole_b = L[1, 1] * L[0, 0] / slant
    width_b = whole_b / n_b
    cosine = -L[1, 0] / slant  # of the normals of the pencils' faces
    square = reach * reach * (1 + 1e-14)
    count, segments = np.uint64(0), 0
    p = 0
    for k in range(n):
        while k >= start[p + 1]:
            p += 1
        # not from u and v, whose rounding may put an atom on a face elsewhere
        p_a, p_b = p // n_b, p % n_b
        u = q[k, 0]
        v = (q[k, 1] - u * L[1, 0] / L[0, 0]) / L[1, 1] * whole_b
        new = True
        for a in range(p_a, math.floor((u + reach) / width_a) + 1):
            e_a = max(a * width_a - u, 0.0)
            low_b = p_b if a == p_a else math.floor((v - reach) / width_b)
            for b in range(low_b, math.floor((v + reach) / width_b) + 1):
                above, below = b * width_b - v, v - (b + 1) * width_b
                e_b, c = max(above, 0.0), cosine
                if below > 0:
                    e_b, c = below, -cosine
                half = square - _to_corner(e_a, e_b, c)
                if half < 0:
                    continue
                half = math.sqrt(half)
                m_a, m_b = a // n_a, b // n_b
                pencil = (a - m_a * n_a) * n_b + b - m_b * n_b
                x = u - m_a * L[0, 0]
                y = q[k, 1] - m_a * L[1, 0] - m_b * L[1, 1]
                height = q[k, 2] - m_a * L[2, 0] - m_b * L[2, 1]
                own = a == p_a and b == p_b
                lowest = 0 if own else math.floor((height - half) / L[2, 2])
                for m_c in range(lowest, math.floor((height + half) / L[2, 2]) + 1):
                    level = height - m_c * L[2, 2]
                    j, end = start[pencil], start[pencil + 1]
                    if own and m_c == 0:
                        j = k + 1
                    elif level > half:
                        j = _bisect(z, j, end, level - half)
                    stop = _bisect(z, j, end, level + half)
                    if stop == j:
                        continue
                    if count + np.uint64(stop - j) > room:
                        return first, begin, images, found, 2 * room, segments
                    last = min(segments, segment_room) - 1
                    if new or not (
                        images[last, 0] == m_a
                        and images[last, 1] == m_b
                        and images[last, 2] == m_c
                    ):
                        if segments < segment_room:
                            images[segments] = m_a, m_b, m_c
                            begin[segments] = count
                        segments += 1
                        new = False
                    for t in range(np.uint64(j), np.uint64(stop)):
                        d_x, d_y, d_z = x - q_x[t], y - q_y[t], level - z[t]
                        found[count] = t
                        count += np.uint64(d_x * d_x + d_y * d_y + d_z * d_z < square)
        first[k + 1] = segments
    if segments <= segment_room:
        begin[segments] = count
    return (
        first,
        begin[: segments + 1],
        images[:segments],
        found[:count],
        np.int64(count),
        segments,
    )


@nb.njit(error_model="numpy", cache=True)
def _to_corner(e_a, e_b, c):
    """Square of the distance to two half planes whose normals have the cosine c."""
    near, far = min(e_a, e_b), max(e_a, e_b)
    if near <= c * far or near == 0.0:
        return far * far
    return (e_a * e_a + e_b * e_b - 2 * c * e_a * e_b) / (1 - c * c)


@nb.njit(error_model="numpy", cache=True)
def _bisect(z, low, high, value):
    """Return the first place in low ... high whose z is not below the value."""
    while low < high:
        middle = (low + high) // 2
        if z[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@nb.njit(error_model="numpy", cache=True)
def _gather(positions, order, home, h):
    r = np.empty((3, len(order)))
    for k in range(len(order)):
        for x in range(3):
            r[x, k] = positions[order[k], x] - (
                h[x, 0] * home[k, 0] + h[x, 1] * home[k, 1] + h[x, 2] * home[k, 2]
            )
    return r
