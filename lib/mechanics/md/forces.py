"""Energies, forces and stresses of atoms that act on each other in pairs."""

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numba as nb
import numpy as np

from mechanics.md.cells import Cell
from mechanics.md.neighbours import VerletList, neighbour_pairs
from mechanics.md.pair_source import pair_source
from mechanics.numerics.elementary import IN_LANES, fma
from mechanics.potentials import PairPotential

FAST = {"reassoc", "contract", "nsz"}  # but numbers that are none stay what they are


class ForceError(RuntimeError):
    """Forces that are no numbers, from atoms that lie on top of each other.

    Examples
    --------
    >>> from mechanics.md import PairForces, lennard_jones
    >>> PairForces(lennard_jones(np.inf))(np.zeros((2, 3)))
    Traceback (most recent call last):
        ...
    mechanics.md.forces.ForceError: the forces are not finite: atoms 0 and 1 are 0
    apart; move them apart before the run, or take a smaller step
    """


@dataclass(frozen=True, eq=False)
class Interaction:
    r"""What a configuration of atoms has: energy, forces and virial.

    Attributes
    ----------
    energy
        :math:`U`.
    forces
        :math:`F_i=-\partial U/\partial r_i`, shape ``(N, 3)``.
    virial
        The tensor :math:`\Xi=-\frac{\partial U}{\partial h}h^{\mathsf T}`, for pairs
        :math:`\sum_{i<j}F_{ij}\otimes r_{ij}`, shape ``(3, 3)``. With the momenta,
        the pressure is :math:`\frac1V(\sum_ip_i\otimes p_i/m_i+\Xi)`.

    Examples
    --------
    >>> from mechanics.md import PairForces, lennard_jones
    >>> pair = PairForces(lennard_jones(np.inf))(np.array([[0, 0, 0], [1.0, 0, 0]]))
    >>> print(pair.energy, pair.forces[1, 0], pair.virial[0, 0])
    0.0 24.0 24.0
    """

    energy: float
    forces: np.ndarray
    virial: np.ndarray


@dataclass(eq=False)
class PairForces:
    """Forces of a pair potential, from a compiled half list.

    An instance keeps its list of neighbours from one call to the next; the results are
    the same without it, but for rounding.

    Attributes
    ----------
    potential
        Of every two atoms.
    skin
        Beyond the cut-off, for the list; 0.15 of the cut-off if left out.

    Raises
    ------
    CellError
        If the cut-off is above half of the smallest width of the cell.
    ForceError
        If two atoms coincide; the message names them.

    Examples
    --------
    >>> from mechanics.md import fcc, lennard_jones
    >>> start = fcc(density=0.8442, cells=10)
    >>> forces = PairForces(lennard_jones(cutoff=2.5))
    >>> print(f"{forces(start.positions, start.cell).energy / 4000:.7f}")
    -6.7733681
    """

    potential: PairPotential
    skin: float | None = None
    neighbours: VerletList = field(init=False, repr=False)

    def __post_init__(self):
        cutoff = self.potential.cutoff
        if self.skin is None:
            self.skin = 0.15 * cutoff if np.isfinite(cutoff) else 0.0
        if self.skin < 0:
            raise ValueError(f"skin = {self.skin} is negative")
        self.neighbours = VerletList(cutoff, self.skin)

    def __call__(
        self, positions: np.ndarray, cell: Cell | None = None, energy: bool = True
    ) -> Interaction:
        """Evaluate energy, forces and virial.

        Parameters
        ----------
        positions
            Shape ``(N, 3)``; they need not lie in the cell.
        cell
            The periodic cell, ``None`` for a cluster in empty space.
        energy
            Whether energy and virial are wanted; forces alone are faster.
        """
        positions = np.ascontiguousarray(positions, float)
        if cell is not None:
            cell.require_range(self.potential.cutoff)
        near = self.neighbours
        if not near.still_good(positions, cell):
            _require_finite(positions)
            near.build(positions, cell)
        h = np.ascontiguousarray(near._h if cell is None else cell.h)
        kernel = compiled_forces(pair_source(self.potential), energy)
        U, forces, virial, finite = kernel(
            near.sorted_positions(positions, h),
            near.order,
            near.first,
            near.begin,
            near.images,
            near.neighbours,
            h,
            self.potential.cutoff**2,
            near.largest,
        )
        if not finite:
            raise ForceError(self._why(positions, cell))
        return Interaction(U if energy else np.nan, forces, virial)

    def forget(self) -> None:
        """Make the next list of neighbours from the positions alone."""
        self.neighbours.forget()

    def _why(self, positions, cell) -> str:
        reach = min(self.potential.cutoff, 1.0 + np.ptp(positions))
        if cell is not None:
            reach = min(reach, cell.widths.min() / 2)
        i, j, d = neighbour_pairs(positions, cell, reach)
        r = np.linalg.norm(d, axis=1)
        k = int(r.argmin())
        return (
            f"the forces are not finite: atoms {i[k]} and {j[k]} are {r[k]:.3g} apart; "
            "move them apart before the run, or take a smaller step"
        )


