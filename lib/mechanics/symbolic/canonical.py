"""Canonical transformations: their checks, new Hamiltonians, composition."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import sympy as sp

from mechanics.symbolic.generating_functions import FromGeneratingFunction, potential
from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.inversion import solve_on_branch, substitute, vanish_somewhere
from mechanics.symbolic.poisson import PoissonStructure
from mechanics.symbolic.symbols import (
    check_symbols,
    coerce,
    listed,
    reject_foreign,
    sympified,
)
from mechanics.symbolic.zero import is_zero


class NotCanonicalError(ValueError):
    """A bracket of the new variables is not what it has to be.

    Examples
    --------
    Other units for length and momentum change the bracket:

    >>> import sympy as sp
    >>> q, p, Q, P = sp.symbols("q p Q P", real=True)
    >>> units = CanonicalMap((q,), (p,), (Q,), (P,), forward=(2*q, 3*p))
    >>> units.transform(HamiltonianSystem(p**2/2, (q,), (p,)))
    Traceback (most recent call last):
        ...
    mechanics.symbolic.canonical.NotCanonicalError: the map is not canonical:
    {Q, P} = 6 instead of 1
    """


@dataclass(frozen=True)
class CanonicalMap(FromGeneratingFunction):
    r"""A change of phase-space variables :math:`(q,p)\to(Q,P)`, perhaps with time.

    It is canonical if all the brackets of the new variables are

    .. math:: \{Q_i,Q_j\}=0,\qquad\{P_i,P_j\}=0,\qquad\{Q_i,P_j\}=\delta_{ij}.

    This is checked by :attr:`is_canonical` and before :meth:`transform`, not when the
    map is made: a map that fails can be looked at. See also
    :meth:`from_generating_function` and :meth:`point_transformation`.

    Parameters
    ----------
    q, p
        Old coordinates and momenta.
    Q, P
        Symbols of the new coordinates and momenta, other than the old ones.
    forward
        The :math:`2n` expressions :math:`Q_i(q,p,t)`, then :math:`P_i(q,p,t)`.
    backward
        The inverse: :math:`q_i(Q,P,t)`, then :math:`p_i(Q,P,t)`. Left out, it is
        solved for when needed, see :meth:`solve_inverse`.
    t
        The symbol of time, if the map depends on it.
    rate
        :math:`\partial F/\partial t` of the generating function, in the old variables.
        Left out, it is derived when needed, see :attr:`dF_dt`.
    params
        All other symbols; found in the expressions if left out.

    Raises
    ------
    ValueError
        If symbols clash, an expression holds variables of the wrong side, or
        ``backward`` is not the inverse of ``forward``.

    Notes
    -----
    Sources: CCM-9, HM-3.4, AMM-30. An inverse with roots or inverse functions holds in
    a part of phase space only. ``backward`` is accepted if it inverts ``forward`` in
    *some* part (at one of several random points); it is up to the user that this is
    the part of interest. State signs (``positive=True``) where they are known.

    Examples
    --------
    The linear pendulum in its action and angle (HM-eq-3.4.6): the new Hamiltonian is
    :math:`\omega P`.

    >>> import sympy as sp
    >>> q, p, P, w = sp.symbols("q p P omega", positive=True)
    >>> Q = sp.Symbol("Q", real=True)
    >>> pendulum = HamiltonianSystem(p**2/2 + w**2*q**2/2, (q,), (p,))
    >>> action_angle = CanonicalMap(
    ...     (q,), (p,), (Q,), (P,),
    ...     forward=(sp.atan(w*q/p), (p**2 + w**2*q**2)/(2*w)),
    ...     backward=(sp.sqrt(2*P/w)*sp.sin(Q), sp.sqrt(2*w*P)*sp.cos(Q)),
    ... )
    >>> action_angle.is_canonical
    True
    >>> sp.simplify(action_angle.transform(pendulum).H)
    P*omega
    """

    q: tuple[sp.Symbol, ...]
    p: tuple[sp.Symbol, ...]
    Q: tuple[sp.Symbol, ...]
    P: tuple[sp.Symbol, ...]
    forward: tuple[sp.Expr, ...]
    backward: tuple[sp.Expr, ...] | None = None
    t: sp.Symbol | None = None
    rate: sp.Expr | None = None
    params: tuple[sp.Symbol, ...] = ()

    def __post_init__(self):
        coerce(self, q=tuple, p=tuple, Q=tuple, P=tuple)
        coerce(self, forward=sympified, rate=sp.sympify)
        if self.backward is not None:
            coerce(self, backward=sympified)
        backward = self.forward if self.backward is None else self.backward
        sizes = {len(self.q), len(self.p), len(self.Q), len(self.P)}
        if len(sizes) > 1 or {len(self.forward), len(backward)} != {2 * len(self.q)}:
            raise ValueError(
                f"{len(self.q)} q, {len(self.p)} p, {len(self.Q)} Q, {len(self.P)} P, "
                f"{len(self.forward)} expressions forward and {len(backward)} "
                "backward: give n of each symbol and 2n of each expression"
            )
        rate = () if self.rate is None else (self.rate,)
        reject_foreign("forward", self.forward, self.old, self.new)
        reject_foreign("backward", self.backward or (), self.new, self.old)
        reject_foreign("rate", rate, self.old, self.new)
        expressions = (*self.forward, *(self.backward or ()), *rate)
        variables = (*self.old, *self.new, self.t)
        coerce(
            self, params=lambda s: check_symbols("the map", expressions, variables, s)
        )
        if self.backward is not None:
            self._check_round_trip()

    @property
    def old(self) -> tuple[sp.Symbol, ...]:
        r"""The old variables :math:`z=(q_1,\dots,p_1,\dots)`."""
        return (*self.q, *self.p)

    @property
    def new(self) -> tuple[sp.Symbol, ...]:
        r"""The new variables :math:`Z=(Q_1,\dots,P_1,\dots)`."""
        return (*self.Q, *self.P)

    @cached_property
    def jacobian(self) -> sp.ImmutableMatrix:
        r"""The matrix :math:`M=\partial(Q,P)/\partial(q,p)`, in the old variables."""
        return sp.ImmutableMatrix(self.forward).jacobian(self.old)

    def symplectic_defect(self) -> sp.Matrix:
        r"""The matrix :math:`M^{\mathsf T}JM-J`, zero for a canonical map.

        Its entries are Lagrange brackets. The other form of the condition,
        :math:`MJM^{\mathsf T}=J`, is that of :meth:`bracket_defect`.
        """
        J, M = self._bracket.B, self.jacobian
        return sp.Matrix(M.T * J * M - J).applyfunc(sp.expand)

    def brackets(self) -> sp.Matrix:
        r"""The table of :math:`\{Z_a,Z_b\}_{q,p}`, :math:`Z=(Q_1,\dots,P_1,\dots)`."""
        table = sp.zeros(len(self.new))
        for a, b in combinations(range(len(self.new)), 2):
            bracket = self._bracket.bracket(self.forward[a], self.forward[b])
            table[a, b] = sp.expand(bracket)
            table[b, a] = -table[a, b]
        return table

    def bracket_defect(self) -> sp.Matrix:
        r"""The matrix :math:`\{Z_a,Z_b\}-J_{ab}`, zero for a canonical map.

        It holds *every* bracket (HM-eq-3.4.18): a map may have
        :math:`\{Q_i,P_j\}=\delta_{ij}` and still fail in :math:`\{P_1,P_2\}`.
        """
        return self.brackets() - self._bracket.B

    def direct_conditions(self) -> sp.Matrix:
        r"""The defect of the direct conditions, zero for a canonical map.

        .. math::
            \begin{pmatrix}
            \dfrac{\partial Q_a}{\partial q_b}-\dfrac{\partial p_b}{\partial P_a} &
            \dfrac{\partial Q_a}{\partial p_b}+\dfrac{\partial q_b}{\partial P_a}\\[2ex]
            \dfrac{\partial P_a}{\partial q_b}+\dfrac{\partial p_b}{\partial Q_a} &
            \dfrac{\partial P_a}{\partial p_b}-\dfrac{\partial q_b}{\partial Q_a}
            \end{pmatrix}

        Returns
        -------
        Matrix
            :math:`2n\times2n`, in the new variables; HM-eq-3.4.14 is its upper half,
            HM-eq-3.4.15 the lower one. Those of :meth:`inverse` are in the old
            variables, which may be simpler.
        """
        J, inverse = self._bracket.B, self._solved.backward
        N = sp.Matrix(inverse).jacobian(self.new)
        M = substitute(self.jacobian, dict(zip(self.old, inverse, strict=True)))
        return sp.Matrix(M - J * N.T * J.T)

    @cached_property
    def is_canonical(self) -> bool:
        """Whether every bracket of the new variables is right."""
        return all(is_zero(defect) for defect in self.bracket_defect())

    def require_canonical(self) -> None:
        """Raise :class:`NotCanonicalError`, naming a wrong bracket, if there is one."""
        if self.is_canonical:
            return
        table, J = self.brackets(), self._bracket.B
        wrong = [
            f"{{{self.new[a]}, {self.new[b]}}} = {table[a, b]} instead of {J[a, b]}"
            for a, b in combinations(range(len(self.new)), 2)
            if not is_zero(table[a, b] - J[a, b])
        ]
        raise NotCanonicalError("the map is not canonical: " + "; ".join(wrong))

    @cached_property
    def dF_dt(self) -> sp.Expr:
        r"""The term :math:`\partial F/\partial t=K-H`, in the old variables.

        Where ``rate`` was not given, it is found from the map: the velocity that the
        new variables have at fixed :math:`(q,p)` is a Hamiltonian flow, and
        :math:`\partial F/\partial t` is its Hamiltonian,

        .. math::
            \frac{\partial}{\partial z}\frac{\partial F}{\partial t}
            =-M^{\mathsf T}J\,\frac{\partial Z(z,t)}{\partial t},

        which fixes it up to a function of time alone.

        Raises
        ------
        NotCanonicalError
            If the map is not canonical.
        NotImplementedError
            If SymPy cannot integrate the gradient.
        ValueError
            If ``rate`` has another gradient.
        """
        if self.t is None:
            return sp.Integer(0)
        self.require_canonical()
        velocity = sp.Matrix([sp.diff(f, self.t) for f in self.forward])
        gradient = -self.jacobian.T * self._bracket.B * velocity
        F_t = potential(gradient, self.old) if self.rate is None else self.rate
        for z, slope in zip(self.old, gradient, strict=True):
            if not is_zero(sp.diff(F_t, z) - slope):
                raise ValueError(
                    f"rate = {F_t} does not belong to this map: its derivative with "
                    f"respect to {z} should be {slope}; leave it out to have it derived"
                )
        return F_t

    def transform(self, system: HamiltonianSystem) -> HamiltonianSystem:
        r"""The same motion in the new variables.

        .. math:: K(Q,P,t)=H(q,p,t)+\frac{\partial F}{\partial t}

        Parameters
        ----------
        system
            A system in this map's old variables.

        Returns
        -------
        HamiltonianSystem
            With :math:`K` expanded, not simplified.

        Raises
        ------
        NotCanonicalError
            If a bracket is wrong; the message names it.
        BranchError
            If the inverse is not known and has several branches.
        ValueError
            If the variables or the symbols of time differ.
        """
        if (*system.q, *system.p) != self.old:
            raise ValueError(
                f"the map starts from {self.old}, the system has the variables "
                f"{(*system.q, *system.p)}: use the same symbols"
            )
        t = _common_time(self, system)
        self.require_canonical()
        inverse = dict(zip(self.old, self._solved.backward, strict=True))
        params = tuple(dict.fromkeys((*system.params, *self._solved.params)))
        K = sp.expand(substitute(system.H + self.dF_dt, inverse))
        return HamiltonianSystem(K, self.Q, self.P, t, params)

    def compose(self, first: "CanonicalMap") -> "CanonicalMap":
        r"""The map ``first``, then this one; also written ``self @ first``.

        The order is that of functions, so that the Jacobians multiply,
        :math:`M=M_{\text{self}}M_{\text{first}}`, and the terms
        :math:`\partial F/\partial t` add.
        """
        if first.new != self.old:
            raise ValueError(
                f"the first map ends in {first.new}, the second starts from "
                f"{self.old}: use the same symbols"
            )
        t = _common_time(self, first)
        there = dict(zip(first.new, first.forward, strict=True))
        backward = rate = None
        if self.backward is not None and first.backward is not None:
            back = dict(zip(self.old, self.backward, strict=True))
            backward = [substitute(f, back) for f in first.backward]
        rates = [0 if m.t is None else m.rate for m in (first, self)]
        if t is not None and None not in rates:
            rate = rates[0] + substitute(sp.sympify(rates[1]), there)
        forward = [substitute(f, there) for f in self.forward]
        q, p, Q, P = first.q, first.p, self.Q, self.P
        return CanonicalMap(q, p, Q, P, forward, backward, t, rate)

    def __matmul__(self, first: "CanonicalMap") -> "CanonicalMap":
        return self.compose(first)

    def inverse(self) -> "CanonicalMap":
        r"""The map :math:`(Q,P)\to(q,p)`; its term is :math:`-\partial F/\partial t`.

        Where ``backward`` is not known it is solved for, see :meth:`solve_inverse`.
        """
        solved = self._solved
        back = dict(zip(self.old, solved.backward, strict=True))
        rate = None if self.rate is None else -substitute(self.rate, back)
        return CanonicalMap(
            self.Q, self.P, self.q, self.p, solved.backward, self.forward, self.t, rate
        )

    def solve_inverse(
        self, branch: Mapping[sp.Symbol, sp.Expr] | None = None
    ) -> "CanonicalMap":
        r"""The same map with its inverse: :math:`Z=Z(z,t)` solved for :math:`z`.

        Parameters
        ----------
        branch
            Which solution is meant, where there are several: from old variables to
            their expressions in the new ones. For the errors see
            ``mechanics.symbolic.inversion.solve_on_branch``.
        """
        equations = [f - Z for f, Z in zip(self.forward, self.new, strict=True)]
        return replace(
            self, backward=solve_on_branch(equations, self.old, branch or {})
        )

    @cached_property
    def _solved(self) -> "CanonicalMap":
        return self if self.backward is not None else self.solve_inverse()

    @cached_property
    def _bracket(self) -> PoissonStructure:
        return PoissonStructure.canonical(self.q, self.p)

    def _check_round_trip(self) -> None:
        """Reject an inverse that inverts the map nowhere."""
        there = dict(zip(self.new, self.forward, strict=True))
        defects = [
            sp.expand(substitute(f, there) - z)
            for f, z in zip(self.backward, self.old, strict=True)
        ]
        if not vanish_somewhere(defects):
            raise ValueError(
                "backward is not the inverse of forward: going there and back misses "
                f"{self.old} by {defects}"
            )


def _common_time(first, second) -> sp.Symbol | None:
    times = {first.t, second.t} - {None}
    if len(times) > 1:
        raise ValueError(f"two symbols of time, {listed(times)}: use the same one")
    if hidden := times & {*first.params, *second.params}:
        raise ValueError(
            f"{listed(hidden)} is the time of one and a parameter of the other: give "
            "t= to both"
        )
    return times.pop() if times else None
