"""Hamiltonian systems: equations of motion, brackets, observables."""

from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from mechanics.symbolic.symbols import check_symbols, coerce
from mechanics.symbolic.zero import is_zero


class NotSeparableError(ValueError):
    """The Hamiltonian is not a sum of a function of p and a function of q.

    Examples
    --------
    A charge in a magnetic field, in the gauge :math:`A_y=Bx`:

    >>> import sympy as sp
    >>> x, y, p_x, p_y, B = sp.symbols("x y p_x p_y B", real=True)
    >>> H = p_x**2/2 + (p_y - B*x)**2/2
    >>> HamiltonianSystem(H, (x, y), (p_x, p_y)).separate()
    Traceback (most recent call last):
        ...
    mechanics.symbolic.hamiltonian.NotSeparableError: the term -B*p_y*x mixes
    coordinates and momenta; use an implicit method for this Hamiltonian
    """


@dataclass(frozen=True)
class HamiltonianSystem:
    r"""A mechanical system given by its Hamiltonian :math:`H(q, p, t)`.

    .. math::
        \dot q_i=\frac{\partial H}{\partial p_i},\qquad
        \dot p_i=-\frac{\partial H}{\partial q_i}

    Parameters
    ----------
    H
        The Hamiltonian, an expression in ``q``, ``p``, ``t`` and parameters.
    q, p
        Coordinates and canonical momenta, as many of each.
    t
        The symbol of time, if ``H`` depends on it explicitly.
    params
        All other symbols; found in ``H`` if left out.

    Notes
    -----
    Sources: HM-eq-3.1.5, AMM-18, CCM-8. Sign convention: :math:`\{q,p\}=+1`.

    Examples
    --------
    >>> import sympy as sp
    >>> x, p = sp.symbols("x p", real=True)
    >>> oscillator = HamiltonianSystem(p**2/2 + x**2/2, (x,), (p,))
    >>> oscillator.vector_field
    (p, -x)
    """

    H: sp.Expr
    q: tuple[sp.Symbol, ...]
    p: tuple[sp.Symbol, ...]
    t: sp.Symbol | None = None
    params: tuple[sp.Symbol, ...] = ()

    def __post_init__(self):
        coerce(self, H=sp.sympify, q=tuple, p=tuple)
        if len(self.q) != len(self.p):
            raise ValueError(
                f"{len(self.q)} coordinates but {len(self.p)} momenta: give one "
                "momentum per coordinate"
            )
        variables = (*self.q, *self.p, self.t)
        coerce(self, params=lambda s: check_symbols("H", (self.H,), variables, s))

    @cached_property
    def vector_field(self) -> tuple[sp.Expr, ...]:
        r"""The phase-space velocity :math:`(\dot q_1,\dots,\dot p_1,\dots)`."""
        return (
            *(sp.diff(self.H, p) for p in self.p),
            *(-sp.diff(self.H, q) for q in self.q),
        )

    @cached_property
    def cyclic(self) -> tuple[sp.Symbol, ...]:
        r"""Variables absent from :math:`H`; the conjugate of each is constant."""
        return tuple(s for s in (*self.q, *self.p) if is_zero(sp.diff(self.H, s)))

    def bracket(self, f: sp.Expr, g: sp.Expr) -> sp.Expr:
        r"""The Poisson bracket, with :math:`\{q,p\}=+1`.

        .. math::
            \{f,g\}=\sum_i\left(\frac{\partial f}{\partial q_i}
            \frac{\partial g}{\partial p_i}-\frac{\partial f}{\partial p_i}
            \frac{\partial g}{\partial q_i}\right)
        """
        f, g = sp.sympify(f), sp.sympify(g)
        return sum(
            sp.diff(f, q) * sp.diff(g, p) - sp.diff(f, p) * sp.diff(g, q)
            for q, p in zip(self.q, self.p, strict=True)
        )

    def time_derivative(self, f: sp.Expr) -> sp.Expr:
        r"""The rate :math:`df/dt=\{f,H\}+\partial f/\partial t` along the motion."""
        explicit = 0 if self.t is None else sp.diff(f, self.t)
        return self.bracket(f, self.H) + explicit

    def separate(self) -> tuple[sp.Expr, sp.Expr]:
        r"""Split :math:`H=T(p)+V(q)`.

        Returns
        -------
        T, V
            With everything that depends on neither in ``V``.

        Raises
        ------
        NotSeparableError
            If a term mixes coordinates and momenta; the message names it.
        """
        T, V = sp.Integer(0), sp.Integer(0)
        for term in sp.Add.make_args(sp.expand(self.H)):
            if not term.has(*self.p):
                V += term
            elif not term.has(*self.q):
                T += term
            else:
                raise NotSeparableError(
                    f"the term {term} mixes coordinates and momenta; "
                    "use an implicit method for this Hamiltonian"
                )
        return T, V
