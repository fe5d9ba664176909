"""Neighbours and pair forces on a GPU: one thread an atom, and no sums between threads.

Every pair is in the list twice, once for each of its atoms, so that a thread writes to
its own atom alone and a run has the same result every time.
"""

from functools import lru_cache
from itertools import product

import numpy as np

from mechanics.md.cells import Cell
from mechanics.md.device import Device, kernel_source
from mechanics.md.neighbours import VerletList, bounding_cell
from mechanics.md.pair_source import device_pair_source
from mechanics.numerics.backends import BackendError
from mechanics.potentials import PairPotential

ATOM_BITS = 27  # of a neighbour's entry; the other five number its image
IMAGES = np.array(list(product((-1, 0, 1), repeat=3)))  # of the cell, by their numbers
MARGIN = 1 + 1e-9  # of the bins' widths, for rounding
VIRIAL = ("xx", "xy", "xz", "yy", "yz", "zz")

# The cell in which each atom lies, and its bin in there.
PLACE = kernel_source(
    "double *home, int *bin, const double *r, const double *inverse, int n_a, int n_b, "
    "int n_c",
    """\
    const int n[3] = {n_a, n_b, n_c};
    int number = 0;
    for (int x = 0; x < 3; ++x) {
        double s = inverse[3 * x] * r[3 * i] + inverse[3 * x + 1] * r[3 * i + 1]
            + inverse[3 * x + 2] * r[3 * i + 2];
        home[3 * i + x] = floor(s);
        s -= floor(s);
        const int place = (int)(s * n[x]);
        number = number * n[x] + (place < n[x] ? place : n[x] - 1);
    }
    bin[i] = number;
""",
)
# Where the atoms of each bin begin; atom `order[i]` is the one with the number i.
BEGIN = kernel_source(
    "int *begin, int *sorted_bin, const int *bin, const long long *order, int bins",
    """\
    const int own = bin[order[i]];
    sorted_bin[i] = own;
    for (int b = i > 0 ? bin[order[i - 1]] + 1 : 0; b <= own; ++b)
        begin[b] = i;
    if (i == threads - 1)
        for (int b = own + 1; b <= bins; ++b)
            begin[b] = threads;
""",
)
# Sorted positions in the cell, all x before all y before all z.
GATHER = kernel_source(
    "double *sorted_r, const double *r, const long long *order, const double *home, "
    "const double *h",
    """\
    const long long k = order[i];
    for (int x = 0; x < 3; ++x)
        sorted_r[x * threads + i] = r[3 * k + x]
            - (h[3 * x] * home[3 * k] + h[3 * x + 1] * home[3 * k + 1]
                + h[3 * x + 2] * home[3 * k + 2]);
""",
)
# The neighbours of an atom, among those of 27 bins; count says how many there are, also
# if they have no room.
COLLECT = kernel_source(
    "unsigned int *neighbours, int *count, const double *r, const int *sorted_bin, "
    "const int *begin, const double *images, double square, int room, int n_a, "
    "int n_b, int n_c",
    f"""\
    const int c = sorted_bin[i] % n_c, b = sorted_bin[i] / n_c % n_b;
    const int a = sorted_bin[i] / n_c / n_b;
    int found = 0;
    for (int u = a - 1; u <= a + 1; ++u)
    for (int v = b - 1; v <= b + 1; ++v)
    for (int w = c - 1; w <= c + 1; ++w) {{
        const int m_a = (u >= n_a) - (u < 0), m_b = (v >= n_b) - (v < 0);
        const int m_c = (w >= n_c) - (w < 0);
        const int image = (m_a + 1) * 9 + (m_b + 1) * 3 + m_c + 1;
        const int bin = ((u - m_a * n_a) * n_b + v - m_b * n_b) * n_c + w - m_c * n_c;
        const double x = r[i] - images[3 * image];
        const double y = r[threads + i] - images[3 * image + 1];
        const double z = r[2 * threads + i] - images[3 * image + 2];
        for (int j = begin[bin]; j < begin[bin + 1]; ++j) {{
            const double d_x = x - r[j], d_y = y - r[threads + j];
            const double d_z = z - r[2 * threads + j];
            if (j == i || !(d_x * d_x + d_y * d_y + d_z * d_z < square)) continue;
            if (found < room)
                neighbours[(long long)found * threads + i]
                    = (unsigned int)image << {ATOM_BITS} | (unsigned int)j;
            ++found;
        }}
    }}
    count[i] = found;
""",
)
# Rows of energies and virials, summed over some of the atoms by each thread.
ROW_SUMS = kernel_source(
    "double *sums, const double *rows, int number, int atoms",
    """\
    for (int row = 0; row < number; ++row) {
        double sum = 0.0;
        for (int k = i; k < atoms; k += threads)
            sum += rows[(long long)row * atoms + k];
        sums[row * threads + i] = sum;
    }
""",
)


