"""Canonical maps against results worked out by hand and against the motion itself."""

from dataclasses import replace

import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_polynomials import sparse_polynomials

from mechanics.symbolic.canonical import CanonicalMap, NotCanonicalError
from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.inversion import BranchError
from mechanics.symbolic.zero import is_zero

q, p, Q, P, t, u = sp.symbols("q p Q P t u", real=True)
m, omega = sp.symbols("m omega", positive=True)
ONE = ((q,), (p,), (Q,), (P,))
q2, p2, Q2, P2 = (sp.symbols(f"{s}_1 {s}_2", real=True) for s in "qpQP")
TWO = (q2, p2, Q2, P2)
OSCILLATOR = HamiltonianSystem(p**2 / 2 + omega**2 * q**2 / 2, (q,), (p,))
generating = CanonicalMap.from_generating_function


def few(examples):
    """Drawing a map means solving for it, which is slow and meant to be."""
    slow = [HealthCheck.too_slow]
    return settings(max_examples=examples, suppress_health_check=slow)


def vanishes(matrix):
    return all(is_zero(entry) for entry in matrix)


def passes_every_check(canonical):
    return (
        canonical.is_canonical
        and vanishes(canonical.bracket_defect())
        and vanishes(canonical.symplectic_defect())
        and vanishes(canonical.direct_conditions())
    )


def hamilton_defect(canonical, system, new_system):
    """Velocity of (Q, P) along the old motion, minus the one that K gives."""
    there = dict(zip(canonical.new, canonical.forward, strict=True))
    for f, velocity in zip(canonical.forward, new_system.vector_field, strict=True):
        moved = sum(
            sp.diff(f, z) * rate
            for z, rate in zip(canonical.old, system.vector_field, strict=True)
        )
        drift = 0 if canonical.t is None else sp.diff(f, canonical.t)
        yield moved + drift - velocity.subs(there, simultaneous=True).doit()


def follows_the_motion(canonical, system):
    new_system = canonical.transform(system)
    return vanishes(hamilton_defect(canonical, system, new_system))


# --- the four kinds of generating functions


def rotation(kind, angle):
    """Generators of Q = q cos a + p sin a, P = p cos a - q sin a, found by hand."""
    c, s = sp.cos(angle), sp.sin(angle)
    return {
        1: (q * Q - (q**2 + Q**2) * c / 2) / s,
        2: (q * P + (q**2 + P**2) * s / 2) / c,
        3: (-p * Q + (p**2 + Q**2) * s / 2) / c,
        4: (p * P - (p**2 + P**2) * c / 2) / s,
    }[kind]


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_all_four_kinds_generate_the_same_rotation_of_phase_space(kind):
    a = sp.Symbol("a", real=True)
    turned = generating(rotation(kind, a), *ONE, kind=kind)
    c, s = sp.cos(a), sp.sin(a)
    expected = (q * c + p * s, p * c - q * s)
    inverse = (Q * c - P * s, P * c + Q * s)
    assert vanishes(x - y for x, y in zip(turned.forward, expected, strict=True))
    assert vanishes(x - y for x, y in zip(turned.backward, inverse, strict=True))
    assert passes_every_check(turned)


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_rotating_against_the_oscillator_brings_it_to_rest(kind):
    """With Q, P turning backwards at the oscillator's frequency, K = 0."""
    system = HamiltonianSystem(omega * (p**2 + q**2) / 2, (q,), (p,))
    rest = generating(rotation(kind, -omega * t), *ONE, kind=kind, t=t)
    assert is_zero(rest.transform(system).H)
    with_the_motion = generating(rotation(kind, omega * t), *ONE, kind=kind, t=t)
    K = with_the_motion.transform(system).H
    assert is_zero(K - omega * (P**2 + Q**2)), "twice as fast the other way round"


def test_identity_and_exchange_have_the_textbook_generators():
    """F2 = qP and F3 = -pQ are the identity; F1 = qQ and F4 = pP exchange q and p."""
    assert generating(q * P, *ONE, kind=2).forward == (q, p)
    assert generating(-p * Q, *ONE, kind=3).forward == (q, p)
    assert generating(q * Q, *ONE, kind=1).forward == (p, -q)
    assert generating(p * P, *ONE, kind=4).forward == (p, -q)


