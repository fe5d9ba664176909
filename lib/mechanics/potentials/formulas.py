"""The pair potentials of the textbooks."""

import numpy as np
import sympy as sp

from mechanics.potentials.pair import PairPotential, R


def lennard_jones(
    cutoff: float = np.inf,
    truncation: str = "truncated",
    *,
    epsilon: float = 1.0,
    sigma: float = 1.0,
) -> PairPotential:
    r"""The potential of Lennard-Jones.

    .. math:: \phi(r)=4\varepsilon\left[(\sigma/r)^{12}-(\sigma/r)^6\right]

    Examples
    --------
    >>> argon = lennard_jones(cutoff=2.5)
    >>> print(f"{argon.energy(2**(1/6)):.3f} {argon.tail_energy(0.8442):.4f}")
    -1.000 -0.4520
    """
    e, s = sp.symbols("epsilon sigma", positive=True)
    phi = 4 * e * ((s / R) ** 12 - (s / R) ** 6)
    params = {"epsilon": epsilon, "sigma": sigma}
    return PairPotential(phi, cutoff, truncation, params, "Lennard-Jones")


def weeks_chandler_andersen(
    *, epsilon: float = 1.0, sigma: float = 1.0
) -> PairPotential:
    r"""The repulsive part of Lennard-Jones, cut at its minimum and shifted to zero.

    Examples
    --------
    >>> spheres = weeks_chandler_andersen()
    >>> spheres.energy([1.0, 1.2])
    array([1., 0.])
    """
    whole = lennard_jones(2 ** (1 / 6) * sigma, "shifted", epsilon=epsilon, sigma=sigma)
    return PairPotential(
        whole.phi, whole.cutoff, "shifted", whole.params, "Weeks-Chandler-Andersen"
    )


def soft_sphere(
    cutoff: float = np.inf,
    truncation: str = "truncated",
    *,
    n: int = 12,
    epsilon: float = 1.0,
    sigma: float = 1.0,
) -> PairPotential:
    r"""An inverse power :math:`\varepsilon(\sigma/r)^n`.

    Examples
    --------
    >>> soft_sphere(3.0).slope(1.0)
    array(-12.)
    """
    e, s = sp.symbols("epsilon sigma", positive=True)
    params = {"epsilon": epsilon, "sigma": sigma}
    return PairPotential(e * (s / R) ** n, cutoff, truncation, params, "soft sphere")


def morse(
    cutoff: float = np.inf,
    truncation: str = "truncated",
    *,
    D: float = 1.0,
    a: float = 1.0,
    r_0: float = 1.0,
) -> PairPotential:
    r"""The potential of Morse, :math:`D\left[(1-e^{-a(r-r_0)})^2-1\right]`.

    Examples
    --------
    >>> bond = morse(5.0, D=2.0, a=3.0, r_0=1.1)
    >>> print(f"{bond.energy(1.1):.1f} {abs(bond.slope(1.1)):.1f}")
    -2.0 0.0
    """
    symbols = sp.symbols("D a r_0", positive=True)
    depth, width, rest = symbols
    phi = depth * ((1 - sp.exp(-width * (R - rest))) ** 2 - 1)
    params = {"D": D, "a": a, "r_0": r_0}
    return PairPotential(phi, cutoff, truncation, params, "Morse")


def buckingham(
    cutoff: float = np.inf,
    truncation: str = "truncated",
    *,
    A: float,
    B: float,
    C: float,
) -> PairPotential:
    r"""The potential of Buckingham, :math:`A\,e^{-Br}-C/r^6`.

    At short distances it falls to minus infinity: atoms that get there are lost.

    Examples
    --------
    >>> argon = buckingham(4.0, A=1e5, B=12.0, C=1.0)
    >>> print(f"{argon.energy(1.2):.3f}")
    -0.279
    """
    symbols = sp.symbols("A B C", positive=True)
    strength, decay, attraction = symbols
    phi = strength * sp.exp(-decay * R) - attraction / R**6
    params = {"A": A, "B": B, "C": C}
    return PairPotential(phi, cutoff, truncation, params, "Buckingham")
