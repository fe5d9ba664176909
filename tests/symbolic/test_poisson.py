"""Brackets: signs, Jacobi identity, Casimirs, rank, and the divergence of flows."""

import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_polynomials import sparse_polynomials

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.poisson import PoissonStructure, divergence
from mechanics.symbolic.zero import is_zero

q1, q2, p1, p2 = sp.symbols("q_1 q_2 p_1 p_2", real=True)
S1 = sp.symbols("S_1x S_1y S_1z", real=True)
S2 = sp.symbols("S_2x S_2y S_2z", real=True)
L = sp.symbols("L_1:4", real=True)
G = sp.symbols("g_1:4", real=True)

CANONICAL = PoissonStructure.canonical((q1, q2), (p1, p2))
SPIN = PoissonStructure.spins(S1)
SPINS = PoissonStructure.spins(S1, S2)
SPIN_LATTICE = PoissonStructure.product(
    PoissonStructure.canonical((q1,), (p1,)), PoissonStructure.spins(S1)
)


def heavy_top_constants():
    """{L_a, L_b} = -eps L_c, {L_a, g_b} = -eps g_c, {g_a, g_b} = 0: the body frame."""
    c = [[[0] * 6 for _ in range(6)] for _ in range(6)]
    for a in range(3):
        for b in range(3):
            for k in range(3):
                eps = sp.LeviCivita(a, b, k)
                c[a][b][k] = -eps
                c[a][b + 3][k + 3] = c[a + 3][b][k + 3] = -eps
    return c


HEAVY_TOP = PoissonStructure.lie_poisson((*L, *G), heavy_top_constants())
STRUCTURES = {
    "canonical": CANONICAL,
    "one spin": SPIN,
    "two spins": SPINS,
    "spin-lattice": SPIN_LATTICE,
    "heavy top": HEAVY_TOP,
}


def few(examples):
    slow = [HealthCheck.too_slow]
    return settings(max_examples=examples, suppress_health_check=slow)


def cross(a, b):
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_a_coordinate_and_its_momentum_have_bracket_plus_one():
    assert CANONICAL.bracket(q1, p1) == 1
    assert CANONICAL.bracket(p1, q1) == -1
    assert CANONICAL.bracket(q1, p2) == CANONICAL.bracket(q1, q2) == 0


@few(15)
@given(st.data())
def test_canonical_structure_agrees_with_hamiltonian_system(data):
    f, H = (data.draw(sparse_polynomials(CANONICAL.x)) for _ in range(2))
    system = HamiltonianSystem(H, (q1, q2), (p1, p2))
    assert is_zero(CANONICAL.bracket(f, H) - system.bracket(f, H))
    assert CANONICAL.vector_field(H) == system.vector_field


@pytest.mark.parametrize("name", STRUCTURES)
@few(8)
@given(data=st.data())
def test_bracket_is_antisymmetric_a_derivation_and_obeys_jacobi(name, data):
    structure = STRUCTURES[name]
    bracket = structure.bracket
    f, g, h = (data.draw(sparse_polynomials(structure.x)) for _ in range(3))
    assert is_zero(bracket(f, g) + bracket(g, f))
    assert is_zero(bracket(f * g, h) - f * bracket(g, h) - g * bracket(f, h))
    assert is_zero(
        bracket(f, bracket(g, h))
        + bracket(g, bracket(h, f))
        + bracket(h, bracket(f, g))
    )


@pytest.mark.parametrize("name", STRUCTURES)
def test_jacobi_identity_holds_for_all_triples(name):
    structure = STRUCTURES[name]
    n = len(structure.x)
    assert len(structure.jacobiator()) == n * (n - 1) * (n - 2) // 6
    assert structure.is_poisson


def test_made_up_antisymmetric_matrix_violates_jacobi():
    """{x, y} = 1, {y, z} = y, {z, x} = 0: the cyclic sum is {x, y} = 1."""
    x, y, z = sp.symbols("x y z", real=True)
    made_up = PoissonStructure((x, y, z), [[0, 1, 0], [-1, 0, y], [0, -y, 0]])
    assert made_up.jacobiator() == {(x, y, z): 1}
    assert not made_up.is_poisson


def test_jacobiator_in_three_dimensions_is_the_helicity_of_the_matrix():
    """B_ij = eps_ijk b_k is a Poisson bracket exactly if b . curl b = 0."""
    x = sp.symbols("x y z", real=True)
    for b in ((x[1], 0, 1), (x[0] * x[1], x[2] ** 2, x[0]), x):
        B = sp.Matrix(
            3, 3, lambda i, j, b=b: sum(sp.LeviCivita(i, j, k) * b[k] for k in range(3))
        )
        curl = [
            sp.diff(b[(i + 2) % 3], x[(i + 1) % 3])
            - sp.diff(b[(i + 1) % 3], x[(i + 2) % 3])
            for i in range(3)
        ]
        (defect,) = PoissonStructure(x, B).jacobiator().values()
        assert is_zero(defect + dot(b, curl))
        assert PoissonStructure(x, B).is_poisson == is_zero(dot(b, curl))