def _require_finite(positions) -> None:
    finite = np.isfinite(positions).all(axis=1)
    if not finite.all():
        lost = int(np.argmin(finite))
        raise ForceError(f"atom {lost} is lost: its position is {positions[lost]}")


def pair_interaction(
    potential: PairPotential, positions: np.ndarray, cell: Cell | None = None
) -> Interaction:
    """Energy, forces and virial by whole arrays: the reference for the kernel.

    Examples
    --------
    >>> from mechanics.md import fcc, lennard_jones
    >>> start, phi = fcc(density=0.8442, cells=4), lennard_jones(cutoff=2.5)
    >>> there = pair_interaction(phi, start.positions, start.cell)
    >>> print(f"{there.energy / 256:.7f}")
    -6.7733681
    """
    if cell is not None:
        cell.require_range(potential.cutoff)
    reach = min(potential.cutoff, 1.0 + 2 * np.ptp(positions))
    i, j, d = neighbour_pairs(positions, cell, reach)
    r = np.linalg.norm(d, axis=1)
    push = (-potential.slope(r) / r)[:, None] * d
    forces = np.zeros(np.shape(positions))
    np.add.at(forces, i, push)
    np.add.at(forces, j, -push)
    return Interaction(float(potential.energy(r).sum()), forces, push.T @ d)


@lru_cache(maxsize=64)
def compiled_forces(source: str, energy: bool):  # noqa: PLR0915 (one loop)
    """Compile the loop over a list, with or without the energy.

    Three passes for each atom. The first collects the neighbours within the cut-off
    in a buffer, without a branch; the second turns distances into forces, without
    gathering, so that the compiler makes vector instructions of it; the third hands
    the neighbours their share.
    """
    space = {"math": math, "fma": fma, **IN_LANES}
    exec(compile(source, "<pair>", "exec"), space)
    pair = nb.njit(error_model="numpy")(space["pair"])

    def kernel(r, order, first, begin, images, neighbours, h, square, largest):
        n = len(order)
        r_x, r_y, r_z = r[0], r[1], r[2]
        forces, total, virial = np.zeros((n, 3)), 0.0, np.zeros((3, 3))
        buffer, who = np.ones((3, largest + 8)), np.empty(largest + 8, np.uint32)
        d_x, d_y, d_z = buffer[0], buffer[1], buffer[2]
        for i in range(n):
            found = np.uint64(0)
            for segment in range(first[i], first[i + 1]):
                a, b, c = images[segment]
                x = r_x[i] - (h[0, 0] * a + h[0, 1] * b + h[0, 2] * c)
                y = r_y[i] - (h[1, 0] * a + h[1, 1] * b + h[1, 2] * c)
                z = r_z[i] - (h[2, 0] * a + h[2, 1] * b + h[2, 2] * c)
                for neighbour in neighbours[begin[segment] : begin[segment + 1]]:
                    j = np.uint32(neighbour)
                    u, v, w = x - r_x[j], y - r_y[j], z - r_z[j]
                    d_x[found], d_y[found], d_z[found] = u, v, w
                    who[found] = j
                    found += np.uint64(u * u + v * v + w * w < square)
            count = np.int64(found)  # whole vectors: no rest to be done one by one
            count = count if energy else (count + 3) // 4 * 4
            f_x, f_y, f_z = 0.0, 0.0, 0.0
            for k in range(count):
                u, v, w = d_x[k], d_y[k], d_z[k]
                phi, push = pair(u * u + v * v + w * w)
                push = push if k < np.int64(found) else 0.0
                p_x, p_y, p_z = push * u, push * v, push * w
                f_x += p_x
                f_y += p_y
                f_z += p_z
                if energy:
                    total += phi
                    virial[0, 0] += p_x * u
                    virial[0, 1] += p_x * v
                    virial[0, 2] += p_x * w
                    virial[1, 1] += p_y * v
                    virial[1, 2] += p_y * w
                    virial[2, 2] += p_z * w
                d_x[k], d_y[k], d_z[k] = p_x, p_y, p_z
            forces[i, 0] += f_x
            forces[i, 1] += f_y
            forces[i, 2] += f_z
            for k in range(found):
                j = who[k]
                forces[j, 0] -= d_x[k]
                forces[j, 1] -= d_y[k]
                forces[j, 2] -= d_z[k]
        virial[1, 0], virial[2, 0] = virial[0, 1], virial[0, 2]
        virial[2, 1] = virial[1, 2]
        result, check = np.empty((n, 3)), total - total
        for i in range(n):
            result[order[i]] = forces[i]
            for x in range(3):
                check += forces[i, x] - forces[i, x]  # zero, or not a number
        return total, result, virial, check == 0.0

    return nb.njit(error_model="numpy", fastmath=FAST)(kernel)
