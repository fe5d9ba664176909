"""Running many atoms: flows in turn, what is kept, and what is refused."""

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tqdm.auto import tqdm

from mechanics.md import thermostats as symbols
from mechanics.md.barostats import Barostat
from mechanics.md.cells import Cell, CellError
from mechanics.md.constraints import RigidBonds
from mechanics.md.processor import Processor
from mechanics.md.states import State
from mechanics.md.thermostats import Thermostat, newton
from mechanics.md.update import scalar, update_by
from mechanics.numerics import InterruptedWarning, StepSizeWarning
from mechanics.numerics.backends import BackendError

LEAP = 0.25  # of the cut-off: the longest way of an atom in one step
FAR = 1e8  # widths of the cell, from which on positions have lost their digits


class SimulationError(RuntimeError):
    """A run that cannot go on, with what it has recorded so far in ``result``.

    Examples
    --------
    >>> import numpy as np
    >>> from mechanics.md import PairForces, State, run
    >>> from mechanics.potentials import lennard_jones
    >>> near = State([[0, 0, 0], [0.5, 0, 0]], np.zeros((2, 3)), [1, 1])
    >>> run(near, PairForces(lennard_jones(3.0)), dt=0.01, steps=10)
    Traceback (most recent call last):
        ...
    mechanics.md.simulation.SimulationError: step 1: atom 0 moves by 19.5 in one step,
    more than a quarter of the cut-off 3; dt = 0.01 is too large, or atoms overlap at
    the start
    """

    def __init__(self, message: str, result: "Recording | None" = None):
        super().__init__(message)
        self.result = result


@dataclass(frozen=True, eq=False)
class Recording:
    r"""What a run has recorded.

    Attributes
    ----------
    time
        Shape ``(records,)``.
    potential, kinetic
        Energies, shape ``(records,)``.
    conserved
        What the exact motion would keep, shape ``(records,)``.
    pressure
        The pressure tensor :math:`\frac1V(\sum_ip_i\otimes p_i/m_i+\Xi)`, shape
        ``(records, 3, 3)``; NaN without a cell, and with rigid bonds, whose tensions
        are not in it.
    volume
        Shape ``(records,)``; NaN without a cell.
    states
        The saved states, the first one included.
    end
        The last state.
    dof
        Degrees of freedom that share the kinetic energy.

    Examples
    --------
    >>> from mechanics.md import PairForces, fcc, run
    >>> from mechanics.potentials import lennard_jones
    >>> start = fcc(0.8442, 4).thermal(1.0, np.random.default_rng(0))
    >>> forces = PairForces(lennard_jones(2.5, "force-shifted"))
    >>> nve = run(start, forces, dt=0.004, steps=100, record=10)
    >>> nve.temperature.shape, nve.dof, bool(np.ptp(nve.conserved) < 1)
    ((11,), 765, True)
    """

    time: np.ndarray
    potential: np.ndarray
    kinetic: np.ndarray
    conserved: np.ndarray
    pressure: np.ndarray
    volume: np.ndarray
    states: tuple[State, ...]
    end: State
    dof: int

    @property
    def temperature(self) -> np.ndarray:
        r"""The kinetic temperature :math:`kT=2K/N_f`."""
        return 2 * self.kinetic / self.dof

    @property
    def positions(self) -> np.ndarray:
        """Positions of the saved states, shape ``(saved, N, 3)``."""
        return np.stack([state.positions for state in self.states])

    @property
    def velocities(self) -> np.ndarray:
        """Velocities of the saved states, shape ``(saved, N, 3)``."""
        return np.stack([state.velocities for state in self.states])


