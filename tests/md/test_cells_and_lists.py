"""Images, widths and lists of neighbours, against all images of all pairs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechanics.md import Cell, CellError, VerletList, fcc, neighbour_pairs


def some_cell(rng, skewed=True):
    while True:
        h = np.diag(rng.uniform(2, 7, 3))
        if skewed:
            h += rng.normal(0, 1.2, (3, 3))
        if abs(np.linalg.det(h)) > 20:
            return Cell(h)


def all_pairs(r, cell, cutoff):
    """Every pair (i < j) and every image within the distance, one by one."""
    wrapped, found = cell.wrap(r), []
    for n in product(range(-4, 5), repeat=3):
        d = wrapped[:, None] - wrapped[None] + cell.h @ np.array(n)
        for i, j in np.argwhere((d**2).sum(-1) < cutoff**2):
            if i < j:
                found.append((i, j, *(np.round(d[i, j], 6) + 0.0)))
    return sorted(found)


@pytest.mark.parametrize("seed", range(12))
def test_lists_hold_the_pairs_of_brute_force(seed):
    rng = np.random.default_rng(seed)
    cell = some_cell(rng, skewed=seed % 3 > 0)
    r = rng.normal(0, 8, (rng.integers(2, 50), 3))
    cutoff = rng.uniform(0.3, cell.widths.min() * rng.choice([0.5, 1.2]))
    expected = all_pairs(r, cell, cutoff)
    i, j, d = neighbour_pairs(r, cell, cutoff)
    arrays = [(a, b, *(np.round(x, 6) + 0.0)) for a, b, x in zip(i, j, d, strict=True)]
    assert sorted(x for x in arrays if x[0] < x[1]) == expected
    compiled = VerletList(cutoff, 0.0)
    compiled.build(r, cell)
    pairs = zip(*compiled.pairs(), strict=True)
    pairs = sorted((a, b) for a, b in pairs if a != b)
    assert pairs == [(a, b) for a, b, *_ in expected]
    assert expected or len(r) < 30 or cutoff < 1


@pytest.mark.parametrize("cells", [4, 5])
def test_atoms_on_faces_are_not_lost_to_rounding(cells):
    """Crystals under small strains: each atom has the neighbours of all others."""
    start = fcc(1.05, cells)
    for strain in (1e-16, -3e-16, 1e-9, 1e-5, 1e-4, 1e-3):
        F = np.diag([1 - strain, 1 - strain, 1 + 2 * strain])
        r, cell = start.positions @ F.T, Cell(F @ start.cell.h)
        for reach in (1.35, 2.5, 2.875):  # between two shells
            compiled = VerletList(reach, 0.0)
            compiled.build(r, cell)
            pairs = sorted(zip(*compiled.pairs(), strict=True))
            i, j, _ = neighbour_pairs(r, cell, reach)
            assert pairs == sorted(zip(i, j, strict=True))


def test_clusters_have_no_images():
    r = np.random.default_rng(0).normal(0, 2, (60, 3))
    distance = np.linalg.norm(r[:, None] - r[None], axis=-1)
    expected = {(a, b) for a, b in np.argwhere(distance < 1.5) if a < b}
    i, j, _ = neighbour_pairs(r, None, 1.5)
    compiled = VerletList(1.0, 0.5)
    compiled.build(r, None)
    assert set(zip(i, j, strict=True)) == expected
    assert set(zip(*compiled.pairs(), strict=True)) == expected


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_minimum_image_is_the_shortest_of_all(seed):
    rng = np.random.default_rng(seed)
    cell = some_cell(rng)
    d = rng.normal(0, 10, (20, 3))
    images = np.array(list(product(range(-5, 6), repeat=3))) @ cell.h.T
    rounded = d - np.rint(cell.fractional(d)) @ cell.h.T
    shortest = np.linalg.norm(rounded[:, None] + images, axis=-1).min(axis=1)
    found = np.linalg.norm(cell.minimum_image(d), axis=-1)
    assert np.allclose(found, shortest, atol=1e-12)


def test_rounding_alone_fails_in_a_skewed_cell():
    """The control: what is right in a cube is wrong here."""
    cell = Cell([[1.0, 0.45, 0.0], [0.0, 0.3, 0.0], [0.0, 0.0, 1.0]])
    d = np.array([0.49 + 0.45 * 0.49, 0.3 * 0.49, 0.0])
    rounded = d - cell.h @ np.rint(cell.fractional(d))
    assert np.linalg.norm(cell.minimum_image(d)) < np.linalg.norm(rounded) - 0.1


def test_widths_not_lengths_limit_the_cut_off():
    slanted = Cell(np.array([[10, 0, 0], [9, 3, 0], [0, 0, 10]]).T)
    assert np.linalg.norm(slanted.h, axis=0).min() > 9
    assert np.allclose(slanted.widths, [30 / np.hypot(9, 3), 3, 10])
    slanted.require_range(1.4)
    Cell.cubic(10.0).require_range(5.0)
    with pytest.raises(CellError, match="above half of the smallest width"):
        Cell.cubic(10.0).require_range(5.01)
    with pytest.raises(CellError, match="lie in a plane"):
        Cell(np.zeros((3, 3)))
    with pytest.raises(CellError, match="finite"):
        Cell(np.full((3, 3), np.nan))


@pytest.mark.parametrize("strain", [0.0, 0.02, -0.02])
def test_list_is_good_as_long_as_it_says(strain):
    rng = np.random.default_rng(5)
    start = fcc(0.8, 5)
    near = VerletList(1.5, 0.5)
    near.build(start.positions, start.cell)
    listed = set(zip(*near.pairs(), strict=True))
    F = np.eye(3) + strain * np.array([[1, 0.5, 0], [0, -1, 0], [0, 0, 0.3]])
    cell = Cell(F @ start.cell.h)
    reused = 0
    for size in (0.05, 0.1, 0.2, 0.4):
        step = rng.normal(size=start.positions.shape)
        step *= size / np.linalg.norm(step, axis=1).max()
        moved = (start.positions + step) @ F.T
        if near.still_good(moved, cell):
            i, j, _ = neighbour_pairs(moved, cell, 1.5)
            assert set(zip(i, j, strict=True)) <= listed
            reused += 1
    assert 0 < reused < 4
