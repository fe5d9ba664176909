"""Molecular dynamics on a GPU: the kernels compile without one, and run as C here.

What runs on the stand-in of ``cuda_twin`` runs on a GPU as well, where there is one.
"""

import sys

import cuda_twin
import numpy as np
import pytest
from test_cells_and_lists import all_pairs, some_cell

from mechanics.md import (
    AndersenBarostat,
    Cell,
    CellError,
    ForceError,
    PairForces,
    ParrinelloRahman,
    RigidBonds,
    SimulationError,
    State,
    andersen,
    berendsen,
    device,
    device_pairs,
    fcc,
    isokinetic,
    langevin,
    neighbour_pairs,
    newton,
    nose_hoover,
    pair_interaction,
    run,
    stochastic_rescaling,
    velocity_rescaling,
)
from mechanics.md.processor import Processor
from mechanics.numerics import BackendError, available
from mechanics.numerics.kernels.threads import CompilationError, compile_ptx
from mechanics.potentials import (
    buckingham,
    lennard_jones,
    morse,
    soft_sphere,
    weeks_chandler_andersen,
)

POTENTIALS = {
    "Lennard-Jones": lennard_jones(2.5),
    "shifted": lennard_jones(2.5, "shifted"),
    "force-shifted": lennard_jones(2.4, "force-shifted"),
    "Morse": morse(2.2, "force-shifted", a=4.0, r_0=1.1),
    "Buckingham": buckingham(2.2, A=1e4, B=9, C=2),
    "soft sphere": soft_sphere(2.2, "shifted", n=9),
    "Weeks-Chandler-Andersen": weeks_chandler_andersen(),
}
DOF = 3 * 256 - 3
THERMOSTATS = {
    "Newton": newton(),
    "rescaling": velocity_rescaling(0.8),
    "Berendsen": berendsen(0.8, relaxation=0.1),
    "isokinetic": isokinetic(),
    "chain": nose_hoover(0.8, masses=(DOF * 0.8 * 0.04, 0.8 * 0.04)),
    "Langevin": langevin(0.8, friction=2.0),
    "Andersen": andersen(0.8, rate=20.0),
    "stochastic rescaling": stochastic_rescaling(0.8, relaxation=0.1),
}
PHI = POTENTIALS["force-shifted"]
START = fcc(0.8442, 4).thermal(1.5, np.random.default_rng(11))


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("md_twins")


@pytest.fixture
def twin(folder, monkeypatch):
    """A stand-in for CuPy whose kernels run on the processor."""
    if cuda_twin.COMPILER is None:
        pytest.skip("no C compiler was found: the kernels were compiled but not run")
    stand_in = cuda_twin.TwinCuPy(folder)
    monkeypatch.setitem(sys.modules, "cupy", stand_in)
    return stand_in


@pytest.fixture(params=["twin", "gpu"])
def gpu(request):
    """The stand-in, and a GPU where there is one."""
    if request.param == "twin":
        request.getfixturevalue("twin")
    elif "cupy" not in available():
        pytest.skip("this machine has no GPU that CuPy can use")
    return request.param


def disturbed(skewed=True, size=0.08, seed=0):
    """A hot crystal in a skewed cell, whose atoms lie in many images of it."""
    rng = np.random.default_rng(seed)
    start = fcc(0.8, 5)
    cell = start.cell
    if skewed:
        cell = Cell(cell.h + np.array([[0, 1.1, -0.7], [0, 0, 0.9], [0, 0, 0]]))
    r = start.positions + rng.normal(0, size, start.positions.shape)
    r = r @ (cell.h @ start.cell.inverse).T
    return r + rng.integers(-3, 4, r.shape) @ cell.h.T, cell


# Compilation for GPUs, without one ----------------------------------------------------

SOURCES = {
    name.lower(): getattr(module, name)
    for module, name in (
        *((device, n) for n in ("DRIFT", "MAP", "LONGEST", "FARTHEST", "SPREAD")),
        *((device_pairs, n) for n in ("PLACE", "BEGIN", "GATHER", "COLLECT")),
        (device_pairs, "ROW_SUMS"),
    )
}
SOURCES |= {
    f"{name}, energy: {energy}": device_pairs.force_source(potential, energy)
    for name, potential in POTENTIALS.items()
    for energy in (True, False)
}
SOURCES |= {
    f"{name}, {flow}": device.rule_source(rule)
    for name, thermostat in THERMOSTATS.items()
    for flow, rule in thermostat.all_rules.items()
}


