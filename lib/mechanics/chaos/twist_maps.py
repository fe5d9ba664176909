"""Twist maps and chains of atoms: one equation, two readings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp
from scipy.linalg import LinAlgError, solve_banded

from mechanics.chaos.continuation import newton
from mechanics.numerics import Flow, SplitSystem


@dataclass(frozen=True)
class TwistMap:
    r"""A kicked rotor, and the chain of atoms in equilibrium that looks the same.

    .. math::
        p'=p+V'(x),\quad x'=x+p'\qquad\Longleftrightarrow\qquad
        x_{n+1}-2x_n+x_{n-1}=V'(x_n)

    The right-hand form says that the energy of a chain of atoms on a periodic substrate
    (Frenkel and Kontorova) is stationary,

    .. math:: E=\sum_n\tfrac12(x_{n+1}-x_n)^2+V(x_n).

    So the minima of :math:`V` are *unstable* fixed points of the map.

    Attributes
    ----------
    V
        The potential; all symbols but ``x`` are parameters.
    x
        The coordinate; :math:`V(x+2\pi)=V(x)`.

    Examples
    --------
    Five steps of a map with a second harmonic:

    >>> from mechanics.numerics import SYMPLECTIC_EULER, integrate
    >>> x = sp.Symbol("x", real=True)
    >>> rich = TwistMap(-sp.cos(x)/2 - sp.cos(2*x)/8, x)
    >>> run = integrate(rich.system, ([1.0], [0.0]), dt=1, steps=5,
    ...                 method=SYMPLECTIC_EULER)
    >>> run["x"].round(3)
    array([1.   , 1.648, 2.756, 3.878, 4.913, 5.36 ])
    """

    V: sp.Expr
    x: sp.Symbol

    @property
    def system(self) -> SplitSystem:
        r"""The map as a kick and a drift, for ``SYMPLECTIC_EULER`` with ``dt = 1``.

        So maps run in all of :func:`~mechanics.numerics.integrate`, ensembles, tangent
        dynamics and the GPU included. The coordinate is not reduced to one period.
        """
        p, tau = sp.Symbol("p", real=True), sp.Symbol("tau", real=True)
        kick = Flow({p: p + tau * sp.diff(self.V, self.x)}, tau)
        drift = Flow({self.x: self.x + tau * p}, tau)
        return SplitSystem({"q": (self.x,), "p": (p,)}, {"drift": drift, "kick": kick})

    def derivative(self, order: int, x: np.ndarray, params: Mapping) -> np.ndarray:
        """A derivative of :attr:`V`, of the order 0, 1, 2 ..., at numbers ``x``."""
        values = {str(name): value for name, value in params.items()}
        symbols = sorted(self.V.free_symbols - {self.x}, key=str)
        if missing := [s.name for s in symbols if s.name not in values]:
            raise ValueError(f"no value for the parameter {', '.join(missing)}")
        f = _compiled(self.V, self.x, order, tuple(symbols))
        x = np.asarray(x, dtype=float)
        return np.broadcast_to(f(x, *(values[s.name] for s in symbols)), x.shape)


@lru_cache(maxsize=64)
def _compiled(V: sp.Expr, x: sp.Symbol, order: int, params: tuple) -> Callable:
    return sp.lambdify([x, *params], sp.diff(V, x, order), "numpy")


def standard_map() -> TwistMap:
    r"""The standard map of Chirikov and Taylor, :math:`V=-K\cos x`.

    .. math:: p'=p+K\sin x,\qquad x'=x+p'

    Examples
    --------
    A start on the accelerator mode of :math:`K=2\pi` gains :math:`2\pi` at each kick:

    >>> from mechanics.numerics import SYMPLECTIC_EULER, integrate
    >>> run = integrate(standard_map().system, ([np.pi/2], [0.0]), dt=1, steps=3,
    ...                 params={"K": 2*np.pi}, method=SYMPLECTIC_EULER)
    >>> (run["p"] / (2*np.pi)).round(6)
    array([0., 1., 2., 3.])
    """
    x, K = sp.Symbol("x", real=True), sp.Symbol("K", real=True)
    return TwistMap(-K * sp.cos(x), x)


@dataclass(frozen=True)
class Fixed:
    """An end of a chain: the next atom sits at a given place.

    Examples
    --------
    >>> Fixed(0.0).line
    (0.0, 0.0)
    """

    x: float

    @property
    def line(self) -> tuple[float, float]:
        """The atom beyond the end as a + b times the last one: (a, b)."""
        return self.x, 0.0


@dataclass(frozen=True)
class Mirror:
    """An end of a chain: the next atom is the mirror image of the last one.

    Examples
    --------
    >>> Mirror(0.5).line
    (1.0, -1.0)
    """

    x: float

    @property
    def line(self) -> tuple[float, float]:
        """The atom beyond the end as a + b times the last one: (a, b)."""
        return 2 * self.x, -1.0


def chain_equilibrium(
    twist_map: TwistMap,
    guess: np.ndarray,
    left: Fixed | Mirror,
    right: Fixed | Mirror,
    params: Mapping,
) -> np.ndarray:
    r"""Solve :math:`x_{n+1}-2x_n+x_{n-1}=V'(x_n)` for a chain with two ends.

    Newton's method; the equations for a step are tridiagonal, so that the work grows
    like the length of the chain.

    Parameters
    ----------
    twist_map
        The substrate.
    guess
        Places of the atoms, shape ``(atoms,)``.
    left, right
        What lies beyond the ends.
    params
        Values of the parameters of ``V``.

    Returns
    -------
    ndarray
        Places of the atoms, shape ``(atoms,)``.

    Raises
    ------
    NewtonError
        If there is no equilibrium near the guess.

    Examples
    --------
    A dislocation: the atoms lie in valleys of a substrate of depth 2, and one valley
    holds none. The mirror image of this half is the other half:

    >>> kink = chain_equilibrium(standard_map(), np.zeros(20), Fixed(0), Mirror(np.pi),
    ...                          {"K": 1.0})
    >>> kink[-3:].round(4)
    array([0.3194, 0.8306, 2.0803])
    """
    (a_left, b_left), (a_right, b_right) = left.line, right.line

    def correction(x):
        beyond = np.concatenate(
            [[a_left + b_left * x[0]], x, [a_right + b_right * x[-1]]]
        )
        force = beyond[2:] - 2 * x + beyond[:-2] - twist_map.derivative(1, x, params)
        band = np.ones((3, len(x)))
        band[1] = -2 - twist_map.derivative(2, x, params)
        band[1, 0] += b_left
        band[1, -1] += b_right
        try:
            return solve_banded((1, 1), band, -force)
        except (LinAlgError, ValueError):  # singular, or no longer finite
            return np.full(len(x), np.nan)

    return newton(correction, guess)


def symmetric_orbit(
    twist_map: TwistMap,
    p: int,
    q: int,
    params: Mapping,
    *,
    through: float,
    guess: np.ndarray | None = None,
) -> np.ndarray:
    r"""A periodic orbit with :math:`x_{n+q}=x_n+2\pi p` that is its own mirror image.

    If :math:`V(2c-x)=V(x)`, there are orbits with :math:`x_0=c` and
    :math:`x_{-n}=2c-x_n`. Half of the orbit is a chain with two ends, and this half has
    no direction in which it could slide: Newton's method works where it fails for the
    whole. Through a maximum of :math:`V` goes the orbit that is stable at first
    (a saddle of the energy), through a minimum the unstable one of least energy, if
    ``q`` is odd.

    Parameters
    ----------
    twist_map
        The map.
    p, q
        Coprime integers: the winding number is :math:`p/q`.
    params
        Values of the parameters of ``V``.
    through
        The centre :math:`c` of the reflection.
    guess
        The orbit :math:`x_0,\dots,x_{q-1}` at parameters near by, if known; equal
        distances otherwise.

    Returns
    -------
    ndarray
        :math:`x_0,\dots,x_{q-1}`; the momenta are :math:`p_n=x_n-x_{n-1}`.

    Raises
    ------
    ValueError
        If ``p`` and ``q`` have a common divisor, or ``through`` is no such centre.
    NewtonError
        If there is no orbit near the guess.

    Examples
    --------
    >>> symmetric_orbit(standard_map(), 1, 3, {"K": 0.5}, through=np.pi).round(4)
    array([3.1416, 5.3681, 7.1983])
    """
    if q < 2 or np.gcd(p, q) != 1:
        raise ValueError(f"p/q = {p}/{q}: give coprime integers, and q > 1")
    apart = np.array([0.3, 1.1, 2.3])
    sides = [twist_map.derivative(0, through + s * apart, params) for s in (1, -1)]
    if not np.allclose(*sides, rtol=1e-12, atol=1e-12):
        raise ValueError(f"V is not symmetric about through = {through:g}")
    far = through + np.pi * p  # the other centre
    half = (q - 1) // 2
    n = np.arange(1, half + 1)
    start = through + 2 * np.pi * p * n / q if guess is None else guess[1 : half + 1]
    x = np.empty(0)
    if half:
        end = Mirror(far) if q % 2 else Fixed(far)
        x = chain_equilibrium(twist_map, start, Fixed(through), end, params)
    middle = [] if q % 2 else [far]
    return np.concatenate([[through], x, middle, 2 * far - x[::-1]])
