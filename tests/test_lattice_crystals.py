"""Crystals, their reciprocal lattice, meshes, neighbours and static energies."""

import numpy as np
import pytest
from ase.build import bulk
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_samples import LJ, crystals

from mechanics.lattice import (
    CONVENTIONAL,
    Crystal,
    CutoffError,
    ForceConstants,
    bcc,
    diamond,
    equilibrium,
    fcc,
    frequencies,
    hcp,
    lattice_points,
    lattice_sum,
    neighbours,
    q_mesh,
    q_path,
    rocksalt,
    special_points,
    squared_frequencies,
    static_energy,
)
from mechanics.potentials import morse, soft_sphere

SKEW = np.array([[1, 1, 0], [0, 2, -1], [1, 0, 2]])


# Geometry


@given(crystals())
@settings(max_examples=25)
def test_the_reciprocal_lattice_is_dual(crystal):
    product = crystal.cell @ crystal.reciprocal.T
    np.testing.assert_allclose(product, 2 * np.pi * np.eye(3), atol=1e-12)
    zone = abs(np.linalg.det(crystal.reciprocal))
    assert zone * crystal.volume == pytest.approx((2 * np.pi) ** 3, rel=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (fcc(3.6, 63.546, "Cu"), bulk("Cu", "fcc", a=3.6)),
        (bcc(2.87, 55.845, "Fe"), bulk("Fe", "bcc", a=2.87)),
        (hcp(3.2, 5.2, 24.305, "Mg"), bulk("Mg", "hcp", a=3.2, c=5.2)),
        (diamond(5.43, 28.085, "Si"), bulk("Si", "diamond", a=5.43)),
        (rocksalt(5.64, (22.98976928, 35.45)), bulk("NaCl", "rocksalt", a=5.64)),
    ],
)
def test_structures_are_those_of_ase(ours, theirs):
    theirs = Crystal.from_ase(theirs)
    assert ours.species == theirs.species
    np.testing.assert_allclose(ours.masses, theirs.masses)
    np.testing.assert_allclose(abs(ours.volume), theirs.volume)
    one, other = (np.sort(neighbours(c, 6.0).distances) for c in (ours, theirs))
    np.testing.assert_allclose(one, other, rtol=1e-12)
    back = Crystal.from_ase(ours.to_ase())
    np.testing.assert_allclose(back.cell, ours.cell, atol=1e-12)
    np.testing.assert_allclose(back.positions, ours.positions, atol=1e-12)


def test_coordination_numbers():
    for crystal, radius, count in (
        (fcc(2**0.5), 1.0, 12),
        (bcc(2 / 3**0.5), 1.0, 8),
        (hcp(1.0), 1.0, 12),
        (diamond(4 / 3**0.5), 1.0, 4),
        (rocksalt(2.0), 1.0, 6),
    ):
        near = neighbours(crystal, radius * 1.01)
        np.testing.assert_allclose(near.distances, radius)
        assert len(near.distances) == count * crystal.atoms
    # control: hcp and fcc differ from the third shell on
    fcc_shells, hcp_shells = (
        np.unique(neighbours(c, 2.0).distances.round(9))
        for c in (fcc(2**0.5), hcp(1.0))
    )
    assert len(fcc_shells) != len(hcp_shells)


@given(crystals(), st.floats(1.0, 2.5))
@settings(max_examples=25)
def test_neighbours_are_all_and_stand_there_twice(crystal, cutoff):
    cutoff += neighbours(crystal, 3.0).distances.min()
    near = neighbours(crystal, cutoff)
    a, b = near.pairs.T
    places = crystal.cartesian
    vectors = near.cells @ crystal.cell + places[b] - places[a]
    np.testing.assert_allclose(near.vectors, vectors, atol=1e-12)
    listed = list(zip(near.pairs.tolist(), near.cells, strict=True))
    reverse = {(b, a, *(-n)) for (a, b), n in listed}
    assert {(a, b, *n) for (a, b), n in listed} == reverse
    # all of them: against a box that is surely large enough
    n = np.arange(-9, 10)
    cells = np.stack(np.meshgrid(n, n, n), -1).reshape(-1, 3) @ crystal.cell
    every = places[None, :] - places[:, None]
    lengths = np.linalg.norm(cells[:, None, None] + every, axis=-1)
    inside = np.count_nonzero((lengths <= cutoff) & (lengths > 1e-9))
    assert inside == len(near.distances)


