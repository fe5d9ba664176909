"""Tangent dynamics: complex steps, exact derivatives, published exponents."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from mechanics import models
from mechanics.numerics import (
    DOP853,
    GAUSS_LEGENDRE_4,
    KAHAN_LI_8,
    RATTLE,
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    VARIATIONAL_MIDPOINT,
    YOSHIDA_4,
    FirstOrderSystem,
    Flow,
    SplitSystem,
    compile_system,
    integrate,
    lyapunov_exponent,
    monodromy,
    palindrome,
    tangent_system,
)
from mechanics.symbolic import HamiltonianSystem, implicit_legendre, legendre

q, p, t, tau, xi = sp.symbols("q p t tau xi", real=True)
x, y, z, p_x, p_y = sp.symbols("x y z p_x p_y", real=True)

HENON_HEILES = HamiltonianSystem(
    (p_x**2 + p_y**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3, (x, y), (p_x, p_y)
)
KEPLER = HamiltonianSystem(
    (p_x**2 + p_y**2) / 2 - 1 / sp.sqrt(x**2 + y**2), (x, y), (p_x, p_y)
)
DRIVEN = legendre(models.driven_pendulum())
MAGNETIC = HamiltonianSystem(
    p_x**2 / 2 + (p_y - x) ** 2 / 2 + sp.cos(x), (x, y), (p_x, p_y)
)
DECAY = sp.exp(-tau)
LANGEVIN = SplitSystem(
    {"q": (q,), "p": (p,)},
    {
        "A": Flow({q: q + tau * p}, tau),
        "B": Flow({p: p - tau * sp.sin(q)}, tau),
        "O": Flow({p: DECAY * p + sp.sqrt(1 - DECAY**2) * xi}, tau, noise=(xi,)),
    },
)
rho = sp.Symbol("rho", positive=True)
LORENZ = FirstOrderSystem(
    (x, y, z), (10 * (y - x), x * (rho - z) - y, x * y - sp.Rational(8, 3) * z)
)
ROD = {"m": 1, "g": 1, "l": 1}
RUNS = {
    "leapfrog": (HENON_HEILES, STORMER_VERLET, ([0.1, 0.2], [0.3, 0.1]), None),
    "eighth order": (KEPLER, KAHAN_LI_8, ([0.7, 0.0], [0.1, 1.2]), None),
    "with time": (DRIVEN, YOSHIDA_4, ([0.3], [0.5]), {"a": 0.8, "Omega": 1.3}),
    "Runge-Kutta": (LORENZ, RUNGE_KUTTA_4, [1.0, 2.0, 20.0], {"rho": 28}),
    "implicit": (MAGNETIC, GAUSS_LEGENDRE_4, ([0.3, 0.1], [0.2, 0.4]), None),
    "mass metric": (
        implicit_legendre(models.double_pendulum()),
        GAUSS_LEGENDRE_4,
        ([0.5, 0.9], [0.2, 0.1]),
        {"m_1": 1, "m_2": 1, "l_1": 1, "l_2": 1, "g": 1},
    ),
    "variational": (
        models.double_pendulum(),
        VARIATIONAL_MIDPOINT,
        ([0.5, 0.9], [0.2, 0.1]),
        {"m_1": 1, "m_2": 1, "l_1": 1, "l_2": 1, "g": 1},
    ),
    "constraint": (
        models.pendulum_with_tension(),
        RATTLE,
        ([0.6, -0.8], [0.4, 0.3]),
        ROD,
    ),
    "noise": (LANGEVIN, palindrome("B", "A", "O"), ([0.4], [0.1]), None),
}
COMPILED = ("leapfrog", "implicit", "constraint", "noise")


def parts_of(initial):
    return initial if isinstance(initial, tuple) else (initial,)


def moved(initial, change):
    """A neighbouring initial state."""
    parts = parts_of(initial)
    cut = np.cumsum([len(part) for part in parts])[:-1]
    start = np.split(np.concatenate(parts) + change, cut)
    return tuple(start) if isinstance(initial, tuple) else start[0]


def by_complex_steps(system, initial, *, epsilon=1e-30, **run):
    """Derivatives Im f(x + i epsilon)/epsilon, without a difference of numbers."""
    size = sum(map(len, parts_of(initial)))
    ends = [
        integrate(system, moved(initial, 1j * epsilon * unit), save="end", **run).end
        for unit in np.eye(size)
    ]
    return np.transpose(ends).imag / epsilon


# The derivative of the numerical map --------------------------------------------------


@pytest.mark.parametrize("name", RUNS)
def test_the_deviation_moves_by_the_derivative_of_the_numerical_map(name):
    system, method, initial, params = RUNS[name]
    run = {"dt": 0.1, "steps": 30, "method": method, "params": params}
    expected = by_complex_steps(system, initial, **run)
    assert np.abs(expected).max() > 0.2
    for backend in ("numpy", "numba")[: 2 if name in COMPILED else 1]:
        M = monodromy(system, initial, **run, backend=backend)
        # rounding of 30 steps, with the largest factor by which the motion amplifies it
        bound = 1e-14 * np.abs(expected).max() ** 2
        assert np.abs(M - expected).max() < max(bound, 1e-13)
    # control: the derivative of the map with one step in a thousand less
    off = monodromy(system, initial, **run | {"dt": 0.0999})
    assert np.abs(off - expected).max() > 1e-6


@pytest.mark.parametrize("name", [name for name in RUNS if name != "constraint"])
def test_a_deviation_is_the_limit_of_a_difference(name):
    """Independent of complex numbers: central differences, whose error is delta^2."""
    system, method, initial, params = RUNS[name]
    run = {"dt": 0.1, "steps": 30, "method": method, "params": params}
    delta = 1e-5 * np.cos(1 + np.arange(sum(map(len, parts_of(initial)))))
    ends = [
        integrate(system, moved(initial, change), save="end", **run).end
        for change in (delta, -delta)
    ]
    M = monodromy(system, initial, **run)
    # delta^2 = 1e-10 times second derivatives, and rounding 1e-16/delta = 1e-11
    np.testing.assert_allclose((ends[0] - ends[1]) / 2, M @ delta, atol=1e-12)


@pytest.mark.parametrize("name", ["leapfrog", "eighth order", "with time", "noise"])
def test_the_motion_is_the_same_with_and_without_a_deviation(name):
    """To the last bit: the statements of the step are kept as they are."""
    system, method, initial, params = RUNS[name]
    run = {"dt": 0.1, "steps": 200, "method": method, "params": params, "seed": 4}
    alone = integrate(system, initial, **run)
    number = len(alone.names)
    both = integrate(tangent_system(system), (*initial, np.ones(number)), **run)
    assert np.array_equal(both.states[:, :number], alone.states)
    assert np.array_equal(both.energy, alone.energy, equal_nan=True)
    assert both.names[number:] == tuple(f"delta_{name}" for name in alone.names)


def test_adaptive_methods_integrate_the_variational_equations():
    run = {"dt": 0.5, "steps": 4, "params": {"rho": 28}}
    tight = replace(DOP853, rtol=1e-12, atol=1e-12)
    adaptive = monodromy(LORENZ, [1.0, 2.0, 20.0], method=tight, **run)
    fixed = {"dt": 0.001, "steps": 2000, "params": {"rho": 28}}
    gauss = monodromy(LORENZ, [1.0, 2.0, 20.0], method=GAUSS_LEGENDRE_4, **fixed)
    # Lorenz: the trace of Df is -41/3 everywhere, so that det M = exp(-41 t/3); the
    # matrix is nearly singular, and its determinant is known as well as its entries
    assert np.abs(adaptive - gauss).max() < 1e-8 * np.abs(gauss).max()


# Exact derivatives --------------------------------------------------------------------


def test_one_turn_of_kepler_shifts_neighbours_along_the_orbit():
    """The period depends on the energy alone: M = 1 - (dT/dE) zdot (dE/dz)^T."""
    q0, p0 = np.array([0.7, 0.0]), np.array([0.1, 1.1])
    radius = np.linalg.norm(q0)
    E = p0 @ p0 / 2 - 1 / radius
    period = 2 * np.pi * (-2 * E) ** -1.5
    slope = 6 * np.pi * (-2 * E) ** -2.5
    gradient = np.array([*(q0 / radius**3), *p0])
    rate = np.array([*p0, *(-q0 / radius**3)])
    exact = np.eye(4) - slope * np.outer(rate, gradient)

    def error(method, steps):
        dt = period / steps
        M = monodromy(KEPLER, (q0, p0), dt=dt, steps=steps, method=method)
        return np.abs(M - exact).max()

    # entries up to 30; the method's error is 1e-13 of it, rounding 1e-16 each step
    assert error(KAHAN_LI_8, 400) < 1e-10
    # control: the leapfrog has another period
    assert error(STORMER_VERLET, 400) > 1e-3
    ratio = error(STORMER_VERLET, 800) / error(STORMER_VERLET, 1600)
    assert ratio == pytest.approx(4, abs=0.2)


def test_friction_contracts_volumes():
    """Exactly for the splitting, and to its order for Runge and Kutta's method."""
    gamma, steps, dt = 0.3, 50, 0.1
    damped = SplitSystem(
        {"q": (q,), "p": (p,)},
        {
            "A": Flow({q: q + tau * p}, tau),
            "B": Flow({p: p - tau * sp.sin(q)}, tau),
            "O": Flow({p: sp.exp(-gamma * tau) * p}, tau),
        },
    )
    field = FirstOrderSystem((q, p), (p, -sp.sin(q) - gamma * p))
    exact = np.exp(-gamma * steps * dt)

    def volume(system, initial, method):
        M = monodromy(system, initial, dt=dt, steps=steps, method=method)
        return np.linalg.det(M)

    split = volume(damped, ([1.0], [0.5]), palindrome("B", "A", "O"))
    assert split == pytest.approx(exact, rel=1e-13)
    rk4 = volume(field, [1.0, 0.5], RUNGE_KUTTA_4)
    assert rk4 == pytest.approx(exact, rel=1e-5)
    assert rk4 != pytest.approx(exact, rel=1e-9)


