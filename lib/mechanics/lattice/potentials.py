"""Pair potentials, static lattice sums, and the crystal at rest."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import sympy as sp
from scipy.integrate import quad
from scipy.optimize import brentq
from sympy.codegen.rewriting import create_expand_pow_optimization

from mechanics.lattice.crystals import Crystal


@dataclass(frozen=True)
class PairPotential:
    r"""A potential :math:`\phi(r)` between two atoms with its first two derivatives.

    Attributes
    ----------
    energy, slope, curvature
        :math:`\phi,\ \phi',\ \phi''`, functions of arrays of distances.

    Examples
    --------
    >>> bond = PairPotential(energy=lambda r: 3*(r - 1)**2/2,
    ...                      slope=lambda r: 3*(r - 1), curvature=lambda r: 3)
    >>> bond.slope(1.5)
    1.5
    """

    energy: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    curvature: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def from_expression(
        cls, phi: sp.Expr, r: sp.Symbol, params: Mapping | None = None
    ) -> "PairPotential":
        r"""Differentiate a formula and compile it for arrays.

        Parameters
        ----------
        phi
            The potential, an expression in ``r``.
        r
            The symbol of the distance.
        params
            Numbers for all other symbols, by symbol or by name.

        Raises
        ------
        ValueError
            If a symbol has no number, or a number no symbol; the message names it.

        Examples
        --------
        >>> r, D, alpha = sp.symbols("r D alpha", positive=True)
        >>> morse = D * (sp.exp(-2*alpha*(r - 1)) - 2*sp.exp(-alpha*(r - 1)))
        >>> bond = PairPotential.from_expression(morse, r, {"D": 2.0, "alpha": 3.0})
        >>> round(float(bond.curvature(1.0)), 9)  # 2 D alpha^2
        36.0
        """
        phi = sp.sympify(phi)
        needed = {s.name: s for s in phi.free_symbols - {r}}
        numbers = {str(name): value for name, value in (params or {}).items()}
        for names, what in (
            (needed.keys() - numbers.keys(), "needs a number for"),
            (numbers.keys() - needed.keys(), "does not contain"),
        ):
            if names:
                raise ValueError(
                    f"the potential {phi} {what} {', '.join(sorted(names))}"
                )
        phi = phi.subs({needed[name]: value for name, value in numbers.items()})
        products = create_expand_pow_optimization(24)  # five times faster than powers
        derivatives = [products(sp.diff(phi, r, n)) for n in range(3)]
        return cls(*(sp.lambdify(r, f, "numpy", cse=True) for f in derivatives))


def lennard_jones(epsilon: float = 1.0, sigma: float = 1.0) -> PairPotential:
    r"""Lennard and Jones's :math:`4\varepsilon[(\sigma/r)^{12}-(\sigma/r)^6]`.

    Examples
    --------
    >>> round(lennard_jones().energy(2 ** (1/6)), 12)
    -1.0
    """
    r = sp.Symbol("r", positive=True)
    power = (sigma / r) ** 6
    return PairPotential.from_expression(4 * epsilon * (power**2 - power), r)


class CutoffError(ValueError):
    """A cut-off radius that reaches no neighbour.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> neighbours(fcc(2.0), cutoff=1.2)
    Traceback (most recent call last):
        ...
    mechanics.lattice.potentials.CutoffError: within the cut-off 1.2 atom 0 has no
    neighbour: the nearest stands at 1.414
    """


@dataclass(frozen=True, eq=False)
class Neighbours:
    r"""Pairs of atoms within a cut-off; each pair stands here twice, once per end.

    Attributes
    ----------
    pairs
        The atoms :math:`(a,b)`, shape ``(n, 2)``.
    cells
        Lattice points :math:`\boldsymbol n` of the cell of :math:`b`, seen from that of
        :math:`a`, shape ``(n, 3)``.
    vectors
        From :math:`a` to :math:`b`:
        :math:`\boldsymbol R_n+\boldsymbol r_b-\boldsymbol r_a`, shape ``(n, 3)``.
    distances
        Their lengths, shape ``(n,)``.

    Examples
    --------
    >>> from mechanics.lattice import rocksalt
    >>> near = neighbours(rocksalt(2.0), cutoff=1.0)
    >>> isinstance(near, Neighbours), near.pairs.shape, near.pairs[0].tolist()
    (True, (12, 2), [0, 1])
    """

    pairs: np.ndarray
    cells: np.ndarray
    vectors: np.ndarray
    distances: np.ndarray


def neighbours(crystal: Crystal, cutoff: float) -> Neighbours:
    """All pairs of atoms not further apart than a cut-off.

    Parameters
    ----------
    crystal
        The crystal.
    cutoff
        Largest distance.

    Raises
    ------
    CutoffError
        If an atom has no neighbour so near; the message names the distance needed.

    Examples
    --------
    >>> from mechanics.lattice import fcc
    >>> near = neighbours(fcc(2.0), cutoff=2.0)
    >>> np.unique(near.distances.round(9), return_counts=True)
    (array([1.41421356, 2.        ]), array([12,  6]))
    """
    if not 0 < cutoff < np.inf:
        raise ValueError(f"the cut-off must be positive and finite, not {cutoff}")
    near = _within(crystal, cutoff)
    alone = np.setdiff1d(np.arange(crystal.atoms), near.pairs[:, 0])
    if len(alone):
        every = _within(crystal, np.linalg.norm(crystal.cell, axis=1).max())
        nearest = every.distances[every.pairs[:, 0] == alone[0]].min()
        raise CutoffError(
            f"within the cut-off {cutoff:.4g} atom {alone[0]} has no neighbour: the "
            f"nearest stands at {nearest:.4g}"
        )
    return near


def _within(crystal: Crystal, cutoff: float) -> Neighbours:
    apart = crystal.positions - crystal.positions[:, None]  # [a, b] = f_b - f_a
    reach = cutoff * np.linalg.norm(crystal.reciprocal, axis=1) / (2 * np.pi)
    least = np.ceil(-reach - apart.max(axis=(0, 1)) - 1e-9).astype(int)
    most = np.floor(reach - apart.min(axis=(0, 1)) + 1e-9).astype(int)
    ranges = [np.arange(a, b + 1) for a, b in zip(least, most, strict=True)]
    cells = np.stack(np.meshgrid(*ranges, indexing="ij"), -1).reshape(-1, 3)
    found = []
    for a in range(crystal.atoms):
        vectors = (cells[:, None] + apart[a]) @ crystal.cell
        distances = np.linalg.norm(vectors, axis=2)
        # atoms of a shell are equally far but for round-off, and stay together
        near = distances <= cutoff * (1 + 1e-10)
        near[~cells.any(axis=1), a] = False  # the atom itself
        cell, b = np.nonzero(near)
        pairs = np.stack([np.full_like(b, a), b], axis=1)
        found.append((pairs, cells[cell], vectors[cell, b], distances[cell, b]))
    return Neighbours(*map(np.concatenate, zip(*found, strict=True)))


Potentials = PairPotential | Mapping[tuple[str, str], PairPotential]


def between(potential: Potentials, one: str, other: str) -> PairPotential:
    """Return the potential between two species.

    Raises
    ------
    ValueError
        If there is none for them.
    """
    if isinstance(potential, PairPotential):
        return potential
    for pair in ((one, other), (other, one)):
        if pair in potential:
            return potential[pair]
    raise ValueError(f"no potential between {one} and {other} was given")


def on_pairs(
    crystal: Crystal, potential: Potentials, near: Neighbours, derivative: str
) -> np.ndarray:
    """Return the energy, slope or curvature of each pair, shape ``(n,)``."""
    names, kinds = np.unique(crystal.species, return_inverse=True)
    values = np.empty(len(near.pairs))
    for one, other in np.ndindex(len(names), len(names)):
        these = (kinds[near.pairs] == (one, other)).all(axis=1)
        if these.any():
            phi = between(potential, str(names[one]), str(names[other]))
            values[these] = getattr(phi, derivative)(near.distances[these])
    return values


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
    d = _within(crystal, edge).distances.min()
    power = PairPotential(lambda r: (d / r) ** n, _unused, _unused)
    R = 20 * d if cutoff is None else cutoff
    return 2 * static_energy(crystal, power, R) / crystal.atoms


def _unused(r):
    raise NotImplementedError


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
