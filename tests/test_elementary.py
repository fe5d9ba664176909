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


@pytest.mark.parametrize(
    ("name", "power", "units"), [("rsqrt", 0.5, 1.2), ("rsqrt_cubed", 1.5, 2)]
)
def test_reciprocal_roots_are_good_to_a_unit_or_two_in_the_last_place(
    name, power, units
):
    x = np.exp(RNG.uniform(-400, 400, 4000))
    wanted = exact(lambda a: a ** -mpmath.mpf(power), x)
    assert ulps(in_lanes(getattr(elementary, name), x), wanted) < units


@pytest.mark.parametrize("name", ["rsqrt", "rsqrt_cubed"])
def test_what_has_no_reciprocal_root_becomes_visible(name):
    x = np.array([0.0, 5e-324, 1e-310, np.nextafter(2.0**-1022, 0)])
    x = np.concatenate([x, RNG.uniform(0, 2.0**-1022, 1000)])
    large = np.exp(RNG.uniform(-700, 700, 1000))
    bad = np.concatenate([x, -x, -large, [np.nan, np.inf, -np.inf]])
    function = getattr(elementary, name)
    assert not np.isfinite(in_lanes(function, bad)).any()
    assert np.isfinite(in_lanes(function, large[large > 1e-200])).all()  # control


def test_a_cube_of_a_root_without_its_guard_is_caught():
    """Control: only for a sum of squares may the compiler leave the guard out."""

    @nb.njit(error_model="numpy")
    def of_squares(x):
        return elementary.rsqrt_cubed(elementary.fma(x, x, 2 * x * x))

    @nb.njit(error_model="numpy")
    def of_a_difference(x):
        return elementary.rsqrt_cubed(elementary.fma(x, x, -2 * x * x))

    @nb.njit(error_model="numpy")
    def unguarded(x):
        y = elementary._near_root(x, elementary._CUBE)
        e = elementary.fma(-x, y * y, 1.0)
        return y * y * y * (1 + e * elementary.fma(e, 1.875, 1.5))

    x = RNG.uniform(-0.1, 0.1, 1000)
    wanted = exact(lambda a: (mpmath.mpf(3) * a**2) ** -1.5, x)
    found = in_lanes(of_squares, x)
    assert np.allclose(found, np.array(wanted, float), rtol=1e-15, atol=0)
    assert np.isnan(in_lanes(of_a_difference, x)).all()
    assert np.isfinite(in_lanes(unguarded, -np.abs(x))).all()
    nothing = np.zeros(10)
    for function in (of_squares, of_a_difference):
        assert not np.isfinite(in_lanes(function, nothing)).any()


@pytest.mark.parametrize("first", [elementary._ROOT, elementary._CUBE])
def test_one_stage_less_would_be_caught(first):
    """Control: the guess and its polynomial are good to a part in a million."""

    @nb.njit(error_model="numpy")
    def near_root(x):
        return elementary._near_root(x, first)

    x = np.exp(RNG.uniform(-5, 5, 10_000))
    product = in_lanes(near_root, x) * np.sqrt(x)
    assert 1e-7 < product.max() / product.min() - 1 < 2e-6


def test_a_kernel_can_ask_for_wide_vectors():
    def add(x, y):
        for i in range(x.size):
            y[i] += x[i]

    def add_wide(x, y):
        elementary.wide_vectors()
        for i in range(x.size):
            y[i] += x[i]

    def asks(function):
        kernel = nb.njit("void(f8[::1], f8[::1])")(function)
        (code,) = kernel.inspect_llvm().values()
        return '"prefer-vector-width"="512"' in code

    assert asks(add_wide)
    assert not asks(add)