def test_the_identity_has_no_generator_of_the_first_kind():
    for F in (0, q**2 + Q**2, sp.sin(q) - Q):
        with pytest.raises(ValueError, match=r"mixed Hessian of F1 .* is singular"):
            generating(F, *ONE, kind=1)
    with pytest.raises(ValueError, match=r"mixed Hessian of F2 .*\(q_1, q_2\)"):
        generating((q2[0] + q2[1]) * (P2[0] + P2[1]), *TWO, kind=2)


@st.composite
def generated_maps(draw, names=TWO, t=None):
    """F = a.C.A + V(a, t) + W(A, t), of any kind, with a regular integer matrix C."""
    kind = draw(st.integers(1, 4))
    a = names[0] if kind in (1, 2) else names[1]
    A = names[2] if kind in (1, 3) else names[3]
    integers = st.integers(-2, 2)
    C = sp.Matrix(2, 2, [draw(integers) for _ in range(4)])
    if C.det() == 0:
        C = sp.eye(2)
    time = () if t is None else (t,)
    F = (sp.Matrix([a]) * C * sp.Matrix(A))[0]
    F += draw(sparse_polynomials((*a, *time))) + draw(sparse_polynomials((*A, *time)))
    return generating(F, *names, kind=kind, t=t)


@few(8)
@given(generated_maps())
def test_random_generating_functions_give_canonical_maps(canonical):
    assert passes_every_check(canonical)
    assert passes_every_check(canonical.inverse())


@few(5)
@given(generated_maps(), sparse_polynomials((*q2, *p2)), st.integers(0, 3))
def test_perturbed_maps_are_rejected_by_every_check(canonical, bump, index):
    """Stretching one new variable by (1 + b^2), b(q, p), spoils its pair's bracket."""
    forward = list(canonical.forward)
    forward[index] = forward[index] * (2 + bump**2)
    perturbed = replace(canonical, forward=forward, backward=None)
    assert not perturbed.is_canonical
    assert not vanishes(perturbed.symplectic_defect())
    with pytest.raises(NotCanonicalError, match=r"the map is not canonical: \{"):
        perturbed.transform(HamiltonianSystem(0, q2, p2))


@few(6)
@given(generated_maps(t=t), sparse_polynomials((*q2, *p2, t)))
def test_random_time_dependent_maps_follow_the_motion(canonical, H):
    assert follows_the_motion(canonical, HamiltonianSystem(H, q2, p2, t))


@few(6)
@given(generated_maps(t=t))
def test_time_term_derived_from_the_map_is_that_of_its_generator(canonical):
    derived = replace(canonical, rate=None).dF_dt
    difference = sp.expand(derived - canonical.dF_dt)
    assert not difference.has(*canonical.old), "equal up to a function of time"


def test_without_its_time_term_a_moving_frame_gives_the_wrong_motion():
    boost = generating((q - u * t) * (P + m * u), *ONE, kind=2, t=t)
    free = HamiltonianSystem(p**2 / (2 * m), (q,), (p,))
    assert follows_the_motion(boost, free)
    H = free.H.subs(p, boost.backward[1])
    forgotten = HamiltonianSystem(H, (Q,), (P,), t)
    assert not vanishes(hamilton_defect(boost, free, forgotten))


# --- worked examples of the texts


def pendulum_map():
    """HM-eq-3.4.6 and 3.4.7, in the quadrant where the arctangent is the angle."""
    x, k, action = sp.symbols("q p P", positive=True)
    return CanonicalMap(
        (x,),
        (k,),
        (Q,),
        (action,),
        (sp.atan(omega * x / k), (k**2 + omega**2 * x**2) / (2 * omega)),
        (
            sp.sqrt(2 * action / omega) * sp.sin(Q),
            sp.sqrt(2 * omega * action) * sp.cos(Q),
        ),
    )


