"""Variational integrators: leapfrog and midpoint rule found again, symmetries kept."""

from functools import cache

import numpy as np
import pytest
import sympy as sp

from mechanics import models
from mechanics.numerics import (
    GAUSS_LEGENDRE_6,
    IMPLICIT_MIDPOINT,
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    VARIATIONAL_MIDPOINT,
    VARIATIONAL_TRAPEZOIDAL,
    FirstOrderSystem,
    UnsuitableMethodError,
    VariationalMethod,
    convergence_order,
    integrate,
)
from mechanics.symbolic import LagrangianSystem, coordinates, legendre

METHODS = [VARIATIONAL_TRAPEZOIDAL, VARIATIONAL_MIDPOINT]
by_name = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)

DOUBLE = models.double_pendulum()
DOUBLE_VALUES = {"m_1": 1.0, "m_2": 0.6, "l_1": 1.0, "l_2": 0.8, "g": 1.0}
DOUBLE_START = ([1.0, 0.5], [0.2, -0.3])


def left_rule(L, q_0, q_1, t_0, h):
    """A rule of first order: everything at the beginning of the step."""
    return h * L(q_0, [(b - a) / h for a, b in zip(q_0, q_1, strict=True)], t_0)


LEFT = VariationalMethod("left", 1, left_rule, "a control")


# Order --------------------------------------------------------------------------------

PROBLEMS = {
    "driven pendulum": (
        models.driven_pendulum(),
        {"a": 0.8, "Omega": 1.3},
        ([1.2], [0.4]),
    ),
    "driven pendulum with friction": (
        models.driven_pendulum(friction=True),
        {"a": 0.8, "Omega": 1.3, "gamma": 0.3},
        ([1.2], [0.4]),
    ),
    "double pendulum": (DOUBLE, DOUBLE_VALUES, DOUBLE_START),
    "pendulum with a driven pivot": (
        models.rotating_pendulum(),
        {"m": 1.0, "l": 1.0, "g": 1.0, "a": 0.5, "Omega": 1.7},
        ([0.4], [0.1]),
    ),
}


@cache
def reference(problem):
    system, values, start = PROBLEMS[problem]
    run = integrate(
        system, start, dt=0.01, steps=320, method=GAUSS_LEGENDRE_6, params=values
    )
    return run.end


def observed_order(problem, method):
    system, values, start = PROBLEMS[problem]

    def error(dt):
        steps = round(3.2 / dt)
        run = integrate(system, start, dt=dt, steps=steps, method=method, params=values)
        return np.linalg.norm(run.end - reference(problem))

    return convergence_order(error, [0.05, 0.025, 0.0125])


@pytest.mark.parametrize("problem", PROBLEMS)
@by_name
def test_the_order_is_two(problem, method):
    """Explicit time, friction, a metric that moves, and momenta that are no mv."""
    assert observed_order(problem, method) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("problem", ["driven pendulum", "double pendulum"])
def test_a_rule_of_first_order(problem):
    assert observed_order(problem, LEFT) == pytest.approx(1, abs=0.15)


# Old acquaintances --------------------------------------------------------------------


def henon_heiles_lagrangian():
    (x, y), v = q, _ = coordinates("x y")
    V = (x**2 + y**2) / 2 + x**2 * y - y**3 / 3
    return LagrangianSystem(sum(rate**2 for rate in v) / 2 - V, q, v)


@pytest.mark.parametrize(
    ("system", "values", "start", "mass"),
    [
        (henon_heiles_lagrangian(), {}, ([0.1, 0.3], [0.2, 0.1]), 1.0),
        (
            models.driven_pendulum(),
            {"a": 0.8, "Omega": 1.3},
            ([1.2], [0.4]),
            1.0,
        ),
        (
            models.pendulum(),
            {"m": 2.0, "g": 9.81, "l": 1.5},
            ([1.2], [0.4]),
            2.0 * 1.5**2,
        ),
    ],
    ids=["henon-heiles", "driven", "heavy"],
)
@pytest.mark.parametrize(
    ("method", "known"),
    [
        (VARIATIONAL_TRAPEZOIDAL, STORMER_VERLET),
        (VARIATIONAL_MIDPOINT, IMPLICIT_MIDPOINT),
    ],
    ids=["trapezoidal", "midpoint"],
)
def test_for_a_constant_mass_they_are_leapfrog_and_midpoint_rule(
    system, values, start, mass, method, known
):
    request = {"dt": 0.1, "steps": 100, "params": values}
    ours = integrate(system, start, **request, method=method)
    momenta = (start[0], mass * np.array(start[1]))
    theirs = integrate(legendre(system), momenta, **request, method=known)
    # rounding errors of 100 steps, amplified by the shear of the motion
    np.testing.assert_allclose(ours.q, theirs.q, atol=1e-12)
    np.testing.assert_allclose(mass * ours.v, theirs.p, atol=1e-12)
    other = METHODS[method is VARIATIONAL_TRAPEZOIDAL]
    wrong = integrate(system, start, **request, method=other)
    assert np.abs(wrong.q - theirs.q).max() > 1e-4  # control