@lru_cache(maxsize=64)
def force_source(potential: PairPotential, energy: bool) -> str:
    """Write a kernel that sums what the neighbours of an atom do to it.

    With ``energy``, half of each pair's energy and virial as well.
    """
    names = ("phi_i", *VIRIAL)
    start = "".join(f"double {name} = 0.0; " for name in names)
    add = "phi_i += 0.5 * phi; " + " ".join(
        f"{name} += 0.5 * push * d_{name[0]} * d_{name[1]};" for name in VIRIAL
    )
    write = " ".join(
        f"rows[{k}LL * threads + i] = {name};" for k, name in enumerate(names)
    )
    return kernel_source(
        "double *forces, double *rows, int *bad, const double *r, "
        "const unsigned int *neighbours, const int *count, const double *images, "
        "const long long *order, double square",
        f"""\
    const double x = r[i], y = r[threads + i], z = r[2 * threads + i];
    double f_x = 0.0, f_y = 0.0, f_z = 0.0;
    {start if energy else ""}
    for (int n = 0; n < count[i]; ++n) {{
        const unsigned int entry = neighbours[(long long)n * threads + i];
        const unsigned int j = entry & {(1 << ATOM_BITS) - 1}u;
        const double *const image = images + 3 * (entry >> {ATOM_BITS});
        const double d_x = x - image[0] - r[j];
        const double d_y = y - image[1] - r[threads + j];
        const double d_z = z - image[2] - r[2 * threads + j];
        const double s = d_x * d_x + d_y * d_y + d_z * d_z;
        if (!(s < square)) continue;
        double phi, push;
        pair(s, &phi, &push);
        f_x += push * d_x;
        f_y += push * d_y;
        f_z += push * d_z;
        {add if energy else ""}
    }}
    const long long k = 3 * order[i];
    forces[k] = f_x;
    forces[k + 1] = f_y;
    forces[k + 2] = f_z;
    {write if energy else ""}
    const double sum = f_x + f_y + f_z;
    if (sum - sum != 0.0) *bad = 1;  // infinite, or not a number
""",
        before=device_pair_source(potential),
    )


