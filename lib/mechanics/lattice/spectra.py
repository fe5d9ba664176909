"""Crystals in motion: trajectories, their normal modes, and their spectra."""

import numba
import numpy as np

from mechanics.lattice.crystals import Crystal, lattice_points
from mechanics.lattice.neighbours import (
    Neighbours,
    Potentials,
    between,
    neighbours,
)
from mechanics.numerics import CompiledHamiltonian


def crystal_hamiltonian(
    crystal: Crystal, potential: Potentials, cutoff: float
) -> CompiledHamiltonian:
    r"""All atoms of a periodic cell, bound to those that are near at rest.

    .. math::
        H=\sum_a\frac{\boldsymbol p_a^2}{2M_a}+\sum_{\text{bonds}}\bigl[
        \phi(|\boldsymbol x+\boldsymbol u_b-\boldsymbol u_a|)
        -\phi(|\boldsymbol x|)\bigr]

    The bonds are the pairs within the cut-off of the crystal at rest and stay so: this
    is the crystal whose harmonic part :meth:`ForceConstants.from_pair_potential`
    describes, with all anharmonic terms. It fits solids in which no atom leaves its
    place.

    Parameters
    ----------
    crystal
        The whole cell, as from :meth:`Crystal.supercell`.
    potential
        One for all, or a mapping from pairs of species.
    cutoff
        The longest bond.

    Returns
    -------
    CompiledHamiltonian
        For :func:`mechanics.numerics.integrate`; arrays have the shape ``(3N, ...)``
        with the three components of an atom next to each other. Energies are counted
        from the crystal at rest.

    Raises
    ------
    CutoffError
        If the cut-off reaches no neighbour.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> from mechanics.potentials import lennard_jones
    >>> from mechanics.numerics import integrate
    >>> box = fcc(1.55).supercell([3, 3, 3])
    >>> argon = crystal_hamiltonian(box, lennard_jones(), cutoff=1.2)
    >>> p = 0.1 * np.random.default_rng(1).normal(size=81)
    >>> run = integrate(argon, (0 * p, p), dt=0.002, steps=500)
    >>> bool(np.ptp(run.energy) < 1e-3 * run.energy[0])
    True
    """
    near = _each_bond_once(neighbours(crystal, cutoff))
    species = crystal.species
    kinds = [tuple(sorted((species[a], species[b]))) for a, b in near.pairs.tolist()]
    parts = []
    for kind in sorted(set(kinds)):
        these = np.array([other == kind for other in kinds])
        phi = between(potential, *kind)
        at_rest = np.sum(phi.energy(near.distances[these]))
        parts.append((phi, near.pairs[these], near.vectors[these], at_rest))
    masses = np.repeat(crystal.masses, 3)

    def column(values, like):
        return np.reshape(values, (-1,) + (1,) * (like.ndim - 1))

    def velocity(q, p, t):
        return p / column(masses, p)

    def force(q, p, t):
        u = np.ascontiguousarray(q.reshape(crystal.atoms, 3, -1))
        out = np.zeros_like(u)
        for phi, pairs, rest, _ in parts:
            x, r = _stretched(u, pairs, rest)
            _pull_together(pairs, x, phi.slope(r) / r, out)
        return out.reshape(q.shape)

    def energy(q, p, t):
        u = np.ascontiguousarray(q.reshape(crystal.atoms, 3, -1))
        potential = 0.0
        for phi, pairs, rest, at_rest in parts:
            potential += phi.energy(_stretched(u, pairs, rest)[1]).sum(axis=0) - at_rest
        kinetic = (p**2 / (2 * column(masses, p))).sum(axis=0)
        return kinetic + np.reshape(potential, q.shape[1:])

    names = tuple(f"u_{n}_{axis}" for n in range(crystal.atoms) for axis in "xyz")
    return CompiledHamiltonian(velocity, force, energy, names=names)


@numba.njit(cache=True)
def _stretched(u, pairs, rest):  # pragma: no cover
    """Vectors (bonds, 3, m) and lengths (bonds, m) of bonds for displacements u."""
    bonds, columns = len(pairs), u.shape[2]
    x, r = np.empty((bonds, 3, columns)), np.empty((bonds, columns))
    for n in range(bonds):
        a, b = pairs[n]
        for c in range(columns):
            square = 0.0
            for i in range(3):
                part = rest[n, i] + u[b, i, c] - u[a, i, c]
                x[n, i, c] = part
                square += part * part
            r[n, c] = np.sqrt(square)
    return x, r


@numba.njit(cache=True)
def _pull_together(pairs, x, pull, out):  # pragma: no cover
    """Add the forces pull * x to those on the first atoms of bonds, and back."""
    for n in range(len(pairs)):
        a, b = pairs[n]
        for i in range(3):
            for c in range(x.shape[2]):
                force = pull[n, c] * x[n, i, c]
                out[a, i, c] += force
                out[b, i, c] -= force


def _each_bond_once(near: Neighbours) -> Neighbours:
    """Keep one of the two entries of each pair."""
    (a, b), cells = near.pairs.T, near.cells
    first = np.take_along_axis(cells, (cells != 0).argmax(axis=1)[:, None], axis=1)
    once = (a < b) | ((a == b) & (first[:, 0] > 0))
    parts = (near.pairs, near.cells, near.vectors, near.distances)
    return Neighbours(*(part[once] for part in parts))


