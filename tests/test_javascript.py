"""The JavaScript kernels compute what the Python ones compute, in a real browser."""

import numpy as np
import pytest
import sympy as sp

from mechanics import models
from mechanics.numerics import (
    FOREST_RUTH,
    GAUSS_LEGENDRE_4,
    IMPLICIT_MIDPOINT,
    RATTLE,
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    SYMPLECTIC_EULER,
    VARIATIONAL_MIDPOINT,
    FirstOrderSystem,
    Flow,
    SplitSystem,
    UnknownFunctionError,
    integrate,
    palindrome,
)
from mechanics.numerics.compile import equations_of
from mechanics.numerics.equations import TIME, Equations, state_symbols
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.kernels.javascript import function_source, step_source
from mechanics.numerics.program import Program
from mechanics.numerics.step import step_of
from mechanics.symbolic import HamiltonianSystem, implicit_legendre, legendre

STEPS = 1000
x, y, p, tau, noise = sp.symbols("x y p tau R", real=True)


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def source_of(equations: Equations, method) -> str:
    step = step_of(method, equations)
    return step_source(step, equations.state, equations.param_symbols)


def advance(
    page, system, initial, params, method, dt, steps=STEPS, seed=0, source=None
):
    """Advance an ensemble in the browser; states of shape (variables, number)."""
    equations = equations_of(system)
    parts = initial if len(equations.groups) > 1 else [initial]
    z = np.concatenate([np.atleast_1d(np.asarray(part, float)) for part in parts])
    call = f"""([z, c]) => {{
        const advance = {source or source_of(equations, method)};
        const state = Float64Array.from(z), number = {z[0].size};
        const failed = advance(state, number, c, 0, {dt}, 0, {steps}, {seed});
        return [failed, [...state].map(String)]; // NaN has no JSON
    }}"""
    c = [float(params[name]) for name in equations.params]
    failed, state = page.evaluate(call, [z.ravel().tolist(), c])
    return failed, np.array(state, float).reshape(z.shape)


def charge():
    """A charge in the field B of a magnet and an electric quadrupole."""
    B, E = sp.symbols("B E", positive=True)
    z = sp.Symbol("z", real=True)
    potential = E * (x**2 + y**2 - 2 * z**2)
    A = (-B * y / 2, B * x / 2, 0)
    return legendre(models.charged_particle(potential, A, (x, y, z)))


PENDULUM = legendre(models.pendulum())
DOUBLE = models.double_pendulum()
UNIT = {"m": 1, "g": 9.81, "l": 1}
TWO = {"m_1": 1, "m_2": 1.5, "l_1": 1, "l_2": 0.7, "g": 9.81}
KEPLER = {"G": 1, "M": 1, "mu": 1}
CASES = {
    "pendulum": (PENDULUM, ([2.0], [0.5]), UNIT, STORMER_VERLET, 0.01),
    "pendulum, 4th order": (PENDULUM, ([2.0], [0.5]), UNIT, FOREST_RUTH, 0.01),
    "pendulum, Euler": (PENDULUM, ([2.0], [0.5]), UNIT, SYMPLECTIC_EULER, 0.01),
    "Kepler": (
        *(legendre(models.kepler()), ([1.0, 0.0], [0.0, 1.2]), KEPLER),
        *(GAUSS_LEGENDRE_4, 0.02),
    ),
    "Kepler, Lagrangian": (
        *(models.kepler(), ([1.0, 0.0], [0.0, 1.2]), KEPLER),
        *(VARIATIONAL_MIDPOINT, 0.02),
    ),
    "double pendulum": (
        *(DOUBLE, ([0.6, 0.9], [0.0, 0.0]), TWO, RUNGE_KUTTA_4, 0.005),
    ),
    "double pendulum, implicit": (
        *(DOUBLE, ([0.6, 0.9], [0.0, 0.0]), TWO, GAUSS_LEGENDRE_4, 0.005),
    ),
    "double pendulum, solved mass matrix": (
        *(implicit_legendre(DOUBLE), ([0.6, 0.9], [0.0, 0.0]), TWO),
        *(IMPLICIT_MIDPOINT, 0.005),
    ),
    "Hénon-Heiles": (
        *(legendre(models.henon_heiles()), ([0.1, 0.2], [0.3, 0.1]), {}),
        *(STORMER_VERLET, 0.05),
    ),
    "charged particle": (
        *(charge(), ([0.1, 0.0, 0.2], [0.5, 0.2, 0.1])),
        *({"m": 1, "q": 1, "B": 2, "E": 0.1}, GAUSS_LEGENDRE_4, 0.02),
    ),
}


def mismatch(page, case, source=None):
    """Relative difference of browser and Python after 1000 steps."""
    system, initial, params, method, dt = case
    failed, state = advance(page, system, initial, params, method, dt, source=source)
    assert failed == -1
    run = integrate(
        system, initial, params=params, method=method, dt=dt, steps=STEPS, save="end"
    )
    assert np.abs(run.end - np.concatenate(initial)).max() > 0.01  # it has moved
    return np.abs(state - run.end).max() / np.abs(run.end).max()