def run(
    state: State,
    forces: Callable,
    thermostat: Thermostat | None = None,
    *,
    dt: float,
    steps: int,
    barostat: Barostat | None = None,
    bonds: RigidBonds | None = None,
    record: int = 1,
    save: int | None = None,
    seed: int = 0,
    progress: bool | None = None,
) -> Recording:
    r"""Integrate the motion of many atoms.

    Parameters
    ----------
    state
        Where they begin.
    forces
        A function ``forces(positions, cell, energy)`` that returns an
        :class:`Interaction`, such as :class:`PairForces`. The run takes place where
        the forces are: on a GPU for ``PairForces(..., backend="cupy")``.
    thermostat
        One of the thermostats; Newton's equations with velocity Verlet if left out.
    dt, steps
        Step and number of steps; a negative step runs time backwards.
    barostat
        Lets the cell move.
    bonds
        Rigid bonds. Every flow keeps them.
    record
        Steps between two records of energies and pressures.
    save
        Steps between two saved states; the first and the last are saved anyhow. At a
        saved state lists of neighbours are made anew, so that a run which continues
        from there, with the same arguments, has the same result to the last bit.
    seed
        Of the random numbers, which depend on it and on the number of the step alone.
    progress
        Show a bar; by default on a terminal, if the run takes more than two seconds.

    Returns
    -------
    Recording
        After a keyboard interrupt what there is, with an
        :class:`~mechanics.numerics.InterruptedWarning`.

    Raises
    ------
    ValueError
        For arguments without meaning: the message names them.
    BackendError
        For rigid bonds on a GPU.
    CellError
        If the cell is too small for the forces, or becomes so.
    SimulationError
        If an atom moves too far in a step, forces or positions are no numbers, or an
        atom is lost.

    Examples
    --------
    A fluid in a heat bath:

    >>> from mechanics.md import PairForces, fcc, langevin

    >>> from mechanics.potentials import lennard_jones
    >>> start = fcc(0.8442, 4).thermal(2.0, np.random.default_rng(0))
    >>> bath = langevin(kT=2.0, friction=1.0)
    >>> warm = run(start, PairForces(lennard_jones(2.5)), bath, dt=0.005, steps=200)
    >>> bool(1.5 < warm.temperature[100:].mean() < 2.5)
    True
    """
    thermostat = thermostat or newton()
    _check_arguments(state, dt, steps, record, save, seed)
    if dt < 0 and any(rule.is_random for rule in thermostat.rules.values()):
        raise ValueError(
            f"dt = {dt}: time cannot run backwards with the noise of {thermostat.name}"
        )
    dof = degrees_of_freedom(state, thermostat, bonds)
    work = _Work(state, forces, thermostat, barostat, bonds, dof, seed)
    stages = _stages(thermostat, barostat)
    if bonds is not None:
        bonds.require(state.positions, state.masses, state.momenta)
    getattr(forces, "forget", lambda: None)()
    rows, states = [work.row()], [state]
    bar = tqdm(
        range(steps),
        disable=not (sys.stderr.isatty() if progress is None else progress),
        delay=2,
        leave=False,
    )
    try:
        for _ in bar:
            work.begin_step()
            for name, fraction in stages:
                work.apply(name, fraction * dt)
            work.end_step(dt)
            due = work.step - state.step
            if due % record == 0 or due == steps:
                if save and due % save == 0:
                    work.forget_neighbours()
                rows.append(work.row())
            elif save and due % save == 0:
                work.forget_neighbours()
            if (save and due % save == 0) or due == steps:
                states.append(work.state())
    except KeyboardInterrupt:
        result = _recording(rows, states, work, dof)
        warnings.warn(
            f"interrupted after {work.step - state.step} of {steps} steps; go on from "
            "states[-1]",
            InterruptedWarning,
            stacklevel=2,
        )
        return result
    except (RuntimeError, ValueError) as error:
        if isinstance(error, CellError):
            raise
        raise SimulationError(
            f"step {work.step}: {error}", _recording(rows, states, work, dof)
        ) from error
    result = _recording(rows, states, work, dof)
    _warn_of_drift(result, dt)
    return result


def degrees_of_freedom(
    state: State, thermostat: Thermostat | None = None, bonds: RigidBonds | None = None
) -> int:
    """Count the degrees of freedom that share the kinetic energy.

    Three for each atom, one less for each rigid bond, and three less if the motion
    keeps the total momentum.

    Raises
    ------
    ValueError
        If none is left.

    Examples
    --------
    >>> from mechanics.md import fcc
    >>> degrees_of_freedom(fcc(0.8, 2))
    93
    """
    keeps = thermostat is None or thermostat.keeps_momentum
    dof = 3 * state.atoms - (len(bonds) if bonds is not None else 0) - 3 * keeps
    if dof <= 0:
        raise ValueError(
            f"{state.atoms} atoms with {len(bonds) if bonds is not None else 0} bonds"
            f"{' and a constant total momentum' if keeps else ''} have no degree of "
            "freedom left: there is no temperature"
        )
    return dof


def _check_arguments(state, dt, steps, record, save, seed) -> None:
    if not isinstance(state, State):
        raise ValueError(f"{state!r} is no State")
    if not np.isfinite(dt) or dt == 0:
        raise ValueError(f"dt = {dt} is not a step")
    for name, value in {"steps": steps, "record": record, "save": save or 1}.items():
        if int(value) != value or value < 1:
            raise ValueError(f"{name} = {value!r} must be a positive integer")
    if int(seed) != seed or not 0 <= seed < 2**64:
        raise ValueError(f"seed = {seed!r} must be an integer from 0 to 2**64 - 1")