def test_linear_pendulum_becomes_a_uniform_rotation():
    """HM-3.4.2: canonical, and K = omega P, so Q advances at the rate omega."""
    pendulum = pendulum_map()
    (x,), (k,), (action,) = pendulum.q, pendulum.p, pendulum.P
    assert passes_every_check(pendulum)
    assert passes_every_check(pendulum.inverse())
    old = HamiltonianSystem(k**2 / 2 + omega**2 * x**2 / 2, (x,), (k,))
    new = pendulum.transform(old)
    assert is_zero(new.H - omega * action)
    assert vanishes(hamilton_defect(pendulum, old, new))
    back = pendulum.inverse().transform(HamiltonianSystem(new.H, (Q,), (action,)))
    assert is_zero(back.H - old.H)


def test_linear_pendulum_from_its_generating_function():
    """HM-3.4.3: F1 = (omega/2) q^2 cot Q; its inverse has two branches."""
    action = sp.Symbol("P", positive=True)
    names = ((q,), (p,), (Q,), (action,))
    F1 = omega * q**2 * sp.cot(Q) / 2
    with pytest.raises(BranchError, match=r"2 branches for \(q,\): \{q: .*\}; \{q: "):
        generating(F1, *names, kind=1)
    for side in (1, -1):
        amplitude = side * sp.sqrt(2 * action / omega)
        canonical = generating(F1, *names, kind=1, branch={q: amplitude * sp.sin(Q)})
        expected = (amplitude * sp.sin(Q), amplitude * omega * sp.cos(Q))
        found = zip(canonical.backward, expected, strict=True)
        assert vanishes(a - b for a, b in found)
        assert is_zero(canonical.forward[1] - OSCILLATOR.H / omega)
        assert is_zero(canonical.transform(OSCILLATOR).H - omega * action)


def test_preserving_the_equations_of_one_hamiltonian_is_not_enough():
    """Q = 2q, P = 2p: the oscillator keeps its form, but {Q, P} = 4."""
    scaled = CanonicalMap(*ONE, (2 * q, 2 * p), (Q / 2, P / 2))
    same = HamiltonianSystem(P**2 / 2 + omega**2 * Q**2 / 2, (Q,), (P,))
    assert vanishes(hamilton_defect(scaled, OSCILLATOR, same))
    with pytest.raises(NotCanonicalError, match=r"\{Q, P\} = 4 instead of 1"):
        scaled.transform(OSCILLATOR)


def test_logarithm_map_is_canonical():
    """CCM-9.P1 claims that Q = ln(1 + sqrt(q) cos p) is canonical: it is."""
    x = sp.Symbol("q", positive=True)
    r = 1 + sp.sqrt(x) * sp.cos(p)
    momentum = 2 * r * sp.sqrt(x) * sp.sin(p)
    canonical = CanonicalMap((x,), (p,), (Q,), (P,), (sp.log(r), momentum))
    assert canonical.is_canonical
    assert vanishes(canonical.symplectic_defect())
    halved = replace(canonical, forward=(sp.log(r), momentum / 2))
    with pytest.raises(NotCanonicalError, match=r"\{Q, P\}"):
        halved.require_canonical()


def test_partial_derivative_printed_with_the_logarithm_map_is_wrong():
    """CCM-9.P1: the first term of dP/dq is sin p cos p, without 1/sqrt(q)."""
    x = sp.Symbol("q", positive=True)
    root, r = sp.sqrt(x), 1 + sp.sqrt(x) * sp.cos(p)
    slope = sp.diff(2 * r * root * sp.sin(p), x)
    assert is_zero(slope - sp.sin(p) * sp.cos(p) - r * sp.sin(p) / root)
    assert not is_zero(slope - sp.sin(p) * sp.cos(p) / root - r * sp.sin(p) / root)


