"""Molecular dynamics: many atoms, thermostats, constraints, cells that move, spins."""

from mechanics.md.barostats import AndersenBarostat, ParrinelloRahman
from mechanics.md.cells import Cell, CellError
from mechanics.md.constraints import ConstraintError, RigidBonds
from mechanics.md.forces import ForceError, Interaction, PairForces, pair_interaction
from mechanics.md.io import (
    calculator,
    from_atoms,
    read_trajectory,
    to_atoms,
    write_trajectory,
)
from mechanics.md.neighbours import VerletList, neighbour_pairs
from mechanics.md.observables import (
    Average,
    block_average,
    configurational_temperature,
    coordination_numbers,
    mean_square_displacement,
    pressure,
    radial_distribution,
    velocity_autocorrelation,
    velocity_spectrum,
)
from mechanics.md.simulation import (
    Recording,
    SimulationError,
    degrees_of_freedom,
    run,
)
from mechanics.md.spins import spin_lattice
from mechanics.md.states import State, crystal, fcc
from mechanics.md.statistics import (
    Deviation,
    ensemble_pair_deviation,
    equipartition_deviations,
    ergodicity_deviation,
    kinetic_energy_deviation,
)
from mechanics.md.thermostats import (
    Rule,
    Thermostat,
    andersen,
    berendsen,
    in_turn,
    isokinetic,
    langevin,
    newton,
    nose_hoover,
    stochastic_rescaling,
    velocity_rescaling,
)

__all__ = [
    "AndersenBarostat",
    "Average",
    "Cell",
    "CellError",
    "ConstraintError",
    "Deviation",
    "ForceError",
    "Interaction",
    "PairForces",
    "ParrinelloRahman",
    "Recording",
    "RigidBonds",
    "Rule",
    "SimulationError",
    "State",
    "Thermostat",
    "VerletList",
    "andersen",
    "berendsen",
    "block_average",
    "calculator",
    "configurational_temperature",
    "coordination_numbers",
    "crystal",
    "degrees_of_freedom",
    "ensemble_pair_deviation",
    "equipartition_deviations",
    "ergodicity_deviation",
    "fcc",
    "from_atoms",
    "in_turn",
    "isokinetic",
    "kinetic_energy_deviation",
    "langevin",
    "mean_square_displacement",
    "neighbour_pairs",
    "newton",
    "nose_hoover",
    "pair_interaction",
    "pressure",
    "radial_distribution",
    "read_trajectory",
    "run",
    "spin_lattice",
    "stochastic_rescaling",
    "to_atoms",
    "velocity_autocorrelation",
    "velocity_rescaling",
    "velocity_spectrum",
    "write_trajectory",
]
