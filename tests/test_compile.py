"""Compiled Hamiltonians: the numbers of the formulas, for any shape of ensemble."""

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

from mechanics import models
from mechanics.numerics import compile_system
from mechanics.symbolic import HamiltonianSystem, legendre

q, p, t = sp.symbols("q p t", real=True)
x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
r = sp.Symbol("r", positive=True)

KEPLER = legendre(models.central_potential(-1 / r, r))
DRIVEN = legendre(models.driven_pendulum())


def points(n, *shape, seed=5):
    """Random coordinates and momenta, away from zero."""
    return np.random.default_rng(seed).uniform(0.4, 1.7, (2, n, *shape))


# Values -------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (6,), (2, 3)])
def test_the_driven_pendulum_against_its_formulas(shape):
    (theta, momentum), time = points(1, *shape), 0.83
    compiled = compile_system(DRIVEN, {"a": 0.7, "Omega": 1.9})
    push = 0.7 * np.cos(1.9 * time)
    expected = {
        "velocity": momentum,
        "force": -np.sin(theta) + push,
        "energy": (momentum**2 / 2 - np.cos(theta) - push * theta)[0],
    }
    for name, value in expected.items():
        computed = getattr(compiled, name)(theta, momentum, time)
        assert np.shape(computed) == np.shape(value)
        np.testing.assert_allclose(computed, value, rtol=1e-14, atol=1e-15)
    # control: at another time the force is another
    assert np.all(compiled.force(theta, momentum, 0.0) != expected["force"])


def test_the_kepler_problem_against_its_formulas():
    """Coordinates and momenta mixed, in the order (r, phi)."""
    compiled = compile_system(KEPLER, {"m": 2.0})
    assert compiled.names == ("r", "phi")
    (radius, angle), (p_r, p_phi) = points(2, 8)
    state = np.array([radius, angle]), np.array([p_r, p_phi])
    np.testing.assert_allclose(
        compiled.velocity(*state, 0.0), [p_r / 2, p_phi / (2 * radius**2)], rtol=1e-14
    )
    np.testing.assert_allclose(
        compiled.force(*state, 0.0),
        [p_phi**2 / (2 * radius**3) - 1 / radius**2, np.zeros(8)],
        rtol=1e-13,
    )
    np.testing.assert_allclose(
        compiled.energy(*state, 0.0),
        p_r**2 / 4 + p_phi**2 / (4 * radius**2) - 1 / radius,
        rtol=1e-13,
    )


@pytest.mark.parametrize(
    ("system", "params"),
    [
        (legendre(models.pendulum()), {"m": 1.3, "g": 9.8, "l": 0.6}),
        (legendre(models.bead_on_rotating_hoop()), dict(m=1, R=2, g=9.8, Omega=3)),
        (legendre(models.planar_oscillator()), {"omega_x": 1.0, "omega_y": 1.7}),
        (DRIVEN, {"a": 0.7, "Omega": 1.9}),
        (KEPLER, {"m": 2.0}),
    ],
    ids=["pendulum", "hoop", "springs", "driven", "kepler"],
)
def test_velocity_and_force_are_the_derivatives_of_the_energy(system, params):
    """Compared with central differences, which know nothing of the symbols."""
    compiled, n, h = compile_system(system, params), len(system.q), 1e-5
    state, time = points(n), 0.3
    for i in range(n):
        step = h * np.eye(n)[i]
        by_p = np.subtract(
            compiled.energy(state[0], state[1] + step, time),
            compiled.energy(state[0], state[1] - step, time),
        ) / (2 * h)
        by_q = np.subtract(
            compiled.energy(state[0] + step, state[1], time),
            compiled.energy(state[0] - step, state[1], time),
        ) / (2 * h)
        # h**2 = 1e-10 times third derivatives; rounding 1e-16/h = 1e-11 times H
        assert compiled.velocity(*state, time)[i] == pytest.approx(by_p, abs=1e-8)
        assert compiled.force(*state, time)[i] == pytest.approx(-by_q, abs=1e-8)


def test_what_is_constant_still_fills_the_ensemble():
    """A constant force and a coordinate that does not appear have full shape."""
    fall = compile_system(legendre(models.atwood()), {"m_1": 4, "m_2": 6, "g": 9.8})
    force = fall.force(*points(1, 2, 3), 0.0)
    assert force.shape == (1, 2, 3)
    np.testing.assert_allclose(force, -2 * 9.8, rtol=1e-14)
    nothing = compile_system(HamiltonianSystem(sp.Integer(0), (q,), (p,)))
    assert np.array_equal(nothing.velocity(*points(1, 4), 0.0), np.zeros((1, 4)))
    assert np.array_equal(nothing.energy(*points(1, 4), 0.0), np.zeros(4))


