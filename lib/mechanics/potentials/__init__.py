"""Potentials between pairs of atoms, for crystals and for molecular dynamics."""

from mechanics.potentials.formulas import (
    buckingham,
    lennard_jones,
    morse,
    soft_sphere,
    weeks_chandler_andersen,
)
from mechanics.potentials.pair import PairPotential

__all__ = [
    "PairPotential",
    "buckingham",
    "lennard_jones",
    "morse",
    "soft_sphere",
    "weeks_chandler_andersen",
]
