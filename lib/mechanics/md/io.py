"""To and from ASE: structures, trajectories, and a calculator for its users."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mechanics.md.cells import Cell
from mechanics.md.forces import PairForces
from mechanics.md.states import State
from mechanics.numerics.optional import optional
from mechanics.potentials import PairPotential


def from_atoms(atoms) -> State:
    """Make a state of an :class:`ase.Atoms`, in its units.

    Raises
    ------
    ValueError
        If it is periodic in some directions only.

    Examples
    --------
    >>> from ase.build import bulk
    >>> copper = from_atoms(bulk("Cu", cubic=True))
    >>> copper.atoms, round(copper.cell.volume, 2)
    (4, 47.05)
    """
    if atoms.pbc.any() and not atoms.pbc.all():
        raise ValueError(
            f"pbc = {atoms.pbc}: a cell here is periodic in all directions or in none"
        )
    cell = Cell(np.asarray(atoms.cell).T) if atoms.pbc.all() else None
    return State(atoms.positions, atoms.get_momenta(), atoms.get_masses(), cell)


def to_atoms(state: State, symbols: str | list[str] = "Ar"):
    """Make an :class:`ase.Atoms` of a state.

    Parameters
    ----------
    symbols
        Chemical symbols: one for all atoms, or one for each.

    Examples
    --------
    >>> from mechanics.md import fcc
    >>> to_atoms(fcc(1.0, 2)).get_chemical_formula()
    'Ar32'
    """
    ase = optional("ase", "materials")
    names = [symbols] * state.atoms if isinstance(symbols, str) else symbols
    periodic = state.cell is not None
    return ase.Atoms(
        names,
        positions=state.positions,
        momenta=state.momenta,
        masses=state.masses,
        cell=state.cell.h.T if periodic else None,
        pbc=periodic,
    )


def write_trajectory(
    path: str | Path, states: Iterable[State], symbols: str | list[str] = "Ar"
) -> None:
    """Write states as an extended XYZ file, with momenta, masses, cell and time.

    Examples
    --------
    >>> import tempfile
    >>> from mechanics.md import fcc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_trajectory(f"{folder}/two.xyz", [fcc(1.0, 2), fcc(1.1, 2)])
    ...     len(read_trajectory(f"{folder}/two.xyz"))
    2
    """
    optional("ase", "materials")
    from ase.io import write

    images = []
    for state in states:
        atoms = to_atoms(state, symbols)
        atoms.info.update(time=state.time, step=state.step)
        images.append(atoms)
    columns = ["symbols", "positions", "momenta", "masses"]
    write(path, images, format="extxyz", columns=columns)


def read_trajectory(path: str | Path) -> list[State]:
    """Read the states of an extended XYZ file, to the digits that it holds."""
    optional("ase", "materials")
    from dataclasses import replace

    from ase.io import read

    return [
        replace(
            from_atoms(atoms),
            time=float(atoms.info.get("time", 0.0)),
            step=int(atoms.info.get("step", 0)),
        )
        for atoms in read(path, index=":", format="extxyz")
    ]


def calculator(potential: PairPotential):
    """Make an ASE calculator of a pair potential: energy, forces and stress.

    Examples
    --------
    >>> from mechanics.md import fcc
    >>> from mechanics.potentials import lennard_jones
    >>> atoms = to_atoms(fcc(0.8442, 4))
    >>> atoms.calc = calculator(lennard_jones(2.5))
    >>> print(f"{atoms.get_potential_energy() / len(atoms):.7f}")
    -6.7733681
    """
    optional("ase", "materials")
    from ase.calculators.calculator import Calculator, all_changes
    from ase.stress import full_3x3_to_voigt_6_stress

    class PairCalculator(Calculator):
        """Pair forces behind ASE's interface."""

        implemented_properties = ("energy", "forces", "stress")

        def __init__(self):
            super().__init__()
            self.pair_forces = PairForces(potential)

        def calculate(self, atoms=None, properties=None, system_changes=all_changes):
            super().calculate(atoms, properties, system_changes)
            state = from_atoms(self.atoms)
            found = self.pair_forces(state.positions, state.cell)
            self.results = {"energy": found.energy, "forces": found.forces}
            if state.cell is not None:
                stress = -found.virial / state.cell.volume
                self.results["stress"] = full_3x3_to_voigt_6_stress(stress)

    return PairCalculator()
