"""RATTLE on rods and surfaces, against angles, tensions and other integrators."""

import sys
from dataclasses import replace
from functools import cached_property

import numpy as np
import pytest
import sympy as sp

from mechanics import models
from mechanics.numerics import (
    GAUSS_LEGENDRE_6,
    RATTLE,
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    FirstOrderSystem,
    IntegrationError,
    UnsuitableMethodError,
    constraint_defect,
    constraints,
    convergence_order,
    integrate,
    multipliers,
)
from mechanics.numerics.compile import equations_of
from mechanics.symbolic import LagrangianSystem, coordinates, legendre

ROD = models.pendulum_with_tension()
ROD_VALUES = {"m": 1.3, "g": 9.81, "l": 0.7}
ANGLE, ANGULAR_VELOCITY = 1.1, 2.0  # from the lowest point, in rad and rad/s

ATOMS = sp.symbols("x_1 y_1 z_1 x_2 y_2 z_2 x_3 y_3 z_3", real=True)
# three atoms on two rigid bonds in a trap, the first and the third bound by a spring
TRIMER = models.rigid_bond_polymer(
    3,
    sp.Symbol("k", positive=True) * sum(x**2 for x in ATOMS) / 2
    + sum((a - b) ** 4 for a, b in zip(ATOMS[:3], ATOMS[6:], strict=True)) / 4,
)
TRIMER_VALUES = {"m_1": 1.0, "m_2": 2.0, "m_3": 1.5, "a_1": 1.0, "a_2": 1.2, "k": 0.3}
TRIMER_START = (  # the first bond along x, the second along y
    [0, 0, 0, 1, 0, 0, 1, 1.2, 0],
    [0.2, 0.1, 0, 0.2, -0.4, 0.3, 0.5, -0.4, -0.2],
)


def on_circle(angle, velocity, l=ROD_VALUES["l"]):
    """Position and velocity of a bob from its angle."""
    sin, cos = np.sin(angle), np.cos(angle)
    return [l * sin, -l * cos], [l * cos * velocity, l * sin * velocity]


RELEASED = on_circle(ANGLE, ANGULAR_VELOCITY)


def end_state(system, method, dt, duration, initial, values, **options):
    run = integrate(
        system,
        initial,
        dt=dt,
        steps=round(duration / dt),
        method=method,
        params=values,
        save="end",
        **options,
    )
    return run.end


def swing(dt=0.01, steps=1000, method=RATTLE, **options):
    return integrate(
        ROD, RELEASED, dt=dt, steps=steps, method=method, params=ROD_VALUES, **options
    )


# Order --------------------------------------------------------------------------------


def test_the_constrained_particle_is_the_pendulum_of_the_angle():
    """To second order in positions and velocities; the angle by another method."""
    reference = end_state(
        models.pendulum(),
        GAUSS_LEGENDRE_6,
        0.0025,
        2.0,
        ([ANGLE], [ANGULAR_VELOCITY]),
        ROD_VALUES,
    )
    expected = np.concatenate(on_circle(*reference))

    def error(dt):
        end = end_state(ROD, RATTLE, dt, 2.0, RELEASED, ROD_VALUES)
        return np.linalg.norm(end - expected)

    # errors from 1e-2 to 1e-4; the next term, in dt**4, changes the slope by 1e-2
    assert convergence_order(error, [0.02, 0.01, 0.005]) == pytest.approx(2, abs=0.1)


def test_the_order_with_two_bonds_in_space():
    reference = end_state(
        TRIMER, RUNGE_KUTTA_4, 0.002, 2.0, TRIMER_START, TRIMER_VALUES
    )

    def error(dt):
        end = end_state(TRIMER, RATTLE, dt, 2.0, TRIMER_START, TRIMER_VALUES)
        return np.linalg.norm(end - reference)

    assert convergence_order(error, [0.08, 0.04, 0.02]) == pytest.approx(2, abs=0.1)


