"""Phonons: dynamical matrices, branches, polarizations and group velocities."""

from types import ModuleType

import numpy as np

from mechanics.lattice.crystals import Crystal
from mechanics.lattice.ewald import RigidIons
from mechanics.lattice.force_constants import ForceConstants
from mechanics.numerics.backends import array_module

Model = ForceConstants | RigidIons
BLOCK = 2**20  # numbers that one array of an intermediate step holds, about
ROUND_OFF = 1e-10  # of a typical omega^2, below which a negative one is zero


def dynamical_matrices(model: Model, q: np.ndarray) -> np.ndarray:
    r"""Hermitian matrices with the eigenvalues :math:`\omega^2`.

    .. math::
        D_{ab}(\boldsymbol q)=\frac1{\sqrt{M_aM_b}}\sum_{\boldsymbol R}
        \Phi_{ab}(\boldsymbol R)\,e^{i\boldsymbol q\cdot\boldsymbol R}

    The phase counts lattice vectors, not positions within the cell, so that
    :math:`D` has the period of the reciprocal lattice. The displacements of a mode are
    :math:`\boldsymbol u_{na}=\boldsymbol e_a\,e^{i\boldsymbol q\cdot\boldsymbol R_n}/
    \sqrt{M_a}`.

    Parameters
    ----------
    model
        Force constants, or rigid ions with their long range.
    q
        Cartesian wavevectors, shape ``(..., 3)``.

    Returns
    -------
    ndarray
        Shape ``(..., 3s, 3s)``, atoms first, components fastest; real where every atom
        is a centre of symmetry.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0, mass=2.0), [1.0])
    >>> dynamical_matrices(copper, [0, np.pi, 0]).diagonal().round(12)
    array([2., 4., 2.])
    """
    q = _wavevectors(q)
    size = 3 * model.crystal.atoms
    D = _weighted(model, q.reshape(-1, 3), np)
    return D.reshape(*q.shape[:-1], size, size)


