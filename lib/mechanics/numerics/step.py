"""One step of a method, as statements that change the state."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from mechanics.numerics.equations import Equations
from mechanics.numerics.program import Statement


@dataclass(frozen=True, eq=False)
class Step:
    r"""What a kernel repeats.

    A step is ``first``, ``rest``, ``last``. Where the last part of one step and the
    first part of the next are the same flow, they are joined: a kernel that does many
    steps at once evaluates ``first`` for the time :math:`\tau=\alpha h` at the very
    beginning, for :math:`\tau=(\alpha+\beta)h` afterwards, and ``last`` for
    :math:`\tau=\beta h` only once, at the end.

    Attributes
    ----------
    rest
        The statements, in terms of the state, ``TIME``, ``STEP`` and parameters.
    first, last
        Statements that contain ``TAU`` besides; empty if nothing is joined.
    alpha, beta
        The coefficients.
    """

    rest: tuple[Statement, ...]
    first: tuple[Statement, ...] = ()
    last: tuple[Statement, ...] = ()
    alpha: float = 0.0
    beta: float = 0.0


class Method(Protocol):
    """What :func:`~mechanics.numerics.integrate` needs of a method."""

    name: str
    order: int
    source: str

    def step(self, equations: Equations) -> Step:
        """Write the method for these equations."""


@lru_cache(maxsize=256)
def step_of(method: Method, equations: Equations) -> Step:
    """Write a method for these equations, once."""
    return equations.write(method)


class UnsuitableMethodError(ValueError):
    """The method cannot be used for this system.

    Examples
    --------
    A charge in a magnetic field has no kicks and drifts:

    >>> import sympy as sp
    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import HamiltonianSystem
    >>> x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
    >>> charge = HamiltonianSystem(p_x**2/2 + (p_y - x)**2/2, (x, y), (p_x, p_y))
    >>> integrate(charge, ([0, 0], [1, 0]), dt=0.1, steps=10)
    Traceback (most recent call last):
        ...
    mechanics.numerics.step.UnsuitableMethodError: Störmer-Verlet needs the flow kick:
    the term -p_y*x of H mixes coordinates and momenta; use IMPLICIT_MIDPOINT,
    GAUSS_LEGENDRE_4 or GAUSS_LEGENDRE_6
    """
