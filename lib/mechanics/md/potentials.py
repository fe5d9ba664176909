"""Pair potentials as formulas, with an explicit convention of their truncation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import sympy as sp
from scipy.integrate import quad

from mechanics.numerics.equations import TIME
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.languages import NumbaText
from mechanics.numerics.program import Program

R = sp.Symbol("r", positive=True)
SQUARE = sp.Symbol("s", positive=True)  # of the distance
INVERSE = sp.Symbol("w", positive=True)  # of that square
TRUNCATIONS = ("truncated", "shifted", "force-shifted")


@dataclass(frozen=True, eq=False)
class PairPotential:
    r"""A potential :math:`\phi(r)` between every two atoms, cut off at :math:`r_c`.

    Beyond the cut-off there is nothing. Up to it, by the name of the truncation,

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
        For an unknown truncation, a cut-off that is not positive, or a parameter
        without a number; the message names it.

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
        formula = sp.sympify(self.phi).subs(numbers)
        if missing := formula.free_symbols - {R}:
            raise ValueError(
                f"{self.name}: no number for {', '.join(sorted(map(str, missing)))} in "
                f"{self.phi}; give params={{...}}; the distance is a positive r"
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
        """The potential at distances of any shape."""
        return self._within(r, 0)

    def force(self, r: np.ndarray) -> np.ndarray:
        r"""The repulsion :math:`-d\phi/dr` at distances of any shape."""
        return self._within(r, 1)

    def laplacian(self, r: np.ndarray) -> np.ndarray:
        r"""The Laplacian :math:`\phi''+2\phi'/r` at distances of any shape."""
        return self._within(r, 2)

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

    def _within(self, r, which: int) -> np.ndarray:
        r = np.asarray(r, float)
        if (r <= 0).any():
            raise ValueError("a distance is not positive: two atoms coincide")
        program = Program.of((R, TIME), [_derivatives(self.formula)[which]])
        values = array_function(program, ())([np.minimum(r, self.cutoff)], 0.0, ())[0]
        return np.where(r < self.cutoff, values, 0.0)


def _derivatives(phi: sp.Expr) -> tuple[sp.Expr, ...]:
    slope = sp.diff(phi, R)
    return phi, -slope, sp.diff(slope, R) + 2 * slope / R


@lru_cache(maxsize=64)
def pair_source(potential: PairPotential) -> str:
    r"""Write :math:`\phi` and :math:`-\phi'/r` as a function of :math:`s=r^2`.

    Even powers of the distance need no square root, and negative ones share a single
    division.

    Returns
    -------
    str
        Python source of ``pair(s)`` for Numba.
    """
    phi = potential.formula
    both = [phi, -sp.diff(phi, R) / R]
    both = [_in_squares(sp.expand(e).subs(R, sp.sqrt(SQUARE))) for e in both]
    program = Program.of((SQUARE, INVERSE), both)
    text = NumbaText()
    lines = [f"def pair({SQUARE}):", f"    {INVERSE} = 1.0 / {SQUARE}"]
    for statement in program.assignments:
        lines.append(f"    {statement.target} = {text.doprint(statement.value)}")
    lines.append(f"    return {', '.join(map(text.doprint, program.outputs))}")
    return "\n".join(lines) + "\n"


def _in_squares(expression: sp.Expr) -> sp.Expr:
    """Write negative powers of s as powers of w, in Horner's form if possible."""

    def inverted(power):
        whole, half = divmod(-power.exp, 1)
        return INVERSE**whole * (INVERSE * sp.sqrt(SQUARE) if half else 1)

    expression = expression.replace(
        lambda e: e.is_Pow and e.base == SQUARE and e.exp.is_Rational and e.exp < 0,
        inverted,
    )
    if expression.is_polynomial(INVERSE) and expression.free_symbols == {INVERSE}:
        return sp.horner(expression, INVERSE)
    return expression


def lennard_jones(
    cutoff: float = 2.5,
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
    cutoff: float,
    truncation: str = "truncated",
    *,
    n: int = 12,
    epsilon: float = 1.0,
    sigma: float = 1.0,
) -> PairPotential:
    r"""An inverse power :math:`\varepsilon(\sigma/r)^n`.

    Examples
    --------
    >>> soft_sphere(3.0).force(1.0)
    array(12.)
    """
    e, s = sp.symbols("epsilon sigma", positive=True)
    params = {"epsilon": epsilon, "sigma": sigma}
    return PairPotential(e * (s / R) ** n, cutoff, truncation, params, "soft sphere")


def morse(
    cutoff: float,
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
    >>> print(f"{bond.energy(1.1):.1f} {abs(bond.force(1.1)):.1f}")
    -2.0 0.0
    """
    symbols = sp.symbols("D a r_0", positive=True)
    depth, width, rest = symbols
    phi = depth * ((1 - sp.exp(-width * (R - rest))) ** 2 - 1)
    params = {"D": D, "a": a, "r_0": r_0}
    return PairPotential(phi, cutoff, truncation, params, "Morse")


def buckingham(
    cutoff: float, truncation: str = "truncated", *, A: float, B: float, C: float
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
