"""Splitting methods on nonlinear problems, against independent integrators."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

from mechanics import models
from mechanics.numerics import (
    STORMER_VERLET,
    SYMPLECTIC_EULER,
    IntegrationError,
    SplittingMethod,
    compile_system,
    convergence_order,
    integrate,
)
from mechanics.symbolic import HamiltonianSystem, legendre

q, p, t = sp.symbols("q p t", real=True)
x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)

PENDULUM = compile_system(legendre(models.pendulum()), {"m": 1, "g": 1, "l": 1})
DRIVEN = compile_system(legendre(models.driven_pendulum()), {"a": 0.8, "Omega": 1.3})
OSCILLATOR = compile_system(HamiltonianSystem(p**2 / 2 + q**2 / 2, (q,), (p,)))
# a damped pendulum in the coordinates of Caldirola and Kanai: time in T *and* in V
DAMPED = compile_system(
    HamiltonianSystem(
        sp.exp(-t / 5) * p**2 / 2 - sp.exp(t / 5) * sp.cos(q), (q,), (p,), t=t
    )
)
# Henon and Heiles (1964): two coupled degrees of freedom
HENON_HEILES = compile_system(
    HamiltonianSystem(
        (p_x**2 + p_y**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3, (x, y), (p_x, p_y)
    )
)
RELEASED = ((1.2,), (0.4,))


def triple_jump(outer: float, name: str = "triple jump") -> SplittingMethod:
    """Three Verlet steps of lengths w, 1 - 2w, w: always symmetric and consistent."""
    inner = 1 - 2 * outer
    stages = (
        ("kick", outer / 2),
        ("drift", outer),
        ("kick", (outer + inner) / 2),
        ("drift", inner),
        ("kick", (outer + inner) / 2),
        ("drift", outer),
        ("kick", outer / 2),
    )
    return SplittingMethod(name, 4, stages, "Yoshida (1990)")


# order 4 needs 2 w^3 + (1 - 2 w)^3 = 0 besides the sum 1
YOSHIDA = triple_jump(1 / (2 - 2 ** (1 / 3)), "Yoshida 4")
LEAKY = SplittingMethod(
    "kicks that sum to 0.9", 2, (("kick", 0.5), ("drift", 1.0), ("kick", 0.4)), "wrong"
)


def runge_kutta_4(system, initial, dt, steps):
    """The classical Runge-Kutta method, written out, as a control."""
    state = np.concatenate([np.array(a, float) for a in initial])
    states = [state]
    for k in range(steps):
        time = k * dt
        k1 = system.rhs(time, state)
        k2 = system.rhs(time + dt / 2, state + dt / 2 * k1)
        k3 = system.rhs(time + dt / 2, state + dt / 2 * k2)
        k4 = system.rhs(time + dt, state + dt * k3)
        state = state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        states.append(state)
    return tuple(np.split(np.array(states), 2, axis=1))


def explicit_euler(system, initial, dt, steps):
    """Kick and drift at the same time: not a splitting."""
    state = np.concatenate([np.array(a, float) for a in initial])
    states = [state]
    for k in range(steps):
        state = state + dt * system.rhs(k * dt, state)
        states.append(state)
    return tuple(np.split(np.array(states), 2, axis=1))


def final_state(system, method, dt, duration, initial=RELEASED):
    end = integrate(system, initial, dt=dt, steps=round(duration / dt), method=method)
    return np.concatenate([end.q[-1], end.p[-1]])


@cache
def reference(system, duration, initial):
    """The final state by SciPy's method of order eight."""
    solution = solve_ivp(
        system.rhs,
        (0, duration),
        np.concatenate(initial),
        method="DOP853",
        rtol=1e-13,
        atol=1e-13,
    )
    return solution.y[:, -1]


def observed_order(system, method, duration=3.2, initial=RELEASED):
    """Order from the error at a final time."""

    def error(dt):
        end = final_state(system, method, dt, duration, initial)
        return np.linalg.norm(end - reference(system, duration, initial))

    # errors from 1e-1 (first order) to 1e-8 (fourth): far above that of the reference
    return convergence_order(error, [0.05, 0.025, 0.0125])


