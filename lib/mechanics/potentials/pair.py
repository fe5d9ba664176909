"""A potential between two atoms: a formula, and an explicit way to end it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import sympy as sp
from scipy.integrate import quad
from sympy.codegen.rewriting import create_expand_pow_optimization

R = sp.Symbol("r", positive=True)
TRUNCATIONS = ("truncated", "shifted", "force-shifted")


@dataclass(frozen=True, eq=False)
class PairPotential:
    r"""A potential :math:`\phi(r)` between two atoms, which may end at a distance.

    Beyond the cut-off :math:`r_c` there is nothing. Up to it, by the name of the
    truncation,

    .. math::
        \text{truncated:}\quad&\phi(r)\\
        \text{shifted:}\quad&\phi(r)-\phi(r_c)\\
        \text{force-shifted:}\quad&\phi(r)-\phi(r_c)-(r-r_c)\,\phi'(r_c)

    The first two have the same forces, but only the energy of the second is continuous
    along a trajectory. The force of the third is continuous, too.

    Attributes
    ----------
    phi
        The formula; its symbol of the distance is ``r``, a positive symbol.
    cutoff
        The distance :math:`r_c`; infinity for no truncation.
    truncation
        ``"truncated"``, ``"shifted"`` or ``"force-shifted"``.
    params
        Numbers for all other symbols, by name.
    name
        For messages.

    Raises
    ------
    ValueError
        For an unknown truncation, a cut-off that is not positive, a symbol without a
        number, or a number without a symbol; the message names it.

    Notes
    -----
    Source: Allen and Tildesley, Computer Simulation of Liquids.

    Examples
    --------
    >>> r = sp.Symbol("r", positive=True)
    >>> yukawa = PairPotential(sp.exp(-r)/r, cutoff=4.0, truncation="shifted")
    >>> yukawa.energy([1.0, 4.0, 5.0]).round(4)
    array([0.3633, 0.    , 0.    ])
    """

    phi: sp.Expr
    cutoff: float = np.inf
    truncation: str = "truncated"
    params: Mapping[str, float] = field(default_factory=dict)
    name: str = "pair potential"

    def __post_init__(self):
        if self.truncation not in TRUNCATIONS:
            raise ValueError(
                f"truncation = {self.truncation!r}; use one of {', '.join(TRUNCATIONS)}"
            )
        if not self.cutoff > 0:
            raise ValueError(f"the cut-off {self.cutoff} is not positive")
        if self.truncation != "truncated" and np.isinf(self.cutoff):
            raise ValueError(f"a {self.truncation} potential needs a finite cutoff")
        numbers = {sp.Symbol(k, positive=True): v for k, v in self.params.items()}
        numbers |= {sp.Symbol(k, real=True): v for k, v in self.params.items()}
        phi = sp.sympify(self.phi)
        if unknown := self.params.keys() - {s.name for s in phi.free_symbols}:
            raise ValueError(
                f"{self.name}: {phi} does not contain {', '.join(sorted(unknown))}"
            )
        formula = phi.subs(numbers)
        if missing := formula.free_symbols - {R}:
            raise ValueError(
                f"{self.name}: no number for {', '.join(sorted(map(str, missing)))} in "
                f"{phi}; give params={{...}}; the distance is a positive r"
            )
        object.__setattr__(self, "_whole", formula)

    @cached_property
    def formula(self) -> sp.Expr:
        """The potential within the cut-off, with its numbers and its shift."""
        whole, slope = self._whole, sp.diff(self._whole, R)
        if self.truncation == "truncated":
            return whole
        shift = float(whole.subs(R, self.cutoff))
        if self.truncation == "force-shifted":
            return whole - shift - (R - self.cutoff) * float(slope.subs(R, self.cutoff))
        return whole - shift

    def energy(self, r: np.ndarray) -> np.ndarray:
        r"""The potential :math:`\phi` at distances of any shape."""
        return self._derivative(0, r)

    def slope(self, r: np.ndarray) -> np.ndarray:
        r"""The derivative :math:`\phi'` at distances of any shape."""
        return self._derivative(1, r)

    def curvature(self, r: np.ndarray) -> np.ndarray:
        r"""The second derivative :math:`\phi''` at distances of any shape."""
        return self._derivative(2, r)

    def tail_energy(self, density: float) -> float:
        r"""Energy per atom beyond the cut-off, if the fluid has no structure there.

        .. math:: u_\text{tail}=2\pi\rho\int_{r_c}^\infty\phi(r)\,r^2dr
        """
        return 2 * np.pi * density * self._tail(self._whole * R**2)

    def tail_pressure(self, density: float) -> float:
        r"""Pressure from beyond the cut-off.

        .. math:: P_\text{tail}=-\tfrac23\pi\rho^2\int_{r_c}^\infty\phi'(r)\,r^3dr
        """
        slope = sp.diff(self._whole, R)
        return -2 / 3 * np.pi * density**2 * self._tail(slope * R**3)

    def _tail(self, integrand: sp.Expr) -> float:
        if self.truncation != "truncated":
            raise ValueError(
                f"{self.name} is {self.truncation}: long-range corrections belong to a "
                "truncated potential, whose forces are those of the whole one"
            )
        return quad(sp.lambdify(R, integrand, "numpy"), self.cutoff, np.inf)[0]

    def _derivative(self, n: int, r: np.ndarray) -> np.ndarray:
        r = np.asarray(r, float)
        if (r <= 0).any():
            raise ValueError("a distance is not positive: two atoms coincide")
        values = _compiled(self.formula, n)(np.minimum(r, self.cutoff))
        return np.where(r < self.cutoff, values, 0.0)


@lru_cache(maxsize=256)
def _compiled(phi: sp.Expr, n: int) -> Callable[[np.ndarray], np.ndarray]:
    """Compile the n-th derivative for arrays; products are faster than powers."""
    expand = create_expand_pow_optimization(24)
    return sp.lambdify(R, expand(sp.diff(phi, R, n)), "numpy", cse=True)
