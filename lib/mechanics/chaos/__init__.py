"""Order and chaos: exponents, alignment, periodic orbits, frequencies, separatrices.

====================================================  ==============================
question                                              module
====================================================  ==============================
How fast do neighbours separate, in all directions?   ``lyapunov``
Which starts of a million are regular?                ``alignment``
Which frequencies are in a motion?                    ``frequency_analysis``
Where does an orbit close, and is it stable?          ``periodic_orbits``
How does it change with a parameter?                  ``continuation``
What do twist maps and chains of atoms share?         ``twist_maps``
Does the last torus still stand?                      ``residues``
Does a separatrix split?                              ``melnikov``
====================================================  ==============================
"""

from mechanics.chaos.alignment import Alignment, sali
from mechanics.chaos.continuation import NewtonError, continuation
from mechanics.chaos.frequency_analysis import Spectrum, frequency_analysis
from mechanics.chaos.lyapunov import LyapunovSpectrum, lyapunov_spectrum
from mechanics.chaos.melnikov import (
    fourier_integral,
    melnikov_integrand,
    separatrix_integral,
)
from mechanics.chaos.periodic_orbits import PeriodicOrbit, periodic_orbit
from mechanics.chaos.residues import residue, residue_threshold
from mechanics.chaos.twist_maps import (
    Fixed,
    Mirror,
    TwistMap,
    chain_equilibrium,
    standard_map,
    symmetric_orbit,
)

__all__ = [
    "Alignment",
    "Fixed",
    "LyapunovSpectrum",
    "Mirror",
    "NewtonError",
    "PeriodicOrbit",
    "Spectrum",
    "TwistMap",
    "chain_equilibrium",
    "continuation",
    "fourier_integral",
    "frequency_analysis",
    "lyapunov_spectrum",
    "melnikov_integrand",
    "periodic_orbit",
    "residue",
    "residue_threshold",
    "sali",
    "separatrix_integral",
    "standard_map",
    "symmetric_orbit",
]