@pytest.mark.parametrize("architecture", ["sm_70", "sm_80", "sm_90"])
@pytest.mark.parametrize("name", SOURCES)
def test_a_kernel_compiles_for_each_generation_of_gpus(name, architecture):
    pytest.importorskip("cuda.bindings.nvrtc", reason="NVIDIA's compiler is for Linux")
    source = SOURCES[name]
    assert "#include" not in source
    ptx = compile_ptx(source, architecture)
    assert b".entry kernel(" in ptx
    assert f".target {architecture}".encode() in ptx


def test_the_compiler_refuses_what_is_no_kernel():
    """The control of all compilations."""
    pytest.importorskip("cuda.bindings.nvrtc", reason="NVIDIA's compiler is for Linux")
    source = SOURCES["Lennard-Jones, energy: True"]
    broken = source.replace("pair(s, &phi", "pair(square_of_distance, &phi")
    assert broken != source
    with pytest.raises(CompilationError, match='"square_of_distance" is undefined'):
        compile_ptx(broken, "sm_90")


# Lists --------------------------------------------------------------------------------


def listed(near):
    return sorted(zip(*near.pairs(), strict=True))


@pytest.mark.parametrize("seed", range(12))
def test_lists_hold_the_pairs_of_brute_force(gpu, seed):
    rng = np.random.default_rng(seed)
    cell = some_cell(rng, skewed=seed % 3 > 0)
    r = rng.normal(0, 8, (rng.integers(2, 50), 3))
    cutoff = rng.uniform(0.2, 0.5) * cell.widths.min()
    near = device_pairs.DeviceList(cutoff, skin=rng.uniform(0, 0.5) * cutoff)
    near.build(r, cell)
    assert listed(near) == [(a, b) for a, b, *_ in all_pairs(r, cell, near.reach)]
    # control: another reach has other pairs, if there are enough
    if len(r) > 30:
        other = all_pairs(r, cell, 0.7 * near.reach)
        assert listed(near) != [(a, b) for a, b, *_ in other]


@pytest.mark.parametrize("cells", [4, 5])
def test_atoms_on_faces_are_not_lost_to_rounding(gpu, cells):
    """Crystals under small strains: each atom has the neighbours of all others."""
    start = fcc(1.05, cells)
    for strain in (1e-16, -3e-16, 1e-9, 1e-5, 1e-3):
        F = np.diag([1 - strain, 1 - strain, 1 + 2 * strain])
        r, cell = start.positions @ F.T, Cell(F @ start.cell.h)
        for reach in (1.35, 2.5):  # between two shells
            near = device_pairs.DeviceList(reach, 0.0)
            near.build(r, cell)
            i, j, _ = neighbour_pairs(r, cell, reach)
            assert listed(near) == sorted(zip(i, j, strict=True))


def test_a_list_without_enough_room_is_made_again(gpu):
    """From dilute to dense: sixteen places for an atom are not enough."""
    near = device_pairs.DeviceList(2.0, 0.3)
    for density in (0.05, 0.3, 1.0):
        start = fcc(density, 5)
        near.build(start.positions, start.cell)
        i, j, _ = neighbour_pairs(start.positions, start.cell, 2.3)
        assert listed(near) == sorted(zip(i, j, strict=True))
    assert len(near.neighbours) > 42  # neighbours of each atom in the last


def test_the_comparison_notices_a_list_that_drops_what_has_no_room(twin, monkeypatch):
    """The control of the test above: a count that stops where the room ends."""
    source = device_pairs.COLLECT
    wrong = source.replace("count[i] = found", "count[i] = found < room ? found : room")
    assert wrong != source
    monkeypatch.setattr(device_pairs, "COLLECT", wrong)
    start = fcc(1.0, 5)
    near = device_pairs.DeviceList(2.0, 0.3)
    near.build(start.positions, start.cell)
    i, _, _ = neighbour_pairs(start.positions, start.cell, 2.3)
    assert len(listed(near)) < len(i)


@pytest.mark.parametrize("strain", [0.0, 0.02, -0.02])
def test_a_list_is_good_as_long_as_it_says(gpu, strain):
    rng = np.random.default_rng(5)
    start = fcc(0.8, 5)
    near = device_pairs.DeviceList(1.5, 0.5)
    near.build(start.positions, start.cell)
    F = np.eye(3) + strain * np.array([[1, 0.5, 0], [0, -1, 0], [0, 0, 0.3]])
    cell, reused = Cell(F @ start.cell.h), 0
    for size in (0.05, 0.1, 0.2, 0.4):
        step = rng.normal(size=start.positions.shape)
        step *= size / np.linalg.norm(step, axis=1).max()
        moved = (start.positions + step) @ F.T
        if near.still_good(near.machine.upload(moved), cell):
            i, j, _ = neighbour_pairs(moved, cell, 1.5)
            assert set(zip(i, j, strict=True)) <= set(listed(near))
            reused += 1
    assert 0 < reused < 4


