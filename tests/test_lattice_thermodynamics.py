"""Densities of states, heat capacities, spectra of trajectories, and their picture."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from lattice_samples import LJ

from mechanics.figures import dispersion_plot
from mechanics.lattice import (
    CONVENTIONAL,
    Crystal,
    ForceConstants,
    UnstableCrystalError,
    bloch_amplitudes,
    count_of_states,
    crystal_hamiltonian,
    debye_heat_capacity,
    debye_temperature,
    density_of_states,
    diamond,
    elastic_constants,
    elastic_debye_temperature,
    equilibrium,
    fcc,
    frequencies,
    heat_capacity,
    mean_square_displacements,
    modes,
    power_spectrum,
    q_mesh,
    q_path,
    rocksalt,
    special_points,
    spectral_peak,
)
from mechanics.numerics import convergence_order, integrate
from mechanics.potentials import morse

mpl.use("agg")

SPRINGS = ForceConstants.from_springs
COPPER = SPRINGS(fcc(2.0), [1.0, 0.1])
CUBIC = SPRINGS(Crystal(np.eye(3)), [1.0])  # three families of chains
SALT = rocksalt(2.0, (1.0, 2.0))
UNITS = {"hbar": 1.0, "k_B": 1.0}


# Densities of states


def test_density_of_states_of_chains():
    """Simple cubic with central springs: g = 3 (2/pi) / sqrt(4 - omega^2)."""
    mesh = q_mesh(CUBIC.crystal, 24, symmetry=True)
    omega = frequencies(CUBIC, mesh.q)
    at = np.linspace(0.05, 1.9, 38)
    count = count_of_states(mesh, omega, at)
    exact = 6 / np.pi * np.arcsin(at / 2)
    np.testing.assert_allclose(count, exact, atol=0.02)  # the step is 2 pi / 24
    # control: counting the points of the mesh is rougher by far
    points = (omega[:, :, None] < at).sum(axis=1)
    histogram = mesh.weights @ points
    assert np.abs(histogram - exact).max() > 5 * np.abs(count - exact).max()


def test_tetrahedra_converge_with_the_square_of_the_step():
    def error(h):
        n = round(1 / h)
        mesh = q_mesh(CUBIC.crystal, (n, 2, 2))
        values = 2 * np.abs(np.sin(mesh.q[:, :1] / 2))
        return abs(count_of_states(mesh, values, [1.23456])[0] - exact)

    exact = 2 / np.pi * np.arcsin(1.23456 / 2)
    order = convergence_order(error, [1 / 20, 1 / 200, 1 / 2000])
    assert order == pytest.approx(2, abs=0.4)  # the point stands anywhere in its cell


@pytest.mark.parametrize("fc", [COPPER, SPRINGS(diamond(2.0), [1.0, 0.1])])
def test_density_is_the_slope_of_the_count_and_counts_all_modes(fc):
    mesh = q_mesh(fc.crystal, 10, symmetry=True)
    omega = frequencies(fc, mesh.q)
    at = np.linspace(0, 1.02 * omega.max(), 2001)
    g, count = density_of_states(mesh, omega, at), count_of_states(mesh, omega, at)
    branches = 3 * fc.crystal.atoms
    assert count[0] == 0
    assert count[-1] == pytest.approx(branches, rel=1e-12)
    between = np.cumsum((g[1:] + g[:-1]) / 2) * (at[1] - at[0])
    np.testing.assert_allclose(between, count[1:], atol=0.01)
    assert (g >= 0).all()


def test_a_reduced_mesh_has_the_same_density():
    at = np.linspace(0, 3, 50)
    full, reduced = (q_mesh(COPPER.crystal, 9, symmetry=s) for s in (False, True))
    one, other = (
        density_of_states(mesh, frequencies(COPPER, mesh.q), at)
        for mesh in (full, reduced)
    )
    np.testing.assert_allclose(one, other, atol=1e-9)


def test_the_density_begins_as_debye_says():
    """Below, the count is that of the speeds of sound, (omega / omega_D)^3."""
    C = elastic_constants(COPPER)
    theta = elastic_debye_temperature(
        C, COPPER.crystal.density, 1 / COPPER.crystal.volume, **UNITS
    )
    mesh = q_mesh(COPPER.crystal, 48, symmetry=True)
    at = np.array([0.1, 0.15]) * theta
    count = count_of_states(mesh, frequencies(COPPER, mesh.q), at)
    np.testing.assert_allclose(count, 3 * (at / theta) ** 3, rtol=0.05)
    # control: at the top of the band Debye is wrong
    high = count_of_states(mesh, frequencies(COPPER, mesh.q), [0.9 * theta])
    assert abs(high[0] / (3 * 0.9**3) - 1) > 0.1


# Heat capacities


def test_limits_of_the_heat_capacity():
    mesh = q_mesh(COPPER.crystal, 9)
    omega = frequencies(COPPER, mesh.q)
    omega = omega[1:]  # without the shifts
    C = heat_capacity(omega, [1e-3, 0.3, 100.0], **UNITS)
    assert C[0] < 1e-30 < C[1] < C[2]
    # Dulong and Petit, and the first correction, <x^2> / 12
    second = 3 - (omega**2).sum(axis=1).mean() / 12 / 100.0**2
    assert C[2] == pytest.approx(second, rel=1e-8)
    classical = heat_capacity(omega, 0.3, hbar=0.0, k_B=1.0)
    assert classical == pytest.approx(3, rel=1e-14)


def test_heat_capacity_is_the_slope_of_the_energy():
    omega = np.array([[0.3, 1.1, 2.0]])
    T, h = 0.4, 1e-5

    def energy(T):
        return (omega / 2 / np.tanh(omega / (2 * T))).sum()

    slope = (energy(T + h) - energy(T - h)) / (2 * h)
    assert heat_capacity(omega, T, **UNITS) == pytest.approx(slope, rel=1e-8)


def test_densities_weigh_as_wavevectors_do():
    mesh = q_mesh(COPPER.crystal, 24, symmetry=True)
    omega = frequencies(COPPER, mesh.q)
    at = np.linspace(0, 3, 3001)
    g = density_of_states(mesh, omega, at)
    direct = heat_capacity(omega, [0.3, 1.0], mesh.weights, **UNITS)
    by_density = heat_capacity(
        at[1:, None], [0.3, 1.0], g[1:] * (at[1] - at[0]), **UNITS
    )
    np.testing.assert_allclose(direct, by_density, rtol=5e-3)  # of a mesh this coarse


def test_limits_of_debye():
    T = np.array([0.01, 50.0])
    C = debye_heat_capacity(1.0, T, k_B=1.0)
    assert C[0] == pytest.approx(12 * np.pi**4 / 5 * 0.01**3, rel=1e-10)
    assert C[1] == pytest.approx(3 * (1 - 1 / 20 / 50**2), rel=1e-7)
    for temperature in (0.02, 0.3, 4.0):
        C = float(debye_heat_capacity(1.0, temperature, k_B=1.0))
        back = debye_temperature(temperature, C, k_B=1.0)
        assert back == pytest.approx(1, rel=1e-9)


def test_debye_temperatures_agree_at_both_ends():
    """Low temperatures hear sound only; high ones the second moment."""
    theta = elastic_debye_temperature(
        elastic_constants(COPPER), COPPER.crystal.density, 1 / COPPER.crystal.volume,
        **UNITS,
    )  # fmt: skip
    mesh = q_mesh(COPPER.crystal, 48, shifted=True, symmetry=True)
    omega = frequencies(COPPER, mesh.q)
    found = []
    for ratio in (50, 100):
        C = heat_capacity(omega, theta / ratio, mesh.weights, **UNITS)
        found.append(debye_temperature(theta / ratio, float(C), k_B=1.0) / theta)
    assert found[1] == pytest.approx(1, abs=0.005)
    # what is left shrinks with the square of the temperature
    assert (1 - found[0]) / (1 - found[1]) == pytest.approx(4, abs=0.5)
    second = (mesh.weights @ omega**2).sum() / 3
    high = heat_capacity(omega, 10 * theta, mesh.weights, **UNITS)
    assert debye_temperature(10 * theta, float(high), k_B=1.0) == pytest.approx(
        np.sqrt(5 / 3 * second), rel=1e-3
    )
    # control: they are not the same number
    assert abs(np.sqrt(5 / 3 * second) / theta - 1) > 0.02


# Mean square displacements


def test_mean_square_displacements_in_the_classical_limit():
    """Equipartition, by the inverse of the stiffness of the whole finite crystal."""
    crystal = rocksalt(2.0, (1.0, 3.0))
    fc = SPRINGS(crystal, [1.0, 0.3])
    mesh = q_mesh(crystal, (2, 2, 3))
    u2 = mean_square_displacements(fc, mesh, 0.7, hbar=0.0, k_B=1.0)
    big = SPRINGS(crystal.supercell([2, 2, 3]), [1.0, 0.3])
    squared, e = modes(big, np.zeros(3))
    shapes = e[:, 3:] / np.sqrt(squared[3:])  # without the shifts
    covariance = (
        0.7
        * (shapes @ shapes.T)
        / np.sqrt(np.outer(*[np.repeat(big.crystal.masses, 3)] * 2))
    )
    for a in range(2):
        block = covariance[3 * a : 3 * a + 3, 3 * a : 3 * a + 3]
        np.testing.assert_allclose(u2[a], block, atol=1e-12)
    warm = mean_square_displacements(fc, mesh, 50.0, **UNITS)
    np.testing.assert_allclose(warm, u2 * 50 / 0.7, rtol=1e-3)
    cold = mean_square_displacements(fc, mesh, 1e-3, **UNITS)
    assert (np.trace(cold, axis1=1, axis2=2) > 0.1).all()  # zero-point motion stays


# Motion


@pytest.mark.parametrize("columns", [(), (4,)])
def test_forces_are_slopes_of_the_energy(columns):
    phi = {
        ("Na", "Cl"): morse(a=3.0),
        ("Na", "Na"): LJ,
        ("Cl", "Cl"): morse(D=2.0, a=3.0),
    }
    system = crystal_hamiltonian(SALT.supercell([2, 2, 2]), phi, 1.5)
    rng = np.random.default_rng(1)
    n = len(system.names)
    q, p = 0.05 * rng.normal(size=(2, n, *columns))
    direction = rng.normal(size=q.shape)
    h = 1e-6
    up, down = (system.energy(q + s * direction, p, 0.0) for s in (h, -h))
    work = -(system.force(q, p, 0.0) * direction).sum(axis=0)
    np.testing.assert_allclose((up - down) / (2 * h), work, rtol=1e-6)
    total = system.force(q, p, 0.0).reshape(-1, 3, *columns).sum(axis=0)
    assert np.abs(total).max() < 1e-11
    still = np.zeros_like(q)
    np.testing.assert_allclose(system.energy(still, still, 0.0), 0, atol=1e-10)


def test_spectra_of_a_trajectory_stand_on_the_branches():
    crystal = equilibrium(fcc(1.5), LJ, 8.0)
    matrix = 2 * np.array(CONVENTIONAL["fcc"])
    fc = ForceConstants.from_pair_potential(crystal, LJ, 1.6)
    system = crystal_hamiltonian(crystal.supercell(matrix), LJ, 1.6)
    p = 1e-3 * np.random.default_rng(2).normal(size=len(system.names))
    dt, every = 0.003, 10
    run = integrate(system, (0 * p, p), dt=dt, steps=10_000, save=every)
    for name in "XL":
        q = special_points(crystal)[name]
        squared, e = modes(fc, q)
        signal = bloch_amplitudes(crystal, matrix, run.p, q) @ e.conj()
        omega, power = power_spectrum(signal, every * dt)
        for branch in (0, 2):
            line = spectral_peak(omega, power[:, branch])
            expected = np.sqrt(squared[branch])
            # the leapfrog runs fast by (omega dt)^2 / 24 = 3e-4
            assert line == pytest.approx(expected, rel=2e-3)
        # control: the transverse lines are not the longitudinal one
        assert abs(spectral_peak(omega, power[:, 0]) / np.sqrt(squared[2]) - 1) > 0.1


def test_amplitudes_of_all_waves_hold_the_whole_motion():
    crystal = rocksalt(2.0, (1.0, 2.0))
    matrix = np.array([[1, 1, 0], [0, 2, -1], [1, 0, 2]])
    big = crystal.supercell(matrix)
    u = np.random.default_rng(3).normal(size=3 * big.atoms)
    grid = np.stack(np.meshgrid(*[np.arange(-3, 4)] * 3), -1).reshape(-1, 3)
    inside = ((grid @ np.linalg.inv(matrix.T)) % 1).round(6) % 1
    _, kept = np.unique(inside, axis=0, return_index=True)
    waves = grid[kept] @ big.reciprocal
    amplitudes = [bloch_amplitudes(crystal, matrix, u, q) for q in waves]
    total = (np.repeat(big.masses, 3) * u**2).sum()
    assert np.sum(np.abs(amplitudes) ** 2) == pytest.approx(total, rel=1e-12)
    with pytest.raises(ValueError, match="does not fit into the supercell"):
        bloch_amplitudes(crystal, matrix, u, waves[1] / 3)
    with pytest.raises(ValueError, match="give the motion of all atoms"):
        bloch_amplitudes(crystal, matrix, u[:-3], waves[1])


@pytest.mark.parametrize("omega_0", [1.234, 7.0])
@pytest.mark.parametrize("turn", [np.real, lambda z: z, np.conj])
def test_peaks_are_found_between_the_points(omega_0, turn):
    dt, n = 0.05, 1001
    omega, power = power_spectrum(turn(np.exp(1j * omega_0 * dt * np.arange(n))), dt)
    spacing = 2 * np.pi / (n * dt)
    assert abs(spectral_peak(omega, power) - omega_0) < 0.05 * spacing
    assert len(omega) == n // 2 + 1
    with pytest.raises(ValueError, match="stands at the end"):
        spectral_peak(omega, omega)
    with pytest.raises(ValueError, match="says nothing"):
        power_spectrum([1.0, 2.0], dt)


# What is refused, and how


def test_an_unstable_crystal_has_no_thermodynamics():
    soft = SPRINGS(fcc(2.0), [1.0, -0.8])
    mesh = q_mesh(soft.crystal, 6)
    omega = frequencies(soft, mesh.q)
    for ask in (
        lambda: heat_capacity(omega, 1.0),
        lambda: density_of_states(mesh, omega, [0.5, 1.0]),
    ):
        with pytest.raises(UnstableCrystalError, match="frequencies are imaginary"):
            ask()
    with pytest.raises(UnstableCrystalError, match=r"do not stay near their places"):
        mean_square_displacements(soft, mesh, 1.0)
    # control: with the sign of the spring turned there is nothing to refuse
    held = SPRINGS(fcc(2.0), [1.0, 0.8])
    assert heat_capacity(frequencies(held, mesh.q), 1.0, **UNITS) > 0


@pytest.mark.parametrize("T", [0.0, -3.0, np.nan, [1.0, 0.0]])
def test_temperatures_must_be_positive(T):
    with pytest.raises(ValueError, match="temperatures must be positive"):
        heat_capacity(np.ones((1, 3)), T)


def test_bad_arguments_are_named():
    mesh = q_mesh(fcc(2.0), 4)
    with pytest.raises(ValueError, match="for 64 wavevectors"):
        density_of_states(mesh, np.ones((5, 3)), [0.0, 1.0])
    with pytest.raises(ValueError, match="must rise"):
        density_of_states(mesh, np.ones((64, 3)), [1.0, 0.0])
    with pytest.raises(ValueError, match="no Debye temperature"):
        debye_temperature(10.0, 4.0, k_B=1.0)
    reduced = q_mesh(fcc(2.0), 4, symmetry=True)
    with pytest.raises(ValueError, match="need the full mesh"):
        mean_square_displacements(COPPER, reduced, 1.0)


# The picture


def test_imaginary_branches_are_drawn_below_and_never_as_zero():
    figure, axes = plt.subplots()
    soft = SPRINGS(fcc(2.0), [1.0, -0.8])
    path = q_path(soft.crystal, "GXU,KGL")
    omega = frequencies(soft, path.q)
    dispersion_plot(axes, path, omega)
    drawn = np.stack([line.get_ydata() for line in axes.lines], axis=1)
    lowest = np.nanmin(drawn)
    assert lowest == pytest.approx(-omega.imag.max())
    unstable = omega.imag > 0
    real, imaginary = drawn[:, :3], drawn[:, 3:6]
    assert np.isnan(real[unstable]).all()
    np.testing.assert_allclose(imaginary[unstable], -omega.imag[unstable])
    assert any(text.get_text() == "imaginary" for text in axes.texts)
    plt.close(figure)

    figure, axes = plt.subplots()
    lines = dispersion_plot(axes, path, frequencies(COPPER, path.q), label="copper")
    assert axes.get_ylim()[0] == 0 and not axes.texts
    assert lines[0].get_label() == "copper"
    with pytest.raises(ValueError, match="the shape must be"):
        dispersion_plot(axes, path, np.ones((3, 3)))
    plt.close(figure)
