"""Phonons: what holds for every crystal, exact solutions, phonopy side by side."""

import sys
import types

import numpy as np
import pytest
from hypothesis import given, settings
from lattice_samples import LJ, crystals, potentials, wavevectors
from phonopy import Phonopy
from phonopy.structure.atoms import PhonopyAtoms

from mechanics.lattice import (
    CONVENTIONAL,
    Crystal,
    CutoffError,
    ForceConstants,
    RigidIons,
    bcc,
    coulomb_energy,
    diamond,
    dynamical_matrices,
    equilibrium,
    fcc,
    frequencies,
    group_velocities,
    gruneisen_parameters,
    hcp,
    modes,
    neighbours,
    rocksalt,
    rotation_defect,
    special_points,
    squared_frequencies,
    translation_defect,
)
from mechanics.numerics import BackendError, backends
from mechanics.potentials import PairPotential

SPRINGS = ForceConstants.from_springs
PAIRS = ForceConstants.from_pair_potential
SOME = settings(max_examples=20)


def with_slope(phi, value):
    """A potential whose slope is wrong: the same number everywhere."""

    class WithSlope(PairPotential):
        def slope(self, r):
            return np.full_like(r, value)

    return WithSlope(phi.phi, params=phi.params)


def scale_of(fc):
    return np.abs(fc.blocks).max()


# What holds for every crystal


@given(crystals(), potentials())
@SOME
def test_dynamical_matrices_are_hermitian_periodic_and_time_reversible(crystal, phi):
    fc = PAIRS(crystal, phi, 2.5)
    q = wavevectors(7)
    D = dynamical_matrices(fc, q)
    size = np.abs(D).max()
    np.testing.assert_allclose(D, D.conj().swapaxes(1, 2), atol=1e-13 * size)
    np.testing.assert_allclose(
        dynamical_matrices(fc, -q), D.conj(), atol=1e-13 * size, rtol=0
    )
    shift = [1, -2, 1] @ crystal.reciprocal
    again = dynamical_matrices(fc, q + shift)
    np.testing.assert_allclose(again, D, atol=1e-12 * size, rtol=0)
    # control: half a reciprocal vector is another wave
    other = dynamical_matrices(fc, q + crystal.reciprocal[0] / 2)
    assert np.abs(other - D).max() > 1e-3 * size


@given(crystals(), potentials())
@SOME
def test_shifts_and_turns_of_the_crystal_cost_nothing(crystal, phi):
    fc = PAIRS(crystal, phi, 2.5)
    assert np.abs(translation_defect(fc)).max() < 1e-12 * scale_of(fc)
    assert np.abs(rotation_defect(fc)).max() < 1e-12 * scale_of(fc)
    squared = squared_frequencies(fc, np.zeros(3))
    assert np.sort(np.abs(squared))[:3].max() < 1e-12 * np.abs(squared).max() + 1e-11

    # controls: a leash at the first atom; the forces at rest forgotten; phi'/r dropped
    blocks = fc.blocks.copy()
    blocks[-crystal.atoms] += np.eye(3)
    tied = ForceConstants(crystal, fc.pairs, fc.cells, blocks, fc.stress, fc.forces)
    assert np.abs(translation_defect(tied)).max() > 0.5
    only_curved = {pair: with_slope(p, 0.0) for pair, p in phi.items()}
    careless = PAIRS(crystal, only_curved, 2.5)
    # every bond at its natural length: also invariant, but another crystal
    assert np.abs(rotation_defect(careless)).max() < 1e-12 * scale_of(careless)
    half_way = ForceConstants(
        crystal, careless.pairs, careless.cells, careless.blocks, fc.stress, fc.forces
    )
    if np.abs(fc.forces).max() > 1e-3:
        assert np.abs(rotation_defect(half_way)).max() > 1e-3