def test_the_order_on_a_moving_constraint_with_a_force_that_knows_the_time():
    """A bob whose pivot is shaken, against the same pendulum in its angle."""
    t, a, w = sp.symbols("t a omega", real=True)
    (x, y), (x_dot, y_dot) = coordinates("x y")
    pivot = a * sp.cos(w * t)
    L = (x_dot**2 + y_dot**2) / 2 - y + x * sp.sin(w * t)
    shaken = LagrangianSystem(
        L, (x, y), (x_dot, y_dot), t=t, constraints=((x - pivot) ** 2 + y**2 - 1,)
    )
    (theta,), (theta_dot,) = coordinates("theta")
    place = (pivot + sp.sin(theta), -sp.cos(theta))
    velocity = [sp.diff(r, theta) * theta_dot + sp.diff(r, t) for r in place]
    where = dict(zip((x, y, x_dot, y_dot), (*place, *velocity), strict=True))
    by_angle = LagrangianSystem(
        L.subs(where, simultaneous=True), (theta,), (theta_dot,), t=t
    )
    values = {"a": 0.3, "omega": 1.7}

    def cartesian(angle, rate, time):
        (px, py), (vx, vy) = on_circle(angle, rate, l=1)
        swung = 0.3 * np.cos(1.7 * time), -0.3 * 1.7 * np.sin(1.7 * time)
        return [px + swung[0], py], [vx + swung[1], vy]

    angle, rate = end_state(
        by_angle, GAUSS_LEGENDRE_6, 0.01, 3.2, ([0.5], [0.0]), values
    )

    def run(dt):
        return integrate(
            shaken,
            cartesian(0.5, 0.0, 0.0),
            dt=dt,
            steps=round(3.2 / dt),
            method=RATTLE,
            params=values,
        )

    def error(dt):
        return np.linalg.norm(run(dt).end - np.concatenate(cartesian(angle, rate, 3.2)))

    assert convergence_order(error, [0.08, 0.04, 0.02]) == pytest.approx(2, abs=0.1)
    assert np.abs(constraint_defect(shaken, run(0.04), values)).max() < 1e-13


def test_the_spherical_pendulum():
    """A plane of motion that turns: against the two angles, by another method."""
    (x, y, z), v = q, _ = coordinates("x y z")
    ball = LagrangianSystem(
        sum(rate**2 for rate in v) / 2 - z, q, v, constraints=(x**2 + y**2 + z**2 - 1,)
    )
    start = ([1.0, 0.3], [0.0, 0.9])
    angles = integrate(
        models.spherical_pendulum(),
        start,
        dt=0.02,
        steps=250,
        method=GAUSS_LEGENDRE_6,
        params={"m": 1, "l": 1, "g": 1},
    )

    def place(theta, phi):
        return np.array(
            [
                np.sin(theta) * np.cos(phi),
                np.sin(theta) * np.sin(phi),
                -np.cos(theta),
            ]
        )

    theta, phi = start[0]
    initial = (
        place(theta, phi),
        0.9 * np.array([-np.sin(theta) * np.sin(phi), np.sin(theta) * np.cos(phi), 0]),
    )

    def error(dt):
        run = integrate(ball, initial, dt=dt, steps=round(5 / dt), method=RATTLE)
        return np.linalg.norm(run.q[-1] - place(*angles.q[-1]))

    assert convergence_order(error, [0.04, 0.02, 0.01]) == pytest.approx(2, abs=0.1)
    run = integrate(ball, initial, dt=0.05, steps=2000, method=RATTLE)
    spin = run["x"] * run["ydot"] - run["y"] * run["xdot"]
    # rounding of 2000 steps, and of the iteration that ends each of them
    assert np.ptp(spin) < 1e-12


# Constraints --------------------------------------------------------------------------

CASES = [
    pytest.param(ROD, RELEASED, ROD_VALUES, 0.02, id="rod"),
    pytest.param(TRIMER, TRIMER_START, TRIMER_VALUES, 0.02, id="trimer"),
]


