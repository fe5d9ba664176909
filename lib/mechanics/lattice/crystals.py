"""Crystals: a cell, what stands in it, and the reciprocal lattice."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from mechanics.numerics.optional import optional

CONVENTIONAL = {  # cubic cells in terms of the primitive ones below
    "fcc": ((-1, 1, 1), (1, -1, 1), (1, 1, -1)),
    "bcc": ((0, 1, 1), (1, 0, 1), (1, 1, 0)),
}


@dataclass(frozen=True, eq=False)
class Crystal:
    r"""A periodic arrangement of atoms.

    Atom :math:`a` of the cell at the lattice vector
    :math:`\boldsymbol R_n=\sum_in_i\boldsymbol a_i` rests at
    :math:`\boldsymbol R_n+\boldsymbol r_a`.

    Attributes
    ----------
    cell
        The lattice vectors :math:`\boldsymbol a_i` as rows, shape ``(3, 3)``.
    positions
        Fractional positions of the :math:`s` atoms in the cell, shape ``(s, 3)``.
    masses
        The masses :math:`M_a`, shape ``(s,)``.
    species
        A name for each atom; by default all are ``"X"``.

    Raises
    ------
    ValueError
        For a cell without volume, masses that are not positive, two atoms on one place,
        or arrays whose shapes disagree.

    Notes
    -----
    Any consistent units do, as Å, u and eV, or SI. All arrays are read-only.

    Examples
    --------
    >>> wurtz = Crystal(cell=np.diag([1, 1, 2]), positions=[[0, 0, 0], [0.5, 0.5, 0.3]],
    ...                 masses=[1, 3], species=("A", "B"))
    >>> wurtz.volume, wurtz.density, wurtz.atoms
    (2.0, 2.0, 2)
    """

    cell: np.ndarray
    positions: np.ndarray = ((0.0, 0.0, 0.0),)
    masses: np.ndarray = (1.0,)
    species: tuple[str, ...] = ()

    def __post_init__(self):
        cell = read_only("cell", self.cell, (3, 3))
        masses = read_only("masses", self.masses, (None,))
        s = len(masses)
        positions = read_only("positions", self.positions, (s, 3))
        species = tuple(self.species) or ("X",) * s
        lengths = np.linalg.norm(cell, axis=1)
        if abs(np.linalg.det(cell)) <= 1e-12 * max(lengths.prod(), 1e-300):
            raise ValueError(
                f"the cell {cell.tolist()} has no volume: its rows must be three "
                "lattice vectors that do not lie in a plane"
            )
        if not (masses > 0).all():
            raise ValueError(f"masses must be positive, not {masses.tolist()}")
        if len(species) != s:
            raise ValueError(f"{len(species)} species for {s} atoms: name each atom")
        for name, value in (
            *(("cell", cell), ("positions", positions)),
            *(("masses", masses), ("species", species)),
        ):
            object.__setattr__(self, name, value)
        self._refuse_coinciding_atoms()

    def _refuse_coinciding_atoms(self):
        apart = self.positions[:, None] - self.positions
        apart = (apart - np.round(apart)) @ self.cell
        together = np.linalg.norm(apart, axis=-1) < 1e-9 * np.cbrt(self.volume)
        a, b = np.nonzero(np.triu(together, 1))
        if len(a):
            raise ValueError(f"atoms {a[0]} and {b[0]} stand on the same place")

    @property
    def atoms(self) -> int:
        """Their number :math:`s` in the cell."""
        return len(self.masses)

    @cached_property
    def volume(self) -> float:
        """Volume of the cell."""
        return float(abs(np.linalg.det(self.cell)))

    @property
    def density(self) -> float:
        r"""Mass density :math:`\rho`."""
        return float(self.masses.sum() / self.volume)

    @cached_property
    def reciprocal(self) -> np.ndarray:
        r"""Reciprocal vectors as rows, :math:`\boldsymbol a_i\cdot\boldsymbol b_j=2\pi
        \delta_{ij}`.
        """  # noqa: D205
        return 2 * np.pi * np.linalg.inv(self.cell).T

    @cached_property
    def cartesian(self) -> np.ndarray:
        r"""Cartesian positions :math:`\boldsymbol r_a`, shape ``(s, 3)``."""
        return self.positions @ self.cell

    def wavevectors(self, fractions: np.ndarray) -> np.ndarray:
        r"""Return :math:`\boldsymbol q=\sum_if_i\boldsymbol b_i`, shape ``(..., 3)``.

        Examples
        --------
        The point X of a face-centred cubic crystal with :math:`a=2`:

        >>> fcc(2.0).wavevectors([0.5, 0, 0.5]) / np.pi
        array([0., 1., 0.])
        """
        return np.asarray(fractions, dtype=float) @ self.reciprocal

    def scaled(self, factor: float) -> "Crystal":
        """Return the crystal with all lengths multiplied.

        Examples
        --------
        >>> fcc(2.0).scaled(1.5).volume == fcc(3.0).volume
        True
        """
        return self.deformed(factor * np.eye(3))

    def deformed(self, F: np.ndarray) -> "Crystal":
        r"""Return the crystal with each :math:`\boldsymbol x` moved to :math:`F\boldsymbol x`.

        Examples
        --------
        >>> shear = np.eye(3) + [[0, 0.1, 0], [0, 0, 0], [0, 0, 0]]
        >>> Crystal(np.eye(3)).deformed(shear).cell[1]
        array([0.1, 1. , 0. ])
        """  # noqa: E501
        F = read_only("F", F, (3, 3))
        return Crystal(self.cell @ F.T, self.positions, self.masses, self.species)

    def supercell(self, matrix: np.ndarray) -> "Crystal":
        r"""Return the same crystal with the larger or merely other cell :math:`NA`.

        Parameters
        ----------
        matrix
            The new lattice vectors in terms of the old, integers of shape ``(3, 3)``,
            or three numbers for the diagonal. The :math:`|\det N|` old cells stand in
            the order of :func:`lattice_points`, each with its atoms together.

        Raises
        ------
        ValueError
            For entries that are not integers, or a vanishing determinant.

        Examples
        --------
        >>> cube = fcc(3.6).supercell(CONVENTIONAL["fcc"])
        >>> cube.atoms, cube.cell.tolist()
        (4, [[3.6, 0.0, 0.0], [0.0, 3.6, 0.0], [0.0, 0.0, 3.6]])
        """
        points = lattice_points(matrix)
        matrix = _integers(matrix)
        fractions = (points[:, None] + self.positions) @ np.linalg.inv(matrix)
        return Crystal(
            matrix @ self.cell,
            fractions.reshape(-1, 3),
            np.tile(self.masses, len(points)),
            self.species * len(points),
        )

    def to_ase(self):
        """Return ASE's ``Atoms``; lengths count as Å, masses as u.

        Examples
        --------
        >>> diamond(5.43, 28.085, "Si").to_ase().get_chemical_formula()
        'Si2'
        """
        ase = optional("ase", "materials")
        return ase.Atoms(
            list(self.species),
            scaled_positions=self.positions,
            cell=self.cell,
            masses=self.masses,
            pbc=True,
        )

    @classmethod
    def from_ase(cls, atoms) -> "Crystal":
        """Take a crystal from ASE's ``Atoms``: lengths in Å, masses in u.

        Examples
        --------
        >>> from ase.build import bulk
        >>> copper = Crystal.from_ase(bulk("Cu"))
        >>> copper.species, float(copper.masses[0])
        (('Cu',), 63.546)
        """
        return cls(
            np.array(atoms.cell),
            atoms.get_scaled_positions(wrap=False),
            atoms.get_masses(),
            tuple(atoms.get_chemical_symbols()),
        )


def lattice_points(matrix: np.ndarray) -> np.ndarray:
    r"""Lattice points, in cells, that lie in a supercell: one for each of its cells.

    Parameters
    ----------
    matrix
        Integers of shape ``(3, 3)``, or three for the diagonal.

    Returns
    -------
    ndarray
        Integers, shape ``(|det|, 3)``, in lexicographic order.

    Examples
    --------
    >>> lattice_points([1, 1, 3])
    array([[0, 0, 0],
           [0, 0, 1],
           [0, 0, 2]])
    """
    matrix = _integers(matrix)
    corners = np.array(list(product((0, 1), repeat=3))) @ matrix
    least, most = corners.min(axis=0), corners.max(axis=0)
    ranges = [np.arange(a, b + 1) for a, b in zip(least, most, strict=True)]
    box = np.stack(np.meshgrid(*ranges, indexing="ij"), -1).reshape(-1, 3)
    determinant = round(np.linalg.det(matrix))
    adjugate = np.rint(determinant * np.linalg.inv(matrix)).astype(int)
    shares = box @ adjugate * np.sign(determinant)  # exact, unlike fractions
    inside = ((shares >= 0) & (shares < abs(determinant))).all(axis=1)
    return box[inside]


def _integers(matrix) -> np.ndarray:
    matrix = np.asarray(matrix, dtype=float)
    matrix = np.diag(matrix) if matrix.ndim == 1 else matrix
    if matrix.shape != (3, 3) or (matrix != np.rint(matrix)).any():
        raise ValueError(f"a supercell needs 3 x 3 integers, not {matrix.tolist()}")
    if round(np.linalg.det(matrix)) == 0:
        raise ValueError(
            f"the supercell {matrix.tolist()} has no volume: its rows must be "
            "linearly independent"
        )
    return matrix.astype(int)


def read_only(name: str, values, shape: Sequence[int | None]) -> np.ndarray:
    """Return values as a read-only array of numbers with this shape.

    Raises
    ------
    ValueError
        If the shape is another, or a value is not finite.
    """
    array = np.array(values, dtype=float)
    fits = array.ndim == len(shape) and all(
        want in (None, got) for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} has the shape {array.shape}, not ({wanted})")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    array.flags.writeable = False
    return array


# The common structures ----------------------------------------------------------------


def fcc(a: float, mass: float = 1.0, species: str = "X") -> Crystal:
    r"""Face-centred cubic: one atom in the primitive cell of the cube of edge ``a``.

    Examples
    --------
    >>> round(fcc(3.0, 63.546, "Cu").volume, 12)
    6.75
    """
    return Crystal(a / 2 * (1 - np.eye(3)), masses=(mass,), species=(species,))


def bcc(a: float, mass: float = 1.0, species: str = "X") -> Crystal:
    r"""Body-centred cubic: one atom in the primitive cell of the cube of edge ``a``.

    Examples
    --------
    >>> round(bcc(3.0).volume, 12)
    13.5
    """
    return Crystal(a / 2 * (1 - 2 * np.eye(3)), masses=(mass,), species=(species,))


def hcp(
    a: float, c: float | None = None, mass: float = 1.0, species: str = "X"
) -> Crystal:
    r"""Hexagonal close-packed: two atoms; ideal, :math:`c/a=\sqrt{8/3}`, by default.

    Examples
    --------
    At the ideal ratio it is as dense as fcc:

    >>> bool(np.isclose(hcp(1.0).volume / 2, fcc(2**0.5).volume))
    True
    """
    c = a * np.sqrt(8 / 3) if c is None else c
    cell = [[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, c]]
    positions = [[0, 0, 0], [1 / 3, 2 / 3, 1 / 2]]
    return Crystal(cell, positions, (mass, mass), (species, species))


def diamond(a: float, mass: float = 1.0, species: str = "X") -> Crystal:
    """Diamond: two atoms in the primitive cell of the cube of edge ``a``.

    Examples
    --------
    >>> diamond(5.43).atoms
    2
    """
    cell = fcc(a).cell
    return Crystal(cell, [[0, 0, 0], [1 / 4] * 3], (mass, mass), (species, species))


def rocksalt(
    a: float,
    masses: tuple[float, float] = (1.0, 1.0),
    species: tuple[str, str] = ("Na", "Cl"),
) -> Crystal:
    """Rock salt: two atoms in the primitive cell of the cube of edge ``a``.

    Examples
    --------
    >>> rocksalt(5.64, (22.99, 35.45)).species
    ('Na', 'Cl')
    """
    return Crystal(fcc(a).cell, [[0, 0, 0], [1 / 2] * 3], masses, species)
