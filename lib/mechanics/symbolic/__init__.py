"""Derivations with SymPy: Lagrangians, Hamiltonians and their symmetries."""

from mechanics.symbolic.hamiltonian import HamiltonianSystem, legendre
from mechanics.symbolic.lagrangian import LagrangianSystem, coordinates
from mechanics.symbolic.noether import NoetherCharge, noether
from mechanics.symbolic.zero import UndecidedError, is_zero

__all__ = [
    "HamiltonianSystem",
    "LagrangianSystem",
    "NoetherCharge",
    "UndecidedError",
    "coordinates",
    "is_zero",
    "legendre",
    "noether",
]