@pytest.mark.parametrize(("system", "initial", "values", "dt"), CASES)
def test_positions_and_velocities_stay_on_the_constraints(system, initial, values, dt):
    run = integrate(system, initial, dt=dt, steps=3000, method=RATTLE, params=values)
    defect = np.abs(constraint_defect(system, run, values))
    assert defect.shape == (3001, 2 * len(system.constraints))
    # 1e-13: some hundred rounding errors of terms of size one to ten, at any time
    assert defect.max() < 1e-13


def test_accelerations_alone_drift_off_the_constraint_and_lose_energy():
    """Control: Runge and Kutta's method, four evaluations a step and order four."""
    free, kept = (swing(dt=0.02, steps=3000, method=m) for m in (RUNGE_KUTTA_4, RATTLE))
    off, on = (np.abs(constraint_defect(ROD, r, ROD_VALUES)) for r in (free, kept))
    assert on.max() < 1e-13
    assert off.max() > 1e-3
    early, late = slice(0, 500), slice(2500, 3000)
    assert np.ptp(kept.energy[late]) == pytest.approx(np.ptp(kept.energy[early]), 0.05)
    spread = np.ptp(kept.energy)
    # 500 steps hold six swings and a part of one, which weighs a little
    assert abs(kept.energy[late].mean() - kept.energy[early].mean()) < 0.05 * spread
    lost = abs(free.energy[late].mean() - free.energy[early].mean())
    assert lost > 0.1 * abs(free.energy[0])


def test_without_the_projection_velocities_leave_the_rod(monkeypatch):
    """Control: SHAKE's velocities; its positions are RATTLE's to rounding."""
    whole = swing(steps=200)
    monkeypatch.setattr(constraints, "project_velocities", lambda *_: None)
    bare = swing(steps=200, method=replace(RATTLE, name="SHAKE"))
    position, velocity = np.abs(constraint_defect(ROD, bare, ROD_VALUES)).max(axis=0)
    assert position < 1e-13
    assert velocity > 1e-2
    # 200 steps amplify rounding errors, linearly on a regular motion
    np.testing.assert_allclose(bare.q, whole.q, atol=1e-12)


class Skewed(LagrangianSystem):
    """A system whose rods push sideways: its gradients are wrong by a tenth."""

    @cached_property
    def constraint_jacobian(self):
        return super().constraint_jacobian @ sp.diag(1, sp.Rational(11, 10))


def test_a_wrong_gradient_shows_in_the_energy_although_the_length_is_kept():
    fields = ("L", "q", "v", "constraints")
    skewed = Skewed(**{name: getattr(ROD, name) for name in fields})
    assert skewed.params == ROD.params
    # at rest, for the wrong gradient takes other velocities for tangential
    start = on_circle(ANGLE, 0.0)
    right, wrong = (
        integrate(s, start, dt=0.005, steps=400, method=RATTLE, params=ROD_VALUES)
        for s in (ROD, skewed)
    )
    assert np.abs(constraint_defect(ROD, wrong, ROD_VALUES)[:, 0]).max() < 1e-13
    assert np.ptp(right.energy) < 1e-3
    assert np.ptp(wrong.energy) > 0.1


def test_saving_less_changes_no_state():
    """Velocities are projected where they are saved; no position may notice."""
    dense, sparse = swing(steps=240), swing(steps=240, save=12)
    np.testing.assert_allclose(sparse.states, dense.states[::12], atol=1e-12)


def test_a_constraint_that_pushes_nowhere_needs_no_impulse():
    """A particle that floats on a table: every multiplier is zero."""
    q, v = coordinates("x z")
    table = LagrangianSystem((v[0] ** 2 + v[1] ** 2) / 2, q, v, constraints=(q[1],))
    run = integrate(table, ([0.1, 0.0], [1.0, 0.0]), dt=0.1, steps=100, method=RATTLE)
    np.testing.assert_allclose(run["x"], 0.1 + run.t, rtol=1e-13)
    assert not run["z"].any()
    assert not multipliers(table, run).any()


