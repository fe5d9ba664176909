"""What may be asked of integrate: good requests, bad ones, and interrupted ones."""

import os
import signal
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from mechanics import models
from mechanics.numerics import (
    DOP853,
    FOREST_RUTH,
    GAUSS_LEGENDRE_4,
    IMPLICIT_MIDPOINT,
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    SYMPLECTIC_EULER,
    Averages,
    Crossings,
    Every,
    Extremes,
    FirstOrderSystem,
    Flow,
    IntegrationError,
    InterruptedWarning,
    SplitSystem,
    StepSizeWarning,
    UnknownFunctionError,
    UnsuitableMethodError,
    compile_system,
    convergence_order,
    integrate,
    palindrome,
)
from mechanics.numerics.ensemble import BLOCK, Control, share
from mechanics.symbolic import HamiltonianSystem, legendre

q, p, t = sp.symbols("q p t", real=True)
x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
k = sp.Symbol("k", positive=True)

OSCILLATOR = HamiltonianSystem(p**2 / 2 + k * q**2 / 2, (q,), (p,))
PENDULUM = HamiltonianSystem(p**2 / 2 - sp.cos(q), (q,), (p,))
KEPLER = HamiltonianSystem(
    (p_x**2 + p_y**2) / 2 - 1 / sp.sqrt(x**2 + y**2), (x, y), (p_x, p_y)
)
HENON_HEILES = HamiltonianSystem(
    (p_x**2 + p_y**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3, (x, y), (p_x, p_y)
)
# a charge in a magnetic field, in a gauge that mixes coordinates and momenta
CHARGE = HamiltonianSystem(p_x**2 / 2 + (p_y - x) ** 2 / 2, (x, y), (p_x, p_y))
BOTH = pytest.mark.parametrize("backend", ["numpy", "numba"])


def swing(initial=([1.0], [0.0]), system=OSCILLATOR, **how):
    how = {"dt": 0.1, "steps": 100} | how
    if system is OSCILLATOR:
        how = {"params": {"k": 1}} | how
    return integrate(system, initial, **how)


def orbit(eccentricity):
    """A Kepler orbit with unit semi-axis, from the perihelion."""
    near = 1 - eccentricity
    return ([near, 0.0], [0.0, np.sqrt((1 + eccentricity) / near)])


# Requests that cannot be met ----------------------------------------------------------

BAD = {
    "a state that is not finite": (
        {"initial": ([np.nan], [0.0])},
        "initial q is not finite",
    ),
    "too many coordinates": (
        {"initial": ([1.0, 2.0], [0.0])},
        r"the shapes q \(2,\), p \(1,\); it must have q \(1, ...\), p \(1, ...\)",
    ),
    "numbers instead of arrays": ({"initial": (1.0, 0.0)}, r"the shapes q \(\), p"),
    "coordinates alone": ({"initial": ([1.0],)}, "1 parts; give the 2 arrays q, p"),
    "a single number": ({"initial": 1.0}, "initial = 1.0: give the arrays q, p"),
    "ensembles of two sizes": (
        {"initial": (np.ones((1, 3)), np.ones((1, 4)))},
        r"the shapes q \(1, 3\), p \(1, 4\)",
    ),
    "an empty ensemble": (
        {"initial": (np.ones((1, 0)), np.ones((1, 0)))},
        "has no trajectory",
    ),
    "no step": ({"steps": 0}, "steps = 0 must be a positive integer"),
    "negative steps": ({"steps": -3}, "steps = -3 must be"),
    "half a step": ({"steps": 2.5}, "steps = 2.5 must be"),
    "a step of no time": ({"dt": 0.0}, "dt = 0.0 is not a step"),
    "a step of unknown time": ({"dt": np.nan}, "dt = nan is not a step"),
    "a step in words": ({"dt": "small"}, "dt = 'small' must be a real number"),
    "the end of time": ({"t0": np.inf}, "t0 = inf is not a time"),
    "a time so late that nothing changes it": (
        {"t0": 1e17},
        r"t0 = 1e\+17 is so large that a step of dt = 0.1 is lost",
    ),
    "a distance that does not divide": (
        {"save": 7},
        "steps = 100 and save every 7 steps.*the second must divide the first",
    ),
    "samples at such a distance": (
        {"save": Averages((q,), every=7)},
        "save every 7 steps",
    ),
    "every zeroth step": ({"save": Every(0)}, "save every 0 steps"),
    "something else to save": ({"save": "often"}, "save = 'often': give a number"),
    "an average of something unknown": (
        {"save": Averages((x,))},
        "x contains x; this system knows q, p, k",
    ),
    "a section by something unknown": ({"save": Crossings(y)}, "y contains y"),
    "a direction that is none": (
        {"save": Crossings(q, direction=2)},
        "direction = 2 must be -1, 0 or 1",
    ),
    "no room for crossings": ({"save": Crossings(q, limit=0)}, "limit = 0 at least"),
    "another backend": ({"backend": "fortran"}, "backend = 'fortran': use numpy"),
    "a missing parameter": ({"params": {}}, "no value for k; this system has k"),
    "an unknown parameter": ({"params": {"k": 1, "m": 2}}, "unknown m"),
    "a parameter without a value": (
        {"params": {"k": np.nan}},
        "the parameter k is not finite",
    ),
    "a parameter in words": (
        {"params": {"k": "stiff"}},
        "the parameter k is no number: 'stiff'",
    ),
    "too many parameters": (
        {"params": {"k": [1, 2]}},
        r"the parameter k has the shape \(2,\), which does not fit",
    ),
    "a negative seed": ({"seed": -1}, "seed = -1 must be an integer from 0"),
    "no threads": ({"threads": 0}, "threads = 0 must be a positive integer"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_request_that_makes_no_sense_is_refused_by_name(what):
    request, message = BAD[what]
    with pytest.raises(ValueError, match=message):
        swing(**request)


def test_the_same_request_in_order_is_granted():
    """Control for the table above."""
    run = swing(save=Every(np.int64(5)), seed=2**64 - 1, threads=1, t0=1e14)
    assert run.states.shape == (21, 2)


def test_what_is_no_method_and_what_is_no_system_is_said():
    with pytest.raises(TypeError, match="method = 'leapfrog' is none"):
        swing(method="leapfrog")
    with pytest.raises(TypeError, match="Pow is no system that can be integrated"):
        integrate(p**2, ([1.0], [0.0]), dt=0.1, steps=1)


def test_kicks_and_drifts_need_a_separable_hamiltonian():
    initial = ([0.0, 0.0], [1.0, 0.0])
    with pytest.raises(UnsuitableMethodError, match=r"mixes.*use IMPLICIT_MIDPOINT"):
        integrate(CHARGE, initial, dt=0.1, steps=10)
    assert integrate(CHARGE, initial, dt=0.1, steps=10, method=GAUSS_LEGENDRE_4)


def test_a_function_without_a_formula_is_named():
    system = legendre(models.pendulum_of_varying_length())
    with pytest.raises(UnknownFunctionError, match=r"l\(t\)"):
        integrate(system, ([1.0], [0.0]), dt=0.1, steps=1, params={"m": 1, "g": 1})


def test_array_functions_have_no_formulas_to_average():
    system = compile_system(OSCILLATOR, {"k": 1})
    with pytest.raises(ValueError, match="keep its states"):
        integrate(system, ([1.0], [0.0]), dt=0.1, steps=10, save=Averages((q,)))


# Solutions that go wrong --------------------------------------------------------------


@BOTH
def test_an_iteration_that_does_not_converge_is_an_error_with_a_time(backend):
    with pytest.raises(
        IntegrationError, match=r"did not converge at t = 0.*dt = 3"
    ) as e:
        swing(dt=3.0, method=IMPLICIT_MIDPOINT, backend=backend)
    assert e.value.result.states.shape == (101, 2)
    assert swing(dt=0.3, method=IMPLICIT_MIDPOINT, backend=backend).reached == 100


@BOTH
def test_a_solution_that_overflows_keeps_what_was_saved(backend):
    """From a hill -x^4/4 the second of three particles reaches infinity at t = 1.85."""
    hill = HamiltonianSystem(p**2 / 2 - q**4 / 4, (q,), (p,))
    initial = (np.array([[0.1, 1.0, 0.1]]), np.zeros((1, 3)))
    with pytest.raises(IntegrationError, match=r"1 of 3 .* number 1;") as e:
        integrate(hill, initial, dt=1e-3, steps=2000, backend=backend)
    run = e.value.result
    finite = np.isfinite(run.states).all(axis=1)
    assert finite[:, [0, 2]].all()
    last = finite[:, 1].argmin() - 1
    # from rest at x = 1 the time to infinity is Gamma(1/4)^2 / (4 sqrt(pi)) = 1.854
    # which some ten steps overlook
    assert abs(run.t[last] - 1.854) < 0.02
    assert f"t = {run.t[last + 1]:g}" in str(e.value)


@pytest.mark.parametrize(
    ("system", "initial", "dt"),
    [
        (OSCILLATOR, ([1.0], [0.0]), 2.1),
        (KEPLER, orbit(0.9), 0.5),
        (HamiltonianSystem(p**2 / 2 + q**4 / 4, (q,), (p,)), ([2.0], [0.0]), 1.2),
    ],
)
def test_an_exploding_energy_is_a_warning(system, initial, dt):
    with pytest.warns(StepSizeWarning, match=f"make dt = {dt:g} smaller"):
        swing(initial, system, dt=dt, steps=4)
    swing(initial, system, dt=dt / 1000, steps=4000)  # control: no warning


GOOD = {
    "an ellipse": (KEPLER, orbit(0.6), 0.01),
    "a parabola": (KEPLER, ([1.0, 0.0], [0.0, np.sqrt(2)]), 0.05),
    "rest": (OSCILLATOR, ([0.0], [0.0]), 0.5),
    "a coarse oscillation": (OSCILLATOR, ([1.0], [0.0]), 1.0),
    "energy zero by choice": (
        HamiltonianSystem(p**2 / 2 + q**2 / 2 - sp.Rational(1, 2), (q,), (p,)),
        ([1.0], [0.0]),
        0.3,
    ),
    "the way up to the top of a hill, with energy zero": (
        HamiltonianSystem(p**2 / 2 - q**2 / 2, (q,), (p,)),
        ([1.0], [-1.0]),
        0.01,
    ),
    "a departure from the top of a hill": (
        HamiltonianSystem(p**2 / 2 - q**2 / 2 + q**4 / 4, (q,), (p,)),
        ([1e-8], [0.0]),
        0.1,
    ),
}


@pytest.mark.parametrize("motion", GOOD)
def test_a_good_motion_is_not_warned_of(motion):
    system, initial, dt = GOOD[motion]
    for steps in (10, 200, 203):
        swing(initial, system, dt=dt, steps=steps)  # a warning would be an error


# Requests that are unusual, and meant -------------------------------------------------


@BOTH
def test_a_negative_step_leads_back_to_the_start(backend):
    initial = ([1.2], [0.4])
    there = swing(initial, PENDULUM, steps=1000, backend=backend)
    back = integrate(PENDULUM, there.end_groups, dt=-0.1, steps=1000, backend=backend)
    # reversible but for rounding errors, 1000 of 1e-16 in a motion that shears
    np.testing.assert_allclose(back.end.ravel(), [1.2, 0.4], atol=1e-11)
    assert back.t[-1] == pytest.approx(-100)
    # control: Runge and Kutta's method is not reversible
    there = swing(initial, PENDULUM, steps=1000, method=RUNGE_KUTTA_4)
    back = swing(there.end_groups, PENDULUM, dt=-0.1, steps=1000, method=RUNGE_KUTTA_4)
    assert np.abs(back.end.ravel() - [1.2, 0.4]).max() > 1e-6


@BOTH
def test_a_late_start_shifts_the_clock_and_nothing_else(backend):
    """The force has the period 1, and t0 is a whole number of periods."""
    driven = HamiltonianSystem(
        p**2 / 2 + q**2 / 2 - q * sp.cos(2 * sp.pi * t), (q,), (p,), t=t
    )
    how = {"system": driven, "dt": 2.0**-6, "steps": 128, "backend": backend}
    early, late = (swing(t0=t0, **how) for t0 in (0.0, 2.0**20))
    # the times are exact, the arguments of the cosine are off by 2 pi 2**20 * 2**-53
    np.testing.assert_allclose(late.states, early.states, atol=1e-8)
    assert np.array_equal(late.t - 2.0**20, early.t)
    assert np.abs(swing(t0=0.25, **how).states - early.states).max() > 0.1


# Averages, extremes, sections ---------------------------------------------------------


@BOTH
@pytest.mark.parametrize("every", [1, 7])
def test_averages_and_extremes_are_those_of_the_trajectory(backend, every):
    initial = (np.array([[0.5, 1.0, 2.0]]), np.zeros((1, 3)))
    how = {"system": PENDULUM, "steps": 7 * 37, "backend": backend}
    run = swing(initial, save=every, **how)
    means = swing(initial, save=Averages((q, p**2), every), **how)
    expected = [run["q"][1:].mean(axis=0), (run["p"][1:] ** 2).mean(axis=0)]
    np.testing.assert_allclose(means.values, expected, atol=1e-14)
    # control: the start is no sample
    assert np.abs(run["q"].mean(axis=0) - means.values[0]).max() > 1e-4
    energies = swing(initial, save=Extremes(every=every), **how)
    bounds = [[run.energy.min(axis=0)], [run.energy.max(axis=0)]]
    np.testing.assert_allclose(energies.values, bounds, atol=1e-15)
    assert (energies.values[1] > energies.values[0]).all()
    states = swing(initial, save=Extremes((q,), every), **how)
    assert np.array_equal(states.values[1, 0], initial[0][0])  # the start is one here


@pytest.mark.parametrize("method", [STORMER_VERLET, FOREST_RUTH])
def test_crossing_times_have_the_accuracy_of_the_method(method):
    """The oscillator cos t passes zero at t = pi/2 + k pi."""

    def error(dt):
        section = swing(
            dt=dt, steps=round(40 / dt), method=method, save=Crossings(q, direction=-1)
        )
        exact = np.pi * (0.5 + 2 * np.arange(len(section.t)))
        assert len(section.t) == 7
        return np.abs(section.t - exact).max()

    order = convergence_order(error, [0.2, 0.1, 0.05])
    assert abs(order - method.order) < 0.1


@pytest.mark.parametrize(
    "method", [STORMER_VERLET, SYMPLECTIC_EULER, RUNGE_KUTTA_4, GAUSS_LEGENDRE_4]
)
def test_points_of_a_section_lie_on_it(method):
    g = x - y / 2 + p_x**2 / 4
    initial = 0.1 * np.random.default_rng(2).normal(size=(2, 2, 40))
    section = swing(
        tuple(initial), HENON_HEILES, steps=500, method=method, save=Crossings(g)
    )
    distance = section["x"] - section["y"] / 2 + section["p_x"] ** 2 / 4
    assert len(distance) > 500
    assert np.abs(distance).max() < 1e-12
    # control: the states at whole steps are as far from it as one step leads
    run = swing(tuple(initial), HENON_HEILES, steps=500, method=method)
    nearest = np.abs(run["x"] - run["y"] / 2 + run["p_x"] ** 2 / 4).min(axis=0)
    assert nearest.min() > 1e-9


def test_sections_are_the_same_with_numpy_and_compiled():
    initial = 0.1 * np.random.default_rng(2).normal(size=(2, 2, 40))
    how = {"system": HENON_HEILES, "steps": 500}
    sections = {}
    for direction in (-1, 0, 1):
        arrays, compiled = sections[direction] = [
            swing(tuple(initial), save=Crossings(x, direction), backend=backend, **how)
            for backend in ("numpy", "numba")
        ]
        assert np.array_equal(arrays.count, compiled.count)
        assert np.array_equal(arrays.trajectory, compiled.trajectory)
        np.testing.assert_allclose(arrays.t, compiled.t, atol=1e-11)
        np.testing.assert_allclose(arrays.states, compiled.states, atol=1e-11)
    up, down, all_ = (sections[direction][1] for direction in (1, -1, 0))
    assert np.array_equal(up.count + down.count, all_.count)
    # at x = 0 the velocity p_x has the sign of the direction
    assert (up["p_x"] > 0).all()
    assert (down["p_x"] < 0).all()
    assert np.array_equal(np.sort(np.r_[up.t, down.t]), np.sort(all_.t))


@BOTH
def test_crossings_beyond_the_limit_are_counted_and_said(backend):
    save = Crossings(q, limit=3)
    with pytest.warns(UserWarning, match="3 crossings were not kept: raise limit = 3"):
        section = swing(steps=200, save=save, backend=backend)
    assert section.count == 6  # in the time 20, at pi/2 + k pi
    assert len(section.t) == 3
    everything = swing(steps=200, save=replace(save, limit=6), backend=backend)
    np.testing.assert_array_equal(section.t, everything.t[:3])


# Interruption -------------------------------------------------------------------------


@pytest.fixture
def interrupt(monkeypatch):
    """Send the signal of Ctrl-C after so many slices of work."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    advance = Control.advance

    def after(slices):
        done = iter(range(slices))

        def counted(control, steps):
            advance(control, steps)
            if next(done, None) == slices - 1:
                os.kill(os.getpid(), signal.SIGINT)

        monkeypatch.setattr(Control, "advance", counted)

    yield after
    signal.signal(signal.SIGINT, before)


MANY = {
    # compiled: hundreds of slices of 256 trajectories and 10 ms
    "numba": (20_000, 20_000, 3),
    # NumPy: 3 blocks of 3 slices, or of 300 looks
    "numpy": (3 * BLOCK, 3000, 4),
}


@pytest.mark.parametrize("save", ["end", Averages((q,), every=10), Extremes(every=10)])
@BOTH
def test_an_interrupted_ensemble_keeps_its_finished_trajectories(
    backend, save, interrupt
):
    number, steps, slices = MANY[backend]
    initial = np.random.default_rng(3).normal(size=(2, 1, number))
    how = {"steps": steps, "save": save, "backend": backend}
    part = 600 if backend == "numba" else 1
    whole = swing(tuple(initial[..., :part]), **how)
    interrupt(slices if save == "end" or backend == "numba" else 100 * slices)
    with pytest.warns(InterruptedWarning, match=f"of {number} trajectories are comp"):
        run = swing(tuple(initial), **how)
    complete = run.reached == steps
    assert complete[:part].any()
    assert not complete.all()
    values, expected = (
        getattr(r, "states" if save == "end" else "values") for r in (run, whole)
    )
    kept = complete[:part]
    np.testing.assert_array_equal(
        values[..., :part][..., kept], expected[..., :part][..., kept]
    )
    np.testing.assert_array_equal(run.end[:, :part][:, kept], whole.end[:, kept])
    # the others stand where reached says
    begun = ~complete & (run.reached > 0)
    idle = run.reached == 0
    assert np.array_equal(run.end[:, idle], initial[:, 0, idle])
    assert idle.any()
    if save == "end":
        assert np.isnan(values[-1][:, ~complete]).all()
    elif isinstance(save, Averages):
        assert np.isnan(values[..., idle]).all()
        assert np.isfinite(values[..., begun]).all()
    if backend == "numpy":
        assert begun.any()
        i = int(np.flatnonzero(begun)[0])
        single = swing(tuple(initial[..., i]), steps=int(run.reached[i]), save="end")
        np.testing.assert_allclose(run.end[:, i], single.end, atol=1e-12)


@BOTH
def test_an_interrupted_trajectory_keeps_the_states_before(backend, interrupt):
    slices, steps = (3, 10**7) if backend == "numba" else (500, 10**6)
    interrupt(slices)
    with pytest.warns(InterruptedWarning, match="0 of 1 trajectories"):
        run = swing(steps=steps, save=10, backend=backend)
    rows = int(run.reached) // 10
    assert 0 < rows < steps // 10
    assert np.isfinite(run.states[: rows + 1]).all()
    assert np.isnan(run.states[rows + 1 :]).all()
    assert np.array_equal(run.states[rows], run.end)
    whole = integrate(
        OSCILLATOR, ([1.0], [0.0]), dt=0.1, steps=10 * rows, save=10, params={"k": 1},
        backend=backend,
    )  # fmt: skip
    assert np.array_equal(run.states[: rows + 1], whole.states)


def test_an_interrupt_while_a_thread_starts_waits_for_that_thread(monkeypatch):
    """The pool does not know of that thread yet, and would not wait for it."""
    start_thread = ThreadPoolExecutor._adjust_thread_count
    begun, ended = threading.Event(), threading.Event()

    def interrupted(pool):
        start_thread(pool)
        pool._threads.clear()
        assert begun.wait(10)
        raise KeyboardInterrupt

    def work(start):
        begun.set()
        time.sleep(0.3)  # a slice of work, in which results are written
        ended.set()

    monkeypatch.setattr(ThreadPoolExecutor, "_adjust_thread_count", interrupted)
    with Control(1, progress=False) as control:
        share(control, 2, work, range(5))
    assert ended.is_set()
    assert control.stopped.is_set()


def test_an_interrupted_section_keeps_its_crossings(interrupt):
    interrupt(3)
    with pytest.warns(InterruptedWarning):
        section = swing(steps=10**7, save=Crossings(q, limit=10**6), backend="numba")
    duration = 0.1 * section.reached
    assert len(section.t) == section.count
    assert 0 < section.count == pytest.approx(duration / np.pi, rel=1e-2)
    assert section.t.max() <= duration


def test_an_interrupted_adaptive_method_keeps_complete_trajectories(interrupt):
    initial = (np.full((1, 50), 0.3), np.zeros((1, 50)))
    interrupt(2)
    with pytest.warns(InterruptedWarning, match="2 of 50"):
        run = swing(initial, method=DOP853)
    assert np.array_equal(run.reached, [100, 100] + 48 * [0])
    np.testing.assert_allclose(run["q"][:, 1], 0.3 * np.cos(run.t), atol=1e-8)
    assert np.isnan(run["q"][1:, 2:]).all()


def test_a_run_that_nobody_interrupts_says_nothing():
    """Control: no warning, and every trajectory arrives."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = swing((np.ones((1, 3)), np.zeros((1, 3))), save="end")
    assert (run.reached == 100).all()


def test_an_error_in_a_force_reaches_the_caller():
    def force(q, p, t):
        return 1 / 0

    broken = replace(compile_system(OSCILLATOR, {"k": 1}), force=force)
    with pytest.raises(ZeroDivisionError):
        integrate(broken, ([1.0], [0.0]), dt=0.1, steps=10)


def test_a_system_of_rates_needs_one_array():
    decay = FirstOrderSystem((x,), (-x,))
    run = integrate(decay, [1.0], dt=0.1, steps=10, method=RUNGE_KUTTA_4)
    assert run["x"][-1] == pytest.approx(np.exp(-1), abs=1e-6)
    with pytest.raises(ValueError, match="Störmer-Verlet needs the flow kick"):
        integrate(decay, [1.0], dt=0.1, steps=10)


def test_a_section_through_a_noisy_path_is_refused():
    """The crossing would be looked for with other noise than led to it."""
    x, p, tau, R = sp.symbols("x p tau R", real=True)
    flows = {
        "drift": Flow({x: x + tau * p}, tau),
        "noise": Flow({p: p + sp.sqrt(tau) * R}, tau, noise=(R,)),
    }
    walker = SplitSystem({"q": (x,), "p": (p,)}, flows)
    method = palindrome("drift", "noise")
    request = {"dt": 0.1, "steps": 10, "method": method}
    with pytest.raises(ValueError, match="a path with noise has no points between"):
        integrate(walker, ([1.0], [0.0]), save=Crossings(x), **request)
    assert integrate(walker, ([1.0], [0.0]), **request).states.shape == (11, 2)
