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
    >>> from mechanics.md import PairForces
    >>> from mechanics.potentials import lennard_jones
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
        :math:`F_i=-\partial U/\partial r_i`, shape ``(N, 3)``; for positions on a GPU
        an array there.
    virial
        The tensor :math:`\Xi=-\frac{\partial U}{\partial h}h^{\mathsf T}`, for pairs
        :math:`\sum_{i<j}F_{ij}\otimes r_{ij}`, shape ``(3, 3)``. With the momenta,
        the pressure is :math:`\frac1V(\sum_ip_i\otimes p_i/m_i+\Xi)`.

    Examples
    --------
    >>> from mechanics.md import PairForces
    >>> from mechanics.potentials import lennard_jones
    >>> pair = PairForces(lennard_jones(np.inf))(np.array([[0, 0, 0], [1.0, 0, 0]]))
    >>> print(pair.energy, pair.forces[1, 0], pair.virial[0, 0])
    0.0 24.0 24.0
    """

    energy: float
    forces: np.ndarray
    virial: np.ndarray


@dataclass(eq=False)
class PairForces:
    """Forces of a pair potential, from a list of neighbours.

    An instance keeps its list of neighbours from one call to the next; the results are
    the same without it, but for rounding.

    Attributes
    ----------
    potential
        Of every two atoms.
    skin
        Beyond the cut-off, for the list; 0.15 of the cut-off if left out.
    backend
        ``"numba"`` for a compiled half list on one processor, ``"cupy"`` for one thread
        an atom on a GPU. There :func:`~mechanics.md.run` keeps positions and momenta
        on the GPU, too, and fetches them for the states that it saves; only random
        numbers are drawn by the processor, so that a seed means the same noise.

    Raises
    ------
    ValueError
        For another backend, or a negative skin.
    BackendError
        If there is no GPU to use, or its memory is too small.
    CellError
        If the cut-off is above half of the smallest width of the cell.
    ForceError
        If two atoms coincide; the message names them.

    Examples
    --------
    >>> from mechanics.md import fcc
    >>> from mechanics.potentials import lennard_jones
    >>> start = fcc(density=0.8442, cells=10)
    >>> forces = PairForces(lennard_jones(cutoff=2.5))
    >>> print(f"{forces(start.positions, start.cell).energy / 4000:.7f}")
    -6.7733681
    """

    potential: PairPotential
    skin: float | None = None
    backend: str = "numba"
    neighbours: VerletList = field(init=False, repr=False)

    def __post_init__(self):
        cutoff = self.potential.cutoff
        if self.skin is None:
            self.skin = 0.15 * cutoff if np.isfinite(cutoff) else 0.0
        if self.skin < 0:
            raise ValueError(f"skin = {self.skin} is negative")
        match self.backend:
            case "numba":
                self.neighbours = VerletList(cutoff, self.skin)
            case "cupy":
                from mechanics.md.device_pairs import DeviceList

                self.neighbours = DeviceList(cutoff, self.skin)
            case _:
                raise ValueError(f"backend = {self.backend!r}: use numba or cupy")

    @property
    def machine(self):
        """The processor or the GPU, with what a step does there with all atoms."""
        return self.neighbours.machine

    def __call__(
        self, positions: np.ndarray, cell: Cell | None = None, energy: bool = True
    ) -> Interaction:
        """Evaluate energy, forces and virial.

        Parameters
        ----------
        positions
            Shape ``(N, 3)``; they need not lie in the cell. Forces come back to where
            the positions are, in the processor's memory or in that of the GPU.
        cell
            The periodic cell, ``None`` for a cluster in empty space.
        energy
            Whether energy and virial are wanted; forces alone are faster.
        """
        machine, near = self.machine, self.neighbours
        r = machine.upload(positions)
        if cell is not None:
            cell.require_range(self.potential.cutoff)
        if not near.still_good(r, cell):
            if not np.isfinite(machine.farthest(r)):
                raise ForceError(_lost(machine.download(r)))
            near.build(r, cell)
        h = np.ascontiguousarray(near._h if cell is None else cell.h)
        if self.backend == "cupy":
            from mechanics.md.device_pairs import device_forces as evaluate
        else:
            evaluate = _compiled
        U, forces, virial, finite = evaluate(self.potential, near, r, h, energy)
        if not finite:
            raise ForceError(self._why(machine.download(r), cell))
        if not machine.holds(positions):
            forces = machine.download(forces)
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


def _lost(positions) -> str:
    lost = int(np.argmin(np.isfinite(positions).all(axis=1)))
    return f"atom {lost} is lost: its position is {positions[lost]}"


def _compiled(
    potential: PairPotential, near: VerletList, r, h: np.ndarray, energy: bool
) -> tuple[float, np.ndarray, np.ndarray, bool]:
    """Return energy, forces, virial, and whether all are numbers."""
    kernel = compiled_forces(pair_source(potential), energy)
    return kernel(
        near.sorted_positions(r, h),
        near.order,
        near.first,
        near.begin,
        near.images,
        near.neighbours,
        h,
        potential.cutoff**2,
        near.largest,
    )


def pair_interaction(
    potential: PairPotential, positions: np.ndarray, cell: Cell | None = None
) -> Interaction:
    """Energy, forces and virial by whole arrays: the reference for the kernel.

    Examples
    --------
    >>> from mechanics.md import fcc
    >>> from mechanics.potentials import lennard_jones
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