# Order --------------------------------------------------------------------------------

METHODS = [SYMPLECTIC_EULER, STORMER_VERLET, YOSHIDA]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@pytest.mark.parametrize(
    "system", [PENDULUM, DRIVEN, DAMPED], ids=["pendulum", "driven", "damped"]
)
def test_the_order_is_the_stated_one(system, method):
    """On a sine force, which tells orders apart, with and without explicit time."""
    # the next term of the error changes the slope by about dt = 0.05
    assert observed_order(system, method) == pytest.approx(method.order, abs=0.1)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_order_in_two_degrees_of_freedom(method):
    start = ((0.1, 0.3), (0.2, 0.1))
    order = observed_order(HENON_HEILES, method, initial=start)
    assert order == pytest.approx(method.order, abs=0.1)


def test_a_method_whose_kicks_do_not_sum_to_one_does_not_converge():
    assert abs(observed_order(PENDULUM, LEAKY)) < 0.1


def test_a_coefficient_that_is_a_little_wrong_costs_two_orders():
    """The wrong triple jump still sums to one; only its order betrays it."""
    wrong = triple_jump(1.01 / (2 - 2 ** (1 / 3)))
    for kind in ("kick", "drift"):
        assert sum(c for k, c in wrong.stages if k == kind) == pytest.approx(1)
    assert observed_order(PENDULUM, wrong) < 3


def test_a_constant_force_cannot_tell_the_orders_apart():
    """Why the tests above use a nonlinear problem: in free fall Verlet is exact."""
    fall = compile_system(HamiltonianSystem(p**2 / 2 + q, (q,), (p,)))
    for dt in (0.1, 0.05):
        end = final_state(fall, STORMER_VERLET, dt, 2.0, ([1.0], [0.5]))
        np.testing.assert_allclose(end, [1 + 0.5 * 2 - 2, 0.5 - 2], atol=1e-14)


def test_a_clock_that_stands_still_spoils_the_driven_pendulum():
    """Control for explicit time: the drive is frozen at t = 0."""
    frozen = replace(DRIVEN, force=lambda q, p, t: DRIVEN.force(q, p, 0.0))
    right = final_state(DRIVEN, STORMER_VERLET, 0.01, 3.2)
    wrong = final_state(frozen, STORMER_VERLET, 0.01, 3.2)
    assert np.linalg.norm(right - wrong) > 0.1


# Geometry -----------------------------------------------------------------------------


def jacobian(flow, state, epsilon=2e-3):
    """Derivative of a map by central differences of fourth order.

    ``flow`` takes an ensemble ``(2n, members)``. Truncation ``epsilon**4`` = 2e-11 and
    rounding 1e-16/``epsilon`` = 1e-13 bound the error.
    """
    size = len(state)
    shifts = epsilon * np.eye(size)
    near = flow(state[:, None] + shifts) - flow(state[:, None] - shifts)
    far = flow(state[:, None] + 2 * shifts) - flow(state[:, None] - 2 * shifts)
    return (8 * near - far) / (12 * epsilon)


def symplectic_defect(M):
    n = len(M) // 2
    J = np.block([[np.zeros((n, n)), np.eye(n)], [-np.eye(n), np.zeros((n, n))]])
    return np.abs(M.T @ J @ M - J).max()


@pytest.mark.parametrize(
    "method", [*METHODS, LEAKY, triple_jump(0.7)], ids=lambda method: method.name
)
@pytest.mark.parametrize("steps", [1, 20])
def test_every_composition_is_symplectic(method, steps):
    """At a coarse step, and whatever the coefficients: each stage is a canonical map.

    Four dimensions, where conserved volume would not be enough.
    """

    def flow(states):
        end = integrate(
            HENON_HEILES, np.split(states, 2), dt=0.3, steps=steps, method=method
        )
        return np.concatenate([end.q[-1], end.p[-1]])

    M = jacobian(flow, np.array([0.1, 0.2, 0.15, -0.1]))
    assert symplectic_defect(M) < 1e-8
    assert np.abs(M - np.eye(4)).max() > 0.05  # the map is not trivial


