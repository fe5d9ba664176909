"""The compiled elementary functions against mpmath, in units in the last place."""

import mpmath
import numba as nb
import numpy as np
import pytest

from mechanics.numerics import elementary

RNG = np.random.default_rng(5)


def in_lanes(function, x):
    """Evaluate a function of the lanes on an array, in a loop that vectorizes."""

    @nb.njit(error_model="numpy")
    def loop(x, y):
        for i in range(x.size):
            y[i] = function(x[i])

    y = np.empty_like(x)
    loop(x, y)
    return y


def exact(function, x):
    with mpmath.workdps(40):
        return [function(mpmath.mpf(float(a))) for a in x]


def ulps(found, wanted):
    """The largest error in units in the last place of the exact value."""
    with mpmath.workdps(40):
        return max(
            float(abs(mpmath.mpf(float(a)) - b) / mpmath.mpf(float(np.spacing(abs(a)))))
            for a, b in zip(found, wanted, strict=True)
        )


@pytest.mark.parametrize("reach", [1e-8, 1.0, 10.0, 1e5])
@pytest.mark.parametrize("name", ["sin", "cos"])
def test_sine_and_cosine_are_good_to_three_units_in_the_last_place(name, reach):
    x = RNG.uniform(-reach, reach, 3000)
    found = in_lanes(getattr(elementary, name), x)
    assert ulps(found, exact(getattr(mpmath, name), x)) < 3


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_of_a_huge_argument_the_error_is_that_of_its_own_rounding(name):
    """An argument of 1e12 is known to 1e-4 only; its sine is right for a neighbour."""
    x = RNG.uniform(1e9, 1e14, 2000)
    found = in_lanes(getattr(elementary, name), x)
    error = [abs(mpmath.mpf(float(a)) - b) for a, b in zip(
        found, exact(getattr(mpmath, name), x), strict=True)]  # fmt: skip
    assert (np.array(error, float) < 2 * np.spacing(x) + 3e-16).all()


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_where_there_is_no_sine_it_says_so(name):
    x = np.array([1e15, -1e16, 1e300, np.inf, np.nan])
    assert np.isnan(in_lanes(getattr(elementary, name), x)).all()


def test_a_sine_without_the_third_part_of_pi_is_caught():
    """Control: two short parts of pi leave an error of 1e-19 in each period."""

    @nb.njit(error_model="numpy")
    def careless(x):
        k = np.rint(x / np.pi)
        r = (x - k * elementary._PI_1) - k * elementary._PI_2
        return (1 - 2 * (k % 2)) * elementary._sine_near(r)

    x = np.pi * np.arange(1000.0, 2000.0)  # where the sine is small
    wanted = exact(mpmath.sin, x)
    assert ulps(in_lanes(elementary.sin, x), wanted) < 2
    assert ulps(in_lanes(careless, x), wanted) > 10


def test_the_exponential_is_good_to_two_units_in_the_last_place():
    x = np.concatenate([RNG.uniform(-708, 709.7, 3000), RNG.uniform(-1, 1, 1000)])
    assert ulps(in_lanes(elementary.exp, x), exact(mpmath.exp, x)) < 2


def test_the_exponential_at_the_ends_of_its_range():
    x = np.array([0.0, 709.79, np.inf, -708.4, -np.inf, np.nan])
    found = in_lanes(elementary.exp, x)
    np.testing.assert_array_equal(found, [1.0, np.inf, np.inf, 0.0, 0.0, np.nan])


@pytest.mark.parametrize(("name", "power"), [("rsqrt", 0.5), ("rsqrt_cubed", 1.5)])
def test_reciprocal_roots_are_good_to_two_units_in_the_last_place(name, power):
    x = np.exp(RNG.uniform(-400, 400, 4000))
    wanted = exact(lambda a: a ** -mpmath.mpf(power), x)
    assert ulps(in_lanes(getattr(elementary, name), x), wanted) < 2


@pytest.mark.parametrize("name", ["rsqrt", "rsqrt_cubed"])
def test_what_has_no_reciprocal_root_becomes_visible(name):
    x = np.array([0.0, -0.0, -1.0, 1e-310, np.nan, np.inf, -np.inf])
    assert not np.isfinite(in_lanes(getattr(elementary, name), x)).any()


def test_one_iteration_less_would_be_caught():
    """Control: the first guess and its polynomial are good to a part in a million."""
    x = np.exp(RNG.uniform(-5, 5, 1000))
    wanted = exact(lambda a: 1 / mpmath.sqrt(a), x)
    assert ulps(in_lanes(elementary._near_root, x), wanted) > 1e6
