"""Harmonic chains: dispersion, Bloch's theorem, momentum, and their limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechanics.lattice import Chain, UnstableCrystalError, bloch_transform
from mechanics.numerics import convergence_order, integrate

K_POINTS = np.linspace(-np.pi, np.pi, 41)
EQUAL = Chain(masses=(1.0,), springs=(1.0,), cells=12)
SALT = Chain(masses=(22.98976928, 35.45), springs=(1.0, 1.0), cells=12)
TRIATOMIC = Chain(masses=(1.0, 2.0, 0.7), springs=(1.0, 0.4, 1.9), cells=5)
CHAINS = pytest.mark.parametrize("chain", [EQUAL, SALT, TRIATOMIC])


def real_space_matrix(chain):
    """The dynamical matrix of the whole ring, from the forces."""
    size = chain.atoms
    stiffness = -chain.hamiltonian().force(np.eye(size), np.zeros((size, size)), 0.0)
    return stiffness / np.sqrt(np.outer(chain.mass_array, chain.mass_array))


def random_state(chain, seed=5):
    return np.random.default_rng(seed).normal(size=(2, chain.atoms))


# Dispersion


def test_one_atom_in_the_cell():
    chain = Chain(masses=(1.7,), springs=(0.6,), cells=9)
    closed = 2 * np.sqrt(0.6 / 1.7) * np.abs(np.sin(K_POINTS / 2))
    # omega is the root of a difference that round-off spoils near k = 0
    np.testing.assert_allclose(chain.frequencies(K_POINTS)[:, 0], closed, atol=1e-7)
    squared = chain.dynamical_matrix(K_POINTS)[:, 0, 0]
    np.testing.assert_allclose(squared, closed**2, atol=1e-15)
    assert np.abs(squared - closed).max() > 0.1  # control: omega is not omega^2


@settings(max_examples=25)
@given(
    masses=st.tuples(*[st.floats(0.1, 10)] * 2),
    springs=st.tuples(*[st.floats(0.1, 10)] * 2),
)
def test_two_atoms_and_two_springs(masses, springs):
    (m, M), (K, G) = masses, springs
    chain = Chain(masses=masses, springs=springs, cells=4)
    mean = (K + G) * (1 / m + 1 / M) / 2
    product = 4 * K * G * np.sin(K_POINTS / 2) ** 2 / (m * M)
    root = np.sqrt(np.maximum(mean**2 - product, 0))
    closed = np.stack([product / (mean + root), mean + root], axis=-1)
    squared = chain.frequencies(K_POINTS) ** 2
    np.testing.assert_allclose(squared, closed, atol=1e-12 * closed.max())


def test_gap_edges_of_rock_salt_masses():
    Na, Cl = SALT.masses
    edge, centre = SALT.frequencies([np.pi, 0.0])
    np.testing.assert_allclose(edge, [np.sqrt(2 / Cl), np.sqrt(2 / Na)], rtol=1e-13)
    assert centre[1] == pytest.approx(np.sqrt(2 / Na + 2 / Cl), rel=1e-13)
    assert centre[0] < 1e-8
    # control: the heavy atom sets the lower edge, not the light one
    assert abs(edge[0] - np.sqrt(2 / Na)) > 0.05


def test_three_equal_atoms_fold_the_branch_of_one():
    folded = Chain(masses=(1.0,) * 3, springs=(1.0,) * 3, cells=4).frequencies(1.2)
    unfolded = EQUAL.frequencies((1.2 + 2 * np.pi * np.arange(3)) / 3)[:, 0]
    np.testing.assert_allclose(folded, np.sort(unfolded), rtol=1e-12)


def test_sound_in_a_chain_is_that_of_masses_and_springs_in_a_row():
    k = 1e-3
    stiffness = 1 / sum(1 / K for K in TRIATOMIC.springs)
    sound = np.sqrt(stiffness / sum(TRIATOMIC.masses))
    # corrections are of order k^2, round-off of omega^2 is 1e-16 / k^2
    assert TRIATOMIC.frequencies(k)[0] / k == pytest.approx(sound, rel=1e-6)


@CHAINS
def test_dynamical_matrix_is_hermitian_and_periodic(chain):
    D = chain.dynamical_matrix(K_POINTS)
    adjoint = D.conj().swapaxes(-1, -2)
    np.testing.assert_array_equal(D, adjoint)
    D_next = chain.dynamical_matrix(K_POINTS + 2 * np.pi)
    np.testing.assert_allclose(D_next, D, atol=1e-14)
    opposite = chain.dynamical_matrix(-K_POINTS)
    np.testing.assert_allclose(opposite, D.conj(), atol=1e-15)  # time reversal


@pytest.mark.parametrize("shape", [(), (3,), (2, 5), (0,)])
def test_wavevectors_of_any_shape(shape):
    k = np.linspace(0.1, 1, int(np.prod(shape))).reshape(shape)
    assert TRIATOMIC.dynamical_matrix(k).shape == (*shape, 3, 3)
    if k.size:
        branches = TRIATOMIC.frequencies(k)
        assert branches.shape == (*shape, 3)
        assert (np.diff(branches, axis=-1) > 0).all()


@CHAINS
def test_branches_hold_the_whole_spectrum_of_the_ring(chain):
    whole = np.linalg.eigvalsh(real_space_matrix(chain))
    bands = np.sort(chain.frequencies(chain.wavevectors) ** 2, axis=None)
    np.testing.assert_allclose(bands, whole, atol=1e-13)
    # control: wavevectors that the ring does not allow give other frequencies
    forbidden = chain.wavevectors + np.pi / chain.cells
    wrong = np.sort(chain.frequencies(forbidden) ** 2, axis=None)
    assert np.abs(wrong - whole).max() > 1e-3


@CHAINS
def test_waves_make_the_matrix_of_the_ring_block_diagonal(chain):
    s, N = len(chain.masses), chain.cells
    F = np.kron(bloch_transform(np.eye(N)), np.eye(s))
    blocks = (F @ real_space_matrix(chain) @ F.conj().T).reshape(N, s, N, s)
    for i, k in enumerate(chain.wavevectors):
        block = blocks[i, :, i, :]
        np.testing.assert_allclose(block, chain.dynamical_matrix(k), atol=1e-13)
        blocks[i, :, i, :] = 0
    assert np.abs(blocks).max() < 1e-13


@pytest.mark.parametrize("cells", [3, 4, 7, 12])
def test_allowed_wavevectors(cells):
    k = Chain(masses=(1.0,), springs=(1.0,), cells=cells).wavevectors
    assert k.shape == (cells,) and k[0] == 0
    assert ((k > -np.pi) & (k <= np.pi)).all()
    np.testing.assert_allclose(np.exp(1j * k * cells), 1, atol=1e-12)
    assert len(np.unique(k.round(12))) == cells


# The Fourier transform


@pytest.mark.parametrize("N", [5, 8])
def test_bloch_transform_is_unitary_and_canonical(N):
    F = bloch_transform(np.eye(N))
    np.testing.assert_allclose(F.conj().T @ F, np.eye(N), atol=1e-14)
    P_of_p = F.conj()  # brackets of Q = F u and P = conj(F) p
    np.testing.assert_allclose(F @ P_of_p.T, np.eye(N), atol=1e-14)
    assert np.abs(F @ F.T - np.eye(N)).max() > 0.9  # control: P = F p

    # all brackets at once, in real and imaginary parts of the independent modes
    half = (N - 1) // 2
    pairs = np.sqrt(2) * F[1 : half + 1]
    ends = F[[0, N // 2]] if N % 2 == 0 else F[:1]
    O = np.concatenate([ends.real, pairs.real, pairs.imag])
    J = np.kron([[0, 1], [-1, 0]], np.eye(N))

    def defect(scale):
        M = np.kron(np.eye(2), scale * O)
        return np.abs(M.T @ J @ M - J).max()

    assert defect(1) < 1e-14
    assert defect(np.sqrt(N)) > 1  # control: without 1/sqrt(N)


def test_bloch_transform_agrees_with_its_definition():
    u = np.random.default_rng(1).normal(size=(12, 3))
    waves = np.exp(-1j * np.outer(EQUAL.wavevectors, np.arange(12))) / np.sqrt(12)
    np.testing.assert_allclose(bloch_transform(u), waves @ u, atol=1e-13)
    assert np.abs(bloch_transform(u) - waves.conj() @ u).max() > 0.1  # control: sign


def test_energy_is_a_sum_over_modes():
    q, p = random_state(EQUAL)
    omega = EQUAL.frequencies(EQUAL.wavevectors)[:, 0]
    Q, P = bloch_transform(q), bloch_transform(p)
    modes = (abs(P) ** 2 + abs(omega * Q) ** 2) / 2
    energy = EQUAL.hamiltonian().energy(q, p, 0.0)
    assert modes.sum() == pytest.approx(energy, rel=1e-13)
    assert modes[1:].sum() != pytest.approx(energy, rel=1e-3)  # control: Q_0 counts


# Motion


@CHAINS
def test_force_is_minus_the_gradient_of_the_energy(chain):
    system = chain.hamiltonian()
    q, p = random_state(chain)
    h = 1e-5 * np.eye(chain.atoms)

    def slope(dq, dp):
        up = system.energy(q[:, None] + dq, p[:, None] + dp, 0.0)
        down = system.energy(q[:, None] - dq, p[:, None] - dp, 0.0)
        return (up - down) / 2e-5

    # H is quadratic: central differences are exact but for round-off / h
    still = np.zeros_like(h)
    np.testing.assert_allclose(system.force(q, p, 0.0), -slope(h, still), atol=1e-8)
    np.testing.assert_allclose(system.velocity(q, p, 0.0), slope(still, h), atol=1e-8)


@CHAINS
def test_ensembles_are_their_members(chain):
    system = chain.hamiltonian()
    q, p = np.random.default_rng(2).normal(size=(2, chain.atoms, 4))
    for i in range(4):
        one = q[:, i], p[:, i], 0.0
        np.testing.assert_array_equal(system.force(q, p, 0.0)[:, i], system.force(*one))
        assert system.energy(q, p, 0.0)[i] == pytest.approx(system.energy(*one))


@CHAINS
def test_momentum_is_conserved_and_sits_in_one_mode(chain):
    run = integrate(chain.hamiltonian(), random_state(chain), dt=0.05, steps=800)
    P = run.p.sum(axis=1)
    assert np.ptp(P) < 1e-12  # the forces cancel in pairs, up to round-off
    assert np.ptp(run.p[:, 0]) > 0.5  # control: a single atom's momentum is not
    cells = run.p.reshape(len(run.t), chain.cells, -1)
    in_mode_zero = np.sqrt(chain.cells) * bloch_transform(cells.swapaxes(0, 1))[0]
    np.testing.assert_allclose(in_mode_zero.sum(axis=1).real, P, atol=1e-12)
    wrong = chain.cells * bloch_transform(cells.swapaxes(0, 1))[0].sum(axis=1).real
    assert np.abs(wrong - P).max() > 0.1  # control: off by sqrt(N)


def test_a_running_wave_has_no_momentum_and_keeps_its_shape():
    k = EQUAL.wavevectors[2]
    omega, n = EQUAL.frequencies(k)[0], np.arange(12)
    period = 2 * np.pi / omega
    start = np.cos(k * n), omega * np.sin(k * n)
    run = integrate(EQUAL.hamiltonian(), start, dt=period / 2000, steps=2000)
    assert np.abs(run.p.sum(axis=1)).max() < 1e-12
    late = np.cos(k * n - omega * run.t[-1] / 4)  # a quarter of a period
    # second order: (omega dt)^2 / 24 of the phase 2 pi
    np.testing.assert_allclose(run.q[500], late, atol=3e-6)
    other_way = np.cos(k * n + omega * run.t[-1] / 4)
    assert np.abs(run.q[500] - other_way).max() > 0.5  # control


def test_energy_error_is_of_second_order():
    start = random_state(TRIATOMIC)

    def error(dt):
        steps = round(4 / dt)
        run = integrate(TRIATOMIC.hamiltonian(), start, dt=dt, steps=steps)
        return np.abs(run.energy - run.energy[0]).max()

    # far below the limit of stability the next term, dt^4, moves the slope by 1 %
    order = convergence_order(error, [0.04, 0.02, 0.01])
    assert order == pytest.approx(2, abs=0.05)


def test_the_limit_of_stability_is_that_of_the_fastest_mode():
    system = EQUAL.hamiltonian()
    assert system.stable_step == pytest.approx(1, rel=1e-12)  # 2 / omega_max
    start = random_state(EQUAL)
    near = integrate(system, start, dt=0.99, steps=1000)
    assert near.energy.max() < 200 * near.energy[0]  # large, but bounded
    with pytest.raises(ValueError, match=r"dt = 1\.01 is too large: .* dt = 1 on"):
        integrate(system, start, dt=1.01, steps=10)


def test_free_atoms_have_no_limit_of_stability():
    gas = Chain(masses=(1.0,), springs=(0.0,), cells=4)
    assert gas.hamiltonian().stable_step is None
    assert (gas.frequencies(K_POINTS) == 0).all()


# What is refused, and how


def test_unstable_springs_are_named():
    soft = Chain(masses=(1.0,), springs=(-1.0,), cells=8)
    message = r"omega\^2 = -4 at k = 3\.142: the springs \(-1\.0,\) do not hold"
    with pytest.raises(UnstableCrystalError, match=message):
        soft.frequencies(soft.wavevectors)
    with pytest.raises(UnstableCrystalError):
        soft.hamiltonian()
    # one negative spring among stiff ones also breaks the chain ...
    mixed = Chain(masses=(1.0, 1.0), springs=(1.0, -0.2), cells=8)
    with pytest.raises(UnstableCrystalError):
        mixed.frequencies(np.pi)
    # ... control: round-off below zero at k = 0 does not
    assert TRIATOMIC.frequencies(0.0)[0] < 1e-7


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_masses_must_be_positive_and_finite(bad):
    with pytest.raises(ValueError, match="masses must be positive and finite"):
        Chain(masses=(1.0, bad), springs=(1.0, 1.0), cells=4)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_springs_must_be_finite(bad):
    with pytest.raises(ValueError, match="springs must be finite"):
        Chain(masses=(1.0,), springs=(bad,), cells=4)


def test_masses_and_springs_must_match():
    with pytest.raises(ValueError, match="2 masses but 1 springs in the cell"):
        Chain(masses=(1.0, 2.0), springs=(1.0,), cells=4)


@pytest.mark.parametrize(("masses", "cells"), [((1.0,), 2), ((1.0, 2.0), 1)])
def test_rings_of_two_atoms_are_refused(masses, cells):
    with pytest.raises(ValueError, match="a ring of 2 atoms has no two distinct"):
        Chain(masses=masses, springs=(1.0,) * len(masses), cells=cells)
    Chain(masses=masses, springs=(1.0,) * len(masses), cells=cells + 1)  # control


def test_a_chain_is_a_value():
    same = Chain(masses=[1], springs=np.array([1]), cells=12)
    assert same == EQUAL and hash(same) == hash(EQUAL)
    assert same != Chain(masses=(1.0,), springs=(1.0,), cells=13)
    with pytest.raises(AttributeError):
        same.cells = 3