def test_squared_coordinate_is_a_point_transformation():
    """CCM-9.P2: F2 = q^2 P gives Q = q^2, P = p/(2q), with two inverses."""
    with pytest.raises(BranchError, match=r"\{q: -sqrt\(Q\)\}; \{q: sqrt\(Q\)\}"):
        generating(q**2 * P, *ONE, kind=2)
    left = generating(q**2 * P, *ONE, kind=2, branch={q: -sp.sqrt(Q)})
    assert left.forward == (q**2, p / (2 * q))
    assert left.backward == (-sp.sqrt(Q), -2 * P * sp.sqrt(Q))
    assert passes_every_check(left)
    names = ((q,), (p,), (Q,), (P,))
    point = CanonicalMap.point_transformation((q**2,), *names, branch={q: -sp.sqrt(Q)})
    assert point == left


def test_exchange_of_coordinate_and_momentum():
    """CCM-9.P3: K = (P^2 + Q^2)/2; with the other sign it is not canonical."""
    exchange = CanonicalMap(*ONE, (p, -q))
    system = HamiltonianSystem((p**2 + q**2) / 2, (q,), (p,))
    assert exchange.transform(system).H == P**2 / 2 + Q**2 / 2
    assert exchange.solve_inverse().backward == (-P, Q)
    with pytest.raises(NotCanonicalError, match=r"\{Q, P\} = -1 instead of 1"):
        CanonicalMap(*ONE, (p, q)).transform(system)


def test_centre_of_mass_and_relative_coordinate_in_one_dimension():
    """CCM-9.W: r = q1 - q2 has the momentum (m2 p1 - m1 p2)/(m1 + m2)."""
    m1, m2 = sp.symbols("m_1 m_2", positive=True)
    centre = (m1 * q2[0] + m2 * q2[1]) / (m1 + m2)
    pair = CanonicalMap.point_transformation((centre, q2[0] - q2[1]), *TWO)
    expected = (p2[0] + p2[1], (m2 * p2[0] - m1 * p2[1]) / (m1 + m2))
    assert vanishes(a - b for a, b in zip(pair.forward[2:], expected, strict=True))
    assert passes_every_check(pair)


def test_diatomic_molecule_decouples_in_space():
    """AMM-31: with r = q2 - q1 and V = k r^4, K = P_R^2/2M + P_r^2/2mu + k r^4."""
    m1, m2 = sp.symbols("m_1 m_2", positive=True)
    a, b, R, r = (sp.symbols(f"{s}_x:z", real=True) for s in ("a", "b", "R", "r"))
    pa, pb, PR, Pr = (
        sp.symbols(f"{s}_x:z", real=True) for s in ("p_a", "p_b", "P_R", "P_r")
    )
    M = m1 + m2
    molecule = CanonicalMap.point_transformation(
        (
            *((m1 * x + m2 * y) / M for x, y in zip(a, b, strict=True)),
            *(y - x for x, y in zip(a, b, strict=True)),
        ),
        (*a, *b),
        (*pa, *pb),
        (*R, *r),
        (*PR, *Pr),
    )
    assert molecule.is_canonical
    assert vanishes(
        found - (m1 * y - m2 * x) / M
        for found, x, y in zip(molecule.forward[9:], pa, pb, strict=True)
    )
    k = sp.Symbol("k", positive=True)
    H = sum(x**2 / (2 * m1) + y**2 / (2 * m2) for x, y in zip(pa, pb, strict=True))
    H += k * sum((y - x) ** 2 for x, y in zip(a, b, strict=True)) ** 2
    K = molecule.transform(HamiltonianSystem(H, (*a, *b), (*pa, *pb))).H
    by_hand = sum(
        x**2 / (2 * M) + y**2 * M / (2 * m1 * m2) for x, y in zip(PR, Pr, strict=True)
    )
    assert is_zero(K - by_hand - k * sum(x**2 for x in r) ** 2)


def test_kick_by_any_potential_is_canonical():
    """F2 = qP + V(q) with V left open: P = p - V'(q), as in a splitting step."""
    V = sp.Function("V")
    kick = generating(q * P + V(q), *ONE, kind=2)
    assert kick.forward == (q, p - sp.diff(V(q), q))
    assert passes_every_check(kick)
    K = kick.transform(HamiltonianSystem(p**2 / 2, (q,), (p,))).H
    assert is_zero(K - (P + sp.diff(V(Q), Q)) ** 2 / 2)


