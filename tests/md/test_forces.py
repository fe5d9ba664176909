"""Energies, forces and stresses, against other programs and by their definitions."""

from pathlib import Path

import numpy as np
import pytest

from mechanics.md import (
    Cell,
    CellError,
    ForceError,
    PairForces,
    State,
    calculator,
    configurational_temperature,
    fcc,
    from_atoms,
    pair_interaction,
    read_trajectory,
    to_atoms,
    write_trajectory,
)
from mechanics.potentials import (
    buckingham,
    lennard_jones,
    morse,
    soft_sphere,
    weeks_chandler_andersen,
)

LAMMPS_IN_LJ = -6.7733681  # E/N at step 0 of LAMMPS bench/in.lj, from its log


def shaken(start, size=0.08, seed=0):
    rng = np.random.default_rng(seed)
    return start.positions + rng.normal(0, size, start.positions.shape)


def test_start_of_the_lammps_benchmark():
    start = fcc(0.8442, 10)
    found = PairForces(lennard_jones(2.5))(start.positions, start.cell)
    assert start.atoms == 4000
    assert abs(found.energy / 4000 - LAMMPS_IN_LJ) < 1e-7
    # control: the shifted potential has other energies
    shifted = pair_interaction(
        lennard_jones(2.5, "shifted"), start.positions, start.cell
    )
    assert abs(shifted.energy / 4000 - LAMMPS_IN_LJ) > 0.1


# NIST's table (nist_srsw in references.bib): U and W = -sum of r dV/dr over all pairs
# of its configuration 4, and the long-range correction of U for the thirty atoms
NIST = Path(__file__).with_name("data") / "nist_lennard_jones_4.txt"
NIST_TABLE = [
    (lennard_jones(3.0), "-1.6790E+01", "-4.6249E+01", "-5.4517E-01"),
    (lennard_jones(4.0), "-1.7060E+01", "-4.7869E+01", "-2.3008E-01"),
    (lennard_jones(3.0, "force-shifted"), "-1.5001E+01", "-4.3096E+01", None),
]


@pytest.mark.parametrize(("potential", "energy", "virial", "tail"), NIST_TABLE)
def test_reference_calculation_of_nist(potential, energy, virial, tail):
    """All digits that are published."""
    r, cell = np.loadtxt(NIST), Cell.cubic(8.0)
    for found in (
        PairForces(potential)(r, cell),
        pair_interaction(potential, r, cell),
    ):
        assert f"{found.energy:.4E}" == energy
        assert f"{np.trace(found.virial):.4E}" == virial
    if tail:
        assert f"{30 * potential.tail_energy(30 / 8**3):.4E}" == tail
    # control: without periodic images, or with the other truncation, digits change
    assert f"{pair_interaction(potential, r).energy:.4E}" != energy
    shifted = lennard_jones(potential.cutoff, "shifted")
    assert f"{pair_interaction(shifted, r, cell).energy:.4E}" != energy


def test_reference_calculation_of_nist_to_the_last_digit():
    """The numbers to which NIST holds its own program FEASST in its tests."""
    r, phi = np.loadtxt(NIST), lennard_jones(3.0)
    found = PairForces(phi)(r, Cell.cubic(8.0))
    assert abs(found.energy - -16.790321304625856) < 1e-13
    assert abs(30 * phi.tail_energy(30 / 8**3) - -0.5451660014945704) < 1e-14


@pytest.mark.parametrize("periodic", [True, False])
def test_energies_and_forces_agree_with_ase(periodic):
    from ase.calculators.lj import LennardJones

    atoms = to_atoms(fcc(0.8442, 4))
    atoms.positions = shaken(fcc(0.8442, 4), 0.1, seed=7)
    if periodic:
        atoms.cell[:] += np.array([[0, 0, 0], [0.9, 0, 0], [0.3, -0.4, 0]])
    else:
        atoms.pbc = False
    atoms.calc = LennardJones(sigma=1.0, epsilon=1.0, rc=2.5, smooth=False)
    theirs = [atoms.get_potential_energy(), atoms.get_forces()]
    atoms.calc = calculator(lennard_jones(2.5, "shifted"))  # ASE's own convention
    ours = [atoms.get_potential_energy(), atoms.get_forces()]
    assert np.isclose(ours[0], theirs[0], rtol=1e-12)
    assert np.allclose(ours[1], theirs[1], rtol=0, atol=1e-10 * abs(theirs[1]).max())
    if periodic:
        atoms.calc = LennardJones(sigma=1.0, epsilon=1.0, rc=2.5, smooth=False)
        stress = atoms.get_stress()
        atoms.calc = calculator(lennard_jones(2.5, "shifted"))
        assert np.allclose(atoms.get_stress(), stress, atol=1e-12 * abs(stress).max())


