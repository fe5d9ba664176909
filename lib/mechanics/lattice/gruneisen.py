"""Grüneisen parameters: how branches move when the crystal is squeezed."""

from collections.abc import Callable

import numpy as np

from mechanics.lattice.chains import UnstableCrystalError
from mechanics.lattice.crystals import Crystal
from mechanics.lattice.force_constants import ForceConstants
from mechanics.lattice.phonons import adapted, dynamical_matrices, modes


def gruneisen_parameters(
    build: Callable[[Crystal], ForceConstants],
    crystal: Crystal,
    q: np.ndarray,
    *,
    strain: float = 1e-4,
    degenerate: float = 1e-8,
) -> np.ndarray:
    r"""How each frequency answers to a change of volume.

    .. math::
        \gamma_\nu(\boldsymbol q)=-\frac{\partial\ln\omega_\nu}{\partial\ln V}
        =-\frac1{2\omega^2}\,e^\dagger\frac{\partial D}{\partial\ln V}\,e

    The derivative of :math:`D` is a central difference between two scaled crystals, at
    wavevectors with the same fractional coordinates.

    Parameters
    ----------
    build
        Makes the force constants of a crystal, of this size and of others.
    crystal
        The crystal.
    q
        Its Cartesian wavevectors, shape ``(..., 3)``.
    strain
        The relative change of volume :math:`\delta`; the error is of order
        :math:`\delta^2`.
    degenerate
        As in :func:`group_velocities`.

    Returns
    -------
    ndarray
        Shape ``(..., 3s)``, in the order of :func:`frequencies`.

    Raises
    ------
    UnstableCrystalError
        Where :math:`\omega^2` is not positive, as at :math:`\boldsymbol q=0`.

    Examples
    --------
    Atoms that repel each other like :math:`r^{-n}` have :math:`\gamma=(n+2)/6`:

    >>> from mechanics.lattice import fcc
    >>> from mechanics.potentials import soft_sphere
    >>> soft = soft_sphere(n=12)
    >>> def build(crystal):
    ...     reach = 1.1 * np.linalg.norm(crystal.cell[0])
    ...     return ForceConstants.from_pair_potential(crystal, soft, reach)
    >>> gruneisen_parameters(build, fcc(1.5), [1.0, 0.3, 0.2]).round(6)
    array([2.333333, 2.333333, 2.333333])
    """
    q = np.asarray(q, dtype=float)
    fractions = q.reshape(-1, 3) @ np.linalg.inv(crystal.reciprocal)
    squared, e = modes(build(crystal), q.reshape(-1, 3))
    if squared.min() <= 1e-10 * squared.max():
        raise UnstableCrystalError(
            f"omega^2 = {squared.min():.3g}: a Grüneisen parameter needs a mode that "
            "oscillates"
        )
    small, large = (
        dynamical_matrices(build(other), other.wavevectors(fractions))
        for other in (crystal.scaled(np.exp(sign * strain / 3)) for sign in (-1, 1))
    )
    change = (large - small) / (2 * strain)
    e = adapted(e, squared, -change, degenerate)
    slopes = np.einsum("kaj,kab,kbj->kj", e.conj(), change, e).real
    return (-slopes / (2 * squared)).reshape(*q.shape[:-1], -1)
