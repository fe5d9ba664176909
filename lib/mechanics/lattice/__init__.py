"""Vibrations of crystals, beginning with chains of atoms."""

from mechanics.lattice.chains import Chain, UnstableCrystalError, bloch_transform
from mechanics.lattice.crystals import (
    CONVENTIONAL,
    Crystal,
    bcc,
    diamond,
    fcc,
    hcp,
    lattice_points,
    rocksalt,
)
from mechanics.lattice.elasticity import (
    cauchy_defect,
    cubic_elastic_constants,
    elastic_constants,
    elastic_debye_temperature,
    from_voigt,
    huang_defect,
    long_waves,
    sound_speeds,
    stress_strain_coefficients,
    to_voigt,
)
from mechanics.lattice.ewald import RigidIons, coulomb_energy
from mechanics.lattice.force_constants import (
    ForceConstants,
    rotation_defect,
    translation_defect,
)
from mechanics.lattice.fput import (
    fput_alpha,
    fput_beta,
    mode_energies,
    mode_frequencies,
    sine_modes,
    toda,
)
from mechanics.lattice.gruneisen import gruneisen_parameters
from mechanics.lattice.neighbours import CutoffError, Neighbours, neighbours
from mechanics.lattice.phonons import (
    dynamical_matrices,
    frequencies,
    group_velocities,
    modes,
    squared_frequencies,
)
from mechanics.lattice.spectra import (
    bloch_amplitudes,
    crystal_hamiltonian,
    power_spectrum,
    spectral_peak,
)
from mechanics.lattice.statics import equilibrium, lattice_sum, static_energy
from mechanics.lattice.thermodynamics import (
    count_of_states,
    debye_heat_capacity,
    debye_temperature,
    density_of_states,
    heat_capacity,
    mean_square_displacements,
)
from mechanics.lattice.wavevectors import QMesh, QPath, q_mesh, q_path, special_points

__all__ = [
    "CONVENTIONAL",
    "Chain",
    "Crystal",
    "CutoffError",
    "ForceConstants",
    "Neighbours",
    "QMesh",
    "QPath",
    "RigidIons",
    "UnstableCrystalError",
    "bcc",
    "bloch_amplitudes",
    "bloch_transform",
    "cauchy_defect",
    "coulomb_energy",
    "count_of_states",
    "crystal_hamiltonian",
    "cubic_elastic_constants",
    "debye_heat_capacity",
    "debye_temperature",
    "density_of_states",
    "diamond",
    "dynamical_matrices",
    "elastic_constants",
    "elastic_debye_temperature",
    "equilibrium",
    "fcc",
    "fput_alpha",
    "fput_beta",
    "frequencies",
    "from_voigt",
    "group_velocities",
    "gruneisen_parameters",
    "hcp",
    "heat_capacity",
    "huang_defect",
    "lattice_points",
    "lattice_sum",
    "long_waves",
    "mean_square_displacements",
    "mode_energies",
    "mode_frequencies",
    "modes",
    "neighbours",
    "power_spectrum",
    "q_mesh",
    "q_path",
    "rocksalt",
    "rotation_defect",
    "sine_modes",
    "sound_speeds",
    "special_points",
    "spectral_peak",
    "squared_frequencies",
    "static_energy",
    "stress_strain_coefficients",
    "to_voigt",
    "toda",
    "translation_defect",
]