@pytest.mark.parametrize("control", [runge_kutta_4, explicit_euler])
def test_other_methods_are_not_symplectic(control):
    def flow(states):
        end = control(HENON_HEILES, np.split(states, 2), 0.3, 20)
        return np.concatenate([end[0][-1], end[1][-1]])

    assert symplectic_defect(jacobian(flow, np.array([0.1, 0.2, 0.15, -0.1]))) > 1e-5


def there_and_back(method, system=PENDULUM, dt=0.1, steps=500):
    there = integrate(system, RELEASED, dt=dt, steps=steps, method=method)
    back = integrate(
        system, (there.q[-1], there.p[-1]), dt=-dt, steps=steps, method=method
    )
    error = np.concatenate([back.q[-1] - RELEASED[0], back.p[-1] - RELEASED[1]])
    return np.abs(error).max()


@pytest.mark.parametrize("method", [STORMER_VERLET, YOSHIDA], ids=lambda m: m.name)
def test_symmetric_methods_return_to_the_start(method):
    # 1000 steps of rounding, which a regular motion amplifies linearly
    assert there_and_back(method) < 1e-11


def test_an_unsymmetric_method_does_not_return():
    assert there_and_back(SYMPLECTIC_EULER) > 1e-3


def test_runge_kutta_does_not_return():
    there = runge_kutta_4(PENDULUM, RELEASED, 0.1, 500)
    back = runge_kutta_4(PENDULUM, (there[0][-1], there[1][-1]), -0.1, 500)
    assert abs(back[0][-1, 0] - RELEASED[0][0]) > 1e-7


# Energy -------------------------------------------------------------------------------


def test_the_energy_error_does_not_grow():
    """Late oscillations of the energy are as wide as early ones."""
    motion = integrate(PENDULUM, ([0.0], [1.8]), dt=0.2, steps=6000)
    early, late = motion.energy[:1000], motion.energy[-1000:]
    assert np.ptp(late) == pytest.approx(np.ptp(early), rel=0.02)
    assert np.mean(late) == pytest.approx(np.mean(early), abs=0.01 * np.ptp(early))


def test_runge_kutta_loses_energy_steadily_and_euler_gains_it():
    def energies(control, dt, steps):
        q_path, p_path = control(PENDULUM, ([0.0], [1.8]), dt, steps)
        return PENDULUM.energy(q_path.T, p_path.T, 0.0)

    lost = energies(runge_kutta_4, 0.3, 1000)
    halfway, whole = lost[500] - lost[0], lost[1000] - lost[0]
    assert whole < 0
    assert whole == pytest.approx(2 * halfway, rel=0.2)
    gained = energies(explicit_euler, 0.01, 1000)
    assert gained[-1] - gained[0] > 0.01


def test_the_modified_hamiltonian_is_kept_two_orders_better():
    """Backward error analysis: Verlet's own energy, for kick, drift, kick.

    H + h^2 (p^2 V''/12 - V'^2/24) with V = -cos q. With the two terms exchanged, as
    belongs to drift, kick, drift, nothing is gained.
    """

    steps, spreads = [0.2, 0.1, 0.05], []
    for h in steps:
        motion = integrate(PENDULUM, ([0.0], [1.8]), dt=h, steps=round(100 / h))
        kinetic = motion.p[:, 0] ** 2 * np.cos(motion["theta"])
        potential = np.sin(motion["theta"]) ** 2
        corrections = [0, kinetic / 12 - potential / 24, potential / 12 - kinetic / 24]
        spreads.append([np.ptp(motion.energy + h**2 * c) for c in corrections])
    plain, own, other = np.polyfit(np.log(steps), np.log(spreads), 1)[0]
    assert plain == pytest.approx(2, abs=0.05)
    assert own == pytest.approx(4, abs=0.05)
    assert other == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("h", [0.05, 0.5, 1.9])
