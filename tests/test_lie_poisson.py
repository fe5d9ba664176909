"""Rotations of spins and rigid bodies, against exact and independent solutions."""

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import block_diag
from scipy.special import ellipj

from mechanics.numerics import (
    GAUSS_LEGENDRE_6,
    RUNGE_KUTTA_4,
    FirstOrderSystem,
    Flow,
    SplitSystem,
    SplittingMethod,
    UnsuitableMethodError,
    compose,
    convergence_order,
    integrate,
    palindrome,
    poisson_system,
    rigid_body_rotations,
    spin_rotations,
)
from mechanics.numerics.lie_poisson import rotated
from mechanics.numerics.methods import TRIPLE_JUMP
from mechanics.symbolic import PoissonStructure, quaternion_rotation

J, D, b = sp.symbols("J D b", real=True)


def spins_of(number):
    return [sp.symbols(f"x_{i} y_{i} z_{i}", real=True) for i in range(number)]


def ring(number):
    """Heisenberg and Dzyaloshinskii-Moriya couplings round a ring, in a field."""
    spins = spins_of(number)
    vectors = [sp.Matrix(s) for s in spins]
    H = 0
    for i, S in enumerate(vectors):
        following = vectors[(i + 1) % number]
        H += -J * S.dot(following) + D * S.cross(following)[2] - b * S[0]
    return spins, H


def random_spins(number, seed=5):
    S = np.random.default_rng(seed).normal(size=(number, 3))
    return (S / np.linalg.norm(S, axis=1)[:, None]).ravel()


def lengths(run):
    states = run.states.reshape(len(run.t), -1, 3, *run.states.shape[2:])
    return np.linalg.norm(states, axis=2)


SPINS, H = ring(4)
VALUES = {"J": 1.0, "D": 0.4, "b": 0.7}
RING = spin_rotations(SPINS, H)
RING_FIELD = poisson_system(PoissonStructure.spins(*SPINS), H)
STRANG = palindrome(*RING.flows)
START = random_spins(4)


def fourth_order(system):
    base = palindrome(*system.flows)
    return compose(base, TRIPLE_JUMP, "triple jump", 4, "yoshida_construction_1990")


# Spins --------------------------------------------------------------------------------


def test_the_order_on_a_ring_of_coupled_spins():
    reference = integrate(
        RING_FIELD, START, dt=0.02, steps=160, method=GAUSS_LEGENDRE_6, params=VALUES
    ).end

    def error(method):
        def of(dt):
            steps = round(3.2 / dt)
            end = integrate(
                RING, START, dt=dt, steps=steps, method=method, params=VALUES
            ).end
            return np.abs(end - reference).max()

        return of

    steps = [0.1, 0.05, 0.025]
    assert convergence_order(error(STRANG), steps) == pytest.approx(2, abs=0.1)
    jump = convergence_order(error(fourth_order(RING)), steps)
    assert jump == pytest.approx(4, abs=0.1)


def test_lengths_and_energy_are_kept_to_rounding():
    """Control: Runge and Kutta's method shortens the spins and cools the ring."""
    exact, control = (
        integrate(system, START, dt=0.2, steps=5000, method=method, params=VALUES)
        for system, method in ((RING, STRANG), (RING_FIELD, RUNGE_KUTTA_4))
    )
    # 5000 steps with three turns of some spins, whose rounding errors add at random
    assert np.abs(lengths(exact) - 1).max() < 1e-13
    assert np.abs(exact.energy - exact.energy[0]).max() < 1e-12
    assert np.ptp(exact["x_0"]) > 0.5
    assert np.abs(lengths(control) - 1).max() > 1e-3
    assert np.ptp(control.energy) > 1e-3


def levi_civita(S):
    """The matrix of the brackets of one spin."""
    x, y, z = S
    return np.array([[0, z, -y], [-z, 0, x], [y, -x, 0]])


