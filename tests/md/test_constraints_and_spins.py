"""Rigid bonds of many atoms, and spins on atoms that move."""

import numpy as np
import pytest
import sympy as sp

from mechanics.md import (
    Interaction,
    RigidBonds,
    State,
    degrees_of_freedom,
    langevin,
    run,
    spin_lattice,
)
from mechanics.md.constraints import _shake
from mechanics.numerics import RUNGE_KUTTA_4, integrate, palindrome, poisson_system


def free(positions, cell, energy):
    return Interaction(0.0, np.zeros_like(positions), np.zeros((3, 3)))


def gravity(positions, cell, energy):
    push = np.zeros_like(positions)
    push[:, 2] = -1.0
    return Interaction(positions[:, 2].sum(), push, np.zeros((3, 3)))


def trimers(number, seed=0):
    rng = np.random.default_rng(seed)
    r = rng.normal(size=(number, 1, 3)) * 5 + np.array(
        [[1.0, 0, 0], [0, 0, 0], [0.3, np.sqrt(1 - 0.09), 0]]
    )
    pairs = np.array([[0, 1], [1, 2]]) + 3 * np.arange(number)[:, None, None]
    bonds = RigidBonds(pairs, 1.0)
    masses = np.tile([1.0, 2.0, 0.5], number)
    r = r.reshape(-1, 3)
    p = bonds.project(r, masses, rng.normal(size=r.shape))
    return State(r, p, masses), bonds


def test_bonds_energy_and_momenta_are_kept():
    state, bonds = trimers(20)
    result = run(state, gravity, bonds=bonds, dt=0.02, steps=500, record=10)
    end = result.end
    stretch, rate = bonds.defects(end.positions, end.masses, end.momenta)
    assert stretch < 1e-12
    assert rate < 1e-11
    assert np.ptp(result.conserved) < 1e-2 * result.kinetic.mean()
    spin = run(state, free, bonds=bonds, dt=0.02, steps=500, record=500).end
    before, after = (
        np.cross(s.positions, s.momenta).sum(axis=0) for s in (state, spin)
    )
    assert np.allclose(after, before, atol=1e-9)
    assert degrees_of_freedom(state, None, bonds) == 3 * 60 - 40 - 3


def test_constrained_flow_is_of_second_order_and_runs_back():
    state, bonds = trimers(1)

    def end(dt, steps):
        how = {"bonds": bonds, "dt": dt, "steps": steps, "record": steps}
        return run(state, gravity, **how).end

    exact = end(0.0025, 800).positions
    errors = [
        np.abs(end(h, round(2 / h)).positions - exact).max() for h in (0.04, 0.02)
    ]
    assert 3.3 < errors[0] / errors[1] < 4.8
    there = end(0.02, 100)
    back = run(there, gravity, bonds=bonds, dt=-0.02, steps=100, record=100).end
    assert np.abs(back.positions - state.positions).max() < 1e-10


def test_without_the_projection_of_momenta_the_temperature_is_wrong():
    """The control: SHAKE alone leaves momenta along the bonds after a bath."""
    rng = np.random.default_rng(1)
    state, bonds = trimers(2000)
    p = rng.normal(size=state.momenta.shape) * np.sqrt(state.masses)[:, None]
    dof = 3 * state.atoms - len(bonds)

    def heat(momenta):
        twice = (momenta**2 / state.masses[:, None]).sum()
        return (twice / dof - 1) / np.sqrt(2 / dof)  # in sigma

    assert abs(heat(bonds.project(state.positions, state.masses, p))) < 3
    assert abs(heat(p)) > 8
    r, shaken = state.positions + 0.01 * p / state.masses[:, None], p.copy()
    assert _shake(
        bonds.pairs,
        bonds.lengths,
        state.positions,
        1 / state.masses,
        r,
        shaken,
        0.01,
    )
    _, rate = bonds.defects(r, state.masses, shaken)
    assert rate > 1e-3  # bonds are right, their rates are not