def test_the_flat_right_hand_side_serves_scipy():
    """One Kepler ellipse, e = 0.5: after a period of 2 pi it is closed."""
    compiled = compile_system(KEPLER, {"m": 1.0})
    state = np.array([0.5, 0.0, 0.0, np.sqrt(0.75)])
    rate = compiled.rhs(0.0, list(state))
    assert rate.shape == (4,)
    np.testing.assert_allclose(rate, [0, np.sqrt(0.75) / 0.25, 2, 0], atol=1e-13)
    orbit = solve_ivp(
        compiled.rhs, (0, 2 * np.pi), state, method="DOP853", rtol=1e-12, atol=1e-12
    )
    once_around = np.array([0, 2 * np.pi, 0, 0])
    np.testing.assert_allclose(orbit.y[:, -1], state + once_around, atol=1e-9)


def test_the_flat_right_hand_side_takes_ensembles():
    compiled = compile_system(KEPLER, {"m": 1.0})
    state = np.concatenate(points(2, 5))
    rates = compiled.rhs(0.0, state)
    assert rates.shape == (4, 5)
    for member in range(5):
        np.testing.assert_allclose(
            rates[:, member], compiled.rhs(0.0, state[:, member]), rtol=1e-14
        )


# Kicks and drifts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("H", "mixed"),
    [
        (p**2 / 2 + sp.cos(q), None),
        ((p**2 + q**2) * sp.exp(t), None),  # a factor of time splits all the same
        (p**2 / 2 - t * p + t * q, None),
        (p**2 / 2 + q * p, "p*q"),
        ((p + q) ** 2, "2*p*q"),
        (sp.sqrt(p**2 + q**2), "sqrt(p**2 + q**2)"),
    ],
)
def test_the_term_that_forbids_kicks_and_drifts(H, mixed):
    assert compile_system(HamiltonianSystem(H, (q,), (p,), t=t)).mixed_term == mixed


def test_a_term_is_mixed_also_across_degrees_of_freedom():
    rotating = HamiltonianSystem((p_x**2 + p_y**2) / 2 + x * p_y, (x, y), (p_x, p_y))
    assert compile_system(rotating).mixed_term == "p_y*x"


# Parameters ---------------------------------------------------------------------------


def test_parameters_go_by_symbol_or_by_name():
    values = {"m": 1.5, "g": 9.8, "l": 0.4}
    system = legendre(models.pendulum())
    by_name = compile_system(system, values)
    by_symbol = compile_system(system, {s: values[s.name] for s in system.params})
    state = points(1, 6)
    assert np.array_equal(by_name.force(*state, 0.0), by_symbol.force(*state, 0.0))


def test_a_parameter_may_differ_from_member_to_member():
    g = np.array([1.6, 3.7, 9.8])  # Moon, Mars, Earth
    compiled = compile_system(legendre(models.pendulum()), {"m": 1, "g": g, "l": 1})
    quarter_turn = np.full((1, 3), np.pi / 2), np.zeros((1, 3))
    np.testing.assert_allclose(compiled.force(*quarter_turn, 0.0), [-g], rtol=1e-14)


def test_a_parameter_may_be_a_word_of_python():
    word = sp.Symbol("lambda", positive=True)
    compiled = compile_system(
        HamiltonianSystem(p**2 / 2 + word * q**2, (q,), (p,)), {"lambda": 3}
    )
    assert compiled.force(np.array([2.0]), np.array([0.0]), 0.0) == -12


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (None, "no value for a, Omega|no value for Omega, a"),
        ({"a": 1}, "no value for Omega; this system has"),
        ({"a": 1, "Omega": 1, "omega": 2}, "unknown omega; this system has"),
        ({"a": 1, "omega": 2}, "no value for Omega; unknown omega"),
        ({"a": np.nan, "Omega": 1}, "the parameter a is not finite: nan"),
        ({"a": 1, "Omega": [1, np.inf]}, r"the parameter Omega is not finite: .*inf"),
    ],
)
def test_wrong_parameters_are_named(params, message):
    with pytest.raises(ValueError, match=message):
        compile_system(DRIVEN, params)


def test_a_parameter_for_a_system_that_has_none():
    with pytest.raises(ValueError, match="unknown k; this system has none"):
        compile_system(HamiltonianSystem(p**2 + q**2, (q,), (p,)), {"k": 1})