def test_an_ensemble_has_a_matrix_for_each_trajectory():
    start = np.random.default_rng(3).normal(0, 0.2, (2, 2, 3, 2))
    together = monodromy(HENON_HEILES, tuple(start), dt=0.1, steps=20)
    assert together.shape == (4, 4, 3, 2)
    for i in np.ndindex(3, 2):
        alone = monodromy(
            HENON_HEILES, (start[0][:, *i], start[1][:, *i]), dt=0.1, steps=20
        )
        assert np.array_equal(together[:, :, *i], alone)
    # and each trajectory its parameters, together with its columns
    own = np.array([[0.5], [1.0], [2.0]]) * np.ones((1, 2))
    pair = np.full((1, 3, 2), 0.4), np.full((1, 3, 2), 0.1)
    run = {"dt": 0.1, "steps": 20, "method": STORMER_VERLET}
    together = monodromy(DRIVEN, pair, **run, params={"a": own, "Omega": 1.3})
    for row, a in enumerate(own[:, 0]):
        params = {"a": a, "Omega": 1.3}
        alone = monodromy(DRIVEN, ([0.4], [0.1]), **run, params=params)
        np.testing.assert_array_equal(together[:, :, row, 1], alone)


def test_functions_of_arrays_cannot_be_differentiated():
    with pytest.raises(TypeError, match=r"CompiledHamiltonian is made of array fun"):
        tangent_system(compile_system(HENON_HEILES))