# --- time-dependent maps


def test_galilean_boost_shifts_the_momentum():
    """F2 = (q - ut)(P + mu): K = P^2/2m + V(Q + ut) - mu^2/2."""
    V = sp.Function("V")
    boost = generating((q - u * t) * (P + m * u), *ONE, kind=2, t=t)
    system = HamiltonianSystem(p**2 / (2 * m) + V(q), (q,), (p,))
    assert boost.forward == (q - t * u, p - m * u)
    K = boost.transform(system).H
    assert is_zero(K - P**2 / (2 * m) - V(Q + u * t) + m * u**2 / 2)
    assert vanishes(hamilton_defect(boost, system, boost.transform(system)))


def test_accelerated_frame_feels_an_inertial_force():
    """Q = q - a(t), P = p - m a'(t), given without a generator: dP/dt = -m a''."""
    a = sp.Function("a")(t)
    velocity, acceleration = sp.diff(a, t), sp.diff(a, t, 2)
    frame = CanonicalMap(*ONE, (q - a, p - m * velocity), t=t)
    free = HamiltonianSystem(p**2 / (2 * m), (q,), (p,))
    new = frame.transform(free)
    assert is_zero(new.vector_field[0] - P / m)
    assert is_zero(new.vector_field[1] + m * acceleration)
    assert vanishes(hamilton_defect(frame, free, new))


def test_rotating_frame_subtracts_the_angular_momentum():
    """K = H - Omega L in a frame that turns with Omega, with and without F2."""
    W = sp.Symbol("Omega", real=True)
    c, s = sp.cos(W * t), sp.sin(W * t)
    (x, y), (px, py) = q2, p2
    turned = (c * x + s * y, c * y - s * x)
    V = sp.Function("V")
    system = HamiltonianSystem(
        (px**2 + py**2) / (2 * m) + V(sp.sqrt(x**2 + y**2)), q2, p2
    )
    angular_momentum = Q2[0] * P2[1] - Q2[1] * P2[0]
    by_hand = (P2[0] ** 2 + P2[1] ** 2) / (2 * m) - W * angular_momentum
    generated = CanonicalMap.point_transformation(turned, *TWO, t=t)
    given = CanonicalMap(*TWO, (*turned, c * px + s * py, c * py - s * px), t=t)
    for frame in (generated, given):
        K = sp.simplify(frame.transform(system).H)
        assert is_zero(K - by_hand - V(sp.sqrt(Q2[0] ** 2 + Q2[1] ** 2)))
    assert is_zero(given.inverse().dF_dt - W * angular_momentum)


def test_time_dependent_scaling_gives_the_hubble_term():
    """Q = q/b(t), P = b p: K = P^2/(2 b^2) - (b'/b) Q P."""
    b = sp.Function("b")(t)
    comoving = CanonicalMap.point_transformation((q / b,), *ONE, t=t)
    K = comoving.transform(HamiltonianSystem(p**2 / 2, (q,), (p,))).H
    assert is_zero(K - P**2 / (2 * b**2) + sp.diff(b, t) / b * Q * P)


# --- checks that must not be fooled


def test_right_pairs_with_a_wrong_bracket_between_coordinates_are_rejected():
    """{Q_i, P_j} = delta_ij throughout, and yet {Q_1, Q_2} = 1."""
    q_1, q_2 = q2
    p_1, p_2 = p2
    fooled = CanonicalMap(*TWO, (q_1, q_2 + p_1, p_1, p_2))
    pairs = fooled.brackets()[:2, 2:]
    assert pairs == sp.eye(2)
    assert not fooled.is_canonical
    assert not vanishes(fooled.symplectic_defect())
    assert not vanishes(fooled.direct_conditions())
    with pytest.raises(NotCanonicalError, match=r": \{Q_1, Q_2\} = 1 instead of 0$"):
        fooled.transform(HamiltonianSystem(p_1**2, q2, p2))