def test_the_oscillator_turns_at_the_shadow_frequency(h):
    """Verlet is exact for the frequency (2/h) arcsin(h/2), at any stable step."""
    steps = 300
    motion = integrate(OSCILLATOR, ([1.0], [0.0]), dt=h, steps=steps)
    shadow = 2 / h * np.arcsin(h / 2)
    n = np.arange(steps + 1)
    # rounding grows in proportion to the steps, more so near the limit h = 2
    np.testing.assert_allclose(motion.q[:, 0], np.cos(n * h * shadow), atol=1e-10)
    assert np.abs(motion.q[:, 0] - np.cos(n * h)).max() > 1e-3  # control


# Trajectories -------------------------------------------------------------------------


def test_the_saved_times_names_and_energies():
    motion = integrate(HENON_HEILES, ([0.1, 0.3], [0.2, 0.1]), dt=0.05, steps=40)
    np.testing.assert_allclose(motion.t, np.linspace(0, 2, 41), atol=1e-15)
    assert motion.q.shape == motion.p.shape == (41, 2)
    assert (motion.method, motion.dt) == ("Störmer-Verlet", 0.05)
    assert motion.names == ("x", "y", "p_x", "p_y")
    assert np.array_equal(motion["y"], motion.q[:, 1])
    X, Y = motion["x"], motion["y"]
    by_hand = (motion.p**2).sum(axis=1) / 2 + (X**2 + Y**2) / 2 + X**2 * Y - Y**3 / 3
    np.testing.assert_allclose(motion.energy, by_hand, rtol=1e-13)


def test_the_energy_of_a_driven_system_is_taken_at_its_own_time():
    motion = integrate(DRIVEN, RELEASED, dt=0.02, steps=100)
    angle, momentum = motion.q[:, 0], motion.p[:, 0]
    by_hand = momentum**2 / 2 - np.cos(angle) - 0.8 * angle * np.cos(1.3 * motion.t)
    np.testing.assert_allclose(motion.energy, by_hand, rtol=1e-12)


@pytest.mark.parametrize("shape", [(7,), (3, 5)])
def test_an_ensemble_is_its_members_bit_by_bit(shape):
    """Sums, products and squares are rounded alike everywhere; powers are not."""
    rng = np.random.default_rng(8)
    q0, p0 = rng.uniform(-0.3, 0.3, (2, 2, *shape))
    together = integrate(HENON_HEILES, (q0, p0), dt=0.1, steps=60)
    assert together.q.shape == (61, 2, *shape)
    for member in np.ndindex(shape):
        alone = integrate(
            HENON_HEILES, (q0[:, *member], p0[:, *member]), dt=0.1, steps=60
        )
        assert np.array_equal(together.q[(..., *member)], alone.q)
        assert np.array_equal(together.p[(..., *member)], alone.p)
        np.testing.assert_allclose(  # the energy holds y**3
            together.energy[(..., *member)], alone.energy, rtol=1e-14
        )


def test_every_member_may_have_its_own_parameters():
    lengths = [0.5, 1.0, 2.0]
    system = legendre(models.pendulum())
    start = np.full((1, 3), 0.7), np.zeros((1, 3))
    values = {"m": 1, "g": 9.81, "l": lengths}
    together = integrate(system, start, dt=0.01, steps=100, params=values)
    for member, length in enumerate(lengths):
        alone = integrate(
            system, ([0.7], [0.0]), dt=0.01, steps=100, params={**values, "l": length}
        )
        np.testing.assert_allclose(together.q[..., member], alone.q, rtol=1e-13)


@pytest.mark.parametrize("system", [PENDULUM, DRIVEN, DAMPED])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_saving_less_changes_no_state(system, method):
    """Merged kicks and clocks between saved states cost no more than rounding."""
    request = {"dt": 0.05, "steps": 240, "method": method}
    dense = integrate(system, RELEASED, **request)
    sparse = integrate(system, RELEASED, **request, save=12)
    assert len(sparse.t) == 21
    for name in ("t", "q", "p", "energy"):
        np.testing.assert_allclose(
            getattr(sparse, name), getattr(dense, name)[::12], rtol=0, atol=1e-12
        )


