"""Rigid ions: Coulomb's long range in the dynamical matrix, by Ewald's method."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from scipy.special import erfc

from mechanics.lattice.crystals import Crystal, read_only
from mechanics.lattice.force_constants import ForceConstants, axial
from mechanics.lattice.neighbours import neighbours

REACH = 6.0  # exp(-REACH^2) = 2e-16


@dataclass(frozen=True, eq=False)
class RigidIons:
    r"""Point charges on springs: force constants plus Coulomb's interaction.

    .. math::
        \frac12\sum_{i\ne j}\frac{\kappa Z_iZ_j}{|\boldsymbol r_i-\boldsymbol r_j|}

    The sum over all cells is split in two that converge fast: one over near ions with
    :math:`\mathrm{erfc}(\eta r)/r`, and one over reciprocal vectors. At
    :math:`\boldsymbol q=0` the term of the macroscopic electric field is left out; it
    depends on the direction from which :math:`\boldsymbol q` comes, and splits the
    longitudinal from the transverse optical modes.

    Attributes
    ----------
    short
        What acts besides, as force constants.
    charges
        The charges :math:`Z_a`, shape ``(s,)``; their sum is zero.
    coupling
        :math:`\kappa`: in SI units :math:`e^2/4\pi\varepsilon_0`, if the charges
        are counted in :math:`e`.

    Raises
    ------
    ValueError
        If the cell is charged, or charges and atoms differ in number.

    Notes
    -----
    Sources: Ewald 1921; Kellermann 1940; Born and Huang, section 30.

    Examples
    --------
    The optical modes of rock salt for q along x, transverse and longitudinal:

    >>> from mechanics.lattice import rocksalt, squared_frequencies
    >>> springs = ForceConstants.from_springs(rocksalt(2.0), [(12.0, -1.165)])
    >>> salt = RigidIons(springs, charges=(1, -1))
    >>> low, high = squared_frequencies(salt, [1e-4, 0, 0])[[3, 5]]
    >>> plasma = 4 * np.pi * 1 / (2.0 * 0.5)  # 4 pi Z^2 / (V mu)
    >>> bool(np.isclose(high - low, plasma))
    True
    """

    short: ForceConstants
    charges: np.ndarray
    coupling: float = 1.0

    def __post_init__(self):
        charges = _neutral(self.charges, self.short.crystal)
        object.__setattr__(self, "charges", charges)

    @property
    def crystal(self) -> Crystal:
        """Where the ions rest."""
        return self.short.crystal

    @property
    def on_site(self) -> np.ndarray:
        r"""What springs and near ions add if one ion moves alone, ``(s, 3, 3)``."""
        return self._near.on_site

    @property
    def waves(self) -> int:
        """How many plane waves make one dynamical matrix."""
        s = self.crystal.atoms
        return self._near.waves + len(self._reciprocal) * (3 * s) ** 2

    @cached_property
    def _eta(self) -> float:
        return np.sqrt(np.pi) / np.cbrt(self.crystal.volume)

    @cached_property
    def _near(self) -> ForceConstants:
        """The springs, and what the near ions add with their screened potential."""
        near = neighbours(self.crystal, REACH / self._eta)
        a, b = near.pairs.T
        r, eta = near.distances, self._eta
        strength = self.coupling * self.charges[a] * self.charges[b]
        gauss = 2 * eta / np.sqrt(np.pi) * np.exp(-((eta * r) ** 2))
        across = -(erfc(eta * r) / r + gauss) / r**2
        along = 2 * erfc(eta * r) / r**3 + gauss * (2 / r**2 + 2 * eta**2)
        screened = ForceConstants.from_pairs(
            self.crystal,
            near,
            -axial(near.vectors, strength * along, strength * across),
        )
        return ForceConstants(
            self.crystal,
            np.concatenate([self.short.pairs, screened.pairs]),
            np.concatenate([self.short.cells, screened.cells]),
            np.concatenate([self.short.blocks, screened.blocks]),
        )

    @cached_property
    def _reciprocal(self) -> np.ndarray:
        """Vectors G that matter for wavevectors q of the cell at G = 0."""
        return _reciprocal_vectors(self.crystal, 2 * REACH * self._eta)

    @cached_property
    def _own(self) -> np.ndarray:
        """What the acoustic sum rule asks of each ion, shape (s, 3, 3)."""
        blocks = self._far(np.zeros((1, 3)), np)[0]
        return -np.einsum("aibj->aij", blocks)

    def _far(self, q, xp):
        """The sum over reciprocal vectors, shape (n, s, 3, s, 3)."""
        b = xp.asarray(self.crystal.reciprocal)
        q = q - xp.rint(q @ xp.linalg.inv(b)) @ b  # the sum has the period of b
        places, Z = xp.asarray(self.crystal.cartesian), xp.asarray(self.charges)
        k = q[:, None] + xp.asarray(self._reciprocal)
        square = (k**2).sum(axis=-1)
        zero = square < 1e-20 * self._eta**2
        safe = xp.where(zero, 1.0, square)
        weight = xp.where(zero, 0.0, xp.exp(-square / (4 * self._eta**2)) / safe)
        # one factor for each ion: Z_a exp(i k r_a) k_i
        wave = (Z * xp.exp(1j * (k @ places.T)))[..., None] * k[:, :, None]
        shape = (*wave.shape[:2], -1)
        right = wave.conj().reshape(shape)
        left = (wave * weight[..., None, None]).reshape(shape)
        blocks = xp.matmul(left.swapaxes(1, 2), right)
        s = self.crystal.atoms
        factor = 4 * np.pi * self.coupling / self.crystal.volume
        return factor * blocks.reshape(-1, s, 3, s, 3)

    def fourier(self, q, xp=np):
        r"""Fourier transform of all force constants, as :meth:`ForceConstants.fourier`.

        Examples
        --------
        >>> from mechanics.lattice import rocksalt
        >>> springs = ForceConstants.from_springs(rocksalt(2.0), [(12.0, -1.165)])
        >>> salt = RigidIons(springs, charges=(1, -1))
        >>> salt.fourier(np.zeros((1, 3))).shape
        (1, 6, 6)
        """
        blocks = self._far(q, xp)
        for a, own in enumerate(self._own):
            blocks[:, a, :, a, :] += xp.asarray(own)
        size = 3 * self.crystal.atoms
        return self._near.fourier(q, xp) + blocks.reshape(-1, size, size)


def coulomb_energy(crystal: Crystal, charges: np.ndarray) -> float:
    r"""Electrostatic energy of a cell of point charges.

    .. math:: \frac12\sum_{a}\sum_{(b,n)\ne(a,0)}\frac{Z_aZ_b}r

    Parameters
    ----------
    crystal
        Where the ions rest.
    charges
        The charges :math:`Z_a`, shape ``(s,)``; their sum is zero.

    Returns
    -------
    float
        In units of :math:`\kappa/\text{length}`.

    Raises
    ------
    ValueError
        If the cell is charged, or charges and atoms differ in number.

    Examples
    --------
    Madelung's constant of rock salt, with the neighbours at distance one:

    >>> from mechanics.lattice import rocksalt
    >>> print(f"{coulomb_energy(rocksalt(2.0), (1, -1)):.9f}")
    -1.747564595
    """
    Z = _neutral(charges, crystal)
    eta = np.sqrt(np.pi) / np.cbrt(crystal.volume)
    near = neighbours(crystal, REACH / eta)
    a, b = near.pairs.T
    energy = (Z[a] * Z[b] * erfc(eta * near.distances) / near.distances).sum() / 2
    G = _reciprocal_vectors(crystal, 2 * REACH * eta)
    square = (G**2).sum(axis=1)
    G, square = G[square > 0], square[square > 0]
    waves = np.exp(1j * (G @ crystal.cartesian.T)) @ Z
    far = (np.abs(waves) ** 2 * np.exp(-square / (4 * eta**2)) / square).sum()
    own = eta / np.sqrt(np.pi) * (Z**2).sum()
    return float(energy + 2 * np.pi / crystal.volume * far - own)


def _reciprocal_vectors(crystal: Crystal, reach: float) -> np.ndarray:
    """All G not longer than the reach and a little more."""
    reach = reach + np.linalg.norm(crystal.reciprocal, axis=1).max()
    most = np.ceil(reach * np.linalg.norm(crystal.cell, axis=1) / (2 * np.pi))
    ranges = [np.arange(-n, n + 1) for n in most.astype(int)]
    G = np.array(list(product(*ranges))) @ crystal.reciprocal
    return G[np.linalg.norm(G, axis=1) <= reach]


def _neutral(charges, crystal: Crystal) -> np.ndarray:
    charges = read_only("charges", charges, (crystal.atoms,))
    if abs(charges.sum()) > 1e-12 * np.abs(charges).max(initial=0.0):
        raise ValueError(
            f"the cell carries the charge {charges.sum():.4g}: its energy is infinite; "
            "the charges must add up to zero"
        )
    return charges
