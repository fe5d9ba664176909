"""Which thermostat is canonical? Mean and width, by degree, in two temperatures."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

from mechanics.md import (
    Interaction,
    PairForces,
    State,
    andersen,
    berendsen,
    ensemble_pair_deviation,
    equipartition_deviations,
    ergodicity_deviation,
    fcc,
    isokinetic,
    kinetic_energy_deviation,
    langevin,
    nose_hoover,
    run,
    stochastic_rescaling,
    velocity_rescaling,
)
from mechanics.numerics import convergence_order, integrate
from mechanics.potentials import lennard_jones

CANONICAL = {
    "Langevin": lambda kT: langevin(kT, friction=1),
    "Andersen": lambda kT: andersen(kT, rate=1),
    "stochastic rescaling": lambda kT: stochastic_rescaling(kT, relaxation=0.5),
    "Nosé-Hoover chain": lambda kT: nose_hoover(kT, masses=(kT, kT, kT)),
}
x, p = sp.symbols("x p_x", real=True)
SAMPLES = 4000


def ensemble(thermostat, V, q, momenta, masses, dt, steps, kT, seed=0):
    """Independent end states of many trajectories from a random start."""
    system = thermostat.split_system(V, q, momenta, masses)
    rng = np.random.default_rng(seed)
    n = len(q)
    start = [0.1 * rng.normal(size=(n, SAMPLES)), rng.normal(size=(n, SAMPLES))]
    start[1] *= np.sqrt(np.array(masses, float) * kT)[:, None]
    if thermostat.variables:
        count = len(thermostat.variables)
        xi = rng.normal(size=(count, SAMPLES)) * np.sqrt(kT * kT)
        xi[count // 2 :] = 0
        start.append(xi)
    return integrate(
        system, start, dt=dt, steps=steps, method=thermostat.method, save="end", seed=3
    )


@pytest.mark.parametrize("name", CANONICAL)
def test_oscillator(name):
    kT = 0.8
    end = ensemble(CANONICAL[name](kT), x**2 / 2, (x,), (p,), (1,), 0.05, 6000, kT)
    K = end.p[-1, 0] ** 2 / 2
    assert kinetic_energy_deviation(K, 1, kT, correlated=False).passed
    # in the oscillator the potential energy has the same distribution
    U = end.q[-1, 0] ** 2 / 2
    assert kinetic_energy_deviation(U, 1, kT, correlated=False).passed


@pytest.mark.parametrize("name", CANONICAL)
def test_small_molecule(name):
    """Three unlike atoms on a line with Morse bonds: equipartition by degree."""
    q, momenta = sp.symbols("q_1:4", real=True), sp.symbols("p_1:4", real=True)
    bonds = sum((1 - sp.exp(-(b - a))) ** 2 for a, b in pairwise(q))
    V = 6 * bonds + q[1] ** 2 / 2
    masses, kT = (1, 3, 2), 0.5
    end = ensemble(CANONICAL[name](kT), V, q, momenta, masses, 0.04, 1500, kT)
    samples = end.p[-1].T
    K = (samples**2 / np.array(masses)).sum(axis=1) / 2
    assert kinetic_energy_deviation(K, 3, kT, correlated=False).passed
    assert abs(equipartition_deviations(samples, masses, kT)).max() < 4


def trajectories(thermostat, start_energy, steps):
    """Long trajectories from several starts; shape (times, trajectories)."""
    system = thermostat.split_system(x**2 / 2, (x,), (p,))
    q = np.array([[0.0] * 4])
    momenta = np.array([np.sqrt(2 * np.array(start_energy))])
    start = [q, momenta]
    if thermostat.variables:
        start.append(np.zeros((len(thermostat.variables), 4)))
    return integrate(
        system, start, dt=0.05, steps=steps, method=thermostat.method, save=20
    )


def test_nose_hoover_alone_is_not_ergodic_and_a_chain_is():
    energies = (1.0, 1.2, 12.5, 14.0)
    alone = trajectories(nose_hoover(1, masses=(1,)), energies, steps=100_000)
    chain = trajectories(nose_hoover(1, masses=(1, 1)), energies, steps=100_000)
    assert ergodicity_deviation(alone.q[:, 0] ** 2) > 8
    assert ergodicity_deviation(chain.q[500:, 0] ** 2) < 2.5
    K = (alone.p[:, 0] ** 2 / 2)[:, 1]
    # the controlled mean may be right, the width is not
    assert abs(K.var() / 0.5 - 1) > 0.3


def test_configurations_of_berendsen_and_rescaling_fail():
    kT = 1.0
    for thermostat in (berendsen(kT, relaxation=0.5), velocity_rescaling(kT)):
        end = ensemble(thermostat, x**2 / 2, (x,), (p,), (1,), 0.05, 1200, kT)
        U = end.q[-1, 0] ** 2 / 2
        deviation = kinetic_energy_deviation(U, 1, kT, correlated=False)
        assert max(abs(deviation.mean), abs(deviation.width)) > 8


@pytest.mark.parametrize("order", ["BAOAB", "OBABO", "ABOBA", "BAO"])
def test_langevin_orders_without_sampling_noise(order):
    """For a linear force the covariance is a fixed point of a linear map."""
    expected, entry, value = {
        "BAOAB": (2, (1, 1), 1),
        "OBABO": (2, (0, 0), 1),
        "ABOBA": (2, (1, 1), 1),
        "BAO": (1, (0, 1), 0),
    }[order]
    steps = [0.05, 0.025, 0.0125]
    errors = [abs(covariance(order, h)[entry] - value) for h in steps]
    found = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert abs(found - expected) < 0.05


def covariance(order, h, friction=1.0):
    """Stationary covariance of (x, p) of a Langevin splitting, from the flows."""
    from scipy.linalg import solve_discrete_lyapunov

    thermostat = langevin(1, friction, order)
    system = thermostat.split_system(x**2 / 2, (x,), (p,))
    M, noise = np.eye(2), np.zeros((2, 2))
    for name, fraction in thermostat.method.stages:
        flow = system.flows[name]
        after = sp.Matrix([flow.after.get(z, z) for z in (x, p)])
        values = {flow.tau: fraction * h}
        A = np.array(after.jacobian([x, p]).subs(values).evalf(), float)
        M, noise = A @ M, A @ noise @ A.T
        if flow.noise:
            b = np.array(after.jacobian(flow.noise).subs(values).evalf(), float)
            noise = noise + b @ b.T
    return solve_discrete_lyapunov(M, noise)


def test_baoab_has_exact_positions_and_obabo_has_not():
    for h in (0.5, 1.0, 1.5, 1.9):
        assert np.isclose(covariance("BAOAB", h)[0, 0], 1, rtol=1e-12)
    assert np.isclose(covariance("OBABO", 1.5)[0, 0], 1 / (1 - 1.5**2 / 4))
    assert np.isclose(covariance("OBABO", 1.5)[1, 1], 1)


@pytest.mark.parametrize(("two_K", "stays"), [(3, True), (4, False)])
def test_isokinetic_motion_keeps_canonical_positions(two_K, stays):
    """At 2K = (g - 1) kT they are stationary; with g instead of g - 1 they are not."""
    q, momenta = sp.symbols("q_1:5", real=True), sp.symbols("p_1:5", real=True)
    quartic = sum(a**4 / 4 for a in q) + q[0] * q[1] * q[2] * q[3] / 4
    V = sum(a**2 / 2 for a in q) + quartic
    rng = np.random.default_rng(0)
    place = rng.normal(size=(4, 60_000))
    kept = rng.random(60_000) < np.exp(-sp.lambdify([q], quartic)(place))
    place = place[:, kept]  # exactly canonical at kT = 1
    speed = rng.normal(size=place.shape)
    speed *= np.sqrt(two_K / (speed**2).sum(axis=0))
    thermostat = isokinetic()
    end = integrate(
        thermostat.split_system(V, q, momenta),
        (place, speed),
        dt=0.05,
        steps=100,
        method=thermostat.method,
        save="end",
        backend="numpy",
    )
    virial = sp.lambdify([q], sum(sp.diff(V, a) * a for a in q))(end.q[-1])
    deviation = (virial.mean() - 4) / (virial.std() / np.sqrt(len(virial)))
    assert abs(deviation) < 3 if stays else abs(deviation) > 8
    assert np.allclose((end.p[-1] ** 2).sum(axis=0), two_K, rtol=1e-11)


def test_chain_on_a_quartic_oscillator_is_of_second_order():
    """Its extended energy, on a nonlinear problem."""
    thermostat = nose_hoover(1, masses=(1, 1))
    system = thermostat.split_system(x**4 / 4, (x,), (p,))

    def error(dt):
        run_ = integrate(
            system,
            ([1.0], [0.5], np.zeros(4)),
            dt=dt,
            steps=round(4 / dt),
            method=thermostat.method,
        )
        return abs(run_.energy - run_.energy[0]).max()

    assert abs(convergence_order(error, [0.08, 0.04, 0.02]) - 2) < 0.2


FORCES = PairForces(lennard_jones(2.4, "force-shifted"))


@cache
def fluid(name, kT=1.5, steps=12_000):
    start = fcc(0.8442, 5).thermal(2 * kT, np.random.default_rng(1))
    dof = 3 * start.atoms - 3
    thermostat = {
        "Langevin": lambda: langevin(kT, friction=8.0),
        "stochastic rescaling": lambda: stochastic_rescaling(kT, relaxation=0.05),
        "Nosé-Hoover chain": lambda: nose_hoover(kT, (dof * kT * 0.0025, kT * 0.0025)),
        "Berendsen": lambda: berendsen(kT, relaxation=0.05),
        "velocity rescaling": lambda: velocity_rescaling(kT),
    }[name]()
    warm = run(start, FORCES, thermostat, dt=0.0025, steps=2000, record=2000).end
    return run(warm, FORCES, thermostat, dt=0.0025, steps=steps, record=4), kT


@pytest.mark.parametrize("name", [name for name in CANONICAL if name != "Andersen"])
def test_fluid(name):
    result, kT = fluid(name)
    deviation = kinetic_energy_deviation(result.kinetic, result.dof, kT)
    assert deviation.passed, deviation


def andersen_fluid(kT, seeds):
    """Kinetic energies of independent runs with collisions, shape (runs, times).

    The bath changes the total energy alone, dE/dt = -nu (K - <K>), and forces share it
    at once among kinetic and potential energy. So of a deviation of K the fraction
    a = C_K/C = 1.5/2.5 of heat capacities decays at the rate a nu, and the rest within
    tau_f = 0.05. Its correlation time is 1/nu + (1 - a) tau_f = 0.145 for nu = 8, which
    must stay below the Einstein frequency, 17: a stronger bath holds up the atoms.
    Runs of 2.5 after 1.0, e^-4.8 of the common start, have 2.5/(2*0.145) = 8.6
    independent values each, sixteen runs 138: an error of sqrt(2/1500)/sqrt(138), 0.3 %
    of the mean, and of 8 % for the width, whose correlation time is 0.06. The error by
    the time step, (17 dt)^2/4, is a fifth of the former.
    """
    bath, how = andersen(kT, rate=8.0), {"dt": 0.0025}
    start = fcc(0.8442, 5).thermal(2 * kT, np.random.default_rng(seeds[0]))
    warm = run(start, FORCES, bath, steps=1500, record=1500, seed=seeds[0], **how).end
    kinetic = []
    for seed in seeds:
        ready = run(warm, FORCES, bath, steps=400, record=400, seed=seed, **how).end
        series = run(ready, FORCES, bath, steps=1000, record=10, seed=seed, **how)
        kinetic.append(series.kinetic[1:])
    return np.array(kinetic)


def test_fluid_with_collisions():
    """Sixteen seeds: their differences give errors that no correlation can fool."""
    kT, dof = 1.5, 1500
    kinetic = andersen_fluid(kT, range(16))
    deviation = kinetic_energy_deviation(kinetic, dof, kT)
    assert deviation.passed, deviation
    # control: a temperature that is wrong by three per cent, and a width by forty
    assert abs(kinetic_energy_deviation(kinetic, dof, 1.03 * kT).mean) > 4
    narrow = dof * kT / 2 + 0.77 * (kinetic - dof * kT / 2)
    assert kinetic_energy_deviation(narrow, dof, kT).width < -3


@pytest.mark.parametrize("name", ["Berendsen", "velocity rescaling"])
def test_fluid_has_the_wrong_width(name):
    result, kT = fluid(name)
    deviation = kinetic_energy_deviation(result.kinetic, result.dof, kT)
    assert deviation.width < -8
    assert abs(result.temperature.mean() - kT) < 0.02 * kT  # the mean shows nothing


def test_two_temperatures_of_an_einstein_crystal_fit_together():
    """Pairs of temperatures, with the engine for many atoms."""

    def spring(positions, cell, energy):
        return Interaction((positions**2).sum() / 2, -positions, np.zeros((3, 3)))

    start = State(np.zeros((30, 3)), np.zeros((30, 3)), np.ones(30))

    def energies(kT):
        bath = langevin(kT, friction=2.0)
        warm = start.thermal(kT, np.random.default_rng(0))
        result = run(warm, spring, bath, dt=0.1, steps=12_000, record=40)
        return result.potential[10:]

    low, high = energies(1.0), energies(1.2)
    assert abs(ensemble_pair_deviation(low, high, 1.0, 1.2)) < 3
    assert abs(ensemble_pair_deviation(low, high, 1.0, 1.6)) > 8
