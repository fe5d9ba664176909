"""Perturbation theory: averaging, Lie series, normal forms, slow and strong limits."""

from mechanics.symbolic.perturbation.adiabatic import adiabatic_invariant
from mechanics.symbolic.perturbation.averaging import (
    CanonicalPerturbation,
    SmallDivisor,
    canonical_perturbation,
)
from mechanics.symbolic.perturbation.fourier import (
    FourierSeries,
    angle_average,
    fourier_series,
)
from mechanics.symbolic.perturbation.lie_series import lie_derivative, lie_transform
from mechanics.symbolic.perturbation.lindstedt import (
    LindstedtSeries,
    lindstedt_poincare,
)
from mechanics.symbolic.perturbation.normal_form import NormalForm, normal_form
from mechanics.symbolic.perturbation.resonance import (
    ResonanceError,
    ResonancePendulum,
    resonance_pendulum,
)

__all__ = [
    "CanonicalPerturbation",
    "FourierSeries",
    "LindstedtSeries",
    "NormalForm",
    "ResonanceError",
    "ResonancePendulum",
    "SmallDivisor",
    "adiabatic_invariant",
    "angle_average",
    "canonical_perturbation",
    "fourier_series",
    "lie_derivative",
    "lie_transform",
    "lindstedt_poincare",
    "normal_form",
    "resonance_pendulum",
]
