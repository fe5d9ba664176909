"""Ensembles: the same motion in any company, on any threads, from any seed."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from mechanics.numerics import (
    GAUSS_LEGENDRE_4,
    STORMER_VERLET,
    BackendError,
    Every,
    Flow,
    SplitSystem,
    backends,
    integrate,
    palindrome,
)
from mechanics.numerics.cluster import joined
from mechanics.numerics.ensemble import BLOCK, Control
from mechanics.numerics.kernels.lanes import LANES
from mechanics.symbolic import HamiltonianSystem

q, p, t, tau, noise = sp.symbols("q p t tau xi", real=True)
x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
k, omega = sp.symbols("k omega", positive=True)

HENON_HEILES = HamiltonianSystem(
    (p_x**2 + p_y**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3, (x, y), (p_x, p_y)
)
# a charge in a plane wave: products of time and parameter beside those of the state
WAVE = HamiltonianSystem(p**2 / 2 - sp.cos(k * q - omega * t), (q,), (p,), t=t)
MAGNETIC = HamiltonianSystem(
    p_x**2 / 2 + (p_y - x) ** 2 / 2 + sp.cos(x), (x, y), (p_x, p_y)
)
DECAY = sp.exp(-tau)
LANGEVIN = SplitSystem(
    {"q": (q,), "p": (p,)},
    {
        "A": Flow({q: q + tau * p}, tau),
        "B": Flow({p: p - tau * sp.sin(q)}, tau),
        "O": Flow({p: DECAY * p + sp.sqrt(1 - DECAY**2) * noise}, tau, noise=(noise,)),
    },
)
BATH = palindrome("B", "A", "O")
RUNS = {
    "leapfrog": (HENON_HEILES, STORMER_VERLET, None),
    "with time": (WAVE, STORMER_VERLET, {"k": 1.3, "omega": 0.7}),
    "implicit": (MAGNETIC, GAUSS_LEGENDRE_4, None),
}


def cloud(system, number, scale=0.1):
    """Points around the origin of phase space; the first n are always the same."""
    n = len(system.q) if isinstance(system, HamiltonianSystem) else 1
    points = np.random.default_rng(5).normal(0, scale, (number, 2, n))
    return points[:, 0].T, points[:, 1].T


def end(system, initial, backend="numba", **how):
    how = {"dt": 0.05, "steps": 500, "save": "end"} | how
    return integrate(system, initial, backend=backend, **how).end


# The same motion, alone and in company ------------------------------------------------


@pytest.mark.parametrize("name", RUNS)
def test_a_trajectory_does_not_depend_on_its_company(name):
    """To the last bit, for numbers of trajectories around those of a block of lanes."""
    system, method, params = RUNS[name]
    initial = cloud(system, 1000)
    together = end(system, initial, method=method, params=params)
    for number in (1, 2, LANES - 1, LANES, LANES + 1):
        few = tuple(a[:, :number] for a in initial)
        alone = end(system, few, method=method, params=params)
        assert np.array_equal(alone, together[:, :number]), number
    single = tuple(a[:, 7] for a in initial)
    assert np.array_equal(
        end(system, single, method=method, params=params), together[:, 7]
    )
    # control: a start that is off by one unit in the last place ends elsewhere
    off = (np.nextafter(initial[0], 1), initial[1])
    assert not np.array_equal(end(system, off, method=method, params=params), together)


@pytest.mark.parametrize("name", RUNS)
def test_numpy_and_compiled_lanes_agree(name):
    system, method, params = RUNS[name]
    number = BLOCK + 5  # NumPy does it in two blocks
    initial = cloud(system, number)
    compiled = end(system, initial, method=method, params=params, steps=100)
    arrays = end(system, initial, "numpy", method=method, params=params, steps=100)
    # 100 steps of rounding errors 1e-16, in a motion that separates linearly
    np.testing.assert_allclose(arrays, compiled, atol=1e-13)
    alone = tuple(a[:, -5:] for a in initial)
    alone = end(system, alone, "numpy", method=method, params=params, steps=100)
    assert np.array_equal(alone, arrays[:, -5:])


def test_the_number_of_threads_changes_no_bit(monkeypatch):
    calls = []
    compile_lanes = backends.run_lanes.__globals__["compile_lanes"]

    def recorded(source):
        kernel = compile_lanes(source)
        return lambda *a: (calls.append(a[11:13]), kernel(*a))

    monkeypatch.setitem(backends.run_lanes.__globals__, "compile_lanes", recorded)
    initial = cloud(HENON_HEILES, 4100)
    ends = []
    for threads in (1, 2, 3, None):
        calls.clear()
        ends.append(end(HENON_HEILES, initial, steps=4000, threads=threads))
        assert len(calls) > 3  # there was something to share
        assert sorted(calls)[0][0] == 0
    for other in ends[1:]:
        assert np.array_equal(other, ends[0])


def test_parameters_of_single_trajectories_are_those_of_single_runs():
    initial = cloud(WAVE, 5, scale=1)
    own = np.linspace(0.5, 2, 5)
    for backend in ("numpy", "numba"):
        together = end(WAVE, initial, backend, params={"k": own, "omega": 0.7})
        for i in range(5):
            one = tuple(a[:, i] for a in initial)
            alone = end(WAVE, one, backend, params={"k": own[i], "omega": 0.7})
            assert np.array_equal(alone, together[:, i])
    # control: the parameter matters
    assert not np.array_equal(
        end(WAVE, initial, "numpy", params={"k": own[::-1], "omega": 0.7}), together
    )


def test_an_ensemble_of_several_axes_keeps_its_shape():
    flat = cloud(WAVE, 6, scale=1)
    own = np.array([0.5, 1.0, 2.0])
    grid = tuple(a.reshape(1, 2, 3) for a in flat)
    how = {"dt": 0.1, "steps": 20, "save": 5}
    run = integrate(WAVE, grid, params={"k": own, "omega": 1}, **how)
    assert run.states.shape == (5, 2, 2, 3)
    assert run.energy.shape == (5, 2, 3)
    assert run.reached.shape == (2, 3)
    line = integrate(WAVE, flat, params={"k": np.tile(own, 2), "omega": 1}, **how)
    assert np.array_equal(run.states.reshape(5, 2, 6), line.states)
    assert np.array_equal(run.energy.reshape(5, 6), line.energy)


def test_complex_states_give_derivatives_with_numpy_only():
    """The derivative of the end with respect to the start, by an imaginary step."""
    tiny = 1e-30
    complex_end = end(HENON_HEILES, ([0.1 + tiny * 1j, 0.2], [0.0, 0.1]), "numpy")
    derivative = complex_end.imag / tiny
    near = [
        end(HENON_HEILES, ([0.1 + s, 0.2], [0.0, 0.1]), "numpy") for s in (-1e-4, 1e-4)
    ]
    # central differences: 1e-8 times a third derivative, and rounding 1e-16 / 1e-4
    np.testing.assert_allclose(derivative, (near[1] - near[0]) / 2e-4, atol=1e-6)
    assert np.abs(derivative).max() > 0.4
    with pytest.raises(BackendError, match="complex states need backend='numpy'"):
        end(HENON_HEILES, ([0.1j, 0.2], [0.0, 0.1]), "numba")
    assert np.iscomplexobj(end(HENON_HEILES, ([0.1j, 0.2], [0.0, 0.1]), "auto"))


# Noise --------------------------------------------------------------------------------


def test_the_seed_alone_decides_about_the_noise():
    cold = (np.zeros((1, 70)), np.zeros((1, 70)))
    for backend in ("numpy", "numba"):
        how = {"method": BATH, "backend": backend, "steps": 50}
        first, again, other = (
            end(LANGEVIN, cold, seed=seed, **how) for seed in (1, 1, 2)
        )
        assert np.array_equal(first, again)
        assert not (first == other).any()
        assert len(np.unique(first)) == first.size  # nor do two trajectories share any


def test_numpy_and_compiled_lanes_draw_the_same_noise():
    cold = (np.zeros((1, 70)), np.zeros((1, 70)))
    how = {"method": BATH, "steps": 50, "seed": 2**63 + 1}
    arrays = end(LANGEVIN, cold, "numpy", **how)
    compiled = end(LANGEVIN, cold, "numba", **how)
    # logarithm, root and cosine differ by rounding, at most a few 1e-16 each step
    np.testing.assert_allclose(arrays, compiled, atol=1e-13)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_noise_does_not_depend_on_how_an_ensemble_is_divided(backend, monkeypatch):
    run = backends.run

    def in_pieces(keep_offset):
        def divided(backend, job, *how):
            pieces = [job.part(*span) for span in ((0, 3), (3, 64), (64, 65), (65, 70))]
            if not keep_offset:
                pieces = [replace(piece, offset=0) for piece in pieces]
            return joined([run(backend, piece, *how) for piece in pieces])

        return divided

    cold = (np.zeros((1, 70)), np.zeros((1, 70)))
    how = {"method": BATH, "steps": 50, "seed": 3, "backend": backend}
    whole = end(LANGEVIN, cold, **how)
    monkeypatch.setattr(backends, "run", in_pieces(keep_offset=True))
    assert np.array_equal(end(LANGEVIN, cold, **how), whole)
    # control: pieces that count their trajectories from zero repeat each other's noise
    monkeypatch.setattr(backends, "run", in_pieces(keep_offset=False))
    assert not np.array_equal(end(LANGEVIN, cold, **how), whole)


# Memory and progress ------------------------------------------------------------------

# ru_maxrss would count what the test process held when it started this one
MEMORY = """
import re
from pathlib import Path
import numpy as np
import sympy as sp
from mechanics.numerics import Averages, Crossings, Extremes, integrate
from mechanics.symbolic import HamiltonianSystem

