r"""Derivations with SymPy: from a Lagrangian to everything that follows.

===================================================  ===============================
question                                             module
===================================================  ===============================
How do I write coordinates and velocities?           ``symbols``
How does it move, with friction and constraints?     ``lagrangian``
Can a cyclic coordinate be removed?                  ``routh``
What does a symmetry conserve?                       ``noether``
What is the Hamiltonian, and the way back?           ``hamiltonian``
How do observables change?                           ``hamiltonian``
Spins, rigid bodies, any bracket; is volume kept?    ``poisson``
Is a change of variables canonical?                  ``canonical``
Which map does :math:`F(q,P,t)` generate?            ``generating_functions``
Does the Hamilton-Jacobi equation separate?          ``hamilton_jacobi``
Does this :math:`S` solve it, and what moves how?    ``complete_integral``
Which integrals :math:`\int p\,dq` are known?        ``quadratures``
What are the actions, angles and frequencies?        ``action_angle``
What does a small perturbation do?                   ``perturbation``
How is a body turned, and how does it turn?          ``rotations``, ``rigid_body``
What does a field do, and what does it carry?        ``fields``
What is the stress, how fast is sound?               ``elasticity``
Is this expression zero?                             ``zero``
===================================================  ===============================

Below all of them stand ``linear`` (equations whose coefficients are formulas),
``inversion`` (others, on a named branch) and ``duality`` (Legendre's transform of
functions).
"""

from mechanics.symbolic.action_angle import ActionAngle, action_angle, action_variable
from mechanics.symbolic.canonical import CanonicalMap, NotCanonicalError
from mechanics.symbolic.complete_integral import CompleteIntegral
from mechanics.symbolic.duality import MultivaluedLegendreError, dual
from mechanics.symbolic.elasticity import (
    christoffel_matrix,
    cubic_stiffness,
    elastic_solid,
    isotropic_stiffness,
    stiffness,
    strain,
)
from mechanics.symbolic.fields import FieldLagrangian, NoetherCurrent
from mechanics.symbolic.generating_functions import FromGeneratingFunction
from mechanics.symbolic.hamilton_jacobi import (
    SeparationError,
    hamilton_jacobi,
    levi_civita_defect,
)
from mechanics.symbolic.hamiltonian import HamiltonianSystem, NotSeparableError
from mechanics.symbolic.inversion import BranchError
from mechanics.symbolic.lagrangian import LagrangianSystem, SingularLagrangianError
from mechanics.symbolic.legendre import (
    ImplicitHamiltonianSystem,
    implicit_legendre,
    inverse_legendre,
    legendre,
)
from mechanics.symbolic.linear import is_regular, solve_linear
from mechanics.symbolic.noether import NoetherCharge, noether
from mechanics.symbolic.perturbation import (
    CanonicalPerturbation,
    FourierSeries,
    LindstedtSeries,
    NormalForm,
    ResonanceError,
    ResonancePendulum,
    SmallDivisor,
    adiabatic_invariant,
    angle_average,
    canonical_perturbation,
    fourier_series,
    lie_derivative,
    lie_transform,
    lindstedt_poincare,
    normal_form,
    resonance_pendulum,
)
from mechanics.symbolic.poisson import PoissonStructure, divergence
from mechanics.symbolic.quadratures import antiderivative, radicand, standard_form
from mechanics.symbolic.rigid_body import (
    body_precession_rate,
    cuboid_inertia,
    cylinder_inertia,
    disk_inertia,
    euler_equations,
    growth_rate_squared,
    parallel_axis,
    point_mass_inertia,
    principal_axes,
    rod_inertia,
    sphere_inertia,
)
from mechanics.symbolic.rotations import (
    EulerAngles,
    GimbalLockError,
    quaternion_rate,
    quaternion_rotation,
    rotation,
)
from mechanics.symbolic.routh import routh
from mechanics.symbolic.symbols import coordinates
from mechanics.symbolic.zero import UndecidedError, is_zero

__all__ = [
    "ActionAngle",
    "BranchError",
    "CanonicalMap",
    "CanonicalPerturbation",
    "CompleteIntegral",
    "EulerAngles",
    "FieldLagrangian",
    "FourierSeries",
    "FromGeneratingFunction",
    "GimbalLockError",
    "HamiltonianSystem",
    "ImplicitHamiltonianSystem",
    "LagrangianSystem",
    "LindstedtSeries",
    "MultivaluedLegendreError",
    "NoetherCharge",
    "NoetherCurrent",
    "NormalForm",
    "NotCanonicalError",
    "NotSeparableError",
    "PoissonStructure",
    "ResonanceError",
    "ResonancePendulum",
    "SeparationError",
    "SingularLagrangianError",
    "SmallDivisor",
    "UndecidedError",
    "action_angle",
    "action_variable",
    "adiabatic_invariant",
    "angle_average",
    "antiderivative",
    "body_precession_rate",
    "canonical_perturbation",
    "christoffel_matrix",
    "coordinates",
    "cubic_stiffness",
    "cuboid_inertia",
    "cylinder_inertia",
    "disk_inertia",
    "divergence",
    "dual",
    "elastic_solid",
    "euler_equations",
    "fourier_series",
    "growth_rate_squared",
    "hamilton_jacobi",
    "implicit_legendre",
    "inverse_legendre",
    "is_regular",
    "is_zero",
    "isotropic_stiffness",
    "legendre",
    "levi_civita_defect",
    "lie_derivative",
    "lie_transform",
    "lindstedt_poincare",
    "noether",
    "normal_form",
    "parallel_axis",
    "point_mass_inertia",
    "principal_axes",
    "quaternion_rate",
    "quaternion_rotation",
    "radicand",
    "resonance_pendulum",
    "rod_inertia",
    "rotation",
    "routh",
    "solve_linear",
    "sphere_inertia",
    "standard_form",
    "stiffness",
    "strain",
]