def fly_freely():
    """Throw a rod without a turn: its tension is nothing but rounding errors."""
    rod, values = models.rigid_bond_polymer(2), {"m_1": 1.0, "m_2": 3.0, "a_1": 0.7}
    ends = np.concatenate([[10.0, 20, 30], np.array([10.0, 20, 30]) + 0.7 / np.sqrt(3)])
    velocity = np.tile([0.1, 0.3, -0.7], 2)
    run = integrate(
        rod, (ends, velocity), dt=0.1, steps=300, method=RATTLE, params=values
    )
    return run, velocity


def test_a_rod_that_flies_freely_needs_no_tension():
    run, velocity = fly_freely()
    # 300 steps; the distance of coordinates of size 30 is known to 1e-14, over 0.1
    np.testing.assert_allclose(run.v[-1], velocity, atol=1e-11)


def test_the_iteration_must_know_the_size_of_the_constraint(monkeypatch):
    """Control: without it, an impulse that should vanish never settles."""
    monkeypatch.setattr(constraints, "_size", lambda *_: sp.S.Zero)
    front_door = sys.modules["mechanics.numerics.integrate"]
    monkeypatch.setattr(front_door, "require_consistent", lambda *_: None)
    with pytest.raises(IntegrationError, match="did not converge"):
        fly_freely()


def tumbling_trimers(number):
    """Molecules at rest in space, whose two bonds turn in all directions."""
    rng = np.random.default_rng(0)
    bonds = rng.normal(size=(2, 3, number))
    bonds /= np.linalg.norm(bonds, axis=1)[:, None]
    turns = np.cross(rng.normal(size=(2, 3, number)), bonds, axis=1)
    q, v = ([-first, 0 * first, second] for first, second in (bonds, turns))
    return np.concatenate(q), np.concatenate(v)


def test_a_trajectory_does_not_wait_for_its_neighbours():
    """What has converged in an ensemble is left alone until all others have, too."""
    molecule = models.rigid_bond_polymer(3)
    values = dict.fromkeys(("m_1", "m_2", "m_3", "a_1", "a_2"), 1.0)
    how = {"dt": 0.01, "steps": 50, "method": RATTLE, "params": values, "save": "end"}
    q, v = tumbling_trimers(2000)
    together = integrate(molecule, (q, v), backend="numpy", **how).end
    few = [0, 25, 1999]
    alone = integrate(molecule, (q[:, few], v[:, few]), backend="numpy", **how).end
    np.testing.assert_array_equal(together[:, few], alone)


@pytest.mark.filterwarnings("ignore:the energy changed by")  # from 1e-18 to 1e-17
@pytest.mark.parametrize("amplitude", [0.0, 1e-9, 1e-7, 1e-3])
def test_tiny_swings_about_the_origin(amplitude):
    """Coordinates near zero, in a constraint whose terms are of size one."""
    (x, y), (x_dot, y_dot) = q, v = coordinates("x y")
    L = (x_dot**2 + y_dot**2) / 2 - y
    hung = LagrangianSystem(L, q, v, constraints=(x**2 + (y - 0.7) ** 2 - 0.49,))
    height = amplitude**2 / (0.7 + np.sqrt(0.49 - amplitude**2))
    start = [amplitude, height], [0.0, 0.0]
    run = integrate(hung, start, dt=0.01, steps=500, method=RATTLE)
    expected = amplitude * np.cos(run.t / np.sqrt(0.7))
    # the step's error (omega dt)^2/24 in the frequency and the amplitude's square
    np.testing.assert_allclose(run["x"], expected, atol=1e-4 * amplitude + 1e-15)


# Forces of constraint -----------------------------------------------------------------