@pytest.mark.parametrize("coupled", [True, False])
def test_the_turns_keep_volume_but_brackets_only_without_a_coupling(coupled):
    """Spins that stand still do not feel the others turn: no Poisson map."""
    S, Z = map(sp.Matrix, spins_of(2))
    H = S.dot(Z) + S[0] * Z[1] if coupled else S[0] + Z[1]
    system = spin_rotations([list(S), list(Z)], H)
    start = random_spins(2)
    states = start[:, None] + 1e-20j * np.eye(6)
    method = palindrome(*system.flows)
    end = integrate(system, states, dt=0.3, steps=1, method=method).end
    M = end.imag / 1e-20  # the derivative of the map, by a complex step
    assert np.linalg.det(M) == pytest.approx(1, abs=1e-14)
    before, after = (
        block_diag(levi_civita(state[:3]), levi_civita(state[3:]))
        for state in (start, end[:, 0].real)
    )
    defect = np.abs(M @ before @ M.T - after).max()
    assert defect > 1e-3 if coupled else defect < 1e-14


def test_an_even_ring_has_two_sublattices_and_an_odd_one_three():
    assert list(RING.flows) == ["sublattice_1", "sublattice_2"]
    assert list(spin_rotations(*ring(5)).flows) == [
        "sublattice_1",
        "sublattice_2",
        "sublattice_3",
    ]
    first = RING.flows["sublattice_1"].after
    assert set(first) == {*SPINS[0], *SPINS[2]}
    for value in first.values():  # nothing in the rotation of a spin moves meanwhile
        assert len(value.free_symbols & set(first)) == 3


def test_a_flow_keeps_the_energy_and_is_that_of_the_bracket():
    """One sublattice alone, at a large step: an exact solution."""
    alone = palindrome("sublattice_1")
    run = integrate(RING, START, dt=0.7, steps=50, method=alone, params=VALUES)
    np.testing.assert_allclose(run.energy, run.energy[0], atol=1e-13)
    assert np.ptp(run["x_0"]) > 0.1
    frozen = [c for i in (1, 3) for c in SPINS[i]]
    bracket = PoissonStructure.spins(SPINS[0], SPINS[2])
    where = dict(zip([str(s) for spin in SPINS for s in spin], START, strict=True))
    fixed = {s: where[str(s)] for s in frozen}
    moving = poisson_system(bracket, H.subs(fixed))
    start = [where[str(s)] for s in (*SPINS[0], *SPINS[2])]
    reference = integrate(
        moving, start, dt=0.05, steps=700, method=GAUSS_LEGENDRE_6, params=VALUES
    )
    np.testing.assert_allclose(
        [run[n][-1] for n in reference.names], reference.end, atol=1e-8
    )


def test_a_spin_precesses_about_a_field_in_the_positive_sense():
    """dS/dt = dH/dS x S: with H = w S_z, counter-clockwise at the rate w, exactly."""
    (S,) = spins_of(1)
    spin = spin_rotations([S], b * S[2])
    start = [0.6, 0.0, 0.8]
    run = integrate(
        spin, start, dt=2.0, steps=500, method=palindrome(*spin.flows), params={"b": 3}
    )
    angle = 3 * run.t
    np.testing.assert_allclose(run["x_0"], 0.6 * np.cos(angle), atol=1e-12)
    np.testing.assert_allclose(run["y_0"], 0.6 * np.sin(angle), atol=1e-12)
    np.testing.assert_allclose(run["z_0"], 0.8, rtol=1e-13)


def test_two_spins_precess_about_their_sum():
    """H = -J S.Z: each turns about S + Z with the frequency J|S + Z|, clockwise.

    The turns keep S.Z, and so the length of the sum, exactly; its direction and the
    frequency to second order.
    """
    S, Z = spins_of(2)
    pair = spin_rotations([S, Z], -J * sp.Matrix(S).dot(sp.Matrix(Z)))
    start = np.array([1.0, 0, 0, 0.28, 0, 0.96])
    total = start[:3] + start[3:]
    axis = total / np.linalg.norm(total)

    def run(dt):
        steps, method = round(20 / dt), palindrome(*pair.flows)
        return integrate(
            pair, start, dt=dt, steps=steps, method=method, params={"J": 0.9}
        )

    def error(dt):
        motion = run(dt)
        angle = -0.9 * np.linalg.norm(total) * motion.t[:, None]
        along = axis * (axis @ start[:3])
        across = start[:3] - along
        exact = along + np.cos(angle) * across + np.sin(angle) * np.cross(axis, across)
        return np.abs(motion.states[:, :3] - exact).max()

    assert convergence_order(error, [0.1, 0.05, 0.025]) == pytest.approx(2, abs=0.1)
    motion = run(0.1)
    sums = motion.states[:, :3] + motion.states[:, 3:]
    length = np.linalg.norm(sums, axis=1)
    np.testing.assert_allclose(length, np.linalg.norm(total), rtol=1e-13)


