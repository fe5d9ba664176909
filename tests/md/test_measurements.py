"""Observables and tests of ensembles, on series whose answer is known."""

import numpy as np
import pytest
from scipy.signal import lfilter

from mechanics.md import (
    block_average,
    ensemble_pair_deviation,
    ergodicity_deviation,
    fcc,
    kinetic_energy_deviation,
    mean_square_displacement,
    radial_distribution,
    velocity_autocorrelation,
    velocity_spectrum,
)


def autoregressive(n, decay, rng):
    """A series with the autocorrelation decay**t and variance one."""
    noise = np.sqrt(1 - decay**2) * rng.normal(size=n)
    x = np.empty(n)
    x[0] = rng.normal()
    for k in range(1, n):
        x[k] = decay * x[k - 1] + noise[k]
    return x


def test_block_averages_know_correlations():
    rng, decay, n = np.random.default_rng(0), 0.9, 2**14
    true = np.sqrt((1 + decay) / (1 - decay) / n)  # of the mean, for long series
    averages = [block_average(autoregressive(n, decay, rng)) for _ in range(20)]
    errors = np.array([a.error for a in averages])
    assert abs(np.median(errors) / true - 1) < 0.25
    assert np.mean([abs(a.mean) < 2 * a.error for a in averages]) > 0.8
    naive = 1 / np.sqrt(n)  # control: as if all values were independent
    assert true > 4 * naive
    with pytest.raises(ValueError, match="make the run longer"):
        block_average(np.cumsum(rng.normal(size=400)))
    with pytest.raises(ValueError, match="at least 64"):
        block_average([1.0, 2.0])
    with pytest.raises(ValueError, match="not finite"):
        block_average([np.nan] * 99)


def test_correlations_agree_with_their_sums():
    v = np.random.default_rng(0).normal(size=(40, 5, 3))
    r = np.cumsum(v, axis=0)
    msd = [((r[k:] - r[: len(r) - k]) ** 2).sum(-1).mean() for k in range(40)]
    vacf = [(v[k:] * v[: len(v) - k]).sum(-1).mean() for k in range(40)]
    assert np.allclose(mean_square_displacement(r), msd, atol=1e-10)
    assert np.allclose(velocity_autocorrelation(v), vacf, atol=1e-12)
    omega, g = velocity_spectrum(v, 0.1)
    assert np.isclose(g.sum() * omega[1], 1)


def test_radial_distribution_counts_shells():
    crystal = fcc(1.0, 5)
    r, g = radial_distribution([crystal], r_max=2.0, bins=200)
    shell = 4 * np.pi * r**2 * (r[1] - r[0])
    neighbours = np.cumsum(g * shell) * (crystal.atoms - 1) / crystal.cell.volume
    nearest = 4 ** (1 / 3) / np.sqrt(2)
    for distance, count in ((1.1, 12), (1.5, 18), (1.75, 42)):
        found = neighbours[r < distance * nearest][-1]
        assert abs(found - count) < 0.02 * count
    rng = np.random.default_rng(0)
    gas = [
        type(crystal)(
            rng.uniform(0, 8, crystal.positions.shape) * crystal.cell.h[0, 0] / 8,
            crystal.momenta,
            crystal.masses,
            crystal.cell,
        )
        for _ in range(20)
    ]
    _, g = radial_distribution(gas, r_max=2.0, bins=5)
    assert abs(g[1:] - 1).max() < 0.05


def test_a_width_that_is_off_by_a_fifth_is_found():
    rng = np.random.default_rng(0)
    K = rng.gamma(150.0, 1.0, size=20_000)
    good = kinetic_energy_deviation(K, 300, 1.0, correlated=False)
    assert good.passed
    narrow = 150 + (K - 150) * np.sqrt(0.8)
    bad = kinetic_energy_deviation(narrow, 300, 1.0, correlated=False)
    assert abs(bad.mean) < 3
    assert bad.width < -8
    assert not bad.passed
    frozen = kinetic_energy_deviation(np.full(100, 150.0), 300, 1.0)
    assert frozen.width == -np.inf
    for dof, kT, why in ((0, 1.0, "no degrees"), (3, -1.0, "not positive")):
        with pytest.raises(ValueError, match=why):
            kinetic_energy_deviation(K, dof, kT)


def test_several_runs_give_honest_errors():
    """Of short runs with long correlations: deviations are normal, in any number."""
    rng, decay, dof = np.random.default_rng(2), 0.95, 2000
    for runs in (3, 8):
        noise = np.sqrt(1 - decay**2) * rng.normal(size=(1000, runs, 300))
        series = lfilter([1.0], [1.0, -decay], noise, axis=-1)[..., 100:]
        K = dof / 2 + np.sqrt(dof / 2) * series
        found = np.array([kinetic_energy_deviation(k, dof, 1.0).mean for k in K])
        assert abs(found.std() - 1) < 0.09  # four errors of 1/sqrt(2000)
        assert np.mean(abs(found) > 3) < 0.0093  # 0.0027 + 4 sqrt(0.0027/1000)
    # control: the same values, as if they were independent
    naive = [kinetic_energy_deviation(k.ravel(), dof, 1.0, False).mean for k in K]
    assert np.std(naive) > 4
    with pytest.raises(ValueError, match=r"\(1, 50\) values: give"):
        kinetic_energy_deviation(K[0, :1, :50], dof, 1.0)


def test_pairs_need_an_overlap():
    with pytest.raises(ValueError, match="do not overlap"):
        ensemble_pair_deviation(np.arange(9.0), np.arange(9.0) + 100, 1.0, 2.0)
    rng = np.random.default_rng(0)
    deviations = [
        ensemble_pair_deviation(
            rng.gamma(20, 1.0, 800), rng.gamma(20, 1.1, 800), 1.0, 1.1
        )
        for _ in range(40)
    ]
    assert 0.7 < np.std(deviations) < 1.35  # its sigma is one


def test_ergodicity_deviation_of_independent_values_is_about_one():
    values = np.random.default_rng(0).normal(size=(4000, 6))
    assert ergodicity_deviation(values) < 2
    assert ergodicity_deviation(values + 0.2 * np.arange(6)) > 8
    with pytest.raises(ValueError, match="two at least"):
        ergodicity_deviation(values[:, :1])
