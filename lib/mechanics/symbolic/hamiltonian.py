"""Hamiltonian systems and the Legendre transform that leads to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from mechanics.symbolic.lagrangian import LagrangianSystem, check_symbols
from mechanics.symbolic.zero import is_zero


class NotSeparableError(ValueError):
    """The Hamiltonian is not a sum of a function of p and a function of q."""


class MultivaluedLegendreError(ValueError):
    """Several velocities belong to the same momentum."""


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
        object.__setattr__(self, "H", sp.sympify(self.H))
        object.__setattr__(self, "q", tuple(self.q))
        object.__setattr__(self, "p", tuple(self.p))
        if len(self.q) != len(self.p):
            raise ValueError(
                f"{len(self.q)} coordinates but {len(self.p)} momenta: give one "
                "momentum per coordinate"
            )
        variables = (*self.q, *self.p, *(() if self.t is None else (self.t,)))
        params = check_symbols("H", (self.H,), variables, tuple(self.params))
        object.__setattr__(self, "params", params)

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


def legendre(
    lagrangian: LagrangianSystem, p: Sequence[sp.Symbol] | None = None
) -> HamiltonianSystem:
    r"""Go from :math:`L(q,v,t)` to :math:`H(q,p,t)=\sum_ip_iv_i-L`.

    The momenta :math:`p_i=\partial L/\partial v_i` are solved for the velocities. This
    is possible if the Hessian :math:`W_{ij}=\partial^2L/\partial v_i\partial v_j` is
    regular; a Lagrangian quadratic in the velocities then needs linear algebra only.

    Parameters
    ----------
    lagrangian
        A system without constraints and without non-conservative forces.
    p
        Symbols of the momenta; ``p_theta`` belongs to ``theta`` by default.

    Returns
    -------
    HamiltonianSystem

    Raises
    ------
    SingularLagrangianError
        If the Hessian is singular; the message names the null directions.
    MultivaluedLegendreError
        If more than one velocity belongs to a momentum; the message lists them.
    ValueError
        If constraints or forces are present: :math:`H` would not hold them.

    Notes
    -----
    Sources: HM-eq-3.1.1 to 3.1.4, AMM-16.

    Examples
    --------
    >>> import sympy as sp
    >>> from mechanics.symbolic import coordinates
    >>> (r, phi), (vr, vphi) = coordinates("r phi")
    >>> m, k = sp.symbols("m k", positive=True)
    >>> L = m*(vr**2 + r**2*vphi**2)/2 + k/r
    >>> legendre(LagrangianSystem(L, (r, phi), (vr, vphi))).H
    -k/r + p_phi**2/(2*m*r**2) + p_r**2/(2*m)
    """
    if lagrangian.constraints:
        raise ValueError(
            "the Lagrangian has constraints; choose coordinates that satisfy them "
            "before the Legendre transform"
        )
    if not all(is_zero(Q) for Q in lagrangian.forces):
        raise ValueError(
            "the Lagrangian has generalized forces that no Hamiltonian describes; "
            "drop them or find their potential"
        )
    lagrangian.require_regular()
    if p is None:
        p = [sp.Symbol(f"p_{q.name}", real=True) for q in lagrangian.q]
    velocities = _velocities(lagrangian, tuple(p))
    substitution = dict(zip(lagrangian.v, velocities, strict=True))
    H = sum(pi * vi for pi, vi in zip(p, velocities, strict=True))
    H -= lagrangian.L.subs(substitution, simultaneous=True)
    return HamiltonianSystem(
        sp.expand(H), lagrangian.q, tuple(p), lagrangian.t, lagrangian.params
    )


def _velocities(lagrangian: LagrangianSystem, p: tuple[sp.Symbol, ...]) -> tuple:
    """Invert p = dL/dv."""
    W = lagrangian.mass_metric
    if not W.has(*lagrangian.v):
        at_rest = dict.fromkeys(lagrangian.v, 0)
        offset = sp.Matrix([m.subs(at_rest) for m in lagrangian.momenta])
        return tuple(sp.cancel(v) for v in W.LUsolve(sp.Matrix(p) - offset))
    equations = [m - pi for m, pi in zip(lagrangian.momenta, p, strict=True)]
    branches = sp.solve(equations, lagrangian.v, dict=True)
    solutions = [b for b in branches if all(v in b for v in lagrangian.v)]
    if not solutions:
        raise NotImplementedError(
            f"SymPy cannot solve {equations} = 0 for {lagrangian.v}; give the "
            "Hamiltonian directly"
        )
    if len(solutions) > 1:
        raise MultivaluedLegendreError(
            f"{len(solutions)} velocities belong to one momentum: {solutions}; "
            "restrict the signs of the symbols (positive=True) or choose a branch"
        )
    return tuple(solutions[0][v] for v in lagrangian.v)
