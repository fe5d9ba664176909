"""Order and chaos: exponents, alignment, periodic orbits, frequencies, separatrices."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from mechanics import models
from mechanics.chaos import (
    Fixed,
    Mirror,
    NewtonError,
    PeriodicOrbit,
    chain_equilibrium,
    continuation,
    fourier_integral,
    frequency_analysis,
    lyapunov_spectrum,
    melnikov_integrand,
    periodic_orbit,
    residue,
    residue_threshold,
    sali,
    separatrix_integral,
    standard_map,
    symmetric_orbit,
)
from mechanics.numerics import (
    KAHAN_LI_8,
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    SYMPLECTIC_EULER,
    YOSHIDA_4,
    FirstOrderSystem,
    integrate,
    lyapunov_exponent,
    monodromy,
)
from mechanics.symbolic import HamiltonianSystem, legendre

MAP = standard_map()
HENON_HEILES = legendre(models.henon_heiles())
t, omega = sp.symbols("t omega", positive=True)
q, p, delta = sp.symbols("q p delta", real=True)


def on_section(E: float, y, p_y):
    """Initial states with x = 0 and p_x > 0 on an energy surface of Hénon-Heiles."""
    y, p_y = np.asarray(y, float), np.asarray(p_y, float)
    p_x = np.sqrt(2 * E - p_y**2 - y**2 + 2 * y**3 / 3)
    return np.array([0 * y, y]), np.array([p_x, p_y])


# Exponents and alignment --------------------------------------------------------------


def test_the_sum_of_the_exponents_is_the_mean_divergence():
    x = sp.symbols("x y z", real=True)
    f = (10 * (x[1] - x[0]), x[0] * (28 - x[2]) - x[1], x[0] * x[1] - x[2] * 8 / 3)
    found = lyapunov_spectrum(
        FirstOrderSystem(x, f),
        [1.0, 2.0, 20.0],
        dt=0.01,
        steps=50_000,
        pieces=500,
        method=RUNGE_KUTTA_4,
    )
    # the trace of Df is -41/3 everywhere; the error of RK4 is of order dt^4
    assert found.values.sum() == pytest.approx(-41 / 3, rel=1e-5)
    # published: .9056, 0, -14.572 (Viswanath 1998); T = 500 leaves a scatter
    assert found.values[0] == pytest.approx(0.9056, abs=4 * found.errors[0])
    assert found.errors[0] < 0.02
    assert abs(found.values[1]) < 0.01


def test_hamiltonian_exponents_come_in_pairs():
    start = on_section(1 / 8, [-0.25, 0.0], [0.0, 0.05])  # chaotic; near a periodic one
    run = {"dt": 0.1, "steps": 40_000, "method": YOSHIDA_4}
    found = lyapunov_spectrum(HENON_HEILES, start, **run)
    chaotic, regular = found.values.T
    assert np.abs(chaotic + chaotic[::-1]).max() < 1e-6
    assert chaotic[0] > 0.03
    assert np.abs(regular).max() < 0.002  # log(t) / t
    alone = lyapunov_exponent(HENON_HEILES, start, **run)
    assert np.allclose(alone.value, found.values[0], atol=2e-3)  # other deviations


def test_pieces_must_fit():
    with pytest.raises(ValueError, match="multiple of ten"):
        lyapunov_spectrum(HENON_HEILES, on_section(0.1, 0, 0), dt=0.1, steps=90)
    with pytest.raises(ValueError, match="must divide"):
        sali(HENON_HEILES, on_section(0.1, 0, 0), dt=0.1, steps=95)
    steep = {"dt": 1, "steps": 1000, "params": {"K": 50.0}, "method": SYMPLECTIC_EULER}
    with pytest.raises(ValueError, match="more pieces"):
        sali(MAP.system, ([3.0], [1.0]), pieces=1, **steep)


def test_the_index_tells_order_from_chaos():
    """It falls like exp(-(lambda_1 - lambda_2) t), and stays where there is a torus."""
    y = np.array([-0.25, 0.0, 0.1])
    start = on_section(1 / 8, y, np.zeros(3))
    run = {"dt": 0.1, "method": YOSHIDA_4}
    found = sali(HENON_HEILES, start, steps=20_000, pieces=200, **run)
    exponent = lyapunov_exponent(HENON_HEILES, start, steps=100_000, **run)
    chaotic = exponent.value > 0.02
    assert chaotic.tolist() == [True, False, False]
    assert (found.value[~chaotic] > 0.01).all()
    assert (found.value[chaotic] < 1e-8).all()
    expected = np.log(1e8) / exponent.value[chaotic]
    assert (found.t[chaotic] < 3 * expected).all()
    assert (found.t[chaotic] > expected / 3).all()


def test_each_trajectory_keeps_its_parameter():
    K = np.array([[0.2, 5.0, 0.3], [6.0, 0.1, 7.0]])
    start = np.full((1, 2, 3), 2.5), np.full((1, 2, 3), 0.3)
    run = {"dt": 1, "steps": 1000, "method": SYMPLECTIC_EULER}
    found = sali(MAP.system, start, params={"K": K}, **run)
    assert ((found.value > 1e-8) == (K < 1)).all()
    for i in np.ndindex(2, 3):
        alone = sali(MAP.system, ([2.5], [0.3]), params={"K": K[i]}, **run)
        assert alone.t == found.t[i]


# Twist maps ---------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 5))
def test_the_system_is_the_map_and_keeps_areas(x, momentum, K):
    run = {"dt": 1, "steps": 6, "params": {"K": K}, "method": SYMPLECTIC_EULER}
    orbit = integrate(MAP.system, ([x], [momentum]), **run)
    for n in range(1, 7):
        momentum += K * np.sin(x)
        x += momentum
        # chaos amplifies the last digit by the norm of the derivative
        assert orbit.q[n, 0] == pytest.approx(x, abs=1e-10 * (2 + K) ** n)
    M = monodromy(MAP.system, ([0.3], [0.1]), **run)
    scale = np.abs(M).max() ** 2
    assert abs(np.linalg.det(M) - 1) < 1e-14 * max(1, scale)


@pytest.mark.parametrize(("p", "q"), [(1, 2), (2, 5), (5, 8), (8, 13), (-3, 7)])
@pytest.mark.parametrize("through", [0.0, np.pi])
def test_symmetric_orbits_close_under_the_map(p, q, through):
    params = {"K": 0.6}
    x = symmetric_orbit(MAP, p, q, params, through=through)
    momentum = x[0] - (x[-1] - 2 * np.pi * p)
    run = {"dt": 1, "steps": q, "params": params, "method": SYMPLECTIC_EULER}
    orbit = integrate(MAP.system, ([x[0]], [momentum]), **run)
    assert np.allclose(orbit["x"], [*x, x[0] + 2 * np.pi * p], atol=1e-9)
    M = monodromy(MAP.system, ([x[0]], [momentum]), **run)
    R = residue(MAP, x, params)
    assert pytest.approx((2 - np.trace(M)) / 4, abs=1e-9) == R
    if q % 2:  # maximum of V: stable; minimum: unstable
        assert (R > 0) == (through == np.pi)


def test_the_residue_is_the_determinant_of_the_chain():
    """R = -det(second derivative of the energy) / 4, for a ring of q atoms."""
    params = {"K": 0.9}
    x = symmetric_orbit(MAP, 3, 7, params, through=np.pi)
    ring = (
        2 * np.eye(7) - np.roll(np.eye(7), 1, axis=0) - np.roll(np.eye(7), -1, axis=0)
    )
    Hessian = ring + np.diag(MAP.derivative(2, x, params))
    assert residue(MAP, x, params) == pytest.approx(-np.linalg.det(Hessian) / 4)


def test_a_residue_beyond_all_numbers_is_infinite():
    many = np.zeros(2000)  # the unstable fixed point, two thousand times
    assert residue(MAP, many, {"K": 5.0}) == -np.inf
    assert residue(MAP, many[:1000], {"K": 5.0}) == -np.inf
    eigenvalue = (7 + np.sqrt(45)) / 2
    exact = (2 - eigenvalue**301 - eigenvalue**-301) / 4
    assert residue(MAP, many[:301], {"K": 5.0}) == pytest.approx(exact, rel=1e-11)


def test_the_golden_torus_breaks_where_greene_found_it():
    thresholds = [
        residue_threshold(MAP, p, q) for p, q in ((377, 610), (610, 987), (987, 1597))
    ]
    # Greene 1979: .971635; the distance shrinks 1.6-fold with every convergent
    assert np.allclose(thresholds, 0.971635, atol=1e-6)
    # control: the torus of the convergents of sqrt(2) - 1 breaks earlier
    assert residue_threshold(MAP, 169, 408) < 0.96


def test_the_anti_integrable_limit_leads_where_newton_is_lost():
    """At K = 4 the atoms of the ground state sit near the valleys."""
    with pytest.raises(NewtonError):
        symmetric_orbit(MAP, 34, 55, {"K": 4.0}, through=0.0)
    valleys = 2 * np.pi * np.rint(34 * np.arange(55) / 55)

    def solve(x, inverse):
        return symmetric_orbit(MAP, 34, 55, {"K": 1 / inverse}, through=0.0, guess=x)

    [*_, x] = continuation(solve, valleys, [1e-6, 0.1, 0.25])
    assert np.abs(x - valleys).max() < np.pi / 2  # all in their valleys: a minimum
    assert residue(MAP, x, {"K": 4.0}) < -1e10


def test_chains_end_as_they_are_told():
    params = {"K": 0.4}
    n = np.arange(40) - 19.5
    kink = 4 * np.arctan(np.exp(np.sqrt(0.4) * n))  # of the continuum
    whole = chain_equilibrium(MAP, kink, Fixed(0), Fixed(2 * np.pi), params)
    half = chain_equilibrium(MAP, whole[:20], Fixed(0), Mirror(np.pi), params)
    assert np.allclose(half, whole[:20], atol=1e-12)
    assert np.allclose(whole + whole[::-1], 2 * np.pi, atol=1e-12)
    inside = np.concatenate([[0], whole, [2 * np.pi]])
    force = np.diff(inside, 2) - 0.4 * np.sin(whole)
    assert np.abs(force).max() < 1e-12


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((2, 4, {"K": 0.5}), "coprime"),
        ((1, 3, {}), "no value for the parameter K"),
    ],
)
def test_wrong_orbits_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        symmetric_orbit(MAP, *arguments, through=0.0)


def test_no_reflection_no_symmetric_orbit():
    with pytest.raises(ValueError, match=r"not symmetric about through = 1"):
        symmetric_orbit(MAP, 1, 3, {"K": 0.5}, through=1.0)
    with pytest.raises(ValueError, match="choose a bracket around"):
        residue_threshold(MAP, 5, 8, bracket=(0.5, 0.6))


# Continuation and periodic orbits -----------------------------------------------------


def test_a_fold_ends_the_way():
    """x^2 = 1 - c has no solution beyond c = 1."""

    def solve(x, c):
        if c > 1:
            raise NewtonError("none")
        return np.sqrt([1 - c])

    assert continuation(solve, np.ones(1), [0, 0.75])[-1] == pytest.approx(0.5)
    with pytest.raises(NewtonError, match=r"lost between 0[.]999"):
        continuation(solve, np.ones(1), [0, 0.5, 2])


def test_the_forced_linear_oscillator_has_its_textbook_orbit():
    x, v = sp.symbols("x v", real=True)
    gamma, w = 0.1, 1.3
    time = sp.Symbol("t", real=True)
    forced = FirstOrderSystem((x, v), (v, -x - gamma * v + sp.cos(w * time)), t=time)
    period = 2 * np.pi / w
    found = periodic_orbit(
        forced, [0.0, 0.0], period=period, steps=100, method=RUNGE_KUTTA_4
    )
    answer = 1 / (1 - w**2 + 1j * gamma * w)
    # Runge-Kutta: (w dt)^4 / 120 = 1e-7
    assert np.allclose(found.initial, [answer.real, (1j * w * answer).real], atol=1e-6)
    size = np.exp(-gamma * period / 2)
    assert np.abs(found.multipliers) == pytest.approx([size, size], rel=1e-6)


def test_the_loop_orbit_has_the_period_that_was_found_independently():
    E = 0.01
    found = periodic_orbit(
        HENON_HEILES,
        on_section(E, 0.1, 0.0),
        period=6.26,
        steps=60,
        method=KAHAN_LI_8,
        energy=E,
    )
    assert found.period == pytest.approx(6.26271376, abs=1e-8)
    assert 0 < found.residue < 1  # stable
    assert HENON_HEILES.H.subs(
        dict(zip(sp.symbols("x y p_x p_y", real=True), found.initial, strict=True))
    ) == pytest.approx(E, abs=1e-14)
    # control: the leapfrog of the same step has another period
    coarse = periodic_orbit(
        HENON_HEILES, on_section(E, 0.1, 0.0), period=6.26, steps=60,
        method=STORMER_VERLET,
    )  # fmt: skip
    assert abs(coarse.period - found.period) > 1e-3


def test_orbits_of_six_variables_have_no_single_residue():
    with pytest.raises(ValueError, match="6 variables"):
        _ = PeriodicOrbit(np.zeros(6), 1.0, np.eye(6)).residue


# Frequencies --------------------------------------------------------------------------


@pytest.mark.parametrize(("window", "order"), [(0, 2), (1, 4), (2, 6)])
def test_frequencies_converge_with_the_window(window, order):
    """The error falls like T^-(2n+2): the envelope of the errors at many lengths."""

    def worst(samples):
        errors = []
        for length in range(samples, samples + 40, 4):
            times = 0.1 * np.arange(length)
            f = np.exp(1j * times) + 0.3 * np.exp(1j * np.sqrt(7) * times)
            found = frequency_analysis(f, 0.1, window=window)
            errors.append(abs(found.frequencies[0] - 1))
        return max(errors)

    slope = np.log2(worst(600) / worst(1200))
    assert slope == pytest.approx(order, abs=0.6)


def test_the_frequency_of_a_pendulum():
    from scipy.special import ellipk

    unit = {"m": 1, "g": 1, "l": 1}
    swing = integrate(
        legendre(models.pendulum()), ([2.0], [0.0]), dt=0.05, steps=8000,
        params=unit, method=KAHAN_LI_8,
    )  # fmt: skip
    z = swing.q[:, 0] + 1j * swing.p[:, 0]
    found = frequency_analysis(z, 0.05, number=3, window=2)
    exact = np.pi / 2 / ellipk(np.sin(1.0) ** 2)
    assert found.frequencies[0] == pytest.approx(-exact, abs=1e-11)
    # a swing that is alike on both sides has odd harmonics only
    assert found.frequencies[1:] / exact == pytest.approx(
        np.rint(found.frequencies[1:] / exact), abs=1e-5
    )
    assert (np.rint(found.frequencies / exact) % 2 == 1).all()
    assert found.remainder < 0.05
    assert found.signal(swing.t[100]) == pytest.approx(z[100], abs=0.1)


def test_a_signal_must_be_one():
    with pytest.raises(ValueError, match="at least 16 finite samples"):
        frequency_analysis(np.full(40, np.nan), 0.1)


# Separatrices -------------------------------------------------------------------------


def test_residues_agree_with_sums_over_the_line():
    cases = [
        (1 / sp.cosh(t), sp.pi, [sp.I * sp.pi / 2]),
        (1 / sp.cosh(t) ** 2, sp.pi, [sp.I * sp.pi / 2]),
        (sp.tanh(t) / sp.cosh(t), sp.pi, [sp.I * sp.pi / 2]),
    ]
    for r, period, poles in cases:
        exact = fourier_integral(r, t, omega, period=period, poles=poles)
        f = sp.lambdify(t, r, "numpy")
        for w in (0.3, 1.0, 4.0):
            summed = separatrix_integral(lambda s, f=f, w=w: f(s) * np.exp(1j * w * s))
            assert complex(exact.subs(omega, w).evalf()) == pytest.approx(
                complex(summed), abs=1e-13
            )


def test_melnikov_of_the_duffing_oscillator():
    """The separatrix gains nothing in the mean if gamma/delta = .753020 (w = 1)."""
    well = HamiltonianSystem(p**2 / 2 - q**2 / 2 + q**4 / 4, (q,), (p,))
    q_0 = sp.sqrt(2) / sp.cosh(t)
    orbit = {q: q_0, p: sp.diff(q_0, t)}
    gamma, t_0 = sp.symbols("gamma t_0", real=True)
    push = (0, -delta * p + gamma * sp.cos(t + t_0))
    integrand = melnikov_integrand(well, push, orbit, t)
    f = sp.lambdify([t, t_0, gamma, delta], integrand, "numpy")
    phases = np.linspace(0, 2 * np.pi, 9)[:, None]

    def M(strength):
        return separatrix_integral(lambda s: f(s, phases, strength, 0.25))

    critical = 0.25 * 4 * np.cosh(np.pi / 2) / (3 * np.sqrt(2) * np.pi)
    assert critical == pytest.approx(0.188255, abs=5e-7)
    swing = np.sqrt(2) * np.pi / np.cosh(np.pi / 2) * np.sin(phases[:, 0])
    assert np.allclose(M(0.3), -0.25 * 4 / 3 + 0.3 * swing, atol=1e-13)
    assert M(critical).max() == pytest.approx(0, abs=1e-13)
    assert M(0.99 * critical).max() < 0 < M(1.01 * critical).max()


def test_wrong_separatrices_are_named():
    well = HamiltonianSystem(p**2 / 2 - q**2 / 2 + q**4 / 4, (q,), (p,))
    wrong = {q: 1 / sp.cosh(t), p: sp.diff(1 / sp.cosh(t), t)}
    with pytest.raises(ValueError, match="does not solve p'"):
        melnikov_integrand(well, (0, -p), wrong, t)
    with pytest.raises(ValueError, match="has not decayed"):
        separatrix_integral(np.cos)
    with pytest.raises(ValueError, match="not smooth"):
        separatrix_integral(lambda s: np.sign(s - 0.1234567) * np.exp(-(s**2)))
    with pytest.raises(ValueError, match="not between the lines"):
        below = [-sp.I * sp.pi / 2]
        fourier_integral(1 / sp.cosh(t), t, omega, period=sp.pi, poles=below)
    with pytest.raises(ValueError, match="does not repeat"):
        fourier_integral(1 / sp.cosh(t), t, omega, period=sp.Integer(1), poles=[])
