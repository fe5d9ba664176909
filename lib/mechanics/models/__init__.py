"""The textbook systems, each a few lines that return a symbolic system."""

from mechanics.models.particles import atwood, central_potential, planar_oscillator
from mechanics.models.pendulums import bead_on_rotating_hoop, driven_pendulum, pendulum

__all__ = [
    "atwood",
    "bead_on_rotating_hoop",
    "central_potential",
    "driven_pendulum",
    "pendulum",
    "planar_oscillator",
]