# Symmetries ---------------------------------------------------------------------------


def wheel_of_springs():
    """Two particles on springs about a centre, in polar coordinates: turned freely."""
    q, v = coordinates("r_1 phi_1 r_2 phi_2")
    r_1, phi_1, r_2, phi_2 = q
    T = sum((v[i] ** 2 + q[i] ** 2 * v[i + 1] ** 2) / 2 for i in (0, 2))
    V = (r_1**2 + r_2**2) / 2 - r_1 * r_2 * sp.cos(phi_1 - phi_2) / 2 + r_1**4 / 4
    return LagrangianSystem(T - V, q, v)


@by_name
def test_angular_momentum_is_kept_to_rounding(method):
    """The discrete theorem of Noether, for a symmetry that both rules share."""
    start = ([1.0, 0.0, 0.8, 1.0], [0.1, 0.9, 0.0, 0.7])

    def momentum(method):
        run = integrate(wheel_of_springs(), start, dt=0.1, steps=400, method=method)
        moments = [run[f"r_{k}"] ** 2 * run[f"phidot_{k}"] for k in (1, 2)]
        assert np.ptp(moments[0]) > 0.1
        return np.ptp(sum(moments))

    # 400 solutions of implicit equations, each to a few rounding errors
    assert momentum(method) < 1e-12
    assert momentum(RUNGE_KUTTA_4) > 1e-6


def test_a_rule_that_breaks_the_symmetry_loses_the_momentum():
    """Control: the theorem needs an invariant rule, not only an invariant L."""

    def crooked(L, q_0, q_1, t, h):
        u = [(b - a) / h for a, b in zip(q_0, q_1, strict=True)]
        middle = [(a + b) / 2 for a, b in zip(q_0, q_1, strict=True)]
        return h * (L(middle, u, t) + h**2 * sp.sin(middle[1]) / 10)

    method = VariationalMethod("crooked", 2, crooked, "a control")
    start = ([1.0, 0.0, 0.8, 1.0], [0.1, 0.9, 0.0, 0.7])
    run = integrate(wheel_of_springs(), start, dt=0.1, steps=100, method=method)
    total = sum(run[f"r_{k}"] ** 2 * run[f"phidot_{k}"] for k in (1, 2))
    assert np.ptp(total) > 1e-4


# Geometry -----------------------------------------------------------------------------


def symplectic_defect(method, steps):
    r"""Measure :math:`M^{\mathsf T}\Omega_1M-\Omega_0` for :math:`\omega=dp\wedge dq`.

    The two-form in coordinates and velocities, by a complex step; the double
    pendulum has no v that is a momentum.
    """

    momenta_of = sp.lambdify((*DOUBLE.q, *DOUBLE.v, *DOUBLE.params), DOUBLE.momenta)
    values = [DOUBLE_VALUES[c.name] for c in DOUBLE.params]

    def momenta(q, v):
        return np.array(momenta_of(*q, *v, *values))

    epsilon = 1e-20
    z = np.concatenate(DOUBLE_START)[:, None] + 1j * epsilon * np.eye(4)
    end = integrate(
        DOUBLE,
        (z[:2], z[2:]),
        dt=0.1,
        steps=steps,
        method=method,
        params=DOUBLE_VALUES,
        save="end",
    ).end
    q, v = end[:2], end[2:]
    images = np.concatenate([q, momenta(q, v)]).imag / epsilon
    origin = np.concatenate([z[:2], momenta(z[:2], z[2:])]).imag / epsilon
    M = images @ np.linalg.inv(origin)
    omega = np.block([[np.zeros((2, 2)), np.eye(2)], [-np.eye(2), np.zeros((2, 2))]])
    return np.abs(M.T @ omega @ M - omega).max()


@pytest.mark.parametrize("method", [*METHODS, LEFT], ids=lambda m: m.name)
def test_the_map_is_symplectic(method):
    """Whatever the order: the discrete action is a generating function."""
    # the derivatives of an iteration that has settled, and of 20 such
    assert symplectic_defect(method, 1) < 1e-13
    assert symplectic_defect(method, 20) < 1e-11