@given(crystals(most_atoms=2), potentials())
@settings(max_examples=8)
def test_the_spectrum_does_not_depend_on_the_choice_of_the_cell(crystal, phi):
    q = wavevectors(3)
    one = squared_frequencies(PAIRS(crystal, phi, 2.2), q)
    tolerance = 1e-11 * np.abs(one).max()

    skewed = crystal.supercell([[1, 0, 0], [2, 1, 0], [-1, 3, -1]])
    assert skewed.atoms == crystal.atoms
    other = squared_frequencies(PAIRS(skewed, phi, 2.2), q)
    np.testing.assert_allclose(other, one, atol=tolerance)

    matrix = np.array([[1, 1, 0], [0, 2, -1], [1, 0, 2]])
    big = crystal.supercell(matrix)
    folded = squared_frequencies(PAIRS(big, phi, 2.2), q)
    grid = np.stack(np.meshgrid(*[np.arange(-3, 4)] * 3), -1).reshape(-1, 3)
    inside = (grid @ np.linalg.inv(matrix.T)) % 1
    _, kept = np.unique(inside.round(6) % 1, axis=0, return_index=True)
    shifts = grid[kept] @ big.reciprocal
    unfolded = squared_frequencies(PAIRS(crystal, phi, 2.2), q[:, None] + shifts)
    unfolded = np.sort(unfolded.reshape(len(q), -1), axis=1)
    np.testing.assert_allclose(folded, unfolded, atol=tolerance)


@given(crystals(), potentials())
@SOME
def test_traces(crystal, phi):
    """The mean of omega^2 over the zone is what each atom feels if it alone moves."""
    fc = PAIRS(crystal, phi, 2.5)
    own = (fc.pairs[:, 0] == fc.pairs[:, 1]) & ~fc.cells.any(axis=1)
    alone = sum(
        np.trace(block) / crystal.masses[a]
        for (a, _), block in zip(fc.pairs[own], fc.blocks[own], strict=True)
    )
    n = 12  # more than the longest lattice vector, so that the sum over q is exact
    fractions = np.stack(np.meshgrid(*[np.arange(n) / n] * 3), -1)
    mean = squared_frequencies(fc, crystal.wavevectors(fractions)).sum(-1).mean()
    assert mean == pytest.approx(alone, rel=1e-10)
    squared = squared_frequencies(fc, wavevectors(4))
    traces = np.trace(dynamical_matrices(fc, wavevectors(4)), axis1=1, axis2=2)
    np.testing.assert_allclose(squared.sum(axis=1), traces.real, rtol=1e-10)


@given(crystals(), potentials())
@settings(max_examples=8)
def test_force_constants_are_second_derivatives_of_the_energy(crystal, phi):
    """Move one atom in a large cell, and look at the forces on all."""
    from mechanics.lattice import crystal_hamiltonian

    fc = PAIRS(crystal, phi, 1.6)
    repeat = np.array([4, 4, 4])  # no atom meets its own image
    system = crystal_hamiltonian(crystal.supercell(repeat), phi, 1.6)
    h, zero = 1e-5, np.zeros(len(system.names))
    for component in range(3):
        u = zero.copy()
        u[component] = h
        forces = -(system.force(u, zero, 0.0) - system.force(-u, zero, 0.0)) / (2 * h)
        expected = np.zeros((64, crystal.atoms, 3))
        for (a, b), cell, block in zip(fc.pairs, fc.cells, fc.blocks, strict=True):
            if a == 0:
                index = np.ravel_multi_index(cell % repeat, repeat)
                expected[index, b] += block[component]
        np.testing.assert_allclose(forces, expected.ravel(), atol=1e-6 * scale_of(fc))


# Exact solutions


@pytest.mark.parametrize("k", [1.0, 3.7])
def test_nearest_neighbours_in_fcc(k):
    """M omega^2 at X is 8k and 4k, at L 8k and 2k, at W 6k, 6k and 4k."""
    fc = SPRINGS(fcc(2.0, mass=1.5), [k])
    points = special_points(fc.crystal)
    for name, multiples in {"X": (4, 4, 8), "L": (2, 2, 8), "W": (4, 6, 6)}.items():
        squared = 1.5 * squared_frequencies(fc, points[name]) / k
        np.testing.assert_allclose(squared, multiples, rtol=1e-12)


def test_nearest_neighbours_in_bcc_leave_soft_modes():
    fc = SPRINGS(bcc(2.0), [1.0])
    assert squared_frequencies(fc, [np.pi / 2, np.pi / 2, 0]).min() < 1e-12
    # control: springs to the second neighbours hold it
    held = SPRINGS(bcc(2.0), [1.0, 0.5])
    assert squared_frequencies(held, [np.pi / 2, np.pi / 2, 0]).min() > 0.1