def test_a_spin_in_no_field_stays_where_it_is():
    """Zero divided by zero lurks in the formula of a rotation."""
    S, Z = spins_of(2)
    pair = spin_rotations([S, Z], b * S[2] * Z[2])
    start = np.array([[0.0, 1], [1, 0], [0, 0], [1, 1], [0, 0], [0, 0]])
    for backend in ("numpy", "numba"):
        run = integrate(
            pair,
            start,
            dt=0.1,
            steps=10,
            method=palindrome(*pair.flows),
            params={"b": 1},
            backend=backend,
        )
        assert np.array_equal(run.end, start)


@pytest.mark.parametrize("size", [1e-120, 1e-90, 1e-20, 1e-8, 1.0, 1e8])
def test_rotations_are_exact_for_every_size_of_the_field(size):
    """Against the rotation matrix from an angle, which needs no small divisor."""
    S, B = sp.Matrix([0.3, -0.5, 0.8]), sp.Matrix([0.48, 0.6, 0.64])
    tau = 0.9 / max(size, 1)
    found = np.array([float(x) for x in rotated(S, size * B, tau)])
    axis = B / B.norm()
    angle = float(size * B.norm() * tau)
    across = S - axis * axis.dot(S)
    exact = axis * axis.dot(S) + np.cos(angle) * across + np.sin(angle) * axis.cross(S)
    # the angle 0.9 of a large field has the rounding error of size times tau
    np.testing.assert_allclose(found, np.array(exact, float).ravel(), atol=1e-15)


def test_a_rotating_field_turns_a_spin_over_at_resonance():
    """Explicit time: Rabi's solution in the rotating frame, and order two."""
    (S,), t = spins_of(1), sp.Symbol("t", real=True)
    w, w_1 = sp.symbols("omega omega_1", positive=True)
    field = w * S[2] + w_1 * (S[0] * sp.cos(w * t) + S[1] * sp.sin(w * t))
    driven = spin_rotations([S], field, t=t)
    assert list(driven.flows) == ["sublattice_1", "time"]
    values = {"omega": 2.0, "omega_1": 0.5}

    def run(dt):
        return integrate(
            driven,
            [0.0, 0.0, 1.0],
            dt=dt,
            steps=round(8 / dt),
            method=palindrome(*driven.flows),
            params=values,
        )

    def error(dt):
        motion = run(dt)
        return np.abs(motion["z_0"] - np.cos(0.5 * motion.t)).max()

    assert convergence_order(error, [0.1, 0.05, 0.025]) == pytest.approx(2, abs=0.1)
    assert run(0.1)["z_0"].min() < -0.99


def test_lanes_and_arrays_agree_on_an_ensemble_of_rings():
    start = np.stack([random_spins(4, seed) for seed in range(20)], axis=1)
    values = {**VALUES, "b": np.linspace(0, 2, 20)}
    runs = [
        integrate(
            RING,
            start,
            dt=0.1,
            steps=100,
            save=20,
            method=STRANG,
            params=values,
            backend=backend,
        )
        for backend in ("numpy", "numba")
    ]
    # contraction and another square root; 100 steps amplify rounding errors a little
    np.testing.assert_allclose(runs[0].states, runs[1].states, atol=1e-12)
    assert np.abs(lengths(runs[1]) - 1).max() < 1e-13


@pytest.mark.parametrize(
    ("H", "message"),
    [
        (lambda S, Z: S[0] * Z[0] + D * S[2] ** 2, r"the term D\*z_0\*\*2 of H is"),
        (lambda S, Z: S[0] * S[1] * Z[0], r"the term x_0\*x_1\*y_0 of H is not linear"),
        (lambda S, Z: sp.sin(Z[1]), r"the term sin\(y_1\) of H .* spin \(x_1, y_1"),
    ],
)
def test_a_spin_in_its_own_field(H, message):
    spins = spins_of(2)
    with pytest.raises(ValueError, match=message):
        spin_rotations(spins, H(*spins))


def test_a_spin_with_two_components():
    with pytest.raises(ValueError, match="three components, not the 2 of"):
        spin_rotations([sp.symbols("x y")], J)


