"""Symbolic systems as array functions, and integrators that keep their structure."""

from mechanics.numerics.compile import CompiledHamiltonian, compile_system
from mechanics.numerics.diagnostics import convergence_order, self_crossings
from mechanics.numerics.splitting import (
    STORMER_VERLET,
    SYMPLECTIC_EULER,
    IntegrationError,
    SplittingMethod,
    Trajectory,
    integrate,
)

__all__ = [
    "STORMER_VERLET",
    "SYMPLECTIC_EULER",
    "CompiledHamiltonian",
    "IntegrationError",
    "SplittingMethod",
    "Trajectory",
    "compile_system",
    "convergence_order",
    "integrate",
    "self_crossings",
]