def test_lennard_jones_at_its_minimum():
    """Frequencies of hands-on notebook N2, in units of sqrt(epsilon/m)/sigma."""
    crystal = equilibrium(fcc(1.5), LJ, 20.0)
    fc = PAIRS(crystal, LJ, 20.0)
    points = special_points(crystal)
    for name, expected in {
        "X": (19.2157, 19.2157, 28.1863),
        "L": (12.7384, 12.7384, 28.1739),
    }.items():
        found = frequencies(fc, points[name])
        np.testing.assert_allclose(found, expected, atol=1e-4)  # as printed
    # control: the tension term phi'/r is a few per cent
    dropped = frequencies(PAIRS(crystal, with_slope(LJ, 0.0), 20.0), points["L"])
    assert abs(dropped[0] / 12.7384 - 1) > 0.02


def test_a_chain_in_space_is_the_chain():
    from mechanics.lattice import Chain

    near = neighbours(Crystal(np.diag([1, 9, 9]), [[0] * 3], [1.3]), 1.0)
    blocks = np.zeros((2, 3, 3))
    blocks[:, 0, 0] = -0.7
    crystal = Crystal(np.diag([1, 9, 9]), [[0] * 3], [1.3])
    fc = ForceConstants.from_pairs(crystal, near, blocks)
    k = np.linspace(0.1, 3, 7)
    chain = Chain(masses=(1.3,), springs=(0.7,), cells=5)
    q = np.stack([k, 0 * k, 0 * k], axis=1)
    found = frequencies(fc, q)
    np.testing.assert_allclose(found[:, 2], chain.frequencies(k)[:, 0], rtol=1e-12)
    assert np.abs(found[:, :2]).max() == 0


# Instability


def test_an_unstable_crystal_is_reported_and_not_drawn_as_zero():
    soft = SPRINGS(fcc(2.0), [1.0, -0.8])
    L = special_points(soft.crystal)["L"]
    omega = frequencies(soft, L)
    squared = squared_frequencies(soft, L)
    assert squared.min() < -0.1
    assert np.iscomplexobj(omega)
    np.testing.assert_allclose((omega**2).real, squared, atol=1e-12)
    assert omega.imag.max() == pytest.approx(np.sqrt(-squared.min()))
    # controls: round-off at q = 0 is no instability, and a stable crystal is real
    for held in (SPRINGS(diamond(2.0), [1.0]), SPRINGS(fcc(2.0), [1.0])):
        assert frequencies(held, np.zeros(3)).dtype == float
        assert frequencies(held, L).dtype == float


# Group velocities


@pytest.mark.parametrize(
    "fc",
    [
        SPRINGS(fcc(2.0), [1.0, 0.2]),
        SPRINGS(diamond(2.0, 1.3), [1.0, 0.1]),
        SPRINGS(rocksalt(2.0, (1.0, 2.0)), [1.0, 0.3]),
    ],
)
def test_group_velocities_are_slopes(fc):
    q = np.random.default_rng(3).uniform(0.2, 1.2, (5, 3))
    velocities = group_velocities(fc, q)
    h = 1e-5
    for i, step in enumerate(h * np.eye(3)):
        slope = (frequencies(fc, q + step) - frequencies(fc, q - step)) / (2 * h)
        np.testing.assert_allclose(velocities[..., i], slope, atol=1e-8)


def test_slopes_where_branches_touch():
    """Along a cubic axis the transverse branches coincide; off it they part."""
    fc = SPRINGS(diamond(2.0), [1.0, 0.1])
    q, direction = np.array([0.7, 0, 0]), np.array([0, 1.0, 0.4])
    direction /= np.linalg.norm(direction)
    along = group_velocities(fc, q, direction) @ direction
    h = 1e-5
    # one-sided, for branches may cross at q
    ahead = frequencies(fc, q + h * direction)
    slopes = np.sort((ahead - frequencies(fc, q)) / h)
    np.testing.assert_allclose(np.sort(along), slopes, atol=1e-4)
    # along the axis both transverse branches have one slope
    assert np.ptp(group_velocities(fc, q)[:2, 0]) < 1e-12


def test_standing_still_at_zero_has_no_velocity():
    with pytest.raises(ValueError, match="a group velocity needs a mode"):
        group_velocities(SPRINGS(fcc(2.0), [1.0]), np.zeros(3))


