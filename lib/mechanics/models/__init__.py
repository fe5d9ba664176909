"""The textbook systems, each a few lines that return a symbolic system.

===================  ===============================================================
module               systems
===================  ===============================================================
``particles``        free, in potentials and fields of force, two bodies, blocks
``pendulums``        simple, double, spherical, driven; beads on hoops
``oscillators``      harmonic, driven, coupled, anharmonic
``wires``            beads on wires, particles on surfaces
``rolling``          disk, wheel, skate: constraints on velocities
``tops``             the heavy top
``charges``          in electromagnetic fields, slow and relativistic
``materials``        chains, polymers, thermostats, cells
``fields``           string, membrane, beam, scalar and electromagnetic fields
===================  ===============================================================

A new system belongs to the module of its kind, and into the list below.
"""

from mechanics.models.charges import (
    charged_particle,
    relativistic_charged_particle,
    relativistic_particle,
)
from mechanics.models.fields import (
    euler_bernoulli_beam,
    klein_gordon,
    maxwell,
    membrane,
    sine_gordon,
    vibrating_string,
)
from mechanics.models.materials import (
    fput_chain,
    harmonic_ring,
    isokinetic,
    particle_in_cell,
    rigid_bond_polymer,
)
from mechanics.models.oscillators import (
    driven_damped_oscillator,
    duffing_oscillator,
    harmonic_oscillator,
    henon_heiles,
    oscillator_of_varying_frequency,
    quartic_oscillator,
    two_masses_three_springs,
)
from mechanics.models.particles import (
    atwood,
    block_on_incline,
    central_potential,
    diatomic,
    kepler,
    particle,
    particle_in_cylindrical_coordinates,
    particle_in_spherical_coordinates,
    planar_oscillator,
    pulled_box,
    two_body,
)
from mechanics.models.pendulums import (
    bead_on_rotating_hoop,
    bead_with_hoop_forces,
    coupled_pendulums,
    double_pendulum,
    driven_pendulum,
    n_link_pendulum,
    pendulum,
    pendulum_of_varying_length,
    pendulum_with_tension,
    rotating_pendulum,
    spherical_pendulum,
)
from mechanics.models.rolling import (
    rolling_disk,
    rolling_wheel,
    skate_on_slope,
)
from mechanics.models.tops import HeavyTop
from mechanics.models.wires import (
    bead_on_cycloid,
    bead_on_rotating_wire,
    particle_on_cylinder,
    particle_on_paraboloid,
)

__all__ = [
    "HeavyTop",
    "atwood",
    "bead_on_cycloid",
    "bead_on_rotating_hoop",
    "bead_on_rotating_wire",
    "bead_with_hoop_forces",
    "block_on_incline",
    "central_potential",
    "charged_particle",
    "coupled_pendulums",
    "diatomic",
    "double_pendulum",
    "driven_damped_oscillator",
    "driven_pendulum",
    "duffing_oscillator",
    "euler_bernoulli_beam",
    "fput_chain",
    "harmonic_oscillator",
    "harmonic_ring",
    "henon_heiles",
    "isokinetic",
    "kepler",
    "klein_gordon",
    "maxwell",
    "membrane",
    "n_link_pendulum",
    "oscillator_of_varying_frequency",
    "particle",
    "particle_in_cell",
    "particle_in_cylindrical_coordinates",
    "particle_in_spherical_coordinates",
    "particle_on_cylinder",
    "particle_on_paraboloid",
    "pendulum",
    "pendulum_of_varying_length",
    "pendulum_with_tension",
    "planar_oscillator",
    "pulled_box",
    "quartic_oscillator",
    "relativistic_charged_particle",
    "relativistic_particle",
    "rigid_bond_polymer",
    "rolling_disk",
    "rolling_wheel",
    "rotating_pendulum",
    "sine_gordon",
    "skate_on_slope",
    "spherical_pendulum",
    "two_body",
    "two_masses_three_springs",
    "vibrating_string",
]
