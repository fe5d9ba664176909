"""Every method: its order on exact solutions, its geometry, and what it refuses."""

import inspect
import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import ellipj

from mechanics import models, numerics
from mechanics.numerics import (
    DOP853,
    EXPLICIT_EULER,
    FOREST_RUTH,
    GAUSS_LEGENDRE_4,
    GAUSS_LEGENDRE_6,
    IMPLICIT_MIDPOINT,
    KAHAN_LI_6,
    KAHAN_LI_8,
    MCLACHLAN_ATELA_4,
    POSITION_VERLET,
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    SUZUKI_4,
    SUZUKI_UMENO_8,
    SYMPLECTIC_EULER,
    SYMPLECTIC_EULER_B,
    YOSHIDA_4,
    YOSHIDA_6,
    Flow,
    IntegrationError,
    RungeKutta,
    SplitSystem,
    SplittingMethod,
    UnsuitableMethodError,
    aba_864,
    compose,
    convergence_order,
    gauss_legendre,
    integrate,
    monodromy,
    palindrome,
    reversibility_defect,
    saba,
    symplectic_defect,
)
from mechanics.numerics.methods import (
    KAHAN_LI_9,
    KAHAN_LI_17,
    SUZUKI,
    SUZUKI_UMENO_15,
    TRIPLE_JUMP,
    YOSHIDA_7,
)
from mechanics.symbolic import HamiltonianSystem, legendre

q, p, tau = sp.symbols("q p tau", real=True)
x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
epsilon = sp.Symbol("epsilon", positive=True)