def test_polarizations_are_orthonormal_modes():
    fc = SPRINGS(rocksalt(2.0, (1.0, 2.0)), [1.0, 0.3])
    q = wavevectors(5)
    squared, e = modes(fc, q)
    D = dynamical_matrices(fc, q)
    np.testing.assert_allclose(D @ e, squared[:, None] * e, atol=1e-12)
    identity = np.broadcast_to(np.eye(6), e.shape)
    np.testing.assert_allclose(e.conj().swapaxes(1, 2) @ e, identity, atol=1e-12)


# Grüneisen parameters


def test_gruneisen_parameters_are_logarithmic_derivatives():
    def build(crystal):
        return PAIRS(crystal, LJ, 2.0 * np.linalg.norm(crystal.cell[0]))

    crystal = equilibrium(fcc(1.5), LJ, 8.0)
    q = crystal.wavevectors([0.13, 0.31, -0.22])
    gamma = gruneisen_parameters(build, crystal, q)
    h = 1e-3
    up, down = (crystal.scaled(np.exp(sign * h / 3)) for sign in (1, -1))
    fractions = q @ np.linalg.inv(crystal.reciprocal)
    omega = [frequencies(build(c), c.wavevectors(fractions)) for c in (up, down)]
    slopes = -np.log(omega[0] / omega[1]) / (2 * h)
    np.testing.assert_allclose(gamma, slopes, rtol=1e-4)  # h^2 of third derivatives
    assert 2.5 < gamma.min() < gamma.max() < 3.7
    # control: springs do not know that they are squeezed
    assert (
        np.abs(gruneisen_parameters(lambda c: SPRINGS(c, [1.0]), crystal, q)).max()
        < 1e-9
    )


# Rigid ions


def salt(k=(12.0, -1.165), masses=(1.0, 1.6)):
    return RigidIons(SPRINGS(rocksalt(2.0, masses), [k]), (1, -1))


@pytest.mark.parametrize("matrix", [(1, 1, 1), (2, 1, 1)])
def test_coulomb_force_constants_are_derivatives_of_the_energy(matrix):
    """At q = 0, and at the edge of the zone through a doubled cell."""
    crystal = rocksalt(2.0)
    ions = RigidIons(SPRINGS(crystal, [0.0]), (1, -1))
    big = crystal.supercell(matrix)
    charges = np.tile([1, -1], matrix[0])
    q = (matrix[0] - 1) * crystal.reciprocal[0] / 2
    block = ions.fourier(q[None])[0]
    signs = np.array([1, -1])[: matrix[0]]  # of the cells in a wave at q
    h = 3e-4

    def energy(*moves):
        u = np.zeros((matrix[0], 2, 3))
        for atom, component, size in moves:
            u[:, atom, component] += size * signs
        places = big.cartesian + u.reshape(-1, 3)
        moved = Crystal(big.cell, places @ np.linalg.inv(big.cell), big.masses)
        return coulomb_energy(moved, charges) / matrix[0]

    for one in ((0, 0), (0, 1), (1, 2)):
        for other in ((0, 0), (1, 0), (1, 1)):
            second = sum(
                a * b * energy((*one, a * h), (*other, b * h))
                for a in (1, -1)
                for b in (1, -1)
            ) / (4 * h**2)
            entry = block[3 * one[0] + one[1], 3 * other[0] + other[1]]
            assert second == pytest.approx(entry.real, abs=1e-5)  # 30 h^2
            assert abs(entry.imag) < 1e-12


def test_lattice_energies_of_madelung():
    """Constants of rock salt and caesium chloride, per shortest distance."""
    sodium = -coulomb_energy(rocksalt(2.0), (1, -1))
    assert sodium == pytest.approx(1.7475645946, abs=1e-10)
    caesium = Crystal(np.eye(3), [[0] * 3, [0.5] * 3], [1, 1])
    per_distance = -coulomb_energy(caesium, (1, -1)) * 3**0.5 / 2
    assert per_distance == pytest.approx(1.7626747730, abs=1e-10)


def test_the_field_lifts_the_longitudinal_mode():
    """omega_LO^2 - omega_TO^2 = 4 pi Z^2 / (V mu), from every direction."""
    ions = salt()
    plasma = 4 * np.pi / ions.crystal.volume * (1 + 1 / 1.6)
    for n in ([1, 0, 0], [1, 1, 0], [1, 2, 3]):
        squared = squared_frequencies(ions, 1e-4 * np.array(n))
        assert squared[5] - squared[4] == pytest.approx(plasma, rel=1e-6)
        assert squared[4] == pytest.approx(squared[3], rel=1e-6)
    at_zero = squared_frequencies(ions, np.zeros(3))
    np.testing.assert_allclose(at_zero[3:], squared[3], rtol=1e-6)
    assert np.abs(at_zero[:3]).max() < 1e-10
    # control: springs alone do not tell the directions apart
    bare = squared_frequencies(ions.short, [1e-4, 0, 0])
    assert np.ptp(bare[3:]) < 1e-6


