"""Elastic constants: against the energy of strained crystals and against sound."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_samples import LJ
from scipy.constants import atomic_mass, hbar, k
from scipy.linalg import sqrtm
from scipy.optimize import minimize

from mechanics.lattice import (
    Crystal,
    ForceConstants,
    UnstableCrystalError,
    cauchy_defect,
    cubic_elastic_constants,
    diamond,
    elastic_constants,
    elastic_debye_temperature,
    equilibrium,
    fcc,
    frequencies,
    from_voigt,
    hcp,
    huang_defect,
    neighbours,
    rocksalt,
    sound_speeds,
    static_energy,
    stress_strain_coefficients,
    to_voigt,
)
from mechanics.potentials import PairPotential, morse

PAIRS = ForceConstants.from_pair_potential
SPRINGS = ForceConstants.from_springs
SALT = {("Na", "Cl"): morse(D=3.0, a=2.0), ("Na", "Na"): morse(a=3.0, r_0=1.4),
        ("Cl", "Cl"): morse(a=2.5, r_0=1.5)}  # fmt: skip
directions = st.tuples(*[st.floats(-1, 1)] * 3).filter(
    lambda n: np.linalg.norm(n) > 0.1
)
strains = st.tuples(*[st.floats(-0.03, 0.03)] * 6).map(
    lambda e: np.eye(3) + np.array([[e[0], e[3], e[4]], [e[3], e[1], e[5]],
                                    [e[4], e[5], e[2]]])
)  # fmt: skip


def salt(F=None, masses=(1.0, 1.6)):
    """Rock salt whose ions are centres of symmetry under any strain F."""
    crystal = equilibrium(rocksalt(2.0, masses), SALT, 3.6, tail=False)
    return crystal if F is None else crystal.deformed(F)


def strained_diamond(stretch):
    """Diamond with bonds between two shells, at a size where they pull or push."""
    r = sp.Symbol("r", positive=True)
    two_wells = 5 * (r - 1) ** 2 * (r - sp.sqrt(8) / sp.sqrt(3)) ** 2
    phi = PairPotential(two_wells)
    return diamond(4 / 3**0.5 * stretch), phi, 1.7 * stretch


# Against the energy


@pytest.mark.parametrize("stretch", [1.0, 0.97, 1.02])
def test_elastic_constants_are_second_derivatives_of_the_energy(stretch):
    """Diamond under stress, with its two atoms free to move against each other."""
    crystal, phi, cutoff = strained_diamond(stretch)
    cutoff *= 1.02  # between the shells, for all strains below

    def energy(eta):
        F = sqrtm(np.eye(3) + 2 * eta).real
        near = crystal.deformed(F)

        def with_shift(x):
            moved = near.positions + np.array([[0, 0, 0], x])
            return static_energy(
                Crystal(near.cell, moved, near.masses), phi, cutoff, tail=False
            )

        best = minimize(with_shift, np.zeros(3), method="BFGS", options={"gtol": 1e-7})
        return best.fun / crystal.volume

    C = elastic_constants(PAIRS(crystal, phi, cutoff))
    h, rest = 2e-3, energy(np.zeros((3, 3)))
    for (i, j), (m, n) in (((0, 0), (0, 0)), ((0, 0), (1, 1)), ((0, 1), (0, 1))):
        one, other = np.zeros((2, 3, 3))
        one[i, j] = one[j, i] = 1
        other[m, n] = other[n, m] = 1
        if (i, j) == (m, n):
            second = (energy(h * one) + energy(-h * one) - 2 * rest) / h**2
        else:
            second = sum(
                a * b * energy(h * (a * one + b * other))
                for a in (1, -1)
                for b in (1, -1)
            ) / (4 * h**2)
        expected = np.einsum("ij,ijkl,kl", one, C, other)
        assert second == pytest.approx(expected, rel=2e-3)  # h^2 of fourth orders
    # control: without the relaxation diamond would be stiffer in shear
    fc = PAIRS(crystal, phi, cutoff)
    x = fc.vectors
    clamped = -np.einsum("nik,nj,nl->ikjl", fc.blocks, x, x) / (2 * crystal.volume)
    clamped -= np.einsum("jl,ik->ikjl", fc.stress, np.eye(3))
    assert clamped[0, 0, 1, 1] > 1.05 * C[0, 1, 0, 1]


def test_stress_is_the_first_derivative_of_the_energy():
    crystal, phi, cutoff = strained_diamond(1.02)
    stress = PAIRS(crystal, phi, cutoff * 1.02).stress
    h = 1e-5
    up, down = (
        static_energy(crystal.scaled(1 + s), phi, cutoff * 1.02, tail=False)
        for s in (h, -h)
    )
    trace = (up - down) / (2 * h) / crystal.volume
    assert trace == pytest.approx(np.trace(stress), rel=1e-6)
    assert stress[0, 0] > 0.1  # control: stretched, there is something to see


def test_stress_strain_coefficients_are_slopes_of_the_stress():
    F = np.eye(3) + np.array([[0.01, 0.005, 0], [0.005, -0.008, 0], [0, 0, 0.02]])
    crystal = salt(F)
    fc = PAIRS(crystal, SALT, 3.6)
    B = stress_strain_coefficients(elastic_constants(fc), fc.stress)
    h = 1e-5
    for k_, l in ((0, 0), (1, 2), (2, 2)):
        e = np.zeros((3, 3))
        e[k_, l] = e[l, k_] = 1 if k_ == l else 0.5
        up, down = (
            PAIRS(crystal.deformed(np.eye(3) + s * e), SALT, 3.6).stress
            for s in (h, -h)
        )
        np.testing.assert_allclose((up - down) / (2 * h), B[:, :, k_, l], atol=1e-5)
    # control: the Lagrangian constants are others, by as much as the stress
    C = elastic_constants(fc)
    assert np.abs(B - C).max() > 0.5 * np.abs(fc.stress).max()


# Against sound


@given(strains, directions)
@settings(max_examples=15)
def test_long_waves_run_with_the_speed_of_sound(F, n):
    """Rock salt of two masses under any small stress."""
    fc = PAIRS(salt(F), SALT, 3.6)
    C = elastic_constants(fc)
    q = 1e-3 * np.array(n) / np.linalg.norm(n)
    slopes = frequencies(fc, q)[:3] / np.linalg.norm(q)
    speeds, _ = sound_speeds(C, fc.crystal.density, n, fc.stress)
    np.testing.assert_allclose(slopes, speeds, rtol=1e-4)


@pytest.mark.parametrize(
    "fc",
    [
        SPRINGS(fcc(2.0, 1.7), [1.0, 0.2]),
        SPRINGS(diamond(2.0, 1.3), [1.0, 0.1]),
        PAIRS(hcp(1.09, mass=2.0), LJ, 4.0),
        PAIRS(equilibrium(fcc(1.5), LJ, 8.0).scaled(0.98), LJ, 6.0),
    ],
)
def test_small_q_slopes_equal_the_elastic_speeds(fc):
    C = elastic_constants(fc)
    n = np.random.default_rng(4).normal(size=(20, 3))
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    slopes = frequencies(fc, 1e-3 * n)[:, :3] / 1e-3
    speeds, _ = sound_speeds(C, fc.crystal.density, n, fc.stress)
    np.testing.assert_allclose(slopes, speeds, rtol=1e-4)  # the curve bends by q^2
    if np.abs(fc.stress).max() > 1:
        # control: forgetting the stress is seen at once
        forgetful, _ = sound_speeds(C, fc.crystal.density, n)
        assert np.abs(forgetful / slopes - 1).max() > 1e-3


def test_aluminium_at_300_kelvin():
    """Speeds of sound (m/s) from 106.75, 60.41, 28.34 GPa and 2698 kg/m^3."""
    C = cubic_elastic_constants(106.75e9, 60.41e9, 28.34e9)
    for n, expected in {
        (1, 0, 0): (3241, 3241, 6290),
        (1, 1, 0): (2931, 3241, 6441),
        (1, 1, 1): (3038, 3038, 6490),
    }.items():
        speeds, u = sound_speeds(C, 2698.0, n)
        np.testing.assert_allclose(speeds, expected, atol=0.6)
        along = np.abs(u[:, 2] @ n) / np.linalg.norm(n)
        assert along == pytest.approx(1, abs=1e-12)  # the fast wave is longitudinal
    _, u = sound_speeds(C, 2698.0, (1, 2, 4))
    assert np.abs(u[:, 2] @ (1, 2, 4)) / 21**0.5 < 1 - 1e-5  # control: only nearly so


def test_nearest_neighbours_in_fcc():
    """C11 = 2k/a, C12 = C44 = k/a."""
    C = to_voigt(elastic_constants(SPRINGS(fcc(2.0), [3.0])))
    np.testing.assert_allclose(
        C, to_voigt(cubic_elastic_constants(3.0, 1.5, 1.5)), atol=1e-12
    )


# Symmetries


@given(strains)
@settings(max_examples=15)
def test_symmetries_of_voigt_and_huang(F):
    fc = PAIRS(salt(F), SALT, 3.6)
    C = elastic_constants(fc)
    for other in (C.swapaxes(0, 1), C.swapaxes(2, 3), C.transpose(2, 3, 0, 1)):
        np.testing.assert_allclose(C, other, atol=1e-10)
    np.testing.assert_allclose(from_voigt(to_voigt(C)), C, atol=1e-10)
    assert np.abs(huang_defect(fc)).max() < 1e-10
    if np.abs(F - np.trace(F) / 3 * np.eye(3)).max() > 1e-3:
        # control: forget the stress; a shear stress is missed, a pressure is not
        free = ForceConstants(fc.crystal, fc.pairs, fc.cells, fc.blocks)
        assert np.abs(huang_defect(free)).max() > 1e-4
    pressed = PAIRS(salt().scaled(0.97), SALT, 3.6)
    free = ForceConstants(pressed.crystal, pressed.pairs, pressed.cells, pressed.blocks)
    assert np.abs(pressed.stress).max() > 0.1
    assert np.abs(huang_defect(free)).max() < 1e-10


def test_cauchys_relations_hold_for_central_forces_at_rest():
    fc = PAIRS(salt(), SALT, 3.6)
    C = elastic_constants(fc)
    assert np.abs(cauchy_defect(C)).max() < 1e-8 * C.max()
    # controls: bonds of diamond are no centres of symmetry; copper is no pair potential
    bonds = elastic_constants(SPRINGS(diamond(2.0), [1.0, 0.1]))
    assert np.abs(cauchy_defect(bonds)).max() > 0.05 * bonds.max()
    copper = cubic_elastic_constants(176.2, 124.9, 81.8)
    assert cauchy_defect(copper)[0, 0, 1, 1] == pytest.approx(43.1)


def test_voigt_has_no_factors_for_stiffnesses():
    C = cubic_elastic_constants(3.0, 1.0, 0.5)
    eps = np.random.default_rng(1).normal(size=(3, 3))
    eps = eps + eps.T
    stress = np.einsum("ijkl,kl->ij", C, eps)
    six = [eps[0, 0], eps[1, 1], eps[2, 2], 2 * eps[1, 2], 2 * eps[0, 2], 2 * eps[0, 1]]
    as_six = to_voigt(C) @ six
    np.testing.assert_allclose(as_six[[0, 3]], [stress[0, 0], stress[1, 2]])
    # control: the factor 2 belongs to the strains
    wrong = to_voigt(C) @ [
        eps[0, 0],
        eps[1, 1],
        eps[2, 2],
        eps[1, 2],
        eps[0, 2],
        eps[0, 1],
    ]
    assert not np.isclose(wrong[3], stress[1, 2])


# Debye


def test_debye_temperature_of_argon():
    """Lennard-Jones with 119.8 K and 3.405 Å: 94.8 K."""
    crystal = equilibrium(fcc(1.5), LJ, 15.0)
    sigma, epsilon, mass = 3.405e-10, 119.8 * k, 39.948 * atomic_mass
    n = 1 / (crystal.volume * sigma**3)
    C = elastic_constants(PAIRS(crystal, LJ, 15.0)) * epsilon / sigma**3
    assert elastic_debye_temperature(C, mass * n, n) == pytest.approx(94.8, abs=0.05)


def test_an_isotropic_solid_has_a_closed_debye_temperature():
    lam, mu, rho, n = 2.0, 1.5, 0.8, 1.3
    C = cubic_elastic_constants(lam + 2 * mu, lam, mu)
    v_l, v_t = np.sqrt((lam + 2 * mu) / rho), np.sqrt(mu / rho)
    v_D = (3 / (v_l**-3 + 2 * v_t**-3)) ** (1 / 3)
    expected = v_D * (6 * np.pi**2 * n) ** (1 / 3)
    found = elastic_debye_temperature(C, rho, n, hbar=1.0, k_B=1.0)
    assert found == pytest.approx(expected, rel=1e-12)
    in_kelvin = elastic_debye_temperature(C, rho, n)
    assert in_kelvin == pytest.approx(hbar / k * expected, rel=1e-12)


# What is refused, and how


def test_forces_at_rest_are_refused():
    bent = Crystal(np.diag([2, 1, 1]), [[0] * 3, [0.4, 0, 0]], [1, 1])
    with pytest.raises(ValueError, match=r"a force of .* acts on an atom at rest"):
        elastic_constants(PAIRS(bent, morse(a=3.0), 2.0))


def test_energies_that_know_rotations_are_refused():
    fc = SPRINGS(hcp(1.0, 1.8), [(1.0, 0.2), (1.0, 0.2)])
    with pytest.raises(ValueError, match="depends on rotations"):
        elastic_constants(fc)


def test_crystals_that_do_not_hold_are_refused():
    apart = Crystal(np.eye(3), [[0] * 3, [0.5] * 3], [1, 1])
    near = neighbours(apart, 1.0)
    same = near.pairs[:, 0] == near.pairs[:, 1]
    blocks = np.where(same[:, None, None], -np.eye(3), 0.0)
    with pytest.raises(UnstableCrystalError, match="an optical mode at q = 0"):
        elastic_constants(ForceConstants.from_pairs(apart, near, blocks))
    with pytest.raises(UnstableCrystalError, match=r"rho v\^2 = -1 along"):
        sound_speeds(cubic_elastic_constants(1.0, 3.0, 1.0), 1.0, [1, 1, 0])
    with pytest.raises(UnstableCrystalError, match="speed zero"):
        elastic_debye_temperature(cubic_elastic_constants(1.0, 1.0, 0.0), 1.0, 1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.eye(6), 1.0, [1, 0, 0]), r"C has the shape \(6, 6\)"),
        ((np.zeros((3, 3, 3, 3)), -1.0, [1, 0, 0]), "the density must be positive"),
        ((np.zeros((3, 3, 3, 3)), 1.0, [0, 0, 0]), "directions are vectors"),
        ((np.zeros((3, 3, 3, 3)), 1.0, [1, 0]), "directions are vectors"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        sound_speeds(*arguments)