def test_the_tension_of_the_rod():
    r"""T = -2 lambda l = m (g cos + l thetadot^2)."""
    run = swing(dt=0.003, steps=1000)
    m, g, l = ROD_VALUES.values()
    tension = -2 * multipliers(ROD, run, ROD_VALUES)[:, 0] * l
    cosine = -run["y"] / l
    speed_squared = run["xdot"] ** 2 + run["ydot"] ** 2
    np.testing.assert_allclose(
        tension, m * (g * cosine + speed_squared / l), rtol=1e-12
    )
    # with the speed that the conserved energy leaves: to the error of the step
    fallen = np.cos(ANGLE) - cosine
    by_energy = m * g * cosine + m * l * (ANGULAR_VELOCITY**2 - 2 * g / l * fallen)
    assert np.abs(tension - by_energy).max() < 2e-3 * tension.max()
    assert np.abs(tension - m * g * cosine).max() > tension.max() / 2  # control


def test_multipliers_of_a_chain_balance_its_accelerations():
    """In two bonds at once, on an ensemble, from accelerations by differences."""
    shifts = np.array([0.0, 0.1, 0.2])
    q0 = np.array(TRIMER_START[0])[:, None] + shifts
    v0 = np.array(TRIMER_START[1])[:, None] * (1 + shifts)
    h = 1e-3
    run = integrate(
        TRIMER, (q0, v0), dt=h, steps=20, method=RATTLE, params=TRIMER_VALUES
    )
    found = multipliers(TRIMER, run, TRIMER_VALUES)
    assert found.shape == (21, 2, 3)
    a = (run.q[2:] - 2 * run.q[1:-1] + run.q[:-2]) / h**2
    inertia = TRIMER_VALUES["m_1"] * a[:, :3]
    r = run.q[1:-1]
    stretch = r[:, :3] - r[:, 6:]
    force = inertia + TRIMER_VALUES["k"] * r[:, :3] + stretch**3
    reaction = 2 * found[1:-1, :1] * (r[:, :3] - r[:, 3:6])
    # differences of second order: h^2 times fourth derivatives; rounding 1e-10
    np.testing.assert_allclose(force, reaction, atol=2e-5)
    assert np.abs(reaction).max() > 0.1


# Geometry -----------------------------------------------------------------------------


class KickFirst(type(RATTLE)):
    """Control: the whole kick at the beginning, a constrained symplectic Euler."""

    def step(self, equations):
        return replace(super().step(equations), alpha=1.0, beta=0.0)


def test_the_way_back_leads_to_the_start():
    def back_error(method):
        there = swing(dt=0.02, steps=500, method=method)
        values = ROD_VALUES
        back = integrate(
            ROD, there.end_groups, dt=-0.02, steps=500, method=method, params=values
        )
        return np.abs(back.end - there.states[0]).max()

    # 1000 steps of rounding, which a regular motion amplifies linearly
    assert back_error(RATTLE) < 1e-10
    assert back_error(KickFirst("kick first", 1, "a control")) > 1e-3


def test_the_map_in_angle_and_momentum_keeps_areas():
    """The Jacobian of one period, in the canonical pair of the constrained motion."""

    def determinant(method):
        epsilon = 1e-4
        shifts = epsilon * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
        angle, rate = (np.array([[ANGLE, ANGULAR_VELOCITY]]) + shifts).T
        start = np.array(on_circle(angle, rate, l=1))
        end = end_state(
            ROD, method, 0.08, 1.6, (start[0], start[1]), {"m": 1, "g": 9.81, "l": 1}
        )
        x, y, x_dot, y_dot = end
        images = np.array([np.arctan2(x, -y), x * y_dot - y * x_dot])
        return np.linalg.det((images[:, :2] - images[:, 2:]) / (2 * epsilon))

    # central differences: epsilon^2 times third derivatives of the map, some 1e-6
    assert determinant(RATTLE) == pytest.approx(1, abs=2e-6)
    assert abs(determinant(RUNGE_KUTTA_4) - 1) > 1e-3


# Machines -----------------------------------------------------------------------------