def test_the_sum_of_squares_does_not_know_the_charges():
    """Laplace's equation: Coulomb forces drop out of the trace."""
    ions = salt()
    q = wavevectors(20)
    sums = squared_frequencies(ions, q).sum(axis=1)
    springs = 6 * (12.0 - 2 * 1.165) * (1 + 1 / 1.6)
    np.testing.assert_allclose(sums, springs, rtol=1e-9)
    # control: at q = 0, without the field, the plasma frequency is missing
    plasma = 4 * np.pi / ions.crystal.volume * (1 + 1 / 1.6)
    assert squared_frequencies(ions, np.zeros(3)).sum() == pytest.approx(
        springs - plasma
    )


def test_rigid_ions_do_not_depend_on_the_cell():
    ions = salt()
    skewed = ions.crystal.supercell([[1, 0, 0], [2, 1, 0], [-1, 3, 1]])
    other = RigidIons(SPRINGS(skewed, [(12.0, -1.165)]), (1, -1))
    q = wavevectors(5)
    one, two = (squared_frequencies(model, q) for model in (ions, other))
    np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-9)


def test_charged_cells_are_refused():
    with pytest.raises(ValueError, match="the cell carries the charge 1"):
        RigidIons(SPRINGS(rocksalt(2.0), [1.0]), (2, -1))
    with pytest.raises(ValueError, match=r"charges has the shape \(1,\)"):
        coulomb_energy(rocksalt(2.0), (1,))


# phonopy, on the same force constants


def in_phonopy(fc, n):
    """The same crystal for phonopy, force constants folded into n x n x n cells."""
    crystal = fc.crystal
    atoms = PhonopyAtoms(
        symbols=list(crystal.species),
        cell=crystal.cell,
        scaled_positions=crystal.positions,
        masses=crystal.masses,
    )
    phonon = Phonopy(
        atoms, np.diag([n] * 3), primitive_matrix=np.eye(3), is_symmetry=False
    )
    places = phonon.supercell.scaled_positions * n
    of = {int(p): a for a, p in enumerate(phonon.primitive.p2s_map)}
    basis = np.array([of[int(p)] for p in phonon.primitive.s2p_map])
    cells = np.rint(places - crystal.positions[basis]).astype(int) % n
    index = {
        (b, *cell): j
        for j, (b, cell) in enumerate(zip(basis, cells.tolist(), strict=True))
    }
    folded = np.zeros((crystal.atoms, len(places), 3, 3))
    for (a, b), cell, block in zip(fc.pairs, fc.cells, fc.blocks, strict=True):
        folded[a, index[(b, *(cell % n).tolist())]] += block
    phonon.force_constants = folded
    return phonon


@pytest.mark.parametrize(
    "fc",
    [
        PAIRS(equilibrium(fcc(1.5, 39.9, "Ar"), LJ, 8.0), LJ, 2.0),
        SPRINGS(diamond(5.4, 28.0, "Si"), [7.0, 0.4]),
        SPRINGS(rocksalt(5.6, (23.0, 35.5)), [2.0, 0.3, 0.1]),
        PAIRS(hcp(1.09, mass=4.0, species="He"), LJ, 1.9),
    ],
)
def test_phonopy_finds_the_same_frequencies(fc):
    phonon = in_phonopy(fc, 4)
    fractions = np.random.default_rng(1).uniform(-0.5, 0.5, (40, 3))
    phonon.run_qpoints(fractions)
    theirs = phonon.qpoints.frequencies
    ours = frequencies(fc, fc.crystal.wavevectors(fractions))
    unit = (theirs / ours).mean()  # THz for electronvolts, ångströms and mass units
    np.testing.assert_allclose(theirs / unit, ours, rtol=1e-8)
    assert unit == pytest.approx(15.633302, rel=1e-6)
    # control: other wavevectors have other frequencies
    assert not np.allclose(theirs[::-1] / unit, ours, rtol=1e-2)


# Backends