def test_runge_and_kutta_are_not_symplectic():
    assert symplectic_defect(RUNGE_KUTTA_4, 20) > 1e-6


@by_name
def test_the_energy_error_does_not_grow(method):
    """On the double pendulum, where Runge and Kutta's method loses energy."""

    def energy(method, start=([0.7, 0.9], [0.0, 0.0])):
        return integrate(
            DOUBLE, start, dt=0.15, steps=4000, method=method, params=DOUBLE_VALUES
        ).energy

    kept, lost = energy(method), energy(RUNGE_KUTTA_4)
    early, late = kept[:1000].mean(), kept[-1000:].mean()
    assert abs(late - early) < 0.1 * np.ptp(kept)
    assert lost[-1000:].mean() - lost[:1000].mean() < -3 * abs(late - early)


@by_name
def test_the_way_back_leads_to_the_start(method):
    def back_error(method):
        request = {"steps": 100, "method": method, "params": DOUBLE_VALUES}
        there = integrate(DOUBLE, DOUBLE_START, dt=0.05, **request)
        back = integrate(DOUBLE, there.end_groups, dt=-0.05, **request)
        return np.abs(back.end - there.states[0]).max()

    # 200 steps of rounding
    assert back_error(method) < 1e-11
    assert back_error(LEFT) > 1e-3


# Forces -------------------------------------------------------------------------------


@by_name
def test_friction_takes_the_energy_that_it_should(method):
    """A damped oscillator decays at half the rate of friction, at any small step."""
    (x,), (v,) = q, rates = coordinates("x")
    gamma = sp.Rational(1, 50)
    damped = LagrangianSystem(v**2 / 2 - x**2 / 2, q, rates, forces=(-gamma * v,))
    run = integrate(damped, ([1.0], [0.0]), dt=0.05, steps=4000, method=method)
    slope = np.polyfit(run.t, np.log(run.energy), 1)[0]
    # to second order in the step, 1e-3 of the rate
    assert slope == pytest.approx(-1 / 50, rel=2e-3)


# Machines -----------------------------------------------------------------------------


@by_name
def test_lanes_and_arrays_agree(method):
    angles = np.random.default_rng(2).uniform(-1, 1, (2, 40))
    values = {**DOUBLE_VALUES, "m_2": np.linspace(0.3, 2, 40)}
    numpy, numba = (
        integrate(
            DOUBLE,
            (angles, 0 * angles),
            dt=0.05,
            steps=40,
            save=10,
            method=method,
            params=values,
            backend=backend,
        )
        for backend in ("numpy", "numba")
    )
    # rounding in another order, and where an iteration ends; 40 steps
    np.testing.assert_allclose(numpy.states, numba.states, atol=1e-12)


# Errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "message"),
    [
        (legendre(models.pendulum()), "needs a Lagrangian, and this is a Hamiltonian"),
        (
            FirstOrderSystem(sp.symbols("x y"), sp.symbols("y x")),
            "needs a Lagrangian, and this is a FirstOrderSystem; give the Lagr",
        ),
        (
            models.pendulum_with_tension(),
            r"has -l\*\*2 \+ x\*\*2 \+ y\*\*2; use RATTLE",
        ),
    ],
)
def test_systems_without_a_discrete_lagrangian(system, message):
    start = np.array([1.0, 0.0]), np.array([0.0, 0.0])
    if isinstance(system, FirstOrderSystem):
        start = start[0]
    elif len(system.q) == 1:
        start = start[0][:1], start[1][:1]
    values = {} if isinstance(system, FirstOrderSystem) else {"m": 1, "g": 1, "l": 1}
    with pytest.raises(UnsuitableMethodError, match=message):
        integrate(
            system, start, dt=0.1, steps=2, method=VARIATIONAL_MIDPOINT, params=values
        )


def test_a_kinetic_energy_that_is_not_quadratic():
    (x,), (v,) = q, rates = coordinates("x")
    fast = LagrangianSystem(-sp.sqrt(1 - v**2) - x**2, q, rates)
    with pytest.raises(UnsuitableMethodError, match=r"quadratic .* depends on them"):
        integrate(fast, ([0.1], [0.0]), dt=0.1, steps=2, method=VARIATIONAL_TRAPEZOIDAL)


def test_a_step_for_which_the_iteration_does_not_converge():
    from mechanics.numerics import IntegrationError

    with pytest.raises(IntegrationError, match=r"did not converge at t = .*smaller"):
        integrate(
            DOUBLE,
            ([3.0, 1.0], [8.0, -9.0]),
            dt=1.0,
            steps=10,
            method=VARIATIONAL_MIDPOINT,
            params=DOUBLE_VALUES,
        )