def test_rigid_trimers_in_a_bath_have_the_right_temperature():
    state, bonds = trimers(300)
    bath = langevin(1.0, friction=2.0)
    result = run(state, free, bath, bonds=bonds, dt=0.02, steps=400, record=1)
    assert result.dof == 900 * 3 - 600
    mean = result.temperature[100:].mean()
    # 300 steps of 0.02 are worth about 2 gamma t = 24 values of 2100 degrees each
    assert abs(mean - 1) < 4 * np.sqrt(2 / (result.dof * 24))
    stretch, rate = bonds.defects(
        result.end.positions, result.end.masses, result.end.momenta
    )
    assert max(stretch, rate) < 1e-10


def test_bad_bonds_are_named():
    with pytest.raises(ValueError, match="joins an atom to itself"):
        RigidBonds([[1, 1]], 1.0)
    with pytest.raises(ValueError, match="must be positive"):
        RigidBonds([[0, 1]], -1.0)
    state, bonds = trimers(1)
    long = RigidBonds(bonds.pairs, 1.1)
    with pytest.raises(ValueError, match="a bond is off by"):
        run(state, free, bonds=long, dt=0.01, steps=1)
    moving = State(state.positions, state.momenta + np.eye(3), state.masses)
    with pytest.raises(ValueError, match=r"use bonds\.project"):
        run(moving, free, bonds=bonds, dt=0.01, steps=1)
    rod = State([[0, 0, 0], [1, 0, 0]], np.zeros((2, 3)), [1, 1])
    three = RigidBonds([[0, 1], [0, 1], [0, 1]], 1.0)
    with pytest.raises(ValueError, match="no degree of freedom"):
        run(rod, free, bonds=three, dt=0.01, steps=1)


N = 4
S = [sp.symbols(f"S{i}_x S{i}_y S{i}_z", real=True) for i in range(N)]
Q, P = sp.symbols(f"u_0:{N}", real=True), sp.symbols(f"p_0:{N}", real=True)
STRETCH = [Q[(i + 1) % N] - Q[i] for i in range(N)]
EXCHANGE = -sum(
    (1 + 0.3 * STRETCH[i])
    * sum(a * b for a, b in zip(S[i], S[(i + 1) % N], strict=True))
    for i in range(N)
)


def test_spins_on_a_moving_chain_keep_their_length():
    chain = spin_lattice(Q, P, S, sum(d**2 for d in STRETCH) / 2, EXCHANGE)
    rng = np.random.default_rng(0)
    spins = rng.normal(size=(N, 3))
    spins /= np.linalg.norm(spins, axis=1)[:, None]
    start = (0.1 * rng.normal(size=N), np.zeros(N), spins.ravel())
    assert list(chain.flows)[1:3] == ["sublattice_1", "sublattice_2"]
    errors = []
    for dt in (0.1, 0.05):
        result = integrate(
            chain,
            start,
            dt=dt,
            steps=round(20 / dt),
            method=palindrome(*chain.flows),
        )
        lengths = np.linalg.norm(result.states[:, 2 * N :].reshape(-1, N, 3), axis=-1)
        assert abs(lengths - 1).max() < 1e-13
        errors.append(abs(result.energy - result.energy[0]).max())
    assert 3 < errors[0] / errors[1] < 5.5


def test_runge_kutta_loses_the_length_of_spins():
    """The control."""
    rigid = EXCHANGE.subs(dict.fromkeys(Q, 0))
    from mechanics.symbolic import PoissonStructure

    system = poisson_system(PoissonStructure.spins(*S), rigid)
    spins = np.random.default_rng(0).normal(size=(N, 3))
    spins /= np.linalg.norm(spins, axis=1)[:, None]
    result = integrate(system, spins.ravel(), dt=0.3, steps=200, method=RUNGE_KUTTA_4)
    lengths = np.linalg.norm(result.states.reshape(-1, N, 3), axis=-1)
    assert abs(lengths - 1).max() > 1e-4