def test_a_method_that_needs_the_vector_field():
    with pytest.raises(UnsuitableMethodError, match="flows sublattice_1, sublattice_2"):
        integrate(RING, START, dt=0.1, steps=1, method=RUNGE_KUTTA_4, params=VALUES)


# Rigid bodies -------------------------------------------------------------------------

MOMENTS = (1.0, 2.0, 3.5)
BODY = rigid_body_rotations(*sp.symbols("I_1:4", positive=True))
BODY_STRANG = palindrome(*BODY.flows)
LEVEL = [1.0, 0.0, 0.0, 0.0]


def inertia(moments=MOMENTS):
    return dict(zip(("I_1", "I_2", "I_3"), moments, strict=True))


def free_flight(L, dt, duration, method=BODY_STRANG, moments=MOMENTS, system=BODY):
    return integrate(
        system,
        (LEVEL, L),
        dt=dt,
        steps=round(duration / dt),
        method=method,
        params=inertia(moments),
    )


def elliptic(t, moments, energy, square):
    r"""Euler's free body by Jacobi's functions, for L^2 > 2 E I_2 and I_1 < I_2 < I_3.

    Landau and Lifshitz, Mechanics, section 37: the angular velocities times the
    moments, from the time at which L_2 vanishes.
    """
    I1, I2, I3 = moments
    k2 = (
        (I2 - I1)
        * (2 * energy * I3 - square)
        / ((I3 - I2) * (square - 2 * energy * I1))
    )
    rate = np.sqrt((I3 - I2) * (square - 2 * energy * I1) / (I1 * I2 * I3))
    sn, cn, dn, _ = ellipj(rate * t, k2)
    return np.array(
        [
            np.sqrt(I1 * (2 * energy * I3 - square) / (I3 - I1)) * cn,
            np.sqrt(I2 * (2 * energy * I3 - square) / (I3 - I2)) * sn,
            np.sqrt(I3 * (square - 2 * energy * I1) / (I3 - I1)) * dn,
        ]
    )


def thrown_racket():
    """Nearly about the middle axis: energy and square of the angular momentum."""
    energy = 1.0
    return energy, 2 * energy * MOMENTS[1] * 1.01


@pytest.mark.parametrize("name", ["Strang", "triple jump"])
def test_the_tennis_racket_follows_jacobis_functions(name):
    method, order = {
        "Strang": (BODY_STRANG, 2),
        "triple jump": (fourth_order(BODY), 4),
    }[name]
    constants = thrown_racket()
    start = elliptic(0.0, MOMENTS, *constants)

    def error(dt):
        run = free_flight(start, dt, 24.0, method)
        exact = elliptic(run.t, MOMENTS, *constants)
        L = np.array([run[f"L_{k}"] for k in (1, 2, 3)])
        assert exact[1].min() < -0.9 * np.sqrt(constants[1])  # it has turned over
        return np.abs(L - exact).max()

    assert convergence_order(error, [0.1, 0.05, 0.025]) == pytest.approx(order, abs=0.1)


def test_the_symmetric_top_precesses_as_euler_found():
    r"""In the body about e_3 at (I_3 - I_1)/I_1 omega_3, in space about L at L/I_1."""
    I1, I3 = 1.0, 1.7
    L = np.array([0.8, 0.0, 1.1])

    def motion(dt):
        return free_flight(L, dt, 6.0, moments=(I1, I1, I3))

    def body_error(dt):
        run = motion(dt)
        angle = (I3 - I1) / I1 * L[2] / I3 * run.t
        exact = [L[0] * np.cos(angle), L[0] * np.sin(angle), np.full_like(angle, L[2])]
        found = np.array([run[f"L_{k}"] for k in (1, 2, 3)])
        return np.abs(found - exact).max()

    def space_error(dt):
        run = motion(dt)
        axis = rotations(run)[:, :, 2]
        around = L / np.linalg.norm(L)
        angle = np.linalg.norm(L) / I1 * run.t[:, None]
        e3 = np.array([0.0, 0, 1])
        along = around * (around @ e3)
        exact = (
            along + np.cos(angle) * (e3 - along) + np.sin(angle) * np.cross(around, e3)
        )
        return np.abs(axis - exact).max()

    for error in (body_error, space_error):
        assert convergence_order(error, [0.1, 0.05, 0.025]) == pytest.approx(2, abs=0.1)