def test_the_initial_arrays_are_left_alone():
    q0, p0 = np.array([1.0]), np.array([0.5])
    motion = integrate(PENDULUM, (q0, p0), dt=0.1, steps=10)
    motion.q[0] = 99
    assert (q0, p0) == (1.0, 0.5)


# Errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("initial", "message"),
    [
        (([0.1], [0.2]), r"shapes q \(1,\), p \(1,\); it must have q \(2, \.\.\.\), p"),
        (([0.1, 0.2], [0.3]), r"shapes q \(2,\), p \(1,\)"),
        ((np.zeros((2, 3)), np.zeros((2, 4))), r"q \(2, 3\), p \(2, 4\)"),
        ((0.1, 0.2), r"the variables x, y, p_x, p_y first"),
        (([0.1, np.nan], [0.0, 0.0]), r"initial q is not finite: \[0\.1 nan\]"),
        (([0.1, 0.2], [0.0, np.inf]), r"initial p is not finite: \[ ?0\. inf\]"),
    ],
)
def test_initial_values_that_make_no_sense(initial, message):
    with pytest.raises(ValueError, match=message):
        integrate(HENON_HEILES, initial, dt=0.1, steps=10)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"dt": 0.1, "steps": 0}, "steps = 0 must be a positive integer"),
        ({"dt": 0.1, "steps": 10, "save": 0}, "save every 0 steps"),
        ({"dt": 0.1, "steps": 10, "save": 3}, "the second must divide the first"),
        ({"dt": 0.0, "steps": 10}, "dt = 0.0 is not a step"),
        ({"dt": np.nan, "steps": 10}, "dt = nan is not a step"),
        ({"dt": np.inf, "steps": 10}, "dt = inf is not a step"),
    ],
)
def test_requests_that_make_no_sense(request_, message):
    with pytest.raises(ValueError, match=message):
        integrate(PENDULUM, RELEASED, **request_)


def test_a_hamiltonian_that_mixes_coordinates_and_momenta():
    kepler = legendre(models.central_potential(-1 / y, y))
    with pytest.raises(
        ValueError, match=r"term p_phi\*\*2/\(2\*m\*y\*\*2\) of H mixes"
    ):
        integrate(kepler, ([1, 0], [0, 1]), dt=0.1, steps=10, params={"m": 1})


def test_a_compiled_system_takes_no_parameters():
    with pytest.raises(ValueError, match="has its parameters already; drop params"):
        integrate(PENDULUM, RELEASED, dt=0.1, steps=10, params={"m": 1})


@pytest.mark.parametrize("dt", [2.0, -2.5])
def test_a_step_beyond_the_limit_of_stability(dt):
    limited = replace(OSCILLATOR, stable_step=2.0)
    with pytest.raises(ValueError, match=r"too large: .* unstable from dt = 2 on"):
        integrate(limited, ([1.0], [0.0]), dt=dt, steps=10)
    integrate(limited, ([1.0], [0.0]), dt=1.99, steps=10)


def test_the_limit_of_stability_is_where_theory_puts_it():
    """Just below h = 2 the oscillator stays bounded; just above it grows for ever."""
    below = integrate(OSCILLATOR, ([1.0], [0.0]), dt=1.999, steps=2000)
    assert np.abs(below.q).max() < 1.1
    with pytest.raises(IntegrationError, match=r"not finite at t = \d+"):
        integrate(OSCILLATOR, ([1.0], [0.0]), dt=2.1, steps=2000)


def test_a_solution_that_runs_away_in_finite_time():
    """V = -q^4 sends the particle to infinity; the message says when."""
    hill = HamiltonianSystem(p**2 / 2 - q**4, (q,), (p,))
    with pytest.raises(IntegrationError, match=r"t = \d\S*; make dt = 0\.1 smaller"):
        integrate(hill, ([1.0], [1.0]), dt=0.1, steps=100)


def test_a_coordinate_that_does_not_exist():
    motion = integrate(PENDULUM, RELEASED, dt=0.1, steps=2)
    with pytest.raises(KeyError, match="no variable 'phi'; this result has theta"):
        motion["phi"]
