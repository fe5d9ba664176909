"""Vibrations of crystals, beginning with chains of atoms."""

from mechanics.lattice.chains import Chain, UnstableCrystalError, bloch_transform

__all__ = ["Chain", "UnstableCrystalError", "bloch_transform"]