@pytest.mark.parametrize("name", CASES)
def test_the_browser_follows_python(page, name):
    # rounding of 1000 steps; none of these motions is chaotic
    assert mismatch(page, CASES[name]) < 1e-10


def test_a_coefficient_that_is_wrong_by_little_is_seen(page):
    """Control: one part in a million, in one place of the source."""
    case = CASES["pendulum"]
    source = source_of(equations_of(case[0]), case[3])
    wrong = source.replace("1.0*h", "1.000001*h")
    assert wrong != source
    assert mismatch(page, case, wrong) > 1e-7


def test_constraints_and_velocities_that_depend_on_each_other(page):
    rod = models.pendulum_with_tension()
    initial = ([0.6, -0.8], [0.0, 0.0])
    params = dict.fromkeys(equations_of(rod).params, 1.0)
    _, state = advance(page, rod, initial, params, RATTLE, 0.01)
    run = integrate(
        rod, initial, params=params, method=RATTLE, dt=0.01, steps=STEPS, save="end"
    )
    np.testing.assert_allclose(state, run.end, rtol=1e-10, atol=1e-10)


def test_the_random_numbers_are_the_same(page):
    decay = sp.exp(-tau)
    bath = SplitSystem(
        {"q": (x,), "p": (p,)},
        {
            "A": Flow({x: x + tau * p}, tau),
            "B": Flow({p: p - tau * x}, tau),
            "O": Flow(
                {p: decay * p + sp.sqrt(1 - decay**2) * noise}, tau, None, (noise,)
            ),
        },
        energy=p**2 / 2 + x**2 / 2,
        energy_is_constant=False,
    )
    initial, method = (np.ones((1, 3)), np.zeros((1, 3))), palindrome("B", "A", "O")
    seed = 2**40 + 12345
    run = integrate(
        bath, initial, method=method, dt=0.1, steps=STEPS, save="end", seed=seed
    )
    _, state = advance(page, bath, initial, {}, method, 0.1, seed=seed)
    np.testing.assert_allclose(state, run.end, rtol=1e-10)
    assert len(set(state[0])) == 3  # each trajectory has its own noise
    _, other = advance(page, bath, initial, {}, method, 0.1, seed=seed + 1)
    assert np.abs(other - run.end).max() > 0.01  # control


def test_an_iteration_without_a_solution_says_in_which_step(page):
    # x' = x^2: the implicit midpoint has no real solution beyond a step of about 1/4x
    runaway = FirstOrderSystem((x,), (x**2,))
    failed, _ = advance(page, runaway, [1.0], {}, IMPLICIT_MIDPOINT, 0.1, steps=30)
    assert 5 < failed < 12  # the solution 1/(1 - t) ends at step 10
    fine, _ = advance(page, runaway, [1.0], {}, IMPLICIT_MIDPOINT, 0.1, steps=5)
    assert fine == -1


FUNCTIONS = [
    *(sp.sin(x), sp.cosh(x), sp.atan2(y, x), sp.Abs(x - 2), sp.sign(y), sp.log(x)),
    *(x**5, x ** sp.Rational(3, 2), x ** sp.Rational(-5, 2), x ** sp.Rational(1, 3)),
    *(sp.pi * x, sp.E * y, sp.Rational(1, 3) * x, sp.Max(x, y), sp.floor(y), sp.sec(x)),
    sp.Piecewise((x, x > 1), (y, y > 1), (0, True)),
    sp.Piecewise((x, sp.And(x > 0, y > 0)), (y, True)),
    *(sp.Heaviside(y), sp.Mod(x, 1), sp.exp(-(x**2)), sp.sqrt(x) / 7, sp.sinc(y)),
    1 / sp.tanh(x * y) + sp.asin(x / 10) - sp.GoldenRatio,
]


@pytest.mark.parametrize("formula", FUNCTIONS, ids=str)
def test_formulas_have_their_values(page, formula):
    state = state_symbols(2)
    formula = formula.subs(dict(zip((x, y), state, strict=True)))
    program = Program.of((*state, TIME), [formula])
    found = page.evaluate(
        f"""points => points.map(z => ({function_source(program, state, ())})(
            z, 0, [], [])[0])""",
        [[0.3, 1.7], [2.5, 0.4], [1.1, 1.3]],
    )
    points = np.array([[0.3, 1.7], [2.5, 0.4], [1.1, 1.3]]).T
    expected = array_function(program, ())(points, 0.0, [])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_a_function_that_javascript_lacks_is_an_error_in_python():
    system = HamiltonianSystem(p**2 / 2 + sp.besselj(0, x), (x,), (p,))
    equations = equations_of(system)
    with pytest.raises(UnknownFunctionError, match="besselj"):
        source_of(equations, STORMER_VERLET)
    with pytest.raises(UnknownFunctionError, match=r"f\("):
        f = sp.Function("f")(x)
        function_source(Program.of((x, TIME), [f]), (x,), ())