def squared_frequencies(
    model: Model, q: np.ndarray, *, backend: str = "numpy"
) -> np.ndarray:
    r"""The eigenvalues :math:`\omega^2` of the dynamical matrices, in rising order.

    Parameters
    ----------
    model
        The force constants.
    q
        Cartesian wavevectors, shape ``(..., 3)``; best a million in one array.
    backend
        ``"numpy"``, or ``"cupy"`` to compute on a GPU.

    Returns
    -------
    ndarray
        Real, shape ``(..., 3s)``. Negative values mean that the crystal is unstable.

    Raises
    ------
    ValueError
        For wavevectors of another shape, or an unknown backend.
    BackendError
        If the backend cannot be used here.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> squared_frequencies(copper, [np.pi / 2] * 3).round(12)  # the point L
    array([2., 2., 8.])
    """
    xp = array_module(backend)
    q = _wavevectors(q)
    size = 3 * model.crystal.atoms
    out = np.empty((q.size // 3, size))
    flat = q.reshape(-1, 3)
    length = max(1, BLOCK // max(size**2, model.waves))
    for start in range(0, len(flat), length):
        part = slice(start, start + length)
        D = _weighted(model, xp.asarray(flat[part]), xp)
        values = xp.linalg.eigvalsh(D)
        out[part] = values if xp is np else xp.asnumpy(values)
    return out.reshape(*q.shape[:-1], size)


def frequencies(model: Model, q: np.ndarray, *, backend: str = "numpy") -> np.ndarray:
    r"""Angular frequencies, the roots of :func:`squared_frequencies`.

    As :func:`numpy.emath.sqrt` does, this returns real numbers as long as all are real,
    and complex ones otherwise: a mode with :math:`\omega^2<0` has the frequency
    :math:`i\,|\omega|`, and grows like :math:`e^{|\omega|t}`. Round-off below
    :math:`10^{-10}` of a typical :math:`\omega^2` counts as zero.

    Parameters
    ----------
    model, q, backend
        As for :func:`squared_frequencies`.

    Returns
    -------
    ndarray
        Shape ``(..., 3s)``; real, or complex if there is an unstable mode.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> frequencies(copper, [0, np.pi, 0]) ** 2
    array([4., 4., 8.])
    >>> pushing = ForceConstants.from_springs(fcc(2.0), [-1.0])
    >>> frequencies(pushing, [0, np.pi, 0]) ** 2
    array([-8.+0.j, -4.+0.j, -4.+0.j])
    """
    squared = squared_frequencies(model, q, backend=backend)
    return np.emath.sqrt(_without_round_off(squared, _scale(model)))


def modes(model: Model, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Squared frequencies and polarization vectors.

    Parameters
    ----------
    model
        The force constants.
    q
        Cartesian wavevectors, shape ``(..., 3)``.

    Returns
    -------
    squared, e
        :math:`\omega^2`, shape ``(..., 3s)``, in rising order, and orthonormal
        polarizations: ``e[..., :, j]`` belongs to ``squared[..., j]``.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> squared, e = modes(copper, [0, np.pi, 0])
    >>> np.abs(e[:, 2]).round(12)  # the highest mode at X is longitudinal
    array([0., 1., 0.])
    """
    squared, e = np.linalg.eigh(dynamical_matrices(model, q))
    return squared, e


def group_velocities(
    model: ForceConstants,
    q: np.ndarray,
    direction: np.ndarray | None = None,
    degenerate: float = 1e-8,
) -> np.ndarray:
    r"""Velocities :math:`\partial\omega_\nu/\partial\boldsymbol q`.

    By Hellmann and Feynman's theorem
    :math:`2\omega\,\partial\omega/\partial q_i=e^\dagger(\partial D/\partial q_i)\,e`.
    Where branches touch, the polarizations are first chosen such that the derivative
    along ``direction`` is diagonal among them; another direction may find other slopes.

    Parameters
    ----------
    model
        The force constants.
    q
        Cartesian wavevectors, shape ``(..., 3)``.
    direction
        A vector, shape ``(3,)`` or ``(..., 3)``; by default that of ``q`` itself.
    degenerate
        Squared frequencies that differ by less than this share of the largest count as
        equal.

    Returns
    -------
    ndarray
        Shape ``(..., 3s, 3)``, the branches in the order of :func:`frequencies`; along
        ``direction`` branches that touch are in rising order of their slope.

    Raises
    ------
    ValueError
        Where a squared frequency is not positive, as at :math:`\boldsymbol q=0`:
        there the slope depends on the direction, see :func:`sound_speeds`.

    Examples
    --------
    At a corner of the zone all three waves stand:

    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> bool(np.abs(group_velocities(copper, [0, np.pi, 0])).max() < 1e-12)
    True
    """
    q = _wavevectors(q)
    flat = q.reshape(-1, 3)
    along = flat if direction is None else np.broadcast_to(direction, q.shape)
    along = np.reshape(along, (-1, 3))
    squared, e = modes(model, flat)
    if squared.min(initial=np.inf) <= ROUND_OFF * _scale(model):
        worst = squared.min(axis=1).argmin()
        raise ValueError(
            f"omega^2 = {squared.min():.3g} at q = {flat[worst].tolist()}: a group "
            "velocity needs a mode that oscillates"
        )
    gradient = model.fourier_gradient(flat) * _weights(model.crystal)
    e = adapted(e, squared, np.einsum("ki,kiab->kab", along, gradient), degenerate)
    slopes = np.einsum("kaj,kiab,kbj->kji", e.conj(), gradient, e, optimize=True).real
    velocities = slopes / (2 * np.sqrt(squared))[..., None]
    return velocities.reshape(*q.shape[:-1], squared.shape[1], 3)


def adapted(
    e: np.ndarray, squared: np.ndarray, change: np.ndarray, degenerate: float
) -> np.ndarray:
    """Return polarizations that diagonalize a change of D wherever branches touch.

    Shapes: ``(n, 3s, 3s)``, ``(n, 3s)``, ``(n, 3s, 3s)``.
    """
    e = e.copy()
    apart = np.diff(squared, axis=1) > degenerate * np.abs(squared).max(initial=0.0)
    for k in np.flatnonzero(~apart.all(axis=1)):
        start = 0
        for end in (*np.flatnonzero(apart[k]) + 1, squared.shape[1]):
            part = e[k, :, start:end]
            _, turn = np.linalg.eigh(part.conj().T @ change[k] @ part)
            e[k, :, start:end] = part @ turn
            start = end
    return e


def _without_round_off(squared: np.ndarray, scale: float) -> np.ndarray:
    return np.where((squared < 0) & (squared > -ROUND_OFF * scale), 0.0, squared)


def _scale(model: Model) -> float:
    """Return how large squared frequencies of the model are, roughly."""
    return float(np.abs(model.on_site).max() / model.crystal.masses.min())


def _wavevectors(q) -> np.ndarray:
    q = np.asarray(q, dtype=float)
    if q.shape[-1:] != (3,):
        raise ValueError(
            f"wavevectors have three components along the last axis, not the shape "
            f"{q.shape}"
        )
    if not np.isfinite(q).all():
        raise ValueError("a wavevector is not finite")
    return q


def _weights(crystal: Crystal) -> np.ndarray:
    root = np.repeat(np.sqrt(crystal.masses), 3)
    return 1 / np.outer(root, root)


def _weighted(model: Model, q, xp: ModuleType):
    return model.fourier(q, xp) * xp.asarray(_weights(model.crystal))