@pytest.mark.parametrize(
    "potential",
    [lennard_jones(2.5, "force-shifted"), buckingham(2.5, A=1e4, B=9, C=2)],
    ids=lambda p: p.name,
)
def test_kernels_agree_with_whole_arrays(potential):
    start = fcc(0.8, 5)
    skewed = Cell(start.cell.h + np.array([[0, 1.1, -0.7], [0, 0, 0.9], [0, 0, 0]]))
    r = shaken(start) @ (skewed.h @ start.cell.inverse).T
    expected = pair_interaction(potential, r, skewed)
    forces = PairForces(potential)
    scale = abs(expected.forces).max()
    for energy in (True, False):
        found = forces(r, skewed, energy)
        assert np.allclose(found.forces, expected.forces, rtol=0, atol=1e-13 * scale)
        assert abs(found.forces.sum(axis=0)).max() < 1e-13 * scale * len(r)
    found = forces(r, skewed)
    assert np.isclose(found.energy, expected.energy, rtol=1e-13)
    assert np.allclose(found.virial, expected.virial, rtol=0, atol=1e-12 * scale * 500)


@pytest.mark.parametrize(
    "potential",
    [
        lennard_jones(2.4, "force-shifted"),
        morse(2.2, "force-shifted", a=4.0, r_0=1.1),
        buckingham(2.2, "force-shifted", A=1e4, B=9, C=2),
        soft_sphere(2.2, "force-shifted", n=9),
        weeks_chandler_andersen(),
    ],
    ids=lambda p: p.name,
)
def test_forces_and_virial_are_derivatives(potential):
    start = fcc(0.8, 4)
    r, h = shaken(start, seed=2), 1e-5

    def energy(positions, cell=start.cell):
        return pair_interaction(potential, positions, cell).energy

    found = pair_interaction(potential, r, start.cell)
    for atom, axis in ((0, 0), (17, 1), (200, 2)):
        move = np.zeros_like(r)
        move[atom, axis] = h
        slope = (energy(r + move) - energy(r - move)) / (2 * h)
        assert np.isclose(found.forces[atom, axis], -slope, rtol=1e-6, atol=1e-5)
    for a, b in ((0, 0), (0, 1), (2, 1)):
        strain = np.zeros((3, 3))
        strain[a, b] = h
        sides = [
            energy(r @ F.T, Cell(F @ start.cell.h))
            for F in (np.eye(3) + strain, np.eye(3) - strain)
        ]
        slope = -(sides[0] - sides[1]) / (2 * h)
        assert np.isclose(found.virial[a, b], slope, rtol=1e-5, atol=1e-3)


def test_configurational_temperature_of_a_known_distribution():
    """Two atoms on a line in r, drawn from Boltzmann's distribution by hand."""
    phi, kT = soft_sphere(4.0, "force-shifted"), 0.7
    r = np.linspace(0.75, 3.999, 20_000)
    weight = np.exp(-phi.energy(r) / kT) * r**2
    square = (weight * phi.slope(r) ** 2).sum()
    laplacian = (weight * (phi.curvature(r) + 2 * phi.slope(r) / r)).sum()
    assert np.isclose(square / laplacian, kT, rtol=1e-3)
    pair = State([[0, 0, 0], [1.1, 0, 0]], np.zeros((2, 3)), [1, 1])
    expected = phi.slope(1.1) ** 2 / (phi.curvature(1.1) + 2 * phi.slope(1.1) / 1.1)
    assert np.isclose(configurational_temperature(pair, phi), expected, rtol=1e-12)


def test_bad_input_is_named():
    phi = lennard_jones(2.5)
    with pytest.raises(ForceError, match="atoms 3 and 8 are 0 apart"):
        r = fcc(0.8442, 4).positions.copy()
        r[8] = r[3]
        PairForces(phi)(r, fcc(0.8442, 4).cell)
    with pytest.raises(CellError, match=r"cut-off 2\.5 is above half"):
        PairForces(phi)(fcc(0.8442, 2).positions, fcc(0.8442, 2).cell)
    with pytest.raises(ForceError, match="atom 1 is lost"):
        PairForces(phi)(np.array([[0, 0, 0], [np.nan, 0, 0]]))


def test_states_survive_ase_and_files(tmp_path):
    start = fcc(0.9, 3, mass=39.95).thermal(1.3, np.random.default_rng(0))
    again = from_atoms(to_atoms(start))
    for name in ("positions", "momenta", "masses"):
        assert np.allclose(getattr(again, name), getattr(start, name), rtol=1e-14)
    assert np.allclose(again.cell.h, start.cell.h, rtol=1e-14)
    write_trajectory(tmp_path / "t.xyz", [start, start])
    (_, last) = read_trajectory(tmp_path / "t.xyz")
    assert np.allclose(last.positions, start.positions, atol=1e-7)
    assert np.allclose(last.momenta, start.momenta, atol=1e-7)
    start.save(tmp_path / "s.npz")
    exact = State.load(tmp_path / "s.npz")
    assert np.array_equal(exact.momenta, start.momenta)
    assert np.array_equal(exact.cell.h, start.cell.h)
    atoms = to_atoms(start)
    atoms.pbc = [True, False, True]
    with pytest.raises(ValueError, match="in all directions or in none"):
        from_atoms(atoms)