def test_spin_brackets_are_plus_epsilon():
    assert SPIN.bracket(S1[0], S1[1]) == S1[2]
    assert SPIN.bracket(S1[1], S1[2]) == S1[0]
    assert SPIN.bracket(S1[2], S1[0]) == S1[1]
    assert SPINS.bracket(S1[0], S2[1]) == 0


def test_spin_turns_about_its_field_as_gradient_cross_spin():
    """dS/dt = dH/dS x S for every H, and not S x dH/dS."""
    H = sp.Function("H")(*S1)
    gradient = [sp.diff(H, s) for s in S1]
    velocity = SPIN.vector_field(H)
    pairs = zip(velocity, cross(gradient, S1), cross(S1, gradient), strict=True)
    for found, right, opposite in pairs:
        assert is_zero(found - right)
        assert not is_zero(found - opposite)


def test_heisenberg_pair_conserves_total_spin_and_both_lengths():
    J, D = sp.symbols("J D", real=True)
    exchange = -J * dot(S1, S2)
    for a, b in zip(S1, S2, strict=True):
        assert is_zero(SPINS.bracket(a + b, exchange))
        assert not is_zero(SPINS.bracket(a, exchange))
    easy_axis = exchange - D * (S1[2] ** 2 + S2[2] ** 2)
    assert is_zero(SPINS.bracket(S1[2] + S2[2], easy_axis))
    assert not is_zero(SPINS.bracket(S1[0] + S2[0], easy_axis))


def test_length_of_each_spin_is_a_casimir_and_their_angle_is_not():
    assert SPINS.casimir_defect(dot(S1, S1)) == (0,) * 6
    assert SPINS.casimir_defect(dot(S2, S2)) == (0,) * 6
    assert SPINS.casimir_defect(dot(S1, S2)) != (0,) * 6
    assert SPINS.casimir_defect(S1[2]) != (0,) * 6


def test_spin_lattice_has_force_from_exchange_and_torque_on_spins():
    """H = p^2/2m + V - J(q) S1.S2: dp/dt = J'(q) S1.S2 - V', dS1/dt = -J S2 x S1."""
    m = sp.Symbol("m", positive=True)
    J, V = sp.Function("J")(q1), sp.Function("V")(q1)
    structure = PoissonStructure.product(
        PoissonStructure.canonical((q1,), (p1,)), PoissonStructure.spins(S1, S2)
    )
    H = p1**2 / (2 * m) + V - J * dot(S1, S2)
    expected = (
        p1 / m,
        sp.diff(J, q1) * dot(S1, S2) - sp.diff(V, q1),
        *(-J * torque for torque in cross(S2, S1)),
        *(-J * torque for torque in cross(S1, S2)),
    )
    velocity = structure.vector_field(H)
    assert all(is_zero(a - b) for a, b in zip(velocity, expected, strict=True))
    assert is_zero(structure.time_derivative(H, H))


def test_euler_and_heavy_top_equations_in_the_body_frame():
    """dL/dt = L x w + m g l x gravity, dg/dt = g x w, with Casimirs g.g and L.g."""
    inertia = sp.symbols("I_1:4", positive=True)
    centre = sp.symbols("r_1:4", real=True)
    H = sum(x**2 / (2 * i) for x, i in zip(L, inertia, strict=True)) + dot(centre, G)
    w = [x / i for x, i in zip(L, inertia, strict=True)]
    torque = cross(G, centre)
    expected = (
        *(a + b for a, b in zip(cross(L, w), torque, strict=True)),
        *cross(G, w),
    )
    velocity = HEAVY_TOP.vector_field(H)
    assert all(is_zero(a - b) for a, b in zip(velocity, expected, strict=True))
    assert HEAVY_TOP.casimir_defect(dot(G, G)) == (0,) * 6
    assert HEAVY_TOP.casimir_defect(dot(L, G)) == (0,) * 6
    assert HEAVY_TOP.casimir_defect(dot(L, L)) != (0,) * 6


@pytest.mark.parametrize(
    ("name", "rank"),
    [
        ("canonical", 4),
        ("one spin", 2),
        ("two spins", 4),
        ("spin-lattice", 4),
        ("heavy top", 4),
    ],
)
def test_generic_rank(name, rank):
    assert STRUCTURES[name].rank() == rank


def test_rank_of_so5_is_eight_with_two_casimirs():
    pairs = [(i, j) for i in range(5) for j in range(i + 1, 5)]

    def generator(i, j):
        return sp.Matrix(
            5, 5, lambda a, b: int((a, b) == (i, j)) - int((b, a) == (i, j))
        )

    E = [generator(*pair) for pair in pairs]
    c = [[[(A * B - B * A)[pair] for pair in pairs] for B in E] for A in E]
    x = sp.symbols("x_1:11", real=True)
    so5 = PoissonStructure.lie_poisson(x, c)
    assert so5.rank() == 8
    X = sum((s * A for s, A in zip(x, E, strict=True)), sp.zeros(5))
    for power in (2, 4):
        assert so5.casimir_defect((X**power).trace()) == (0,) * 10


