"""From symbolic systems to fast, structure-preserving integrators."""

from mechanics.numerics.array_systems import CompiledHamiltonian
from mechanics.numerics.backends import BackendError, available
from mechanics.numerics.chain import ParticleChain
from mechanics.numerics.compile import compile_system, poisson_system
from mechanics.numerics.constraints import (
    RATTLE,
    Rattle,
    constraint_defect,
    multipliers,
)
from mechanics.numerics.diagnostics import (
    InvariantDrift,
    convergence_order,
    energy_drift,
    invariant_drift,
    phase_area,
    reversibility_defect,
    self_crossings,
    symplectic_defect,
)
from mechanics.numerics.equations import FirstOrderSystem, Flow, SplitSystem
from mechanics.numerics.integrate import (
    IntegrationError,
    InterruptedWarning,
    StepSizeWarning,
    integrate,
)
from mechanics.numerics.languages import UnknownFunctionError
from mechanics.numerics.lie_poisson import rigid_body_rotations, spin_rotations
from mechanics.numerics.methods import (
    EXPLICIT_EULER,
    FOREST_RUTH,
    GAUSS_LEGENDRE_4,
    GAUSS_LEGENDRE_6,
    IMPLICIT_MIDPOINT,
    KAHAN_LI_6,
    KAHAN_LI_8,
    MCLACHLAN_ATELA_4,
    POSITION_VERLET,
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    SUZUKI_4,
    SUZUKI_UMENO_8,
    SYMPLECTIC_EULER,
    SYMPLECTIC_EULER_B,
    YOSHIDA_4,
    YOSHIDA_6,
    aba_864,
    gauss_legendre,
    saba,
)
from mechanics.numerics.modified import modified_hamiltonian
from mechanics.numerics.results import Section, Statistics, Trajectory, load_result
from mechanics.numerics.runge_kutta import RungeKutta
from mechanics.numerics.saving import Averages, Crossings, End, Every, Extremes
from mechanics.numerics.scipy_methods import DOP853, AdaptiveMethod
from mechanics.numerics.splitting import SplittingMethod, compose, palindrome
from mechanics.numerics.step import UnsuitableMethodError
from mechanics.numerics.tangent import (
    LyapunovExponent,
    lyapunov_exponent,
    monodromy,
    tangent_system,
)
from mechanics.numerics.variational import (
    VARIATIONAL_MIDPOINT,
    VARIATIONAL_TRAPEZOIDAL,
    VariationalMethod,
)

__all__ = [
    "DOP853",
    "EXPLICIT_EULER",
    "FOREST_RUTH",
    "GAUSS_LEGENDRE_4",
    "GAUSS_LEGENDRE_6",
    "IMPLICIT_MIDPOINT",
    "KAHAN_LI_6",
    "KAHAN_LI_8",
    "MCLACHLAN_ATELA_4",
    "POSITION_VERLET",
    "RATTLE",
    "RUNGE_KUTTA_4",
    "STORMER_VERLET",
    "SUZUKI_4",
    "SUZUKI_UMENO_8",
    "SYMPLECTIC_EULER",
    "SYMPLECTIC_EULER_B",
    "VARIATIONAL_MIDPOINT",
    "VARIATIONAL_TRAPEZOIDAL",
    "YOSHIDA_4",
    "YOSHIDA_6",
    "AdaptiveMethod",
    "Averages",
    "BackendError",
    "CompiledHamiltonian",
    "Crossings",
    "End",
    "Every",
    "Extremes",
    "FirstOrderSystem",
    "Flow",
    "IntegrationError",
    "InterruptedWarning",
    "InvariantDrift",
    "LyapunovExponent",
    "ParticleChain",
    "Rattle",
    "RungeKutta",
    "Section",
    "SplitSystem",
    "SplittingMethod",
    "Statistics",
    "StepSizeWarning",
    "Trajectory",
    "UnknownFunctionError",
    "UnsuitableMethodError",
    "VariationalMethod",
    "aba_864",
    "available",
    "compile_system",
    "compose",
    "constraint_defect",
    "convergence_order",
    "energy_drift",
    "gauss_legendre",
    "integrate",
    "invariant_drift",
    "load_result",
    "lyapunov_exponent",
    "modified_hamiltonian",
    "monodromy",
    "multipliers",
    "palindrome",
    "phase_area",
    "poisson_system",
    "reversibility_defect",
    "rigid_body_rotations",
    "saba",
    "self_crossings",
    "spin_rotations",
    "symplectic_defect",
    "tangent_system",
]