# Forces -------------------------------------------------------------------------------


def assert_same_interaction(found, expected, rtol=1e-12):
    scale = np.abs(expected.forces).max()
    np.testing.assert_allclose(found.forces, expected.forces, atol=rtol * scale, rtol=0)
    np.testing.assert_allclose(found.energy, expected.energy, rtol=rtol)
    scale = np.abs(expected.virial).max()
    np.testing.assert_allclose(found.virial, expected.virial, atol=rtol * scale, rtol=0)


@pytest.mark.parametrize("name", POTENTIALS)
def test_forces_are_those_of_whole_arrays(gpu, name):
    potential = POTENTIALS[name]
    for skewed in (True, False):
        r, cell = disturbed(skewed)
        forces = PairForces(potential, backend="cupy")
        expected = pair_interaction(potential, r, cell)
        found = forces(r, cell)
        assert_same_interaction(found, expected)
        alone = forces(r, cell, energy=False)
        np.testing.assert_array_equal(alone.forces, found.forces)
        assert np.isnan(alone.energy)
        # a second list, and an atom that moves on the first one
        r[17] += 0.04
        assert_same_interaction(forces(r, cell), pair_interaction(potential, r, cell))
        assert forces.neighbours.builds == 1


def test_a_cluster_has_no_images(gpu):
    r, _ = disturbed(seed=4)
    r = r[:60] - r[:60].mean(axis=0)
    for cutoff in (1.8, np.inf):
        potential = lennard_jones(cutoff)
        found = PairForces(potential, backend="cupy")(r)
        assert_same_interaction(found, pair_interaction(potential, r))


@pytest.mark.parametrize(
    ("module", "name", "right", "wrong"),
    [
        (device_pairs, "force_source", "s < square", "s < 0.98 * square"),
        (device_pairs, "force_source", "(entry >>", "((entry + (1u << 27)) >>"),
        (device_pairs, "COLLECT", "images[3 * image]", "0.0 * images[3 * image]"),
        (device_pairs, "COLLECT", "w <= c + 1", "w <= c"),
    ],
    ids=["cut-off", "wrong image", "dropped image", "dropped bin"],
)
def test_the_comparison_notices_a_wrong_kernel(
    twin, monkeypatch, module, name, right, wrong
):
    """The control of the comparisons above."""
    original = getattr(module, name)
    replaced = []

    def change(source):
        assert right in source
        replaced.append(source.replace(right, wrong))
        return replaced[-1]

    if callable(original):
        changed = lambda *how: change(original(*how))  # noqa: E731
    else:
        changed = change(original)
    monkeypatch.setattr(module, name, changed)
    r, cell = disturbed()
    expected = pair_interaction(PHI, r, cell)
    with pytest.raises((AssertionError, ForceError)):
        assert_same_interaction(
            PairForces(PHI, backend="cupy")(r, cell), expected, 1e-4
        )
    assert replaced


def test_a_skin_as_wide_as_the_cell_is_cut(gpu):
    r, cell = disturbed()
    forces = PairForces(PHI, skin=50.0, backend="cupy")
    assert_same_interaction(forces(r, cell), pair_interaction(PHI, r, cell))
    assert np.isclose(forces.neighbours.reach, cell.widths.min())


# Runs ---------------------------------------------------------------------------------

HOW = {"dt": 0.004, "record": 10, "save": 20, "seed": 6}


def both(steps, thermostat=None, barostat=None, **how):
    how = HOW | {"steps": steps, "barostat": barostat} | how
    return [
        run(START, PairForces(PHI, backend=backend), thermostat, **how)
        for backend in ("cupy", "numba")
    ]


def assert_same_run(ours, expected, tolerance=1e-9):
    """Rounding errors grow by a factor of about e^2 in sixty steps of a fluid."""
    for name in ("potential", "kinetic", "conserved", "volume"):
        np.testing.assert_allclose(
            getattr(ours, name), getattr(expected, name), rtol=tolerance, err_msg=name
        )
    scale = np.abs(expected.pressure).max()
    np.testing.assert_allclose(ours.pressure, expected.pressure, atol=tolerance * scale)
    for one, other in zip(ours.states, expected.states, strict=True):
        np.testing.assert_allclose(one.positions, other.positions, atol=tolerance)
        np.testing.assert_allclose(one.momenta, other.momenta, atol=tolerance)


@pytest.mark.parametrize("name", THERMOSTATS)
def test_runs_are_those_of_the_processor(gpu, name):
    ours, expected = both(60, THERMOSTATS[name])
    assert np.abs(ours.end.positions - START.positions).max() > 0.1
    assert_same_run(ours, expected)