@pytest.mark.parametrize("matrix", [SKEW, -SKEW, CONVENTIONAL["fcc"], [2, 3, 1]])
def test_lattice_points_fill_the_supercell_once(matrix):
    points = lattice_points(matrix)
    square = np.diag(matrix) if np.ndim(matrix) == 1 else np.array(matrix)
    assert len(points) == round(abs(np.linalg.det(square)))
    fractions = points @ np.linalg.inv(square)
    inside = fractions - np.floor(fractions + 1e-9)
    assert len(np.unique(inside.round(6), axis=0)) == len(points)


@given(crystals())
@settings(max_examples=10)
def test_a_supercell_is_the_same_crystal(crystal):
    big = crystal.supercell(SKEW)
    assert big.density == pytest.approx(crystal.density, rel=1e-12)
    one, other = (neighbours(c, 2.5).distances for c in (crystal, big))
    many = abs(round(np.linalg.det(SKEW)))
    np.testing.assert_allclose(np.sort(np.repeat(one, many)), np.sort(other), rtol=1e-9)


# Wavevectors


def test_special_points_of_fcc():
    points = special_points(fcc(2.0))
    lengths = {name: np.linalg.norm(q) / np.pi for name, q in points.items()}
    assert lengths["X"] == pytest.approx(1)
    assert lengths["L"] == pytest.approx(3**0.5 / 2)
    assert lengths["W"] == pytest.approx(5**0.5 / 2)
    assert lengths["K"] == pytest.approx(lengths["U"])


@pytest.mark.parametrize("a", [3.6e-10, 3.6, 3.6e5])
def test_symmetry_does_not_depend_on_units(a):
    X = special_points(fcc(a))["X"]
    assert np.linalg.norm(X) * a == pytest.approx(2 * np.pi, rel=1e-12)
    assert len(q_mesh(diamond(a), 6, symmetry=True).q) == 16


def test_a_path_with_a_jump():
    path = q_path(fcc(2.0), "GXU,KGL", points=50)
    assert [name for _, name in path.ticks] == ["G", "X", "U,K", "G", "L"]
    assert (np.diff(path.x) >= 0).all()
    points = special_points(fcc(2.0))
    for x, name in path.ticks:
        at = path.q[np.isclose(path.x, x)]
        for one in name.split(","):
            assert np.linalg.norm(at - points[one], axis=1).min() < 1e-12
    own = q_path(fcc(2.0), [("G", np.zeros(3)), ("half", np.array([0, 0, 1.0]))], 10)
    np.testing.assert_allclose(own.x, np.linspace(0, 1, 11))
    with pytest.raises(ValueError, match=r"no special point 'Q' .* there are G, K, L"):
        q_path(fcc(2.0), "GQ")


SPRINGS = {
    "fcc": (fcc(2.0), [1.0, 0.2]),
    "bcc": (bcc(2.0), [1.0, 0.7]),
    "hcp": (hcp(1.0), [1.0, 0.3]),
    "diamond": (diamond(2.0), [1.0, 0.1]),
    "rocksalt": (rocksalt(2.0, (1.0, 2.0)), [1.0, 0.4]),
}


