"""Anharmonic chains with fixed ends: Fermi, Pasta, Ulam and Tsingou's, and Toda's."""

import numpy as np
import sympy as sp
from scipy.fft import dst

from mechanics.numerics import ParticleChain

STRETCH, ALPHA, BETA = sp.symbols("x alpha beta", real=True)


def fput_alpha(springs: int, alpha: float = 0.25) -> ParticleChain:
    r"""Return the chain whose bonds have :math:`\phi(x)=x^2/2+\alpha x^3/3`.

    Parameters
    ----------
    springs
        Their number :math:`N`; between them :math:`N-1` masses move.
    alpha
        The strength :math:`\alpha`.

    Notes
    -----
    Sources: AMM-37; :cite:`fermi_studies_1955`.

    Examples
    --------
    >>> fput_alpha(32).n
    31
    """
    bond = STRETCH**2 / 2 + ALPHA * STRETCH**3 / 3
    return ParticleChain(springs - 1, bond, STRETCH, params={"alpha": alpha})


def fput_beta(springs: int, beta: float = 1.0, ends: str = "fixed") -> ParticleChain:
    r"""Return the chain whose bonds have :math:`\phi(x)=x^2/2+\beta x^4/4`.

    With periodic ends as many masses move as there are springs.

    Examples
    --------
    >>> fput_beta(32).n, fput_beta(32, ends="periodic").n
    (31, 32)
    """
    bond = STRETCH**2 / 2 + BETA * STRETCH**4 / 4
    masses = springs if ends == "periodic" else springs - 1
    return ParticleChain(masses, bond, STRETCH, ends=ends, params={"beta": beta})


def toda(springs: int, alpha: float = 0.25) -> ParticleChain:
    r"""Return Toda's chain, the integrable neighbour of :func:`fput_alpha`.

    .. math:: \phi(x)=\frac{e^{2\alpha x}-1-2\alpha x}{4\alpha^2}
                     =\frac{x^2}2+\frac{\alpha x^3}3+O(x^4)

    Examples
    --------
    >>> sp.series(toda(32).bond, STRETCH, 0, 5).removeO().coeff(STRETCH, 4)
    alpha**2/6
    """
    bond = (sp.exp(2 * ALPHA * STRETCH) - 1 - 2 * ALPHA * STRETCH) / (4 * ALPHA**2)
    return ParticleChain(springs - 1, bond, STRETCH, params={"alpha": alpha})


def sine_modes(u: np.ndarray) -> np.ndarray:
    r"""Normal coordinates of a chain with fixed ends, from displacements or momenta.

    .. math:: Q_k=\sqrt{\frac2N}\sum_{i=1}^{N-1}u_i\sin\frac{\pi ik}N,
              \qquad k=1,\dots,N-1

    The matrix is orthogonal, so that the same map for coordinates and momenta is
    canonical; and it is its own inverse.

    Parameters
    ----------
    u
        Displacements or momenta along the last axis, shape ``(..., N - 1)``.

    Examples
    --------
    >>> u = np.random.default_rng(1).normal(size=(2, 31))
    >>> bool(np.allclose(sine_modes(sine_modes(u)), u))
    True
    """
    return dst(u, type=1, norm="ortho", axis=-1)


def mode_frequencies(springs: int) -> np.ndarray:
    r"""Frequencies :math:`\omega_k=2\sin(\pi k/2N)` of the harmonic chain.

    Shape ``(N - 1,)``, for unit masses and springs.

    Examples
    --------
    >>> mode_frequencies(2)
    array([1.41421356])
    """
    return 2 * np.sin(np.pi * np.arange(1, springs) / (2 * springs))


def mode_energies(u: np.ndarray, p: np.ndarray) -> np.ndarray:
    r"""Harmonic energies :math:`E_k=\tfrac12(P_k^2+\omega_k^2Q_k^2)` of the modes.

    Their sum is the energy of the chain without its anharmonic part.

    Parameters
    ----------
    u, p
        Displacements and momenta along the last axis, shape ``(..., N - 1)``.

    Returns
    -------
    ndarray
        Shape ``(..., N - 1)``, in the order of rising frequency.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> u = np.sin(np.pi * np.arange(1, 32) / 32)
    >>> mode_energies(u, 0*u)[:2].round(4)
    array([0.077, 0.   ])
    """
    u, p = np.asarray(u, float), np.asarray(p, float)
    if u.shape != p.shape:
        raise ValueError(f"displacements {u.shape} and momenta {p.shape} do not match")
    omega = mode_frequencies(u.shape[-1] + 1)
    return (sine_modes(p) ** 2 + (omega * sine_modes(u)) ** 2) / 2