# Lyapunov exponents -------------------------------------------------------------------


def test_the_exponent_of_lorenz_is_the_published_one():
    """Sprott (2003): 0.9056. The error is that of 64 independent runs."""
    start = np.random.default_rng(1).normal([[1], [1], [25]], 1, (3, 64))
    found = lyapunov_exponent(
        LORENZ, start, dt=0.01, steps=200_000, method=RUNGE_KUTTA_4, params={"rho": 28}
    )
    mean, error = found.value.mean(), found.value.std(ddof=1) / np.sqrt(64)
    assert error < 1e-3
    assert abs(mean - 0.9056) < 3 * error
    # each run knows its own error, to within a factor of two on average
    assert 0.5 < found.error.mean() / found.value.std(ddof=1) < 2


def test_where_lorenz_comes_to_rest_the_exponent_is_an_eigenvalue():
    """rho = 14: convection is steady, and deviations from it die out in spirals."""
    r, b = 14.0, 8 / 3
    c = np.sqrt(b * (r - 1))
    J = np.array([[-10, 10, 0], [1, -1, -c], [c, c, -b]])
    exact = np.linalg.eigvals(J).real.max()
    found = lyapunov_exponent(
        LORENZ,
        [c + 0.1, c, r - 1],
        dt=0.01,
        steps=100_000,
        method=RUNGE_KUTTA_4,
        params={"rho": r},
    )
    assert exact < -0.3
    # a turn that is not complete, of the time 900: 1e-3
    assert found.value == pytest.approx(exact, abs=1e-3)


