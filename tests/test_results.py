"""Results: labelled, written to a file, and read again."""

import sys

import numpy as np
import pytest
import sympy as sp

from mechanics.numerics import (
    RUNGE_KUTTA_4,
    Averages,
    Crossings,
    Extremes,
    FirstOrderSystem,
    integrate,
    load_result,
)
from mechanics.symbolic import HamiltonianSystem, LagrangianSystem

x, y, p_x, p_y, v = sp.symbols("x y p_x p_y v", real=True)
k = sp.Symbol("k", positive=True)
SYSTEM = HamiltonianSystem(
    (p_x**2 + p_y**2) / 2 + (x**2 + k * y**2) / 2, (x, y), (p_x, p_y)
)
UNITS = {"x": "m", "p_x": "kg m/s", "t": "s", "energy": "J"}
GRID = np.random.default_rng(4).normal(size=(2, 2, 2, 3))
KINDS = {
    "states": 10,
    "the end": "end",
    "averages": Averages((x**2, y)),
    "extremes": Extremes((x,), every=5),
    "extremes of the energy": Extremes(),
    "a section": Crossings(x, direction=+1),
}


def run(save=1, initial=tuple(GRID), **how):
    how = {"dt": 0.1, "steps": 100, "units": UNITS, "backend": "numpy"} | how
    return integrate(SYSTEM, initial, params={"k": 2.0}, save=save, **how)


def assert_same(one, other):
    assert type(one) is type(other)
    assert vars(one).keys() == vars(other).keys()
    for name, value in vars(one).items():
        again = getattr(other, name)
        assert type(value) is type(again), name
        if isinstance(value, np.ndarray):
            assert value.dtype == again.dtype
            np.testing.assert_array_equal(value, again)
        else:
            assert value == again, name


# Files --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("initial", [tuple(GRID), tuple(GRID[..., 0, 0])])
def test_what_is_saved_is_what_is_read(kind, initial, tmp_path):
    result = run(KINDS[kind], initial)
    result.save(tmp_path / "a run")
    assert_same(load_result(tmp_path / "a run"), result)
    # control: another run is another result
    other = run(KINDS[kind], initial, dt=0.2)
    with pytest.raises(AssertionError):
        assert_same(other, result)


def test_complex_states_survive_a_file(tmp_path):
    result = run(initial=([1j, 0], [0, 1]))
    result.save(tmp_path / "run.npz")
    again = load_result(str(tmp_path / "run.npz"))
    assert_same(again, result)
    assert np.iscomplexobj(again.states)


def test_another_file_is_refused_by_name(tmp_path):
    np.savez(tmp_path / "table.npz", column=np.arange(3))
    with pytest.raises(ValueError, match=r"table\.npz holds no result of integrate"):
        load_result(tmp_path / "table.npz")


def test_a_file_continues_a_run(tmp_path):
    """Half a run, saved, read and finished, is the whole run."""
    run(initial=tuple(GRID), steps=50).save(tmp_path / "half.npz")
    half = load_result(tmp_path / "half.npz")
    rest = run(initial=half.end_groups, steps=50, t0=half.t[-1])
    whole = run(steps=100)
    np.testing.assert_array_equal(rest.states[1:], whole.states[51:])
    # energies too; the clock is off by rounding
    np.testing.assert_allclose(rest.t, whole.t[50:], rtol=1e-15)


# Names --------------------------------------------------------------------------------


def test_variables_go_by_their_names_and_groups():
    result = run()
    assert result["p_x"].shape == (101, 2, 3)
    assert np.array_equal(result.q[:, 1], result["y"])
    assert np.array_equal(result.p[:, 0], result["p_x"])
    assert np.array_equal(np.stack(result.end_groups), result.end.reshape(2, 2, 2, 3))
    with pytest.raises(KeyError, match="no variable 'z'; this result has x, y, p_x"):
        result["z"]
    with pytest.raises(AttributeError, match=r"no group 'v' of variables; .* q, p"):
        result.v  # noqa: B018


def test_velocities_and_unpaired_variables_have_their_own_groups():
    lagrangian = LagrangianSystem(v**2 / 2 - x**2 / 2, (x,), (v,))
    how = {"dt": 0.1, "steps": 10, "method": RUNGE_KUTTA_4}
    swing = integrate(lagrangian, ([1.0], [0.0]), **how)
    assert np.array_equal(swing.v[:, 0], swing["v"])
    decay = integrate(FirstOrderSystem((x,), (-x,)), [1.0], **how)
    assert np.array_equal(decay.end_groups, decay.end)
    assert np.isnan(decay.energy).all()  # none is known


# Labels -------------------------------------------------------------------------------


def test_a_labelled_trajectory_is_the_same_trajectory():
    result = run(10)
    data = result.to_xarray()
    assert data["x"].dims == ("t", "axis_0", "axis_1")
    for name in ("x", "y", "p_x", "p_y"):
        assert np.array_equal(data[name], result[name])
        assert data[name].attrs.get("units") == UNITS.get(name)
    assert np.array_equal(data["energy"], result.energy)
    assert data["energy"].attrs["units"] == "J"
    assert data["t"].attrs["units"] == "s"
    assert data.attrs == {"method": "Störmer-Verlet", "backend": "numpy", "dt": 0.1}
    at = data["y"].sel(t=5.0, method="nearest")
    assert np.array_equal(at, result["y"][5])


def test_an_ensemble_of_one_axis_counts_its_trajectories():
    line = run(10, tuple(GRID[..., 0]))
    assert line.to_xarray()["x"].dims == ("t", "trajectory")
    single = run(10, tuple(GRID[..., 0, 0]))
    assert single.to_xarray()["x"].dims == ("t",)


def test_a_labelled_section_can_be_grouped_by_trajectory():
    section = run(Crossings(x, direction=+1))
    data = section.to_xarray()
    assert data["x"].dims == ("crossing",)
    assert np.abs(data["x"]).max() < 1e-12
    assert np.array_equal(data["p_y"], section["p_y"])
    counts = data["y"].groupby("trajectory").count()
    assert np.array_equal(counts, section.count.ravel())
    assert data["t"].attrs["units"] == "s"


def test_labelled_statistics_say_which_function_is_which():
    averages = run(Averages((x**2, y)))
    data = averages.to_xarray()
    assert data["average"].dims == ("function", "axis_0", "axis_1")
    assert np.array_equal(data["average"].sel(function="x**2"), averages.values[0])
    extremes = run(Extremes((x, y))).to_xarray()
    assert (extremes["least"] < extremes["most"]).all()
    assert list(extremes["function"].values) == ["x", "y"]
    single = run(Extremes(), tuple(GRID[..., 0, 0])).to_xarray()
    assert single["most"].sel(function="energy").ndim == 0


def test_labels_without_their_package_say_how_to_get_it(monkeypatch):
    result = run()
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(
        ImportError, match=r"xarray: pip install 'mechanics\[labelled\]'"
    ):
        result.to_xarray()