def test_the_gpu_takes_the_same_way(monkeypatch):
    """Without a GPU, NumPy stands in for CuPy and counts what is fetched."""
    fetched = []

    def asnumpy(array):
        fetched.append(array.shape)
        return np.asarray(array)

    stand_in = types.ModuleType("cupy")
    vars(stand_in).update(vars(np) | {"asnumpy": asnumpy})
    monkeypatch.setitem(sys.modules, "cupy", stand_in)
    monkeypatch.setattr(backends, "_why_no_gpu", lambda: None)
    q = wavevectors(50).reshape(5, 10, 3)
    for model in (SPRINGS(diamond(2.0), [1.0, 0.1]), salt()):
        on_gpu = squared_frequencies(model, q, backend="cupy")
        np.testing.assert_array_equal(on_gpu, squared_frequencies(model, q))
    assert fetched


@pytest.mark.skipif(
    "cupy" not in backends.available(), reason="this machine has no GPU"
)
def test_a_gpu_finds_the_same_frequencies():
    q = wavevectors(1000)
    for model in (SPRINGS(diamond(2.0), [1.0, 0.1]), salt()):
        here = squared_frequencies(model, q)
        there = squared_frequencies(model, q, backend="cupy")
        # another eigenvalue solver: round-off of the largest eigenvalue
        np.testing.assert_allclose(there, here, rtol=0, atol=1e-12 * here.max())


def test_backends_that_are_not_there_are_named(monkeypatch):
    fc = SPRINGS(fcc(2.0), [1.0])
    with pytest.raises(ValueError, match="backend = 'jax': use numpy or cupy"):
        frequencies(fc, np.zeros(3), backend="jax")
    monkeypatch.setattr(backends, "_why_no_gpu", lambda: "there is no GPU")
    with pytest.raises(BackendError, match="there is no GPU"):
        frequencies(fc, np.zeros(3), backend="cupy")


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 5, 3), (0, 3)])
def test_wavevectors_of_any_shape(shape):
    fc = SPRINGS(diamond(2.0), [1.0, 0.1])
    q = wavevectors(10)[: int(np.prod(shape) / 3)].reshape(shape)
    assert dynamical_matrices(fc, q).shape == (*shape[:-1], 6, 6)
    assert squared_frequencies(fc, q).shape == (*shape[:-1], 6)


def test_long_arrays_are_cut_into_blocks(monkeypatch):
    from mechanics.lattice import phonons

    fc = SPRINGS(diamond(2.0), [1.0, 0.1])
    q = wavevectors(100)
    whole = squared_frequencies(fc, q)
    monkeypatch.setattr(phonons, "BLOCK", 300)
    np.testing.assert_array_equal(squared_frequencies(fc, q), whole)


# What is refused, and how


@pytest.mark.parametrize("q", [1.0, [1.0, 2.0], np.zeros((3, 2))])
def test_wavevectors_have_three_components(q):
    with pytest.raises(ValueError, match="three components along the last axis"):
        frequencies(SPRINGS(fcc(2.0), [1.0]), q)


def test_bad_force_constants_are_named():
    good = SPRINGS(fcc(2.0), [1.0])
    with pytest.raises(ValueError, match=r"give each pair of\s+atoms twice"):
        ForceConstants(good.crystal, good.pairs[1:], good.cells[1:], good.blocks[1:])
    with pytest.raises(ValueError, match="none of the 1 in the cell"):
        ForceConstants(good.crystal, good.pairs + 1, good.cells, good.blocks)
    with pytest.raises(ValueError, match=r"blocks has the shape \(13, 3\)"):
        ForceConstants(good.crystal, good.pairs, good.cells, good.blocks[:, 0])
    with pytest.raises(ValueError, match="at least one shell"):
        SPRINGS(fcc(2.0), [])
    with pytest.raises(CutoffError, match=r"within the cut-off 1 .*"):
        PAIRS(fcc(2.0), LJ, 1.0)
    with pytest.raises(ValueError, match=r"no finite derivatives at r = 1\.414"):
        PAIRS(fcc(2.0), with_slope(LJ, np.inf), 1.5)


def test_conventional_cells_are_cubes():
    for name, build in (("fcc", fcc), ("bcc", bcc)):
        cube = build(2.0).supercell(CONVENTIONAL[name])
        np.testing.assert_allclose(np.abs(cube.cell), 2 * np.eye(3), atol=1e-12)