def _stages(thermostat: Thermostat, barostat) -> list[tuple[str, float]]:
    """Return the flows of a step; the cell moves before and after each drift."""
    stages = []
    for name, fraction in thermostat.method.stages:
        if name == "A" and barostat is not None:
            half = ("C", fraction / 2)
            stages += [half, (name, fraction), half]
        else:
            stages.append((name, fraction))
    return stages


class _Work:
    """The state under way, and what acts on it."""

    def __init__(self, state, forces, thermostat, barostat, bonds, dof, seed):
        self.machine = machine = getattr(forces, "machine", None) or Processor()
        if bonds is not None and machine.name != "numba":
            raise BackendError(
                f"rigid bonds need backend='numba', not {machine.name!r}"
            )
        self.r, self.p = map(machine.upload, (state.positions, state.momenta))
        self.masses = machine.upload(state.masses)
        self.cell, self.cell_p = state.cell, state.cell_momentum
        self.step, self.time = state.step, state.time
        self.thermostat, self.forces, self.bonds = thermostat, forces, bonds
        self.barostat, self.dof, self.seed = barostat, dof, seed
        self.variables = {str(x): 0.0 for x in thermostat.variables}
        self.variables |= {"heat": 0.0, **state.variables}
        self.interaction = None
        self.rules = {
            name: update_by(rule, thermostat.variables)
            for name, rule in thermostat.all_rules.items()
        }
        names = {name for name, _ in thermostat.method.stages} - {"A"}
        if missing := names - set(self.rules):
            raise ValueError(f"{thermostat.name} has no rule for {', '.join(missing)}")
        self.cutoff = getattr(getattr(forces, "potential", None), "cutoff", np.inf)
        if barostat is not None:
            if self.cell is None or bonds is not None:
                raise ValueError(
                    "a barostat needs a cell that it can move, and no rigid bonds"
                )
            if self.cell_p is None:
                self.cell_p = barostat.start()
        elif self.cell_p is not None and np.any(self.cell_p):
            raise ValueError("the cell of the state moves: give the run its barostat")
        if thermostat.kT is not None and thermostat.keeps_momentum:
            drift = state.momenta.sum(axis=0)
            if np.linalg.norm(drift) > 1e-8 * (1 + np.abs(state.momenta).sum()):
                raise ValueError(
                    f"{thermostat.name} keeps the total momentum {drift}, "
                    "which is no heat; use state.at_rest()"
                )

    # Flows

    def begin_step(self) -> None:
        self.before = self.r

    def apply(self, name: str, tau: float) -> None:
        """Let one flow act for a time."""
        if name == "A":
            self.drift(tau)
        elif name == "C":
            self.move_cell(tau)
        else:
            self.change_momenta(name, tau)

    def drift(self, tau: float) -> None:
        if self.barostat is not None:
            spread = self.machine.spread(self.p, self.masses)
            self.cell_p = self.barostat.push(self.cell, self.cell_p, spread, tau)
        if self.bonds is None:
            self.r = self.machine.drifted(self.r, self.p, self.masses, tau)
        else:
            self.r, self.p = self.bonds.drift(self.r, self.masses, self.p, tau)
        self.interaction = None

    def move_cell(self, tau: float) -> None:
        h = self.barostat.moved(self.cell, self.cell_p, tau)
        if (
            not np.isfinite(h).all()
            or np.linalg.det(h) * np.linalg.det(self.cell.h) <= 0
        ):
            raise CellError(
                f"the cell collapses at step {self.step}: take a smaller step or a "
                "heavier cell"
            )
        strain = h @ self.cell.inverse
        self.r = self.machine.mapped(self.r, strain)
        self.p = self.machine.mapped(self.p, np.linalg.inv(strain).T)
        self.before = self.machine.mapped(self.before, strain)
        self.cell = Cell(h)
        self.interaction = None

    def change_momenta(self, name: str, tau: float) -> None:
        rule, machine = self.rules[name], self.machine
        values = {"tau": tau, "N_f": float(self.dof), **self.variables}
        if rule.needs & {"F", "FV", "FF"}:
            F = values["F"] = self.evaluate(self.barostat is not None).forces
        if "FV" in rule.needs:
            values["FV"] = machine.total(F, self.p, self.masses)
        if "FF" in rule.needs:
            values["FF"] = machine.total(F, F, self.masses)
        kinetic = self.thermostat.conserved.has(symbols.HEAT) and name != "B"
        if "P2" in rule.needs or kinetic:
            values["P2"] = self.twice_kinetic()
        values |= self.noise(rule.needs)
        if name == "B" and self.barostat is not None:
            push = self.evaluate(True).virial - self.barostat.load(self.cell)
            self.cell_p = self.barostat.push(self.cell, self.cell_p, push, tau)
        new = rule.variables(values)
        if rule.changes_p:
            self.p = machine.updated(rule, self.p, self.masses, values)
            if self.bonds is not None:
                self.p = self.bonds.project(self.r, self.masses, self.p)
        self.variables.update(new)
        if kinetic:
            self.variables["heat"] += (self.twice_kinetic() - values["P2"]) / 2

    def noise(self, needs: set[str]) -> dict:
        drawn = {}
        if needs & {"R_1", "R_2", "R_3", "G", "C"}:
            rng = self.generator
            for name in ("R_1", "R_2", "R_3"):
                if name in needs:
                    drawn[name] = rng.standard_normal(self.p.shape)
            if "G" in needs:
                drawn["G"] = rng.standard_normal()
                drawn["C"] = rng.chisquare(self.dof - 1) if self.dof > 1 else 0.0
        return drawn

    @property
    def generator(self) -> np.random.Generator:
        """Random numbers of this step: a function of the seed and of its number."""
        if self._generator_step != self.step:
            counter = [0, 0, self.step, 0]
            philox = np.random.Philox(key=self.seed, counter=counter)
            self._generator, self._generator_step = (
                np.random.Generator(philox),
                self.step,
            )
        return self._generator

    _generator_step = -1

    def end_step(self, dt: float) -> None:
        self.step += 1
        self.time += dt
        leap = self.machine.longest(self.r, self.before)
        if leap <= (LEAP * self.cutoff) ** 2:
            return
        r, before = map(self.machine.download, (self.r, self.before))
        moves = ((r - before) ** 2).sum(axis=1)
        finite = np.isfinite(moves)
        if not finite.all():
            raise ValueError(f"atom {int(np.argmin(finite))} is lost: not a number")
        atom = int(moves.argmax())
        raise ValueError(
            f"atom {atom} moves by {np.sqrt(moves[atom]):.3g} in one step, more than a "
            f"quarter of the cut-off {self.cutoff:g}; dt = {dt:g} is too large, or "
            "atoms overlap at the start"
        )

    # What is known on the way

    def evaluate(self, energy: bool):
        have = self.interaction
        if have is None or (energy and np.isnan(have.energy)):
            have = self.forces(self.r, self.cell, energy)
            self.interaction = have
        return have

    def twice_kinetic(self) -> float:
        return self.machine.twice_kinetic(self.p, self.masses)

    def forget_neighbours(self) -> None:
        getattr(self.forces, "forget", lambda: None)()
        self.interaction = None

    def row(self) -> tuple:
        """Time, energies, conserved quantity, pressure and volume."""
        have, P2 = self.forces(self.r, self.cell, True), self.twice_kinetic()
        if (
            self.cell is not None
            and self.machine.farthest(self.r) > FAR * self.cell.widths.max()
        ):
            raise ValueError("atoms are lost: their positions have no digits left")
        U = have.energy
        if self.barostat is not None:
            U = self.barostat.enthalpy(U, self.cell, self.cell_p)
        values = {**self.variables, "Q_heat": self.variables["heat"]}
        values |= {"U": U, "P2": P2, "N_f": float(self.dof)}
        conserved = scalar(self.thermostat.conserved)(values)
        volume = np.nan if self.cell is None else self.cell.volume
        pressure = np.full((3, 3), np.nan)
        if self.bonds is None and self.cell is not None:
            spread = self.machine.spread(self.p, self.masses)
            pressure = (spread + have.virial) / volume
        return self.time, have.energy, P2 / 2, conserved, pressure, volume

    def state(self) -> State:
        return State(
            *map(self.machine.download, (self.r, self.p, self.masses)),
            self.cell,
            dict(self.variables),
            self.cell_p,
            self.step,
            self.time,
        )


def _recording(rows, states, work, dof) -> Recording:
    columns = (np.array(column) for column in zip(*rows, strict=True))
    return Recording(*columns, tuple(states), states[-1], dof)


def _warn_of_drift(result: Recording, dt: float) -> None:
    change = abs(result.conserved[-1] - result.conserved[0])
    scale = result.kinetic.mean() + np.ptp(result.potential)
    if change > 0.5 * scale > 0:
        warnings.warn(
            f"what should be conserved changed by {change:.3g}: make dt = {dt:g} "
            "smaller",
            StepSizeWarning,
            stacklevel=3,
        )