class DeviceList(VerletList):
    """Neighbours within the cut-off and a skin, on a GPU.

    Cut-off and skin together reach at most as far as the cell is wide, so that no
    neighbour lies beyond the next image of the cell; a larger skin is cut.
    """

    def __init__(self, cutoff: float, skin: float):
        super().__init__(cutoff, skin, machine=Device())
        self.neighbours, self._room, self._h_sent = None, 0, None

    def build(self, positions, cell: Cell | None) -> None:
        """Make the list for positions of shape ``(N, 3)``."""
        machine, cupy = self.machine, self.machine.cupy
        r = machine.upload(positions)
        atoms = len(r)
        if atoms >= 2**ATOM_BITS:
            raise BackendError(f"{atoms} atoms: at most {2**ATOM_BITS - 1} on a GPU")
        self.reach = self._start(r, cell)
        box = Cell(self._h)
        bins = _bin_counts(box.widths, self.reach, atoms)
        n = tuple(map(np.int32, bins))
        self.home, bin_of = cupy.empty((atoms, 3), float), cupy.empty(atoms, np.int32)
        machine.launch(
            PLACE, atoms, self.home, bin_of, r, machine.upload(box.inverse), *n
        )
        self.order = cupy.argsort(bin_of)  # a stable sort: the same every time
        begin = cupy.empty(int(bins.prod()) + 1, np.int32)
        sorted_bin = cupy.empty(atoms, np.int32)
        number = np.int32(bins.prod())
        machine.launch(BEGIN, atoms, begin, sorted_bin, bin_of, self.order, number)
        sorted_r = self.sorted_positions(r, self._h)
        room, square = max(self._room, min(16, atoms)), np.float64(self.reach**2)
        while True:
            self._make_room(room, atoms)
            self.count = cupy.empty(atoms, np.int32)
            lists = self.neighbours, self.count
            where = sorted_r, sorted_bin, begin, self.images
            machine.launch(COLLECT, atoms, *lists, *where, square, np.int32(room), *n)
            needed = int(machine.download(self.count).max(initial=0))
            if needed <= room:
                break
            room = int(1.1 * needed) + 4
        self._room = room
        self.builds += 1

    def _start(self, r, cell: Cell | None) -> float:
        """Note what the list belongs to, and return how far it reaches."""
        self._periodic, self._positions = cell is not None, r.copy()
        reach, self._good_skin = self.cutoff + self.skin, self.skin
        if cell is None:
            host = self.machine.download(r)
            if np.isinf(reach):
                reach = 1.0 + 2 * np.ptp(host, axis=0).max(initial=0.0)
            self._h = bounding_cell(host, reach).h
        else:
            cell.require_range(self.cutoff)
            reach = min(reach, cell.widths.min())
            self._good_skin = reach - self.cutoff
            self._h = cell.h
        return reach

    def _make_room(self, room: int, atoms: int) -> None:
        cupy = self.machine.cupy
        if self.neighbours is not None and self.neighbours.shape == (room, atoms):
            return
        self.neighbours = None  # before there is another one
        try:
            self.neighbours = cupy.empty((room, atoms), np.uint32)
        except cupy.cuda.memory.OutOfMemoryError as error:
            free, total = (size / 1e9 for size in cupy.cuda.Device().mem_info)
            raise BackendError(
                f"the list of neighbours needs {4 * room * atoms / 1e9:.3g} GB of the "
                f"GPU's memory, of whose {total:.3g} GB {free:.3g} GB are free: take "
                "fewer atoms, or a shorter cut-off"
            ) from error

    def sorted_positions(self, positions, h: np.ndarray):
        """Positions in the order of the list, as images in the cell, shape (3, N)."""
        if self._h_sent is None or not np.array_equal(h, self._h_sent):
            self._h_sent = np.array(h)
            self._lattice = self.machine.upload(h)
            self.images = self.machine.upload(IMAGES @ h.T)
        atoms = len(positions)
        sorted_r = self.machine.cupy.empty((3, atoms), float)
        self.machine.launch(
            GATHER, atoms, sorted_r, positions, self.order, self.home, self._lattice
        )
        return sorted_r

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the atoms of all pairs in the list, the smaller one first."""
        fetch = self.machine.download
        order, count, entries = map(fetch, (self.order, self.count, self.neighbours))
        n, k = np.nonzero(np.arange(len(entries))[:, None] < count)
        i, j = order[k], order[entries[n, k] & (2**ATOM_BITS - 1)]
        return i[i < j], j[i < j]


def _bin_counts(widths: np.ndarray, reach: float, atoms: int) -> np.ndarray:
    """How many bins there are along each lattice vector: not many more than atoms."""
    bins = np.clip(widths / (reach * MARGIN), 1, 1000).astype(int)
    while bins.prod() > 2 * atoms + 27:
        bins = np.maximum(bins // 2, 1)
    return bins


def device_forces(
    potential: PairPotential, near: DeviceList, r, h: np.ndarray, energy: bool
) -> tuple[float, object, np.ndarray, bool]:
    """Return energy, forces, virial, and whether all are numbers."""
    machine, cupy, atoms = near.machine, near.machine.cupy, len(r)
    forces, bad = cupy.empty((atoms, 3), float), cupy.zeros(1, np.int32)
    rows = cupy.empty((1 + len(VIRIAL), atoms if energy else 0), float)
    sorted_r = near.sorted_positions(r, h)
    machine.launch(
        force_source(potential, energy), atoms, forces, rows, bad, sorted_r,
        near.neighbours, near.count, near.images, near.order,
        np.float64(potential.cutoff**2),
    )  # fmt: skip
    total, virial = np.nan, np.full((3, 3), np.nan)
    if energy:
        number = len(rows)
        rows = machine.partial(
            ROW_SUMS, number, atoms, rows, np.int32(number), np.int32(atoms)
        )
        total, *parts = rows.sum(axis=1)
        for name, part in zip(VIRIAL, parts, strict=True):
            a, b = ("xyz".index(axis) for axis in name)
            virial[a, b] = virial[b, a] = part
    return float(total), forces, virial, not machine.download(bad)[0]