def test_unit_jacobian_is_not_enough_in_four_dimensions():
    """HM-3.4.1: (2 q1, q2/2, p1, p2) keeps the volume and is not canonical."""
    squeezed = CanonicalMap(*TWO, (2 * q2[0], q2[1] / 2, *p2))
    assert squeezed.jacobian.det() == 1
    with pytest.raises(
        NotCanonicalError, match=r"\{Q_1, P_1\} = 2 .*; \{Q_2, P_2\} = 1/2"
    ):
        squeezed.require_canonical()


# --- composition and inverse


def test_composition_applies_the_right_hand_map_first():
    X, Y = sp.symbols("X Y", real=True)
    first = generating(q * P + q**3, *ONE, kind=2)
    second = generating(Q * X + Q**2, (Q,), (P,), (X,), (Y,), kind=1)
    both = second @ first
    assert both == second.compose(first)
    kicked = p - 3 * q**2
    by_hand = (kicked - 2 * q, -q)
    assert vanishes(a - b for a, b in zip(both.forward, by_hand, strict=True))
    assert passes_every_check(both)
    chain = second.jacobian.subs({Q: q, P: kicked}) * first.jacobian
    assert vanishes(both.jacobian - chain)
    with pytest.raises(ValueError, match=r"ends in \(X, Y\), the second starts from"):
        first @ second


@few(5)
@given(st.data())
def test_composed_maps_transform_like_one_after_the_other(data):
    X = sp.symbols("X_1 X_2", real=True)
    Y = sp.symbols("Y_1 Y_2", real=True)
    first = data.draw(generated_maps(t=t))
    kick = data.draw(sparse_polynomials((*Q2, t)))
    F2 = Q2[0] * Y[0] + Q2[1] * Y[1] + kick
    second = generating(F2, Q2, P2, X, Y, kind=2, t=t)
    system = HamiltonianSystem(data.draw(sparse_polynomials((*q2, *p2), 2)), q2, p2)
    step_by_step = second.transform(first.transform(system))
    at_once = (second @ first).transform(system)
    assert is_zero(at_once.H - step_by_step.H)
    assert is_zero(first.inverse().transform(first.transform(system)).H - system.H)


def test_map_after_its_inverse_is_the_identity():
    canonical = generating(rotation(2, omega * t), *ONE, kind=2, t=t)
    back = canonical.inverse()
    there = dict(zip(canonical.new, canonical.forward, strict=True))
    assert vanishes(
        f.subs(there, simultaneous=True) - z
        for f, z in zip(back.forward, canonical.old, strict=True)
    )
    assert is_zero(back.dF_dt.subs(there, simultaneous=True) + canonical.dF_dt)


# --- branches, inverses and bad input


def test_a_branch_is_named_by_its_expression():
    F = q**3 * P / 3
    assert generating(F, *ONE, kind=2, branch={P: p / q**2, q: sp.cbrt(3 * Q)})
    with pytest.raises(BranchError, match=r"the branch \{q: 2\*Q\} does not solve"):
        generating(F, *ONE, kind=2, branch={q: 2 * Q})
    with pytest.raises(
        BranchError, match=r"names p; the unknowns are P .* q \(inverse"
    ):
        generating(F, *ONE, kind=2, branch={p: Q})


def test_a_branch_named_in_part_selects_among_the_solutions():
    """Q = q1^2, q2^2: four inverses; the sign of q1 alone leaves two."""
    F = q2[0] ** 2 * P2[0] + q2[1] ** 2 * P2[1]
    minus = {q2[0]: -sp.sqrt(Q2[0])}
    with pytest.raises(BranchError, match=r"4 branches for \(q_1, q_2\), 2 of them"):
        generating(F, *TWO, kind=2, branch=minus)
    chosen = generating(
        F, *TWO, kind=2, branch=minus | {q2[1]: sp.sqrt(Q2[1])}
    ).backward
    assert chosen[:2] == (-sp.sqrt(Q2[0]), sp.sqrt(Q2[1]))


def test_inverse_is_solved_for_when_needed_and_asks_for_its_branch():
    fold = CanonicalMap(*ONE, (q**2, p / (2 * q)))
    free = HamiltonianSystem(p**2 / 2, (q,), (p,))
    with pytest.raises(BranchError, match=r"2 branches for \(q, p\)"):
        fold.transform(free)
    solved = fold.solve_inverse({q: sp.sqrt(Q)})
    assert solved.transform(free).H == 2 * P**2 * Q


