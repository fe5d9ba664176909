"""Harmonic chains with periodic ends: dynamics, normal modes and dispersion."""

from dataclasses import dataclass

import numpy as np

from mechanics.numerics import CompiledHamiltonian


class UnstableCrystalError(ValueError):
    """A mode has a negative squared frequency: the lattice would collapse.

    Examples
    --------
    Bonds that hold, in turn with stronger ones that push the atoms apart:

    >>> chain = Chain(masses=(1, 1), springs=(1, -2), cells=4)
    >>> chain.frequencies(np.pi)
    Traceback (most recent call last):
        ...
    mechanics.lattice.chains.UnstableCrystalError: omega^2 = -4 at k = 3.142: the
    springs (1.0, -2.0) do not hold the chain together
    """


@dataclass(frozen=True)
class Chain:
    r"""A ring of :math:`N` cells, each with :math:`s` atoms joined by springs.

    Atom :math:`j=sn+a` is atom :math:`a` of cell :math:`n`. It is joined to its right
    neighbour by the spring :math:`K_a`, and the last atom of the ring to the first:

    .. math::
        H=\sum_j\frac{p_j^2}{2M_j}+\frac12\sum_jK_j(u_{j+1}-u_j)^2,
        \qquad u_{sN}=u_0

    Attributes
    ----------
    masses
        The masses :math:`M_a` of one cell, shape ``(s,)``.
    springs
        The stiffness :math:`K_a` of the spring to the right of each, shape ``(s,)``.
    cells
        Their number :math:`N`.

    Notes
    -----
    Sources: AMM-24 to 26; Born and Huang, chapter II. Lengths are counted in cells, so
    wavevectors run over :math:`-\pi<k\le\pi`.

    Examples
    --------
    >>> chain = Chain(masses=(1.0,), springs=(1.0,), cells=4)
    >>> chain.frequencies(np.pi).round(12)
    array([2.])
    """

    masses: tuple[float, ...]
    springs: tuple[float, ...]
    cells: int

    def __post_init__(self):
        for name in ("masses", "springs"):
            values = tuple(float(x) for x in np.atleast_1d(getattr(self, name)))
            object.__setattr__(self, name, values)
        if len(self.masses) != len(self.springs):
            raise ValueError(
                f"{len(self.masses)} masses but {len(self.springs)} springs in the "
                "cell: each atom needs the spring to its right"
            )
        if not all(np.isfinite(m) and m > 0 for m in self.masses):
            raise ValueError(f"masses must be positive and finite, not {self.masses}")
        if not np.isfinite(self.springs).all():
            raise ValueError(f"springs must be finite, not {self.springs}")
        if self.cells * len(self.masses) < 3:
            raise ValueError(
                f"a ring of {self.cells * len(self.masses)} atoms has no two distinct "
                "neighbours; take at least three atoms"
            )

    @property
    def atoms(self) -> int:
        """The number of atoms :math:`sN`."""
        return self.cells * len(self.masses)

    @property
    def mass_array(self) -> np.ndarray:
        """The mass of every atom of the ring, shape ``(atoms,)``."""
        return np.tile(self.masses, self.cells)

    @property
    def wavevectors(self) -> np.ndarray:
        r"""The :math:`N` allowed wavevectors :math:`2\pi m/N` in :math:`(-\pi,\pi]`.

        They stand in the order of :func:`bloch_transform`: :math:`k=0` first.
        """
        k = 2 * np.pi * np.fft.fftfreq(self.cells)
        return np.where(np.isclose(k, -np.pi), np.pi, k)

    def dynamical_matrix(self, k: np.ndarray) -> np.ndarray:
        r"""Hermitian matrix :math:`D_{ab}(k)` with the eigenvalues :math:`\omega^2`.

        .. math::
            D_{ab}(k)=\frac{1}{\sqrt{M_aM_b}}\sum_n\Phi_{0a,nb}\,e^{ikn}

        The phase counts cells, not positions within them.

        Parameters
        ----------
        k
            Wavevectors of any shape ``(...)``, in inverse cells.

        Returns
        -------
        ndarray
            Complex, shape ``(..., s, s)``.
        """
        k = np.asarray(k, dtype=float)
        s, K = len(self.masses), np.asarray(self.springs)
        D = np.zeros((*k.shape, s, s), dtype=complex)
        for a in range(s):
            b, phase = (a + 1, 1.0) if a + 1 < s else (0, np.exp(1j * k))
            D[..., a, a] += K[a]
            D[..., b, b] += K[a]
            D[..., a, b] -= K[a] * phase
            D[..., b, a] -= K[a] * np.conj(phase)
        root = np.sqrt(self.masses)
        return D / np.outer(root, root)

    def frequencies(self, k: np.ndarray) -> np.ndarray:
        r"""Angular frequencies :math:`\omega_\nu(k)` in rising order.

        Parameters
        ----------
        k
            Wavevectors of shape ``(...)``.

        Returns
        -------
        ndarray
            Shape ``(..., s)``, in units of :math:`\sqrt{K/M}`.

        Raises
        ------
        UnstableCrystalError
            If some :math:`\omega^2<0`; the message names the wavevector. Round-off
            below :math:`10^{-12}` of the largest :math:`\omega^2` counts as zero.
        """
        squared = np.linalg.eigvalsh(self.dynamical_matrix(k))
        floor = -1e-12 * np.abs(squared).max(initial=np.finfo(float).tiny)
        if squared.min(initial=0.0) < floor:
            worst = np.unravel_index(squared.min(axis=-1).argmin(), squared.shape[:-1])
            raise UnstableCrystalError(
                f"omega^2 = {squared.min():.4g} at k = {np.asarray(k)[worst]:.4g}: "
                f"the springs {self.springs} do not hold the chain together"
            )
        return np.sqrt(np.maximum(squared, 0.0))

    def hamiltonian(self) -> CompiledHamiltonian:
        """The ring as array functions for :func:`mechanics.numerics.integrate`.

        Its arrays have shape ``(atoms, ...)``; one force costs of the order of
        ``atoms`` operations.
        """

        def column(values, like):
            return np.reshape(values, (-1,) + (1,) * (like.ndim - 1))

        masses, springs = self.mass_array, np.tile(self.springs, self.cells)

        def velocity(q, p, t):
            return p / column(masses, p)

        def force(q, p, t):
            tension = column(springs, q) * (np.roll(q, -1, axis=0) - q)
            return tension - np.roll(tension, 1, axis=0)

        def energy(q, p, t):
            stretch = np.roll(q, -1, axis=0) - q
            kinetic = p**2 / (2 * column(masses, p))
            return (kinetic + column(springs, q) * stretch**2 / 2).sum(axis=0)

        fastest = self.frequencies(self.wavevectors).max()
        return CompiledHamiltonian(
            velocity,
            force,
            energy,
            names=tuple(f"u_{j}" for j in range(self.atoms)),
            stable_step=2 / fastest if fastest > 0 else None,
        )


def bloch_transform(u: np.ndarray) -> np.ndarray:
    r"""Bloch amplitudes of displacements or momenta: the unitary Fourier transform.

    .. math:: Q_k=\frac1{\sqrt N}\sum_nu_n\,e^{-ikn}

    Applied to displacements it gives :math:`Q_k`; applied to momenta it gives the
    conjugate of the momentum :math:`P_k` canonical to :math:`Q_k`.

    Parameters
    ----------
    u
        Real values, cells along the first axis, shape ``(N, ...)``.

    Returns
    -------
    ndarray
        Complex, shape ``(N, ...)``, in the order of :attr:`Chain.wavevectors`.
    """
    return np.fft.fft(u, axis=0, norm="ortho")
