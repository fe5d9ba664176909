"""Ensembles on a cluster of two processes: the same result, even if one dies."""

import logging
import os
import pickle
import re
import signal
import sys
from dataclasses import dataclass

import numpy as np
import pytest
import sympy as sp

from mechanics import models
from mechanics.numerics import (
    GAUSS_LEGENDRE_4,
    AdaptiveMethod,
    Averages,
    BackendError,
    Crossings,
    Extremes,
    Flow,
    InterruptedWarning,
    SplitSystem,
    compile_system,
    integrate,
    palindrome,
)
from mechanics.numerics.cluster import spans
from mechanics.numerics.compile import equations_of
from mechanics.numerics.ensemble import Control
from mechanics.numerics.kernels.arrays import array_source
from mechanics.numerics.kernels.lanes import LANES, lane_source
from mechanics.numerics.saving import Watch
from mechanics.symbolic import HamiltonianSystem, legendre

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

q, p, tau, noise = sp.symbols("q p tau xi", real=True)
k = sp.Symbol("k", positive=True)
PENDULUM = HamiltonianSystem(p**2 / 2 - k * sp.cos(q), (q,), (p,))
DECAY = sp.exp(-tau)
LANGEVIN = SplitSystem(
    {"q": (q,), "p": (p,)},
    {
        "A": Flow({q: q + tau * p}, tau),
        "B": Flow({p: p - tau * sp.sin(q)}, tau),
        "O": Flow({p: DECAY * p + sp.sqrt(1 - DECAY**2) * noise}, tau, noise=(noise,)),
    },
)
NUMBER = 18 * LANES + 1  # six pieces of three blocks, and one more trajectory
START = tuple(np.random.default_rng(6).normal(size=(2, 1, NUMBER)))
MODELS = (
    *("pendulum", "driven_pendulum", "double_pendulum", "coupled_pendulums"),
    *("duffing_oscillator", "henon_heiles", "kepler", "particle_on_paraboloid"),
    *("rotating_pendulum", "spherical_pendulum", "bead_on_cycloid"),
)
PARAMS = {"k": np.linspace(0.5, 2, NUMBER)}


@pytest.fixture(scope="module")
def client():
    """Two processes of one thread each; a piece may end two of them, not a third."""
    settings = {"distributed.scheduler.allowed-failures": 1}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def swing(client=None, **how):
    how = {"dt": 0.05, "steps": 200, "params": PARAMS, "backend": "numpy"} | how
    return integrate(PENDULUM, START, client=client, **how)


def assert_equal(one, other):
    arrays = [name for name, x in vars(one).items() if isinstance(x, np.ndarray)]
    assert {"end", "reached"} < set(arrays)
    for name in arrays:
        np.testing.assert_array_equal(
            getattr(one, name), getattr(other, name), strict=True
        )


def after_first_piece(monkeypatch, action):
    """Do something as soon as the first piece has arrived."""
    advance, calls = Control.advance, []

    def counted(control, steps):
        advance(control, steps)
        calls.append(steps)
        if len(calls) == 1:
            action()

    monkeypatch.setattr(Control, "advance", counted)
    return calls


# Without a cluster --------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, LANES - 1, LANES, LANES + 1, 1000, 10**6])
@pytest.mark.parametrize("pieces", [1, 8, 300])
def test_pieces_are_whole_blocks_and_miss_nobody(number, pieces):
    cut = spans(number, pieces)
    covered = [low for low, _ in cut] + [number]
    assert covered == [0] + [high for _, high in cut]
    assert all(low % LANES == 0 for low, _ in cut)
    assert len(cut) <= pieces


@pytest.mark.parametrize("name", MODELS)
def test_equations_travel_without_a_change(name):
    """What is pickled and read again is printed as the same code."""
    system = getattr(models, name)
    equations = equations_of(legendre(system()))
    step = GAUSS_LEGENDRE_4.step(equations)
    again, step_again = pickle.loads(pickle.dumps((equations, step)))
    names = equations.param_symbols
    source = array_source(step, equations.state, names)
    assert array_source(step_again, again.state, names) == source
    watch = Watch("extremes", 1, equations.energy)
    watch_again = pickle.loads(pickle.dumps(watch))
    lanes = (frozenset(), LANES)
    assert lane_source(again, step_again, watch_again, *lanes) == lane_source(
        equations, step, watch, *lanes
    )