def rotations(run):
    q = sp.symbols("q_0:4")
    R = sp.lambdify(q, quaternion_rotation(q))
    return np.array([R(*state) for state in run.q])


def test_what_a_free_body_keeps_to_rounding():
    """The length of L, the quaternion's, and the angular momentum in space."""
    L = np.array([0.5, 1.2, -0.3])
    run = free_flight(L, 0.05, 200.0)
    momenta = np.stack([run[f"L_{k}"] for k in (1, 2, 3)], axis=1)
    # 4000 steps of five turns: rounding errors add at random
    assert np.abs(np.linalg.norm(momenta, axis=1) - np.linalg.norm(L)).max() < 1e-13
    assert np.abs(np.linalg.norm(run.q, axis=1) - 1).max() < 1e-13
    in_space = np.einsum("tij,tj->ti", rotations(run), momenta)
    assert np.abs(in_space - L).max() < 1e-12
    assert np.abs(momenta - L).max() > 0.5
    early, late = run.energy[:1000], run.energy[-1000:]
    assert np.ptp(late) == pytest.approx(np.ptp(early), rel=0.1)


def test_runge_and_kutta_lose_the_angular_momentum_of_a_body():
    """Control, on Euler's equations for the same motion."""
    l = sp.Matrix(sp.symbols("L_1:4", real=True))
    omega = sp.Matrix([x / m for x, m in zip(l, MOMENTS, strict=True)])
    euler = FirstOrderSystem(tuple(l), tuple(l.cross(omega)))
    L = np.array([0.5, 1.2, -0.3])
    run = integrate(euler, L, dt=0.4, steps=2000, method=RUNGE_KUTTA_4)
    turns = free_flight(L, 0.4, 800.0)
    for motion, lost in ((run, True), (turns, False)):
        momenta = [motion[f"L_{k}"] for k in (1, 2, 3)]
        change = np.abs(np.linalg.norm(momenta, axis=0) - np.linalg.norm(L)).max()
        assert change > 1e-4 if lost else change < 1e-13


def test_a_turn_the_wrong_way_is_no_free_body():
    """Control: with dL/dt = omega x L the attitude and L no longer fit together."""
    flows = {
        name: Flow(
            {
                x: e.subs(flow.tau, -flow.tau) if str(x).startswith("L") else e
                for x, e in flow.after.items()
            },
            flow.tau,
        )
        for name, flow in BODY.flows.items()
    }
    wrong = SplitSystem(BODY.groups, flows, energy=BODY.energy)
    L = np.array([0.5, 1.2, -0.3])
    run = free_flight(L, 0.05, 10.0, system=wrong)
    momenta = np.stack([run[f"L_{k}"] for k in (1, 2, 3)], axis=1)
    in_space = np.einsum("tij,tj->ti", rotations(run), momenta)
    assert np.abs(np.linalg.norm(in_space, axis=1) - np.linalg.norm(L)).max() < 1e-12
    assert np.abs(in_space - L).max() > 0.1


def test_a_body_flies_back_to_where_it_was():
    there = free_flight([0.5, 1.2, -0.3], 0.1, 50.0)
    back = integrate(
        BODY,
        there.end_groups,
        dt=-0.1,
        steps=500,
        method=BODY_STRANG,
        params=inertia(),
    )
    assert np.abs(back.end - there.states[0]).max() < 1e-11
    stages = tuple((name, 1.0) for name in BODY.flows)
    one_way = SplittingMethod("one after another", 1, stages, "a control")
    there = free_flight([0.5, 1.2, -0.3], 0.1, 50.0, one_way)
    back = integrate(
        BODY, there.end_groups, dt=-0.1, steps=500, method=one_way, params=inertia()
    )
    assert np.abs(back.end - there.states[0]).max() > 1e-3


def test_bodies_in_lanes_and_in_arrays():
    rng = np.random.default_rng(1)
    L = rng.normal(size=(3, 30))
    q = np.tile(np.array(LEVEL)[:, None], 30)
    runs = [
        integrate(
            BODY,
            (q, L),
            dt=0.05,
            steps=200,
            save="end",
            method=BODY_STRANG,
            params=inertia(),
            backend=backend,
        )
        for backend in ("numpy", "numba")
    ]
    np.testing.assert_allclose(runs[0].end, runs[1].end, atol=1e-12)
