"""Phonons: wavevectors per processor second, against phonopy on the same springs.

Both diagonalize the dynamical matrices of the same random wavevectors, in double
precision, in turn, in one process that is bound to one processor; their frequencies are
compared first. ``--quick`` takes fewer wavevectors.
"""

import os
import sys

# one thread each: set before the libraries start theirs
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
from phonopy import Phonopy  # noqa: E402
from phonopy.structure.atoms import PhonopyAtoms  # noqa: E402
from side_by_side import on_one_processor, race, record, table  # noqa: E402

from mechanics.lattice import (  # noqa: E402
    ForceConstants,
    diamond,
    fcc,
    frequencies,
    squared_frequencies,
)

POINTS = 2_000 if "--quick" in sys.argv else 20_000
CELLS = 4  # the supercell of phonopy's force constants, along each edge
OURS = "mechanics, whole arrays"
CRYSTALS = {  # force constants and how many times faster we mean to be
    "fcc": (ForceConstants.from_springs(fcc(3.6, 63.5, "Cu"), [1.7, 0.1]), 2.0),
    "diamond": (ForceConstants.from_springs(diamond(5.4, 28.1, "Si"), [7.0, 0.4]), 3.0),
}


def in_phonopy(fc: ForceConstants) -> Phonopy:
    """The same crystal for phonopy, with force constants folded into a supercell."""
    crystal = fc.crystal
    atoms = PhonopyAtoms(
        symbols=list(crystal.species),
        cell=crystal.cell,
        scaled_positions=crystal.positions,
        masses=crystal.masses,
    )
    phonon = Phonopy(
        atoms, np.diag([CELLS] * 3), primitive_matrix=np.eye(3), is_symmetry=False
    )
    places = phonon.supercell.scaled_positions * CELLS
    of = {int(p): a for a, p in enumerate(phonon.primitive.p2s_map)}
    basis = np.array([of[int(p)] for p in phonon.primitive.s2p_map])
    cells = np.rint(places - crystal.positions[basis]).astype(int) % CELLS
    listed = enumerate(zip(basis, cells.tolist(), strict=True))
    index = {(b, *cell): j for j, (b, cell) in listed}
    folded = np.zeros((crystal.atoms, len(places), 3, 3))
    for (a, b), cell, block in zip(fc.pairs, fc.cells, fc.blocks, strict=True):
        folded[a, index[(b, *(cell % CELLS).tolist())]] += block
    phonon.force_constants = folded
    return phonon


def contestants(fc: ForceConstants) -> dict:
    """Ours and phonopy's two ways, on the same wavevectors."""
    phonon = in_phonopy(fc)
    fractions = np.random.default_rng(1).uniform(-0.5, 0.5, (POINTS, 3))
    q = fc.crystal.wavevectors(fractions)
    side = round(np.cbrt(POINTS))

    phonon.run_qpoints(fractions[:100])
    theirs, ours = phonon.qpoints.frequencies, frequencies(fc, q[:100])
    unit = (theirs / ours).mean()
    assert np.allclose(theirs, unit * ours, rtol=1e-8)

    def with_mechanics():
        squared_frequencies(fc, q)
        return POINTS

    def with_points():
        phonon.run_qpoints(fractions)
        return POINTS

    def with_mesh():
        phonon.run_mesh([side] * 3, is_mesh_symmetry=False, is_gamma_center=True)
        return side**3

    return {
        OURS: with_mechanics,
        "phonopy, run_qpoints": with_points,
        "phonopy, run_mesh": with_mesh,
    }


def main() -> int:
    """Print the tables, record them, and say whether the targets are met."""
    on_one_processor()
    rows, missed = [], []
    for name, (fc, target) in CRYSTALS.items():
        rates = race(contestants(fc))
        table(name, "wavevectors per processor second; ratio", rates, OURS)
        fastest = max(rate for who, rate in rates.items() if who != OURS)
        if rates[OURS] < target * fastest:
            missed.append(name)
        rows.append({"system": name, "rates": rates})
    record("phonons", rows)
    print("\nmissed:", ", ".join(missed) or "nothing")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