def test_a_cluster_without_its_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r"pip install 'mechanics\[cluster\]'"):
        swing(client=object())


def test_an_address_is_no_client():
    with pytest.raises(TypeError, match="must be a distributed"):
        swing(client="tcp://127.0.0.1:8786")


# With one -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "save",
    [10, "end", Averages((q**2,)), Extremes(), Crossings(q, direction=+1)],
    ids=lambda save: type(save).__name__,
)
def test_a_cluster_finds_what_one_machine_finds(client, save):
    assert_equal(swing(client, save=save), swing(save=save))


def test_compiled_kernels_agree_to_the_last_bit(client):
    """The last piece is a single trajectory, for which another kernel is compiled."""
    how = {"save": "end", "backend": "numba"}
    here, there = swing(**how), swing(client, **how)
    assert_equal(there, here)
    assert there.backend == "numba"
    # control: the backends differ by rounding, and the comparison sees it
    assert not np.array_equal(swing(save="end").end, here.end)


def test_noise_on_a_cluster_is_that_of_one_machine(client):
    how = {"dt": 0.1, "steps": 50, "method": palindrome("B", "A", "O")}
    how |= {"seed": 5, "backend": "numpy"}
    here = integrate(LANGEVIN, START, **how)
    there = integrate(LANGEVIN, START, client=client, **how)
    assert_equal(there, here)
    assert len(np.unique(here.end[1])) == NUMBER  # no two pieces share their noise


def test_pieces_show_their_progress(client, capsys):
    swing(client, progress=True)
    bar = capsys.readouterr().err
    assert f"{NUMBER * 200 / 1000:.0f}k/{NUMBER * 200 / 1000:.0f}k" in bar


def test_array_functions_stay_on_one_machine(client):
    system = compile_system(PENDULUM, {"k": 1})
    with pytest.raises(BackendError, match="cannot be divided among workers"):
        integrate(system, START, dt=0.1, steps=10, client=client)


def test_an_interrupt_keeps_the_pieces_that_have_arrived(client, monkeypatch):
    here = swing(save=10)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    after_first_piece(monkeypatch, lambda: os.kill(os.getpid(), signal.SIGINT))
    try:
        with pytest.warns(InterruptedWarning, match=f"of {NUMBER} trajectories"):
            run = swing(client, save=10)
    finally:
        signal.signal(signal.SIGINT, before)
    complete = run.reached == 200
    assert 0 < complete.sum() < NUMBER
    np.testing.assert_array_equal(run.states[..., complete], here.states[..., complete])
    assert np.isnan(run.states[1:, :, ~complete]).all()
    assert (run.reached[~complete] == 0).all()
    np.testing.assert_array_equal(run.end[..., ~complete], run.states[0][:, ~complete])


def test_a_worker_that_dies_half_way_leaves_no_trace(client, monkeypatch):
    here = swing(save=10)
    [victim, survivor] = client.run(os.getpid).values()
    pieces = after_first_piece(monkeypatch, lambda: os.kill(victim, signal.SIGKILL))
    there = swing(client, save=10)
    assert len(pieces) == 7
    assert_equal(there, here)
    client.wait_for_workers(2, timeout=60)
    # control: it was alive before and is not now
    assert victim not in client.run(os.getpid).values()
    assert survivor in client.run(os.getpid).values()


@dataclass(frozen=True)
class Poison(AdaptiveMethod):
    """A method that ends the process which has the trajectory number 100."""

    def run(self, job, control):
        if job.offset <= 100 < job.offset + job.z.shape[1]:
            os._exit(1)
        return super().run(job, control)


def test_a_piece_that_ends_every_worker_is_an_error(client):
    with pytest.raises(BackendError, match="every worker that was given") as caught:
        swing(client, steps=2, method=Poison("DOP853", 8))
    # which piece is named depends on what waited beside the poison, when and where
    assert re.search(r"trajectories \d+ to \d+ died", str(caught.value))
    assert re.search(r"last one at tcp://[\d.]+:\d+:", str(caught.value))