def test_rank_sees_through_trigonometric_identities():
    """The Pfaffian B_12 B_34 - B_13 B_24 = (sin^2 - 1) + cos^2 vanishes."""
    x = sp.symbols("x_1:5", real=True)
    c, s = sp.cos(x[0]), sp.sin(x[0])
    upper = {(0, 1): 1, (2, 3): s**2 - 1, (0, 2): c, (1, 3): -c}
    B = sp.Matrix(4, 4, lambda i, j: upper.get((i, j), 0) - upper.get((j, i), 0))
    assert PoissonStructure(x, B).rank() == 2


def test_rank_of_the_zero_bracket_is_zero():
    assert PoissonStructure((q1, q2), sp.zeros(2)).rank() == 0


def test_explicit_time_dependence_adds_to_the_bracket():
    t = sp.Symbol("t", real=True)
    f, H = q1 - p1 * t, p1**2 / 2
    assert is_zero(CANONICAL.time_derivative(f, H, t))
    assert not is_zero(CANONICAL.time_derivative(f, H))


def test_symplectic_and_gradient_flows_have_the_right_divergence():
    H = sp.Function("H")(q1, q2, p1, p2)
    assert is_zero(divergence(CANONICAL.vector_field(H), CANONICAL.x))
    friction = sp.Symbol("gamma", positive=True)
    damped = (p1, p2, -q1 - friction * p1, -q2 - friction * p2)
    assert divergence(damped, CANONICAL.x) == -2 * friction


@pytest.mark.parametrize("g", [1, 2, 3, 4])
def test_isokinetic_thermostat_contracts_at_the_rate_of_g_minus_one(g):
    """AMM-35, with unequal masses; a multiplier left as a symbol gives -g alpha."""
    q, p = sp.symbols(f"q_1:{g + 1}", real=True), sp.symbols(f"p_1:{g + 1}", real=True)
    m = sp.symbols(f"m_1:{g + 1}", positive=True)
    F = [sp.Function(f"F_{i}")(*q) for i in range(g)]
    v = [pi / mi for pi, mi in zip(p, m, strict=True)]
    alpha = dot(F, v) / dot(p, v)
    force = [Fi - alpha * pi for Fi, pi in zip(F, p, strict=True)]
    assert is_zero(dot(force, v)), "the kinetic energy is constant"
    assert is_zero(divergence((*v, *force), (*q, *p)) + (g - 1) * alpha)
    symbol = sp.Symbol("alpha", real=True)
    frozen = [Fi - symbol * pi for Fi, pi in zip(F, p, strict=True)]
    assert is_zero(divergence((*v, *frozen), (*q, *p)) + g * symbol)


def test_matrix_that_is_not_antisymmetric_is_rejected_by_pair():
    with pytest.raises(ValueError, match=r"\{q_1, p_1\} = 1 but \{p_1, q_1\} = 1"):
        PoissonStructure((q1, p1), [[0, 1], [1, 0]])
    with pytest.raises(ValueError, match=r"\{q_1, q_1\} = 1"):
        PoissonStructure((q1, p1), [[1, 1], [-1, 0]])
    with pytest.raises(ValueError, match=r"2 variables but a matrix of shape \(1, 2\)"):
        PoissonStructure((q1, p1), [[0, 1]])


def test_structure_constants_that_are_no_lie_algebra_are_rejected_by_triple():
    x = sp.symbols("x y z", real=True)
    c = [[[0] * 3 for _ in range(3)] for _ in range(3)]
    c[0][1][2] = 1
    with pytest.raises(ValueError, match=r"not antisymmetric at \(x, y, z\)"):
        PoissonStructure.lie_poisson(x, c)
    c[1][0][2] = -1
    assert PoissonStructure.lie_poisson(x, c).is_poisson, "Heisenberg's algebra"
    c[1][2][1], c[2][1][1] = 1, -1
    with pytest.raises(ValueError, match=r"violate the Jacobi identity at \(x, y, z\)"):
        PoissonStructure.lie_poisson(x, c)
    with pytest.raises(
        ValueError, match=r"c\[i\]\[j\]\[k\] needs the shape \(2, 2, 2\)"
    ):
        PoissonStructure.lie_poisson(x[:2], c)


def test_symbols_that_would_be_missed_are_rejected():
    twin = sp.Symbol("q_1", positive=True)
    with pytest.raises(ValueError, match="q_1 has the name of a variable"):
        CANONICAL.bracket(twin, p1)
    with pytest.raises(ValueError, match="q_1 has the name of a variable"):
        CANONICAL.vector_field(twin**2)
    with pytest.raises(ValueError, match="q_1 has the name of a variable"):
        divergence((twin, p1), (q1, p1))
    with pytest.raises(ValueError, match="S_1x, S_1y, S_1z appear twice"):
        PoissonStructure.spins(S1, S1)


def test_wrong_counts_are_rejected():
    with pytest.raises(ValueError, match="2 coordinates but 1 momenta"):
        PoissonStructure.canonical((q1, q2), (p1,))
    with pytest.raises(ValueError, match="a spin has three components, not the 2"):
        PoissonStructure.spins((S1, S2))
    with pytest.raises(ValueError, match="1 velocities for 2 variables"):
        divergence((p1,), (q1, p1))
