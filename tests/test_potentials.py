"""Pair potentials: their derivatives, their ends, and what they refuse."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from mechanics.potentials import (
    PairPotential,
    buckingham,
    lennard_jones,
    morse,
    soft_sphere,
    weeks_chandler_andersen,
)

POTENTIALS = [
    lennard_jones(),
    lennard_jones(2.4, "force-shifted", epsilon=0.7, sigma=1.1),
    morse(2.2, "force-shifted", a=4.0, r_0=1.1),
    buckingham(2.2, "shifted", A=1e4, B=9, C=2),
    soft_sphere(n=9),
    weeks_chandler_andersen(),
]


@pytest.mark.parametrize("potential", POTENTIALS, ids=lambda p: p.name)
def test_slope_and_curvature_are_derivatives(potential):
    x, h = np.linspace(0.9, 1.1, 6), 1e-5
    pairs = (
        (potential.energy, potential.slope),
        (potential.slope, potential.curvature),
    )
    for function, derivative in pairs:
        difference = (function(x + h) - function(x - h)) / (2 * h)
        assert np.allclose(derivative(x), difference, rtol=1e-5, atol=1e-5)
        # control: the same test tells a derivative from itself doubled
        assert not np.allclose(2 * derivative(x), difference, rtol=1e-2, atol=1e-2)


def test_conventions_of_the_cut_off():
    for truncation, jump, kink in (
        ("truncated", True, True),
        ("shifted", False, True),
        ("force-shifted", False, False),
    ):
        phi = lennard_jones(2.5, truncation)
        just_inside = 2.5 - 1e-12
        assert (abs(phi.energy(just_inside)) > 1e-3) == jump
        assert (abs(phi.slope(just_inside)) > 1e-3) == kink
        assert phi.energy(2.5) == phi.slope(2.5) == 0
    truncated, shifted = lennard_jones(2.5), lennard_jones(2.5, "shifted")
    r = np.linspace(0.9, 2.4, 30)
    assert np.allclose(truncated.slope(r), shifted.slope(r), rtol=1e-14)


def test_long_range_corrections_of_lennard_jones():
    rho, x = 0.8442, 1 / 2.5
    phi = lennard_jones(2.5)
    energy = 8 / 3 * np.pi * rho * (x**9 / 3 - x**3)
    pressure = 16 / 3 * np.pi * rho**2 * (2 / 3 * x**9 - x**3)
    assert np.isclose(phi.tail_energy(rho), energy, rtol=1e-10)
    assert np.isclose(phi.tail_pressure(rho), pressure, rtol=1e-10)
    with pytest.raises(ValueError, match="belong to a truncated potential"):
        lennard_jones(2.5, "shifted").tail_energy(rho)


@given(D=st.floats(0.1, 5), a=st.floats(0.5, 6), r_0=st.floats(0.5, 2))
def test_minimum_of_morse(D, a, r_0):
    bond = morse(D=D, a=a, r_0=r_0)
    assert np.isclose(bond.energy(r_0), -D)
    assert np.isclose(bond.slope(r_0), 0, atol=1e-12)
    assert np.isclose(bond.curvature(r_0), 2 * D * a**2)


def test_bad_potentials_are_refused():
    r, q = sp.Symbol("r", positive=True), sp.Symbol("q")
    with pytest.raises(ValueError, match="truncation = 'smooth'"):
        lennard_jones(2.5, "smooth")
    with pytest.raises(ValueError, match="needs a finite cutoff"):
        lennard_jones(truncation="shifted")
    with pytest.raises(ValueError, match="no number for q"):
        PairPotential(q / r, 2.0)
    with pytest.raises(ValueError, match="does not contain D"):
        PairPotential(1 / r, params={"D": 1.0})
    with pytest.raises(ValueError, match="cut-off -1"):
        lennard_jones(-1.0)
    with pytest.raises(ValueError, match="coincide"):
        lennard_jones().energy(0.0)