def test_lanes_and_arrays_agree():
    rng = np.random.default_rng(3)
    angle, rate = rng.uniform(-2, 2, (2, 40))
    start = np.array(on_circle(angle, rate))
    values = {**ROD_VALUES, "g": np.linspace(1, 10, 40)}
    runs = [
        integrate(
            ROD,
            (start[0], start[1]),
            dt=0.02,
            steps=60,
            save=10,
            method=RATTLE,
            params=values,
            backend=backend,
        )
        for backend in ("numpy", "numba")
    ]
    # contracted sums are rounded once instead of twice; 60 steps amplify it little
    np.testing.assert_allclose(runs[0].states, runs[1].states, atol=1e-12)
    assert np.abs(constraint_defect(ROD, runs[1], values)).max() < 1e-13


# Errors -------------------------------------------------------------------------------


def test_a_start_off_the_constraint():
    with pytest.raises(ValueError, match=r"-l\*\*2 \+ x\*\*2 \+ y\*\*2 is 0\.001"):
        integrate(
            ROD,
            ([0.7, np.sqrt(0.001)], [0.0, 0.0]),
            dt=0.01,
            steps=10,
            method=RATTLE,
            params=ROD_VALUES,
        )


def test_a_start_across_the_constraint_in_one_trajectory():
    """Whatever the method: accelerations are wrong off the constraint as well."""
    q0 = np.array([[0.7, 0.7], [0.0, 0.0]])
    v0 = np.array([[0.0, 0.1], [1.0, 1.0]])
    with pytest.raises(
        ValueError, match=r"the rate of .* is 0\.14 in trajectory 1, not 0; give"
    ):
        integrate(
            ROD, (q0, v0), dt=0.01, steps=9, method=RUNGE_KUTTA_4, params=ROD_VALUES
        )


def test_rounding_errors_of_a_start_are_no_error():
    """cos(pi/2) is 6e-17: a velocity across the rod of relative size one."""
    start = on_circle(np.pi / 2, 0.0)
    integrate(
        ROD,
        (start[0], [1e-17, 1.0]),
        dt=0.01,
        steps=2,
        method=RATTLE,
        params=ROD_VALUES,
    )


X, Y, X_DOT, Y_DOT = sp.symbols("x y xdot ydot", real=True)
FREE = (X_DOT**2 + Y_DOT**2) / 2


def planar(L, **more):
    return LagrangianSystem(L, (X, Y), (X_DOT, Y_DOT), **more)


@pytest.mark.parametrize(
    ("system", "message"),
    [
        (planar(FREE), "this system has none; use a splitting"),
        (legendre(models.pendulum()), "this system has none"),
        (FirstOrderSystem((X,), (-X,)), "this system has none"),
        (
            planar(FREE, constraints=(X_DOT - Y_DOT,)),
            "xdot - ydot contains velocities; use GAUSS_LEGENDRE_4",
        ),
        (
            planar(FREE + X**2 * Y_DOT**2 / 2, constraints=(X - Y,)),
            r"its entry x\*\*2 \+ 1 depends on x; write the system in Cartesian",
        ),
        (
            planar(FREE + X * Y_DOT, constraints=(X - Y,)),
            "that on x, ydot, depends on ydot",
        ),
        (
            planar(FREE, constraints=(X - Y,), forces=(0, -Y_DOT)),
            "that on y, -ydot, depends on ydot; use GAUSS_LEGENDRE_4",
        ),
    ],
)
def test_systems_that_rattle_cannot_treat(system, message):
    number = len(equations_of(system).names)
    parts = len(equations_of(system).groups)
    initial = np.zeros((parts, number // parts)) if parts > 1 else np.zeros(number)
    values = dict.fromkeys(equations_of(system).params, 1.0)
    with pytest.raises(UnsuitableMethodError, match=message):
        integrate(system, initial, dt=0.1, steps=2, method=RATTLE, params=values)


def test_multipliers_of_a_system_without_constraints():
    run = integrate(
        legendre(models.pendulum()),
        ([0.1], [0.0]),
        dt=0.1,
        steps=2,
        method=STORMER_VERLET,
        params={"m": 1, "g": 1, "l": 1},
    )
    for diagnostic in (multipliers, constraint_defect):
        with pytest.raises(ValueError, match="no constraints; give the LagrangianSys"):
            diagnostic(models.pendulum(), run)
