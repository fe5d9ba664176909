"""Runs: orders, invariants, restarts, cells that move, and what is refused."""

import numpy as np
import pytest

from mechanics.md import (
    AndersenBarostat,
    Cell,
    CellError,
    Interaction,
    PairForces,
    ParrinelloRahman,
    SimulationError,
    State,
    berendsen,
    degrees_of_freedom,
    fcc,
    isokinetic,
    langevin,
    newton,
    nose_hoover,
    run,
    stochastic_rescaling,
    velocity_rescaling,
)
from mechanics.numerics import InterruptedWarning, StepSizeWarning, convergence_order
from mechanics.potentials import lennard_jones

FORCES = PairForces(lennard_jones(2.4, "force-shifted"))
START = fcc(0.8442, 4).thermal(1.5, np.random.default_rng(11))
WARM = run(START, FORCES, dt=0.004, steps=200, record=200).end
DOF = 3 * 256 - 3
CHAIN = nose_hoover(0.8, masses=(DOF * 0.8 * 0.04, 0.8 * 0.04))


def spread(thermostat=None, barostat=None):
    """How the spread of the conserved quantity falls with the step."""

    def of(dt):
        steps = round(0.32 / dt)
        result = run(
            WARM, FORCES, thermostat, barostat=barostat, dt=dt, steps=steps, record=1
        )
        return np.abs(result.conserved - result.conserved[0]).max()

    return of


@pytest.mark.parametrize(
    ("thermostat", "barostat"),
    [
        (newton(), None),
        (CHAIN, None),
        (None, ParrinelloRahman(pressure=1.0, mass=30.0)),
        (None, AndersenBarostat(pressure=1.0, mass=0.01)),
        (CHAIN, ParrinelloRahman(pressure=1.0, mass=30.0)),
    ],
    ids=["newton", "chain", "cell", "piston", "chain and cell"],
)
def test_conserved_quantities_are_of_second_order(thermostat, barostat):
    order = convergence_order(spread(thermostat, barostat), [0.008, 0.004, 0.002])
    assert 1.7 < order < 2.3


def test_isokinetic_keeps_its_kinetic_energy_to_rounding():
    still = run(WARM, FORCES, isokinetic(), dt=0.004, steps=100)
    assert np.ptp(still.kinetic) < 1e-11 * still.kinetic[0]
    assert np.ptp(still.potential) > 1  # while it moves


def test_newton_keeps_momentum_and_runs_back():
    there = run(WARM, FORCES, dt=0.004, steps=100, record=100)
    assert np.abs(there.end.momenta.sum(axis=0)).max() < 1e-11
    back = run(there.end, FORCES, dt=-0.004, steps=100, record=100)
    assert np.abs(back.end.positions - WARM.positions).max() < 1e-11
    bath = langevin(0.8, friction=1.0)  # control: noise does not run back
    there = run(WARM, FORCES, bath, dt=0.004, steps=100, record=100)
    assert np.abs(there.end.momenta.sum(axis=0)).max() > 1
    with pytest.raises(ValueError, match="time cannot run backwards"):
        run(there.end, FORCES, bath, dt=-0.004, steps=100)


@pytest.mark.parametrize(
    ("thermostat", "barostat"),
    [
        (langevin(0.8, friction=2.0), None),
        (stochastic_rescaling(0.8, relaxation=0.1), None),
        (CHAIN, AndersenBarostat(pressure=1.0, mass=0.01)),
    ],
    ids=["langevin", "rescaling", "chain and piston"],
)
def test_a_run_continues_from_a_saved_state_to_the_last_bit(
    thermostat, barostat, tmp_path
):
    how = {"dt": 0.004, "barostat": barostat, "save": 30, "record": 10, "seed": 4}
    whole = run(WARM, FORCES, thermostat, steps=90, **how)
    whole.states[1].save(tmp_path / "state.npz")
    fresh = PairForces(FORCES.potential)
    rest = run(State.load(tmp_path / "state.npz"), fresh, thermostat, steps=60, **how)
    assert rest.end.step == whole.end.step
    assert np.array_equal(rest.end.positions, whole.end.positions)
    assert np.array_equal(rest.end.momenta, whole.end.momenta)
    assert rest.conserved[-1] == whole.conserved[-1]
    other = run(whole.states[1], fresh, thermostat, steps=60, **how | {"seed": 5})
    if thermostat is not CHAIN:  # control: other noise, another end
        assert not np.array_equal(other.end.positions, whole.end.positions)


def test_an_interrupted_run_returns_what_it_has():
    calls = 0

    def forces(positions, cell, energy):
        nonlocal calls
        calls += 1
        if calls == 60:
            raise KeyboardInterrupt
        return FORCES(positions, cell, energy)

    with pytest.warns(InterruptedWarning, match=r"go on from states\[-1\]"):
        part = run(WARM, forces, dt=0.004, steps=1000, save=10, record=1000)
    assert part.end.step - WARM.step >= 40
    again = run(part.states[-1], FORCES, dt=0.004, steps=10, record=10)
    whole = run(WARM, FORCES, dt=0.004, steps=again.end.step - WARM.step, save=10)
    assert np.allclose(again.end.positions, whole.end.positions, atol=1e-10)