@pytest.mark.parametrize(
    "barostat",
    [ParrinelloRahman(pressure=1.0, mass=30.0), AndersenBarostat(1.0, mass=0.01)],
    ids=["cell", "piston"],
)
def test_cells_move_as_on_the_processor(gpu, barostat):
    ours, expected = both(60, THERMOSTATS["chain"], barostat)
    assert np.ptp(ours.volume) > 1
    assert_same_run(ours, expected)


def test_the_comparison_of_runs_notices_other_noise(gpu):
    """The control of the comparisons above."""
    ours, _ = both(20, THERMOSTATS["Langevin"])
    _, other = both(20, THERMOSTATS["Langevin"], seed=7)
    with pytest.raises(AssertionError):
        assert_same_run(ours, other)


def test_a_run_continues_from_a_saved_state_to_the_last_bit(gpu):
    bath = THERMOSTATS["Langevin"]

    def go(state, steps, **how):
        forces = PairForces(PHI, backend="cupy")
        return run(state, forces, bath, steps=steps, **HOW | how)

    whole = go(START, 60)
    rest = go(whole.states[1], 40)
    np.testing.assert_array_equal(rest.end.positions, whole.end.positions)
    np.testing.assert_array_equal(rest.end.momenta, whole.end.momenta)
    # control: other noise, another end
    other = go(whole.states[1], 40, seed=5)
    assert np.abs(other.end.positions - whole.end.positions).max() > 1e-6


def test_positions_stay_on_the_gpu(twin, monkeypatch):
    """The longer run of Newton's equations sends no more than the shorter one."""
    sent = []
    upload = twin.asarray
    monkeypatch.setattr(
        twin, "asarray", lambda x: (sent.append(np.size(x)), upload(x))[1]
    )

    def atoms_sent(steps):
        sent.clear()
        run(START, PairForces(PHI, backend="cupy"), dt=0.004, steps=steps, record=steps)
        return sum(size > 100 for size in sent)

    assert atoms_sent(5) == atoms_sent(40) == 3


# What is refused ----------------------------------------------------------------------


def test_bad_input_is_named(gpu):
    forces = PairForces(PHI, backend="cupy")
    r = START.positions.copy()
    r[8] = r[3]
    with pytest.raises(ForceError, match="atoms 3 and 8 are 0 apart"):
        forces(r, START.cell)
    r[8] = np.nan
    with pytest.raises(ForceError, match="atom 8 is lost"):
        forces(r, START.cell)
    small = fcc(0.8442, 2)
    with pytest.raises(CellError, match="above half of the smallest width"):
        forces(small.positions, small.cell)
    with pytest.raises(SimulationError, match=r"dt = 0\.5 is too large"):
        run(START, forces, dt=0.5, steps=10)
    pair = State([[0, 0, 0], [1.1, 0, 0]], np.zeros((2, 3)), [1, 1])
    with pytest.raises(BackendError, match="rigid bonds need backend='numba', not 'cu"):
        run(pair, forces, dt=0.01, steps=1, bonds=RigidBonds([[0, 1]], [1.1]))


@pytest.mark.parametrize("where", ["processor", "gpu"])
def test_one_lost_atom_among_many_is_seen(request, where):
    """Whatever the others do: the largest of numbers and a NaN is none."""
    if where == "gpu":
        request.getfixturevalue("twin")
    machine = Processor() if where == "processor" else device.Device()
    r = START.positions.copy()
    r[1, 2] = np.nan
    lost, there = map(machine.upload, (r, START.positions))
    assert np.isnan(machine.longest(lost, there))
    assert np.isnan(machine.farthest(lost))
    assert machine.longest(there, there) == 0
    assert machine.farthest(there) == START.positions.max()


def test_what_does_not_fit_says_how_much_it_needs(twin):
    forces = PairForces(lennard_jones(np.inf), backend="cupy")
    r = np.random.default_rng(0).uniform(0, 50, (2000, 3))
    twin.memory = 3 * 10**6
    message = r"list of neighbours needs 0\.0\d+ GB .* take fewer atoms, or a shorter"
    with pytest.raises(BackendError, match=message):
        forces(r)


def test_a_backend_asked_for_and_missing_is_an_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(
        BackendError, match=r"CuPy is not installed: pip install -r req"
    ):
        PairForces(PHI, backend="cupy")
    with pytest.raises(ValueError, match="backend = 'gpu': use numba or cupy"):
        PairForces(PHI, backend="gpu")
    # control: nobody who does not ask for it notices
    PairForces(PHI)(START.positions, START.cell)