x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
system = HamiltonianSystem(
    (p_x**2 + p_y**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3, (x, y), (p_x, p_y)
)
start = 0.1 * np.random.default_rng(1).normal(size=(2, 2, 10_000))

def peak(steps, save):
    integrate(system, tuple(start), dt=0.05, steps=steps, save=save, backend="numba")
    status = Path("/proc/self/status").read_text()
    print(int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) // 1024)

for save in ("end", Averages((x**2,)), Extremes(), Crossings(x, direction=+1)):
    peak(10_000, save)
peak(1_000, 1)
"""


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak memory is read from /proc"
)
def test_a_hundred_million_steps_fit_into_500_megabytes():
    """The largest memory of a fresh process, libraries and compiler included."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    *bounded, everything = map(int, done.stdout.split())
    assert len(bounded) == 4
    assert max(bounded) < 500
    # control: every state of a tenth of that run is 320 MB of numbers, and a copy
    assert everything > 500


def test_a_million_trajectories_show_progress_where_it_is_asked_for(capsys):
    initial = cloud(HENON_HEILES, 1_000_000)
    end(HENON_HEILES, initial, steps=20, progress=True)
    bar = capsys.readouterr().err
    assert "integrate" in bar
    assert "100%" in bar
    assert "20.0M/20.0M" in bar
    # by default only on a terminal, which this is not
    end(HENON_HEILES, initial, steps=20)
    assert capsys.readouterr().err == ""


def test_a_page_shows_no_bar_by_itself(monkeypatch):
    disabled = []

    class Bar:  # the bar of notebooks: it does not look for a terminal
        def __init__(self, disable, **others):
            disabled.append(disable)

    monkeypatch.setattr("mechanics.numerics.ensemble.tqdm", Bar)
    for progress in (None, False, True):
        Control(1, progress)
    assert disabled == [True, True, False]


def test_a_terminal_shows_the_bar_of_a_long_run_only(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    integrate(HENON_HEILES, ([0.1, 0], [0, 0.1]), dt=0.1, steps=10, save=Every(5))
    assert "%" not in capsys.readouterr().err