PUBLISHED = ([0.0, -0.25], [0.420813, 0.0])


def test_the_exponent_of_henon_and_heiles_at_an_eighth():
    found = lyapunov_exponent(HENON_HEILES, PUBLISHED, dt=0.1, steps=10_000_000)
    # 0.046 is rounded; the orbit sticks to islands for long times, hence its error
    assert found.error < 2e-3
    assert abs(found.value - 0.046) < 0.0005 + 3 * found.error
    assert found.running[-1] == pytest.approx(found.value, abs=2e-3)
    assert found.t[-1] == pytest.approx(1e6)


def test_a_regular_orbit_has_none():
    """Its deviations grow with the time, so that the rate is log(t)/t and falls."""
    rates = [
        lyapunov_exponent(HENON_HEILES, ([0.0, 0.1], [0.1, 0.0]), dt=0.1, steps=steps)
        for steps in (100_000, 1_000_000)
    ]
    for found in rates:
        # from T/10 to T the deviation grows tenfold: log(10)/(0.9 T)
        expected = np.log(10) / (0.9 * found.t[-1])
        assert found.value == pytest.approx(expected, rel=0.2)
    assert rates[1].value < 1e-3 * 0.046


def test_exponents_of_an_ensemble_are_those_of_its_members():
    start = np.random.default_rng(2).normal(0, 0.2, (2, 2, 5))
    together = lyapunov_exponent(HENON_HEILES, tuple(start), dt=0.1, steps=10_000)
    assert together.value.shape == together.error.shape == (5,)
    assert together.running.shape == (100, 5)
    for i in range(5):
        alone = lyapunov_exponent(
            HENON_HEILES, (start[0][:, i], start[1][:, i]), dt=0.1, steps=10_000
        )
        assert alone.value == pytest.approx(together.value[i], rel=1e-12)


def test_the_number_of_pieces_changes_nothing_but_rounding():
    values = [
        lyapunov_exponent(
            HENON_HEILES, ([0.0, 0.1], [0.1, 0.0]), dt=0.1, steps=10_000, pieces=pieces
        ).value
        for pieces in (10, 100, 1000)
    ]
    np.testing.assert_allclose(values, values[0], atol=1e-12)


def test_time_goes_on_from_piece_to_piece():
    """Parametric resonance of Mathieu's equation; a clock that starts anew misses it.

    The pieces are no multiples of the period.
    """
    omega = sp.Symbol("Omega", positive=True)
    swing = HamiltonianSystem(
        p**2 / 2 + q**2 / 2 * (1 + sp.cos(omega * t) / 5), (q,), (p,), t=t
    )
    period = 2 * np.pi / 2
    params = {"Omega": 2.0}
    M = monodromy(
        swing,
        ([0.0], [0.0]),
        dt=period / 100,
        steps=100,
        params=params,
        method=YOSHIDA_4,
    )
    floquet = np.log(np.abs(np.linalg.eigvals(M)).max()) / period
    found = lyapunov_exponent(
        swing,
        ([0.0], [0.0]),
        dt=period / 100,
        steps=73_000,
        params=params,
        method=YOSHIDA_4,
    )
    assert floquet == pytest.approx(0.05, rel=0.05)  # 1/20 to first order
    # the length of the deviation varies within a period by a few per cent, in T = 2000
    assert found.value == pytest.approx(floquet, abs=1e-4)


@pytest.mark.parametrize(("steps", "pieces"), [(1000, 5), (1000, 15), (1005, 10)])
def test_pieces_that_do_not_fit(steps, pieces):
    with pytest.raises(ValueError, match="must be a multiple of ten, and divide"):
        lyapunov_exponent(HENON_HEILES, PUBLISHED, dt=0.1, steps=steps, pieces=pieces)


def test_pieces_that_are_too_long_are_named():
    run = {"dt": 0.01, "method": RUNGE_KUTTA_4, "params": {"rho": 28}}
    with pytest.raises(ValueError, match="overflows between t = 0 and 1000: make pie"):
        lyapunov_exponent(LORENZ, [1.0, 1.0, 25.0], steps=1_000_000, pieces=10, **run)
    long = lyapunov_exponent(LORENZ, [1.0, 1.0, 25.0], steps=1_000_000, **run)
    assert long.value == pytest.approx(0.9056, abs=4 * long.error)
