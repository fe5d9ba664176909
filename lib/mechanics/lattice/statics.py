"""The crystal at rest: lattice sums, its energy, and its size."""

from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from mechanics.lattice.crystals import Crystal
from mechanics.lattice.neighbours import Potentials, between, neighbours, on_pairs
from mechanics.potentials import soft_sphere


def lattice_sum(crystal: Crystal, n: float, cutoff: float | None = None) -> float:
    r"""The sum of inverse powers of the distances to all other atoms.

    .. math:: A_n=\sum_{j\ne0}\Bigl(\frac d{r_j}\Bigr)^n

    In a crystal of several atoms the mean over them is returned.

    Parameters
    ----------
    crystal
        The crystal; :math:`d` is its shortest distance.
    n
        The power, above 3: the sum over an infinite crystal diverges otherwise.
    cutoff
        The radius :math:`R` as in :func:`static_energy`; 20 shortest distances by
        default.

    Raises
    ------
    ValueError
        If the sum diverges.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> print(f"{lattice_sum(fcc(1.0), 6):.8f} {lattice_sum(fcc(1.0), 12):.8f}")
    14.45392104 12.13188020
    """
    if n <= 3:
        raise ValueError(f"the sum of (d/r)^{n} diverges: the power must exceed 3")
    edge = np.linalg.norm(crystal.cell, axis=1).min()
    d = neighbours(crystal, edge).distances.min()
    power = soft_sphere(n=n, sigma=d)
    R = 20 * d if cutoff is None else cutoff
    return 2 * static_energy(crystal, power, R) / crystal.atoms


def static_energy(
    crystal: Crystal, potential: Potentials, cutoff: float, *, tail: bool = True
) -> float:
    r"""Energy of a cell with all atoms at rest.

    A sum that breaks off at a radius :math:`R` misses all atoms beyond, and it jumps
    with every shell that passes :math:`R`. So the atoms fade out between :math:`R/2`
    and :math:`R`, with a smooth weight :math:`w` that falls from 1 to 0, and what they
    lose a continuum of the same density gets:

    .. math::
        E=\frac12\sum_{a}\sum_{(b,n)\ne(a,0)}w(r)\,\phi(r)
        +\frac{1}{2V}\sum_{a,b}\int_0^\infty4\pi r^2\,[1-w(r)]\,\phi(r)\,\mathrm dr

    Parameters
    ----------
    crystal
        The crystal.
    potential
        One for all, or a mapping from pairs of species.
    cutoff
        The radius :math:`R`.
    tail
        Without it the sum breaks off at :math:`R`, as if the potential ended there.

    Raises
    ------
    CutoffError
        If an atom has no neighbour within the cut-off.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> from mechanics.potentials import lennard_jones
    >>> crystal = equilibrium(fcc(1.5), lennard_jones(), cutoff=12)
    >>> print(f"{static_energy(crystal, lennard_jones(), cutoff=12):.6f}")
    -8.610200
    """
    return _Scaling(crystal, potential, cutoff, tail).sum(1.0, "energy", 0)


def equilibrium(
    crystal: Crystal, potential: Potentials, cutoff: float, *, tail: bool = True
) -> Crystal:
    r"""Scale a crystal to the size at which its static energy is least.

    The shape of the cell and the places within it are kept. The cut-off is scaled with
    the crystal, so that no atom crosses it.

    Parameters
    ----------
    crystal, potential, cutoff, tail
        As for :func:`static_energy`.

    Returns
    -------
    Crystal
        The crystal at zero pressure.

    Raises
    ------
    ValueError
        If there is no minimum downhill between half and twice the size.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> from mechanics.potentials import lennard_jones
    >>> crystal = equilibrium(fcc(1.5), lennard_jones(), cutoff=12)
    >>> print(f"{np.linalg.norm(crystal.cell[0]):.6f}")  # distance of the nearest atoms
    1.090173
    """
    scaling = _Scaling(crystal, potential, cutoff, tail)

    def slope(x):
        return scaling.sum(x, "slope", 1)

    factor = 1.02 if slope(1.0) < 0 else 1 / 1.02  # downhill
    x = 1.0
    while (slope(factor * x) < 0) == (factor > 1):
        x *= factor
        if not 0.5 < x < 2:
            raise ValueError(
                "the static energy has no minimum between half and twice this size: "
                "start from another size, or let the potential attract"
            )
    return crystal.scaled(brentq(slope, x, factor * x, xtol=1e-14))


class _Scaling:
    """The static energy, and its slope, when all lengths are multiplied by x."""

    def __init__(self, crystal, potential, cutoff, tail):
        self.crystal, self.potential, self.cutoff = crystal, potential, cutoff
        self.near = neighbours(crystal, cutoff)
        self.tail = tail
        self.weights = _fading(self.near.distances / cutoff) if tail else 1.0

    def sum(self, x, derivative, power):
        """Half the sum of r^power times a derivative of the potential at x r."""
        r = self.near.distances
        near = replace(self.near, distances=x * r)
        values = on_pairs(self.crystal, self.potential, near, derivative)
        total = (self.weights * r**power * values).sum() / 2
        if not self.tail:
            return float(total)
        names, R = self.crystal.species, self.cutoff
        beyond = 0.0
        for (one, other), count in Counter(product(names, names)).items():
            function = getattr(between(self.potential, one, other), derivative)

            def integrand(u, function=function):  # r = R / u
                faded = 1 - _fading(1 / u)
                return faded * (R / u) ** (2 + power) * function(x * R / u) * R / u**2

            integral = quad(integrand, 0, 2, points=[1], epsabs=0, epsrel=1e-11)[0]
            beyond += count * integral
        return float(total + 2 * np.pi / self.crystal.volume * beyond)


def _fading(t: np.ndarray) -> np.ndarray:
    """One up to t = 1/2, zero from t = 1 on, with four continuous derivatives."""
    s = np.clip(2 * t - 1, 0, 1)
    return 1 - s**5 * (126 - s * (420 - s * (540 - s * (315 - 70 * s))))
