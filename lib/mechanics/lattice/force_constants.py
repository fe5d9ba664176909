"""Force constants: how strongly the displacement of one atom pulls at another."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechanics.lattice.crystals import Crystal, read_only
from mechanics.lattice.neighbours import Neighbours, Potentials, neighbours, on_pairs


@dataclass(frozen=True, eq=False)
class ForceConstants:
    r"""The harmonic energy of a crystal.

    .. math::
        V=V_0+\frac12\sum_{n,a}\sum_{m,b}
        \boldsymbol u_{na}\cdot\Phi_{ab}(\boldsymbol R_m-\boldsymbol R_n)\,
        \boldsymbol u_{mb},
        \qquad\Phi_{ab}(\boldsymbol R)=\Phi_{ba}(-\boldsymbol R)^{\mathsf T}

    Attributes
    ----------
    crystal
        Where the atoms rest.
    pairs
        The atoms :math:`(a,b)` of each block, shape ``(n, 2)``.
    cells
        Its lattice point: :math:`\boldsymbol R` in cells, integers, shape ``(n, 3)``.
    blocks
        The blocks :math:`\Phi_{ab}(\boldsymbol R)`, energy per squared length, shape
        ``(n, 3, 3)``; the blocks :math:`\Phi_{aa}(0)` are among them.
    stress
        Cauchy stress of the crystal at rest, shape ``(3, 3)``; tension is positive.
    forces
        On the atoms at rest, shape ``(s, 3)``; zero where they are in equilibrium.

    Raises
    ------
    ValueError
        If shapes disagree, or a block lacks its transposed partner.

    Notes
    -----
    Harmonic force constants do not know the pressure under which the crystal stands;
    elasticity needs it, and so it is kept here. Source: Born and Huang, section 23 ff.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> from mechanics.potentials import lennard_jones
    >>> argon = ForceConstants.from_pair_potential(
    ...     fcc(1.5418), lennard_jones(), cutoff=1.2)
    >>> argon.blocks.shape  # 12 neighbours and the atom itself
    (13, 3, 3)
    """

    crystal: Crystal
    pairs: np.ndarray
    cells: np.ndarray
    blocks: np.ndarray
    stress: np.ndarray = ((0.0,) * 3,) * 3
    forces: np.ndarray | None = None

    def __post_init__(self):
        blocks = read_only("blocks", self.blocks, (None, 3, 3))
        pairs = read_only("pairs", self.pairs, (len(blocks), 2)).astype(int)
        cells = read_only("cells", self.cells, (len(blocks), 3)).astype(int)
        s = self.crystal.atoms
        if pairs.size and not 0 <= pairs.min() <= pairs.max() < s:
            raise ValueError(f"pairs name an atom that is none of the {s} in the cell")
        forces = np.zeros((s, 3)) if self.forces is None else self.forces
        for name, value in (
            *(("pairs", pairs), ("cells", cells), ("blocks", blocks)),
            ("stress", read_only("stress", self.stress, (3, 3))),
            ("forces", read_only("forces", forces, (s, 3))),
        ):
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        _, matrices = self._by_cell
        defect = np.abs(matrices - matrices[::-1].swapaxes(1, 2)).max(initial=0.0)
        if defect > 1e-9 * np.abs(blocks).max(initial=0.0):
            raise ValueError(
                f"Phi_ab(R) and Phi_ba(-R)^T differ by {defect:.3g}: give each pair of "
                "atoms twice, once from each end"
            )

    @classmethod
    def from_pairs(
        cls,
        crystal: Crystal,
        near: Neighbours,
        blocks: np.ndarray,
        stress: np.ndarray = ((0.0,) * 3,) * 3,
        forces: np.ndarray | None = None,
    ) -> "ForceConstants":
        r"""Complete the blocks between different atoms by the acoustic sum rule.

        .. math:: \Phi_{aa}(0)=-\sum_{(b,\boldsymbol R)\ne(a,0)}\Phi_{ab}(\boldsymbol R)

        Parameters
        ----------
        crystal
            The crystal.
        near
            The pairs.
        blocks
            A block for each, shape ``(n, 3, 3)``.
        stress, forces
            Of the crystal at rest.

        Examples
        --------
        >>> from mechanics.lattice import fcc, neighbours
        >>> near = neighbours(fcc(2.0), cutoff=1.5)
        >>> blocks = np.tile(-np.eye(3), (len(near.pairs), 1, 1))
        >>> ForceConstants.from_pairs(fcc(2.0), near, blocks).blocks[-1].tolist()
        [[12.0, 0.0, 0.0], [0.0, 12.0, 0.0], [0.0, 0.0, 12.0]]
        """
        blocks = read_only("blocks", blocks, (len(near.pairs), 3, 3))
        own = np.zeros((crystal.atoms, 3, 3))
        np.subtract.at(own, near.pairs[:, 0], blocks)
        atoms = np.arange(crystal.atoms)
        return cls(
            crystal,
            np.concatenate([near.pairs, np.stack([atoms, atoms], axis=1)]),
            np.concatenate([near.cells, np.zeros((crystal.atoms, 3), dtype=int)]),
            np.concatenate([blocks, own]),
            stress,
            forces,
        )

    @classmethod
    def from_pair_potential(
        cls, crystal: Crystal, potential: Potentials, cutoff: float
    ) -> "ForceConstants":
        r"""Force constants of a pair potential, with all neighbours up to a cut-off.

        .. math::
            \Phi_{ab}=-\Bigl[\phi''(r)\,\hat{\boldsymbol r}\hat{\boldsymbol r}
            +\frac{\phi'(r)}r(1-\hat{\boldsymbol r}\hat{\boldsymbol r})\Bigr],\qquad
            \sigma=\frac1{2V}\sum_{\text{pairs}}\frac{\phi'(r)}r\,\boldsymbol r
            \boldsymbol r

        Parameters
        ----------
        crystal
            The crystal, at rest in equilibrium or not.
        potential
            One for all, or a mapping from pairs of species.
        cutoff
            The largest distance; neighbours beyond it are ignored.

        Raises
        ------
        CutoffError
            If it reaches no neighbour.
        ValueError
            If the potential is not finite at a distance that occurs.

        Examples
        --------
        >>> from mechanics.lattice import fcc
        >>> from mechanics.potentials import lennard_jones
        >>> squeezed = ForceConstants.from_pair_potential(
        ...     fcc(1.5), lennard_jones(), cutoff=6)
        >>> bool(squeezed.stress[0, 0] < 0)  # under pressure
        True
        """
        near = neighbours(crystal, cutoff)
        slope = on_pairs(crystal, potential, near, "slope")
        curvature = on_pairs(crystal, potential, near, "curvature")
        if not (np.isfinite(slope) & np.isfinite(curvature)).all():
            worst = near.distances[~(np.isfinite(slope) & np.isfinite(curvature))][0]
            raise ValueError(
                f"the potential has no finite derivatives at r = {worst:.4g}"
            )
        pull = slope / near.distances
        stress = np.einsum("n,ni,nj->ij", pull, near.vectors, near.vectors)
        forces = np.zeros((crystal.atoms, 3))
        np.add.at(forces, near.pairs[:, 0], pull[:, None] * near.vectors)
        return cls.from_pairs(
            crystal,
            near,
            -axial(near.vectors, curvature, pull),
            stress / (2 * crystal.volume),
            forces,
        )

    @classmethod
    def from_springs(
        cls, crystal: Crystal, springs: Sequence[float | tuple[float, float]]
    ) -> "ForceConstants":
        r"""Springs to the nearest neighbours, to the second nearest, and so on.

        Parameters
        ----------
        crystal
            The crystal.
        springs
            For each shell of equally distant pairs the stiffness :math:`k` of a
            central spring at its natural length, or a pair
            :math:`(k_\parallel,k_\perp)` of stiffnesses along and across the bond.

        Raises
        ------
        ValueError
            If there is no spring.

        Notes
        -----
        Stiffness across a bond without stress makes the energy of most crystals depend
        on rotations; cubic ones are an exception. See :func:`huang_defect`.

        Examples
        --------
        >>> from mechanics.lattice import fcc
        >>> copper = ForceConstants.from_springs(fcc(3.61), [27.9])
        >>> len(copper.blocks)
        13
        """
        if not len(springs):
            raise ValueError("give the stiffness of at least one shell of springs")
        rows = [(k, 0.0) if np.ndim(k) == 0 else tuple(k) for k in springs]
        along, across = read_only("springs", rows, (len(rows), 2)).T
        near, radii = _shells(crystal, len(springs))
        shell = np.abs(near.distances[:, None] - radii).argmin(axis=1)
        blocks = -axial(near.vectors, along[shell], across[shell])
        return cls.from_pairs(crystal, near, blocks)

    @cached_property
    def vectors(self) -> np.ndarray:
        r"""From atom :math:`a` to atom :math:`b` of each block, shape ``(n, 3)``."""
        a, b = self.pairs.T
        places = self.crystal.cartesian
        return self.cells @ self.crystal.cell + places[b] - places[a]

    @property
    def on_site(self) -> np.ndarray:
        r"""The blocks :math:`\Phi_{aa}(0)`, if one atom moves alone: ``(s, 3, 3)``."""
        s = self.crystal.atoms
        return np.einsum("aiaj->aij", self._waves[1].reshape(s, 3, s, 3))

    @property
    def waves(self) -> int:
        """How many plane waves make one dynamical matrix."""
        return len(self._waves[0])

    @cached_property
    def _by_cell(self) -> tuple[np.ndarray, np.ndarray]:
        """Lattice points, symmetric about 0, and for each a matrix (3s, 3s)."""
        s = self.crystal.atoms
        both = np.concatenate([self.cells, -self.cells, np.zeros((1, 3), dtype=int)])
        points, back = np.unique(both, axis=0, return_inverse=True)
        matrices = np.zeros((len(points), s, 3, s, 3))
        a, b = self.pairs.T
        where = back.reshape(-1)[: len(self.cells)]
        np.add.at(matrices.swapaxes(2, 3), (where, a, b), self.blocks)
        return points, matrices.reshape(-1, 3 * s, 3 * s)

    @cached_property
    def _waves(self) -> tuple[np.ndarray, ...]:
        """Lattice vectors R of one half, and what stands at 1, cos(qR), sin(qR)."""
        points, matrices = self._by_cell
        half = len(points) // 2  # the middle is R = 0
        later, earlier = matrices[half + 1 :], matrices[half - 1 :: -1][:half]
        vectors = points[half + 1 :] @ self.crystal.cell
        return vectors, matrices[half], later + earlier, later - earlier

    def fourier(self, q: np.ndarray, xp=np) -> np.ndarray:
        r"""Fourier transform :math:`\sum_{\boldsymbol R}\Phi_{ab}(\boldsymbol R)
        e^{i\boldsymbol q\cdot\boldsymbol R}`.

        Parameters
        ----------
        q
            Cartesian wavevectors, an array of ``xp``, shape ``(n, 3)``.
        xp
            NumPy or CuPy.

        Returns
        -------
        array
            Shape ``(n, 3s, 3s)``; real where every atom is a centre of symmetry.

        Examples
        --------
        >>> from mechanics.lattice import fcc
        >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
        >>> np.linalg.eigvalsh(copper.fourier(np.array([[0, np.pi, 0]])))  # X
        array([[4., 4., 8.]])
        """  # noqa: D205
        vectors, own, even, odd = (xp.asarray(part) for part in self._waves)
        phases = q @ vectors.T
        size = own.shape[0]
        out = own + (xp.cos(phases) @ even.reshape(-1, size**2)).reshape(-1, size, size)
        if self._centrosymmetric:
            return out
        sines = xp.sin(phases) @ odd.reshape(-1, size**2)
        return out + 1j * sines.reshape(-1, size, size)

    def fourier_gradient(self, q: np.ndarray) -> np.ndarray:
        r"""Derivatives of :meth:`fourier` with respect to :math:`q_i`.

        Returns
        -------
        ndarray
            Shape ``(n, 3, 3s, 3s)``; the second axis counts :math:`i`.

        Examples
        --------
        >>> from mechanics.lattice import fcc
        >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
        >>> bool(np.abs(copper.fourier_gradient(np.zeros((1, 3)))).max() < 1e-15)
        True
        """
        vectors, own, even, odd = self._waves
        phases = np.asarray(q) @ vectors.T
        size = own.shape[0]
        shape = (-1, 3, size, size)
        even = np.einsum("ri,rab->riab", vectors, even).reshape(-1, 3 * size**2)
        out = -(np.sin(phases) @ even).reshape(shape)
        if self._centrosymmetric:
            return out
        odd = np.einsum("ri,rab->riab", vectors, odd).reshape(-1, 3 * size**2)
        return out + 1j * (np.cos(phases) @ odd).reshape(shape)

    @cached_property
    def _centrosymmetric(self) -> bool:
        _, _, even, odd = self._waves
        return np.abs(odd).max(initial=0.0) <= 1e-14 * np.abs(even).max(initial=0.0)


def axial(vectors: np.ndarray, along: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return matrices with one stiffness along a vector and one across it."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    outer = unit[:, :, None] * unit[:, None, :]
    along, across = (np.reshape(k, (-1, 1, 1)) for k in (along, across))
    return along * outer + across * (np.eye(3) - outer)


def _shells(crystal: Crystal, count: int) -> tuple[Neighbours, np.ndarray]:
    """Return the pairs of the nearest shells, and the radii of these."""
    cutoff = np.linalg.norm(crystal.cell, axis=1).max()
    while True:
        near = neighbours(crystal, cutoff)
        sorted_distances = np.sort(near.distances)
        new = np.diff(sorted_distances, prepend=0) > 1e-6 * sorted_distances
        radii = sorted_distances[new]
        if len(radii) >= count:
            radii = radii[:count]
            return neighbours(crystal, radii[-1] * (1 + 1e-5)), radii
        cutoff *= 1.5


def translation_defect(fc: ForceConstants) -> np.ndarray:
    r"""What a displacement of the whole crystal costs: the acoustic sum rule.

    .. math:: \sum_{b,\boldsymbol R}\Phi_{ab}(\boldsymbol R)

    Returns
    -------
    ndarray
        Shape ``(s, 3, 3)``; zero if a shift of all atoms makes no force.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> bool(np.abs(translation_defect(copper)).max() < 1e-14)
    True
    """
    defect = np.zeros((fc.crystal.atoms, 3, 3))
    np.add.at(defect, fc.pairs[:, 0], fc.blocks)
    return defect


def rotation_defect(fc: ForceConstants) -> np.ndarray:
    r"""What a rotation of the whole crystal costs.

    .. math::
        \Delta_{a,ijk}=\sum_{b,\boldsymbol R}\bigl(\Phi_{ab,ij}\,x_k-\Phi_{ab,ik}\,x_j
        \bigr)-F_{a,j}\,\delta_{ik}+F_{a,k}\,\delta_{ij}

    with :math:`\boldsymbol x` from :math:`a` to :math:`b` and the force
    :math:`\boldsymbol F_a` at rest, which turns with the crystal.

    Returns
    -------
    ndarray
        Shape ``(s, 3, 3, 3)``; zero if no rotation makes new forces.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> bool(np.abs(rotation_defect(copper)).max() < 1e-14)
    True
    """
    first = np.zeros((fc.crystal.atoms, 3, 3, 3))
    moments = np.einsum("nij,nk->nijk", fc.blocks, fc.vectors)
    np.add.at(first, fc.pairs[:, 0], moments)
    first -= np.einsum("aj,ik->aijk", fc.forces, np.eye(3))
    return first - first.swapaxes(2, 3)