def bloch_amplitudes(
    crystal: Crystal, matrix: np.ndarray, motion: np.ndarray, q: np.ndarray
) -> np.ndarray:
    r"""Project displacements, or velocities, of a supercell on plane waves.

    .. math::
        Q_{a}(\boldsymbol q)=\frac1{\sqrt N}\sum_n\sqrt{M_a}\,\boldsymbol u_{na}\,
        e^{-i\boldsymbol q\cdot\boldsymbol R_n}

    The amplitude of a mode is the scalar product with its polarization,
    :math:`Q_\nu=\sum_a\boldsymbol e_a^*\cdot Q_a`.

    Parameters
    ----------
    crystal
        The crystal with its small cell.
    matrix
        The supercell, ``crystal.supercell(matrix)``, whose atoms move.
    motion
        Displacements or velocities of all its atoms, shape ``(..., 3 N s)``.
    q
        A wavevector whose waves fit into the supercell, shape ``(3,)``.

    Returns
    -------
    ndarray
        Complex, shape ``(..., 3s)``.

    Raises
    ------
    ValueError
        If the wave does not fit, or the arrays do not.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> crystal = fcc(2.0)
    >>> cells = crystal.supercell([2, 2, 2])
    >>> u = np.cos(cells.cartesian @ [0, np.pi, 0])[:, None] * [0, 1, 0]
    >>> bloch_amplitudes(crystal, [2, 2, 2], u.ravel(), [0, np.pi, 0]).real.round(12)
    array([0.        , 2.82842712, 0.        ])
    """
    points = lattice_points(matrix)
    q = np.asarray(q, dtype=float)
    matrix = np.diag(matrix) if np.ndim(matrix) == 1 else np.asarray(matrix)
    turns = matrix @ crystal.cell @ q / (2 * np.pi)
    if np.abs(turns - np.rint(turns)).max() > 1e-6:
        raise ValueError(
            f"the wave of q = {q.tolist()} does not fit into the supercell: it makes "
            f"{turns.round(4).tolist()} turns along its edges, not whole ones"
        )
    motion = np.asarray(motion)
    size = 3 * crystal.atoms
    if motion.shape[-1] != len(points) * size:
        raise ValueError(
            f"{motion.shape[-1]} components for {len(points)} cells with {size} each: "
            "give the motion of all atoms of the supercell along the last axis"
        )
    phases = np.exp(-1j * (points @ crystal.cell @ q)) / np.sqrt(len(points))
    cells = motion.reshape(*motion.shape[:-1], len(points), size)
    root = np.repeat(np.sqrt(crystal.masses), 3)
    return np.einsum("...na,n->...a", cells, phases) * root


def power_spectrum(signal: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Power of a signal over angular frequency, through Hann's window.

    Parameters
    ----------
    signal
        Real or complex values at equal intervals along the first axis, shape
        ``(n, ...)``. The powers at :math:`\omega` and :math:`-\omega` are added.
    dt
        The interval.

    Returns
    -------
    omega, power
        Rising frequencies :math:`\ge0`, shape ``(m,)``, and shape ``(m, ...)``.

    Examples
    --------
    >>> t = 0.1 * np.arange(1000)
    >>> omega, power = power_spectrum(np.cos(3 * t), dt=0.1)
    >>> bool(abs(omega[power.argmax()] - 3) < 0.04)
    True
    """
    signal = np.asarray(signal)
    n = len(signal)
    if n < 4:
        raise ValueError(f"a spectrum of {n} values says nothing: give more")
    window = np.hanning(n + 1)[:-1].reshape(-1, *(1,) * (signal.ndim - 1))
    both = np.abs(np.fft.fft(window * signal, axis=0)) ** 2
    half = (n - 1) // 2
    power = both[: half + 1].copy()
    power[1:] += both[: -half - 1 : -1]
    return 2 * np.pi * np.arange(half + 1) / (n * dt), power


def spectral_peak(omega: np.ndarray, power: np.ndarray) -> float:
    r"""Where the highest line of a power spectrum stands, between its points.

    A parabola through the logarithms of the three highest points finds the frequency
    of a steady oscillation to a few hundredths of their spacing.

    Parameters
    ----------
    omega, power
        As :func:`power_spectrum` returns them, both of shape ``(m,)``.

    Raises
    ------
    ValueError
        If the highest point is the first or the last.

    Examples
    --------
    >>> t = 0.1 * np.arange(1000)
    >>> line = spectral_peak(*power_spectrum(np.cos(3 * t), dt=0.1))
    >>> bool(abs(line - 3) < 0.002)
    True
    """
    top = int(np.argmax(power))
    if not 0 < top < len(power) - 1:
        raise ValueError("the highest point stands at the end of the spectrum: no line")
    below, at, above = np.log(np.maximum(power[top - 1 : top + 2], 1e-300))
    shift = (below - above) / (2 * (below - 2 * at + above))
    return float(omega[top] + shift * (omega[1] - omega[0]))
