"""Random numbers that are functions of a counter."""

import numba as nb
import numpy as np
import pytest
from scipy import stats

from mechanics.numerics.kernels import lane_noise
from mechanics.numerics.kernels.random_numbers import normal_pair, philox


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        (
            (0, 0, 0, 0),
            (0, 0),
            (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
        ),
        (
            (0xFFFFFFFF,) * 4,
            (0xFFFFFFFF,) * 2,
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_the_published_vectors_of_philox(counter, key, words):
    """From the test vectors of Salmon and others (2011), for ten rounds."""
    assert tuple(int(word) for word in philox(counter, key)) == words


def drawn(seed=3, steps=200, trajectories=500):
    """Normal numbers, shape (steps, 2, trajectories)."""
    numbers = np.arange(trajectories, dtype=np.uint64)
    return np.array([normal_pair(seed, n, numbers, 0) for n in range(steps)])


def test_the_numbers_are_normal():
    """Moments within four standard errors, and Kolmogorov's test."""
    z = drawn().ravel()
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((z**power).mean() - moment) < 4 * np.sqrt(variance / z.size)
    assert stats.kstest(z, "norm").pvalue > 1e-3
    assert stats.kstest(1.01 * z, "norm").pvalue < 1e-3  # control: 1 % too wide


def test_steps_trajectories_places_and_seeds_are_independent():
    z = drawn()
    number = z[:, 0].size
    numbers = np.arange(500, dtype=np.uint64)
    elsewhere = np.array([normal_pair(3, n, numbers, 1)[0] for n in range(200)])
    pairs = {
        "the two of a pair": (z[:, 0], z[:, 1]),
        "steps": (z[1:, 0], z[:-1, 0]),
        "trajectories": (z[:, 0, 1:], z[:, 0, :-1]),
        "places": (z[:, 0], elsewhere),
        "seeds": (z[:, 0], drawn(seed=4)[:, 0]),
    }
    for name, (a, b) in pairs.items():
        assert abs((a * b).mean()) < 4 / np.sqrt(number), name
    assert abs((z[:, 0] * z[:, 0]).mean()) > 0.9  # control


def test_compiled_lanes_draw_the_same_numbers():
    @nb.njit
    def loop(seed, step, place, out):
        for i in range(out.shape[1]):
            out[0, i], out[1, i] = lane_noise.normal_pair(seed, step, i, place)

    out = np.empty((2, 500))
    numbers = np.arange(500, dtype=np.uint64)
    for seed, step, place in ((0, 0, 0), (2**63 + 5, 2**40 + 3, 7)):
        loop(np.uint64(seed), step, place, out)
        wanted = np.array(normal_pair(seed, step, numbers, place))
        np.testing.assert_allclose(out, wanted, rtol=0, atol=2e-14)