@pytest.mark.parametrize("name", SPRINGS)
@pytest.mark.parametrize("shifted", [False, True])
def test_a_reduced_mesh_has_the_spectrum_of_the_full_one(name, shifted):
    crystal, springs = SPRINGS[name]
    fc = ForceConstants.from_springs(crystal, springs)
    full = q_mesh(crystal, (4, 4, 6), shifted=shifted)
    reduced = q_mesh(crystal, (4, 4, 6), shifted=shifted, symmetry=True)
    assert len(reduced.q) < len(full.q) / 1.9
    assert reduced.weights.sum() == pytest.approx(1, rel=1e-12)
    every, few = (squared_frequencies(fc, mesh.q) for mesh in (full, reduced))
    np.testing.assert_allclose(few[reduced.index], every[full.index], atol=1e-12)


def test_a_symmetry_that_the_forces_lack_is_found_out():
    """Control: springs along one axis only, and a mesh reduced by cubic symmetry."""
    crystal = Crystal(np.eye(3))
    near = neighbours(crystal, 1.0)
    along = np.abs(near.vectors[:, 0]) > 0.5
    blocks = np.where(along[:, None, None], -np.eye(3), -0.1 * np.eye(3))
    fc = ForceConstants.from_pairs(crystal, near, blocks)
    full, reduced = (q_mesh(crystal, 4, symmetry=s) for s in (False, True))
    every, few = (squared_frequencies(fc, mesh.q) for mesh in (full, reduced))
    assert np.abs(few[reduced.index] - every[full.index]).max() > 0.1


# Static energies


def test_lattice_sums():
    """Jones and Ingham's sums for fcc, bcc and hcp, with many more digits.

    The textbook value 12.2533 of A_6 for bcc is a misprint for 12.2537.
    """
    sums = {
        fcc: (14.4539210437, 12.1318801965),
        bcc: (12.2536678673, 9.1141832681),
        hcp: (14.4548972778, 12.1322937691),
    }
    for structure, expected in sums.items():
        found = [lattice_sum(structure(1.0), n) for n in (6, 12)]
        np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert abs(lattice_sum(bcc(1.0), 6) - 12.2533) > 3e-4
    # control: without the atoms beyond the cut-off it is much too small
    bare = ((1 / 2**0.5 / neighbours(fcc(1.0), 20 / 2**0.5).distances) ** 6).sum()
    assert sums[fcc][0] - bare > 5e-4


@pytest.mark.parametrize("structure", [fcc, bcc, hcp])
def test_lennard_jones_crystals_have_the_energy_of_their_sums(structure):
    A6, A12 = (lattice_sum(structure(1.0), n) for n in (6, 12))
    crystal = equilibrium(structure(1.4), LJ, cutoff=15.0)
    nearest = neighbours(crystal, 2.0).distances.min()
    assert nearest == pytest.approx((2 * A12 / A6) ** (1 / 6), rel=1e-8)
    energy = static_energy(crystal, LJ, 15.0) / crystal.atoms
    assert energy == pytest.approx(-(A6**2) / (2 * A12), rel=1e-8)
    # control: a potential that ends at the second shell has another minimum
    short = equilibrium(structure(1.4), LJ, cutoff=2.2, tail=False)
    assert abs(neighbours(short, 2.0).distances.min() / nearest - 1) > 1e-3


def test_close_packing_wins_by_a_hair():
    energies = [
        static_energy(equilibrium(c, LJ, 15.0), LJ, 15.0) / c.atoms
        for c in (hcp(1.4), fcc(1.4), bcc(1.4))
    ]
    assert energies == sorted(energies)
    assert energies[1] - energies[0] < 1e-3 < energies[2] - energies[1]


MIXED = {
    ("A", "A"): LJ,
    ("A", "B"): morse(D=2.0, a=2.5, r_0=1.1),
    ("B", "B"): morse(a=3.0),
}


