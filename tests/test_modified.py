"""Modified Hamiltonians: what splitting methods keep, and order conditions exactly."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from mechanics import models
from mechanics.numerics import (
    FOREST_RUTH,
    IMPLICIT_MIDPOINT,
    KAHAN_LI_6,
    KAHAN_LI_8,
    MCLACHLAN_ATELA_4,
    POSITION_VERLET,
    STORMER_VERLET,
    SUZUKI_4,
    SUZUKI_UMENO_8,
    SYMPLECTIC_EULER,
    SYMPLECTIC_EULER_B,
    YOSHIDA_4,
    YOSHIDA_6,
    Extremes,
    SplittingMethod,
    UnsuitableMethodError,
    aba_864,
    integrate,
    modified_hamiltonian,
    monodromy,
    saba,
)
from mechanics.numerics.modified import composition, logarithm
from mechanics.symbolic import HamiltonianSystem, NotSeparableError, legendre

q, p, h = sp.symbols("q p h", real=True)
x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)

PENDULUM = HamiltonianSystem(p**2 / 2 - sp.cos(q), (q,), (p,))
OSCILLATOR = HamiltonianSystem(p**2 / 2 + q**2 / 2, (q,), (p,))
HENON_HEILES = HamiltonianSystem(
    (p_x**2 + p_y**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3, (x, y), (p_x, p_y)
)


def spread(system, method, function, dt, start=([0.0], [1.8]), time=400):
    """How much a function varies along the numerical motion."""
    run = integrate(
        system,
        start,
        dt=dt,
        steps=round(time / dt),
        method=method,
        save=Extremes((function,)),
    )
    low, high = run.values[:, 0]
    return high - low


# The formulas -------------------------------------------------------------------------


def test_the_formula_of_baker_campbell_and_hausdorff():
    r"""log(e^A e^B) = A + B + [A,B]/2 + [A,[A,B]]/12 + [B,[B,A]]/12 - ..."""
    one = Fraction(1)
    series = logarithm(composition([("A", one), ("B", one)], 4), 4)
    known = {"A": 1, "B": 1}
    known |= {"AB": Fraction(1, 2), "BA": Fraction(-1, 2)}
    twelfth = Fraction(1, 12)
    known |= {"AAB": twelfth, "ABA": -2 * twelfth, "BAA": twelfth}
    known |= {"BBA": twelfth, "BAB": -2 * twelfth, "ABB": twelfth}
    # -[B,[A,[A,B]]]/24 = (AABB - 2 ABAB + 2 BABA - BBAA)/24
    known |= {"AABB": twelfth / 2, "ABAB": -twelfth}
    known |= {"BABA": twelfth, "BBAA": -twelfth / 2}
    assert {word: c for word, c in series.items() if c != 0} == known


def test_the_hamiltonians_of_verlet_and_euler():
    """With their signs; for the exponential every derivative of V is V."""
    particle = HamiltonianSystem(p**2 / 2 + sp.exp(q), (q,), (p,))
    V, slope, curvature = (sp.exp(q),) * 3
    H = p**2 / 2 + V
    formulas = {
        SYMPLECTIC_EULER: H - h * p * slope / 2,
        SYMPLECTIC_EULER_B: H + h * p * slope / 2,
    }
    for method, formula in formulas.items():
        found = modified_hamiltonian(particle, method, h, order=1)
        assert sp.expand(found - formula) == 0
    kinetic, potential = p**2 * curvature, slope**2
    formulas = {
        STORMER_VERLET: H + h**2 * (kinetic / 12 - potential / 24),
        POSITION_VERLET: H + h**2 * (potential / 12 - kinetic / 24),
    }
    for method, formula in formulas.items():
        for order in (2, 3):  # a symmetric method has even powers only
            found = modified_hamiltonian(particle, method, h, order)
            assert sp.expand(found - formula) == 0
    assert (
        sp.expand(modified_hamiltonian(particle, STORMER_VERLET, h, order=0) - H) == 0
    )


def test_parameters_and_masses_stay_symbols():
    system = legendre(models.harmonic_oscillator())
    m, k = sp.symbols("m k", positive=True)
    [X], [P] = system.q, system.p
    found = modified_hamiltonian(system, STORMER_VERLET, h)
    expected = system.H + h**2 * (k * P**2 / m**2 / 12 - k**2 * X**2 / m / 24)
    assert sp.expand(found - expected) == 0


# Numbers ------------------------------------------------------------------------------


def test_the_pendulum_keeps_its_modified_hamiltonian():
    """Known numbers for a swing up to 128 degrees, computed independently."""
    known = {
        0: (1.31e-2, 3.25e-3, 8.1e-4),
        2: (1.32e-4, 8.11e-6, 5.05e-7),
    }
    for order, spreads in known.items():
        for dt, expected in zip((0.2, 0.1, 0.05), spreads, strict=True):
            H = modified_hamiltonian(PENDULUM, STORMER_VERLET, dt, order)
            found = spread(PENDULUM, STORMER_VERLET, H, dt)
            assert found == pytest.approx(expected, rel=0.005)  # three digits


CASES = {  # the powers that occur, and the distance to the next
    SYMPLECTIC_EULER: ((1, 2, 3, 4), 1),
    SYMPLECTIC_EULER_B: ((1, 2, 3), 1),
    STORMER_VERLET: ((2, 4, 6), 2),
    POSITION_VERLET: ((2, 4, 6), 2),
    YOSHIDA_4: ((4, 6), 2),
    MCLACHLAN_ATELA_4: ((4, 5), 1),
}


@pytest.mark.parametrize("method", CASES, ids=lambda method: method.name)
def test_each_term_improves_the_order_of_what_is_kept(method):
    """Halving the step divides the spread by two to the next power.

    Control: with the sign of the last term reversed, by two to its own.
    """
    orders, distance = CASES[method]
    for order in orders:
        H = sp.expand(modified_hamiltonian(PENDULUM, method, h, order))
        wrong = H - 2 * h**order * H.coeff(h, order)
        right, off = (
            np.log2(
                spread(PENDULUM, method, f.subs(h, 0.1), 0.1, time=100)
                / spread(PENDULUM, method, f.subs(h, 0.05), 0.05, time=100)
            )
            for f in (H, wrong)
        )
        assert right == pytest.approx(order + distance, abs=0.2)
        assert off == pytest.approx(order, abs=0.2)


def test_in_two_degrees_of_freedom():
    start = ([0.1, 0.2], [0.3, 0.1])
    spreads = {
        order: [
            spread(
                HENON_HEILES,
                STORMER_VERLET,
                modified_hamiltonian(HENON_HEILES, STORMER_VERLET, dt, order),
                dt,
                start,
                100,
            )
            for dt in (0.2, 0.1)
        ]
        for order in (0, 2, 4)
    }
    for order, (coarse, fine) in spreads.items():
        assert np.log2(coarse / fine) == pytest.approx(order + 2, abs=0.2)


def test_the_leapfrog_turns_an_oscillator_with_its_shadow_frequency():
    """The frequency of the modified Hamiltonian is the series of (2/h) arcsin(h/2)."""
    found = modified_hamiltonian(OSCILLATOR, STORMER_VERLET, h, order=8)
    squared = sp.diff(found, p, 2) * sp.diff(found, q, 2)
    exact = (2 / h * sp.asin(h / 2)) ** 2
    difference = sp.series(squared - exact, h, 0, 10).removeO()
    assert sp.expand(difference) == 0
    # and the numerical motion turns by just that angle in each step
    for dt in (0.1, 1.0, 1.9):
        M = monodromy(OSCILLATOR, ([1.0], [0.0]), dt=dt, steps=1)
        angle = np.angle(np.linalg.eigvals(M)).max()
        assert angle == pytest.approx(2 * np.arcsin(dt / 2), rel=1e-14)


# Order conditions ---------------------------------------------------------------------


def words(method, degree):
    """The largest coefficient of words with so many letters, for each number."""
    letters = {
        name: letter for letter, name in zip("AB", dict(method.stages), strict=True)
    }
    stages = [(letters[name], Fraction(c)) for name, c in method.stages]
    largest = [0.0] * (degree + 1)
    for word, weight in logarithm(composition(stages, degree), degree).items():
        largest[len(word)] = max(largest[len(word)], abs(float(weight)))
    return largest


SPLITTINGS = [
    *(SYMPLECTIC_EULER, SYMPLECTIC_EULER_B, STORMER_VERLET, POSITION_VERLET),
    *(FOREST_RUTH, YOSHIDA_4, SUZUKI_4, YOSHIDA_6, KAHAN_LI_6),
    *(SUZUKI_UMENO_8, KAHAN_LI_8, saba(2), saba(5), aba_864()),
]


@pytest.mark.parametrize("method", SPLITTINGS, ids=lambda method: method.name)
def test_all_order_conditions_hold(method):
    """For any two flows, without integrating anything.

    The logarithm of a method of order r has no words of 2 to r letters. It is computed
    exactly from the coefficients, whose last digits, 1e-16, times a few dozen stages
    are what is left.
    """
    largest = words(method, method.order + 1)
    assert largest[1] == pytest.approx(1, abs=1e-15)
    assert max(largest[2 : method.order + 1], default=0) < 2e-15
    assert largest[method.order + 1] > 1e-7


@pytest.mark.parametrize(
    "method",
    [method for method in SPLITTINGS if len(method.stages) > 3],
    ids=lambda method: method.name,
)
def test_a_wrong_fifth_digit_breaks_them(method):
    """Control: one coefficient is off by 1e-5, and the opposite one makes up for it."""
    stages = [list(stage) for stage in method.stages]
    stages[1][1] += 1e-5
    stages[-2 if len(stages) > 3 and stages[-2][0] == stages[1][0] else 3][1] -= 1e-5
    wrong = SplittingMethod("wrong", method.order, tuple(map(tuple, stages)), "none")
    assert words(wrong, 1)[1] == pytest.approx(1, abs=1e-15)
    assert max(words(wrong, 3)[2:]) > 1e-7


def test_mclachlan_and_atela_need_a_quadratic_kinetic_energy():
    """One word of four letters is left; its bracket vanishes if T is quadratic."""
    assert words(MCLACHLAN_ATELA_4, 4)[3] < 1e-15
    assert words(MCLACHLAN_ATELA_4, 4)[4] > 1e-4
    H = sp.expand(modified_hamiltonian(PENDULUM, MCLACHLAN_ATELA_4, h, order=4))
    assert [H.coeff(h, k) for k in (1, 2)] == [0, 0]
    at = {q: 0.7, p: 1.1}
    assert abs(H.coeff(h, 3).subs(at)) < 1e-13
    relativistic = HamiltonianSystem(sp.sqrt(1 + p**2) - sp.cos(q), (q,), (p,))
    H = modified_hamiltonian(relativistic, MCLACHLAN_ATELA_4, h, order=3)
    assert abs(sp.diff(H, h, 3).subs(at)) > 1e-5


# Errors -------------------------------------------------------------------------------


def test_methods_and_systems_without_kicks_and_drifts():
    with pytest.raises(UnsuitableMethodError, match="implicit midpoint is no compos"):
        modified_hamiltonian(PENDULUM, IMPLICIT_MIDPOINT, h)
    with pytest.raises(UnsuitableMethodError, match="SABA2 is no composition of kicks"):
        modified_hamiltonian(PENDULUM, saba(2), h)
    mixed = HamiltonianSystem(p**2 / 2 + q * p, (q,), (p,))
    with pytest.raises(NotSeparableError, match=r"the term p\*q mixes"):
        modified_hamiltonian(mixed, STORMER_VERLET, h)
    driven = legendre(models.driven_pendulum())
    with pytest.raises(ValueError, match="depends on the time t"):
        modified_hamiltonian(driven, STORMER_VERLET, h)
    with pytest.raises(ValueError, match="order = -1 must not be negative"):
        modified_hamiltonian(PENDULUM, STORMER_VERLET, h, order=-1)
