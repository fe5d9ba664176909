"""Elastic constants from force constants, and sound."""

from functools import lru_cache

import numpy as np
from scipy.constants import hbar as HBAR
from scipy.constants import k as K_B
from scipy.integrate import lebedev_rule

from mechanics.lattice.chains import UnstableCrystalError
from mechanics.lattice.crystals import read_only
from mechanics.lattice.force_constants import ForceConstants

VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))


def long_waves(fc: ForceConstants) -> np.ndarray:
    r"""The coefficients :math:`K_{ikjl}` of long acoustic waves.

    .. math::
        \rho\,\omega^2u_i=\sum_{jkl}K_{ikjl}\,q_jq_l\,u_k,\qquad
        K_{ikjl}=-\frac1{2V}\Bigl[\sum\Phi_{ab,ik}\,x_jx_l
        +\bigl(R_j^{\mathsf T}\,\Gamma R_l+R_l^{\mathsf T}\,\Gamma R_j\bigr)_{ik}
        \Bigr]

    The atoms of a cell do not move alike in a long wave: the strain sets forces
    :math:`R_l=\sum_{b}\Phi_{ab}\,x_l` free, and with the pseudo-inverse :math:`\Gamma`
    of :math:`\sum_{\boldsymbol R}\Phi_{ab}` they relax.

    Returns
    -------
    ndarray
        Shape ``(3, 3, 3, 3)``, symmetric in the first two and in the last two indices;
        in units of stress.

    Raises
    ------
    UnstableCrystalError
        If the atoms of a cell do not hold together, so that they cannot relax.

    Notes
    -----
    Source: Born and Huang, section 26.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> K = long_waves(copper)
    >>> round(float(K[0, 0, 0, 0]), 12), round(float(K[1, 1, 0, 0]), 12)  # 2k/a, k/a
    (1.0, 0.5)
    """
    s, x = fc.crystal.atoms, fc.vectors
    K = -np.einsum("nik,nj,nl->ikjl", fc.blocks, x, x) / 2
    if s > 1:
        still = fc.fourier(np.zeros((1, 3)))[0].real
        R = np.zeros((s, 3, 3, 3))
        np.add.at(R, fc.pairs[:, 0], np.einsum("nik,nl->nikl", fc.blocks, x))
        R = R.reshape(3 * s, 3, 3)
        stiffness, shapes = np.linalg.eigh(still)
        # three of the eigenvalues belong to shifts of the whole crystal
        shift = np.abs(shapes.reshape(s, 3, -1).sum(axis=0)) ** 2
        inner = shift.sum(axis=0) < 0.5 * s
        if (
            inner.sum() != 3 * s - 3
            or stiffness[inner].min() <= 1e-10 * stiffness.max()
        ):
            raise UnstableCrystalError(
                "the atoms of a cell are not held in their places relative to each "
                "other: an optical mode at q = 0 has omega^2 <= 0"
            )
        gamma = (shapes[:, inner] / stiffness[inner]) @ shapes[:, inner].T
        relaxed = np.einsum("mij,mn,nkl->ikjl", R, gamma, R)
        K -= (relaxed + relaxed.swapaxes(2, 3)) / 2
    return K / fc.crystal.volume


def huang_defect(fc: ForceConstants) -> np.ndarray:
    r"""What the stress of the crystal at rest leaves unexplained: Huang's conditions.

    Elastic energy depends on strain, not on rotations, if

    .. math:: K_{ikjl}-\sigma_{jl}\,\delta_{ik}=K_{jlik}-\sigma_{ik}\,\delta_{jl}

    A pressure drops out of this condition, so that harmonic force constants do not
    know it; a shear stress does not.

    Returns
    -------
    ndarray
        The difference, shape ``(3, 3, 3, 3)``.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> bool(np.abs(huang_defect(copper)).max() < 1e-14)
    True
    """
    K = long_waves(fc) - np.einsum("jl,ik->ikjl", fc.stress, np.eye(3))
    return K - K.transpose(2, 3, 0, 1)