@pytest.mark.parametrize(
    "crystal",
    [
        rocksalt(2.2, species=("A", "B")),
        Crystal(np.eye(3) + 0.1 * np.eye(3, k=1), species=("B",)),
        Crystal(1.2 * np.eye(3), [[0] * 3, [0.5, 0.4, 0.5]], [1, 1], ("A", "B")),
    ],
)
@pytest.mark.parametrize("tail", [True, False])
def test_at_the_minimum_the_energy_does_not_change_to_first_order(crystal, tail):
    rest = equilibrium(crystal, MIXED, cutoff=4.0, tail=tail)
    reach = 4.0 * np.cbrt(rest.volume / crystal.volume)
    h = 1e-4

    def offset(crystal, size):
        """Distance to the minimum of a parabola through three sizes."""
        down, at, up = (
            static_energy(crystal.scaled(x), MIXED, reach * size * x, tail=tail)
            for x in (1 - h, 1, 1 + h)
        )
        return (up - down) / (2 * (up + down - 2 * at)) * h

    assert abs(offset(rest, 1.0)) < 1e-5  # third derivatives, and round-off / h
    assert abs(offset(rest.scaled(1.01), 1.01)) > 5e-3  # control


# What is refused, and how


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_masses_must_be_positive(bad):
    with pytest.raises(ValueError, match="masses must be positive"):
        fcc(1.0, mass=bad)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cell": [[1, 0, 0], [0, 1, 0], [1, 1, 0]]}, "has no volume"),
        ({"cell": np.eye(2)}, r"cell has the shape \(2, 2\), not \(3, 3\)"),
        ({"cell": np.full((3, 3), np.nan)}, "cell holds numbers that are not finite"),
        ({"positions": [[0, 0]]}, r"positions has the shape \(1, 2\), not \(1, 3\)"),
        ({"species": ("A", "B")}, "2 species for 1 atoms"),
        (
            {"positions": [[0, 0, 0], [1, 0, 2]], "masses": [1, 1]},
            "atoms 0 and 1 stand on the same place",
        ),
    ],
)
def test_bad_crystals_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Crystal(**({"cell": np.eye(3)} | arguments))


def test_arrays_of_a_crystal_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        fcc(1.0).cell[0, 0] = 2


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([1, 1, 0.5], "needs 3 x 3 integers"),
        ([[1, 0, 0], [0, 1, 0], [1, 1, 0]], "has no volume"),
    ],
)
def test_bad_supercells_are_named(matrix, message):
    with pytest.raises(ValueError, match=message):
        fcc(1.0).supercell(matrix)


def test_a_cutoff_that_reaches_nobody_is_named():
    with pytest.raises(CutoffError, match=r"cut-off 0\.6 atom 0 .* stands at 0\.7071"):
        neighbours(fcc(1.0), 0.6)
    # the second atom of a pair may be lonely while the first is not
    with pytest.raises(ValueError, match="the cut-off must be positive"):
        neighbours(fcc(1.0), -1.0)


def test_sums_say_what_they_lack():
    with pytest.raises(ValueError, match=r"no potential between .* was given"):
        static_energy(rocksalt(2.0), {("Na", "Na"): LJ}, 1.5)
    with pytest.raises(ValueError, match="has no minimum"):
        equilibrium(fcc(1.0), soft_sphere(n=6), 3.0)
    with pytest.raises(ValueError, match="diverges"):
        lattice_sum(fcc(1.0), 3)


@pytest.mark.parametrize("shape", [0, (4, -1, 4)])
def test_a_mesh_needs_points(shape):
    with pytest.raises(ValueError, match="positive whole numbers"):
        q_mesh(fcc(1.0), shape)


def test_frequencies_do_not_depend_on_the_scale_of_the_mesh_shape():
    """Every point of a coarse mesh is a point of one twice as fine."""
    fc = ForceConstants.from_springs(fcc(1.0), [1.0])
    coarse, fine = q_mesh(fcc(1.0), 3), q_mesh(fcc(1.0), 6)
    one = frequencies(fc, coarse.q)[coarse.index]
    other = frequencies(fc, fine.q)[fine.index][::2, ::2, ::2]
    np.testing.assert_allclose(one, other, atol=1e-7)  # root of round-off at q = 0