def test_pressure_is_that_of_an_ideal_gas_without_forces():
    def none(positions, cell, energy):
        return Interaction(0.0, np.zeros_like(positions), np.zeros((3, 3)))

    free = run(START, none, dt=0.01, steps=1)
    p = np.trace(free.pressure[0]) / 3
    assert np.isclose(p, 2 * START.kinetic_energy / (3 * START.cell.volume))
    assert np.allclose(free.end.positions, START.positions + 0.01 * START.velocities)


def test_cell_of_ideal_gas_expands_by_its_pressure():
    """The force on the cell is (Pi - P) V h^-T, here without interactions."""

    def none(positions, cell, energy):
        return Interaction(0.0, np.zeros_like(positions), np.zeros((3, 3)))

    dt, W = 1e-4, 40.0
    moved = run(
        START, none, dt=dt, steps=1, barostat=ParrinelloRahman(pressure=0.3, mass=W)
    )
    spread = START.momenta.T @ START.velocities
    V = START.cell.volume
    push = (spread - 0.3 * V * np.eye(3)) @ START.cell.inverse.T
    assert np.allclose(moved.end.cell_momentum, dt * push, rtol=1e-3)


def test_bad_input_is_named():
    near = State([[0, 0, 0], [0.3, 0, 0]], np.zeros((2, 3)), [1, 1])
    with pytest.raises(SimulationError, match="atoms overlap at the start") as caught:
        run(near, FORCES, dt=0.01, steps=10)
    assert len(caught.value.result.time) == 1
    with pytest.raises(SimulationError, match=r"dt = 0\.5 is too large"):
        run(WARM, FORCES, dt=0.5, steps=10)
    with pytest.raises(CellError, match="above half of the smallest width"):
        run(fcc(0.8442, 2), FORCES, dt=0.004, steps=1)
    with pytest.raises(CellError, match=r"collapses|above half"):
        squeeze = AndersenBarostat(pressure=1e4, mass=1e-4)
        run(WARM, FORCES, dt=0.004, steps=100, barostat=squeeze)
    with pytest.raises(ValueError, match="kT = -1"):
        START.thermal(-1.0, np.random.default_rng(0))
    for bad in (langevin, stochastic_rescaling, berendsen):
        with pytest.raises(ValueError, match="kT = -1 must be positive"):
            bad(-1, 1.0)
    with pytest.raises(ValueError, match="no degree of freedom"):
        degrees_of_freedom(State([[0, 0, 0]], [[0, 0, 0]], [1]))
    with pytest.raises(ValueError, match=r"use state\.at_rest"):
        moving = State(WARM.positions, WARM.momenta + 1, WARM.masses, WARM.cell)
        run(moving, FORCES, velocity_rescaling(1.0), dt=0.004, steps=1)
    with pytest.raises(ValueError, match="momenta of atom 1 are not finite"):
        State([[0, 0, 0], [1, 0, 0]], [[0, 0, 0], [np.nan, 0, 0]], [1, 1])
    with pytest.raises(ValueError, match=r"mass -1\.0 of atom 0"):
        State([[0, 0, 0]], [[0, 0, 0]], [-1])
    with pytest.raises(ValueError, match="steps = 0"):
        run(WARM, FORCES, dt=0.004, steps=0)
    with pytest.raises(ValueError, match="dt = nan"):
        run(WARM, FORCES, dt=np.nan, steps=1)
    with pytest.raises(ValueError, match="needs a cell"):
        run(near, FORCES, dt=1, steps=1, barostat=AndersenBarostat(1.0, 1.0))


def test_forces_that_are_no_numbers_stop_a_run():
    def forces(positions, cell, energy):
        push = np.full_like(positions, np.nan if positions[0, 0] > 0.05 else 0.0)
        return Interaction(0.0, push, np.zeros((3, 3)))

    one = State([[0, 0, 0]], [[1.0, 0, 0]], [1.0], Cell.cubic(3.0))
    with pytest.raises(SimulationError, match="atom 0 is lost"):
        run(one, forces, langevin(1.0, 1e-9), dt=0.01, steps=20)


def test_energy_that_runs_away_is_warned_of():
    def spring(positions, cell, energy):
        return Interaction((positions**2).sum() / 2, -positions, np.zeros((3, 3)))

    two = State([[1, 0, 0], [0, 1.0, 0]], np.zeros((2, 3)), [1, 1])
    with pytest.warns(StepSizeWarning, match="smaller"):
        run(two, spring, dt=2.05, steps=20)