def test_generator_whose_inverse_sympy_cannot_find_still_gives_the_map():
    """Q = q + q^5 cannot be inverted in radicals."""
    quintic = CanonicalMap.point_transformation((q + q**5,), *ONE)
    assert quintic.forward == (q**5 + q, p / (5 * q**4 + 1))
    assert quintic.is_canonical
    assert quintic.backward is None
    unsolved = r"cannot solve .* for \(q, p\); give the solution as branch="
    with pytest.raises(NotImplementedError, match=unsolved):
        quintic.transform(OSCILLATOR)
    with pytest.raises(NotImplementedError, match=r"cannot solve .* for \(P,\)"):
        generating(q * P + q * P**6, *ONE, kind=2)


def test_wrong_inverse_is_rejected():
    with pytest.raises(ValueError, match="backward is not the inverse of forward"):
        CanonicalMap(*ONE, (2 * q, p / 2), (Q / 2, P / 2))
    with pytest.raises(ValueError, match="backward is not the inverse of forward"):
        CanonicalMap(*ONE, (sp.exp(q), p * sp.exp(-q)), (sp.log(Q), P))


def test_wrong_time_term_is_rejected():
    frame = CanonicalMap(*ONE, (q - u * t, p), (Q + u * t, P), t=t, rate=u * p)
    with pytest.raises(ValueError, match=r"with respect to p should be -u; leave it"):
        frame.transform(OSCILLATOR)


def test_time_term_that_sympy_cannot_integrate_is_an_error():
    f = sp.Function("f")
    kicked = CanonicalMap(*ONE, (q, p - t * f(q)), t=t)
    with pytest.raises(NotImplementedError, match=r"cannot integrate dF/dt .* rate="):
        _ = kicked.dF_dt
    W = sp.Function("W")(q)
    known = CanonicalMap(*ONE, (q, p - t * sp.diff(W, q)), t=t, rate=W)
    assert known.dF_dt == W


def test_symbols_of_time_must_agree():
    frame = CanonicalMap.point_transformation((q - u * t,), *ONE, t=t)
    T = sp.Symbol("T", real=True)
    driven = HamiltonianSystem(p**2 / 2 - q * sp.cos(T), (q,), (p,), T)
    with pytest.raises(ValueError, match="two symbols of time, T, t"):
        frame.transform(driven)
    timeless = CanonicalMap.point_transformation((q - u * T,), *ONE)
    with pytest.raises(ValueError, match="T is the time of one and a parameter"):
        timeless.transform(driven)


def test_variables_must_stand_on_their_own_side():
    with pytest.raises(ValueError, match=r"forward holds Q in Q \+ q"):
        CanonicalMap(*ONE, (q + Q, p))
    with pytest.raises(ValueError, match="backward holds q in q"):
        CanonicalMap(*ONE, (q, p), (q, P))
    with pytest.raises(ValueError, match=r"F2 holds Q in .* it is a function of q, P"):
        generating(q * Q, *ONE, kind=2)
    with pytest.raises(ValueError, match="the symbols q appear twice"):
        CanonicalMap((q,), (p,), (q,), (P,), (1, 1))
    with pytest.raises(ValueError, match="q has the name of a variable"):
        CanonicalMap(*ONE, (sp.Symbol("q"), p))
    with pytest.raises(ValueError, match=r"the map starts from \(q, p\), the system"):
        CanonicalMap(*ONE, (q, p)).transform(HamiltonianSystem(0, q2, p2))


def test_wrong_counts_are_rejected():
    with pytest.raises(ValueError, match="1 expressions forward"):
        CanonicalMap(*ONE, (q,))
    with pytest.raises(ValueError, match="2 functions for 1 new momenta"):
        CanonicalMap.point_transformation((q, q), *ONE)
    with pytest.raises(ValueError, match="kind=5"):
        generating(q * P, *ONE, kind=5)