def elastic_constants(fc: ForceConstants) -> np.ndarray:
    r"""Elastic constants: second derivatives of the energy by the Lagrangian strain.

    .. math::
        C_{ijkl}=\frac1V\frac{\partial^2E}{\partial\eta_{ij}\,\partial\eta_{kl}}
        =\tilde K_{ikjl}+\tilde K_{jkil}-\tilde K_{ijkl},\qquad
        \tilde K_{ikjl}=K_{ikjl}-\sigma_{jl}\,\delta_{ik}

    with the coefficients of :func:`long_waves`, and the atoms of a cell relaxed.

    Returns
    -------
    ndarray
        Shape ``(3, 3, 3, 3)``, with all symmetries of Voigt.

    Raises
    ------
    ValueError
        If forces act on the atoms at rest, or if the energy depends on rotations.
    UnstableCrystalError
        If the atoms of a cell do not hold together.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> to_voigt(elastic_constants(copper)).diagonal().round(12)
    array([1. , 1. , 1. , 0.5, 0.5, 0.5])
    """
    scale = np.abs(fc.blocks).max(initial=0.0)
    length = np.cbrt(fc.crystal.volume)
    strongest = np.abs(fc.forces).max(initial=0.0)
    if strongest > 1e-8 * scale * length:
        raise ValueError(
            f"a force of {strongest:.3g} acts on an atom at rest: elastic constants "
            "need a crystal whose atoms are in equilibrium"
        )
    defect = np.abs(huang_defect(fc)).max()
    if defect > 1e-8 * scale / length:
        raise ValueError(
            f"the energy depends on rotations (Huang's conditions fail by {defect:.3g})"
            ": the stress at rest is missing, or springs act across their bonds"
        )
    K = long_waves(fc) - np.einsum("jl,ik->ikjl", fc.stress, np.eye(3))
    return K.transpose(0, 2, 1, 3) + K.transpose(2, 0, 1, 3) - K


def stress_strain_coefficients(C: np.ndarray, stress: np.ndarray) -> np.ndarray:
    r"""How the stress answers to a further small strain of a stressed crystal.

    .. math::
        B_{ijkl}=C_{ijkl}+\tfrac12(\sigma_{ik}\delta_{jl}+\sigma_{il}\delta_{jk}
        +\sigma_{jk}\delta_{il}+\sigma_{jl}\delta_{ik})-\sigma_{ij}\delta_{kl}

    Under a pressure these, and not the :math:`C_{ijkl}`, are what a press and a sound
    wave measure: :math:`B_{11}=C_{11}-P`, :math:`B_{12}=C_{12}+P`,
    :math:`B_{44}=C_{44}-P`.

    Parameters
    ----------
    C
        Elastic constants, shape ``(3, 3, 3, 3)``.
    stress
        Cauchy stress at rest, shape ``(3, 3)``.

    Returns
    -------
    ndarray
        Shape ``(3, 3, 3, 3)``.

    Notes
    -----
    Source: Wallace, Thermodynamics of Crystals, section 2.

    Examples
    --------
    >>> B = stress_strain_coefficients(cubic_elastic_constants(9, 5, 4), -np.eye(3))
    >>> to_voigt(B)[0, :2], to_voigt(B)[3, 3]
    (array([8., 6.]), np.float64(3.0))
    """
    C, stress = read_only("C", C, (3,) * 4), read_only("stress", stress, (3, 3))
    one = np.eye(3)
    four = (
        np.einsum("ik,jl->ijkl", stress, one)
        + np.einsum("il,jk->ijkl", stress, one)
        + np.einsum("jk,il->ijkl", stress, one)
        + np.einsum("jl,ik->ijkl", stress, one)
    )
    return C + four / 2 - np.einsum("ij,kl->ijkl", stress, one)