PENDULUM = HamiltonianSystem(p**2 / 2 - sp.cos(q), (q,), (p,))
KEPLER = HamiltonianSystem(
    (p_x**2 + p_y**2) / 2 - 1 / sp.sqrt(x**2 + y**2), (x, y), (p_x, p_y)
)
HENON_HEILES = HamiltonianSystem(
    (p_x**2 + p_y**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3, (x, y), (p_x, p_y)
)
MAGNETIC = HamiltonianSystem(
    p_x**2 / 2 + (p_y - x) ** 2 / 2 + sp.cos(x), (x, y), (p_x, p_y)
)

EXPLICIT = (SYMPLECTIC_EULER, SYMPLECTIC_EULER_B, STORMER_VERLET, POSITION_VERLET)
FOURTH = (FOREST_RUTH, YOSHIDA_4, SUZUKI_4, MCLACHLAN_ATELA_4)
HIGHER = (YOSHIDA_6, KAHAN_LI_6, SUZUKI_UMENO_8, KAHAN_LI_8)
# splittings for near-integrable systems work for kicks and drifts as well
NEAR = (saba(2, "drift", "kick"), saba(4, "drift", "kick"), aba_864("drift", "kick"))
SPLITTINGS = (*EXPLICIT, *FOURTH, *HIGHER, *NEAR)
GAUSS = (IMPLICIT_MIDPOINT, GAUSS_LEGENDRE_4, GAUSS_LEGENDRE_6)
CONTROLS = (EXPLICIT_EULER, RUNGE_KUTTA_4)
METHODS = (*SPLITTINGS, *GAUSS, *CONTROLS)
UNSYMMETRIC = (SYMPLECTIC_EULER, SYMPLECTIC_EULER_B, MCLACHLAN_ATELA_4)
SYMMETRIC = [m for m in (*SPLITTINGS, *GAUSS) if m not in UNSYMMETRIC]
START = ([0.1, 0.2], [0.15, -0.1])


def named(methods):
    return pytest.mark.parametrize("method", methods, ids=lambda method: method.name)


def test_no_method_is_forgotten():
    """Those with tests of their own: constraints and variational methods."""
    elsewhere = {"RATTLE", "VARIATIONAL_MIDPOINT", "VARIATIONAL_TRAPEZOIDAL"}
    exported = {
        name
        for name in numerics.__all__
        if hasattr(getattr(numerics, name), "order")
        and not inspect.isclass(getattr(numerics, name))
    }
    here = {name for name in exported if getattr(numerics, name) in METHODS}
    assert exported - here == elsewhere | {"DOP853"}


# Exact solutions ----------------------------------------------------------------------


def swing(t, p0=1.8):
    """The pendulum that passes its rest position at t = 0: Jacobi's functions."""
    sn, cn, _, _ = ellipj(t, (p0 / 2) ** 2)
    return np.array([2 * np.arcsin(p0 / 2 * sn), p0 * cn])


def ellipse(t, e=0.3):
    """The planet that is nearest to the sun at t = 0, by Kepler's equation."""
    u = brentq(lambda u: u - e * np.sin(u) - t, t - 1, t + 1, xtol=1e-15)
    b = np.sqrt(1 - e**2)
    r = 1 - e * np.cos(u)
    return np.array([np.cos(u) - e, b * np.sin(u), -np.sin(u) / r, b * np.cos(u) / r])


EXACT = {"pendulum": (PENDULUM, swing, 3.2), "Kepler": (KEPLER, ellipse, 4.0)}


def final_error(problem, method, number):
    system, solution, time = EXACT[problem]
    start = np.split(solution(0.0), 2)
    run = integrate(
        system,
        tuple(start),
        dt=time / number,
        steps=number,
        method=method,
        save="end",
        backend="numpy",
    )
    return np.abs(run.end - solution(time)).max()


def observed_order(problem, method, numbers):
    time = EXACT[problem][2]
    return convergence_order(
        lambda dt: final_error(problem, method, round(time / dt)),
        [time / number for number in numbers],
    )


# By the order: the errors are 1e-2 ... 1e-3, 1e-3, 1e-6, 1e-7 ... 1e-9, and for the
# eighth order on Kepler 1e-8 ... 1e-11, far above rounding, 1e-15 a step.
NUMBERS = {
    "pendulum": {1: (256, 512), 2: (64, 128), 4: (64, 128), 6: (24, 48), 8: (12, 24)},
    "Kepler": {1: (2048, 4096), 2: (128, 256), 4: (96, 192), 6: (48, 96), 8: (24, 48)},
}
# its leading errors are small, and the next ones visible for long
NUMBERS["pendulum"]["Runge-Kutta 4"] = NUMBERS["Kepler"]["Runge-Kutta 4"] = (256, 512)


def numbers_of(problem, method):
    return NUMBERS[problem].get(method.name) or NUMBERS[problem][method.order]


@named(METHODS)
@pytest.mark.parametrize("problem", EXACT)
def test_the_order_is_the_stated_one(problem, method):
    order = observed_order(problem, method, numbers_of(problem, method))
    assert order == pytest.approx(method.order, abs=0.1)


def misprinted(method):
    """One coefficient off by 1e-5, another making up for it: still consistent."""
    if isinstance(method, RungeKutta):
        b = list(method.b)
        b[0], b[-1] = b[0] + 1e-5, b[-1] - 1e-5
        return replace(method, b=tuple(b))
    stages = [list(stage) for stage in method.stages]
    stages[1][1] += 1e-5
    again = [i for i, (name, _) in enumerate(stages) if name == stages[1][0]][-1]
    stages[again][1] -= 1e-5
    return replace(method, stages=tuple(map(tuple, stages)))


@named([*FOURTH, *HIGHER, NEAR[-1], *GAUSS[1:], RUNGE_KUTTA_4])
def test_a_misprint_in_the_fifth_digit_costs_the_order(method):
    # of order four: steps so small that the error is that of the misprint
    numbers = (1024, 2048) if method.order == 4 else (48, 96)
    wrong = misprinted(method)
    assert observed_order("pendulum", wrong, numbers) < method.order - 1


COMPOSITIONS = {
    "triple jump": (TRIPLE_JUMP, 4),
    "Suzuki": (SUZUKI, 4),
    "Yoshida": (YOSHIDA_7, 6),
    "Kahan-Li 9": (KAHAN_LI_9, 6),
    "Suzuki-Umeno": (SUZUKI_UMENO_15, 8),
    "Kahan-Li 17": (KAHAN_LI_17, 8),
}


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_sums_of_odd_powers_of_the_steps_vanish(name):
    """Necessary for order r: the sum is one, and those up to the power r - 1 are 0."""
    gamma, order = COMPOSITIONS[name]
    assert gamma == gamma[::-1]
    sums = [math.fsum(g**k for g in gamma) for k in range(1, order, 2)]
    # rounded coefficients of size 1.7 and more, to the power k
    np.testing.assert_allclose(sums, [1] + [0] * (len(sums) - 1), atol=1e-15)
    # control: those of the next power do not vanish
    assert abs(math.fsum(g ** (order + 1) for g in gamma)) > 1e-4


def test_the_tolerance_of_dop853_is_what_its_error_follows():
    errors = []
    for tolerance in (1e-6, 1e-8, 1e-10, 1e-12):
        method = replace(DOP853, rtol=tolerance, atol=tolerance)
        errors.append(final_error("Kepler", method, 4))
    assert np.all(np.diff(errors) < 0)
    assert errors[-1] < 1e-10
    slope = np.polyfit([-6, -8, -10, -12], np.log10(errors), 1)[0]
    assert 0.7 < slope < 1.1  # the estimate of the local error has another order


@pytest.mark.parametrize("stages", [1, 2, 3, 4, 5])
def test_gauss_coefficients_satisfy_the_simplifying_conditions(stages):
    """B(2s) and C(s) give order 2s; the condition of symplecticity holds as well."""
    method = gauss_legendre(stages, "Gauss")
    A, b, c = map(np.array, (method.A, method.b, method.c))
    for k in range(1, 2 * stages + 1):
        assert b @ c ** (k - 1) == pytest.approx(1 / k, abs=1e-14)
    for k in range(1, stages + 1):
        np.testing.assert_allclose(A @ c ** (k - 1), c**k / k, atol=1e-13)
    symplectic = b[:, None] * A + (b[:, None] * A).T - np.outer(b, b)
    assert np.abs(symplectic).max() < 1e-14
    # control: for Runge and Kutta's method it does not
    A, b = np.array(RUNGE_KUTTA_4.A), np.array(RUNGE_KUTTA_4.b)
    assert np.abs(b[:, None] * A + (b[:, None] * A).T - np.outer(b, b)).max() > 0.01


# Near-integrable systems --------------------------------------------------------------

COS, SIN = sp.cos(tau), sp.sin(tau)
QUARTIC = SplitSystem(
    {"q": (q,), "p": (p,)},
    {
        "integrable": Flow({q: COS * q + SIN * p, p: COS * p - SIN * q}, tau),
        "perturbation": Flow({p: p - tau * epsilon * q**3}, tau),
    },
    energy=p**2 / 2 + q**2 / 2 + epsilon * q**4 / 4,
)
REFERENCE = compose(
    palindrome("integrable", "perturbation"), KAHAN_LI_17, "reference", 8, "none"
)


def quartic_end(method, strength, number):
    return integrate(
        QUARTIC,
        ([1.0], [0.3]),
        dt=5 / number,
        steps=number,
        method=method,
        params={"epsilon": strength},
        save="end",
        backend="numpy",
    ).end


@cache
def quartic_reference(strength):
    return quartic_end(REFERENCE, strength, 64)


def quartic_error(method, strength, number):
    end = quartic_end(method, strength, number)
    return np.abs(end - quartic_reference(strength)).max()


def exponents(method, strengths, numbers):
    """Slopes of the error: in the step, and in the strength of the perturbation."""
    weak, strong = strengths
    coarse, fine = numbers
    errors = {
        (strength, number): quartic_error(method, strength, number)
        for strength, number in ((weak, coarse), (weak, fine), (strong, coarse))
    }
    in_step = np.log(errors[weak, coarse] / errors[weak, fine]) / np.log(fine / coarse)
    in_strength = np.log(errors[strong, coarse] / errors[weak, coarse])
    return in_step, in_strength / np.log(strong / weak)


# method, power of h, power of epsilon, strengths and numbers of steps where it leads;
# the next power is visible where rounding, 1e-14, leaves little room
LEADING = [
    (saba(1), 2, 1, (1e-6, 1e-5), (16, 32)),
    (saba(2), 4, 1, (1e-6, 1e-5), (12, 24)),
    (saba(2), 2, 2, (0.01, 0.02), (64, 128)),
    (saba(3), 6, 1, (1e-6, 1e-5), (8, 12)),
    (saba(3), 2, 2, (0.01, 0.02), (16, 32)),
    (saba(4), 2, 2, (0.01, 0.02), (12, 24)),
    (aba_864(), 8, 1, (1e-5, 2e-5), (6, 8)),
    (aba_864(), 4, 3, (0.05, 0.1), (48, 96)),
]


@pytest.mark.parametrize(
    ("method", "in_step", "in_strength", "strengths", "numbers"),
    LEADING,
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_errors_of_near_integrable_systems(
    method, in_step, in_strength, strengths, numbers
):
    """Each term of the error leads where the others are small."""
    found = exponents(method, strengths, numbers)
    assert found[0] == pytest.approx(in_step, abs=0.1 * in_step)
    assert found[1] == pytest.approx(in_strength, abs=0.1)


def test_at_a_small_perturbation_they_beat_general_methods():
    """Control: the same number of perturbations a step, unaware of what is small."""
    aware = quartic_error(saba(3), 1e-6, 12)
    unaware = compose(
        palindrome("integrable", "perturbation"), TRIPLE_JUMP, "jump", 4, "none"
    )
    assert len(unaware.stages) == len(saba(3).stages)
    assert quartic_error(unaware, 1e-6, 12) > 100 * aware


# Geometry -----------------------------------------------------------------------------


@named([*SPLITTINGS, *GAUSS])
def test_derivatives_of_the_map_are_symplectic(method):
    """At a coarse step; defects of 2e-16, 3e-15, 1e-12 after 1, 100, 10000 steps.

    Rounding in each step, amplified by the growth of deviations, which is linear.
    """

    def defect(steps, backend):
        how = {"dt": 0.1, "steps": steps, "method": method, "backend": backend}
        return symplectic_defect(monodromy(HENON_HEILES, START, **how))

    assert defect(1, "numpy") < 1e-15
    assert defect(100, "numpy") < 1e-14
    if method in (STORMER_VERLET, GAUSS_LEGENDRE_4):
        assert defect(10_000, "numba") < 1e-11


@named(CONTROLS)
def test_explicit_runge_kutta_methods_are_not_symplectic(method):
    M = monodromy(HENON_HEILES, START, dt=0.1, steps=1, method=method)
    assert symplectic_defect(M) > 1e-8
    M = monodromy(HENON_HEILES, START, dt=0.1, steps=100, method=method)
    assert symplectic_defect(M) > 1e-6


@named(SYMMETRIC)
def test_symmetric_methods_return_to_the_start(method):
    defect = reversibility_defect(
        HENON_HEILES, START, dt=0.1, steps=200, method=method, backend="numpy"
    )
    assert defect < 1e-14  # 400 steps of rounding, 1e-16 each, at random


@named([*UNSYMMETRIC, *CONTROLS])
def test_methods_that_are_not_symmetric_do_not_return(method):
    defect = reversibility_defect(
        HENON_HEILES, START, dt=0.1, steps=100, method=method, backend="numpy"
    )
    assert defect > 1e-10


def test_gauss_methods_keep_quadratic_invariants():
    """Angular momentum in a magnetic field, whose terms no splitting separates."""
    rotating = HamiltonianSystem(
        (p_x**2 + p_y**2) / 2
        + (x * p_y - y * p_x) / 2
        + (x**2 + y**2) ** 2 / 4
        + (x**2 + y**2) * (p_x**2 + p_y**2) / 8,
        (x, y),
        (p_x, p_y),
    )

    def drift(method):
        run = integrate(rotating, START, dt=0.2, steps=500, method=method)
        spin = run["x"] * run["p_y"] - run["y"] * run["p_x"]
        return np.ptp(spin) / np.abs(spin[0])

    for method in GAUSS:
        assert drift(method) < 1e-13  # 500 steps of rounding
    assert drift(RUNGE_KUTTA_4) > 1e-7


# Machines -----------------------------------------------------------------------------


@named([*SPLITTINGS, *GAUSS, *CONTROLS])
def test_numpy_and_compiled_code_agree(method):
    """Contracted products and other elementary functions: a few 1e-16 each step."""
    start = np.split(swing(0.0), 2)
    how = {"dt": 0.1, "steps": 20, "method": method, "save": "end"}
    arrays, compiled = (
        integrate(PENDULUM, tuple(start), **how, backend=backend).end
        for backend in ("numpy", "numba")
    )
    np.testing.assert_allclose(arrays, compiled, rtol=0, atol=2e-14)


# Time, friction, and what does not fit ------------------------------------------------


@named([STORMER_VERLET, YOSHIDA_4, GAUSS_LEGENDRE_4, RUNGE_KUTTA_4])
@pytest.mark.parametrize("friction", [False, True])
def test_the_driven_pendulum(method, friction):
    """Against SciPy, on the clock's time; with friction from the Lagrangian."""
    lagrangian = models.driven_pendulum(friction=friction)
    splitting = isinstance(method, SplittingMethod)
    if splitting and friction:
        with pytest.raises(UnsuitableMethodError, match=r"use legendre\(\) first, or"):
            integrate(lagrangian, ([1.2], [0.4]), dt=0.1, steps=10, method=method)
        return
    params = {"a": 1.2, "Omega": 2 / 3} | ({"gamma": 0.4} if friction else {})
    names = {s.name for s in lagrangian.params}
    params = {k: v for k, v in params.items() if k in names}
    assert len(params) == len(names)

    def rhs(t, z):
        push = 1.2 * np.cos(2 * t / 3)
        return [z[1], -np.sin(z[0]) + push - (0.4 * z[1] if friction else 0)]

    reference = solve_ivp(
        rhs, (0, 3.2), [1.2, 0.4], method="DOP853", rtol=1e-13, atol=1e-13
    ).y[:, -1]
    system = legendre(lagrangian) if splitting else lagrangian

    def error(dt, t0=0.0):
        steps = round(3.2 / dt)
        run = integrate(
            system,
            ([1.2], [0.4]),
            dt=dt,
            steps=steps,
            t0=t0,
            method=method,
            params=params,
            save="end",
        )
        return np.abs(run.end - reference).max()

    order = convergence_order(error, [0.05, 0.025, 0.0125])
    assert order == pytest.approx(method.order, abs=0.2)
    assert error(0.0125, t0=0.1) > 1e-2  # control: a clock that is wrong


def test_an_explicit_splitting_names_the_term_that_it_cannot_split():
    for method in (STORMER_VERLET, KAHAN_LI_8, saba(2, "drift", "kick")):
        with pytest.raises(UnsuitableMethodError) as caught:
            integrate(MAGNETIC, START, dt=0.1, steps=10, method=method)
        message = str(caught.value)
        assert message.startswith(f"{method.name} needs the flow ")
        assert "the term -p_y*x of H mixes coordinates and momenta" in message
        assert "use IMPLICIT_MIDPOINT" in message
    run = integrate(MAGNETIC, START, dt=0.1, steps=100, method=GAUSS_LEGENDRE_4)
    assert np.ptp(run.energy) < 1e-5


def test_a_splitting_names_the_flows_that_there_are():
    with pytest.raises(UnsuitableMethodError, match="SABA2 needs the flow integrable"):
        integrate(PENDULUM, ([0.1], [0.2]), dt=0.1, steps=10, method=saba(2))
    with pytest.raises(UnsuitableMethodError, match="this system has integrable, pert"):
        integrate(QUARTIC, ([0.1], [0.2]), dt=0.1, steps=10, params={"epsilon": 0.1})
    for method in (*GAUSS, *CONTROLS, DOP853):
        with pytest.raises(UnsuitableMethodError, match="needs the vector field"):
            integrate(
                QUARTIC,
                ([0.1], [0.2]),
                dt=0.1,
                steps=10,
                method=method,
                params={"epsilon": 0.1},
            )


@named(GAUSS)
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_an_iteration_that_does_not_converge_is_an_error(method, backend):
    """A stiff oscillator: the step times its frequency is far above one."""
    stiff = HamiltonianSystem(p**2 / 2 + 200 * q**2, (q,), (p,))
    how = {"steps": 10, "method": method, "backend": backend}
    with pytest.raises(IntegrationError, match=r"did not converge at t = 0; make dt ="):
        integrate(stiff, ([1.0], [0.0]), dt=0.5, **how)
    assert np.ptp(integrate(stiff, ([1.0], [0.0]), dt=0.01, **how).energy) < 1e-12


def test_fractions_that_do_not_add_up():
    with pytest.raises(ValueError, match=r"the steps of half add up to 0\.5, not to"):
        compose(STORMER_VERLET, (0.25, 0.25), "half", 2, "none")
    with pytest.raises(ValueError, match="SABA0: the number of evaluations must be"):
        saba(0)