def sound_speeds(
    C: np.ndarray,
    density: float,
    n: np.ndarray,
    stress: np.ndarray = ((0.0,) * 3,) * 3,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Speeds and polarizations of plane elastic waves: Christoffel's equation.

    .. math::
        \rho v^2u_i=\sum_{jkl}\bigl(C_{ijkl}+\sigma_{jl}\,\delta_{ik}\bigr)n_jn_l\,u_k

    Parameters
    ----------
    C
        Elastic constants, shape ``(3, 3, 3, 3)``.
    density
        Mass density :math:`\rho`.
    n
        Directions of propagation, shape ``(..., 3)``; normalized here.
    stress
        Cauchy stress at rest, shape ``(3, 3)``.

    Returns
    -------
    speeds, polarizations
        In rising order, shape ``(..., 3)``, and the unit vectors as columns of
        ``(..., 3, 3)``.

    Raises
    ------
    UnstableCrystalError
        If some :math:`\rho v^2<0`; the message names the direction.

    Examples
    --------
    >>> C = cubic_elastic_constants(9.0, 5.0, 4.0)
    >>> sound_speeds(C, 1.0, [1, 0, 0])[0]
    array([2., 2., 3.])
    """
    n = np.asarray(n, dtype=float)
    length = np.linalg.norm(n, axis=-1, keepdims=True)
    if n.shape[-1:] != (3,) or not (length > 0).all():
        raise ValueError("directions are vectors of three components and not zero")
    if not density > 0:
        raise ValueError(f"the density must be positive, not {density}")
    n = n / length
    C, stress = read_only("C", C, (3,) * 4), read_only("stress", stress, (3, 3))
    christoffel = np.einsum("ijkl,...j,...l->...ik", C, n, n, optimize=True)
    christoffel += np.einsum("jl,...j,...l->...", stress, n, n)[
        ..., None, None
    ] * np.eye(3)
    squared, u = np.linalg.eigh(christoffel / density)
    if squared.min(initial=0.0) < -1e-12 * np.abs(squared).max():
        worst = n.reshape(-1, 3)[squared.reshape(-1, 3).min(axis=1).argmin()]
        raise UnstableCrystalError(
            f"rho v^2 = {density * squared.min():.4g} along {worst.round(3).tolist()}: "
            "the crystal yields to this wave"
        )
    return np.sqrt(np.maximum(squared, 0.0)), u


def cauchy_defect(C: np.ndarray) -> np.ndarray:
    r"""By how much Cauchy's relations fail, :math:`C_{ijkl}-C_{ikjl}`.

    It vanishes if all forces are central, each atom is a centre of symmetry and the
    crystal is free of stress; for cubic crystals it is :math:`C_{12}-C_{44}`.

    Examples
    --------
    >>> cauchy_defect(cubic_elastic_constants(9.0, 5.0, 4.0))[0, 0, 1, 1]
    np.float64(1.0)
    """
    C = read_only("C", C, (3,) * 4)
    return C - C.swapaxes(1, 2)


def cubic_elastic_constants(C11: float, C12: float, C44: float) -> np.ndarray:
    r"""The tensor of a cubic crystal in its cubic axes, shape ``(3, 3, 3, 3)``.

    Examples
    --------
    >>> to_voigt(cubic_elastic_constants(9, 5, 4))[0]
    array([9., 5., 5., 0., 0., 0.])
    """
    matrix = np.diag([C11 - C12] * 3 + [C44] * 3).astype(float)
    matrix[:3, :3] += C12
    return from_voigt(matrix)


def to_voigt(C: np.ndarray) -> np.ndarray:
    r"""Write stiffnesses as a matrix: pairs of indices 11, 22, 33, 23, 13, 12.

    No factors occur, for *stiffnesses*; a compliance would need them.

    Examples
    --------
    >>> to_voigt(cubic_elastic_constants(9, 5, 4)).shape
    (6, 6)
    """
    C = read_only("C", C, (3,) * 4)
    i, j = np.transpose(VOIGT)
    return C[i[:, None], j[:, None], i, j]


def from_voigt(matrix: np.ndarray) -> np.ndarray:
    r"""Return the tensor of stiffnesses, shape ``(3, 3, 3, 3)``, of Voigt's matrix.

    Examples
    --------
    >>> from_voigt(np.eye(6))[0, 1, 1, 0]
    np.float64(1.0)
    """
    matrix = read_only("matrix", matrix, (6, 6))
    number = np.empty((3, 3), dtype=int)
    for m, (i, j) in enumerate(VOIGT):
        number[i, j] = number[j, i] = m
    return matrix[number[:, :, None, None], number]


@lru_cache
def _sphere() -> tuple[np.ndarray, np.ndarray]:
    points, weights = lebedev_rule(131)
    return points.T, weights / (4 * np.pi)


def elastic_debye_temperature(
    C: np.ndarray,
    density: float,
    atoms_per_volume: float,
    *,
    hbar: float = HBAR,
    k_B: float = K_B,
) -> float:
    r"""Debye's temperature from the speeds of sound.

    .. math::
        k_B\Theta_D=\hbar\,v_D\,(6\pi^2n)^{1/3},\qquad
        \frac3{v_D^3}=\sum_{\nu=1}^3\int\frac{\mathrm d\Omega}{4\pi}\,
        \frac1{v_\nu(\boldsymbol n)^3}

    The mean over directions is taken with Lebedev's 131st-order rule.

    Parameters
    ----------
    C, density
        Elastic constants and mass density.
    atoms_per_volume
        The number density :math:`n` of atoms.
    hbar, k_B
        In the units of the other arguments; SI by default.

    Raises
    ------
    UnstableCrystalError
        If a wave has no speed.

    Examples
    --------
    Copper at low temperature (SI):

    >>> C = cubic_elastic_constants(176.2e9, 124.9e9, 81.8e9)
    >>> round(elastic_debye_temperature(C, 9018.0, 8.55e28))
    345
    """
    directions, weights = _sphere()
    speeds, _ = sound_speeds(C, density, directions)
    if not speeds.min() > 0:
        raise UnstableCrystalError("a wave has the speed zero: no Debye temperature")
    mean = (weights @ speeds**-3.0).sum() / 3
    return float(hbar / k_B * np.cbrt(6 * np.pi**2 * atoms_per_volume / mean))
